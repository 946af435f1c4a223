//! The answer of patients under regimens, in sentences.

use crate::labels::cut;
use crate::regimen::excursion::{After, Excursion};
use crate::sentence::{Spread, listed, number, percent};

/// Most arms that are listed; of more, the highest and the lowest.
const MOST: usize = 3;
/// An excursion by a smaller factor is called none.
const SAME: f64 = 1.05;

/// The results of an arm.
#[derive(Clone, Debug)]
pub struct Arm {
    /// Name of its regimen.
    pub name: String,
    /// Up.
    pub highest: Excursion,
    /// Down.
    pub lowest: Excursion,
    /// Doses given (median) and planned.
    pub doses: (f64, usize),
    /// Part of the patients who came to a limit at which doses are withheld, and the limit that most of
    /// them came to; none without rules.
    pub limits: Option<(f64, Option<String>)>,
}

/// The arms and their common readout.
#[derive(Clone, Debug)]
pub struct Arms<'a> {
    /// In words.
    pub readout: &'a str,
    /// Empty for plain numbers.
    pub unit: &'a str,
    /// Central fraction of the patients in the intervals.
    pub level: f64,
    /// The readout before treatment; NaN where it is not known.
    pub start: f64,
    /// By arm.
    pub arms: Vec<Arm>,
    /// Of the highest values, then of the lowest: one arm over another, patient by patient, since the
    /// patients of all arms are the same. The arms are those of [`side_by_side`].
    pub ratios: [Vec<(usize, usize, Spread)>; 2],
}

/// Which arms are compared, by their medians: each with the next lower one, or of many the highest with the
/// lowest.
pub fn side_by_side(medians: &[f64]) -> Vec<(usize, usize)> {
    let mut order: Vec<usize> = (0..medians.len()).filter(|i| medians[*i].is_finite()).collect();
    order.sort_by(|a, b| medians[*b].total_cmp(&medians[*a]));
    match order.as_slice() {
        [high, .., low] if order.len() > MOST => vec![(*high, *low)],
        few => few.windows(2).map(|pair| (pair[0], pair[1])).collect(),
    }
}

/// The answer.
pub fn sentences(told: &Arms) -> Vec<String> {
    let solved = told.arms.iter().filter(|a| a.highest.value.middle.is_finite());
    let solved: Vec<&Arm> = solved.collect();
    if solved.is_empty() {
        return vec!["No patient was solved: there is no answer.".into()];
    }
    let mut said = readout(told, &solved);
    let moves = solved.iter().any(|arm| told.dips(arm) || told.rises(arm));
    if moves && solved.iter().any(|arm| arm.highest.value.has_ends()) {
        let last = said.last_mut().expect("something is said of the readout");
        last.truncate(last.trim_end_matches('.').len());
        *last += &format!("; brackets hold {} of patients.", percent(told.level));
    }
    said.push(doses(&solved));
    said
}

/// What the readout does. Past tense, since readouts are singular and plural.
fn readout(told: &Arms, solved: &[&Arm]) -> Vec<String> {
    let dips = solved.iter().any(|arm| told.dips(arm));
    let rises = solved.iter().any(|arm| told.rises(arm));
    let mut all = vec![];
    match solved {
        [arm] => all.push(alone(told, arm)),
        arms => {
            if dips {
                all.push(compared(told, arms, false));
            }
            if rises {
                all.push(compared(told, arms, true));
            }
            if !dips && !rises {
                all.push(format!(
                    "{} stayed within 5 % of the start in every arm.",
                    capital(told.readout)
                ));
            }
        }
    }
    all
}

