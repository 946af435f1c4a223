//! Any form of the molecule in a patient: it has its own kinetics, vascular leak follows its
//! signal, and answers outside the range that was fitted or followed carry a warning.

use il2_answer::AssayResult;
use il2_study::{Library, Study, StudyError};
use std::path::Path;

fn parsed(text: &str) -> Result<Study, StudyError> {
    il2_assay::parse(Path::new("test.toml"), text, Library::builtin()).map(|(study, _)| study)
}

/// A study of one regimen and one assay.
fn text(ligand: &str, regimen: &str, assay: &str) -> String {
    format!(
        "version = 1\nquestion = \"What happens?\"\n[ligands.drug]\n{ligand}\n\
         [regimens.given]\nligand = \"drug\"\n{regimen}\n[assay.blood]\nkind = \"regimen\"\n{assay}\n"
    )
}

fn run(ligand: &str, regimen: &str, assay: &str) -> AssayResult {
    let study = parsed(&text(ligand, regimen, assay)).unwrap_or_else(|e| panic!("{e}"));
    il2_assay::kinds::plan(&study, "blood").unwrap().run(&study, &|_| {})
}

/// Course of one quantity as `(time in days, median)`.
fn course(result: &AssayResult, quantity: &str) -> Vec<(f64, f64)> {
    let table = &result.tables[0];
    let rows = (0..table.rows()).filter(|&row| table.text(row, "quantity") == quantity);
    rows.map(|row| (table.number(row, "time_d"), table.number(row, "median"))).collect()
}

fn highest(result: &AssayResult, quantity: &str) -> f64 {
    course(result, quantity).iter().map(|p| p.1).fold(f64::NEG_INFINITY, f64::max)
}

fn lowest(result: &AssayResult, quantity: &str) -> f64 {
    course(result, quantity).iter().map(|p| p.1).fold(f64::INFINITY, f64::min)
}

const ALDESLEUKIN: &str = "from = \"aldesleukin\"";
const HIGH_DOSE: &str = "dose = \"600000 IU/kg\"\nroute = \"infusion\"\nduration = \"15 min\"\n\
    every = \"8 h\"\ndoses = 14";

#[test]
fn every_set_keeps_the_half_life_and_proportion_that_it_states_though_cells_take_up() {
    let sets = &Library::builtin().physiology.pharmacokinetics;
    let mut stating = 0;
    for (name, set) in sets.iter().filter(|(_, set)| !set.stated.is_empty()) {
        stating += 1;
        let stated = |key: &str| &set.stated[key];
        let half_life = stated("half_life");
        let interval = half_life.interval.as_ref().expect("an interval");
        // The library molecule for which the set was made, or native interleukin-2 if the library
        // does not have it.
        let known = set.molecules.iter().find(|m| Library::builtin().ligand(m).is_some());
        let molecule = known.map_or("il2", String::as_str);
        let lasts = half_life.value > 1440.0;
        let route = if lasts { "subcutaneous" } else { "bolus" };
        // Two half-lives after the dose, and one half-life later.
        let times: Vec<f64> = [2.0, 3.0].map(|n| n * half_life.value).to_vec();
        let end = 8.0 * half_life.value;
        let of = |pmol: f64| {
            let regimen = format!(
                "dose = \"{} nmol\"\nroute = \"{route}\"\npharmacokinetics = \"{name}\"",
                pmol / 1000.0
            );
            let asked =
                format!("times = [\"{} min\", \"{} min\", \"{end} min\"]", times[0], times[1]);
            let result = run(&format!("from = \"{molecule}\""), &regimen, &asked);
            let levels = course(&result, "concentration");
            let phase = (times[1] - times[0]) * 2_f64.ln() / (levels[0].1 / levels[1].1).ln();
            (phase, result.tables[1].number(0, "area_concentration_pm_h") / pmol)
        };
        let doses = ["lowest_dose", "highest_dose"].map(|key| stated(key).value);
        let found = doses.map(of);
        for (dose, (phase, _)) in doses.iter().zip(found) {
            assert!(
                (interval.low..=interval.high).contains(&phase),
                "{name}: half-life of {phase} min after {dose} pmol, stated {} to {} min",
                interval.low,
                interval.high
            );
        }
        let ratio = found[1].1 / found[0].1;
        assert!(
            (1.0 / 1.5..=1.5).contains(&ratio),
            "{name}: exposure per dose changes {ratio}-fold"
        );
    }
    assert!(stating >= 5, "{stating} sets state something");
}

