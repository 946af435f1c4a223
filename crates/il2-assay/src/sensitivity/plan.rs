//! The plan of a sensitivity analysis.

use crate::vary::{self, OnCell, Varied};
use il2::culture::Prepared;
use il2_answer::labels::{cell_label, named};
use il2_engine::Dimension;
use il2_engine::words::counted;
use il2_inference::{morris, sobol};
use il2_study::choose::{self, curve_doses, prepare, readout};
use il2_study::error::StudyError;
use il2_study::study::Study;
use il2_study::study::sensitivity::SensitivityPart;
use il2_study::values::{self, Spacing, grid, level, unknown};
use il2_study::whole;

/// The result to be analysed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// The readout at one dose.
    Response,
    /// The half-maximal dose on one cell.
    Ec50,
    /// The half-maximal dose on the second cell over that on the first.
    Selectivity,
}

/// The method.
#[derive(Clone, Debug)]
pub enum Method {
    /// Derivatives at the values of the study.
    Local,
    /// Elementary effects.
    Morris(morris::Design),
    /// Fractions of the variance (Sobol indices).
    Sobol(sobol::Design),
}

/// The plan of a sensitivity analysis.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the assay.
    pub name: String,
    /// Label of the ligand.
    pub ligand: String,
    /// One cell, or two that are compared.
    pub cells: Vec<OnCell>,
    /// The result to be analysed.
    pub asked: Output,
    /// One dose (pM), or the doses of a curve: zero, then increasing.
    pub doses: Vec<f64>,
    /// Times at which the result is read (min).
    pub times: Vec<f64>,
    /// Species or observable that is read.
    pub readout: String,
    /// Dimension of the readout.
    pub dimension: Dimension,
    /// Numbers that vary.
    pub varied: Vec<Varied>,
    /// The method.
    pub method: Method,
    /// Level of the intervals.
    pub level: f64,
}

impl Plan {
    /// Whether the analysis only takes derivatives at the values of the study.
    pub fn is_local(&self) -> bool {
        matches!(self.method, Method::Local)
    }

    /// The prepared cells and ligands.
    pub fn prepared(&self) -> Vec<&Prepared> {
        self.cells.iter().map(|cell| &cell.prepared).collect()
    }

    /// File names of its tables and figures, without extensions.
    pub fn names(&self) -> (Vec<String>, Vec<String>) {
        let tables = match self.method {
            Method::Local => named(&self.name, &[""]),
            Method::Morris(_) | Method::Sobol(_) => named(&self.name, &["", "samples"]),
        };
        (tables, named(&self.name, &[""]))
    }

    /// Number of sets of numbers to simulate.
    pub fn points(&self) -> usize {
        match &self.method {
            Method::Local => 1,
            Method::Morris(design) => design.points(),
            Method::Sobol(design) => design.points(),
        }
    }

    /// A set of numbers, each as a position from 0 to 1 along its range.
    pub(super) fn point(&self, index: usize) -> Vec<f64> {
        match &self.method {
            Method::Local => vec![],
            Method::Morris(design) => design.point(index),
            Method::Sobol(design) => design.point(index),
        }
    }

    /// Number of simulations that the assay will run.
    pub fn lanes(&self) -> usize {
        self.points() * self.cells.len() * self.doses.len()
    }

    /// Whether the result is analysed on a logarithmic scale, as doses and ratios of doses are.
    pub(super) fn logarithm(&self) -> bool {
        self.asked != Output::Response
    }
}

