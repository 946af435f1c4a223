//! Event tables that are refused, with file, row, column and remedy, and unusual tables that are
//! valid.

use il2_answer::AssayResult;
use il2_study::{Library, Study, StudyError};
use proptest::prelude::*;

const COLUMNS: &str = "columns = { LAGT = \"ALAG1\" }\n";

fn study_with(table: &str, more: &str) -> Result<Study, StudyError> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("doses.csv"), table).unwrap();
    let text = format!(
        "version = 1\nquestion = \"Is it read?\"\n[assay.a]\nkind = \"event-table\"\n\
         table = \"doses.csv\"\nmodel = \"one-compartment\"\n\
         units = {{ time = \"h\", amount = \"mg\" }}\n\
         parameters = {{ clearance = \"1 L/h\", volume = \"10 L\" }}\n{more}"
    );
    il2_assay::parse(&folder.path().join("s.toml"), &text, Library::builtin())
        .map(|(study, _)| study)
}

fn refusal(table: &str, more: &str) -> String {
    study_with(table, more).expect_err(table).to_string()
}

#[test]
fn bad_tables_are_refused_with_row_column_and_remedy() {
    let cases = [
        ("", "is empty; it must contain a header and then rows of doses"),
        ("ID;TIME;AMT\n1;0;5,5\n", "has fields separated by semicolons; save it with commas"),
        ("ID,TIME,AMT\n", "has no rows"),
        ("ID,AMT\n1,5\n", "TIME"),
        (
            "ID,TIME,AMT\n1,0,5\n1,x,0\n",
            "doses.csv:3: column TIME: \"x\" is not a number; give a number",
        ),
        ("ID,TIME,AMT\n1,9:30,5\n", "clock times are not supported"),
        ("ID,TIME,AMT\n1,2024-03-01,5\n", "dates are not supported: give the time since the start"),
        (
            "1,0,1,1.73\n1,1,0,.\n",
            "column TIME: is missing; the first line looks like data (1, 0, ",
        ),
        ("ID,TIME,AMT\n1,0,5\n1,2\n", "doses.csv:3: has 2 fields where the header has 3"),
        ("ID,TIME,AMT\n1,,5\n", "doses.csv:2: column TIME: is empty"),
        ("ID,TIME,AMT\n1,5,5\n1,4,0\n", "doses.csv:3: column TIME: 4 is earlier than"),
        (
            "ID,TIME,AMT\n1,0,5\n2,0,5\n1,1,0\n",
            "doses.csv:4: column ID: subject 1 has earlier rows",
        ),
        ("ID,TIME,EVID,AMT\n1,0,7,5\n", "column EVID: 7 is not allowed; use 0"),
        ("ID,TIME,EVID,AMT\n1,0,1,0\n", "column AMT: is 0 in a dose row"),
        ("ID,TIME,EVID,AMT\n1,0,1,NaN\n", "column AMT: is missing in a dose row"),
        ("ID,TIME,EVID,AMT\n1,0,0,5\n", "column AMT: is in a row without a dose"),
        ("ID,TIME,AMT\n1,0,-5\n", "column AMT: -5"),
        ("ID,TIME,AMT\n1,0,inf\n", "\"inf\" is not a number"),
        ("ID,TIME,AMT,CMT\n1,0,5,3\n", "column CMT: 3 is not allowed; use 1 (central)"),
        ("ID,TIME,AMT,CMT\n1,0,5,-1\n", "column CMT: -1 is not allowed"),
        ("ID,TIME,AMT,ADDL,II\n1,0,5,2,0\n", "column II: is 0, but ADDL"),
        (
            "ID,TIME,AMT,ADDL,TAU\n1,0,5,2,12\n",
            "doses.csv:1: column II: is missing, but line 2 specifies repeated doses; il2 does not \
             read TAU (did you mean II?); add II, or give this name to the column that contains it",
        ),
        (
            "ID,TIME,AMT,ADL,II\n1,0,5,2,12\n",
            "doses.csv:1: column ADDL: is missing, but line 2 gives a time between doses (II); il2 \
             does not read ADL (did you mean ADDL?); add ADDL or SS, remove II if there is one dose, \
             or give this name to the column that contains it",
        ),
        ("ID,TIME,AMT,II\n1,0,5,12\n", "column ADDL: is missing, but line 2 gives a time between"),
        (
            "ID,TIME,ADDL,II\n1,0,2,12\n",
            "doses.csv:1: column AMT: is missing, but line 2 gives a dose; add AMT",
        ),
        (
            "ID,TIME,EVID,DOSE\n1,0,1,5\n",
            "doses.csv:1: column AMT: is missing, but line 2 gives a dose; il2 does not read DOSE (did \
             you mean AMT?); add AMT",
        ),
        ("ID,TIME,EVID\n1,0,1\n", "column AMT: is missing, but line 2 gives a dose; add AMT"),
        ("ID,TIME,EVID,TINF\n1,0,1,2\n", "column AMT: is missing, but line 2 gives a dose"),
        ("ID,TIME,AMT,ADDL,II\n1,0,5,1.5,2\n", "column ADDL: 1.5 is not allowed"),
        ("ID,TIME,AMT,ADDL,II\n1,0,5,1e9,2\n", "column ADDL"),
        ("ID,TIME,AMT,SS,II\n1,0,5,1,0\n", "column II: is 0, but SS"),
        ("ID,TIME,AMT,SS\n1,0,5,1\n", "column II: is missing, but line 2 specifies repeated doses"),
        ("ID,TIME,AMT,SS,II\n1,0,5,4,12\n", "column SS: 4 is not allowed"),
        ("ID,TIME,AMT,RATE\n1,0,5,-2\n", "column RATE: is -2, but the compartment has no duration"),
        ("ID,TIME,AMT,RATE\n1,0,5,-1\n", "column RATE: is -1"),
        ("ID,TIME,AMT,RATE\n1,0,5,-4\n", "column RATE: -4 is not a rate"),
        ("ID,TIME,EVID,AMT,RATE,SS,D1\n1,0,1,0,-2,1,3\n", "column RATE: is -2, but AMT is 0"),
        ("ID,DATE,TIME,AMT\n1,1,0,5\n", "column DATE: contains calendar dates"),
        (
            "#ID,TIME,AMT\n\n#2,0\n1,0,5\n# so\n1,0,-5\n",
            "doses.csv:6: column AMT: -5 is not an amount",
        ),
        ("ID,TIME,AMT,V,V1\n1,0,5,2,2\n", "column V1: has the same meaning as column 4 (V)"),
        ("ID,TIME,AMT,V\n1,0,5,0\n", "column V: 0 is not a possible volume"),
        ("ID,TIME,AMT,ALAG1\n1,0,5,-1\n", "column ALAG1: -1 is not a delay"),
        ("ID,TIME,AMT,amt\n1,0,5,5\n", "column amt: has the same meaning as column 3 (AMT)"),
        ("ID,TIME,TIME,AMT\n1,0,1,5\n", "column TIME: appears twice (columns 2 and 3)"),
        (
            "ID,TIME,AMT,TINF,Dur\n1,0,5,1,1\n",
            "column Dur: has the same meaning as column 4 (TINF)",
        ),
        ("ID,TIME,AMT\n1,0,5\n.,1,0\n", "doses.csv:3: column ID: is empty"),
        (
            "ID,TIME,AMT,RATE,TINF\n1,0,100,50,4\n",
            "column TINF: is 4, but AMT divided by RATE is 2",
        ),
        ("ID,TIME,AMT,RATE,DUR,R1\n1,0,100,-1,4,9\n", "column DUR: is 4, but RATE is -1"),
        ("ID,TIME,AMT,TINF,D1\n1,0,100,4,2\n", "column TINF: is 4, but D1 is 2"),
        ("ID,TIME,AMT,TINF\n1,0,100,-4\n", "column TINF: -4 is not a duration"),
        ("ID,TIME,EVID,AMT,SS,TINF\n1,0,1,0,1,4\n", "column TINF: is above 0, but AMT is 0"),
        ("C,ID,TIME,AMT\n12.5,1,0,5\n", "column C: \"12.5\" is not allowed"),
        ("ID,TIME,AMT,EXCLUDE\n1,0,5,2\n", "column EXCLUDE: \"2\" is not allowed"),
        ("ID,TIME,AMT,DV,MDV\n1,0,5,.,2\n", "column MDV: 2 is not allowed; use 0 or 1"),
        ("ID,TIME,AMT,DV,CENS\n1,0,5,.,2\n", "column CENS: 2 is not allowed; use 0 or 1 or -1"),
        ("ID,TIME,AMT,DV,YTYPE\n1,0,5,.,.\n1,1,.,3,1\n1,2,.,3,2\n", "column YTYPE: specifies"),
        ("ID,TIME,AMT,ROUTE\n1,0,5,oral\n", "column ROUTE: \"oral\" is not a compartment"),
        ("ID,TIME,AMT\n1,0,1e300\n", "column AMT: 1e300 is too large; use"),
        ("ID,TIME,AMT\n1,1e308,5\n", "column TIME: 1e308 is too large; use"),
        ("\u{1}\u{2}", "TIME"),
    ];
    for (table, expected) in cases {
        let said = refusal(table, "");
        assert!(
            said.contains("doses.csv") && said.contains(expected),
            "{table:?}\n{said}\n{expected}"
        );
    }
    let said = refusal("ID,TIME,AMT\n1,x,5\n", "");
    assert!(!said.contains(", or . if there is none"), "a time is never left out: {said}");
    let said = refusal("ID,TIME,AMT\n1,0,5\n", COLUMNS);
    assert!(said.contains("there is no column LAGT"), "{said}");
    let said = refusal("ID,TIME,AMT,LAGT\n1,0,5,1\n", "columns = { LAGT = \"ALAG9\" }\n");
    assert!(said.contains("\"ALAG9\", which is not a column of this model; use ID"), "{said}");
}

