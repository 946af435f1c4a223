//! The search space and settings: ranges, known molecules, donors, draws and candidates.

use crate::design::molecule::{self, Given};
use crate::design::plan::{DonorsAre, Form};
use crate::vary::{self, OnCell, Varied};
use il2::culture::uncertainty::{Posterior, STAININGS};
use il2::ligand::Ligand;
use il2::quantity::base_unit;
use il2_inference::nsga2::{Gene, Search};
use il2_study::choose;
use il2_study::error::StudyError;
use il2_study::library::{Library, ModelEntry};
use il2_study::ranges;
use il2_study::study::Study;
use il2_study::study::design::DesignPart;
use il2_study::study::panel::Of as PanelOf;
use il2_study::study::sensitivity::VariedPart;
use il2_study::study::text::QuantityText;
use il2_study::values::{self, level, unknown};
use il2_study::whole;
use indexmap::IndexMap;

/// Ranges of numbers, with "usual" replaced by the range of the library.
pub(super) fn ranges_of(
    at: &str,
    parts: &IndexMap<String, VariedPart>,
) -> Result<IndexMap<String, VariedPart>, StudyError> {
    let one = |(name, part): (&String, &VariedPart)| {
        let at = format!("{at}.parameters.{name}");
        let VariedPart::Word(word) = part else { return Ok((name.clone(), part.clone())) };
        if word != "usual" {
            let known = ["usual"].into_iter();
            return Err(unknown(&at, "range", word, known, "ranges"));
        }
        let Some((range, _)) = ranges::like(&format!("ligands.{name}")) else {
            let message = "has no usual range in the library; give a range, for example from half \
                           to twice the value";
            return Err(StudyError::at(at, message));
        };
        let (unit, (low, high)) = (base_unit(range.usual.dimension), ranges::ends(range));
        let text = |end: f64| QuantityText(format!("{end} {unit}").trim().to_string());
        Ok((name.clone(), VariedPart::Ends([text(low), text(high)])))
    };
    parts.iter().map(one).collect()
}

/// Known molecules with their keys in the study; the name of a table of ligands stands for all its
/// rows.
pub(super) fn known<'a>(
    study: &'a Study,
    at: &str,
    names: &'a [String],
) -> Result<Vec<(String, &'a Ligand)>, StudyError> {
    let mut all: Vec<(String, &Ligand)> = vec![];
    if !names.is_empty() {
        choose::each_once(&format!("{at}.known"), names)?;
    }
    for (i, name) in names.iter().enumerate() {
        let at = format!("{at}.known[{i}]");
        let rows = match study.panels.get(name).filter(|panel| panel.of == PanelOf::Ligands) {
            Some(panel) => panel.rows.keys().collect(),
            None => vec![name],
        };
        for row in rows {
            let ligand = study.ligand(&at, row)?;
            if all.iter().any(|(_, known)| known.label == ligand.label) {
                let message = format!(
                    "\"{row}\" is already in the list, by itself or as a row of a table; list it \
                     only once"
                );
                return Err(StudyError::at(at, message));
            }
            all.push((at.clone(), ligand));
        }
    }
    choose::at_most(&format!("{at}.known"), "known molecules", all.len(), choose::MOST_ARMS)?;
    Ok(all)
}

pub(super) fn donors(
    study: &Study,
    at: &str,
    entry: &ModelEntry,
    on: &[OnCell],
    part: &DesignPart,
) -> Result<(Vec<Given>, DonorsAre), StudyError> {
    let Some(donors) = &part.donors else { return Ok((vec![], DonorsAre::Ranges)) };
    let at = format!("{at}.donors");
    if !part.objectives.values().any(|o| o.reached_by.is_some()) {
        let message = "no objective states which fraction of donors must reach it; set reached_by \
                       = 0.9 in an objective, or leave out donors";
        return Err(StudyError::at(at, message));
    }
    let count = whole::checked(&format!("{at}.count"), donors.count)?;
    if !donors.parameters.is_empty() {
        let varied = vary::all(study, &at, entry, on, &donors.parameters, false)?;
        let all = molecule::donors_between(study.seed, &varied, on.len(), count);
        return Ok((all, DonorsAre::Ranges));
    }
    let all = molecule::donors(study, on, count);
    if all.iter().flatten().all(Vec::is_empty) {
        let message = "the donors would be identical, because the receptor counts of these cells \
                       have no published spread; give ranges, for example \
                       [assay.NAME.donors.parameters] \"treg.receptors.il2r_alpha\" = [\"700 \
                       /cell\", \"6000 /cell\"]";
        return Err(StudyError::at(at, message));
    }
    Ok((all, donors_are(on)))
}

