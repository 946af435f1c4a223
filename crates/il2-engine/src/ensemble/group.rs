//! A group of lanes that advance side by side, each with its own time, step and error control. A
//! finished lane is replaced by the next one immediately.

use super::control::Judgement;
use super::known::Next;
use super::lanes::{Answered, Lanes};
use super::seat::Seat;
use super::task::{Task, perform};
use super::verdict::Verdict;
use super::watch;
use super::work::{Sizes, Work};
use crate::course::{Changes, Course, Outlook, at_least_zero};
use crate::lane::{Change, Lane, LaneFailure, Stopped, Tolerance};
use crate::list::backend::{AVX2_LANES, AVX512_LANES, INTERPRETED_LANES};
use crate::program::Program;
use std::ops::Range;

/// Lanes side by side.
pub struct Group<'a, const W: usize> {
    program: &'a Program,
    tolerance: Tolerance,
    work: Work<W>,
    seats: [Option<Seat>; W],
    /// Whether parameters of some lane have changed since the prologue ran.
    stale: bool,
}

/// An empty group as wide as the program runs best.
pub fn widest<'a>(program: &'a Program, of: Tolerance, sizes: Sizes) -> Box<dyn Lanes + 'a> {
    match program.native_lanes() {
        Some(AVX512_LANES) => Box::new(Group::<AVX512_LANES>::new(program, of, sizes)),
        Some(AVX2_LANES) => Box::new(Group::<AVX2_LANES>::new(program, of, sizes)),
        _ => Box::new(Group::<INTERPRETED_LANES>::new(program, of, sizes)),
    }
}

impl<const W: usize> Lanes for Group<'_, W> {
    fn is_empty(&self) -> bool {
        self.seats.iter().all(Option::is_none)
    }

    fn fill(
        &mut self,
        next: &mut dyn FnMut() -> Option<(usize, Next)>,
        answer: &mut dyn FnMut(Answered),
    ) {
        for place in 0..W {
            while self.seats[place].is_none() {
                let (index, lane) = match next() {
                    None => return,
                    Some((index, Next::Run(lane, _))) => (index, lane),
                    Some((index, Next::Answered(found))) => {
                        answer((index, found));
                        continue;
                    }
                };
                match self.check(&lane) {
                    Ok(()) => self.seat(place, Seat::new(index, Course::new(lane)), answer),
                    Err(failure) => answer((index, Err(failure.into()))),
                }
            }
        }
    }

    fn advance(&mut self, answer: &mut dyn FnMut(Answered)) {
        if self.is_empty() {
            return;
        }
        if self.stale {
            perform(&mut self.work, self.program, Task::Prologue);
            self.stale = false;
        }
        self.guess_first_steps();
        let mut time = [0.0; W];
        let mut step = [1.0; W];
        let mut end = [0.0; W];
        for place in 0..W {
            let Some(seat) = &self.seats[place] else { continue };
            time[place] = seat.course.time;
            (step[place], end[place]) = seat.next_step();
        }
        watch::starts(&mut self.work, self.program, &mut self.seats, &time);
        let task = Task::Step(time, step, self.tolerance);
        let verdict = perform(&mut self.work, self.program, task);
        watch::steps(&mut self.work, self.program, &self.seats, [&time, &end, &step], &verdict);
        let mut dense = false;
        let mut stands = [false; W];
        let mut settled = [false; W];
        for place in 0..W {
            if self.seats[place].is_none() {
                continue;
            }
            match self.judge(place, step[place], &verdict) {
                Ok(true) => {
                    let seat = self.seats[place].as_ref().expect("seated");
                    let wanted = seat.course.wanted().first().is_some_and(|&t| t < end[place]);
                    let watched = !seat.course.lane.triggers.is_empty();
                    if (wanted || watched) && !dense {
                        perform(&mut self.work, self.program, Task::Dense);
                        dense = true;
                    }
                    let seat = self.seats[place].as_mut().expect("seated");
                    let taken = (time[place], step[place]);
                    if watched && seat.finds_crossing(self.program, &self.work, place, taken) {
                        // A crossing at the very start of the step needs no step to be reached.
                        settled[place] = seat.landing.is_some_and(|l| l.time <= time[place]);
                        continue;
                    }
                    self.accept(place, time[place], end[place], step[place]);
                    stands[place] = true;
                    let seat = self.seats[place].as_ref().expect("seated");
                    settled[place] = end[place] >= seat.until
                        || seat.landing.is_some_and(|l| end[place] >= l.time)
                        || seat.course.wanted().first().is_some_and(|&t| t <= end[place]);
                }
                Ok(false) => {}
                Err(failure) => self.give_up(place, failure, answer),
            }
        }
        perform(&mut self.work, self.program, Task::Advance(stands));
        for place in 0..W {
            if settled[place] {
                self.settle(place, answer);
            }
        }
    }
}

