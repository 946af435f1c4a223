//! Files that break a rule of SBML are refused with the place and a remedy; what a version allows is
//! read.

mod small;

use small::*;

fn refused(text: &str) -> String {
    match il2_sbml::read(text) {
        Err(error) => error.to_string(),
        Ok(model) => il2_sbml::network(&model).map(|_| ()).unwrap_err().to_string(),
    }
}

#[track_caller]
fn each_is_refused(cases: &[(String, &str)]) {
    for (text, wanted) in cases {
        let error = refused(text);
        assert!(error.contains(wanted), "{error}\nwanted: {wanted}");
    }
}

/// A file of another level and version.
fn older(level: u32, version: u32, lists: &str) -> String {
    let core = if level == 3 { "/core" } else { "" };
    format!(
        "<sbml xmlns=\"http://www.sbml.org/sbml/level{level}/version{version}{core}\" \
         level=\"{level}\" version=\"{version}\"><model id=\"m\">{lists}</model></sbml>"
    )
}

fn initial(id: &str, formula: &str) -> String {
    format!("<initialAssignment symbol=\"{id}\">{}</initialAssignment>", math(formula))
}

/// One reaction of a species with these attributes.
fn decay(attributes: &str, rest: &str) -> String {
    sbml(&format!(
        "{}<listOfSpecies>{}</listOfSpecies>{rest}<listOfReactions>{}</listOfReactions>",
        compartment(1.0),
        species("a", "initialAmount=\"1\"", attributes),
        reaction("r", &[("a", "1")], &[], &ci("a"))
    ))
}

const EVENT: &str = "useValuesFromTriggerTime=\"true\"|initialValue=\"true\" persistent=\"true\"";

#[test]
fn names_that_sbml_does_not_have_are_refused_with_the_nearest() {
    let law = format!("<kineticLaw>{}</kineticLaw>", math(&ci("a")));
    let reaction = |inner: &str| {
        sbml(&format!("<listOfReactions><reaction id=\"r\">{inner}</reaction></listOfReactions>"))
    };
    let cases = [
        (
            sbml("<listofReactions/>"),
            "model \"m\" (line 1): contains an unknown <listofReactions> (line 1); did you mean \
             listOfReactions?",
        ),
        (
            sbml("<listOfSpecies><species id=\"a\" initialamount=\"1\"/></listOfSpecies>"),
            "species \"a\" (line 1): has an unknown attribute \"initialamount\"; did you mean \
             initialAmount?",
        ),
        (
            sbml("<listOfRules><ratRule variable=\"x\"/></listOfRules>"),
            "listOfRules (line 1): contains an unknown <ratRule> (line 1); did you mean rateRule?",
        ),
        (
            sbml("<listOfEvents><event><when/></event></listOfEvents>"),
            "unknown <when> (line 1); use trigger, delay, priority, listOfEventAssignments, notes, \
             annotation, or delete it",
        ),
        (reaction(&format!("{law}{law}")), "contains a second <kineticLaw> (line 1); keep one"),
        (
            reaction(&law.replace("1998/Math/MathML", "1998/Math")),
            "kineticLaw (line 1): contains <math> (line 1) in the namespace \
             \"http://www.w3.org/1998/Math\"; its xmlns must be \
             \"http://www.w3.org/1998/Math/MathML\"",
        ),
        (
            sbml("<listOfSpecies xmlns=\"\"/>"),
            "contains <listOfSpecies> (line 1) without a namespace; its xmlns must be \
             \"http://www.sbml.org/sbml/level3/version2/core\"",
        ),
        (
            "<sbml level=\"3\" version=\"2\"><model/></sbml>".to_string(),
            "has no namespace; write for example xmlns=",
        ),
    ];
    each_is_refused(&cases);
}

