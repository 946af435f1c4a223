//! Working memory of a group: rows of all its lanes, and states read from them.

use crate::list::interpret::Row;
use crate::program::Program;
use std::ops::Range;

/// What a group works on: the workspace of its program, states and stages.
pub struct Work<const W: usize> {
    /// Workspace of the program.
    pub rows: Vec<Row<W>>,
    /// State at the end of the step.
    pub end: Vec<Row<W>>,
    /// Polynomial of the dense output: three vectors, made on demand.
    pub dense: Vec<Row<W>>,
    /// Sensitivities, where the program has lists for them.
    pub tangents: Tangents<W>,
}

/// Sensitivities of a group.
pub struct Tangents<const W: usize> {
    /// At the start of the step: species of the first parameter, of the second, ...
    pub start: Vec<Row<W>>,
    /// At its end.
    pub end: Vec<Row<W>>,
}

impl<const W: usize> Tangents<W> {
    /// Zero everywhere; empty for a program without lists for sensitivities.
    pub fn new(program: &Program) -> Self {
        let (n, by) = (program.size(), program.tangent.as_ref().map_or(0, |t| t.by.len()));
        let rows = |count: usize| vec![Row::all(0.0); count * n];
        Self { start: rows(by), end: rows(by) }
    }

    /// Moves the lanes with an accepted step to its end. Most steps are accepted, so the ends become the
    /// starts and the few other lanes are restored.
    pub fn advance(&mut self, stands: &[bool; W]) {
        std::mem::swap(&mut self.start, &mut self.end);
        for place in (0..W).filter(|&place| !stands[place]) {
            for (start, end) in self.start.iter_mut().zip(&self.end) {
                start.0[place] = end.0[place];
            }
        }
    }
}

impl<const W: usize> Work<W> {
    /// An empty workspace for a program.
    pub fn new(program: &Program) -> Self {
        let vectors = |count: usize| vec![Row::all(0.0); count * program.size()];
        Self {
            rows: program.workspace(),
            end: vectors(1),
            dense: vectors(3),
            tangents: Tangents::new(program),
        }
    }

    /// The numbers of one lane in a range of rows.
    pub fn column(&self, rows: Range<usize>, place: usize) -> Vec<f64> {
        self.rows[rows].iter().map(|row| row.0[place]).collect()
    }

    /// State of a lane at a part of the step just taken, once its polynomial was made.
    pub fn at_part(&self, program: &Program, lane: usize, part: f64) -> Vec<f64> {
        let n = program.size();
        let dense = |k: usize, i: usize| self.dense[k * n + i].0[lane];
        let starts = &self.rows[program.layout.start.clone()];
        (0..n)
            .map(|i| {
                let (start, end) = (starts[i].0[lane], self.end[i].0[lane]);
                let inner = part.mul_add(part.mul_add(dense(2, i), dense(1, i)), dense(0, i));
                (1.0 - part) * start + part * (end + (1.0 - part) * inner)
            })
            .collect()
    }
}

/// The larger of two in every lane; NaN where either is.
#[inline(always)]
pub fn largest<const W: usize>(of: &mut [f64; W], value: &[f64; W]) {
    *of =
        std::array::from_fn(|l| if value[l] <= of[l] || of[l].is_nan() { of[l] } else { value[l] });
}

/// Values that cannot be negative are reported as at least zero.
pub fn show(state: &mut [f64], signed: &[bool]) {
    for (value, signed) in state.iter_mut().zip(signed) {
        if *value < 0.0 && !signed {
            *value = 0.0;
        }
    }
}
