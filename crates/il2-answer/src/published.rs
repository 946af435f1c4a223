//! Contents of `published.toml`.

use serde::Deserialize;

/// `published.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// Title of the comparison.
    pub title: String,
    /// Key of the publication in the library.
    pub source: String,
    /// What was compared, and known misfits.
    pub summary: String,
    /// Single numbers.
    #[serde(default)]
    pub row: Vec<Row>,
    /// Lists of numbers that must increase in the order given.
    #[serde(default)]
    pub order: Vec<Order>,
}

/// Place of a number: columns and the values they must have.
pub type Place = indexmap::IndexMap<String, toml::Value>;

/// One published number.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Description of the number in a few words.
    pub what: String,
    /// Table of the study's results.
    pub table: String,
    /// Rows of the table that contain the number.
    pub at: Place,
    /// Column of the number.
    pub column: String,
    /// Rows of the number by which this number is divided.
    #[serde(default)]
    pub over: Option<Place>,
    /// Column of the divisor, if it differs.
    #[serde(default)]
    pub over_column: Option<String>,
    /// A fraction of the ratio that does not depend on the readout, such as a background of
    /// staining: `(1 - background) ratio + background` is compared.
    #[serde(default)]
    pub background: Option<f64>,
    /// How several rows are combined; if not set, exactly one row must match.
    #[serde(default)]
    pub reduce: Option<Reduce>,
    /// First and last time of the rows that are used, for example `["2 h", "4 h"]`.
    #[serde(default)]
    pub between: Option<[String; 2]>,
    /// The published number; requires a tolerance.
    #[serde(default)]
    pub published: Option<f64>,
    /// Allowed difference of the simulated number.
    #[serde(default)]
    pub tolerance: Option<Tolerance>,
    /// A published range, in place of a number: the simulated number must be in this range.
    #[serde(default)]
    pub range: Option<[f64; 2]>,
    /// A published lower bound, in place of a number.
    #[serde(default)]
    pub at_least: Option<f64>,
    /// A published upper bound, in place of a number.
    #[serde(default)]
    pub at_most: Option<f64>,
    /// Unit of the published number. The unit is only displayed, unless `ligand` is given or the
    /// number is a time; then the simulated number is converted to this unit.
    #[serde(default)]
    pub unit: String,
    /// Ligand of the study by whose mass and activity a concentration is converted to `unit`.
    #[serde(default)]
    pub ligand: Option<String>,
    /// Origin of the published number.
    pub is: Is,
    /// Reason for the tolerance, or source of the range or bound.
    pub why: String,
    /// Whether a parameter was adjusted to this number.
    pub status: Status,
    /// Molecule of the number, if the number is held out: listed before the fits of the patient
    /// that are in use, and used in none of them.
    #[serde(default)]
    pub held_out: Option<String>,
    /// Reason for a known misfit; always shown.
    #[serde(default)]
    pub known_misfit: Option<String>,
    /// An alternative to the model, against which the power of the row is computed.
    #[serde(default)]
    pub null: Option<Null>,
}

/// An alternative to the model, in which the result would be another, for example because the
/// treatment has no effect.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Null {
    /// The alternative in a few words, for example "no treatment".
    pub model: String,
    /// The number under the alternative, in the unit of the row.
    #[serde(default)]
    pub value: Option<f64>,
    /// Rows of a table that contain the number, in place of `value`.
    #[serde(default)]
    pub at: Option<Place>,
    /// Table of these rows, if it differs from that of the row.
    #[serde(default)]
    pub table: Option<String>,
    /// Column of the number, if it differs from that of the row.
    #[serde(default)]
    pub column: Option<String>,
    /// Rows of the number by which it is divided.
    #[serde(default)]
    pub over: Option<Place>,
    /// Number of patients of whom the published number is a percentage or a fraction.
    #[serde(default)]
    pub patients: Option<u32>,
    /// Standard error of the published number; by default that of a 95 % interval with the ends of
    /// the row, or none for a bound.
    #[serde(default)]
    pub standard_error: Option<f64>,
    /// Whether the number is a ratio, whose logarithm has the standard error.
    #[serde(default)]
    pub ratio: bool,
}

