//! Names from a file inside messages.

/// A name that may be anything: its first forty characters, without control characters.
pub fn short(name: &str) -> String {
    let mut text: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
    if name.chars().count() > 40 {
        text.push_str("...");
    }
    text
}
