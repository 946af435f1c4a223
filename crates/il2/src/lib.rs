//! The interleukin-2 system, from ligand to trial.
//!
//! The modules are in story order, and no module uses one below it: a number has a unit
//! ([`quantity`]) and a source ([`parameter`]); a molecule ([`ligand`]) binds receptor chains
//! ([`receptor`]) on a cell ([`cell`]), and cells share a medium ([`culture`]). The molecule is
//! given ([`treatment`]) to a patient ([`patient`]), who may have a tumour ([`tumour`]).

pub mod quantity;

pub mod parameter;

pub mod ligand;

pub mod receptor;

pub mod cell;

pub mod culture;

pub mod treatment;

pub mod patient;

pub mod tumour;
