//! Accuracy where a solver with one absolute tolerance and growing steps would fail in silence: small
//! states beside large ones, inputs that are narrow peaks of time, smooth switches, and courses
//! that cannot be continued. Right values are in closed form.

mod small;

use il2_sbml::{Run, Stopped};
use small::*;

fn model(all: &[(&str, f64)], rules: &[String]) -> String {
    sbml(&format!("{}<listOfRules>{}</listOfRules>", parameters(all), rules.concat()))
}

#[track_caller]
fn close(found: f64, wanted: f64, part: f64) {
    assert!((found / wanted - 1.0).abs() < part, "{found}, not {wanted}");
}

/// An enzyme of one unit decays while it converts something present in a billionth of it or less.
#[test]
fn small_states_beside_large_ones_are_as_accurate() {
    for start in [1e-9, 1e-12, 1e-18, 1e-30] {
        let converted = apply("times", &[&cn(0.5), &ci("b")]);
        let text = model(
            &[("enzyme", 1.0), ("b", start), ("c", 0.0)],
            &[
                rate_rule("enzyme", &apply("times", &[&cn(-0.01), &ci("enzyme")])),
                rate_rule("b", &apply("minus", &[&converted])),
                rate_rule("c", &converted),
            ],
        );
        for times in [vec![0.0, 10.0], (0..=40).map(f64::from).collect()] {
            let found = run(&text, &times).unwrap();
            for (k, t) in times.iter().enumerate().skip(1) {
                let left = (-0.5 * t).exp();
                close(found.of("enzyme").unwrap()[k], (-0.01 * t).exp(), 1e-7);
                close(found.of("c").unwrap()[k], start * (1.0 - left), 1e-6);
                // Its own size is that at the start, of which less than the tolerance may be left.
                let b = found.of("b").unwrap()[k];
                assert!((b - start * left).abs() < 1e-9 * start, "{b} at {t}");
            }
        }
    }
}

/// A dose as a Gaussian peak, whose integral is one, and elimination.
#[test]
fn a_narrow_peak_of_time_is_not_stepped_over() {
    let rate = 0.05_f64;
    for width in [5.0, 1.0, 0.1] {
        for points in [2, 11, 101] {
            let from = apply("minus", &[TIME, &cn(84.0)]);
            let scaled = apply("divide", &[&from, &cn(width)]);
            let square = apply("minus", &[&apply("power", &[&scaled, &cn(2.0)])]);
            let height = 1.0 / (width * std::f64::consts::PI.sqrt());
            let peak = apply("times", &[&cn(height), &apply("exp", &[&square])]);
            let lost = apply("times", &[&cn(rate), &ci("x")]);
            let text = model(&[("x", 0.0)], &[rate_rule("x", &apply("minus", &[&peak, &lost]))]);
            let times: Vec<f64> =
                (0..points).map(|k| 168.0 * k as f64 / (points - 1) as f64).collect();
            let last = *run(&text, &times).unwrap().of("x").unwrap().last().unwrap();
            close(last, (-rate * 84.0 + (rate * width).powf(2.0) / 4.0).exp(), 1e-6);
        }
    }
}

#[test]
fn smooth_switches_of_any_steepness_are_followed() {
    let from = apply("minus", &[TIME, &cn(50.0)]);
    for steep in [0.5, 20.0, 1000.0] {
        let scaled = apply("times", &[&cn(-steep), &from]);
        let below = apply("plus", &[&cn(1.0), &apply("exp", &[&scaled])]);
        let logistic = apply("divide", &[&cn(1.0), &below]);
        let waves =
            apply("plus", &[&cn(1.0), &apply("tanh", &[&apply("times", &[&cn(steep), &from])])]);
        let half = apply("times", &[&cn(0.5), &waves]);
        for switch in [&logistic, &half] {
            let text = model(&[("x", 0.0)], &[rate_rule("x", switch)]);
            let found = run(&text, &[0.0, 25.0, 100.0]).unwrap();
            assert!(found.of("x").unwrap()[1].abs() < 1e-4);
            close(found.of("x").unwrap()[2], 50.0, 1e-6);
        }
        // The same of a state that grows with time.
        let scaled = apply("times", &[&cn(-steep), &apply("minus", &[&ci("y"), &cn(50.0)])]);
        let below = apply("plus", &[&cn(1.0), &apply("exp", &[&scaled])]);
        let logistic = apply("divide", &[&cn(1.0), &below]);
        let rules = [rate_rule("x", &logistic), rate_rule("y", &cn(1.0))];
        let text = model(&[("x", 0.0), ("y", 0.0)], &rules);
        close(run(&text, &[0.0, 100.0]).unwrap().of("x").unwrap()[1], 50.0, 1e-6);
    }
}

