//! The report is well-formed, self-contained, complete, and safe for any text of a study.

use il2_assay::plans;
use il2_report::inputs::{self, Input};
use il2_report::report;
use il2_report::results;
use il2_study::{Library, Study, StudyError};
use roxmltree::{Document, Node, ParsingOptions};
use std::collections::BTreeSet;
use std::path::Path;

fn study(folder: &Path, text: &str) -> Study {
    Study::parse(&folder.join("study.toml"), text, Library::builtin()).unwrap()
}

/// Runs a study and writes its results into a folder.
fn leave(study: &Study, folder: &Path) -> Result<Vec<il2_output::folder::Written>, StudyError> {
    let plans = plans(study).unwrap();
    let results: Vec<_> =
        plans.iter().map(|(name, plan)| (name.clone(), plan.run(study, &|_| {}))).collect();
    results::write(folder, study, &plans, &results).map_err(results::refused)
}

/// Every file of a run by name.
fn run(study: &Study) -> Vec<(String, Vec<u8>)> {
    let folder = tempfile::tempdir().unwrap();
    let read = |f: &il2_output::folder::Written| {
        let bytes = std::fs::read(folder.path().join(&f.name)).unwrap();
        assert_eq!(bytes.len() as u64, f.bytes);
        (f.name.clone(), bytes)
    };
    leave(study, folder.path()).unwrap().iter().map(read).collect()
}

fn page(study: &Study) -> String {
    let file = run(study).into_iter().find(|(name, _)| name == "report.html").unwrap();
    String::from_utf8(file.1).unwrap()
}

fn parsed(page: &str) -> Document<'_> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    Document::parse_with_options(page, options).unwrap_or_else(|e| panic!("{e}"))
}

fn words(node: Node) -> String {
    node.descendants().filter_map(|n| n.text().filter(|_| n.is_text())).collect()
}

/// Text without the page's markup for code and non-breaking spaces.
fn plain(text: &str) -> String {
    text.replace('\u{a0}', " ").replace('`', "")
}

const CELLS: &str = "version = 1\nquestion = \"Who answers, and when?\"\n\
    [ligands.native]\nfrom = \"il2\"\n\
    [ligands.weak]\nlike = \"native\"\naffinity = { il2r_alpha = \"30 nM\" }\n\
    [ligands.spare]\nfrom = \"il15\"\n\
    [cells.treg]\nfrom = \"treg\"\nreceptors = { il2r_alpha = \"8000 /cell\" }\n\
    [cells.nk]\nfrom = \"nk\"\n\
    [models.mine]\nfrom = \"gamma-chain\"\nstat5 = true\nparameters = { k_recycle = \"0.2 /min\" }\n\
    [culture]\ncell_density = \"1e6 /mL\"\n\
    [assay.dose]\nkind = \"dose-response\"\nligands = [\"native\", \"weak\"]\n\
    doses = [\"1 pM\", \"30 pM\", \"1 nM\", \"30 nM\"]\ntimes = [\"1 h\"]\nintervals = { draws = 10 }\n\
    [assay.time]\nkind = \"time-course\"\nmodel = \"mine\"\nligands = [\"native\"]\ncells = [\"treg\"]\n\
    doses = [\"10 pM\"]\ntimes = [\"0 min\", \"1 h\"]\n";

const MAPS: &str = "version = 1\nquestion = \"Which affinities?\"\n\
    [ligands.native]\nfrom = \"il2\"\n\
    [cells.treg]\nfrom = \"treg\"\n[cells.nk]\nfrom = \"nk\"\n\
    [assay.one]\nkind = \"affinity-sweep\"\nligand = \"native\"\ncells = [\"treg\", \"nk\"]\n\
    time = \"1 h\"\ndoses = { from = \"1 pM\", to = \"100 nM\", points = 6 }\n\
    alpha = [\"1 nM\", \"100 nM\"]\nbeta = [\"10 nM\", \"1 uM\"]\n\
    [assay.two]\nkind = \"affinity-sweep\"\nligand = \"native\"\ncells = [\"nk\", \"treg\"]\n\
    time = \"30 min\"\ndoses = { from = \"1 pM\", to = \"100 nM\", points = 6 }\n\
    alpha = [\"1 nM\", \"100 nM\"]\nbeta = [\"10 nM\", \"1 uM\"]\n";

