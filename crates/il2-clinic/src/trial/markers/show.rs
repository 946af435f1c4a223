//! Tables, text and sentences on markers.

use crate::trial::hazards::{Compared, significant};
use crate::trial::markers::compare::{EffectByMarker, InArm};
use crate::trial::markers::plan::Replication;
use crate::trial::markers::replication::Replicated;
use crate::trial::plan::Plan;
use crate::trial::quantities::{interval, over_trials, percent};
use crate::trial::run::Answer;
use il2::tumour::marker::Marker;
use il2_answer::sentence::{listed, number, percent as percent_of};
use il2_inference::bootstrap::Estimate;
use il2_inference::survival::proportions::wilson;
use il2_inference::survival::replication::OfMarker;
use il2_output::table::Table;

/// A result for a marker, over trials.
pub struct Row {
    /// Index of the marker.
    pub marker: usize,
    /// Arm in which it was found, or whose effect it describes.
    pub arm: String,
    /// Patients to whom it applies.
    pub patients: &'static str,
    /// What it is.
    pub quantity: &'static str,
    /// What it was in each trial.
    trials: Vec<InTrial>,
}

/// A result of one trial.
#[derive(Clone, Copy, Debug, Default)]
struct InTrial {
    value: Option<Estimate>,
    p: Option<f64>,
    /// Patients who were compared, or counted.
    patients: usize,
    /// Deaths among them, for a hazard ratio.
    deaths: Option<usize>,
}

impl InTrial {
    fn of(compared: &Compared) -> Self {
        let Compared { hazard_ratio: value, p, patients, events } = *compared;
        Self { value, p, patients, deaths: Some(events) }
    }
}

/// Name of the response.
pub const RESPONSE: &str = "objective response (%)";
/// Name of the hazard ratio of an arm compared with the first.
pub const EFFECT: &str = "hazard ratio of death, compared with the first arm";
const ADJUSTED: &str = "odds ratio of response, given the other markers (Firth)";
const INTERACTION: &str = "ratio of the two hazard ratios (interaction)";
const GROUPS: [&str; 2] = ["negative", "positive"];
const BOTH: &str = "positive compared with negative";

impl Row {
    /// The value over trials.
    pub fn estimate(&self) -> Estimate {
        over_trials(self.trials.iter().map(|trial| trial.value)).estimate
    }

    /// Mean numbers of patients and, for hazard ratios, of deaths in a trial.
    pub fn counts(&self) -> (f64, Option<f64>) {
        let mean = |of: &dyn Fn(&InTrial) -> Option<usize>| {
            let all: Option<Vec<usize>> = self.trials.iter().map(of).collect();
            all.map(|all| all.iter().sum::<usize>() as f64 / all.len() as f64)
        };
        (mean(&|trial| Some(trial.patients)).unwrap_or(f64::NAN), mean(&|trial| trial.deaths))
    }

    /// The p value of a single trial, or NaN.
    pub fn p(&self) -> f64 {
        match &self.trials[..] {
            [trial] => trial.p.unwrap_or(f64::NAN),
            _ => f64::NAN,
        }
    }

    /// Fraction of the trials with a p value that find a difference, with its interval; NaN for a
    /// single trial.
    pub fn power(&self) -> Estimate {
        let ps: Vec<f64> = self.trials.iter().filter_map(|trial| trial.p).collect();
        match self.trials.len() {
            1 => significant(&[]),
            _ => significant(&ps),
        }
    }
}

