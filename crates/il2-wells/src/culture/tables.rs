//! Tables of a culture: the kinds over time, the ligands and their uptake, EC50s, divisions, and
//! the map.

use crate::culture::draws::Quantity;
use crate::culture::map::Map;
use crate::culture::near::UM;
use crate::culture::plan::Plan;
use crate::culture::run::Answer;
use crate::culture::sentence::falls_below;
use crate::culture::sources::by_source;
use il2::quantity::column_suffix;
use il2_answer::answer::status;
use il2_answer::curves::whereabouts;
use il2_engine::math;
use il2_output::column::Value;
use il2_output::table::Table;

/// Greatest number of divisions that has its own row; cells that divided more often are counted
/// with the last.
const MOST_DIVISIONS: u32 = 12;

/// Column with the number of draws behind an interval.
pub const SOLVED: &str = "draws_solved";

/// All tables of a well, the main one first.
pub fn tables(plan: &Plan, answer: &Answer) -> Vec<Table> {
    let mut all = vec![of_kinds(plan, answer), of_medium(plan, answer), of_shares(plan, answer)];
    all.extend(plan.followed.as_ref().map(|_| of_sources(plan, answer)));
    all.push(of_ec50(plan, answer));
    all.extend(plan.kinds.iter().any(|kind| kind.divides).then(|| of_divisions(plan, answer)));
    all.extend(plan.map.as_ref().map(|map| of_map(plan, answer, &map.ligand)));
    let curves = plan.map.as_ref().filter(|map| map.has_curves());
    all.extend(curves.map(|map| of_curves(plan, answer, map)));
    all
}

fn table(plan: &Plan, ending: &str, columns: &[(&str, bool)]) -> Table {
    let name = il2_answer::labels::named(&plan.file(), &[ending]).remove(0);
    Table::new(&name, columns)
}

/// Readouts of one cell that are columns of a kind.
fn of_one_cell(plan: &Plan) -> Vec<(String, String)> {
    let readouts = plan.kinds.first().map_or(&[][..], |kind| &kind.prepared.readouts);
    let own = readouts.iter().filter(|(name, _)| !name.ends_with("_medium"));
    own.map(|(name, d)| (name.clone(), format!("{name}{}", column_suffix(*d)))).collect()
}

/// Readouts of the concentration of each ligand at the surface of each kind, if diffusion is
/// modelled.
fn at_surface(plan: &Plan) -> Vec<(String, String)> {
    let ligands = plan.diffusion.iter().flat_map(|_| &plan.culture.ligands);
    let name = |ligand: &il2::culture::kinds::Free| format!("{}_at_surface", ligand.label);
    ligands.map(|ligand| (name(ligand), format!("{}_pm", name(ligand)))).collect()
}

fn of_kinds(plan: &Plan, answer: &Answer) -> Table {
    let readouts = of_one_cell(plan);
    let mut columns = vec![("kind", true), ("cell", true), ("time_min", false)];
    columns.extend([("cells", false), ("mean_divisions", false)]);
    columns.extend(readouts.iter().map(|(_, column)| (column.as_str(), false)));
    let met: Vec<(String, String)> = at_surface(plan);
    columns.extend(met.iter().map(|(_, column)| (column.as_str(), false)));
    let ends = if plan.draws.count > 0 { with_ends(plan) } else { vec![] };
    columns
        .extend(ends.iter().flat_map(|(_, _, both)| both).map(|column| (column.as_str(), false)));
    columns.extend((plan.draws.count > 0).then_some((SOLVED, false)));
    columns.push(("status", true));
    let mut table = table(plan, "", &columns);
    for (kind, _) in plan.present() {
        let place = |name: &str| plan.culture.readout(&format!("{}.{name}", kind.name));
        let places: Vec<Option<usize>> =
            readouts.iter().chain(&met).map(|(name, _)| place(name)).collect();
        let (cells, divisions) = (place("cells"), place("divisions"));
        for time in &plan.well.well.times {
            let row = answer.at_wanted().find(|(t, _, _)| t == time).map(|(_, row, _)| row);
            let value =
                |place: &Option<usize>| place.zip(row).map_or(f64::NAN, |(place, row)| row[place]);
            let mut made: Vec<Value> =
                vec![kind.name.as_str().into(), kind.cell.as_str().into(), (*time).into()];
            made.push((value(&cells) * plan.volume).into());
            // On average, live cells have undergone twice as many divisions as founders.
            let mean = divisions.map_or(0.0, |_| 2.0 * value(&divisions));
            made.push(mean.into());
            made.extend(places.iter().map(|place| Value::Number(value(place))));
            for (name, factor, _) in &ends {
                let of = place(name).map(Quantity::Readout);
                let spread = of.map(|of| answer.spread(&plan.draws, of, *time));
                let [low, high] = spread.map_or([f64::NAN; 2], |spread| [spread.low, spread.high]);
                made.extend([factor * low, factor * high].map(Value::Number));
            }
            made.extend((!ends.is_empty()).then(|| (answer.solved_draws() as f64).into()));
            let why = answer.ran.failure.as_ref().filter(|_| row.is_none());
            made.push(status(why).as_str().into());
            table.push(made);
        }
    }
    table
}

