//! Objectives for a molecule: results with a goal or with limits.

use il2::ligand::Ligand;
use il2::quantity::{base_unit, readable_concentration, three_digits};
use il2_answer::labels::{time_text, written};
use il2_engine::words::counted;
use il2_engine::{Dimension, math};
use il2_study::StudyError;
use il2_study::choose;
use il2_study::study::design::ObjectivePart;
use il2_study::study::text::QuantityText;
use il2_study::values::{self, quantity, unknown};

/// The direction of improvement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// Larger values are better.
    Maximise,
    /// Smaller values are better.
    Minimise,
}

/// The result that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// The half-maximal dose on a cell.
    Ec50,
    /// The half-maximal dose on the second cell divided by that on the first.
    Selectivity,
    /// The readout at a dose.
    Response,
    /// The readout on the first cell divided by that on the second.
    ResponseRatio,
    /// The mean of the readout from time zero to a given time.
    MeanResponse,
}

/// A property that is wanted of a molecule.
#[derive(Clone, Debug)]
pub struct Objective {
    /// Name in the study.
    pub name: String,
    /// The direction of improvement; none if the result only has to be within limits.
    pub goal: Option<Goal>,
    /// The result that is read.
    pub of: Of,
    /// Indices of its cells among those of the assay.
    pub cells: Vec<usize>,
    /// Index of its time among those of the assay.
    pub time: usize,
    /// Index of its readout among those of the assay.
    pub readout: usize,
    /// Index of its dose among the single doses of the assay, if it is read at one.
    pub dose: Option<usize>,
    /// Index in the plan of the molecule relative to which results are expressed.
    pub relative_to: Option<usize>,
    /// The fraction of the donors that must reach the value; none for the typical donor alone.
    pub reached_by: Option<f64>,
    /// Lower limit in base units; NaN if there is none.
    pub at_least: f64,
    /// Upper limit in base units; NaN if there is none.
    pub at_most: f64,
    /// Dimension of the result.
    pub dimension: Dimension,
}

/// An objective as written in the study, before its parts are converted to indices in the lists of
/// the assay.
pub(super) struct Named {
    pub time: QuantityText,
    pub dose: Option<QuantityText>,
    pub readout: String,
}

impl Of {
    pub(super) fn curve(self) -> bool {
        matches!(self, Of::Ec50 | Of::Selectivity)
    }

    fn cells(self) -> usize {
        if matches!(self, Of::Selectivity | Of::ResponseRatio) { 2 } else { 1 }
    }

    fn read(at: &str, word: &str) -> Result<Self, StudyError> {
        match word {
            "ec50" => Ok(Of::Ec50),
            "selectivity" => Ok(Of::Selectivity),
            "response" => Ok(Of::Response),
            "response-ratio" => Ok(Of::ResponseRatio),
            "mean-response" => Ok(Of::MeanResponse),
            other => {
                let known = ["ec50", "selectivity", "response", "response-ratio", "mean-response"];
                Err(unknown(&format!("{at}.of"), "result", other, known.into_iter(), "results"))
            }
        }
    }
}

