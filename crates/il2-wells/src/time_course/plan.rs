//! The plan of a time course or washout.

use crate::medium::{self, MediumPlan};
use il2::culture::{Prepared, Well};
use il2::ligand::Ligand;
use il2_answer::caption;
use il2_answer::labels::{cell_label, named, time_text};
use il2_study::choose::prepare;
use il2_study::error::StudyError;
use il2_study::study::Study;
use il2_study::study::file::{TimeCoursePart, WashoutPart};
use il2_study::study::text::{Grid, QuantityText};
use il2_study::study::wells::{MediumPart, PretreatmentPart};
use il2_study::values::{Spacing, unknown};
use indexmap::IndexMap;
use std::sync::Arc;

/// Keys that time courses and washouts have in common.
pub struct Request<'a> {
    model: Option<&'a str>,
    ligands: Option<&'a Vec<String>>,
    cells: Option<&'a Vec<String>>,
    doses: Option<&'a Grid>,
    mixture: &'a IndexMap<String, QuantityText>,
    times: &'a Grid,
    pulse: Option<&'a QuantityText>,
    pretreatment: &'a [PretreatmentPart],
    medium: &'a [MediumPart],
    show: Option<&'a Vec<String>>,
}

impl<'a> From<&'a TimeCoursePart> for Request<'a> {
    fn from(p: &'a TimeCoursePart) -> Self {
        Self {
            model: p.model.as_deref(),
            ligands: p.ligands.as_ref(),
            cells: p.cells.as_ref(),
            doses: p.doses.as_ref(),
            mixture: &p.mixture,
            times: &p.times,
            pulse: None,
            pretreatment: &p.pretreatment,
            medium: &p.medium,
            show: p.show.as_ref(),
        }
    }
}

impl<'a> From<&'a WashoutPart> for Request<'a> {
    fn from(p: &'a WashoutPart) -> Self {
        Self {
            model: p.model.as_deref(),
            ligands: p.ligands.as_ref(),
            cells: p.cells.as_ref(),
            doses: p.doses.as_ref(),
            mixture: &p.mixture,
            times: &p.times,
            pulse: Some(&p.pulse),
            pretreatment: &p.pretreatment,
            medium: &p.medium,
            show: p.show.as_ref(),
        }
    }
}

/// One simulation: a mixture on a cell.
#[derive(Clone, Debug)]
pub struct Condition {
    /// Ligand, or the mixture as `a + b`.
    pub ligand: String,
    /// Dose of a single ligand (pM); NaN for a mixture.
    pub dose: f64,
    /// The dose as the study writes it; for a mixture, each dose with its ligand.
    pub dose_text: String,
    /// Label of the cell.
    pub cell: String,
    /// Contents of the well, and output times.
    pub well: Well,
    /// Model, ligands, cell and medium, ready to run.
    pub prepared: Arc<Prepared>,
}

/// A planned time course or washout.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the assay.
    pub name: String,
    /// Conditions by cell, ligand and dose.
    pub conditions: Vec<Condition>,
    /// How long the ligand is present in a washout (min).
    pub pulse: Option<f64>,
    /// Other changes of the medium.
    pub medium: MediumPlan,
    /// Readouts of the figure.
    pub show: Vec<String>,
}

impl Plan {
    /// Number of simulations that the assay will run.
    pub fn lanes(&self) -> usize {
        self.conditions.len()
    }

    /// File names of its tables and figures, without extensions.
    pub fn names(&self) -> (Vec<String>, Vec<String>) {
        (named(&self.name, &[""]), named(&self.name, &[""]))
    }

    /// For a washout: the readouts whose remaining fraction after the wash is shown, each in a panel; signals
    /// if any are shown.
    pub fn fading(&self) -> Vec<&str> {
        let shown = self.show.iter().filter(|_| self.pulse.is_some()).map(String::as_str);
        let signals: Vec<&str> = shown.clone().filter(|name| is_signal(name)).collect();
        if signals.is_empty() { shown.take(1).collect() } else { signals }
    }

