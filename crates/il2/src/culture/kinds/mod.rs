//! Several kinds of cells in one medium.
//!
//! `network`: builds one network from the setups of kinds; in it `pooled` extends the network of
//! one cell to all cells of a kind, and `laws` adds what they do in addition to binding
//! ([`behaviour`]); `near`: the ligand concentration at their surface if diffusion is slow; `run`:
//! wells; [`balance`]: where a ligand is and which cells consumed it; [`sources`]: which cells secreted
//! what each kind consumed.

pub mod balance;
pub mod behaviour;
mod laws;
mod near;
mod network;
mod parts;
mod pooled;
mod run;
pub mod sources;

pub use balance::{Balance, Share};
pub use laws::signal_of;
pub use near::Diffusion;
pub use network::{Culture, Kind, PreparedCulture};
pub use parts::{Free, Held, PreparedKind};
pub use run::{CultureRan, CultureWell};
pub use sources::Tagged;
