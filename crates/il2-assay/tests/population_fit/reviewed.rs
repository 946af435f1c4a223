//! What reviewers of a fit ask for: profiles, doubts about a table, curves that show peaks and
//! troughs.

use crate::{answer, bytes, number, planned};
use il2_clinic::population_fit;
use il2_study::Threads;
use std::path::Path;

/// Theophylline with changes of the study and of its table.
fn theophylline(
    changes: &[(&str, &str)],
    table: impl Fn(&str) -> String,
) -> Result<(il2_study::Study, population_fit::Plan), il2_study::StudyError> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../studies");
    let read = |file: &str| std::fs::read_to_string(root.join(file)).unwrap();
    let mut text = read("15-population-fit.toml")
        .replace("15-population-fit.csv", "data.csv")
        .replace("simulations = 500", "simulations = 0\nstarts = 1")
        .replace("[assay.theophylline", "[assay.f");
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    planned(&text, &table(&read("15-population-fit.csv")))
}

/// Ends of the profile of clearance by an independent Python program (scipy 1.17, the simplex over
/// the other six parameters at fixed clearances), and the fall of the likelihood in fits of this
/// program that hold the clearance at the ends.
#[test]
fn profiles_of_theophylline_end_where_the_likelihood_has_fallen() {
    let same = |table: &str| table.to_string();
    let (study, plan) =
        theophylline(&[("residual =", "profiles = true\nresidual =")], same).unwrap();
    let all = [1, 2].map(|threads| {
        answer(&study, population_fit::Plan { threads: Threads::new(threads), ..plan.clone() })
    });
    let [one, two] = &all;
    assert_eq!(one.text, two.text);
    let table = &one.tables[0];
    let ends =
        ["profile_low", "profile_high"].map(|column| number(table, "clearance", "typical", column));
    for (end, wanted) in ends.iter().zip([LOW, HIGH]) {
        assert!((end / wanted - 1.0).abs() < 2e-3, "{end} {wanted}");
    }
    let top = one.summary["minus_2_log_likelihood"].as_f64().unwrap();
    for end in ends {
        let held = format!("clearance = {{ start = \"{end} L/h\", fixed = true,");
        let (study, plan) =
            theophylline(&[("clearance = { start = \"2 L/h\",", &held)], same).unwrap();
        let fell = answer(&study, plan).summary["minus_2_log_likelihood"].as_f64().unwrap() - top;
        assert!((fell - 3.841_458_8).abs() < 0.02, "{end}: {fell}");
    }
    // A profile for each of the seven parameters, and wider than the symmetrical interval, which
    // assumes that the variances are known.
    let profiles = one.tables.iter().find(|t| t.name == "f_profiles").unwrap();
    let names: std::collections::HashSet<_> = (0..profiles.rows())
        .map(|r| (profiles.text(r, "parameter").to_string(), profiles.text(r, "what").to_string()))
        .collect();
    assert_eq!(names.len(), 7);
    for what in ["between subjects", "residual"] {
        let rows = (0..table.rows()).filter(|r| table.text(*r, "what") == what);
        for r in rows {
            let [low, value, high] =
                ["profile_low", "estimate", "profile_high"].map(|column| table.number(r, column));
            assert!(low < value && value < high, "{what}: {low} {value} {high}");
        }
    }
    assert!(one.text.contains("intervals by profile likelihood"), "{}", one.text);
    // The answer quotes these intervals.
    let said = one.sentences.join(" ");
    assert!(said.contains("clearance is 2.75 L/h (2.31 to 3.29)"), "{said}");
    assert!(said.contains("95 % intervals by profile likelihood"), "{said}");
    assert!(
        one.figures.iter().any(|(name, figure)| name == "f_profiles" && figure.panels.len() == 7)
    );
}

/// The table of draws has every draw that the posterior summarises, in the same unit.
#[test]
fn every_draw_of_a_posterior_is_in_a_table() {
    let chains = "chains = 2\nwarmup = 150\ndraws = 120\nresidual =";
    let (study, plan) =
        theophylline(&[("residual =", chains)], |table: &str| table.to_string()).unwrap();
    let all = [1, 2].map(|threads| {
        answer(&study, population_fit::Plan { threads: Threads::new(threads), ..plan.clone() })
    });
    let of = |name: &str| all.each_ref().map(|r| r.tables.iter().find(|t| t.name == name).unwrap());
    let ([posterior, _], [draws, same]) = (of("f_posterior"), of("f_draws"));
    assert_eq!(bytes(draws), bytes(same));
    assert_eq!(draws.rows(), 240);
    assert_eq!((draws.number(120, "chain"), draws.number(120, "draw")), (1.0, 0.0));
    for (name, what, column) in [
        ("clearance", "typical", "clearance_l_per_h"),
        ("volume", "between subjects", "omega_volume"),
        ("additive", "residual", "residual_additive_mg_per_l"),
    ] {
        let mut values: Vec<f64> = (0..240).map(|r| draws.number(r, column)).collect();
        values.sort_by(f64::total_cmp);
        let (median, wanted) =
            (0.5 * (values[119] + values[120]), number(posterior, name, what, "median"));
        assert!((median / wanted - 1.0).abs() < 1e-12, "{column}: {median} {wanted}");
    }
}