/// All results by marker.
pub fn rows(plan: &Plan, answer: &Answer) -> Vec<Row> {
    let mut all = vec![];
    // A marker that all patients of the trial have divides nobody.
    let divides = |marker: &usize| !plan.markers.eligible.contains(marker);
    for marker in (0..plan.markers.all.len()).filter(divides) {
        let trials = || answer.trials.iter().map(|trial| &trial.markers[marker]);
        for (a, arm) in plan.arms.iter().enumerate() {
            let in_arm = || trials().map(|of| &of.arms[a]);
            let mut push = |patients, quantity, trials: Vec<InTrial>| {
                all.push(Row { marker, arm: arm.name.clone(), patients, quantity, trials });
            };
            for (k, group) in GROUPS.into_iter().enumerate() {
                let response = |of: &InArm| InTrial {
                    value: percent(of.response[k]),
                    patients: of.patients[k],
                    ..InTrial::default()
                };
                push(group, RESPONSE, in_arm().map(response).collect());
            }
            let odds = |of: &InArm| InTrial {
                value: of.odds_ratio.map(|o| o.ratio),
                p: of.odds_ratio.map(|o| o.p),
                patients: of.patients.iter().sum(),
                deaths: None,
            };
            push(BOTH, "odds ratio of response", in_arm().map(odds).collect());
            let adjusted = |of: &InArm| InTrial {
                value: of.adjusted.map(|o| o.0),
                p: of.adjusted.map(|o| o.1),
                patients: of.patients.iter().sum(),
                deaths: None,
            };
            push(BOTH, ADJUSTED, in_arm().map(adjusted).collect());
            let deaths = in_arm().map(|of| InTrial::of(&of.survival));
            push(BOTH, "hazard ratio of death", deaths.collect());
            if plan.markers.all[marker].follows.is_some() {
                let area = |of: &InArm| InTrial {
                    value: of.area,
                    patients: of.patients.iter().sum(),
                    ..InTrial::default()
                };
                push("all", "area under the ROC curve for response", in_arm().map(area).collect());
            }
            if a == 0 {
                continue;
            }
            let effects = || trials().map(|of| &of.against[a - 1]);
            for (k, group) in GROUPS.into_iter().enumerate() {
                push(group, EFFECT, effects().map(|of| InTrial::of(&of.survival[k])).collect());
            }
            let interaction = |of: &EffectByMarker| InTrial {
                value: of.interaction.map(|i| i.0),
                p: of.interaction.map(|i| i.1),
                patients: of.survival.iter().map(|one| one.patients).sum(),
                deaths: Some(of.survival.iter().map(|one| one.events).sum()),
            };
            push(BOTH, INTERACTION, effects().map(interaction).collect());
        }
    }
    all
}

/// The table of results by marker.
pub fn table(plan: &Plan, answer: &Answer, name: &str) -> Table {
    const COLUMNS: [(&str, bool); 14] = [
        ("marker", true),
        ("arm", true),
        ("patients", true),
        ("quantity", true),
        ("patients_per_trial", false),
        ("deaths_per_trial", false),
        ("value", false),
        ("low", false),
        ("high", false),
        ("interval", true),
        ("p", false),
        ("power", false),
        ("power_low", false),
        ("power_high", false),
    ];
    let mut table = Table::new(name, &COLUMNS);
    for row in rows(plan, answer) {
        let e = row.estimate();
        let (patients, deaths) = row.counts();
        let power = row.power();
        table.push(vec![
            plan.markers.all[row.marker].name.as_str().into(),
            row.arm.as_str().into(),
            row.patients.into(),
            row.quantity.into(),
            patients.into(),
            deaths.unwrap_or(f64::NAN).into(),
            e.value.into(),
            e.low.into(),
            e.high.into(),
            interval(plan).into(),
            row.p().into(),
            power.value.into(),
            power.low.into(),
            power.high.into(),
        ]);
    }
    table
}

/// The table of samples in which markers were tried.
pub fn replication_table(plan: &Plan, answer: &Answer, name: &str) -> Table {
    const COLUMNS: [(&str, bool); 7] = [
        ("marker", true),
        ("linked", true),
        ("samples", false),
        ("selected", false),
        ("holds", false),
        ("odds_ratio_retrospective", false),
        ("odds_ratio_prospective", false),
    ];
    let mut table = Table::new(name, &COLUMNS);
    let Some(Replicated { found, .. }) = &answer.replication else { return table };
    let mut push = |name: &str, linked: &str, of: &OfMarker| {
        table.push(vec![
            name.into(),
            linked.into(),
            (found.resamples as f64).into(),
            (of.selected as f64).into(),
            (of.holds as f64).into(),
            of.found.into(),
            of.later.into(),
        ]);
    };
    for (k, of) in found.markers.iter().enumerate() {
        match plan.markers.all.get(k) {
            Some(marker) => push(&marker.name, if marker.is_linked() { "Y" } else { "N" }, of),
            None => push("unrelated markers together", "N", of),
        }
    }
    push("any marker", "", &found.any);
    table
}

