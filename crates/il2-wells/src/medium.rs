//! The medium of the wells of an assay over time, as a study writes it: the medium before time zero,
//! additions, and changes of the medium.

use il2::culture::{Contents, Exchange, MediumChange, Model, ModelKind, Setup, Stage, Well};
use il2::ligand::Ligand;
use il2::receptor::Medium;
use il2_answer::labels::time_text;
use il2_engine::Dimension;
use il2_study::choose;
use il2_study::study::text::QuantityText;
use il2_study::study::wells::{MediumPart, PretreatmentPart};
use il2_study::values::quantity;
use il2_study::{Study, StudyError};
use indexmap::IndexMap;

/// The medium before and after time zero.
#[derive(Clone, Debug, Default)]
pub struct MediumPlan {
    /// Media before time zero.
    pub before: Vec<Stage>,
    /// Changes after time zero.
    pub changes: Vec<MediumChange>,
    /// For each change, the index of the part of the study that requests it.
    parts: Vec<usize>,
    ligands: Vec<Ligand>,
}

/// Largest number of changes of a medium: each change restarts the solver.
const MOST_CHANGES: usize = 1000;

/// Reads the parts of an assay.
pub fn plan(
    study: &Study,
    at: &str,
    model: &Model,
    before: &[PretreatmentPart],
    changes: &[MediumPart],
) -> Result<MediumPlan, StudyError> {
    let mut plan = MediumPlan::default();
    choose::at_most(at, "changes of the medium", before.len() + changes.len(), MOST_CHANGES)?;
    if before.len() + changes.len() > 0 && model.kind == ModelKind::PolyvalentEquilibrium {
        let at = format!("{at}.{}", if before.is_empty() { "medium" } else { "pretreatment" });
        let name = &model.name;
        let message = format!(
            "model {name} is an equilibrium model without time, so changes of the medium have no \
             effect in it; use polyvalent"
        );
        return Err(StudyError::model(at, message));
    }
    for (i, part) in before.iter().enumerate() {
        let at = format!("{at}.pretreatment[{i}]");
        let duration = choose::time(&format!("{at}.duration"), &part.duration)?;
        let contents = plan.contents(study, &format!("{at}.mixture"), &part.mixture)?;
        let ramp = ramp(study, &at, part.ramp.as_ref())?;
        plan.before.push(Stage { contents, duration, ramp });
    }
    for (i, part) in changes.iter().enumerate() {
        let at = format!("{at}.medium[{i}]");
        let (kind, given, key) = match (&part.add, &part.replace) {
            (Some(add), None) => (Exchange::Add, add, "add"),
            (None, Some(new)) => {
                (Exchange::Replace(part.fraction.map_or(1.0, |f| f.0)), new, "replace")
            }
            _ => {
                let message = "needs add or replace; give one of them, for example \
                               add = { il2 = \"100 pM\" }, or replace = { } for a wash";
                return Err(StudyError::at(at, message));
            }
        };
        match part.fraction.map(|f| f.0) {
            Some(_) if key == "add" => {
                let message =
                    "applies only to replace, since an addition removes no medium; leave it out";
                return Err(StudyError::at(format!("{at}.fraction"), message));
            }
            Some(part) if !(part > 0.0 && part <= 1.0) => {
                let message = format!(
                    "{part} is not allowed; give a number above 0 and at most 1, or a percentage such as \"50 %\""
                );
                return Err(StudyError::at(format!("{at}.fraction"), message));
            }
            _ => {}
        }
        let contents = plan.contents(study, &format!("{at}.{key}"), given)?;
        let ramp = ramp(study, &at, part.ramp.as_ref())?;
        let first = choose::time(&format!("{at}.at"), &part.at)?;
        for time in again(&at, part, first)? {
            let contents = contents.clone();
            plan.changes.push(MediumChange { at: time, kind, contents, ramp });
            plan.parts.push(i);
        }
    }
    choose::at_most(at, "changes of the medium", before.len() + plan.changes.len(), MOST_CHANGES)?;
    if !plan.changes.is_sorted_by_key(|change| change.at) {
        let mut order: Vec<usize> = (0..plan.changes.len()).collect();
        order.sort_by(|&a, &b| plan.changes[a].at.total_cmp(&plan.changes[b].at));
        plan.changes = order.iter().map(|&k| plan.changes[k].clone()).collect();
        plan.parts = order.iter().map(|&k| plan.parts[k]).collect();
    }
    Ok(plan)
}

