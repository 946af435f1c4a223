//! A study as plain data that can be sent: its text and every table that it names.
//!
//! To produce the same bytes, a program on another machine needs the text of the study, the tables,
//! and the parameters of the library. The request includes the text and the tables, with a checksum
//! that reveals damage in transit. For the library, the request includes only a checksum, so that a
//! program with a different library refuses the request instead of giving different results.

use crate::error::StudyError;
use crate::hash::sha256;
use crate::library::{FILES, Library};
use crate::study::file::AssayPart;
use crate::study::resolved::Study;
use crate::study::tables::Tables;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// A study with all files that it reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Version of the request format: 1.
    pub request: u32,
    /// Checksum of the library against which the study was checked.
    pub library_sha256: String,
    /// Checksum of name, study and tables, which reveals changes in transit.
    #[serde(default)]
    pub content_sha256: String,
    /// Name of the study's file, for messages and the report.
    pub name: String,
    /// Text of the study file.
    pub study: String,
    /// Text of each table, by its path in the study.
    pub tables: BTreeMap<String, String>,
}

/// The version of the format that this program writes and reads.
const FORMAT: u32 = 1;

impl Request {
    /// Creates the request for a study.
    ///
    /// # Errors
    /// If a table cannot be read.
    pub fn of(study: &Study) -> Result<Request, StudyError> {
        let named = study.named_tables().into_iter();
        let tables = named.map(|name| Ok((name.to_string(), study.tables.text(name)?)));
        let request = Request {
            request: FORMAT,
            library_sha256: library_sha256(),
            content_sha256: String::new(),
            name: study.path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            study: study.text.clone(),
            tables: tables.collect::<Result<_, StudyError>>()?,
        };
        Ok(request.sealed())
    }

    /// The same request with the checksum of its contents.
    pub fn sealed(self) -> Request {
        Request { content_sha256: self.of_content(), ..self }
    }

    /// Checksum of name, study and tables. Each of these is preceded by its length, so that moving
    /// text from one to another changes the checksum.
    fn of_content(&self) -> String {
        let tables = self.tables.iter().flat_map(|(name, text)| [name, text]);
        let all = [&self.name, &self.study].into_iter().chain(tables);
        let all: String =
            all.flat_map(|text| [text.len().to_string(), "\n".into(), text.clone()]).collect();
        sha256(all.as_bytes())
    }

    /// The request as one line of JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("text by name")
    }

    /// Reads the output of [`Request::to_json`]; `path` is used only in error messages.
    pub fn from_json(path: &Path, text: &str) -> Result<Request, StudyError> {
        let refuse = |message: String| StudyError::of_file(path, message);
        let again = "create it again with `il2 request STUDY`";
        let request: Request = serde_json::from_str(text.trim_start_matches('\u{feff}'))
            .map_err(|e| refuse(format!("begins with {{ but is not a request ({e}); {again}")))?;
        if request.request != FORMAT {
            let found = request.request;
            return Err(refuse(format!(
                "is a request of format {found}; this program reads format {FORMAT}"
            )));
        }
        if request.library_sha256 != library_sha256() {
            return Err(refuse(format!(
                "was created with another version of the library, so results could differ; use the \
                 version of il2 that created it, or {again}"
            )));
        }
        if request.content_sha256.is_empty() {
            return Err(refuse(format!(
                "has no content_sha256, the checksum of its content; {again}"
            )));
        }
        if request.content_sha256 != request.of_content() {
            return Err(refuse(format!(
                "is damaged or was changed by hand: study and tables do not match its \
                 content_sha256; {again}"
            )));
        }
        Ok(request)
    }

    /// Resolves the study of a request that was read from `path`, using the tables in the request.
    pub fn resolve(&self, path: &Path, library: &Library) -> Result<Study, StudyError> {
        let tables = Tables::Carried(self.tables.clone());
        let study = Study::parse_with(Path::new(&self.name), &self.study, library, tables)
            .map_err(|error| error.carried_in(path))?;
        Ok(Study { request: Some(path.to_path_buf()), ..study })
    }
}

impl Study {
    /// Paths of all tables named by panels, assays, regimens and figures, without duplicates.
    pub fn named_tables(&self) -> Vec<&str> {
        let mut all: Vec<&str> =
            self.regimens.values().filter_map(|r| r.table.as_deref()).collect();
        all.extend(self.panels.values().map(|panel| panel.table.as_str()));
        for part in self.assays.values() {
            match part {
                AssayPart::EventTable(part) => all.push(&part.table),
                AssayPart::PopulationFit(part) => all.push(&part.table),
                AssayPart::Noncompartmental(part) => all.push(&part.table),
                AssayPart::Fit(part) => {
                    all.extend(part.measured.values().map(|m| m.table.as_str()))
                }
                AssayPart::Sbml(part) => all.push(&part.model),
                AssayPart::DoseResponse(_)
                | AssayPart::TimeCourse(_)
                | AssayPart::Washout(_)
                | AssayPart::Culture(_)
                | AssayPart::Activation(_)
                | AssayPart::ReceptorSweep(_)
                | AssayPart::AffinitySweep(_)
                | AssayPart::Regimen(_)
                | AssayPart::Trial(_)
                | AssayPart::TumourModel(_)
                | AssayPart::Sensitivity(_)
                | AssayPart::Design(_) => {}
            }
        }
        all.extend(self.figure_shapes.values().filter_map(|f| f.overlay.as_deref()));
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// Checksum of the library built into the program.
fn library_sha256() -> String {
    let all: String = FILES.iter().flat_map(|(name, text)| [*name, "\n", *text]).collect();
    sha256(all.as_bytes())
}
