//! The answer of a culture in sentences: which kinds took up the ligand, when it was depleted and
//! for which kinds, and which kinds expanded.

use crate::culture::draws::{Quantity, between, share};
use crate::culture::kind::PlannedKind;
use crate::culture::map::Map;
use crate::culture::near::UM;
use crate::culture::plan::Plan;
use crate::culture::run::{Answer, HIGHEST};
use crate::culture::sources::by_source;
use crate::culture::spreads::what_varies;
use il2_answer::labels::time_text;
use il2_answer::sentence::{Spread, concentration, listed, number, percent, span};

/// Smaller amounts of a ligand (pM) are within the solver error and do not count as taken up.
pub const LEAST_TAKEN: f64 = 1e-6;

/// What a well-mixed medium cannot represent.
pub const WELL_MIXED: &str = "The model assumes a well-mixed medium, in which a secreting cell is \
     exposed to no more of its own ligand than other cells are. A secreting cell that touches \
     another cell would retain more of it, so autocrine shares are lower limits.";

/// The answer of a well in sentences.
pub fn sentences(plan: &Plan, answer: &Answer) -> Vec<String> {
    if let Some(why) = &answer.ran.failure {
        return vec![format!("The simulation of the culture failed: {why}.")];
    }
    let mut all: Vec<String> = (0..plan.culture.ligands.len())
        .filter_map(|ligand| of_ligand(plan, answer, ligand))
        .collect();
    all.extend(near_cells(plan, answer));
    all.extend(growth(plan, answer));
    all.extend(what_varies(plan));
    all.extend(plan.map.as_ref().and_then(|map| ec50_in_wells(plan, answer, map)));
    all
}

/// How the EC50s of a map depend on the number of cells in the well.
fn ec50_in_wells(plan: &Plan, answer: &Answer, map: &Map) -> Option<String> {
    let (few, many) = (answer.curves.first()?, answer.curves.last()?);
    let (least, most) = (map.cells.first()?, map.cells.last()?);
    let of = |(i, (kind, _)): (usize, (&PlannedKind, usize))| {
        let ends = [few, many].map(|all| all[i].ec50.value());
        let [Some(low), Some(high)] = ends else { return None };
        let [low, high] = [low, high].map(|pm| concentration(Spread::exact(pm)));
        Some(format!("{} {low} and {high}", kind.name))
    };
    let all: Vec<String> = plan.present().enumerate().filter_map(of).collect();
    let otherwise = plan.medium.changes() || plan.kinds.iter().any(|k| k.secretes.is_some());
    (!all.is_empty() && least < most).then(|| {
        format!(
            "With {} and {} {} in the well, the EC50s of {} at {}, given as doses at the start{}, \
             are: {}.",
            number(*least),
            number(*most),
            map.of_cells(),
            map.ligand,
            time_text(plan.end()),
            if otherwise { " in addition to later or secreted ligand" } else { "" },
            all.join("; ")
        )
    })
}

/// Time (min) from which a concentration stays below a level until the end, zero if it always was;
/// none if it is above the level at the end.
pub fn falls_below(answer: &Answer, place: usize, level: f64) -> Option<f64> {
    let last = below_level(answer, place, level).pop()?;
    let end = answer.course(place).last()?.0;
    (last[1] == end).then_some(last[0])
}

/// The intervals (min) in which a concentration is below a level.
fn below_level(answer: &Answer, place: usize, level: f64) -> Vec<[f64; 2]> {
    let all: Vec<(f64, f64)> = answer.course(place).collect();
    let mut found: Vec<[f64; 2]> = vec![];
    for pair in all.windows(2) {
        let [(from, before), (to, after)] = [pair[0], pair[1]];
        let crossing =
            || from + ((before - level) / (before - after)).clamp(0.0, 1.0) * (to - from);
        let [start, end] = match (before < level, after < level) {
            (true, true) => [from, to],
            (true, false) => [from, crossing()],
            (false, true) => [crossing(), to],
            (false, false) => continue,
        };
        match found.last_mut() {
            Some(last) if last[1] == start => last[1] = end,
            _ => found.push([start, end]),
        }
    }
    found
}

