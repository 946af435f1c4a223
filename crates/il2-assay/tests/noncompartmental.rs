//! Noncompartmental analysis of levels from closed forms, and of tables that are incomplete.

use il2_answer::AssayResult;
use il2_assay::kinds::plan;
use il2_output::figure::Content;
use il2_output::table::Table;
use il2_study::Library;

const DOSE: f64 = 100.0;
const VOLUME: f64 = 20.0;
const K: f64 = 0.1;
const KA: f64 = 1.0;

fn analysed(route: &str, table: &str) -> AssayResult {
    let text = format!(
        "version = 1\nquestion = \"How fast?\"\n[assay.f]\nkind = \"noncompartmental\"\n\
         table = \"data.csv\"\nroute = \"{route}\"\nunits = {{ time = \"h\", amount = \"mg\" }}\n"
    );
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("data.csv"), table).unwrap();
    let path = folder.path().join("s.toml");
    let (study, _) = il2_assay::parse(&path, &text, Library::builtin()).unwrap();
    plan(&study, "f").unwrap().run(&study, &|_| {})
}

/// Rows of a subject, with these times since a dose and this level.
fn rows(id: &str, from: f64, times: &[f64], level: &dyn Fn(f64) -> f64) -> String {
    times.iter().map(|t| format!("{id},{},0,.,.,.,.,.,{}\n", from + t, level(*t))).collect()
}

const HEAD: &str = "ID,TIME,EVID,AMT,RATE,II,SS,ADDL,DV\n";

fn near(found: &Table, row: usize, column: &str, wanted: f64, tolerance: f64) {
    let value = found.number(row, column);
    assert!((value / wanted - 1.0).abs() < tolerance, "{row} {column}: {value} {wanted}");
}

fn none(found: &Table, row: usize, column: &str) {
    assert!(found.number(row, column).is_nan(), "{row} {column}: {}", found.number(row, column));
}

/// Times up to an end, dense enough for linear trapezoids of a curve to be exact to 1e-4.
fn dense(end: f64) -> Vec<f64> {
    (0..=(end / 0.02).round() as u32).map(|i| 0.02 * f64::from(i)).collect()
}

/// Level after one dose: bolus, infusion over 2 h, or absorbed with the rate KA.
fn bolus(t: f64) -> f64 {
    DOSE / VOLUME * (-K * t).exp()
}

fn infusion(t: f64) -> f64 {
    let scale = DOSE / 2.0 / VOLUME / K;
    scale * ((-K * (t - 2.0).max(0.0)).exp() - (-K * t).exp())
}

fn oral(t: f64) -> f64 {
    DOSE / VOLUME * KA / (KA - K) * ((-K * t).exp() - (-KA * t).exp())
}

/// The level at a time after one dose.
type Level = fn(f64) -> f64;

/// The level of doses every 12 h since long ago.
fn steady(one: Level) -> impl Fn(f64) -> f64 {
    move |t| (0..60).map(|i| one(t + 12.0 * f64::from(i))).sum()
}

