//! Tables of ligands and cells: a row has the same effect as the same text in the study; and the
//! ranking of ligands.

use il2_assay::plans;
use il2_report::results;
use il2_study::study::tables::Tables;
use il2_study::{Library, Study, StudyError};
use std::collections::BTreeMap;
use std::path::Path;

const HEAD: &str = "version = 1\nquestion = \"Which is the most selective?\"\n";
const PANELS: &str = "[panel.muteins]\ntable = \"muteins.csv\"\nof = \"ligands\"\nfrom = \"il2\"\n\
    [panel.blood]\ntable = \"cells.csv\"\nof = \"cells\"\n";
const ASSAY: &str = "[assay.a]\nkind = \"dose-response\"\ntimes = [\"1 h\"]\n\
    doses = { from = \"0.1 pM\", to = \"10 uM\", points = 9 }\nreference_cell = \"treg\"\n";
const MUTEINS: &str = "Name,il2r_alpha_nM,CD122 KD (nM),k_on.il2r_beta (1/Ms),k_off.il2r_beta (1/s),notes\n\
    native,,,,,the library's\nweak,15,1440,,,\nblind,none,144,,,\nslow,,,1e5,0.01,by rates\n";
const CELLS: &str = "name,from,CD25 (/cell),gamma_c_per_cell\ntreg,treg,8000,\nnk,nk,,3000\n";
/// The same molecules written in the study.
const WRITTEN: &str = "[ligands.native]\nfrom = \"il2\"\n\
    [ligands.weak]\nfrom = \"il2\"\naffinity = { il2r_alpha = \"15 nM\", il2r_beta = \"1440 nM\" }\n\
    [ligands.blind]\nfrom = \"il2\"\naffinity = { il2r_alpha = \"none\", il2r_beta = \"144 nM\" }\n\
    [ligands.slow]\nfrom = \"il2\"\nk_on = { il2r_beta = \"1e5 /M/s\" }\nk_off = { il2r_beta = \"0.01 /s\" }\n\
    [cells.treg]\nfrom = \"treg\"\nreceptors = { il2r_alpha = \"8000 /cell\" }\n\
    [cells.nk]\nfrom = \"nk\"\nreceptors = { gamma_c = \"3000 /cell\" }\n";

fn read(study: &str, tables: &[(&str, &str)]) -> Result<Study, StudyError> {
    let tables: BTreeMap<String, String> =
        tables.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect();
    let text = format!("{HEAD}{study}");
    let path = Path::new("study.toml");
    Study::parse_with(path, &text, Library::builtin(), Tables::Carried(tables))
}

fn both(muteins: &str, cells: &str) -> Result<Study, StudyError> {
    let study = format!("{PANELS}{ASSAY}");
    read(&study, &[("muteins.csv", muteins), ("cells.csv", cells)])
}

/// Tables and figures of a run by name, without the lines that name the study.
fn files(study: &Study) -> BTreeMap<String, Vec<u8>> {
    let plans = plans(study).unwrap();
    let all: Vec<_> = plans.iter().map(|(n, plan)| (n.clone(), plan.run(study, &|_| {}))).collect();
    let folder = tempfile::tempdir().unwrap();
    let written = results::write(folder.path(), study, &plans, &all).unwrap();
    let named = written.iter().filter(|f| f.name.ends_with(".csv"));
    named.map(|f| (f.name.clone(), std::fs::read(folder.path().join(&f.name)).unwrap())).collect()
}

#[test]
fn a_row_of_a_table_gives_the_bytes_of_the_same_part_written_in_the_study() {
    let table = both(MUTEINS, CELLS).unwrap();
    let written = read(&format!("{WRITTEN}{ASSAY}rank_by = \"selectivity\"\n"), &[]).unwrap();
    for (name, ligand) in &written.ligands {
        assert_eq!(format!("{ligand:?}"), format!("{:?}", table.ligands[name]));
    }
    for (name, cell) in &written.cells {
        assert_eq!(format!("{cell:?}"), format!("{:?}", table.cells[name]));
    }
    let (table, written) = (files(&table), files(&written));
    assert_eq!(table.keys().collect::<Vec<_>>(), ["a.csv", "a_ec50.csv", "a_ranking.csv"]);
    assert!(table == written);
}

