//! The posterior of a population fit, sampled by Markov chains.

use crate::population_fit::estimates::{Drawn, drawn, line_name};
use crate::population_fit::numbers::{Parameter, Scale};
use crate::population_fit::plan::Plan;
use faer::Mat;
use il2::quantity::three_digits;
use il2_answer::labels::{column_ending, cut};
use il2_engine::words::counted;
use il2_inference::no_answer::NoAnswer;
use il2_inference::population::Population;
use il2_inference::population::posterior::Posterior;
use il2_inference::sample::chain_of;
use il2_output::column::Value;
use il2_output::table::Table;
use std::cell::Cell;

/// Chains whose R-hat is above this value have not converged to the same distribution; other fits
/// use the same value.
pub const MOST_R_HAT: f64 = 1.05;

/// Results of the chains.
#[derive(Clone, Debug)]
pub struct Chains {
    /// Every parameter that is not fixed.
    pub drawn: Vec<Drawn>,
    /// Number of divergent draws in all chains.
    pub divergent: usize,
    /// Chains that ended early, with the reason.
    pub failures: Vec<String>,
}

impl Chains {
    /// The largest R-hat.
    pub fn worst(&self) -> f64 {
        self.drawn.iter().map(|d| d.r_hat).fold(f64::NAN, f64::max)
    }

    /// The fewest effective draws.
    pub fn fewest(&self) -> f64 {
        self.drawn.iter().map(|d| d.effective).fold(f64::NAN, f64::min)
    }
}

