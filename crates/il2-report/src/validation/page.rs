//! The comparison as a page of HTML: for each publication its rows with published and simulated
//! numbers, the rule, the verdict, and the cause of a misfit.

use crate::program::PROGRAM;
use crate::report::document::{Section, document};
use crate::report::inputs::source;
use crate::report::parts::{head, prose};
use crate::validation::outcome::{Checked, Outcome, Report};
use il2_answer::published::{Is, Status};
use maud::{Markup, html};

/// The page; `totals` are sentences on all rows together.
pub fn page(reports: &[Report], totals: &[String]) -> String {
    let title = "Published and simulated numbers";
    let top = html! {
        h1 { (title) }
        p.identity { (PROGRAM) }
        @for line in totals { p.answer { (prose(line)) } }
        p.note {
            "Simulated numbers of trials are followed by an interval. A predicted row was never used to set a parameter. The power \
             of a row is the probability that its rule fails if the alternative is true."
        }
    };
    let mut sections: Vec<Section> = vec![("overview", "Overview", overview(reports))];
    for report in reports {
        sections.push((&report.name, &report.name, of_folder(report)));
    }
    document(title, &top, &sections, PROGRAM)
}

fn overview(reports: &[Report]) -> Markup {
    let count = |report: &Report, of: &[Outcome]| {
        report.rows.iter().filter(|c| of.contains(&c.outcome)).count()
    };
    html! {
        div.wide {
            table {
                (head(&[("folder", true), ("comparison", true), ("rows", false), ("fit", false), ("known misfits", false), ("fail", false)]))
                tbody {
                    @for report in reports {
                        tr {
                            td { a href=(format!("#{}", report.name)) { (report.name) } }
                            td { (report.published.title) }
                            td.number { (report.rows.len()) }
                            td.number { (count(report, &[Outcome::Fits, Outcome::UnexpectedPass])) }
                            td.number { (count(report, &[Outcome::KnownMisfit])) }
                            td.number { (count(report, &[Outcome::Fails])) }
                        }
                    }
                }
            }
        }
    }
}

fn of_folder(report: &Report) -> Markup {
    html! {
        p { b { (report.published.title) } " (" (source(&report.published.source)) ")" }
        p { (prose(&report.published.summary)) }
        div.wide {
            table {
                (head(&[("number", true), ("published", true), ("simulated", true), ("rule", true), ("verdict", true), ("status", true), ("origin", true), ("power", true)]))
                tbody { @for c in &report.rows { (row(c)) } }
            }
        }
        @let misfits: Vec<&Checked> = report.rows.iter().filter(|c| needs_a_cause(c)).collect();
        @if !misfits.is_empty() {
            dl {
                @for c in misfits {
                    dt { (c.what) ": " (c.outcome.words()) }
                    dd { (prose(&c.note)) }
                }
            }
        }
    }
}

fn needs_a_cause(c: &Checked) -> bool {
    matches!(c.outcome, Outcome::KnownMisfit | Outcome::Fails)
}

fn row(c: &Checked) -> Markup {
    html! {
        tr {
            td { (c.what) }
            td { (c.published) }
            td {
                (c.simulated)
                @if let Some(interval) = &c.interval {
                    span.note { " (" (interval.kind) ": " (interval.ends()) ")" }
                }
            }
            td { (c.allowed) }
            @if c.outcome == Outcome::Fits { td { "fits" } } @else {
                td.fails { (c.outcome.words()) }
            }
            td { (status(c.status)) }
            td { (origin(c.is)) }
            td {
                @if let Some(power) = &c.power {
                    (format!("{:.2}", power.value)) span.note { " against “" (power.against) "”" }
                }
            }
        }
    }
}

/// The status in words.
pub fn status(status: Status) -> &'static str {
    if status == Status::CalibratedOn { "calibrated on" } else { "predicted" }
}

/// The origin of a published number in words.
pub fn origin(is: Is) -> &'static str {
    if is == Is::Measured { "measured" } else { "model target" }
}