#[test]
fn odd_tables_are_read() {
    for table in [
        "\u{feff}id,Time,amt\r\n1,0,5\r\n\r\n1,2,0\r\n",
        "TIME,AMT\n0,5\n",
        "#ID,TIME,AMT\n1,0,5\n#2,0,1,8\n1.0,2,0\n",
        "TIME,EVID,AMT,CMT,SS,II\n0,1,5,1,3,12\n2,0,0,2,0,0\n",
        "TIME,EVID,AMT\n24,1,5\n0,4,5\n12,0,0\n",
        "C,ID,TIME,AMT,DV,WT\n.,1,0,5,.,70\nC,1,1,5,.,70\n.,1,2,.,3.4,70\n",
        "ID,TIME,AMT,LAGT\n1,-3,5,0.5\n1,2,0,.\n",
        "@ID,Time,amt,tinf,route\nA-1,0,100,2,IV\n,,,,\nA-1,1,NA,NaN,.\n,,\n",
        "ID,TIME,AMT,RATE,TINF\n1,0,100,33.3,3\n",
        "ID,TIME,AMT\n1,0,5\nNA,NA,NA\n1,2,.\n.,.,.\n",
        "ID,TIME,AMT\n1,0,5\nNaN,,NA\n",
        "ID,TIME,EVID,AMT,CMT\n1,0,.,5,central\n1,1,0,.,Cp\n",
    ] {
        let more = if table.contains("LAGT") { COLUMNS } else { "" };
        study_with(table, more).unwrap_or_else(|e| panic!("{table:?}: {e}"));
    }
}

