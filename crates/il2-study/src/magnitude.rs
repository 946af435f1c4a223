//! Plausibility: whether numbers of a study are within the ranges of the models and their sources
//! (`library/ranges.toml`). A number that is wrong by a factor of a thousand looks like any other,
//! and so does the resulting answer.

use crate::error::StudyError;
use crate::library::{Library, Range};
use crate::ranges::{ends, made_for, matches, short};
use crate::study::Study;
use crate::study::file::AssayPart;
use crate::study::panel::{Panel, in_table, place_of};
use il2::ligand::Ligand;
use il2::parameter::{How, Parameter};
use il2::quantity::{Quantity, readable_concentration};
use il2_engine::Dimension;
use il2_engine::words::shown;
use std::collections::BTreeMap;

/// A text in a study where a quantity is expected.
struct Leaf {
    /// Parts of the key, without indices of lists.
    key: Vec<String>,
    /// The same key as errors write it: `assay.dose.doses[2]`.
    at: String,
    text: String,
}

/// Refuses numbers of a study that are physically impossible.
pub fn refuse(study: &Study) -> Result<(), StudyError> {
    for leaf in leaves(study) {
        let Some((range, value)) = ranged(study, &leaf) else { continue };
        let Some(possible) = &range.possible else { continue };
        if !(possible.low..=possible.high).contains(&value) {
            let (unit, one) = unit_of(study, &leaf, range);
            let text = shown(&leaf.text);
            // A ligand without a specific activity cannot be dosed in IU.
            let (low, high) = ends(range);
            let middle = format!("{} {unit}", short((low * high).sqrt() / one));
            let taken = worth(study, &leaf, range, &range.example).is_some();
            let example = if taken { range.example.clone() } else { middle };
            let message = format!(
                "\"{text}\" is outside the possible range of {}, {}; write for example \"{example}\"",
                range.what.trim_end_matches(','),
                readable(range, &unit, one, (possible.low, possible.high)),
            );
            return Err(in_table(&study.panels, StudyError::at(leaf.at, message)));
        }
    }
    Ok(())
}

/// Numbers of a study outside their plausible range: key, and the warning.
pub fn outside(study: &Study) -> Vec<(Vec<String>, String)> {
    let mut found: BTreeMap<Vec<String>, (usize, String)> = BTreeMap::new();
    for leaf in leaves(study) {
        let Some((range, value)) = ranged(study, &leaf) else { continue };
        let (low, high) = ends(range);
        // Zero is always plausible: no dose, no time, no chain.
        if value == 0.0 || (low..=high).contains(&value) {
            continue;
        }
        let (unit, one) = unit_of(study, &leaf, range);
        let ends = readable(range, &unit, one, (low, high));
        let said = format!(
            "{}: \"{}\" is outside {ends}, the usual range of {} ({}); is the unit right?",
            place_of(&study.panels, &leaf.at),
            shown(&leaf.text),
            range.what,
            range.usual.note,
        );
        let entry = found.entry(leaf.key).or_insert((0, said));
        entry.0 += 1;
    }
    let all = found.into_iter().map(|(key, (count, said))| match count {
        1 => (key, said),
        n => (key, format!("{said} Other values of the list outside this range: {}.", n - 1)),
    });
    all.collect()
}

/// Both ends of a range (base units), written in `unit`; for molar concentrations, each end in the
/// unit that suits it, if both have one.
fn readable(range: &Range, unit: &str, one: f64, (low, high): (f64, f64)) -> String {
    let molar = unit.ends_with('M') && range.usual.dimension == Dimension::CONCENTRATION;
    let [from, to] = [low, high].map(|end| match end == 0.0 {
        true => "0".to_string(),
        false => readable_concentration(end),
    });
    match molar && !from.contains('e') && !to.contains('e') {
        true => format!("{from} to {to}"),
        false => {
            let ends = format!("{} to {} {unit}", short(low / one), short(high / one));
            ends.trim_end().to_string()
        }
    }
}

/// Models that a study changes but no assay uses: most likely forgotten in an assay.
pub fn unread_models(study: &Study) -> Vec<String> {
    let leaves = leaves(study);
    let named = |leaf: &&Leaf| {
        let last = leaf.key.last().map_or("", String::as_str);
        (leaf.key[0] == "assay" && last == "model")
            || (leaf.key[0] == "models" && matches!(last, "from" | "like"))
    };
    let read: Vec<&str> = leaves.iter().filter(named).map(|leaf| leaf.text.as_str()).collect();
    let mut said: Vec<String> = vec![];
    for leaf in leaves.iter().filter(|leaf| leaf.key[0] == "models" && leaf.key.len() > 1) {
        let name = leaf.key[1].as_str();
        // An assay that names no model uses one of the library.
        if !read.contains(&name) && !Library::builtin().models.contains_key(name) {
            let name = shown(name);
            let text =
                format!("no assay uses models.{name}; set model = \"{name}\" in one of them.");
            if !said.contains(&text) {
                said.push(text);
            }
        }
    }
    said
}

