//! Working memory of a group: rows of all its lanes, and access to their states.

use crate::list::native::memory::{Wide, widest};
use crate::list::row::{Row, Rows, each};
use crate::program::Program;
use std::ops::Range;

/// Factors of the absolute tolerance by species; none if all are one.
pub type Sizes<'a> = Option<&'a [f64]>;

/// The memory of a group: workspace of its program, states and stages.
pub struct Work<const W: usize> {
    /// Workspace of the program.
    pub rows: Rows<W>,
    /// Absolute tolerance of each species.
    pub absolute: Vec<f64>,
    /// State at the end of the step.
    pub end: Rows<W>,
    /// Polynomial of the dense output: three vectors, computed on demand.
    pub dense: Rows<W>,
    /// Laws that surveys follow.
    pub looks: Looks<W>,
    /// Sensitivities, if the program has lists for them.
    pub tangents: Tangents<W>,
}

/// Sensitivities of a group.
pub struct Tangents<const W: usize> {
    /// Values at the start of the step: all species for the first parameter, then for the second,
    /// ...
    pub start: Rows<W>,
    /// Values at the end of the step.
    pub end: Rows<W>,
}

impl<const W: usize> Tangents<W> {
    /// Zeros everywhere; empty for a program without lists for sensitivities.
    pub fn new(program: &Program) -> Self {
        let (n, by) = (program.size(), program.tangent.as_ref().map_or(0, |t| t.by.len()));
        let rows = |count: usize| Rows::zeros(count * n);
        Self { start: rows(by), end: rows(by) }
    }

    /// Moves the lanes with an accepted step to the end of the step. Most steps are accepted, so
    /// the ends become the starts and the few other lanes are restored.
    pub fn advance(&mut self, stands: &[bool; W]) {
        std::mem::swap(&mut self.start, &mut self.end);
        for place in (0..W).filter(|&place| !stands[place]) {
            for (start, end) in self.start.iter_mut().zip(self.end.iter()) {
                start[place] = end[place];
            }
        }
    }
}

/// Values of the followed laws at the start and the end of the step, and at its inner nodes if a
/// survey needs them.
pub struct Looks<const W: usize> {
    /// `[law]`, at the start.
    pub starts: Rows<W>,
    /// `[law]`, at the end.
    pub ends: Rows<W>,
    /// `[law]`, at each inner node.
    pub inner: [Rows<W>; 2],
    /// `[followed species]`: their values at the second inner node, while those at the first are in the
    /// workspace.
    pub second: Rows<W>,
    /// Whether the inner nodes have been computed for this step, and with them all that follows.
    pub inner_known: bool,
    /// Laws that surveys of the lanes so far follow, of all that the program can follow; of the
    /// others, what comes next is not computed.
    pub wanted: Vec<usize>,
    /// `[law]`: what the whole step adds to the area under the law.
    pub areas: Rows<W>,
    /// `[law]`: lowest and highest value at the four nodes; NaN if one of them is.
    pub nodes: [Rows<W>; 2],
    /// `[law]`: lowest and highest value that the law may have at its turning points; the empty
    /// range from infinity to minus infinity without turning points.
    pub turns: [Rows<W>; 2],
}

impl<const W: usize> Looks<W> {
    /// Without any computed values.
    pub fn new(program: &Program) -> Self {
        let rows = || Rows::zeros(program.followed.laws.len());
        let second = Rows::zeros(program.followed.species.len());
        let pair = || [rows(), rows()];
        Self {
            starts: rows(),
            ends: rows(),
            inner: pair(),
            second,
            inner_known: false,
            wanted: vec![],
            areas: rows(),
            nodes: pair(),
            turns: pair(),
        }
    }
}

impl<const W: usize> Work<W> {
    /// An empty workspace for a program.
    pub fn new(program: &Program, absolute: f64, sizes: Sizes) -> Self {
        let size = |i: usize| sizes.map_or(1.0, |sizes| sizes[i]);
        let vectors = |count: usize| Rows::zeros(count * program.size());
        Self {
            rows: program.workspace(),
            absolute: (0..program.size()).map(|i| absolute * size(i)).collect(),
            end: vectors(1),
            dense: vectors(3),
            looks: Looks::new(program),
            tangents: Tangents::new(program),
        }
    }

    /// The numbers of one lane in a range of rows.
    pub fn column(&self, rows: Range<usize>, place: usize) -> Vec<f64> {
        self.rows[rows].iter().map(|row| row[place]).collect()
    }

    /// State of a lane at a fraction of the step just taken, once the polynomial has been computed.
    pub fn at_part(&self, program: &Program, lane: usize, part: f64) -> Vec<f64> {
        let mut state = vec![0.0; program.size()];
        widest(W, AtPart { work: self, program, lane, part, state: &mut state });
        state
    }

    /// Moves the lanes with an accepted step to the end of the step.
    pub fn advance(&mut self, program: &Program, stands: &[bool; W]) {
        let keep: Row<W> = each(|l| if stands[l] { 0.0 } else { 1.0 });
        let (n, ends) = (program.size(), &self.end);
        let starts = &mut self.rows[program.layout.start.clone()][..n];
        for i in 0..n {
            let (start, end) = (starts[i], ends[i]);
            starts[i] = each(|l| if keep[l] == 0.0 { end[l] } else { start[l] });
        }
        let Looks { starts, ends, .. } = &mut self.looks;
        for law in 0..starts.len() {
            let (start, end) = (starts[law], ends[law]);
            starts[law] = each(|l| if keep[l] == 0.0 { end[l] } else { start[l] });
        }
        self.tangents.advance(stands);
    }
}

/// See [`Work::at_part`].
struct AtPart<'a, const W: usize> {
    work: &'a Work<W>,
    program: &'a Program,
    lane: usize,
    part: f64,
    state: &'a mut [f64],
}

impl<const W: usize> Wide for AtPart<'_, W> {
    type Given = ();

    #[inline(always)]
    fn run(self) {
        let AtPart { work, program, lane, part, state } = self;
        let n = state.len();
        let (starts, ends) = (&work.rows[program.layout.start.clone()][..n], &work.end[..n]);
        let (a, rest) = work.dense.split_at(n);
        let (b, c) = rest.split_at(n);
        let (a, b, c) = (&a[..n], &b[..n], &c[..n]);
        for i in 0..n {
            let (start, end) = (starts[i][lane], ends[i][lane]);
            let inner = part.mul_add(part.mul_add(c[i][lane], b[i][lane]), a[i][lane]);
            state[i] = (1.0 - part) * start + part * (end + (1.0 - part) * inner);
        }
    }
}

/// The larger of the two values in every lane; NaN if either is NaN.
#[inline(always)]
pub fn largest<const W: usize>(of: &mut [f64; W], value: &[f64; W]) {
    let before = *of;
    *of = each(|l| if value[l] <= before[l] || before[l].is_nan() { before[l] } else { value[l] });
}
