//! Lanes of a shard: which of them have known answers, which belong to the shard, and the key of
//! each.

use super::bytes;
use crate::expression::Expression;
use crate::lane::{Answer, Change, Lane, LaneFailure, Tolerance};
use crate::program::Program;
use crate::shard::{Key, Lookup, Shard, current};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

/// The relation of a lane to a shard.
pub enum Next {
    /// The lane has to be run, and its answer stored under this key.
    Run(Lane, Option<Key>),
    /// The answer is known, or the lane belongs to another shard.
    Answered(Answer),
}

/// A law with its checksum.
type Law = (Arc<Expression>, [u8; 32]);

/// The lanes of a program in a shard.
pub struct Known {
    shard: Arc<Shard>,
    /// The start of every key: the run, the program, the tolerance and the sizes.
    begin: Hash,
    /// Checksums of surveyed laws, by the address of the law; all lanes of an ensemble share the
    /// laws.
    laws: Mutex<HashMap<usize, Law>>,
}

impl Known {
    /// The shard of this thread, if it has one.
    pub fn here(program: &Program, tolerance: &Tolerance, sizes: Option<&[f64]>) -> Option<Self> {
        let shard = current()?;
        let mut begin = Hash(Sha256::new());
        begin.shown(&(shard.name(), tolerance));
        sizes.into_iter().for_each(|sizes| begin.shown(&sizes));
        begin.0.update(program.fingerprint());
        Some(Self { shard, begin, laws: Mutex::default() })
    }

    /// The relation of a lane to the shard.
    pub fn next(&self, lane: Lane) -> Next {
        let key = self.key(&lane);
        match self.shard.ask(key) {
            // Only a file that passed its check is trusted to contain whole answers.
            Lookup::Known(found) => match bytes::read(&found) {
                Some(answer) => Next::Answered(answer),
                None => Next::Run(lane, None),
            },
            Lookup::Own => Next::Run(lane, Some(key)),
            Lookup::Elsewhere => Next::Answered(Err(LaneFailure::Elsewhere.into())),
        }
    }

    /// Stores the answer of a lane.
    pub fn keep(&self, key: Key, answer: &Answer) {
        self.shard.keep(key, &bytes::written(answer));
    }

    /// Computed from everything that determines the answer of a lane.
    fn key(&self, lane: &Lane) -> Key {
        // All fields are listed by name, so that none can be forgotten.
        let Lane {
            parameters,
            initial,
            initial_sensitivities,
            events,
            triggers,
            controller,
            times,
            surveys,
        } = lane;
        let mut hash = Hash(self.begin.0.clone());
        hash.numbers(parameters);
        hash.numbers(initial);
        hash.count(initial_sensitivities.len());
        initial_sensitivities.iter().for_each(|row| hash.numbers(row));
        hash.count(events.len());
        for event in events {
            hash.change(&event.change);
            hash.numbers(&[event.time, f64::from(u8::from(event.asks))]);
        }
        hash.count(triggers.len());
        triggers.iter().for_each(|trigger| hash.shown(trigger));
        hash.count(controller.iter().count());
        if let Some(controller) = controller {
            hash.numbers(&controller.memory);
            hash.shown(&controller.by);
        }
        hash.numbers(times);
        hash.count(surveys.len());
        for survey in surveys {
            hash.0.update(self.law(&survey.of));
            hash.numbers(&[survey.from, survey.to, f64::from(u8::from(survey.area))]);
        }
        let hash = hash.0.finalize();
        Key::from_le_bytes(std::array::from_fn(|i| hash[i]))
    }

    fn law(&self, law: &Arc<Expression>) -> [u8; 32] {
        let mut laws = self.laws.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let made = || {
            let mut hash = Hash(Sha256::new());
            hash.shown(law);
            // The law is kept with its checksum, so that no other law can take its address.
            (law.clone(), hash.0.finalize().into())
        };
        laws.entry(Arc::as_ptr(law) as usize).or_insert_with(made).1
    }
}

struct Hash(Sha256);

impl Write for Hash {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}

impl Hash {
    fn count(&mut self, count: usize) {
        self.0.update((count as u64).to_le_bytes());
    }

    fn numbers(&mut self, numbers: &[f64]) {
        self.count(numbers.len());
        numbers.iter().for_each(|number| self.0.update(number.to_le_bytes()));
    }

    /// Adds the debug text, which has all digits of the numbers.
    fn shown(&mut self, what: &dyn Debug) {
        writeln!(self, "{what:?}").expect("a checksum takes any text");
    }

