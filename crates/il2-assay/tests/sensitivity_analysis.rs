//! On which numbers a result depends: derivatives, elementary effects and variance fractions of one
//! small study agree with one another and with plain dose-responses.

use il2_answer::AssayResult;
use il2_assay::sensitivity::{Answer, Sensitivities};
use il2_assay::{Plan, parse};
use il2_engine::Threads;
use il2_study::Library;

const STUDY: &str = r#"
version = 1
question = "On what does the EC50 depend?"
ligands.il2.from = "il2"
cells.treg.from = "treg"
cells.nk.from = "nk"
[models.fast]
from = "gamma-chain"
[models.fast.parameters]
"k_internalise" = "RATE /min"
[assay.a]
kind = "sensitivity"
model = "fast"
ligand = "il2"
"#;

const EC50: &str = r#"
cells = ["treg"]
of = "ec50"
doses = { from = "0.1 pM", to = "100 nM", points = 13 }
times = ["1 h"]
"#;

const RANGES: &str = r#"
[assay.a.parameters]
"treg.receptors.il2r_alpha" = ["1000 /cell", "10000 /cell"]
"il2.affinity.il2r_alpha" = ["5 nM", "20 nM"]
k_internalise_signalling = "posterior"
"#;

fn ran(assay: &str, rate: &str, threads: usize) -> (Answer, AssayResult) {
    let text = format!("{}{assay}", STUDY.replace("RATE", rate));
    let (mut study, plans) = parse("study.toml".as_ref(), &text, Library::builtin()).unwrap();
    study.threads = Threads::new(threads);
    let Plan::Sensitivity(plan) = &plans[0].1 else { panic!("another kind") };
    let answer = || il2_assay::sensitivity::run(&study, plan, &|_| ());
    (answer(), il2_assay::sensitivity::show(&study, plan, answer()))
}

fn slopes(assay: &str, rate: &str) -> (f64, Vec<f64>) {
    let (answer, _) = ran(assay, rate, 1);
    let Sensitivities::Local(Ok(found)) = &answer.found[0] else { panic!("{:?}", answer.found[0]) };
    (found.value, found.relative.clone())
}

#[test]
fn derivatives_are_those_of_differences() {
    let own = "method = \"local\"\n[assay.a.parameters]\nk_internalise = \"posterior\"\n";
    let response = "cells = [\"treg\"]\nof = \"response\"\ndose = \"20 pM\"\ntimes = [\"4 h\"]\n";
    let gap = EC50.replace("[\"treg\"]", "[\"treg\", \"nk\"]").replace("ec50", "selectivity");
    // Derivatives of EC50s hold the dose of the maximum fixed, whereas differences move it; a
    // solver error of 1e-6 divided by a step of 2 % is 5e-5.
    for (asked, within) in [(response, 1e-3), (EC50, 5e-3), (gap.as_str(), 1e-2)] {
        let asked = format!("{asked}{own}");
        let (_, relative) = slopes(&asked, "0.1");
        let [low, high] = ["0.099", "0.101"].map(|rate| slopes(&asked, rate).0);
        let difference = (high / low).ln() / (0.101_f64 / 0.099).ln();
        assert!((relative[0] - difference).abs() < within, "{asked}: {} {difference}", relative[0]);
    }
}

#[test]
fn every_number_that_matters_has_a_derivative_where_none_is_named() {
    let (answer, shown) = ran(&format!("{EC50}method = \"local\"\n"), "0.1", 2);
    let names = &shown.tables[0].columns[0].values;
    let all = format!("{names:?}");
    for name in
        ["treg.receptors.il2r_alpha", "k_forward", "k_internalise", "il2.affinity.il2r_beta"]
    {
        assert!(all.contains(&format!("\"{name}\"")), "{name} in {all}");
    }
    let Sensitivities::Local(Ok(found)) = &answer.found[0] else { panic!("{:?}", answer.found[0]) };
    assert!(found.relative.len() > 12 && found.relative.iter().all(|slope| slope.is_finite()));
    assert!(shown.sentences[0].contains("a 1 % increase of"), "{}", shown.sentences[0]);
}

#[test]
fn indices_and_effects_name_the_same_number_on_any_number_of_threads() {
    let sobol = format!("{EC50}method = \"sobol\"\nsamples = 32\n{RANGES}");
    let morris = format!("{EC50}method = \"morris\"\nsamples = 6\n{RANGES}");
    let (answer, shown) = ran(&sobol, "0.1", 1);
    let (again, same) = ran(&sobol, "0.1", 3);
    assert_eq!(format!("{:?}", answer.found), format!("{:?}", again.found));
    assert_eq!(format!("{:?}", shown.tables), format!("{:?}", same.tables));
    let Sensitivities::Sobol(indices) = &answer.found[0] else { panic!("{:?}", answer.found[0]) };
    assert_eq!(indices.rows, 32);
    // A tenfold change of CD25 changes the EC50 more than a fourfold change of its dissociation
    // constant does.
    assert!(indices.of[0].total.value > indices.of[1].total.value, "{indices:?}");
    assert!(indices.of[1].total.value > indices.of[2].total.value, "{indices:?}");
    let sentence = &shown.sentences[0];
    assert!(sentence.contains("depends most on treg.receptors.il2r_alpha"), "{sentence}");
    let (answer, shown) = ran(&morris, "0.1", 2);
    let Sensitivities::Morris(effects) = &answer.found[0] else { panic!("{:?}", answer.found[0]) };
    assert!(effects[0].size.value > effects[1].size.value && effects[0].mean < 0.0, "{effects:?}");
    assert!(effects[1].mean > 0.0, "weaker binding raises the EC50: {effects:?}");
    assert_eq!(shown.tables[1].rows(), 6 * 4);
}

#[test]
fn sets_of_numbers_without_a_result_are_rows_with_a_reason_and_are_counted() {
    // Many curves have not reached a plateau at the highest dose.
    let few = EC50.replace("100 nM", "60 pM");
    let (answer, shown) =
        ran(&format!("{few}method = \"sobol\"\nsamples = 16\n{RANGES}"), "0.1", 2);
    let (without, why) = answer.without(0);
    assert!(without > 0 && why.contains("above"), "{without} {why}");
    assert_eq!(answer.failed, 0);
    let said = shown.warnings.join("\n");
    assert!(said.contains(&format!("{without} of {} sets of numbers", 16 * 5)), "{said}");
    let status = format!("{:?}", shown.tables[1].columns.last().unwrap().values);
    assert!(status.contains("a curve has not levelled off at its highest dose"), "{status}");
}
