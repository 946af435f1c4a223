//! Finds where modes change: exactly if they depend on time alone, otherwise where the engine
//! detects that the state crosses a threshold.

use super::inputs::{LOOKS, is_line};
use super::machine::{Fired, Machine};
use crate::network::modes::ModeKind;
use il2_engine::lane::{Crossing, Trigger};
use il2_engine::{Change, Expression};
use std::collections::BTreeMap;

/// A crossing that the engine watches for, and the mode that changes at it.
pub(super) struct Watch {
    pub fired: Fired,
    pub trigger: Trigger,
}

/// The earliest time up to `until` at which a mode that depends on time alone changes, with all
/// modes that change then; `until` and no modes if none does.
pub(super) fn next_clocked(machine: &Machine, until: f64) -> (f64, Vec<Fired>) {
    let (mut first, mut changed) = (until, vec![]);
    for (k, mode) in machine.network.modes.iter().enumerate().filter(|(_, mode)| mode.clocked) {
        let at =
            |t: f64| mode.kind.at(mode.kind.of().value(&machine.state, &machine.parameters, t));
        let now = machine.parameters[mode.parameter.0];
        let found = match is_line(mode.kind.of(), &mut BTreeMap::new()) {
            true => first_change(machine, &mode.kind, &at, now, first),
            false => first_seen(machine, k, now, first),
        };
        let Some(time) = found else { continue };
        if time < first {
            changed.clear();
            first = time;
        }
        // A rounded time of a zero is not exactly the zero.
        let becomes = if matches!(mode.kind, ModeKind::Zero(_)) { 1.0 } else { at(time) };
        changed.push(Fired { mode: k, becomes, side: 0.0 });
    }
    (first, changed)
}

/// The first change of a mode that depends on time alone in some other way than linearly: looked
/// for in short steps, then by bisection.
fn first_seen(machine: &Machine, k: usize, now: f64, until: f64) -> Option<f64> {
    let kind = &machine.network.modes[k].kind;
    let value = |t: f64| kind.of().value(&machine.state, &machine.parameters, t);
    let step = machine.end / LOOKS;
    // A zero is found as a change of sign, from slightly after the present, which may be a zero.
    let is_zero = matches!(kind, ModeKind::Zero(_));
    let start = if is_zero { machine.time + 1e-6 * step } else { machine.time };
    let from = value(start) > 0.0;
    let same = |t: f64| if is_zero { (value(t) > 0.0) == from } else { kind.at(value(t)) == now };
    let mut before = start;
    loop {
        let mut after = (before + step).min(until);
        if after <= before {
            return None;
        }
        if same(after) {
            before = after;
            continue;
        }
        loop {
            let middle = 0.5 * (before + after);
            if middle <= before || middle >= after {
                return Some(after);
            }
            match same(middle) {
                true => before = middle,
                false => after = middle,
            }
        }
    }
}

/// The first time not after `until` at which the value of a mode differs from the current one.
fn first_change(
    machine: &Machine,
    kind: &ModeKind,
    at: &impl Fn(f64) -> f64,
    now: f64,
    until: f64,
) -> Option<f64> {
    let time = machine.time;
    if let ModeKind::Zero(_) = kind {
        return zero(machine, kind, until);
    }
    // A floor may change several times; the first change is wanted.
    let (mut before, mut after) = (time, until);
    if at(before) != now {
        return Some(before);
    }
    if let ModeKind::Floor(of) = kind {
        let value = |t: f64| of.value(&machine.state, &machine.parameters, t);
        let slope = (value(until) - value(time)) / (until - time);
        let aim = if slope > 0.0 { now + 1.0 - value(time) } else { now - value(time) };
        let ahead = time + aim / slope;
        let sure = ahead + 0.25 / slope.abs();
        if sure < after {
            after = sure;
        }
    }
    if at(after) == now {
        return None;
    }
    loop {
        let middle = 0.5 * (before + after);
        if middle <= before || middle >= after {
            return Some(after);
        }
        match at(middle) == now {
            true => before = middle,
            false => after = middle,
        }
    }
}

/// The future time at which a linear expression is zero, if any.
fn zero(machine: &Machine, kind: &ModeKind, until: f64) -> Option<f64> {
    let value = |t: f64| kind.of().value(&machine.state, &machine.parameters, t);
    let (here, there) = (value(machine.time), value(until));
    let time = machine.time + here / (here - there) * (until - machine.time);
    let rounded: f64 = format!("{time:.12e}").parse().unwrap_or(time);
    let time = if value(rounded) == 0.0 { rounded } else { time };
    (time > machine.time && time <= until).then_some(time)
}

/// The crossings that the engine must watch for until the next stop.
pub(super) fn triggers(machine: &Machine) -> Vec<Watch> {
    let mut all = vec![];
    for (k, mode) in machine.network.modes.iter().enumerate() {
        let of = mode.kind.of();
        let still = of.species().is_empty() && !of.reads_time();
        if still || mode.clocked {
            continue;
        }
        let now = machine.parameters[mode.parameter.0];
        let here = machine.value(of);
        let number = Expression::Number;
        let (above, below) = (of.clone(), number(-1.0) * of.clone());
        let sign = |positive: bool| if positive { 1.0 } else { -1.0 };
        let mut watch = |law: Expression, becomes: f64, side: f64| {
            // An integration may have ended slightly before its crossing. The crossing then counts
            // as passed, and the mode changes back if the state moves in the other direction.
            // A value that rests exactly at its threshold is watched from slightly below: from
            // zero, the engine would look for the time of a crossing ever closer to the start.
            let law = match machine.value(&law) {
                ahead if ahead > 0.0 => law - number(ahead),
                0.0 => law - number(machine.tolerance().absolute),
                _ => law,
            };
            // Time of an integration counts from its start, which is a parameter of the laws.
            let trigger = Trigger { watch: law, crossing: Crossing::Up, change: Change::Stop };
            all.push(Watch { fired: Fired { mode: k, becomes, side }, trigger });
        };
        match mode.kind {
            ModeKind::Positive(_) if now != 0.0 => watch(below, 0.0, 0.0),
            ModeKind::Positive(_) => watch(above, 1.0, 0.0),
            ModeKind::Zero(_) if here == 0.0 && machine.side[k] == 0.0 => {
                watch(above, 0.0, 1.0);
                watch(below, 0.0, -1.0);
            }
            ModeKind::Zero(_) => {
                let known = machine.side[k] != 0.0;
                let positive = if known { machine.side[k] > 0.0 } else { here > 0.0 };
                watch(if positive { below } else { above }, 1.0, sign(!positive));
            }
            ModeKind::Floor(_) => {
                watch(above - number(now + 1.0), now + 1.0, 0.0);
                watch(below + number(now), now - 1.0, 0.0);
            }
            ModeKind::Factorial(_) => {}
        }
    }
    all
}
