//! How often findings on markers are replicated, where it is known.

use crate::survival::odds_ratio::{TwoByTwo, exact_odds_ratio, fisher};
use crate::survival::replication::{Patient, Samples, replication};
use il2_engine::math;
use il2_engine::threads::Threads;

/// Half of the patients respond; each marker is positive as `positive` says of patient `i`.
fn patients(positive: impl Fn(usize, bool) -> Vec<bool>) -> Vec<Patient> {
    (0..4000)
        .map(|i| (i, i % 2 == 0))
        .map(|(i, responds)| Patient {
            responds,
            levels: positive(i, responds)
                .into_iter()
                .map(|is| if is { 0.25 } else { 0.75 })
                .collect(),
        })
        .collect()
}

fn samples(markers: usize) -> Samples {
    Samples {
        retrospective: 300,
        responders: None,
        prospective: 300,
        cut_offs: vec![vec![0.5]; markers],
        unrelated: 0,
        unrelated_cut_offs: vec![0.5],
        alpha: 0.05,
        resamples: 2000,
        seed: 1,
    }
}

#[test]
fn unrelated_markers_are_found_and_replicated_as_often_as_by_chance() {
    let all = patients(|_, _| vec![]);
    for unrelated in [1, 10] {
        let asked = Samples { unrelated, resamples: 10_000, ..samples(0) };
        let found = replication(&all, &asked, Threads::new(2)).unwrap();
        // SciPy's Fisher's test finds a difference in 0.046 of such samples for one marker.
        let chance = 1.0 - math::pow(1.0 - 0.046, unrelated as f64);
        let share = found.any.selected as f64 / found.resamples as f64;
        assert!((share - chance).abs() < 0.008 + 0.02 * chance, "{unrelated}: {share}");
        let held = found.any.holds as f64 / found.any.selected as f64;
        // In the same direction: half of the error.
        assert!(held < 0.025 + 3.0 * (0.025 / found.any.selected as f64).sqrt(), "{held}");
        // Selection exaggerates the ratio, and the next sample does not.
        let (early, later) = (found.any.found, found.any.later);
        assert!(early > 1.5 && (later - 1.0).abs() < 0.15, "{early} {later}");
    }
}

#[test]
fn a_marker_that_is_the_outcome_is_always_found_and_always_holds() {
    let all = patients(|i, responds| vec![i % 3 == 0, responds]);
    let asked = Samples { responders: Some(60), unrelated: 5, resamples: 100, ..samples(2) };
    let found = replication(&all, &asked, Threads::new(2)).unwrap();
    assert_eq!((found.markers[1].selected, found.markers[1].holds), (100, 100));
    // As text, because a marker that is never selected has no median.
    let again = replication(&all, &asked, Threads::ONE).unwrap();
    assert_eq!(format!("{found:?}"), format!("{again:?}"));
}

#[test]
fn the_power_of_a_second_sample_is_that_of_fishers_test() {
    // Positive in 60 % of responders and 40 % of others: an odds ratio of 2.25.
    let all = patients(|i, responds| vec![(i / 2) % 10 < if responds { 6 } else { 4 }]);
    let asked = Samples { retrospective: 1000, prospective: 200, ..samples(1) };
    let found = replication(&all, &asked, Threads::new(2)).unwrap();
    assert!(found.any.selected > 1990);
    // SciPy's Fisher's test in 3000 such samples: 0.806.
    let held = found.any.holds as f64 / found.any.selected as f64;
    assert!((held - 0.806).abs() < 0.03, "{held}");
    assert!((found.any.later / 2.25 - 1.0).abs() < 0.08);
}

#[test]
fn fishers_test_is_that_of_the_exact_odds_ratio_and_of_the_lady_tasting_tea() {
    let tea = TwoByTwo { first: (3, 1), second: (1, 3) };
    // 34 of the 70 arrangements.
    assert!((fisher(&tea).unwrap() - 34.0 / 70.0).abs() < 1e-12);
    let other = TwoByTwo { first: (27, 39), second: (4, 21) };
    let p = exact_odds_ratio(&other, 0.95).unwrap().p;
    assert_eq!(fisher(&other).unwrap(), p);
}

/// SciPy's Fisher's test in 4000 to 20,000 samples of 66 patients, 27 of them responders, with markers
/// without a link, each tried at the same seven cut-offs.
#[test]
fn cut_offs_and_markers_that_are_tried_make_chance_look_decisive() {
    let all = patients(|_, _| vec![]);
    for (unrelated, expected) in [(1, 0.159), (5, 0.571), (10, 0.812)] {
        let asked = Samples {
            retrospective: 66,
            responders: Some(27),
            unrelated,
            unrelated_cut_offs: (1..=7).map(|k| f64::from(k) / 8.0).collect(),
            resamples: 4000,
            ..samples(0)
        };
        let found = replication(&all, &asked, Threads::new(2)).unwrap();
        let share = found.any.selected as f64 / found.resamples as f64;
        assert!((share - expected).abs() < 0.025, "{unrelated}: {share}");
    }
}
