//! The answer of a sweep over the number of a chain in sentences.

use il2::quantity::{readable_concentration, three_digits};
use il2_answer::sentence::{listed, number};
use il2_engine::math;
use il2_engine::words::counted;

/// Largest number of ligand-cell pairs in the sentences; the table has all of them.
const MOST: usize = 6;
/// A change by a smaller factor is reported as no change.
const SAME: f64 = 1.05;
/// No value is interpolated between numbers that are further apart than this factor (half a
/// decade).
const APART: f64 = 3.2;

/// A ligand on a cell, from the lowest to the highest number of the chain.
#[derive(Clone, Debug)]
pub struct Swept {
    /// `native on treg`.
    pub name: String,
    /// Number of the chain, EC50 (pM; NaN if there is none) and top.
    pub points: Vec<(f64, f64, f64)>,
    /// Count of chain numbers at which a simulation failed, and the reason for the first.
    pub failed: Option<(usize, String)>,
}

/// The answer; `chain` and `readout` are in words.
pub fn sentences(chain: &str, readout: &str, all: &[Swept]) -> Vec<String> {
    let shown = &all[..all.len().min(MOST)];
    // Pairs that do not depend on the chain are reported together.
    let (still, moved): (Vec<&Swept>, Vec<&Swept>) =
        shown.iter().partition(|s| unmoved(s).is_some());
    let mut said: Vec<String> = moved.iter().map(|swept| one(chain, readout, swept)).collect();
    if let [first, ..] = still.as_slice() {
        let of = |swept: &&Swept| {
            let ec50 = unmoved(swept).unwrap_or(f64::NAN);
            format!("{} for {}", readable_concentration(ec50), swept.name)
        };
        let ends = [&first.points[0], &first.points[first.points.len() - 1]].map(|p| number(p.0));
        said.push(format!(
            "From {} to {} {chain} per cell, the EC50 does not change: {}.",
            ends[0],
            ends[1],
            listed(&still.iter().map(of).collect::<Vec<_>>())
        ));
    }
    let more = match all.len() - shown.len() {
        0 => String::new(),
        more => format!("The table has {} of a ligand and a cell. ", counted(more, "more pair")),
    };
    said.push(more + crate::swept::NO_INTERVALS);
    said
}

/// The EC50 of a pair whose EC50 and top are the same at every number.
fn unmoved(swept: &Swept) -> Option<f64> {
    let (_, first, top) = *swept.points.first()?;
    let same = |a: f64, b: f64| (a / b).max(b / a) < SAME;
    let all = swept.points.iter().all(|p| same(p.1, first) && same(p.2, top));
    (all && swept.points.len() > 1).then_some(first)
}

