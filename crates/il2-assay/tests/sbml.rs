//! Networks of studies exported as SBML and read back give the same course; models in SBML run as
//! assays.

use il2_assay::networks::networks;
use il2_assay::plans;
use il2_engine::{Backend, Change, Ensemble, Lane, Program, Tolerance};
use il2_sbml::{About, Run};
use il2_study::Study;
use std::path::{Path, PathBuf};

fn studies() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../studies")
}

#[test]
fn networks_of_studies_read_back_to_the_same_course() {
    let early = vec![0.0, 1.0, 30.0, 240.0];
    // The medium of a culture is first changed after 24 h.
    let late = vec![0.0, 30.0, 240.0, 2000.0];
    let mut compared = 0;
    for name in [
        "01-dose-response",
        "02-time-course",
        "07-regimens",
        "08-fit",
        "11-culture",
        "12-activation",
        "14-tumour-model",
    ] {
        let study = Study::read(&studies().join(name).with_extension("toml")).unwrap();
        let plans = plans(&study).unwrap();
        let times = if name == "11-culture" { &late } else { &early };
        for (assay, plan) in &plans {
            // Only the first two are tested, because the others have the same equations with other
            // numbers.
            for of in networks(plan).into_iter().take(2) {
                let mut initial = of.initial.clone();
                for (k, species) in of.network.species.iter().enumerate() {
                    if species.name.ends_with("_medium") && initial[k] == 0.0 {
                        initial[k] = 100.0;
                    }
                }
                let about = About { name: assay.clone(), ..About::default() };
                let text =
                    il2_sbml::write(&of.network, &of.parameters, &initial, &of.events, &about)
                        .unwrap();
                let model = il2_sbml::read(&text).unwrap();
                let network = il2_sbml::network(&model).unwrap();
                let tolerance =
                    Tolerance { relative: 1e-12, absolute: 1e-12, ..Tolerance::default() };
                let run = Run { times: times.clone(), tolerance, ..Run::default() };
                let found = il2_sbml::simulate(&model, &network, &run).unwrap();
                let lane = Lane {
                    initial,
                    parameters: of.parameters.clone(),
                    events: of.events.clone(),
                    times: times.clone(),
                    ..Lane::default()
                };
                let program = Program::new(&of.network, Backend::Fastest);
                let states =
                    Ensemble::new(&program, tolerance).run_all(&[lane]).remove(0).unwrap().states;
                for (k, species) in model.species.iter().enumerate() {
                    let values = found.of(&species.id).unwrap();
                    let size = states.iter().fold(1e-3_f64, |most, state| most.max(state[k].abs()));
                    for (at, (state, value)) in states.iter().zip(values).enumerate() {
                        // An output of the engine at the time of a dose is the state before the dose.
                        if of.events.iter().any(|event| event.time == times[at]) {
                            continue;
                        }
                        let apart = (state[k] - value).abs();
                        assert!(
                            apart <= 1e-9 * size,
                            "{name} {assay} {}: {value} {}",
                            species.id,
                            state[k]
                        );
                    }
                }
                compared += 1;
            }
        }
    }
    assert!(compared >= 6, "{compared}");
}

#[test]
fn a_patient_is_exported_with_the_size_of_the_body_and_the_doses_of_the_regimen() {
    let study = Study::read(&studies().join("07-regimens.toml")).unwrap();
    let plans = plans(&study).unwrap();
    let all = networks(&plans[0].1);
    // By hand: Mosteller's surface of 75 kg and 170 cm; 2.62 L of blood per m2; 1 MIU is 1.1 mg / 18
    // of 15.3 kDa.
    let surface = (75.0_f64 * 170.0 / 3600.0).sqrt();
    let place = all[0].network.parameter_named("migration.blood_volume").unwrap();
    assert!((all[0].parameters[place.0] / (2.62 * surface) - 1.0).abs() < 1e-4);
    let near = |value: f64, by_hand: f64| (value / by_hand - 1.0).abs() < 1e-3;
    let [low, high] = [&all[0].events, &all[1].events];
    assert_eq!((low.len(), high.len()), (84, 28));
    let depot = all[0].network.species_named("depot").unwrap();
    for (day, event) in low.iter().enumerate() {
        assert_eq!((event.time, event.asks), (1440.0 * day as f64, false));
        let Change::Add(into, amount) = event.change else { panic!("a dose: {event:?}") };
        assert!(into == depot && near(amount, 1.1e9 / 18.0 / 15300.0 * surface), "{amount}");
    }
    let Change::Infuse { rate, duration, .. } = high[0].change else { panic!("{:?}", high[0]) };
    assert!(near(rate * duration, 0.6 * 75.0 * 1.1e9 / 18.0 / 15300.0), "{rate}");
    assert!(all.iter().all(|one| !one.given.contains("medium")));
}

#[test]
fn a_model_in_sbml_is_an_assay_with_doses_and_other_numbers() {
    let study = Study::read(&studies().join("17-sbml.toml")).unwrap();
    let plans = plans(&study).unwrap();
    let of = |k: usize| {
        let (_, plan) = &plans[k];
        plan.show(&study, plan.answer(&study, &|_| {}))
    };
    let (first, second) = (of(0), of(1));
    assert_eq!((first.failed, first.tables.len(), first.figures.len()), (0, 3, 1));
    let said = ["277 and 504 min (2 times)", "309, 424 and 540 min (3 times)"];
    for (found, times) in [first, second].iter().zip(said) {
        assert_eq!(found.sentences[0], format!("The event fresh_ligand happens at {times}."));
        assert!(
            found.sentences[1].starts_with("After 600 min, ligand is "),
            "{:?}",
            found.sentences
        );
    }
}

