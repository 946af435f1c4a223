//! Every number that a study uses; exceeds 400 lines because each kind of input has a short
//! function that is not used elsewhere. One list, with a description of each number, serves `il2
//! check`, `il2 cite` and the report.

use crate::fitted::{Fitted, fitted_numbers};
use il2::cell::Cell;
use il2::culture::kinds::Diffusion;
use il2::culture::{Model, ModelKind, Stat5Kind};
use il2::ligand::{Ligand, PrivateChain};
use il2::parameter::{How, Interval, Parameter, Parameters};
use il2::patient::physiology::Entry;
use il2::quantity::Quantity;
use il2::receptor::Medium;
use il2_assay::kinds::Plan;
use il2_clinic::event_table::Model as TableModel;
use il2_clinic::patients::set_by_study;
use il2_engine::Dimension;
use il2_study::library::{Library, PublishedModelEntry};
use il2_study::study::Study;
use il2_study::study::file::AssayPart;

/// A ligand, a cell, a model or a group of the patient's numbers.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// `ligand`, `cell`, `model`, `posterior`, `pharmacokinetics`, `behaviour`, `population`, `patient` or `fit`.
    pub kind: &'static str,
    /// Name in the study or, if it has none there, in the library.
    pub name: String,
    /// Full name.
    pub title: String,
    /// Tables of numbers with their titles; the title of the only or main table is empty.
    pub tables: Vec<(String, Parameters)>,
    /// What is uncertain about the entry.
    pub caveats: Vec<String>,
    /// Key of the publication of the whole entry.
    pub source: Option<String>,
    /// Name in the library, if it has one.
    pub library: String,
    /// Whether an assay uses the entry.
    pub used: bool,
}

impl Input {
    /// Every number with its name.
    pub fn numbers(&self) -> impl Iterator<Item = (&String, &Parameter)> {
        self.tables.iter().flat_map(|(_, table)| table)
    }

    /// Numbers that were fitted with a model replace the published ones, or are listed in addition
    /// if another model uses the published ones.
    fn take(&mut self, of: &Fitted) {
        if of.beside {
            self.tables.push((format!("fitted with {}", of.model), of.numbers.clone()));
            return;
        }
        for (name, number) in self.tables.iter_mut().flat_map(|(_, numbers)| numbers) {
            // A chain may have a count and a rate of synthesis, which differ in dimension.
            let alike = |new: &&Parameter| new.dimension == number.dimension;
            if let Some(new) = of.numbers.get(name).filter(alike) {
                *number = new.clone();
            }
        }
    }

    /// Keys of the publications of an input.
    pub fn sources(&self) -> impl Iterator<Item = &String> {
        self.source.iter().chain(self.numbers().filter_map(|(_, p)| p.source.as_ref()))
    }
}

/// Groups of the patient's numbers that only some studies of patients use.
const VARIABILITY: &str = "variability";
const RULES: &str = "rules";

