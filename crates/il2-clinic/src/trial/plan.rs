//! The plan of a trial.

use crate::patients::CohortOptions;
use crate::patients::Patients;
use crate::regimen::arm::arm;
use crate::trial::accrual::{Accrual, accrual};
use crate::trial::hazards::SIGNIFICANT;
use crate::trial::looks::{CutOff, Looks, endpoint};
use crate::trial::markers::plan::{Markers, markers};
use crate::trial::numbers::{numbers, of_arm};
use crate::trial::randomisation::{block, sizes};
use crate::trial::sample_size::plan::{SampleSize, sample_size};
use crate::trial::schedule::scan_times;
use il2::culture::Prepared;
use il2::parameter::{MissingParameter, Parameter, Parameters};
use il2::patient::cohort::Draws;
use il2::patient::rules::Rules;
use il2::quantity::{DAY, three_digits};
use il2::treatment::regimen::Regimen;
use il2::tumour::course::{Model, Scans, in_courses};
use il2::tumour::disease::{Entry, Partner};
use il2::tumour::host::{Host, Level, Variability};
use il2::tumour::response::Criteria;
use il2_answer::labels::named;
use il2_engine::Dimension;
use il2_engine::words::shown;
use il2_inference::survival::group_sequential::{self, Spending};
use il2_study::choose::{self, fewer};
use il2_study::study::Study;
use il2_study::study::text::QuantityText;
use il2_study::study::trial::{ArmPart, CutOffPart, LooksPart, TrialPart};
use il2_study::values::{quantity, unknown};
use il2_study::{Library, StudyError, whole};
use indexmap::IndexMap;
use std::sync::Arc;

/// End of the names of the table and the figure of the power of each size.
const SAMPLE_SIZE: &str = "sample_size";

/// A planned trial.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the assay.
    pub name: String,
    /// Kind of tumour by its name in the library.
    pub disease: String,
    /// Numbers of the tumour, including those that the study sets.
    pub entry: Entry,
    /// Numbers of the tumour that the study sets.
    pub set: Parameters,
    /// Variability between patients.
    pub variability: Variability,
    /// The arms; the first is the control.
    pub arms: Vec<Arm>,
    /// The model of an untreated patient, which decides who may enter.
    pub untreated: Arc<Model>,
    /// Allocation ratio of the arms.
    pub ratio: Vec<u32>,
    /// Length of the blocks in which patients are allocated to arms; without it, every arm has its
    /// own patients.
    pub block: Option<usize>,
    /// Markers of patients.
    pub markers: Markers,
    /// Number of simulated trials.
    pub replicates: usize,
    /// Whether the same patients are in every arm.
    pub paired: bool,
    /// When patients enter.
    pub accrual: Accrual,
    /// Follow-up of the last patient (min).
    pub follow_up: f64,
    /// Time after entry within which mean survival and first events are reported (min).
    pub horizon: f64,
    /// Whether progression-free survival is also estimated with events between scans.
    pub between_scans: bool,
    /// Number of events at which the trial ends earlier, if any.
    pub cut_off: Option<CutOff>,
    /// Interim looks, if any.
    pub looks: Option<Looks>,
    /// The number of patients that is searched for, if any.
    pub sample_size: Option<SampleSize>,
    /// Rate at which patients are lost (1/min).
    pub dropout: f64,
    /// When scans are made, and how they are read.
    pub scans: Scans,
    /// Scans by which untreated candidates are judged before entry.
    pub screening: Scans,
    /// Time for which they are followed (min).
    pub screened_for: f64,
    /// Name of the criteria.
    pub criteria: String,
    /// When doses are withheld, if ever.
    pub rules: Option<Rules>,
}

