//! States, times and values of events at which laws and rules are evaluated.

use crate::error::SbmlError;
use crate::evaluate::Start;
use crate::model::Model;
use crate::network::modes::ModeKind;
use crate::network::{Place, SbmlNetwork};
use il2_engine::{Expression, ParameterId, SpeciesId};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Number of points near the start, and of those far from it.
const POINTS: usize = 24;
/// Largest number of comparisons in a law of which all combinations are tried.
const MOST_COMPARISONS: usize = 6;

/// A state at a time, with values that events may have given to parameters.
pub struct Point {
    pub state: Vec<f64>,
    /// Parameters; those that stand for comparisons are computed where they are needed.
    parameters: Vec<f64>,
    time: f64,
}

/// Values of parameters that stand for comparisons, in place of those of a state.
pub type Branches = Vec<(ParameterId, f64)>;

/// Points at which laws are evaluated.
pub struct Probe<'n> {
    network: &'n SbmlNetwork,
    /// The start, and points at which every positive number is up to 16 times smaller or larger.
    pub near: Vec<Point>,
    /// Points that are further away than a simulation may ever be: a law may have a threshold.
    far: Vec<Point>,
    /// Parameters that events set.
    set: BTreeSet<ParameterId>,
}

impl<'n> Probe<'n> {
    /// Prepares points around the initial state of a model.
    pub fn new(model: &Model, network: &'n SbmlNetwork) -> Result<Self, SbmlError> {
        let given = BTreeMap::new();
        let mut start = Start::new(model, &given);
        let mut parameters = network.network.parameter_values(&[]);
        let mut state = vec![0.0; network.network.species.len()];
        for (id, symbol) in &network.symbols {
            let value = start.value(id)?;
            match &symbol.place {
                Some(Place::Parameter(p)) if !value.is_nan() => parameters[p.0] = value,
                Some(Place::State(s, factor)) if !value.is_nan() => {
                    state[s.0] = value * factor.value(&state, &parameters, 0.0);
                }
                _ => {}
            }
        }
        let mut values: BTreeMap<ParameterId, Vec<&Expression>> = BTreeMap::new();
        for (target, value) in network.events.iter().flat_map(|e| &e.assignments) {
            if let Some(Place::Parameter(p)) =
                network.symbols.get(target).and_then(|s| s.place.as_ref())
            {
                values.entry(*p).or_default().push(value);
            }
        }
        let set = values.keys().copied().collect();
        let first = Point { state, parameters, time: 0.0 };
        let mut probe = Self { network, near: vec![first], far: vec![], set };
        let mut random = Random(1);
        for far in [false, true] {
            for k in 1..=POINTS {
                let point = probe.another(far, k, &values, &mut random);
                if far { probe.far.push(point) } else { probe.near.push(point) }
            }
        }
        Ok(probe)
    }

    /// Another point: every number of the state is multiplied by a power of two, and numbers that
    /// start at zero get the typical size of the others; every parameter that events set has its
    /// start value or one that an event gives it.
    fn another(
        &self,
        far: bool,
        k: usize,
        values: &BTreeMap<ParameterId, Vec<&Expression>>,
        random: &mut Random,
    ) -> Point {
        let start = &self.near[0];
        let positive = || start.state.iter().copied().filter(|x| *x > 0.0);
        let count = positive().count().max(1) as f64;
        let typical =
            il2_engine::math::exp(positive().map(il2_engine::math::ln).sum::<f64>() / count);
        let widest = if far { 40.0 } else { 4.0 };
        let state: Vec<f64> = start
            .state
            .iter()
            .map(|&x| if x > 0.0 { x } else { typical })
            .map(|size| size * random.power(-widest, widest))
            .collect();
        let mut point = Point { state, parameters: start.parameters.clone(), time: 0.0 };
        // The unit of time is not known: from a thousandth to a million.
        point.time = random.power(-10.0, 20.0);
        for (parameter, values) in values {
            let ways = values.len() + 1;
            // In turn, so that each value is tried, or independently of other parameters.
            let way = if far { k % ways } else { (random.next() * ways as f64) as usize };
            if let Some(value) = way.checked_sub(1).and_then(|way| values.get(way)) {
                let value = self.at(value, &point, &point.state, &[]);
                if value.is_finite() {
                    point.parameters[parameter.0] = value;
                }
            }
        }
        point
    }

    /// The state at the start and the parameters there, with those that stand for comparisons.
    pub fn start(&self) -> (&[f64], Vec<f64>) {
        let start = &self.near[0];
        (&start.state, self.parameters(start, &start.state, &[]).into_owned())
    }

