//! Rows of a table that is too long for memory, stored in an unnamed temporary file, which
//! disappears when the program ends for any reason. If the system's folder for temporary files
//! cannot be written, the current folder is used, and memory if that folder cannot be written
//! either.

use crate::column::{Column, Growing, Packed, Values, present};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Cursor, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, MutexGuard};

/// Storage of rows.
trait Store: Read + Write + Seek + Send + std::fmt::Debug {}

impl Store for File {}
impl Store for Cursor<Vec<u8>> {}

/// Groups of rows in a file, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spill {
    file: Option<Arc<Mutex<Box<dyn Store>>>>,
    /// Where each group begins, and its number of rows.
    groups: Vec<(u64, usize)>,
    /// The group that was read last.
    last: Arc<Mutex<Option<Group>>>,
}

/// A group, identified by where it begins, because clones share the file but not the list of
/// groups.
#[derive(Debug)]
struct Group {
    begin: u64,
    columns: Arc<Vec<Column>>,
}

impl Spill {
    /// Number of stored rows.
    pub fn rows(&self) -> usize {
        self.groups.iter().map(|(_, rows)| rows).sum()
    }

    /// Appends the rows of a table's columns.
    pub fn push(&mut self, columns: &[Column]) -> io::Result<()> {
        if self.file.is_none() {
            let file = tempfile::tempfile().or_else(|_| tempfile::tempfile_in("."));
            let store: Box<dyn Store> = match file {
                Ok(file) => Box::new(file),
                Err(_) => Box::new(Cursor::new(vec![])),
            };
            self.file = Some(Arc::new(Mutex::new(store)));
        }
        let mut file = locked(&self.file);
        let begin = file.seek(SeekFrom::End(0))?;
        let mut writer = BufWriter::new(&mut *file);
        for column in columns {
            match Packed::of(&column.values) {
                Packed::Number(all) => {
                    all.iter().try_for_each(|v| writer.write_all(&v.to_le_bytes()))?;
                }
                Packed::Text(codes, texts) => {
                    codes.iter().try_for_each(|code| writer.write_all(&code.to_le_bytes()))?;
                    writer.write_all(&(texts.len() as u64).to_le_bytes())?;
                    texts.iter().try_for_each(|text| {
                        writer.write_all(&(text.len() as u64).to_le_bytes())?;
                        writer.write_all(text.as_bytes())
                    })?;
                }
            }
        }
        writer.flush()?;
        drop(writer);
        drop(file);
        self.groups.push((begin, columns.first().map_or(0, |c| c.values.len())));
        Ok(())
    }

    /// Reads group by group into columns of the same kind as `like`.
    pub fn read(
        &self,
        like: &[Column],
        take: &mut dyn FnMut(&[Column]) -> io::Result<()>,
    ) -> io::Result<()> {
        self.groups.iter().try_for_each(|&group| take(&self.group(group, like)?))
    }

    /// A group by its index; none after the last.
    pub fn nth(&self, index: usize, like: &[Column]) -> Option<io::Result<Vec<Packed>>> {
        self.groups.get(index).map(|&group| self.packed(group, like))
    }

