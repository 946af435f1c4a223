//! Sums that no reaction changes: the left null space of the stoichiometry, in exact fractions.

use crate::math::Math;
use crate::model::{Model, Species};

/// A fraction in lowest terms; its denominator is positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fraction {
    above: i128,
    below: i128,
}

const ZERO: Fraction = Fraction { above: 0, below: 1 };
/// Largest denominator of a stoichiometry in a file, written as a fraction.
const LARGEST: i128 = 100_000;

fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a.abs() } else { gcd(b, a % b) }
}

impl Fraction {
    fn new(above: i128, below: i128) -> Option<Self> {
        let divisor = gcd(above, below);
        if below == 0 || divisor == 0 {
            return (below != 0).then_some(ZERO);
        }
        let sign = below.signum();
        Some(Self { above: sign * above / divisor, below: sign * below / divisor })
    }

    /// The fraction that a number in a file represents.
    fn of(number: f64) -> Option<Self> {
        (1..=LARGEST).find_map(|below| {
            let above = number * below as f64;
            let near = (above - above.round()).abs() <= 1e-9 * above.abs().max(1.0);
            (near && above.abs() < 1e15).then(|| Self::new(above.round() as i128, below)).flatten()
        })
    }

    fn less(self, factor: Self, other: Self) -> Option<Self> {
        let product = factor.times(other)?;
        let above = self.above.checked_mul(product.below)?;
        let above = above.checked_sub(product.above.checked_mul(self.below)?)?;
        Self::new(above, self.below.checked_mul(product.below)?)
    }

    fn times(self, other: Self) -> Option<Self> {
        let above = self.above.checked_mul(other.above)?;
        Self::new(above, self.below.checked_mul(other.below)?)
    }

    fn over(self, other: Self) -> Option<Self> {
        self.times(Self::new(other.below, other.above)?)
    }
}

/// Conserved sums of amounts, in words; none if a number is too large. If species have different
/// conversion factors, each amount is divided by its factor, which gives the amount in units of the
/// extent of reactions.
pub fn totals(model: &Model) -> Option<Vec<String>> {
    let moving: Vec<_> = model.species.iter().filter(|s| model.moves(s)).collect();
    let same = moving.windows(2).all(|pair| factor(model, pair[0]) == factor(model, pair[1]));
    let label = |s: &Species| match factor(model, s).filter(|_| !same) {
        Some(factor) => format!("{} / {factor}", s.id),
        None => s.id.clone(),
    };
    let labels: Vec<String> = moving.iter().map(|s| label(s)).collect();
    let species: Vec<&str> = moving.iter().map(|s| s.id.as_str()).collect();
    let mut rows: Vec<Vec<Fraction>> = vec![];
    for reaction in model.reactions.iter().filter(|r| r.law.is_some()) {
        let mut row = vec![ZERO; species.len()];
        for (id, count) in crate::rates::changes(model, reaction) {
            let Some(place) = species.iter().position(|s| *s == id) else { continue };
            match count {
                Math::Number(n, _) => {
                    let minus = Fraction { above: -1, below: 1 };
                    row[place] = row[place].less(minus, Fraction::of(n)?)?;
                }
                // If a stoichiometry changes, the species is in no total.
                _ => {
                    let mut alone = vec![ZERO; species.len()];
                    alone[place] = Fraction { above: 1, below: 1 };
                    rows.push(alone);
                }
            }
        }
        rows.push(row);
    }
    let pivots = eliminate(&mut rows, species.len())?;
    let free = (0..species.len()).filter(|c| pivots.iter().all(|&(_, column)| column != *c));
    let mut found = vec![];
    for column in free {
        // In reduced form: pivot species + sum over free columns = 0 in every reaction.
        let mut weights = vec![ZERO; species.len()];
        weights[column] = Fraction { above: 1, below: 1 };
        for &(row, pivot) in &pivots {
            weights[pivot] = ZERO.less(Fraction { above: 1, below: 1 }, rows[row][column])?;
        }
        let mut multiple: i128 = 1;
        for w in &weights {
            multiple = multiple.checked_mul(w.below / gcd(multiple, w.below))?;
        }
        let whole: Vec<i128> = weights
            .iter()
            .map(|w| w.above.checked_mul(multiple / w.below))
            .collect::<Option<_>>()?;
        found.push(sum(&labels, &whole));
    }
    Some(found)
}

