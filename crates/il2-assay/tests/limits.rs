//! Every limit of a study: the limit itself is accepted, one more is refused, and the message
//! states the limit. Nothing is run.

use il2_clinic::regimen;
use il2_study::choose::{MOST_ARMS, MOST_LANES, MOST_MIXED, MOST_PAIRS, MOST_ROWS, MOST_SWEPT};
use il2_study::study::MOST_LIKE;
use il2_study::whole::MOST_POINTS;
use il2_study::{Library, Study, StudyError};
use std::path::Path;

const HEAD: &str = "version = 1\nquestion = \"How much is too much?\"\n";
const IL2_ON_TREG: &str = "[ligands.il2]\nfrom = \"il2\"\n[cells.treg]\nfrom = \"treg\"\n";

fn study(parts: &str) -> Result<Study, StudyError> {
    il2_assay::parse(Path::new("limits.toml"), &format!("{HEAD}{parts}"), Library::builtin())
        .map(|(study, _)| study)
}

/// `parts(most)` is a valid study, and `parts(most + 1)` is refused with the message `said`.
#[track_caller]
fn most(most: usize, said: &str, parts: impl Fn(usize) -> String) {
    if let Err(error) = study(&parts(most)) {
        panic!("{most} are refused: {error}");
    }
    let error = study(&parts(most + 1)).expect_err("one more is too many").to_string();
    assert!(error.contains(said), "{error}\nwanted: {said}");
}

/// A list of texts in quotes.
fn list(count: usize, text: impl Fn(usize) -> String) -> String {
    (0..count).map(|i| format!("\"{}\"", text(i))).collect::<Vec<_>>().join(", ")
}

fn dose_response(rest: &str) -> String {
    format!(
        "[assay.a]\nkind = \"dose-response\"\ndoses = [\"1 pM\", \"10 pM\", \"1 nM\"]\n{rest}\n"
    )
}

fn course(doses: usize, times: usize) -> String {
    format!(
        "{IL2_ON_TREG}[assay.a]\nkind = \"time-course\"\n\
         doses = {{ from = \"1 pM\", to = \"1 nM\", points = {doses} }}\n\
         times = {{ from = \"0 h\", to = \"1 h\", points = {times} }}\n"
    )
}

fn sweep(numbers: usize, doses: usize) -> String {
    format!(
        "{IL2_ON_TREG}[assay.a]\nkind = \"receptor-sweep\"\nchain = \"il2r_alpha\"\ntime = \"1 h\"\n\
         numbers = {{ from = \"1 /cell\", to = \"1e5 /cell\", points = {numbers} }}\n\
         doses = {{ from = \"1 pM\", to = \"1 nM\", points = {doses} }}\n"
    )
}

/// Parts each like the previous one, with the first part at the beginning or at the end of the
/// file.
fn chain(table: &str, from: &str, count: usize, backwards: bool) -> String {
    let part = |i: usize| match i {
        0 => format!("[{table}.p0]\nfrom = \"{from}\"\n"),
        _ => format!("[{table}.p{i}]\nlike = \"p{}\"\n", i - 1),
    };
    match backwards {
        true => (0..count).rev().map(part).collect(),
        false => (0..count).map(part).collect(),
    }
}

#[test]
fn chains_of_like_are_followed_to_a_limit_in_either_order() {
    for backwards in [false, true] {
        most(MOST_LIKE, "a chain of more than 100 parts linked by like", |n| {
            chain("ligands", "il2", n, backwards)
                + "[cells.treg]\nfrom = \"treg\"\n"
                + &dose_response("ligands = [\"p0\"]\ntimes = [\"1 h\"]")
        });
        most(MOST_LIKE, "a chain of more than 100 parts linked by like", |n| {
            chain("cells", "treg", n, backwards)
                + "[ligands.il2]\nfrom = \"il2\"\n"
                + &dose_response("cells = [\"p0\"]\ntimes = [\"1 h\"]")
        });
        let long = chain("ligands", "il2", 20_000, backwards);
        let error = study(&(long + &dose_response("times = [\"1 h\"]"))).unwrap_err();
        assert!(error.path.starts_with("ligands.p"), "{error}");
    }
    // A change within the chain reaches the end of the chain.
    let changed = "[ligands.c]\nlike = \"b\"\n[ligands.b]\nlike = \"a\"\nvalency = 1\n\
                   affinity = { il2r_alpha = \"3 nM\" }\n[ligands.a]\nfrom = \"il2\"\n\
                   [cells.treg]\nfrom = \"treg\"\n";
    let study = study(&(changed.to_string() + &dose_response("times = [\"1 h\"]"))).unwrap();
    let names: Vec<&String> = study.ligands.keys().collect();
    assert_eq!(names, ["c", "b", "a"]);
    assert_eq!(study.ligands["c"].parameters["affinity.il2r_alpha"].value, 3_000.0);
    assert_ne!(study.ligands["a"].parameters["affinity.il2r_alpha"].value, 3_000.0);
}

