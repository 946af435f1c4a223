//! What `il2 check` prints about doses: the expanded table, dose by dose.

use crate::commands::wrapped;
use il2::quantity::{DAY, three_digits};
use il2_clinic::event_table::Model;
use il2_clinic::patients::{self, Patients};
use il2_clinic::readouts::described;
use il2_clinic::regimen::doses;
use il2_clinic::{event_table, noncompartmental, regimen};
use il2_engine::words::{counted, shown};
use serde_json::json;

/// Doses of all subjects together in the JSON output; each takes a kilobyte until it is printed.
const MOST_DOSES_JSON: usize = 50_000;

/// Limits on what is printed.
pub struct Most {
    subjects: usize,
    /// Doses printed per subject or per arm.
    doses: usize,
    /// Whether to print the names that a study may set, and how sensitive each cell is to the molecule.
    names: bool,
    /// Option that prints the rest.
    rest: &'static str,
}

/// The default: enough to see whether the doses are as intended.
pub const SHORT: Most = Most { subjects: 2, doses: 3, names: false, rest: "--full" };
/// As much as a reader can take in.
pub const FULL: Most = Most { subjects: 10, doses: 60, names: true, rest: "--json" };

/// Names that a study may use for the patients of an assay: readouts, and numbers that it may set, with value
/// and unit.
fn names(name: &str, patients: &Patients) -> String {
    let cohort = &patients.cohort;
    let mut text =
        "  readouts of a patient, for the keys `show` and `answer`, with unit and meaning\n"
            .to_string();
    for [name, unit, meaning] in described(&cohort.body.network.observables) {
        text += &format!("    {name:<24} {unit:<16} {meaning}\n");
    }
    let title = format!(
        "parameters that [assay.{name}.parameters] may set; values that scale with body surface \
         are for 1 m2"
    );
    text += &wrapped(&title, 2);
    for name in patients::settable(cohort) {
        let network = &cohort.body.network;
        let id = network.parameter_named(name).expect("a number of the network");
        let unit = patients::number_unit(name, network.parameters[id.0].dimension);
        let value = three_digits(cohort.usual()[id.0]);
        text += format!("    {name:<44} {value:>10} {unit}\n").trim_end();
        text += "\n";
    }
    text
}

/// What a noncompartmental analysis reads.
pub fn levels(name: &str, plan: &noncompartmental::Plan) -> String {
    format!(
        "\nassay {name}: noncompartmental analysis of {}, without simulations\n",
        counted(plan.lanes(), "subject")
    )
}

/// The expanded table of doses, subject by subject.
pub fn subjects(name: &str, plan: &event_table::Plan, most: &Most) -> String {
    let subjects = &plan.table.subjects;
    let records: usize = subjects.iter().map(|s| s.records.len()).sum();
    let [time, amount, concentration] = &plan.units;
    let mut text = format!(
        "\nassay {name}: {}, {} of {}\n  time in {time}, amounts in {amount}, \
         concentration in {concentration}\n",
        counted(subjects.len(), "subject"),
        counted(records, "record"),
        plan.file
    );
    for warning in event_table::warnings(plan) {
        text += &wrapped(&warning, 2);
    }
    for (i, subject) in subjects.iter().take(most.subjects).enumerate() {
        let (rows, count) = event_table::listing::expanded(plan, i, most.doses);
        text += &format!(
            "  subject {}: {}{}\n",
            shown(&subject.id),
            if count == 1 { "1 dose or reset".into() } else { format!("{count} doses and resets") },
            body(plan, i)
        );
        for [when, line, what, how] in &rows {
            text += &format!("    {when:>10}  {line:<10} {what:<28} {how}\n");
        }
        if count > rows.len() {
            text += &format!("    ... {} more; {} prints more\n", count - rows.len(), most.rest);
        }
    }
    if subjects.len() > most.subjects {
        let more = subjects.len() - most.subjects;
        text += &format!("  ... {}; {} prints more\n", counted(more, "more subject"), most.rest);
    }
    if let Model::Patient(patient) = &plan.model
        && most.names
    {
        text += &names(name, &patient.patients);
    }
    text
}

/// Weight and body surface at the first record, and at the last if they changed.
fn body(plan: &event_table::Plan, subject: usize) -> String {
    let Model::Patient(patient) = &plan.model else { return String::new() };
    let subject = &plan.table.subjects[subject];
    let of = |record: usize| {
        let person = patient.person(subject.values(record));
        format!("{} kg, {} m2", three_digits(person.weight), three_digits(person.surface))
    };
    let (first, last) = (of(0), of(subject.records.len() - 1));
    if first == last { format!("; {first}") } else { format!("; {first}, {last} at the end") }
}

