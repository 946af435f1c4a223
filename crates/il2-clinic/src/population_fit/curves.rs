//! The curves of a subject for figures: many times between the records, and those at which doses
//! begin and end.

use crate::population_fit::plan::Plan;
use il2::treatment::record::{Delivery, Record};
use il2_inference::no_answer::NoAnswer;

/// Largest number of doses after each of which a curve has points of its own, and their number.
const MOST_DOSES: usize = 500;
const AFTER_A_DOSE: usize = 16;
/// Part of the whole time by which a point before or after a dose is apart from it.
const BESIDE: f64 = 1e-9;

impl Plan {
    /// The curves of a subject between its first and last record, one for each quantity that is
    /// measured: time in the table's unit, value in its own.
    pub fn curves(
        &self,
        subject: usize,
        fixed: &[f64],
        effects: &[f64],
        points: usize,
    ) -> Result<Vec<Vec<(f64, f64)>>, NoAnswer> {
        let of = &self.table.subjects[subject];
        let whole = match (of.records.first(), of.records.last()) {
            (Some(first), Some(last)) => last.time - first.time,
            _ => return Ok(vec![vec![]; self.endpoints.len()]),
        };
        let marks = self.marks(subject, (fixed, effects));
        let marks = if marks.len() > 2 * MOST_DOSES { vec![] } else { marks };
        let (mut records, mut own) = (vec![], vec![]);
        for (r, record) in of.records.iter().enumerate() {
            if let Some(before) = r.checked_sub(1).map(|b| &of.records[b]) {
                let ends = (before.time, record.time);
                for time in between(ends, &marks, (whole, points), record.gives()) {
                    records.push(Record::observation(time));
                    own.push(r);
                }
            }
            records.push(record.clone());
            own.push(r);
        }
        let seen = self.seen(subject, (fixed, effects), (&records, Some(&own)), false)?;
        let curve = |of: &Vec<(f64, Vec<f64>)>| {
            let point = |(record, seen): (&Record, &(f64, Vec<f64>))| {
                (record.time / self.factors.time, seen.0)
            };
            records.iter().zip(of).map(point).collect()
        };
        Ok(seen.iter().map(curve).collect())
    }

    /// Times at which doses of a subject begin and end, in increasing order.
    fn marks(&self, subject: usize, (fixed, effects): (&[f64], &[f64])) -> Vec<f64> {
        let of = &self.table.subjects[subject];
        let held = self.system.plain().map(|_| self.held(subject, fixed, effects));
        let mut marks = vec![];
        for (r, record) in of.records.iter().enumerate().filter(|(_, record)| record.gives()) {
            let mut record = record.clone();
            if let Some(held) = held.as_ref().filter(|_| record.compartment == 0) {
                let doses = &held[r].doses;
                let Delivery { lag, bioavailability, duration, rate } = &mut record.delivery;
                for (own, fitted) in [
                    (lag, &doses.lag),
                    (bioavailability, &doses.bioavailability),
                    (duration, &doses.duration),
                    (rate, &doses.rate),
                ] {
                    *own = fitted.as_ref().map_or(*own, |number| number.value);
                }
            }
            let lag = if record.delivery.lag.is_finite() { record.delivery.lag } else { 0.0 };
            for k in 0..=record.additional.min(MOST_DOSES as u32) {
                let begins = record.time + lag + f64::from(k) * record.interval;
                marks.push(begins);
                marks.extend(record.duration().map(|lasts| begins + lasts));
            }
        }
        marks.retain(|time| time.is_finite());
        marks.sort_by(f64::total_cmp);
        marks.dedup();
        marks
    }
}

/// Times between two records: evenly spaced, just before and after each mark, and densely after it.
/// If the later record gives a dose, the last time is just before it.
fn between(
    (from, to): (f64, f64),
    marks: &[f64],
    (whole, points): (f64, usize),
    gives: bool,
) -> Vec<f64> {
    let (step, beside) = (whole / points as f64, BESIDE * whole);
    let mut all = vec![];
    let mut begin = from;
    let inside = marks.iter().copied().filter(|m| from + beside < *m && *m < to - beside);
    for end in inside.chain([to]) {
        // After a restart of TIME, the gap is negative.
        let gap = end - begin;
        if gap <= 2.0 * beside {
            continue;
        }
        let even = (gap / step).ceil().max(1.0) as usize;
        let dense = !marks.is_empty() && even < AFTER_A_DOSE;
        let count = if dense { AFTER_A_DOSE } else { even };
        let part = |k: usize| k as f64 / count as f64;
        let place = |k: usize| if dense { part(k) * part(k) } else { part(k) };
        all.extend((1..count).map(|k| begin + gap * place(k)));
        if end < to {
            all.extend([end - beside, end + beside]);
        } else if gives {
            all.push(end - beside);
        }
        begin = end;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_has_times_around_every_dose_in_order() {
        let found = between((0.0, 100.0), &[0.0, 24.0, 48.0], (100.0, 10), true);
        assert!(found.windows(2).all(|two| two[0] < two[1]), "{found:?}");
        for mark in [24.0, 48.0] {
            for side in [-1.0, 1.0] {
                let near = |t: &&f64| (*t - mark) * side > 0.0 && (*t - mark).abs() < 1e-6;
                assert_eq!(found.iter().filter(near).count(), 1, "{mark} {side}");
            }
        }
        assert!(found.last().is_some_and(|t| *t < 100.0 && *t > 99.9999));
        // A restart of TIME, and a whole that is nothing.
        assert!(between((50.0, 0.0), &[], (50.0, 10), false).is_empty());
        assert!(between((0.0, 0.0), &[0.0], (0.0, 10), true).is_empty());
    }
}
