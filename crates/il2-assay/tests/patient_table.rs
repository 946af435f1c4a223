//! The whole patient with event tables, compared with the same doses as a regimen, with the plain
//! model, with conservation laws and with equivalent tables.

use il2_answer::AssayResult;
use il2_assay::kinds::plan;
use il2_output::column::Values;
use il2_output::table::Table;
use il2_study::{Library, StudyError};
use proptest::prelude::*;

/// Plans and runs the study's only assay, unless it is refused.
fn try_run(table: &str, more: &str) -> Result<AssayResult, StudyError> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("doses.csv"), table).unwrap();
    let text = format!(
        "version = 1\nquestion = \"What happens?\"\n[ligands.drug]\nfrom = \"aldesleukin\"\n{more}"
    );
    let study = il2_assay::parse(&folder.path().join("s.toml"), &text, Library::builtin())
        .map(|(study, _)| study)?;
    Ok(plan(&study, "own")?.run(&study, &|_| {}))
}

const ASSAY: &str = "[assay.own]\nkind = \"event-table\"\ntable = \"doses.csv\"\nmodel = \"patient\"\n\
                     ligand = \"drug\"\nunits = { time = \"h\", amount = \"nmol\" }\n\
                     compartments = { 1 = \"skin\", 2 = \"plasma\" }\n";

fn run(table: &str, more: &str) -> AssayResult {
    try_run(table, &format!("{ASSAY}{more}")).unwrap_or_else(|e| panic!("{table}\n{e}"))
}

fn close(a: f64, b: f64, part: f64) -> bool {
    (a - b).abs() <= part * a.abs().max(b.abs())
}

/// Checks that the numeric columns that both tables share agree in the last row.
fn last_rows_agree(a: &AssayResult, b: &AssayResult, part: f64) {
    let (a, b) = (&a.tables[0], &b.tables[0]);
    let mut compared = 0;
    for column in a.columns.iter().map(|c| c.name.as_str()) {
        if ["id", "line", "time_h", "evid", "status"].contains(&column) {
            continue;
        }
        let of = |t: &Table| t.number(t.rows() - 1, column);
        assert!(close(of(a), of(b), part), "{column}: {} {}", of(a), of(b));
        compared += 1;
    }
    assert!(compared > 30, "{compared}");
}

#[test]
fn a_table_and_a_regimen_of_the_same_doses_are_the_same() {
    let table = "ID,TIME,AMT,RATE,CMT,II,ADDL\n1,0,4,0,1,24,6\n1,168,2,8,2,12,3\n1,400,0,0,0,0,0\n";
    let found = run(table, "");
    let regimens = "[regimens.a]\nligand = \"drug\"\ndose = \"4 nmol\"\nroute = \"subcutaneous\"\n\
         every = \"1 d\"\ndoses = 7\nthen = \"b\"\n[regimens.b]\nligand = \"drug\"\ndose = \"2 nmol\"\n\
         route = \"infusion\"\nduration = \"15 min\"\nstart = \"7 d\"\nevery = \"12 h\"\ndoses = 4\n\
         [assay.own]\nkind = \"regimen\"\ntimes = [\"400 h\"]\n";
    let regimen = try_run(table, regimens).unwrap();
    let medians = &regimen.tables[0];
    let (own, last) = (&found.tables[0], found.tables[0].rows() - 1);
    let mut compared = 0;
    for row in 0..medians.rows() {
        let quantity = medians.text(row, "quantity");
        let column = own.columns.iter().find(|c| c.name == quantity);
        let Some(column) = column else { continue };
        let (a, b) = (own.number(last, &column.name), medians.number(row, "median"));
        assert!(close(a, b, 1e-4), "{quantity}: {a} {b}");
        compared += 1;
    }
    assert!(compared > 15, "{compared}");
}

