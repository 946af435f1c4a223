//! Converts the answer of a lane to bytes, and back to the same bits.

use crate::lane::{Answer, Decision, Extreme, LaneFailure, Stopped, Surveyed, Trajectory};

/// The answer as bytes.
pub fn written(answer: &Answer) -> Vec<u8> {
    let mut to = Bytes(vec![]);
    match answer {
        Ok(found) => {
            to.byte(0);
            to.trajectory(found);
        }
        Err(stopped) => {
            to.byte(1);
            to.failure(&stopped.why);
            to.trajectory(&stopped.found);
        }
    }
    to.0
}

/// The answer encoded by these bytes; `None` if they do not encode one.
pub fn read(bytes: &[u8]) -> Option<Answer> {
    let mut from = Reader(bytes);
    let answer = match from.byte()? {
        0 => Ok(from.trajectory()?),
        1 => Err(Box::new(Stopped { why: from.failure()?, found: from.trajectory()? })),
        _ => return None,
    };
    from.0.is_empty().then_some(answer)
}

const DECISIONS: [Decision; 3] = [Decision::Give, Decision::Skip, Decision::Stop];

struct Bytes(Vec<u8>);

impl Bytes {
    fn byte(&mut self, value: u8) {
        self.0.push(value);
    }

    fn count(&mut self, value: usize) {
        self.0.extend((value as u64).to_le_bytes());
    }

