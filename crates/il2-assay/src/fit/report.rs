//! Output of a fit: estimates, summary and checks.

use crate::fit::doubts::doubts;
use crate::fit::estimate::{Estimate, estimates, predicted};
use crate::fit::outcome::Outcome;
use crate::fit::plan::Plan;
use crate::fit::sentence::{self, FitResult, Known, Missed};
use crate::fit::{figures, tables};
use il2::quantity::three_digits;
use il2::receptor::binding::EXPERIMENT;
use il2_answer::answer::{AssayResult, Check};
use il2_answer::labels::cut;
use il2_answer::sentence::Spread;
use il2_engine::words::{counted, shown};
use il2_inference::bound::Bound;
use il2_inference::posterior::ErrorModel;
use il2_study::study::Study;
use serde_json::json;

/// Tables, figures and text of a fit.
pub fn result(study: &Study, plan: &Plan, outcome: &Outcome) -> AssayResult {
    let estimates = estimates(plan, outcome);
    let title = format!(
        "Fitted numbers, with 95 % intervals of priors and profiles and {:.0} % intervals of \
         posteriors",
        100.0 * plan.level
    );
    let all = vec![
        tables::parameters(plan, &estimates),
        tables::predictions(plan, outcome),
        tables::starts(plan, outcome),
        tables::profiles(plan, outcome),
        tables::draws(plan, outcome),
    ];
    AssayResult {
        figures: figures::all(study, plan, outcome, &estimates),
        summary: summary(plan, outcome, &estimates),
        sentences: answer(plan, outcome, &estimates),
        text: text(plan, outcome, &estimates),
        warnings: warnings(plan, outcome),
        answer: vec![(title, tables::answer(plan, &estimates))],
        checks: checks(plan, outcome, &estimates),
        inputs: plan.measured.iter().map(|m| m.file.clone()).collect(),
        tables: all.into_iter().filter(|t| t.rows() > 0).collect(),
        ..AssayResult::default()
    }
}

/// The answer in sentences.
fn answer(plan: &Plan, outcome: &Outcome, estimates: &[Estimate]) -> Vec<String> {
    let known = |e: &Estimate| {
        let spread = |middle, [low, high]: [f64; 2]| Spread { middle, low, high };
        let [median, low, high] = e.posterior;
        let (value, determined) = match (outcome.chains.is_empty(), outcome.profiles.is_empty()) {
            // The data outweigh the prior if they alone would leave less spread than the prior.
            (false, _) => (spread(median, [low, high]), Some(2.0 * e.left * e.left < 1.0)),
            (true, false) => {
                let closed = e.profile.iter().all(|end| end.is_finite());
                (spread(e.best, e.profile), Some(closed))
            }
            (true, true) => (Spread::exact(e.best), None),
        };
        let profile = (!outcome.profiles.is_empty()).then_some(e.profile);
        Known { name: e.name.clone(), unit: e.unit.clone(), value, determined, profile }
    };
    let missed = |table: usize| {
        let root = misfit(plan, outcome, table, false)?;
        let unit = &plan.measured[table].counted_in.0;
        let missed = match relative(plan, table) {
            true => Missed::Factor(il2_engine::math::exp(root)),
            false => Missed::Amount(root, unit.clone()),
        };
        Some((plan.measured[table].name.clone(), missed))
    };
    let level = if outcome.chains.is_empty() { 0.95 } else { plan.level };
    let mut said = sentence::sentences(&FitResult {
        numbers: estimates[..plan.posterior.numbers].iter().map(known).collect(),
        level,
        r_hat: estimates.iter().map(|e| e.r_hat).fold(f64::NAN, f64::max),
        missed: (0..plan.measured.len()).filter_map(missed).collect(),
        held_out: match outcome.chains.is_empty() {
            true => (0, 0),
            false => covered(plan, outcome, true),
        },
    });
    said.extend(experiment(plan));
    said
}

