//! Highest and lowest values and areas are those of the course, independent of outputs, windows and
//! records.

use il2_answer::AssayResult;
use il2_assay::Plan;
use il2_output::table::Table;
use il2_study::{Library, Study};
use proptest::prelude::*;
use std::path::Path;

/// Difference between output grids at a relative tolerance of 1e-6: steps end at different times,
/// and peaks are read from dense output.
const SAME: f64 = 2e-5;

fn read(folder: &Path, text: &str) -> Study {
    let head = "version = 1\nquestion = \"How high?\"\n[ligands.drug]\nfrom = \"aldesleukin\"\n";
    il2_assay::parse(&folder.join("s.toml"), &format!("{head}{text}"), Library::builtin())
        .map(|(study, _)| study)
        .unwrap_or_else(|e| panic!("{e}"))
}

fn run(study: &Study, assay: &str) -> AssayResult {
    il2_assay::kinds::plan(study, assay).unwrap_or_else(|e| panic!("{e}")).run(study, &|_| ())
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= SAME * b.abs()
}

const INFUSION: &str = "[regimens.iv]\nligand = \"drug\"\ndose = \"600000 IU/kg\"\n\
    route = \"infusion\"\nduration = \"15 min\"\nevery = \"8 h\"\n";

/// A fit of two tables over windows (d) of one regimen: predictions of the highest level, then of
/// the area.
fn fitted(folder: &Path, doses: u32, windows: &[f64]) -> [Vec<f64>; 2] {
    let rows = |reduce: &str| -> String {
        let row = |w: &f64| format!("iv,{reduce},{w},1000,2000\n");
        windows.iter().map(row).collect()
    };
    for reduce in ["max", "area"] {
        let text = format!("regimen,reduce,time,low,high\n{}", rows(reduce));
        std::fs::write(folder.join(format!("{reduce}.csv")), text).unwrap();
    }
    let measured = |reduce: &str, unit: &str| {
        format!(
            "[assay.f.measured.{reduce}]\ntable = \"{reduce}.csv\"\nof = \"patients\"\n\
             readout = \"concentration\"\nunits = {{ time = \"d\", value = \"{unit}\" }}\n"
        )
    };
    let study = read(
        folder,
        &format!(
            "{INFUSION}doses = {doses}\n[assay.f]\nkind = \"fit\"\nstarts = 1\nchains = 0\n\
             [assay.f.parameters]\n\"treg.growth\" = {{ prior = [\"0.38 /d\", \"0.40 /d\"] }}\n{}{}",
            measured("max", "pM"),
            measured("area", "pM min")
        ),
    );
    let Plan::Fit(plan) = il2_assay::kinds::plan(&study, "f").unwrap() else { panic!("a fit") };
    let z = vec![0.0; plan.posterior.unknowns.len()];
    let all: Vec<f64> = plan.posterior.expected(&z).unwrap().iter().map(|e| e.mean).collect();
    let (highest, area) = all.split_at(windows.len());
    [highest.to_vec(), area.to_vec()]
}

/// By hand: the same infusion with outputs every 15 s gives 37,976 pM and 1.25209e6 pM min; the
/// level is zero after a day. Fourteen doses give 44,357 pM at the end of the last, with the growth of Treg in the middle
/// of the prior.
#[test]
fn the_highest_level_and_the_area_of_a_fit_do_not_depend_on_the_window() {
    let folder = tempfile::tempdir().unwrap();
    let [highest, area] = fitted(folder.path(), 1, &[1.0, 7.0, 28.0]);
    for (high, area) in highest.iter().zip(&area) {
        assert!((high / 37_976.0 - 1.0).abs() < 1e-4, "{highest:?}");
        assert!((area / 1.25209e6 - 1.0).abs() < 1e-4, "{area:?}");
    }
    assert!(highest.iter().all(|h| close(*h, highest[0])), "{highest:?}");
    // The area after the first day, one part in 40,000, is not in the first window.
    assert!(close(area[2], area[1]) && (area[0] / area[1] - 1.0).abs() < 1e-4, "{area:?}");
    let [highest, area] = fitted(folder.path(), 14, &[28.0]);
    assert!((highest[0] / 44_357.0 - 1.0).abs() < 1e-4, "{highest:?}");
    assert!(area[0] > 13.9 * 1.25209e6, "{area:?}");
}

