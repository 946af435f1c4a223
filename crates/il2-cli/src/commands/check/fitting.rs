//! The plan of a fit: rows, simulations, unknowns with their priors, and what else could be fitted.

use crate::commands::wrapped;
use il2::quantity::three_digits;
use il2_assay::fit::plan::Plan;
use il2_clinic::population_fit;
use il2_engine::words::counted;
use il2_inference::quantiles::Z_975;
use il2_study::Study;
use il2_study::study::file::AssayPart;
use serde_json::json;

/// The plan of a population fit, for the terminal.
pub fn of_people(study: &Study, plan: &population_fit::Plan) -> String {
    match &study.assays[&plan.name] {
        AssayPart::PopulationFit(part) => population_fit::listing::text(plan, part),
        _ => String::new(),
    }
}

/// The plan of a fit, for the terminal.
pub fn text(name: &str, plan: &Plan, full: bool) -> String {
    let experiment = &plan.posterior.experiment;
    let mut text = format!(
        "assay {name}: a fit of {} to {} by {} of {}; {}, {} of {} draws\n",
        counted(plan.posterior.unknowns.len(), "unknown"),
        counted(plan.rows.len(), "row"),
        counted(experiment.courses.len(), "simulation"),
        counted(experiment.systems.len(), "network"),
        counted(plan.starts, "search"),
        counted(plan.chains, "chain"),
        plan.asked.draws,
    );
    text = wrapped(&text, 0);
    text.insert(0, '\n');
    for (i, table) in plan.measured.iter().enumerate() {
        let rows =
            |held| plan.rows.iter().filter(|(of, row)| *of == i && row.held_out == held).count();
        text += &format!(
            "  table {} ({}): {} fitted, {} held out, {} left out\n",
            table.name,
            table.file.0,
            counted(rows(false), "row"),
            rows(true),
            table.left_out
        );
        for warning in &table.warnings {
            text += &wrapped(warning, 4);
        }
    }
    text += "  unknowns: median of the prior and its 95 % range\n";
    for (i, unknown) in plan.posterior.unknowns.iter().enumerate() {
        let unit = plan.unit(i).0;
        let [low, middle, high] =
            [-Z_975, 0.0, Z_975].map(|z| three_digits(plan.in_study_unit(i, z)));
        text += &format!("    {:<44} {middle:>10} {low:>10} to {high:>10} {unit}\n", unknown.name);
    }
    if !full {
        return text;
    }
    text += "  model parameters that a fitted parameter may set\n";
    text + &wrapped(&known(plan).join("  "), 4)
}

/// Names of the parameters of all networks, without duplicates.
fn known(plan: &Plan) -> Vec<&str> {
    let mut all: Vec<&str> = vec![];
    for name in plan.posterior.experiment.systems.iter().flat_map(|s| s.parameters()) {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}

/// The plan of a fit as JSON.
pub fn json(plan: &Plan) -> serde_json::Value {
    let unknowns = plan.posterior.unknowns.iter().enumerate().map(|(i, unknown)| {
        let unit = plan.unit(i).0;
        let [low, middle, high] = [-Z_975, 0.0, Z_975].map(|z| plan.in_study_unit(i, z));
        json!({"name": unknown.name, "unit": unit, "prior": [low, middle, high]})
    });
    let tables = plan.measured.iter().map(
        |m| json!({"name": m.name, "file": m.file.0, "sha256": m.file.1, "left_out": m.left_out, "warnings": m.warnings}),
    );
    json!({
        "unknowns": unknowns.collect::<Vec<_>>(),
        "tables": tables.collect::<Vec<_>>(),
        "rows": plan.rows.len(),
        "rows_held_out": plan.rows.iter().filter(|(_, row)| row.held_out).count(),
        "simulations": plan.posterior.experiment.courses.len(),
        "starts": plan.starts,
        "chains": plan.chains,
        "parameters": known(plan),
    })
}
