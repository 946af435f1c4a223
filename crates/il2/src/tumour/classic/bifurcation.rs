//! Bifurcations: parameter values at which the steady states of a published model change.

use crate::tumour::classic::steady::{Resting, SteadyState};
use il2_engine::ParameterId;

/// The kind of a bifurcation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Two states merge and vanish: a saddle-node.
    Fold,
    /// A state with a tumour becomes an unstable spiral or ceases to be one, so that oscillations
    /// begin or end (Hopf).
    Hopf,
    /// The state without a tumour becomes stable or unstable, or disappears.
    TumourFree,
    /// Another change in the number of states or in their stability.
    Other,
}

impl Kind {
    /// The name used in tables.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Fold => "fold",
            Kind::Hopf => "hopf",
            Kind::TumourFree => "tumour-free",
            Kind::Other => "other",
        }
    }
}

/// A change of the steady states.
#[derive(Clone, Debug, PartialEq)]
pub struct Bifurcation {
    /// Value of the number at which it happens, in base units.
    pub at: f64,
    /// The kind of change.
    pub kind: Kind,
}

/// States at one value of the number, compared with those at the next.
#[derive(Clone, Debug, PartialEq)]
struct Signature {
    with_tumour: Vec<usize>,
    without: Option<usize>,
}

const HALVINGS: usize = 60;
/// Largest number of changes between two neighbours; more would be due to rounding.
const MOST: usize = 10;
const BESIDE: f64 = 1e-9;

/// The changes between neighbouring `values`. Two changes that cancel between the same two
/// neighbours are not detected.
pub fn between(
    resting: &Resting,
    parameters: &[f64],
    number: ParameterId,
    values: &[f64],
) -> Vec<Bifurcation> {
    let at = |value: f64| {
        let mut all = parameters.to_vec();
        all[number.0] = value;
        let of = |state: &SteadyState| state.unstable;
        Signature {
            with_tumour: resting.with_tumour(&all).iter().map(of).collect(),
            without: resting.without_tumour(&all).as_ref().map(of),
        }
    };
    let mut found = vec![];
    let Some(first) = values.first() else { return found };
    let mut here = at(*first);
    for pair in values.windows(2) {
        let end = at(pair[1]);
        let mut from = pair[0];
        for _ in 0..MOST {
            if here == end {
                break;
            }
            let (mut low, mut high) = (from, pair[1]);
            for _ in 0..HALVINGS {
                let middle = 0.5 * (low + high);
                match at(middle) == here {
                    true => low = middle,
                    false => high = middle,
                }
            }
            // Continues slightly further on: two changes at one place coincide only to within
            // rounding.
            from = (high + BESIDE * (pair[1] - pair[0])).min(pair[1]);
            let after = at(from);
            found.push(Bifurcation { at: 0.5 * (low + high), kind: kind(&here, &after) });
            here = after;
        }
    }
    found
}

fn kind(a: &Signature, b: &Signature) -> Kind {
    let apart = a.with_tumour.len().abs_diff(b.with_tumour.len());
    let turned = |(a, b): (&usize, &usize)| a.abs_diff(*b) == 2;
    match (a.without == b.without, apart) {
        (false, _) => Kind::TumourFree,
        (true, 2) => Kind::Fold,
        (true, 0) if a.with_tumour.iter().zip(&b.with_tumour).any(turned) => Kind::Hopf,
        _ => Kind::Other,
    }
}