#[test]
fn the_ranking_is_that_of_the_ratios_in_the_table_of_ec50s() {
    let study = both(MUTEINS, CELLS).unwrap();
    let result = plans(&study).unwrap()[0].1.run(&study, &|_| {});
    let [_, ec50, ranking] = result.tables.as_slice() else { panic!("three tables") };
    let mut ratios: Vec<(String, f64)> = (0..ec50.rows())
        .filter(|row| ec50.text(*row, "cell") == "nk")
        .map(|row| (ec50.text(row, "ligand"), ec50.number(row, "ec50_over_treg")))
        .collect();
    ratios.sort_by(|a, b| b.1.total_cmp(&a.1));
    for (row, (ligand, ratio)) in ratios.iter().enumerate() {
        assert_eq!(&ranking.text(row, "ligand"), ligand);
        assert_eq!(ranking.number(row, "nk_over_treg"), *ratio);
        assert_eq!(ranking.number(row, "rank"), (row + 1) as f64);
    }
    assert!(
        result.sentences[0].starts_with(&format!("{} is the most selective of 4", ratios[0].0))
    );
    assert!(result.text.lines().all(|line| line.chars().count() <= 100), "{}", result.text);
}

#[test]
fn a_table_stands_for_all_of_its_rows_in_the_list_of_an_assay() {
    let mixed = format!(
        "{WRITTEN}{ASSAY}ligands = [\"weak\", \"more\"]\nrank_by = \"nk\"\n\
        [panel.more]\ntable = \"more.csv\"\nof = \"ligands\"\nlike = \"weak\"\n"
    );
    let study = read(&mixed, &[("more.csv", "name,valency\nsame,\nagain,1\n")]).unwrap();
    let prepared = plans(&study).unwrap()[0].1.setups().len();
    assert_eq!((study.ligands.len(), prepared), (6, 6), "three ligands on two cells");
    let twice = mixed.replace("\"weak\", \"more\"", "\"more\", \"same\"");
    let study = read(&twice, &[("more.csv", "name\nsame\n")]).unwrap();
    let said = plans(&study).unwrap_err().to_string();
    assert!(said.contains("assay.a.ligands, item 2: \"same\" is already in the list"), "{said}");
}

#[test]
fn numbers_of_a_table_keep_to_the_ranges_of_those_of_a_study() {
    let impossible = MUTEINS.replacen("1440", "1440000000", 1);
    let said = plans(&both(&impossible, CELLS).unwrap()).unwrap_err().to_string();
    let wanted = "muteins.csv:3: column CD122 KD (nM): \"1440000000 nM\" is outside the possible range of a \
                  dissociation constant";
    assert!(said.contains(wanted), "{said}");
    let odd = both(&MUTEINS.replacen("1440", "900000000", 1), CELLS).unwrap();
    let said = plans(&odd).unwrap()[0].1.doubts(&odd).join("\n");
    assert!(
        said.contains("muteins.csv, line 3, CD122 KD (nM): \"900000000 nM\" is outside"),
        "{said}"
    );
    let many = both(MUTEINS, &CELLS.replacen("8000", "80000000", 1)).unwrap();
    let said = plans(&many).unwrap()[0].1.doubts(&many).join("\n");
    assert!(said.contains("cells.csv, line 2, CD25 (/cell): \"80000000 /cell\" is "), "{said}");
}

