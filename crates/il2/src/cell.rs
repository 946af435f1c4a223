//! Cells that carry the chains, defined by their markers; every published set of counts is kept separate.

use crate::parameter::Parameters;
use crate::receptor::{ChainSupply, ModelError};
use indexmap::IndexMap;

/// A cell as the library or a study describes it.
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
    /// Cells of one lineage, such as a population and its naive and memory gates, share the error of the
    /// model.
    pub lineage: String,
    /// Organism it was taken from.
    pub organism: String,
    /// What it is, in a sentence.
    pub description: String,
    /// What is uncertain about it.
    pub caveats: Vec<String>,
    /// Surface counts by quantitation, which are never mixed because laboratories differ.
    pub receptors: IndexMap<String, Parameters>,
    /// The quantitation in use.
    pub quantitation: Option<String>,
    /// Synthesis rates per chain, for cell lines for which these are known instead of counts.
    pub synthesis: Parameters,
    /// Standard deviation of the logarithm of the number of a chain between the cells of the population.
    pub spread: Parameters,
    /// Correlations of these logarithms, by `CHAIN_with_CHAIN`; none where not given.
    pub correlation: Parameters,
    /// The known response of a cell whose chains were never counted.
    pub effect: Option<Effect>,
    /// Everything else: `stat5.total`, published site numbers.
    pub parameters: Parameters,
}

/// A response that is known although receptor numbers are not.
#[derive(Clone, Debug)]
pub struct Effect {
    /// What responds: `proliferation`.
    pub what: String,
    /// `up` or `down`.
    pub direction: String,
    /// `fold`, `at`, `dissociation_constant`, as far as known.
    pub parameters: Parameters,
}

impl Cell {
    /// The table of the counts in use, or else of the synthesis rates.
    pub fn numbers(&self) -> Option<&Parameters> {
        let counts = self.quantitation.as_ref().and_then(|q| self.receptors.get(q));
        counts.or(Some(&self.synthesis).filter(|made| !made.is_empty()))
    }

    /// Number or synthesis of each chain, as the model uses it. For a cell without either, an error that says
    /// what it has instead.
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
                "the chains on {} were never counted and only its {} ({}) is known; use model \
                 \"effect\" or give receptors",
                self.label, effect.what, effect.direction
            ),
            None => format!("{} has no receptor numbers; give receptors", self.label),
        }))
    }
}
