//! Converts the graph to lists of operations without branches.

use super::graph::{Graph, Level, Node, Operation, Variable};
use crate::list::code::{Code, Function, Instruction, NONE, Slot, Terms};
use std::collections::HashMap;

/// Regions of the workspace, in order. While lists are made, a row is given by its region and
/// index, because the size of some regions is known only at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
pub enum Region {
    /// Literal numbers of the laws.
    Numbers,
    /// Parameters of the lane.
    Parameters,
    /// Values that depend only on parameters.
    Invariants,
    /// Time, step and the values derived from them.
    Clock,
    /// State at which a list is evaluated.
    State,
    /// Slope of the state plus what earlier stages add to it; the right-hand side, then the
    /// solution, of the linear systems.
    Slope,
    /// What earlier stages add to the right-hand sides of a stage.
    Earlier,
    /// Time derivative of the slope.
    TimeSlope,
    /// Entries of the Jacobian that depend on the state.
    Jacobian,
    /// Factors of the iteration matrix.
    Factors,
    /// State at the start of the step.
    Start,
    /// Negative increments of the stages, one stage after the other.
    Stages,
    /// Weights of the method divided by the step.
    Weights,
    /// First right-hand side of the step, then the residual of the first solve.
    First,
    /// Sensitivities of the state at the start of the step, for each parameter of a block in turn.
    Second,
    /// What every parameter adds by itself to the right-hand sides, one stage after the other.
    OwnForce,
    /// Derivatives of the slope's time derivative with respect to the parameters of a block.
    TimeForce,
    /// What sensitivities need at a stage: scratch rows, then derivatives of flows at the start,
    /// then the changes of these at every stage.
    AtStage,
    /// What sensitivities need at the start of the step.
    AtStart,
    /// Weights of the sensitivities, divided by the step.
    TangentWeights,
    /// Shared flows at the start along the sensitivities of a block.
    StartFlow,
    /// Shared flows, plus the direct effects of the parameters on them.
    FlowForce,
    /// The remaining slopes at the start along the sensitivities of a block.
    StartSlope,
    /// Right-hand sides, then solutions, for a block.
    TangentSlope,
    /// Changes of the sensitivities of a block until a stage.
    Moved,
    /// Solutions for a block, one stage after the other: negative sensitivities of the increments
    /// and of the changes of the state.
    Tangents,
    /// Readouts that are computed rather than read directly.
    Readouts,
    /// Temporaries of a list.
    Temporary,
}

/// Number of regions.
pub const REGIONS: usize = Region::Temporary as usize + 1;

const SHIFT: u32 = 27;

impl Region {
    /// The row at an index of a region.
    pub fn slot(self, place: usize) -> Slot {
        assert!(place < 1 << SHIFT, "a network of {place} rows is too large");
        (self as u32) << SHIFT | place as u32
    }

    /// Region and index of a row.
    pub fn of(slot: Slot) -> (usize, usize) {
        ((slot >> SHIFT) as usize, (slot & ((1 << SHIFT) - 1)) as usize)
    }
}

/// Row of the time.
pub const TIME: usize = 0;
/// Row of 1 / (step times gamma).
pub const RATE: usize = 1;
/// Row of the step.
pub const STEP: usize = 2;
/// Row of 1 / step.
pub const INVERSE: usize = 3;
/// Number of rows of the clock.
pub const CLOCK: usize = 4;

/// Makes lists from one graph; the lists share literal numbers and values that depend on parameters
/// only.
#[derive(Default)]
pub struct Lowering {
    /// The graph, in which roots are made.
    pub graph: Graph,
    /// Literal numbers of the laws.
    pub numbers: Vec<f64>,
    number_slots: HashMap<u64, Slot>,
    invariants: Vec<Node>,
    invariant_slots: HashMap<Node, Slot>,
}

/// A list being built.
struct Draft {
    code: Code,
    values: HashMap<Node, Slot>,
    /// The row to which the value of a node must be written.
    wanted: HashMap<Node, Slot>,
    uses: HashMap<Node, u32>,
    temporaries: usize,
    /// Whether the list depends on parameters only (the prologue) or also on the state.
    level: Level,
}

impl Lowering {
    /// A list that computes every root into its row.
    pub fn list(&mut self, roots: &[(Node, Slot)]) -> Code {
        self.list_at(Level::State, roots)
    }

    /// The list that computes, once per lane, the values that depend on parameters only. To be
    /// called last.
    pub fn prologue(&mut self) -> Code {
        let roots: Vec<_> =
            self.invariants.iter().map(|&node| (node, self.invariant_slots[&node])).collect();
        self.list_at(Level::Lane, &roots)
    }

