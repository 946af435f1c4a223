//! The audit says nothing about what only looks like a fault, and finds a fault that lies beside it.

mod small;

use il2_sbml::audit::Kind;
use small::*;

/// A model of three species and `more`, with parameters, rules, reactions and events.
fn model(more: &str, values: &[(&str, f64)], rules: &str, reactions: &str, events: &str) -> String {
    let all: String = ["a", "b", "ab"]
        .into_iter()
        .map(|id| species(id, "initialConcentration=\"2\"", ""))
        .collect();
    let list = |name: &str, of: &str| match of {
        "" => String::new(),
        of => format!("<listOf{name}>{of}</listOf{name}>"),
    };
    sbml(&format!(
        "{}<listOfSpecies>{all}{more}</listOfSpecies>{}{}{}{}",
        compartment(1.0),
        parameters(values),
        list("Rules", rules),
        list("Reactions", reactions),
        list("Events", events),
    ))
}

fn piece(value: &str, condition: &str, otherwise: &str) -> String {
    format!(
        "<piecewise><piece>{value}{condition}</piece><otherwise>{otherwise}</otherwise></piecewise>"
    )
}

#[test]
fn a_law_that_time_an_event_or_a_threshold_turns_on_is_not_called_idle() {
    let law = |k: &str| reaction("r", &[("a", "1")], &[("b", "1")], &product(&[k, "a"]));
    let after = |time: f64| apply("gt", &[TIME, &cn(time)]);
    let pulse = apply("and", &[&after(50.0), &apply("lt", &[TIME, &cn(51.0)])]);
    let far = apply("gt", &[&ci("a"), &cn(1e6)]);
    let above = apply("max", &[&cn(0.0), &apply("minus", &[&ci("a"), &cn(1e6)])]);
    let event = event(
        "useValuesFromTriggerTime=\"true\"|initialValue=\"true\" persistent=\"true\"",
        &after(50.0),
        "",
        &[("k", &cn(1.0))],
    );
    let none = [("k", 0.0)];
    let switched = |value: &str, condition: &str| rule("k", &piece(value, condition, &cn(0.0)));
    for file in [
        model("", &none, "", &law("k"), &event),
        model(
            "",
            &[("k", 0.0), ("twice", 0.0)],
            &rule("twice", &apply("times", &[&cn(2.0), &ci("k")])),
            &law("twice"),
            &event,
        ),
        model("", &none, &switched(&cn(1.0), &after(50.0)), &law("k"), ""),
        model("", &none, &switched(&cn(1.0), &pulse), &law("k"), ""),
        model("", &none, &switched(&cn(1.0), &far), &law("k"), ""),
        model("", &none, &rule("k", &above), &law("k"), ""),
        model("", &none, &rule("k", &apply("times", &[TIME, &cn(2.0)])), &law("k"), ""),
    ] {
        assert_eq!(of(&audit(&file), Kind::Frozen), Vec::<String>::new());
    }
    // A condition does not help a constant that is zero, and neither does an event for another one.
    let never = ["reaction r: it never runs: k is always zero"];
    assert_eq!(of(&audit(&model("", &none, "", &law("k"), "")), Kind::Frozen), never);
    let late =
        reaction("r", &[("a", "1")], &[], &piece(&product(&["k", "a"]), &after(5.0), &cn(0.0)));
    assert_eq!(of(&audit(&model("", &none, "", &late, "")), Kind::Frozen), never);
    let both = reaction("r", &[("a", "1")], &[], &product(&["k", "l", "a"]));
    let other = event.replace("variable=\"k\"", "variable=\"l\"");
    assert_eq!(
        of(&audit(&model("", &[("k", 0.0), ("l", 0.0)], "", &both, &other)), Kind::Frozen),
        never
    );
}

#[test]
fn a_law_that_is_negative_for_a_while_or_reversible_is_not_called_backwards() {
    let late = apply("gt", &[TIME, &cn(5.0)]);
    let sign = rule("k", &piece(&cn(1.0), &late, &cn(-1.0)));
    let run = reaction("r", &[("a", "1")], &[("b", "1")], &product(&["k", "a"]));
    assert_eq!(
        of(&audit(&model("", &[("k", 0.0)], &sign, &run, "")), Kind::Direction),
        Vec::<String>::new()
    );
    // A reversible reaction that starts far on the side of its product.
    let bound = species("bound", "initialConcentration=\"1e6\"", "");
    let law = apply("minus", &[&product(&["k", "a"]), &product(&["k", "bound"])]);
    let file = |law: &str| {
        let bind = reaction("bind", &[("a", "1")], &[("bound", "1")], law);
        audit(&model(&bound, &[("k", 1.0)], "", &bind, ""))
    };
    assert_eq!(of(&file(&law), Kind::Direction), Vec::<String>::new());
    let found = of(&file(&apply("minus", &[&product(&["k", "a"])])), Kind::Direction);
    assert!(found.len() == 1 && found[0].contains("runs backwards"), "{found:?}");
}

