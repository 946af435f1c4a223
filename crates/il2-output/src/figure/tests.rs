//! Properties of every figure for any input; exceeds 400 lines because all tests draw the same few
//! panels and read them back with the same helpers.

use super::scale::{fit, number, ticks};
use super::text::{coordinate, escape, width, wrap};
use super::*;

fn labels(range: (f64, f64), scale: Scale, most: usize) -> Vec<String> {
    ticks(range, scale, "", most).into_iter().map(|t| t.label).filter(|l| !l.is_empty()).collect()
}

fn lines_panel(series: Vec<Series>, x: Scale, y: Scale) -> Panel {
    Panel {
        name: String::new(),
        title: "Panel".into(),
        x: Axis { scale: x, ..Axis::linear("Dose", "pM") },
        y: Axis { scale: y, ..Axis::linear("Response", "%") },
        content: Content::Lines(series),
    }
}

fn heat_panel(map: HeatMap, scale: Scale) -> Panel {
    let axis = Axis { scale, ..Axis::linear("Dose", "pM") };
    Panel { x: axis.clone(), y: axis, content: Content::HeatMap(map), ..Panel::default() }
}

fn forest_panel(rows: Vec<Interval>) -> Panel {
    let x = Axis::log("EC₅₀", "pM");
    Panel { x, content: Content::Intervals(rows), ..Panel::default() }
}

fn one(panel: Panel) -> Figure {
    Figure { panels: vec![panel], ..Figure::default() }
}

// A small generator of difficult numbers: ordinary, tiny, huge, zero, negative and not finite.
struct Hard(u64);

impl Hard {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        self.0 >> 33
    }

    fn number(&mut self) -> f64 {
        let unit = self.bits() as f64 / 2f64.powi(31);
        match self.bits() % 12 {
            0 => f64::NAN,
            1 => f64::INFINITY,
            2 => f64::NEG_INFINITY,
            3 => 0.0,
            4 => -unit * 100.0,
            5 => 10f64.powf(unit * 600.0 - 300.0),
            6 => f64::MAX,
            _ => 10f64.powf(unit * 8.0 - 3.0),
        }
    }

    fn series(&mut self, style: usize) -> Series {
        let count = (self.bits() % 12) as usize;
        let triple = |s: &mut Self| (s.number(), s.number(), s.number());
        Series {
            label: format!("series {style}"),
            style,
            points: (0..count).map(|_| (self.number(), self.number())).collect(),
            band: (0..count).map(|_| triple(self)).collect(),
            markers: self.bits().is_multiple_of(2),
            line: !self.bits().is_multiple_of(3),
            bars: self.bits().is_multiple_of(4).then(|| self.number()),
            strokes: (0..count / 3).map(|_| (self.number(), self.number())).collect(),
            mark_x: Some((self.number(), self.number())),
            error_bars: (0..count / 2).map(|_| triple(self)).collect(),
            measured: self.bits().is_multiple_of(4),
            filled: self.bits().is_multiple_of(5),
        }
    }

    fn panel(&mut self) -> Panel {
        let scale =
            |s: &mut Self| if s.bits().is_multiple_of(2) { Scale::Log } else { Scale::Linear };
        let (x, y) = (scale(self), scale(self));
        let mut panel = match self.bits() % 3 {
            0 => {
                let count = (self.bits() % 5) as usize;
                let mut panel = lines_panel((0..count).map(|i| self.series(i)).collect(), x, y);
                let at: Vec<f64> = (0..count).map(|_| self.number()).collect();
                let row = |i| (format!("series {i}"), i, (0..count).map(|k| k * 999).collect());
                let rows = (0..count).map(row).collect();
                let counts = Counts { title: "at risk".into(), at, rows };
                panel.x.counts = self.bits().is_multiple_of(2).then_some(counts);
                panel
            }
            1 => {
                let (nx, ny) = ((self.bits() % 6) as usize, (self.bits() % 6) as usize);
                let mut column: Vec<f64> = (0..nx.max(ny)).map(|_| self.number()).collect();
                column.sort_by(f64::total_cmp);
                let map = HeatMap {
                    x: column[..nx].to_vec(),
                    y: column[..ny].to_vec(),
                    values: (0..ny).map(|_| (0..nx).map(|_| self.number()).collect()).collect(),
                    colour_label: "Ratio".into(),
                    scale: y,
                    range: None,
                    contours: vec![self.number(), self.number()],
                    diverging_at: Some(self.number()).filter(|v| *v > 1.0),
                    marked: vec![(self.number(), self.number(), "marked".into())],
                };
                heat_panel(map, x)
            }
            _ => {
                let count = (self.bits() % 6) as usize;
                let row = |s: &mut Self, i: usize| Interval {
                    label: format!("row {i}"),
                    group: format!("group {}", i / 2),
                    value: s.number(),
                    low: s.number(),
                    high: s.number(),
                    style: i,
                    note: "> 100 nM".into(),
                    measured: i == 1,
                    bars: vec![],
                    marks: vec![
                        Mark { at: s.number(), sign: Sign::Filled(i), means: "first".into() },
                        Mark { at: s.number(), sign: Sign::Arrow, means: "goes on".into() },
                    ],
                };
                forest_panel((0..count).map(|i| row(self, i)).collect())
            }
        };
        if self.bits().is_multiple_of(3) {
            panel.x.range = Some((self.number(), self.number()));
            panel.y.range = Some((self.number(), self.number()));
        }
        panel
    }
}

