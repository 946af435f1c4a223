//! Inputs that are smooth functions of time, such as a dose given as a narrow peak. While nothing
//! else happens, steps grow, and would pass over such an input without seeing it; integrations
//! therefore stop often where it changes.

use il2_engine::{Expression, Network, ParameterId, SharedKey};
use std::collections::{BTreeMap, BTreeSet};

/// An expression of time alone that is not linear is looked at so many times in a run; the engine
/// would step over short changes of it.
pub(super) const LOOKS: f64 = 20_000.0;

/// Whether an expression is linear in time while states and parameters are constant.
pub(super) fn is_line(of: &Expression, known: &mut BTreeMap<SharedKey, bool>) -> bool {
    match of {
        e if !e.reads_time() => true,
        Expression::Time => true,
        Expression::Sum(all) => all.iter().all(|e| is_line(e, known)),
        Expression::Product(all) => {
            all.iter().filter(|e| e.reads_time()).count() <= 1
                && all.iter().all(|e| is_line(e, known))
        }
        Expression::Quotient(a, b) => !b.reads_time() && is_line(a, known),
        Expression::Shared(part) => match known.get(&part.key()) {
            Some(&line) => line,
            None => {
                let line = is_line(part.law(), known);
                known.insert(part.key(), line);
                line
            }
        },
        _ => false,
    }
}

/// Between two stops, an input changes by at most this part of its range.
const PART: f64 = 0.1;

/// The inputs of a model, and where they change.
pub(super) struct Inputs {
    /// Expressions of time and parameters in the laws, as large as possible, and not linear in time.
    all: Vec<Expression>,
    /// The parameters that they read.
    parameters: Vec<ParameterId>,
    /// Stops found last, the times between which they were searched for, and the values of the
    /// parameters then.
    stops: Vec<f64>,
    between: (f64, f64),
    at: Vec<f64>,
}

/// What an expression depends on.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Reads {
    Parameters,
    Time,
    State,
}

impl Inputs {
    pub fn of(network: &Network) -> Self {
        let (mut all, mut known) = (vec![], BTreeMap::new());
        let scales = network.species.iter().map(|species| species.scale.clone());
        for law in network.reactions.iter().map(|r| network.law(r)).chain(scales) {
            if collect(&law, &mut known, &mut all) == Reads::Time {
                all.push(law);
            }
        }
        all.retain(|input| !is_line(input, &mut BTreeMap::new()));
        let parameters: BTreeSet<_> = all.iter().flat_map(|input| input.parameters()).collect();
        let parameters = parameters.into_iter().collect();
        Self { all, parameters, stops: vec![], between: (0.0, 0.0), at: vec![] }
    }

    /// Times between two times at which an integration should stop, in a run that ends at `end`.
    pub fn stops(
        &mut self,
        (now, until): (f64, f64),
        end: f64,
        (state, parameters): (&[f64], &[f64]),
    ) -> Vec<f64> {
        if self.all.is_empty() {
            return vec![];
        }
        let at: Vec<f64> = self.parameters.iter().map(|p| parameters[p.0]).collect();
        if at != self.at || now < self.between.0 || until > self.between.1 {
            let looks = (LOOKS * (until - now) / end).ceil().max(1.0) as usize;
            let time = |k: usize| now + (until - now) * k as f64 / looks as f64;
            let of = |input: &Expression| {
                let value = |k: usize| input.value(state, parameters, time(k));
                changes(&(0..=looks).map(value).collect::<Vec<f64>>())
            };
            let stops: BTreeSet<usize> = self.all.iter().flat_map(of).collect();
            self.stops = stops.into_iter().map(time).collect();
            (self.between, self.at) = ((now, until), at);
        }
        self.stops.iter().copied().filter(|t| *t > now && *t < until).collect()
    }
}

/// Adds the largest parts that depend on time but not on the state.
fn collect(
    of: &Expression,
    known: &mut BTreeMap<SharedKey, Reads>,
    found: &mut Vec<Expression>,
) -> Reads {
    if let Expression::Shared(part) = of
        && let Some(reads) = known.get(&part.key())
    {
        return *reads;
    }
    let operands = of.operands();
    let each: Vec<Reads> = operands.iter().map(|e| collect(e, known, found)).collect();
    let reads = match of {
        Expression::Time => Reads::Time,
        Expression::Species(_) => Reads::State,
        _ => each.iter().copied().fold(Reads::Parameters, |a, b| if b > a { b } else { a }),
    };
    if reads == Reads::State {
        let inputs = operands.iter().zip(&each).filter(|(_, reads)| **reads == Reads::Time);
        found.extend(inputs.map(|(e, _)| (*e).clone()));
    }
    if let Expression::Shared(part) = of {
        known.insert(part.key(), reads);
    }
    reads
}

/// Between which of its values an input has changed by a part of its range since the stop before.
fn changes(values: &[f64]) -> Vec<usize> {
    let finite = || values.iter().copied().filter(|v| v.is_finite());
    let (low, high) =
        (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
    let most = PART * (high - low);
    let (mut stops, mut changed) = (vec![], 0.0);
    for (k, pair) in values.windows(2).enumerate() {
        let change = (pair[1] - pair[0]).abs();
        changed += if change.is_finite() { change } else { 0.0 };
        if most > 0.0 && changed >= most {
            // The change may be between these two values alone.
            stops.extend([k, k + 1]);
            changed = 0.0;
        }
    }
    stops
}
