//! The answer of subjects under an event table, in sentences.

use crate::event_table::exposure::Exposure;
use crate::event_table::units::area_unit;
use il2_answer::labels::{cut, subject};
use il2_answer::sentence::{Spread, listed, number};
use il2_inference::quantiles::quantile;

/// Largest number of subjects that are listed; for more, medians are given.
const MOST: usize = 3;

/// The answer, with the units of time and concentration; `file` is the table of subjects.
pub fn sentences([time, level]: [&str; 2], all: &[Exposure], file: &str) -> Vec<String> {
    let solved: Vec<&Exposure> = all.iter().filter(|e| e.highest.0.is_finite()).collect();
    let dosed: Vec<&Exposure> = solved.iter().copied().filter(|e| !undosed(e)).collect();
    match dosed.as_slice() {
        _ if solved.is_empty() => {
            vec!["No subject could be simulated, so there is no answer.".into()]
        }
        _ if all.len() == 1 => vec![one(time, level, solved[0])],
        _ if all.len() <= MOST => {
            let mut said = compared(time, level, &solved);
            let unsolved = all.iter().filter(|e| !e.highest.0.is_finite());
            said.extend(unsolved.map(|e| format!("{} could not be simulated.", begin(&e.subject))));
            said
        }
        [] => vec!["No subject received a dose.".into()],
        many => {
            let left_out = [all.len() - solved.len(), solved.len() - many.len()];
            medians(time, level, (many, left_out), file)
        }
    }
}

/// Whether a subject was given nothing. A steady state from the start supplies drug without a
/// countable dose.
fn undosed(e: &Exposure) -> bool {
    e.doses == 0 && e.highest.0 == 0.0
}

fn one(time: &str, level: &str, e: &Exposure) -> String {
    if undosed(e) {
        return format!("{} received no dose.", begin(&e.subject));
    }
    let (highest, at) = (number(e.highest.0), number(e.highest.1));
    let (area, [from, to]) = (number(e.area), e.window.map(number));
    let unit = area_unit(time, level);
    let mut text = format!(
        "{}: Cmax {highest} {level} at {at} {time}, AUC {area} {unit} ({from} to {to} {time})",
        begin(&e.subject)
    );
    if let Ok(half_life) = e.half_life {
        text += &format!(", half-life {} {time}", number(half_life));
    }
    if let Ok(accumulation) = e.accumulation {
        text += &format!(", accumulation {}-fold", number(accumulation));
    }
    text + "."
}

/// A subject at the beginning of a sentence; a name is written as in the table.
fn begin(id: &str) -> String {
    let text = subject(&cut(id, 20));
    if text == id { text } else { capital(&text) }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect()
}

/// Compares a few subjects: the values of each, and how far apart they are.
fn compared(time: &str, level: &str, all: &[&Exposure]) -> Vec<String> {
    let dosed: Vec<&Exposure> = all.iter().copied().filter(|e| !undosed(e)).collect();
    let window =
        |e: &Exposure| format!("{} to {} {time}", number(e.window[0]), number(e.window[1]));
    let one_window = dosed.iter().all(|e| window(e) == window(dosed[0]));
    let each = |of: &dyn Fn(&Exposure) -> Option<String>| {
        let own = dosed.iter().filter_map(|e| Some((of(e)?, cut(&e.subject, 20))));
        same_together(own, dosed.len())
    };
    let apart = |of: &dyn Fn(&Exposure) -> f64| {
        let values = || dosed.iter().map(|e| of(e)).filter(|v| *v > 0.0);
        let ratio = values().fold(0.0, f64::max) / values().fold(f64::INFINITY, f64::min);
        match ratio > 1.005 {
            true if dosed.len() > 2 => format!("; the values differ up to {}-fold", number(ratio)),
            true => format!("; the values differ {}-fold", number(ratio)),
            false => String::new(),
        }
    };
    let mut said = vec![];
    if !dosed.is_empty() {
        let highest = each(&|e| {
            Some(format!("{} {level} at {} {time}", number(e.highest.0), number(e.highest.1)))
        });
        said.push(format!("Cmax: {highest}{}.", apart(&|e| e.highest.0)));
        let area = |e: &Exposure| format!("{} {}", number(e.area), area_unit(time, level));
        said.push(match one_window {
            true => {
                let areas = each(&|e| Some(area(e)));
                format!("AUC ({}): {areas}{}.", window(dosed[0]), apart(&|e| e.area))
            }
            // Areas over windows of different lengths cannot be compared.
            false => format!("AUC: {}.", each(&|e| Some(format!("{} ({})", area(e), window(e))))),
        });
    }
    let half_life = each(&|e| Some(format!("{} {time}", number(e.half_life.ok()?))));
    let accumulation = each(&|e| Some(format!("{}-fold", number(e.accumulation.ok()?))));
    let mut rest = vec![];
    for (what, text) in [("Half-life", half_life), ("accumulation", accumulation)] {
        if !text.is_empty() {
            rest.push(format!("{what}: {text}"));
        }
    }
    let none: Vec<String> = all
        .iter()
        .filter(|e| undosed(e))
        .map(|e| format!("no dose for {}", subject(&cut(&e.subject, 20))))
        .collect();
    rest.extend(none);
    if !rest.is_empty() {
        said.push(capital(&rest.join("; ")) + ".");
    }
    said
}