fn attribute<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    text.split(&start).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

fn check_svg(svg: &str) {
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    let size: Vec<f64> = attribute(svg, "viewBox")[0]
        .split(' ')
        .map(|v| v.parse().expect("viewBox holds numbers"))
        .collect();
    let inside = |v: f64, limit: f64| (-0.01..=limit + 0.01).contains(&v);
    for list in attribute(svg, "points") {
        for pair in list.split(' ') {
            let (x, y) = pair.split_once(',').expect("a pair");
            let (x, y): (f64, f64) = (x.parse().expect("x"), y.parse().expect("y"));
            assert!(inside(x, size[2]) && inside(y, size[3]), "{x},{y} outside {size:?}");
        }
    }
    for (names, limit) in [(["x", "x1", "x2", "cx"], size[2]), (["y", "y1", "y2", "cy"], size[3])] {
        for value in names.iter().flat_map(|name| attribute(svg, name)) {
            let value: f64 = value.parse().expect("a number");
            assert!(inside(value, limit), "{value} outside {limit}");
            let decimals = format!("{value}").split_once('.').map_or(0, |(_, d)| d.len());
            assert!(decimals <= 2, "{value}");
        }
    }
}

// Number of characters in a line as a terminal shows it, without escape sequences.
fn shown(line: &str) -> usize {
    let mut count = 0;
    let mut escaped = false;
    for c in line.chars() {
        match (escaped, c) {
            (false, '\u{1b}') => escaped = true,
            (false, _) => count += 1,
            (true, 'm') => escaped = false,
            (true, _) => {}
        }
    }
    count
}

#[test]
fn linear_ticks_are_round_numbers() {
    assert_eq!(labels((0.0, 100.0), Scale::Linear, 6), ["0", "20", "40", "60", "80", "100"]);
    assert_eq!(labels((0.0, 1.0), Scale::Linear, 5), ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
    assert_eq!(labels((-2.0, 2.0), Scale::Linear, 4), ["−2", "−1", "0", "1", "2"]);
    let large = labels((0.0, 3e6), Scale::Linear, 3);
    assert_eq!(large, ["0", "1×10⁶", "2×10⁶", "3×10⁶"]);
    assert_eq!(labels((0.0, 2e-6), Scale::Linear, 2), ["0", "1×10⁻⁶", "2×10⁻⁶"]);
}

#[test]
fn log_ticks_are_decades() {
    let all = labels((0.01, 1e4), Scale::Log, 9);
    assert_eq!(all, ["0.01", "0.1", "1", "10", "100", "1000", "10000"]);
    assert_eq!(labels((0.01, 1e4), Scale::Log, 4), ["0.01", "1", "100", "10000"]);
    let wide = labels((0.1, 1e6), Scale::Log, 9);
    assert_eq!(wide, ["10⁻¹", "10⁰", "10¹", "10²", "10³", "10⁴", "10⁵", "10⁶"]);
    assert_eq!(ticks((1.0, 100.0), Scale::Log, "", 5).len(), 19);
    assert_eq!(labels((8.4, 800.0), Scale::Log, 6), ["10", "20", "50", "100", "200", "500"]);
    assert_eq!(labels((8.4, 800.0), Scale::Log, 5), ["10", "30", "100", "300"]);
    assert_eq!(labels((2.0, 30.0), Scale::Log, 5), ["2", "5", "10", "20"]);
    assert_eq!(labels((3.1, 3.9), Scale::Log, 4), ["3.2", "3.4", "3.6", "3.8"]);
}

#[test]
fn ranges_are_never_empty() {
    assert_eq!(fit(None, None, Scale::Linear, 0.0), (0.0, 1.0));
    assert_eq!(fit(None, Some((5.0, 5.0)), Scale::Linear, 0.0), (2.5, 7.5));
    assert_eq!(fit(None, Some((4.0, 4.0)), Scale::Log, 0.0), (1.0, 16.0));
    assert_eq!(fit(Some((9.0, 1.0)), None, Scale::Linear, 0.0), (1.0, 9.0));
    assert_eq!(fit(Some((-1.0, 9.0)), None, Scale::Log, 0.0), (1.0, 10.0));
    assert_eq!(fit(Some((f64::NAN, 9.0)), Some((1.0, 2.0)), Scale::Linear, 0.0), (1.0, 2.0));
}

#[test]
fn numbers_are_short() {
    let printed = [0.0, 1.0, 0.25, 1234.0, 45678.0, 1e-5, -0.5, f64::NAN].map(number);
    assert_eq!(printed, ["0", "1", "0.25", "1234", "4.57×10⁴", "10⁻⁵", "−0.5", "–"]);
    assert_eq!([1.0, -0.001, 2.346, f64::NAN].map(coordinate), ["1", "0", "2.35", "0"]);
}

#[test]
fn text_is_escaped_and_wrapped() {
    assert_eq!(escape("a<b & \"c\"\u{1}"), "a&lt;b &amp; &quot;c&quot;");
    let panel = Panel { title: "<script>&".into(), ..Panel::default() };
    let svg = to_svg(&one(panel));
    assert!(svg.contains("&lt;script&gt;&amp;") && !svg.contains("<script>"));
    let text = "regulatory T cells in competition withaverylongwordthatfitsnowhere";
    let lines = wrap(text, 12.0, 90.0);
    assert!(lines.len() > 3 && lines.iter().all(|l| width(l, 12.0) <= 90.0), "{lines:?}");
    assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
}

#[test]
fn measured_advances_are_those_of_the_embedded_font() {
    // A wide line reaches its measured end in the picture and does not extend beyond it.
    let text = "WMiljq 0123456789 (pM) %±µαβ";
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"400\" height=\"40\">\
         <text x=\"0\" y=\"25\" font-family=\"Anything\" font-size=\"20\">{text}</text></svg>"
    );
    let png = to_png(&svg, 1.0).expect("renders");
    let pixels = resvg::tiny_skia::Pixmap::decode_png(&png).expect("a PNG");
    let inked = |x: u32| (0..40).any(|y| pixels.pixel(x, y).is_some_and(|p| p.alpha() > 0));
    let last = (0..400).rev().find(|x| inked(*x)).expect("some ink");
    let measured = width(text, 20.0);
    assert!(f64::from(last) <= measured && f64::from(last) > measured - 12.0, "{last} {measured}");
}

