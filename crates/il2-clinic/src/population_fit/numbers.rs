//! The numbers of a subject: values shared by all subjects, random effects of subjects and
//! occasions, and effects of covariates.

use il2_engine::{Expression, ParameterId, math};

/// A number of the model, or a coefficient.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Name of the parameter in the study.
    pub name: String,
    /// Unit as the study writes it; empty for a coefficient.
    pub unit: String,
    /// One such unit in base units.
    pub factor: f64,
    /// Starting value of the search, in base units.
    pub start: f64,
    /// Scale on which it is searched for.
    pub scale: Scale,
    /// Whether it is fixed at its starting value.
    pub fixed: bool,
    /// Its role in the model.
    pub of: Target,
}

/// Role of a number in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A number of the model, by its index.
    Model(usize),
    /// Delay of doses into the first compartment.
    Lag,
    /// Bioavailability of doses into the first compartment.
    Bioavailability,
    /// Duration of infusions whose RATE is -2.
    Duration,
    /// How fast they flow in where RATE is -1.
    Rate,
    /// A coefficient of a formula.
    Coefficient,
}

/// Transformation between the value of a number and its coordinate in a search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scale {
    /// The coordinate is the logarithm.
    Logarithm,
    /// The log-odds of the value's position between two ends, on a logarithmic axis.
    LogarithmWithin(f64, f64),
    /// The value itself, because a coefficient may be negative, divided by a size that makes the
    /// search independent of the unit of a covariate: a change of the coordinate by one changes a
    /// number of some subject by a factor of about e.
    Even(f64),
    /// The log-odds of the value's position between two ends.
    EvenWithin(f64, f64),
}

impl Scale {
    /// The coordinate of a value.
    pub fn coordinate(self, value: f64) -> f64 {
        let odds = |part: f64| math::ln(part / (1.0 - part));
        match self {
            Scale::Logarithm => math::ln(value),
            Scale::LogarithmWithin(a, b) => odds(math::ln(value / a) / math::ln(b / a)),
            Scale::Even(size) => value / size,
            Scale::EvenWithin(a, b) => odds((value - a) / (b - a)),
        }
    }

    /// Log prior of a coordinate and its derivative: a number without bounds is log-normal around
    /// its start, with a standard deviation of a factor of ten; a number with bounds is uniform
    /// between them (its logarithm, if it is searched on that scale); a coefficient without bounds
    /// is uniform.
    pub fn prior(self, x: f64, start: f64) -> (f64, f64) {
        match self {
            Scale::Logarithm => {
                let z = (x - start) / std::f64::consts::LN_10;
                (-0.5 * z * z, -z / std::f64::consts::LN_10)
            }
            Scale::Even(_) => (0.0, 0.0),
            Scale::LogarithmWithin(..) | Scale::EvenWithin(..) => {
                // The derivative of the position with respect to the log-odds, `part (1 - part)`,
                // computed so that it does not round to zero at either end.
                let size = x.abs();
                let log = -size - 2.0 * math::ln_1p(math::exp(-size));
                (log, 1.0 - 2.0 / (1.0 + math::exp(-x)))
            }
        }
    }

    /// The end at which a coordinate is, if the value is there to within a thousandth of the way
    /// between the ends.
    pub fn at_end(self, x: f64) -> Option<f64> {
        const LAST: f64 = 0.999;
        let (low, high) = match self {
            Scale::Logarithm | Scale::Even(_) => return None,
            Scale::LogarithmWithin(low, high) | Scale::EvenWithin(low, high) => (low, high),
        };
        let part = 1.0 / (1.0 + math::exp(-x.abs()));
        (part > LAST).then_some(if x > 0.0 { high } else { low })
    }

    /// The value of a subject whose random effects on it add up to `by`, and its derivative with
    /// respect to them. Between two ends, they are effects on the log-odds, so that no subject
    /// leaves the range; otherwise, effects on the logarithm.
    pub fn varied(self, x: f64, by: f64) -> (f64, f64) {
        if let Scale::EvenWithin(a, b) = self {
            let (above, below) =
                (1.0 / (1.0 + math::exp(-x - by)), 1.0 / (1.0 + math::exp(x + by)));
            return (a + above * (b - a), above * below * (b - a));
        }
        let value = self.value(x) * math::exp(by);
        (value, value)
    }