/// The inputs of a study: its ligands and cells first, then the library entries that its assays
/// use.
pub fn inputs(study: &Study, plans: &[(String, Plan)]) -> Vec<Input> {
    let library = Library::builtin();
    let mut all: Vec<Input> = study.ligands.values().flat_map(molecule).collect();
    all.extend(study.cells.values().map(cell));
    for (name, plan) in plans {
        for setup in plan.setups() {
            setup.ligands.iter().for_each(|l| use_ligand(&mut all, l));
            setup.cell.iter().for_each(|c| add(&mut all, cell(c)));
            add(&mut all, model(study, &setup.model));
        }
        match (plan, &study.assays[name]) {
            (Plan::DoseResponse(plan), AssayPart::DoseResponse(part)) => {
                let model = &study.models[&plan.pairs[0].prepared.setup.model.name];
                let name = model.posterior.as_ref().filter(|_| part.intervals.is_some());
                name.into_iter().for_each(|name| add(&mut all, posterior(name)));
            }
            (Plan::EventTable(plan), AssayPart::EventTable(part)) => match &plan.model {
                TableModel::Plain(plain) => {
                    if let Some(name) = &part.pharmacokinetics {
                        let animal = &Library::builtin().physiology.animals[name.as_str()];
                        let mut animal = pharmacokinetics(name, animal);
                        animal.tables[0].1.retain(|n, _| !part.parameters.contains_key(n));
                        add(&mut all, animal);
                    }
                    let given = part.parameters.iter().map(|(name, text)| {
                        let all = plain.structure.parameters();
                        let number = all.iter().find(|p| p.name == name);
                        let dimension = number.expect("checked in the plan").dimension;
                        let value = plain.given[name.as_str()];
                        (name.clone(), Parameter::from_study(value, dimension, text.0.clone()))
                    });
                    let title = format!("compartment model of assay {}", plan.name);
                    add(&mut all, set("model", &part.model, title, given.collect()));
                }
                TableModel::Patient(treated) => {
                    let patients = &treated.patients;
                    use_ligand(&mut all, &study.ligands[&patients.ligand]);
                    patient(study, &[&patients.kinetics], &[VARIABILITY, RULES], &mut all);
                    let given = set_by_study(&patients.cohort, &part.parameters);
                    add(&mut all, of_patients(&plan.name, given));
                }
            },
            (Plan::Activation(plan), _) => {
                let mut of_model = published(&plan.model, &library.culture_models[&plan.model]);
                let given = plan.treg.as_ref().map_or_else(Parameters::new, |t| t.numbers.clone());
                of_model.tables[0].1.retain(|name, _| {
                    let unread = name == "blocked_half_life" && plan.blocked.is_none();
                    !unread && !given.contains_key(name)
                });
                add(&mut all, of_model);
                let title = format!("Treg of assay {}", plan.name);
                add(&mut all, set("model", &plan.model, title, given));
            }
            // All numbers of an SBML model are in its file.
            (Plan::Sbml(_), _) => {}
            (Plan::TumourModel(plan), _) => {
                let name = plan.model.name();
                add(&mut all, published(name, &library.tumour_models[name]));
                if !plan.set.is_empty() {
                    let title = format!("{name} of assay {}", plan.name);
                    add(&mut all, set("model", name, title, plan.set.clone()));
                }
            }
            (Plan::Trial(plan), _) => {
                let treated: Vec<_> = plan.arms.iter().filter_map(|a| a.drug.as_ref()).collect();
                for (patients, _) in &treated {
                    use_ligand(&mut all, &study.ligands[&patients.ligand]);
                }
                let kinetics: Vec<&str> =
                    treated.iter().map(|(p, _)| p.kinetics.as_str()).collect();
                if !kinetics.is_empty() {
                    let unread: &[&str] = if plan.rules.is_none() { &[RULES] } else { &[] };
                    patient(study, &kinetics, unread, &mut all);
                }
                let mut disease = tumour("disease", &plan.disease, &plan.entry);
                // Two assays may set different numbers of the same disease.
                if disease.numbers().any(|(_, p)| p.how == How::Study) {
                    disease.title += &format!(", in assay {name}");
                }
                add(&mut all, disease);
                for arm in plan.arms.iter().filter(|arm| !arm.set.is_empty()) {
                    let title = format!("{}, in arm {} of assay {name}", plan.disease, arm.name);
                    let of = format!("{} in arm {}", plan.disease, arm.name);
                    let library = plan.disease.clone();
                    add(&mut all, Input { library, ..set("disease", &of, title, arm.set.clone()) });
                }
                let tumours = &Library::builtin().tumours;
                for (partner, _) in plan.arms.iter().flat_map(|arm| &arm.partners) {
                    add(&mut all, tumour("partner", partner, &tumours.partners[partner.as_str()]));
                }
                let criteria = plan.criteria.as_str();
                add(&mut all, tumour("criteria", criteria, &tumours.criteria[criteria]));
            }
            (Plan::Culture(plan), AssayPart::Culture(part)) => {
                plan.kinds.iter().for_each(|kind| add(&mut all, behaviour(&plan.name, kind)));
                if let Some(part) = &part.diffusion {
                    let given = [
                        ("coefficient", part.coefficient.is_some()),
                        ("cell_radius", part.cell_radius.is_some()),
                    ];
                    let mut of_model =
                        published(Diffusion::MODEL, &library.culture_models[Diffusion::MODEL]);
                    of_model.tables[0].1.retain(|name, _| !given.contains(&(name.as_str(), true)));
                    add(&mut all, of_model);
                }
            }
            (Plan::Fit(plan), _) => {
                for arm in &plan.arms {
                    use_ligand(&mut all, &study.ligands[&arm.regimen.ligand]);
                }
                let kinetics: Vec<&str> =
                    plan.arms.iter().map(|a| a.patients.kinetics.as_str()).collect();
                if !kinetics.is_empty() {
                    patient(study, &kinetics, &[VARIABILITY, RULES], &mut all);
                }
                add(&mut all, fitted(plan));
            }
            (Plan::PopulationFit(plan), _) => {
                if let Some(body) = plan.system.patient() {
                    let patients = &body.patient.patients;
                    use_ligand(&mut all, &study.ligands[&patients.ligand]);
                    patient(study, &[&patients.kinetics], &[VARIABILITY, RULES], &mut all);
                }
            }
            (Plan::Regimen(plan), _) => {
                for arm in &plan.arms {
                    use_ligand(&mut all, &study.ligands[&arm.regimen.ligand]);
                }
                // The typical patient needs no variability.
                let unread = [(VARIABILITY, plan.patients == 1), (RULES, plan.rules.is_none())];
                let unread = unread.iter().filter(|(_, unread)| *unread).map(|(name, _)| *name);
                patient(study, &plan.kinetics(), &unread.collect::<Vec<_>>(), &mut all);
                add(&mut all, of_patients(&plan.name, plan.set.clone()));
            }
            _ => {}
        }
    }
    for of in fitted_numbers(study, plans) {
        for input in all.iter_mut().filter(|i| i.kind == of.kind && i.name == of.name) {
            input.take(&of);
        }
    }
    for input in &mut all {
        for (_, numbers) in &mut input.tables {
            numbers.retain(|name, p| p.how == How::Study || is_read(plans, input.kind, name));
        }
        input.tables.retain(|(_, numbers)| !numbers.is_empty());
    }
    all.retain(|input| !input.tables.is_empty() || !input.caveats.is_empty());
    all
}

