//! The constants of a molecule in a study: affinities and rates by chain and by bond.

use crate::error::StudyError;
use crate::study::file::LigandPart;
use crate::study::text::QuantityText;
use crate::values::{self, quantity, quantity_like, unknown};
use il2::ligand::{Ligand, PrivateChain, SHARED_CHAINS};
use il2::parameter::Parameter;
use il2::quantity::{Like, Quantity};
use il2::receptor::bonds::{INDEPENDENT, ON_MEMBRANE};
use il2::receptor::trafficking::{solution_rate, surface_rate};
use il2_engine::Dimension;
use il2_engine::words::shown;
use indexmap::IndexMap;

/// A table of constants: its key, its values in the study, the allowed names, and the dimension
/// that all values share.
type Constants<'a> = (&'a str, &'a IndexMap<String, QuantityText>, &'a [&'a str], Dimension);

/// Sets the constants of a ligand as given in its part of a study.
pub fn constants(at: &str, ligand: &mut Ligand, part: &LigandPart) -> Result<(), StudyError> {
    let concentration = Dimension::CONCENTRATION;
    let private = PrivateChain::ALL.map(PrivateChain::name);
    let chains = [&private[..2], &SHARED_CHAINS[..1], &private[2..]].concat();
    let of_fusions = ["il2r_alpha", "il2r_beta_gamma"];
    let plain = Dimension::DIMENSIONLESS;
    let tables: [Constants; 6] = [
        ("affinity", &part.affinity, &chains, concentration),
        ("fusion_affinity", &part.fusion_affinity, &of_fusions, concentration),
        ("k_on", &part.k_on, &chains, solution_rate()),
        ("k_forward", &part.k_forward, &ON_MEMBRANE, surface_rate()),
        ("endosomal_off_ratio", &part.endosomal_off_ratio, &INDEPENDENT, plain),
        ("wrong_partner_affinity", &part.wrong_partner_affinity, &of_fusions, concentration),
    ];
    for (table, given, known, dimension) in tables {
        for (name, text) in given {
            let at = format!("{at}.{table}.{name}");
            if !known.contains(&name.as_str()) {
                if table == "endosomal_off_ratio" && ON_MEMBRANE.contains(&name.as_str()) {
                    let message = "closes a cycle of bonds and follows from the other dissociation constants \
                         by detailed balance; leave it out";
                    return Err(StudyError::at(at, message));
                }
                let what = if matches!(table, "k_forward" | "endosomal_off_ratio") {
                    "bond"
                } else {
                    "chain"
                };
                return Err(unknown(&at, what, name, known.iter().copied(), table));
            }
            if matches!(table, "affinity" | "fusion_affinity" | "k_on") {
                fits_ligand(&at, ligand, table, name)?;
            }
            let read = set(&at, text, dimension, true, None)?;
            give(ligand, format!("{table}.{name}"), read);
        }
    }
    for (chain, text) in &part.k_off {
        let at_chain = format!("{at}.k_off.{chain}");
        if !chains.contains(&chain.as_str()) {
            return Err(unknown(&at_chain, "chain", chain, chains.iter().copied(), "k_off"));
        }
        if part.affinity.contains_key(chain) {
            let message = format!(
                "cannot be combined with affinity.{chain}, which it replaces; keep one of the two"
            );
            return Err(StudyError::at(at_chain, message));
        }
        fits_ligand(&at_chain, ligand, "affinity", chain)?;
        let off = set(&at_chain, text, Dimension::RATE, true, None)?;
        let Some(on) = ligand.parameters.get(&format!("k_on.{chain}")).map(|p| p.value) else {
            let message = format!(
                "also needs {at}.k_on.{chain}, because their ratio is the dissociation constant; \
                 give k_on, or affinity.{chain} instead of both"
            );
            return Err(StudyError::at(at_chain, message));
        };
        // Without the rounding error of the ratio: 14.4 /s over 1e7 /M/s is 1440 nM.
        let ratio = off.value / on;
        let ratio: f64 = format!("{ratio:.14e}").parse().unwrap_or(ratio);
        let affinity = Parameter::from_study(ratio, concentration, format!("{ratio} pM"));
        let note = format!("k_off / k_on, k_off = {}", text.0.trim());
        give(ligand, format!("affinity.{chain}"), Parameter { note, ..affinity });
    }
    Ok(())
}

/// Replaces a parameter of a ligand. A new affinity changes all bonds derived from it, irrespective
/// of the key by which the study gives the affinity.
pub fn give(ligand: &mut Ligand, name: String, read: Parameter) {
    match name == "affinity.il2r_beta" && !read.absent {
        true => ligand.set_beta_affinity(read),
        false => _ = ligand.parameters.insert(name, read),
    }
}

/// Refuses an affinity that no model would use for this ligand, rather than ignoring it.
fn fits_ligand(at: &str, ligand: &Ligand, table: &str, chain: &str) -> Result<(), StudyError> {
    if table == "affinity" && ligand.parent.is_some() {
        let message =
            "has no effect on a ligand that was measured as a fusion; set fusion_affinity instead";
        return Err(StudyError::at(at, message));
    }
    let own = ligand.private_chain;
    let beta = own.shares_beta();
    let anothers = PrivateChain::named(chain).is_some_and(|chain| chain != own);
    if anothers || (chain == SHARED_CHAINS[0] && !beta) {
        let own = own.name();
        let and_beta = if beta { " and il2r_beta" } else { "" };
        let message =
            format!("is not a chain of this ligand, which binds {own}{and_beta}; set {own}");
        return Err(StudyError::at(at, message));
    }
    Ok(())
}

/// Sets a parameter to the value in the study, in place of the value in the library.
pub fn set(
    at: &str,
    text: &QuantityText,
    needed: Dimension,
    above_zero: bool,
    like: Option<&Like>,
) -> Result<Parameter, StudyError> {
    let absent = text.0.trim() == "none";
    // Before the general check, which would offer zero as a remedy.
    let read = Quantity::parse_as(&text.0, needed);
    if let Some(value) = read.ok().filter(|value| above_zero && *value <= 0.0) {
        // Models allow molecules that do not bind the alpha chain; without the other chains there
        // is no binding at all.
        let zero = value == 0.0;
        let write = match (zero && at.contains("affinity."), at.ends_with("_alpha")) {
            (true, true) => ", or \"none\" for no binding".to_string(),
            (true, false) => "; very weak binding is for example \"100 uM\"".to_string(),
            (false, _) => {
                let example = like.map(|like| like.example.to_string());
                let example = example.unwrap_or_else(|| values::example(at, needed));
                format!(", for example \"{example}\"")
            }
        };
        let is = if zero { "zero" } else { "negative" };
        let text = shown(&text.0);
        let message = format!("\"{text}\" is {is}; give a value above zero{write}");
        return Err(StudyError::at(at, message));
    }
    let value = match like {
        _ if absent => f64::NAN,
        Some(like) => quantity_like(at, text, needed, like)?,
        None => quantity(at, text, needed)?,
    };
    let dimension = Quantity::parse(&text.0).map_or(needed, |q| q.dimension);
    Ok(Parameter::from_study(value, dimension, text.0.clone()))
}
