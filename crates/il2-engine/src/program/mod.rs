//! A network flattened once into straight lists of operations over lanes side by side.
//!
//! A list works on rows, one number a lane ([`interpret::Row`]); all lists of a program share one
//! workspace. Reading order: [`graph`] holds the laws and their exact derivatives, [`lower`] makes
//! lists of them, [`sparse`] adds the elimination, [`interpret`] runs them anywhere and
//! [`crate::native`] turns them into machine code where the processor allows.

pub mod code;
pub mod graph;
pub mod interpret;
pub mod lower;
pub mod shared;
pub mod sparse;
pub mod stages;

use crate::native::Native;
use crate::network::{Network, ParameterId, SpeciesId};
use crate::rodas5p::STAGES;
use code::{Code, Slot};
use graph::{Node, Variable};
use interpret::Row;
use lower::{CLOCK, INVERSE, Lowering, RATE, Region, STEP, TIME};
use std::ops::Range;

/// A network as lists of operations. Made once, read by every thread.
#[derive(Debug)]
pub struct Program {
    /// In the order of the state.
    pub species_names: Vec<String>,
    /// In the order of the parameters.
    pub parameter_names: Vec<String>,
    /// Species that may go below zero.
    pub signed: Vec<bool>,
    /// Species that something depends on; what nothing reads may grow for ever while all else
    /// rests.
    pub is_read: Vec<bool>,
    /// Where everything stands in the workspace.
    pub layout: Layout,
    /// Once a lane: what depends on parameters only.
    pub prologue: List,
    /// Slope of the state.
    pub slope: List,
    /// Jacobian, slope by time and factors of `J - rate I`.
    pub matrix: List,
    /// Solves in the slope rows with those factors.
    pub solve: List,
    /// Once a step: weights of the method divided by the step.
    pub weights: List,
    /// State of each stage from the increments before it; the first is empty.
    pub states: Vec<List>,
    /// What earlier stages add to the right-hand side of each stage.
    pub right_hand_sides: Vec<List>,
    /// What the first solve leaves over.
    pub residual: List,
    /// Entries of the Jacobian: row, column and where its value stands once `matrix` has run.
    pub jacobian: Vec<(usize, usize, usize)>,
    numbers: Vec<f64>,
}

/// A list and, where the processor allows, its machine code.
#[derive(Debug)]
pub struct List {
    code: Code,
    native: Option<Native>,
}

/// Places of rows in the workspace.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Parameters of the lanes.
    pub parameters: Range<usize>,
    /// Time (min).
    pub time: usize,
    /// One over (step times gamma).
    pub rate: usize,
    /// Step (min).
    pub step: usize,
    /// One over the step.
    pub inverse: usize,
    /// State at the start of the step.
    pub start: Range<usize>,
    /// Negative increments `-U_i`, one stage after the other.
    pub stages: Range<usize>,
    /// State at which lists are evaluated.
    pub state: Range<usize>,
    /// Slope of the state, right-hand side and solution.
    pub slope: Range<usize>,
    /// Slope of the slope by time; empty where no law reads time.
    pub time_slope: Range<usize>,
    /// First right-hand side of the step, then what its solve leaves over.
    pub first: Range<usize>,
    /// First and second direction of derivatives.
    pub direction: Range<usize>,
    /// See `direction`.
    pub second: Range<usize>,
    /// All rows.
    pub rows: usize,
}

/// What may run a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Backend {
    /// Machine code where the processor allows, else the interpreter.
    #[default]
    Fastest,
    /// The interpreter everywhere.
    Interpreter,
    /// Machine code for AVX2 and FMA at most, though the processor could do more.
    Avx2,
}

/// Laws of a network in the graph, before lists are made.
pub(crate) struct Laws {
    /// Slope of every species.
    pub slopes: Vec<Node>,
}

impl Laws {
    pub(crate) fn new(network: &Network, lowering: &mut Lowering) -> Self {
        let graph = &mut lowering.graph;
        let rates: Vec<_> = network.reactions.iter().map(|r| graph.law(&network.law(r))).collect();
        let mut changes: Vec<Vec<(f64, Node)>> = vec![vec![]; network.species.len()];
        for (reaction, &rate) in network.reactions.iter().zip(&rates) {
            for &(SpeciesId(s), n) in &reaction.reactants {
                changes[s].push((-f64::from(n), rate));
            }
            for &(SpeciesId(s), n) in &reaction.products {
                changes[s].push((f64::from(n), rate));
            }
        }
        let slopes = network.species.iter().zip(changes).map(|(species, changes)| {
            let net = graph.sum(&changes);
            let scale = graph.law(&species.scale);
            graph.product(&[scale, net])
        });
        Self { slopes: slopes.collect() }
    }
}

