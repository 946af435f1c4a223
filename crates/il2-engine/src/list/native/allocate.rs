//! Register allocation. A list without branches reads and writes its rows in a known order. The
//! register to be freed can therefore always be the one whose row is needed again last (Belady
//! 1966).

use crate::list::backend::Registers;
use crate::list::code::{Code, Instruction, NONE, Slot, Sum};
use std::collections::HashMap;
use std::ops::Range;

/// A register.
pub type Register = u8;

/// A register or a row in memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Operand {
    /// In a register.
    Register(Register),
    /// In memory.
    Row(Slot),
}

/// One machine instruction, before it is encoded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// `to = row`.
    Load(Register, Slot),
    /// `row = from`.
    Store(Slot, Register),
    /// `to = from`.
    Copy(Register, Register),
    /// `to = 0`.
    Zero(Register),
    /// `to = a + b`.
    Add(Register, Register, Operand),
    /// `to = a - b`.
    Subtract(Register, Register, Operand),
    /// `to = a * b`.
    Multiply(Register, Register, Operand),
    /// `to = a / b`.
    Divide(Register, Register, Operand),
    /// `to += a * b`.
    MultiplyAdd(Register, Register, Operand),
    /// `to -= a * b`.
    MultiplySubtract(Register, Register, Operand),
}

/// A row read from memory is kept in a register if it is read again within this number of operands.
const NEAR: usize = 40;

/// Translates a section of a list. Rows from `first_temporary` on need not reach memory unless the
/// section runs out of registers or a later section reads them.
pub fn steps(
    code: &Code,
    stretch: Range<usize>,
    first_temporary: Slot,
    registers: Registers,
) -> Vec<Step> {
    let mut uses: HashMap<Slot, Vec<(usize, bool)>> = HashMap::new();
    let mut clock = 0;
    for instruction in &code.instructions[stretch.clone()] {
        for slot in code.sources(instruction) {
            uses.entry(slot).or_default().push((clock, true));
            clock += 1;
        }
        uses.entry(Code::target(instruction)).or_default().push((clock, false));
        clock += 1;
    }
    // Any row that a later section reads before writing it must be in memory at the end of this
    // section.
    let mut written = std::collections::HashSet::new();
    for instruction in &code.instructions[stretch.end..] {
        for slot in code.sources(instruction) {
            if slot >= first_temporary && !written.contains(&slot) {
                uses.entry(slot).or_default().push((usize::MAX, true));
            }
        }
        written.insert(Code::target(instruction));
    }
    let mut allocator = Allocator {
        steps: vec![],
        uses,
        clock: 0,
        held: vec![None; registers.count()],
        pinned: vec![],
        first_temporary,
    };
    for instruction in &code.instructions[stretch] {
        allocator.instruction(code, instruction);
    }
    allocator.flush();
    allocator.steps
}

struct Allocator {
    steps: Vec<Step>,
    /// When a row is read (true) or written, in order.
    uses: HashMap<Slot, Vec<(usize, bool)>>,
    clock: usize,
    /// The row in each register, and whether its value is not yet in memory.
    held: Vec<Option<(Slot, bool)>>,
    pinned: Vec<Register>,
    first_temporary: Slot,
}

impl Allocator {
    /// When a row is next read before it is written again.
    fn next_read(&self, slot: Slot) -> Option<usize> {
        let events = self.uses.get(&slot)?;
        let at = events.partition_point(|&(time, _)| time < self.clock);
        events.get(at).filter(|(_, read)| *read).map(|(time, _)| *time)
    }

    fn register_of(&self, slot: Slot) -> Option<Register> {
        let held = |h: &Option<(Slot, bool)>| h.is_some_and(|(s, _)| s == slot);
        self.held.iter().position(held).map(|r| r as Register)
    }

    fn free(&mut self) -> Register {
        let distance = |r: usize| match self.held[r] {
            None => usize::MAX,
            // One less than infinity, so that an empty register is chosen first.
            Some((slot, _)) => {
                self.next_read(slot).map_or(usize::MAX - 1, |t| t.min(usize::MAX - 2))
            }
        };
        let register = (0..self.held.len())
            .filter(|&r| !self.pinned.contains(&(r as Register)))
            .max_by_key(|&r| (distance(r), std::cmp::Reverse(r)))
            .expect("an instruction pins at most three registers")
            as Register;
        if let Some((slot, true)) = self.held[register as usize]
            && self.next_read(slot).is_some()
        {
            self.steps.push(Step::Store(slot, register));
        }
        self.held[register as usize] = None;
        self.pinned.push(register);
        register
    }

    /// Loads a row into a register.
    fn load(&mut self, slot: Slot) -> Register {
        if let Some(register) = self.register_of(slot) {
            self.pinned.push(register);
            return register;
        }
        let register = self.free();
        self.steps.push(Step::Load(register, slot));
        self.held[register as usize] = Some((slot, false));
        register
    }

