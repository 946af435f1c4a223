//! A search as it is planned: the regimens and doses that are tried, and the requirements.

use il2::quantity::DAY;
use il2::treatment::regimen::{Per, Regimen};
use il2_answer::labels::time_text;
use il2_answer::sentence::{listed, percent};
use il2_engine::math;
use il2_study::ranges::short;
use std::f64::consts::LN_2;

/// The dose at which a requirement begins or ceases to be met is known to this ratio.
pub const EDGE: f64 = 1.025;

/// A search.
#[derive(Clone, Debug)]
pub struct Search {
    /// Index of the arm whose regimen is varied.
    pub arm: usize,
    /// Regimens to vary, one for each time between doses.
    pub schedules: Vec<Schedule>,
    /// The doses that are tried first, in increasing order, in the unit of the study.
    pub doses: Vec<f64>,
    /// Whether further doses are tried between these.
    pub refined: bool,
    /// Unit of the doses.
    pub unit: Unit,
    /// Requirements, in the order of the study.
    pub requirements: Vec<Requirement>,
}

/// A regimen whose dose is varied.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Time between doses (min), if the search varies it or the regimen has one.
    pub every: Option<f64>,
    /// This time as the study writes it; a dash without it.
    pub text: String,
    /// The regimen with its own dose.
    pub(super) regimen: Regimen,
    /// Indices of the first and the last of its parts with the dose to vary: a loading dose comes
    /// before them, and regimens that follow come after them.
    pub(super) first: usize,
    pub(super) last: usize,
}

/// Unit of doses as the study writes it.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Its text, such as `MIU/m2`.
    pub text: String,
    /// One such unit (pmol).
    pub(super) one: f64,
    /// Unit of body size.
    pub(super) per: Per,
}

/// A window of a readout, and the fraction of the patients who must be inside it.
#[derive(Clone, Debug)]
pub struct Requirement {
    /// Name in the study.
    pub name: String,
    /// Index of the readout among the observables.
    pub place: usize,
    /// Name and unit of the readout, in words.
    pub words: (String, String),
    /// Which value must be inside.
    pub of: Of,
    /// Time span (min); the same time twice for a single time.
    pub span: [f64; 2],
    /// The window, infinite where it is open.
    pub window: [f64; 2],
    /// Fraction of the patients who must be inside.
    pub share: f64,
}

/// The value of a readout that must be inside a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// The value at a time.
    Time,
    /// Every value in a time span.
    Throughout,
    /// The lowest value.
    Trough,
    /// The highest value.
    Peak,
    /// The mean over the time span.
    Average,
}

impl Schedule {
    /// The regimen with another dose.
    pub fn with(&self, dose: f64, unit: &Unit) -> Regimen {
        let mut given = self.regimen.clone();
        let own =
            given.then.iter_mut().take(self.last).map(|part| (&mut part.amount, &mut part.per));
        let parts = std::iter::once((&mut given.amount, &mut given.per)).chain(own);
        for (amount, per) in parts.skip(self.first) {
            (*amount, *per) = (dose * unit.one, unit.per);
        }
        given
    }
}

impl Schedule {
    /// ` every 2 d`; empty if the regimen has no time between doses.
    pub fn said(&self) -> String {
        self.every.map_or(String::new(), |_| format!(" every {}", self.text))
    }
}

impl Unit {
    /// A dose with its unit: `1.78 MIU/m2`.
    pub fn said(&self, dose: f64) -> String {
        format!("{} {}", short(dose), self.text)
    }
}

impl Search {
    /// Greatest number of doses that are tried with one schedule: those given, and those at which
    /// every edge is halved until it is narrow enough.
    pub fn most_tried(&self) -> usize {
        let widest = self.doses.windows(2).map(|two| two[1] / two[0]).fold(1.0, f64::max);
        if !self.refined || widest <= EDGE {
            return self.doses.len();
        }
        let halves = (math::ln(math::ln(widest) / math::ln(EDGE)) / LN_2).ceil() as usize;
        // Every requirement may begin and cease to be met; the best compromise has two sides.
        self.doses.len() + 2 * (self.requirements.len() + 1) * halves
    }

    /// Greatest number of doses that are tried in all.
    pub fn tries(&self) -> usize {
        self.schedules.len() * self.most_tried()
    }

    /// The dose between two others, rounded to three digits so that the dose which is printed is
    /// the one that was tried; none if they are close enough.
    pub fn between(&self, low: f64, high: f64) -> Option<f64> {
        if !self.refined || high / low <= EDGE {
            return None;
        }
        Some(rounded((low * high).sqrt())).filter(|middle| low < *middle && *middle < high)
    }

    /// The last time that a requirement concerns (min).
    pub fn end(&self) -> f64 {
        self.requirements.iter().map(|r| r.span[1]).fold(0.0, f64::max)
    }
}

impl Search {
    /// What is tried, for `il2 check`, given the name of the regimen that is varied.
    pub fn described(&self, name: &str) -> Vec<String> {
        let said = |dose: &f64| self.unit.said(*dose);
        let doses = match self.doses.as_slice() {
            [first, .., last] if self.refined => format!(
                "{} doses from {} to {}, and more where a requirement begins or ceases to be met",
                self.doses.len(),
                said(first),
                said(last)
            ),
            all => format!("dose {}", listed(&all.iter().map(said).collect::<Vec<_>>())),
        };
        let every: Vec<String> = self.schedules.iter().map(|s| s.text.clone()).collect();
        let every = match self.schedules.iter().any(|s| s.every.is_some()) {
            true => format!(", every {}", listed(&every)),
            false => String::new(),
        };
        let mut all = vec![format!("search: {name}, {doses}{every}")];
        all.extend(self.requirements.iter().map(Requirement::row));
        all
    }
}

impl Requirement {
    /// `treg_doubled in 90 % of patients: treg at least 2 × baseline from 28 d to 56 d`.
    pub fn row(&self) -> String {
        let name = il2_answer::labels::cut(&self.name, 20);
        format!("{name:<20} in {} of patients: {}", percent(self.share), self.said())
    }

    /// `treg at least 2 × baseline from 28 d to 56 d`.
    pub fn said(&self) -> String {
        let (name, unit) = &self.words;
        let number = short;
        let window = match self.window {
            [low, high] if high.is_infinite() => format!("at least {}", number(low)),
            [low, high] if low.is_infinite() => format!("at most {}", number(high)),
            [low, high] => format!("{} to {}", number(low), number(high)),
        };
        let [from, to] = self.span.map(in_days);
        let when = match self.span {
            _ if self.of == Of::Time => format!("at {from}"),
            [0.0, _] => format!("up to {to}"),
            _ => format!("from {from} to {to}"),
        };
        let of = match self.of {
            Of::Time | Of::Throughout => "",
            Of::Trough => "trough of ",
            Of::Peak => "peak of ",
            Of::Average => "average of ",
        };
        let gap = if unit.is_empty() { "" } else { " " };
        format!("{of}{name} {window}{gap}{unit} {when}")
    }
}

/// A time in days if it is a whole number of them, as in a protocol.
pub(super) fn in_days(minutes: f64) -> String {
    match (minutes / DAY).fract() == 0.0 {
        true => format!("{} d", minutes / DAY),
        false => time_text(minutes),
    }
}

/// A number with three digits.
pub(super) fn rounded(value: f64) -> f64 {
    format!("{value:.2e}").parse().expect("a number")
}
