//! What an assay takes from its study: ligands, cells, doses, times, a readout, and the limits on
//! what it may request.

use crate::error::{ErrorKind, StudyError};
use crate::library::ModelEntry;
use crate::study::Study;
use crate::study::panel::Of;
use crate::study::text::{Grid, QuantityText};
use crate::values::{self, Spacing};
use crate::whole;
use il2::cell::Cell;
use il2::culture::{Prepared, Setup};
use il2::ligand::Ligand;
use il2::receptor::ModelError;
use il2_engine::Dimension;
use il2_engine::words::counted;
use indexmap::IndexMap;

/// Largest number of rows of a table of an assay; more is almost certainly a mistake.
pub const MOST_ROWS: usize = 2_000_000;
/// Largest number of simulations of an assay.
pub const MOST_LANES: usize = 2_000_000;
/// Largest number of curves of a sweep, or most conditions of a time course.
pub const MOST_SWEPT: usize = 20_000;
/// Largest number of pairs of ligand and cell in an assay: each has a network of its own, about 100 kB.
pub const MOST_PAIRS: usize = 1_000;
/// Largest number of ligands of a mixture or a background: the network grows with their number, and the solver
/// with its square.
pub const MOST_MIXED: usize = 20;
/// Largest number of regimens of an assay, each of which has its own patients.
pub const MOST_ARMS: usize = 100;

/// Refuses a list of names that is empty or contains a name twice: nothing would be run or drawn,
/// or the same column and file would be written twice.
pub fn each_once(at: &str, names: &[String]) -> Result<(), StudyError> {
    if names.is_empty() {
        return Err(StudyError::at(
            at,
            "is an empty list; name at least one item, or leave the list out",
        ));
    }
    let mut seen = std::collections::HashSet::new();
    match names.iter().position(|name| !seen.insert(name)) {
        Some(i) => {
            let name = il2_engine::words::shown(&names[i]);
            let message = format!("\"{name}\" is already in the list; name each item once");
            Err(StudyError::at(format!("{at}[{i}]"), message))
        }
        None => Ok(()),
    }
}

/// Names and the key of each in the study; the name of a table is replaced by the names of its
/// rows.
fn of_panels<'a>(
    study: &'a Study,
    of: Of,
    at: &str,
    names: &'a [String],
) -> Result<Vec<(String, &'a str)>, StudyError> {
    let mut all: Vec<(String, &str)> = vec![];
    for (i, name) in names.iter().enumerate() {
        let at = format!("{at}[{i}]");
        let rows = match study.panels.get(name).filter(|panel| panel.of == of) {
            Some(panel) => panel.rows.keys().map(String::as_str).collect(),
            None => vec![name.as_str()],
        };
        for row in rows {
            if let Some((_, name)) = all.iter().find(|(_, name)| *name == row) {
                let message = format!(
                    "\"{name}\" is already in the list, by itself or as a row of a table; name \
                     each item once"
                );
                return Err(StudyError::at(at, message));
            }
            all.push((at.clone(), row));
        }
    }
    Ok(all)
}

/// Ligands that an assay names, or all ligands of the study.
pub fn ligands<'a>(
    study: &'a Study,
    at: &str,
    names: Option<&Vec<String>>,
) -> Result<Vec<&'a Ligand>, StudyError> {
    let at = format!("{at}.ligands");
    let all = match names {
        None => study.ligands.values().collect(),
        Some(names) => {
            each_once(&at, names)?;
            let names = of_panels(study, Of::Ligands, &at, names)?;
            let found = names.iter().map(|(at, n)| study.ligand(at, n));
            found.collect::<Result<Vec<_>, _>>()?
        }
    };
    if all.is_empty() {
        return Err(StudyError::at(
            at,
            "there is no ligand; add [ligands.native] with from = \"il2\"",
        ));
    }
    Ok(all)
}

/// Cells that an assay names, or all cells of the study; a single `None` for models that define
/// their own cell.
pub fn cells<'a>(
    study: &'a Study,
    at: &str,
    model: &ModelEntry,
    names: Option<&Vec<String>>,
) -> Result<Vec<Option<&'a Cell>>, StudyError> {
    let at = format!("{at}.cells");
    if model.model.kind.brings_its_cell() {
        if names.is_some() {
            let name = &model.model.name;
            return Err(StudyError::at(
                at,
                format!("model {name} defines its own cell; leave cells out"),
            ));
        }
        return Ok(vec![None]);
    }
    let all: Vec<_> = match names {
        None => study.cells.values().map(Some).collect(),
        Some(names) => {
            each_once(&at, names)?;
            let names = of_panels(study, Of::Cells, &at, names)?;
            let found = names.iter().map(|(at, n)| study.cell(at, n).map(Some));
            found.collect::<Result<_, _>>()?
        }
    };
    if all.is_empty() {
        return Err(StudyError::at(at, "there is no cell; add [cells.treg] with from = \"treg\""));
    }
    Ok(all)
}

