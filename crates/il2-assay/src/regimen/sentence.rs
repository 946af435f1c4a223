//! The answer of patients under regimens, in sentences.

use crate::labels::cut;
use crate::sentence::{Spread, listed, number, percent};

/// Most arms that are listed; of more, the highest and the lowest.
const MOST: usize = 3;

/// The results of an arm.
#[derive(Clone, Debug)]
pub struct Arm {
    /// Name of its regimen.
    pub name: String,
    /// Patients' own highest values, and their central interval as set by the study.
    pub peak: Spread,
    /// When (d), median.
    pub peak_day: f64,
    /// Patients' own lowest values, and their times; none where that is the start.
    pub trough: Option<(Spread, f64)>,
    /// Doses given (median) and planned.
    pub doses: (f64, usize),
    /// Part of the patients who came to a limit at which doses are withheld, and the limit that most of
    /// them came to; none without rules.
    pub limits: Option<(f64, Option<String>)>,
}

/// The arms and their common readout.
#[derive(Clone, Debug)]
pub struct Told<'a> {
    /// In words.
    pub readout: &'a str,
    /// Empty for plain numbers.
    pub unit: &'a str,
    /// Central fraction of the patients in the intervals.
    pub level: f64,
    /// By arm.
    pub arms: Vec<Arm>,
    /// Ratio of the highest values in the arms of highest and lowest median, patient by patient: the patients
    /// of all arms are the same.
    pub ratio: Option<Spread>,
}

/// The answer.
pub fn sentences(told: &Told) -> Vec<String> {
    let solved: Vec<&Arm> = told.arms.iter().filter(|a| a.peak.middle.is_finite()).collect();
    match solved.as_slice() {
        [] => vec!["No patient was solved: there is no answer.".into()],
        [arm] => vec![alone(told, arm), doses(&solved)],
        _ => vec![compared(told, &solved), doses(&solved)],
    }
}

fn value(told: &Told, spread: Spread) -> String {
    match told.unit {
        "fold of rest" => {
            let middle = Spread::exact(spread.middle).said("-fold");
            if spread.has_ends() { format!("{middle} ({})", spread.ends()) } else { middle }
        }
        unit => spread.said(unit),
    }
}

/// What an interval contains.
fn patients(told: &Told) -> String {
    format!("{} of patients", percent(told.level))
}

fn alone(told: &Told, arm: &Arm) -> String {
    let brackets = match arm.peak.has_ends() {
        true => format!(" (in brackets {})", patients(told)),
        false => String::new(),
    };
    let trough = arm.trough.map_or(String::new(), |(lowest, day)| {
        format!(" and is lowest on day {} at {}", number(day), value(told, lowest))
    });
    format!(
        "Under {}, {} peaks on day {} at {}{trough}{brackets}.",
        cut(&arm.name, 40),
        told.readout,
        number(arm.peak_day),
        value(told, arm.peak)
    )
}

fn compared(told: &Told, arms: &[&Arm]) -> String {
    let (low, high) = lowest_and_highest(arms);
    // What is highest at the start only falls.
    let falls = |arm: &&Arm| arm.peak_day == 0.0 && arm.trough.is_some();
    if arms.iter().any(falls) {
        let one = |arm: &&Arm| {
            let under = cut(&arm.name, 30);
            match arm.trough.filter(|_| falls(arm)) {
                Some((lowest, day)) => {
                    format!("falls to {} on day {} under {under}", value(told, lowest), number(day))
                }
                None => format!("peaks at {} under {under}", value(told, arm.peak)),
            }
        };
        let some: Vec<String> = arms.iter().take(MOST).map(one).collect();
        let more = match arms.len().saturating_sub(MOST) {
            0 => String::new(),
            more => format!("; {more} more arms are in the table"),
        };
        let of = patients(told);
        return format!("{} {}{more} (in brackets {of}).", capital(told.readout), listed(&some));
    }
    let one = |arm: &&Arm| format!("{} under {}", value(told, arm.peak), cut(&arm.name, 30));
    let some: Vec<String> = match arms.len() {
        n if n <= MOST => arms.iter().map(one).collect(),
        _ => [high, low].iter().map(one).collect(),
    };
    let among = match arms.len() {
        n if n <= MOST => String::new(),
        n => format!(" (highest and lowest of {n} arms)"),
    };
    let ratio = told.ratio.map_or(String::new(), |ratio| {
        let held = match ratio.has_ends() {
            false => String::new(),
            true => format!(", in {} {}", patients(told), ratio.ends()),
        };
        let verdict = match (ratio.low, ratio.high) {
            (1.0, 1.0) => ": no difference",
            (low, high) if low < 1.0 && high > 1.0 => ": the order differs between patients",
            _ => "",
        };
        let over = match arms.len() {
            2 => String::new(),
            _ => format!(" {} over {}", cut(&high.name, 30), cut(&low.name, 30)),
        };
        format!("; ratio within patients{over} {}{held}{verdict}", number(ratio.middle))
    });
    format!("{} peaks at {}{among}{ratio}.", capital(told.readout), listed(&some))
}