/// Readouts of a kind with intervals: the name, the factor to the value of the table, and the
/// columns of both ends.
fn with_ends(plan: &Plan) -> Vec<(String, f64, [String; 2])> {
    let signal = plan.kinds.first().map_or("pstat5", |kind| &kind.signal);
    let all = [(signal, 1.0), ("il2r_alpha_surface_total", 1.0), ("cells", plan.volume)];
    let column = |name: &str, end: &str| match name {
        "cells" => format!("cells_{end}"),
        name => format!("{name}{}_{end}", column_suffix(il2_engine::Dimension::PER_CELL)),
    };
    let of = |(name, factor): (&str, f64)| {
        (name.to_string(), factor, ["low", "high"].map(|end| column(name, end)))
    };
    all.into_iter().map(of).collect()
}

fn of_medium(plan: &Plan, answer: &Answer) -> Table {
    let columns = [
        "ligand",
        "time_min",
        "free_pm",
        "given_pm",
        "made_pm",
        "in_medium_pm",
        "taken_pm",
        "removed_pm",
        "lost_pm",
        "found_over_all",
        "reach_um",
    ];
    let columns = &columns[..columns.len() - usize::from(plan.diffusion.is_none())];
    let ends = ["free_low_pm", "free_high_pm", "part_taken_low", "part_taken_high", SOLVED];
    let ends = ends.iter().filter(|_| plan.draws.count > 0);
    let columns = columns.iter().chain(ends);
    let columns: Vec<(&str, bool)> = columns.map(|c| (*c, *c == "ligand")).collect();
    let mut table = table(plan, "medium", &columns);
    for (i, ligand) in plan.culture.ligands.iter().enumerate() {
        for (time, row, balances) in answer.at_wanted() {
            let b = &balances[i];
            let made: f64 = b.kinds.iter().map(|kind| kind.made).sum();
            let taken: f64 = b.kinds.iter().map(|kind| kind.taken()).sum();
            let numbers = [
                time,
                row[ligand.free.0],
                b.given,
                made,
                b.medium,
                taken,
                b.removed,
                b.lost,
                b.found() / b.all(),
            ];
            let mut made: Vec<Value> = vec![ligand.label.as_str().into()];
            made.extend(numbers.map(Value::Number));
            let reach = plan.culture.readout(&format!("{}_reach", ligand.label));
            made.extend(reach.map(|place| Value::Number(row[place] * UM)));
            if plan.draws.count > 0 {
                for of in [Quantity::Readout(ligand.free.0), Quantity::Used(i)] {
                    let spread = answer.spread(&plan.draws, of, time);
                    made.extend([spread.low, spread.high].map(Value::Number));
                }
                made.push((answer.solved_draws() as f64).into());
            }
            table.push(made);
        }
    }
    table
}

