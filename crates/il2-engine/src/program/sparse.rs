//! Symbolic sparse elimination: pivot order, fill-in, and the lists of operations that factorise
//! and solve.

use super::lower::{RATE, Region, assign_temporaries};
use crate::list::code::{Code, Instruction, NONE, Slot, Terms};
use std::collections::{BTreeMap, BTreeSet};

/// Non-zero entries of a square matrix, each with its row of the workspace.
pub type Entries = BTreeMap<(usize, usize), Slot>;

/// An order of elimination on the diagonal after Markowitz (1957): the next pivot is always the one
/// whose row and column have the fewest other entries, so that there is little fill-in.
///
/// Pivots are taken from the diagonal regardless of the numbers, because the list must be the same
/// for every lane. With `1 / (step gamma)` on the diagonal this is safe for small steps, and the
/// integrator checks the residual of a solve to detect that a step was not small enough.
pub fn order(size: usize, entries: &Entries) -> Vec<usize> {
    let mut rows = vec![BTreeSet::new(); size];
    let mut columns = vec![BTreeSet::new(); size];
    for &(i, j) in entries.keys().filter(|(i, j)| i != j) {
        rows[i].insert(j);
        columns[j].insert(i);
    }
    let mut left: BTreeSet<usize> = (0..size).collect();
    let mut order = vec![];
    while let Some(&pivot) = left.iter().min_by_key(|&&k| (rows[k].len() * columns[k].len(), k)) {
        left.remove(&pivot);
        order.push(pivot);
        let (row, column) = (rows[pivot].clone(), columns[pivot].clone());
        for &i in &column {
            rows[i].remove(&pivot);
            rows[i].extend(row.iter().filter(|&&j| j != i));
        }
        for &j in &row {
            columns[j].remove(&pivot);
            columns[j].extend(column.iter().filter(|&&i| i != j));
        }
    }
    order
}

/// Appends to `factorise` the operations that turn `J - rate I` into its factors; returns the list
/// that solves for the right-hand side in the slope rows, in place, and the number of rows for the
/// factors. `one` is a row that contains 1.
///
/// The sign is that of the Jacobian, so that its entries are used unchanged; right-hand sides have
/// the opposite sign instead.
pub fn lists(size: usize, entries: &Entries, one: Slot, factorise: &mut Code) -> (Code, usize) {
    let order = order(size, entries);
    let mut place = vec![0; size];
    order.iter().enumerate().for_each(|(k, &i)| place[i] = k);
    // Entries of every row by position in the order: first those of the matrix, then fill-in.
    let mut pattern: Vec<BTreeMap<usize, Option<Slot>>> = vec![BTreeMap::new(); size];
    for (&(i, j), &slot) in entries {
        pattern[place[i]].insert(place[j], Some(slot));
    }
    for k in 0..size {
        pattern[k].entry(k).or_insert(None);
        let upper: Vec<usize> = pattern[k].range(k + 1..).map(|(&j, _)| j).collect();
        for row in pattern.iter_mut().skip(k + 1).filter(|row| row.contains_key(&k)) {
            upper.iter().for_each(|&j| {
                row.entry(j).or_insert(None);
            });
        }
    }
    let rate = Region::Clock.slot(RATE);
    // First the rows that the elimination itself uses; below, the rows that the solves use.
    let mut factors: BTreeMap<(usize, usize), Slot> = BTreeMap::new();
    let mut scaled: BTreeMap<(usize, usize), Slot> = BTreeMap::new();
    let mut count = 0;
    let mut new_factor = || {
        count += 1;
        Region::Factors.slot(count - 1)
    };
    // The entries from which the matrix was made are no longer needed.
    let (mut own, mut scratch) = (Code::default(), 0);
    let mut new_scratch = || {
        scratch += 1;
        Region::Temporary.slot(scratch - 1)
    };
    for i in 0..size {
        for (&j, &entry) in &pattern[i] {
            // Only entries of the row itself: all earlier positions would be the cube of the size.
            let products: Vec<_> = pattern[i]
                .range(..i.min(j))
                .filter_map(|(&k, _)| Some((factors[&(i, k)], *factors.get(&(k, j))?)))
                .collect();
            let mut terms = Terms {
                plus: entry.into_iter().collect(),
                minus_products: products,
                ..Terms::default()
            };
            // The diagonal holds the reciprocal of the pivot, the other entries the factors
            // themselves.
            let times = if j < i { factors[&(j, j)] } else { NONE };
            if i == j {
                terms.minus.push(rate);
                let pivot = new_scratch();
                own.push_sum(pivot, &terms, NONE);
                let to = new_factor();
                own.instructions.push(Instruction::Quotient { to, a: one, b: pivot });
                factors.insert((i, j), to);
            } else if let (Some(slot), true, true) =
                (entry, times == NONE, terms.minus_products.is_empty())
            {
                factors.insert((i, j), slot);
            } else {
                let to = if j < i { new_factor() } else { new_scratch() };
                own.push_sum(to, &terms, times);
                factors.insert((i, j), to);
            }
        }
        // The row is divided by the pivot here, so that eight solves need not wait for this product
        // in every row.
        for (&j, _) in pattern[i].range(i + 1..) {
            let (to, a, b) = (new_factor(), factors[&(i, j)], factors[&(i, i)]);
            own.instructions.push(Instruction::Product { to, a, b });
            scaled.insert((i, j), to);
        }
    }
    assign_temporaries(&mut own);
    factorise.interleave(&[own]);
    let mut solve = Code::default();
    let x = |k: usize| Region::Slope.slot(order[k]);
    for i in 0..size {
        let lower = pattern[i].range(..i).map(|(&k, _)| (factors[&(i, k)], x(k)));
        let lower: Vec<_> = lower.collect();
        if !lower.is_empty() {
            let terms = Terms { plus: vec![x(i)], minus_products: lower, ..Terms::default() };
            solve.push_sum(x(i), &terms, NONE);
        }
    }
    for i in (0..size).rev() {
        // The value computed last is the last term of the sum, when all others are ready.
        let upper = pattern[i].range(i + 1..).rev().map(|(&k, _)| (scaled[&(i, k)], x(k)));
        let terms = Terms {
            plus_products: vec![(x(i), factors[&(i, i)])],
            minus_products: upper.collect(),
            ..Terms::default()
        };
        solve.push_sum(x(i), &terms, NONE);
    }
    (solve, count)
}