#[test]
fn a_molecule_that_binds_a_hundred_times_more_weakly_leaks_as_much_less_as_it_signals() {
    let times = "times = { from = \"0 d\", to = \"6 d\", points = 145 }";
    let native = run(ALDESLEUKIN, HIGH_DOSE, times);
    let weak = "from = \"aldesleukin\"\nparameters = { association = \"0.01\" }";
    // It is another form, whose kinetics the study must name.
    let same = format!("{HIGH_DOSE}\npharmacokinetics = \"aldesleukin\"");
    let weak = run(weak, &same, times);
    let area = |result: &AssayResult, quantity: &str| {
        course(result, quantity).iter().map(|p| p.1).sum::<f64>()
    };
    let leak = |result: &AssayResult| 90.0 - lowest(result, "mean_arterial_pressure");
    let signal = area(&weak, "treg_signal") / area(&native, "treg_signal");
    assert!(leak(&native) > 20.0, "{}", leak(&native));
    assert!(
        leak(&weak) / leak(&native) <= signal,
        "pressure falls {} in place of {} mmHg, signal {signal}",
        leak(&weak),
        leak(&native)
    );
    assert!(highest(&weak, "creatinine") < 1.05, "{}", highest(&weak, "creatinine"));
    // Lymphocytes also stay in the blood.
    assert!(lowest(&weak, "lymphocytes_fold") > 2.0 * lowest(&native, "lymphocytes_fold"));
}

#[test]
fn volunteers_under_rezpegaldesleukin_expand_regulatory_cells_and_stay_well() {
    let of = |dose: &str| {
        let regimen = format!("dose = \"{dose}\"\nroute = \"subcutaneous\"");
        let times = "times = { from = \"0 d\", to = \"50 d\", points = 101 }";
        run("from = \"rezpegaldesleukin\"", &regimen, times)
    };
    let found = of("28 ug/kg");
    let treg = highest(&found, "treg_fold");
    assert!((8.0..=17.0).contains(&treg), "{treg}");
    for quantity in ["cd8_fold", "tconv_fold"] {
        let most = highest(&found, quantity);
        assert!(most <= 1.5 && lowest(&found, quantity) >= 1.0 / 1.5, "{quantity} {most}");
    }
    assert!(highest(&found, "nk_fold") < 3.0, "{}", highest(&found, "nk_fold"));
    assert!(lowest(&found, "mean_arterial_pressure") > 81.0);
    assert!(lowest(&found, "albumin") > 3.24, "{}", lowest(&found, "albumin"));
    assert!(highest(&found, "creatinine") < 1.1);
}

#[test]
fn cycles_of_five_days_raise_cd4_cells_for_months() {
    let cycles = "dose = \"7.5 MIU\"\nroute = \"subcutaneous\"\nevery = \"12 h\"\ndoses = 10\n\
        cycles = 3\ncycle = \"56 d\"";
    let result = run(ALDESLEUKIN, cycles, "times = [\"0 d\", \"168 d\", \"224 d\"]");
    // Cells per litre converted to cells per microlitre.
    let count: Vec<f64> = course(&result, "cd4_count").iter().map(|p| p.1 / 1e6).collect();
    // Increase of 128 at week 24 and of 134 at week 32 (Youle 2006, Tavel 2010), within a factor of
    // two.
    for later in &count[1..] {
        assert!((64.0..268.0).contains(&(later - count[0])), "{count:?}");
    }
    let cd8: Vec<f64> = course(&result, "cd8_fold").iter().map(|p| p.1).collect();
    assert!((cd8[2] - 1.0).abs() < 0.05, "{cd8:?}");
}

