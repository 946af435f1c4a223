//! Several kinds of cells in one medium.
//!
//! `network`: builds one network from the setups of kinds; in it `pooled` extends the network of
//! one cell to all cells of a kind, and `laws` adds what they do in addition to binding
//! ([`behaviour`]); `near`: the ligand concentration at their surface if diffusion is slow; `run`:
//! wells; [`balance`]: where a ligand is and which cells consumed it.

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
