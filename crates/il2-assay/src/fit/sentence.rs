//! The answer of a fit, in sentences.

use il2_answer::labels::cut;
use il2_answer::sentence::{Spread, listed, number, percent};

/// Largest number of numbers that are named; if there are more, only their count is given.
const MOST: usize = 3;
/// R-hat below which chains are taken to agree.
const MOST_R_HAT: f64 = 1.05;

/// Result for a number of the model.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its name.
    pub name: String,
    /// Unit; empty if it has none.
    pub unit: String,
    /// Median of the posterior with its interval, or the best fit with the interval of its profile.
    pub value: Spread,
    /// Whether the data outweigh the prior; none if this is unknown.
    pub determined: Option<bool>,
    /// The 95 % ends of the profile likelihood, NaN where an end is open; none if no profile was
    /// computed.
    pub profile: Option<[f64; 2]>,
}

/// Typical residual of the rows of a table.
#[derive(Clone, Debug)]
pub enum Missed {
    /// A typical factor.
    Factor(f64),
    /// A typical difference, and its unit.
    Amount(f64, String),
}

/// The results of a fit that its answer reports.
#[derive(Clone, Debug)]
pub struct FitResult {
    /// Numbers of the model.
    pub numbers: Vec<Known>,
    /// Level of the intervals.
    pub level: f64,
    /// Largest R-hat of all unknowns; NaN without chains.
    pub r_hat: f64,
    /// Typical residual of the fitted rows, by table.
    pub missed: Vec<(String, Missed)>,
    /// Number of held-out rows inside their predictive intervals, and of all held-out rows.
    pub held_out: (usize, usize),
}