/// Plans the assay.
pub fn plan(
    study: &Study,
    at: &str,
    name: &str,
    part: &SensitivityPart,
) -> Result<Plan, StudyError> {
    let entry = study.model(at, part.model.as_deref())?;
    let ligand = study.ligand(&format!("{at}.ligand"), &part.ligand)?;
    let asked = asked(at, &part.of)?;
    let cells = choose::cells(study, at, entry, part.cells.as_ref())?;
    let needed = if asked == Output::Selectivity { 2 } else { 1 };
    if cells.len() != needed {
        let (count, of) = (cells.len(), &part.of);
        let remedy = match needed {
            1 => "name one cell, for example cells = [\"treg\"]",
            _ => {
                "name two cells, for example cells = [\"treg\", \"nk\"] for the EC50 on nk over \
                 that on treg"
            }
        };
        let given = counted(count, "cell");
        let message = format!("\"{of}\" cannot be evaluated on {given}; {remedy}");
        return Err(StudyError::at(format!("{at}.cells"), message));
    }
    let doses = match (asked, &part.dose, &part.doses) {
        (Output::Response, Some(dose), None) => {
            vec![values::dose(&format!("{at}.dose"), ligand, dose)?]
        }
        (Output::Ec50 | Output::Selectivity, None, Some(doses)) => {
            let doses = curve_doses(at, ligand, doses)?;
            std::iter::once(0.0).chain(doses).collect()
        }
        (Output::Response, ..) => {
            let message = "\"response\" is read at one dose; set dose = \"100 pM\" and leave out \
                           doses";
            return Err(StudyError::at(format!("{at}.of"), message));
        }
        _ => {
            let message = format!(
                "\"{}\" is read from a dose-response curve; set doses = {{ from = \"0.1 pM\", to = \
                 \"100 nM\", points = 13 }} and leave out dose",
                part.of
            );
            return Err(StudyError::at(format!("{at}.of"), message));
        }
    };
    let wanted = part.readout.as_deref().unwrap_or("signalling_complexes");
    let mut on = vec![];
    for cell in &cells {
        let prepared = prepare(at, study.setup(&entry.model, vec![ligand.clone()], *cell))?;
        readout(at, &prepared, wanted)?;
        if prepared.network().is_none() {
            let message = "is solved directly for its equilibrium and has no equations whose \
                           numbers could vary; use polyvalent or gamma-chain";
            return Err(StudyError::model(format!("{at}.model"), message));
        }
        on.push(OnCell { label: cell_label(*cell), prepared });
    }
    let times = il2_study::study::text::Grid::List(part.times.clone());
    let times = grid(&format!("{at}.times"), &times, Spacing::Even, choose::time)?;
    let level = level(&format!("{at}.level"), part.level.map(|f| f.0))?;
    let local = part.method == "local";
    let varied = vary::all(study, at, entry, &on, &part.parameters, local)?;
    let place = on[0].prepared.readout(wanted).expect("checked above");
    let plan = Plan {
        name: name.to_string(),
        ligand: ligand.label.clone(),
        dimension: on[0].prepared.readouts[place].1,
        cells: on,
        asked,
        doses,
        times,
        readout: wanted.to_string(),
        method: method(study, at, part, varied.len())?,
        varied,
        level,
    };
    let rows = plan.points() * plan.times.len();
    choose::fewer(
        at,
        ("results, one for each set of numbers and time", rows),
        choose::MOST_ROWS,
        "samples or times",
    )?;
    choose::fewer(
        at,
        ("simulations", plan.lanes()),
        choose::MOST_LANES,
        "samples, cells or doses",
    )?;
    Ok(plan)
}

fn asked(at: &str, of: &str) -> Result<Output, StudyError> {
    match of {
        "response" => Ok(Output::Response),
        "ec50" => Ok(Output::Ec50),
        "selectivity" => Ok(Output::Selectivity),
        other => {
            let known = ["ec50", "selectivity", "response"].into_iter();
            Err(unknown(&format!("{at}.of"), "result", other, known, "results"))
        }
    }
}

fn method(
    study: &Study,
    at: &str,
    part: &SensitivityPart,
    numbers: usize,
) -> Result<Method, StudyError> {
    let samples = |usual: u32, from: u32, to: u32| {
        let samples = part.samples.unwrap_or(usual);
        whole::within(&format!("{at}.samples"), samples, from, to)
    };
    match part.method.as_str() {
        "local" => match part.samples {
            None => Ok(Method::Local),
            Some(_) => {
                let message = "is not used by method \"local\", which draws no samples; leave it \
                               out";
                Err(StudyError::at(format!("{at}.samples"), message))
            }
        },
        "morris" => {
            Ok(Method::Morris(morris::Design::new(numbers, samples(20, 4, 10_000)?, study.seed)))
        }
        "sobol" => {
            let rows = samples(256, 16, sobol::MOST_ROWS as u32)?;
            choose::at_most(at, "numbers that vary", numbers, sobol::MOST_NUMBERS)?;
            Ok(Method::Sobol(sobol::Design { rows, numbers, seed: study.seed }))
        }
        other => {
            let known = ["sobol", "morris", "local"].into_iter();
            Err(unknown(&format!("{at}.method"), "method", other, known, "methods"))
        }
    }
}
