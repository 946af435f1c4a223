//! Any built-in model runs as a time course, with any of its parameters set by the study.

use il2::quantity::base_unit;
use il2_assay::kinds::plan;
use il2_output::table::Table;
use il2_study::{Library, Study, StudyError};
use std::path::Path;

/// Values of the model's parameters that a study sets.
type Set = [(String, String)];

fn study(model: &str, ligand: &str, cell: Option<&str>, set: &Set) -> Study {
    read(model, ligand, cell, set).unwrap_or_else(|e| panic!("{e}"))
}

fn read(model: &str, ligand: &str, cell: Option<&str>, set: &Set) -> Result<Study, StudyError> {
    let cells = cell.map_or(String::new(), |c| format!("[cells.c]\nfrom = \"{c}\"\n"));
    let lines: String = set.iter().map(|(k, v)| format!("\"{k}\" = \"{v}\"\n")).collect();
    let text = format!(
        "version = 1\nquestion = \"every number\"\n[ligands.l]\nfrom = \"{ligand}\"\n{cells}\
         [models.m]\nfrom = \"{model}\"\n[models.m.parameters]\n{lines}\
         [assay.a]\nkind = \"time-course\"\nmodel = \"m\"\ndoses = [\"80 pM\"]\n\
         times = [\"0 min\", \"10 min\", \"3 h\"]\n"
    );
    il2_assay::parse(Path::new("t.toml"), &text, Library::builtin()).map(|(study, _)| study)
}

fn table(study: &Study) -> Table {
    plan(study, "a").unwrap().run(study, &|_| ()).tables.remove(0)
}

const MODELS: [(&str, &str, Option<&str>); 9] = [
    ("gamma-chain", "il2", Some("treg")),
    ("gamma-chain", "il15", Some("yt1")),
    ("gamma-chain-farhat2021", "v91k-c-fc", Some("nk")),
    ("polyvalent", "r38q-n-fc", Some("treg")),
    ("polyvalent-equilibrium", "r38q-n-fc", Some("treg")),
    ("fallon2000", "il2", None),
    ("fallon2000-cellml", "2d1", None),
    ("fallon2000-biomodels", "2d1", None),
    ("effect", "il2", Some("oligodendrocyte")),
];

#[test]
fn every_parameter_of_every_model_can_be_set_and_is_heard() {
    for (model, ligand, cell) in MODELS {
        let plain = study(model, ligand, cell, &[]);
        let plan = plan(&plain, "a").unwrap();
        let prepared = plan.prepared()[0].clone();
        let before = table(&plain);
        assert!(!prepared.parameters.is_empty(), "{model}");
        let mut unheard = vec![];
        for p in &prepared.parameters {
            let value = if p.value == 0.0 { 0.01 } else { 0.8 * p.value };
            let text = format!("{value:e} {}", base_unit(p.dimension));
            let changed = match read(model, ligand, cell, &[(p.name.clone(), text)]) {
                Ok(changed) => changed,
                Err(error) => {
                    // Numbers that the study gave are listed together with those derived from them.
                    let constant = p.name == "molecules_per_pmol" || p.name.contains("_as_given.");
                    let said = if constant { "is a constant" } else { "closes a cycle of bonds" };
                    assert!(error.message.contains(said), "{model}: {error}");
                    continue;
                }
            };
            let after = table(&changed);
            assert_eq!(after.text(2, "status"), "ok", "{model} {}", p.name);
            let differs = before.columns.iter().any(|c| {
                (0..3).any(|row| {
                    before.number(row, &c.name).to_bits() != after.number(row, &c.name).to_bits()
                })
            });
            if !differs {
                unheard.push(p.name.clone());
            }
        }
        // Chains that the ligand does not bind, or of which the cell has none, change nothing.
        unheard
            .retain(|name| !name.starts_with("il2r_alpha_") && !name.starts_with("il15r_alpha_"));
        // The published convention takes the alpha bond of a mutein from its fusion alone.
        unheard.retain(|name| {
            let alpha = name.starts_with("l.native.") && name.ends_with("alpha");
            !(model == "gamma-chain-farhat2021" && alpha)
        });
        assert!(unheard.is_empty(), "{model}: {unheard:?}");
    }
}

#[test]
fn a_table_has_every_species_and_observable_by_name() {
    for (model, ligand, cell) in MODELS {
        let study = study(model, ligand, cell, &[]);
        let prepared = plan(&study, "a").unwrap().prepared()[0].clone();
        let table = table(&study);
        assert_eq!(table.rows(), 3);
        for (name, dimension) in &prepared.readouts {
            let column = format!("{name}{}", il2::quantity::column_suffix(*dimension));
            assert!(table.number(2, &column).is_finite(), "{model}: {column}");
        }
    }
}

#[test]
fn the_fallon_table_comes_out() {
    // Published targets of the corrected model (0.5 %): L(1 d), L(5 d), Cs(5 d), Y(5 d) / Y0.
    let targets = [
        ("il2", "10 pM", [6.542, 0.4236, 14.68, 1.1340]),
        ("2d1", "10 pM", [6.451, 0.1807, 8.707, 1.2873]),
        ("il2", "100 pM", [92.85, 38.53, 234.1, 3.986]),
        ("2d1", "100 pM", [93.69, 44.88, 249.9, 4.120]),
        ("il2", "1000 pM", [992.3, 929.3, 280.42, 4.412]),
        ("2d1", "1000 pM", [993.3, 938.9, 281.05, 4.421]),
    ];
    for (ligand, dose, [l1, l5, cs5, y5]) in targets {
        let text = format!(
            "version = 1\nquestion = \"t\"\n[ligands.l]\nfrom = \"{ligand}\"\n[assay.a]\nkind = \"time-course\"\n\
             model = \"fallon2000\"\ndoses = [\"{dose}\"]\ntimes = [\"1 d\", \"5 d\"]\n"
        );
        let study = Study::parse(Path::new("t.toml"), &text, Library::builtin()).unwrap();
        let t = table(&study);
        for (found, published) in [
            (t.number(0, "ligand_medium_pm"), l1),
            (t.number(1, "ligand_medium_pm"), l5),
            (t.number(1, "complex_surface_per_cell"), cs5),
            (t.number(1, "growth_fold"), y5),
        ] {
            assert!(
                (found / published - 1.0_f64).abs() < 0.005,
                "{ligand} {dose}: {found} {published}"
            );
        }
    }
}

