//! Tables of measurements: which columns are read, which are named in warnings, and how limits of
//! quantification are used.

use il2_answer::AssayResult;
use il2_assay::Plan;
use il2_assay::fit;
use il2_assay::kinds::plan;
use il2_study::{Library, Study, StudyError};
use proptest::prelude::*;

/// A fit of the number of beta chains and of degradation to a table of wells.
fn study(table: &str, more: &str) -> Result<(Study, fit::plan::Plan), StudyError> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("wells.csv"), table).unwrap();
    let readout = if more.starts_with("scale") { "il2_medium" } else { "signalling_complexes" };
    let text = format!(
        "version = 1\nquestion = \"How many?\"\n[ligands.il2]\nfrom = \"il2\"\n\
         [cells.nk]\nfrom = \"nk\"\n\
         [models.published]\nfrom = \"gamma-chain-farhat2021\"\n\
         parameters = {{ endosome_volume = \"10 fL/cell\" }}\n[assay.f]\nkind = \"fit\"\nstarts = 2\nchains = 0\n\
         profiles = false\n[assay.f.parameters]\n\
         il2r_beta_number = {{ prior = [\"1000 /cell\", \"100000 /cell\"] }}\n\
         k_degrade = {{ prior = [\"0.001 /min\", \"0.1 /min\"] }}\n[assay.f.measured.m]\n\
         table = \"wells.csv\"\nof = \"wells\"\nmodel = \"published\"\nreadout = \"{readout}\"\n\
         units = {{ time = \"min\", dose = \"pM\", value = \"/cell\" }}\n{more}"
    );
    let study = il2_assay::parse(&folder.path().join("s.toml"), &text, Library::builtin())
        .map(|(study, _)| study)?;
    match plan(&study, "f")? {
        Plan::Fit(plan) => Ok((study, plan)),
        _ => panic!("no fit"),
    }
}

fn refusal(table: &str, more: &str) -> String {
    study(table, more).map(|_| ()).expect_err(table).to_string()
}

/// Values of the published model with endosomes of 10 fL, 8503 beta chains and a degradation of
/// 0.0067578 /min.
const WELLS: [(&str, f64); 10] = [
    ("nk,1,30", 27.296238),
    ("nk,10,30", 267.429745),
    ("nk,100,30", 2227.679715),
    ("nk,1000,30", 8415.68799),
    ("nk,10000,30", 11823.180538),
    ("nk,1,120", 80.827779),
    ("nk,10,120", 753.82136),
    ("nk,100,120", 4436.323865),
    ("nk,1000,120", 7621.427078),
    ("nk,10000,120", 7855.722371),
];

fn table(columns: &str, row: impl Fn(f64) -> String) -> String {
    let rows = WELLS.iter().map(|(well, value)| format!("{well},{}\n", row(*value)));
    format!("cell,dose,time,{columns}\n{}", rows.collect::<String>())
}

/// The answer of another study of the same table.
fn again(table: &str, text: &str) -> AssayResult {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("wells.csv"), table).unwrap();
    let path = folder.path().join("s.toml");
    let (study, _) = il2_assay::parse(&path, text, Library::builtin()).unwrap();
    plan(&study, "f").unwrap().run(&study, &|_| ())
}

fn answer(table: &str, more: &str) -> AssayResult {
    let (study, plan) = study(table, more).unwrap_or_else(|e| panic!("{table}\n{e}"));
    Plan::Fit(plan).run(&study, &|_| {})
}

fn best(table: &str, more: &str) -> Vec<f64> {
    let result = answer(table, more);
    (0..result.tables[0].rows()).map(|row| result.tables[0].number(row, "best")).collect()
}

/// Rows that measure interleukin-2 itself, whose level is the dose for any numbers, so that only a
/// factor is determined.
fn of_the_medium(columns: &str, rows: &[&str]) -> (String, &'static str) {
    let rows = rows.iter().map(|row| format!("nk,60,{row}\n")).collect::<String>();
    (format!("cell,time,{columns}\n{rows}"), "scale = []\n")
}

