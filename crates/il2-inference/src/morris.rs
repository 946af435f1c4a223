//! Screening by elementary effects: changes of a result when one number changes (Morris 1991,
//! Technometrics 33:161), with their mean sizes and the choice of trajectories of Campolongo,
//! Cariboni & Saltelli 2007 (Environ. Model. Softw. 22:1509).

use crate::bootstrap::{Estimate, below, estimates};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Number of levels that a number takes, evenly spaced from 0 to 1.
const LEVELS: usize = 4;
/// Number of levels by which a number moves: half of the levels, so that all levels occur equally
/// often.
const STEP: usize = LEVELS / 2;
/// Number of trajectories generated for each one kept, and the most that are generated, since all
/// pairs are compared.
const TRIED: usize = 10;
const MOST_TRIED: usize = 300;

/// The points of the unit cube at which the result is needed: trajectories, on each of which every
/// number moves once.
#[derive(Clone, Debug, PartialEq)]
pub struct Design {
    /// Number of numbers that vary.
    pub numbers: usize,
    /// Seed of the trajectories.
    pub seed: u64,
    trajectories: Vec<Trajectory>,
}

#[derive(Clone, Debug, PartialEq)]
struct Trajectory {
    /// Levels at the start of the trajectory.
    start: Vec<usize>,
    /// The number that moves at each step.
    order: Vec<usize>,
}

impl Trajectory {
    /// Trajectory `index` for a seed; it does not depend on the other trajectories.
    fn drawn(numbers: usize, seed: u64, index: usize) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x6d6f_7272_6973);
        rng.set_stream(index as u64);
        let start = (0..numbers).map(|_| below(&mut rng, LEVELS)).collect();
        let mut order: Vec<usize> = (0..numbers).collect();
        for i in (1..numbers).rev() {
            order.swap(i, below(&mut rng, i + 1));
        }
        Self { start, order }
    }

    /// Levels after this many steps; each number moves up or down, as its range allows.
    fn levels(&self, steps: usize) -> Vec<usize> {
        let mut levels = self.start.clone();
        for number in &self.order[..steps] {
            let at = &mut levels[*number];
            *at = if *at < STEP { *at + STEP } else { *at - STEP };
        }
        levels
    }

    /// Sum of the distances between all points of two trajectories.
    fn far(&self, other: &Self) -> f64 {
        let points =
            |t: &Self| (0..=t.order.len()).map(|steps| t.levels(steps)).collect::<Vec<_>>();
        let (own, others) = (points(self), points(other));
        let between = |a: &Vec<usize>, b: &Vec<usize>| {
            let squares = a.iter().zip(b).map(|(a, b)| a.abs_diff(*b).pow(2)).sum::<usize>();
            (squares as f64).sqrt()
        };
        own.iter().flat_map(|a| others.iter().map(move |b| between(a, b))).sum()
    }
}

impl Design {
    /// A number of trajectories that are far from one another. Of many generated, the two that are
    /// furthest apart are chosen first, then one by one the trajectory furthest from those chosen
    /// (the aim of Campolongo et al., without trying all sets).
    pub fn new(numbers: usize, trajectories: usize, seed: u64) -> Self {
        let tried = (TRIED * trajectories).min(MOST_TRIED).max(trajectories);
        let mut all: Vec<Trajectory> =
            (0..tried).map(|index| Trajectory::drawn(numbers, seed, index)).collect();
        if tried == trajectories {
            return Self { numbers, seed, trajectories: all };
        }
        let far: Vec<Vec<f64>> = all
            .iter()
            .enumerate()
            .map(|(i, t)| all[..i].iter().map(|o| t.far(o) * t.far(o)).collect())
            .collect();
        let squared = |i: usize, j: usize| if i == j { 0.0 } else { far[i.max(j)][i.min(j)] };
        let pairs = (0..tried).flat_map(|i| (0..i).map(move |j| (i, j)));
        let furthest =
            pairs.max_by(|a, b| squared(a.0, a.1).total_cmp(&squared(b.0, b.1)).then(b.cmp(a)));
        let (one, other) = furthest.expect("there are several");
        let mut chosen = vec![one.min(other), one.max(other)];
        chosen.truncate(trajectories);
        while chosen.len() < trajectories {
            let from_chosen = |i: &usize| chosen.iter().map(|j| squared(*i, *j)).sum::<f64>();
            let left = (0..tried).filter(|i| !chosen.contains(i));
            let next = left.max_by(|a, b| from_chosen(a).total_cmp(&from_chosen(b)).then(b.cmp(a)));
            chosen.push(next.expect("more were made than are wanted"));
        }
        chosen.sort_unstable();
        let mut index = 0..;
        all.retain(|_| chosen.contains(&index.next().expect("without end")));
        Self { numbers, seed, trajectories: all }
    }

    /// Number of points in a trajectory.
    pub fn row(&self) -> usize {
        self.numbers + 1
    }

    /// Number of points in total.
    pub fn points(&self) -> usize {
        self.trajectories.len() * self.row()
    }

