//! Totals that no reaction changes, found from the stoichiometry alone.

use crate::expression::Expression;
use crate::id::SpeciesId;
use crate::network::Network;
use std::collections::BTreeSet;

/// A weighted sum of species that no reaction changes.
#[derive(Clone, Debug, PartialEq)]
pub struct ConservedTotal {
    /// Each species and its whole-number weight. The total is `sum weight * value / scale`, so that
    /// a concentration is weighted by its volume.
    pub terms: Vec<(SpeciesId, i64)>,
    /// Species on which the scales of these terms depend: the total is conserved as long as these
    /// species are constant.
    pub while_constant: Vec<SpeciesId>,
}

impl ConservedTotal {
    /// The total at a state, in reaction units.
    pub fn value(&self, network: &Network, state: &[f64], parameters: &[f64]) -> f64 {
        self.terms
            .iter()
            .map(|&(s, weight)| {
                let scale = network.species[s.0].scale.value(state, parameters, 0.0);
                weight as f64 * state[s.0] / scale
            })
            .sum()
    }

    /// The total as text, for example `ligand + complex + 2 dimer`.
    pub fn describe(&self, network: &Network) -> String {
        let mut text = String::new();
        for &(species, weight) in &self.terms {
            let name = &network.species[species.0].name;
            let sign = if weight < 0 { "- " } else { "+ " };
            let sign = if text.is_empty() { sign.trim_start_matches("+ ") } else { sign };
            let space = if text.is_empty() { "" } else { " " };
            match weight.abs() {
                1 => text += &format!("{space}{sign}{name}"),
                w => text += &format!("{space}{sign}{w} {name}"),
            }
        }
        text
    }
}

/// All independent conserved totals: the left null space of the stoichiometric matrix in exact
/// whole-number arithmetic. Species whose scale is the number 0 are reservoirs and are left out.
///
/// Elimination runs from the last species to the first, so that networks which name free
/// components before their complexes get totals that read as "component, free and bound".
pub fn conserved_totals(network: &Network) -> Vec<ConservedTotal> {
    let count = network.species.len();
    let held = |s: SpeciesId| matches!(network.species[s.0].scale, Expression::Number(0.0));
    let mut rows: Vec<Vec<i64>> = vec![];
    for reaction in &network.reactions {
        let mut row = vec![0_i64; count];
        for &(s, n) in reaction.reactants.iter().filter(|(s, _)| !held(*s)) {
            row[s.0] -= i64::from(n);
        }
        for &(s, n) in reaction.products.iter().filter(|(s, _)| !held(*s)) {
            row[s.0] += i64::from(n);
        }
        rows.push(row);
    }
    let pivots = eliminate(&mut rows, count);
    let mut totals = vec![];
    let unpivoted = (0..count).filter(|c| pivots.iter().all(|&(_, column)| column != *c));
    for column in unpivoted.filter(|&c| !held(SpeciesId(c))) {
        // Row r reads: pivot * x[pivot column] + sum over unpivoted columns = 0.
        let denominator = pivots
            .iter()
            .fold(1, |lcm, &(row, pivot)| lcm / gcd(lcm, rows[row][pivot]) * rows[row][pivot])
            .abs();
        let mut weights = vec![0_i64; count];
        weights[column] = denominator;
        for &(row, pivot) in &pivots {
            weights[pivot] = -rows[row][column] * (denominator / rows[row][pivot]);
        }
        let divisor = weights.iter().fold(0, |d, &w| gcd(d, w)).max(1);
        let terms: Vec<_> = (0..count)
            .filter(|&s| weights[s] != 0)
            .map(|s| (SpeciesId(s), weights[s] / divisor))
            .collect();
        let while_constant: BTreeSet<SpeciesId> =
            terms.iter().flat_map(|(s, _)| network.species[s.0].scale.species()).collect();
        totals.push(ConservedTotal { terms, while_constant: while_constant.into_iter().collect() });
    }
    totals
}

/// Brings the rows to reduced row echelon form over the integers, starting from the last column;
/// returns (row, column) of each pivot.
fn eliminate(rows: &mut [Vec<i64>], columns: usize) -> Vec<(usize, usize)> {
    let mut pivots = vec![];
    let mut next = 0;
    for column in (0..columns).rev() {
        let Some(found) = (next..rows.len()).find(|&r| rows[r][column] != 0) else { continue };
        rows.swap(next, found);
        let pivot = rows[next].clone();
        for (r, row) in rows.iter_mut().enumerate() {
            let factor = row[column];
            if r == next || factor == 0 {
                continue;
            }
            for c in 0..columns {
                row[c] = row[c] * pivot[column] - factor * pivot[c];
            }
            let divisor = row.iter().fold(0, |d, &v| gcd(d, v));
            if divisor > 1 {
                row.iter_mut().for_each(|v| *v /= divisor);
            }
        }
        pivots.push((next, column));
        next += 1;
    }
    pivots
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a.abs() } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dimension::Dimension;

    #[test]
    fn a_dimer_counts_its_monomer_twice() {
        let mut n = Network::default();
        let [a, b] = ["a", "b"].map(|name| n.add_species(name, Dimension::CONCENTRATION));
        let [ab, ab2] =
            ["ab", "ab_dimer"].map(|name| n.add_species(name, Dimension::CONCENTRATION));
        let k = n.add_parameter("k", Dimension::RATE / Dimension::CONCENTRATION, 1.0);
        n.add_reaction("bind", &[a, b], &[ab], k);
        n.add_reaction("pair", &[ab, ab], &[ab2], k);
        let texts: Vec<_> = conserved_totals(&n).iter().map(|t| t.describe(&n)).collect();
        assert_eq!(texts, ["a + ab + 2 ab_dimer", "b + ab + 2 ab_dimer"]);
    }

    #[test]
    fn an_open_network_conserves_nothing() {
        let mut n = Network::default();
        let a = n.add_species("a", Dimension::CONCENTRATION);
        let k = n.add_parameter("k", Dimension::RATE, 1.0);
        n.add_reaction("decay", &[a], &[], k);
        assert!(conserved_totals(&n).is_empty());
    }
}