/// Values of an independent search (scipy) with the same priors: rows below the limit are bounds;
/// reading them as measured values would give 28,318 chains.
#[test]
fn rows_below_a_limit_are_bounds() {
    let censored = |value: f64| match value < 500.0 {
        true => "500,1".to_string(),
        false => format!("{value},0"),
    };
    let flagged = table("value,CENS", censored);
    let found = best(&flagged, "");
    // Agreement to three digits; the scatter goes to zero, because the values are exact.
    assert!((found[0] / 8503.0 - 1.0).abs() < 1e-3, "{found:?}");
    assert!((found[1] / 0.0067578 - 1.0).abs() < 1e-3, "{found:?}");
    let (_, plan) = study(&flagged, "").unwrap();
    let same = |text: &str| {
        let (_, other) = study(text, "").unwrap_or_else(|e| panic!("{text}\n{e}"));
        let rows = |p: &fit::plan::Plan| -> Vec<(f64, String)> {
            p.rows.iter().map(|(_, r)| (r.value, format!("{:?}", r.bound))).collect()
        };
        assert_eq!(rows(&plan), rows(&other), "{text}");
        let said = "3 rows of wells.csv are limits";
        assert!(other.measured[0].warnings.iter().any(|w| w.starts_with(said)), "{text}");
    };
    let by = |columns: &str, below: &str, above: &str| {
        table(columns, |v| match v < 500.0 {
            true => below.to_string(),
            false => format!("{v}{above}"),
        })
    };
    same(&by("value", "<500", ""));
    same(&by("value", "< 500", ""));
    same(&by("value,Censored", "<=500,1", ",."));
    same(&by("value,BLQ,LLOQ", "0,1,500", ",0,500"));
    same(&by("value,BLQ,LLOQ", "BLQ,.,500", ",.,500"));
    same(&by("value,lloq", "<LLOQ,500", ",500"));
    same(&table("value,LLOQ", |v| format!("{v},500")));
}

/// Factor and scatter of an independent search (scipy) with the same priors, for wells that scatter
/// by a half. Without the rows that are limits, the factors would be 5.98 and 5.22; with limits
/// read as values, 6.42 and 5.76.
#[test]
fn limits_of_wells_that_scatter_are_neither_dropped_nor_read_as_values() {
    let below =
        ["1,<12", "1,<12", "2,<12", "2,18", "4,<12", "4,31", "8,25", "8,60", "16,55", "16,130"];
    let (table, more) = of_the_medium("dose,value", &below);
    let found = best(&table, more);
    // A search ends within a few thousandths of a standard deviation.
    assert!((found[2] / 4.967_501 - 1.0).abs() < 2e-3, "{found:?}");
    assert!((found[3] / 0.491_918 - 1.0).abs() < 2e-3, "{found:?}");
    let between_and_above = [
        "1,12,1,3",
        "1,12,1,3",
        "2,12,1,3",
        "2,18,0,.",
        "4,12,1,.",
        "4,31,0,.",
        "8,25,0,.",
        "8,50,-1,.",
        "16,55,0,.",
        "16,100,-1,.",
        "32,100,-1,.",
    ];
    let (table, more) = of_the_medium("dose,value,CENS,LIMIT", &between_and_above);
    let found = best(&table, more);
    assert!((found[2] / 5.357_006 - 1.0).abs() < 2e-3, "{found:?}");
    assert!((found[3] / 0.503_698 - 1.0).abs() < 2e-3, "{found:?}");
}

/// A range from 35 to 7,000 has the same effect as "above 35"; the factor agrees with an
/// independent search (scipy).
#[test]
fn a_far_end_of_a_range_changes_nothing() {
    for limit in ["7000", "."] {
        let first = format!("1,35,9,-1,{limit}");
        let (table, more) =
            of_the_medium("dose,value,sd,CENS,LIMIT", &[&first, "1,5,1,0,.", "2,10,2,0,."]);
        let found = best(&table, more);
        assert!((found[2] / 7.927_537 - 1.0).abs() < 2e-3, "{limit}: {found:?}");
    }
}

