//! Sentences about made-up patients: the wording in each special case.

use super::*;

fn excursion(middle: f64, day: f64, share: f64) -> Excursion {
    let value = Spread { middle, low: 0.8 * middle, high: 1.3 * middle };
    Excursion { value, day, after: After::Turns, share }
}

fn arm(name: &str, peak: f64) -> Arm {
    Arm {
        name: name.into(),
        highest: excursion(peak, 14.0, 1.0),
        lowest: excursion(1.0, 0.0, 0.0),
        stay: 0.0,
    }
}

fn told(arms: Vec<Arm>, ratios: Vec<(usize, usize, Spread)>) -> Arms {
    let (readout, unit) = ("treg".into(), crate::patients::FOLD.into());
    let ratios = [ratios, vec![]];
    Arms { readout, unit, level: 0.9, one: false, start: 1.0, arms, ratios }
}

fn spread(middle: f64, low: f64, high: f64) -> Spread {
    Spread { middle, low, high }
}

fn said(told: &Arms) -> Vec<String> {
    sentences(std::slice::from_ref(told))
}

#[test]
fn two_arms_are_compared_patient_by_patient() {
    let ratios = vec![(1, 0, spread(1.8, 1.2, 2.9))];
    assert_eq!(
        said(&told(vec![arm("low_dose", 2.41), arm("high_dose", 4.3)], ratios)),
        ["Under low_dose, treg peaked at 2.41 times baseline (1.93 to 3.13) on day 14; under \
             high_dose, at 4.30 times baseline (3.44 to 5.59) on day 14; within patients, the \
             highest value was 1.80 times (1.20 to 2.90) as high under high_dose as under \
             low_dose; in parentheses: the central 90 % of patients."]
    );
}

#[test]
fn each_readout_has_its_sentences_and_the_brackets_are_said_once() {
    let treg = told(vec![arm("a", 2.0)], vec![]);
    let nk = Arms { readout: "nk bright".into(), ..told(vec![arm("a", 4.0)], vec![]) };
    let still = Arm { highest: excursion(1.0, 0.0, 0.0), stay: 1.0, ..arm("a", 1.0) };
    let cd8 = Arms { readout: "cd8".into(), ..told(vec![still], vec![]) };
    assert_eq!(
        sentences(&[treg, nk, cd8]),
        [
            "Under a, treg peaked at 2 times baseline (1.60 to 2.60) on day 14.",
            "Under a, nk bright peaked at 4 times baseline (3.20 to 5.20) on day 14; in \
             parentheses: the central 90 % of patients.",
            "Under a, cd8 stayed within 5 % of the initial value in 100 % of patients."
        ]
    );
}

#[test]
fn what_falls_before_it_rises_is_compared_by_both() {
    let dips = |name: &str, low: f64, high: f64| Arm {
        lowest: excursion(low, 0.5, 1.0),
        ..arm(name, high)
    };
    let mut told = told(vec![dips("a", 0.5, 2.0), dips("b", 0.25, 4.0)], vec![]);
    told.ratios = [vec![(1, 0, spread(2.0, 1.5, 2.5))], vec![(0, 1, spread(2.0, 1.0, 3.0))]];
    assert_eq!(
        said(&told),
        [
            "Under a, treg first fell to 0.500 times baseline (0.400 to 0.650) after 12 h; under \
             b, to 0.250 times baseline (0.200 to 0.325) after 12 h; within patients, the lowest \
             value was 2 times (1 to 3) as high under a as under b: no difference in some patients.",
            "Under a, treg then peaked at 2 times baseline (1.60 to 2.60) on day 14; under b, at 4 \
             times baseline (3.20 to 5.20) on day 14; within patients, the highest value was 2 \
             times (1.50 to 2.50) as high under b as under a; in parentheses: the central 90 % of \
             patients."
        ]
    );
    // If only one arm does something first, no order is stated, but the fraction of patients who do
    // not is.
    let mut one = told.clone();
    one.arms[0].lowest = excursion(0.97, 0.5, 0.2);
    let one = said(&one);
    assert!(
        one[0].starts_with(
            "Under a, treg did not fall by more than 5 % in 80 % of patients; under b, treg fell to 0.250 times baseline"
        ),
        "{one:?}"
    );
    assert!(one[1].starts_with(
        "Under a, treg peaked at 2 times baseline (1.60 to 2.60) on day 14; under b, at"
    ));
    // What two arms do not do is said in full about both arms.
    let mut third = told.clone();
    third.arms[0].lowest = excursion(0.97, 0.5, 0.2);
    third.arms.insert(1, third.arms[0].clone());
    third.ratios = [vec![], vec![]];
    let third = said(&third);
    assert!(
        third[0].starts_with(
            "Under a, treg did not fall by more than 5 % in 80 % of patients; under a, treg did not fall by more"
        ),
        "{third:?}"
    );
    // If fewer than half of the patients dip, the arm does not count as dipping.
    told.arms.iter_mut().for_each(|arm| arm.lowest = excursion(0.97, 0.5, 0.2));
    assert!(said(&told)[0].starts_with("Under a, treg peaked at 2 times baseline"));
}