    /// Times at which the medium is changed (min).
    pub fn marks(&self) -> Vec<f64> {
        self.pulse.into_iter().chain(self.medium.times()).collect()
    }

    /// The last output of every condition (min).
    pub fn last_time(&self) -> Option<f64> {
        self.conditions.first()?.well.times.last().copied()
    }

    /// The prepared setups, without duplicates.
    pub fn prepared(&self) -> Vec<&Prepared> {
        let mut all: Vec<&Arc<Prepared>> = self.conditions.iter().map(|c| &c.prepared).collect();
        all.dedup_by(|a, b| Arc::ptr_eq(a, b));
        all.into_iter().map(|prepared| &**prepared).collect()
    }
}

/// Plans the assay.
pub fn plan(study: &Study, at: &str, name: &str, asked: Request) -> Result<Plan, StudyError> {
    let entry = study.model(at, asked.model)?;
    let cells = il2_study::choose::cells(study, at, entry, asked.cells)?;
    let times_at = format!("{at}.times");
    let times =
        il2_study::values::grid(&times_at, asked.times, Spacing::Even, il2_study::choose::time)?;
    let pulse =
        asked.pulse.map(|p| il2_study::choose::time(&format!("{at}.pulse"), p)).transpose()?;
    if let Some(pulse) = pulse
        && entry.model.kind == il2::culture::ModelKind::PolyvalentEquilibrium
    {
        return Err(StudyError::model(
            format!("{at}.pulse"),
            format!(
                "model {} is an equilibrium model without time, so a pulse of {pulse} min has no \
                 lasting effect; use polyvalent",
                entry.model.name
            ),
        ));
    }
    if let Some((pulse, last)) = pulse.zip(times.last()).filter(|(pulse, last)| pulse >= *last) {
        return Err(StudyError::at(
            format!("{at}.pulse"),
            format!(
                "a pulse of {} leaves no time after the wash, since the last time is {}; use a \
                 shorter pulse or later times",
                time_text(pulse),
                time_text(*last)
            ),
        ));
    }
    let medium = medium::plan(study, at, &entry.model, asked.pretreatment, asked.medium)?;
    medium.by(at, times.last().copied().unwrap_or(0.0))?;
    // Name of a mixture, dose of a single ligand, and contents.
    type Mixture = (String, f64, Vec<(Ligand, f64)>);
    let mut mixtures: Vec<Mixture> = vec![];
    match (asked.doses, asked.mixture.is_empty()) {
        (Some(grid), true) => {
            let ligands = il2_study::choose::ligands(study, at, asked.ligands)?;
            let pairs = ligands.len() * cells.len();
            il2_study::choose::fewer(
                at,
                ("pairs of a ligand and a cell", pairs),
                il2_study::choose::MOST_PAIRS,
                "ligands or cells",
            )?;
            for ligand in ligands {
                let doses = il2_study::choose::doses(at, ligand, grid)?;
                let all = (mixtures.len() + doses.len()) * cells.len();
                il2_study::choose::fewer(
                    at,
                    ("simulations", all),
                    il2_study::choose::MOST_SWEPT,
                    "doses, ligands or cells",
                )?;
                for dose in doses {
                    mixtures.push((ligand.label.clone(), dose, vec![(ligand.clone(), dose)]));
                }
            }
        }
        (None, false) => {
            let all = il2_study::choose::mixture(study, &format!("{at}.mixture"), asked.mixture)?;
            let names: Vec<&str> = all.iter().map(|(l, _)| l.label.as_str()).collect();
            let dose = if all.len() == 1 { all[0].1 } else { f64::NAN };
            mixtures.push((names.join(" + "), dose, all));
        }
        _ => {
            return Err(StudyError::at(
                at,
                "needs either doses (each ligand alone) or mixture (all ligands together); give one of them",
            ));
        }
    }
    il2_study::choose::fewer(
        at,
        ("rows", mixtures.len() * cells.len() * times.len()),
        il2_study::choose::MOST_ROWS,
        "doses, cells or times",
    )?;
    il2_study::choose::at_most(
        at,
        "pairs of a mixture and a cell",
        cells.len(),
        il2_study::choose::MOST_PAIRS,
    )?;
    let mut conditions: Vec<Condition> = vec![];
    for cell in cells {
        for (place, (ligand, dose, parts)) in mixtures.iter().enumerate() {
            // Doses of one ligand on one cell share their network.
            let before = conditions.last().filter(|before| place > 0 && before.ligand == *ligand);
            let prepared = match before {
                Some(before) => before.prepared.clone(),
                None => {
                    let all = medium.with_own(parts.iter().map(|(l, _)| l.clone()).collect());
                    let setup = medium.setup(at, study.setup(&entry.model, all, cell))?;
                    Arc::new(prepare(at, setup)?)
                }
            };
            conditions.push(Condition {
                ligand: ligand.clone(),
                dose: *dose,
                dose_text: caption::doses_text(study, name, parts),
                cell: cell_label(cell),
                well: medium.well(Well {
                    doses: parts.iter().map(|(l, d)| (l.label.clone(), *d)).collect(),
                    wash: pulse,
                    times: times.clone(),
                    ..Well::default()
                }),
                prepared,
            });
        }
    }
    let show = match asked.show {
        None => main_readouts(&conditions),
        Some(names) => {
            il2_study::choose::each_once(&format!("{at}.show"), names)?;
            for (i, name) in names.iter().enumerate() {
                if !conditions.iter().any(|c| c.prepared.readout(name).is_some()) {
                    let at = format!("{at}.show[{i}]");
                    let known = conditions[0].prepared.readouts.iter().map(|(n, _)| n.as_str());
                    return Err(unknown(&at, "readout", name, known, "this model"));
                }
            }
            names.clone()
        }
    };
    Ok(Plan { name: name.to_string(), conditions, pulse, medium, show })
}

