//! The answer of patients under regimens, in sentences.

use crate::regimen::excursion::{After, Excursion};
use crate::regimen::own::{LEAST, SAME};
use il2_answer::labels::cut;
use il2_answer::sentence::{Spread, listed, number, percent};
use il2_study::ranges::short;

/// Largest number of arms that are listed; if there are more, only the highest and the lowest, and all arms
/// are in a table.
pub const MOST: usize = 4;
/// Widths of the first column of this table, which names the arms, and of the others.
const NAMES: usize = 14;
const WIDTH: usize = 27;
/// Largest number of columns beside the first that fit on a line.
const COLUMNS: usize = 3;
/// If a smaller fraction of the patients leaves the start, nearly all are said to stay there.
const FEW: f64 = 0.05;

/// How the readout behaves in an arm.
#[derive(Clone, Debug)]
pub struct Arm {
    /// Name of its regimen.
    pub name: String,
    /// Largest rise.
    pub highest: Excursion,
    /// Largest fall.
    pub lowest: Excursion,
    /// Fraction of the patients who stay near their start.
    pub stay: f64,
}

/// A readout in all arms.
#[derive(Clone, Debug)]
pub struct Arms {
    /// The readout in words.
    pub readout: String,
    /// Unit; empty for plain numbers.
    pub unit: String,
    /// Central fraction of the patients in the intervals.
    pub level: f64,
    /// Whether there is a single patient rather than many who differ.
    pub one: bool,
    /// Median of the readout before treatment.
    pub start: f64,
    /// Arms in which at least one patient was solved.
    pub arms: Vec<Arm>,
    /// Ratios of one arm to another, patient by patient (all arms have the same patients): first
    /// for the highest values, then for the lowest. [`side_by_side`] gives the arms.
    pub ratios: [Vec<(usize, usize, Spread)>; 2],
}

/// Which arms are compared, given their medians. Two arms: the higher with the lower. More: each
/// with the first, which is usually the reference. Many: the highest with the lowest.
pub fn side_by_side(medians: &[f64]) -> Vec<(usize, usize)> {
    let mut order: Vec<usize> = (0..medians.len()).filter(|i| medians[*i].is_finite()).collect();
    order.sort_by(|a, b| medians[*b].total_cmp(&medians[*a]));
    match order.as_slice() {
        [high, .., low] if medians.len() == 2 || order.len() > MOST => vec![(*high, *low)],
        few if few.contains(&0) => {
            (1..medians.len()).filter(|i| few.contains(i)).map(|i| (i, 0)).collect()
        }
        _ => vec![],
    }
}

/// Sentences about how each readout behaves.
pub fn sentences(told: &[Arms]) -> Vec<String> {
    let mut said = vec![];
    // Explained once, after the last readout that has an interval.
    let mut brackets = None;
    for readout in told {
        said.extend(readout.sentences());
        if !readout.one && readout.arms.iter().any(|arm| readout.dips(arm) || readout.rises(arm)) {
            brackets = Some((said.len() - 1, readout.level));
        }
    }
    if let Some((last, level)) = brackets {
        let text: &mut String = &mut said[last];
        text.truncate(text.trim_end_matches('.').len());
        *text += &format!("; in parentheses: the central {} of patients.", percent(level));
    }
    said
}

impl Arms {
    // The past tense fits both singular and plural readouts.
    fn sentences(&self) -> Vec<String> {
        if let [arm] = self.arms.as_slice() {
            return vec![alone(self, arm)];
        }
        let dips = self.arms.iter().any(|arm| self.dips(arm));
        let rises = self.arms.iter().any(|arm| self.rises(arm));
        let mut all = vec![];
        if dips {
            all.push(compared(self, false));
        }
        if rises {
            all.push(compared(self, true));
        }
        if all.is_empty() {
            all.push(format!("{} {}.", capital(&self.readout), self.stay_in_all()));
        }
        all
    }

    fn value(&self, spread: Spread) -> String {
        match self.unit.as_str() {
            crate::patients::FOLD => spread.said("times baseline"),
            unit => spread.said(unit),
        }
    }

    fn rises(&self, arm: &Arm) -> bool {
        arm.highest.share > 0.5
    }

    fn falls(&self, arm: &Arm) -> bool {
        arm.lowest.share > 0.5
    }

    fn falls_first(&self, arm: &Arm) -> bool {
        arm.highest.day == 0.0 || arm.lowest.day < arm.highest.day
    }

    /// Whether the readout falls before it rises, or falls further than it rises.
    fn dips(&self, arm: &Arm) -> bool {
        let [up, down] =
            [arm.highest.value.middle / self.start, self.start / arm.lowest.value.middle];
        self.falls(arm) && (!self.rises(arm) || self.falls_first(arm) || down > up)
    }