#[test]
fn an_answer_far_from_priors_sources_or_measurements_says_so() {
    let right = answer(&table("value", |v| format!("{v}")), "");
    assert!(right.warnings.is_empty(), "{:?}", right.warnings);
    assert!(right.checks.iter().all(|c| c.holds), "{:?}", right.checks);
    let fails = |result: &AssayResult, what: &str| {
        result.checks.iter().any(|c| c.what.contains(what) && !c.holds)
    };
    // Doses in nM although the study says pM, and values in thousands.
    let thousandth = |line: &str| {
        let [cell, dose, rest] = line.splitn(3, ',').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        format!("{cell},{},{rest}\n", dose.parse::<f64>().unwrap() / 1000.0)
    };
    let whole = table("value", |v| format!("{v}"));
    let (head, rows) = whole.split_once('\n').unwrap();
    let rows: String = rows.lines().map(thousandth).collect();
    let doses = answer(&format!("{head}\n{rows}"), "");
    let said = doses.warnings.join("\n");
    assert!(said.contains("il2r_beta_number: the best fit is "), "{said}");
    assert!(fails(&doses, "in their expected ranges"), "{:?}", doses.checks);
    // A best fit just outside the ends of its prior is outside.
    let (study, _) = study(&whole, "").unwrap();
    let text = study
        .text
        .replace("[\"1000 /cell\", \"100000 /cell\"]", "[\"9000 /cell\", \"30000 /cell\"]");
    let narrow = again(&whole, &text);
    let said = narrow.warnings.join("\n");
    assert!(said.contains(", outside its prior (9000 to 30000 /cell)"), "{said}");
    assert!(fails(&narrow, "in their expected ranges"), "{:?}", narrow.checks);
    let values = answer(&table("value", |v| format!("{}", v * 1000.0)), "");
    let said = values.warnings.join("\n");
    assert!(
        said.contains(
            "m: the model does not describe the measurements: it deviates by a typical factor of "
        ),
        "{said}"
    );
    assert!(fails(&values, "that the model describes"), "{:?}", values.checks);
    let sd = answer(&table("value,sd", |v| format!("{},{}", v * 1000.0, v)), "");
    let said = sd.warnings.join("\n");
    assert!(said.contains("standard deviations of the table"), "{said}");
    let absolute = answer(&table("value", |v| format!("{}", v * 1e5)), "error = \"absolute\"\n");
    let said = absolute.warnings.join("\n");
    assert!(said.contains("% of their mean square unexplained"), "{said}");
}

#[test]
fn a_fit_says_in_words_how_far_its_rows_lie_and_never_nan() {
    let text = |table: &str, more: &str| {
        let result = answer(table, more);
        let all = result.text.clone() + &result.summary.to_string();
        assert!(!all.contains("NaN"), "{all}");
        assert!(result.summary["rows_fitted_inside"].is_null(), "{all}");
        result.text
    };
    let said = text(&table("value", |v| format!("{}", v * if v > 5e3 { 1.1 } else { 0.9 })), "");
    assert!(said.contains("m: 10 rows fitted, root mean square of log residuals 0."), "{said}");
    assert!(said.contains("  and 1 scatter (in the table)"), "{said}");
    let more = "error = \"absolute\"\n";
    let said = text(&table("value", |v| format!("{}", v + if v > 5e3 { 99.0 } else { 0.0 })), more);
    assert!(said.contains("10 rows fitted, root mean square of residuals "), "{said}");
    assert!(said.lines().next().unwrap().ends_with(" /cell"), "{said}");
    let said = text(&table("value,LLOQ", |v| format!("{v},1e6")), "");
    assert!(said.starts_with("  m: 10 rows fitted, 10 of them limits\n"), "{said}");
}

#[test]
fn what_no_row_asks_is_named_as_not_read() {
    for (columns, others) in [
        ("ROUTE", "sc"),
        ("ADM", "1"),
        ("DUR", "5"),
        ("TINF", "5"),
        ("Route of administration", "sc"),
        ("DVID", "1"),
        ("LIMIT", "5000"),
    ] {
        let text = table(&format!("value,{columns}"), |v| format!("{v},{others}"));
        let (_, plan) = study(&text, "").unwrap_or_else(|e| panic!("{text}\n{e}"));
        let said = plan.measured[0].warnings.join("\n");
        assert!(
            said.contains(&format!("columns of wells.csv that are not read: {columns}")),
            "{said}"
        );
    }
    // The other end of a limit is read if a sign marks the value as a limit.
    let text = table("value,LIMIT", |v| if v < 50.0 { "<50,5".into() } else { format!("{v},.") });
    let (_, plan) = study(&text, "").unwrap();
    assert!(!plan.measured[0].warnings.join("").contains("not read"), "{:?}", plan.measured[0]);
}

