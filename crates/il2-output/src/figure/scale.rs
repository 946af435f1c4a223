//! Axis ranges, tick positions and tick labels.

use super::Scale;
use super::text::trimmed;
use il2_engine::math;

/// A tick; the label of a minor tick is empty.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    pub value: f64,
    pub label: String,
}

/// A range of values mapped to a length: `lo` is at `from`, `hi` at `to`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Map {
    pub lo: f64,
    pub hi: f64,
    pub scale: Scale,
    pub from: f64,
    pub to: f64,
}

impl Map {
    pub fn new((lo, hi): (f64, f64), scale: Scale, from: f64, to: f64) -> Map {
        Map { lo, hi, scale, from, to }
    }

    /// Position of a value; `None` if the scale cannot show it.
    pub fn at(&self, value: f64) -> Option<f64> {
        // A distant outlier beside a narrow range must have a finite coordinate until it is
        // clipped.
        let part = self.fraction(value)?.clamp(-1e6, 1e6);
        Some(self.from + part * (self.to - self.from))
    }

    /// Position of a value as a fraction from 0 (`lo`) to 1 (`hi`); outside the range it is below 0
    /// or above 1.
    pub fn fraction(&self, value: f64) -> Option<f64> {
        let v = forward(value, self.scale)?;
        let (lo, hi) = (forward(self.lo, self.scale)?, forward(self.hi, self.scale)?);
        Some((v - lo) / (hi - lo))
    }
}

/// A value on the scale: the value itself or its decadic logarithm.
pub(super) fn forward(value: f64, scale: Scale) -> Option<f64> {
    // These limits keep every difference and ratio of two values finite.
    if !value.is_finite() || value.abs() > 1e150 {
        return None;
    }
    match scale {
        Scale::Linear => Some(value),
        Scale::Log => (value >= 1e-150).then(|| math::log10(value)),
    }
}

/// The value that [`forward`] converts to `measured`.
pub(super) fn backward(measured: f64, scale: Scale) -> f64 {
    match scale {
        Scale::Linear => measured,
        Scale::Log => math::pow(10.0, measured),
    }
}

/// Lowest and highest value that the scale can show; `None` if there is none.
pub(super) fn extent(values: impl Iterator<Item = f64>, scale: Scale) -> Option<(f64, f64)> {
    values.filter(|v| forward(*v, scale).is_some()).fold(None, |found, v| match found {
        None => Some((v, v)),
        Some((lo, hi)) => Some((f64::min(lo, v), f64::max(hi, v))),
    })
}

/// Smallest number of decades of a fitted logarithmic axis of values: on a shorter axis a change of
/// a few per cent would fill the panel.
const LEAST_DECADES: f64 = 0.7;

/// The range that an axis shows: the requested range if the scale allows it, otherwise a range
/// around the data. If a requested range has one infinite end, the other end is kept.
///
/// `pad` widens a fitted range at both ends by this fraction of its length.
pub(super) fn fit(
    wanted: Option<(f64, f64)>,
    data: Option<(f64, f64)>,
    scale: Scale,
    pad: f64,
) -> (f64, f64) {
    if let Some((a, b)) = wanted {
        let (lo, hi) = (a.min(b), a.max(b));
        if wide_enough(lo, hi, scale) {
            return (lo, hi);
        }
        if lo.is_finite() != hi.is_finite() {
            let around = fit(None, data, scale, pad);
            let open = |end: f64, fitted: f64| if end.is_finite() { end } else { fitted };
            let (lo, hi) = (open(lo, around.0), open(hi, around.1));
            if wide_enough(lo, hi, scale) {
                return (lo, hi);
            }
        }
    }
    let (lo, hi) = data.unwrap_or(match scale {
        Scale::Linear => (0.0, 1.0),
        Scale::Log => (1.0, 10.0),
    });
    if !wide_enough(lo, hi, scale) {
        return match scale {
            Scale::Linear if pad > 0.0 && lo > 0.0 => (0.0, hi * 1.5),
            Scale::Linear if pad > 0.0 && lo == 0.0 && hi == 0.0 => (0.0, 1.0),
            Scale::Linear => {
                let half = if lo == 0.0 { 1.0 } else { lo.abs() * 0.5 };
                (lo - half, hi + half)
            }
            Scale::Log => (lo / 4.0, hi * 4.0),
        };
    }
    let (a, b) = (forward(lo, scale).unwrap_or(0.0), forward(hi, scale).unwrap_or(1.0));
    let room = match scale {
        Scale::Log if pad > 0.0 => ((b - a) * pad).max((LEAST_DECADES - (b - a)) / 2.0),
        _ => (b - a) * pad,
    };
    // Axes of amounts begin at zero: on a truncated axis a change of 1 % would fill the panel, and
    // padding below zero would suggest negative amounts.
    let from_zero = scale == Scale::Linear && pad > 0.0 && lo >= 0.0;
    let low = if from_zero { 0.0 } else { backward(a - room, scale) };
    (low, backward(b + room, scale))
}

