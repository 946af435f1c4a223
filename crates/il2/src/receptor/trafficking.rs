//! Places any binding scheme on a surface and in an endosome, with synthesis, uptake, recycling,
//! degradation and a medium that may be depleted.
//!
//! After Farhat et al. 2021 (Cell Reports), with all numbers in molecules per cell, on the surface
//! (S) and in the endosome (E); L is the concentration of ligand in the lumen of the endosome.
//! Binding is added by the scheme:
//!
//! ```text
//! free chains     dS/dt = synthesis - k_internalise S + k_return E
//!                 dE/dt = k_internalise S - k_return E - k_sorted_degradation E
//! silent          the same without synthesis
//! signalling      dS/dt = - k_uptake_signalling S
//!                 dE/dt = k_uptake_signalling S - k_degrade E
//! lumen           d(V L)/dt = released - bound - k_degrade V L - k_recycle_ligand V L
//!
//! k_return = k_recycle (1 - sorting_fraction)          k_sorted_degradation = k_degrade sorting_fraction
//! k_uptake_signalling = k_internalise + k_internalise_signalling
//! number = synthesis (1 + k_return / k_sorted_degradation) / k_internalise
//! V = molecules_per_pmol endosome_volume
//! ```
//!
//! In the endosome, every dissociation is `endosomal_off_ratio` times as fast, unless a bond has a
//! constant of its own.
//!
//! The publication stores endosomal numbers divided by an area ratio. In molecules, this convention
//! is the same model with an endosome of `area ratio x 1.03 pL`, so that the two differ in the
//! library by one number, `endosome_volume`, and not in code. On the smaller membrane of the
//! endosome, chains encounter each other `1 / endosome_area_ratio` times as often.

use crate::parameter::{Parameters, required};
use crate::quantity::MOLECULES_PER_PMOL;
use crate::receptor::binding::{BindingLigand, ConstantValue, EXPERIMENT, Joined, Scheme, Step};
use crate::receptor::solution::Solution;
use crate::receptor::{ChainSupply, Medium, ModelError, ReceptorModel};
use il2_engine::{Dimension, Expression, Limits, Network, ParameterId, SpeciesId};

const SUBSTANCE: Dimension = Dimension { substance: 1, ..Dimension::DIMENSIONLESS };
const MOLECULE: Dimension = Dimension { molecule: 1, ..Dimension::DIMENSIONLESS };
const CELL: Dimension = Dimension { cell: 1, ..Dimension::DIMENSIONLESS };

/// Association rate on a membrane (cell/molecule/min).
pub fn surface_rate() -> Dimension {
    Dimension::RATE / Dimension::PER_CELL
}

/// Association rate from solution (1/pM/min).
pub fn solution_rate() -> Dimension {
    Dimension::RATE / Dimension::CONCENTRATION
}

/// The surface or the membrane of the endosome, with its species in the order of the scheme.
struct Membrane {
    place: &'static str,
    chains: Vec<SpeciesId>,
    complexes: Vec<SpeciesId>,
    ligands: Vec<SpeciesId>,
}