/// The arms with the lowest and the highest median.
pub fn lowest_and_highest<'a>(arms: &[&'a Arm]) -> (&'a Arm, &'a Arm) {
    let by = |a: &&&Arm, b: &&&Arm| a.peak.middle.total_cmp(&b.peak.middle);
    let low = arms.iter().min_by(|a, b| by(a, b)).expect("arms");
    // Of equals the last would be the highest: then the two differ.
    let high = arms.iter().max_by(|a, b| by(a, b)).expect("arms");
    (low, high)
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
        let which = which.filter(|_| part > 0.0).map_or(String::new(), |w| format!(" ({w})"));
        Some(format!("{}{which}", percent(part)))
    };
    let limits: Vec<String> = shown.iter().filter_map(reached).collect();
    let limits = match limits.is_empty() {
        true => String::new(),
        false => format!("; {} of patients reach a limit for withholding", listed(&limits)),
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

    fn arm(name: &str, peak: f64) -> Arm {
        Arm {
            name: name.into(),
            peak: Spread { middle: peak, low: 0.8 * peak, high: 1.3 * peak },
            peak_day: 14.0,
            trough: None,
            doses: (25.0, 28),
            limits: Some((0.83, Some("mostly urine output".into()))),
        }
    }

    fn told(arms: Vec<Arm>, ratio: Option<Spread>) -> Told<'static> {
        Told { readout: "treg", unit: "fold of rest", level: 0.9, arms, ratio }
    }

    #[test]
    fn two_arms_are_compared_patient_by_patient() {
        let ratio = Some(Spread { middle: 1.8, low: 1.2, high: 2.9 });
        let mut low = arm("low_dose", 2.41);
        (low.doses, low.limits) = ((84.0, 84), Some((0.0, None)));
        assert_eq!(
            sentences(&told(vec![low, arm("high_dose", 4.3)], ratio)),
            [
                "Treg peaks at 2.41-fold (1.93 to 3.13) under low_dose and 4.30-fold (3.44 to 5.59) under \
                 high_dose; ratio within patients 1.80, in 90 % of patients 1.20 to 2.90.",
                "Doses given: 84 of 84 (low_dose) and 25 of 28 (high_dose); 0 % and 83 % (mostly urine \
                 output) of patients reach a limit for withholding."
            ]
        );
    }

    #[test]
    fn no_order_is_claimed_where_the_ratio_holds_one() {
        let ratio = Some(Spread { middle: 1.05, low: 0.8, high: 1.4 });
        let said = sentences(&told(vec![arm("a", 2.0), arm("b", 2.1)], ratio));
        assert!(said[0].ends_with("0.800 to 1.40: the order differs between patients."));
    }

    #[test]
    fn one_typical_patient_has_no_interval_and_nothing_is_said_of_rules_that_are_not_there() {
        let arm = Arm {
            peak: Spread::exact(2.41),
            trough: Some((Spread::exact(0.8), 1.5)),
            limits: None,
            doses: (0.0, 0),
            ..arm("daily", 2.41)
        };
        assert_eq!(
            sentences(&told(vec![arm], None)),
            [
                "Under daily, treg peaks on day 14 at 2.41-fold and is lowest on day 1.50 at 0.800-fold.",
                "Doses given: 0 of 0."
            ]
        );
    }

    #[test]
    fn where_no_patient_was_solved_there_is_no_answer() {
        let none = arm("a", f64::NAN);
        assert_eq!(
            sentences(&told(vec![none], None)),
            ["No patient was solved: there is no answer."]
        );
    }

    #[test]
    fn of_many_arms_the_highest_and_the_lowest_are_told() {
        let arms = (1..6).map(|i| arm(&format!("arm{i}"), f64::from(i))).collect();
        let ratio = Some(Spread { middle: 5.0, low: 4.0, high: 6.0 });
        let said = sentences(&told(arms, ratio));
        assert!(
            said[0].contains(
                "under arm5 and 1-fold (0.800 to 1.30) under arm1 (highest and lowest of 5"
            )
        );
        assert!(
            said[0].contains("ratio within patients arm5 over arm1 5, in 90 % of patients 4 to 6.")
        );
    }

    #[test]
    fn what_only_falls_is_told_by_its_lowest_and_equal_arms_have_no_order() {
        let falls = |name: &str, low: f64| Arm {
            peak_day: 0.0,
            trough: Some((Spread { middle: low, low: 0.9 * low, high: 1.1 * low }, 4.5)),
            ..arm(name, 90.0)
        };
        let told_of = |arms, ratio| Told { readout: "pressure", unit: "mmHg", ..told(arms, ratio) };
        let said = sentences(&told_of(vec![falls("a", 58.0), falls("b", 80.0)], None));
        assert_eq!(
            said[0],
            "Pressure falls to 58 mmHg (52.2 to 63.8) on day 4.50 under a and falls to 80 mmHg (72 to 88) on \
             day 4.50 under b (in brackets 90 % of patients)."
        );
        let same = Some(Spread { middle: 1.0, low: 1.0, high: 1.0 });
        let said = sentences(&told(vec![arm("a", 2.0), arm("b", 2.0)], same));
        assert!(said[0].ends_with("in 90 % of patients 1 to 1: no difference."), "{said:?}");
    }
}