    /// The effect that changes a subject's value into another one, and the derivative of the value
    /// with respect to the effect before the change; none for a value that no effect gives.
    pub fn effect_between(self, value: f64, other: f64) -> Option<(f64, f64)> {
        let found = match self {
            Scale::EvenWithin(a, b) => {
                let slope = (value - a) * (b - value) / (b - a);
                (self.coordinate(other) - self.coordinate(value), slope)
            }
            _ => (math::ln(other / value), value),
        };
        (found.0.is_finite() && found.1 > 0.0).then_some(found)
    }

    /// The value at a coordinate.
    pub fn value(self, x: f64) -> f64 {
        let part = 1.0 / (1.0 + math::exp(-x));
        match self {
            Scale::Logarithm => math::exp(x),
            Scale::LogarithmWithin(a, b) => a * math::exp(part * math::ln(b / a)),
            Scale::Even(size) => x * size,
            Scale::EvenWithin(a, b) => a + part * (b - a),
        }
    }
}

/// A formula of the study and its derivatives with respect to the estimated numbers.
#[derive(Clone, Debug)]
pub struct Formula {
    /// The number that it changes.
    pub target: usize,
    /// The new value of that number.
    pub law: Expression,
    /// Derivatives with respect to each number in the formula.
    pub by: Vec<(usize, Expression)>,
}

/// All numbers of the fit, and how those of a subject follow from them.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    /// Parameters in the order of the study; fixed effects are searched in this order.
    pub parameters: Vec<Parameter>,
    /// Formulas, applied one after the other.
    pub formulas: Vec<Formula>,
    /// Columns that formulas use; in formulas they come after the parameters.
    pub covariates: Vec<String>,
    /// Which parameter each random effect of subjects changes.
    pub of_subjects: Vec<usize>,
    /// Which parameter each random effect of occasions changes.
    pub of_occasions: Vec<usize>,
}

/// A subject's numbers at a record, and their derivatives with respect to its random effects.
#[derive(Clone, Debug)]
pub struct Individual {
    /// Values by parameter.
    pub values: Vec<f64>,
    /// `by[parameter][effect]`.
    pub by: Vec<Vec<f64>>,
}

impl Numbers {
    /// Index of the random effect of an occasion.
    fn occasional(&self, k: usize, occasion: usize) -> usize {
        self.of_subjects.len() + occasion * self.of_occasions.len() + k
    }

    /// Numbers at a record. Effects are those of the subject, then of each occasion.
    pub fn of(
        &self,
        fixed: &[f64],
        effects: &[f64],
        occasion: usize,
        covariates: &[f64],
    ) -> Individual {
        let n = self.parameters.len();
        let mut by = vec![vec![0.0; effects.len()]; n];
        let own = self.of_subjects.iter().enumerate().map(|(k, p)| (k, *p));
        let now = self.of_occasions.iter().enumerate();
        let now = now.map(|(k, p)| (self.occasional(k, occasion), *p));
        let all: Vec<(usize, usize)> = own.chain(now).collect();
        let mut moved = vec![0.0; n];
        all.iter().for_each(|&(effect, p)| moved[p] += effects[effect]);
        let own = self.parameters.iter().zip(fixed).zip(&moved);
        let (mut values, slopes): (Vec<f64>, Vec<f64>) =
            own.map(|((p, x), by)| p.scale.varied(*x, *by)).unzip();
        for &(effect, p) in &all {
            by[p][effect] += slopes[p];
        }
        values.extend(covariates);
        for formula in &self.formulas {
            let mut slopes = vec![0.0; effects.len()];
            for (p, law) in &formula.by {
                let slope = law.value(&[], &values, 0.0);
                slopes.iter_mut().zip(&by[*p]).for_each(|(s, b)| *s += slope * b);
            }
            values[formula.target] = formula.law.value(&[], &values, 0.0);
            by[formula.target] = slopes;
        }
        values.truncate(n);
        Individual { values, by }
    }
}

