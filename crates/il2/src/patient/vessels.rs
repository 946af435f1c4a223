//! Vessels that are active at once and leaky behind, and what the leak does: pressure and what holds
//! it, fluid, albumin, kidneys.
//!
//! Semi-mechanistic: one leak drives all of it, and how it does was chosen, not derived. No model of the
//! vascular leak of interleukin-2 is in print.

use super::draft::{Draft, PLAIN, most, plain};
use il2_engine::{Expression as E, SpeciesId};

/// Adds the vessels for a free level in plasma; gives the part of them that is active, through which
/// cells leave the blood.
pub(super) fn vessels(draft: &mut Draft, level: &E) -> SpeciesId {
    let [active, leak] = ["vessels", "leak"].map(|name| draft.network.add_species(name, PLAIN));
    let constant = draft.number("migration", "activation_constant");
    let rate = draft.number("migration", "activation_rate");
    let mends = draft.number("toxicity", "leak_rate");
    let n = &mut draft.network;
    let half = level.clone() / (level.clone() + constant);
    n.add_law("activate", &[], &[active], rate.clone() * half);
    n.add_reaction("calm", &[active], &[], rate);
    let leaking = n.add_parameter("leak_strength", PLAIN, 1.0);
    n.limit(leaking, il2_engine::Limits::NotNegative);
    n.add_law("leak", &[], &[leak], mends.clone() * E::from(active) * leaking.into());
    n.add_reaction("mend", &[leak], &[], mends);
    pressure(draft, leak);
    fluid(draft, leak);
    kidneys(draft, leak);
    active
}

/// Pressure, and the vasopressor that would hold it.
fn pressure(draft: &mut Draft, leak: SpeciesId) {
    let [usual, fall, held, per_pressure] =
        ["pressure", "pressure_fall", "pressure_held", "vasopressor_per_pressure"]
            .map(|key| draft.number("toxicity", key));
    let n = &mut draft.network;
    // The resistance of vessels falls by one part in 1 + this: pressure is halved and never gone.
    let pressure = usual / (plain(1.0) + fall * E::from(leak));
    n.add_observable("mean_arterial_pressure", PLAIN, pressure.clone());
    let missing = most(held - pressure, plain(0.0));
    n.add_observable("vasopressor", PLAIN, per_pressure * missing);
}

/// Fluid that stays between the cells, and albumin that goes with it and is made anew slowly.
fn fluid(draft: &mut Draft, leak: SpeciesId) {
    let [follows, gain, usual, made, lost] =
        ["fluid_rate", "weight_gain", "albumin", "albumin_turnover", "albumin_loss"]
            .map(|key| draft.number("toxicity", key));
    let n = &mut draft.network;
    let fluid = n.add_species("fluid", PLAIN);
    n.add_law("fluid stays", &[], &[fluid], follows.clone() * E::from(leak));
    n.add_reaction("fluid returns", &[fluid], &[], follows);
    n.add_observable("weight_gain", PLAIN, gain * E::from(fluid));
    let albumin = n.add_species("albumin", PLAIN);
    n.species[albumin.0].initial = usual.clone();
    n.add_law("make albumin", &[], &[albumin], made.clone() * usual);
    n.add_reaction("lose albumin", &[albumin], &[], made + lost * E::from(leak));
    n.add_observable("albumin", PLAIN, albumin.into());
}

/// Kidneys that filter less while they are injured, which takes days to heal; creatinine, which they
/// clear, and urine.
fn kidneys(draft: &mut Draft, leak: SpeciesId) {
    let [injury, recovery, usual, clearance, usual_urine, saving] = [
        "kidney_injury",
        "kidney_recovery",
        "creatinine",
        "creatinine_clearance",
        "urine_output",
        "urine_saving",
    ]
    .map(|key| draft.number("toxicity", key));
    let n = &mut draft.network;
    let injured = n.add_species("kidney_injury", PLAIN);
    n.add_law("injure kidneys", &[], &[injured], injury * E::from(leak));
    n.add_reaction("heal kidneys", &[injured], &[], recovery);
    let filtered = plain(1.0) / (plain(1.0) + E::from(injured));
    let creatinine = n.add_species("creatinine", PLAIN);
    n.species[creatinine.0].initial = usual.clone();
    n.add_law("make creatinine", &[], &[creatinine], clearance.clone() * usual);
    n.add_reaction("clear creatinine", &[creatinine], &[], clearance * filtered.clone());
    n.add_observable("creatinine", PLAIN, creatinine.into());
    let saved = plain(1.0) + saving * E::from(leak);
    n.add_observable("urine_output", PLAIN, usual_urine * filtered / saved);
}
