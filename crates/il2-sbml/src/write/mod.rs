//! A network of the engine as a file: SBML Level 3 Version 2, with units and annotations.
//!
//! Everything is in one compartment of size one, and species are amounts, so that every number is
//! that of the network, in its base units. Scales of species become conversion factors; a species
//! whose scale changes with the state has a rate rule. Numbers derived from others become initial
//! assignments, and an observable becomes a parameter with an assignment rule.

mod formula;
mod names;
mod units;
mod xml;

use formula::math;
use il2_engine::lane::Event;
use il2_engine::network::ParameterValue;
use il2_engine::{Change, Expression, Network};
use names::Names;
use xml::Xml;

/// Descriptions that are written with the network.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Id and name of the model.
    pub name: String,
    /// A description in plain sentences.
    pub notes: Vec<String>,
    /// Publications of the whole model, as addresses: `https://identifiers.org/doi/10.1021/bp000115y`.
    pub sources: Vec<String>,
    /// For each parameter: its name in the network, a description of its value, and the addresses
    /// of its publications.
    pub parameters: Vec<(String, String, Vec<String>)>,
}

/// Writes a network with the values of one simulation as a file.
///
/// # Errors
/// If the simulation uses something that a file cannot express: triggers or decisions.
pub fn write(
    network: &Network,
    parameters: &[f64],
    initial: &[f64],
    events: &[Event],
    about: &About,
) -> Result<String, String> {
    let names = Names::new(network);
    let mut xml = Xml::new();
    xml.open(
        "sbml",
        &[
            ("xmlns", "http://www.sbml.org/sbml/level3/version2/core"),
            ("level", "3"),
            ("version", "2"),
        ],
    );
    let id = names::id_of(&about.name);
    xml.open(
        "model",
        &[
            ("metaid", "model"),
            ("id", &id),
            ("name", &about.name),
            ("timeUnits", "minute"),
            ("extentUnits", "dimensionless"),
        ],
    );
    xml.notes(&about.notes);
    xml.sources("model", &about.sources);
    units::definitions(network, &mut xml);
    xml.open("listOfCompartments", &[]);
    let all = [
        ("id", names.system.as_str()),
        ("spatialDimensions", "3"),
        ("size", "1"),
        ("units", "dimensionless"),
        ("constant", "true"),
    ];
    xml.empty("compartment", &all);
    xml.close("listOfCompartments");
    species(network, initial, &names, &mut xml);
    numbers(network, parameters, events, about, &names, &mut xml);
    initial_assignments(network, parameters, events, &names, &mut xml);
    rules(network, &names, &mut xml);
    reactions(network, &names, &mut xml);
    happen(network, events, &names, &mut xml)?;
    xml.close("model");
    xml.close("sbml");
    Ok(xml.text)
}

/// How the factor of a species is written.
enum Factor {
    /// No factor, because reactions do not change the species.
    Held,
    /// A factor of one.
    One,
    /// A constant parameter.
    Constant,
    /// A factor that depends on the state, so that the species has a rate rule.
    Changes,
}

fn factor(scale: &Expression) -> Factor {
    match scale {
        Expression::Number(n) if *n == 0.0 => Factor::Held,
        Expression::Number(n) if *n == 1.0 => Factor::One,
        e if e.species().is_empty() && !e.reads_time() => Factor::Constant,
        _ => Factor::Changes,
    }
}

fn is_set(network: &Network, events: &[Event], place: usize) -> bool {
    let of = |change: &Change| match change {
        Change::SetParameter(p, _) | Change::Infuse { parameter: p, .. } => p.0 == place,
        _ => false,
    };
    let _ = network;
    events.iter().any(|e| of(&e.change))
}

fn species(network: &Network, initial: &[f64], names: &Names, xml: &mut Xml) {
    if network.species.is_empty() {
        return;
    }
    xml.open("listOfSpecies", &[]);
    for (k, species) in network.species.iter().enumerate() {
        let unit = units::id(species.dimension);
        let amount = xml::number(initial[k]);
        let held = matches!(factor(&species.scale), Factor::Held | Factor::Changes);
        let mut all = vec![
            ("id", names.species[k].as_str()),
            ("name", species.name.as_str()),
            ("compartment", names.system.as_str()),
            ("initialAmount", &amount),
            ("substanceUnits", &unit),
            ("hasOnlySubstanceUnits", "true"),
            ("boundaryCondition", if held { "true" } else { "false" }),
            ("constant", "false"),
        ];
        if matches!(factor(&species.scale), Factor::Constant) {
            all.push(("conversionFactor", &names.factors[k]));
        }
        xml.empty("species", &all);
    }
    xml.close("listOfSpecies");
}

