//! Turns each row of a fit into an observation with its simulations, factor, background and
//! scatter.

use crate::fit::network::{FitNetwork, position};
use crate::fit::plan::{Plan, part_name};
use il2_engine::words::counted;
use il2_engine::{Dimension, math};
use il2_inference::bound::Bound;
use il2_inference::experiment::{Course, Experiment, Stretch};
use il2_inference::posterior::{ErrorModel, Observed, Posterior, Scale, Unknown};
use il2_inference::quantiles::quantile;
use il2_inference::reading::{Place, Reading, Reduce, When};
use il2_study::error::StudyError;
use il2_study::measurements as data;
use il2_study::measurements::Row;
use il2_study::study::fitting::{FitPart, MeasuredPart};
use il2_study::values::unknown;

/// Spread of the prior of the logarithm of a factor: a table may be off by twentyfold in either
/// direction.
const FACTOR_SPREAD: f64 = 3.0;
/// Spread of the prior of a background: of its logarithm or, if the background may be negative, as
/// a fraction of the interquartile range of the measurements.
const BACKGROUND_SPREAD: f64 = 1.5;
/// Prior of a scatter, which is usually 10 to 100 %.
const SCATTER: (f64, f64) = (0.3, 1.0);
/// Prior of a scatter of differences, as a fraction of the interquartile range of the measurements:
/// a tenth of the whole range if they are spread evenly.
const ABSOLUTE_SCATTER: (f64, f64) = (0.2, 1.5);

/// Simulations being planned: their doses and output times.
struct Courses(Vec<(f64, Course)>);

