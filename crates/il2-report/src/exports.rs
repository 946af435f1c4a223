//! The networks of a study as files of other programs, with the sources of their numbers.

use crate::inputs::{Input, inputs};
use il2_assay::equations::Program;
use il2_assay::kinds::Plan;
use il2_assay::networks::{About, AssayNetwork, networks};
use il2_study::{Library, Study, StudyError};

/// A network as a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Name of the file.
    pub file: String,
    /// A short description.
    pub what: String,
    /// Its text.
    pub text: String,
}

/// The language of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// SBML, with units, sources and events.
    Sbml,
    /// The equations for another program.
    Equations(Program),
}

impl Language {
    /// All languages.
    pub const ALL: [Language; 4] = [
        Language::Sbml,
        Language::Equations(Program::Mrgsolve),
        Language::Equations(Program::Rxode2),
        Language::Equations(Program::Julia),
    ];

    /// The name by which users choose it.
    pub fn name(self) -> &'static str {
        match self {
            Language::Sbml => "sbml",
            Language::Equations(Program::Mrgsolve) => "mrgsolve",
            Language::Equations(Program::Rxode2) => "rxode2",
            Language::Equations(Program::Julia) => "julia",
        }
    }
}

/// Every network of an assay; none if it has no network.
pub fn exports(
    study: &Study,
    plans: &[(String, Plan)],
    (name, plan): &(String, Plan),
    language: Language,
) -> Result<Vec<Exported>, StudyError> {
    let inputs = inputs(study, plans);
    let all = networks(plan);
    let one = |(k, export): (usize, &AssayNetwork)| {
        let ending = match language {
            Language::Sbml => "xml",
            Language::Equations(program) => program.ending(),
        };
        let file = match all.len() {
            1 => format!("{name}.{ending}"),
            _ => format!("{name}-{}.{ending}", k + 1),
        };
        let about = about(study, name, export, &inputs);
        let text = match language {
            Language::Sbml => export.sbml(&about),
            Language::Equations(program) => Ok(export.equations(program, &about)),
        };
        let text = text.map_err(|why| StudyError::model(format!("assay.{name}"), why))?;
        Ok(Exported { file, what: export.what.clone(), text })
    };
    all.iter().enumerate().map(one).collect()
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
            format!("{}. {}", export.what, export.given),
            format!("Written by il2 {}.", env!("CARGO_PKG_VERSION")),
        ],
        parameters: parameters.collect(),
        sources,
    }
}
