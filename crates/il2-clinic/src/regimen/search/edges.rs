//! What the doses that were tried show: where all requirements are met, what limits these doses,
//! and the best compromise if there is none.

use crate::beyond::Beyond;
use crate::regimen::search::plan::Search;
use il2_answer::sentence::Spread;
use il2_engine::math;
use il2_inference::quantiles::Quantiles;
use il2_inference::survival::proportions::wilson;

/// Fraction of repetitions with other patients whose interval contains the true share.
pub const LEVEL: f64 = 0.95;

/// A dose that was tried.
#[derive(Clone, Debug, Default)]
pub struct Tried {
    /// Index of its schedule.
    pub schedule: usize,
    /// The dose, in the unit of the search.
    pub dose: f64,
    /// By requirement: weight of the patients who meet it.
    pub meets: Vec<u64>,
    /// By requirement: weight of the patients below its window, and of those above it.
    pub outside: Vec<[u64; 2]>,
    /// Weight of all patients; one who could not be simulated meets no requirement.
    pub all: u64,
    /// Effective number of patients.
    pub effective: f64,
    /// Number of doses planned until the end of the search.
    pub planned: usize,
    /// Distribution of the number of doses given.
    pub given: Quantiles,
    /// Patients who could not be simulated, and why.
    pub failed: Vec<(usize, String)>,
    /// Largest fraction of the given amount that is missing or in excess in any patient.
    pub worst_imbalance: f64,
    /// Patients outside the range in which the model was fitted or patients were followed.
    pub beyond: Beyond,
    /// Time of the last dose (min).
    pub last_dose: f64,
}

/// Doses that meet all requirements, as indices of the first and the last of them among the doses
/// tried with a schedule.
pub type Range = (usize, usize);

/// An end of a range of doses.
#[derive(Clone, Debug)]
pub struct End {
    /// The last dose tried that meets all requirements, and the interval in which this dose lies
    /// for other patients; without interval if the search was not refined.
    pub dose: Spread,
    /// Requirements that are not met beyond this dose; empty at the lowest and the highest dose
    /// that were tried.
    pub limits: Vec<usize>,
}

impl Tried {
    /// Whether more patients are above the window of a requirement than below it; none if as many
    /// are.
    pub fn mostly_above(&self, requirement: usize) -> Option<bool> {
        let [below, above] = self.outside.get(requirement).copied().unwrap_or_default();
        (below != above).then_some(above > below)
    }

    /// Share of the patients who meet a requirement, with its interval (Wilson).
    pub fn share(&self, requirement: usize) -> Spread {
        let middle = self.meets[requirement] as f64 / self.all as f64;
        let of = self.effective.round();
        match wilson((middle * of).round() as u64, of as u64, LEVEL) {
            Ok(found) if of > 1.0 => Spread { middle, low: found.low, high: found.high },
            _ => Spread::exact(middle),
        }
    }

    /// Whether a requirement is met in enough patients.
    pub fn holds(&self, search: &Search, requirement: usize) -> bool {
        self.excess(search, requirement) >= 0.0
    }

    /// Whether all requirements are met in enough patients.
    pub fn holds_all(&self, search: &Search) -> bool {
        self.lacking(search).is_empty()
    }

    /// Requirements that are not met in enough patients.
    pub fn lacking(&self, search: &Search) -> Vec<usize> {
        (0..self.meets.len()).filter(|&r| !self.holds(search, r)).collect()
    }

    /// By how much the share exceeds the share that is needed.
    fn excess(&self, search: &Search, requirement: usize) -> f64 {
        let share = self.meets[requirement] as f64 / self.all as f64;
        // 0.9 is not the same binary number as 90 / 100.
        let excess = share - search.requirements[requirement].share;
        if excess.abs() < 1e-12 { 0.0 } else { excess }
    }
}

/// The doses tried with a schedule.
pub fn of_schedule(tried: &[Tried], schedule: usize) -> &[Tried] {
    let from = tried.partition_point(|t| t.schedule < schedule);
    let to = tried.partition_point(|t| t.schedule <= schedule);
    &tried[from..to]
}

/// Neighbouring doses that meet all requirements, or the one named.
pub fn ranges(search: &Search, some: &[Tried], only: Option<usize>) -> Vec<Range> {
    let mut all: Vec<Range> = vec![];
    for (i, tried) in some.iter().enumerate() {
        let holds = only.map_or_else(|| tried.holds_all(search), |r| tried.holds(search, r));
        match all.last_mut() {
            Some(last) if holds && last.1 + 1 == i => last.1 = i,
            _ if holds => all.push((i, i)),
            _ => {}
        }
    }
    all
}

/// By how much the worst requirement of a dose falls short of the share that is needed; negative if
/// all are met.
pub fn shortfall(search: &Search, of: &Tried) -> f64 {
    (0..of.meets.len()).map(|r| -of.excess(search, r)).fold(f64::NEG_INFINITY, f64::max)
}

/// The dose with the smallest shortfall of its worst requirement; of equal ones, that with the most
/// requirements met, and then the smallest.
pub fn best(search: &Search, some: &[Tried]) -> usize {
    let order = |i: usize| (-shortfall(search, &some[i]), some[i].lacking(search).len());
    let better = |a: &usize, b: &usize| {
        let (a, b) = (order(*a), order(*b));
        a.0.total_cmp(&b.0).then(b.1.cmp(&a.1))
    };
    (0..some.len()).rev().max_by(better).expect("a dose was tried")
}

/// The lower or the upper end of a range of doses.
pub fn end(search: &Search, some: &[Tried], range: Range, upper: bool) -> End {
    let at = if upper { range.1 } else { range.0 };
    let beyond = if upper { some.get(at + 1) } else { at.checked_sub(1).map(|i| &some[i]) };
    let limits = beyond.map_or(vec![], |t| t.lacking(search));
    let dose = some[at].dose;
    let Some(&most) = limits.iter().min_by(|a, b| {
        let excess = |r: usize| beyond.map_or(0.0, |t| t.excess(search, r));
        excess(**a).total_cmp(&excess(**b))
    }) else {
        return End { dose: Spread::exact(dose), limits };
    };
    if !search.refined || !some[at].share(most).has_ends() {
        return End { dose: Spread::exact(dose), limits };
    }
    let need = search.requirements[most].share;
    // Outwards, the share is surely too small where the upper end of its interval is; inwards, it
    // is surely large enough where the lower end is.
    let outer = crossing(some, at, upper, |t| need - t.share(most).high);
    let inner = crossing(some, at, !upper, |t| t.share(most).low - need);
    let (low, high) = if upper { (inner, outer) } else { (outer, inner) };
    let open = |end: Option<f64>, open: f64| end.unwrap_or(open);
    let low = open(low, f64::NEG_INFINITY);
    End { dose: Spread { middle: dose, low, high: open(high, f64::INFINITY) }, limits }
}

/// The dose at which something becomes positive, upwards or downwards from a dose; between two
/// doses that were tried it is interpolated on the logarithmic scale.
fn crossing(some: &[Tried], from: usize, up: bool, of: impl Fn(&Tried) -> f64) -> Option<f64> {
    let mut at = from;
    if of(&some[at]) >= 0.0 {
        return Some(some[at].dose);
    }
    loop {
        let next = if up { at + 1 } else { at.checked_sub(1)? };
        let (near, far) = (&some[at], some.get(next)?);
        let (a, b) = (of(near), of(far));
        if b >= 0.0 {
            let [x, y] = [near, far].map(|t| math::ln(t.dose));
            return Some(math::exp(x + (y - x) * a / (a - b)));
        }
        at = next;
    }
}
