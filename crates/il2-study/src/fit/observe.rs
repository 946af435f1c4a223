//! What stands behind each row of a fit: its lanes, its factor, its background and its scatter.

use super::bound::Bound;
use super::data::{self, Row};
use super::experiment::{Course, Experiment, Place, Stretch, When};
use super::network::{Making, position};
use super::plan::{Plan, part_name};
use super::posterior::{Miss, Observed, Unknown};
use super::reading::{Reading, Reduce};
use crate::error::StudyError;
use crate::study::fitting::{FitPart, MeasuredPart};
use crate::study::unknown;
use il2_engine::Dimension;
use il2_engine::math;
use indexmap::IndexMap;

/// What is held of a factor before: that a table could be off by twenty either way is nothing odd.
const FACTOR_SPREAD: f64 = 3.0;
/// Of a background, around half of the smallest measurement.
const BACKGROUND_SPREAD: f64 = 1.5;
/// Of a scatter: usual ones of assays are 10 to 100 %.
const SCATTER: (f64, f64) = (0.3, 1.0);
/// Of a scatter of differences, as part of the range of the measurements.
const ABSOLUTE_SCATTER: (f64, f64) = (0.1, 1.5);

/// Lanes under way: what was given, and when each is read.
struct Courses(Vec<(f64, Course)>);

impl Courses {
    /// The place of the lane of a dose, read at a time.
    fn read(&mut self, made: (usize, &Making), dose: f64, time: f64) -> usize {
        let (system, made) = made;
        let same = |(d, course): &(f64, Course)| course.system == system && *d == dose;
        let place = self.0.iter().position(same).unwrap_or_else(|| {
            let start = made.medium.map(|s| (s, dose)).into_iter().collect();
            let events = made.events.clone();
            let course = Course { system, start, events, times: vec![], stretches: vec![] };
            self.0.push((dose, course));
            self.0.len() - 1
        });
        let times = &mut self.0[place].1.times;
        if let Err(at) = times.binary_search_by(|t| t.total_cmp(&time)) {
            times.insert(at, time);
        }
        place
    }
}

/// Doses and times at which a row is read.
fn points(row: &Row) -> Vec<(f64, f64)> {
    match row.reduce {
        Reduce::At | Reduce::Max | Reduce::Min | Reduce::Area => vec![(row.dose, row.time)],
        Reduce::Ec50 => {
            let doses = std::iter::once(0.0).chain(row.curve.iter().copied());
            doses.map(|dose| (dose, row.time)).collect()
        }
    }
}

