//! What a sweep over two affinities answers, in sentences.

use crate::sentence::number;
use il2::quantity::readable_concentration;

/// Values that differ by a smaller factor count as the same.
pub const SAME: f64 = 1.05;

/// The best place of a map.
#[derive(Clone, Copy, Debug)]
pub struct Best {
    /// What stands there.
    pub value: f64,
    /// The dissociation constants for alpha (pM), from the first to the last at which the value is the same.
    pub alpha: Stretch,
    /// Those for the second chain.
    pub second: Stretch,
}

/// Neighbouring dissociation constants of a map.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    /// The first (pM).
    pub from: f64,
    /// The last (pM).
    pub to: f64,
    /// Whether these are all of the map.
    pub all: bool,
    /// Whether it is a single one at the edge of the map: it may be better beyond.
    pub on_the_edge: bool,
}

/// The map.
#[derive(Clone, Debug)]
pub struct Map {
    /// The cells; the first of two is the one that is to be preferred.
    pub cells: Vec<String>,
    /// Name of the second affinity.
    pub second: String,
    /// Of two cells the largest ratio, of one cell the lowest EC50; none where there is no EC50 at all.
    pub best: Option<Best>,
    /// Points without it, and all of them.
    pub without: (usize, usize),
}

/// The stretch around a place of a row along which its values are the same as there.
pub fn stretch(values: &[f64], at: usize) -> (usize, usize) {
    let same = |v: f64| v.is_finite() && (v / values[at]).max(values[at] / v) < SAME;
    let from = (0..at).rev().take_while(|k| same(values[*k])).last().unwrap_or(at);
    let to = (at + 1..values.len()).take_while(|k| same(values[*k])).last().unwrap_or(at);
    (from, to)
}

/// The answer.
pub fn sentences(map: &Map) -> Vec<String> {
    let Some(best) = map.best else {
        return vec![
            "There is no answer: no point has an EC50 of both cells inside the doses.".into(),
        ];
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
    let edge = match best.alpha.on_the_edge || best.second.on_the_edge {
        true => ", at the edge of the map, so that it may be better beyond",
        false => "",
    };
    let text = match map.cells.as_slice() {
        [one, other] if best.value >= 1.0 => format!(
            "{one} is preferred over {other} most, {}-fold, {place}{flat}{edge}.",
            number(best.value)
        ),
        [one, other] => format!(
            "Nowhere on the map is {one} preferred over {other}; it comes nearest with {}-fold \
             {place}{flat}{edge}.",
            number(best.value)
        ),
        cells => {
            let cell = cells.first().map_or("", String::as_str);
            let value = readable_concentration(best.value);
            format!("The EC50 on {cell} is lowest, {value}, {place}{flat}{edge}.")
        }
    };
    let (without, all) = map.without;
    let what = if map.cells.len() == 2 { "ratio" } else { "EC50" };
    let why = match map.cells.len() {
        2 => "one of the two EC50s, or both, lies outside the doses or is missing",
        _ => "no EC50 lies inside the doses",
    };
    let counted = match without {
        0 => String::new(),
        some => format!("At {some} of {all} points there is no {what}: {why}. "),
    };
    vec![text, counted + crate::swept::NO_INTERVALS]
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
            without: (0, 81),
        }
    }

    #[test]
    fn the_best_place_is_told_with_its_value() {
        assert_eq!(
            sentences(&map(&["treg", "nk"], 34.2)),
            [
                "treg is preferred over nk most, 34.2-fold, at K_D alpha 1.00 nM and K_D beta 100 nM.",
                "A sweep computes no intervals: it runs the best values alone."
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
            "treg is preferred over nk most, 34.2-fold, at K_D alpha from 1.00 nM to 10.0 nM and any K_D \
             beta from 1.00 nM to 1.00 uM (the same within 5 %)."
        );
    }

    #[test]
    fn an_edge_a_map_without_preference_and_points_without_an_ec50_are_said() {
        let mut map = map(&["treg", "nk"], 0.5);
        map.without = (3, 81);
        let edge = |s: Stretch| Stretch { on_the_edge: true, ..s };
        map.best = map.best.map(|b| Best { alpha: edge(b.alpha), ..b });
        assert_eq!(
            sentences(&map),
            [
                "Nowhere on the map is treg preferred over nk; it comes nearest with 0.500-fold at K_D alpha \
                 1.00 nM and K_D beta 100 nM, at the edge of the map, so that it may be better beyond.",
                "At 3 of 81 points there is no ratio: one of the two EC50s, or both, lies outside the doses \
                 or is missing. A sweep computes no intervals: it runs the best values alone."
            ]
        );
        map.best = None;
        assert_eq!(
            sentences(&map),
            ["There is no answer: no point has an EC50 of both cells inside the doses."]
        );
    }
}
