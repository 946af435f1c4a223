//! Sentences and text of the answer.

use crate::event_table::units::area_unit;
use crate::noncompartmental::numbers::Numbers;
use crate::noncompartmental::plan::{Plan, Route};
use crate::noncompartmental::profile::Profile;
use crate::noncompartmental::standing::Standing;
use crate::noncompartmental::table::half_life;
use il2::quantity::three_digits;
use il2_answer::labels::{cut, subject};
use il2_answer::sentence::listed;
use il2_engine::math;
use il2_engine::words::counted;
use il2_inference::quantiles::quantiles;

/// Profiles whose numbers can be compared.
struct Group<'a> {
    /// `after a single dose`.
    when: &'static str,
    /// Name of the area from which clearance is computed.
    area: &'static str,
    /// The profiles with a level.
    all: Vec<&'a (Profile, Numbers)>,
}

impl Group<'_> {
    fn subjects(&self) -> usize {
        self.all.chunk_by(|(a, _), (b, _)| a.subject == b.subject).count()
    }
}

/// Profiles after single doses, and at steady state.
fn groups(found: &[(Profile, Numbers)]) -> [Group<'_>; 2] {
    let of = |wanted: &dyn Fn(Standing) -> bool| {
        let own = |(p, n): &&(Profile, Numbers)| {
            n.highest.is_some_and(|h| h.1 > 0.0) && wanted(p.standing)
        };
        found.iter().filter(own).collect()
    };
    [
        Group {
            when: "after a single dose",
            area: "AUC to infinity",
            all: of(&|standing| standing.alone()),
        },
        Group {
            when: "at steady state",
            area: "AUC over an interval between doses",
            all: of(&|standing| standing == Standing::Steady),
        },
    ]
}

/// Median and range of a number over profiles: `2.1 (1.5 to 3.0)`.
fn over(values: Vec<f64>) -> Option<String> {
    let known: Vec<f64> = values.into_iter().filter(|v| v.is_finite()).collect();
    let count = known.len();
    let [low, middle, high] = quantiles(known, [0.0, 0.5, 1.0]);
    match count {
        0 => None,
        1 => Some(three_digits(middle)),
        _ => Some(format!(
            "{} ({} to {})",
            three_digits(middle),
            three_digits(low),
            three_digits(high)
        )),
    }
}

/// The answer in words.
pub fn sentences(plan: &Plan, found: &[(Profile, Numbers)]) -> Vec<String> {
    let all = plan.table.subjects.len();
    let groups = groups(found);
    let mut told: Vec<String> = groups.iter().filter_map(|group| of_group(plan, group)).collect();
    if told.is_empty() {
        told.push("No subject has numbers after a single dose or at steady state.".into());
    }
    let other = found.iter().filter(|(p, n)| {
        n.highest.is_some() && !p.standing.alone() && p.standing != Standing::Steady
    });
    let other = other.count();
    if other > 0 {
        let is = if other == 1 { "that is" } else { "that are" };
        told.push(format!(
            "Numbers of {} {is} neither after a single dose nor at steady state are only in the table.",
            counted(other, "profile")
        ));
    }
    let without = |why: &dyn Fn(&Profile, &Numbers) -> bool| -> Vec<String> {
        let alone = |i: usize| {
            let mut own = found.iter().filter(|(p, _)| p.subject == i);
            own.all(|(p, n)| why(p, n))
        };
        let names = (0..all).filter(|i| alone(*i));
        names.map(|i| subject(&plan.table.subjects[i].id)).collect()
    };
    told.extend(left_out(without(&|p, _| p.dose == 0), "no dose"));
    told.extend(left_out(
        without(&|p, n| p.dose > 0 && n.highest.is_none_or(|h| h.1 <= 0.0)),
        "no concentration above the limit of quantification after a dose",
    ));
    told
}

/// Which subjects have no numbers, and why.
fn left_out(mut names: Vec<String>, what: &str) -> Option<String> {
    const TOLD: usize = 5;
    let count = names.len();
    let (has, is) = if count == 1 { ("has", "is") } else { ("have", "are") };
    if count > TOLD {
        names.truncate(TOLD);
        names.push(format!("{} more", count - TOLD));
    }
    let mut text = listed(&names);
    if let Some(first) = text.get(..1).filter(|_| text.starts_with("subject ")) {
        text = format!("{}{}", first.to_uppercase(), &text[1..]);
    }
    (count > 0).then(|| format!("{text} {has} {what} and {is} left out."))
}

