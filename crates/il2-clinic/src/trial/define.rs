//! The variables of the tables of patients and what they mean. They are also written as a table of
//! their own, the part of CDISC's define.xml that a statistician reads first.

use il2::tumour::marker::Marker;
use il2_output::table::Table;

/// A variable: name, whether it is text, label, and unit or codes.
type Variable = (&'static str, bool, &'static str, &'static str);

const STUDY: Variable = ("STUDYID", true, "study identifier", "name of the assay");
const TREATMENT: Variable = ("TRTP", true, "planned treatment", "the arm");
/// Patients, a row for each.
pub const SUBJECTS: [Variable; 19] = [
    STUDY,
    (
        "USUBJID",
        true,
        "unique subject identifier",
        "arm and number; the same number in the arms of a paired trial is the same patient",
    ),
    ("ARM", true, "arm", ""),
    (
        "TRT01P",
        true,
        "planned treatment of the first period",
        "the arm; patients do not change arms",
    ),
    ("ENTRY_D", false, "day of entry", "d after the first patient"),
    (
        "FOLLOWED_D",
        false,
        "longest possible follow-up",
        "d after entry; to the end of the trial or to loss",
    ),
    ("VOLUME_ML", false, "tumour volume at entry", "mL"),
    ("GROWTH_PER_D", false, "growth rate of the untreated tumour", "/d"),
    ("EFFECTORS_PER_CELL", false, "effector cells in the tumour at entry", "per tumour cell"),
    ("RESISTANT_PART", false, "resistant part of the tumour cells at entry", "0 to 1"),
    ("LESIONS", false, "number of measured lesions", ""),
    ("DOSES_PLANNED", false, "doses of interleukin-2 planned", ""),
    ("DOSES_GIVEN", false, "doses of interleukin-2 given", ""),
    ("BOR", true, "best overall response", "CR, PR, SD, PD; NE: no scan after the first"),
    ("BEST_CHANGE_PCT", false, "best change of the sum of diameters", "% of the first scan"),
    ("DEATH_D", false, "day of death", "d after entry; empty if alive at the end of follow-up"),
    ("DEATH_OF_DRUG", true, "whether the death was due to the toxicity of treatment", "Y, N"),
    (
        "ALL_CLONES_EXTINCT",
        true,
        "whether no tumour cell is left",
        "Y, N; cannot be seen in a scan",
    ),
    ("STATUS", true, "whether the patient could be simulated", "ok, or the reason why not"),
];
/// Scans, a row for each.
pub const SCANS: [Variable; 8] = [
    STUDY,
    ("USUBJID", true, "unique subject identifier", "as in ADSL"),
    ("ARM", true, "arm", ""),
    TREATMENT,
    ("ADY", false, "day of the scan", "d after entry"),
    (
        "SUM",
        false,
        "size of the target lesions",
        "cm, the sum of diameters (RECIST); cm2, the sum of products (WHO)",
    ),
    ("PCHG", false, "change from the first scan", "%"),
    ("AVALC", true, "response at this scan", "CR, PR, SD, PD; empty at the first scan"),
];
/// Times to events, a row for each patient and event.
pub const TIMES: [Variable; 9] = [
    STUDY,
    ("USUBJID", true, "unique subject identifier", "as in ADSL"),
    ("ARM", true, "arm", ""),
    TREATMENT,
    ("PARAMCD", true, "parameter code", "OS, PFS, DOR"),
    ("PARAM", true, "parameter", ""),
    (
        "AVAL",
        false,
        "time to the event or to censoring",
        "d; OS and PFS from entry, DOR from the first scan with a response",
    ),
    ("CNSR", false, "censored", "0: event; 1: censored"),
    (
        "EVNTDESC",
        true,
        "event, or reason of censoring",
        "without progression or death, PFS and DOR are censored at the last scan",
    ),
];
/// Responses, a row for each scan after the first, and for each patient.
pub const RESPONSES: [Variable; 8] = [
    STUDY,
    ("USUBJID", true, "unique subject identifier", "as in ADSL"),
    ("ARM", true, "arm", ""),
    TREATMENT,
    ("PARAMCD", true, "parameter code", "OVRLRESP, BOR"),
    ("PARAM", true, "parameter", ""),
    ("ADY", false, "day of the scan", "d after entry; empty for the best response"),
    ("AVALC", true, "response", "CR, PR, SD, PD; NE: no scan after the first"),
];

/// A variable of a marker.
pub struct Flag {
    /// Its name.
    pub name: String,
    /// Whether it is text.
    pub text: bool,
    label: String,
    codes: &'static str,
}

/// The variables of the markers of a study: whether each is positive and, for a marker that measures
/// a number of the tumour, its level.
pub fn of_markers(all: &[Marker]) -> Vec<Flag> {
    let mut flags = vec![];
    for marker in all {
        // Names of variables contain letters, digits and underscores only.
        let upper = marker.name.to_uppercase();
        let name = upper.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        flags.push(Flag {
            name: format!("{name}_FL"),
            text: true,
            label: format!("whether {} is positive", marker.name),
            codes: "Y, N",
        });
        flags.extend(marker.follows.map(|_| Flag {
            name: format!("{name}_SCORE"),
            text: false,
            label: format!("level of {}", marker.name),
            codes: "standard deviations from the mean of all candidates",
        }));
    }
    flags
}

impl Flag {
    /// The label of the variable.
    pub fn labelled(&self) -> (String, String) {
        (self.name.clone(), self.label.clone())
    }
}

/// The labels of a table of such variables.
pub fn labels(of: &[Variable]) -> Vec<(String, String)> {
    of.iter().map(|(name, _, label, _)| (name.to_string(), label.to_string())).collect()
}

/// The columns of a table of such variables.
pub fn columns(of: &[Variable]) -> Vec<(&'static str, bool)> {
    of.iter().map(|(name, text, ..)| (*name, *text)).collect()
}

/// The table of definitions; `tables` are the names of the tables of patients, scans, times and
/// responses, and `flags` the variables of markers, at the end of the table of patients.
pub fn define(name: &str, tables: [&str; 4], flags: &[Flag]) -> Table {
    let all: [(&str, &[Variable]); 4] =
        [("ADSL", &SUBJECTS), ("ADTR", &SCANS), ("ADTTE", &TIMES), ("ADRS", &RESPONSES)];
    let columns =
        ["table", "adam", "variable", "label", "type", "unit_or_codes"].map(|c| (c, true));
    let mut definitions = Table::new(name, &columns);
    for (table, (adam, variables)) in tables.iter().zip(all) {
        for (variable, text, label, codes) in variables {
            let kind = if *text { "text" } else { "number" };
            let row = [*table, adam, variable, label, kind, codes];
            definitions.push(row.map(Into::into).to_vec());
        }
        for flag in flags.iter().filter(|_| adam == "ADSL") {
            let kind = if flag.text { "text" } else { "number" };
            let row = [*table, adam, &flag.name, &flag.label, kind, flag.codes];
            definitions.push(row.map(Into::into).to_vec());
        }
    }
    definitions
}