impl<'a, const W: usize> Group<'a, W> {
    /// An empty group.
    pub fn new(program: &'a Program, tolerance: Tolerance, sizes: Sizes) -> Self {
        Self {
            program,
            tolerance,
            work: Work::new(program, tolerance.absolute, sizes),
            seats: std::array::from_fn(|_| None),
            stale: false,
        }
    }

    fn check(&self, lane: &Lane) -> Result<(), LaneFailure> {
        self.tolerance.check()?;
        lane.check(&self.program.parameter_names, &self.program.species_names)?;
        let Some(tangent) = &self.program.tangent else { return Ok(()) };
        let given = &lane.initial_sensitivities;
        let fits = given.len() == tangent.by.len()
            && given.iter().all(|of| of.len() == self.program.size());
        if !given.is_empty() && !fits {
            let what = "initial sensitivities without exactly one value for each pair of parameter and species";
            return Err(LaneFailure::Sensitivity(what.into()));
        }
        if !lane.triggers.is_empty() {
            let what = "a simulation whose events depend on its state (triggers)";
            return Err(LaneFailure::Sensitivity(what.into()));
        }
        // An event changes only the parameter itself: parameters derived from it keep their values,
        // and their derivatives would be evaluated at another point.
        for event in &lane.events {
            let (p, sets) = match event.change {
                Change::SetParameter(p, _) => (p, true),
                Change::Infuse { parameter, .. } => (parameter, false),
                Change::Multiply(s, _) => {
                    let name = &self.program.species_names[s.0];
                    let what = format!("{name}, which an event multiplies");
                    return Err(LaneFailure::Sensitivity(what));
                }
                _ => continue,
            };
            let name = &self.program.parameter_names[p.0];
            if sets && (tangent.by.contains(&p) || tangent.derived[p.0]) {
                return Err(LaneFailure::Sensitivity(format!("{name}, which an event sets")));
            }
            if tangent.feeds[p.0] {
                let what = format!("a parameter derived from {name}, which an event changes");
                return Err(LaneFailure::Sensitivity(what));
            }
        }
        Ok(())
    }

    /// Sensitivities of a lane, `[parameter][species]`.
    fn sensitivities(&self, place: usize) -> Vec<Vec<f64>> {
        let all = self.work.tangents.start.chunks(self.program.size().max(1));
        all.map(|rows| rows.iter().map(|row| row[place]).collect()).collect()
    }

    fn set_column(&mut self, rows: Range<usize>, place: usize, values: &[f64]) {
        for (row, &value) in self.work.rows[rows].iter_mut().zip(values) {
            row[place] = value;
        }
    }

    fn seat(&mut self, place: usize, mut seat: Seat, answer: &mut dyn FnMut(Answered)) {
        let (mut state, mut parameters) =
            (seat.course.lane.initial.clone(), seat.course.lane.parameters.clone());
        seat.lands_on_outputs = self.program.tangent.is_some();
        let (n, given) = (self.program.size(), &seat.course.lane.initial_sensitivities);
        for (k, row) in self.work.tangents.start.iter_mut().enumerate() {
            row[place] = given.get(k / n).map_or(0.0, |of| of[k % n]);
        }
        self.record_sensitivities(place, &mut seat);
        seat.begin_surveys(&state, &parameters, self.program);
        watch::wants(&mut self.work.looks, &seat);
        let (outlook, changes) = seat.course.settle(&mut state, &mut parameters);
        if changes.any {
            seat.survey_jump(&state, &parameters, &self.program.signed, outlook);
        }
        // Events at the start come before the first check of triggers.
        seat.above = seat.sides(&state, &parameters, seat.course.time);
        self.seats[place] = Some(seat);
        let changes = Changes { any: true, parameters: true, ..changes };
        self.go_on(place, outlook, changes, &state, &parameters, answer);
    }

