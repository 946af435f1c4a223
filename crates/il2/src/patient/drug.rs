//! The drug: under the skin, in plasma, in tissue fluid and in a tumour; free, masked, bound to
//! soluble CD25 or to an anchor; and what cells present of it in trans.
//!
//! Amounts are in pmol and have the names used in the network; a number of the library with the
//! same name as a state, or as a number of another group, is written with its group. Only free drug
//! leaves plasma.
//!
//! ```text
//! free          = 1 / (1 + soluble_cd25 / soluble_cd25.constant)
//! concentration = central / volume                     concentration_free = free concentration
//! arrives       = infusion + bioavailability absorption_rate transit_n
//! open          = anchor tumour.volume - anchored
//! cleared       = clearance (1 - renal_part (1 - filtered)) concentration_free
//!
//! released    = absorption_rate depot / (1 + depot / absorption_half_amount)
//!
//! depot'      = infusion_under_skin - released
//! transit_1'  = released - absorption_rate transit_1                (and so on to n, transit_compartments)
//! prodrug'    = arrives - release_rate prodrug - prodrug_clearance / volume prodrug     (masked forms)
//! central'    = arrives                                                                 (others)
//!             + release_rate prodrug
//!             - cleared
//!             - intercompartmental_clearance (concentration_free - peripheral / peripheral_volume)
//!             - exchange (concentration_free - tumour / tumour.volume)
//!             - uptake of every population
//! peripheral' = intercompartmental_clearance (concentration_free - peripheral / peripheral_volume)
//! tumour'     = exchange (concentration_free - tumour / tumour.volume)
//!             - anchor_on (tumour / tumour.volume) open + anchor_on anchor_constant anchored
//! anchored'   = anchor_on (tumour / tumour.volume) open - anchor_on anchor_constant anchored
//!             - internalisation_rate anchored
//! eliminated' = (1 - bioavailability) absorption_rate transit_n + prodrug_clearance / volume prodrug
//!             + cleared
//! taken_up'   = internalisation_rate anchored + uptake of every population
//!
//! soluble_cd25' = soluble_cd25.loss (soluble_cd25.level cd25 / cd25_at_rest - soluble_cd25)
//!
//! occupied      = concentration_free / (concentration_free + presentation.constant)
//! presented'    = presentation.rate (presentation.most occupied - presented)   (molecules that bind CD215)
//! sensed        = concentration_free + presented
//! ```
//!
//! Monocytes and dendritic cells hold interleukin-15 on its alpha chain, CD215, and present it to
//! their neighbours long after plasma is free of it (Dubois 2002, Stonier and Schluns 2010).
//! `presented` is the level in plasma that would have the same effect on the neighbours;
//! `presentation.constant` is the molecule's own affinity for CD215. The few picomoles that are held
//! are not taken out of plasma.
//!
//! `cd25` is the present CD25 of all cells, `cd25_at_rest` that without drug: the sum over
//! populations of cells times CD25 per cell. The uptake comes from `lymphocytes`; `filtered` is
//! kidney filtration relative to the usual, as in `vessels`: the fraction `renal_part` of clearance
//! is renal.

use crate::parameter::Parameters;
use crate::patient::draft::{Draft, SUBSTANCE, plain, sum};
use il2_engine::{Dimension, Expression as E, Limits, ParameterId, SpeciesId};

/// Species of the drug in the network.
pub(super) struct Drug {
    pub depot: SpeciesId,
    pub arrives: SpeciesId,
    pub central: SpeciesId,
    eliminated: SpeciesId,
    pub taken_up: SpeciesId,
    pub soluble: SpeciesId,
    pub infusion: ParameterId,
    pub infusion_under_skin: ParameterId,
    /// Species whose amounts add up to the amount given.
    pub all: Vec<SpeciesId>,
    /// The free concentration in plasma, which acts on vessels.
    pub concentration_free: E,
    /// The concentration that acts on cells: free in plasma, and presented by other cells.
    pub sensed: E,
    /// The free concentration divided by the amount in plasma (1/L), which converts a clearance to
    /// a rate.
    free_by_volume: E,
}

