//! Sums that rate rules conserve. A rule does not declare what it takes from which quantity, so that
//! these sums follow from the formulas with the numbers of the file: each is expanded into terms, and
//! a weighted sum of the quantities is conserved if every term cancels in it.

use super::leaks::{MOST_SPECIES, null_space};
use super::probe::Probe;
use super::terms::{Expansion, MOST_TERMS, Term};
use super::totals::worded;
use crate::model::Model;
use crate::network::SbmlNetwork;
use il2_engine::{Expression, SpeciesId};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Largest sum of rates, relative to its largest term, that counts as zero at the states tried.
const ROUNDING: f64 = 1e-9;

/// Conserved sums of quantities that rate rules change, in words; none if the rules are too many or
/// too long to be expanded.
pub fn rate_totals(model: &Model, network: &SbmlNetwork, probe: &Probe) -> Option<Vec<String>> {
    let of = &network.network;
    let ruled: Vec<SpeciesId> =
        model.rate_rules.iter().filter_map(|rule| of.species_named(&rule.target)).collect();
    if ruled.len() > MOST_SPECIES {
        return None;
    }
    let held: BTreeSet<SpeciesId> = BTreeSet::new();
    let (state, parameters) = &probe.start();
    let branches = &network.modes.iter().map(|mode| mode.parameter).collect();
    let shared = RefCell::default();
    let expansion = Expansion { state, parameters, held: &held, branches, shared };
    let laws: Vec<Expression> = ruled.iter().map(|&s| law(of, s)).collect();
    let mut rows: BTreeMap<Term, Vec<f64>> = BTreeMap::new();
    for (k, law) in laws.iter().enumerate() {
        for (term, value) in expansion.terms(law)? {
            rows.entry(term).or_insert_with(|| vec![0.0; ruled.len()])[k] += value;
        }
    }
    if rows.len() > MOST_TERMS || rows.values().flatten().any(|value| !value.is_finite()) {
        return None;
    }
    let rates: Vec<Vec<f64>> = laws.iter().map(|law| probe.values(law)).collect();
    let names: Vec<String> = ruled.iter().map(|s| of.species[s.0].name.clone()).collect();
    let found = null_space(rows.into_values().collect(), ruled.len()).into_iter();
    // Two constants may differ by less than the elimination sees.
    let sound = found.filter(|weights| {
        (0..probe.near.len()).all(|at| {
            let parts = || weights.iter().zip(&rates).map(|(w, rate)| w * rate[at]);
            let most = parts().fold(0.0_f64, |most, part| most.max(part.abs()));
            // Far from the start a rate may have no value.
            let known = at == 0 || parts().all(f64::is_finite);
            !known || parts().sum::<f64>().abs() <= ROUNDING * most
        })
    });
    Some(sound.map(|weights| worded(&names, &weights)).collect())
}

/// The rate of change that a rule gives a state.
fn law(network: &il2_engine::Network, state: SpeciesId) -> Expression {
    let ruled = network.reactions.iter().filter(|r| r.products.iter().any(|&(s, _)| s == state));
    ruled.fold(Expression::Number(0.0), |sum, reaction| sum + network.law(reaction))
}
