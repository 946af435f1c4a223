//! Molecules with several arms: identical arms, different arms, and an arm that binds an antigen;
//! and masked forms of molecules.

use il2_assay::kinds::plan;
use il2_output::table::Table;
use il2_study::{Library, Study, StudyError};
use std::path::Path;

const CELL: &str = "[cells.c]\nfrom = \"treg\"\nreceptors = { il2r_alpha = \"1000 /cell\", il2r_beta = \"500 /cell\", \
                    gamma_c = \"800 /cell\", antigen = \"2000 /cell\" }\n";
const PARTS: &str = "[ligands.il2]\nfrom = \"il2\"\n[ligands.dead]\nfrom = \"il2-dead\"\n\
                     [ligands.target]\nfrom = \"targeting-arm\"\n";
const STILL: &str = "[models.still]\nfrom = \"gamma-chain\"\nparameters = { k_internalise = \"0 /min\", \
                     k_internalise_signalling = \"0 /min\" }\n";

fn parse(text: &str) -> Result<Study, StudyError> {
    let text = format!(
        "version = 1\nquestion = \"t\"\n[solver]\nrelative_tolerance = 1e-10\nabsolute_tolerance = 1e-12\n{text}"
    );
    il2_assay::parse(Path::new("t.toml"), &text, Library::builtin()).map(|(study, _)| study)
}

/// The last row of a time course of one molecule, at 100 pM unless another dose is given.
fn course(lines: &str, ligand: &str, more: &str) -> (Study, Table) {
    let study = parse(&format!(
        "{CELL}{PARTS}{STILL}{lines}[assay.a]\nkind = \"time-course\"\nligands = [\"{ligand}\"]\n\
         doses = [\"100 pM\"]\n{more}\n"
    ))
    .unwrap_or_else(|e| panic!("{e}"));
    let table = plan(&study, "a").unwrap().run(&study, &|_| ()).tables.remove(0);
    (study, table)
}

const HOUR: &str = "times = [\"1 h\"]";

fn readouts(table: &Table) -> [f64; 3] {
    [
        "signalling_complexes_per_cell",
        "il2r_alpha_surface_total_per_cell",
        "il2r_beta_surface_total_per_cell",
    ]
    .map(|column| table.number(0, column))
}

#[test]
fn one_arm_is_the_molecule_itself_and_two_are_two_copies() {
    let one = course("[ligands.of_one]\narms = [\"il2\"]\n", "of_one", HOUR).1;
    assert_eq!(readouts(&one), readouts(&course("", "il2", HOUR).1));
    let twice = "[ligands.twice]\nfrom = \"il2\"\nvalency = 2\n";
    let copies = readouts(&course(twice, "twice", HOUR).1);
    let arms = "[ligands.arms]\narms = [\"il2\", \"il2\"]\n";
    for (arms, copies) in readouts(&course(arms, "arms", HOUR).1).into_iter().zip(copies) {
        assert!((arms / copies - 1.0).abs() < 1e-8, "{arms} {copies}");
    }
    assert!(copies[0] > 1.5 * readouts(&one)[0], "a second arm holds the molecule: {copies:?}");
}

#[test]
fn an_arm_without_its_antigen_changes_nothing_and_with_it_brings_the_molecule() {
    let arms = "[ligands.bi]\narms = [\"blind\", \"target\"]\n[ligands.blind]\nfrom = \"il2-cd25-blind\"\n";
    let cell = |name: &str, antigens: &str| {
        let cell = CELL.replace("cells.c]", &format!("cells.{name}]"));
        cell.replace("\"2000 /cell\"", &format!("\"{antigens} /cell\""))
    };
    let bare = format!("{arms}{}{}", cell("bare", "0"), cell("rich", "50000"));
    let at = |ligand: &str, cell: &str| {
        readouts(&course(&bare, ligand, &format!("{HOUR}\ncells = [\"{cell}\"]")).1)[0]
    };
    assert!((at("bi", "bare") / at("blind", "bare") - 1.0).abs() < 1e-8);
    let (with, without) = (at("bi", "rich"), at("bi", "bare"));
    assert!(with > 5.0 * without, "{with} {without}");
}

