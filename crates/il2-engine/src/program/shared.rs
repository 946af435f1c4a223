//! Programs are made once for networks of one shape: a sweep or a set of draws has thousands of
//! networks that differ in the values of their parameters alone.

use super::Program;
use crate::id::ParameterId;
use crate::list::backend::Backend;
use crate::network::{Network, ParameterValue};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Shapes kept; a study has a handful.
const MOST: usize = 64;

/// The program of a network, made now or before.
pub fn shared(network: &Network) -> Arc<Program> {
    shared_with(network, &[])
}

/// The same with lists for sensitivities, as [`Program::with_sensitivities`].
pub fn shared_with(network: &Network, by: &[ParameterId]) -> Arc<Program> {
    static KNOWN: Mutex<Option<HashMap<String, Arc<Program>>>> = Mutex::new(None);
    let shape = format!("{by:?}{}", shape(network));
    let known = || KNOWN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(program) = known().get_or_insert_default().get(&shape) {
        return program.clone();
    }
    // Made outside the lock: two threads may make the same program, which harms nobody.
    let program = Arc::new(Program::with_sensitivities(network, by, Backend::Fastest));
    let mut known = known();
    let known = known.get_or_insert_default();
    if known.len() >= MOST {
        known.clear();
    }
    known.insert(shape, program.clone());
    program
}

/// All that a program is made from: given values of parameters, and the start, are not among it.
fn shape(network: &Network) -> String {
    let species: Vec<_> = network.species.iter().map(|s| (&s.name, &s.scale, s.signed)).collect();
    let law = |value: &ParameterValue| match value {
        ParameterValue::Given(_) => String::new(),
        ParameterValue::Derived(law) => format!("{law:?}"),
    };
    let parameters: Vec<_> = network.parameters.iter().map(|p| (&p.name, law(&p.value))).collect();
    format!("{species:?}{parameters:?}{:?}", network.reactions)
}