/// `246 (subjects 1 and 2) and 738 (subject 3)`: each text is written once, with its subjects; a
/// text that all subjects share is written without names.
fn same_together(own: impl Iterator<Item = (String, String)>, subjects: usize) -> String {
    let mut all: Vec<(String, Vec<String>)> = vec![];
    for (text, subject) in own {
        match all.iter_mut().find(|(known, _)| *known == text) {
            Some((_, who)) => who.push(subject),
            None => all.push((text, vec![subject])),
        }
    }
    let one = |(text, who): &(String, Vec<String>)| match who.len() {
        n if n == subjects && n > 1 => format!("{text} in all {n}"),
        1 => format!("{text} ({})", subject(&who[0])),
        _ if who.iter().any(|id| subject(id) == *id) => format!("{text} ({})", listed(who)),
        _ => format!("{text} (subjects {})", listed(who)),
    };
    listed(&all.iter().map(one).collect::<Vec<_>>())
}

fn medians(
    time: &str,
    level: &str,
    (many, [unsolved, undosed]): (&[&Exposure], [usize; 2]),
    file: &str,
) -> Vec<String> {
    let spread = |of: &dyn Fn(&Exposure) -> f64| {
        let values: Vec<f64> = many.iter().map(|e| of(e)).filter(|v| v.is_finite()).collect();
        let [low, middle, high] = [0.05, 0.5, 0.95].map(|part| quantile(&values, part));
        (Spread { middle, low, high }, values.len())
    };
    let highest = spread(&|e| e.highest.0).0.said(level);
    let at = spread(&|e| e.highest.1).0.said(time);
    let area = spread(&|e| e.area).0.said(&area_unit(time, level));
    let length = |e: &Exposure| e.window[1] - e.window[0];
    let longest = length(many[0]);
    // Areas over windows of different lengths do not show the spread of exposures.
    let to = match many.iter().all(|e| (length(e) - longest).abs() <= 1e-9 * longest.abs()) {
        true => "",
        false => " to each subject's last record",
    };
    let mut text = format!(
        "Medians over {} subjects (5th to 95th percentile): Cmax {highest} at TIME {at}, AUC{to} \
         {area}",
        many.len()
    );
    let (half_life, told) = spread(&|e| e.half_life.unwrap_or(f64::NAN));
    if told > 0 {
        text += &format!(", half-life {}{}", half_life.said(time), of(told, many.len()));
    }
    let (accumulation, told) = spread(&|e| e.accumulation.unwrap_or(f64::NAN));
    if told > 0 {
        text += &format!(", accumulation {}{}", accumulation.said("-fold"), of(told, many.len()));
    }
    let others = [(unsolved, "could not be simulated"), (undosed, "received no dose")];
    let others = others.into_iter().filter(|(count, _)| *count > 0);
    let others: String = others.map(|(count, why)| format!("{count} more {why}; ")).collect();
    vec![format!("{text}; {others}{file} lists each subject.")]
}

