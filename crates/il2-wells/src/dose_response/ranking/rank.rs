//! Ranking of the ligands at one time within each draw, because each draw uses the same rates and
//! counts for all.

use crate::dose_response::answer::{Answer, bounds, of_four};
use crate::dose_response::plan::{Pair, Plan};
use crate::dose_response::rank_by::RankBy;
use il2_answer::sentence::Spread;
use il2_inference::curve::HalfMaximal;
use il2_inference::statistics::central_interval;
use std::cmp::Ordering;

/// A positive number that is known exactly or within two bounds, together with its value in every
/// draw.
#[derive(Clone, Debug, Default)]
pub struct Bounded {
    /// Lower and upper bound, which are equal if the number is known; a missing lower bound is 0, a
    /// missing upper bound infinite.
    pub value: Option<(f64, f64)>,
    drawn: Vec<Option<(f64, f64)>>,
}

/// A ligand in the ranking.
#[derive(Clone, Debug)]
pub struct Ranked {
    /// Label of the ligand.
    pub ligand: String,
    /// Index of the ligand's pair with the reference cell.
    pub pair: usize,
    /// EC50 on each other cell divided by that on the reference cell.
    pub over: Vec<(String, Bounded)>,
    /// Score of the ranking; larger is better.
    pub score: Bounded,
    /// The cell whose ratio is the score.
    pub least: Option<String>,
    /// Number of draws in which the ligand is known to be the first; a draw in which several are
    /// equal is divided among them.
    pub first: f64,
    /// Its rank, from 1; equal ligands have the same rank.
    pub rank: usize,
    /// Whether the bounds decide its place relative to every other ligand that is ranked.
    pub decided: bool,
}

/// All ligands at one time, the best first.
#[derive(Clone, Debug)]
pub struct Ranking {
    /// Index of the time.
    pub time: usize,
    /// Ligands, the best first; those whose rank is unknown come last.
    pub ligands: Vec<Ranked>,
    /// Score of the first ligand divided by that of the second, computed within each draw.
    pub lead: Option<Spread>,
    /// Number of draws whose bounds do not decide which ligand is the first.
    pub undecided: usize,
}

impl Ranked {
    /// The ratio by which the ligand is ranked; none if ligands are ranked by potency.
    pub fn selectivity(&self) -> Option<&Bounded> {
        self.least.as_ref().map(|_| &self.score)
    }
}

impl Bounded {
    fn ratio(above: &[HalfMaximal], below: &[HalfMaximal]) -> Self {
        let one = |(a, b): (&HalfMaximal, &HalfMaximal)| {
            let (a, b) = (bounds(*a)?, bounds(*b)?);
            Some((a.0 / b.1, a.1 / b.0))
        };
        let mut all = above.iter().zip(below).map(one);
        Self { value: all.next().flatten(), drawn: all.collect() }
    }

    fn least(all: &[&Bounded]) -> Self {
        let least = |of: &dyn Fn(&Bounded) -> Option<(f64, f64)>| {
            let both = all.iter().map(|b| of(b)).collect::<Option<Vec<_>>>()?;
            both.into_iter().reduce(|a, b| (a.0.min(b.0), a.1.min(b.1)))
        };
        let draws = all.first().map_or(0, |b| b.drawn.len());
        Self {
            value: least(&|b| b.value),
            drawn: (0..draws).map(|d| least(&|b| b.drawn[d])).collect(),
        }
    }

    /// The number, if it is known, and its interval over the draws.
    pub fn spread(&self, level: f64) -> Spread {
        let known = self.value.filter(|(low, high)| low == high);
        let (lows, highs): (Vec<f64>, Vec<f64>) = self.drawn.iter().flatten().map(open).unzip();
        let (low, high) = (central_interval(lows, level).0, central_interval(highs, level).1);
        Spread { middle: known.map_or(f64::NAN, |(value, _)| value), low, high }
    }

    /// The lower bound, by which the ligand is ranked; 0 if there is none.
    pub fn at_least(&self) -> f64 {
        self.value.map_or(0.0, |(low, _)| low)
    }

