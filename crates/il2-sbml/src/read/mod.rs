//! Reads a file into a [`Model`].
//!
//! Omitted values have the defaults of the specification (SBML Level 2 Version 5 and Level 3
//! Version 2). Unsupported elements that would change trajectories and names that no version has are
//! refused; notes, annotations and constraints, which do not change trajectories, are ignored.

mod check;
mod elements;
mod empty;
mod file;
mod formula;
mod kinetics;
mod names;
mod units;

use crate::error::SbmlError;
use crate::model::Model;
use file::File;
use roxmltree::{Document, ParsingOptions};

/// Longest file (bytes).
const MOST_BYTES: usize = 64 << 20;
/// Largest number of nodes of a file.
const MOST_NODES: u32 = 4_000_000;

/// Reads a model from the text of its file.
pub fn read(text: &str) -> Result<Model, SbmlError> {
    if text.len() > MOST_BYTES {
        let what = format!("has {} MB; at most {} MB are read", text.len() >> 20, MOST_BYTES >> 20);
        return Err(SbmlError::new("the file", what));
    }
    let options = ParsingOptions { nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| match error {
        // Entities that it may define can make a small file fill the memory.
        roxmltree::Error::DtdDetected => SbmlError::new(
            "the file",
            "has a document type declaration (<!DOCTYPE ...>), which SBML does not use and which is \
             not read; delete it, and write out the entities that it defines",
        ),
        error => SbmlError::new("the file", format!("is not well-formed XML: {error}")),
    })?;
    let root = document.root_element();
    if root.tag_name().name() != "sbml" {
        let what = format!("is <{}>; an SBML file begins with <sbml>", root.tag_name().name());
        return Err(SbmlError::new("first element", what));
    }
    if root.tag_name().namespace().is_none() {
        let what = "has no namespace; write for example \
                    xmlns=\"http://www.sbml.org/sbml/level3/version2/core\"";
        return Err(SbmlError::new("sbml", what));
    }
    let lines = text.match_indices('\n').map(|(at, _)| at).collect();
    let file = File { lines, namespace: root.tag_name().namespace().unwrap_or("") };
    let number = |name| file.text(root, name).and_then(|t| t.parse().ok()).unwrap_or(0);
    let level: (u32, u32) = (number("level"), number("version"));
    if !matches!(level.0, 2 | 3) {
        let what = format!(
            "level {} version {} is not supported; convert the file to level 2 or 3, for example \
             with libSBML",
            level.0, level.1
        );
        return Err(SbmlError::new("sbml", what));
    }
    // A package may be declared without being used; additional mathematics (min, max, rem, rateOf
    // and others) is that of level 3 version 2.
    let needed = root.attributes().filter(|a| {
        a.name() == "required" && a.namespace().is_some() && matches!(a.value(), "true" | "1")
    });
    let needed = needed.filter_map(|a| a.namespace()).find(|package| {
        let of_it = |n: roxmltree::Node| {
            n.tag_name().namespace() == Some(*package)
                || n.attributes().any(|a| a.namespace() == Some(*package) && a.name() != "required")
        };
        !package.contains("/l3v2extendedmath/") && root.descendants().any(of_it)
    });
    if let Some(package) = needed {
        let what = format!(
            "the model needs the package {package}, but packages that change a model are not \
             supported; flatten the model first"
        );
        return Err(SbmlError::new("sbml", what));
    }
    // Submodels change a model even if the file does not say that it needs the package.
    let composed = root.descendants().find(|n| {
        n.tag_name().namespace().is_some_and(|package| package.contains("/comp/version"))
            && ["submodel", "deletion", "replacedElement", "replacedBy"]
                .contains(&n.tag_name().name())
            && !n.ancestors().any(|n| n.tag_name().name() == "annotation")
    });
    if let Some(part) = composed {
        let what = "belongs to the package comp, which composes models and is not supported; \
                    flatten the model first";
        return file.wrong(part, what);
    }
    file.check_names(root, level)?;
    let Some(model) = file.child(root, "model") else {
        return Err(SbmlError::new("sbml", "has no <model>"));
    };
    let mut model = file.model(model, level)?;
    model.note_places();
    check::check(&model)?;
    empty::mean_amounts(&mut model);
    Ok(model)
}
