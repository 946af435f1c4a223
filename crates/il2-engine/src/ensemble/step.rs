//! One step of Rodas5P for all lanes of a group at once, each lane with its own time and step.

use crate::lane::Tolerance;
use crate::program::Program;
use crate::program::interpret::Row;
use crate::rodas5p::{A, C, DENSE, GAMMA, NODES, STAGES, TIME_WEIGHTS};

/// What a group works on: the workspace of its program, states and stages.
pub struct Work<const W: usize> {
    /// Workspace of the program.
    pub rows: Vec<Row<W>>,
    /// State at the start of the step.
    pub state: Vec<Row<W>>,
    /// State at the end of the step.
    pub end: Vec<Row<W>>,
    /// Negative increments `-U_i`, one stage after the other: the lists factorise `J - rate I`, so
    /// that Jacobian entries enter with the sign they have.
    pub stages: Vec<Row<W>>,
    /// Polynomial of the dense output: three vectors, made on demand.
    pub dense: Vec<Row<W>>,
    first_slope: Vec<Row<W>>,
}

/// How a step went, lane by lane.
#[derive(Clone, Copy, Debug)]
pub struct Verdict<const W: usize> {
    /// Largest error of a species in units of its tolerance; a step stands where it is at most 1.
    pub error: [f64; W],
    /// Largest fall below zero of a species that is not signed, in units of its tolerance.
    pub below_zero: [f64; W],
    /// Residual of the first linear solve, as the error it may cause, in units of the tolerance.
    pub residual: [f64; W],
}

/// What a group is asked to work out, all lanes at once.
#[derive(Clone, Copy, Debug)]
pub enum Task<const W: usize> {
    /// What depends on parameters only.
    Prologue,
    /// The slope at the present state and these times, into the workspace.
    Slope([f64; W]),
    /// A step from these times by these lengths.
    Step([f64; W], [f64; W], Tolerance),
    /// The polynomial of the dense output of the last step.
    Dense,
}

impl<const W: usize> Work<W> {
    /// Performs a task; only a step has a verdict. Called through [`crate::native::memory::perform`],
    /// which has this code compiled for the processor at hand.
    #[inline(always)]
    pub fn perform(&mut self, program: &Program, task: Task<W>) -> Verdict<W> {
        match task {
            Task::Prologue => program.prologue.run(&mut self.rows),
            Task::Slope(time) => {
                self.rows[program.layout.state.clone()].copy_from_slice(&self.state);
                self.rows[program.layout.time] = Row(time);
                program.slope.run(&mut self.rows);
            }
            Task::Step(time, step, tolerance) => {
                return self.step(program, &time, &step, &tolerance);
            }
            Task::Dense => self.make_dense(program.size()),
        }
        Verdict { error: [0.0; W], below_zero: [0.0; W], residual: [0.0; W] }
    }

    /// An empty workspace for a program.
    pub fn new(program: &Program) -> Self {
        let vectors = |count: usize| vec![Row::all(0.0); count * program.size()];
        Self {
            rows: program.workspace(),
            state: vectors(1),
            end: vectors(1),
            stages: vectors(STAGES),
            dense: vectors(3),
            first_slope: vectors(1),
        }
    }

    /// One step of every lane from `time` by `step`; the state at its end is in `end`.
    #[inline(always)]
    fn step(
        &mut self,
        program: &Program,
        time: &[f64; W],
        step: &[f64; W],
        tolerance: &Tolerance,
    ) -> Verdict<W> {
        let n = program.size();
        let layout = &program.layout;
        let inverse: [f64; W] = std::array::from_fn(|l| 1.0 / step[l]);
        self.rows[layout.time] = Row(*time);
        self.rows[layout.rate] = Row(std::array::from_fn(|l| inverse[l] / GAMMA));
        self.rows[layout.state.clone()].copy_from_slice(&self.state);
        program.matrix.run(&mut self.rows);
        for stage in 0..STAGES {
            let (done, rest) = self.stages.split_at_mut(stage * n);
            if stage > 0 {
                let state = &mut self.rows[layout.state.clone()];
                match stage {
                    1 => combine::<W, 1>(state, &self.state, A[1], done, n),
                    2 => combine::<W, 2>(state, &self.state, A[2], done, n),
                    3 => combine::<W, 3>(state, &self.state, A[3], done, n),
                    4 => combine::<W, 4>(state, &self.state, A[4], done, n),
                    5 => combine::<W, 5>(state, &self.state, A[5], done, n),
                    _ => subtract(state, &done[(stage - 1) * n..]),
                }
            }
            if !layout.time_slope.is_empty() {
                self.rows[layout.time] =
                    Row(std::array::from_fn(|l| NODES[stage].mul_add(step[l], time[l])));
            }
            program.slope.run(&mut self.rows);
            let slope = layout.slope.clone();
            match stage {
                0 => self.first_slope.copy_from_slice(&self.rows[slope.clone()]),
                1 => weigh::<W, 1>(&mut self.rows[slope.clone()], C[1], done, n, &inverse),
                2 => weigh::<W, 2>(&mut self.rows[slope.clone()], C[2], done, n, &inverse),
                3 => weigh::<W, 3>(&mut self.rows[slope.clone()], C[3], done, n, &inverse),
                4 => weigh::<W, 4>(&mut self.rows[slope.clone()], C[4], done, n, &inverse),
                5 => weigh::<W, 5>(&mut self.rows[slope.clone()], C[5], done, n, &inverse),
                6 => weigh::<W, 6>(&mut self.rows[slope.clone()], C[6], done, n, &inverse),
                _ => weigh::<W, 7>(&mut self.rows[slope.clone()], C[7], done, n, &inverse),
            }
            if !layout.time_slope.is_empty() && TIME_WEIGHTS[stage] != 0.0 {
                for i in 0..n {
                    let by_time = self.rows[layout.time_slope.start + i].0;
                    let row = &mut self.rows[slope.start + i].0;
                    for l in 0..W {
                        row[l] = (TIME_WEIGHTS[stage] * step[l]).mul_add(by_time[l], row[l]);
                    }
                    if stage == 0 {
                        self.first_slope[i].0 = *row;
                    }
                }
            }
            program.solve.run(&mut self.rows);
            rest[..n].copy_from_slice(&self.rows[slope]);
        }
        self.finish(program, step, &inverse, tolerance)
    }

