//! Names, times and axes as tables, figures and the terminal show them.

use il2::cell::Cell;
use il2::quantity::{DAY, HOUR};
use il2_engine::{Dimension, Tolerance};
use il2_output::figure::Axis;

/// Largest number of conditions or curves in summary and terminal; tables have all of them.
pub const MOST_TOLD: usize = 500;

/// Width of a line on the terminal, in columns.
pub const WIDTH: usize = 100;

/// Title of a cell in figures and tables on the terminal.
pub fn cell_label(cell: Option<&Cell>) -> String {
    cell.map_or("model's own".into(), |c| c.label.clone())
}

/// Tolerance for extremes: an extreme between outputs counts as that of an output if it differs by
/// less than this many tolerances of the solver.
pub fn noise(tolerance: Tolerance, value: f64) -> f64 {
    const TIMES: f64 = 10.0;
    TIMES * tolerance.relative * value.abs() + tolerance.absolute
}

/// A number with three digits; if the solver cannot distinguish it from zero, it is written as
/// below the limit.
pub fn resolved(tolerance: Tolerance, value: f64) -> String {
    match value != 0.0 && value.abs() < tolerance.absolute {
        true => format!("<{:e}", tolerance.absolute),
        false => il2::quantity::three_digits(value),
    }
}

/// A time for a title or file name: `30 min`, `4 h`, `5 d`.
pub fn time_text(minutes: f64) -> String {
    let whole = |unit: f64| (minutes / unit).fract().abs() < 1e-9;
    match minutes {
        m if m >= 2.0 * DAY && whole(DAY) => format!("{} d", m / DAY),
        m if m >= HOUR && whole(HOUR) => format!("{} h", m / HOUR),
        m => {
            let digits = il2::quantity::three_digits(m);
            let short = match digits.contains('.') {
                true => digits.trim_end_matches('0').trim_end_matches('.'),
                false => &digits,
            };
            format!("{short} min")
        }
    }
}

/// Unit of the time axis of a course that ends at `end` (min), and one such unit in min.
pub fn time_unit(end: f64) -> (&'static str, f64) {
    match end {
        e if e > 4320.0 => ("d", DAY),
        e if e > 300.0 => ("h", HOUR),
        _ => ("min", 1.0),
    }
}

/// Times as different texts: with three digits, or as many as are needed to distinguish them.
pub fn time_texts(minutes: &[f64]) -> Vec<String> {
    let differ = |texts: &[String]| {
        texts.iter().collect::<std::collections::HashSet<_>>().len() == texts.len()
    };
    let plain: Vec<String> = minutes.iter().map(|m| time_text(*m)).collect();
    let longer = (4..=17).map(|digits: usize| -> Vec<String> {
        let rounded = |m: &f64| format!("{m:.*e}", digits - 1).parse::<f64>().unwrap_or(*m);
        minutes.iter().map(|m| format!("{} min", rounded(m))).collect()
    });
    std::iter::once(plain).chain(longer).find(|t| differ(t)).unwrap_or_default()
}

/// Text cut to the width of a column of the terminal, with a mark at the cut.
pub fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_string();
    }
    text.chars().take(most - 1).chain(std::iter::once('…')).collect()
}

/// Name of a chain in figures.
pub fn chain_title(chain: &str) -> String {
    match chain {
        "il2r_alpha" => "CD25, IL-2Rα".into(),
        "il15r_alpha" => "CD215, IL-15Rα".into(),
        "il7r_alpha" => "CD127, IL-7Rα".into(),
        "il9r_alpha" => "CD129, IL-9Rα".into(),
        "il4r_alpha" => "CD124, IL-4Rα".into(),
        "il21r_alpha" => "CD360, IL-21R".into(),
        "il2r_beta" => "CD122, IL-2Rβ".into(),
        "gamma_c" => "CD132, γc".into(),
        "il2r_beta_gamma" => "the β–γc pair".into(),
        other => other.replace('_', " "),
    }
}

