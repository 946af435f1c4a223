//! Tests of the public functions against given numbers, closed forms, identities, other programs
//! and simulation.

mod conformance;
mod counts;
mod curves;
mod distributions;
mod groups;
mod hazards;
mod refusals;
mod replicated;
mod simulation;
mod sizes;
mod visits;

use super::follow_up::FollowUp;
use il2_engine::math;

/// Asserts that a number equals another to a relative tolerance.
#[track_caller]
fn near(found: f64, expected: f64, relative: f64) {
    let far = (found - expected).abs();
    assert!(far <= relative * expected.abs().max(1e-300), "{found} is not {expected}");
}

/// Times, of which those marked `true` are events.
fn follow_ups(all: &[(f64, bool)]) -> Vec<FollowUp> {
    all.iter().map(|(time, event)| FollowUp { time: *time, event: *event }).collect()
}

/// Subjects invented for these tests: time, event, group, stratum, cluster, covariate. Several of
/// the 24 subjects are tied.
const SUBJECTS: [(f64, bool, usize, usize, usize, f64); 24] = [
    (3.0, true, 0, 0, 0, 0.5),
    (5.0, true, 1, 0, 0, 1.2),
    (5.0, true, 0, 1, 1, -0.3),
    (6.0, false, 2, 0, 1, 0.8),
    (8.0, true, 2, 1, 2, 2.1),
    (8.0, true, 1, 0, 2, -1.0),
    (8.0, false, 0, 1, 3, 0.1),
    (10.0, true, 2, 1, 3, 1.6),
    (11.0, true, 1, 1, 4, 0.4),
    (12.0, false, 1, 0, 4, -0.7),
    (13.0, true, 2, 0, 5, 0.9),
    (13.0, true, 0, 0, 5, 1.1),
    (15.0, true, 1, 1, 6, -0.2),
    (16.0, false, 2, 1, 6, 0.3),
    (18.0, true, 0, 1, 7, -1.4),
    (20.0, true, 2, 0, 7, 0.7),
    (20.0, true, 1, 1, 8, 1.3),
    (21.0, false, 0, 0, 8, -0.9),
    (24.0, true, 1, 0, 9, 0.2),
    (25.0, true, 0, 1, 9, -0.6),
    (27.0, false, 2, 1, 10, -0.1),
    (30.0, true, 0, 0, 10, -1.1),
    (33.0, false, 1, 1, 11, 0.6),
    (36.0, false, 0, 1, 11, -0.5),
];

fn subjects() -> Vec<FollowUp> {
    SUBJECTS.iter().map(|row| FollowUp { time: row.0, event: row.1 }).collect()
}

/// The same subjects without ties: each time is slightly later than the one before.
fn untied() -> Vec<FollowUp> {
    let later =
        |(i, record): (usize, FollowUp)| FollowUp { time: record.time + 1e-3 * i as f64, ..record };
    subjects().into_iter().enumerate().map(later).collect()
}

/// Whether a subject is in the second group, and the covariate.
fn covariates() -> Vec<Vec<f64>> {
    SUBJECTS.iter().map(|row| vec![f64::from(u8::from(row.2 == 1)), row.5]).collect()
}

/// Uniform random numbers between 0 and 1 (SplitMix64: Steele, Lea & Flood 2014).
struct Even(u64);

impl Even {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ bits >> 31) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A waiting time with constant hazard 1.
    fn wait(&mut self) -> f64 {
        -math::ln_1p(-self.next())
    }

    fn below(&mut self, count: usize) -> usize {
        (self.next() * count as f64) as usize
    }
}