/// A planned arm.
#[derive(Clone, Debug)]
pub struct Arm {
    /// Its name.
    pub name: String,
    /// Number of patients of the arm in one trial.
    pub patients: usize,
    /// The interleukin-2 of the arm: patients for the molecule, and all doses of all courses.
    pub drug: Option<(Patients, Regimen)>,
    /// Treatments given with or instead of interleukin-2: names and effects.
    pub partners: Vec<(String, Partner)>,
    /// Whether doses continue after progression.
    pub beyond_progression: bool,
    /// Equations of the arm.
    pub model: Arc<Model>,
    /// Numbers of the tumour that differ from those of the other arms.
    pub set: Parameters,
    /// Variability between patients, with these numbers.
    variability: Variability,
}

impl Plan {
    /// A patient before treatment, with the effects of markers.
    pub fn host(&self, seed: u64, number: u64) -> Host {
        self.marked(seed, number, &self.variability)
    }

    /// A patient in an arm, which may have its own numbers of what happens after entry.
    pub fn host_in(&self, arm: &Arm, seed: u64, number: u64) -> Host {
        self.marked(seed, number, &arm.variability)
    }

    fn marked(&self, seed: u64, number: u64, of: &Variability) -> Host {
        let mut host = of.host(seed, number);
        let levels = self.markers.all.iter().map(|marker| marker.level(seed, number, &host, of));
        let levels: Vec<Level> = levels.collect();
        for (marker, level) in self.markers.all.iter().zip(&levels) {
            marker.apply(*level, &mut host);
        }
        host.markers = levels;
        host
    }

    /// The numbers in which an arm differs from the others, each with its value in those.
    pub fn own_numbers(&self, arm: &Arm) -> Vec<String> {
        let before = |name: &str| self.entry.parameters.get(name).map_or("", |p| p.text.as_str());
        let said = |(name, p): (&String, &Parameter)| {
            format!("{name} is {} (other arms: {})", shown(&p.text), shown(before(name)))
        };
        arm.set.iter().map(said).collect()
    }

    /// Whether a patient has all markers that are needed for entry.
    pub fn is_eligible(&self, host: &Host) -> bool {
        self.markers.eligible.iter().all(|k| host.markers[*k].positive)
    }

    /// Always empty: there are no cells in wells.
    pub fn prepared(&self) -> Vec<&Prepared> {
        vec![]
    }

    /// Number of simulations that the assay will run, not counting candidates who do not enter.
    pub fn lanes(&self) -> usize {
        self.arms.iter().map(|arm| arm.patients * self.replicates).sum()
    }

    /// File names of its tables and figures, without extensions.
    pub fn names(&self) -> (Vec<String>, Vec<String>) {
        let mut tables = vec![
            "",
            "comparisons",
            "subjects",
            "scans",
            "times",
            "curves",
            "trials",
            "define",
            "responses",
        ];
        tables.extend(self.looks.as_ref().map(|_| "looks"));
        let mut figures = vec!["", "waterfall", "spider", "swimmer"];
        if !self.markers.all.is_empty() {
            tables.push("markers");
            figures.push("markers");
        }
        tables.extend(self.markers.replication.as_ref().map(|_| "replication"));
        if self.sample_size.is_some() {
            tables.push(SAMPLE_SIZE);
            figures.push(SAMPLE_SIZE);
        }
        (named(&self.name, &tables), named(&self.name, &figures))
    }

    /// Time from the entry of the first patient to the end of the trial (min).
    pub fn duration(&self) -> f64 {
        self.accrual.duration + self.follow_up
    }

    /// Ligands given in the arms.
    pub fn ligands(&self) -> Vec<&str> {
        self.arms.iter().filter_map(|a| a.drug.as_ref()).map(|(p, _)| p.ligand.as_str()).collect()
    }

