//! A network written as named species, parameters and fluxes in the usual infix notation.

use il2_engine::dimension::Dimension;
use il2_engine::expression::Expression;
use il2_engine::lane::Lane;
use il2_engine::network::Network;
use std::collections::HashMap;

/// A network to be timed, and a function that turns a row of varied parameters into a simulation.
pub struct Workload {
    /// The network.
    pub network: Network,
    /// A simulation from one row of the table of varied parameters.
    pub lane: fn(&Workload, &[f64]) -> Lane,
    /// Columns of that table.
    pub varied: &'static [&'static str],
}

/// Builds a network by names.
#[derive(Default)]
pub struct Builder {
    /// The network built so far.
    pub network: Network,
    names: HashMap<String, Expression>,
}

impl Builder {
    /// Adds a species with its value at time zero.
    pub fn species(&mut self, name: &str, initial: f64) {
        let id = self.network.add_species(name, Dimension::DIMENSIONLESS);
        self.network.species[id.0].initial = Expression::Number(initial);
        self.names.insert(name.into(), id.into());
    }

    /// Adds a parameter.
    pub fn parameter(&mut self, name: &str, value: f64) {
        let id = self.network.add_parameter(name, Dimension::DIMENSIONLESS, value);
        self.names.insert(name.into(), id.into());
    }

    /// Names a law so that other laws can read it.
    pub fn define(&mut self, name: &str, law: &str) {
        let law = self.read(law);
        self.names.insert(name.into(), law);
    }

    /// Adds a flux, with the change of each species that it causes.
    pub fn flux(&mut self, law: &str, changes: &[(&str, f64)]) {
        let law = self.read(law);
        for (part, (name, change)) in changes.iter().enumerate() {
            let Expression::Species(species) = self.names[*name] else { panic!("{name}") };
            let n = self.network.reactions.len();
            let law = Expression::Number(*change) * law.clone();
            self.network.add_law(format!("flux {n} part {part}"), &[], &[species], law);
        }
    }

    /// Reads sums, products, quotients and parentheses.
    fn read(&self, text: &str) -> Expression {
        let mut reader = Reader { text: text.as_bytes(), at: 0, names: &self.names };
        let law = reader.sum();
        assert_eq!(reader.at, text.len(), "cannot read {text}");
        law
    }
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    names: &'a HashMap<String, Expression>,
}

impl Reader<'_> {
    fn next_is(&mut self, symbol: u8) -> bool {
        let found = self.text.get(self.at) == Some(&symbol);
        self.at += usize::from(found);
        found
    }

    fn sum(&mut self) -> Expression {
        let mut total = self.product();
        loop {
            if self.next_is(b'+') {
                total = total + self.product();
            } else if self.next_is(b'-') {
                total = total - self.product();
            } else {
                return total;
            }
        }
    }

    fn product(&mut self) -> Expression {
        let mut total = self.factor();
        loop {
            if self.next_is(b'*') {
                total = total * self.factor();
            } else if self.next_is(b'/') {
                total = total / self.factor();
            } else {
                return total;
            }
        }
    }

    fn factor(&mut self) -> Expression {
        if self.next_is(b'(') {
            let inner = self.sum();
            assert!(self.next_is(b')'), "a parenthesis is not closed");
            return inner;
        }
        let start = self.at;
        let in_word = |c: &u8| c.is_ascii_alphanumeric() || *c == b'_' || *c == b'.';
        while self.text.get(self.at).is_some_and(in_word) {
            self.at += 1;
        }
        let word = std::str::from_utf8(&self.text[start..self.at]).expect("ASCII");
        match word.parse::<f64>() {
            Ok(number) => Expression::Number(number),
            Err(_) => self.names.get(word).unwrap_or_else(|| panic!("who is {word}?")).clone(),
        }
    }
}
