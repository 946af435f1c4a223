//! Examples in error messages about the keys of a study: for a missing key, with the values it may
//! have, and for a table that was written as a number or a word.

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
    list: |path| path.ends_with(".weekdays").then_some("[\"Mon\", \"Wed\", \"Fri\"]"),
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
const EXAMPLES: [(&str, &str); 104] = [
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
    ("version", "1"),
    ("assay.*.doses.from", "\"1 pM\""),
    ("assay.*.doses.to", "\"100 nM\""),
    ("assay.*.times.from", "\"0 h\""),
    ("assay.*.times.to", "\"24 h\""),
    ("assay.*.kinds.*.beside.kind", "\"treg\", one of the kinds"),
    ("assay.*.kinds.*.beside.distance", "\"10 um\""),
    ("assay.*.kinds.*.suppressed_by.cytokine.half_at", "\"1e6 /mL\""),
    ("assay.*.kinds.*.suppressed_by.cytokine.half_life", "\"12 h\""),
    ("assay.*.map.cells.from", "\"1000 cells\""),
    ("assay.*.map.cells.to", "\"100000 cells\""),
    ("assay.*.map.doses.from", "\"1 pM\""),
    ("assay.*.map.doses.to", "\"10 nM\""),
    ("assay.*.measured.*.doses.from", "\"1 pM\""),
    ("assay.*.measured.*.doses.to", "\"100 nM\""),
    ("assay.*.antigen.from", "\"1e6 molecules\""),
    ("assay.*.antigen.to", "\"1e10 molecules\""),
    ("assay.*.cells.from", "\"1000 cells\""),
    ("assay.*.cells.to", "\"100000 cells\""),
    ("assay.*.second.cells", "\"20000 cells\""),
    ("assay.*.second.antigen", "\"1e8 molecules\""),
    ("assay.*.treg.cells", "\"20000 cells\""),
    ("assay.*.numbers.from", "\"100 /cell\""),
    ("assay.*.numbers.to", "\"10000 /cell\""),
    ("assay.*.alpha.from", "\"1 nM\""),
    ("assay.*.alpha.to", "\"1 uM\""),
    ("assay.*.beta.from", "\"10 nM\""),
    ("assay.*.beta.to", "\"10 uM\""),
    ("assay.*.sweep.values.from", "\"1e-4 /d\""),
    ("assay.*.sweep.values.to", "\"0.05 /d\""),
    (
        "assay.*.search.requirements",
        "{ doubled = { readout = \"treg_fold\", at_least = \"2\", share = 0.9 } }",
    ),
    ("assay.*.search.requirements.*.readout", "\"treg_fold\""),
    ("assay.*.search.requirements.*.share", "0.9, the fraction of patients"),
    ("assay.*.search.dose.from", "\"0.1 MIU/m2\""),
    ("assay.*.search.dose.to", "\"10 MIU/m2\""),
    ("assay.*.observed.*.of", "\"concentration\""),
    ("assay.*.observed.*.residual", "{ proportional = 0.2 }"),
    ("assay.*.disease", "\"melanoma\", or another disease that `il2 list tumours` prints"),
    ("assay.*.arms", "{ untreated = {}, treated = { regimen = \"NAME\" } }"),
    ("assay.*.patients", "200"),
    ("assay.*.follow_up", "\"2 y\", the time for which the last patient is followed"),
    ("assay.*.markers.*.positive", "\"30 %\", the fraction of candidates"),
    ("assay.*.replication.retrospective", "60"),
    ("assay.*.replication.prospective", "120"),
    ("assay.*.scans.every", "\"8 weeks\""),
    ("assay.*.end", "7200, in the time unit of the model"),
];

