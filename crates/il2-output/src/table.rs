//! Tidy tables: named columns of one kind, written as CSV and Parquet with the same content.

use crate::column::{Column, Growing, Packed, Value, Values, number_text};
use crate::parquet::ParquetStream;
use crate::spill::Spill;
use il2_engine::stop;
use std::io::{self, Write};

/// Largest number of rows of a table in memory; further rows are stored on disk. The number is
/// small because some tables are wide: the course of a patient has some sixty columns.
const MOST_IN_MEMORY: usize = 1 << 14;

/// A table of results.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// File name without extension.
    pub name: String,
    /// Columns of equal length, with the last rows if the table is long ([`Table::whole`] has all
    /// rows).
    pub columns: Vec<Column>,
    /// Labels of columns: name of the column, and what it means. Only Parquet contains them.
    pub labels: Vec<(String, String)>,
    spill: Spill,
}

impl Table {
    /// A table without rows; `text` says whether a column contains text.
    pub fn new(name: &str, columns: &[(&str, bool)]) -> Self {
        let column = |&(name, text): &(&str, bool)| Column {
            name: name.to_string(),
            values: if text { Values::Text(vec![]) } else { Values::Number(vec![]) },
        };
        let columns = columns.iter().map(column).collect();
        Self { name: name.to_string(), columns, ..Self::default() }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.spill.rows() + self.in_memory()
    }

    fn in_memory(&self) -> usize {
        self.columns.first().map_or(0, |c| c.values.len())
    }

    /// Adds a row: one value for each column, in order. A missing number may be used for missing
    /// text.
    pub fn push(&mut self, row: Vec<Value>) {
        assert_eq!(row.len(), self.columns.len(), "table {}", self.name);
        let mut spill = std::mem::take(&mut self.spill);
        // If nothing can be stored on disk, rows stay in memory.
        if self.in_memory() >= MOST_IN_MEMORY && spill.push(&self.columns).is_ok() {
            self.clear();
        }
        self.spill = spill;
        for (column, value) in self.columns.iter_mut().zip(row) {
            match (&mut column.values, value) {
                (Values::Text(all), Value::Text(v)) => all.push(v),
                (Values::Number(all), Value::Number(v)) => all.push(v),
                (_, value) => panic!("column {} cannot store {value:?}", column.name),
            }
        }
    }

    /// Groups of rows in order, each in memory; equal rows always give equal groups.
    pub fn groups(&self, take: &mut dyn FnMut(&[Column]) -> io::Result<()>) -> io::Result<()> {
        self.spill.read(&self.columns, take)?;
        take(&self.columns)
    }

    /// The columns of one of these groups; none after the last.
    pub fn group(&self, index: usize) -> Option<io::Result<Vec<Packed>>> {
        match self.spill.len() == index {
            true => Some(Ok(self.columns.iter().map(|c| Packed::of(&c.values)).collect())),
            false => self.spill.nth(index, &self.columns),
        }
    }

    /// All rows of the columns at these positions; missing and infinite numbers are NaN.
    pub fn read(&self, positions: &[usize]) -> io::Result<Vec<Packed>> {
        let of = |(place, column): (usize, &Column)| {
            positions.contains(&place).then(|| Growing::new(&column.values, self.rows()))
        };
        let mut wanted: Vec<Option<Growing>> = self.columns.iter().enumerate().map(of).collect();
        self.spill.append(&self.columns, &mut wanted)?;
        for (wanted, column) in wanted.iter_mut().zip(&self.columns) {
            if let Some(growing) = wanted {
                growing.push(&column.values);
            }
        }
        let mut read: Vec<Option<Packed>> =
            wanted.into_iter().map(|growing| growing.map(Growing::packed)).collect();
        let last = |k: usize| !positions[k + 1..].contains(&positions[k]);
        let taken = (0..positions.len()).map(|k| match last(k) {
            true => read[positions[k]].take(),
            false => read[positions[k]].clone(),
        });
        Ok(taken.map(|column| column.expect("read above")).collect())
    }

    /// The table with all its rows in memory.
    pub fn whole(self) -> io::Result<Table> {
        if self.spill.rows() == 0 {
            return Ok(self);
        }
        let columns = self.columns.iter().map(Column::emptied).collect();
        let (name, labels) = (self.name.clone(), self.labels.clone());
        let mut whole = Table { name, columns, labels, spill: Spill::default() };
        self.groups(&mut |group| {
            for (all, some) in whole.columns.iter_mut().zip(group) {
                match (&mut all.values, &some.values) {
                    (Values::Text(all), Values::Text(some)) => all.extend_from_slice(some),
                    (Values::Number(all), Values::Number(some)) => all.extend_from_slice(some),
                    _ => unreachable!("groups have the columns of their table"),
                }
            }
            Ok(())
        })?;
        Ok(whole)
    }

