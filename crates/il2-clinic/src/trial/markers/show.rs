//! Tables, text and sentences on markers.

use crate::trial::hazards::{Compared, part_significant};
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
    /// Its value in each trial, with its interval and p value.
    values: Vec<(Option<Estimate>, Option<f64>)>,
}

/// Name of the response.
pub const RESPONSE: &str = "objective response (%)";
/// Name of the hazard ratio of an arm compared with the first.
pub const EFFECT: &str = "hazard ratio of death, compared with the first arm";
const INTERACTION: &str = "ratio of the two hazard ratios (interaction)";
const GROUPS: [&str; 2] = ["negative", "positive"];
const BOTH: &str = "positive compared with negative";

impl Row {
    /// The value over trials.
    pub fn estimate(&self) -> Estimate {
        over_trials(self.values.iter().map(|(value, _)| *value)).estimate
    }

    /// The p value of a single trial, or NaN.
    pub fn p(&self) -> f64 {
        match &self.values[..] {
            [(_, p)] => p.unwrap_or(f64::NAN),
            _ => f64::NAN,
        }
    }

    /// Fraction of the trials with a p value that find a difference; NaN for a single trial.
    pub fn power(&self) -> f64 {
        let ps: Vec<f64> = self.values.iter().filter_map(|(_, p)| *p).collect();
        match self.values.len() {
            1 => f64::NAN,
            _ => part_significant(&ps),
        }
    }
}

/// All results by marker.
pub fn rows(plan: &Plan, answer: &Answer) -> Vec<Row> {
    let mut all = vec![];
    let ratio = |of: &Compared| (of.hazard_ratio, of.p);
    // A marker that all patients of the trial have divides nobody.
    let divides = |marker: &usize| !plan.markers.eligible.contains(marker);
    for marker in (0..plan.markers.all.len()).filter(divides) {
        let trials = || answer.trials.iter().map(|trial| &trial.markers[marker]);
        for (a, arm) in plan.arms.iter().enumerate() {
            let in_arm = || trials().map(|of| &of.arms[a]);
            let mut push = |patients, quantity, values: Vec<_>| {
                all.push(Row { marker, arm: arm.name.clone(), patients, quantity, values });
            };
            for (k, group) in GROUPS.into_iter().enumerate() {
                let responses = in_arm().map(|of| (percent(of.response[k]), None));
                push(group, RESPONSE, responses.collect());
            }
            let odds =
                in_arm().map(|of| (of.odds_ratio.map(|o| o.ratio), of.odds_ratio.map(|o| o.p)));
            push(BOTH, "odds ratio of response", odds.collect());
            push(BOTH, "hazard ratio of death", in_arm().map(|of| ratio(&of.survival)).collect());
            if plan.markers.all[marker].follows.is_some() {
                let areas = in_arm().map(|of| (of.area, None));
                push("all", "area under the ROC curve for response", areas.collect());
            }
            if a == 0 {
                continue;
            }
            let effects = || trials().map(|of| &of.against[a - 1]);
            for (k, group) in GROUPS.into_iter().enumerate() {
                push(group, EFFECT, effects().map(|of| ratio(&of.survival[k])).collect());
            }
            let interactions =
                effects().map(|of| (of.interaction.map(|i| i.0), of.interaction.map(|i| i.1)));
            push(BOTH, INTERACTION, interactions.collect());
        }
    }
    all
}

/// The table of results by marker.
pub fn table(plan: &Plan, answer: &Answer, name: &str) -> Table {
    const COLUMNS: [(&str, bool); 10] = [
        ("marker", true),
        ("arm", true),
        ("patients", true),
        ("quantity", true),
        ("value", false),
        ("low", false),
        ("high", false),
        ("interval", true),
        ("p", false),
        ("power", false),
    ];
    let mut table = Table::new(name, &COLUMNS);
    for row in rows(plan, answer) {
        let e = row.estimate();
        table.push(vec![
            plan.markers.all[row.marker].name.as_str().into(),
            row.arm.as_str().into(),
            row.patients.into(),
            row.quantity.into(),
            e.value.into(),
            e.low.into(),
            e.high.into(),
            interval(plan).into(),
            row.p().into(),
            row.power().into(),
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
            row.and_then(|row| over_trials(row.values.iter().map(|(value, _)| *value)).said(""))
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
        said.push(format!("Only patients positive for {} enter the trial.", listed(&eligible)));
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