/// At equilibrium without uptake, arms are independent except for the molecule that they share, so
/// that the molecules on the cell are L / K (product over arms of (1 + K w) - 1), with the
/// cross-linking constant K, and w the sum over the chains that an arm may bind. Solved here by
/// repeated substitution.
#[test]
fn at_rest_arms_are_bound_as_their_partition_function_says() {
    let lines = "[ligands.tri]\narms = [\"il2\", \"target\", \"il2\", \"dead\"]\n";
    let (study, table) = course(lines, "tri", "times = [\"200000 min\"]\nmodel = \"still\"");
    let prepared = plan(&study, "a").unwrap().prepared()[0].clone();
    let p = |name: &str| {
        let found = prepared.parameters.iter().find(|p| p.name == name);
        found.unwrap_or_else(|| panic!("{name}")).value
    };
    let (forward, cross) = (p("k_forward"), p("k_forward") / p("k_on_ligand"));
    let bond = |name: &str| forward / p(&format!("tri.il2.k_off_{name}"));
    let first = |arm: &str, chain: &str, on: &str| {
        p(&format!("tri.{arm}.{on}")) / p(&format!("tri.{arm}.k_off_{chain}"))
    };
    let (alpha, beta) = (first("il2", "alpha", "k_on"), first("il2", "beta", "k_on"));
    let (dead, target) = (first("dead", "alpha", "k_on"), first("target", "alpha", "k_on.antigen"));
    let totals = [1000.0, 500.0, 800.0, 2000.0];
    let mut x = totals;
    let mut signals = 0.0;
    for _ in 0..20_000 {
        let [a, b, g, t] = x;
        let held = [
            (alpha * a, [1.0, 0.0, 0.0]),
            (beta * b, [0.0, 1.0, 0.0]),
            (beta * b * g * bond("gamma_from_beta_gamma"), [0.0, 1.0, 1.0]),
            (alpha * a * b * bond("beta_from_alpha_beta"), [1.0, 1.0, 0.0]),
            (alpha * a * g * bond("gamma_from_alpha_gamma"), [1.0, 0.0, 1.0]),
            (
                alpha * a * b * bond("beta_from_alpha_beta") * g * bond("gamma_from_trimer"),
                [1.0, 1.0, 1.0],
            ),
        ];
        let live = 1.0 + cross * held.iter().map(|(w, _)| w).sum::<f64>();
        let (dead_arm, target_arm) = (1.0 + cross * dead * a, 1.0 + cross * target * t);
        let l = 100.0;
        let of_live = 2.0 * l * live * dead_arm * target_arm;
        let on_live = |k: usize| held.iter().map(|(w, chains)| w * chains[k]).sum::<f64>();
        let bound = [
            of_live * on_live(0) + l * live * live * target_arm * dead * a,
            of_live * on_live(1),
            of_live * on_live(2),
            l * live * live * dead_arm * target * t,
        ];
        signals = of_live * (held[2].0 + held[5].0);
        for k in 0..4 {
            let next = totals[k] * x[k] / (x[k] + bound[k]);
            x[k] = (x[k] * next).sqrt();
        }
    }
    for (column, wanted) in [
        ("signalling_complexes_per_cell", signals),
        ("il2r_alpha_surface_per_cell", x[0]),
        ("il2r_beta_surface_per_cell", x[1]),
        ("gamma_c_surface_per_cell", x[2]),
        ("antigen_surface_per_cell", x[3]),
    ] {
        let found = table.number(0, column);
        assert!(wanted > 0.01 && (found / wanted - 1.0).abs() < 1e-6, "{column}: {found} {wanted}");
    }
}

