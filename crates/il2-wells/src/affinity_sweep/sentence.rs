//! The answer of a sweep over two affinities in sentences.

use il2::quantity::readable_concentration;
use il2_answer::sentence::number;

/// Values that differ by a smaller factor count as the same.
pub const SAME: f64 = 1.05;

/// The best point of a map.
#[derive(Clone, Copy, Debug)]
pub struct Best {
    /// The value at this point.
    pub value: f64,
    /// The range of dissociation constants for alpha (pM) over which the value is the same.
    pub alpha: Stretch,
    /// The same range for the second chain.
    pub second: Stretch,
}

/// A range of neighbouring dissociation constants on a map.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    /// The first constant (pM).
    pub from: f64,
    /// The last constant (pM).
    pub to: f64,
    /// Whether the range covers the whole map.
    pub all: bool,
    /// Whether the range is a single constant at the edge of the map, beyond which values may be
    /// better.
    pub on_the_edge: bool,
}

/// A map of EC50s or of their ratios.
#[derive(Clone, Debug)]
pub struct Map {
    /// The cells; of two, the ligand should prefer the first.
    pub cells: Vec<String>,
    /// Name of the second affinity.
    pub second: String,
    /// The largest ratio for two cells, or the lowest EC50 for one; none if there is no EC50 at
    /// all.
    pub best: Option<Best>,
    /// The ligand of the study, for comparison with the best point.
    pub own: Own,
    /// Number of points without a value, and of all points.
    pub without: (usize, usize),
    /// Number of points at which a simulation failed, and the reason for the first.
    pub failed: Option<(usize, String)>,
}

/// The unchanged ligand.
#[derive(Clone, Debug)]
pub struct Own {
    /// Label of the ligand.
    pub name: String,
    /// Dissociation constants for alpha and for the second chain (pM); NaN where it does not bind.
    pub constants: [f64; 2],
    /// The value of the map for this ligand; none if it has no EC50.
    pub value: Option<f64>,
}

/// The range around an index of a row over which values equal the value at the index.
pub fn stretch(values: &[f64], at: usize) -> (usize, usize) {
    let same = |v: f64| v.is_finite() && (v / values[at]).max(values[at] / v) < SAME;
    let from = (0..at).rev().take_while(|k| same(values[*k])).last().unwrap_or(at);
    let to = (at + 1..values.len()).take_while(|k| same(values[*k])).last().unwrap_or(at);
    (from, to)
}

/// The answer.
pub fn sentences(map: &Map) -> Vec<String> {
    let Some(best) = map.best else {
        let what = match map.cells.len() {
            2 => "at no point are the EC50s of both cells within the tested doses",
            _ => "at no point is the EC50 within the tested doses",
        };
        let failed = failed(map).map(|text| format!(" {text}"));
        return vec![format!("There is no answer: {what}.{}", failed.unwrap_or_default())];
    };
    let of = |name: &str, stretch: Stretch| {
        let [from, to] = [stretch.from, stretch.to].map(readable_concentration);
        match stretch {
            Stretch { all: true, .. } => format!("any K_D {name} from {from} to {to}"),
            Stretch { from: a, to: b, .. } if a < b => format!("K_D {name} from {from} to {to}"),
            _ => format!("K_D {name} {from}"),
        }
    };
    let place = format!("at {} and {}", of("alpha", best.alpha), of(&map.second, best.second));
    let flat = match best.alpha.from < best.alpha.to || best.second.from < best.second.to {
        true => " (the same within 5 %)",
        false => "",
    };
    let edge = match (best.alpha.on_the_edge || best.second.on_the_edge, map.cells.len()) {
        (false, _) => "",
        (true, 2) => ", at the edge of the map; it may be larger outside the map",
        (true, _) => ", at the edge of the map; it may be lower outside the map",
    };
    let text = match map.cells.as_slice() {
        [one, other] if best.value >= 1.0 => format!(
            "The preference for {one} over {other} is largest, {}-fold (EC50 on {other} over that on {one}), \
             {place}{flat}{edge}.",
            number(best.value)
        ),
        [one, other] => format!(
            "{one} is not preferred over {other} at any point of the map; the highest ratio is {} \
             (EC50 on {other} over that on {one}), {place}{flat}{edge}.",
            number(best.value)
        ),
        cells => {
            let cell = cells.first().map_or("", String::as_str);
            let value = readable_concentration(best.value);
            format!("The EC50 on {cell} is lowest, {value}, {place}{flat}{edge}.")
        }
    };
    let (without, all) = map.without;
    let outside = without - map.failed.as_ref().map_or(0, |(failed, _)| *failed);
    let what = if map.cells.len() == 2 { "ratio" } else { "EC50" };
    let why = match map.cells.len() {
        2 => "one or both EC50s are outside the tested doses or missing",
        _ => "no EC50 is within the tested doses",
    };
    let counted = match outside {
        0 => String::new(),
        some => format!("At {some} of {all} points there is no {what}: {why}. "),
    };
    let failed = failed(map).map_or(String::new(), |text| format!("{text} "));
    vec![text, own(map), failed + &counted + crate::swept::NO_INTERVALS]
}

