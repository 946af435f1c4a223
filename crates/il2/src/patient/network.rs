//! The patient's equations: drug in depot, plasma, tissue fluid and tumour, free, masked, on soluble
//! CD25 or on an anchor; what each population of cells senses, remembers, takes up and becomes;
//! eosinophils; vessels that leak.
//!
//! Every population keeps a number of CD25 that follows its signal, a memory of the signal that
//! drives division, and a tiredness of it. It lives in blood and in tissue. At rest without drug all
//! of it stands still.

use super::physiology::{Physiology, Population};
use crate::parameter::Parameters;
use il2_engine::{Dimension, Expression as E, Network, ParameterId, SpeciesId};
use indexmap::IndexMap;

const SUBSTANCE: Dimension = Dimension { substance: 1, ..Dimension::DIMENSIONLESS };
const CELLS: Dimension = Dimension { cell: 1, ..Dimension::DIMENSIONLESS };
const MOLECULE: Dimension = Dimension { molecule: 1, ..Dimension::DIMENSIONLESS };
const PLAIN: Dimension = Dimension::DIMENSIONLESS;
/// Molecules in a picomole: the definition of the mole.
const MOLECULES_PER_PMOL: f64 = 6.022_140_76e11;

/// The network and where things stand in it.
#[derive(Debug)]
pub struct Body {
    /// Equations.
    pub network: Network,
    /// First of two depots under the skin (pmol).
    pub depot: SpeciesId,
    /// Where a dose arrives: plasma, or the masked form in it (pmol).
    pub arrives: SpeciesId,
    /// The active form in plasma (pmol).
    pub active: SpeciesId,
    /// Rate of infusion (pmol/min).
    pub infusion: ParameterId,
    /// Rate of infusion under the skin, by a pump (pmol/min).
    pub infusion_under_skin: ParameterId,
    /// Amounts that together are what was given.
    pub drug: Vec<SpeciesId>,
}

fn plain(value: f64) -> E {
    E::Number(value)
}

/// Adds all numbers of a group as parameters `group.name`.
fn group(n: &mut Network, name: &str, numbers: &Parameters) -> IndexMap<String, ParameterId> {
    let add = |(key, p): (&String, &crate::parameter::Parameter)| {
        // The library writes 3 /cell where 3 molecules a cell are meant.
        let cells = p.dimension.cell == -1;
        let dimension = if cells { Dimension::PER_CELL } else { p.dimension };
        (key.clone(), n.add_parameter(format!("{name}.{key}"), dimension, p.value))
    };
    numbers.iter().map(add).collect()
}

