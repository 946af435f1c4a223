//! Sentences on the best and second-best ligand, and how certain this order is.

use crate::dose_response::answer::Answer;
use crate::dose_response::plan::Plan;
use crate::dose_response::rank_by::RankBy;
use crate::dose_response::ranking::rank::{Ranked, Ranking};
use il2::quantity::three_digits;
use il2_answer::labels::{cut, time_text, written};
use il2_answer::sentence::{Spread, concentration, percent};
use il2_engine::words::counted;
use il2_inference::survival::proportions::wilson;

/// The answer in sentences.
pub fn sentences(plan: &Plan, by: &RankBy, answer: &Answer, ranking: &Ranking) -> Vec<String> {
    let reference = cut(&plan.reference, 20);
    let of = format!("{} after {}", written(&plan.readout), time_text(plan.times[ranking.time]));
    let all = ranking.ligands.len();
    let known = ranking.ligands.iter().filter(|l| l.score.at_least() > 0.0).count();
    let Some(first) = ranking.ligands.first().filter(|_| known > 0) else {
        return vec![format!(
            "None of {} can be ranked by the EC50 of {of}, because none has EC50s on {reference} and \
             on another cell within its doses; widen the range of doses.",
            counted(all, "ligand")
        )];
    };
    let name = |ligand: &Ranked| cut(&ligand.ligand, 20);
    let size = |ligand: &Ranked| score(plan, by, answer, ranking, ligand);
    let ligands = match known < all {
        true => format!("the {known} of {} that can be ranked", counted(all, "ligand")),
        false => counted(all, "ligand"),
    };
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
    let sure = sure(plan, ranking, first);
    let mut said = vec![match ranking.ligands.get(1).filter(|_| known > 1) {
        None => {
            format!("{} is {is}: {}; no other can be ranked.", name(first), size(first))
        }
        // Bounds of two ligands that overlap.
        Some(second) if !first.decided => format!(
            "The doses do not decide which is {is}: {} ({}), {} ({}) or another; widen the range of \
             doses. {}.",
            name(first),
            size(first),
            name(second),
            size(second),
            in_draws(plan, ranking, first)
        ),
        Some(second) if second.rank == first.rank => format!(
            "{} and {} are equal and {is}: {}. {sure}.",
            name(first),
            name(second),
            size(first)
        ),
        Some(second) => format!(
            "{} is {is}: {}; second is {} ({}). {sure}.",
            name(first),
            size(first),
            name(second),
            size(second)
        ),
    }];
    let two = || ranking.ligands.iter().take(known.min(2));
    let has = |spread: Spread| spread.middle.is_finite() && spread.has_ends();
    let of_ec50s = two().any(|l| has(answer.ec50(plan, (l.pair, ranking.time))));
    let of_scores = *by != RankBy::Potency && two().any(|l| has(l.score.spread(plan.level)));
    let brackets = match plan.draws > 0 && (of_ec50s || of_scores) {
        false => String::new(),
        true => format!("; in parentheses: {} intervals", percent(plan.level)),
    };
    let mut rest = vec![];
    if *by != RankBy::Potency {
        let of_two = two().map(|l| format!("{} for {}", ec50(plan, answer, ranking, l), name(l)));
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
            "{} of {} cannot be ranked, because the range of doses is too narrow: {}.",
            all - known,
            counted(all, "ligand"),
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

/// Part of the draws in which a ligand is the first, with its interval over other sets of as many
/// draws (95 %); NaN without draws.
pub fn first_in_draws(plan: &Plan, ligand: &Ranked) -> Spread {
    let part = ligand.first / plan.draws as f64;
    match wilson(ligand.first.round() as u64, plan.draws as u64, 0.95) {
        Ok(of) => Spread { middle: part, low: of.low.min(part), high: of.high.max(part) },
        Err(_) => Spread::exact(f64::NAN),
    }
}

/// In how many draws the first ligand is the first.
fn in_draws(plan: &Plan, ranking: &Ranking, first: &Ranked) -> String {
    if plan.draws == 0 {
        return MORE.into();
    }
    let (name, draws) = (cut(&first.ligand, 20), plan.draws);
    let Spread { middle, low, high } = first_in_draws(plan, first);
    let whole = |part: f64| format!("{:.0}", 100.0 * part);
    let undecided = match ranking.undecided {
        0 => String::new(),
        n => format!("; in {} the doses do not decide", percent(n as f64 / draws as f64)),
    };
    format!(
        "{name} is first in {} of {draws} draws (with more draws, {} to {} %){undecided}",
        percent(middle),
        whole(low),
        whole(high)
    )
}

/// What to set if a study has no intervals.
const MORE: &str = "To see how certain this order is, set intervals = { draws = 40 }";

/// The sentence on whether the first ligand is ahead of the second in the draws.
fn sure(plan: &Plan, ranking: &Ranking, first: &Ranked) -> String {
    if plan.draws == 0 {
        return MORE.into();
    }
    let lead = ranking.lead.unwrap_or(Spread::exact(f64::NAN));
    let size = match (lead.middle.is_finite(), lead.has_ends()) {
        (true, _) => format!(", {},", lead.said("-fold")),
        (false, true) => format!(", {}-fold,", lead.ends()),
        (false, false) => String::new(),
    };
    // An end of an interval needs a draw beyond it.
    let least = (2.0 / (1.0 - plan.level) - 1e-9).ceil() as usize;
    let verdict = match lead.excludes(1.0) {
        _ if plan.draws < least => {
            format!("cannot be judged from {} draws (set at least {least})", plan.draws)
        }
        true => format!("is detectable, because its {} interval excludes 1", percent(plan.level)),
        false => "is not detectable".into(),
    };
    format!("The difference{size} {verdict}; {}", in_draws(plan, ranking, first))
}
