//! Writes expressions as MathML.

use super::names::Names;
use super::xml::{Xml, number};
use il2_engine::{Expression, Trigonometric};

const MATHML: (&str, &str) = ("xmlns", "http://www.w3.org/1998/Math/MathML");

/// An expression as the content of an element.
pub(super) fn math(of: &Expression, names: &Names, xml: &mut Xml) {
    xml.open("math", &[MATHML]);
    formula(of, names, xml);
    xml.close("math");
}

/// A number with a unit times an expression, as the content of an element.
pub(super) fn in_unit(number: f64, unit: &str, of: &Expression, names: &Names, xml: &mut Xml) {
    xml.open("math", &[MATHML]);
    xml.open("apply", &[]);
    xml.empty("times", &[]);
    constant(number, unit, xml);
    formula(of, names, xml);
    xml.close("apply");
    xml.close("math");
}

/// An expression as the content of an element; a plain number has this unit.
pub(super) fn quantity(of: &Expression, unit: &str, names: &Names, xml: &mut Xml) {
    match of {
        Expression::Number(value) => {
            xml.open("math", &[MATHML]);
            constant(*value, unit, xml);
            xml.close("math");
        }
        of => math(of, names, xml),
    }
}

/// The new value of the quantity of an id: the number, or the quantity and the number joined by an
/// operator.
pub(super) fn changed(operator: Option<&str>, id: &str, number: f64, unit: &str, xml: &mut Xml) {
    xml.open("math", &[MATHML]);
    if let Some(operator) = operator {
        xml.open("apply", &[]);
        xml.empty(operator, &[]);
        xml.word("ci", &[], id);
    }
    constant(number, unit, xml);
    if operator.is_some() {
        xml.close("apply");
    }
    xml.close("math");
}

/// An expression times the quantity of an id, as the content of an element.
pub(super) fn times(of: &Expression, id: &str, names: &Names, xml: &mut Xml) {
    xml.open("math", &[MATHML]);
    xml.open("apply", &[]);
    xml.empty("times", &[]);
    formula(of, names, xml);
    xml.word("ci", &[], id);
    xml.close("apply");
    xml.close("math");
}

/// The condition that time is at least this.
pub(super) fn at_least(time: f64, xml: &mut Xml) {
    xml.open("math", &[MATHML]);
    xml.open("apply", &[]);
    xml.empty("geq", &[]);
    now(xml);
    constant(time, "minute", xml);
    xml.close("apply");
    xml.close("math");
}

fn now(xml: &mut Xml) {
    let url = "http://www.sbml.org/sbml/symbols/time";
    xml.word("csymbol", &[("encoding", "text"), ("definitionURL", url)], "time");
}

/// A number with its unit; numbers in laws of the engine have none.
fn constant(value: f64, unit: &str, xml: &mut Xml) {
    match value {
        v if v.is_nan() => xml.empty("notanumber", &[]),
        f64::INFINITY => xml.empty("infinity", &[]),
        f64::NEG_INFINITY => {
            xml.open("apply", &[]);
            xml.empty("minus", &[]);
            xml.empty("infinity", &[]);
            xml.close("apply");
        }
        v => match number(v).split_once('e') {
            // MathML writes the exponent of ten separately.
            Some((mantissa, exponent)) => {
                xml.open("cn", &[("type", "e-notation"), ("sbml:units", unit)]);
                xml.text.push_str(&format!("{mantissa}<sep/>{exponent}\n"));
                xml.close("cn");
            }
            None => xml.word("cn", &[("sbml:units", unit)], &number(v)),
        },
    }
}

fn apply(operator: &str, of: &[&Expression], names: &Names, xml: &mut Xml) {
    xml.open("apply", &[]);
    xml.empty(operator, &[]);
    of.iter().for_each(|e| formula(e, names, xml));
    xml.close("apply");
}

fn formula(of: &Expression, names: &Names, xml: &mut Xml) {
    use Expression as E;
    match of {
        E::Number(value) => constant(*value, "dimensionless", xml),
        E::Species(s) => xml.word("ci", &[], &names.species[s.0]),
        E::Parameter(p) => xml.word("ci", &[], &names.parameters[p.0]),
        E::Time => now(xml),
        E::Sum(all) => apply("plus", &all.iter().collect::<Vec<_>>(), names, xml),
        E::Product(all) => apply("times", &all.iter().collect::<Vec<_>>(), names, xml),
        E::Quotient(a, b) => apply("divide", &[a, b], names, xml),
        E::Power(a, b) => apply("power", &[a, b], names, xml),
        E::Exponential(a) => apply("exp", &[a], names, xml),
        E::Logarithm(a) => apply("ln", &[a], names, xml),
        E::Trigonometric(which, a) => {
            let operator = match which {
                Trigonometric::Sine => "sin",
                Trigonometric::Cosine => "cos",
                Trigonometric::Arctangent => "arctan",
            };
            apply(operator, &[a], names, xml);
        }
        E::Minimum(a, b) => apply("min", &[a, b], names, xml),
        E::Maximum(a, b) => apply("max", &[a, b], names, xml),
        E::WhereAtLeast { left, right, then, otherwise } => {
            xml.open("piecewise", &[]);
            xml.open("piece", &[]);
            formula(then, names, xml);
            apply("geq", &[left, right], names, xml);
            xml.close("piece");
            xml.open("otherwise", &[]);
            formula(otherwise, names, xml);
            xml.close("otherwise");
            xml.close("piecewise");
        }
        E::Shared(part) => formula(part.law(), names, xml),
    }
}
