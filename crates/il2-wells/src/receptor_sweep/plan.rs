//! The plan of a sweep over the number of one chain.

use il2::culture::{Prepared, Setup};
use il2::parameter::Parameter;
use il2_answer::labels::{cell_label, named};
use il2_engine::Dimension;
use il2_study::choose::{curve_doses, prepare, readout};
use il2_study::error::StudyError;
use il2_study::study::Study;
use il2_study::study::file::ReceptorSweepPart;
use il2_study::values::{Spacing, quantity, unknown};

/// A ligand on a cell.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Label of the ligand.
    pub ligand: String,
    /// Label of the cell.
    pub cell: String,
    /// Model, ligand, cell and medium with the fewest chains and with the most. The setups in
    /// between are built when they run, because a network for each would fill the memory.
    pub ends: [Prepared; 2],
    /// Doses (pM), increasing.
    pub doses: Vec<f64>,
}

/// A planned sweep.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the assay.
    pub name: String,
    /// Pairs by cell and ligand.
    pub pairs: Vec<Pair>,
    /// Numbers of the chain per cell.
    pub numbers: Vec<f64>,
    /// The chain whose number changes.
    pub chain: String,
    pub(super) time: f64,
    pub(super) readout: String,
    /// Dimension of the readout.
    pub dimension: Dimension,
}

impl Plan {
    /// The prepared cells and ligands at both ends of the sweep.
    pub fn prepared(&self) -> Vec<&Prepared> {
        self.pairs.iter().flat_map(|pair| &pair.ends).collect()
    }

    /// File names of its tables and figures, without extensions.
    pub fn names(&self) -> (Vec<String>, Vec<String>) {
        (named(&self.name, &[""]), named(&self.name, &[""]))
    }

    /// Number of simulations that the assay will run.
    pub fn lanes(&self) -> usize {
        self.pairs.iter().map(|p| self.numbers.len() * (p.doses.len() + 1)).sum()
    }
}

/// Plans the assay.
pub fn plan(
    study: &Study,
    at: &str,
    name: &str,
    part: &ReceptorSweepPart,
) -> Result<Plan, StudyError> {
    let entry = study.model(at, part.model.as_deref())?;
    let ligands = il2_study::choose::ligands(study, at, part.ligands.as_ref())?;
    let cells = il2_study::choose::cells(study, at, entry, part.cells.as_ref())?;
    let numbers = il2_study::values::grid(
        &format!("{at}.numbers"),
        &part.numbers,
        Spacing::Logarithmic,
        |at, t| quantity(at, t, Dimension::PER_CELL),
    )?;
    let set = |what: &str| {
        entry.model.overrides.iter().any(|(n, _)| *n == format!("{}_{what}", part.chain))
    };
    if set("number") || set("synthesis") {
        let message =
            "is swept, but its value is also fixed by the model's parameters; remove it there";
        return Err(StudyError::at(format!("{at}.chain"), message));
    }
    let readout_name = part.readout.as_deref().unwrap_or("signalling_complexes");
    let all = ligands.len() * cells.len();
    il2_study::choose::fewer(
        at,
        ("pairs of a ligand and a cell", all),
        il2_study::choose::MOST_PAIRS,
        "ligands or cells",
    )?;
    il2_study::choose::fewer(
        at,
        ("curves", numbers.len() * all),
        il2_study::choose::MOST_SWEPT,
        "numbers, ligands or cells",
    )?;
    let mut pairs = vec![];
    let mut dimension = Dimension::DIMENSIONLESS;
    for cell in cells {
        let Some(cell) = cell else {
            let model = &entry.model.name;
            return Err(StudyError::at(
                format!("{at}.model"),
                format!(
                    "model {model} has a built-in cell, whose chains cannot be swept; use gamma-chain"
                ),
            ));
        };
        let own =
            cell.chains().map_err(|e| StudyError::model(format!("{at}.cells"), e.to_string()))?;
        if !own.iter().any(|(chain, _)| *chain == part.chain) {
            let known = own.iter().map(|(c, _)| c.as_str());
            return Err(unknown(&format!("{at}.chain"), "chain", &part.chain, known, "this cell"));
        }
        if cell.quantitation.is_none() {
            return Err(StudyError::at(
                format!("{at}.cells"),
                format!(
                    "{} has synthesis rates instead of receptor numbers; give it receptors",
                    cell.label
                ),
            ));
        }
        for ligand in &ligands {
            let doses = curve_doses(at, ligand, &part.doses)?;
            il2_study::choose::fewer(
                at,
                ("simulations", numbers.len() * all * (doses.len() + 1)),
                il2_study::choose::MOST_LANES,
                "numbers, doses, ligands or cells",
            )?;
            let own = study.setup(&entry.model, vec![(*ligand).clone()], Some(cell));
            let end = |number: Option<&f64>| {
                let number = number.copied().expect("a grid has values");
                with_number(&own, &part.chain, number)
            };
            let ends = [end(numbers.first()), end(numbers.last())];
            let [first, last] = ends.map(|setup| prepare(at, setup));
            let ends = [first?, last?];
            for prepared in &ends {
                dimension = prepared.readouts[readout(at, prepared, readout_name)?].1;
            }
            let (ligand, cell) = (ligand.label.clone(), cell_label(Some(cell)));
            pairs.push(Pair { ligand, cell, ends, doses });
        }
    }
    Ok(Plan {
        name: name.to_string(),
        pairs,
        numbers,
        chain: part.chain.clone(),
        time: il2_study::choose::time(&format!("{at}.time"), &part.time)?,
        readout: readout_name.to_string(),
        dimension,
    })
}

/// A setup whose cell has this number of a chain.
pub(super) fn with_number(setup: &Setup, chain: &str, number: f64) -> Setup {
    let mut changed = setup.clone();
    if let Some(cell) = &mut changed.cell
        && let Some(table) = cell.quantitation.as_ref().and_then(|q| cell.receptors.get_mut(q))
    {
        table.insert(chain.to_string(), swept(number));
    }
    changed
}

fn swept(number: f64) -> Parameter {
    Parameter::from_study(number, Dimension::PER_CELL, format!("{number} /cell"))
}
