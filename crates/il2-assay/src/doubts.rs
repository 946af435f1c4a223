//! What is to be known before an answer is used, found before anything runs.

use crate::answer::AssayResult;
use crate::kinds::Plan;
use crate::{magnitude, misfits, schedules, shape};
use il2_study::Study;

impl Plan {
    /// What is known to be doubtful before anything runs: numbers of an odd size, molecules outside of
    /// what a model was made for. [`Plan::run`] puts it in front of what the run itself has to say.
    pub fn doubts(&self, study: &Study) -> Vec<String> {
        let mut all = vec![];
        if study.assays.keys().next().is_some_and(|first| first == self.name()) {
            all.extend(il2_study::magnitude::unread_models(study));
        }
        all.extend(magnitude::warnings(study, self));
        all.extend(schedules::warnings(study, self));
        all.extend(misfits::warnings(study, self));
        all
    }

    /// Runs it. `progress` is told of finished lanes, from any thread.
    pub fn run(&self, study: &Study, progress: &(dyn Fn(usize) + Sync)) -> AssayResult {
        let mut result = self.answer(study, progress);
        result.warnings.splice(0..0, self.doubts(study));
        shape::shape(study, self, &mut result);
        result
    }
}
