//! Laws as sums of terms: products of species and of other factors with a numeric coefficient.

use il2_engine::{Expression, ParameterId, SharedKey, SpeciesId};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Largest number of terms.
pub const MOST_TERMS: usize = 400;

/// A product of species and of other factors, by name.
pub type Term = Vec<String>;
pub type Terms = BTreeMap<Term, f64>;

/// State of the expansion of laws.
pub struct Expansion<'a> {
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

/// A term as text.
pub fn read(network: &il2_engine::Network, term: &Term) -> String {
    let name = |key: &String| {
        let place = key.strip_prefix("species ").and_then(|k| k.parse::<usize>().ok());
        place.map_or("...".to_string(), |k| network.species[k].name.clone())
    };
    term.iter().map(name).collect::<Vec<_>>().join(" * ")
}
