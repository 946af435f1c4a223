//! Doses described in words: size, route, interval, number and cycles.

use il2_engine::math;
use std::fmt;

/// Route of a dose.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Route {
    /// Intravenous bolus.
    Bolus,
    /// Intravenous infusion over this time (min).
    Infusion(f64),
    /// Subcutaneous.
    Subcutaneous,
}

/// Unit of body size to which a dose refers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Per {
    /// None: the same for everyone.
    Person,
    /// Body weight (kg).
    Weight,
    /// Body surface area (m2).
    Surface,
}

/// A regimen: doses at an interval, in cycles.
#[derive(Clone, Debug, PartialEq)]
pub struct Regimen {
    /// Name in the study.
    pub name: String,
    /// Label of the ligand.
    pub ligand: String,
    /// Amount of one dose (pmol), per unit of body size.
    pub amount: f64,
    /// Unit of body size.
    pub per: Per,
    /// Route of the dose.
    pub route: Route,
    /// Time of the first dose (min).
    pub start: f64,
    /// Time between doses (min).
    pub every: f64,
    /// Number of doses in a cycle.
    pub doses: u32,
    /// Number of cycles.
    pub cycles: u32,
    /// Time from the start of one cycle to that of the next (min).
    pub cycle: f64,
    /// For a part of another regimen: whether its doses belong to the cycles of the previous part.
    pub same_cycles: bool,
    /// Further doses of the same ligand, with another size or route, none of which has further
    /// doses itself; this is a list because a table of doses may have thousands.
    pub then: Vec<Regimen>,
}

/// A dose of a regimen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Planned {
    /// Time of the dose (min).
    pub time: f64,
    /// Cycle, from 0; the cycles of further doses follow.
    pub cycle: u32,
    /// Index of the dose in the cycle, from 0.
    pub dose: u32,
    /// Amount (pmol), per unit of body size.
    pub amount: f64,
    /// Unit of body size.
    pub per: Per,
    /// Route of the dose.
    pub route: Route,
}

impl Planned {
    /// The amount (pmol) for a body with this weight (kg) and surface area (m2).
    pub fn amount_for(&self, weight: f64, surface: f64) -> f64 {
        match self.per {
            Per::Person => self.amount,
            Per::Weight => self.amount * weight,
            Per::Surface => self.amount * surface,
        }
    }
}

impl Regimen {
    /// All doses in order of time.
    pub fn planned(&self) -> Vec<Planned> {
        let (mut all, mut before, mut next) = (vec![], 0, 0);
        for regimen in std::iter::once(self).chain(&self.then) {
            if !regimen.same_cycles {
                before = next;
            }
            for cycle in 0..regimen.cycles {
                let start = regimen.start + f64::from(cycle) * regimen.cycle;
                all.extend((0..regimen.doses).map(|dose| Planned {
                    time: math::fifteen_digits(start + f64::from(dose) * regimen.every),
                    cycle: before + cycle,
                    dose,
                    amount: regimen.amount,
                    per: regimen.per,
                    route: regimen.route,
                }));
            }
            next = next.max(before + regimen.cycles);
        }
        all.sort_by(|a, b| a.time.total_cmp(&b.time));
        all
    }
}

impl fmt::Display for Per {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Per::Person => "",
            Per::Weight => "/kg",
            Per::Surface => "/m2",
        })
    }
}
