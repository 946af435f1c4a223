//! What a trial's report says about its credibility, in the order in which regulators ask: question,
//! context of use, assumptions, calibration, validation and sensitivity. Limits are those of every
//! report. Reports without a trial have none of these sections.

use crate::report::inputs::source;
use crate::report::parts::{breakable, head, number, prose};
use il2::parameter::{How, Parameter};
use il2::quantity::DAY;
use il2_assay::evidence::{self, Evidence};
use il2_assay::kinds::Plan;
use il2_clinic::trial;
use il2_engine::words::counted;
use il2_study::library::Library;
use il2_study::study::Study;
use maud::{Markup, html};

fn trials(plans: &[(String, Plan)]) -> Vec<(&str, &trial::Plan)> {
    let mut all = vec![];
    for (name, plan) in plans {
        if let Plan::Trial(plan) = plan {
            all.push((name.as_str(), plan));
        }
    }
    all
}

/// A section for each trial; empty without one.
fn each(plans: &[(String, Plan)], of: impl Fn(&trial::Plan) -> Markup) -> Markup {
    let all = trials(plans);
    html! {
        @for (name, plan) in &all {
            @if all.len() > 1 { h3 { "Assay " (name) } }
            (of(plan))
        }
    }
}

/// The question, and the trials by which it is answered.
pub fn question(study: &Study, plans: &[(String, Plan)]) -> Markup {
    if trials(plans).is_empty() {
        return html! {};
    }
    html! {
        p { (study.question) }
        (each(plans, |plan| html! {
            dl.facts {
                dt { "disease" } dd { (plan.entry.name) }
                @for arm in &plan.arms {
                    dt { "arm " (arm.name) }
                    dd { (counted(arm.patients, "patient")) ", " (treatment(arm)) }
                }
                dt { "simulated trials" } dd { (plan.replicates) }
                dt { "follow-up of the last patient" }
                dd { (number(plan.follow_up / DAY)) " d" }
                dt { "response criteria" } dd { (plan.criteria) }
            }
        }))
    }
}

fn treatment(arm: &trial::plan::Arm) -> String {
    let drug = arm.drug.as_ref().map(|(patients, _)| patients.ligand.clone());
    let all: Vec<String> =
        drug.into_iter().chain(arm.partners.iter().map(|(name, _)| name.clone())).collect();
    if all.is_empty() { "no treatment".into() } else { all.join(", ") }
}

/// For whom and for what the answer may be used.
pub fn context(plans: &[(String, Plan)]) -> Markup {
    each(plans, |plan| {
        html! {
            p {
                "Population: virtual patients with " (plan.entry.name.to_lowercase()) ". "
                (plan.entry.description)
                " Only candidates whose tumour grows without treatment enter."
            }
            p {
                "The simulation may be used to compare designs of a trial before it starts (arms, \
                 numbers of patients, follow-up, scans, analyses), to explain results of published \
                 trials, and to say which numbers would have to be measured. Differences between \
                 arms deserve more confidence than the result of an arm."
            }
            p {
                "It must not be used to treat a patient, in place of a trial as evidence that a \
                 treatment works, or for diseases, molecules and populations that the section \
                 " a href="#validation" { "Validation" } " does not contain, unless the answer is \
                 marked as an extrapolation."
            }
        }
    })
}

/// What is assumed: the structure of the model, and the share of its numbers.
pub fn assumptions(plans: &[(String, Plan)]) -> Markup {
    each(plans, |plan| {
        let all = &plan.entry.parameters;
        let assumed = all.values().filter(|p| p.how == How::Assumed).count();
        let set = all.values().filter(|p| p.how == How::Study).count();
        html! {
            p {
                "Of " (all.len()) " numbers of the tumour, " (assumed) " are assumed and " (set)
                " were set by the study; the section " a href="#inputs" { "Inputs" }
                " lists each of them with its reason."
            }
            ul {
                li { "Lesions are those of the first scan; sites, new lesions and errors of scans are left out." }
                li { "Death is by tumour burden, age, or toxicity of interleukin-2 at one rate for all doses." }
                li { "Treatments after progression are one factor of the hazard of death; patients do not change arms." }
                li { "Loss to follow-up is independent of the course of the disease." }
                li { "Patients differ in the features of the section Inputs, independently of each other." }
            }
        }
    })
}

