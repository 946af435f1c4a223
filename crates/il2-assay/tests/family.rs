//! The whole family of ligands, antagonists, and changes of medium, run from study files.

use il2_assay::kinds::plan;
use il2_output::table::Table;
use il2_study::{Library, Study, StudyError};
use std::path::Path;

fn parse(text: &str) -> Result<Study, StudyError> {
    il2_assay::parse(Path::new("t.toml"), text, Library::builtin()).map(|(study, _)| study)
}

/// The first table of assay `a` of a study with these lines.
fn table(lines: &str) -> Table {
    let text = format!(
        "version = 1\nquestion = \"t\"\n[solver]\nrelative_tolerance = 1e-10\nabsolute_tolerance = 1e-12\n{lines}"
    );
    let study = parse(&text).unwrap_or_else(|e| panic!("{e}"));
    plan(&study, "a").unwrap().run(&study, &|_| ()).tables.remove(0)
}

fn error(lines: &str) -> String {
    let text = format!("version = 1\nquestion = \"t\"\n{lines}");
    parse(&text).map(|_| ()).unwrap_err().to_string()
}

const SIX: &str = "[ligands.il2]\nfrom = \"il2\"\n\
    endosomal_off_ratio = { alpha = \"20\", beta = \"2\", gamma_from_trimer = \"9\" }\n\
    [ligands.il15]\nfrom = \"il15\"\nendosomal_off_ratio = { gamma_from_alpha_gamma = \"0.7\" }\n\
    [ligands.il7]\nfrom = \"il7\"\nendosomal_off_ratio = { alpha = \"3\" }\n\
    [ligands.il9]\nfrom = \"il9\"\n[ligands.il4]\nfrom = \"il4\"\n\
    [ligands.il21]\nfrom = \"il21\"\nendosomal_off_ratio = { gamma_from_alpha_gamma = \"12\" }\n";
const MIXTURE: &str = "mixture = { il2 = \"0.05 nM\", il15 = \"0.2 nM\", il7 = \"1 nM\", il9 = \"0.3 nM\", \
                       il4 = \"0.1 nM\", il21 = \"0.4 nM\" }\n";

fn agree(t: &Table, wanted: &[(&str, [f64; 2])]) {
    for (column, values) in wanted {
        for (row, value) in values.iter().enumerate() {
            let found = t.number(row, column);
            assert!((found / value - 1.0).abs() < 1e-9, "{column}: {found} {value}");
        }
    }
}

#[test]
fn the_published_conventions_hold_for_six_ligands_pretreatment_and_factors_of_single_bonds() {
    // The equations of Farhat et al. 2021 with their conventions (endosomal numbers over an area
    // ratio of 0.5, 623 molecules/nM, ligand rising towards the end of a pretreatment as exp(-60
    // (end - t))), reimplemented in Python from their description and solved with scipy's Radau at
    // 1e-11.
    let text = format!(
        "{SIX}[cells.c]\nfrom = \"yt1\"\nsynthesis = {{ il7r_alpha = \"2 /cell/min\", \
         il9r_alpha = \"1.5 /cell/min\", il4r_alpha = \"0.8 /cell/min\", il21r_alpha = \"1.1 /cell/min\" }}\n\
         [assay.a]\nkind = \"time-course\"\nmodel = \"gamma-chain-farhat2021\"\n{MIXTURE}\
         times = [\"30 min\", \"240 min\"]\n\
         [[assay.a.pretreatment]]\nmixture = {{ il15 = \"1 nM\", il4 = \"2 nM\" }}\n\
         duration = \"10 min\"\nramp = \"60 /min\"\n"
    );
    agree(
        &table(&text),
        &[
            ("signalling_complexes_per_cell", [2706.257096779512, 918.6223496519755]),
            ("gamma_c_surface_per_cell", [11.688379374997698, 2.26982642419044]),
            ("il7_alpha_gamma_endosome_per_cell", [78.46404313169074, 18.436328965169743]),
            ("il2_alpha_beta_gamma_endosome_per_cell", [0.45139939570673626, 0.16089237302553808]),
            ("il21_alpha_gamma_surface_per_cell", [4.467532211316304, 1.1702687691038283]),
            ("il4_alpha_surface_per_cell", [83.47229854501651, 73.51206046424859]),
            ("il21_endosome_pm", [267.2650074876479, 1268.8507785164025]),
        ],
    );
}