const PATIENTS: &str = "version = 1\nquestion = \"Who is held?\"\n\
    [ligands.drug]\nfrom = \"aldesleukin\"\n\
    [regimens.high]\nligand = \"drug\"\ndose = \"600000 IU/kg\"\nroute = \"infusion\"\n\
    duration = \"15 min\"\nevery = \"8 h\"\ndoses = 6\n\
    [regimens.low]\nligand = \"drug\"\ndose = \"1 MIU/m2\"\nroute = \"subcutaneous\"\n\
    [assay.blood]\nkind = \"regimen\"\npatients = 3\nrules = \"hold\"\ntimes = [\"0 d\", \"1 d\", \"3 d\"]\n";

const TRIAL: &str = "version = 1\nquestion = \"Does it help?\"\n\
    [assay.trial]\nkind = \"trial\"\ndisease = \"melanoma\"\npatients = 40\n\
    follow_up = \"1 y\"\n\
    arms = { untreated = {}, chemotherapy = { partners = [\"chemotherapy\"] } }\n";

/// The parts of a report on a model that informs a decision, in the order in which regulators ask.
#[test]
fn the_report_of_a_trial_has_the_sections_of_a_credibility_assessment() {
    let folder = tempfile::tempdir().unwrap();
    let page = page(&study(folder.path(), TRIAL));
    stands_alone(&page);
    let document = parsed(&page);
    let titles: Vec<String> =
        document.descendants().filter(|n| n.has_tag_name((XHTML, "h2"))).map(words).collect();
    let mut at = 0;
    for wanted in [
        "Question",
        "Context of use",
        "Assumptions",
        "Calibration",
        "Validation",
        "Sensitivity",
        "Limits",
    ] {
        let place = titles[at..].iter().position(|title| title == wanted);
        at += place.unwrap_or_else(|| panic!("{wanted} is not in {titles:?} in this order"));
    }
    let text = words(document.root_element());
    for told in ["Does it help?", "resistant_growth", "Atkins 1999", "must not be used to treat"] {
        assert!(text.contains(told), "{told}");
    }
    // Other studies have none of these sections.
    assert!(!self::page(&study(folder.path(), MAPS)).contains("Context of use"));
}

/// Checks that the page is self-contained.
fn stands_alone(page: &str) {
    let document = parsed(page);
    let elements = || document.descendants().filter(Node::is_element);
    let ids: Vec<&str> = elements().filter_map(|n| n.attribute("id")).collect();
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len(), "an id stands twice: {ids:?}");
    for node in elements() {
        let name = node.tag_name().name();
        let loads = ["script", "link", "img", "image", "use", "iframe", "object", "embed", "base"];
        assert!(!loads.contains(&name), "<{name}>");
        for attribute in node.attributes() {
            let (key, value) = (attribute.name(), attribute.value());
            assert!(!key.starts_with("on") && key != "src" && key != "srcset", "{key}={value}");
            if key == "href" {
                assert_eq!(name, "a");
                match value.strip_prefix('#') {
                    Some(id) => assert!(unique.contains(id), "{value} leads nowhere"),
                    None => assert!(value.starts_with("http"), "{value}"),
                }
            } else if let Some((_, rest)) = value.split_once("url(") {
                let id = rest.strip_prefix('#').and_then(|rest| rest.split_once(')'));
                assert!(unique.contains(id.unwrap().0), "{key}={value}");
            }
        }
        if name == "style" {
            let style = words(node);
            assert!(!style.contains("url(") && !style.contains("@import"), "the style loads");
        }
    }
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"));
}

/// Checks that every number of the inputs has its own row with value, origin and source.
fn says_every_input(page: &str, all: &[Input]) {
    let document = parsed(page);
    let rows: Vec<(String, String, String)> = document
        .descendants()
        .filter(|n| n.has_tag_name((XHTML, "tr")))
        .map(|row| {
            let cells: Vec<Node> = row.children().filter(Node::is_element).collect();
            let links: Vec<&str> = row.descendants().filter_map(|n| n.attribute("href")).collect();
            let all: Vec<String> = cells.iter().map(|c| words(*c)).collect();
            (all.first().cloned().unwrap_or_default(), all.join(" "), links.join(" "))
        })
        .collect();
    let mut count = 0;
    for (name, p) in all.iter().filter(|i| i.used).flat_map(Input::numbers) {
        let reference = p.source.as_ref().map(|key| &Library::builtin().references[key]);
        let source = reference.map_or(String::new(), |r| r.short());
        let doi = reference.and_then(|r| r.fields.get("doi")).cloned().unwrap_or_default();
        let found = rows.iter().any(|(first, row, links)| {
            first == name
                && row.contains(&p.text)
                && row.contains(p.how.word())
                && row.contains(&source)
                && row.contains(&p.note)
                && links.contains(&doi)
        });
        assert!(found, "{name} = {} ({source}) is not there", p.text);
        count += 1;
    }
    assert!(count > 20, "{count}");
    for caveat in all.iter().filter(|i| i.used).flat_map(|i| &i.caveats) {
        let wanted = plain(caveat);
        let said = document
            .descendants()
            .any(|n| n.has_tag_name((XHTML, "dd")) && plain(&words(n)) == wanted);
        assert!(said, "{caveat}");
    }
}