/// Places a scheme on a cell. `supply` names chains of the scheme; a chain that is not named is
/// absent from the cell. The ligands are initially zero in the medium; a simulation sets them.
pub fn network(
    scheme: &Scheme,
    model: &Parameters,
    owner: &str,
    supply: &[(String, ChainSupply)],
    medium: Medium,
) -> Result<ReceptorModel, ModelError> {
    let mut n = Network::default();
    let plain = Dimension::DIMENSIONLESS;
    let value = |name: &str, d: Dimension| required(model, owner, name, d);

    // Parameters of every cell, with the names that a study may set.
    let mut rate = |name: &str, d: Dimension, limits| -> Result<ParameterId, ModelError> {
        let added = n.add_parameter(name, d, value(name, d)?);
        n.limit(added, limits);
        Ok(added)
    };
    let (most, divides) = (Limits::NotNegative, Limits::Positive);
    let internalise = rate("k_internalise", Dimension::RATE, most)?;
    let extra = rate("k_internalise_signalling", Dimension::RATE, most)?;
    let recycle = rate("k_recycle", Dimension::RATE, most)?;
    let degrade = rate("k_degrade", Dimension::RATE, divides)?;
    let part = Limits::Fraction { zero: false, one: true };
    let sorted = rate("sorting_fraction", plain, part)?;
    let area = rate("endosome_area_ratio", plain, divides)?;
    let looser = rate("endosomal_off_ratio", plain, most)?;
    let volume = rate("endosome_volume", Dimension::VOLUME / CELL, divides)?;
    let ligand_return = rate("k_recycle_ligand", Dimension::RATE, most)?;
    let avogadro = n.add_parameter("molecules_per_pmol", MOLECULE / SUBSTANCE, MOLECULES_PER_PMOL);
    n.limit(avogadro, Limits::Constant);
    let e = |p: ParameterId| Expression::from(p);
    let one = || Expression::Number(1.0);
    let capacity = n.add_derived(
        "endosome_molecules_per_pm",
        Dimension::PER_CELL / Dimension::CONCENTRATION,
        e(avogadro) * e(volume),
    );
    let together = n.add_derived("k_uptake_signalling", Dimension::RATE, e(internalise) + e(extra));
    let returns = n.add_derived("k_return", Dimension::RATE, e(recycle) * (one() - e(sorted)));
    let lost = n.add_derived("k_sorted_degradation", Dimension::RATE, e(degrade) * e(sorted));
    for (derived, limits) in
        [(capacity, divides), (together, most), (returns, most), (lost, divides)]
    {
        n.limit(derived, limits);
    }
    for constant in &scheme.constants {
        let added = match &constant.value {
            ConstantValue::Given(v) | ConstantValue::Reference(v) => {
                n.add_parameter(&constant.name, constant.dimension, *v)
            }
            ConstantValue::Ratio(above, below) | ConstantValue::Closing(above, below) => {
                let law = product(&n, above) / product(&n, below);
                n.add_derived(&constant.name, constant.dimension, law)
            }
        };
        n.limit(added, scheme.limits(constant));
    }

    let surface = membrane(&mut n, scheme, "surface");
    let endosome = membrane(&mut n, scheme, "endosome");
    for &ligand in &endosome.ligands {
        n.species[ligand.0].scale = one() / e(capacity);
    }
    let density = match medium {
        Medium::Constant | Medium::Gradual => None,
        Medium::Depleted { cell_density } => {
            let density = n.add_parameter("cell_density", Dimension::CELL_DENSITY, cell_density);
            n.limit(density, if scheme.solutes.is_empty() { most } else { divides });
            Some(e(density) / e(avogadro))
        }
    };
    let solution = Solution::new(medium, scheme, density);
    for (&ligand, BindingLigand { label }) in surface.ligands.iter().zip(&scheme.ligands) {
        n.species[ligand.0].scale = solution.scale.clone();
        if medium == Medium::Gradual {
            solution.ramp(&mut n, label, ligand);
        }
    }

    for (i, chain) in scheme.chains.iter().enumerate() {
        let found = supply.iter().find(|(name, _)| *name == chain.name).map(|(_, s)| *s);
        // Surface number and synthesis determine each other at the steady state without ligand.
        let kept = one() + e(returns) / e(lost);
        let per_time = Dimension::PER_CELL * Dimension::RATE;
        let (number, synthesis) =
            (format!("{}_number", chain.name), format!("{}_synthesis", chain.name));
        let (number, synthesis) = match found.unwrap_or(ChainSupply::Surface(0.0)) {
            ChainSupply::Surface(count) => {
                let number = n.add_parameter(number, Dimension::PER_CELL, count);
                let law = e(number) * e(internalise) / kept;
                (number, n.add_derived(synthesis, per_time, law))
            }
            ChainSupply::Synthesis(made) => {
                let synthesis = n.add_parameter(synthesis, per_time, made);
                let law = e(synthesis) * kept / e(internalise);
                (n.add_derived(number, Dimension::PER_CELL, law), synthesis)
            }
        };
        n.limit(number, most);
        n.limit(synthesis, most);
        let (outside, inside) = (surface.chains[i], endosome.chains[i]);
        n.species[outside.0].initial = e(number);
        // Without uptake there is nothing inside, whatever is synthesised.
        n.species[inside.0].initial = Expression::WhereAtLeast {
            left: Box::new(Expression::Number(0.0)),
            right: Box::new(e(internalise)),
            then: Box::new(Expression::Number(0.0)),
            otherwise: Box::new(e(synthesis) / e(lost)),
        };
        n.add_reaction(format!("{}_made", chain.name), &[], &[outside], synthesis);
        n.add_reaction(format!("{}_taken_up", chain.name), &[outside], &[inside], internalise);
        n.add_reaction(format!("{}_returned", chain.name), &[inside], &[outside], returns);
        n.add_reaction(format!("{}_degraded", chain.name), &[inside], &[], lost);
    }

    bind(&mut n, scheme, &surface, Place::Surface(&solution));
    bind(&mut n, scheme, &endosome, Place::Endosome { area, looser });
    let mut medium_species = vec![];
    for (i, ligand) in scheme.ligands.iter().enumerate() {
        let name = &ligand.label;
        let gone = n.add_species(format!("{name}_degraded"), Dimension::PER_CELL);
        let (outside, inside) = (surface.ligands[i], endosome.ligands[i]);
        let spent = e(degrade) * e(capacity);
        n.add_reaction(format!("{name}_degraded_in_lumen"), &[inside], &[gone], spent);
        let sent = e(ligand_return) * e(capacity);
        n.add_reaction(format!("{name}_returned"), &[inside], &solution.returned(outside), sent);
        for (j, complex) in scheme.complexes.iter().enumerate().filter(|(_, c)| c.ligand == i) {
            let (out, within) = (surface.complexes[j], endosome.complexes[j]);
            let (taken, destroyed) =
                if complex.signals > 0 { (together, degrade) } else { (internalise, lost) };
            n.add_reaction(format!("{}_taken_up", complex.name), &[out], &[within], taken);
            n.add_reaction(format!("{}_degraded", complex.name), &[within], &[gone], destroyed);
            if complex.signals == 0 {
                n.add_reaction(format!("{}_returned", complex.name), &[within], &[out], returns);
            }
        }
        medium_species.push((name.clone(), outside));
    }
    solution.release(&mut n, scheme, &surface.ligands);
    medium_species.extend(solution.dissolve(&mut n, scheme, &surface.ligands));
    observe(&mut n, scheme, &surface, &endosome, capacity);
    Ok(ReceptorModel::new(n, medium_species))
}

