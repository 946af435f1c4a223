//! Timed changes of a simulation as events whose trigger is a time.

use super::formula::{self, math};
use super::names::Names;
use super::units;
use super::xml::Xml;
use il2_engine::lane::Event;
use il2_engine::{Change, Dimension, Expression, Network, ParameterId, SpeciesId};

/// How an event changes a quantity.
enum How {
    Set,
    Add,
    Multiply,
}

/// Writes the events; an error says which change SBML cannot represent.
pub(super) fn write(
    network: &Network,
    events: &[Event],
    names: &Names,
    xml: &mut Xml,
) -> Result<(), String> {
    let mut all: Vec<(f64, &str, How, f64, Dimension)> = vec![];
    for event in events {
        if event.asks {
            return Err(
                "doses that depend on earlier measurements cannot be written as SBML".into()
            );
        }
        let species = |s: SpeciesId| (names.species[s.0].as_str(), network.species[s.0].dimension);
        let number =
            |p: ParameterId| (names.parameters[p.0].as_str(), network.parameters[p.0].dimension);
        let mut push = |time: f64, (id, of), how: How, value: f64| {
            all.push((time, id, how, value, of));
        };
        match event.change {
            Change::Nothing | Change::Record | Change::Stop => {}
            Change::Set(s, to) => push(event.time, species(s), How::Set, to),
            Change::Add(s, more) => push(event.time, species(s), How::Add, more),
            Change::Multiply(s, by) => push(event.time, species(s), How::Multiply, by),
            Change::SetParameter(p, to) => push(event.time, number(p), How::Set, to),
            Change::Infuse { parameter: p, rate, duration } => {
                push(event.time, number(p), How::Add, rate);
                push(event.time + duration, number(p), How::Add, -rate);
            }
        }
    }
    if all.is_empty() {
        return Ok(());
    }
    xml.open("listOfEvents", &[]);
    let count = all.len();
    for (k, (time, id, how, value, of)) in all.into_iter().enumerate() {
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
        xml.open("eventAssignment", &[("variable", id)]);
        match how {
            How::Set => formula::changed(None, id, value, &units::id(of), xml),
            How::Add => formula::changed(Some("plus"), id, value, &units::id(of), xml),
            How::Multiply => formula::changed(Some("times"), id, value, "dimensionless", xml),
        }
        xml.close("eventAssignment");
        xml.close("listOfEventAssignments");
        xml.close("event");
    }
    xml.close("listOfEvents");
    Ok(())
}