/// Checks that the sentences of every assay are in the summary and at the top of the page.
fn begins_with_the_answer(page: &str, summary: &str, assays: usize) {
    let summary: serde_json::Value = serde_json::from_str(summary).unwrap();
    let answer = summary["answer"].as_object().unwrap();
    assert_eq!(answer.len(), assays);
    let document = parsed(page);
    let header = document.descendants().find(|n| n.has_tag_name((XHTML, "header"))).unwrap();
    let header = plain(&words(header));
    for (name, sentences) in answer {
        let sentences = sentences.as_array().unwrap();
        assert!((1..=3).contains(&sentences.len()), "{name}: {sentences:?}");
        for sentence in sentences {
            assert!(header.contains(&plain(sentence.as_str().unwrap())), "{name}: {sentence}");
        }
    }
}

const XHTML: &str = "http://www.w3.org/1999/xhtml";

#[test]
fn the_page_stands_alone_and_says_every_input() {
    let folder = tempfile::tempdir().unwrap();
    for text in [CELLS, PATIENTS, MAPS] {
        let study = study(folder.path(), text);
        let files = run(&study);
        let of = |name: &str| {
            let file = files.iter().find(|(file, _)| file == name).unwrap();
            String::from_utf8(file.1.clone()).unwrap()
        };
        let page = of("report.html");
        stands_alone(&page);
        let plans = plans(&study).unwrap();
        begins_with_the_answer(&page, &of("summary.json"), plans.len());
        says_every_input(&page, &inputs::inputs(&study, &plans));
        let document = parsed(&page);
        let written = document.descendants().filter(|n| n.has_tag_name((XHTML, "code")));
        assert!(written.map(words).any(|code| code == text), "the study's own text");
        assert!(!page.contains(folder.path().to_str().unwrap()), "a path of this machine");
    }
}

#[test]
fn what_the_study_sets_stands_beside_what_the_library_has() {
    let study = study(Path::new(""), CELLS);
    let plans = plans(&study).unwrap();
    let all = inputs::inputs(&study, &plans);
    let set: Vec<_> = inputs::overrides(&study, &all)
        .into_iter()
        .map(|o| (o.of, o.name, o.set, o.library))
        .collect();
    let one = |of: &str, name: &str, set: &str, library: &str| {
        (of.to_string(), name.to_string(), set.to_string(), Some(library.to_string()))
    };
    let alpha = |of, ids: &str| {
        let numbers = match of {
            "ligand" => &Library::builtin().ligands[ids].parameters["affinity.il2r_alpha"],
            _ => &Library::builtin().cells[ids].receptors["farhat2021"]["il2r_alpha"],
        };
        numbers.text.clone()
    };
    let recycle = &Library::builtin().models["gamma-chain"].model.parameters["k_recycle"].text;
    for wanted in [
        one("ligand weak", "affinity.il2r_alpha", "30 nM", &alpha("ligand", "il2")),
        one("cell treg", "il2r_alpha", "8000 /cell", &alpha("cell", "treg")),
        one("model mine", "k_recycle", "0.2 /min", recycle),
    ] {
        assert!(set.contains(&wanted), "{wanted:?} in {set:?}");
    }
    let spare = all.iter().find(|i| i.name == "spare").unwrap();
    assert!(!spare.used, "no assay uses it");
}

