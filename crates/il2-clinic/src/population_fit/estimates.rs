//! Every parameter in the form in which it is usually reported, with its standard error and
//! interval.

use crate::population_fit::plan::Plan;
use faer::Mat;
use il2_engine::math;
use il2_inference::population::Level;
use il2_inference::quantiles::{interval, quantile};
use il2_inference::sample::{effective, r_hat};

/// A parameter in the form in which it is usually reported.
#[derive(Clone, Debug)]
pub struct Estimate {
    /// `clearance`, `variability of clearance`.
    pub name: String,
    /// Kind of parameter: `typical`, `between subjects`, `between occasions`, `correlation`,
    /// `residual`.
    pub what: &'static str,
    /// Its unit, as the study writes it.
    pub unit: String,
    /// Its value.
    pub value: f64,
    /// Standard error; NaN where the parameter is fixed or the error is unknown.
    pub error: f64,
    /// Ends of the interval.
    pub ends: [f64; 2],
    /// Whether the parameter was fixed at its starting value.
    pub fixed: bool,
}

impl Estimate {
    /// Standard error relative to the value (%).
    pub fn relative_error(&self) -> f64 {
        100.0 * (self.error / self.value).abs()
    }
}

/// A reported value as a function of the coordinates.
type OfCoordinates<'a> = Box<dyn Fn(&[f64]) -> f64 + 'a>;

/// A parameter as a function of the coordinates, and the scale on which its interval is
/// symmetrical.
struct Reported<'a> {
    name: String,
    what: &'static str,
    unit: String,
    of: OfCoordinates<'a>,
    onto: Box<dyn Fn(f64) -> f64 + 'a>,
    back: Box<dyn Fn(f64) -> f64 + 'a>,
    fixed: bool,
    /// Whether the estimate is at a bound, where a standard error has no meaning.
    at_end: bool,
    /// The coordinate of which it is a function alone, if there is one.
    alone: Option<usize>,
}

/// An estimate that is a function of one coordinate alone.
pub struct Alone<'a> {
    /// Its name, as in its estimate.
    pub name: String,
    /// Its kind.
    pub what: &'static str,
    /// Its unit, as the study writes it.
    pub unit: String,
    /// The coordinate.
    pub coordinate: usize,
    /// Its value, as a function of all coordinates.
    pub of: OfCoordinates<'a>,
}

/// The estimates that are functions of one coordinate alone.
pub fn coordinates<'a>(plan: &'a Plan, found: &[f64]) -> Vec<Alone<'a>> {
    let alone = |r: Reported<'a>| {
        let coordinate = r.alone?;
        Some(Alone { name: r.name, what: r.what, unit: r.unit, coordinate, of: r.of })
    };
    reported(plan, found).into_iter().filter_map(alone).collect()
}

/// Estimates of all parameters; the covariance is that of the free coordinates that are not at a
/// bound.
pub fn estimates(
    plan: &Plan,
    at: &[f64],
    free: &[usize],
    covariance: Option<&Mat<f64>>,
) -> Vec<Estimate> {
    let all = reported(plan, at).into_iter().map(|r| {
        let value = (r.of)(at);
        let slope = |of: &dyn Fn(&[f64]) -> f64, k: usize| {
            const STEP: f64 = 1e-5;
            let moved = |by: f64| {
                let mut at = at.to_vec();
                at[k] += by;
                of(&at)
            };
            (moved(STEP) - moved(-STEP)) / (2.0 * STEP)
        };
        let sd = |of: &dyn Fn(&[f64]) -> f64| {
            let known = !r.fixed && !r.at_end && plan.estimates;
            let Some(covariance) = covariance.filter(|_| known) else {
                return f64::NAN;
            };
            let slopes: Vec<f64> = free.iter().map(|&k| slope(of, k)).collect();
            let product = |i: usize| {
                (0..free.len()).map(|j| covariance[(i, j)] * slopes[j]).sum::<f64>() * slopes[i]
            };
            (0..free.len()).map(product).sum::<f64>().max(0.0).sqrt()
        };
        let half =
            math::normal_quantile(0.5 + 0.5 * plan.level) * sd(&|at: &[f64]| (r.onto)((r.of)(at)));
        let ends = [-half, half].map(|half| (r.back)((r.onto)(value) + half));
        let error = sd(&|at: &[f64]| (r.of)(at));
        Estimate {
            ends,
            error,
            value,
            name: r.name,
            what: r.what,
            unit: r.unit,
            fixed: r.fixed || !plan.estimates,
        }
    });
    all.collect()
}

/// Name of a parameter in a line of text.
pub fn line_name(what: &str, name: &str) -> String {
    match what {
        "typical" => name.to_string(),
        "correlation" => format!("  correlation {name}"),
        "residual" => format!("residual, {name}"),
        "between occasions" => format!("  omega {name}, occasions"),
        _ => format!("  omega {name}"),
    }
}