/// Default quantities of a figure: the signal, surface chains and the remaining ligand.
fn main_readouts(conditions: &[Condition]) -> Vec<String> {
    let main = [
        "signalling_complexes",
        "il2r_beta_surface_total",
        "il2r_beta_gamma_surface_total",
        "il2r_alpha_surface_total",
        "gamma_c_surface_total",
        "pstat5",
        "complex_surface",
        "receptor_surface",
        "ligand_medium",
        "growth_fold",
        "fold_change",
    ];
    let has = |name: &&str| conditions.iter().any(|c| c.prepared.readout(name).is_some());
    main.into_iter().filter(has).take(4).map(str::to_string).collect()
}

/// Whether a readout is a signal of the cell.
pub fn is_signal(name: &str) -> bool {
    ["signalling_complexes", "pstat5", "complex_surface"].iter().any(|end| name.ends_with(end))
}

/// Name of the panel that shows the remaining fraction of a readout after the wash.
pub fn after_wash(name: &str) -> String {
    format!("{name}_after_wash")
}

/// The label of a condition: only what distinguishes it from the others.
pub fn condition_label(plan: &Plan, c: &Condition) -> String {
    let several = |f: &dyn Fn(&Condition) -> String| {
        plan.conditions.iter().any(|other| f(other) != f(&plan.conditions[0]))
    };
    let mut words = vec![];
    // The label of a mixture contains its doses.
    let ligand = if c.dose.is_finite() { &c.ligand } else { &c.dose_text };
    if several(&|c| c.ligand.clone()) || plan.conditions.len() == 1 {
        words.push(ligand.clone());
    }
    if several(&|c| c.cell.clone()) {
        words.push(c.cell.clone());
    }
    if (several(&|c| format!("{}", c.dose)) || plan.conditions.len() == 1) && c.dose.is_finite() {
        words.push(c.dose_text.clone());
    }
    if words.is_empty() { ligand.clone() } else { words.join(", ") }
}