    /// Warnings before the trial runs.
    pub fn warnings(&self) -> Vec<String> {
        let far = self.arms.iter().filter_map(|a| a.drug.as_ref()).flat_map(|(p, _)| p.far.clone());
        let mut all: Vec<String> = far.collect();
        if self.arms.iter().any(|arm| arm.drug.is_some()) {
            all.push(crate::patients::MOSTLY_ASSUMED.into());
        }
        all.push(
            "Eight parameters of the tumour were fitted to high-dose interleukin-2 in two cohorts \
             of the 1980s and 1990s; most other parameters are assumed. The strength of a \
             partner was set to a response of one trial; no other molecule, dose or trial was used."
                .into(),
        );
        if self.paired {
            all.push(
                "Every arm has the same patients (paired = true): arms differ only in treatment, \
                 but the patients are still a sample. Tests between arms treat them as different \
                 people; set paired = false to imitate a real trial."
                    .into(),
            );
        }
        all
    }
}

/// Plans a trial.
pub fn plan(study: &Study, at: &str, name: &str, part: &TrialPart) -> Result<Plan, StudyError> {
    let library = &Library::builtin().tumours;
    let known = |all: &IndexMap<String, Entry>, key: &str, what: &str, name: &str| {
        let names: Vec<&str> = all.keys().map(String::as_str).collect();
        let missing =
            || unknown(&format!("{at}.{key}"), what, name, names.into_iter(), "the library");
        all.get(name).cloned().ok_or_else(missing)
    };
    let mut entry = known(&library.diseases, "disease", "disease", &part.disease)?;
    let set = numbers(&format!("{at}.parameters"), &part.parameters, &mut entry)?;
    let criteria = part.criteria.as_deref().unwrap_or("recist");
    let of_library = |missing: MissingParameter| StudyError::at(at, missing.to_string());
    let read = Criteria::of(&known(&library.criteria, "criteria", "criteria", criteria)?);
    let criteria_read = read.map_err(of_library)?;
    let variability = Variability::of(&entry).map_err(of_library)?;
    let time = |key: &str, text: &QuantityText| choose::time(&format!("{at}.{key}"), text);
    let follow_up = time("follow_up", &part.follow_up)?;
    if follow_up == 0.0 {
        let message = "is zero; give the time for which the last patient is followed, for example \
                       \"2 y\"";
        return Err(StudyError::at(format!("{at}.follow_up"), message));
    }
    let all = part.patients as usize;
    let accrual = accrual(at, part, all)?;
    let horizon = part.horizon.as_ref().map_or(Ok(follow_up), |text| time("horizon", text))?;
    if horizon <= 0.0 || horizon > accrual.duration + follow_up {
        let message = format!(
            "is {} d, but patients are followed for at most {} d; give a time above zero and not \
             later, or leave it out to use `follow_up`",
            three_digits(horizon / DAY),
            three_digits((accrual.duration + follow_up) / DAY)
        );
        return Err(StudyError::at(format!("{at}.horizon"), message));
    }
    let cut_off = part.cut_off.as_ref().map(|asked| cut_off(at, asked, all)).transpose()?;
    let looks = part.looks.as_ref().map(|asked| looks(at, asked, part)).transpose()?;
    let dropout = part
        .dropout
        .as_ref()
        .map_or(Ok(0.0), |text| quantity(&format!("{at}.dropout"), text, Dimension::RATE))?;
    let (planned, window) = scan_times(at, part.scans.as_ref(), accrual.duration + follow_up)?;
    let scans = Scans { planned, window, criteria: criteria_read };
    let screened_for = entry.number("screened_for", Dimension::TIME).map_err(of_library)?;
    let (planned, _) = scan_times(at, None, screened_for)?;
    let screening = Scans { planned, window: 0.0, criteria: criteria_read };
    let rules = match part.rules.as_deref() {
        None | Some("none") => None,
        Some("hold") => Some(Rules::new(&Library::builtin().physiology)),
        Some(other) => {
            let known = ["hold", "none"].into_iter();
            return Err(unknown(&format!("{at}.rules"), "rule", other, known, "rules"));
        }
    };
    let replicates = part.replicates.unwrap_or(1);
    let replicates = whole::checked(&format!("{at}.replicates"), replicates)?;
    let (ratio, sizes) = sizes(at, part)?;
    let block = block(at, part, &ratio)?;
    let markers = markers(at, part, &sizes, &variability)?;
    let lanes = sizes.iter().sum::<usize>() * replicates;
    fewer(at, ("patients in all trials", lanes), choose::MOST_LANES, "patients or replicates")?;
    let sample_size = sample_size(at, part, lanes)?;
    let untreated = Arc::new(Model::new(None, &entry).map_err(of_library)?);
    let mut made: Vec<crate::regimen::arm::Arm> = vec![];
    let mut arms: Vec<Arm> = vec![];
    for ((id, own), patients) in part.arms.iter().zip(sizes) {
        let at = format!("{at}.arms.{id}");
        let drug = drug(study, &at, own, &mut made)?;
        let mut entry = entry.clone();
        let set = of_arm(&format!("{at}.parameters"), &own.parameters, &mut entry)?;
        let variability = Variability::of(&entry).map_err(of_library)?;
        // Arms with the same molecule and numbers share their equations.
        let alike = |arm: &&Arm| match (&arm.drug, &drug) {
            (Some((a, _)), Some((b, _))) => Arc::ptr_eq(&a.cohort, &b.cohort) && arm.set == set,
            _ => false,
        };
        let model = match (arms.iter().find(alike), &drug) {
            (Some(arm), _) => arm.model.clone(),
            (None, None) if set.is_empty() => untreated.clone(),
            (None, drug) => {
                let cohort = drug.as_ref().map(|(patients, _)| &*patients.cohort);
                Arc::new(Model::new(cohort, &entry).map_err(of_library)?)
            }
        };
        let mut partners = vec![];
        if !own.partners.is_empty() {
            choose::each_once(&format!("{at}.partners"), &own.partners)?;
        }
        for (i, partner) in own.partners.iter().enumerate() {
            let names = library.partners.keys().map(String::as_str);
            let missing = || {
                unknown(&format!("{at}.partners[{i}]"), "partner", partner, names, "the library")
            };
            let entry = library.partners.get(partner).ok_or_else(missing)?;
            partners.push((partner.clone(), Partner::of(entry).map_err(of_library)?));
        }
        let beyond_progression = own.beyond_progression;
        let name = id.clone();
        arms.push(Arm {
            name,
            patients,
            drug,
            partners,
            beyond_progression,
            model,
            set,
            variability,
        });
    }
    Ok(Plan {
        name: name.to_string(),
        disease: part.disease.clone(),
        entry,
        set,
        variability,
        arms,
        untreated,
        ratio,
        block,
        markers,
        replicates,
        paired: part.paired,
        accrual,
        follow_up,
        horizon,
        between_scans: part.between_scans,
        cut_off,
        looks,
        sample_size,
        dropout,
        scans,
        screening,
        screened_for,
        criteria: criteria.to_string(),
        rules,
    })
}

