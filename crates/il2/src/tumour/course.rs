//! A patient with a tumour from the first scan to the end of follow-up, in an arm of a trial or
//! without treatment.

use crate::parameter::MissingParameter;
use crate::patient::cohort::{Cohort, Delivered, Person};
use crate::patient::rules::Rules;
use crate::treatment::regimen::Regimen;
use crate::tumour::disease::{Entry, Partner};
use crate::tumour::host::Host;
use crate::tumour::lesions::{Immunity, Lesions, add_lesions};
use crate::tumour::response::{Assessment, Category, Criteria, diameter, scan_times};
use il2_engine::lane::{Controller, Crossing, Decision, Moment, Trigger};
use il2_engine::program::shared::shared;
use il2_engine::{
    Change, Dimension, Event, Expression, Lane, Network, ParameterId, Program, Trajectory, math,
};
use std::sync::Arc;

/// The equations of a patient with a tumour, compiled. Without a cohort the patient is at rest, as
/// in an arm without interleukin-2.
#[derive(Debug)]
pub struct Model {
    /// The network.
    pub network: Network,
    /// The compiled network.
    pub program: Arc<Program>,
    /// Species and parameters of the tumour in the network.
    pub lesions: Lesions,
    /// Factor for the hazard of death once the first treatment has failed: 1 for the treatments of
    /// the 1990s, less for later ones.
    pub later_therapy: f64,
    /// Hazard of death of people without the disease (1/min).
    background_hazard: f64,
}

impl Model {
    /// Adds the equations of a disease to those of patients, or of a patient at rest.
    pub fn new(cohort: Option<&Cohort>, disease: &Entry) -> Result<Self, MissingParameter> {
        let mut network = cohort.map_or_else(Network::default, |c| c.body.network.clone());
        let immunity = match cohort {
            Some(_) => Immunity::of(&network),
            None => Immunity::at_rest(),
        };
        let count = disease.plain("lesions")? as usize;
        let lesions = add_lesions(&mut network, &disease.parameters, &immunity, count)?;
        let program = shared(&network);
        let later_therapy = disease.plain("later_therapy")?;
        let background_hazard = disease.number("background_hazard", Dimension::RATE)?;
        Ok(Self { network, program, lesions, later_therapy, background_hazard })
    }
}

/// When scans are made.
#[derive(Clone, Debug, PartialEq)]
pub struct Scans {
    /// Planned times of scans after the first (min), in order.
    pub planned: Vec<f64>,
    /// Largest shift of all scans of a patient (min).
    pub window: f64,
    /// The criteria by which they are read.
    pub criteria: Criteria,
}

/// The treatment of a patient.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// For interleukin-2: the cohort, the patient, the planned doses, and the rules by which some are
    /// withheld.
    pub drug: Option<(&'a Cohort, &'a Person, &'a Regimen, Option<&'a Rules>)>,
    /// Treatments given in addition.
    pub partners: &'a [Partner],
    /// Whether dosing continues after progression.
    pub beyond_progression: bool,
}

/// What the decision that an event of a lane needs is about.
#[derive(Clone, Copy, Debug, PartialEq)]
enum DecisionOn {
    /// A dose of the regimen, by its index.
    Dose(usize),
    /// A dose of a partner treatment.
    PartnerDose,
    /// A scan, and whether it only confirms another.
    Scan(bool),
    /// No decision: the event always happens.
    Nothing,
}

/// The outcome of a patient.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    /// What scans showed until death or progression.
    pub assessment: Assessment,
    /// Scans that were read: time (min), sum and category.
    pub scans: Vec<(f64, f64, Option<Category>)>,
    /// Time of death (min), if within follow-up.
    pub death: Option<f64>,
    /// Whether the drug caused the death.
    pub of_drug: bool,
    /// Doses of interleukin-2 that were given.
    pub delivered: Delivered,
    /// Whether all clones are extinct at the end, so that no tumour cells are left.
    pub extinct: bool,
}

