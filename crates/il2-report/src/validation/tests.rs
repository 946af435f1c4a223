//! Every way to read a number from a table, compared with numbers computed by hand.

use crate::validation::check::{check_order, check_row};
use crate::validation::place::{Wanted, number};
use crate::validation::power::{of_order, of_row};
use crate::validation::{Order, Outcome, Place, Reduce, Row, Status};
use il2_output::table::Table;
use il2_study::{Library, Study};
use std::path::Path;

/// Two arms at 0, 6, 12 and 24 h: levels 8, 4, 2, 1 pM in one arm, out of order, and 10 pM once in
/// the other.
fn table() -> Table {
    let columns = [("arm", true), ("time_d", false), ("unit", true), ("median", false)];
    let mut table = Table::new("blood", &columns);
    for (arm, day, level) in
        [("a", 0.5, 2.0), ("a", 0.0, 8.0), ("a", 1.0, 1.0), ("a", 0.25, 4.0), ("b", 0.25, 10.0)]
    {
        table.push(vec![arm.into(), day.into(), "pM".into(), level.into()]);
    }
    table
}

fn place(text: &str) -> Place {
    toml::from_str(text).unwrap()
}

fn read(at: &str, reduce: Reduce, between: Option<[f64; 2]>) -> Result<f64, String> {
    let at = place(at);
    number(&table(), &Wanted { at: &at, column: "median", reduce: Some(reduce), between })
}

fn near(found: Result<f64, String>, wanted: f64) {
    let found = found.unwrap();
    assert!((found - wanted).abs() < 1e-9 * wanted.abs(), "{found}, {wanted}");
}

#[test]
fn numbers_of_several_rows_are_those_worked_out_by_hand() {
    let a = "arm = \"a\"";
    near(read(a, Reduce::Max, None), 8.0);
    near(read(a, Reduce::Min, None), 1.0);
    // The latest row in time, not the last line of the table.
    near(read(a, Reduce::Last, None), 1.0);
    near(read(a, Reduce::Last, Some([0.0, 720.0])), 2.0);
    // 6 h in minutes.
    near(read(a, Reduce::TimeOfMax, Some([1.0, 1440.0])), 360.0);
    // From 8 to 1 in 24 h are three halvings; from 4 to 2 in 6 h is one.
    near(read(a, Reduce::HalfLife, None), 480.0);
    near(read(a, Reduce::HalfLife, Some([360.0, 720.0])), 360.0);
    // (8 + 4)/2 and (4 + 2)/2 over 6 h each, (2 + 1)/2 over 12 h.
    near(read(a, Reduce::Area, None), 360.0 * 6.0 + 360.0 * 3.0 + 720.0 * 1.5);
    near(read(a, Reduce::Median, None), 3.0);
    near(read(a, Reduce::Median, Some([0.0, 720.0])), 4.0);
    near(read(a, Reduce::PartBelow(4.0), None), 0.5);
    near(read("", Reduce::PartBelow(9.0), None), 0.8);
}

#[test]
fn a_number_that_cannot_be_read_off_says_what_to_do() {
    let refused = |found: Result<f64, String>, reason: &str| {
        let message = found.unwrap_err();
        assert!(message.contains(reason), "{message}");
    };
    refused(read("", Reduce::Area, None), "name more columns in `at`");
    refused(read("", Reduce::Last, None), "several rows of table blood match at 360 min");
    refused(read("arm = \"b\"", Reduce::HalfLife, None), "widen `between`");
    refused(read("arm = \"c\"", Reduce::Max, None), "no row of table blood matches");
    refused(
        read("time_d = \"soon\"", Reduce::Max, None),
        "time_d contains numbers; compare it with a number",
    );
    let timeless = Table::new("ec50", &[("cell", true), ("ec50_pm", false)]);
    let at = Place::new();
    let mut wanted = Wanted { at: &at, column: "ec50_pm", reduce: None, between: Some([0.0, 1.0]) };
    refused(number(&timeless, &wanted), "has no column of times, which between needs");
    wanted.between = None;
    refused(number(&timeless, &wanted), "0 rows of table ec50 match");
    wanted.column = "cell";
    refused(number(&timeless, &wanted), "no column of numbers named cell; it has ec50_pm");
}