#[test]
fn grids_courses_and_sweeps_have_limits() {
    let points = |n| course(2, n);
    most(MOST_POINTS as usize, "100001 is not allowed; use 2 to 100000", points);
    // A hundred thousand output times at each of this number of doses.
    let rows = |n| course(n, MOST_POINTS as usize);
    most(MOST_ROWS / MOST_POINTS as usize, "has 2100000 rows; at most 2000000", rows);
    most(MOST_SWEPT, "has 20001 simulations; at most 20000", |n| course(n, 2));
    most(MOST_SWEPT, "has 20001 curves; at most 20000", |n| sweep(n, 3));
    let doses = MOST_LANES / MOST_SWEPT - 1;
    most(doses, "has 2020000 simulations; at most 2000000", |n| sweep(MOST_SWEPT, n));
    // Three doses and the baseline make four wells.
    let times = |n| format!("times = [{}]", list(n, |i| format!("{} s", i + 1)));
    let said = "has 2000004 responses, one for each dose, time and draw; at most 2000000";
    most(MOST_ROWS / 4, said, |n| IL2_ON_TREG.to_string() + &dose_response(&times(n)));
}

#[test]
fn ligands_and_cells_side_by_side_have_a_limit() {
    let said = "has 1001 pairs of a ligand and a cell; at most 1000";
    most(MOST_PAIRS, said, |n| {
        let parts: String =
            (0..n).map(|i| format!("[cells.p{i}]\nfrom = \"oligodendrocyte\"\n")).collect();
        let rest = "model = \"effect\"\nreadout = \"fold_change\"\ntimes = [\"1 h\"]";
        "[ligands.il2]\nfrom = \"il2\"\n".to_string() + &parts + &dose_response(rest)
    });
}

#[test]
fn ligands_of_one_well_have_a_limit() {
    most(MOST_MIXED, "has 21 ligands in one well; at most 20", |n| {
        let parts: String = (0..n).map(|i| format!("[ligands.l{i}]\nfrom = \"il2\"\n")).collect();
        let mixed = (0..n).map(|i| format!("l{i} = \"1 pM\"")).collect::<Vec<_>>().join(", ");
        format!(
            "{parts}[cells.treg]\nfrom = \"treg\"\n[assay.a]\nkind = \"time-course\"\n\
             mixture = {{ {mixed} }}\ntimes = [\"1 h\"]\n"
        )
    });
}

fn patients(regimens: &str, rest: &str) -> String {
    format!(
        "[ligands.drug]\nfrom = \"aldesleukin\"\n{regimens}[assay.a]\nkind = \"regimen\"\n\
         times = [\"0 d\", \"1 d\"]\n{rest}\n"
    )
}

fn regimen_of(name: &str, rest: &str) -> String {
    format!(
        "[regimens.{name}]\nligand = \"drug\"\ndose = \"1 MIU/m2\"\nroute = \"subcutaneous\"\n{rest}\n"
    )
}

