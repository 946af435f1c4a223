//! Writes the results of any number of W1 simulations to a Parquet file, in bounded memory.

use crate::w1;
use il2_engine::ensemble::Reduced;
use il2_engine::{Backend, Ensemble, Program, Threads, Tolerance};
use il2_output::parquet::ParquetStream;
use il2_output::table::Table;
use std::fs::File;
use std::io::BufWriter;
use std::ops::ControlFlow;
use std::time::Instant;

/// Number of rows in a row group.
const GROUP: usize = 200_000;

/// Runs simulations on a grid of synthesis, affinity and dose, and writes the results of each.
pub fn run(lanes: usize, path: &str) {
    let workload = w1::workload();
    let program = Program::new(&workload.network, Backend::Fastest);
    let tolerance = Tolerance { relative: 3e-4, absolute: 3e-6, ..Tolerance::default() };
    let seen = ["L", "A", "LAB", "LBG", "LABG"];
    let places: Vec<usize> =
        seen.iter().map(|s| workload.network.species_named(s).expect("a species").0).collect();
    let mut columns = vec![("lane", false), ("time_min", false)];
    columns.extend(seen.iter().map(|s| (*s, false)));
    columns.push(("status", true));
    let mut table = Table::new("w1", &columns);
    let file = BufWriter::new(File::create(path).expect("writable"));
    let mut stream =
        ParquetStream::new(file, &table.name, &table.columns, &[]).expect("a Parquet file");
    // Values are spread over the ranges of the benchmark by a low-discrepancy sequence (Roberts
    // 2018).
    let make = |k: usize| {
        let part = |factor: f64| (0.5 + factor * k as f64).fract();
        let between = |low: f64, high: f64, part: f64| 10_f64.powf(low + (high - low) * part);
        let row = [
            between(-1.0, 2.5, part(0.819_172_513_396_164_4)),
            between(-2.0, 1.0, part(0.671_043_606_703_789_2)),
            between(2.78, 7.78, part(0.549_700_477_901_970_3)),
        ];
        (workload.lane)(&workload, &row)
    };
    let times = make(0).times;
    let start = Instant::now();
    let threads = Threads::offered();
    let ensemble = Ensemble { threads, ..Ensemble::new(&program, tolerance) };
    let _ = ensemble.run(0..lanes, make, Reduced::whole, |lane, answer| {
        let (states, status) = match answer {
            Ok(found) => (found.states, "ok".to_string()),
            Err(failure) => (vec![], failure.to_string()),
        };
        for (t, &time) in times.iter().enumerate() {
            let value = |&p: &usize| states.get(t).map_or(f64::NAN, |s| s[p]).into();
            let mut row = vec![(lane as f64).into(), time.into()];
            row.extend(places.iter().map(value));
            row.push(status.as_str().into());
            table.push(row);
        }
        if table.rows() >= GROUP {
            stream.push(&table.columns).expect("writable");
            table.clear();
        }
        ControlFlow::Continue(())
    });
    stream.push(&table.columns).expect("writable");
    stream.finish().expect("writable");
    println!(
        "{}",
        serde_json::json!({
            "lanes": lanes,
            "seconds": start.elapsed().as_secs_f64(),
            "file_mb": std::fs::metadata(path).map_or(0, |m| m.len()) / 1_000_000,
            "largest_memory_mb": largest_memory(),
        })
    );
}

/// Largest resident memory of this process so far, if the system reports it.
fn largest_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kb| kb / 1000)
}
