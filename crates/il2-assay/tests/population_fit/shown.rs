//! What the answer shows: the visual predictive check and its intervals, axes and titles of figures, the text, the
//! sentence, and tables whose columns can be added up.

use super::{answer, bytes, number, planned};
use il2_answer::AssayResult;
use il2_output::figure::{Content, Panel, Series};
use il2_output::table::Table;

/// One compartment of 30 L and 3 L/h.
fn study(keys: &str, clearance: &str, parameters: &str) -> String {
    format!(
        "version = 1\nquestion = \"?\"\n[assay.f]\nkind = \"population-fit\"\ntable = \"data.csv\"\n\
         model = \"one-compartment\"\nunits = {{ time = \"h\", amount = \"mg\" }}\nstarts = 1\n{keys}\n\
         [assay.f.parameters]\nCL = {{ start = \"3 L/h\"{clearance} }}\n\
         V = {{ start = \"30 L\" }}\n{parameters}"
    )
}

fn level(dose: f64, t: f64) -> f64 {
    dose / 30.0 * (-0.1 * t).exp()
}

fn shown(study: &str, table: &str) -> AssayResult {
    let (study, plan) = planned(study, table).unwrap_or_else(|e| panic!("{e}"));
    answer(&study, plan)
}

fn panel<'a>(result: &'a AssayResult, figure: &str, name: &str) -> &'a Panel {
    let (_, figure) = result.figures.iter().find(|(n, _)| n == figure).unwrap();
    figure.panels.iter().find(|p| p.name == name).unwrap()
}

fn series(panel: &Panel) -> &[Series] {
    let Content::Lines(all) = &panel.content else { panic!("no curves") };
    all
}

fn table<'a>(result: &'a AssayResult, name: &str) -> &'a Table {
    result.tables.iter().find(|t| t.name == name).unwrap()
}

/// Numbers of a column, without empty cells.
fn column(table: &Table, name: &str) -> Vec<f64> {
    (0..table.rows()).map(|r| table.number(r, name)).filter(|v| !v.is_nan()).collect()
}

const TIMES: [f64; 9] = [0.5, 1.0, 2.0, 4.0, 8.0, 12.0, 24.0, 30.0, 36.0];

/// Two doses a week apart, with levels that are known multiples of those of a typical subject.
fn crossover(subjects: usize) -> String {
    let mut table = "ID,TIME,EVID,AMT,DV,OCC\n".to_string();
    for i in 0..subjects {
        for (occasion, start) in [(1, 0.0), (2, 168.0)] {
            table += &format!("{i},{start},1,300,.,{occasion}\n");
            for (k, t) in TIMES.iter().enumerate() {
                let scatter = 1.0 + 0.05 * (((7 * i + 3 * k + occasion) % 11) as f64 / 5.0 - 1.0);
                let often = 0.04 * ((3 * i + 5 * occasion) % 7) as f64 - 0.12;
                let own = 0.8 + 0.1 * (i % 5) as f64 + often;
                let level = level(300.0, own * t) * scatter;
                table += &format!("{i},{},0,.,{level},{occasion}\n", start + t);
            }
        }
    }
    table
}

#[test]
fn intervals_are_the_planned_times_and_no_curve_crosses_a_washout() {
    let keys = "residual = { proportional = 0.1 }\nestimate = false\nsimulations = 20\n";
    let study = study(keys, ", between_subjects = 0.2", "");
    let result = shown(&study, &crossover(6));
    let check = table(&result, "f_check");
    let from: Vec<f64> = column(check, "from_h").into_iter().step_by(3).collect();
    let wanted: Vec<f64> = TIMES.into_iter().chain(TIMES.map(|t| 168.0 + t)).collect();
    assert_eq!(from, wanted);
    assert_eq!(from, column(check, "to_h").into_iter().step_by(3).collect::<Vec<_>>());
    let panel = panel(&result, "f_check", "check");
    // Ends of the axis: zero, although the first sample is at half an hour, and open.
    assert_eq!(panel.x.range, Some((0.0, f64::INFINITY)));
    for series in series(panel).iter().filter(|s| s.line) {
        let times = series.points.iter().map(|p| p.0).chain(series.band.iter().map(|b| b.0));
        let broken: Vec<bool> = times.map(f64::is_nan).collect();
        assert_eq!(broken.iter().filter(|b| **b).count(), 1, "{}", series.label);
        assert!(broken[9], "{}: {broken:?}", series.label);
    }
    // With doses all the time, levels between the weeks are those of doses: nothing is broken.
    let daily = crossover(6)
        .replace(",1,300,.,1\n", ",1,300,.,1\nX")
        .replace("EVID,AMT,DV,OCC", "EVID,AMT,DV,OCC,ADDL,II");
    let daily: String = daily
        .lines()
        .map(|line| match line.strip_prefix('X') {
            Some(line) => format!("{line},.,.\n"),
            None if line.contains(",1,300,.,1") => format!("{line},6,24\n"),
            None if line.starts_with("ID") => format!("{line}\n"),
            None => format!("{line},.,.\n"),
        })
        .collect();
    let result = shown(&study, &daily);
    let panel = self::panel(&result, "f_check", "check");
    assert!(series(panel).iter().all(|s| s.points.iter().all(|p| !p.0.is_nan())));
    // Two intervals, if the study says so.
    let few = study.replace("simulations = 20", "simulations = 20\nbins = 2");
    assert_eq!(table(&shown(&few, &crossover(6)), "f_check").rows(), 6);
}

