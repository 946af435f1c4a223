//! Builds the plan of a population fit, or says what is wrong with the study.

use crate::event_table::units::{self, TableUnits};
use crate::population_fit::distribution::inhibition;
use crate::population_fit::endpoints::{self, Endpoint};
use crate::population_fit::numbers::Numbers;
use crate::population_fit::parameters::{effects, formulas, parameters};
use crate::population_fit::plan::{Level, Plan, SoughtDose};
use crate::population_fit::system::{self, Known, OfPatient, PATIENT, System};
use crate::population_fit::{covariates, delivery, starts};
use il2::patient::individual;
use il2::quantity::Quantity;
use il2::treatment::schedule::elapsed;
use il2_engine::Dimension;
use il2_engine::words::{counted, shown};
use il2_inference::bound::Bound;
use il2_inference::population::{Kind, Method, Row, Subject};
use il2_inference::sample::ChainSettings;
use il2_study::error::StudyError;
use il2_study::event_table::{self, EventTable, Factors, TableMeaning};
use il2_study::study::Study;
use il2_study::study::population::{PopulationFitPart, SoughtDosePart};
use il2_study::study::text::QuantityText;
use il2_study::values::{self, quantity, unknown};
use il2_study::{csv_file, whole};
use indexmap::IndexMap;

/// Largest number of random effects of a subject: more cannot be distinguished.
const MOST_EFFECTS: usize = 60;
/// Largest number of simulated measurements of a visual predictive check (measurements times data
/// sets).
const MOST_SIMULATED: usize = 20_000_000;

/// Reads the table and plans the fit.
pub fn plan(
    study: &Study,
    at: &str,
    name: &str,
    part: &PopulationFitPart,
) -> Result<Plan, StudyError> {
    let Set { model, system, known, endpoints, factors, concentration, amount } =
        set(study, at, part)?;
    let mut numbers = parameters(at, part, (&known, amount))?;
    if let Some(model) = system.plain() {
        inhibition(at, part, model, &mut numbers)?;
    }
    formulas(at, part, &known, &mut numbers)?;
    let estimates = part.estimate.unwrap_or(true);
    let (effects, omegas) = effects(at, part, &mut numbers)?;
    let meaning = (&system, factors, endpoints.as_slice());
    let (mut table, file) = table(study, at, part, meaning, &numbers)?;
    delivery::settle(&numbers, &mut table);
    delivery::check(at, &numbers, (estimates, part.dose.is_some()), &table)?;
    covariates::check(&numbers, &file, &table)?;
    covariates::settle(&mut numbers, &table);
    match &system {
        System::Plain(model) => system::check(model, &file, &table)?,
        System::Patient(body) => body.patient.check(&file, &table)?,
    }
    endpoints::check(at, &endpoints, estimates, (&file, &table))?;
    let occasions = occasions(part, &numbers, &table);
    let (subjects, places) = rows(&table, &occasions);
    let rows: usize = subjects.iter().map(|s| s.rows.len()).sum();
    if rows == 0 {
        let message = match table.not_compared {
            0 => "has no measurements; give values of DV on lines with EVID 0".to_string(),
            n => format!(
                "has no measurements of the concentration: {} of DV {} missing, from another \
                 compartment (CMT), or in rows that are not observations (MDV, EVID); correct CMT and \
                 MDV, or leave out these columns",
                counted(n, "value"),
                if n == 1 { "is" } else { "are" }
            ),
        };
        return Err(StudyError::of_file(&file, message));
    }
    let quantified = subjects.iter().flat_map(|s| &s.rows).any(|row| row.bound == Bound::None);
    if estimates && !quantified {
        let message = "has no quantified measurement: every DV is beyond a limit, which tells almost \
                       nothing of the parameters; fit them together with measured values, or set \
                       estimate = false";
        return Err(StudyError::of_file(&file, message));
    }
    let asked = |key: &str, given: Option<u32>, usual: u32| {
        whole::checked(&format!("{at}.{key}"), given.unwrap_or(usual))
    };
    // Simulating a whole patient takes a thousand times as long as a compartment model.
    let (starts, simulations) = match &system {
        System::Plain(_) => (3, 500),
        System::Patient(_) => (1, 0),
    };
    let starts = asked("starts", part.starts, starts)?;
    let simulations = asked("simulations", part.simulations, simulations)?;
    let prediction_corrected = part.prediction_corrected.unwrap_or(false);
    if prediction_corrected && simulations == 0 {
        let message = "is about the visual predictive check, which simulations = 0 leaves out (so \
                       does \"patient\", if the study does not set `simulations`); set \
                       `simulations`, or leave this out";
        return Err(StudyError::at(format!("{at}.prediction_corrected"), message));
    }
    let chains = asked("chains", part.chains, 0)?;
    if chains > 0 && !estimates {
        let message = "sample the estimated parameters, but estimate = false; leave one of the two \
                       out";
        return Err(StudyError::at(format!("{at}.chains"), message));
    }
    let profiles = part.profiles.unwrap_or(false);
    if profiles && !estimates {
        let message = "are of estimated parameters, but estimate = false; leave one of the two out";
        return Err(StudyError::at(format!("{at}.profiles"), message));
    }
    for (key, given) in [("warmup", part.warmup), ("draws", part.draws)] {
        if chains == 0 && given.is_some() {
            let message = "applies only with chains; add chains = 4, or leave it out";
            return Err(StudyError::at(format!("{at}.{key}"), message));
        }
    }
    if simulations.saturating_mul(rows) > MOST_SIMULATED {
        let message = format!(
            "{simulations} data sets of {rows} measurements are too many; use {} or fewer",
            MOST_SIMULATED / rows
        );
        return Err(StudyError::at(format!("{at}.simulations"), message));
    }
    for (s, occasions) in subjects.iter().zip(&table.subjects) {
        let n = effects.of_subject(s.occasions);
        if n > MOST_EFFECTS {
            let message = format!(
                "subject {} has {} occasions and thus {n} random effects, but at most \
                 {MOST_EFFECTS} are allowed; let fewer parameters vary, or distinguish fewer \
                 occasions",
                shown(&occasions.id),
                s.occasions
            );
            return Err(StudyError::of_file(&file, message));
        }
    }
    let plan = Plan {
        name: name.to_string(),
        table,
        file: part.table.clone(),
        units: [
            part.units.time.clone(),
            part.units.amount.clone(),
            units::concentration(&part.units),
        ],
        factors,
        concentration,
        usual: known.iter().map(|k| k.usual).collect(),
        model,
        numbers,
        effects,
        omegas,
        endpoints,
        subjects,
        places,
        occasions,
        method: method(at, part)?,
        estimates,
        starts,
        errors: errors(at, part)?,
        level: values::level(&format!("{at}.level"), part.level.map(|f| f.0))?,
        profiles,
        chains,
        asked: ChainSettings {
            warmup: asked("warmup", part.warmup, 500)?,
            draws: asked("draws", part.draws, 1000)?,
            seed: study.seed,
        },
        simulations,
        bins: part.bins.map(|bins| asked("bins", Some(bins), bins)).transpose()?,
        prediction_corrected,
        dose: part.dose.as_ref().map(|dose| sought(at, dose, part, &system)).transpose()?,
        system,
        seed: study.seed,
        threads: study.threads,
    };
    if estimates && plan.free().is_empty() {
        let message = "has nothing to estimate, because every parameter is fixed; set estimate = \
                       false";
        return Err(StudyError::at(at, message));
    }
    starts::check(&plan, &file)?;
    Ok(plan)
}

