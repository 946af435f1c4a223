//! How far each patient's readout moves from its value before treatment.

use il2_answer::labels::noise;
use il2_engine::Tolerance;
use il2_engine::lane::Surveyed;
use il2_inference::quantiles::Quantiles;

/// Relative changes from the start below this count as none.
pub const SAME: f64 = 0.05;

/// Values below this, in the unit of the readout (pM, %, fraction of saturation), count as 0 if the readout is 0
/// before treatment: nobody could measure them, and their ratios would be arbitrary.
pub const LEAST: f64 = 1e-3;

/// A readout of one patient.
pub struct Own {
    /// Highest and lowest value.
    ends: [f64; 2],
    /// Value before treatment.
    start: f64,
    /// Whether it goes up, and down, by more than [`SAME`] of the start.
    moves: [bool; 2],
}

impl Own {
    /// Built from the extremes of the patient's course.
    pub fn new(found: &Surveyed, start: f64, tolerance: Tolerance) -> Self {
        let floor = if start == 0.0 { LEAST } else { 0.0 };
        let least = noise(tolerance, start).max(SAME * start.abs()).max(floor);
        let ends = [found.highest.value, found.lowest.value];
        let ends = ends.map(|end| if end.abs() < floor { 0.0 } else { end });
        Self { ends, start, moves: [ends[0] - start > least, start - ends[1] > least] }
    }
}

/// A readout of all patients.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Highest and lowest value of each patient that was solved.
    pub ends: Vec<[f64; 2]>,
    /// Distribution of the values before treatment.
    pub start: Quantiles,
    /// Numbers of patients whose readout rises, and falls, by more than [`SAME`] of its start.
    pub moves: [u64; 2],
    /// Number of patients whose readout does neither.
    pub stay: u64,
    /// Number of patients.
    pub all: u64,
}

impl Told {
    /// Counts a patient.
    pub fn count(&mut self, own: &Own, weight: u64) {
        self.ends.push(own.ends);
        self.start.push(own.start, weight);
        for (count, moves) in self.moves.iter_mut().zip(own.moves) {
            *count += weight * u64::from(moves);
        }
        self.stay += weight * u64::from(own.moves == [false; 2]);
        self.all += weight;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use il2_engine::lane::Extreme;

    fn own(start: f64, lowest: f64, highest: f64) -> Own {
        let extreme = |value: f64| Extreme { value, time: 1.0, after: false };
        let found = Surveyed { highest: extreme(highest), lowest: extreme(lowest), area: 0.0 };
        Own::new(
            &found,
            start,
            Tolerance { relative: 1e-6, absolute: 1e-9, ..Tolerance::default() },
        )
    }

    #[test]
    fn each_patient_moves_from_his_own_start_and_counts_by_his_weight() {
        let mut told = Told::default();
        for (own, weight) in [
            (own(90.0, 86.0, 94.0), 3),
            (own(100.0, 86.0, 94.0), 1),
            (own(80.0, 79.0, 94.0), 1),
            (own(80.0, 70.0, 94.0), 5),
        ] {
            told.count(&own, weight);
        }
        assert_eq!((told.moves, told.stay, told.all), ([6, 6], 3, 10));
        assert_eq!(told.ends[1], [94.0, 86.0]);
    }

    #[test]
    fn from_nothing_any_amount_that_could_be_measured_is_a_rise() {
        assert_eq!(own(0.0, 0.0, 2e-3).moves, [true, false]);
        assert_eq!(own(0.0, -2e-3, 0.0).moves, [false, true]);
        let faint = own(0.0, 0.0, 2.51e-8);
        assert_eq!((faint.moves, faint.ends), ([false, false], [0.0, 0.0]));
        assert_eq!(own(1e-6, 1e-6, 2e-6).ends, [2e-6, 1e-6], "a start above nothing has no floor");
    }
}
