//! The plan of a population fit.

use crate::population_fit::endpoints::Endpoint;
use crate::population_fit::numbers::{Numbers, Scale};
use crate::population_fit::patient;
use crate::population_fit::system::System;
use il2::culture::Prepared;
use il2::patient::course::Effect;
use il2_answer::labels::named;
use il2_engine::math;
use il2_inference::population::{Effects, Kind, Method, Residual, STEP, Subject};
use il2_inference::sample::ChainSettings;
use il2_study::Threads;
use il2_study::event_table::{EventTable, Factors};

/// The planned fit.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the assay.
    pub name: String,
    /// The table as it was read.
    pub table: EventTable,
    /// Name of the table as the study writes it.
    pub file: String,
    /// Units as the study writes them: time, amount, concentration.
    pub units: [String; 3],
    /// Factors to base units.
    pub factors: Factors,
    /// The unit of concentrations, in base units.
    pub concentration: f64,
    /// The model.
    pub system: System,
    /// Values of the model's numbers where the study gives none.
    pub usual: Vec<Option<f64>>,
    /// Name of the model.
    pub model: String,
    /// Numbers of the model.
    pub numbers: Numbers,
    /// Random effects: those of subjects, then those of occasions.
    pub effects: Effects,
    /// Starting values of the covariances of random effects, by block.
    pub omegas: Vec<Vec<Vec<f64>>>,
    /// Measured quantities.
    pub endpoints: Vec<Endpoint>,
    /// Measurements of each subject.
    pub subjects: Vec<Subject>,
    /// `places[subject][row]`: records of the measurements.
    pub places: Vec<Vec<usize>>,
    /// `occasions[subject][record]`, from 0.
    pub occasions: Vec<Vec<usize>>,
    /// Approximation of the likelihood.
    pub method: Method,
    /// Whether anything is estimated.
    pub estimates: bool,
    /// Number of searches.
    pub starts: usize,
    /// Basis of the standard errors.
    pub errors: Kind,
    /// Level of intervals.
    pub level: f64,
    /// Whether profile likelihoods are computed.
    pub profiles: bool,
    /// Number of chains of the sampler.
    pub chains: usize,
    /// Numbers of draws and warm-up draws of a chain.
    pub asked: ChainSettings,
    /// Number of data sets simulated for the visual predictive check.
    pub simulations: usize,
    /// Number of time intervals of the visual predictive check, if the study gives it.
    pub bins: Option<usize>,
    /// Whether that check is prediction-corrected.
    pub prediction_corrected: bool,
    /// The dose that is sought, if any.
    pub dose: Option<SoughtDose>,
    /// Seed of every draw.
    pub seed: u64,
    /// Threads that the fit may use.
    pub threads: Threads,
}

/// A dose that keeps a level in a window.
#[derive(Clone, Debug)]
pub struct SoughtDose {
    /// Time between doses (min).
    pub every: f64,
    /// Duration of each infusion (min).
    pub infusion: f64,
    /// Which level.
    pub of: Level,
    /// Ends of the window for the level, in the unit of concentrations.
    pub window: [f64; 2],
}

/// A level between two doses at steady state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Just before a dose.
    Trough,
    /// The highest level.
    Peak,
    /// The average over the interval.
    Average,
}

impl Level {
    /// The word for this level in a study.
    pub fn word(self) -> &'static str {
        match self {
            Level::Trough => "trough",
            Level::Peak => "peak",
            Level::Average => "average",
        }
    }
}

impl Plan {
    /// Number of searches, profiles, draws and simulated data sets.
    pub fn lanes(&self) -> usize {
        let searches = self.starts * usize::from(self.estimates);
        searches + self.followed() + self.chains * self.asked.all() + self.simulations
    }

    /// Largest number of profiles: one for each free parameter, each first standard deviation of a
    /// block, and each residual error.
    pub fn followed(&self) -> usize {
        if !self.profiles {
            return 0;
        }
        let free = self.numbers.parameters.iter().filter(|p| !p.fixed).count();
        free + self.effects.blocks.len() + self.endpoints.iter().map(|e| e.sds.len()).sum::<usize>()
    }