/// Whether any assay runs the model that uses a number; numbers of a ligand or a cell for another
/// model are not inputs of this study.
fn is_read(plans: &[(String, Plan)], kind: &str, name: &str) -> bool {
    let runs = |wanted: fn(&Model) -> bool| {
        plans.iter().any(|(_, p)| p.setups().iter().any(|setup| wanted(&setup.model)))
    };
    match (kind, name.split_once('.').map_or("", |(family, _)| family)) {
        ("ligand", "gamma_chain") => {
            // The receptor model of a patient also uses this model.
            let patients = |p: &Plan| match p {
                Plan::Regimen(_) => true,
                Plan::Trial(trial) => trial.arms.iter().any(|arm| arm.drug.is_some()),
                Plan::EventTable(plan) => matches!(plan.model, TableModel::Patient(_)),
                Plan::Fit(fit) => !fit.arms.is_empty(),
                Plan::PopulationFit(fit) => fit.system.patient().is_some(),
                _ => false,
            };
            plans.iter().any(|(_, p)| patients(p))
                || runs(|model| matches!(model.kind, ModelKind::GammaChain(_)))
        }
        ("ligand", "fallon2000") => runs(|model| matches!(model.kind, ModelKind::Fallon2000(_))),
        ("cell", "stat5") => {
            runs(|m| m.stat5.as_ref().is_some_and(|s| s.kind == Stat5Kind::GcsolverJl))
        }
        // A private chain, which only its own ligands bind.
        ("cell", "") if PrivateChain::named(name).is_some_and(|chain| !chain.shares_beta()) => {
            let binds = |l: &Ligand| l.private_chain.name() == name;
            let all = plans.iter().flat_map(|(_, p)| p.setups());
            all.into_iter().any(|setup| setup.ligands.iter().any(binds))
        }
        _ => true,
    }
}

/// A published model that is complete in itself.
fn published(name: &str, entry: &PublishedModelEntry) -> Input {
    Input {
        kind: "model",
        name: name.into(),
        title: entry.title.clone(),
        tables: vec![(String::new(), entry.parameters.clone())],
        caveats: entry.caveats.clone(),
        source: Some(entry.source.clone()),
        library: name.into(),
        ..Input::default()
    }
}

