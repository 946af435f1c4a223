//! All unsafe code of this crate: running machine code, and running Rust code compiled for more
//! than the baseline processor.
//!
//! Why the unsafe code is sound: (1) `Executable::run` jumps to bytes that `assemble` wrote. They
//! are straight-line code that ends in `ret`. They read and write rows at fixed offsets from the
//! given pointer, clobber only vector registers (all of which the `sysv64` convention lets a
//! function clobber) and do not touch the stack. [`super::Native::run`] checks that the rows of the
//! workspace have the width of the code and include every row that the code touches. Tests and the
//! fuzzer compare each list with the interpreter. (2) [`widest`] calls a function compiled for AVX2
//! and FMA or AVX-512 only after checking that the processor supports them.
#![allow(unsafe_code)]

use crate::list::backend::{AVX512_LANES, Backend, Registers};
use crate::list::row::Row;
use memmap2::{Mmap, MmapMut};

/// Bytes that can be executed and can no longer be written.
#[derive(Debug)]
pub struct Executable(Mmap);

impl Executable {
    /// Copies machine code into its own memory; `None` if the operating system refuses.
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
        // SAFETY: see the head of this module. The offset is the start of a section that the
        // assembler wrote. The rows have the width that it assumed, and every row that the code
        // touches exists.
        unsafe {
            let function: extern "sysv64" fn(*mut u8) =
                std::mem::transmute(self.0.as_ptr().add(offset));
            function(rows.as_mut_ptr().cast::<u8>());
        }
        #[cfg(not(target_arch = "x86_64"))]
        unreachable!("no machine code is made for this processor: {}", rows.len());
    }
}

/// Work that [`widest`] runs. A closure would not suffice: a large one is not inlined, and is then
/// compiled for the baseline processor.
pub trait Wide {
    /// The result of the work.
    type Given;

    /// Does the work. This function and those that it calls should be marked `#[inline(always)]`.
    fn run(self) -> Self::Given;
}

/// Does work with the widest registers that may be used: code inlined into the three copies of this
/// function is compiled for each register width. Results have the same bits, since nothing is
/// reordered or contracted.
///
/// Lanes that do not fill a register of 512 bits get registers of 256 bits; otherwise the compiler
/// fills the wider registers across rows, and shuffles.
#[inline]
pub fn widest<J: Wide>(lanes: usize, job: J) -> J::Given {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    {
        match Backend::Fastest.registers() {
            // SAFETY: the processor was checked for this.
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
