//! Microseconds per trajectory, excluding the time to read parameters and compile programs.

use crate::workload::Workload;
use crate::{w1, w2};
use il2_engine::ensemble::Reduced;
use il2_engine::network::ParameterId;
use il2_engine::{Backend, Ensemble, Program, Threads, Tolerance};
use std::ops::ControlFlow;
use std::time::Instant;

/// Rows of a table of parameters.
pub fn rows(workload: &Workload, path: &str) -> Vec<Vec<f64>> {
    let text = std::fs::read_to_string(path).expect("a table of parameters");
    assert!(text.starts_with(&workload.varied.join(",")), "the table has other columns");
    let row = |line: &str| line.split(',').map(|v| v.parse().expect("a number")).collect();
    text.lines().skip(1).map(row).collect()
}

/// Times one workload and prints one line of JSON for every repeat.
pub fn run(name: &str, table: &str, options: &[&str]) {
    let option = |name: &str| {
        let at = options.iter().position(|a| *a == name)?;
        options.get(at + 1).copied()
    };
    let number = |name: &str, or: f64| option(name).map_or(or, |v| v.parse().expect(name));
    let workload = if name == "w1" { w1::workload() } else { w2::workload() };
    let rows = rows(&workload, table);
    let backend = match () {
        () if options.contains(&"--interpreter") => Backend::Interpreter,
        () if options.contains(&"--avx2") => Backend::Avx2,
        () => Backend::Fastest,
    };
    let by: Vec<ParameterId> =
        (0..number("--sensitivities", 0.0) as usize).map(ParameterId).collect();
    let start = Instant::now();
    let program = Program::with_sensitivities(&workload.network, &by, backend);
    let compiled = start.elapsed();
    let tolerance = Tolerance {
        relative: number("--relative", 3e-4),
        absolute: number("--absolute", 3e-6),
        ..Tolerance::default()
    };
    let threads = Threads::new(number("--threads", 1.0) as usize);
    let ensemble = Ensemble { threads, ..Ensemble::new(&program, tolerance) };
    let lanes = number("--lanes", rows.len() as f64) as usize;
    for _ in 0..number("--repeat", 1.0) as usize {
        let keep = option("--out").is_some();
        let mut found = vec![];
        let (mut steps, mut rejected, mut failed) = (0, 0, 0);
        let start = Instant::now();
        let make = |k: usize| (workload.lane)(&workload, &rows[k % rows.len()]);
        let _ = ensemble.run(0..lanes, make, Reduced::whole, |k, answer| {
            match answer {
                Ok(trajectory) => {
                    steps += trajectory.steps;
                    rejected += trajectory.rejected;
                    if keep {
                        found.push(trajectory.states);
                    }
                }
                Err(failure) => {
                    failed += 1;
                    eprintln!("lane {k}: {failure}");
                }
            }
            ControlFlow::Continue(())
        });
        let seconds = start.elapsed().as_secs_f64();
        let answer = serde_json::json!({
            "workload": name,
            "backend": format!("{backend:?}"),
            "native": program.is_native(),
            "threads": threads.count(),
            "us": seconds * 1e6 / lanes as f64,
            "steps": steps as f64 / lanes as f64,
            "rejected": rejected as f64 / lanes as f64,
            "failed": failed,
            "operations": program.operations(),
            "compile_ms": compiled.as_secs_f64() * 1e3,
            "sensitivities": by.len(),
        });
        println!("{answer}");
        if let Some(path) = option("--out") {
            let all = found.iter().flatten().flatten();
            let bytes: Vec<u8> = all.flat_map(|v: &f64| v.to_le_bytes()).collect();
            std::fs::write(path, bytes).expect("writable");
        }
    }
}
