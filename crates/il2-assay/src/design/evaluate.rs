//! Reads the results of candidates from their wells.

use crate::design::objective::{Objective, Of};
use crate::design::plan::{Candidate, Dose, NEAR, WellDose};
use crate::design::simulate::{Item, Job, Response, Simulator};
use il2_engine::math;
use il2_inference::curve::{HalfMaximal, read_curve};
use il2_inference::no_answer::NoAnswer;
use il2_inference::nsga2::Worth;

/// Largest number of simulations whose wells are kept in memory at once.
const AT_ONCE: usize = 400_000;
/// Violation of a limit that is assigned to a missing result, larger than that of any real result.
const WITHOUT: f64 = 1e6;

/// The results of all objectives.
pub(super) type Results = Vec<Result<f64, NoAnswer>>;

/// Reads the results of candidates from their simulations.
pub(super) struct Evaluator<'a> {
    pub simulator: Simulator<'a>,
    /// Doses of the curves (pM), and the wells of each cell at these doses.
    pub doses: Vec<f64>,
    pub wells: Vec<Vec<WellDose>>,
}

/// Results of an item: each well of its cell, and doses near the half-maximum of its curves.
#[derive(Default)]
struct Seen {
    wells: Vec<Response>,
    near: Vec<(f64, Response)>,
}

/// The part of a curve that needs more doses.
#[derive(Clone, Copy)]
enum Place {
    Top,
    Half,
}

