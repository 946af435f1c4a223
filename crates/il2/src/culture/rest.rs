//! Wells of the equilibrium model, which is solved directly, without a network.

use crate::culture::prepared::{Prepared, Ran, Resolved, Solver, Well};
use crate::culture::setup::{Setup, override_value, unknown_parameter};
use crate::parameter::required;
use crate::receptor::equilibrium::{self, Problem};
use crate::receptor::polyvalent::{self, PAIR};
use crate::receptor::{ChainSupply, Medium, ModelError};
use il2_engine::{Dimension, LaneFailure, Limits};

impl Setup {
    pub(super) fn prepare_equilibrium(self) -> Result<Prepared, ModelError> {
        let owner = format!("model {}", self.model.name);
        let ligand = self.one_ligand()?;
        let cross = Dimension::CONCENTRATION / Dimension::PER_CELL;
        let constant = required(&self.model.parameters, &owner, "cross_linking_constant", cross)?;
        let mut problem = Problem {
            sites: polyvalent::sites(ligand)?,
            totals: vec![],
            dose: 0.0,
            cell_density: match self.medium {
                Medium::Constant => None,
                Medium::Depleted { cell_density } => Some(cell_density),
            },
            cross_linking_constant: constant,
        };
        for (chain, supply) in polyvalent::pairs(&self.supply()?) {
            let ChainSupply::Surface(number) = supply else {
                return Err(ModelError::Combination(format!(
                    "{owner} needs surface numbers, but this cell has synthesis rates; give \
                     receptors"
                )));
            };
            for known in ["il2r_alpha", PAIR] {
                if chain == known {
                    problem.totals.push((known, number));
                }
            }
        }
        let mut parameters = vec![("cross_linking_constant".to_string(), cross)];
        parameters.extend(
            problem.totals.iter().map(|t| (format!("{}_number", t.0), Dimension::PER_CELL)),
        );
        let kd = |chain: &str| {
            format!("{}.dissociation_constant_{}", ligand.label, chain.trim_start_matches("il2r_"))
        };
        parameters.extend(problem.sites.iter().map(|s| (kd(s.chain), Dimension::CONCENTRATION)));
        if problem.cell_density.is_some() {
            parameters.push(("cell_density".into(), Dimension::CELL_DENSITY));
        }
        let mut overridden = vec![false; parameters.len()];
        for (name, text) in &self.model.overrides {
            let Some(place) = parameters.iter().position(|(known, _)| known == name) else {
                return Err(unknown_parameter(name, parameters.iter().map(|p| p.0.as_str())));
            };
            overridden[place] = true;
            let chains = problem.totals.len();
            // Counts and cell densities may be zero; equilibria divide by everything else.
            let divides =
                place == 0 || (1 + chains..=chains + problem.sites.len()).contains(&place);
            let limits = if divides { Limits::Positive } else { Limits::NotNegative };
            let usual = match place {
                0 => Some(problem.cross_linking_constant),
                i if i <= chains => Some(problem.totals[i - 1].1),
                i if i <= chains + problem.sites.len() => {
                    Some(problem.sites[i - 1 - chains].dissociation_constant)
                }
                _ => problem.cell_density,
            };
            let value = override_value(name, text, parameters[place].1, limits, usual)?;
            match place {
                0 => problem.cross_linking_constant = value,
                i if i <= chains => problem.totals[i - 1].1 = value,
                i if i <= chains + problem.sites.len() => {
                    problem.sites[i - 1 - chains].dissociation_constant = value;
                }
                _ => problem.cell_density = Some(value),
            }
        }
        let values: Vec<f64> = std::iter::once(problem.cross_linking_constant)
            .chain(problem.totals.iter().map(|t| t.1))
            .chain(problem.sites.iter().map(|s| s.dissociation_constant))
            .chain(problem.cell_density)
            .collect();
        let per_cell = Dimension::PER_CELL;
        let mut readouts = vec![(format!("{}_medium", ligand.label), Dimension::CONCENTRATION)];
        for (chain, _) in &problem.totals {
            readouts.push((format!("{chain}_free"), per_cell));
            readouts.push((format!("{chain}_bound"), per_cell));
        }
        for name in ["molecules_bound", "molecules_fully_bound", "signalling_complexes"] {
            readouts.push((name.into(), per_cell));
        }
        let parameters = parameters
            .into_iter()
            .zip(values)
            .zip(overridden)
            .map(|(((name, dimension), value), overridden)| Resolved {
                name,
                value,
                dimension,
                overridden,
            })
            .collect();
        let totals = problem.totals.iter().map(|t| format!("{0}_free + {0}_bound", t.0)).collect();
        let solver = Solver::Equilibrium { problem, label: ligand.label.clone() };
        Ok(Prepared { setup: self, readouts, parameters, totals, solver })
    }
}

/// State of a well at equilibrium; the same at all its times.
pub(super) fn at_equilibrium(problem: &Problem, label: &str, well: &Well) -> Ran {
    let dose = well.doses.iter().find(|(l, _)| l == label).map_or(0.0, |d| d.1);
    let problem = Problem { dose, ..problem.clone() };
    let Some(e) = equilibrium::solve(&problem) else {
        let failure = Some(LaneFailure::NotFinite("dose or parameter".into(), dose));
        return Ran { rows: vec![], failure };
    };
    let mut row = vec![e.free_ligand];
    for (free, bound) in e.free.iter().zip(&e.bound) {
        row.extend([*free, *bound]);
    }
    row.extend([e.molecules, e.fully_bound, e.signalling]);
    Ran { rows: vec![row; well.times.len().max(1)], failure: None }
}