    /// The values of a column.
    ///
    /// # Panics
    /// If rows are on disk; use [`Table::whole`] first.
    pub fn column(&self, name: &str) -> Option<&Values> {
        assert_eq!(self.spill.rows(), 0, "rows of {} are on disk", self.name);
        self.columns.iter().find(|c| c.name == name).map(|c| &c.values)
    }

    /// The number in a column of a row, in memory or on disk; NaN if missing.
    pub fn number(&self, row: usize, column: &str) -> f64 {
        match self.value(row, column) {
            Some(Value::Number(number)) => number,
            _ => f64::NAN,
        }
    }

    /// The text in a column of a row, in memory or on disk; empty if missing.
    pub fn text(&self, row: usize, column: &str) -> String {
        match self.value(row, column) {
            Some(Value::Text(text)) => text,
            _ => String::new(),
        }
    }

    /// Rows are best read in order, since one group at a time is read from disk. A row that can no
    /// longer be read counts as missing here, and is an error when the table is written.
    fn value(&self, row: usize, column: &str) -> Option<Value> {
        let place = self.columns.iter().position(|c| c.name == column)?;
        let waiting = self.spill.rows();
        match row.checked_sub(waiting) {
            Some(row) => self.columns[place].values.get(row),
            None => {
                let (group, row) = self.spill.group_of(row, &self.columns).ok()?;
                group[place].values.get(row)
            }
        }
    }

