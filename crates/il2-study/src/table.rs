//! Tidy tables: named columns of one kind, written as CSV and Parquet with the same content.

use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use std::io::Write;
use std::sync::Arc;

/// A table of results.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// File name without ending.
    pub name: String,
    /// All of one length.
    pub columns: Vec<Column>,
}

/// One column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Name, with the unit behind it.
    pub name: String,
    /// Its values.
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

/// One value of a row.
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

impl Table {
    /// A table without rows; a column holds text where `text` says so.
    pub fn new(name: &str, columns: &[(&str, bool)]) -> Self {
        let column = |&(name, text): &(&str, bool)| Column {
            name: name.to_string(),
            values: if text { Values::Text(vec![]) } else { Values::Number(vec![]) },
        };
        Self { name: name.to_string(), columns: columns.iter().map(column).collect() }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |c| match &c.values {
            Values::Text(v) => v.len(),
            Values::Number(v) => v.len(),
        })
    }

    /// Adds a row; one value a column, in order. A missing number may stand for missing text.
    pub fn push(&mut self, row: Vec<Value>) {
        assert_eq!(row.len(), self.columns.len(), "table {}", self.name);
        for (column, value) in self.columns.iter_mut().zip(row) {
            match (&mut column.values, value) {
                (Values::Text(all), Value::Text(v)) => all.push(v),
                (Values::Number(all), Value::Number(v)) => all.push(v),
                (_, value) => panic!("column {} does not hold {value:?}", column.name),
            }
        }
    }

    /// The values of a column.
    pub fn column(&self, name: &str) -> Option<&Values> {
        self.columns.iter().find(|c| c.name == name).map(|c| &c.values)
    }

    /// A number of a row; NaN if missing or not there.
    pub fn number(&self, row: usize, column: &str) -> f64 {
        match self.column(column) {
            Some(Values::Number(all)) => all.get(row).copied().unwrap_or(f64::NAN),
            _ => f64::NAN,
        }
    }

    /// A text of a row; empty if not there.
    pub fn text(&self, row: usize, column: &str) -> &str {
        match self.column(column) {
            Some(Values::Text(all)) => all.get(row).map_or("", String::as_str),
            _ => "",
        }
    }

    /// As CSV: a header, numbers in the shortest form that reads back to the same bits, missing
    /// values empty.
    pub fn csv(&self) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(vec![]);
        let header = self.columns.iter().map(|c| c.name.as_str());
        writer.write_record(header).expect("memory");
        for row in 0..self.rows() {
            let fields = self.columns.iter().map(|c| match &c.values {
                Values::Text(v) => v[row].clone(),
                Values::Number(v) => number_text(v[row]),
            });
            writer.write_record(fields).expect("memory");
        }
        writer.into_inner().expect("memory")
    }

    /// As Parquet: columns of UTF-8 and doubles, missing numbers null, `metadata` as key and value.
    pub fn parquet(&self, metadata: &[(&str, &str)]) -> Vec<u8> {
        let mut buffer = vec![];
        let mut write = || -> parquet::errors::Result<()> {
            let mut stream = ParquetStream::new(&mut buffer, self, metadata)?;
            stream.push(self)?;
            stream.finish()
        };
        write().expect("a parquet file in memory cannot fail");
        buffer
    }

    /// Forgets the rows, keeps the columns.
    pub fn clear(&mut self) {
        for column in &mut self.columns {
            match &mut column.values {
                Values::Text(all) => all.clear(),
                Values::Number(all) => all.clear(),
            }
        }
    }
}

/// A Parquet file written a table at a time, so that what is written need not fit into memory.
pub struct ParquetStream<W: Write + Send>(SerializedFileWriter<W>);

