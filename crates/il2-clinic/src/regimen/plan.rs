//! The plan of patients under regimens.

use crate::patients::{CohortOptions, kinetics_of, set_by_study, shown, words};
use crate::regimen::arm::{Arm, arm};
use crate::regimen::choice::{self, Choice};
use crate::regimen::request;
use crate::regimen::search::plan::Search;
use crate::regimen::search::read;
use il2::culture::Prepared;
use il2::parameter::Parameters;
use il2::patient::cohort::{Draws, MOST_SOBOL};
use il2::patient::rules::{Criterion, Rules};
use il2::quantity::three_digits;
use il2::treatment::regimen::{Planned, Route};
use il2_answer::labels::named;
use il2_answer::sentence::{listed, number};
use il2_study::error::StudyError;
use il2_study::library::Library;
use il2_study::ranges::{ends, short};
use il2_study::study::Study;
use il2_study::study::dosing::RegimenAssayPart;
use il2_study::values::{Spacing, unknown};
use il2_study::whole;

/// Largest number of patients whose size is checked before a run.
const MOST_LOOKED_AT: usize = 10_000;

/// The planned assay.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the assay.
    pub name: String,
    /// Arms, one for each regimen.
    pub arms: Vec<Arm>,
    /// Number of patients in each arm.
    pub patients: usize,
    /// When doses are withheld, if ever.
    pub rules: Option<Rules>,
    /// Output times (min).
    pub times: Vec<f64>,
    /// Readouts of the figure.
    pub show: Vec<String>,
    /// Readouts that the answer reports, for which the extremes of each patient are kept.
    pub(super) answer: Vec<String>,
    pub(super) level: f64,
    pub(super) individuals: usize,
    pub(super) choice: Option<Choice>,
    /// A search for the dose.
    pub search: Option<Search>,
    /// Numbers of the patient that the study sets.
    pub set: Parameters,
}

impl Plan {
    /// Always empty: there are no cells in wells.
    pub fn prepared(&self) -> Vec<&Prepared> {
        vec![]
    }

    /// File names of its tables and figures, without extensions.
    pub fn names(&self) -> (Vec<String>, Vec<String>) {
        let mut tables = named(&self.name, &["", "patients", "courses", "population"]);
        let mut figures = named(&self.name, &[""]);
        if self.search.is_some() {
            tables.extend(named(&self.name, &["search"]));
            figures.extend(named(&self.name, &["search"]));
        }
        (tables, figures)
    }

    /// Greatest number of simulations that the assay may run.
    pub fn lanes(&self) -> usize {
        let searched = self.search.as_ref().map_or(0, Search::tries);
        self.patients * (self.arms.len() + self.choice.as_ref().map_or(0, |c| c.arms()) + searched)
    }

    /// Planned doses of an arm that are never given, because they are at or after the last output.
    pub fn after_the_end(&self, arm: &Arm) -> usize {
        let end = self.times.last().copied().unwrap_or(0.0);
        arm.regimen.planned().iter().filter(|dose| dose.time >= end).count()
    }

    /// Doses of an arm that are given and are not placebo.
    fn given(&self, arm: &Arm) -> impl Iterator<Item = Planned> {
        let end = self.times.last().copied().unwrap_or(0.0);
        let planned = arm.regimen.planned().into_iter();
        planned.filter(move |dose| dose.time < end && dose.amount > 0.0)
    }

    /// Time of the last dose that is given and is not placebo (min).
    pub fn last_dose(&self, arm: &Arm) -> f64 {
        self.given(arm).map(|dose| dose.time).fold(0.0, f64::max)
    }

    /// End of the last dose that is given and is not placebo (min); none without such a dose.
    pub fn dosed_until(&self, arm: &Arm) -> Option<f64> {
        let over = |dose: Planned| match dose.route {
            Route::Infusion(duration) => dose.time + duration,
            Route::Bolus | Route::Subcutaneous => dose.time,
        };
        self.given(arm).map(over).reduce(f64::max)
    }

    /// Warnings before the assay runs.
    pub fn warnings(&self) -> Vec<String> {
        let mut all: Vec<String> =
            self.arms.iter().flat_map(|a| &a.files).flat_map(|f| f.warnings()).collect();
        all.dedup();
        all.extend(self.bodies());
        // All arms have the same patients.
        let met = self.met_at_rest();
        if !met.is_empty() {
            all.push(format!(
                "rules = \"hold\" withholds every dose from the typical patient: before treatment, \
                 {}; set other parameters of the patient, or leave out rules.",
                listed(&met)
            ));
        }
        all.push(crate::patients::MOSTLY_ASSUMED.into());
        all
    }

    /// Indices of the readouts that the answer reports, among those shown.
    pub(super) fn answer_places(&self) -> Vec<usize> {
        let place = |name: &String| self.show.iter().position(|shown| shown == name);
        self.answer.iter().map(|name| place(name).expect("only what is shown is told")).collect()
    }

