//! The same well over a grid of doses and of numbers of cells: which wells, and their results.

use crate::culture::kind::{PlannedKind, count};
use il2::culture::kinds::{Culture, PreparedCulture};
use il2::ligand::Ligand;
use il2_study::StudyError;
use il2_study::choose::{self, fewer};
use il2_study::study::Study;
use il2_study::study::cultures::MapPart;
use il2_study::study::text::QuantityText;
use il2_study::values::{self, Spacing, unknown};

/// Largest number of wells of a map.
const MOST_WELLS: usize = 20_000;

/// The same well over a grid of doses and of numbers of cells of one kind.
#[derive(Clone, Debug)]
pub struct Map {
    /// The ligand whose concentration at the start changes.
    pub ligand: String,
    /// Concentrations of the ligand (pM).
    pub doses: Vec<f64>,
    /// The kinds whose numbers change, each with its share of the changing number.
    pub shares: Vec<(String, f64)>,
    /// Numbers of cells of these kinds together in the well, increasing; the first may be zero.
    pub cells: Vec<f64>,
    /// The well without the kind, if the first number is zero: a kind without cells is not part of
    /// a network.
    pub without: Option<Box<PreparedCulture>>,
}

/// Name by which a map changes the numbers of all kinds together, in the ratio of the well.
const ALL_KINDS: &str = "all";

/// Fewest doses above zero from which an EC50 is read.
const FEWEST_OF_A_CURVE: usize = 4;

impl Map {
    /// Whether there are enough doses for EC50s.
    pub fn has_curves(&self) -> bool {
        self.doses.iter().filter(|dose| **dose > 0.0).count() >= FEWEST_OF_A_CURVE
    }

    /// Whether the number of these cells changes.
    pub fn varies(&self, kind: &str) -> bool {
        self.shares.iter().any(|(name, _)| name == kind)
    }

    /// The cells whose number changes.
    pub fn of_cells(&self) -> String {
        match self.shares.as_slice() {
            [(kind, _)] => kind.clone(),
            _ => "cells of all kinds".into(),
        }
    }

    /// Title of the axis of numbers of cells.
    pub fn in_the_well(&self) -> String {
        format!("{} in the well", self.of_cells())
    }

    /// The doses that are run; a curve also needs the well without ligand.
    pub fn run(&self) -> Vec<f64> {
        let none = (self.has_curves() && self.doses[0] > 0.0).then_some(0.0);
        none.into_iter().chain(self.doses.iter().copied()).collect()
    }
}

/// Plans the wells of a map.
pub fn plan(
    study: &Study,
    at: &str,
    part: &MapPart,
    (kinds, ligands): (&[PlannedKind], &[Ligand]),
    (volume, culture): (f64, &Culture),
) -> Result<Map, StudyError> {
    let ligand = match (&part.ligand, ligands) {
        (Some(name), _) => study.ligand(&format!("{at}.ligand"), name)?,
        (None, [one]) => &study.ligands[&one.label],
        (None, _) => {
            let message =
                "is missing, and the well has several ligands; name the ligand whose dose varies";
            return Err(StudyError::at(format!("{at}.ligand"), message));
        }
    };
    if !ligands.iter().any(|l| l.label == ligand.label) {
        let message =
            "is not in this well; add it to mixture (the doses of the map replace its dose there)";
        return Err(StudyError::at(format!("{at}.ligand"), message));
    }
    let doses = choose::doses(at, ligand, &part.doses)?;
    let names = kinds.iter().map(|kind| kind.name.as_str()).chain([ALL_KINDS]);
    let mut varied: Vec<&PlannedKind> = kinds.iter().filter(|k| k.name == part.kind).collect();
    if varied.is_empty() && part.kind == ALL_KINDS {
        varied = kinds.iter().collect();
    }
    if varied.is_empty() {
        return Err(unknown(&format!("{at}.kind"), "kind", &part.kind, names, "the culture"));
    }
    let total: f64 = varied.iter().map(|kind| kind.count).sum();
    let number = |at: &str, text: &QuantityText| count(at, text, volume);
    let cells = values::grid(&format!("{at}.cells"), &part.cells, Spacing::Logarithmic, number)?;
    if total == 0.0 {
        let message = format!(
            "is \"{}\", of which the well has no cells; set their number in the well, which the map \
             replaces",
            part.kind
        );
        return Err(StudyError::at(format!("{at}.kind"), message));
    }
    let of_map = |name: &str| varied.iter().any(|kind| kind.name == name);
    let mut without = culture.clone();
    without.kinds.retain(|kind| !of_map(&kind.name) && kind.cell_density > 0.0);
    if cells[0] == 0.0 && without.kinds.is_empty() {
        let message =
            "begins at zero, but a well without these cells has no cells; give numbers above zero";
        return Err(StudyError::at(format!("{at}.cells"), message));
    }
    let without = (cells[0] == 0.0).then(|| without.prepare().map(Box::new)).transpose();
    let without = without.map_err(|error| StudyError::model(at, error.to_string()))?;
    fewer(at, ("wells", doses.len() * cells.len()), MOST_WELLS, "doses or numbers of cells")?;
    let shares = varied.iter().map(|kind| (kind.name.clone(), kind.count / total));
    Ok(Map { ligand: ligand.label.clone(), doses, shares: shares.collect(), cells, without })
}
