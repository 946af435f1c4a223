//! A study that has been read and resolved against the library, and is ready to run.

mod arms;
pub mod cultures;
pub mod design;
pub mod dosing;
pub mod figures;
pub mod file;
pub mod fitting;
mod hints;
mod like;
mod masked;
mod molecule;
pub mod panel;
pub mod population;
pub mod read;
mod request;
mod resolve;
mod resolved;
pub mod sbml;
pub mod sensitivity;
mod spread;
pub mod tables;
pub mod text;
pub mod trial;
pub mod wells;

pub use file::schema;
pub use like::{MOST_LIKE, label};
pub use request::Request;
pub use resolved::Study;
pub use tables::Tables;