#[test]
fn without_uptake_receptors_may_be_made_as_published() {
    // As above, in the mode without trafficking, in which surface numbers start at the synthesis
    // rate and synthesis continues.
    let counts = [
        ("il2r_alpha", 3476),
        ("il2r_beta", 657),
        ("gamma_c", 14017),
        ("il15r_alpha", 100),
        ("il7r_alpha", 3588),
        ("il9r_alpha", 200),
        ("il4r_alpha", 254),
        ("il21r_alpha", 300),
    ];
    let of = |end: &str, unit: &str| -> String {
        counts.iter().map(|(chain, n)| format!("{chain}{end} = \"{n} {unit}\"\n")).collect()
    };
    let text = format!(
        "{SIX}[cells.c]\nfrom = \"treg\"\n[cells.c.receptors]\n{}\
         [models.m]\nfrom = \"gamma-chain-farhat2021\"\n[models.m.parameters]\n\
         k_internalise = \"0 /min\"\nk_internalise_signalling = \"0 /min\"\nk_recycle = \"0 /min\"\n{}\
         [assay.a]\nkind = \"time-course\"\nmodel = \"m\"\n{MIXTURE}times = [\"5 min\", \"60 min\"]\n",
        of("", "/cell"),
        of("_synthesis", "/cell/min"),
    );
    agree(
        &table(&text),
        &[
            ("signalling_complexes_per_cell", [17530.036251324116, 289745.74193246115]),
            ("gamma_c_surface_per_cell", [66344.6537956733, 519181.1204634631]),
            ("il9_alpha_gamma_surface_per_cell", [458.35007999791, 11088.309788374596]),
            ("il2r_alpha_surface_per_cell", [19264.166882243262, 131039.39124721785]),
        ],
    );
}

#[test]
fn sites_that_bind_wrong_partners_are_at_the_exact_equilibrium() {
    // Bound alpha chains and bound pairs, computed by bisection with 40 digits (mpmath), K*
    // 2.1958e-12 M cell.
    for (valency, dose, alpha, pairs, wrong, bound) in [
        (1, "1 nM", "3476", "657", "10 mM", [2971.44711647348, 370.081478807326]),
        (2, "10 pM", "3476", "657", "1 uM", [2315.97623192708, 310.968715512223]),
        (2, "100 nM", "22", "8503", "10 mM", [21.9822326332784, 8300.32832410836]),
        (4, "1 uM", "100000", "200", "1 uM", [99995.8723607729, 199.78164097848]),
    ] {
        let t = table(&format!(
            "[ligands.l]\nfrom = \"wt-n-fc\"\nvalency = {valency}\n\
             wrong_partner_affinity = {{ il2r_alpha = \"{wrong}\", il2r_beta_gamma = \"{wrong}\" }}\n\
             [cells.c]\nfrom = \"treg\"\nreceptors = {{ il2r_alpha = \"{alpha} /cell\", il2r_beta = \"{pairs} /cell\" }}\n\
             [assay.a]\nkind = \"time-course\"\nmodel = \"polyvalent-equilibrium\"\n\
             doses = [\"{dose}\"]\ntimes = [\"1 h\"]\n"
        ));
        for (column, value) in
            ["il2r_alpha_bound_per_cell", "il2r_beta_gamma_bound_per_cell"].iter().zip(bound)
        {
            let found = t.number(0, column);
            assert!((found / value - 1.0).abs() < 1e-10, "{valency} {column}: {found} {value}");
        }
    }
}

