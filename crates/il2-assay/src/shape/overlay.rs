//! Measured points from a table beside the study, drawn over the curves of an assay.

use crate::kinds::Plan;
use crate::shape::shown::{self, Curve, Shown};
use crate::shape::unit;
use il2::quantity::Quantity;
use il2_answer::answer::AssayResult;
use il2_engine::words::{closest, likeness, shown as quoted, some_of};
use il2_output::figure::{Content, Panel, Series};
use il2_study::csv_file::{self, CsvFile, Fields};
use il2_study::values::unknown;
use il2_study::{Study, StudyError};

/// Largest number of points of a table: more could not be distinguished in a figure.
const MOST_POINTS: usize = 20_000;
/// A smaller relative difference between two numbers is taken as rounding.
const ROUNDED: f64 = 1e-6;

/// A measured point, in the units of the assay's table.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Index of its curve.
    pub curve: usize,
    /// Name of its panel.
    pub panel: String,
    /// Values along both axes.
    pub at: (f64, f64),
    /// Lower and upper end of its error bar.
    pub ends: Option<(f64, f64)>,
}

/// A table of measured points.
#[derive(Clone, Debug)]
pub struct Overlay {
    /// SHA-256 of the file.
    pub hash: String,
    /// Its points.
    pub points: Vec<Point>,
    /// Description of unused columns whose names are similar to that of a column shown in a panel.
    pub near: Vec<String>,
}

/// Reads the table that `key` of the study names.
pub fn read(study: &Study, plan: &Plan, key: &str, name: &str) -> Result<Overlay, StudyError> {
    let curves = shown::drawn(plan);
    let panels: Vec<Shown> =
        shown::panels(plan).into_iter().filter(|p| !p.y.column.is_empty()).collect();
    let along = panels.first().map(|p| (p.x.column.clone(), p.x.unit.clone()));
    let Some((x, x_unit)) = along.filter(|_| !curves.is_empty()) else {
        return Err(StudyError::at(key, "these figures have no curves; leave overlay out"));
    };
    let file = study.tables.read(name, "measured points").map_err(|e| e.named_at(key))?;
    let place = |column: &str| file.one(|h| h.eq_ignore_ascii_case(column));
    let along_x = place(&x)?.ok_or_else(|| {
        let near = closest(&x, file.header.iter().map(String::as_str));
        let write = match near {
            Some(near) if other_unit(near, &x) => format!(
                "column {} is in another unit: convert its values to {x_unit}, in a column {x}",
                quoted(near)
            ),
            Some(near) => format!("if column {} contains this, rename it to {x}", quoted(near)),
            None => "add or rename a column".to_string(),
        };
        let message = format!("has no column {x} for the horizontal axis; {write}");
        file.refuse(1, "", message)
    })?;
    let mut shown = vec![];
    for panel in &panels {
        let ends = match panel.y.column.as_str() {
            "median" => ["low".to_string(), "high".to_string()],
            column => [format!("{column}_low"), format!("{column}_high")],
        };
        let ends = (place(&ends[0])?, place(&ends[1])?);
        shown.extend(place(&panel.y.column)?.map(|column| (panel, column, ends.0.zip(ends.1))));
    }
    if shown.is_empty() {
        // Panels of different cells show the same column.
        let mut columns: Vec<&str> = vec![];
        for panel in &panels {
            if !columns.contains(&panel.y.column.as_str()) {
                columns.push(&panel.y.column);
            }
        }
        let meant = |(place, written): (usize, &String)| {
            let near = closest(written, columns.iter().copied()).filter(|_| place != along_x)?;
            let message = format!("did you mean {near} instead of {}?", quoted(written));
            Some((likeness(written, near), message))
        };
        let meant = file.header.iter().enumerate().filter_map(meant);
        let write = match meant.max_by(|a, b| a.0.total_cmp(&b.0)) {
            Some((_, meant)) => meant,
            None => format!("add one of {}", some_of("", columns)),
        };
        let message = format!("has no column that a panel shows; {write}");
        return Err(file.refuse(1, "", message));
    }
    let choice = Choice::of(&file, &curves)?;
    let near = misspelt(&file, &panels, &shown);
    let mut points = vec![];
    for (line, fields) in file.rows() {
        let number = |column: usize| {
            let read = csv_file::number(&fields[column]);
            read.map_err(|message| file.refuse(line, &file.header[column], message))
        };
        let own = choice.curves(&file, &curves, line, &fields)?;
        let Some(x) = number(along_x)? else {
            return Err(file.refuse(line, &x, "is empty; enter a number, or leave out the row"));
        };
        for (panel, column, ends) in &shown {
            let fits = |i: &&usize| curves[**i].panel.as_ref().is_none_or(|p| *p == panel.panel);
            let Some(y) = number(*column)? else { continue };
            let ends = match ends {
                Some((low, high)) => {
                    let ends = number(*low)?.zip(number(*high)?);
                    if let Some((from, to)) = ends.filter(|(from, to)| *from > y || *to < y) {
                        let at = if from > y { *low } else { *high };
                        let message = format!(
                            "the error bar from {from} to {to} does not include the measured \
                             value, {y}; give both ends as values, not as distances from the \
                             measured value"
                        );
                        return Err(file.refuse(line, &file.header[at], message));
                    }
                    ends
                }
                None => None,
            };
            points.extend(own.iter().filter(fits).map(|curve| Point {
                curve: *curve,
                panel: panel.panel.clone(),
                at: (x, y),
                ends,
            }));
        }
        if points.len() > MOST_POINTS {
            let message = format!("more than {MOST_POINTS} points; leave out rows or columns");
            return Err(file.refuse(line, "", message));
        }
    }
    Ok(Overlay { hash: file.hash, points, near })
}