#[test]
fn a_picture_drawn_in_strips_is_the_whole_picture() {
    // Lines and curves cross the borders between strips, of which a picture 3,200 pixels wide has
    // one every 327 lines.
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1600\" height=\"500\">\
         <rect x=\"9.3\" y=\"3.7\" width=\"800\" height=\"440\" fill=\"#0072b2\" fill-opacity=\"0.3\"/>\
         <path d=\"M 5 5 C 400 900 900 -300 1590 480 L 30 290\" fill=\"none\" stroke=\"#d55e00\" stroke-width=\"3\"/>\
         <text x=\"40\" y=\"170\" font-size=\"40\">border between strips</text></svg>";
    let drawn = to_png(svg, 2.0).expect("renders");
    let pixels = resvg::tiny_skia::Pixmap::decode_png(&drawn).expect("a PNG");
    let options = resvg::usvg::Options::default();
    let tree = resvg::usvg::Tree::from_str(
        &svg.replace("<text", "<desc").replace("</text", "</desc"),
        &options,
    )
    .expect("an SVG");
    let mut whole = resvg::tiny_skia::Pixmap::new(3200, 1000).expect("a size");
    resvg::render(&tree, resvg::tiny_skia::Transform::from_scale(2.0, 2.0), &mut whole.as_mut());
    let (mut worst, mut unlike) = (0, 0);
    for (n, (a, b)) in pixels.pixels().iter().zip(whole.pixels()).enumerate() {
        let (x, y) = (n % 3200, n / 3200);
        // Only one of the pictures contains the text.
        if (60..1000).contains(&x) && (240..400).contains(&y) {
            continue;
        }
        let apart = a.red().abs_diff(b.red()).max(a.alpha().abs_diff(b.alpha()));
        worst = worst.max(apart);
        unlike += usize::from(apart > 2);
    }
    // A curve that is cut at a border is flattened into different short segments, so that its edge
    // may be a quarter of a pixel darker or lighter.
    assert!(worst <= 64 && unlike < 3200, "{worst} of 255, {unlike} pixels");
}

#[test]
fn any_input_gives_a_valid_figure() {
    let mut hard = Hard(7);
    for round in 0..300 {
        let figure = Figure {
            title: "Any".into(),
            panels: (0..round % 4).map(|_| hard.panel()).collect(),
            columns: round % 3,
            legend: if round % 5 == 0 { vec![("shared".into(), round)] } else { Vec::new() },
            ..Figure::default()
        };
        let svg = to_svg(&figure);
        assert_eq!(svg, to_svg(&figure));
        check_svg(&svg);
        if round % 20 == 3 {
            to_png(&svg, 0.5).expect("every figure renders");
        }
        for panel in &figure.panels {
            for wide in [0, 24, 40, 80, 100, 500] {
                let plot = terminal_plot(panel, wide, 10, round % 2 == 0);
                let limit = wide.clamp(24, 100);
                assert!(plot.lines().all(|l| shown(l) <= limit), "{wide}\n{plot}");
                assert!(!plot.contains("NaN") && !plot.contains("inf"));
            }
        }
    }
}

#[test]
fn empty_content_says_no_data() {
    let skipped = Series { points: vec![(f64::NAN, 1.0), (-1.0, 1.0)], ..Series::default() };
    for panel in [
        Panel::default(),
        lines_panel(vec![skipped], Scale::Log, Scale::Linear),
        heat_panel(HeatMap::default(), Scale::Linear),
        forest_panel(Vec::new()),
    ] {
        assert!(terminal_plot(&panel, 60, 10, false).contains("no data"));
        let svg = to_svg(&one(panel));
        assert!(svg.contains("no data"));
        check_svg(&svg);
    }
    assert!(to_svg(&Figure::default()).contains("no data"));
}

