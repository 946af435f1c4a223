//! Measurements of the table (DV) compared with the model, by row, in a figure and as one number.

use crate::event_table::course::since_first;
use crate::event_table::plan::Plan;
use il2::quantity::three_digits;
use il2_answer::labels::column_ending;
use il2_engine::math;
use il2_engine::words::counted;
use il2_output::column::Value;
use il2_output::figure::{Axis, Content, Panel, Scale, Series};
use serde_json::json;

/// Largest number of points of the figure; more could not be distinguished.
const MOST_POINTS: usize = 5_000;
/// Means that differ by more than this factor suggest another unit or compartment, not a misfit.
const ANOTHER_UNIT: f64 = 10.0;

/// Measured and modelled concentrations, in the table's unit.
#[derive(Clone, Debug, Default)]
pub struct Compared {
    pairs: Vec<(f64, f64)>,
    rows: usize,
    sum: f64,
    squares: f64,
    without_model: usize,
}

/// The additional columns of the table of results.
pub fn columns(plan: &Plan) -> Vec<(String, bool)> {
    let ending = column_ending(&plan.units[2]);
    let all = [format!("measured_{ending}"), "log_residual".to_string()];
    all.into_iter().filter(|_| plan.table.has_measured).map(|name| (name, false)).collect()
}

impl Compared {
    /// Values of [`columns`] for a row of a subject.
    pub fn row(&mut self, plan: &Plan, subject: usize, record: usize, modelled: f64) -> Vec<Value> {
        let Some(&measured) = plan.table.subjects[subject].measured.get(record) else {
            return vec![];
        };
        let residual = math::ln(measured / modelled);
        let residual = if residual.is_finite() { residual } else { f64::NAN };
        if residual.is_finite() {
            self.rows += 1;
            self.sum += residual;
            self.squares += residual * residual;
            if self.pairs.len() < MOST_POINTS {
                self.pairs.push((modelled, measured));
            }
        } else if !measured.is_nan() {
            self.without_model += 1;
        }
        vec![measured.into(), residual.into()]
    }

    fn mean(&self) -> f64 {
        self.sum / self.rows as f64
    }

    fn root_mean_square(&self) -> f64 {
        (self.squares / self.rows as f64).sqrt()
    }

    /// The comparison for `summary.json`.
    pub fn summary(&self, plan: &Plan) -> serde_json::Value {
        json!({
            "compared": self.rows,
            "not_compared": plan.table.not_compared + self.without_model,
            "rms_log_residual": self.root_mean_square(),
            "mean_log_residual": self.mean(),
        })
    }

    /// The comparison for the terminal.
    pub fn text(&self) -> String {
        if self.rows == 0 {
            return String::new();
        }
        format!(
            "{} compared: measured/modelled {} (geometric mean), root mean square of log residuals \
             {}\n",
            counted(self.rows, "measurement"),
            three_digits(math::exp(self.mean())),
            three_digits(self.root_mean_square())
        )
    }

    /// Warnings about the comparison.
    pub fn warnings(&self, plan: &Plan) -> Vec<String> {
        let mut all = vec![];
        if self.rows > 0 && self.mean().abs() > math::ln(ANOTHER_UNIT) {
            all.push(format!(
                "DV of {} is on (geometric) average {} times the modelled concentration: check \
                 units and compartments",
                plan.file,
                three_digits(math::exp(self.mean()))
            ));
        }
        if self.without_model > 0 {
            all.push(format!(
                "il2 did not compare {} of {} with the model, which predicts no drug or has no \
                 result there",
                counted(self.without_model, "measurement"),
                plan.file
            ));
        }
        all
    }

    /// Measured values plotted against modelled ones.
    pub fn panel(&self, plan: &Plan) -> Option<Panel> {
        let all = self.pairs.iter().flat_map(|&(a, b)| [a, b]);
        let (least, most) = all.fold((f64::INFINITY, 0.0_f64), |(a, b), v| (a.min(v), b.max(v)));
        if self.pairs.is_empty() {
            return None;
        }
        let scale = if most / least > 10.0 { Scale::Log } else { Scale::Linear };
        let axis = |what: &str| Axis { scale, ..Axis::linear(what, &plan.units[2]) };
        let alike = Series {
            label: "as modelled".into(),
            style: 7,
            points: vec![(least, least), (most, most)],
            ..Series::default()
        };
        let points = Series {
            label: "measured".into(),
            points: self.pairs.clone(),
            markers: true,
            line: false,
            measured: true,
            ..Series::default()
        };
        Some(Panel {
            name: "measured".into(),
            title: "Measured against modelled".into(),
            x: axis("concentration modelled"),
            y: axis("concentration measured"),
            content: Content::Lines(vec![alike, points]),
        })
    }
}

/// Measurements of a subject over time, as points on its curve.
pub fn points(plan: &Plan, subject: usize) -> Option<Series> {
    let of = &plan.table.subjects[subject];
    let origin = of.records[0].time;
    let times = since_first(of).into_iter().map(|t| (t + origin) / plan.factors.time);
    let points: Vec<(f64, f64)> =
        times.zip(of.measured.iter().copied()).filter(|p| !p.1.is_nan()).collect();
    let series = Series {
        style: subject,
        points,
        measured: true,
        markers: true,
        line: false,
        ..Series::default()
    };
    (!series.points.is_empty()).then_some(series)
}