fn numbers(
    network: &Network,
    values: &[f64],
    events: &[Event],
    about: &About,
    names: &Names,
    xml: &mut Xml,
) {
    xml.open("listOfParameters", &[]);
    for (k, parameter) in network.parameters.iter().enumerate() {
        let (id, unit) = (&names.parameters[k], units::id(parameter.dimension));
        let value = xml::number(values[k]);
        let constant = if is_set(network, events, k) { "false" } else { "true" };
        let mut all = vec![
            ("id", id.as_str()),
            ("name", parameter.name.as_str()),
            ("value", &value),
            ("units", &unit),
            ("constant", constant),
        ];
        let told = about.parameters.iter().find(|(name, ..)| *name == parameter.name);
        match told {
            None => xml.empty("parameter", &all),
            Some((_, note, sources)) => {
                all.insert(0, ("metaid", id));
                xml.open("parameter", &all);
                xml.notes(std::slice::from_ref(note));
                xml.sources(id, sources);
                xml.close("parameter");
            }
        }
    }
    for (k, species) in network.species.iter().enumerate() {
        if matches!(factor(&species.scale), Factor::Constant) {
            let value = xml::number(species.scale.value(&[], values, 0.0));
            let all = [
                ("id", names.factors[k].as_str()),
                ("name", &format!("change of {} by one reaction event", species.name)),
                ("value", &value),
                ("constant", "true"),
            ];
            xml.empty("parameter", &all);
        }
    }
    for (k, observable) in network.observables.iter().enumerate() {
        let unit = units::id(observable.dimension);
        let all = [
            ("id", names.observables[k].as_str()),
            ("name", observable.name.as_str()),
            ("units", &unit),
            ("constant", "false"),
        ];
        xml.empty("parameter", &all);
    }
    xml.close("listOfParameters");
}

/// Numbers that are derived from others are also derived in other programs, unless the simulation
/// gives them another value.
fn initial_assignments(
    network: &Network,
    values: &[f64],
    events: &[Event],
    names: &Names,
    xml: &mut Xml,
) {
    let follows = |k: usize| match &network.parameters[k].value {
        ParameterValue::Derived(law)
            if !is_set(network, events, k) && law.value(&[], values, 0.0) == values[k] =>
        {
            Some(law)
        }
        _ => None,
    };
    let derived: Vec<(&str, &Expression)> = (0..values.len())
        .filter_map(|k| Some((names.parameters[k].as_str(), follows(k)?)))
        .chain((0..network.species.len()).filter_map(|k| {
            let scale = &network.species[k].scale;
            matches!(factor(scale), Factor::Constant).then_some((names.factors[k].as_str(), scale))
        }))
        .collect();
    if derived.is_empty() {
        return;
    }
    xml.open("listOfInitialAssignments", &[]);
    for (id, law) in derived {
        xml.open("initialAssignment", &[("symbol", id)]);
        math(law, names, xml);
        xml.close("initialAssignment");
    }
    xml.close("listOfInitialAssignments");
}

fn rules(network: &Network, names: &Names, xml: &mut Xml) {
    let moving: Vec<usize> = (0..network.species.len())
        .filter(|k| matches!(factor(&network.species[*k].scale), Factor::Changes))
        .collect();
    if moving.is_empty() && network.observables.is_empty() {
        return;
    }
    xml.open("listOfRules", &[]);
    for k in moving {
        let mut sum = Expression::Number(0.0);
        for reaction in &network.reactions {
            let count = |side: &[(il2_engine::SpeciesId, u32)]| -> f64 {
                side.iter().filter(|(s, _)| s.0 == k).map(|(_, n)| f64::from(*n)).sum()
            };
            let net = count(&reaction.products) - count(&reaction.reactants);
            if net != 0.0 {
                sum = sum + Expression::Number(net) * network.law(reaction);
            }
        }
        xml.open("rateRule", &[("variable", &names.species[k])]);
        math(&(network.species[k].scale.clone() * sum), names, xml);
        xml.close("rateRule");
    }
    for (k, observable) in network.observables.iter().enumerate() {
        xml.open("assignmentRule", &[("variable", &names.observables[k])]);
        math(&observable.value, names, xml);
        xml.close("assignmentRule");
    }
    xml.close("listOfRules");
}