#[test]
fn without_uptake_wrong_bonds_one_at_a_time_rest_at_that_equilibrium() {
    let of = |model: &str, more: &str| {
        let t = table(&format!(
            "[ligands.l]\nfrom = \"wt-n-fc\"\nvalency = 2\n\
             wrong_partner_affinity = {{ il2r_alpha = \"100 nM\", il2r_beta_gamma = \"20 nM\" }}\n\
             [cells.c]\nfrom = \"treg\"\n[models.m]\nfrom = \"{model}\"\n{more}\
             [assay.a]\nkind = \"time-course\"\nmodel = \"m\"\ndoses = [\"3 nM\"]\ntimes = [\"30 d\"]\n"
        ));
        ["il2r_alpha_bound_per_cell", "il2r_beta_gamma_bound_per_cell"].map(|c| t.number(0, c))
    };
    let still =
        "parameters = { k_internalise = \"0 /min\", k_internalise_signalling = \"0 /min\" }\n";
    let (slow, exact) = (of("polyvalent", still), of("polyvalent-equilibrium", ""));
    for (found, exact) in slow.iter().zip(exact) {
        assert!((found / exact - 1.0).abs() < 1e-6, "{slow:?} {exact}");
    }
}

const CELL: &str = "[cells.c]\nfrom = \"treg\"\n[ligands.il2]\nfrom = \"il2\"\n";

#[test]
fn an_antagonist_takes_cd25_from_interleukin_2_and_has_no_signal() {
    let signal = |antagonist: &str, doses: &str| {
        let t = table(&format!(
            "{CELL}[ligands.other]\nfrom = \"{antagonist}\"\n[assay.a]\nkind = \"time-course\"\n\
             mixture = {{ {doses} }}\ntimes = [\"60 min\"]\n"
        ));
        t.number(0, "signalling_complexes_per_cell")
    };
    let alone = signal("il2-dead", "il2 = \"20 pM\", other = \"0 nM\"");
    // If an antibody has bound every CD25 beforehand, the signal that remains is that without CD25.
    // This is tested without uptake, because in endosomes the antibody dissociates and frees some
    // CD25 (7 % more signal here).
    let still = "[models.still]\nfrom = \"gamma-chain\"\nparameters = { k_internalise = \"0 /min\", \
        k_internalise_signalling = \"0 /min\" }\n";
    let blind = {
        let lines = CELL.replace("from = \"il2\"", "from = \"il2-cd25-blind\"");
        let text = format!(
            "{lines}{still}[assay.a]\nkind = \"time-course\"\nmodel = \"still\"\n\
             doses = [\"20 pM\"]\ntimes = [\"60 min\"]\n"
        );
        table(&text).number(0, "signalling_complexes_per_cell")
    };
    for antagonist in ["il2-dead", "basiliximab"] {
        assert!(signal(antagonist, "other = \"100 nM\"").abs() < 1e-9);
        let beside = signal(antagonist, "il2 = \"20 pM\", other = \"1 uM\"");
        assert!(beside < 0.5 * alone, "{antagonist}: {beside} {alone}");
    }
    let t = table(&format!(
        "{CELL}{still}[ligands.other]\nfrom = \"basiliximab\"\n[assay.a]\nkind = \"time-course\"\n\
         model = \"still\"\nmixture = {{ il2 = \"20 pM\", other = \"10 uM\" }}\ntimes = [\"60 min\"]\n\
         [[assay.a.pretreatment]]\nmixture = {{ other = \"10 uM\" }}\nduration = \"2 h\"\n"
    ));
    let left = t.number(0, "signalling_complexes_per_cell");
    assert!((left / blind - 1.0).abs() < 1e-3, "{left} {blind}");
}