/// Three subjects with 100 mg and three with 400 mg: their levels, and those simulated almost without scatter, are
/// corrected to the median of both typical levels.
#[test]
fn a_prediction_corrected_check_removes_the_dose() {
    let keys = "residual = { proportional = 0.0001 }\nestimate = false\nsimulations = 20\n\
                prediction_corrected = true\n";
    let study = study(keys, "", "");
    let off = [0.8, 1.0, 1.1, 0.9, 1.2, 1.3];
    let mut table = "ID,TIME,EVID,AMT,DV\n".to_string();
    for (i, off) in off.iter().enumerate() {
        let dose = if i < 3 { 100.0 } else { 400.0 };
        table += &format!("{i},0,1,{dose},.\n");
        for t in [1.0, 5.0, 20.0] {
            table += &format!("{i},{t},0,.,{}\n", off * level(dose, t));
        }
    }
    let result = shown(&study, &table);
    let check = self::table(&result, "f_check");
    assert_eq!(check.rows(), 9);
    for (bin, t) in [1.0, 5.0, 20.0].into_iter().enumerate() {
        let middle = 0.5 * (level(100.0, t) + level(400.0, t));
        // Percentiles of 0.8, 0.9, 1.0, 1.1, 1.2 and 1.3 between order statistics: 5 % of five
        // steps is a quarter of the first.
        for (p, part) in [0.825, 1.05, 1.275].into_iter().enumerate() {
            let row = 3 * bin + p;
            let near = |column: &str, wanted: f64, within: f64| {
                let value = check.number(row, column);
                assert!((value / wanted - 1.0).abs() < within, "{t} {column}: {value} {wanted}");
            };
            near("measured_mg_per_l", part * middle, 1e-9);
            // The scatter is below a thousandth.
            near("simulated_mg_per_l", middle, 2e-3);
            assert_eq!(check.text(row, "prediction_corrected"), "yes");
        }
    }
    let panel = panel(&result, "f_check", "check");
    assert_eq!(panel.title, "Prediction-corrected visual predictive check");
    assert_eq!(panel.y.label, "prediction-corrected concentration");
    let points = &series(panel).iter().find(|s| s.label == "single measurements").unwrap().points;
    let first = 0.8 * 0.5 * (level(100.0, 1.0) + level(400.0, 1.0));
    assert!((points[0].1 / first - 1.0).abs() < 1e-9, "{:?} {first}", points[0]);
    // Without the key, the highest percentile is that of the high dose.
    let plain = shown(&study.replace("prediction_corrected = true", ""), &table);
    let check = self::table(&plain, "f_check");
    assert!(check.number(2, "measured_mg_per_l") > 1.2 * level(400.0, 1.0));
    let none = study.replace("simulations = 20", "simulations = 0");
    let why = planned(&none, &table).err().map(|e| e.to_string()).unwrap_or_default();
    assert!(why.contains("assay.f.prediction_corrected") && why.contains("simulations"), "{why}");
}