/// The table as a regimen for all patients, in combination with rules and cohorts.
#[test]
fn a_regimen_may_be_a_table() {
    let table = "TIME,AMT,RATE,CMT,II,ADDL,EVID\n0,600000,2400000,2,8,13,1\n24,0,0,0,0,0,2\n\
                 336,600000,2400000,2,8,13,1\n";
    let assay = "[assay.own]\nkind = \"regimen\"\npatients = 8\nrules = \"hold\"\n\
                 times = { from = \"0 d\", to = \"28 d\", points = 29 }\n";
    let head = "[regimens.high]\nligand = \"drug\"\n";
    let by_table = "table = \"doses.csv\"\nunits = { time = \"h\", amount = \"IU/kg\" }\n\
                    compartments = { 1 = \"skin\", 2 = \"plasma\" }\n";
    let in_words = "dose = \"600000 IU/kg\"\nroute = \"infusion\"\nduration = \"15 min\"\n\
                    every = \"8 h\"\ndoses = 14\ncycles = 2\ncycle = \"14 d\"\n";
    let of = |how: &str| try_run(table, &format!("{head}{how}{assay}")).unwrap();
    let (a, b) = (of(by_table), of(in_words));
    assert!(a.tables[0].rows() > 500 && a.tables[1].rows() == 8);
    for (a, b) in a.tables.iter().zip(&b.tables) {
        for (a, b) in a.columns.iter().zip(&b.columns) {
            match (&a.values, &b.values) {
                (Values::Text(a), Values::Text(b)) => assert_eq!(a, b),
                (Values::Number(a), Values::Number(b)) => {
                    let same = |(a, b): (&f64, &f64)| {
                        (a - b).abs() < 1e-8 || close(*a, *b, 1e-6) || a.is_nan() && b.is_nan()
                    };
                    assert!(a.len() == b.len() && a.iter().zip(b).all(same));
                }
                _ => panic!("{} holds something else", a.name),
            }
        }
    }
    assert_eq!((a.inputs.len(), b.inputs.len()), (1, 0));
    for (table, wanted) in [
        ("TIME,AMT,EVID\n0,5,4\n", "doses.csv:2: column EVID: is a reset"),
        ("TIME,AMT,SS,II\n0,5,1,8\n", "doses.csv:2: column SS: specifies dosing to steady state"),
        ("TIME,AMT,RATE,CMT\n0,5,2,1\n", "doses.csv:2: column RATE: is an infusion under the skin"),
        ("TIME,AMT,F1\n0,5,0.3\n", "doses.csv:1: column F1: contains the bioavailability"),
        ("ID,TIME,AMT\n1,0,5\n2,0,5\n", "doses.csv:3: column ID: begins another subject"),
        ("TIME,AMT,WT\n0,5,70\n", "doses.csv:1: column WT: has no effect in a regimen"),
        ("TIME,AMT\n0,0\n", "column AMT: has no row that gives a dose"),
        (
            "TIME,AMT,DV\n0,5,.\n1,0,3\n",
            "column DV: contains measurements, which a regimen does not use",
        ),
        ("TIME,AMT\n-5,1\n", "doses.csv:2: column TIME: is before the start"),
        ("TIME,AMT,II,ADDL\n0,1,1,20000\n", "has 20001 doses in total"),
    ] {
        let said = try_run(table, &format!("{head}{by_table}{assay}")).map(|_| ());
        let said = said.expect_err(table).to_string();
        assert!(said.contains(wanted), "{said}\n{wanted}");
    }
    for (how, wanted) in [
        (
            format!("{by_table}dose = \"1 MIU\"\n"),
            "regimens.high.dose: cannot be combined with a table",
        ),
        (by_table.replace("units", "#"), "regimens.high.units: is missing"),
        (by_table.replace("IU/kg", "IU/lb"), "regimens.high.units.amount"),
        (String::new(), "regimens.high.dose: is missing"),
        (
            format!("{in_words}units = {{ time = \"h\", amount = \"IU\" }}\n"),
            "applies only to a table",
        ),
    ] {
        let said = try_run(table, &format!("{head}{how}{assay}")).map(|_| ());
        let said = said.expect_err(&how).to_string();
        assert!(said.contains(wanted), "{said}\n{wanted}");
    }
}

