//! Plain models as fits use them: compartments, and what of them is not linear.

use crate::patient::compartments::{Named, Structure};
use il2_engine::Dimension;

/// How a drug moves an effect that is made and lost all the time (indirect responses of Dayneka, Garg & Jusko
/// 1993, J Pharmacokinet Biopharm 21:457).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Less is made.
    InhibitsProduction,
    /// More is made.
    StimulatesProduction,
    /// Less is lost.
    InhibitsLoss,
    /// More is lost.
    StimulatesLoss,
}

impl Effect {
    /// By the name in a study.
    pub const ALL: [(&'static str, Effect); 4] = [
        ("inhibits-production", Effect::InhibitsProduction),
        ("stimulates-production", Effect::StimulatesProduction),
        ("inhibits-loss", Effect::InhibitsLoss),
        ("stimulates-loss", Effect::StimulatesLoss),
    ];

    /// Whether the drug takes from a rate, of which it cannot take more than all.
    pub fn inhibits(self) -> bool {
        matches!(self, Effect::InhibitsProduction | Effect::InhibitsLoss)
    }

    /// Whether it changes what is made.
    pub fn of_production(self) -> bool {
        matches!(self, Effect::InhibitsProduction | Effect::StimulatesProduction)
    }
}

/// A number of a model, and its value where a study does not give it.
#[derive(Clone, Copy, Debug)]
pub struct Needed {
    /// Its names and dimension.
    pub number: Named,
    /// None where a study has to give it.
    pub usual: Option<f64>,
}

/// Compartments, and what of them is not linear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Model {
    /// The compartments.
    pub structure: Structure,
    /// Whether elimination saturates (Michaelis-Menten), beside a clearance or without.
    pub saturates: bool,
    /// Whether doses into the depot pass transit compartments.
    pub transit: bool,
    /// An effect, where one is measured.
    pub effect: Option<Effect>,
}

const fn of(name: &'static str, columns: &'static [&'static str], dimension: Dimension) -> Named {
    Named { name, columns, dimension, optional: false }
}

/// Numbers of elimination that saturates: its highest rate, and the concentration at half of it.
fn of_saturation(amount: Dimension) -> [Named; 2] {
    [
        of("maximum_rate", &["VM", "VMAX"], amount / Dimension::TIME),
        of("michaelis_constant", &["KM"], amount / Dimension::VOLUME),
    ]
}

/// Numbers of a chain of compartments before the depot (Savic, Jonker, Kerbusch & Karlsson 2007, J Pharmacokinet
/// Pharmacodyn 34:711): how many, and the mean time on the way through.
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
    /// Compartments alone.
    pub fn plain(structure: Structure) -> Self {
        Self { structure, saturates: false, transit: false, effect: None }
    }

    /// Whether levels are proportional to doses and in closed form.
    pub fn is_linear(&self) -> bool {
        !self.saturates && !self.transit && self.effect.is_none()
    }

    /// Places of its own numbers behind those of the compartments: of saturation, transit, the effect.
    pub(super) fn places(&self) -> [Option<usize>; 3] {
        let mut next = self.structure.parameters().len();
        let mut place = |there: bool, count: usize| {
            let first = next;
            next += if there { count } else { 0 };
            there.then_some(first)
        };
        [place(self.saturates, 2), place(self.transit, 2), place(self.effect.is_some(), 5)]
    }

    /// All numbers that it has, those of the compartments first. Amounts have the dimension `amount`, the effect
    /// has `unit`.
    pub fn numbers(&self, amount: Dimension, unit: Dimension) -> Vec<Needed> {
        let needed = |number: Named| Needed { number, usual: None };
        let of_compartments = self.structure.parameters().iter().map(|p| {
            // Without a clearance all elimination saturates.
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
            // A full effect that is hyperbolic in the concentration.
            let usual = |place: usize| if place >= 3 { Some(1.0) } else { None };
            let of_effect = of_effect(amount, unit).into_iter().enumerate();
            all.extend(of_effect.map(|(k, number)| Needed { number, usual: usual(k) }));
        }
        all
    }
}
