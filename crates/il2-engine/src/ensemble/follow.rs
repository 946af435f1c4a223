//! Laws that surveys follow, worked out for all lanes of a group at once along the step just taken.

use super::survey::INNER;
use super::work::Work;
use crate::list::row::{Row, Rows, each};
use crate::program::Program;
use crate::rodas5p::{DENSE, STAGES};

impl<const W: usize> Work<W> {
    /// Looks at the ends of steps that began at these times.
    #[inline(always)]
    pub fn follow_ends(&mut self, program: &Program, time: &[f64; W], step: &[f64; W]) {
        let state = program.layout.state.start;
        for &s in &program.followed.species {
            self.rows[state + s] = shown(self.end[s], program.signed[s]);
        }
        self.rows[program.layout.time] = each(|l| time[l] + step[l]);
        program.followed.list.run(&mut self.rows);
        for (look, &row) in self.looks.ends.iter_mut().zip(&program.followed.results) {
            *look = self.rows[row];
        }
        self.looks.inner_known = false;
    }

    /// Looks at the inner nodes of the same steps.
    #[inline(always)]
    pub fn follow_inner(&mut self, program: &Program, time: &[f64; W], step: &[f64; W]) {
        let n = program.size();
        let layout = &program.layout;
        let (start, state, stages) = (layout.start.start, layout.state.start, layout.stages.start);
        for (node, inner) in INNER.into_iter().zip(0..) {
            for &s in &program.followed.species {
                // The stages are summed as for a single lane in `survey`, so that both give the same bits.
                let mut dense = [[0.0; W]; DENSE.len()];
                for (total, weights) in dense.iter_mut().zip(&DENSE) {
                    let first = self.rows[stages + s];
                    let mut sum = each(|l| -weights[0] * first[l]);
                    for stage in 1..STAGES {
                        let row = self.rows[stages + stage * n + s];
                        let before = sum;
                        sum = each(|l| before[l] + -weights[stage] * row[l]);
                    }
                    *total = sum;
                }
                let (from, to) = (self.rows[start + s], self.end[s]);
                let between = each(|l| {
                    let inside = dense[0][l] + node * (dense[1][l] + node * dense[2][l]);
                    (1.0 - node) * from[l] + node * (to[l] + (1.0 - node) * inside)
                });
                self.rows[state + s] = shown(between, program.signed[s]);
            }
            self.rows[program.layout.time] = each(|l| time[l] + node * step[l]);
            program.followed.list.run(&mut self.rows);
            let looks: &mut Rows<W> = &mut self.looks.inner[inner];
            for (look, &row) in looks.iter_mut().zip(&program.followed.results) {
                *look = self.rows[row];
            }
        }
        self.looks.inner_known = true;
    }
}

/// Values that cannot be negative are seen as at least zero.
#[inline(always)]
fn shown<const W: usize>(x: Row<W>, signed: bool) -> Row<W> {
    each(|l| if x[l] < 0.0 && !signed { 0.0 } else { x[l] })
}
