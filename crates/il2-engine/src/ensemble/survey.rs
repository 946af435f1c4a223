//! Surveys: extremes and areas between outputs, along the solver's own steps.

use super::seat::{Seat, Watched};
use super::work::{Looks, Work};
use crate::course::{Outlook, at_least_zero};
use crate::id::SpeciesId;
use crate::lane::{Extreme, Surveyed};
use crate::list::row::{Row, each};
use crate::program::{Program, Reads};
use crate::rodas5p::{DENSE, STAGES};
use std::sync::Arc;

/// Inner nodes of Lobatto's rule with four nodes, as fractions of an interval. The rule integrates
/// the dense output, which has degree four, exactly if the readout is linear in the state.
pub const INNER: [f64; 2] = [0.276_393_202_250_021_03, 0.723_606_797_749_979];
/// A step cannot hide a higher value if its ends are below the highest value by more than this
/// fraction of the range seen so far, and by more than the step rises: the error control would have
/// shortened it.
const HIDDEN: f64 = 0.05;
/// Values that differ by less than this fraction are equal except for rounding.
const ROUNDING: f64 = 1e-13;

impl Surveyed {
    fn nothing() -> Self {
        let none = |value: f64| Extreme { time: f64::NAN, value, after: false };
        Self { highest: none(f64::NEG_INFINITY), lowest: none(f64::INFINITY), area: 0.0 }
    }

    fn see(&mut self, time: f64, value: f64, after: bool) {
        let here = Extreme { time, value, after };
        // A NaN is kept, so that it is noticed.
        if value > self.highest.value || value.is_nan() {
            self.highest = here;
        }
        if value < self.lowest.value || value.is_nan() {
            self.lowest = here;
        }
    }

    /// Whether a step between these values may hide an extreme.
    fn may_hide(&self, from: f64, to: f64) -> bool {
        let (high, low) = (self.highest.value, self.lowest.value);
        let slack = (from - to).abs().max(HIDDEN * (high - low));
        !(from.max(to) + slack < high && from.min(to) - slack > low)
    }

    /// Whether a turning point, where the law may have values from `low` to `high`, may exceed the
    /// range seen so far. Refining one takes longer than everything else that is done for a survey
    /// in a step, and most are well within the range.
    #[inline(always)]
    fn may_reach(&self, [low, high]: [f64; 2]) -> bool {
        !(high < self.highest.value && low > self.lowest.value)
    }

    /// Whether a whole step, with these lowest and highest values at its nodes and at its turning
    /// points, extends the range in no way.
    #[inline(always)]
    fn has_seen(&self, [low, high]: [f64; 2], turns: [f64; 2]) -> bool {
        low >= self.lowest.value && high <= self.highest.value && !self.may_reach(turns)
    }
}

impl Seat {
    /// Reads the state with which the lane starts, before any event.
    pub fn begin_surveys(&mut self, state: &[f64], parameters: &[f64], program: &Program) {
        let surveys = &self.course.lane.surveys;
        let followed = &program.followed;
        let watch = |s: &crate::lane::Survey| {
            let law = followed.laws.iter().position(|law| Arc::ptr_eq(law, &s.of));
            let reads = law.map(|law| followed.reads[law].clone());
            let reads = reads.unwrap_or_else(|| Arc::new(Reads::of(&s.of)));
            Watched { law, reads, here: f64::NAN }
        };
        self.watched = surveys.iter().map(watch).collect();
        self.has_jumped = true;
        self.course.found.surveyed = vec![Surveyed::nothing(); surveys.len()];
        self.look(state, parameters, &program.signed, Moment::Start);
    }

    /// Reads the state after due events. Laws that the program follows are evaluated for all lanes
    /// at once when the next step begins, if there is one.
    pub fn survey_jump(
        &mut self,
        state: &[f64],
        parameters: &[f64],
        signed: &[bool],
        outlook: Outlook,
    ) {
        self.has_jumped = true;
        let ends = outlook == Outlook::Done;
        self.look(state, parameters, signed, if ends { Moment::End } else { Moment::Jump });
    }