    /// Writes CSV: a header, numbers in the shortest form that reads back to the same bits, and
    /// empty fields for missing values. A requested end stops it, as it does [`Table::write_parquet`].
    pub fn write_csv(&self, writer: impl Write) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(writer);
        let header = self.columns.iter().map(|c| c.name.as_str());
        writer.write_record(header)?;
        self.groups(&mut |group| {
            for row in 0..group.first().map_or(0, |c| c.values.len()) {
                stop::end_if_asked();
                let fields = group.iter().map(|c| match &c.values {
                    Values::Text(v) => v[row].clone(),
                    Values::Number(v) => number_text(v[row]),
                });
                writer.write_record(fields)?;
            }
            Ok(())
        })?;
        writer.flush()
    }

    /// Writes Parquet: columns of UTF-8 text and doubles, null for missing numbers, and `metadata`
    /// as keys and values; the label of a column has the key `label.` and its name.
    pub fn write_parquet(
        &self,
        writer: impl Write + Send,
        metadata: &[(&str, &str)],
    ) -> io::Result<()> {
        let label = |(name, label): &(String, String)| (format!("label.{name}"), label.clone());
        let labels: Vec<(String, String)> = self.labels.iter().map(label).collect();
        let labels = labels.iter().map(|(key, label)| (key.as_str(), label.as_str()));
        let all: Vec<(&str, &str)> = metadata.iter().copied().chain(labels).collect();
        let mut stream = ParquetStream::new(writer, &self.name, &self.columns, &all)?;
        self.groups(&mut |group| Ok(stream.push(group)?))?;
        Ok(stream.finish()?)
    }

    /// Discards the rows and keeps the columns.
    pub fn clear(&mut self) {
        for column in &mut self.columns {
            match &mut column.values {
                Values::Text(all) => all.clear(),
                Values::Number(all) => all.clear(),
            }
        }
    }
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
        let mut bytes = vec![];
        table().write_csv(&mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(text, "cell,dose_pm\n\"treg, \"\"naive\"\"\",0.1\nnk,\n");
    }

    #[test]
    fn parquet_reads_back_with_its_metadata() {
        use ::parquet::file::reader::{FileReader, SerializedFileReader};
        let mut bytes = vec![];
        let labelled =
            Table { labels: vec![("dose_pm".into(), "dose in the well".into())], ..table() };
        labelled.write_parquet(&mut bytes, &[("study", "abc")]).unwrap();
        let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).unwrap();
        let rows: Vec<String> =
            reader.get_row_iter(None).unwrap().map(|r| r.unwrap().to_string()).collect();
        assert_eq!(
            rows,
            ["{cell: \"treg, \"naive\"\", dose_pm: 0.1}", "{cell: \"nk\", dose_pm: null}"]
        );
        let pairs = reader.metadata().file_metadata().key_value_metadata().unwrap();
        for (key, value) in [("study", "abc"), ("label.dose_pm", "dose in the well")] {
            assert!(pairs.iter().any(|p| p.key == key && p.value.as_deref() == Some(value)));
        }
    }

    /// Rows on disk are written, counted and read back in order, also in a clone.
    #[test]
    fn long_tables_are_whole() {
        let mut long = table();
        long.clear();
        let rows = 2 * MOST_IN_MEMORY + 3;
        let row =
            |i: usize| -> Vec<Value> { vec![format!("n{i}").as_str().into(), (i as f64).into()] };
        (0..rows - 1).for_each(|i| long.push(row(i)));
        let mut other = long.clone();
        long.push(row(rows - 1));
        other.push(row(rows - 1));
        assert!(long.in_memory() < 10 && long.rows() == rows);
        for row in [0, MOST_IN_MEMORY - 1, MOST_IN_MEMORY, rows - 2, rows - 1, 1] {
            assert_eq!(long.number(row, "dose_pm"), row as f64);
            assert_eq!(other.text(row, "cell"), format!("n{row}"));
        }
        assert!(long.number(rows, "dose_pm").is_nan() && long.text(rows, "cell").is_empty());
        let groups: Vec<_> = (0..).map_while(|i| long.group(i)).map(Result::unwrap).collect();
        let texts = groups.iter().flat_map(|group| match group[0].clone().values() {
            Values::Text(some) => some,
            Values::Number(_) => unreachable!("a column of text"),
        });
        assert!(texts.eq((0..rows).map(|i| format!("n{i}"))) && groups.len() == 3);
        let mut written = vec![];
        long.write_csv(&mut written).unwrap();
        let text = String::from_utf8(written).unwrap();
        assert_eq!(text.lines().count(), rows + 1);
        assert!(text.lines().skip(1).enumerate().all(|(i, line)| line == format!("n{i},{i}")));
        for table in [long.whole().unwrap(), other.whole().unwrap()] {
            assert_eq!(table.rows(), rows);
            assert!((0..rows).all(|i| table.number(i, "dose_pm") == i as f64));
            assert_eq!(table.text(rows - 1, "cell"), format!("n{}", rows - 1));
        }
    }

    #[test]
    fn columns_are_read_whole_in_any_order_with_each_text_once() {
        let mut long = Table::new("long", &[("kind", true), ("a", false), ("b", false)]);
        let rows = 2 * MOST_IN_MEMORY + 3;
        let number = |i: usize| if i % 1000 == 7 { f64::INFINITY } else { i as f64 };
        let kind = |i: usize| ["first", "second", "third"][i / MOST_IN_MEMORY];
        (0..rows).for_each(|i| long.push(vec![kind(i).into(), number(i).into(), (0.5).into()]));
        let read = long.read(&[1, 0, 1]).unwrap();
        let [Packed::Number(a), Packed::Text(codes, texts), Packed::Number(again)] = &read[..]
        else {
            panic!("{read:?}")
        };
        assert_eq!((a.len(), codes.len(), again.len()), (rows, rows, rows));
        assert_eq!(texts, &["first", "second", "third"]);
        for i in 0..rows {
            assert_eq!(texts[codes[i] as usize], kind(i));
            assert!(if i % 1000 == 7 { a[i].is_nan() } else { a[i] == i as f64 });
            assert_eq!(a[i].to_bits(), again[i].to_bits());
        }
        let Packed::Number(b) = &long.read(&[2]).unwrap()[0] else { panic!("numbers") };
        assert!(b.len() == rows && b.iter().all(|v| *v == 0.5));
        assert!(long.read(&[]).unwrap().is_empty());
    }

    #[test]
    fn files_are_not_finished_when_the_end_is_asked_for() {
        use crate::folder::{Folder, MANIFEST};
        use il2_engine::stop::Stop;
        let parent = tempfile::tempdir().unwrap();
        let at = parent.path().join("out");
        let asked = || {
            let stop = Stop::default();
            stop.ask();
            stop
        };
        assert!(asked().within(|| table().write_csv(io::sink())).is_none());
        assert!(asked().within(|| table().write_parquet(io::sink(), &[])).is_none());
        let stop = Stop::default();
        let written = stop.within(|| {
            let folder = Folder::take(&at, &["t.csv".into(), MANIFEST.into()], None).unwrap();
            let mut staged = folder.stage().unwrap();
            staged.add("t.csv".into(), None, |w| table().write_csv(w)).unwrap();
            assert!(std::fs::read_dir(parent.path()).unwrap().count() > 0);
            stop.ask();
            staged.bytes(MANIFEST, b"{}").unwrap();
            staged.swap().unwrap()
        });
        assert!(written.is_none() && std::fs::read_dir(parent.path()).unwrap().count() == 0);
    }

    #[test]
    fn numbers_read_back_to_the_same_bits() {
        for v in [0.1, 1.0 / 3.0, 1e-300, 6.022e23, -0.0, 12345.678] {
            assert_eq!(number_text(v).parse::<f64>().unwrap().to_bits(), v.to_bits());
        }
    }
}
