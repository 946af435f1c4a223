//! A kind of cells of a culture, as the study writes it.

use il2::cell::Cell;
use il2::culture::kinds::behaviour::{Suppression, SuppressiveCytokine, dimension_of};
use il2::culture::{Prepared, single_cells};
use il2::ligand::Ligand;
use il2::parameter::{Parameter, Parameters};
use il2::quantity::Quantity;
use il2_engine::Dimension;
use il2_study::choose;
use il2_study::study::Study;
use il2_study::study::cultures::{CultureAssayPart, KindPart, SuppressionPart};
use il2_study::study::text::QuantityText;
use il2_study::values::{quantity, unknown};
use il2_study::whole;
use il2_study::{Library, StudyError};
use std::sync::Arc;

/// Dimension of a number of cells.
pub const CELLS: Dimension = Dimension { cell: 1, ..Dimension::DIMENSIONLESS };

/// A kind of cells as the study writes it.
pub struct Read<'a> {
    /// Name of the kind in the assay.
    pub name: String,
    /// Cell of the study or library.
    pub cell: &'a Cell,
    /// Number of cells in the well.
    pub count: f64,
    /// Name of its behaviour in the library, if any.
    pub behaviour: Option<String>,
    /// Numbers of the kind's behaviour.
    pub numbers: Parameters,
    /// The ligand that the kind secretes, and whether in proportion to antigen.
    pub secretes: Option<(Ligand, bool)>,
    /// Deviations of the representative cells from the population.
    pub spread: Vec<Vec<f64>>,
}

/// A kind of cells.
#[derive(Clone, Debug)]
pub struct PlannedKind {
    /// Name of the kind in the assay.
    pub name: String,
    /// Label of its cell.
    pub cell: String,
    /// Number of cells in the well at the start.
    pub count: f64,
    /// Name of its behaviour in the library, if any.
    pub behaviour: Option<String>,
    /// Numbers of the kind's behaviour, from the library and the study.
    pub numbers: Parameters,
    /// Whether the cells divide.
    pub divides: bool,
    /// Whether the number of its cells changes.
    pub grows: bool,
    /// The ligand that the kind secretes, if any.
    pub secretes: Option<String>,
    /// One cell of the kind in a medium that is not depleted, for its EC50.
    pub prepared: Arc<Prepared>,
    /// The readout that is the signal of the kind.
    pub signal: String,
}

/// Number of cells in a well of this volume (L): a number such as "200000 cells", or a density
/// such as "1e6 /mL" times the volume.
pub fn count(at: &str, text: &QuantityText, volume: f64) -> Result<f64, StudyError> {
    let density = [Dimension::CELL_DENSITY, Dimension { length: -3, ..Dimension::DIMENSIONLESS }]
        .into_iter()
        .find_map(|density| Quantity::parse_as(&text.0, density).ok());
    match density {
        Some(density) => {
            // Rounding errors would make 1e6 /mL in 0.2 mL differ from 200000 cells.
            let cells = density * volume;
            let whole = cells.round();
            Ok(if (cells - whole).abs() <= 1e-12 * whole { whole } else { cells })
        }
        None => quantity(at, text, CELLS),
    }
}

