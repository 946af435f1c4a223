//! Totals that all laws but one conserve: another species gains only part of what one species loses.
//!
//! The stoichiometry shows only what a file declares. If a reaction is split into one-sided
//! reactions whose laws should match, the stoichiometry conserves nothing, and a wrong constant in
//! one law is not detected. Therefore every law is expanded into terms: products of species with a
//! numeric coefficient. A weighted sum of species is conserved if every term cancels in it. If all
//! terms but one cancel, and that term moves material from one species of the sum to another, mass
//! is lost or gained in between.
//!
//! What a file declares is no loss: a complex that dissociates, and is also internalised by another
//! reaction with the same term, gives back only a part of its ligand. Reactions that keep the sum by
//! themselves therefore do not count, and neither does a term of which only sources or only sinks
//! of the sum remain.

use super::finding::{Finding, Kind, list};
use super::probe::Probe;
use super::terms::{Expansion, MOST_TERMS, Term, read};
use crate::model::{Model, Participant};
use crate::network::SbmlNetwork;
use il2_engine::SpeciesId;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Larger models are not examined, because the work grows with the cube of their size.
pub(super) const MOST_SPECIES: usize = 120;
/// Largest remainder of a sum that counts as cancelled, as a fraction of its largest term.
const ROUNDING: f64 = 1e-8;
/// Smallest difference between what is taken and what is given that counts, as a fraction.
const APART: f64 = 1e-6;

/// Largest number of reactions of which all combinations are tried.
const MOST_OTHERS: usize = 10;

/// What each reaction with a term changes through it, by the reaction's id.
type Makers = BTreeMap<String, Vec<f64>>;

/// A sum that one term breaks.
struct Broken {
    /// Weights of the species.
    weights: Vec<f64>,
    /// The term, by its place.
    term: usize,
    /// Amounts that the term moves, weighted, by reactions that do not keep the sum; zero if the file
    /// declares why.
    moved: Vec<f64>,
    /// These reactions.
    by: Vec<String>,
    /// Number of reactions within the sum that do not keep it.
    reactions: usize,
}