impl Arms<'_> {
    fn value(&self, spread: Spread) -> String {
        match self.unit {
            "fold of rest" => spread.said("-fold"),
            unit => spread.said(unit),
        }
    }

    fn rises(&self, arm: &Arm) -> bool {
        let by = arm.highest.value.middle / self.start;
        arm.highest.day > 0.0 && (by.is_nan() || by > SAME)
    }

    fn falls(&self, arm: &Arm) -> bool {
        let by = self.start / arm.lowest.value.middle;
        // Without a start, what is lowest at the end may have come down from a peak.
        let known = by > SAME || self.start.is_nan() && self.falls_first(arm);
        arm.lowest.day > 0.0 && known
    }

    fn falls_first(&self, arm: &Arm) -> bool {
        arm.highest.day == 0.0 || arm.lowest.day < arm.highest.day
    }

    /// Whether it falls before it rises, or further than it rises.
    fn dips(&self, arm: &Arm) -> bool {
        let [up, down] =
            [arm.highest.value.middle / self.start, self.start / arm.lowest.value.middle];
        self.falls(arm) && (!self.rises(arm) || self.falls_first(arm) || down > up)
    }

    /// What a readout does in an arm: the verb, and what follows it.
    fn does(&self, arm: &Arm, up: bool) -> (&'static str, String) {
        let excursion = if up { arm.highest } else { arm.lowest };
        let (value, day) = (self.value(excursion.value), number(excursion.day));
        let then = self.dips(arm) && self.falls_first(arm);
        let rising = || format!(" to {value} by day {day} (still rising)");
        let stays = || format!(" {value} and stayed there");
        match (up, excursion.after) {
            (true, _) if !self.rises(arm) => ("did not rise", String::new()),
            (false, _) if !self.falls(arm) => ("did not fall", String::new()),
            (true, After::GoesOn) if then => ("then rose", rising()),
            (true, After::GoesOn) => ("rose", rising()),
            (true, After::Stays) if then => ("then reached", stays()),
            (true, After::Stays) => ("reached", stays()),
            (true, After::Turns) if then => ("then peaked", format!(" at {value} on day {day}")),
            (true, After::Turns) => ("peaked", format!(" at {value} on day {day}")),
            (false, After::GoesOn) => ("fell", format!(" to {value} by day {day} (still falling)")),
            (false, After::Stays) => ("fell to", stays()),
            (false, After::Turns) if !self.rises(arm) => {
                ("fell", format!(" to {value} on day {day}"))
            }
            (false, After::Turns) if then => ("first fell", format!(" to {value} on day {day}")),
            (false, After::Turns) => ("had a low", format!(" of {value} on day {day}")),
        }
    }
}

fn alone(told: &Arms, arm: &Arm) -> String {
    let both = [(false, told.dips(arm)), (true, told.rises(arm))];
    let mut parts: Vec<String> = both
        .into_iter()
        .filter(|(_, is)| *is)
        .map(|(up, _)| {
            let (verb, how) = told.does(arm, up);
            format!("{verb}{how}")
        })
        .collect();
    if !told.falls_first(arm) {
        parts.reverse();
    }
    if parts.is_empty() {
        parts.push("stayed within 5 % of the start".into());
    }
    format!("Under {}, {} {}.", cut(&arm.name, 40), told.readout, listed(&parts))
}