/// Adds all compartments of the drug and the transfers between them.
/// `presented` says whether the molecule binds the chain that presents it.
pub(super) fn drug(draft: &mut Draft, kinetics: &Parameters, presented: bool) -> Drug {
    let n = &mut draft.network;
    let [depot, prodrug, central, peripheral, tumour, anchored, eliminated, taken_up] = [
        "depot",
        "prodrug",
        "central",
        "peripheral",
        "tumour",
        "anchored",
        "eliminated",
        "taken_up",
    ]
    .map(|name| n.add_species(name, SUBSTANCE));
    // A masked form enters plasma as the inactive prodrug.
    let masked = kinetics["release_rate"].value > 0.0;
    let arrives = if masked { prodrug } else { central };
    let infusion = n.add_parameter("infusion", SUBSTANCE / Dimension::TIME, 0.0);
    n.add_law("infuse", &[], &[arrives], infusion.into());
    let infusion_under_skin =
        n.add_parameter("infusion_under_skin", SUBSTANCE / Dimension::TIME, 0.0);
    for rate in [infusion, infusion_under_skin] {
        n.limit(rate, Limits::NotNegative);
    }
    n.add_law("infuse under the skin", &[], &[depot], infusion_under_skin.into());

    let kinetic = |draft: &Draft, key: &str| draft.number("pharmacokinetics", key);
    let [bioavailability, volume, release_rate, prodrug_clearance] =
        ["bioavailability", "volume", "release_rate", "prodrug_clearance"]
            .map(|key| kinetic(draft, key));
    let (under_skin, leaves) = transits(draft, depot, kinetics["transit_compartments"].value);
    let n = &mut draft.network;
    let last = under_skin[under_skin.len() - 1];
    n.add_reaction("absorb", &[last], &[arrives], leaves.clone() * bioavailability.clone());
    // The rest of a dose is lost under the skin.
    let lost = leaves * (plain(1.0) - bioavailability);
    n.add_reaction("lose on the way", &[last], &[eliminated], lost);
    n.add_reaction("unmask", &[prodrug], &[central], release_rate);
    let masked_loss = prodrug_clearance / volume.clone();
    n.add_reaction("clear masked", &[prodrug], &[eliminated], masked_loss);

    // Soluble CD25 binds part of the drug in plasma; only the free part leaves plasma, is cleared
    // and is sensed by cells.
    let soluble = n.add_species("soluble_cd25", Dimension::CONCENTRATION);
    let [at_rest, loss, constant] =
        ["level", "loss", "constant"].map(|key| draft.number("soluble_cd25", key));
    draft.network.species[soluble.0].initial = at_rest;
    draft.network.add_reaction("lose soluble CD25", &[soluble], &[], loss);
    let free = plain(1.0) / (plain(1.0) + E::from(soluble) / constant);
    let concentration_free = E::from(central) / volume.clone() * free.clone();
    let in_trans = presentation(draft, &concentration_free, presented);
    let nothing = E::from(soluble) * plain(0.0);
    for (name, value) in [
        ("concentration", E::from(central) / volume.clone()),
        ("concentration_free", concentration_free.clone()),
        ("concentration_masked", E::from(prodrug) / volume.clone()),
        ("concentration_presented", in_trans.clone().unwrap_or(nothing)),
        ("soluble_cd25", soluble.into()),
    ] {
        draft.network.add_observable(name, Dimension::CONCENTRATION, value);
    }
    let free_by_volume = plain(1.0) / volume.clone() * free;
    let move_free = |draft: &mut Draft, name: &str, into: SpeciesId, flow: E| {
        draft.network.add_reaction(name, &[central], &[into], flow * free_by_volume.clone());
    };
    let [intercompartmental_clearance, peripheral_volume] =
        ["intercompartmental_clearance", "peripheral_volume"].map(|key| kinetic(draft, key));
    move_free(draft, "leave plasma", peripheral, intercompartmental_clearance.clone());
    let back = intercompartmental_clearance / peripheral_volume;
    draft.network.add_reaction("enter plasma", &[peripheral], &[central], back);

    // A tumour: drug that enters leaves again unless it binds an anchor, which is then internalised
    // by cells.
    let [tumour_volume, exchange, anchor_on, anchor_constant, internalisation_rate] =
        ["volume", "exchange", "anchor_on", "anchor_constant", "internalisation_rate"]
            .map(|key| draft.number("tumour", key));
    move_free(draft, "enter tumour", tumour, exchange.clone());
    let anchor = kinetic(draft, "anchor");
    // Other forms would only return, so slowly that this would be read as their half-life. A study may
    // still set the exchange.
    if kinetics["anchor"].value == 0.0 {
        let exchange = draft.network.parameter_named("tumour.exchange").expect("of every patient");
        draft.network.parameters[exchange.0].value =
            il2_engine::network::ParameterValue::Given(0.0);
    }
    let n = &mut draft.network;
    n.add_reaction("leave tumour", &[tumour], &[central], exchange / tumour_volume.clone());
    let open = anchor * tumour_volume.clone() - E::from(anchored);
    let binds = anchor_on.clone() * E::from(tumour) / tumour_volume.clone() * open;
    n.add_law("anchor", &[tumour], &[anchored], binds);
    n.add_reaction("let go", &[anchored], &[tumour], anchor_on * anchor_constant);
    n.add_reaction("internalise", &[anchored], &[taken_up], internalisation_rate);
    let held = (E::from(tumour) + E::from(anchored)) / tumour_volume;
    n.add_observable("tumour_concentration", Dimension::CONCENTRATION, held);

    let mut all = under_skin;
    all.extend([prodrug, central, peripheral, tumour, anchored, eliminated, taken_up]);
    Drug {
        depot,
        arrives,
        central,
        eliminated,
        taken_up,
        soluble,
        infusion,
        infusion_under_skin,
        all,
        sensed: match in_trans {
            Some(level) => concentration_free.clone() + level,
            None => concentration_free.clone(),
        },
        concentration_free,
        free_by_volume,
    }
}