#[test]
fn numbers_that_only_another_model_reads_are_no_inputs() {
    let study = study(Path::new(""), PATIENTS);
    let plans = plans(&study).unwrap();
    let all = inputs::inputs(&study, &plans);
    let names: Vec<&String> = all.iter().flat_map(Input::numbers).map(|(name, _)| name).collect();
    assert!(names.iter().any(|name| name.starts_with("gamma_chain.")), "{names:?}");
    assert!(!names.iter().any(|name| name.starts_with("fallon2000.")), "{names:?}");
    assert!(!names.iter().any(|name| name.starts_with("stat5.")), "{names:?}");
    let kinds: BTreeSet<&str> = all.iter().map(|i| i.kind).collect();
    let wanted = ["cell", "ligand", "model", "patient", "pharmacokinetics", "population"];
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), wanted);
}

/// The list of inputs contains the numbers that the equations use, even if a model has its own
/// fitted numbers for a ligand; if two models differ, both sets are listed.
#[test]
fn inputs_are_the_numbers_of_the_equations() {
    let study = study(Path::new(""), CELLS);
    let plans = plans(&study).unwrap();
    let all = inputs::inputs(&study, &plans);
    let mut compared = 0;
    for prepared in plans.iter().flat_map(|(_, plan)| plan.prepared()) {
        for ligand in &prepared.setup.ligands {
            let input = all.iter().find(|i| i.kind == "ligand" && i.name == ligand.label).unwrap();
            for (name, number) in input.numbers().filter(|(_, n)| !n.absent) {
                let in_network = format!("{}.{name}", ligand.label);
                if let Some(found) = prepared.parameters.iter().find(|p| p.name == in_network) {
                    assert_eq!(found.value, number.value, "{in_network}");
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 20, "{compared}");
    let beside = format!(
        "{CELLS}[assay.old]\nkind = \"time-course\"\nmodel = \"gamma-chain-farhat2021\"\n\
        ligands = [\"native\"]\ncells = [\"treg\"]\ndoses = [\"10 pM\"]\ntimes = [\"1 h\"]\n"
    );
    let study = self::study(Path::new(""), &beside);
    let all = inputs::inputs(&study, &self::plans(&study).unwrap());
    let native = all.iter().find(|i| i.kind == "ligand" && i.name == "native").unwrap();
    let values: BTreeSet<String> = native
        .numbers()
        .filter(|(name, _)| *name == "gamma_chain.k_off_gamma_from_beta_gamma")
        .map(|(_, p)| p.text.clone())
        .collect();
    assert_eq!(values.len(), 2, "{values:?}");
}

#[test]
fn the_report_of_a_regimen_says_doses_courses_and_balance() {
    let study = study(Path::new(""), PATIENTS);
    let page = page(&study);
    let document = parsed(&page);
    let rows: Vec<Vec<String>> = document
        .descendants()
        .filter(|n| n.has_tag_name((XHTML, "tr")))
        .map(|row| row.children().filter(Node::is_element).map(words).collect())
        .collect();
    let row = |start: &[&str]| {
        let found = rows.iter().find(|row| row.iter().zip(start).all(|(a, b)| a == b));
        found.unwrap_or_else(|| panic!("no row {start:?}")).clone()
    };
    let high = row(&["high", "drug", "600000 IU/kg", "intravenous infusion over 15 min", "6"]);
    assert!(high[5].parse::<f64>().unwrap() <= 6.0, "{high:?}");
    // Lowest pressure and its day, with the unit.
    let pressure = row(&["mean arterial pressure", "mmHg"]);
    assert!(pressure[4].parse::<f64>().unwrap() < 90.0, "{pressure:?}");
    // The third dose, a third of a day after the second: 600,000 IU/kg for 75 kg.
    assert_eq!(row(&["3", "1", "0.667"])[4..], ["45.0", "intravenous infusion over 15 min"]);
    assert_eq!(row(&["blood", "every simulation succeeded"])[2..], ["6 of 6", "yes"]);
    let balance = row(&["blood", "drug given = drug in the body + drug eliminated, arm low"]);
    assert_eq!(balance[3], "yes", "{balance:?}");
    let rules = "a dose is withheld at any of these limits: vasopressor of 0.5 ug/kg/min or above \
                 (0.8 or above ends the cycle), creatinine of 2.5";
    assert!(page.contains(rules));
    assert!(page.contains("Most parameters of the patient are assumed"), "the warning of the text");
}

#[test]
fn whatever_a_study_says_is_text() {
    let folder = tempfile::tempdir().unwrap();
    let table = "a <b> & 'c'.csv";
    std::fs::write(
        folder.path().join(table),
        "ID,TIME,AMT,EVID,<img src=x>\n1,0,10,1,0\n1,1,0,0,0\n1,2,0,0,0\n",
    )
    .unwrap();
    let text = format!(
        "# <script>alert(3)</script> ]]> &amp;\nversion = 1\n\
         question = \"Is <script>alert('1 & 2')</script> </title> text?\\u0001\"\n\
         [assay.plain]\nkind = \"event-table\"\ntable = \"{table}\"\nmodel = \"one-compartment\"\n\
         units = {{ time = \"h\", amount = \"mg\" }}\n\
         parameters = {{ clearance = \"1 L/h\", volume = \"3 L\" }}\n"
    );
    let study = study(folder.path(), &text);
    let page = page(&study);
    stands_alone(&page);
    let document = parsed(&page);
    let title = document.descendants().find(|n| n.has_tag_name((XHTML, "h1"))).unwrap();
    assert_eq!(words(title), "Is <script>alert('1 & 2')</script> </title> text?");
    let all = words(document.root_element());
    assert!(all.contains(table) && all.contains("<img src=x>"), "{all}");
    assert!(all.contains("# <script>alert(3)</script> ]]> &amp;"), "{all}");
    assert!(!page.contains("<script") && !page.contains("<img"), "nothing of it is markup");
}

#[test]
fn a_long_answer_is_cut_and_says_so() {
    let subjects: String = (1..=3000).map(|id| format!("{id},0,10,1\n{id},0,5,1\n")).collect();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("many.csv"), format!("ID,TIME,AMT,EVID\n{subjects}"))
        .unwrap();
    let text = "version = 1\nquestion = \"How many?\"\n[assay.plain]\nkind = \"event-table\"\n\
        table = \"many.csv\"\nmodel = \"one-compartment\"\nunits = { time = \"h\", amount = \"mg\" }\n\
        parameters = { clearance = \"1 L/h\", volume = \"3 L\" }\n";
    let study = study(folder.path(), text);
    let plans = plans(&study).unwrap();
    let page = report::page(&study, &plans, &[], &[]);
    assert!(page.contains("1000 more doses are not listed"), "6000 doses, of which 5000 are shown");
    parsed(&page);
}

#[test]
fn a_run_that_cannot_write_leaves_no_report() {
    let folder = tempfile::tempdir().unwrap();
    let maps = study(folder.path(), MAPS);
    // A file occupies the path of the folder.
    let out = folder.path().join("out");
    std::fs::write(&out, "mine").unwrap();
    assert!(leave(&maps, &out).is_err());
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "mine");
    std::fs::remove_file(&out).unwrap();
    leave(&maps, &out).unwrap();
    let page = std::fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.ends_with("</html>\n"));
}