fn of_ligand(plan: &Plan, answer: &Answer, ligand: usize) -> Option<String> {
    let label = &plan.culture.ligands[ligand].label;
    let free = plan.culture.ligands[ligand].free.0;
    let (end, last) = answer.balances(ligand).last()?;
    let taken: f64 = last.kinds.iter().map(|kind| kind.taken()).sum();
    if last.all() <= 0.0 {
        return None;
    }
    let by = time_text(end);
    if taken < LEAST_TAKEN {
        return Some(format!("No kind of cell had taken up {label} by {by}."));
    }
    let shares = parts(plan, answer, ligand, end);
    let made: f64 = last.kinds.iter().map(|kind| kind.made).sum();
    let exact = |pm: f64| concentration(Spread::exact(pm));
    let source = match (last.given > 0.0, made > 0.0) {
        (true, false) => format!("{} was given, of which", exact(last.given)),
        (false, _) => format!("{} was secreted, of which", exact(made)),
        (true, true) => {
            format!("{} was given and {} secreted; of this total,", exact(last.given), exact(made))
        }
    };
    let used_by_all = share(answer.spread(&plan.draws, Quantity::Used(ligand), end));
    let mut text = format!("{label}: {source} cells had taken up {used_by_all} by {by} ({shares})");
    if let Some(half) = gone(plan, answer, ligand, 0.5) {
        text += &format!("; half of the dose had left the medium after {}", spans(half));
        if let Some(most) = gone(plan, answer, ligand, 0.9) {
            text += &format!(" and 90 % after {}", spans(most));
        }
    }
    text += &below(plan, answer, ligand, free);
    for (kind, place) in plan.present() {
        let made = last.kinds[place].made;
        if kind.secretes.as_ref() == Some(label) && made > 0.0 {
            let own = Quantity::Part { ligand, kind: place };
            let own = share(answer.spread(&plan.draws, own, end));
            // If the ligand has other sources, the molecules that these cells take up are in part
            // those of others, and their share of the uptake is not autocrine.
            let (whole, autocrine) = match made < last.all() {
                true => (
                    format!("{} of the {label}", percent(made / last.all())),
                    of_its_own(plan, answer, ligand, kind),
                ),
                false => (format!("all {label}"), " (autocrine share)".into()),
            };
            text += &format!(
                "; {}, which secreted {whole}, accounts for {own} of the uptake{autocrine}",
                kind.name
            );
        }
    }
    Some(text + ".")
}

/// Who took up the molecules that a kind secreted, if others were secreted or given.
fn of_its_own(plan: &Plan, answer: &Answer, ligand: usize, kind: &PlannedKind) -> String {
    let all = by_source(plan, answer);
    let own = all.iter().find(|from| from.ligand == ligand && from.source == kind.name);
    let Some(parts) = own.and_then(|from| Some(from.parts(from.taken.len().checked_sub(1)?)))
    else {
        return String::new();
    };
    let mut named: Vec<(f64, &str)> =
        plan.present().map(|(kind, place)| (parts[place], kind.name.as_str())).collect();
    if named.iter().any(|(part, _)| part.is_nan()) {
        return String::new();
    }
    named.sort_by(|a, b| b.0.total_cmp(&a.0));
    let said = named.iter().map(|(part, name)| match *name == kind.name {
        true => format!("{} to {name} itself (autocrine share)", percent(*part)),
        false => format!("{} to {name}", percent(*part)),
    });
    let said: Vec<String> = said.collect();
    format!(", and of its own molecules that cells took up, {} went", listed(&said))
}

