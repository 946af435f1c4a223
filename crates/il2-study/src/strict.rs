//! TOML values that never read a list as a table: serde would fill the keys of a table from the items of a
//! list in their order, `[0, 24]` for `{ from = 0, to = 24 }`, although the author did not say what each item
//! means.

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, Error as _, IntoDeserializer, Unexpected, Visitor};
use toml::Value;
use toml::de::Error;

/// A value of TOML.
pub struct Strict(pub Value);

impl<'de> IntoDeserializer<'de, Error> for Strict {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Strict {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(all) => {
                let mut places = SeqDeserializer::new(all.into_iter().map(Strict));
                let value = visitor.visit_seq(&mut places)?;
                places.end()?;
                Ok(value)
            }
            Value::Table(all) => {
                let mut keys = MapDeserializer::new(all.into_iter().map(|(k, v)| (k, Strict(v))));
                let value = visitor.visit_map(&mut keys)?;
                keys.end()?;
                Ok(value)
            }
            plain => plain.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(_) => Err(Error::invalid_type(Unexpected::Seq, &visitor)),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Part {
        x: Option<Ends>,
        pair: Option<(f64, f64)>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Ends {
        from: f64,
        to: f64,
    }

    fn read(text: &str) -> Result<Part, String> {
        let table: toml::Table = text.parse().expect("TOML");
        Part::deserialize(Strict(Value::Table(table))).map_err(|e| e.message().to_string())
    }

    #[test]
    fn a_list_is_no_table() {
        let ends = Some(Ends { from: 0.0, to: 24.0 });
        assert_eq!(read("x = { from = 0, to = 24.0 }").unwrap().x, ends);
        assert_eq!(read("pair = [1, 2.5]").unwrap().pair, Some((1.0, 2.5)));
        let said = read("x = [0, 24]").unwrap_err();
        assert!(said.contains("invalid type: sequence, expected struct Ends"), "{said}");
        assert!(read("pair = [1, 2, 3]").is_err(), "one more than there are places");
    }
}
