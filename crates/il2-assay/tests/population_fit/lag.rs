//! Subjects whose joint density has several modes, because a lag may end in any interval between
//! measurements.

use super::{planned, simulated};
use il2_inference::population::mode::{mode, nearest_mode};
use il2_inference::population::{Point, Population, maximise};
use il2_study::Threads;

const NUMBERS: &str = "version = 1\nquestion = \"When does it begin?\"\n[assay.f]\nkind = \"population-fit\"\n\
     table = \"data.csv\"\nmodel = \"one-compartment-oral\"\nunits = { time = \"h\", amount = \"mg\" }\n\
     residual = { additive = \"0.2 mg/L\", proportional = 0.05 }\nsimulations = 0\n[assay.f.parameters]\n\
     CL = { start = \"3 L/h\", fixed = true }\nV = { start = \"30 L\", fixed = true }\n\
     KA = { start = \"1 /h\", between_subjects = 0.7 }\nALAG1 = { start = \"0.8 h\", between_subjects = 0.7 }\n";
const TIMES: [f64; 8] = [0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 6.0, 12.0];

/// Log density of a subject's levels and effects (KA, lag) after 300 mg, from the closed form.
fn density(levels: &[f64], [of_ka, of_lag]: [f64; 2]) -> f64 {
    let (k, ka, lag) = (3.0 / 30.0, of_ka.exp(), 0.8 * of_lag.exp());
    let normal = |x: f64, sd: f64| {
        -0.5 * (x / sd).powi(2) - sd.ln() - 0.5 * (2.0 * std::f64::consts::PI).ln()
    };
    let row = |(t, level): (&f64, &f64)| {
        let since = (t - lag).max(0.0);
        let f = 300.0 * ka / (30.0 * (ka - k)) * ((-k * since).exp() - (-ka * since).exp());
        normal(level - f, (0.2_f64.powi(2) + (0.05 * f).powi(2)).sqrt())
    };
    TIMES.iter().zip(levels).map(row).sum::<f64>() + normal(of_ka, 0.7) + normal(of_lag, 0.7)
}

/// A grid finds the modes of every subject; a search from zero alone misses some of the best.
#[test]
fn the_mode_of_a_subject_is_the_best_that_a_grid_finds() {
    let rows: Vec<Vec<String>> = (0..16)
        .map(|i| {
            let mut all = vec![format!("{},0,1,300", i + 1)];
            all.extend(TIMES.map(|t| format!("{},{t},0,.", i + 1)));
            all
        })
        .collect();
    let data = simulated(NUMBERS, "ID,TIME,EVID,AMT", &rows, -99.0, 6);
    let (_, plan) = planned(&data.study, &data.table.replace(",LLOQ", ",NOTE")).unwrap();
    let predict = |i: usize, fixed: &[f64], effects: &[f64]| plan.predict(i, fixed, effects);
    let elsewhere = |i: usize, point: &Point, effects: &[f64]| plan.elsewhere(i, point, effects);
    assert!(plan.has_onsets());
    let population = |threads: Threads| Population {
        subjects: plan.subjects.clone(),
        fixed_effects: plan.numbers.parameters.len(),
        effects: plan.effects.clone(),
        residuals: plan.residuals(),
        predict: &predict,
        elsewhere: Some(&elsewhere),
        method: plan.method,
        step: plan.step(),
        threads,
    };
    let one = population(Threads::ONE);
    let start = plan.start();
    let point = one.point(&start);
    let mut missed = 0;
    for (i, subject) in plan.subjects.iter().enumerate() {
        let levels: Vec<f64> = subject.rows.iter().map(|row| row.value).collect();
        let axis = |n: i32| (-n..=n).map(move |k| 2.8 * f64::from(k) / f64::from(n));
        // The highest density with the lag in each interval between measurements.
        let mut tops = [f64::NEG_INFINITY; TIMES.len() + 1];
        for e in axis(70).flat_map(|of_ka| axis(280).map(move |of_lag| [of_ka, of_lag])) {
            let interval = TIMES.iter().filter(|t| **t < 0.8 * e[1].exp()).count();
            tops[interval] = tops[interval].max(density(&levels, e));
        }
        tops.sort_by(|a, b| b.total_cmp(a));
        let highest = tops[0];
        let found = mode(&one, i, &point, &[0.0, 0.0]).unwrap();
        assert!(
            (found.joint.log - density(&levels, [found.effects[0], found.effects[1]])).abs() < 1e-9
        );
        // A point of the grid is below the top of its mode. Of modes that differ less in height, a
        // lower one may be wider and have more probability.
        let enough = if tops[1] < highest - 1.0 { highest } else { highest - 1.0 };
        assert!(found.joint.log > enough - 1e-9, "{i}: {} {highest}", found.joint.log);
        let nearest = nearest_mode(&one, i, &point, &[0.0, 0.0]).unwrap();
        missed += usize::from(tops[1] < highest - 1.0 && nearest.joint.log < highest - 1.0);
    }
    assert!(missed > 0, "a search from zero would do");
    // A search never ends below a likelihood that it has seen, and reports what it found.
    let free = plan.free();
    let searches =
        |population: &Population| maximise(population, &start, &free, (3, 1), &|_| ()).unwrap();
    let found = searches(&one);
    assert_eq!(found.marginal.log, found.searches[found.best].log_density);
    assert!(found.searches.iter().all(|s| found.marginal.log >= s.log_density));
    assert!(found.marginal.log >= one.marginal(&start, &[], false).unwrap().log);
    // Modes known from the points before are at least as good as those found from zero.
    let again = one.marginal(&found.at, &[], false).unwrap();
    assert!(found.marginal.log > again.log - 1e-6, "{} {}", again.log, found.marginal.log);
    let two = searches(&population(Threads::new(2)));
    assert_eq!((two.at, two.marginal.log), (found.at, found.marginal.log));
}
