//! Small models compared with results derived by hand from their equations.

mod small;

use il2_sbml::simulate::Dose;
use il2_sbml::{Run, SbmlError};
use small::*;

#[test]
fn a_reaction_moves_amounts_and_formulas_see_concentrations() {
    // In two litres: the concentration of `a` falls at half the rate of the amount.
    let law = apply("times", &[&cn(0.5), &ci("a")]);
    let text = sbml(&format!(
        "{}<listOfSpecies>{}{}{}</listOfSpecies><listOfReactions>{}</listOfReactions>",
        compartment(2.0),
        species("a", "initialConcentration=\"3\"", ""),
        species("b", "initialAmount=\"1\"", "hasOnlySubstanceUnits=\"true\""),
        species("well", "initialAmount=\"7\"", "boundaryCondition=\"true\""),
        reaction("r", &[("a", "1"), ("well", "1")], &[("b", "1.5")], &law)
    ));
    let found = run(&text, &[0.0, 4.0]).unwrap();
    let left = 3.0 * (-1.0_f64).exp();
    near(found.of("a").unwrap()[1], left);
    near(found.species["a"].0[1], 2.0 * left);
    near(found.of("b").unwrap()[1], 1.0 + 1.5 * 2.0 * (3.0 - left));
    near(found.species["b"].1[1], found.of("b").unwrap()[1] / 2.0);
    near(found.of("well").unwrap()[1], 3.5);
    near(found.of("r").unwrap()[1], 0.5 * left);
}

#[test]
fn a_growing_compartment_dilutes_what_is_in_it() {
    let text = sbml(&format!(
        "<listOfCompartments><compartment id=\"c\" size=\"1\" constant=\"false\"/></listOfCompartments>\
         <listOfSpecies>{}</listOfSpecies><listOfRules>{}</listOfRules>",
        species("a", "initialAmount=\"6\"", ""),
        rate_rule("c", &cn(0.5))
    ));
    let found = run(&text, &[0.0, 4.0]).unwrap();
    near(found.of("a").unwrap()[1], 2.0);
    near(found.species["a"].0[1], 6.0);
}

#[test]
fn rules_functions_and_initial_assignments_are_followed() {
    let square = "<listOfFunctionDefinitions><functionDefinition id=\"square\">\
        <math xmlns=\"http://www.w3.org/1998/Math/MathML\"><lambda><bvar><ci>x</ci></bvar>\
        <apply><times/><ci>x</ci><ci>x</ci></apply></lambda></math></functionDefinition>\
        </listOfFunctionDefinitions>";
    let text = sbml(&format!(
        "{square}{}<listOfInitialAssignments><initialAssignment symbol=\"x\">{}</initialAssignment>\
         </listOfInitialAssignments><listOfRules>{}{}</listOfRules>",
        parameters(&[("x", 1.0), ("y", 0.0), ("k", 3.0)]),
        math(&apply("plus", &[&ci("k"), &cn(1.0)])),
        rate_rule("x", &cn(2.0)),
        rule("y", "<apply><ci>square</ci><ci>x</ci></apply>"),
    ));
    let found = run(&text, &[0.0, 3.0]).unwrap();
    assert_eq!(found.of("y").unwrap()[0], 16.0);
    near(found.of("y").unwrap()[1], 100.0);
}

#[test]
fn an_algebraic_rule_is_solved_for_the_one_variable_that_is_open() {
    // 3 - x - 2 y = 0.
    let twice = apply("times", &[&cn(2.0), &ci("y")]);
    let sum = apply("plus", &[&ci("x"), &twice]);
    let zero = apply("minus", &[&cn(3.0), &sum]);
    let algebraic = |formula: &str| format!("<algebraicRule>{}</algebraicRule>", math(formula));
    let file = |zero: &str| {
        sbml(&format!(
            "{}<listOfRules>{}{}</listOfRules>",
            parameters(&[("x", 1.0), ("y", 0.0)]),
            rate_rule("x", &cn(1.0)),
            algebraic(zero)
        ))
    };
    let found = run(&file(&zero), &[0.0, 4.0]).unwrap();
    near(found.of("y").unwrap()[0], 1.0);
    near(found.of("y").unwrap()[1], -1.0);
    let curved = apply("minus", &[&ci("x"), &apply("sin", &[&ci("y")])]);
    let error = run(&file(&curved), &[1.0]).unwrap_err().to_string();
    assert!(error.contains("algebraicRule") && error.contains("linear"), "{error}");
}

