//! The whole patient with an event table; exceeds 400 lines because running a subject and showing
//! it share the same data. Every observable is given at every record.

use crate::beyond::{Beyond, IN_FIGURE, Range};
use crate::event_table::answer::{PatientCurve, Results};
use crate::event_table::balance::{balance, balance_or_failure};
use crate::event_table::course::{course, drawn_times, with_turns};
use crate::event_table::exposure::{self, Exposure, Windows};
use crate::event_table::extremes::{Extreme, MOST_TOLD, block, told};
use crate::event_table::measured::{self, Compared};
use crate::event_table::model::Patient;
use crate::event_table::plan::Plan;
use crate::event_table::show::{evid, figure, sentences, warnings};
use crate::patients::{self, FLOOR, above_floor, axis, column, of_two_bodies, words};
use il2::patient::cohort::Person;
use il2::patient::individual::{Individual, RENAL_FUNCTION};
use il2::quantity::three_digits;
use il2::treatment::record::{Kind, Record};
use il2::treatment::schedule::Timed;
use il2_answer::answer::{AssayResult, status};
use il2_answer::labels::{column_ending, subject};
use il2_engine::ensemble::{Answer, Reduced};
use il2_engine::lane::{self, Surveyed};
use il2_engine::network::Observable;
use il2_engine::words::counted;
use il2_engine::{Ensemble, Lane, LaneFailure, Network, ParameterId, Tolerance};
use il2_output::column::Value;
use il2_output::figure::{Axis, Content, Figure, Panel, Series};
use il2_output::table::Table;
use il2_study::csv_file;
use il2_study::error::StudyError;
use il2_study::event_table::{EventTable, Subject};
use il2_study::library::Library;
use il2_study::ranges::short;
use il2_study::study::Study;
use serde_json::json;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex};

impl Patient {
    /// A readout of the patient under a name that was checked, and its index.
    pub fn observable(&self, name: &str) -> (usize, &Observable) {
        let all = &self.patients.cohort.body.network.observables;
        let place = all.iter().position(|o| o.name == name).expect("checked in the plan");
        (place, &all[place])
    }

    /// Refuses body sizes and kidney functions for which the model was not made.
    pub fn check(&self, file: &Path, table: &EventTable) -> Result<(), StudyError> {
        let possible = |size: &str| {
            let range = Library::builtin().ranges[size].possible.as_ref();
            range.expect("has a possible range")
        };
        let (weights, surfaces) = (possible("weight"), possible("surface"));
        let filtered = possible(RENAL_FUNCTION);
        let kidneys = renal_function(&self.patients.cohort.body.network).0;
        let of_people = self.patients.species.is_none();
        for subject in &table.subjects {
            for (r, &line) in subject.lines.iter().enumerate() {
                let same = |before: usize| bits(subject.values(before)).eq(bits(subject.values(r)));
                if r > 0 && same(r - 1) {
                    continue;
                }
                let person = self.person(subject.values(r));
                if !(filtered.low..=filtered.high).contains(&person.values[kidneys]) {
                    let message = format!(
                        "{} is not a fraction (from {} to {}) of the usual filtration by the \
                         kidneys; give for example 0.5 for half of the usual filtration, not a \
                         clearance",
                        short(person.values[kidneys]),
                        short(filtered.low),
                        short(filtered.high),
                    );
                    return Err(csv_file::at(file, line as usize, "RENAL", message));
                }
                let fits = (weights.low..=weights.high).contains(&person.weight)
                    && (surfaces.low..=surfaces.high).contains(&person.surface);
                if of_people && !fits {
                    let message = format!(
                        "a body of {} kg and {} cm with a surface of {} m2 is outside the range of \
                         the model, {} to {} kg and {} to {} m2 (blood pressure, kidneys and cells \
                         of infants are not modelled); give WT in kg, HT in cm and BSA in m2",
                        person.weight,
                        person.height,
                        three_digits(person.surface),
                        short(weights.low),
                        short(weights.high),
                        short(surfaces.low),
                        short(surfaces.high),
                    );
                    return Err(csv_file::at(file, line as usize, "WT, HT or BSA", message));
                }
                // If the table gives the surface, no height is needed.
                let surface_is_given = subject.values(r)[2].is_finite();
                let two = of_two_bodies(person.weight, person.height);
                if let Some(why) = two.filter(|_| of_people && !surface_is_given) {
                    let message = format!("{why}; give both WT and HT, or BSA");
                    return Err(csv_file::at(file, line as usize, "WT or HT", message));
                }
            }
        }
        Ok(())
    }