const LOW: f64 = 2.3072;
const HIGH: f64 = 3.2934;

#[test]
fn a_value_at_its_limit_without_a_mark_is_named() {
    let lines = "1,0,1,100,.,.\n1,1,0,.,2.5,0.5\n1,4,0,.,0.5,0.5\n1,9,0,.,0.5,0.5\n";
    let study = "version = 1\nquestion = \"?\"\n[assay.f]\nkind = \"population-fit\"\n\
         table = \"data.csv\"\nmodel = \"one-compartment\"\nestimate = false\nsimulations = 0\n\
         units = { time = \"h\", amount = \"mg\" }\nresidual = { additive = \"0.2 mg/L\" }\n\
         [assay.f.parameters]\nCL = { start = \"3 L/h\", between_subjects = 0.2 }\n\
         V = { start = \"30 L\" }\n";
    let told = |study: &str, table: String| {
        let (study, plan) = planned(study, &table).unwrap_or_else(|e| panic!("{e}"));
        answer(&study, plan).warnings.join("\n")
    };
    let head = "ID,TIME,EVID,AMT,DV,LLOQ\n";
    let said = told(study, format!("{head}{lines}"));
    assert!(said.contains("equals the limit of quantification in lines 4 and 5"), "{said}");
    // The limit of the study, and a column that marks values.
    let own = study.replace("residual", "lloq = \"0.5 mg/L\"\nresidual");
    let without = lines.replace(",0.5\n", ",.\n");
    assert!(told(&own, format!("{head}{without}")).contains("lines 4 and 5"));
    let marked = lines.replace('\n', ",0\n");
    let said = told(study, format!("{}{marked}", head.replace('\n', ",CENS\n")));
    assert!(!said.contains("equals the limit"), "{said}");
    // A subject without a dose.
    let said = told(study, format!("{head}{lines}2,1,0,.,2.5,.\n"));
    assert!(
        said.contains("1 subject has measurements but no dose") && said.contains(": 2;"),
        "{said}"
    );
    let proportional = study.replace("additive = \"0.2 mg/L\"", "proportional = 0.2");
    let why =
        planned(&proportional, &format!("{head}{lines}2,1,0,.,2.5,.\n")).unwrap_err().to_string();
    assert!(why.contains("in subject 2, who has no dose"), "{why}");
    // FOCE with values below a limit.
    let (study, plan) =
        planned(study, &format!("{head}{}", lines.replace("0.5,0.5", "BLQ,0.5"))).unwrap();
    let result = answer(&study, plan);
    assert!(result.text.contains("by M3"), "{}", result.text);
}

/// Levels in ng/mL with a study that says mg/L, and amounts in ug with one that says mg.
#[test]
fn a_wrong_unit_is_suspected() {
    let scaled = |by: f64, column: usize| {
        move |table: &str| {
            let line = |(i, line): (usize, &str)| {
                let mut fields: Vec<String> = line.split(',').map(str::to_string).collect();
                if let Some(value) = fields[column].parse::<f64>().ok().filter(|_| i > 0) {
                    fields[column] = (value * by).to_string();
                }
                fields.join(",") + "\n"
            };
            table.lines().enumerate().map(line).collect::<String>()
        }
    };
    let column = |table: &str, name: &str| {
        table.lines().next().unwrap().split(',').position(|c| c == name).unwrap()
    };
    let table = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../studies/15-population-fit.csv"),
    )
    .unwrap();
    let (dv, amt) = (column(&table, "DV"), column(&table, "AMT"));
    let given = [("residual =", "estimate = false\nresidual =")];
    let warnings = |by: f64, column: usize| {
        let (study, plan) = theophylline(&given, scaled(by, column)).unwrap();
        answer(&study, plan).warnings.join("\n")
    };
    let said = warnings(1000.0, dv);
    assert!(said.contains("DV may be in ug/L (ng/mL)"), "{said}");
    let said = warnings(1000.0, amt);
    assert!(said.contains("times the prediction") && said.contains("g/L (mg/mL)"), "{said}");
    for by in [1.0, 10.0] {
        assert!(!warnings(by, dv).contains("times the prediction"), "{by}");
    }
}