/// Other ligands in every well, and their concentrations (pM).
pub fn mixture(
    study: &Study,
    at: &str,
    given: &IndexMap<String, QuantityText>,
) -> Result<Vec<(Ligand, f64)>, StudyError> {
    at_most(at, "ligands in one well", given.len(), MOST_MIXED)?;
    given
        .iter()
        .map(|(name, text)| {
            let at = format!("{at}.{name}");
            let ligand = study.ligand(&at, name)?;
            Ok((ligand.clone(), values::dose(&at, ligand, text)?))
        })
        .collect()
}

/// Doses of a ligand (pM), in increasing order.
pub fn doses(at: &str, ligand: &Ligand, asked: &Grid) -> Result<Vec<f64>, StudyError> {
    let at = format!("{at}.doses");
    values::grid(&at, asked, Spacing::Logarithmic, |at, text| values::dose(at, ligand, text))
}

/// Fewest doses of a curve.
const LEAST_OF_CURVE: u32 = 3;

/// Doses of a curve: above zero, and at least three.
pub fn curve_doses(at: &str, ligand: &Ligand, asked: &Grid) -> Result<Vec<f64>, StudyError> {
    if let Grid::Range(range) = asked {
        let at = format!("{at}.doses.points");
        whole::within(&at, range.points, LEAST_OF_CURVE, whole::MOST_POINTS)?;
    }
    let doses = doses(at, ligand, asked)?;
    let at = format!("{at}.doses");
    if doses[0] == 0.0 {
        return Err(StudyError::at(
            at,
            "begins at zero, which has no logarithm; leave zero out: the baseline without ligand \
             is always simulated",
        ));
    }
    if doses.len() < LEAST_OF_CURVE as usize {
        let doses = counted(doses.len(), "dose");
        return Err(StudyError::at(
            at,
            format!("has {doses}; a curve needs at least {LEAST_OF_CURVE}"),
        ));
    }
    Ok(doses)
}

/// A time (min).
pub fn time(at: &str, text: &QuantityText) -> Result<f64, StudyError> {
    values::quantity(at, text, Dimension::TIME)
}

/// Refuses a list that is too long.
pub fn at_most(at: &str, what: &str, count: usize, most: usize) -> Result<(), StudyError> {
    let message = || format!("has {count} {what}; at most {most} are allowed, so leave some out");
    if count <= most { Ok(()) } else { Err(StudyError::at(at, message())) }
}

/// Refuses an assay that would exhaust memory, which is almost certainly a mistake; `factors` are
/// those whose product is too large.
pub fn fewer(
    at: &str,
    (what, count): (&str, usize),
    most: usize,
    factors: &str,
) -> Result<(), StudyError> {
    let message = || {
        format!(
            "has {count} {what}; at most {most} are allowed in one assay, so use fewer {factors}"
        )
    };
    if count <= most { Ok(()) } else { Err(StudyError::at(at, message())) }
}

/// Builds a setup; a problem is reported at the assay or at the parameter that causes it.
pub fn prepare(at: &str, setup: Setup) -> Result<Prepared, StudyError> {
    let model = setup.model.name.clone();
    setup.prepare().map_err(|e| model_error(at, &model, e))
}

/// The error for a problem of a model, reported at the assay or at the parameter that causes it.
fn model_error(at: &str, model: &str, error: ModelError) -> StudyError {
    match error {
        ModelError::Parameter(name, what) => {
            StudyError::at(format!("models.{}.parameters.{name}", model), what)
        }
        // The study rules out something that the model needs, so the error is reported at that
        // place in the study.
        ModelError::Missing(missing) if missing.ruled_out => {
            let owner = missing.owner.replacen("ligand ", "ligands.", 1);
            let write = match missing.name.starts_with("affinity.") {
                true => "give a constant for very weak binding, such as \"100 uM\"",
                false => "give its value, or leave it out",
            };
            let message =
                format!("is \"none\" in the study, but model {model} of {at} needs it; {write}");
            StudyError::model(format!("{owner}.{}", missing.name), message)
        }
        ModelError::Missing(_) | ModelError::Combination(_) => {
            StudyError::model(at, error.to_string())
        }
        ModelError::Network(_) => {
            StudyError { kind: ErrorKind::Internal, ..StudyError::at(at, error.to_string()) }
        }
    }
}

/// Checks that an assay has this readout.
pub fn readout(at: &str, prepared: &Prepared, name: &str) -> Result<usize, StudyError> {
    prepared.readout(name).ok_or_else(|| {
        let known = prepared.readouts.iter().map(|(n, _)| n.as_str());
        values::unknown(&format!("{at}.readout"), "readout", name, known, "this model")
    })
}
