//! The unsafe code of this crate, all of it: running machine code and running Rust code compiled
//! for more than the least processor.
//!
//! Reasons. (1) `Executable::run` jumps to bytes that `assemble` wrote. They are a
//! straight line without a branch that ends in `ret`, read and write 64-byte rows at fixed offsets
//! from the pointer they are given, clobber vector registers only (all of which the `sysv64`
//! convention lets a function clobber) and touch no stack. [`super::Native::run`] checks that the
//! workspace has every row that the code touches. Tests and the fuzzer compare each list with the
//! interpreter. (2) [`perform`] calls a function compiled for AVX2 and FMA or AVX-512 after
//! having asked the processor for them.
#![allow(unsafe_code)]

use super::{Registers, WIDTH};
use crate::ensemble::step::{Task, Verdict, Work};
use crate::program::interpret::Row;
use crate::program::{Backend, Program};
use memmap2::{Mmap, MmapMut};
use std::sync::OnceLock;

/// Bytes that may be run and no longer be written.
#[derive(Debug)]
pub struct Executable(Mmap);

impl Executable {
    /// Copies machine code into memory of its own; `None` where the system refuses.
    pub(super) fn new(bytes: &[u8]) -> Option<Self> {
        let mut memory = MmapMut::map_anon(bytes.len().max(1)).ok()?;
        memory[..bytes.len()].copy_from_slice(bytes);
        Some(Self(memory.make_exec().ok()?))
    }

    /// Runs the code at an offset over a workspace, 64 bytes a pass divided by `passes`.
    #[inline(always)]
    pub(super) fn run<const W: usize>(&self, offset: usize, passes: usize, rows: &mut [Row<W>]) {
        assert!(W == WIDTH && offset < self.0.len());
        #[cfg(target_arch = "x86_64")]
        for pass in 0..passes {
            // SAFETY: see the head of this module. The offset is the start of a stretch that the
            // assembler wrote; rows are 64 bytes each and as many as the code touches.
            unsafe {
                let function: extern "sysv64" fn(*mut u8) =
                    std::mem::transmute(self.0.as_ptr().add(offset));
                function(rows.as_mut_ptr().cast::<u8>().add(pass * (64 / passes)));
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        unreachable!("no machine code is made for this processor: {passes} {}", rows.len());
    }
}

/// The most that this process may use.
static MOST: OnceLock<Backend> = OnceLock::new();

impl Backend {
    /// What can run programs on this machine, by the names that users give them, the slowest first.
    pub fn available() -> Vec<(&'static str, Backend)> {
        let (avx2, avx512) = offered();
        // A system may refuse memory that can be run.
        let runs = Executable::new(&[0xC3]).is_some();
        let all = [
            ("interpreter", Backend::Interpreter, true),
            ("avx2", Backend::Avx2, avx2 && runs),
            ("avx512", Backend::Fastest, avx512 && runs),
        ];
        all.into_iter().filter(|(.., is)| *is).map(|(name, backend, _)| (name, backend)).collect()
    }

    /// Lets nothing in this process use more than this. The first call counts; to be made before any
    /// program is.
    pub fn use_at_most(self) {
        let _ = MOST.set(self);
    }
}

/// Whether the processor has AVX2 with FMA, and AVX-512 beside.
fn offered() -> (bool, bool) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    {
        let avx512 = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl");
        let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        (avx2, avx2 && avx512)
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    (false, false)
}

/// The registers that machine code may use; `None` for the interpreter.
pub fn registers(backend: Backend) -> Option<Registers> {
    let asked = [backend, MOST.get().copied().unwrap_or_default()];
    let (avx2, avx512) = offered();
    if asked.contains(&Backend::Interpreter) || !avx2 {
        None
    } else if avx512 && !asked.contains(&Backend::Avx2) {
        Some(Registers::Avx512)
    } else {
        Some(Registers::Avx2)
    }
}

/// Performs a task with the widest registers that may be used: what is inlined into the three
/// copies of this function is compiled for each. Results are the same bits, since nothing is
/// reordered or contracted.
pub fn perform<const W: usize>(work: &mut Work<W>, program: &Program, task: Task<W>) -> Verdict<W> {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    {
        match registers(Backend::Fastest) {
            // SAFETY: the processor was asked.
            Some(Registers::Avx512) => return unsafe { with_avx512(work, program, task) },
            Some(Registers::Avx2) => return unsafe { with_avx2(work, program, task) },
            None => {}
        }
    }
    work.perform(program, task)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn with_avx2<const W: usize>(work: &mut Work<W>, program: &Program, task: Task<W>) -> Verdict<W> {
    work.perform(program, task)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
fn with_avx512<const W: usize>(work: &mut Work<W>, program: &Program, task: Task<W>) -> Verdict<W> {
    work.perform(program, task)
}
