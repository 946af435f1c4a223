//! Sentences on the best and second-best ligand, and how certain this order is.

use crate::dose_response::answer::Answer;
use crate::dose_response::plan::Plan;
use crate::dose_response::rank_by::RankBy;
use crate::dose_response::ranking::rank::{Ranked, Ranking};
use il2::quantity::three_digits;
use il2_answer::labels::{cut, time_text, written};
use il2_answer::sentence::{Spread, concentration, percent};
use il2_engine::words::counted;

/// The answer in sentences.
pub fn sentences(plan: &Plan, by: &RankBy, answer: &Answer, ranking: &Ranking) -> Vec<String> {
    let reference = cut(&plan.reference, 20);
    let of = format!("{} after {}", written(&plan.readout), time_text(plan.times[ranking.time]));
    let all = ranking.ligands.len();
    let known = ranking.ligands.iter().filter(|l| l.score.at_least() > 0.0).count();
    let brackets = match plan.draws {
        0 => String::new(),
        _ => format!("; in parentheses: {} intervals", percent(plan.level)),
    };
    let Some(first) = ranking.ligands.first().filter(|_| known > 0) else {
        return vec![format!(
            "None of {} can be ranked by the EC50 of {of}, because none has EC50s on {reference} and \
             on another cell within its doses; widen the range of doses.",
            counted(all, "ligand")
        )];
    };
    let name = |ligand: &Ranked| cut(&ligand.ligand, 20);
    let size = |ligand: &Ranked| score(plan, by, answer, ranking, ligand);
    let ligands = counted(all, "ligand");
    let is = match by {
        RankBy::Potency => {
            format!("the most potent of {ligands} on {reference}, judged by the EC50 of {of}")
        }
        RankBy::Selectivity => format!(
            "the most selective of {ligands} for {reference}, judged by the lowest EC50 of {of} on \
             any other cell"
        ),
        RankBy::Against(cell) => format!(
            "the most selective of {ligands} for {reference} over {}, judged by the EC50 of {of}",
            cut(cell, 20)
        ),
    };
    let second = match ranking.ligands.get(1).filter(|_| known > 1) {
        None => "no other can be ranked".to_string(),
        Some(second) => {
            let sure = sure(plan, ranking, first);
            format!("second is {} ({}). {}", name(second), size(second), sure)
        }
    };
    let mut said = vec![format!("{} is {is}: {}; {second}.", name(first), size(first))];
    let mut rest = vec![];
    if *by != RankBy::Potency {
        let two = ranking.ligands.iter().take(known.min(2));
        let of_two = two.map(|l| format!("{} for {}", ec50(plan, answer, ranking, l), name(l)));
        let of_two = of_two.collect::<Vec<_>>().join(" and ");
        rest.push(format!("The EC50 on {reference} is {of_two}{brackets}."));
    } else if let Some(last) = said.last_mut().filter(|_| !brackets.is_empty()) {
        last.truncate(last.len() - 1);
        *last += &format!("{brackets}.");
    }
    if known < all {
        let one = |l: &Ranked| name(l);
        let names: Vec<String> = ranking.ligands[known..].iter().map(one).collect();
        rest.push(format!(
            "{} of {ligands} cannot be ranked, because the range of doses is too narrow: {}.",
            all - known,
            il2_answer::curves::first_of_table(&names)
        ));
    }
    said.extend(rest);
    said
}

/// The score of a ligand in words.
fn score(plan: &Plan, by: &RankBy, answer: &Answer, ranking: &Ranking, ligand: &Ranked) -> String {
    let spread = ligand.score.spread(plan.level);
    let on = match (by, &ligand.least) {
        (RankBy::Selectivity, Some(cell)) => format!(" on {}", cut(cell, 20)),
        _ => String::new(),
    };
    match *by == RankBy::Potency {
        true => ec50(plan, answer, ranking, ligand),
        false if spread.middle.is_finite() => format!("{}{on}", spread.said("-fold")),
        false => format!("at least {}-fold{on}", three_digits(ligand.score.at_least())),
    }
}

fn ec50(plan: &Plan, answer: &Answer, ranking: &Ranking, ligand: &Ranked) -> String {
    let spread = answer.ec50(plan, (ligand.pair, ranking.time));
    let curve = &answer.potencies[ligand.pair][ranking.time].curve;
    il2_answer::curves::why_none(curve).unwrap_or_else(|| concentration(spread))
}

/// The sentence on whether the first ligand is ahead of the second in the draws.
fn sure(plan: &Plan, ranking: &Ranking, first: &Ranked) -> String {
    if plan.draws == 0 {
        return "To see how certain this order is, set intervals = { draws = 40 }".into();
    }
    let draws = percent(first.first as f64 / plan.draws as f64);
    let lead = ranking.lead.unwrap_or(Spread::exact(f64::NAN));
    let size = match (lead.middle.is_finite(), lead.has_ends()) {
        (true, _) => format!(", {},", lead.said("-fold")),
        (false, true) => format!(", {}-fold,", lead.ends()),
        (false, false) => String::new(),
    };
    let verdict = match lead.excludes(1.0) {
        true => "is certain",
        false => "is not detectable",
    };
    format!(
        "The difference{size} {verdict}; {} is first in {draws} of the draws",
        cut(&first.ligand, 20)
    )
}