    /// Whether the program follows a law of a survey.
    pub fn follows(&self) -> bool {
        self.watched.iter().any(|watched| watched.law.is_some())
    }

    fn look(&mut self, state: &[f64], parameters: &[f64], signed: &[bool], moment: Moment) {
        let reads = |watched: &Watched| moment != Moment::Jump || watched.law.is_none();
        if !self.watched.iter().any(reads) {
            return;
        }
        let after = moment != Moment::Start;
        let mut state = state.to_vec();
        at_least_zero(&mut state, signed);
        let course = &mut self.course;
        let time = course.time;
        let found = course.found.surveyed.iter_mut();
        for ((survey, watched), found) in
            course.lane.surveys.iter().zip(&mut self.watched).zip(found)
        {
            if !reads(watched) {
                continue;
            }
            watched.here = survey.of.value(&state, parameters, time);
            // At the very end of a survey's interval, only the state before events counts.
            if survey.from <= time && (time < survey.to || !after && time == survey.to) {
                found.see(time, watched.here, after);
            }
        }
    }

    /// Whether a survey will need the inner nodes of the step that the lane at this index has taken
    /// between two times; to be asked when the followed laws are known at the end of the step.
    pub fn needs_inner<const W: usize>(
        &self,
        looks: &Looks<W>,
        place: usize,
        [time, end]: [f64; 2],
    ) -> bool {
        let surveys = self.course.lane.surveys.iter().zip(&self.watched);
        surveys.zip(&self.course.found.surveyed).any(|((survey, watched), found)| {
            let whole = survey.from <= time && survey.to >= end;
            let Some(law) = watched.law.filter(|_| whole) else { return false };
            survey.area || found.may_hide(looks.starts[law][place], looks.ends[law][place])
        })
    }

    /// Evaluates the surveys along the step that the lane at a place has just taken, from a time to
    /// an end, before the end of the step becomes the start of the next.
    pub fn survey_step<const W: usize>(
        &mut self,
        program: &Program,
        work: &Work<W>,
        place: usize,
        [time, end, step]: [f64; 3],
    ) {
        if self.watched.is_empty() {
            return;
        }
        // Rows are found once for all surveys: finding one takes longer than reading a number of it.
        let Looks { nodes: [low, high], turns: [least, most], areas, .. } = &work.looks;
        let (nodes, turning, areas) = ([&**low, &**high], [&**least, &**most], &**areas);
        let mut along = Along::new(program, work, place);
        let course = &mut self.course;
        for ((survey, watched), found) in
            course.lane.surveys.iter().zip(&mut self.watched).zip(&mut course.found.surveyed)
        {
            if survey.to < time || survey.to == time && survey.from < time {
                continue;
            }
            let Watched { law, reads, here } = watched;
            if let Some(law) = *law
                && work.looks.inner_known
                && survey.from <= time
                && survey.to >= end
                && found.has_seen(
                    [nodes[0][law][place], nodes[1][law][place]],
                    [turning[0][law][place], turning[1][law][place]],
                )
            {
                if survey.area {
                    found.area += areas[law][place];
                }
                continue;
            }
            let mut is_read = false;
            let mut value = |part: f64| {
                if !is_read {
                    along.read(reads);
                    is_read = true;
                }
                along.go_to(part, &reads.species);
                survey.of.value(&along.state, &along.parameters, time + part * step)
            };
            let last = law.map_or_else(|| value(1.0), |law| work.looks.ends[law][place]);
            if survey.from > end {
                *here = last;
                continue;
            }
            let part = |t: f64| if t >= end { 1.0 } else { ((t - time) / step).clamp(0.0, 1.0) };
            let (begin, stop) = (part(survey.from), part(survey.to));
            let first = match law {
                _ if survey.from > time => value(begin),
                Some(law) => work.looks.starts[*law][place],
                None => *here,
            };
            let to = if stop == 1.0 { last } else { value(stop) };
            *here = last;
            let when = |part: f64| if part == 1.0 { end } else { time + part * step };
            let may_hide = found.may_hide(first, to);
            found.see(when(begin), first, begin == 0.0);
            found.see(when(stop), to, false);
            if stop <= begin || !(survey.area || may_hide) {
                continue;
            }
            let width = stop - begin;
            let inner = match law {
                Some(law) if width == 1.0 && work.looks.inner_known => {
                    [work.looks.inner[0][*law][place], work.looks.inner[1][*law][place]]
                }
                _ => [value(begin + width * INNER[0]), value(begin + width * INNER[1])],
            };
            if survey.area {
                found.area += step * width * (first + 5.0 * (inner[0] + inner[1]) + to) / 12.0;
            }
            found.see(when(begin + width * INNER[0]), inner[0], false);
            found.see(when(begin + width * INNER[1]), inner[1], false);
            let turns = turns(&[[first], [inner[0]], [inner[1]], [to]]);
            for k in 0..turns.at.len() {
                let ([at], [near], [spread]) = (turns.at[k], turns.values[k], turns.spread);
                if !at.is_nan() && found.may_reach([near - spread, near + spread]) {
                    let (at, seen) = refined(at, |part| value(begin + width * part));
                    found.see(when(begin + width * at), seen, false);
                }
            }
        }
    }
}

