//! Rows with one number for each lane, and their storage.

use std::ops::{Deref, DerefMut};

/// One number for each lane.
pub type Row<const W: usize> = [f64; W];

/// Numbers in a cache line, which is as wide as the widest register.
const LINE: usize = 8;

/// A row computed lane by lane. Not `array::from_fn`, whose adapters are not inlined across the
/// units in which a crate is compiled: its closure was compiled for the baseline processor, and a
/// step took twice as long.
#[inline(always)]
pub fn each<const W: usize>(value: impl Fn(usize) -> f64) -> Row<W> {
    let mut row = [0.0; W];
    for l in 0..W {
        row[l] = value(l);
    }
    row
}

/// Contiguous rows. They start at a cache line, so that no row that fills a register crosses a
/// line.
#[derive(Debug)]
pub struct Rows<const W: usize> {
    numbers: Vec<f64>,
    first: usize,
    count: usize,
}

impl<const W: usize> Rows<W> {
    /// Rows of zeros.
    pub fn zeros(count: usize) -> Self {
        let numbers = vec![0.0; count * W + LINE];
        // Miri and other interpreters of Rust may refuse to align; rows then begin at any address.
        let first = numbers.as_ptr().align_offset(8 * LINE).min(LINE);
        Self { numbers, first, count }
    }
}

impl<const W: usize> Deref for Rows<W> {
    type Target = [Row<W>];

    #[inline(always)]
    fn deref(&self) -> &[Row<W>] {
        self.numbers[self.first..][..self.count * W].as_chunks().0
    }
}

impl<const W: usize> DerefMut for Rows<W> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [Row<W>] {
        self.numbers[self.first..][..self.count * W].as_chunks_mut().0
    }
}
