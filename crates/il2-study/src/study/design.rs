//! A search for molecules, as written in a study: variable parameters, objectives and known
//! molecules.

use crate::study::sensitivity::VariedPart;
use crate::study::text::{Fraction, Grid, QuantityText};
use crate::study::wells::{IntervalsPart, MediumPart, PretreatmentPart};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use std::fmt;

/// A search for molecules whose parameters meet the objectives; `il2 design` runs the search.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DesignPart {
    /// A model of the library or of this study (default: "gamma-chain").
    #[serde(default)]
    pub model: Option<String>,
    /// The molecule that is changed.
    pub ligand: String,
    /// Parameters of the molecule that may change, named as in the output of `il2 check --full`,
    /// for example "il2.affinity.il2r_alpha". Each parameter is given the two ends of its range, or
    /// "usual" for the range of reported values. All other parameters stay fixed.
    #[serde(default)]
    pub parameters: IndexMap<String, VariedPart>,
    /// Allowed numbers of copies of the cytokine on one molecule (default: that of the ligand).
    #[serde(default)]
    pub valency: Option<Vec<u32>>,
    /// Ligands of this study among which the search may choose, including the ligand that is
    /// changed: for example the cytokine alone, and the cytokine with a targeting arm. Parameters
    /// of an arm are named after the arm.
    #[serde(default)]
    pub forms: Option<Vec<String>>,
    /// Doses of the curves from which EC50s are read: a list, or a logarithmically spaced range {
    /// from, to, points }.
    #[serde(default)]
    pub doses: Option<Grid>,
    /// Dose at which responses are read, or the two ends of the range from which it may be chosen.
    #[serde(default)]
    pub dose: Option<DosePart>,
    /// Time at which a result is read if its objective gives no time.
    #[serde(default)]
    pub time: Option<QuantityText>,
    /// Species or observable used as the response (default: "signalling_complexes").
    #[serde(default)]
    pub readout: Option<String>,
    /// Media in which the cells are kept before time 0, one after another.
    #[serde(default)]
    pub pretreatment: Vec<PretreatmentPart>,
    /// Additions to the medium and changes of the medium after time 0, for example a wash.
    #[serde(default)]
    pub medium: Vec<MediumPart>,
    /// Donors for whom objectives with `reached_by` are evaluated.
    #[serde(default)]
    pub donors: Option<DonorsPart>,
    /// Objectives, by names of your choice; at most four may have a goal.
    pub objectives: IndexMap<String, ObjectivePart>,
    /// Known molecules of the study, which are simulated together with the designs and labelled in
    /// the figure.
    #[serde(default)]
    pub known: Vec<String>,
    /// Measured results of the known molecules, by molecule and then by objective.
    #[serde(default)]
    pub measured: IndexMap<String, IndexMap<String, QuantityText>>,
    /// Number of candidates that are tried, 40 to 100000 (default: 2000).
    #[serde(default)]
    pub candidates: Option<u32>,
    /// Number of designs of the Pareto front that are shown, 2 to 100 (default: 20).
    #[serde(default)]
    pub designs: Option<u32>,
    /// Draws from which intervals of the designs and of the known molecules are computed (default:
    /// no intervals).
    #[serde(default)]
    pub intervals: Option<IntervalsPart>,
}

/// An objective for a molecule, or a limit that its result must respect.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectivePart {
    /// "maximise" or "minimise"; by default, the result is only kept within its limits.
    #[serde(default)]
    pub goal: Option<String>,
    /// Result: "ec50"; "selectivity" (EC50 on the second cell divided by EC50 on the first);
    /// "response" (at `dose`); "response-ratio" (response on the first cell divided by response on
    /// the second); or "mean-response" (area under the response from time 0 to `time`, divided by
    /// `time`).
    pub of: String,
    /// One cell, or two cells for a ratio.
    pub cells: Vec<String>,
    /// Time at which the result is read (default: `time` of the assay).
    #[serde(default)]
    pub time: Option<QuantityText>,
    /// Dose at which the response is read (default: `dose` of the assay).
    #[serde(default)]
    pub dose: Option<QuantityText>,
    /// Species or observable (default: `readout` of the assay).
    #[serde(default)]
    pub readout: Option<String>,
    /// A known molecule; results are divided by the result of this molecule.
    #[serde(default)]
    pub relative_to: Option<String>,
    /// Fraction of the donors who must reach the result: the objective uses the value that this
    /// fraction of the donors reach or exceed. A fraction of 1 means the value of the worst donor.
    #[serde(default)]
    pub reached_by: Option<Fraction>,
    /// Lower limit of the result; designs below this limit are not allowed.
    #[serde(default)]
    pub at_least: Option<QuantityText>,
    /// Upper limit of the result; designs above this limit are not allowed.
    #[serde(default)]
    pub at_most: Option<QuantityText>,
}

/// Donors that differ in their receptor counts.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DonorsPart {
    /// Number of donors, 2 to 200.
    pub count: u32,
    /// Receptor counts that vary between donors, written as CELL.receptors.CHAIN, each with the two
    /// ends of its range. By default, all counts vary by their published spread.
    #[serde(default)]
    pub parameters: IndexMap<String, VariedPart>,
}

/// A dose, or the two ends of the range from which it may be chosen.
#[derive(Clone, Debug, JsonSchema)]
#[serde(untagged)]
pub enum DosePart {
    /// A fixed dose.
    One(QuantityText),
    /// Any dose between these two.
    Ends([QuantityText; 2]),
}

impl<'de> Deserialize<'de> for DosePart {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrEnds;
        impl<'de> Visitor<'de> for OneOrEnds {
            type Value = DosePart;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a dose like \"100 pM\" or two ends like [\"1 pM\", \"10 nM\"]")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<DosePart, A::Error> {
                let ends =
                    <[QuantityText; 2]>::deserialize(de::value::SeqAccessDeserializer::new(seq));
                ends.map(DosePart::Ends)
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<DosePart, E> {
                Ok(DosePart::One(QuantityText(text.to_string())))
            }
        }
        deserializer.deserialize_any(OneOrEnds)
    }
}
