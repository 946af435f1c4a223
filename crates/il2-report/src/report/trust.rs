//! How far a run can be trusted: checks, limits and provenance.

use crate::inputs::{Input, obtained};
use crate::program::PROGRAM;
use crate::report::inputs::address;
use crate::report::parts::{Listed, breakable, ended, head, heading, prose};
use il2::parameter::{How, Reference};
use il2_answer::answer::{AssayResult, Check};
use il2_assay::kinds::Plan;
use il2_assay::misfits;
use il2_engine::words::counted;
use il2_study::library::Library;
use il2_study::study::Study;
use maud::{Markup, html};
use std::collections::BTreeSet;

/// Checks of an assay, including whether its simulations were solved.
fn checked(plan: &Plan, result: &AssayResult) -> Vec<Check> {
    let lanes = plan.lanes();
    let mut all = vec![Check {
        what: "every simulation succeeded".into(),
        found: format!("{} of {lanes}", lanes - result.failed.min(lanes)),
        holds: result.failed == 0,
    }];
    let (draws, reason) = &result.failed_draws;
    if *draws > 0 {
        all.push(Check {
            what: "every simulation of the draws succeeded".into(),
            found: format!("{draws} failed; first failure: {reason}"),
            holds: false,
        });
    }
    all.extend(result.checks.iter().cloned());
    all
}

fn all_checks<'a>(
    plans: &'a [(String, Plan)],
    results: &'a [(String, AssayResult)],
) -> impl Iterator<Item = (&'a str, Check)> {
    plans.iter().zip(results).flat_map(|((name, plan), (_, result))| {
        checked(plan, result).into_iter().map(move |check| (name.as_str(), check))
    })
}

/// A one-sentence summary.
pub fn verdict(
    inputs: &[Input],
    plans: &[(String, Plan)],
    results: &[(String, AssayResult)],
) -> Markup {
    let counts = obtained(inputs);
    let all: usize = counts.iter().map(|(_, n)| n).sum();
    let assumed = counts.iter().find(|(how, _)| *how == How::Assumed).map_or(0, |(_, n)| *n);
    let failed = all_checks(plans, results).filter(|(_, check)| !check.holds).count();
    let mut names: Vec<String> = vec![];
    for (_, check) in all_checks(plans, results) {
        // The same check of several arms is named once.
        let what = check.what.split(", arm ").next().unwrap_or_default();
        if !names.iter().any(|name| name == what) {
            names.push(what.to_string());
        }
    }
    html! {
        @if all > 0 {
            "Of " (all) " numbers behind the answer, " (assumed) " are assumed ("
            a href="#limits" { "limits" } "). "
        }
        @match failed {
            0 => {
                "All checks of the run passed ("
                a href="#checks" { (counted(names.len(), "kind")) } ": "
                (names.join("; ")) "). They show that the equations were solved correctly, not that "
                "the equations themselves are right: see the limits."
            }
            1 => { strong { "One check failed" } " (" a href="#checks" { "checks" } ")." },
            n => { strong { (n) " checks failed" } " (" a href="#checks" { "checks" } ")." },
        }
    }
}

pub fn checks(plans: &[(String, Plan)], results: &[(String, AssayResult)]) -> Markup {
    html! {
        div.wide {
            table {
                (head(&[("assay", true), ("condition", true), ("found", true), ("passed", true)]))
                tbody {
                    @for (name, check) in all_checks(plans, results) {
                        tr {
                            td { (name) }
                            td { (check.what) }
                            td { (check.found) }
                            @if check.holds { td { "yes" } } @else { td.fails { "no" } }
                        }
                    }
                }
            }
        }
        @for (name, plan) in plans {
            @let totals = conserved(plan);
            @if !totals.is_empty() {
                details.totals {
                    summary {
                        "Totals that no reaction of assay " (name) " changes: " (totals.len())
                    }
                    ul {
                        @for total in &totals {
                            li { (in_all_forms(total)) code { (breakable(total)) } }
                        }
                    }
                }
            }
        }
    }
}

/// A short name for a long conserved total: the beginning shared by the names of all its species.
fn in_all_forms(total: &str) -> String {
    let names: Vec<&str> =
        total.split(" + ").filter_map(|term| term.split(' ').next_back()).collect();
    let shared = names.iter().copied().reduce(|a, b| {
        let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b);
        &a[..same.map(|(c, _)| c.len_utf8()).sum()]
    });
    match shared.and_then(|shared| shared.rsplit_once('_')) {
        Some((what, _)) if names.len() > 3 => format!("{what} in its {} forms: ", names.len()),
        _ => String::new(),
    }
}

/// Conserved totals in all networks of an assay (concentrations weighted by volume).
fn conserved(plan: &Plan) -> BTreeSet<String> {
    plan.prepared().into_iter().flat_map(|prepared| prepared.totals.clone()).collect()
}

