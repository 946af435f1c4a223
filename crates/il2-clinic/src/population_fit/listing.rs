//! What a population fit will do, as `il2 check` shows it.

use crate::population_fit::plan::Plan;
use crate::population_fit::sentence::of_table;
use il2::quantity::three_digits;
use il2_engine::words::counted;
use il2_inference::bound::Bound;
use il2_inference::population::{Method, Row};
use il2_study::study::population::PopulationFitPart;
use il2_study::study::text::Fraction;

/// The plan of the fit, for the terminal.
pub fn text(plan: &Plan, part: &PopulationFitPart) -> String {
    let (rows, limits) = plan.rows();
    let limits = if limits > 0 { format!(" ({limits} beyond a limit)") } else { String::new() };
    let method = match plan.method {
        Method::Foce => "FOCE with interaction",
        Method::Laplace => "Laplace",
    };
    let what = match plan.estimates {
        true => format!("a population fit of {}", counted(plan.free().len(), "parameter")),
        false => "a fit of each subject's parameters, with given population values,".to_string(),
    };
    let mut text = format!(
        "\nassay {}: {what} to {}{limits} of {}\n  {method}; model {}\n",
        plan.name,
        counted(rows, "measurement"),
        counted(plan.subjects.len(), "subject"),
        plan.described()
    );
    let varies = |all: &[usize], place: usize| all.contains(&place);
    for (place, p) in plan.numbers.parameters.iter().enumerate() {
        let value = format!("{} {}", three_digits(p.start / p.factor), p.unit);
        let mut about = vec![];
        if p.fixed || !plan.estimates {
            about.push("fixed".to_string());
        }
        let given = &part.parameters[&p.name];
        let logit = if plan.is_logit_normal(&p.name) { " of the log-odds" } else { "" };
        let sd = |given: Option<Fraction>| {
            let said = |Fraction(sd)| format!(" (omega {}{logit})", three_digits(sd));
            given.map_or(String::new(), said)
        };
        if varies(&plan.numbers.of_subjects, place) {
            about.push(format!("varies between subjects{}", sd(given.between_subjects)));
        }
        if varies(&plan.numbers.of_occasions, place) {
            about.push(format!("varies between occasions{}", sd(given.between_occasions)));
        }
        let line = format!("    {:<36} {:>18}  {}", p.name, value.trim(), about.join(", "));
        text += &format!("{}\n", line.trim_end());
    }
    for endpoint in plan.endpoints.iter().filter(|e| !e.name.is_empty()) {
        let rows = plan.subjects.iter().flat_map(|s| &s.rows);
        let own: Vec<&Row> =
            rows.filter(|r| plan.endpoints[r.endpoint].name == endpoint.name).collect();
        let limits = own.iter().filter(|r| r.bound != Bound::None).count();
        let limits = if limits > 0 { format!(", {limits} beyond a limit") } else { String::new() };
        let unit = if endpoint.unit.is_empty() { "plain numbers" } else { &endpoint.unit };
        text += &format!(
            "    DVID {:<31} {:>18}  {} in {unit}{limits}\n",
            endpoint.name,
            counted(own.len(), "measurement"),
            endpoint.word
        );
    }
    for endpoint in &plan.endpoints {
        for (name, sd) in endpoint.residual.names().iter().zip(&endpoint.sds) {
            let unit = if *name == "additive" { endpoint.unit.as_str() } else { "" };
            let name = format!("residual, {}", endpoint.residual_name(name));
            let value = format!("{} {unit}", three_digits(*sd));
            text += &format!("    {name:<36} {:>18}\n", value.trim());
        }
    }
    part.covariates.iter().for_each(|formula| text += &format!("    {formula}\n"));
    of_table(plan).iter().for_each(|warning| text += &format!("  ! {warning}\n"));
    text
}