impl Evaluator<'_> {
    /// The results of jobs. Results relative to a known molecule are computed for each donor,
    /// within the same draw.
    pub fn results(&self, jobs: &[Job]) -> Vec<Results> {
        let plan = self.simulator.plan;
        let per =
            (0..plan.cells.len()).map(|c| self.wells[c].len() * plan.people(c)).sum::<usize>();
        let some = (AT_ONCE / per.max(1)).max(1);
        jobs.chunks(some).flat_map(|jobs| self.some(jobs)).collect()
    }

    fn some(&self, jobs: &[Job]) -> Vec<Results> {
        let plan = self.simulator.plan;
        let mut references: Vec<(usize, Option<usize>, Candidate)> = vec![];
        for job in jobs {
            for of in plan.objectives.iter().filter_map(|o| o.relative_to) {
                if !references.iter().any(|(m, draw, _)| (*m, *draw) == (of, job.draw)) {
                    references.push((of, job.draw, Candidate::known(plan, of)));
                }
            }
        }
        let beside = references.iter().map(|(_, draw, candidate)| Job { candidate, draw: *draw });
        let all: Vec<Job> = jobs.iter().copied().chain(beside).collect();
        let read = self.read(&all);
        let of = |(i, job): (usize, &Job)| {
            let one = |(o, objective): (usize, &Objective)| {
                let mut values = read[i][o].clone();
                if let Some(of) = objective.relative_to {
                    let place = references.iter().position(|(m, d, _)| (*m, *d) == (of, job.draw));
                    let own = &read[jobs.len() + place.expect("put there above")][o];
                    for (value, own) in values.iter_mut().zip(own) {
                        *value = over(value.clone(), own.clone());
                    }
                }
                match objective.reached_by {
                    Some(part) => objective.reached(&values[1..], part),
                    None => values[0].clone(),
                }
            };
            plan.objectives.iter().enumerate().map(one).collect()
        };
        jobs.iter().enumerate().map(of).collect()
    }

    /// Results by `[job][objective][donor]`, with the typical donor first.
    fn read(&self, jobs: &[Job]) -> Vec<Vec<Vec<Result<f64, NoAnswer>>>> {
        let plan = self.simulator.plan;
        let mut items = vec![];
        for (job, asked) in jobs.iter().enumerate() {
            for cell in 0..plan.cells.len() {
                let people = 0..plan.people(cell);
                items.extend(people.map(|person| Item {
                    job,
                    cell,
                    person,
                    values: self.simulator.values(asked, cell, person),
                }));
            }
        }
        let seen = self.seen(jobs, &items);
        let place = |job: usize, cell: usize, person: usize| {
            items.binary_search_by_key(&(job, cell, person), |i| (i.job, i.cell, i.person))
        };
        let of = |job: usize| {
            let one = |objective: &Objective| {
                let people = match objective.reached_by {
                    Some(_) => 1 + plan.donors.len(),
                    None => 1,
                };
                let person = |person: usize| {
                    let cells = objective.cells.iter();
                    let own = cells.map(|c| {
                        let item = place(job, *c, person).expect("one for each donor");
                        (*c, &seen[item])
                    });
                    self.one(objective, &own.collect::<Vec<_>>())
                };
                (0..people).map(person).collect()
            };
            plan.objectives.iter().map(one).collect()
        };
        (0..jobs.len()).map(of).collect()
    }

    /// Simulates every well of every item, then doses near the half-maximum of each curve.
    fn seen(&self, jobs: &[Job], items: &[Item]) -> Vec<Seen> {
        let dose = |item: &Item, well: WellDose| match well {
            WellDose::Zero => 0.0,
            WellDose::Curve(dose) => self.doses[dose],
            WellDose::Single(single) => match self.simulator.plan.singles[single] {
                Dose::Given(dose) => dose,
                Dose::Chosen => jobs[item.job].candidate.dose,
            },
        };
        let mut asked = vec![];
        for (i, item) in items.iter().enumerate() {
            asked.extend(self.wells[item.cell].iter().map(|well| (i, dose(item, *well))));
        }
        let mut seen: Vec<Seen> = items.iter().map(|_| Seen::default()).collect();
        for ((item, _), response) in asked.iter().zip(self.simulator.responses(jobs, items, &asked))
        {
            seen[*item].wells.push(response);
        }
        // First the maximum of the curve, on which the half-maximum depends.
        for place in [Place::Top, Place::Half] {
            let mut near = vec![];
            for (i, item) in items.iter().enumerate() {
                near.extend(
                    self.near(item.cell, &seen[i], place).into_iter().map(|dose| (i, dose)),
                );
            }
            for ((item, dose), response) in
                near.iter().zip(self.simulator.responses(jobs, items, &near))
            {
                seen[*item].near.push((*dose, response));
            }
        }
        seen
    }

    /// Doses to add to the curves of a cell: on both sides of the highest response if a curve falls again, or
    /// between the two doses around the half-maximum.
    fn near(&self, cell: usize, seen: &Seen, place: Place) -> Vec<f64> {
        let mut all: Vec<f64> = vec![];
        for objective in self.simulator.plan.curves(cell) {
            let Ok((doses, values, baseline)) = self.curve(objective, seen) else { continue };
            match place {
                Place::Top => {
                    let far = |i: &usize| (values[*i] - baseline).abs();
                    let top = (0..values.len()).max_by(|a, b| far(a).total_cmp(&far(b)));
                    let around = top.and_then(|top| doses.get(top.checked_sub(1)?..top + 2));
                    for pair in around.iter().flat_map(|around| around.windows(2)) {
                        all.extend((1..=NEAR / 2).map(|i| between(pair, i, NEAR / 2 + 1)));
                    }
                }
                Place::Half => {
                    let half =
                        read_curve(&doses, &values, baseline, &self.simulator.study.tolerance).ec50;
                    let Some(half) = half.value() else { continue };
                    let next = doses.partition_point(|dose| *dose < half);
                    let pair = next.checked_sub(1).and_then(|from| doses.get(from..=next));
                    if let Some(pair) = pair {
                        all.extend((1..=NEAR).map(|i| between(pair, i, NEAR + 1)));
                    }
                }
            }
        }
        all.sort_by(f64::total_cmp);
        all.dedup();
        all
    }

    /// The value of an objective in a well.
    fn well(&self, objective: &Objective, response: &Response) -> Result<f64, NoAnswer> {
        let plan = self.simulator.plan;
        let place = match objective.of {
            Of::MeanResponse => {
                let mean = self.simulator.means().position(|o| o.name == objective.name);
                plan.readouts.len() * plan.times.len() + mean.expect("it is one of them")
            }
            _ => objective.readout * plan.times.len() + objective.time,
        };
        Ok(response.as_ref().map_err(Clone::clone)?[place])
    }

    /// Doses of a curve, its responses, and the baseline.
    fn curve(
        &self,
        objective: &Objective,
        seen: &Seen,
    ) -> Result<(Vec<f64>, Vec<f64>, f64), NoAnswer> {
        let curve = self.doses.iter().copied().zip(&seen.wells[1..]);
        let near = seen.near.iter().map(|(dose, response)| (*dose, response));
        let mut points = vec![];
        for (dose, response) in curve.chain(near) {
            points.push((dose, self.well(objective, response)?));
        }
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (doses, values) = points.into_iter().unzip();
        Ok((doses, values, self.well(objective, &seen.wells[0])?))
    }

    fn ec50(&self, objective: &Objective, seen: &Seen) -> Result<f64, NoAnswer> {
        let (doses, values, baseline) = self.curve(objective, seen)?;
        match read_curve(&doses, &values, baseline, &self.simulator.study.tolerance).ec50 {
            HalfMaximal::At(dose) => Ok(dose),
            HalfMaximal::Below(dose) => Err(NoAnswer::BelowDoses(dose)),
            HalfMaximal::Above(dose) => Err(NoAnswer::AboveDoses(dose)),
            HalfMaximal::Flat => Err(NoAnswer::Flat),
            HalfMaximal::Unknown => Err(NoAnswer::NoEc50),
        }
    }

    /// The result of an objective for one donor, from the wells of each of its cells.
    fn one(&self, objective: &Objective, cells: &[(usize, &Seen)]) -> Result<f64, NoAnswer> {
        let ec50 = |(_, seen): &(usize, &Seen)| self.ec50(objective, seen);
        let single = |(cell, seen): &(usize, &Seen)| {
            let dose = WellDose::Single(objective.dose.expect("set in the plan"));
            let well = self.wells[*cell].iter().position(|well| *well == dose);
            self.well(objective, &seen.wells[well.expect("a well for each dose")])
        };
        match objective.of {
            Of::Ec50 => ec50(&cells[0]),
            Of::Selectivity => over(ec50(&cells[1]), ec50(&cells[0])),
            Of::Response | Of::MeanResponse => single(&cells[0]),
            Of::ResponseRatio => over(single(&cells[0]), single(&cells[1])),
        }
    }

    /// The costs of results for the search.
    pub fn worth(&self, results: &Results) -> Worth {
        let all = self.simulator.plan.objectives.iter().zip(results);
        let violation = all.clone().map(|(objective, result)| match result {
            // The logarithm of a zero readout is undefined.
            Ok(value) if !objective.logarithm() || *value > 0.0 => objective.violation(*value),
            _ => WITHOUT,
        });
        let violation = violation.sum();
        let goals = all.filter(|(objective, _)| objective.goal.is_some());
        let cost = |(objective, result): (&Objective, &Result<f64, NoAnswer>)| {
            result.as_ref().map_or(f64::NAN, |value| objective.cost(*value))
        };
        Worth { costs: goals.map(cost).collect(), violation }
    }
}

/// A ratio of two results.
fn over(above: Result<f64, NoAnswer>, below: Result<f64, NoAnswer>) -> Result<f64, NoAnswer> {
    let below = below?;
    if below == 0.0 { Err(NoAnswer::Zero) } else { Ok(above? / below) }
}

/// A dose between two others, a number of equal-factor steps from the first.
fn between(pair: &[f64], step: usize, of: usize) -> f64 {
    pair[0] * math::pow(pair[1] / pair[0], step as f64 / of as f64)
}

/// Doses of a curve with further doses between them.
pub(super) fn finer(doses: &[f64], parts: usize) -> Vec<f64> {
    let mut all: Vec<f64> = vec![];
    for pair in doses.windows(2) {
        all.extend((0..parts).map(|i| between(pair, i, parts)));
    }
    all.extend(doses.last());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finer_doses_keep_those_that_were_there() {
        let all = finer(&[1.0, 100.0, 400.0], 2);
        assert_eq!(all.len(), 5);
        assert_eq!([all[0], all[2], all[4]], [1.0, 100.0, 400.0]);
        assert!((all[1] - 10.0).abs() < 1e-9 && (all[3] - 200.0).abs() < 1e-9);
    }
}