/// A simulation, with the decisions that its events need.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The simulation.
    pub lane: Lane,
    asked: Arc<Vec<DecisionOn>>,
    /// Output times that are scans, and whether each scan only confirms another.
    scans: Vec<(f64, bool)>,
}

impl Model {
    /// The simulation of a patient until `end` (min).
    pub fn plan(&self, host: &Host, given: &Given, scans: &Scans, end: f64) -> Planned {
        let l = &self.lesions;
        let mut set: Vec<(ParameterId, f64)> = vec![];
        let mut events: Vec<(Event, DecisionOn)> = vec![];
        let mut controller = None;
        if let Some((cohort, person, regimen, rules)) = given.drug {
            let lane = cohort.lane(person, regimen, rules, &[]);
            set.extend(lane.parameters.iter().enumerate().map(|(k, v)| (ParameterId(k), *v)));
            let of = |(k, event)| (event, DecisionOn::Dose(k));
            events.extend(lane.events.into_iter().enumerate().map(of));
            controller = lane.controller;
        }
        set.push((l.growth_rate, host.growth));
        set.push((l.effectors_at_start, host.effectors));
        for (lesion, own) in l.lesions.iter().zip(&host.lesions) {
            set.push((lesion.access, own.access));
            let clones = lesion.clones.iter().enumerate();
            set.extend(clones.map(|(k, clone)| match own.is_present(k) {
                true => (clone.start, own.cells[k]),
                false => (clone.start, 0.0),
            }));
        }
        for partner in given.partners {
            self.add_partner(partner, &mut set, &mut events);
        }
        let shift = host.scan_shift * scans.window;
        let planned: Vec<f64> = scans.planned.iter().map(|t| t + shift).collect();
        let times = scan_times(&planned, scans.criteria.confirmed_after, end);
        let later = Change::SetParameter(l.later_therapy, self.later_therapy);
        events.extend(times.iter().map(|&(time, confirms)| {
            (Event { time, change: later, asks: true }, DecisionOn::Scan(confirms))
        }));
        events.sort_by(|a, b| a.0.time.total_cmp(&b.0.time));
        let (events, asked): (Vec<Event>, Vec<DecisionOn>) = events.into_iter().unzip();
        let parameters = self.network.parameter_values(&set);
        let initial = self.network.initial_state(&parameters);
        let asked = Arc::new(asked);
        let start = self.sum(&initial, &scans.criteria);
        let controller = self.controller(controller, asked.clone(), (start, scans.criteria), given);
        let mut outputs: Vec<f64> = times.iter().map(|(t, _)| *t).collect();
        outputs.push(end);
        Planned {
            lane: Lane {
                triggers: self.triggers(host),
                parameters,
                initial,
                events,
                controller: Some(controller),
                times: outputs,
                ..Lane::default()
            },
            asked,
            scans: times,
        }
    }

    /// Triggers for the extinction of clones, and for death.
    fn triggers(&self, host: &Host) -> Vec<Trigger> {
        let number = Expression::Number;
        let crossed = |watch: Expression, change| Trigger { watch, crossing: Crossing::Up, change };
        let mut all = vec![crossed(
            Expression::from(self.lesions.hazard) - number(host.death_at_hazard),
            Change::Nothing,
        )];
        for (lesion, own) in self.lesions.lesions.iter().zip(&host.lesions) {
            let clones = lesion.clones.iter().enumerate();
            for (k, clone) in clones.filter(|(k, _)| own.is_present(*k)) {
                let watch = Expression::from(clone.q) * number(own.luck[k]) - number(1.0);
                all.push(crossed(watch, Change::Set(clone.cells, 0.0)));
            }
        }
        all
    }