/// Parts of the names of readouts, and their usual spelling.
const WRITTEN: [(&str, &str); 14] = [
    ("il2r_alpha", "CD25"),
    ("il15r_alpha", "CD215"),
    ("il2r_beta", "CD122"),
    ("gamma_c", "γc"),
    ("_surface_total", " at the surface, free and bound"),
    ("_surface", " at the surface"),
    ("_ec50", " EC50"),
    ("_medium", " in the medium"),
    ("pstat5", "pSTAT5"),
    ("treg", "Treg"),
    ("tconv", "Tconv"),
    ("cd8", "CD8"),
    ("nk_", "NK "),
    ("nkt", "NKT"),
];

/// The usual name of a readout, for the title of an axis.
pub fn written(name: &str) -> String {
    let put = |name: String, (part, word): &(&str, &str)| {
        // Only whole words are replaced.
        let at = name.find(part).filter(|at| {
            let before = name[..*at].chars().next_back();
            let after = name[at + part.len()..].chars().next();
            let apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
            (apart(before) || part.starts_with('_')) && (apart(after) || part.ends_with('_'))
        });
        at.map_or(name.clone(), |at| format!("{}{word}{}", &name[..at], &name[at + part.len()..]))
    };
    let words = WRITTEN.iter().fold(name.to_string(), put).replace('_', " ");
    if words == "nk" { "NK".into() } else { words }
}

/// The axis of a readout: `signalling complexes (/cell)`.
pub fn readout_axis(name: &str, dimension: Dimension) -> Axis {
    let words = written(name);
    let unit = match il2::quantity::base_unit(dimension) {
        none if none.is_empty() && name.contains("stat5") => "arbitrary units".into(),
        unit => unit,
    };
    Axis::linear(words, unit)
}

/// A unit as the ending of a column name: `ug/L` is `ug_per_l`.
pub fn column_ending(unit: &str) -> String {
    let text = unit.to_lowercase().replace('/', "_per_");
    text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

/// Names of files that begin with the name of their assay: `blood`, `blood_patients`.
pub fn named(assay: &str, ends: &[&str]) -> Vec<String> {
    let join = |end: &&str| match *end {
        "" => assay.to_string(),
        end => format!("{assay}_{end}"),
    };
    ends.iter().map(join).collect()
}

/// The usual term for a number, if there is one; tables use its key.
pub fn number_in_words(key: &str) -> String {
    let chain = |name: &str| {
        let title = chain_title(name);
        title.split(',').next().unwrap_or_default().to_string()
    };
    match key.split('.').collect::<Vec<_>>().as_slice() {
        [cell, "receptors", name] => format!("{} on {}", chain(name), written(cell)),
        [ligand, "affinity", name] => format!("K_D of {ligand} for {}", chain(name)),
        _ => key.to_string(),
    }
}

/// A subject of a table: `subject 3` if its ID is a number, otherwise its name.
pub fn subject(id: &str) -> String {
    match id.parse::<f64>() {
        Ok(_) => format!("subject {id}"),
        Err(_) => id.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_say_what_the_field_says_and_no_names_of_variables() {
        for (name, words) in [
            ("il2r_beta_surface_total", "CD122 at the surface, free and bound"),
            ("gamma_c_surface_total", "γc at the surface, free and bound"),
            ("il2_medium", "il2 in the medium"),
            ("il15_signalling_complexes", "il15 signalling complexes"),
            ("pstat5", "pSTAT5"),
            ("nk_bright", "NK bright"),
            ("nk", "NK"),
            ("treg", "Treg"),
            ("my_tregs", "my tregs"),
        ] {
            assert_eq!(written(name), words);
        }
    }

    #[test]
    fn what_the_solver_does_not_resolve_is_below_its_tolerance() {
        let tolerance = Tolerance { absolute: 1e-9, ..Tolerance::default() };
        assert_eq!([4.4e-66, 0.0, 2e-9].map(|v| resolved(tolerance, v)), ["<1e-9", "0", "2.00e-9"]);
    }
}
