//! Any inline table of the library with `how` is a parameter, everything else is description.

use il2::parameter::{How, Interval, Parameter, Parameters};
use il2::quantity::Quantity;
use toml::{Table, Value};

pub fn word(table: &Table, name: &str) -> String {
    table.get(name).and_then(Value::as_str).unwrap_or_default().to_string()
}

pub fn words(table: &Table, name: &str) -> Vec<String> {
    let items = table.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    items.iter().filter_map(|v| v.as_str().map(str::to_string)).collect()
}

fn is_parameter(table: &Table) -> bool {
    table.contains_key("how")
}

/// All parameters below a table, by dotted name.
pub fn parameters(table: &Table) -> Result<Parameters, String> {
    let mut found = Parameters::new();
    collect(table, "", &mut found)?;
    Ok(found)
}

pub fn sub_parameters(table: &Table, name: &str) -> Result<Parameters, String> {
    table.get(name).and_then(Value::as_table).map_or(Ok(Parameters::new()), parameters)
}

fn collect(table: &Table, prefix: &str, found: &mut Parameters) -> Result<(), String> {
    for (name, value) in table {
        let Some(inner) = value.as_table() else { continue };
        let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        if is_parameter(inner) {
            let read = parameter(inner).map_err(|problem| format!("{name}: {problem}"))?;
            found.insert(name, read);
        } else {
            collect(inner, &name, found)?;
        }
    }
    Ok(())
}

pub fn parameter(table: &Table) -> Result<Parameter, String> {
    let known = ["value", "none", "interval", "interval_kind", "how", "source", "note"];
    if let Some(odd) = table.keys().find(|k| !known.contains(&k.as_str())) {
        return Err(format!("unknown key {odd}"));
    }
    let how = match word(table, "how").as_str() {
        "measured" => How::Measured,
        "fitted" => How::Fitted,
        "derived" => How::Derived,
        "assumed" => How::Assumed,
        other => {
            return Err(format!(
                "how = \"{other}\" is not one of measured, fitted, derived, \
                                assumed"
            ));
        }
    };
    let source = table.get("source").and_then(Value::as_str).map(str::to_string);
    if source.is_none() && how != How::Assumed {
        return Err("a number that is not assumed needs a source".into());
    }
    let absent = table.get("none").and_then(Value::as_bool).unwrap_or(false);
    let text = word(table, "value");
    let quantity = match absent {
        true => None,
        false => Some(Quantity::parse(&text).map_err(|e| e.0)?),
    };
    let ends = words(table, "interval");
    let interval = match ends.as_slice() {
        [] => None,
        [low, high] => {
            let (low, high) = (Quantity::parse(low), Quantity::parse(high));
            let (low, high) = (low.map_err(|e| e.0)?, high.map_err(|e| e.0)?);
            let value = quantity.as_ref().ok_or("a value that is absent has no interval")?;
            let same = low.dimension == value.dimension && high.dimension == value.dimension;
            if !same || low.value > value.value || high.value < value.value {
                return Err(format!("the interval does not contain {text}"));
            }
            Some(Interval { low: low.value, high: high.value, kind: word(table, "interval_kind") })
        }
        _ => return Err("an interval has two ends".into()),
    };
    Ok(Parameter {
        value: quantity.as_ref().map_or(f64::NAN, |q| q.value),
        dimension: quantity.map_or_else(Default::default, |q| q.dimension),
        text: if absent { "none".into() } else { text },
        interval,
        how,
        source,
        note: word(table, "note"),
        absent,
    })
}
