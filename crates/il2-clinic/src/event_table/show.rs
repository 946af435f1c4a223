//! Output common to all models with an event table: warnings, codes of records, the figure.

use crate::event_table::exposure::Exposure;
use crate::event_table::model::Model;
use crate::event_table::plan::Plan;
use crate::event_table::sentence;
use il2::patient::compartments::Structure;
use il2::treatment::record::Kind;
use il2_answer::labels::subject;
use il2_engine::words::counted;
use il2_output::figure::{Figure, Panel, most_curves};
use il2_study::headings;
use il2_study::study::Study;

/// Parts of the table that were not read, and usual values that replace missing ones.
pub fn warnings(plan: &Plan) -> Vec<String> {
    let table = &plan.table;
    let mut all: Vec<String> =
        headings::not_read_of(&plan.file, &table.not_read).into_iter().collect();
    if table.left_out > 0 {
        let rows = counted(table.left_out, "row");
        all.push(format!("il2 left out {rows} of {}, marked in a column or by a #", plan.file));
    }
    if table.not_compared > 0 {
        all.push(format!(
            "il2 did not compare {} of {} with the model (missing, censored, beyond a limit, not \
             above zero, from another compartment, or in a row that is not an observation)",
            counted(table.not_compared, "measurement"),
            plan.file
        ));
    }
    all.extend(table.idle.iter().map(|idle| format!("{}: {idle}", plan.file)));
    for (name, (count, one)) in &table.without {
        all.push(format!(
            "il2 used the usual value for {} of {} without {name} (such as subject {one})",
            counted(*count, "subject"),
            plan.file
        ));
    }
    all
}

/// The answer in sentences.
pub fn sentences(plan: &Plan, exposures: &[Exposure]) -> Vec<String> {
    let [time, _, level] = plan.units.each_ref().map(String::as_str);
    sentence::sentences([time, level], exposures, &format!("{}_subjects.csv", plan.name))
}

/// The number that NONMEM gives a kind of record.
pub fn evid(kind: Kind) -> u8 {
    match kind {
        Kind::Observation => 0,
        Kind::Dose => 1,
        Kind::Other => 2,
        Kind::Reset => 3,
        Kind::ResetAndDose => 4,
    }
}

impl Plan {
    /// Subjects that the figure shows.
    pub fn most_drawn(&self) -> usize {
        most_curves(match &self.model {
            // A panel with a linear and one with a logarithmic axis.
            Model::Plain(_) => 2,
            Model::Patient(patient) => patient.show.len(),
        })
    }
}

/// The figure that contains these panels.
pub fn figure(study: &Study, plan: &Plan, panels: Vec<Panel>) -> Figure {
    let subjects = &plan.table.subjects;
    let shown = subjects.len().min(plan.most_drawn());
    let model = match &plan.model {
        Model::Plain(plain) => {
            let word = Structure::ALL.iter().find(|(_, s)| *s == plain.structure);
            format!("model {}", word.map_or("", |(n, _)| n))
        }
        Model::Patient(patient) => format!(
            "whole patient, ligand {}, pharmacokinetics {}",
            patient.patients.ligand, patient.patients.kinetics
        ),
    };
    let subtitle = match shown < subjects.len() {
        true => format!(
            "{}: event table, {model}; {shown} of {} subjects are drawn (all are in the table)",
            plan.name,
            subjects.len()
        ),
        false => format!("{}: event table, {model}", plan.name),
    };
    Figure {
        title: study.question.clone(),
        subtitle,
        panels,
        columns: 2,
        footnote: format!("study {} · il2 {}", &study.hash[..12], env!("CARGO_PKG_VERSION")),
        legend: subjects[..shown].iter().enumerate().map(|(i, s)| (subject(&s.id), i)).collect(),
        ..Figure::default()
    }
}
