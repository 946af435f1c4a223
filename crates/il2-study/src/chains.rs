//! Chains under their usual names (`CD25`, `IL-2Rα`, `beta`), and numbers of a study whose names contain one.

use il2::ligand::PrivateChain;
use il2_engine::words::closest;

/// Chains and other names for them, in lower case without spaces or punctuation.
const CHAINS: [(&str, &[&str]); 8] = [
    ("il2r_alpha", &["cd25", "il2ra"]),
    ("il2r_beta", &["cd122", "il2rb"]),
    ("gamma_c", &["cd132", "il2rg", "commongamma"]),
    ("il15r_alpha", &["cd215", "il15ra"]),
    ("il7r_alpha", &["cd127", "il7ra"]),
    ("il9r_alpha", &["cd129", "il9ra"]),
    ("il4r_alpha", &["cd124", "il4ra"]),
    ("il21r_alpha", &["cd360", "il21r"]),
];

/// Single Greek letters, which mean the chains of interleukin-2.
const OF_IL2: [(&str, &str); 3] =
    [("alpha", "il2r_alpha"), ("beta", "il2r_beta"), ("gamma", "gamma_c")];

/// A name in lower case, with Greek letters written out.
pub fn small_letters(name: &str) -> String {
    let name = name.to_lowercase();
    name.replace('α', "alpha").replace('β', "beta").replace('γ', "gamma")
}

/// The chain with this usual name.
pub fn chain_called(name: &str) -> Option<&'static str> {
    let plain: String = small_letters(name).chars().filter(char::is_ascii_alphanumeric).collect();
    let same = |name: &str| name.chars().filter(|c| *c != '_').eq(plain.chars());
    let private = PrivateChain::ALL.map(PrivateChain::name);
    let known = CHAINS.iter().map(|(chain, _)| *chain).chain(private).find(|chain| same(chain));
    known.or_else(|| {
        CHAINS.iter().find(|(_, others)| others.contains(&plain.as_str())).map(|(chain, _)| *chain)
    })
}

/// The same, but a Greek letter alone means a chain of interleukin-2.
pub fn chain_or_letter(name: &str) -> Option<&'static str> {
    let letter = small_letters(name.trim());
    let of_il2 = || OF_IL2.iter().find(|(greek, _)| *greek == letter).map(|(_, chain)| *chain);
    chain_called(name).or_else(of_il2)
}

/// The number that was meant by a name with a chain in it, such as `mutein.affinity.CD25` or
/// `mutein.il2r_beta`, or by the name of a molecule that the study does not have; otherwise the
/// number whose name is spelt most similarly.
pub fn number_meant<'a>(
    name: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    let word = |word: &str| match (chain_or_letter(word), small_letters(word).as_str()) {
        (Some(chain), _) => chain.to_string(),
        (None, "kd" | "k_d") => "affinity".to_string(),
        (None, "count" | "counts" | "number" | "receptor") => "receptors".to_string(),
        (None, _) => word.to_string(),
    };
    let words: Vec<String> = name.split('.').map(word).collect();
    let plain = words.join(".");
    let chain = words.last().filter(|last| chain_called(last).is_some());
    // Prefers the number that shares most words; for a molecule its affinities, for a cell its
    // receptors.
    let alike = |other: &str| {
        let usual = other.contains(".affinity.") || other.contains(".receptors.");
        (other.split('.').filter(|w| words.iter().any(|own| own == w)).count(), usual)
    };
    let of_chain = chain.and_then(|chain| {
        let same = |other: &&str| other.rsplit('.').next() == Some(chain);
        // The first of several equally good matches.
        let all: Vec<&str> = known.clone().filter(same).collect();
        all.into_iter()
            .rev()
            .max_by_key(|other| alike(other))
            .filter(|other| alike(other).0 > 1 || words.len() == 1)
    });
    // An affinity without its chain: the first of the molecule.
    let begun = format!("{plain}.");
    let first = || known.clone().find(|other| plain != name && other.starts_with(&begun));
    let exact = known.clone().find(|other| *other == plain);
    exact.or(of_chain).or_else(first).or_else(|| closest(name, known.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_is_known_by_every_name_of_the_field() {
        for (name, chain) in [
            ("CD25", "il2r_alpha"),
            ("IL2RA", "il2r_alpha"),
            ("IL-2Rβ", "il2r_beta"),
            ("il2r beta", "il2r_beta"),
            ("γc", "gamma_c"),
            ("IL15Rα", "il15r_alpha"),
        ] {
            assert_eq!(chain_called(name), Some(chain), "{name}");
        }
        assert_eq!((chain_called("beta"), chain_or_letter("β")), (None, Some("il2r_beta")));
        assert_eq!(chain_or_letter("il2"), None);
    }

    #[test]
    fn a_number_is_known_by_its_molecule_and_chain() {
        let known = [
            "mutein.k_on.il2r_beta",
            "mutein.affinity.il2r_alpha",
            "mutein.affinity.il2r_beta",
            "mutein.k_off_beta",
            "treg.receptors.il2r_alpha",
            "k_internalise",
        ];
        for (written, meant) in [
            ("il2.affinity.CD25", "mutein.affinity.il2r_alpha"),
            ("mutein.il2r_beta", "mutein.affinity.il2r_beta"),
            ("mutein.affinity.CD25", "mutein.affinity.il2r_alpha"),
            ("mutein.KD.beta", "mutein.affinity.il2r_beta"),
            ("treg.CD25", "treg.receptors.il2r_alpha"),
            ("mutein.affinity.il2r_bet", "mutein.affinity.il2r_beta"),
            ("k_internalize", "k_internalise"),
            ("mutein.kd", "mutein.affinity.il2r_alpha"),
        ] {
            assert_eq!(number_meant(written, known.iter().copied()), Some(meant), "{written}");
        }
        assert_eq!(number_meant("nonsense", known.iter().copied()), None);
    }
}