#[test]
fn what_a_logarithmic_axis_cannot_show_is_counted() {
    let keys = "residual = { additive = \"0.2 mg/L\" }\nestimate = false\nsimulations = 20\n";
    let study = study(keys, ", between_subjects = 0.2", "");
    let mut table = "ID,TIME,EVID,AMT,DV\n".to_string();
    for i in 0..3 {
        let last = if i == 0 { -0.01 } else { 0.02 };
        let [a, b] = [1.0, 10.0].map(|t| level(300.0, t));
        table += &format!("{i},0,1,300,.\n{i},1,0,.,{a}\n{i},10,0,.,{b}\n{i},60,0,.,{last}\n");
    }
    let result = shown(&study, &table);
    let footnote = &result.figures[0].1.footnote;
    assert!(footnote.contains("1 value at or below zero is not drawn"), "{footnote}");
    // The axis of the check shows it.
    let panel = panel(&result, "f_check", "check");
    assert_eq!(panel.y.range, None);
    let above = table.replace("-0.01", "0.01");
    let result = shown(&study, &above);
    assert!(!result.figures[0].1.footnote.contains("not drawn"));
    assert_eq!(self::panel(&result, "f_check", "check").y.range, Some((0.0, f64::INFINITY)));
}

#[test]
fn titles_say_what_each_dvid_is() {
    let keys = "effect = \"inhibits-production\"\nestimate = false\nsimulations = 20\n\
                [assay.f.observed.1]\nof = \"concentration\"\nresidual = { proportional = 0.1 }\n\
                [assay.f.observed.2]\nof = \"effect\"\nunit = \"%\"\nresidual = { additive = \"4 %\" }\n";
    let more = "baseline = { start = \"90 %\" }\nturnover_rate = { start = \"0.1 /h\" }\n\
                IC50 = { start = \"2 mg/L\" }\n";
    let study = study(keys, ", between_subjects = 0.2", more);
    let table = "ID,TIME,EVID,AMT,DV,DVID\n1,0,1,300,.,.\n1,1,0,.,9,1\n1,5,0,.,60,2\n\
                 2,0,1,300,.,.\n2,1,0,.,8,1\n2,5,0,.,70,2\n";
    let result = shown(&study, table);
    let title = |figure: &str, name: &str| panel(&result, figure, name).title.clone();
    assert_eq!(title("f_check", "check_1"), "Visual predictive check, concentration (DVID 1)");
    assert_eq!(title("f_individuals", "1_2"), "subject 1, effect (DVID 2)");
    // A fold of a readout of the patient.
    let fold = "version = 1\nquestion = \"?\"\n[ligands.aldesleukin]\nfrom = \"aldesleukin\"\n[assay.f]\n\
                kind = \"population-fit\"\ntable = \"data.csv\"\nmodel = \"patient\"\n\
                ligand = \"aldesleukin\"\nestimate = false\n\
                units = { time = \"d\", amount = \"MIU\", concentration = \"pM\" }\n\
                compartments = { 1 = \"skin depot\" }\n[assay.f.observed.treg]\nof = \"treg_fold\"\n\
                residual = { proportional = 0.1 }\n[assay.f.parameters]\n\
                \"treg.growth_strength\" = { start = \"1\", between_subjects = 0.3 }\n";
    let table =
        "ID,TIME,EVID,AMT,CMT,DVID,DV,WT,HT\n1,0,1,1.8,1,.,.,77,172\n1,2,0,.,.,treg,1.2,77,172\n";
    let (_, plan) = planned(fold, table).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(plan.endpoints[0].axis("").title(), "Treg (× baseline)");
    assert_eq!(plan.endpoints[0].told(), "Treg");
}