/// Where a linear axis of amounts begins if not at zero; a start very close to zero counts as zero.
pub(super) fn cut_off((lo, hi): (f64, f64), scale: Scale) -> Option<f64> {
    (scale == Scale::Linear && lo > 0.05 * hi).then_some(lo)
}

/// Whether the labels of an axis fail to show that it is logarithmic, because fewer than three
/// powers of ten are labelled.
pub(super) fn few_decades((lo, hi): (f64, f64), scale: Scale) -> bool {
    let decades = (math::log10(hi) + 1e-9).floor() - (math::log10(lo) - 1e-9).ceil() + 1.0;
    scale == Scale::Log && decades < 3.0
}

fn wide_enough(lo: f64, hi: f64, scale: Scale) -> bool {
    match (forward(lo, scale), forward(hi, scale)) {
        // In a narrower range the labels of neighbouring ticks would be the same text.
        (Some(a), Some(b)) => b - a > 1e-6 * a.abs().max(b.abs()) && b - a > 1e-140,
        _ => false,
    }
}

/// Ticks inside a range with at most about `most` labels.
pub(super) fn ticks((lo, hi): (f64, f64), scale: Scale, unit: &str, most: usize) -> Vec<Tick> {
    let most = most.max(2);
    match scale {
        Scale::Linear => linear_ticks(lo, hi, unit, most),
        Scale::Log => log_ticks(lo, hi, most),
    }
}

// Steps of clock and calendar, since a day is not divided into steps of five hours, nor a week into
// steps of ten days.
fn steps_of_time(unit: &str) -> &'static [f64] {
    match unit {
        "min" => &[1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 360.0, 720.0, 1440.0],
        "h" => &[1.0, 2.0, 6.0, 12.0, 24.0, 48.0, 168.0, 336.0],
        "d" => &[1.0, 2.0, 7.0, 14.0, 28.0, 56.0, 84.0, 168.0, 364.0],
        "months" => &[1.0, 2.0, 3.0, 6.0, 12.0, 24.0, 36.0, 60.0, 120.0],
        _ => &[],
    }
}

fn linear_ticks(lo: f64, hi: f64, unit: &str, most: usize) -> Vec<Tick> {
    let rough = (hi - lo) / most as f64;
    let power = math::power_of_ten(math::log10(rough).floor() as i32);
    let even = [1.0, 2.0, 5.0, 10.0].map(|m| m * power);
    let steps = if rough > 0.5 { steps_of_time(unit) } else { &[] };
    let step = steps.iter().chain(&even).copied().find(|s| *s >= rough * 0.999);
    let step = step.unwrap_or(power * 10.0);
    let finer = [2.5 * power, 0.5 * power, 0.25 * power];
    let step = at_the_ends((lo, hi), step, steps.iter().chain(&even).chain(&finer).copied(), most);
    let slack = 1e-9 * (hi - lo) / step;
    let first = (lo / step - slack).ceil();
    let count = ((hi / step + slack).floor() - first).clamp(0.0, 100.0) as usize;
    let values: Vec<f64> = (0..=count).map(|i| (first + i as f64) * step).collect();
    let largest = values.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
    values.iter().map(|&value| Tick { value, label: linear_label(value, step, largest) }).collect()
}

// Limits chosen by a person are round numbers: an axis to 5 in steps of 2 would not label its end.
// The usual step is used if there are ticks at both ends, otherwise the step with the most ticks
// that has them.
fn at_the_ends(
    (lo, hi): (f64, f64),
    usual: f64,
    others: impl Iterator<Item = f64>,
    most: usize,
) -> f64 {
    let whole = |v: f64| (v - v.round()).abs() < 1e-9 * v.abs().max(1.0);
    let ends = |step: f64| whole(lo / step) && whole(hi / step);
    let count = |step: f64| ((hi - lo) / step).round() + 1.0;
    let fits = |step: &f64| ends(*step) && (3.0..=most as f64 + 2.0).contains(&count(*step));
    if ends(usual) {
        return usual;
    }
    others.filter(fits).min_by(f64::total_cmp).unwrap_or(usual)
}

fn linear_label(value: f64, step: f64, largest: f64) -> String {
    let step_power = math::log10(step * 1.0001).floor() as i32;
    // A step of 2.5 needs one digit more than a step of 2.
    let halves = (10.0 * step / math::power_of_ten(step_power)).round() % 10.0 != 0.0;
    let step_power = step_power - i32::from(halves);
    if value.abs() < step * 1e-6 {
        return "0".to_string();
    }
    if (1e-3..1e5).contains(&largest) && step_power >= -3 {
        return minus(&format!("{value:.*}", step_power.min(0).unsigned_abs() as usize));
    }
    let power = math::log10(value.abs() * 1.0000001).floor() as i32;
    let digits = (power - step_power).clamp(0, 7) as usize;
    scientific(value / math::power_of_ten(power), digits, power)
}