#[test]
fn what_kidneys_do_not_filter_stays_in_plasma() {
    let of = |numbers: &str| {
        let once = "dose = \"1 MIU/m2\"\nroute = \"bolus\"";
        let times = format!("times = [\"0 h\", \"8 h\"]\n[assay.blood.parameters]\n{numbers}");
        let result = run(ALDESLEUKIN, once, &times);
        let people = &result.tables[1];
        (people.number(0, "area_concentration_pm_h"), course(&result, "creatinine")[0].1)
    };
    let (usual, one) = of("\"sensing.uptake\" = \"0\"");
    let (half, two) = of("\"sensing.uptake\" = \"0\"\n\"toxicity.renal_function\" = \"0.5\"");
    // By hand: four fifths of clearance are renal, and half of that is left, so that 0.6 of the
    // total remains.
    assert!((half / usual - 1.0 / 0.6).abs() < 0.02, "{half} {usual}");
    assert!((one - 1.0).abs() < 1e-9 && (two - 2.0).abs() < 1e-9, "{one} {two}");
}

#[test]
fn without_kidneys_the_drug_is_cleared_by_all_else_and_creatinine_by_dialysis() {
    let of = |renal: &str| {
        let once = "dose = \"1 MIU\"\nroute = \"bolus\"";
        let times = format!(
            "times = [\"0 h\", \"48 h\"]\n[assay.blood.parameters]\n\"sensing.uptake\" = \"0\"\n\
             \"toxicity.renal_function\" = \"{renal}\""
        );
        run(ALDESLEUKIN, once, &times)
    };
    let of_all = |result: &AssayResult, name: &str| result.tables[1].number(0, name);
    let (usual, none) = (of("1"), of("0"));
    let area = |result: &AssayResult| of_all(result, "area_concentration_pm_h");
    // By hand: a fifth of clearance is not renal; after two days, almost nothing is left in plasma.
    assert!((area(&none) / area(&usual) - 5.0).abs() < 0.01, "{} {}", area(&none), area(&usual));
    // By hand: dialysis provides a tenth of the usual clearance.
    let creatinine: Vec<f64> = course(&none, "creatinine").iter().map(|p| p.1).collect();
    assert!((creatinine[0] - 10.0).abs() < 1e-9, "{creatinine:?}");
    assert_eq!(highest(&none, "urine_output"), 0.0);
    assert!(
        (lowest(&of("0.05"), "urine_output") / lowest(&usual, "urine_output") - 0.5).abs() < 0.01
    );
    assert_eq!((of_all(&usual, "renal_function"), of_all(&none, "renal_function")), (1.0, 0.0));
}

#[test]
fn three_regimens_are_each_told_with_their_half_lives() {
    let text = "version = 1\nquestion = \"How long does each last?\"\n[ligands.drug]\nfrom = \"rezpegaldesleukin\"\n\
        [regimens.low]\nligand = \"drug\"\ndose = \"3 ug/kg\"\nroute = \"subcutaneous\"\n\
        [regimens.middle]\nligand = \"drug\"\ndose = \"12 ug/kg\"\nroute = \"subcutaneous\"\n\
        [regimens.high]\nligand = \"drug\"\ndose = \"28 ug/kg\"\nroute = \"subcutaneous\"\n\
        [assay.blood]\nkind = \"regimen\"\ntimes = { from = \"0 d\", to = \"60 d\", points = 61 }\n";
    let study = parsed(text).unwrap();
    let result = il2_assay::kinds::plan(&study, "blood").unwrap().run(&study, &|_| {});
    let of_arm = |arm: usize| &result.summary["arms"][arm];
    // By hand from the levels on days 45 and 60 of the first arm, which has 61 rows.
    let levels = course(&result, "concentration");
    let by_hand = 24.0 * 15.0 * 2_f64.ln() / (levels[45].1 / levels[60].1).ln();
    let hours = of_arm(0)["half_life_h"].as_f64().expect("a half-life");
    assert!((hours / by_hand - 1.0).abs() < 0.01, "{hours} {by_hand}");
    // If cells take up most of the drug, its level does not fall at a single rate.
    assert!(of_arm(2)["half_life_h"].is_null());
    assert_eq!(of_arm(2)["half_life_note"], "the terminal phase is not reached by the last record");
    let days = il2::quantity::three_digits(hours / 24.0);
    let told = format!("half-life of the median concentration after the last dose: {days} d (from");
    assert_eq!(result.text.matches(&told).count(), 1, "{}", result.text);
    let said = &result.sentences[0];
    let peak = |arm: usize| result.tables[1].number(arm, "highest_treg_fold");
    for (arm, name) in [(1, "middle"), (2, "high")] {
        let times = il2::quantity::three_digits(peak(arm) / peak(0));
        let over = format!("{times} times as high under {name} as under low");
        assert!(said.contains(&over), "{over}: {said}");
    }
}