#[test]
fn a_study_that_misfits_its_table_is_refused() {
    let with = |find: &str, replace: &str| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("doses.csv"), "ID,TIME,AMT\n1,0,5\n").unwrap();
        let text = "version = 1\nquestion = \"Is it read?\"\n[assay.a]\nkind = \"event-table\"\n\
             table = \"doses.csv\"\nmodel = \"one-compartment\"\n\
             units = { time = \"h\", amount = \"mg\" }\n\
             parameters = { clearance = \"1 L/h\", volume = \"10 L\" }\n"
            .replace(find, replace);
        let path = folder.path().join("s.toml");
        il2_assay::parse(&path, &text, Library::builtin())
            .map(|(study, _)| study)
            .expect_err(&text)
            .to_string()
    };
    assert!(with("doses.csv", "gone.csv").contains("gone.csv: cannot be read"));
    assert!(
        with("time = \"h\"", "time = \"mg\"").contains("units.time: \"mg\" is not a unit of time")
    );
    assert!(with("amount = \"mg\"", "amount = \"h\"").contains("units.amount"));
    assert!(with("one-compartment", "one-compartmant").contains("did you mean one-compartment?"));
    assert!(with("volume = \"10 L\"", "volume = \"10 h\"").contains("parameters.volume"));
    assert!(with(", volume = \"10 L\"", "").contains("gives no volume; add the column V"));
}