#[test]
fn molecules_of_arms_are_refused_with_reasons() {
    let refused = |ligand: &str, model: &str| {
        let text = format!(
            "{CELL}{PARTS}{ligand}[assay.a]\nkind = \"time-course\"\nligands = [\"m\"]\nmodel = \"{model}\"\n\
             doses = [\"1 nM\"]\ntimes = [\"1 h\"]\n"
        );
        match parse(&text) {
            Err(error) => error.to_string(),
            Ok(study) => plan(&study, "a").map(|_| ()).unwrap_err().to_string(),
        }
    };
    for (ligand, model, wanted) in [
        (
            "[ligands.m]\narms = [\"il2\", \"nothing\"]\n",
            "gamma-chain",
            "ligands.m.arms: unknown ligand \"nothing\"",
        ),
        (
            "[ligands.m]\nfrom = \"il2\"\narms = [\"il2\"]\n",
            "gamma-chain",
            "has arms, so other keys are not allowed here",
        ),
        ("[ligands.m]\narms = [\"il2\", \"il2\"]\n", "polyvalent", "consists of arms"),
        ("[ligands.m]\narms = [\"il2\", \"soluble-cd25\"]\n", "gamma-chain", "is a soluble chain"),
        ("[ligands.m]\nfrom = \"il2\"\nvalency = 5\n", "gamma-chain", "combine in 461 ways"),
        ("[ligands.m]\narms = [\"m\", \"il2\"]\n", "gamma-chain", "unknown ligand \"m\""),
    ] {
        let said = refused(ligand, model);
        assert!(said.contains(wanted), "{ligand}: {said}");
    }
}

const MASKED: &str = "[ligands.masked]\nfrom = \"il2\"\naffinity = { il2r_alpha = \"none\", il2r_beta = \"none\" }\n\
                      releases = \"il2\"\nrelease_rate = \"0.3 /h\"\n";

#[test]
fn a_masked_form_that_binds_nothing_is_released_as_the_exponential_says() {
    let times = "times = [\"30 min\", \"2 h\", \"10 h\"]";
    let table = course(MASKED, "masked", times).1;
    for (row, hours) in [0.5_f64, 2.0, 10.0].into_iter().enumerate() {
        let left = 100.0 * (-0.3 * hours).exp();
        let [masked, native] =
            ["masked_medium_pm", "il2_medium_pm"].map(|column| table.number(row, column));
        assert!((masked / left - 1.0).abs() < 1e-8, "{masked} {left}");
        assert!((native / (100.0 - left) - 1.0).abs() < 1e-8, "{native} {left}");
    }
    // If it is released at once, it acts as the native molecule.
    let at_once = MASKED.replace("0.3 /h", "1e6 /min");
    let [fast, native] = [(at_once.as_str(), "masked"), ("", "il2")]
        .map(|(lines, ligand)| readouts(&course(lines, ligand, HOUR).1)[0]);
    assert!((fast / native - 1.0).abs() < 1e-5, "{fast} {native}");
}

const DOUBLED: &str =
    "[models.doubled]\nfrom = \"gamma-chain\"\nparameters = { experiment_factor = \"2\" }\n";

#[test]
fn cells_that_use_a_medium_up_find_every_molecule_of_a_masked_form_once() {
    let weak = MASKED.replace("\"none\", il2r_beta = \"none\"", "\"none\", il2r_beta = \"10 uM\"");
    let lines = format!("[culture]\ncell_density = \"1e7 /mL\"\n{DOUBLED}{weak}");
    let per_cell = 100.0 * 6.022_140_76e11 / 1e10;
    let mut left = vec![];
    for model in ["gamma-chain", "doubled"] {
        let table = course(&lines, "masked", &format!("times = [\"6 h\"]\nmodel = \"{model}\"")).1;
        let amount = |label: &str| {
            let all = ["bound_surface_per_cell", "inside_per_cell", "degraded_per_cell"];
            let cells: f64 = all.iter().map(|c| table.number(0, &format!("{label}_{c}"))).sum();
            cells + table.number(0, &format!("{label}_medium_pm")) * per_cell / 100.0
        };
        let all = amount("masked") + amount("il2");
        assert!((all / per_cell - 1.0).abs() < 1e-9, "{model}: {all} {per_cell}");
        assert!(amount("il2") > 0.5 * per_cell && table.number(0, "masked_medium_pm") > 1.0);
        left.push(table.number(0, "il2_medium_pm"));
    }
    // A molecule that binds twice as fast is depleted faster; how much faster depends on uptake.
    assert!(100.0 - left[1] > 1.1 * (100.0 - left[0]), "{left:?}");
}

