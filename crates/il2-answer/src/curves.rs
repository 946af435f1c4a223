//! Words and warnings about curves, for all places at which EC50s are printed.

use crate::labels::cut;
use il2::quantity::readable_concentration;
use il2_engine::words::counted;
use il2_inference::curve::{Curve, HalfMaximal};

/// The word for the end of a curve at high doses.
fn end(curve: &Curve) -> &'static str {
    if curve.descends() { "lowest value" } else { "top" }
}

/// Where an EC50 is, in words.
pub fn whereabouts(curve: &Curve) -> String {
    let at = readable_concentration;
    match (curve.ec50, curve.gap) {
        (HalfMaximal::At(_), gap) => {
            let gap =
                gap.map(|(low, high)| format!("; across a gap ({} to {})", at(low), at(high)));
            let rises = match (curve.rises, curve.descends()) {
                (false, _) => "",
                (true, false) => "; still rising",
                (true, true) => "; still falling",
            };
            let steps = if curve.two_steps { "; two steps" } else { "" };
            format!("inside doses{}{rises}{steps}", gap.unwrap_or_default())
        }
        (HalfMaximal::Below(dose), _) => format!("below doses ({})", at(dose)),
        (HalfMaximal::Above(0.0), _) => format!("no {}", end(curve)),
        (HalfMaximal::Above(dose), _) => format!("no {}: above {}", end(curve), at(dose)),
        (HalfMaximal::Flat, _) => "no response".into(),
        (HalfMaximal::Unknown, _) => "not solved: see the status of its doses".into(),
    }
}

/// Why a curve has no EC50, in a sentence.
pub fn why_none(curve: &Curve) -> Option<String> {
    let at = readable_concentration;
    match curve.ec50 {
        HalfMaximal::At(_) => None,
        HalfMaximal::Below(dose) => Some(format!("below the lowest dose, {}", at(dose))),
        HalfMaximal::Above(0.0) => Some(format!("no {} within the tested doses", end(curve))),
        HalfMaximal::Above(dose) => {
            Some(format!("above {}, with no {} within the tested doses", at(dose), end(curve)))
        }
        HalfMaximal::Flat => Some("no response".into()),
        HalfMaximal::Unknown => Some("a simulation failed".into()),
    }
}

/// Marks next to an EC50 on the terminal: `rises`, `gap`, `bell`, `two steps`.
pub fn marks(curve: &Curve) -> String {
    let still = if curve.descends() { "still falls" } else { "rises" };
    let bell = curve.bell.is_some();
    let (gap, steps) = (curve.gap.is_some(), curve.two_steps);
    let marks = [(still, curve.rises), ("gap", gap), ("bell", bell), ("two steps", steps)];
    let marks: Vec<&str> = marks.into_iter().filter(|(_, is)| *is).map(|(word, _)| word).collect();
    marks.join(", ")
}

/// How many EC50s of a figure are uncertain, if the figure cannot mark each of them:
/// `; 2 EC50s are uncertain (...)`.
pub fn uncertain<'a>(curves: impl Iterator<Item = &'a Curve>) -> String {
    type Is = fn(&Curve) -> bool;
    let kinds: [(&str, Is); 5] = [
        ("curve still rising", |c| c.rises && !c.descends()),
        ("curve still falling", |c| c.rises && c.descends()),
        ("gap between doses", |c| c.gap.is_some()),
        ("bell-shaped", |c| c.bell.is_some()),
        ("two steps", |c| c.two_steps),
    ];
    let all: Vec<&Curve> = curves.filter(|c| !marks(c).is_empty()).collect();
    let kinds = kinds.into_iter().filter(|(_, is)| all.iter().any(|c| is(c)));
    let why = kinds.map(|(kind, _)| kind).collect::<Vec<_>>().join(", ");
    match all.len() {
        0 => String::new(),
        1 => format!("; 1 EC50 is uncertain ({why}); see the table"),
        n => format!("; {n} EC50s are uncertain ({why}); see the table"),
    }
}

/// The first names of a list, and how many more there are.
pub fn first_of(names: &[String]) -> String {
    let first = names[..names.len().min(3)].join("; ");
    match names.len().saturating_sub(3) {
        0 => first,
        more => format!("{first}; and {more} more"),
    }
}

/// The first names of a list whose rows are all in a table of the answer.
pub fn first_of_table(names: &[String]) -> String {
    match names.len() {
        0..=3 => first_of(names),
        _ => format!("{} in the table", first_of(names)),
    }
}

