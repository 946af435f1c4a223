//! Each program is made once for all networks of the same structure: a sweep or a set of draws has
//! thousands of networks that differ only in the values of their parameters.

use super::Program;
use crate::id::ParameterId;
use crate::list::backend::Backend;
use crate::network::{Network, Parameter, ParameterValue, Species};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};

/// Largest number of programs kept; a study uses a handful.
const MOST: usize = 64;

/// Number of programs made by this process so far; a test checks that none is made twice.
pub static MADE: AtomicUsize = AtomicUsize::new(0);

/// A program and the network from which it was made.
struct Known {
    network: Network,
    by: Vec<ParameterId>,
    program: Arc<Program>,
}

/// The program of a network, newly made or taken from those kept.
pub fn shared(network: &Network) -> Arc<Program> {
    shared_with(network, &[])
}

/// The same with lists for sensitivities, as in [`Program::with_sensitivities`].
pub fn shared_with(network: &Network, by: &[ParameterId]) -> Arc<Program> {
    static KNOWN: RwLock<Vec<Known>> = RwLock::new(vec![]);
    let found = |all: &[Known]| {
        // The most recent program is the likeliest match.
        let known = all.iter().rev().find(|k| k.by == by && same_shape(&k.network, network));
        known.map(|known| known.program.clone())
    };
    let known = KNOWN.read().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(program) = found(&known) {
        return program;
    }
    drop(known);
    // Made outside the lock: two threads may make the same program, but this does no harm.
    MADE.fetch_add(1, Ordering::Relaxed);
    let program = Arc::new(Program::with_sensitivities(network, by, Backend::Fastest));
    let mut known = KNOWN.write().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(program) = found(&known) {
        return program;
    }
    if known.len() >= MOST {
        known.remove(0);
    }
    known.push(Known { network: network.clone(), by: by.to_vec(), program: program.clone() });
    program
}

/// Whether two networks agree in everything from which a program is made; given parameter values
/// and the initial state do not matter. The networks are compared part by part, because printing
/// thousands of networks of a sweep to look them up took a tenth of its time.
fn same_shape(a: &Network, b: &Network) -> bool {
    let species =
        |a: &Species, b: &Species| a.name == b.name && a.scale == b.scale && a.signed == b.signed;
    let parameter = |a: &Parameter, b: &Parameter| {
        a.name == b.name
            && match (&a.value, &b.value) {
                (ParameterValue::Given(_), ParameterValue::Given(_)) => true,
                (ParameterValue::Derived(a), ParameterValue::Derived(b)) => a == b,
                _ => false,
            }
    };
    a.species.len() == b.species.len()
        && a.parameters.len() == b.parameters.len()
        && a.reactions == b.reactions
        && a.species.iter().zip(&b.species).all(|(a, b)| species(a, b))
        && a.parameters.iter().zip(&b.parameters).all(|(a, b)| parameter(a, b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dimension, Expression};

    #[test]
    fn networks_share_a_program_unless_a_law_or_a_name_differs() {
        let of = |name: &str, value: f64, factor: f64| {
            let mut n = Network::default();
            let k = n.add_parameter(name, Dimension::RATE, value);
            n.add_derived("twice", Dimension::RATE, Expression::Number(factor) * k.into());
            n
        };
        let first = shared(&of("k", 1.0, 2.0));
        assert!(Arc::ptr_eq(&first, &shared(&of("k", 5.0, 2.0))), "values do not matter");
        assert!(!Arc::ptr_eq(&first, &shared(&of("k", 1.0, 3.0))), "laws do");
        assert!(!Arc::ptr_eq(&first, &shared(&of("l", 1.0, 2.0))), "names do");
        let by = shared_with(&of("k", 1.0, 2.0), &[ParameterId(0)]);
        assert!(!Arc::ptr_eq(&first, &by), "lists for sensitivities do");
        assert!(Arc::ptr_eq(&first, &shared(&of("k", 2.0, 2.0))), "and the first is still known");
    }
}
