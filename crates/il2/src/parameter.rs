//! Biological numbers with their provenance, and the references from which they come.

use crate::quantity::{Like, Quantity, QuantityError, base_unit, example, three_digits};
use il2_engine::words::{closest, shown};
use il2_engine::{Dimension, Limits};
use indexmap::IndexMap;

/// How a number was obtained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Reported by its authors from an experiment.
    Measured,
    /// Estimated by fitting a model to measurements.
    Fitted,
    /// Calculated from other published numbers.
    Derived,
    /// A working value for which no source was consulted.
    Assumed,
    /// Given in the study by its user.
    Study,
}

impl How {
    /// The word for it in tables and in the library.
    pub fn word(self) -> &'static str {
        match self {
            How::Measured => "measured",
            How::Fitted => "fitted",
            How::Derived => "derived",
            How::Assumed => "assumed",
            How::Study => "study",
        }
    }
}

/// A range around a value, in base units, and its meaning.
#[derive(Clone, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// For example `95 % posterior`, `range of stainings`.
    pub kind: String,
}

/// One biological number.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Value in base units; NaN if it is `absent`.
    pub value: f64,
    /// Dimension of the text, which may omit molecules.
    pub dimension: Dimension,
    /// The number as written, with its unit.
    pub text: String,
    /// Unit in which clinicians give a number that is dimensionless in the equations, such as
    /// `mmHg`; empty for all others.
    pub clinical_unit: String,
    /// Range, if one was published.
    pub interval: Option<Interval>,
    /// How it was obtained.
    pub how: How,
    /// Key of the reference, if there is one.
    pub source: Option<String>,
    /// Reason, caveat, or the numbers from which it was derived.
    pub note: String,
    /// Whether it is known to be absent, as a chain that a cell lacks, or binding that does not
    /// occur.
    pub absent: bool,
}

impl Parameter {
    /// A number from a study, in base units; NaN means that it is absent.
    pub fn from_study(value: f64, dimension: Dimension, text: impl Into<String>) -> Self {
        Self {
            value,
            dimension,
            text: text.into(),
            clinical_unit: String::new(),
            interval: None,
            how: How::Study,
            source: None,
            note: String::new(),
            absent: value.is_nan(),
        }
    }

    /// The number as written, with its unit or its clinical unit.
    pub fn with_unit(&self) -> String {
        format!("{} {}", self.text, self.clinical_unit).trim_end().to_string()
    }
}

/// Named parameters in the order of the library.
pub type Parameters = IndexMap<String, Parameter>;

/// A published work, as data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reference {
    /// Key by which parameters refer to it.
    pub key: String,
    /// BibTeX entry type: `article`, `incollection`, `software`, ...
    pub kind: String,
    /// Authors as `Family Initials`, in order.
    pub authors: Vec<String>,
    /// Title.
    pub title: String,
    /// Year of publication.
    pub year: Option<i64>,
    /// Remaining BibTeX fields in order: journal, volume, pages, doi, pmid, url, ...
    pub fields: IndexMap<String, String>,
    /// Whether the citation itself was checked in a source.
    pub verified: bool,
}

impl Reference {
    /// The entry as BibTeX.
    pub fn bibtex(&self) -> String {
        let kind = match self.kind.as_str() {
            kind @ ("article" | "book" | "incollection" | "inproceedings") => kind,
            _ => "misc",
        };
        // "Lastname AB" becomes "Lastname, A. B.", so that BibTeX cannot misread it.
        let author = |name: &String| match name.rsplit_once(' ') {
            Some((family, initials)) if initials.chars().all(|c| c.is_uppercase() || c == '-') => {
                let dots: String = initials.chars().map(|c| format!("{c}. ")).collect();
                format!("{family}, {}", dots.trim_end())
            }
            _ => format!("{{{name}}}"),
        };
        let authors: Vec<String> = self
            .authors
            .iter()
            .map(|name| if name == "others" { name.clone() } else { author(name) })
            .collect();
        let mut text = format!("@{kind}{{{},\n", self.key);
        let mut field = |name: &str, value: &str| {
            if !value.is_empty() {
                let value = value.replace('&', "\\&").replace('%', "\\%").replace('_', "\\_");
                text.push_str(&format!("  {name} = {{{value}}},\n"));
            }
        };
        field("author", &authors.join(" and "));
        field("title", &self.title);
        field("year", &self.year.map_or(String::new(), |y| y.to_string()));
        for (name, value) in &self.fields {
            field(name, value);
        }
        text + "}\n"
    }

