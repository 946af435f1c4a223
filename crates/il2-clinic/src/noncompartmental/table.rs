//! The table of all profiles.

use crate::noncompartmental::numbers::Numbers;
use crate::noncompartmental::plan::{Plan, Route};
use crate::noncompartmental::profile::Profile;
use crate::noncompartmental::standing::Standing;
use il2_answer::labels::column_ending;
use il2_output::column::Value;
use il2_output::table::Table;

/// Half-life, if a terminal phase was found.
pub fn half_life(numbers: &Numbers) -> f64 {
    numbers.terminal.map_or(f64::NAN, |t| std::f64::consts::LN_2 / t.rate)
}

/// A row for each profile.
pub fn table(plan: &Plan, found: &[(Profile, Numbers)]) -> Table {
    let [time, amount, level] = plan.units.each_ref().map(|u| column_ending(u));
    let by = if plan.route == Route::Extravascular { "_over_f" } else { "" };
    let flow = column_ending(&format!("{}/{}", plan.volume, plan.units[0]));
    let volume = column_ending(&plan.volume);
    let columns = [
        ("id".to_string(), true),
        ("period".into(), false),
        ("dose_number".into(), false),
        (format!("dose_{amount}"), false),
        (format!("given_{time}"), false),
        ("measurements".into(), false),
        ("below_limit".into(), false),
        (format!("c0_{level}"), false),
        (format!("cmax_{level}"), false),
        (format!("tmax_{time}"), false),
        (format!("clast_{level}"), false),
        (format!("tlast_{time}"), false),
        (format!("auc_last_{level}_{time}"), false),
        (format!("auc_inf_{level}_{time}"), false),
        ("extrapolated_percent".into(), false),
        (format!("auc_tau_{level}_{time}"), false),
        (format!("aumc_inf_{level}_{time}2"), false),
        (format!("mrt_{time}"), false),
        (format!("lambda_z_per_{time}"), false),
        ("lambda_z_points".into(), false),
        (format!("lambda_z_from_{time}"), false),
        (format!("lambda_z_to_{time}"), false),
        ("lambda_z_adjusted_r2".into(), false),
        (format!("half_life_{time}"), false),
        (format!("clearance{by}_{flow}"), false),
        (format!("volume_z{by}_{volume}"), false),
        ("accumulation_cmax".into(), false),
        ("accumulation_auc".into(), false),
        ("note".into(), true),
    ];
    let columns: Vec<(&str, bool)> = columns.iter().map(|(n, t)| (n.as_str(), *t)).collect();
    let mut table = Table::new(&plan.name, &columns);
    let or = |value: Option<f64>| Value::from(value.unwrap_or(f64::NAN));
    let whole = |number: usize| if number == 0 { f64::NAN } else { number as f64 };
    let mut first: Option<&(Profile, Numbers)> = None;
    for one in found {
        let (profile, n) = one;
        if profile.begins {
            first = Some(one);
        }
        let first = first.filter(|(p, _)| accumulates(p, profile));
        let ratio = |of: &dyn Fn(&Numbers) -> Option<f64>| {
            first.and_then(|(_, f)| of(f)).zip(of(n)).map(|(first, last)| last / first)
        };
        let same_interval = first
            .and_then(|(p, _)| p.interval)
            .zip(profile.interval)
            .is_some_and(|(a, b)| (a - b).abs() <= 1e-6 * b);
        table.push(vec![
            plan.table.subjects[profile.subject].id.as_str().into(),
            if profile.dose == 0 { f64::NAN } else { profile.period as f64 }.into(),
            whole(profile.dose).into(),
            profile.amount.into(),
            profile.given.into(),
            (profile.levels.measured as f64).into(),
            (profile.levels.below as f64).into(),
            or(n.start),
            or(n.highest.map(|h| h.1)),
            or(n.highest.map(|h| h.0)),
            or(n.last.map(|l| l.1)),
            or(n.last.map(|l| l.0)),
            or(n.area_to_last),
            or(n.area.map(|a| a.0)),
            or(n.area.map(|a| 100.0 * a.1)),
            or(n.area_of_interval),
            or(n.moment),
            or(n.residence),
            or(n.terminal.map(|t| t.rate)),
            or(n.terminal.map(|t| t.points as f64)),
            or(n.span.map(|s| s.0)),
            or(n.span.map(|s| s.1)),
            or(n.terminal.map(|t| t.fits)),
            half_life(n).into(),
            or(n.clearance),
            or(n.volume),
            or(ratio(&|n| n.highest.map(|h| h.1))),
            or(ratio(&|n| n.area_of_interval).filter(|_| same_interval)),
            n.note.join("; ").as_str().into(),
        ]);
    }
    table
}

/// Whether levels after a dose accumulate over those after the first dose of the same period.
fn accumulates(first: &Profile, later: &Profile) -> bool {
    let same = (first.subject, first.period) == (later.subject, later.period);
    let added = !later.standing.alone() && later.standing != Standing::Constant;
    let enough = first.levels.enough() && later.levels.enough();
    same && enough && first.standing == Standing::Single && added && first.amount == later.amount
}