/// The arms by how high the readout rises, or how low it falls.
fn compared(told: &Arms, arms: &[&Arm], up: bool) -> String {
    let median = |arm: &Arm| if up { arm.highest } else { arm.lowest }.value.middle;
    let (shown, among) = match arms.len() {
        n if n <= MOST => (arms.to_vec(), String::new()),
        n => {
            let pair = side_by_side(&arms.iter().map(|arm| median(arm)).collect::<Vec<_>>())[0];
            let both = vec![arms[pair.0], arms[pair.1]];
            (both, format!(" (highest and lowest of {n} arms)"))
        }
    };
    // An order of events is told where it is that of every arm.
    let ordered = shown.iter().all(|arm| {
        let verb = told.does(arm, up).0;
        verb.starts_with("first ") || verb.starts_with("then ")
    });
    let mut before = "";
    let one = |arm: &&Arm| {
        let (verb, how) = told.does(arm, up);
        let verb = match ordered {
            true => verb,
            false => verb.trim_start_matches("first ").trim_start_matches("then "),
        };
        let (verb, how) = match verb == before && !how.is_empty() {
            true => ("", how.trim_start().to_string()),
            false => (verb, how),
        };
        before = if verb.is_empty() { before } else { verb };
        format!("{verb}{how} under {}", cut(&arm.name, 30))
    };
    let some: Vec<String> = shown.iter().map(one).collect();
    let over = |(above, below, ratio): &(usize, usize, Spread)| {
        let [above, below] = [above, below].map(|i| cut(&told.arms[*i].name, 30));
        // Arms have steps of their own, so that what is equal is so to the accuracy of a few of them.
        let is = |v: f64| (v - 1.0).abs() < 1e-3;
        let verdict = match (ratio.has_ends(), ratio.low, ratio.high) {
            (false, ..) if is(ratio.middle) => ": no difference",
            (true, low, high) if is(low) && is(high) => ": no difference",
            (true, low, high) if is(low) || is(high) => ": no difference in some patients",
            (true, low, high) if low < 1.0 && high > 1.0 => ": the order differs between patients",
            _ => "",
        };
        format!("{above} over {below} is {}{verdict}", ratio.said(""))
    };
    let ratios: Vec<String> = told.ratios[usize::from(!up)].iter().map(over).collect();
    let ratios = match (ratios.is_empty(), shown[0].highest.value.has_ends()) {
        (true, _) => String::new(),
        (false, true) => format!("; within patients, {}", ratios.join("; ")),
        (false, false) => format!("; {}", ratios.join("; ")),
    };
    format!("{} {}{among}{ratios}.", capital(told.readout), listed(&some))
}