/// The tables as CSV of a study of a model with this content and these settings, or why it cannot be
/// planned.
fn tables_of(name: &str, content: &str, settings: &str) -> Result<Vec<String>, String> {
    let folder = std::env::temp_dir().join(format!("il2-sbml-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let model = format!(
        "<sbml xmlns=\"http://www.sbml.org/sbml/level3/version2/core\" level=\"3\" version=\"2\">\
         <model id=\"m\">{content}</model></sbml>"
    );
    std::fs::write(folder.join("m.xml"), model).unwrap();
    let study = format!(
        "version = 1\nquestion = \"What is in it?\"\n[assay.one]\nkind = \"sbml\"\n\
         model = \"m.xml\"\nend = 1\npoints = 2\n{settings}"
    );
    std::fs::write(folder.join("m.toml"), study).unwrap();
    let study = Study::read(&folder.join("m.toml")).unwrap();
    let planned = plans(&study).map_err(|e| e.to_string());
    std::fs::remove_dir_all(&folder).ok();
    let (_, plan) = &planned?[0];
    let shown = plan.show(&study, plan.answer(&study, &|_| {}));
    let csv = shown.tables.iter().map(|table| {
        let mut text = vec![];
        table.write_csv(&mut text).unwrap();
        String::from_utf8(text).unwrap()
    });
    Ok(csv.collect())
}

#[test]
fn a_model_of_constants_alone_shows_them_and_an_empty_one_is_refused() {
    let content = "<listOfParameters><parameter id=\"p\" value=\"4\" constant=\"true\"/>\
                   <parameter id=\"q\" value=\"INF\" constant=\"true\"/></listOfParameters>";
    let course = &tables_of("constants", content, "").unwrap()[0];
    assert_eq!(course, "time,p,q,status\n0,4,,ok\n1,4,,ok\n");
    let error = tables_of("empty", "", "").unwrap_err();
    assert!(error.contains("assay.one.model: has no element with a value to show"), "{error}");
}

#[test]
fn a_parameter_without_a_value_needs_one_only_where_a_formula_reads_it() {
    let math =
        |inner: &str| format!("<math xmlns=\"http://www.w3.org/1998/Math/MathML\">{inner}</math>");
    let content = format!(
        "<listOfParameters><parameter id=\"k\" constant=\"true\"/>\
         <parameter id=\"x\" constant=\"false\"/></listOfParameters>\
         <listOfRules><rateRule variable=\"x\">{}</rateRule></listOfRules>",
        math("<ci>k</ci>")
    );
    let error = tables_of("no-value", &content, "").unwrap_err();
    assert!(error.contains("\"k\": has no value; set its value"), "{error}");
    let course = &tables_of("value-set", &content, "set = { k = 3 }\n").unwrap()[0];
    assert_eq!(course.lines().nth(1), Some("0,0,ok"));
    let last: f64 = course.lines().nth(2).unwrap().split(',').nth(1).unwrap().parse().unwrap();
    assert!((last - 3.0).abs() < 1e-6, "{course}");
    let both = "show = [\"k\", \"x\"]\nset = { k = 3, x = 5 }\n";
    let course = &tables_of("both-set", &content, both).unwrap()[0];
    assert_eq!(course.lines().nth(1), Some("0,3,5,ok"));
}

#[test]
fn initial_assignments_in_a_circle_are_an_error_of_the_file_unless_the_study_sets_one() {
    let assign = |id: &str, from: &str| {
        format!(
            "<initialAssignment symbol=\"{id}\"><math xmlns=\"http://www.w3.org/1998/Math/MathML\">\
             <ci>{from}</ci></math></initialAssignment>"
        )
    };
    let content = format!(
        "<listOfParameters><parameter id=\"p\" value=\"1\" constant=\"true\"/>\
         <parameter id=\"q\" value=\"1\" constant=\"true\"/></listOfParameters>\
         <listOfInitialAssignments>{}{}</listOfInitialAssignments>",
        assign("p", "q"),
        assign("q", "p")
    );
    let error = tables_of("circle", &content, "").unwrap_err();
    assert!(error.contains("m.xml") && error.contains("depends on itself"), "{error}");
    let course = &tables_of("no-circle", &content, "set = { q = 7 }\n").unwrap()[0];
    assert_eq!(course, "time,p,q,status\n0,7,7,ok\n1,7,7,ok\n");
}

#[test]
fn a_model_in_another_encoding_is_read() {
    let folder = std::env::temp_dir().join(format!("il2-sbml-encoded-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let model = |encoding: &str| {
        format!(
            "<?xml version=\"1.0\" encoding=\"{encoding}\"?>\
             <sbml xmlns=\"http://www.sbml.org/sbml/level3/version2/core\" level=\"3\" version=\"2\">\
             <model id=\"m\" name=\"Caf\u{e9}\"><listOfParameters>\
             <parameter id=\"p\" value=\"4\" constant=\"true\"/></listOfParameters></model></sbml>"
        )
    };
    let wide = |text: String| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let narrow = |text: String| text.chars().map(|c| c as u8).collect::<Vec<u8>>();
    let study = "version = 1\nquestion = \"What is in it?\"\n[assay.one]\nkind = \"sbml\"\n\
                 model = \"m.xml\"\nend = 1\n";
    std::fs::write(folder.join("m.toml"), study).unwrap();
    let marked = format!("\u{feff}{}", model("UTF-16"));
    for bytes in [wide(marked), narrow(model("ISO-8859-1"))] {
        std::fs::write(folder.join("m.xml"), bytes).unwrap();
        let study = Study::read(&folder.join("m.toml")).unwrap();
        assert_eq!(plans(&study).map(|all| all.len()).map_err(|e| e.to_string()), Ok(1));
    }
    std::fs::remove_dir_all(&folder).ok();
}