/// The level that cells present in trans; none for a molecule that does not bind their chain.
fn presentation(draft: &mut Draft, concentration_free: &E, presented: bool) -> Option<E> {
    if !presented {
        return None;
    }
    let [most, rate] = ["most", "rate"].map(|key| draft.number("presentation", key));
    let n = &mut draft.network;
    let constant = n.add_parameter("presentation.constant", Dimension::CONCENTRATION, 1.0);
    n.limit(constant, Limits::Positive);
    let level = n.add_species("presented", Dimension::CONCENTRATION);
    let occupied = concentration_free.clone() / (concentration_free.clone() + E::from(constant));
    n.add_law("present", &[], &[level], rate.clone() * most * occupied);
    n.add_reaction("cease to present", &[level], &[], rate);
    Some(level.into())
}

/// The depot and the transit compartments of a dose, and the rate at which drug leaves the last
/// one. Only transfer from the depot can be saturated.
fn transits(draft: &mut Draft, depot: SpeciesId, how_many: f64) -> (Vec<SpeciesId>, E) {
    let [rate, half_amount] = ["absorption_rate", "absorption_half_amount"]
        .map(|key| draft.number("pharmacokinetics", key));
    let n = &mut draft.network;
    let mut passed = vec![depot];
    let released = rate.clone() / (plain(1.0) + E::from(depot) / half_amount);
    let mut leaves = released;
    for transit in 1..=how_many as usize {
        let next = n.add_species(format!("transit_{transit}"), SUBSTANCE);
        let name = format!("pass into transit {transit}");
        n.add_reaction(name, &[passed[transit - 1]], &[next], leaves);
        passed.push(next);
        leaves = rate.clone();
    }
    (passed, leaves)
}

/// Clearance, whose renal fraction falls with kidney filtration.
pub(super) fn clear(draft: &mut Draft, drug: &Drug, filtered: E) {
    let [clearance, renal_part] =
        ["clearance", "renal_part"].map(|key| draft.number("pharmacokinetics", key));
    let left = plain(1.0) - renal_part * (plain(1.0) - filtered);
    let rate = clearance * left * drug.free_by_volume.clone();
    draft.network.add_reaction("clear", &[drug.central], &[drug.eliminated], rate);
}

/// All cells that carry CD25 shed it: `carried` is the CD25 of each population, at present and at
/// rest.
pub(super) fn shed(draft: &mut Draft, drug: &Drug, carried: Vec<(E, E)>) {
    let (now, usual): (Vec<E>, Vec<E>) = carried.into_iter().unzip();
    let at_rest = draft.number("soluble_cd25", "loss") * draft.number("soluble_cd25", "level");
    let rate = at_rest * sum(now, 1.0) / sum(usual, 1.0);
    draft.network.add_law("shed CD25", &[], &[drug.soluble], rate);
}