    /// This number divided by another, computed within each draw.
    fn over(&self, other: &Bounded, level: f64) -> Spread {
        let one = (1.0, 1.0);
        let of = |a: Option<(f64, f64)>, b: Option<(f64, f64)>| Some(of_four([a?, one, b?, one]));
        let both = self.drawn.iter().zip(&other.drawn);
        let (lows, highs): (Vec<f64>, Vec<f64>) = both.filter_map(|(a, b)| of(*a, *b)).unzip();
        let middle = of(self.value, other.value).filter(|(low, high)| low == high);
        Spread {
            middle: middle.map_or(f64::NAN, |(value, _)| value),
            low: central_interval(lows, level).0,
            high: central_interval(highs, level).1,
        }
    }
}

/// Bounds, with open ends written as infinite.
fn open((low, high): &(f64, f64)) -> (f64, f64) {
    (if *low > 0.0 { *low } else { f64::NEG_INFINITY }, *high)
}

/// Ranking of the ligands of an assay at one time.
pub fn rank(plan: &Plan, by: &RankBy, answer: &Answer, time: usize) -> Ranking {
    // The value first, then the draws.
    let ec50s = |pair: usize| -> Vec<HalfMaximal> {
        let potency = &answer.potencies[pair][time];
        std::iter::once(potency.curve.ec50).chain(potency.drawn.iter().copied()).collect()
    };
    let on_reference = plan.pairs.iter().enumerate().filter(|(_, p)| p.cell == plan.reference);
    let one = |(pair, own): (usize, &Pair)| {
        let below = ec50s(pair);
        let elsewhere = plan.pairs.iter().enumerate();
        let elsewhere = elsewhere.filter(|(p, other)| *p != pair && other.ligand == own.ligand);
        let over: Vec<(String, Bounded)> = elsewhere
            .map(|(p, other)| (other.cell.clone(), Bounded::ratio(&ec50s(p), &below)))
            .collect();
        let counted = |cell: &str| match by {
            RankBy::Against(one) => one == cell,
            RankBy::Selectivity => true,
            RankBy::Potency => false,
        };
        let counted: Vec<&(String, Bounded)> =
            over.iter().filter(|(cell, _)| counted(cell)).collect();
        let score = match by {
            RankBy::Potency => Bounded::ratio(&vec![HalfMaximal::At(1.0); below.len()], &below),
            _ => Bounded::least(&counted.iter().map(|(_, b)| b).collect::<Vec<_>>()),
        };
        let least = counted.iter().min_by(|a, b| a.1.at_least().total_cmp(&b.1.at_least()));
        let least = least.map(|(cell, _)| cell.clone());
        let ligand = own.ligand.clone();
        Ranked { ligand, pair, over, score, least, first: 0.0, rank: 0, decided: false }
    };
    let mut ligands: Vec<Ranked> = on_reference.map(one).collect();
    ligands.sort_by(|a, b| b.score.at_least().total_cmp(&a.score.at_least()));
    let scores: Vec<_> = ligands.iter().map(|ligand| ligand.score.value).collect();
    for (place, ligand) in ligands.iter_mut().enumerate() {
        ligand.rank = 1 + scores.iter().filter(|other| above(**other, scores[place])).count();
        let ranked = |of: &Option<(f64, f64)>| of.is_some_and(|(low, _)| low > 0.0);
        let others = scores.iter().enumerate().filter(|(_, other)| ranked(other));
        let mut others = others.filter(|(other, _)| *other != place);
        ligand.decided = others.all(|(_, other)| compared(scores[place], *other).is_some());
    }
    let mut undecided = 0;
    for draw in 0..plan.draws {
        let drawn: Vec<_> = ligands.iter().map(|ligand| ligand.score.drawn[draw]).collect();
        let firsts = firsts(&drawn);
        undecided += usize::from(firsts.is_empty());
        for place in &firsts {
            ligands[*place].first += 1.0 / firsts.len() as f64;
        }
    }
    let lead = match ligands.as_slice() {
        [first, second, ..] if second.score.at_least() > 0.0 => {
            Some(first.score.over(&second.score, plan.level))
        }
        _ => None,
    };
    Ranking { time, ligands, lead, undecided }
}

