//! Known misfits: published numbers that the models in use are known not to reproduce, from the
//! folders of `validation/` embedded at build time.

use il2_answer::published::{Place, Published};
use il2_study::library::Library;
use il2_study::study::Study;
use std::collections::BTreeSet;
use std::sync::LazyLock;
use toml::{Table, Value};

macro_rules! folder {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!("../../../validation/", $name, "/published.toml")),
            include_str!(concat!("../../../validation/", $name, "/study.toml")),
        )
    };
}

/// Every folder of `validation/` with a row that is known not to fit: its name, the published
/// numbers, and the study. A test compares this list with the folders.
pub const FOLDERS: &[(&str, &str, &str)] = &[
    folder!("atkins2008"),
    folder!("belldegrun1987"),
    folder!("bempegaldesleukin2016"),
    folder!("busse2010"),
    folder!("caligiuri1993"),
    folder!("contractor1998"),
    folder!("cotari2013"),
    folder!("donohue1984"),
    folder!("farhat2021-pbmc"),
    folder!("farhat2021-ring2012"),
    folder!("fisher2000"),
    folder!("fujii1986"),
    folder!("hartemann2013"),
    folder!("hemar1995"),
    folder!("hodi2010"),
    folder!("holter1987"),
    folder!("ives2007"),
    folder!("kirchner1998"),
    folder!("label-aldesleukin"),
    folder!("leahy1992"),
    folder!("lotze1985"),
    folder!("mcdermott2015"),
    folder!("meropol1996"),
    folder!("meropol1998"),
    folder!("nagler1990"),
    folder!("nktr255-monkey"),
    folder!("orcutt2023"),
    folder!("orcutt2023-fusions"),
    folder!("orcutt2023-two-copies"),
    folder!("phan2001"),
    folder!("ponce1993"),
    folder!("robb1987"),
    folder!("schiphorst1999"),
    folder!("schwartzentruber2011"),
    folder!("seelig2018"),
    folder!("shevach2009"),
    folder!("tchao2017"),
    folder!("thompson1987"),
    folder!("thor707-2021"),
    folder!("tkach2014"),
    folder!("vanbrummelen2018"),
    folder!("whangbo2019"),
    folder!("yang2003"),
];

/// Known misfits with one cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// Folder of `validation/`.
    pub folder: &'static str,
    /// Title of the folder.
    pub title: String,
    /// Short descriptions of the numbers that do not fit.
    pub what: Vec<String>,
    /// The cause, if known.
    pub why: String,
    about: About,
}

/// Scope of a comparison or of an assay of a study, by ids of the library.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct About {
    /// `gamma-chain`, `culture of gamma-chain`, `patient`, `patient of mouse`, `tumour of patient`,
    /// `two-compartment of mouse`.
    models: BTreeSet<String>,
    /// For a misfit: cells in which it was found; empty if no cell is named.
    cells: BTreeSet<String>,
    /// For a misfit: private chains of the cytokines in which it was found, which identify a
    /// cytokine such as interleukin-15; empty if no molecule is named.
    cytokines: BTreeSet<&'static str>,
    /// Whether molecules were measured as fusions.
    fusions: bool,
}

/// The misfits of the models that a study uses.
pub fn known(study: &Study) -> Vec<&'static Misfit> {
    static ALL: LazyLock<Vec<Misfit>> =
        LazyLock::new(|| FOLDERS.iter().flat_map(|(f, p, s)| of_folder(f, p, s)).collect());
    let table: Table = study.text.parse().unwrap_or_default();
    let cytokines: BTreeSet<&str> =
        study.ligands.values().map(|l| l.private_chain.name()).collect();
    let assays: Vec<About> = study.assays.keys().map(|name| about(&table, name)).collect();
    let of = |m: &&Misfit| {
        assays.iter().any(|a| {
            !a.models.is_disjoint(&m.about.models)
                && (m.about.cells.is_empty() || !a.cells.is_disjoint(&m.about.cells))
                && (m.about.cytokines.is_empty() || !cytokines.is_disjoint(&m.about.cytokines))
                && (a.fusions || !m.about.fusions)
        })
    };
    ALL.iter().filter(of).collect()
}

