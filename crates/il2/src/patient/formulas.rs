//! The formulas in comments and in the book, which are parsed and compared with the network.

use super::network::{Body, body};
use super::physiology::{Entry, Physiology, Population};
use crate::cell::Cell;
use crate::parameter::{Parameter, Parameters};
use il2_engine::reference::system::System;
use indexmap::IndexMap;
use std::collections::BTreeMap;

const DRUG: &str = include_str!("drug.rs");
const CELLS: &str = include_str!("lymphocytes.rs");
const EOSINOPHILS: &str = include_str!("network.rs");
const VESSELS: &str = include_str!("vessels.rs");
const BOOK: &str = include_str!("../../../../docs/src/models.md");

/// The population whose cells live longer after activation, which is the only one with the formula
/// for longevity.
const LIVES_LONGER: &str = "tconv";

/// Lines of the formulas in the first comment of a file.
fn of_file(text: &str) -> Vec<String> {
    let head = text.lines().map_while(|line| line.strip_prefix("//!"));
    let lines = head.map(|line| line.strip_prefix(' ').unwrap_or(line));
    lines
        .skip_while(|line| *line != "```text")
        .skip(1)
        .take_while(|line| *line != "```")
        .map(str::to_string)
        .collect()
}

#[test]
fn the_book_has_the_formulas_of_the_code() {
    let section = BOOK.split("\n## The patient\n").nth(1).expect("a section");
    let section = section.split("\n## ").next().expect("its text");
    let blocks = section.split("```formula\n").skip(1);
    let of_book: Vec<Vec<String>> = blocks
        .map(|block| block.lines().take_while(|l| *l != "```").map(str::to_string).collect())
        .collect();
    assert_eq!(of_book, [DRUG, CELLS, EOSINOPHILS, VESSELS].map(of_file));
}

/// Formulas by the name that each defines; a name with a prime is a derivative. Text in brackets
/// after a formula explains it and is ignored.
fn formulas(text: &str) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let mut last = String::new();
    for line in of_file(text) {
        let line = line.replace("uptake of every population", "uptakes");
        for part in line.split("   ").map(str::trim).filter(|part| !part.is_empty()) {
            if part.starts_with('(') {
                continue;
            }
            match part.split_once('=') {
                Some(("", right)) => found.entry(last.clone()).or_default().push_str(right),
                Some((left, right)) => {
                    last = left.trim().to_string();
                    found.insert(last.clone(), right.to_string());
                }
                None if part.starts_with(['+', '-', '/']) => {
                    let formula = found.get_mut(&last).expect("goes on");
                    *formula += &format!(" {part}");
                }
                None => last = part.to_string(),
            }
        }
    }
    found
}

/// A parser of formulas: adjacent factors are multiplied, and products and quotients are evaluated
/// from left to right.
struct Parser<'a> {
    rest: &'a str,
    value_of: &'a dyn Fn(&str) -> f64,
}

impl Parser<'_> {
    fn next(&mut self) -> char {
        self.rest = self.rest.trim_start();
        self.rest.chars().next().unwrap_or(' ')
    }

    fn takes(&mut self, c: char) -> bool {
        let is = self.next() == c;
        if is {
            self.rest = &self.rest[1..];
        }
        is
    }

    fn sum(&mut self) -> f64 {
        let mut sum = if self.takes('-') { -self.product() } else { self.product() };
        loop {
            if self.takes('+') {
                sum += self.product();
            } else if self.takes('-') {
                sum -= self.product();
            } else {
                return sum;
            }
        }
    }

    fn product(&mut self) -> f64 {
        let mut product = self.factor();
        loop {
            if self.takes('/') {
                product /= self.factor();
            } else if self.next() == '(' || self.next().is_alphanumeric() {
                product *= self.factor();
            } else {
                return product;
            }
        }
    }

    fn factor(&mut self) -> f64 {
        let value = if self.takes('(') {
            let inside = self.sum();
            assert!(self.takes(')'), "{}", self.rest);
            inside
        } else {
            self.next();
            let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
            let length = self.rest.find(|c| !is_name(c)).unwrap_or(self.rest.len());
            let (name, behind) = self.rest.split_at(length);
            self.rest = behind;
            if name == "max" && self.takes('(') {
                let first = self.sum();
                assert!(self.takes(',') && self.next() != ')', "{}", self.rest);
                let second = self.sum();
                assert!(self.takes(')'), "{}", self.rest);
                first.max(second)
            } else {
                name.parse().unwrap_or_else(|_| (self.value_of)(name))
            }
        };
        if self.takes('^') {
            let squared = value * value;
            let fourth = self.takes('4');
            assert!(fourth || self.takes('2'), "{}", self.rest);
            return if fourth { squared * squared } else { squared };
        }
        value
    }
}

