//! Captions of figures: kind and model of an assay, and doses in the unit of the study.

use il2::ligand::Ligand;
use il2::quantity::three_digits;
use il2_study::Study;
use il2_study::study::file::AssayPart;
use il2_study::study::text::{Grid, QuantityText};
use il2_study::values;

/// Name, kind and model of an assay, for the beginning of a caption.
pub fn kind_and_model(study: &Study, name: &str) -> String {
    let gamma_chain = "gamma-chain";
    // If an assay is named after its kind, the name is not repeated.
    let named = |kind: &str| match name.replace('_', "-") == kind.replace(' ', "-") {
        true => kind.to_string(),
        false => format!("{name}: {kind}"),
    };
    let (kind, model) = match &study.assays[name] {
        AssayPart::DoseResponse(p) => ("dose-response", p.model.as_deref()),
        AssayPart::TimeCourse(p) => ("time course", p.model.as_deref()),
        AssayPart::Washout(p) => ("washout", p.model.as_deref()),
        AssayPart::Culture(p) => ("culture", p.model.as_deref()),
        AssayPart::ReceptorSweep(p) => ("receptor sweep", p.model.as_deref()),
        AssayPart::AffinitySweep(p) => ("affinity sweep", p.model.as_deref()),
        AssayPart::Sensitivity(p) => ("sensitivity", p.model.as_deref()),
        AssayPart::Design(p) => ("design", p.model.as_deref()),
        AssayPart::Activation(p) => ("activation", Some(p.model.as_deref().unwrap_or("tkach2014"))),
        AssayPart::TumourModel(p) => {
            ("tumour model", Some(p.model.as_deref().unwrap_or("kirschner-panetta-1998")))
        }
        AssayPart::Sbml(p) => ("SBML", Some(p.model.as_str())),
        AssayPart::EventTable(_) => return named("event table"),
        AssayPart::Regimen(_) => return named("regimens"),
        AssayPart::Trial(_) => return named("trial"),
        AssayPart::Fit(_) => return named("fit"),
        AssayPart::PopulationFit(_) => return named("population fit"),
        AssayPart::Noncompartmental(_) => return named("noncompartmental"),
    };
    format!("{}, model {}", named(kind), model.unwrap_or(gamma_chain))
}

fn doses(study: &Study, name: &str) -> Option<Vec<QuantityText>> {
    let grid = match &study.assays[name] {
        AssayPart::DoseResponse(p) => Some(&p.doses),
        AssayPart::ReceptorSweep(p) => Some(&p.doses),
        AssayPart::AffinitySweep(p) => Some(&p.doses),
        AssayPart::TimeCourse(p) => p.doses.as_ref(),
        AssayPart::Washout(p) => p.doses.as_ref(),
        AssayPart::Sensitivity(p) => p.doses.as_ref(),
        AssayPart::Design(p) => p.doses.as_ref(),
        AssayPart::Culture(p) => p.map.as_ref().map(|map| &map.doses),
        AssayPart::Activation(_)
        | AssayPart::EventTable(_)
        | AssayPart::PopulationFit(_)
        | AssayPart::Noncompartmental(_)
        | AssayPart::Regimen(_)
        | AssayPart::Trial(_)
        | AssayPart::TumourModel(_)
        | AssayPart::Sbml(_)
        | AssayPart::Fit(_) => None,
    };
    let mixture = match &study.assays[name] {
        AssayPart::TimeCourse(p) => p.mixture.values().next(),
        AssayPart::Washout(p) => p.mixture.values().next(),
        AssayPart::Culture(p) => {
            let of_wells = p.wells.values().filter_map(|well| well.mixture.as_ref());
            p.mixture.values().chain(of_wells.flat_map(|mixture| mixture.values())).next()
        }
        AssayPart::Sensitivity(p) => p.dose.as_ref(),
        _ => None,
    };
    match grid {
        Some(Grid::List(all)) => Some(all.clone()),
        Some(Grid::Range(range)) => Some(vec![range.from.clone()]),
        None => mixture.map(|text| vec![text.clone()]),
    }
}

/// The unit in which a study writes the doses of an assay, and the size of this unit in pM for a
/// ligand; pM if the study uses several units.
pub fn dose_unit(study: &Study, name: &str, ligand: &str) -> (String, f64) {
    let unit = |text: &QuantityText| {
        let start = text.0.trim_start_matches(|c: char| !c.is_whitespace());
        start.trim().to_string()
    };
    let plain = ("pM".to_string(), 1.0);
    let Some(all) = doses(study, name) else { return plain };
    let Some(first) = all.first().map(unit) else { return plain };
    if first.is_empty() || all.iter().any(|text| unit(text) != first) {
        return plain;
    }
    let Some(ligand) = study.ligands.get(ligand) else { return plain };
    match values::dose("", ligand, &QuantityText(format!("1 {first}"))) {
        Ok(one) if one > 0.0 => (first, one),
        _ => plain,
    }
}