    /// Records the sensitivities for every output that is due now; the states are recorded
    /// afterwards.
    fn record_sensitivities(&self, place: usize, seat: &mut Seat) {
        if self.program.tangent.is_none() {
            return;
        }
        let course = &mut seat.course;
        let due = course.wanted().iter().take_while(|&&t| t <= course.time).count();
        (0..due).for_each(|_| course.found.sensitivities.push(self.sensitivities(place)));
    }

    /// Records the outputs and makes the changes of a lane that are due now.
    fn settle(&mut self, place: usize, answer: &mut dyn FnMut(Answered)) {
        if self.program.tangent.is_some()
            && let Some(mut seat) = self.seats[place].take()
        {
            self.record_sensitivities(place, &mut seat);
            self.seats[place] = Some(seat);
        }
        if self.record_only(place) {
            return;
        }
        let layout = &self.program.layout;
        let mut state = self.work.column(layout.start.clone(), place);
        let mut parameters = self.work.column(layout.parameters.clone(), place);
        let Some(seat) = &mut self.seats[place] else { return };
        // Values below zero by less than the tolerance are reported as zero.
        let raw = state.clone();
        at_least_zero(&mut state, &self.program.signed);
        let shown = state.clone();
        let mut changes = Changes::default();
        let watched = seat.watched(&state, &parameters);
        let course = &mut seat.course;
        if let Some(landing) = seat.landing.take_if(|landing| landing.time <= course.time) {
            seat.above[landing.trigger] = landing.above;
            course.found.crossings.push((landing.trigger, course.time));
            let change = course.lane.triggers[landing.trigger].change;
            course.apply(change, &mut state, &mut parameters, &mut changes);
        }
        let (outlook, more) = course.settle(&mut state, &mut parameters);
        changes.any |= more.any;
        changes.parameters |= more.parameters;
        changes.set.extend(more.set);
        if changes.any {
            seat.survey_jump(&state, &parameters, &self.program.signed, outlook);
        }
        // A jump moves a trigger to its new side of zero without firing it. Triggers that did not
        // jump keep their side, because one that has just fired may still be slightly before its
        // crossing.
        let jumped = seat.watched(&state, &parameters);
        for (k, (before, after)) in watched.into_iter().zip(jumped).enumerate() {
            if before != after {
                seat.above[k] = after > 0.0;
            }
        }
        // ... but the state itself keeps them, since otherwise totals would change.
        for i in 0..state.len() {
            if state[i] == shown[i] && !changes.set.iter().any(|species| species.0 == i) {
                state[i] = raw[i];
            }
        }
        self.go_on(place, outlook, changes, &state, &parameters, answer);
    }

    /// Records the state of a lane if nothing but outputs is due, as at most stops, and returns
    /// whether this was the case.
    fn record_only(&mut self, place: usize) -> bool {
        let Some(seat) = &mut self.seats[place] else { return false };
        let course = &mut seat.course;
        if course.time >= seat.until || seat.landing.is_some_and(|l| l.time <= course.time) {
            return false;
        }
        let start = self.program.layout.start.clone();
        let mut state = self.work.column(start, place);
        at_least_zero(&mut state, &self.program.signed);
        while course.wanted().first().is_some_and(|&t| t <= course.time) {
            course.record(state.clone());
        }
        seat.attempts = 0;
        true
    }

    fn go_on(
        &mut self,
        place: usize,
        outlook: Outlook,
        changes: Changes,
        state: &[f64],
        parameters: &[f64],
        answer: &mut dyn FnMut(Answered),
    ) {
        let Some(seat) = &mut self.seats[place] else { return };
        let names = || self.program.species_names.iter().zip(state);
        if changes.any
            && let Some((name, &value)) = names().find(|(_, x)| !x.is_finite())
        {
            let why = LaneFailure::NotFinite(format!("{name} after a change"), value);
            return self.give_up(place, why, answer);
        }
        match outlook {
            Outlook::Done => {
                let seat = self.seats[place].take().expect("seated");
                answer((seat.index, Ok(seat.course.found)));
            }
            Outlook::Until(time) => {
                seat.until = time;
                seat.attempts = 0;
                let n = self.program.size();
                for of in self.work.tangents.start.chunks_mut(n.max(1)) {
                    changes.set.iter().for_each(|species| of[species.0][place] = 0.0);
                }
                if changes.any {
                    seat.begin_anew();
                    self.set_column(self.program.layout.start.clone(), place, state);
                }
                if changes.parameters {
                    self.set_column(self.program.layout.parameters.clone(), place, parameters);
                    self.stale = true;
                }
            }
        }
    }

