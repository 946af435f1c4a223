//! Lists of operations without branches over lanes side by side, and the backends that run them.
//!
//! A list works on rows with one number per lane ([`row`]). [`code`] defines its operations,
//! [`backend`] says what this machine can run, [`interpret`] runs a list on any machine, and
//! [`native`] translates it to machine code if the processor allows.

pub mod backend;
pub mod code;
pub mod interpret;
pub mod native;
pub mod row;

use backend::Backend;
use code::{Code, Instruction, Slot};
use native::Native;
use row::Row;

/// A list and, if the processor allows it, its machine code.
#[derive(Debug)]
pub struct List {
    code: Code,
    native: Option<Native>,
}

impl List {
    /// A list whose rows have their final offsets; temporaries begin at row `first_temporary`.
    pub fn new(code: Code, first_temporary: Slot, backend: Backend) -> Self {
        let native = Native::new(&code, first_temporary, backend);
        Self { code, native }
    }

    /// Whether the list does nothing.
    pub fn is_empty(&self) -> bool {
        self.code.instructions.is_empty()
    }

    /// Its instructions.
    pub fn code(&self) -> &Code {
        &self.code
    }

    /// Number of lanes side by side that the machine code runs; `None` if there is none.
    pub fn native_lanes(&self) -> Option<usize> {
        self.native.as_ref().map(Native::lanes)
    }

    /// Number of operations in the list.
    pub fn operations(&self) -> usize {
        let of = |i: &Instruction| match i {
            Instruction::Sum(sum) => {
                (sum.plus_products + sum.minus_products + sum.plus + sum.minus) as usize
            }
            _ => 1,
        };
        self.code.instructions.iter().map(of).sum()
    }

    /// Runs the list over the workspace for which it was made.
    #[inline(always)]
    pub fn run<const W: usize>(&self, rows: &mut [Row<W>]) {
        match &self.native {
            Some(native) if W == native.lanes() => native.run(&self.code, rows),
            _ => interpret::run(&self.code, rows),
        }
    }
}