#[test]
fn names_of_other_versions_annotations_and_packages_are_read() {
    let of_version_1 = older(
        2,
        1,
        "<notes><p xmlns=\"http://www.w3.org/1999/xhtml\">text</p><thing/></notes>\
         <annotation><x xmlns=\"urn:x\" a=\"1\"/></annotation>\
         <listOfCompartments metaid=\"c1\"><compartment id=\"c\" outside=\"c\"/></listOfCompartments>\
         <listOfSpecies><species id=\"a\" compartment=\"c\" charge=\"1\" spatialSizeUnits=\"volume\" \
         initialAmount=\"1\"/></listOfSpecies>\
         <listOfEvents><event timeUnits=\"second\"><trigger><math \
         xmlns=\"http://www.w3.org/1998/Math/MathML\"><true/></math></trigger></event></listOfEvents>",
    );
    il2_sbml::read(&of_version_1).unwrap();
    let types = older(
        2,
        4,
        "<listOfCompartmentTypes><compartmentType id=\"t\"/></listOfCompartmentTypes>\
         <listOfSpeciesTypes><speciesType id=\"s\" sboTerm=\"SBO:0000001\"/></listOfSpeciesTypes>\
         <listOfConstraints><constraint><message><p xmlns=\"http://www.w3.org/1999/xhtml\"/></message>\
         </constraint></listOfConstraints>",
    );
    il2_sbml::read(&types).unwrap();
    let packages = "<sbml xmlns=\"http://www.sbml.org/sbml/level3/version2/core\" level=\"3\" \
        version=\"2\" xmlns:fbc=\"http://www.sbml.org/sbml/level3/version1/fbc/version2\" \
        fbc:required=\"false\"><model fbc:strict=\"true\" id=\"m\"><listOfParameters id=\"all\" \
        name=\"parameters\"><parameter id=\"p\" value=\"1\" constant=\"true\" fbc:units=\"2\">\
        <fbc:listOfThings/></parameter></listOfParameters><fbc:listOfObjectives/></model></sbml>";
    assert_eq!(il2_sbml::read(packages).unwrap().parameters[0].units, None);
}

#[test]
fn formulas_may_be_left_out_in_the_latest_version_only() {
    let reaction = "<listOfReactions><reaction id=\"r\"><kineticLaw/></reaction></listOfReactions>";
    assert!(il2_sbml::read(&sbml(reaction)).is_ok());
    for (level, version) in [(2, 1), (2, 5), (3, 1)] {
        let error = refused(&older(level, version, reaction));
        let wanted =
            "kineticLaw (line 1): has no <math>, which may be left out in level 3 version 2";
        assert!(error.contains(wanted), "{error}");
    }
    let event = "<listOfEvents><event id=\"e\"/></listOfEvents>";
    assert!(il2_sbml::read(&sbml(event)).is_ok());
    assert!(refused(&older(3, 1, event)).contains("event \"e\" (line 1): has no <trigger>"));
}

#[test]
fn assignments_of_what_is_not_a_variable_are_refused() {
    let p = parameters(&[("rate", 1.0)]);
    let assigned =
        |all: &str| sbml(&format!("{p}<listOfInitialAssignments>{all}</listOfInitialAssignments>"));
    let five = cn(5.0);
    let sets = |id: &str| {
        let one = event(EVENT, &apply("gt", &[TIME, &cn(1.0)]), "", &[(id, &five)]);
        format!("<listOfEvents>{one}</listOfEvents>")
    };
    let cases = [
        (
            assigned(&initial("rat", &five)),
            "initialAssignment for \"rat\" (line 1): the model has no compartment, species, \
             parameter or speciesReference \"rat\"; did you mean rate?",
        ),
        (
            assigned(&initial("rate", &five).repeat(2)),
            "initialAssignment for \"rate\" (line 1): has another initialAssignment in line 1; keep \
             one",
        ),
        (
            sbml(&format!(
                "{p}<listOfInitialAssignments>{}</listOfInitialAssignments><listOfRules>{}</listOfRules>",
                initial("rate", &five),
                rule("rate", &five)
            )),
            "the assignmentRule in line 1 gives it at all times, also at the start; delete one",
        ),
        (
            decay("", "").replace("</model>", &format!("{}</model>", sets("r"))),
            "eventAssignment for \"r\" (line 1): sets the reaction in line 1, but only",
        ),
        (
            sbml(&format!(
                "{p}<listOfEvents>{}</listOfEvents>",
                event(
                    EVENT,
                    &apply("gt", &[TIME, &cn(1.0)]),
                    "",
                    &[("rate", &five), ("rate", &five)]
                )
            )),
            "has another eventAssignment in line 1; keep one of the two",
        ),
    ];
    each_is_refused(&cases);
}

