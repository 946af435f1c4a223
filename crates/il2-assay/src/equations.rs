//! A network as the equations of another program: mrgsolve, rxode2 or Julia.
//!
//! SBML carries units, sources and events ([`crate::networks`]); these files carry the equations and
//! their numbers in base units (pM, molecules per cell, cells, minutes), for users who go on in
//! another language. Events are left to the data of that program.

use crate::networks::{About, AssayNetwork};
use il2_engine::network::ParameterValue;
use il2_engine::{Expression, Network, Trigonometric};
use std::collections::BTreeSet;

/// A program that reads equations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// mrgsolve (R), a model file.
    Mrgsolve,
    /// rxode2 (R), the text of a model.
    Rxode2,
    /// DifferentialEquations.jl (Julia).
    Julia,
}

impl Program {
    /// The ending of its files.
    pub fn ending(self) -> &'static str {
        match self {
            Program::Mrgsolve => "cpp",
            Program::Rxode2 => "R",
            Program::Julia => "jl",
        }
    }

    fn comment(self) -> &'static str {
        if self == Program::Mrgsolve { "//" } else { "#" }
    }

    /// The name of time (min).
    fn time(self) -> &'static str {
        if self == Program::Mrgsolve { "SOLVERTIME" } else { "t" }
    }
}

/// Words that these programs keep for themselves.
const KEPT: [&str; 36] = [
    "t", "time", "u", "du", "p", "e", "pi", "in", "if", "else", "for", "end", "function", "true",
    "false", "evid", "cmt", "amt", "rate", "addl", "ii", "ss", "dur", "dose", "id", "self", "int",
    "double", "bool", "const", "lag", "prob", "lambda", "central", "depot", "f",
];

/// Names of a network in these programs, which ignore neither dots nor blanks.
struct Names {
    species: Vec<String>,
    parameters: Vec<String>,
    observables: Vec<String>,
}

impl Names {
    fn new(network: &Network) -> Self {
        let mut taken: BTreeSet<String> = BTreeSet::new();
        let mut unique = |name: &str| {
            let letter = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
            let mut id: String = name.chars().map(letter).collect();
            if !id.starts_with(|c: char| c.is_ascii_alphabetic()) {
                id = format!("x{id}");
            }
            // The names of R and C are compared without case, so that no two are confused.
            while KEPT.contains(&id.to_lowercase().as_str()) || !taken.insert(id.to_lowercase()) {
                id.push('_');
            }
            id
        };
        Self {
            species: network.species.iter().map(|s| unique(&s.name)).collect(),
            parameters: network.parameters.iter().map(|p| unique(&p.name)).collect(),
            observables: network.observables.iter().map(|o| unique(&o.name)).collect(),
        }
    }
}

struct Writing<'a> {
    program: Program,
    names: &'a Names,
}