/// Draws parameters and random effects together, starting from the maximum of the likelihood and
/// a covariance of the free coordinates there.
pub fn chains(
    plan: &Plan,
    population: &Population,
    at: &[f64],
    covariance: &Mat<f64>,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<Chains, NoAnswer> {
    let (start, free) = (plan.start(), plan.free());
    let prior = |fixed: &[f64]| {
        let mut sum = (0.0, vec![0.0; fixed.len()]);
        for (k, p) in plan.numbers.parameters.iter().enumerate().filter(|(_, p)| !p.fixed) {
            let (log, slope) = p.scale.prior(fixed[k], start[k]);
            sum.0 += log;
            sum.1[k] = slope;
        }
        sum
    };
    let alike = |(k, p): (usize, &Parameter)| {
        let effect = plan.numbers.of_subjects.iter().position(|of| *of == k);
        effect.filter(|_| matches!(p.scale, Scale::Logarithm | Scale::EvenWithin(..)))
    };
    let alike: Vec<Option<usize>> = plan.numbers.parameters.iter().enumerate().map(alike).collect();
    let posterior = Posterior {
        population,
        at,
        free: &free,
        prior: &prior,
        residuals: &start[plan.numbers.parameters.len() + plan.effects.coordinates()..],
        alike: &alike,
    };
    let round = posterior.whitening(covariance)?;
    let places: Vec<usize> = (0..plan.chains).collect();
    let all = plan.threads.map(&places, |&c| {
        // A chain that ends early also counts as done.
        let left = Cell::new(plan.asked.all());
        let done = || {
            left.set(left.get() - 1);
            progress(1);
        };
        let density = |position: &[f64]| posterior.evaluate(position);
        let found = chain_of(&density, &round, c, &plan.asked, &done);
        progress(left.get());
        found
    });
    let failures: Vec<String> = all.iter().filter_map(|c| c.failure.clone()).collect();
    let whole = all.iter().filter(|c| c.failure.is_none());
    let coordinates = |draw: &Vec<f64>| posterior.parts(draw).0;
    let draws: Vec<Vec<Vec<f64>>> =
        whole.map(|c| c.draws.iter().map(coordinates).collect()).collect();
    Ok(Chains {
        drawn: if draws.is_empty() { vec![] } else { drawn(plan, &draws) },
        divergent: all.iter().map(|c| c.divergent).sum(),
        failures,
    })
}

/// Table of every parameter that was drawn.
pub fn table(plan: &Plan, chains: Option<&Chains>) -> Table {
    let columns = [
        ("parameter", true),
        ("what", true),
        ("unit", true),
        ("median", false),
        ("sd", false),
        ("low", false),
        ("high", false),
        ("level", false),
        ("r_hat", false),
        ("effective_draws", false),
    ];
    let mut table = Table::new(&format!("{}_posterior", plan.name), &columns);
    for d in chains.iter().flat_map(|c| &c.drawn) {
        let mut row: Vec<Value> =
            vec![d.name.as_str().into(), d.what.into(), d.unit.as_str().into()];
        let numbers = [d.median, d.sd, d.ends[0], d.ends[1], plan.level, d.r_hat, d.effective];
        row.extend(numbers.map(Value::from));
        table.push(row);
    }
    table
}

/// Heading of a drawn parameter in the table of draws.
fn heading(d: &Drawn) -> String {
    let name = d.name.replace(' ', "_");
    let name = match d.what {
        "between subjects" => format!("omega_{name}"),
        "between occasions" => format!("omega_occasions_{name}"),
        "correlation" | "residual" => format!("{}_{name}", d.what),
        _ => name,
    };
    match d.unit.is_empty() {
        true => name,
        false => format!("{name}_{}", column_ending(&d.unit).trim_start_matches('_')),
    }
}

/// Table of every draw, of all chains that were completed.
pub fn draws(plan: &Plan, chains: Option<&Chains>) -> Table {
    let drawn: &[Drawn] = chains.map_or(&[], |c| &c.drawn);
    let mut names = vec!["chain".to_string(), "draw".to_string()];
    names.extend(drawn.iter().map(heading));
    let columns: Vec<(&str, bool)> = names.iter().map(|name| (name.as_str(), false)).collect();
    let mut table = Table::new(&format!("{}_draws", plan.name), &columns);
    let count = drawn.first().map_or(0, |d| d.values.len());
    for chain in 0..count {
        for draw in 0..drawn[0].values[chain].len() {
            let mut row: Vec<Value> = vec![(chain as f64).into(), (draw as f64).into()];
            row.extend(drawn.iter().map(|d| Value::from(d.values[chain][draw])));
            table.push(row);
        }
    }
    table
}

/// The posterior as text.
pub fn text(plan: &Plan, chains: &Chains) -> String {
    let head = format!("{:.0} % interval", 100.0 * plan.level);
    let mut text = format!(
        "Posterior from {} chains of {} draws (No-U-Turn sampler); {} divergent\n{:<28} {:>18} \
         {:>10}  {:<22} {:>6} {:>9}\n",
        plan.chains,
        plan.asked.draws,
        chains.divergent,
        "parameter",
        "median",
        "SD",
        head,
        "R-hat",
        "effective"
    );
    for d in &chains.drawn {
        let name = line_name(d.what, &d.name);
        let value = format!("{} {}", three_digits(d.median), d.unit);
        let ends = format!("{} .. {}", three_digits(d.ends[0]), three_digits(d.ends[1]));
        text += &format!(
            "{:<28} {value:>18} {:>10}  {ends:<22} {:>6.3} {:>9.0}\n",
            cut(&name, 28),
            three_digits(d.sd),
            d.r_hat,
            d.effective
        );
    }
    text
}

/// Warnings about the chains.
pub fn warnings(plan: &Plan, chains: &Result<Chains, NoAnswer>) -> Vec<String> {
    let chains = match chains {
        Ok(chains) => chains,
        Err(why) => return vec![format!("no chains were run: {why}")],
    };
    let mut all = vec![];
    if let Some(why) = chains.failures.first() {
        all.push(format!("{} of {} chains ended early: {why}", chains.failures.len(), plan.chains));
    }
    if chains.worst() > MOST_R_HAT {
        all.push(format!(
            "the chains have not converged to the same distribution (largest R-hat {:.2}): use \
             more draws and warm-up",
            chains.worst()
        ));
    }
    if chains.divergent > 0 {
        all.push(format!(
            "{}: the posterior has corners that the chains miss; fix a parameter that the data do \
             not determine, or let fewer parameters vary",
            counted(chains.divergent, "divergent draw")
        ));
    }
    all
}
