//! Power against the number of patients.

use crate::trial::plan::Plan;
use crate::trial::sample_size::plan::SampleSize;
use crate::trial::sample_size::run::Sized;
use il2_answer::sentence::percent;
use il2_inference::survival::sample_size::{Needed, Size};
use il2_output::figure::{Axis, Content, Panel, Series};

/// Subtitle and note of the figure.
pub fn caption(plan: &Plan, asked: &SampleSize) -> (String, String) {
    let about = format!(
        "{}: trial in {}; log-rank test of {}, two-sided alpha {}; {} trials drawn for each number \
         of patients",
        plan.name,
        plan.disease,
        asked.of.name(),
        asked.alpha,
        asked.resamples
    );
    let note = format!(
        "Band: 95 % confidence interval, which includes the limited number of simulated patients. \
         Dashed line: a power of {}; ring: the smallest number of patients that reaches it",
        percent(asked.power)
    );
    (about, note)
}

/// A panel for each comparison.
pub fn panels(plan: &Plan, asked: &SampleSize, all: &[Option<Sized>]) -> Vec<Panel> {
    let panel = |(k, sized): (usize, &Option<Sized>)| {
        let sizes: &[Size] = sized.as_ref().map_or(&[], |sized| &sized.found.sizes);
        let at = |size: &Size| asked.patients(size.blocks) as f64;
        let reached = sized.as_ref().and_then(|sized| match sized.found.needed {
            Needed::Blocks(blocks) => sizes.iter().find(|size| size.blocks as f64 == blocks.value),
            _ => None,
        });
        let band = |size: &Size| (at(size), 100.0 * size.power.low, 100.0 * size.power.high);
        let drawn = Series {
            label: "trials drawn from the simulated patients".into(),
            style: 0,
            points: sizes.iter().map(|size| (at(size), 100.0 * size.power.value)).collect(),
            band: sizes.iter().map(band).collect(),
            mark_x: reached.map(|size| (at(size), 100.0 * size.power.value)),
            ..Series::default()
        };
        let closed = Series {
            label: "Schoenfeld's formula".into(),
            style: 1,
            points: sizes.iter().map(|size| (at(size), 100.0 * size.closed_form)).collect(),
            ..Series::default()
        };
        let arm = &plan.arms[k + 1].name;
        Panel {
            name: arm.clone(),
            title: format!("{arm} compared with {}", plan.arms[0].name),
            x: Axis::log("patients, all arms together", ""),
            y: Axis {
                range: Some((0.0, 100.0)),
                marks: vec![100.0 * asked.power],
                ..Axis::linear("power", "%")
            },
            content: Content::Lines(vec![drawn, closed]),
        }
    };
    all.iter().enumerate().map(panel).collect()
}
