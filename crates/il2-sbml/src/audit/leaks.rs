//! Totals that all laws but one conserve: another species gains only part of what one species loses.
//!
//! The stoichiometry shows only what a file declares. If a reaction is split into one-sided
//! reactions whose laws should match, the stoichiometry conserves nothing, and a wrong constant in
//! one law is not detected. Therefore every law is expanded into terms: products of species with a
//! numeric coefficient. A weighted sum of species is conserved if every term cancels in it. If all
//! terms but one cancel, and that term moves material from one species of the sum to another, mass
//! is lost or gained in between.

use super::finding::{Finding, Kind};
use super::probe::{Probe, list};
use crate::model::Model;
use crate::network::SbmlNetwork;
use il2_engine::{Expression, ParameterId, SharedKey, SpeciesId};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Larger models are not examined, because the work grows with the cube of their size.
pub(super) const MOST_SPECIES: usize = 120;
pub(super) const MOST_TERMS: usize = 400;
/// Largest remainder of a sum that counts as cancelled, as a fraction of its largest term.
const ROUNDING: f64 = 1e-8;

/// A product of species and of other factors, by name.
pub(super) type Term = Vec<String>;
pub(super) type Terms = BTreeMap<Term, f64>;

/// State of the expansion of laws.
pub(super) struct Expansion<'a> {
    pub state: &'a [f64],
    pub parameters: &'a [f64],
    /// Species that count as constants, because reactions do not change them.
    pub held: &'a BTreeSet<SpeciesId>,
    /// Parameters that stand for branches, if a law is to be expanded for all of them; otherwise those
    /// of the state are taken.
    pub branches: &'a BTreeSet<ParameterId>,
    /// The terms of shared parts; none if there are too many.
    pub shared: RefCell<BTreeMap<SharedKey, Option<Terms>>>,
}

impl Expansion<'_> {
    fn constant(&self, e: &Expression) -> Option<f64> {
        let free = e.reads_time()
            || e.species().iter().any(|s| !self.held.contains(s))
            || (!self.branches.is_empty() && !e.parameters().is_disjoint(self.branches));
        (!free).then(|| e.value(self.state, self.parameters, 0.0))
    }

    /// A law as a sum of terms; none if there are too many.
    pub fn terms(&self, e: &Expression) -> Option<Terms> {
        if let Some(value) = self.constant(e) {
            return Some(Terms::from([(vec![], value)]));
        }
        let whole = || Some(Terms::from([(vec![format!("{e:?}")], 1.0)]));
        match e {
            Expression::Species(s) => Some(Terms::from([(vec![species_key(*s)], 1.0)])),
            Expression::Sum(all) => {
                let mut sum = Terms::new();
                for part in all {
                    for (term, value) in self.terms(part)? {
                        *sum.entry(term).or_insert(0.0) += value;
                    }
                }
                Some(sum)
            }
            Expression::Product(all) => {
                let one = Terms::from([(vec![], 1.0)]);
                all.iter().try_fold(one, |product, part| times(&product, &self.terms(part)?))
            }
            Expression::Quotient(a, b) => {
                let above = self.terms(a)?;
                match self.constant(b) {
                    Some(value) => Some(above.into_iter().map(|(t, v)| (t, v / value)).collect()),
                    None => times(&above, &Terms::from([(vec![format!("1/{b:?}")], 1.0)])),
                }
            }
            Expression::Power(a, n) => match self.constant(n) {
                Some(n) if n.fract() == 0.0 && (1.0..=4.0).contains(&n) => {
                    let of = self.terms(a)?;
                    (1..n as u32).try_fold(of.clone(), |product, _| times(&product, &of))
                }
                _ => whole(),
            },
            Expression::WhereAtLeast { left, right, then, otherwise } => {
                match self.constant(left).zip(self.constant(right)) {
                    Some((left, right)) if left >= right => self.terms(then),
                    Some(_) => self.terms(otherwise),
                    None => whole(),
                }
            }
            Expression::Shared(part) => {
                let known = self.shared.borrow().get(&part.key()).cloned();
                known.unwrap_or_else(|| {
                    let terms = self.terms(part.law());
                    self.shared.borrow_mut().insert(part.key(), terms.clone());
                    terms
                })
            }
            _ => whole(),
        }
    }
}

fn species_key(s: SpeciesId) -> String {
    format!("species {}", s.0)
}

