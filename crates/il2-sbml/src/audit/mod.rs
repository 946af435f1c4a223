//! Audits a model: what it conserves, where it loses mass, which units disagree, and which elements
//! are unused.
//!
//! An audit does not say that a model is wrong: each finding is a fact about the file, in a
//! sentence, for the reader to judge. `totals` finds conserved totals from the stoichiometry alone,
//! `rate_totals` those of rate rules, `leaks` finds totals that the laws almost conserve, `probe`
//! evaluates laws at many states, times and values of events for `directions` and `frozen`, `limits`
//! compares the forms of laws, `units` derives units, and `unused` finds unused elements.

mod balance;
mod directions;
mod finding;
mod frozen;
mod leaks;
mod limits;
mod probe;
mod rate_totals;
mod terms;
mod totals;
mod units;
mod unused;

use crate::error::SbmlError;
use crate::model::Model;
use crate::network::SbmlNetwork;
pub use finding::{Finding, Kind};

/// The result of an audit.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    /// Sums of amounts that no reaction changes, for example `ligand + complex + 2 dimer`; none if
    /// the numbers are too large for exact arithmetic.
    pub totals: Option<Vec<String>>,
    /// Sums that the rate rules conserve with the numbers of the file; none if the rules are too
    /// many or too long to be expanded into terms.
    pub rate_totals: Option<Vec<String>>,
    /// Findings, the most serious first.
    pub findings: Vec<Finding>,
}

/// Audits a model.
pub fn audit(model: &Model, network: &SbmlNetwork) -> Result<Audit, SbmlError> {
    let probe = probe::Probe::new(model, network)?;
    let mut findings = vec![];
    leaks::leaks(model, network, &probe, &mut findings);
    directions::directions(model, network, &probe, &mut findings);
    frozen::frozen(model, network, &probe, &mut findings);
    limits::unbounded(model, &mut findings);
    units::units(model, &mut findings);
    unused::open(model, &mut findings);
    unused::unused(model, &mut findings);
    unused::assumed(model, &mut findings);
    findings.sort();
    findings.dedup();
    let rate_totals = rate_totals::rate_totals(model, network, &probe);
    Ok(Audit { totals: totals::totals(model), rate_totals, findings })
}