#[test]
fn an_experiment_factor_of_two_is_twice_the_dose_of_several_arms_and_of_masked_forms() {
    let weak = MASKED.replace("\"none\", il2r_beta = \"none\"", "\"none\", il2r_beta = \"10 uM\"");
    for (lines, ligand) in [
        ("[ligands.twice]\nfrom = \"wt-n-fc\"\nvalency = 2\n", "twice"),
        ("[ligands.bi]\narms = [\"il2\", \"target\"]\n", "bi"),
        (&weak, "masked"),
    ] {
        let at = |model: &str, dose: &str| {
            let study = parse(&format!(
                "{CELL}{PARTS}{DOUBLED}{lines}[assay.a]\nkind = \"time-course\"\nligands = [\"{ligand}\"]\n\
                 doses = [\"{dose}\"]\nmodel = \"{model}\"\n{HOUR}\n"
            ))
            .unwrap();
            readouts(&plan(&study, "a").unwrap().run(&study, &|_| ()).tables.remove(0))
        };
        let (counts, twice) = (at("doubled", "100 pM"), at("gamma-chain", "200 pM"));
        for (counts, twice) in counts.into_iter().zip(twice) {
            assert!((counts / twice - 1.0).abs() < 1e-7, "{ligand}: {counts} {twice}");
        }
    }
}

/// What slows a fusion in solution does not slow chains that join it on the membrane, apart from
/// what beta loses beyond alpha (detailed balance); soluble arms have the same constants there.
#[test]
fn further_arms_of_a_fusion_or_a_shielded_molecule_join_as_fast_as_those_of_a_soluble_one() {
    let shielded = "parameters = { association = \"0.01\" }\n";
    for (from, more) in [("il2", ""), ("wt-n-fc", ""), ("il2", shielded)] {
        let lines = format!("[ligands.twice]\nfrom = \"{from}\"\nvalency = 2\n{more}");
        let study = course(&lines, "twice", HOUR).0;
        let plan = plan(&study, "a").unwrap();
        let prepared = plan.prepared()[0];
        let value = |name: &str| {
            let known = &prepared.parameters;
            known.iter().find(|p| p.name == name).unwrap_or_else(|| panic!("{name}")).value
        };
        for chain in ["alpha", "beta"] {
            let further = value(&format!("twice.k_forward_further_arm_{chain}"));
            let own = match (from, chain) {
                ("wt-n-fc", "beta") => value("fusion_beta_ratio"),
                _ => 1.0,
            };
            let ratio = further / value("k_forward") / own;
            assert!((ratio - 1.0).abs() < 1e-12, "{from} {chain}: {further}");
        }
    }
}

#[test]
fn masked_forms_that_cannot_be_are_refused_with_what_to_write() {
    let error = |lines: &str, more: &str| {
        let assay = format!(
            "{CELL}{PARTS}{lines}[assay.a]\nkind = \"time-course\"\nligands = [\"masked\"]\n\
             doses = [\"100 pM\"]\ntimes = [\"1 h\"]\n{more}\n"
        );
        match parse(&assay) {
            Ok(study) => plan(&study, "a").map(|_| ()).expect_err("refused").to_string(),
            Err(error) => error.to_string(),
        }
    };
    for (lines, more, said) in [
        (MASKED.replace("releases = \"il2\"", "releases = \"il2x\""), "", "did you mean il2?"),
        (MASKED.replace("release_rate = \"0.3 /h\"\n", ""), "", "add release_rate = \"0.02 /h\""),
        (MASKED.replace("releases = \"il2\"\n", ""), "", "also needs releases"),
        (
            MASKED.replace("releases = \"il2\"", "releases = \"masked\""),
            "",
            "leads back to the same ligand",
        ),
        (MASKED.replace("0.3 /h", "3 nM"), "", "rate"),
        (MASKED.into(), "model = \"polyvalent\"", "use model gamma-chain"),
        (format!("{MASKED}[ligands.bi]\narms = [\"masked\", \"target\"]\n"), "", "an arm cannot"),
    ] {
        let found = error(&lines, more);
        assert!(found.contains(said), "{said}: {found}");
    }
}