#[test]
fn patients_doses_and_regimens_have_limits() {
    let one = regimen_of("r", "");
    let said = "1000001 is not allowed; use 1 to 1000000";
    most(regimen::MOST_PATIENTS as usize, said, |n| patients(&one, &format!("patients = {n}")));
    let doses = |n| patients(&regimen_of("r", &format!("every = \"1 h\"\ndoses = {n}")), "");
    most(regimen::MOST_DOSES as usize, "10001 is not allowed; use 1 to 10000", doses);
    let chain = |n: usize| {
        let then = |i: usize| if i == n { String::new() } else { format!("then = \"r{}\"", i + 1) };
        let parts: String = (0..=n).map(|i| regimen_of(&format!("r{i}"), &then(i))).collect();
        patients(&parts, "")
    };
    most(regimen::MOST_FOLLOWING, "already follows 100 regimens", chain);
    let arms = |n: usize| -> String { (0..n).map(|i| regimen_of(&format!("r{i}"), "")).collect() };
    let error = study(&patients(&arms(MOST_ARMS + 1), "")).unwrap_err().to_string();
    assert!(error.contains("has 101 regimens; at most 100"), "{error}");
}

#[test]
fn names_have_a_longest() {
    most(40, "use at most 40 letters, digits, _ and -", |n| {
        let name = "n".repeat(n);
        let ligand = format!("[ligands.{name}]\nfrom = \"il2\"\n[cells.treg]\nfrom = \"treg\"\n");
        ligand + &dose_response("times = [\"1 h\"]")
    });
}

#[test]
fn lists_are_neither_empty_nor_have_a_name_twice() {
    let two = "[ligands.a]\nfrom = \"il2\"\n[ligands.b]\nfrom = \"il2\"\n[cells.c]\nfrom = \"treg\"\n\
               [cells.d]\nfrom = \"nk\"\n";
    let response =
        |rest: &str| two.to_string() + &dose_response(&format!("times = [\"1 h\"]\n{rest}"));
    let time_course = "[assay.a]\nkind = \"time-course\"\ndoses = [\"1 pM\"]\ntimes = [\"1 h\"]\n";
    let show = |rest: &str| format!("{two}{time_course}{rest}\n");
    let regimens = regimen_of("r", "");
    let regimen = |rest: &str| patients(&regimens, rest);
    for (text, key) in [
        (response("ligands = []"), "ligands"),
        (response("cells = []"), "cells"),
        (response("ligands = [\"a\", \"b\", \"a\"]"), "ligands[2]"),
        (response("cells = [\"c\", \"c\"]"), "cells[1]"),
        (show("show = []"), "show"),
        (show("show = [\"signalling_complexes\", \"signalling_complexes\"]"), "show[1]"),
        (regimen("show = []"), "show"),
        (regimen("show = [\"treg_fold\", \"treg_fold\"]"), "show[1]"),
        (regimen("regimens = []"), "regimens"),
        (regimen("regimens = [\"r\", \"r\"]"), "regimens[1]"),
    ] {
        let error = study(&text).expect_err(&text);
        assert_eq!(error.path, format!("assay.a.{key}"), "{error}");
        assert!(error.message.contains("name"), "{error}");
    }
}

/// Sizes of a table of doses that determine its memory: bytes, fields, rows, and rows of one
/// subject.
#[test]
fn a_table_of_doses_has_limits_that_memory_holds() {
    use il2_study::event_table::{MOST_OF_ONE_PATIENT, MOST_RECORDS};
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("doses.csv");
    let read = |model: &str| {
        let text = format!(
            "{HEAD}{IL2_ON_TREG}[assay.a]\nkind = \"event-table\"\ntable = \"doses.csv\"\n\
             units = {{ time = \"h\", amount = \"nmol\" }}\n{model}"
        );
        let read = il2_assay::parse(&folder.path().join("s.toml"), &text, Library::builtin())
            .map(|(study, _)| study);
        read.map(|_| ()).map_err(|e| e.to_string())
    };
    let plain =
        "model = \"one-compartment\"\nparameters = { clearance = \"1 L/h\", volume = \"9 L\" }\n";
    std::fs::File::create(&file).unwrap().set_len((64 << 20) + 1).unwrap();
    assert!(read(plain).unwrap_err().contains("larger than 64 MB"));
    let wide = format!(
        "TIME,AMT{}\n{}",
        ",x".repeat(9_998),
        format!("0{}\n", ",".repeat(9_999)).repeat(1_001)
    );
    std::fs::write(&file, wide).unwrap();
    assert!(
        read(plain)
            .unwrap_err()
            .contains("doses.csv:1002: has more than 10000000 fields up to here")
    );
    std::fs::write(&file, "TIME\n".to_string() + &"0\n".repeat(MOST_RECORDS + 1)).unwrap();
    assert!(read(plain).unwrap_err().contains("has 500001 rows; a table may have at most 500000"));
    let patient = "model = \"patient\"\nligand = \"il2\"\n";
    let rows = |count: usize| "TIME\n".to_string() + &"0\n".repeat(count);
    std::fs::write(&file, rows(MOST_OF_ONE_PATIENT)).unwrap();
    read(patient).unwrap();
    std::fs::write(&file, rows(MOST_OF_ONE_PATIENT + 1)).unwrap();
    assert!(
        read(patient)
            .unwrap_err()
            .contains("is row 10001 of subject 1; at most 10000 rows of one subject")
    );
}

