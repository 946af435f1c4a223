//! Populations of cells: what each population senses, and how it responds, takes up drug and
//! divides.
//!
//! Every population has a number of CD25 that follows its signal, an activation that follows the
//! signal and drives division, and a desensitisation to the signal. Its cells are in blood and in
//! tissue. Names are those of the network, without the prefix of the population; a number of the
//! library whose name also occurs in another group is written with its group:
//!
//! ```text
//! captured      = capture_per_cd25 cd25 / (1 + sensed / cd25_half)
//! bound         = sensed / ec50_without_cd25 (1 + captured)
//! signal        = signal_top bound / (1 + bound)
//! cd25'         = cd25_rate (cd25_at_rest (1 + cd25_gain signal) - cd25)
//! activation'   = sensing.activation_rate (signal / (1 + desensitisation desensitised) - activation)
//! desensitised' = desensitisation_rate (activation - desensitised)
//! longevity'    = longer_life activation - longevity_loss longevity     (conventional CD4 T cells)
//!
//! total_at_rest = count blood_volume / in_blood             (cells at rest, of which in_blood are in blood)
//! total_fold    = (blood + tissue) / total_at_rest
//! division      = growth growth_strength activation / (activation + half_growth)
//!               / (1 + (total_fold / crowding)^4)
//! death         = turnover / (1 + longevity)
//! reached       = concentration_free / (concentration_free + ec50_without_cd25)
//! leaves        = leaving (1 + margination max(vessels, reached)) blood
//! returns       = leaving in_blood / (1 - in_blood) tissue
//! blood'        = (division - death) blood + turnover total_at_rest in_blood - leaves + returns
//! tissue'       = (division - death) tissue + turnover total_at_rest (1 - in_blood) + leaves - returns
//!
//! per_cell      = sensing.uptake uptake_most concentration_free / (concentration_free + uptake_half)
//! uptake        = per_cell (blood + tissue) / molecules_per_pmol                    (pmol/min, from plasma)
//! ```
//!
//! `uptake_most` and `uptake_half` are computed in the receptor layer for the molecule on this cell
//! (`sensing`). The longer a population has been activated, the longer its cells live (`longevity`,
//! which is 0 except for populations with a `longer_life`: Kovacs 2005).
//!
//! Cells leave the blood when vessels are active, and also when the molecule reaches the cells' own
//! pair of beta and gamma_c (`reached`): interleukin-15 and CD25-blind molecules empty the blood of
//! lymphocytes although they do not reach CD25 on the vessels (Conlon 2015, within minutes). For
//! native interleukin-2 the two have nearly the same sensitivity, so that one of them suffices.
//!
//! If a population matures into another, `maturation (blood - total_at_rest in_blood)` moves from
//! its blood to that of the other, and likewise in tissue: cells above the number at rest are added
//! to the other population; the remaining flow is part of the other population's own supply.

use crate::patient::draft::{Draft, PLAIN, maximum, plain, sum};
use crate::patient::drug::Drug;
use crate::patient::physiology::Population;
use il2_engine::{Dimension, Expression as E, Limits, ParameterId, SpeciesId};

const CELLS: Dimension = Dimension { cell: 1, ..PLAIN };

/// A population in the network.
pub(super) struct PopulationSpecies {
    pub id: String,
    /// Present signal of a cell, as a fraction of the full signal.
    pub signal: E,
    /// Activation of the population, which follows the signal.
    pub activation: SpeciesId,
    /// CD25 of all cells of the population, at present and at rest.
    pub carried: (E, E),
    matures_into: String,
    blood: SpeciesId,
    tissue: SpeciesId,
    at_rest: E,
    total_at_rest: E,
}