impl Writing<'_> {
    /// An expression in the language of the program, in parentheses where it needs them.
    fn formula(&self, of: &Expression) -> String {
        use Expression as E;
        let all = |of: &[E], sign: &str| -> String {
            let terms: Vec<String> = of.iter().map(|e| self.formula(e)).collect();
            format!("({})", terms.join(sign))
        };
        let call = |name: &str, of: &[&E]| -> String {
            let all: Vec<String> = of.iter().map(|e| self.formula(e)).collect();
            format!("{name}({})", all.join(", "))
        };
        let is_c = self.program == Program::Mrgsolve;
        match of {
            E::Number(value) => self.number(*value),
            E::Species(s) => self.names.species[s.0].clone(),
            E::Parameter(p) => self.names.parameters[p.0].clone(),
            E::Time => self.program.time().into(),
            E::Sum(terms) if terms.is_empty() => "0.0".into(),
            E::Product(factors) if factors.is_empty() => "1.0".into(),
            E::Sum(terms) => all(terms, " + "),
            E::Product(factors) => all(factors, " * "),
            E::Quotient(a, b) => format!("({} / {})", self.formula(a), self.formula(b)),
            E::Power(a, b) if is_c => call("pow", &[a, b]),
            E::Power(a, b) => format!("({}^{})", self.formula(a), self.formula(b)),
            E::Exponential(a) => call("exp", &[a]),
            E::Logarithm(a) => call("log", &[a]),
            E::Trigonometric(Trigonometric::Sine, a) => call("sin", &[a]),
            E::Trigonometric(Trigonometric::Cosine, a) => call("cos", &[a]),
            E::Trigonometric(Trigonometric::Arctangent, a) => call("atan", &[a]),
            E::Minimum(a, b) => call(if is_c { "fmin" } else { "min" }, &[a, b]),
            E::Maximum(a, b) => call(if is_c { "fmax" } else { "max" }, &[a, b]),
            E::WhereAtLeast { left, right, then, otherwise } => {
                let [left, right, then, otherwise] =
                    [left, right, then, otherwise].map(|e| self.formula(e));
                match is_c {
                    true => format!("({left} >= {right} ? {then} : {otherwise})"),
                    false => format!("ifelse({left} >= {right}, {then}, {otherwise})"),
                }
            }
            E::Shared(part) => self.formula(part.law()),
        }
    }

    /// A number, which is read back to the last bit; negative ones in parentheses.
    fn number(&self, value: f64) -> String {
        match (value, self.program) {
            (v, _) if v.is_finite() && v < 0.0 => format!("({v:?})"),
            (v, _) if v.is_finite() => format!("{v:?}"),
            (v, Program::Mrgsolve) if v.is_nan() => "NAN".into(),
            (v, _) if v.is_nan() => "NaN".into(),
            (v, Program::Mrgsolve) => if v > 0.0 { "INFINITY" } else { "(-INFINITY)" }.into(),
            (v, _) => if v > 0.0 { "Inf" } else { "(-Inf)" }.into(),
        }
    }

    /// The rate of change of every species.
    fn slopes(&self, network: &Network) -> Vec<String> {
        let mut terms: Vec<Vec<String>> = vec![vec![]; network.species.len()];
        for reaction in &network.reactions {
            let rate = self.formula(&network.law(reaction));
            let mut change = |of: &[(il2_engine::SpeciesId, u32)], sign: &str| {
                for &(species, count) in of {
                    let times = if count == 1 { String::new() } else { format!("{count}.0 * ") };
                    terms[species.0].push(format!("{sign}{times}{rate}"));
                }
            };
            change(&reaction.reactants, "-");
            change(&reaction.products, "+");
        }
        let slope =
            |(terms, species): (Vec<String>, &il2_engine::network::Species)| match &species.scale {
                _ if terms.is_empty() => "0.0".into(),
                Expression::Number(1.0) => terms.join(" "),
                scale => format!("{} * ({})", self.formula(scale), terms.join(" ")),
            };
        terms.into_iter().zip(&network.species).map(slope).collect()
    }
}

/// A network as text, part by part.
struct Parts {
    name: String,
    /// Comments at the top.
    notes: String,
    /// Parameters with their values.
    parameters: Vec<(String, String)>,
    /// Numbers derived from them, in order.
    derived: Vec<(String, String)>,
    /// Species with their values at the start and their slopes.
    species: Vec<(String, String, String)>,
    observables: Vec<(String, String)>,
}

impl AssayNetwork<'_> {
    /// The equations of the network for a program.
    pub fn equations(&self, program: Program, about: &About) -> String {
        let parts = self.parts(program, about);
        match program {
            Program::Mrgsolve => mrgsolve(&parts),
            Program::Rxode2 => rxode2(&parts),
            Program::Julia => julia(&parts),
        }
    }

    fn parts(&self, program: Program, about: &About) -> Parts {
        let network = &*self.network;
        let names = Names::new(network);
        let writing = Writing { program, names: &names };
        let mut notes = about.notes.clone();
        notes.push("Time in minutes, concentrations in pM, cells and molecules as numbers.".into());
        if !self.events.is_empty() {
            notes.push(format!(
                "{} events (doses, additions, changes of medium, windows) are not in this file; the SBML \
                 file has them.",
                self.events.len()
            ));
        }
        notes.extend(about.sources.iter().cloned());
        let mark = program.comment();
        let (mut parameters, mut derived) = (vec![], vec![]);
        for ((parameter, name), &value) in
            network.parameters.iter().zip(&names.parameters).zip(&self.parameters)
        {
            match &parameter.value {
                // A study may replace a number that is otherwise derived from others.
                ParameterValue::Derived(law) if law.value(&[], &self.parameters, 0.0) == value => {
                    derived.push((name.clone(), writing.formula(law)));
                }
                _ => parameters.push((name.clone(), writing.number(value))),
            }
        }
        let starts = self.initial.iter().map(|&value| writing.number(value));
        let slopes = writing.slopes(network);
        let species = names.species.iter().cloned().zip(starts).zip(slopes);
        let observables = network.observables.iter().map(|o| writing.formula(&o.value));
        Parts {
            name: about.name.clone(),
            notes: notes.iter().map(|note| format!("{mark} {note}\n")).collect(),
            parameters,
            derived,
            species: species.map(|((name, start), slope)| (name, start, slope)).collect(),
            observables: names.observables.iter().cloned().zip(observables).collect(),
        }
    }
}

