use super::*;
use il2_engine::Dimension;
use proptest::prelude::*;

/// Each row of the unit table, repeated by hand: value of one unit in base units.
const BY_HAND: &[(&str, f64)] = &[
    ("M", 1_000_000_000_000.0),
    ("mM", 1_000_000_000.0),
    ("uM", 1_000_000.0),
    ("nM", 1000.0),
    ("pM", 1.0),
    ("fM", 0.001),
    ("mol", 1_000_000_000_000.0),
    ("mmol", 1_000_000_000.0),
    ("umol", 1_000_000.0),
    ("nmol", 1000.0),
    ("pmol", 1.0),
    ("fmol", 0.001),
    ("molecule", 1.0),
    ("molecules", 1.0),
    ("site", 1.0),
    ("sites", 1.0),
    ("#", 1.0),
    ("cell", 1.0),
    ("cells", 1.0),
    ("L", 1.0),
    ("dL", 0.1),
    ("mL", 0.001),
    ("uL", 0.000_001),
    ("nL", 0.000_000_001),
    ("pL", 0.000_000_000_001),
    ("fL", 0.000_000_000_000_001),
    ("m", 10.0),
    ("dm", 1.0),
    ("cm", 0.1),
    ("mm", 0.01),
    ("um", 0.000_01),
    ("nm", 0.000_000_01),
    ("s", 0.016_666_666_666_666_666),
    ("min", 1.0),
    ("h", 60.0),
    ("d", 1440.0),
    ("day", 1440.0),
    ("days", 1440.0),
    ("week", 10_080.0),
    ("weeks", 10_080.0),
    ("month", 43_830.0),
    ("months", 43_830.0),
    ("y", 525_960.0),
    ("year", 525_960.0),
    ("years", 525_960.0),
    ("kg", 1_000_000_000_000_000.0),
    ("g", 1_000_000_000_000.0),
    ("mg", 1_000_000_000.0),
    ("ug", 1_000_000.0),
    ("ng", 1000.0),
    ("pg", 1.0),
    ("Da", 1.0),
    ("kDa", 1000.0),
    ("IU", 1.0),
    ("kIU", 1000.0),
    ("MIU", 1_000_000.0),
    ("%", 0.01),
];

#[test]
fn every_unit_converts_as_written_down_by_hand() {
    assert_eq!(UNITS.len(), BY_HAND.len());
    for (unit, (symbol, one)) in UNITS.iter().zip(BY_HAND) {
        assert_eq!(unit.symbol, *symbol);
        let value = Quantity::parse(&format!("3 {symbol}")).unwrap().value;
        assert!((value / (3.0 * one) - 1.0).abs() < 1e-12, "{symbol}: {value}");
    }
}

#[test]
fn a_cube_of_a_length_is_a_volume() {
    let cubed = Quantity::parse("1000 um^3").unwrap();
    let volume = Quantity::parse("1 pL").unwrap();
    assert_eq!(cubed.dimension, volume.dimension);
    assert!((cubed.value / volume.value - 1.0).abs() < 1e-12);
}

#[test]
fn an_association_rate_reads_the_same_in_two_unit_systems() {
    let rate = Dimension::RATE / Dimension::CONCENTRATION;
    let a = Quantity::parse_as("1e7 /M/s", rate).unwrap();
    let b = Quantity::parse_as("0.6 /nM/min", rate).unwrap();
    assert!((a / b - 1.0).abs() < 1e-12);
}

#[test]
fn molecules_may_be_left_out_but_never_the_unit() {
    assert_eq!(Quantity::parse_as("8000 /cell", Dimension::PER_CELL), Ok(8000.0));
    assert_eq!(Quantity::parse_as("8000 sites/cell", Dimension::PER_CELL), Ok(8000.0));
    assert_eq!(Quantity::parse_as("1e6 /mL", Dimension::CELL_DENSITY), Ok(1e9));
    let error = Quantity::parse_as("8000", Dimension::PER_CELL).unwrap_err();
    assert_eq!(error.0, "\"8000\" has no unit; write for example \"8000 /cell\"");
}

#[test]
fn a_wrong_dimension_is_named_with_what_would_be_right() {
    let error = Quantity::parse_as("10 min", Dimension::CONCENTRATION).unwrap_err();
    assert_eq!(
        error.0,
        "\"10 min\" is a time; a concentration is needed here, for example \"50 pM\""
    );
}

#[test]
fn an_unknown_unit_gets_a_suggestion() {
    assert_eq!(
        Quantity::parse("5 pm").unwrap_err().0,
        "\"5 pm\": unknown unit pm; did you mean pM?"
    );
}

