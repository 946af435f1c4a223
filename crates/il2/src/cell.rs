//! Cells that carry the receptor chains, defined by their markers; each published set of counts is
//! kept separate.

use crate::parameter::Parameters;
use crate::receptor::{ChainSupply, ModelError};
use indexmap::IndexMap;

/// A cell as described in the library or in a study.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// Key in the library.
    pub id: String,
    /// The name in the study.
    pub label: String,
    /// Full name.
    pub name: String,
    /// Surface markers that define it.
    pub markers: String,
    /// Cells of one lineage, such as a population and its naive and memory gates, share the model
    /// error.
    pub lineage: String,
    /// Organism from which the cell was taken.
    pub organism: String,
    /// Description of the cell, in one sentence.
    pub description: String,
    /// Uncertainties about the cell.
    pub caveats: Vec<String>,
    /// Surface counts by quantitation; quantitations are never mixed, because laboratories differ.
    pub receptors: IndexMap<String, Parameters>,
    /// The quantitation in use.
    pub quantitation: Option<String>,
    /// Synthesis rates per chain, for cell lines for which these are known instead of counts.
    pub synthesis: Parameters,
    /// Standard deviation of the logarithm of the number of a chain between the cells of the population.
    pub spread: Parameters,
    /// Correlations of these logarithms, by `CHAIN_with_CHAIN`; none if not given.
    pub correlation: Parameters,
    /// The known response of a cell whose chains were never counted.
    pub effect: Option<Effect>,
    /// All other parameters, such as `stat5.total` and published site numbers.
    pub parameters: Parameters,
}

/// A response that is known although receptor numbers are not.
#[derive(Clone, Debug)]
pub struct Effect {
    /// What responds: `proliferation`.
    pub what: String,
    /// Direction of the response: `up` or `down`.
    pub direction: String,
    /// `fold`, `at`, `dissociation_constant`, if known.
    pub parameters: Parameters,
}

impl Cell {
    /// The table of the counts in use or, without counts, of the synthesis rates.
    pub fn numbers(&self) -> Option<&Parameters> {
        let counts = self.quantitation.as_ref().and_then(|q| self.receptors.get(q));
        counts.or(Some(&self.synthesis).filter(|made| !made.is_empty()))
    }

    /// Number or synthesis rate of each chain, as the model uses it. For a cell with neither, an
    /// error that says which data it has instead.
    pub fn chains(&self) -> Result<Vec<(String, ChainSupply)>, ModelError> {
        if let Some(table) = self.quantitation.as_ref().and_then(|q| self.receptors.get(q)) {
            let number = |p: &crate::parameter::Parameter| if p.absent { 0.0 } else { p.value };
            return Ok(table
                .iter()
                .map(|(chain, p)| (chain.clone(), ChainSupply::Surface(number(p))))
                .collect());
        }
        if !self.synthesis.is_empty() {
            let rate = |p: &crate::parameter::Parameter| if p.absent { 0.0 } else { p.value };
            return Ok(self
                .synthesis
                .iter()
                .map(|(chain, p)| (chain.clone(), ChainSupply::Synthesis(rate(p))))
                .collect());
        }
        Err(ModelError::Combination(match &self.effect {
            Some(effect) => format!(
                "the receptor chains on {} have not been counted, and only its {} ({}) is known; \
                 use model \"effect\", or give receptors",
                self.label, effect.what, effect.direction
            ),
            None => format!("{} has no receptor numbers; give receptors", self.label),
        }))
    }
}