fn run(table: &str, more: &str) -> AssayResult {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("doses.csv"), table).unwrap();
    let text = format!(
        "version = 1\nquestion = \"What level?\"\n[assay.a]\nkind = \"event-table\"\n\
         table = \"doses.csv\"\nmodel = \"one-compartment\"\n\
         units = {{ time = \"h\", amount = \"mg\", concentration = \"mg/L\" }}\n\
         parameters = {{ clearance = \"1 L/h\", volume = \"10 L\" }}\n{more}"
    );
    let study = il2_assay::parse(&folder.path().join("s.toml"), &text, Library::builtin())
        .map(|(study, _)| study);
    let study = study.unwrap_or_else(|e| panic!("{table}\n{e}"));
    il2_assay::kinds::plan(&study, "a").unwrap().run(&study, &|_| {})
}

fn concentrations(result: &AssayResult) -> Vec<f64> {
    let table = &result.tables[0];
    (0..table.rows()).map(|row| table.number(row, "concentration_mg_per_l")).collect()
}

fn assert_close(found: &[f64], wanted: &[f64]) {
    assert_eq!(found.len(), wanted.len());
    // The solver has a relative tolerance of 1e-8.
    let near = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-6 * b.abs() + 1e-9;
    assert!(found.iter().zip(wanted).all(near), "{found:?}\n{wanted:?}");
}

/// CL / V is 0.1 /h: 100 mg give 10 mg/L, which fall as exp(-0.1 t). A subject mistaken for another
/// would begin with the drug left in the other.
#[test]
fn subjects_are_told_apart_by_their_text() {
    let found = run(
        "ID,TIME,EVID,AMT\n1012003400050006001,0,1,100\n1012003400050006001,24,0,0\n\
         1012003400050006002,48,1,100\n1012003400050006002,72,0,0\n001017,0,1,100\n001017,1,0,0\n\
         1017,2,1,50\n1017,3,0,0\n1E05,0,1,100\n1E05,1,0,0\n7,0,1,100\n7.0,1,0,0\n",
        "",
    );
    let after = |dose: f64, time: f64| dose / 10.0 * (-0.1 * time).exp();
    let (day, hour) = (after(100.0, 24.0), after(100.0, 1.0));
    let half = after(50.0, 1.0);
    let wanted = [10.0, day, 10.0, day, 10.0, hour, 5.0, half, 10.0, hour, 10.0, hour];
    assert_close(&concentrations(&found), &wanted);
    let ids: Vec<String> = (0..12).map(|row| found.tables[0].text(row, "id")).collect();
    assert_eq!(
        ids[2..9],
        ["1012003400050006002", "1012003400050006002", "001017", "001017", "1017", "1017", "1E05"]
    );
    assert_eq!(ids[10..], ["7", "7"]);
    assert_eq!(found.summary["subjects"], 6);
}

/// An infusion of R mg/h gives R / CL (1 - exp(-k t)); a lower bioavailability does not change its
/// duration.
#[test]
fn an_infusion_takes_as_long_as_its_duration_says() {
    let at = |rate: f64, time: f64| rate * (1.0 - (-0.1 * time).exp());
    let wanted = [0.0, at(50.0, 1.0), at(50.0, 2.0), at(50.0, 2.0) * (-0.1_f64).exp()];
    for name in ["TINF", "DUR", "Duration", "infusion duration"] {
        let table = format!("ID,TIME,AMT,{name}\n1,0,100,2\n1,1,.,.\n1,2,.,2\n1,3,.,0\n");
        assert_close(&concentrations(&run(&table, "")), &wanted);
    }
    let half = "ID,TIME,AMT,TINF,F1\n1,0,200,2,0.5\n1,1,.,.,.\n1,2,.,.,.\n1,3,.,.,.\n";
    assert_close(&concentrations(&run(half, "")), &wanted);
    let both = "ID,TIME,AMT,TINF,RATE\n1,0,100,2,50\n1,1,.,.,.\n1,2,.,.,.\n1,3,.,.,.\n";
    assert_close(&concentrations(&run(both, "")), &wanted);
}

#[test]
fn a_number_on_some_lines_of_a_subject_holds_on_the_others() {
    let of = |cl: [&str; 3], f: [&str; 3]| {
        let row = |i: usize| format!("1,{i},{},{},{}\n", ["100", "0", "50"][i], cl[i], f[i]);
        concentrations(&run(&format!("ID,TIME,AMT,CL,F1\n{}{}{}", row(0), row(1), row(2)), ""))
    };
    let all = of(["2"; 3], ["0.5"; 3]);
    assert_close(&all, &[5.0, 5.0 * (-0.2_f64).exp(), 5.0 * (-0.4_f64).exp() + 2.5]);
    assert_eq!(of(["2", ".", "NA"], ["0.5", "", "."]), all);
    assert_eq!(of([".", ".", "2"], [".", "0.5", "."]), all);
    let changed = of(["2", ".", "4"], ["0.5"; 3]);
    assert_close(&changed, &[5.0, all[1], all[1] * (-0.4_f64).exp() + 2.5]);
    // A number of another subject does not apply.
    let two = "ID,TIME,AMT,CL\n1,0,100,2\n1,1,0,.\n2,0,100,.\n2,1,0,.\n";
    let wanted = [10.0, 10.0 * (-0.2_f64).exp(), 10.0, 10.0 * (-0.1_f64).exp()];
    assert_close(&concentrations(&run(two, "")), &wanted);
}

