//! Derives units through every formula, and solves for units that the file does not give.
//!
//! A quantity without a unit in the file has an unknown unit, a product of powers like any other.
//! Every sum, comparison, law and rule requires two units to be equal, which is a linear equation
//! in powers; the first equation that contradicts earlier ones is a finding. Thus a parameter that
//! is used with two meanings is found even in a file without any units.

use super::finding::{Finding, Kind, add, list};
use super::limits::inline;
use crate::math::{Math, Operator};
use crate::model::Model;
use crate::units::{Unit, find};
use std::collections::BTreeMap;

/// A unit that may contain unknowns, each to a power.
#[derive(Clone, Debug)]
struct Open {
    known: Unit,
    unknown: BTreeMap<String, f64>,
}

/// A unit, or none for a number without a unit, which fits anything to which it is added.
type Maybe = Option<Open>;

impl Open {
    fn of(known: Unit) -> Self {
        Self { known, unknown: BTreeMap::new() }
    }

    fn unknown(name: &str) -> Self {
        Self { known: Unit::NONE, unknown: BTreeMap::from([(name.to_string(), 1.0)]) }
    }

    fn times(&self, other: &Self, power: f64) -> Self {
        let mut unknown = self.unknown.clone();
        for (name, p) in &other.unknown {
            *unknown.entry(name.clone()).or_insert(0.0) += p * power;
        }
        unknown.retain(|_, p| p.abs() > 1e-12);
        Self { known: self.known.times(other.known.to(power)), unknown }
    }
}

/// The solution for an unknown unit, and its origin.
struct Solved {
    is: Open,
    from: String,
}

struct Derivation<'a> {
    model: &'a Model,
    solved: BTreeMap<String, Solved>,
    findings: &'a mut Vec<Finding>,
    place: String,
    local: BTreeMap<String, Open>,
}

/// Derives the units of all formulas.
pub fn units(model: &Model, findings: &mut Vec<Finding>) {
    let named = |what: String, units: &Option<String>, findings: &mut Vec<Finding>| {
        if let Some(name) = units.as_ref().filter(|n| unit(model, n).is_none()) {
            let sentence = match model.unit_definitions.get(name.as_str()).map(|d| &d.unit) {
                Some(Err(why)) => format!("its unit {name} {why}"),
                _ => format!("its unit {} is not defined", crate::words::short(name)),
            };
            add(findings, Kind::Units, what, sentence);
        }
    };
    for p in &model.parameters {
        named(format!("parameter {}", p.id), &p.units, findings);
    }
    for s in &model.species {
        named(format!("species {}", s.id), &s.substance_units, findings);
    }
    for c in &model.compartments {
        named(format!("compartment {}", c.id), &c.units, findings);
    }
    let mut derivation = Derivation {
        model,
        solved: BTreeMap::new(),
        findings,
        place: String::new(),
        local: BTreeMap::new(),
    };
    derivation.all();
}

/// A unit by its name; level 2 has five units that a model may redefine.
fn unit(model: &Model, name: &str) -> Option<Unit> {
    let litre = || Unit::named("litre");
    find(&model.unit_definitions, name).or_else(|| match (model.level.0, name) {
        (2, "substance") => Unit::named("mole"),
        (2, "volume") => litre(),
        (2, "area") => Some(Unit::base(0).to(2.0)),
        (2, "length") => Unit::named("metre"),
        (2, "time") => Unit::named("second"),
        _ => None,
    })
}