/// Whose spread the drawn counts have.
fn donors_are(on: &[OnCell]) -> DonorsAre {
    let cells = on.iter().filter_map(|on| on.prepared.setup.cell.as_ref()?.numbers());
    let kinds = cells.flat_map(|counts| counts.values());
    let kinds = kinds.filter_map(|count| Some(&count.interval.as_ref()?.kind));
    let of_stainings = |kind: &&String| kind.contains(STAININGS);
    match (kinds.clone().any(|kind| of_stainings(&kind)), kinds.clone().all(|k| of_stainings(&k))) {
        (_, true) => DonorsAre::Stainings,
        (true, false) => DonorsAre::Both,
        (false, false) => DonorsAre::Stated,
    }
}

pub(super) fn between(
    at: &str,
    ligand: &Ligand,
    ends: &[QuantityText; 2],
) -> Result<[f64; 2], StudyError> {
    let end = |i: usize| values::dose(&format!("{at}[{i}]"), ligand, &ends[i]);
    let [low, high] = [end(0)?, end(1)?];
    if low <= 0.0 || high <= low {
        let message = "is not a range of doses; give a dose above zero and then a higher dose, for \
                       example [\"1 pM\", \"10 nM\"]";
        return Err(StudyError::at(at, message));
    }
    Ok([low, high])
}

pub(super) fn intervals(
    at: &str,
    entry: &ModelEntry,
    part: &DesignPart,
) -> Result<(usize, f64, Posterior), StudyError> {
    let Some(asked) = &part.intervals else { return Ok((0, 0.95, Posterior::default())) };
    let at = format!("{at}.intervals");
    let draws = whole::checked(&format!("{at}.draws"), asked.draws)?;
    let level = level(&format!("{at}.level"), asked.level.map(|f| f.0))?;
    let Some(name) = &entry.posterior else {
        let model = &entry.model.name;
        let message = format!(
            "no posterior is known for model {model}; leave intervals out or use gamma-chain"
        );
        return Err(StudyError::model(at, message));
    };
    Ok((draws, level, Library::builtin().posteriors[name].clone()))
}

/// About forty generations of fifty candidates; with more candidates, more and larger generations.
pub(super) fn search(
    study: &Study,
    at: &str,
    asked: u32,
    genes: Vec<Gene>,
) -> Result<Search, StudyError> {
    let candidates = whole::checked(&format!("{at}.candidates"), asked)?;
    let population = (candidates / 40).clamp(20, 120).next_multiple_of(2);
    let generations = candidates.div_ceil(population);
    Ok(Search { genes, population, generations, seed: study.seed })
}

/// The forms from which a design can choose: copies of the cytokine, or ligands of the study.
pub(super) fn forms(
    study: &Study,
    at: &str,
    ligand: &Ligand,
    part: &DesignPart,
) -> Result<Vec<Form>, StudyError> {
    let Some(labels) = &part.forms else {
        let copies = part.valency.clone().unwrap_or_else(|| vec![ligand.valency]);
        let texts: Vec<String> = copies.iter().map(u32::to_string).collect();
        let at = format!("{at}.valency");
        choose::each_once(&at, &texts)?;
        for (i, copies) in copies.iter().enumerate() {
            whole::checked(&format!("{at}[{i}]"), *copies)?;
        }
        return Ok(copies.into_iter().map(Form::Copies).collect());
    };
    let at_forms = format!("{at}.forms");
    if part.valency.is_some() {
        let message = "cannot be combined with valency, because a ligand with several copies is \
                       itself a form; keep either forms or valency";
        return Err(StudyError::at(at_forms, message));
    }
    choose::each_once(&at_forms, labels)?;
    for (i, label) in labels.iter().enumerate() {
        study.ligand(&format!("{at_forms}[{i}]"), label)?;
    }
    if !labels.contains(&ligand.label) {
        let message = format!(
            "does not include {}, the molecule that is varied; add it to the list",
            ligand.label
        );
        return Err(StudyError::at(at_forms, message));
    }
    Ok(labels.iter().cloned().map(Form::Ligand).collect())
}

/// The molecule of the study as a candidate; numbers outside their ranges are moved to the nearest end.
pub(super) fn start(ligand: &Ligand, varied: &[Varied], dose: bool, forms: &[Form]) -> Vec<f64> {
    let own = varied.iter().map(|number| number.part(number.value));
    let is_own = |form: &Form| match form {
        Form::Copies(copies) => *copies == ligand.valency,
        Form::Ligand(label) => *label == ligand.label,
    };
    let form = forms.iter().position(is_own).unwrap_or(0);
    let form = (forms.len() > 1).then(|| Gene::chosen(forms.len(), form));
    own.chain(dose.then_some(0.5)).chain(form).collect()
}
