//! Layout of figures, as written in a study.
//!
//! Doc comments here become the descriptions of the published JSON Schema.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};
use std::fmt;

/// Layout of the figures of an assay; settings that are left out are chosen automatically.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FiguresPart {
    /// Panels by name, in the order in which they are drawn (default: all).
    #[serde(default)]
    pub panels: Option<Vec<String>>,
    /// Number of panels side by side, 1 to 6.
    #[serde(default)]
    pub columns: Option<u32>,
    /// Width on paper in mm, 20 to 1000.
    #[serde(default)]
    pub width_mm: Option<f64>,
    /// Whether panels that show the same quantity share a scale. By default, panels share a scale
    /// unless one of them would be too flat to read.
    #[serde(default)]
    pub shared_scales: Option<bool>,
    /// Horizontal axis of every panel of curves.
    #[serde(default)]
    pub x: Option<AxisPart>,
    /// Vertical axis of every panel of curves.
    #[serde(default)]
    pub y: Option<AxisPart>,
    /// CSV file in the folder of the study with measured points to draw over the curves. The
    /// columns of this file have the same names as the columns in the table of the assay.
    #[serde(default)]
    pub overlay: Option<String>,
    /// Axes of single panels, by the name of the panel, in place of `x` and `y`.
    #[serde(default)]
    pub panel: IndexMap<String, PanelPart>,
}

/// Axes of one panel.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PanelPart {
    /// Horizontal axis.
    #[serde(default)]
    pub x: Option<AxisPart>,
    /// Vertical axis.
    #[serde(default)]
    pub y: Option<AxisPart>,
}

/// An axis of a panel.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AxisPart {
    /// Start of the axis: a number in the unit of the axis title, or a quantity such as "6 h"
    /// (default: set from the data).
    #[serde(default)]
    pub from: Option<EndText>,
    /// End of the axis: a number in the unit of the axis title, or a quantity such as "6 h"
    /// (default: set from the data).
    #[serde(default)]
    pub to: Option<EndText>,
    /// Scale of the axis: "linear" or "log".
    #[serde(default)]
    pub scale: Option<ScalePart>,
    /// Unit of the axis, such as "nM" or "IU/mL" (default: that of the assay).
    #[serde(default)]
    pub unit: Option<String>,
}

/// An end of an axis: a number in the unit of the axis, or a quantity with its own unit.
#[derive(Clone, Debug, PartialEq, JsonSchema)]
#[serde(untagged)]
pub enum EndText {
    /// A number in the unit of the axis.
    Number(f64),
    /// A quantity with its unit, for example "6 h".
    Quantity(String),
}

impl<'de> Deserialize<'de> for EndText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrText;
        impl Visitor<'_> for NumberOrText {
            type Value = EndText;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a number in the unit of the axis, or a quantity such as \"6 h\"")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<EndText, E> {
                Ok(EndText::Quantity(text.to_string()))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<EndText, E> {
                Ok(EndText::Number(number as f64))
            }
            fn visit_f64<E: de::Error>(self, number: f64) -> Result<EndText, E> {
                Ok(EndText::Number(number))
            }
        }
        deserializer.deserialize_any(NumberOrText)
    }
}

/// How an axis maps values to lengths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ScalePart {
    /// Equal differences have equal lengths.
    Linear,
    /// Equal ratios have equal lengths.
    Log,
}
