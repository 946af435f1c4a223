//! Rates of change of the amounts and the effect in a nonlinear model, and the derivatives of these
//! rates.

use super::flows::Flows;
use super::model::{Effect, Model};
use super::number::{NoCourse, Number};
use super::step::{Matrix, Rates};
use il2_engine::math;

/// A dose passing through transit compartments.
pub struct Transit {
    since: f64,
    /// Derivatives of the delay.
    since_by: Vec<f64>,
    amount: f64,
    /// Derivatives of the amount, relative to the amount.
    amount_by: Vec<f64>,
    count: Number,
    time: Number,
    /// Rate constant of each step, and logarithm and logarithmic derivative of the gamma function
    /// of count + 1.
    rate: f64,
    ln_gamma: f64,
    digamma: f64,
}

impl Transit {
    /// A dose that begins at `since`, with the numbers of the transit chain that apply to it.
    pub fn new(
        (since, since_by): (f64, Vec<f64>),
        (amount, amount_by): (f64, Vec<f64>),
        count: &Number,
        time: &Number,
    ) -> Result<Self, NoCourse> {
        let rate = (count.value + 1.0) / time.value;
        if !rate.is_finite() || count.value < 0.0 {
            return Err(NoCourse::NoNumber);
        }
        Ok(Self {
            since,
            since_by,
            amount,
            amount_by,
            rate,
            ln_gamma: math::ln_gamma(count.value + 1.0),
            digamma: math::digamma(count.value + 1.0),
            count: count.clone(),
            time: time.clone(),
        })
    }

    /// The longest step that does not miss its peak, while the dose arrives.
    fn longest(&self) -> f64 {
        self.time.value / (self.count.value + 1.0).sqrt()
    }

    /// When practically all of it has arrived.
    pub fn ends(&self) -> f64 {
        let steps = self.count.value + 1.0;
        self.since + (steps + 40.0 + 10.0 * steps.sqrt()) / self.rate
    }

    /// Rate of entry into the depot at a time, and its relative derivatives with respect to count
    /// and mean time.
    fn arrives(&self, time: f64) -> (f64, [f64; 2]) {
        let (n, passed) = (self.count.value, time - self.since);
        let phase = self.rate * passed;
        if passed <= 0.0 || self.amount == 0.0 {
            // Entry is immediate only without any transit compartment.
            let at_once = if n == 0.0 && passed == 0.0 { self.amount * self.rate } else { 0.0 };
            return (at_once, [0.0, -1.0 / self.time.value]);
        }
        let ln_phase = math::ln(phase);
        let rate = self.amount * self.rate * math::exp(n * ln_phase - phase - self.ln_gamma);
        let by_count = ln_phase - self.digamma + (1.0 + n - phase) / (n + 1.0);
        let by_time = -(1.0 + n - phase) / self.time.value;
        (rate, [by_count, by_time])
    }
}

/// The nonlinear parts of a model, with the indices of their numbers.
pub struct Curves {
    effect: Option<(Effect, usize)>,
    saturation: Option<usize>,
    volume: usize,
    central: usize,
    compartments: usize,
}

impl Curves {
    pub fn of(model: &Model, flows: &Flows) -> Self {
        let [saturation, _, of_effect] = model.places();
        Self {
            effect: model.effect.zip(of_effect),
            saturation,
            volume: flows.volume,
            central: model.structure.central(),
            compartments: model.structure.compartments().len(),
        }
    }

    /// Checks whether the numbers are possible together.
    pub fn check(&self, numbers: &[Number]) -> Result<(), NoCourse> {
        match self.effect {
            Some((effect, at)) if effect.inhibits() && numbers[at + 3].value > 1.0 => {
                Err(NoCourse::NoNumber)
            }
            _ => Ok(()),
        }
    }
}

/// Compartment, rate and derivatives of the rate of an infusion.
pub type Input<'a> = (usize, f64, &'a [f64]);

/// Everything that changes the state over an interval without events.
///
/// If doses pass through transit compartments, the derivative of the depot is kept without the
/// immediate effect of a later start of each dose, which is the rate at which that dose arrives.
/// The rest changes smoothly, while the derivative of the rate itself would be infinite at the start
/// with fewer than one compartment.
pub struct Field<'a> {
    pub curves: &'a Curves,
    pub rates: &'a Rates,
    pub numbers: &'a [Number],
    pub inputs: Vec<Input<'a>>,
    pub transits: &'a [Transit],
    /// For each direction, the change of the rate matrix.
    through: Vec<Matrix>,
    size: usize,
}

impl<'a> Field<'a> {
    pub fn new(
        (curves, rates): (&'a Curves, &'a Rates),
        numbers: &'a [Number],
        (inputs, transits): (Vec<Input<'a>>, &'a [Transit]),
        directions: usize,
    ) -> Self {
        let n = curves.compartments;
        let through = |d: usize| {
            let mut made = Matrix::default();
            for (by, number) in rates.by.iter().zip(numbers).filter(|(_, n)| n.by[d] != 0.0) {
                for i in 0..n {
                    for j in 0..n {
                        made[i][j] += by[i][j] * number.by[d];
                    }
                }
            }
            made
        };
        let through = (0..directions).map(through).collect();
        let size = n + usize::from(curves.effect.is_some());
        Self { curves, rates, numbers, inputs, transits, through, size }
    }

