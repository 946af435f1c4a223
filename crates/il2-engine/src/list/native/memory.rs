//! The unsafe code of this crate, all of it: running machine code and running Rust code compiled
//! for more than the least processor.
//!
//! Reasons. (1) `Executable::run` jumps to bytes that `assemble` wrote. They are a
//! straight line without a branch that ends in `ret`, read and write rows at fixed offsets
//! from the pointer they are given, clobber vector registers only (all of which the `sysv64`
//! convention lets a function clobber) and touch no stack. [`super::Native::run`] checks that the
//! workspace has rows of the width of the code, and every one that the code touches. Tests and the fuzzer
//! compare each list with the interpreter. (2) [`widest`] calls a function compiled for AVX2 and FMA or AVX-512 after
//! having asked the processor for them.
#![allow(unsafe_code)]

use crate::list::backend::{AVX512_LANES, Backend, Registers};
use crate::list::row::Row;
use memmap2::{Mmap, MmapMut};

/// Bytes that can be executed and no longer written.
#[derive(Debug)]
pub struct Executable(Mmap);

impl Executable {
    /// Copies machine code into memory of its own; `None` where the system refuses.
    pub(super) fn new(bytes: &[u8]) -> Option<Self> {
        let mut memory = MmapMut::map_anon(bytes.len().max(1)).ok()?;
        memory[..bytes.len()].copy_from_slice(bytes);
        Some(Self(memory.make_exec().ok()?))
    }

    /// Runs the code at an offset over a workspace.
    #[inline(always)]
    pub(super) fn run<const W: usize>(&self, offset: usize, rows: &mut [Row<W>]) {
        assert!(offset < self.0.len());
        #[cfg(target_arch = "x86_64")]
        // SAFETY: see the head of this module. The offset is the start of a stretch that the assembler
        // wrote; rows are as wide as it meant them and as many as the code touches.
        unsafe {
            let function: extern "sysv64" fn(*mut u8) =
                std::mem::transmute(self.0.as_ptr().add(offset));
            function(rows.as_mut_ptr().cast::<u8>());
        }
        #[cfg(not(target_arch = "x86_64"))]
        unreachable!("no machine code is made for this processor: {}", rows.len());
    }
}

/// What [`widest`] does. A closure would not do: one that is large is not inlined, and is then compiled for
/// the least processor.
pub trait Wide {
    /// What it gives.
    type Given;

    /// Does it. To be marked `#[inline(always)]`, and so what it calls.
    fn run(self) -> Self::Given;
}

/// Does work with the widest registers that may be used: what is inlined into the three copies of
/// this function is compiled for each. Results are the same bits, since nothing is reordered or
/// contracted.
///
/// Lanes that fill no register of 512 bits get those of 256: else the compiler fills the wider ones across
/// rows, and shuffles.
#[inline]
pub fn widest<J: Wide>(lanes: usize, job: J) -> J::Given {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    {
        match Backend::Fastest.registers() {
            // SAFETY: the processor was asked.
            Some(Registers::Avx512) if lanes >= AVX512_LANES => return unsafe { with_avx512(job) },
            Some(_) => return unsafe { with_avx2(job) },
            None => {}
        }
    }
    job.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn with_avx2<J: Wide>(job: J) -> J::Given {
    job.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
fn with_avx512<J: Wide>(job: J) -> J::Given {
    job.run()
}
