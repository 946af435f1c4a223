//! Lists of operations without branches, over rows of numbers: the interpreter runs them, the assembler
//! translates them.

use crate::expression::Trigonometric;
use crate::math;

/// A row of the workspace, with one number for each lane. Until a program is complete, the upper
/// bits give the region; afterwards this is the index of the row.
pub type Slot = u32;

/// No row.
pub const NONE: Slot = Slot::MAX;

/// One operation. The number of a lane is computed from the numbers of that lane alone, with the
/// same rounding on every backend. Results therefore do not depend on the number of lanes side by
/// side or on their position.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Instruction {
    /// `to = (sum of +-a*b and +-a) * times`; products are fused (one rounding each).
    Sum(Sum),
    /// `to = a * b`.
    Product {
        /// Result.
        to: Slot,
        /// First factor.
        a: Slot,
        /// Second factor.
        b: Slot,
    },
    /// `to = a / b`.
    Quotient {
        /// Result.
        to: Slot,
        /// Dividend.
        a: Slot,
        /// Divisor.
        b: Slot,
    },
    /// A call of a function that has no machine instruction, or is too rare to be worth one.
    Call {
        /// Result.
        to: Slot,
        /// The function.
        function: Function,
        /// Its arguments, as many as the function takes.
        arguments: [Slot; 4],
    },
}

/// A fused sum of products. Its operands are in [`Code::operands`] from `start`: pairs that are
/// added, pairs that are subtracted, rows that are added, rows that are subtracted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sum {
    /// Result.
    pub to: Slot,
    /// First operand.
    pub start: u32,
    /// Number of products added.
    pub plus_products: u32,
    /// Number of products subtracted.
    pub minus_products: u32,
    /// Number of rows added.
    pub plus: u32,
    /// Number of rows subtracted.
    pub minus: u32,
    /// Factor of the whole sum, or [`NONE`].
    pub times: Slot,
}

/// Functions that are called, since no instruction computes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Function {
    /// The first to the power of the second.
    Power,
    /// The same as [`Function::Power`], but inside a derivative: 0 if the base is 0 and the
    /// exponent negative. A Hill law may have an infinite slope at zero, which no step needs.
    SlopePower,
    /// Exponential of the first argument.
    Exponential,
    /// Natural logarithm of the first argument.
    Logarithm,
    /// The same as [`Function::Logarithm`], but inside a derivative, where a power of the argument
    /// multiplies it: 0 if the argument is 0.
    SlopeLogarithm,
    /// Sine, cosine or arctangent of the first argument.
    Trigonometric(Trigonometric),
    /// The smaller; NaN if either is.
    Minimum,
    /// The larger; NaN if either is.
    Maximum,
    /// The third argument if first >= second, otherwise the fourth.
    Choose,
}

impl Function {
    /// The number of arguments.
    pub fn arity(self) -> usize {
        match self {
            Function::Exponential
            | Function::Logarithm
            | Function::SlopeLogarithm
            | Function::Trigonometric(_) => 1,
            Function::Power | Function::SlopePower | Function::Minimum | Function::Maximum => 2,
            Function::Choose => 4,
        }
    }

    /// The value of the function. Transcendental functions come from [`crate::math`], so that every
    /// machine gives the same bits.
    pub fn value(self, a: [f64; 4]) -> f64 {
        match self {
            Function::Power => math::pow(math::base(a[0], a[1]), a[1]),
            Function::SlopePower if math::base(a[0], a[1]) == 0.0 && a[1] < 0.0 => 0.0,
            Function::SlopePower => math::pow(math::base(a[0], a[1]), a[1]),
            Function::SlopeLogarithm if a[0] <= 0.0 => 0.0,
            Function::SlopeLogarithm => math::ln(a[0]),
            Function::Exponential => math::exp(a[0]),
            Function::Logarithm => math::ln(a[0]),
            Function::Trigonometric(which) => which.value(a[0]),
            Function::Minimum => minimum(a[0], a[1]),
            Function::Maximum => maximum(a[0], a[1]),
            Function::Choose => choose(a),
        }
    }
}

/// Not `f64::min`, nor `max` below: these drop a NaN, and a NaN must reach the step control.
#[inline(always)]
pub fn minimum(a: f64, b: f64) -> f64 {
    if b.is_nan() || b < a { b } else { a }
}

/// The larger of two values, or the one that is NaN.
#[inline(always)]
pub fn maximum(a: f64, b: f64) -> f64 {
    if b.is_nan() || b > a { b } else { a }
}

