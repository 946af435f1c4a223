//! A search for molecules as written in a study: what may be changed, what is wanted, what is known.

use crate::study::sensitivity::VariedPart;
use crate::study::text::{Fraction, Grid, QuantityText};
use crate::study::wells::{IntervalsPart, MediumPart, PretreatmentPart};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use std::fmt;

/// A search for numbers of a molecule that meet the objectives; `il2 design` runs it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DesignPart {
    /// A model of the library or of this study; "gamma-chain" if left out.
    #[serde(default)]
    pub model: Option<String>,
    /// The molecule that is changed.
    pub ligand: String,
    /// Its numbers that may be changed, as `il2 check --full` prints them, for example
    /// "il2.affinity.il2r_alpha", each with the ends of its range, or "usual" for the range of reported
    /// values. All others stay as they are.
    #[serde(default)]
    pub parameters: IndexMap<String, VariedPart>,
    /// Numbers of copies of the cytokine on one molecule that may be chosen; that of the ligand if left out.
    #[serde(default)]
    pub valency: Option<Vec<u32>>,
    /// Ligands of this study that may be chosen, including the one that is changed: for example the cytokine
    /// alone, and the cytokine with a targeting arm. Numbers of an arm are named after the arm.
    #[serde(default)]
    pub forms: Option<Vec<String>>,
    /// Doses of the curves whose EC50s are read: a list, or { from, to, points } spaced evenly on the logarithm.
    #[serde(default)]
    pub doses: Option<Grid>,
    /// Dose at which responses are read, or the two ends between which it may be chosen.
    #[serde(default)]
    pub dose: Option<DosePart>,
    /// Time at which results without a time of their own are read.
    #[serde(default)]
    pub time: Option<QuantityText>,
    /// Species or observable that is the response; "signalling_complexes" if left out.
    #[serde(default)]
    pub readout: Option<String>,
    /// Media in which the cells are kept before time 0, one after the other.
    #[serde(default)]
    pub pretreatment: Vec<PretreatmentPart>,
    /// Additions and changes of the medium after time 0, for example a wash.
    #[serde(default)]
    pub medium: Vec<MediumPart>,
    /// Donors among whom objectives with `reached_by` must hold.
    #[serde(default)]
    pub donors: Option<DonorsPart>,
    /// What is wanted, by names of your choice: at most four with a goal.
    pub objectives: IndexMap<String, ObjectivePart>,
    /// Molecules of the study that are simulated along with the designs and drawn with their names.
    #[serde(default)]
    pub known: Vec<String>,
    /// Measured results of these molecules: by molecule, then by objective.
    #[serde(default)]
    pub measured: IndexMap<String, IndexMap<String, QuantityText>>,
    /// Candidates that are tried, 40 to 100000; 2000 if left out.
    #[serde(default)]
    pub candidates: Option<u32>,
    /// Designs of the front that are shown, 2 to 100; 20 if left out.
    #[serde(default)]
    pub designs: Option<u32>,
    /// Draws for the intervals of the designs and of the known molecules; no intervals if left out.
    #[serde(default)]
    pub intervals: Option<IntervalsPart>,
}

/// An objective for a molecule, or a limit that it must keep.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectivePart {
    /// "maximise" or "minimise"; if left out, the result is only kept within its limits.
    #[serde(default)]
    pub goal: Option<String>,
    /// "ec50"; "selectivity" (EC50 on the second cell over that on the first); "response" (at `dose`);
    /// "response-ratio" (response on the first cell over that on the second); or "mean-response" (area under the
    /// response from time 0 to `time`, over that time).
    pub of: String,
    /// One cell; two for a ratio.
    pub cells: Vec<String>,
    /// When it is read; `time` of the assay if left out.
    #[serde(default)]
    pub time: Option<QuantityText>,
    /// Dose of a response; `dose` of the assay if left out.
    #[serde(default)]
    pub dose: Option<QuantityText>,
    /// Species or observable; `readout` of the assay if left out.
    #[serde(default)]
    pub readout: Option<String>,
    /// A known molecule relative to whose result this one is expressed.
    #[serde(default)]
    pub relative_to: Option<String>,
    /// Takes the value that this fraction of the donors reach or exceed: 1 for that of the worst donor.
    #[serde(default)]
    pub reached_by: Option<Fraction>,
    /// Designs below it are not allowed.
    #[serde(default)]
    pub at_least: Option<QuantityText>,
    /// Designs above it are not allowed.
    #[serde(default)]
    pub at_most: Option<QuantityText>,
}

/// Donors that differ in their receptor counts.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DonorsPart {
    /// How many, 2 to 200.
    pub count: u32,
    /// Counts that differ, as CELL.receptors.CHAIN, each between two ends; if left out, all vary by their
    /// published spread.
    #[serde(default)]
    pub parameters: IndexMap<String, VariedPart>,
}

/// A dose, or the ends between which it may be chosen.
#[derive(Clone, Debug, JsonSchema)]
#[serde(untagged)]
pub enum DosePart {
    /// This one.
    One(QuantityText),
    /// Any between them.
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