/// The share of each kind in the uptake of a ligand, largest first.
pub fn parts(plan: &Plan, answer: &Answer, ligand: usize, time: f64) -> String {
    let of = |(kind, place): (&PlannedKind, usize)| {
        let spread = answer.spread(&plan.draws, Quantity::Part { ligand, kind: place }, time);
        (spread, kind.name.clone())
    };
    let mut parts: Vec<(Spread, String)> = plan.present().map(of).collect();
    parts.sort_by(|a, b| b.0.middle.total_cmp(&a.0.middle));
    match parts.as_slice() {
        [(_, one)] => format!("all by {one}"),
        all => {
            let all = all.iter().map(|(part, kind)| format!("{kind} {}", share(*part)));
            format!("{} of the uptake", listed(&all.collect::<Vec<_>>()))
        }
    }
}

/// Time by which this fraction of the ligand given at the start had left the medium; only if no
/// further ligand is added or secreted. In draws in which more is left at the end, it is infinite.
pub fn gone(plan: &Plan, answer: &Answer, ligand: usize, part: f64) -> Option<Spread> {
    let start = answer.balances(ligand).next()?.1.given;
    if plan.medium.changes() || secreted(answer, ligand) || start <= 0.0 {
        return None;
    }
    let free = plan.culture.ligands[ligand].free.0;
    let level = (1.0 - part) * start;
    let middle = falls_below(answer, free, level).filter(|time| *time > 0.0)?;
    let drawn = answer.draws_fall_to(Quantity::Readout(free), level);
    Some(between(&plan.draws, middle, drawn))
}

/// A duration with the ends of its interval: `2.29 d (10.5 h to 5.2 d)`.
pub fn spans(of: Spread) -> String {
    let middle = span(of.middle);
    match (of.low.is_finite(), of.high.is_finite()) {
        (true, true) => format!("{middle} ({} to {})", span(of.low), span(of.high)),
        (true, false) => format!("{middle} (at least {})", span(of.low)),
        (false, true) => format!("{middle} (at most {})", span(of.high)),
        (false, false) => middle,
    }
}

/// Whether cells had secreted any of a ligand by the end.
pub fn secreted(answer: &Answer, ligand: usize) -> bool {
    let last = answer.balances(ligand).last();
    last.is_some_and(|(_, balance)| balance.kinds.iter().any(|kind| kind.made > 0.0))
}

/// The EC50s below which the concentration in the medium fell, and those above which it is at the
/// end.
fn below(plan: &Plan, answer: &Answer, ligand: usize, free: usize) -> String {
    let (mut fell, mut rose, mut at_times, mut under, mut above, mut none) =
        (vec![], vec![], vec![], vec![], vec![], vec![]);
    for ((kind, _), all) in plan.present().zip(&answer.ec50) {
        let Some(ec50) = all[ligand] else {
            none.push(kind.name.clone());
            continue;
        };
        let of = format!("of {} ({})", kind.name, concentration(Spread::exact(ec50)));
        let intervals = below_level(answer, free, ec50);
        let total: f64 = intervals.iter().map(|[from, to]| to - from).sum();
        match (intervals.as_slice(), falls_below(answer, free, ec50)) {
            ([_], Some(time)) if time > 0.0 => {
                fell.push(format!("that {of} after {}", span(time)));
            }
            ([], _) => above.push(format!("that {of}")),
            ([[from, to]], _) if *from == 0.0 && *to == plan.end() => {
                under.push(format!("that {of}"));
            }
            ([[from, to]], _) if *from == 0.0 => {
                rose.push(format!("that {of} after {}", span(*to)));
            }
            // The level is crossed more than once.
            ([[from, _], ..], _) => {
                let first = match *from {
                    0.0 => "from the start".to_string(),
                    from => format!("first after {}", span(from)),
                };
                let part = percent(total / plan.end());
                at_times.push(format!("that {of} for {part} of the time ({first})"));
            }
        }
    }
    let said = [
        ("fell below", fell),
        ("rose above", rose),
        ("was below", at_times),
        ("stayed below", under),
        ("stayed above", above),
    ];
    let said = said.iter().filter(|(_, all)| !all.is_empty());
    let said: Vec<String> = said.map(|(what, all)| format!("{what} {}", listed(all))).collect();
    let at = time_text(plan.ec50_time);
    let medium = match said.is_empty() {
        true => String::new(),
        // Only the first item states what all of them refer to.
        false => {
            let first = format!("the EC50 at {at} of resting");
            format!(
                "; the concentration in the medium {}",
                listed(&said).replacen("that of", &first, 1)
            )
        }
    };
    let most = concentration(Spread::exact(HIGHEST));
    match none.is_empty() {
        true => medium,
        false => format!(
            "{medium}; the signal of resting {} at {at} has no half-maximal dose up to {most}",
            listed(&none)
        ),
    }
}

