//! A typing error in any file of the library is refused rather than ignored.

use super::{FILES, Library};
use crate::StudyError;

fn text_of(file: &str) -> &'static str {
    FILES.iter().find(|(name, _)| *name == file).expect("a file of the library").1
}

/// First position of a text in a file outside comments.
fn place(file: &str, what: &str) -> usize {
    let text = text_of(file);
    let comment = |at: usize| text[..at].rsplit('\n').next().is_some_and(|l| l.starts_with('#'));
    let found = text.match_indices(what).map(|(at, _)| at).find(|at| !comment(*at));
    found.unwrap_or_else(|| panic!("{file} has no {what}"))
}

/// The error about the library in which `from` in a file is replaced by `to`.
fn error_with(file: &str, from: &str, to: &str) -> StudyError {
    let (before, after) = text_of(file).split_at(place(file, from));
    let text = format!("{before}{to}{}", &after[from.len()..]);
    let written =
        |&(name, t): &(&'static str, &'static str)| (name, if name == file { &text } else { t });
    let files: Vec<(&str, &str)> = FILES.iter().map(written).collect();
    Library::read(&files).err().unwrap_or_else(|| panic!("{file} is read with {to}"))
}

/// Checks that the error is at the changed line, and contains these words.
fn refused(file: &str, from: &str, to: &str, said: &str) {
    let line = 1 + text_of(file)[..place(file, from)].matches('\n').count();
    let error = error_with(file, from, to).to_string();
    let begins = format!("library/{file}:{line}: ");
    assert!(error.starts_with(&begins) && error.contains(said), "{to}, line {line}: {error}");
}

#[test]
fn a_misspelt_key_of_any_entry_is_refused_with_the_nearest() {
    for (file, good, bad) in [
        ("references.toml", "journal =", "jurnal ="),
        ("references.toml", "verified =", "verfied ="),
        ("ligands.toml", "specific_activity =", "specific_activty ="),
        ("ligands.toml", "valency =", "valencey ="),
        ("ligands.toml", "[il2.affinity]", "[il2.afinity]"),
        ("ligands.toml", "trimer_gamma_ratio =", "trimer_gama_ratio ="),
        ("ligands.toml", "k_off_surface =", "koff_surface ="),
        ("cells.toml", "markers =", "marker ="),
        ("cells.toml", "default_receptors =", "default_receptor ="),
        ("cells.toml", "[treg.receptors.farhat2021]", "[treg.receptor.farhat2021]"),
        ("cells.toml", "il2r_beta =", "il2r_bta ="),
        ("cells.toml", "high_affinity_sites =", "high_afinity_sites ="),
        ("cells.toml", "direction =", "directon ="),
        ("patient.toml", "molecules =", "molecule ="),
        ("patient.toml", "peripheral_volume =", "peripherial_volume ="),
        ("patient.toml", "cd25_gain =", "cd25_gian ="),
        ("patient.toml", "[covariates]", "[covariate]"),
        ("patient.toml", "half_growth =", "half_grwoth ="),
        ("ranges.toml", "kinds =", "kind ="),
        ("ranges.toml", "possible =", "posible ="),
        ("models/effect.toml", "caveats =", "caveat ="),
        ("models/fallon2000.toml", "growth_half =", "growth_hlaf ="),
        ("models/gamma_chain.toml", "fusion_scaling =", "fusion_scalng ="),
        ("models/gamma_chain.toml", "k_recycle =", "k_recyle ="),
        ("models/polyvalent.toml", "k_on_alpha =", "k_on_alhpa ="),
        ("models/stat5.toml", "k_pair =", "k_piar ="),
        ("posteriors/farhat2021.toml", "[correlation]", "[corelation]"),
    ] {
        let parts = good.trim_matches(['[', ']', ' ', '=']).split('.');
        let near = parts.clone().find(|part| !bad.contains(part)).expect("the part with the slip");
        refused(file, good, bad, &format!("unknown key; did you mean {near}?"));
    }
}

