//! Sentences on the fraction of positive cells.

use crate::dose_response::plan::Plan;
use crate::dose_response::single_cells::plan::{Gate, SingleCells};
use crate::dose_response::single_cells::run::Population;
use il2::quantity::{base_unit, readable_concentration, three_digits};
use il2_answer::labels::{cut, time_text, written};
use il2_answer::sentence::{listed, number, percent};
use il2_engine::words::counted;

/// Largest number of ligands, and most cells, in the sentences; the table has all of them.
const MOST: usize = 3;

/// A sentence for each of the first populations, at the last time.
pub fn sentences(plan: &Plan, asked: &SingleCells, all: &[Vec<Population>]) -> Vec<String> {
    let mut cells: Vec<&str> = vec![];
    for (pair, of) in plan.pairs.iter().zip(all) {
        if !of.is_empty() && !cells.contains(&pair.cell.as_str()) {
            cells.push(&pair.cell);
        }
    }
    cells.into_iter().take(MOST).map(|cell| one(plan, asked, all, cell)).collect()
}

fn one(plan: &Plan, asked: &SingleCells, all: &[Vec<Population>], cell: &str) -> String {
    let of_cell = plan.pairs.iter().zip(all).filter(|(pair, _)| pair.cell == cell);
    let known: Vec<_> = of_cell.filter_map(|(pair, of)| Some((pair, of.last()?))).collect();
    let gate = known.first().map_or(f64::NAN, |(_, population)| population.gate);
    let response = format!("{} {}", three_digits(gate), base_unit(plan.dimension));
    let gate = match asked.gate {
        Gate::Response(_) => format!("above {}", response.trim_end()),
        Gate::Part(part) => {
            let part = number(100.0 * part);
            format!("above {}, {part} % of their largest mean", response.trim_end())
        }
    };
    let told = known.iter().take(MOST).enumerate().map(|(place, (pair, population))| {
        let name = cut(&pair.ligand, 20);
        let them = match place {
            0 => format!("the single {} cells", cut(cell, 20)),
            _ => "them".into(),
        };
        let positive = |dose: usize| population.doses[dose].positive;
        let last = positive(pair.doses.len());
        match population.half_positive(&pair.doses) {
            Some(dose) => {
                let dose = readable_concentration(dose);
                format!(
                    "{dose} of {name} make half of {them} positive ({} at the highest dose)",
                    percent(last)
                )
            }
            None if positive(1) >= 0.5 => {
                format!(
                    "at the lowest dose of {name}, {} of {them} are already positive",
                    percent(positive(1))
                )
            }
            None => {
                let most = (0..=pair.doses.len()).map(positive).fold(0.0, f64::max);
                format!(
                    "no dose of {name} makes half of {them} positive (at most {})",
                    percent(most)
                )
            }
        }
    });
    let more = match known.len().saturating_sub(MOST) {
        0 => String::new(),
        more => {
            format!("; for {}, see {}_cells.csv", counted(more, "more ligand"), plan.name)
        }
    };
    format!(
        "After {} ({} {gate}), {}{more}.",
        time_text(plan.times[plan.times.len() - 1]),
        written(&plan.readout),
        listed(&told.collect::<Vec<_>>())
    )
}
