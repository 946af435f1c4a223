//! Evaluates the laws that surveys follow along the step just taken, for all lanes of a group at
//! once.

use super::survey::{INNER, turns};
use super::work::{Work, largest};
use crate::list::row::{Row, Rows, each};
use crate::program::Program;
use crate::rodas5p::{DENSE, STAGES};

impl<const W: usize> Work<W> {
    /// Evaluates the laws at these times, at the starts of the steps of these lanes. Between jumps,
    /// the end of a step is the start of the next.
    #[inline(always)]
    pub fn follow_starts(&mut self, program: &Program, time: &[f64; W], lanes: &[bool; W]) {
        let (start, state) = (program.layout.start.start, program.layout.state.start);
        for &s in &program.followed.species {
            self.rows[state + s] = shown(self.rows[start + s], program.signed[s]);
        }
        self.rows[program.layout.time] = *time;
        program.followed.list.run(&mut self.rows);
        let keep: Row<W> = each(|l| if lanes[l] { 0.0 } else { 1.0 });
        for law in 0..program.followed.results.len() {
            let row = self.rows[program.followed.results[law]];
            let before = self.looks.starts[law];
            self.looks.starts[law] = each(|l| if keep[l] == 0.0 { row[l] } else { before[l] });
        }
    }

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
            self.rows[state + s] = shown(between(INNER[0], &from, &to, &dense), signed);
            self.looks.second[k] = shown(between(INNER[1], &from, &to, &dense), signed);
        }
        self.rows[layout.time] = each(|l| time[l] + INNER[0] * step[l]);
        look(program, &mut self.rows, &mut self.looks.inner[0]);
        for (k, &s) in program.followed.species.iter().enumerate() {
            self.rows[state + s] = self.looks.second[k];
        }
        self.rows[layout.time] = each(|l| time[l] + INNER[1] * step[l]);
        look(program, &mut self.rows, &mut self.looks.inner[1]);
        self.sum_up(step);
        self.looks.inner_known = true;
    }

    /// What surveys need of a step as a whole: most steps extend no range, and this says so for all
    /// lanes at once.
    #[inline(always)]
    fn sum_up(&mut self, step: &[f64; W]) {
        let looks = &mut self.looks;
        for k in 0..looks.wanted.len() {
            let law = looks.wanted[k];
            let (a, b) = (looks.starts[law], looks.inner[0][law]);
            let (c, d) = (looks.inner[1][law], looks.ends[law]);
            looks.areas[law] = each(|l| step[l] * (a[l] + 5.0 * (b[l] + c[l]) + d[l]) / 12.0);
            let (mut low, mut high): (Row<W>, Row<W>) = (each(|l| -a[l]), a);
            for row in [b, c, d] {
                largest(&mut low, &each(|l| -row[l]));
                largest(&mut high, &row);
            }
            looks.nodes[0][law] = each(|l| -low[l]);
            looks.nodes[1][law] = high;
            let (mut low, mut high) = ([f64::INFINITY; W], [f64::NEG_INFINITY; W]);
            let found = turns(&[a, b, c, d]);
            let spread = found.spread;
            for value in found.values {
                let least: Row<W> = each(|l| value[l] - spread[l]);
                let most: Row<W> = each(|l| value[l] + spread[l]);
                // A turning point that is not there is NaN, and changes nothing.
                low = each(|l| if least[l] < low[l] { least[l] } else { low[l] });
                high = each(|l| if most[l] > high[l] { most[l] } else { high[l] });
            }
            (looks.turns[0][law], looks.turns[1][law]) = (low, high);
        }
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

/// The dense output at a fraction of the step.
#[inline(always)]
fn between<const W: usize>(
    node: f64,
    from: &Row<W>,
    to: &Row<W>,
    dense: &[Row<W>; DENSE.len()],
) -> Row<W> {
    each(|l| {
        let inside = dense[0][l] + node * (dense[1][l] + node * dense[2][l]);
        (1.0 - node) * from[l] + node * (to[l] + (1.0 - node) * inside)
    })
}

/// Values that cannot be negative are read as zero if they are below it.
#[inline(always)]
fn shown<const W: usize>(x: Row<W>, signed: bool) -> Row<W> {
    each(|l| if x[l] < 0.0 && !signed { 0.0 } else { x[l] })
}
