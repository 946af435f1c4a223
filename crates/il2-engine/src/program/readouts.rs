//! Readouts: expressions over state, parameters and time as one list, in which equal subexpressions occur once.
//!
//! A law may be rewritten in a form that is cheap to integrate ([`super::graph`]). A readout keeps
//! every operation as it was written, so that the list gives the same bits as
//! [`Expression::value`]. The list is faster because no expression is traversed or computed twice,
//! and because many time points of a lane are computed side by side.

use super::lower::{REGIONS, Region, TIME, assign_temporaries};
use super::places::Places;
use crate::expression::{Expression, SharedKey};
use crate::list::List;
use crate::list::backend::{AVX2_LANES, AVX512_LANES, Backend};
use crate::list::code::{Code, Function, Instruction, NONE, Slot, Terms};
use crate::list::interpret;
use crate::list::native::memory::{Wide, widest};
use crate::list::row::{Row, Rows};
use std::collections::HashMap;

/// Expressions over the state and the parameters of one network, compiled.
#[derive(Debug)]
pub struct Readouts {
    /// Values that depend only on parameters.
    once: Code,
    /// All other values.
    each: List,
    numbers: Vec<f64>,
    places: Places,
    /// The row of each result.
    results: Vec<usize>,
}

impl Readouts {
    /// Compiles expressions over a network with these numbers of species and parameters.
    pub fn new<'e>(
        expressions: impl IntoIterator<Item = &'e Expression>,
        (species, parameters): (usize, usize),
        backend: Backend,
    ) -> Self {
        let Drafted { mut once, each, numbers, invariants, results, worked_out } =
            draft(expressions);
        let temporary = |i: &Instruction| match Region::of(Code::target(i)) {
            (region, place) if region == Region::Temporary as usize => place + 1,
            _ => 0,
        };
        let mut sizes = [0; REGIONS];
        for (region, size) in [
            (Region::Numbers, numbers.len()),
            (Region::Parameters, parameters),
            (Region::Invariants, invariants),
            (Region::Clock, TIME + 1),
            (Region::State, species),
            (Region::Readouts, worked_out),
            (Region::Temporary, each.instructions.iter().map(temporary).max().unwrap_or(0)),
        ] {
            sizes[region as usize] = size;
        }
        let places = Places::new(sizes, backend);
        once.rename(|slot| places.row(slot) as Slot);
        let results = results.into_iter().map(|slot| places.row(slot)).collect();
        Self { once, each: places.list(each), numbers, results, places }
    }

    /// The number of expressions.
    pub fn len(&self) -> usize {
        self.results.len()
    }

    /// Whether there are no expressions.
    pub fn is_empty(&self) -> bool {
        self.results.is_empty()
    }

    /// Values for a lane with these parameters at the given states and times (min), all in base
    /// units: `[time][readout]`, row by row.
    pub fn values<'s>(
        &self,
        parameters: &[f64],
        at: impl IntoIterator<Item = (&'s [f64], f64)>,
    ) -> Vec<f64> {
        match self.each.native_lanes() {
            Some(AVX2_LANES) => self.values_wide::<AVX2_LANES>(parameters, at),
            // The interpreter would gain from more time points side by side, but it seldom gets
            // that many.
            _ => self.values_wide::<AVX512_LANES>(parameters, at),
        }
    }

    fn values_wide<'s, const W: usize>(
        &self,
        parameters: &[f64],
        at: impl IntoIterator<Item = (&'s [f64], f64)>,
    ) -> Vec<f64> {
        let mut rows = Rows::<W>::zeros(self.places.rows());
        let fixed = [Region::Numbers, Region::Parameters].map(|region| self.places.range(region));
        for (range, values) in fixed.into_iter().zip([&*self.numbers, parameters]) {
            assert_eq!(range.len(), values.len(), "parameters of another network");
            rows[range].iter_mut().zip(values).for_each(|(row, &value)| *row = [value; W]);
        }
        interpret::run(&self.once, &mut rows);
        let (state, time) = (self.places.range(Region::State), self.places.clock(TIME));
        let (mut values, mut at) = (vec![], at.into_iter());
        loop {
            let mut count = 0;
            for (place, (x, t)) in at.by_ref().take(W).enumerate() {
                assert_eq!(state.len(), x.len(), "a state of another network");
                rows[state.clone()].iter_mut().zip(x).for_each(|(row, &x)| row[place] = x);
                rows[time][place] = t;
                count += 1;
            }
            if count == 0 {
                return values;
            }
            widest(W, Pass { list: &self.each, rows: &mut rows });
            for place in 0..count {
                values.extend(self.results.iter().map(|&row| rows[row][place]));
            }
        }
    }
}

struct Pass<'a, const W: usize> {
    list: &'a List,
    rows: &'a mut [Row<W>],
}

impl<const W: usize> Wide for Pass<'_, W> {
    type Given = ();

    #[inline(always)]
    fn run(self) {
        self.list.run(self.rows);
    }
}

/// Lists of readouts whose rows are given by region and index.
pub struct Drafted {
    /// Values that depend only on parameters.
    pub once: Code,
    /// All other values.
    pub each: Code,
    /// Literal numbers in the readouts.
    pub numbers: Vec<f64>,
    /// Number of rows that depend on parameters only.
    pub invariants: usize,
    /// The row of each result: in [`Region::Readouts`], or the row of an input that is itself the
    /// result.
    pub results: Vec<Slot>,
    /// Number of rows in [`Region::Readouts`].
    pub worked_out: usize,
}