    fn table(&self, plan: &Plan, concentration: usize) -> Table {
        let observables = &self.patients.cohort.body.network.observables;
        let name = |(k, o): (usize, &Observable)| match k == concentration {
            true => format!("concentration_{}", column_ending(&plan.units[2])),
            false => column(o),
        };
        let time = column_ending(&plan.units[0]);
        let mut columns: Vec<(String, bool)> = vec![
            ("id".into(), true),
            ("line".into(), false),
            (format!("time_{time}"), false),
            ("evid".into(), false),
            ("weight_kg".into(), false),
            ("surface_m2".into(), false),
            ("renal_function".into(), false),
        ];
        columns.extend(observables.iter().enumerate().map(|o| (name(o), false)));
        columns.extend(measured::columns(plan));
        columns.push(("status".into(), true));
        let columns: Vec<(&str, bool)> = columns.iter().map(|(n, t)| (n.as_str(), *t)).collect();
        Table::new(&plan.name, &columns)
    }

    /// The highest and lowest values of a subject.
    fn extreme(
        &self,
        plan: &Plan,
        subject: &Subject,
        name: &str,
        (found, seen): (&Surveyed, &[f64]),
        tolerance: Tolerance,
    ) -> Extreme {
        let (title, unit) = words(self.observable(name).1);
        let level = name == "concentration";
        let unit = if level { plan.units[2].clone() } else { unit };
        let title = if unit.is_empty() { title } else { format!("{title} ({unit})") };
        let one = if level { plan.concentration } else { 1.0 };
        Extreme::new(plan, subject, (title, one), (found, seen), (false, tolerance))
    }

    /// The patient with the given weight, height, surface and renal function, where the table has
    /// them.
    pub fn person(&self, body: &[f64]) -> Person {
        let given = |value: f64| Some(value).filter(|v| v.is_finite());
        let cohort = &self.patients.cohort;
        let mut person = cohort.person_of(given(body[0]), given(body[1]), given(body[2]));
        if let Some(filtered) = given(body[3]) {
            person.values[renal_function(&cohort.body.network).0] = filtered;
        }
        person
    }

    /// The patient up to each record.
    fn people(&self, subject: &Subject) -> Vec<Arc<Person>> {
        let mut people: Vec<Arc<Person>> = vec![];
        for r in 0..subject.records.len() {
            let same = |before: &Arc<Person>| {
                let same = bits(subject.values(r - 1)).eq(bits(subject.values(r)));
                same.then(|| before.clone())
            };
            let before = people.last().and_then(same);
            people.push(before.unwrap_or_else(|| Arc::new(self.person(subject.values(r)))));
        }
        people
    }
}

/// Kidney filtration of a patient before treatment, relative to the usual value.
fn renal_function(network: &Network) -> ParameterId {
    network.parameter_named(RENAL_FUNCTION).expect("of every patient")
}

fn bits(values: &[f64]) -> impl Iterator<Item = u64> + '_ {
    values.iter().map(|v| v.to_bits())
}

/// Results of a subject until its rows are written in order.
struct Seen {
    /// `[record][observable]` of the records that were reached, one row after the other.
    rows: Vec<f64>,
    /// Weight (kg), surface (m2) and renal function up to each record.
    bodies: Vec<[f64; 3]>,
    /// Observables of a subject that is drawn, by time on the axis.
    drawn: Vec<(f64, Vec<f64>)>,
    imbalance: f64,
    surveyed: Vec<Surveyed>,
    why: Option<LaneFailure>,
}