/// Largest relative difference of two ratios that come from the same curves; solver errors are
/// larger between any others.
const SAME: f64 = 1e-9;

/// The order of two numbers that are known within bounds; none if the bounds do not decide it. Two
/// known numbers may be equal, for example those of one molecule under two names.
fn compared(a: Option<(f64, f64)>, b: Option<(f64, f64)>) -> Option<Ordering> {
    let (a, b) = (a?, b?);
    let same = |a: f64, b: f64| (a - b).abs() <= SAME * b;
    match (same(a.0, b.1) && same(a.1, b.0), a.0 > b.1, a.1 < b.0) {
        (true, _, _) => Some(Ordering::Equal),
        (_, true, _) => Some(Ordering::Greater),
        (_, _, true) => Some(Ordering::Less),
        _ => None,
    }
}

/// Whether one number is placed above another: by its lower bound, unless the two are equal.
fn above(a: Option<(f64, f64)>, b: Option<(f64, f64)>) -> bool {
    let low = |of: Option<(f64, f64)>| of.map_or(0.0, |(low, _)| low);
    compared(a, b) != Some(Ordering::Equal) && low(a) > low(b)
}

/// The places of the best in a draw, several if they are equal; none if the bounds do not decide.
fn firsts(drawn: &[Option<(f64, f64)>]) -> Vec<usize> {
    let solved = drawn.iter().enumerate().filter(|(_, of)| of.is_some());
    let best = |(place, of): (usize, &Option<(f64, f64)>)| {
        let mut others = drawn.iter().enumerate().filter(|(o, of)| *o != place && of.is_some());
        let most = others.all(|(_, other)| {
            matches!(compared(*of, *other), Some(Ordering::Equal | Ordering::Greater))
        });
        most.then_some(place)
    };
    solved.filter_map(best).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_of_ratios_is_known_as_far_as_all_of_them_are() {
        let known = |v: f64| Bounded { value: Some((v, v)), drawn: vec![Some((v, v))] };
        let open = Bounded { value: Some((9.0, f64::INFINITY)), drawn: vec![None] };
        assert_eq!(Bounded::least(&[&known(3.0), &known(2.0)]).value, Some((2.0, 2.0)));
        // "At least 9" is certainly more than 3, but not certainly more than 30.
        assert_eq!(Bounded::least(&[&known(3.0), &open]).value, Some((3.0, 3.0)));
        assert_eq!(Bounded::least(&[&known(30.0), &open]).value, Some((9.0, 30.0)));
        assert_eq!(Bounded::least(&[&known(3.0), &open]).drawn, [None]);
    }

    #[test]
    fn a_ratio_is_as_open_as_its_ends() {
        let (at, above, below) =
            (HalfMaximal::At(6.0), HalfMaximal::Above(100.0), HalfMaximal::Below(0.5));
        let of = |a, b| Bounded::ratio(&[a], &[b]).value;
        assert_eq!(of(above, at), Some((100.0 / 6.0, f64::INFINITY)));
        assert_eq!(of(at, above), Some((0.0, 0.06)));
        assert_eq!(of(at, below), Some((12.0, f64::INFINITY)));
        assert_eq!(of(HalfMaximal::Flat, at), Some((0.0, f64::INFINITY)));
        assert_eq!(of(HalfMaximal::Unknown, at), None);
    }
    #[test]
    fn equal_ligands_share_a_draw_and_open_bounds_decide_nothing() {
        let known = |v: f64| Some((v, v));
        let open = Some((9.0, f64::INFINITY));
        assert_eq!(firsts(&[known(3.0), known(5.0), None]), [1]);
        assert_eq!(firsts(&[known(5.0), known(5.0 * (1.0 + 1e-13)), known(2.0)]), [0, 1]);
        assert_eq!(firsts(&[open, known(5.0)]), [0]);
        // "At least 9" is neither certainly more nor certainly less than 12 or another "at least 9".
        assert!(firsts(&[open, known(12.0)]).is_empty() && firsts(&[open, open]).is_empty());
        assert!(above(open, known(5.0)) && !above(known(5.0), known(5.0)));
    }
}
