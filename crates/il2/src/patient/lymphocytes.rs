//! What each population of cells senses, remembers, takes up and becomes.
//!
//! Every population keeps a number of CD25 that follows its signal, a memory of the signal that drives
//! division, and a tiredness of it. It lives in blood and in tissue. By the names of the network, without
//! that of the population in front:
//!
//! ```text
//! half_maximal = half_maximal_blind / (1 + capture_per_cd25 cd25)
//! signal       = concentration_free / (concentration_free + half_maximal)
//! cd25'        = cd25_rate (cd25_at_rest (1 + cd25_gain signal) - cd25)
//! memory'      = memory_rate (signal / (1 + tiring tired) - memory)
//! tired'       = tiring_rate (memory - tired)
//!
//! everywhere   = count blood_volume / in_blood              (cells at rest, of which in_blood are in blood)
//! total_fold   = (blood + tissue) / everywhere
//! division     = growth growth_strength memory / (memory + half_growth) / (1 + (total_fold / crowding)^2)
//! leaves       = leaving (1 + margination vessels) blood
//! returns      = leaving in_blood / (1 - in_blood) tissue
//! blood'       = (division - turnover) blood + turnover everywhere in_blood - leaves + returns
//! tissue'      = (division - turnover) tissue + turnover everywhere (1 - in_blood) + leaves - returns
//!
//! uptake       = uptake_per_cell signal (blood + tissue) / molecules_per_pmol       (pmol/min, from plasma)
//! ```
//!
//! Where a population matures into another, `maturation (blood - everywhere in_blood)` leaves its blood and
//! joins that of the other, and so in tissue: what is more than at rest adds to the other, the rest is part
//! of its own supply.

use crate::patient::draft::{Draft, PLAIN, plain, sum};
use crate::patient::drug::Drug;
use crate::patient::physiology::Population;
use il2_engine::{Dimension, Expression as E, Limits, ParameterId, SpeciesId};

const CELLS: Dimension = Dimension { cell: 1, ..PLAIN };

/// A population in the network.
pub(super) struct PopulationSpecies {
    pub id: String,
    /// Part of full signal that a cell senses now.
    pub signal: E,
    /// CD25 that all its cells carry, now and at rest.
    pub carried: (E, E),
    matures_into: String,
    blood: SpeciesId,
    tissue: SpeciesId,
    at_rest: E,
    everywhere: E,
}

