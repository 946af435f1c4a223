//! A file: elements, attributes, and their names in messages.

use crate::error::SbmlError;
use roxmltree::{Attribute, Node};

/// The namespace of MathML.
pub const MATHML: &str = "http://www.w3.org/1998/Math/MathML";
/// A file and the namespace of its elements.
pub(super) struct File<'a> {
    /// Positions of line ends.
    pub lines: Vec<usize>,
    pub namespace: &'a str,
}

impl<'a, 'i> File<'a> {
    pub fn line(&self, node: Node) -> u32 {
        self.lines.partition_point(|end| *end < node.range().start) as u32 + 1
    }

    /// The child element with this name, if any.
    pub fn child(&self, node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
        self.children(node).find(|n| n.tag_name().name() == name)
    }

    /// All child elements that belong to SBML itself or to MathML.
    pub fn children(&self, node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> + use<'a, 'i> {
        let own = self.namespace;
        let math = MATHML;
        node.children().filter(move |n| {
            n.is_element() && n.tag_name().namespace().is_some_and(|ns| ns == own || ns == math)
        })
    }

    /// Elements of a list: `listOfSpecies` contains `species`.
    pub fn list(&self, node: Node<'a, 'i>, list: &str) -> Vec<Node<'a, 'i>> {
        self.child(node, list).map(|l| self.children(l).collect()).unwrap_or_default()
    }

    /// The attributes of an element, without those of packages.
    pub fn attributes(
        &self,
        node: Node<'a, 'i>,
    ) -> impl Iterator<Item = Attribute<'a, 'i>> + use<'a, 'i> {
        let own = self.namespace;
        node.attributes().filter(move |a| a.namespace().is_none_or(|of| of == own))
    }

    pub fn text(&self, node: Node<'a, 'i>, name: &str) -> Option<&'a str> {
        self.attributes(node).find(|a| a.name() == name).map(|a| a.value().trim())
    }

    pub fn owned(&self, node: Node<'a, 'i>, name: &str) -> Option<String> {
        self.text(node, name).map(str::to_string)
    }

    /// The name of an element in messages.
    pub fn place(&self, node: Node<'a, 'i>) -> String {
        let kind = node.tag_name().name();
        let named =
            ["id", "variable", "symbol", "species"].into_iter().find_map(|a| self.text(node, a));
        let line = self.line(node);
        match named {
            Some(id) => format!("{kind} \"{}\" (line {line})", crate::words::short(id)),
            None => format!("{kind} (line {line})"),
        }
    }

    pub fn wrong<T>(&self, node: Node<'a, 'i>, what: impl Into<String>) -> Result<T, SbmlError> {
        Err(SbmlError::new(self.place(node), what))
    }

    pub fn required(&self, node: Node<'a, 'i>, name: &str) -> Result<String, SbmlError> {
        let Some(value) = self.owned(node, name).filter(|v| !v.is_empty()) else {
            return self.wrong(node, format!("lacks the required attribute {name}"));
        };
        Ok(value)
    }

    /// An id: letters, digits and underscores.
    pub fn id(&self, node: Node<'a, 'i>, name: &str) -> Result<String, SbmlError> {
        let id = self.required(node, name)?;
        let fits = id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !fits || id.starts_with(|c: char| c.is_ascii_digit()) {
            let what = format!(
                "{name} \"{}\" is not an id; use letters, digits and underscores, not beginning \
                 with a digit",
                crate::words::short(&id)
            );
            return self.wrong(node, what);
        }
        Ok(id)
    }

    pub fn number(&self, node: Node<'a, 'i>, name: &str) -> Result<Option<f64>, SbmlError> {
        let Some(text) = self.text(node, name) else { return Ok(None) };
        match number(text) {
            Some(value) => Ok(Some(value)),
            None => {
                let text = crate::words::short(text);
                let what = format!(
                    "{name} = \"{text}\" is not a number; write for example 1500, -0.25, 1.5e3, INF, -INF \
                     or NaN"
                );
                self.wrong(node, what)
            }
        }
    }

    pub fn truth(&self, node: Node<'a, 'i>, name: &str, default: bool) -> Result<bool, SbmlError> {
        match self.text(node, name) {
            None => Ok(default),
            Some("true" | "1") => Ok(true),
            Some("false" | "0") => Ok(false),
            Some(other) => {
                let other = crate::words::short(other);
                self.wrong(node, format!("{name} = \"{other}\" is not allowed; use true or false"))
            }
        }
    }
}

/// A number as SBML writes it. The words for infinity and NaN of other languages are not numbers.
pub(super) fn number(text: &str) -> Option<f64> {
    match text {
        "INF" => Some(f64::INFINITY),
        "-INF" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        _ if text.contains(|c: char| c.is_ascii_alphabetic() && !matches!(c, 'e' | 'E')) => None,
        _ => text.parse().ok(),
    }
}