#[test]
fn a_number_has_the_same_bounds_at_every_door() {
    let folder = tempfile::tempdir().unwrap();
    let rows = "regimen,readout,time,value\nr,treg_fold,1,1.1\nr,treg_fold,2,1.2\n";
    std::fs::write(folder.path().join("t.csv"), rows).unwrap();
    std::fs::write(folder.path().join("doses.csv"), "TIME,AMT\n0,4\n").unwrap();
    let refusal = |assay: &str| {
        let text = format!(
            "{HEAD}[ligands.d]\nfrom = \"aldesleukin\"\n[regimens.r]\nligand = \"d\"\n\
             dose = \"1 MIU/m2\"\nroute = \"bolus\"\n[assay.a]\n{assay}"
        );
        let read = il2_assay::parse(&folder.path().join("s.toml"), &text, Library::builtin());
        read.map(|_| ()).expect_err(assay).to_string()
    };
    let set = "[assay.a.parameters]\n\"treg.in_blood\" = \"1\"\n";
    for assay in [
        format!("kind = \"regimen\"\ntimes = [\"0 d\", \"1 d\"]\n{set}"),
        format!(
            "kind = \"event-table\"\ntable = \"doses.csv\"\nmodel = \"patient\"\nligand = \"d\"\n\
             units = {{ time = \"h\", amount = \"nmol\" }}\ncompartments = {{ 1 = \"plasma\" }}\n{set}"
        ),
        "kind = \"fit\"\n[assay.a.parameters]\n\"treg.in_blood\" = { prior = [\"0.1\", \"1\"] }\n\
         [assay.a.measured.t]\ntable = \"t.csv\"\nof = \"patients\"\nunits = { time = \"d\" }\n"
            .to_string(),
    ] {
        let said = refusal(&assay);
        assert!(said.contains("treg.in_blood"), "{said}");
        assert!(
            said.contains("\"1\" is too large for a fraction; use a number between 0"),
            "{said}"
        );
    }
}

/// The remedy suggested for an axis is accepted: two errors never lead back to each other.
#[test]
fn a_unit_that_fits_some_panels_goes_to_those() {
    let with = |axes: &str| {
        let text = format!(
            "{IL2_ON_TREG}[assay.a]\nkind = \"time-course\"\ndoses = [\"10 pM\"]\ntimes = [\"0 h\", \"1 h\"]\n\
             show = [\"signalling_complexes\", \"il2_medium\"]\n{axes}"
        );
        study(&text).map(|_| ()).map_err(|error| error.to_string())
    };
    let said = with("[figures.a]\ny = { unit = \"nM\" }\n").unwrap_err();
    assert!(
        said.contains(
            "in panel signalling_complexes: \"nM\" is not a unit for this axis; set it only for \
             panels that it fits, under [figures.a.panel.il2_medium]"
        ),
        "{said}"
    );
    assert_eq!(with("[figures.a.panel.il2_medium]\ny = { unit = \"nM\" }\n"), Ok(()));
    let said = with("[figures.a]\ny = { unit = \"mmHg\" }\n").unwrap_err();
    assert!(said.contains("} under [figures.a.panel.signalling_complexes]"), "{said}");
    assert_eq!(with("[figures.a.panel.signalling_complexes]\ny = { unit = \"/cell\" }\n"), Ok(()));
    assert_eq!(with("[figures.a]\nx = { from = \"10 min\" }\n"), Ok(()));
    assert!(
        with("[figures.a]\nx = { from = \"10 pM\" }\n").unwrap_err().contains("figures.a.x.from")
    );
}