/// The same for a dose of a model in SBML, which is an item of a list, unlike `doses` of other
/// assays.
const SBML_DOSE: [(&str, &str); 3] = [
    ("time", "60, in the time unit of the model"),
    ("to", "\"S1\", an id of the model"),
    ("amount", "5, in the unit of that id"),
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
    let of_sbml = || {
        let item = path.rsplit_once('.').is_some_and(|(part, _)| part.ends_with(']'));
        let dose = item && all.len() == 4 && all[2] == "doses";
        SBML_DOSE.iter().find(|(name, _)| dose && *name == key)
    };
    let example = match (of_sbml().or_else(|| EXAMPLES.iter().find(wanted)), key) {
        (Some((_, example)), _) => Some((*example).to_string()),
        (None, "points") => Some("16".to_string()),
        (None, _) => ranges::like(path).map(|(_, like)| format!("\"{}\"", like.example)),
    };
    // Some keys are a whole number in one kind of assay and a table in another.
    let whole = example.as_ref().is_some_and(|example| example.parse::<u32>().is_ok());
    let limits = whole::limits(path).filter(|(from, to)| whole && from < to);
    let allowed =
        limits.map_or(String::new(), |(from, to)| format!(" (a whole number from {from} to {to})"));
    match example {
        Some(example) => format!("add it, for example {} = {example}{allowed}", shown(key)),
        None => format!("add {} with a value; `il2 schema` describes it", shown(key)),
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
    use serde_json::Value;

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
        assert_eq!(
            missing("assay.a.patients"),
            "add it, for example patients = 200 (a whole number from 1 to 1000000)"
        );
        // A dose of a model in SBML is an item of a list; the same name elsewhere is the end of a range.
        assert!(missing("assay.a.doses[0].to").contains("an id of the model"));
        assert!(missing("assay.a.doses.to").contains("\"100 nM\""));
    }

    /// Paths of all keys that a part of the schema requires.
    fn required(schema: &Value, part: &Value, path: &str, inside: &[&str], all: &mut Vec<String>) {
        let join = |key: &str| match path {
            "" => key.to_string(),
            _ => format!("{path}.{key}"),
        };
        let name = part["$ref"].as_str().and_then(|name| name.strip_prefix("#/$defs/"));
        if let Some(name) = name.filter(|name| !inside.contains(name)) {
            let inside: Vec<&str> = inside.iter().copied().chain([name]).collect();
            required(schema, &schema["$defs"][name], path, &inside, all);
        }
        for of in ["oneOf", "anyOf", "allOf"] {
            let kinds = part[of].as_array().into_iter().flatten();
            kinds.for_each(|kind| required(schema, kind, path, inside, all));
        }
        let keys = part["required"].as_array().into_iter().flatten();
        all.extend(keys.filter_map(Value::as_str).map(join));
        for (key, about) in part["properties"].as_object().into_iter().flatten() {
            required(schema, about, &join(key), inside, all);
        }
        if part["additionalProperties"].is_object() {
            required(schema, &part["additionalProperties"], &join("NAME"), inside, all);
        }
        if part["items"].is_object() {
            required(schema, &part["items"], &format!("{path}[0]"), inside, all);
        }
    }

    #[test]
    fn every_required_key_of_the_schema_is_told_with_an_example() {
        let schema = schemars::schema_for!(crate::study::file::StudyFile);
        let schema = schema.as_value();
        let mut all = vec![];
        required(schema, schema, "", &[], &mut all);
        assert!(all.len() > 80, "{}", all.len());
        for path in all {
            let said = missing(&path);
            let with = said.contains(", for example ") || path == "assay";
            assert!(with, "{path}: {said}");
        }
    }

    #[test]
    fn a_table_written_as_a_number_keeps_that_number() {
        assert_eq!(table("assay.a.intervals", "IntervalsPart", "40").unwrap(), "{ draws = 40 }");
        assert_eq!(table("assay.a.intervals", "IntervalsPart", "4").unwrap(), "{ draws = 100 }");
        assert_eq!(table("ligands.x", "LigandPart", "il15").unwrap(), "{ from = \"il15\" }");
        assert_eq!(table("assay", "", "3").unwrap(), "[assay.NAME]");
    }
}
