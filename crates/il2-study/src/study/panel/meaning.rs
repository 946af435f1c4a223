//! Meaning and unit of column headings in tables of ligands or cells.

use crate::chains::{chain_called, chain_or_letter, small_letters};
use il2::ligand::{PrivateChain, RELEASE_RATE, SHARED_CHAINS};
use il2::quantity::Quantity;
use il2::receptor::bonds::{INDEPENDENT, ON_MEMBRANE};
use il2::receptor::trafficking::{solution_rate, surface_rate};
use il2_engine::Dimension;

/// The kind of entry in the rows of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Each row is a ligand.
    Ligands,
    /// Each row is a cell.
    Cells,
}

/// Meaning of a column: a key of the ligand or cell in the row, for example `affinity.il2r_beta` or
/// `name`.
pub type Meaning = String;

/// Keys whose value is a single word or number, and alternative headings for these keys.
const KEYS: [(&str, Of, &[&str]); 12] = [
    ("name", Of::Ligands, &["ligand", "molecule", "mutein", "id"]),
    ("from", Of::Ligands, &["parent"]),
    ("like", Of::Ligands, &[]),
    ("valency", Of::Ligands, &["copies"]),
    ("joins_gamma_c", Of::Ligands, &[]),
    ("arms", Of::Ligands, &[]),
    ("releases", Of::Ligands, &[]),
    (RELEASE_RATE, Of::Ligands, &[]),
    ("name", Of::Cells, &["cell", "cell_type", "id"]),
    ("from", Of::Cells, &[]),
    ("like", Of::Cells, &[]),
    ("quantitation", Of::Cells, &[]),
];

/// Tables of constants, and alternative words for these tables.
const TABLES: [(&str, Of, &[&str]); 9] = [
    ("wrong_partner_affinity", Of::Ligands, &[]),
    ("fusion_affinity", Of::Ligands, &["fusion_kd"]),
    ("affinity", Of::Ligands, &["kd", "k_d", "dissociation_constant"]),
    ("k_on", Of::Ligands, &["kon", "ka", "k_a"]),
    ("k_off", Of::Ligands, &["koff"]),
    ("k_forward", Of::Ligands, &[]),
    ("endosomal_off_ratio", Of::Ligands, &[]),
    ("receptors", Of::Cells, &["count", "number"]),
    ("synthesis", Of::Cells, &[]),
];

impl Of {
    /// The kind of row for a word in a study, `ligands` or `cells`.
    pub fn named(word: &str) -> Option<Of> {
        match word {
            "ligands" => Some(Of::Ligands),
            "cells" => Some(Of::Cells),
            _ => None,
        }
    }

