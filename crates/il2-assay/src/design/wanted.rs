//! Objectives as the study writes them, and the lists of cells, times, doses and readouts to which they
//! refer.

use crate::design::objective::{self, Named, Objective, Of};
use crate::design::plan::{Dose, Plan, place};
use il2::ligand::Ligand;
use il2_study::choose::{self, curve_doses};
use il2_study::error::StudyError;
use il2_study::study;
use il2_study::study::Study;
use il2_study::study::design::{DesignPart, DosePart, ObjectivePart};
use il2_study::study::text::QuantityText;
use il2_study::values::{self, unknown};
use indexmap::IndexMap;

/// Largest number of objectives with a goal: with more of them, hardly any design beats another in all goals.
const MOST_GOALS: usize = 4;

/// Objectives, with the lists to which they refer.
pub(super) struct Wanted {
    pub objectives: Vec<Objective>,
    pub cells: Vec<String>,
    pub times: Vec<f64>,
    pub readouts: Vec<String>,
    pub singles: Vec<Dose>,
    pub doses: Vec<f64>,
}

pub(super) fn wanted(at: &str, ligand: &Ligand, part: &DesignPart) -> Result<Wanted, StudyError> {
    let mut all = Wanted {
        objectives: vec![],
        cells: vec![],
        times: vec![],
        readouts: vec![],
        singles: vec![],
        doses: vec![],
    };
    let inside = format!("{at}.objectives");
    let mut named_by: Vec<(String, Named)> = vec![];
    for (name, own) in &part.objectives {
        let at = format!("{inside}.{name}");
        study::label(&at, name)?;
        if ["design", "molecule", "valency", "dose", "status", "draws_solved"]
            .contains(&name.as_str())
        {
            let message = format!(
                "is the name of a column in every table; choose another name, such as {name}_1"
            );
            return Err(StudyError::at(at, message));
        }
        let objective = objective::read(&at, name, own, &mut all.cells)?;
        let Some(time) = own.time.clone().or(part.time.clone()) else {
            let message =
                "has no time; set, for example, time = \"1 h\" here or for the whole assay";
            return Err(StudyError::at(at, message));
        };
        let readout = own.readout.clone().or(part.readout.clone());
        let readout = readout.unwrap_or_else(|| "signalling_complexes".into());
        named_by.push((at, Named { time, dose: own.dose.clone(), readout }));
        all.objectives.push(objective);
    }
    let goals = all.objectives.iter().filter(|o| o.goal.is_some()).count();
    if goals == 0 {
        let message = "has no objective with a goal; add one, for example potency = { goal = \"minimise\", of = \
                       \"ec50\", cells = [\"treg\"], time = \"1 h\" }";
        return Err(StudyError::at(inside, message));
    }
    choose::at_most(&inside, "goals", goals, MOST_GOALS)?;
    for (at, named) in &named_by {
        let place = if part.objectives[at.rsplit('.').next().unwrap_or_default()].time.is_some() {
            format!("{at}.time")
        } else {
            at.clone()
        };
        let time = choose::time(&place, &named.time)?;
        let mean = all.objectives[all.times.len()].of == Of::MeanResponse;
        if mean && time == 0.0 {
            let message = "is zero, which leaves no period to average; give the end of the period, \
                           for example \"24 h\"";
            return Err(StudyError::at(place, message));
        }
        all.times.push(time);
    }
    let each = all.times.clone();
    all.times.sort_by(f64::total_cmp);
    all.times.dedup();
    for (i, (at, named)) in named_by.iter().enumerate() {
        let objective = &mut all.objectives[i];
        objective.time = all.times.iter().position(|t| *t == each[i]).expect("it is among them");
        objective.readout = place(&mut all.readouts, named.readout.clone());
        if objective.of.curve() {
            continue;
        }
        let single = match (&named.dose, &part.dose) {
            (Some(dose), _) => Dose::Given(values::dose(&format!("{at}.dose"), ligand, dose)?),
            (None, Some(DosePart::One(dose))) => {
                let at = at.split(".objectives").next().unwrap_or(at);
                Dose::Given(values::dose(&format!("{at}.dose"), ligand, dose)?)
            }
            (None, Some(DosePart::Ends(_))) => Dose::Chosen,
            (None, None) => {
                let message = "needs a dose; set, for example, dose = \"100 pM\" here or for the \
                               whole assay";
                return Err(StudyError::at(at, message));
            }
        };
        objective.dose = Some(place(&mut all.singles, single));
    }
    let curves = all.objectives.iter().any(|o| o.of.curve());
    all.doses = match (&part.doses, curves) {
        (Some(doses), true) => curve_doses(at, ligand, doses)?,
        (None, false) => vec![],
        (Some(_), false) => {
            let message = "no objective is read from a dose-response curve; leave out doses";
            return Err(StudyError::at(format!("{at}.doses"), message));
        }
        (None, true) => {
            let message = "has objectives that are read from a dose-response curve; set doses = { \
                           from = \"0.1 pM\", to = \"100 nM\", points = 13 }";
            return Err(StudyError::at(at, message));
        }
    };
    if part.dose.is_some()
        && !named_by
            .iter()
            .zip(&all.objectives)
            .any(|((_, n), o)| n.dose.is_none() && !o.of.curve())
    {
        let message = "no objective uses this dose; leave it out";
        return Err(StudyError::at(format!("{at}.dose"), message));
    }
    Ok(all)
}

/// The molecule to whose result others are relative.
pub(super) fn relative(
    at: &str,
    objective: &mut Objective,
    part: &ObjectivePart,
    (names, forms): (&[String], usize),
    singles: &[Dose],
) -> Result<(), StudyError> {
    let Some(of) = &part.relative_to else { return Ok(()) };
    let at = format!("{at}.relative_to");
    let known = names[forms..].iter();
    let Some(place) = known.clone().position(|name| name == of) else {
        let known = known.map(String::as_str);
        return Err(unknown(&at, "molecule", of, known, "the list `known`"));
    };
    if objective.dose.is_some_and(|dose| singles[dose] == Dose::Chosen) {
        let message = "cannot be used if the dose is chosen for each design; give this objective \
                       its own dose, for example dose = \"100 pM\"";
        return Err(StudyError::at(at, message));
    }
    objective.relative_to = Some(forms + place);
    Ok(())
}

/// Measured results of known molecules.
pub(super) fn measured(
    study: &Study,
    at: &str,
    plan: &Plan,
    parts: &IndexMap<String, IndexMap<String, QuantityText>>,
) -> Result<Vec<Vec<f64>>, StudyError> {
    let known = &plan.names[plan.known()];
    let mut all = vec![vec![f64::NAN; plan.objectives.len()]; known.len()];
    for (molecule, values) in parts {
        let at = format!("{at}.measured.{molecule}");
        let Some(place) = known.iter().position(|name| name == molecule) else {
            let known = known.iter().map(String::as_str);
            return Err(unknown(&at, "molecule", molecule, known, "the list `known`"));
        };
        for (name, text) in values {
            let at = format!("{at}.{name}");
            let Some(o) = plan.objectives.iter().position(|o| o.name == *name) else {
                let known = plan.objectives.iter().map(|o| o.name.as_str());
                return Err(unknown(&at, "objective", name, known, "this assay"));
            };
            let ligand = study.ligand(&at, molecule)?;
            all[place][o] = plan.objectives[o].value(&at, ligand, text)?;
        }
    }
    Ok(all)
}
