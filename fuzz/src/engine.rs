//! Coverage-guided fuzzing of the engine: bytes become a small network with laws of every kind and
//! a simulation. Machine code and the interpreter must give the same bits. Where the reference
//! integrator is consistent with itself, the engine must agree with it.
#![no_main]

use il2_engine::reference::{simulate, system::System};
use il2_engine::{
    Backend, Change, Dimension, Ensemble, Event, Expression, Lane, Network, ParameterId, Program,
    SpeciesId, Tolerance, Trajectory,
};
use libfuzzer_sys::fuzz_target;

/// Reads numbers from the bytes; zeros when the bytes run out.
struct Source<'a>(std::slice::Iter<'a, u8>);

impl Source<'_> {
    fn below(&mut self, n: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or(0)) % n
    }

    /// A positive number between 1e-3 and 1e3.
    fn number(&mut self) -> f64 {
        10_f64.powf(self.below(61) as f64 / 10.0 - 3.0)
    }

    fn law(&mut self, species: usize, parameters: usize, depth: usize) -> Expression {
        let leaf = depth == 0;
        let one = || Expression::Number(1.0);
        match self.below(if leaf { 4 } else { 12 }) {
            0 => Expression::Number(self.number()),
            1 => Expression::Species(SpeciesId(self.below(species))),
            2 => Expression::Parameter(ParameterId(self.below(parameters))),
            3 => Expression::Time,
            kind => {
                let a = self.law(species, parameters, depth - 1);
                let b = self.law(species, parameters, depth - 1);
                match kind {
                    4 | 5 => a + b,
                    6 => a * b,
                    7 => a / (one() + b.clone() * b),
                    8 => Expression::Minimum(Box::new(a), Box::new(b)),
                    9 => Expression::Maximum(Box::new(a), Box::new(b)),
                    10 => Expression::Power(
                        Box::new(one() + a.clone() * a),
                        Box::new(Expression::Number(0.7)),
                    ),
                    _ => {
                        Expression::Exponential(Box::new(Expression::Number(-1.0) * a.clone() * a))
                    }
                }
            }
        }
    }
}

fn bits(found: &Trajectory) -> Vec<u64> {
    found.states.iter().flatten().map(|v| v.to_bits()).collect()
}

fuzz_target!(|bytes: &[u8]| {
    let mut source = Source(bytes.iter());
    let (species, parameters) = (1 + source.below(5), 1 + source.below(4));
    let mut n = Network::default();
    for s in 0..species {
        let id = n.add_species(format!("s{s}"), Dimension::DIMENSIONLESS);
        n.species[id.0].signed = true;
        n.species[id.0].initial = Expression::Number(source.number());
    }
    for p in 0..parameters {
        n.add_parameter(format!("p{p}"), Dimension::DIMENSIONLESS, source.number());
    }
    for r in 0..1 + source.below(6) {
        let (from, to) = (SpeciesId(source.below(species)), SpeciesId(source.below(species)));
        if source.below(2) == 0 {
            let constant = ParameterId(source.below(parameters));
            n.add_reaction(format!("r{r}"), &[from], &[to, to], constant);
        } else {
            let law = source.law(species, parameters, 3);
            n.add_law(format!("r{r}"), &[from], &[to], law);
        }
    }
    let values = n.parameter_values(&[]);
    let dose = Change::Add(SpeciesId(source.below(species)), source.number());
    let lane = Lane {
        initial: n.initial_state(&values),
        parameters: values,
        events: vec![Event::new(0.5, dose)],
        times: vec![0.25, 0.5, 0.75, 1.0],
        ..Lane::default()
    };
    let tolerance =
        |relative: f64| Tolerance { relative, absolute: relative * 1e-3, most_steps: 2_000 };
    let run = |backend: Backend| {
        let program = Program::new(&n, backend);
        Ensemble::new(&program, tolerance(1e-7)).run_all(std::slice::from_ref(&lane)).remove(0)
    };
    let (fast, plain) = (run(Backend::Fastest), run(Backend::Interpreter));
    match (&fast, &plain) {
        (Ok(a), Ok(b)) => assert_eq!(bits(a), bits(b)),
        (a, b) => assert_eq!(a.is_err(), b.is_err()),
    }
    let system = System::new(&n);
    let slow = |relative: f64| simulate(&system, &lane, tolerance(relative));
    if let (Ok(fast), Ok(slow), Ok(coarse)) = (fast, slow(1e-10), slow(1e-8)) {
        let all = fast.states.iter().zip(&slow.states).zip(&coarse.states);
        for ((a, b), c) in all.flat_map(|((a, b), c)| a.iter().zip(b).zip(c)) {
            // If the reference is inconsistent with itself, the network magnifies rounding errors.
            if (b - c).abs() <= 1e-6 * (b.abs() + 1e-3) {
                assert!((a - b).abs() <= 1e-3 * (b.abs() + 1e-3), "{a} {b}");
            }
        }
    }
});
