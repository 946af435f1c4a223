//! Comparison of ligands within each draw, because each draw uses the same rates and counts for all
//! of them.

use crate::dose_response::answer::{Answer, Potency, bounds, of_four};
use crate::dose_response::plan::{Pair, Plan, reference_of};
use crate::dose_response::sentence::{self, Comparison, Ligand, sentences};
use il2_answer::answer::Shared;
use il2_answer::caption;
use il2_answer::curves;
use il2_answer::labels::time_text;
use il2_answer::sentence::{Spread, concentration, percent};
use il2_inference::statistics::central_interval;
use il2_study::study::Study;

/// A response that falls by a smaller fraction counts as almost unchanged.
const LITTLE: f64 = 0.1;

/// EC50 of a pair divided by that of the study's first ligand on the same cell at the same time.
pub fn over_first(plan: &Plan, answer: &Answer, (pair, time): (usize, usize)) -> Spread {
    let other = first_on(plan, &plan.pairs[pair].cell);
    answer.ratio(plan, (pair, other, time))
}

/// The first ligand on a cell.
fn first_on(plan: &Plan, cell: &str) -> usize {
    plan.pairs.iter().position(|pair| pair.cell == cell).expect("a cell of the assay")
}

/// (a / b) / (c / d) of half-maximal doses, with its interval over the draws.
fn ratio_of_ratios([a, b, c, d]: [&Potency; 4], level: f64) -> Option<Spread> {
    let values = [a, b, c, d].map(|p| p.curve.ec50.value());
    let [Some(va), Some(vb), Some(vc), Some(vd)] = values else { return None };
    let middle = (va / vb) / (vc / vd);
    let draws = a.drawn.iter().zip(&b.drawn).zip(c.drawn.iter().zip(&d.drawn));
    let draws = draws.filter_map(|((a, b), (c, d))| {
        Some(of_four([bounds(*a)?, bounds(*b)?, bounds(*c)?, bounds(*d)?]))
    });
    let (lows, highs): (Vec<f64>, Vec<f64>) = draws.unzip();
    let (low, high) = (central_interval(lows, level).0, central_interval(highs, level).1);
    Some(Spread { middle, low, high })
}

/// The answer in sentences, at the last time.
pub fn answer_in_sentences(study: &Study, plan: &Plan, answer: &Answer) -> Vec<String> {
    let Some(time) = plan.times.len().checked_sub(1) else { return vec![] };
    let potency = |pair: usize| &answer.potencies[pair][time];
    let first = &plan.pairs[0].ligand;
    let ratios = plan.pairs.iter().enumerate().filter_map(|(p, pair)| {
        let own = pair.ligand == *first && pair.cell != plan.reference;
        own.then(|| (p, answer.ratio(plan, (p, reference_of(plan, pair), time)).middle))
    });
    let ratios: Vec<(usize, f64)> = ratios.collect();
    let other = furthest(&ratios).map(|p| plan.pairs[p].cell.clone());
    let on = |ligand: &str, cell: &str| {
        plan.pairs.iter().position(|p| p.ligand == ligand && p.cell == cell).expect("a pair")
    };
    let base = on(first, &plan.reference);
    let ligand = |pair: usize| {
        let name = plan.pairs[pair].ligand.clone();
        let why = |pair: usize| curves::why_none(&potency(pair).curve);
        // The half-maximum of a negligible response does not measure a preference.
        let little = |pair: usize| {
            let part = potency(pair).curve.fall().filter(|part| *part < LITTLE)?;
            Some(format!(
                "the response falls by only {} on {}",
                percent(part),
                plan.pairs[pair].cell
            ))
        };
        let without = |pair: usize| {
            let why = why(pair).map(|why| format!("no EC50 on {}: {why}", plan.pairs[pair].cell));
            why.or_else(|| little(pair))
        };
        let elsewhere = plan.pairs.iter().enumerate().filter(|(_, p)| p.ligand == name);
        let elsewhere = elsewhere.filter(|(p, _)| *p != pair && why(*p).is_none());
        let there = other.as_deref().map(|cell| on(&name, cell));
        let own = |pair: usize| match why(pair) {
            Some(why) => Err(why),
            None => Ok(answer.ec50(plan, (pair, time))),
        };
        Ligand {
            ec50: own(pair),
            unit: caption::dose_unit(study, &plan.name, &name),
            elsewhere: elsewhere
                .map(|(p, pair)| (pair.cell.clone(), answer.ec50(plan, (p, time))))
                .collect(),
            preference: there.map(|there| match without(there).or(without(pair)) {
                Some(why) => Err(why),
                None => Ok(answer.ratio(plan, (there, pair, time))),
            }),
            preference_over_first: other.as_deref().zip(there).and_then(|(cell, there)| {
                let firsts = [on(first, cell), base];
                let four = [there, pair, firsts[0], firsts[1]].map(potency);
                ratio_of_ratios(four, plan.level).filter(|_| name != *first)
            }),
            ec50_over_first: (name != *first).then(|| over_first(plan, answer, (pair, time))),
            name,
        }
    };
    let on_reference = (0..plan.pairs.len()).filter(|p| plan.pairs[*p].cell == plan.reference);
    let descends = |potency: &Vec<Potency>| potency[time].curve.descends();
    let fall = if answer.potencies.iter().all(descends) { "the fall of " } else { "" };
    let all = sentences(&Comparison {
        reference: plan.reference.clone(),
        ligands: on_reference.map(ligand).collect(),
        level: (plan.draws > 0).then_some(plan.level),
        others: ratios.len(),
        of: format!(
            "{fall}{} after {}",
            il2_answer::labels::written(&plan.readout),
            il2_answer::labels::time_text(plan.times[time])
        ),
        other,
    });
    all.into_iter().chain(bells(plan, answer, time)).collect()
}

