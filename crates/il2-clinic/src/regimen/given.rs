//! A sentence about the doses given in every arm.

use il2_answer::labels::cut;
use il2_answer::sentence::{listed, number, percent};

/// Largest number of arms that are named.
const MOST: usize = 6;

/// Doses of an arm.
#[derive(Clone, Debug)]
pub struct Given {
    /// Name of its regimen.
    pub name: String,
    /// Doses given (median) and planned.
    pub doses: (f64, usize),
    /// Fraction of the patients who reached a limit at which doses are withheld, and the limit that
    /// most of them reached; none without rules.
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
    let more = arms.len() - shown.len();
    let others = (more > 0).then(|| format!("{more} more"));
    let given = listed(&shown.iter().map(given).chain(others).collect::<Vec<_>>());
    let reached = |arm: &Given| {
        let (part, which) = arm.limits.clone()?;
        let name = (arms.len() > 1).then(|| cut(&arm.name, 20).to_string());
        let about: Vec<String> = name.into_iter().chain(which.filter(|_| part > 0.0)).collect();
        let who = match part > 0.0 {
            true => format!("by {} of patients", percent(part)),
            false => "by no patient".into(),
        };
        Some(if about.is_empty() { who } else { format!("{who} ({})", about.join(", ")) })
    };
    let reached: Vec<String> = shown.iter().filter_map(reached).collect();
    let limits = match reached.is_empty() {
        true => String::new(),
        false => {
            let of = if more > 0 { "; of the arms named," } else { ";" };
            format!("{of} a limit for withholding doses was reached {}", listed(&reached))
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
            "Doses given: 84 of 84 (low) and 25 of 28 (high); a limit for withholding doses was \
             reached by no patient (low) and by 83 % of patients (high, mostly urine output)."
        );
        let many: Vec<Given> =
            (1..=12).map(|i| Given { name: format!("a{i}"), ..low.clone() }).collect();
        let said = sentence(&many);
        assert!(
            said.starts_with("Doses given: 84 of 84 (a1), ")
                && said.contains("84 of 84 (a6) and 6 more; of the arms named, a limit")
                && !said.contains("a7"),
            "{said}"
        );
        let none = Given { doses: (0.0, 0), limits: None, ..low };
        assert_eq!(sentence(&[none]), "Doses given: 0 of 0.");
    }
}