#[test]
fn formulas_are_read_as_they_are_written() {
    let value_of = |name: &str| if name == "two" { 2.0 } else { 0.0 };
    let mut parser = Parser { rest: "1 + two 3 / 4 - (1 + 1)^2 max(0, 3)", value_of: &value_of };
    assert_eq!((parser.sum(), parser.rest), (-9.5, ""));
}

/// Arbitrary numbers for these names, all different.
fn numbers(names: &str, seed: &mut f64) -> Parameters {
    let mut number = |name: &str| {
        *seed = (*seed * 1.618_033_988_75).fract();
        let value = 0.1 + 0.8 * *seed;
        (name.to_string(), Parameter::from_study(value, il2_engine::Dimension::DIMENSIONLESS, ""))
    };
    names.split(' ').map(&mut number).collect()
}

fn patient(masked: bool) -> Body {
    let seed = &mut 0.577;
    let groups = [
        (
            "sensing",
            "cd25_rate activation_rate half_growth desensitisation_rate desensitisation uptake",
        ),
        ("presentation", "most rate"),
        ("migration", "blood_volume leaving margination activation_constant activation_rate"),
        ("eosinophils", "delay_rate loss gain"),
        (
            "toxicity",
            "leak_rate pressure pressure_floor pressure_fall pressure_held vasopressor_per_pressure \
             fluid_rate weight_gain weight_most albumin albumin_floor albumin_turnover albumin_loss \
             renal_function creatinine creatinine_clearance kidney_injury kidney_injury_most \
             kidney_recovery urine_output urine_saving dialysis",
        ),
        ("tumour", "volume exchange anchor_on anchor_constant internalisation_rate"),
        ("soluble_cd25", "level loss constant"),
    ];
    let groups = groups.map(|(name, keys)| (name.to_string(), numbers(keys, seed)));
    let mut groups: IndexMap<String, Parameters> = groups.into();
    // Otherwise the vasopressor would never be needed.
    groups["toxicity"]["pressure_held"].value = 2.0;
    let mut kinetics = numbers(
        "volume clearance intercompartmental_clearance peripheral_volume absorption_rate \
         absorption_half_amount bioavailability release_rate prodrug_clearance anchor renal_part",
        seed,
    );
    kinetics.extend(numbers("transit_compartments", seed));
    kinetics["transit_compartments"].value = 1.0;
    if !masked {
        kinetics["release_rate"].value = 0.0;
    }
    let populations = [("tconv", ""), ("nk_dim", ""), ("nk_bright", "nk_dim")].map(|(id, into)| {
        let keys = "count in_blood turnover growth crowding cd25_gain maturation";
        let mut parameters = numbers(keys, seed);
        if id == LIVES_LONGER {
            parameters.extend(numbers("longer_life longevity_loss", seed));
        }
        let entry = Entry { matures_into: into.into(), parameters, ..Entry::default() };
        let cell = Cell { id: id.into(), label: id.into(), ..Cell::default() };
        Population { id: id.into(), entry, cell }
    });
    body(&Physiology { groups, ..Physiology::default() }, &kinetics, &populations, true)
}

/// A patient in some state, and the values of the formulas in this state.
struct Patient {
    body: Body,
    state: Vec<f64>,
    values: Vec<f64>,
    masked: bool,
}

impl Patient {
    /// Value of a name in a block of formulas; `own` is the group or population to which the block
    /// is applied.
    fn value(&self, block: &str, own: &str, name: &str) -> f64 {
        if let Some(formula) = formulas(block).get(name) {
            return self.worked_out(block, own, name, formula);
        }
        let n = &self.body.network;
        let of_cells = |what: &str| {
            ["tconv", "nk_dim", "nk_bright"].map(|id| self.value(CELLS, id, what)).into_iter().sum()
        };
        match (block, name) {
            (CELLS | VESSELS, "concentration_free" | "sensed") => {
                return self.value(DRUG, "pharmacokinetics", name);
            }
            // The last transit compartment, if there is only one.
            (DRUG, "transit_n") => return self.value(DRUG, own, "transit_1"),
            (DRUG, "filtered") => return self.value(VESSELS, "toxicity", name),
            (CELLS, "longevity") if own != LIVES_LONGER => return 0.0,
            (EOSINOPHILS, "signal") => return self.value(CELLS, "tconv", name),
            (DRUG, "uptakes") => return of_cells("uptake"),
            (DRUG, "cd25") => return of_cells("carried"),
            (DRUG, "cd25_at_rest") => return of_cells("carried_at_rest"),
            (CELLS, "carried") => {
                let [blood, tissue, cd25] =
                    ["blood", "tissue", "cd25"].map(|name| self.value(CELLS, own, name));
                return (blood + tissue) * cd25;
            }
            (CELLS, "carried_at_rest") => {
                return self.value(CELLS, own, "total_at_rest")
                    * self.value(CELLS, own, "cd25_at_rest");
            }
            _ => {}
        }
        for name in [format!("{own}_{name}"), name.to_string()] {
            if let Some(species) = n.species_named(&name) {
                return self.state[species.0];
            }
        }
        for name in [format!("{own}.{name}"), name.to_string()] {
            if let Some(parameter) = n.parameter_named(&name) {
                return self.values[parameter.0];
            }
        }
        let ending = format!(".{name}");
        let is = |p: &il2_engine::network::Parameter| p.name.ends_with(&ending);
        let all: Vec<usize> = (0..n.parameters.len()).filter(|i| is(&n.parameters[*i])).collect();
        assert_eq!(all.len(), 1, "{name} of {own} is not one number of the network");
        self.values[all[0]]
    }