    /// The table of a study that contains this kind of entry.
    pub fn table(self) -> &'static str {
        match self {
            Of::Ligands => "ligands",
            Of::Cells => "cells",
        }
    }

    /// The word for a single row.
    pub fn one(self) -> &'static str {
        match self {
            Of::Ligands => "ligand",
            Of::Cells => "cell",
        }
    }

    /// All headings that errors may suggest.
    pub fn known(self) -> Vec<&'static str> {
        let keys = KEYS.iter().filter(|(_, of, _)| *of == self).map(|(key, ..)| *key);
        let private = PrivateChain::ALL.map(PrivateChain::name);
        let chains = private.into_iter().chain(match self {
            Of::Ligands => vec![SHARED_CHAINS[0], "il2r_beta_gamma", "molar_mass"],
            Of::Cells => SHARED_CHAINS.to_vec(),
        });
        keys.chain(chains).collect()
    }

    /// The meaning of a heading whose unit has been removed.
    pub fn meaning(self, words: &str) -> Option<Meaning> {
        let own = |name: &str| self == Of::Ligands && name.starts_with("parameters.");
        if own(words.trim()) {
            return Some(words.trim().to_string());
        }
        let words = plain(words);
        if self == Of::Ligands && words == "molar_mass" {
            return Some("parameters.molar_mass".into());
        }
        let is = |name: &str, others: &[&str]| name == words || others.contains(&words.as_str());
        if let Some((key, ..)) = KEYS.iter().find(|(key, of, names)| *of == self && is(key, names))
        {
            return Some((*key).to_string());
        }
        if let Some(part) = self.part(&words) {
            let table = match (self, part.as_str()) {
                (Of::Ligands, "il2r_beta_gamma") => "fusion_affinity",
                (Of::Ligands, chain) if chain_called(chain).is_some() => "affinity",
                (Of::Ligands, _) => return None,
                (Of::Cells, _) => "receptors",
            };
            return Some(format!("{table}.{part}"));
        }
        // `kd_il2r_beta`, or `CD122 KD`.
        TABLES.iter().filter(|(_, of, _)| *of == self).find_map(|(table, _, others)| {
            std::iter::once(table).chain(*others).find_map(|word| {
                let behind = words.strip_prefix(word).and_then(|rest| rest.strip_prefix('_'));
                let before = words.strip_suffix(word).and_then(|rest| rest.strip_suffix('_'));
                let name = behind.or(before)?;
                let of_chains = !matches!(*table, "k_forward" | "endosomal_off_ratio");
                let chain = of_chains.then(|| chain_or_letter(name)).flatten();
                let part = chain.map(str::to_string).or_else(|| self.part(name))?;
                Some(format!("{table}.{part}"))
            })
        })
    }

    /// The chain that an unknown heading may refer to, for example `beta (nM)`.
    pub fn chain_in(heading: &str) -> Option<&'static str> {
        let words = heading.split(['(', '[']).next().unwrap_or_default();
        plain(words).split('_').find_map(chain_or_letter)
    }

    /// The key of a chain, or of a bond of a ligand.
    fn part(self, name: &str) -> Option<String> {
        let bond = || {
            let mut all = ON_MEMBRANE.iter().chain(&INDEPENDENT).chain(&["il2r_beta_gamma"]);
            all.find(|bond| self == Of::Ligands && **bond == name).copied()
        };
        chain_called(name).or_else(bond).map(str::to_string)
    }

    /// Meaning and unit of a heading such as `il2r_beta (nM)`, `il2r_beta_nM` or `CD122 KD [nM]`.
    pub fn heading(self, heading: &str) -> Option<(Meaning, Option<String>)> {
        let heading = heading.trim();
        let bracket = heading.strip_suffix([')', ']']).and_then(|h| h.rsplit_once(['(', '[']));
        if let Some((words, unit)) = bracket {
            let meaning = self.meaning(words)?;
            let unit = unit_text(unit);
            return Some((by_unit(meaning, &unit), Some(unit)));
        }
        if let Some(meaning) = self.meaning(heading) {
            return Some((meaning, None));
        }
        let breaks = heading.char_indices().filter(|(_, c)| matches!(c, '_' | ' ')).rev();
        breaks.into_iter().find_map(|(at, _)| {
            let meaning = self.meaning(&heading[..at])?;
            let unit = heading[at + 1..].replace("per_", "/").replace("_/", "/");
            let meaning = by_unit(meaning, &unit);
            let unit = measuring(&unit, dimension(&meaning)?)?;
            Some((meaning, Some(unit)))
        })
    }
}

/// Converts words to lower case, omits filler words and joins the rest by underscores:
/// `KD of the β chain` becomes `kd_beta`.
fn plain(words: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let words: String = small_letters(words).chars().map(letter).collect();
    let says = |word: &&str| !["", "of", "for", "to", "the", "chain"].contains(word);
    words.split('_').filter(says).collect::<Vec<_>>().join("_")
}

/// Converts units spelt as in surface plasmon resonance software, such as `1/s` and `1/Ms`, to the
/// spelling used in studies.
fn unit_text(unit: &str) -> String {
    match unit.trim() {
        "1/Ms" | "1/(Ms)" | "M-1s-1" | "M-1 s-1" | "M^-1 s^-1" => "/M/s".into(),
        "s-1" | "s^-1" => "/s".into(),
        unit => unit.strip_prefix('1').filter(|rest| rest.starts_with('/')).unwrap_or(unit).into(),
    }
}

