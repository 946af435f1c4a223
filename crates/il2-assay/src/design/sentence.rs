//! The answer of a search in sentences.

use crate::design::objective::{Goal, Objective, Of};
use crate::design::plan::{Candidate, Plan};
use crate::design::run::{Answer, Evaluated};
use il2::quantity::{readable_concentration, three_digits};
use il2_answer::labels::number_in_words;
use il2_answer::sentence::{Spread, listed, number, percent};
use il2_engine::Dimension;
use il2_engine::words::counted;
use il2_inference::statistics::central_interval;

/// Largest number of objectives whose best design the sentences name.
const MOST_TOLD: usize = 3;
/// Largest ratio of a measured to a predicted value at which they still agree.
const AGREE: f64 = 3.0;

/// An objective in words.
pub fn subject(plan: &Plan, objective: &Objective) -> String {
    let readout = &plan.readouts[objective.readout];
    let plain = objective.subject(&plan.cells, readout, plan.times[objective.time]);
    let relative = objective.relative_to.map(|of| format!(", relative to {}", plan.names[of]));
    let of = format!("{} {}", plan.donors.len(), plan.donors_are.word());
    let donors = objective.reached_by.map(|part| match part {
        1.0 => format!(", in the worst of {of}"),
        part => format!(", in {} % of {of}", number(100.0 * part)),
    });
    format!("{plain}{}{}", relative.unwrap_or_default(), donors.unwrap_or_default())
}

/// The numbers of a design: `K_D of il2 for CD25 = 1.00 nM` and `valency = 2`.
pub fn numbers(plan: &Plan, candidate: &Candidate) -> Vec<String> {
    let own = plan.varied.iter().zip(&candidate.numbers);
    let own = own.map(|(varied, value)| {
        format!("{} = {}", number_in_words(&varied.name), amount(varied, *value))
    });
    let dose = plan.dose.map(|_| format!("dose = {}", readable_concentration(candidate.dose)));
    let form = plan.form(candidate).map(|form| format!("{} = {}", form.heading(), form.text()));
    own.chain(dose).chain(form).collect()
}

/// A number of a design as shown to users: concentrations in the unit that keeps them short, other
/// numbers in the unit of the study.
pub fn amount(varied: &crate::vary::Varied, value: f64) -> String {
    match varied.dimension == Dimension::CONCENTRATION {
        true => readable_concentration(value),
        false => format!("{} {}", three_digits(value / varied.unit.1), varied.unit.0).trim().into(),
    }
}

/// A result with its interval: `12.0 pM (8.10 pM to 20.3 pM)`.
pub fn told(objective: &Objective, spread: Spread) -> String {
    let said = |value: f64| objective.said(value);
    let middle = said(spread.middle);
    match (spread.low.is_finite(), spread.high.is_finite()) {
        (true, true) => format!("{middle} ({} to {})", said(spread.low), said(spread.high)),
        (true, false) => format!("{middle} (at least {})", said(spread.low)),
        (false, true) => format!("{middle} (at most {})", said(spread.high)),
        (false, false) => middle,
    }
}

/// The answer: the best design for each goal, how far known molecules are from the front, and
/// whether their measured values are predicted.
pub fn sentences(plan: &Plan, answer: &Answer) -> Vec<String> {
    if answer.designs.is_empty() {
        return vec![none(plan, answer)];
    }
    let goals: Vec<(usize, &Objective)> = plan.goals().take(MOST_TOLD).collect();
    let several = goals.len() > 1;
    let mut said: Vec<String> = vec![];
    for (o, objective) in &goals {
        let Some((i, best)) = best(answer, *o, objective) else { continue };
        let which = match (several, answer.designs.len()) {
            (false, _) => "The best design".to_string(),
            (true, _) => format!("The best design for {} (design {})", objective.name, i + 1),
        };
        let results = plan.objectives.iter().zip(&best.spread).enumerate();
        let own = results.map(|(place, (o, spread))| {
            let kept = best.within_limits(place, o).filter(|part| *part < 1.0);
            let kept = kept.map_or(String::new(), |part| {
                format!(" [limit kept in {} of draws]", percent(part))
            });
            format!("{} {}{}{kept}", o.name, o.bound_over_donors(), told(o, *spread))
        });
        let (numbers, own) = (listed(&numbers(plan, &best.candidate)), own.collect::<Vec<_>>());
        said.push(format!("{which}, with {numbers}, has {}.", listed(&own)));
    }
    let brackets = answer.designs.iter().any(|d| d.spread.iter().any(|s| s.has_ends()));
    if let Some(first) = said.first_mut().filter(|_| brackets) {
        first.truncate(first.len() - 1);
        *first += &format!("; in parentheses: {} intervals.", percent(plan.level));
    }
    let meaning = |objective: &Objective| {
        let article = match objective.of {
            Of::Response | Of::ResponseRatio => "",
            _ => "the ",
        };
        format!("{} is {article}{}", objective.name, subject(plan, objective))
    };
    let meanings: Vec<String> = plan.objectives.iter().map(meaning).collect();
    said.push(format!("Here {}.", meanings.join("; ")));
    said.extend(plan.donors_in_words());
    said.extend(at_ends(plan, answer));
    said.extend(goals.iter().filter_map(|(o, objective)| beaten(plan, answer, *o, objective)));
    said.extend(gains(plan, answer));
    said.extend(measured(plan, answer));
    said
}

