//! Remedies in errors; exceeds 400 lines because it is a long list of short cases. Remedies that
//! errors suggest are accepted at the place of the error, and implausible numbers are noticed.

use il2_assay::{Plan, plans};
use il2_study::{Library, Study, StudyError};
use std::path::{Path, PathBuf};

fn read(path: &Path, text: &str) -> Result<Study, StudyError> {
    il2_assay::parse(path, text, Library::builtin()).map(|(study, _)| study)
}

fn warnings(study: &Study) -> Vec<String> {
    plans(study).unwrap().iter().flat_map(|(_, plan)| plan.doubts(study)).collect()
}

/// The quoted text that an error suggests, if any.
fn offered(message: &str) -> Option<&str> {
    ["for example \"", "did you mean \"", "such as \""]
        .iter()
        .find_map(|before| message.split(before).nth(1)?.split('"').next())
}

/// The text with the remedy of its error applied; none if the error suggests no text.
fn mended(text: &str, error: &StudyError) -> Option<String> {
    let message = &error.message;
    if error.file.as_deref().is_some_and(|file| file.extension().is_none_or(|e| e != "toml")) {
        return None;
    }
    let line = error.line?.checked_sub(1)?;
    let lines: Vec<&str> = text.lines().collect();
    let with = |line: usize, new: String| {
        let mut all: Vec<String> = lines.iter().map(|l| l.to_string()).collect();
        all[line] = new;
        Some(all.join("\n"))
    };
    let key = error.path.rsplit('.').next()?.split('[').next()?;
    let here = *lines.get(line)?;
    if message.starts_with("unknown key; did you mean ") {
        let good = message.split("did you mean ").nth(1)?.trim_end_matches('?');
        return with(line, here.replacen(key, good, 1));
    }
    if let Some(word) = message.split("did you mean ").nth(1).filter(|w| !w.starts_with('"')) {
        let (bad, good) = (message.split('"').nth(1)?, word.trim_end_matches('?'));
        // A name may occur as a word or as a key, on this line or further down.
        let quoted = (format!("\"{bad}\""), format!("\"{good}\""));
        let bare = (bad.to_string(), good.to_string());
        let places = [(here, &quoted), (here, &bare), (text, &quoted)];
        let (_, (bad, good)) = places.into_iter().find(|(place, (bad, _))| place.contains(bad))?;
        let (before, after) = text.split_at(lines[..line].iter().map(|l| l.len() + 1).sum());
        return Some(format!("{before}{}", after.replacen(bad.as_str(), good, 1)));
    }
    // A missing key is suggested as a whole line.
    if let Some((_, add)) = message.split_once("is missing; add it, for example ") {
        return with(line, format!("{here}\n{add}"));
    }
    let good = offered(message)?;
    if message.starts_with("is missing") || message.starts_with("is not a time above zero") {
        // The missing key is inserted below the header; existing keys are further down.
        let have = lines.iter().position(|l| l.starts_with(&format!("{key} =")));
        return match have.filter(|_| message.starts_with("is no")) {
            Some(at) => with(at, format!("{key} = \"{good}\"")),
            None => with(line, format!("{here}\n{key} = \"{good}\"")),
        };
    }
    let bad = message.split('"').nth(1)?;
    let written = [format!("\"{bad}\""), bad.to_string()].into_iter().find(|b| here.contains(b))?;
    with(line, here.replacen(&written, &format!("\"{good}\""), 1))
}