#[test]
fn what_an_error_offers_suits_the_place_and_is_read_there() {
    let clearance = Dimension::VOLUME * Dimension::RATE;
    let said = |text: &str, needed| Quantity::parse_as(text, needed).unwrap_err().0;
    let wanted = "\"1.1 L\" is a volume; a clearance is needed here, for example \"1.1 L/h\"";
    assert_eq!(said("1.1 L", clearance), wanted);
    assert_eq!(said("1.1", clearance), "\"1.1\" has no unit; write for example \"1.1 L/h\"");
    let offered = "\"2 hours\": unknown unit hours; did you mean \"2 h\"?";
    assert_eq!(said("2 hours", Dimension::TIME), offered);
    assert!(said("200 µl", Dimension::VOLUME).ends_with("did you mean \"200 uL\"?"));
    assert!(said("200 μm³", Dimension::VOLUME).ends_with("did you mean \"200 um^3\"?"));
    assert!(said("1,5 pM", Dimension::CONCENTRATION).ends_with("for example \"1.5 pM\""));
    // A comma before three digits may separate thousands, so the message gives both readings.
    assert_eq!(
        said("1,500 pM", Dimension::CONCENTRATION),
        "\"1,500 pM\" has a comma; write thousands without a comma, for example \"1500 pM\", and decimals with \
         a point, \"1.500 pM\""
    );
    assert!(said("1,440", Dimension::TIME).contains("for example \"1440 h\""));
    assert!(said("12,345,678 pM", Dimension::CONCENTRATION).contains("\"12345678 pM\""));
    assert_eq!(
        said("1 440 min", Dimension::TIME),
        "\"1 440 min\" has separators between thousands; write for example \"1440 min\""
    );
    // Units that differ only in case.
    assert_eq!(
        said("5 nm", Dimension::CONCENTRATION),
        "\"5 nm\" is a length; did you mean \"5 nM\"?"
    );
    assert!(said("0.3 pM", Dimension::DIMENSIONLESS).ends_with("for example \"0.3\""));
}

#[test]
fn a_dose_without_a_unit_is_offered_the_unit_in_which_it_is_a_dose() {
    let aldesleukin =
        Preparation { molar_mass: Some(15_300.0), specific_activity: Some(18e6 / 1.1 / 1e9) };
    let native = Preparation { molar_mass: Some(15_420.0), specific_activity: None };
    let like = Like { example: "1 MIU", low: 250.0, high: 1.2e6 };
    let said = |p: &Preparation, text: &str| p.amount_like(text, "", &like).unwrap_err().0;
    let wanted = "\"1000000\" has no unit; write for example \"1000000 IU\"";
    assert_eq!(said(&aldesleukin, "1000000"), wanted);
    assert_eq!(said(&aldesleukin, "18"), "\"18\" has no unit; write for example \"18 MIU\"");
    assert_eq!(said(&native, "1"), "\"1\" has no unit; write for example \"1 nmol\"");
    let of_native = said(&native, "18 MIU");
    assert!(of_native.contains("from = \"aldesleukin\""), "{of_native}");
    let offered = of_native.rsplit('"').nth(1).unwrap();
    assert!(native.amount(offered).is_ok_and(|v| like.holds(v)), "{of_native}");
    let per_kg = Like { example: "600000 IU/kg", low: 3.0, high: 2e4 };
    let said = aldesleukin.amount_like("600000 U/kg", "/kg", &per_kg).unwrap_err().0;
    assert!(said.ends_with("did you mean \"600000 IU/kg\"?"), "{said}");
}

#[test]
fn units_convert_only_through_their_preparation() {
    // Proleukin label: 18 MIU = 1.1 mg; at 15,300 g/mol one IU/mL is 3.994 pM.
    let label =
        Preparation { molar_mass: Some(15_300.0), specific_activity: Some(18e6 / 1.1 / 1e9) };
    let pm = label.concentration("1 IU/mL").unwrap();
    assert!((pm - 3.994).abs() < 0.001, "{pm}");
    assert!((label.concentration("61.1 pg/mL").unwrap() - 3.994).abs() < 0.01);
    let unknown = Preparation::default().concentration("1 IU/mL").unwrap_err();
    assert!(unknown.0.contains("specific activity"), "{unknown}");
}

#[test]
fn numbers_that_are_none_are_refused() {
    for text in
        ["", "pM", "NaN pM", "inf pM", "1e999 pM", "1 pM/", "1 //min", "1 pM^x", "--1 pM", "1·,5"]
    {
        assert!(Quantity::parse(text).is_err(), "{text}");
    }
}

#[test]
fn printed_concentrations_use_the_unit_that_fits() {
    assert_eq!(readable_concentration(33.64), "33.6 pM");
    assert_eq!(readable_concentration(675.2), "675 pM");
    assert_eq!(readable_concentration(1578.0), "1.58 nM");
    assert_eq!(readable_concentration(999.9), "1.00 nM");
    assert_eq!(readable_concentration(0.0123), "12.3 fM");
    assert_eq!(three_digits(0.9996), "1.00");
    assert_eq!(three_digits(99.96), "100");
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_without_a_panic(text in "\\PC{0,40}") {
        let _ = Quantity::parse(&text);
        let _ = Quantity::parse_as(&text, Dimension::CONCENTRATION);
        let _ = Quantity::parse_as(&format!("1{text}"), Dimension::TIME);
        let _ = Preparation::default().amount(&format!("1 {text}"));
    }

    #[test]
    fn what_is_written_is_read_back(value in -1e12..1e12f64, unit in 0..UNITS.len()) {
        let unit = UNITS[unit];
        let read = Quantity::parse(&format!("{value:e} {}", unit.symbol)).unwrap();
        prop_assert!((read.value - value * unit.factor).abs() <= 1e-12 * (value * unit.factor).abs());
        prop_assert_eq!(read.dimension, unit.dimension);
    }

    #[test]
    fn a_product_of_units_converts_as_the_product(a in 0..UNITS.len(), b in 0..UNITS.len()) {
        let (a, b) = (UNITS[a], UNITS[b]);
        let read = Quantity::parse(&format!("1 {}/{}", a.symbol, b.symbol)).unwrap();
        prop_assert!((read.value / (a.factor / b.factor) - 1.0).abs() < 1e-12);
        prop_assert_eq!(read.dimension, a.dimension / b.dimension);
    }
}
