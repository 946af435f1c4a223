//! The work-precision figure: time per trajectory against its error.

use il2_output::figure::{Axis, Content, Figure, Panel, Series, to_svg};

/// Draws the measurements of `run`.
pub fn draw(results: &str, svg: &str) {
    let text = std::fs::read_to_string(results).expect("results");
    let results: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let solvers = results["precision"].as_array().expect("a list of measurements");
    let mut names: Vec<&str> = vec![];
    for entry in solvers {
        let name = entry["solver"].as_str().expect("a solver");
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let panel = |workload: &str, title: &str| {
        let series = names.iter().enumerate().map(|(style, name)| {
            let own = |e: &&serde_json::Value| e["solver"] == *name && e["workload"] == workload;
            let point = |e: &serde_json::Value| (e["error"].as_f64(), e["us"].as_f64());
            let points = solvers.iter().filter(own).map(point);
            let mut points: Vec<(f64, f64)> = points.filter_map(|(x, y)| x.zip(y)).collect();
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            Series { label: (*name).into(), style, points, markers: true, ..Series::default() }
        });
        let axis = |label: &str| Axis::log(label, "");
        Panel {
            name: String::new(),
            title: title.into(),
            x: axis("worst error, relative to the value + 0.01"),
            y: axis("time a trajectory, one thread (µs)"),
            content: Content::Lines(series.collect()),
        }
    };
    let figure = Figure {
        title: "Work and precision of the ensemble engine".into(),
        subtitle: "further left and further down is better; tolerances from 1e-2 to 1e-9; the reference solutions are good to some 1e-8, so points at the left edge are better than they look".into(),
        panels: vec![panel("w1", "W1, receptor scale"), panel("w2", "W2, patient scale")],
        columns: 2,
        footnote: results["machine"].as_str().unwrap_or("").into(),
        legend: names.iter().enumerate().map(|(i, n)| ((*n).to_string(), i)).collect(),
        ..Figure::default()
    };
    std::fs::write(svg, to_svg(&figure)).expect("writable");
}
