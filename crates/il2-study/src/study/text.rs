//! Quantities as written in a study: a single quantity, a list or a range.

use il2::quantity::{Like, Quantity};
use il2_engine::Dimension;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// A number with its unit as text, for example "50 pM". A bare number is also read, so that the
/// error about the missing unit can give its location.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(transparent)]
pub struct QuantityText(pub String);

/// A fraction: a number such as 0.5, or a percentage as text, "50 %".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fraction(pub f64);

/// A list of quantities, or a range.
#[derive(Clone, Debug, JsonSchema)]
#[serde(untagged)]
pub enum Grid {
    /// A list of all values.
    List(Vec<QuantityText>),
    /// A range between two values.
    Range(GridRange),
}

/// A range between two values.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GridRange {
    /// First value.
    pub from: QuantityText,
    /// Last value.
    pub to: QuantityText,
    /// Number of points, including both ends.
    pub points: u32,
}

impl<'de> Deserialize<'de> for QuantityText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = QuantityText;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a quantity in quotes, for example \"50 pM\"")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<QuantityText, E> {
                Ok(QuantityText(text.to_string()))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<QuantityText, E> {
                Ok(QuantityText(number.to_string()))
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<QuantityText, E> {
                Ok(QuantityText(number.to_string()))
            }
            fn visit_f64<E: de::Error>(self, number: f64) -> Result<QuantityText, E> {
                Ok(QuantityText(number.to_string()))
            }
        }
        deserializer.deserialize_any(Text)
    }
}

impl<'de> Deserialize<'de> for Fraction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrText;
        impl Visitor<'_> for NumberOrText {
            type Value = Fraction;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a fraction such as 0.5, or a percentage such as \"50 %\"")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Fraction, E> {
                let like = Like { example: "50 %", low: 0.0, high: 1.0 };
                let read = Quantity::parse_like(text, Dimension::DIMENSIONLESS, &like);
                read.map(Fraction).map_err(|e| E::custom(e.0))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Fraction, E> {
                Ok(Fraction(number as f64))
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Fraction, E> {
                Ok(Fraction(number as f64))
            }
            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Fraction, E> {
                Ok(Fraction(number))
            }
        }
        deserializer.deserialize_any(NumberOrText)
    }
}

impl JsonSchema for Fraction {
    fn schema_name() -> Cow<'static, str> {
        "Fraction".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A fraction: a number such as 0.5, or a percentage as text, \"50 %\".",
            "type": ["number", "string"]
        })
    }
}

impl<'de> Deserialize<'de> for Grid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListOrRange;
        impl<'de> Visitor<'de> for ListOrRange {
            type Value = Grid;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(
                    f,
                    "a list like [\"1 pM\", \"10 pM\"] or {{ from = \"1 pM\", to = \"100 nM\", points = 25 }}"
                )
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Grid, A::Error> {
                Vec::deserialize(de::value::SeqAccessDeserializer::new(seq)).map(Grid::List)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Grid, A::Error> {
                GridRange::deserialize(de::value::MapAccessDeserializer::new(map)).map(Grid::Range)
            }
        }
        deserializer.deserialize_any(ListOrRange)
    }
}
