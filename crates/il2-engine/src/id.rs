//! Indices of species, parameters and observables, used by laws and lanes.

/// Index of a species in [`Network::species`](crate::Network::species) and in every state vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpeciesId(pub usize);
/// Index of a parameter in [`Network::parameters`](crate::Network::parameters) and in every parameter vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParameterId(pub usize);
/// Index of an observable in [`Network::observables`](crate::Network::observables).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObservableId(pub usize);
