//! Plans a design search.

use crate::design::choices::{between, donors, forms, intervals, known, ranges_of, search, start};
use crate::design::molecule;
use crate::design::plan::{Form, Plan};
use crate::design::wanted::{measured, relative, wanted};
use crate::vary;
use il2::ligand::Ligand;
use il2_engine::Dimension;
use il2_inference::nsga2::Gene;
use il2_study::choose;
use il2_study::error::StudyError;
use il2_study::study::Study;
use il2_study::study::design::{DesignPart, DosePart};
use il2_study::study::text::QuantityText;
use il2_study::whole;
use il2_wells::medium;

/// Largest number of simulations of a search, of each of which almost nothing is stored.
const MOST_LANES: usize = 50_000_000;

/// Plans the assay.
pub fn plan(study: &Study, at: &str, name: &str, part: &DesignPart) -> Result<Plan, StudyError> {
    let entry = study.model(at, part.model.as_deref())?;
    if entry.model.kind.brings_its_cell() {
        let model = &entry.model.name;
        let message = format!(
            "{model} defines its own cell, but designs are evaluated on cells of the study; use \
             gamma-chain or polyvalent"
        );
        return Err(StudyError::model(format!("{at}.model"), message));
    }
    let ligand = study.ligand(&format!("{at}.ligand"), &part.ligand)?;
    let wanted = wanted(at, ligand, part)?;
    let medium = medium::plan(study, at, &entry.model, &part.pretreatment, &part.medium)?;
    medium.by(at, wanted.times.last().copied().unwrap_or(0.0))?;
    let cells = wanted.cells.iter().map(|cell| study.cell(at, cell).map(Some));
    let cells = cells.collect::<Result<Vec<_>, _>>()?;
    let on_cells = |at: &str, ligand: &Ligand| {
        molecule::on_cells(study, (at, &wanted.readouts), entry, ligand, &cells, &medium)
    };
    let forms = forms(study, at, ligand, part)?;
    let mut on = vec![];
    for form in &forms {
        let form = match form {
            Form::Copies(valency) => Ligand { valency: *valency, ..ligand.clone() },
            Form::Ligand(label) => study.ligands[label].clone(),
        };
        let plain = on_cells(at, &form)?;
        let own = molecule::with_own_bonds(&form, &plain[0], part.parameters.keys());
        let same = own.parameters.len() == form.parameters.len();
        on.extend(if same { plain } else { on_cells(at, &own)? });
    }
    let varied = match part.parameters.is_empty() {
        true => vec![],
        false => vary::all(study, at, entry, &on, &ranges_of(at, &part.parameters)?, false)?,
    };
    let known = known(study, at, &part.known)?;
    let label = |form: &Form| match form {
        Form::Copies(_) => ligand.label.clone(),
        Form::Ligand(label) => label.clone(),
    };
    let mut names: Vec<String> = forms.iter().map(label).collect();
    for (at, known) in &known {
        names.push(known.label.clone());
        on.extend(on_cells(at, known)?);
    }
    let (donors, donors_are) = donors(study, at, entry, &on, part)?;
    let dose = match &part.dose {
        Some(DosePart::Ends(ends)) => Some(between(&format!("{at}.dose"), ligand, ends)?),
        _ => None,
    };
    let genes = std::iter::repeat_n(Gene::Number, varied.len() + usize::from(dose.is_some()));
    let genes: Vec<Gene> =
        genes.chain((forms.len() > 1).then_some(Gene::Choice(forms.len()))).collect();
    if genes.is_empty() {
        let message = "has nothing to vary; add a number and its range to parameters, for example \
                       \"il2.affinity.il2r_alpha\" = [\"1 nM\", \"100 nM\"], or give several \
                       valencies";
        return Err(StudyError::at(at, message));
    }
    let (draws, level, posterior) = intervals(at, entry, part)?;
    let measures = |name: &String| {
        let place = on[0].prepared.readout(name).expect("checked above");
        on[0].prepared.readouts[place].1
    };
    let measures: Vec<Dimension> = wanted.readouts.iter().map(measures).collect();
    let mut plan = Plan {
        name: name.to_string(),
        search: search(study, at, part.candidates.unwrap_or(2000), genes)?,
        start: start(ligand, &varied, dose.is_some(), &forms),
        designs: whole::checked(&format!("{at}.designs"), part.designs.unwrap_or(20))?,
        cells: wanted.cells,
        doses: wanted.doses,
        singles: wanted.singles,
        times: wanted.times,
        objectives: wanted.objectives,
        measured: vec![],
        readouts: wanted.readouts,
        names,
        forms,
        on,
        varied,
        dose,
        donors,
        donors_are,
        draws,
        level,
        posterior,
        medium,
    };
    for (objective, (own, part)) in plan.objectives.iter_mut().zip(&part.objectives) {
        let at = format!("{at}.objectives.{own}");
        relative(&at, objective, part, (&plan.names, plan.forms.len()), &plan.singles)?;
        objective.dimension = objective.dimension_of(measures[objective.readout]);
        let limit = |key: &str, text: &Option<QuantityText>| match text {
            Some(text) => objective.value(&format!("{at}.{key}"), ligand, text),
            None => Ok(f64::NAN),
        };
        let [least, most] = [limit("at_least", &part.at_least)?, limit("at_most", &part.at_most)?];
        if most <= least {
            let message = "is not above at_least; swap them";
            return Err(StudyError::at(format!("{at}.at_most"), message));
        }
        (objective.at_least, objective.at_most) = (least, most);
        if objective.reached_by.is_some() && plan.donors.is_empty() {
            let message =
                "needs donors; set donors = { count = 10 } in the assay, or leave out reached_by";
            return Err(StudyError::at(format!("{at}.reached_by"), message));
        }
    }
    plan.measured = measured(study, at, &plan, &part.measured)?;
    choose::fewer(
        at,
        ("simulations", plan.lanes()),
        MOST_LANES,
        "candidates, cells, doses or draws",
    )?;
    Ok(plan)
}