/// The cut-off of a trial.
fn cut_off(at: &str, asked: &CutOffPart, patients: usize) -> Result<CutOff, StudyError> {
    let events = whole::checked(&format!("{at}.cut_off.events"), asked.events)?;
    if events > patients {
        let message = format!(
            "{events} is more than the {patients} patients of all arms together, each of whom has one \
             event at most; give fewer events, or more patients"
        );
        return Err(StudyError::at(format!("{at}.cut_off.events"), message));
    }
    let of = endpoint(&format!("{at}.cut_off.of"), asked.of.as_deref())?;
    Ok(CutOff { events, of })
}

/// The interim looks before the cut-off.
fn looks(at: &str, asked: &LooksPart, part: &TrialPart) -> Result<Looks, StudyError> {
    let at = format!("{at}.looks");
    let wrong = |what: &str| Err(StudyError::at(&at, what.to_string()));
    if part.cut_off.is_none() {
        return wrong(
            "need a cut-off, because they take place when fractions of its events have occurred; \
             add for example cut_off = { events = 100 }",
        );
    }
    if part.arms.len() != 2 {
        return wrong("are possible only with two arms; use two arms, or leave `looks` out");
    }
    let spending = match asked.spending.as_deref() {
        None | Some("obrien-fleming") => Spending::OBrienFleming,
        Some("pocock") => Spending::Pocock,
        Some(other) => {
            let known = ["obrien-fleming", "pocock"].into_iter();
            return Err(unknown(&format!("{at}.spending"), "spending", other, known, "a trial"));
        }
    };
    let mut parts: Vec<f64> = asked.at.iter().map(|part| part.0).collect();
    let rising = parts.windows(2).all(|pair| pair[0] < pair[1]);
    let inside = parts.iter().all(|part| (LEAST_PART..1.0).contains(part));
    if parts.is_empty() || parts.len() > MOST_LOOKS || !rising || !inside {
        let message = format!(
            "needs 1 to {MOST_LOOKS} increasing fractions, at least {LEAST_PART} and below 1, for \
             example [0.5, 0.75]; the look at all events is added automatically"
        );
        return Err(StudyError::at(format!("{at}.at"), message));
    }
    let futility = asked.futility.map(|part| part.0);
    if let Some(part) = futility.filter(|part| !(*part > 0.0 && *part < 1.0)) {
        let message = format!(
            "{part} is not allowed; use a conditional power above 0 and below 1, for example 0.1"
        );
        return Err(StudyError::at(format!("{at}.futility"), message));
    }
    parts.push(1.0);
    let limits = group_sequential::limits(spending, SIGNIFICANT, &parts);
    let limits = limits.map_err(|e| StudyError::at(&at, e.to_string()))?;
    Ok(Looks { parts, limits, futility })
}

