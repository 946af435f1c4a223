//! The meaning of incomplete tables of doses: where doses go, what columns act on, and plans that
//! are probably not intended.

use il2_answer::AssayResult;
use il2_study::{Library, Study, StudyError};

fn plans(table: &str, more: &str) -> Result<Vec<String>, StudyError> {
    with(table, more, &|study| {
        let all = il2_assay::plans(study)?;
        Ok(all.iter().flat_map(|(_, plan)| plan.doubts(study)).collect())
    })
}

fn with<T>(
    table: &str,
    more: &str,
    then: &dyn Fn(&Study) -> Result<T, StudyError>,
) -> Result<T, StudyError> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("doses.csv"), table).unwrap();
    let text = format!(
        "version = 1\nquestion = \"What is meant?\"\n[ligands.drug]\nfrom = \"aldesleukin\"\n{more}"
    );
    then(
        &il2_assay::parse(&folder.path().join("s.toml"), &text, Library::builtin())
            .map(|(study, _)| study)?,
    )
}

fn try_run(table: &str, more: &str) -> Result<AssayResult, StudyError> {
    with(table, more, &|study| Ok(il2_assay::kinds::plan(study, "own")?.run(study, &|_| {})))
}

const PATIENT: &str = "[assay.own]\nkind = \"event-table\"\ntable = \"doses.csv\"\nmodel = \"patient\"\n\
    ligand = \"drug\"\nunits = { time = \"h\", amount = \"MIU\", concentration = \"IU/mL\" }\n";
const REGIMEN: &str = "[regimens.r]\nligand = \"drug\"\ntable = \"doses.csv\"\n\
    units = { time = \"h\", amount = \"MIU\" }\n";
const ASSAY: &str = "[assay.own]\nkind = \"regimen\"\ntimes = [\"1 d\"]\n";

fn levels(table: &str, more: &str) -> Vec<f64> {
    let found =
        try_run(table, &format!("{PATIENT}{more}")).unwrap_or_else(|e| panic!("{table}\n{e}"));
    let all = &found.tables[0];
    (0..all.rows()).map(|row| all.number(row, "concentration_iu_per_ml")).collect()
}

/// The error for a table, and the key of the study that its remedy suggests.
fn refusal(table: &str, more: &str) -> (String, Option<String>) {
    let said = try_run(table, more).map(|_| ()).expect_err(table).to_string();
    let remedy = said.split("compartments = {").nth(1).and_then(|rest| rest.split('}').next());
    let remedy = remedy.map(|entries| format!("compartments = {{{entries}}}\n"));
    (said, remedy)
}

/// Of 18 MIU under the skin, more is absorbed with F1 = 0.8 than with the library's bioavailability
/// of about one half.
#[test]
fn a_column_that_counts_compartments_means_the_one_that_all_doses_go_to() {
    let told = "compartments = { 1 = \"skin\" }\n";
    for (column, value) in [("F1", "0.8"), ("ALAG1", "2"), ("F2", "0.8")] {
        let by_word = format!("ID,TIME,AMT,ROUTE,{column}\n1,0,18,sc,{value}\n1,4,,,\n");
        let one = column.replace('2', "1");
        let by_number = format!("ID,TIME,AMT,CMT,{one}\n1,0,18,1,{value}\n1,4,,,\n");
        assert_eq!(levels(&by_word, ""), levels(&by_number, told), "{column}");
    }
    let plain = levels("ID,TIME,AMT,ROUTE\n1,0,18,sc\n1,4,,\n", "");
    let much = levels("ID,TIME,AMT,ROUTE,F1\n1,0,18,sc,0.8\n1,4,,,\n", "");
    // The increase is slightly more than that of F1, because cells take up a smaller fraction of a
    // larger dose.
    let set = il2_study::Library::builtin().physiology.kinetics("aldesleukin").unwrap();
    let more = 0.8 / set["bioavailability"].value * plain[1];
    assert!(much[1] > more && much[1] < 1.05 * more, "{plain:?} {much:?}");
    let vein = levels("ID,TIME,AMT,ROUTE,F1\n1,0,18,iv,0.5\n1,4,,,\n", "");
    assert_eq!(vein, levels("ID,TIME,AMT,ROUTE\n1,0,9,iv\n1,4,,\n", ""));
    // For a subject without an own number, the library's bioavailability applies.
    let two = levels("ID,TIME,AMT,ROUTE,F1\n1,0,18,sc,0.8\n1,4,,,\n2,0,18,sc,.\n2,4,,,.\n", "");
    assert_eq!(two, [much, plain].concat());
}

