//! Reads the number that is specified by rows and a column of a table.

use il2::quantity::Quantity;
use il2_answer::published::{Place, Reduce};
use il2_engine::{Dimension, math};
use il2_output::column::Values;
use il2_output::table::Table;

/// Place of a number, and how several rows are summarised.
pub struct Wanted<'a> {
    /// Rows of the table.
    pub at: &'a Place,
    /// Column of the number.
    pub column: &'a str,
    /// How several rows are summarised.
    pub reduce: Option<Reduce>,
    /// First and last time of the rows (min).
    pub between: Option<[f64; 2]>,
}

/// Rows that match, in the order of the table; an error if a column does not exist.
pub fn matching(table: &Table, wanted: &Wanted) -> Result<Vec<usize>, String> {
    let mut rows: Vec<usize> = (0..table.rows()).collect();
    for (name, value) in wanted.at {
        match table.column(name) {
            None => {
                let known: Vec<&str> = table.columns.iter().map(|c| c.name.as_str()).collect();
                return Err(format!(
                    "table {} has no column {name}; its columns are {}",
                    table.name,
                    known.join(", ")
                ));
            }
            Some(Values::Text(all)) => {
                let value = value.as_str().unwrap_or_default();
                rows.retain(|&r| all[r] == value);
            }
            Some(Values::Number(all)) => {
                let value = value.as_float().or_else(|| value.as_integer().map(|i| i as f64));
                let value =
                    value.ok_or(format!("{name} contains numbers; compare it with a number"))?;
                rows.retain(|&r| same(all[r], value));
            }
        }
    }
    if let Some([from, to]) = wanted.between {
        let (column, minutes) = time_column(table, "between")?;
        rows.retain(|&r| {
            let time = minutes * table.number(r, column);
            (time > from || same(time, from)) && (time < to || same(time, to))
        });
    }
    Ok(rows)
}

/// Times are stored in days and written in hours, so their last digits differ.
fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * b.abs()
}

/// The number at a place in a table; times are in minutes, areas in the unit of the column times
/// minutes.
pub fn number(table: &Table, wanted: &Wanted) -> Result<f64, String> {
    let rows = matching(table, wanted)?;
    let column = wanted.column;
    if !matches!(table.column(column), Some(Values::Number(_))) {
        let numbers = table.columns.iter().filter(|c| matches!(c.values, Values::Number(_)));
        let known: Vec<&str> = numbers.map(|c| c.name.as_str()).collect();
        return Err(format!(
            "table {} has no column of numbers named {column}; it has {}",
            table.name,
            known.join(", ")
        ));
    }
    let value = |row: usize| table.number(row, column);
    let Some(reduce) = wanted.reduce else {
        return match rows.as_slice() {
            [row] => Ok(value(*row)),
            _ => Err(format!(
                "{} rows of table {} match {:?}; exactly one is needed: change `at`, or give a \
                 `reduce`",
                rows.len(),
                table.name,
                wanted.at
            )),
        };
    };
    let most = |sign: f64| {
        rows.iter().copied().max_by(|&a, &b| (sign * value(a)).total_cmp(&(sign * value(b))))
    };
    let (Some(highest), Some(lowest)) = (most(1.0), most(-1.0)) else {
        return Err(format!(
            "no row of table {} matches {:?}; change `at` or `between`",
            table.name, wanted.at
        ));
    };
    let sorted = || {
        let mut all: Vec<f64> = rows.iter().map(|&r| value(r)).filter(|v| !v.is_nan()).collect();
        all.sort_by(f64::total_cmp);
        all
    };
    Ok(match reduce {
        Reduce::Max => value(highest),
        Reduce::Min => value(lowest),
        Reduce::Last => {
            let course = course(table, &rows, column, "last")?;
            course.last().map_or(f64::NAN, |&(_, v)| v)
        }
        Reduce::TimeOfMax => {
            let (time, minutes) = time_column(table, "time_of_max")?;
            minutes * table.number(highest, time)
        }
        Reduce::HalfLife => {
            let course = course(table, &rows, column, "half_life")?;
            let [(from, first), .., (to, last)] = course[..] else {
                return Err("half_life needs at least two rows; widen `between`".into());
            };
            (to - from) * std::f64::consts::LN_2 / math::ln(first / last)
        }
        Reduce::Area => {
            let course = course(table, &rows, column, "area")?;
            course.windows(2).map(|w| 0.5 * (w[1].0 - w[0].0) * (w[0].1 + w[1].1)).sum()
        }
        Reduce::Median => {
            let all = sorted();
            match all.len() {
                0 => f64::NAN,
                n => 0.5 * (all[(n - 1) / 2] + all[n / 2]),
            }
        }
        Reduce::PartBelow(bound) => {
            let all = sorted();
            all.iter().filter(|v| **v < bound).count() as f64 / all.len() as f64
        }
    })
}

/// `(time in minutes, number)` in order of time; an error if two rows have the same time.
fn course(
    table: &Table,
    rows: &[usize],
    column: &str,
    what: &str,
) -> Result<Vec<(f64, f64)>, String> {
    let (time, minutes) = time_column(table, what)?;
    let mut all: Vec<(f64, f64)> =
        rows.iter().map(|&r| (minutes * table.number(r, time), table.number(r, column))).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    match all.windows(2).find(|w| w[0].0 == w[1].0) {
        None => Ok(all),
        Some(twice) => Err(format!(
            "several rows of table {} match at {} min, so {what} has more than one time course; \
             name more columns in `at`",
            table.name, twice[0].0
        )),
    }
}

/// The column of times, and the number of minutes in its unit.
fn time_column<'a>(table: &'a Table, what: &str) -> Result<(&'a str, f64), String> {
    let minutes = |name: &str| {
        let unit = name.strip_prefix("time_")?;
        Quantity::parse_as(&format!("1 {unit}"), Dimension::TIME).ok()
    };
    let found = table.columns.iter().find_map(|c| Some((c.name.as_str(), minutes(&c.name)?)));
    found.ok_or(format!(
        "table {} has no column of times, which {what} needs; use a table with time_min or time_d",
        table.name
    ))
}