/// What the interval of a dissociation constant leaves out, if one is fitted to cells: the error of
/// the model on their lineage, which only a molecule of known affinity on the same plate separates
/// from it.
fn experiment(plan: &Plan) -> Option<String> {
    let bond = |name: &&String| name.contains("affinity.");
    let fitted = plan.fitted.iter().flat_map(|fitted| &fitted.sets).find(bond)?;
    let (ligand, _) = fitted.split_once('.')?;
    let mut setups = plan.prepared.iter().map(|prepared| &prepared.setup);
    let factor = setups.clone().find_map(|setup| setup.model.parameters.get(EXPERIMENT))?;
    let range = factor.interval.as_ref()?;
    let own = |name: &String| name == EXPERIMENT || name.ends_with(&format!(".{EXPERIMENT}"));
    let beside = setups.any(|setup| setup.ligands.iter().all(|other| other.label != ligand));
    let known = "a molecule of known affinity, such as native IL-2, on the same plate";
    match (plan.fitted.iter().flat_map(|fitted| &fitted.sets).any(own), beside) {
        (false, _) => Some(format!(
            "The interval of {fitted} leaves out the error of the model on these cells \
             ({EXPERIMENT}, {} to {} in 95 %), which changes a dissociation constant about as much: \
             measure {known}, and fit {EXPERIMENT} as well.",
            three_digits(range.low),
            three_digits(range.high)
        )),
        (true, false) => Some(format!(
            "No other molecule was measured here, so that only the shape of the curves separates \
             {fitted} from {EXPERIMENT}: measure {known}."
        )),
        (true, true) => None,
    }
}

fn warnings(plan: &Plan, outcome: &Outcome) -> Vec<String> {
    let of_answer = doubts(plan, outcome).warnings.into_iter();
    let of_tables = plan.measured.iter().flat_map(|m| m.warnings.clone());
    let of_bonds = plan.fitted.iter().filter_map(|f| one_of_two_bonds(&f.name));
    of_answer.chain(of_tables).chain(of_bonds).collect()
}

/// Warns of a rate that is easily mistaken for an affinity but leaves binding on the membrane unchanged.
fn one_of_two_bonds(name: &str) -> Option<String> {
    let ligand = name.strip_suffix(".k_off_beta")?;
    Some(format!(
        "{name} changes only the binding to beta from solution, not the binding on the membrane; \
         fit {ligand}.affinity.il2r_beta instead, which changes both"
    ))
}

/// Number of rows inside their predictive interval, and of all rows: fitted or held out, excluding
/// limits.
pub fn covered(plan: &Plan, outcome: &Outcome, held_out: bool) -> (usize, usize) {
    let rows = plan.posterior.observed.iter().zip(&outcome.predicted);
    let rows: Vec<_> =
        rows.filter(|(o, _)| o.held_out == held_out && o.bound == Bound::None).collect();
    let inside = rows.iter().filter(|(o, draws)| {
        let [from, to] = predicted(plan, draws);
        (from..=to).contains(&o.value)
    });
    (inside.count(), rows.len())
}

/// Root mean square of the residuals of a table at the best fit, of the logarithm or in the table's
/// unit; none if no row has a value.
pub fn misfit(plan: &Plan, outcome: &Outcome, table: usize, held_out: bool) -> Option<f64> {
    let rows = plan.rows.iter().zip(plan.posterior.observed.iter().zip(&outcome.expected));
    let own = rows.filter(|((of, row), _)| *of == table && row.held_out == held_out);
    let own = own.filter(|(_, (o, _))| o.bound == Bound::None);
    let misses: Vec<f64> =
        own.filter_map(|(_, (o, e))| o.residual(e).ok().map(|r| (r * e.sd) * (r * e.sd))).collect();
    let root = (misses.iter().sum::<f64>() / misses.len() as f64).sqrt();
    let one = if relative(plan, table) { 1.0 } else { plan.measured[table].counted_in.1 };
    (!misses.is_empty()).then_some(root / one)
}

/// Whether the errors of a table are relative (on the logarithm).
fn relative(plan: &Plan, table: usize) -> bool {
    let rows = plan.rows.iter().zip(&plan.posterior.observed);
    rows.filter(|((of, _), _)| *of == table).all(|(_, o)| o.error_model == ErrorModel::Relative)
}

