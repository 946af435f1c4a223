//! Settings of a study for single cells.

use il2::cell::Cell;
use il2::quantity::{Quantity, base_unit, example};
use il2_engine::Dimension;
use il2_engine::words::shown;
use il2_study::StudyError;
use il2_study::study::file::SingleCellsPart;
use il2_study::whole;

/// Default number of cells of a population.
const USUAL: u32 = 200;

/// Settings for single cells.
#[derive(Clone, Debug, PartialEq)]
pub struct SingleCells {
    /// Number of cells of each population.
    pub count: usize,
    /// Response above which a cell is positive.
    pub gate: Gate,
}

/// Response above which a cell is positive.
#[derive(Clone, Debug, PartialEq)]
pub enum Gate {
    /// A response in base units.
    Response(f64),
    /// A fraction of the largest mean response of the population at that time, over all ligands and
    /// doses.
    Part(f64),
}

/// Reads the settings; `cells` are those of the assay, and `readout` is the dimension of the
/// response.
pub fn single_cells(
    at: &str,
    part: &SingleCellsPart,
    cells: &[Option<&Cell>],
    readout: Dimension,
) -> Result<SingleCells, StudyError> {
    let at = format!("{at}.single_cells");
    if !cells.iter().flatten().any(|cell| !cell.spread.is_empty()) {
        let label = cells.iter().flatten().next().map_or("treg", |cell| cell.label.as_str());
        let message = format!(
            "requires variation among cells, but no cell of this assay has a spread; add for \
             example spread = {{ il2r_beta = \"0.5\" }} under [cells.{label}]"
        );
        return Err(StudyError::at(at, message));
    }
    let count = whole::checked(&format!("{at}.cells"), part.cells.unwrap_or(USUAL))?;
    let gate = gate(&format!("{at}.positive_above"), &part.positive_above.0, readout)?;
    Ok(SingleCells { count, gate })
}

fn gate(at: &str, text: &str, readout: Dimension) -> Result<Gate, StudyError> {
    let read = |needed| Quantity::parse_as(text, needed).ok().filter(|v: &f64| *v > 0.0);
    let part = text.trim().ends_with('%');
    let found = match part {
        true => read(Dimension::DIMENSIONLESS).filter(|part| *part < 1.0).map(Gate::Part),
        false => read(readout).map(Gate::Response),
    };
    found.ok_or_else(|| {
        let value = match readout {
            Dimension::PER_CELL => "100 /cell".to_string(),
            other => example(other).into_owned(),
        };
        let unit = base_unit(readout);
        let unit = if unit.is_empty() { "a plain number".to_string() } else { unit };
        let message = format!(
            "\"{}\" is not a valid threshold for a readout measured in {unit}; give for example \"{value}\", \
             or \"20 %\" (of the largest mean response)",
            shown(text)
        );
        StudyError::at(at, message)
    })
}