/// Lists that compute expressions as they are written.
pub fn draft<'e>(expressions: impl IntoIterator<Item = &'e Expression>) -> Drafted {
    let mut draft = Draft::default();
    let results: Vec<Slot> = expressions.into_iter().map(|e| draft.value(e)).collect();
    let Draft { once, mut each, numbers, invariants, .. } = draft;
    // Temporaries share rows, whereas results have rows of their own.
    let mut kept: HashMap<Slot, Slot> = HashMap::new();
    for &slot in &results {
        if Region::of(slot).0 == Region::Temporary as usize {
            let next = Region::Readouts.slot(kept.len());
            kept.entry(slot).or_insert(next);
        }
    }
    each.rename(|slot| kept.get(&slot).copied().unwrap_or(slot));
    assign_temporaries(&mut each);
    let results = results.iter().map(|slot| kept.get(slot).copied().unwrap_or(*slot)).collect();
    Drafted { once, each, numbers, invariants, results, worked_out: kept.len() }
}

impl Drafted {
    /// Shifts the rows to make room for the numbers and invariants of a program before those of the
    /// readouts.
    pub fn after(mut self, numbers: usize, invariants: usize) -> Self {
        let moved = |slot: Slot| match Region::of(slot) {
            (region, place) if region == Region::Numbers as usize => {
                Region::Numbers.slot(place + numbers)
            }
            (region, place) if region == Region::Invariants as usize => {
                Region::Invariants.slot(place + invariants)
            }
            _ => slot,
        };
        self.once.rename(moved);
        self.each.rename(moved);
        self.results.iter_mut().for_each(|slot| *slot = moved(*slot));
        self
    }
}

/// An operation of a readout.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Operation {
    Sum,
    Product,
    Quotient,
    Call(Function),
}

/// The lists being built.
#[derive(Default)]
struct Draft {
    once: Code,
    each: Code,
    numbers: Vec<f64>,
    number_slots: HashMap<u64, Slot>,
    known: HashMap<(Operation, Vec<Slot>), Slot>,
    shared: HashMap<SharedKey, Slot>,
    invariants: usize,
    temporaries: usize,
}

impl Draft {
    /// The row that contains the value of an expression.
    fn value(&mut self, expression: &Expression) -> Slot {
        use Expression as E;
        let call = Operation::Call;
        match expression {
            E::Number(value) => self.number(*value),
            E::Species(s) => Region::State.slot(s.0),
            E::Parameter(p) => Region::Parameters.slot(p.0),
            E::Time => Region::Clock.slot(TIME),
            E::Sum(terms) => match &self.all(terms.iter())[..] {
                [] => self.number(0.0),
                [one] => *one,
                many => self.operation(Operation::Sum, many),
            },
            E::Product(factors) => {
                let factors = self.all(factors.iter());
                let product =
                    factors.into_iter().reduce(|a, b| self.operation(Operation::Product, &[a, b]));
                product.unwrap_or_else(|| self.number(1.0))
            }
            E::Quotient(a, b) => self.of(Operation::Quotient, &[a, b]),
            E::Power(a, b) => self.of(call(Function::Power), &[a, b]),
            E::Exponential(a) => self.of(call(Function::Exponential), &[a]),
            E::Logarithm(a) => self.of(call(Function::Logarithm), &[a]),
            E::Trigonometric(which, a) => self.of(call(Function::Trigonometric(*which)), &[a]),
            E::Minimum(a, b) => self.of(call(Function::Minimum), &[a, b]),
            E::Maximum(a, b) => self.of(call(Function::Maximum), &[a, b]),
            E::WhereAtLeast { left, right, then, otherwise } => {
                self.of(call(Function::Choose), &[left, right, then, otherwise])
            }
            E::Shared(part) => {
                if let Some(&known) = self.shared.get(&part.key()) {
                    return known;
                }
                let slot = self.value(part.law());
                self.shared.insert(part.key(), slot);
                slot
            }
        }
    }

    fn all<'e>(&mut self, expressions: impl Iterator<Item = &'e Expression>) -> Vec<Slot> {
        expressions.map(|e| self.value(e)).collect()
    }

    fn of(&mut self, operation: Operation, inputs: &[&Expression]) -> Slot {
        let inputs = self.all(inputs.iter().copied());
        self.operation(operation, &inputs)
    }

    fn number(&mut self, value: f64) -> Slot {
        *self.number_slots.entry(value.to_bits()).or_insert_with(|| {
            self.numbers.push(value);
            Region::Numbers.slot(self.numbers.len() - 1)
        })
    }

    /// The row of an operation, which is appended if it has not been computed yet.
    fn operation(&mut self, operation: Operation, inputs: &[Slot]) -> Slot {
        let key = (operation, inputs.to_vec());
        if let Some(&known) = self.known.get(&key) {
            return known;
        }
        let changes = [Region::State, Region::Clock, Region::Temporary].map(|r| r as usize);
        let changes = inputs.iter().any(|&slot| changes.contains(&Region::of(slot).0));
        let (code, region, count) = match changes {
            true => (&mut self.each, Region::Temporary, &mut self.temporaries),
            false => (&mut self.once, Region::Invariants, &mut self.invariants),
        };
        let to = region.slot(*count);
        *count += 1;
        match (operation, inputs) {
            (Operation::Product, &[a, b]) => {
                code.instructions.push(Instruction::Product { to, a, b })
            }
            (Operation::Quotient, &[a, b]) => {
                code.instructions.push(Instruction::Quotient { to, a, b })
            }
            (Operation::Call(function), _) => {
                let mut arguments = [NONE; 4];
                arguments[..inputs.len()].copy_from_slice(inputs);
                code.instructions.push(Instruction::Call { to, function, arguments });
            }
            _ => code.push_sum(to, &Terms { plus: inputs.to_vec(), ..Terms::default() }, NONE),
        }
        self.known.insert(key, to);
        to
    }
}