/// A look before a twentieth of the events is of no use.
const LEAST_PART: f64 = 0.05;
const MOST_LOOKS: usize = 10;

/// The interleukin-2 of an arm.
fn drug(
    study: &Study,
    at: &str,
    part: &ArmPart,
    made: &mut Vec<crate::regimen::arm::Arm>,
) -> Result<Option<(Patients, Regimen)>, StudyError> {
    let courses = part.courses.unwrap_or(1);
    whole::checked(&format!("{at}.courses"), courses)?;
    let Some(name) = &part.regimen else {
        let given = [("courses", part.courses.is_some()), ("course", part.course.is_some())];
        return match given.iter().find(|(_, given)| *given) {
            Some((key, _)) => {
                let message = "applies only to an arm with a regimen; name the regimen of this arm, or leave \
                     it out";
                Err(StudyError::at(format!("{at}.{key}"), message))
            }
            None => Ok(None),
        };
    };
    let options = CohortOptions {
        kinetics: (at, None),
        species: (at, None),
        draws: Draws::Random(study.seed),
        uncertain: false,
        numbers: None,
    };
    let read = arm(study, &format!("{at}.regimen"), name, &options, made)?;
    made.push(read.clone());
    let apart = match &part.course {
        Some(text) => choose::time(&format!("{at}.course"), text)?,
        None if courses > 1 => {
            let message = "is needed with more than one course; give the time from the start of \
                           one course to the start of the next, for example \"84 d\"";
            return Err(StudyError::at(format!("{at}.course"), message));
        }
        None => 0.0,
    };
    let length = read.regimen.planned().last().map_or(0.0, |dose| dose.time);
    if courses > 1 && apart <= length {
        let message = format!(
            "is shorter than a course, whose last dose is on day {:.0}; use a longer time",
            length / DAY
        );
        return Err(StudyError::at(format!("{at}.course"), message));
    }
    Ok(Some((read.patients, in_courses(&read.regimen, courses, apart))))
}
