//! Lists for a block of parameters side by side, and the rows of each.

/// Largest number of parameters in one list. A row of the factors or of the increments is then read
/// once for all of them, and their sums do not wait for one another. Blocks of four are no faster
/// than blocks of three, whose solutions of all stages fit in the first-level cache.
pub const BLOCK: usize = 3;

/// Lists for several parameters side by side.
#[derive(Debug)]
pub struct Block<L> {
    /// Number of parameters.
    pub width: usize,
    /// The Jacobian at the start times the sensitivities of the state.
    pub start: L,
    /// Time derivative of the right-hand side for these rows; empty if no rate law depends on time.
    pub time_change: L,
    /// One list per stage: adds to the right-hand sides the difference between the flows and what
    /// the start and the solve give for them.
    pub flows: Vec<L>,
    /// Turns right-hand sides into solutions; the same at every stage.
    pub solve: L,
}

/// Widths of the consecutive blocks into which this many parameters are divided. There are as few
/// blocks as possible, of nearly equal width, since a narrow block takes nearly as long as a full
/// one.
pub fn widths(parameters: usize) -> impl Iterator<Item = usize> {
    let blocks = parameters.div_ceil(BLOCK);
    (0..blocks).map(move |block| (parameters + block) / blocks)
}

/// Rows of one parameter, each with its index and its position among the rows of all parameters.
#[derive(Clone, Debug, Default)]
pub struct Own {
    /// Forces on species, among the rows of a stage.
    pub forces: Vec<(usize, usize)>,
    /// Forces on shared flows, among the rows of a stage.
    pub flow_forces: Vec<(usize, usize)>,
    /// Time derivatives of the forces on species, among the rows of the start.
    pub time_forces: Vec<(usize, usize)>,
}
