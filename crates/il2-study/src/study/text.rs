//! Quantities as a study writes them: one, or a list or range of them.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// A number with its unit as text, for example "50 pM". A bare number is also read, so that the error that
/// asks for a unit can name its place.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(transparent)]
pub struct QuantityText(pub String);

/// A list of quantities, or a range of them.
#[derive(Clone, Debug, JsonSchema)]
#[serde(untagged)]
pub enum Grid {
    /// Every value.
    List(Vec<QuantityText>),
    /// From one to the other.
    Range(GridRange),
}

/// From one value to another.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GridRange {
    /// First value.
    pub from: QuantityText,
    /// Last value.
    pub to: QuantityText,
    /// How many, both ends included.
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