fn study() -> Study {
    let text = "version = 1\nquestion = \"What?\"\n[ligands.drug]\nfrom = \"aldesleukin\"\n\
                [regimens.a]\nligand = \"drug\"\ndose = \"1 MIU/m2\"\nroute = \"bolus\"\n\
                [assay.blood]\nkind = \"regimen\"\ntimes = [\"1 h\"]\n";
    Study::parse(Path::new("test.toml"), text, Library::builtin()).unwrap()
}

/// A row of the first arm with these keys.
fn row(keys: &str) -> Row {
    let text = format!(
        "what = \"level\"\ntable = \"blood\"\nat = {{ arm = \"a\" }}\ncolumn = \"median\"\n\
         is = \"measured\"\nwhy = \"a test\"\nstatus = \"predicted\"\n{keys}"
    );
    toml::from_str(&text).unwrap()
}

#[test]
fn ranges_and_bounds_hold_and_fail() {
    for (keys, wanted) in [
        ("reduce = \"max\"\nrange = [7.9, 8.1]", Outcome::Fits),
        ("reduce = \"max\"\nrange = [8.0, 8.0]", Outcome::Fits),
        ("reduce = \"max\"\nrange = [2.0, 7.9]", Outcome::Fails),
        ("reduce = \"max\"\nrange = [8.1, 9.0]", Outcome::Fails),
        ("reduce = \"min\"\nat_least = 1.0", Outcome::Fits),
        ("reduce = \"min\"\nat_least = 1.1", Outcome::Fails),
        ("reduce = \"last\"\nat_most = 1.0", Outcome::Fits),
        ("reduce = \"last\"\nat_most = 0.9", Outcome::Fails),
        ("reduce = \"last\"\nat_most = 0.9\nknown_misfit = \"so\"", Outcome::KnownMisfit),
        ("reduce = \"last\"\nat_most = 1.0\nknown_misfit = \"so\"", Outcome::UnexpectedPass),
        // 480 min.
        ("reduce = \"half_life\"\nunit = \"h\"\nrange = [7.9, 8.1]", Outcome::Fits),
        ("reduce = \"half_life\"\nunit = \"min\"\nrange = [7.9, 8.1]", Outcome::Fails),
        // 4 pM in one arm divided by 10 pM in the other.
        ("between = [\"6 h\", \"6 h\"]\nover = { arm = \"b\" }\nrange = [0.4, 0.4]", Outcome::Fits),
        // A quarter does not depend on the readout: 0.75 times 0.4, plus 0.25.
        (
            "between = [\"6 h\", \"6 h\"]\nover = { arm = \"b\" }\nbackground = 0.25\nrange = [0.549, 0.551]",
            Outcome::Fits,
        ),
    ] {
        let found = check_row(&row(keys), &table(), &study()).unwrap();
        assert_eq!(found.outcome, wanted, "{keys}: {found:?}");
    }
}

#[test]
fn published_units_are_reached_by_the_mass_and_activity_of_the_ligand() {
    // With 18 MIU in 1.1 mg and 15.3 kDa, 1 IU/mL is 61.1 pg/mL, 3.994 pM.
    let pm = 1.1e-3 / 18e6 * 1e3 / 15_300.0 * 1e12;
    let value = |keys: &str| {
        let found = check_row(&row(keys), &table(), &study()).unwrap();
        found.simulated.parse::<f64>().unwrap()
    };
    let keys = "unit = \"IU/mL\"\nligand = \"drug\"\nat_most = 9.0\n";
    let level = value(&format!("{keys}reduce = \"max\""));
    assert!((level - 8.0 / pm).abs() < 1e-3, "{level}");
    // The area above, 4320 pM min, in hours.
    let keys = "unit = \"IU/mL*h\"\nligand = \"drug\"\nat_most = 99.0\n";
    let area = value(&format!("{keys}reduce = \"area\""));
    assert!((area - 4320.0 / 60.0 / pm).abs() < 1e-2, "{area}");
}

