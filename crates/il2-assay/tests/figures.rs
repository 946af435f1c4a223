//! Every figure of every study says what it shows: the question, the assay, and both axes with their
//! units.

use il2_answer::AssayResult;
use il2_output::figure::{Axis, Content, Figure, Panel, Scale};
use il2_study::Study;
use std::path::Path;

/// Quantities without a unit.
const PURE: [&str; 10] = [
    "cells in the well",
    "dose number",
    "EC50 on NK over that on Treg at 1 h",
    "divisions undergone",
    "residual (SD)",
    "fraction of the value at the wash",
    "share of",
    "events",
    "relative",
    "in the model's unit",
];

fn results(study: &str) -> (Study, Vec<(String, AssayResult)>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../studies").join(study);
    let study = Study::read(&path).unwrap();
    let plans = il2_assay::plans(&study).unwrap();
    let all = plans.iter().map(|(name, plan)| (name.clone(), plan.run(&study, &|_| {})));
    let all = all.collect();
    (study, all)
}

fn has_unit(axis: &Axis) -> bool {
    !axis.unit.is_empty()
        || axis.label.ends_with(')')
        || PURE.iter().any(|p| axis.label.contains(p))
}

fn check(at: &str, study: &Study, assay: &str, figure: &Figure) {
    assert!(!figure.title.is_empty() && !figure.panels.is_empty(), "{at}");
    // The name of the only assay of a study is left out, but not its kind and model.
    let said = ["model", "fit", "trial", "noncompartmental", "dose-response"];
    let named = figure.subtitle.contains(assay) || said.iter().any(|w| figure.subtitle.contains(w));
    assert!(named, "{at}: {}", figure.subtitle);
    assert!(figure.footnote.contains(&study.hash[..12]), "{at}: {}", figure.footnote);
    for panel in &figure.panels {
        let at = format!("{at}, panel {} {}", panel.name, panel.title);
        check_panel(&at, panel);
    }
}

fn check_panel(at: &str, panel: &Panel) {
    assert!(!panel.x.label.is_empty() && has_unit(&panel.x), "{at}: x axis {}", panel.x.title());
    match &panel.content {
        Content::Lines(series) => {
            let y = &panel.y;
            assert!(!y.label.is_empty() && has_unit(y), "{at}: y axis {}", y.title());
            let points = || series.iter().flat_map(|s| &s.points);
            let bands = series.iter().map(|s| s.band.len()).sum::<usize>();
            assert!(points().count() + bands > 0, "{at}: nothing is drawn");
            // A log axis without positive values would be empty.
            if panel.x.scale == Scale::Log {
                assert!(points().any(|p| p.0 > 0.0), "{at}");
            }
        }
        Content::HeatMap(map) => {
            assert!(has_unit(&panel.y), "{at}: y axis {}", panel.y.title());
            assert!(!map.colour_label.is_empty(), "{at}: the colours have no title");
            assert!(map.values.iter().flatten().any(|v| v.is_finite()), "{at}");
        }
        Content::Intervals(rows) => assert!(!rows.is_empty(), "{at}"),
    }
}

/// All studies but the fit of the patient and the search for a dose, which take a minute or more.
const STUDIES: [&str; 16] = [
    "01-dose-response",
    "02-time-course",
    "03-washout",
    "04-receptor-sweep",
    "05-affinity-sweep",
    "06-event-table",
    "07-regimens",
    "09-sensitivity",
    "10-design",
    "11-culture",
    "12-activation",
    "13-trial",
    "14-tumour-model",
    "15-population-fit",
    "16-noncompartmental",
    "17-sbml",
];

#[test]
fn every_figure_says_what_it_shows() {
    for name in STUDIES {
        let (study, results) = results(&format!("{name}.toml"));
        for (assay, result) in &results {
            assert!(!result.figures.is_empty(), "{name}: {assay} has no figure");
            for (figure, content) in &result.figures {
                check(&format!("{name}: {figure}"), &study, assay, content);
            }
        }
    }
}