/// Fitted numbers, and the strengths that were set to a published response.
pub fn calibration(plans: &[(String, Plan)]) -> Markup {
    each(plans, |plan| {
        let fitted: Vec<(&String, &Parameter)> =
            plan.entry.parameters.iter().filter(|(_, p)| p.how == How::Fitted).collect();
        let partners = &Library::builtin().tumours.partners;
        let mut names: Vec<&String> =
            plan.arms.iter().flat_map(|arm| &arm.partners).map(|(name, _)| name).collect();
        names.sort();
        names.dedup();
        html! {
            div.wide {
                table {
                    caption { "Numbers of the tumour that were fitted to published trials" }
                    (head(&[("number", true), ("value", false), ("interval", true), ("meaning", true), ("source", true)]))
                    tbody {
                        @for (name, p) in &fitted {
                            tr {
                                td { code { (breakable(name)) } }
                                td.number { (p.with_unit()) }
                                td { (crate::inputs::interval_text(p)) }
                                td.note { (p.note) }
                                td { @if let Some(key) = &p.source { (source(key)) } }
                            }
                        }
                    }
                }
            }
            @for name in &names {
                @if let Some(entry) = partners.get(*name) {
                    @for caveat in &entry.caveats { p { b { (entry.name) ": " } (prose(caveat)) } }
                }
            }
        }
    })
}

/// Published trials in this disease with which the program was compared.
pub fn validation(plans: &[(String, Plan)]) -> Markup {
    each(plans, |plan| {
        let all: Vec<&Evidence> = evidence::of_disease(&plan.disease);
        let sum = |of: fn(&Evidence) -> usize| all.iter().map(|e| of(e)).sum::<usize>();
        html! {
            p {
                "When this version was built, " (sum(|e| e.predicted.fit)) " of "
                (sum(|e| e.predicted.fit + e.predicted.misfit))
                " published numbers and directions of trials in this disease that were not used in \
                 a fit agreed with the model, and " (sum(|e| e.calibrated.fit)) " of "
                (sum(|e| e.calibrated.fit + e.calibrated.misfit)) " that were used. "
                code { "il2 validate --html validation.html" } " compares them row by row."
            }
            div.wide {
                table {
                    caption { "Published trials: rows that fit, of all rows" }
                    (head(&[("publication", true), ("predicted", false), ("calibrated on", false), ("known misfits", true)]))
                    tbody {
                        @for e in &all {
                            tr {
                                td { (e.title) " (" (source(&e.source)) ")" }
                                td.number { (of_all(e.predicted)) }
                                td.number { (of_all(e.calibrated)) }
                                td { (e.misfits.join("; ")) }
                            }
                        }
                    }
                }
            }
        }
    })
}

fn of_all(of: evidence::Counts) -> String {
    match of.fit + of.misfit {
        0 => "–".into(),
        all => format!("{} of {all}", of.fit),
    }
}

/// What the answer depends on.
pub fn sensitivity(plans: &[(String, Plan)]) -> Markup {
    let within = plans.iter().any(|(_, plan)| matches!(plan, Plan::Sensitivity(_)));
    each(plans, |_| {
        html! {
            p {
                "In this model, response depends most on " code { "effectors_per_cell" }
                " and its spread, the duration of response on " code { "resistant_growth" } " and "
                code { "growth_rate" } ", and survival on " code { "burden_hazard" } " and "
                code { "later_therapy" } "."
            }
            p {
                @if within {
                    "The sensitivity analysis of this study is among its results."
                } @else {
                    "This run contains no sensitivity analysis. To see how far an assumed number \
                     decides the answer, repeat the run with both ends of its interval under "
                    code { "parameters" } "."
                }
            }
        }
    })
}
