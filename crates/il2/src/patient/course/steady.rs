//! The steady state of repeated doses in a model with compartments only.

use super::dose::DoseBy;
use super::number::{NoCourse, Number};
use super::state::State;
use super::step::{Rates, Step, Steps};
use crate::treatment::schedule::Cycle;
use il2_engine::linear::Lu;
use std::rc::Rc;

/// An interval of a cycle in which the inflow is constant.
struct Piece {
    step: Option<Rc<Step>>,
    rate: f64,
    /// Whether the infusion of the cycle ends at its end.
    ends: bool,
}

/// A cycle maps a state to `M state + b`.
pub fn steady(
    cycle: &Cycle,
    (rates, steps): (&Rc<Rates>, &mut Steps),
    numbers: &[Number],
    by: &DoseBy,
) -> Result<State, NoCourse> {
    let (n, directions) = (rates.size, by.lag.len());
    let with = cycle.steady_rate + cycle.rate;
    // The parts of a cycle up to a time: first with the infusion, then without it.
    let pieces = |steps: &mut Steps, until: f64| -> Vec<Piece> {
        let split = cycle.duration.min(until);
        let ends = cycle.rate > 0.0 && until >= cycle.duration;
        [(split, with, ends), (until - split, cycle.steady_rate, false)]
            .into_iter()
            .map(|(over, rate, ends)| {
                let step = (over > 0.0).then(|| steps.of(rates, over, &[cycle.compartment]));
                Piece { step, rate, ends }
            })
            .collect()
    };
    let run = |pieces: &[Piece], state: &mut State, feeds: bool| {
        for Piece { step, rate, ends } in pieces {
            let rate = if feeds { *rate } else { 0.0 };
            if let Some(step) = step {
                let moved = step.moved(&state.amounts, &[rate]);
                for d in 0..directions {
                    let mut own = step.moved(&state.by[d], &[rate * by.rate[d]]);
                    for (p, number) in numbers.iter().enumerate().filter(|(_, n)| n.by[d] != 0.0) {
                        let through = step.moved_by(p, &state.amounts, &[rate]);
                        own.iter_mut().zip(through).for_each(|(b, t)| *b += t * number.by[d]);
                    }
                    state.by[d] = own;
                }
                state.amounts = moved;
            }
            if feeds && *ends {
                // An infusion that ends later has given more.
                let place = cycle.compartment;
                let own = state.by.iter_mut().zip(&by.duration);
                own.for_each(|(own, later)| own[place] += cycle.rate * later);
            }
        }
    };
    let whole = pieces(steps, cycle.interval);
    let given = |state: &mut State| {
        state.amounts[cycle.compartment] += cycle.amount;
        for d in 0..directions {
            state.by[d][cycle.compartment] += cycle.amount * by.part[d];
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
    // For the derivatives, the steady state is held fixed, the state after a cycle that starts from
    // it is differentiated, and the same linear system is solved.
    steady.by = vec![vec![0.0; n]; directions];
    let mut once = State { amounts: steady.amounts.clone(), by: steady.by.clone() };
    given(&mut once);
    run(&whole, &mut once, true);
    steady.by = once.by.iter().map(|by| solver.solve(by)).collect();
    given(&mut steady);
    let rest = pieces(steps, cycle.phase);
    run(&rest, &mut steady, true);
    // If the delay is longer than an interval, the state is that of an earlier time in the cycle.
    if cycle.phase > 0.0 {
        let mut flow = rates.times(&steady.amounts);
        let runs = cycle.phase <= cycle.duration;
        flow[cycle.compartment] += if runs { with } else { cycle.steady_rate };
        for (own, lag) in steady.by.iter_mut().zip(&by.lag) {
            own.iter_mut().zip(&flow).for_each(|(b, f)| *b -= lag * f);
        }
    }
    Ok(steady)
}
