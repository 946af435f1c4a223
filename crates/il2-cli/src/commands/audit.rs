//! `il2 audit`: what a model in SBML conserves, and what is suspicious about it.

use super::{Done, print, print_json, wrapped};
use il2_sbml::audit::{Audit, Kind};
use il2_sbml::{Model, SbmlError};
use il2_study::StudyError;
use std::path::Path;

/// Largest number of findings of one kind that are printed; the JSON output has all of them.
const SHOWN: usize = 12;

/// Audits the model in an SBML file.
pub fn audit(file: &Path, json: bool) -> Done {
    let text = il2_study::csv_file::text_of(file, "SBML")?;
    let wrong = |e: SbmlError| StudyError::of_file(file, e.to_string());
    if json {
        return print_json(&il2_assay::sbml::audit_json(&text).map_err(wrong)?);
    }
    let model = il2_sbml::read(&text).map_err(wrong)?;
    let network = il2_sbml::network(&model).map_err(wrong)?;
    let audit = il2_sbml::audit(&model, &network).map_err(wrong)?;
    print(&words(&model, &audit))
}

fn words(model: &Model, audit: &Audit) -> String {
    let name = if model.name.is_empty() { "The model" } else { model.name.as_str() };
    let count = |n: usize, one: &str, many: &str| match n {
        1 => format!("1 {one}"),
        n => format!("{n} {many}"),
    };
    let mut text = wrapped(
        &format!(
            "{name}: SBML level {} version {}, {}, {}, {}, {}.",
            model.level.0,
            model.level.1,
            count(model.species.len(), "species", "species"),
            count(model.reactions.len(), "reaction", "reactions"),
            count(model.assignment_rules.len() + model.rate_rules.len(), "rule", "rules"),
            count(model.events.len(), "event", "events"),
        ),
        0,
    );
    text += "\nConserved totals\n";
    text += &totals(audit);
    for kind in Kind::ALL {
        let of: Vec<_> = audit.findings.iter().filter(|f| f.kind == kind).collect();
        if of.is_empty() {
            continue;
        }
        text += &format!("\n{}\n", kind.heading());
        for f in of.iter().take(SHOWN) {
            text += &wrapped(&format!("{}: {}", f.place, f.sentence), 2);
        }
        if of.len() > SHOWN {
            text += &format!("  and {} more (il2 audit --json prints all)\n", of.len() - SHOWN);
        }
    }
    text
}

fn totals(audit: &Audit) -> String {
    let mut text = String::new();
    match &audit.totals {
        None => {
            text += &wrapped("not computed: stoichiometries are too large for exact fractions", 2)
        }
        Some(totals) => totals.iter().take(SHOWN).for_each(|t| text += &wrapped(t, 2)),
    }
    match &audit.rate_totals {
        None => {
            let why = "of the rate rules: not computed, because these are too many or too long to be \
                       expanded into terms, or have values that are not finite";
            text += &wrapped(why, 2);
        }
        Some(totals) => totals.iter().take(SHOWN).for_each(|t| {
            text += &wrapped(&format!("{t} (by the rate rules, with the numbers of the file)"), 2);
        }),
    }
    if text.is_empty() { "  none\n".into() } else { text }
}