/// Corrects the meaning of a column by its unit: a `kd` in units of reciprocal time is a
/// dissociation rate constant.
fn by_unit(meaning: Meaning, unit: &str) -> Meaning {
    match meaning.strip_prefix("affinity.") {
        Some(chain) if measuring(unit, Dimension::RATE).is_some() => format!("k_off.{chain}"),
        _ => meaning,
    }
}

/// The dimension of a column; none if the dimension depends on the ligand, or if the column has no
/// number with a unit.
pub fn dimension(meaning: &str) -> Option<Dimension> {
    if meaning == RELEASE_RATE {
        return Some(Dimension::RATE);
    }
    match meaning.split_once('.')?.0 {
        "affinity" | "fusion_affinity" | "wrong_partner_affinity" => Some(Dimension::CONCENTRATION),
        "k_on" => Some(solution_rate()),
        "k_off" => Some(Dimension::RATE),
        "k_forward" => Some(surface_rate()),
        "receptors" => Some(Dimension::PER_CELL),
        "synthesis" => Some(Dimension::PER_CELL * Dimension::RATE),
        _ => None,
    }
}

/// The unit, if it has the required dimension. Column suffixes have molar units in lower case, as
/// in `ec50_pm`.
fn measuring(unit: &str, needed: Dimension) -> Option<String> {
    let fits = |unit: &str| Quantity::parse_as(&format!("1 {unit}"), needed).is_ok();
    let molar = || unit.strip_suffix('m').map(|prefix| format!("{prefix}M"));
    match fits(unit) {
        true => Some(unit.to_string()),
        false => molar().filter(|unit| needed == Dimension::CONCENTRATION && fits(unit)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_says_chain_constant_and_unit_as_laboratories_write_them() {
        for (heading, meaning, unit) in [
            ("Name", "name", None),
            ("il2r_beta", "affinity.il2r_beta", None),
            ("il2r_beta_nM", "affinity.il2r_beta", Some("nM")),
            ("il2r_beta_nm", "affinity.il2r_beta", Some("nM")),
            ("il2r_beta (nM)", "affinity.il2r_beta", Some("nM")),
            ("affinity.il2r_beta [pM]", "affinity.il2r_beta", Some("pM")),
            ("kd_il2r_alpha (nM)", "affinity.il2r_alpha", Some("nM")),
            ("CD122 KD (nM)", "affinity.il2r_beta", Some("nM")),
            ("CD122 kd (1/s)", "k_off.il2r_beta", Some("/s")),
            ("ka CD122 (1/Ms)", "k_on.il2r_beta", Some("/M/s")),
            ("k_on.il2r_beta_per_M_per_s", "k_on.il2r_beta", Some("/M/s")),
            ("il2r_beta_gamma (nM)", "fusion_affinity.il2r_beta_gamma", Some("nM")),
            ("KD beta (nM)", "affinity.il2r_beta", Some("nM")),
            ("KD IL-2Rβ (nM)", "affinity.il2r_beta", Some("nM")),
            ("Kd of the α chain [nM]", "affinity.il2r_alpha", Some("nM")),
            ("kon beta", "k_on.il2r_beta", None),
            ("Kon Beta (1/Ms)", "k_on.il2r_beta", Some("/M/s")),
            ("KOFF CD122 (1/s)", "k_off.il2r_beta", Some("/s")),
            ("k on beta (1/Ms)", "k_on.il2r_beta", Some("/M/s")),
            ("endosomal_off_ratio.alpha", "endosomal_off_ratio.alpha", None),
            ("molar_mass (kDa)", "parameters.molar_mass", Some("kDa")),
            ("release_rate (/h)", "release_rate", Some("/h")),
            ("arms", "arms", None),
        ] {
            let found = Of::Ligands.heading(heading).expect(heading);
            assert_eq!(found, (meaning.to_string(), unit.map(str::to_string)), "{heading}");
        }
        let counts = Of::Cells.heading("CD25_per_cell");
        assert_eq!(counts, Some(("receptors.il2r_alpha".into(), Some("/cell".into()))));
        for heading in ["batch", "il2r_beta_batch", "alpha", "il2r_betta (nM)"] {
            assert_eq!(Of::Ligands.heading(heading), None, "{heading}");
        }
    }
}
