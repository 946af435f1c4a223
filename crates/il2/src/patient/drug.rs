//! Where the drug is: under the skin, in plasma, in tissue fluid and in a tumour; free, masked, on
//! soluble CD25 or on an anchor.

use super::draft::{Draft, SUBSTANCE, plain, sum};
use crate::parameter::Parameters;
use il2_engine::{Dimension, Expression as E, ParameterId, SpeciesId};

/// Where things stand in the network.
pub(super) struct Drug {
    pub depot: SpeciesId,
    pub arrives: SpeciesId,
    pub central: SpeciesId,
    pub taken_up: SpeciesId,
    pub soluble: SpeciesId,
    pub infusion: ParameterId,
    pub infusion_under_skin: ParameterId,
    /// Amounts that together are what was given.
    pub all: Vec<SpeciesId>,
    /// The free level in plasma, which cells and vessels meet.
    pub level: E,
}

/// Adds all places of the drug and the ways between them.
pub(super) fn drug(draft: &mut Draft, kinetics: &Parameters) -> Drug {
    let n = &mut draft.network;
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
    for rate in [infusion, infusion_under_skin] {
        n.limit(rate, il2_engine::Limits::NotNegative);
    }
    n.add_law("infuse under the skin", &[], &[depot], infusion_under_skin.into());

    let kinetic = |draft: &Draft, key: &str| draft.number("pharmacokinetics", key);
    let absorption = kinetic(draft, "absorption_rate");
    let arriving = kinetic(draft, "bioavailability");
    let volume = kinetic(draft, "volume");
    let release = kinetic(draft, "release_rate");
    let masked_loss = kinetic(draft, "prodrug_clearance") / volume.clone();
    let n = &mut draft.network;
    n.add_reaction("seep", &[depot], &[second], absorption.clone());
    n.add_reaction("absorb", &[second], &[arrives], absorption.clone() * arriving.clone());
    // What does not arrive is lost under the skin.
    let lost = absorption * (plain(1.0) - arriving);
    n.add_reaction("lose on the way", &[second], &[eliminated], lost);
    n.add_reaction("unmask", &[prodrug], &[central], release);
    n.add_reaction("clear masked", &[prodrug], &[eliminated], masked_loss);

    // Soluble CD25 holds a part of what is in plasma; only the free part leaves, is cleared and sensed.
    let soluble = n.add_species("soluble_cd25", Dimension::CONCENTRATION);
    let at_rest = draft.number("soluble_cd25", "level");
    draft.network.species[soluble.0].initial = at_rest;
    let shed = draft.number("soluble_cd25", "loss");
    draft.network.add_reaction("lose soluble CD25", &[soluble], &[], shed);
    let constant = draft.number("soluble_cd25", "constant");
    let free = plain(1.0) / (plain(1.0) + E::from(soluble) / constant);
    let level = E::from(central) / volume.clone() * free.clone();
    for (name, value) in [
        ("concentration", E::from(central) / volume.clone()),
        ("concentration_free", level.clone()),
        ("concentration_masked", E::from(prodrug) / volume.clone()),
        ("soluble_cd25", soluble.into()),
    ] {
        draft.network.add_observable(name, Dimension::CONCENTRATION, value);
    }
    let move_free = |draft: &mut Draft, name: &str, into: SpeciesId, flow: E| {
        let rate = flow / volume.clone() * free.clone();
        draft.network.add_reaction(name, &[central], &[into], rate);
    };
    let (clearance, flow) =
        (kinetic(draft, "clearance"), kinetic(draft, "intercompartmental_clearance"));
    move_free(draft, "clear", eliminated, clearance);
    move_free(draft, "leave plasma", peripheral, flow.clone());
    let back = flow / kinetic(draft, "peripheral_volume");
    draft.network.add_reaction("enter plasma", &[peripheral], &[central], back);

    // A tumour: what seeps in leaves again unless it finds an anchor, which cells then swallow.
    let [space, exchange, on, constant, swallow] =
        ["volume", "exchange", "anchor_on", "anchor_constant", "swallow"]
            .map(|key| draft.number("tumour", key));
    move_free(draft, "enter tumour", tumour, exchange.clone());
    let anchors = kinetic(draft, "anchor");
    let n = &mut draft.network;
    n.add_reaction("leave tumour", &[tumour], &[central], exchange / space.clone());
    let open = anchors * space.clone() - E::from(anchored);
    let binds = on.clone() * E::from(tumour) / space.clone() * open;
    n.add_law("anchor", &[tumour], &[anchored], binds);
    n.add_reaction("let go", &[anchored], &[tumour], on * constant);
    n.add_reaction("swallow", &[anchored], &[taken_up], swallow);
    let held = (E::from(tumour) + E::from(anchored)) / space;
    n.add_observable("tumour_concentration", Dimension::CONCENTRATION, held);

    let all =
        vec![depot, second, prodrug, central, peripheral, tumour, anchored, eliminated, taken_up];
    Drug { depot, arrives, central, taken_up, soluble, infusion, infusion_under_skin, all, level }
}

/// CD25 is shed by all cells that carry it, as many as there are: `carried` holds what each population
/// carries now and at rest.
pub(super) fn shed(draft: &mut Draft, drug: &Drug, carried: Vec<(E, E)>) {
    let (now, usual): (Vec<E>, Vec<E>) = carried.into_iter().unzip();
    let usual_rate = draft.number("soluble_cd25", "loss") * draft.number("soluble_cd25", "level");
    let rate = usual_rate * sum(now, 1.0) / sum(usual, 1.0);
    draft.network.add_law("shed CD25", &[], &[drug.soluble], rate);
}
