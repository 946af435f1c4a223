//! The program that produced a result.

/// Name of the program in manifests.
pub const PROGRAM: &str = concat!("il2 ", env!("CARGO_PKG_VERSION"));