/// Without uptake by cells, binding to soluble CD25 or an effect of kidney injury, the patient's
/// plasma follows the plain model, with the clearance and volumes of a body of changing size.
#[test]
fn a_body_that_changes_is_the_plain_model_with_its_clearance() {
    let weights = [60.0, 90.0, 120.0, 75.0];
    let more = "[assay.own.parameters]\n\"sensing.uptake\" = \"0\"\n\
                \"pharmacokinetics.renal_part\" = \"0\"\n\"soluble_cd25.level\" = \"0 pM\"\n\"tumour.exchange\" = \"0 L/min\"\n";
    let mut table = "ID,TIME,AMT,CMT,WT,HT\n".to_string();
    let mut plain = "ID,TIME,AMT,CMT,CL,V1,Q,V2\n".to_string();
    let set = Library::builtin().physiology.kinetics("aldesleukin").unwrap();
    for (k, weight) in weights.into_iter().enumerate() {
        let amount = if k == 0 { 10 } else { 0 };
        table += &format!("1,{k},{amount},2,{weight},180\n");
        let surface = (weight * 180.0_f64 / 3600.0).sqrt();
        let of = |name: &str| set[name].value * surface;
        plain += &format!(
            "1,{k},{amount},1,{},{},{},{}\n",
            60.0 * of("clearance"),
            of("volume"),
            60.0 * of("intercompartmental_clearance"),
            of("peripheral_volume")
        );
    }
    let patient = run(&table, more);
    let plain = try_run(
        &plain,
        "[assay.own]\nkind = \"event-table\"\ntable = \"doses.csv\"\nmodel = \"two-compartment\"\n\
         units = { time = \"h\", amount = \"nmol\" }\n",
    )
    .unwrap();
    for row in 0..weights.len() {
        let [a, b] =
            [&patient, &plain].map(|r| r.tables[0].number(row, "concentration_nmol_per_l"));
        assert!(a > 0.0 && close(a, b, 2e-3), "row {row}: {a} {b}");
    }
}

#[test]
fn a_reset_forgets_everything_but_the_body() {
    let after = "1,1000,4,1,1,24,2,80\n1,1060,0,1,0,0,0,80\n";
    let head = "ID,TIME,AMT,CMT,EVID,II,ADDL,WT\n";
    let fresh = run(&format!("{head}{after}"), "");
    let reset = after.replacen(",1,1,24", ",1,4,24", 1);
    let again = run(&format!("{head}1,0,9,2,1,8,40,80\n1,300,0,1,0,0,0,80\n{reset}"), "");
    last_rows_agree(&fresh, &again, 1e-4);
    assert!(again.checks.iter().all(|c| c.holds), "{:?}", again.checks);
}

#[test]
fn doses_at_steady_state_are_fifteen_years_of_doses() {
    let head = "ID,TIME,AMT,CMT,SS,II,ADDL\n";
    // Weekly doses: the slowest process, the longer life of CD4 cells, has a half-time of half a
    // year.
    let long = run(&format!("{head}1,0,4,1,0,168,780\n1,131041,0,0,0,0,0\n"), "");
    let ever = run(&format!("{head}1,0,4,1,1,168,0\n1,1,0,0,0,0,0\n"), "");
    last_rows_agree(&long, &ever, 2e-3);
    let adds = run(&format!("{head}1,0,4,1,2,24,0\n1,1,0,0,0,0,0\n"), "");
    assert_eq!(adds.failed, 1);
    assert!(adds.tables[0].text(0, "status").contains("use SS 1"), "{:?}", adds.tables[0]);
}