#[test]
fn inverse_hyperbolic_sines_of_large_negative_numbers_keep_their_digits() {
    let rules = [
        rule("direct", &apply("arcsinh", &[&ci("x")])),
        rule("inverse", &apply("arccsch", &[&apply("divide", &[&cn(1.0), &ci("x")])])),
        rate_rule("y", &apply("arcsinh", &[&ci("x")])),
        rate_rule("x", &cn(0.0)),
    ];
    for (x, wanted) in [
        (-1e6, -14.508_657_738_524_47),
        (-1e9, -21.416_413_017_506_358),
        (-0.3, -0.295_673_047_563_422_5),
        (1e6, 14.508_657_738_524_47),
    ] {
        let text = model(&[("x", x), ("direct", 0.0), ("inverse", 0.0), ("y", 0.0)], &rules);
        let found = run(&text, &[0.0, 1.0]).unwrap();
        for id in ["direct", "inverse", "y"] {
            close(found.of(id).unwrap()[1], wanted, 1e-9);
        }
    }
}

#[test]
fn a_course_is_kept_up_to_where_it_cannot_be_continued() {
    let text = model(&[("x", 1.0)], &[rate_rule("x", &apply("power", &[&ci("x"), &cn(2.0)]))]);
    let model = il2_sbml::read(&text).unwrap();
    let network = il2_sbml::network(&model).unwrap();
    let run = Run { times: vec![0.0, 0.5, 0.9, 2.0], ..Run::default() };
    let Stopped { error, found } = il2_sbml::simulate(&model, &network, &run).unwrap_err();
    assert!(error.to_string().contains("time 1"), "{error}");
    assert_eq!(found.times, [0.0, 0.5, 0.9]);
    for (x, wanted) in found.of("x").unwrap().iter().zip([1.0, 2.0, 10.0]) {
        close(*x, wanted, 1e-6);
    }
}

#[test]
fn an_event_may_set_a_number_that_no_rate_reads_to_infinity() {
    let fires = event(
        "useValuesFromTriggerTime=\"true\"",
        &apply("gt", &[TIME, &cn(1.5)]),
        "",
        &[("limit", "<infinity/>"), ("unknown", "<notanumber/>")],
    );
    let text = sbml(&format!(
        "{}<listOfRules>{}</listOfRules><listOfEvents>{fires}</listOfEvents>",
        parameters(&[("x", 0.0), ("limit", 3.0), ("unknown", 1.0)]),
        rate_rule("x", &cn(1.0))
    ));
    let found = run(&text, &[0.0, 1.0, 2.0]).unwrap();
    assert_eq!(found.of("limit").unwrap(), [3.0, 3.0, f64::INFINITY]);
    assert!(found.of("unknown").unwrap()[2].is_nan());
    near(found.of("x").unwrap()[2], 2.0);
}

#[test]
fn a_fractional_power_of_a_negative_number_is_undefined_and_not_zero() {
    let rules = [
        rule("third", &apply("power", &[&ci("x"), &cn(1.0 / 3.0)])),
        rule("root", &apply("root", &["<degree><cn>2</cn></degree>", &ci("x")])),
        rule("square", &apply("power", &[&ci("x"), &cn(2.0)])),
        rate_rule("x", &cn(-8.0)),
    ];
    let all = [("x", 4.0), ("third", 0.0), ("root", 0.0), ("square", 0.0)];
    let found = run(&model(&all, &rules), &[0.0, 0.5, 1.5]).unwrap();
    let of = |id: &str| found.of(id).unwrap();
    close(of("third")[0], 4.0_f64.cbrt(), 1e-12);
    close(of("root")[0], 2.0, 1e-12);
    // An integration reaches zero only to within its error.
    assert!(of("third")[1].abs() < 1e-2 && of("root")[1].abs() < 1e-4);
    assert!(of("third")[2].is_nan() && of("root")[2].is_nan());
    close(of("square")[2], 64.0, 1e-9);
}
