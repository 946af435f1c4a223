//! Lists for some parameters side by side, and which rows belong to one of them.

/// How many parameters one list works on side by side at most. A row of the factors or of the
/// increments is then read once for all, and their sums do not wait for one another. Three are a
/// tenth faster than two; four are no faster: the list outgrows the cache for instructions.
pub const BLOCK: usize = 3;

/// Lists for some parameters side by side.
#[derive(Debug)]
pub struct Block<L> {
    /// How many parameters.
    pub width: usize,
    /// Change of the derivatives of the flows along the sensitivities of the state.
    pub change: L,
    /// Derivative of the slope by time along them; empty where no law reads time.
    pub time_change: L,
    /// Per stage: sensitivities of the stage state, right-hand sides, solutions.
    pub stages: Vec<L>,
}

/// Widths of the blocks that so many parameters take, one after the other.
pub fn widths(parameters: usize) -> impl Iterator<Item = usize> {
    (0..parameters).step_by(BLOCK).map(move |first| BLOCK.min(parameters - first))
}

/// Rows that hold what belongs to one parameter: (place, row among all parameters').
#[derive(Clone, Debug, Default)]
pub struct Own {
    /// Forces, among the rows of a stage; places are those of the species, then of shared flows.
    pub forces: Vec<(usize, usize)>,
    /// Forces by time, among the rows of the start; places are those of the species.
    pub time_forces: Vec<(usize, usize)>,
}