#[test]
fn a_table_that_cannot_be_meant_is_refused_with_line_and_column() {
    for (was, is, wanted) in [
        ("1440", "14x4", "muteins.csv:3: column CD122 KD (nM): \"14x4\": unknown unit"),
        ("1440", "0", "column CD122 KD (nM): \"0 nM\" is zero; give a value above zero"),
        (
            "1440",
            "n/a",
            "muteins.csv:3: column CD122 KD (nM): \"n/a\" is not a value; leave the field empty to keep the value from \
             which the row starts, or write none for a chain that is not bound",
        ),
        ("1440", ".", "column CD122 KD (nM): \".\" is not a value; leave the field empty"),
        (
            "blind",
            "weak",
            "muteins.csv:4: column Name: \"weak\" is also the name of another ligand, in line 3",
        ),
        ("blind", "a b", "muteins.csv:4: column Name: the name \"a b\" cannot be part"),
        (
            "CD122 KD (nM)",
            "CD122 KD",
            "column CD122 KD: \"1440\" has no unit; add the unit to the heading",
        ),
        (
            "CD122 KD (nM)",
            "CD122 KD (min)",
            "muteins.csv:1: column CD122 KD (min): has the unit \"min\"",
        ),
        (
            "CD122 KD (nM)",
            "CD122 K (nM)",
            "contains numbers (\"1440\") but is not a known column for ligands; under [panel.muteins] \
             write columns = { il2r_beta = \"CD122 K (nM)\" }, if it has this meaning, or leave_out = \
             [\"CD122 K (nM)\"]",
        ),
        (
            "CD122 KD (nM)",
            "CD122 KD [nm]",
            "column CD122 KD [nm]: has the unit \"nm\", which does not suit this quantity; did you mean nM?",
        ),
        (
            "CD122 KD (nM)",
            "il2r_alpha (pM)",
            "muteins.csv:1: column il2r_alpha (pM): has the same meaning",
        ),
        (
            "k_on.il2r_beta",
            "k_on.il7r_alpha",
            "muteins.csv:5: column k_on.il7r_alpha (1/Ms): is not a chain",
        ),
        ("Name,", "Nom,", "muteins.csv:1: column name: is missing; the header has Nom, "),
        ("1440", "9\nextra", "muteins.csv:3: has 3 fields where the header has 6"),
    ] {
        let bad = MUTEINS.replacen(was, is, 1);
        assert_ne!(bad, MUTEINS, "{was}");
        let said = both(&bad, CELLS).unwrap_err().to_string();
        assert!(said.contains(wanted), "{said}\nwanted: {wanted}");
    }
    for (was, is, wanted) in [
        (
            "nk,nk",
            "nk,nkk",
            "cells.csv:3: column from: unknown cell \"nkk\"; the library has treg, nk,",
        ),
        ("8000", "8 nM", "cells.csv:2: column CD25 (/cell): \"8 nM\" is a concentration"),
        ("treg,treg", "treg,", "cells.csv:2: column name: needs a cell to start from"),
    ] {
        let said = both(MUTEINS, &CELLS.replacen(was, is, 1)).unwrap_err().to_string();
        assert!(said.contains(wanted), "{said}\nwanted: {wanted}");
    }
}

#[test]
fn keys_of_a_table_that_have_no_effect_are_refused() {
    for (key, wanted) in [
        (
            "units = { il2r_beta = \"pM\" }",
            "study.toml:7: panel.muteins.units.il2r_beta: \"pM\" differs from the unit in the",
        ),
        (
            "units = { il7r_alpha = \"pM\" }",
            "panel.muteins.units.il7r_alpha: unknown column with a unit",
        ),
        (
            "columns = { il2r_bet = \"notes\" }",
            "unknown meaning \"il2r_bet\"; did you mean il2r_beta?",
        ),
        (
            "columns = { valency = \"copies\" }",
            "there is no column copies, which the study names in columns",
        ),
        ("leave_out = [\"lot\"]", "there is no column lot, which the study names in leave_out"),
        ("like = \"native\"", "panel.muteins: has both from and like; keep one of the two"),
    ] {
        let study = format!(
            "{}{ASSAY}",
            PANELS.replacen("from = \"il2\"\n", &format!("from = \"il2\"\n{key}\n"), 1)
        );
        let said = read(&study, &[("muteins.csv", MUTEINS), ("cells.csv", CELLS)])
            .unwrap_err()
            .to_string();
        assert!(said.contains(wanted), "{said}\nwanted: {wanted}");
    }
    let study = format!("{}{ASSAY}", PANELS.replace("of = \"cells\"", "of = \"cell\""));
    let said = read(&study, &[("muteins.csv", MUTEINS)]).unwrap_err().to_string();
    assert!(
        said.contains("panel.blood.of: \"cell\" is not allowed; use \"ligands\" or \"cells\""),
        "{said}"
    );
}

#[test]
fn units_and_columns_may_stand_in_the_study_and_text_without_a_meaning_is_named() {
    let bare = "molecule,beta by SPR,lot,who\nnative,144,7,A\n";
    let study = "[panel.muteins]\ntable = \"muteins.csv\"\nof = \"ligands\"\nfrom = \"il2\"\n\
        columns = { il2r_beta = \"beta by SPR\" }\nunits = { affinity = \"nM\" }\nleave_out = [\"lot\"]\n\
        [cells.treg]\nfrom = \"treg\"\n";
    let study = read(&format!("{study}{ASSAY}"), &[("muteins.csv", bare)]).unwrap();
    assert_eq!(study.ligands["native"].parameters["affinity.il2r_beta"].text, "144 nM");
    assert_eq!(study.notices, ["columns of muteins.csv that are not read: who"]);
    assert_eq!(study.named_tables(), ["muteins.csv"]);
}
