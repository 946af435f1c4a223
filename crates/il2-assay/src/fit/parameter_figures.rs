//! Figures of the fitted numbers: priors, posteriors and profiles.

use crate::fit::estimate::Estimate;
use crate::fit::outcome::{HALF_CHI2_95, Outcome};
use crate::fit::plan::Plan;
use il2_answer::sentence::listed;
use il2_output::figure::{Axis, Content, Figure, Interval, Panel, Series};

/// Prior and posterior of each number, as multiples of the prior's median.
pub fn parameters(plan: &Plan, estimates: &[Estimate]) -> Figure {
    let rows = estimates[..plan.posterior.numbers].iter().flat_map(|e| {
        let part = |v: f64| v / e.prior[0];
        let row = |label: &str, style: usize, value: f64, ends: [f64; 2]| Interval {
            label: label.into(),
            group: e.name.clone(),
            value: part(value),
            low: if ends[0].is_nan() { f64::NEG_INFINITY } else { part(ends[0]) },
            high: if ends[1].is_nan() { f64::INFINITY } else { part(ends[1]) },
            style,
            note: String::new(),
            ..Interval::default()
        };
        let prior = row("prior", 7, e.prior[0], [e.prior[1], e.prior[2]]);
        let posterior = row("posterior", 0, e.posterior[0], e.posterior_95);
        let profile = row("profile", 1, e.likeliest, e.profile);
        let keep = [true, !e.posterior[0].is_nan(), plan.profiles];
        [prior, posterior, profile].into_iter().zip(keep).filter(|(_, keep)| *keep).map(|r| r.0)
    });
    let kinds = ["prior", "posterior", "profile likelihood"].into_iter();
    let kept = [true, estimates.iter().any(|e| !e.posterior[0].is_nan()), plan.profiles];
    let kinds = kinds.zip(kept).filter(|(_, kept)| *kept).map(|(kind, _)| kind.to_string());
    let kinds = listed(&kinds.collect::<Vec<_>>());
    Figure {
        title: format!("{}: {kinds} of each fitted number", plan.name),
        subtitle: match plan.profiles {
            true => "95 % intervals; arrow: not limited by the data on this side".into(),
            false => "95 % intervals".into(),
        },
        panels: vec![Panel {
            name: "parameters".into(),
            title: String::new(),
            x: Axis::log("value relative to the prior median", ""),
            y: Axis::default(),
            content: Content::Intervals(rows.collect()),
        }],
        ..Figure::default()
    }
}

/// The profile likelihood of each number, with its 95 % limit.
pub fn profiles(plan: &Plan, outcome: &Outcome) -> Figure {
    let panel = |(k, points): (usize, &Vec<il2_inference::search::ProfilePoint>)| {
        let value = |z: f64| plan.in_study_unit(k, z);
        let highest = points.iter().map(|p| p.log_likelihood).fold(f64::MIN, f64::max);
        let line: Vec<(f64, f64)> =
            points.iter().map(|p| (value(p.z), highest - p.log_likelihood)).collect();
        let ends = (line.first().map_or(1.0, |p| p.0), line.last().map_or(1.0, |p| p.0));
        let label = match (&plan.fitted[k].name, plan.unit(k).0) {
            (name, "") => name.clone(),
            (name, unit) => format!("{name} ({unit})"),
        };
        Panel {
            name: plan.fitted[k].name.clone(),
            title: String::new(),
            x: Axis::log(label, ""),
            y: Axis {
                range: Some((0.0, HALF_CHI2_95 + 1.0)),
                ..Axis::linear("decrease in log likelihood", "")
            },
            content: Content::Lines(vec![
                Series { label: "profile".into(), points: line, ..Series::default() },
                Series {
                    label: "95 % limit".into(),
                    style: 7,
                    points: vec![(ends.0, HALF_CHI2_95), (ends.1, HALF_CHI2_95)],
                    ..Series::default()
                },
            ]),
        }
    };
    Figure {
        title: format!(
            "{}: profile likelihoods (other numbers re-optimised at each point)",
            plan.name
        ),
        subtitle:
            "computed without the prior of the number; if a curve stays below the 95 % limit, the \
             data set no limit on that side"
                .into(),
        panels: outcome.profiles.iter().enumerate().map(panel).collect(),
        columns: if outcome.profiles.len() > 4 { 3 } else { 0 },
        footnote: String::new(),
        legend: vec![("profile".into(), 0), ("95 % limit".into(), 7)],
        ..Figure::default()
    }
}