pub fn limits(study: &Study, inputs: &[Input], results: &[(String, AssayResult)]) -> Markup {
    let misfits = misfits::known(study);
    let counts = obtained(inputs);
    let all: usize = counts.iter().map(|(_, n)| n).sum::<usize>().max(1);
    let doubts: Vec<&Input> = inputs.iter().filter(|i| i.used && !i.caveats.is_empty()).collect();
    html! {
        div.wide {
            table {
                caption { "How the numbers listed under inputs were obtained" }
                (head(&[("how", true), ("numbers", false), ("share (%)", false)]))
                tbody {
                    @for (how, count) in &counts {
                        tr {
                            td class=(how.word()) {
                                @if *how == How::Study { "set by the study" } @else { (how.word()) }
                            }
                            td.number { (count) }
                            td.number { (format!("{:.0}", 100.0 * *count as f64 / all as f64)) }
                        }
                    }
                }
            }
        }
        @for (name, result) in results {
            @for warning in &result.warnings { p { b { (name) ": " } (prose(warning)) } }
        }
        @if !doubts.is_empty() {
            dl {
                @for (i, input) in doubts.iter().enumerate() {
                    dt { (heading(input)) }
                    // A model that starts from another has the same caveats, which are not
                    // repeated.
                    @let alike = doubts[..i].iter().find(|other| {
                        other.caveats.len() > 1
                            && other.caveats.iter().all(|own| input.caveats.contains(own))
                    });
                    @if let Some(other) = alike { dd { "as for " (heading(other)) } }
                    @let known = alike.map_or(&[][..], |other| &other.caveats[..]);
                    @for caveat in input.caveats.iter().filter(|own| !known.contains(own)) {
                        dd { (prose(caveat)) }
                    }
                }
            }
        }
        @if !misfits.is_empty() {
            h3 { "Known misfits of the models in use" }
            p {
                "Published numbers that these models did not reproduce when this version was \
                 built; "
                code { "il2 validate" } " compares them all."
            }
            dl {
                @for misfit in misfits {
                    dt { (misfit.title) ": " (few(&misfit.what)) }
                    dd { (prose(&misfit.why)) }
                }
            }
        }
    }
}

/// The first of several, and the number of others.
fn few(all: &[String]) -> String {
    match all.len() {
        0..=3 => all.join(", "),
        n => format!("{} and {} more", all[..2].join(", "), n - 2),
    }
}

/// Tables that were read, each with its checksum: tables of the study first, then those of its
/// assays.
pub fn tables_read(study: &Study, results: &[(String, AssayResult)]) -> Vec<Listed> {
    let of_study = study.panels.values().map(|panel| (panel.table.clone(), panel.hash.clone()));
    of_study.chain(results.iter().flat_map(|(_, r)| r.inputs.iter().cloned())).collect()
}

pub fn provenance(study: &Study, results: &[(String, AssayResult)], files: &[Listed]) -> Markup {
    let read = tables_read(study, results);
    let read: Vec<&Listed> = read.iter().collect();
    html! {
        dl.facts {
            dt { "program" } dd { (PROGRAM) }
            dt { "SHA-256 of the study" } dd { code.hash { (study.hash) } }
            dt { "seed" } dd { (study.seed) }
            dt { "accuracy" } dd { (study.accuracy()) }
        }
        @if !read.is_empty() { (file_table("Other files read", &read)) }
        (file_table("Files of the folder", &files.iter().collect::<Vec<_>>()))
        p.note { "manifest.json lists these files and this page." }
    }
}

fn file_table(caption: &str, files: &[&Listed]) -> Markup {
    html! {
        div.wide {
            table {
                caption { (caption) }
                (head(&[("file", true), ("SHA-256", true)]))
                tbody {
                    @for (name, hash) in files {
                        tr { td { (name) } td { code.hash { (hash) } } }
                    }
                }
            }
        }
    }
}

/// The publications from which the inputs were taken, in the order of their keys.
pub fn references(inputs: &[Input]) -> Markup {
    let used = inputs.iter().filter(|i| i.used);
    let keys: BTreeSet<&String> = used.flat_map(Input::sources).collect();
    let library = &Library::builtin().references;
    let works: Vec<&Reference> = keys.into_iter().filter_map(|key| library.get(key)).collect();
    html! {
        @if !works.is_empty() { ul.references { @for work in works { li { (citation(work)) } } } }
    }
}

fn citation(work: &Reference) -> Markup {
    let authors = work.authors.join(", ").replace(", others", " et al.");
    let field = |name: &str| work.fields.get(name).filter(|text| !text.is_empty());
    html! {
        (ended(&authors)) " "
        @match address(work) {
            Some(address) => a href=(address) { (work.title) },
            None => (work.title),
        }
        "."
        @if let Some(journal) = field("journal").or(field("book")) { " " i { (journal) } }
        @if let Some(year) = work.year { " " (year) }
        @if let Some(volume) = field("volume") { "; " (volume) }
        @if let Some(pages) = field("pages") { ":" (pages) }
        "."
        @if !work.verified { span.note { " This citation was not verified." } }
    }
}