#[test]
fn dissolved_cd25_holds_interleukin_2_as_in_solution() {
    // 1 nM ligand with 20 nM of the chain and a K_D of 10 nM: the quadratic equation of one bond.
    let bound = 0.5 * (31.0 - (31.0_f64 * 31.0 - 4.0 * 20.0).sqrt());
    for culture in ["", "[culture]\ncell_density = \"1 /mL\"\n"] {
        let t = table(&format!(
            "{CELL}{culture}[ligands.scd25]\nfrom = \"soluble-cd25\"\n[assay.a]\nkind = \"time-course\"\n\
             mixture = {{ il2 = \"1 nM\", scd25 = \"20 nM\" }}\ntimes = [\"0 min\", \"3 h\"]\n"
        ));
        let free = t.number(1, "il2_medium_pm");
        assert!((free / (1000.0 * (1.0 - bound)) - 1.0).abs() < 1e-5, "{free}");
        let held = t.number(1, "il2_scd25_medium_pm");
        assert!((held / (1000.0 * bound) - 1.0).abs() < 1e-5, "{held}");
    }
}

#[test]
fn a_medium_without_ligand_is_a_wash_and_a_sharp_ramp_a_sudden_change() {
    let last = |kind: &str, more: &str| {
        let t = table(&format!(
            "{CELL}[assay.a]\nkind = \"{kind}\"\ndoses = [\"1 nM\"]\ntimes = [\"90 min\"]\n{more}"
        ));
        t.number(0, "signalling_complexes_per_cell")
    };
    let washed = last("washout", "pulse = \"30 min\"\n");
    let change = |how: &str| {
        last("time-course", &format!("[[assay.a.medium]]\nat = \"30 min\"\nreplace = {{ }}\n{how}"))
    };
    assert_eq!(change("").to_bits(), washed.to_bits());
    let sharp = change("ramp = \"1e5 /min\"\n");
    assert!((sharp / washed - 1.0).abs() < 1e-5 && sharp != washed, "{sharp} {washed}");
    // A pretreatment with the same medium is equivalent to a later reading.
    let later = last(
        "time-course",
        "[[assay.a.pretreatment]]\nmixture = { il2 = \"1 nM\" }\nduration = \"30 min\"\n",
    );
    let t = table(&format!(
        "{CELL}[assay.a]\nkind = \"time-course\"\ndoses = [\"1 nM\"]\ntimes = [\"120 min\"]\n"
    ));
    assert!((later / t.number(0, "signalling_complexes_per_cell") - 1.0).abs() < 1e-8);
}

#[test]
fn half_of_a_depleted_medium_is_replaced_and_ligand_added() {
    let t = table(&format!(
        "{CELL}[ligands.il15]\nfrom = \"il15\"\n[culture]\ncell_density = \"1 /mL\"\n\
         [assay.a]\nkind = \"time-course\"\nligands = [\"il2\"]\ndoses = [\"1 nM\"]\n\
         times = [\"10 min\", \"20 min\", \"30 min\"]\n\
         [[assay.a.medium]]\nat = \"12 min\"\nadd = {{ il15 = \"2 nM\" }}\n\
         [[assay.a.medium]]\nat = \"22 min\"\nreplace = {{ il2 = \"3 nM\" }}\nfraction = 0.5\n"
    ));
    for (row, il2, il15) in [(0, 1000.0, 0.0), (1, 1000.0, 2000.0), (2, 2000.0, 1000.0)] {
        let found = (t.number(row, "il2_medium_pm"), t.number(row, "il15_medium_pm"));
        assert!((found.0 - il2).abs() < 1e-3 && (found.1 - il15).abs() < 1e-3, "{row}: {found:?}");
    }
}