/// Adds a population; `vessels` are the vessels through which it leaves the blood, `avogadro` is
/// molecules per picomole.
pub(super) fn population(
    draft: &mut Draft,
    drug: &Drug,
    (vessels, avogadro): (SpeciesId, ParameterId),
    population: &Population,
) -> PopulationSpecies {
    let id = &population.id;
    draft.group(id, &population.entry.parameters);
    let n = &mut draft.network;
    let ec50_without_cd25 =
        n.add_parameter(format!("{id}.ec50_without_cd25"), Dimension::CONCENTRATION, 1.0);
    let capture_per_cd25 =
        n.add_parameter(format!("{id}.capture_per_cd25"), PLAIN / Dimension::PER_CELL, 0.0);
    let cd25_half = n.add_parameter(format!("{id}.cd25_half"), Dimension::CONCENTRATION, 1.0);
    let signal_top = n.add_parameter(format!("{id}.signal_top"), PLAIN, 1.0);
    let cd25_at_rest = n.add_parameter(format!("{id}.cd25_at_rest"), Dimension::PER_CELL, 1.0);
    let growth_strength = n.add_parameter(format!("{id}.growth_strength"), PLAIN, 1.0);
    for number in [ec50_without_cd25, cd25_half] {
        n.limit(number, Limits::Positive);
    }
    for number in [capture_per_cd25, signal_top, cd25_at_rest, growth_strength] {
        n.limit(number, Limits::NotNegative);
    }
    let cd25 = n.add_species(format!("{id}_cd25"), Dimension::PER_CELL);
    n.species[cd25.0].initial = cd25_at_rest.into();
    let activation = n.add_species(format!("{id}_activation"), PLAIN);
    let desensitised = n.add_species(format!("{id}_desensitised"), PLAIN);
    let [uptake_most, uptake_half] = [
        ("uptake_most", Dimension::PER_CELL * Dimension::RATE, Limits::NotNegative),
        ("uptake_half", Dimension::CONCENTRATION, Limits::Positive),
    ]
    .map(|(name, dimension, limits)| {
        let value = f64::from(u8::from(limits == Limits::Positive));
        let added = n.add_parameter(format!("{id}.{name}"), dimension, value);
        n.limit(added, limits);
        E::from(added)
    });
    let blood = n.add_species(format!("{id}_blood"), CELLS);
    let tissue = n.add_species(format!("{id}_tissue"), CELLS);

    let own = |draft: &Draft, key: &str| draft.number(id, key);
    // Counts in blood are measured; the numbers in tissue are derived from them.
    let blood_volume = draft.number("migration", "blood_volume");
    let in_blood = own(draft, "in_blood");
    let at_rest = own(draft, "count") * blood_volume.clone();
    let total_at_rest = at_rest.clone() / in_blood.clone();
    draft.network.species[blood.0].initial = at_rest.clone();
    draft.network.species[tissue.0].initial =
        total_at_rest.clone() * (plain(1.0) - in_blood.clone());

    // The signal: CD25 captures ligand for the pair of beta and gamma.
    let (concentration_free, sensed) = (&drug.concentration_free, &drug.sensed);
    let gain = E::from(capture_per_cd25) * E::from(cd25);
    let captured = gain.clone() / (plain(1.0) + sensed.clone() / E::from(cd25_half));
    let bound = sensed.clone() / E::from(ec50_without_cd25) * (plain(1.0) + captured);
    let signal = E::from(signal_top) * bound.clone() / (plain(1.0) + bound);
    // The level at which as many pairs are bound as are free.
    let ratio = E::from(ec50_without_cd25) / E::from(cd25_half);
    let spare = plain(1.0) + gain - ratio.clone();
    let squared = spare.clone() * spare.clone() + plain(4.0) * ratio;
    let root = E::Power(Box::new(squared), Box::new(plain(0.5)));
    let ec50 = plain(2.0) * E::from(ec50_without_cd25) / (spare + root);
    let n = &mut draft.network;
    n.add_observable(format!("{id}_signal"), PLAIN, signal.clone());
    n.add_observable(format!("{id}_ec50"), Dimension::CONCENTRATION, ec50);
    let [cd25_rate, desensitisation, activation_rate, desensitisation_rate, half_growth, uptake] =
        [
            "cd25_rate",
            "desensitisation",
            "activation_rate",
            "desensitisation_rate",
            "half_growth",
            "uptake",
        ]
        .map(|key| draft.number("sensing", key));
    let gain = plain(1.0) + own(draft, "cd25_gain") * signal.clone();
    let n = &mut draft.network;
    let up = cd25_rate.clone() * E::from(cd25_at_rest) * gain;
    n.add_law(format!("{id}: CD25 up"), &[], &[cd25], up);
    n.add_reaction(format!("{id}: CD25 down"), &[cd25], &[], cd25_rate);
    n.add_observable(format!("{id}_activation"), PLAIN, activation.into());
    n.add_observable(format!("{id}_desensitised"), PLAIN, desensitised.into());
    let answers = signal.clone() / (plain(1.0) + desensitisation * E::from(desensitised));
    n.add_law(format!("{id}: activate"), &[], &[activation], activation_rate.clone() * answers);
    n.add_reaction(format!("{id}: deactivate"), &[activation], &[], activation_rate);
    n.add_law(
        format!("{id}: desensitise"),
        &[],
        &[desensitised],
        desensitisation_rate.clone() * E::from(activation),
    );
    n.add_reaction(format!("{id}: recover"), &[desensitised], &[], desensitisation_rate);

    // Uptake by all cells of the population, proportional to their number.
    let cells = E::from(blood) + E::from(tissue);
    let per_cell =
        uptake_most * concentration_free.clone() / (concentration_free.clone() + uptake_half);
    let uptake = uptake * per_cell * cells.clone() / E::from(avogadro);
    n.add_law(format!("{id}: take up"), &[drug.central], &[drug.taken_up], uptake);

    // Division, death, supply, and exchange between blood and tissue.
    let total_fold = cells.clone() / total_at_rest.clone();
    // Steeper than a square, because a long-acting form and daily doses lead to nearly the same
    // number of regulatory T cells.
    let crowded = total_fold.clone() / own(draft, "crowding");
    let squared = crowded.clone() * crowded;
    let room = plain(1.0) / (plain(1.0) + squared.clone() * squared);
    let driven = E::from(activation) / (E::from(activation) + half_growth);
    let division = own(draft, "growth") * E::from(growth_strength) * driven * room;
    draft.network.add_observable(format!("{id}_division"), Dimension::RATE, division.clone());
    // Cells are lost by maturation as well as by death; at rest the supply replaces both.
    let matures_into = population.entry.matures_into.clone();
    let maturation = if matures_into.is_empty() { plain(0.0) } else { own(draft, "maturation") };
    let turnover = own(draft, "turnover");
    let death = turnover.clone() / (plain(1.0) + longevity(draft, population, activation));
    for (cell, part) in [(blood, in_blood.clone()), (tissue, plain(1.0) - in_blood.clone())] {
        let n = &mut draft.network;
        let name = n.species[cell.0].name.clone();
        n.add_law(format!("{name}: divide"), &[], &[cell], division.clone() * E::from(cell));
        n.add_reaction(format!("{name}: die"), &[cell], &[], death.clone());
        let supply = (turnover.clone() + maturation.clone()) * total_at_rest.clone() * part;
        n.add_law(format!("{name}: supply"), &[], &[cell], supply);
    }
    let leaving = draft.number("migration", "leaving");
    let margination = draft.number("migration", "margination");
    let n = &mut draft.network;
    let without_cd25 = concentration_free.clone() + E::from(ec50_without_cd25);
    let reached = concentration_free.clone() / without_cd25;
    let called = maximum(E::from(vessels), reached);
    let leaves = leaving.clone() * (plain(1.0) + margination * called);
    n.add_reaction(format!("{id}: leave blood"), &[blood], &[tissue], leaves);
    let returns = leaving * in_blood.clone() / (plain(1.0) - in_blood);
    n.add_reaction(format!("{id}: return"), &[tissue], &[blood], returns);
    let density = E::from(blood) / blood_volume;
    n.add_observable(format!("{id}_count"), Dimension::CELL_DENSITY, density);
    n.add_observable(format!("{id}_fold"), PLAIN, E::from(blood) / at_rest.clone());
    n.add_observable(format!("{id}_total_fold"), PLAIN, total_fold);
    let carried = (cells * E::from(cd25), total_at_rest.clone() * E::from(cd25_at_rest));
    PopulationSpecies {
        id: id.clone(),
        signal,
        activation,
        carried,
        matures_into,
        blood,
        tissue,
        at_rest,
        total_at_rest,
    }
}

