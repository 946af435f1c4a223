//! The unit at the end of a column's name.

/// Endings with their units; if one ending is the end of another, the longer one comes first.
const ENDINGS: [(&str, &str); 37] = [
    ("_mg_per_l_h2", "mg h2/L"),
    ("_mg_per_l_h", "mg h/L"),
    ("_iu_per_ml_h", "IU h/mL"),
    ("_ug_per_kg_min", "ug/kg/min"),
    ("_pm_h", "pM h"),
    ("_mg_per_l", "mg/L"),
    ("_mg_per_dl", "mg/dL"),
    ("_g_per_dl", "g/dL"),
    ("_iu_per_ml", "IU/mL"),
    ("_ml_per_8h", "mL/8 h"),
    ("_cells_per_l", "cells/L"),
    ("_l_per_h", "L/h"),
    ("_per_cell", "/cell"),
    ("_per_min", "/min"),
    ("_per_h", "/h"),
    ("_per_d", "/d"),
    ("_percent", "%"),
    ("_months", "months"),
    ("_molecules", "molecules"),
    ("_mmhg", "mmHg"),
    ("_pmol", "pmol"),
    ("_nmol", "nmol"),
    ("_miu", "MIU"),
    ("_iu", "IU"),
    ("_min", "min"),
    ("_mm", "mm"),
    ("_cm", "cm"),
    ("_m2", "m2"),
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
pub fn of(column: &str) -> Option<&'static str> {
    let name = column.strip_suffix("_low").or(column.strip_suffix("_high")).unwrap_or(column);
    ENDINGS.iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, unit)| *unit)
}