/// A tumour, a partner of interleukin-2, or criteria of response.
fn tumour(kind: &'static str, name: &str, entry: &il2::tumour::disease::Entry) -> Input {
    Input {
        kind,
        name: name.into(),
        title: entry.name.clone(),
        tables: vec![(String::new(), entry.parameters.clone())],
        caveats: entry.caveats.clone(),
        library: name.into(),
        ..Input::default()
    }
}

/// The behaviour of the cells of a kind in a culture.
fn behaviour(assay: &str, kind: &il2_wells::culture::PlannedKind) -> Input {
    let library = &Library::builtin().behaviours;
    let entry = kind.behaviour.as_ref().map(|name| &library[name.as_str()]);
    let known = entry.map_or("behaviour of these cells".into(), |entry| entry.title.clone());
    Input {
        kind: "behaviour",
        name: kind.name.clone(),
        title: format!("{known}, in assay {assay}"),
        tables: vec![(String::new(), kind.numbers.clone())],
        caveats: entry.map_or(vec![], |entry| entry.caveats.clone()),
        library: kind.behaviour.clone().unwrap_or_default(),
        ..Input::default()
    }
}

/// Numbers that a study sets for an assay.
fn set(kind: &'static str, name: &str, title: String, numbers: Parameters) -> Input {
    let tables = vec![("set by the study".into(), numbers)];
    Input { kind, name: name.into(), title, tables, ..Input::default() }
}

fn of_patients(assay: &str, numbers: Parameters) -> Input {
    set("patient", assay, format!("parameters of the patients of assay {assay}"), numbers)
}

/// The priors of a fit.
fn fitted(plan: &il2_assay::fit::plan::Plan) -> Input {
    let prior = |(i, f): (usize, &il2_assay::fit::plan::Fitted)| {
        let interval =
            Interval { low: f.prior[0], high: f.prior[1], kind: "95 % of the prior".into() };
        // Values are in the unit of the prior in the study, as in every table.
        let text = format!("{} {}", plain(plan.in_study_unit(i, 0.0)), plan.unit(i).0);
        let middle = plan.posterior.unknowns[i].value(0.0);
        let number = Parameter::from_study(middle, f.dimension, text.trim());
        (f.name.clone(), Parameter { interval: Some(interval), ..number })
    };
    Input {
        kind: "fit",
        name: plan.name.clone(),
        title: "numbers to be estimated; the value is the median of the prior".into(),
        tables: vec![("priors".into(), plan.fitted.iter().enumerate().map(prior).collect())],
        ..Input::default()
    }
}

/// Adds an input that an assay uses, or marks it as used.
fn add(all: &mut Vec<Input>, new: Input) {
    let known =
        all.iter_mut().find(|i| (i.kind, &i.name, &i.title) == (new.kind, &new.name, &new.title));
    match known {
        Some(known) => known.used = true,
        None => all.push(Input { used: true, ..new }),
    }
}

fn use_ligand(all: &mut Vec<Input>, used: &Ligand) {
    for input in molecule(used) {
        add(all, input);
    }
    for parent in used.arms().into_iter().filter_map(|(arm, _)| arm.parent.as_ref()) {
        of_library(all, parent);
    }
}

/// A ligand used for comparison, unless the study has the same one unchanged.
fn of_library(all: &mut Vec<Input>, wanted: &Ligand) {
    let same = |i: &&mut Input| {
        i.kind == "ligand"
            && i.library == wanted.id
            && i.numbers().all(|(_, p)| p.how != How::Study)
    };
    match all.iter_mut().find(same) {
        Some(known) => known.used = true,
        None => {
            let title = format!("{} (from the library, for comparison)", wanted.name);
            add(all, Input { title, ..ligand(wanted) });
        }
    }
    if let Some(parent) = &wanted.parent {
        of_library(all, parent);
    }
}

/// Inputs of a molecule and of its arms.
fn molecule(whole: &Ligand) -> Vec<Input> {
    std::iter::once(whole).chain(&whole.parts).map(ligand).collect()
}

