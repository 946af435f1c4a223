//! Wells of the equilibrium model, which is solved directly, without a network.

use crate::culture::prepared::{Prepared, Ran, Resolved, Solver};
use crate::culture::setup::{Setup, override_value, unknown_parameter};
use crate::culture::well::Well;
use crate::parameter::required;
use crate::receptor::equilibrium::{self, Problem};
use crate::receptor::polyvalent::{self, PAIR};
use crate::receptor::{ChainSupply, Medium, ModelError};
use il2_engine::{Dimension, LaneFailure, Limits};

impl Setup {
    pub(super) fn prepare_equilibrium(self) -> Result<Prepared, ModelError> {
        let owner = format!("model {}", self.model.name);
        self.refuse_masked()?;
        let ligand = self.one_ligand()?;
        let cross = Dimension::CONCENTRATION / Dimension::PER_CELL;
        let constant = required(&self.model.parameters, &owner, "cross_linking_constant", cross)?;
        let mut problem = Problem {
            sites: polyvalent::sites(ligand)?,
            totals: vec![],
            dose: 0.0,
            cell_density: match self.medium {
                Medium::Constant | Medium::Gradual => None,
                Medium::Depleted { cell_density } => Some(cell_density),
            },
            cross_linking_constant: constant,
        };
        for (chain, supply) in polyvalent::pairs(&self.supply()?) {
            let ChainSupply::Surface(number) = supply else {
                return Err(ModelError::Combination(format!(
                    "{owner} needs numbers of receptors on the surface, but this cell has \
                     synthesis rates; give receptors"
                )));
            };
            for known in ["il2r_alpha", PAIR] {
                if chain == known {
                    problem.totals.push((known, number));
                }
            }
        }
        let parameters = numbers(&problem, &ligand.label);
        let mut overridden = vec![false; parameters.len()];
        for (name, text) in &self.model.overrides {
            let Some(place) = parameters.iter().position(|(known, _, _)| known == name) else {
                return Err(unknown_parameter(name, parameters.iter().map(|p| p.0.as_str())));
            };
            overridden[place] = true;
            let (_, dimension, number) = parameters[place];
            // Counts and cell densities may be zero; all other numbers are divisors in the
            // equilibrium.
            let limits = match number {
                Number::Total(_) | Number::Density => Limits::NotNegative,
                Number::Linking | Number::Site(_) | Number::Wrong(_) => Limits::Positive,
            };
            let usual = Some(*place_of(&mut problem, number));
            *place_of(&mut problem, number) = override_value(name, text, dimension, limits, usual)?;
        }
        let values: Vec<f64> =
            parameters.iter().map(|(_, _, number)| *place_of(&mut problem, *number)).collect();
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
            .map(|(((name, dimension, _), value), overridden)| Resolved {
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

/// A number in an equilibrium.
#[derive(Clone, Copy)]
enum Number {
    Linking,
    Total(usize),
    Site(usize),
    Wrong(usize),
    Density,
}

/// The numbers of an equilibrium that a study may set: name, dimension, and which number it is.
fn numbers(problem: &Problem, label: &str) -> Vec<(String, Dimension, Number)> {
    let concentration = Dimension::CONCENTRATION;
    let cross = concentration / Dimension::PER_CELL;
    let mut all = vec![("cross_linking_constant".to_string(), cross, Number::Linking)];
    let totals = problem.totals.iter().enumerate();
    all.extend(
        totals.map(|(i, (chain, _))| {
            (format!("{chain}_number"), Dimension::PER_CELL, Number::Total(i))
        }),
    );
    let own = |chain: &str| {
        format!("{label}.dissociation_constant_{}", chain.trim_start_matches("il2r_"))
    };
    let sites = || problem.sites.iter().enumerate();
    all.extend(sites().map(|(i, s)| (own(s.chain), concentration, Number::Site(i))));
    all.extend(sites().filter_map(|(i, s)| {
        let name = format!("{label}.{}", polyvalent::wrong_partner(s.wrong?.0));
        Some((name, concentration, Number::Wrong(i)))
    }));
    let density = problem.cell_density.map(|_| Number::Density);
    all.extend(density.map(|n| ("cell_density".into(), Dimension::CELL_DENSITY, n)));
    all
}

fn place_of(problem: &mut Problem, number: Number) -> &mut f64 {
    match number {
        Number::Linking => &mut problem.cross_linking_constant,
        Number::Total(i) => &mut problem.totals[i].1,
        Number::Site(i) => &mut problem.sites[i].dissociation_constant,
        Number::Wrong(i) => &mut problem.sites[i].wrong.as_mut().expect("it was listed").1,
        Number::Density => problem.cell_density.as_mut().expect("it was listed"),
    }
}

/// State of a well at equilibrium, which is the same at all times.
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
