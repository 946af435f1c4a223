//! The plan of a model with an event table.

use crate::event_table::model::Model;
use il2::culture::Prepared;
use il2::treatment::schedule::{Timed, most_doses, schedule};
use il2_answer::labels::named;
use il2_study::event_table::{EventTable, Factors};

/// The planned assay.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the assay.
    pub name: String,
    /// The model.
    pub model: Model,
    /// The table as it was read.
    pub table: EventTable,
    /// Units as the study writes them: time, amount, concentration.
    pub units: [String; 3],
    /// The table's file name as the study writes it.
    pub file: String,
    /// Factors to base units.
    pub factors: Factors,
    pub(super) concentration: f64,
}

impl Plan {
    /// Whether the model is a plain pharmacokinetic one.
    pub fn is_plain(&self) -> bool {
        matches!(self.model, Model::Plain(_))
    }

    /// Number of simulations that the assay will run.
    pub fn lanes(&self) -> usize {
        self.table.subjects.len()
    }

    /// Always empty: there are no cells in wells.
    pub fn prepared(&self) -> Vec<&Prepared> {
        vec![]
    }

    /// File names of its tables and figures, without extensions.
    pub fn names(&self) -> (Vec<String>, Vec<String>) {
        (named(&self.name, &["", "subjects"]), named(&self.name, &[""]))
    }

    /// The events of a subject, expanded anew at each call: a long list of doses may be a short
    /// table.
    pub fn dose_events(&self, subject: usize) -> Vec<Timed> {
        schedule(&self.table.subjects[subject].records).expect("checked in the plan")
    }

    /// Groups of subjects whose doses fit into memory together.
    pub fn groups(&self) -> Vec<std::ops::Range<usize>> {
        const MOST_SUBJECTS: usize = 256;
        const MOST_DOSES: f64 = 200_000.0;
        let (mut all, mut begin, mut doses) = (vec![], 0, 0.0);
        for (i, subject) in self.table.subjects.iter().enumerate() {
            let end = subject.records.last().map_or(0.0, |last| last.time);
            let records = subject.records.iter();
            let own: f64 = records.map(|r| 1.0 + most_doses(r, end - r.time)).sum();
            if i > begin && (i - begin == MOST_SUBJECTS || doses + own > MOST_DOSES) {
                all.push(begin..i);
                (begin, doses) = (i, 0.0);
            }
            doses += own;
        }
        all.push(begin..self.table.subjects.len());
        all
    }
}