#[test]
fn an_event_fires_where_the_state_crosses_and_its_delay_runs_from_there() {
    // x = t reaches 2.5; half a unit of time later, y is set to the value of x at firing, or at
    // execution.
    let trigger = apply("geq", &[&ci("x"), &cn(2.5)]);
    let delay = format!("<delay>{}</delay>", math(&cn(0.5)));
    for (from_trigger, wanted) in [("true", 2.5), ("false", 3.0)] {
        let attributes = format!(
            "useValuesFromTriggerTime=\"{from_trigger}\"|initialValue=\"true\" persistent=\"true\""
        );
        let text = sbml(&format!(
            "{}<listOfRules>{}</listOfRules><listOfEvents>{}</listOfEvents>",
            parameters(&[("x", 0.0), ("y", 0.0)]),
            rate_rule("x", &cn(1.0)),
            event(&attributes, &trigger, &delay, &[("y", &ci("x"))])
        ));
        let found = run(&text, &[2.9, 3.1]).unwrap();
        assert_eq!(found.of("y").unwrap()[0], 0.0);
        near(found.of("y").unwrap()[1], wanted);
        near(found.events[0].0, 3.0);
    }
}

#[test]
fn a_ball_bounces_as_often_as_it_should() {
    // Height 1, gravity 10, and each bounce keeps half of the speed: impacts at sqrt(0.2) (1 + 2
    // (1/2 + 1/4 + ...)).
    let falls = apply("lt", &[&ci("h"), &cn(0.0)]);
    let half = apply("times", &[&cn(-0.5), &ci("v")]);
    let text = sbml(&format!(
        "{}<listOfRules>{}{}</listOfRules><listOfEvents>{}</listOfEvents>",
        parameters(&[("h", 1.0), ("v", 0.0)]),
        rate_rule("h", &ci("v")),
        rate_rule("v", &cn(-10.0)),
        event(
            "useValuesFromTriggerTime=\"true\"|initialValue=\"true\" persistent=\"true\"",
            &falls,
            "",
            &[("v", &half)]
        )
    ));
    let times: Vec<f64> = (0..=24).map(|k| f64::from(k) * 0.05).collect();
    let found = run(&text, &times).unwrap();
    let first = 0.2_f64.sqrt();
    for (k, part) in [1.0, 2.0, 2.5].into_iter().enumerate() {
        assert!((found.events[k].0 - first * part).abs() < 1e-6, "{:?}", found.events);
    }
    assert!(found.of("h").unwrap().iter().all(|h| *h > -1e-6));
}

#[test]
fn the_highest_priority_comes_first_and_what_is_not_persistent_is_cancelled() {
    let now = apply("geq", &[TIME, &cn(1.0)]);
    let open = apply("and", &[&now, &apply("lt", &[&ci("x"), &cn(5.0)])]);
    let priority = |p: f64| format!("<priority>{}</priority>", math(&cn(p)));
    let kind = "useValuesFromTriggerTime=\"false\"|initialValue=\"true\" persistent=";
    let events = [
        event(&format!("{kind}\"false\""), &open, &priority(1.0), &[("y", &cn(1.0))]),
        event(&format!("{kind}\"true\""), &now, &priority(2.0), &[("x", &cn(9.0))]),
    ];
    let text = sbml(&format!(
        "{}<listOfEvents>{}</listOfEvents>",
        parameters(&[("x", 0.0), ("y", 0.0)]),
        events.concat()
    ));
    let found = run(&text, &[1.0]).unwrap();
    // Outputs at the time of an event show the values after it.
    assert_eq!((found.of("x").unwrap()[0], found.of("y").unwrap()[0]), (9.0, 0.0));
}

#[test]
fn a_pulse_far_shorter_than_a_step_is_not_passed() {
    // Ten pulses of a hundredth: x is ten hundredths.
    let phase = apply("minus", &[TIME, &apply("floor", &[TIME])]);
    let on = apply("lt", &[&phase, &cn(0.01)]);
    let pulse = format!(
        "<piecewise><piece><cn>1</cn>{on}</piece><otherwise><cn>0</cn></otherwise></piecewise>"
    );
    let text = sbml(&format!(
        "{}<listOfRules>{}</listOfRules>",
        parameters(&[("x", 0.0)]),
        rate_rule("x", &pulse)
    ));
    near(run(&text, &[0.0, 10.0]).unwrap().of("x").unwrap()[1], 0.1);
}

#[test]
fn functions_of_mathml_have_their_values() {
    let x = 0.7_f64;
    let wanted: [(&str, f64); 16] = [
        ("sin", x.sin()),
        ("tan", x.tan()),
        ("sec", 1.0 / x.cos()),
        ("sinh", x.sinh()),
        ("tanh", x.tanh()),
        ("arcsin", x.asin()),
        ("arccos", x.acos()),
        ("arctan", x.atan()),
        ("arcsinh", x.asinh()),
        ("arctanh", x.atanh()),
        ("arcsech", (1.0 / x).acosh()),
        ("ln", x.ln()),
        ("log", x.log10()),
        ("root", x.sqrt()),
        ("ceiling", 1.0),
        ("abs", x),
    ];
    // A changing argument, so that nothing can be computed in advance.
    let rules: String =
        wanted.iter().map(|(name, _)| rule(name, &apply(name, &[&ci("x")]))).collect();
    let mut all: Vec<(&str, f64)> = wanted.iter().map(|(name, _)| (*name, 0.0)).collect();
    all.push(("x", x));
    let text = sbml(&format!(
        "{}<listOfRules>{rules}{}</listOfRules>",
        parameters(&all),
        rate_rule("x", &cn(0.0))
    ));
    let found = run(&text, &[0.0, 1.0]).unwrap();
    for (name, wanted) in wanted {
        let value = found.of(name).unwrap()[1];
        assert!((value - wanted).abs() < 1e-9 * (1.0 + wanted.abs()), "{name}: {value} {wanted}");
    }
}