/// Fraction of designs at the end of a range above which better ones may be outside it.
const OFTEN: f64 = 0.5;

/// Numbers that most designs have at an end of their range.
fn at_ends(plan: &Plan, answer: &Answer) -> Vec<String> {
    let mut said = vec![];
    for (n, varied) in plan.varied.iter().enumerate() {
        for (high, end) in [(false, "lower"), (true, "upper")] {
            let here = |found: &&Evaluated| plan.at_ends(&found.candidate).contains(&(n, high));
            let count = answer.designs.iter().filter(here).count();
            if count as f64 > OFTEN * answer.designs.len() as f64 {
                let value = varied.between(f64::from(u8::from(high)));
                let which = match answer.designs.len() {
                    1 => "In the design".to_string(),
                    all => format!("In {count} of {all} designs"),
                };
                said.push(format!(
                    "{which}, {} is at the {end} end of its range, {}: better designs can be \
                     expected outside this range.",
                    number_in_words(&varied.name),
                    amount(varied, value)
                ));
            }
        }
    }
    said
}

/// The design that is best in one objective.
pub fn best<'a>(
    answer: &'a Answer,
    o: usize,
    objective: &Objective,
) -> Option<(usize, &'a Evaluated)> {
    let cost = |found: &Evaluated| objective.cost(found.spread[o].middle);
    let all = answer.designs.iter().enumerate();
    all.min_by(|a, b| cost(a.1).total_cmp(&cost(b.1)).then(a.0.cmp(&b.0)))
}

fn none(plan: &Plan, answer: &Answer) -> String {
    let all = counted(answer.tried.len(), "candidate");
    let kept = plan.objectives.iter().enumerate().map(|(o, objective)| {
        let keeps = |results: &&crate::design::evaluate::Results| {
            results[o].as_ref().is_ok_and(|value| objective.violation(*value) == 0.0)
        };
        (answer.tried.iter().map(|(_, results, _)| results).filter(keeps).count(), objective)
    });
    let (count, least) = kept.min_by_key(|(count, _)| *count).expect("an objective has a goal");
    format!(
        "No design meets all limits: {} is within its limits for {count} of {all}; widen the \
         ranges, the limits or the doses.",
        least.name
    )
}

/// Known molecules that are better in a goal than every design, because the search cannot reach
/// them or because they do not keep its limits.
fn beaten(plan: &Plan, answer: &Answer, o: usize, objective: &Objective) -> Option<String> {
    let (_, design) = best(answer, o, objective)?;
    let own = design.spread[o].middle;
    let better = answer.known.iter().filter(|known| {
        let value = known.spread[o].middle;
        objective.cost(value) < objective.cost(own) && objective.said(value) != objective.said(own)
    });
    let one = |known: &Evaluated| {
        let limits = if known.allowed { "" } else { ", outside the limits" };
        let name = &plan.names[known.candidate.molecule];
        format!("{name} ({}{limits})", objective.said(known.spread[o].middle))
    };
    let all: Vec<String> = better.clone().map(one).collect();
    let remedy = match better.clone().any(|known| known.allowed) {
        true => "; the search cannot reach it with these numbers, ranges and forms",
        false => "",
    };
    (!all.is_empty()).then(|| {
        let are = if all.len() == 1 { "molecule is" } else { "molecules are" };
        let remedy =
            if all.len() == 1 { remedy.to_string() } else { remedy.replace(" it ", " them ") };
        format!(
            "In {}, {} known {are} better than the best design ({}): {}{remedy}.",
            objective.name,
            all.len(),
            objective.said(own),
            listed(&all)
        )
    })
}

