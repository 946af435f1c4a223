//! Vessels, which are activated immediately and leak later, and the effects of the leak on blood
//! pressure (and the vasopressor that would restore it), fluid, albumin and kidneys.
//!
//! Names are those of the network; a number of the library with the same name as a state, a readout
//! or a number of another group is written with its group:
//!
//! ```text
//! endothelium_signal = endothelium.signal_top concentration_free
//!                    / (concentration_free + activation_constant endothelium.ec50_ratio)
//! vessels'       = migration.activation_rate (endothelium_signal - vessels)
//! called         = vessels nk_dim_activation
//! leak'          = leak_rate (leak_strength called / (1 + (leak_strength - 1) called) - leak)
//! fluid'         = fluid_rate (leak - fluid)
//! albumin'       = albumin_turnover (toxicity.albumin - albumin)
//!                - albumin_loss leak (albumin - albumin_floor)
//! kidney_injury' = toxicity.kidney_injury leak (1 - kidney_injury / kidney_injury_most)
//!                - kidney_recovery kidney_injury
//! creatinine'    = creatinine_clearance (toxicity.creatinine - max(filtered, dialysis) creatinine)
//!
//! mean_arterial_pressure = pressure_floor + (pressure - pressure_floor) / (1 + pressure_fall leak)
//! vasopressor            = vasopressor_per_pressure max(pressure_held - mean_arterial_pressure, 0)
//! swelling               = toxicity.weight_gain fluid
//! weight_gain            = swelling / (1 + swelling / weight_most)
//! filtered               = renal_function / (1 + kidney_injury)
//! passed                 = renal_function / max(renal_function, dialysis)
//! urine_output           = toxicity.urine_output passed / (1 + kidney_injury) / (1 + urine_saving leak)
//! ```
//!
//! Vessels follow a signal through CD25 on their endothelium (Krieg 2010, in mice). Its sensitivity
//! to a molecule, relative to native interleukin-2, is the same as on regulatory T cells, the cells
//! rich in CD25 whose receptors were counted (`endothelium.ec50_ratio`, `signal_top`). The leak is also
//! proportional to the activation of NK cells: there is no leak without NK cells (Gately 1988, in
//! mice), nor without the signal through CD25. An attenuated molecule therefore causes a leak
//! according to its signals, and a CD25-blind molecule causes little.
//!
//! The model is semi-mechanistic: one leak drives all effects, by relations that were chosen, not
//! derived. No model of the vascular leak of interleukin-2 has been published. Whatever the dose,
//! readouts stay within physiological limits: minima of pressure and albumin, maxima of weight and
//! injury.

use crate::patient::draft::{Draft, PLAIN, maximum, plain};
use il2_engine::{Expression as E, Limits, SpeciesId};

/// Adds the vessels for a free concentration in plasma; returns the fraction of active vessels,
/// through which cells leave the blood.
pub(super) fn vessels(draft: &mut Draft, concentration_free: &E) -> SpeciesId {
    let vessels = draft.network.add_species("vessels", PLAIN);
    let activation_constant = draft.number("migration", "activation_constant");
    let activation_rate = draft.number("migration", "activation_rate");
    let n = &mut draft.network;
    let ratio = n.add_parameter("endothelium.ec50_ratio", PLAIN, 1.0);
    n.limit(ratio, Limits::Positive);
    let top = n.add_parameter("endothelium.signal_top", PLAIN, 1.0);
    n.limit(top, Limits::NotNegative);
    let ec50 = activation_constant * E::from(ratio);
    let bound = concentration_free.clone() / (concentration_free.clone() + ec50);
    let signal = E::from(top) * bound;
    n.add_observable("endothelium_signal", PLAIN, signal.clone());
    n.add_law("activate", &[], &[vessels], activation_rate.clone() * signal);
    n.add_reaction("calm", &[vessels], &[], activation_rate);
    vessels
}

/// Adds the leak of active vessels near activated cells, and its effects; returns kidney filtration
/// relative to the usual.
pub(super) fn organs(draft: &mut Draft, vessels: SpeciesId, activated: E) -> E {
    let leak_rate = draft.number("toxicity", "leak_rate");
    let n = &mut draft.network;
    let leak = n.add_species("leak", PLAIN);
    let strength = n.add_parameter("leak_strength", PLAIN, 1.0);
    n.limit(strength, Limits::NotNegative);
    // At strength 1 the leak equals its stimulus; it never exceeds 1, whatever the strength.
    let called = E::from(vessels) * activated;
    let bounded = plain(1.0) + (E::from(strength) - plain(1.0)) * called.clone();
    let leaking = leak_rate.clone() * E::from(strength) * called / bounded;
    n.add_law("leak", &[], &[leak], leaking);
    n.add_reaction("mend", &[leak], &[], leak_rate);
    pressure(draft, leak);
    fluid(draft, leak);
    kidneys(draft, leak)
}

