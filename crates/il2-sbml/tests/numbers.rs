//! Numbers of a file as written: in formulas with comments, and infinite, missing or undefined ones.

mod small;

use small::*;

/// `x` whose rate is a number with this content and these attributes.
fn rate(attributes: &str, content: &str) -> String {
    sbml(&format!(
        "{}<listOfRules>{}</listOfRules>",
        parameters(&[("x", 0.0)]),
        rate_rule("x", &format!("<cn {attributes}>{content}</cn>"))
    ))
}

#[test]
fn a_comment_or_blanks_around_a_number_do_not_change_it() {
    let cases = [
        ("", "  1.5\n", 1.5),
        ("", "<!-- per hour -->1.5", 1.5),
        ("", "1<!-- point -->.5", 1.5),
        ("", "1.5 <!-- per hour --> ", 1.5),
        ("type=\"e-notation\"", " 15 <!-- a --> <sep/> -1 <!-- b -->", 1.5),
        ("type=\"rational\"", "<!-- a -->3<sep/><!-- b -->2", 1.5),
        ("type=\"integer\"", "0<!-- none -->2", 2.0),
    ];
    for (attributes, content, wanted) in cases {
        near(run(&rate(attributes, content), &[0.0, 1.0]).unwrap().of("x").unwrap()[1], wanted);
    }
}

#[test]
fn a_comment_inside_an_id_does_not_shorten_it() {
    let text = sbml(&format!(
        "{}<listOfRules>{}</listOfRules>",
        parameters(&[("x", 0.0), ("k", 1.0), ("k2", 2.0)]),
        rate_rule("x", "<ci> k<!-- the second -->2 </ci>")
    ));
    near(run(&text, &[0.0, 1.0]).unwrap().of("x").unwrap()[1], 2.0);
}

#[test]
fn what_is_no_number_is_refused_with_what_is_allowed() {
    for (attributes, content, wanted) in [
        ("", "1 000", "\"1 000\" is not a number of the type real"),
        ("", "1,5", "without blanks"),
        ("", "infinity", "\"infinity\" is not a number"),
        ("", "1<sep/>2", "\"1 <sep/> 2\" is not a number of the type real"),
        ("type=\"e-notation\"", "15", "<sep/> between them"),
        ("", "1<ci>x</ci>", "is not allowed inside a number"),
        ("base=\"16\"", "10", "base = \"16\" is not supported"),
    ] {
        let error = il2_sbml::read(&rate(attributes, content)).unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
    }
    let attribute = "<listOfParameters><parameter id=\"a\" value=\"inf\" constant=\"true\"/></listOfParameters>";
    let error = il2_sbml::read(&sbml(attribute)).unwrap_err().to_string();
    assert!(error.contains("value = \"inf\" is not a number") && error.contains("INF"), "{error}");
}

/// Constants with these attributes, and initial assignments for some of them.
fn constants(all: &[(&str, &str)], assigned: &[(&str, &str)], rest: &str) -> String {
    let of =
        |(id, value): &(&str, &str)| format!("<parameter id=\"{id}\" {value} constant=\"true\"/>");
    let set = |(id, formula): &(&str, &str)| {
        format!("<initialAssignment symbol=\"{id}\">{}</initialAssignment>", math(formula))
    };
    sbml(&format!(
        "<listOfParameters>{}<parameter id=\"x\" value=\"1\" constant=\"false\"/></listOfParameters>\
         <listOfInitialAssignments>{}</listOfInitialAssignments>{rest}",
        all.iter().map(of).collect::<String>(),
        assigned.iter().map(set).collect::<String>(),
    ))
}

#[test]
fn constants_that_are_infinite_or_undefined_are_shown_as_they_are() {
    // As in the cases 00951 and 01811 of the SBML Test Suite.
    let all = [
        ("p", "value=\"INF\""),
        ("q", "value=\"-INF\""),
        ("r", "value=\"NaN\""),
        ("s", ""),
        ("d", ""),
        ("e", "value=\"2\""),
    ];
    let assigned = [("d", "<infinity/>"), ("e", "<notanumber/>")];
    let falls = format!(
        "<listOfRules>{}</listOfRules>",
        rate_rule("x", &apply("times", &[&cn(-1.0), &ci("x")]))
    );
    let found = run(&constants(&all, &assigned, &falls), &[0.0, 1.0]).unwrap();
    let of = |id: &str| found.of(id).unwrap()[1];
    assert_eq!((of("p"), of("q"), of("d")), (f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY));
    assert!(of("r").is_nan() && of("s").is_nan() && of("e").is_nan());
    near(of("x"), (-1.0_f64).exp());
    // Doses jump; what is undefined does not.
    assert!(found.jumps.is_empty(), "{:?}", found.jumps);
}

#[test]
fn a_law_cannot_read_a_value_that_is_infinite_undefined_or_missing() {
    for (value, assigned, wanted) in [
        ("value=\"2\"", Some("<infinity/>"), "d is inf, which is not a finite number"),
        ("value=\"2\"", Some("<notanumber/>"), "d is NaN, which is not a finite number"),
        ("value=\"NaN\"", None, "\"d\": has no value"),
        ("", None, "\"d\": has no value"),
    ] {
        let assigned: Vec<(&str, &str)> = assigned.iter().map(|formula| ("d", *formula)).collect();
        let reads = format!("<listOfRules>{}</listOfRules>", rate_rule("x", &ci("d")));
        let error = run(&constants(&[("d", value)], &assigned, &reads), &[0.0, 1.0]).unwrap_err();
        assert!(error.to_string().contains(wanted), "{error}");
    }
    // A state cannot begin there, either.
    let still = format!("<listOfRules>{}</listOfRules>", rate_rule("x", &cn(0.0)));
    let text = constants(&[], &[("x", "<notanumber/>")], &still);
    let error = run(&text, &[0.0, 1.0]).unwrap_err().to_string();
    assert!(error.contains("\"x\": has the initial value NaN"), "{error}");
}