/// A dose (pM) of a ligand in the unit that the study writes.
pub fn dose_text(study: &Study, name: &str, ligand: &str, dose: f64) -> String {
    let written = |text: &&QuantityText| {
        let own = study.ligands.get(ligand);
        own.is_some_and(|own| values::dose("", own, text).is_ok_and(|found| found == dose))
    };
    if let Some(text) = doses(study, name).iter().flatten().find(written) {
        return text.0.trim().to_string();
    }
    let (unit, one) = dose_unit(study, name, ligand);
    format!("{} {unit}", trimmed(&three_digits(dose / one)))
}

/// Doses (pM) in a well as the study writes them; if there are several ligands, each with its name.
pub fn doses_text(study: &Study, name: &str, parts: &[(Ligand, f64)]) -> String {
    let mixture = match &study.assays[name] {
        AssayPart::TimeCourse(p) => &p.mixture,
        AssayPart::Washout(p) => &p.mixture,
        _ => return String::new(),
    };
    let written = |(ligand, dose): &(Ligand, f64)| match mixture.get(&ligand.label) {
        Some(text) => text.0.trim().to_string(),
        None => dose_text(study, name, &ligand.label, *dose),
    };
    match parts {
        [one] => written(one),
        several => {
            let each = several.iter().map(|part| format!("{} {}", written(part), part.0.label));
            each.collect::<Vec<_>>().join(" + ")
        }
    }
}

/// A number without trailing zeros: 10.0 is written 10.
fn trimmed(number: &str) -> &str {
    match number.contains('.') && !number.contains('e') {
        true => number.trim_end_matches('0').trim_end_matches('.'),
        false => number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use il2_study::Library;

    fn study(assay: &str) -> Study {
        let text = format!(
            "version = 1\nquestion = \"?\"\n[ligands.il2]\nfrom = \"il2\"\n[ligands.il15]\n\
             from = \"il15\"\n[cells.treg]\nfrom = \"treg\"\n[assay.a]\n{assay}"
        );
        Study::parse("study.toml".as_ref(), &text, Library::builtin()).expect("a study")
    }

    #[test]
    fn a_caption_names_kind_and_model() {
        let study = study("kind = \"dose-response\"\ndoses = [\"1 pM\"]\ntimes = [\"1 h\"]");
        assert_eq!(kind_and_model(&study, "a"), "a: dose-response, model gamma-chain");
    }

    #[test]
    fn doses_stand_in_the_unit_of_the_study() {
        let study = study(
            "kind = \"time-course\"\nligands = [\"drug\"]\ndoses = [\"10 IU/mL\", \"250 IU/mL\"]\n\
             times = [\"1 h\"]\n[ligands.drug]\nfrom = \"aldesleukin\"",
        );
        let (unit, one) = dose_unit(&study, "a", "drug");
        assert_eq!(unit, "IU/mL");
        assert_eq!(dose_text(&study, "a", "drug", 10.0 * one), "10 IU/mL");
        assert_eq!(dose_text(&study, "a", "drug", 33.0 * one), "33 IU/mL");
    }

    #[test]
    fn doses_of_several_units_stand_in_pm() {
        let study =
            study("kind = \"dose-response\"\ndoses = [\"10 pM\", \"1 nM\"]\ntimes = [\"1 h\"]");
        assert_eq!(dose_unit(&study, "a", "il2"), ("pM".to_string(), 1.0));
        assert_eq!(dose_text(&study, "a", "il2", 1000.0), "1 nM");
        assert_eq!(dose_text(&study, "a", "il2", 20.0), "20 pM");
    }

    #[test]
    fn a_mixture_names_the_dose_of_each_ligand() {
        let study = study(
            "kind = \"time-course\"\nmixture = { il2 = \"100 pM\", il15 = \"1 nM\" }\n\
             times = [\"1 h\"]",
        );
        let ligand = |name: &str| study.ligands[name].clone();
        let parts = [(ligand("il2"), 100.0), (ligand("il15"), 1000.0)];
        assert_eq!(doses_text(&study, "a", &parts), "100 pM il2 + 1 nM il15");
    }
}
