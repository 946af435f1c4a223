//! The levels after a dose.

use crate::noncompartmental::doses::{Given, Look, before, doses, interval};
use crate::noncompartmental::plan::Plan;
use crate::noncompartmental::standing::{Known, Standing, standing};
use il2_engine::math;
use il2_inference::bound::Bound;
use il2_inference::noncompartmental::{Terminal, after_bolus, area, highest, terminal};

/// Levels after a dose, in the table's units; times count from the dose.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Subject.
    pub subject: usize,
    /// Number of the period, of which each begins with a reset; the first is 1.
    pub period: usize,
    /// Number of the dose; the first is 1, and 0 stands for a subject without a dose.
    pub dose: usize,
    /// Whether it is the first dose of its period.
    pub begins: bool,
    /// Amount of the dose.
    pub amount: f64,
    /// Whether the dose is an intravenous bolus.
    pub bolus: bool,
    /// Duration of an infusion.
    pub duration: Option<f64>,
    /// Time of the dose since the first record, as the table counts time.
    pub given: f64,
    /// Time between doses; none for a single dose.
    pub interval: Option<f64>,
    /// What earlier doses contribute.
    pub standing: Standing,
    /// The samples.
    pub levels: Levels,
    /// Whether the first point was assumed.
    pub assumed: bool,
    /// The terminal phase.
    pub terminal: Option<Terminal>,
}

/// The samples between a dose and the next.
#[derive(Clone, Debug, Default)]
pub struct Levels {
    /// Levels above the limit, and zero for those below it before the first; in a [`Profile`] also
    /// the level assumed at the time of the dose.
    pub points: Vec<(f64, f64)>,
    /// Number of samples, including those below the limit.
    pub measured: usize,
    /// Number of levels above the limit.
    pub quantified: usize,
    /// Number of samples below the limit, or zero.
    pub below: usize,
    /// Number of these between two levels above the limit.
    pub between: usize,
    /// Number of samples above an upper limit.
    pub above: usize,
    /// The last sample; zero if below the limit.
    last: Option<(f64, f64)>,
}

impl Levels {
    /// Whether there are enough levels for an area over an interval, and for a profile of a dose
    /// that is neither the first nor the last: troughs alone are not.
    pub fn enough(&self) -> bool {
        self.quantified >= 3
    }
}

/// The profiles of a subject: in each period after the first dose, after the last that was
/// followed by a sample, and after every dose with enough levels. A subject without a dose has one
/// without levels.
pub fn profiles(plan: &Plan, subject: usize) -> Vec<Profile> {
    let (doses, looks) = doses(plan, subject);
    let levels = |d: usize| levels(plan, subject, (&doses, d), &looks);
    if doses.is_empty() {
        return vec![without_dose(subject, count(plan, subject, &looks))];
    }
    let all: Vec<Levels> = (0..doses.len()).map(levels).collect();
    let mut chosen = vec![];
    let mut from = 0;
    for period in doses.chunk_by(|a, b| a.period == b.period) {
        let own = from..from + period.len();
        let sampled = |d: &usize| all[*d].last.is_some_and(|(time, _)| time > 0.0);
        let last = own.clone().rev().find(sampled);
        let wanted = |d: &usize| *d == from || Some(*d) == last || all[*d].enough();
        chosen.extend(own.clone().filter(wanted));
        from = own.end;
    }
    let profile = |d: usize| profile(plan, subject, (&doses, d), &all);
    chosen.into_iter().map(profile).collect()
}