#[test]
fn the_size_of_a_growing_compartment_in_a_law_of_concentrations_does_not_cancel() {
    let law = product(&["c", "k", "a"]);
    let grow = rate_rule("c", &ci("k"));
    let text = model("", &[("k", 1.0)], &grow, &reaction("r", &[("a", "1")], &[], &law), "");
    let found = of(
        &audit(
            &text.replace("constant=\"true\"/></listOfComp", "constant=\"false\"/></listOfComp"),
        ),
        Kind::Frozen,
    );
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn a_catalyst_on_both_sides_is_not_consumed() {
    let law = product(&["k", "a"]);
    let helped = reaction("r", &[("a", "1"), ("b", "1")], &[("ab", "1"), ("b", "1")], &law);
    assert_eq!(
        of(&audit(&model("", &[("k", 1.0)], "", &helped, "")), Kind::Direction),
        Vec::<String>::new()
    );
    let used = reaction("r", &[("a", "1"), ("b", "2")], &[("ab", "1"), ("b", "1")], &law);
    let found = of(&audit(&model("", &[("k", 1.0)], "", &used, "")), Kind::Direction);
    assert!(found.len() == 1 && found[0].contains("continues to consume b"), "{found:?}");
}

#[test]
fn growth_of_one_species_is_a_source_and_its_killing_a_sink() {
    let grow = reaction("grow", &[("a", "1")], &[("a", "2")], &product(&["k", "a"]));
    let kill =
        reaction("kill", &[("a", "1"), ("b", "1")], &[("b", "1")], &product(&["k", "a", "b"]));
    let eat = reaction("eat", &[("a", "1"), ("b", "1")], &[("b", "2")], &product(&["k", "a", "b"]));
    let found = of(&audit(&model("", &[("k", 1.0)], "", &(grow + &kill + &eat), "")), Kind::Open);
    assert_eq!(
        found,
        [
            "reaction that makes material disappear: kill (a)",
            "reaction that makes material from nothing: grow (a)",
        ]
    );
}

#[test]
fn a_species_that_a_zero_constant_or_the_other_side_of_a_maximum_hides_does_not_cancel() {
    let sum = apply("plus", &[&product(&["k", "a"]), &product(&["none", "b"])]);
    let values = [("k", 1.0), ("none", 0.0)];
    let found = of(
        &audit(&model("", &values, "", &reaction("r", &[("a", "1")], &[], &sum), "")),
        Kind::Frozen,
    );
    assert_eq!(
        found,
        [
            "reaction r: its rate law contains b but does not depend on it because none is always zero"
        ]
    );
    let most = apply("times", &[&ci("a"), &apply("max", &[&cn(1e4), &ci("b")])]);
    let file = model("", &values, "", &reaction("r", &[("a", "1")], &[], &most), "");
    assert_eq!(of(&audit(&file), Kind::Frozen), Vec::<String>::new());
}

/// Binding that a law with two terms reverses, and what else happens to the complex.
fn bound(values: &[(&str, f64)], more: &str) -> String {
    let net = apply("minus", &[&product(&["on", "a", "b"]), &product(&["off", "ab"])]);
    let bind = reaction("bind", &[("a", "1"), ("b", "1")], &[("ab", "1")], &net);
    let outside = species("medium", "initialConcentration=\"0\"", "boundaryCondition=\"true\"");
    let values: Vec<(&str, f64)> =
        [("on", 1.0), ("off", 0.1), ("in", 0.05)].iter().chain(values).copied().collect();
    model(
        &(outside + &species("p", "initialConcentration=\"1\"", "")),
        &values,
        "",
        &(bind + more),
        "",
    )
}

#[test]
fn what_a_complex_gives_to_declared_sinks_and_products_is_not_lost() {
    let lost = product(&["in", "ab"]);
    let of_b = reaction("make", &[], &[("b", "1")], &ci("in"))
        + &reaction("drop", &[("b", "1")], &[], &product(&["in", "b"]));
    for more in [
        reaction("internalise", &[("ab", "1")], &[], &lost) + &of_b,
        reaction("recycle", &[("ab", "1")], &[("b", "1")], &lost),
        reaction("turn", &[("ab", "1")], &[("b", "1"), ("p", "1")], &lost)
            + &reaction("drop", &[("p", "1")], &[], &product(&["in", "p"])),
        reaction("return", &[("ab", "1")], &[("medium", "1"), ("b", "1")], &lost),
    ] {
        assert_eq!(of(&audit(&bound(&[], &more)), Kind::Leak), Vec::<String>::new(), "{more}");
    }
}

#[test]
fn a_declared_sink_beside_one_sided_reactions_hides_no_fault_and_is_none() {
    let sink = reaction("internalise", &[("ab", "1")], &[], &product(&["on", "ab"]));
    let found = |back: &str| of(&audit(&three(&(split(back) + &sink))), Kind::Leak);
    assert_eq!(found("off"), Vec::<String>::new());
    let wrong = found("wrong");
    assert!(
        wrong.len() == 1 && wrong[0].contains("(in a_parts, internalise and part)"),
        "{wrong:?}"
    );
}

#[test]
fn one_fault_that_two_terms_may_have_is_one_finding() {
    let found = of(&audit(&one_sided("wrong")), Kind::Leak);
    let lost = found.iter().filter(|f| f.contains("weighted sum of a and ab"));
    assert_eq!(lost.count(), 1, "{found:?}");
    assert!(
        found[0].contains(
            "(in a_parts and part); or the fault is in the term a * b (a_binds and bind)"
        ),
        "{found:?}"
    );
    // Two of one make a pair, but one of them is taken.
    let pair = reaction("pair", &[("a", "1")], &[("ab", "1")], &product(&["on", "a", "a"]));
    let apart = reaction("apart", &[("ab", "1")], &[("a", "2")], &product(&["off", "ab"]));
    let found = of(&audit(&three(&(pair + &apart))), Kind::Leak);
    assert!(found.len() == 1 && found[0].contains("50 % appears from nothing"), "{found:?}");
}

#[test]
fn a_product_over_a_volume_or_a_sum_over_a_capacity_has_no_limit_to_miss() {
    let limited =
        apply("divide", &[&product(&["most", "ab"]), &apply("plus", &[&ci("half"), &ci("ab")])]);
    let limited = reaction("limited", &[("ab", "1")], &[("a", "1"), ("b", "1")], &limited);
    let over = |above: &str, below: &str| apply("divide", &[above, &ci(below)]);
    let values = [("k", 1.0), ("v", 3.0), ("most", 1.0), ("half", 1.0)];
    let both = product(&["k", "a", "b"]);
    let mass_action =
        reaction("bind", &[("a", "1"), ("b", "1")], &[("ab", "1")], &over(&both, "v"));
    let helped = |id: &str| reaction(id, &[], &[("ab", "1")], &over(&both, "v"));
    let crowded = apply("minus", &[&cn(1.0), &over(&apply("plus", &[&ci("a"), &ci("b")]), "v")]);
    let crowded =
        reaction("grow", &[], &[("a", "1")], &apply("times", &[&ci("k"), &ci("a"), &crowded]));
    for laws in [mass_action, helped("one") + &helped("two"), crowded] {
        let file = model("", &values, "", &(limited.clone() + &laws), "");
        assert_eq!(of(&audit(&file), Kind::Unbounded), Vec::<String>::new(), "{laws}");
    }
    let found =
        of(&audit(&model("", &values, "", &(limited + &helped("one")), "")), Kind::Unbounded);
    assert!(found.len() == 1 && found[0].contains("v + b?"), "{found:?}");
}

#[test]
fn a_change_from_baseline_is_no_frozen_rule() {
    let start = |formula: &str| {
        format!(
            "<listOfInitialAssignments><initialAssignment symbol=\"a0\">{}</initialAssignment></listOfInitialAssignments>",
            math(formula)
        )
    };
    let decay = reaction("r", &[("a", "1")], &[], &product(&["k", "f"]));
    let file = |formula: &str| {
        let text =
            model("", &[("k", 1.0), ("a0", 0.0), ("f", 0.0)], &rule("f", formula), &decay, "");
        text.replace("<listOfRules>", &(start(&ci("a")) + "<listOfRules>"))
    };
    let change = apply("minus", &[&ci("a"), &ci("a0")]);
    for formula in
        [apply("divide", &[&ci("a"), &ci("a0")]), apply("divide", &[&change, &ci("a0")]), change]
    {
        assert_eq!(of(&audit(&file(&formula)), Kind::Frozen), Vec::<String>::new(), "{formula}");
    }
    // A fraction of another species does not change with this one.
    let found = of(&audit(&file(&apply("divide", &[&ci("a0"), &ci("b")]))), Kind::Frozen);
    assert_eq!(
        found,
        [
            "rule for f: a part of f never changes: it depends on a0, which is set only once, from the initial value of a"
        ]
    );
    let found = of(&audit(&file(&apply("divide", &[&ci("b"), &ci("a0")]))), Kind::Frozen);
    assert_eq!(found.len(), 1, "{found:?}");
}