fn of_folder(folder: &'static str, published: &str, study: &str) -> Vec<Misfit> {
    let published: Published = toml::from_str(published).expect("a test reads every folder");
    let study: Table = study.parse().expect("a test reads every folder");
    let rows = published
        .row
        .iter()
        .filter_map(|r| Some((&r.what, &r.table, vec![&r.at], r.known_misfit.as_ref()?)));
    let orders = published.order.iter().filter_map(|o| {
        Some((&o.what, &o.table, o.increasing.iter().collect(), o.known_misfit.as_ref()?))
    });
    let mut all: Vec<Misfit> = vec![];
    for (what, table, places, why) in rows.chain(orders) {
        let about = of_row(&study, table, &places);
        let same = |m: &&mut Misfit| {
            let (one, other) = (&m.about, &about);
            m.why == *why && one.models == other.models && one.cytokines == other.cytokines
        };
        match all.iter_mut().find(same) {
            Some(same) => {
                same.what.push(what.clone());
                same.about.cells.extend(about.cells);
            }
            None => all.push(Misfit {
                folder,
                title: published.title.clone(),
                what: vec![what.clone()],
                why: why.clone(),
                about,
            }),
        }
    }
    all
}

/// Scope of a row: the assay that writes its table, and the cell and ligand that the row names.
fn of_row(study: &Table, table: &str, places: &[&Place]) -> About {
    let assays = study.get("assay").and_then(Value::as_table).into_iter().flat_map(Table::keys);
    let of = |name: &&String| table == *name || table.starts_with(&format!("{name}_"));
    let assay = assays.filter(of).max_by_key(|name| name.len()).map_or("", String::as_str);
    let mut about = about(study, assay);
    // A misfit in an animal, with a tumour or in a culture does not apply to humans, patients
    // without a tumour, or single cells.
    if about.models.iter().any(|model| model.contains(" of ")) {
        about.models.retain(|model| model.contains(" of "));
    }
    let named = |key: &str| -> Vec<&str> {
        places.iter().filter_map(|place| place.get(key)?.as_str()).collect()
    };
    about.cells = named("cell").into_iter().map(|name| start(study, "cells", name)).collect();
    let ligands = named("ligand");
    let of_library = |name: &&str| Library::builtin().ligand(&start(study, "ligands", name));
    about.cytokines =
        ligands.iter().filter_map(of_library).map(|ligand| ligand.private_chain.name()).collect();
    if !ligands.is_empty() {
        about.fusions = ligands.iter().all(|name| is_fusion(study, name));
    }
    about
}

/// Scope of an assay of a study file.
fn about(study: &Table, assay: &str) -> About {
    let part = study.get("assay").and_then(|all| all.get(assay)?.as_table());
    let word = |table: &Table, key: &str| {
        table.get(key).and_then(Value::as_str).unwrap_or_default().to_string()
    };
    let names = |kind: &str| -> Vec<String> {
        let all = study.get(kind).and_then(Value::as_table);
        all.into_iter().flat_map(Table::keys).cloned().collect()
    };
    let Some(part) = part else { return About::default() };
    let chosen = |kind: &str| -> Vec<String> {
        match part.get(kind).and_then(Value::as_array) {
            Some(list) => list.iter().filter_map(|v| v.as_str().map(str::to_string)).collect(),
            None => names(kind),
        }
    };
    let of_wells = |table: &Table| match word(table, "model") {
        none if none.is_empty() => "gamma-chain".to_string(),
        named => start(study, "models", &named),
    };
    let measured = || {
        let all = part.get("measured").and_then(Value::as_table);
        all.into_iter().flat_map(Table::values).filter_map(Value::as_table)
    };
    let models = match (word(part, "kind").as_str(), word(part, "model").as_str()) {
        // An animal has some species-specific numbers, and human ones for the rest.
        ("regimen", _) | ("event-table", "patient") => match word(part, "species").as_str() {
            "" => BTreeSet::from(["patient".to_string()]),
            animal => BTreeSet::from(["patient".to_string(), format!("patient of {animal}")]),
        },
        ("trial", _) => BTreeSet::from(["patient".to_string(), "tumour of patient".to_string()]),
        ("culture", _) => {
            let cell = of_wells(part);
            BTreeSet::from([format!("culture of {cell}"), cell])
        }
        ("event-table", plain) => {
            BTreeSet::from([format!("{plain} of {}", word(part, "pharmacokinetics"))])
        }
        // A published model of a whole well or of a tumour, rather than of the receptors of a cell.
        ("activation", "") => BTreeSet::from(["tkach2014".to_string()]),
        // An SBML model may be any model.
        ("sbml", _) => BTreeSet::new(),
        ("activation" | "tumour-model", named) => BTreeSet::from([named.to_string()]),
        ("fit", _) => measured()
            .map(|m| if word(m, "of") == "patients" { "patient".into() } else { of_wells(m) })
            .collect(),
        _ => BTreeSet::from([of_wells(part)]),
    };
    About {
        cytokines: BTreeSet::new(),
        models,
        cells: chosen("cells").iter().map(|name| start(study, "cells", name)).collect(),
        fusions: chosen("ligands")
            .iter()
            .chain(&[word(part, "ligand")])
            .any(|name| is_fusion(study, name)),
    }
}