impl Derivation<'_> {
    fn all(&mut self) {
        let model = self.model;
        let (extent, time) =
            (self.model_unit(&model.units.extent, "the unit of extents"), self.time());
        for reaction in &model.reactions {
            let Some(law) = &reaction.law else { continue };
            self.place = format!("reaction {}", reaction.id);
            self.local = reaction
                .local
                .iter()
                .map(|p| (p.id.clone(), self.given(&p.units, &format!("{}.{}", reaction.id, p.id))))
                .collect();
            let needed = extent.times(&time, -1.0);
            self.is(law, &needed, "its rate law", "the rate of a reaction is an amount per time");
            self.local.clear();
        }
        for rule in &model.rate_rules {
            self.place = format!("rate rule for {}", rule.target);
            let needed = self.symbol(&rule.target).times(&time, -1.0);
            self.is(
                rule.math.as_ref().expect("kept"),
                &needed,
                "its rate",
                "the unit of the variable per time",
            );
        }
        for rule in model.assignment_rules.iter().chain(&model.initial_assignments) {
            self.place = format!("assignment of {}", rule.target);
            let needed = self.symbol(&rule.target);
            self.is(
                rule.math.as_ref().expect("kept"),
                &needed,
                "its value",
                "the unit of the variable",
            );
        }
        for event in &model.events {
            self.place = format!("event {}", event.id);
            if let Some(trigger) = &event.trigger {
                self.formula(trigger);
            }
            if let Some(delay) = &event.delay {
                self.is(delay, &time, "its delay", "a delay is a time");
            }
            for a in &event.assignments {
                let needed = self.symbol(&a.target);
                let what = format!("the value that it gives to {}", a.target);
                self.is(a.math.as_ref().expect("kept"), &needed, &what, "the unit of the variable");
            }
        }
    }

    fn model_unit(&self, name: &Option<String>, unknown: &str) -> Open {
        match name.as_ref().and_then(|n| unit(self.model, n)) {
            Some(unit) => Open::of(unit),
            None => Open::unknown(unknown),
        }
    }

    fn time(&self) -> Open {
        self.model_unit(&self.model.units.time, "the unit of time")
    }

    fn given(&self, name: &Option<String>, id: &str) -> Open {
        match name.as_ref().and_then(|n| unit(self.model, n)) {
            Some(unit) => Open::of(unit),
            None => Open::unknown(id),
        }
    }

    fn symbol(&self, id: &str) -> Open {
        if let Some(local) = self.local.get(id) {
            return local.clone();
        }
        let model = self.model;
        if let Some(c) = model.compartment_of(id) {
            return self.size(c);
        }
        if let Some(s) = model.species_of(id) {
            let substance = match &s.substance_units {
                Some(name) => self.given(&Some(name.clone()), id),
                None => self.model_unit(&model.units.substance, "the unit of amounts"),
            };
            let size = model.compartment_of(&s.compartment).filter(|_| !model.means_amount(s));
            return match size {
                Some(c) => substance.times(&self.size(c), -1.0),
                None => substance,
            };
        }
        if let Some(p) = model.parameters.iter().find(|p| p.id == id) {
            return self.given(&p.units, id);
        }
        if model.reactions.iter().any(|r| r.id == id) {
            let extent = self.model_unit(&model.units.extent, "the unit of extents");
            return extent.times(&self.time(), -1.0);
        }
        Open::of(Unit::NONE)
    }

    fn size(&self, c: &crate::model::Compartment) -> Open {
        if c.units.is_some() {
            return self.given(&c.units, &c.id);
        }
        match c.dimensions {
            3.0 => self.model_unit(&self.model.units.sizes[0], "the unit of volumes"),
            2.0 => self.model_unit(&self.model.units.sizes[1], "the unit of areas"),
            1.0 => self.model_unit(&self.model.units.sizes[2], "the unit of lengths"),
            0.0 => Open::of(Unit::NONE),
            _ => Open::unknown(&c.id),
        }
    }

    /// Requires that a formula has a unit.
    fn is(&mut self, math: &Math, needed: &Open, what: &str, why: &str) {
        let inlined = inline(self.model, math, &BTreeMap::new(), 0);
        let Some(found) = self.formula(&inlined) else { return };
        if let Some((found, needed, from)) = self.equate(&found, needed, &inlined) {
            let sentence = format!("{what} has the unit {found}, not {needed} ({why}){from}");
            add(self.findings, Kind::Units, self.place.clone(), sentence);
        }
    }

    /// Requires that two parts of a formula have the same unit.
    fn alike(&mut self, what: &str, a: (&Math, &Open), b: (&Math, &Open)) {
        let both = Math::Apply(Operator::Plus, vec![a.0.clone(), b.0.clone()]);
        if let Some((one, other, from)) = self.equate(a.1, b.1, &both) {
            let (a, b) = (text(a.0), text(b.0));
            let sentence = format!("it {what} {a} ({one}) and {b} ({other}){from}");
            add(self.findings, Kind::Units, self.place.clone(), sentence);
        }
    }

    fn plain(&mut self, math: &Math, unit: &Open) {
        if let Some((found, _, from)) = self.equate(unit, &Open::of(Unit::NONE), math) {
            let sentence = format!(
                "{} has the unit {found} where a number without a unit is needed{from}",
                text(math)
            );
            add(self.findings, Kind::Units, self.place.clone(), sentence);
        }
    }

    /// The unit with all solved unknowns replaced.
    fn reduced(&self, of: &Open) -> Open {
        let mut reduced = Open::of(of.known);
        for (name, power) in &of.unknown {
            match self.solved.get(name) {
                Some(solved) => reduced = reduced.times(&solved.is, *power),
                None => reduced = reduced.times(&Open::unknown(name), *power),
            }
        }
        reduced
    }

    /// Makes two units equal; if that is impossible, returns both as text and the origin of their
    /// unknowns.
    fn equate(&mut self, a: &Open, b: &Open, math: &Math) -> Option<(String, String, String)> {
        let (left, right) = (self.reduced(a), self.reduced(b));
        let apart = left.times(&right, -1.0);
        let largest = apart.unknown.iter().max_by(|x, y| x.1.abs().total_cmp(&y.1.abs()));
        if let Some((name, &power)) = largest {
            let name = name.clone();
            let mut rest = apart.clone();
            rest.unknown.remove(&name);
            let is = Open::of(Unit::NONE).times(&rest, -1.0 / power);
            // Earlier solutions may contain this unknown.
            for solved in self.solved.values_mut() {
                if let Some(p) = solved.is.unknown.remove(&name) {
                    solved.is = solved.is.times(&is, p);
                }
            }
            self.solved.insert(name, Solved { is, from: self.place.clone() });
            return None;
        }
        let derived = !a.unknown.is_empty() || !b.unknown.is_empty();
        if apart.known.measures_the_same(Unit::NONE) && (derived || apart.known.is_plain()) {
            return None;
        }
        let mut from = vec![];
        math.symbols(&mut |id| {
            if let Some(solved) = self.solved.get(id) {
                let told =
                    format!("{id} has the unit {} according to {}", solved.is.known, solved.from);
                if solved.is.unknown.is_empty() && !from.contains(&told) {
                    from.push(told);
                }
            }
        });
        let from = if from.is_empty() { String::new() } else { format!("; {}", list(&from)) };
        Some((left.known.to_string(), right.known.to_string(), from))
    }

    /// The unit of a formula; none if it is a number that fits anything.
    fn formula(&mut self, math: &Math) -> Maybe {
        match math {
            Math::Number(_, Some(name)) if unit(self.model, name).is_some() => {
                unit(self.model, name).map(Open::of)
            }
            Math::Number(n, _) => (*n == 1.0).then(|| Open::of(Unit::NONE)),
            Math::Truth(_) => None,
            Math::Time => Some(self.time()),
            Math::Avogadro => None,
            Math::Symbol(id) => Some(self.symbol(id)),
            Math::RateOf(id) => Some(self.symbol(id).times(&self.time(), -1.0)),
            Math::Call(_, of) => {
                of.iter().for_each(|m| drop(self.formula(m)));
                None
            }
            Math::Piecewise(pieces, otherwise) => {
                for (_, condition) in pieces {
                    self.formula(condition);
                }
                let values: Vec<&Math> =
                    pieces.iter().map(|(v, _)| v).chain(otherwise.as_deref()).collect();
                self.same("chooses between", &values)
            }
            Math::Apply(operator, of) => self.apply(*operator, of),
        }
    }

    fn same(&mut self, what: &str, all: &[&Math]) -> Maybe {
        let mut first: Option<(&Math, Open)> = None;
        for math in all {
            let Some(unit) = self.formula(math) else { continue };
            match &first {
                Some((of, before)) => self.alike(what, (of, &before.clone()), (math, &unit)),
                None => first = Some((math, unit)),
            }
        }
        first.map(|(_, unit)| unit)
    }

    fn apply(&mut self, operator: Operator, of: &[Math]) -> Maybe {
        use Operator as O;
        let all: Vec<&Math> = of.iter().collect();
        match operator {
            O::Plus | O::Minus => self.same("adds", &all),
            O::Min | O::Max | O::Rem => self.same("compares", &all),
            O::Abs | O::Floor | O::Ceiling => self.formula(&of[0]),
            O::Eq | O::Neq | O::Gt | O::Lt | O::Geq | O::Leq => {
                self.same("compares", &all);
                None
            }
            O::And | O::Or | O::Xor | O::Not | O::Implies => {
                all.iter().for_each(|m| drop(self.formula(m)));
                None
            }
            O::Times => {
                let mut product = Open::of(Unit::NONE);
                for math in all {
                    if let Some(unit) = self.formula(math) {
                        product = product.times(&unit, 1.0);
                    }
                }
                Some(product)
            }
            O::Divide | O::Quotient => {
                let above = self.formula(&of[0]).unwrap_or(Open::of(Unit::NONE));
                let below = self.formula(&of[1]).unwrap_or(Open::of(Unit::NONE));
                Some(above.times(&below, -1.0))
            }
            O::Power => self.power(&of[0], &of[1], 1.0),
            O::Root => self.power(&of[1], &of[0], -1.0),
            _ => {
                for math in all {
                    if let Some(unit) = self.formula(math) {
                        self.plain(math, &unit);
                    }
                }
                Some(Open::of(Unit::NONE))
            }
        }
    }

    /// The unit of a power: the exponent must be a number in the file, otherwise the base must be
    /// dimensionless.
    fn power(&mut self, base: &Math, exponent: &Math, sign: f64) -> Maybe {
        let unit = self.formula(base)?;
        if let Some(of) = self.formula(exponent) {
            self.plain(exponent, &of);
        }
        let number = match exponent {
            Math::Number(n, _) => Some(*n),
            Math::Symbol(id) => {
                let p = self.model.parameters.iter().find(|p| p.id == *id && p.constant);
                p.and_then(|p| p.value)
            }
            _ => None,
        };
        match number {
            Some(n) if n != 0.0 || sign > 0.0 => {
                let n = if sign > 0.0 { n } else { 1.0 / n };
                Some(Open::of(Unit::NONE).times(&unit, n))
            }
            _ => {
                self.plain(base, &unit);
                Some(Open::of(Unit::NONE))
            }
        }
    }
}