#[test]
fn numbers_of_a_patient_have_the_units_of_a_clinic() {
    let of = |numbers: &str| {
        let once = "dose = \"1 MIU/m2\"\nroute = \"bolus\"";
        let times = format!("times = [\"0 h\", \"8 h\"]\n[assay.blood.parameters]\n{numbers}");
        text(ALDESLEUKIN, once, &times)
    };
    let heavy = of("\"covariates.weight\" = \"110 kg\"\n\"toxicity.pressure\" = \"95 mmHg\"");
    let study = parsed(&heavy).unwrap();
    let result = il2_assay::kinds::plan(&study, "blood").unwrap().run(&study, &|_| {});
    // By Mosteller: the square root of 110 kg times 170 cm / 3600.
    let surface = result.tables[1].number(0, "surface_m2");
    assert!((surface - (110.0_f64 * 170.0 / 3600.0).sqrt()).abs() < 1e-4, "{surface}");
    assert!((course(&result, "mean_arterial_pressure")[0].1 - 95.0).abs() < 1e-9);
    for (numbers, said) in [
        ("\"covariates.weight\" = \"5 kg\"", "\"5 kg\" is not a body weight in kg from 10 to 200"),
        (
            "\"covariates.height\" = \"1.7 m\"",
            "\"1.7 m\" is not a body height in cm from 45 to 230",
        ),
        ("\"toxicity.renal_function\" = \"60\"", "\"60\" is not a filtration by the kidneys"),
        (
            "\"covariates.weight\" = \"10 kg\"\n\"covariates.height\" = \"170 cm\"",
            "a body of 10.0 kg and 170 cm has a body mass index of 3.46 kg/m2, but only 11 to 80 \
             kg/m2 are possible; set both covariates.weight and covariates.height",
        ),
    ] {
        let refused = parsed(&of(numbers)).unwrap_err().to_string();
        assert!(refused.contains(said), "{refused}");
    }
}

#[test]
fn a_child_is_small_and_impaired_kidneys_have_a_warning() {
    let of = |numbers: &str| {
        let once = "dose = \"1 MIU/m2\"\nroute = \"bolus\"";
        let times = format!("times = [\"0 h\", \"8 h\"]\n[assay.blood.parameters]\n{numbers}");
        parsed(&text(ALDESLEUKIN, once, &times)).unwrap()
    };
    let surface = |numbers: &str| {
        let study = of(numbers);
        let plan = il2_assay::kinds::plan(&study, "blood").unwrap();
        plan.run(&study, &|_| {}).tables[1].number(0, "surface_m2")
    };
    // By Mosteller: the square root of 10 kg times 76 cm / 3600.
    let known = surface("\"covariates.weight\" = \"10 kg\"\n\"covariates.height\" = \"76 cm\"");
    assert!((known - (10.0_f64 * 76.0 / 3600.0).sqrt()).abs() < 1e-4, "{known}");
    // One-year-olds of 10 kg have 0.46 m2, and ten-year-old boys of 32 kg have 1.1 m2 (138 cm): a
    // height that is left out is derived from weight.
    for (kg, usual) in [(10.0, 0.46), (32.0, 1.107)] {
        let alone = surface(&format!("\"covariates.weight\" = \"{kg} kg\""));
        assert!((alone / usual - 1.0).abs() < 0.05, "{kg} kg: {alone} m2");
    }
    for (part, warned) in [("0.5", true), ("1", false)] {
        let study = of(&format!("\"toxicity.renal_function\" = \"{part}\""));
        let said = il2_assay::kinds::plan(&study, "blood").unwrap().doubts(&study);
        assert_eq!(said.iter().any(|w| w.contains("renal_part")), warned, "{said:?}");
    }
}

/// Levels of free drug after subcutaneous doses without uptake by cells.
fn under_the_skin(dose: &str, times: &str, numbers: &str) -> AssayResult {
    let regimen = format!("dose = \"{dose}\"\nroute = \"subcutaneous\"");
    let assay = format!("{times}\n[assay.blood.parameters]\n\"sensing.uptake\" = \"0\"\n{numbers}");
    run(ALDESLEUKIN, &regimen, &assay)
}

