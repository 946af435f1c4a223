//! Rules, functions and rates of change that read one another in long chains: each link reads the one
//! before it twice, so that formulas written out in full would double with each link. Right values
//! are in closed form.

mod small;

use small::*;

const LINKS: usize = 60;

fn names() -> Vec<String> {
    (0..=LINKS).map(|k| format!("x{k}")).collect()
}

/// `x0` grows at a rate of 0.5 from 1, and each `xk` is the sum of twice the one before it, in both
/// orders of the file.
fn doubling(backwards: bool, rest: &str) -> String {
    let names = names();
    let all: Vec<(&str, f64)> =
        names.iter().map(|n| (n.as_str(), 1.0)).chain([("y", 0.0)]).collect();
    let twice = |k: usize| apply("plus", &[&ci(&names[k - 1]), &ci(&names[k - 1])]);
    let mut rules: Vec<String> = (1..=LINKS).map(|k| rule(&names[k], &twice(k))).collect();
    if backwards {
        rules.reverse();
    }
    let grows = rate_rule("x0", &apply("times", &[&cn(0.5), &ci("x0")]));
    sbml(&format!("{}<listOfRules>{}{grows}{rest}</listOfRules>", parameters(&all), rules.concat()))
}

#[test]
fn sixty_rules_that_double_each_other_have_the_value_of_a_power_of_two() {
    for backwards in [false, true] {
        // y' = x60 / 2^60 = x0, from 0.
        let rate = apply("divide", &[&ci("x60"), &cn(2.0_f64.powi(60))]);
        let text = doubling(backwards, &rate_rule("y", &rate));
        let found = run(&text, &[0.0, 2.0]).unwrap();
        let e = 1.0_f64.exp();
        near(found.of("x60").unwrap()[1] / 2.0_f64.powi(60), e);
        near(found.of("x59").unwrap()[1] / 2.0_f64.powi(59), e);
        near(found.of("y").unwrap()[1], 2.0 * (e - 1.0));
    }
}

#[test]
fn a_chain_of_products_has_its_derivatives() {
    // x1 = x0 x0, x2 = x1 x1, ...: x30 = x0^(2^30). With x0 = 1 + h, h = 2^-30 (u - 1), it is exp(u - 1)
    // to within h, and u' = -x30 has u = 1 - ln(1 + t).
    let names = names();
    let all: Vec<(&str, f64)> =
        names.iter().map(|n| (n.as_str(), 1.0)).chain([("u", 1.0)]).collect();
    let step = apply("minus", &[&ci("u"), &cn(1.0)]);
    let first = apply("plus", &[&cn(1.0), &apply("times", &[&cn(2.0_f64.powi(-30)), &step])]);
    let mut rules = rule("x0", &first);
    for k in 1..=30 {
        let square = apply("times", &[&ci(&names[k - 1]), &ci(&names[k - 1])]);
        rules += &rule(&names[k], &square);
    }
    rules += &rate_rule("u", &apply("minus", &[&ci("x30")]));
    let text = sbml(&format!("{}<listOfRules>{rules}</listOfRules>", parameters(&all)));
    let found = run(&text, &[0.0, 3.0]).unwrap();
    near(found.of("u").unwrap()[1], 1.0 - 4.0_f64.ln());
    near(found.of("x30").unwrap()[1], 0.25);
}

#[test]
fn functions_that_call_each_other_twice_are_worked_out_once() {
    let call = |k: usize| format!("<apply><ci>f{k}</ci><ci>x</ci></apply>");
    let body = |k: usize| match k {
        0 => ci("x"),
        _ => apply("plus", &[&call(k - 1), &call(k - 1)]),
    };
    let functions: String = (0..=LINKS)
        .map(|k| {
            format!(
                "<functionDefinition id=\"f{k}\"><math xmlns=\"http://www.w3.org/1998/Math/MathML\">\
                 <lambda><bvar><ci>x</ci></bvar>{}</lambda></math></functionDefinition>",
                body(k)
            )
        })
        .collect();
    let scaled = apply("divide", &[&call(LINKS), &cn(-(2.0_f64.powi(60)))]);
    let text = sbml(&format!(
        "<listOfFunctionDefinitions>{functions}</listOfFunctionDefinitions>{}\
         <listOfInitialAssignments><initialAssignment symbol=\"y\">{}</initialAssignment>\
         </listOfInitialAssignments><listOfRules>{}</listOfRules>",
        parameters(&[("x", 8.0), ("y", 0.0)]),
        math(&scaled),
        rate_rule("x", &scaled)
    ));
    let found = run(&text, &[0.0, 1.0]).unwrap();
    near(found.of("y").unwrap()[0], -8.0);
    near(found.of("x").unwrap()[1], 8.0 * (-1.0_f64).exp());
}

#[test]
fn rates_that_read_each_other_twice_are_worked_out_once() {
    let rate = |id: &str| {
        format!(
            "<apply><csymbol encoding=\"text\" \
             definitionURL=\"http://www.sbml.org/sbml/symbols/rateOf\">r</csymbol>{}</apply>",
            ci(id)
        )
    };
    let names = names();
    let all: Vec<(&str, f64)> = names.iter().map(|n| (n.as_str(), 0.0)).collect();
    let mut rules = rate_rule("x0", &cn(2.0_f64.powi(-60)));
    for k in 1..=LINKS {
        let before = rate(&names[k - 1]);
        rules += &rate_rule(&names[k], &apply("plus", &[&before, &before]));
    }
    let text = sbml(&format!("{}<listOfRules>{rules}</listOfRules>", parameters(&all)));
    near(run(&text, &[0.0, 3.0]).unwrap().of("x60").unwrap()[1], 3.0);
}

#[test]
fn a_comparison_of_a_long_chain_of_time_is_found_exactly() {
    // x0 = t, so that x60 exceeds 2^60 at t = 1: y' = 1 before, 3 afterwards.
    let names = names();
    let all: Vec<(&str, f64)> =
        names.iter().map(|n| (n.as_str(), 1.0)).chain([("y", 0.0)]).collect();
    let mut rules = rule("x0", TIME);
    for k in 1..=LINKS {
        rules += &rule(&names[k], &apply("plus", &[&ci(&names[k - 1]), &ci(&names[k - 1])]));
    }
    let later = apply("gt", &[&ci("x60"), &cn(2.0_f64.powi(60))]);
    let piece = format!(
        "<piecewise><piece>{}{later}</piece><otherwise>{}</otherwise></piecewise>",
        cn(3.0),
        cn(1.0)
    );
    rules += &rate_rule("y", &piece);
    let text = sbml(&format!("{}<listOfRules>{rules}</listOfRules>", parameters(&all)));
    let found = run(&text, &[0.0, 2.0]).unwrap().of("y").unwrap()[1];
    assert!((found - 4.0).abs() < 1e-9, "{found}");
}

#[test]
fn the_audit_of_a_long_chain_ends() {
    let rate = apply("divide", &[&ci("x60"), &cn(2.0_f64.powi(60))]);
    let text = doubling(false, &rate_rule("y", &rate));
    let model = il2_sbml::read(&text).unwrap();
    let network = il2_sbml::network(&model).unwrap();
    let audit = il2_sbml::audit(&model, &network).unwrap();
    assert!(audit.findings.iter().all(|f| f.kind != il2_sbml::audit::Kind::Leak), "{audit:?}");
}
