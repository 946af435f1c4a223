//! Times the engine on two workloads. `benches/peers/run` calls it together with the other solvers.
//!
//! - `il2-peers time w1|w2 PARAMETERS.csv [OPTIONS]`: CPU microseconds per trajectory
//! - `il2-peers stream LANES FILE.parquet`: writes W1 simulations to a Parquet file, with the peak
//!   memory use
//! - `il2-peers sensitivities [W1.csv W2.csv]`: cost of a sensitivity, relative to a plain solve
//! - `il2-peers figure RESULTS.json OUT.svg`: the work-precision figure
//!
//! Options of `time`: `--relative 3e-4 --absolute 3e-6 --interpreter --avx2 --threads 1 --lanes 1000
//! --repeat 1 --sensitivities 0 --out STATES.bin`.

mod figure;
mod sensitivities;
mod stream;
mod time;
mod w1;
mod w2;
mod workload;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["time", workload, table, options @ ..] => time::run(workload, table, options),
        ["stream", lanes, file] => stream::run(lanes.parse().expect("a number of lanes"), file),
        ["sensitivities", tables @ ..] => sensitivities::run(tables),
        ["figure", results, svg] => figure::draw(results, svg),
        _ => {
            eprintln!(
                "il2-peers time|stream|sensitivities|figure ...; see the head of its main.rs"
            );
            std::process::exit(2);
        }
    }
}
