//! Whether a search can begin at the starts.

use crate::population_fit::endpoints::Endpoint;
use crate::population_fit::plan::Plan;
use il2_engine::words::shown;
use il2_inference::bound::Bound;
use il2_study::csv_file;
use il2_study::error::StudyError;
use std::path::Path;

/// Refuses measurements where the model gives exactly zero at the starts and the residual error
/// leaves no scatter: no search could begin. Of a patient this would take a simulation for each
/// subject.
pub fn check(plan: &Plan, file: &Path) -> Result<(), StudyError> {
    if plan.system.plain().is_none() || !plan.endpoints.iter().any(Endpoint::scatters_in_proportion)
    {
        return Ok(());
    }
    let start = plan.start();
    let fixed = &start[..plan.numbers.parameters.len()];
    for (i, (subject, s)) in plan.subjects.iter().zip(&plan.table.subjects).enumerate() {
        let effects = vec![0.0; plan.effects.of_subject(subject.occasions)];
        let Ok(levels) = plan.levels(i, fixed, &effects) else { continue };
        for ((row, r), level) in subject.rows.iter().zip(&plan.places[i]).zip(levels) {
            let endpoint = &plan.endpoints[row.endpoint];
            if row.bound != Bound::None || level > 0.0 || !endpoint.scatters_in_proportion() {
                continue;
            }
            if !s.records.iter().any(il2::treatment::record::Record::gives) {
                let message = format!(
                    "{} is measured in subject {}, who has no dose, so that the model predicts 0, \
                     which a proportional error does not allow; add the doses (lines with AMT), or \
                     leave the subject out",
                    row.value,
                    shown(&s.id)
                );
                return Err(csv_file::at(file, s.lines[*r] as usize, "DV", message));
            }
            let message = format!(
                "{} is measured where the model predicts 0 at the starting values (before a dose, \
                 at its time or within its delay), which a proportional error does not allow; set \
                 MDV to 1 on this line, give the limit of quantification (CENS or LLOQ), or use an \
                 additive and a proportional error",
                row.value
            );
            return Err(csv_file::at(file, s.lines[*r] as usize, "DV", message));
        }
    }
    Ok(())
}
