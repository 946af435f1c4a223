//! The time intervals of the visual predictive check.

use crate::population_fit::plan::Plan;
use il2::treatment::schedule::elapsed;
use il2_engine::math;
use std::collections::BTreeMap;

/// Largest number of different times that have an interval each, unless the study gives the number
/// of intervals: two occasions of ten samples.
const MOST_TIMES: usize = 20;
/// Number of intervals where measurements were taken at more times than that.
const USUAL: usize = 8;
/// How many times longer than the median gap between intervals a washout is.
const LONG: f64 = 3.0;

/// TIME of every measurement without the restarts at resets, in the table's unit.
pub fn times(plan: &Plan) -> Vec<f64> {
    let of = plan.table.subjects.iter().zip(&plan.places).map(|(subject, places)| {
        let since = elapsed(&subject.records).expect("checked in the plan");
        let first = subject.records.first().map_or(0.0, |first| first.time);
        let time = |r: &usize| (first + since[*r]) / plan.factors.time;
        places.iter().map(time).collect::<Vec<f64>>()
    });
    of.flatten().collect()
}

/// Times of all doses of each subject, in the same time as [`times`].
pub fn doses(plan: &Plan) -> Vec<Vec<f64>> {
    let of = |subject: &il2_study::event_table::Subject| {
        let since = elapsed(&subject.records).expect("checked in the plan");
        let first = subject.records.first().map_or(0.0, |first| first.time);
        let given = subject.records.iter().zip(since).filter(|(record, _)| record.gives());
        let all = given.flat_map(|(record, since)| {
            let later = move |k| f64::from(k) * record.interval;
            (0..=record.additional).map(move |k| (first + since + later(k)) / plan.factors.time)
        });
        all.collect()
    };
    plan.table.subjects.iter().map(of).collect()
}

/// Divides measurements by time into this many intervals of about equal number; or, if the study
/// leaves it open, into one interval for each time at which measurements were taken, if these are
/// few.
pub fn bins(count: Option<usize>, mut order: Vec<usize>, times: &[f64]) -> Vec<Vec<usize>> {
    order.sort_by(|a, b| times[*a].total_cmp(&times[*b]).then(a.cmp(b)));
    match (count, by_time(&order, times)) {
        (None, Some(own)) => own,
        (count, _) => equal(count.unwrap_or(USUAL), &order, times),
    }
}

/// One interval for each time, to a thousandth of the whole time, unless these are many.
fn by_time(order: &[usize], times: &[f64]) -> Option<Vec<Vec<usize>>> {
    let (first, last) = (times[*order.first()?], times[*order.last()?]);
    let whole = last - first;
    let step = match whole > 0.0 {
        true => math::power_of_ten(math::log10(whole / 1000.0).floor() as i32),
        false => 1.0,
    };
    let mut all: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for place in order {
        all.entry(((times[*place] - first) / step).round() as i64).or_default().push(*place);
    }
    (all.len() <= MOST_TIMES).then(|| all.into_values().collect())
}

/// Intervals of about equal number. An interval ends at the widest gap between times within half an
/// interval of where it would be full, so that samples planned for the same time stay together.
fn equal(count: usize, order: &[usize], times: &[f64]) -> Vec<Vec<usize>> {
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

/// Which intervals come after a washout, so that no curve leads to them from the one before: the gap
/// is long, and of the subjects measured in the interval, most are given their first dose of the gap
/// in its second half. `ends` are the first and last time of each interval, `owners` its subjects.
pub fn after_washout(ends: &[[f64; 2]], owners: &[Vec<usize>], doses: &[Vec<f64>]) -> Vec<bool> {
    let gap = |k: usize| ends[k][0] - ends[k - 1][1];
    let mut gaps: Vec<f64> = (1..ends.len()).map(gap).collect();
    gaps.sort_by(f64::total_cmp);
    let usual = gaps.get(gaps.len().saturating_sub(1) / 2).copied().unwrap_or(f64::INFINITY);
    let apart = |k: usize| {
        let (from, to) = (ends[k - 1][1], ends[k][0]);
        let late = |subject: &&usize| {
            let first = doses[**subject].iter().copied().filter(|t| *t >= from && *t <= to);
            let first = first.fold(f64::INFINITY, f64::min);
            first.is_finite() && first - from > 0.5 * (to - from)
        };
        to - from > LONG * usual && 2 * owners[k].iter().filter(late).count() > owners[k].len()
    };
    (0..ends.len()).map(|k| k > 0 && apart(k)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_times_have_an_interval_each_and_many_times_share_eight() {
        let planned = [0.5, 1.0, 2.0, 4.0, 8.0, 12.0, 24.0, 36.0, 48.0];
        // Six subjects; the clock of the last one is off by rounding.
        let times: Vec<f64> =
            (0..54).map(|i| planned[i % 9] + if i >= 45 { 1e-9 } else { 0.0 }).collect();
        let all = bins(None, (0..54).collect(), &times);
        assert_eq!(all.len(), 9);
        for (bin, time) in all.iter().zip(planned) {
            assert_eq!(bin.len(), 6);
            assert!(bin.iter().all(|r| (times[*r] - time).abs() < 1e-6), "{bin:?} {time}");
        }
        // A number of the study counts.
        assert_eq!(bins(Some(3), (0..54).collect(), &times).len(), 3);
        let many: Vec<f64> = (0..80).map(|i| f64::from(i) * 1.37).collect();
        let all = bins(None, (0..80).collect(), &many);
        // Each ends within half an interval of where it would be full.
        assert_eq!(all.len(), 8);
        assert!(all.iter().all(|bin| (5..=15).contains(&bin.len())), "{all:?}");
        assert_eq!(all.concat(), (0..80).collect::<Vec<usize>>());
    }

    #[test]
    fn only_a_washout_parts_the_intervals() {
        let of = |times: &[f64], doses: &[f64]| {
            let ends: Vec<[f64; 2]> = times.iter().map(|t| [*t; 2]).collect();
            after_washout(&ends, &vec![vec![0]; times.len()], &[doses.to_vec()])
        };
        let two = [1.0, 4.0, 12.0, 24.0, 169.0, 172.0, 180.0];
        assert_eq!(of(&two, &[0.0, 168.0]), [false, false, false, false, true, false, false]);
        // Doses all the time, none at all, and troughs before each dose.
        let daily: Vec<f64> = (0..8).map(|d| 24.0 * f64::from(d)).collect();
        for doses in [daily.as_slice(), &[0.0]] {
            assert!(of(&two, doses).iter().all(|apart| !apart), "{doses:?}");
        }
        assert!(of(&[24.0, 48.0, 72.0, 168.0], &daily).iter().all(|apart| !apart));
    }
}