/// A line for each pair.
fn each(all: &[(String, String)], line: impl Fn(&str, &str) -> String) -> String {
    all.iter().map(|(name, text)| line(name, text) + "\n").collect()
}

fn mrgsolve(parts: &Parts) -> String {
    let names: Vec<&str> = parts.species.iter().map(|(name, ..)| name.as_str()).collect();
    let starts = parts.species.iter().map(|(name, start, _)| format!("{name}_0 = {start};\n"));
    let slopes = parts.species.iter().map(|(name, _, slope)| format!("dxdt_{name} = {slope};\n"));
    let double = |name: &str, law: &str| format!("double {name} = {law};");
    format!(
        "$PROB {}\n{}\n$PARAM\n{}\n$CMT {}\n\n$MAIN\n{}\n$ODE\n{}{}{}\n$CAPTURE\n{}",
        parts.name,
        parts.notes,
        each(&parts.parameters, |name, value| format!("{name} = {value}")),
        names.join(" "),
        starts.collect::<String>(),
        each(&parts.derived, double),
        each(&parts.observables, double),
        slopes.collect::<String>(),
        each(&parts.observables, |name, _| name.into()),
    )
}

fn rxode2(parts: &Parts) -> String {
    let starts = parts.species.iter().map(|(name, start, _)| format!("  {name}(0) = {start}\n"));
    let slopes = parts.species.iter().map(|(name, _, slope)| format!("  d/dt({name}) = {slope}\n"));
    let line = |name: &str, law: &str| format!("  {name} = {law}");
    format!(
        "{}model <- rxode2::rxode2({{\n{}{}{}{}{}}})\n",
        parts.notes,
        each(&parts.parameters, line),
        each(&parts.derived, line),
        starts.collect::<String>(),
        slopes.collect::<String>(),
        each(&parts.observables, line),
    )
}

fn julia(parts: &Parts) -> String {
    let species: Vec<&str> = parts.species.iter().map(|(name, ..)| name.as_str()).collect();
    let starts: Vec<&str> = parts.species.iter().map(|(_, start, _)| start.as_str()).collect();
    let parameters: Vec<&str> = parts.parameters.iter().map(|(name, _)| name.as_str()).collect();
    let observables: Vec<&str> = parts.observables.iter().map(|(name, _)| name.as_str()).collect();
    let slopes = parts.species.iter().enumerate();
    let slopes = slopes.map(|(k, (_, _, slope))| format!("    du[{}] = {slope}\n", k + 1));
    let line = |name: &str, law: &str| format!("    {name} = {law}");
    let given = format!(
        "    (; {}) = p\n    ({},) = u\n{}",
        parameters.join(", "),
        species.join(", "),
        each(&parts.derived, line)
    );
    format!(
        "{}parameters = (;\n{})\n\nfunction equations!(du, u, p, t)\n{given}{}    nothing\nend\n\n\
         function observables(u, p, t)\n{given}{}    (; {})\nend\n\nstart = [{}]\n\n\
         # using DifferentialEquations\n\
         # solve(ODEProblem(equations!, start, (0.0, 1440.0), parameters), Rodas5P())\n",
        parts.notes,
        each(&parts.parameters, |name, value| format!("    {name} = {value},")),
        slopes.collect::<String>(),
        each(&parts.observables, line),
        observables.join(", "),
        starts.join(", "),
    )
}
