//! Files designed to break a reader give an error, in little time and memory.

mod small;

use proptest::prelude::*;
use small::*;

fn refused(text: &str) -> String {
    match il2_sbml::read(text) {
        Err(error) => error.to_string(),
        Ok(model) => il2_sbml::network(&model).unwrap_err().to_string(),
    }
}

#[test]
fn formulas_that_nest_without_end_are_refused() {
    let deep = format!("{}<ci>x</ci>{}", "<apply><abs/>".repeat(50_000), "</apply>".repeat(50_000));
    let text = sbml(&format!(
        "{}<listOfRules>{}</listOfRules>",
        parameters(&[("x", 1.0)]),
        rate_rule("x", &deep)
    ));
    assert!(refused(&text).contains("is nested more than"), "{}", refused(&text));
    let elements = format!("{}{}", "<notes>".repeat(100_000), "</notes>".repeat(100_000));
    assert!(il2_sbml::read(&sbml(&elements)).is_ok());
}

#[test]
fn a_chain_of_ten_thousand_rules_does_not_exhaust_the_stack() {
    let names: Vec<String> = (0..10_000).map(|k| format!("x{k}")).collect();
    let all: Vec<(&str, f64)> = names.iter().map(|n| (n.as_str(), 1.0)).collect();
    let rules: String =
        (0..9_999).map(|k| rule(&names[k], &apply("sin", &[&ci(&names[k + 1])]))).collect();
    let text = sbml(&format!("{}<listOfRules>{rules}</listOfRules>", parameters(&all)));
    assert!(refused(&text).contains("cannot be simulated"), "{}", refused(&text));
}

#[test]
fn a_function_that_calls_itself_is_refused() {
    let functions = "<listOfFunctionDefinitions><functionDefinition id=\"f\">\
        <math xmlns=\"http://www.w3.org/1998/Math/MathML\"><lambda><bvar><ci>x</ci></bvar>\
        <apply><ci>f</ci><ci>x</ci></apply></lambda></math></functionDefinition>\
        </listOfFunctionDefinitions>";
    let call = "<apply><ci>f</ci><ci>x</ci></apply>";
    let text = sbml(&format!(
        "{functions}{}<listOfRules>{}</listOfRules>",
        parameters(&[("x", 1.0)]),
        rate_rule("x", call)
    ));
    assert!(refused(&text).contains("deep"), "{}", refused(&text));
}

#[test]
fn events_that_set_each_other_off_for_ever_end_in_an_error() {
    let kind = "useValuesFromTriggerTime=\"true\"|initialValue=\"false\" persistent=\"true\"";
    let events = [
        event(kind, &apply("gt", &[&ci("x"), &cn(0.0)]), "", &[("x", &cn(-1.0))]),
        event(kind, &apply("lt", &[&ci("x"), &cn(0.0)]), "", &[("x", &cn(1.0))]),
    ];
    let text = sbml(&format!(
        "{}<listOfEvents>{}</listOfEvents>",
        parameters(&[("x", 1.0)]),
        events.concat()
    ));
    let error = run(&text, &[1.0]).unwrap_err().to_string();
    assert!(error.contains("events occur at time 0"), "{error}");
}

#[test]
fn numbers_beyond_all_bounds_are_refused_or_fail() {
    let text = sbml(&format!(
        "{}<listOfRules>{}</listOfRules>",
        parameters(&[("x", 1e300)]),
        rate_rule("x", &apply("times", &[&ci("x"), &ci("x")]))
    ));
    assert!(run(&text, &[1.0]).is_err());
    let bombs = "<!DOCTYPE sbml [<!ENTITY a \"aaaaaaaaaa\">]><sbml/>";
    let error = refused(bombs);
    assert!(error.contains("<!DOCTYPE ...>") && error.contains("delete it"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]
    #[test]
    fn a_damaged_file_gives_an_error_or_an_answer(cut in 0usize..2000, put in "[<>/a-z\"= 0-9]{0,12}") {
        let text = sbml(&format!(
            "{}<listOfSpecies>{}</listOfSpecies>{}<listOfRules>{}</listOfRules><listOfReactions>{}</listOfReactions>",
            compartment(1.0),
            species("a", "initialAmount=\"6\"", ""),
            parameters(&[("x", 1.0)]),
            rate_rule("x", &ci("a")),
            reaction("r", &[("a", "1")], &[], &ci("a")),
        ));
        let mut at = cut % text.len();
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let end = (at + 3).min(text.len());
        let damaged = format!("{}{put}{}", &text[..at], &text[end..]);
        if let Ok(model) = il2_sbml::read(&damaged)
            && let Ok(network) = il2_sbml::network(&model)
        {
            let _ = il2_sbml::audit(&model, &network);
        }
    }
}