/// Warnings about EC50s: a sentence for each kind of mark, which names the first curves that have it.
pub fn warnings(curves: &[(String, Curve)]) -> Vec<String> {
    let named = |is: &dyn Fn(&Curve) -> Option<String>| {
        let found: Vec<String> = curves
            .iter()
            .filter_map(|(name, curve)| is(curve).map(|what| format!("{}{what}", cut(name, 60))))
            .collect();
        (!found.is_empty()).then(|| (found.len(), first_of_table(&found)))
    };
    let gaps = named(&|c| {
        let (low, high) = c.gap?;
        let (low, high) = (readable_concentration(low), readable_concentration(high));
        Some(format!(", {low} to {high}"))
    });
    let bells = named(&|c| {
        let from = readable_concentration(c.bell?.from);
        Some(format!(", from {from}"))
    });
    let steps = named(&|c| c.two_steps.then(String::new));
    let no_top = |c: &Curve, descends: bool| match c.ec50 {
        HalfMaximal::Above(dose) if c.descends() == descends => {
            Some(format!(", above {}", readable_concentration(dose)))
        }
        _ => None,
    };
    let [rising, falling] = [false, true].map(|down| named(&|c| no_top(c, down)));
    let nearly = |down: bool| named(&|c| (c.rises && c.descends() == down).then(String::new));
    let all = curves.len();
    let sentence = |found: Option<(usize, String)>, one: &str, many: &str, then: &str| {
        found.map(|(n, list)| {
            let what = if n == 1 { one } else { many };
            format!("{n} of {} {what} ({list}): {then}.", counted(all, "curve"))
        })
    };
    let all = [
        sentence(
            nearly(false),
            "has an EC50 and still rises a little at the highest dose",
            "have an EC50 and still rise a little at the highest dose",
            "the true top and EC50 are higher, so add higher doses",
        ),
        sentence(
            nearly(true),
            "has an EC50 and still falls a little at the highest dose",
            "have an EC50 and still fall a little at the highest dose",
            "the true lowest value is lower and the EC50 higher, so add higher doses",
        ),
        sentence(
            gaps,
            "has an EC50 in a gap between doses",
            "have an EC50 in a gap between doses",
            "the curve in the gap is a guess, so add doses there",
        ),
        sentence(
            bells,
            "falls again at high doses",
            "fall again at high doses",
            "the EC50 is read from the rising part of the curve",
        ),
        sentence(
            steps,
            "rises in two steps",
            "rise in two steps",
            "the EC50 is on one step or between them, and a ranking or ratio of EC50s may change or \
             reverse at another fraction of the top, so compare responses at the doses of interest \
             (table of responses; response-ratio in a design)",
        ),
        sentence(
            rising,
            "still rises at the highest dose",
            "still rise at the highest dose",
            "without a top there is no EC50, so add higher doses",
        ),
        sentence(
            falling,
            "still falls at the highest dose",
            "still fall at the highest dose",
            "without a lowest value there is no EC50, so add higher doses",
        ),
    ];
    all.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use il2_inference::curve::Bell;

    #[test]
    fn each_kind_of_mark_is_one_sentence_with_names() {
        let plain = Curve {
            ec50: HalfMaximal::At(1.0),
            top: 1.0,
            baseline: 0.0,
            steepness: None,
            bell: None,
            gap: None,
            rises: false,
            two_steps: false,
        };
        let gap =
            Curve { gap: Some((10.0, 100.0)), bell: Some(Bell { from: 20.0, left: 0.4 }), ..plain };
        let above = Curve { ec50: HalfMaximal::Above(1000.0), ..plain };
        let steps = Curve { two_steps: true, ..plain };
        assert_eq!(
            (marks(&steps).as_str(), whereabouts(&steps).as_str()),
            ("two steps", "inside doses; two steps")
        );
        let said = warnings(&[("x on treg".into(), steps)]);
        assert!(said[0].starts_with("1 of 1 curve rises in two steps (x on treg): "), "{said:?}");
        let mut curves: Vec<(String, Curve)> =
            [plain, gap, plain, above].map(|c| ("il2 on nk".to_string(), c)).into();
        assert_eq!((marks(&plain).as_str(), marks(&gap).as_str()), ("", "gap, bell"));
        let said = warnings(&curves);
        assert_eq!(said.len(), 3, "{said:?}");
        assert!(said[0].starts_with(
            "1 of 4 curves has an EC50 in a gap between doses (il2 on nk, 10.0 pM to 100 pM): "
        ));
        assert!(
            said[1].contains("falls again at high doses (il2 on nk, from 20.0 pM)"),
            "{said:?}"
        );
        assert!(said[2].contains("(il2 on nk, above 1.00 nM)"), "{said:?}");
        assert!(warnings(&curves[..1]).is_empty());
        // A readout that the ligand decreases is never reported as rising.
        let down = Curve { top: 0.0, baseline: 1.0, rises: true, ..plain };
        let lower = Curve { top: 0.0, baseline: 1.0, ..above };
        let said_down = warnings(&[("a".into(), down), ("b".into(), lower)]);
        assert!(
            said_down[0].contains("still falls a little at the highest dose (a)"),
            "{said_down:?}"
        );
        assert!(said_down[1].contains("still falls at the highest dose (b, above 1.00 nM)"));
        assert_eq!(
            (marks(&down).as_str(), whereabouts(&down).as_str()),
            ("still falls", "inside doses; still falling")
        );
        curves.extend((0..6).map(|k| (format!("{k}"), gap)));
        let said = warnings(&curves);
        assert!(
            said[1].contains("7 of 10")
                && said[1].contains("; 1, from 20.0 pM; and 4 more in the table"),
            "{said:?}"
        );
    }
}
