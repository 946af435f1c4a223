//! Examples in error messages about the keys of a study: for a missing key, and for a table that
//! was written as a number or a word.

use crate::typed::Hints;
use crate::{ranges, whole};
use il2::quantity::Quantity;
use il2_engine::words::shown;

/// Hints in error messages about a study.
pub(super) const HINTS: Hints = Hints {
    unknown,
    missing,
    whole: whole::limits,
    number,
    table,
    quantity: |path| ranges::like(path).map(|(_, like)| like.example),
};

/// Keys of a patient assay that users may write into a regimen by mistake.
const OF_ASSAYS: [&str; 7] =
    ["rules", "patients", "times", "level", "draws", "individuals", "parameters"];

fn unknown(path: &str, key: &str) -> Option<String> {
    if path.starts_with("ligands.") && ["kd", "k_d"].contains(&key.to_lowercase().as_str()) {
        return Some("did you mean affinity? Its values are dissociation constants".into());
    }
    // The path may end with the key itself.
    let part = path.strip_suffix(".intervals").unwrap_or(path);
    if key == "intervals" && part.strip_prefix("assay.").is_some_and(|name| !name.contains('.')) {
        let hint = "only dose-responses and designs have intervals: a dose-response at several times gives \
                    the response at each time with its interval";
        return Some(hint.into());
    }
    (path.starts_with("regimens.") && OF_ASSAYS.contains(&key)).then(|| {
        format!("{key} belongs to the assay that uses the regimen; put it under [assay.NAME]")
    })
}

fn number(key: &str) -> &'static str {
    match key {
        "width_mm" => "180",
        _ => "1e-6",
    }
}

