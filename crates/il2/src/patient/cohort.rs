//! Patients: their parameters, doses and simulations.

use crate::parameter::Parameters;
use crate::patient::network::{Body, body};
use crate::patient::physiology::{Physiology, Population};
use crate::patient::rules::Rules;
use crate::patient::sensing::Sensed;
use crate::treatment::regimen::{Planned, Regimen, Route};
use il2_engine::lane::Decision;
use il2_engine::program::readouts::Readouts;
use il2_engine::{
    Backend, Change, Event, Expression, Lane, ParameterId, Program, Survey, Trajectory, math,
};
use il2_inference::draws::normal;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use std::sync::Arc;

/// Patients of one kind, ready to be simulated.
#[derive(Debug)]
pub struct Cohort {
    /// The equations of the patient.
    pub body: Body,
    /// The compiled equations.
    pub program: Program,
    /// Names of the populations, in order.
    pub populations: Vec<String>,
    physiology: Physiology,
    /// The observables, evaluated at all outputs.
    pub readouts: Readouts,
    /// The same observables one by one, to be followed between outputs.
    surveyed: Vec<Arc<Expression>>,
    /// Values of the network's parameters for a typical patient of 1 m2.
    values: Vec<f64>,
    draws: Draws,
    /// Fitted numbers that replace the usual ones in patient `i`, `i + len`, and so on.
    fitted: Vec<Vec<(ParameterId, f64)>>,
}

/// How patients vary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draws {
    /// All patients are the typical patient.
    Typical,
    /// Independent draws from a seed.
    Random(u64),
    /// A Sobol sequence (Sobol 1967) scrambled from a seed (Owen 1995), with which few patients
    /// cover the variability evenly. For cohorts of at most [`MOST_SOBOL`] patients.
    Sobol(u64),
}

/// Numbers that are proportional to body surface area.
const OF_SURFACE: [&str; 7] = [
    "pharmacokinetics.volume",
    "pharmacokinetics.peripheral_volume",
    "pharmacokinetics.clearance",
    "pharmacokinetics.intercompartmental_clearance",
    "pharmacokinetics.prodrug_clearance",
    "migration.blood_volume",
    "toxicity.urine_output",
];

/// Largest number of patients in a Sobol sequence.
pub const MOST_SOBOL: u32 = 1 << 16;

/// One patient.
#[derive(Clone, Debug)]
pub struct Person {
    /// Body weight (kg).
    pub weight: f64,
    /// Height (cm).
    pub height: f64,
    /// Body surface area (m2).
    pub surface: f64,
    /// Values of the network's parameters.
    pub values: Vec<f64>,
}

/// Doses that a patient received.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Delivered {
    /// Number of doses planned.
    pub planned: usize,
    /// Number of doses given.
    pub given: usize,
    /// Total amount given (pmol).
    pub amount: f64,
    /// Relative error of the mass balance: drug in the body, eliminated or taken up, minus the
    /// amount given, divided by the amount given.
    pub imbalance: f64,
}

impl Cohort {
    /// Builds a cohort. `sensed` contains the sensitivity and uptake of each population, in order.
    pub fn new(
        physiology: &Physiology,
        kinetics: &Parameters,
        populations: &[Population],
        sensed: &Sensed,
        draws: Draws,
    ) -> Self {
        let body = body(physiology, kinetics, populations, sensed.presentation.is_some());
        let n = &body.network;
        let mut values = n.parameter_values(&[]);
        let mut set = |name: &str, value: f64| {
            let parameter = n.parameter_named(name);
            values[parameter.expect("a parameter of the patient").0] = value;
        };
        set("endothelium.ec50_ratio", sensed.endothelium.0);
        set("endothelium.signal_top", sensed.endothelium.1);
        if let Some(constant) = sensed.presentation {
            set("presentation.constant", constant);
        }
        let of_cells = sensed.captures.iter().zip(&sensed.uptakes);
        for (population, (capture, uptake)) in populations.iter().zip(of_cells) {
            let mut set = |name: &str, value| set(&format!("{}.{name}", population.id), value);
            set("ec50_without_cd25", capture.ec50_without_cd25);
            set("capture_per_cd25", capture.per_cd25);
            set("cd25_half", capture.cd25_half);
            set("signal_top", capture.top);
            set("cd25_at_rest", population.count("il2r_alpha"));
            set("uptake_most", uptake.most);
            set("uptake_half", uptake.half);
        }
        let laws = || n.observables.iter().map(|o| &o.value);
        let sizes = (n.species.len(), n.parameters.len());
        let readouts = Readouts::new(laws(), sizes, Backend::Fastest);
        let surveyed: Vec<_> = laws().map(|law| Arc::new(law.clone())).collect();
        let program = Program::following(n, &surveyed, Backend::Fastest);
        let populations = populations.iter().map(|p| p.id.clone()).collect();
        Self {
            body,
            program,
            readouts,
            populations,
            physiology: physiology.clone(),
            surveyed,
            values,
            draws,
            fitted: vec![],
        }
    }