/// Derivatives of extremes and areas compared with finite differences of the density, for peaks at
/// the ends of doses, between doses and at the ends of windows. The derivative of an extreme is
/// that of the course at its time.
#[test]
fn slopes_of_extremes_and_areas_are_those_of_differences() {
    let folder = tempfile::tempdir().unwrap();
    let table = "regimen,readout,reduce,from,time,low,high\n\
        iv,concentration,max,0,0.3,30000,60000\niv,concentration,min,0.02,0.3,3000,6000\n\
        sc,concentration,max,0,2,10,50\nsc,concentration,max,1,2,10,50\nsc,concentration,min,0.2,1.6,10,50\n\
        bolus,concentration,max,0,1,1000,60000\n";
    let counts = "regimen,readout,reduce,from,time,low,high\nsc,treg_fold,max,0,9,1,3\n";
    let areas = "regimen,readout,reduce,from,time,low,high\n\
        iv,concentration,area,0,1,800,1300\nsc,concentration,area,0.5,2,10,50\n";
    std::fs::write(folder.path().join("t.csv"), table).unwrap();
    std::fs::write(folder.path().join("a.csv"), areas).unwrap();
    std::fs::write(folder.path().join("c.csv"), counts).unwrap();
    let measured = |name: &str, unit: &str| {
        format!(
            "[assay.f.measured.{name}]\ntable = \"{name}.csv\"\nof = \"patients\"\n\
             units = {{ time = \"d\"{unit} }}\n"
        )
    };
    let study = read(
        folder.path(),
        &format!(
            "{INFUSION}doses = 2\n[regimens.sc]\nligand = \"drug\"\ndose = \"1 MIU/m2\"\n\
             route = \"subcutaneous\"\nevery = \"1 d\"\ndoses = 5\n[regimens.bolus]\nligand = \"drug\"\n\
             dose = \"1 MIU/m2\"\nroute = \"bolus\"\nstart = \"1 h\"\n\
             [solver]\nrelative_tolerance = 1e-10\nabsolute_tolerance = 1e-12\n\
             [assay.f]\nkind = \"fit\"\nstarts = 1\nchains = 0\n[assay.f.parameters]\n\
             \"treg.growth\" = {{ prior = [\"0.1 /d\", \"1.5 /d\"] }}\n\
             \"pharmacokinetics.clearance\" = {{ prior = [\"50 mL/min\", \"200 mL/min\"] }}\n\
             \"pharmacokinetics.absorption_rate\" = {{ prior = [\"0.1 /h\", \"1 /h\"] }}\n{}{}{}",
            measured("t", ", value = \"pM\""),
            measured("c", ""),
            measured("a", ", value = \"pM d\""),
        ),
    );
    let Plan::Fit(plan) = il2_assay::kinds::plan(&study, "f").unwrap() else { panic!("a fit") };
    let z: Vec<f64> = (0..plan.posterior.unknowns.len()).map(|k| 0.1 - 0.07 * k as f64).collect();
    let here = plan.posterior.evaluate(&z).unwrap();
    for k in 0..plan.posterior.numbers {
        let at = |step: f64| {
            let mut moved = z.clone();
            moved[k] += step;
            plan.posterior.evaluate(&moved).unwrap().log_density
        };
        // The error of the difference is the square of the step plus the solver error divided by
        // the step.
        let (h, slope) = (1e-4, here.gradient[k]);
        let difference = (at(h) - at(-h)) / (2.0 * h);
        assert!(
            (slope - difference).abs() < 1e-4 * (1.0 + slope.abs()),
            "{k}: {slope} {difference}"
        );
    }
}

fn regimen(times: &str, more: &str) -> AssayResult {
    let study = read(
        Path::new("."),
        &format!(
            "{INFUSION}doses = 5\n[regimens.sc]\nligand = \"drug\"\ndose = \"1 MIU/m2\"\n\
             route = \"subcutaneous\"\nevery = \"1 d\"\ndoses = 3\n\
             [assay.blood]\nkind = \"regimen\"\ntimes = [{times}]\n{more}"
        ),
    );
    run(&study, "blood")
}

/// Columns of the table of patients that contain an extreme or an area.
fn told(table: &Table) -> Vec<(String, Vec<f64>)> {
    let names = table.columns.iter().map(|c| c.name.clone());
    let names = names.filter(|n| ["highest_", "lowest_", "area_"].iter().any(|p| n.starts_with(p)));
    let of = |name: &String| (0..table.rows()).map(|row| table.number(row, name)).collect();
    names.map(|name| (name.clone(), of(&name))).collect()
}

#[test]
fn the_extremes_of_patients_do_not_depend_on_the_outputs() {
    let few = regimen("\"5 d\"", "patients = 3\n");
    let grid: Vec<String> = (1..=40).map(|k| format!("\"{} h\"", 3 * k)).collect();
    let many = regimen(&grid.join(", "), "patients = 3\n");
    let (few, many) = (told(&few.tables[1]), told(&many.tables[1]));
    assert_eq!(few.len(), 9);
    for ((name, few), (_, many)) in few.iter().zip(&many) {
        assert_eq!(few.len(), 6, "{name}");
        for (a, b) in few.iter().zip(many) {
            assert!(*a > 0.0 && close(*a, *b), "{name}: {few:?} {many:?}");
        }
    }
}