    fn number(&mut self, value: f64) {
        self.0.extend(value.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.extend(text.as_bytes());
    }

    fn all<T>(&mut self, items: &[T], write: impl Fn(&mut Self, &T)) {
        self.count(items.len());
        items.iter().for_each(|item| write(self, item));
    }

    fn rows(&mut self, rows: &[Vec<f64>]) {
        self.all(rows, |to, row| to.all(row, |to, value| to.number(*value)));
    }

    fn extreme(&mut self, extreme: &Extreme) {
        self.number(extreme.time);
        self.number(extreme.value);
        self.byte(extreme.after.into());
    }

    fn trajectory(&mut self, found: &Trajectory) {
        // All fields are listed by name, so that none can be forgotten.
        let Trajectory {
            states,
            recorded,
            sensitivities,
            steps,
            rejected,
            evaluations,
            factorisations,
            set_to_zero,
            decisions,
            crossings,
            surveyed,
        } = found;
        self.rows(states);
        self.rows(recorded);
        self.all(sensitivities, |to, rows| to.rows(rows));
        for count in [steps, rejected, evaluations, factorisations, set_to_zero] {
            self.count(*count);
        }
        self.all(decisions, |to, (event, decision)| {
            to.count(*event);
            let place = DECISIONS.iter().position(|known| known == decision);
            to.byte(place.expect("one of them") as u8);
        });
        self.all(crossings, |to, (trigger, time)| {
            to.count(*trigger);
            to.number(*time);
        });
        self.all(surveyed, |to, Surveyed { highest, lowest, area }| {
            to.extreme(highest);
            to.extreme(lowest);
            to.number(*area);
        });
    }

    fn failure(&mut self, why: &LaneFailure) {
        match why {
            LaneFailure::NotFinite(name, value) => {
                self.byte(0);
                self.text(name);
                self.number(*value);
            }
            LaneFailure::StepTooSmall { time, step, species } => {
                self.byte(1);
                self.number(*time);
                self.number(*step);
                self.text(species);
            }
            LaneFailure::TooManySteps { time, steps } => {
                self.byte(2);
                self.number(*time);
                self.count(*steps);
            }
            LaneFailure::Shape(what, found, needed) => {
                self.byte(3);
                self.text(what);
                self.count(*found);
                self.count(*needed);
            }
            LaneFailure::Times(time) => self.one(4, *time),
            LaneFailure::Duration(time) => self.one(5, *time),
            LaneFailure::Tolerance(value) => self.one(6, *value),
            LaneFailure::Triggers => self.byte(7),
            LaneFailure::Sensitivity(what) => {
                self.byte(8);
                self.text(what);
            }
            LaneFailure::AbsoluteTolerance(value) => self.one(9, *value),
            LaneFailure::NoSteadyState(why) => {
                self.byte(10);
                self.text(why);
            }
            LaneFailure::Elsewhere => self.byte(11),
        }
    }

    fn one(&mut self, kind: u8, value: f64) {
        self.byte(kind);
        self.number(value);
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn some(&mut self, count: usize) -> Option<&[u8]> {
        let (some, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(some)
    }

    fn byte(&mut self) -> Option<u8> {
        Some(self.some(1)?[0])
    }

    fn count(&mut self) -> Option<usize> {
        let bytes = self.some(8)?.try_into().ok()?;
        usize::try_from(u64::from_le_bytes(bytes)).ok()
    }

    fn number(&mut self) -> Option<f64> {
        Some(f64::from_le_bytes(self.some(8)?.try_into().ok()?))
    }

    fn text(&mut self) -> Option<String> {
        let length = self.count()?;
        String::from_utf8(self.some(length)?.to_vec()).ok()
    }

    fn all<T>(&mut self, read: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.count()?;
        // A damaged count must not reserve more memory than there are bytes.
        let mut all = Vec::with_capacity(count.min(self.0.len()));
        for _ in 0..count {
            all.push(read(self)?);
        }
        Some(all)
    }

    fn rows(&mut self) -> Option<Vec<Vec<f64>>> {
        self.all(|from| from.all(Self::number))
    }

    fn extreme(&mut self) -> Option<Extreme> {
        Some(Extreme { time: self.number()?, value: self.number()?, after: self.byte()? != 0 })
    }

    fn trajectory(&mut self) -> Option<Trajectory> {
        Some(Trajectory {
            states: self.rows()?,
            recorded: self.rows()?,
            sensitivities: self.all(Self::rows)?,
            steps: self.count()?,
            rejected: self.count()?,
            evaluations: self.count()?,
            factorisations: self.count()?,
            set_to_zero: self.count()?,
            decisions: self.all(|from| {
                let event = from.count()?;
                Some((event, *DECISIONS.get(from.byte()? as usize)?))
            })?,
            crossings: self.all(|from| Some((from.count()?, from.number()?)))?,
            surveyed: self.all(|from| {
                let (highest, lowest) = (from.extreme()?, from.extreme()?);
                Some(Surveyed { highest, lowest, area: from.number()? })
            })?,
        })
    }

    fn failure(&mut self) -> Option<LaneFailure> {
        Some(match self.byte()? {
            0 => LaneFailure::NotFinite(self.text()?, self.number()?),
            1 => LaneFailure::StepTooSmall {
                time: self.number()?,
                step: self.number()?,
                species: self.text()?,
            },
            2 => LaneFailure::TooManySteps { time: self.number()?, steps: self.count()? },
            3 => LaneFailure::Shape(self.text()?, self.count()?, self.count()?),
            4 => LaneFailure::Times(self.number()?),
            5 => LaneFailure::Duration(self.number()?),
            6 => LaneFailure::Tolerance(self.number()?),
            7 => LaneFailure::Triggers,
            8 => LaneFailure::Sensitivity(self.text()?),
            9 => LaneFailure::AbsoluteTolerance(self.number()?),
            10 => LaneFailure::NoSteadyState(self.text()?),
            11 => LaneFailure::Elsewhere,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found() -> Trajectory {
        let extreme = |value| Extreme { time: 3.5, value, after: value > 0.0 };
        Trajectory {
            states: vec![vec![0.1 + 0.2, -0.0], vec![f64::MIN_POSITIVE, 1e300]],
            recorded: vec![vec![], vec![1.0]],
            sensitivities: vec![vec![vec![1.0, 2.0], vec![3.0]], vec![]],
            steps: 7,
            rejected: 6,
            evaluations: 5,
            factorisations: 4,
            set_to_zero: 3,
            decisions: vec![(0, Decision::Give), (1, Decision::Skip), (9, Decision::Stop)],
            crossings: vec![(2, 0.25)],
            surveyed: vec![Surveyed {
                highest: extreme(f64::NEG_INFINITY),
                lowest: extreme(f64::INFINITY),
                area: -1.5,
            }],
        }
    }

    #[test]
    fn every_answer_comes_back_to_the_bit_and_a_part_of_it_does_not() {
        let text = || "CD25 \u{3b1}".to_string();
        let failures = [
            LaneFailure::NotFinite(text(), f64::INFINITY),
            LaneFailure::StepTooSmall { time: 1.0, step: 1e-9, species: text() },
            LaneFailure::TooManySteps { time: 2.0, steps: 100 },
            LaneFailure::Shape(text(), 1, 2),
            LaneFailure::Times(-1.0),
            LaneFailure::Duration(-2.0),
            LaneFailure::Tolerance(1.0),
            LaneFailure::Triggers,
            LaneFailure::Sensitivity(text()),
            LaneFailure::AbsoluteTolerance(0.0),
            LaneFailure::NoSteadyState(text()),
            LaneFailure::Elsewhere,
        ];
        let stopped = failures.map(|why| Err(Box::new(Stopped { why, found: found() })));
        for answer in stopped.into_iter().chain([Ok(found()), Ok(Trajectory::default())]) {
            let bytes = written(&answer);
            assert_eq!(read(&bytes), Some(answer));
            let parts = (0..bytes.len()).filter(|end| read(&bytes[..*end]).is_some());
            assert_eq!(parts.count(), 0);
            assert_eq!(read(&[bytes.as_slice(), &[0]].concat()), None);
        }
        let odd = Ok(Trajectory { states: vec![vec![f64::NAN]], ..Trajectory::default() });
        let back = read(&written(&odd)).unwrap().unwrap();
        assert_eq!(back.states[0][0].to_bits(), f64::NAN.to_bits());
        assert!((0..=255_u8).all(|byte| read(&[byte; 40]).is_none()));
    }
}