fn of_shares(plan: &Plan, answer: &Answer) -> Table {
    let columns = [
        ("ligand", true),
        ("kind", true),
        ("time_min", false),
        ("made_pm", false),
        ("held_pm", false),
        ("used_pm", false),
        ("taken_pm", false),
        ("part_of_taken", false),
        ("taken_low_pm", false),
        ("taken_high_pm", false),
        ("part_of_taken_low", false),
        ("part_of_taken_high", false),
        (SOLVED, false),
    ];
    let columns = if plan.draws.count > 0 { &columns[..] } else { &columns[..8] };
    let mut table = table(plan, "shares", columns);
    for (i, ligand) in plan.culture.ligands.iter().enumerate() {
        for (kind, place) in plan.present() {
            for (time, _, balances) in answer.at_wanted() {
                let share = balances[i].kinds[place];
                let part = balances[i].part(place).unwrap_or(f64::NAN);
                let numbers = [time, share.made, share.held, share.used, share.taken(), part];
                let mut row: Vec<Value> =
                    vec![ligand.label.as_str().into(), kind.name.as_str().into()];
                row.extend(numbers.map(Value::Number));
                if plan.draws.count > 0 {
                    let (ligand, kind) = (i, place);
                    for of in [Quantity::Taken { ligand, kind }, Quantity::Part { ligand, kind }] {
                        let spread = answer.spread(&plan.draws, of, time);
                        row.extend([spread.low, spread.high].map(Value::Number));
                    }
                    row.push((answer.solved_draws() as f64).into());
                }
                table.push(row);
            }
        }
    }
    table
}

/// What each kind has taken up of the molecules of each source.
fn of_sources(plan: &Plan, answer: &Answer) -> Table {
    let columns = [
        ("ligand", true),
        ("source", true),
        ("kind", true),
        ("time_min", false),
        ("taken_pm", false),
        ("part_of_source", false),
    ];
    let mut table = table(plan, "sources", &columns);
    for from in by_source(plan, answer) {
        let label = &plan.culture.ligands[from.ligand].label;
        for (kind, place) in plan.present() {
            for (i, time) in plan.well.well.times.iter().enumerate().take(from.taken.len()) {
                table.push(vec![
                    label.as_str().into(),
                    from.source.as_str().into(),
                    kind.name.as_str().into(),
                    (*time).into(),
                    from.taken[i][place].into(),
                    from.parts(i)[place].into(),
                ]);
            }
        }
    }
    table
}

fn of_ec50(plan: &Plan, answer: &Answer) -> Table {
    let columns = [
        ("kind", true),
        ("ligand", true),
        ("readout", true),
        ("time_min", false),
        ("ec50_pm", false),
        ("medium_below_from_min", false),
    ];
    let mut table = table(plan, "ec50", &columns);
    for ((kind, _), all) in plan.present().zip(&answer.ec50) {
        for (ligand, ec50) in plan.culture.ligands.iter().zip(all) {
            let below = ec50.and_then(|ec50| falls_below(answer, ligand.free.0, ec50));
            table.push(vec![
                kind.name.as_str().into(),
                ligand.label.as_str().into(),
                kind.signal.as_str().into(),
                plan.ec50_time.into(),
                ec50.unwrap_or(f64::NAN).into(),
                below.unwrap_or(f64::NAN).into(),
            ]);
        }
    }
    table
}

/// Fractions of the live cells by number of divisions, if founders divided `founders` times on
/// average; the last fraction includes all cells that divided more often.
pub fn by_division(founders: f64) -> Vec<f64> {
    let mean = 2.0 * founders;
    let mut part = math::exp(-mean);
    let mut all = vec![];
    for j in 0..MOST_DIVISIONS {
        all.push(part);
        part *= mean / f64::from(j + 1);
    }
    all.push((1.0 - all.iter().sum::<f64>()).max(0.0));
    all
}

/// Live cells of a kind in the well by number of divisions; none if the kind does not divide.
pub fn cells_by_division(plan: &Plan, place: usize, row: &[f64]) -> Vec<f64> {
    let mut all: Vec<f64> = vec![];
    for member in &plan.culture.kinds[place].members {
        let read =
            |name: &str| plan.culture.readout(&format!("{member}.{name}")).map(|place| row[place]);
        let (Some(founders), Some(cells)) = (read("divisions"), read("cells")) else { continue };
        let parts = by_division(founders);
        all.resize(parts.len(), 0.0);
        all.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part * cells * plan.volume);
    }
    all
}