#[test]
fn measurements_are_compared_and_those_that_are_none_are_not() {
    let level = 10.0 * (-0.1_f64).exp();
    let head = "ID,TIME,AMT,DV,MDV,BLQ,CENS,LLOQ,EXCLUDE\n1,0,100,0,1,0,0,0.1,.\n";
    let row = |dv: String, rest: &str| format!("1,1,.,{dv},{rest}\n");
    let good = [row((1.1 * level).to_string(), "0,0,0,0.1,.")].concat();
    let bad = [
        row("900".into(), "1,0,0,0.1,."),
        row("900".into(), "0,1,0,0.1,."),
        row("900".into(), "0,0,1,0.1,."),
        row("0.05".into(), "0,0,0,0.1,."),
        row("<0.1".into(), "0,0,0,0.1,."),
        row("BLQ".into(), "0,0,0,0.1,."),
        row("0".into(), "0,0,0,.,."),
        row("900".into(), "0,0,0,0.1,haemolysed"),
    ]
    .concat();
    let found = run(&(head.to_string() + &good + &bad), "");
    let table = &found.tables[0];
    assert_eq!(table.rows(), 9);
    assert!(table.number(0, "measured_mg_per_l").is_nan());
    assert!((table.number(1, "log_residual") - 1.1_f64.ln()).abs() < 1e-6);
    assert!((2..9).all(|row| table.number(row, "log_residual").is_nan()));
    let of = |key: &str| found.summary["measured"][key].as_f64().unwrap();
    assert_eq!((of("compared"), of("not_compared")), (1.0, 7.0));
    assert!((of("rms_log_residual") - 1.1_f64.ln()).abs() < 1e-6);
    assert!(
        found.text.contains("1 measurement compared: measured/modelled 1.10"),
        "{}",
        found.text
    );
    assert_eq!(found.figures[0].1.panels.len(), 3);
    let said = found.warnings.join("\n");
    assert!(said.contains("il2 did not compare 7 measurements of doses.csv"), "{said}");
    assert!(said.contains("il2 left out 1 row of doses.csv"), "{said}");
    let other = run("ID,TIME,AMT,DV\n1,0,100,.\n1,1,.,9048\n", "");
    let said = other.warnings.join("\n");
    assert!(
        said.contains("DV of doses.csv is on (geometric) average 1000 times the model"),
        "{said}"
    );
    // A DV in a dose row is not compared; tables write 0 or MDV 1 there when nothing was measured.
    let beside = run("ID,TIME,AMT,DV,MDV\n1,0,100,7,0\n1,1,9,0,0\n1,2,9,5,1\n", "");
    let said = beside.warnings.join("\n");
    assert!(said.contains("il2 did not compare 1 measurement of doses.csv"), "{said}");
}

#[test]
fn columns_that_are_not_read_are_named_with_what_they_may_mean() {
    let found = run("SUBJ,TIME,AMT,BW,ADL,\n1,0,100,70,2,\n", "");
    let said = "columns of doses.csv that are not read: SUBJ (did you mean ID?), BW, ADL (did you mean ADDL?)";
    assert!(found.warnings.iter().any(|w| w == said), "{:?}", found.warnings);
    assert_eq!(found.summary["columns_not_read"].as_array().unwrap().len(), 3);
}

#[test]
fn more_doses_of_one_subject_than_memory_holds_are_refused() {
    let rows = "1,0,100,0.001,100000\n".repeat(3);
    let said = refusal(&format!("ID,TIME,AMT,II,ADDL\n{rows}1,200,0,0,0\n"), "");
    assert!(said.contains("gives subject 1 more than 200000 doses"), "{said}");
    // Doses after the last line are not given.
    study_with(&format!("ID,TIME,AMT,II,ADDL\n{rows}1,1,0,0,0\n"), "").unwrap();
}

