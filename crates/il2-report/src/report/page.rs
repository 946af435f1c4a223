//! Assembles the page: sections in order, results, figures.

use crate::program::PROGRAM;
use crate::report::document::{Section, document};
use crate::report::parts::{Listed, breakable, column_title, ended, number, prose};
use crate::report::{inputs, trial, trust};
use il2_answer::across;
use il2_answer::answer::AssayResult;
use il2_assay::kinds::Plan;
use il2_output::column::Values;
use il2_output::figure::to_inline_svg;
use il2_output::table::Table;
use il2_study::study::Study;
use maud::{Markup, PreEscaped, html};

/// Largest number of rows of one table on the page; the files contain all rows.
const MOST_ROWS: usize = 400;

/// The report of a run. `files` are the other files of its folder.
pub fn page(
    study: &Study,
    plans: &[(String, Plan)],
    results: &[(String, AssayResult)],
    files: &[Listed],
) -> String {
    let inputs = crate::inputs::inputs(study, plans);
    let sections: Vec<Section> = [
        ("question", "Question", trial::question(study, plans)),
        ("answer", "Results", answer(results)),
        ("figures", "Figures", figures(study, results)),
        ("context", "Context of use", trial::context(plans)),
        ("assumptions", "Assumptions", trial::assumptions(plans)),
        ("calibration", "Calibration", trial::calibration(plans)),
        ("validation", "Validation", trial::validation(plans)),
        ("sensitivity", "Sensitivity", trial::sensitivity(plans)),
        ("checks", "Checks", trust::checks(plans, results)),
        ("limits", "Limits", trust::limits(study, &inputs, results)),
        ("doses", "Planned doses", inputs::doses(study, plans)),
        ("inputs", "Inputs", inputs::section(study, plans, &inputs)),
        ("provenance", "Provenance", trust::provenance(study, results, files)),
        ("references", "References", trust::references(&inputs)),
        ("study", "The study as written", as_written(study)),
    ]
    .into_iter()
    .filter(|(_, _, content)| !content.0.is_empty())
    .collect();
    let head = html! {
        h1 { (study.question) }
        p.identity { (identity(study)) }
        (in_short(results))
        p { (trust::verdict(&inputs, plans, results)) }
    };
    document(&study.question, &head, &sections, &identity(study))
}

fn identity(study: &Study) -> String {
    format!("{PROGRAM} · study {} · seed {}", &study.hash[..12], study.seed)
}

/// The answers of all assays, for the top of the page.
fn in_short(results: &[(String, AssayResult)]) -> Markup {
    let across = across::sentences(results);
    html! {
        @if !across.is_empty() { p.answer { (prose(&across.join(" "))) } }
        @for (name, result) in results.iter().filter(|(_, r)| !r.sentences.is_empty()) {
            p.answer {
                @if results.len() > 1 { b { (name) ": " } }
                (prose(&result.sentences.join(" ")))
            }
        }
    }
}

fn answer(results: &[(String, AssayResult)]) -> Markup {
    html! {
        @for (name, result) in results {
            h3 { "Assay " (name) }
            @if result.answer.is_empty() {
                pre.terminal { code { (result.text) } }
            }
            @for (caption, table) in &result.answer { (results_table(caption, table)) }
        }
    }
}

/// A table of results: numbers to three digits, right-aligned.
fn results_table(caption: &str, table: &Table) -> Markup {
    let shown = table.rows().min(MOST_ROWS);
    html! {
        div.wide {
            table {
                caption { (caption) }
                thead {
                    tr {
                        @for column in &table.columns {
                            th scope="col" class=(alignment(&column.values)) { (breakable(&column_title(&column.name))) }
                        }
                    }
                }
                tbody {
                    @for row in 0..shown {
                        tr {
                            @for column in &table.columns {
                                @match &column.values {
                                    Values::Text(_) => td { (table.text(row, &column.name)) },
                                    Values::Number(_) => {
                                        td.number { (number(table.number(row, &column.name))) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        @if shown < table.rows() {
            p.note { (table.rows() - shown) " more rows are in the files of the folder." }
        }
    }
}

fn alignment(values: &Values) -> &'static str {
    match values {
        Values::Text(_) => "text",
        Values::Number(_) => "number",
    }
}

fn figures(study: &Study, results: &[(String, AssayResult)]) -> Markup {
    if !study.figures {
        return html! { p { "The study switches figures off." } };
    }
    let all = results.iter().flat_map(|(assay, result)| {
        result.figures.iter().map(move |(name, figure)| (assay, name, figure))
    });
    html! {
        @for (i, (assay, name, figure)) in all.enumerate() {
            @let id = format!("figure-{}", i + 1);
            figure id=(id) {
                div.wide { (PreEscaped(to_inline_svg(figure, &id))) }
                figcaption {
                    // The question is already at the top of the page, and the subtitle names the
                    // assay, so that only the name of the part is left.
                    @let title = match figure.title == study.question {
                        true => name.trim_start_matches(assay.as_str()).replace('_', " "),
                        false => figure.title.clone(),
                    };
                    b { "Figure " (i + 1) "." @if !title.is_empty() { " " (ended(&title)) } }
                    @if !figure.subtitle.is_empty() { " " (prose(&ended(&figure.subtitle))) }
                    span.note {
                        " (" (name) ".svg"
                        @if !figure.footnote.is_empty() { " · " (prose(&figure.footnote)) }
                        ")"
                    }
                }
            }
        }
    }
}

fn as_written(study: &Study) -> Markup {
    html! {
        p { "A file with this text gives the same results again." }
        // A line end directly after <pre> would be lost, so <code> is inserted.
        pre { code { (study.text) } }
    }
}