impl Seen {
    fn bytes(&self) -> usize {
        let drawn = self.drawn.iter().map(|(_, row)| size_of_val(row.as_slice()));
        size_of_val(&*self.rows)
            + size_of_val(&*self.bodies)
            + size_of_val(&*self.surveyed)
            + drawn.sum::<usize>()
    }
}

/// Runs every subject, on all threads; rows are written in the order of the subjects, so that memory grows
/// only by a row for each record.
pub fn run(
    study: &Study,
    plan: &Plan,
    patient: &Patient,
    progress: &(dyn Fn(usize) + Sync),
) -> Results<PatientCurve> {
    let (cohort, subjects) = (&patient.patients.cohort, &plan.table.subjects);
    let observables = &cohort.body.network.observables;
    let concentration = patient.observable("concentration").0;
    let kidneys = renal_function(&cohort.body.network).0;
    let shown: Vec<usize> = patient.show.iter().map(|name| patient.observable(name).0).collect();
    let mut table = patient.table(plan, concentration);
    // Simulations that could not be set up have the reason as their result.
    let unmade: Mutex<BTreeMap<usize, LaneFailure>> = Mutex::default();
    let make = |i: usize| {
        let people = patient.people(&subjects[i]);
        let between = if i < plan.most_drawn() { drawn_times(plan, i) } else { vec![] };
        let surveyed = if i < MOST_TOLD.max(plan.most_drawn()) { shown.as_slice() } else { &[] };
        let dose_events = plan.dose_events(i);
        let individual = individual((plan, i), patient, &dose_events, &people);
        let lane = individual.lane(&between, surveyed, study.tolerance).map(|mut lane| {
            let stretches = Windows::of(&dose_events).stretches().into_iter().enumerate();
            let survey = |(k, stretch)| individual.survey(concentration, stretch, k == 0);
            lane.surveys.extend(stretches.map(survey));
            lane
        });
        lane.unwrap_or_else(|why| {
            unmade.lock().expect("a thread that panics ends the run").insert(i, why);
            Lane::default()
        })
    };
    let (range, mut beyond) = (Range::of(cohort), Beyond::default());
    let (mut worst, mut failed, mut compared) = (0.0_f64, 0, Compared::default());
    let (mut extremes, mut curves): (Vec<Extreme>, Vec<PatientCurve>) = (vec![], vec![]);
    let mut exposures: Vec<Exposure> = vec![];
    let reduce = |i: usize, answer: Answer| {
        let people = patient.people(&subjects[i]);
        let dose_events = plan.dose_events(i);
        let individual = individual((plan, i), patient, &dose_events, &people);
        let (found, why) = lane::found(answer);
        let unmade = unmade.lock().expect("a thread that panics ends the run").remove(&i);
        // A simulation that stopped early still gives the earlier rows.
        let states: Vec<(usize, &[f64])> =
            found.recorded.iter().map(Vec::as_slice).enumerate().collect();
        let mut drawn = vec![];
        if i < plan.most_drawn() {
            let all = course(plan, i, &found.states, &found.recorded);
            let states: Vec<_> = all.iter().map(|(_, record, x)| (*record, x.as_slice())).collect();
            let seen = individual.observe(&states);
            let rows = seen.chunks(observables.len()).map(<[f64]>::to_vec);
            drawn = all.iter().map(|(time, ..)| *time).zip(rows).collect();
        }
        let seen = Seen {
            rows: individual.observe(&states),
            bodies: people.iter().map(|p| [p.weight, p.surface, p.values[kidneys]]).collect(),
            drawn,
            imbalance: individual.imbalance(&found),
            surveyed: found.surveyed,
            why: unmade.or(why),
        };
        Reduced { bytes: seen.bytes(), result: seen }
    };
    let take = |i: usize, found: Seen| {
        let subject = &subjects[i];
        failed += usize::from(found.why.is_some());
        worst = worst.max(found.imbalance);
        let windows = Windows::of(&plan.dose_events(i));
        let own = found.surveyed.len().saturating_sub(windows.stretches().len());
        let (shown_found, of_level) = found.surveyed.split_at(own);
        let mut levels = Vec::with_capacity(subject.records.len());
        beyond.count(&range.left(&found.rows, observables.len(), last_dose(subject)), 1);
        // Values of the quantities shown, at the records.
        let mut all_seen: Vec<Vec<f64>> = vec![vec![]; shown.len()];
        let mut rows = found.rows.chunks(observables.len());
        for (r, record) in subject.records.iter().enumerate() {
            let reached = rows.next();
            let mut seen = reached.map_or(vec![f64::NAN; observables.len()], <[f64]>::to_vec);
            seen[concentration] /= plan.concentration;
            levels.push(seen[concentration]);
            let mut row: Vec<Value> = vec![
                subject.id.as_str().into(),
                f64::from(subject.lines[r]).into(),
                subject.times[r].into(),
                f64::from(evid(record.kind)).into(),
            ];
            row.extend(found.bodies[r].map(Value::from));
            row.extend(seen.iter().map(|&v| Value::from(v)));
            row.extend(compared.row(plan, i, r, seen[concentration]));
            let why = found.why.as_ref().filter(|_| reached.is_none());
            row.push(status(why).as_str().into());
            table.push(row);
            if i < MOST_TOLD.max(plan.most_drawn()) {
                all_seen.iter_mut().zip(&shown).for_each(|(all, &place)| all.push(seen[place]));
            }
        }
        let ended = (found.why.as_ref(), study.tolerance);
        exposures.push(Exposure::of(plan, i, &windows, (of_level, &levels), None, ended));
        let own: Vec<Extreme> = shown_found
            .iter()
            .zip(&all_seen)
            .zip(&patient.show)
            .map(|((found, seen), name)| {
                patient.extreme(plan, subject, name, (found, seen), study.tolerance)
            })
            .collect();
        if i < plan.most_drawn() {
            let turns = own.iter().map(Extreme::points).collect();
            curves.push(PatientCurve { points: found.drawn, turns });
        }
        if i < MOST_TOLD {
            extremes.extend(own);
        }
        progress(1);
        ControlFlow::Continue(())
    };
    let threads = study.threads;
    let ensemble = Ensemble { threads, ..Ensemble::new(&cohort.program, study.tolerance) };
    let _ = ensemble.run(0..subjects.len(), make, reduce, take);
    Results { records: table, exposures, failed, worst, compared, extremes, curves, beyond }
}

