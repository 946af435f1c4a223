//! Cells and ligands in one medium: setup, simulation, readouts.
//!
//! [`Setup`] combines a model, ligands, a cell and a medium; [`Prepared`] is the network ready to
//! run; a [`Well`] is one simulation of it with changes of the medium, with its own or other
//! [`Numbers`]. [`uncertainty`] makes the draws for intervals, and [`single_cells`] the cells of a
//! population; curves are read by `il2_inference::curve`. [`kinds`] has several kinds of cells in
//! one medium; [`tkach2014`] is a published model of such a well.

pub mod kinds;
mod medium;
mod numbers;
mod prepared;
mod rest;
mod run;
mod setup;
pub mod single_cells;
pub mod tkach2014;
pub mod uncertainty;
mod well;

pub use numbers::{Numbers, Read};
pub use prepared::{Prepared, Ran, Resolved};
pub use run::{PREPARED, lane};
pub use setup::{Model, ModelKind, Setup, Stat5, Stat5Kind};
pub use well::{Contents, Exchange, MediumChange, Stage, Well};