/// Reads an objective without its indices in the lists of the assay; adds its cells to `cells`, the
/// cells of the assay so far.
pub(super) fn read(
    at: &str,
    name: &str,
    part: &ObjectivePart,
    cells: &mut Vec<String>,
) -> Result<Objective, StudyError> {
    let of = Of::read(at, &part.of)?;
    choose::each_once(&format!("{at}.cells"), &part.cells)?;
    if part.cells.len() != of.cells() {
        let (count, word) = (part.cells.len(), &part.of);
        let remedy = match of.cells() {
            1 => "name one cell, for example cells = [\"treg\"]",
            _ => "name two cells, for example cells = [\"treg\", \"nk\"]",
        };
        let given = counted(count, "cell");
        let message = format!("\"{word}\" cannot be evaluated on {given}; {remedy}");
        return Err(StudyError::at(format!("{at}.cells"), message));
    }
    let mut place = |cell: &String| match cells.iter().position(|known| known == cell) {
        Some(place) => place,
        None => {
            cells.push(cell.clone());
            cells.len() - 1
        }
    };
    let own = part.cells.iter().map(&mut place).collect();
    let goal = match part.goal.as_deref() {
        None if part.at_least.is_none() && part.at_most.is_none() => {
            let message = "has neither a goal nor a limit; set goal = \"maximise\", goal = \
                           \"minimise\", at_least or at_most";
            return Err(StudyError::at(at, message));
        }
        None => None,
        Some("maximise") => Some(Goal::Maximise),
        Some("minimise") => Some(Goal::Minimise),
        Some(other) => {
            let known = ["maximise", "minimise"].into_iter();
            return Err(unknown(&format!("{at}.goal"), "goal", other, known, "goals"));
        }
    };
    let reached_by = part.reached_by.map(|f| f.0);
    if let Some(part) = reached_by.filter(|part| !(*part > 0.0 && *part <= 1.0)) {
        let message = format!(
            "{part} is not a fraction of donors; use, for example, 0.9, or 1 for all donors"
        );
        return Err(StudyError::at(format!("{at}.reached_by"), message));
    }
    if of.curve() && part.dose.is_some() {
        let message = format!(
            "is not used by \"{}\", which is read from a dose-response curve; leave it out",
            part.of
        );
        return Err(StudyError::at(format!("{at}.dose"), message));
    }
    Ok(Objective {
        name: name.to_string(),
        goal,
        of,
        cells: own,
        time: 0,
        readout: 0,
        dose: None,
        relative_to: None,
        reached_by,
        at_least: f64::NAN,
        at_most: f64::NAN,
        dimension: Dimension::DIMENSIONLESS,
    })
}

impl Objective {
    /// Whether the result, a dose or a ratio, is compared on a logarithmic scale.
    pub fn logarithm(&self) -> bool {
        self.relative_to.is_some() || !matches!(self.of, Of::Response | Of::MeanResponse)
    }

    /// Dimension of the objective, given that of the readout.
    pub(super) fn dimension_of(&self, readout: Dimension) -> Dimension {
        match self.of {
            _ if self.relative_to.is_some() => Dimension::DIMENSIONLESS,
            Of::Ec50 => Dimension::CONCENTRATION,
            Of::Selectivity | Of::ResponseRatio => Dimension::DIMENSIONLESS,
            Of::Response | Of::MeanResponse => readout,
        }
    }

    /// A value of the objective as the study writes it, converted to base units.
    pub(super) fn value(
        &self,
        at: &str,
        ligand: &Ligand,
        text: &QuantityText,
    ) -> Result<f64, StudyError> {
        match self.of {
            Of::Ec50 if self.relative_to.is_none() => values::dose(at, ligand, text),
            _ => quantity(at, text, self.dimension),
        }
    }

    /// The cost that the search minimises.
    pub fn cost(&self, value: f64) -> f64 {
        let value = if self.logarithm() { math::ln(value) } else { value };
        if self.goal == Some(Goal::Maximise) { -value } else { value }
    }

    /// Whether the result has to stay within limits.
    pub fn has_limits(&self) -> bool {
        !(self.at_least.is_nan() && self.at_most.is_nan())
    }

    /// How far a value is beyond its limits: on the logarithmic scale, or as a fraction of the
    /// limit.
    pub fn violation(&self, value: f64) -> f64 {
        let beyond = |above: f64, below: f64, limit: f64| match self.logarithm() {
            true => math::ln(above / below),
            false => (above - below) / limit.abs().max(f64::MIN_POSITIVE),
        };
        let (least, most) = (self.at_least, self.at_most);
        let short = if value < least { beyond(least, value, least) } else { 0.0 };
        let over = if value > most { beyond(value, most, most) } else { 0.0 };
        short.max(over)
    }

    /// Whether donors reach a value by being at or below it.
    fn less_is_reached(&self) -> bool {
        match self.goal {
            Some(Goal::Minimise) => true,
            Some(Goal::Maximise) => false,
            None => self.at_least.is_nan(),
        }
    }

