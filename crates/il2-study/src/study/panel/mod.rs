//! Tables of ligands and of cells: each row is a part of the study, as if it were written there.

mod meaning;
mod part;
mod read;
mod table;

pub use meaning::Of;
pub use part::PanelPart;
pub use read::read;
pub use table::{Column, Panel, in_table, place_of};