/// An example of every required key, as written in a study, and of its value. The first match is
/// used; a quantity that is not listed here uses the example of its range in the library.
const EXAMPLES: [(&str, &str); 58] = [
    ("models.*.from", "\"gamma-chain\""),
    ("panel.*.table", "\"muteins.csv\""),
    ("panel.*.of", "\"ligands\""),
    ("regimens.*.ligand", "\"aldesleukin\", a molecule of [ligands]"),
    ("regimens.*.units.time", "\"h\""),
    ("regimens.*.units.amount", "\"MIU\""),
    ("assay.*.residual", "{ proportional = 0.2 }"),
    ("assay.*.route", "\"extravascular\""),
    ("assay.*.dose.every", "\"12 h\""),
    ("assay.*.dose.window", "[\"10 mg/L\", \"20 mg/L\"]"),
    ("assay.*.parameters.*.start", "\"3 L/h\""),
    ("assay.*.kind", "\"dose-response\""),
    ("assay.*.doses", "{ from = \"1 pM\", to = \"100 nM\", points = 16 }"),
    ("assay.*.times", "[\"1 h\", \"4 h\"]"),
    ("assay.*.time", "\"1 h\""),
    ("assay.*.pulse", "\"30 min\""),
    ("assay.*.volume", "\"0.2 mL\""),
    ("assay.*.antigen", "[\"1e8 molecules\"]"),
    ("assay.*.kinds.*.suppressed_by.kinds", "[\"treg\"]"),
    ("assay.*.kinds", "{ treg = { cells = \"20000 cells\" } }"),
    ("assay.*.kinds.*.cells", "\"20000 cells\""),
    ("assay.*.map.kind", "\"treg\", one of the kinds"),
    ("assay.*.chain", "\"il2r_alpha\""),
    ("assay.*.numbers", "{ from = \"100 /cell\", to = \"10000 /cell\", points = 5 }"),
    ("assay.*.cut_off.events", "100"),
    ("assay.*.looks.at", "[0.5, 0.75]"),
    ("assay.*.sweep.number", "\"antigenicity\""),
    ("assay.*.sweep.values", "{ from = \"1e-4 /d\", to = \"0.05 /d\", points = 10 }"),
    ("assay.*.alpha", "{ from = \"1 nM\", to = \"1 uM\", points = 4 }"),
    ("assay.*.beta", "{ from = \"10 nM\", to = \"10 uM\", points = 4 }"),
    ("assay.*.ligand", "\"native\", a molecule of [ligands]"),
    ("assay.*.cells", "[\"treg\", \"nk\"], two cells of [cells]"),
    ("assay.*.table", "\"doses.csv\""),
    ("assay.*.model", "\"one-compartment\""),
    ("assay.*.units", "{ time = \"h\", amount = \"mg\" }"),
    ("assay.*.units.time", "\"h\""),
    ("assay.*.units.amount", "\"mg\""),
    ("assay.*.of", "\"ec50\""),
    ("assay.*.method", "\"local\""),
    ("assay.*.single_cells.positive_above", "\"20 %\""),
    ("assay.*.pretreatment.duration", "\"1 h\""),
    ("assay.*.medium.at", "\"1 h\""),
    ("assay.*.intervals.draws", "100"),
    ("assay.*.donors.count", "20"),
    (
        "assay.*.objectives",
        "{ potency = { of = \"ec50\", cells = [\"treg\"], goal = \"minimise\" } }",
    ),
    ("assay.*.objectives.*.of", "\"ec50\""),
    ("assay.*.objectives.*.cells", "[\"treg\"]"),
    ("assay.*.population.method", "\"accept\""),
    (
        "assay.*.population.targets",
        "[{ readout = \"treg_fold\", time = \"8 d\", range = [\"1.5\", \"3\"] }]",
    ),
    ("assay.*.population.*.readout", "\"treg_fold\""),
    ("assay.*.population.*.time", "\"8 d\""),
    ("assay.*.population.*.range", "[\"1.5\", \"3\"]"),
    (
        "assay.*.parameters",
        "{ rate = { sets = [\"k_degrade\"], prior = [\"0.01 /min\", \"1 /min\"] } }",
    ),
    ("assay.*.parameters.*.prior", "[\"0.01 /min\", \"1 /min\"], the ends of what is plausible"),
    ("assay.*.measured.*.table", "\"wells.csv\""),
    ("assay.*.measured.*.of", "\"wells\""),
    ("assay.*.measured.*.units", "{ time = \"h\", dose = \"pM\", value = \"/cell\" }"),
    ("assay.*.measured", "{ wells = { table = \"wells.csv\", of = \"wells\" } }"),
];

/// The parts of a key without the indices of lists.
fn parts(path: &str) -> Vec<String> {
    path.split('.').map(|part| part.split('[').next().unwrap_or(part).to_string()).collect()
}

fn missing(path: &str) -> String {
    match path {
        "assay" => return "add one; `il2 new dose-response` writes a study to start from".into(),
        "question" => {
            return "state the question, for example question = \"Which cell responds first?\""
                .into();
        }
        _ => {}
    }
    let all = parts(path);
    let key = all.last().map_or("", String::as_str);
    let wanted = |(pattern, _): &&(&str, &str)| ranges::matches(&parts(pattern), &all);
    let example = match (EXAMPLES.iter().find(wanted), key) {
        (Some((_, example)), _) => Some((*example).to_string()),
        (None, "points") => Some("16".to_string()),
        (None, _) => ranges::like(path).map(|(_, like)| format!("\"{}\"", like.example)),
    };
    match example {
        Some(example) => format!("add it, for example {} = {example}", shown(key)),
        None => "this part needs it".to_string(),
    }
}

