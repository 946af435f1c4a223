//! A dose that keeps the level in a window, for one subject or for most of the population.

use crate::population_fit::numbers::Individual;
use crate::population_fit::plan::{self, Plan, SoughtDose};
use crate::population_fit::predict::told;
use il2::patient::course::{Model, course};
use il2::treatment::record::{Rate, Record, Steady};
use il2_engine::math;
use il2_inference::draws::normal;
use il2_inference::no_answer::NoAnswer;
use il2_inference::population::{Level, Marginal, model::Point};
use il2_inference::quantiles::quantiles;
use il2_inference::statistics::cholesky;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Draws of one subject's random effects given its levels, or of new subjects from the population.
pub const DRAWS: usize = 1000;
/// Number of times in an interval between doses, and again around the highest of them.
const POINTS: usize = 48;

/// A dose and the levels that it gives.
#[derive(Clone, Debug)]
pub struct Dose {
    /// The subject, or none for the population of the table.
    pub subject: Option<usize>,
    /// Amount of the dose, in the table's unit of amounts.
    pub amount: f64,
    /// Median, 5th and 95th percentile of the level.
    pub level: [f64; 3],
    /// Fractions of the draws in the window, below it and above it.
    pub parts: [f64; 3],
    /// Draws for which the model could be solved; the others are left out.
    pub draws: usize,
}

/// Doses for each subject, from the distribution of its effects given its levels, and for the
/// population.
pub fn doses(plan: &Plan, point: &Point, found: &Marginal) -> Result<Vec<Dose>, NoAnswer> {
    let Some(sought) = &plan.dose else { return Ok(vec![]) };
    let subjects: Vec<Option<usize>> = (0..plan.subjects.len()).map(Some).chain([None]).collect();
    let made = plan.threads.map(&subjects, |subject| {
        let mut rng = ChaCha8Rng::seed_from_u64(plan.seed ^ 0x0064_6f73_6500);
        rng.set_stream(subject.map_or(0, |i| i as u64 + 1));
        let (mut per_unit, mut failed) = (vec![], None);
        for draw in 0..DRAWS {
            // New subjects take their covariates from the subjects of the table in turn.
            let like = subject.unwrap_or(draw % plan.subjects.len());
            let effects = drawn(plan, point, found, (subject.is_some(), like), &mut rng);
            match level(plan, sought, like, &point.fixed, &effects) {
                Ok(level) => per_unit.push(level),
                Err(why) => failed = failed.or(Some(why)),
            }
        }
        match failed.filter(|_| per_unit.is_empty()) {
            Some(why) => Err(why),
            None => Ok(best(sought, *subject, per_unit)),
        }
    });
    let unit = plan.concentration / plan.factors.amount;
    let scaled = made.into_iter().map(|dose| dose.map(|d| Dose { amount: d.amount * unit, ..d }));
    scaled.collect()
}

/// Draws the effects of a subject given its levels, from a normal distribution around the mode
/// whose precision is the curvature there, with new effects of its occasions; or those of a subject
/// who was not observed.
fn drawn(
    plan: &Plan,
    point: &Point,
    found: &Marginal,
    (observed, subject): (bool, usize),
    rng: &mut ChaCha8Rng,
) -> Vec<f64> {
    let occasions = plan.subjects[subject].occasions;
    let n = plan.effects.of_subject(occasions);
    let z: Vec<f64> = (0..n).map(|_| normal(rng)).collect();
    if !observed {
        return point.covariance.drawn(&z, occasions);
    }
    let mode = &found.modes[subject];
    let lower = cholesky(n, |i, j| mode.joint.curvature[i][j], |_| f64::MIN_POSITIVE);
    // L^T x = z has the covariance (L L^T)^-1.
    let mut x = z;
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|k| lower[k][i] * x[k]).sum();
        x[i] = (x[i] - known) / lower[i][i];
    }
    let mut effects: Vec<f64> = mode.effects.iter().zip(&x).map(|(e, x)| e + x).collect();
    // Doses to come are given on an occasion of which nothing is known.
    let own = plan.effects.count(Level::Subject);
    if own < n {
        let z: Vec<f64> = (0..n).map(|_| normal(rng)).collect();
        effects[own..].copy_from_slice(&point.covariance.drawn(&z, occasions)[own..]);
    }
    effects
}

