//! The interpreter: runs a list over rows of lanes on any processor.
//!
//! It is the reference for the machine code: both give the same bits, because every operation is
//! one correctly rounded operation on one lane's numbers.

use super::code::{Code, Function, Instruction, NONE, Sum, choose, maximum, minimum};
use super::row::{Row, each};

/// Runs a list. `rows` is the whole workspace for which the list was made.
#[inline(always)]
pub fn run<const W: usize>(code: &Code, rows: &mut [Row<W>]) {
    for instruction in &code.instructions {
        match *instruction {
            Instruction::Sum(ref sum) => rows[sum.to as usize] = evaluate(code, sum, rows),
            Instruction::Product { to, a, b } => {
                let (a, b) = (&rows[a as usize], &rows[b as usize]);
                rows[to as usize] = each(|l| a[l] * b[l]);
            }
            Instruction::Quotient { to, a, b } => {
                let (a, b) = (&rows[a as usize], &rows[b as usize]);
                rows[to as usize] = each(|l| a[l] / b[l]);
            }
            Instruction::Call { .. } => call(instruction, rows),
        }
    }
}

/// Runs one [`Instruction::Call`]. A choice between numbers, as in most calls, is computed for all
/// lanes at once.
#[inline(always)]
pub fn call<const W: usize>(instruction: &Instruction, rows: &mut [Row<W>]) {
    let Instruction::Call { to, function, arguments } = *instruction else { return };
    let row = |k: usize| match arguments[k] {
        NONE => [0.0; W],
        slot => rows[slot as usize],
    };
    let [a, b, c, d] = [row(0), row(1), row(2), row(3)];
    rows[to as usize] = match function {
        Function::Minimum => each(|l| minimum(a[l], b[l])),
        Function::Maximum => each(|l| maximum(a[l], b[l])),
        Function::Choose => each(|l| choose([a[l], b[l], c[l], d[l]])),
        _ => each(|l| function.value([a[l], b[l], c[l], d[l]])),
    };
}

#[inline(always)]
fn evaluate<const W: usize>(code: &Code, sum: &Sum, rows: &[Row<W>]) -> Row<W> {
    let operands = &code.operands[sum.start as usize..][..sum.operands()];
    let (products, singles) =
        operands.split_at(2 * (sum.plus_products + sum.minus_products) as usize);
    let (mut added, subtracted) = products.split_at(2 * sum.plus_products as usize);
    let (mut plus, minus) = singles.split_at(sum.plus as usize);
    // The first operand starts the sum: an added row if there is one, otherwise a product,
    // otherwise zero. The assembler does the same.
    let mut total = if let [first, rest @ ..] = plus {
        plus = rest;
        rows[*first as usize]
    } else if let [a, b, rest @ ..] = added {
        added = rest;
        let (a, b) = (&rows[*a as usize], &rows[*b as usize]);
        each(|l| a[l] * b[l])
    } else {
        [0.0; W]
    };
    for pair in added.chunks_exact(2) {
        let (a, b) = (&rows[pair[0] as usize], &rows[pair[1] as usize]);
        (0..W).for_each(|l| total[l] = a[l].mul_add(b[l], total[l]));
    }
    for pair in subtracted.chunks_exact(2) {
        let (a, b) = (&rows[pair[0] as usize], &rows[pair[1] as usize]);
        (0..W).for_each(|l| total[l] = (-a[l]).mul_add(b[l], total[l]));
    }
    for &slot in plus {
        let a = &rows[slot as usize];
        (0..W).for_each(|l| total[l] += a[l]);
    }
    for &slot in minus {
        let a = &rows[slot as usize];
        (0..W).for_each(|l| total[l] -= a[l]);
    }
    if sum.times != NONE {
        let factor = &rows[sum.times as usize];
        (0..W).for_each(|l| total[l] *= factor[l]);
    }
    total
}