#[test]
fn a_misspelt_key_of_any_number_is_refused() {
    for (file, _) in FILES.iter().filter(|(_, text)| text.contains("{ value = ")) {
        let slips =
            [("{ value = ", "{ vlaue = "), (", how = ", ", hwo = "), (", note = ", ", ntoe = ")];
        for (good, bad) in slips {
            let near = good.trim_matches(['{', ',', ' ', '=']);
            refused(file, good, bad, &format!("unknown key; did you mean {near}?"));
        }
    }
    refused("cells.toml", "interval_kind =", "interval_knd =", "did you mean interval_kind?");
    refused("cells.toml", ", source =", ", sorce =", "did you mean source?");
}

#[test]
fn a_number_without_unit_interval_source_or_origin_is_refused() {
    for (good, bad, said) in [
        ("\"3476 /cell\"", "\"3476\"", "is not the same kind of quantity as the value"),
        ("\"3476 /cell\"", "\"3476 /cel\"", "unknown unit"),
        ("\"3476 /cell\"", "3476", "write text in quotes"),
        ("value = \"3476 /cell\", ", "", "has no value"),
        ("value = \"3476 /cell\"", "value = \"3476 /cell\", none = true", "keep one of the two"),
        ("\"2698 /cell\"", "\"2698 pM\"", "is not the same kind of quantity as the value"),
        ("\"2698 /cell\"", "\"3698 /cell\"", "does not contain the value"),
        ("[\"2698 /cell\", \"4895 /cell\"]", "[\"2698 /cell\"]", "the lower end first"),
        ("interval_kind = \"range of stainings\", ", "", "has an interval without its kind"),
        ("how = \"measured\"", "how = \"mesured\"", "did you mean measured?"),
        ("how = \"measured\", ", "", "how: is missing"),
        (", source = \"farhat2021\"", "", "has no source"),
        ("source = \"farhat2021\"", "source = \"farhat2012\"", "did you mean farhat2021?"),
    ] {
        refused("cells.toml", good, bad, said);
        refused("cells.toml", good, bad, ": treg.receptors.farhat2021.il2r_alpha");
    }
}

#[test]
fn a_number_that_measures_something_else_is_refused() {
    for (file, good, bad, said) in [
        ("cells.toml", "\"0 /cell\"", "\"0\"", "il15r_alpha: \"0\" has no unit"),
        ("cells.toml", "\"0 /cell\"", "\"0 pM\"", "il15r_alpha: \"0 pM\" is a concentration"),
        ("cells.toml", "\"0 /cell/min\"", "\"0 /cell\"", "il2r_alpha: \"0 /cell\" is"),
        ("ligands.toml", "\"5.296 nM\"", "\"5.296 min\"", "is a time"),
    ] {
        refused(file, good, bad, said);
    }
}

#[test]
fn a_name_that_stands_for_nothing_is_refused() {
    for (file, good, bad, said) in [
        ("ligands.toml", "like = \"il2\"", "like = \"il22\"", "unknown ligand"),
        ("ligands.toml", "parent = \"wt-c-fc\"", "parent = \"wt-d-fc\"", "unknown ligand"),
        (
            "ligands.toml",
            "private_chain = \"il2r_alpha\"",
            "private_chain = \"il2r_alpah\"",
            "did you",
        ),
        ("cells.toml", "= \"farhat2021\"", "= \"farhat2012\"", "unknown quantitation"),
        ("patient.toml", "cell = \"treg\"", "cell = \"terg\"", "unknown cell"),
        ("patient.toml", "matures_into = \"", "matures_into = \"x", "unknown population"),
        (
            "models/gamma_chain.toml",
            "like = \"gamma-chain\"",
            "like = \"gama-chain\"",
            "unknown model",
        ),
        (
            "models/gamma_chain.toml",
            "posterior = \"receptor",
            "posterior = \"recpetor",
            "unknown posterior",
        ),
        (
            "posteriors/farhat2021.toml",
            "gamma-chain.k_degrade",
            "gamma-chain.k_degrad",
            "unknown number",
        ),
        ("posteriors/farhat2021.toml", "source = \"farhat2021\"", "source = \"far\"", "reference"),
    ] {
        refused(file, good, bad, said);
    }
    let circle = ("posterior =", "like = \"gamma-chain\"\nposterior =");
    let circle = error_with("models/gamma_chain.toml", circle.0, circle.1);
    assert!(circle.to_string().contains("starts from itself"));
}