/// The answer.
pub fn sentences(found: &FitResult) -> Vec<String> {
    // If the data bound a number on one side only, its other limit comes from the prior.
    let bounded = |n: &&Known, sides: [bool; 2]| {
        n.determined.is_some()
            && n.profile.map_or([true; 2], |ends| ends.map(f64::is_finite)) == sides
    };
    let of = |wanted, sides| {
        let all = found.numbers.iter().filter(move |n| bounded(n, sides));
        all.filter(move |n| sides != [true; 2] || n.determined == Some(wanted))
    };
    let value = |n: &Known| format!("{} = {}", cut(&n.name, 40), n.value.said(&n.unit));
    let name = |n: &Known| cut(&n.name, 40);
    let mut sentences = vec![];
    // If the chains disagree, nothing is determined.
    if found.r_hat > MOST_R_HAT {
        sentences.push(format!(
            "The chains do not agree yet (R-hat {}): medians and intervals cannot be trusted.",
            number(found.r_hat)
        ));
    } else if found.numbers.iter().all(|n| n.determined.is_none()) {
        let all: Vec<String> = found.numbers.iter().map(value).collect();
        sentences.push(format!(
            "Best fit: {}; without chains and profiles, there are no intervals.",
            some(&all)
        ));
    } else {
        let sure: Vec<String> = of(true, [true; 2]).map(value).collect();
        let open = of(false, [true; 2]).chain(of(false, [false; 2])).map(name).collect::<Vec<_>>();
        let held = percent(found.level);
        let open = match open.as_slice() {
            [] => String::new(),
            [one] => format!("{one} is not determined by these data"),
            many => format!("{} are not determined by these data", some(many)),
        };
        let sure = match sure.is_empty() {
            true => String::new(),
            false => {
                let sure = some(&sure);
                // Without chains there is no posterior, and so no median.
                let middles = if found.r_hat.is_nan() { "best fits" } else { "medians" };
                format!("These data determine, as {middles} with {held} intervals, {sure}")
            }
        };
        let sides = [([true, false], "a lower"), ([false, true], "an upper")];
        let one_sided = sides.map(|(sides, which)| {
            let limit = |n: &Known| {
                let end = n.profile.into_iter().flatten().find(|end| end.is_finite());
                let limit = end.map_or(String::new(), |end| Spread::exact(end).said(&n.unit));
                format!("{} ({limit})", name(n))
            };
            let names: Vec<String> = of(true, sides).map(limit).collect();
            (!names.is_empty()).then(|| format!("only {which} limit on {}", some(&names)))
        });
        let one_sided: Vec<String> = one_sided.into_iter().flatten().collect();
        let one_sided = match (one_sided.is_empty(), sure.is_empty()) {
            (true, _) => String::new(),
            (_, true) => format!("95 % profiles set {}", listed(&one_sided)),
            (_, false) => format!("95 % profiles set {}", listed(&one_sided)),
        };
        let parts: Vec<String> =
            [sure, one_sided, open].into_iter().filter(|p| !p.is_empty()).collect();
        sentences.push(format!("{}.", parts.join("; ")));
    }
    let mut parts: Vec<String> = vec![];
    let tables = found.missed.iter().take(MOST);
    let missed: Vec<String> = tables.map(|(table, missed)| said(table, missed)).collect();
    if !missed.is_empty() {
        parts.push(format!("the typical residual of the fitted rows is {}", listed(&missed)));
    }
    if let (inside, rows @ 1..) = found.held_out {
        let held = percent(found.level);
        let inside = match inside {
            1 => format!("1 of {rows} held-out rows is inside its {held} interval"),
            _ => format!("{inside} of {rows} held-out rows are inside their {held} intervals"),
        };
        parts.push(inside);
    }
    if !parts.is_empty() {
        sentences.push(format!("{}.", capitalised(&parts.join("; "))));
    }
    sentences
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

fn said(table: &str, missed: &Missed) -> String {
    let by = match missed {
        Missed::Factor(factor) => format!("{}-fold", number(*factor)),
        Missed::Amount(amount, unit) => format!("{} {unit}", number(*amount)).trim_end().into(),
    };
    format!("{by} ({})", cut(table, 30))
}

/// The first names of a list, and the number of the others.
fn some(all: &[String]) -> String {
    match all.len() > MOST {
        true => format!("{} and {} more in the table", all[..MOST].join(", "), all.len() - MOST),
        false => listed(all),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(name: &str, determined: Option<bool>) -> Known {
        let value = match determined {
            None => Spread::exact(0.43),
            Some(_) => Spread { middle: 0.43, low: 0.38, high: 0.5 },
        };
        Known { name: name.into(), unit: "/d".into(), value, determined, profile: None }
    }

    fn found(numbers: Vec<Known>) -> FitResult {
        FitResult {
            numbers,
            level: 0.95,
            r_hat: 1.01,
            missed: vec![("counts".into(), Missed::Factor(1.12))],
            held_out: (7, 8),
        }
    }

    #[test]
    fn what_the_data_determine_is_told_with_its_interval_and_what_they_do_not_by_name() {
        let numbers = vec![known("treg.growth", Some(true)), known("cd8.growth", Some(false))];
        assert_eq!(
            sentences(&found(numbers)),
            [
                "These data determine, as medians with 95 % intervals, treg.growth = 0.430 /d (0.380 to \
                 0.500); cd8.growth is not determined by these data.",
                "The typical residual of the fitted rows is 1.12-fold (counts); 7 of 8 held-out rows are \
                 inside their 95 % intervals."
            ]
        );
    }

    #[test]
    fn what_is_bounded_on_one_side_only_is_said_to_be_so() {
        let open = f64::NAN;
        let bounded = |name: &str, ends| Known { profile: Some(ends), ..known(name, Some(true)) };
        let numbers = vec![
            known("treg.growth", Some(true)),
            bounded("nk.growth", [0.774, open]),
            bounded("cd8.growth", [open, 0.601]),
            bounded("tconv.growth", [open, 0.084]),
            bounded("decay", [open, open]),
        ];
        assert_eq!(
            sentences(&found(numbers.clone()))[0],
            "These data determine, as medians with 95 % intervals, treg.growth = 0.430 /d (0.380 to 0.500); \
             95 % profiles set only a lower limit on nk.growth (0.774 /d) and only an upper limit on \
             cd8.growth (0.601 /d) and tconv.growth (0.0840 /d); decay is not determined by these data."
        );
        assert_eq!(
            sentences(&found(numbers[1..2].to_vec()))[0],
            "95 % profiles set only a lower limit on nk.growth (0.774 /d)."
        );
    }

    #[test]
    fn chains_that_disagree_determine_nothing() {
        let numbers = ["a", "b", "c", "d"].map(|n| known(n, Some(false))).to_vec();
        let found = FitResult { r_hat: 1.4, missed: vec![], held_out: (0, 0), ..found(numbers) };
        assert_eq!(
            sentences(&found),
            ["The chains do not agree yet (R-hat 1.40): medians and intervals cannot be trusted."]
        );
    }

    #[test]
    fn without_chains_and_profiles_nothing_is_called_sure() {
        let found = FitResult { r_hat: f64::NAN, ..found(vec![known("a", None)]) };
        assert_eq!(
            sentences(&found)[0],
            "Best fit: a = 0.430 /d; without chains and profiles, there are no intervals."
        );
    }

    #[test]
    fn residuals_that_are_no_factors_have_their_unit() {
        let missed = vec![("wells".into(), Missed::Amount(12.0, "/cell".into()))];
        let found = FitResult { missed, held_out: (0, 0), ..found(vec![known("a", Some(true))]) };
        assert_eq!(
            sentences(&found)[1],
            "The typical residual of the fitted rows is 12 /cell (wells)."
        );
    }
}