fn one(chain: &str, readout: &str, swept: &Swept) -> String {
    let name = &swept.name;
    // Numbers without an EC50 keep their places, so that nothing is interpolated across a gap.
    let of = |value: fn(&(f64, f64, f64)) -> f64| -> Vec<(f64, f64)> {
        let points = swept.points.iter().map(|p| (p.0, value(p)));
        points.map(|p| (p.0, if p.1 > 0.0 { p.1 } else { f64::NAN })).collect()
    };
    let known = |all: &[(f64, f64)]| -> Vec<(f64, f64)> {
        all.iter().filter(|p| p.1.is_finite()).copied().collect()
    };
    let (every_ec50, every_top) = (of(|p| p.1), of(|p| p.2));
    let (ec50, top) = (known(&every_ec50), known(&every_top));
    let mut parts = vec![];
    match ec50.as_slice() {
        [] if swept.failed.as_ref().is_some_and(|(n, _)| *n == swept.points.len()) => {
            parts.push("there is no answer".to_string());
        }
        [] => parts.push("no EC50 is within the tested doses".to_string()),
        [only] => parts.push(format!(
            "an EC50 is within the tested doses only at {} {chain} per cell, {}",
            number(only.0),
            readable_concentration(only.1)
        )),
        [first, .., last] => {
            let values = [first, last].map(|p| readable_concentration(p.1));
            let numbers = [first, last].map(|p| number(p.0));
            let between = furthest(&ec50);
            parts.push(match changed(first.1, last.1) {
                _ if between.is_some() => format!(
                    "the EC50 is {} at {} {chain} per cell, {} at {} and {} at {}",
                    values[0],
                    numbers[0],
                    between.map_or(String::new(), |p| readable_concentration(p.1)),
                    between.map_or(String::new(), |p| number(p.0)),
                    values[1],
                    numbers[1]
                ),
                None => format!(
                    "the EC50 stays at {} from {} to {} {chain} per cell",
                    values[0], numbers[0], numbers[1]
                ),
                Some(word) => format!(
                    "the EC50 {word} from {} at {} {chain} per cell to {} at {}{}",
                    values[0],
                    numbers[0],
                    values[1],
                    numbers[1],
                    halfway(&every_ec50, (first.1 * last.1).sqrt())
                ),
            });
        }
    }
    if let [first, .., last] = top.as_slice()
        && let Some(word) = changed(first.1, last.1)
    {
        let most = first.1.max(last.1);
        let half = crossing(&every_top, 0.5 * most);
        let half =
            half.map_or(String::new(), |n| format!(" (half of the larger value at {})", number(n)));
        let values = listed_range(first.1, last.1);
        parts.push(format!("the top ({readout}) {word} {values}{half}"));
    }
    let (all, failed) = (swept.points.len(), swept.failed.as_ref().map_or(0, |(n, _)| *n));
    let mut aside = vec![];
    if let Some((n, why)) = &swept.failed {
        aside.push(format!("at {n} of {all} numbers a simulation failed: {why}"));
    }
    match all - ec50.len() - failed {
        some if some > 0 && ec50.len() > 1 => {
            aside.push(format!("at {some} of {all} numbers no EC50 is within the tested doses"));
        }
        _ => {}
    }
    let aside = match aside.is_empty() {
        true => String::new(),
        false => format!(" ({})", aside.join("; ")),
    };
    format!("{name}: {}{aside}.", listed(&parts))
}

/// The point of a curve that is furthest outside the range between its ends, if any.
fn furthest(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    let (first, last) = (points.first()?.1, points.last()?.1);
    let (low, high) = (first.min(last), first.max(last));
    let beyond = |p: &(f64, f64)| (p.1 / high).max(low / p.1);
    let most = points.iter().copied().max_by(|a, b| beyond(a).total_cmp(&beyond(b)))?;
    (beyond(&most) > SAME).then_some(most)
}

fn listed_range(first: f64, last: f64) -> String {
    format!("from {} to {}", number(first), number(last))
}

/// The word for a rise or a fall; none if there is no change.
fn changed(first: f64, last: f64) -> Option<&'static str> {
    match last / first {
        ratio if ratio > SAME => Some("rises"),
        ratio if ratio < 1.0 / SAME => Some("falls"),
        _ => None,
    }
}

/// The number, in words, at which half of the change of the EC50 (on the logarithmic scale) is
/// reached; empty if it is between numbers without an EC50.
fn halfway(points: &[(f64, f64)], level: f64) -> String {
    let (Some(at), Some(pair)) = (crossing(points, level), crossed(points, level)) else {
        return String::new();
    };
    let [from, to] = [pair[0].0, pair[1].0];
    match (to / from).max(from / to) > APART {
        true => {
            format!(" (halfway on a log scale between {} and {})", number(from), number(to))
        }
        false => format!(" (halfway on a log scale near {})", three_digits(at)),
    }
}

/// The number at which a curve first reaches a level, on logarithmic axes; none if it is at an end,
/// or if a number is 0.
fn crossing(points: &[(f64, f64)], level: f64) -> Option<f64> {
    let log = math::ln;
    let pair = crossed(points, level)?;
    let part = (log(level) - log(pair[0].1)) / (log(pair[1].1) - log(pair[0].1));
    let at = math::exp(log(pair[0].0) + part * (log(pair[1].0) - log(pair[0].0)));
    (at.is_finite() && at > 0.0).then_some(at)
}

