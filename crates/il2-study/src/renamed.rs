//! Names that earlier versions of this program gave to numbers and readouts: studies that use them keep
//! working, with a notice of the new name.

use toml::{Table, Value};

/// Old and new names. An asterisk stands for the name of a population: `treg_tired`.
pub const RENAMED: [(&str, &str); 9] = [
    ("*.half_maximal_blind", "*.ec50_without_cd25"),
    ("*_half_maximal", "*_ec50"),
    ("*_memory", "*_activation"),
    ("*_tired", "*_desensitised"),
    ("sensing.memory_rate", "sensing.activation_rate"),
    ("sensing.tiring", "sensing.desensitisation"),
    ("sensing.tiring_rate", "sensing.desensitisation_rate"),
    ("eosinophils.most", "eosinophils.gain"),
    ("tumour.swallow", "tumour.internalisation_rate"),
];

/// Keys whose tables have names of numbers as keys.
const TABLES: [&str; 1] = ["parameters"];
/// Keys whose values are names of numbers or readouts.
const NAMES: [&str; 4] = ["sets", "show", "readout", "panels"];

/// The present name of what an earlier version called `old`; none where the name was never another's.
pub fn present_name(old: &str) -> Option<String> {
    RENAMED.iter().find_map(|(was, is)| match was.strip_prefix('*') {
        None => (*was == old).then(|| (*is).to_string()),
        Some(ending) => {
            let population = old.strip_suffix(ending).filter(|p| !p.is_empty())?;
            Some(format!("{population}{}", is.trim_start_matches('*')))
        }
    })
}

/// What is said of an old name.
pub fn notice(old: &str, new: &str) -> String {
    format!("{old} is now called {new}; the old name still works: write {new}")
}

/// Puts the present names into a study, and gives a notice for each old one. A table that has both names
/// is left as it is: the old one is then refused as unknown.
pub fn renew(study: &mut Table) -> Vec<String> {
    let mut notices = vec![];
    for part in ["assay", "models", "figures"] {
        if let Some(Value::Table(parts)) = study.get_mut(part) {
            parts.iter_mut().for_each(|(_, value)| renew_part(value, &mut notices));
        }
    }
    notices.dedup();
    notices
}

fn renew_part(value: &mut Value, notices: &mut Vec<String>) {
    let mut renew_text = |text: &mut String| {
        if let Some(new) = present_name(text) {
            notices.push(notice(text, &new));
            *text = new;
        }
    };
    match value {
        Value::Array(all) => all.iter_mut().for_each(|one| renew_part(one, notices)),
        Value::Table(table) => {
            for key in NAMES {
                match table.get_mut(key) {
                    Some(Value::String(name)) => renew_text(name),
                    Some(Value::Array(names)) => {
                        for name in names {
                            if let Value::String(name) = name {
                                renew_text(name);
                            }
                        }
                    }
                    _ => {}
                }
            }
            for key in TABLES {
                if let Some(Value::Table(numbers)) = table.get_mut(key) {
                    renew_keys(numbers, notices);
                }
            }
            table.iter_mut().for_each(|(_, inner)| renew_part(inner, notices));
        }
        _ => {}
    }
}

fn renew_keys(numbers: &mut Table, notices: &mut Vec<String>) {
    // A name without a point is the user's own, of a fitted parameter.
    let renewed = |table: &Table, old: &str| {
        let new = present_name(old).filter(|_| old.contains('.'));
        new.filter(|new| !table.contains_key(new))
    };
    let named: Vec<(String, Option<String>)> =
        numbers.keys().map(|old| (old.clone(), renewed(numbers, old))).collect();
    // In the order of the file, which decides the order of tables and draws.
    for (old, new) in named {
        let value = numbers.remove(&old).expect("a key of the table");
        let key = new.unwrap_or_else(|| old.clone());
        if key != old {
            notices.push(notice(&old, &key));
        }
        numbers.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_names_become_new_ones_where_names_of_numbers_stand() {
        let text = r#"
            question = "What of treg_tired?"
            [regimens.x_memory]
            dose = "1 mg"
            [assay.a]
            regimens = ["x_memory"]
            show = ["treg_fold", "treg_half_maximal"]
            parameters = { "z.own" = "1", "sensing.tiring" = "3", "a.own" = "2" }
            [[assay.a.population.targets]]
            readout = "nk_dim_half_maximal"
            [assay.f.parameters.my_memory]
            sets = ["treg.half_maximal_blind"]
            [assay.f.measured.t]
            readout = "treg_memory"
        "#;
        let mut study: Table = text.parse().unwrap();
        let notices = renew(&mut study);
        let wanted = text
            .replace("[\"treg_fold\", \"treg_half_maximal\"]", "[\"treg_fold\", \"treg_ec50\"]")
            .replace("sensing.tiring", "sensing.desensitisation")
            .replace("nk_dim_half_maximal", "nk_dim_ec50")
            .replace("treg.half_maximal_blind", "treg.ec50_without_cd25")
            .replace("\"treg_memory\"", "\"treg_activation\"");
        assert_eq!(study, wanted.parse::<Table>().unwrap());
        let order: Vec<&String> =
            study["assay"]["a"]["parameters"].as_table().unwrap().keys().collect();
        assert_eq!(order, ["z.own", "sensing.desensitisation", "a.own"]);
        assert_eq!(notices.len(), 5, "{notices:?}");
        let said = "sensing.tiring is now called sensing.desensitisation; the old name still works: \
                    write sensing.desensitisation";
        assert!(notices.iter().any(|n| n == said), "{notices:?}");
        assert!(renew(&mut study).is_empty());
    }

    #[test]
    fn a_number_under_both_names_is_not_taken_twice() {
        let text =
            "[assay.a.parameters]\n\"sensing.tiring\" = \"3\"\n\"sensing.desensitisation\" = \"2\"";
        let mut study: Table = text.parse().unwrap();
        assert!(renew(&mut study).is_empty());
        assert_eq!(study, text.parse::<Table>().unwrap());
    }

    #[test]
    fn no_present_name_is_an_old_one() {
        for (old, new) in RENAMED {
            assert_eq!(present_name(&new.replace('*', "treg")), None);
            assert_eq!(present_name(&old.replace('*', "treg")), Some(new.replace('*', "treg")));
        }
    }
}
