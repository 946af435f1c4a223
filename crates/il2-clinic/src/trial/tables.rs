//! Tables of a trial: results by arm, comparisons, and, for the trial that is shown, subjects,
//! scans, times to events and curves, with names from CDISC's ADaM.

use crate::trial::allocation::APART;
use crate::trial::compare::{Against, OfArm};
use crate::trial::define::{self, define};
use crate::trial::hazards::{LEVEL, significant};
use crate::trial::horizon::{CAUSES, within};
use crate::trial::markers;
use crate::trial::plan::Plan;
use crate::trial::quantities::{interval, over_trials, patients, percent, quantities};
use crate::trial::run::Answer;
use crate::trial::sample_size::show as sample_size;
use crate::trial::subject::Subject;
use il2::quantity::DAY;
use il2_answer::answer::status;
use il2_inference::bootstrap::Estimate;
use il2_inference::survival::follow_up::FollowUp;
use il2_inference::survival::kaplan_meier::IntervalForm;
use il2_inference::survival::restricted_mean::Contrast;
use il2_output::column::Value;
use il2_output::table::Table;

/// All tables, in the order of the plan's names.
pub fn tables(plan: &Plan, answer: &Answer) -> Vec<Table> {
    let names = plan.names().0;
    let table = |k: usize, columns: &[(&str, bool)]| Table::new(&names[k], columns);
    let mut arms = table(
        0,
        &[
            ("arm", true),
            ("quantity", true),
            ("unit", true),
            ("value", false),
            ("low", false),
            ("high", false),
            ("interval", true),
            ("trials", false),
            ("trials_not_reached", false),
            ("patients", false),
            ("patients_planned", false),
        ],
    );
    for (a, arm) in plan.arms.iter().enumerate() {
        for q in quantities(plan) {
            let over = over_trials(answer.trials.iter().map(|t| (q.of)(t, a)));
            let e = over.estimate;
            arms.push(vec![
                arm.name.as_str().into(),
                q.name.as_str().into(),
                q.unit.into(),
                e.value.into(),
                e.low.into(),
                e.high.into(),
                interval(plan).into(),
                (over.trials as f64).into(),
                (over.not_reached as f64).into(),
                patients(&answer.trials, a).into(),
                (arm.patients as f64).into(),
            ]);
        }
    }
    let comparisons = comparisons(plan, answer, table(1, &COMPARED));
    let flags = define::of_markers(&plan.markers.all);
    let mut columns = define::columns(&define::SUBJECTS);
    columns.extend(flags.iter().map(|flag| (flag.name.as_str(), flag.text)));
    let mut subjects = table(2, &columns);
    let mut scans = table(3, &define::columns(&define::SCANS));
    let mut times = table(4, &define::columns(&define::TIMES));
    let mut responses = table(8, &define::columns(&define::RESPONSES));
    subjects.labels = define::labels(&define::SUBJECTS);
    subjects.labels.extend(flags.iter().map(define::Flag::labelled));
    scans.labels = define::labels(&define::SCANS);
    times.labels = define::labels(&define::TIMES);
    responses.labels = define::labels(&define::RESPONSES);
    for (arm, all) in plan.arms.iter().zip(answer.shown_patients()) {
        // Patients who had not entered when the trial ended are in no table; patients who could not
        // be solved are.
        for subject in all.iter().filter(|s| s.followed > 0.0) {
            let id = format!("{}-{}", arm.name, subject.number % APART);
            let who = Who { study: &plan.name, id: &id, arm: &arm.name };
            let mut row = of_subject(&who, subject);
            row.extend(of_markers(plan, subject));
            subjects.push(row);
            of_scans(&who, subject).into_iter().for_each(|row| scans.push(row));
            of_times(&who, subject).into_iter().for_each(|row| times.push(row));
            of_responses(&who, subject).into_iter().for_each(|row| responses.push(row));
        }
    }
    let mut curves = table(5, &CURVES);
    if let Some(first) = answer.trials.get(answer.shown()) {
        for (arm, of) in plan.arms.iter().zip(&first.arms) {
            for (what, curve) in
                [("OS", &of.survival), ("PFS", &of.progression_free), ("DOR", &of.duration)]
            {
                let Some(curve) = curve else { continue };
                for step in &curve.steps {
                    let ends =
                        curve.interval(step.time, IntervalForm::LogLog, LEVEL).ok().flatten();
                    let (low, high) = ends.unwrap_or((f64::NAN, f64::NAN));
                    curves.push(vec![
                        arm.name.as_str().into(),
                        what.into(),
                        step.time.into(),
                        step.survival.into(),
                        low.into(),
                        high.into(),
                        (step.at_risk as f64).into(),
                        (step.events as f64).into(),
                        (step.censored as f64).into(),
                        f64::NAN.into(),
                    ]);
                }
            }
            incidences(&mut curves, &arm.name, of);
        }
    }
    let mut trials = table(6, &TRIALS);
    for (k, trial) in answer.trials.iter().enumerate() {
        for (a, arm) in plan.arms.iter().enumerate() {
            let of = |name: &str| {
                let q = quantities(plan).into_iter().find(|q| q.name == name).expect("told of all");
                Value::from((q.of)(trial, a).map_or(f64::NAN, |e| e.value))
            };
            let against = a.checked_sub(1).map(|a| &trial.against[a]);
            let ratio = |e: Option<Estimate>| Value::from(e.map_or(f64::NAN, |e| e.value));
            trials.push(vec![
                ((k + 1) as f64).into(),
                arm.name.as_str().into(),
                (trial.arms[a].patients as f64).into(),
                of("objective response"),
                of("complete response"),
                of("median survival"),
                of("median progression-free survival"),
                ratio(against.and_then(|x| x.survival.hazard_ratio)),
                against.and_then(|x| x.survival.p).unwrap_or(f64::NAN).into(),
                ratio(against.and_then(|x| x.progression_free.hazard_ratio)),
                against.and_then(|x| x.progression_free.p).unwrap_or(f64::NAN).into(),
            ]);
        }
    }
    let defined = define(&names[7], [&names[2], &names[3], &names[4], &names[8]], &flags);
    let mut all =
        vec![arms, comparisons, subjects, scans, times, curves, trials, defined, responses];
    if plan.looks.is_some() {
        all.push(looks(answer, table(9, &LOOKS)));
    }
    if !plan.markers.all.is_empty() {
        all.push(markers::show::table(plan, answer, &names[all.len()]));
    }
    if plan.markers.replication.is_some() {
        all.push(markers::show::replication_table(plan, answer, &names[all.len()]));
    }
    if let Some(asked) = &plan.sample_size {
        all.push(sample_size::table(plan, asked, &answer.sizes, &names[names.len() - 1]));
    }
    all
}