/// With a single output at the end, the figure still shows the peak of every dose, and the text
/// reports the peak.
#[test]
fn figure_and_summary_of_a_regimen_meet_every_dose() {
    let result = regimen("\"5 d\"", "show = [\"concentration\"]\n");
    let highest = told(&result.tables[1])[0].1.clone();
    // Cells leave the blood immediately, so their maximum is at the start, not slightly later.
    let all = regimen("\"1 h\"", "show = [\"tconv_fold\"]\n");
    let tconv = &all.summary["arms"][0]["shown"]["tconv_fold"];
    assert_eq!(
        [&tconv["median_highest"], &tconv["highest_at_d"]].map(|v| v.as_f64()),
        [Some(1.0), Some(0.0)]
    );
    let shown = &result.summary["arms"][0]["shown"]["concentration"];
    assert_eq!(shown["median_highest"].as_f64(), Some(highest[0]));
    // The last of five infusions, 15 min long and 8 h apart, ends at 32.25 h.
    let at = shown["highest_at_d"].as_f64().unwrap();
    assert!((at * 24.0 - 32.25).abs() < 1e-9, "{at}");
    let panel = result.picture.unwrap();
    let il2_output::figure::Content::Lines(series) = panel.content else { panic!("lines") };
    let peaks = series[0].points.windows(3).filter(|w| w[1].1 > w[0].1 && w[1].1 > w[2].1);
    assert_eq!(peaks.count(), 5);
    let drawn = series[0].points.iter().map(|p| p.1).fold(0.0, f64::max);
    assert!(close(drawn, highest[0]), "{drawn} {highest:?}");
}

/// Subjects of a plain model with observations at these times (h).
fn table(times: &[f64]) -> AssayResult {
    let folder = tempfile::tempdir().unwrap();
    let mut rows = vec![(0.0, "1,100,50".to_string()), (30.0, "1,40,0".into())];
    rows.extend(times.iter().map(|t| (*t, "0,0,0".into())));
    rows.push((60.0, "0,0,0".into()));
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    let text: String = rows.iter().map(|(t, what)| format!("1,{t},{what}\n")).collect();
    std::fs::write(folder.path().join("t.csv"), format!("ID,TIME,EVID,AMT,RATE\n{text}")).unwrap();
    let study = read(
        folder.path(),
        "[assay.e]\nkind = \"event-table\"\ntable = \"t.csv\"\nmodel = \"one-compartment\"\n\
         units = { time = \"h\", amount = \"mg\" }\n\
         parameters = { clearance = \"2 L/h\", volume = \"20 L\" }\n",
    );
    run(&study, "e")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn the_extremes_of_a_table_do_not_depend_on_its_observations(
        times in prop::collection::vec(0.0..60.0_f64, 0..20)
    ) {
        let found = &table(&times).answer[0].1;
        // 50 mg/h for two hours into 20 L with a rate constant of 0.1 /h; then a bolus.
        let first = 50.0 / 2.0 * (1.0 - (-0.2_f64).exp());
        let left = first * (-2.8_f64).exp();
        let second = left + 2.0;
        prop_assert!(close(found.number(0, "highest"), first.max(second)), "{found:?}");
        prop_assert!(close(found.number(0, "time of highest (h)"), 2.0));
        prop_assert_eq!(found.number(0, "lowest"), 0.0);
        // Area: the amount cleared divided by the clearance.
        let held = second * (-3.0_f64).exp() * 20.0;
        prop_assert!(close(found.number(0, "area (h)"), (140.0 - held) / 2.0), "{found:?}");
    }
}

/// A record shows the state after its event, and so do the extremes, also at the last record.
#[test]
fn a_dose_at_the_last_record_counts() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("t.csv"), "ID,TIME,EVID,AMT\n1,0,1,10\n1,5,1,100\n").unwrap();
    let study = read(
        folder.path(),
        "[assay.e]\nkind = \"event-table\"\ntable = \"t.csv\"\nmodel = \"one-compartment\"\n\
         units = { time = \"h\", amount = \"mg\" }\n\
         parameters = { clearance = \"1 L/h\", volume = \"10 L\" }\n",
    );
    let told = &run(&study, "e").answer[0].1;
    assert!(close(told.number(0, "highest"), 10.0 + (-0.5_f64).exp()), "{told:?}");
    assert_eq!(told.number(0, "highest"), told.number(0, "last"));
}

