//! Doses that the patients of every arm were given, in a sentence.

use crate::labels::cut;
use crate::regimen::sentence::MOST;
use crate::sentence::{listed, number, percent};

/// Doses of an arm.
#[derive(Clone, Debug)]
pub struct Given {
    /// Name of its regimen.
    pub name: String,
    /// Doses given (median) and planned.
    pub doses: (f64, usize),
    /// Part of the patients who came to a limit at which doses are withheld, and the limit that most of
    /// them came to; none without rules.
    pub limits: Option<(f64, Option<String>)>,
}

/// The sentence.
pub fn sentence(arms: &[Given]) -> String {
    let shown = &arms[..arms.len().min(MOST)];
    let given = |arm: &Given| {
        let (given, planned) = arm.doses;
        match arms.len() {
            1 => format!("{} of {planned}", number(given)),
            _ => format!("{} of {planned} ({})", number(given), cut(&arm.name, 20)),
        }
    };
    let given = listed(&shown.iter().map(given).collect::<Vec<_>>());
    let reached = |arm: &Given| {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doses_are_told_of_every_arm_and_limits_where_there_are_rules() {
        let low = Given { name: "low".into(), doses: (84.0, 84), limits: Some((0.0, None)) };
        let mostly = Some("mostly urine output".into());
        let high = Given { name: "high".into(), doses: (25.0, 28), limits: Some((0.83, mostly)) };
        assert_eq!(
            sentence(&[low.clone(), high]),
            "Doses given: 84 of 84 (low) and 25 of 28 (high); 0 % and 83 % of patients (mostly urine output \
             under high) reached a limit for withholding."
        );
        let none = Given { doses: (0.0, 0), limits: None, ..low };
        assert_eq!(sentence(&[none]), "Doses given: 0 of 0.");
    }
}
