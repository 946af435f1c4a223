//! `il2-peers w1|w2 PARAMETERS.csv [--relative 1e-5] [--absolute 1e-7] [--interpreter] [--threads 1]
//! [--repeat 3] [--out FILE]`: microseconds of CPU time a trajectory, and the states as raw doubles.

mod w1;
mod w2;
mod workload;

use il2_engine::ensemble::Ensemble;
use il2_engine::lane::Tolerance;
use il2_engine::network::ParameterId;
use il2_engine::program::{Backend, Program};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::time::Instant;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let option = |name: &str| {
        let at = arguments.iter().position(|a| a == name)?;
        arguments.get(at + 1).cloned()
    };
    let number = |name: &str, or: f64| option(name).map_or(or, |v| v.parse().expect(name));
    let has = |name: &str| arguments.iter().any(|a| a == name);
    let workload = if arguments[0] == "w1" { w1::workload() } else { w2::workload() };
    let text = std::fs::read_to_string(&arguments[1]).expect("a table of parameters");
    let rows: Vec<Vec<f64>> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(|v| v.parse().expect("a number")).collect())
        .collect();
    assert!(text.starts_with(&workload.varied.join(",")), "the table has other columns");
    let backend = match () {
        () if has("--interpreter") => Backend::Interpreter,
        () if has("--avx2") => Backend::Avx2,
        () => Backend::Fastest,
    };
    let start = Instant::now();
    let by: Vec<ParameterId> =
        (0..number("--sensitivities", 0.0) as usize).map(ParameterId).collect();
    let program = Program::with_sensitivities(&workload.network, &by, backend);
    let compile = start.elapsed();
    let tolerance = Tolerance {
        relative: number("--relative", 1e-5),
        absolute: number("--absolute", 1e-7),
        ..Tolerance::default()
    };
    let threads = NonZeroUsize::new(number("--threads", 1.0) as usize);
    let ensemble = Ensemble { program: &program, tolerance, threads };
    let lanes = number("--lanes", rows.len() as f64) as usize;
    let mut best = f64::INFINITY;
    for _ in 0..number("--repeat", 3.0) as usize {
        let mut found = vec![vec![]; lanes];
        let (mut steps, mut rejected, mut failed) = (0, 0, 0);
        let start = Instant::now();
        let make = |k: usize| (workload.lane)(&workload, &rows[k % rows.len()]);
        let _ = ensemble.run(0..lanes, make, |k, answer| {
            match answer {
                Ok(trajectory) => {
                    steps += trajectory.steps;
                    rejected += trajectory.rejected;
                    found[k] = trajectory.states;
                }
                Err(failure) => {
                    failed += 1;
                    eprintln!("lane {k}: {failure}");
                }
            }
            ControlFlow::Continue(())
        });
        let each = start.elapsed().as_secs_f64() * 1e6 / lanes as f64;
        best = best.min(each);
        println!(
            "{} {:?}: {each:.1} us a trajectory, steps {:.1}, rejected {:.1}, failed {failed}, {:?} \
             operations, compiled in {:.1} ms",
            arguments[0],
            backend,
            steps as f64 / lanes as f64,
            rejected as f64 / lanes as f64,
            program.operations(),
            compile.as_secs_f64() * 1e3
        );
        if let Some(path) = option("--out") {
            let bytes: Vec<u8> =
                found.iter().flatten().flatten().flat_map(|v| v.to_le_bytes()).collect();
            std::fs::write(path, bytes).expect("writable");
        }
    }
}