/// Gives every row its lanes, its factor, background and scatter.
pub(super) fn observe(
    at: &str,
    part: &FitPart,
    mut making: Vec<Making>,
    plan: &mut Plan,
) -> Result<(), StudyError> {
    let mut courses = Courses(vec![]);
    // By row: course, dose and time of each of its points.
    let mut read: Vec<Vec<(usize, f64, f64)>> = vec![];
    for (table, row) in &plan.rows {
        let system = position(&making, *table, row);
        let made = (system, &making[system]);
        let point = |(dose, time)| (courses.read(made, dose, time), dose, time);
        read.push(points(row).into_iter().map(point).collect());
    }
    let mut courses: Vec<Course> = courses.0.into_iter().map(|(_, course)| course).collect();
    for (index, (name, measured)) in part.measured.iter().enumerate() {
        let at = format!("{at}.measured.{name}");
        let miss = match measured.error.as_deref() {
            Some("absolute") => Miss::Absolute,
            _ => Miss::Relative,
        };
        let own: Vec<usize> = (0..plan.rows.len()).filter(|&r| plan.rows[r].0 == index).collect();
        let nuisance = nuisance(&at, measured, miss, index, plan)?;
        for r in own {
            let (row, path) = (&mut plan.rows[r].1, &plan.measured[index].path);
            let made = &mut making[courses[read[r][0].0].system];
            let Some(&dimension) = made.dimensions.get(&row.readout) else {
                let known = made.dimensions.keys().map(String::as_str);
                let place = format!("{at}.readout");
                let error = unknown(&place, "readout", &row.readout, known, "this model");
                // Where a column names it, the error belongs to its row.
                return Err(match &measured.readout {
                    Some(name) if *name == row.readout => error,
                    _ => crate::csv_file::at(path, row.line, "readout", error.message),
                });
            };
            let course = &mut courses[read[r][0].0];
            let readout = match row.reduce {
                Reduce::Area => {
                    let place = made.system.area(&row.readout, row.from);
                    let place = place.expect("it has a dimension");
                    course.begin(made.system.area_start(place, row.from));
                    place
                }
                _ => made.system.readout(&row.readout).expect("it has a dimension"),
            };
            let stretch = Stretch { readout, from: row.from, to: row.time };
            let (what, measures) = match row.reduce {
                Reduce::Ec50 => ("an EC50", Dimension::CONCENTRATION),
                Reduce::Area => ("an area", dimension * Dimension::TIME),
                _ => (row.readout.as_str(), dimension),
            };
            let unit = data::value_unit(&at, measured, what, measures)?;
            (row.value, row.sd) = (row.value * unit, row.sd.map(|sd| sd * unit));
            if let Bound::Between(low) = &mut row.bound {
                *low *= unit;
            }
            if miss == Miss::Relative && row.value <= 0.0 {
                let message = format!(
                    "{} has no logarithm; leave the row out, or say error = \"absolute\"",
                    row.value
                );
                return Err(crate::csv_file::at(path, row.line, "value", message));
            }
            let when = match row.reduce {
                Reduce::Max => Some(When::Highest(course.stretch(stretch))),
                Reduce::Min => Some(When::Lowest(course.stretch(stretch))),
                Reduce::At | Reduce::Area | Reduce::Ec50 => None,
            };
            let place = |&(course, _, time): &(usize, f64, f64)| {
                let time = courses[course].times.binary_search_by(|t| t.total_cmp(&time));
                let when = when.unwrap_or(When::At(time.expect("made above")));
                Place { course, when, readout }
            };
            let reading = Reading {
                reduce: row.reduce,
                places: read[r].iter().map(place).collect(),
                along: read[r].iter().map(|&(_, dose, _)| dose).collect(),
            };
            let group = nuisance.groups.iter().position(|g| *g == row.group).expect("made above");
            let sd = row.sd.map(|sd| if miss == Miss::Relative { sd / row.value } else { sd });
            plan.posterior.observed.push(Observed {
                reading,
                value: row.value,
                bound: row.bound,
                sd,
                factor: nuisance.factors.map(|f| f + group),
                background: nuisance.backgrounds.map(|b| b + group),
                scatter: nuisance.scatter.filter(|_| sd.is_none()),
                miss,
                held_out: row.held_out,
            });
        }
    }
    plan.posterior.experiment =
        Experiment { systems: making.into_iter().map(|m| m.system).collect(), courses };
    centre(at, plan)
}

/// Places of the unknowns of a table that are no numbers of the model.
struct Nuisance {
    groups: Vec<String>,
    factors: Option<usize>,
    backgrounds: Option<usize>,
    scatter: Option<usize>,
}