/// The number of subjects with a value, if some have none.
fn of(told: usize, all: usize) -> String {
    if told == all { String::new() } else { format!(" in {told} of the subjects") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(id: &str, highest: f64) -> Exposure {
        Exposure {
            subject: id.into(),
            doses: 1,
            window: [0.0, 24.0],
            highest: (highest, 0.0),
            area: 246.4,
            half_life: Ok(1.4),
            accumulation: Err("one dose"),
            once: Err("not asked"),
            failure: None,
        }
    }

    const UNITS: [&str; 2] = ["h", "IU/mL"];

    #[test]
    fn a_subject_is_told_without_what_cannot_be_told() {
        assert_eq!(
            sentences(UNITS, &[subject("1", 650.0)], "x_subjects.csv"),
            ["Subject 1: Cmax 650 IU/mL at 0 h, AUC 246 IU h/mL (0 to 24 h), half-life 1.40 h."]
        );
    }

    #[test]
    fn a_few_subjects_are_compared() {
        let mut again = Exposure { accumulation: Ok(1.02), ..subject("2", 65.0) };
        let third = Exposure { area: 738.0, ..subject("3", 650.0) };
        let all = [subject("1", 650.0), again.clone(), third.clone()];
        assert_eq!(
            sentences(UNITS, &all, "x_subjects.csv"),
            [
                "Cmax: 650 IU/mL at 0 h (subjects 1 and 3) and 65 IU/mL at 0 h (subject 2); the \
                 values differ up to 10-fold.",
                "AUC (0 to 24 h): 246 IU h/mL (subjects 1 and 2) and 738 IU h/mL (subject 3); the \
                 values differ up to 3.00-fold.",
                "Half-life: 1.40 h in all 3; accumulation: 1.02-fold (subject 2)."
            ]
        );
        (again.half_life, again.window) =
            (Err("the terminal phase is not reached by the last record"), [0.0, 48.0]);
        let none = Exposure { doses: 0, ..subject("4", 0.0) };
        assert_eq!(
            sentences(UNITS, &[again, third, none], "x_subjects.csv"),
            [
                "Cmax: 65 IU/mL at 0 h (subject 2) and 650 IU/mL at 0 h (subject 3); the values \
                 differ 10-fold.",
                "AUC: 246 IU h/mL (0 to 48 h) (subject 2) and 738 IU h/mL (0 to 24 h) (subject 3).",
                "Half-life: 1.40 h (subject 3); accumulation: 1.02-fold (subject 2); no dose for subject 4."
            ]
        );
    }

    #[test]
    fn many_subjects_are_told_by_medians_of_those_that_were_solved() {
        let mut all: Vec<Exposure> =
            (1..=5).map(|i| subject(&i.to_string(), 100.0 * f64::from(i))).collect();
        all[0].half_life = Err("no dose");
        all[1].window = [0.0, 48.0];
        all.push(subject("6", f64::NAN));
        all.push(Exposure { doses: 0, ..subject("7", 0.0) });
        assert_eq!(
            sentences(UNITS, &all, "x_subjects.csv"),
            ["Medians over 5 subjects (5th to 95th percentile): Cmax 300 IU/mL (120 to 480) at \
                 TIME 0 h (0 to 0), AUC to each subject's last record 246 IU h/mL (246 to 246), \
                 half-life 1.40 h (1.40 to 1.40) in 4 of the subjects; 1 more could not be \
                 simulated; 1 more received no dose; x_subjects.csv lists each subject."]
        );
    }

    #[test]
    fn where_no_subject_was_solved_there_is_no_answer_and_one_without_a_dose_says_so() {
        let none = Exposure { doses: 0, ..subject("1", 0.0) };
        assert_eq!(sentences(UNITS, &[none], "x_subjects.csv"), ["Subject 1 received no dose."]);
        let steady = Exposure { doses: 0, ..subject("1", 11.0) };
        assert!(sentences(UNITS, &[steady], "x_subjects.csv")[0].contains("Cmax 11 IU/mL"));
        let said = sentences(UNITS, &[subject("1", f64::NAN)], "x_subjects.csv");
        assert_eq!(said, ["No subject could be simulated, so there is no answer."]);
    }
}