/// Text about the residuals of a table at the best fit.
fn residuals(plan: &Plan, outcome: &Outcome, table: usize, held_out: bool) -> String {
    let rows = plan.rows.iter().zip(&plan.posterior.observed);
    let own = rows.filter(|((of, row), _)| *of == table && row.held_out == held_out);
    let limits = own.filter(|(_, o)| o.bound != Bound::None).count();
    let said = match limits {
        0 => String::new(),
        n => format!(", {n} of them {}", if n == 1 { "a limit" } else { "limits" }),
    };
    let Some(root) = misfit(plan, outcome, table, held_out) else { return said };
    let (of, unit) = match relative(plan, table) {
        true => ("log residuals", ""),
        false => ("residuals", plan.measured[table].counted_in.0.as_str()),
    };
    let root = format!("{} {}", three_digits(root), shown(unit));
    format!("{said}, root mean square of {of} {}", root.trim_end())
}

fn checks(plan: &Plan, outcome: &Outcome, estimates: &[Estimate]) -> Vec<Check> {
    let mut all = vec![Check {
        what: "searches that end at the best fit".into(),
        found: match outcome.starts.len() {
            1 => "not checked, because there was only one search".into(),
            starts => format!("{} of {starts}", outcome.agreeing()),
        },
        holds: outcome.agreeing() > 1 || outcome.starts.len() == 1,
    }];
    all.extend(doubts(plan, outcome).checks);
    if outcome.chains.is_empty() {
        return all;
    }
    let worst = estimates.iter().max_by(|a, b| a.r_hat.total_cmp(&b.r_hat)).expect("unknowns");
    all.push(Check {
        what: "R-hat of every unknown is below 1.05".into(),
        found: format!("highest {:.3} ({})", worst.r_hat, worst.name),
        holds: worst.r_hat < 1.05,
    });
    let fewest =
        estimates.iter().min_by(|a, b| a.effective.total_cmp(&b.effective)).expect("unknowns");
    all.push(Check {
        what: "every unknown has at least 100 effective draws".into(),
        found: format!("lowest {:.0} ({})", fewest.effective, fewest.name),
        holds: fewest.effective >= 100.0,
    });
    let draws: usize = outcome.chains.iter().map(|c| c.draws.len()).sum();
    let divergent: usize = outcome.chains.iter().map(|c| c.divergent).sum();
    all.push(Check {
        what: "no divergent transitions".into(),
        found: format!("{divergent} of {draws} draws"),
        holds: divergent == 0,
    });
    for (i, chain) in outcome.chains.iter().enumerate() {
        if let Some(failure) = &chain.failure {
            all.push(Check {
                what: format!("chain {i} is complete"),
                found: failure.clone(),
                holds: false,
            });
        }
    }
    let (inside, rows) = covered(plan, outcome, true);
    if rows > 0 {
        // Within two binomial standard errors of the level.
        let (n, p) = (rows as f64, plan.level);
        let margin = 2.0 * (p * (1.0 - p) / n).sqrt();
        all.push(Check {
            what: format!("held-out rows inside their {:.0} % intervals", 100.0 * p),
            found: format!("{inside} of {rows}"),
            holds: inside as f64 / n >= p - margin,
        });
    }
    all
}