/// When the state of a lane is read.
#[derive(Clone, Copy, PartialEq)]
enum Moment {
    /// At its start, before events.
    Start,
    /// After events.
    Jump,
    /// After events, and no step follows.
    End,
}

/// A lane along the step that it has just taken.
struct Along<'a, const W: usize> {
    work: &'a Work<W>,
    program: &'a Program,
    place: usize,
    /// Start, end and polynomial of the species that have been read so far.
    known: Vec<Option<[f64; 5]>>,
    state: Vec<f64>,
    parameters: Vec<f64>,
}

impl<'a, const W: usize> Along<'a, W> {
    /// Nothing is read and no memory is allocated until it is needed.
    fn new(program: &'a Program, work: &'a Work<W>, place: usize) -> Self {
        Self { work, program, place, known: vec![], state: vec![], parameters: vec![] }
    }

    /// Reads the species and parameters that a survey needs.
    fn read(&mut self, of: &Reads) {
        let n = self.program.size();
        if self.state.is_empty() {
            self.known = vec![None; n];
            self.state = vec![0.0; n];
            self.parameters = vec![0.0; self.program.parameter_names.len()];
        }
        let layout = &self.program.layout;
        let row = |at: usize| self.work.rows[at][self.place];
        for p in &of.parameters {
            self.parameters[p.0] = row(layout.parameters.start + p.0);
        }
        for s in &of.species {
            let i = s.0;
            self.known[i].get_or_insert_with(|| {
                let stage = |k: usize| row(layout.stages.start + k * n + i);
                let dense =
                    |k: usize| -> f64 { (0..STAGES).map(|s| -DENSE[k][s] * stage(s)).sum() };
                let (start, end) = (row(layout.start.start + i), self.work.end[i][self.place]);
                [start, end, dense(0), dense(1), dense(2)]
            });
        }
    }

    /// Sets the species that a survey reads to their values at a fraction of the step.
    fn go_to(&mut self, part: f64, species: &[SpeciesId]) {
        for s in species {
            let [start, end, a, b, c] = self.known[s.0].expect("read before");
            let between =
                |s: f64| (1.0 - s) * start + s * (end + (1.0 - s) * (a + s * (b + s * c)));
            let x = if part == 1.0 { end } else { between(part) };
            self.state[s.0] = if x < 0.0 && !self.program.signed[s.0] { 0.0 } else { x };
        }
    }
}

/// Turning points of cubics, lane by lane.
pub struct Turns<const W: usize> {
    /// Positions as fractions of the interval; NaN where there is none.
    pub at: [Row<W>; 2],
    /// Values at the turning points; NaN where there is none.
    pub values: [Row<W>; 2],
    /// Range of the values through which the cubic passes, which is more than the error of the
    /// cubic can be.
    pub spread: Row<W>,
}