    fn worked_out(&self, block: &str, own: &str, name: &str, formula: &str) -> f64 {
        let value_of = |inside: &str| match (name, inside) {
            ("prodrug'", "arrives") if !self.masked => 0.0,
            ("central'", "arrives") if self.masked => 0.0,
            _ => self.value(block, own, inside),
        };
        let mut parser = Parser { rest: formula, value_of: &value_of };
        let value = parser.sum();
        assert_eq!(parser.rest.trim(), "", "{name} = {formula}");
        value
    }
}

#[test]
fn the_network_does_what_the_formulas_say() {
    for masked in [false, true] {
        let body = patient(masked);
        let n = &body.network;
        let some = |i: usize| 0.2 + (i as f64 * 1.618_033_988_75).fract();
        let state: Vec<f64> = (0..n.species.len()).map(some).collect();
        let mut values = n.parameter_values(&[]);
        for name in [
            "infusion",
            "infusion_under_skin",
            "leak_strength",
            "endothelium.ec50_ratio",
            "endothelium.signal_top",
        ] {
            values[n.parameter_named(name).unwrap().0] = 0.37;
        }
        for id in ["tconv", "nk_dim", "nk_bright"] {
            for name in [
                "ec50_without_cd25",
                "capture_per_cd25",
                "cd25_half",
                "signal_top",
                "cd25_at_rest",
                "growth_strength",
                "uptake_most",
                "uptake_half",
            ] {
                let at = n.parameter_named(&format!("{id}.{name}")).unwrap().0;
                values[at] = 0.3 + 0.01 * at as f64;
            }
        }
        let mut slopes = vec![0.0; state.len()];
        System::new(n).derivative(&state, &values, 0.0, &mut slopes);
        let patient = Patient { body, state, values, masked };
        let n = &patient.body.network;
        let mut blocks =
            vec![(DRUG, "pharmacokinetics"), (EOSINOPHILS, "eosinophils"), (VESSELS, "toxicity")];
        blocks.extend(["tconv", "nk_dim", "nk_bright"].map(|id| (CELLS, id)));
        let mut seen = 0;
        for (block, own) in blocks {
            for name in formulas(block).keys() {
                if name == "longevity'" && own != LIVES_LONGER {
                    assert!(n.species_named(&format!("{own}_longevity")).is_none());
                    continue;
                }
                let mut said = patient.value(block, own, name);
                let agree = |is: f64, said: f64| (is - said).abs() <= 1e-12 * (1.0 + is.abs());
                let of_block = |name: &str| [format!("{own}_{name}"), name.to_string()];
                let Some(state) = name.strip_suffix('\'') else {
                    let observable = of_block(name).iter().find_map(|o| n.observable_named(o));
                    if let Some(o) = observable {
                        let law = &n.observables[o.0].value;
                        let is = law.value(&patient.state, &patient.values, 0.0);
                        assert!(agree(is, said), "{own}: {name} is {is} and not {said}");
                    }
                    continue;
                };
                // The text below the formulas describes cells that mature.
                if let ("blood" | "tissue", "nk_bright" | "nk_dim") = (state, own) {
                    let of = |name: &str| patient.value(CELLS, "nk_bright", name);
                    let part = of("in_blood");
                    let part = if state == "blood" { part } else { 1.0 - part };
                    let moved = of("maturation") * (of(state) - of("total_at_rest") * part);
                    said += if own == "nk_dim" { moved } else { -moved };
                }
                let species = of_block(state).iter().find_map(|s| n.species_named(s));
                let is = slopes[species.expect("a state of the network").0];
                assert!(agree(is, said), "{own}: {name} is {is} and not {said}");
                seen += 1;
            }
        }
        assert_eq!(seen, n.species.len(), "every state has its formula");
    }
}