/// The conversion factor of a species, its own or that of the model.
fn factor<'m>(model: &'m Model, species: &'m Species) -> Option<&'m String> {
    species.conversion_factor.as_ref().or(model.conversion_factor.as_ref())
}

/// Brings rows to reduced echelon form, the last column first: totals are then written as a free
/// species and its bound forms. Returns the row and column of each pivot.
fn eliminate(rows: &mut [Vec<Fraction>], columns: usize) -> Option<Vec<(usize, usize)>> {
    let (mut pivots, mut next) = (vec![], 0);
    for column in (0..columns).rev() {
        let Some(found) = (next..rows.len()).find(|&r| rows[r][column] != ZERO) else { continue };
        rows.swap(next, found);
        let pivot = rows[next][column];
        // Rows are mostly zeros.
        let filled: Vec<usize> = (0..columns).filter(|&c| rows[next][c] != ZERO).collect();
        for &c in &filled {
            rows[next][c] = rows[next][c].over(pivot)?;
        }
        let of = rows[next].clone();
        for (r, row) in rows.iter_mut().enumerate() {
            let factor = row[column];
            if r != next && factor != ZERO {
                for &c in &filled {
                    row[c] = row[c].less(factor, of[c])?;
                }
            }
        }
        pivots.push((next, column));
        next += 1;
    }
    Some(pivots)
}

/// `a + 2 b - c`.
fn sum(species: &[String], weights: &[i128]) -> String {
    let text =
        |w: &i128| (*w < 0, if w.abs() == 1 { String::new() } else { format!("{} ", w.abs()) });
    joined(species, weights.iter().map(|w| (*w != 0).then(|| text(w))))
}

/// The same with weights that are whole multiples of one another if these are small numbers, and
/// decimal numbers otherwise. The first is positive.
pub(super) fn worded(names: &[String], weights: &[f64]) -> String {
    let there = || weights.iter().copied().filter(|w| *w != 0.0);
    let least = there().map(f64::abs).fold(f64::INFINITY, f64::min);
    let unit = least * there().next().unwrap_or(1.0).signum();
    let multiples: Vec<f64> = weights.iter().map(|w| w / unit).collect();
    let fractions: Option<Vec<Fraction>> = multiples.iter().map(|w| Fraction::of(*w)).collect();
    let whole = fractions.and_then(|all| {
        let least = all.iter().try_fold(1_i128, |multiple, f| {
            (f.below <= 20).then(|| multiple * (f.below / gcd(multiple, f.below)))
        })?;
        let small = least <= 1000;
        small.then(|| all.iter().map(|f| f.above * (least / f.below)).collect::<Vec<i128>>())
    });
    match whole {
        Some(whole) => sum(names, &whole),
        None => {
            let text = |w: &f64| (*w < 0.0, format!("{} ", four_digits(w.abs())));
            joined(names, multiples.iter().map(|w| (*w != 0.0).then(|| text(w))))
        }
    }
}

fn four_digits(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}

/// A sum of names, each with its sign (whether it is negative) and factor, or left out.
fn joined(names: &[String], weights: impl Iterator<Item = Option<(bool, String)>>) -> String {
    let mut text = String::new();
    for (name, weight) in names.iter().zip(weights) {
        let Some((negative, factor)) = weight else { continue };
        let sign = match (text.is_empty(), negative) {
            (true, false) => "",
            (true, true) => "-",
            (false, false) => " + ",
            (false, true) => " - ",
        };
        text += &format!("{sign}{factor}{name}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Fraction, worded};

    #[test]
    fn a_third_in_a_file_is_a_third() {
        assert_eq!(Fraction::of(0.333333333333), Fraction::new(1, 3));
        assert_eq!(Fraction::of(2.5), Fraction::new(5, 2));
        assert_eq!(Fraction::of(f64::NAN), None);
    }

    #[test]
    fn weights_are_whole_multiples_if_these_are_small() {
        let names = ["a", "b", "c"].map(String::from);
        assert_eq!(worded(&names, &[-0.2, 0.0, 0.3]), "2 a - 3 c");
        assert_eq!(worded(&names, &[1.0 / 3.0, 1.0, 1.0 / 3.0]), "a + 3 b + c");
        assert_eq!(worded(&names, &[1.0, 0.0, 2.0_f64.sqrt()]), "1 a + 1.414 c");
    }
}