    /// Appends the values of all groups to the columns that are wanted, of columns of the same kind as
    /// `like`. One pass over the file, with one copy of every number.
    pub fn append(&self, like: &[Column], wanted: &mut [Option<Growing>]) -> io::Result<()> {
        if self.file.is_none() {
            return Ok(());
        }
        let mut file = locked(&self.file);
        let mut reader = BufReader::new(&mut *file);
        for &(begin, rows) in &self.groups {
            reader.seek(SeekFrom::Start(begin))?;
            for (column, wanted) in like.iter().zip(&mut *wanted) {
                match (&column.values, wanted) {
                    (Values::Number(_), Some(Growing::Number(all))) => {
                        chunks(&mut reader, rows, |some| {
                            all.extend(
                                some.iter().map(|bytes| present(f64::from_le_bytes(*bytes))),
                            );
                        })?;
                    }
                    (Values::Number(_), _) => reader.seek_relative(8 * rows as i64)?,
                    (Values::Text(_), wanted) => {
                        let (codes, texts) = coded(&mut reader, rows)?;
                        if let Some(growing) = wanted {
                            growing.push_texts(&codes, &texts);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Number of groups.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// The group of a row, and the index of the row in it.
    pub fn group_of(&self, row: usize, like: &[Column]) -> io::Result<(Arc<Vec<Column>>, usize)> {
        let mut first = 0;
        let holds = |&&(_, rows): &&(u64, usize)| {
            first += rows;
            row < first
        };
        let Some(&(begin, rows)) = self.groups.iter().find(holds) else {
            return Err(io::Error::from(io::ErrorKind::NotFound));
        };
        let mut last = self.last.lock().expect("a thread that panics ends the run");
        let columns = match &*last {
            Some(known) if known.begin == begin => known.columns.clone(),
            _ => Arc::new(self.group((begin, rows), like)?),
        };
        *last = Some(Group { begin, columns: columns.clone() });
        Ok((columns, row + rows - first))
    }

    fn group(&self, group: (u64, usize), like: &[Column]) -> io::Result<Vec<Column>> {
        let columns = like.iter().zip(self.packed(group, like)?);
        let column = |(c, values): (&Column, Packed)| (c.name.clone(), values.values());
        Ok(columns.map(column).map(|(name, values)| Column { name, values }).collect())
    }

    fn packed(&self, (begin, rows): (u64, usize), like: &[Column]) -> io::Result<Vec<Packed>> {
        let mut file = locked(&self.file);
        file.seek(SeekFrom::Start(begin))?;
        let mut reader = BufReader::new(&mut *file);
        let column = |column: &Column| match &column.values {
            Values::Number(_) => Ok(Packed::Number(all(&mut reader, rows, f64::from_le_bytes)?)),
            Values::Text(_) => {
                let (codes, texts) = coded(&mut reader, rows)?;
                Ok(Packed::Text(codes, texts))
            }
        };
        like.iter().map(column).collect()
    }
}

/// Texts of a group: for each row, the index of its text; then the distinct texts.
fn coded(reader: &mut impl Read, rows: usize) -> io::Result<(Vec<u32>, Vec<String>)> {
    let codes = all(reader, rows, u32::from_le_bytes)?;
    let count = eight(reader)?;
    let text = |_| {
        let mut bytes = vec![0; eight(reader)? as usize];
        reader.read_exact(&mut bytes)?;
        String::from_utf8(bytes).map_err(io::Error::other)
    };
    Ok((codes, (0..count).map(text).collect::<io::Result<_>>()?))
}

/// A given number of values of fixed size.
fn all<const N: usize, T>(
    reader: &mut impl Read,
    count: usize,
    of: impl Fn([u8; N]) -> T,
) -> io::Result<Vec<T>> {
    let mut values = Vec::with_capacity(count);
    chunks(reader, count, |some| values.extend(some.iter().copied().map(&of)))?;
    Ok(values)
}

/// The same in parts that fit into the cache.
fn chunks<const N: usize>(
    reader: &mut impl Read,
    count: usize,
    mut take: impl FnMut(&[[u8; N]]),
) -> io::Result<()> {
    let mut bytes = [0; 1 << 16];
    let mut left = N * count;
    while left > 0 {
        let part = &mut bytes[..left.min(1 << 16)];
        reader.read_exact(part)?;
        take(part.as_chunks().0);
        left -= part.len();
    }
    Ok(())
}

fn eight(reader: &mut impl Read) -> io::Result<u64> {
    let mut bytes = [0; 8];
    reader.read_exact(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

fn locked(file: &Option<Arc<Mutex<Box<dyn Store>>>>) -> MutexGuard<'_, Box<dyn Store>> {
    let file = file.as_ref().expect("groups have a file");
    file.lock().expect("a thread that panics ends the run")
}