fn summary(plan: &Plan, outcome: &Outcome, estimates: &[Estimate]) -> serde_json::Value {
    let of = |e: &Estimate| {
        let all = |values: &[f64]| values.iter().map(|v| json!(*v)).collect::<Vec<_>>();
        json!({
            "unknown": e.name, "unit": e.unit, "prior": all(&e.prior), "best": e.best,
            "posterior": all(&e.posterior), "profile_95": all(&e.profile),
            "spread_left": e.left, "r_hat": e.r_hat,
            "effective_draws": e.effective,
        })
    };
    let (held_inside, held) = covered(plan, outcome, true);
    let (inside, rows) = covered(plan, outcome, false);
    // Without chains, there are no predictive intervals.
    let drawn = |inside: usize| (!outcome.chains.is_empty()).then_some(inside);
    let limits = plan.posterior.observed.iter().filter(|o| o.bound != Bound::None).count();
    json!({
        "level": plan.level,
        "log_density": outcome.starts[outcome.best].log_density,
        "starts": outcome.starts.len(),
        "starts_at_the_best": outcome.agreeing(),
        "directions_determined": outcome.directions.iter().filter(|d| **d > 1.0).count(),
        "rows_fitted": rows, "rows_fitted_inside": drawn(inside),
        "rows_held_out": held, "rows_held_out_inside": drawn(held_inside),
        "rows_that_are_limits": limits,
        "unknowns": estimates.iter().map(of).collect::<Vec<_>>(),
    })
}

/// Text for the terminal, at most 100 columns wide.
fn text(plan: &Plan, outcome: &Outcome, estimates: &[Estimate]) -> String {
    let percent = 100.0 * plan.level;
    let mut out = String::new();
    for (i, table) in plan.measured.iter().enumerate() {
        let rows =
            |held| plan.rows.iter().filter(|(of, row)| *of == i && row.held_out == held).count();
        let said = |held| residuals(plan, outcome, i, held);
        let fitted = counted(rows(false), "row");
        out += &format!("  {}: {fitted} fitted{}", cut(&table.name, 25), said(false));
        if rows(true) > 0 {
            // On a separate line, because both together are too long for a terminal.
            out += &format!("\n    {} held out{}", counted(rows(true), "row"), said(true));
        }
        if table.left_out > 0 {
            out += &format!("; {} left out", table.left_out);
        }
        out.push('\n');
    }
    out += &format!(
        "  {:<25} {:<8} {:>19} {:>9} {:>19} {:>6}\n",
        "number",
        "unit",
        "prior 95 %",
        "best",
        if outcome.chains.is_empty() { "profile 95 %".into() } else { format!("{percent:.0} %") },
        "R-hat"
    );
    let range = |low: f64, high: f64| {
        let end = |v: f64| if v.is_nan() { "open".to_string() } else { three_digits(v) };
        format!("{} to {}", end(low), end(high))
    };
    let nuisance = estimates.len() - plan.posterior.numbers;
    for e in &estimates[..plan.posterior.numbers] {
        let after = match (outcome.chains.is_empty(), outcome.profiles.is_empty()) {
            (false, _) => range(e.posterior[1], e.posterior[2]),
            (true, false) => range(e.profile[0], e.profile[1]),
            (true, true) => "not requested".into(),
        };
        let r_hat = if e.r_hat.is_nan() { String::new() } else { format!("{:.3}", e.r_hat) };
        out += &format!(
            "  {:<25} {:<8} {:>19} {:>9} {:>19} {:>6}\n",
            cut(&e.name, 25),
            cut(&e.unit, 8),
            range(e.prior[1], e.prior[2]),
            three_digits(e.best),
            after,
            r_hat
        );
    }
    if nuisance > 0 {
        let kinds = ["factor", "background", "scatter"].map(|kind| {
            let own = estimates[plan.posterior.numbers..].iter();
            (own.filter(|e| e.name.starts_with(kind)).count(), kind)
        });
        let named = kinds.iter().filter(|(n, _)| *n > 0);
        let named = named.map(|(n, kind)| counted(*n, kind));
        out += &format!("  and {} (in the table)\n", named.collect::<Vec<_>>().join(", "));
    }
    let determined = outcome.directions.iter().filter(|d| **d > 1.0).count();
    out += &format!(
        "  data outweigh the priors for {determined} of {} parameter combinations\n",
        outcome.directions.len()
    );
    if !(outcome.chains.is_empty() && outcome.profiles.is_empty()) {
        out += "  all other numbers are fixed: intervals do not include their uncertainty\n";
    }
    for check in checks(plan, outcome, estimates) {
        let mark = if check.holds { " " } else { "!" };
        out += &format!("{mark} {}: {}\n", check.what, check.found);
    }
    out
}