    /// Ends a lane that failed, with its results so far.
    fn give_up(&mut self, place: usize, why: LaneFailure, answer: &mut dyn FnMut(Answered)) {
        let seat = self.seats[place].take().expect("seated");
        answer((seat.index, Err(Box::new(Stopped { why, found: seat.course.found }))));
    }

    /// Whether a lane's step is accepted; sets the step to try next.
    fn judge(
        &mut self,
        place: usize,
        step: f64,
        verdict: &Verdict<W>,
    ) -> Result<bool, LaneFailure> {
        let seat = self.seats[place].as_mut().expect("seated");
        let time = seat.course.time;
        match seat.judge(step, &verdict.lane(place), &self.tolerance) {
            Judgement::Stands => Ok(true),
            Judgement::Again => Ok(false),
            Judgement::AgainFromZero => {
                seat.course.found.set_to_zero += 1;
                self.lift_to_zero(place);
                Ok(false)
            }
            Judgement::TooManySteps(steps) => Err(LaneFailure::TooManySteps { time, steps }),
            Judgement::StepTooSmall(step) => {
                Err(LaneFailure::StepTooSmall { time, step, species: self.fastest(place) })
            }
        }
    }

    fn lift_to_zero(&mut self, place: usize) {
        let start = self.program.layout.start.clone();
        let mut state = self.work.column(start.clone(), place);
        at_least_zero(&mut state, &self.program.signed);
        self.set_column(start, place, &state);
    }

    /// Moves the time of a lane to the end of its step and records the outputs on the way. The
    /// states of all lanes are moved together afterwards.
    fn accept(&mut self, place: usize, time: f64, end: f64, step: f64) {
        let seat = self.seats[place].as_mut().expect("seated");
        seat.survey_step(self.program, &self.work, place, [time, end, step]);
        while let Some(&wanted) = seat.course.wanted().first().filter(|&&t| t < end) {
            let mut state = self.work.at_part(self.program, place, (wanted - time) / step);
            at_least_zero(&mut state, &self.program.signed);
            seat.course.record(state);
            seat.attempts = 0;
        }
        seat.course.time = end;
    }

    /// Sets a step for lanes that have none: a hundredth of the time in which the slope would
    /// change the state by its own size (Hairer, Norsett & Wanner, section II.4, first half).
    fn guess_first_steps(&mut self) {
        if self.seats.iter().flatten().all(|seat| seat.step.is_some()) {
            return;
        }
        let (program, work) = (self.program, &mut self.work);
        let layout = &program.layout;
        let times = std::array::from_fn(|l| self.seats[l].as_ref().map_or(0.0, |s| s.course.time));
        perform(work, program, Task::Slope(times));
        for place in 0..W {
            let Some(seat) = &mut self.seats[place] else { continue };
            if seat.step.is_some() {
                continue;
            }
            let (mut size, mut speed) = (0.0_f64, 0.0_f64);
            for i in 0..program.size() {
                let (x, f) = (
                    work.rows[layout.start.start + i][place],
                    work.rows[layout.slope.start + i][place],
                );
                let scale = self.tolerance.relative.mul_add(x.abs(), work.absolute[i]);
                size = size.max(x.abs() / scale);
                speed = speed.max(f.abs() / scale);
            }
            let left = seat.until - seat.course.time;
            let guess = if size < 1e-5 || speed < 1e-5 { 1e-6 * left } else { 0.01 * size / speed };
            seat.step = Some(guess.clamp(1e-12 * left, left));
        }
    }

    fn fastest(&self, place: usize) -> String {
        let n = self.program.size();
        let last = (crate::rodas5p::STAGES - 1) * n;
        let change = |i: &usize| {
            let row = |at: usize| self.work.rows[at][place].abs();
            let start = row(self.program.layout.start.start + i);
            let scale = self.tolerance.relative.mul_add(start, self.work.absolute[*i]);
            row(self.program.layout.stages.start + last + i) / scale
        };
        let fastest = (0..n).max_by(|i, j| change(i).total_cmp(&change(j)));
        fastest.map_or(String::new(), |i| self.program.species_name(i).to_string())
    }
}