    /// `stayed within 5 % of the initial value in 97 % of patients`, and what happened in the other
    /// patients.
    fn stays(&self, arm: &Arm) -> String {
        let place = match self.start == 0.0 {
            true if arm.highest.value.middle == 0.0 => "stayed at 0".to_string(),
            true => format!("stayed below {LEAST} {}", self.unit).trim_end().to_string(),
            false => format!("stayed within {} of the initial value", percent(SAME)),
        };
        if self.one {
            return place;
        }
        let others = [(arm.highest.share, "rose"), (arm.lowest.share, "fell")];
        let others = others.into_iter().filter(|(share, _)| *share > FEW);
        let others: Vec<String> =
            others.map(|(share, verb)| format!("{verb} further in {}", percent(share))).collect();
        let others = match others.is_empty() {
            true => String::new(),
            false => format!(" ({})", others.join(", ")),
        };
        format!("{place} in {} of patients{others}", percent(arm.stay))
    }

    /// The sentence if the readout moves in no arm.
    fn stay_in_all(&self) -> String {
        let under = |arm: &Arm| format!("{} under {}", self.stays(arm), cut(&arm.name, 30));
        let fewest = self.arms.iter().min_by(|a, b| a.stay.total_cmp(&b.stay));
        let fewest = fewest.expect("an arm was solved");
        let least = percent(fewest.stay);
        match self.arms.len() {
            _ if self.one => format!("{} in every arm", self.stays(fewest)),
            n if n > MOST && fewest.stay < 1.0 => {
                let all = self
                    .stays(fewest)
                    .replace(&format!("in {least}"), &format!("in {least} or more"));
                format!("{all} in every arm")
            }
            _ if fewest.stay == 1.0 => format!("{} in every arm", self.stays(fewest)),
            _ => listed(&self.arms.iter().map(under).collect::<Vec<_>>()),
        }
    }

    /// In what fraction of the patients the readout did not move in one direction.
    fn does_not(&self, arm: &Arm, up: bool) -> String {
        let share = if up { arm.highest.share } else { arm.lowest.share };
        let by = match (self.start == 0.0, up) {
            (true, true) if arm.highest.value.middle == 0.0 => "above 0".to_string(),
            (true, true) => format!("above {LEAST} {}", self.unit).trim_end().to_string(),
            (true, false) => "below 0".to_string(),
            _ => format!("by more than {}", percent(SAME)),
        };
        match self.one || share == 0.0 {
            true => format!(" {by}"),
            false => format!(" {by} in {} of patients", percent(1.0 - share)),
        }
    }

    /// The change of a readout in an arm, as a verb and the words that follow.
    fn does(&self, arm: &Arm, up: bool) -> (&'static str, String) {
        let excursion = if up { arm.highest } else { arm.lowest };
        let value = self.value(excursion.value);
        let (on, by) = (at("on", excursion.day), at("by", excursion.day));
        let then = self.dips(arm) && self.falls_first(arm);
        let rising = || format!(" to {value} {by} (still rising)");
        let stays = || format!(" {value} and stayed there");
        match (up, excursion.after) {
            (true, _) if !self.rises(arm) => ("did not rise", self.does_not(arm, up)),
            (false, _) if !self.falls(arm) => ("did not fall", self.does_not(arm, up)),
            (true, After::GoesOn) if then => ("then rose", rising()),
            (true, After::GoesOn) => ("rose", rising()),
            (true, After::Stays) if then => ("then reached", stays()),
            (true, After::Stays) => ("reached", stays()),
            (true, After::Turns) if then => ("then peaked", format!(" at {value} {on}")),
            (true, After::Turns) => ("peaked", format!(" at {value} {on}")),
            (false, After::GoesOn) => ("fell", format!(" to {value} {by} (still falling)")),
            (false, After::Stays) => ("fell to", stays()),
            (false, After::Turns) if !self.rises(arm) => ("fell", format!(" to {value} {on}")),
            (false, After::Turns) if then => ("first fell", format!(" to {value} {on}")),
            (false, After::Turns) => ("had a low", format!(" of {value} {on}")),
        }
    }
}

/// `on day 57` or `by day 57`, and within the first day `after 9.86 h`.
fn at(word: &str, day: f64) -> String {
    match day {
        d if d > 0.0 && d < 1.0 => format!("after {} h", number(24.0 * d)),
        d => format!("{word} day {}", short(d)),
    }
}

fn alone(told: &Arms, arm: &Arm) -> String {
    let both = [(false, told.dips(arm)), (true, told.rises(arm))];
    let mut parts: Vec<String> = both
        .into_iter()
        .filter(|(_, is)| *is)
        .map(|(up, _)| {
            let (verb, how) = told.does(arm, up);
            format!("{verb}{how}")
        })
        .collect();
    if !told.falls_first(arm) {
        parts.reverse();
    }
    if parts.is_empty() {
        parts.push(told.stays(arm));
    }
    format!("Under {}, {} {}.", cut(&arm.name, 40), told.readout, listed(&parts))
}

