//! What a sweep over two affinities answers, in sentences.

use il2::quantity::readable_concentration;
use il2_answer::sentence::number;

/// Values that differ by a smaller factor count as the same.
pub const SAME: f64 = 1.05;

/// The best point of a map.
#[derive(Clone, Copy, Debug)]
pub struct Best {
    /// The value there.
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
    /// The ligand as the study has it, for comparison with the best point.
    pub own: Own,
    /// Points without it, and all of them.
    pub without: (usize, usize),
    /// Of those without it, points at which a simulation failed, and why the first did.
    pub failed: Option<(usize, String)>,
}

/// The ligand that is changed, as it is.
#[derive(Clone, Debug)]
pub struct Own {
    /// Its label.
    pub name: String,
    /// Its dissociation constants for alpha and for the second chain (pM); NaN where it does not bind.
    pub constants: [f64; 2],
    /// The same value for it; none where it has no EC50.
    pub value: Option<f64>,
}

/// The range around an index of a row over which values are the same as there.
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
            2 => "no point has an EC50 of both cells inside the doses",
            _ => "no point has an EC50 inside the doses",
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
    let edge = match best.alpha.on_the_edge || best.second.on_the_edge {
        true => ", at the edge of the map: it may be larger beyond",
        false => "",
    };
    let text = match map.cells.as_slice() {
        [one, other] if best.value >= 1.0 => format!(
            "The preference for {one} over {other} is largest, {}-fold (EC50 on {other} over that on {one}), \
             {place}{flat}{edge}.",
            number(best.value)
        ),
        [one, other] => format!(
            "Nowhere on the map is {one} preferred over {other}; nearest is {}-fold (EC50 on {other} over \
             that on {one}), {place}{flat}{edge}.",
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
        2 => "one of the two EC50s, or both, lies outside the doses or is missing",
        _ => "no EC50 lies inside the doses",
    };
    let counted = match outside {
        0 => String::new(),
        some => format!("At {some} of {all} points there is no {what}: {why}. "),
    };
    let failed = failed(map).map_or(String::new(), |text| format!("{text} "));
    vec![text, own(map), failed + &counted + crate::swept::NO_INTERVALS]
}

/// What the ligand has as it is.
fn own(map: &Map) -> String {
    let Own { name, constants: [alpha, second], value } = &map.own;
    let of = |chain: &str, constant: f64| match constant.is_finite() {
        true => format!("K_D {chain} {}", readable_concentration(constant)),
        false => format!("no binding to {chain}"),
    };
    let (alpha, second) = (of("alpha", *alpha), of(&map.second, *second));
    let has = match (map.cells.as_slice(), value) {
        ([_, _], Some(value)) => format!("{}-fold", number(*value)),
        ([_, _], None) => "no ratio, since it lacks an EC50".to_string(),
        (_, Some(value)) => format!("an EC50 of {}", readable_concentration(*value)),
        (_, None) => "no EC50 inside the doses".to_string(),
    };
    format!("{name} as it is ({alpha}, {second}) has {has}.")
}

/// Where simulations failed, and why.
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
                "il2 as it is (K_D alpha 10.0 nM, K_D beta 144 nM) has 17.1-fold.",
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
                "Nowhere on the map is treg preferred over nk; nearest is 0.500-fold (EC50 on nk over that on \
                 treg), at K_D alpha 1.00 nM and K_D beta 100 nM, at the edge of the map: it may be \
                 larger beyond.",
                "il2 as it is (no binding to alpha, K_D beta 144 nM) has no ratio, since it lacks an EC50.",
                "At 2 of 81 points a simulation failed (too many steps). At 1 of 81 points there is no ratio: \
                 one of the two EC50s, or both, lies outside the doses or is missing. A sweep computes no \
                 intervals: it runs the best values alone."
            ]
        );
        map.best = None;
        assert_eq!(
            sentences(&map),
            [
                "There is no answer: no point has an EC50 of both cells inside the doses. At 2 of 81 points a \
              simulation failed (too many steps)."
            ]
        );
    }
}
