//! Tables as Parquet, written one group of rows at a time.

use crate::column::{Column, Values};
use il2_engine::stop;
use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use std::io::Write;
use std::sync::Arc;

/// A Parquet file written in pieces, each a table, so that the whole need not fit into memory.
pub struct ParquetStream<W: Write + Send>(SerializedFileWriter<W>);

impl<W: Write + Send> ParquetStream<W> {
    /// Begins a file for a table with these columns; the rows are not written yet.
    pub fn new(
        writer: W,
        name: &str,
        columns: &[Column],
        metadata: &[(&str, &str)],
    ) -> parquet::errors::Result<Self> {
        let mut fields = vec![];
        for c in columns {
            let field = match &c.values {
                Values::Text(_) => Type::primitive_type_builder(&c.name, Physical::BYTE_ARRAY)
                    .with_logical_type(Some(LogicalType::String))
                    .with_repetition(Repetition::REQUIRED),
                Values::Number(_) => Type::primitive_type_builder(&c.name, Physical::DOUBLE)
                    .with_repetition(Repetition::OPTIONAL),
            };
            fields.push(Arc::new(field.build()?));
        }
        let schema = Type::group_type_builder(name).with_fields(fields).build()?;
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

    /// Writes rows with the same columns as one row group.
    pub fn push(&mut self, columns: &[Column]) -> parquet::errors::Result<()> {
        let mut group = self.0.next_row_group()?;
        for column in columns {
            stop::end_if_asked();
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

    /// Completes the file, which cannot be read otherwise.
    pub fn finish(self) -> parquet::errors::Result<()> {
        self.0.close().map(|_| ())
    }
}
