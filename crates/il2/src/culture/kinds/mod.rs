//! Several kinds of cells in one medium.
//!
//! `network`: from the setups of kinds to one network, in which `pooled` places the network of one cell for all cells
//! of a kind, and `laws` add what they do beside binding ([`behaviour`]); `near`: what they meet at their surface where
//! diffusion is slow; `run`: wells; [`balance`]: where a ligand is and who used it.

pub mod balance;
pub mod behaviour;
mod laws;
mod near;
mod network;
mod pooled;
mod run;

pub use balance::{Balance, Share};
pub use laws::signal_of;
pub use near::Diffusion;
pub use network::{Culture, Free, Held, Kind, PreparedCulture, PreparedKind};
pub use run::{CultureRan, CultureWell};