    /// Number of rows that depend on parameters only.
    pub fn invariants(&self) -> usize {
        self.invariants.len()
    }

    fn list_at(&mut self, level: Level, roots: &[(Node, Slot)]) -> Code {
        let mut draft = Draft {
            code: Code::default(),
            values: HashMap::new(),
            wanted: HashMap::new(),
            uses: HashMap::new(),
            temporaries: 0,
            level,
        };
        for &(node, slot) in roots {
            draft.wanted.entry(node).or_insert(slot);
            self.count(node, &mut draft.uses);
        }
        for &(node, slot) in roots {
            let value = self.value(node, &mut draft);
            if value != slot {
                let terms = Terms { plus: vec![value], ..Terms::default() };
                draft.code.push_sum(slot, &terms, NONE);
            }
        }
        assign_temporaries(&mut draft.code);
        draft.code
    }

    fn count(&self, node: Node, uses: &mut HashMap<Node, u32>) {
        let count = uses.entry(node).or_insert(0);
        *count += 1;
        if *count == 1 {
            self.graph.inputs(node).into_iter().for_each(|input| self.count(input, uses));
        }
    }

    /// The row of a number.
    pub fn number(&mut self, value: f64) -> Slot {
        *self.number_slots.entry(value.to_bits()).or_insert_with(|| {
            self.numbers.push(value);
            Region::Numbers.slot(self.numbers.len() - 1)
        })
    }

    /// The row of a node that does not depend on the state.
    pub fn constant(&mut self, node: Node) -> Option<Slot> {
        match (self.graph.level(node), self.graph.operation(node)) {
            (_, Operation::Number(bits)) => Some(self.number(f64::from_bits(*bits))),
            (_, Operation::Variable(variable)) => Some(match *variable {
                Variable::Parameter(k) => Region::Parameters.slot(k as usize),
                Variable::Species(s) => Region::State.slot(s as usize),
                Variable::Time => Region::Clock.slot(TIME),
                Variable::Earlier(s) => Region::Earlier.slot(s as usize),
            }),
            (Level::Lane, _) => Some(*self.invariant_slots.entry(node).or_insert_with(|| {
                self.invariants.push(node);
                Region::Invariants.slot(self.invariants.len() - 1)
            })),
            _ => None,
        }
    }

    fn value(&mut self, node: Node, draft: &mut Draft) -> Slot {
        if let Some(&slot) = draft.values.get(&node) {
            return slot;
        }
        let is_leaf =
            matches!(self.graph.operation(node), Operation::Number(_) | Operation::Variable(_));
        if is_leaf || self.graph.level(node) < draft.level {
            return self.constant(node).expect("reads no state");
        }
        let slot = self.work_out(node, draft);
        draft.values.insert(node, slot);
        slot
    }

    fn target(&self, node: Node, draft: &mut Draft) -> Slot {
        draft.wanted.get(&node).copied().unwrap_or_else(|| {
            draft.temporaries += 1;
            Region::Temporary.slot(draft.temporaries - 1)
        })
    }

    fn work_out(&mut self, node: Node, draft: &mut Draft) -> Slot {
        let (function, inputs) = match self.graph.operation(node).clone() {
            Operation::Number(_) | Operation::Variable(_) => unreachable!("a leaf"),
            Operation::Sum(terms) => {
                let terms = self.terms(&terms, draft);
                let to = self.target(node, draft);
                draft.code.push_sum(to, &terms, NONE);
                return to;
            }
            Operation::Product(factors) => return self.product(node, &factors, draft),
            Operation::Reciprocal(a) => {
                let (a, b) = (self.number(1.0), self.value(a, draft));
                let to = self.target(node, draft);
                draft.code.instructions.push(Instruction::Quotient { to, a, b });
                return to;
            }
            Operation::Power(a, b) => (Function::Power, vec![a, b]),
            Operation::SlopePower(a, b) => (Function::SlopePower, vec![a, b]),
            Operation::SlopeLogarithm(a) => (Function::SlopeLogarithm, vec![a]),
            Operation::Exponential(a) => (Function::Exponential, vec![a]),
            Operation::Logarithm(a) => (Function::Logarithm, vec![a]),
            Operation::Trigonometric(which, a) => (Function::Trigonometric(which), vec![a]),
            Operation::Minimum(a, b) => (Function::Minimum, vec![a, b]),
            Operation::Maximum(a, b) => (Function::Maximum, vec![a, b]),
            Operation::Choose(all) => (Function::Choose, all.to_vec()),
        };
        let mut arguments = [NONE; 4];
        for (argument, input) in arguments.iter_mut().zip(inputs) {
            *argument = self.value(input, draft);
        }
        let to = self.target(node, draft);
        draft.code.instructions.push(Instruction::Call { to, function, arguments });
        to
    }