#[test]
fn what_stays_is_told_of_the_patients_who_do_not_of_their_median() {
    let still = |name: &str, stay: f64, up: f64, down: f64| Arm {
        highest: excursion(1.03, 3.0, up),
        lowest: excursion(0.98, 1.0, down),
        stay,
        ..arm(name, 1.0)
    };
    let of = |arms: Vec<Arm>| said(&told(arms, vec![]))[0].clone();
    assert_eq!(
        of(vec![still("a", 0.62, 0.3, 0.1), still("b", 0.97, 0.03, 0.0)]),
        "Treg stayed within 5 % of the initial value in 62 % of patients (rose further in 30 %, \
         fell further in 10 %) under a and stayed within 5 % of the initial value in 97 % of \
         patients under b."
    );
    let sure = |name| still(name, 1.0, 0.0, 0.0);
    assert_eq!(
        of(["a", "b", "c", "d", "e", "f", "g"].map(sure).to_vec()),
        "Treg stayed within 5 % of the initial value in 100 % of patients in every arm."
    );
    let mut all = ["a", "b", "c", "d", "e", "f", "g"].map(sure);
    all[3] = still("d", 0.9, 0.1, 0.0);
    assert_eq!(
        of(all.to_vec()),
        "Treg stayed within 5 % of the initial value in 90 % or more of patients (rose further in \
         10 %) in every arm."
    );
    assert_eq!(
        of(vec![still("a", 0.62, 0.3, 0.1)]),
        "Under a, treg stayed within 5 % of the initial value in 62 % of patients (rose further in \
         30 %, fell further in 10 %)."
    );
}

#[test]
fn a_start_of_nothing_has_no_5_percent() {
    let none = Arm { highest: excursion(0.0, 0.0, 0.2), stay: 0.8, ..arm("a", 0.0) };
    let mut gain = told(vec![none, arm("b", 3.0)], vec![]);
    (gain.start, gain.unit, gain.readout) = (0.0, "mg".into(), "vasopressor".into());
    assert!(
        said(&gain)[0].starts_with(
            "Under a, vasopressor did not rise above 0 in 80 % of patients; under b, vasopressor peaked at 3 mg"
        ),
        "{:?}",
        said(&gain)
    );
    gain.arms.truncate(1);
    assert_eq!(
        said(&gain)[0],
        "Under a, vasopressor stayed at 0 in 80 % of patients (rose further in 20 %)."
    );
}

#[test]
fn of_three_arms_each_is_told_and_compared_with_the_first() {
    assert_eq!(side_by_side(&[2.0, 3.0]), [(1, 0)]);
    assert_eq!(side_by_side(&[3.0, 2.0]), [(0, 1)]);
    assert_eq!(side_by_side(&[2.0, 3.0, 1.0]), [(1, 0), (2, 0)]);
    assert_eq!(side_by_side(&[2.0, f64::NAN, 3.0, 1.0, 5.0]), [(2, 0), (3, 0), (4, 0)]);
    assert_eq!(side_by_side(&[f64::NAN, 2.0, 3.0]), []);
    assert_eq!(side_by_side(&[2.0, f64::NAN, 3.0, 1.0, 5.0, 4.0, 6.0, 7.0]), [(7, 3)]);
    let tie = spread(1.0, 1.0, 1.0);
    let arms = vec![arm("a", 2.0), arm("b", 2.0), arm("c", 3.0)];
    let said = said(&told(arms, vec![(1, 0, tie), (2, 0, spread(1.5, 0.8, 1.9))]));
    assert_eq!(
        said[0],
        "Under a, treg peaked at 2 times baseline (1.60 to 2.60) on day 14; under b, at 2 times \
         baseline (1.60 to 2.60) on day 14; under c, at 3 times baseline (2.40 to 3.90) on day 14; \
         within patients, the highest value was 1 times (1 to 1) as high under b as under a: no \
         difference; 1.50 times (0.800 to 1.90) as high under c as under a: the order differs \
         between patients; in parentheses: the central 90 % of patients."
    );
}

#[test]
fn one_typical_patient_has_no_interval() {
    let exact = |value: f64, day: f64, goes_on: bool, share: f64| Excursion {
        after: if goes_on { After::GoesOn } else { After::Turns },
        value: Spread::exact(value),
        day,
        share,
    };
    let of = |highest, lowest| {
        let arm = Arm { highest, lowest, ..arm("daily", 2.41) };
        said(&Arms { one: true, ..told(vec![arm], vec![]) })
    };
    let top = exact(2.41, 14.0, false, 1.0);
    assert_eq!(
        of(top, exact(0.8, 1.5, false, 1.0)),
        [
            "Under daily, treg first fell to 0.800 times baseline on day 1.5 and then peaked at 2.41 times baseline on day 14."
        ]
    );
    assert_eq!(
        of(top, exact(0.1, 20.0, true, 1.0)),
        [
            "Under daily, treg peaked at 2.41 times baseline on day 14 and fell to 0.100 times baseline by day 20 (still \
          falling)."
        ]
    );
    assert_eq!(
        of(exact(1.01, 3.0, false, 0.0), exact(0.99, 0.3, false, 0.0)),
        ["Under daily, treg stayed within 5 % of the initial value."]
    );
}

