//! `patient.toml`: sets of pharmacokinetics, populations of cells, and groups of numbers.

use super::read::{parameters, word, words};
use il2::patient::physiology::{Entry, Physiology};
use toml::{Table, Value};

pub fn physiology(table: &Table) -> Result<Physiology, String> {
    let place = |problem: String| format!("patient.toml: {problem}");
    let entries = |name: &str| -> Result<_, String> {
        let all = table.get(name).and_then(Value::as_table).cloned().unwrap_or_default();
        all.into_iter().map(|(id, value)| Ok((id, entry(&value).map_err(place)?))).collect()
    };
    let mut found = Physiology {
        pharmacokinetics: entries("pharmacokinetics")?,
        populations: entries("population")?,
        ..Physiology::default()
    };
    for (name, value) in table {
        if let Some(group) =
            value.as_table().filter(|_| name != "pharmacokinetics" && name != "population")
        {
            found.groups.insert(name.clone(), parameters(group).map_err(place)?);
        }
    }
    Ok(found)
}

fn entry(value: &Value) -> Result<Entry, String> {
    let table = value.as_table().ok_or("a set of numbers is a table")?;
    Ok(Entry {
        name: word(table, "name"),
        description: word(table, "description"),
        caveats: words(table, "caveats"),
        cell: word(table, "cell"),
        matures_into: word(table, "matures_into"),
        parameters: parameters(table)?,
    })
}