/// The dose of a record with SS 1 counts once: clearance is k V and the area dose over clearance.
#[test]
fn at_steady_state_the_dose_counts_once() {
    let clearance = K * VOLUME;
    let at = [0.1, 1.0, 2.0, 4.0, 8.0, 11.0, 12.0];
    let cases: [(&str, &str, &str, Level, Vec<f64>); 3] = [
        ("intravenous", "0", "clearance_l_per_h", bolus, at.to_vec()),
        ("intravenous", "50", "clearance_l_per_h", infusion, dense(12.0)),
        ("extravascular", "0", "clearance_over_f_l_per_h", oral, dense(12.0)),
    ];
    for (route, rate, column, one, times) in cases {
        let level = steady(one);
        let first =
            format!("{HEAD}a,0,1,{DOSE},{rate},12,1,.,.\n{}", rows("a", 0.0, &times, &level));
        let result = analysed(route, &first);
        let found = &result.tables[0];
        assert_eq!(found.rows(), 1);
        near(found, 0, "dose_mg", DOSE, 1e-12);
        near(found, 0, "auc_tau_mg_per_l_h", DOSE / clearance, 1e-4);
        near(found, 0, column, clearance, 1e-4);
        none(found, 0, "auc_inf_mg_per_l_h");
        none(found, 0, "mrt_h");
        assert!(result.sentences[0].starts_with("At steady state, in 1 subject, "));

        // The third of three doses, after which levels are measured for longer than an interval.
        let late = [0.1, 1.0, 3.0, 8.0, 36.0].map(|t| if rate == "0" { t } else { t + 2.0 });
        let times = if route == "extravascular" { dense(36.0) } else { late.to_vec() };
        let more = rows("a", 24.0, &times, &level);
        let table = format!("{HEAD}a,0,1,{DOSE},{rate},12,1,2,.\n{more}");
        let result = analysed(route, &table);
        let found = &result.tables[0];
        assert_eq!((found.rows(), found.number(1, "dose_number")), (2, 3.0));
        assert_eq!(found.text(0, "note"), "no samples after this dose");
        near(found, 1, "dose_mg", DOSE, 1e-12);
        if rate == "0" {
            near(found, 1, "auc_tau_mg_per_l_h", DOSE / clearance, 1e-4);
        }
    }
}

#[test]
fn a_constant_infusion_has_a_half_life_but_no_clearance() {
    let level = |t: f64| 7.0 * (-K * t).exp();
    let table =
        format!("{HEAD}a,0,1,0,5,0,1,.,.\n{}", rows("a", 0.0, &[0.0, 2.0, 4.0, 9.0], &level));
    let result = analysed("intravenous", &table);
    let found = &result.tables[0];
    near(found, 0, "half_life_h", std::f64::consts::LN_2 / K, 1e-9);
    none(found, 0, "clearance_l_per_h");
    none(found, 0, "dose_mg");
    assert!(found.text(0, "note").contains("constant infusion"), "{}", found.text(0, "note"));
}

/// A bolus: AUMC is D / (V k^2), the mean residence time 1 / k; it is the same after an infusion,
/// and longer by 1 / KA after absorption.
#[test]
fn residence_times_are_those_of_the_closed_forms() {
    let table = format!(
        "{HEAD}a,0,1,{DOSE},0,0,0,0,.\n{}b,0,1,{DOSE},50,0,0,0,.\n{}",
        rows("a", 0.0, &[0.5, 1.0, 2.0, 5.0, 9.0], &bolus),
        rows("b", 0.0, &[dense(2.0), vec![5.0, 9.0, 20.0]].concat(), &infusion),
    );
    let result = analysed("intravenous", &table);
    let found = &result.tables[0];
    near(found, 0, "aumc_inf_mg_per_l_h2", DOSE / VOLUME / K / K, 1e-9);
    near(found, 0, "mrt_h", 1.0 / K, 1e-9);
    near(found, 1, "aumc_inf_mg_per_l_h2", DOSE / VOLUME / K * (1.0 / K + 1.0), 1e-4);
    near(found, 1, "mrt_h", 1.0 / K, 1e-4);
    for (column, wanted) in [
        ("c0_mg_per_l", DOSE / VOLUME),
        ("cmax_mg_per_l", bolus(0.5)),
        ("tlast_h", 9.0),
        ("clast_mg_per_l", bolus(9.0)),
        ("lambda_z_per_h", K),
        ("lambda_z_points", 5.0),
        ("lambda_z_from_h", 0.5),
        ("lambda_z_to_h", 9.0),
        ("lambda_z_adjusted_r2", 1.0),
    ] {
        near(found, 0, column, wanted, 1e-9);
    }
    none(found, 1, "c0_mg_per_l");
    // A bolus and an infusion at one time have no single time of entry.
    let both = format!(
        "{HEAD}a,0,1,{DOSE},0,0,0,0,.\na,0,1,{DOSE},50,0,0,0,.\n{}",
        rows("a", 0.0, &[2.0, 4.0, 8.0, 20.0], &infusion)
    );
    let both = analysed("intravenous", &both);
    near(&both.tables[0], 0, "dose_mg", 2.0 * DOSE, 1e-12);
    none(&both.tables[0], 0, "mrt_h");
    // The level at the dose was not measured.
    let Content::Lines(series) = &result.figures[0].1.panels[0].content else { panic!("lines") };
    assert!(series[0].measured && series[0].points[0] == (0.5, bolus(0.5)));
    let back = series.last().unwrap();
    assert!(
        !back.measured && back.label == "level at the dose, not measured" && back.points.len() == 1
    );
    assert!((back.points[0].1 / (DOSE / VOLUME) - 1.0).abs() < 1e-9);
    let times: Vec<f64> = (0..4000).map(|i| 0.02 * f64::from(i)).collect();
    let table = format!("{HEAD}a,0,1,{DOSE},0,0,0,0,.\n{}", rows("a", 0.0, &times, &oral));
    near(&analysed("extravascular", &table).tables[0], 0, "mrt_h", 1.0 / K + 1.0 / KA, 1e-4);
}

