//! The part of a lane's answer that a worker keeps until it is taken.

use crate::lane::Answer;

/// The part of a lane's answer that is kept until it is taken.
#[derive(Clone, Debug)]
pub struct Reduced<R> {
    /// The result.
    pub result: R,
    /// Approximate memory that the result refers to beyond its own size (bytes); it limits the
    /// amount of waiting results.
    pub bytes: usize,
}

impl<R> Reduced<R> {
    /// A result that refers to almost no memory.
    pub fn small(result: R) -> Self {
        Self { result, bytes: 0 }
    }
}

impl Reduced<Answer> {
    /// The whole answer, for a caller that needs all of it.
    pub fn whole(_: usize, answer: Answer) -> Self {
        let found = match &answer {
            Ok(found) => found,
            Err(stopped) => &stopped.found,
        };
        let states = found.states.iter().chain(&found.recorded);
        let rows = states.chain(found.sensitivities.iter().flatten());
        let rows: usize = rows.map(|row| size_of_val(row) + size_of_val(row.as_slice())).sum();
        let (asked, fired) = (size_of_val(&*found.decisions), size_of_val(&*found.crossings));
        let bytes = rows + asked + fired + size_of_val(&*found.surveyed);
        Self { result: answer, bytes }
    }
}
