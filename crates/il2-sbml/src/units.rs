//! Units: products of powers of base units, with a factor.

use std::collections::BTreeMap;
use std::fmt;

/// The id of a unit, as a file writes it.
pub type UnitName = String;

/// Number of molecules per mole, as SBML Level 3 defines it (this differs from the SI value of
/// 2019).
pub const AVOGADRO: f64 = 6.02214179e23;

/// Items and moles have the same base, so that a model that mixes them is detected.
pub const BASES: [&str; 8] =
    ["metre", "kilogram", "second", "ampere", "kelvin", "mole", "candela", "item"];

/// A unit: a factor times powers of the bases.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// Its factor relative to the product of the bases.
    pub factor: f64,
    /// Power of each base, in the order of [`BASES`].
    pub powers: [f64; 8],
}

/// A unit that a model defines as a product.
#[derive(Clone, Debug)]
pub struct UnitDefinition {
    /// The product, or why it cannot be one.
    pub unit: Result<Unit, String>,
    /// Its position in the file.
    pub line: u32,
}

/// Factors that differ by less than this count as equal, because files contain rounded values.
const SAME: f64 = 1e-6;

impl Unit {
    /// The unit of a dimensionless number.
    pub const NONE: Self = Self { factor: 1.0, powers: [0.0; 8] };

    /// The base unit with this index.
    pub fn base(place: usize) -> Self {
        let mut powers = [0.0; 8];
        powers[place] = 1.0;
        Self { factor: 1.0, powers }
    }

    /// A predefined unit, by its name.
    pub fn named(name: &str) -> Option<Self> {
        if let Some(place) = BASES.iter().position(|b| *b == name) {
            return Some(Self::base(place));
        }
        let of = |factor: f64, powers: [f64; 8]| Some(Self { factor, powers });
        // metre, kilogram, second, ampere, kelvin, mole, candela, item
        match name {
            "dimensionless" | "radian" | "steradian" => Some(Self::NONE),
            "meter" => Some(Self::base(0)),
            "gram" => of(1e-3, [0., 1., 0., 0., 0., 0., 0., 0.]),
            "litre" | "liter" => of(1e-3, [3., 0., 0., 0., 0., 0., 0., 0.]),
            "hertz" | "becquerel" => of(1.0, [0., 0., -1., 0., 0., 0., 0., 0.]),
            "newton" => of(1.0, [1., 1., -2., 0., 0., 0., 0., 0.]),
            "pascal" => of(1.0, [-1., 1., -2., 0., 0., 0., 0., 0.]),
            "joule" => of(1.0, [2., 1., -2., 0., 0., 0., 0., 0.]),
            "watt" => of(1.0, [2., 1., -3., 0., 0., 0., 0., 0.]),
            "gray" | "sievert" => of(1.0, [2., 0., -2., 0., 0., 0., 0., 0.]),
            "katal" => of(1.0, [0., 0., -1., 0., 0., 1., 0., 0.]),
            "coulomb" => of(1.0, [0., 0., 1., 1., 0., 0., 0., 0.]),
            "volt" => of(1.0, [2., 1., -3., -1., 0., 0., 0., 0.]),
            "farad" => of(1.0, [-2., -1., 4., 2., 0., 0., 0., 0.]),
            "ohm" => of(1.0, [2., 1., -3., -2., 0., 0., 0., 0.]),
            "siemens" => of(1.0, [-2., -1., 3., 2., 0., 0., 0., 0.]),
            "weber" => of(1.0, [2., 1., -2., -1., 0., 0., 0., 0.]),
            "tesla" => of(1.0, [0., 1., -2., -1., 0., 0., 0., 0.]),
            "henry" => of(1.0, [2., 1., -2., -2., 0., 0., 0., 0.]),
            "lumen" => of(1.0, [0., 0., 0., 0., 0., 0., 1., 0.]),
            "lux" => of(1.0, [-2., 0., 0., 0., 0., 0., 1., 0.]),
            "avogadro" => of(AVOGADRO, [0.; 8]),
            _ => None,
        }
    }

    /// The product of two units.
    pub fn times(self, other: Self) -> Self {
        Self {
            factor: self.factor * other.factor,
            powers: std::array::from_fn(|i| self.powers[i] + other.powers[i]),
        }
    }

    /// The quotient of two units.
    pub fn over(self, other: Self) -> Self {
        self.times(other.to(-1.0))
    }

    /// A power of the unit.
    pub fn to(self, exponent: f64) -> Self {
        Self {
            factor: il2_engine::math::pow(self.factor, exponent),
            powers: self.powers.map(|p| p * exponent),
        }
    }

    /// Whether both units have the same dimension, with any factor.
    pub fn measures_the_same(self, other: Self) -> bool {
        self.powers.iter().zip(other.powers).all(|(a, b)| (a - b).abs() < 1e-9)
    }

    /// Whether both are the same unit.
    pub fn same(self, other: Self) -> bool {
        self.measures_the_same(other) && (self.factor / other.factor - 1.0).abs() < SAME
    }

    /// Whether the unit is dimensionless.
    pub fn is_plain(self) -> bool {
        self.same(Self::NONE)
    }
}

impl fmt::Display for Unit {
    /// For example `6e-08 mol L^-1 s^-1`; `1` for a dimensionless unit.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = ["m", "kg", "s", "A", "K", "mol", "cd", "item"];
        let (mut factor, mut powers) = (self.factor, self.powers);
        let mut parts = vec![];
        // Volumes are usually written in litres.
        if powers[0] != 0.0 && powers[0] % 3.0 == 0.0 {
            let litres = powers[0] / 3.0;
            factor *= il2_engine::math::pow(1e3, litres);
            parts.push(("L", litres));
            powers[0] = 0.0;
        }
        parts.extend(names.into_iter().zip(powers).filter(|&(_, p)| p != 0.0));
        parts.sort_by(|a, b| b.1.total_cmp(&a.1));
        let rounded: f64 = format!("{factor:.5e}").parse().unwrap_or(factor);
        let mut words = vec![];
        if (rounded - 1.0).abs() > SAME || parts.is_empty() {
            words.push(match rounded {
                v if v == 0.0 || (1e-3..1e6).contains(&v.abs()) => v.to_string(),
                v => format!("{v:e}"),
            });
        }
        words.extend(parts.into_iter().map(|(name, power)| match power {
            1.0 => name.to_string(),
            p => format!("{name}^{p}"),
        }));
        write!(f, "{}", words.join(" "))
    }
}

/// Units by name: those of the model, then the predefined ones.
pub fn find(defined: &BTreeMap<String, UnitDefinition>, name: &str) -> Option<Unit> {
    match defined.get(name) {
        Some(definition) => definition.unit.clone().ok(),
        None => Unit::named(name),
    }
}

#[cfg(test)]
mod tests {
    use super::Unit;

    #[test]
    fn a_molar_concentration_is_moles_a_litre() {
        let litre = Unit::named("litre").unwrap();
        let concentration = Unit::named("mole").unwrap().over(litre);
        assert_eq!(concentration.to_string(), "mol L^-1");
        assert_eq!(Unit::NONE.to_string(), "1");
        assert!(litre.measures_the_same(Unit::named("metre").unwrap().to(3.0)));
        assert!(!litre.same(Unit::named("metre").unwrap().to(3.0)));
        assert!(Unit::named("gray").unwrap().measures_the_same(
            Unit::named("joule").unwrap().over(Unit::named("kilogram").unwrap())
        ));
    }
}