#[test]
fn column_f1_says_what_arrives_and_a_pump_ends_where_a_drip_does() {
    let head = "ID,TIME,AMT,CMT,RATE";
    // With complete bioavailability, the area equals that of the same intravenous amount, in a body
    // without uptake.
    let more = "[assay.own.parameters]\n\"sensing.uptake\" = \"0\"\n\
                \"pharmacokinetics.renal_part\" = \"0\"\n";
    let gone = |r: &AssayResult| {
        assert!(r.checks.iter().all(|c| c.holds), "{:?}", r.checks);
        let t = &r.tables[0];
        t.number(t.rows() - 1, "concentration_nmol_per_l")
    };
    let vein = run(&format!("{head}\n1,0,2400,2,50\n1,47.9,0,0,0\n"), more);
    let pump = run(&format!("{head},F1\n1,0,2400,1,50,1\n1,47.9,0,0,0,1\n"), more);
    let half = run(&format!("{head},F1\n1,0,4800,1,50,0.5\n1,47.9,0,0,0,0.5\n"), more);
    assert!(close(gone(&vein), gone(&pump), 2e-3), "{} {}", gone(&vein), gone(&pump));
    // The rate of an infusion is kept: half the amount takes half as long.
    assert!(close(gone(&half), gone(&pump), 1e-3));
    let own = run(&format!("{head}\n1,0,2400,1,50\n1,47.9,0,0,0\n"), more);
    let set = Library::builtin().physiology.kinetics("aldesleukin").unwrap();
    let part = set["bioavailability"].value * gone(&pump);
    assert!(close(gone(&own), part, 5e-3), "{} {part}", gone(&own));
}

#[test]
fn what_is_wrong_is_refused_where_it_stands() {
    let table = "TIME,AMT,HT\n0,4,1.75\n";
    let says =
        |table: &str, more: &str| try_run(table, more).map(|_| ()).expect_err(more).to_string();
    let said = says(table, ASSAY);
    assert!(
        said.contains("doses.csv:2: column WT, HT or BSA") && said.contains("HT in cm"),
        "{said}"
    );
    let fine = "TIME,AMT\n0,4\n";
    for (find, replace, wanted) in [
        ("ligand = \"drug\"\n", "", "assay.own.ligand: is missing"),
        ("\"drug\"\nunits", "\"drag\"\nunits", "did you mean drug?"),
        (
            "\"patient\"",
            "\"one-compartment\"",
            "assay.own.ligand: applies only to model = \"patient\"",
        ),
        ("nmol", "nM", "units.amount"),
        ("\"h\"", "\"nmol\"", "not a unit of time"),
    ] {
        let said = says(fine, &ASSAY.replace(find, replace));
        assert!(said.contains(wanted), "{said}\n{wanted}");
    }
    for (number, wanted) in [
        ("\"treg.grwth\" = \"1 /d\"", "did you mean treg.growth?"),
        ("\"treg.growth\" = \"1 d\"", "parameters.treg.growth"),
        ("\"treg.in_blood\" = \"1\"", "between 0 and 1"),
        ("\"pharmacokinetics.volume\" = \"0 L\"", "divide"),
        ("\"sensing.pair_constant\" = \"1 nM\"", "have no effect"),
        ("\"pharmacokinetics.transit_compartments\" = \"2.5\"", "use a whole number from 0 to 30"),
        ("\"infusion\" = \"1 pmol/min\"", "is set by doses"),
    ] {
        let said = says(fine, &format!("{ASSAY}[assay.own.parameters]\n{number}\n"));
        assert!(said.contains(wanted), "{said}\n{wanted}");
    }
}

