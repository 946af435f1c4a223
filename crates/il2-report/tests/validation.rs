//! Folders of published numbers, from the files to the outcome.

use il2_report::validation::{self, Outcome, Report};
use std::path::{Path, PathBuf};

const STUDY: &str = "version = 1\nquestion = \"How fast does it go?\"\n[ligands.drug]\n\
    from = \"aldesleukin\"\n[regimens.bolus]\nligand = \"drug\"\ndose = \"1 MIU/m2\"\n\
    route = \"bolus\"\n[assay.blood]\nkind = \"regimen\"\n\
    pharmacokinetics = \"konrad1990\"\n\
    times = [\"1 s\", \"30 min\", \"1 h\", \"4 h\"]\n";

const HEAD: &str = "title = \"Levels\"\nsource = \"konrad1990\"\nsummary = \"A test.\"\n";

fn row(keys: &str) -> String {
    format!(
        "[[row]]\nwhat = \"level\"\ntable = \"blood\"\ncolumn = \"median\"\nis = \"measured\"\n\
         at = {{ arm = \"bolus\", quantity = \"concentration\" }}\nwhy = \"a test\"\n\
         status = \"predicted\"\n{keys}\n"
    )
}

fn run(published: &str) -> Result<Report, String> {
    let scratch = tempfile::tempdir().unwrap();
    std::fs::write(scratch.path().join("study.toml"), STUDY).unwrap();
    std::fs::write(scratch.path().join("published.toml"), published).unwrap();
    validation::run(scratch.path(), il2_engine::Threads::ONE).map_err(|e| e.to_string())
}

#[test]
fn a_wrong_range_and_a_wrong_bound_fail() {
    let level = "reduce = \"max\"\nunit = \"IU/mL\"\nligand = \"drug\"\n";
    let rows: String =
        ["range = [600, 700]", "range = [700, 800]", "at_most = 600", "at_least = 700"]
            .map(|published| row(&format!("{level}{published}")))
            .concat();
    let found = run(&format!("{HEAD}{rows}")).unwrap();
    let outcomes: Vec<Outcome> = found.rows.iter().map(|c| c.outcome).collect();
    assert_eq!(outcomes, [Outcome::Fits, Outcome::Fails, Outcome::Fails, Outcome::Fails]);
}

#[test]
fn the_page_has_every_row_with_its_rule_verdict_and_cause() {
    let level = "reduce = \"max\"\nunit = \"IU/mL\"\nligand = \"drug\"\n";
    let known = "known_misfit = \"Two vessels, one in the model.\"\n";
    let rows = [
        row(&format!("{level}range = [600, 700]")),
        row(&format!("{level}{known}range = [700, 800]")),
    ];
    let found = run(&format!("{HEAD}{}", rows.concat())).unwrap();
    let page = validation::page(std::slice::from_ref(&found), &["1 row fits.".into()]);
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    let document = roxmltree::Document::parse_with_options(&page, options).unwrap();
    let text: String = document.descendants().filter_map(|n| n.text()).collect();
    for told in [
        "600 to 700 IU/mL",
        &found.rows[0].simulated,
        "fits",
        "MISFIT (known)",
        "predicted",
        "measured",
        "Two vessels, one in the model.",
        "1 row fits.",
    ] {
        assert!(text.contains(told), "{told}");
    }
    assert!(
        document.descendants().any(|n| n.attribute("href").is_some_and(|to| to == "#overview"))
    );
}

#[test]
fn a_bad_row_names_the_file_the_row_and_the_remedy() {
    for (keys, reason) in [
        ("published = 3.0", "has no tolerance; add a tolerance"),
        ("at_most = 3.0\nreduce = \"mean\"", "unknown variant `mean`"),
        ("at_most = 3.0", "4 rows of table blood match"),
        ("at_most = 3.0\nreduce = \"max\"\nunit = \"IU\"\nligand = \"drug\"", "unit: "),
        (
            "at_most = 3.0\nreduce = \"max\"\nbetween = [\"5 h\", \"6 h\"]",
            "change `at` or `between`",
        ),
    ] {
        let message = run(&format!("{HEAD}{}", row(keys))).unwrap_err();
        assert!(message.contains("published.toml"), "{keys}: {message}");
        assert!(message.contains(reason), "{keys}: {message}");
    }
}

#[test]
fn the_alternative_of_a_row_is_given_or_read_from_a_table_of_the_study() {
    let level = "reduce = \"max\"\nunit = \"IU/mL\"\nligand = \"drug\"\nrange = [600, 700]\n";
    let at = "at = { arm = \"bolus\", quantity = \"concentration\" }";
    let of = |null: &str| run(&format!("{HEAD}{}", row(&format!("{level}null = {null}"))));
    let power = |null: &str| of(null).unwrap().rows[0].power.clone().unwrap();
    // At the end of the range, half of the trials pass; the row's own number is inside.
    let given = power("{ model = \"more\", value = 700 }");
    assert!((given.value - 0.5).abs() < 1e-3 && given.against == "more", "{given:?}");
    assert!(power(&format!("{{ model = \"same\", {at} }}")).value < 0.5);
    for (null, reason) in [
        (format!("{{ model = \"none\", table = \"null\", {at} }}"), "unknown table \"null\""),
        ("{ model = \"none\" }".into(), "give one of the two"),
        ("{ value = 1.0 }".into(), "missing field `model`"),
    ] {
        let message = of(&null).unwrap_err();
        assert!(message.contains("published.toml") && message.contains(reason), "{message}");
    }
}

/// Every validation folder of the repository.
fn folders() -> Vec<PathBuf> {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../validation");
    let entries = std::fs::read_dir(all).unwrap().map(|e| e.unwrap().path());
    entries.filter(|p| p.join("published.toml").is_file()).collect()
}

#[test]
fn every_folder_cites_a_source_that_the_library_has() {
    for folder in folders() {
        let text = std::fs::read_to_string(folder.join("published.toml")).unwrap();
        let published: validation::Published = toml::from_str(&text).unwrap();
        let known = &il2_study::Library::builtin().references;
        assert!(known.contains_key(&published.source), "{}", folder.display());
    }
}

/// The terminal gives a row this many characters; a longer label would lose what it says at its end.
const LONGEST: usize = 40;

#[test]
fn every_label_of_a_row_stands_whole_and_differs_from_the_others() {
    for folder in folders() {
        let text = std::fs::read_to_string(folder.join("published.toml")).unwrap();
        let published: validation::Published = toml::from_str(&text).unwrap();
        let mut seen: Vec<&str> = vec![];
        let rows = published.row.iter().map(|row| row.what.as_str());
        for what in rows.chain(published.order.iter().map(|order| order.what.as_str())) {
            assert!(what.chars().count() <= LONGEST, "{}: {what}", folder.display());
            assert!(!seen.contains(&what), "{}: {what} twice", folder.display());
            seen.push(what);
        }
    }
}