fn doses(arms: &[&Arm]) -> String {
    let shown = &arms[..arms.len().min(MOST)];
    let given = |arm: &&Arm| {
        let (given, planned) = arm.doses;
        match arms.len() {
            1 => format!("{} of {planned}", number(given)),
            _ => format!("{} of {planned} ({})", number(given), cut(&arm.name, 20)),
        }
    };
    let given = listed(&shown.iter().map(given).collect::<Vec<_>>());
    let reached = |arm: &&Arm| {
        let (part, which) = arm.limits.clone()?;
        let which = which.filter(|_| part > 0.0).map(|which| match arms.len() {
            1 => which,
            _ => format!("{which} under {}", cut(&arm.name, 20)),
        });
        Some((percent(part), which))
    };
    let (parts, which): (Vec<String>, Vec<Option<String>>) =
        shown.iter().filter_map(reached).unzip();
    let which: Vec<String> = which.into_iter().flatten().collect();
    let which = match which.is_empty() {
        true => String::new(),
        false => format!(" ({})", which.join(", ")),
    };
    let limits = match parts.is_empty() {
        true => String::new(),
        false => {
            format!("; {} of patients{which} reached a limit for withholding", listed(&parts))
        }
    };
    format!("Doses given: {given}{limits}.")
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excursion(middle: f64, day: f64) -> Excursion {
        let value = Spread { middle, low: 0.8 * middle, high: 1.3 * middle };
        Excursion { value, day, after: After::Turns }
    }

    fn arm(name: &str, peak: f64) -> Arm {
        Arm {
            name: name.into(),
            highest: excursion(peak, 14.0),
            lowest: excursion(1.0, 0.0),
            doses: (25.0, 28),
            limits: Some((0.83, Some("mostly urine output".into()))),
        }
    }

    fn told(arms: Vec<Arm>, ratios: Vec<(usize, usize, Spread)>) -> Arms<'static> {
        let unit = "fold of rest";
        Arms { readout: "treg", unit, level: 0.9, start: 1.0, arms, ratios: [ratios, vec![]] }
    }

    fn spread(middle: f64, low: f64, high: f64) -> Spread {
        Spread { middle, low, high }
    }

    #[test]
    fn two_arms_are_compared_patient_by_patient() {
        let mut low = arm("low_dose", 2.41);
        (low.doses, low.limits) = ((84.0, 84), Some((0.0, None)));
        let ratios = vec![(1, 0, spread(1.8, 1.2, 2.9))];
        assert_eq!(
            sentences(&told(vec![low, arm("high_dose", 4.3)], ratios)),
            [
                "Treg peaked at 2.41-fold (1.93 to 3.13) on day 14 under low_dose and at 4.30-fold (3.44 to \
                 5.59) on day 14 under high_dose; within patients, high_dose over low_dose is 1.80 (1.20 to \
                 2.90); brackets hold 90 % of patients.",
                "Doses given: 84 of 84 (low_dose) and 25 of 28 (high_dose); 0 % and 83 % of patients \
                 (mostly urine output under high_dose) reached a limit for withholding."
            ]
        );
    }

    #[test]
    fn what_falls_before_it_rises_is_compared_by_both() {
        let dips = |name: &str, low: f64, high: f64| Arm {
            lowest: excursion(low, 0.5),
            ..arm(name, high)
        };
        let mut told = told(vec![dips("a", 0.5, 2.0), dips("b", 0.25, 4.0)], vec![]);
        told.ratios = [vec![(1, 0, spread(2.0, 1.5, 2.5))], vec![(0, 1, spread(2.0, 1.0, 3.0))]];
        assert_eq!(
            sentences(&told)[..2],
            [
                "Treg first fell to 0.500-fold (0.400 to 0.650) on day 0.500 under a and to 0.250-fold \
                 (0.200 to 0.325) on day 0.500 under b; within patients, a over b is 2 (1 to 3): no \
                 difference in some patients.",
                "Treg then peaked at 2-fold (1.60 to 2.60) on day 14 under a and at 4-fold (3.20 to 5.20) on \
                 day 14 under b; within patients, b over a is 2 (1.50 to 2.50); brackets hold 90 % of \
                 patients."
            ]
        );
        // What only one arm does first has no order.
        let mut one = told.clone();
        one.arms[0].lowest = excursion(0.97, 0.5);
        let said = sentences(&one);
        assert!(
            said[0].starts_with("Treg did not fall under a and fell to 0.250-fold"),
            "{said:?}"
        );
        assert!(
            said[1].starts_with("Treg peaked at 2-fold (1.60 to 2.60) on day 14 under a and at")
        );
        // A dip by less than a twentieth is no dip.
        told.arms.iter_mut().for_each(|arm| arm.lowest = excursion(0.97, 0.5));
        assert!(sentences(&told)[0].starts_with("Treg peaked at 2-fold"));
    }

    #[test]
    fn of_three_arms_each_is_compared_with_the_next_so_that_a_tie_is_said() {
        assert_eq!(side_by_side(&[2.0, 3.0, 3.0]), [(1, 2), (2, 0)]);
        assert_eq!(side_by_side(&[2.0, f64::NAN, 3.0, 1.0, 5.0]), [(4, 3)]);
        let tie = spread(1.0, 1.0, 1.0);
        let arms = vec![arm("a", 2.0), arm("b", 3.0), arm("c", 3.0)];
        let said = sentences(&told(arms, vec![(1, 2, tie), (2, 0, spread(1.5, 0.8, 1.9))]));
        assert!(
            said[0].contains(
                "; within patients, b over c is 1 (1 to 1): no difference; c over a is 1.50 (0.800 to 1.90): \
                 the order differs between patients; brackets"
            ),
            "{said:?}"
        );
    }

    #[test]
    fn one_typical_patient_has_no_interval_and_nothing_is_said_of_rules_that_are_not_there() {
        let exact = |value: f64, day: f64, goes_on: bool| Excursion {
            after: if goes_on { After::GoesOn } else { After::Turns },
            value: Spread::exact(value),
            day,
        };
        let arm = Arm {
            highest: exact(2.41, 14.0, false),
            lowest: exact(0.8, 1.5, false),
            limits: None,
            doses: (0.0, 0),
            ..arm("daily", 2.41)
        };
        assert_eq!(
            sentences(&told(vec![arm.clone()], vec![])),
            [
                "Under daily, treg first fell to 0.800-fold on day 1.50 and then peaked at 2.41-fold on day \
                 14.",
                "Doses given: 0 of 0."
            ]
        );
        let later = Arm { lowest: exact(0.1, 20.0, true), ..arm.clone() };
        assert_eq!(
            sentences(&told(vec![later], vec![]))[0],
            "Under daily, treg peaked at 2.41-fold on day 14 and fell to 0.100-fold by day 20 (still \
             falling)."
        );
        let still =
            Arm { lowest: exact(0.99, 0.3, false), highest: exact(1.01, 3.0, false), ..arm };
        assert_eq!(
            sentences(&told(vec![still], vec![]))[0],
            "Under daily, treg stayed within 5 % of the start."
        );
    }

    #[test]
    fn a_rise_that_the_course_does_not_end_is_no_peak() {
        let mut rising = arm("a", 2.0);
        rising.highest.after = After::GoesOn;
        let said = sentences(&told(vec![rising, arm("b", 3.0)], vec![]));
        assert!(
            said[0].starts_with(
                "Treg rose to 2-fold (1.60 to 2.60) by day 14 (still rising) under a and peaked at 3-fold"
            ),
            "{said:?}"
        );
    }

    #[test]
    fn what_stays_at_its_top_has_no_peak() {
        let mut stays = arm("a", 7.11);
        stays.highest.after = After::Stays;
        let said = sentences(&told(vec![stays, arm("b", 3.0)], vec![]));
        assert!(
            said[0].starts_with(
                "Treg reached 7.11-fold (5.69 to 9.24) and stayed there under a and peaked"
            ),
            "{said:?}"
        );
    }

    #[test]
    fn where_no_patient_was_solved_there_is_no_answer() {
        let none = arm("a", f64::NAN);
        assert_eq!(
            sentences(&told(vec![none], vec![])),
            ["No patient was solved: there is no answer."]
        );
    }

    #[test]
    fn of_many_arms_the_highest_and_the_lowest_are_told() {
        let arms = (1..6).map(|i| arm(&format!("arm{i}"), 1.0 + f64::from(i))).collect();
        let said = sentences(&told(arms, vec![(4, 0, spread(3.0, 2.0, 4.0))]));
        assert!(
            said[0].contains(
                "under arm5 and at 2-fold (1.60 to 2.60) on day 14 under arm1 (highest and lowest of 5 \
                 arms); within patients, arm5 over arm1 is 3 (2 to 4)"
            ),
            "{said:?}"
        );
    }

    #[test]
    fn what_only_falls_is_told_by_its_lowest_and_equal_arms_have_no_order() {
        let falls = |name: &str, low: f64| Arm {
            highest: excursion(90.0, 0.0),
            lowest: excursion(low, 4.5),
            ..arm(name, 90.0)
        };
        let told_of =
            |arms| Arms { readout: "pressure", unit: "mmHg", start: 90.0, ..told(arms, vec![]) };
        let said = sentences(&told_of(vec![falls("a", 58.0), falls("b", 80.0)]));
        assert_eq!(
            said[0],
            "Pressure fell to 58 mmHg (46.4 to 75.4) on day 4.50 under a and to 80 mmHg (64 to 104) on day \
             4.50 under b; brackets hold 90 % of patients."
        );
        let said = sentences(&told_of(vec![falls("a", 58.0), falls("b", 89.0)]));
        assert!(said[0].contains(" under a and did not fall under b; brackets"), "{said:?}");
    }
}