/// Numbers that must increase.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Description of the order in a few words.
    pub what: String,
    /// Table of the study's results.
    pub table: String,
    /// Column of the numbers.
    pub column: String,
    /// Rows of the table, in increasing order of the number.
    pub increasing: Vec<Place>,
    /// Factor by which each number must exceed the previous one; 1 if left out.
    #[serde(default)]
    pub factor: Option<f64>,
    /// Origin of the published order.
    pub is: Is,
    /// Reason for this order.
    pub why: String,
    /// Whether a parameter was adjusted to this order.
    pub status: Status,
    /// Reason for a known misfit; always shown.
    #[serde(default)]
    pub known_misfit: Option<String>,
}

/// How several rows are summarised.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reduce {
    /// The largest number.
    Max,
    /// The smallest number.
    Min,
    /// The number at the latest time.
    Last,
    /// The time of the largest number.
    TimeOfMax,
    /// The half-life, from the logarithms of the first and the last number.
    HalfLife,
    /// The area under the numbers over time, by the trapezoidal rule.
    Area,
    /// The median.
    Median,
    /// The fraction of the rows whose number is below this.
    PartBelow(f64),
}

/// Origin of a published number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Is {
    /// Measured in an experiment.
    #[serde(rename = "measured")]
    Measured,
    /// Computed from the published model by others.
    #[serde(rename = "model target")]
    ModelTarget,
}

/// Whether a parameter was adjusted to a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Status {
    /// A parameter was adjusted, by the model's authors or in this project, so agreement proves
    /// little.
    #[serde(rename = "calibrated on")]
    CalibratedOn,
    /// The number was never used to set a parameter.
    #[serde(rename = "predicted")]
    Predicted,
}

/// Allowed difference of a simulated number.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tolerance {
    /// As a fraction of the published number.
    Relative(f64),
    /// In the unit of the number.
    Absolute(f64),
    /// As a factor in either direction.
    Factor(f64),
}

/// The published number, range or bound of a row.
#[derive(Clone, Copy, Debug)]
pub enum Expectation {
    /// A number, and its tolerance.
    Number(f64, Tolerance),
    /// Lower and upper end of a range.
    Range(f64, f64),
    /// A lower bound.
    AtLeast(f64),
    /// An upper bound.
    AtMost(f64),
}

impl Row {
    /// What was published; an error unless exactly one of these is given.
    pub fn asked(&self) -> Result<Expectation, String> {
        let kinds = "published with tolerance, range = [low, high], at_least or at_most";
        let tolerance = self.tolerance.map(|t| match t {
            Tolerance::Relative(v) | Tolerance::Absolute(v) | Tolerance::Factor(v) => v,
        });
        let ends = self.range.into_iter().flatten();
        let numbers =
            [self.published, tolerance, self.at_least, self.at_most].into_iter().flatten();
        if let Some(odd) = numbers.chain(ends).find(|v| !v.is_finite()) {
            return Err(format!("{odd} is not a finite number; give a finite number"));
        }
        match (self.published, self.tolerance, self.range, self.at_least, self.at_most) {
            (Some(number), Some(tolerance), None, None, None) => {
                Ok(Expectation::Number(number, tolerance))
            }
            (Some(number), None, None, None, None) => Err(format!(
                "published = {number} has no tolerance; add a tolerance, such as {{ relative = 0.1 \
                 }}, and the reason for it"
            )),
            (None, None, Some([low, high]), None, None) if low <= high => {
                Ok(Expectation::Range(low, high))
            }
            (None, None, Some([low, high]), None, None) => {
                Err(format!("range = [{low}, {high}] is empty; give the lower end first"))
            }
            (None, None, None, Some(bound), None) => Ok(Expectation::AtLeast(bound)),
            (None, None, None, None, Some(bound)) => Ok(Expectation::AtMost(bound)),
            (None, Some(_), ..) => {
                Err(format!("has a tolerance without a published number; give {kinds}"))
            }
            (None, None, None, None, None) => Err(format!("has no published number; give {kinds}")),
            _ => Err(format!("has more than one published number; keep one of {kinds}")),
        }
    }
}
