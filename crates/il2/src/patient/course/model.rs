//! Models as used in fits: compartments, and nonlinear parts.

use crate::patient::compartments::{Named, Structure};
use il2_engine::Dimension;

/// How a drug changes an effect with turnover (indirect responses of Dayneka, Garg & Jusko 1993, J
/// Pharmacokinet Biopharm 21:457).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The drug decreases production.
    InhibitsProduction,
    /// The drug increases production.
    StimulatesProduction,
    /// The drug decreases loss.
    InhibitsLoss,
    /// The drug increases loss.
    StimulatesLoss,
}

impl Effect {
    /// The effects by their names in a study.
    pub const ALL: [(&'static str, Effect); 4] = [
        ("inhibits-production", Effect::InhibitsProduction),
        ("stimulates-production", Effect::StimulatesProduction),
        ("inhibits-loss", Effect::InhibitsLoss),
        ("stimulates-loss", Effect::StimulatesLoss),
    ];

    /// Whether the drug reduces a rate, which it cannot reduce by more than 100 %.
    pub fn inhibits(self) -> bool {
        matches!(self, Effect::InhibitsProduction | Effect::InhibitsLoss)
    }

    /// Whether it changes production.
    pub fn of_production(self) -> bool {
        matches!(self, Effect::InhibitsProduction | Effect::StimulatesProduction)
    }
}

/// A number of a model, and its default if a study does not give it.
#[derive(Clone, Copy, Debug)]
pub struct Needed {
    /// Names and dimension of the number.
    pub number: Named,
    /// Default; none if a study has to give the number.
    pub usual: Option<f64>,
}

/// Compartments, and the nonlinear parts of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Model {
    /// The compartments.
    pub structure: Structure,
    /// Whether there is saturable (Michaelis-Menten) elimination, with or without a clearance.
    pub saturates: bool,
    /// Whether doses into the depot pass through transit compartments.
    pub transit: bool,
    /// An effect, if one is measured.
    pub effect: Option<Effect>,
}

const fn of(name: &'static str, columns: &'static [&'static str], dimension: Dimension) -> Named {
    Named { name, columns, dimension, optional: false }
}

/// Numbers of saturable elimination: the maximal rate, and the concentration at half of this rate.
fn of_saturation(amount: Dimension) -> [Named; 2] {
    [
        of("maximum_rate", &["VM", "VMAX"], amount / Dimension::TIME),
        of("michaelis_constant", &["KM"], amount / Dimension::VOLUME),
    ]
}

/// Numbers of a chain of transit compartments before the depot (Savic, Jonker, Kerbusch & Karlsson
/// 2007, J Pharmacokinet Pharmacodyn 34:711): how many, and the mean transit time.
const OF_TRANSIT: [Named; 2] = [
    of("transit_compartments", &["NN", "NTR"], Dimension::DIMENSIONLESS),
    of("mean_transit_time", &["MTT"], Dimension::TIME),
];

fn of_effect(amount: Dimension, unit: Dimension) -> [Named; 5] {
    [
        of("baseline", &["E0", "R0", "BASE"], unit),
        of("turnover_rate", &["KOUT"], Dimension::RATE),
        of("half_effect_concentration", &["EC50", "IC50", "C50"], amount / Dimension::VOLUME),
        of("maximum_effect", &["EMAX", "IMAX"], Dimension::DIMENSIONLESS),
        of("hill_coefficient", &["HILL", "GAMMA"], Dimension::DIMENSIONLESS),
    ]
}

impl Model {
    /// A model with compartments only.
    pub fn plain(structure: Structure) -> Self {
        Self { structure, saturates: false, transit: false, effect: None }
    }

    /// Whether levels are proportional to doses and have a closed form.
    pub fn is_linear(&self) -> bool {
        !self.saturates && !self.transit && self.effect.is_none()
    }

    /// Indices of the additional numbers after those of the compartments: of saturation, transit
    /// and the effect.
    pub(super) fn places(&self) -> [Option<usize>; 3] {
        let mut next = self.structure.parameters().len();
        let mut place = |there: bool, count: usize| {
            let first = next;
            next += if there { count } else { 0 };
            there.then_some(first)
        };
        [place(self.saturates, 2), place(self.transit, 2), place(self.effect.is_some(), 5)]
    }

    /// All numbers of the model, those of the compartments first. Amounts have the dimension
    /// `amount`, and the effect has the dimension `unit`.
    pub fn numbers(&self, amount: Dimension, unit: Dimension) -> Vec<Needed> {
        let needed = |number: Named| Needed { number, usual: None };
        let of_compartments = self.structure.parameters().iter().map(|p| {
            // Without a clearance all elimination is saturable.
            let spare = self.saturates && p.name == "clearance";
            Needed { number: *p, usual: spare.then_some(0.0) }
        });
        let mut all: Vec<Needed> = of_compartments.collect();
        if self.saturates {
            all.extend(of_saturation(amount).map(needed));
        }
        if self.transit {
            all.extend(OF_TRANSIT.map(needed));
        }
        if self.effect.is_some() {
            // The default is an effect that can reach its maximum and is hyperbolic in the
            // concentration.
            let usual = |place: usize| if place >= 3 { Some(1.0) } else { None };
            let of_effect = of_effect(amount, unit).into_iter().enumerate();
            all.extend(of_effect.map(|(k, number)| Needed { number, usual: usual(k) }));
        }
        all
    }
}