#[test]
fn rows_that_cannot_be_compared_say_why() {
    for (keys, reason) in [
        ("unit = \"IU/mL\"\nligand = \"durg\"", "ligand: unknown ligand \"durg\"; did you mean"),
        ("unit = \"furlong\"\nligand = \"drug\"", "unit: "),
        ("over = { arm = \"b\" }\nligand = \"drug\"", "leave out ligand"),
        ("background = 0.1", "has a background but no `over`"),
        ("over = { arm = \"b\" }\nbackground = 1.0", "use 0 to below 1"),
        ("between = [\"2\", \"3 h\"]", "between: "),
    ] {
        let row = row(&format!("reduce = \"max\"\nat_most = 1.0\n{keys}"));
        let message = check_row(&row, &table(), &study()).unwrap_err();
        assert!(message.contains(reason), "{keys}: {message}");
    }
    let mut held_out = row("reduce = \"max\"\nat_most = 1.0\nheld_out = \"drug\"");
    held_out.status = Status::CalibratedOn;
    let message = check_row(&held_out, &table(), &study()).unwrap_err();
    assert!(message.contains("keep one of the two"), "{message}");
    for (keys, reason) in [
        ("reduce = \"area\"\nunit = \"h\"", "is not an area over time"),
        ("reduce = \"half_life\"\nunit = \"pM\"", "unit: "),
        (
            "reduce = \"half_life\"\nunit = \"h\"\nover = { arm = \"b\" }",
            "cannot be divided by `over`",
        ),
    ] {
        let message = check_row(&row(&format!("at_most = 1.0\n{keys}")), &table(), &study());
        assert!(message.clone().unwrap_err().contains(reason), "{keys}: {message:?}");
    }
    let mut folds = Table::new("blood", &[("arm", true), ("median", false)]);
    folds.push(vec!["a".into(), 2.0.into()]);
    let row = row("at_most = 1.0\nunit = \"IU/mL\"\nligand = \"drug\"");
    let message = check_row(&row, &folds, &study()).unwrap_err();
    assert!(message.contains("column median does not contain concentrations"), "{message}");
}

#[test]
fn a_row_has_one_published_number() {
    for (keys, reason) in [
        ("", "has no published number; give published with tolerance, range"),
        ("published = 2.0", "has no tolerance"),
        ("tolerance = { relative = 0.1 }", "tolerance without a published number"),
        ("range = [1.0, 2.0]\nat_most = 3.0", "more than one published number"),
        ("range = [1.0, 2.0]\ntolerance = { relative = 0.1 }", "tolerance without"),
        ("range = [2.0, 1.0]", "range = [2, 1] is empty"),
        ("published = nan\ntolerance = { relative = 0.1 }", "NaN is not a finite number"),
        ("published = 2.0\ntolerance = { factor = inf }", "inf is not a finite number"),
        ("range = [-inf, 1.0]", "-inf is not a finite number"),
        ("at_most = inf", "inf is not a finite number"),
    ] {
        let message = row(keys).asked().unwrap_err();
        assert!(message.contains(reason), "{keys}: {message}");
    }
}

#[test]
fn an_order_over_time_names_its_times() {
    let order = |increasing: &str| {
        let text = format!(
            "what = \"falls\"\ntable = \"blood\"\ncolumn = \"median\"\nis = \"measured\"\n\
             increasing = [{increasing}]\nwhy = \"a test\"\nstatus = \"predicted\""
        );
        let order: Order = toml::from_str(&text).unwrap();
        check_order(&order, &table()).unwrap()
    };
    let (late, early) = ("{ arm = \"a\", time_d = 1 }", "{ arm = \"a\", time_d = 0.5 }");
    let found = order(&format!("{late}, {early}"));
    assert_eq!(found.published, "time_d 1 < time_d 0.5");
    assert_eq!(found.outcome, Outcome::Fits);
    assert_eq!(order(&format!("{early}, {late}")).outcome, Outcome::Fails);
}