/// Columns with rows of two subjects; their meaning does not depend on the order or the capitals of
/// the headings.
const TABLE: [[&str; 8]; 13] = [
    ["ID", "A1", "A1", "A1", "B2", "B2", "B2", "B2"],
    ["TIME", "0", "3", "9", "0", "1", "30", "31"],
    ["AMT", "100", "0", "0", "50", "0", "20", "0"],
    ["TINF", "2", ".", ".", "0", ".", "4", "."],
    ["EVID", "1", "0", "0", "1", "0", "4", "0"],
    ["ADDL", "2", "0", "0", "0", "0", "0", "0"],
    ["II", "4", "0", "0", "12", "0", "0", "0"],
    ["SS", "0", "0", "0", "1", "0", "0", "0"],
    ["CL", "2", ".", ".", "1", "3", ".", "."],
    ["F1", "0.5", ".", ".", ".", ".", ".", "."],
    ["DV", ".", "7", "9", ".", "<2", ".", "1"],
    ["MDV", "1", "0", "1", "1", "0", "1", "0"],
    ["EXCLUDE", ".", ".", ".", ".", ".", ".", "haemolysed"],
];

/// The table with its columns in a given order; the bits of a number switch the case of letters in
/// the headings.
fn table_in(order: &[usize], turned: u64) -> String {
    let mut bit = 0;
    let mut heading = |name: &str| -> String {
        let letters = name.chars().map(|c| {
            bit += 1;
            if turned >> (bit % 64) & 1 == 1 { c.to_ascii_lowercase() } else { c }
        });
        letters.collect()
    };
    let row = |r: usize| order.iter().map(|&c| TABLE[c][r].to_string()).collect::<Vec<_>>();
    let mut rows = vec![order.iter().map(|&c| heading(TABLE[c][0])).collect::<Vec<_>>().join(",")];
    rows.extend((1..8).map(|r| row(r).join(",")));
    rows.join("\n")
}

/// IDs that consist of letters, digits and signs, or are numbers in various spellings.
fn id() -> impl Strategy<Value = String> {
    prop_oneof![
        "0{0,2}[1-9][0-9]{0,18}",
        "[1-9][eE][+-]?[0-9]{1,2}",
        "[A-Za-z_][A-Za-z0-9 _./-]{0,9}x"
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn headings_stand_in_any_case_and_order(
        order in Just((0..TABLE.len()).collect::<Vec<_>>()).prop_shuffle(),
        turned in any::<u64>(),
    ) {
        let usual: Vec<usize> = (0..TABLE.len()).collect();
        let (wanted, found) = (run(&table_in(&usual, 0), ""), run(&table_in(&order, turned), ""));
        prop_assert_eq!(format!("{:?}", found.tables), format!("{:?}", wanted.tables));
        prop_assert_eq!(found.warnings, wanted.warnings);
    }

    #[test]
    fn subjects_keep_their_ids_and_no_other_doses(ids in prop::collection::hash_set(id(), 2..7)) {
        let ids: Vec<String> = ids.into_iter().collect();
        let dose = |i: usize| 100.0 * (i + 1) as f64;
        let rows = |(i, id): (usize, &String)| format!("{id},0,{}\n{id},1,.\n", dose(i));
        let table: String = ids.iter().enumerate().map(rows).collect();
        let found = run(&format!("ID,TIME,AMT\n{table}"), "");
        let wanted: Vec<f64> = (0..ids.len())
            .flat_map(|i| [dose(i) / 10.0, dose(i) / 10.0 * (-0.1_f64).exp()])
            .collect();
        assert_close(&concentrations(&found), &wanted);
        for (i, id) in ids.iter().enumerate() {
            prop_assert_eq!(&found.tables[0].text(2 * i, "id"), id);
        }
    }
}

/// The terminal cuts an answer at its end, so text that no table contains is at the beginning.
#[test]
fn what_no_table_has_stands_before_the_extremes_of_subjects() {
    let rows = |i: usize| format!("{i},0,100,.\n{i},1,.,9\n");
    let table: String = (1..=12).map(rows).collect();
    let text = run(&format!("ID,TIME,AMT,DV\n{table}"), "").text;
    let at = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what}\n{text}"));
    let first = at("highest and lowest values of the first 10 of 12 subjects");
    assert!(
        at("12 measurements compared") < first && at("mass balance of the drug") < first,
        "{text}"
    );
    assert!(first < at("subject 1 ") && !text.contains("subject 11 "), "{text}");
}