fn of_divisions(plan: &Plan, answer: &Answer) -> Table {
    let columns = [
        ("kind", true),
        ("time_min", false),
        ("divisions", false),
        ("cells", false),
        ("part_of_cells", false),
    ];
    let mut table = table(plan, "divisions", &columns);
    for (kind, place) in plan.present().filter(|(kind, _)| kind.divides) {
        for (time, row, _) in answer.at_wanted() {
            let all = cells_by_division(plan, place, row);
            let sum: f64 = all.iter().sum();
            for (j, cells) in all.into_iter().enumerate() {
                let numbers = [time, j as f64, cells, cells / sum];
                let mut made: Vec<Value> = vec![kind.name.as_str().into()];
                made.extend(numbers.map(Value::Number));
                table.push(made);
            }
        }
    }
    table
}

fn of_map(plan: &Plan, answer: &Answer, ligand: &str) -> Table {
    let columns = [
        ("ligand", true),
        ("dose_pm", false),
        ("cells", false),
        ("time_min", false),
        ("free_pm", false),
        ("kind", true),
        ("signal_per_cell", false),
        ("cells_of_kind", false),
        ("part_of_taken", false),
        ("status", true),
    ];
    let mut table = table(plan, "map", &columns);
    for well in &answer.map {
        for ((kind, _), [signal, cells, part]) in plan.present().zip(&well.kinds) {
            table.push(vec![
                ligand.into(),
                well.dose.into(),
                well.cells.into(),
                plan.end().into(),
                well.free.into(),
                kind.name.as_str().into(),
                (*signal).into(),
                (*cells).into(),
                (*part).into(),
                status(well.failure.as_ref()).as_str().into(),
            ]);
        }
    }
    table
}

/// EC50s in terms of the dose at the start, for each number of cells of a map.
fn of_curves(plan: &Plan, answer: &Answer, map: &Map) -> Table {
    let columns = [
        ("ligand", true),
        ("cells", false),
        ("kind", true),
        ("readout", true),
        ("time_min", false),
        ("ec50_pm", false),
        ("ec50_is", true),
        ("top_per_cell", false),
    ];
    let mut table = table(plan, "map_ec50", &columns);
    for (cells, all) in map.cells.iter().zip(&answer.curves) {
        for ((kind, _), curve) in plan.present().zip(all) {
            table.push(vec![
                map.ligand.as_str().into(),
                (*cells).into(),
                kind.name.as_str().into(),
                kind.signal.as_str().into(),
                plan.end().into(),
                curve.ec50.value().unwrap_or(f64::NAN).into(),
                match map.without.is_some() && *cells == 0.0 && map.varies(&kind.name) {
                    true => "no cells of this kind".into(),
                    false => whereabouts(curve).as_str().into(),
                },
                curve.top.into(),
            ]);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_by_division_are_all_cells_and_have_twice_the_divisions_of_founders() {
        for founders in [0.0, 0.4, 2.0] {
            let all = by_division(founders);
            assert!((all.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            let mean: f64 = all.iter().enumerate().map(|(j, part)| j as f64 * part).sum();
            assert!((mean - 2.0 * founders).abs() < 2e-3, "{mean}");
        }
        assert_eq!(by_division(0.0)[0], 1.0);
    }

    #[test]
    fn generations_follow_from_cells_that_divide_at_a_rate() {
        // n_j' = p (2 n_(j-1) - n_j), integrated in small steps, compared with the closed form.
        let (p, steps) = (1.5, 200_000);
        let h = 1.0 / f64::from(steps);
        let mut n = [0.0_f64; 8];
        n[0] = 1.0;
        for _ in 0..steps {
            for j in (1..8).rev() {
                n[j] += h * p * (2.0 * n[j - 1] - n[j]);
            }
            n[0] -= h * p * n[0];
        }
        let all = by_division(p);
        for (j, cells) in n.iter().enumerate() {
            assert!((all[j] * math::exp(p) / cells - 1.0).abs() < 1e-3, "{j}");
        }
    }
}