/// Puts the equations together for given sets of numbers; values of lanes replace them.
pub fn body(physiology: &Physiology, kinetics: &Parameters, populations: &[Population]) -> Body {
    let mut n = Network::default();
    let pk = group(&mut n, "pharmacokinetics", kinetics);
    let mut of = IndexMap::new();
    for name in ["sensing", "migration", "eosinophils", "toxicity", "tumour", "soluble_cd25"] {
        of.insert(name, group(&mut n, name, &physiology.groups[name]));
    }
    let number = |name: &str, key: &str| E::from(of[name][key]);
    let kinetic = |key: &str| E::from(pk[key]);
    let volume = E::from(pk["volume"]);
    let avogadro = n.add_parameter("molecules_per_pmol", MOLECULE / SUBSTANCE, MOLECULES_PER_PMOL);

    let [depot, second, prodrug, central, peripheral, tumour, anchored, eliminated, taken_up] = [
        "depot",
        "depot_2",
        "prodrug",
        "central",
        "peripheral",
        "tumour",
        "anchored",
        "eliminated",
        "taken_up",
    ]
    .map(|name| n.add_species(name, SUBSTANCE));
    // A masked form arrives as what is not yet active.
    let masked = kinetics["release_rate"].value > 0.0;
    let arrives = if masked { prodrug } else { central };
    let infusion = n.add_parameter("infusion", SUBSTANCE / Dimension::TIME, 0.0);
    n.add_law("infuse", &[], &[arrives], infusion.into());
    let infusion_under_skin =
        n.add_parameter("infusion_under_skin", SUBSTANCE / Dimension::TIME, 0.0);
    n.add_law("infuse under the skin", &[], &[depot], infusion_under_skin.into());
    n.add_reaction("seep", &[depot], &[second], kinetic("absorption_rate"));
    // What does not arrive is lost under the skin.
    let arriving = || kinetic("bioavailability");
    let absorption = kinetic("absorption_rate");
    n.add_reaction("absorb", &[second], &[arrives], absorption.clone() * arriving());
    n.add_reaction(
        "lose on the way",
        &[second],
        &[eliminated],
        absorption * (plain(1.0) - arriving()),
    );
    n.add_reaction("unmask", &[prodrug], &[central], kinetic("release_rate"));
    let masked_loss = kinetic("prodrug_clearance") / volume.clone();
    n.add_reaction("clear masked", &[prodrug], &[eliminated], masked_loss);

    // Soluble CD25 holds a part of what is in plasma; only the free part leaves, is cleared and sensed.
    let soluble = n.add_species("soluble_cd25", Dimension::CONCENTRATION);
    let at_rest = number("soluble_cd25", "level");
    n.species[soluble.0].initial = at_rest.clone();
    let shed = number("soluble_cd25", "loss");
    n.add_reaction("lose soluble CD25", &[soluble], &[], shed.clone());
    let free = || plain(1.0) / (plain(1.0) + E::from(soluble) / number("soluble_cd25", "constant"));
    let level = || E::from(central) / volume.clone() * free();
    n.add_observable("concentration", Dimension::CONCENTRATION, E::from(central) / volume.clone());
    n.add_observable("concentration_free", Dimension::CONCENTRATION, level());
    n.add_observable(
        "concentration_masked",
        Dimension::CONCENTRATION,
        E::from(prodrug) / volume.clone(),
    );
    n.add_observable("soluble_cd25", Dimension::CONCENTRATION, soluble.into());
    let move_free = |n: &mut Network, name: &str, into: SpeciesId, flow: E| {
        n.add_reaction(name, &[central], &[into], flow / volume.clone() * free());
    };
    move_free(&mut n, "clear", eliminated, kinetic("clearance"));
    let flow = || kinetic("intercompartmental_clearance");
    move_free(&mut n, "leave plasma", peripheral, flow());
    let back = flow() / kinetic("peripheral_volume");
    n.add_reaction("enter plasma", &[peripheral], &[central], back);

    // A tumour: what seeps in leaves again unless it finds an anchor, which cells then swallow.
    let space = || number("tumour", "volume");
    move_free(&mut n, "enter tumour", tumour, number("tumour", "exchange"));
    n.add_reaction("leave tumour", &[tumour], &[central], number("tumour", "exchange") / space());
    let open = kinetic("anchor") * space() - E::from(anchored);
    let binds = number("tumour", "anchor_on") * E::from(tumour) / space() * open;
    n.add_law("anchor", &[tumour], &[anchored], binds);
    let off = number("tumour", "anchor_on") * number("tumour", "anchor_constant");
    n.add_reaction("let go", &[anchored], &[tumour], off);
    n.add_reaction("swallow", &[anchored], &[taken_up], number("tumour", "swallow"));
    let held = (E::from(tumour) + E::from(anchored)) / space();
    n.add_observable("tumour_concentration", Dimension::CONCENTRATION, held);

    // Vessels: active at once, leaky behind.
    let [active, leak] = ["vessels", "leak"].map(|name| n.add_species(name, PLAIN));
    let half = level() / (level() + number("migration", "activation_constant"));
    let rate = || number("migration", "activation_rate");
    n.add_law("activate", &[], &[active], rate() * half);
    n.add_reaction("calm", &[active], &[], rate());
    let leaking = n.add_parameter("leak_strength", PLAIN, 1.0);
    let mends = || number("toxicity", "leak_rate");
    n.add_law("leak", &[], &[leak], mends() * E::from(active) * leaking.into());
    n.add_reaction("mend", &[leak], &[], mends());
    let one = || plain(1.0);
    // A leak beyond full counts as full.
    let felt = || E::Minimum(Box::new(E::from(leak)), Box::new(one()));
    let fall = number("toxicity", "pressure") - number("toxicity", "pressure_fall") * felt();
    n.add_observable("mean_arterial_pressure", PLAIN, fall);
    let rise = number("toxicity", "creatinine") + number("toxicity", "creatinine_rise") * felt();
    n.add_observable("creatinine", PLAIN, rise);

    let mut in_blood: Vec<(String, E, E)> = vec![];
    let mut driver = None;
    let (mut maturing, mut carried) = (vec![], vec![]);
    for population in populations {
        let id = &population.id;
        let own = group(&mut n, id, &population.entry.parameters);
        let own = |key: &str| E::from(own[key]);
        let constant =
            n.add_parameter(format!("{id}.half_maximal_blind"), Dimension::CONCENTRATION, 1.0);
        let capture =
            n.add_parameter(format!("{id}.capture_per_cd25"), PLAIN / Dimension::PER_CELL, 0.0);
        let rest = n.add_parameter(format!("{id}.cd25_at_rest"), Dimension::PER_CELL, 1.0);
        let beta = n.add_parameter(format!("{id}.beta"), Dimension::PER_CELL, 1.0);
        let strength = n.add_parameter(format!("{id}.growth_strength"), PLAIN, 1.0);
        let alive = |suffix: &str| format!("{id}_{suffix}");
        let cd25 = n.add_species(alive("cd25"), Dimension::PER_CELL);
        n.species[cd25.0].initial = rest.into();
        let memory = n.add_species(alive("memory"), PLAIN);
        let tired = n.add_species(alive("tired"), PLAIN);
        let blood = n.add_species(alive("blood"), CELLS);
        let tissue = n.add_species(alive("tissue"), CELLS);
        // Counts in blood are what is measured; how many there are elsewhere follows.
        let at_rest = || own("count") * number("migration", "blood_volume");
        let everywhere = || at_rest() / own("in_blood");
        n.species[blood.0].initial = at_rest();
        n.species[tissue.0].initial = everywhere() * (one() - own("in_blood"));

        // What the cell senses: CD25 captures ligand for the pair of beta and gamma.
        let half = E::from(constant) / (one() + E::from(capture) * E::from(cd25));
        let signal = level() / (level() + half.clone());
        n.add_observable(format!("{id}_signal"), PLAIN, signal.clone());
        n.add_observable(format!("{id}_half_maximal"), Dimension::CONCENTRATION, half);
        if id == "tconv" {
            driver = Some(signal.clone());
        }
        let follow = || number("sensing", "cd25_rate");
        let gain = one() + own("cd25_gain") * signal.clone();
        n.add_law(format!("{id}: CD25 up"), &[], &[cd25], follow() * E::from(rest) * gain);
        n.add_reaction(format!("{id}: CD25 down"), &[cd25], &[], follow());
        let answers = signal.clone() / (one() + number("sensing", "tiring") * E::from(tired));
        let remember = || number("sensing", "memory_rate");
        n.add_law(format!("{id}: remember"), &[], &[memory], remember() * answers);
        n.add_reaction(format!("{id}: forget"), &[memory], &[], remember());
        let tire = || number("sensing", "tiring_rate");
        n.add_law(format!("{id}: tire"), &[], &[tired], tire() * E::from(memory));
        n.add_reaction(format!("{id}: recover"), &[tired], &[], tire());

        // Uptake by all cells of the population: it grows as they do.
        let cells = || E::from(blood) + E::from(tissue);
        let molecules = number("sensing", "uptake_per_beta") * E::from(beta) * signal;
        let uptake = molecules * cells() / E::from(avogadro);
        n.add_law(format!("{id}: take up"), &[central], &[taken_up], uptake);

        // Division, death, supply, and the way between blood and tissue.
        let fold = || cells() / everywhere();
        // Cells that mature leave as what dies does; the supply makes up for both at rest.
        let mature = population.entry.matures_into.as_str();
        carried.push((cells() * E::from(cd25), everywhere() * E::from(rest)));
        let matures = || if mature.is_empty() { plain(0.0) } else { own("maturation") };
        let room = one() / (one() + power2(fold() / own("crowding")));
        let driven = E::from(memory) / (E::from(memory) + number("sensing", "half_growth"));
        let division = || own("growth") * E::from(strength) * driven.clone() * room.clone();
        n.add_observable(format!("{id}_division"), Dimension::RATE, division());
        for (cell, in_blood) in [(blood, true), (tissue, false)] {
            let part = || if in_blood { own("in_blood") } else { one() - own("in_blood") };
            let name = n.species[cell.0].name.clone();
            n.add_law(format!("{name}: divide"), &[], &[cell], division() * E::from(cell));
            n.add_reaction(format!("{name}: die"), &[cell], &[], own("turnover"));
            let supply = (own("turnover") + matures()) * everywhere() * part();
            n.add_law(format!("{name}: supply"), &[], &[cell], supply);
            if !mature.is_empty() {
                let suffix = name.trim_start_matches(id.as_str()).to_string();
                maturing.push((
                    cell,
                    mature.to_string(),
                    suffix,
                    own("maturation"),
                    everywhere() * part(),
                ));
            }
        }
        let leaving = || number("migration", "leaving");
        let out = leaving() * (one() + number("migration", "margination") * E::from(active));
        n.add_reaction(format!("{id}: leave blood"), &[blood], &[tissue], out);
        let returns = leaving() * own("in_blood") / (one() - own("in_blood"));
        n.add_reaction(format!("{id}: return"), &[tissue], &[blood], returns);
        let density = E::from(blood) / number("migration", "blood_volume");
        n.add_observable(format!("{id}_count"), Dimension::CELL_DENSITY, density);
        n.add_observable(format!("{id}_fold"), PLAIN, E::from(blood) / at_rest());
        n.add_observable(format!("{id}_total_fold"), PLAIN, fold());
        in_blood.push((id.clone(), E::from(blood), at_rest()));
    }
    // Where cells mature into another population, only what is more than at rest adds to it: the rest
    // is part of that population's own supply.
    for (from, into, suffix, rate, at_rest) in maturing {
        if let Some(target) = n.species_named(&format!("{into}{suffix}")) {
            let name = n.species[from.0].name.clone();
            n.add_reaction(format!("{name}: mature"), &[from], &[target], rate.clone());
            let usual = rate * at_rest;
            n.add_law(format!("{name}: usual part of the supply"), &[target], &[], usual);
        }
    }
    // CD25 is shed by all cells that carry it, as many as there are.
    let sum = |all: Vec<E>| all.into_iter().reduce(|a, b| a + b).unwrap_or(plain(1.0));
    let (now, usual): (Vec<E>, Vec<E>) = carried.into_iter().unzip();
    n.add_law("shed CD25", &[], &[soluble], shed * at_rest * sum(now) / sum(usual));

    for (name, kind) in [("nk_fold", "nk_"), ("lymphocytes_fold", "")] {
        let of = || in_blood.iter().filter(|(id, ..)| id.starts_with(kind));
        let now = of().map(|(_, now, _)| now.clone()).reduce(|a, b| a + b);
        let before = of().map(|(.., rest)| rest.clone()).reduce(|a, b| a + b);
        if let (Some(now), Some(before)) = (now, before) {
            n.add_observable(name, PLAIN, now / before);
        }
    }

    // Eosinophils follow what conventional T cells sense, five days behind.
    let [precursor, eosinophils] =
        ["eosinophil_precursors", "eosinophils"].map(|name| n.add_species(name, PLAIN));
    n.species[eosinophils.0].initial = one();
    let delay = || number("eosinophils", "delay_rate");
    n.add_law("call", &[], &[precursor], delay() * driver.unwrap_or(plain(0.0)));
    n.add_reaction("answer", &[precursor], &[], delay());
    let loss = || number("eosinophils", "loss");
    let made = one() + number("eosinophils", "most") * E::from(precursor);
    n.add_law("make eosinophils", &[], &[eosinophils], loss() * made);
    n.add_reaction("lose eosinophils", &[eosinophils], &[], loss());
    n.add_observable("eosinophils_fold", PLAIN, eosinophils.into());

    let drug =
        vec![depot, second, prodrug, central, peripheral, tumour, anchored, eliminated, taken_up];
    Body { network: n, depot, arrives, active: central, infusion, infusion_under_skin, drug }
}

fn power2(e: E) -> E {
    e.clone() * e
}
