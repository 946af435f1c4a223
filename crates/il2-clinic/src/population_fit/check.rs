//! The visual predictive check: the data simulated again, many times, and compared in intervals of
//! time (Holford 2005; Bergstrand, Hooker, Wallin & Karlsson 2011, AAPS J 13:143).

use crate::population_fit::plan::Plan;
use il2::treatment::schedule::elapsed;
use il2_inference::bound::Bound;
use il2_inference::draws::normal;
use il2_inference::no_answer::NoAnswer;
use il2_inference::population::Row;
use il2_inference::population::model::Point;
use il2_inference::quantiles::quantiles;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Percentiles that are compared.
pub const PARTS: [f64; 3] = [0.05, 0.5, 0.95];
/// Fraction of the simulated data sets inside a band.
pub const BAND: f64 = 0.95;

/// A time interval with the measurements of one quantity.
#[derive(Clone, Debug)]
pub struct Bin {
    /// Index of the quantity.
    pub endpoint: usize,
    /// Start, end, and mean time of the measurements, in the table's unit.
    pub time: [f64; 3],
    /// Number of measurements in the interval.
    pub rows: usize,
    /// Percentiles of the measured values.
    pub measured: [f64; 3],
    /// For each percentile: lower end, median and upper end over the simulated data sets.
    pub simulated: [[f64; 3]; 3],
}

/// A simulated subject for whom the model could not be solved; its measurements are missing from
/// its data set.
#[derive(Clone, Debug)]
pub struct Failed {
    /// The data set, from 0.
    pub set: usize,
    /// The subject.
    pub subject: usize,
    /// Why.
    pub why: NoAnswer,
}

/// The check.
#[derive(Clone, Debug, Default)]
pub struct Check {
    /// Its intervals.
    pub bins: Vec<Bin>,
    /// What is missing from the data sets.
    pub failed: Vec<Failed>,
}

/// Simulates the data and compares them.
pub fn check(plan: &Plan, point: &Point, progress: &(dyn Fn(usize) + Sync)) -> Check {
    if plan.simulations == 0 {
        return Check::default();
    }
    let times = times(plan);
    let limits = limits(plan);
    let rows: Vec<&Row> = plan.subjects.iter().flat_map(|s| &s.rows).collect();
    let mut all: Vec<(usize, Vec<usize>)> = vec![];
    for endpoint in 0..plan.endpoints.len() {
        let own: Vec<usize> = (0..rows.len()).filter(|r| rows[*r].endpoint == endpoint).collect();
        if !own.is_empty() {
            all.extend(bins(plan.bins, own, &times).into_iter().map(|bin| (endpoint, bin)));
        }
    }
    let percentiles = |values: &[f64]| -> Vec<[f64; 3]> {
        let of = |(endpoint, rows): &(usize, Vec<usize>)| {
            let solved = rows.iter().map(|r| values[*r]).filter(|value| !value.is_nan());
            quantiles(
                solved
                    .map(|value| value.clamp(limits[*endpoint][0], limits[*endpoint][1]))
                    .collect(),
                PARTS,
            )
        };
        all.iter().map(of).collect()
    };
    let numbers: Vec<usize> = (0..plan.simulations).collect();
    let sets = plan.threads.map(&numbers, |&n| {
        let (set, failed) = simulated(plan, point, n);
        progress(1);
        (percentiles(&set), failed)
    });
    let (sets, failed): (Vec<_>, Vec<_>) = sets.into_iter().unzip();
    let measured: Vec<f64> = rows.iter().map(|r| r.value).collect();
    let measured = percentiles(&measured);
    let band = |b: usize, p: usize| {
        let all = sets.iter().map(|set: &Vec<[f64; 3]>| set[b][p]).filter(|v| !v.is_nan());
        quantiles(all.collect(), [0.5 - 0.5 * BAND, 0.5, 0.5 + 0.5 * BAND])
    };
    let made = all.iter().enumerate().map(|(b, (endpoint, rows))| {
        let all = rows.iter().map(|r| times[*r]);
        let (from, to) =
            all.clone().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), t| (a.min(t), b.max(t)));
        Bin {
            endpoint: *endpoint,
            time: [from, to, all.sum::<f64>() / rows.len() as f64],
            rows: rows.len(),
            measured: measured[b],
            simulated: [0, 1, 2].map(|p| band(b, p)),
        }
    });
    let bins = made.collect();
    Check { bins, failed: failed.into_iter().flatten().collect() }
}

