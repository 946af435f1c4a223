//! Vessels that are activated at once and leak later, and what the leak does: blood pressure and the
//! vasopressor that would hold it, fluid, albumin, kidneys.
//!
//! By the names of the network; a number of the library that has the name of a state, of a readout or of a
//! number in another group is written with its group:
//!
//! ```text
//! vessels'       = migration.activation_rate concentration_free / (concentration_free + activation_constant)
//!                - migration.activation_rate vessels
//! leak'          = leak_rate (leak_strength vessels - leak)
//! fluid'         = fluid_rate (leak - fluid)
//! albumin'       = albumin_turnover (toxicity.albumin - albumin) - albumin_loss leak albumin
//! kidney_injury' = toxicity.kidney_injury leak - kidney_recovery kidney_injury
//! creatinine'    = creatinine_clearance (toxicity.creatinine - filtered creatinine)
//!
//! mean_arterial_pressure = pressure / (1 + pressure_fall leak)
//! vasopressor            = vasopressor_per_pressure max(pressure_held - mean_arterial_pressure, 0)
//! weight_gain            = toxicity.weight_gain fluid
//! filtered               = 1 / (1 + kidney_injury)
//! urine_output           = toxicity.urine_output filtered / (1 + urine_saving leak)
//! ```
//!
//! Semi-mechanistic: one leak drives all of it, by relations that were chosen, not derived. No model of the
//! vascular leak of interleukin-2 has been published.

use crate::patient::draft::{Draft, PLAIN, maximum, plain};
use il2_engine::{Expression as E, SpeciesId};

/// Adds the vessels for a free concentration in plasma; gives the fraction of active vessels, through which
/// cells leave the blood.
pub(super) fn vessels(draft: &mut Draft, concentration_free: &E) -> SpeciesId {
    let [vessels, leak] = ["vessels", "leak"].map(|name| draft.network.add_species(name, PLAIN));
    let activation_constant = draft.number("migration", "activation_constant");
    let activation_rate = draft.number("migration", "activation_rate");
    let leak_rate = draft.number("toxicity", "leak_rate");
    let n = &mut draft.network;
    let half = concentration_free.clone() / (concentration_free.clone() + activation_constant);
    n.add_law("activate", &[], &[vessels], activation_rate.clone() * half);
    n.add_reaction("calm", &[vessels], &[], activation_rate);
    let leak_strength = n.add_parameter("leak_strength", PLAIN, 1.0);
    n.limit(leak_strength, il2_engine::Limits::NotNegative);
    let leaking = leak_rate.clone() * E::from(vessels) * leak_strength.into();
    n.add_law("leak", &[], &[leak], leaking);
    n.add_reaction("mend", &[leak], &[], leak_rate);
    pressure(draft, leak);
    fluid(draft, leak);
    kidneys(draft, leak);
    vessels
}

/// Pressure, and the vasopressor that would hold it.
fn pressure(draft: &mut Draft, leak: SpeciesId) {
    let [pressure, pressure_fall, pressure_held, vasopressor_per_pressure] =
        ["pressure", "pressure_fall", "pressure_held", "vasopressor_per_pressure"]
            .map(|key| draft.number("toxicity", key));
    let n = &mut draft.network;
    // Vascular resistance falls to 1/(1 + this): pressure may be halved but never vanishes.
    let pressure = pressure / (plain(1.0) + pressure_fall * E::from(leak));
    n.add_observable("mean_arterial_pressure", PLAIN, pressure.clone());
    let missing = maximum(pressure_held - pressure, plain(0.0));
    n.add_observable("vasopressor", PLAIN, vasopressor_per_pressure * missing);
}

/// Fluid that stays between the cells, and albumin that leaves with it and is replaced slowly.
fn fluid(draft: &mut Draft, leak: SpeciesId) {
    let [fluid_rate, weight_gain, usual, albumin_turnover, albumin_loss] =
        ["fluid_rate", "weight_gain", "albumin", "albumin_turnover", "albumin_loss"]
            .map(|key| draft.number("toxicity", key));
    let n = &mut draft.network;
    let fluid = n.add_species("fluid", PLAIN);
    n.add_law("fluid stays", &[], &[fluid], fluid_rate.clone() * E::from(leak));
    n.add_reaction("fluid returns", &[fluid], &[], fluid_rate);
    n.add_observable("weight_gain", PLAIN, weight_gain * E::from(fluid));
    let albumin = n.add_species("albumin", PLAIN);
    n.species[albumin.0].initial = usual.clone();
    n.add_law("make albumin", &[], &[albumin], albumin_turnover.clone() * usual);
    let lost = albumin_turnover + albumin_loss * E::from(leak);
    n.add_reaction("lose albumin", &[albumin], &[], lost);
    n.add_observable("albumin", PLAIN, albumin.into());
}

/// Kidneys, which filter less while they are injured and take days to heal; creatinine, which they clear, and
/// urine.
fn kidneys(draft: &mut Draft, leak: SpeciesId) {
    let [usual_injury, kidney_recovery, usual, creatinine_clearance, usual_urine, urine_saving] = [
        "kidney_injury",
        "kidney_recovery",
        "creatinine",
        "creatinine_clearance",
        "urine_output",
        "urine_saving",
    ]
    .map(|key| draft.number("toxicity", key));
    let n = &mut draft.network;
    let kidney_injury = n.add_species("kidney_injury", PLAIN);
    n.add_law("injure kidneys", &[], &[kidney_injury], usual_injury * E::from(leak));
    n.add_reaction("heal kidneys", &[kidney_injury], &[], kidney_recovery);
    let filtered = plain(1.0) / (plain(1.0) + E::from(kidney_injury));
    let creatinine = n.add_species("creatinine", PLAIN);
    n.species[creatinine.0].initial = usual.clone();
    n.add_law("make creatinine", &[], &[creatinine], creatinine_clearance.clone() * usual);
    let cleared = creatinine_clearance * filtered.clone();
    n.add_reaction("clear creatinine", &[creatinine], &[], cleared);
    n.add_observable("creatinine", PLAIN, creatinine.into());
    let saved = plain(1.0) + urine_saving * E::from(leak);
    n.add_observable("urine_output", PLAIN, usual_urine * filtered / saved);
}