/// The power of a row of the first arm with these keys.
fn power(keys: &str) -> Result<f64, String> {
    let row = row(keys);
    let null = row.null.clone().unwrap();
    of_row(&row, &null, &table(), &study()).map(|power| power.value)
}

#[test]
fn the_power_of_a_row_is_the_probability_that_its_alternative_fails() {
    for (keys, wanted) in [
        // Two or three of four patients, each with probability one half: 6 and 4 of 16.
        (
            "range = [50, 75]\nunit = \"%\"\nnull = { model = \"no effect\", value = 50, patients = 4 }",
            6.0 / 16.0,
        ),
        // Nobody responds without treatment: 0 of 20 is outside.
        ("range = [0.05, 0.5]\nnull = { model = \"none\", value = 0, patients = 20 }", 1.0),
        ("range = [0.0, 0.5]\nnull = { model = \"none\", value = 0, patients = 20 }", 0.0),
        // At least two of three at one third: 1 - (6 + 1)/27 fail.
        (
            "at_least = 0.6\nnull = { model = \"a third\", value = 0.333333333333, patients = 3 }",
            20.0 / 27.0,
        ),
        // One standard error is a 3.92th of the width: from -1.96 to 1.96 around the middle.
        ("range = [-3.0, 1.0]\nnull = { model = \"none\", value = -1.0 }", 0.05),
        // At the upper end, one half passes.
        ("range = [-3.0, 1.0]\nnull = { model = \"none\", value = 1.0 }", 0.5),
        (
            "published = 3.0\ntolerance = { absolute = 2.0 }\nnull = { model = \"none\", value = 1.0 }",
            0.5,
        ),
        // (ln 0.9) / (ln 1.8 / 3.92) is -0.70267 standard errors.
        ("range = [0.5, 0.9]\nnull = { model = \"none\", value = 1.0, ratio = true }", 0.75887),
        // A direction passes in half of the trials of a drug without effect.
        (
            "at_most = 1.0\nnull = { model = \"none\", value = 1.0, ratio = true, standard_error = 0.25 }",
            0.5,
        ),
        // Without chance, the alternative passes or fails.
        ("at_least = 0.9\nnull = { model = \"none\", value = 0.3 }", 1.0),
        ("at_least = 0.9\nnull = { model = \"none\", value = 1.0 }", 0.0),
        // The number of the other arm at this time is 10 pM.
        ("at_most = 9.0\nnull = { model = \"the other\", at = { arm = \"b\" } }", 1.0),
        // 4 pM of one arm over 10 pM of the other.
        (
            "at_most = 0.5\nbetween = [\"6 h\", \"6 h\"]\n\
             null = { model = \"ratio\", at = { arm = \"a\" }, over = { arm = \"b\" } }",
            0.0,
        ),
    ] {
        let found = power(keys).unwrap();
        assert!((found - wanted).abs() < 1e-4, "{keys}: {found}, {wanted}");
    }
    for (keys, reason) in [
        ("at_most = 1.0\nnull = { model = \"none\" }", "give one of the two"),
        ("at_most = 1.0\nnull = { model = \"none\", value = 1, at = {} }", "give one of the two"),
        ("at_most = 1.0\nnull = { model = \"none\", value = 3, patients = 9 }", "from 0 to 1"),
        (
            "range = [-1.0, 1.0]\nnull = { model = \"none\", value = 1.0, ratio = true }",
            "above zero",
        ),
    ] {
        let message = power(keys).unwrap_err();
        assert!(message.contains(reason), "{keys}: {message}");
    }
}

#[test]
fn one_of_all_orders_passes() {
    let of = |count: usize| {
        let places = vec!["{ arm = \"a\" }"; count].join(", ");
        let text = format!(
            "what = \"rises\"\ntable = \"blood\"\ncolumn = \"median\"\nis = \"measured\"\n\
             increasing = [{places}]\nwhy = \"a test\"\nstatus = \"predicted\""
        );
        let order: Order = toml::from_str(&text).unwrap();
        of_order(&order).value
    };
    assert!((of(2) - 0.5).abs() < 1e-12 && (of(3) - 5.0 / 6.0).abs() < 1e-12);
}
