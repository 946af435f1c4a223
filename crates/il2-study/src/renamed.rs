//! Names that earlier versions of this program gave to numbers and readouts: studies that use them
//! still work, with a notice of the new name.

use crate::error::StudyError;
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

/// The current name of the item that an earlier version called `old`; none if nothing had that
/// name.
pub fn present_name(old: &str) -> Option<String> {
    RENAMED.iter().find_map(|(was, is)| match was.strip_prefix('*') {
        None => (*was == old).then(|| (*is).to_string()),
        Some(ending) => {
            let population = old.strip_suffix(ending).filter(|p| !p.is_empty())?;
            Some(format!("{population}{}", is.trim_start_matches('*')))
        }
    })
}

/// The name of `new` in an earlier version; none if it had no other name.
fn old_name(new: &str) -> Option<String> {
    RENAMED.iter().find_map(|(was, is)| match is.strip_prefix('*') {
        None => (*is == new).then(|| (*was).to_string()),
        Some(ending) => {
            let population = new.strip_suffix(ending).filter(|p| !p.is_empty())?;
            Some(format!("{population}{}", was.trim_start_matches('*')))
        }
    })
}

/// Adds the old name to an error about a name that the study still writes in its old form, because
/// the author will look for the old name.
pub fn as_written(mut error: StudyError, text: &str) -> StudyError {
    let stands = |name: &str| text.contains(name);
    let of_text = |new: &str| old_name(new).filter(|old| !stands(new) && stands(old));
    // A key that ends with the name: `assay.a.parameters.sensing.desensitisation`.
    let ends = error.path.match_indices('.').map(|(at, _)| at + 1).chain([0]);
    let mut ends: Vec<usize> = ends.collect();
    ends.sort_unstable();
    let key = ends.iter().find_map(|&at| Some((at, of_text(&error.path[at..])?)));
    if let Some((at, old)) = key {
        let new = error.path.split_off(at);
        error.path += &old;
        error.message = format!("(now called {new}) {}", error.message);
        return error;
    }
    // A word: `unknown readout "treg_ec50"`.
    let words: Vec<String> =
        error.message.split('"').skip(1).step_by(2).map(str::to_string).collect();
    for new in words {
        if let Some(old) = of_text(&new) {
            let quoted = format!("\"{new}\"");
            error.message =
                error.message.replacen(&quoted, &format!("\"{old}\" (now called {new})"), 1);
        }
    }
    error
}

/// The notice about an old name.
pub fn notice(old: &str, new: &str) -> String {
    format!("{old} is now called {new}; the old name still works, but use {new}")
}

/// Replaces old names in a study by the present ones, with a notice for each.
///
/// # Errors
/// An error if a table has a number under both of its names.
pub fn renew(study: &mut Table) -> Result<Vec<String>, StudyError> {
    let mut notices = vec![];
    for part in ["assay", "models", "figures"] {
        if let Some(Value::Table(parts)) = study.get_mut(part) {
            for (name, value) in parts.iter_mut() {
                renew_part(&format!("{part}.{name}"), value, &mut notices)?;
            }
        }
    }
    notices.dedup();
    Ok(notices)
}