    /// State at the end, error, fall below zero and residual.
    #[inline(always)]
    fn finish(
        &mut self,
        program: &Program,
        step: &[f64; W],
        inverse: &[f64; W],
        tolerance: &Tolerance,
    ) -> Verdict<W> {
        let n = program.size();
        let last = &self.rows[program.layout.state.clone()];
        let mut error = [0.0_f64; W];
        let mut below_zero = [0.0_f64; W];
        let mut residual = [0.0_f64; W];
        // The residual of the first solve takes the place of the first slope.
        for &(i, j, slot) in &program.jacobian {
            let (entry, increment) = (&self.rows[slot].0, &self.stages[j].0);
            let row = &mut self.first_slope[i].0;
            (0..W).for_each(|l| row[l] = (-entry[l]).mul_add(increment[l], row[l]));
        }
        for i in 0..n {
            let (start, before) = (&self.state[i].0, &last[i].0);
            let change = &self.stages[(STAGES - 1) * n + i].0;
            let first = &self.stages[i].0;
            let missing = &self.first_slope[i].0;
            let signed = program.signed[i];
            for l in 0..W {
                let end = before[l] - change[l];
                self.end[i].0[l] = end;
                let size = start[l].abs().max(end.abs());
                let scale = 1.0 / tolerance.relative.mul_add(size, tolerance.absolute);
                // Not f64::max, which drops a NaN.
                let e = change[l].abs() * scale;
                error[l] = if e <= error[l] { error[l] } else { e };
                let below = -end * scale;
                below_zero[l] = if signed || below <= below_zero[l] { below_zero[l] } else { below };
                let r = (inverse[l] / GAMMA).mul_add(first[l], missing[l]) * step[l] * GAMMA;
                let r = r.abs() * scale;
                residual[l] = if r <= residual[l] { residual[l] } else { r };
            }
        }
        Verdict { error, below_zero, residual }
    }

    /// Makes the polynomial of the dense output of the step just taken.
    #[inline(always)]
    fn make_dense(&mut self, n: usize) {
        for (weights, dense) in DENSE.iter().zip(self.dense.chunks_exact_mut(n.max(1))) {
            for i in 0..n {
                let mut total = [0.0; W];
                for (stage, weight) in weights.iter().enumerate() {
                    let row = &self.stages[stage * n + i].0;
                    (0..W).for_each(|l| total[l] = (-weight).mul_add(row[l], total[l]));
                }
                dense[i] = Row(total);
            }
        }
    }

    /// State of a lane at a part of the step just taken, after [`Task::Dense`].
    pub fn at_part(&self, lane: usize, part: f64, n: usize) -> Vec<f64> {
        let dense = |k: usize, i: usize| self.dense[k * n + i].0[lane];
        (0..n)
            .map(|i| {
                let (start, end) = (self.state[i].0[lane], self.end[i].0[lane]);
                let inner = part.mul_add(part.mul_add(dense(2, i), dense(1, i)), dense(0, i));
                (1.0 - part) * start + part * (end + (1.0 - part) * inner)
            })
            .collect()
    }
}

/// `to = base + sum a_j U_j`, the stages standing with the opposite sign.
#[inline(always)]
fn combine<const W: usize, const S: usize>(
    to: &mut [Row<W>],
    base: &[Row<W>],
    weights: [f64; 5],
    stages: &[Row<W>],
    n: usize,
) {
    let rows: [&[Row<W>]; S] = std::array::from_fn(|j| &stages[j * n..(j + 1) * n]);
    let (to, base) = (&mut to[..n], &base[..n]);
    for i in 0..n {
        let mut total = base[i].0;
        for j in 0..S {
            let row = &rows[j][i].0;
            (0..W).for_each(|l| total[l] = (-weights[j]).mul_add(row[l], total[l]));
        }
        to[i].0 = total;
    }
}

/// `to += sum c_j U_j / step`, the stages standing with the opposite sign.
#[inline(always)]
fn weigh<const W: usize, const S: usize>(
    to: &mut [Row<W>],
    weights: [f64; 7],
    stages: &[Row<W>],
    n: usize,
    inverse: &[f64; W],
) {
    let rows: [&[Row<W>]; S] = std::array::from_fn(|j| &stages[j * n..(j + 1) * n]);
    let to = &mut to[..n];
    for i in 0..n {
        let mut total = [0.0; W];
        for j in 0..S {
            let row = &rows[j][i].0;
            (0..W).for_each(|l| total[l] = (-weights[j]).mul_add(row[l], total[l]));
        }
        let slope = &mut to[i].0;
        (0..W).for_each(|l| slope[l] = total[l].mul_add(inverse[l], slope[l]));
    }
}

#[inline(always)]
fn subtract<const W: usize>(to: &mut [Row<W>], stage: &[Row<W>]) {
    for (to, stage) in to.iter_mut().zip(stage) {
        (0..W).for_each(|l| to.0[l] -= stage.0[l]);
    }
}
