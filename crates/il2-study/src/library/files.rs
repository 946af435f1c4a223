//! The files of `library/`, embedded at build time.

/// Every file of `library/`, as it was at build time; a test compares this list with the folder.
pub const FILES: &[(&str, &str)] = &[
    ("references.toml", include_str!("../../../../library/references.toml")),
    ("ligands.toml", include_str!("../../../../library/ligands.toml")),
    ("cells.toml", include_str!("../../../../library/cells.toml")),
    ("behaviours.toml", include_str!("../../../../library/behaviours.toml")),
    ("patient.toml", include_str!("../../../../library/patient.toml")),
    ("tumours.toml", include_str!("../../../../library/tumours.toml")),
    ("ranges.toml", include_str!("../../../../library/ranges.toml")),
    (
        "calibration/immune/draws.csv",
        include_str!("../../../../library/calibration/immune/draws.csv"),
    ),
    ("models/busse2010.toml", include_str!("../../../../library/models/busse2010.toml")),
    (
        "models/classic_tumours.toml",
        include_str!("../../../../library/models/classic_tumours.toml"),
    ),
    ("models/effect.toml", include_str!("../../../../library/models/effect.toml")),
    ("models/fallon2000.toml", include_str!("../../../../library/models/fallon2000.toml")),
    ("models/gamma_chain.toml", include_str!("../../../../library/models/gamma_chain.toml")),
    ("models/polyvalent.toml", include_str!("../../../../library/models/polyvalent.toml")),
    ("models/tkach2014.toml", include_str!("../../../../library/models/tkach2014.toml")),
    ("models/stat5.toml", include_str!("../../../../library/models/stat5.toml")),
    ("posteriors/farhat2021.toml", include_str!("../../../../library/posteriors/farhat2021.toml")),
    ("posteriors/receptor.toml", include_str!("../../../../library/posteriors/receptor.toml")),
];