    /// When a row is next read after a time and before it is written again.
    fn read_after(&self, slot: Slot, time: usize) -> usize {
        let events = &self.uses[&slot];
        let at = events.partition_point(|&(event, _)| event <= time);
        events.get(at).map_or(usize::MAX, |&(event, read)| if read { event } else { usize::MAX })
    }

    /// A row that is read at a time, in memory or, if it is soon read again, in a register.
    fn operand(&mut self, slot: Slot, time: usize) -> Operand {
        let soon = self.read_after(slot, time) < time + NEAR;
        match self.register_of(slot) {
            None if !soon => Operand::Row(slot),
            _ => Operand::Register(self.load(slot)),
        }
    }

    /// Keeps a result in its register, and writes it to memory if other code reads it there.
    fn define(&mut self, slot: Slot, register: Register) {
        if let Some(old) = self.register_of(slot) {
            self.held[old as usize] = None;
        }
        let temporary = slot >= self.first_temporary;
        if !temporary {
            self.steps.push(Step::Store(slot, register));
        }
        self.clock += 1;
        self.held[register as usize] = Some((slot, temporary));
        self.pinned.clear();
    }

    fn instruction(&mut self, code: &Code, instruction: &Instruction) {
        let start = self.clock;
        match *instruction {
            Instruction::Sum(ref sum) => self.sum(code, sum),
            Instruction::Product { to, a, b } => {
                let (a, b) = self.pair(a, b, start);
                self.clock += 2;
                let register = self.free();
                self.steps.push(Step::Multiply(register, a, b));
                self.define(to, register);
            }
            Instruction::Quotient { to, a, b } => {
                let a = self.load(a);
                let b = self.operand(b, start + 1);
                self.clock += 2;
                let register = self.free();
                self.steps.push(Step::Divide(register, a, b));
                self.define(to, register);
            }
            Instruction::Call { .. } => unreachable!("calls end a stretch"),
        }
    }

    /// Two factors, read at a time and directly after it; at least the first is in a register.
    fn pair(&mut self, a: Slot, b: Slot, time: usize) -> (Register, Operand) {
        let first_is_a = match (self.register_of(a), self.register_of(b)) {
            (Some(_), _) => true,
            (None, Some(_)) => false,
            // The row that is read again first is kept in a register.
            _ => self.read_after(a, time + 1) <= self.read_after(b, time + 1),
        };
        let (first, second) = if first_is_a { (a, b) } else { (b, a) };
        let first = self.load(first);
        (first, self.operand(second, time + 1))
    }

    fn unpin_all_but(&mut self, register: Register) {
        self.pinned.clear();
        self.pinned.push(register);
    }

    fn sum(&mut self, code: &Code, sum: &Sum) {
        let start = self.clock;
        let operands = &code.operands[sum.start as usize..][..sum.operands()];
        let products = 2 * (sum.plus_products + sum.minus_products) as usize;
        let minus = products + sum.plus as usize;
        let (mut next_product, mut next_single) = (0, products);
        // The sum starts as in the interpreter: with an added row, otherwise a product, otherwise
        // zero.
        let total = if sum.plus > 0 {
            next_single += 1;
            self.start_with(operands[products])
        } else if sum.plus_products > 0 {
            next_product += 2;
            let (a, b) = self.pair(operands[0], operands[1], start);
            let total = self.free();
            self.steps.push(Step::Multiply(total, a, b));
            total
        } else {
            let total = self.free();
            self.steps.push(Step::Zero(total));
            total
        };
        self.unpin_all_but(total);
        for at in (next_product..products).step_by(2) {
            self.clock = start + at;
            let (a, b) = self.pair(operands[at], operands[at + 1], start + at);
            let plus = at < 2 * sum.plus_products as usize;
            let step = if plus { Step::MultiplyAdd } else { Step::MultiplySubtract };
            self.steps.push(step(total, a, b));
            self.unpin_all_but(total);
        }
        for at in next_single..operands.len() {
            self.clock = start + at;
            let a = self.operand(operands[at], start + at);
            let step = if at < minus { Step::Add } else { Step::Subtract };
            self.steps.push(step(total, total, a));
            self.unpin_all_but(total);
        }
        self.clock = start + operands.len();
        if sum.times != NONE {
            let factor = self.operand(sum.times, self.clock);
            self.clock += 1;
            self.steps.push(Step::Multiply(total, total, factor));
            self.unpin_all_but(total);
        }
        self.define(sum.to, total);
    }

    /// Copies a row to a new register.
    fn start_with(&mut self, slot: Slot) -> Register {
        let held = self.register_of(slot);
        if let Some(from) = held {
            self.pinned.push(from);
        }
        let total = self.free();
        match held {
            Some(from) => self.steps.push(Step::Copy(total, from)),
            None => self.steps.push(Step::Load(total, slot)),
        }
        total
    }

    /// Writes the temporaries that a later section reads to memory.
    fn flush(&mut self) {
        for register in 0..self.held.len() {
            if let Some((slot, true)) = self.held[register]
                && self.next_read(slot).is_some()
            {
                self.steps.push(Step::Store(slot, register as Register));
            }
        }
    }
}