fn log_ticks(lo: f64, hi: f64, most: usize) -> Vec<Tick> {
    let (a, b) = (math::log10(lo), math::log10(hi));
    let (first, last) = ((a - 1e-9).ceil() as i32, (b + 1e-9).floor() as i32);
    let inside = |v: f64| (a - 1e-9..=b + 1e-9).contains(&math::log10(v));
    let decades = last - first + 1;
    if decades < 3
        && let Some(ticks) = narrow_log_ticks(lo, hi, most, inside)
    {
        return ticks;
    }
    if decades < 2 {
        let even = linear_ticks(lo, hi, "", most.min(4));
        return even.into_iter().filter(|t| t.value > 0.0).collect();
    }
    let every = (decades as usize).div_ceil(most) as i32;
    let style = Decades::of((lo, hi));
    let mut ticks = Vec::new();
    for power in first - 1..=last {
        let value = math::power_of_ten(power);
        if inside(value) {
            let named = power.rem_euclid(every) == 0;
            let label = if named { style.label(power) } else { String::new() };
            ticks.push(Tick { value, label });
        }
        if every == 1 {
            let minor = (2..=9).map(|m| f64::from(m) * value).filter(|v| inside(*v));
            ticks.extend(minor.map(|value| Tick { value, label: String::new() }));
        }
    }
    ticks
}

// On a range of one or two decades only one or two powers of ten would be labelled, so 1, 2 and 5
// or 1 and 3 of each decade are labelled.
fn narrow_log_ticks(
    lo: f64,
    hi: f64,
    most: usize,
    inside: impl Fn(f64) -> bool,
) -> Option<Vec<Tick>> {
    let start = math::log10(lo).floor() as i32;
    let all: Vec<(i32, f64)> = (start..=start + 3)
        .flat_map(|power| (1..=9).map(move |m| (m, f64::from(m) * math::power_of_ten(power))))
        .filter(|(_, value)| inside(*value) && *value <= hi * 1.000_001)
        .collect();
    let count = |labelled: &[i32]| all.iter().filter(|(m, _)| labelled.contains(m)).count();
    let sets: [&[i32]; 3] = [&[1, 2, 5], &[1, 3], &[1]];
    let chosen = sets.into_iter().find(|set| (2..=most).contains(&count(set)))?;
    let tick = |&(m, value): &(i32, f64)| {
        let label = if chosen.contains(&m) { number(value) } else { String::new() };
        Tick { value, label }
    };
    Some(all.iter().map(tick).collect())
}

/// How the powers of ten along one axis are written; all are written in the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decades {
    /// 0.01 to 10000.
    Plain,
    /// 10 with a superscript.
    Power,
}

impl Decades {
    /// In full if all labels of the axis are short.
    pub fn of((lo, hi): (f64, f64)) -> Decades {
        let short = lo >= 0.99e-2 && hi < 0.99e5;
        if short { Decades::Plain } else { Decades::Power }
    }

    /// Label of a power of ten.
    pub fn label(self, power: i32) -> String {
        match self {
            Decades::Plain => trimmed(&format!("{:.2}", math::power_of_ten(power))),
            Decades::Power => format!("10{}", superscript(power)),
        }
    }

    /// Label of any value; powers of ten are written as on the axis.
    pub fn number(self, value: f64) -> String {
        let power = math::log10(value).round();
        match (value / math::power_of_ten(power as i32) - 1.0).abs() < 1e-6 {
            true => self.label(power as i32),
            false => number(value),
        }
    }
}

/// Label of a power of ten: 1, 10 and 100 in full, otherwise 10 with a superscript.
pub(super) fn decade(power: i32) -> String {
    match power {
        0 => "1".to_string(),
        1 => "10".to_string(),
        2 => "100".to_string(),
        _ => format!("10{}", superscript(power)),
    }
}

/// A number for readers: three significant digits, with a power of ten outside 0.001 to 10 000.
pub(super) fn number(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_string();
    }
    if value == 0.0 {
        return "0".to_string();
    }
    let power = math::log10(value.abs() * 1.0000001).floor() as i32;
    if !(-3..=3).contains(&power) {
        let mantissa = value / math::power_of_ten(power);
        return match (mantissa - 1.0).abs() < 5e-3 {
            true => decade(power),
            false => scientific(mantissa, 2, power),
        };
    }
    minus(&trimmed(&format!("{value:.*}", (2 - power).max(0) as usize)))
}

fn scientific(mantissa: f64, digits: usize, power: i32) -> String {
    let digits = trimmed(&format!("{mantissa:.digits$}"));
    format!("{}×10{}", minus(&digits), superscript(power))
}

fn minus(number: &str) -> String {
    number.replace('-', "−")
}

fn superscript(power: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let sign = if power < 0 { "⁻" } else { "" };
    let digits = power.unsigned_abs().to_string();
    let raised = digits.chars().filter_map(|c| c.to_digit(10)).map(|d| DIGITS[d as usize]);
    sign.chars().chain(raised).collect()
}