/// The sentence about the unchanged ligand.
fn own(map: &Map) -> String {
    let Own { name, constants: [alpha, second], value } = &map.own;
    let of = |chain: &str, constant: f64| match constant.is_finite() {
        true => format!("K_D {chain} {}", readable_concentration(constant)),
        false => format!("no binding to {chain}"),
    };
    let (alpha, second) = (of("alpha", *alpha), of(&map.second, *second));
    let has = match (map.cells.as_slice(), value) {
        ([_, _], Some(value)) => format!("a preference of {}-fold", number(*value)),
        ([_, _], None) => "no preference, because an EC50 is missing".to_string(),
        (_, Some(value)) => format!("an EC50 of {}", readable_concentration(*value)),
        (_, None) => "no EC50 within the tested doses".to_string(),
    };
    format!("With its own affinities ({alpha}, {second}), {name} has {has}.")
}

/// The sentence about simulations that failed.
fn failed(map: &Map) -> Option<String> {
    let (count, why) = map.failed.as_ref()?;
    Some(format!("At {count} of {} points a simulation failed ({why}).", map.without.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(kd: f64) -> Stretch {
        Stretch { from: kd, to: kd, all: false, on_the_edge: false }
    }

    fn map(cells: &[&str], value: f64) -> Map {
        Map {
            cells: cells.iter().map(|c| c.to_string()).collect(),
            second: "beta".into(),
            best: Some(Best { value, alpha: at(1000.0), second: at(1e5) }),
            own: Own { name: "il2".into(), constants: [1e4, 1.44e5], value: Some(value / 2.0) },
            without: (0, 81),
            failed: None,
        }
    }

    #[test]
    fn the_best_place_is_told_with_its_value() {
        assert_eq!(
            sentences(&map(&["treg", "nk"], 34.2)),
            [
                "The preference for treg over nk is largest, 34.2-fold (EC50 on nk over that on treg), at K_D alpha 1.00 \
                 nM and K_D beta 100 nM.",
                "With its own affinities (K_D alpha 10.0 nM, K_D beta 144 nM), il2 has a \
                 preference of 17.1-fold.",
                "A sweep computes no intervals: it uses only the best estimates."
            ]
        );
        assert_eq!(
            sentences(&map(&["treg"], 12.0))[0],
            "The EC50 on treg is lowest, 12.0 pM, at K_D alpha 1.00 nM and K_D beta 100 nM."
        );
    }

    #[test]
    fn a_plateau_is_told_as_a_range() {
        assert_eq!(stretch(&[5.0, 10.0, 10.1, 10.4, f64::NAN, 10.0], 2), (1, 3));
        assert_eq!(stretch(&[1.0, 2.0], 0), (0, 0));
        let mut map = map(&["treg", "nk"], 34.2);
        let alpha = Stretch { to: 1e4, ..at(1000.0) };
        let second = Stretch { from: 1e3, to: 1e6, all: true, on_the_edge: false };
        map.best = Some(Best { value: 34.2, alpha, second });
        assert_eq!(
            sentences(&map)[0],
            "The preference for treg over nk is largest, 34.2-fold (EC50 on nk over that on treg), at K_D alpha from \
             1.00 nM to 10.0 nM and any K_D beta from 1.00 nM to 1.00 uM (the same within 5 %)."
        );
    }

    #[test]
    fn an_edge_a_map_without_preference_and_points_without_an_ec50_are_said() {
        let mut map = map(&["treg", "nk"], 0.5);
        map.without = (3, 81);
        map.failed = Some((2, "too many steps".into()));
        map.own.constants[0] = f64::NAN;
        map.own.value = None;
        let edge = |s: Stretch| Stretch { on_the_edge: true, ..s };
        map.best = map.best.map(|b| Best { alpha: edge(b.alpha), ..b });
        assert_eq!(
            sentences(&map),
            [
                "treg is not preferred over nk at any point of the map; the highest ratio is 0.500 \
                 (EC50 on nk over that on treg), at K_D alpha 1.00 nM and K_D beta 100 nM, at the \
                 edge of the map; it may be larger outside the map.",
                "With its own affinities (no binding to alpha, K_D beta 144 nM), il2 has no \
                 preference, because an EC50 is missing.",
                "At 2 of 81 points a simulation failed (too many steps). At 1 of 81 points there is no ratio: \
                 one or both EC50s are outside the tested doses or missing. A sweep computes no \
                 intervals: it uses only the best estimates."
            ]
        );
        map.best = None;
        assert_eq!(
            sentences(&map),
            ["There is no answer: at no point are the EC50s of both cells within the tested \
                 doses. At 2 of 81 points a simulation failed (too many steps)."]
        );
    }
}