/// Shrinkage, the headline and the table of subjects of a fit with occasions.
#[test]
fn variability_of_subjects_and_occasions_is_told_and_counted_once() {
    let keys = "residual = { proportional = 0.05 }\nsimulations = 0\noccasion = \"OCC\"\n";
    let varies = ", between_subjects = 0.15, between_occasions = 0.05";
    let result = shown(&study(keys, varies, ""), &crossover(10));
    let fit = &result.tables[0];
    let omega = |what: &str| number(fit, "CL", what, "estimate");
    let cv = |sd: f64| 100.0 * ((sd * sd).exp() - 1.0).sqrt();
    let told = result.sentences[0].replace('\n', " ");
    let (own, other) = told
        .split_once("varying by ")
        .and_then(|(_, rest)| rest.split_once(" % between subjects and "))
        .unwrap_or_else(|| panic!("{told}"));
    let other = other.split(" % between occasions").next().unwrap();
    for (said, what) in [(own, "between subjects"), (other, "between occasions")] {
        let (said, wanted) = (said.parse::<f64>().unwrap(), cv(omega(what)));
        assert!((said / wanted - 1.0).abs() < 0.01, "{what}: {said} {wanted}");
    }
    let subjects = table(&result, "f_subjects");
    assert_eq!(subjects.rows(), 20);
    assert_eq!(column(subjects, "measurements").iter().sum::<f64>(), 180.0);
    let sum: f64 = column(subjects, "minus_2_log_likelihood").iter().sum();
    let whole = result.summary["minus_2_log_likelihood"].as_f64().unwrap();
    assert!((sum - whole).abs() < 1e-6, "{sum} {whole}");
    // Shrinkage from the random effects of the table, in the text and in the summary.
    let own: Vec<f64> = column(subjects, "eta_CL").into_iter().step_by(2).collect();
    let mean = own.iter().sum::<f64>() / 10.0;
    let sd = (own.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 9.0).sqrt();
    let wanted = 100.0 * (1.0 - sd / omega("between subjects"));
    let all = result.summary["estimates"].as_array().unwrap();
    let row = all.iter().find(|e| e["parameter"] == "CL" && e["what"] == "between subjects");
    let found = row.unwrap()["shrinkage_percent"].as_f64().unwrap();
    assert!((found - wanted).abs() < 1e-6, "{found} {wanted}");
    let line = result.text.lines().find(|l| l.trim_start().starts_with("omega CL ")).unwrap();
    assert!(line.ends_with(&format!(" {wanted:.0} %")), "{line} {wanted}");
    assert!(all[0]["shrinkage_percent"].is_null());
}

/// Without random effects, the objective of logarithms is a sum of squares.
#[test]
fn a_logarithmic_error_has_nonmems_objective_of_the_logarithms() {
    let keys = "residual = { logarithmic = 0.2 }\nestimate = false\nsimulations = 0\n";
    let off: [f64; 3] = [0.7, 1.1, 1.4];
    let rows = |i: usize| format!("1,{},0,.,{}\n", i + 1, off[i] * level(300.0, i as f64 + 1.0));
    let table = format!(
        "ID,TIME,EVID,AMT,DV,LLOQ\n1,0,1,300,.\n{}1,50,0,.,BLQ\n",
        (0..3).map(rows).collect::<String>()
    );
    let table: String = table
        .lines()
        .map(|l| if l.starts_with("ID") { format!("{l}\n") } else { format!("{l},0.2\n") })
        .collect();
    let result = shown(&study(keys, "", ""), &table);
    let of = |off: &f64| 2.0 * 0.2f64.ln() + (off.ln() / 0.2).powi(2);
    // The level at 50 h, 0.067 mg/L, is below 0.2 mg/L by 5.4 standard deviations.
    let wanted: f64 = off.iter().map(of).sum();
    let found = result.summary["nonmem_objective"].as_f64().unwrap();
    assert!((found - wanted).abs() < 1e-3, "{found} {wanted}");
    assert!(result.text.contains("as in NONMEM with the logarithm as DV"), "{}", result.text);
}

#[test]
fn one_persons_own_numbers_and_rounded_doses_are_printed() {
    let keys = "residual = { proportional = 0.1 }\nestimate = false\nsimulations = 0\n\
                covariates = [\"CL = CL * (WT / 70)^0.75\"]\n\
                [assay.f.dose]\nevery = \"8 h\"\nwindow = [\"2 mg/L\", \"4 mg/L\"]\n";
    let table = format!(
        "ID,TIME,EVID,AMT,DV,WT\nAnn,0,1,300,.,140\nAnn,2,0,.,{},140\nAnn,8,0,.,{},140\n",
        level(300.0, 3.0),
        level(300.0, 12.0)
    );
    let result = shown(&study(keys, ", between_subjects = 0.3", ""), &table);
    let own = self::table(&result, "f_subjects").number(0, "CL_l_per_h");
    let line = result.text.lines().skip_while(|l| !l.starts_with("Ann ")).nth(1).unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    // 3 L/h times 2^0.75.
    assert_eq!([words[0], words[3], words[4]], ["CL", "5.05", "L/h"], "{line}");
    let said: f64 = words[1].parse().unwrap();
    assert!((said / own - 1.0).abs() < 0.005 && said < 5.0, "{line} {own}");
    let doses = self::table(&result, "f_doses");
    // A thousand draws: one decimal.
    for name in ["in_window_percent", "below_percent", "above_percent"] {
        for row in 0..2 {
            let text = doses.number(row, name).to_string();
            assert!(text.split_once('.').is_none_or(|(_, rest)| rest.len() == 1), "{name} {text}");
        }
    }
    assert!(!String::from_utf8(bytes(doses)).unwrap().contains("99999999"));
}