/// Most results are interpolated across an 8,000-fold gap between doses, and every such number is
/// marked.
#[test]
fn intervals_and_ratios_across_a_gap_are_marked() {
    let text = "version = 1\nquestion = \"Who is first?\"\n[ligands.il2]\nfrom = \"il2\"\n\
        [cells.nk]\nfrom = \"nk\"\n[cells.treg]\nfrom = \"treg\"\n[assay.gap]\nkind = \"dose-response\"\n\
        doses = [\"5 pM\", \"20 pM\", \"60 pM\", \"500 nM\", \"1 uM\"]\ntimes = [\"1 h\"]\n\
        intervals = { draws = 10 }\n";
    let folder = tempfile::tempdir().unwrap();
    let plans = plans(&study(folder.path(), text)).unwrap();
    let found = plans[0].1.run(&study(folder.path(), text), &|_| {});
    let ec50 = &found.tables[1];
    let cell = |name: &str| (0..2).find(|&row| ec50.text(row, "cell") == name).unwrap();
    let (nk, treg) = (cell("nk"), cell("treg"));
    assert!(ec50.text(nk, "ec50_is").contains("across a gap"), "{}", ec50.text(nk, "ec50_is"));
    assert_eq!(ec50.text(treg, "ec50_is"), "inside doses");
    assert_eq!(ec50.text(treg, "interval_is"), "across a gap");
    assert_eq!(ec50.text(treg, "ratio_is"), "across a gap");
    assert!(found.text.contains("interval gap, ratio gap"), "{}", found.text);
    let said = found.warnings.join("\n");
    assert!(said.contains("For 1 of the ratios, the EC50 on nk"), "{said}");
    assert!(said.contains("For 1 of the EC50s, an end of the interval is in a gap"), "{said}");
}
