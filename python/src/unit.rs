//! The unit at the end of a column's name, in a form that programs read: `mg*h/L`, `1/min`, `m**2`.

use pyo3::prelude::*;

/// Endings with their units; if one ending is the end of another, the longer one comes first.
const ENDINGS: [(&str, &str); 37] = [
    ("_mg_per_l_h2", "mg*h**2/L"),
    ("_mg_per_l_h", "mg*h/L"),
    ("_iu_per_ml_h", "IU*h/mL"),
    ("_ug_per_kg_min", "ug/kg/min"),
    ("_pm_h", "pM*h"),
    ("_mg_per_l", "mg/L"),
    ("_mg_per_dl", "mg/dL"),
    ("_g_per_dl", "g/dL"),
    ("_iu_per_ml", "IU/mL"),
    // The volume of eight hours: 8 is no part of a unit.
    ("_ml_per_8h", "mL"),
    ("_cells_per_l", "cell/L"),
    ("_l_per_h", "L/h"),
    ("_per_cell", "1/cell"),
    ("_per_min", "1/min"),
    ("_per_h", "1/h"),
    ("_per_d", "1/d"),
    ("_percent", "percent"),
    ("_months", "month"),
    ("_molecules", "molecule"),
    ("_mmhg", "mmHg"),
    ("_pmol", "pmol"),
    ("_nmol", "nmol"),
    ("_miu", "MIU"),
    ("_iu", "IU"),
    ("_min", "min"),
    ("_mm", "mm"),
    ("_cm", "cm"),
    ("_m2", "m**2"),
    ("_pm", "pM"),
    ("_nm", "nM"),
    ("_kg", "kg"),
    ("_mg", "mg"),
    ("_ml", "mL"),
    ("_l", "L"),
    ("_h", "h"),
    ("_d", "d"),
    ("_s", "s"),
];

/// The unit of a column of numbers; none if the name does not end in a unit.
pub fn of(column: &str) -> Option<String> {
    // Numbers of a fit stand as the study names them, with the unit as it is written there.
    if let Some((_, unit)) = column.strip_suffix(')').and_then(|rest| rest.rsplit_once(" (")) {
        return Some(label(unit));
    }
    let name = column.strip_suffix("_low").or(column.strip_suffix("_high")).unwrap_or(column);
    let found = ENDINGS.iter().find(|(ending, _)| name.ends_with(ending));
    found.map(|(_, unit)| unit.to_string())
}

/// A unit of a study in the same form: `1/pM/min` for `/pM/min`, `m**2` for `m2` or `m^2`.
#[pyfunction]
pub fn label(unit: &str) -> String {
    let factor = |word: &str| {
        let word = word.trim();
        let digits = word.len() - word.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let (base, power) = word.split_at(word.len() - digits);
        let base = match base.trim_end_matches('^') {
            "%" => "percent",
            "cells" => "cell",
            "molecules" => "molecule",
            other => other,
        };
        match (base, power) {
            ("", power) => power.to_string(),
            (base, "") => base.to_string(),
            (base, power) => format!("{base}**{power}"),
        }
    };
    let part = |part: &str| part.split(['*', ' ']).map(factor).collect::<Vec<_>>().join("*");
    let whole = unit.split('/').map(part).collect::<Vec<_>>().join("/");
    if whole.starts_with('/') { format!("1{whole}") } else { whole }
}

/// Every unit that a column may have.
#[pyfunction]
pub fn labels() -> Vec<&'static str> {
    ENDINGS.iter().map(|(_, unit)| *unit).collect()
}
