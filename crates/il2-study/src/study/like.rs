//! Parts of a study that are based on one another, and the names that they may have.

use crate::error::StudyError;
use crate::values::unknown;
use il2_engine::words::shown;
use indexmap::IndexMap;

/// Maximum length of a chain of parts that are each `like` the previous one.
pub const MOST_LIKE: usize = 100;

/// Checks a name that becomes part of column and file names.
pub fn label(at: &str, name: &str) -> Result<(), StudyError> {
    let fine = name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.len() <= 40
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if fine {
        return Ok(());
    }
    let name = shown(name);
    Err(StudyError::at(
        at,
        format!(
            "the name \"{name}\" cannot be part of a column name; use at most 40 letters, digits, \
             _ and -"
        ),
    ))
}

/// Parts of one kind by name, in the order of the file, each built after the part on which it is
/// based (`like`).
pub fn made<Part, Made>(
    kind: &str,
    parts: &IndexMap<String, Part>,
    starts_from: impl Fn(&Part) -> (Option<&str>, Option<&str>),
    make: impl Fn(&str, Option<&Made>) -> Result<Made, StudyError>,
) -> Result<IndexMap<String, Made>, StudyError> {
    // For each part, the result and the length of the chain of parts from which it starts.
    let mut done: Vec<Option<(Made, usize)>> = parts.iter().map(|_| None).collect();
    for first in 0..parts.len() {
        let mut waiting = vec![];
        let mut next = Some(first);
        while let Some(place) = next.filter(|&place| done[place].is_none()) {
            let (name, part) = parts.get_index(place).expect("a place of the list");
            let at = format!("{kind}.{name}");
            label(&at, name)?;
            if waiting.contains(&place) {
                let message = "leads back to this part, directly or through others; base one of \
                               them on the library with from";
                return Err(StudyError::at(at, message));
            }
            waiting.push(place);
            let steps = waiting.len();
            if steps > MOST_LIKE {
                return Err(too_long(at));
            }
            next = match starts_from(part) {
                (Some(_), Some(_)) => {
                    let message = "has both from and like; keep one of the two";
                    return Err(StudyError::at(at, message));
                }
                (None, None) => {
                    let what = match kind.trim_end_matches('s') {
                        "ligand" => "molecule",
                        other => other,
                    };
                    let arms = match what {
                        "molecule" => ", or arms = [...] with at least one molecule",
                        _ => "",
                    };
                    let message = format!(
                        "needs a {what} to start from; add from = \"...\" (`il2 list` shows all \
                         entries) or like = \"...\"{arms}"
                    );
                    return Err(StudyError::at(at, message));
                }
                (Some(_), None) => None,
                (None, Some(like)) => Some(parts.get_index_of(like).ok_or_else(|| {
                    let known = parts.keys().map(String::as_str);
                    let what = kind.trim_end_matches('s');
                    unknown(&format!("{at}.like"), what, like, known, &format!("[{kind}]"))
                })?),
            };
        }
        let mut behind = next;
        while let Some(place) = waiting.pop() {
            let (name, _) = parts.get_index(place).expect("a place of the list");
            let like = behind.and_then(|place| done[place].as_ref());
            let steps = like.map_or(1, |(_, steps)| steps + 1);
            if steps > MOST_LIKE {
                return Err(too_long(format!("{kind}.{name}")));
            }
            done[place] = Some((make(name, like.map(|(made, _)| made))?, steps));
            behind = Some(place);
        }
    }
    let all = parts.keys().cloned().zip(done);
    Ok(all.filter_map(|(name, made)| Some((name, made?.0))).collect())
}

fn too_long(at: String) -> StudyError {
    let message = format!(
        "is the last in a chain of more than {MOST_LIKE} parts linked by like; base it on the \
         library with from = \"...\""
    );
    StudyError::at(at, message)
}