/// Finds totals that all terms except one conserve.
pub fn leaks(model: &Model, network: &SbmlNetwork, probe: &Probe, findings: &mut Vec<Finding>) {
    let of = &network.network;
    let moving: Vec<SpeciesId> = (0..of.species.len())
        .map(SpeciesId)
        .filter(|s| model.species_of(&of.species[s.0].name).is_some_and(|m| model.moves(m)))
        .collect();
    let held: BTreeSet<SpeciesId> =
        (0..of.species.len()).map(SpeciesId).filter(|s| !moving.contains(s)).collect();
    if moving.len() > MOST_SPECIES {
        return;
    }
    let (state, parameters) = &probe.start();
    let branches = &BTreeSet::new();
    let shared = RefCell::default();
    let expansion = Expansion { state, parameters, held: &held, branches, shared };
    let mut terms: BTreeMap<Term, Makers> = BTreeMap::new();
    for reaction in &of.reactions {
        let Some(law) = expansion.terms(&of.law(reaction)) else { return };
        let mut net = vec![0.0; moving.len()];
        for (sign, side) in [(-1.0, &reaction.reactants), (1.0, &reaction.products)] {
            for &(s, count) in side {
                if let Some(place) = moving.iter().position(|m| *m == s) {
                    let scale = of.species[s.0].scale.value(state, parameters, 0.0);
                    net[place] += sign * f64::from(count) * scale;
                }
            }
        }
        // A reaction with fractions is several laws of the network: "id, species (1)".
        let id = reaction.name.split(',').next().unwrap_or_default();
        for (term, value) in law.into_iter().filter(|(_, v)| *v != 0.0) {
            let makers = terms.entry(term).or_default();
            let row = makers.entry(id.to_string()).or_insert_with(|| vec![0.0; moving.len()]);
            row.iter_mut().zip(&net).for_each(|(r, n)| *r += n * value);
        }
    }
    if terms.len() > MOST_TERMS {
        return;
    }
    let terms: Vec<(Term, Makers)> = terms.into_iter().collect();
    let rows: Vec<Vec<f64>> =
        terms.iter().map(|(_, makers)| added(makers.values(), moving.len())).collect();
    // Material that an unbroken sum conserves is not lost, even if other sums do not conserve it.
    let sound: Vec<Vec<f64>> = amounts(rows.clone(), moving.len()).collect();
    let kept = |place: usize| sound.iter().any(|weights| weights[place] > 0.0);
    let names = |which: &dyn Fn(usize) -> bool| -> Vec<String> {
        let all = (0..moving.len()).filter(|i| which(*i));
        all.map(|i| of.species[moving[i].0].name.clone()).collect()
    };
    let mut found: Vec<Broken> = vec![];
    for (term, row) in rows.iter().enumerate() {
        let both = row.iter().any(|v| *v > 0.0) && row.iter().any(|v| *v < 0.0);
        if !both || row.iter().any(|v| !v.is_finite()) {
            continue;
        }
        let others = (0..rows.len()).filter(|j| *j != term).map(|j| rows[j].clone()).collect();
        for weights in amounts(others, moving.len()) {
            let in_sum = |id: &str| {
                let place = moving.iter().position(|m| of.species[m.0].name == id);
                place.map(|place| weights[place] > 0.0)
            };
            let moved =
                |row: &[f64]| -> Vec<f64> { weights.iter().zip(row).map(|(w, v)| w * v).collect() };
            let all_kept = moved(row).iter().enumerate().all(|(i, m)| *m == 0.0 || kept(i));
            if all_kept || !differs(&moved(row)) {
                continue;
            }
            let by = unexplained(model, &terms[term].1, &weights, &in_sum);
            let moved = moved(&added(by.iter().map(|id| &terms[term].1[id]), moving.len()));
            let weight = |id: SpeciesId| {
                moving.iter().position(|m| *m == id).map_or(0.0, |place| weights[place])
            };
            let reactions = broken(of, &weight);
            found.push(Broken { weights, term, moved, by, reactions });
        }
    }
    let still = names_of_ruled(model, network, &held);
    for (k, leak) in found.iter().enumerate() {
        let members = |b: &Broken| names(&|i| b.weights[i] != 0.0);
        // A wrong constant could be attributed to any of several terms; the attribution that keeps
        // most of what the file declares is reported, then the one with the most equal weights.
        let rivals =
            || found.iter().enumerate().filter(|(_, other)| members(other) == members(leak));
        let rank = |b: &Broken| (b.reactions, spread(&b.weights));
        let better = |(j, other): (usize, &Broken)| {
            let (mine, theirs) = (rank(leak), rank(other));
            theirs < mine || (theirs == mine && j < k && other.term != leak.term)
        };
        // A sum that only a declared source or sink breaks has no fault in another term.
        if rivals().any(better) || !differs(&leak.moved) {
            continue;
        }
        let (given, taken) = sides(&leak.moved);
        let what = if taken > given { "is lost" } else { "appears from nothing" };
        let mut others: Vec<String> = rivals()
            .filter(|(_, other)| other.term != leak.term && other.reactions == leak.reactions)
            .map(|(_, other)| format!("{} ({})", read(of, &terms[other.term].0), list(&other.by)))
            .collect();
        others.dedup();
        let or = match others.is_empty() {
            true => String::new(),
            false => format!("; or the fault is in the term {}", others.join(" or ")),
        };
        let sentence = format!(
            "a weighted sum of {} would be conserved{still} if it were not for the term in {}: the \
             amounts that this term takes from {} and gives to {} differ {}-fold, and {} % {what} in \
             the transfer (in {}){or}",
            list(&members(leak)),
            read(of, &terms[leak.term].0),
            list(&names(&|i| leak.moved[i] < 0.0)),
            list(&names(&|i| leak.moved[i] > 0.0)),
            digits(given.max(taken) / given.min(taken)),
            digits(100.0 * (given - taken).abs() / given.max(taken)),
            list(&leak.by),
        );
        let place = format!("total of {}", members(leak)[0]);
        findings.push(Finding { kind: Kind::Leak, place, sentence });
    }
}

/// The sum of rows.
fn added<'r>(rows: impl Iterator<Item = &'r Vec<f64>>, columns: usize) -> Vec<f64> {
    let mut sum = vec![0.0; columns];
    rows.for_each(|row| sum.iter_mut().zip(row).for_each(|(s, v)| *s += v));
    sum
}

/// What is given and what is taken.
fn sides(moved: &[f64]) -> (f64, f64) {
    let side = |sign: f64| moved.iter().map(|m| sign * m).filter(|m| *m > 0.0).sum::<f64>();
    (side(1.0), side(-1.0))
}

/// Whether a part of what is taken is not given, or the reverse.
fn differs(moved: &[f64]) -> bool {
    let (given, taken) = sides(moved);
    let apart = (given - taken).abs() / given.max(taken);
    given > 0.0 && taken > 0.0 && (APART..1.0 - APART).contains(&apart)
}

/// Ratio of the largest weight to the smallest.
fn spread(weights: &[f64]) -> f64 {
    let there = || weights.iter().copied().filter(|w| *w > 0.0);
    there().fold(0.0, f64::max) / there().fold(f64::INFINITY, f64::min)
}

