//! Third-party models compared with the results of other programs: cases of the SBML Test Suite and
//! curated BioModels.
//!
//! `cargo test -p il2-sbml --test conformance -- --ignored --nocapture`. The files are in
//! `../shared/data` beside the repository; without them, nothing is compared.

use il2_sbml::{Run, simulate};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn shared(folder: &str) -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = here.ancestors().map(|a| a.join("shared/data").join(folder));
    let found = all.find(|folder| folder.is_dir());
    if found.is_none() {
        println!("skipped: shared/data/{folder} is not available beside this checkout");
    }
    found
}

/// Settings of a case by name.
fn settings(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    lines.map(|(key, value)| (key.trim().to_string(), value.trim().to_string())).collect()
}

fn list(settings: &BTreeMap<String, String>, key: &str) -> Vec<String> {
    let all = settings.get(key).map_or("", String::as_str).split(',').map(str::trim);
    all.filter(|name| !name.is_empty()).map(String::from).collect()
}

fn table(text: &str) -> (Vec<String>, Vec<Vec<f64>>) {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let head =
        lines.next().unwrap_or("").split(',').map(|c| c.trim().trim_matches('"').to_string());
    let head = head.collect();
    let number = |cell: &str| match cell.trim() {
        "INF" | "inf" => f64::INFINITY,
        "-INF" | "-inf" => f64::NEG_INFINITY,
        cell => cell.parse().unwrap_or(f64::NAN),
    };
    (head, lines.map(|line| line.split(',').map(number).collect()).collect())
}

/// Checks a case of the suite; the error describes the difference.
fn case(folder: &Path) -> Result<(), String> {
    let file =
        |name: &str| std::fs::read_to_string(folder.join(name)).map_err(|e| format!("{name}: {e}"));
    let settings = settings(&file("settings.txt")?);
    let number = |key: &str| settings[key].parse::<f64>().map_err(|e| format!("{key}: {e}"));
    let (absolute, relative) = (number("absolute")?, number("relative")?);
    let (head, rows) = table(&file("results.csv")?);
    let model = il2_sbml::read(&file("model.xml")?).map_err(|e| e.to_string())?;
    let network = il2_sbml::network(&model).map_err(|e| e.to_string())?;
    let mut run = Run { times: rows.iter().map(|row| row[0]).collect(), ..Run::default() };
    run.tolerance.absolute = (absolute * 1e-5).clamp(1e-30, 1e-12);
    let found = simulate(&model, &network, &run).map_err(|e| e.to_string())?;
    let amounts = list(&settings, "amount");
    let concentrations = list(&settings, "concentration");
    let missing = |name: &str| format!("{name} is not a symbol");
    for (column, name) in head.iter().enumerate().skip(1) {
        let species = || found.species.get(name).ok_or_else(|| missing(name));
        let values = if amounts.contains(name) {
            &species()?.0
        } else if concentrations.contains(name) {
            &species()?.1
        } else {
            found.values.get(name).ok_or_else(|| missing(name))?
        };
        for (row, &value) in rows.iter().zip(values) {
            let wanted = row[column];
            let same = wanted == value || wanted.is_nan() && value.is_nan();
            let apart = (value - wanted).abs();
            if !same && (apart.is_nan() || apart > absolute + relative * wanted.abs()) {
                return Err(format!("{name} at {} is {value}, not {wanted}", row[0]));
            }
        }
    }
    Ok(())
}

#[test]
#[ignore = "needs cases of the SBML Test Suite in ../shared, and tar with xz to unpack them"]
fn conformance_with_the_sbml_test_suite() {
    let Some(data) = shared("conformance/sbml") else { return };
    let unpacked = std::env::temp_dir().join(format!("il2-sbml-cases-{}", std::process::id()));
    std::fs::create_dir_all(&unpacked).unwrap();
    let archive = data.join("sbml_given_cases.tar.xz");
    let tar = std::process::Command::new("tar")
        .args([
            std::ffi::OsStr::new("xJf"),
            archive.as_os_str(),
            "-C".as_ref(),
            unpacked.as_os_str(),
        ])
        .status();
    if !tar.as_ref().is_ok_and(|status| status.success()) {
        println!("skipped: the cases cannot be unpacked ({tar:?})");
        return;
    }
    let manifest = std::fs::read_to_string(data.join("manifest.csv")).unwrap();
    let mut tiers: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
    for line in manifest.lines().skip(1) {
        let mut cells = line.split(',');
        let (name, tier) = (cells.next().unwrap(), cells.next().unwrap().parse().unwrap());
        let of = tiers.entry(tier).or_default();
        of.1 += 1;
        match case(&unpacked.join(name)) {
            Ok(()) => of.0 += 1,
            Err(why) => println!("tier {tier}, case {name}: {why}"),
        }
    }
    std::fs::remove_dir_all(&unpacked).unwrap();
    for (tier, (passed, all)) in &tiers {
        println!("tier {tier}: {passed} of {all}");
        let least = if *tier == 4 { 0.95 } else { 0.99 };
        assert!(*passed as f64 >= least * *all as f64, "tier {tier}: {passed} of {all}");
    }
    assert_eq!(tiers.len(), 4);
}