/// Compares the arms by how high the readout rises, or how low it falls.
fn compared(told: &Arms, up: bool) -> String {
    let arms: Vec<&Arm> = told.arms.iter().collect();
    let median = |arm: &Arm| if up { arm.highest } else { arm.lowest }.value.middle;
    let (shown, among) = match arms.len() {
        n if n <= MOST => (arms.to_vec(), String::new()),
        n => {
            let pair = side_by_side(&arms.iter().map(|arm| median(arm)).collect::<Vec<_>>())[0];
            let both = vec![arms[pair.0], arms[pair.1]];
            (both, format!(" (highest and lowest of {n} arms)"))
        }
    };
    // The order of events is stated if it is the same in every arm.
    let ordered = shown.iter().all(|arm| {
        let verb = told.does(arm, up).0;
        verb.starts_with("first ") || verb.starts_with("then ")
    });
    let mut before = "";
    let one = |arm: &&Arm| {
        let (verb, how) = told.does(arm, up);
        let verb = match ordered {
            true => verb,
            false => verb.trim_start_matches("first ").trim_start_matches("then "),
        };
        let under = format!("under {}, ", cut(&arm.name, 30));
        // "By more than 5 %" without a verb would be understood as a change.
        if verb == before && !how.is_empty() && !verb.starts_with("did not") {
            return format!("{under}{}", how.trim_start());
        }
        before = verb;
        format!("{under}{} {verb}{how}", told.readout)
    };
    let some: Vec<String> = shown.iter().map(one).collect();
    let over = |(above, below, ratio): &(usize, usize, Spread)| {
        let [above, below] = [above, below].map(|i| cut(&told.arms[*i].name, 30));
        // Arms are integrated with different steps, so equal values agree only to the accuracy of a
        // few steps.
        let is = |v: f64| (v - 1.0).abs() < 1e-3;
        let verdict = match (ratio.has_ends(), ratio.low, ratio.high) {
            (false, ..) if is(ratio.middle) => ": no difference",
            (true, low, high) if is(low) && is(high) => ": no difference",
            (true, low, high) if is(low) || is(high) => ": no difference in some patients",
            (true, low, high) if low < 1.0 && high > 1.0 => ": the order differs between patients",
            _ => "",
        };
        format!("{} as high under {above} as under {below}{verdict}", ratio.said("times"))
    };
    let ratios: Vec<String> = told.ratios[usize::from(!up)].iter().map(over).collect();
    let value = if up { "the highest value" } else { "the lowest value" };
    let ratios = match (ratios.is_empty(), shown[0].highest.value.has_ends()) {
        (true, _) => String::new(),
        (false, true) => format!("; within patients, {value} was {}", ratios.join("; ")),
        (false, false) => format!("; {value} was {}", ratios.join("; ")),
    };
    format!("{}{among}{ratios}.", capital(&some.join("; ")))
}

/// A table of all arms: for each readout, the highest and the lowest value of those that rise or dip in any arm.
pub fn table(told: &[Arms]) -> String {
    let moving = |readout: &'_ Arms, up: bool| {
        readout.arms.iter().any(|arm| if up { readout.rises(arm) } else { readout.dips(arm) })
    };
    let ends = told.iter().flat_map(|readout| [(readout, false), (readout, true)]);
    let columns: Vec<(&Arms, bool)> = ends.filter(|(readout, up)| moving(readout, *up)).collect();
    let line = |first: &str, cells: Vec<String>| {
        let cells: String =
            cells.iter().map(|cell| format!(" {:>WIDTH$}", cut(cell, WIDTH))).collect();
        format!("  {:<NAMES$}{cells}\n", cut(first, NAMES))
    };
    let mut out = String::new();
    for columns in columns.chunks(COLUMNS) {
        let heading = |(readout, up): &(&Arms, bool)| {
            format!("{} {}", if *up { "highest" } else { "lowest" }, readout.readout)
        };
        let unit = |(readout, _): &(&Arms, bool)| readout.unit.clone();
        out += &line("", columns.iter().map(heading).collect());
        out += &line("", columns.iter().map(unit).collect());
        for (k, arm) in told[0].arms.iter().enumerate() {
            let cell = |(readout, up): &(&Arms, bool)| {
                let arm = &readout.arms[k];
                let (moves, excursion) = match up {
                    true => (readout.rises(arm), arm.highest),
                    false => (readout.falls(arm), arm.lowest),
                };
                if moves { excursion.value.said("") } else { "unchanged".into() }
            };
            out += &line(&arm.name, columns.iter().map(cell).collect());
        }
    }
    out
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect()
}

#[cfg(test)]
mod tests;