/// One woman of 45 kg, whose weight and height are given on every line, on the first, or on the
/// last.
#[test]
fn a_body_written_once_holds_on_all_lines() {
    let head = "ID,TIME,EVID,AMT,CMT,WT,HT\n";
    let lines = ["1,0,1,4,2", "1,1,0,.,.", "1,4,0,.,."];
    let of = |bodies: [&str; 3]| {
        let rows = lines.iter().zip(bodies).map(|(line, body)| format!("{line},{body}\n"));
        run(&(head.to_string() + &rows.collect::<String>()), "")
    };
    let all = of(["45,150"; 3]);
    let surface = all.tables[0].number(2, "surface_m2");
    // The coefficient in the library has five digits.
    assert!((surface / (45.0_f64 * 150.0 / 3600.0).sqrt() - 1.0).abs() < 1e-5, "{surface}");
    for bodies in [["45,150", ".,.", "NA,"], [".,.", ".,.", "45,150"], [".,150", "45,.", ".,."]] {
        let once = of(bodies);
        for row in 0..3 {
            for column in ["weight_kg", "surface_m2", "concentration_nmol_per_l"] {
                let [a, b] = [&all, &once].map(|r| r.tables[0].number(row, column));
                assert_eq!(a, b, "{bodies:?} {row} {column}");
            }
        }
    }
    let two = run("ID,TIME,AMT,CMT,WT\n1,0,4,2,45\n2,0,4,2,.\n", "");
    let said =
        "il2 used the usual value for 1 subject of doses.csv without weight (such as subject 2)";
    assert!(two.warnings.iter().any(|w| w == said), "{:?}", two.warnings);
}

#[test]
fn kidneys_of_each_subject_and_line_stand_in_the_table() {
    let more = "[assay.own.parameters]\n\"sensing.uptake\" = \"0\"\n";
    let head = "ID,TIME,EVID,AMT,CMT,RENAL\n";
    let rows = "1,0,1,4,2,1\n1,240,0,.,.,1\n2,0,1,4,2,0.5\n2,240,0,.,.,0.5\n3,0,0,.,.,1\n3,1,2,.,.,0\n\
                3,24,0,.,.,0\n";
    let result = run(&format!("{head}{rows}"), more);
    let of = |row: usize, column: &str| result.tables[0].number(row, column);
    assert_eq!([0, 2, 5].map(|row| of(row, "renal_function")), [1.0, 0.5, 0.0]);
    let creatinine = |row: usize| of(row, "creatinine_mg_per_dl");
    assert!(close(creatinine(0), 1.0, 1e-9) && close(creatinine(2), 2.0, 1e-9));
    // A value applies up to its line. Creatinine does not jump; with a tenth of its clearance it
    // approaches ten, as calculated by hand.
    for (row, hours) in [(4, 0.0), (5, 1.0), (6, 24.0)] {
        let expected = 10.0 - 9.0 * f64::exp(-0.1 * 3.8 * hours / 24.0);
        assert!(close(creatinine(row), expected, 1e-3), "{} {expected}", creatinine(row));
    }
    let areas =
        result.tables.iter().find(|t| t.name == "own_subjects").expect("a table of subjects");
    let areas = [0, 1].map(|row| areas.number(row, "auc_nmol_per_l_h"));
    // Four fifths of clearance are renal; with half of that, 0.6 of the total is left.
    assert!(close(areas[1] / areas[0], 1.0 / 0.6, 0.02), "{areas:?}");
    let refused =
        try_run(&format!("{head}1,0,1,4,2,60\n1,24,0,.,.,60\n"), ASSAY).unwrap_err().to_string();
    assert!(refused.contains("doses.csv:2: column RENAL: 60 is not a fraction (from"), "{refused}");
}