#[test]
fn constant_and_single_inputs_have_axes() {
    let point = Series { points: vec![(3.0, 5.0)], ..Series::default() };
    let flat = Series { points: vec![(1.0, 5.0), (9.0, 5.0)], ..Series::default() };
    let cell =
        HeatMap { x: vec![1.0], y: vec![2.0], values: vec![vec![3.0]], ..HeatMap::default() };
    let row = Interval { value: 5.0, low: 5.0, high: 5.0, ..Interval::default() };
    for panel in [
        lines_panel(vec![point.clone()], Scale::Linear, Scale::Linear),
        lines_panel(vec![point], Scale::Log, Scale::Log),
        lines_panel(vec![flat], Scale::Linear, Scale::Log),
        heat_panel(cell.clone(), Scale::Linear),
        heat_panel(HeatMap { diverging_at: Some(3.0), ..cell }, Scale::Log),
        forest_panel(vec![row]),
    ] {
        assert!(!terminal_plot(&panel, 60, 10, false).contains("no data"));
        let svg = to_svg(&one(panel));
        assert!(svg.matches("<text").count() >= 4, "{svg}");
        check_svg(&svg);
    }
}

#[test]
fn one_end_of_an_axis_is_kept_and_the_other_fits_the_data() {
    let fitted = |range| scale::fit(Some(range), Some((2.0, 8.0)), Scale::Linear, 0.0);
    assert_eq!(fitted((f64::NEG_INFINITY, 5.0)), (2.0, 5.0));
    assert_eq!(fitted((0.0, f64::INFINITY)), (0.0, 8.0));
    // A lower end above all data would show nothing, so the data are shown instead.
    assert_eq!(fitted((9.0, f64::INFINITY)), (2.0, 8.0));
    // Amounts that are all zero get no negative half of the axis.
    assert_eq!(scale::fit(None, Some((0.0, 0.0)), Scale::Linear, 0.05), (0.0, 1.0));
}

#[test]
fn an_axis_that_ends_at_a_round_number_names_it() {
    let labels = |range, most| -> Vec<String> {
        let ticks = scale::ticks(range, Scale::Linear, "", most);
        ticks.into_iter().map(|tick| tick.label).collect()
    };
    assert_eq!(labels((0.0, 5.0), 4), ["0", "1", "2", "3", "4", "5"]);
    assert_eq!(labels((0.0, 5.0), 2), ["0", "5"]);
    assert_eq!(labels((0.0, 7.5), 3), ["0", "2.5", "5.0", "7.5"]);
    assert_eq!(labels((0.0, 25.0), 4), ["0", "5", "10", "15", "20", "25"]);
    assert_eq!(labels((0.0, 7.0), 4), ["0", "2", "4", "6"], "no round step of so few ends there");
    assert_eq!(labels((1.0, 5.0), 4), ["1", "2", "3", "4", "5"]);
    // Ends fitted to the data keep the usual steps.
    assert_eq!(labels((0.0, 5.3), 4), ["0", "2", "4"]);
    assert_eq!(labels((0.0, 100.0), 6), ["0", "20", "40", "60", "80", "100"]);
}

#[test]
fn a_curve_under_another_is_drawn_wider_and_the_figure_says_so() {
    let curve = |style: usize, lift: f64| Series {
        style,
        points: (0..20).map(|k| (f64::from(k), lift + f64::from(k))).collect(),
        ..Series::default()
    };
    let of = |all: Vec<Series>| {
        let panel = lines_panel(all, Scale::Linear, Scale::Linear);
        to_svg(&Figure { panels: vec![panel], ..Figure::default() })
    };
    let both = of(vec![curve(0, 5.0), curve(1, 5.0)]);
    assert!(
        both.contains("stroke-width=\"3.6\"") && both.contains("drawn wider and paler"),
        "{both}"
    );
    assert!(!of(vec![curve(0, 5.0), curve(1, 9.0)]).contains("drawn wider and paler"));
    // Curves that separate, and one that continues alone.
    let part = |from: usize| {
        let mut parts = curve(1, 5.0);
        parts.points.iter_mut().skip(from).for_each(|p| p.1 += 6.0);
        of(vec![curve(0, 5.0), parts]).contains("drawn wider and paler")
    };
    assert!(!part(3) && part(14) && part(20));
    let mut short = curve(1, 5.0);
    short.points.truncate(3);
    assert!(!of(vec![curve(0, 5.0), short]).contains("drawn wider and paler"));
    // Only the stretch on which they coincide is wide: beyond it the first curve is drawn as usual.
    let mut parts = curve(1, 5.0);
    parts.points.iter_mut().skip(14).for_each(|p| p.1 += 6.0);
    let svg = of(vec![curve(0, 5.0), parts]);
    let first = svg.lines().filter(|l| l.contains("<polyline") && l.contains(style::colour(0)));
    let widths: Vec<bool> = first.map(|l| l.contains("stroke-width=\"3.6\"")).collect();
    assert_eq!(widths, [true, false], "{svg}");
}

#[test]
fn a_log_axis_of_few_decades_says_that_it_is_one() {
    let of = |last: f64| {
        let points = vec![(1.0, 1.0), (last, 2.0)];
        let series = Series { points, ..Series::default() };
        content::x_title(&lines_panel(vec![series], Scale::Log, Scale::Linear))
    };
    assert!(of(50.0).ends_with("; log scale"), "{}", of(50.0));
    assert!(!of(5000.0).contains("log scale"));
}