/// The neighbouring points between which a curve first reaches a level.
fn crossed(points: &[(f64, f64)], level: f64) -> Option<&[(f64, f64)]> {
    let between =
        |w: &&[(f64, f64)]| (w[0].1 - level) * (w[1].1 - level) <= 0.0 && w[0].1 != w[1].1;
    points.windows(2).find(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn swept(points: &[(f64, f64, f64)]) -> Swept {
        Swept { name: "native on treg".into(), points: points.to_vec(), failed: None }
    }

    const SURE: &str = crate::swept::NO_INTERVALS;

    #[test]
    fn the_ec50_and_the_top_are_told_with_where_they_are_half_way() {
        let all = [swept(&[(100.0, 200.0, 40.0), (1e3, 20.0, 50.0), (1e4, 2.0, 100.0)])];
        assert_eq!(
            sentences("CD25", "signalling complexes", &all),
            [
                "native on treg: the EC50 falls from 200 pM at 100 CD25 per cell to 2.00 pM at 10000 \
                 (halfway on a log scale between 100 and 1000) and the top (signalling complexes) rises from 40 to 100 (half \
                 of the larger value at 1000).",
                SURE
            ]
        );
    }

    #[test]
    fn of_near_numbers_one_is_told_and_the_scale_is_named() {
        let all = [swept(&[(100.0, 200.0, 40.0), (300.0, 90.0, 40.0), (900.0, 40.0, 40.0)])];
        let said = &sentences("CD25", "pstat5", &all)[0];
        assert!(said.ends_with(" at 900 (halfway on a log scale near 303)."), "{said}");
    }

    #[test]
    fn a_curve_that_turns_is_told_with_its_turn() {
        let all = [swept(&[(500.0, 188.0, 40.0), (8500.0, 211.0, 40.0), (3e4, 49.0, 40.0)])];
        assert_eq!(
            sentences("CD122", "pstat5", &all)[0],
            "native on treg: the EC50 is 188 pM at 500 CD122 per cell, 211 pM at 8500 and 49.0 pM at 30000."
        );
    }

    #[test]
    fn all_that_does_not_change_is_told_together() {
        let still = swept(&[(100.0, 20.0, 40.0), (1e3, 20.1, 40.1)]);
        let other = Swept {
            name: "il15 on treg".into(),
            ..swept(&[(100.0, 330.0, 4.0), (1e3, 330.0, 4.0)])
        };
        let moved = swept(&[(100.0, 20.0, 40.0), (1e3, 2.0, 40.1)]);
        assert_eq!(
            sentences("CD25", "pstat5", &[still, other, moved]),
            [
                "native on treg: the EC50 falls from 20.0 pM at 100 CD25 per cell to 2.00 pM at 1000 \
                 (halfway on a log scale between 100 and 1000).",
                "From 100 to 1000 CD25 per cell, the EC50 does not change: 20.0 pM for native on \
                 treg and 330 pM for il15 on treg.",
                SURE
            ]
        );
    }

    #[test]
    fn what_is_beyond_the_doses_is_counted_and_what_is_not_told_is_said() {
        let none = [
            swept(&[(100.0, f64::NAN, 40.0), (1e3, f64::NAN, 40.0)]),
            swept(&[(100.0, 20.0, 40.0)]),
            swept(&[(100.0, 20.0, 40.0), (300.0, f64::NAN, 40.0), (1e3, 2.0, 40.0)]),
        ];
        assert_eq!(
            sentences("CD25", "pstat5", &none),
            [
                "native on treg: no EC50 is within the tested doses.",
                "native on treg: an EC50 is within the tested doses only at 100 CD25 per cell, \
                 20.0 pM.",
                "native on treg: the EC50 falls from 20.0 pM at 100 CD25 per cell to 2.00 pM at 1000 (at 1 of \
                 3 numbers no EC50 is within the tested doses).",
                SURE
            ]
        );
        let mut failed = swept(&[(100.0, 20.0, 40.0), (300.0, f64::NAN, 40.0), (1e3, 2.0, 40.0)]);
        failed.failed = Some((1, "too many steps".into()));
        assert_eq!(
            sentences("CD25", "pstat5", &[failed])[0],
            "native on treg: the EC50 falls from 20.0 pM at 100 CD25 per cell to 2.00 pM at 1000 (at 1 of 3 \
             numbers a simulation failed: too many steps)."
        );
        let many: Vec<Swept> = (0..8).map(|_| swept(&[(100.0, 20.0, 40.0)])).collect();
        let said = sentences("CD25", "pstat5", &many);
        assert!(
            said[6].starts_with("The table has 2 more pairs of a ligand and a cell. A sweep"),
            "{said:?}"
        );
    }
}
