//! The numbers of a profile.

use crate::noncompartmental::profile::Profile;
use crate::noncompartmental::standing::Standing;
use il2::quantity::three_digits;
use il2_engine::math;
use il2_engine::words::counted;
use il2_inference::noncompartmental::{Terminal, area, highest, level_at, moment};

/// The numbers of a profile; none where one cannot be computed.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    /// Highest measured level and its time.
    pub highest: Option<(f64, f64)>,
    /// Last level above the limit and its time.
    pub last: Option<(f64, f64)>,
    /// Level right after a bolus.
    pub start: Option<f64>,
    /// Area to the last level above the limit.
    pub area_to_last: Option<f64>,
    /// Area over the interval between doses.
    pub area_of_interval: Option<f64>,
    /// Area extrapolated to infinity, and its fraction beyond the last level; only if no earlier
    /// dose contributes to it.
    pub area: Option<(f64, f64)>,
    /// Area under level times time, extrapolated to infinity; likewise.
    pub moment: Option<f64>,
    /// Mean residence time; after an extravascular dose, with the time of absorption.
    pub residence: Option<f64>,
    /// The terminal phase.
    pub terminal: Option<Terminal>,
    /// Times of the first and the last level of the terminal phase.
    pub span: Option<(f64, f64)>,
    /// Clearance (divided by bioavailability after an extravascular dose).
    pub clearance: Option<f64>,
    /// Volume of the terminal phase (likewise divided by bioavailability).
    pub volume: Option<f64>,
    /// How values beyond limits were used, and reasons for missing numbers.
    pub note: Vec<String>,
}

impl Profile {
    /// The numbers of the profile. `volume` is one unit of amount divided by one unit of
    /// concentration, in the unit of volumes; `vein`, whether doses are given into a vein.
    pub fn numbers(&self, volume: f64, vein: bool) -> Numbers {
        let points = &self.levels.points;
        let measured = points.get(usize::from(self.assumed)..).unwrap_or(&[]);
        let mut found = Numbers { highest: highest(measured), ..Numbers::default() };
        found.note = self.of_limits();
        if self.dose == 0 {
            found.note.insert(0, "no dose in the table".into());
            return found;
        }
        let Some(&(end, last)) = points.last() else {
            let none = match self.levels.measured {
                0 => "no samples after this dose",
                _ => "no concentration above the limit of quantification",
            };
            found.note.insert(0, none.into());
            return found;
        };
        found.last = Some((end, last));
        found.start = points.first().filter(|p| self.bolus && p.0 == 0.0).map(|p| p.1);
        found.area_to_last = Some(area(points));
        found.terminal = self.terminal;
        found.span = self.terminal.map(|t| (points[points.len() - t.points].0, end));
        if found.terminal.is_none() {
            let top = found.highest.map_or(0.0, |top| top.0);
            let after = measured.iter().filter(|p| p.0 > top || (self.bolus && p.0 >= top));
            let why = match (after.count() < 3, self.bolus) {
                (true, false) => "no lambda_z: fewer than three concentrations after the highest",
                (true, true) => "no lambda_z: fewer than three concentrations from the highest on",
                (false, _) => "no lambda_z: the last concentrations do not fall",
            };
            found.note.push(why.into());
        }
        found.area_of_interval =
            self.interval.filter(|_| self.levels.enough()).and_then(|interval| self.over(interval));
        if let Some(t) = found.terminal.filter(|_| self.standing.alone() && end > 0.0) {
            let (before, beyond) = (area(points), last / t.rate);
            let whole = before + beyond;
            let moment = moment(points) + last * (end + 1.0 / t.rate) / t.rate;
            found.area = Some((whole, beyond / whole));
            found.moment = Some(moment);
            // An infusion enters half its duration later than a bolus at its start.
            let entry = self.duration.filter(|_| vein).map_or(0.0, |duration| 0.5 * duration);
            found.residence = Some(moment / whole - entry);
        }
        found.note.extend(self.of_standing(found.area_of_interval));
        let whole = match self.standing {
            Standing::Single | Standing::WashedOut => found.area.map(|a| a.0),
            Standing::Steady => found.area_of_interval,
            _ => None,
        };
        found.clearance = whole.map(|area| self.amount / area * volume);
        found.volume = found.clearance.zip(found.terminal).map(|(cl, t)| cl / t.rate);
        found
    }

    /// Area from the dose over an interval, of which less than a quarter is extrapolated.
    fn over(&self, interval: f64) -> Option<f64> {
        let points = &self.levels.points;
        let inside = |p: &(f64, f64)| p.0 <= interval * (1.0 + 1e-9);
        let mut within: Vec<(f64, f64)> = points.iter().copied().filter(inside).collect();
        let &(ends, level) = within.last()?;
        if ends >= interval * (1.0 - 1e-9) {
            return Some(area(&within));
        }
        if let Some(&later) = points.get(within.len()) {
            within.push((interval, level_at(interval, (ends, level), later)));
            return Some(area(&within));
        }
        let t = self.terminal.filter(|_| ends > 0.75 * interval)?;
        Some(area(&within) - level / t.rate * math::exp_m1(-t.rate * (interval - ends)))
    }

    /// How values beyond limits were used.
    fn of_limits(&self) -> Vec<String> {
        let levels = &self.levels;
        let outside = levels.below - levels.between;
        let mut all = vec![];
        if outside > 0 {
            all.push(format!(
                "{} below the limit, zero before the first quantifiable one and left out after the last",
                counted(outside, "value")
            ));
        }
        if levels.between > 0 {
            all.push(format!(
                "{} below the limit between quantifiable ones, left out",
                counted(levels.between, "value")
            ));
        }
        if levels.above > 0 {
            all.push(format!("{} above the upper limit, left out", counted(levels.above, "value")));
        }
        all
    }

    /// Which area gives the clearance, or why none does.
    fn of_standing(&self, over: Option<f64>) -> Option<String> {
        let text = match (self.standing, over) {
            (Standing::Single, _) => return None,
            (Standing::WashedOut, _) => "nothing that counts is left of earlier doses: as after a \
                                         single dose"
                .into(),
            (Standing::Steady, Some(_)) => "at steady state auc_tau in place of auc_inf".into(),
            (Standing::Steady, None) => "at steady state no auc_inf, and no auc_tau without three \
                                         concentrations, one in the last quarter of the interval \
                                         or later"
                .into(),
            (Standing::Repeated(part), _) if (part - 1.0).abs() < 0.05 => {
                "no clearance: the doses before differ in size or interval, so that steady state is \
                 not certain"
                    .into()
            }
            (Standing::Repeated(part), _) => format!(
                "no clearance: not at steady state, auc_tau is {} % of its limit (predicted with \
                 lambda_z)",
                three_digits(100.0 * part)
            ),
            (Standing::Unknown, _) => {
                "no clearance: without lambda_z or an interval, steady state is not certain".into()
            }
            (Standing::Constant, _) => {
                "no clearance: a constant infusion to steady state has no amount".into()
            }
        };
        Some(text)
    }
}
