//! Several kinds of cells in one well: which kind takes up the ligand, which kinds divide, and when
//! the ligand is depleted.

mod figures;
pub(crate) mod kind;
mod near;
pub mod plan;
pub mod run;
mod sentence;
mod show;
mod tables;

pub use figures::shown;
pub use kind::PlannedKind;
pub use plan::{Plan, Request, plan};
pub use run::{Answer, run};
pub use show::show;
