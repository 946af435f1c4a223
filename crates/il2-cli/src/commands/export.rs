//! `il2 export`: the networks of a study as files that other programs read.

use super::new::write_new;
use super::{Done, print, wrapped};
use il2_assay::networks::{AssayNetwork, networks};
use il2_assay::plans;
use il2_report::inputs::{Input, inputs};
use il2_sbml::{About, write};
use il2_study::{Library, Study, StudyError};
use std::path::Path;

/// Writes every network of a study as SBML into a folder; existing files are never replaced.
pub fn export(study: &Path, folder: &Path) -> Done {
    let study = Study::read(study)?;
    let plans = plans(&study)?;
    let inputs = inputs(&study, &plans);
    std::fs::create_dir_all(folder).map_err(|e| {
        let why = il2_engine::words::reason(&e);
        StudyError::io(folder, format!("cannot be created ({why}); choose another folder"))
    })?;
    let mut said = String::new();
    for (name, plan) in &plans {
        let all = networks(plan);
        if all.is_empty() {
            said += &wrapped(&format!("{name} has no network to write"), 0);
        }
        for (k, export) in all.iter().enumerate() {
            let file = match all.len() {
                1 => folder.join(format!("{name}.xml")),
                _ => folder.join(format!("{name}-{}.xml", k + 1)),
            };
            let about = about(&study, name, export, &inputs);
            let (network, given) = (&export.network, &export.parameters);
            let text = write(network, given, &export.initial, &export.events, &about)
                .map_err(|why| StudyError::model(format!("assay.{name}"), why))?;
            write_new(&file, &text)?;
            said += &wrapped(&format!("wrote {}: {}", file.display(), export.what), 0);
        }
    }
    print(&said)
}

/// Sources of the numbers, by their names in the network.
fn about(study: &Study, assay: &str, export: &AssayNetwork, inputs: &[Input]) -> About {
    let library = Library::builtin();
    let address = |key: &String| {
        let fields = &library.references.get(key)?.fields;
        let of = |name: &str| fields.get(name).map(String::as_str);
        match (of("doi"), of("pmid"), of("url")) {
            (Some(doi), ..) => Some(format!("https://identifiers.org/doi/{doi}")),
            (None, Some(pmid), _) => Some(format!("https://identifiers.org/pubmed/{pmid}")),
            (None, None, url) => url.map(str::to_string),
        }
    };
    let used = || inputs.iter().filter(|input| input.used);
    let mut sources: Vec<String> = used().flat_map(Input::sources).filter_map(address).collect();
    sources.sort();
    sources.dedup();
    let parameters = export.network.parameters.iter().filter_map(|p| {
        // In a network, a number of a ligand or a cell is named after its owner:
        // `native.il2r_alpha`.
        let of = |name: &String| p.name == *name || p.name.ends_with(&format!(".{name}"));
        let (_, number) = used().flat_map(Input::numbers).find(|(name, _)| of(name))?;
        let from: Vec<String> = number.source.iter().filter_map(address).collect();
        let note = format!("{} ({})", number.with_unit(), number.how.word());
        Some((p.name.clone(), note, from))
    });
    About {
        name: assay.to_string(),
        notes: vec![
            study.question.clone(),
            format!(
                "{}. No dose is given; set the ligand concentration in the medium.",
                export.what
            ),
            format!("Written by il2 {}.", env!("CARGO_PKG_VERSION")),
        ],
        parameters: parameters.collect(),
        sources,
    }
}
