//! The answer of a search, in sentences.

use crate::beyond;
use crate::regimen::plan::Plan;
use crate::regimen::search::edges::{End, LEVEL, Tried, best, end, of_schedule, ranges};
use crate::regimen::search::plan::Search;
use il2_answer::labels::cut;
use il2_answer::sentence::{Spread, listed, percent};
use il2_inference::quantiles::Z_975;
use il2_inference::survival::proportions::wilson;
use il2_study::ranges::short;

/// Largest number of times between doses whose doses are all told; the table has the others.
const MOST: usize = 6;

/// The sentences: the doses that meet all requirements, or the best compromise.
pub fn sentences(search: &Search, name: &str, tried: &[Tried]) -> Vec<String> {
    let told = Told { search, name: cut(name, 30), tried };
    let found: Vec<(usize, Option<[End; 2]>)> =
        (0..search.schedules.len()).map(|s| (s, told.ends(s))).collect();
    let all = found.iter().filter(|(_, ends)| ends.is_some()).count();
    let mut said = if all == 0 { told.compromise() } else { told.smallest(&found) };
    if told.one() {
        return said;
    }
    said.push("In parentheses: 95 % intervals for this number of patients.".into());
    said
}

struct Told<'a> {
    search: &'a Search,
    name: String,
    tried: &'a [Tried],
}