    /// The same cohort with the uncertainty of the fitted numbers: each patient has the next draw
    /// from the posterior.
    pub fn uncertain(mut self) -> Self {
        // Patients of a molecule that is not presented lack the numbers of presentation.
        let place = |name: &str| self.body.network.parameter_named(name);
        let draw = |draw: &Vec<(String, f64)>| {
            draw.iter().filter_map(|(name, value)| Some((place(name)?, *value))).collect()
        };
        self.fitted = self.physiology.draws.iter().map(draw).collect();
        self
    }

    /// Changes the value of a network parameter for the typical patient of 1 m2.
    pub fn set(&mut self, parameter: ParameterId, value: f64) {
        self.values[parameter.0] = value;
        self.fitted.iter_mut().for_each(|draw| draw.retain(|(id, _)| *id != parameter));
    }

    /// Scales numbers for a typical patient of 1 m2 to another body size by allometry: volumes and
    /// clearances scale with these powers of weight instead of surface area, absorption scales as
    /// clearance divided by volume. `usual` is the weight (kg) and surface area (m2) of the typical
    /// patient to whom the numbers apply.
    pub fn carry_over(&mut self, (weight, surface): (f64, f64), volume: f64, clearance: f64) {
        let here = self.typical();
        let larger = here.weight / weight;
        let by = |power: f64| math::pow(larger, power) / (here.surface / surface);
        let (volumes, clearances) = (by(volume), by(clearance));
        // The tumour stays the same fraction of the body.
        for name in ["tumour.volume", "tumour.exchange"] {
            let place = self.place(name);
            self.values[place] *= larger;
        }
        for (names, factor) in [
            (&["volume", "peripheral_volume"][..], volumes),
            (&["clearance", "intercompartmental_clearance", "prodrug_clearance"][..], clearances),
            (&["absorption_rate"][..], clearances / volumes),
        ] {
            for name in names {
                let place = self.place(&format!("pharmacokinetics.{name}"));
                self.values[place] *= factor;
            }
        }
    }

    /// Patient `index`, who is the same whatever the size of the cohort.
    pub fn person(&self, index: u64) -> Person {
        let mut person = self.drawn(index);
        if !self.fitted.is_empty() {
            // Applied as a multiple, so that individual differences are kept.
            for &(id, value) in &self.fitted[(index % self.fitted.len() as u64) as usize] {
                person.values[id.0] *= value / self.values[id.0];
            }
        }
        person
    }

    fn drawn(&self, index: u64) -> Person {
        match self.draws {
            Draws::Typical => self.typical(),
            Draws::Random(seed) => {
                let mut rng = ChaCha8Rng::seed_from_u64(seed);
                rng.set_stream(index);
                self.person_from(|| normal(&mut rng))
            }
            Draws::Sobol(seed) => {
                let seed = (seed ^ (seed >> 32)) as u32;
                let mut dimensions = 0..;
                self.person_from(|| {
                    let dimension = dimensions.next().expect("without end");
                    // In the middle of a cell of the sequence, because the quantile of 0 is
                    // infinite.
                    let part = f64::from(sobol_burley::sample(index as u32, dimension, seed));
                    let part = part + 0.5 * f64::from(f32::EPSILON) * 0.5;
                    math::normal_quantile(part)
                })
            }
        }
    }

    /// The typical patient: all numbers at their usual values.
    pub fn typical(&self) -> Person {
        self.person_from(|| 0.0)
    }

    /// The typical patient with a given weight (kg), height (cm) and body surface area (m2), each
    /// of which has a default; a height or surface area that is not given is derived from the
    /// others.
    pub fn person_of(
        &self,
        weight: Option<f64>,
        height: Option<f64>,
        surface: Option<f64>,
    ) -> Person {
        let usual = |name: &str| self.physiology.number("covariates", name);
        let weight = weight.unwrap_or_else(|| usual("weight"));
        let height = height.unwrap_or_else(|| self.physiology.height_of(weight));
        let surface = surface.unwrap_or_else(|| self.surface(weight, height));
        let mut values = self.values.clone();
        for name in OF_SURFACE {
            values[self.place(name)] *= surface;
        }
        Person { weight, height, surface, values }
    }

    fn surface(&self, weight: f64, height: f64) -> f64 {
        self.physiology.number("covariates", "surface_factor") * (weight * height).sqrt()
    }

    fn place(&self, name: &str) -> usize {
        let parameter = self.body.network.parameter_named(name);
        parameter.expect("a parameter of the patient").0
    }

    /// Values of the network's parameters for a typical patient of 1 m2; those of any patient are
    /// multiples of these values.
    pub fn usual(&self) -> &[f64] {
        &self.values
    }

    /// Usual number of CD25 per cell of a population of the cohort (/cell).
    pub fn cd25_at_rest(&self, population: &str) -> f64 {
        let parameter = self.body.network.parameter_named(&format!("{population}.cd25_at_rest"));
        parameter.map_or(f64::NAN, |p| self.values[p.0])
    }

