//! The warning about cells that grow beyond what a culture carries.

use crate::culture::plan::Plan;
use crate::culture::run::Answer;
use il2_answer::sentence::span;
use il2_study::Library;
use il2_study::ranges::ends;

/// Volume of a millilitre (L).
const MILLILITRE: f64 = 1e-3;

/// The warning about cells that grow beyond the density that cultures have, unless the study says
/// at which density they stop.
pub fn beyond(plan: &Plan, answer: &Answer) -> Option<String> {
    if plan.described.carries.is_some() {
        return None;
    }
    let places: Vec<usize> = plan
        .present()
        .filter_map(|(kind, _)| plan.culture.readout(&format!("{}.cells", kind.name)))
        .collect();
    let densities = answer.ran.rows.iter().map(|row| places.iter().map(|p| row[*p]).sum::<f64>());
    let course: Vec<(f64, f64)> = answer.times.iter().copied().zip(densities).collect();
    let range = &Library::builtin().ranges["crowded_culture"];
    let (_, most) = ends(range);
    let (_, start) = *course.first()?;
    let (_, highest) = *course.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
    // Cells that were seeded more densely and do not grow may live in a medium that is exchanged.
    if highest <= most.max(start * (1.0 + 1e-6)) {
        return None;
    }
    let (when, _) = course.iter().find(|(_, density)| *density > most.max(start))?;
    let per_ml = |density: f64| {
        let text = format!("{:.2e}", density * MILLILITRE);
        let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
        format!("{}e{power}", digits.trim_end_matches('0').trim_end_matches('.'))
    };
    Some(format!(
        "Cells grow without limit in this model: after {} they are denser than {} /mL, up to which \
         cultures usually grow ({}), and at most {} /mL. Set carrying_density = \"{}\", at which \
         division stops, or end the culture earlier.",
        span(*when),
        per_ml(most),
        range.usual.note,
        per_ml(highest),
        range.example,
    ))
}