impl Told<'_> {
    fn some(&self, schedule: usize) -> &[Tried] {
        of_schedule(self.tried, schedule)
    }

    /// Whether there is a single patient.
    fn one(&self) -> bool {
        self.tried.iter().all(|t| t.all <= 1)
    }

    /// Both ends of the lowest doses that meet all requirements.
    fn ends(&self, schedule: usize) -> Option<[End; 2]> {
        let some = self.some(schedule);
        let range = *ranges(self.search, some, None).first()?;
        Some([false, true].map(|upper| end(self.search, some, range, upper)))
    }

    fn requirement(&self, index: usize) -> String {
        cut(&self.search.requirements[index].name, 30)
    }

    fn all_requirements(&self) -> String {
        match self.search.requirements.len() {
            1 => self.requirement(0),
            2 => "both requirements".into(),
            n => format!("all {n} requirements"),
        }
    }

    /// `treg_doubled is met in 91 % of patients (86 to 95; 90 % needed)`, for every requirement.
    fn shares(&self, tried: &Tried) -> String {
        let one = |r: usize| {
            let (need, share) = (self.search.requirements[r].share, tried.share(r));
            let name = self.requirement(r);
            match (self.one(), share.middle > 0.0) {
                (true, true) => format!("{name} is met"),
                (true, false) => format!("{name} is not met"),
                (false, _) => format!(
                    "{name} is met in {} of patients ({}; {} needed)",
                    percent(share.middle),
                    interval(share),
                    percent(need)
                ),
            }
        };
        listed(&(0..tried.meets.len()).map(one).collect::<Vec<_>>())
    }

    /// The sentences if only the time between doses is varied.
    fn intervals(&self) -> Vec<String> {
        let search = self.search;
        let met = |t: &&Tried| t.holds_all(search);
        let every = |t: &Tried| search.schedules[t.schedule].said().trim_start().to_string();
        let listed = |some: Vec<&Tried>| listed(&some.into_iter().map(every).collect::<Vec<_>>());
        let yes: Vec<&Tried> = self.tried.iter().filter(met).collect();
        let no: Vec<&Tried> = self.tried.iter().filter(|t| !met(t)).collect();
        let longest = *yes.last().expect("one meets all");
        let not = match no.is_empty() {
            true => String::new(),
            false => format!(", and not when given {}", listed(no)),
        };
        let dose = format!("{} of {}", search.unit.said(longest.dose), self.name);
        let told =
            format!("{dose} meets {} when given {}{not}.", self.all_requirements(), listed(yes));
        vec![told, format!("Given {}, {}.", every(longest), self.shares(longest))]
    }

    fn smallest(&self, found: &[(usize, Option<[End; 2]>)]) -> Vec<String> {
        let search = self.search;
        if let (true, [only]) = (search.doses.len() == 1, self.tried) {
            let (every, dose) = (search.schedules[0].said(), search.unit.said(only.dose));
            let met = self.all_requirements();
            let shares = self.shares(only);
            return vec![format!("{dose} of {}{every} meets {met}: {shares}.", self.name)];
        }
        if search.doses.len() == 1 {
            return self.intervals();
        }
        let doses = |(s, ends): &(usize, Option<[End; 2]>)| {
            let every = search.schedules[*s].said();
            match ends {
                Some([low, _]) => format!("{}{every}", dose(search, low.dose)),
                None => {
                    let some = self.some(*s);
                    let lacking = some[best(search, some)].lacking(search);
                    let names: Vec<String> = lacking.iter().map(|r| self.requirement(*r)).collect();
                    format!("no dose{every} (because of {})", listed(&names))
                }
            }
        };
        let met = self.all_requirements();
        let (shown, more) = (&found[..found.len().min(MOST)], found.len().saturating_sub(MOST));
        let mut shown: Vec<String> = shown.iter().map(doses).collect();
        if more > 0 {
            shown.push(format!("{more} more in the table"));
        }
        let tells = match found.len() {
            1 => format!("The smallest dose of {} that meets {met} is {}", self.name, shown[0]),
            _ => format!(
                "The smallest doses of {} that meet {met} are {}",
                self.name,
                listed(&shown)
            ),
        };
        // The dose with the shortest time between doses is told in full.
        let (schedule, ends) =
            found.iter().find_map(|(s, e)| Some((*s, e.as_ref()?))).expect("one");
        let some = self.some(schedule);
        let at = some.iter().position(|t| t.dose == ends[0].dose.middle).expect("was tried");
        let (every, of) = (search.schedules[schedule].said(), search.unit.said(some[at].dose));
        let shares = self.shares(&some[at]);
        let mut said = match found.len() {
            1 => vec![format!("{tells}: {shares}.")],
            _ => vec![format!("{tells}."), format!("At {of}{every}, {shares}.")],
        };
        said.extend(self.limits(schedule, ends));
        said
    }

    /// Where the requirements are met with a schedule, and which limits the dose on either side.
    fn limits(&self, schedule: usize, [low, high]: &[End; 2]) -> Vec<String> {
        let search = self.search;
        let given = match search.schedules.len() {
            1 => String::new(),
            _ => format!("given{}, ", search.schedules[schedule].said()),
        };
        let one = search.requirements.len() == 1;
        let is = if one { "is" } else { "are" };
        let span = match low.dose.middle == high.dose.middle {
            true => format!("at {} only", search.unit.said(low.dose.middle)),
            false => format!("from {} to {}", short(low.dose.middle), dose(search, high.dose)),
        };
        let more = match ranges(search, self.some(schedule), None).len() {
            1 => "",
            _ => ", and at further doses of the table",
        };
        let side = |end: &End, word: &str, last: &str| match end.limits.is_empty() {
            true => format!("{last} dose tried meets {}", if one { "it" } else { "them" }),
            false => {
                let names: Vec<String> = end.limits.iter().map(|r| self.requirement(*r)).collect();
                let verb = if names.len() == 1 { "is" } else { "are" };
                format!("{word}, {} {verb} not met", listed(&names))
            }
        };
        let above = if low.limits.is_empty() { "above this range" } else { "above it" };
        let [below, above] =
            [side(low, "below this range", "the lowest"), side(high, above, "the highest")];
        vec![
            capital(&format!("{given}{} {is} met {span}{more}.", self.all_requirements())),
            capital(&format!("{below}; {above}.")),
        ]
    }

    /// The sentences if no dose meets all requirements.
    fn compromise(&self) -> Vec<String> {
        let search = self.search;
        let at = best(search, self.tried);
        let (tried, some) = (&self.tried[at], self.some(self.tried[at].schedule));
        let every = search.schedules[tried.schedule].said();
        let tested = match search.doses.as_slice() {
            [one] => format!("{} of {} does not", search.unit.said(*one), self.name),
            [first, .., last] if search.refined => {
                format!(
                    "None of the doses of {} tried from {} to {}",
                    self.name,
                    short(*first),
                    search.unit.said(*last)
                )
            }
            _ => format!("None of the doses of {} that were tried", self.name),
        };
        let when = match search.schedules.len() {
            1 => every.clone(),
            _ => ", at any of the times between doses that were tried,".into(),
        };
        let none = match search.doses.len() {
            1 => format!("{tested} meet {}{when}.", self.all_requirements()),
            _ => format!("{tested}{when} meets {}.", self.all_requirements()),
        };
        let mut said = vec![none];
        if search.doses.len() > 1 || search.schedules.len() > 1 {
            said.push(format!(
                "The best compromise is {}{every}: {}.",
                search.unit.said(tried.dose),
                self.shares(tried)
            ));
        } else {
            said.push(format!("There, {}.", self.shares(tried)));
        }
        if some.len() > 1 {
            let alone = |r: usize| self.alone(some, r);
            let alone: Vec<String> = (0..search.requirements.len()).map(alone).collect();
            let given = if every.is_empty() { String::new() } else { format!("given{every}, ") };
            said.push(capital(&format!("{given}{}.", listed(&alone))));
        }
        said
    }

    /// At which doses a requirement is met, whatever the others.
    fn alone(&self, some: &[Tried], requirement: usize) -> String {
        let (search, name) = (self.search, self.requirement(requirement));
        let all = ranges(search, some, Some(requirement));
        let last = some.len() - 1;
        let said = |dose: f64| search.unit.said(dose);
        let part = |&(from, to): &(usize, usize)| match (from, to) {
            (0, to) if to == last => "at every dose tried".to_string(),
            (0, to) => format!("up to {}", said(some[to].dose)),
            (from, to) if to == last => format!("from {}", said(some[from].dose)),
            (from, to) if from == to => format!("at {}", said(some[from].dose)),
            (from, to) => format!("from {} to {}", short(some[from].dose), said(some[to].dose)),
        };
        if !all.is_empty() {
            return format!("{name} is met {}", listed(&all.iter().map(part).collect::<Vec<_>>()));
        }
        let most = (0..some.len()).rev().max_by_key(|i| some[*i].meets[requirement]);
        let most = &some[most.expect("a dose was tried")];
        match self.one() {
            true => format!("{name} is met at no dose tried"),
            false => format!(
                "{name} is met at no dose tried, at most in {} of patients (at {})",
                percent(most.share(requirement).middle),
                said(most.dose)
            ),
        }
    }
}

