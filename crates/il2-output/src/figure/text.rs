//! Text measured with the advance widths of the embedded font, wrapped and escaped.

/// Advance widths of U+0020 to U+007E in DejaVu Sans, in 1/2048 em.
const ADVANCES: [u16; 95] = [
    651, 821, 942, 1716, 1303, 1946, 1597, 563, 799, 799, 1024, 1716, 651, 739, 651, 690, 1303,
    1303, 1303, 1303, 1303, 1303, 1303, 1303, 1303, 1303, 690, 690, 1716, 1716, 1716, 1087, 2048,
    1401, 1405, 1430, 1577, 1294, 1178, 1587, 1540, 604, 604, 1343, 1141, 1767, 1532, 1612, 1235,
    1612, 1423, 1300, 1251, 1499, 1401, 2025, 1403, 1251, 1403, 799, 690, 799, 1716, 1024, 1024,
    1255, 1300, 1126, 1300, 1260, 721, 1300, 1298, 569, 569, 1186, 569, 1995, 1298, 1253, 1300,
    1300, 842, 1067, 803, 1298, 1212, 1675, 1212, 1212, 1075, 1303, 690, 1303, 1716,
];

fn advance(c: char) -> u16 {
    match c {
        ' '..='~' => ADVANCES[c as usize - 32],
        '¹' | '²' | '³' | '⁰' | '⁴'..='⁹' | '₀'..='₉' => 821,
        '⁺' | '⁻' => 1081,
        '°' | '–' | '‘'..='”' => 1050,
        '·' => 651,
        '—' | '…' => 2048,
        '−' | '×' | '±' | '≤' | '≥' | '→' | '≈' => 1716,
        // Greek and accented letters have widths between 1100 and 1500; with too large a width,
        // lines wrap early, never late.
        _ => 1500,
    }
}

/// Width of one line of text in px at a font size in px.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(|c| f64::from(advance(c))).sum::<f64>() * size / 2048.0
}

/// Lines no wider than `max` px; a longer word is cut; empty text gives no lines.
pub(super) fn wrap(text: &str, size: f64, max: f64) -> Vec<String> {
    wrap_by(text, max.max(size * 2.0), |s| width(s, size))
}

/// Lines no longer than `max` characters, for a terminal.
pub(super) fn wrap_columns(text: &str, max: usize) -> Vec<String> {
    wrap_by(text, max.max(2) as f64, |s| s.chars().count() as f64)
}

fn wrap_by(text: &str, max: f64, measure: impl Fn(&str) -> f64) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let longer = if line.is_empty() { word.to_string() } else { format!("{line} {word}") };
            if measure(&longer) <= max {
                line = longer;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for c in word.chars() {
                line.push(c);
                if measure(&line) > max && line.chars().count() > 1 {
                    line.pop();
                    lines.push(std::mem::take(&mut line));
                    line.push(c);
                }
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
    }
    lines
}

/// Text escaped for an XML element or a double-quoted attribute.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            // XML 1.0 forbids these characters even as references.
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

/// A coordinate or length with at most two decimals; "0" if it is not finite.
pub(super) fn coordinate(value: f64) -> String {
    if !value.is_finite() {
        return "0".to_string();
    }
    trimmed(&format!("{value:.2}"))
}

/// A decimal number without trailing zeros or a negative zero.
pub(super) fn trimmed(number: &str) -> String {
    let short = match number.contains('.') {
        true => number.trim_end_matches('0').trim_end_matches('.'),
        false => number,
    };
    if short == "-0" { "0".to_string() } else { short.to_string() }
}
