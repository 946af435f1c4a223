//! Cumulative incidence with competing causes of an event, of which the first to occur ends
//! follow-up (Aalen & Johansen 1978, Scand. J. Stat. 5:141).

use super::distributions::normal_width;
use super::error::{StatisticsError, within};
use super::follow_up::{FollowUp, check, step_at};
use il2_engine::math;

/// How long a subject was followed, and which cause ended follow-up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CauseRecord {
    /// Time from entry, at least 0.
    pub time: f64,
    /// Index of the cause, from 0; none if follow-up ended without an event (censored).
    pub cause: Option<usize>,
}

/// A step of the curves, valid from one time on.
#[derive(Clone, Debug, PartialEq)]
pub struct IncidenceStep {
    /// Time at which follow-up ended for at least one subject.
    pub time: f64,
    /// Subjects followed up to this time or longer.
    pub at_risk: usize,
    /// Fraction free of all causes.
    pub survival: f64,
    /// Fraction that has had each cause: `incidence[cause]`.
    pub incidence: Vec<f64>,
    /// Standard errors of the incidences: `standard_error[cause]`.
    pub standard_error: Vec<f64>,
}

/// Cumulative incidence of each cause.
#[derive(Clone, Debug, PartialEq)]
pub struct AalenJohansen {
    /// Steps of the curves, in order of time.
    pub steps: Vec<IncidenceStep>,
}

/// Sums for one cause over times `s` so far, from which the variance at a later time `t` is
/// computed.
#[derive(Clone, Copy, Default)]
struct Sums {
    /// Sums of `a`, `a F(s)`, `a F(s)^2` with `a = d / (n (n - d))`.
    all: [f64; 3],
    /// Sums of `b`, `b F(s)` with `b = S(s-) d_k / n^2`.
    shared: [f64; 2],
    /// Sum of `S(s-)^2 d_k (n - d_k) / n^3`.
    own: f64,
}

/// Cumulative incidence of this number of causes, with variances by the delta method (Marubini &
/// Valsecchi 1995, Analysing Survival Data, section 10.3). Rejects an empty sample, times that are
/// negative or not finite, and causes beyond the given number.
pub fn aalen_johansen(
    records: &[CauseRecord],
    causes: usize,
) -> Result<AalenJohansen, StatisticsError> {
    let times = |r: &CauseRecord| FollowUp { time: r.time, event: r.cause.is_some() };
    check(&records.iter().map(times).collect::<Vec<_>>())?;
    for (row, record) in records.iter().enumerate() {
        if let Some(cause) = record.cause {
            let below = |c: f64| c < causes as f64;
            within(
                "the cause",
                row,
                cause as f64,
                "a whole number below the number of causes",
                below,
            )?;
        }
    }
    let mut sorted = records.to_vec();
    sorted.sort_by(|a, b| a.time.total_cmp(&b.time));
    let (mut at_risk, mut survival) = (sorted.len(), 1.0);
    let mut incidence = vec![0.0; causes];
    let mut sums = vec![Sums::default(); causes];
    let tied = sorted.chunk_by(|a, b| a.time == b.time);
    let steps = tied.map(|tied| {
        let n = at_risk as f64;
        let count = |k: usize| tied.iter().filter(|r| r.cause == Some(k)).count() as f64;
        let events: Vec<f64> = (0..causes).map(count).collect();
        let d: f64 = events.iter().sum();
        for (k, events) in events.iter().enumerate() {
            let (sum, jump) = (&mut sums[k], survival * events / n);
            incidence[k] += jump;
            // Curves end when nobody is at risk; the change after that is zero.
            let a = if n > d { d / (n * (n - d)) } else { 0.0 };
            for (power, all) in sum.all.iter_mut().enumerate() {
                *all += a * math::whole_power(incidence[k], power as i32);
            }
            sum.shared[0] += jump / n;
            sum.shared[1] += jump / n * incidence[k];
            sum.own += survival * jump * (n - events) / (n * n);
        }
        survival *= (n - d) / n;
        let step = IncidenceStep {
            time: tied[0].time,
            at_risk,
            survival,
            incidence: incidence.clone(),
            standard_error: (0..causes).map(|k| sums[k].variance(incidence[k]).sqrt()).collect(),
        };
        at_risk -= tied.len();
        step
    });
    Ok(AalenJohansen { steps: steps.collect() })
}

impl Sums {
    /// Variance of an incidence whose present value is `now`. Rounding can make it slightly
    /// negative.
    fn variance(&self, now: f64) -> f64 {
        let [a0, a1, a2] = self.all;
        let [b0, b1] = self.shared;
        (now * now * a0 - 2.0 * now * a1 + a2 + self.own - 2.0 * (now * b0 - b1)).max(0.0)
    }
}

impl AalenJohansen {
    /// The last step at or before a time; none before the first.
    pub fn at(&self, time: f64) -> Option<&IncidenceStep> {
        step_at(&self.steps, time, |step| step.time)
    }

    /// Confidence interval of the incidence of a cause at a time, at a level such as 0.95,
    /// symmetric in `ln(-ln(1 - incidence))`; a single point if the incidence is 0 or 1.
    pub fn interval(
        &self,
        cause: usize,
        time: f64,
        level: f64,
    ) -> Result<(f64, f64), StatisticsError> {
        let z = normal_width(level)?;
        let Some(step) = self.at(time) else { return Ok((0.0, 0.0)) };
        let part = step.incidence[cause];
        if part <= 0.0 || part >= 1.0 {
            return Ok((part, part));
        }
        let log = math::ln_1p(-part);
        let width = z * step.standard_error[cause] / ((1.0 - part) * -log);
        let end = |sign: f64| -math::exp_m1(log * math::exp(sign * width));
        Ok((end(-1.0), end(1.0)))
    }
}