#[test]
fn a_skipped_point_breaks_the_line() {
    let points = vec![(1.0, 1.0), (2.0, 2.0), (3.0, f64::NAN), (4.0, 4.0), (5.0, 5.0)];
    let series = Series { points, ..Series::default() };
    let svg = to_svg(&one(lines_panel(vec![series], Scale::Linear, Scale::Linear)));
    assert_eq!(svg.matches("<polyline").count(), 2);
}

#[test]
fn png_has_its_signature_and_width() {
    let svg = to_svg(&Figure { title: "Empty".into(), ..Figure::default() });
    let png = to_png(&svg, 2.0).expect("renders");
    assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    assert_eq!(u32::from_be_bytes([png[16], png[17], png[18], png[19]]), 2 * 632);
    assert_eq!(png, to_png(&svg, 2.0).expect("renders"));
    assert!(to_png("<svg", 1.0).is_err() && to_png(&svg, f32::NAN).is_err());
    assert!(to_png(&svg, 1e6).is_err());
}

#[test]
fn terminal_curves_carry_letters() {
    let curve = |k: f64| Series {
        label: format!("curve {k}"),
        points: (0..50).map(|i| (f64::from(i), k * f64::from(i))).collect(),
        ..Series::default()
    };
    let panel = lines_panel(vec![curve(1.0), curve(2.0)], Scale::Linear, Scale::Linear);
    let plot = terminal_plot(&panel, 60, 12, false);
    assert!(plot.contains("a curve 1\n") && plot.contains("b curve 2\n"));
    assert!(!plot.contains('\u{1b}') && terminal_plot(&panel, 60, 12, true).contains('\u{1b}'));
    assert!(plot.lines().any(|l| shown(l) == 60));
}

#[test]
fn a_small_change_does_not_fill_an_axis_of_amounts() {
    let points = vec![(0.0, 100.0), (24.0, 97.0)];
    let panel =
        lines_panel(vec![Series { points, ..Series::default() }], Scale::Linear, Scale::Linear);
    let (_, y) = content::ranges(&panel);
    assert_eq!(y.0, 0.0);
    let svg = to_svg(&one(panel.clone()));
    assert!(!svg.contains("axis starts"));
    let mut cut = panel;
    cut.y.range = Some((96.0, 101.0));
    let svg = to_svg(&one(cut.clone()));
    assert!(svg.contains("axis starts at 96") && svg.matches("<polygon").count() == 1, "{svg}");
    assert!(terminal_plot(&cut, 60, 10, false).contains("axis starts at 96"));
}

#[test]
fn panels_of_one_quantity_share_its_scale() {
    let of = |top: f64| {
        let points = vec![(1.0, 0.0), (100.0, top)];
        lines_panel(vec![Series { points, ..Series::default() }], Scale::Log, Scale::Linear)
    };
    let figure = |tops: &[f64], shared_scales: Option<bool>| Figure {
        panels: tops.iter().map(|t| of(*t)).collect(),
        shared_scales,
        ..Figure::default()
    };
    let tops = |figure: &Figure| -> Vec<f64> {
        let settled = shared::settled(figure).0;
        settled.panels.iter().map(|p| content::ranges(p).1.1).collect()
    };
    let near = tops(&figure(&[100.0, 40.0], None));
    assert_eq!(near[0], near[1]);
    let apart = tops(&figure(&[100.0, 40.0], Some(false)));
    assert!(apart[1] < 0.5 * apart[0]);
    // A panel that would be flat keeps its own range, and the figure says so; a user may request
    // one scale.
    let flat = figure(&[100.0, 1.0], None);
    assert!(tops(&flat)[1] < 2.0);
    assert!(to_svg(&flat).contains("Vertical scales differ"));
    let forced = figure(&[100.0, 1.0], Some(true));
    assert_eq!(tops(&forced)[0], tops(&forced)[1]);
    assert!(!to_svg(&forced).contains("Vertical scales differ"));
}

#[test]
fn maps_of_one_quantity_share_its_colours() {
    let map = |value: f64| {
        let map = HeatMap {
            x: vec![1.0, 2.0],
            y: vec![1.0],
            values: vec![vec![1.0, value]],
            colour_label: "EC50 (pM)".into(),
            scale: Scale::Log,
            ..HeatMap::default()
        };
        heat_panel(map, Scale::Linear)
    };
    let figure = Figure { panels: vec![map(10.0), map(1000.0)], ..Figure::default() };
    for panel in shared::settled(&figure).0.panels {
        let Content::HeatMap(map) = panel.content else { panic!("a map") };
        assert_eq!(heat::colour_range(&map), (1.0, 1000.0));
    }
}

#[test]
fn close_doses_are_a_ribbon_from_trough_to_peak() {
    let course = |every: f64| {
        let points = (0..400).map(|i| {
            let day = f64::from(i) / 4.0;
            (day, 10.0 + day / 50.0 + 8.0 * (1.0 - (day / every).fract()))
        });
        let series = Series { points: points.collect(), ..Series::default() };
        to_svg(&one(lines_panel(vec![series], Scale::Linear, Scale::Linear)))
    };
    let close = course(1.0);
    assert!(close.contains("trough to peak") && close.matches("<polygon").count() == 1);
    let far = course(10.0);
    assert!(!far.contains("trough to peak") && !far.contains("<polygon"));
}