const LOOKS: [(&str, bool); 9] = [
    ("trial", false),
    ("look", false),
    ("events", false),
    ("time_months", false),
    ("patients", false),
    ("z", false),
    ("limit_z", false),
    ("conditional_power", false),
    ("decision", true),
];

fn looks(answer: &Answer, mut table: Table) -> Table {
    for (k, all) in answer.looks.iter().enumerate() {
        for (l, look) in all.iter().enumerate() {
            table.push(vec![
                ((k + 1) as f64).into(),
                ((l + 1) as f64).into(),
                (look.events as f64).into(),
                look.month.into(),
                (look.entered as f64).into(),
                look.z.into(),
                look.limit.into(),
                look.conditional_power.unwrap_or(f64::NAN).into(),
                look.decision.name().into(),
            ]);
        }
    }
    table
}

/// The incidence of each first event where it changes and, if the study asks for it, the fraction
/// free of progression with events between scans, at the end of each interval with events.
fn incidences(curves: &mut Table, arm: &str, of: &OfArm) {
    let none = || Value::from(f64::NAN);
    for step in of.within.causes.iter().flat_map(|all| &all.steps) {
        for (cause, (_, code)) in CAUSES.into_iter().enumerate() {
            let all = of.within.causes.as_ref().expect("has steps");
            let before = all.steps.partition_point(|s| s.time < step.time);
            let before = before.checked_sub(1).map_or(0.0, |k| all.steps[k].incidence[cause]);
            if step.incidence[cause] == before {
                continue;
            }
            let (low, high) = all.interval(cause, step.time, LEVEL).unwrap_or((f64::NAN, f64::NAN));
            let head = [arm, code].map(Value::from);
            let numbers = [step.time, step.incidence[cause], low, high, step.at_risk as f64];
            let numbers = numbers.map(Value::from);
            curves.push(head.into_iter().chain(numbers).chain([none(), none(), none()]).collect());
        }
    }
    let mut left = 1.0;
    for mass in of.between_scans.iter().flat_map(|all| &all.masses) {
        left -= mass.part;
        if mass.until.is_finite() {
            let head = [arm, "PFS-SCANS"].map(Value::from);
            let free = [mass.until, f64::max(left, 0.0)].map(Value::from);
            let rest = std::iter::repeat_with(none).take(5).chain([mass.after.into()]);
            curves.push(head.into_iter().chain(free).chain(rest).collect());
        }
    }
}

