//! The answer of patients under regimens, in sentences.

use crate::labels::cut;
use crate::regimen::excursion::{After, Excursion};
use crate::regimen::own::SAME;
use crate::sentence::{Spread, listed, number, percent};
use il2_study::ranges::short;

/// Most arms that are listed; of more, the highest and the lowest.
pub const MOST: usize = 3;
/// Where a smaller part of the patients leaves the start, nearly all stay there.
const FEW: f64 = 0.05;

/// What the readout does in an arm.
#[derive(Clone, Debug)]
pub struct Arm {
    /// Name of its regimen.
    pub name: String,
    /// Up.
    pub highest: Excursion,
    /// Down.
    pub lowest: Excursion,
    /// Part of the patients who stay near their start.
    pub stay: f64,
}

/// A readout in all arms.
#[derive(Clone, Debug)]
pub struct Arms {
    /// In words.
    pub readout: String,
    /// Empty for plain numbers.
    pub unit: String,
    /// Central fraction of the patients in the intervals.
    pub level: f64,
    /// Whether there is one patient in place of many who differ.
    pub one: bool,
    /// The readout before treatment, median.
    pub start: f64,
    /// Those in which a patient was solved.
    pub arms: Vec<Arm>,
    /// Of the highest values, then of the lowest: one arm over another, patient by patient, since the
    /// patients of all arms are the same. The arms are those of [`side_by_side`].
    pub ratios: [Vec<(usize, usize, Spread)>; 2],
}

/// Which arms are compared, by their medians: each with the next lower one, or of many the highest with the
/// lowest.
pub fn side_by_side(medians: &[f64]) -> Vec<(usize, usize)> {
    let mut order: Vec<usize> = (0..medians.len()).filter(|i| medians[*i].is_finite()).collect();
    order.sort_by(|a, b| medians[*b].total_cmp(&medians[*a]));
    match order.as_slice() {
        [high, .., low] if order.len() > MOST => vec![(*high, *low)],
        few => few.windows(2).map(|pair| (pair[0], pair[1])).collect(),
    }
}

/// What each of the readouts does.
pub fn sentences(told: &[Arms]) -> Vec<String> {
    let mut said = vec![];
    // Said once, of the last that has an interval.
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
        *text += &format!("; brackets hold {} of patients.", percent(level));
    }
    said
}

impl Arms {
    // Past tense, since readouts are singular and plural.
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
            "fold of rest" => spread.said("-fold"),
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

    /// Whether it falls before it rises, or further than it rises.
    fn dips(&self, arm: &Arm) -> bool {
        let [up, down] =
            [arm.highest.value.middle / self.start, self.start / arm.lowest.value.middle];
        self.falls(arm) && (!self.rises(arm) || self.falls_first(arm) || down > up)
    }