/// Reactions whose part of a term does not keep a sum, if the file does not declare why: none if
/// what remains after all that cancels are only sources of the sum, or only sinks.
fn unexplained(
    model: &Model,
    makers: &Makers,
    weights: &[f64],
    in_sum: &impl Fn(&str) -> Option<bool>,
) -> Vec<String> {
    let (mut by, mut nets, mut closed) = (vec![], vec![], false);
    for (id, row) in makers {
        let moved: Vec<f64> = weights.iter().zip(row).map(|(w, v)| w * v).collect();
        let (given, taken) = sides(&moved);
        if (given - taken).abs() <= APART * given.max(taken) {
            continue;
        }
        by.push(id.clone());
        nets.push(given - taken);
        let reaction = model.reaction(id);
        let side = reaction.map(|r| if given > taken { &r.reactants } else { &r.products });
        let side: &[Participant] = side.map_or(&[], |side| side);
        let all_within = side.iter().all(|p| in_sum(&p.species) == Some(true));
        closed |= given > 0.0 && taken > 0.0 && all_within;
    }
    if closed || !(cancels(&nets, 1.0) || cancels(&nets, -1.0)) { by } else { vec![] }
}

/// Whether all parts of one sign cancel with some of the others.
fn cancels(nets: &[f64], sign: f64) -> bool {
    let wanted: f64 = nets.iter().map(|n| n * sign).filter(|n| *n > 0.0).sum();
    let others: Vec<f64> = nets.iter().map(|n| -n * sign).filter(|n| *n > 0.0).collect();
    let sum = |chosen: usize| -> f64 {
        others.iter().enumerate().filter(|(bit, _)| chosen >> bit & 1 == 1).map(|(_, n)| n).sum()
    };
    (0..1_usize << others.len().min(MOST_OTHERS))
        .any(|chosen| (sum(chosen) - wanted).abs() <= APART * wanted)
}

/// Quantities with rate rules, which the weights take as constant, in a sentence.
fn names_of_ruled(model: &Model, network: &SbmlNetwork, held: &BTreeSet<SpeciesId>) -> String {
    let names = held.iter().map(|s| network.network.species[s.0].name.clone());
    match &names.filter(|n| model.rate_rule(n).is_some()).collect::<Vec<_>>()[..] {
        [] => String::new(),
        [one] => format!(" while {one} is constant"),
        several => format!(" while {} are constant", list(several)),
    }
}

/// Number of reactions from one species of a weighted sum to another that change the sum.
fn broken(network: &il2_engine::Network, weight: &impl Fn(SpeciesId) -> f64) -> usize {
    let side = |all: &[(SpeciesId, u32)]| -> f64 {
        all.iter().map(|&(s, count)| f64::from(count) * weight(s)).sum()
    };
    let reactions = network.reactions.iter().map(|r| (side(&r.reactants), side(&r.products)));
    let apart = |&(a, b): &(f64, f64)| a > 0.0 && b > 0.0 && (a - b).abs() > 1e-6 * a.max(b);
    reactions.filter(apart).count()
}

fn digits(value: f64) -> String {
    let rounded: f64 = format!("{value:.2e}").parse().unwrap_or(value);
    rounded.to_string()
}

/// Nonnegative weights with which all rows cancel.
fn amounts(rows: Vec<Vec<f64>>, columns: usize) -> impl Iterator<Item = Vec<f64>> {
    null_space(rows, columns).into_iter().filter(|weights| weights.iter().all(|w| *w >= 0.0))
}

/// Weights with which all rows cancel.
pub(super) fn null_space(mut rows: Vec<Vec<f64>>, columns: usize) -> Vec<Vec<f64>> {
    // Rates and species differ greatly in size, so rows and columns are scaled first.
    let mut sizes = vec![1.0; columns];
    for _ in 0..8 {
        for row in &mut rows {
            let most = row.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
            if most > 0.0 {
                row.iter_mut().for_each(|v| *v /= most.sqrt());
            }
        }
        for c in 0..columns {
            let most = rows.iter().fold(0.0_f64, |m, row| m.max(row[c].abs()));
            if most > 0.0 {
                rows.iter_mut().for_each(|row| row[c] /= most.sqrt());
                sizes[c] /= most.sqrt();
            }
        }
    }
    let mut pivots: Vec<(usize, usize)> = vec![];
    let mut next = 0;
    for column in (0..columns).rev() {
        let best = (next..rows.len())
            .max_by(|&a, &b| rows[a][column].abs().total_cmp(&rows[b][column].abs()));
        let Some(best) = best.filter(|&r| rows[r][column].abs() > ROUNDING) else { continue };
        rows.swap(next, best);
        let pivot = rows[next].clone();
        for (r, row) in rows.iter_mut().enumerate() {
            let factor = row[column] / pivot[column];
            if r != next && factor != 0.0 {
                row.iter_mut().zip(&pivot).for_each(|(v, p)| *v -= factor * p);
                row[column] = 0.0;
            }
        }
        pivots.push((next, column));
        next += 1;
    }
    let free = (0..columns).filter(|c| pivots.iter().all(|(_, column)| column != c));
    free.map(|column| {
        let mut weights = vec![0.0; columns];
        weights[column] = 1.0;
        for &(row, pivot) in &pivots {
            let weight = -rows[row][column] / rows[row][pivot];
            weights[pivot] = if weight.abs() < ROUNDING { 0.0 } else { weight };
        }
        weights.iter_mut().zip(&sizes).for_each(|(w, size)| *w *= size);
        weights
    })
    .collect()
}