    /// Words before a value that a fraction of the donors reach; empty without donors and for the
    /// worst donor.
    pub(super) fn bound_over_donors(&self) -> &'static str {
        match self.reached_by {
            Some(part) if part < 1.0 && self.less_is_reached() => "at most ",
            Some(part) if part < 1.0 => "at least ",
            _ => "",
        }
    }

    /// The value that the requested fraction of the donors reach, in the direction of the goal or
    /// limit.
    pub(super) fn reached<E: Clone>(&self, of: &[Result<f64, E>], part: f64) -> Result<f64, E> {
        let less = self.less_is_reached();
        let mut order: Vec<usize> = (0..of.len()).collect();
        // A donor without a result counts as the worst.
        let value = |i: usize| match &of[i] {
            Ok(value) if less => *value,
            Ok(value) => -value,
            Err(_) => f64::INFINITY,
        };
        order.sort_by(|a, b| value(*a).total_cmp(&value(*b)).then(a.cmp(b)));
        // Nine of 10 donors must count as 0.9, despite rounding of the product.
        let count = (part * of.len() as f64 - 1e-9).ceil().max(1.0) as usize;
        of[order[count - 1]].clone()
    }

    /// The objective in words: `EC50 of signalling complexes on treg at 1 h`.
    pub fn subject(&self, cells: &[String], readout: &str, time: f64) -> String {
        let on: Vec<String> = self.cells.iter().map(|cell| written(&cells[*cell])).collect();
        let (readout, when) = (written(readout), time_text(time));
        match self.of {
            Of::Ec50 => format!("EC50 of {readout} on {} at {when}", on[0]),
            Of::Selectivity => format!("EC50 on {} over that on {} at {when}", on[1], on[0]),
            Of::Response => format!("{readout} on {} at {when}", on[0]),
            Of::ResponseRatio => format!("{readout} on {} over {} at {when}", on[0], on[1]),
            Of::MeanResponse => format!("mean of {readout} on {} over {when}", on[0]),
        }
    }

    /// Unit of the objective for axes and terminal tables.
    pub fn unit(&self) -> String {
        base_unit(self.dimension)
    }

    /// A value of the objective as shown to users.
    pub fn said(&self, value: f64) -> String {
        match self.dimension == Dimension::CONCENTRATION && value.is_finite() {
            true => readable_concentration(value),
            false => format!("{} {}", three_digits(value), self.unit()).trim_end().to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objective(of: Of, goal: Option<Goal>) -> Objective {
        Objective {
            name: "a".into(),
            goal,
            of,
            cells: vec![0, 1],
            time: 0,
            readout: 0,
            dose: None,
            relative_to: None,
            reached_by: None,
            at_least: f64::NAN,
            at_most: f64::NAN,
            dimension: Dimension::DIMENSIONLESS,
        }
    }

    #[test]
    fn the_worst_donor_is_that_with_least_of_what_is_maximised() {
        let of: Vec<Result<f64, ()>> = [3.0, 1.0, 5.0, 2.0, 4.0].map(Ok).to_vec();
        let most = objective(Of::Selectivity, Some(Goal::Maximise));
        let least = objective(Of::Ec50, Some(Goal::Minimise));
        assert_eq!([1.0, 0.8, 0.5].map(|p| most.reached(&of, p)), [Ok(1.0), Ok(2.0), Ok(3.0)]);
        assert_eq!([1.0, 0.8, 0.5].map(|p| least.reached(&of, p)), [Ok(5.0), Ok(4.0), Ok(3.0)]);
        let one_without = [of, vec![Err(())]].concat();
        assert_eq!(most.reached(&one_without, 1.0), Err(()));
        assert_eq!(most.reached(&one_without, 0.8), Ok(1.0));
    }

    #[test]
    fn limits_of_doses_and_ratios_are_compared_as_factors() {
        let limited = Objective { at_most: 10.0, at_least: 1.0, ..objective(Of::Ec50, None) };
        assert_eq!([1.0, 3.0, 10.0].map(|v| limited.violation(v)), [0.0; 3]);
        assert!((limited.violation(20.0) - 2.0_f64.ln()).abs() < 1e-12);
        assert!((limited.violation(0.5) - 2.0_f64.ln()).abs() < 1e-12);
        let response = Objective { at_least: 200.0, ..objective(Of::Response, None) };
        assert_eq!(response.violation(150.0), 0.25);
    }

    #[test]
    fn what_is_maximised_costs_less_the_more_there_is() {
        let ratio = objective(Of::Selectivity, Some(Goal::Maximise));
        assert!(ratio.cost(100.0) < ratio.cost(10.0));
        let response = objective(Of::Response, Some(Goal::Minimise));
        assert_eq!(response.cost(7.0), 7.0);
    }
}
