//! Numbers as the library writes them: `{ value = "10 nM", how = "measured", source = "rickert2004" }`.

use il2::parameter::{How, Interval, Parameter, Parameters};
use il2::quantity::{Quantity, QuantityError};
use il2_engine::Dimension;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use std::fmt;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    value: Option<String>,
    #[serde(default)]
    clinical_unit: String,
    #[serde(default)]
    none: bool,
    interval: Option<[String; 2]>,
    interval_kind: Option<String>,
    how: Obtained,
    source: Option<String>,
    #[serde(default)]
    note: String,
}

#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Obtained {
    Measured,
    Fitted,
    Derived,
    Assumed,
}

/// A number of the library, whose value has a unit and lies in its interval; it has a source unless
/// it is assumed.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Written")]
pub struct Number(pub Parameter);

impl TryFrom<Written> for Number {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        if written.source.is_none() && written.how != Obtained::Assumed {
            return Err(
                "has no source; name one from references.toml, or set how = \"assumed\" and give \
                 the reason in note"
                    .into(),
            );
        }
        let quantity = match (&written.value, written.none) {
            (Some(text), false) => Some(Quantity::parse(text).map_err(|e| e.0)?),
            (None, true) => None,
            (Some(_), true) => {
                return Err("has both a value and none = true; keep one of the two".into());
            }
            (None, false) => {
                return Err(
                    "has no value; write value = \"...\" with its unit, or none = true".into()
                );
            }
        };
        let plain = quantity.as_ref().is_some_and(|q| q.dimension == Dimension::DIMENSIONLESS);
        if !written.clinical_unit.is_empty() && !plain {
            return Err(
                "has a clinical_unit in addition to the unit of its value; keep one of the two"
                    .into(),
            );
        }
        let interval = match (written.interval, written.interval_kind) {
            (None, None) => None,
            (Some(ends), Some(kind)) => Some(interval(quantity.as_ref(), &ends, kind)?),
            (Some(_), None) => {
                return Err(
                    "has an interval without its kind; add interval_kind, for example \"95 \
                            % posterior\""
                        .into(),
                );
            }
            (None, Some(_)) => {
                return Err("has an interval_kind but no interval; add the interval".into());
            }
        };
        Ok(Number(Parameter {
            value: quantity.as_ref().map_or(f64::NAN, |q| q.value),
            dimension: quantity.map_or_else(Default::default, |q| q.dimension),
            text: written.value.unwrap_or("none".into()),
            clinical_unit: written.clinical_unit,
            interval,
            how: match written.how {
                Obtained::Measured => How::Measured,
                Obtained::Fitted => How::Fitted,
                Obtained::Derived => How::Derived,
                Obtained::Assumed => How::Assumed,
            },
            source: written.source,
            note: written.note,
            absent: written.none,
        }))
    }
}

fn interval(
    value: Option<&Quantity>,
    ends: &[String; 2],
    kind: String,
) -> Result<Interval, String> {
    let value = value.ok_or("is given as none but has an interval; leave out the interval")?;
    let end = |text: &String| -> Result<f64, String> {
        let end = Quantity::parse(text).map_err(|e| e.0)?;
        match end.dimension == value.dimension {
            true => Ok(end.value),
            false => {
                Err(format!("interval: \"{text}\" is not the same kind of quantity as the value"))
            }
        }
    };
    let (low, high) = (end(&ends[0])?, end(&ends[1])?);
    match low <= value.value && value.value <= high {
        true => Ok(Interval { low, high, kind }),
        false => {
            Err("has an interval that does not contain the value; write the lower end first".into())
        }
    }
}

/// Numbers by name, in the order of the file; a name that is not `known` is refused, and so is a
/// number whose dimension differs from that of the others.
pub fn named<'de, D: Deserializer<'de>>(
    from: D,
    known: &'static [&'static str],
    dimension: Option<Dimension>,
) -> Result<Parameters, D::Error> {
    struct Names(&'static [&'static str], Option<Dimension>);
    impl<'de> Visitor<'de> for Names {
        type Value = Parameters;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a table of numbers")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parameters, A::Error> {
            let mut found = Parameters::new();
            while let Some(name) = map.next_key::<String>()? {
                if !self.0.contains(&name.as_str()) {
                    return Err(A::Error::unknown_field(&name, self.0));
                }
                let number = map.next_value::<Number>()?.0;
                if let Some(needed) = self.1.filter(|_| !number.absent) {
                    // Errors in a table are reported at the key of the table, but this error
                    // belongs to the key of a number.
                    let here = |e: QuantityError| A::Error::custom(format!("@{name}@{e}"));
                    Quantity::parse_as(&number.text, needed).map_err(here)?;
                }
                found.insert(name, number);
            }
            Ok(found)
        }
    }
    from.deserialize_map(Names(known, dimension))
}

/// Readers for tables of numbers, by dimension and allowed names.
macro_rules! tables_of_numbers {
    ($($table:ident($dimension:expr): $($name:literal),+;)+) => {$(
        pub fn $table<'de, D: serde::Deserializer<'de>>(
            from: D,
        ) -> Result<il2::parameter::Parameters, D::Error> {
            crate::library::numbers::named(from, &[$($name),+], $dimension)
        }
    )+};
}
pub(super) use tables_of_numbers;

/// Numbers under names prefixed with the name of their table.
pub fn below(table: &str, numbers: Parameters) -> impl Iterator<Item = (String, Parameter)> {
    numbers.into_iter().map(move |(name, number)| (format!("{table}.{name}"), number))
}

/// The optional numbers that are given, by name.
pub fn given<const N: usize>(
    numbers: [(&str, Option<Number>); N],
) -> impl Iterator<Item = (String, Parameter)> {
    numbers.into_iter().filter_map(|(name, number)| Some((name.to_string(), number?.0)))
}
