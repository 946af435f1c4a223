//! Wells of a culture beside one another, their intervals, and wells without a kind of cell.

use il2::culture::kinds::behaviour::Behaviour;
use il2::culture::kinds::{Culture, CultureWell, Kind};
use il2::culture::uncertainty::drawn;
use il2::culture::{Setup, Well};
use il2::receptor::Medium;
use il2_answer::answer::AssayResult;
use il2_engine::{Threads, Tolerance};
use il2_output::figure::Content;
use il2_study::Library;

/// Treg beside CD4 cells in an assay with these keys and these tables below it.
fn text(keys: &str, cells: [&str; 2], tables: &str) -> String {
    format!(
        "version = 1\nquestion = \"?\"\n[ligands.il2]\nfrom = \"il2\"\n[ligands.mutein]\nfrom = \"il2\"\n\
         affinity = {{ il2r_beta = \"4000 nM\" }}\n[cells.treg]\nfrom = \"treg\"\n[cells.cd4]\n\
         from = \"cd4_effector\"\n[assay.a]\nkind = \"culture\"\nvolume = \"0.2 mL\"\n\
         times = [\"1 h\", \"72 h\"]\n{keys}\n[assay.a.kinds.treg]\ncells = \"{}\"\n\
         [assay.a.kinds.cd4]\ncells = \"{}\"\n{tables}",
        cells[0], cells[1]
    )
}

const CELLS: [&str; 2] = ["200000 cells", "100000 cells"];

fn on_threads(text: &str, threads: usize) -> AssayResult {
    let parsed = il2_assay::plans::parse("s.toml".as_ref(), text, Library::builtin());
    let (mut study, plans) = parsed.unwrap_or_else(|error| panic!("{error}\n{text}"));
    study.threads = Threads::new(threads);
    let result = plans[0].1.run(&study, &|_| {});
    assert_eq!(result.failed, 0);
    assert!(result.checks.iter().all(|check| check.holds), "{:?}", result.checks);
    let (tables, figures) = plans[0].1.names();
    assert_eq!(result.tables.iter().map(|t| t.name.clone()).collect::<Vec<_>>(), tables);
    assert_eq!(result.figures.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>(), figures);
    result
}

