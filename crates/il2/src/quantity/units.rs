//! The units that may be used in text, and those in which base-unit values are printed.

use il2_engine::Dimension;

/// Molecules in one picomole (exact, SI 2019).
pub const MOLECULES_PER_PMOL: f64 = 6.022_140_76e11;

/// Minutes in an hour.
pub const HOUR: f64 = 60.0;
/// Minutes in a day.
pub const DAY: f64 = 1440.0;

/// One unit that may be used in text.
#[derive(Clone, Copy, Debug)]
pub struct Unit {
    /// The symbol as written.
    pub symbol: &'static str,
    /// Value of one such unit in base units.
    pub factor: f64,
    /// Dimension of the unit.
    pub dimension: Dimension,
}

pub(super) const NONE: Dimension = Dimension::DIMENSIONLESS;
pub(super) const SUBSTANCE: Dimension = Dimension { substance: 1, ..NONE };
pub(super) const MOLECULE: Dimension = Dimension { molecule: 1, ..NONE };
pub(super) const CELL: Dimension = Dimension { cell: 1, ..NONE };
pub(super) const LENGTH: Dimension = Dimension { length: 1, ..NONE };
pub(super) const MASS: Dimension = Dimension { mass: 1, ..NONE };
pub(super) const MOLAR_MASS: Dimension = Dimension { mass: 1, substance: -1, ..NONE };
pub(super) const ACTIVITY: Dimension = Dimension { activity: 1, ..NONE };

const fn unit(symbol: &'static str, factor: f64, dimension: Dimension) -> Unit {
    Unit { symbol, factor, dimension }
}

/// Every unit that may be used in text. IU is separate from mass, because only a preparation can
/// convert it.
pub const UNITS: &[Unit] = &[
    unit("M", 1e12, Dimension::CONCENTRATION),
    unit("mM", 1e9, Dimension::CONCENTRATION),
    unit("uM", 1e6, Dimension::CONCENTRATION),
    unit("nM", 1e3, Dimension::CONCENTRATION),
    unit("pM", 1.0, Dimension::CONCENTRATION),
    unit("fM", 1e-3, Dimension::CONCENTRATION),
    unit("mol", 1e12, SUBSTANCE),
    unit("mmol", 1e9, SUBSTANCE),
    unit("umol", 1e6, SUBSTANCE),
    unit("nmol", 1e3, SUBSTANCE),
    unit("pmol", 1.0, SUBSTANCE),
    unit("fmol", 1e-3, SUBSTANCE),
    unit("molecule", 1.0, MOLECULE),
    unit("molecules", 1.0, MOLECULE),
    unit("site", 1.0, MOLECULE),
    unit("sites", 1.0, MOLECULE),
    unit("#", 1.0, MOLECULE),
    unit("cell", 1.0, CELL),
    unit("cells", 1.0, CELL),
    unit("L", 1.0, Dimension::VOLUME),
    unit("dL", 1e-1, Dimension::VOLUME),
    unit("mL", 1e-3, Dimension::VOLUME),
    unit("uL", 1e-6, Dimension::VOLUME),
    unit("nL", 1e-9, Dimension::VOLUME),
    unit("pL", 1e-12, Dimension::VOLUME),
    unit("fL", 1e-15, Dimension::VOLUME),
    unit("m", 1e1, LENGTH),
    unit("dm", 1.0, LENGTH),
    unit("cm", 1e-1, LENGTH),
    unit("mm", 1e-2, LENGTH),
    unit("um", 1e-5, LENGTH),
    unit("nm", 1e-8, LENGTH),
    unit("s", 1.0 / 60.0, Dimension::TIME),
    unit("min", 1.0, Dimension::TIME),
    unit("h", HOUR, Dimension::TIME),
    unit("d", DAY, Dimension::TIME),
    unit("day", DAY, Dimension::TIME),
    unit("days", DAY, Dimension::TIME),
    unit("week", 10080.0, Dimension::TIME),
    unit("weeks", 10080.0, Dimension::TIME),
    // A twelfth of 365.25 days.
    unit("month", 365.25 / 12.0 * DAY, Dimension::TIME),
    unit("months", 365.25 / 12.0 * DAY, Dimension::TIME),
    unit("y", 365.25 * DAY, Dimension::TIME),
    unit("year", 365.25 * DAY, Dimension::TIME),
    unit("years", 365.25 * DAY, Dimension::TIME),
    unit("kg", 1e15, MASS),
    unit("g", 1e12, MASS),
    unit("mg", 1e9, MASS),
    unit("ug", 1e6, MASS),
    unit("ng", 1e3, MASS),
    unit("pg", 1.0, MASS),
    unit("Da", 1.0, MOLAR_MASS),
    unit("kDa", 1e3, MOLAR_MASS),
    unit("IU", 1.0, ACTIVITY),
    unit("kIU", 1e3, ACTIVITY),
    unit("MIU", 1e6, ACTIVITY),
    unit("%", 1e-2, NONE),
];

/// Suffix of a column name for values in base units: `_pm`, `_min`, `_per_cell`; empty for a plain
/// number.
pub fn column_suffix(dimension: Dimension) -> String {
    match dimension {
        NONE => String::new(),
        Dimension::CONCENTRATION => "_pm".into(),
        Dimension::TIME => "_min".into(),
        Dimension::PER_CELL => "_per_cell".into(),
        Dimension::CELL_DENSITY => "_cells_per_l".into(),
        Dimension::RATE => "_per_min".into(),
        other => {
            let text = other.to_string().to_lowercase();
            format!(
                "_{}",
                text.trim_start_matches("1/").replace('/', "_per_").replace([' ', '^'], "_")
            )
        }
    }
}

/// The unit in which base-unit values of this dimension are printed: `pM`, `min`, `/cell`.
pub fn base_unit(dimension: Dimension) -> String {
    match dimension {
        NONE => String::new(),
        Dimension::PER_CELL => "/cell".into(),
        Dimension::RATE => "/min".into(),
        other => other.to_string().trim_start_matches('1').to_string(),
    }
}
