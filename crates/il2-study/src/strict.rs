//! Reads TOML without accepting a list in place of a table. serde would fill the keys of a table
//! with the items of a list in their order (`[0, 24]` for `{ from = 0, to = 24 }`), although the
//! author did not say what each item means.

use serde::de::value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, Error as _, IntoDeserializer, Unexpected, Visitor};
use toml::de::Error;
use toml::{Table, Value};

/// A value of TOML.
pub struct Strict(pub Value);

impl<'de> IntoDeserializer<'de, Error> for Strict {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl Strict {
    /// Reads a list.
    fn list<'de, V: Visitor<'de>>(all: Vec<Value>, visitor: V) -> Result<V::Value, Error> {
        let mut places = SeqDeserializer::new(all.into_iter().map(Strict));
        let value = visitor.visit_seq(&mut places)?;
        places.end()?;
        Ok(value)
    }

    /// Reads a table.
    fn table<'de, V: Visitor<'de>>(all: Table, visitor: V) -> Result<V::Value, Error> {
        let mut keys = MapDeserializer::new(all.into_iter().map(|(k, v)| (k, Strict(v))));
        let value = visitor.visit_map(&mut keys)?;
        keys.end()?;
        Ok(value)
    }

    /// Reads a value that is neither a list nor a table.
    fn plain<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::String(text) => visitor.visit_string(text),
            Value::Integer(number) => visitor.visit_i64(number),
            Value::Float(number) => visitor.visit_f64(number),
            Value::Boolean(value) => visitor.visit_bool(value),
            Value::Array(_) => Err(Error::invalid_type(Unexpected::Seq, &visitor)),
            Value::Table(_) => Err(Error::invalid_type(Unexpected::Map, &visitor)),
            // Text, so that an error shows the date.
            Value::Datetime(date) => visitor.visit_string(date.to_string()),
        }
    }
}

/// Methods that read a value that is neither a list nor a table.
macro_rules! plain {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.plain(visitor)
        }
    )*};
}

/// Each method reads only what its type can be. Were `deserialize_any` to serve for all types, as it
/// could, the code of every struct would be compiled for lists too, which took half of the time of
/// compiling this crate.
impl<'de> Deserializer<'de> for Strict {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(all) => Self::list(all, visitor),
            Value::Table(all) => Self::table(all, visitor),
            _ => self.plain(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Table(all) => Self::table(all, visitor),
            _ => self.plain(visitor),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(all) => Self::list(all, visitor),
            _ => self.plain(visitor),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
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

    /// The name of a variant, or a table with one key, which is the name.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Value::String(name) => visitor.visit_enum(name.into_deserializer()),
            Value::Table(all) => {
                let keys = MapDeserializer::new(all.into_iter().map(|(k, v)| (k, Strict(v))));
                visitor.visit_enum(MapAccessDeserializer::new(keys))
            }
            _ => self.plain(visitor),
        }
    }

    plain! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_i128 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_u128 deserialize_f32 deserialize_f64 deserialize_char deserialize_str
        deserialize_string deserialize_bytes deserialize_byte_buf deserialize_unit
    }

    serde::forward_to_deserialize_any! { unit_struct identifier ignored_any }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use std::collections::BTreeMap;

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
        assert!(read("x = 1979-05-27").is_err());
    }

    #[test]
    fn every_value_of_toml_is_read_and_dates_as_text() {
        let text =
            "a = 1\nb = -2.5\nc = true\nd = \"x\"\nf = [1, \"y\"]\n[g.h]\ni = \"12:30:00\"\n";
        let table: Table = text.parse().expect("TOML");
        let read =
            |table: Table| Table::deserialize(Strict(Value::Table(table))).expect("any value");
        assert_eq!(read(table.clone()), table);
        let dated: Table = text.replace("\"12:30:00\"", "12:30:00").parse().expect("TOML");
        assert_eq!(read(dated), table);
    }

    #[test]
    fn variants_are_names_or_tables_of_one_key() {
        #[derive(Debug, Deserialize, PartialEq)]
        #[serde(rename_all = "lowercase")]
        enum Route {
            Bolus,
            Infusion(f64),
        }
        let text = "a = \"bolus\"\nb = { infusion = 15.0 }\n";
        let table: Table = text.parse().expect("TOML");
        let read: BTreeMap<String, Route> =
            BTreeMap::deserialize(Strict(Value::Table(table))).expect("two routes");
        assert_eq!(read["a"], Route::Bolus);
        assert_eq!(read["b"], Route::Infusion(15.0));
    }
}
