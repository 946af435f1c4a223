//! Cells and ligands in one medium: what is put together, run, and read off.
//!
//! [`Setup`] names a model, ligands, a cell and a medium; [`Prepared`] is the network ready to run;
//! a [`Well`] is one lane of it. [`response`] reads a dose-response curve, [`uncertainty`] draws
//! what the curve's interval is made of.

mod prepared;
mod rest;
mod run;
mod setup;
pub mod uncertainty;

pub use prepared::{Prepared, Ran, Resolved, Well};
pub use run::lane;
pub use setup::{Model, ModelKind, Setup};