/// How much longer than usual the cells of a population live, as the ratio minus one.
fn longevity(draft: &mut Draft, population: &Population, activation: SpeciesId) -> E {
    let id = &population.id;
    if !population.entry.parameters.contains_key("longer_life") {
        return plain(0.0);
    }
    let [longer_life, loss] = ["longer_life", "longevity_loss"].map(|key| draft.number(id, key));
    let n = &mut draft.network;
    let longevity = n.add_species(format!("{id}_longevity"), PLAIN);
    n.add_law(format!("{id}: live longer"), &[], &[longevity], longer_life * E::from(activation));
    n.add_reaction(format!("{id}: live as usual"), &[longevity], &[], loss);
    longevity.into()
}

/// If cells mature into another population, only the excess over rest is added to it; the flow at
/// rest is part of that population's own supply.
pub(super) fn maturing(draft: &mut Draft, all: &[PopulationSpecies]) {
    for from in all {
        let Some(into) = all.iter().find(|g| g.id == from.matures_into) else { continue };
        let maturation = draft.number(&from.id, "maturation");
        let in_blood = draft.number(&from.id, "in_blood");
        for (cell, target, part) in [
            (from.blood, into.blood, in_blood.clone()),
            (from.tissue, into.tissue, plain(1.0) - in_blood),
        ] {
            let n = &mut draft.network;
            let name = n.species[cell.0].name.clone();
            n.add_reaction(format!("{name}: mature"), &[cell], &[target], maturation.clone());
            let usual = maturation.clone() * from.total_at_rest.clone() * part;
            n.add_law(format!("{name}: usual part of the supply"), &[target], &[], usual);
        }
    }
}

