//! Tables, text and summary of a search.

use crate::event_table;
use crate::regimen::plan::Plan;
use crate::regimen::search::edges::{Tried, best, end, of_schedule, ranges};
use crate::regimen::search::plan::Search;
use il2::quantity::DAY;
use il2_answer::answer::Check;
use il2_answer::labels::cut;
use il2_answer::sentence::{Spread, listed, percent};
use il2_engine::words::counted;
use il2_output::column::Value;
use il2_output::table::Table;
use il2_study::ranges::short;
use serde_json::json;

/// Columns of the table of a search: a row for every dose that was tried and every requirement.
const COLUMNS: [(&str, bool); 19] = [
    ("regimen", true),
    ("every_d", false),
    ("dose", false),
    ("dose_unit", true),
    ("requirement", true),
    ("readout", true),
    ("window", true),
    ("patients", false),
    ("share", false),
    ("share_low", false),
    ("share_high", false),
    ("share_needed", false),
    ("met", true),
    ("all_met", true),
    ("doses_planned", false),
    ("doses_given", false),
    ("part_beyond_range", false),
    ("failed", false),
    ("status", true),
];

/// The table of a search.
pub fn table(plan: &Plan, search: &Search, tried: &[Tried]) -> Table {
    let mut table = Table::new(&format!("{}_search", plan.name), &COLUMNS);
    let observables = &plan.arms[search.arm].patients.cohort.body.network.observables;
    let yes = |is: bool| if is { "yes" } else { "no" };
    for t in tried {
        for (r, requirement) in search.requirements.iter().enumerate() {
            let share = t.share(r);
            let row: Vec<Value> = vec![
                plan.arms[search.arm].regimen.name.as_str().into(),
                search.schedules[t.schedule].every.map_or(f64::NAN, |every| every / DAY).into(),
                t.dose.into(),
                search.unit.text.as_str().into(),
                requirement.name.as_str().into(),
                observables[requirement.place].name.as_str().into(),
                requirement.said().as_str().into(),
                (t.all as f64).into(),
                share.middle.into(),
                share.low.into(),
                share.high.into(),
                requirement.share.into(),
                yes(t.holds(search, r)).into(),
                yes(t.holds_all(search)).into(),
                (t.planned as f64).into(),
                t.given.at(0.5).into(),
                t.beyond.part().into(),
                (t.failed.len() as f64).into(),
                status(t).as_str().into(),
            ];
            table.push(row);
        }
    }
    table
}

/// `ok`, or how many patients could not be simulated, and why the first could not.
fn status(tried: &Tried) -> String {
    match tried.failed.as_slice() {
        [] => "ok".into(),
        [(patient, why)] => format!("patient {patient}: {why}"),
        [(patient, why), others @ ..] => {
            format!("patient {patient}: {why}; and {} more patients", others.len())
        }
    }
}

/// The doses that meet all requirements, by time between doses, for the report.
pub fn ranges_table(search: &Search, tried: &[Tried]) -> Table {
    let columns = [
        ("every", true),
        ("from", false),
        ("from, 95 % interval", true),
        ("limited by", true),
        ("to", false),
        ("to, 95 % interval", true),
        ("limited from above by", true),
        ("unit", true),
    ];
    let mut table = Table::new("search", &columns);
    for row in rows(search, tried) {
        let mut all: Vec<Value> = vec![row.every.as_str().into()];
        for (dose, limits) in &row.ends {
            all.extend([
                dose.middle.into(),
                interval(*dose).as_str().into(),
                limits.as_str().into(),
            ]);
        }
        all.push(search.unit.text.as_str().into());
        table.push(all);
    }
    table
}

/// A range of doses that meet all requirements; NaN if there is none.
struct Row {
    every: String,
    /// Lower and upper end, and what limits them.
    ends: [(Spread, String); 2],
}

fn rows(search: &Search, tried: &[Tried]) -> Vec<Row> {
    let mut all = vec![];
    for (s, schedule) in search.schedules.iter().enumerate() {
        let some = of_schedule(tried, s);
        let every = schedule.text.clone();
        let found = ranges(search, some, None);
        for &range in &found {
            let ends = [false, true].map(|upper| {
                let end = end(search, some, range, upper);
                let names: Vec<String> =
                    end.limits.iter().map(|r| search.requirements[*r].name.clone()).collect();
                let of = if upper { "highest dose tried" } else { "lowest dose tried" };
                (end.dose, if names.is_empty() { of.into() } else { listed(&names) })
            });
            all.push(Row { every: every.clone(), ends });
        }
        if found.is_empty() {
            let none = || (Spread::exact(f64::NAN), String::new());
            all.push(Row { every, ends: [none(), none()] });
        }
    }
    all
}

/// `0.36 .. 0.52`.
fn interval(of: Spread) -> String {
    match (of.low.is_finite(), of.high.is_finite()) {
        (false, false) => String::new(),
        (true, true) => format!("{} .. {}", short(of.low), short(of.high)),
        (true, false) => format!("{} ..", short(of.low)),
        (false, true) => format!(".. {}", short(of.high)),
    }
}