    fn product(&mut self, node: Node, factors: &[Node], draft: &mut Draft) -> Slot {
        // A sum that is used only by this product absorbs the other factor.
        if let [a, b] = *factors {
            for (sum, other) in [(b, a), (a, b)] {
                if let Operation::Sum(terms) = self.graph.operation(sum).clone()
                    && self.graph.level(sum) >= draft.level
                    && draft.uses.get(&sum) == Some(&1)
                    && sum != other
                {
                    let times = self.value(other, draft);
                    let terms = self.terms(&terms, draft);
                    let to = self.target(node, draft);
                    draft.code.push_sum(to, &terms, times);
                    return to;
                }
            }
        }
        let (a, b) = self.last_pair(factors, draft);
        let to = self.target(node, draft);
        draft.code.instructions.push(Instruction::Product { to, a, b });
        to
    }

    /// All factors except the last as one row, and the last factor.
    fn last_pair(&mut self, factors: &[Node], draft: &mut Draft) -> (Slot, Slot) {
        let (last, others) = factors.split_last().expect("two factors or more");
        let first = self.graph.product(others);
        (self.value(first, draft), self.value(*last, draft))
    }

    fn terms(&mut self, terms: &[(u64, Node)], draft: &mut Draft) -> Terms {
        let mut result = Terms::default();
        for &(bits, node) in terms {
            let coefficient = f64::from_bits(bits);
            let plus = coefficient >= 0.0;
            let pair = self.pair(coefficient, node, draft);
            match pair {
                Ok(pair) if plus => result.plus_products.push(pair),
                Ok(pair) => result.minus_products.push(pair),
                Err(row) if plus => result.plus.push(row),
                Err(row) => result.minus.push(row),
            }
        }
        result
    }

    /// A term of a sum without its sign, as a product to be fused or as a row.
    fn pair(
        &mut self,
        coefficient: f64,
        node: Node,
        draft: &mut Draft,
    ) -> Result<(Slot, Slot), Slot> {
        let size = coefficient.abs();
        let ready = draft.values.contains_key(&node) || draft.wanted.contains_key(&node);
        let factors = match self.graph.operation(node) {
            Operation::Product(factors) if self.graph.level(node) >= draft.level && !ready => {
                factors.clone()
            }
            _ if size == 1.0 => return Err(self.value(node, draft)),
            _ => return Ok((self.number(size), self.value(node, draft))),
        };
        if size == 1.0 {
            return Ok(self.last_pair(&factors, draft));
        }
        // The number is multiplied into the factor that changes least often, where the
        // multiplication may be free.
        let mut factors = factors;
        factors[0] = self.graph.sum(&[(size, factors[0])]);
        let (last, others) = factors.split_last().expect("two factors or more");
        let first = match others {
            [one] => *one,
            // Not `graph.product`, which would move the number out again.
            many => {
                let rest = self.graph.product(&many[1..]);
                let (a, b) = (self.value(many[0], draft), self.value(rest, draft));
                draft.temporaries += 1;
                let to = Region::Temporary.slot(draft.temporaries - 1);
                draft.code.instructions.push(Instruction::Product { to, a, b });
                return Ok((to, self.value(*last, draft)));
            }
        };
        Ok((self.value(first, draft), self.value(*last, draft)))
    }
}

/// Assigns the same row to temporaries that do not overlap in time, so that the workspace stays in
/// the first-level cache.
pub fn assign_temporaries(code: &mut Code) {
    let temporary = Region::Temporary as usize;
    let mut last_read: HashMap<Slot, usize> = HashMap::new();
    for (at, instruction) in code.instructions.iter().enumerate() {
        for slot in code.sources(instruction) {
            if Region::of(slot).0 == temporary {
                last_read.insert(slot, at);
            }
        }
    }
    let mut free: Vec<usize> = vec![];
    let mut count = 0;
    let mut image: HashMap<Slot, Slot> = HashMap::new();
    for (at, instruction) in code.instructions.iter().enumerate() {
        let mut sources = code.sources(instruction);
        sources.sort_unstable();
        sources.dedup();
        for slot in sources {
            if last_read.get(&slot) == Some(&at) && Region::of(slot).0 == temporary {
                free.push(Region::of(image[&slot]).1);
            }
        }
        let target = Code::target(instruction);
        if Region::of(target).0 == temporary {
            let place = free.pop().unwrap_or_else(|| {
                count += 1;
                count - 1
            });
            image.insert(target, Region::Temporary.slot(place));
            if !last_read.contains_key(&target) {
                free.push(place);
            }
        }
    }
    code.rename(|slot| image.get(&slot).copied().unwrap_or(slot));
}
