//! A network of the engine as a file: SBML Level 3 Version 2, with units and annotations.
//!
//! Species are amounts in a compartment of size one; concentrations are in a volume of one litre.
//! Every number is therefore that of the network, in its base units. Scales of species become
//! conversion factors; a species whose scale changes with the state has a rate rule. Reactions
//! share the unit of most of them, and the rate of any other reaction is multiplied by a one with
//! the unit that converts it. Numbers derived from others become initial assignments, and an
//! observable becomes a parameter with an assignment rule.

mod events;
mod formula;
mod names;
mod units;
mod xml;

use formula::math;
use il2_engine::lane::Event;
use il2_engine::network::ParameterValue;
use il2_engine::{Change, Dimension, Expression, Network, SpeciesId};
use names::Names;
use xml::Xml;

/// The namespace of SBML.
const SBML: &str = "http://www.sbml.org/sbml/level3/version2/core";

/// Descriptions that are written with the network.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Id and name of the model.
    pub name: String,
    /// A description in plain sentences.
    pub notes: Vec<String>,
    /// Publications of the whole model, as addresses:
    /// `https://identifiers.org/doi/10.1021/bp000115y`.
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
    let names = Names::new(network, &about.name);
    let extent = units::id(units::extent(network));
    let mut xml = Xml::new();
    xml.open(
        "sbml",
        &[
            ("xmlns", SBML),
            // Numbers in formulas state their units under this prefix.
            ("xmlns:sbml", SBML),
            ("level", "3"),
            ("version", "2"),
        ],
    );
    xml.open(
        "model",
        &[
            ("metaid", "model"),
            ("id", &names.model),
            ("name", &about.name),
            ("timeUnits", "minute"),
            ("extentUnits", &extent),
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
    if network.species.iter().any(|s| units::is_concentration(s.dimension)) {
        let unit = units::id(Dimension { length: 3, ..Dimension::DIMENSIONLESS });
        let all = [
            ("id", names.litre.as_str()),
            ("spatialDimensions", "3"),
            ("size", "1"),
            ("units", &unit),
            ("constant", "true"),
        ];
        xml.empty("compartment", &all);
    }
    xml.close("listOfCompartments");
    species(network, initial, &names, &mut xml);
    numbers(network, parameters, events, about, &names, &mut xml);
    initial_assignments(network, parameters, events, &names, &mut xml);
    rules(network, &names, &mut xml);
    reactions(network, &names, &mut xml);
    events::write(network, events, &names, &mut xml)?;
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

/// Whether a species has a conversion factor: if reactions change it by another number than one, or
/// in another unit.
fn has_factor(network: &Network, k: usize) -> bool {
    let species = &network.species[k];
    matches!(factor(&species.scale), Factor::Constant)
        || units::in_another_unit(species, units::extent(network))
}

fn is_set(events: &[Event], place: usize) -> bool {
    let of = |change: &Change| match change {
        Change::SetParameter(p, _) | Change::Infuse { parameter: p, .. } => p.0 == place,
        _ => false,
    };
    events.iter().any(|e| of(&e.change))
}

fn species(network: &Network, initial: &[f64], names: &Names, xml: &mut Xml) {
    if network.species.is_empty() {
        return;
    }
    xml.open("listOfSpecies", &[]);
    for (k, species) in network.species.iter().enumerate() {
        let unit = units::id(units::amount(species.dimension));
        let concentration = units::is_concentration(species.dimension);
        let place = if concentration { &names.litre } else { &names.system };
        let amount = xml::number(initial[k]);
        let held = matches!(factor(&species.scale), Factor::Held | Factor::Changes);
        let mut all = vec![
            ("id", names.species[k].as_str()),
            ("name", species.name.as_str()),
            ("compartment", place.as_str()),
            ("initialAmount", &amount),
            ("substanceUnits", &unit),
            ("hasOnlySubstanceUnits", if concentration { "false" } else { "true" }),
            ("boundaryCondition", if held { "true" } else { "false" }),
            ("constant", "false"),
        ];
        if has_factor(network, k) {
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
        let constant = if is_set(events, k) { "false" } else { "true" };
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
        if has_factor(network, k) {
            let value = xml::number(species.scale.value(&[], values, 0.0));
            let unit = units::id(units::per_extent(species.dimension, units::extent(network)));
            let all = [
                ("id", names.factors[k].as_str()),
                ("name", &format!("change of {} by one reaction event", species.name)),
                ("value", &value),
                ("units", &unit),
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
            if !is_set(events, k) && law.value(&[], values, 0.0) == values[k] =>
        {
            Some(law)
        }
        _ => None,
    };
    let derived: Vec<(&str, &Expression, bool)> = (0..values.len())
        .filter_map(|k| Some((names.parameters[k].as_str(), follows(k)?, false)))
        .chain((0..network.species.len()).filter_map(|k| {
            let (scale, of) = (&network.species[k].scale, network.species[k].dimension);
            let id = names.factors[k].as_str();
            let in_a_litre = units::is_concentration(of);
            matches!(factor(scale), Factor::Constant).then_some((id, scale, in_a_litre))
        }))
        .collect();
    if derived.is_empty() {
        return;
    }
    xml.open("listOfInitialAssignments", &[]);
    for (id, law, in_a_litre) in derived {
        xml.open("initialAssignment", &[("symbol", id)]);
        match in_a_litre {
            // The scale is that of a concentration, the factor that of an amount.
            true => formula::times(law, &names.litre, names, xml),
            false => math(law, names, xml),
        }
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
            let count = |side: &[(SpeciesId, u32)]| -> f64 {
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
        formula::quantity(&observable.value, &units::id(observable.dimension), names, xml);
        xml.close("assignmentRule");
    }
    xml.close("listOfRules");
}

fn reactions(network: &Network, names: &Names, xml: &mut Xml) {
    if network.reactions.is_empty() {
        return;
    }
    xml.open("listOfReactions", &[]);
    let extent = units::extent(network);
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
        let own = units::of_reaction(network, reaction).unwrap_or(extent);
        match own == extent {
            true => math(&law, names, xml),
            false => {
                let unit = units::id(units::ratio(extent, own));
                formula::in_unit(1.0, &unit, &law, names, xml);
            }
        }
        xml.close("kineticLaw");
        xml.close("reaction");
    }
    xml.close("listOfReactions");
}
