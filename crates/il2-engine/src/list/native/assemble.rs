//! Encodes steps as bytes, with iced-x86.

use super::allocate::{Operand, Register as Place, Step};
use crate::list::backend::Registers;
use crate::list::code::Slot;
use iced_x86::{Code, Encoder, Instruction, MemoryOperand, Register};

/// The instruction codes of one register width; one code covers the memory and register forms.
struct Codes {
    load: Code,
    store: Code,
    add: Code,
    subtract: Code,
    multiply: Code,
    divide: Code,
    multiply_add: Code,
    multiply_subtract: Code,
    exclusive_or: Code,
    first: Register,
}

fn codes(registers: Registers) -> Codes {
    match registers {
        Registers::Avx512 => Codes {
            load: Code::EVEX_Vmovupd_zmm_k1z_zmmm512,
            store: Code::EVEX_Vmovupd_zmmm512_k1z_zmm,
            add: Code::EVEX_Vaddpd_zmm_k1z_zmm_zmmm512b64_er,
            subtract: Code::EVEX_Vsubpd_zmm_k1z_zmm_zmmm512b64_er,
            multiply: Code::EVEX_Vmulpd_zmm_k1z_zmm_zmmm512b64_er,
            divide: Code::EVEX_Vdivpd_zmm_k1z_zmm_zmmm512b64_er,
            multiply_add: Code::EVEX_Vfmadd231pd_zmm_k1z_zmm_zmmm512b64_er,
            multiply_subtract: Code::EVEX_Vfnmadd231pd_zmm_k1z_zmm_zmmm512b64_er,
            exclusive_or: Code::EVEX_Vpxorq_zmm_k1z_zmm_zmmm512b64,
            first: Register::ZMM0,
        },
        Registers::Avx2 => Codes {
            load: Code::VEX_Vmovupd_ymm_ymmm256,
            store: Code::VEX_Vmovupd_ymmm256_ymm,
            add: Code::VEX_Vaddpd_ymm_ymm_ymmm256,
            subtract: Code::VEX_Vsubpd_ymm_ymm_ymmm256,
            multiply: Code::VEX_Vmulpd_ymm_ymm_ymmm256,
            divide: Code::VEX_Vdivpd_ymm_ymm_ymmm256,
            multiply_add: Code::VEX_Vfmadd231pd_ymm_ymm_ymmm256,
            multiply_subtract: Code::VEX_Vfnmadd231pd_ymm_ymm_ymmm256,
            exclusive_or: Code::VEX_Vxorpd_ymm_ymm_ymmm256,
            first: Register::YMM0,
        },
    }
}

/// The bytes of a section; `None` if an instruction has no encoding, which should not occur in any
/// list.
pub fn bytes(steps: &[Step], registers: Registers) -> Option<Vec<u8>> {
    let codes = codes(registers);
    let register = |place: Place| codes.first + u32::from(place);
    let bytes = 8 * registers.lanes() as i64;
    let row = |slot: Slot| MemoryOperand::with_base_displ(Register::RDI, i64::from(slot) * bytes);
    let three = |code: Code, to: Place, a: Place, b: Operand| match b {
        Operand::Register(b) => Instruction::with3(code, register(to), register(a), register(b)),
        Operand::Row(slot) => Instruction::with3(code, register(to), register(a), row(slot)),
    };
    let mut encoder = Encoder::try_new(64).ok()?;
    let mut encode = |instruction: Instruction| encoder.encode(&instruction, 0).ok();
    for step in steps {
        let instruction = match *step {
            Step::Load(to, slot) => Instruction::with2(codes.load, register(to), row(slot)),
            Step::Store(slot, from) => Instruction::with2(codes.store, row(slot), register(from)),
            Step::Copy(to, from) => Instruction::with2(codes.load, register(to), register(from)),
            Step::Zero(to) => three(codes.exclusive_or, to, to, Operand::Register(to)),
            Step::Add(to, a, b) => three(codes.add, to, a, b),
            Step::Subtract(to, a, b) => three(codes.subtract, to, a, b),
            Step::Multiply(to, a, b) => three(codes.multiply, to, a, b),
            Step::Divide(to, a, b) => three(codes.divide, to, a, b),
            Step::MultiplyAdd(to, a, b) => three(codes.multiply_add, to, a, b),
            Step::MultiplySubtract(to, a, b) => three(codes.multiply_subtract, to, a, b),
        };
        encode(instruction.ok()?)?;
    }
    encode(Instruction::with(Code::VEX_Vzeroupper))?;
    encode(Instruction::with(Code::Retnq))?;
    Some(encoder.take_buffer())
}