#[test]
fn a_rise_that_the_course_does_not_end_is_no_peak() {
    let mut rising = arm("a", 2.0);
    rising.highest.after = After::GoesOn;
    let said = said(&told(vec![rising, arm("b", 3.0)], vec![]));
    assert!(
        said[0].starts_with(
            "Under a, treg rose to 2 times baseline (1.60 to 2.60) by day 14 (still rising); under b, treg peaked at 3 times baseline"
        ),
        "{said:?}"
    );
}

#[test]
fn what_stays_at_its_top_has_no_peak() {
    let mut stays = arm("a", 7.11);
    stays.highest.after = After::Stays;
    let said = said(&told(vec![stays, arm("b", 3.0)], vec![]));
    assert!(
        said[0].starts_with(
            "Under a, treg reached 7.11 times baseline (5.69 to 9.24) and stayed there; under b, treg peaked"
        ),
        "{said:?}"
    );
}

#[test]
fn of_many_arms_the_highest_and_the_lowest_are_told() {
    let arms = (1..8).map(|i| arm(&format!("arm{i}"), 1.0 + f64::from(i))).collect();
    let said = said(&told(arms, vec![(6, 0, spread(4.0, 2.0, 5.0))]));
    assert!(
        said[0].contains(
            "; under arm1, at 2 times baseline (1.60 to 2.60) on day 14 (highest and lowest of 7 \
             arms); within patients, the highest value was 4 times (2 to 5) as high under arm7 as \
             under arm1"
        ),
        "{said:?}"
    );
}

#[test]
fn what_only_falls_is_told_by_its_lowest_and_equal_arms_have_no_order() {
    let falls = |name: &str, low: f64, share: f64| Arm {
        highest: excursion(90.0, 0.0, 0.0),
        lowest: excursion(low, 4.5, share),
        ..arm(name, 90.0)
    };
    let of = |arms| {
        let (readout, unit) = ("pressure".into(), "mmHg".into());
        said(&Arms { readout, unit, start: 90.0, ..told(arms, vec![]) })
    };
    assert_eq!(
        of(vec![falls("a", 58.0, 1.0), falls("b", 80.0, 0.9)]),
        ["Under a, pressure fell to 58 mmHg (46.4 to 75.4) on day 4.5; under b, to 80 mmHg (64 \
             to 104) on day 4.5; in parentheses: the central 90 % of patients."]
    );
    let said = of(vec![falls("a", 58.0, 1.0), falls("b", 89.0, 0.0)]);
    assert!(
        said[0].contains("; under b, pressure did not fall by more than 5 %; in parentheses"),
        "{said:?}"
    );
}

#[test]
fn of_many_arms_a_table_has_a_row_for_each() {
    let arms: Vec<Arm> = (1..7).map(|i| arm(&format!("arm{i}"), 1.0 + f64::from(i))).collect();
    let mut treg = told(arms.clone(), vec![]);
    treg.arms[1].highest.share = 0.2;
    let mut pressure = told(arms, vec![]);
    (pressure.readout, pressure.unit, pressure.start) = ("pressure".into(), "mmHg".into(), 90.0);
    for arm in &mut pressure.arms {
        arm.highest.share = 0.0;
        arm.lowest = excursion(70.0, 3.0, 1.0);
    }
    let table = table(&[treg, pressure]);
    let lines: Vec<Vec<&str>> = table.lines().map(|l| l.split_whitespace().collect()).collect();
    assert_eq!(lines.len(), 8, "{table}");
    assert_eq!(lines[0], ["highest", "treg", "lowest", "pressure"]);
    assert_eq!(lines[1], ["×", "baseline", "mmHg"]);
    assert_eq!(lines[2].join(" "), "arm1 2 (1.60 to 2.60) 70 (56 to 91)");
    assert_eq!(lines[3].join(" "), "arm2 unchanged 70 (56 to 91)");
    assert!(table.lines().all(|line| line.chars().count() <= 100), "{table}");
}

#[test]
fn what_nobody_could_measure_is_no_rise_from_nothing() {
    let faint = Arm { highest: excursion(2.51e-8, 3.0, 0.0), stay: 1.0, ..arm("a", 0.0) };
    let mut gain = told(vec![faint, arm("b", 3.0)], vec![]);
    (gain.start, gain.unit, gain.readout) = (0.0, "%".into(), "weight gain".into());
    let said = said(&gain);
    assert!(
        said[0].starts_with(
            "Under a, weight gain did not rise above 0.001 %; under b, weight gain peaked"
        ),
        "{said:?}"
    );
}