impl Formula {
    /// A formula with its derivatives with respect to the first `parameters` names.
    pub fn new(target: ParameterId, law: Expression, parameters: usize) -> Self {
        let by = (0..parameters).filter_map(|p| {
            let slope = law.derivative_by(ParameterId(p));
            (slope != Expression::Number(0.0)).then_some((p, slope))
        });
        Self { target: target.0, by: by.collect(), law }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priors_have_their_slopes_and_a_uniform_one_is_uniform() {
        for scale in [
            Scale::Logarithm,
            Scale::Even(1.0),
            Scale::LogarithmWithin(0.1, 40.0),
            Scale::EvenWithin(-1.0, 2.0),
        ] {
            for x in [-3.0, -0.2, 0.0, 1.7] {
                let of = |x: f64| scale.prior(x, 0.4).0;
                let slope = (of(x + 1e-5) - of(x - 1e-5)) / 2e-5;
                assert!((scale.prior(x, 0.4).1 - slope).abs() < 1e-8, "{scale:?} {x}");
            }
        }
        // The density of a value is that of its coordinate divided by the derivative of the value:
        // 1 / (b - a).
        let scale = Scale::EvenWithin(-1.0, 2.0);
        for x in [-2.0, 0.0, 2.5] {
            let by = (scale.value(x + 1e-6) - scale.value(x - 1e-6)) / 2e-6;
            assert!((math::exp(scale.prior(x, 0.0).0) / by - 1.0 / 3.0).abs() < 1e-8);
        }
    }

    #[test]
    fn values_of_subjects_have_their_slopes_and_lead_back() {
        for scale in [
            Scale::Logarithm,
            Scale::LogarithmWithin(0.1, 40.0),
            Scale::EvenWithin(0.0, 1.0),
            Scale::EvenWithin(2.0, 9.0),
        ] {
            for (x, by) in [(-1.2, 0.4), (0.3, -2.0), (2.5, 0.0)] {
                let (value, slope) = scale.varied(x, by);
                let of = |by: f64| scale.varied(x, by).0;
                let wanted = (of(by + 1e-5) - of(by - 1e-5)) / 2e-5;
                assert!((slope / wanted - 1.0).abs() < 1e-8, "{scale:?} {x}: {slope} {wanted}");
                let (effect, pace) = scale.effect_between(value, of(by + 0.7)).unwrap();
                assert!((effect - 0.7).abs() < 1e-9, "{scale:?} {x}: {effect}");
                assert!((pace / slope - 1.0).abs() < 1e-9, "{scale:?} {x}: {pace} {slope}");
            }
        }
        // Far from the typical value, the ends of the range are approached and not left.
        assert_eq!(Scale::EvenWithin(0.0, 1.0).varied(0.0, 800.0), (1.0, 0.0));
        assert!(Scale::EvenWithin(2.0, 9.0).effect_between(3.0, 9.5).is_none());
        // Log-odds of 0.6 moved by ln 2: 0.6 / 0.4 * 2 = 3, which is 3 in 4.
        let scale = Scale::EvenWithin(0.0, 1.0);
        let (value, slope) = scale.varied(scale.coordinate(0.6), math::ln(2.0));
        assert!((value - 0.75).abs() < 1e-12 && (slope - 0.1875).abs() < 1e-12);
    }

    #[test]
    fn a_scale_leads_back() {
        for (scale, value) in [
            (Scale::Logarithm, 2.5),
            (Scale::LogarithmWithin(0.1, 40.0), 2.5),
            (Scale::Even(0.02), -0.3),
            (Scale::EvenWithin(-1.0, 2.0), -0.3),
        ] {
            let back = scale.value(scale.coordinate(value));
            assert!((back - value).abs() < 1e-12, "{scale:?}: {back}");
        }
    }
}
