//! Sentences about made-up dose-responses.

use super::*;

fn spread(middle: f64, low: f64, high: f64) -> Spread {
    Spread { middle, low, high }
}

fn ligand(name: &str, preference: Spread, over: Option<Spread>) -> Ligand {
    Ligand {
        name: name.into(),
        ec50: Ok(spread(19.5, 10.8, 38.8)),
        elsewhere: vec![],
        unit: ("pM".into(), 1.0),
        preference: Some(Ok(preference)),
        preference_over_first: over,
        ec50_over_first: over.map(|_| spread(2.66, 1.8, 3.9)),
    }
}

fn told(ligands: Vec<Ligand>) -> Comparison {
    Comparison {
        reference: "treg".into(),
        other: Some("nk".into()),
        others: 1,
        of: "signal after 1 h".into(),
        ligands,
        level: Some(0.95),
    }
}

#[test]
fn a_difference_is_claimed_only_where_the_ratio_of_ratios_leaves_one_out() {
    let all = vec![
        ligand("native", spread(10.8, 4.0, 16.0), None),
        ligand("v91k", spread(9.1, 3.4, 14.0), Some(spread(0.84, 0.7, 1.1))),
        ligand("blind", spread(1.78, 1.1, 2.0), Some(spread(0.165, 0.1, 0.3))),
    ];
    assert_eq!(
        sentences(&told(all)),
        [
            "Judged by the EC50 of signal after 1 h, native is 10.8-fold (4 to 16) more potent on treg than \
             on nk. v91k is 9.10-fold (3.40 to 14) more potent on treg; its selectivity does not differ \
             detectably from that of native. blind is 1.78-fold (1.10 to 2) more potent on treg; it is \
             6.06-fold (3.33 to 10) less selective than native.",
            "On treg, the EC50 of native is 19.5 pM (10.8 to 38.8); v91k needs 2.66 times this \
             dose (1.80 to 3.90) and blind 2.66 times (1.80 to 3.90); in parentheses: 95 % intervals."
        ]
    );
}

#[test]
fn a_curve_that_falls_again_is_told_with_its_dose() {
    let of = |pair: &str, from: f64, left: f64| (pair.to_string(), Bell { from, left });
    assert_eq!(bells(&[]), None);
    assert_eq!(
        bells(&[of("native on treg", 316.0, 0.2), of("native on nk", 1e4, -0.1)]).unwrap(),
        "The response falls again at high doses: for native on treg above 316 pM (to 20 % of its height at \
         the highest dose) and for native on nk above 10.0 nM (to 0 % of its height at the highest dose)."
    );
}

#[test]
fn a_ligand_that_prefers_the_other_cell_is_told_from_its_side() {
    let all = vec![ligand("x", spread(0.5, 0.25, 0.8), None)];
    assert!(
        sentences(&told(all))[0]
            .contains(", x is 2-fold (1.25 to 4) more potent on nk than on treg.")
    );
}

#[test]
fn one_ligand_on_one_cell_has_its_ec50_alone() {
    let all = vec![Ligand { preference: None, ..ligand("x", Spread::exact(1.0), None) }];
    let told = Comparison { other: None, ..told(all) };
    let said = "On treg, the EC50 of x (signal after 1 h) is 19.5 pM (10.8 to 38.8); in parentheses: \
                95 % intervals.";
    assert_eq!(sentences(&told), [said]);
    let mut told = told;
    told.ligands[0].unit = ("IU/mL".into(), 4.0);
    assert_eq!(
        sentences(&told),
        ["On treg, the EC50 of x (signal after 1 h) is 19.5 pM (10.8 to 38.8), which is 4.88 \
             IU/mL (2.70 to 9.70); in parentheses: 95 % intervals."]
    );
}

#[test]
fn what_lies_beyond_the_doses_is_said_and_not_guessed() {
    let mut far = ligand("far", Spread::exact(1.0), None);
    far.ec50 = Err("above doses (100 nM)".into());
    far.preference = Some(Err("above doses (100 nM)".into()));
    let open = spread(10.8, 4.0, f64::INFINITY);
    let said = sentences(&told(vec![ligand("native", open, None), far]));
    assert_eq!(
        said,
        [
            "Judged by the EC50 of signal after 1 h, native is 10.8-fold (at least 4) more potent \
             on treg than on nk. There is no EC50 ratio for far (above doses (100 nM)).",
            "On treg, the EC50 of native is 19.5 pM (10.8 to 38.8); far has none (above doses \
             (100 nM)); in parentheses: 95 % intervals."
        ]
    );
}