#[test]
fn messages_name_what_is_there() {
    let wells = |columns: &str, row: &str| format!("cell,dose,{columns}\nnk,1,{row}\nnk,1,60,5\n");
    for (table, wanted) in [
        (
            wells("time,value", "-30,5"),
            "wells.csv:2: column time: -30 is not allowed; use zero or more",
        ),
        (
            "cell,dose,time,value\nnk,1,30,5\n".into(),
            "m.table: has only 1 row to fit, which cannot determine the scatter",
        ),
        (
            table("value,MDV", |v| format!("{v},1")),
            "has no rows that can be used: left out are 10 rows marked by MDV",
        ),
        (
            "cell,dose,time,value,reduce\nnk,1,0,5,area\nnk,1,1,5,\n".into(),
            "column time: is 0, when every area is still zero",
        ),
    ] {
        let said = refusal(&table, "");
        assert!(said.contains(wanted), "{said}\n{wanted}");
    }
    let held = "held_out = { dose = [\"10\", \"100\", \"1000\", \"10000\"], time = [\"30\"] }\n";
    let said = refusal(&table("value", |v| v.to_string()), held);
    assert!(said.contains("held_out: has only 1 row to fit (9 held out, which"), "{said}");
}

#[test]
fn other_limits_are_read_as_they_are_meant() {
    let with = |columns: &str, first: &str, others: &str| {
        let text = table(columns, |v| match v < 50.0 {
            true => first.to_string(),
            false => format!("{v}{others}"),
        });
        let (_, plan) = study(&text, "").unwrap_or_else(|e| panic!("{text}\n{e}"));
        let row = &plan.rows[0].1;
        (row.value, format!("{:?}", row.bound))
    };
    assert_eq!(with("value,CENS", "20,-1", ",0"), (20.0, "Above".into()));
    assert_eq!(with("value", ">20", ""), (20.0, "Above".into()));
    assert_eq!(with("value,CENS,LIMIT", "20,1,5", ",0,."), (20.0, "Between(5.0)".into()));
    assert_eq!(with("value,CENS,LIMIT", "20,-1,50", ",0,."), (50.0, "Between(20.0)".into()));
    for (columns, first, wanted) in [
        ("value,CENS", "20,2", "column CENS: 2 is not allowed"),
        ("value,CENS", ".,1", "is beyond a limit that no column contains; add a column LLOQ"),
        ("value,BLQ", "20,1", "is beyond a limit that no column contains; add a column LLOQ"),
        ("value,CENS", "<20,-1", "is marked as below one limit and above another"),
        (
            "value,CENS,LLOQ",
            "250,1,500",
            "is 250, but the limit of quantification of this row is 500",
        ),
        ("value,CENS,LIMIT", "20,1,30", "20 and LIMIT 30 do not form a range"),
        ("value,MDV", "20,x", "column MDV: \"x\" is not a number"),
        ("value,route", "20,sc", "column route: distinguishes rows by how a dose was given"),
        ("value,TINF", "20,2", "column TINF: distinguishes rows"),
        (
            "value,Y_TYPE",
            "20,2",
            "column Y_TYPE: indicates that the rows measured different quantities",
        ),
        ("value,DV", "20,2", "column DV: contains measurements, as does column value"),
        ("value,Exclude", "20,7", "column Exclude: \"7\" is not allowed"),
        ("value,C", "20,7", "column C: \"7\" is not allowed"),
    ] {
        let others = columns.replace("value", "").replace(|c: char| c != ',', "");
        let text = table(columns, |v| match v < 50.0 {
            true => first.to_string(),
            false => format!("{v}{others}"),
        });
        let text =
            match columns.contains("route") || columns.contains("TYPE") || columns.contains("TINF")
            {
                true => text + "nk,1,30,27,1\n",
                false => text,
            };
        let said = refusal(&text, "");
        assert!(said.contains("wells.csv") && said.contains(wanted), "{said}\n{wanted}");
    }
}

