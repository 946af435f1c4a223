//! Stops of a simulation at events and comparisons: values that begin at a threshold, equality,
//! several triggers at the same time, and triggers of time alone. Right values are in closed form.

mod small;

use small::*;

/// A model whose parameters change by rate rules and events.
fn model(all: &[(&str, f64)], rates: &[(&str, &str)], events: &[String]) -> String {
    let rules: String = rates.iter().map(|(id, rate)| rate_rule(id, rate)).collect();
    let rules =
        if rules.is_empty() { rules } else { format!("<listOfRules>{rules}</listOfRules>") };
    sbml(&format!("{}{rules}<listOfEvents>{}</listOfEvents>", parameters(all), events.concat()))
}

fn last(text: &str, times: &[f64], id: &str) -> f64 {
    *run(text, times).unwrap().of(id).unwrap().last().unwrap()
}

#[test]
fn a_comparison_that_begins_at_its_threshold_changes_at_once() {
    let one = cn(1.0);
    for (operator, wanted) in [("gt", 1.0), ("leq", 0.0), ("lt", 0.0)] {
        let above = apply(operator, &[&ci("x"), &cn(0.0)]);
        let fires = event("useValuesFromTriggerTime=\"true\"", &above, "", &[("y", &one)]);
        let text = model(&[("x", 0.0), ("y", 0.0)], &[("x", &one)], &[fires]);
        near(last(&text, &[0.0, 2.5], "x"), 2.5);
        // A trigger that is true at the start has not become true.
        near(last(&text, &[0.0, 2.5], "y"), wanted);
    }
    // The same within a formula, where x grows from zero with its rate: x' = 1, or 3 once x > 0.
    let piece = format!(
        "<piecewise><piece>{}{}</piece><otherwise>{one}</otherwise></piecewise>",
        cn(3.0),
        apply("gt", &[&ci("x"), &cn(0.0)])
    );
    let text = model(&[("x", 0.0)], &[("x", &piece)], &[]);
    near(last(&text, &[0.0, 2.0], "x"), 6.0);
    // x = t^2 / 2 leaves zero without a slope.
    let above = apply("gt", &[&ci("x"), &cn(0.0)]);
    let fires = event("useValuesFromTriggerTime=\"true\"", &above, "", &[("y", &one)]);
    let text = model(&[("x", 0.0), ("y", 0.0)], &[("x", TIME)], &[fires]);
    near(last(&text, &[0.0, 2.0], "y"), 1.0);
}

#[test]
fn equality_lasts_an_instant_wherever_outputs_are() {
    // x = t passes 2 once, and 10 - x passes it once.
    for times in [vec![0.0, 1.7, 3.3], vec![0.0, 2.0, 3.3]] {
        let equal = apply("eq", &[&ci("x"), &cn(2.0)]);
        let more = apply("plus", &[&ci("y"), &cn(1.0)]);
        let counts = event("useValuesFromTriggerTime=\"true\"", &equal, "", &[("y", &more)]);
        let text = model(&[("x", 0.0), ("y", 0.0)], &[("x", &cn(1.0))], &[counts]);
        near(last(&text, &times, "x"), 3.3);
        near(last(&text, &times, "y"), 1.0);
    }
    // A number as a truth value: x - 3 is false at a single moment.
    let piece = format!(
        "<piecewise><piece>{}{}</piece><otherwise>{}</otherwise></piecewise>",
        cn(4.0),
        apply("neq", &[&ci("x"), &cn(3.0)]),
        cn(5.0)
    );
    let text = model(&[("x", 0.0), ("z", 0.0)], &[("x", &cn(1.0)), ("z", &piece)], &[]);
    near(last(&text, &[0.0, 1.1, 4.7], "z"), 4.0 * 4.7);
}