/// What a study says about the model, apart from its numbers.
struct Set {
    model: String,
    system: System,
    known: Vec<Known>,
    endpoints: Vec<Endpoint>,
    factors: Factors,
    concentration: f64,
    /// What amounts of a plain model are.
    amount: Dimension,
}

fn set(study: &Study, at: &str, part: &PopulationFitPart) -> Result<Set, StudyError> {
    if part.model == PATIENT {
        let OfPatient { body, known, factors, concentration } = system::patient(study, at, part)?;
        let endpoints = endpoints::endpoints(at, part, (Some(&body.patient), concentration))?;
        let (model, system) = (PATIENT.to_string(), System::Patient(Box::new(body)));
        let amount = Dimension::DIMENSIONLESS;
        return Ok(Set { model, system, known, endpoints, factors, concentration, amount });
    }
    let (name, model) = system::model(at, part)?;
    let TableUnits { factors, concentration, amount } = units::of(at, &part.units)?;
    let endpoints = endpoints::endpoints(at, part, (None, concentration))?;
    let known = system::known(&model, amount, endpoints::effect_unit(&endpoints));
    let system = System::Plain(model);
    Ok(Set { model: name, system, known, endpoints, factors, concentration, amount })
}

fn method(at: &str, part: &PopulationFitPart) -> Result<Method, StudyError> {
    match part.method.as_deref() {
        None | Some("foce") => Ok(Method::Foce),
        Some("laplace") => Ok(Method::Laplace),
        Some(other) => {
            let known = ["foce", "laplace"].into_iter();
            Err(unknown(&format!("{at}.method"), "method", other, known, "a population fit"))
        }
    }
}

fn errors(at: &str, part: &PopulationFitPart) -> Result<Kind, StudyError> {
    match part.standard_errors.as_deref() {
        None | Some("curvature") => Ok(Kind::Curvature),
        Some("scores") => Ok(Kind::Scores),
        Some("sandwich") => Ok(Kind::Sandwich),
        Some(other) => {
            let known = ["curvature", "scores", "sandwich"].into_iter();
            let at = format!("{at}.standard_errors");
            Err(unknown(&at, "kind of standard errors", other, known, "a population fit"))
        }
    }
}