/// Where the cubics through the values at 0, the inner nodes and 1 have turning points inside that
/// interval. Values that differ by little more than rounding have no turning points.
///
/// Without branches, so that all lanes are computed at once.
#[inline(always)]
pub fn turns<const W: usize>([a, b, c, d]: &[Row<W>; 4]) -> Turns<W> {
    // Uses a variable from -1 to 1, in which the nodes are -1, -r, r, 1 with r^2 = 1/5.
    let (mut high, mut low) = (*a, *a);
    for row in [b, c, d] {
        high = each(|l| if row[l] > high[l] { row[l] } else { high[l] });
        low = each(|l| if row[l] < low[l] { row[l] } else { low[l] });
    }
    let spread: Row<W> = each(|l| high[l] - low[l]);
    let r2 = 0.2;
    let r = INNER[1] - INNER[0];
    let even_end: Row<W> = each(|l| 0.5 * (a[l] + d[l]));
    // even = e0 + e2 x^2, odd = x (o1 + o3 x^2)
    let e2: Row<W> = each(|l| (even_end[l] - 0.5 * (b[l] + c[l])) / (1.0 - r2));
    let odd_end: Row<W> = each(|l| 0.5 * (d[l] - a[l]));
    let o3: Row<W> = each(|l| (odd_end[l] - 0.5 * (c[l] - b[l]) / r) / (1.0 - r2));
    let o1: Row<W> = each(|l| odd_end[l] - o3[l]);
    // o1 + 2 e2 x + 3 o3 x^2 = 0, solved by the form without cancellation.
    let root: Row<W> = each(|l| e2[l] * e2[l] - 3.0 * o3[l] * o1[l]);
    let q: Row<W> = each(|l| -(e2[l] + root[l].sqrt().copysign(e2[l])));
    // NaN where values differ by little more than rounding, and where the slope has no root.
    let there: Row<W> = each(|l| {
        let size = if high[l].abs() > low[l].abs() { high[l].abs() } else { low[l].abs() };
        let has_root = (root[l] > 0.0) | (root[l] == 0.0) & (e2[l] != 0.0);
        if (spread[l] > ROUNDING * size) & has_root { 0.0 } else { f64::NAN }
    });
    let first = inside(&each(|l| there[l] + q[l] / (3.0 * o3[l])));
    let second = inside(&each(|l| there[l] + o1[l] / q[l]));
    Turns {
        at: [place(&first), place(&second)],
        values: [
            value(&first, &even_end, [&o1, &e2, &o3]),
            value(&second, &even_end, [&o1, &e2, &o3]),
        ],
        spread,
    }
}

/// Positions from -1 to 1; NaN where they are outside.
#[inline(always)]
fn inside<const W: usize>(x: &Row<W>) -> Row<W> {
    each(|l| if (x[l] > -1.0) & (x[l] < 1.0) { x[l] } else { f64::NAN })
}

/// Positions from -1 to 1 as fractions of the interval.
#[inline(always)]
fn place<const W: usize>(x: &Row<W>) -> Row<W> {
    each(|l| 0.5 * (x[l] + 1.0))
}

/// Values of the cubics at positions from -1 to 1.
#[inline(always)]
fn value<const W: usize>(x: &Row<W>, end: &Row<W>, [o1, e2, o3]: [&Row<W>; 3]) -> Row<W> {
    each(|l| end[l] + e2[l] * (x[l] * x[l] - 1.0) + x[l] * (o1[l] + o3[l] * x[l] * x[l]))
}

/// A turning point of the cubic, moved by successive parabolas to the turning point of the readout
/// itself; and the value there.
fn refined(turn: f64, mut value: impl FnMut(f64) -> f64) -> (f64, f64) {
    let mut at = turn;
    for width in [0.05, 0.005] {
        let (low, high) = ((at - width).max(0.0), (at + width).min(1.0));
        let (a, b, c) = (value(low), value(at), value(high));
        let (left, right) = ((b - a) / (at - low), (c - b) / (high - at));
        // The slope of the parabola vanishes here.
        let moved = 0.5 * (low + at) + 0.5 * (high - low) * left / (left - right);
        if moved.is_finite() {
            at = moved.clamp(low, high);
        }
    }
    (at, value(at))
}