    /// Criteria checked before every dose.
    pub(super) fn criteria(&self) -> &[Criterion] {
        self.rules.as_ref().map_or(&[], |rules| &rules.criteria)
    }

    /// Warnings about bodies of a size that the study sets: of a child, and of patients outside the
    /// limits for the typical patient.
    fn bodies(&self) -> Vec<String> {
        let sizes = ["covariates.weight", "covariates.height"];
        if !sizes.iter().any(|size| self.set.contains_key(*size)) {
            return vec![];
        }
        let ranges = &Library::builtin().ranges;
        let limits = |name: &str| {
            let range = ranges[name].possible.as_ref().expect("has a possible range");
            range.low..=range.high
        };
        let (weights, indices) = (limits("weight"), limits("body_mass_index"));
        let cohort = &self.arms[0].patients.cohort;
        let (typical, adult) = (cohort.typical().weight, ends(&ranges["adult_weight"]).0);
        let child = (typical < adult).then(|| {
            format!(
                "The usual patient weighs {} kg, less than {adult} kg: cell counts, blood pressure, \
                 creatinine and their limits remain those of adults.",
                number(typical)
            )
        });
        let looked_at = self.patients.min(MOST_LOOKED_AT);
        let people = (0..looked_at as u64).map(|i| cohort.person(i));
        let outside: Vec<[f64; 2]> = people
            .map(|p| [p.weight, p.weight / (0.01 * p.height * 0.01 * p.height)])
            .filter(|[weight, index]| !(weights.contains(weight) && indices.contains(index)))
            .collect();
        let span = |k: usize| {
            let all = || outside.iter().map(|body| body[k]);
            let ends = [all().fold(f64::MAX, f64::min), all().fold(0.0, f64::max)];
            let [low, high] = ends.map(three_digits);
            if low == high { low } else { format!("{low} to {high}") }
        };
        let strange = (!outside.is_empty()).then(|| {
            format!(
                "{} of {} patients are outside the limits of the model ({} to {} kg, {} to {} kg/m2): \
                 their weights are {} kg, their body mass indices {} kg/m2. Results for them are \
                 extrapolated; set another covariates.weight or covariates.height.",
                outside.len(),
                match looked_at < self.patients {
                    true => format!("the first {looked_at}"),
                    false => looked_at.to_string(),
                },
                weights.start(),
                weights.end(),
                indices.start(),
                indices.end(),
                span(0),
                span(1),
            )
        });
        child.into_iter().chain(strange).collect()
    }

    /// Criteria that the typical patient meets before treatment, in words: `creatinine is 4 mg/dL
    /// (doses are withheld at 2.5 or above)`.
    pub(super) fn met_at_rest(&self) -> Vec<String> {
        let cohort = &self.arms[0].patients.cohort;
        let (network, values) = (&cohort.body.network, cohort.typical().values);
        let rest = network.initial_state(&values);
        let met = self.criteria().iter().filter_map(|criterion| {
            let readout = network.observables.iter().find(|o| o.name == criterion.readout)?;
            let value = readout.value.value(&rest, &values, 0.0);
            let (name, unit) = words(readout);
            let side = if criterion.high_is_bad { "above" } else { "below" };
            criterion.withholds(value).then(|| {
                format!(
                    "{name} is {} {unit} (doses are withheld at {} or {side})",
                    number(value),
                    short(criterion.hold)
                )
            })
        });
        met.collect()
    }

    /// Tables of doses, by name and SHA-256.
    pub(super) fn inputs(&self) -> Vec<(String, String)> {
        let files = self.arms.iter().flat_map(|arm| &arm.files);
        files.map(|f| (f.name.clone(), f.hash.clone())).collect()
    }

    /// Sets of pharmacokinetics in use, without repetition, in the order of the arms.
    pub fn kinetics(&self) -> Vec<&str> {
        let mut all: Vec<&str> = vec![];
        for arm in &self.arms {
            if !all.contains(&arm.patients.kinetics.as_str()) {
                all.push(&arm.patients.kinetics);
            }
        }
        all
    }
}

