//! The ranked ligands on the terminal, at most 100 columns wide.

use crate::dose_response::answer::Answer;
use crate::dose_response::plan::Plan;
use crate::dose_response::rank_by::RankBy;
use crate::dose_response::ranking::rank::{Bounded, Ranked, Ranking};
use crate::dose_response::text::{ends, what_is_drawn};
use il2::quantity::{readable_concentration, three_digits};
use il2_answer::labels::{MOST_TOLD, WIDTH, cut, time_text, written};
use il2_answer::sentence::Spread;
use il2_engine::words::counted;

/// Width of a column of ratios to one cell.
const RATIO: usize = 11;

/// The ranked ligands, one per line, followed by their ratios for each cell.
pub fn text(plan: &Plan, by: &RankBy, answer: &Answer, ranking: &Ranking) -> String {
    let time = time_text(plan.times[ranking.time]);
    let of = written(&plan.readout);
    let reference = cut(&plan.reference, 18);
    let what = match by {
        RankBy::Potency => format!("potency at {time}: EC50 of {of} on {reference}"),
        RankBy::Selectivity => {
            format!(
                "selectivity at {time}: lowest EC50 of {of} on another cell / EC50 on {reference}"
            )
        }
        RankBy::Against(cell) => {
            let other = cut(cell, 18);
            format!("selectivity at {time}: EC50 of {of} on {other} / EC50 on {reference}")
        }
    };
    let mut out = format!("Ranked by {what}\n");
    let shown = &ranking.ligands[..ranking.ligands.len().min(MOST_TOLD)];
    let longest = shown.iter().map(|l| l.ligand.chars().count()).max().unwrap_or(0);
    let lw = longest.clamp(6, 16);
    let interval = match plan.draws {
        0 => String::new(),
        _ => format!("{:.0} % interval", plan.level * 100.0),
    };
    let selective = *by != RankBy::Potency;
    let mut head = format!("rank  {:<lw$}  {:>10}  {interval:<22}", "ligand", "EC50");
    if selective {
        head += &format!("  {:>9}  {interval:<16}  lowest on", "ratio");
    }
    out += &format!("{}\n", head.trim_end());
    for ligand in shown {
        let mut line = own(plan, answer, ranking, ligand, lw);
        if selective {
            let spread = ligand.score.spread(plan.level);
            let least = ligand.least.as_deref().unwrap_or("");
            let (ratio, interval) = (ratio(&ligand.score), interval_of(spread));
            line += &format!("  {ratio:>9}  {interval:<16}  {}", cut(least, 9));
        }
        out += &format!("{}\n", line.trim_end());
    }
    if shown.iter().any(|ligand| ligand.score.at_least() > 0.0 && !ligand.decided) {
        out +=
            "?: placed by its lower bound, because the range of doses does not decide this rank\n";
    }
    out += &by_cell(plan, shown, lw);
    let more = match ranking.ligands.len() - shown.len() {
        0 => String::new(),
        more => format!("{} and ", counted(more, "more ligand")),
    };
    let name = &plan.name;
    out += &format!(
        "{more}intervals of all ratios are in {name}_ranking.csv, all EC50s in {name}_ec50.csv\n"
    );
    if plan.draws > 0 {
        out += &what_is_drawn(plan);
    }
    out
}

/// Rank, name and EC50 of a ligand.
fn own(plan: &Plan, answer: &Answer, ranking: &Ranking, ligand: &Ranked, lw: usize) -> String {
    let ec50 = answer.ec50(plan, (ligand.pair, ranking.time));
    let potency = &answer.potencies[ligand.pair][ranking.time];
    let rank = match (ligand.score.at_least() > 0.0, ligand.decided) {
        (true, true) => ligand.rank.to_string(),
        (true, false) => format!("{}?", ligand.rank),
        (false, _) => "-".into(),
    };
    let (middle, ends) = match ec50.middle.is_finite() {
        true => (readable_concentration(ec50.middle), ends(plan, potency, ec50)),
        false => ("-".into(), cut(&il2_answer::curves::whereabouts(&potency.curve), 22)),
    };
    format!("{rank:>4}  {:<lw$}  {middle:>10}  {ends:<22}", cut(&ligand.ligand, lw))
}

/// The ratios of every ligand to each other cell, with as many cells side by side as fit.
fn by_cell(plan: &Plan, shown: &[Ranked], lw: usize) -> String {
    let cells: Vec<&str> = shown[0].over.iter().map(|(cell, _)| cell.as_str()).collect();
    if cells.len() < 2 {
        return String::new();
    }
    let mut out =
        format!("EC50 on each other cell, divided by that on {}\n", cut(&plan.reference, 40));
    let at_once = (WIDTH - lw) / (RATIO + 1);
    for (block, some) in cells.chunks(at_once).enumerate() {
        let head = some.iter().map(|cell| format!(" {:>RATIO$}", cut(cell, RATIO)));
        out += &format!("{:<lw$}{}\n", "ligand", head.collect::<String>());
        for ligand in shown {
            let ratios = &ligand.over[block * at_once..][..some.len()];
            let ratios = ratios.iter().map(|(_, r)| format!(" {:>RATIO$}", ratio(r)));
            out += &format!("{:<lw$}{}\n", cut(&ligand.ligand, lw), ratios.collect::<String>());
        }
    }
    out
}

/// A ratio, or its lower bound: `12.3x`, `>12.3x`.
fn ratio(of: &Bounded) -> String {
    match of.value {
        Some((low, high)) if low == high => format!("{}x", three_digits(low)),
        Some((low, high)) if low > 0.0 && high.is_infinite() => format!(">{}x", three_digits(low)),
        Some((low, high)) if low == 0.0 && high.is_finite() => format!("<{}x", three_digits(high)),
        Some((low, high)) if low > 0.0 => format!("{}-{}x", three_digits(low), three_digits(high)),
        _ => "-".into(),
    }
}

/// The ends of the interval of a ratio.
fn interval_of(spread: Spread) -> String {
    let at = three_digits;
    match (spread.low.is_finite(), spread.high.is_finite()) {
        (true, true) => format!("{} .. {}", at(spread.low), at(spread.high)),
        (true, false) => format!("at least {}", at(spread.low)),
        (false, true) => format!("at most {}", at(spread.high)),
        (false, false) => String::new(),
    }
}