    fn parameters<'p>(
        &self,
        point: &'p Point,
        state: &[f64],
        branches: &[(ParameterId, f64)],
    ) -> Cow<'p, [f64]> {
        if self.network.modes.is_empty() && branches.is_empty() {
            return Cow::Borrowed(&point.parameters);
        }
        let mut parameters = point.parameters.clone();
        for &(parameter, value) in branches {
            parameters[parameter.0] = value;
        }
        for mode in &self.network.modes {
            if !branches.iter().any(|(parameter, _)| *parameter == mode.parameter) {
                let value = mode.kind.of().value(state, &parameters, point.time);
                parameters[mode.parameter.0] = mode.kind.at(value);
            }
        }
        Cow::Owned(parameters)
    }

    fn at(
        &self,
        of: &Expression,
        point: &Point,
        state: &[f64],
        branches: &[(ParameterId, f64)],
    ) -> f64 {
        of.value(state, &self.parameters(point, state, branches), point.time)
    }

    /// Values of an expression at the points near the start.
    pub fn values(&self, of: &Expression) -> Vec<f64> {
        self.near.iter().map(|point| self.at(of, point, &point.state, &[])).collect()
    }

    /// The same where some species are used up.
    pub fn values_without(&self, of: &Expression, species: &[SpeciesId]) -> Vec<f64> {
        let at = |point: &Point| {
            let mut state = point.state.clone();
            species.iter().for_each(|s| state[s.0] = 0.0);
            self.at(of, point, &state, &[])
        };
        self.near.iter().map(at).collect()
    }

    /// Whether a law is negative near the start, whichever way its comparisons turn out.
    pub fn is_negative(&self, of: &Expression) -> bool {
        let negative = |branches: &Branches| {
            self.near[1..].iter().all(|p| self.at(of, p, &p.state, branches) < 0.0)
        };
        negative(&vec![]) && self.branches(of).is_some_and(|all| all.iter().all(negative))
    }

    /// Whether an expression is zero at every point, whichever way its comparisons turn out.
    pub fn is_zero(&self, of: &Expression) -> bool {
        self.is_zero_with(of, &vec![])
            && self.branches(of).is_some_and(|all| all.iter().all(|b| self.is_zero_with(of, b)))
    }

    /// Whether an expression is zero at every point, where it has a value, if these parameters have
    /// these values.
    pub fn is_zero_with(&self, of: &Expression, with: &Branches) -> bool {
        let points = || self.near.iter().chain(&self.far);
        let values = || points().map(|p| self.at(of, p, &p.state, with)).filter(|v| v.is_finite());
        values().next().is_some() && values().all(|v| v == 0.0)
    }

    /// Whether an expression does not depend on a species that it reads, where it has a value,
    /// whichever way its comparisons turn out; if these parameters have these values.
    pub fn ignores(&self, of: &Expression, species: SpeciesId, with: &Branches) -> bool {
        if !self.is_constant_in(of, species, with) {
            return false;
        }
        let Some(branches) = self.branches(of) else { return false };
        let all = |mut branches: Branches| {
            branches.extend(with);
            self.is_constant_in(of, species, &branches)
        };
        if !branches.into_iter().filter(|b| !b.is_empty()).all(all) {
            return false;
        }
        // The points may all be on one side of a minimum or of a comparison.
        let mut hidden = false;
        of.visit(&mut |part| {
            let sides: &[&Expression] = match part {
                Expression::Minimum(a, b) | Expression::Maximum(a, b) => &[a, b],
                Expression::WhereAtLeast { then, otherwise, .. } => &[then, otherwise],
                _ => &[],
            };
            hidden |= sides.iter().any(|side| {
                !hidden
                    && side.species().contains(&species)
                    && !self.is_constant_in(side, species, with)
            });
        });
        !hidden
    }

    fn is_constant_in(&self, of: &Expression, species: SpeciesId, branches: &Branches) -> bool {
        let mut compared = false;
        let same = self.near.iter().all(|point| {
            let mut state = point.state.clone();
            let here = state[species.0];
            let mut at = |number: f64| {
                state[species.0] = number;
                self.at(of, point, &state, branches)
            };
            let base = at(here);
            [0.0, 1e-3, 1.0, 0.01 * here, 3.0 * here].into_iter().map(at).all(|other| {
                let apart = (base - other).abs();
                compared |= apart.is_finite();
                !apart.is_finite() || apart <= 1e-12 * base.abs().max(other.abs())
            })
        });
        same && compared
    }

    /// All combinations of the comparisons that a law reads and that may turn out both ways; none if
    /// they are too many.
    fn branches(&self, of: &Expression) -> Option<Vec<Branches>> {
        let modes = &self.network.modes;
        let mut read = of.parameters();
        let mut changing: BTreeSet<ParameterId> = self.set.clone();
        for mode in modes {
            let law = mode.kind.of();
            let may = !law.species().is_empty() || law.reads_time();
            if may || !law.parameters().is_disjoint(&changing) {
                changing.insert(mode.parameter);
            }
        }
        // Comparisons read only earlier ones.
        for mode in modes.iter().rev() {
            if read.contains(&mode.parameter) {
                read.extend(mode.kind.of().parameters());
            }
        }
        let open: Vec<ParameterId> = modes
            .iter()
            .filter(|m| matches!(m.kind, ModeKind::Positive(_) | ModeKind::Zero(_)))
            .map(|m| m.parameter)
            .filter(|p| read.contains(p) && changing.contains(p))
            .collect();
        if open.len() > MOST_COMPARISONS {
            return None;
        }
        let way = |k: usize| {
            open.iter()
                .enumerate()
                .map(|(bit, p)| (*p, f64::from(u8::from(k >> bit & 1 == 1))))
                .collect()
        };
        Some((0..1 << open.len()).map(way).collect())
    }

    /// Parameters that a law reads and that are zero at every point.
    pub fn zeros(&self, of: &Expression) -> Vec<ParameterId> {
        let everywhere = |p: &ParameterId| {
            self.near.iter().chain(&self.far).all(|point| point.parameters[p.0] == 0.0)
        };
        let stands = |p: &ParameterId| {
            *p == self.network.start || self.network.modes.iter().any(|m| m.parameter == *p)
        };
        of.parameters().into_iter().filter(|p| everywhere(p) && !stands(p)).collect()
    }
}

/// Random numbers, the same in every audit.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        // Knuth's multiplier (The Art of Computer Programming, volume 2, section 3.3.4).
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / f64::from(1_u32 << 31)
    }

    /// A power of two between these exponents.
    fn power(&mut self, from: f64, to: f64) -> f64 {
        il2_engine::math::exp2(from + (to - from) * self.next())
    }
}