/// Reads a kind.
pub fn read_kind<'a>(
    study: &'a Study,
    at: &str,
    name: &str,
    part: &KindPart,
    volume: f64,
) -> Result<Read<'a>, StudyError> {
    il2_study::study::label(at, name)?;
    let cell = match &part.cell {
        Some(cell) => study.cell(&format!("{at}.cell"), cell)?,
        None => study.cell(at, name)?,
    };
    let count = count(&format!("{at}.cells"), &part.cells, volume)?;
    let library = &Library::builtin().behaviours;
    let known = library.keys().map(String::as_str);
    let entry = part.behaviour.as_ref().map(|named| {
        let at = format!("{at}.behaviour");
        library.get(named).ok_or_else(|| unknown(&at, "behaviour", named, known, "the library"))
    });
    let entry = entry.transpose()?;
    let mut numbers = entry.map_or_else(Parameters::new, |entry| entry.numbers.clone());
    for (number, text) in part.numbers() {
        let (name, number) = read_number(at, number, &text)?;
        numbers.insert(name, number);
    }
    let secretes = secreted(study, at, part, entry.and_then(|e| e.secretes.as_deref()))?;
    let by_antigen = part.secretion.as_ref().and_then(|s| s.by_antigen);
    let by_antigen = by_antigen.or(entry.map(|e| e.by_antigen)).unwrap_or(false);
    let more_by_antigen = numbers.keys().any(|name| name.ends_with(".by_antigen"));
    let responds = (by_antigen && secretes.is_some()) || more_by_antigen;
    if !responds && part.antigen.is_some() {
        let message = "has no effect, because nothing that these cells do depends on antigen; leave it out, \
                       name a behaviour that responds to antigen such as \"cd4-activated\", or set \
                       secretion.by_antigen = true or up_regulation.il2r_alpha.by_antigen";
        return Err(StudyError::at(format!("{at}.antigen"), message));
    }
    if responds && !numbers.contains_key("antigen.level") {
        let message = "the cells respond to antigen, but no antigen is given; add antigen = { level = 1 }, \
                       or level = 0 for cells without antigen";
        return Err(StudyError::at(at, message));
    }
    Ok(Read {
        name: name.to_string(),
        cell,
        count,
        behaviour: part.behaviour.clone(),
        numbers,
        secretes: secretes.map(|ligand| (ligand, by_antigen)),
        spread: spread(at, cell, part.representatives)?,
    })
}

/// The kinds that suppress the cells of a kind.
pub fn suppressed(
    at: &str,
    own: &str,
    part: &SuppressionPart,
    asked: &CultureAssayPart,
) -> Result<Suppression, StudyError> {
    let at = format!("{at}.suppressed_by");
    choose::each_once(&format!("{at}.kinds"), &part.kinds)?;
    for (i, kind) in part.kinds.iter().enumerate() {
        let at = format!("{at}.kinds[{i}]");
        if !asked.kinds.contains_key(kind) {
            let known = asked.kinds.keys().map(String::as_str);
            return Err(unknown(&at, "kind", kind, known, "the culture"));
        }
        if kind == own {
            let message = "is the same kind of cell; name another kind, or leave suppressed_by out";
            return Err(StudyError::at(at, message));
        }
    }
    if part.contact.is_none() && part.cytokine.is_none() {
        let message = "needs a mechanism; add contact = \"2\", or \
                       cytokine = { half_at = \"1e6 /mL\", half_life = \"12 h\" }";
        return Err(StudyError::at(at, message));
    }
    let contact = part.contact.as_ref();
    let plain = Dimension::DIMENSIONLESS;
    let contact =
        contact.map(|text| quantity(&format!("{at}.contact"), text, plain)).transpose()?;
    let cytokine = part.cytokine.as_ref().map(|cytokine| {
        let above_zero = |key: &str, text: &QuantityText, dimension: Dimension| {
            let at = format!("{at}.cytokine.{key}");
            match quantity(&at, text, dimension)? {
                0.0 => Err(StudyError::at(at, "is zero; give a number above zero")),
                value => Ok(value),
            }
        };
        Ok(SuppressiveCytokine {
            half_at: above_zero("half_at", &cytokine.half_at, Dimension::CELL_DENSITY)?,
            half_life: above_zero("half_life", &cytokine.half_life, Dimension::TIME)?,
        })
    });
    Ok(Suppression {
        by: part.kinds.clone(),
        contact: contact.unwrap_or(0.0),
        cytokine: cytokine.transpose()?,
    })
}

/// The density of all cells at which none divides any more, if the study sets one.
pub fn carrying_density(
    at: &str,
    asked: &CultureAssayPart,
    kinds: &[PlannedKind],
) -> Result<Option<f64>, StudyError> {
    let Some(text) = &asked.carrying_density else { return Ok(None) };
    let at = format!("{at}.carrying_density");
    if !kinds.iter().any(|kind| kind.divides) {
        let message = "has no effect, because no kind of cells divides; leave it out, or give a \
                       kind a behaviour that divides such as \"cd4-activated\"";
        return Err(StudyError::at(at, message));
    }
    match quantity(&at, text, Dimension::CELL_DENSITY)? {
        0.0 => Err(StudyError::at(at, "is zero; give a density above zero, or leave it out")),
        density => Ok(Some(density)),
    }
}