    fn add_partner(
        &self,
        partner: &Partner,
        set: &mut Vec<(ParameterId, f64)>,
        events: &mut Vec<(Event, DecisionOn)>,
    ) {
        let l = &self.lesions;
        let happens = |time, change| (Event::new(time, change), DecisionOn::Nothing);
        match *partner {
            Partner::Vaccine { expansion } => set.push((l.vaccine, expansion)),
            Partner::Checkpoint { exhaustion } => {
                let usual = self.network.parameter_values(&[])[l.exhaustion.0];
                set.push((l.exhaustion, usual * exhaustion));
            }
            Partner::Chemotherapy { kill, half_life, every, doses } => {
                set.push((l.chemotherapy_decay, std::f64::consts::LN_2 / half_life));
                events.extend((0..doses).map(|k| {
                    let time = f64::from(k) * every;
                    let change = Change::Add(l.chemotherapy, kill);
                    (Event { time, change, asks: true }, DecisionOn::PartnerDose)
                }));
            }
            Partner::Cells { effectors, at, treg_left, growth, depleted } => {
                set.extend([(l.treg_left, treg_left), (l.depleted_growth, growth)]);
                events.push(happens(at, Change::Add(l.effectors, effectors)));
                events.push(happens(depleted, Change::SetParameter(l.treg_left, 1.0)));
                events.push(happens(depleted, Change::SetParameter(l.depleted_growth, 0.0)));
            }
        }
    }

    /// The sum of measurements that a scan shows in a state.
    pub fn sum(&self, state: &[f64], criteria: &Criteria) -> f64 {
        let l = &self.lesions;
        criteria
            .sum(l.lesions.iter().map(|lesion| diameter(lesion.volume(state, l.cells_per_volume))))
    }

    /// Reads scans when they are made, and stops dosing after progression. The change of a scan
    /// event happens if the scan shows progression.
    fn controller(
        &self,
        rules: Option<Controller>,
        asked: Arc<Vec<DecisionOn>>,
        (start, criteria): (f64, Criteria),
        given: &Given,
    ) -> Controller {
        let lesions = self.lesions.clone();
        let beyond = given.beyond_progression;
        let kept = rules.as_ref().map_or(0, |rules| rules.memory.len());
        let mut memory = rules.as_ref().map_or(vec![], |rules| rules.memory.clone());
        memory.extend(write(&Assessment::start(start)));
        let of_rules = rules.as_ref().map(|rules| rules.by.clone());
        let by = Arc::new((of_rules, asked.clone(), lesions.clone(), criteria, beyond));
        let decide = move |now: &Moment, memory: &mut [f64]| {
            let (of_rules, of_scans) = memory.split_at_mut(kept);
            let mut seen = read(of_scans);
            match asked[now.event] {
                DecisionOn::Nothing => Decision::Give,
                DecisionOn::Scan(true) if !seen.needs_confirmation(now.time, &criteria) => {
                    Decision::Skip
                }
                DecisionOn::Scan(_) => {
                    let before = seen.progression;
                    let sizes = lesions.lesions.iter();
                    let sizes =
                        sizes.map(|l| diameter(l.volume(now.state, lesions.cells_per_volume)));
                    seen.see(now.time, criteria.sum(sizes), &criteria);
                    of_scans.copy_from_slice(&write(&seen));
                    match before.is_none() && seen.progression.is_some() {
                        true => Decision::Give,
                        false => Decision::Skip,
                    }
                }
                DecisionOn::Dose(_) | DecisionOn::PartnerDose
                    if seen.progression.is_some() && !beyond =>
                {
                    Decision::Skip
                }
                DecisionOn::PartnerDose => Decision::Give,
                DecisionOn::Dose(event) => match &rules {
                    Some(rules) => (rules.decide)(&Moment { event, ..*now }, of_rules),
                    None => Decision::Give,
                },
            }
        };
        Controller { memory, decide: Arc::new(decide), by }
    }