#[test]
fn every_remedy_for_where_a_dose_goes_is_the_last() {
    let head = "ID,TIME,AMT";
    for (rows, offered) in [
        (",CMT\n1,0,18,1\n1,1,18,2\n1,2,.,.\n", "{ 1 = \"skin\", 2 = \"plasma\" }"),
        (",CMT,F1\n1,0,18,1,1\n1,1,18,2,1\n1,2,.,.,1\n", "{ 1 = \"skin\", 2 = \"plasma\" }"),
        (",ADM\n1,0,18,2\n1,2,.,.\n", "{ 2 = \"plasma\" }"),
        ("\n1,0,18\n1,2,.\n", "{ 1 = \"plasma\" }"),
        (",ROUTE,F1\n1,0,18,sc,0.8\n1,1,18,iv,0.8\n", "{ 1 = \"skin\" }"),
        (",ROUTE\n1,0,18,im\n1,2,.,.\n", "{ \"im\" = \"skin\" }"),
        (",ROUTE\n1,0,18,arm\n1,2,.,.\n", "{ \"arm\" = \"plasma\" }"),
    ] {
        let table = format!("{head}{rows}");
        let regimen = rows.contains(",CMT").then_some((REGIMEN, ASSAY));
        for (part, assay) in regimen.into_iter().chain([(PATIENT, "")]) {
            let (said, remedy) = refusal(&table, &format!("{part}{assay}"));
            assert!(said.contains(offered), "{table}{said}");
            let more = format!("{part}{}{assay}", remedy.unwrap());
            let again = with(&table, &more, &|_| Ok(()));
            // A regimen takes bioavailability from the assay, regardless of F1.
            let again = again.map_err(|e| e.to_string()).err();
            let f1 = |e: &String| e.contains("column F1: contains the bioavailability");
            assert!(again.is_none_or(|e| f1(&e) && !assay.is_empty()), "{table}");
        }
    }
    let more = format!("{PATIENT}compartments = {{ 2 = \"plasma\" }}\n");
    let (said, _) = refusal("ID,TIME,AMT,CMT\n1,0,18,2\n1,1,18,3\n", &more);
    assert!(said.contains("{ 2 = \"plasma\", 3 = \"skin\" }"), "{said}");
}

#[test]
fn a_dose_that_a_model_cannot_take_becomes_no_injection_into_a_vein() {
    let (said, remedy) = refusal("TIME,AMT,ROUTE\n0,18,oral\n", PATIENT);
    assert!(
        said.contains("\"oral\" is not a compartment of this model, which has no gut"),
        "{said}"
    );
    assert_eq!(remedy, None);
    for (model, other) in
        [("one-compartment", "one-compartment-oral"), ("two-compartment", "two-compartment-oral")]
    {
        let of = |model: &str, more: &str| {
            format!(
                "[assay.own]\nkind = \"event-table\"\ntable = \"doses.csv\"\nmodel = \"{model}\"\n\
                 units = {{ time = \"h\", amount = \"mg\" }}\nparameters = {{ clearance = \"1 L/h\", \
                 volume = \"9 L\"{}{more} }}\n",
                match model.starts_with("two") {
                    true =>
                        ", intercompartmental_clearance = \"1 L/h\", peripheral_volume = \"9 L\"",
                    false => "",
                }
            )
        };
        for route in ["sc", "im", "oral"] {
            let table = format!("TIME,AMT,ROUTE\n0,18,{route}\n1,.,.\n");
            let (said, remedy) = refusal(&table, &of(model, ""));
            assert!(said.contains(&format!("use assay.own.model = \"{other}\"")), "{said}");
            assert_eq!(remedy, None);
            try_run(&table, &of(other, ", absorption_rate = \"1 /h\"")).unwrap();
        }
    }
}

#[test]
fn a_column_that_acts_on_no_dose_is_named() {
    let told = "compartments = { 1 = \"plasma\" }\n";
    for (table, said) in [
        ("TIME,AMT,ROUTE,F1\n0,1,sc,0.8\n", "column F1 has no effect: no dose goes into plasma"),
        (
            "TIME,AMT,ROUTE,ALAG1\n0,1,sc,2\n",
            "column ALAG1 has no effect: no dose goes into plasma",
        ),
        (
            "TIME,AMT,CMT,D1\n0,1,1,2\n",
            "column D1 has no effect: no dose with RATE -2 goes into plasma",
        ),
    ] {
        for (part, assay) in [(PATIENT, ""), (REGIMEN, ASSAY)] {
            let found = try_run(table, &format!("{part}{told}{assay}")).unwrap();
            let wanted = format!("doses.csv: {said}");
            assert!(found.warnings.contains(&wanted), "{table}{:?}", found.warnings);
        }
    }
    for table in ["TIME,AMT,ROUTE,F1\n0,1,sc,1\n", "TIME,AMT,CMT,D1,RATE\n0,1,1,2,-2\n"] {
        let found = try_run(table, &format!("{PATIENT}{told}")).unwrap();
        assert!(found.warnings.iter().all(|w| !w.contains("has no effect: no dose")), "{table}");
    }
}

