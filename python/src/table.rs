//! A table of an answer. Numbers and text are exported either in one pass, as memory that NumPy
//! reads without copying, or group by group through Arrow's C interface.

use crate::run::Ran;
use crate::unit;
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{ArrayRef, Float64Array, RecordBatch, RecordBatchReader, StringArray};
use arrow_buffer::{NullBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use il2_output::column::{Column, Packed, Values};
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};
use std::collections::HashMap;
use std::sync::Arc;

/// A table of an answer, with shared ownership of the answer.
#[pyclass(frozen, module = "il2._il2")]
pub struct Table {
    ran: Arc<Ran>,
    /// Index of the assay, and of the table in it.
    at: (usize, usize),
}

/// Values of a column, and its texts if it has text.
type Whole = (Buffer, Option<Vec<String>>);

/// Values of a column that NumPy reads where they are; its array keeps them alive, and no other has
/// them.
#[pyclass(frozen, module = "il2._il2")]
pub enum Buffer {
    /// Numbers.
    Numbers(Vec<f64>),
    /// Indices of texts.
    Codes(Vec<u32>),
}

#[pymethods]
impl Buffer {
    /// NumPy's interface of arrays, version 3: address, type and length.
    #[getter]
    fn __array_interface__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let order = if cfg!(target_endian = "little") { '<' } else { '>' };
        let (address, kind, count) = match self {
            Buffer::Numbers(all) => (all.as_ptr() as usize, "f8", all.len()),
            Buffer::Codes(all) => (all.as_ptr() as usize, "i4", all.len()),
        };
        let said = PyDict::new(py);
        said.set_item("version", 3)?;
        said.set_item("shape", (count,))?;
        said.set_item("typestr", format!("{order}{kind}"))?;
        said.set_item("data", (address, false))?;
        Ok(said)
    }
}

impl Table {
    pub fn new(ran: Arc<Ran>, at: (usize, usize)) -> Self {
        Self { ran, at }
    }

    fn table(&self) -> &il2_output::table::Table {
        &self.ran.results[self.at.0].1.tables[self.at.1]
    }
}

#[pymethods]
impl Table {
    /// Name of its file, without ending.
    #[getter]
    fn name(&self) -> &str {
        &self.table().name
    }

    #[getter]
    fn rows(&self) -> usize {
        self.table().rows()
    }

    /// Name of every column, its unit if it has one, and whether it contains numbers.
    #[getter]
    fn columns(&self) -> Vec<(&str, Option<&'static str>, bool)> {
        let of = |column: &'_ Column| matches!(column.values, Values::Number(_));
        let all = self.table().columns.iter();
        all.map(|c| (c.name.as_str(), unit::of(&c.name).filter(|_| of(c)), of(c))).collect()
    }

    /// All rows of the columns at these positions: numbers, or indices into a list of different
    /// texts.
    fn read(&self, py: Python<'_>, positions: Vec<usize>) -> PyResult<Vec<Whole>> {
        let read = py.detach(|| self.table().read(&positions)).map_err(lost)?;
        let whole = |column: Packed| match column {
            Packed::Number(all) => (Buffer::Numbers(all), None),
            Packed::Text(codes, texts) => (Buffer::Codes(codes), Some(texts)),
        };
        Ok(read.into_iter().map(whole).collect())
    }

    /// The first rows.
    fn head(&self, py: Python<'_>, most: usize) -> PyResult<Vec<Vec<Py<PyAny>>>> {
        let Some(group) = self.table().group(0) else { return Ok(vec![]) };
        let group = group.map_err(lost)?;
        let cell = |column: &Packed, row: usize| match column {
            Packed::Number(all) => all[row].is_finite().then_some(all[row]).into_py_any(py),
            Packed::Text(codes, texts) => texts[codes[row] as usize].as_str().into_py_any(py),
        };
        let rows = most.min(self.table().rows());
        let row = |row| group.iter().map(|column| cell(column, row)).collect();
        (0..rows).map(row).collect()
    }

    /// The table as CSV, identical to the bytes that a run writes.
    fn csv(&self) -> PyResult<String> {
        let mut bytes = vec![];
        self.table().write_csv(&mut bytes).map_err(lost)?;
        Ok(String::from_utf8(bytes).expect("text and numbers"))
    }

    /// A stream of Arrow's C interface: one group of rows at a time, with missing numbers as null.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // The interface leaves conversion to other types to the consumer.
        let _ = requested_schema;
        let field = |c: &Column| {
            let kind = match c.values {
                Values::Number(_) => DataType::Float64,
                Values::Text(_) => DataType::Utf8,
            };
            let unit = unit::of(&c.name).filter(|_| kind == DataType::Float64);
            let said = unit.map(|unit| ("unit".to_string(), unit.to_string()));
            let missing = kind == DataType::Float64;
            Field::new(&c.name, kind, missing)
                .with_metadata(said.into_iter().collect::<HashMap<_, _>>())
        };
        let fields: Vec<Field> = self.table().columns.iter().map(field).collect();
        let schema = Arc::new(Schema::new(fields));
        let groups = Groups { ran: self.ran.clone(), at: self.at, next: 0, schema };
        let stream = FFI_ArrowArrayStream::new(Box::new(groups));
        PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
    }
}

fn lost(error: std::io::Error) -> PyErr {
    PyOSError::new_err(format!("rows of a table on the disk cannot be read back ({error})"))
}

/// A table group by group.
struct Groups {
    ran: Arc<Ran>,
    at: (usize, usize),
    next: usize,
    schema: SchemaRef,
}

impl Iterator for Groups {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let table = &self.ran.results[self.at.0].1.tables[self.at.1];
        let group = table.group(self.next)?;
        self.next += 1;
        Some(group.map_err(ArrowError::from).and_then(|columns| {
            let arrays = columns.into_iter().map(array).collect();
            RecordBatch::try_new(self.schema.clone(), arrays)
        }))
    }
}

impl RecordBatchReader for Groups {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

/// Numbers are passed on without copying.
fn array(column: Packed) -> ArrayRef {
    match column {
        Packed::Text(codes, texts) => {
            let each = codes.into_iter().map(|code| texts[code as usize].as_str());
            Arc::new(StringArray::from_iter_values(each))
        }
        Packed::Number(all) => {
            let missing = all.iter().any(|v| !v.is_finite());
            let there = missing.then(|| all.iter().map(|v| v.is_finite()).collect::<NullBuffer>());
            Arc::new(Float64Array::new(ScalarBuffer::from(all), there))
        }
    }
}
