//! Machine code for lists, if the processor allows.
//!
//! x86-64 with AVX-512, or with AVX2 and FMA, detected at run time. On any other processor, or if
//! the operating system refuses executable memory, the interpreter runs instead, without a message.
//! Memory is written first and made executable afterwards, never both at once.
//!
//! `allocate` assigns rows to registers, `assemble` encodes the instructions, and [`memory`]
//! contains all unsafe code of this crate.

mod allocate;
mod assemble;
pub mod memory;

use super::backend::{Backend, offered};
use super::code::{Code, Instruction, Slot};
use super::interpret;
use super::row::Row;
use memory::Executable;

/// Machine code of one list: sections between function calls, which Rust executes.
#[derive(Debug)]
pub struct Native {
    memory: Executable,
    parts: Vec<Part>,
    /// Rows that the code touches.
    rows: usize,
    /// Lanes side by side.
    lanes: usize,
}

#[derive(Debug)]
enum Part {
    /// Machine code at an offset in memory.
    Machine(usize),
    /// The instruction at an index of the list.
    Call(usize),
}

impl Native {
    /// Translates a list whose temporaries start at a given row; `None` if this is not possible.
    pub fn new(code: &Code, first_temporary: Slot, backend: Backend) -> Option<Self> {
        let width = backend.registers()?;
        let mut bytes = vec![];
        let mut parts = vec![];
        let mut start = 0;
        let calls = code.instructions.iter().enumerate();
        let calls = calls.filter(|(_, i)| matches!(i, Instruction::Call { .. })).map(|(at, _)| at);
        let mut ends: Vec<usize> = calls.collect();
        ends.push(code.instructions.len());
        for end in ends {
            if end > start {
                parts.push(Part::Machine(bytes.len()));
                let steps = allocate::steps(code, start..end, first_temporary, width);
                bytes.extend(assemble::bytes(&steps, width)?);
            }
            if end < code.instructions.len() {
                parts.push(Part::Call(end));
            }
            start = end + 1;
        }
        let touched = |i: &Instruction| {
            code.sources(i).into_iter().chain([Code::target(i)]).max().map_or(0, |s| s as usize + 1)
        };
        Some(Self {
            memory: Executable::new(&bytes)?,
            parts,
            rows: code.instructions.iter().map(touched).max().unwrap_or(0),
            lanes: width.lanes(),
        })
    }

    /// Number of lanes side by side that the code runs.
    pub fn lanes(&self) -> usize {
        self.lanes
    }

    /// Runs the list; rows must be as wide as [`Native::lanes`].
    #[inline(always)]
    pub fn run<const W: usize>(&self, code: &Code, rows: &mut [Row<W>]) {
        assert!(W == self.lanes && rows.len() >= self.rows);
        for part in &self.parts {
            match *part {
                Part::Machine(offset) => self.memory.run(offset, rows),
                Part::Call(at) => interpret::call(&code.instructions[at], rows),
            }
        }
    }
}

impl Backend {
    /// The backends that this machine can run, with the names by which users select them, the
    /// slowest first.
    pub fn available() -> Vec<(&'static str, Backend)> {
        let (avx2, avx512) = offered();
        // The operating system may refuse executable memory.
        let runs = Executable::new(&[0xC3]).is_some();
        let all = [
            ("interpreter", Backend::Interpreter, true),
            ("avx2", Backend::Avx2, avx2 && runs),
            ("avx512", Backend::Fastest, avx512 && runs),
        ];
        all.into_iter().filter(|(.., is)| *is).map(|(name, backend, _)| (name, backend)).collect()
    }
}