impl<W: Write + Send> ParquetStream<W> {
    /// Begins a file with the columns of a table, whose rows are not written yet.
    pub fn new(
        writer: W,
        columns: &Table,
        metadata: &[(&str, &str)],
    ) -> parquet::errors::Result<Self> {
        let mut fields = vec![];
        for c in &columns.columns {
            let field = match &c.values {
                Values::Text(_) => Type::primitive_type_builder(&c.name, Physical::BYTE_ARRAY)
                    .with_logical_type(Some(LogicalType::String))
                    .with_repetition(Repetition::REQUIRED),
                Values::Number(_) => Type::primitive_type_builder(&c.name, Physical::DOUBLE)
                    .with_repetition(Repetition::OPTIONAL),
            };
            fields.push(Arc::new(field.build()?));
        }
        let schema = Type::group_type_builder(&columns.name).with_fields(fields).build()?;
        let pairs = metadata
            .iter()
            .map(|(k, v)| KeyValue::new((*k).to_string(), (*v).to_string()))
            .collect();
        let properties = WriterProperties::builder()
            .set_key_value_metadata(Some(pairs))
            .set_created_by(format!("il2 {}", env!("CARGO_PKG_VERSION")))
            .build();
        SerializedFileWriter::new(writer, Arc::new(schema), Arc::new(properties)).map(Self)
    }

    /// Writes the rows of a table with the same columns, as one row group.
    pub fn push(&mut self, table: &Table) -> parquet::errors::Result<()> {
        let mut group = self.0.next_row_group()?;
        for column in &table.columns {
            let mut writer = group.next_column()?.expect("one writer a column");
            match &column.values {
                Values::Text(all) => {
                    let all: Vec<ByteArray> = all.iter().map(|t| t.as_str().into()).collect();
                    writer.typed::<ByteArrayType>().write_batch(&all, None, None)?;
                }
                Values::Number(all) => {
                    let there: Vec<f64> = all.iter().copied().filter(|v| v.is_finite()).collect();
                    let levels: Vec<i16> = all.iter().map(|v| i16::from(v.is_finite())).collect();
                    writer.typed::<DoubleType>().write_batch(&there, Some(&levels), None)?;
                }
            }
            writer.close()?;
        }
        group.close()?;
        Ok(())
    }

    /// Ends the file; without this it cannot be read.
    pub fn finish(self) -> parquet::errors::Result<()> {
        self.0.close().map(|_| ())
    }
}

/// Shortest text that reads back to the same number; empty for a missing one.
pub fn number_text(value: f64) -> String {
    if !value.is_finite() {
        return String::new();
    }
    let plain = value == 0.0 || (1e-4..1e15).contains(&value.abs());
    if plain { format!("{value}") } else { format!("{value:e}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut t = Table::new("t", &[("cell", true), ("dose_pm", false)]);
        t.push(vec!["treg, \"naive\"".into(), 0.1.into()]);
        t.push(vec!["nk".into(), f64::NAN.into()]);
        t
    }

    #[test]
    fn csv_quotes_text_and_leaves_missing_values_empty() {
        let text = String::from_utf8(table().csv()).unwrap();
        assert_eq!(text, "cell,dose_pm\n\"treg, \"\"naive\"\"\",0.1\nnk,\n");
    }

    #[test]
    fn parquet_reads_back_with_its_metadata() {
        use parquet::file::reader::{FileReader, SerializedFileReader};
        let bytes = table().parquet(&[("study", "abc")]);
        let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).unwrap();
        let rows: Vec<String> =
            reader.get_row_iter(None).unwrap().map(|r| r.unwrap().to_string()).collect();
        assert_eq!(
            rows,
            ["{cell: \"treg, \"naive\"\", dose_pm: 0.1}", "{cell: \"nk\", dose_pm: null}"]
        );
        let pairs = reader.metadata().file_metadata().key_value_metadata().unwrap();
        assert!(pairs.iter().any(|p| p.key == "study" && p.value.as_deref() == Some("abc")));
    }

    #[test]
    fn numbers_read_back_to_the_same_bits() {
        for v in [0.1, 1.0 / 3.0, 1e-300, 6.022e23, -0.0, 12345.678] {
            assert_eq!(number_text(v).parse::<f64>().unwrap().to_bits(), v.to_bits());
        }
    }
}