#[test]
fn a_mixture_of_nothing_is_the_baseline() {
    let text = "version = 1\nquestion = \"t\"\n[ligands.a]\nfrom = \"il2\"\n[ligands.b]\nfrom = \"il15\"\n\
                [cells.c]\nfrom = \"nk\"\n[assay.a]\nkind = \"time-course\"\n\
                mixture = { a = \"0 pM\", b = \"0 nM\" }\ntimes = [\"0 h\", \"24 h\"]\n";
    let study = Study::parse(Path::new("t.toml"), text, Library::builtin()).unwrap();
    let t = table(&study);
    for column in ["il2r_beta_surface_per_cell", "gamma_c_endosome_per_cell"] {
        let (start, end) = (t.number(0, column), t.number(1, column));
        assert!(start > 0.0 && (end / start - 1.0).abs() < 1e-9, "{column}: {start} {end}");
    }
    // Rounding error of the linear algebra, seventeen decades below one complex.
    assert!(t.number(1, "signalling_complexes_per_cell").abs() < 1e-17);
}

#[test]
fn a_mixture_in_a_shared_medium_agrees_with_an_independent_program() {
    // IL-2 and IL-15 on YT-1 in 10 fL endosomes, reimplemented in Python from the published
    // equations and solved with scipy's Radau at 1e-10: value after 60 and 600 min.
    let text = "version = 1\nquestion = \"t\"\n[ligands.a]\nfrom = \"il2\"\n[ligands.b]\nfrom = \"il15\"\n\
                [cells.c]\nfrom = \"yt1\"\n[culture]\ncell_density = \"1e9 /L\"\n\
                [solver]\nrelative_tolerance = 1e-9\nabsolute_tolerance = 1e-12\n\
                [models.published]\nfrom = \"gamma-chain-farhat2021\"\n\
                parameters = { endosome_volume = \"10 fL/cell\" }\n\
                [assay.a]\nkind = \"time-course\"\nmodel = \"published\"\n\
                mixture = { a = \"50 pM\", b = \"200 pM\" }\n\
                times = [\"60 min\", \"600 min\"]\n";
    let study = Study::parse(Path::new("t.toml"), text, Library::builtin()).unwrap();
    let t = table(&study);
    for (column, values) in [
        ("a_medium_pm", [49.41168994796788, 49.00419274378912]),
        ("b_medium_pm", [196.85513210930253, 195.69604188256835]),
        ("a_endosome_pm", [1055.8561918686069, 817.4476275000973]),
        ("signalling_complexes_per_cell", [159.53679452906232, 86.98416151085745]),
        ("il2r_beta_surface_per_cell", [213.26187460137575, 145.39884351533672]),
        ("b_alpha_beta_endosome_per_cell", [31.512809204177795, 22.021820505341655]),
    ] {
        for row in 0..2 {
            let found = t.number(row, column);
            assert!((found / values[row] - 1.0).abs() < 1e-8, "{column}: {found} {}", values[row]);
        }
    }
}

/// Default numbers and formulas of the book, reimplemented in Python and solved with scipy's Radau
/// at 1e-11.
#[test]
fn pstat5_of_the_default_agrees_with_an_independent_program() {
    for (ligand, cell, dose, column, values) in [
        ("il2", "treg", "100 pM", "pstat5_per_cell", [248.923059737, 232.280880127, 153.015328769]),
        (
            "il2",
            "treg",
            "100 pM",
            "desensitisation",
            [0.106395477669, 0.135319296884, 0.0910601478788],
        ),
        (
            "il2",
            "treg",
            "100 pM",
            "signalling_complexes_per_cell",
            [279.333832473, 257.87807083, 164.752963596],
        ),
        (
            "v91k-c-fc",
            "treg",
            "1 nM",
            "pstat5_per_cell",
            [157.036221909, 153.474878269, 120.069509091],
        ),
        // This covers every bond of interleukin-15, and the synthesis of every chain that it binds.
        ("il15", "yt1", "100 pM", "pstat5_per_cell", [61.3304716618, 82.115109554, 84.441521339]),
    ] {
        let text = format!(
            "version = 1\nquestion = \"t\"\n[ligands.l]\nfrom = \"{ligand}\"\n[cells.c]\nfrom = \"{cell}\"\n\
             [models.m]\nfrom = \"gamma-chain\"\nstat5 = true\n\
             [solver]\nrelative_tolerance = 1e-9\nabsolute_tolerance = 1e-12\n\
             [assay.a]\nkind = \"time-course\"\nmodel = \"m\"\ndoses = [\"{dose}\"]\n\
             times = [\"30 min\", \"60 min\", \"240 min\"]\n"
        );
        let t = table(&Study::parse(Path::new("t.toml"), &text, Library::builtin()).unwrap());
        for (row, wanted) in values.into_iter().enumerate() {
            let found = t.number(row, column);
            assert!(
                (found / wanted - 1.0).abs() < 1e-8,
                "{ligand} on {cell} {column}: {found} {wanted}"
            );
        }
    }
}
