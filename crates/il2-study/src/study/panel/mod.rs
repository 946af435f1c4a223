//! Tables of ligands and of cells, in which each row is equivalent to a part of the study.

mod meaning;
mod part;
mod read;
mod row;
mod table;

pub use meaning::Of;
pub use part::PanelPart;
pub use read::read;
pub use table::{Column, Panel, in_table, place_of};