/// The times of a change that is made once or repeatedly (min).
fn again(at: &str, part: &MediumPart, first: f64) -> Result<Vec<f64>, StudyError> {
    let (every, until) = match (&part.every, &part.until) {
        (None, None) => return Ok(vec![first]),
        (Some(every), Some(until)) => (every, until),
        (every, _) => {
            let (given, missing) = match every {
                Some(_) => ("every", "until as well, for example until = \"5 d\""),
                None => ("until", "every as well, for example every = \"24 h\""),
            };
            return Err(StudyError::at(format!("{at}.{given}"), format!("needs {missing}")));
        }
    };
    let every = choose::time(&format!("{at}.every"), every)?;
    let until = choose::time(&format!("{at}.until"), until)?;
    if every == 0.0 || until < first {
        let (key, message) = match every == 0.0 {
            true => {
                ("every", "is zero; give the time from one change to the next, such as \"24 h\"")
            }
            false => ("until", "is before the first change (at); give a later time"),
        };
        return Err(StudyError::at(format!("{at}.{key}"), message));
    }
    // The last change may fall on `until` itself, up to rounding.
    let more = ((until - first) / every * (1.0 + 1e-12)).floor();
    if more >= MOST_CHANGES as f64 {
        choose::at_most(at, "changes of the medium", MOST_CHANGES + 1, MOST_CHANGES)?;
    }
    Ok((0..=more as usize).map(|k| first + k as f64 * every).collect())
}

fn ramp(study: &Study, at: &str, text: Option<&QuantityText>) -> Result<Option<f64>, StudyError> {
    let Some(text) = text else { return Ok(None) };
    let at = format!("{at}.ramp");
    let rate = quantity(&at, text, Dimension::RATE)?;
    if rate == 0.0 {
        let message =
            "is zero, so the medium would not change; give a rate above zero, such as \"60 /min\"";
        return Err(StudyError::at(at, message));
    }
    match study.medium {
        Medium::Depleted { .. } => Err(StudyError::at(
            at,
            "requires a medium that cells do not deplete; leave ramp or [culture] out",
        )),
        Medium::Constant | Medium::Gradual => Ok(Some(rate)),
    }
}

impl MediumPlan {
    fn contents(
        &mut self,
        study: &Study,
        at: &str,
        given: &IndexMap<String, QuantityText>,
    ) -> Result<Contents, StudyError> {
        let all = choose::mixture(study, at, given)?;
        let contents = all.iter().map(|(ligand, level)| (ligand.label.clone(), *level)).collect();
        for (ligand, _) in all {
            if !self.ligands.iter().any(|l| l.label == ligand.label) {
                self.ligands.push(ligand);
            }
        }
        choose::at_most(at, "ligands in one well", self.ligands.len(), choose::MOST_MIXED)?;
        Ok(contents)
    }

    /// Whether the medium is ever changed.
    pub fn changes(&self) -> bool {
        !(self.before.is_empty() && self.changes.is_empty())
    }

    /// Refuses a change after the last output, which would have no visible effect.
    pub fn by(&self, at: &str, end: f64) -> Result<(), StudyError> {
        let Some(i) = self.changes.iter().position(|change| change.at > end) else { return Ok(()) };
        let message = format!(
            "{} is after the last time in times, {}; leave the change out or add later times",
            time_text(self.changes[i].at),
            time_text(end)
        );
        let part = self.parts[i];
        Err(StudyError::at(format!("{at}.medium[{part}].at"), message))
    }

    /// Changes of the medium in words, for the subtitle of a figure.
    pub fn text(&self) -> Option<String> {
        let lead: f64 = self.before.iter().map(|stage| stage.duration).sum();
        let before =
            (!self.before.is_empty()).then(|| format!("after {} of pretreatment", time_text(lead)));
        let times: Vec<String> = self.changes.iter().map(|c| time_text(c.at)).take(3).collect();
        let more = if self.changes.len() > 3 { " and later" } else { "" };
        let changed =
            (!times.is_empty()).then(|| format!("medium changed at {}{more}", times.join(", ")));
        let all: Vec<String> = before.into_iter().chain(changed).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }

    /// Times of the changes after time zero (min).
    pub fn times(&self) -> Vec<f64> {
        self.changes.iter().map(|change| change.at).collect()
    }

    /// The ligands of the wells, including those present only temporarily.
    pub fn with_own(&self, mut ligands: Vec<Ligand>) -> Vec<Ligand> {
        for own in &self.ligands {
            if !ligands.iter().any(|l| l.label == own.label) {
                ligands.push(own.clone());
            }
        }
        ligands
    }

    /// A setup whose network includes the changes.
    pub fn setup(&self, at: &str, setup: Setup) -> Result<Setup, StudyError> {
        let ramps = self.before.iter().map(|stage| stage.ramp);
        let gradual = ramps.chain(self.changes.iter().map(|change| change.ramp)).flatten();
        if gradual.count() == 0 {
            return Ok(setup);
        }
        if let Some(dissolved) = setup.ligands.iter().find(|l| l.is_soluble_chain) {
            let message = format!(
                "the medium changes gradually, but {} removes ligands from it, so the concentrations \
                 before the change are not known; leave ramp out",
                dissolved.label
            );
            return Err(StudyError::at(at, message));
        }
        Ok(Setup { medium: Medium::Gradual, ..setup })
    }

    /// A well to which these changes are applied.
    pub fn well(&self, well: Well) -> Well {
        Well { before: self.before.clone(), changes: self.changes.clone(), ..well }
    }
}