/// Checks the largest difference of a column from the reference, relative to the largest value of
/// the column.
fn biomodel(data: &Path, id: &str) -> Result<(), String> {
    let text =
        std::fs::read_to_string(data.join(format!("{id}.xml"))).map_err(|e| e.to_string())?;
    let (head, rows) =
        table(&std::fs::read_to_string(data.join(format!("{id}.csv"))).map_err(|e| e.to_string())?);
    let model = il2_sbml::read(&text).map_err(|e| e.to_string())?;
    let network = il2_sbml::network(&model).map_err(|e| e.to_string())?;
    let run = Run { times: rows.iter().map(|row| row[0]).collect(), ..Run::default() };
    let found = simulate(&model, &network, &run).map_err(|e| e.to_string())?;
    for (column, name) in head.iter().enumerate().skip(1) {
        let name = name.trim_matches(['[', ']']);
        let values = found.values.get(name).ok_or_else(|| format!("{name} is not a symbol"))?;
        let size = rows.iter().map(|row| row[column].abs()).fold(0.0, f64::max);
        for (row, &value) in rows.iter().zip(values) {
            let wanted = row[column];
            let apart = (value - wanted).abs();
            if apart.is_nan() || apart > 1e-4 * wanted.abs().max(1e-6 * size) + 1e-12 {
                return Err(format!("{name} at {} is {value}, not {wanted}", row[0]));
            }
        }
    }
    Ok(())
}

#[test]
#[ignore = "needs the BioModels in ../shared"]
fn conformance_with_curated_biomodels() {
    let Some(data) = shared("conformance/biomodels") else { return };
    let index = std::fs::read_to_string(data.join("INDEX.csv")).unwrap();
    let ids: Vec<&str> = index.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    let mut wrong = 0;
    for id in &ids {
        let before = std::time::Instant::now();
        if let Err(why) = biomodel(&data, id) {
            wrong += 1;
            println!("{id}: {why}");
        }
        println!("{id} {:?}", before.elapsed());
    }
    println!("{} of {} models", ids.len() - wrong, ids.len());
    assert_eq!(wrong, 0);
}

#[test]
#[ignore = "needs the BioModels in ../shared"]
fn conformance_of_the_audit_with_known_faults_of_biomodels() {
    let Some(data) = shared("conformance/biomodels") else { return };
    // Known findings about these models, from manual analysis or from comparing papers with files.
    let known: [(&str, &[&str]); 4] = [
        ("BIOMD0000000665", &["Li_0", "91.1 % is lost", "IL_2_binding_dissociating"]),
        ("BIOMD0000000732", &["Immune_cell_Activation", "g1 + IL2?"]),
        (
            "BIOMD0000000779",
            &["parameter theta: no formula uses it", "phi has the unit", "D is always zero"],
        ),
        (
            "BIOMD0000000908",
            &["D never changes", "initial values of L and T", "produces S instead"],
        ),
    ];
    for (id, wanted) in known {
        let text = std::fs::read_to_string(data.join(format!("{id}.xml"))).unwrap();
        let model = il2_sbml::read(&text).unwrap();
        let network = il2_sbml::network(&model).unwrap();
        let audit = il2_sbml::audit(&model, &network).unwrap();
        let said: Vec<String> =
            audit.findings.iter().map(|f| format!("{}: {}", f.place, f.sentence)).collect();
        let said = said.join("\n");
        for part in wanted {
            assert!(said.contains(part), "{id}: {part} is not in\n{said}");
        }
    }
}
