//! The ranked ligands as a table.

use crate::dose_response::answer::Answer;
use crate::dose_response::plan::Plan;
use crate::dose_response::ranking::rank::Ranking;
use crate::dose_response::ranking::sentence::first_in_draws;
use il2_answer::curves;
use il2_answer::sentence::Spread;
use il2_output::column::Value;
use il2_output::table::Table;

/// Every ligand with its rank, at every time.
pub fn table(plan: &Plan, answer: &Answer, rankings: &[Ranking]) -> Table {
    let cells: Vec<&String> = rankings[0].ligands[0].over.iter().map(|(cell, _)| cell).collect();
    let over = |end: &'static str| {
        let reference = &plan.reference;
        cells.iter().map(move |cell| (format!("{cell}_over_{reference}{end}"), false))
    };
    let fixed = [
        ("time_min", false),
        ("rank", false),
        ("ligand", true),
        ("ec50_pm", false),
        ("ec50_low_pm", false),
        ("ec50_high_pm", false),
        ("ec50_is", true),
        ("selectivity_at_least", false),
        ("selectivity_at_most", false),
        ("selectivity_low", false),
        ("selectivity_high", false),
        ("least_on", true),
        ("first_in_draws", false),
        ("first_in_draws_low", false),
        ("first_in_draws_high", false),
        ("rank_is", true),
    ];
    let mut columns: Vec<(String, bool)> = fixed.map(|(n, text)| (n.to_string(), text)).to_vec();
    columns.extend(over("").zip(over("_low")).zip(over("_high")).flat_map(|((a, b), c)| [a, b, c]));
    let columns: Vec<(&str, bool)> = columns.iter().map(|(n, text)| (n.as_str(), *text)).collect();
    let mut table = Table::new(&format!("{}_ranking", plan.name), &columns);
    let finite = |v: f64| if v.is_finite() { v } else { f64::NAN };
    let ends = |spread: Spread| [spread.low, spread.high].map(finite).map(Value::from);
    for ranking in rankings {
        for ligand in &ranking.ligands {
            let ec50 = answer.ec50(plan, (ligand.pair, ranking.time));
            let curve = &answer.potencies[ligand.pair][ranking.time].curve;
            let known = ligand.score.at_least() > 0.0;
            let score = ligand.selectivity();
            let (low, high) = score.and_then(|s| s.value).unwrap_or((f64::NAN, f64::NAN));
            let mut row: Vec<Value> = vec![
                plan.times[ranking.time].into(),
                (if known { ligand.rank as f64 } else { f64::NAN }).into(),
                ligand.ligand.as_str().into(),
                ec50.middle.into(),
            ];
            row.extend(ends(ec50));
            row.push(curves::whereabouts(curve).as_str().into());
            row.extend([if low > 0.0 { low } else { f64::NAN }, finite(high)].map(Value::from));
            row.extend(ends(score.map_or(Spread::exact(f64::NAN), |s| s.spread(plan.level))));
            row.push(ligand.least.as_deref().unwrap_or("").into());
            let first = first_in_draws(plan, ligand);
            row.extend([first.middle, first.low, first.high].map(Value::from));
            row.push((if known && !ligand.decided { "by lower bound" } else { "" }).into());
            for (_, ratio) in &ligand.over {
                let spread = ratio.spread(plan.level);
                row.push(spread.middle.into());
                row.extend(ends(spread));
            }
            table.push(row);
        }
    }
    table
}
