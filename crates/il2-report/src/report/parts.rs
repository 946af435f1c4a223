//! Parts that several sections of the page use.

use crate::inputs::Input;
use il2::quantity::three_digits;
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
        v if v.fract() == 0.0 && v.abs() < 1e6 => format!("{v}"),
        v => three_digits(v),
    }
}

/// A name that may go on in the next line behind its points and underscores.
pub fn breakable(name: &str) -> Markup {
    html! {
        @for part in name.split_inclusive(['.', '_']) {
            (part)
            // A bare <wbr> is not XML.
            @if part.ends_with(['.', '_']) { (PreEscaped("<wbr/>")) }
        }
    }
}

/// Heading of an input, as tables and lists name it.
pub fn heading(input: &Input) -> String {
    format!("{} {}", input.kind, input.name)
}

/// Head of a table: names of its columns, and whether they hold text.
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