fn product(n: &Network, names: &[String]) -> Expression {
    names.iter().fold(Expression::Number(1.0), |law, name| {
        law * n.parameter_named(name).expect("a scheme names its own constants").into()
    })
}

fn membrane(n: &mut Network, scheme: &Scheme, place: &'static str) -> Membrane {
    let lumen = if place == "surface" { "medium" } else { place };
    let mut per_cell = |name: &str| n.add_species(format!("{name}_{place}"), Dimension::PER_CELL);
    let chains = scheme.chains.iter().map(|c| per_cell(&c.name)).collect();
    let complexes = scheme.complexes.iter().map(|c| per_cell(&c.name)).collect();
    let ligands = scheme
        .ligands
        .iter()
        .map(|l| n.add_species(format!("{}_{lumen}", l.label), Dimension::CONCENTRATION))
        .collect();
    Membrane { place, chains, complexes, ligands }
}

/// The compartment in which a scheme runs.
enum Place<'a> {
    Surface(&'a Solution),
    Endosome { area: ParameterId, looser: ParameterId },
}

fn bind(n: &mut Network, scheme: &Scheme, at: &Membrane, place: Place) {
    for step in &scheme.steps {
        let formed = at.complexes[step.forms];
        let chain = at.chains[step.chain];
        let name = |what: &str| {
            let complex = &scheme.complexes[step.forms].name;
            let wrong = if step.wrong_site { "_wrong" } else { "" };
            // A molecule with several arms may form the same complex in two ways.
            let same = |s: &&Step| {
                (s.forms, s.chain, s.wrong_site) == (step.forms, step.chain, step.wrong_site)
            };
            let from = match step.joined {
                Joined::Complex(before) if scheme.steps.iter().filter(same).count() > 1 => {
                    format!("_of_{}", scheme.complexes[before].name)
                }
                _ => String::new(),
            };
            let chain = &scheme.chains[step.chain].name;
            format!("{complex}_{what}_{chain}{wrong}{from}_{}", at.place)
        };
        let constant = |n: &Network, name: &str, ways: f64| {
            let k = n.parameter_named(name).expect("a scheme names its own constants");
            Expression::Number(ways) * k.into()
        };
        let mut on = constant(n, &step.on, step.on_ways);
        let mut off = constant(n, &step.off, step.off_ways);
        if let Place::Endosome { area, looser } = place {
            off = match &step.off_inside {
                Some(own) => constant(n, own, step.off_ways),
                None => off * looser.into(),
            };
            if matches!(step.joined, Joined::Complex(_)) {
                on = on / area.into();
            }
        }
        match (step.joined, &place) {
            (Joined::Ligand(l), Place::Surface(solution)) => {
                let names = [name("bound_by"), name("left_by")];
                // Doubling the association from the medium is equivalent to doubling the dose.
                let factor = n.parameter_named(EXPERIMENT);
                let on = factor.map_or(on.clone(), |factor| on * factor.into());
                solution.bind(n, names, [at.ligands[l], chain, formed], [on, off]);
            }
            (joined, _) => {
                let (joined, how) = match joined {
                    Joined::Ligand(l) => (at.ligands[l], "bound_by"),
                    Joined::Complex(c) => (at.complexes[c], "joined_by"),
                };
                n.add_reaction(name(how), &[joined, chain], &[formed], on);
                n.add_reaction(name("left_by"), &[formed], &[joined, chain], off);
            }
        }
    }
}