#[test]
fn brackets_are_explained_only_where_there_are_intervals() {
    let mut none = ligand("blind", Spread::exact(1.0), None);
    none.ec50 = Err("below doses (1.00 nM)".into());
    none.preference = None;
    let said = sentences(&Comparison { other: None, ..told(vec![none]) });
    assert_eq!(said, ["The EC50 of blind on treg is below doses (1.00 nM)."]);
}

#[test]
fn without_an_ec50_on_the_reference_cell_the_other_cells_are_told_and_the_key_is_named() {
    let mut native = ligand("native", Spread::exact(1.0), None);
    native.ec50 = Err("above the highest dose, 1.00 nM".into());
    native.preference = Some(Err("no EC50 on treg: above the highest dose, 1.00 nM".into()));
    let nk = ("nk".to_string(), spread(300.0, 200.0, 400.0));
    native.elsewhere = vec![nk, ("cd8".into(), spread(500.0, 400.0, f64::INFINITY))];
    assert_eq!(
        sentences(&Comparison { others: 2, ..told(vec![native]) }),
        [
            "The EC50 of native on treg, the reference_cell, is above the highest dose, 1.00 nM.",
            "EC50s on other cells: native 300 pM (200 to 400) on nk and 500 pM (at least 400) on \
             cd8; for ratios to one of them, set for example reference_cell = \"nk\" instead of \
             \"treg\"; in parentheses: 95 % intervals."
        ]
    );
}

#[test]
fn less_is_said_as_less_and_equal_as_equal() {
    let mut all = vec![
        ligand("a", spread(1.001, 0.9, 1.1), None),
        ligand("b", spread(4.0, 3.0, 5.0), None),
        ligand("c", spread(4.0, 3.0, 5.0), None),
        ligand("d", spread(4.0, 3.0, 5.0), None),
    ];
    all[1].ec50_over_first = Some(spread(0.0147, 0.01, 0.02));
    all[2].ec50_over_first = Some(spread(2.0, 1.5, 3.0));
    all[3].ec50_over_first = Some(spread(1.0, 0.9, 1.2));
    let said = sentences(&told(all));
    assert!(said[0].contains("a is equally potent on treg and nk (0.900 to 1.10)."), "{}", said[0]);
    assert!(
        said[1].contains(
            "; b needs 68.0-fold lower doses (50 to 100), c 2 times this dose (1.50 to 3) and d \
             the same dose (0.900 to 1.20): no detectable difference;"
        ),
        "{}",
        said[1]
    );
}

#[test]
fn without_draws_nothing_is_called_sure() {
    let over = Some(Spread::exact(0.5));
    let mut all =
        vec![ligand("a", Spread::exact(4.0), None), ligand("b", Spread::exact(2.0), over)];
    all.iter_mut().for_each(|l| l.ec50 = Ok(Spread::exact(20.0)));
    all[1].ec50_over_first = Some(Spread::exact(3.0));
    let said = sentences(&Comparison { level: None, ..told(all) });
    assert_eq!(
        said,
        [
            "Judged by the EC50 of signal after 1 h, a is 4-fold more potent on treg than on nk. b is \
             2-fold more potent on treg.",
            "On treg, the EC50 of a is 20.0 pM; b needs 3 times this dose; no intervals were \
             requested."
        ]
    );
}

#[test]
fn each_ligand_has_its_own_direction_and_its_own_doubt() {
    let all = vec![
        ligand("a", spread(2.0, 0.8, 3.0), None),
        ligand("b", spread(0.05, 0.03, 0.08), Some(spread(0.025, 0.01, 0.05))),
        ligand("c", spread(1.6, 0.7, 2.1), Some(spread(0.8, 0.7, 0.9))),
    ];
    let all = Comparison { others: 3, ..told(all) };
    assert_eq!(
        sentences(&all)[0],
        "Judged by the EC50 of signal after 1 h, a is 2-fold (0.800 to 3) more potent on treg than on nk (not \
         distinguishable from 1); of 3 other cells, nk differs most from treg. b is 20-fold (12.5 to 33.3) \
         more potent on nk; its selectivity differs 40-fold (20 to 100) from that of a. c is 1.60-fold (0.700 \
         to 2.10) more potent on treg (not distinguishable from 1); it is 1.25-fold (1.11 to 1.43) less \
         selective than a."
    );
    // If the first ligand has no EC50, the next one states the direction.
    let mut all = told(all.ligands);
    all.ligands[0].preference = Some(Err("above doses".into()));
    let said = sentences(&all)[0].clone();
    assert!(said.contains("there is no EC50 ratio for a (above doses). b is 20-fold"), "{said}");
    assert!(said.contains("c is 1.60-fold (0.700 to 2.10) more potent on treg"), "{said}");
}