/// The third if the first is at least the second, otherwise the fourth.
#[inline(always)]
pub fn choose([a, b, then, otherwise]: [f64; 4]) -> f64 {
    if a >= b { then } else { otherwise }
}

/// A list of operations without branches.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Code {
    /// The operations, run in order.
    pub instructions: Vec<Instruction>,
    /// Operands of the sums.
    pub operands: Vec<Slot>,
}

/// Operands of a sum while it is being built.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// Products added.
    pub plus_products: Vec<(Slot, Slot)>,
    /// Products subtracted.
    pub minus_products: Vec<(Slot, Slot)>,
    /// Rows added.
    pub plus: Vec<Slot>,
    /// Rows subtracted.
    pub minus: Vec<Slot>,
}

impl Terms {
    /// Whether nothing is summed.
    pub fn is_empty(&self) -> bool {
        let products = self.plus_products.len() + self.minus_products.len();
        products + self.plus.len() + self.minus.len() == 0
    }
}

impl Code {
    /// Appends a fused sum.
    pub fn push_sum(&mut self, to: Slot, terms: &Terms, times: Slot) {
        let start = self.operands.len() as u32;
        for (a, b) in terms.plus_products.iter().chain(&terms.minus_products) {
            self.operands.extend([a, b]);
        }
        self.operands.extend(terms.plus.iter().chain(&terms.minus));
        self.instructions.push(Instruction::Sum(Sum {
            to,
            start,
            plus_products: terms.plus_products.len() as u32,
            minus_products: terms.minus_products.len() as u32,
            plus: terms.plus.len() as u32,
            minus: terms.minus.len() as u32,
            times,
        }));
    }

    /// Appends lists of the same shape, taking one instruction of each in turn.
    pub fn interleave(&mut self, lists: &[Code]) {
        let moved: Vec<Code> = lists
            .iter()
            .map(|list| {
                let at = self.operands.len() as u32;
                self.operands.extend(&list.operands);
                let mut list = list.clone();
                for instruction in &mut list.instructions {
                    if let Instruction::Sum(sum) = instruction {
                        sum.start += at;
                    }
                }
                list
            })
            .collect();
        let longest = lists.iter().map(|list| list.instructions.len()).max().unwrap_or(0);
        for k in 0..longest {
            self.instructions.extend(moved.iter().filter_map(|list| list.instructions.get(k)));
        }
    }

    /// The row to which an instruction writes.
    pub fn target(instruction: &Instruction) -> Slot {
        match instruction {
            Instruction::Sum(sum) => sum.to,
            Instruction::Product { to, .. }
            | Instruction::Quotient { to, .. }
            | Instruction::Call { to, .. } => *to,
        }
    }

    /// The rows that an instruction reads, in the order in which it reads them.
    pub fn sources(&self, instruction: &Instruction) -> Vec<Slot> {
        match instruction {
            Instruction::Sum(sum) => {
                let (start, count) = (sum.start as usize, sum.operands());
                let mut all = self.operands[start..start + count].to_vec();
                all.extend(Some(sum.times).filter(|&t| t != NONE));
                all
            }
            Instruction::Product { a, b, .. } | Instruction::Quotient { a, b, .. } => vec![*a, *b],
            Instruction::Call { function, arguments, .. } => arguments[..function.arity()].to_vec(),
        }
    }

    /// Replaces every row by its image under a function.
    pub fn rename(&mut self, image: impl Fn(Slot) -> Slot) {
        self.operands.iter_mut().for_each(|slot| *slot = image(*slot));
        for instruction in &mut self.instructions {
            match instruction {
                Instruction::Sum(sum) => {
                    sum.to = image(sum.to);
                    if sum.times != NONE {
                        sum.times = image(sum.times);
                    }
                }
                Instruction::Product { to, a, b } | Instruction::Quotient { to, a, b } => {
                    [*to, *a, *b] = [*to, *a, *b].map(&image);
                }
                Instruction::Call { to, function, arguments } => {
                    *to = image(*to);
                    arguments[..function.arity()].iter_mut().for_each(|a| *a = image(*a));
                }
            }
        }
    }
}

impl Sum {
    /// Number of operands of the sum, without the last factor.
    pub fn operands(&self) -> usize {
        (2 * (self.plus_products + self.minus_products) + self.plus + self.minus) as usize
    }
}