#[test]
fn the_legend_says_what_bands_hold_where_there_are_any() {
    let figure = |band: &[(f64, f64, f64)]| {
        let series = Series {
            points: vec![(0.0, 1.0), (1.0, 2.0)],
            band: band.to_vec(),
            ..Series::default()
        };
        let panel = lines_panel(vec![series], Scale::Linear, Scale::Linear);
        to_svg(&Figure { bands: "central 95 % of 40 draws".into(), ..one(panel) })
    };
    assert!(figure(&[(0.0, 0.5, 1.5), (1.0, 1.5, 2.5)]).contains("central 95 % of 40 draws"));
    assert!(!figure(&[]).contains("central 95 %"));
}

#[test]
fn a_ribbon_touches_the_peaks_and_the_troughs() {
    let run: Vec<(f64, f64)> =
        (0..60).map(|i| (f64::from(i), if i % 2 == 0 { 50.0 } else { 20.0 })).collect();
    let parts = ribbon::parts(&run);
    let found = parts.iter().find_map(|part| match part {
        ribbon::Part::Ribbon { upper, lower } => Some((upper, lower)),
        ribbon::Part::Line(_) => None,
    });
    let (upper, lower) = found.expect("a ribbon");
    assert!(upper.iter().all(|p| p.1 == 20.0) && lower.iter().all(|p| p.1 == 50.0));
    // The ribbon begins and ends with the curve, between trough and peak.
    assert_eq!([upper[0], lower[0]], [(0.0, 20.0), (0.0, 50.0)]);
    assert_eq!([upper[upper.len() - 1], lower[lower.len() - 1]], [(59.0, 20.0), (59.0, 50.0)]);
    // A curve without rapid oscillations is unchanged.
    let calm: Vec<(f64, f64)> = (0..60).map(|i| (f64::from(i), f64::from(i))).collect();
    assert_eq!(ribbon::parts(&calm), [ribbon::Part::Line(calm.clone())]);
}

#[test]
fn a_ribbon_closes_where_the_curve_goes_on() {
    // Doses every 2 px until 80 px, then a long decline.
    let saw = (0..=80).map(|i| (f64::from(i), if i % 2 == 0 { 20.0 } else { 50.0 }));
    let decline = (1..=100).map(|i| (80.0 + f64::from(i), 20.0 + 0.8 * f64::from(i)));
    let run: Vec<(f64, f64)> = saw.chain(decline).collect();
    let [ribbon::Part::Ribbon { upper, lower }, ribbon::Part::Line(line)] =
        &ribbon::parts(&run)[..]
    else {
        panic!("a ribbon and a line")
    };
    assert_eq!([upper[upper.len() - 1], lower[lower.len() - 1], line[0]], [(80.0, 20.0); 3]);
    assert_eq!(line[line.len() - 1], (180.0, 100.0));
}

