//! Diffusion of ligands near cells of a culture, as the study requests it.

use crate::culture::kind::PlannedKind;
use il2::culture::kinds::Diffusion;
use il2_answer::sentence::number;
use il2_engine::Dimension;
use il2_study::study::cultures::{BesidePart, CultureAssayPart};
use il2_study::study::text::QuantityText;
use il2_study::values::{quantity, unknown};
use il2_study::{Library, StudyError};

const LENGTH: Dimension = Dimension { length: 1, ..Dimension::DIMENSIONLESS };
/// Number of micrometres in the program's unit of length.
pub const UM: f64 = 1e5;

/// What a model with gradients around cells still neglects.
pub const GRADIENTS: &str = "The model assumes a steady gradient of ligand around each cell \
     and a uniform medium between cells. A secreting cell that touches another cell would retain \
     more of its ligand, so autocrine shares are lower limits.";

/// Diffusion of ligands between the cells of a culture, if the study requests it.
pub fn plan(
    at: &str,
    asked: &CultureAssayPart,
    kinds: &[PlannedKind],
) -> Result<Option<Diffusion>, StudyError> {
    let beside =
        || asked.kinds.iter().filter_map(|(kind, part)| Some((kind, part.beside.as_ref()?)));
    let Some(part) = &asked.diffusion else {
        return match beside().next() {
            None => Ok(None),
            Some((kind, _)) => {
                let message = "requires diffusion of ligands; add diffusion = {} to the assay";
                Err(StudyError::at(format!("{at}.kinds.{kind}.beside"), message))
            }
        };
    };
    let of_library = &Library::builtin().culture_models[Diffusion::MODEL].parameters;
    let number = |key: &str, text: &Option<QuantityText>, dimension: Dimension| {
        let Some(text) = text else { return Ok(of_library[key].value) };
        let at = format!("{at}.diffusion.{key}");
        match quantity(&at, text, dimension)? {
            0.0 => Err(StudyError::at(at, "is zero; give a number above zero")),
            value => Ok(value),
        }
    };
    let area_per_time = LENGTH * LENGTH * Dimension::RATE;
    let coefficient = number("coefficient", &part.coefficient, area_per_time)?;
    let radius = number("cell_radius", &part.cell_radius, LENGTH)?;
    let mut pairs: Vec<([String; 2], f64)> = vec![];
    for (kind, part) in beside() {
        let at = format!("{at}.kinds.{kind}.beside");
        let distance = pair(&at, [kind, &part.kind], part, asked, kinds)?;
        // Cells cannot be nearer than touching spheres; the tolerance allows for rounding from
        // micrometres to decimetres.
        if distance < 2.0 * radius * (1.0 - 1e-9) {
            let message = format!(
                "is less than two radii; the centres of cells with a radius of {} um are at least {} um apart",
                number_of(radius),
                number_of(2.0 * radius)
            );
            return Err(StudyError::at(format!("{at}.distance"), message));
        }
        if let Some((names, _)) =
            pairs.iter().find(|(names, _)| names.contains(kind) || names.contains(&part.kind))
        {
            let message = format!(
                "{} is already next to {}, and a cell can have only one neighbour; remove one of \
                 the two `beside` keys",
                names[0], names[1]
            );
            return Err(StudyError::at(at, message));
        }
        pairs.push(([kind.clone(), part.kind.clone()], distance));
    }
    Ok(Some(Diffusion { coefficient, radius, pairs }))
}

fn number_of(length: f64) -> String {
    number(length * UM)
}

/// Checks that cells of two kinds can form pairs, and returns their distance (dm).
fn pair(
    at: &str,
    [own, other]: [&String; 2],
    part: &BesidePart,
    asked: &CultureAssayPart,
    kinds: &[PlannedKind],
) -> Result<f64, StudyError> {
    let known = asked.kinds.keys().map(String::as_str);
    let of = |name: &String| kinds.iter().find(|kind| kind.name == *name);
    let (Some(one), Some(two)) = (of(own), of(other)) else {
        return Err(unknown(&format!("{at}.kind"), "kind", other, known, "the culture"));
    };
    let refused = |message: String| Err(StudyError::at(at, message));
    if own == other {
        return refused("is the same kind of cell; name another kind, or leave beside out".into());
    }
    if one.count != two.count {
        return refused(format!(
            "pairs {} {own} with {} {other}; set equal numbers, and add unpaired cells as another kind",
            number(one.count),
            number(two.count)
        ));
    }
    if let Some(grows) = [one, two].into_iter().find(|kind| kind.grows) {
        return refused(format!(
            "requires constant numbers of cells, but {} divide or die; leave out their division, death and \
             behaviour",
            grows.name
        ));
    }
    for kind in [own, other] {
        if asked.kinds[kind].representatives.is_some() {
            return refused(format!(
                "requires identical cells; leave representatives of {kind} out"
            ));
        }
        if asked.map.as_ref().is_some_and(|map| map.kind == *kind) {
            return refused(format!(
                "requires a constant number of cells, but the map varies the number of {kind}; \
                 leave out beside or map"
            ));
        }
    }
    quantity(&format!("{at}.distance"), &part.distance, LENGTH)
}