fn ligand(ligand: &Ligand) -> Input {
    let copies = match ligand.valency {
        1 => String::new(),
        n => format!(" ({n} copies on one molecule)"),
    };
    Input {
        kind: "ligand",
        name: ligand.label.clone(),
        title: format!("{}{copies}", ligand.name),
        tables: vec![(String::new(), ligand.parameters.clone())],
        caveats: ligand.caveats.clone(),
        library: ligand.id.clone(),
        ..Input::default()
    }
}

fn cell(cell: &Cell) -> Input {
    let mut tables = vec![];
    if let Some(name) = &cell.quantitation {
        tables.push((format!("receptor counts: {name}"), cell.receptors[name].clone()));
    }
    tables.push(("synthesis".into(), cell.synthesis.clone()));
    tables.push(("spread between cells".into(), cell.spread.clone()));
    tables.push(("correlation between chains".into(), cell.correlation.clone()));
    if let Some(effect) = &cell.effect {
        let title = format!("effect: {} {}", effect.what, effect.direction);
        tables.push((title, effect.parameters.clone()));
    }
    tables.push(("other numbers".into(), cell.parameters.clone()));
    Input {
        kind: "cell",
        name: cell.label.clone(),
        title: cell.name.clone(),
        tables,
        caveats: cell.caveats.clone(),
        library: cell.id.clone(),
        ..Input::default()
    }
}

fn model(study: &Study, model: &Model) -> Input {
    let entry = &study.models[&model.name];
    let mut tables = vec![(String::new(), model.parameters.clone())];
    let mut caveats = entry.caveats.clone();
    if matches!(study.medium, Medium::Depleted { .. }) && !entry.limits.of_depletion.is_empty() {
        caveats.push(entry.limits.of_depletion.clone());
    }
    if let Some(stat5) = &model.stat5 {
        let entries = Library::builtin().stat5.values();
        for entry in entries.filter(|entry| entry.stat5.kind == stat5.kind) {
            tables.push((entry.title.clone(), stat5.parameters.clone()));
            caveats.extend_from_slice(&entry.caveats);
        }
    }
    let set = |(name, text): &(String, String)| {
        let read = Quantity::parse(text).ok();
        let (value, dimension) =
            read.map_or((f64::NAN, Dimension::DIMENSIONLESS), |q| (q.value, q.dimension));
        (name.clone(), Parameter::from_study(value, dimension, text.clone()))
    };
    tables.push(("set by the study".into(), model.overrides.iter().map(set).collect()));
    Input {
        kind: "model",
        name: model.name.clone(),
        title: entry.title.clone(),
        tables,
        caveats,
        source: Some(entry.source.clone()),
        ..Input::default()
    }
}

/// Standard deviations of fitted rates, from which intervals are drawn.
fn posterior(name: &str) -> Input {
    let library = Library::builtin();
    let posterior = &library.posteriors[name];
    let spread = |(name_of, spread): (&String, &f64)| {
        let number = Parameter {
            how: How::Derived,
            source: library.references.contains_key(name).then(|| name.to_string()),
            note: "standard deviation of the logarithm".into(),
            ..Parameter::from_study(*spread, Dimension::DIMENSIONLESS, spread.to_string())
        };
        (name_of.clone(), number)
    };
    Input {
        kind: "posterior",
        name: name.to_string(),
        title: "standard deviations of fitted numbers; their correlations are in the \
                library"
            .into(),
        tables: vec![(
            String::new(),
            posterior.names.iter().zip(&posterior.spreads).map(spread).collect(),
        )],
        ..Input::default()
    }
}

/// All inputs of a patient, including those of the receptor model, which determines the sensitivity
/// of cells.
fn patient(study: &Study, kinetics: &[&str], unread: &[&str], all: &mut Vec<Input>) {
    let library = Library::builtin();
    of_library(all, library.ligand("il2").expect("native interleukin-2"));
    add(all, model(study, &study.models["gamma-chain"].model));
    let physiology = &library.physiology;
    for population in physiology.populations.values() {
        let carried = cell(library.cell(&population.cell).expect("a test checks every cell"));
        let title = format!("{} (from the library, for the patient)", carried.title);
        add(all, Input { title, ..carried });
    }
    for set in kinetics {
        add(all, pharmacokinetics(set, &physiology.pharmacokinetics[*set]));
    }
    for input in of_the_patient() {
        match unread.contains(&input.name.as_str()) {
            true => all.push(input),
            false => add(all, input),
        }
    }
}