#[test]
fn where_a_dose_goes_is_said_or_refused() {
    let untold = ASSAY.replace("compartments", "#");
    let told = |what: &str| untold.clone() + "compartments = " + what + "\n";
    let refused = |table: &str, more: &str, wanted: &str| {
        let said = try_run(table, more).map(|_| ()).expect_err(table).to_string();
        assert!(said.contains(wanted), "{table}\n{said}\n{wanted}");
    };
    for (table, wanted) in [
        ("TIME,AMT\n0,4\n", "doses.csv:2: column CMT: gives a dose but no compartment for it"),
        ("TIME,AMT,CMT,RATE\n0,4,1,16\n", "assay.own.compartments = { 1 = \"plasma\" }"),
        ("TIME,AMT,CMT\n0,4,2\n", "column CMT: 2 is a compartment number of the table"),
        ("TIME,AMT,ADM\n0,4,2\n", "column ADM: 2 is a compartment number of the table"),
        ("TIME,AMT,ROUTE\n0,4,oral\n", "column ROUTE: \"oral\" is not a compartment of this model"),
    ] {
        refused(table, &untold, wanted);
    }
    let both = told("{ 1 = \"plasma\", 2 = \"skin\" }");
    refused(
        "TIME,AMT,CMT,ROUTE\n0,4,1,sc\n",
        &both,
        "specifies skin depot, but CMT specifies plasma",
    );
    refused("TIME,AMT,CMT\n0,4,3\n", &both, "3 is a compartment number of the table");
    refused("TIME,AMT\n0,4\n", &told("{ 1 = \"gut\" }"), "use skin depot or plasma");
    let last = |table: &str, more: &str| {
        let found = try_run(table, more).unwrap_or_else(|e| panic!("{table}\n{e}"));
        found.tables[0].number(found.tables[0].rows() - 1, "concentration_nmol_per_l")
    };
    let vein = last("TIME,AMT,CMT\n0,4,2\n1,0,0\n", ASSAY);
    let skin = last("TIME,AMT,CMT\n0,4,1\n1,0,0\n", ASSAY);
    assert!(vein > skin && skin > 0.0, "{vein} {skin}");
    for (table, more, wanted) in [
        ("TIME,AMT,ROUTE\n0,4,IV\n1,.,.\n", &untold, vein),
        ("TIME,AMT,route,CMT\n0,4,s.c.,1\n1,.,.,1\n", &untold, skin),
        ("TIME,AMT,CMT\n0,4,plasma\n1,.,.\n", &untold, vein),
        ("TIME,AMT,CMT\n0,4,1\n1,.,.\n", &both, vein),
        ("TIME,AMT,Adm\n0,4,2\n1,.,.\n", &both, skin),
        ("TIME,AMT\n0,4\n1,.\n", &both, vein),
        ("TIME,AMT,CMT\n0,4,arm\n1,.,.\n", &told("{ arm = \"iv\" }"), vein),
    ] {
        assert_eq!(last(table, more), wanted, "{table}");
    }
}

/// A row of doses: compartment, infusion or not, interval and additional doses.
fn row() -> impl Strategy<Value = String> {
    let amount = prop_oneof![Just(0.0), 0.01..50.0];
    let kind = prop_oneof![6 => Just(1), 1 => Just(4), 1 => Just(3), 3 => Just(0), 1 => Just(2)];
    (
        0.0..200.0,
        amount,
        1..=2,
        prop_oneof![Just(0.0), 0.5..100.0],
        kind,
        1.0..30.0,
        0..20,
        30.0..150.0,
    )
        .prop_map(|(after, amount, into, rate, kind, every, more, weight)| {
            let gives = kind == 1 || kind == 4;
            let of = |v: f64| if gives { v } else { 0.0 };
            let kind = if gives && amount == 0.0 { 0 } else { kind };
            let more = if gives && kind != 0 { more } else { 0 };
            let rate = if kind == 0 { 0.0 } else { of(rate) };
            format!("{after},{},{into},{rate},{kind},{every},{more},{weight}", of(amount))
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn random_tables_break_nothing(rows in prop::collection::vec(row(), 1..8)) {
        let mut table = "ID,TIME,AMT,CMT,RATE,EVID,II,ADDL,WT\n".to_string();
        let mut time = 0.0;
        for row in &rows {
            let (after, rest) = row.split_once(',').unwrap();
            time += after.parse::<f64>().unwrap();
            table += &format!("1,{time},{rest}\n");
        }
        let found = run(&table, "");
        prop_assert_eq!(found.failed, 0, "{}", table);
        prop_assert!(found.checks.iter().all(|c| c.holds), "{table}\n{:?}", found.checks);
        let all = &found.tables[0];
        for column in &all.columns {
            let signed = column.name == "time_h";
            if let Values::Number(values) = &column.values {
                for &v in values.iter().filter(|_| !signed) {
                    prop_assert!(v.is_finite() && v >= 0.0, "{} {v}\n{table}", column.name);
                }
            }
        }
    }
}