    /// The same as [`Hash::shown`], which for thousands of doses would take longer than simulating
    /// them.
    fn change(&mut self, change: &Change) {
        let (kind, place, numbers) = match *change {
            Change::Nothing => (0, 0, [0.0; 2]),
            Change::Record => (1, 0, [0.0; 2]),
            Change::Stop => (2, 0, [0.0; 2]),
            Change::Set(s, value) => (3, s.0, [value, 0.0]),
            Change::Add(s, value) => (4, s.0, [value, 0.0]),
            Change::Multiply(s, value) => (5, s.0, [value, 0.0]),
            Change::SetParameter(p, value) => (6, p.0, [value, 0.0]),
            Change::Infuse { parameter, rate, duration } => (7, parameter.0, [rate, duration]),
        };
        self.count(kind);
        self.count(place);
        numbers.iter().for_each(|number| self.0.update(number.to_le_bytes()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lane::{Controller, Crossing, Decision, Event, Survey, Trigger};
    use crate::shard::{Ran, Store};
    use crate::{Backend, Dimension, Network, SpeciesId};

    struct Nothing;

    impl Store for Nothing {
        fn find(&self, _: Key) -> Option<Vec<u8>> {
            None
        }

        fn keep(&self, _: Key, _: &[u8]) {}
    }

    fn program(factor: f64) -> Program {
        let mut n = Network::default();
        let a = n.add_species("a", Dimension::DIMENSIONLESS);
        let k = n.add_parameter("k", Dimension::RATE, 1.0);
        n.add_reaction("decay", &[a], &[], Expression::Number(factor) * k.into());
        Program::new(&n, Backend::Fastest)
    }

    fn keys(name: &str, program: &Program, tolerance: Tolerance, lanes: &[Lane]) -> Vec<Key> {
        let of = || {
            let known = Known::here(program, &tolerance, None).expect("a shard runs");
            lanes.iter().map(|lane| known.key(lane)).collect::<Vec<Key>>()
        };
        match Shard::new((0, 1), name, Arc::new(Nothing)).run(of) {
            Ran::Through(keys) => keys,
            _ => panic!("nothing is elsewhere"),
        }
    }

    #[test]
    fn a_key_follows_from_all_that_decides_an_answer() {
        let lane =
            Lane { parameters: vec![1.0], initial: vec![2.0], times: vec![1.0], ..Lane::default() };
        let asks = |by: &'static str| {
            let decide = Arc::new(|_: &crate::lane::Moment, _: &mut [f64]| Decision::Give);
            Some(Controller { memory: vec![], decide, by: Arc::new(by) })
        };
        let watch = |level: f64| Expression::from(SpeciesId(0)) - Expression::Number(level);
        let survey =
            |level, from| Survey { of: Arc::new(watch(level)), from, to: 1.0, area: false };
        let trigger = |change| Trigger { watch: watch(1.0), crossing: Crossing::Up, change };
        let event = |change, time| Event::new(time, change);
        let (add, set) = (Change::Add(SpeciesId(0), 1.0), Change::Set(SpeciesId(0), 1.0));
        let lanes = [
            lane.clone(),
            Lane { parameters: vec![2.0], ..lane.clone() },
            Lane { initial: vec![1.0], ..lane.clone() },
            Lane { times: vec![1.0, 2.0], ..lane.clone() },
            Lane { initial_sensitivities: vec![vec![1.0]], ..lane.clone() },
            Lane { events: vec![event(add, 0.5)], ..lane.clone() },
            Lane { events: vec![event(set, 0.5)], ..lane.clone() },
            Lane { events: vec![event(add, 0.6)], ..lane.clone() },
            Lane { events: vec![Event { asks: true, ..event(add, 0.5) }], ..lane.clone() },
            Lane { triggers: vec![trigger(add)], ..lane.clone() },
            Lane { triggers: vec![trigger(set)], ..lane.clone() },
            Lane { controller: asks("one rule"), ..lane.clone() },
            Lane { controller: asks("another"), ..lane.clone() },
            Lane { surveys: vec![survey(1.0, 0.0)], ..lane.clone() },
            Lane { surveys: vec![survey(2.0, 0.0)], ..lane.clone() },
            Lane { surveys: vec![survey(1.0, 0.5)], ..lane.clone() },
        ];
        let (usual, fine) =
            (Tolerance::default(), Tolerance { relative: 1e-9, ..Tolerance::default() });
        let (one, two) = (program(1.0), program(2.0));
        let own = keys("a", &one, usual, &lanes);
        assert_eq!(own, keys("a", &program(1.0), usual, &lanes), "they are the same everywhere");
        let mut all = own;
        all.extend(keys("a", &one, fine, &lanes));
        all.extend(keys("a", &two, usual, &lanes));
        all.extend(keys("b", &one, usual, &lanes));
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
