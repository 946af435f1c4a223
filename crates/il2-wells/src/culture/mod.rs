//! Several kinds of cells in one well: which kind takes up the ligand, which kinds divide, and when
//! the ligand is depleted.

mod compare;
mod crowding;
mod drawn;
mod draws;
mod figures;
mod followed;
pub(crate) mod kind;
mod map;
mod map_figures;
mod near;
pub mod plan;
pub mod run;
mod sentence;
mod show;
mod sources;
mod spreads;
mod tables;
mod text;
mod wells;

pub use compare::show;
pub use figures::shown;
pub use kind::PlannedKind;
pub use plan::{Plan, Request};
pub use run::{Answer, run};
pub use wells::plan;