/// A parameter that was drawn.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// Its name.
    pub name: String,
    /// What kind of parameter it is, as in an estimate.
    pub what: &'static str,
    /// Its unit, as the study writes it.
    pub unit: String,
    /// Median of all draws.
    pub median: f64,
    /// Standard deviation of all draws.
    pub sd: f64,
    /// Ends of the interval that contains the requested fraction of the draws.
    pub ends: [f64; 2],
    /// R-hat, which shows whether the chains agree.
    pub r_hat: f64,
    /// Effective number of independent draws.
    pub effective: f64,
    /// `values[chain][draw]`.
    pub values: Vec<Vec<f64>>,
}

/// Summaries of all parameters that were drawn; `chains[chain][draw]` contains the coordinates of
/// all parameters.
pub fn drawn(plan: &Plan, chains: &[Vec<Vec<f64>>]) -> Vec<Drawn> {
    let all = reported(plan, &plan.start()).into_iter().filter(|r| !r.fixed).map(|r| {
        let of_chain = |chain: &Vec<Vec<f64>>| chain.iter().map(|at| (r.of)(at)).collect();
        let values: Vec<Vec<f64>> = chains.iter().map(of_chain).collect();
        let together: Vec<f64> = values.iter().flatten().copied().collect();
        let effective = effective(&values);
        let mean = together.iter().sum::<f64>() / together.len() as f64;
        let square: f64 = together.iter().map(|v| (v - mean) * (v - mean)).sum();
        Drawn {
            median: quantile(&together, 0.5),
            sd: (square / (together.len() as f64 - 1.0)).sqrt(),
            ends: interval(&together, effective, plan.level),
            r_hat: r_hat(&values),
            effective,
            values,
            name: r.name,
            what: r.what,
            unit: r.unit,
        }
    });
    all.collect()
}

/// Fisher's transform of a correlation, and back.
fn spread(value: f64) -> f64 {
    0.5 * math::ln((1.0 + value) / (1.0 - value))
}

fn gathered(value: f64) -> f64 {
    let two = math::exp(2.0 * value);
    if two.is_infinite() { 1.0 } else { (two - 1.0) / (two + 1.0) }
}

fn reported<'a>(plan: &'a Plan, found: &[f64]) -> Vec<Reported<'a>> {
    let mut all = vec![];
    for (k, p) in plan.numbers.parameters.iter().enumerate() {
        all.push(Reported {
            name: p.name.clone(),
            what: "typical",
            unit: p.unit.clone(),
            of: Box::new(move |at| p.scale.value(at[k]) / p.factor),
            onto: Box::new(move |value| p.scale.coordinate(value * p.factor)),
            back: Box::new(move |x| p.scale.value(x) / p.factor),
            fixed: p.fixed,
            at_end: p.scale.at_end(found[k]).is_some(),
            alone: Some(k),
        });
    }
    let (mut subjects, mut occasional) =
        (plan.numbers.of_subjects.iter(), plan.numbers.of_occasions.iter());
    let (first, last) = (plan.numbers.parameters.len(), plan.effects.coordinates());
    let mut coordinate = first;
    for (b, block) in plan.effects.blocks.iter().enumerate() {
        // The first standard deviation of a block is its first coordinate; those after it also
        // depend on covariances.
        let own = coordinate;
        coordinate += block.size * (block.size + 1) / 2;
        let (what, of) = match block.level {
            Level::Subject => ("between subjects", &mut subjects),
            Level::Occasion => ("between occasions", &mut occasional),
        };
        let names: Vec<&str> =
            of.take(block.size).map(|p| plan.numbers.parameters[*p].name.as_str()).collect();
        let entry = move |at: &[f64], i: usize, j: usize| {
            let lower = &plan.effects.triangles(&at[first..first + last])[b];
            lower[i].iter().zip(&lower[j]).map(|(x, y)| x * y).sum::<f64>()
        };
        for i in 0..block.size {
            all.push(Reported {
                name: names[i].to_string(),
                what,
                unit: String::new(),
                of: Box::new(move |at| entry(at, i, i).sqrt()),
                onto: Box::new(math::ln),
                back: Box::new(math::exp),
                fixed: false,
                at_end: false,
                alone: (i == 0).then_some(own),
            });
        }
        for i in 0..block.size {
            for j in 0..i {
                all.push(Reported {
                    name: format!("{} and {}", names[j], names[i]),
                    what: "correlation",
                    unit: String::new(),
                    of: Box::new(move |at| {
                        entry(at, i, j) / (entry(at, i, i) * entry(at, j, j)).sqrt()
                    }),
                    onto: Box::new(spread),
                    back: Box::new(gathered),
                    fixed: false,
                    at_end: false,
                    alone: None,
                });
            }
        }
    }
    let of_residual =
        plan.endpoints.iter().flat_map(|e| e.residual.names().iter().map(move |n| (e, *n)));
    for (k, (endpoint, name)) in of_residual.enumerate() {
        let unit = if name == "additive" { endpoint.unit.clone() } else { String::new() };
        all.push(Reported {
            name: endpoint.residual_name(name),
            what: "residual",
            unit,
            of: Box::new(move |at| math::exp(at[first + last + k])),
            onto: Box::new(math::ln),
            back: Box::new(math::exp),
            fixed: false,
            at_end: false,
            alone: Some(first + last + k),
        });
    }
    all
}
