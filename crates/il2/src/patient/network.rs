//! The patient's equations, assembled from those of the drug in `drug`, of vessels and organs in
//! `vessels`, and of cells in `lymphocytes`. Without drug all states are at rest. Eosinophils
//! follow the `signal` of conventional T cells:
//!
//! ```text
//! eosinophils_called'    = delay_rate (signal - eosinophils_called)
//! eosinophil_precursors' = delay_rate (eosinophils_called - eosinophil_precursors)
//! eosinophils'           = loss (1 + gain eosinophil_precursors - eosinophils)
//! ```

use crate::parameter::Parameters;
use crate::patient::draft::{Draft, MOLECULE, PLAIN, SUBSTANCE, plain};
use crate::patient::drug::{clear, drug, shed};
use crate::patient::lymphocytes::{PopulationSpecies, add_pooled_folds, maturing, population};
use crate::patient::physiology::{Physiology, Population};
use crate::patient::vessels::{organs, vessels};
use crate::quantity::MOLECULES_PER_PMOL;
use il2_engine::{Expression as E, Limits, Network, ParameterId, SpeciesId};

/// Population whose signal recruits eosinophils.
const CALLS_EOSINOPHILS: &str = "tconv";
/// Population whose activation makes active vessels leak.
const MAKES_VESSELS_LEAK: &str = "nk_dim";

/// The network, with its species and parameters for doses and the mass balance.
#[derive(Debug)]
pub struct Body {
    /// The equations.
    pub network: Network,
    /// Depot under the skin (pmol).
    pub depot: SpeciesId,
    /// The species that a dose enters: plasma, or the masked form in it (pmol).
    pub arrives: SpeciesId,
    /// The active form in plasma (pmol).
    pub active: SpeciesId,
    /// Infusion rate into plasma (pmol/min).
    pub infusion: ParameterId,
    /// Infusion rate of a pump under the skin (pmol/min).
    pub infusion_under_skin: ParameterId,
    /// Species whose amounts add up to the amount given.
    pub drug: Vec<SpeciesId>,
}

/// Assembles the equations with given sets of numbers, which the values of a simulation replace;
/// `presented` says whether other cells present the molecule in trans.
pub fn body(
    physiology: &Physiology,
    kinetics: &Parameters,
    populations: &[Population],
    presented: bool,
) -> Body {
    let mut draft = Draft::new(physiology, kinetics);
    let avogadro =
        draft.network.add_parameter("molecules_per_pmol", MOLECULE / SUBSTANCE, MOLECULES_PER_PMOL);
    draft.network.limit(avogadro, Limits::Constant);
    // Numbers of another molecule's patients have no effect, so that these patients lack them.
    if presented {
        draft.group("presentation", &physiology.groups["presentation"]);
    }
    let drug = drug(&mut draft, kinetics, presented);
    let vessels = vessels(&mut draft, &drug.concentration_free);
    let grown: Vec<_> =
        populations.iter().map(|p| population(&mut draft, &drug, (vessels, avogadro), p)).collect();
    maturing(&mut draft, &grown);
    shed(&mut draft, &drug, grown.iter().map(|g| g.carried.clone()).collect());
    add_pooled_folds(&mut draft, &grown);
    let of = |id: &str, what: &dyn Fn(&PopulationSpecies) -> E| {
        grown.iter().find(|g| g.id == id).map_or(plain(0.0), what)
    };
    eosinophils(&mut draft, of(CALLS_EOSINOPHILS, &|g| g.signal.clone()));
    let activated = of(MAKES_VESSELS_LEAK, &|g| g.activation.into());
    let filtered = organs(&mut draft, vessels, activated);
    clear(&mut draft, &drug, filtered);
    Body {
        network: draft.network,
        depot: drug.depot,
        arrives: drug.arrives,
        active: drug.central,
        infusion: drug.infusion,
        infusion_under_skin: drug.infusion_under_skin,
        drug: drug.all,
    }
}

/// Eosinophils follow the signal with a delay of days.
fn eosinophils(draft: &mut Draft, signal: E) {
    let [delay_rate, loss, gain] =
        ["delay_rate", "loss", "gain"].map(|key| draft.number("eosinophils", key));
    let n = &mut draft.network;
    let [eosinophils_called, eosinophil_precursors, eosinophils] =
        ["eosinophils_called", "eosinophil_precursors", "eosinophils"]
            .map(|name| n.add_species(name, PLAIN));
    n.species[eosinophils.0].initial = plain(1.0);
    n.add_law("call", &[], &[eosinophils_called], delay_rate.clone() * signal);
    let answered = [eosinophil_precursors];
    n.add_reaction("answer", &[eosinophils_called], &answered, delay_rate.clone());
    n.add_reaction("leave the marrow", &[eosinophil_precursors], &[], delay_rate);
    let made = plain(1.0) + gain * E::from(eosinophil_precursors);
    n.add_law("make eosinophils", &[], &[eosinophils], loss.clone() * made);
    n.add_reaction("lose eosinophils", &[eosinophils], &[], loss);
    n.add_observable("eosinophils_fold", PLAIN, eosinophils.into());
}