/// A sentence on each marker in the last arm, on who may enter, and on replication.
pub fn sentences(plan: &Plan, answer: &Answer) -> Vec<String> {
    let all = rows(plan, answer);
    let last = plan.arms.last().map_or("", |arm| arm.name.as_str());
    let mut said = vec![];
    for (k, marker) in plan.markers.all.iter().enumerate() {
        let of = |patients: &str, quantity: &str| {
            let row = all.iter().find(|row| {
                row.marker == k
                    && row.arm == last
                    && row.patients == patients
                    && row.quantity == quantity
            });
            row.and_then(|row| over_trials(row.trials.iter().map(|trial| trial.value)).said(""))
        };
        // The p value of a single trial.
        let interaction = |k: usize| {
            let row = all
                .iter()
                .find(|row| row.marker == k && row.arm == last && row.quantity == INTERACTION);
            let p = row.map_or(f64::NAN, Row::p);
            if p.is_nan() { String::new() } else { format!(" (interaction p {})", number(p)) }
        };
        let response = |patients| of(patients, RESPONSE);
        if let (Some(positive), Some(negative)) = (response(GROUPS[1]), response(GROUPS[0])) {
            let effects = match (of(GROUPS[1], EFFECT), of(GROUPS[0], EFFECT)) {
                (Some(positive), Some(negative)) => format!(
                    "; hazard ratio of death compared with {}: {positive} and {negative}{}",
                    plan.arms[0].name,
                    interaction(k)
                ),
                _ => String::new(),
            };
            said.push(format!(
                "{}: in {last}, response of {positive} % of positive and {negative} % of negative \
                 patients{effects}.",
                marker.name
            ));
        }
    }
    let eligible: Vec<String> =
        plan.markers.eligible.iter().map(|k| plan.markers.all[*k].name.clone()).collect();
    if !eligible.is_empty() {
        said.push(format!(
            "Only patients positive for {} enter the trial; for each patient enrolled, {} candidates are \
             screened.",
            listed(&eligible),
            number(answer.screened)
        ));
    }
    if let Some(asked) = &plan.markers.replication {
        said.extend(of_replication(plan, asked, answer));
    }
    said
}

/// By which markers comparisons of arms are stratified.
pub fn stratified(plan: &Plan) -> Option<String> {
    let strata = plan.markers.strata.iter().map(|k| plan.markers.all[*k].name.clone());
    let strata: Vec<String> = strata.collect();
    (!strata.is_empty() && plan.arms.len() > 1).then(|| {
        format!(
            "Allocation, hazard ratios and log-rank tests are stratified by {}.",
            listed(&strata)
        )
    })
}

fn of_replication(plan: &Plan, asked: &Replication, answer: &Answer) -> Vec<String> {
    let arm = &plan.arms[asked.arm].name;
    let Some(Replicated { found, simulated }) = &answer.replication else {
        return vec![format!(
            "Markers could not be tried in samples of {arm}: fewer than two of its simulated patients \
             respond, or fewer than two do not; name an arm with responders (`arm`), or simulate more \
             patients."
        )];
    };
    let sample = match asked.responders {
        Some(n) => format!("{} patients ({n} of them responders)", asked.retrospective),
        None => format!("{} patients", asked.retrospective),
    };
    let tried = plan.markers.all.len() + asked.unrelated;
    let cut_offs = match asked.cut_offs {
        1 => String::new(),
        n => format!(" at {n} cut-offs each"),
    };
    let any = &found.any;
    let share = |count: u64, of: u64| {
        let e = wilson(count, of, 0.95).ok();
        let ends = e
            .map_or(String::new(), |e| format!(" ({:.0} to {:.0})", 100.0 * e.low, 100.0 * e.high));
        format!("{}{ends}", percent_of(count as f64 / of.max(1) as f64))
    };
    let mut said = vec![format!(
        "Of {} retrospective samples of {sample} of {arm}, {} have a marker among the {tried} tried{cut_offs} that \
         looks decisive (p below {} in Fisher's exact test; samples are drawn from {} simulated \
         patients, {} responders; 95 % confidence intervals in parentheses).",
        found.resamples,
        share(any.selected, found.resamples),
        asked.alpha,
        simulated.0,
        simulated.1,
    )];
    if any.selected == 0 {
        return said;
    }
    let linked = plan.markers.all.iter().zip(&found.markers).filter(|(m, _)| m.is_linked());
    let linked: Vec<u64> = linked.map(|(_, of)| of.selected).collect();
    if !linked.is_empty() {
        said.push(format!(
            "The selected marker is linked to the tumour in {} of these samples.",
            share(linked.iter().sum(), any.selected)
        ));
    }
    said.push(format!(
        "In a prospective sample of {} patients, {} of the findings hold (p below {}, same direction); \
         the median odds ratio of the selected marker changes from {} to {}.",
        asked.prospective,
        share(any.holds, any.selected),
        asked.alpha,
        number(any.found),
        number(any.later),
    ));
    said
}

/// What a marker is, for the text of a study.
pub fn described(marker: &Marker) -> String {
    let mut links: Vec<String> = marker
        .factors
        .iter()
        .map(|(feature, factor)| format!("{} times {}", feature.name(), number(*factor)))
        .collect();
    links.extend(marker.follows.map(|(feature, correlation)| {
        format!("follows {} (correlation {})", feature.name(), number(correlation))
    }));
    let link = if links.is_empty() { "no link to the tumour".into() } else { listed(&links) };
    format!("{}: positive in {} of candidates; {link}", marker.name, percent_of(marker.positive))
}