/// A dose with its unit and the interval of an edge: `0.423 MIU/m2 (0.36 to 0.52)`.
fn dose(search: &Search, of: Spread) -> String {
    let middle = search.unit.said(of.middle);
    let ends = match (of.low.is_finite(), of.high.is_finite()) {
        (true, true) => format!(" ({} to {})", short(of.low), short(of.high)),
        (true, false) => format!(" (at least {})", short(of.low)),
        (false, true) => format!(" (at most {})", short(of.high)),
        (false, false) => String::new(),
    };
    format!("{middle}{ends}")
}

/// The interval of a share, in percent without the sign: `86.2 to 94.2`.
fn interval(share: Spread) -> String {
    [share.low, share.high].map(|part| short(100.0 * part)).join(" to ")
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect()
}

/// Sentences about the smallest doses, or the best compromise, outside the range in which the model
/// was fitted or patients were followed.
pub fn beyond(plan: &Plan, search: &Search, tried: &[Tried]) -> Vec<String> {
    let arm = &plan.arms[search.arm];
    let range = beyond::Range::of(&arm.patients.cohort);
    let found = |s: usize| {
        let some = of_schedule(tried, s);
        ranges(search, some, None).first().map(|(low, _)| &some[*low])
    };
    let mut told: Vec<&Tried> = (0..search.schedules.len()).filter_map(found).collect();
    if told.is_empty() {
        told.push(&tried[best(search, tried)]);
    }
    let said = |t: &&Tried| {
        let every = search.schedules[t.schedule].said();
        let name = format!("{} at {}{every}", arm.regimen.name, search.unit.said(t.dose));
        t.beyond.sentence(&range, &name, t.last_dose)
    };
    told.iter().filter_map(said).take(3).collect()
}

/// A warning about shares that so few patients cannot show, whatever the dose.
pub fn few(search: &Search, tried: &[Tried]) -> Option<String> {
    let patients = tried.first().map(|t| t.effective.round() as u64).filter(|n| *n > 1)?;
    let lowest = |n: u64| wilson(n, n, LEVEL).map_or(0.0, |all| all.low);
    let needed = search.requirements.iter().map(|r| r.share).filter(|share| *share < 1.0);
    let most = needed.fold(0.0, f64::max);
    if lowest(patients) >= most {
        return None;
    }
    // The interval of n of n begins at n / (n + z^2).
    let enough = (Z_975 * Z_975 * most / (1.0 - most)).ceil();
    Some(format!(
        "{patients} patients are too few to show that a requirement is met in {} of patients: even \
         if all of them meet it, the interval begins at {} %. At least {enough} are needed.",
        percent(most),
        short(100.0 * lowest(patients))
    ))
}

/// A warning about simulations that failed.
pub fn failed(plan: &Plan, tried: &[Tried]) -> Option<String> {
    let count: usize = tried.iter().map(|t| t.failed.len()).sum();
    (count > 0).then(|| {
        format!(
            "{count} simulations of the search could not be solved; a patient counts as one who \
             meets no requirement at such a dose (column status of {}_search.csv).",
            plan.name
        )
    })
}