fn table(
    study: &Study,
    at: &str,
    part: &PopulationFitPart,
    (system, factors, endpoints): (&System, Factors, &[Endpoint]),
    numbers: &Numbers,
) -> Result<(EventTable, std::path::PathBuf), StudyError> {
    let of = system.compartments();
    let told = event_table::compartments_told(at, &part.compartments, of)?;
    let mut covariates = numbers.covariates.clone();
    covariates.extend(part.occasion.clone());
    let kinds: Vec<String> = part.observed.keys().cloned().collect();
    let lower_limits: Vec<f64> =
        endpoints.iter().map(|e| e.lower_limit.unwrap_or(f64::NAN)).collect();
    let how = TableMeaning {
        compartments: of,
        told: &told,
        must_be_told: system.patient().is_some(),
        at,
        numbers: system.patient().map_or(&[], |_| &individual::COVARIATES),
        factors,
        given: &IndexMap::new(),
        covariates: &covariates,
        limits: true,
        of_doses: delivery::of_doses(numbers),
        kinds: &kinds,
        lower_limits: &lower_limits,
        columns: &part.columns,
    };
    let file = study.tables.path(&part.table);
    let table = event_table::read(&study.tables, &part.table, &how)?;
    if !table.has_measured {
        let message = "is missing, but a fit needs measurements; name their column: columns = { CONC = \
             \"DV\" }";
        return Err(csv_file::at(&file, 1, "DV", message));
    }
    for s in &table.subjects {
        elapsed(&s.records).map_err(|record| event_table::falls_back(&file, &table, s, record))?;
    }
    Ok((table, file))
}

/// Occasion of every record, numbered in the order in which the subject's values of the column
/// first appear.
fn occasions(part: &PopulationFitPart, numbers: &Numbers, table: &EventTable) -> Vec<Vec<usize>> {
    let place = part.occasion.as_ref().map(|_| numbers.covariates.len());
    let of = |s: &event_table::Subject| {
        let mut seen: Vec<f64> = vec![];
        let occasion = |r: usize| {
            let Some(place) = place.filter(|_| !numbers.of_occasions.is_empty()) else { return 0 };
            let value = s.covariates(r)[place];
            seen.iter().position(|v| *v == value).unwrap_or_else(|| {
                seen.push(value);
                seen.len() - 1
            })
        };
        (0..s.records.len()).map(occasion).collect()
    };
    table.subjects.iter().map(of).collect()
}

fn rows(table: &EventTable, occasions: &[Vec<usize>]) -> (Vec<Subject>, Vec<Vec<usize>>) {
    let (mut subjects, mut places) = (vec![], vec![]);
    for (s, occasions) in table.subjects.iter().zip(occasions) {
        let measured = |r: &usize| s.measured.get(*r).is_some_and(|v| !v.is_nan());
        let own: Vec<usize> = (0..s.records.len()).filter(measured).collect();
        let row = |&r: &usize| Row {
            value: s.measured[r],
            bound: s.bounds.get(r).copied().unwrap_or(Bound::None),
            endpoint: s.kinds.get(r).copied().unwrap_or(0),
        };
        let most = occasions.iter().max().map_or(1, |last| last + 1);
        subjects.push(Subject { rows: own.iter().map(row).collect(), occasions: most });
        places.push(own);
    }
    (subjects, places)
}

/// A level in the unit of concentrations.
fn concentration_of(
    at: &str,
    text: &QuantityText,
    part: &PopulationFitPart,
) -> Result<f64, StudyError> {
    let unit = units::concentration(&part.units);
    let own = Quantity::parse(&format!("1 {unit}")).map_err(|e| StudyError::at(at, e.0))?;
    Ok(quantity(at, text, own.dimension)? / own.value)
}

fn sought(
    at: &str,
    part: &SoughtDosePart,
    of: &PopulationFitPart,
    system: &System,
) -> Result<SoughtDose, StudyError> {
    let at = format!("{at}.dose");
    if system.plain().is_some_and(|model| model.saturates || model.transit) {
        let message = "needs concentrations proportional to the dose and a steady state in closed \
                       form, which saturable elimination and transit compartments do not allow; \
                       leave it out";
        return Err(StudyError::at(at, message));
    }
    let every = quantity(&format!("{at}.every"), &part.every, Dimension::TIME)?;
    let infusion = match &part.infusion {
        Some(text) => quantity(&format!("{at}.infusion"), text, Dimension::TIME)?,
        None => 0.0,
    };
    if every <= 0.0 || infusion >= every {
        let message = "must be above zero and longer than the infusion";
        return Err(StudyError::at(format!("{at}.every"), message));
    }
    let which = match part.of.as_deref() {
        None | Some("trough") => Level::Trough,
        Some("peak") => Level::Peak,
        Some("average") => Level::Average,
        Some(other) => {
            let known = ["trough", "peak", "average"].into_iter();
            return Err(unknown(&format!("{at}.of"), "level", other, known, "a dose"));
        }
    };
    let end = |i: usize| concentration_of(&format!("{at}.window[{i}]"), &part.window[i], of);
    let window = [end(0)?, end(1)?];
    match window[0] < window[1] && window[1].is_finite() {
        true => Ok(SoughtDose { every, infusion, of: which, window }),
        false => Err(StudyError::at(
            format!("{at}.window"),
            "must contain a lower and then a higher concentration",
        )),
    }
}