/// Makes tables, figure, text and sentences of the results.
pub fn show(
    study: &Study,
    plan: &Plan,
    patient: &Patient,
    answer: Results<PatientCurve>,
) -> AssayResult {
    let mut panels: Vec<Panel> = patient
        .show
        .iter()
        .enumerate()
        .map(|(k, _)| panel(plan, patient, k, &answer.curves))
        .collect();
    panels.extend(answer.compared.panel(plan));
    let mut summary = json!({
        "kind": "event-table",
        "model": "patient",
        "ligand": patient.patients.ligand,
        "pharmacokinetics": patient.patients.kinetics,
        "subjects": plan.table.subjects.len(),
        "records": answer.records.rows(),
        "largest_imbalance": answer.worst,
        "failed": answer.failed,
        "columns_not_read": plan.table.not_read,
        "rows_left_out": plan.table.left_out,
    });
    if plan.table.has_measured {
        summary["measured"] = answer.compared.summary(plan);
    }
    let last = plan.table.subjects.iter().map(last_dose).fold(0.0, f64::max);
    let range = Range::of(&patient.patients.cohort);
    let beyond = answer.beyond.sentence(&range, &plan.file, last);
    summary["beyond_range"] = json!(answer.beyond.part());
    let mut figure = figure(study, plan, vec![]);
    if beyond.is_some() {
        figure.footnote = format!("{IN_FIGURE} · {}", figure.footnote);
    }
    let warnings = warnings(plan).into_iter().chain(answer.compared.warnings(plan));
    // The fourth covariate is kidney filtration, if the table gives it.
    let is_impaired = |subject: &Subject| {
        (0..subject.records.len())
            .any(|r| subject.values(r)[3].is_finite() && subject.values(r)[3] != 1.0)
    };
    let impaired = plan.table.subjects.iter().any(is_impaired);
    let impaired = impaired.then(|| patients::KIDNEYS_ASSUMED.to_string());
    let below = answer.compared.text() + &balance_or_failure(plan, answer.failed, answer.worst);
    let exposures = exposure::table(plan, &answer.exposures);
    AssayResult {
        sentences: sentences(plan, &answer.exposures).into_iter().chain(beyond.clone()).collect(),
        summary,
        text: text(plan, patient, &answer.extremes, &below),
        warnings: warnings
            .chain(impaired)
            .chain([patients::MOSTLY_ASSUMED.into()])
            .chain(beyond)
            .collect(),
        answer: vec![told(plan, &answer.extremes)],
        checks: vec![balance("every subject", answer.worst)],
        picture: panels.first().cloned(),
        figures: vec![(plan.name.clone(), Figure { panels, ..figure })],
        tables: vec![answer.records, exposures],
        failed: answer.failed,
        inputs: vec![(plan.file.clone(), plan.table.hash.clone())],
        ..AssayResult::default()
    }
}