fn is_fusion(study: &Table, name: &str) -> bool {
    let arms = study.get("ligands").and_then(|all| all.get(name)?.get("arms")?.as_array());
    let id = start(study, "ligands", name);
    let own = Library::builtin().ligand(&id).is_some_and(|ligand| ligand.parent.is_some());
    // An arm itself does not count as a molecule of several arms.
    let of_arm = |arm: &Value| arm.as_str().is_some_and(|arm| arm != name && is_fusion(study, arm));
    own || arms.is_some_and(|arms| arms.iter().any(of_arm))
}

/// The library entry from which a part of a study starts; its own name if it is itself an entry.
fn start(study: &Table, kind: &str, name: &str) -> String {
    let library = Library::builtin();
    let mut name = name.to_string();
    // A chain of `like` always ends, because circles were refused when the study was read.
    for _ in 0..study.get(kind).and_then(Value::as_table).map_or(0, Table::len) {
        let part = study.get(kind).and_then(|all| all.get(&name)?.as_table());
        let Some(part) = part else { break };
        match (part.get("from").and_then(Value::as_str), part.get("like").and_then(Value::as_str)) {
            (Some(from), _) => {
                name = from.to_string();
                break;
            }
            (None, Some(like)) => name = like.to_string(),
            (None, None) => break,
        }
    }
    match kind {
        "cells" => library.cell(&name).map_or(name, |cell| cell.id.clone()),
        "ligands" => library.ligand(&name).map_or(name, |ligand| ligand.id.clone()),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_in_an_animal_is_told_of_that_animal() {
        let study = |more: &str| {
            let text = format!(
                "version = 1\nquestion = \"How long?\"\n[ligands.drug]\nfrom = \"aldesleukin\"\n\
                 [regimens.once]\nligand = \"drug\"\ndose = \"10000 IU\"\nroute = \"bolus\"\n\
                 [assay.blood]\nkind = \"regimen\"\ntimes = [\"1 h\"]\n{more}"
            );
            crate::parse(std::path::Path::new("s.toml"), &text, Library::builtin())
                .expect("a study")
                .0
        };
        let of = |more: &str| -> Vec<&str> {
            let all = known(&study(more)).into_iter();
            all.flat_map(|m| &m.what).map(String::as_str).collect()
        };
        let in_mice = "level after 1 min, scaled from people";
        let (people, mice) = (of(""), of("species = \"mouse\"\n"));
        assert!(!people.contains(&in_mice) && mice.contains(&in_mice), "{mice:?}");
        assert!(!people.is_empty() && people.iter().all(|what| mice.contains(what)));
        assert!(!of("species = \"cynomolgus\"\n").contains(&in_mice));
    }

    #[test]
    fn what_does_not_fit_with_a_tumour_or_in_a_culture_is_told_there_alone() {
        let of = |text: &str| -> Vec<&str> {
            let text = format!("version = 1\nquestion = \"How long?\"\n{text}");
            let study = crate::parse(std::path::Path::new("s.toml"), &text, Library::builtin())
                .expect("a study")
                .0;
            known(&study).into_iter().flat_map(|m| &m.what).map(String::as_str).collect()
        };
        let drug = "[ligands.drug]\nfrom = \"aldesleukin\"\n[cells.cd4]\nfrom = \"cd4_effector\"\n\
                    [regimens.once]\nligand = \"drug\"\ndose = \"10000 IU\"\nroute = \"bolus\"\n";
        let patients = format!("{drug}[assay.it]\nkind = \"regimen\"\ntimes = [\"1 h\"]\n");
        let tumours = format!(
            "{drug}[assay.it]\nkind = \"trial\"\ndisease = \"melanoma\"\npatients = 10\n\
             follow_up = \"1 y\"\n[assay.it.arms.one]\nregimen = \"once\"\n"
        );
        let wells = format!(
            "{drug}[assay.it]\nkind = \"time-course\"\ndoses = [\"1 nM\"]\ntimes = [\"1 h\"]\n"
        );
        let culture = format!(
            "{drug}[assay.it]\nkind = \"culture\"\nvolume = \"0.2 mL\"\ntimes = [\"1 h\"]\n\
             mixture = {{ drug = \"1 nM\" }}\n[assay.it.kinds.cd4]\ncells = \"1000 cells\"\n"
        );
        for (narrow, wide, what) in [
            (&tumours, &patients, "median survival under gp100"),
            (&culture, &wells, "CD4 cells after 6 d without IL-2"),
        ] {
            let (narrow, wide) = (of(narrow), of(wide));
            assert!(narrow.contains(&what) && !wide.contains(&what), "{what}: {narrow:?} {wide:?}");
            assert!(!wide.is_empty() && wide.iter().all(|told| narrow.contains(told)));
        }
    }
}