/// Warnings about spreads of cells that no assay uses.
pub fn unread_spreads(study: &Study) -> Vec<String> {
    let reads = |part: &AssayPart| match part {
        AssayPart::DoseResponse(part) => part.single_cells.is_some(),
        AssayPart::Culture(part) => part.kinds.values().any(|kind| kind.representatives.is_some()),
        _ => false,
    };
    if study.assays.values().any(reads) {
        return vec![];
    }
    let of = |name: &String| {
        format!(
            "no assay uses cells.{}.spread; set, for example, single_cells = {{ positive_above = \
             \"20 %\" }} in a dose-response, or representatives = 8 for a kind of cells in a \
             culture.",
            shown(name)
        )
    };
    let spread = study.cells.iter().filter(|(_, cell)| !cell.spread.is_empty());
    spread.map(|(name, _)| of(name)).collect()
}

/// A warning about a table `[culture]` that no assay uses.
pub fn unread_culture(study: &Study) -> Option<String> {
    // Each of these has its own numbers of cells, or no cells at all.
    let of_its_own = |part: &AssayPart| {
        matches!(
            part,
            AssayPart::Culture(_)
                | AssayPart::Activation(_)
                | AssayPart::EventTable(_)
                | AssayPart::Regimen(_)
                | AssayPart::Trial(_)
                | AssayPart::TumourModel(_)
                | AssayPart::PopulationFit(_)
                | AssayPart::Noncompartmental(_)
                | AssayPart::Sbml(_)
        )
    };
    let given = leaves(study).iter().any(|leaf| leaf.key[0] == "culture");
    (given && study.assays.values().all(of_its_own)).then(|| {
        "no assay uses [culture]; in an assay of kind \"culture\", volume and the cells of each kind are \
         keys of the assay."
            .into()
    })
}

/// The range of a key of this study, and the value of its text (base units).
fn ranged(study: &Study, leaf: &Leaf) -> Option<(&'static Range, f64)> {
    let assay = leaf.key.get(1).filter(|_| leaf.key[0] == "assay");
    let assay = assay.and_then(|name| study.assays.get(name));
    if assay.is_some_and(is_animal) {
        return None;
    }
    let kind = assay.map_or("", kind);
    let given = study.regimens.get(leaf.key.get(1).map_or("", String::as_str));
    let given = given.and_then(|regimen| study.ligands.get(&regimen.ligand));
    let over = ["/kg", "/m2"].into_iter().find(|e| leaf.text.trim().ends_with(e)).unwrap_or("");
    let fits = |r: &&'static Range| {
        let ends_so = r.ending == over || !r.keys.iter().flatten().any(|k| k == "dose");
        (r.kinds.is_empty() || kind.is_empty() || r.kinds.iter().any(|k| k == kind))
            && ends_so
            && made_for(&r.molecules, given)
            && !r.keys.iter().flatten().any(|part| part == "**")
            && r.keys.iter().any(|k| matches(k, &leaf.key))
    };
    // Cells of a well may be given as a number or as a density, each with its own range.
    let mut ranges = Library::builtin().ranges.values().filter(fits);
    ranges.find_map(|range| Some((range, worth(study, leaf, range, &leaf.text)?)))
}

/// The unit of a text, and the size of one such unit in base units.
fn unit_of(study: &Study, leaf: &Leaf, range: &Range) -> (String, f64) {
    let text = leaf.text.trim();
    let unit =
        text.find(|c: char| c.is_alphabetic() && c != 'e' && c != 'E' || c == '/' || c == '%');
    let unit = unit.map_or("", |at| text[at..].trim());
    let one = worth(study, leaf, range, &format!("1 {unit}")).unwrap_or(1.0);
    (shown(unit), one)
}

fn worth(study: &Study, leaf: &Leaf, range: &Range, text: &str) -> Option<f64> {
    let needed = range.usual.dimension;
    let text = text.trim().trim_end_matches(range.ending.as_str());
    if let Ok(value) = Quantity::parse_as(text, needed) {
        return Some(value);
    }
    let amount = needed != Dimension::CONCENTRATION;
    let read = |ligand: &Ligand| match amount {
        true => ligand.preparation().amount(text).ok(),
        false => ligand.preparation().concentration(text).ok(),
    };
    let named = match leaf.key[0].as_str() {
        "regimens" => study.regimens.get(&leaf.key[1]).map(|r| &r.ligand),
        _ => leaf.key.last(),
    };
    let named = named.and_then(|name| study.ligands.get(name));
    match named {
        Some(ligand) => read(ligand),
        None => study.ligands.values().find_map(read),
    }
}