fn csv(table: &il2_output::table::Table) -> String {
    let mut bytes = vec![];
    table.write_csv(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn run(text: &str) -> AssayResult {
    on_threads(text, 2)
}

fn refused(text: &str) -> String {
    let parsed = il2_assay::plans::parse("s.toml".as_ref(), text, Library::builtin());
    parsed.map(|_| ()).unwrap_err().to_string()
}

fn numbers(result: &AssayResult, table: &str, column: &str) -> Vec<f64> {
    let table = result.tables.iter().find(|t| t.name == table).unwrap();
    (0..table.rows()).map(|row| table.number(row, column)).collect()
}

const DRAWS: &str = "intervals = { draws = 12 }";
const TWO: &str = "[assay.a.wells.native]\nmixture = { il2 = \"100 pM\" }\n[assay.a.wells.weak]\n\
                   mixture = { mutein = \"100 pM\" }\ncells = { treg = \"50000 cells\" }\n";

#[test]
fn each_compared_well_is_the_well_alone_with_and_without_intervals() {
    for draws in ["", DRAWS] {
        let together = run(&text(draws, CELLS, TWO));
        let given = |ligand: &str| format!("mixture = {{ {ligand} = \"100 pM\" }}\n{draws}");
        let alone = [
            run(&text(&given("il2"), CELLS, "")),
            run(&text(&given("mutein"), ["50000 cells", CELLS[1]], "")),
        ];
        for (place, (name, alone)) in ["native", "weak"].iter().zip(&alone).enumerate() {
            let well = &together.summary["wells"][place];
            assert_eq!(
                (&well["well"], &well["summary"]),
                (&serde_json::json!(name), &alone.summary)
            );
            // Every table of the well is that of the well alone, to the last digit.
            for own in &alone.tables {
                let name = own.name.replacen('a', &format!("a_{name}"), 1);
                let found = together.tables.iter().find(|table| table.name == name).unwrap();
                assert_eq!(csv(found), csv(own), "{name}");
            }
        }
    }
}

#[test]
fn the_first_sentences_compare_signals_uptake_and_the_time_at_which_the_ligand_is_used_up() {
    let said = run(&text("", ["5000000 cells", "100000 cells"], &TWO.replace("50000", "5000000")));
    let said = said.sentences;
    assert!(said[0].starts_with("pSTAT5 per cell at 3 d (-fold: relative to well native): treg "));
    assert!(said[0].contains(" in native and ") && said[0].contains("-fold; cd4 "), "{said:?}");
    assert!(said[1].starts_with("By 3 d, cells had taken up "), "{said:?}");
    assert!(said[1].contains(" of 100 pM il2 in native (treg ") && said[1].contains(" in weak ("));
    assert!(said[2].starts_with("Half of the dose had left the medium after "), "{said:?}");
    assert!(said[3].starts_with("Well native. il2: "), "{said:?}");
}

#[test]
fn a_well_compared_with_itself_differs_in_no_draw() {
    let twice = "[assay.a.wells.one]\n[assay.a.wells.two]\n";
    let result = run(&text(&format!("mixture = {{ il2 = \"100 pM\" }}\n{DRAWS}"), CELLS, twice));
    for end in ["", "_low", "_high"] {
        let all = numbers(&result, "a", &format!("signal_over_first_well{end}"));
        assert_eq!(all, [1.0; 4], "{end}");
    }
}

#[test]
fn the_order_of_kinds_changes_no_byte_of_intervals_and_neither_does_the_number_of_threads() {
    let keys = format!("mixture = {{ il2 = \"100 pM\" }}\n{DRAWS}");
    let one = text(&keys, CELLS, "");
    let (treg, cd4) = (
        "[assay.a.kinds.treg]\ncells = \"200000 cells\"\n",
        "[assay.a.kinds.cd4]\ncells = \"100000 cells\"\n",
    );
    let other = one.replace(treg, "").replace(cd4, &format!("{cd4}{treg}"));
    assert_ne!(one, other);
    let all = [on_threads(&one, 1), on_threads(&one, 2), on_threads(&other, 2)];
    let of = |result: &AssayResult, kind: &str| {
        let table = result.tables.iter().find(|t| t.name == "a_shares").unwrap();
        let rows = (0..table.rows()).filter(|row| table.text(*row, "kind") == kind);
        let columns = ["taken_pm", "taken_low_pm", "taken_high_pm", "part_of_taken_low"];
        let read = |row: usize| columns.map(|column| table.number(row, column).to_bits());
        rows.map(read).collect::<Vec<_>>()
    };
    for kind in ["treg", "cd4"] {
        assert_eq!(of(&all[0], kind), of(&all[1], kind));
        assert_eq!(of(&all[0], kind), of(&all[2], kind));
        assert!(!of(&all[0], kind).is_empty());
    }
}

/// What one of two kinds has not taken up, the other has: in every draw, and so at the ends.
#[test]
fn intervals_of_the_shares_of_two_kinds_mirror_each_other_and_contain_the_estimate() {
    let result = run(&text(&format!("mixture = {{ il2 = \"100 pM\" }}\n{DRAWS}"), CELLS, ""));
    let all = ["part_of_taken", "part_of_taken_low", "part_of_taken_high"]
        .map(|column| numbers(&result, "a_shares", column));
    // Rows: treg at 1 h and at 72 h, then CD4.
    for row in 0..2 {
        let (low, high) = (all[1][row], all[2][row]);
        assert!(low < high && low <= all[0][row] && all[0][row] <= high, "{all:?}");
        assert!((low + all[2][row + 2] - 1.0).abs() < 1e-9, "{all:?}");
    }
    let signal = ["pstat5_per_cell", "pstat5_per_cell_low", "pstat5_per_cell_high"]
        .map(|column| numbers(&result, "a", column)[1]);
    assert!(signal[1] < signal[0] && signal[0] < signal[2], "{signal:?}");
    assert_eq!(numbers(&result, "a", "cells_low"), numbers(&result, "a", "cells_high"));
    assert_eq!(numbers(&result, "a", "draws_solved"), [12.0; 4]);
    let said = result.sentences.join(" ");
    assert!(said.contains("95 % intervals from 12 draws of fitted rates"), "{said}");
    let bands =
        result.figures.iter().filter(|(_, figure)| figure.bands == "central 95 % of 12 draws");
    assert_eq!(bands.count(), 2);
}

#[test]
fn a_draw_closes_every_balance_and_is_the_culture_with_the_numbers_of_the_draw() {
    let library = Library::builtin();
    let setup = |cell: &str| {
        let mut model = library.models["gamma-chain"].model.clone();
        model.stat5 = Some(library.stat5["stat5"].stat5.clone());
        let ligands = ["il2", "il15"].map(|id| library.ligand(id).unwrap().clone()).to_vec();
        Setup { model, ligands, cell: Some(library.cells[cell].clone()), medium: Medium::Constant }
    };
    let culture = |draw: Option<u64>| {
        let kind = |cell: &str, cell_density: f64| {
            let setup = setup(cell);
            let posterior = &library.posteriors["receptor"];
            let setup = draw.map_or(setup.clone(), |draw| drawn(&setup, posterior, 1, draw));
            let behaviour = Behaviour::default();
            Kind { name: cell.into(), setup, spread: vec![], cell_density, behaviour }
        };
        Culture { kinds: vec![kind("treg", 1e9), kind("nk", 4e8)], ..Culture::default() }
    };
    let doses = vec![("il2".to_string(), 50.0), ("il15".to_string(), 20.0)];
    let well = Well { doses, times: vec![60.0, 4320.0], ..Well::default() };
    let wells = [CultureWell { well, ..CultureWell::default() }];
    let best = culture(None).prepare().unwrap();
    let mut taken = vec![];
    for draw in [None, Some(1), Some(2), Some(3)] {
        let like = culture(draw).prepare_like(&best).unwrap();
        let [like, own] = [like, culture(draw).prepare().unwrap()]
            .map(|culture| culture.run_all(&wells, Tolerance::default()).remove(0));
        assert_eq!((&like.rows, &like.balances), (&own.rows, &own.balances));
        for balance in own.balances.iter().flatten() {
            assert!((balance.found() / balance.all() - 1.0).abs() < 1e-8, "{balance:?}");
        }
        taken.push(own.balances[1][0].kinds[0].taken());
    }
    assert!(taken[1..].iter().all(|other| *other != taken[0]), "{taken:?}");
}

#[test]
fn a_density_of_cells_is_their_number_in_the_volume() {
    let given = "mixture = { il2 = \"100 pM\" }";
    let counted = run(&text(given, CELLS, "")).summary;
    for density in ["1e6 /mL", "1e6 cells/mL", "1e9 /L", "1000 /uL"] {
        let dense = run(&text(given, [density, "5e5 /mL"], "")).summary;
        assert_eq!(dense, counted, "{density}");
    }
    let map = |cells: &str| {
        let map = format!("[assay.a.map]\nkind = \"treg\"\ndoses = [\"10 pM\"]\ncells = {cells}\n");
        numbers(&run(&text(given, CELLS, &map)), "a_map", "cells")
    };
    assert_eq!(map("[\"1e5 /mL\", \"2e6 /mL\"]"), map("[\"20000 cells\", \"400000 cells\"]"));
    let wells = |cells: &str| {
        let wells =
            format!("[assay.a.wells.one]\n[assay.a.wells.two]\ncells = {{ treg = \"{cells}\" }}\n");
        run(&text(given, CELLS, &wells)).summary
    };
    assert_eq!(wells("2e6 /mL"), wells("400000 cells"));
    let published = |cells: [&str; 3]| {
        let text = format!(
            "version = 1\nquestion = \"?\"\n[assay.a]\nkind = \"activation\"\nmodel = \"feinerman2010\"\n\
             volume = \"0.2 mL\"\ncells = [\"{}\"]\nantigen = [\"1e8 molecules\"]\n\
             second = {{ cells = \"{}\", antigen = \"1e7 molecules\" }}\ntreg = {{ cells = \"{}\" }}\n\
             times = [\"24 h\"]\n",
            cells[0], cells[1], cells[2]
        );
        run(&text).summary
    };
    let counted = published(["20000 cells", "10000 cells", "40000 cells"]);
    assert_eq!(published(["1e5 /mL", "5e4 /mL", "2e5 /mL"]), counted);
}

/// A row of a map without a kind is the well in which the study gives it no cells.
#[test]
fn a_map_may_begin_with_no_cells_of_a_kind() {
    let given = "mixture = { il2 = \"100 pM\" }";
    let map = "[assay.a.map]\nkind = \"treg\"\ncells = [\"0 cells\", \"200000 cells\"]\n\
               doses = [\"1 pM\", \"10 pM\", \"100 pM\", \"1 nM\"]\n";
    let result = run(&text(given, CELLS, map));
    let none = run(&text(given, ["0 cells", CELLS[1]], ""));
    let table = result.tables.iter().find(|t| t.name == "a_map").unwrap();
    let row = |cells: f64, kind: &str| {
        let is = |row: &usize| {
            let number = |column: &str| table.number(*row, column);
            number("dose_pm") == 100.0
                && number("cells") == cells
                && table.text(*row, "kind") == kind
        };
        (0..table.rows()).find(is).unwrap()
    };
    let alone = none.summary["kinds"][0]["signal_per_cell"].as_f64().unwrap();
    let mapped = table.number(row(0.0, "cd4"), "signal_per_cell");
    // Times of output in between change steps within the tolerance.
    assert!((mapped / alone - 1.0).abs() < 1e-4, "{mapped} {alone}");
    let gone = row(0.0, "treg");
    assert!(table.number(gone, "signal_per_cell").is_nan());
    assert_eq!(
        (table.number(gone, "cells_of_kind"), table.number(gone, "part_of_taken")),
        (0.0, 0.0)
    );
    assert_eq!(table.number(row(0.0, "cd4"), "part_of_taken"), 1.0);
    let ec50 = result.tables.iter().find(|t| t.name == "a_map_ec50").unwrap();
    let first = [ec50.text(0, "kind"), ec50.text(0, "ec50_is")];
    assert_eq!(first, ["treg", "no cells of this kind"]);
    // A logarithmic axis has no zero: the figure says what it leaves out.
    let (_, figure) = result.figures.iter().find(|(name, _)| name == "a_map").unwrap();
    assert!(figure.subtitle.contains("wells without treg are only in the table"));
    let Content::HeatMap(drawn) = &figure.panels[0].content else { panic!("a map") };
    assert_eq!((drawn.y.as_slice(), drawn.x.len()), ([200_000.0].as_slice(), 4));
    let all = map.replace("\"treg\"", "\"all\"");
    assert!(refused(&text(given, CELLS, &all)).contains("has no cells; give numbers above zero"));
    let empty = refused(&text(given, ["0 cells", CELLS[1]], map));
    assert!(
        empty.contains("assay.a.map.kind: is \"treg\", of which the well has no cells"),
        "{empty}"
    );
}

#[test]
fn with_several_ligands_every_share_of_each_is_shown() {
    let result = run(&text("mixture = { il2 = \"100 pM\", mutein = \"100 pM\" }", CELLS, ""));
    assert!(result.text.contains("share of il2") && result.text.contains("share of mutein"));
    assert!(result.text.lines().all(|line| line.chars().count() <= 100), "{}", result.text);
    let (_, figure) = result.figures.iter().find(|(name, _)| name == "a_ligand").unwrap();
    let names: Vec<&str> = figure.panels.iter().map(|panel| panel.name.as_str()).collect();
    assert_eq!(names, ["il2", "mutein", "share_il2", "share_mutein"]);
    for panel in &figure.panels[2..] {
        let Content::Lines(kinds) = &panel.content else { panic!("curves") };
        let ends: f64 = kinds.iter().map(|kind| kind.points.last().unwrap().1).sum();
        assert!((ends - 100.0).abs() < 1e-9 && kinds.len() == 2, "{ends}");
    }
}

#[test]
fn wells_and_intervals_that_cannot_be_planned_say_where_and_what_to_do() {
    let given = "mixture = { il2 = \"100 pM\" }";
    for (keys, tables, wanted) in [
        (given, "[assay.a.wells.one]\n", "assay.a.wells: contains a single well"),
        (
            given,
            "[assay.a.wells.one]\n[assay.a.wells.two]\ncells = { nk = \"9 cells\" }\n",
            "assay.a.wells.two.cells.nk: unknown kind \"nk\"",
        ),
        (
            given,
            "[assay.a.wells.one]\n[assay.a.wells.two]\nmixture = { il15 = \"1 pM\" }\n",
            "assay.a.wells.two.mixture.il15: unknown ligand",
        ),
        (
            given,
            "[assay.a.wells.one]\n[assay.a.wells.two]\n[assay.a.map]\nkind = \"treg\"\n\
             doses = [\"1 pM\"]\ncells = [\"9 cells\"]\n",
            "assay.a.map: varies doses",
        ),
        (
            "",
            "[assay.a.wells.one]\n[assay.a.wells.two]\n",
            "assay.a.wells.one: the well has no ligand",
        ),
        (
            "mixture = { il2 = \"1 pM\" }\nmodel = \"polyvalent\"\nintervals = { draws = 20 }",
            "",
            "assay.a.intervals: no posterior is known for model polyvalent",
        ),
    ] {
        let found = refused(&text(keys, CELLS, tables));
        assert!(found.contains(wanted), "{found}\nwanted: {wanted}");
    }
}