fn observe(
    n: &mut Network,
    scheme: &Scheme,
    surface: &Membrane,
    endosome: &Membrane,
    capacity: ParameterId,
) {
    let sum = |of: &Membrane, which: &dyn Fn(usize) -> f64| {
        (0..scheme.complexes.len())
            .map(|i| Expression::Number(which(i)) * of.complexes[i].into())
            .fold(Expression::Number(0.0), |a, b| a + b)
    };
    let signals = |i: usize| f64::from(scheme.complexes[i].signals);
    let per_cell = Dimension::PER_CELL;
    n.add_observable(
        "signalling_complexes",
        per_cell,
        sum(surface, &signals) + sum(endosome, &signals),
    );
    n.add_observable("signalling_complexes_surface", per_cell, sum(surface, &signals));
    for (i, chain) in scheme.chains.iter().enumerate() {
        let held = |j: usize| f64::from(scheme.complexes[j].chains[i]);
        let total = Expression::from(surface.chains[i]) + sum(surface, &held);
        n.add_observable(format!("{}_surface_total", chain.name), per_cell, total);
        // Readout of multivalent binding: a molecule bound to two chains counts twice here, but
        // once among the signalling complexes.
        let bound = sum(surface, &held) + sum(endosome, &held);
        n.add_observable(format!("{}_bound", chain.name), per_cell, bound);
    }
    for (i, ligand) in scheme.ligands.iter().enumerate() {
        let own = |j: usize| f64::from(u8::from(scheme.complexes[j].ligand == i));
        let active = |j: usize| own(j) * signals(j);
        let name = &ligand.label;
        let inside = sum(endosome, &own) + Expression::from(capacity) * endosome.ligands[i].into();
        let signalling = sum(surface, &active) + sum(endosome, &active);
        n.add_observable(format!("{name}_signalling_complexes"), per_cell, signalling);
        n.add_observable(format!("{name}_bound_surface"), per_cell, sum(surface, &own));
        n.add_observable(format!("{name}_inside"), per_cell, inside);
    }
}