/// How much better a design is in the first goal than each known molecule to which it is not
/// inferior in the other goals.
fn gains(plan: &Plan, answer: &Answer) -> Option<String> {
    let goals: Vec<(usize, &Objective)> = plan.goals().collect();
    let (first, objective) = goals[0];
    if !objective.logarithm() || answer.known.is_empty() {
        return None;
    }
    let value = |found: &Evaluated, o: usize| found.results[o].as_ref().ok().copied();
    let gain = |known: &Evaluated| {
        let no_worse = |design: &&Evaluated| {
            goals[1..].iter().all(|(o, objective)| match (value(design, *o), value(known, *o)) {
                (Some(a), Some(b)) => objective.cost(a) <= objective.cost(b),
                _ => false,
            })
        };
        let factor = |v: f64, own: f64| match objective.goal {
            Some(Goal::Maximise) => v / own,
            _ => own / v,
        };
        let own = value(known, first)?;
        let all = answer.designs.iter().filter(no_worse);
        let all = all.filter_map(|d| Some((factor(value(d, first)?, own), d)));
        let (most, design) = all.max_by(|a, b| a.0.total_cmp(&b.0))?;
        // Compared within each draw, because both molecules share most of the uncertainty.
        let pairs = design.drawn[first].iter().zip(&known.drawn[first]);
        let each = pairs.map(|(v, own)| factor(*v, *own)).filter(|v| v.is_finite()).collect();
        let (low, high) = central_interval(each, plan.level);
        let ends = match plan.draws > 0 && low.is_finite() && high.is_finite() {
            true => format!(" ({} to {})", three_digits(low), three_digits(high)),
            false => String::new(),
        };
        let name = &plan.names[known.candidate.molecule];
        let unsure = plan.draws > 0 && (low.is_nan() || low <= 1.0);
        (most >= 1.0).then(|| match unsure {
            true => (true, format!("{name}{ends}")),
            false => {
                let most = three_digits(most);
                let text = match objective.goal {
                    Some(Goal::Minimise) => format!("{most}-fold{ends} lower than that of {name}"),
                    _ => format!("{most} times{ends} that of {name}"),
                };
                (false, text)
            }
        })
    };
    let all: Vec<(bool, String)> = answer.known.iter().filter_map(gain).collect();
    let only = |wanted: bool| -> Vec<String> {
        all.iter().filter(|(unsure, _)| *unsure == wanted).map(|(_, text)| text.clone()).collect()
    };
    let (sure, unsure) = (listed(&only(false)), listed(&only(true)));
    let among = match goals.len() {
        1 => "The",
        _ => "Among designs that are no worse than a known molecule in the other goals, the",
    };
    let best = &objective.name;
    match (sure.is_empty(), unsure.is_empty()) {
        (true, true) => None,
        (false, true) => Some(format!("{among} best {best} is {sure}.")),
        (false, false) => {
            Some(format!("{among} best {best} is {sure}; an advantage over {unsure} is not shown."))
        }
        (true, false) => {
            Some(format!("{among} best {best} cannot be distinguished from that of {unsure}."))
        }
    }
}

/// Predicted and measured values of known molecules.
fn pairs<'a>(
    plan: &'a Plan,
    answer: &'a Answer,
) -> impl Iterator<Item = (&'a str, &'a Objective, f64, f64)> {
    answer.known.iter().zip(&plan.measured).flat_map(move |(known, measured)| {
        let name = plan.names[known.candidate.molecule].as_str();
        let all = plan.objectives.iter().zip(&known.results).zip(measured);
        all.filter_map(move |((objective, result), measured)| {
            let predicted = *result.as_ref().ok()?;
            let both = *measured > 0.0 && predicted > 0.0;
            both.then_some((name, objective, predicted, *measured))
        })
    })
}

/// The sentence about measured values.
fn measured(plan: &Plan, answer: &Answer) -> Option<String> {
    let all: Vec<_> = pairs(plan, answer).collect();
    let off = |p: f64, m: f64| if p > m { p / m } else { m / p };
    let within = all.iter().filter(|(_, _, p, m)| off(*p, *m) <= AGREE).count();
    let furthest = all.iter().max_by(|a, b| off(a.2, a.3).total_cmp(&off(b.2, b.3)))?;
    let (name, objective, predicted, measured) = furthest;
    Some(format!(
        "{within} of {} of known molecules {} predicted within {AGREE}-fold; the largest error is \
         for the {} of {name} (measured {}, predicted {}).",
        counted(all.len(), "measured value"),
        if within == 1 { "is" } else { "are" },
        objective.name,
        objective.said(*measured),
        objective.said(*predicted)
    ))
}
