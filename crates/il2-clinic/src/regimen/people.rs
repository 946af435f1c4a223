//! Rows of two tables: patients (characteristics, doses given, extremes of readouts) and bands over
//! them.

use crate::patients::unit;
use il2::patient::cohort::{Delivered, Person};
use il2::patient::individual::RENAL_FUNCTION;
use il2::quantity::{DAY, HOUR};
use il2_answer::answer::status;
use il2_engine::lane::Surveyed;
use il2_engine::network::Observable;
use il2_engine::{LaneFailure, Network};
use il2_output::column::Value;

/// Extremes in the table of patients: the observable, and whether the highest or the lowest value
/// is shown.
pub const TOLD: [(&str, bool); 8] = [
    ("concentration", true),
    ("treg_fold", true),
    ("lymphocytes_fold", false),
    ("lymphocytes_fold", true),
    ("mean_arterial_pressure", false),
    ("creatinine", true),
    ("urine_output", false),
    ("weight_gain", true),
];

/// Readouts whose mean over the course, to the last output, is in the table of patients.
pub const MEANS: [&str; 2] = ["treg_signal", "nk_dim_signal"];

/// Numbers of a patient's kidneys and drug, in the order of their columns, each with the factor to
/// the unit of the column (L, L/h, 1/h).
const NUMBERS: [(&str, f64); 5] = [
    (RENAL_FUNCTION, 1.0),
    ("pharmacokinetics.volume", 1.0),
    ("pharmacokinetics.clearance", 1.0 / HOUR),
    ("pharmacokinetics.absorption_rate", 1.0 / HOUR),
    ("pharmacokinetics.bioavailability", 1.0),
];

/// Columns of the table of patients. Extremes and areas are taken over the whole course from its
/// start to the last output, not of the outputs alone.
pub const PEOPLE: [(&str, bool); 29] = [
    ("arm", true),
    ("patient", false),
    ("counted", false),
    ("weight_kg", false),
    ("height_cm", false),
    ("surface_m2", false),
    ("renal_function", false),
    ("volume_l", false),
    ("clearance_l_per_h", false),
    ("absorption_rate_per_h", false),
    ("bioavailability", false),
    ("doses_planned", false),
    ("doses_given", false),
    ("amount_given_pmol", false),
    ("highest_concentration_pm", false),
    ("highest_treg_fold", false),
    ("lowest_lymphocytes_fold", false),
    ("highest_lymphocytes_fold", false),
    ("lowest_mean_arterial_pressure_mmhg", false),
    ("highest_creatinine_mg_per_dl", false),
    ("lowest_urine_output_ml_per_8h", false),
    ("highest_weight_gain_percent", false),
    ("area_concentration_pm_h", false),
    ("mean_treg_signal", false),
    ("mean_nk_dim_signal", false),
    ("last_treg_fold", false),
    ("imbalance", false),
    ("beyond_range", true),
    ("status", true),
];

/// The row of a patient in an arm: extremes of [`TOLD`], means of [`MEANS`] over a period (min),
/// then the last value of the Treg fold change.
pub fn person_row(
    (arm, index, weight): (&str, usize, u64),
    (network, person): (&Network, &Person),
    delivered: &Delivered,
    (told, duration): (&[Surveyed], f64),
    (last, beyond): (f64, &str),
    why: Option<LaneFailure>,
) -> Vec<Value> {
    let mut row: Vec<Value> = vec![
        arm.into(),
        (index as f64).into(),
        (weight as f64).into(),
        person.weight.into(),
        person.height.into(),
        person.surface.into(),
    ];
    row.extend(NUMBERS.map(|(name, unit)| {
        let of_all = network.parameter_named(name).expect("of every patient");
        Value::from(person.values[of_all.0] / unit)
    }));
    row.extend([
        Value::from(delivered.planned as f64),
        Value::from(delivered.given as f64),
        Value::from(delivered.amount),
    ]);
    let seen = |(k, (_, highest)): (usize, &(&str, bool))| {
        let extreme = |s: &Surveyed| if *highest { s.highest.value } else { s.lowest.value };
        Value::from(told.get(k).map_or(f64::NAN, extreme))
    };
    row.extend(TOLD.iter().enumerate().map(seen));
    row.push(told.first().map_or(f64::NAN, |level| level.area / HOUR).into());
    for k in 0..MEANS.len() {
        let area = told.get(TOLD.len() + k).map_or(f64::NAN, |signal| signal.area);
        row.push((area / duration).into());
    }
    row.push(last.into());
    row.push(delivered.imbalance.into());
    row.push(beyond.into());
    row.push(status(why.as_ref()).as_str().into());
    row
}

/// Columns of the table of bands: every observable at every output, median and band over the
/// patients of each arm.
pub const BANDS: [(&str, bool); 9] = [
    ("arm", true),
    ("time_d", false),
    ("quantity", true),
    ("unit", true),
    ("median", false),
    ("low", false),
    ("high", false),
    ("patients", false),
    ("beyond_range", true),
];

/// The row of a readout at a time (min) in an arm: median, ends of the band and number of patients,
/// and what is outside the range.
pub fn band_row(
    arm: &str,
    time: f64,
    readout: &Observable,
    numbers: [f64; 4],
    beyond: &str,
) -> Vec<Value> {
    let words = [readout.name.as_str(), &unit(readout)].map(Value::from);
    let mut row: Vec<Value> = vec![arm.into(), (time / DAY).into()];
    row.extend(words);
    row.extend(numbers.map(Value::from));
    row.push(beyond.into());
    row
}