#[test]
fn the_remedy_of_every_fixture_is_accepted() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad");
    let (mut applied, mut wrong) = (0, vec![]);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let Err(first) = read(&path, &text) else { continue };
        let Some(better) = mended(&text, &first) else { continue };
        applied += 1;
        // A fixture may contain a second fault, but the first must be gone.
        if let Err(again) = read(&path, &better)
            && (again.path == first.path || again.message.contains("TOML"))
        {
            wrong.push(format!("{}\n  {first}\n  {again}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(applied >= 35, "{applied}");
}

const WELLS: &str = r#"version = 1
question = "Is it read?"
[ligands.drug]
from = "aldesleukin"
affinity = { il2r_alpha = "10 nM", il2r_beta = "144 nM" }
parameters = { molar_mass = "15.3 kDa" }
[ligands.native]
from = "il2"
[cells.treg]
from = "treg"
receptors = { il2r_alpha = "8000 /cell" }
[models.mine]
from = "gamma-chain"
parameters = { k_degrade = "0.16 /min", sorting_fraction = "0.12", endosome_volume = "20 fL/cell" }
[culture]
cell_density = "1e6 /mL"
[assay.course]
kind = "washout"
model = "mine"
mixture = { drug = "10 IU/mL", native = "50 pM" }
pulse = "30 min"
times = ["6 h"]
"#;

const PATIENTS: &str = r#"version = 1
question = "Is it read?"
[ligands.drug]
from = "aldesleukin"
[regimens.one]
ligand = "drug"
dose = "1 MIU/m2"
route = "infusion"
duration = "15 min"
start = "2 d"
every = "8 h"
doses = 2
cycles = 2
cycle = "14 d"
[assay.blood]
kind = "regimen"
times = ["3 d"]
parameters = { "treg.growth" = "0.5 /d", "pharmacokinetics.clearance" = "0.06 L/min", "toxicity.pressure" = "90" }
"#;

const TABLE: &str = r#"version = 1
question = "Is it read?"
[assay.pk]
kind = "event-table"
table = "doses.csv"
model = "two-compartment-oral"
units = { time = "h", amount = "mg", concentration = "ug/L" }
parameters = { clearance = "1.1 L/h", volume = "20 L", absorption_rate = "0.5 /h", intercompartmental_clearance = "1.2 L/h", peripheral_volume = "10 L" }
"#;

/// A folder with the table that the studies read.
fn scratch() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("doses.csv"), "ID,TIME,AMT\n1,0,100\n1,1,0\n").unwrap();
    let study = folder.path().join("study.toml");
    (folder, study)
}

/// Every quantity of a study, with every kind of typing error: the remedy is accepted, and no other
/// key causes an error.
#[test]
fn what_is_offered_for_any_slip_at_any_key_is_read_there() {
    let (_folder, path) = scratch();
    let mut tried = 0;
    for good in [WELLS, PATIENTS, TABLE] {
        read(&path, good).unwrap_or_else(|e| panic!("{e}"));
        for piece in good.split('"').skip(1).step_by(2) {
            let number: String = piece
                .chars()
                .take_while(|c| c.is_ascii_digit() || matches!(c, '.' | 'e'))
                .collect();
            if !piece.starts_with(|c: char| c.is_ascii_digit()) {
                continue;
            }
            let unit = piece[number.len()..].trim();
            let mut slips = vec![
                format!("{number} furlongs"),
                format!("{number} L"),
                format!("{number} MIU"),
                format!("{number} kg"),
                format!("{number} h^2"),
                format!("-{number} {unit}"),
                format!("{number},5 {unit}"),
                format!("1e999 {unit}"),
                format!("{number} {unit}/"),
                "much".to_string(),
                String::new(),
                format!("{number} {}", unit.to_uppercase()),
                format!("{number} {}", unit.replace('I', "")),
            ];
            if !unit.is_empty() {
                slips.push(number.clone());
                slips.push("1000000".into());
            }
            // Planning patients takes a tenth of a second, so all typing errors are tried only on
            // request.
            let some = good == PATIENTS && std::env::var("IL2_EVERY_SLIP").is_err();
            let step = if some { 5 } else { 1 };
            for slip in slips.into_iter().skip(tried % step).step_by(step) {
                let bad = good.replacen(&format!("\"{piece}\""), &format!("\"{slip}\""), 1);
                let Err(error) = read(&path, &bad) else { continue };
                tried += 1;
                let offer = offered(&error.message)
                    .unwrap_or_else(|| panic!("{piece} -> {slip} offers nothing: {error}"));
                let mended = bad.replacen(&format!("\"{slip}\""), &format!("\"{offer}\""), 1);
                let study = read(&path, &mended)
                    .unwrap_or_else(|e| panic!("{piece} -> {slip}\n{error}\noffers {offer}\n{e}"));
                // The remedy also has a plausible magnitude, so no warning about units remains.
                let said = warnings(&study);
                assert!(!said.iter().any(|w| w.contains("unit")), "{error}\n{said:?}");
            }
        }
    }
    assert!(tried > 150, "{tried}");
}

