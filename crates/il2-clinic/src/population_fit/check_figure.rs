//! The figure of the visual predictive check.

use crate::population_fit::bins::times;
use crate::population_fit::check::{BAND, Bin, PARTS, limits};
use crate::population_fit::endpoints::Readout;
use crate::population_fit::panels::{line, named, points, time_axis, titled};
use crate::population_fit::plan::Plan;
use crate::population_fit::run::Found;
use il2_answer::sentence::{listed, percent};
use il2_engine::words::counted;
use il2_inference::bound::Bound;
use il2_output::figure::{Axis, Content, Panel, Series};

/// What the figure shows.
pub fn note(plan: &Plan, found: &Found) -> String {
    let corrected = match plan.prediction_corrected {
        true => {
            " · prediction-corrected: each value times the median typical prediction of its \
                 interval over its own typical prediction"
        }
        false => "",
    };
    format!(
        "Percentiles of measurements in {}; bands: central {} of the same percentiles of {} data \
         sets simulated from the estimates{corrected}",
        intervals(plan, found),
        percent(BAND),
        plan.simulations
    )
}

/// Number of time intervals, for each quantity if there are several.
fn intervals(plan: &Plan, found: &Found) -> String {
    let of = |e: usize| found.check.bins.iter().filter(|bin| bin.endpoint == e).count();
    let counts: Vec<String> = (0..plan.endpoints.len()).map(|e| of(e).to_string()).collect();
    match counts.as_slice() {
        [_] => counted(found.check.bins.len(), "time interval"),
        several => format!("{} time intervals", listed(several)),
    }
}

/// Styles of the bands: the band of the median differs from those of the outer percentiles, which
/// share one style.
const BANDS: [usize; PARTS.len()] = [0, 1, 0];
/// Style of the median of the measurements.
const MEDIAN: usize = 4;
/// Style of single measurements, as in the other figures.
const SINGLE: usize = 0;

/// The measurements of a quantity that are not limits, as the check compares them.
fn measured(plan: &Plan, found: &Found, endpoint: usize) -> Vec<(f64, f64)> {
    let rows = plan.subjects.iter().flat_map(|s| &s.rows);
    let rows = rows.zip(times(plan)).zip(&found.check.factors);
    let own = rows.filter(|((row, _), _)| row.endpoint == endpoint && row.bound == Bound::None);
    own.map(|((row, time), factor)| (time, row.value * factor)).collect()
}

/// Places of intervals, where a curve is broken before those that come after a washout: it would
/// rise as if levels rose while nothing was given.
fn broken<T>(bins: &[&Bin], at: impl Fn(&Bin) -> T, gap: T) -> Vec<T>
where
    T: Copy,
{
    let of = |bin: &&Bin| bin.after_washout.then_some(gap).into_iter().chain([at(bin)]);
    bins.iter().flat_map(of).collect()
}

/// The panel of one quantity.
pub fn panel(plan: &Plan, found: &Found, endpoint: usize) -> Panel {
    let mut series = vec![];
    let solved = |b: &&Bin| b.endpoint == endpoint && !b.simulated[0][1].is_nan();
    let bins: Vec<&Bin> = found.check.bins.iter().filter(solved).collect();
    let at = |bin: &Bin| bin.time[2];
    for (p, style) in BANDS.into_iter().enumerate() {
        let band = |b: &Bin| (at(b), b.simulated[p][0], b.simulated[p][2]);
        let label = match p {
            0 => format!("simulated: {} and {}", percent(PARTS[0]), percent(PARTS[2])),
            1 => "simulated: median".to_string(),
            _ => String::new(),
        };
        let band = broken(&bins, band, (f64::NAN, f64::NAN, f64::NAN));
        series.push(Series { label, style, band, ..Series::default() });
    }
    for (p, part) in PARTS.iter().enumerate() {
        let label = match p {
            0 => format!("measured: {} and {}", percent(PARTS[0]), percent(PARTS[2])),
            1 => "measured: median".to_string(),
            _ => String::new(),
        };
        series.push(Series {
            label,
            style: if *part == 0.5 { MEDIAN } else { 7 },
            points: broken(&bins, |b| (at(b), b.measured[p]), (f64::NAN, f64::NAN)),
            ..Series::default()
        });
    }
    let single = measured(plan, found, endpoint);
    // Corrected values have no limit in common.
    if !plan.prediction_corrected {
        let ends = bins.iter().map(|b| at(b)).fold(None, |ends: Option<(f64, f64)>, t| {
            Some(ends.map_or((t, t), |(a, b)| (a.min(t), b.max(t))))
        });
        let limits = limits(plan)[endpoint].into_iter().filter(|limit| limit.is_finite());
        for (limit, (from, to)) in limits.zip([ends, ends].into_iter().flatten()) {
            series.push(line("limit of quantification", 1, vec![(from, limit), (to, limit)]));
        }
    }
    // With an additive error, simulated levels may be below zero where no measurement is.
    let above = plan.endpoints[endpoint].of == Readout::Level && single.iter().all(|p| p.1 >= 0.0);
    let times = single.iter().map(|p| p.0).chain(bins.iter().map(|b| at(b)));
    let x = time_axis(plan, times);
    series.push(points("single measurements", SINGLE, single));
    let [title, before] = match plan.prediction_corrected {
        true => ["Prediction-corrected visual predictive check", "prediction-corrected "],
        false => ["Visual predictive check", ""],
    };
    Panel {
        name: named(plan, endpoint, "check"),
        title: titled(plan, endpoint, title),
        x,
        y: Axis {
            range: above.then_some((0.0, f64::INFINITY)),
            ..plan.endpoints[endpoint].axis(before)
        },
        content: Content::Lines(series),
    }
}