fn reactions(network: &Network, names: &Names, xml: &mut Xml) {
    if network.reactions.is_empty() {
        return;
    }
    xml.open("listOfReactions", &[]);
    for (k, reaction) in network.reactions.iter().enumerate() {
        let law = network.law(reaction);
        let all = [
            ("id", names.reactions[k].as_str()),
            ("name", &reaction.name),
            ("reversible", "false"),
        ];
        xml.open("reaction", &all);
        for (list, side) in
            [("listOfReactants", &reaction.reactants), ("listOfProducts", &reaction.products)]
        {
            if !side.is_empty() {
                xml.open(list, &[]);
                for (s, count) in side {
                    let all = [
                        ("species", names.species[s.0].as_str()),
                        ("stoichiometry", &count.to_string()),
                        ("constant", "true"),
                    ];
                    xml.empty("speciesReference", &all);
                }
                xml.close(list);
            }
        }
        let moved = reaction.reactants.iter().chain(&reaction.products);
        let moved: Vec<_> = moved.map(|(s, _)| *s).collect();
        let read: Vec<_> = law.species().into_iter().filter(|s| !moved.contains(s)).collect();
        if !read.is_empty() {
            xml.open("listOfModifiers", &[]);
            for s in read {
                xml.empty("modifierSpeciesReference", &[("species", &names.species[s.0])]);
            }
            xml.close("listOfModifiers");
        }
        xml.open("kineticLaw", &[]);
        math(&law, names, xml);
        xml.close("kineticLaw");
        xml.close("reaction");
    }
    xml.close("listOfReactions");
}

/// Timed changes as events whose trigger is a time.
fn happen(network: &Network, events: &[Event], names: &Names, xml: &mut Xml) -> Result<(), String> {
    let mut all: Vec<(f64, String, Expression)> = vec![];
    for event in events {
        if event.asks {
            return Err(
                "doses that depend on earlier measurements cannot be written as SBML".into()
            );
        }
        let parameter = |p: usize| names.parameters[p].clone();
        match event.change {
            Change::Nothing | Change::Record | Change::Stop => {}
            Change::Set(s, to) => all.push((event.time, names.species[s.0].clone(), to.into())),
            Change::Add(s, more) => {
                all.push((
                    event.time,
                    names.species[s.0].clone(),
                    Expression::from(s) + more.into(),
                ));
            }
            Change::Multiply(s, by) => {
                let law = Expression::Number(by) * s.into();
                all.push((event.time, names.species[s.0].clone(), law));
            }
            Change::SetParameter(p, to) => all.push((event.time, parameter(p.0), to.into())),
            Change::Infuse { parameter: p, rate, duration } => {
                for (time, rate) in [(event.time, rate), (event.time + duration, -rate)] {
                    all.push((time, parameter(p.0), Expression::from(p) + rate.into()));
                }
            }
        }
    }
    let _ = network;
    if all.is_empty() {
        return Ok(());
    }
    xml.open("listOfEvents", &[]);
    let count = all.len();
    for (k, (time, id, value)) in all.into_iter().enumerate() {
        xml.open(
            "event",
            &[("id", &format!("event_{}", k + 1)), ("useValuesFromTriggerTime", "false")],
        );
        xml.open("trigger", &[("initialValue", "false"), ("persistent", "true")]);
        formula::at_least(time, xml);
        xml.close("trigger");
        // Events at the same time keep the given order.
        xml.open("priority", &[]);
        math(&Expression::Number((count - k) as f64), names, xml);
        xml.close("priority");
        xml.open("listOfEventAssignments", &[]);
        xml.open("eventAssignment", &[("variable", &id)]);
        math(&value, names, xml);
        xml.close("eventAssignment");
        xml.close("listOfEventAssignments");
        xml.close("event");
    }
    xml.close("listOfEvents");
    Ok(())
}