/// Results that other assays of the study may also report: EC50s at the last time.
pub fn shared(plan: &Plan, answer: &Answer) -> Vec<Shared> {
    let Some(time) = plan.times.len().checked_sub(1) else { return vec![] };
    let (readout, at) = (il2_answer::labels::written(&plan.readout), time_text(plan.times[time]));
    let of = |(k, pair): (usize, &Pair)| {
        let ec50 = answer.ec50(plan, (k, time));
        let of = format!("On {} at {at} the EC50 of {} for {readout} is", pair.cell, pair.ligand);
        ec50.middle.is_finite().then(|| Shared { of, value: concentration(ec50) })
    };
    plan.pairs.iter().enumerate().filter_map(of).collect()
}

/// The sentence about curves that fall again at high doses, for one time.
pub fn bells(plan: &Plan, answer: &Answer, time: usize) -> Option<String> {
    let pairs = plan.pairs.iter().zip(&answer.potencies);
    let bell = |(pair, potencies): (&Pair, &Vec<Potency>)| {
        Some((format!("{} on {}", pair.ligand, pair.cell), potencies[time].curve.bell?))
    };
    sentence::bells(&pairs.filter_map(bell).collect::<Vec<_>>())
}

/// The cell that the sentences compare: the one whose EC50 differs most from that on the reference
/// cell, in either direction, or the first cell if no ratio is known.
fn furthest(ratios: &[(usize, f64)]) -> Option<usize> {
    let far = ratios.iter().map(|(p, ratio)| (*p, il2_engine::math::ln(*ratio).abs()));
    let known = far.filter(|(_, far)| far.is_finite());
    known.max_by(|a, b| a.1.total_cmp(&b.1)).or(ratios.first().copied()).map(|(p, _)| p)
}

#[cfg(test)]
mod tests {
    use super::*;
    use il2_inference::curve::{Curve, HalfMaximal};

    fn potency(drawn: &[f64]) -> Potency {
        let at = |dose: &f64| match dose.is_finite() {
            true => HalfMaximal::At(*dose),
            false => HalfMaximal::Above(1e3),
        };
        let curve = Curve {
            ec50: HalfMaximal::At(2.0),
            top: 1.0,
            baseline: 0.0,
            steepness: None,
            bell: None,
            gap: None,
            rises: false,
            two_steps: false,
        };
        Potency { curve, drawn: drawn.iter().map(at).collect(), across: 0, bands: vec![] }
    }

    #[test]
    fn what_moves_all_alike_cancels_in_the_ratio_of_ratios() {
        // Each EC50 varies a hundredfold between draws, but the ratio of ratios is constant.
        let all = [[1.0, 10.0, 100.0], [2.0, 20.0, 200.0], [3.0, 30.0, 300.0], [1.0, 10.0, 100.0]];
        let [a, b, c, d] = all.map(|drawn| potency(&drawn));
        let found = ratio_of_ratios([&a, &b, &c, &d], 0.95).expect("four EC50s");
        assert!((found.low - 1.0 / 6.0).abs() < 1e-12 && (found.high - 1.0 / 6.0).abs() < 1e-12);
        assert!(found.excludes(1.0));
    }

    #[test]
    fn the_cell_that_is_told_lies_furthest_up_or_down() {
        assert_eq!(furthest(&[(1, 3.0), (2, 0.1), (3, 5.0)]), Some(2));
        assert_eq!(furthest(&[(1, f64::NAN), (2, 0.9)]), Some(2));
        assert_eq!(furthest(&[(4, f64::NAN), (5, f64::NAN)]), Some(4));
        assert_eq!(furthest(&[]), None);
    }
}