pub fn subjects_json(plan: &event_table::Plan) -> serde_json::Value {
    let mut left = MOST_DOSES_JSON;
    let subjects = plan.table.subjects.iter().enumerate().map(|(i, subject)| {
        let (rows, count) = event_table::listing::expanded(plan, i, left);
        left -= rows.len();
        let rows: Vec<_> = rows
            .into_iter()
            .map(|[time, from, what, how]| json!({"time": time, "from": from, "what": what, "how": how}))
            .collect();
        json!({"id": subject.id, "doses": rows, "doses_and_resets": count})
    });
    let subjects: Vec<_> = subjects.collect();
    json!({"table": plan.file, "units": plan.units, "columns_not_read": plan.table.not_read, "warnings": event_table::warnings(plan), "subjects": subjects})
}

/// Every dose of every arm for the typical patient, and the EC50 of each cell population.
pub fn arms(name: &str, plan: &regimen::Plan, most: &Most) -> String {
    let mut text = format!(
        "\nassay {name}: {} per arm, pharmacokinetics {}\n",
        counted(plan.patients, "patient"),
        plan.kinetics().join(", ")
    );
    for warning in plan.warnings() {
        text += &wrapped(&warning, 2);
    }
    if let Some(rules) = doses::rules(plan) {
        text += &wrapped(&rules, 2);
    }
    if let Some(search) = &plan.search {
        let lines = search.described(&plan.arms[search.arm].regimen.name);
        lines.iter().for_each(|line| text += &wrapped(line, 2));
    }
    for arm in &plan.arms {
        let (regimen, person) = (&arm.regimen, arm.patients.cohort.typical());
        let all = doses::doses(arm);
        text += &format!(
            "  regimen {}: {} of {} ({}), for a patient of {} kg and {} m2\n",
            regimen.name,
            counted(all.len(), "dose"),
            regimen.ligand,
            arm.patients.kinetics,
            three_digits(person.weight),
            three_digits(person.surface),
        );
        for (i, dose) in all.iter().enumerate().take(most.doses) {
            text += &format!(
                "    {:>8} d  dose {:<4} cycle {:<3} {} nmol{} {}\n",
                three_digits(dose.time / DAY),
                i + 1,
                dose.cycle,
                three_digits(dose.amount / 1000.0),
                dose.activity
                    .map_or(String::new(), |iu| format!(" ({} MIU)", three_digits(iu / 1e6))),
                doses::route(&dose.route),
            );
        }
        if all.len() > most.doses {
            text +=
                &format!("    ... {} more; {} prints more\n", all.len() - most.doses, most.rest);
        }
        if !most.names {
            continue;
        }
        text += "    EC50 (pM) of each cell population: without CD25, and with CD25 at rest\n";
        for (id, sensed) in &arm.patients.sensed {
            let cd25 = arm.patients.cohort.cd25_at_rest(id);
            text += &format!(
                "      {id:<12} {:>10} {:>10}\n",
                three_digits(sensed.ec50_without_cd25),
                three_digits(sensed.ec50(cd25))
            );
        }
    }
    match most.names {
        true => text + &names(name, &plan.arms[0].patients),
        false => text,
    }
}

pub fn arms_json(plan: &regimen::Plan) -> serde_json::Value {
    let arms = plan.arms.iter().map(|arm| {
        let doses: Vec<_> = doses::doses(arm)
            .iter()
            .map(|d| json!({"time_min": d.time, "cycle": d.cycle, "amount_pmol": d.amount, "activity_iu": d.activity, "route": doses::route(&d.route)}))
            .collect();
        let sensing: Vec<_> = arm
            .patients
            .sensed
            .iter()
            .map(|(id, c)| json!({"population": id, "ec50_without_cd25_pm": c.ec50_without_cd25, "per_cd25": c.per_cd25, "cd25_half_pm": c.cd25_half, "top": c.top}))
            .collect();
        json!({"regimen": arm.regimen.name, "ligand": arm.regimen.ligand, "doses": doses, "sensing": sensing})
    });
    let arms: Vec<_> = arms.collect();
    let observables = &plan.arms[0].patients.cohort.body.network.observables;
    let readouts: Vec<_> = described(observables)
        .into_iter()
        .map(|[name, unit, meaning]| json!({"name": name, "unit": unit, "meaning": meaning}))
        .collect();
    json!({"patients": plan.patients, "pharmacokinetics": plan.kinetics(), "readouts": readouts, "arms": arms})
}