fn kind(part: &AssayPart) -> &'static str {
    match part {
        AssayPart::DoseResponse(_) => "dose-response",
        AssayPart::TimeCourse(_) => "time-course",
        AssayPart::Washout(_) => "washout",
        AssayPart::Culture(_) => "culture",
        AssayPart::Activation(_) => "activation",
        AssayPart::ReceptorSweep(_) => "receptor-sweep",
        AssayPart::AffinitySweep(_) => "affinity-sweep",
        AssayPart::EventTable(_) => "event-table",
        AssayPart::Regimen(_) => "regimen",
        AssayPart::Trial(_) => "trial",
        AssayPart::TumourModel(_) => "tumour-model",
        AssayPart::Fit(_) => "fit",
        AssayPart::PopulationFit(_) => "population-fit",
        AssayPart::Noncompartmental(_) => "noncompartmental",
        AssayPart::Sensitivity(_) => "sensitivity",
        AssayPart::Design(_) => "design",
        AssayPart::Sbml(_) => "sbml",
    }
}

/// Every text of a study, with its key.
fn leaves(study: &Study) -> Vec<Leaf> {
    fn walk(value: &toml::Value, key: &[String], at: &str, found: &mut Vec<Leaf>) {
        match value {
            toml::Value::String(text) => {
                found.push(Leaf { key: key.to_vec(), at: at.to_string(), text: text.clone() });
            }
            toml::Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    walk(item, key, &format!("{at}[{i}]"), found);
                }
            }
            toml::Value::Table(table) => {
                for (name, inner) in table {
                    let at = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                    // The ends of a range have the key of the range.
                    let mut longer = key.to_vec();
                    if !(table.contains_key("points") && matches!(name.as_str(), "from" | "to")) {
                        longer.push(name.clone());
                    }
                    walk(inner, &longer, &at, found);
                }
            }
            _ => {}
        }
    }
    let mut found = vec![];
    if let Ok(table) = study.text.parse::<toml::Table>() {
        walk(&toml::Value::Table(table), &[], "", &mut found);
    }
    found.extend(study.panels.values().flat_map(|panel| of_panel(study, panel)));
    found
}

/// The key below `[ligands.NAME]` of a number of a ligand: some have tables of their own.
pub fn key_of(number: &str) -> String {
    let tables = [
        "affinity",
        "fusion_affinity",
        "k_on",
        "k_forward",
        "endosomal_off_ratio",
        "wrong_partner_affinity",
    ];
    let own = number.split_once('.').is_some_and(|(table, _)| tables.contains(&table));
    if own { number.to_string() } else { format!("parameters.{number}") }
}

/// The numbers in the table of a panel, under the keys that they would have in the study.
fn of_panel(study: &Study, panel: &Panel) -> Vec<Leaf> {
    let mut found = vec![];
    for name in panel.rows.keys() {
        let numbers: Vec<(String, &Parameter)> =
            match (study.ligands.get(name), study.cells.get(name)) {
                (Some(ligand), _) if panel.of.table() == "ligands" => {
                    ligand.parameters.iter().map(|(name, p)| (key_of(name), p)).collect()
                }
                (_, Some(cell)) => {
                    let counts =
                        cell.quantitation.iter().filter_map(|q| cell.receptors.get(q)).flatten();
                    let counts = counts.map(|(chain, p)| (format!("receptors.{chain}"), p));
                    let made = cell.synthesis.iter().map(|(c, p)| (format!("synthesis.{c}"), p));
                    counts.chain(made).collect()
                }
                _ => vec![],
            };
        let read = |key: &String| panel.columns.iter().any(|column| column.meaning == *key);
        for (key, number) in numbers.into_iter().filter(|(key, p)| p.how == How::Study && read(key))
        {
            let at = format!("{}.{name}.{key}", panel.of.table());
            let key = at.split('.').map(str::to_string).collect();
            found.push(Leaf { key, at, text: number.text.clone() });
        }
    }
    found
}

/// Whether an assay is about an animal, to which the ranges for people do not apply.
pub fn is_animal(part: &AssayPart) -> bool {
    let AssayPart::EventTable(part) = part else { return false };
    let animals = &Library::builtin().physiology.animals;
    part.pharmacokinetics.as_ref().is_some_and(|set| animals.contains_key(set))
}
