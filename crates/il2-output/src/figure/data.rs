//! Figures as plain data: panels, their axes and their content.

/// A figure: panels in rows under one title.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figure {
    /// Title above all panels; wraps; left out if empty.
    pub title: String,
    /// Smaller text under the title; wraps; left out if empty.
    pub subtitle: String,
    /// Panels in reading order; without panels, "no data" is drawn.
    pub panels: Vec<Panel>,
    /// Panels per row; 0 chooses 1 for one panel, 2 for two or four, 3 for others.
    pub columns: usize,
    /// Small text below everything, e.g. the source of the data; wraps.
    pub footnote: String,
    /// Shared legend as (text, style index); if empty, each panel of more than one series has its
    /// own legend.
    pub legend: Vec<(String, usize)>,
    /// What the bands show, e.g. "central 95 % of 40 draws"; the legend gives this beside a pale
    /// patch.
    pub bands: String,
    /// What the coloured backgrounds show, e.g. "condition met"; the legend gives this beside a
    /// patch.
    pub spans: String,
    /// Whether panels with the same axis title share the range of that axis. `None` shares it
    /// unless one of the panels would be too flat to read, and the figure then says so.
    pub shared_scales: Option<bool>,
    /// Width on paper, mm; with `None` the width in px is used.
    pub width_mm: Option<f64>,
}

/// One set of axes with its content.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Panel {
    /// Short name by which a user selects it, e.g. "concentration"; not drawn.
    pub name: String,
    /// Title above the axes; wraps; left out if empty.
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
    /// Heading that says what is counted.
    pub title: String,
    /// Positions along the axis of the numbers in every row.
    pub at: Vec<f64>,
    /// Rows as (name, style, numbers), with a number for each position.
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
    /// Unit of the values, e.g. "pM"; empty if there is none. Minutes, hours and days have ticks at
    /// clock and calendar steps.
    pub unit: String,
    /// Linear or logarithmic.
    pub scale: Scale,
    /// Lowest and highest value shown; `None`, or a range that the scale cannot show, is fitted to
    /// the data, and so is an infinite end.
    pub range: Option<(f64, f64)>,
    /// The quantity along the axis, if panels with different titles show the same quantity and
    /// should share its range, such as "signalling complexes" of two ligands. If empty, the title
    /// is used.
    pub measures: String,
    /// Values at which a grey line crosses the panel, e.g. the time of a wash; a line at a value of
    /// the vertical axis is a limit and is dashed.
    pub marks: Vec<f64>,
    /// Ranges of values of the horizontal axis with a coloured background, e.g. the doses that meet
    /// a condition.
    pub spans: Vec<(f64, f64)>,
    /// Whole numbers shown below the horizontal axis of curves.
    pub counts: Option<Counts>,
}

impl Axis {
    /// A linear axis fitted to its data.
    pub fn linear(label: impl Into<String>, unit: impl Into<String>) -> Axis {
        Axis { label: label.into(), unit: unit.into(), ..Axis::default() }
    }

    /// A logarithmic axis fitted to its data.
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

/// How values are mapped to lengths or colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Scale {
    /// Equal differences are equal lengths.
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
    /// Style index for colour, dash pattern and marker shape together; cycles after 8.
    pub style: usize,
    /// Points as (x, y), joined in the order given.
    pub points: Vec<(f64, f64)>,
    /// Shaded band as (x, low, high), joined in the order given.
    pub band: Vec<(f64, f64, f64)>,
    /// Whether the band is a layer of a stacked plot, which is filled as an area.
    pub filled: bool,
    /// Whether to draw a marker at the points; dense markers on a joined line are thinned.
    pub markers: bool,
    /// Whether to join the points with a line; the default.
    pub line: bool,
    /// If given, each point is drawn as a bar from zero with this width along x, in place of line
    /// and markers.
    pub bars: Option<f64>,
    /// Short strokes across the curve, e.g. where patients were lost to follow-up.
    pub strokes: Vec<(f64, f64)>,
    /// A point to be emphasised, e.g. the EC50: a ring with a thin drop line to the x axis.
    pub mark_x: Option<(f64, f64)>,
    /// Error bars as (x, low, high).
    pub error_bars: Vec<(f64, f64, f64)>,
    /// Whether the points were measured; measured points are open symbols, computed points are dots
    /// on a line.
    pub measured: bool,
}

impl Default for Series {
    // Written by hand, because a derived default would neither join nor mark the points, so that
    // the series would be invisible.
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
    /// Cell centres along x, strictly increasing.
    pub x: Vec<f64>,
    /// Cell centres along y, strictly increasing.
    pub y: Vec<f64>,
    /// Values as `values[iy][ix]`; the cell of a missing or non-finite value is hatched.
    pub values: Vec<Vec<f64>>,
    /// Title of the colour bar, with the unit of the values.
    pub colour_label: String,
    /// Scale of the colours; on a log scale values of zero or less are hatched.
    pub scale: Scale,
    /// Lowest and highest value of the colour scale; `None` fits them to the values.
    pub range: Option<(f64, f64)>,
    /// Values at which labelled contour lines are drawn.
    pub contours: Vec<f64>,
    /// Centre of a diverging colour map; `None` uses a sequential one.
    pub diverging_at: Option<f64>,
    /// Marked points as (x, y, text).
    pub marked: Vec<(f64, f64, String)>,
}

impl HeatMap {
    /// The value of a cell; NaN if the grid has none.
    pub(super) fn value(&self, ix: usize, iy: usize) -> f64 {
        self.values.get(iy).and_then(|row| row.get(ix)).copied().unwrap_or(f64::NAN)
    }
}

/// One row of a forest plot.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Interval {
    /// Row name.
    pub label: String,
    /// Group name; a heading is drawn if it differs from that of the row above.
    pub group: String,
    /// Estimate, in the unit of the x axis; for NaN no marker is drawn.
    pub value: f64,
    /// Lower end; negative infinity, or zero on a log axis, extends to the axis edge.
    pub low: f64,
    /// Upper end; positive infinity extends to the axis edge.
    pub high: f64,
    /// Style index: colour and marker shape; cycles after 8.
    pub style: usize,
    /// Text at the right of the row, e.g. "> 100 nM" if an estimate was not reached.
    pub note: String,
    /// Whether the estimate was measured and has an open symbol.
    pub measured: bool,
    /// Bars from zero, instead of a marker; if there are several, the first is pale and the others
    /// are drawn over it.
    pub bars: Vec<f64>,
    /// Events along the row, drawn over its bars.
    pub marks: Vec<Mark>,
}

/// An event along a row, such as a response in a swimmer plot.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mark {
    /// Position, in the unit of the x axis.
    pub at: f64,
    /// How it is drawn: always in black, so that shape alone distinguishes events.
    pub sign: Sign,
    /// What happened; the legend gives this once for all rows.
    pub means: String,
}

/// The sign of an event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sign {
    /// A filled symbol with the shape of this style.
    Filled(usize),
    /// An open symbol with the shape of this style.
    Open(usize),
    /// An arrow to the right: something goes on beyond this point.
    #[default]
    Arrow,
}
