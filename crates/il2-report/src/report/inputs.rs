//! Inputs of a study: every number with interval and source, and every planned dose.

use crate::inputs::{Input, interval_text, overrides};
use crate::report::parts::{breakable, head, heading, number};
use il2::parameter::{Parameter, Parameters, Reference};
use il2::quantity::{DAY, three_digits};
use il2::receptor::Medium;
use il2_assay::kinds::Plan;
use il2_clinic::regimen::arm::Arm;
use il2_clinic::regimen::doses::{self, Dose};
use il2_clinic::{event_table, regimen};
use il2_engine::words::counted;
use il2_study::library::Library;
use il2_study::study::Study;
use maud::{Markup, html};

/// Largest number of doses of all arms and subjects on the page; further doses are only counted.
const MOST_DOSES: usize = 5_000;

/// The section of all inputs.
pub fn section(study: &Study, plans: &[(String, Plan)], inputs: &[Input]) -> Markup {
    let used: Vec<Input> = inputs.iter().filter(|i| i.used).cloned().collect();
    let unused: Vec<String> = inputs.iter().filter(|i| !i.used).map(heading).collect();
    html! {
        p {
            "This section lists all numbers of the ligands, cells and models that the assays use. "
            "A model does not necessarily use every number of a ligand or a cell. Each number is "
            "marked as measured, derived from others, fitted, assumed, or set by the study."
        }
        @if used.is_empty() {
            p { "There are none: all numbers come from the tables that the study reads." }
        }
        @if let Medium::Depleted { cell_density } = study.medium {
            p {
                "The medium contains " (three_digits(cell_density))
                " cells/L, which deplete the ligand."
            }
        }
        @if !unused.is_empty() {
            p.note { "Not listed here, because no assay uses them: " (unused.join(", ")) "." }
        }
        (set_by_study(study, &used))
        @for input in &used {
            details {
                summary { (heading(input)) ": " (input.title) }
                @if let Some(key) = &input.source { p.note { "after " (source(key)) } }
                @for (title, numbers) in &input.tables { (table(title, numbers)) }
            }
        }
        @for (_, plan) in plans { @if let Plan::Regimen(plan) = plan { (sensing(plan)) } }
    }
}

