//! Columns of a table and their values.

use std::collections::HashMap;

/// One column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Name, followed by the unit.
    pub name: String,
    /// Values of the column.
    pub values: Values,
}

/// Values of a column.
#[derive(Clone, Debug)]
pub enum Values {
    /// Text.
    Text(Vec<String>),
    /// Numbers; NaN and infinities are missing values.
    Number(Vec<f64>),
}

/// Values of a column for a file or another program; each distinct text is stored once, since most
/// repeat.
#[derive(Clone, Debug, PartialEq)]
pub enum Packed {
    /// Numbers.
    Number(Vec<f64>),
    /// For each row, the index of its text; then the distinct texts.
    Text(Vec<u32>, Vec<String>),
}

impl Packed {
    /// Each distinct text once, in order of first occurrence.
    pub fn of(values: &Values) -> Packed {
        let all = match values {
            Values::Number(all) => return Packed::Number(all.clone()),
            Values::Text(all) => all,
        };
        let (mut known, mut texts) = (HashMap::new(), vec![]);
        let mut last: Option<(&str, u32)> = None;
        let mut codes = Vec::with_capacity(all.len());
        for text in all {
            let code = match last {
                // Neighbouring rows usually have the same text.
                Some((before, code)) if before == text => code,
                _ => *known.entry(text.as_str()).or_insert_with(|| {
                    texts.push(text.clone());
                    u32::try_from(texts.len() - 1).expect("rows in memory")
                }),
            };
            last = Some((text, code));
            codes.push(code);
        }
        Packed::Text(codes, texts)
    }

    /// The value of every row.
    pub fn values(self) -> Values {
        match self {
            Packed::Number(all) => Values::Number(all),
            Packed::Text(codes, texts) => {
                Values::Text(codes.into_iter().map(|code| texts[code as usize].clone()).collect())
            }
        }
    }
}

/// A column that grows group by group, with each distinct text stored once.
#[derive(Debug)]
pub(crate) enum Growing {
    /// Numbers; missing and infinite ones are NaN.
    Number(Vec<f64>),
    /// For each row, the index of its text; the distinct texts; and the index of each.
    Text(Vec<u32>, Vec<String>, HashMap<String, u32>),
}

impl Growing {
    /// An empty column of the same kind, with room for this number of rows.
    pub fn new(like: &Values, rows: usize) -> Self {
        match like {
            Values::Number(_) => Growing::Number(Vec::with_capacity(rows)),
            Values::Text(_) => Growing::Text(Vec::with_capacity(rows), vec![], HashMap::new()),
        }
    }

    /// Appends values of the same kind.
    pub fn push(&mut self, values: &Values) {
        match (self, values) {
            (Growing::Number(all), Values::Number(some)) => {
                all.extend(some.iter().map(|v| present(*v)));
            }
            (this, values) => {
                if let Packed::Text(codes, texts) = Packed::of(values) {
                    this.push_texts(&codes, &texts);
                }
            }
        }
    }

    /// Appends texts, each given as an index.
    pub fn push_texts(&mut self, codes: &[u32], texts: &[String]) {
        let Growing::Text(all, distinct, known) = self else { return };
        let index = |text: &String| {
            if let Some(&known) = known.get(text) {
                return known;
            }
            let next = u32::try_from(distinct.len()).expect("rows in memory");
            distinct.push(text.clone());
            known.insert(text.clone(), next);
            next
        };
        let index: Vec<u32> = texts.iter().map(index).collect();
        all.extend(codes.iter().map(|&code| index[code as usize]));
    }

    /// The column.
    pub fn packed(self) -> Packed {
        match self {
            Growing::Number(all) => Packed::Number(all),
            Growing::Text(codes, texts, _) => Packed::Text(codes, texts),
        }
    }
}

/// Missing and infinite numbers become NaN, because both are empty in files.
pub(crate) fn present(value: f64) -> f64 {
    if value.is_finite() { value } else { f64::NAN }
}

impl Column {
    /// A column of the same name and kind without values.
    pub fn emptied(&self) -> Column {
        let values = match &self.values {
            Values::Text(_) => Values::Text(vec![]),
            Values::Number(_) => Values::Number(vec![]),
        };
        Column { name: self.name.clone(), values }
    }
}

impl Values {
    /// Number of values.
    pub fn len(&self) -> usize {
        match self {
            Values::Text(all) => all.len(),
            Values::Number(all) => all.len(),
        }
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a row, if there is one.
    pub fn get(&self, row: usize) -> Option<Value> {
        match self {
            Values::Text(all) => all.get(row).cloned().map(Value::Text),
            Values::Number(all) => all.get(row).copied().map(Value::Number),
        }
    }
}

/// A single value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A number; NaN is missing.
    Number(f64),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_string())
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Value::Number(number)
    }
}

/// Shortest text that reads back to the same number; empty for a missing number.
pub fn number_text(value: f64) -> String {
    if !value.is_finite() {
        return String::new();
    }
    let plain = value == 0.0 || (1e-4..1e15).contains(&value.abs());
    if plain { format!("{value}") } else { format!("{value:e}") }
}