/// CD4 T cells, given by the populations that they comprise.
const CD4: [&str; 2] = ["treg", "tconv"];

/// Fold changes in blood of all NK cells and of all lymphocytes; also CD4 T cells, and regulatory T
/// cells among them.
pub(super) fn add_pooled_folds(draft: &mut Draft, all: &[PopulationSpecies]) {
    for (name, kind) in [("nk_fold", "nk_"), ("lymphocytes_fold", "")] {
        let of = || all.iter().filter(|g| g.id.starts_with(kind));
        if of().next().is_some() {
            let now = sum(of().map(|g| E::from(g.blood)), 0.0);
            let before = sum(of().map(|g| g.at_rest.clone()), 0.0);
            draft.network.add_observable(name, PLAIN, now / before);
        }
    }
    let cd4: Vec<_> = CD4.iter().filter_map(|id| all.iter().find(|g| g.id == *id)).collect();
    if let [treg, tconv] = cd4[..] {
        let now = E::from(treg.blood) + E::from(tconv.blood);
        let before = treg.at_rest.clone() + tconv.at_rest.clone();
        let density = now.clone() / draft.number("migration", "blood_volume");
        let percent = plain(100.0) * E::from(treg.blood) / now.clone();
        let n = &mut draft.network;
        n.add_observable("cd4_count", Dimension::CELL_DENSITY, density);
        n.add_observable("cd4_fold", PLAIN, now / before);
        n.add_observable("treg_of_cd4", PLAIN, percent);
    }
}