/// After a reset, levels are those of a single dose, and nothing accumulates.
#[test]
fn each_period_after_a_reset_stands_alone() {
    let times = [1.0, 2.0, 4.0, 8.0, 12.0];
    let doubled = |t: f64| 2.0 * bolus(t);
    for reset in [
        format!("a,0,4,{},0,0,0,0,.\n", 2.0 * DOSE),
        format!("a,0,3,.,.,.,.,.,.\na,0,1,{},0,0,0,0,.\n", 2.0 * DOSE),
    ] {
        let table = format!(
            "{HEAD}a,0,1,{DOSE},0,0,0,0,.\n{}{reset}{}",
            rows("a", 0.0, &times, &bolus),
            rows("a", 0.0, &times, &doubled)
        );
        let result = analysed("intravenous", &table);
        let found = &result.tables[0];
        assert_eq!(found.rows(), 2);
        for (row, dose) in [(0, DOSE), (1, 2.0 * DOSE)] {
            assert_eq!(found.number(row, "period"), row as f64 + 1.0);
            assert_eq!(found.number(row, "measurements"), 5.0);
            near(found, row, "dose_mg", dose, 1e-12);
            near(found, row, "auc_inf_mg_per_l_h", dose / VOLUME / K, 1e-9);
            near(found, row, "clearance_l_per_h", K * VOLUME, 1e-9);
            none(found, row, "auc_tau_mg_per_l_h");
            none(found, row, "accumulation_cmax");
            assert_eq!(found.text(row, "note"), "");
        }
        assert!(
            result.sentences[0].contains("in 1 subject (2 profiles)"),
            "{:?}",
            result.sentences
        );
    }
}

/// 168 h are 24 half-lives; a level below 5 % of the highest before the dose says the same.
#[test]
fn a_dose_after_a_washout_stands_alone() {
    let times = [1.0, 2.0, 4.0, 8.0, 12.0];
    for (gap, left) in [(168.0, String::new()), (36.0, "a,36,0,.,.,.,.,.,<0.1\n".into())] {
        let table = format!(
            "{HEAD}a,0,1,{DOSE},0,0,0,0,.\n{}{left}a,{gap},1,{DOSE},0,0,0,0,.\n{}",
            rows("a", 0.0, &times, &bolus),
            rows("a", gap, &times, &bolus)
        );
        let result = analysed("intravenous", &table);
        let found = &result.tables[0];
        assert_eq!(found.rows(), 2);
        for row in [0, 1] {
            near(found, row, "auc_inf_mg_per_l_h", DOSE / VOLUME / K, 1e-9);
            near(found, row, "clearance_l_per_h", K * VOLUME, 1e-9);
            none(found, row, "accumulation_cmax");
        }
        assert!(found.text(1, "note").contains("as after a single dose"));
    }
}