/// Plans the assay.
pub fn plan(
    study: &Study,
    at: &str,
    name: &str,
    part: &RegimenAssayPart,
) -> Result<Plan, StudyError> {
    let physiology = &Library::builtin().physiology;
    let names: Vec<&String> = match &part.regimens {
        Some(names) => {
            il2_study::choose::each_once(&format!("{at}.regimens"), names)?;
            names.iter().collect()
        }
        // Regimens that follow others are not arms of their own.
        None => {
            let follows = |n: &String| study.regimens.values().any(|r| r.then.as_ref() == Some(n));
            study.regimens.keys().filter(|n| !follows(n)).collect()
        }
    };
    if names.is_empty() {
        return Err(StudyError::at(
            format!("{at}.regimens"),
            "there is no regimen with which a treatment can begin; add a part such as \
             [regimens.low_dose]",
        ));
    }
    il2_study::choose::at_most(
        &format!("{at}.regimens"),
        "regimens",
        names.len(),
        il2_study::choose::MOST_ARMS,
    )?;
    let named = format!("{at}.pharmacokinetics");
    let kinetics = (named.as_str(), part.pharmacokinetics.as_deref());
    kinetics.1.map_or(Ok(()), |set| kinetics_of(kinetics.0, set).map(drop))?;
    let patients = part.patients.unwrap_or(1);
    whole::checked(&format!("{at}.patients"), patients)?;
    let level = part.level.map_or(0.9, |f| f.0);
    if !(0.0..1.0).contains(&level) {
        return Err(StudyError::at(
            format!("{at}.level"),
            format!("{level} is not allowed; use a fraction below 1, such as 0.9"),
        ));
    }
    if let (Some("hold"), Some(species)) = (part.rules.as_deref(), &part.species) {
        let message =
            format!("\"hold\" uses limits for humans, not for {species}; leave rules out");
        return Err(StudyError::at(format!("{at}.rules"), message));
    }
    let rules = match part.rules.as_deref() {
        None | Some("none") => None,
        Some("hold") => Some(Rules::new(physiology)),
        Some(other) => {
            return Err(unknown(
                &format!("{at}.rules"),
                "rule",
                other,
                ["hold", "none"].into_iter(),
                "rules",
            ));
        }
    };
    let times = il2_study::values::grid(
        &format!("{at}.times"),
        &part.times,
        Spacing::Even,
        il2_study::choose::time,
    )?;
    let draws = match (part.draws.as_deref(), patients) {
        (Some("sobol"), n) if n > MOST_SOBOL => {
            let message = format!(
                "is limited to {MOST_SOBOL} patients with \"sobol\"; use fewer patients, or random \
                 draws"
            );
            return Err(StudyError::at(format!("{at}.draws"), message));
        }
        (None | Some("random" | "sobol"), 1) => Draws::Typical,
        (None | Some("random"), _) => Draws::Random(study.seed),
        (Some("sobol"), _) => Draws::Sobol(study.seed),
        (Some(other), _) => {
            let known = ["random", "sobol"].into_iter();
            return Err(unknown(&format!("{at}.draws"), "kind", other, known, "draws"));
        }
    };
    let uncertain = part.uncertain == Some(true);
    if uncertain && patients == 1 {
        let message = "needs more than one patient; set for example patients = 100";
        return Err(StudyError::at(format!("{at}.uncertain"), message));
    }
    let set_here = format!("{at}.parameters");
    let numbers = Some((set_here.as_str(), &part.parameters));
    let animal = format!("{at}.species");
    let species = (animal.as_str(), part.species.as_deref());
    let made = CohortOptions { kinetics, species, draws, uncertain, numbers };
    let mut arms: Vec<Arm> = vec![];
    for (i, name) in names.iter().enumerate() {
        arms.push(arm(study, &format!("{at}.regimens[{i}]"), name, &made, &arms)?);
    }
    let observables = arms[0].patients.cohort.body.network.observables.len();
    il2_study::choose::fewer(
        at,
        ("rows of bands", arms.len() * times.len() * observables),
        il2_study::choose::MOST_ROWS,
        "times or regimens",
    )?;
    let individuals = part.individuals.unwrap_or(10);
    let individuals =
        whole::checked(&format!("{at}.individuals"), individuals)?.min(patients as usize);
    let courses = arms.len() * individuals * times.len();
    il2_study::choose::fewer(
        at,
        ("rows of courses of individuals", courses),
        il2_study::choose::MOST_ROWS,
        "individuals, times or regimens",
    )?;
    il2_study::choose::fewer(
        at,
        ("patients in all arms", arms.len() * patients as usize),
        il2_study::choose::MOST_LANES,
        "patients or regimens",
    )?;
    let mut show = shown(at, part.show.as_ref(), &arms[0].patients)?;
    let answer = request::answered(at, (&study.question, part), &mut show, &arms[0].patients)?;
    let choice = part.population.as_ref();
    let choice = choice.map(|p| choice::choice(at, p, &arms, patients)).transpose()?;
    let end = times.last().copied().unwrap_or(0.0);
    let search = part.search.as_ref();
    let search = search.map(|part| read::search(study, at, part, &arms, end)).transpose()?;
    if let Some(search) = &search {
        il2_study::choose::at_most(
            &format!("{at}.search"),
            "patients at all doses that may be tried",
            search.tries() * patients as usize,
            il2_study::choose::MOST_LANES,
        )?;
    }
    Ok(Plan {
        name: name.to_string(),
        set: set_by_study(&arms[0].patients.cohort, &part.parameters),
        arms,
        choice,
        search,
        patients: patients as usize,
        rules,
        times,
        show,
        answer,
        level,
        individuals,
    })
}