    /// A point, with coordinates from 0 to 1.
    pub fn point(&self, index: usize) -> Vec<f64> {
        let levels = self.trajectories[index / self.row()].levels(index % self.row());
        levels.into_iter().map(|level| level as f64 / (LEVELS - 1) as f64).collect()
    }
}

/// The effects of a number, in units of the result over the whole range of the number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// Mean size of the effects, mu*.
    pub size: Estimate,
    /// Mean of the effects with their signs, mu.
    pub mean: f64,
    /// Standard deviation of the effects, sigma: large if the effect depends on the other numbers,
    /// or is nonlinear.
    pub spread: f64,
    /// Number of effects for which both ends have a result.
    pub effects: usize,
}

/// The effects of each number from the result at every point of a design (NaN if there is none),
/// with intervals of the given `level`.
pub fn effects(design: &Design, results: &[f64], level: f64) -> Vec<Effect> {
    let mut all: Vec<Vec<f64>> = vec![vec![]; design.numbers];
    for (trajectory, row) in design.trajectories.iter().zip(results.chunks(design.row())) {
        for (step, number) in trajectory.order.iter().enumerate() {
            let up = trajectory.start[*number] < STEP;
            let change = if up { row[step + 1] - row[step] } else { row[step] - row[step + 1] };
            let effect = change * (LEVELS - 1) as f64 / STEP as f64;
            all[*number].extend(Some(effect).filter(|e| e.is_finite()));
        }
    }
    let of = |effects: Vec<f64>| {
        let count = effects.len() as f64;
        let mean = effects.iter().sum::<f64>() / count;
        let squares: f64 = effects.iter().map(|e| (e - mean) * (e - mean)).sum();
        let size = |places: &[usize]| {
            vec![
                places.iter().map(|place| effects[*place].abs()).sum::<f64>() / places.len() as f64,
            ]
        };
        let size = estimates(effects.len(), level, design.seed, size)[0];
        Effect { size, mean, spread: (squares / (count - 1.0)).sqrt(), effects: effects.len() }
    };
    all.into_iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results(design: &Design, of: impl Fn(&[f64]) -> f64) -> Vec<f64> {
        (0..design.points()).map(|i| of(&design.point(i))).collect()
    }

    #[test]
    fn effects_of_a_linear_function_are_its_coefficients() {
        let weights = [3.0, -0.5, 0.0, 1.25];
        let design = Design::new(4, 10, 1);
        let linear = |x: &[f64]| 7.0 + x.iter().zip(weights).map(|(x, w)| x * w).sum::<f64>();
        for (effect, weight) in
            effects(&design, &results(&design, linear), 0.95).iter().zip(weights)
        {
            assert!((effect.size.value - weight.abs()).abs() < 1e-12, "{effect:?}");
            assert!((effect.mean - weight).abs() < 1e-12 && effect.spread < 1e-12, "{effect:?}");
            assert_eq!(effect.effects, 10);
        }
    }

    /// The product x y: the effect of each factor is the other factor, from 0 to 1 with mean 1/2
    /// and a large spread.
    #[test]
    fn an_interaction_shows_in_the_spread() {
        let design = Design::new(3, 30, 1);
        let found = effects(&design, &results(&design, |x| x[0] * x[1] + x[2]), 0.95);
        for effect in &found[..2] {
            assert!((effect.size.value - 0.5).abs() < 0.1 && effect.spread > 0.3, "{effect:?}");
        }
        assert!(found[2].spread < 1e-12);
    }

    #[test]
    fn chosen_trajectories_are_further_apart_than_the_first_ones() {
        let chosen = Design::new(5, 8, 3).trajectories;
        let first: Vec<Trajectory> = (0..8).map(|i| Trajectory::drawn(5, 3, i)).collect();
        let spread = |all: &[Trajectory]| {
            let pairs =
                all.iter().enumerate().flat_map(|(i, a)| all[..i].iter().map(|b| a.far(b).powi(2)));
            pairs.sum::<f64>()
        };
        assert!(spread(&chosen) > 1.02 * spread(&first), "{} {}", spread(&chosen), spread(&first));
    }

    #[test]
    fn every_number_moves_once_on_a_trajectory_and_stays_in_the_cube() {
        let design = Design::new(6, 12, 1);
        for row in (0..design.points()).collect::<Vec<_>>().chunks(design.row()) {
            let mut moved = vec![0; 6];
            for pair in row.windows(2) {
                let [a, b] = [pair[0], pair[1]].map(|i| design.point(i));
                assert!(b.iter().all(|x| (0.0..=1.0).contains(x)));
                (0..6).for_each(|i| moved[i] += usize::from((a[i] - b[i]).abs() > 0.6));
            }
            assert_eq!(moved, [1; 6]);
        }
    }

    #[test]
    fn an_effect_without_result_is_left_out() {
        let design = Design::new(2, 5, 1);
        let mut all = results(&design, |x| x[0] + x[1]);
        all[0] = f64::NAN;
        let found = effects(&design, &all, 0.9);
        assert_eq!(found.iter().map(|e| e.effects).sum::<usize>(), 9);
    }
}