/// A set of pharmacokinetics.
fn pharmacokinetics(name: &str, set: &Entry) -> Input {
    Input {
        kind: "pharmacokinetics",
        name: name.to_string(),
        title: set.name.clone(),
        tables: vec![(String::new(), set.parameters.clone())],
        caveats: set.caveats.clone(),
        ..Input::default()
    }
}

/// Populations and groups of the patient's numbers; pharmacokinetics are listed as separate sets.
pub fn of_the_patient() -> Vec<Input> {
    let physiology = &Library::builtin().physiology;
    let populations = physiology.populations.iter().map(|(id, population)| Input {
        kind: "population",
        name: id.clone(),
        title: format!("{} (cell {})", population.name, population.cell),
        tables: vec![(String::new(), population.parameters.clone())],
        caveats: population.caveats.clone(),
        ..Input::default()
    });
    let groups = physiology.groups.iter().map(|(name, numbers)| Input {
        kind: "patient",
        name: name.clone(),
        title: "parameters of the patient".into(),
        tables: vec![(String::new(), numbers.clone())],
        ..Input::default()
    });
    populations.chain(groups).collect()
}

/// A number that a study sets, with the value of the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// Kind and name of the owner: `ligand native`.
    pub of: String,
    /// Name of the number.
    pub name: String,
    /// Value as the study writes it.
    pub set: String,
    /// Value as the library writes it; none if the library has no such number.
    pub library: Option<String>,
}

/// Numbers of a study that replace those of the library.
pub fn overrides(study: &Study, inputs: &[Input]) -> Vec<Override> {
    let library = Library::builtin();
    let before = |input: &Input, name: &str| -> Option<&Parameter> {
        match input.kind {
            "ligand" => library.ligands.get(&input.library)?.parameters.get(name),
            "cell" => {
                let cell = library.cells.get(&input.library)?;
                let counts = cell.quantitation.as_ref().and_then(|q| cell.receptors.get(q));
                counts.unwrap_or(&cell.synthesis).get(name)
            }
            "model" => study.models.get(&input.name)?.model.parameters.get(name),
            "disease" => library.tumours.diseases.get(&input.library)?.parameters.get(name),
            _ => None,
        }
    };
    // A rate of synthesis that replaces a count has no corresponding value in the library.
    let alike = |old: &Parameter, new: &Parameter| {
        let plain = |p: &Parameter| Dimension { molecule: 0, ..p.dimension };
        old.absent || new.absent || plain(old) == plain(new)
    };
    let of_input = |input: &Input| {
        let set = input.numbers().filter(|(_, p)| p.how == How::Study);
        let one = |(name, p): (&String, &Parameter)| Override {
            of: format!("{} {}", input.kind, input.name),
            name: name.clone(),
            set: p.text.clone(),
            library: before(input, name).filter(|old| alike(old, p)).map(|old| old.text.clone()),
        };
        set.map(one).collect::<Vec<_>>()
    };
    inputs.iter().flat_map(of_input).collect()
}

/// Number of parameters of the inputs in use, by how they were obtained.
pub fn obtained(inputs: &[Input]) -> Vec<(How, usize)> {
    let ways = [How::Measured, How::Derived, How::Fitted, How::Assumed, How::Study];
    let used = || inputs.iter().filter(|i| i.used).flat_map(Input::numbers);
    ways.into_iter().map(|how| (how, used().filter(|(_, p)| p.how == how).count())).collect()
}

/// Both ends of a number's interval, in the unit of its text; empty if no interval is known.
pub fn interval_text(p: &Parameter) -> String {
    let unit = Quantity::unit_of(&p.text).map_or(1.0, |(_, one)| one);
    let text = |i: &Interval| format!("{} .. {}", plain(i.low / unit), plain(i.high / unit));
    p.interval.as_ref().map_or(String::new(), text)
}

/// A number with at most six digits after the point, or with an exponent.
pub fn plain(value: f64) -> String {
    if value == 0.0 || (1e-3..1e7).contains(&value.abs()) {
        let text = format!("{value:.6}");
        text.trim_end_matches('0').trim_end_matches('.').to_string()
    } else {
        format!("{value:.5e}")
    }
}
