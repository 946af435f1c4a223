//! Names from a file for use in messages.

/// The first forty characters of an arbitrary name, without control characters.
pub fn short(name: &str) -> String {
    let mut text: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
    if name.chars().count() > 40 {
        text.push_str("...");
    }
    text
}