    /// `stayed within 5 % of the start in 97 % of patients`, and of others what they did.
    fn stays(&self, arm: &Arm) -> String {
        let place = match self.start == 0.0 {
            true => "stayed at 0".to_string(),
            false => format!("stayed within {} of the start", percent(SAME)),
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

    /// Where nothing moves in any arm.
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

    /// That it did not go one way: in how many of the patients.
    fn does_not(&self, arm: &Arm, up: bool) -> String {
        let share = if up { arm.highest.share } else { arm.lowest.share };
        let by = match (self.start == 0.0, up) {
            (true, true) => "above 0".to_string(),
            (true, false) => "below 0".to_string(),
            _ => format!("by more than {}", percent(SAME)),
        };
        match self.one || share == 0.0 {
            true => format!(" {by}"),
            false => format!(" {by} in {} of patients", percent(1.0 - share)),
        }
    }

    /// What a readout does in an arm: the verb, and what follows it.
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

/// The arms by how high the readout rises, or how low it falls.
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
    // An order of events is told where it is that of every arm.
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
        let (verb, how) = match verb == before && !how.is_empty() {
            true => ("", how.trim_start().to_string()),
            false => (verb, how),
        };
        before = if verb.is_empty() { before } else { verb };
        format!("{verb}{how} under {}", cut(&arm.name, 30))
    };
    let some: Vec<String> = shown.iter().map(one).collect();
    let over = |(above, below, ratio): &(usize, usize, Spread)| {
        let [above, below] = [above, below].map(|i| cut(&told.arms[*i].name, 30));
        // Arms have steps of their own, so that what is equal is so to the accuracy of a few of them.
        let is = |v: f64| (v - 1.0).abs() < 1e-3;
        let verdict = match (ratio.has_ends(), ratio.low, ratio.high) {
            (false, ..) if is(ratio.middle) => ": no difference",
            (true, low, high) if is(low) && is(high) => ": no difference",
            (true, low, high) if is(low) || is(high) => ": no difference in some patients",
            (true, low, high) if low < 1.0 && high > 1.0 => ": the order differs between patients",
            _ => "",
        };
        format!("{above} over {below} is {}{verdict}", ratio.said(""))
    };
    let ratios: Vec<String> = told.ratios[usize::from(!up)].iter().map(over).collect();
    let ratios = match (ratios.is_empty(), shown[0].highest.value.has_ends()) {
        (true, _) => String::new(),
        (false, true) => format!("; within patients, {}", ratios.join("; ")),
        (false, false) => format!("; {}", ratios.join("; ")),
    };
    format!("{} {}{among}{ratios}.", capital(&told.readout), listed(&some))
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excursion(middle: f64, day: f64, share: f64) -> Excursion {
        let value = Spread { middle, low: 0.8 * middle, high: 1.3 * middle };
        Excursion { value, day, after: After::Turns, share }
    }

    fn arm(name: &str, peak: f64) -> Arm {
        Arm {
            name: name.into(),
            highest: excursion(peak, 14.0, 1.0),
            lowest: excursion(1.0, 0.0, 0.0),
            stay: 0.0,
        }
    }

    fn told(arms: Vec<Arm>, ratios: Vec<(usize, usize, Spread)>) -> Arms {
        let (readout, unit) = ("treg".into(), "fold of rest".into());
        let ratios = [ratios, vec![]];
        Arms { readout, unit, level: 0.9, one: false, start: 1.0, arms, ratios }
    }

    fn spread(middle: f64, low: f64, high: f64) -> Spread {
        Spread { middle, low, high }
    }

    fn said(told: &Arms) -> Vec<String> {
        sentences(std::slice::from_ref(told))
    }

    #[test]
    fn two_arms_are_compared_patient_by_patient() {
        let ratios = vec![(1, 0, spread(1.8, 1.2, 2.9))];
        assert_eq!(
            said(&told(vec![arm("low_dose", 2.41), arm("high_dose", 4.3)], ratios)),
            [
                "Treg peaked at 2.41-fold (1.93 to 3.13) on day 14 under low_dose and at 4.30-fold (3.44 to \
                 5.59) on day 14 under high_dose; within patients, high_dose over low_dose is 1.80 (1.20 to \
                 2.90); brackets hold 90 % of patients."
            ]
        );
    }

    #[test]
    fn each_readout_has_its_sentences_and_the_brackets_are_said_once() {
        let treg = told(vec![arm("a", 2.0)], vec![]);
        let nk = Arms { readout: "nk bright".into(), ..told(vec![arm("a", 4.0)], vec![]) };
        let still = Arm { highest: excursion(1.0, 0.0, 0.0), stay: 1.0, ..arm("a", 1.0) };
        let cd8 = Arms { readout: "cd8".into(), ..told(vec![still], vec![]) };
        assert_eq!(
            sentences(&[treg, nk, cd8]),
            [
                "Under a, treg peaked at 2-fold (1.60 to 2.60) on day 14.",
                "Under a, nk bright peaked at 4-fold (3.20 to 5.20) on day 14; brackets hold 90 % of patients.",
                "Under a, cd8 stayed within 5 % of the start in 100 % of patients."
            ]
        );
    }

    #[test]
    fn what_falls_before_it_rises_is_compared_by_both() {
        let dips = |name: &str, low: f64, high: f64| Arm {
            lowest: excursion(low, 0.5, 1.0),
            ..arm(name, high)
        };
        let mut told = told(vec![dips("a", 0.5, 2.0), dips("b", 0.25, 4.0)], vec![]);
        told.ratios = [vec![(1, 0, spread(2.0, 1.5, 2.5))], vec![(0, 1, spread(2.0, 1.0, 3.0))]];
        assert_eq!(
            said(&told),
            [
                "Treg first fell to 0.500-fold (0.400 to 0.650) after 12 h under a and to 0.250-fold (0.200 \
                 to 0.325) after 12 h under b; within patients, a over b is 2 (1 to 3): no difference in some \
                 patients.",
                "Treg then peaked at 2-fold (1.60 to 2.60) on day 14 under a and at 4-fold (3.20 to 5.20) on \
                 day 14 under b; within patients, b over a is 2 (1.50 to 2.50); brackets hold 90 % of \
                 patients."
            ]
        );
        // What only one arm does first has no order; in how many patients it does not is said.
        let mut one = told.clone();
        one.arms[0].lowest = excursion(0.97, 0.5, 0.2);
        let one = said(&one);
        assert!(
            one[0].starts_with(
                "Treg did not fall by more than 5 % in 80 % of patients under a and fell to 0.250-fold"
            ),
            "{one:?}"
        );
        assert!(
            one[1].starts_with("Treg peaked at 2-fold (1.60 to 2.60) on day 14 under a and at")
        );
        // Where less than half of the patients dip, it is not a dip of the arm.
        told.arms.iter_mut().for_each(|arm| arm.lowest = excursion(0.97, 0.5, 0.2));
        assert!(said(&told)[0].starts_with("Treg peaked at 2-fold"));
    }

    #[test]
    fn what_stays_is_told_of_the_patients_who_do_not_of_their_median() {
        let still = |name: &str, stay: f64, up: f64, down: f64| Arm {
            highest: excursion(1.03, 3.0, up),
            lowest: excursion(0.98, 1.0, down),
            stay,
            ..arm(name, 1.0)
        };
        let of = |arms: Vec<Arm>| said(&told(arms, vec![]))[0].clone();
        assert_eq!(
            of(vec![still("a", 0.62, 0.3, 0.1), still("b", 0.97, 0.03, 0.0)]),
            "Treg stayed within 5 % of the start in 62 % of patients (rose further in 30 %, fell further in \
             10 %) under a and stayed within 5 % of the start in 97 % of patients under b."
        );
        let sure = |name| still(name, 1.0, 0.0, 0.0);
        assert_eq!(
            of(["a", "b", "c", "d"].map(sure).to_vec()),
            "Treg stayed within 5 % of the start in 100 % of patients in every arm."
        );
        let all = [sure("a"), sure("b"), sure("c"), still("d", 0.9, 0.1, 0.0)];
        assert_eq!(
            of(all.to_vec()),
            "Treg stayed within 5 % of the start in 90 % or more of patients (rose further in 10 %) in every \
             arm."
        );
        assert_eq!(
            of(vec![still("a", 0.62, 0.3, 0.1)]),
            "Under a, treg stayed within 5 % of the start in 62 % of patients (rose further in 30 %, fell \
             further in 10 %)."
        );
    }

    #[test]
    fn a_start_of_nothing_has_no_5_percent() {
        let none = Arm { highest: excursion(0.0, 0.0, 0.2), stay: 0.8, ..arm("a", 0.0) };
        let mut gain = told(vec![none, arm("b", 3.0)], vec![]);
        (gain.start, gain.unit, gain.readout) = (0.0, "mg".into(), "vasopressor".into());
        assert!(
            said(&gain)[0].starts_with(
                "Vasopressor did not rise above 0 in 80 % of patients under a and peaked at 3 mg"
            ),
            "{:?}",
            said(&gain)
        );
        gain.arms.truncate(1);
        assert_eq!(
            said(&gain)[0],
            "Under a, vasopressor stayed at 0 in 80 % of patients (rose further in 20 %)."
        );
    }

    #[test]
    fn of_three_arms_each_is_compared_with_the_next_so_that_a_tie_is_said() {
        assert_eq!(side_by_side(&[2.0, 3.0, 3.0]), [(1, 2), (2, 0)]);
        assert_eq!(side_by_side(&[2.0, f64::NAN, 3.0, 1.0, 5.0]), [(4, 3)]);
        let tie = spread(1.0, 1.0, 1.0);
        let arms = vec![arm("a", 2.0), arm("b", 3.0), arm("c", 3.0)];
        let said = said(&told(arms, vec![(1, 2, tie), (2, 0, spread(1.5, 0.8, 1.9))]));
        assert!(
            said[0].contains(
                "; within patients, b over c is 1 (1 to 1): no difference; c over a is 1.50 (0.800 to 1.90): \
                 the order differs between patients; brackets"
            ),
            "{said:?}"
        );
    }

    #[test]
    fn one_typical_patient_has_no_interval() {
        let exact = |value: f64, day: f64, goes_on: bool, share: f64| Excursion {
            after: if goes_on { After::GoesOn } else { After::Turns },
            value: Spread::exact(value),
            day,
            share,
        };
        let of = |highest, lowest| {
            let arm = Arm { highest, lowest, ..arm("daily", 2.41) };
            said(&Arms { one: true, ..told(vec![arm], vec![]) })
        };
        let top = exact(2.41, 14.0, false, 1.0);
        assert_eq!(
            of(top, exact(0.8, 1.5, false, 1.0)),
            [
                "Under daily, treg first fell to 0.800-fold on day 1.5 and then peaked at 2.41-fold on day 14."
            ]
        );
        assert_eq!(
            of(top, exact(0.1, 20.0, true, 1.0)),
            [
                "Under daily, treg peaked at 2.41-fold on day 14 and fell to 0.100-fold by day 20 (still \
              falling)."
            ]
        );
        assert_eq!(
            of(exact(1.01, 3.0, false, 0.0), exact(0.99, 0.3, false, 0.0)),
            ["Under daily, treg stayed within 5 % of the start."]
        );
    }

    #[test]
    fn a_rise_that_the_course_does_not_end_is_no_peak() {
        let mut rising = arm("a", 2.0);
        rising.highest.after = After::GoesOn;
        let said = said(&told(vec![rising, arm("b", 3.0)], vec![]));
        assert!(
            said[0].starts_with(
                "Treg rose to 2-fold (1.60 to 2.60) by day 14 (still rising) under a and peaked at 3-fold"
            ),
            "{said:?}"
        );
    }

    #[test]
    fn what_stays_at_its_top_has_no_peak() {
        let mut stays = arm("a", 7.11);
        stays.highest.after = After::Stays;
        let said = said(&told(vec![stays, arm("b", 3.0)], vec![]));
        assert!(
            said[0].starts_with(
                "Treg reached 7.11-fold (5.69 to 9.24) and stayed there under a and peaked"
            ),
            "{said:?}"
        );
    }

    #[test]
    fn of_many_arms_the_highest_and_the_lowest_are_told() {
        let arms = (1..6).map(|i| arm(&format!("arm{i}"), 1.0 + f64::from(i))).collect();
        let said = said(&told(arms, vec![(4, 0, spread(3.0, 2.0, 4.0))]));
        assert!(
            said[0].contains(
                "under arm5 and at 2-fold (1.60 to 2.60) on day 14 under arm1 (highest and lowest of 5 \
                 arms); within patients, arm5 over arm1 is 3 (2 to 4)"
            ),
            "{said:?}"
        );
    }

    #[test]
    fn what_only_falls_is_told_by_its_lowest_and_equal_arms_have_no_order() {
        let falls = |name: &str, low: f64, share: f64| Arm {
            highest: excursion(90.0, 0.0, 0.0),
            lowest: excursion(low, 4.5, share),
            ..arm(name, 90.0)
        };
        let of = |arms| {
            let (readout, unit) = ("pressure".into(), "mmHg".into());
            said(&Arms { readout, unit, start: 90.0, ..told(arms, vec![]) })
        };
        assert_eq!(
            of(vec![falls("a", 58.0, 1.0), falls("b", 80.0, 0.9)]),
            [
                "Pressure fell to 58 mmHg (46.4 to 75.4) on day 4.5 under a and to 80 mmHg (64 to 104) on day \
              4.5 under b; brackets hold 90 % of patients."
            ]
        );
        let said = of(vec![falls("a", 58.0, 1.0), falls("b", 89.0, 0.0)]);
        assert!(
            said[0].contains(" under a and did not fall by more than 5 % under b; brackets"),
            "{said:?}"
        );
    }
}
