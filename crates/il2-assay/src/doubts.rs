//! Warnings about an answer that can be given before anything runs.

use crate::kinds::{Answer, Plan};
use crate::{magnitude, schedules, scope, shape};
use il2_answer::answer::AssayResult;
use il2_study::Study;

impl Plan {
    /// Warnings that can be given before anything runs: implausible numbers, or molecules outside
    /// the scope of a model. [`Plan::run`] puts these warnings before the warnings of the run
    /// itself.
    pub fn doubts(&self, study: &Study) -> Vec<String> {
        let mut all = vec![];
        if study.assays.keys().next().is_some_and(|first| first == self.name()) {
            all.extend(study.notices.iter().cloned());
            all.extend(il2_study::magnitude::unread_models(study));
            all.extend(il2_study::magnitude::unread_spreads(study));
            all.extend(il2_study::magnitude::unread_culture(study));
        }
        all.extend(magnitude::warnings(study, self));
        all.extend(schedules::warnings(study, self));
        all.extend(scope::warnings(study, self));
        all
    }

    /// Runs the plan and shows its answer. `progress` is called with the number of finished
    /// simulations, from any thread.
    pub fn run(&self, study: &Study, progress: &(dyn Fn(usize) + Sync)) -> AssayResult {
        self.shown(study, self.answer(study, progress))
    }

    /// A complete answer: with the warnings given before the run, and figures in the form that the
    /// study requests.
    pub fn shown(&self, study: &Study, answer: Answer) -> AssayResult {
        let mut result = self.show(study, answer);
        result.warnings.splice(0..0, self.doubts(study));
        shape::shape(study, self, &mut result);
        result
    }
}