fn times(a: &Terms, b: &Terms) -> Option<Terms> {
    if a.len() * b.len() > MOST_TERMS {
        return None;
    }
    let mut product = Terms::new();
    for (x, u) in a {
        for (y, v) in b {
            let mut term: Term = x.iter().chain(y).cloned().collect();
            term.sort();
            *product.entry(term).or_insert(0.0) += u * v;
        }
    }
    Some(product)
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
    let (state, parameters) = (&probe.states[0], &probe.parameters);
    let branches = &BTreeSet::new();
    let shared = RefCell::default();
    let expansion = Expansion { state, parameters, held: &held, branches, shared };
    let mut rows: BTreeMap<Term, Vec<f64>> = BTreeMap::new();
    let mut makers: BTreeMap<Term, BTreeSet<&str>> = BTreeMap::new();
    for reaction in &of.reactions {
        let Some(terms) = expansion.terms(&of.law(reaction)) else { return };
        let mut net = vec![0.0; moving.len()];
        for (sign, side) in [(-1.0, &reaction.reactants), (1.0, &reaction.products)] {
            for &(s, count) in side {
                if let Some(place) = moving.iter().position(|m| *m == s) {
                    let scale = of.species[s.0].scale.value(state, parameters, 0.0);
                    net[place] += sign * f64::from(count) * scale;
                }
            }
        }
        for (term, value) in terms.into_iter().filter(|(_, v)| *v != 0.0) {
            let row = rows.entry(term.clone()).or_insert_with(|| vec![0.0; moving.len()]);
            row.iter_mut().zip(&net).for_each(|(r, n)| *r += n * value);
            makers.entry(term).or_default().insert(&reaction.name);
        }
    }
    if rows.len() > MOST_TERMS {
        return;
    }
    let terms: Vec<(&Term, &Vec<f64>)> = rows.iter().collect();
    // Material that an unbroken sum conserves is not lost, even if other sums do not conserve it.
    let sound = amounts(terms.iter().map(|(_, row)| (*row).clone()).collect(), moving.len());
    let sound: Vec<Vec<f64>> = sound.collect();
    let kept = |place: usize| sound.iter().any(|weights| weights[place] > 0.0);
    let mut found: Vec<(usize, Finding)> = vec![];
    for (k, (term, row)) in terms.iter().enumerate() {
        let both = row.iter().any(|v| *v > 0.0) && row.iter().any(|v| *v < 0.0);
        if !both || row.iter().any(|v| !v.is_finite()) {
            continue;
        }
        let others: Vec<Vec<f64>> =
            (0..terms.len()).filter(|j| *j != k).map(|j| terms[j].1.clone()).collect();
        for weights in amounts(others, moving.len()) {
            let moved: Vec<f64> = weights.iter().zip(*row).map(|(w, v)| w * v).collect();
            let given: f64 = moved.iter().filter(|m| **m > 0.0).sum();
            let taken: f64 = -moved.iter().filter(|m| **m < 0.0).sum::<f64>();
            let apart = (given - taken).abs() / given.max(taken);
            let all_kept = (0..moved.len()).all(|i| moved[i] == 0.0 || kept(i));
            if all_kept || given <= 0.0 || taken <= 0.0 || !(1e-6..1.0 - 1e-6).contains(&apart) {
                continue;
            }
            let names = |all: &mut dyn Iterator<Item = usize>| {
                all.map(|i| of.species[moving[i].0].name.clone()).collect::<Vec<_>>()
            };
            let losers = names(&mut (0..moved.len()).filter(|i| moved[*i] < 0.0));
            let getters = names(&mut (0..moved.len()).filter(|i| moved[*i] > 0.0));
            let members = names(&mut (0..moved.len()).filter(|i| weights[*i] != 0.0));
            let (what, part) =
                if taken > given { ("is lost", apart) } else { ("appears from nothing", apart) };
            let by: Vec<String> = makers[*term].iter().map(|m| m.to_string()).collect();
            let still: Vec<String> = held
                .iter()
                .map(|s| of.species[s.0].name.clone())
                .filter(|n| model.rate_rule(n).is_some())
                .collect();
            let still = match &still[..] {
                [] => String::new(),
                [one] => format!(" while {one} is constant"),
                several => format!(" while {} are constant", list(several)),
            };
            let sentence = format!(
                "a weighted sum of {} would be conserved{still} if it were not for the term in {}: \
                 the amounts that this term takes from {} and gives to {} differ {}-fold, and {} % \
                 {what} in the transfer (in {})",
                list(&members),
                read(of, term),
                list(&losers),
                list(&getters),
                digits(given.max(taken) / given.min(taken)),
                digits(100.0 * part),
                list(&by),
            );
            let weight = |id: SpeciesId| {
                moving.iter().position(|m| *m == id).map_or(0.0, |place| weights[place])
            };
            let place = format!("total of {}", members[0]);
            let finding = Finding { kind: Kind::Leak, place, sentence };
            found.push((broken(of, &weight), finding));
        }
    }
    // A wrong constant could be attributed to any of several terms; the attribution that keeps most
    // of what the file declares is reported.
    let least = found.iter().map(|(broken, _)| *broken).min();
    findings.extend(found.into_iter().filter(|(b, _)| Some(*b) == least).map(|(_, f)| f));
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

/// A term as text.
fn read(network: &il2_engine::Network, term: &Term) -> String {
    let name = |key: &String| {
        let place = key.strip_prefix("species ").and_then(|k| k.parse::<usize>().ok());
        place.map_or("...".to_string(), |k| network.species[k].name.clone())
    };
    term.iter().map(name).collect::<Vec<_>>().join(" * ")
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
