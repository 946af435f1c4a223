//! Doses have the same meaning as in NONMEM: nine scenarios compared with NONMEM's output.

use il2_study::{Library, Study};
use std::path::Path;

/// Columns of a dose; `ALAG2` and `F2` act on doses into compartment 2 only.
const HEADER: &str = "ID,TIME,EVID,AMT,CMT,SS,II,ADDL,RATE,ALAG2,F2\n";

/// Number, description, and lines from the column TIME on.
const SCENARIOS: [(&str, &str, &[&str]); 9] = [
    ("1", "doses under the skin, repeated", &["0,1,100,1,0,24,3,0,0,1"]),
    ("3", "infusions, repeated", &["0,1,100,2,0,24,3,10,0,1"]),
    ("4", "an infusion half of which arrives", &["0,1,480,2,0,0,0,10,0,0.5"]),
    ("7", "infusions with a delay, repeated", &["0,1,100,2,0,24,3,10,4.15,1"]),
    ("9", "steady state of late infusions", &["0,1,100,2,1,24,3,10,3.16,0.412"]),
    ("12", "steady state of infusions that overlap", &["0,1,100,2,1,6,12,8.3333,0,1"]),
    ("15", "steady state of late doses", &["0,1,100,2,1,24,3,0,4,0.412"]),
    ("20", "a reset with a dose", &["0,1,100,1,0,12,2,50,0,0.61", "50,4,120,1,0,12,3,0,0,0.5"]),
    (
        "26",
        "a reset that calls off doses, then others",
        &["0,1,100,1,0,12,3,50,0,0.61", "50,3,0,2,0,0,0,0,0,1", "54,1,120,1,0,16,2,0,0,1"],
    ),
];

#[test]
fn doses_mean_what_they_mean_in_nonmem() {
    let printed = include_str!("nonmem.csv");
    let mut lines = printed.lines().filter(|line| !line.starts_with('#'));
    let names: Vec<&str> = lines.next().unwrap().split(',').skip(1).collect();
    assert_eq!(names, SCENARIOS.map(|s| s.0));
    let hours: Vec<Vec<f64>> =
        lines.map(|line| line.split(',').map(|v| v.parse().unwrap()).collect()).collect();
    assert_eq!(hours.len(), 131);

    let mut events = HEADER.to_string();
    for (id, _, doses) in SCENARIOS {
        let mut doses = doses.iter().peekable();
        for hour in &hours {
            let due = |line: &&&str| line.split(',').next().unwrap().parse() == Ok(hour[0]);
            while let Some(dose) = doses.next_if(due) {
                events += &format!("{id},{dose}\n");
            }
            events += &format!("{id},{},0,0,2,0,0,0,0,0,1\n", hour[0]);
        }
        assert!(doses.next().is_none(), "scenario {id}: a dose outside the hours");
    }
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("events.csv");
    std::fs::write(&table, events).unwrap();

    let text = format!(
        r#"version = 1
question = "Does the dosing agree with NONMEM?"
[assay.nonmem]
kind = "event-table"
table = {:?}
model = "one-compartment-oral"
units = {{ time = "h", amount = "mg", concentration = "ug/L" }}
parameters = {{ clearance = "1.1 L/h", volume = "20 L", absorption_rate = "1.5 /h" }}
"#,
        table.display().to_string()
    );
    let study = Study::parse(Path::new("s.toml"), &text, Library::builtin()).unwrap();
    let result = il2_assay::kinds::plan(&study, "nonmem").unwrap().run(&study, &|_| ());
    assert!(result.summary["largest_imbalance"].as_f64().unwrap() < 1e-9);
    let found = &result.tables[0];
    let mut row = 0;
    for (column, (id, what, doses)) in SCENARIOS.iter().enumerate() {
        for hour in &hours {
            // The last line at an hour, after any dose or reset at that time.
            let at = doses.iter().filter(|d| d.split(',').next().unwrap().parse() == Ok(hour[0]));
            row += at.count();
            let (found, wanted) = (found.number(row, "concentration_ug_per_l"), hour[1 + column]);
            // NONMEM prints five digits.
            let allowed = 2e-4 * wanted + 1e-9;
            assert!(
                (found - wanted).abs() <= allowed,
                "scenario {id} ({what}), {} h: {found}, NONMEM {wanted}",
                hour[0]
            );
            row += 1;
        }
    }
    assert_eq!(row, found.rows());
}