fn set_by_study(study: &Study, inputs: &[Input]) -> Markup {
    let all = overrides(study, inputs);
    html! {
        @if all.is_empty() {
            p { "The study replaces no parameters of the library." }
        } @else {
            div.wide {
                table {
                    caption { "Parameters set by the study, and the values of the library" }
                    (head(&[("part", true), ("number", true), ("study", true), ("library", true)]))
                    tbody {
                        @for one in &all {
                            tr {
                                td { (one.of) }
                                td { code { (breakable(&one.name)) } }
                                td { (one.set) }
                                td { (one.library.as_deref().unwrap_or("–")) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn table(title: &str, numbers: &Parameters) -> Markup {
    html! {
        div.wide {
            table.inputs {
                @if !title.is_empty() { caption { (title) } }
                (head(&[("number", true), ("value", false), ("unit", true), ("interval", true), ("how", true), ("source", true), ("note", true)]))
                tbody { @for (name, p) in numbers { (row(name, p)) } }
            }
        }
    }
}

fn row(name: &str, p: &Parameter) -> Markup {
    // Value and unit in separate columns, so that values align.
    let text = p.with_unit();
    let (value, unit) = text.split_once(' ').unwrap_or((&text, ""));
    html! {
        tr {
            td { code { (breakable(name)) } }
            td.number { (value) }
            td.unit { (unit) }
            td {
                span.unit { (interval_text(p)) }
                @if let Some(interval) = &p.interval {
                    @if !interval.kind.is_empty() { span.note { " (" (interval.kind) ")" } }
                }
            }
            td class=(p.how.word()) { (p.how.word()) }
            td { @if let Some(key) = &p.source { (source(key)) } }
            td.note { (p.note) }
        }
    }
}

/// A publication by its short name, with a link if the library has an address.
pub fn source(key: &str) -> Markup {
    let Some(reference) = Library::builtin().references.get(key) else { return html! { (key) } };
    html! {
        @match address(reference) {
            Some(address) => a href=(address) { (reference.short()) },
            None => (reference.short()),
        }
    }
}

/// Address of a publication: its DOI or, without one, the address in the library.
pub fn address(reference: &Reference) -> Option<String> {
    // Old DOIs contain characters that are not allowed in an address.
    let safe = |c: char| match c {
        c if c.is_ascii_alphanumeric() || "-._~/:;()".contains(c) => c.to_string(),
        c => c.to_string().bytes().map(|b| format!("%{b:02X}")).collect(),
    };
    let doi = reference.fields.get("doi").filter(|doi| !doi.is_empty());
    let doi =
        doi.map(|doi| format!("https://doi.org/{}", doi.chars().map(safe).collect::<String>()));
    doi.or_else(|| reference.fields.get("url").filter(|url| url.starts_with("http")).cloned())
}

/// Doses of an arm or a subject, row by row.
struct Listing {
    title: String,
    /// Name of each column, and whether it contains numbers.
    columns: Vec<(String, bool)>,
    rows: Vec<Vec<String>>,
    /// Number of all doses, listed or not.
    count: usize,
}

/// The doses of regimens and event tables.
pub fn doses(study: &Study, plans: &[(String, Plan)]) -> Markup {
    let mut listings = vec![];
    let mut rules = vec![];
    for (name, plan) in plans {
        match plan {
            Plan::Regimen(plan) => {
                listings.extend(plan.arms.iter().map(|arm| of_arm(study, name, arm)));
                rules.extend(doses::rules(plan).map(|rule| (name, rule)));
            }
            Plan::EventTable(plan) => {
                // Doses that will be left out need not be expanded.
                let mut left = MOST_DOSES;
                for i in 0..plan.table.subjects.len() {
                    let listing = of_subject(name, plan, i, left);
                    left -= listing.rows.len();
                    listings.push(listing);
                }
            }
            _ => {}
        }
    }
    let all: usize = listings.iter().map(|l| l.count).sum();
    let mut left = MOST_DOSES;
    for listing in &mut listings {
        listing.rows.truncate(left);
        left -= listing.rows.len();
    }
    html! {
        @for (name, rule) in &rules { p { "Assay " (name) ": " (rule) "." } }
        @for listing in listings.iter().filter(|l| !l.rows.is_empty()) {
            details { summary { (listing.title) } (dose_table(listing)) }
        }
        @if all > MOST_DOSES {
            p.note {
                (all - MOST_DOSES) " more doses are not listed; `il2 check --json` prints more."
            }
        }
    }
}

fn of_arm(study: &Study, assay: &str, arm: &Arm) -> Listing {
    let (all, person) = (doses::doses(arm), arm.patients.cohort.typical());
    let row = |(i, dose): (usize, &Dose)| {
        vec![
            (i + 1).to_string(),
            dose.cycle.to_string(),
            format!("{:.3}", dose.time / DAY),
            three_digits(dose.amount / 1000.0),
            dose.activity.map_or("-".into(), |iu| three_digits(iu / 1e6)),
            doses::route(&dose.route),
        ]
    };
    let columns = [
        ("dose", true),
        ("cycle", true),
        ("day", true),
        ("amount (nmol)", true),
        ("MIU", true),
        ("route", false),
    ];
    Listing {
        title: format!(
            "{assay}, {}: {} (first dose: {} of {}) in a typical patient of {} kg and {} m²",
            arm.regimen.name,
            counted(all.len(), "dose"),
            study.regimens[&arm.regimen.name].dose_text(),
            arm.regimen.ligand,
            number(person.weight),
            number(person.surface)
        ),
        columns: columns.map(|(name, number)| (name.to_string(), number)).to_vec(),
        rows: all.iter().enumerate().map(row).collect(),
        count: all.len(),
    }
}

fn of_subject(assay: &str, plan: &event_table::Plan, subject: usize, most: usize) -> Listing {
    let (rows, count) = event_table::listing::expanded(plan, subject, most);
    let rows: Vec<_> = rows.into_iter().map(|row| row.to_vec()).collect();
    let [time, amount, _] = &plan.units;
    Listing {
        title: format!(
            "{assay}, subject {}: doses and resets ({})",
            plan.table.subjects[subject].id, count
        ),
        columns: vec![
            (format!("time ({time})"), true),
            ("from".into(), false),
            (format!("what ({amount})"), false),
            ("how".into(), false),
        ],
        rows,
        count,
    }
}

fn dose_table(listing: &Listing) -> Markup {
    let class = |column: usize| if listing.columns[column].1 { "number" } else { "text" };
    html! {
        div.wide {
            table {
                thead {
                    tr {
                        @for (i, (name, _)) in listing.columns.iter().enumerate() {
                            th scope="col" class=(class(i)) { (name) }
                        }
                    }
                }
                tbody {
                    @for row in &listing.rows {
                        tr {
                            @for (i, cell) in row.iter().enumerate() {
                                td class=(class(i)) { (cell) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Sensitivity of each population to the molecule of each arm, computed with the receptor model.
fn sensing(plan: &regimen::Plan) -> Markup {
    html! {
        h3 {
            "Sensitivity of the cells of assay " (plan.name)
            " to the molecule, computed from these numbers"
        }
        div.wide {
            table {
                caption { "EC50 of the signal (pM)" }
                (head(&[("arm", true), ("population", true), ("without CD25", false), ("at rest", false)]))
                tbody {
                    @for arm in &plan.arms {
                        @for (population, sensed) in &arm.patients.sensed {
                            @let cd25 = arm.patients.cohort.cd25_at_rest(population);
                            tr {
                                td { (arm.regimen.name) }
                                td { (population) }
                                td.number { (three_digits(sensed.ec50_without_cd25)) }
                                td.number { (three_digits(sensed.ec50(cd25))) }
                            }
                        }
                    }
                }
            }
        }
    }
}
