//! A table of an answer. Numbers and text are exported either in one pass, as memory that NumPy
//! reads without copying, or group by group through Arrow's C interface.

use crate::error::exception;
use crate::kind::{self, Kind, whole_numbers};
use crate::run::{Ran, in_the_background};
use crate::unit;
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{
    ArrayRef, Float64Array, Int64Array, RecordBatch, RecordBatchReader, StringArray,
};
use arrow_buffer::{NullBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use il2_output::column::{Column, Packed, Values};
use il2_study::StudyError;
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// A table of an answer, with shared ownership of the answer.
#[pyclass(frozen, module = "il2._il2")]
pub struct Table {
    ran: Arc<Ran>,
    /// Index of the assay, and of the table in it.
    at: (usize, usize),
    /// Found when they are first needed, because columns are read for it.
    kinds: OnceLock<Vec<Kind>>,
}

/// Values of a column, and its texts if it has text.
type Whole = (Buffer, Option<Vec<String>>);

/// Values of a column that NumPy reads where they are; its array keeps them alive, and no other has
/// them.
#[pyclass(frozen, module = "il2._il2")]
pub enum Buffer {
    /// Numbers.
    Numbers(Vec<f64>),
    /// Whole numbers, none of which is missing.
    Whole(Vec<i64>),
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
            Buffer::Whole(all) => (all.as_ptr() as usize, "i8", all.len()),
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
        Self { ran, at, kinds: OnceLock::new() }
    }

    fn table(&self) -> &il2_output::table::Table {
        &self.ran.results[self.at.0].1.tables[self.at.1]
    }

    fn kinds(&self) -> PyResult<&[Kind]> {
        if let Some(known) = self.kinds.get() {
            return Ok(known);
        }
        let found = kind::kinds(self.table()).map_err(lost)?;
        Ok(self.kinds.get_or_init(|| found))
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
    fn columns(&self) -> Vec<(&str, Option<String>, bool)> {
        let of = |column: &'_ Column| matches!(column.values, Values::Number(_));
        let all = self.table().columns.iter();
        all.map(|c| (c.name.as_str(), unit::of(&c.name).filter(|_| of(c)), of(c))).collect()
    }

    /// Names of the columns of whole numbers.
    #[getter]
    fn whole(&self) -> PyResult<Vec<&str>> {
        let all = self.table().columns.iter().zip(self.kinds()?);
        Ok(all.filter(|(_, kind)| **kind == Kind::Whole).map(|(c, _)| c.name.as_str()).collect())
    }

    /// All rows of the columns at these positions: numbers, whole numbers (as numbers if some are
    /// missing), or indices into a list of different texts.
    fn read(&self, py: Python<'_>, positions: Vec<usize>) -> PyResult<Vec<Whole>> {
        let read = py.detach(|| self.table().read(&positions)).map_err(lost)?;
        let kinds = self.kinds()?;
        let whole = |(column, place): (Packed, usize)| match column {
            column if kinds[place] == Kind::Whole => {
                let all = whole_numbers(&column);
                let number = |v: &Option<i64>| v.map_or(f64::NAN, |v| v as f64);
                let numbers = || Buffer::Numbers(all.iter().map(number).collect());
                let whole = all.iter().copied().collect::<Option<Vec<i64>>>();
                (whole.map_or_else(numbers, Buffer::Whole), None)
            }
            Packed::Number(all) => (Buffer::Numbers(all), None),
            Packed::Text(codes, texts) => (Buffer::Codes(codes), Some(texts)),
        };
        Ok(read.into_iter().zip(positions).map(whole).collect())
    }

    /// The first rows.
    fn head(&self, py: Python<'_>, most: usize) -> PyResult<Vec<Vec<Py<PyAny>>>> {
        let Some(group) = self.table().group(0) else { return Ok(vec![]) };
        let group = group.map_err(lost)?;
        let kinds = self.kinds()?;
        let rows = most.min(self.table().rows());
        let cells = |(column, kind): (&Packed, &Kind)| -> PyResult<Vec<Py<PyAny>>> {
            match (kind, column) {
                (Kind::Whole, column) => {
                    whole_numbers(column).iter().take(rows).map(|v| v.into_py_any(py)).collect()
                }
                (_, Packed::Number(all)) => {
                    let one = |v: &f64| v.is_finite().then_some(*v).into_py_any(py);
                    all.iter().take(rows).map(one).collect()
                }
                (_, Packed::Text(codes, texts)) => {
                    let text = |code: &u32| Some(&texts[*code as usize]).filter(|t| !t.is_empty());
                    codes.iter().take(rows).map(|code| text(code).into_py_any(py)).collect()
                }
            }
        };
        let columns: Vec<Vec<Py<PyAny>>> =
            group.iter().zip(kinds).map(cells).collect::<PyResult<_>>()?;
        let row = |row: usize| columns.iter().map(|column| column[row].clone_ref(py)).collect();
        Ok((0..rows.min(columns.first().map_or(0, Vec::len))).map(row).collect())
    }

    /// The table as CSV, identical to the bytes that a run writes.
    fn csv(&self, py: Python<'_>) -> PyResult<String> {
        let (ran, at) = (self.ran.clone(), self.at);
        let work = move || {
            let mut bytes = vec![];
            let table = &ran.results[at.0].1.tables[at.1];
            let written = table.write_csv(&mut bytes);
            written.map_err(|e| StudyError::at("", unreadable(&e)))?;
            Ok(String::from_utf8(bytes).expect("text and numbers"))
        };
        in_the_background(py, work, &|| Ok(()))?.map_err(|error| exception(py, &error))
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
        let field = |(c, kind): (&Column, &Kind)| {
            let kind = match kind {
                Kind::Number => DataType::Float64,
                Kind::Whole => DataType::Int64,
                Kind::Text => DataType::Utf8,
            };
            let unit = unit::of(&c.name).filter(|_| kind == DataType::Float64);
            let said = unit.map(|unit| ("unit".to_string(), unit));
            Field::new(&c.name, kind, true)
                .with_metadata(said.into_iter().collect::<HashMap<_, _>>())
        };
        let kinds = self.kinds()?.to_vec();
        let fields: Vec<Field> = self.table().columns.iter().zip(&kinds).map(field).collect();
        let schema = Arc::new(Schema::new(fields));
        let groups = Groups { ran: self.ran.clone(), at: self.at, next: 0, kinds, schema };
        let stream = FFI_ArrowArrayStream::new(Box::new(groups));
        PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
    }
}

fn unreadable(error: &std::io::Error) -> String {
    format!("rows of a table on the disk cannot be read back ({error})")
}

fn lost(error: std::io::Error) -> PyErr {
    PyOSError::new_err(unreadable(&error))
}

/// A table group by group.
struct Groups {
    ran: Arc<Ran>,
    at: (usize, usize),
    next: usize,
    kinds: Vec<Kind>,
    schema: SchemaRef,
}

impl Iterator for Groups {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let table = &self.ran.results[self.at.0].1.tables[self.at.1];
        let group = table.group(self.next)?;
        self.next += 1;
        Some(group.map_err(ArrowError::from).and_then(|columns| {
            let arrays = columns.into_iter().zip(&self.kinds).map(array).collect();
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
fn array((column, kind): (Packed, &Kind)) -> ArrayRef {
    match column {
        column if *kind == Kind::Whole => Arc::new(Int64Array::from(whole_numbers(&column))),
        Packed::Text(codes, texts) => {
            let text = |code: u32| Some(texts[code as usize].as_str()).filter(|t| !t.is_empty());
            Arc::new(codes.into_iter().map(text).collect::<StringArray>())
        }
        Packed::Number(all) => {
            let missing = all.iter().any(|v| !v.is_finite());
            let there = missing.then(|| all.iter().map(|v| v.is_finite()).collect::<NullBuffer>());
            Arc::new(Float64Array::new(ScalarBuffer::from(all), there))
        }
    }
}
