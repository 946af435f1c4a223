//! Evaluates the laws that surveys follow along the step just taken, for all lanes of a group at
//! once.

use super::survey::INNER;
use super::work::Work;
use crate::list::row::{Row, Rows, each};
use crate::program::Program;
use crate::rodas5p::{DENSE, STAGES};

impl<const W: usize> Work<W> {
    /// Evaluates the laws at the ends of steps that began at these times.
    #[inline(always)]
    pub fn follow_ends(&mut self, program: &Program, time: &[f64; W], step: &[f64; W]) {
        let state = program.layout.state.start;
        for &s in &program.followed.species {
            self.rows[state + s] = shown(self.end[s], program.signed[s]);
        }
        self.rows[program.layout.time] = each(|l| time[l] + step[l]);
        look(program, &mut self.rows, &mut self.looks.ends);
        self.looks.inner_known = false;
    }

    /// Evaluates the laws at the inner nodes of the same steps.
    #[inline(always)]
    pub fn follow_inner(&mut self, program: &Program, time: &[f64; W], step: &[f64; W]) {
        let n = program.size();
        let layout = &program.layout;
        let (start, state, stages) = (layout.start.start, layout.state.start, layout.stages.start);
        for (k, &s) in program.followed.species.iter().enumerate() {
            // The stages are summed as for a single lane in `survey`, so that both give the same bits.
            let mut dense = [[0.0; W]; DENSE.len()];
            for stage in 0..STAGES {
                let row = self.rows[stages + stage * n + s];
                for d in 0..DENSE.len() {
                    let (before, weight) = (dense[d], -DENSE[d][stage]);
                    dense[d] = match stage {
                        0 => each(|l| weight * row[l]),
                        _ => each(|l| before[l] + weight * row[l]),
                    };
                }
            }
            let (from, to, signed) = (self.rows[start + s], self.end[s], program.signed[s]);
            let between = |node: f64| {
                each(|l| {
                    let inside = dense[0][l] + node * (dense[1][l] + node * dense[2][l]);
                    (1.0 - node) * from[l] + node * (to[l] + (1.0 - node) * inside)
                })
            };
            self.rows[state + s] = shown(between(INNER[0]), signed);
            self.looks.second[k] = shown(between(INNER[1]), signed);
        }
        self.rows[layout.time] = each(|l| time[l] + INNER[0] * step[l]);
        look(program, &mut self.rows, &mut self.looks.inner[0]);
        for (k, &s) in program.followed.species.iter().enumerate() {
            self.rows[state + s] = self.looks.second[k];
        }
        self.rows[layout.time] = each(|l| time[l] + INNER[1] * step[l]);
        look(program, &mut self.rows, &mut self.looks.inner[1]);
        self.looks.inner_known = true;
    }
}

/// Evaluates the followed laws at the state and time in the workspace. No zipped iterators: they
/// are not inlined here and would be compiled for the baseline processor.
#[inline(always)]
fn look<const W: usize>(program: &Program, rows: &mut Rows<W>, looks: &mut Rows<W>) {
    program.followed.list.run(rows);
    for (law, &row) in program.followed.results.iter().enumerate() {
        looks[law] = rows[row];
    }
}

/// Values that cannot be negative are read as zero if they are below it.
#[inline(always)]
fn shown<const W: usize>(x: Row<W>, signed: bool) -> Row<W> {
    each(|l| if x[l] < 0.0 && !signed { 0.0 } else { x[l] })
}