    /// A patient generated from standard normal draws, always taken in the same order.
    fn person_from(&self, mut normal: impl FnMut() -> f64) -> Person {
        let number = |group: &str, name: &str| self.physiology.number(group, name);
        let spread = |name: &str| number("variability", name);
        let weight = number("covariates", "weight")
            * math::exp(number("covariates", "weight_spread") * normal());
        let height =
            number("covariates", "height") + number("covariates", "height_spread") * normal();
        let surface = self.surface(weight, height);
        let Person { mut values, .. } = self.person_of(Some(weight), Some(height), Some(surface));
        let mut scale = |name: String, factor: f64| values[self.place(&name)] *= factor;
        // Clearance and volume are correlated.
        let (z_volume, z_own) = (normal(), normal());
        let r = spread("clearance_with_volume");
        let z_clearance = r * z_volume + (1.0 - r * r).sqrt() * z_own;
        let volume = math::exp(spread("volume") * z_volume);
        let clearance = math::exp(spread("clearance") * z_clearance);
        for (name, factor) in [
            ("volume", volume),
            ("peripheral_volume", volume),
            ("clearance", clearance),
            ("intercompartmental_clearance", clearance),
            ("prodrug_clearance", clearance),
        ] {
            scale(format!("pharmacokinetics.{name}"), factor);
        }
        scale(
            "pharmacokinetics.absorption_rate".into(),
            math::exp(spread("absorption_rate") * normal()),
        );
        scale(
            "pharmacokinetics.bioavailability".into(),
            math::exp(spread("bioavailability") * normal()),
        );
        let cd25 = math::exp(spread("cd25") * normal());
        scale("leak_strength".into(), math::exp(spread("leak") * normal()));
        for population in &self.populations {
            scale(format!("{population}.cd25_at_rest"), cd25);
            scale(format!("{population}.count"), math::exp(spread("count") * normal()));
            scale(format!("{population}.growth_strength"), math::exp(spread("growth") * normal()));
        }
        scale("toxicity.kidney_recovery".into(), math::exp(spread("kidney_recovery") * normal()));
        // Bioavailability is at most 1.
        let part = self.place("pharmacokinetics.bioavailability");
        values[part] = values[part].min(1.0);
        Person { weight, height, surface, values }
    }

    /// The simulation of a patient under a regimen, with outputs at `times` (min).
    pub fn lane(
        &self,
        person: &Person,
        regimen: &Regimen,
        rules: Option<&Rules>,
        times: &[f64],
    ) -> Lane {
        let planned = regimen.planned();
        let event = |p: &Planned| {
            let amount = p.amount_for(person.weight, person.surface);
            let change = match p.route {
                Route::Bolus => Change::Add(self.body.arrives, amount),
                Route::Subcutaneous => Change::Add(self.body.depot, amount),
                Route::Infusion(duration) => {
                    let (parameter, rate) = (self.body.infusion, amount / duration);
                    Change::Infuse { parameter, rate, duration }
                }
            };
            Event { time: p.time, change, asks: true }
        };
        Lane {
            parameters: person.values.clone(),
            initial: self.body.network.initial_state(&person.values),
            events: planned.iter().map(event).collect(),
            controller: rules.map(|rules| rules.controller(&self.body, planned)),
            times: times.to_vec(),
            ..Lane::default()
        }
    }

    /// Follows an observable of the network between these times (min), without its area.
    pub fn survey(&self, observable: usize, from: f64, to: f64) -> Survey {
        let of = self.surveyed[observable].clone();
        Survey { of, from, to, area: false }
    }

    /// Observables of a patient at each output that was reached: `[time][observable]`, row by row,
    /// in the order of the network.
    pub fn observe(&self, person: &Person, found: &Trajectory, times: &[f64]) -> Vec<f64> {
        let states = found.states.iter().map(Vec::as_slice);
        self.readouts.values(&person.values, states.zip(times.iter().copied()))
    }

    /// Doses that a patient received, and the mass balance at the last output.
    pub fn delivered(
        &self,
        person: &Person,
        regimen: &Regimen,
        found: &Trajectory,
        times: &[f64],
    ) -> Delivered {
        let planned = regimen.planned();
        let end = times.last().copied().unwrap_or(0.0);
        let arrives = |p: &Planned| {
            let part = match p.route {
                // An output at the time of a dose is the state before the dose.
                Route::Bolus | Route::Subcutaneous => f64::from(u8::from(p.time < end)),
                Route::Infusion(duration) => ((end - p.time) / duration).clamp(0.0, 1.0),
            };
            p.amount_for(person.weight, person.surface) * part
        };
        let given: Vec<&Planned> = found
            .decisions
            .iter()
            .filter(|(_, decision)| *decision == Decision::Give)
            .map(|(event, _)| &planned[*event])
            .collect();
        let amount: f64 = given.iter().map(|p| arrives(p)).sum();
        let held: f64 =
            found.states.last().map_or(0.0, |x| self.body.drug.iter().map(|s| x[s.0]).sum());
        Delivered {
            planned: planned.iter().filter(|p| p.time < end).count(),
            given: given.iter().filter(|p| p.time < end).count(),
            amount,
            imbalance: if amount > 0.0 { held / amount - 1.0 } else { held },
        }
    }
}
