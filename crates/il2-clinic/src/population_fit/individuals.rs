//! The own numbers of a few people, beside those of a typical person like them.

use crate::population_fit::numbers::Target;
use crate::population_fit::plan::Plan;
use crate::population_fit::run::Found;
use il2::quantity::three_digits;
use il2_answer::labels::{cut, subject};

/// Largest number of subjects whose numbers are printed; the table has those of all.
const FEW: usize = 3;

/// Most probable numbers of each subject on its last occasion, if the population's numbers are
/// given, and those that its covariates alone make typical.
pub fn text(plan: &Plan, found: &Found) -> String {
    if plan.estimates || plan.subjects.len() > FEW {
        return String::new();
    }
    let fixed = &found.at[..plan.numbers.parameters.len()];
    let of = |i: usize| {
        let (table, mode) = (&plan.table.subjects[i], &found.marginal.modes[i]);
        let last = table.records.len() - 1;
        let occasion = plan.occasions[i][last];
        let numbers =
            |effects: &[f64]| plan.numbers.of(fixed, effects, occasion, table.covariates(last));
        let (own, typical) = (numbers(&mode.effects), numbers(&vec![0.0; mode.effects.len()]));
        let several = plan.subjects[i].occasions > 1;
        let on = if several { format!(", occasion {}", occasion + 1) } else { String::new() };
        let head = format!("{}{on}", subject(&table.id));
        let mut text = format!("{:<28} {:>18} {:>18}\n", cut(&head, 28), "own", "typical");
        for (k, p) in plan.numbers.parameters.iter().enumerate() {
            if p.of != Target::Coefficient {
                let said = |value: f64| format!("{} {}", three_digits(value / p.factor), p.unit);
                let [own, typical] = [&own, &typical].map(|n| said(n.values[k]));
                let line = format!("{:<28} {own:>18} {typical:>18}", cut(&p.name, 28));
                text += &format!("{}\n", line.trim_end());
            }
        }
        text
    };
    (0..plan.subjects.len()).map(of).collect()
}