#[test]
fn rows_that_are_no_measurements_are_left_out_and_counted() {
    let (_, whole) = study(&table("value", |v| v.to_string()), "").unwrap();
    let odd = "nk,1,30,9e9,1,0,0,.\nnk,1,30,9e9,0,1,0,.\nnk,1,30,9e9,0,0,5,.\n\
               nk,1,30,9e9,0,0,0,clotted\nnk,1,30,NA,0,0,0,.\n,,,,,,,\n";
    let text = table("value,MDV,EVID,AMT,EXCLUDE", |v| format!("{v},0,0,.,no")) + odd;
    let (_, plan) = study(&text, "").unwrap();
    let rows =
        |p: &fit::plan::Plan| p.rows.iter().map(|(_, r)| (r.line, r.value)).collect::<Vec<_>>();
    assert_eq!(rows(&plan), rows(&whole));
    assert_eq!(plan.measured[0].left_out, 5);
    let said =
        "il2 left out 4 rows of wells.csv, marked in a column (MDV, EVID, EXCLUDE, C) or by a #";
    assert_eq!(plan.measured[0].warnings, [said]);
}

#[test]
fn the_column_of_that_very_name_is_read_and_two_that_fit_are_refused() {
    let text = table("value,Value", |v| format!("{},{v}", 7.0 * v));
    let (_, plan) = study(&text, "columns = { value = \"Value\" }\n").unwrap();
    assert_eq!(plan.rows[0].1.value, WELLS[0].1);
    let said = "columns of wells.csv that are not read: value";
    assert_eq!(plan.measured[0].warnings, [said]);
    let twice = "; rename or remove one of the two";
    assert!(refusal(&text, "").contains(twice));
    assert!(refusal(&text, "columns = { value = \"VALUE\" }\n").contains(twice));
    for (name, more) in [("dose", ""), ("Time", ""), ("CELL", "")] {
        let text = table(&format!("value,{name}"), |v| format!("{v},1"));
        let said = refusal(&text, more);
        assert!(said.contains(&format!("column {name}: ")) && said.contains(twice), "{said}");
    }
    for key in ["scale = [\"plate\"]\n", "held_out = { plate = [\"2\"] }\n"] {
        let text = table("value,plate,plate", |v| format!("{v},1,2"));
        assert!(refusal(&text, key).contains(twice));
    }
}

#[test]
fn a_misspelt_column_is_named_with_what_it_may_mean() {
    let text = table("value,standard deviation,source", |v| format!("{v},{},me", 0.3 * v));
    let (_, plan) = study(&text, "").unwrap();
    let said = &plan.measured[0].warnings[0];
    assert!(said.contains("standard deviation (did you mean sd?)"), "{said}");
    assert!(said.contains("source"), "{said}");
    // A standard error is not a standard deviation, and short headings are not taken for
    // misspellings of each other.
    let text = table("value,sem,replicate,COL0,LDV,lot", |v| format!("{v},1,1,1,1,1"));
    let (_, plan) = study(&text, "").unwrap();
    let wanted = "columns of wells.csv that are not read: sem (a standard error; sd is the standard error \
                  times the square root of the count), replicate, COL0, LDV, lot";
    assert_eq!(plan.measured[0].warnings, [wanted]);
}

/// Columns with three rows: a value, one below a limit of quantification, and one that is left out.
const TABLE: [[&str; 4]; 8] = [
    ["cell", "nk", "nk", "nk"],
    ["dose", "10", "1", "100"],
    ["time", "30", "30", "120"],
    ["value", "267", "20", "9000"],
    ["sd", "30", "3", "1"],
    ["BLQ", "0", "1", "0"],
    ["LLOQ", "20", "20", "20"],
    ["EXCLUDE", ".", ".", "spilt"],
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn headings_stand_in_any_case_and_order(
        order in Just((0..TABLE.len()).collect::<Vec<_>>()).prop_shuffle(),
        turned in any::<u8>(),
    ) {
        let rows = |order: &[usize], turned: u8| -> Vec<String> {
            let heading = |c: usize| match turned >> c & 1 {
                1 => TABLE[c][0].to_uppercase(),
                _ => TABLE[c][0].to_lowercase(),
            };
            let head = order.iter().map(|&c| heading(c)).collect::<Vec<_>>().join(",");
            let row = |r: usize| order.iter().map(|&c| TABLE[c][r]).collect::<Vec<_>>().join(",");
            let table = format!("{head}\n{}\n{}\n{}\n", row(1), row(2), row(3));
            let (_, plan) = study(&table, "").unwrap_or_else(|e| panic!("{table}\n{e}"));
            assert_eq!(plan.rows.len(), 2);
            plan.rows.iter().map(|row| format!("{row:?}")).collect()
        };
        let usual: Vec<usize> = (0..TABLE.len()).collect();
        prop_assert_eq!(rows(&order, turned), rows(&usual, 0));
    }
}
