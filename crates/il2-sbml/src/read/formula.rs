//! Reads formulas from MathML.

use super::file::{File, number};
use crate::error::SbmlError;
use crate::math::{Math, OPERATORS, Operator};
use crate::words::short;
use roxmltree::Node;
use std::f64::consts::{E, PI};

/// Greatest nesting of formulas, which are read by recursion.
const DEEPEST: usize = 120;

impl<'a, 'i> File<'a> {
    /// The formula inside an element, if it has one.
    pub(super) fn formula_of(&self, node: Node<'a, 'i>) -> Result<Option<Math>, SbmlError> {
        match self.child(node, "math") {
            Some(math) => match self.children(math).next() {
                Some(first) => self.formula(first, 0).map(Some),
                None => Ok(None),
            },
            None => Ok(None),
        }
    }

    /// Arguments and body of a function.
    pub(super) fn lambda(
        &self,
        math: Node<'a, 'i>,
    ) -> Result<(Vec<String>, Option<Math>), SbmlError> {
        let mut node = math;
        while let Some(inner) =
            ["semantics", "lambda"].into_iter().find_map(|n| self.child(node, n))
        {
            node = inner;
            if node.tag_name().name() == "lambda" {
                break;
            }
        }
        if node.tag_name().name() != "lambda" {
            return self.wrong(
                math,
                "has no <lambda>; a function must be a <lambda> with its arguments and its value",
            );
        }
        let (mut arguments, mut body) = (vec![], None);
        for part in self.children(node) {
            match part.tag_name().name() {
                "bvar" => arguments.extend(self.child(part, "ci").map(written)),
                _ => body = Some(self.formula(part, 0)?),
            }
        }
        Ok((arguments, body))
    }

    fn formula(&self, node: Node<'a, 'i>, depth: usize) -> Result<Math, SbmlError> {
        if depth > DEEPEST {
            return self.wrong(node, format!("is nested more than {DEEPEST} levels deep"));
        }
        let plain = |value: f64| Ok(Math::Number(value, None));
        match node.tag_name().name() {
            "cn" => self.constant(node),
            "ci" => Ok(Math::Symbol(written(node))),
            "csymbol" => match self.csymbol(node)? {
                "time" => Ok(Math::Time),
                "avogadro" => Ok(Math::Avogadro),
                other => {
                    self.wrong(node, format!("{other} is used as a number, but it is a function"))
                }
            },
            "true" => Ok(Math::Truth(true)),
            "false" => Ok(Math::Truth(false)),
            "pi" => plain(PI),
            "exponentiale" => plain(E),
            "infinity" => plain(f64::INFINITY),
            "notanumber" => plain(f64::NAN),
            "semantics" => match self.children(node).next() {
                Some(first) => self.formula(first, depth + 1),
                None => self.wrong(node, "is empty"),
            },
            "piecewise" => self.piecewise(node, depth),
            "apply" => self.apply(node, depth),
            other => self.wrong(
                node,
                format!("<{}> is not a MathML element that SBML allows", short(other)),
            ),
        }
    }

    fn csymbol(&self, node: Node<'a, 'i>) -> Result<&'a str, SbmlError> {
        let url = self.text(node, "definitionURL").unwrap_or("");
        let known = ["time", "avogadro", "delay", "rateOf"];
        match url.rsplit('/').next() {
            Some("delay") => self.wrong(
                node,
                "equations that depend on past values (delay) are not supported, except for the \
                 delay of an event",
            ),
            Some(name) if known.contains(&name) => Ok(name),
            _ => {
                let what =
                    format!("\"{}\" is not supported; use time, avogadro or rateOf", short(url));
                self.wrong(node, what)
            }
        }
    }

    fn constant(&self, node: Node<'a, 'i>) -> Result<Math, SbmlError> {
        let units = node.attributes().find(|a| a.name() == "units").map(|a| a.value().to_string());
        // `<sep/>` divides a number into two; comments inside a number do not.
        let mut texts = vec![String::new()];
        for part in node.children() {
            match part.text() {
                Some(text) if part.is_text() => texts.last_mut().expect("one").push_str(text),
                _ if part.tag_name().name() == "sep" => texts.push(String::new()),
                _ if part.is_element() => {
                    return self.wrong(part, "is not allowed inside a number");
                }
                _ => {}
            }
        }
        let texts: Vec<&str> = texts.iter().map(|text| text.trim()).collect();
        if let Some(base) = self.text(node, "base").filter(|base| *base != "10") {
            let what = format!(
                "base = \"{}\" is not supported; write the number with base 10",
                short(base)
            );
            return self.wrong(node, what);
        }
        let kind = self.text(node, "type").unwrap_or("real");
        let value = match (kind, &texts[..]) {
            ("integer" | "real", [text]) => number(text),
            ("e-notation", [mantissa, exponent]) => number(&format!("{mantissa}e{exponent}")),
            ("rational", [above, below]) => number(above).zip(number(below)).map(|(a, b)| a / b),
            _ => None,
        };
        match value {
            Some(value) => Ok(Math::Number(value, units)),
            None => {
                let what = format!(
                    "\"{}\" is not a number of the type {}; write for example 1500, -0.25 or 1.5e3, \
                     without blanks, or two numbers with <sep/> between them if the type is \
                     e-notation or rational",
                    short(&texts.join(" <sep/> ")),
                    short(kind)
                );
                self.wrong(node, what)
            }
        }
    }

    fn piecewise(&self, node: Node<'a, 'i>, depth: usize) -> Result<Math, SbmlError> {
        let (mut pieces, mut otherwise) = (vec![], None);
        for part in self.children(node) {
            let inside: Vec<_> = self.children(part).collect();
            match (part.tag_name().name(), &inside[..]) {
                ("piece", &[value, condition]) => {
                    let value = self.formula(value, depth + 1)?;
                    pieces.push((value, self.formula(condition, depth + 1)?));
                }
                ("otherwise", &[value]) => {
                    otherwise = Some(Box::new(self.formula(value, depth + 1)?));
                }
                _ => {
                    let what = "is not allowed here; a <piecewise> contains only <piece> (a value \
                                and a condition) and <otherwise>";
                    return self.wrong(part, what);
                }
            }
        }
        Ok(Math::Piecewise(pieces, otherwise))
    }

    fn apply(&self, node: Node<'a, 'i>, depth: usize) -> Result<Math, SbmlError> {
        let mut parts = self.children(node);
        let Some(head) = parts.next() else { return self.wrong(node, "is empty") };
        let name = head.tag_name().name();
        // The degree of a root or the base of a logarithm is written between operator and argument.
        let (mut qualifier, mut arguments) = (None, vec![]);
        for part in parts {
            if matches!(part.tag_name().name(), "degree" | "logbase") {
                let Some(inner) = self.children(part).next() else {
                    return self.wrong(part, "is empty");
                };
                qualifier = Some(self.formula(inner, depth + 1)?);
            } else {
                arguments.push(self.formula(part, depth + 1)?);
            }
        }
        if name == "ci" {
            return Ok(Math::Call(written(head), arguments));
        }
        if name == "csymbol" {
            return match (self.csymbol(head)?, &arguments[..]) {
                ("rateOf", [Math::Symbol(id)]) => Ok(Math::RateOf(id.clone())),
                (other, _) => self.wrong(
                    node,
                    format!("{other} cannot be called with these arguments; rateOf takes one id"),
                ),
            };
        }
        let Some(&(_, operator, least, most)) = OPERATORS.iter().find(|(n, ..)| *n == name) else {
            return self
                .wrong(head, format!("<{}> is not an operator that SBML allows", short(name)));
        };
        let default = match operator {
            Operator::Root => Some(2.0),
            Operator::Log => Some(10.0),
            _ => None,
        };
        if let Some(default) = default {
            arguments.insert(0, qualifier.unwrap_or(Math::Number(default, None)));
        }
        if !(least..=most).contains(&arguments.len()) {
            let what = format!("{name} has {} arguments, but it takes {}", arguments.len(), {
                if least == most { least.to_string() } else { format!("{least} or more") }
            });
            return self.wrong(node, what);
        }
        Ok(Math::Apply(operator, arguments))
    }
}

/// The text of an element, without surrounding blanks and comments.
fn written(node: Node) -> String {
    let texts = node.children().filter(Node::is_text).filter_map(|n| n.text());
    texts.collect::<String>().trim().to_string()
}
