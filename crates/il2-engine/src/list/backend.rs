//! The backend that runs a list, and the registers that the processor offers.

use std::sync::OnceLock;

/// Number of lanes in a register of 512 bits.
pub const AVX512_LANES: usize = 8;
/// Number of lanes in a register of 256 bits. A group does not use two such registers, because the
/// rows of that many lanes do not fit the first-level cache.
pub const AVX2_LANES: usize = 4;
/// Lanes side by side when the interpreter runs a program: most of its time is spent on reading the
/// list, and more lanes share that cost.
pub const INTERPRETED_LANES: usize = 16;

/// The backend of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Backend {
    /// Machine code if the processor allows it, otherwise the interpreter.
    #[default]
    Fastest,
    /// Always the interpreter.
    Interpreter,
    /// Machine code for AVX2 and FMA at most, even if the processor could do more.
    Avx2,
}

/// The best backend that this process may use.
static MOST: OnceLock<Backend> = OnceLock::new();

impl Backend {
    /// Limits all programs of this process to this backend or a slower one. Only the first call has
    /// an effect, and it must come before any program is built.
    pub fn use_at_most(self) {
        let _ = MOST.set(self);
    }

    /// The registers that machine code may use; `None` for the interpreter.
    pub fn registers(self) -> Option<Registers> {
        let asked = [self, MOST.get().copied().unwrap_or_default()];
        let (avx2, avx512) = offered();
        if asked.contains(&Backend::Interpreter) || !avx2 {
            None
        } else if avx512 && !asked.contains(&Backend::Avx2) {
            Some(Registers::Avx512)
        } else {
            Some(Registers::Avx2)
        }
    }
}

/// Whether the processor has AVX2 with FMA, and whether it also has AVX-512.
pub(super) fn offered() -> (bool, bool) {
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

/// The registers that machine code uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registers {
    /// 32 registers of 512 bits.
    Avx512,
    /// 16 registers of 256 bits.
    Avx2,
}

impl Registers {
    /// Number of registers.
    pub fn count(self) -> usize {
        match self {
            Registers::Avx512 => 32,
            Registers::Avx2 => 16,
        }
    }

    /// Numbers in one register, each from a different lane.
    pub fn lanes(self) -> usize {
        match self {
            Registers::Avx512 => AVX512_LANES,
            Registers::Avx2 => AVX2_LANES,
        }
    }
}