#[test]
fn each_transit_compartment_delays_a_dose_by_its_mean_time() {
    let mean_time = |numbers: &str| {
        let times = "times = { from = \"0 d\", to = \"4 d\", points = 2881 }";
        let result = under_the_skin("10 pmol", times, numbers);
        let levels = course(&result, "concentration");
        let area: f64 = levels.iter().map(|p| p.1).sum();
        levels.iter().map(|p| p.0 * p.1).sum::<f64>() / area
    };
    let rate = "\"pharmacokinetics.absorption_rate\" = \"0.5 /h\"\n";
    let transits = |n: u32| format!("{rate}\"pharmacokinetics.transit_compartments\" = \"{n}\"");
    let usual = mean_time(rate);
    // Every compartment adds the reciprocal of its rate: 2 h.
    for (n, hours) in [(0, -2.0), (1, 0.0), (4, 6.0)] {
        let later = (mean_time(&transits(n)) - usual) * 24.0;
        assert!((later - hours).abs() < 0.01, "{n}: {later} h in place of {hours}");
    }
    let study = text(
        ALDESLEUKIN,
        "dose = \"1 MIU\"\nroute = \"subcutaneous\"",
        "times = [\"1 d\"]\n[assay.blood.parameters]\n\"pharmacokinetics.transit_compartments\" = \"2.5\"",
    );
    let refused = parsed(&study).unwrap_err().to_string();
    assert!(refused.contains("2.5 is not allowed; use a whole number from 0 to 30"), "{refused}");
}

#[test]
fn a_saturated_depot_is_an_infusion() {
    // Far above the half amount, drug is absorbed at absorption_rate × half_amount, independent of
    // the amount left; at steady state, clearance from plasma balances this.
    let numbers = "\"pharmacokinetics.absorption_half_amount\" = \"10 pmol\"\n\
        \"pharmacokinetics.absorption_rate\" = \"0.5 /h\"\n\
        \"pharmacokinetics.bioavailability\" = \"0.4\"\n\
        \"pharmacokinetics.clearance\" = \"0.1 L/min\"";
    let result = under_the_skin("100 nmol", "times = [\"0 d\", \"3 d\"]", numbers);
    let level = course(&result, "concentration_free")[1].1;
    let surface = result.tables[1].number(0, "surface_m2");
    let expected = 0.4 * (0.5 / 60.0) * 10.0 / (0.1 * surface);
    assert!((level / expected - 1.0).abs() < 1e-3, "{level} pM, by hand {expected}");
}

#[test]
fn an_answer_beyond_what_was_fitted_or_followed_says_so_everywhere() {
    let times = "times = { from = \"0 d\", to = \"365 d\", points = 74 }";
    let forever = "dose = \"18 MIU/m2\"\nroute = \"infusion\"\nduration = \"1 d\"\n\
        every = \"1 d\"\ndoses = 365";
    let result = run(ALDESLEUKIN, forever, times);
    let said = |all: &[String]| all.iter().any(|s| s.contains("leaves the range in which"));
    assert!(said(&result.warnings), "{:?}", result.warnings);
    assert!(said(&result.sentences), "{:?}", result.sentences);
    assert!(result.figures[0].1.footnote.contains("are not predictions"));
    assert_eq!(result.summary["arms"][0]["beyond_range"], 1.0);
    let beyond = result.tables[1].text(0, "beyond_range");
    assert!(!beyond.is_empty());
    // Every row of the course says it, and the bands from the day on which doses last too long.
    let (bands, course) = (&result.tables[0], &result.tables[2]);
    assert!((0..course.rows()).all(|row| course.text(row, "beyond_range") == beyond));
    for row in 0..bands.rows() {
        let days = bands.text(row, "beyond_range").split(' ').any(|name| name == "days");
        assert_eq!(days, bands.number(row, "time_d") > 190.0, "{row}");
    }
    // At any dose, the patient's states remain physiologically possible.
    let most = HIGH_DOSE.replace("600000 IU/kg", "20000 MIU/kg");
    let result = run(ALDESLEUKIN, &most, "times = [\"0 d\", \"2 d\", \"5 d\"]\npatients = 50");
    assert!(lowest(&result, "mean_arterial_pressure") >= 40.0);
    assert!(highest(&result, "weight_gain") <= 40.0 && highest(&result, "creatinine") <= 11.0);
    // Usual doses give no warning.
    let low = "dose = \"1 MIU/m2\"\nroute = \"subcutaneous\"\nevery = \"1 d\"\ndoses = 28";
    let result = run(ALDESLEUKIN, low, "times = [\"0 d\", \"28 d\"]");
    assert!(!said(&result.warnings) && !said(&result.sentences), "{:?}", result.warnings);
    for table in &result.tables {
        assert!((0..table.rows()).all(|row| table.text(row, "beyond_range").is_empty()));
    }
}