/// Five boluses every 24 h, of which the table has one line: the curve reaches the closed forms of
/// the peak and the trough of each.
#[test]
fn a_curve_has_its_peaks_and_troughs() {
    let study = "version = 1\nquestion = \"?\"\n[assay.f]\nkind = \"population-fit\"\n\
         table = \"data.csv\"\nmodel = \"one-compartment\"\nestimate = false\nsimulations = 0\n\
         units = { time = \"h\", amount = \"mg\" }\nresidual = { additive = \"0.2 mg/L\" }\n\
         [assay.f.parameters]\nCL = { start = \"6 L/h\", between_subjects = 0.2 }\n\
         V = { start = \"30 L\" }\nALAG1 = { start = \"1.3 h\" }\n";
    let table = "ID,TIME,EVID,AMT,II,ADDL,DV\n1,0,1,300,24,4,.\n1,130,0,.,.,.,2\n";
    let (_, plan) = planned(study, table).unwrap();
    let start = plan.start();
    let curve = &plan.curves(0, &start[..3], &[0.0], 20).unwrap()[0];
    assert!(curve.windows(2).all(|two| two[0].0 <= two[1].0));
    let k: f64 = 0.2;
    let level = |t: f64| -> f64 {
        (0..5)
            .map(|n| t - 1.3 - 24.0 * f64::from(n))
            .filter(|s| *s >= 0.0)
            .map(|s| 10.0 * (-k * s).exp())
            .sum()
    };
    for n in 1..5 {
        let dose = 1.3 + 24.0 * f64::from(n);
        let near = |t: f64, value: f64| {
            curve.iter().any(|p| (p.0 - t).abs() < 1e-4 && (p.1 / value - 1.0).abs() < 1e-4)
        };
        assert!(near(dose, level(dose)), "peak {n}");
        assert!(near(dose, level(dose) - 10.0), "trough {n}");
    }
    for (t, value) in curve
        .iter()
        .filter(|(t, _)| (t - 1.3).rem_euclid(24.0) > 1e-3 && (t - 1.3).rem_euclid(24.0) < 23.999)
    {
        assert!((value - level(*t)).abs() < 1e-6 * (1.0 + value), "{t}: {value}");
    }
}

/// Infusions of 30 h every 24 h overlap: the trough is that of the sum of all earlier ones.
#[test]
fn the_dose_of_infusions_that_overlap_is_that_of_their_sum() {
    let (k, cl, duration): (f64, f64, f64) = (0.1, 3.0, 30.0);
    let one = |since: f64| {
        let during = 1.0 / duration / cl * (1.0 - (-k * since.min(duration)).exp());
        during * (-k * (since - duration).max(0.0)).exp()
    };
    for (of, times) in
        [("trough", vec![24.0]), ("peak", (1..=2400).map(|i| f64::from(i) / 100.0).collect())]
    {
        let study = format!(
            "version = 1\nquestion = \"?\"\n[assay.f]\nkind = \"population-fit\"\ntable = \"data.csv\"\n\
             model = \"one-compartment\"\nunits = {{ time = \"h\", amount = \"mg\", concentration = \"mg/L\" }}\n\
             residual = {{ additive = \"0.1 mg/L\" }}\nestimate = false\nsimulations = 0\n\
             [assay.f.dose]\nof = \"{of}\"\nevery = \"24 h\"\nwindow = [\"9 mg/L\", \"11 mg/L\"]\n\
             [assay.f.parameters]\nCL = {{ start = \"3 L/h\", between_subjects = 0.01 }}\n\
             V = {{ start = \"30 L\" }}\nD1 = {{ start = \"30 h\" }}\n"
        );
        let table = "ID,TIME,EVID,AMT,RATE,DV\n1,0,1,100,-2,.\n1,2,0,.,.,0.2\n1,8,0,.,.,0.6\n";
        let (study, plan) = planned(&study, table).unwrap();
        let result = answer(&study, plan);
        let doses = result.tables.last().unwrap();
        let found = doses.number(1, &format!("{of}_mg_per_l")) / doses.number(1, "dose_mg");
        let sum = |t: f64| (0..60).map(|n| one(t + 24.0 * f64::from(n))).sum::<f64>();
        let level = times.iter().map(|t| sum(*t)).fold(0.0, f64::max);
        // Clearance varies by 1 %, so that the median of 1000 draws is known to 0.05 %.
        assert!((found / level - 1.0).abs() < 2e-3, "{of}: {found} {level}");
    }
}

#[test]
fn the_sum_of_a_residual_error_is_refused_where_it_does_not_apply() {
    let same = |table: &str| table.to_string();
    for (to, wanted) in [
        ("residual = { additive = \"1 mg/L\", sum_of = \"variances\" }", "applies only"),
        (
            "residual = { additive = \"1 mg/L\", proportional = 0.1, sum_of = \"sds\" }",
            "standard-deviations",
        ),
        (
            "estimate = false\nprofiles = true\nresidual = { additive = \"1 mg/L\" }",
            "estimate = false",
        ),
    ] {
        let why = theophylline(&[("residual = { additive = \"1 mg/L\" }", to)], same).unwrap_err();
        assert!(why.to_string().contains(wanted), "{to}: {why}");
    }
    let outside = (
        "clearance = { start = \"2 L/h\",",
        "clearance = { start = \"2 L/h\", bounds = [\"3 L/h\", \"9 L/h\"],",
    );
    let why = theophylline(&[outside], same).unwrap_err().to_string();
    assert!(why.contains("are \"3 L/h\" and \"9 L/h\" with the start \"2 L/h\""), "{why}");
    let both = "residual = { additive = \"0.3 mg/L\", proportional = 0.1, sum_of = \"standard-deviations\" }";
    let (_, plan) = theophylline(&[("residual = { additive = \"1 mg/L\" }", both)], same).unwrap();
    assert_eq!(plan.residuals(), [il2_inference::population::Residual::Summed]);
}