/// Adds blood pressure, and the vasopressor that would restore it.
fn pressure(draft: &mut Draft, leak: SpeciesId) {
    let [pressure, floor, pressure_fall, pressure_held, vasopressor_per_pressure] = [
        "pressure",
        "pressure_floor",
        "pressure_fall",
        "pressure_held",
        "vasopressor_per_pressure",
    ]
    .map(|key| draft.number("toxicity", key));
    let n = &mut draft.network;
    // Vascular resistance falls to 1/(1 + this) of its usual value.
    let above = (pressure - floor.clone()) / (plain(1.0) + pressure_fall * E::from(leak));
    let pressure = floor + above;
    n.add_observable("mean_arterial_pressure", PLAIN, pressure.clone());
    let missing = maximum(pressure_held - pressure, plain(0.0));
    n.add_observable("vasopressor", PLAIN, vasopressor_per_pressure * missing);
}

/// Adds fluid that accumulates between the cells, and albumin that leaves with the fluid and is
/// replaced slowly.
fn fluid(draft: &mut Draft, leak: SpeciesId) {
    let [fluid_rate, weight_gain, weight_most, usual, floor, albumin_turnover, albumin_loss] = [
        "fluid_rate",
        "weight_gain",
        "weight_most",
        "albumin",
        "albumin_floor",
        "albumin_turnover",
        "albumin_loss",
    ]
    .map(|key| draft.number("toxicity", key));
    let n = &mut draft.network;
    let fluid = n.add_species("fluid", PLAIN);
    n.add_law("fluid stays", &[], &[fluid], fluid_rate.clone() * E::from(leak));
    n.add_reaction("fluid returns", &[fluid], &[], fluid_rate);
    let swelling = weight_gain * E::from(fluid);
    let bounded = plain(1.0) + swelling.clone() / weight_most;
    n.add_observable("weight_gain", PLAIN, swelling / bounded);
    let albumin = n.add_species("albumin", PLAIN);
    n.species[albumin.0].initial = usual.clone();
    n.add_law("make albumin", &[], &[albumin], albumin_turnover.clone() * usual);
    let leaks = albumin_loss * E::from(leak);
    n.add_reaction("lose albumin", &[albumin], &[], albumin_turnover + leaks.clone());
    n.add_law("keep some albumin", &[], &[albumin], leaks * floor);
    n.add_observable("albumin", PLAIN, albumin.into());
}

/// Adds the kidneys, which filter less while they are injured and take days to heal; creatinine,
/// which the kidneys clear; and urine. Returns the filtration relative to the usual. If the kidneys
/// filter hardly anything, or are absent, dialysis clears creatinine and no urine is produced.
fn kidneys(draft: &mut Draft, leak: SpeciesId) -> E {
    let [
        function,
        usual_injury,
        most,
        kidney_recovery,
        usual,
        creatinine_clearance,
        usual_urine,
        saving,
        dialysis,
    ] = [
        "renal_function",
        "kidney_injury",
        "kidney_injury_most",
        "kidney_recovery",
        "creatinine",
        "creatinine_clearance",
        "urine_output",
        "urine_saving",
        "dialysis",
    ]
    .map(|key| draft.number("toxicity", key));
    let n = &mut draft.network;
    let kidney_injury = n.add_species("kidney_injury", PLAIN);
    let injures = usual_injury * E::from(leak);
    n.add_law("injure kidneys", &[], &[kidney_injury], injures.clone());
    n.add_reaction("injure no more", &[kidney_injury], &[], injures / most);
    n.add_reaction("heal kidneys", &[kidney_injury], &[], kidney_recovery);
    let left = plain(1.0) / (plain(1.0) + E::from(kidney_injury));
    let filtered = function.clone() * left.clone();
    let creatinine = n.add_species("creatinine", PLAIN);
    let at_rest = maximum(function.clone(), dialysis.clone());
    n.species[creatinine.0].initial = usual.clone() / at_rest.clone();
    n.add_law("make creatinine", &[], &[creatinine], creatinine_clearance.clone() * usual);
    let cleared = creatinine_clearance * maximum(filtered.clone(), dialysis);
    n.add_reaction("clear creatinine", &[creatinine], &[], cleared);
    n.add_observable("creatinine", PLAIN, creatinine.into());
    let saved = plain(1.0) + saving * E::from(leak);
    let passed = function / at_rest;
    n.add_observable("urine_output", PLAIN, usual_urine * passed * left / saved);
    filtered
}