/// Time (min) from the first record of a subject to its last dose.
fn last_dose(subject: &Subject) -> f64 {
    let doses = |r: &&Record| matches!(r.kind, Kind::Dose | Kind::ResetAndDose);
    let time = |r: &Record| r.time + f64::from(r.additional) * r.interval;
    let start = subject.records.first().map_or(0.0, |r| r.time);
    subject.records.iter().filter(doses).map(time).fold(start, f64::max) - start
}

/// A simulation of a subject of the table, given the patient up to each record.
fn individual<'a>(
    (plan, subject): (&'a Plan, usize),
    patient: &'a Patient,
    dose_events: &'a [Timed],
    people: &'a [Arc<Person>],
) -> Individual<'a> {
    Individual {
        cohort: &patient.patients.cohort,
        people,
        dose_events,
        arrives_by_table: plan.table.subjects[subject].says_what_arrives,
    }
}

fn text(plan: &Plan, patient: &Patient, extremes: &[Extreme], balance: &str) -> String {
    let mut text = format!(
        "{} of {}, treated with {} (pharmacokinetics {}); concentration in {}\n",
        counted(plan.table.subjects.len(), "patient"),
        plan.file,
        patient.patients.ligand,
        patient.patients.kinetics,
        plan.units[2]
    );
    if plan.table.says_what_arrives() {
        text += "the bioavailability of subcutaneous doses comes from column F1, not from the \
                 library\n";
    }
    // The balance and the comparison are in no table, so they come before the part that a terminal may cut.
    text + balance + &block(plan, extremes)
}

/// A panel of one quantity of all subjects over time.
fn panel(plan: &Plan, patient: &Patient, shown: usize, curves: &[PatientCurve]) -> Panel {
    let name = patient.show[shown].as_str();
    let (place, observable) = patient.observable(name);
    let mut y = axis(observable);
    let factor = if name == "concentration" { plan.concentration } else { 1.0 };
    if name == "concentration" {
        y.unit.clone_from(&plan.units[2]);
    }
    let points = |curve: &PatientCurve| -> Vec<(f64, f64)> {
        let seen = curve.points.iter().map(|(time, seen)| (*time, seen[place] / factor));
        with_turns(seen.collect(), curve.turns.get(shown))
    };
    let series = curves.iter().map(points).enumerate().map(|(i, points)| Series {
        label: subject(&plan.table.subjects[i].id),
        style: i,
        points,
        ..Series::default()
    });
    let mut content: Vec<Series> = series.collect();
    above_floor(&mut y, &content, FLOOR);
    let x = Axis::linear("time", &plan.units[0]);
    let measured = (0..curves.len()).filter_map(|i| measured::points(plan, i));
    content.extend(measured.filter(|_| name == "concentration"));
    Panel { name: name.into(), title: String::new(), x, y, content: Content::Lines(content) }
}