/// A formula in infix notation, shortened.
fn text(math: &Math) -> String {
    let full = written(math, 0);
    if full.chars().count() <= 48 {
        return full;
    }
    format!("{}...", full.chars().take(45).collect::<String>())
}

fn written(math: &Math, depth: usize) -> String {
    if depth > 6 {
        return "...".into();
    }
    let inner = |m: &Math| written(m, depth + 1);
    let joined = |of: &[Math], sign: &str| of.iter().map(inner).collect::<Vec<_>>().join(sign);
    let bracketed = |text: String| if depth > 0 { format!("({text})") } else { text };
    match math {
        Math::Number(n, _) => n.to_string(),
        Math::Truth(truth) => truth.to_string(),
        Math::Symbol(id) => crate::words::short(id),
        Math::Time => "time".into(),
        Math::Avogadro => "avogadro".into(),
        Math::RateOf(id) => format!("rateOf({id})"),
        Math::Call(name, of) => format!("{name}({})", joined(of, ", ")),
        Math::Piecewise(..) => "piecewise(...)".into(),
        Math::Apply(operator, of) => match operator {
            Operator::Plus => bracketed(joined(of, " + ")),
            Operator::Minus if of.len() == 1 => format!("-{}", inner(&of[0])),
            Operator::Minus => bracketed(joined(of, " - ")),
            Operator::Times => joined(of, " * "),
            Operator::Divide => bracketed(joined(of, " / ")),
            Operator::Power => joined(of, "^"),
            other => {
                let name = crate::math::OPERATORS.iter().find(|o| o.1 == *other);
                format!("{}({})", name.map_or("?", |o| o.0), joined(of, ", "))
            }
        },
    }
}
