//! The audit finds faults that are inserted into small models, and nothing in faultless ones.

mod small;

use il2_sbml::audit::Kind;
use small::*;

#[test]
fn conserved_totals_are_exact_fractions_in_words() {
    let bind =
        reaction("bind", &[("a", "1"), ("b", "0.5")], &[("ab", "1")], &product(&["on", "a", "b"]));
    let found = audit(&three(&bind));
    assert_eq!(found.totals.unwrap(), ["a + ab", "2 b + ab", "waste"]);
}

/// An amount with a conversion factor changes by the factor times the extent of the reaction.
#[test]
fn totals_divide_amounts_by_their_conversion_factors() {
    let all = species("a", "initialConcentration=\"2\"", "conversionFactor=\"scale\"")
        + &species("ab", "initialConcentration=\"2\"", "");
    let bind = reaction("bind", &[("a", "1")], &[("ab", "1")], &product(&["on", "a"]));
    let text = sbml(&format!(
        "{}<listOfSpecies>{all}</listOfSpecies>{}<listOfReactions>{bind}</listOfReactions>",
        compartment(1.0),
        parameters(&[("on", 0.1), ("scale", 0.01)]),
    ));
    assert_eq!(audit(&text).totals.unwrap(), ["a / scale + ab"]);
}

#[test]
fn mass_that_is_lost_between_one_sided_reactions_is_found() {
    assert_eq!(of(&audit(&one_sided("off")), Kind::Leak), Vec::<String>::new());
    let found = of(&audit(&one_sided("wrong")), Kind::Leak);
    let all = found.join("\n");
    assert!(
        all.contains("term in ab") && all.contains("1.25-fold") && all.contains("20 %"),
        "{all}"
    );
}

#[test]
fn a_reaction_that_runs_backwards_or_on_at_nothing_is_found() {
    let negative = apply("times", &[&cn(-1.0), &ci("off"), &ci("ab")]);
    let all = [
        reaction("decay", &[("ab", "1")], &[], &negative),
        reaction("drain", &[("a", "1")], &[], &ci("on")),
        reaction("fine", &[("b", "1")], &[], &product(&["on", "b"])),
    ];
    let found = of(&audit(&three(&all.concat())), Kind::Direction);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].contains("decay") && found[0].contains("produces ab instead of consuming it"),
        "{found:?}"
    );
    assert!(found[1].contains("drain") && found[1].contains("when none is left"), "{found:?}");
}

#[test]
fn a_law_in_which_what_it_reads_cancels_is_found() {
    let cancels = apply("divide", &[&product(&["on", "a", "b"]), &product(&["off", "b"])]);
    let found = of(&audit(&three(&reaction("r", &[("a", "1")], &[], &cancels))), Kind::Frozen);
    assert_eq!(
        found,
        ["reaction r: its rate law contains b but does not depend on it: it cancels"]
    );
}

#[test]
fn a_law_without_the_limit_that_others_have_is_found() {
    let limited =
        |k: &str| apply("divide", &[&product(&["a", "b"]), &apply("plus", &[&ci(k), &ci("b")])]);
    let endless = apply("divide", &[&product(&["a", "ab"]), &ci("wrong")]);
    let good = reaction("good", &[("b", "1")], &[], &limited("on"));
    let bad = reaction("bad", &[], &[("ab", "1")], &endless);
    assert_eq!(of(&audit(&three(&good)), Kind::Unbounded), Vec::<String>::new());
    let found = of(&audit(&three(&(good + &bad))), Kind::Unbounded);
    assert!(found[0].starts_with("reaction bad") && found[0].contains("wrong + ab?"), "{found:?}");
}

#[test]
fn a_parameter_that_stands_for_two_things_is_found_without_any_units() {
    // `wrong` is a rate in one law and is added to a species in another.
    let decay = reaction("decay", &[("a", "1")], &[], &product(&["c", "wrong", "a"]));
    let sum = apply("plus", &[&ci("wrong"), &ci("b")]);
    let limited = apply("divide", &[&product(&["c", "off", "b", "b"]), &sum]);
    let found = of(
        &audit(&three(&(decay + &reaction("limited", &[("b", "1")], &[], &limited)))),
        Kind::Units,
    );
    assert!(found.len() == 1 && found[0].contains("wrong"), "{found:?}");
}

#[test]
fn what_nothing_reads_is_found() {
    let found = of(
        &audit(&three(&reaction("r", &[("a", "1")], &[], &product(&["on", "a"])))),
        Kind::Unused,
    );
    for name in ["parameter off", "parameter wrong", "species ab", "species waste", "species b"] {
        assert!(found.iter().any(|f| f.starts_with(name)), "{name}: {found:?}");
    }
}

/// Binding and elimination as rate rules of parameters: ligand, receptor, complex and what is degraded.
fn ruled(off: &str) -> String {
    let bind = product(&["on", "l", "r"]);
    let back = product(&["off", "c"]);
    let gone = product(&[off, "c"]);
    let free = apply("minus", &[&back, &bind]);
    let rates = [
        rate_rule("l", &free),
        rate_rule("r", &free),
        rate_rule(
            "c",
            &apply("minus", &[&apply("minus", &[&bind, &back]), &product(&["loss", "c"])]),
        ),
        rate_rule("d", &gone),
    ];
    sbml(&format!(
        "{}<listOfRules>{}</listOfRules>",
        parameters(&[
            ("l", 3.0),
            ("r", 2.0),
            ("c", 0.0),
            ("d", 0.0),
            ("on", 0.3),
            ("off", 0.7),
            ("loss", 0.2),
            ("wrong", 0.1)
        ]),
        rates.concat()
    ))
}

#[test]
fn sums_that_rate_rules_conserve_are_found_with_the_numbers_of_the_file() {
    // l + c + d and r + c + d change by nothing. With half of the rate, d gets half of what c loses.
    assert_eq!(audit(&ruled("loss")).rate_totals.unwrap(), ["l + c + d", "r + c + d"]);
    assert_eq!(audit(&ruled("wrong")).rate_totals.unwrap(), ["l + c + 2 d", "r + c + 2 d"]);
}

#[test]
fn a_sum_of_rate_rules_that_only_one_branch_conserves_is_not_reported() {
    // x and y change in opposite directions while x is below 3000, and differently above: no state
    // near the start is there.
    let below = apply("lt", &[&ci("x"), &cn(3000.0)]);
    let piece = format!(
        "<piecewise><piece>{}{below}</piece><otherwise>{}</otherwise></piecewise>",
        apply("minus", &[&ci("x")]),
        cn(5.0)
    );
    let file = |y: &str| {
        let rules = rate_rule("x", &ci("x")) + &rate_rule("y", y);
        sbml(&format!(
            "{}<listOfRules>{rules}</listOfRules>",
            parameters(&[("x", 1.0), ("y", 1.0)])
        ))
    };
    assert_eq!(audit(&file(&apply("minus", &[&ci("x")]))).rate_totals.unwrap(), ["x + y"]);
    assert!(audit(&file(&piece)).rate_totals.unwrap().is_empty());
    // The same branch in both rules cancels.
    let rules = rate_rule("x", &piece) + &rate_rule("y", &apply("minus", &[&piece]));
    let text = sbml(&format!(
        "{}<listOfRules>{rules}</listOfRules>",
        parameters(&[("x", 1.0), ("y", 1.0)])
    ));
    assert_eq!(audit(&text).rate_totals.unwrap(), ["x + y"]);
}
