//! Dimension of a number, as whole powers of seven bases.

use std::fmt;
use std::ops::{Div, Mul};

/// Powers of the bases, in the coherent units in which all numbers are kept internally.
///
/// | base | held in |
/// | --- | --- |
/// | substance | pmol |
/// | molecule | one molecule |
/// | cell | one cell |
/// | length | dm, so that a volume is a litre |
/// | time | min |
/// | mass | pg, so that a molar mass of 1 g/mol is 1 |
/// | activity | IU |
///
/// Molecules and cells are separate bases, so that `10 /cell` and `10 pM` cannot be mistaken for
/// each other and a two-dimensional rate constant shows its unit `cell/molecule/min`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Dimension {
    /// Amount of substance (pmol).
    pub substance: i8,
    /// Number of molecules.
    pub molecule: i8,
    /// Number of cells.
    pub cell: i8,
    /// Length (dm).
    pub length: i8,
    /// Time (min).
    pub time: i8,
    /// Mass (pg).
    pub mass: i8,
    /// Biological activity (IU).
    pub activity: i8,
}

const NONE: Dimension =
    Dimension { substance: 0, molecule: 0, cell: 0, length: 0, time: 0, mass: 0, activity: 0 };

impl Dimension {
    /// A plain number.
    pub const DIMENSIONLESS: Self = NONE;
    /// Amount of substance per volume (pM).
    pub const CONCENTRATION: Self = Self { substance: 1, length: -3, ..NONE };
    /// Molecules on or in one cell.
    pub const PER_CELL: Self = Self { molecule: 1, cell: -1, ..NONE };
    /// Cells per volume (1/L).
    pub const CELL_DENSITY: Self = Self { cell: 1, length: -3, ..NONE };
    /// Time (min).
    pub const TIME: Self = Self { time: 1, ..NONE };
    /// First-order rate constant (1/min).
    pub const RATE: Self = Self { time: -1, ..NONE };
    /// Volume (L).
    pub const VOLUME: Self = Self { length: 3, ..NONE };

    fn powers(self) -> [i8; 7] {
        [self.substance, self.molecule, self.cell, self.length, self.time, self.mass, self.activity]
    }

    fn from_powers(p: [i8; 7]) -> Self {
        Self {
            substance: p[0],
            molecule: p[1],
            cell: p[2],
            length: p[3],
            time: p[4],
            mass: p[5],
            activity: p[6],
        }
    }

    fn combine(self, other: Self, f: impl Fn(i8, i8) -> i8) -> Self {
        let (a, b) = (self.powers(), other.powers());
        Self::from_powers(std::array::from_fn(|i| f(a[i], b[i])))
    }

    /// This dimension raised to a whole power; powers outside the range of `i8` saturate.
    pub fn power(self, exponent: i8) -> Self {
        self.combine(self, |a, _| a.saturating_mul(exponent))
    }
}

impl Mul for Dimension {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        self.combine(other, i8::saturating_add)
    }
}

impl Div for Dimension {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        self.combine(other, i8::saturating_sub)
    }
}

impl fmt::Display for Dimension {
    /// Prints the dimension in base units, for example `cell/molecule/min`; `1` for a plain number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut powers = self.powers();
        // Readers expect litres and picomolar, so whole cubes of the length are replaced.
        let mut names = vec![];
        if powers[0] == 1 && powers[3] == -3 {
            names.push(("pM", 1));
            (powers[0], powers[3]) = (0, 0);
        } else if powers[0] == -1 && powers[3] == 3 {
            names.push(("pM", -1));
            (powers[0], powers[3]) = (0, 0);
        } else if powers[3] != 0 && powers[3] % 3 == 0 {
            names.push(("L", powers[3] / 3));
            powers[3] = 0;
        }
        let bases = ["pmol", "molecule", "cell", "dm", "min", "pg", "IU"];
        names.extend(bases.into_iter().zip(powers).filter(|&(_, p)| p != 0));
        let above: Vec<String> = names.iter().filter(|(_, p)| *p > 0).map(written).collect();
        let below: Vec<String> = names.iter().filter(|(_, p)| *p < 0).map(written).collect();
        write!(f, "{}", if above.is_empty() { "1".to_string() } else { above.join(" ") })?;
        below.iter().try_for_each(|name| write!(f, "/{name}"))
    }
}

fn written((name, power): &(&str, i8)) -> String {
    match power.unsigned_abs() {
        1 => (*name).to_string(),
        p => format!("{name}^{p}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_two_dimensional_rate_constant_is_cells_per_molecule_and_minute() {
        let rate = Dimension::PER_CELL / Dimension::TIME;
        let constant = rate / (Dimension::PER_CELL * Dimension::PER_CELL);
        assert_eq!(constant.to_string(), "cell/molecule/min");
    }

    #[test]
    fn printed_names_fold_to_what_people_write() {
        assert_eq!((Dimension::RATE / Dimension::CONCENTRATION).to_string(), "1/pM/min");
        assert_eq!(Dimension::CELL_DENSITY.to_string(), "cell/L");
        assert_eq!(Dimension::DIMENSIONLESS.to_string(), "1");
        assert_eq!(Dimension::VOLUME.power(2).to_string(), "L^2");
    }
}