#[test]
fn triggers_that_cross_at_the_same_time_follow_their_priorities() {
    // All become true at t = 2, in different words: x > 2, 2 x > 4 and 4 - 2 x < 0.
    let prior = |p: f64| format!("<priority>{}</priority>", math(&cn(p)));
    let twice = apply("times", &[&cn(2.0), &ci("x")]);
    let triggers = [
        apply("gt", &[&ci("x"), &cn(2.0)]),
        apply("gt", &[&twice, &cn(4.0)]),
        apply("lt", &[&apply("minus", &[&cn(4.0), &twice]), &cn(0.0)]),
    ];
    let sets = [
        apply("plus", &[&ci("y"), &cn(3.0)]),
        apply("times", &[&ci("y"), &cn(10.0)]),
        apply("divide", &[&ci("y"), &cn(10.0)]),
    ];
    // Values are read when an event is executed: y / 10, then times 10, then plus 3.
    let one = |k: usize, p: f64| {
        let attributes = "useValuesFromTriggerTime=\"false\"";
        event(attributes, &triggers[k], &prior(p), &[("y", &sets[k])])
    };
    let events = [one(0, 1.0), one(1, 5.0), one(2, 7.0)];
    let text = model(&[("x", 0.0), ("y", 1.0)], &[("x", &cn(1.0))], &events);
    near(last(&text, &[0.0, 5.0], "y"), 4.0);
}

#[test]
fn a_trigger_of_time_alone_is_found_however_few_outputs_there_are() {
    // sin(2 pi t) exceeds a half once in every unit of time.
    let wave = apply("sin", &[&apply("times", &[&cn(2.0 * std::f64::consts::PI), TIME])]);
    let more = apply("plus", &[&ci("y"), &cn(1.0)]);
    let above = apply("gt", &[&wave, &cn(0.5)]);
    let counts = event("useValuesFromTriggerTime=\"true\"", &above, "", &[("y", &more)]);
    let text = model(&[("y", 0.0)], &[], &[counts]);
    for points in [1, 2, 10, 100] {
        let times: Vec<f64> =
            (0..=points).map(|k| 100.0 * f64::from(k) / f64::from(points)).collect();
        near(last(&text, &times, "y"), 100.0);
    }
}

/// A compartment `c` of this size with a species `s`.
fn vessel(size: f64, initial: &str, rest: &str) -> String {
    sbml(&format!(
        "<listOfCompartments><compartment id=\"c\" size=\"{size}\" constant=\"false\"/>\
         </listOfCompartments><listOfSpecies>{}</listOfSpecies>{rest}",
        species("s", initial, "hasOnlySubstanceUnits=\"false\"")
    ))
}

#[test]
fn an_event_that_sets_a_concentration_and_its_compartment_converts_with_the_old_size() {
    // 4 in a size of 2 are 8, which are 1.6 in the new size of 5.
    let later = apply("geq", &[TIME, &cn(3.0)]);
    for sets in [[("c", cn(5.0)), ("s", cn(4.0))], [("s", cn(4.0)), ("c", cn(5.0))]] {
        let sets: Vec<(&str, &str)> = sets.iter().map(|(id, v)| (*id, v.as_str())).collect();
        let both = event("useValuesFromTriggerTime=\"true\"", &later, "", &sets);
        let text = vessel(
            2.0,
            "initialConcentration=\"5\"",
            &format!("<listOfEvents>{both}</listOfEvents>"),
        );
        near(last(&text, &[0.0, 4.0], "s"), 1.6);
        near(last(&text, &[0.0, 4.0], "c"), 5.0);
    }
}

#[test]
fn a_size_given_by_a_branch_holds_from_the_start() {
    // c = 1 until t = 3, then 2: the concentration is 5, then 2.5.
    let size = format!(
        "<piecewise><piece>{}{}</piece><otherwise>{}</otherwise></piecewise>",
        cn(1.0),
        apply("lt", &[TIME, &cn(3.0)]),
        cn(2.0)
    );
    let rules = format!("<listOfRules>{}</listOfRules>", rule("c", &size));
    let text = vessel(2.0, "initialConcentration=\"5\"", &rules);
    let found = run(&text, &[0.0, 2.0, 4.0]).unwrap();
    for (k, wanted) in [(0, 5.0), (1, 5.0), (2, 2.5)] {
        near(found.of("s").unwrap()[k], wanted);
    }
}

#[test]
fn amounts_that_grow_from_zero_have_the_accuracy_of_their_size() {
    // a' = 1e-12 - 0.1 a, with nothing at the start.
    let loss = apply("times", &[&cn(0.1), &ci("a")]);
    let rate = apply("minus", &[&cn(1e-12), &loss]);
    let found = last(&model(&[("a", 0.0)], &[("a", &rate)], &[]), &[0.0, 20.0], "a");
    let wanted = 1e-11 * (1.0 - (-2.0_f64).exp());
    assert!((found / wanted - 1.0).abs() < 1e-6, "{found} {wanted}");
}