    /// The outcome of the patient.
    pub fn course(
        &self,
        planned: &Planned,
        found: &Trajectory,
        host: &Host,
        given: &Given,
        scans: &Scans,
    ) -> Course {
        let dies = found.crossings.iter().find(|(trigger, _)| *trigger == 0).map(|(_, time)| *time);
        let of_drug = host.drug_death.filter(|_| given.drug.is_some());
        let death = [dies, of_drug].into_iter().flatten().reduce(f64::min);
        let mut seen = Assessment::start(self.sum(&planned.lane.initial, &scans.criteria));
        let mut made = vec![(0.0, seen.baseline, None)];
        for ((time, confirms), state) in planned.scans.iter().zip(&found.states) {
            let gone = death.is_some_and(|death| death <= *time) || seen.progression.is_some();
            if gone || *confirms && !seen.needs_confirmation(*time, &scans.criteria) {
                continue;
            }
            let sum = self.sum(state, &scans.criteria);
            seen.see(*time, sum, &scans.criteria);
            made.push((*time, sum, seen.last));
        }
        // A patient cured by other means dies at the rate of the general population.
        let salvaged = host.salvaged && seen.progression.is_some() && !seen.responded();
        let of_age = Some(host.death_at_hazard / self.background_hazard);
        let end = planned.lane.times.last().copied().unwrap_or(0.0);
        let death = if salvaged { of_age.filter(|time| *time <= end) } else { death };
        let delivered = given.drug.map_or(Delivered::default(), |(cohort, person, regimen, _)| {
            let dose = |(event, decision): &(usize, Decision)| match planned.asked[*event] {
                DecisionOn::Dose(dose) => Some((dose, *decision)),
                _ => None,
            };
            let decisions = found.decisions.iter().filter_map(dose).collect();
            let of_doses =
                Trajectory { decisions, states: found.states.clone(), ..Trajectory::default() };
            cohort.delivered(person, regimen, &of_doses, &planned.lane.times)
        });
        let left = |state: &Vec<f64>| {
            let clones = self.lesions.lesions.iter().flat_map(|lesion| lesion.clones);
            clones.into_iter().all(|clone| state[clone.cells.0] == 0.0)
        };
        Course {
            assessment: seen,
            scans: made,
            death,
            of_drug: death.is_some() && death == of_drug,
            delivered,
            extinct: found.states.last().is_some_and(left),
        }
    }
}

/// Number of values of an assessment that a controller stores; none of them is NaN.
const KEPT: usize = 9;

fn write(seen: &Assessment) -> [f64; KEPT] {
    let none = f64::NAN;
    let category = |c: Option<Category>| c.map_or(none, |c| f64::from(c as u8));
    [
        seen.baseline,
        seen.nadir,
        category(seen.last),
        category(seen.best),
        seen.response.unwrap_or(none),
        seen.complete.unwrap_or(none),
        seen.progression.unwrap_or(none),
        seen.responding.unwrap_or(none),
        seen.without_lesions.unwrap_or(none),
    ]
}

fn read(kept: &[f64]) -> Assessment {
    let some = |value: f64| (!value.is_nan()).then_some(value);
    let category = |value: f64| {
        let all = [Category::Progressive, Category::Stable, Category::Partial, Category::Complete];
        some(value).map(|value| all[value as usize])
    };
    Assessment {
        baseline: kept[0],
        nadir: kept[1],
        last: category(kept[2]),
        best: category(kept[3]),
        response: some(kept[4]),
        complete: some(kept[5]),
        progression: some(kept[6]),
        responding: some(kept[7]),
        without_lesions: some(kept[8]),
    }
}

/// A regimen that is repeated in courses, each `apart` (min) after the previous one.
pub fn in_courses(regimen: &Regimen, courses: u32, apart: f64) -> Regimen {
    let mut all = regimen.clone();
    for course in 1..courses {
        let later = |part: &Regimen| {
            let start = math::fifteen_digits(part.start + f64::from(course) * apart);
            Regimen { start, then: vec![], ..part.clone() }
        };
        all.then.push(Regimen { same_cycles: false, ..later(regimen) });
        all.then.extend(regimen.then.iter().map(later));
    }
    all
}