/// Whether two headings differ only in the unit at the end: `dose_nM` and `dose_pm`.
fn other_unit(heading: &str, column: &str) -> bool {
    let stem = |name: &str| {
        name.rsplit_once('_').map(|(stem, unit)| (stem.to_lowercase(), unit.to_lowercase()))
    };
    stem(heading).zip(stem(column)).is_some_and(|(a, b)| {
        let is_unit =
            |unit: &str| Quantity::parse(&format!("1 {unit}")).is_ok() || unit.ends_with('m');
        a.0 == b.0 && a.1 != b.1 && is_unit(&a.1) && is_unit(&b.1)
    })
}

type DrawnCurve<'a> = (&'a Shown, usize, Option<(usize, usize)>);

/// Columns that are not drawn, each with the column that may have been meant.
fn misspelt(file: &CsvFile, panels: &[Shown], drawn: &[DrawnCurve]) -> Vec<String> {
    let absent =
        panels.iter().filter(|panel| !drawn.iter().any(|(p, ..)| p.y.column == panel.y.column));
    let absent: Vec<&str> = absent.map(|panel| panel.y.column.as_str()).collect();
    let near = |written: &String| {
        let meant = closest(written, absent.iter().copied())?;
        Some(format!("column {} is not drawn; did you mean {meant}?", quoted(written)))
    };
    let unread = |place: &usize| {
        let ends =
            |ends: &Option<(usize, usize)>| ends.is_some_and(|(a, b)| *place == a || *place == b);
        !drawn.iter().any(|(_, column, of)| column == place || ends(of))
    };
    let all = (0..file.header.len()).filter(unread);
    all.filter_map(|place| near(&file.header[place])).collect()
}

