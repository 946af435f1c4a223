//! Rules for withholding doses and ending cycles, from the expert consensus on high-dose treatment.

use crate::parameter::Parameters;
use crate::patient::network::Body;
use crate::patient::physiology::Physiology;
use crate::treatment::regimen::Planned;
use il2_engine::Expression;
use il2_engine::lane::{Controller, Decision, Moment};
use std::sync::Arc;

/// A criterion that is checked before every dose.
#[derive(Clone, Debug, PartialEq)]
pub struct Criterion {
    /// Readout of the patient.
    pub readout: &'static str,
    /// Whether high values are critical rather than low ones.
    pub high_is_bad: bool,
    /// Limit at or beyond which a dose is withheld.
    pub hold: f64,
    /// Limit at or beyond which the cycle ends; none if this criterion alone does not end it.
    pub stop: Option<f64>,
}

/// Rules by which doses are withheld.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// The criteria.
    pub criteria: Vec<Criterion>,
    /// Number of criteria that, if met together, end the cycle.
    pub criteria_to_stop: f64,
    /// Number of withheld doses in a cycle that ends it.
    pub withheld_to_stop: f64,
}

/// Readouts with limits in the library, and whether high values are critical.
const LOOKED_AT: [(&str, bool); 4] =
    [("vasopressor", true), ("creatinine", true), ("urine_output", false), ("weight_gain", true)];

impl Rules {
    /// The rules in the library (`[rules]`).
    pub fn new(physiology: &Physiology) -> Self {
        let all: &Parameters = &physiology.groups["rules"];
        let criterion = |(readout, high_is_bad): (&'static str, bool)| Criterion {
            readout,
            high_is_bad,
            hold: all[&format!("{readout}_hold")].value,
            stop: all.get(&format!("{readout}_stop")).map(|p| p.value),
        };
        Self {
            criteria: LOOKED_AT.into_iter().map(criterion).collect(),
            criteria_to_stop: all["criteria_to_stop"].value,
            withheld_to_stop: all["withheld_to_stop"].value,
        }
    }

    /// Withholds doses, and the rest of a cycle when it has ended.
    pub fn controller(&self, body: &Body, planned: Vec<Planned>) -> Controller {
        let n = &body.network;
        let watch = |c: &Criterion| -> Expression {
            n.observables[n.observable_named(c.readout).expect("an observable").0].value.clone()
        };
        let watched: Vec<Expression> = self.criteria.iter().map(watch).collect();
        let by = Arc::new((self.clone(), watched, planned));
        let all = by.clone();
        // Memory: the cycle, the doses withheld in it, and whether it has ended.
        let decide = move |now: &Moment, memory: &mut [f64]| {
            let (rules, watched, planned) = &*all;
            let cycle = f64::from(planned[now.event].cycle);
            if memory[0] != cycle {
                memory.copy_from_slice(&[cycle, 0.0, 0.0]);
            }
            let (mut met, mut stop) = (0.0, false);
            for (criterion, readout) in rules.criteria.iter().zip(watched) {
                let value = readout.value(now.state, now.parameters, now.time);
                met += f64::from(u8::from(criterion.met(value, criterion.hold)));
                stop |= criterion.stop.is_some_and(|limit| criterion.met(value, limit));
            }
            let give = memory[2] == 0.0 && met == 0.0 && !stop;
            if !give {
                memory[1] += 1.0;
            }
            if stop || met >= rules.criteria_to_stop || memory[1] >= rules.withheld_to_stop {
                memory[2] = 1.0;
            }
            if give { Decision::Give } else { Decision::Skip }
        };
        Controller { memory: vec![0.0; 3], decide: Arc::new(decide), by }
    }
}

impl Criterion {
    /// Whether a dose is withheld at this value of the readout.
    pub fn withholds(&self, value: f64) -> bool {
        self.met(value, self.hold)
    }

    fn met(&self, value: f64, limit: f64) -> bool {
        if self.high_is_bad { value >= limit } else { value <= limit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_met_from_their_bad_side() {
        let of = |readout, high_is_bad| Criterion { readout, high_is_bad, hold: 2.5, stop: None };
        assert!(of("creatinine", true).met(2.5, 2.5) && !of("creatinine", true).met(2.4, 2.5));
        assert!(
            of("urine_output", false).met(2.5, 2.5) && !of("urine_output", false).met(2.6, 2.5)
        );
    }
}