const COMPARED: [(&str, bool); 11] = [
    ("arm", true),
    ("against", true),
    ("quantity", true),
    ("value", false),
    ("low", false),
    ("high", false),
    ("interval", true),
    ("p", false),
    ("power", false),
    ("power_low", false),
    ("power_high", false),
];
const CURVES: [(&str, bool); 10] = [
    ("arm", true),
    ("curve", true),
    ("time_months", false),
    ("part", false),
    ("low", false),
    ("high", false),
    ("at_risk", false),
    ("events", false),
    ("censored", false),
    ("after_months", false),
];
const TRIALS: [(&str, bool); 11] = [
    ("trial", false),
    ("arm", true),
    ("patients", false),
    ("objective_response_percent", false),
    ("complete_response_percent", false),
    ("median_survival_months", false),
    ("median_progression_free_survival_months", false),
    ("hazard_ratio_survival", false),
    ("p_survival", false),
    ("hazard_ratio_progression_free_survival", false),
    ("p_progression_free_survival", false),
];

/// A comparison of one trial: the value, and its p value.
type Found = (Option<Estimate>, Option<f64>);

fn comparisons(plan: &Plan, answer: &Answer, mut table: Table) -> Table {
    let within = within(plan);
    for (k, arm) in plan.arms.iter().enumerate().skip(1) {
        let mut push = |what: &str, of: &dyn Fn(&Against) -> Found| {
            let all: Vec<_> = answer.trials.iter().map(|t| of(&t.against[k - 1])).collect();
            let e = over_trials(all.iter().map(|(value, _)| *value)).estimate;
            let ps: Vec<f64> = all.iter().filter_map(|(_, p)| *p).collect();
            let many = plan.replicates > 1;
            let power = significant(if many { &ps } else { &[] });
            table.push(vec![
                arm.name.as_str().into(),
                plan.arms[0].name.as_str().into(),
                what.into(),
                e.value.into(),
                e.low.into(),
                e.high.into(),
                interval(plan).into(),
                if many { f64::NAN } else { ps.first().copied().unwrap_or(f64::NAN) }.into(),
                power.value.into(),
                power.low.into(),
                power.high.into(),
            ]);
        };
        let contrast = |of: Option<Contrast>| (of.map(|c| c.estimate), of.map(|c| c.p));
        push("difference of objective response (%)", &|x| (percent(x.response), None));
        push("odds ratio of objective response", &|x| {
            (x.odds_of_response.map(|o| o.0), x.odds_of_response.map(|o| o.1))
        });
        push("hazard ratio of death", &|x| (x.survival.hazard_ratio, x.survival.p));
        push("hazard ratio of progression or death", &|x| {
            (x.progression_free.hazard_ratio, x.progression_free.p)
        });
        let what = |of: &str| format!("difference of mean {of} to {within}");
        push(&what("survival"), &|x| contrast(x.mean_survival));
        push(&what("progression-free survival"), &|x| contrast(x.mean_progression_free));
        if plan.between_scans {
            push("difference of median progression-free survival between scans", &|x| {
                (x.longer_between_scans, x.p_between_scans)
            });
        }
    }
    table
}

/// The first columns of all tables of patients.
struct Who<'a> {
    study: &'a str,
    id: &'a str,
    arm: &'a str,
}