#[test]
fn a_slip_of_a_thousandfold_is_noticed_at_every_key() {
    let (_folder, path) = scratch();
    let cases = [
        (WELLS, "10 nM", &["10 pM", "10 uM"][..]),
        (WELLS, "144 nM", &["144 pM", "144 uM"]),
        (WELLS, "15.3 kDa", &["15.3 Da", "15300 kDa"]),
        (WELLS, "8000 /cell", &["8e6 /cell", "8 /cell"]),
        (WELLS, "0.16 /min", &["160 /min", "0.16 /week"]),
        (WELLS, "20 fL/cell", &["20 pL/cell", "0.02 fL/cell"]),
        (WELLS, "1e6 /mL", &["1e6 /L", "1e9 /mL"]),
        (WELLS, "10 IU/mL", &["10 kIU/mL", "10 MIU/mL"]),
        (WELLS, "50 pM", &["50 nM", "0.05 fM"]),
        (PATIENTS, "1 MIU/m2", &["1 kIU/m2", "1000 MIU/m2", "1 IU/m2", "18 mg"]),
        (PATIENTS, "8 h", &["8 s"]),
        (PATIENTS, "0.5 /d", &["0.5 /s", "0.0005 /d"]),
        (PATIENTS, "0.06 L/min", &["0.06 mL/min", "60 L/min"]),
        (TABLE, "1.1 L/h", &["1.1 mL/h", "1100 L/h"]),
        (TABLE, "20 L", &["20 mL", "20000 L"]),
    ];
    for good in [WELLS, PATIENTS, TABLE] {
        let said = warnings(&read(&path, good).unwrap());
        assert!(!said.iter().any(|w| w.contains("unit")), "{said:?}");
    }
    let mut missed = vec![];
    for (good, piece, slips) in cases {
        for slip in slips {
            let text = good.replacen(&format!("\"{piece}\""), &format!("\"{slip}\""), 1);
            match read(&path, &text) {
                Err(error) => missed.push(format!("{piece} -> {slip}: {error}")),
                Ok(study) => {
                    let said = warnings(&study);
                    if !said.iter().any(|w| w.contains("unit")) {
                        missed.push(format!("{piece} -> {slip}: {said:?}"));
                    }
                }
            }
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn what_cannot_be_is_refused_with_the_range() {
    let (_folder, path) = scratch();
    for (good, piece, bad, range) in [
        (WELLS, "1e6 /mL", "1e13 /mL", "0 to 1e10 /mL"),
        (WELLS, "50 pM", "3 M", "0 to 20.0 mM"),
        (PATIENTS, "1 MIU/m2", "3 kg", "0 to 0.0153 kg"),
    ] {
        let text = good.replacen(&format!("\"{piece}\""), &format!("\"{bad}\""), 1);
        let error = read(&path, &text).unwrap_err().to_string();
        assert!(error.contains(range) && error.contains(bad), "{error}");
    }
}

#[test]
fn doses_and_bodies_of_a_table_are_looked_at() {
    let (folder, path) = scratch();
    let study = |table: &str, amount: &str| {
        std::fs::write(folder.path().join("people.csv"), table).unwrap();
        let text = format!(
            "version = 1\nquestion = \"?\"\n[ligands.drug]\nfrom = \"aldesleukin\"\n[assay.pk]\n\
             kind = \"event-table\"\ntable = \"people.csv\"\nmodel = \"patient\"\nligand = \"drug\"\n\
             units = {{ time = \"h\", amount = \"{amount}\", concentration = \"IU/mL\" }}\n\
             compartments = {{ 2 = \"plasma\" }}\n"
        );
        warnings(&read(&path, &text).unwrap())
    };
    let table = "ID,TIME,EVID,AMT,CMT,WT,HT\n1,0,1,18,2,75,170\n1,1,0,0,2,75,170\n";
    let of = |said: Vec<String>| said.into_iter().filter(|w| w.contains("AMT")).collect::<Vec<_>>();
    assert!(of(study(table, "MIU")).is_empty());
    let said = of(study(table, "kIU"));
    assert!(said.len() == 1 && said[0].contains("line 2: 18 kIU"), "{said:?}");
    let said = study(&table.replace(",75,170", ",180,170"), "MIU");
    assert!(said.iter().any(|w| w.contains("WT of 2 records") && w.contains("180 kg")), "{said:?}");
}

#[test]
fn counts_of_every_cell_are_looked_at_whatever_their_order() {
    let (_folder, path) = scratch();
    let cell = |name: &str, counts: &str| format!("[cells.{name}]\nfrom = \"{name}\"\n{counts}");
    let treg = cell("treg", "");
    let many = cell("cd8", "receptors = { il2r_beta = \"5e5 /cell\" }\n");
    for (cells, order) in [
        (format!("{treg}{many}"), "\"treg\", \"cd8\""),
        (format!("{many}{treg}"), "\"cd8\", \"treg\""),
    ] {
        let text = format!(
            "version = 1\nquestion = \"?\"\n[ligands.il2]\nfrom = \"il2\"\n{cells}\
             [assay.d]\nkind = \"dose-response\"\nligands = [\"il2\"]\ncells = [{order}]\n\
             doses = {{ from = \"1 pM\", to = \"10 nM\", points = 9 }}\ntimes = [\"1 h\"]\n"
        );
        let said = warnings(&read(&path, &text).unwrap());
        let of_counts = said.iter().filter(|w| w.contains("cells.cd8.receptors.il2r_beta"));
        assert_eq!(of_counts.count(), 1, "{order}: {said:?}");
    }
}

#[test]
fn a_molecule_with_the_kinetics_of_another_is_named() {
    let (_folder, path) = scratch();
    let with = |from: &str, kinetics: &str| {
        let text = PATIENTS
            .replace("from = \"aldesleukin\"", &format!("from = \"{from}\""))
            .replace("1 MIU/m2", "4 nmol/m2")
            .replace(
                "kind = \"regimen\"",
                &format!(
                    "kind = \"regimen\"\nregimens = [\"one\"]\npharmacokinetics = \"{kinetics}\""
                ),
            );
        let said = warnings(&read(&path, &text).unwrap());
        said.into_iter().filter(|w| w.contains("another molecule")).count()
    };
    assert_eq!(with("aldesleukin", "konrad1990"), 0);
    assert_eq!(with("wt-n-fc", "konrad1990"), 1);
    assert_eq!(with("wt-n-fc", "fc-fusion"), 0);
    assert_eq!(with("aldesleukin", "fc-fusion"), 1);
    assert_eq!(with("il15", "label"), 1);
    // The name in the study does not make the molecule the drug.
    let named = PATIENTS
        .replace("[ligands.drug]\nfrom = \"aldesleukin\"", "[ligands.aldesleukin]\nfrom = \"il15\"")
        .replace("ligand = \"drug\"", "ligand = \"aldesleukin\"")
        .replace("1 MIU/m2", "4 nmol/m2");
    let refused = read(&path, &named).unwrap_err().to_string();
    assert!(
        refused.contains("the library has no pharmacokinetics for Interleukin-15")
            && refused.contains("konrad1990"),
        "{refused}"
    );
    // No set of kinetics suits a molecule for which it was not made.
    for set in Library::builtin().physiology.pharmacokinetics.keys() {
        assert_eq!(with("il15", set), 1, "{set}");
    }
    assert_eq!((with("aldesleukin", "peg-il2"), with("aldesleukin", "masked")), (1, 0));
}

/// A curve that begins at ninefold the EC50 of cells with CD25 is most likely wrong by a factor of
/// a thousand.
#[test]
fn a_curve_that_begins_where_others_end_is_noticed() {
    let (_folder, path) = scratch();
    let study = |unit: &str| {
        format!(
            "version = 1\nquestion = \"?\"\n[ligands.il2]\nfrom = \"il2\"\n[cells.nk]\nfrom = \"nk\"\n\
             [assay.curve]\nkind = \"dose-response\"\n\
             doses = {{ from = \"0.1 {unit}\", to = \"1000 {unit}\", points = 9 }}\ntimes = [\"1 h\"]\n"
        )
    };
    let said = |unit: &str| warnings(&read(&path, &study(unit)).unwrap()).join("\n");
    assert!(!said("pM").contains("unit"), "{}", said("pM"));
    assert!(said("nM").contains("the lowest dose of a curve is 100 pM"), "{}", said("nM"));
}

#[test]
fn a_changed_model_that_no_assay_reads_is_named() {
    let (_folder, path) = scratch();
    let forgotten = WELLS.replace("model = \"mine\"\n", "");
    let said = warnings(&read(&path, &forgotten).unwrap());
    assert!(said[0].starts_with("no assay uses models.mine; set model = \"mine\""), "{said:?}");
    let said = warnings(&read(&path, WELLS).unwrap());
    assert!(!said.iter().any(|w| w.contains("no assay uses")), "{said:?}");
}

#[test]
fn how_far_fusions_are_predicted_is_said() {
    let (_folder, path) = scratch();
    let study = include_str!("../../../studies/01-dose-response.toml");
    let said = warnings(&read(&path, study).unwrap());
    assert!(
        said.iter().any(|w| w.starts_with("v91k was measured as a fusion")
            && w.contains("4-fold and V91K 11-fold too strong")),
        "{said:?}"
    );
    let native = study.replace("from = \"v91k-c-fc\"", "from = \"il2\"");
    let native = native.replace("from = \"wt-c-fc\"", "from = \"aldesleukin\"");
    let said = warnings(&read(&path, &native).unwrap());
    assert!(!said.iter().any(|w| w.contains("fusion")), "{said:?}");
    // As an arm of another molecule, it still counts as a fusion.
    let inside = native + "[ligands.joined]\narms = [\"wt-n-fc\", \"il2-dead\"]\n";
    let said = warnings(&read(&path, &inside).unwrap());
    let fusion = |w: &String| w.starts_with("joined was measured as a fusion");
    assert_eq!(said.iter().filter(|w| fusion(w)).count(), 1, "{said:?}");
}

/// A study of doses on two cells, with these molecules and cells.
fn compared(ligands: &str, cells: [&str; 2]) -> Vec<String> {
    let (_folder, path) = scratch();
    let [a, b] = cells;
    let text = format!(
        "version = 1\nquestion = \"?\"\n{ligands}[cells.{a}]\nfrom = \"{a}\"\n[cells.{b}]\nfrom = \"{b}\"\n\
         [assay.curve]\nkind = \"dose-response\"\n\
         doses = {{ from = \"0.1 pM\", to = \"1 uM\", points = 9 }}\ntimes = [\"1 h\"]\n"
    );
    warnings(&read(&path, &text).unwrap())
}

#[test]
fn what_lies_beyond_the_fit_is_said() {
    let is = |said: &[String], wanted: &str| said.iter().filter(|w| w.contains(wanted)).count();
    let native = "[ligands.native]\nfrom = \"il2\"\n";
    let said = compared(native, ["treg", "cd8"]);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].starts_with(
            "treg and cd8 belong to different lineages. Simulated ratios between lineages"
        ),
        "{said:?}"
    );
    assert!(compared(native, ["treg", "treg_naive"]).is_empty());
    assert!(compared("[ligands.il15]\nfrom = \"il15\"\n", ["treg", "cd8"]).is_empty());
    let mutein = "[ligands.mine]\nfrom = \"il2\"\naffinity = { il2r_beta = \"1 uM\" }\n";
    let said = compared(mutein, ["treg", "treg_naive"]);
    assert_eq!(is(&said, "The study sets an affinity of mine. No soluble mutein"), 1, "{said:?}");
    let said = compared("[ligands.seven]\nfrom = \"il7\"\n", ["treg", "cd8"]);
    assert_eq!(is(&said, "The model was not fitted to seven. Its loss of gamma_c"), 1, "{said:?}");
    let (_folder, path) = scratch();
    let text = "version = 1\nquestion = \"?\"\n[ligands.fused]\nfrom = \"wt-n-fc\"\n[ligands.free]\n\
         from = \"soluble-cd25\"\n[cells.treg]\nfrom = \"treg\"\n[assay.curve]\nkind = \"time-course\"\n\
         mixture = { fused = \"100 pM\", free = \"10 nM\" }\ntimes = [\"1 h\"]\n";
    let said = warnings(&read(&path, text).unwrap());
    assert_eq!(
        is(
            &said,
            "fused is combined with a soluble chain. The amount of a fusion bound by soluble"
        ),
        1,
        "{said:?}"
    );
    let arms = "[ligands.bi]\narms = [\"il2\", \"targeting-arm\"]\n";
    let (_folder, path) = scratch();
    let text = format!(
        "version = 1\nquestion = \"?\"\n{arms}[cells.cd8]\nfrom = \"cd8\"\nreceptors = {{ antigen = \"1000 /cell\" }}\n\
         [assay.curve]\nkind = \"dose-response\"\n\
         doses = {{ from = \"0.1 pM\", to = \"1 uM\", points = 9 }}\ntimes = [\"1 h\"]\n"
    );
    let said = warnings(&read(&path, &text).unwrap());
    assert_eq!(
        is(&said, "In bi, il2 is assumed to bind like the soluble molecule. As part of a fusion"),
        1,
        "{said:?}"
    );
    let assumed =
        "Results for bi rest on assumed numbers: affinity.antigen 1 nM, k_on.antigen 1e6 /M/s;";
    assert_eq!(is(&said, assumed), 1, "{said:?}");
    // Numbers that the user sets do not count as assumed.
    let own = "[ligands.ab]\nfrom = \"basiliximab\"\naffinity = { il2r_alpha = \"50 pM\" }\n\
               k_on = { il2r_alpha = \"2e6 /M/s\" }\n";
    let [theirs, ours] = [own.split_once("affinity").unwrap().0, own]
        .map(|text| is(&compared(text, ["treg", "treg_naive"]), "rest on assumed numbers"));
    assert_eq!((theirs, ours), (1, 0));
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn folders_with_misfits() -> Vec<String> {
    let all = std::fs::read_dir(root().join("validation")).unwrap();
    let mut found: Vec<String> = all
        .map(|e| e.unwrap().path())
        .filter(|p| {
            let published = std::fs::read_to_string(p.join("published.toml")).unwrap_or_default();
            published.contains("\nknown_misfit = ")
        })
        .map(|p| p.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    found.sort();
    found
}

#[test]
fn misfits_are_those_of_the_validation_folders_and_each_is_found_by_its_own_study() {
    let embedded: Vec<&str> = il2_assay::misfits::FOLDERS.iter().map(|(name, ..)| *name).collect();
    assert_eq!(embedded, folders_with_misfits());
    let (_folder, path) = scratch();
    let mut study = read(&path, WELLS).unwrap();
    // Every cytokine, because the folders together contain all of them.
    study.ligands.extend(Library::builtin().ligands.clone());
    for (name, published, text) in il2_assay::misfits::FOLDERS {
        // Only the text of the study matters, so its assays need not be planned.
        study.assays = il2_study::study::read::parse(&path, text).unwrap().assay;
        study.text = text.to_string();
        let known = il2_assay::misfits::known(&study);
        for line in published.lines().filter_map(|l| l.strip_prefix("known_misfit = \"")) {
            let why = line.trim_end_matches('"').replace("\\\"", "\"");
            assert!(known.iter().any(|m| m.folder == *name && m.why == why), "{name}: {why}");
        }
    }
    // Misfits do not apply to cells and molecules that were not compared.
    let treg = WELLS.replace("from = \"treg\"", "from = \"nkt\"");
    let treg = read(&path, &treg).unwrap();
    let of = |study: &Study| -> Vec<&str> {
        il2_assay::misfits::known(study).iter().map(|m| m.folder).collect()
    };
    assert!(!of(&treg).contains(&"farhat2021-pbmc") && !of(&treg).contains(&"orcutt2023"));
    let nk = WELLS.replace("from = \"treg\"", "from = \"nk\"");
    assert!(of(&read(&path, &nk).unwrap()).contains(&"farhat2021-pbmc"));
    // Misfits do not apply to other cytokines either: for interleukin-2, none of interleukin-15 is
    // listed.
    let of_il15 = |text: &str| {
        let study = read(&path, text).unwrap();
        let known = il2_assay::misfits::known(&study);
        known.iter().flat_map(|m| &m.what).any(|what| what.contains("IL-15"))
    };
    let both = format!("{nk}[ligands.fifteen]\nfrom = \"il15\"\n");
    assert!(!of_il15(&nk) && of_il15(&both));
}

#[test]
fn studies_that_were_made_with_care_lie_inside_the_ranges() {
    let mut odd = vec![];
    let mut count = 0;
    let mut look = |path: &Path| {
        let study = Study::read(path).unwrap();
        let said: Vec<String> = plans(&study)
            .unwrap()
            .iter()
            .flat_map(|(_, plan): &(String, Plan)| il2_assay::magnitude::warnings(&study, plan))
            .collect();
        count += 1;
        odd.extend(said.into_iter().map(|w| format!("{}: {w}", path.display())));
    };
    for entry in std::fs::read_dir(root().join("studies")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "toml") {
            look(&path);
        }
    }
    // Planning all of them takes a minute, so the full set is run only on request.
    let some = ["konrad1990", "piscitelli1996", "farhat2021-pbmc", "orcutt2023"];
    let every = std::env::var("IL2_EVERY_STUDY").is_ok();
    for entry in std::fs::read_dir(root().join("validation")).unwrap() {
        let path = entry.unwrap().path();
        if every || some.iter().any(|name| path.ends_with(name)) {
            look(&path.join("study.toml"));
        }
    }
    assert!(count >= 12, "{count}");
    // Weak fusions were tested at doses beyond all others.
    odd.retain(|w| !w.contains("orcutt2023"));
    // Interleukin-2 was also tested at such doses in one table of courses.
    odd.retain(|w| !w.contains("assay.fitted_saturated.doses, item 1: \"84 nM\" is outside"));
    assert!(odd.is_empty(), "{}", odd.join("\n"));
}

#[test]
fn every_range_holds_what_the_library_has() {
    let library = Library::builtin();
    let holds = |name: &str, value: f64| {
        let interval = library.ranges[name].usual.interval.as_ref().unwrap();
        (interval.low..=interval.high).contains(&value)
    };
    let mut count = 0;
    for ligand in library.ligands.values() {
        for (name, number) in ligand.parameters.iter().filter(|(_, p)| !p.absent) {
            let range = match name.as_str() {
                "affinity.il2r_alpha" | "fusion_affinity.il2r_alpha" => "alpha_affinity",
                "affinity.il15r_alpha" => "alpha_affinity_of_il15",
                "affinity.il2r_beta" | "fusion_affinity.il2r_beta_gamma" => "beta_affinity",
                _ => continue,
            };
            assert!(holds(range, number.value), "{} {name}", ligand.id);
            count += 1;
        }
    }
    for cell in library.cells.values() {
        for (name, number) in cell.receptors.values().flatten() {
            let of_chain = name.starts_with("il2r") || name == "gamma_c";
            if of_chain && !number.absent && number.value > 0.0 {
                assert!(holds("receptors", number.value), "{} {name}", cell.id);
                count += 1;
            }
        }
    }
    assert!(count > 80, "{count}");
    for ending in ["", "/kg", "/m2"] {
        let like = il2_study::ranges::like_dose(ending);
        let drug = library.ligand("aldesleukin").unwrap().preparation();
        assert!(drug.amount_like(like.example, ending, &like).is_ok(), "{ending}");
    }
}

#[test]
fn an_error_is_at_most_a_screen_long_and_holds_nothing_that_a_terminal_obeys() {
    let long = "n".repeat(100_000);
    let texts = [
        format!("version = 1\nquestion = \"?\"\n[assay.a]\nkind = \"{long}\"\n"),
        format!("version = 1\nquestion = \"?\"\n[assay.{long}]\nkind = \"dose-response\"\n"),
        format!("version = 1\nquestion = \"?\"\n{long} = 1\n[assay.a]\nkind = \"washout\"\n"),
        "version = 1\nquestion = \"?\"\n\"\\u001b[2J\" = 1\n[assay.a]\nkind = \"\\u001b[31mred\"\n"
            .into(),
        "version = 1\nquestion = \"?\"\n[ligands.a]\nfrom = \"\\u009b2J\\u202e\"\n[assay.a]\n\
         kind = \"dose-response\"\ndoses = [\"1 \\u001bpM\"]\ntimes = [\"1 h\"]\n"
            .into(),
    ];
    for text in texts {
        let path = Path::new("a\u{1b}[31m.toml");
        let said = read(path, &text).unwrap_err().to_string();
        assert!(said.chars().count() <= 1600, "{}", said.chars().count());
        assert!(said.chars().all(|c| c == '\n' || !c.is_control()), "{said:?}");
        assert!(!said.contains('\u{202e}'), "{said:?}");
    }
}

#[test]
fn a_library_with_a_number_that_is_none_is_refused() {
    let with = |file: &str, from: &str, to: &str| {
        let files: Vec<(&str, String)> = il2_study::library::FILES
            .iter()
            .map(|(name, text)| match *name == file {
                true => (*name, text.replacen(from, to, 1)),
                false => (*name, text.to_string()),
            })
            .collect();
        let files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (*n, t.as_str())).collect();
        Library::read(&files).err()
    };
    assert!(with("", "", "").is_none());
    assert!(with("ranges.toml", "\"50 pM\"", "\"nan pM\"").is_some());
    assert!(with("patient.toml", "\"1.538 L\"", "\"inf L\"").is_some());
    let draws = il2_study::library::FILES.iter().find(|f| f.0.ends_with("draws.csv")).unwrap().1;
    let number = draws.lines().nth(1).unwrap().split(',').next().unwrap();
    assert!(with("calibration/immune/draws.csv", number, "NaN").is_some());
    let posterior =
        il2_study::library::FILES.iter().find(|f| f.0.starts_with("posteriors")).unwrap();
    let spread = posterior.1.split("[spread]").nth(1).unwrap().split('=').nth(1).unwrap();
    let spread = spread.lines().next().unwrap().trim();
    assert!(with(posterior.0, spread, "nan").is_some(), "{spread}");
}
