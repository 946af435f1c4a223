//! Parts that several sections of the page use.

use crate::inputs::Input;
use il2::quantity::Quantity;
use il2_answer::sentence;
use maud::{Markup, PreEscaped, html};

/// A file of the folder, by name and SHA-256.
pub type Listed = (String, String);

/// Smaller values could not be measured and are shown as zero.
const LEAST: f64 = 1e-6;

/// Whole numbers unchanged, others to three digits.
pub fn number(value: f64) -> String {
    match value {
        v if !v.is_finite() => "–".into(),
        v if v > 0.0 && v < LEAST => format!("< {LEAST:e}"),
        v => sentence::number(v),
    }
}

/// A title with the full stop that a caption needs.
pub fn ended(title: &str) -> String {
    let title = title.trim();
    let stop = if title.is_empty() || title.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{title}{stop}")
}

/// A name with line breaks allowed after points and underscores.
pub fn breakable(name: &str) -> Markup {
    html! {
        @for part in name.split_inclusive(['.', '_']) {
            (part)
            // A bare <wbr> is not XML.
            @if part.ends_with(['.', '_']) { (PreEscaped("<wbr/>")) }
        }
    }
}

/// Text of an answer or a warning: text in backticks becomes code, and a number stays on one line
/// with its unit.
pub fn prose(text: &str) -> Markup {
    let paired = text.split('`').count() % 2 == 1;
    html! {
        @if paired {
            @for (i, part) in text.split('`').enumerate() {
                @if i % 2 == 1 { code { (part) } } @else { (unbroken(part)) }
            }
        } @else {
            (unbroken(text))
        }
    }
}

/// The text with a non-breaking space between each number and its unit.
fn unbroken(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut words = text.split(' ').peekable();
    while let Some(word) = words.next() {
        kept.push_str(word);
        if let Some(next) = words.peek() {
            let unit = next.trim_end_matches(['.', ',', ';', ':', ')', ']', '?', '!']);
            let joined = word.ends_with(|c: char| c.is_ascii_digit()) && is_unit(unit);
            kept.push(if joined { '\u{a0}' } else { ' ' });
        }
    }
    kept
}

fn is_unit(word: &str) -> bool {
    word == "%" || (!word.is_empty() && Quantity::parse(&format!("1 {word}")).is_ok())
}

/// Title of a column of results: its name in words, with the unit in brackets: `low_mg_per_l` is `low (mg/L)`.
pub fn column_title(name: &str) -> String {
    if name.contains(' ') {
        return name.to_string();
    }
    let unit = name.match_indices('_').find_map(|(at, _)| {
        let unit = match &name[at + 1..] {
            "percent" => "%".to_string(),
            "pm" => "pM".to_string(),
            ending => ending.replace("_per_", "/").replace("/l", "/L").replace("/ml", "/mL"),
        };
        is_unit(&unit).then_some((at, unit))
    });
    match unit {
        Some((at, unit)) => format!("{} ({unit})", name[..at].replace('_', " ")),
        None => name.replace('_', " "),
    }
}

/// Heading of an input in tables and lists.
pub fn heading(input: &Input) -> String {
    format!("{} {}", input.kind, input.name)
}

/// Head of a table: names of its columns, and whether they contain text.
pub fn head(columns: &[(&str, bool)]) -> Markup {
    html! {
        thead {
            tr {
                @for (name, text) in columns {
                    @if *text {
                        th scope="col" { (name) }
                    } @else {
                        th scope="col" class="number" { (name) }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_does_not_end_between_a_number_and_its_unit() {
        let said =
            prose("18 % of 3 patients at 12.5 pM, 4 h; see `il2 list patient`").into_string();
        let wanted =
            "18\u{a0}% of 3 patients at 12.5\u{a0}pM, 4\u{a0}h; see <code>il2 list patient</code>";
        assert_eq!(said, wanted);
        assert_eq!(prose("a ` b").into_string(), "a ` b");
    }

    #[test]
    fn titles_of_columns_are_words_with_a_unit() {
        for (name, title) in [
            ("relative_standard_error_percent", "relative standard error (%)"),
            ("trough_low_mg_per_l", "trough low (mg/L)"),
            ("every_h", "every (h)"),
            ("standard_error", "standard error"),
            ("best fit", "best fit"),
            ("R-hat", "R-hat"),
        ] {
            assert_eq!(column_title(name), title);
        }
    }
}