/// Two doses, 12 h apart with a half-life of 24 h: the area over the interval is half of its limit,
/// and the clearance from it would be twice the right one.
#[test]
fn before_steady_state_there_is_no_clearance() {
    let k = std::f64::consts::LN_2 / 24.0;
    let one = |t: f64| DOSE / VOLUME * (-k * t).exp();
    let two = |t: f64| one(t) + one(t + 12.0);
    let times = [0.1, 1.0, 4.0, 8.0, 12.0, 24.0, 48.0];
    let table = format!(
        "{HEAD}a,0,1,{DOSE},0,12,0,1,.\n{}{}",
        rows("a", 0.0, &times[..4], &one),
        rows("a", 12.0, &times, &two)
    );
    let result = analysed("intravenous", &table);
    let found = &result.tables[0];
    near(found, 0, "clearance_l_per_h", k * VOLUME, 1e-9);
    near(found, 1, "auc_tau_mg_per_l_h", 0.5 * DOSE / VOLUME / k, 1e-9);
    near(found, 1, "accumulation_cmax", 1.0 + (-12.0 * k).exp(), 1e-9);
    none(found, 1, "clearance_l_per_h");
    none(found, 1, "volume_z_l");
    assert!(found.text(1, "note").contains("auc_tau is 50.0 % of its limit"));
    let [first, second] = &result.sentences[..] else { panic!("{:?}", result.sentences) };
    assert!(first.contains("After a single dose, in 1 subject, Cmax"), "{first}");
    assert!(second.starts_with("Numbers of 1 profile that is neither"), "{second}");
}

/// The twelfth dose: 0.1 % from the limit.
#[test]
fn after_enough_equal_doses_the_interval_gives_the_clearance() {
    let k = std::f64::consts::LN_2 / 12.0;
    let level = |t: f64| -> f64 {
        (0..10).map(|i| DOSE / VOLUME * (-k * (t + 12.0 * f64::from(i))).exp()).sum()
    };
    let table = format!(
        "{HEAD}a,0,1,{DOSE},0,12,0,9,.\n{}",
        rows("a", 108.0, &[0.5, 2.0, 6.0, 12.0], &level)
    );
    let result = analysed("intravenous", &table);
    let reached = 1.0 - 0.5_f64.powi(10);
    near(&result.tables[0], 1, "clearance_l_per_h", k * VOLUME / reached, 1e-9);
}

#[test]
fn values_below_the_limit_are_counted_and_told() {
    let table = format!(
        "{HEAD}a,0,1,{DOSE},0,0,0,0,.\na,0.5,0,.,.,.,.,.,<0.1\na,1,0,.,.,.,.,.,4\na,2,0,.,.,.,.,.,<0.1\n\
         a,3,0,.,.,.,.,.,0\na,4,0,.,.,.,.,.,2\na,6,0,.,.,.,.,.,1\na,8,0,.,.,.,.,.,0.5\na,9,0,.,.,.,.,.,0\n"
    );
    let result = analysed("extravascular", &table);
    let found = &result.tables[0];
    assert_eq!((found.number(0, "measurements"), found.number(0, "below_limit")), (8.0, 4.0));
    let note = found.text(0, "note");
    assert!(note.starts_with("2 values below the limit, zero before the first"), "{note}");
    assert!(
        note.contains("2 values below the limit between quantifiable ones, left out"),
        "{note}"
    );
    // Zero until 0.5 h, a triangle to 4 at 1 h, then logarithmic trapezoids without the values below.
    let ln2 = std::f64::consts::LN_2;
    near(
        found,
        0,
        "auc_last_mg_per_l_h",
        1.0 + 3.0 * 2.0 / ln2 + 2.0 / ln2 + 2.0 * 0.5 / ln2,
        1e-9,
    );
    assert!(
        result.warnings.iter().any(|w| w.contains("between quantifiable ones in 1 profile")),
        "{:?}",
        result.warnings
    );
    let footnote = &result.figures[0].1.footnote;
    assert!(footnote.contains("4 concentrations below the limit not drawn"), "{footnote}");
}