/// The search as text for the terminal.
pub fn text(plan: &Plan, search: &Search, tried: &[Tried]) -> String {
    let name = &plan.arms[search.arm].regimen.name;
    let mut out = format!(
        "  search: {} of {}, {} each\n",
        counted(tried.len(), "dose"),
        cut(name, 30),
        counted(plan.patients, "patient")
    );
    for r in &search.requirements {
        let row = r.row();
        out += &match row.chars().count() <= 98 {
            true => format!("  {row}\n"),
            false => format!("  {}\n", row.replacen(": ", &format!(":\n  {:<20} ", ""), 1)),
        };
    }
    // A single dose has no range.
    if search.doses.len() > 1 {
        out += &ranges_text(search, tried);
    }
    out += "  share of patients who meet a requirement\n";
    out += &format!(
        "  {:<8} {:>16}  {:<20} {:>8}  {:<16} {:>7}\n",
        "every", "dose", "requirement", "share", "95 % interval", "needed"
    );
    for t in told(search, tried) {
        for (r, requirement) in search.requirements.iter().enumerate() {
            let share = t.share(r);
            let interval = match share.has_ends() {
                true => format!("{} .. {}", short(100.0 * share.low), short(100.0 * share.high)),
                false => String::new(),
            };
            out += &format!(
                "{} {:<8} {:>16}  {:<20} {:>8}  {:<16} {:>7}\n",
                if t.holds(search, r) { " " } else { "!" },
                search.schedules[t.schedule].text,
                cut(&search.unit.said(t.dose), 16),
                cut(&requirement.name, 20),
                percent(share.middle),
                interval,
                percent(requirement.share)
            );
        }
    }
    out
}

/// The ranges of doses that meet all requirements, as text.
fn ranges_text(search: &Search, tried: &[Tried]) -> String {
    let mut out = format!("  doses ({}) that meet all requirements\n", search.unit.text);
    out += &format!(
        "  {:<8} {:>7} {:<15} {:<20} {:>7} {:<15} {}\n",
        "every", "from", "95 % interval", "limited by", "to", "95 % interval", "limited by"
    );
    for row in rows(search, tried) {
        let [low, high] = &row.ends;
        let line = match low.0.middle.is_nan() {
            true => format!("  {:<8} {:>7}", row.every, "none"),
            false => format!(
                "  {:<8} {:>7} {:<15} {:<20} {:>7} {:<15} {}",
                row.every,
                short(low.0.middle),
                interval(low.0),
                cut(&low.1, 20),
                short(high.0.middle),
                interval(high.0),
                cut(&high.1, 20)
            ),
        };
        out += line.trim_end();
        out += "\n";
    }
    out
}

/// Doses whose shares are printed: the ends of the doses that meet all requirements, or the best
/// compromise of every schedule.
fn told<'a>(search: &Search, tried: &'a [Tried]) -> Vec<&'a Tried> {
    let mut all: Vec<&Tried> = vec![];
    for s in 0..search.schedules.len() {
        let some = of_schedule(tried, s);
        let found = ranges(search, some, None);
        let mut places: Vec<usize> = found.iter().flat_map(|(from, to)| [*from, *to]).collect();
        if places.is_empty() {
            places.push(best(search, some));
        }
        places.dedup();
        all.extend(places.into_iter().map(|i| &some[i]));
    }
    all
}

/// The search for `summary.json`.
pub fn summary(plan: &Plan, search: &Search, tried: &[Tried]) -> serde_json::Value {
    let number = |v: f64| if v.is_finite() { json!(v) } else { serde_json::Value::Null };
    let schedules = search.schedules.iter().enumerate().map(|(s, schedule)| {
        let some = of_schedule(tried, s);
        let range = |range: &(usize, usize)| {
            let [low, high] = [false, true].map(|upper| {
                let end = end(search, some, *range, upper);
                let names: Vec<&str> =
                    end.limits.iter().map(|r| search.requirements[*r].name.as_str()).collect();
                json!({"dose": end.dose.middle, "low": number(end.dose.low), "high": number(end.dose.high), "limited_by": names})
            });
            json!({"from": low, "to": high})
        };
        let best = &some[best(search, some)];
        let shares: serde_json::Map<String, serde_json::Value> = search
            .requirements
            .iter()
            .enumerate()
            .map(|(r, requirement)| (requirement.name.clone(), number(best.share(r).middle)))
            .collect();
        let found = ranges(search, some, None);
        json!({
            "every_d": schedule.every.map(|every| every / DAY),
            "ranges": found.iter().map(range).collect::<Vec<_>>(),
            "best": {"dose": best.dose, "shares": shares},
            "doses_tried": some.len(),
        })
    });
    json!({
        "regimen": plan.arms[search.arm].regimen.name,
        "dose_unit": search.unit.text,
        "failed": tried.iter().map(|t| t.failed.len()).sum::<usize>(),
        "schedules": schedules.collect::<Vec<_>>(),
    })
}

/// The mass balance of the drug at every dose tried.
pub fn check(tried: &[Tried]) -> Check {
    let worst = tried.iter().map(|t| t.worst_imbalance).fold(0.0, f64::max);
    event_table::balance("doses of the search", worst)
}