/// Deviations of the representative cells of a kind from the population.
fn spread(
    at: &str,
    cell: &Cell,
    representatives: Option<u32>,
) -> Result<Vec<Vec<f64>>, StudyError> {
    let Some(count) = representatives else { return Ok(vec![]) };
    let at = format!("{at}.representatives");
    let count = whole::checked(&at, count)?;
    if cell.spread.is_empty() {
        let message = format!(
            "requires variation among cells, but {0} has no spread; add for example spread = {{ \
             il2r_alpha = \"0.5\" }} under [cells.{0}]",
            cell.label
        );
        return Err(StudyError::at(at, message));
    }
    Ok(single_cells::representatives(cell, count))
}

/// The ligand that a kind secretes.
fn secreted(
    study: &Study,
    at: &str,
    part: &KindPart,
    usual: Option<&str>,
) -> Result<Option<Ligand>, StudyError> {
    let named = part.secretion.as_ref().and_then(|s| s.ligand.as_deref());
    let label = match (named, usual, &part.secretion) {
        (Some(named), _, _) => {
            return Ok(Some(study.ligand(&format!("{at}.secretion.ligand"), named)?.clone()));
        }
        (None, Some(usual), _) => usual,
        (None, None, None) => return Ok(None),
        (None, None, Some(_)) => "",
    };
    let same = study.ligands.values().find(|l| l.label == label || l.id == label);
    match (same, study.ligands.len()) {
        (Some(ligand), _) => Ok(Some(ligand.clone())),
        (None, 1) if label.is_empty() => Ok(study.ligands.values().next().cloned()),
        (None, _) if label.is_empty() => Err(StudyError::at(
            format!("{at}.secretion.ligand"),
            "is missing, and the study has several ligands; name the ligand that these cells secrete",
        )),
        (None, _) => Err(StudyError::at(
            at,
            format!(
                "the cells secrete {label}, which is not a ligand of the study; add \
                 [ligands.{label}] with from = \"{label}\""
            ),
        )),
    }
}

fn read_number(
    at: &str,
    name: String,
    text: &QuantityText,
) -> Result<(String, Parameter), StudyError> {
    let at = format!("{at}.{name}");
    let chain = name.strip_prefix("up_regulation.").and_then(|rest| rest.split_once('.'));
    let known = il2::ligand::chains();
    if let Some((chain, _)) = chain.filter(|(chain, _)| !known.contains(chain)) {
        return Err(unknown(&at, "chain", chain, known.iter().copied(), "a cell"));
    }
    let dimension = dimension_of(&name).expect("keys of a study are numbers of a behaviour");
    let value = quantity(&at, text, dimension)?;
    let refuse = |what: &str| Err(StudyError::at(&at, format!("\"{}\" {what}", text.0)));
    match name.rsplit('.').next().unwrap_or_default() {
        "level" if value > 1.0 => refuse("is not allowed; give a number from 0 to 1"),
        "steepness" if value < 1.0 => refuse("is not allowed; give 1 or more"),
        "half_at" | "inhibiting_signal" | "protecting_signal" if value == 0.0 => {
            refuse("is zero, and the model divides by it; give a number above zero")
        }
        _ => Ok((name, Parameter::from_study(value, dimension, text.0.clone()))),
    }
}

/// The error for a missing number that a behaviour needs.
pub fn missing_number(at: &str, name: &str) -> StudyError {
    let dimension = dimension_of(name).unwrap_or(Dimension::DIMENSIONLESS);
    let example = match name.rsplit('.').next().unwrap_or_default() {
        "half_at" => "60 /cell".to_string(),
        "rate" if name.starts_with("secretion") => "7.5 /cell/s".to_string(),
        _ => il2::quantity::example(dimension).to_string(),
    };
    let message =
        format!("is missing; give a value such as \"{example}\", or name a behaviour that sets it");
    StudyError::at(format!("{at}.{name}"), message)
}
