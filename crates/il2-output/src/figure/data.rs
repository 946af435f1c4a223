//! Figures as plain data: panels, their axes, and what is drawn on them.

/// A figure: panels in rows under one title.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figure {
    /// Title above all panels; wraps; left out when empty.
    pub title: String,
    /// Smaller text under the title; wraps; left out when empty.
    pub subtitle: String,
    /// Panels in reading order; none draws "no data".
    pub panels: Vec<Panel>,
    /// Panels a row; 0 chooses 1 for one panel, 2 for up to four, 3 beyond.
    pub columns: usize,
    /// Small text under everything, e.g. the source of the data; wraps.
    pub footnote: String,
    /// Shared legend as (text, style index); when empty each panel of more than one series has its own.
    pub legend: Vec<(String, usize)>,
    /// What the bands hold, e.g. "central 95 % of 40 draws": the legend says so beside a pale patch.
    pub bands: String,
    /// Whether panels with the same axis title share the range of that axis; `None` shares it unless
    /// one of them would be too flat to read, and the figure says so.
    pub shared_scales: Option<bool>,
    /// Width on paper, mm; `None` is one px a px.
    pub width_mm: Option<f64>,
}

/// One set of axes with its content.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Panel {
    /// Short name by which a user asks for it, e.g. "concentration"; not drawn.
    pub name: String,
    /// Title above the axes; wraps; left out when empty.
    pub title: String,
    /// Horizontal axis.
    pub x: Axis,
    /// Vertical axis; a forest plot uses only its label, as the heading of the row names.
    pub y: Axis,
    /// What is drawn on the axes.
    pub content: Content,
}

/// Whole numbers under a horizontal axis, e.g. how many patients are at risk.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Counts {
    /// What is counted, as a heading.
    pub title: String,
    /// Where the numbers of every row stand along the axis.
    pub at: Vec<f64>,
    /// Rows as (name, style, numbers), a number for each place.
    pub rows: Vec<(String, usize, Vec<usize>)>,
}

/// What a panel shows.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Curves, points, bands and error bars.
    Lines(Vec<Series>),
    /// A colour-coded grid of values.
    HeatMap(HeatMap),
    /// A forest plot: one row per estimate with its interval, in groups.
    Intervals(Vec<Interval>),
}

impl Default for Content {
    fn default() -> Self {
        Content::Lines(Vec::new())
    }
}

/// One axis of a panel.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Axis {
    /// Axis title without its unit, e.g. "IL-2 dose".
    pub label: String,
    /// Unit of the values, e.g. "pM"; empty where there is none. Minutes, hours and days have ticks of
    /// clock and calendar.
    pub unit: String,
    /// Linear or logarithmic.
    pub scale: Scale,
    /// Lowest and highest value shown; `None`, or a range the scale cannot show, fits the data, and so does
    /// an infinite end.
    pub range: Option<(f64, f64)>,
    /// What is measured along it where panels with other titles measure the same, which then share its
    /// range: "signalling complexes" of two ligands. Empty: what the title says.
    pub measures: String,
    /// Values at which a grey line crosses the panel, e.g. the time of a wash; of the vertical axis dashed, a limit.
    pub marks: Vec<f64>,
    /// Whole numbers under the horizontal axis of curves.
    pub counts: Option<Counts>,
}

impl Axis {
    /// A linear axis fitted to what it shows.
    pub fn linear(label: impl Into<String>, unit: impl Into<String>) -> Axis {
        Axis { label: label.into(), unit: unit.into(), ..Axis::default() }
    }

    /// A logarithmic axis fitted to what it shows.
    pub fn log(label: impl Into<String>, unit: impl Into<String>) -> Axis {
        Axis { scale: Scale::Log, ..Axis::linear(label, unit) }
    }

    /// Label with its unit: "IL-2 dose (pM)".
    pub fn title(&self) -> String {
        match self.unit.is_empty() {
            true => self.label.clone(),
            false => format!("{} ({})", self.label, self.unit),
        }
    }
}