fn renew_part(at: &str, value: &mut Value, notices: &mut Vec<String>) -> Result<(), StudyError> {
    let mut renew_text = |text: &mut String| {
        if let Some(new) = present_name(text) {
            notices.push(notice(text, &new));
            *text = new;
        }
    };
    match value {
        Value::Array(all) => {
            for (i, one) in all.iter_mut().enumerate() {
                renew_part(&format!("{at}[{i}]"), one, notices)?;
            }
        }
        Value::Table(table) => {
            for key in NAMES {
                match table.get_mut(key) {
                    Some(Value::String(name)) => renew_text(name),
                    Some(Value::Array(names)) => {
                        not_twice(&format!("{at}.{key}"), names)?;
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
                    renew_keys(&format!("{at}.{key}"), numbers, notices)?;
                }
            }
            for (key, inner) in table.iter_mut() {
                renew_part(&format!("{at}.{key}"), inner, notices)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// Refuses a list that contains both a name and its old form.
fn not_twice(at: &str, names: &[Value]) -> Result<(), StudyError> {
    for (i, old) in names.iter().enumerate() {
        let Some(old) = old.as_str() else { continue };
        let Some(new) = present_name(old) else { continue };
        if names.iter().any(|name| name.as_str() == Some(&new)) {
            let message = format!(
                "\"{old}\" is the old name of {new}, which is also in the list; keep only {new}"
            );
            return Err(StudyError::at(format!("{at}[{i}]"), message));
        }
    }
    Ok(())
}

fn renew_keys(at: &str, numbers: &mut Table, notices: &mut Vec<String>) -> Result<(), StudyError> {
    // A name without a point belongs to a fitted parameter of the user.
    let renewed = |old: &String| (old.clone(), present_name(old).filter(|_| old.contains('.')));
    let named: Vec<(String, Option<String>)> = numbers.keys().map(renewed).collect();
    for (old, new) in &named {
        if let Some(new) = new.as_ref().filter(|new| numbers.contains_key(*new)) {
            let message =
                format!("is given together with {new}, which is its new name; keep only {new}");
            return Err(StudyError::at(format!("{at}.{old}"), message));
        }
    }
    // Keeps the order of the file, which determines the order of tables and draws.
    for (old, new) in named {
        let value = numbers.remove(&old).expect("a key of the table");
        let key = new.unwrap_or_else(|| old.clone());
        if key != old {
            notices.push(notice(&old, &key));
        }
        numbers.insert(key, value);
    }
    Ok(())
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
        let notices = renew(&mut study).unwrap();
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
        let said = "sensing.tiring is now called sensing.desensitisation; the old name still works, \
                    but use sensing.desensitisation";
        assert!(notices.iter().any(|n| n == said), "{notices:?}");
        assert!(renew(&mut study).unwrap().is_empty());
    }

    #[test]
    fn a_number_under_both_names_is_not_taken_twice() {
        let text =
            "[assay.a.parameters]\n\"sensing.tiring\" = \"3\"\n\"sensing.desensitisation\" = \"2\"";
        let mut study: Table = text.parse().unwrap();
        assert_eq!(
            renew(&mut study).unwrap_err().to_string(),
            "assay.a.parameters.sensing.tiring: is given together with sensing.desensitisation, which is its \
             new name; keep only sensing.desensitisation"
        );
    }

    #[test]
    fn a_list_with_both_names_of_a_readout_says_which_is_the_old_one() {
        let text = "[assay.a]\nshow = [\"treg_fold\", \"treg_ec50\", \"treg_half_maximal\"]";
        let mut study: Table = text.parse().unwrap();
        assert_eq!(
            renew(&mut study).unwrap_err().to_string(),
            "assay.a.show, item 3: \"treg_half_maximal\" is the old name of treg_ec50, which is also in the \
             list; keep only treg_ec50"
        );
    }

    #[test]
    fn an_error_names_what_the_study_wrote() {
        let text = "[assay.a.parameters]\n\"sensing.tiring\" = \"3 pM\"\n\
                    [assay.b]\nshow = [\"treg_half_maximal\"]";
        let of =
            |path: &str, message: &str| as_written(StudyError::at(path, message), text).to_string();
        assert_eq!(
            of(
                "assay.a.parameters.sensing.desensitisation",
                "\"3 pM\" is a concentration; write 3"
            ),
            "assay.a.parameters.sensing.tiring: (now called sensing.desensitisation) \"3 pM\" is a \
             concentration; write 3"
        );
        assert_eq!(
            of("assay.b.show[0]", "unknown readout \"treg_ec50\"; use treg_fold"),
            "assay.b.show, item 1: unknown readout \"treg_half_maximal\" (now called treg_ec50); use treg_fold"
        );
        let other = "unknown readout \"nk_ec50\"; use treg_fold";
        assert_eq!(of("assay.b.show[0]", other), format!("assay.b.show, item 1: {other}"));
    }

    #[test]
    fn no_present_name_is_an_old_one() {
        for (old, new) in RENAMED {
            assert_eq!(present_name(&new.replace('*', "treg")), None);
            assert_eq!(present_name(&old.replace('*', "treg")), Some(new.replace('*', "treg")));
        }
    }
}
