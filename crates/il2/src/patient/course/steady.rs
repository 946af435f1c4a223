//! The steady state of repeated doses in a model with compartments only.

use super::number::{NoCourse, Number};
use super::state::State;
use super::step::{Rates, Step, Steps};
use crate::treatment::schedule::Cycle;
use il2_engine::linear::Lu;
use std::rc::Rc;

/// A cycle maps a state to `M state + b`. `part` is the derivative of the amount that arrives along
/// each direction, relative to this amount.
pub fn steady(
    cycle: &Cycle,
    (rates, steps): (&Rc<Rates>, &mut Steps),
    numbers: &[Number],
    part: &[f64],
) -> Result<State, NoCourse> {
    let (n, directions) = (rates.size, part.len());
    // The parts of a cycle up to a time: first with the infusion, then without it.
    let pieces = |steps: &mut Steps, until: f64| -> Vec<(Rc<Step>, f64)> {
        let split = cycle.duration.min(until);
        let mut all = vec![];
        for (over, rate) in
            [(split, cycle.steady_rate + cycle.rate), (until - split, cycle.steady_rate)]
        {
            if over > 0.0 {
                all.push((steps.of(rates, over, &[cycle.compartment]), rate));
            }
        }
        all
    };
    let run = |pieces: &[(Rc<Step>, f64)], state: &mut State, feeds: bool| {
        for (step, rate) in pieces {
            let rate = if feeds { *rate } else { 0.0 };
            let moved = step.moved(&state.amounts, &[rate]);
            for d in 0..directions {
                let mut by = step.moved(&state.by[d], &[rate * part[d]]);
                for (p, number) in numbers.iter().enumerate().filter(|(_, n)| n.by[d] != 0.0) {
                    let through = step.moved_by(p, &state.amounts, &[rate]);
                    by.iter_mut().zip(through).for_each(|(b, t)| *b += t * number.by[d]);
                }
                state.by[d] = by;
            }
            state.amounts = moved;
        }
    };
    let whole = pieces(steps, cycle.interval);
    let given = |state: &mut State| {
        state.amounts[cycle.compartment] += cycle.amount;
        for d in 0..directions {
            state.by[d][cycle.compartment] += cycle.amount * part[d];
        }
    };
    let empty = || State { amounts: vec![0.0; n], by: vec![vec![0.0; n]; directions] };
    let mut fed = empty();
    given(&mut fed);
    run(&whole, &mut fed, true);
    let mut matrix = vec![0.0; n * n];
    for c in 0..n {
        let mut alone = empty();
        alone.amounts[c] = 1.0;
        run(&whole, &mut alone, false);
        for r in 0..n {
            matrix[r * n + c] = f64::from(u8::from(r == c)) - alone.amounts[r];
        }
    }
    let solver = Lu::new(n, matrix).ok_or(NoCourse::Endless)?;
    let mut steady = State { amounts: solver.solve(&fed.amounts), by: vec![] };
    if steady.amounts.iter().any(|x| !x.is_finite() || *x < -1e-6 * cycle.amount.max(1.0)) {
        return Err(NoCourse::Endless);
    }
    // For the derivative: the state after a cycle that starts from the steady state, held fixed,
    // and then the same solution.
    steady.by = vec![vec![0.0; n]; directions];
    let mut once = State { amounts: steady.amounts.clone(), by: steady.by.clone() };
    given(&mut once);
    run(&whole, &mut once, true);
    steady.by = once.by.iter().map(|by| solver.solve(by)).collect();
    given(&mut steady);
    let rest = pieces(steps, cycle.phase);
    run(&rest, &mut steady, true);
    Ok(steady)
}
