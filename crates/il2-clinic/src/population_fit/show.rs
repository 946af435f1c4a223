//! Output of a population fit.

use crate::population_fit::chains;
use crate::population_fit::endpoints::Endpoint;
use crate::population_fit::estimates::line_name;
use crate::population_fit::figures::figures;
use crate::population_fit::individuals;
use crate::population_fit::plan::Plan;
use crate::population_fit::profiles;
use crate::population_fit::run::{Answer, Found};
use crate::population_fit::sentence::{AGREE, sentences, warnings};
use crate::population_fit::tables::{doses, parameters, shrinkage, tables, variation};
use il2::quantity::three_digits;
use il2_answer::answer::{AssayResult, Check};
use il2_answer::labels::cut;
use il2_engine::math;
use il2_engine::words::counted;
use il2_inference::bound::Bound;
use il2_inference::population::{Kind, Method, Residual, Row};
use il2_study::study::Study;
use serde_json::json;
use std::f64::consts::PI;

/// Turns an answer into tables, figures, text and sentences.
pub fn show(study: &Study, plan: &Plan, answer: Answer) -> AssayResult {
    match answer {
        Ok(found) => result(study, plan, &found),
        Err(why) => AssayResult {
            sentences: vec![format!("No answer: {why}.")],
            text: format!("  the fit failed: {why}\n"),
            summary: json!({ "failed": why.to_string() }),
            failed: 1,
            no_answer: Some(why),
            ..AssayResult::default()
        },
    }
}

fn result(study: &Study, plan: &Plan, found: &Found) -> AssayResult {
    let figures = figures(study, plan, found);
    let mut answer = vec![("Estimates".to_string(), parameters(plan, found))];
    if plan.dose.is_some() {
        answer.push(("Doses".to_string(), doses(plan, found)));
    }
    AssayResult {
        tables: tables(plan, found),
        sentences: sentences(plan, found),
        text: text(plan, found),
        picture: figures.first().and_then(|(_, figure)| figure.panels.get(1).cloned()),
        figures,
        warnings: warnings(plan, found),
        answer,
        checks: checks(found),
        summary: summary(plan, found),
        failed: found.check.failed.len(),
        inputs: vec![(plan.file.clone(), plan.table.hash.clone())],
        ..AssayResult::default()
    }
}

/// -2 log likelihood, and NONMEM's objective function, which lacks the constant term of the
/// measured values. Where their logarithms are normal, NONMEM has the logarithms as DV, and its
/// objective function is that of the logarithms.
fn objective(plan: &Plan, found: &Found) -> [f64; 2] {
    let whole = -2.0 * found.marginal.log;
    let rows = plan.subjects.iter().flat_map(|s| &s.rows);
    let constant = |row: &Row| match plan.endpoints[row.endpoint].residual {
        Residual::LogAdditive => math::ln(2.0 * PI) + 2.0 * math::ln(row.value),
        _ => math::ln(2.0 * PI),
    };
    let measured = rows.filter(|row| row.bound == Bound::None);
    [whole, whole - measured.map(constant).sum::<f64>()]
}

fn text(plan: &Plan, found: &Found) -> String {
    let (rows, limits) = plan.rows();
    let limits = if limits > 0 { format!(" ({limits} beyond a limit)") } else { String::new() };
    let [whole, without] = objective(plan, found).map(|v| format!("{v:.3}"));
    let method = match plan.method {
        Method::Foce => "FOCE with interaction",
        Method::Laplace => "Laplace",
    };
    let logarithms = |e: &Endpoint| e.residual == Residual::LogAdditive;
    let logarithms = match plan.endpoints.iter().any(logarithms) {
        true => " with the logarithm as DV",
        false => "",
    };
    let mut text = format!(
        "{}, {}{limits} of {}; {method}\n-2 log likelihood {whole} ({without} without the \
         constant, as in NONMEM{logarithms})\n",
        counted(plan.subjects.len(), "subject"),
        counted(rows, "measurement"),
        plan.file,
    );
    if plan.rows().1 > 0 && plan.method == Method::Foce {
        text += "Values beyond a limit by M3, with the curvature of their probability (in NONMEM: \
                 LAPLACE)\n";
    }
    if let Some(maximum) = &found.maximum {
        let free = plan.free().len();
        let end = match found.ended_at_maximum() {
            true => "reached this maximum",
            false => "ended at this likelihood, which may not be a maximum",
        };
        text += &format!(
            "AIC {:.3} with {}; {} of {} {end}\n",
            -2.0 * found.marginal.log + 2.0 * free as f64,
            counted(free, "parameter"),
            maximum.agree(AGREE),
            counted(maximum.searches.len(), "search"),
        );
    }
    let errors = match plan.errors {
        Kind::Curvature => "curvature",
        Kind::Scores => "scores",
        Kind::Sandwich => "sandwich",
    };
    let head = format!("{:.0} % interval", 100.0 * plan.level);
    text += &format!(
        "{:<28} {:>18} {:>10} {:>7}  {:<22} {:>6} {:>9}\n",
        "parameter", "estimate", "SE", "RSE", head, "CV", "shrinkage"
    );
    for e in &found.estimates {
        let name = line_name(e.what, &e.name);
        let value = format!("{} {}", three_digits(e.value), e.unit);
        let (error, relative, ends) = match (e.fixed, e.error.is_nan()) {
            (true, _) => ("fixed".into(), String::new(), String::new()),
            (_, true) => ("unknown".into(), String::new(), String::new()),
            _ => (
                three_digits(e.error),
                format!("{:.1} %", e.relative_error()),
                format!("{} .. {}", three_digits(e.ends[0]), three_digits(e.ends[1])),
            ),
        };
        let varies = e.what.starts_with("between");
        let cv = match variation(plan, e) {
            _ if !varies => String::new(),
            // The log-odds, not the logarithm, has this standard deviation.
            cv if cv.is_nan() => "logit".into(),
            cv => format!("{cv:.0} %"),
        };
        let shrunk = match shrinkage(plan, found, e) {
            unknown if unknown.is_nan() => String::new(),
            shrunk => format!("{shrunk:.0} %"),
        };
        let line = format!(
            "{:<28} {value:>18} {error:>10} {relative:>7}  {ends:<22} {cv:>6} {shrunk:>9}",
            cut(&name, 28)
        );
        text += &format!("{}\n", line.trim_end());
    }
    if matches!(found.precision, Some(Ok(_))) {
        text += &format!("Standard errors from the {errors} of the likelihood.\n");
    }
    text += &individuals::text(plan, found);
    text += &profiles::text(plan, &found.profiles);
    if let Some(Ok(found)) = &found.chains {
        text += &chains::text(plan, found);
    }
    text
}

