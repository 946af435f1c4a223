//! Event tables that are refused: file, row, column and remedy; and tables that look odd and are fine.

use il2_study::{Library, Study, StudyError};

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
    Study::parse(&folder.path().join("s.toml"), &text, Library::builtin())
}

fn refusal(table: &str, more: &str) -> String {
    study_with(table, more).expect_err(table).to_string()
}

#[test]
fn bad_tables_are_refused_with_row_column_and_remedy() {
    let cases = [
        ("", "is empty; write a header and then rows of doses"),
        ("ID;TIME;AMT\n1;0;5,5\n", "is separated by semicolons or tabs"),
        ("ID,TIME,AMT\n", "has no rows"),
        ("ID,AMT\n1,5\n", "TIME"),
        ("ID,TIME,AMT\n1,0,5\n1,x,0\n", "doses.csv:3: column TIME: \"x\" is no number"),
        ("ID,TIME,AMT\n1,9:30,5\n", "clock times are not read"),
        ("ID,TIME,AMT\n1,0,5\n1,2\n", "doses.csv:3: has 2 fields where the header has 3"),
        ("ID,TIME,AMT\n1,,5\n", "doses.csv:2: column TIME: is empty"),
        ("ID,TIME,AMT\n1,5,5\n1,4,0\n", "doses.csv:3: column TIME: 4 lies before"),
        ("ID,TIME,AMT\n1,0,5\n2,0,5\n1,1,0\n", "doses.csv:4: column ID: subject 1 came before"),
        ("ID,TIME,EVID,AMT\n1,0,7,5\n", "column EVID: 7 is not allowed; use 0"),
        ("ID,TIME,EVID,AMT\n1,0,1,0\n", "column AMT: is 0 in a dose row"),
        ("ID,TIME,EVID,AMT\n1,0,0,5\n", "column AMT: stands in a row that gives nothing"),
        ("ID,TIME,AMT\n1,0,-5\n", "column AMT: -5"),
        ("ID,TIME,AMT\n1,0,inf\n", "\"inf\" is no number"),
        ("ID,TIME,AMT,CMT\n1,0,5,3\n", "column CMT: 3 is not allowed; use 1 (central)"),
        ("ID,TIME,AMT,CMT\n1,0,5,-1\n", "column CMT: -1 is not allowed"),
        ("ID,TIME,AMT,ADDL\n1,0,5,2\n", "column II: is 0 though ADDL"),
        ("ID,TIME,AMT,ADDL,II\n1,0,5,1.5,2\n", "column ADDL: 1.5 is not allowed"),
        ("ID,TIME,AMT,ADDL,II\n1,0,5,1e9,2\n", "column ADDL"),
        ("ID,TIME,AMT,SS\n1,0,5,1\n", "column II: is 0 though SS"),
        ("ID,TIME,AMT,SS,II\n1,0,5,4,12\n", "column SS: 4 is not allowed"),
        ("ID,TIME,AMT,RATE\n1,0,5,-2\n", "column RATE: is -2, and the compartment has no duration"),
        ("ID,TIME,AMT,RATE\n1,0,5,-1\n", "column RATE: is -1"),
        ("ID,TIME,AMT,RATE\n1,0,5,-4\n", "column RATE: -4 is no rate"),
        ("ID,TIME,EVID,AMT,RATE,SS,D1\n1,0,1,0,-2,1,3\n", "column RATE: is -2 where AMT is 0"),
        ("ID,DATE,TIME,AMT\n1,1,0,5\n", "column DATE: holds calendar days"),
        ("#ID,TIME,AMT\n\n#2,0\n1,0,5\n# so\n1,0,-5\n", "doses.csv:6: column AMT: -5 is no amount"),
        ("ID,TIME,AMT,V,V1\n1,0,5,2,2\n", "column V1: says what another column says"),
        ("ID,TIME,AMT,V\n1,0,5,0\n", "column V: 0 is no volume"),
        ("ID,TIME,AMT,ALAG1\n1,0,5,-1\n", "column ALAG1: -1 is no delay"),
        ("\u{1}\u{2}", "TIME"),
    ];
    for (table, expected) in cases {
        let said = refusal(table, "");
        assert!(
            said.contains("doses.csv") && said.contains(expected),
            "{table:?}\n{said}\n{expected}"
        );
    }
    let said = refusal("ID,TIME,AMT\n1,0,5\n", COLUMNS);
    assert!(said.contains("has no column LAGT"), "{said}");
    let said = refusal("ID,TIME,AMT,LAGT\n1,0,5,1\n", "columns = { LAGT = \"ALAG9\" }\n");
    assert!(said.contains("\"ALAG9\", which is no column of this model; use ID"), "{said}");
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
        Study::parse(&path, &text, Library::builtin()).expect_err(&text).to_string()
    };
    assert!(with("doses.csv", "gone.csv").contains("gone.csv: cannot be read"));
    assert!(
        with("time = \"h\"", "time = \"mg\"").contains("units.time: \"mg\" is no unit of time")
    );
    assert!(with("amount = \"mg\"", "amount = \"h\"").contains("units.amount"));
    assert!(with("one-compartment", "one-compartmant").contains("did you mean one-compartment?"));
    assert!(with("volume = \"10 L\"", "volume = \"10 h\"").contains("parameters.volume"));
    assert!(with(", volume = \"10 L\"", "").contains("gives no volume; add the column V"));
}