fn nuisance(
    at: &str,
    part: &MeasuredPart,
    miss: Miss,
    table: usize,
    plan: &mut Plan,
) -> Result<Nuisance, StudyError> {
    let rows: Vec<&Row> = plan.rows.iter().filter(|r| r.0 == table).map(|r| &r.1).collect();
    let mut groups: Vec<String> = vec![];
    for row in &rows {
        if !groups.contains(&row.group) {
            groups.push(row.group.clone());
        }
    }
    let fitted: Vec<&&Row> = rows.iter().filter(|r| !r.held_out).collect();
    if let (Some(_), Some(lost)) =
        (&part.scale, groups.iter().find(|g| fitted.iter().all(|r| r.group != **g)))
    {
        let message = format!(
            "holds all rows of factor \"{lost}\" out, which then nothing tells; hold fewer out"
        );
        return Err(StudyError::at(format!("{at}.held_out"), message));
    }
    let unknown_sd = rows.iter().any(|r| r.sd.is_none());
    if unknown_sd && fitted.len() < 2 {
        let message = "leaves fewer than two rows to tell the scatter from; hold fewer out, or give \
                       the table a column sd";
        return Err(StudyError::at(format!("{at}.held_out"), message));
    }
    let values: Vec<f64> = rows.iter().map(|r| r.value).collect();
    let range = values.iter().fold(f64::MIN, |a, &b| a.max(b))
        - values.iter().fold(f64::MAX, |a, &b| a.min(b));
    let (scatter, spread) = match miss {
        Miss::Relative => SCATTER,
        Miss::Absolute => (ABSOLUTE_SCATTER.0 * range.max(f64::MIN_POSITIVE), ABSOLUTE_SCATTER.1),
    };
    let name = part_name(at);
    let label = |what: &str, group: &str| match group {
        "" => format!("{what} of {name}"),
        group => format!("{what} of {name}: {group}"),
    };
    let unknowns = &mut plan.posterior.unknowns;
    let mut add = |what: &str, group: &str, centre: f64, spread: f64| {
        let name = label(what, group);
        unknowns.push(Unknown { name, centre, spread, fraction: false });
        unknowns.len() - 1
    };
    // Centres of factors and backgrounds are set once the model ran; see `centre`.
    let mut all = |what: &str, spread: f64, wanted: bool| {
        let wanted = groups.iter().filter(|_| wanted);
        wanted.map(|g| add(what, g, 0.0, spread)).min()
    };
    let factors = all("factor", FACTOR_SPREAD, part.scale.is_some());
    let backgrounds = all("background", BACKGROUND_SPREAD, part.background == Some(true));
    let scatter = unknown_sd.then(|| add("scatter", "", math::ln(scatter), spread));
    Ok(Nuisance { groups, factors, backgrounds, scatter })
}

/// Centres the priors of factors and backgrounds on what the measurements and the model at the centre
/// of its priors say: weak priors, whose place would else depend on the unit of the table.
fn centre(at: &str, plan: &mut Plan) -> Result<(), StudyError> {
    let numbers = plan.posterior.numbers;
    let start: Vec<f64> =
        plan.posterior.natural(&vec![0.0; plan.posterior.unknowns.len()])[..numbers].to_vec();
    let readings: Vec<&Reading> = plan.posterior.observed.iter().map(|o| &o.reading).collect();
    let modelled = plan.posterior.experiment.run(&start, &readings, plan.posterior.tolerance);
    let modelled = modelled.map_err(|e| {
        let message = format!("has no answer at the centre of the priors ({e}); change the priors");
        StudyError::at(format!("{at}.parameters"), message)
    })?;
    let (mut seen, mut given) = (IndexMap::<usize, f64>::new(), IndexMap::<usize, f64>::new());
    let mut least = IndexMap::<usize, f64>::new();
    for (observed, modelled) in plan.posterior.observed.iter().zip(&modelled) {
        if let Some(factor) = observed.factor.filter(|_| !observed.held_out) {
            *seen.entry(factor).or_default() += observed.value.abs();
            *given.entry(factor).or_default() += modelled.value.abs();
        }
        if let Some(background) = observed.background.filter(|_| !observed.held_out) {
            let least = least.entry(background).or_insert(f64::INFINITY);
            *least = least.min(observed.value.abs().max(f64::MIN_POSITIVE));
        }
    }
    for (observed, (modelled, (table, row))) in
        plan.posterior.observed.iter().zip(modelled.iter().zip(&plan.rows))
    {
        // Nothing at all lies below a limit.
        let fits = observed.background.is_some() || observed.bound == Bound::Below;
        if observed.miss == Miss::Relative && !fits && modelled.value <= 0.0 {
            let message = format!(
                "{} is zero in the model here, whatever its numbers; say background = true in the study, \
                 or leave the row out",
                row.readout
            );
            let path = &plan.measured[*table].path;
            return Err(crate::csv_file::at(path, row.line, "value", message));
        }
    }
    for (factor, seen) in seen {
        let given = given[&factor];
        if given <= 0.0 || seen <= 0.0 {
            let name = &plan.posterior.unknowns[factor].name;
            let message = format!("has no {name}: model or measurements are zero in all its rows");
            return Err(StudyError::at(format!("{at}.measured"), message));
        }
        plan.posterior.unknowns[factor].centre = math::ln(seen / given);
    }
    for (background, least) in least {
        plan.posterior.unknowns[background].centre = math::ln(0.5 * least);
    }
    Ok(())
}