fn of_group(plan: &Plan, group: &Group) -> Option<String> {
    let [time, _, level] = &plan.units;
    let by = if plan.route == Route::Extravascular { "CL/F" } else { "clearance" };
    let flow = format!("{}/{time}", plan.volume);
    let values =
        |of: &dyn Fn(&Numbers) -> f64| over(group.all.iter().map(|(_, n)| of(n)).collect());
    let or = |value: Option<f64>| value.unwrap_or(f64::NAN);
    let told = [
        ("Cmax", values(&|n| or(n.highest.map(|h| h.1))), level.clone()),
        ("Tmax", values(&|n| or(n.highest.map(|h| h.0))), time.clone()),
        (group.area, values(&|n| exposure(group, n)), area_unit(time, level)),
        ("half-life", values(&half_life), time.clone()),
        (by, values(&|n| or(n.clearance)), flow),
    ];
    let told =
        told.into_iter().filter_map(|(what, of, unit)| Some(format!("{what} is {} {unit}", of?)));
    let told: Vec<String> = told.collect();
    let (profiles, subjects) = (group.all.len(), group.subjects());
    let all = plan.table.subjects.len();
    let who = match (subjects == all, subjects) {
        (true, _) => counted(all, "subject"),
        (false, some) => format!("{some} of {}", counted(all, "subject")),
    };
    let who = match profiles == subjects {
        true => who,
        false => format!("{who} ({profiles} profiles)"),
    };
    let ranges = if profiles > 1 { " (median and range)" } else { "" };
    let when = format!("{}{}", group.when[..1].to_uppercase(), &group.when[1..]);
    (profiles > 0).then(|| format!("{when}, in {who}, {}{ranges}.", told.join(", ")))
}

/// The area from which clearance is computed.
fn exposure(group: &Group, numbers: &Numbers) -> f64 {
    let steady = group.all.first().is_some_and(|(p, _)| p.standing == Standing::Steady);
    let area = if steady { numbers.area_of_interval } else { numbers.area.map(|a| a.0) };
    area.unwrap_or(f64::NAN)
}

/// Name, unit and value of a column.
type Column<'a> = (&'a str, &'a str, fn(&Profile, &Numbers) -> Option<f64>);

/// The numbers of every profile, and their geometric means.
pub fn text(plan: &Plan, found: &[(Profile, Numbers)]) -> String {
    let [time, _, level] = &plan.units;
    let mut text = format!(
        "{}, {} of {}\n",
        counted(plan.table.subjects.len(), "subject"),
        counted(found.iter().filter(|(p, _)| p.dose > 0).count(), "profile"),
        plan.file
    );
    let area = area_unit(time, level);
    let flow = format!("{}/{time}", plan.volume);
    let clearance = if plan.route == Route::Extravascular { "CL/F" } else { "CL" };
    // The number of the dose is included if there are several.
    let columns: [Column; 8] = [
        ("dose", "number", |p, _| Some(p.dose as f64)),
        ("Cmax", level, |_, n| n.highest.map(|h| h.1)),
        ("Tmax", time, |_, n| n.highest.map(|h| h.0)),
        ("AUC last", &area, |_, n| n.area_to_last),
        ("AUC inf", &area, |_, n| n.area.map(|a| a.0)),
        ("AUC tau", &area, |_, n| n.area_of_interval),
        ("half-life", time, |_, n| Some(half_life(n))),
        (clearance, &flow, |_, n| n.clearance),
    ];
    let several = found.iter().any(|(p, _)| p.dose > 1);
    let known =
        |(_, _, of): &Column| found.iter().any(|(p, n)| of(p, n).is_some_and(f64::is_finite));
    let shown = columns.iter().filter(|c| known(c) && (c.0 != "dose" || several));
    let shown: Vec<&Column> = shown.collect();
    let mut line = |head: &str, cell: &dyn Fn(&Column) -> String, end: &str| {
        let cells: String = shown.iter().map(|column| format!(" {:>9}", cell(column))).collect();
        text += &format!("{}\n", format!("{head:<16}{cells}  {end}").trim_end());
    };
    line("subject", &|c| c.0.into(), "");
    line("", &|c| c.1.into(), "");
    let or = |value: Option<f64>| value.filter(|v| v.is_finite()).map_or("".into(), three_digits);
    for (p, n) in found {
        let cell = |(name, _, of): &Column| match *name {
            "dose" if p.dose == 0 => String::new(),
            "dose" => p.dose.to_string(),
            _ => or(of(p, n)),
        };
        let id = cut(&plan.table.subjects[p.subject].id, 16);
        let why = n.note.first().filter(|_| n.highest.is_none());
        match why {
            Some(why) if p.dose > 0 && several => line(&id, &cell, why),
            Some(why) => line(&id, &|_| String::new(), why),
            None => line(&id, &cell, ""),
        }
    }
    for group in groups(found).iter().filter(|group| group.all.len() > 1) {
        line(
            &format!("{}, {}:", group.when, counted(group.all.len(), "profile")),
            &|_| "".into(),
            "",
        );
        let logs = |(name, _, of): &Column| -> Vec<f64> {
            let values = group.all.iter().filter_map(|(p, n)| of(p, n).filter(|v| *v > 0.0));
            if ["dose", "Tmax"].contains(name) { vec![] } else { values.map(math::ln).collect() }
        };
        line("geometric mean", &|c| or(moments(&logs(c)).map(|m| math::exp(m.0))), "");
        let variation = |m: (f64, f64)| 100.0 * math::exp_m1(m.1).sqrt();
        line("geometric CV, %", &|c| or(moments(&logs(c)).map(variation)), "");
    }
    text
}

/// Mean and variance of a sample of at least two.
fn moments(values: &[f64]) -> Option<(f64, f64)> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let square = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>();
    (n > 1.0).then(|| (mean, square / (n - 1.0)))
}