fn growth(plan: &Plan, answer: &Answer) -> Option<String> {
    let last = answer.ran.rows.last()?;
    let of = |(kind, _): (&PlannedKind, usize)| {
        let place = plan.culture.readout(&format!("{}.cells", kind.name))?;
        let fold = last[place] * plan.volume / kind.count;
        if (fold - 1.0).abs() < 1e-9 {
            return None;
        }
        let gone = answer.course(place).find(|(_, density)| density * plan.volume < 1.0);
        if let Some((when, _)) = gone.filter(|_| last[place] * plan.volume < 1.0) {
            return Some(format!("{} less than one cell (from {} on)", kind.name, span(when)));
        }
        let divisions = plan.culture.readout(&format!("{}.divisions", kind.name));
        let mean = divisions.map(|place| 2.0 * last[place]);
        let mean = mean.map_or(String::new(), |m| {
            format!(" (live cells have divided {} times on average)", number(m))
        });
        let factor = plan.volume / kind.count;
        let drawn = answer.in_draws(Quantity::Readout(place), plan.end());
        let spread = between(&plan.draws, fold, drawn.into_iter().map(|n| n * factor).collect());
        Some(format!("{} {} the initial number{mean}", kind.name, spread.said("times")))
    };
    let all: Vec<String> = plan.present().filter_map(of).collect();
    (!all.is_empty())
        .then(|| format!("Cell numbers at {}: {}.", time_text(plan.end()), all.join("; ")))
}

/// The concentration at secreting cells, where it differs most from the medium, and the reach of a
/// niche.
fn near_cells(plan: &Plan, answer: &Answer) -> Vec<String> {
    let of = |(kind, _): (&PlannedKind, usize)| {
        let label = kind.secretes.as_ref()?;
        let culture = &plan.culture;
        let met = culture.readout(&format!("{}.{label}_at_surface", kind.name))?;
        let reach = culture.readout(&format!("{label}_reach"))?;
        let free = culture.ligands.iter().find(|ligand| ligand.label == *label)?.free.0;
        let rows = answer.times.iter().zip(&answer.ran.rows);
        let (time, row) =
            rows.max_by(|(_, a), (_, b)| (a[met] - a[free]).total_cmp(&(b[met] - b[free])))?;
        let pm = |pm: f64| concentration(Spread::exact(pm.max(0.0)));
        let ends = match row[reach] * UM {
            um if um < 1_000.0 => format!("the niche extends {} um", number(um)),
            um if um < 10_000.0 => format!("the niche extends {} mm", number(um / 1_000.0)),
            _ => "the niche is wider than a well".into(),
        };
        let beside = plan.diffusion.iter().flat_map(|diffusion| &diffusion.pairs);
        let beside = beside.filter_map(|([one, two], distance)| {
            let other = if *one == kind.name { two } else { one };
            let here = *one == kind.name || *two == kind.name;
            let place = culture.readout(&format!("{other}.{label}_at_surface")).filter(|_| here)?;
            let um = number(distance * UM);
            Some(format!(", {} at {other} {um} um away", pm(row[place])))
        });
        Some(format!(
            "At {}, the concentration of {label} is {} at the surface of {}{} and {} in the \
             medium; {ends}.",
            span(*time),
            pm(row[met]),
            kind.name,
            beside.collect::<String>(),
            pm(row[free])
        ))
    };
    plan.diffusion.iter().flat_map(|_| plan.present().filter_map(of)).collect()
}