impl Program {
    /// Flattens a network that has been checked.
    pub fn new(network: &Network, backend: Backend) -> Self {
        let size = network.species.len();
        let mut lowering = Lowering::default();
        let laws = Laws::new(network, &mut lowering);
        let roots: Vec<_> = (0..size).map(|s| (laws.slopes[s], Region::Slope.slot(s))).collect();
        let slope = lowering.list(&roots);
        let mut wanted: Vec<(Node, Slot)> = vec![];
        let mut entries = sparse::Entries::new();
        for (row, &node) in laws.slopes.iter().enumerate() {
            for column in 0..size {
                let entry = lowering.graph.derivative(node, Variable::Species(column as u32));
                if lowering.graph.is_zero(entry) {
                    continue;
                }
                let slot = if lowering.graph.level(entry) < graph::Level::State {
                    lowering.constant(entry).expect("reads no state")
                } else {
                    let slot = Region::Jacobian.slot(wanted.len());
                    wanted.push((entry, slot));
                    slot
                };
                entries.insert((row, column), slot);
            }
        }
        let jacobian_rows = wanted.len();
        let time_slopes: Vec<_> =
            laws.slopes.iter().map(|&n| lowering.graph.derivative(n, Variable::Time)).collect();
        let reads_time =
            laws.slopes.iter().any(|&n| lowering.graph.reads(n).contains(&Variable::Time));
        if reads_time {
            let rows = time_slopes.iter().enumerate();
            wanted.extend(rows.map(|(s, &node)| (node, Region::TimeSlope.slot(s))));
        }
        let mut matrix = lowering.list(&wanted);
        let one = lowering.number(1.0);
        let (solve, factors) = sparse::lists(size, &entries, one, &mut matrix);
        let weights = stages::weights(&mut lowering);
        let mut states = vec![Code::default()];
        states.extend((1..STAGES).map(|stage| stages::state(size, stage, &mut lowering)));
        let right_hand_sides: Vec<_> = (0..STAGES)
            .map(|stage| stages::right_hand_side(size, stage, reads_time, &mut lowering))
            .collect();
        let prologue = lowering.prologue();

        let temporaries = [&prologue, &slope, &matrix]
            .into_iter()
            .chain(&right_hand_sides)
            .flat_map(|code| code.instructions.iter().map(Code::target))
            .map(Region::of)
            .filter(|&(region, _)| region == Region::Temporary as usize)
            .map(|(_, place)| place + 1)
            .max()
            .unwrap_or(0);
        let sizes = [
            lowering.numbers.len(),
            network.parameters.len(),
            lowering.invariants(),
            CLOCK,
            size,
            size,
            if reads_time { size } else { 0 },
            jacobian_rows,
            factors,
            size,
            STAGES * size,
            stages::WEIGHTS,
            size,
            0,
            0,
            temporaries,
        ];
        let starts: Vec<usize> = sizes
            .iter()
            .scan(0, |total, size| {
                *total += size;
                Some(*total - size)
            })
            .collect();
        let place = |slot: Slot| {
            let (region, place) = Region::of(slot);
            starts[region] + place
        };
        let range = |region: Region| {
            let start = starts[region as usize];
            start..start + sizes[region as usize]
        };
        let first_temporary = starts[Region::Temporary as usize] as Slot;
        let list = |mut code: Code| {
            code.rename(|slot| place(slot) as Slot);
            let native = Native::new(&code, first_temporary, backend);
            List { code, native }
        };
        let is_read = (0..size)
            .map(|s| {
                let variable = Variable::Species(s as u32);
                laws.slopes.iter().any(|&n| lowering.graph.reads(n).contains(&variable))
            })
            .collect();
        Self {
            species_names: network.species.iter().map(|s| s.name.clone()).collect(),
            parameter_names: network.parameters.iter().map(|p| p.name.clone()).collect(),
            signed: network.species.iter().map(|s| s.signed).collect(),
            is_read,
            layout: Layout {
                parameters: range(Region::Parameters),
                time: place(Region::Clock.slot(TIME)),
                rate: place(Region::Clock.slot(RATE)),
                step: place(Region::Clock.slot(STEP)),
                inverse: place(Region::Clock.slot(INVERSE)),
                start: range(Region::Start),
                stages: range(Region::Stages),
                state: range(Region::State),
                slope: range(Region::Slope),
                time_slope: range(Region::TimeSlope),
                first: range(Region::First),
                direction: range(Region::Direction),
                second: range(Region::Second),
                rows: sizes.iter().sum(),
            },
            jacobian: entries.iter().map(|(&(i, j), &slot)| (i, j, place(slot))).collect(),
            prologue: list(prologue),
            slope: list(slope),
            matrix: list(matrix),
            solve: list(solve),
            weights: list(weights),
            residual: list(stages::residual(size, &entries)),
            states: states.into_iter().map(list).collect(),
            right_hand_sides: right_hand_sides.into_iter().map(list).collect(),
            numbers: lowering.numbers,
        }
    }

    /// Number of species.
    pub fn size(&self) -> usize {
        self.species_names.len()
    }

    /// A workspace whose numbers are in place; everything else is zero.
    pub fn workspace<const W: usize>(&self) -> Vec<Row<W>> {
        let mut rows = vec![Row::all(0.0); self.layout.rows];
        for (row, &number) in rows.iter_mut().zip(&self.numbers) {
            *row = Row::all(number);
        }
        rows
    }

    /// Whether machine code runs this program.
    pub fn is_native(&self) -> bool {
        self.slope.native.is_some()
    }

    /// How many operations the lists hold: slope, matrix with factors, solve.
    pub fn operations(&self) -> [usize; 3] {
        [&self.slope, &self.matrix, &self.solve].map(|list| {
            let of = |i: &code::Instruction| match i {
                code::Instruction::Sum(sum) => {
                    (sum.plus_products + sum.minus_products + sum.plus + sum.minus) as usize
                }
                _ => 1,
            };
            list.code.instructions.iter().map(of).sum()
        })
    }

    /// The species of a place, for messages.
    pub fn species_name(&self, place: usize) -> &str {
        &self.species_names[place]
    }

    /// The parameter of a place, for messages.
    pub fn parameter_name(&self, id: ParameterId) -> &str {
        &self.parameter_names[id.0]
    }
}

impl List {
    /// Runs the list over a workspace of its program.
    #[inline(always)]
    pub fn run<const W: usize>(&self, rows: &mut [Row<W>]) {
        match &self.native {
            Some(native) if W == crate::native::WIDTH => native.run(&self.code, rows),
            _ => interpret::run(&self.code, rows),
        }
    }
}