#[test]
fn a_rate_of_change_is_read_by_name() {
    let rate = "<apply><csymbol encoding=\"text\" \
        definitionURL=\"http://www.sbml.org/sbml/symbols/rateOf\">r</csymbol><ci>x</ci></apply>";
    let text = sbml(&format!(
        "{}<listOfRules>{}{}</listOfRules>",
        parameters(&[("x", 2.0), ("y", 0.0)]),
        rate_rule("x", &apply("times", &[&cn(-1.0), &ci("x")])),
        rule("y", rate)
    ));
    near(run(&text, &[0.0, 1.0]).unwrap().of("y").unwrap()[1], -2.0 * (-1.0_f64).exp());
}

#[test]
fn a_run_may_change_numbers_and_add_doses() {
    let text = sbml(&format!(
        "{}<listOfRules>{}</listOfRules>",
        parameters(&[("x", 1.0), ("k", 0.0)]),
        rate_rule("x", &ci("k"))
    ));
    let model = il2_sbml::read(&text).unwrap();
    let network = il2_sbml::network(&model).unwrap();
    let run = Run {
        times: vec![0.0, 2.0],
        changes: [("k".to_string(), 0.5)].into(),
        doses: vec![Dose { time: 1.0, to: "x".into(), amount: 10.0 }],
        ..Run::default()
    };
    near(il2_sbml::simulate(&model, &network, &run).unwrap().of("x").unwrap()[1], 12.0);
    let wrong = Run { changes: [("z".to_string(), 0.5)].into(), ..run };
    let error = il2_sbml::simulate(&model, &network, &wrong).unwrap_err().to_string();
    assert!(error.contains("\"z\" is not a species"), "{error}");
}

fn refused(text: &str) -> String {
    let error: SbmlError = match il2_sbml::read(text) {
        Err(error) => error,
        Ok(model) => il2_sbml::network(&model).unwrap_err(),
    };
    error.to_string()
}

#[test]
fn what_is_not_supported_is_refused_with_place_and_remedy() {
    let delay = "<apply><csymbol encoding=\"text\" \
        definitionURL=\"http://www.sbml.org/sbml/symbols/delay\">d</csymbol><ci>x</ci><cn>1</cn></apply>";
    let x = parameters(&[("x", 1.0)]);
    let cases = [
        (sbml(&format!("{x}<listOfRules>{}</listOfRules>", rate_rule("x", delay))), "on past values"),
        (sbml(&format!("{x}<listOfRules>{}</listOfRules>", rate_rule("x", &ci("z")))), "\"z\": is used"),
        (sbml(&format!("{x}<listOfRules>{0}{0}</listOfRules>", rate_rule("x", &cn(1.0)))), "has another rateRule in line"),
        (sbml("<listOfReactions><reaction id=\"r\" fast=\"true\"/></listOfReactions>"), "fast = \"true\" is not supported"),
        (sbml("<listOfParameters><parameter id=\"a\" value=\"1,5\"/></listOfParameters>"), "value = \"1,5\" is not a number"),
        (sbml("<listOfSpecies><species id=\"s\" compartment=\"c\"/></listOfSpecies>"), "the model has no compartment \"c\""),
        ("<html/>".to_string(), "an SBML file begins with <sbml>"),
        ("<sbml".to_string(), "not well-formed XML"),
        (
            "<sbml xmlns=\"http://www.sbml.org/sbml/level1\" level=\"1\" version=\"2\"/>".to_string(),
            "to level 2 or 3",
        ),
        (
            "<sbml xmlns=\"http://www.sbml.org/sbml/level3/version1/core\" level=\"3\" version=\"1\" \
             xmlns:comp=\"urn:comp\" comp:required=\"true\"><model><comp:listOfSubmodels/></model></sbml>"
                .to_string(),
            "needs the package urn:comp",
        ),
    ];
    for (text, wanted) in cases {
        let error = refused(&text);
        assert!(error.contains(wanted), "{error}\nwanted: {wanted}");
    }
    let circle = sbml(&format!(
        "{}<listOfRules>{}{}</listOfRules>",
        parameters(&[("x", 1.0), ("y", 1.0)]),
        rule("x", &ci("y")),
        rule("y", &ci("x"))
    ));
    assert!(refused(&circle).contains("depends on itself"), "{}", refused(&circle));
}
