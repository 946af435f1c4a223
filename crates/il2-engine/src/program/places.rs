//! Offsets of the rows of a workspace, region by region.

use super::lower::{REGIONS, Region};
use crate::list::List;
use crate::list::backend::Backend;
use crate::list::code::{Code, Slot};
use std::ops::Range;

/// Offsets of all regions, once their sizes are known.
#[derive(Debug)]
pub struct Places {
    starts: [usize; REGIONS],
    sizes: [usize; REGIONS],
    backend: Backend,
}

impl Places {
    /// Places one region after the other.
    pub fn new(sizes: [usize; REGIONS], backend: Backend) -> Self {
        let mut starts = [0; REGIONS];
        (1..REGIONS).for_each(|r| starts[r] = starts[r - 1] + sizes[r - 1]);
        Self { starts, sizes, backend }
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.sizes.iter().sum()
    }

    /// The rows of a region.
    pub fn range(&self, region: Region) -> Range<usize> {
        let start = self.starts[region as usize];
        start..start + self.sizes[region as usize]
    }

    /// The row of a slot that is given by its region and index.
    pub fn row(&self, slot: Slot) -> usize {
        let (region, place) = Region::of(slot);
        self.starts[region] + place
    }

    /// A row of the clock.
    pub fn clock(&self, place: usize) -> usize {
        self.row(Region::Clock.slot(place))
    }

    /// A list that works on these rows.
    pub fn list(&self, mut code: Code) -> List {
        code.rename(|slot| self.row(slot) as Slot);
        let first_temporary = self.starts[Region::Temporary as usize] as Slot;
        List::new(code, first_temporary, self.backend)
    }

    /// Lists that work on these rows.
    pub fn lists(&self, codes: Vec<Code>) -> Vec<List> {
        codes.into_iter().map(|code| self.list(code)).collect()
    }
}
