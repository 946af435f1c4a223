//! How figures look, as a study writes it.
//!
//! Doc comments here become the descriptions of the published JSON Schema.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// How the figures of an assay look; what is left out is chosen.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FiguresPart {
    /// Panels by name, in the order in which they stand; all if left out.
    #[serde(default)]
    pub panels: Option<Vec<String>>,
    /// Panels side by side, 1 to 6.
    #[serde(default)]
    pub columns: Option<u32>,
    /// Width on paper in mm, 20 to 1000.
    #[serde(default)]
    pub width_mm: Option<f64>,
    /// Whether panels that show the same quantity share its scale; left out, they do unless one of them
    /// would be too flat to read.
    #[serde(default)]
    pub shared_scales: Option<bool>,
    /// Horizontal axis of every panel of curves.
    #[serde(default)]
    pub x: Option<AxisPart>,
    /// Vertical axis of every panel of curves.
    #[serde(default)]
    pub y: Option<AxisPart>,
    /// CSV file beside the study: measured points to draw over the curves, in columns that are named as
    /// those of the assay's table.
    #[serde(default)]
    pub overlay: Option<String>,
    /// Axes of single panels by the panel's name, in place of `x` and `y`.
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

/// One axis.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AxisPart {
    /// Where it begins, in the unit that its title shows; together with `to`.
    #[serde(default)]
    pub from: Option<f64>,
    /// Where it ends, in the unit that its title shows; together with `from`.
    #[serde(default)]
    pub to: Option<f64>,
    /// "linear" or "log".
    #[serde(default)]
    pub scale: Option<ScalePart>,
    /// Unit of its values, such as "nM" or "IU/mL"; the assay's if left out.
    #[serde(default)]
    pub unit: Option<String>,
}

/// How an axis maps values to lengths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ScalePart {
    /// Equal steps are equal lengths.
    Linear,
    /// Equal ratios are equal lengths.
    Log,
}