/// The steady-state level for a dose of one base unit, in base units, with the numbers of the
/// subject's last record.
fn level(
    plan: &Plan,
    sought: &SoughtDose,
    subject: usize,
    fixed: &[f64],
    effects: &[f64],
) -> Result<f64, NoAnswer> {
    let of = &plan.table.subjects[subject];
    let last = of.records.len() - 1;
    let occasion = plan.occasions[subject][last];
    let mut numbers: Individual = plan.numbers.of(fixed, effects, occasion, of.covariates(last));
    numbers.by.iter_mut().for_each(Vec::clear);
    let mut held = plan.arranged(&numbers);
    let structure = plan.system.plain().expect("checked in the plan").structure;
    held.numbers.truncate(structure.parameters().len());
    // At steady state, a delay shifts the curve without changing its levels, but the duration of a
    // dose changes them; doses that last longer than the interval overlap.
    held.doses.lag = None;
    let part = held.doses.bioavailability.take().map_or(1.0, |n| n.value);
    let mut over = sought.infusion;
    if let Some(duration) = held.doses.duration.take() {
        over = over.max(duration.value);
    }
    if sought.of == plan::Level::Average {
        let clearance = structure.parameters().iter().position(|p| p.name == "clearance");
        let clearance = held.numbers[clearance.expect("of every model")].value;
        return Ok(part / (clearance * sought.every));
    }
    let mut dose = Record {
        steady: Steady::Replaces,
        interval: sought.every,
        additional: 1,
        ..Record::dose(0.0, 0, 1.0)
    };
    if over > 0.0 {
        dose.rate = Rate::ModelledDuration;
        dose.delivery.duration = over;
    }
    // Levels do not depend on the drug effect.
    let model = Model::plain(structure);
    // The level at the dose, then at the times; at the end of the interval, just before the next
    // dose.
    let levels = |times: &[f64]| -> Result<Vec<f64>, NoAnswer> {
        let just = |t: f64| if t == sought.every { t * (1.0 - 1e-9) } else { t };
        let mut records = vec![dose.clone()];
        records.extend(times.iter().map(|t| Record::observation(just(*t))));
        let all = vec![held.clone(); records.len()];
        Ok(course(&model, &records, &all, 0).map_err(told)?.levels)
    };
    let level = match sought.of {
        // Of doses that overlap, one ends in each interval.
        plan::Level::Peak => peak(sought.every, over % sought.every, levels)?,
        _ => levels(&[sought.every])?[1],
    };
    Ok(part.max(0.0) * level)
}

/// The highest level of an interval between doses: at the dose, at the end of an infusion, or where
/// absorption and elimination are equal, which is found between the neighbours of the highest of
/// evenly spaced times.
fn peak(
    every: f64,
    infusion: f64,
    levels: impl Fn(&[f64]) -> Result<Vec<f64>, NoAnswer>,
) -> Result<f64, NoAnswer> {
    let even = |from: f64, to: f64| {
        (1..=POINTS).map(move |k| from + (to - from) * k as f64 / POINTS as f64)
    };
    let mut times: Vec<f64> = even(0.0, every).chain([infusion]).filter(|t| *t > 0.0).collect();
    times.sort_by(f64::total_cmp);
    let highest = |all: &[f64]| all.iter().copied().fold(0.0, f64::max);
    let found = levels(&times)?;
    let top = (0..found.len()).max_by(|a, b| found[*a].total_cmp(&found[*b])).unwrap_or(0);
    // `found` begins with the level at the dose.
    let time = |place: usize| place.checked_sub(1).map_or(0.0, |k| times[k]);
    let (from, to) = (time(top.saturating_sub(1)), time((top + 1).min(times.len())));
    let between = levels(&even(from, to).collect::<Vec<_>>())?;
    Ok(highest(&found).max(highest(&between)))
}

/// The dose with the largest fraction of the draws in the window. Levels are proportional to the
/// dose, so each draw is in the window for one interval of doses.
fn best(sought: &SoughtDose, subject: Option<usize>, per_unit: Vec<f64>) -> Dose {
    let [low, high] = sought.window;
    // At each candidate dose, where a draw enters the window, count the draws inside.
    let mut enters: Vec<f64> = per_unit.iter().map(|u| low / u).collect();
    let mut leaves: Vec<f64> = per_unit.iter().map(|u| high / u).collect();
    enters.sort_by(f64::total_cmp);
    leaves.sort_by(f64::total_cmp);
    let inside =
        |dose: f64| enters.partition_point(|e| *e <= dose) - leaves.partition_point(|l| *l < dose);
    let most = enters.iter().chain(&leaves).map(|d| inside(*d)).max().unwrap_or(0);
    // Among doses with equally many draws inside, take the middle one (geometrically).
    let fits = || enters.iter().chain(&leaves).copied().filter(|d| inside(*d) == most && *d > 0.0);
    let (from, to) = fits().fold((f64::INFINITY, 0.0_f64), |(a, b), d| (a.min(d), b.max(d)));
    let middle = math::exp(0.5 * (math::ln(from) + math::ln(to)));
    let amount = if inside(middle) == most { middle } else { from };
    let n = per_unit.len() as f64;
    let above = per_unit.iter().filter(|u| **u * amount > high).count() as f64 / n;
    let below = per_unit.iter().filter(|u| **u * amount < low).count() as f64 / n;
    let levels = per_unit.iter().map(|u| u * amount).collect();
    let [five, half, most] = quantiles(levels, [0.05, 0.5, 0.95]);
    let parts = [1.0 - above - below, below, above];
    Dose { subject, amount, level: [half, five, most], parts, draws: n as usize }
}
