//! Which intervals a culture has, and which of its numbers have one.

use il2::culture::kinds::Balance;
use il2::culture::uncertainty::Posterior;
use il2_answer::sentence::{Spread, percent};
use il2_inference::statistics::central_interval;
use il2_study::StudyError;
use il2_study::study::Study;
use il2_study::study::cultures::CultureAssayPart;
use il2_study::values::level;
use il2_study::{Library, whole};

/// Settings of the intervals.
#[derive(Clone, Debug)]
pub struct Draws {
    /// Number of draws; zero if the study requests no intervals.
    pub count: usize,
    /// Fraction of the draws inside an interval.
    pub level: f64,
    /// The distribution from which they are drawn.
    pub posterior: Posterior,
}

/// Reads which intervals the study requests.
pub fn plan(study: &Study, at: &str, asked: &CultureAssayPart) -> Result<Draws, StudyError> {
    let none = Draws { count: 0, level: 0.95, posterior: Posterior::default() };
    let Some(part) = &asked.intervals else { return Ok(none) };
    let at_intervals = format!("{at}.intervals");
    let count = whole::checked(&format!("{at_intervals}.draws"), part.draws)? as usize;
    let level = level(&format!("{at_intervals}.level"), part.level.map(|part| part.0))?;
    let entry = study.model(at, asked.model.as_deref())?;
    let Some(name) = &entry.posterior else {
        let message = format!(
            "no posterior is known for model {}; leave intervals out or use gamma-chain",
            entry.model.name
        );
        return Err(StudyError::model(at_intervals, message));
    };
    Ok(Draws { count, level, posterior: Library::builtin().posteriors[name].clone() })
}

/// A number of a well that has an interval.
#[derive(Clone, Copy, Debug)]
pub enum Quantity {
    /// A readout, by its index.
    Readout(usize),
    /// The amount of a ligand that a kind has taken up (pM).
    Taken {
        /// Index of the ligand.
        ligand: usize,
        /// Index of the kind in the prepared culture.
        kind: usize,
    },
    /// The share of a kind in what all kinds have taken up of a ligand.
    Part {
        /// Index of the ligand.
        ligand: usize,
        /// Index of the kind in the prepared culture.
        kind: usize,
    },
    /// The fraction of a ligand that all kinds have taken up.
    Used(usize),
}

impl Quantity {
    /// The number in the balances of all ligands; NaN for a readout.
    pub fn of_balances(self, balances: &[Balance]) -> f64 {
        match self {
            Quantity::Readout(_) => f64::NAN,
            Quantity::Taken { ligand, kind } => balances[ligand].kinds[kind].taken(),
            Quantity::Part { ligand, kind } => balances[ligand].part(kind).unwrap_or(f64::NAN),
            Quantity::Used(ligand) => {
                let balance = &balances[ligand];
                let taken: f64 = balance.kinds.iter().map(|kind| kind.taken()).sum();
                taken / balance.all()
            }
        }
    }
}

/// A number with the central interval of its values in draws.
pub fn between(draws: &Draws, middle: f64, in_draws: Vec<f64>) -> Spread {
    let solved: Vec<f64> = in_draws.into_iter().filter(|value| !value.is_nan()).collect();
    let (low, high) = central_interval(solved, draws.level);
    Spread { middle, low, high }
}

/// A fraction as a percentage with its interval: `94.8 % (90.1 to 97.2)`.
pub fn share(of: Spread) -> String {
    let end = |part: f64| percent(part).trim_end_matches(" %").to_string();
    match of.has_ends() {
        true => format!("{} ({} to {})", percent(of.middle), end(of.low), end(of.high)),
        false => percent(of.middle),
    }
}