#[test]
fn subjects_without_dose_or_samples_have_a_row_that_says_so() {
    let table = format!(
        "{HEAD}1,0,1,{DOSE},0,0,0,0,.\n{}2,0,1,{DOSE},0,0,0,0,.\n2,1,0,.,.,.,.,.,<0.1\n{}4,0,1,{DOSE},0,0,0,0,.\n",
        rows("1", 0.0, &[1.0, 2.0, 4.0], &bolus),
        rows("3", 0.0, &[1.0, 2.0], &bolus),
    );
    let result = analysed("intravenous", &table);
    let found = &result.tables[0];
    let notes: Vec<String> = (0..found.rows()).map(|row| found.text(row, "note")).collect();
    assert_eq!(notes[0], "");
    assert!(notes[1].starts_with("no concentration above the limit"), "{notes:?}");
    assert_eq!(notes[2], "no dose in the table");
    assert_eq!(notes[3], "no samples after this dose");
    assert_eq!(found.number(2, "measurements"), 2.0);
    none(found, 2, "dose_number");
    assert!(result.sentences[0].contains("in 1 of 4 subjects"), "{:?}", result.sentences);
    assert_eq!(result.sentences[1], "Subject 3 has no dose and is left out.");
    assert!(
        result.sentences[2].starts_with("Subject 2 and subject 4 have no"),
        "{:?}",
        result.sentences
    );
}

/// A rising end fits best but is no elimination: the falling line through the last five points
/// (numpy 2: 0.0853602 /h), not none.
#[test]
fn lambda_z_is_taken_from_falling_lines_only() {
    let levels = [(1, 10.0), (2, 8.0), (4, 5.1), (8, 2.0), (12, 2.2), (16, 2.42)];
    let own: String = levels.iter().map(|(t, c)| format!("a,{t},0,.,.,.,.,.,{c}\n")).collect();
    let result = analysed("extravascular", &format!("{HEAD}a,0,1,{DOSE},0,0,0,0,.\n{own}"));
    near(&result.tables[0], 0, "lambda_z_per_h", 0.08536023865240439, 1e-9);
    assert!(
        result.warnings.iter().any(|w| w.contains("no straight line")),
        "{:?}",
        result.warnings
    );
}

/// Two subjects with fourfold levels: the geometric mean is twice the lower, and the variance of the
/// logarithms, (ln 4)^2 / 2, gives a variation of 127 %.
#[test]
fn the_text_has_geometric_means_and_variations() {
    let four = |t: f64| 4.0 * bolus(t);
    let times = [1.0, 2.0, 5.0];
    let table = format!(
        "{HEAD}a,0,1,{DOSE},0,0,0,0,.\n{}b,0,1,{DOSE},0,0,0,0,.\n{}",
        rows("a", 0.0, &times, &bolus),
        rows("b", 0.0, &times, &four)
    );
    let text = analysed("intravenous", &table).text;
    let line = |head: &str| -> Vec<String> {
        let line = text.lines().find(|line| line.starts_with(head)).expect(&text);
        line[head.len()..].split_whitespace().map(String::from).collect()
    };
    // Cmax 4.524 and its fourfold; AUC last, AUC inf 50 and its fourfold, half-life, clearance.
    assert_eq!(line("geometric mean")[0], "9.05", "{text}");
    assert_eq!(line("geometric mean")[2..], ["100", "6.93", "1.00"], "{text}");
    let cv = line("geometric CV, %");
    assert_eq!((cv[0].as_str(), cv[4].as_str()), ("127", "127"), "{text}");
}

/// Levels before doses are no curve: they give neither an area nor an accumulation.
#[test]
fn troughs_alone_have_no_area() {
    let table = format!(
        "{HEAD}a,0,1,{DOSE},0,24,0,3,.\n{}a,48,0,.,.,.,.,.,0.6\na,72,0,.,.,.,.,.,0.6\n",
        rows("a", 0.0, &[1.0, 2.0, 4.0, 24.0], &oral)
    );
    let result = analysed("extravascular", &table);
    let found = &result.tables[0];
    assert_eq!((found.rows(), found.number(1, "dose_number")), (2, 3.0));
    for column in ["auc_tau_mg_per_l_h", "accumulation_cmax", "clearance_over_f_l_per_h"] {
        none(found, 1, column);
    }
    // Neither does a level at the dose that was not measured count as a third.
    let table = format!("{HEAD}a,0,1,{DOSE},0,12,1,0,.\n{}", rows("a", 0.0, &[2.0, 12.0], &oral));
    none(&analysed("extravascular", &table).tables[0], 0, "auc_tau_mg_per_l_h");
}