/// The remedy for a part that was written as a number or a word.
fn table(path: &str, kind: &str, found: &str) -> Option<String> {
    let word = |usual: &str| if found.is_empty() { usual.to_string() } else { shown(found) };
    let text = match kind {
        "AxisPart" => return Some(axis(found)),
        "IntervalsPart" => {
            let draws = found.parse().ok().and_then(|n| whole::checked("intervals.draws", n).ok());
            format!("{{ draws = {} }}", draws.unwrap_or(100))
        }
        "DonorsPart" => {
            let count = found.parse().ok().and_then(|n| whole::checked("donors.count", n).ok());
            format!("{{ count = {} }}", count.unwrap_or(20))
        }
        "SingleCellsPart" => "{ positive_above = \"20 %\" }".into(),
        "SampleSizePart" => "{ power = 0.8 }".into(),
        "PatientsPart" => "{ from = 100, to = 400 }".into(),
        "PretreatmentPart" => "{ duration = \"1 h\" }".into(),
        "MediumPart" => "{ at = \"1 h\", replace = { } }".into(),
        "TableUnitsPart" => "{ time = \"h\", amount = \"mg\" }".into(),
        "RegimenUnitsPart" => "{ time = \"h\", amount = \"MIU\" }".into(),
        "LigandPart" => format!("{{ from = \"{}\" }}", word("il2")),
        "CellPart" => format!("{{ from = \"{}\" }}", word("treg")),
        "ModelPart" => format!("{{ from = \"{}\" }}", word("gamma-chain")),
        "CulturePart" => "{ cell_density = \"1e6 /mL\" }".into(),
        "RegimenPart" => {
            "{ ligand = \"aldesleukin\", dose = \"1 MIU\", route = \"subcutaneous\" }".into()
        }
        "PanelPart" => format!("{{ table = \"{}\", of = \"ligands\" }}", word("muteins.csv")),
        "" => return of_names(path),
        _ => return None,
    };
    Some(text)
}

/// An example of a table whose keys are names of parts, chains, ligands or columns.
fn of_names(path: &str) -> Option<String> {
    let all = parts(path);
    let of_part = ["assay", "ligands", "cells", "models", "regimens", "panel", "figures"];
    Some(match all.last()?.as_str() {
        part if all.len() == 1 && of_part.contains(&part) => format!("[{part}.NAME]"),
        "affinity" => "{ il2r_beta = \"100 nM\" }".into(),
        "receptors" => "{ il2r_alpha = \"8000 /cell\" }".into(),
        "k_on" => "{ il2r_beta = \"1e5 /M/s\" }".into(),
        "k_off" => "{ il2r_beta = \"1e-3 /s\" }".into(),
        "mixture" | "background" | "add" | "replace" => "{ native = \"50 pM\" }".into(),
        "units" => "{ time = \"h\" }".into(),
        _ => return None,
    })
}

/// The table for an axis that a study gives as a single word, which is a unit or a scale.
fn axis(word: &str) -> String {
    let unit = Quantity::parse(&format!("1 {word}")).is_ok_and(|q| q.has_unit);
    match word {
        word if unit => format!("{{ unit = \"{word}\" }}"),
        "log" => "{ scale = \"log\" }".to_string(),
        _ => "{ scale = \"linear\" }".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_that_a_part_needs_has_an_example() {
        for path in [
            "models.mine.from",
            "assay.a.doses",
            "assay.a.doses.from",
            "assay.a.doses.points",
            "assay.a.intervals.draws",
            "assay.a.medium[0].at",
            "assay.a.population.targets[0].range",
            "assay.a.parameters.rate.prior",
            "regimens.low.ligand",
            "panel.mine.table",
        ] {
            let said = missing(path);
            let key = path.rsplit('.').next().unwrap();
            assert!(said.starts_with(&format!("add it, for example {key} = ")), "{path}: {said}");
        }
        assert_eq!(missing("assay.a.pulse"), "add it, for example pulse = \"30 min\"");
    }

    #[test]
    fn a_table_written_as_a_number_keeps_that_number() {
        assert_eq!(table("assay.a.intervals", "IntervalsPart", "40").unwrap(), "{ draws = 40 }");
        assert_eq!(table("assay.a.intervals", "IntervalsPart", "4").unwrap(), "{ draws = 100 }");
        assert_eq!(table("ligands.x", "LigandPart", "il15").unwrap(), "{ from = \"il15\" }");
        assert_eq!(table("assay", "", "3").unwrap(), "[assay.NAME]");
    }
}