/// Columns that determine the curve to which a row belongs.
struct Choice {
    words: Vec<(usize, &'static str)>,
    numbers: Vec<(usize, &'static str)>,
}

impl Choice {
    fn of(file: &CsvFile, curves: &[Curve]) -> Result<Choice, StudyError> {
        let place = |key: &str| file.one(|h| h.eq_ignore_ascii_case(key));
        let needed = |key: &str, all: Vec<String>| match all.len() {
            0 | 1 => Ok(()),
            _ => {
                let all = some_of("", all.iter().map(String::as_str));
                let message = format!(
                    "has no column {key} to assign each point to a curve; add this column, with \
                     the values {all}"
                );
                Err(file.refuse(1, "", message))
            }
        };
        let mut choice = Choice { words: vec![], numbers: vec![] };
        for (key, _) in &curves[0].words {
            match place(key)? {
                Some(column) => choice.words.push((column, *key)),
                None => needed(key, words_of(curves, key))?,
            }
        }
        for (key, first) in &curves[0].numbers {
            match place(key)?.filter(|_| first.is_finite()) {
                Some(column) => choice.numbers.push((column, *key)),
                None => needed(key, numbers_of(curves, key))?,
            }
        }
        Ok(choice)
    }

    fn curves(
        &self,
        file: &CsvFile,
        curves: &[Curve],
        line: usize,
        fields: &Fields,
    ) -> Result<Vec<usize>, StudyError> {
        let mut own: Vec<usize> = (0..curves.len()).collect();
        for (column, key) in &self.words {
            let word = &fields[*column];
            own.retain(|i| curves[*i].words.iter().any(|(k, w)| k == key && w == word));
            if own.is_empty() {
                let all = words_of(curves, key);
                let error = unknown("", key, word, all.iter().map(String::as_str), "this assay");
                return Err(file.refuse(line, &file.header[*column], error.message));
            }
        }
        for (column, key) in &self.numbers {
            let number = csv_file::number(&fields[*column])
                .map_err(|message| file.refuse(line, &file.header[*column], message))?
                .unwrap_or(f64::NAN);
            let same = |v: f64| (v - number).abs() <= ROUNDED * v.abs();
            own.retain(|i| curves[*i].numbers.iter().any(|(k, v)| k == key && same(*v)));
            if own.is_empty() {
                let all = numbers_of(curves, key);
                let all = some_of("", all.iter().map(String::as_str));
                let message = format!("\"{}\" matches no curve; use {all}", &fields[*column]);
                return Err(file.refuse(line, &file.header[*column], message));
            }
        }
        Ok(own)
    }
}

fn distinct(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut found: Vec<String> = vec![];
    all.for_each(|one| {
        if !found.contains(&one) {
            found.push(one);
        }
    });
    found
}

fn words_of(curves: &[Curve], key: &str) -> Vec<String> {
    let own = curves.iter().flat_map(|c| c.words.iter().filter(|(k, _)| *k == key));
    distinct(own.map(|(_, word)| word.clone()))
}

fn numbers_of(curves: &[Curve], key: &str) -> Vec<String> {
    let own = curves.iter().flat_map(|c| c.numbers.iter().filter(|(k, _)| *k == key));
    distinct(own.map(|(_, number)| number.to_string()))
}

/// Draws the points over the curves of a result.
pub fn draw(study: &Study, plan: &Plan, overlay: &Overlay, result: &mut AssayResult) {
    let (curves, known) = (shown::drawn(plan), shown::panels(plan));
    let ligands = shown::ligands(study, plan);
    let over = |figure: Option<&str>, panel: &mut Panel| {
        let Some(columns) = known.iter().find(|p| p.panel == panel.name) else { return };
        let Content::Lines(content) = &mut panel.content else { return };
        let mut styles: Vec<usize> = content.iter().map(|s| s.style).collect();
        styles.sort_unstable();
        styles.dedup();
        for style in styles {
            let own = overlay.points.iter().filter(|p| {
                let curve = &curves[p.curve];
                let here =
                    figure.is_none() || curve.figure.as_deref().is_none_or(|f| figure == Some(f));
                p.panel == panel.name && curve.style == style && here
            });
            let own: Vec<&Point> = own.collect();
            let Some(first) = own.first() else { continue };
            let word = curves[first.curve].words.iter().find(|(key, _)| *key == "ligand");
            let alone = word.and_then(|(_, name)| study.ligands.get(name));
            let ligands = alone.map_or(ligands.clone(), |one| vec![one]);
            let to = |from: &str, to: &str| unit::factor(&ligands, from, to).unwrap_or(1.0);
            let x = to(&columns.x.unit, &panel.x.unit);
            let y = to(&columns.y.unit, &panel.y.unit);
            let bar = |p: &&Point| Some((p.at.0 * x, p.ends?.0 * y, p.ends?.1 * y));
            content.push(Series {
                label: "measured".into(),
                style,
                points: own.iter().map(|p| (p.at.0 * x, p.at.1 * y)).collect(),
                error_bars: own.iter().filter_map(bar).collect(),
                markers: true,
                line: false,
                measured: true,
                ..Series::default()
            });
        }
    };
    for (name, figure) in &mut result.figures {
        figure.panels.iter_mut().for_each(|panel| over(Some(name), panel));
    }
    if let Some(panel) = &mut result.picture {
        over(None, panel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use il2_output::figure::{Axis, Figure};
    use il2_study::Library;
    use il2_study::study::tables::Tables;

    fn with(table: &str) -> (Study, Plan) {
        let text = "version = 1\nquestion = \"?\"\n[ligands.il2]\nfrom = \"il2\"\n[cells.treg]\n\
             from = \"treg\"\n[assay.a]\nkind = \"time-course\"\ndoses = [\"10 pM\", \"1 nM\"]\n\
             times = [\"1 h\"]\nshow = [\"signalling_complexes\", \"il2_medium\"]\n";
        let study = Study::parse("study.toml".as_ref(), text, Library::builtin()).expect("a study");
        let tables = [("points.csv".to_string(), table.to_string())];
        let study = Study { tables: Tables::Carried(tables.into()), ..study };
        let plan = crate::kinds::plan(&study, "a").expect("a plan");
        (study, plan)
    }

    fn read_of(table: &str) -> Result<Vec<Point>, String> {
        let (study, plan) = with(table);
        let read = read(&study, &plan, "figures.a.overlay", "points.csv");
        read.map(|overlay| overlay.points).map_err(|e| e.to_string())
    }

    #[test]
    fn a_row_belongs_to_the_curve_of_its_words_and_numbers() {
        let table = "dose_pm,time_min,signalling_complexes_per_cell,il2_medium_pm,note\n\
             10,30,250,.,ours\n1000.0001,60,900,990,theirs\n";
        let point = |curve: usize, panel: &str, at: (f64, f64)| Point {
            curve,
            panel: panel.into(),
            at,
            ends: None,
        };
        let signal = "signalling_complexes";
        assert_eq!(
            read_of(table).expect("points"),
            [
                point(0, signal, (30.0, 250.0)),
                point(1, signal, (60.0, 900.0)),
                point(1, "il2_medium", (60.0, 990.0)),
            ]
        );
    }

    #[test]
    fn what_fits_no_curve_is_refused_with_line_and_remedy() {
        for (table, said) in [
            (
                "dose_pm,time_min,response\n",
                "points.csv:1: has no column that a panel shows; add one of \
                 signalling_complexes_per_cell, il2_medium_pm",
            ),
            (
                "dose_pm,time_min,signaling_complexes_per_cell\n",
                "points.csv:1: has no column that a panel shows; did you mean \
                 signalling_complexes_per_cell instead of signaling_complexes_per_cell?",
            ),
            (
                "dose_pm,tme_min,il2_medium_pm\n",
                "points.csv:1: has no column time_min for the horizontal axis; if column tme_min \
                 contains this, rename it to time_min",
            ),
            (
                "time_min,il2_medium_pm\n1,2\n",
                "points.csv:1: has no column dose_pm to assign each point to a curve; add this \
                 column, with the values 10, 1000",
            ),
            (
                "dose_pm,time_min,il2_medium_pm\n10,1,2\n20,1,2\n",
                "points.csv:3: column dose_pm: \"20\" matches no curve; use 10, 1000",
            ),
            (
                "dose_pm,time_min,il2_medium_pm\n10,1,two\n",
                "points.csv:2: column il2_medium_pm: \"two\" is no",
            ),
        ] {
            let error = read_of(table).expect_err("refused");
            assert!(error.starts_with(said), "{error}");
        }
    }

    #[test]
    fn one_right_column_does_not_hide_a_misspelt_one() {
        let near = |head: &str| {
            let (study, plan) = with(&format!("dose_pm,time_min,il2_medium_pm,{head}\n"));
            read(&study, &plan, "", "points.csv").expect("points").near
        };
        let said = "column signaling_complexes_per_cell is not drawn; did you mean \
                    signalling_complexes_per_cell?";
        assert_eq!(near("signaling_complexes_per_cell"), [said]);
        assert!(near("note").is_empty());
    }

    #[test]
    fn an_error_bar_that_leaves_out_its_value_is_refused() {
        let table =
            "dose_pm,time_min,il2_medium_pm,il2_medium_pm_low,il2_medium_pm_high\n10,1,900,50,60\n";
        assert_eq!(
            read_of(table).expect_err("refused"),
            "points.csv:2: column il2_medium_pm_high: the error bar from 50 to 60 does not include \
             the measured value, 900; give both ends as values, not as distances from the measured value"
        );
    }

    #[test]
    fn points_are_drawn_open_in_the_units_of_their_panel() {
        let (study, plan) = with(
            "dose_pm,time_min,il2_medium_pm,il2_medium_pm_low,il2_medium_pm_high\n1000,60,900,800,1000\n",
        );
        let overlay = read(&study, &plan, "", "points.csv").expect("points");
        let curve = |style: usize| Series { style, ..Series::default() };
        let panel = Panel {
            name: "il2_medium".into(),
            x: Axis::linear("time", "h"),
            y: Axis::linear("il2 medium", "pM"),
            content: Content::Lines(vec![curve(0), curve(1)]),
            ..Panel::default()
        };
        let figure = Figure { panels: vec![panel], ..Figure::default() };
        let mut result =
            AssayResult { figures: vec![("a".into(), figure)], ..AssayResult::default() };
        draw(&study, &plan, &overlay, &mut result);
        let Content::Lines(all) = &result.figures[0].1.panels[0].content else { panic!("curves") };
        let drawn = &all[2];
        assert!(all.len() == 3 && drawn.measured && !drawn.line && drawn.style == 1);
        assert_eq!((drawn.label.as_str(), drawn.points[0]), ("measured", (1.0, 900.0)));
        assert_eq!(drawn.error_bars, [(1.0, 800.0, 1000.0)]);
    }
}
