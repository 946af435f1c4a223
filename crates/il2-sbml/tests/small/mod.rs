//! Helpers to write small models for these tests.
#![allow(dead_code)]

use il2_sbml::audit::Kind;
use il2_sbml::{Audit, Found, Run, SbmlError};

/// A file of level 3 version 2 that contains these lists of a model.
pub fn sbml(lists: &str) -> String {
    format!(
        "<sbml xmlns=\"http://www.sbml.org/sbml/level3/version2/core\" level=\"3\" version=\"2\">\
         <model id=\"m\" substanceUnits=\"mole\" timeUnits=\"second\" volumeUnits=\"litre\" \
         extentUnits=\"mole\">{lists}</model></sbml>"
    )
}

/// A formula of MathML.
pub fn math(inner: &str) -> String {
    format!("<math xmlns=\"http://www.w3.org/1998/Math/MathML\">{inner}</math>")
}

/// `time`.
pub const TIME: &str = "<csymbol encoding=\"text\" definitionURL=\"http://www.sbml.org/sbml/symbols/time\">t</csymbol>";

/// `(apply operator arguments)`.
pub fn apply(operator: &str, arguments: &[&str]) -> String {
    format!("<apply><{operator}/>{}</apply>", arguments.concat())
}

pub fn ci(id: &str) -> String {
    format!("<ci>{id}</ci>")
}

pub fn cn(value: f64) -> String {
    format!("<cn>{value}</cn>")
}

/// Parameters that may change: `x = 1`.
pub fn parameters(all: &[(&str, f64)]) -> String {
    let of = |(id, value): &(&str, f64)| {
        format!("<parameter id=\"{id}\" value=\"{value}\" constant=\"false\"/>")
    };
    let all: String = all.iter().map(of).collect();
    format!("<listOfParameters>{all}</listOfParameters>")
}

pub fn rate_rule(id: &str, formula: &str) -> String {
    format!("<rateRule variable=\"{id}\">{}</rateRule>", math(formula))
}

pub fn rule(id: &str, formula: &str) -> String {
    format!("<assignmentRule variable=\"{id}\">{}</assignmentRule>", math(formula))
}

/// An event with these attributes, children and assignments.
pub fn event(attributes: &str, trigger: &str, rest: &str, sets: &[(&str, &str)]) -> String {
    let of = |(id, formula): &(&str, &str)| {
        format!("<eventAssignment variable=\"{id}\">{}</eventAssignment>", math(formula))
    };
    let sets: String = sets.iter().map(of).collect();
    let (event, trigger_attributes) = attributes.split_once('|').unwrap_or((attributes, ""));
    format!(
        "<event {event}><trigger {trigger_attributes}>{}</trigger>{rest}\
         <listOfEventAssignments>{sets}</listOfEventAssignments></event>",
        math(trigger)
    )
}

/// A species in a compartment.
pub fn species(id: &str, initial: &str, rest: &str) -> String {
    format!("<species id=\"{id}\" compartment=\"c\" {initial} {rest}/>")
}

pub fn compartment(size: f64) -> String {
    format!(
        "<listOfCompartments><compartment id=\"c\" size=\"{size}\" constant=\"true\"/></listOfCompartments>"
    )
}

/// A reaction with stoichiometries of reactants and products.
pub fn reaction(id: &str, taken: &[(&str, &str)], made: &[(&str, &str)], law: &str) -> String {
    let side = |list: &str, all: &[(&str, &str)]| {
        let of = |(id, count): &(&str, &str)| {
            format!(
                "<speciesReference species=\"{id}\" stoichiometry=\"{count}\" constant=\"true\"/>"
            )
        };
        let all: String = all.iter().map(of).collect();
        if all.is_empty() { String::new() } else { format!("<{list}>{all}</{list}>") }
    };
    format!(
        "<reaction id=\"{id}\" reversible=\"false\">{}{}<kineticLaw>{}</kineticLaw></reaction>",
        side("listOfReactants", taken),
        side("listOfProducts", made),
        math(law)
    )
}

pub fn run(text: &str, times: &[f64]) -> Result<Found, SbmlError> {
    let model = il2_sbml::read(text)?;
    let network = il2_sbml::network(&model)?;
    let run = Run { times: times.to_vec(), ..Run::default() };
    Ok(il2_sbml::simulate(&model, &network, &run)?)
}

#[track_caller]
pub fn near(found: f64, wanted: f64) {
    assert!((found - wanted).abs() <= 1e-6 * (1.0 + wanted.abs()), "{found}, not {wanted}");
}

/// The audit of a file.
pub fn audit(text: &str) -> Audit {
    let model = il2_sbml::read(text).unwrap();
    let network = il2_sbml::network(&model).unwrap();
    il2_sbml::audit(&model, &network).unwrap()
}

/// Findings of a kind, each with its place.
pub fn of(audit: &Audit, kind: Kind) -> Vec<String> {
    let of = audit.findings.iter().filter(|f| f.kind == kind);
    of.map(|f| format!("{}: {}", f.place, f.sentence)).collect()
}

/// A file with three species and waste, with these reactions.
pub fn three(reactions: &str) -> String {
    let all: String = ["a", "b", "ab"]
        .into_iter()
        .map(|id| species(id, "initialConcentration=\"2\"", ""))
        .collect();
    let all = all + &species("waste", "initialConcentration=\"0\"", "");
    sbml(&format!(
        "{}<listOfSpecies>{all}</listOfSpecies>{}<listOfReactions>{reactions}</listOfReactions>",
        compartment(1.0),
        parameters(&[("on", 0.1), ("off", 0.5), ("wrong", 0.4)]),
    ))
}

/// The product of symbols.
pub fn product(all: &[&str]) -> String {
    apply(
        "times",
        &all.iter()
            .map(|id| ci(id))
            .collect::<Vec<_>>()
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>(),
    )
}

/// Binding written as one-sided reactions, as in automatic translations.
pub fn one_sided(back: &str) -> String {
    three(&split(back))
}

/// Its reactions.
pub fn split(back: &str) -> String {
    let all = [
        reaction("bind", &[("b", "1")], &[("ab", "1")], &product(&["on", "a", "b"])),
        reaction("part", &[("ab", "1")], &[("b", "1")], &product(&["off", "ab"])),
        reaction("a_binds", &[("a", "1")], &[], &product(&["on", "a", "b"])),
        reaction("a_parts", &[], &[("a", "1")], &product(&[back, "ab"])),
    ];
    all.concat()
}