    /// Number of entries of the state followed by its derivatives along each direction.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The longest step allowed from a time on.
    pub fn longest(&self, time: f64) -> f64 {
        let arriving = self.transits.iter().filter(|t| time < t.ends());
        arriving.map(Transit::longest).fold(f64::INFINITY, f64::min)
    }

    /// Rates of change of the state and its derivatives at a time.
    pub fn at(&self, time: f64, state: &[f64], change: &mut [f64]) {
        let (n, size) = (self.curves.compartments, self.size);
        let product = |matrix: &Matrix, i: usize, x: &[f64]| -> f64 {
            (0..n).map(|j| matrix[i][j] * x[j]).sum()
        };
        let (x, by) = state.split_at(size);
        let (dx, dby) = change.split_at_mut(size);
        for i in 0..n {
            dx[i] = product(&self.rates.matrix, i, x);
        }
        for (d, through) in self.through.iter().enumerate() {
            let own = &by[d * size..(d + 1) * size];
            for i in 0..n {
                dby[d * size + i] = product(&self.rates.matrix, i, own) + product(through, i, x);
            }
        }
        for (compartment, rate, rate_by) in &self.inputs {
            dx[*compartment] += rate;
            rate_by.iter().enumerate().for_each(|(d, by)| dby[d * size + compartment] += by);
        }
        for t in self.transits {
            let (rate, [by_count, by_time]) = t.arrives(time);
            dx[0] += rate;
            for d in 0..self.through.len() {
                let relative = t.amount_by[d] + by_count * t.count.by[d] + by_time * t.time.by[d];
                dby[d * size] += rate * relative;
                let shifted = rate * t.since_by[d];
                for i in 0..n {
                    dby[d * size + i] -= self.rates.matrix[i][0] * shifted;
                }
            }
        }
        self.eliminate(x, by, dx, dby);
        self.turn_over(x, by, dx, dby);
    }

    /// The concentration, and its derivative along each direction.
    fn level<'s>(&'s self, x: &[f64], by: &'s [f64]) -> (f64, impl Fn(usize) -> f64 + 's) {
        let (size, central) = (self.size, self.curves.central);
        let volume = &self.numbers[self.curves.volume];
        let level = x[central] / volume.value;
        let along = move |d: usize| (by[d * size + central] - level * volume.by[d]) / volume.value;
        (level, along)
    }

    fn eliminate(&self, x: &[f64], by: &[f64], dx: &mut [f64], dby: &mut [f64]) {
        let Some(at) = self.curves.saturation else { return };
        let (most, half) = (&self.numbers[at], &self.numbers[at + 1]);
        let (level, along) = self.level(x, by);
        let all = half.value + level;
        let part = level / all;
        let central = self.curves.central;
        dx[central] -= most.value * part;
        for d in 0..self.through.len() {
            let part_by = (half.value * along(d) - level * half.by[d]) / (all * all);
            dby[d * self.size + central] -= most.by[d] * part + most.value * part_by;
        }
    }

    fn turn_over(&self, x: &[f64], by: &[f64], dx: &mut [f64], dby: &mut [f64]) {
        let Some((effect, at)) = self.curves.effect else { return };
        let [base, out, half, most, steep] = [0, 1, 2, 3, 4].map(|k| &self.numbers[at + k]);
        let (level, along) = self.level(x, by);
        let (part, [by_level, by_half, by_steep]) = hill(level, half.value, steep.value);
        let sign = if effect.inhibits() { -1.0 } else { 1.0 };
        let changed = 1.0 + sign * most.value * part;
        let (made, lost) = if effect.of_production() { (changed, 1.0) } else { (1.0, changed) };
        let place = self.curves.compartments;
        let present = x[place];
        let pull = base.value * made - present * lost;
        dx[place] = out.value * pull;
        let weight = if effect.of_production() { base.value } else { -present };
        for d in 0..self.through.len() {
            let part_by = by_level * along(d) + by_half * half.by[d] + by_steep * steep.by[d];
            let changed_by = sign * (most.by[d] * part + most.value * part_by);
            let pull_by =
                base.by[d] * made - by[d * self.size + place] * lost + weight * changed_by;
            dby[d * self.size + place] = out.by[d] * pull + out.value * pull_by;
        }
    }
}

/// The effect as a fraction of the maximum, and its derivatives with respect to level, half-effect
/// concentration and steepness.
fn hill(level: f64, half: f64, steep: f64) -> (f64, [f64; 3]) {
    if level <= 0.0 {
        // Rounding may leave a level below zero.
        let by_level = if steep == 1.0 { 1.0 / half } else { 0.0 };
        return (0.0, [by_level, 0.0, 0.0]);
    }
    let log = math::ln(level / half);
    let odds = math::exp(steep * log);
    if odds > 1e150 {
        return (1.0, [0.0; 3]);
    }
    let slope = odds / ((1.0 + odds) * (1.0 + odds));
    (odds / (1.0 + odds), [slope * steep / level, -slope * steep / half, slope * log])
}