#[test]
fn what_is_constant_or_has_a_rule_is_not_changed_by_anything_else() {
    let p =
        "<listOfParameters><parameter id=\"p\" value=\"3\" constant=\"true\"/></listOfParameters>";
    let one = cn(1.0);
    let rules = |all: &str| format!("<listOfRules>{all}</listOfRules>");
    let cases = [
        (
            sbml(&format!("{p}{}", rules(&rate_rule("p", &one)))),
            "rateRule for \"p\" (line 1): changes the parameter in line 1, which is constant; write \
             constant=\"false\" there, or delete this element",
        ),
        (
            sbml(&format!("{p}{}", rules(&rule("p", &one)))),
            "assignmentRule for \"p\" (line 1): changes",
        ),
        (
            sbml(&format!(
                "{p}<listOfEvents>{}</listOfEvents>",
                event(EVENT, &apply("gt", &[TIME, &one]), "", &[("p", &one)])
            )),
            "eventAssignment for \"p\" (line 1): changes the parameter in line 1, which is constant",
        ),
        (
            decay("constant=\"true\"", ""),
            "reaction \"r\" (line 1): changes \"a\", which is constant (line 1); list it as a modifier",
        ),
        (
            decay("", &rules(&rate_rule("a", &one))),
            "reaction \"r\" (line 1): changes \"a\", which also has a rule (line 1)",
        ),
    ];
    each_is_refused(&cases);
    // A boundary species is not changed by its reactions.
    let found =
        run(&decay("boundaryCondition=\"true\"", &rules(&rate_rule("a", &one))), &[0.0, 2.0]);
    near(found.unwrap().of("a").unwrap()[1], 3.0);
    let held = run(&decay("boundaryCondition=\"true\" constant=\"true\"", ""), &[0.0, 2.0]);
    near(held.unwrap().of("a").unwrap()[1], 1.0);
}

#[test]
fn a_submodel_is_refused_even_if_the_package_is_said_not_to_be_needed() {
    let text = "<sbml xmlns=\"http://www.sbml.org/sbml/level3/version2/core\" level=\"3\" version=\"2\" \
        xmlns:comp=\"http://www.sbml.org/sbml/level3/version1/comp/version1\" comp:required=\"false\">\
        <model><comp:listOfSubmodels><comp:submodel comp:id=\"s\" comp:modelRef=\"x\"/>\
        </comp:listOfSubmodels></model></sbml>";
    let error = refused(text);
    assert!(error.contains("submodel (line 1): belongs to the package comp"), "{error}");
    assert!(error.contains("flatten the model first"), "{error}");
}

#[test]
fn a_parameter_that_changes_begins_at_zero_without_a_value() {
    let none = "<parameter id=\"x\" constant=\"false\"/>";
    let with = |rest: &str| {
        let lists = parameters(&[("y", 0.0)]).replace("</list", &format!("{none}</list"));
        sbml(&format!("{lists}{rest}"))
    };
    let fall = apply("minus", &[&cn(1.0), &ci("x")]);
    let rules =
        format!("<listOfRules>{}{}</listOfRules>", rate_rule("x", &fall), rule("y", &ci("x")));
    let found = run(&with(&rules), &[0.0, 2.0]).unwrap();
    for id in ["x", "y"] {
        assert_eq!(found.of(id).unwrap()[0], 0.0);
        near(found.of(id).unwrap()[1], 1.0 - (-2.0_f64).exp());
    }
    let later = event(EVENT, &apply("geq", &[TIME, &cn(1.0)]), "", &[("x", &cn(3.0))]);
    let events = format!("<listOfEvents>{later}</listOfEvents>");
    assert_eq!(run(&with(&events), &[0.0, 2.0]).unwrap().of("x").unwrap(), [0.0, 3.0]);
    let read = format!("<listOfRules>{}</listOfRules>", rule("y", &ci("x")));
    assert!(refused(&with(&read)).contains("\"x\": has no value; set its value"));
}

#[test]
fn a_species_in_a_compartment_of_size_zero_is_an_amount_unless_its_concentration_is_read() {
    let text = |law: &str| {
        sbml(&format!(
            "{}<listOfSpecies>{}</listOfSpecies>{}<listOfReactions>{}</listOfReactions>",
            compartment(0.0),
            species("a", "initialAmount=\"6\"", ""),
            parameters(&[("k", 0.5)]),
            reaction("r", &[("a", "1")], &[], law)
        ))
    };
    let found = run(&text(&ci("k")), &[0.0, 4.0]).unwrap();
    near(found.of("a").unwrap()[1], 4.0);
    near(found.species["a"].0[1], 4.0);
    let error = run(&text(&ci("a")), &[0.0, 4.0]).unwrap_err().to_string();
    assert!(error.contains("\"a\": has the initial value inf"), "{error}");
}