impl Courses {
    /// The index of the simulation of a dose, read at a time.
    fn read(&mut self, made: (usize, &FitNetwork), dose: f64, time: f64) -> usize {
        let (system, made) = made;
        let same = |(d, course): &(f64, Course)| course.system == system && *d == dose;
        let place = self.0.iter().position(same).unwrap_or_else(|| {
            let start = made.start.iter().copied().filter(|(s, _)| Some(*s) != made.medium);
            let start = start.chain(made.medium.map(|s| (s, dose))).collect();
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

/// Gives every row its simulations, factor, background and scatter.
pub(super) fn observe(
    at: &str,
    part: &FitPart,
    mut making: Vec<FitNetwork>,
    plan: &mut Plan,
) -> Result<(), StudyError> {
    let mut courses = Courses(vec![]);
    // By row: course, dose and time of each point.
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
        let error_model = match measured.error.as_deref() {
            Some("absolute") => ErrorModel::Absolute,
            _ => ErrorModel::Relative,
        };
        let own: Vec<usize> = (0..plan.rows.len()).filter(|&r| plan.rows[r].0 == index).collect();
        let nuisance = nuisance(&at, measured, error_model, index, plan)?;
        for r in own {
            let table = &mut plan.measured[index];
            let (row, path) = (&mut plan.rows[r].1, &table.path);
            let made = &mut making[courses[read[r][0].0].system];
            let Some(&dimension) = made.dimensions.get(&row.readout) else {
                let known = made.dimensions.keys().map(String::as_str);
                let place = format!("{at}.readout");
                let error = unknown(&place, "readout", &row.readout, known, "this model");
                // If a column names the readout, the error is reported at the row.
                return Err(match &measured.readout {
                    Some(name) if *name == row.readout => error,
                    _ => il2_study::csv_file::at(path, row.line, "readout", error.message),
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
            table.counted_in.1 = unit;
            (row.value, row.sd) = (row.value * unit, row.sd.map(|sd| sd * unit));
            if let Bound::Between(low) = &mut row.bound {
                *low *= unit;
            }
            if error_model == ErrorModel::Relative && row.value <= 0.0 {
                let message = format!(
                    "{} has no logarithm; leave out the row, or set error = \"absolute\"",
                    row.value
                );
                return Err(il2_study::csv_file::at(path, row.line, "value", message));
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
            let sd = row
                .sd
                .map(|sd| if error_model == ErrorModel::Relative { sd / row.value } else { sd });
            plan.posterior.observed.push(Observed {
                reading,
                value: row.value,
                bound: row.bound,
                sd,
                factor: nuisance.factors.map(|f| f + group),
                background: nuisance.backgrounds.map(|b| b + group),
                scatter: nuisance.scatter.filter(|_| sd.is_none()),
                error_model,
                held_out: row.held_out,
            });
        }
    }
    plan.posterior.experiment =
        Experiment { systems: making.into_iter().map(|m| m.system).collect(), courses };
    centre(at, plan)
}

/// Indices of the unknowns of a table that are not numbers of the model.
struct Nuisance {
    groups: Vec<String>,
    factors: Option<usize>,
    backgrounds: Option<usize>,
    scatter: Option<usize>,
}

fn nuisance(
    at: &str,
    part: &MeasuredPart,
    error_model: ErrorModel,
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
            "holds out all rows of factor \"{lost}\", which then cannot be estimated; hold out \
             fewer rows"
        );
        return Err(StudyError::at(format!("{at}.held_out"), message));
    }
    let unknown_sd = rows.iter().any(|r| r.sd.is_none());
    if unknown_sd && fitted.len() < 2 {
        let (key, held) = match rows.len() - fitted.len() {
            0 => ("table", String::new()),
            n => ("held_out", format!(" ({n} held out, which could be fitted instead)")),
        };
        let message = format!(
            "has only {} to fit{held}, which cannot determine the scatter; add rows, or a column sd",
            counted(fitted.len(), "row")
        );
        return Err(StudyError::at(format!("{at}.{key}"), message));
    }
    let name = part_name(at);
    let label = |what: &str, group: &str| match group {
        "" => format!("{what} of {name}"),
        group => format!("{what} of {name}: {group}"),
    };
    let unknowns = &mut plan.posterior.unknowns;
    // Priors that depend on the measurements are set after a first run of the model; see `centre`.
    let mut add = |what: &str, group: &str, centre: f64, spread: f64, scale: Scale| {
        let name = label(what, group);
        unknowns.push(Unknown { name, centre, spread, scale });
        unknowns.len() - 1
    };
    let mut all = |what: &str, spread: f64, scale: Scale, wanted: bool| {
        let wanted = groups.iter().filter(|_| wanted);
        wanted.map(|g| add(what, g, 0.0, spread, scale)).min()
    };
    let factors = all("factor", FACTOR_SPREAD, Scale::Logarithm, part.scale.is_some());
    // Fluorescence may be negative after subtraction of a background.
    let scale = if error_model == ErrorModel::Absolute { Scale::Even } else { Scale::Logarithm };
    let backgrounds = all("background", BACKGROUND_SPREAD, scale, part.background == Some(true));
    let (scatter, spread) = match error_model {
        ErrorModel::Relative => SCATTER,
        ErrorModel::Absolute => ABSOLUTE_SCATTER,
    };
    let scatter =
        unknown_sd.then(|| add("scatter", "", math::ln(scatter), spread, Scale::Logarithm));
    Ok(Nuisance { groups, factors, backgrounds, scatter })
}

/// Sets the priors of factors, backgrounds and scatters from the measurements and the model at the centre of
/// its priors: weak priors, which would otherwise depend on the unit of the table. They are quantiles, so
/// that a single measurement that is zero, negative, clipped or an outlier hardly moves them.
fn centre(at: &str, plan: &mut Plan) -> Result<(), StudyError> {
    let numbers = plan.posterior.numbers;
    let start: Vec<f64> =
        plan.posterior.natural(&vec![0.0; plan.posterior.unknowns.len()])[..numbers].to_vec();
    let readings: Vec<&Reading> = plan.posterior.observed.iter().map(|o| &o.reading).collect();
    let modelled = plan.posterior.experiment.run(&start, &readings, plan.posterior.tolerance);
    let modelled = modelled.map_err(|e| {
        let message = format!(
            "cannot be simulated at the centre of the priors ({e}); change the \
                               priors"
        );
        StudyError::model(format!("{at}.parameters"), message)
    })?;
    for (observed, (modelled, (table, row))) in
        plan.posterior.observed.iter().zip(modelled.iter().zip(&plan.rows))
    {
        // A value of zero is below any limit.
        let fits = observed.background.is_some() || observed.bound == Bound::Below;
        if observed.error_model == ErrorModel::Relative && !fits && modelled.value <= 0.0 {
            let message = format!(
                "{} is always zero in the model for this row; set background = true in the study, \
                 or leave out the row",
                row.readout
            );
            let path = &plan.measured[*table].path;
            return Err(il2_study::csv_file::at(path, row.line, "value", message));
        }
    }
    let Posterior { unknowns, observed, .. } = &mut plan.posterior;
    let fitted = || observed.iter().zip(&modelled).filter(|(o, _)| !o.held_out);
    for place in numbers..unknowns.len() {
        let own = |which: fn(&Observed) -> Option<usize>| -> Vec<(f64, f64)> {
            let own = fitted().filter(|(o, _)| which(o) == Some(place));
            own.map(|(o, m)| (o.value, m.value)).collect()
        };
        let scattering = own(|o| o.scatter.filter(|_| o.error_model == ErrorModel::Absolute));
        if !scattering.is_empty() {
            unknowns[place].centre = math::ln(ABSOLUTE_SCATTER.0 * width(&scattering));
        }
        let lifted = own(|o| o.background);
        if !lifted.is_empty() {
            let level = background(&lifted);
            unknowns[place].centre = unknowns[place].scale.of(level);
            if unknowns[place].scale == Scale::Even {
                unknowns[place].spread = BACKGROUND_SPREAD * width(&lifted);
            }
        }
        let scaled = own(|o| o.factor);
        if !scaled.is_empty() {
            let lifted = fitted().any(|(o, _)| o.factor == Some(place) && o.background.is_some());
            let Some(factor) = factor(&scaled, if lifted { background(&scaled) } else { 0.0 })
            else {
                let name = &unknowns[place].name;
                let message = format!(
                    "the {name} cannot be estimated: the model or the measurements are zero in all \
                     of its rows"
                );
                return Err(StudyError::at(format!("{at}.measured"), message));
            };
            unknowns[place].centre = math::ln(factor);
        }
    }
    Ok(())
}

/// The background from rows of measured and modelled values: the median of the rows in which the
/// model is zero (wells without ligand), or of the lowest quarter. At least three rows are used, of
/// which one may be an outlier: if there are fewer wells without ligand, the lowest of the other
/// rows are added.
fn background(rows: &[(f64, f64)]) -> f64 {
    let values = |dark: bool| -> Vec<f64> {
        rows.iter().filter(|r| (r.1 <= 0.0) == dark).map(|r| r.0).collect()
    };
    let (mut dark, mut lit) = (values(true), values(false));
    let least = if dark.is_empty() { (lit.len() / 4).max(3) } else { 3 };
    lit.sort_by(f64::total_cmp);
    lit.truncate(least.saturating_sub(dark.len()));
    dark.append(&mut lit);
    quantile(&dark, 0.5)
}

/// Interquartile range of the measurements, or their whole range if that is zero.
fn width(rows: &[(f64, f64)]) -> f64 {
    let values: Vec<f64> = rows.iter().map(|r| r.0).collect();
    let between = |part: f64| quantile(&values, 1.0 - part) - quantile(&values, part);
    let largest = values.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
    let widths = [between(0.25), between(0.0), largest];
    widths.into_iter().find(|w| *w > 0.0).unwrap_or(1.0)
}

/// The factor between model and measurements above a background that minimises the sum of absolute
/// residuals (a weighted median, in which an outlier has only its own weight). None if it is not
/// above zero.
fn factor(rows: &[(f64, f64)], background: f64) -> Option<f64> {
    let mut ratios: Vec<(f64, f64)> =
        rows.iter().filter(|r| r.1 > 0.0).map(|r| ((r.0 - background) / r.1, r.1)).collect();
    ratios.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = 0.5 * ratios.iter().map(|r| r.1).sum::<f64>();
    let mut below = 0.0;
    let middle = ratios.iter().find(|r| {
        below += r.1;
        below >= half
    });
    // If most rows are below the background, the ratio of sums is used instead.
    let sums = || {
        let (seen, given) = rows.iter().fold((0.0, 0.0), |s, r| (s.0 + r.0.abs(), s.1 + r.1.abs()));
        seen / given
    };
    let found = middle.map(|r| r.0).filter(|f| *f > 0.0).unwrap_or_else(sums);
    (found > 0.0 && found.is_finite()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wells without ligand and with increasing amounts; measurements are 0.02 times the model,
    /// above a background of 20.
    fn wells() -> Vec<(f64, f64)> {
        let modelled = [0.0, 0.0, 0.0, 10.0, 100.0, 1e3, 3e3, 8e3, 1e4, 1.1e4, 1.2e4, 1.2e4];
        modelled.map(|m| (0.02 * m + 20.0, m)).to_vec()
    }

    #[test]
    fn one_odd_well_moves_no_prior_that_the_data_set() {
        let whole = wells();
        assert!((background(&whole) - 20.0).abs() < 1e-9);
        assert!((factor(&whole, 20.0).unwrap() / 0.02 - 1.0).abs() < 1e-9);
        let lit: Vec<(f64, f64)> = whole[3..].to_vec();
        for odd in [0.0, 0.001, -500.0, 1e9] {
            for place in 0..whole.len() {
                let mut rows = whole.clone();
                rows[place].0 = odd;
                assert!((background(&rows) - 20.0).abs() < 1e-9, "{odd} {place}");
                let factor = factor(&rows, 20.0).unwrap();
                assert!((0.019..0.021).contains(&factor), "{odd} {place}: {factor}");
                let change = width(&rows) / width(&whole);
                assert!((0.5..1.6).contains(&change), "{odd} {place}: {change}");
            }
            // One or two wells without ligand, of which one is an outlier: the lowest of the other
            // wells are added.
            for (dark, place) in [(1, 0), (2, 0), (2, 1)] {
                let mut rows = whole[3 - dark..].to_vec();
                rows[place].0 = odd;
                let level = background(&rows);
                assert!((20.0..23.0).contains(&level), "{odd} {dark} {place}: {level}");
            }
            // If no well shows the background directly, it is estimated from the lowest values.
            for place in 0..lit.len() {
                let mut rows = lit.clone();
                rows[place].0 = odd;
                let level = background(&rows);
                assert!((20.0..45.0).contains(&level), "{odd} {place}: {level}");
            }
        }
    }

    #[test]
    fn equal_measurements_have_a_width() {
        assert_eq!(width(&[(5.0, 0.0); 4]), 5.0);
        assert_eq!(width(&[(0.0, 0.0); 4]), 1.0);
        assert_eq!(width(&[(0.0, 1.0), (0.0, 1.0), (0.0, 1.0), (0.0, 1.0), (8.0, 1.0)]), 8.0);
    }
}