#[test]
fn kinetics_of_another_molecule_are_taken_only_where_the_study_names_them() {
    let once = "dose = \"4 nmol/m2\"\nroute = \"bolus\"";
    let named = format!("{once}\npharmacokinetics = \"konrad1990\"");
    let of = |regimen: &str| parsed(&text("from = \"il15\"", regimen, "times = [\"1 d\"]"));
    let refused = of(once).unwrap_err().to_string();
    assert!(refused.contains("pharmacokinetics") && refused.contains("konrad1990"), "{refused}");
    let study = of(&named).unwrap();
    let said = il2_assay::kinds::plan(&study, "blood").unwrap().doubts(&study);
    assert!(said.iter().any(|w| w.contains("those of another molecule")), "{said:?}");
    // A molecule with its own set of kinetics uses that set.
    let own = parsed(&text("from = \"rezpegaldesleukin\"", once, "times = [\"1 d\"]")).unwrap();
    let il2_assay::Plan::Regimen(plan) = il2_assay::kinds::plan(&own, "blood").unwrap() else {
        panic!("a regimen")
    };
    assert_eq!(plan.arms[0].patients.kinetics, "rezpegaldesleukin");
}

#[test]
fn a_placebo_changes_nothing() {
    let placebo = "dose = \"0 MIU\"\nroute = \"subcutaneous\"\nevery = \"1 d\"\ndoses = 28";
    let result = run(ALDESLEUKIN, placebo, "times = [\"0 d\", \"28 d\"]\npatients = 20");
    for quantity in ["treg_fold", "nk_fold", "cd8_fold"] {
        assert!(course(&result, quantity).iter().all(|p| (p.1 - 1.0).abs() < 1e-8), "{quantity}");
    }
    assert!(result.checks.iter().all(|check| check.holds));
}

#[test]
fn doses_on_days_of_the_week_and_a_first_dose_of_another_size() {
    let of = |regimen: &str| -> Vec<(f64, f64)> {
        let study = parsed(&text(ALDESLEUKIN, regimen, "times = [\"60 d\"]")).unwrap();
        let il2_assay::Plan::Regimen(plan) = il2_assay::kinds::plan(&study, "blood").unwrap()
        else {
            panic!("a regimen")
        };
        let planned = plan.arms[0].regimen.planned();
        assert!(planned.iter().all(|dose| dose.cycle == 0));
        planned.iter().map(|dose| (dose.time / 1440.0, dose.amount)).collect()
    };
    let week = "dose = \"1 MIU\"\nroute = \"subcutaneous\"\n\
        weekdays = [\"Mon\", \"Wed\", \"Fri\"]\nweeks = 2\nloading_dose = \"2 MIU\"";
    let doses = of(week);
    let days: Vec<f64> = doses.iter().map(|d| d.0).collect();
    assert_eq!(days, [0.0, 2.0, 4.0, 7.0, 9.0, 11.0]);
    assert!((doses[0].1 / doses[1].1 - 2.0).abs() < 1e-12);
    assert!(doses[1..].iter().all(|d| d.1 == doses[1].1));
    // Starting on Friday: Friday, Monday, Wednesday.
    let from_friday = week.replace("[\"Mon\", \"Wed\", \"Fri\"]", "[\"Fri\", \"Mon\", \"Wed\"]");
    let days: Vec<f64> = of(&from_friday).iter().map(|d| d.0).collect();
    assert_eq!(days, [0.0, 3.0, 5.0, 7.0, 10.0, 12.0]);
    for (wrong, right) in [("\"Wed\"", "\"Wensday\""), ("weeks = 2", ""), ("\"Wed\"", "\"Mon\"")] {
        let text = text(ALDESLEUKIN, &week.replace(wrong, right), "times = [\"60 d\"]");
        assert!(parsed(&text).is_err(), "{right}");
    }
}