/// How well the chains agree, and how many percentiles of the data are inside their bands of the
/// visual predictive check.
fn checks(found: &Found) -> Vec<Check> {
    let mut checks = vec![];
    if let Some(Ok(chains)) = &found.chains {
        checks.push(Check {
            what: "chains of the posterior agree (R-hat)".into(),
            found: format!(
                "at most {:.3}; at least {:.0} effective draws",
                chains.worst(),
                chains.fewest()
            ),
            holds: chains.worst() < chains::MOST_R_HAT,
        });
    }
    let all = found.check.bins.iter().flat_map(|b| b.measured.iter().zip(&b.simulated));
    let inside = all.clone().filter(|(m, s)| (s[0]..=s[2]).contains(m)).count();
    let count = all.count();
    if count > 0 {
        checks.push(Check {
            what: "percentiles of the measurements are within the bands of data simulated from \
                   the fit"
                .into(),
            found: format!("{inside} of {count} in their 95 % bands"),
            // If the model is right, one in twenty is outside; fewer than two thirds inside is far
            // from that.
            holds: 3 * inside >= 2 * count,
        });
    }
    checks
}

fn summary(plan: &Plan, found: &Found) -> serde_json::Value {
    let finite = |v: f64| if v.is_finite() { json!(v) } else { json!(null) };
    let estimate = |e: &crate::population_fit::estimates::Estimate| {
        json!({
            "parameter": e.name, "what": e.what, "unit": e.unit, "estimate": finite(e.value),
            "standard_error": finite(e.error), "low": finite(e.ends[0]), "high": finite(e.ends[1]),
            "fixed": e.fixed, "shrinkage_percent": finite(shrinkage(plan, found, e)),
        })
    };
    let followed = |p: &profiles::Followed| {
        json!({
            "parameter": p.name, "what": p.what, "unit": p.unit, "low": finite(p.ends[0]),
            "high": finite(p.ends[1]),
        })
    };
    let [whole, without] = objective(plan, found);
    let (rows, limits) = plan.rows();
    let drawn = |d: &crate::population_fit::estimates::Drawn| {
        json!({
            "parameter": d.name, "what": d.what, "unit": d.unit, "median": finite(d.median),
            "sd": finite(d.sd), "low": finite(d.ends[0]), "high": finite(d.ends[1]),
            "r_hat": finite(d.r_hat), "effective_draws": finite(d.effective),
        })
    };
    let posterior = found.chains.as_ref().and_then(|chains| chains.as_ref().ok());
    json!({
        "kind": "population-fit",
        "model": plan.described(),
        "subjects": plan.subjects.len(),
        "measurements": rows,
        "beyond_a_limit": limits,
        "minus_2_log_likelihood": whole,
        "nonmem_objective": without,
        "converged": found.maximum.as_ref().map(|_| found.ended_at_maximum()),
        "searches_that_agree": found.maximum.as_ref().map(|m| m.agree(AGREE)),
        "level": plan.level,
        "estimates": found.estimates.iter().map(estimate).collect::<Vec<_>>(),
        "profiles": plan.profiles.then(|| {
            found.profiles.iter().map(followed).collect::<Vec<_>>()
        }),
        "posterior": posterior.map(|found| found.drawn.iter().map(drawn).collect::<Vec<_>>()),
    })
}
