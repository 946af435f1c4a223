//! Units of the numbers of an event table.

use il2::quantity::Quantity;
use il2_engine::Dimension;
use il2_study::StudyError;
use il2_study::event_table::Factors;
use il2_study::study::dosing::TableUnitsPart;

const AMOUNTS: [Dimension; 3] = [
    Dimension { substance: 1, ..Dimension::DIMENSIONLESS },
    Dimension { mass: 1, ..Dimension::DIMENSIONLESS },
    Dimension { activity: 1, ..Dimension::DIMENSIONLESS },
];

/// Units of a table for a plain model.
pub struct TableUnits {
    /// Factors to base units.
    pub factors: Factors,
    /// Dimension of amounts.
    pub amount: Dimension,
    /// The unit of concentrations, in base units.
    pub concentration: f64,
}

/// The units of a table for a plain model.
pub fn of(at: &str, units: &TableUnitsPart) -> Result<TableUnits, StudyError> {
    let time = minutes(at, units)?;
    let amounts = "amount; use a unit of mass, substance or activity such as mg, nmol or MIU";
    let amount = one_of(at, "amount", &units.amount, |d| AMOUNTS.contains(&d), amounts)?;
    let volumes = "volume; use L or mL";
    let volume = one_of(at, "volume", volume(units), |d| d == Dimension::VOLUME, volumes)?;
    let what =
        format!("concentration that matches the unit of AMT; use for example {}/L", units.amount);
    let fits = |d| d == amount.dimension / Dimension::VOLUME;
    let level = one_of(at, "concentration", &concentration(units), fits, &what)?;
    Ok(TableUnits {
        factors: Factors { time, amount: amount.value, volume: volume.value },
        amount: amount.dimension,
        concentration: level.value,
    })
}

/// The unit of times, in minutes.
pub fn minutes(at: &str, units: &TableUnitsPart) -> Result<f64, StudyError> {
    let time = |d| d == Dimension::TIME;
    Ok(one_of(at, "time", &units.time, time, "time; use min, h or d")?.value)
}

/// The unit of concentrations as written, or as it follows from the other units.
pub fn concentration(units: &TableUnitsPart) -> String {
    let own = || format!("{}/{}", units.amount, volume(units));
    units.concentration.clone().unwrap_or_else(own)
}

fn volume(units: &TableUnitsPart) -> &str {
    units.volume.as_deref().unwrap_or("L")
}

/// A unit of a given dimension.
fn one_of(
    at: &str,
    key: &str,
    text: &str,
    fits: impl Fn(Dimension) -> bool,
    what: &str,
) -> Result<Quantity, StudyError> {
    let at = format!("{at}.units.{key}");
    match Quantity::parse(&format!("1 {text}")) {
        Ok(one) if fits(one.dimension) => Ok(one),
        Err(e) => Err(StudyError::at(at, e.0)),
        Ok(_) => Err(StudyError::at(at, format!("\"{text}\" is not a unit of {what}"))),
    }
}

/// The unit of a concentration times a time: `IU h/mL`, with the time in the numerator.
pub fn area_unit(time: &str, level: &str) -> String {
    match level.split_once('/') {
        Some((above, below)) => format!("{above} {time}/{below}"),
        None => format!("{level} {time}"),
    }
}