/// By hand: `0.1 (1 - exp(-10000.1)) / (1 - exp(-0.1))` an hour after the last of 100,001 doses of
/// 1 mg an hour apart.
#[test]
fn a_hundred_thousand_doses_are_solved() {
    let folder = tempfile::tempdir().unwrap();
    let text = "ID,TIME,EVID,AMT,II,ADDL\n1,0,1,1,1,100000\n1,100000,0,0,0,0\n1,100001,0,0,0,0\n";
    std::fs::write(folder.path().join("t.csv"), text).unwrap();
    let study = read(
        folder.path(),
        "[assay.e]\nkind = \"event-table\"\ntable = \"t.csv\"\nmodel = \"one-compartment\"\n\
         units = { time = \"h\", amount = \"mg\" }\n\
         parameters = { clearance = \"1 L/h\", volume = \"10 L\" }\n",
    );
    let result = run(&study, "e");
    let table = &result.tables[0];
    assert_eq!((result.failed, table.text(1, "status").as_str()), (0, "ok"));
    let after = 0.1 / (1.0 - (-0.1_f64).exp());
    let found = [1, 2].map(|row| table.number(row, "concentration_mg_per_l"));
    assert!(close(found[1], after * (-0.1_f64).exp()), "{found:?}");
}

/// The results for an event table with these rows (h, mg).
fn answer(rows: &str, model: &str) -> Table {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("t.csv"), rows).unwrap();
    let study = read(
        folder.path(),
        &format!("[assay.e]\nkind = \"event-table\"\ntable = \"t.csv\"\n{model}"),
    );
    run(&study, "e").answer.swap_remove(0).1
}

const PLAIN: &str = "model = \"one-compartment\"\nunits = { time = \"h\", amount = \"mg\" }\n\
    parameters = { clearance = \"1 L/h\", volume = \"10 L\" }\n";

/// By hand: 100 mg every 6 h into 10 L with a rate constant of 0.1 /h leave
/// `10 exp(-0.6) / (1 - exp(-0.6))` each time.
#[test]
fn doses_since_ever_at_the_first_record_are_never_below_their_trough() {
    let rows = "1,0,1,100,1,6,3\n1,20,0,0,0,0,0\n";
    let told = answer(&format!("ID,TIME,EVID,AMT,SS,II,ADDL\n{rows}"), PLAIN);
    let trough = 10.0 * (-0.6_f64).exp() / (1.0 - (-0.6_f64).exp());
    assert!((trough - 12.16).abs() < 0.01);
    assert!(close(told.number(0, "lowest"), trough), "{told:?}");
    assert!(close(told.number(0, "highest"), trough + 10.0), "{told:?}");
}

#[test]
fn times_of_extremes_are_the_tables_own_behind_a_reset() {
    let rows = "1,0,1,100\n1,24,0,0\n1,0,4,200\n1,2,1,50\n1,9,0,0\n";
    let told = answer(&format!("ID,TIME,EVID,AMT\n{rows}"), PLAIN);
    assert!(close(told.number(0, "highest"), 20.0 * (-0.2_f64).exp() + 5.0), "{told:?}");
    assert_eq!(told.number(0, "time of highest (h)"), 2.0);
}

#[test]
fn what_lies_below_the_tolerance_is_nothing() {
    let told = answer("ID,TIME,EVID,AMT\n1,0,1,100\n1,2000,0,0\n", PLAIN);
    assert_eq!((told.number(0, "lowest"), told.number(0, "last")), (0.0, 0.0));
    assert!(close(told.number(0, "highest"), 10.0), "{told:?}");
}

const PATIENT: &str = "model = \"patient\"\nligand = \"drug\"\nunits = { time = \"h\", amount = \"MIU\" }\n\
    show = [\"treg_fold\", \"tconv_fold\", \"eosinophils_fold\"]\n";

/// A change of body size alone does not disturb cells at steady state.
#[test]
fn cells_of_a_body_that_changes_stay_at_rest() {
    let told = answer("ID,TIME,EVID,WT\n1,0,0,90\n1,24,0,70\n1,49,0,120\n", PATIENT);
    for row in 0..told.rows() {
        for column in ["highest", "lowest", "last"] {
            let found = told.number(row, column);
            assert!((found - 1.0).abs() < 1e-9, "{row} {column} {found}");
        }
    }
}

/// Cells leave the blood immediately, so their maximum is at the record of the dose itself.
#[test]
fn an_extreme_that_a_record_shows_stands_at_the_record() {
    let told = answer("ID,TIME,AMT,ROUTE\n1,0,18,sc\n1,4,.,.\n", PATIENT);
    for row in 0..2 {
        assert_eq!(told.number(row, "highest"), 1.0);
        assert_eq!(told.number(row, "time of highest (h)"), 0.0);
        assert_eq!(told.number(row, "time of lowest (h)"), 4.0);
        assert_eq!(told.number(row, "lowest"), told.number(row, "last"));
    }
}