#[test]
fn a_dose_of_a_plain_table_that_nobody_got_is_named() {
    let part = |unit: &str| {
        format!(
            "[assay.own]\nkind = \"event-table\"\ntable = \"doses.csv\"\nmodel = \"one-compartment\"\n\
             units = {{ time = \"h\", amount = \"{unit}\" }}\nparameters = {{ clearance = \"1 L/h\", volume = \
             \"9 L\" }}\n"
        )
    };
    for (unit, usual) in [("MIU", "18"), ("mg", "5"), ("nmol", "40")] {
        let table = |amount: &str| format!("TIME,AMT\n0,{amount}\n8,{amount}\n24,.\n");
        let said = plans(&table(usual), &part(unit)).unwrap();
        assert!(said.is_empty(), "{said:?}");
        let said = plans(&table(&format!("{usual}000000000")), &part(unit)).unwrap().join("\n");
        let wanted = "doses.csv: AMT of 2 records (first in line 2: ";
        assert!(
            said.contains(wanted) && said.contains("the usual range of a dose of one person"),
            "{said}"
        );
    }
    let said = plans("TIME,AMT\n0,18000000\n1,.\n", &part("MIU")).unwrap();
    assert!(said[0].contains("line 2: 1.8e7 MIU) is outside "), "a millionfold: {said:?}");
}

#[test]
fn a_measurement_in_a_regimens_table_is_named() {
    let found = try_run("TIME,AMT,ROUTE,DV\n0,18,iv,3\n8,18,iv,.\n", &format!("{REGIMEN}{ASSAY}"));
    let said = "column DV of doses.csv is not read: a regimen reads only doses";
    assert!(found.unwrap().warnings.iter().any(|w| w == said));
}

#[test]
fn plans_that_can_hardly_be_meant_are_named() {
    let regimen = |words: &str| {
        format!("[regimens.r]\nligand = \"drug\"\ndose = \"1 MIU\"\n{words}\n{ASSAY}")
    };
    let cycles = "route = \"bolus\"\nevery = \"4 h\"\ndoses = 3\ncycles = 2";
    for (more, wanted) in [
        (
            regimen("route = \"infusion\"\nduration = \"9 h\"\nevery = \"8 h\"\ndoses = 3"),
            "regimens.r: an infusion takes 9 h, but the next infusion begins after 8 h",
        ),
        (
            regimen(&format!("{cycles}\ncycle = \"8 h\"")),
            "the last dose of a cycle and the first dose of the next cycle are given at the same time",
        ),
        (
            regimen(
                &format!("{cycles}\ncycle = \"9 h\"")
                    .replace("bolus\"", "infusion\"\nduration = \"2 h\""),
            ),
            "the last infusion of a cycle is still running when the next cycle begins",
        ),
        (
            regimen("route = \"bolus\"\nevery = \"12 h\"\ndoses = 8"),
            "ends at 24 h, but the last dose of r is at 84 h: 6 of 8 doses would fall at or after the end",
        ),
    ] {
        let said = plans("", &more).unwrap();
        assert!(said.iter().any(|w| w.contains(wanted)), "{wanted}\n{said:?}");
    }
    for more in [
        regimen("route = \"infusion\"\nduration = \"8 h\"\nevery = \"8 h\"\ndoses = 3"),
        regimen(&format!("{cycles}\ncycle = \"9 h\"")),
    ] {
        let said = plans("", &more).unwrap();
        // Cycles of hours are not plausible for patients, but that is another warning.
        assert!(said.iter().all(|w| w.contains("unit")), "{more}\n{said:?}");
    }
    for part in [PATIENT.to_string(), REGIMEN.to_string()] {
        let assay = if part == REGIMEN { ASSAY } else { "" };
        for (word, warns) in [("plasma", true), ("skin", false)] {
            let told = format!("compartments = {{ im = \"{word}\" }}\n");
            let said = plans("TIME,AMT,ROUTE\n0,18,im\n", &format!("{part}{told}{assay}")).unwrap();
            let found = said.iter().any(|w| w.contains("\"im\" stands for plasma"));
            assert_eq!(found, warns, "{said:?}");
        }
    }
    let table = "TIME,AMT,ROUTE,TINF,II,ADDL\n0,18,iv,9,8,2\n";
    let said = plans(table, &format!("{REGIMEN}{ASSAY}")).unwrap();
    assert!(said.iter().any(|w| w.contains("an infusion takes 9 h")), "{said:?}");
}

#[test]
fn a_regimen_that_goes_on_after_the_assay_says_so_where_doses_are_counted() {
    let words = "route = \"subcutaneous\"\nevery = \"12 h\"\ndoses = 8";
    let more = format!("[regimens.r]\nligand = \"drug\"\ndose = \"1 MIU\"\n{words}\n{ASSAY}");
    let found = try_run("", &more).unwrap();
    assert!(found.text.contains("r: 2 of 8 doses given"), "{}", found.text);
    assert!(found.text.contains("; 6 due at or after the last output"), "{}", found.text);
}