#[test]
fn a_slower_binder_of_the_same_affinity_has_a_slower_off_rate() {
    let parameter = |ligand: &str, name: &str| {
        let text = format!(
            "version = 1\nquestion = \"t\"\n[cells.c]\nfrom = \"treg\"\n[ligands.l]\nfrom = \"il2\"\n{ligand}\
             [assay.a]\nkind = \"time-course\"\ndoses = [\"1 nM\"]\ntimes = [\"1 h\"]\n"
        );
        let study = parse(&text).unwrap_or_else(|e| panic!("{e}"));
        let plan = plan(&study, "a").unwrap();
        let found = plan.prepared()[0].parameters.iter().find(|p| p.name == name).map(|p| p.value);
        found.unwrap_or_else(|| panic!("{name}"))
    };
    let slow = "k_on = { il2r_beta = \"1e5 /M/s\" }\n";
    for (name, ratio) in
        [("l.k_off_beta", 0.01), ("l.k_off_alpha", 1.0), ("l.k_off_alpha_from_alpha_beta", 1.0)]
    {
        let (before, after) = (parameter("", name), parameter(slow, name));
        assert!((after / before / ratio - 1.0).abs() < 1e-12, "{name}: {before} {after}");
    }
    let both = "k_on = { il2r_beta = \"1e5 /M/s\" }\nk_off = { il2r_beta = \"1e-2 /s\" }\n";
    assert!((parameter(both, "l.affinity.il2r_beta") / 1e5 - 1.0).abs() < 1e-12, "100 nM");
    assert!((parameter(both, "l.k_off_beta") / 0.6 - 1.0).abs() < 1e-12);
}

#[test]
fn what_cannot_be_is_refused_with_what_to_write() {
    let assay = "[assay.a]\nkind = \"time-course\"\ndoses = [\"1 nM\"]\ntimes = [\"1 h\"]\n";
    for (lines, said) in [
        (
            format!("[cells.c]\nfrom = \"treg\"\n[ligands.l]\nfrom = \"il4\"\n{assay}"),
            "cell c has no number of il4r_alpha, which ligand l binds; give it under [cells.c.receptors], for example il4r_alpha = \"1000 /cell\"",
        ),
        (
            format!("[cells.c]\nfrom = \"yt1\"\n[ligands.l]\nfrom = \"il7\"\n{assay}"),
            "give it under [cells.c.synthesis], for example il7r_alpha = \"1000 /cell/min\"",
        ),
        (
            format!(
                "[cells.c]\nfrom = \"treg\"\n[ligands.l]\nfrom = \"il7\"\naffinity = {{ il2r_beta = \"1 nM\" }}\n{assay}"
            ),
            "is not a chain of this ligand, which binds il7r_alpha; set il7r_alpha",
        ),
        (
            format!("{CELL}k_off = {{ il2r_beta = \"1e-2 /s\" }}\n{assay}"),
            "also needs ligands.il2.k_on.il2r_beta, because",
        ),
        (
            format!("{CELL}endosomal_off_ratio = {{ alpha_from_trimer = \"2\" }}\n{assay}"),
            "closes a cycle of bonds and follows from the other dissociation constants by detailed balance; leave it out",
        ),
        (
            format!("{CELL}{assay}[[assay.a.medium]]\nat = \"5 min\"\n"),
            "needs add or replace; give one of them, for example add = { il2 = \"100 pM\" }, or replace",
        ),
        (
            format!(
                "{CELL}[culture]\ncell_density = \"1e6 /mL\"\n{assay}[[assay.a.medium]]\nat = \"5 min\"\nreplace = {{ }}\nramp = \"60 /min\"\n"
            ),
            "requires a medium that cells do not deplete; leave ramp or [culture] out",
        ),
        (
            "[cells.c]\nfrom = \"treg\"\n[ligands.l]\nfrom = \"soluble-cd25\"\n[assay.a]\nkind = \"time-course\"\nmodel = \"effect\"\ndoses = [\"1 nM\"]\ntimes = [\"1 h\"]\n".to_string(),
            "is a soluble chain in the medium, which model effect does not support",
        ),
    ] {
        let found = error(&lines);
        assert!(found.contains(said), "{found}\n{said}");
    }
}
