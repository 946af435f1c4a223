//! What a sweep over two affinities answers, in sentences.

use crate::sentence::number;
use il2::quantity::readable_concentration;

/// The best place of a map.
#[derive(Clone, Copy, Debug)]
pub struct Best {
    /// What stands there.
    pub value: f64,
    /// The two dissociation constants (pM), that for alpha first.
    pub at: (f64, f64),
    /// Whether it lies on the edge of the map.
    pub on_the_edge: bool,
}

/// What is told of a map.
#[derive(Clone, Debug)]
pub struct Told {
    /// The cells; the first of two is the one that is to be preferred.
    pub cells: Vec<String>,
    /// Name of the second affinity.
    pub second: String,
    /// Of two cells the largest ratio, of one cell the lowest EC50; none where there is no EC50 at all.
    pub best: Option<Best>,
    /// Points without it, and all of them.
    pub without: (usize, usize),
}

/// The answer.
pub fn sentences(told: &Told) -> Vec<String> {
    let without = match told.without {
        (0, _) => String::new(),
        (some, all) => format!(" {some} of {all} points have no EC50 inside the doses."),
    };
    let Some(best) = told.best else {
        return vec!["There is no answer: no point has an EC50 inside the doses.".into()];
    };
    let (alpha, second) = (readable_concentration(best.at.0), readable_concentration(best.at.1));
    let place = format!("at K_D alpha {alpha} and K_D {} {second}", told.second);
    let edge = match best.on_the_edge {
        true => ", at the edge of the map, so that it may be better beyond",
        false => "",
    };
    let text = match told.cells.as_slice() {
        [one, other] if best.value >= 1.0 => {
            format!(
                "{one} is preferred over {other} most, {}-fold, {place}{edge}.",
                number(best.value)
            )
        }
        [one, other] => format!(
            "Nowhere on the map is {one} preferred over {other}; it comes nearest with {}-fold {place}{edge}.",
            number(best.value)
        ),
        cells => {
            let cell = cells.first().map_or("", String::as_str);
            let value = readable_concentration(best.value);
            format!("The EC50 on {cell} is lowest, {value}, {place}{edge}.")
        }
    };
    vec![text + &without]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(cells: &[&str], value: f64) -> Told {
        Told {
            cells: cells.iter().map(|c| c.to_string()).collect(),
            second: "beta".into(),
            best: Some(Best { value, at: (1000.0, 1e5), on_the_edge: false }),
            without: (0, 81),
        }
    }

    #[test]
    fn the_best_place_is_told_with_its_value() {
        assert_eq!(
            sentences(&told(&["treg", "nk"], 34.2)),
            [
                "treg is preferred over nk most, 34.2-fold, at K_D alpha 1.00 nM and K_D beta 100 nM."
            ]
        );
        assert_eq!(
            sentences(&told(&["treg"], 12.0)),
            ["The EC50 on treg is lowest, 12.0 pM, at K_D alpha 1.00 nM and K_D beta 100 nM."]
        );
    }

    #[test]
    fn an_edge_a_map_without_preference_and_points_without_an_ec50_are_said() {
        let mut told = told(&["treg", "nk"], 0.5);
        told.without = (3, 81);
        told.best = told.best.map(|b| Best { on_the_edge: true, ..b });
        assert_eq!(
            sentences(&told),
            [
                "Nowhere on the map is treg preferred over nk; it comes nearest with 0.500-fold at K_D alpha \
              1.00 nM and K_D beta 100 nM, at the edge of the map, so that it may be better beyond. 3 of 81 \
              points have no EC50 inside the doses."
            ]
        );
        told.best = None;
        assert_eq!(
            sentences(&told),
            ["There is no answer: no point has an EC50 inside the doses."]
        );
    }
}