    /// Short citation such as `Fallon & Lauffenburger 2000`, `Farhat et al. 2021`.
    pub fn short(&self) -> String {
        let family = |name: &String| {
            let words: Vec<&str> = name.split(' ').collect();
            let initials = words.last().is_some_and(|w| w.chars().all(|c| c.is_uppercase()));
            if initials && words.len() > 1 {
                words[..words.len() - 1].join(" ")
            } else {
                name.clone()
            }
        };
        let names = match self.authors.as_slice() {
            [] => self.key.clone(),
            [one] => family(one),
            [one, two] if two != "others" => format!("{} & {}", family(one), family(two)),
            [one, ..] => format!("{} et al.", family(one)),
        };
        self.year.map_or(names.clone(), |y| format!("{names} {y}"))
    }
}

/// A parameter that a model needs but that neither the library nor the study gives.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{owner} has no {name}{hint}")]
pub struct MissingParameter {
    /// The ligand, cell or model.
    pub owner: String,
    /// Name of the parameter.
    pub name: String,
    /// Advice, with a leading separator; empty if there is none.
    pub hint: String,
    /// Whether the study sets it to "none".
    pub ruled_out: bool,
}

/// Checks that a number, written as `text`, is within its limits; the error message ends with
/// advice.
pub fn within(limits: Limits, value: f64, text: &str) -> Result<(), QuantityError> {
    if limits.allow(value) {
        return Ok(());
    }
    let (text, write) = (shown(text), limits.words());
    Err(QuantityError(match limits {
        Limits::Constant => {
            "is a constant, and can be neither set nor fitted; leave it out".to_string()
        }
        Limits::Follows => {
            "closes a cycle of bonds and follows from the other dissociation constants by detailed \
             balance; set or fit another dissociation constant of this ligand"
                .to_string()
        }
        _ if value < 0.0 => format!("\"{text}\" is negative; use {write}"),
        Limits::Fraction { .. } if value >= 1.0 => {
            format!("\"{text}\" is too large for a fraction; use {write}")
        }
        _ if value == 0.0 => {
            format!("\"{text}\" is zero, but the model divides by this number; use {write}")
        }
        _ => format!("\"{text}\" is not allowed; use {write}"),
    }))
}

/// Reads a number that replaces another. The usual value, as written in its source if known, is the
/// best example for error messages.
pub fn in_place_of(
    usual: Option<f64>,
    written: Option<&str>,
    text: &str,
    dimension: Dimension,
    limits: Limits,
) -> Result<f64, QuantityError> {
    let usual = usual.filter(|usual| *usual > 0.0 && usual.is_finite());
    let example = match (usual, written) {
        (Some(_), Some(written)) => written.to_string(),
        (Some(usual), None) => format!("{} {}", three_digits(usual), base_unit(dimension)),
        (None, _) => example(dimension).into_owned(),
    };
    let example = example.trim();
    let like = match usual {
        // A number without a unit is assumed to be in the unit of the example only if it is close
        // to the example.
        Some(usual) => Like { example, low: usual / 30.0, high: usual * 30.0 },
        None => Like { example, low: 0.0, high: f64::MAX },
    };
    let value = Quantity::parse_like(text, dimension, &like)?;
    match within(limits, value, text) {
        Err(what) if !matches!(limits, Limits::Constant | Limits::Follows) => {
            Err(QuantityError(format!("{what}, for example \"{example}\"")))
        }
        other => other.map(|()| value),
    }
}

/// The value of a named parameter in base units, checked to have `dimension`.
pub fn required(
    parameters: &Parameters,
    owner: &str,
    name: &str,
    dimension: Dimension,
) -> Result<f64, MissingParameter> {
    let missing = |hint: String| MissingParameter {
        owner: owner.to_string(),
        name: name.to_string(),
        hint,
        ruled_out: false,
    };
    let Some(parameter) = parameters.get(name) else {
        let near = closest(name, parameters.keys().map(String::as_str));
        return Err(missing(near.map_or(String::new(), |n| format!("; it has {n}"))));
    };
    if parameter.absent {
        let ruled_out = parameter.how == How::Study;
        let missing = missing("; it is known to be absent".into());
        return Err(MissingParameter { ruled_out, ..missing });
    }
    let mut found = parameter.dimension;
    if found.molecule == 0 {
        found.molecule = dimension.molecule;
    }
    if found != dimension {
        return Err(missing(format!(
            " in {dimension}: \"{}\" has another dimension",
            parameter.text
        )));
    }
    Ok(parameter.value)
}