    /// Always empty: there are no cells in wells.
    pub fn prepared(&self) -> Vec<&Prepared> {
        vec![]
    }

    /// File names of its tables and figures, without extensions.
    pub fn names(&self) -> (Vec<String>, Vec<String>) {
        let mut tables = vec!["", "subjects", "predictions"];
        let mut figures = vec!["", "individuals"];
        if self.profiles {
            tables.push("profiles");
            figures.push("profiles");
        }
        if self.simulations > 0 {
            tables.push("check");
            figures.push("check");
        }
        if self.dose.is_some() {
            tables.push("doses");
        }
        if self.chains > 0 {
            tables.extend(["posterior", "draws"]);
        }
        (named(&self.name, &tables), named(&self.name, &figures))
    }

    /// Coordinates of all parameters at the start.
    pub fn start(&self) -> Vec<f64> {
        let fixed = self.numbers.parameters.iter().map(|p| p.scale.coordinate(p.start));
        let mut all: Vec<f64> = fixed.collect();
        all.extend(self.effects.coordinates_of(&self.omegas).expect("checked in the plan"));
        let sds = self.endpoints.iter().flat_map(|e| &e.sds);
        all.extend(sds.map(|sd| math::ln(*sd)));
        all
    }

    /// Coordinates that a search may move.
    pub fn free(&self) -> Vec<usize> {
        let fixed = |k: &usize| self.numbers.parameters.get(*k).is_some_and(|p| p.fixed);
        (0..self.start().len()).filter(|k| !fixed(k)).collect()
    }

    /// Parameters whose estimates are at one of their bounds, with the bound in base units.
    pub fn at_ends(&self, at: &[f64]) -> Vec<(usize, f64)> {
        let all = self.numbers.parameters.iter().enumerate().zip(at);
        let free = all.filter(|((_, p), _)| !p.fixed && self.estimates);
        free.filter_map(|((k, p), x)| Some((k, p.scale.at_end(*x)?))).collect()
    }

    /// Whether this parameter is logit-normal.
    pub fn is_logit_normal(&self, name: &str) -> bool {
        let own = self.numbers.parameters.iter().find(|p| p.name == name);
        own.is_some_and(|p| matches!(p.scale, Scale::EvenWithin(..)))
    }

    /// Ends between which this part of the subjects has its values of a parameter, in the unit of
    /// the study, if the parameter varies between subjects with this standard deviation.
    pub fn ends_of_subjects(&self, name: &str, typical: f64, sd: f64, part: f64) -> [f64; 2] {
        let own = self.numbers.parameters.iter().find(|p| p.name == name);
        let p = own.expect("an estimate of a parameter");
        let far = sd * math::normal_quantile(0.5 + 0.5 * part);
        let x = p.scale.coordinate(typical * p.factor);
        [-far, far].map(|by| p.scale.varied(x, by).0 / p.factor)
    }

    /// The model in words.
    pub fn described(&self) -> String {
        let mut all = vec![self.model.as_str()];
        let Some(model) = self.system.plain() else { return all.join("") };
        if model.saturates {
            all.push("saturable elimination");
        }
        if model.transit {
            all.push("transit compartments");
        }
        let effect = Effect::ALL.iter().find(|(_, e)| Some(*e) == model.effect);
        let effect = effect.map(|(name, _)| format!("an effect ({name})"));
        all.extend(effect.as_deref());
        all.join(", ")
    }

    /// Step of finite differences of predictions.
    pub fn step(&self) -> f64 {
        match &self.system {
            System::Plain(model) if model.is_linear() => STEP,
            // The cube root of the integration error.
            System::Plain(_) => 10.0 * STEP,
            System::Patient(_) => patient::STEP,
        }
    }

    /// Residual errors of all measured quantities.
    pub fn residuals(&self) -> Vec<Residual> {
        self.endpoints.iter().map(|e| e.residual).collect()
    }

    /// Number of measurements, and of those that are limits.
    pub fn rows(&self) -> (usize, usize) {
        let rows = || self.subjects.iter().flat_map(|s| &s.rows);
        let limits = rows().filter(|r| r.bound != il2_inference::bound::Bound::None).count();
        (rows().count(), limits)
    }
}