impl Who<'_> {
    fn columns(&self) -> Vec<Value> {
        [self.study, self.id, self.arm, self.arm].map(Value::from).to_vec()
    }
}

/// The best response, or `NE` if there was no scan after the first.
fn best(s: &Subject) -> &'static str {
    s.course.assessment.best.map_or("NE", |best| best.short())
}

fn of_subject(who: &Who, s: &Subject) -> Vec<Value> {
    const ML_PER_L: f64 = 1000.0;
    let cells: f64 = s.host.lesions.iter().flat_map(|l| l.cells).sum();
    let yes = |is: bool| if is { "Y" } else { "N" };
    let mut row = who.columns();
    row.extend([
        (s.entry / DAY).into(),
        (s.followed / DAY).into(),
        (s.host.volume * ML_PER_L).into(),
        (s.host.growth * DAY).into(),
        (s.host.effectors / cells).into(),
        s.host.resistant.into(),
        (s.host.lesions.len() as f64).into(),
        (s.course.delivered.planned as f64).into(),
        (s.course.delivered.given as f64).into(),
        best(s).into(),
        s.best_change().map_or(f64::NAN, |change| 100.0 * change).into(),
        s.course.death.filter(|t| *t <= s.followed).map_or(f64::NAN, |t| t / DAY).into(),
        yes(s.died_of_drug()).into(),
        yes(s.course.extinct).into(),
        status(s.failure.as_ref()).as_str().into(),
    ]);
    row
}

/// The columns of markers, as [`define::of_markers`] lists them.
fn of_markers(plan: &Plan, s: &Subject) -> Vec<Value> {
    let mut all = vec![];
    for (marker, level) in plan.markers.all.iter().zip(&s.host.markers) {
        all.push(if level.positive { "Y" } else { "N" }.into());
        all.extend(marker.follows.map(|_| Value::from(level.score)));
    }
    all
}

fn of_scans(who: &Who, s: &Subject) -> Vec<Vec<Value>> {
    let first = s.course.scans.first().map_or(f64::NAN, |scan| scan.1);
    let seen = s.course.scans.iter().filter(|scan| scan.0 < s.followed);
    seen.map(|(time, sum, category)| {
        let mut row = who.columns();
        row.extend([
            (time / DAY).into(),
            (*sum).into(),
            (100.0 * (sum / first - 1.0)).into(),
            category.map_or("", |c| c.short()).into(),
        ]);
        row
    })
    .collect()
}

fn of_responses(who: &Who, s: &Subject) -> Vec<Vec<Value>> {
    let row = |code: &str, what: &str, day: f64, response: &str| {
        let mut row = who.columns();
        row.extend([code.into(), what.into(), day.into(), response.into()]);
        row
    };
    let seen = s.course.scans.iter().filter(|scan| scan.0 < s.followed);
    let mut all: Vec<Vec<Value>> = seen
        .filter_map(|(time, _, category)| {
            let category = category.as_ref()?.short();
            Some(row("OVRLRESP", "response at a scan", time / DAY, category))
        })
        .collect();
    all.push(row("BOR", "best overall response", f64::NAN, best(s)));
    all
}

fn of_times(who: &Who, s: &Subject) -> Vec<Vec<Value>> {
    let row = |code: &str, what: &str, time: FollowUp, event: &str| {
        let mut row = who.columns();
        row.extend([
            code.into(),
            what.into(),
            (time.time / DAY).into(),
            // In CDISC, 0 is an event: the reverse of the status in R.
            f64::from(u8::from(!time.event)).into(),
            match (time.event, time.time < s.followed, s.lost) {
                (true, ..) => event,
                (false, true, _) => "last scan without progression",
                (false, false, true) => "lost to follow-up",
                (false, false, false) => "end of follow-up",
            }
            .into(),
        ]);
        row
    };
    let free = s.progression_free();
    let progressed = s.course.assessment.progression == Some(free.time);
    let ended = if progressed { "progression" } else { "death" };
    let mut all = vec![
        row("OS", "survival (d)", s.survival(), "death"),
        row("PFS", "progression-free survival (d)", free, ended),
    ];
    all.extend(
        s.response_lasts().map(|lasts| row("DOR", "duration of response (d)", lasts, ended)),
    );
    all
}