/// The limits within which values of each quantity are compared: the highest limit that a value is
/// below, and the lowest that a value is above; infinite where there is none. Simulated and
/// measured values beyond a limit are both set to it, so that a percentile among them equals the
/// limit in both.
pub fn limits(plan: &Plan) -> Vec<[f64; 2]> {
    let of = |endpoint: usize| {
        let rows = || plan.subjects.iter().flat_map(|s| &s.rows).filter(|r| r.endpoint == endpoint);
        let below = rows().filter(|r| matches!(r.bound, Bound::Below | Bound::Between(_)));
        let above = rows().filter(|r| r.bound == Bound::Above);
        let low = below.map(|r| r.value).fold(f64::NEG_INFINITY, f64::max);
        [low, above.map(|r| r.value).fold(f64::INFINITY, f64::min).max(low)]
    };
    (0..plan.endpoints.len()).map(of).collect()
}

/// TIME of every measurement without the restarts at resets, in the table's unit.
fn times(plan: &Plan) -> Vec<f64> {
    let of = plan.table.subjects.iter().zip(&plan.places).map(|(subject, places)| {
        let since = elapsed(&subject.records).expect("checked in the plan");
        let first = subject.records.first().map_or(0.0, |first| first.time);
        let time = |r: &usize| (first + since[*r]) / plan.factors.time;
        places.iter().map(time).collect::<Vec<f64>>()
    });
    of.flatten().collect()
}

/// Divides measurements by time into intervals of about equal number. An interval ends at the
/// widest gap between times within half an interval of where it would be full, so that samples
/// planned for the same time stay together.
fn bins(count: usize, mut order: Vec<usize>, times: &[f64]) -> Vec<Vec<usize>> {
    order.sort_by(|a, b| times[*a].total_cmp(&times[*b]).then(a.cmp(b)));
    let share = order.len() as f64 / count as f64;
    let gap = |place: &usize| times[order[*place]] - times[order[*place - 1]];
    let mut ends: Vec<usize> = vec![];
    for k in 1..count {
        let from = ((k as f64 - 0.5) * share).ceil().max(1.0) as usize;
        let to = (((k as f64 + 0.5) * share).floor() as usize).min(order.len().saturating_sub(1));
        let widest = (from..=to).max_by(|a, b| gap(a).total_cmp(&gap(b)).then(b.cmp(a)));
        ends.extend(widest.filter(|place| gap(place) > 0.0));
    }
    ends.push(order.len());
    ends.dedup();
    let mut begin = 0;
    let cut = |end: usize| {
        let bin = order[begin..end].to_vec();
        begin = end;
        bin
    };
    ends.into_iter().map(cut).collect()
}

/// All measurements of a simulated data set, in the order of the table: NaN for those of subjects
/// that could not be simulated.
fn simulated(plan: &Plan, point: &Point, number: usize) -> (Vec<f64>, Vec<Failed>) {
    let mut rng = ChaCha8Rng::seed_from_u64(plan.seed ^ 0x7670_6300);
    rng.set_stream(number as u64);
    let (mut all, mut failed) = (vec![], vec![]);
    for (i, subject) in plan.subjects.iter().enumerate() {
        let n = plan.effects.of_subject(subject.occasions);
        let drawn: Vec<f64> = (0..n).map(|_| normal(&mut rng)).collect();
        let effects = point.covariance.drawn(&drawn, subject.occasions);
        // Drawn for every subject, so that one that fails changes no other.
        let scatter: Vec<f64> = subject.rows.iter().map(|_| normal(&mut rng)).collect();
        let values = plan.levels(i, &point.fixed, &effects).and_then(|levels| {
            let rows = subject.rows.iter().zip(levels).zip(&scatter);
            let drawn = rows.map(|((row, level), normal)| {
                let residual = plan.endpoints[row.endpoint].residual;
                residual.drawn(level, &point.sd[row.endpoint], *normal)
            });
            drawn.collect::<Result<Vec<f64>, NoAnswer>>()
        });
        match values {
            Ok(values) => all.extend(values),
            Err(why) => {
                all.extend(subject.rows.iter().map(|_| f64::NAN));
                failed.push(Failed { set: number, subject: i, why });
            }
        }
    }
    (all, failed)
}