fn profile(plan: &Plan, subject: usize, (doses, d): (&[Given], usize), all: &[Levels]) -> Profile {
    let Given { time: given, amount, bolus, duration, period, .. } = doses[d];
    let unit = 1.0 / plan.factors.time;
    let every = interval(doses, d);
    let mut own = all[d].clone();
    let found = last_phase(&own, bolus);
    let earlier = before(doses, d).map(|before| (&all[d - 1], before));
    let earlier_phase = earlier.and_then(|(levels, b)| last_phase(levels, b.bolus));
    let left = earlier.and_then(|(levels, before)| {
        let top = highest(&levels.points).filter(|top| top.1 > 0.0)?;
        let (time, level) = levels.last.filter(|last| last.0 > top.0)?;
        Some((level, (given - before.time) * unit - time))
    });
    let rate = earlier_phase.or(found).map(|t| t.rate);
    // Areas that were left at the time of the dose, and after it.
    let rest = left.zip(rate).map(|((level, since), k)| level * math::exp(-k * since) / k);
    let after = own.points.last().zip(found);
    let after = after.map(|(end, t)| area(&own.points) + end.1.max(0.0) / t.rate);
    let known = Known {
        left: left.map(|(level, _)| level),
        highest: highest(&own.points).map(|top| top.1),
        share: rest.zip(after).map(|(rest, after)| rest / after),
        rate: rate.map(|k| k * unit),
        own_rate: found.map(|t| t.rate * unit),
        interval: every,
    };
    let standing = standing(doses, d, &known);
    let points = &mut own.points;
    let at_dose = points.first().is_some_and(|p| p.0 == 0.0);
    let assumed = !at_dose && !points.is_empty();
    if assumed {
        // The level at the dose: after a bolus extrapolated back, before other doses zero, or if
        // earlier doses contribute, the lowest of the interval; after a constant infusion the first.
        let inside = |p: &&(f64, f64)| every.is_none_or(|every| p.0 <= every * unit);
        let lowest = || points.iter().filter(inside).map(|p| p.1).reduce(f64::min);
        let start = match (bolus, standing.alone()) {
            (true, _) => after_bolus(points),
            (false, true) => Some(0.0),
            (false, false) if standing != Standing::Constant => {
                lowest().or(points.first().map(|p| p.1))
            }
            (false, false) => points.first().map(|p| p.1),
        };
        points.insert(0, (0.0, start.expect("there are points")));
    }
    while points.last().is_some_and(|p| p.1 <= 0.0) {
        points.pop();
    }
    let first = doses.iter().position(|of| of.period == period);
    Profile {
        subject,
        period: doses[..d].chunk_by(|a, b| a.period == b.period).count()
            + usize::from(d == 0 || doses[d - 1].period != period),
        dose: d + 1,
        begins: first == Some(d),
        amount: amount / plan.factors.amount,
        bolus,
        duration: duration.map(|t| t * unit),
        given: given * unit,
        interval: every.map(|i| i * unit),
        standing,
        assumed: assumed && !points.is_empty(),
        levels: own,
        terminal: found,
    }
}

/// The terminal phase of samples. After a bolus, levels fall from the first, which then belongs to
/// the phases.
fn last_phase(levels: &Levels, bolus: bool) -> Option<Terminal> {
    terminal(&levels.points, bolus)
}

fn without_dose(subject: usize, levels: Levels) -> Profile {
    Profile {
        subject,
        period: 1,
        dose: 0,
        begins: false,
        amount: f64::NAN,
        bolus: false,
        duration: None,
        given: f64::NAN,
        interval: None,
        standing: Standing::Unknown,
        levels: Levels { points: vec![], ..levels },
        assumed: false,
        terminal: None,
    }
}

/// The samples from dose `d` to the next.
fn levels(plan: &Plan, subject: usize, (doses, d): (&[Given], usize), looks: &[Look]) -> Levels {
    let Given { time: given, bolus, order, period, .. } = doses[d];
    let next = doses.get(d + 1).filter(|next| next.period == period);
    // At the time of a dose, a row before a bolus has the level at the end of the interval before,
    // and a row after it the level at the start. Other doses do not change the level at once.
    let inside = |look: &&Look| {
        let begun = look.time > given || (look.time == given && (!bolus || look.order > order));
        let ended = next.is_some_and(|next| {
            look.time > next.time
                || (look.time == next.time && next.bolus && look.order > next.order)
        });
        look.period == period && begun && !ended
    };
    let from = looks.partition_point(|look| look.time < given);
    let end = next.map_or(looks.len(), |next| looks.partition_point(|l| l.time <= next.time));
    let own: Vec<Look> = looks[from..end.max(from)].iter().filter(inside).copied().collect();
    let mut found = count(plan, subject, &own);
    let unit = 1.0 / plan.factors.time;
    found.points.iter_mut().for_each(|p| p.0 = (p.0 - given) * unit);
    found.last = found.last.map(|(time, level)| ((time - given) * unit, level));
    found
}

/// The samples in these rows; times count from the first record (min).
fn count(plan: &Plan, subject: usize, looks: &[Look]) -> Levels {
    let of = &plan.table.subjects[subject];
    let mut found = Levels::default();
    let (mut seen, mut waiting) = (false, 0);
    for look in looks {
        let Some(value) = of.measured.get(look.record).copied().filter(|v| !v.is_nan()) else {
            continue;
        };
        found.measured += 1;
        match of.bounds.get(look.record).copied().unwrap_or(Bound::None) {
            Bound::None if value > 0.0 => {
                found.points.push((look.time, value));
                found.last = Some((look.time, value));
                found.between += waiting;
                (seen, waiting) = (true, 0);
            }
            Bound::Above => found.above += 1,
            // Below the limit: zero before the first level above it, and left out later.
            Bound::None | Bound::Below | Bound::Between(_) => {
                found.below += 1;
                found.last = Some((look.time, 0.0));
                match seen {
                    true => waiting += 1,
                    false => found.points.push((look.time, 0.0)),
                }
            }
        }
    }
    // Of two levels at the same time, such as one before and one after the dose, the later row is
    // used.
    found.points.dedup_by(|later, earlier| {
        let same = later.0 == earlier.0;
        if same {
            *earlier = *later;
        }
        same
    });
    found.quantified = found.points.iter().filter(|p| p.1 > 0.0).count();
    found
}