#[test]
fn time_has_ticks_of_clock_and_calendar() {
    let of = |end: f64, unit: &str| {
        let all = ticks((0.0, end), Scale::Linear, unit, 8);
        all.into_iter().map(|t| t.label).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(of(24.0, "h"), "0 6 12 18 24");
    assert_eq!(of(84.0, "d"), "0 14 28 42 56 70 84");
    assert_eq!(of(240.0, "min"), "0 30 60 90 120 150 180 210 240");
    assert_eq!(of(1.0, "h"), "0.0 0.2 0.4 0.6 0.8 1.0".replacen("0.0", "0", 1));
    assert_eq!(of(24.0, "pM"), "0 5 10 15 20");
}

#[test]
fn panels_of_one_quantity_of_several_ligands_share_its_scale() {
    let panel = |ligand: &str, top: f64, measures: &str| {
        let series = Series { points: vec![(0.0, 0.0), (1.0, top)], ..Series::default() };
        let y = Axis { measures: measures.into(), ..Axis::linear(ligand, "/cell") };
        Panel { y, content: Content::Lines(vec![series]), ..Panel::default() }
    };
    let tops = |measures: &str| {
        let panels = vec![panel("il2", 100.0, measures), panel("il15", 50.0, measures)];
        let (figure, _) = shared::settled(&Figure { panels, ..Figure::default() });
        figure.panels.iter().map(|p| p.y.range.map(|r| r.1)).collect::<Vec<_>>()
    };
    assert_eq!(tops("signal"), [Some(105.0), Some(105.0)]);
    assert_eq!(tops(""), [None, None]);
}

#[test]
fn overlapping_bands_have_edges() {
    let banded = |style: usize| Series {
        style,
        points: vec![(0.0, 1.0), (1.0, 1.0)],
        band: vec![(0.0, 0.5, 2.0), (1.0, 0.5, 2.0)],
        ..Series::default()
    };
    let drawn = |count: usize| {
        let all = (0..count).map(banded).collect();
        to_svg(&one(lines_panel(all, Scale::Linear, Scale::Linear)))
    };
    assert_eq!(drawn(1).matches("<polyline").count(), 1);
    assert_eq!(drawn(2).matches("<polyline").count(), 2 + 4);
    assert_eq!(drawn(3).matches("<polyline").count(), 3 + 6);
    // The more bands there are, the paler each is.
    let opacity = |count: usize| -> Vec<f64> {
        let svg = drawn(count);
        attribute(&svg, "fill-opacity").iter().map(|text| text.parse().unwrap()).collect()
    };
    let [one, two, three] = [opacity(1), opacity(2), opacity(3)];
    assert_eq!([one.len(), two.len(), three.len()], [1, 2, 3]);
    assert!(one[0] > two[0] && two[1] > three[2], "{one:?} {two:?} {three:?}");
}

#[test]
fn parts_of_a_stack_are_named_from_its_top() {
    let part = |style: usize| Series {
        label: format!("part {style}"),
        style,
        band: vec![
            (0.0, style as f64, style as f64 + 1.0),
            (1.0, style as f64, style as f64 + 1.0),
        ],
        filled: true,
        line: false,
        ..Series::default()
    };
    let panel = lines_panel((0..3).map(part).collect(), Scale::Linear, Scale::Linear);
    let named: Vec<String> = legend::panel_entries(&panel).into_iter().map(|e| e.text).collect();
    assert_eq!(named, ["part 2", "part 1", "part 0"]);
    assert!(!to_svg(&one(panel)).contains("<polyline"));
}

#[test]
fn more_than_eight_curves_are_small_panels() {
    let figure = |count: usize| {
        let curve = |style: usize| Series {
            label: format!("curve {style}"),
            style,
            points: vec![(0.0, 1.0), (1.0, 2.0)],
            ..Series::default()
        };
        let panel = lines_panel((0..count).map(curve).collect(), Scale::Linear, Scale::Linear);
        let legend = (0..count).map(|i| (format!("curve {i}"), i)).collect();
        Figure { panels: vec![panel], legend, ..Figure::default() }
    };
    assert_eq!(multiples::apart(&figure(8)), figure(8));
    let apart = multiples::apart(&figure(9));
    assert_eq!((apart.panels.len(), apart.columns, apart.legend.len()), (9, 3, 0));
    assert_eq!(apart.panels[8].title, "curve 8");
    assert_eq!([10, 12, 15, 20].map(|n| multiples::apart(&figure(n)).columns), [4, 4, 3, 4]);
    // The labels of the curves are used if a figure has no shared legend.
    let unnamed = Figure { legend: vec![], ..figure(9) };
    assert_eq!(multiples::apart(&unnamed), apart);
    check_svg(&to_svg(&figure(20)));
}

#[test]
fn measured_points_are_open_and_computed_ones_are_not() {
    let points = |measured: bool| {
        let series = Series {
            points: vec![(0.0, 1.0), (1.0, 2.0)],
            markers: true,
            line: !measured,
            measured,
            ..Series::default()
        };
        to_svg(&one(lines_panel(vec![series], Scale::Linear, Scale::Linear)))
    };
    let open =
        |svg: &str| svg.lines().filter(|l| l.contains("<circle") && l.contains("#ffffff")).count();
    assert_eq!((open(&points(true)), open(&points(false))), (2, 0));
}

#[test]
fn a_width_on_paper_keeps_the_shape() {
    let svg = to_svg(&Figure { width_mm: Some(158.0), ..Figure::default() });
    assert!(svg.contains("width=\"158mm\"") && svg.contains("viewBox=\"0 0 632 "), "{svg}");
}

#[test]
fn measured_points_over_curves_have_one_entry_of_their_own() {
    let curve =
        |style: usize| Series { style, points: vec![(0.0, 1.0), (1.0, 2.0)], ..Series::default() };
    let points = |style: usize| Series {
        label: "measured".into(),
        measured: true,
        markers: true,
        line: false,
        ..curve(style)
    };
    let all = vec![curve(0), curve(1), points(0), points(1)];
    let panels = [lines_panel(all, Scale::Linear, Scale::Linear)];
    let legend = [("a".to_string(), 0), ("b".to_string(), 1)];
    let entries = legend::shared_entries(&legend, &panels);
    let looks: Vec<_> =
        entries.iter().map(|e| (e.text.as_str(), e.look.line, e.look.markers)).collect();
    assert_eq!(looks, [("a", true, false), ("b", true, false), ("measured", false, true)]);
    assert_eq!(legend::panel_entries(&panels[0]).len(), 1);
}

#[test]
fn bars_stand_on_zero_side_by_side() {
    let bars = |style: usize, points: &[(f64, f64)]| Series {
        label: format!("kind {style}"),
        style,
        points: points.to_vec(),
        bars: Some(0.5),
        ..Series::default()
    };
    let both = vec![bars(0, &[(0.0, 4.0), (1.0, -2.0)]), bars(1, &[(0.5, 1.0)])];
    let panel = lines_panel(both, Scale::Linear, Scale::Linear);
    let svg = to_svg(&one(panel.clone()));
    check_svg(&svg);
    let rect = |colour: &str| -> Vec<[f64; 4]> {
        let own = format!("fill=\"{colour}\" fill-opacity=\"0.8\"");
        let all = svg.lines().filter(|l| l.starts_with("<rect") && l.contains(&own));
        // The legend has a patch with the same look, 10 px high.
        let of =
            |l: &str| ["x", "y", "width", "height"].map(|n| attribute(l, n)[0].parse().unwrap());
        all.map(of).filter(|r: &[f64; 4]| r[3] != 10.0).collect()
    };
    let (first, second) = (rect("#0072b2"), rect("#d55e00"));
    assert_eq!((first.len(), second.len()), (2, 1));
    // The first series has bars above and below zero, four times and twice as high as the bar of 1
    // in the second series.
    let zero = first[0][1] + first[0][3];
    assert!((first[1][1] - zero).abs() < 0.02, "{first:?}");
    assert!((first[0][3] - 4.0 * second[0][3]).abs() < 0.05, "{first:?} {second:?}");
    assert!((first[1][3] - 2.0 * second[0][3]).abs() < 0.05, "{first:?} {second:?}");
    assert!((second[0][1] + second[0][3] - zero).abs() < 0.02);
    // The second bar begins where the first ends, except for the gap between them.
    let end = first[0][0] + first[0][2];
    assert!((0.0..1.5).contains(&(second[0][0] - end)), "{end} {second:?}");
    let text = terminal_plot(&panel, 60, 12, false);
    assert!(text.contains('⣿'), "{text}");
}

#[test]
fn events_stand_along_their_bars_and_the_legend_names_each_once() {
    let mark = |at: f64, sign: Sign, means: &str| Mark { at, sign, means: means.into() };
    let row = |length: f64, marks: Vec<Mark>| Interval {
        value: f64::NAN,
        low: f64::NAN,
        high: f64::NAN,
        bars: vec![length],
        marks,
        ..Interval::default()
    };
    let rows = vec![
        row(20.0, vec![mark(5.0, Sign::Open(2), "seen"), mark(20.0, Sign::Arrow, "goes on")]),
        row(10.0, vec![mark(5.0, Sign::Open(2), "seen"), mark(10.0, Sign::Filled(7), "ended")]),
    ];
    let x = Axis { range: Some((0.0, 25.0)), ..Axis::linear("time", "months") };
    let svg = to_svg(&one(Panel { x, ..forest_panel(rows) }));
    for means in ["seen", "goes on", "ended"] {
        assert_eq!(svg.matches(&format!(">{means}<")).count(), 1, "{means}");
    }
    // Both triangles are at the same place along the axis, a quarter of the longer bar.
    let first = |line: &str| -> f64 {
        attribute(line, "points")[0].split(',').next().unwrap().parse().unwrap()
    };
    let corners = |shape: usize| svg.lines().filter(|l| l.starts_with("<polygon")).nth(shape);
    assert_eq!(first(corners(0).unwrap()), first(corners(1).unwrap()));
    let bars: Vec<&str> = svg.lines().filter(|l| l.contains("fill-opacity=\"0.85\"")).collect();
    let number = |line: &str, name: &str| attribute(line, name)[0].parse::<f64>().unwrap();
    let (long, short) = (number(bars[0], "width"), number(bars[1], "width"));
    assert!((long / short - 2.0).abs() < 0.01, "{long} {short}");
    let quarter = number(bars[0], "x") + 0.25 * long;
    assert!((first(corners(0).unwrap()) - quarter).abs() < 0.1, "{quarter}");
}

#[test]
fn counts_stand_under_their_places() {
    let curve = |style: usize| Series {
        label: format!("arm {style}"),
        style,
        points: vec![(0.0, 100.0), (30.0, 10.0)],
        strokes: vec![(12.0, 64.0)],
        ..Series::default()
    };
    let mut panel = lines_panel(vec![curve(0), curve(1)], Scale::Linear, Scale::Linear);
    panel.x = Axis { range: Some((0.0, 36.0)), ..Axis::linear("time", "months") };
    let plain = to_svg(&one(panel.clone()));
    let rows = vec![("arm 0".into(), 0, vec![50, 25, 8]), ("arm 1".into(), 1, vec![49, 31, 7])];
    panel.x.counts = Some(Counts { title: "at risk".into(), at: vec![0.0, 12.0, 24.0], rows });
    let svg = to_svg(&one(panel.clone()));
    check_svg(&svg);
    assert!(!plain.contains("at risk") && svg.contains("at risk"));
    let place = |text: &str, name: &str| -> Vec<f64> {
        let ends = format!(">{text}</text>");
        let own = svg.lines().filter(|l| l.ends_with(&ends));
        own.map(|l| attribute(l, name)[0].parse().unwrap()).collect()
    };
    // Below the tick of 12 months, each arm in its own row.
    assert_eq!((place("25", "x"), place("31", "x")), (place("12", "x"), place("12", "x")));
    assert_eq!(place("50", "y"), place("25", "y"));
    assert!(place("31", "y") > place("25", "y"));
    let text = terminal_plot(&panel, 80, 10, false);
    let rows: Vec<&str> = text.lines().skip_while(|l| !l.contains("at risk")).skip(1).collect();
    let words = |line: &str| line.split_whitespace().map(String::from).collect::<Vec<_>>();
    assert_eq!(words(rows[0]), ["a", "50", "25", "8"]);
    assert_eq!(words(rows[1]), ["b", "49", "31", "7"]);
}

#[test]
fn curves_of_many_people_are_thin_and_solid() {
    let of = |label: &str, count: usize| {
        let one_of = |k: usize| Series {
            label: label.into(),
            style: 1,
            points: vec![(0.0, k as f64), (9.0, 2.0 * k as f64)],
            ..Series::default()
        };
        let series = (1..=count).map(one_of).collect();
        to_svg(&one(lines_panel(series, Scale::Linear, Scale::Linear)))
    };
    let dashed =
        |svg: &str| svg.lines().any(|l| l.contains("<polyline") && l.contains("dasharray"));
    assert!(dashed(&of("", 8)) && dashed(&of("named", 9)) && !dashed(&of("", 9)));
}