/// How values map to lengths or colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Scale {
    /// Equal steps are equal lengths.
    #[default]
    Linear,
    /// Equal ratios are equal lengths; values of zero or less are not shown.
    Log,
}

/// A named curve or set of points.
///
/// Points that are not finite, or not positive on a log axis, are left out and break the line.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Legend text; a series without one is left out of panel legends.
    pub label: String,
    /// Style index: colour, dash pattern and marker shape together; cycles after 8.
    pub style: usize,
    /// Points as (x, y), joined in the order given.
    pub points: Vec<(f64, f64)>,
    /// Shaded band as (x, low, high), joined in the order given.
    pub band: Vec<(f64, f64, f64)>,
    /// Whether the band is a part of a whole, as in a stack: filled so that it reads as an area.
    pub filled: bool,
    /// Draw a marker at the points; on a joined line dense markers are thinned.
    pub markers: bool,
    /// Join the points with a line; the default.
    pub line: bool,
    /// Draw each point as a bar from zero of this width along x, in place of line and markers.
    pub bars: Option<f64>,
    /// Short strokes across the curve, e.g. where patients were lost.
    pub strokes: Vec<(f64, f64)>,
    /// A point to emphasise, e.g. the EC50: a ring with a thin drop line to the x axis.
    pub mark_x: Option<(f64, f64)>,
    /// Error bars as (x, low, high).
    pub error_bars: Vec<(f64, f64, f64)>,
    /// Whether the points were measured: they are open symbols, those of a computation dots on a line.
    pub measured: bool,
}

impl Default for Series {
    // By hand because a derived default would neither join nor mark the points: an invisible series.
    fn default() -> Self {
        Series {
            label: String::new(),
            style: 0,
            points: Vec::new(),
            band: Vec::new(),
            filled: false,
            markers: false,
            line: true,
            bars: None,
            strokes: Vec::new(),
            mark_x: None,
            error_bars: Vec::new(),
            measured: false,
        }
    }
}

/// A grid of values shown as colours.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HeatMap {
    /// Cell centres along x, strictly rising.
    pub x: Vec<f64>,
    /// Cell centres along y, strictly rising.
    pub y: Vec<f64>,
    /// Values as `values[iy][ix]`; a missing or non-finite one is a hatched cell.
    pub values: Vec<Vec<f64>>,
    /// Title of the colour bar, with the unit of the values.
    pub colour_label: String,
    /// Scale of the colours; on a log scale values of zero or less are hatched.
    pub scale: Scale,
    /// Lowest and highest value of the colours; `None` fits them to the values.
    pub range: Option<(f64, f64)>,
    /// Values at which labelled contour lines are drawn.
    pub contours: Vec<f64>,
    /// Centre of a diverging colour map; `None` uses a sequential one.
    pub diverging_at: Option<f64>,
    /// Marked points as (x, y, text).
    pub marked: Vec<(f64, f64, String)>,
}

impl HeatMap {
    /// The value of a cell, NaN where the grid has none.
    pub(super) fn value(&self, ix: usize, iy: usize) -> f64 {
        self.values.get(iy).and_then(|row| row.get(ix)).copied().unwrap_or(f64::NAN)
    }
}

/// One row of a forest plot.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Interval {
    /// Row name.
    pub label: String,
    /// Group name; a heading is drawn where it differs from the row above.
    pub group: String,
    /// Estimate, in the unit of the x axis; NaN draws no marker.
    pub value: f64,
    /// Lower end; negative infinity, or zero on a log axis, reaches to the axis edge.
    pub low: f64,
    /// Upper end; positive infinity reaches to the axis edge.
    pub high: f64,
    /// Style index: colour and marker shape; cycles after 8.
    pub style: usize,
    /// Text at the right of the row, e.g. "> 100 nM" where an estimate was not reached.
    pub note: String,
    /// Whether the estimate was measured: an open symbol.
    pub measured: bool,
    /// Bars from zero, instead of a marker: of several the first is pale, and the others are drawn over it.
    pub bars: Vec<f64>,
}
