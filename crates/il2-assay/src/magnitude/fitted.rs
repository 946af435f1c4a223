//! Whether a fitted number is plausible, judged by the same ranges as numbers that a study sets.

use crate::fit::plan::Plan;
use crate::magnitude::usual::usual_of;
use il2::quantity::base_unit;
use il2_study::library::{Library, Range};
use il2_study::ranges::{ends, matches, short, times};

/// The warning about a fitted number with this value (base units); none if it is in its usual range.
pub fn fitted(plan: &Plan, number: usize, value: f64) -> Option<String> {
    let fitted = &plan.fitted[number];
    let (unit, one) = (&fitted.unit.0, fitted.unit.1);
    fitted.sets.iter().find_map(|name| {
        if let Some(range) = range(name) {
            let (low, high) = ends(range);
            let outside = value > 0.0 && !(low..=high).contains(&value);
            let said = format!(
                "outside {} to {} {unit}, the usual range of {} ({})",
                short(low / one),
                short(high / one),
                range.what,
                range.usual.note
            );
            return outside.then_some(said);
        }
        let before = usual_of(plan, name)?;
        let times = times(value, before)?;
        let unit = base_unit(fitted.dimension);
        let usual = format!("{} {unit}", short(before));
        Some(format!("{times} the library value, {}", usual.trim()))
    })
}

/// The range of a number by the key with which a study sets it.
fn range(name: &str) -> Option<&'static Range> {
    let mut key: Vec<String> = match name.strip_suffix("_number") {
        Some(chain) => ["cells", "*", "receptors", chain].map(String::from).to_vec(),
        None => name.split('.').map(String::from).collect(),
    };
    let part = match key.as_slice() {
        [_, receptors, _] if receptors == "receptors" => "cells",
        [_, affinity, _] if affinity.ends_with("affinity") => "ligands",
        [density] if density == "cell_density" => "culture",
        _ => "",
    };
    if !part.is_empty() {
        key.insert(0, part.into());
    }
    // Derived numbers and rates of the library have no range under a key.
    let mut all = Library::builtin().ranges.values();
    all.find(|r| {
        let any = |r: &Range| r.keys.iter().flatten().any(|part| part == "**");
        r.kinds.is_empty() && !any(r) && r.keys.iter().any(|k| matches(k, &key))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fitted_number_has_the_range_of_the_key_that_sets_it() {
        for (name, wanted) in [
            ("il2r_beta_number", Some("a number of receptors on a cell")),
            ("nk.receptors.il2r_beta", Some("a number of receptors on a cell")),
            ("mut.affinity.il2r_beta", Some("a dissociation constant of the beta chain")),
            (
                "mut.fusion_affinity.il2r_beta_gamma",
                Some("a dissociation constant of the beta chain"),
            ),
            ("cell_density", Some("a density of cells")),
            ("k_internalise", None),
            ("treg.growth", None),
            ("mut.k_on", None),
        ] {
            assert_eq!(range(name).map(|r| r.what.as_str()), wanted, "{name}");
        }
    }
}