/// Adds a population; `vessels` are those through which it leaves the blood, `avogadro` is molecules in
/// a picomole.
pub(super) fn population(
    draft: &mut Draft,
    drug: &Drug,
    (vessels, avogadro): (SpeciesId, ParameterId),
    population: &Population,
) -> PopulationSpecies {
    let id = &population.id;
    draft.group(id, &population.entry.parameters);
    let n = &mut draft.network;
    let half_maximal_blind =
        n.add_parameter(format!("{id}.half_maximal_blind"), Dimension::CONCENTRATION, 1.0);
    let capture_per_cd25 =
        n.add_parameter(format!("{id}.capture_per_cd25"), PLAIN / Dimension::PER_CELL, 0.0);
    let cd25_at_rest = n.add_parameter(format!("{id}.cd25_at_rest"), Dimension::PER_CELL, 1.0);
    let growth_strength = n.add_parameter(format!("{id}.growth_strength"), PLAIN, 1.0);
    n.limit(half_maximal_blind, Limits::Positive);
    for number in [capture_per_cd25, cd25_at_rest, growth_strength] {
        n.limit(number, Limits::NotNegative);
    }
    let cd25 = n.add_species(format!("{id}_cd25"), Dimension::PER_CELL);
    n.species[cd25.0].initial = cd25_at_rest.into();
    let memory = n.add_species(format!("{id}_memory"), PLAIN);
    let tired = n.add_species(format!("{id}_tired"), PLAIN);
    let blood = n.add_species(format!("{id}_blood"), CELLS);
    let tissue = n.add_species(format!("{id}_tissue"), CELLS);

    let own = |draft: &Draft, key: &str| draft.number(id, key);
    // Counts in blood are what is measured; how many there are elsewhere follows.
    let blood_volume = draft.number("migration", "blood_volume");
    let in_blood = own(draft, "in_blood");
    let at_rest = own(draft, "count") * blood_volume.clone();
    let everywhere = at_rest.clone() / in_blood.clone();
    draft.network.species[blood.0].initial = at_rest.clone();
    draft.network.species[tissue.0].initial = everywhere.clone() * (plain(1.0) - in_blood.clone());

    // What the cell senses: CD25 captures ligand for the pair of beta and gamma.
    let concentration_free = &drug.concentration_free;
    let captured = plain(1.0) + E::from(capture_per_cd25) * E::from(cd25);
    let half_maximal = E::from(half_maximal_blind) / captured;
    let signal = concentration_free.clone() / (concentration_free.clone() + half_maximal.clone());
    let n = &mut draft.network;
    n.add_observable(format!("{id}_signal"), PLAIN, signal.clone());
    n.add_observable(format!("{id}_half_maximal"), Dimension::CONCENTRATION, half_maximal);
    let [cd25_rate, tiring, memory_rate, tiring_rate, half_growth, uptake_per_cell] =
        ["cd25_rate", "tiring", "memory_rate", "tiring_rate", "half_growth", "uptake_per_cell"]
            .map(|key| draft.number("sensing", key));
    let gain = plain(1.0) + own(draft, "cd25_gain") * signal.clone();
    let n = &mut draft.network;
    let up = cd25_rate.clone() * E::from(cd25_at_rest) * gain;
    n.add_law(format!("{id}: CD25 up"), &[], &[cd25], up);
    n.add_reaction(format!("{id}: CD25 down"), &[cd25], &[], cd25_rate);
    let answers = signal.clone() / (plain(1.0) + tiring * E::from(tired));
    n.add_law(format!("{id}: remember"), &[], &[memory], memory_rate.clone() * answers);
    n.add_reaction(format!("{id}: forget"), &[memory], &[], memory_rate);
    n.add_law(format!("{id}: tire"), &[], &[tired], tiring_rate.clone() * E::from(memory));
    n.add_reaction(format!("{id}: recover"), &[tired], &[], tiring_rate);

    // Uptake by all cells of the population: it grows as they do.
    let cells = E::from(blood) + E::from(tissue);
    let uptake = uptake_per_cell * signal.clone() * cells.clone() / E::from(avogadro);
    n.add_law(format!("{id}: take up"), &[drug.central], &[drug.taken_up], uptake);

    // Division, death, supply, and the way between blood and tissue.
    let total_fold = cells.clone() / everywhere.clone();
    let crowded = total_fold.clone() / own(draft, "crowding");
    let room = plain(1.0) / (plain(1.0) + crowded.clone() * crowded);
    let driven = E::from(memory) / (E::from(memory) + half_growth);
    let division = own(draft, "growth") * E::from(growth_strength) * driven * room;
    draft.network.add_observable(format!("{id}_division"), Dimension::RATE, division.clone());
    // Cells that mature leave as what dies does; the supply makes up for both at rest.
    let matures_into = population.entry.matures_into.clone();
    let maturation = if matures_into.is_empty() { plain(0.0) } else { own(draft, "maturation") };
    let turnover = own(draft, "turnover");
    for (cell, part) in [(blood, in_blood.clone()), (tissue, plain(1.0) - in_blood.clone())] {
        let n = &mut draft.network;
        let name = n.species[cell.0].name.clone();
        n.add_law(format!("{name}: divide"), &[], &[cell], division.clone() * E::from(cell));
        n.add_reaction(format!("{name}: die"), &[cell], &[], turnover.clone());
        let supply = (turnover.clone() + maturation.clone()) * everywhere.clone() * part;
        n.add_law(format!("{name}: supply"), &[], &[cell], supply);
    }
    let leaving = draft.number("migration", "leaving");
    let margination = draft.number("migration", "margination");
    let n = &mut draft.network;
    let leaves = leaving.clone() * (plain(1.0) + margination * E::from(vessels));
    n.add_reaction(format!("{id}: leave blood"), &[blood], &[tissue], leaves);
    let returns = leaving * in_blood.clone() / (plain(1.0) - in_blood);
    n.add_reaction(format!("{id}: return"), &[tissue], &[blood], returns);
    let density = E::from(blood) / blood_volume;
    n.add_observable(format!("{id}_count"), Dimension::CELL_DENSITY, density);
    n.add_observable(format!("{id}_fold"), PLAIN, E::from(blood) / at_rest.clone());
    n.add_observable(format!("{id}_total_fold"), PLAIN, total_fold);
    let carried = (cells * E::from(cd25), everywhere.clone() * E::from(cd25_at_rest));
    PopulationSpecies {
        id: id.clone(),
        signal,
        carried,
        matures_into,
        blood,
        tissue,
        at_rest,
        everywhere,
    }
}

/// Where cells mature into another population, only what is more than at rest adds to it: the rest is
/// part of that population's own supply.
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
            let usual = maturation.clone() * from.everywhere.clone() * part;
            n.add_law(format!("{name}: usual part of the supply"), &[target], &[], usual);
        }
    }
}

/// Folds of populations together in blood: of NK cells, of all lymphocytes.
pub(super) fn add_pooled_folds(draft: &mut Draft, all: &[PopulationSpecies]) {
    for (name, kind) in [("nk_fold", "nk_"), ("lymphocytes_fold", "")] {
        let of = || all.iter().filter(|g| g.id.starts_with(kind));
        if of().next().is_some() {
            let now = sum(of().map(|g| E::from(g.blood)), 0.0);
            let before = sum(of().map(|g| g.at_rest.clone()), 0.0);
            draft.network.add_observable(name, PLAIN, now / before);
        }
    }
}
