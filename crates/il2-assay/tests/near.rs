//! Ligand near cells of a culture against closed forms: spheres in an unbounded medium, the
//! well-mixed medium as the limit of fast diffusion, and the balance of the ligand.

use il2_output::table::Table;
use il2_study::Library;
use std::collections::HashMap;
use std::f64::consts::PI;

/// One molecule per cubic micrometre is 1.6606 nM; the diffusion coefficient (um²/s) and radius
/// (um) of the library.
const PM: f64 = 1660.5391;
const D: f64 = 10.0;
const RADIUS: f64 = 5.0;
/// Uptake by a cell with one receptor at one molecule per cubic micrometre (um³/s): 111.6 /nM/h.
const PER_RECEPTOR: f64 = 0.05148;

/// A study with a ligand that stays bound, cells with one chain, and cells that bind nothing.
fn study(assay: &str, rest: &str, kinds: &str) -> String {
    let chains = |beta: &str| {
        format!(
            "receptors = {{ il2r_alpha = \"0 /cell\", il2r_beta = \"{beta} /cell\", gamma_c = \"0 /cell\" }}"
        )
    };
    format!(
        "version = 1\nquestion = \"?\"\n[ligands.il2]\nfrom = \"il2\"\n\
         k_on = {{ il2r_beta = \"111.6 /nM/h\" }}\nk_off = {{ il2r_beta = \"1e-6 /h\" }}\n\
         [cells.treg]\nfrom = \"treg\"\n[cells.cd4]\nfrom = \"cd4_effector\"\nspread = {{ il2r_alpha = \"0.5\" }}\n\
         [cells.bare]\nfrom = \"cd4_effector\"\n{}\n[cells.one]\nfrom = \"cd4_effector\"\n{}\n\
         [cells.three]\nfrom = \"cd4_effector\"\n{}\n[cells.ten]\nfrom = \"cd4_effector\"\n{}\n\
         [assay.a]\nkind = \"culture\"\n{assay}\n{rest}\n{kinds}\n",
        chains("0"),
        chains("1000"),
        chains("3500"),
        chains("10000"),
    )
}

fn parsed(text: &str) -> Result<HashMap<String, Table>, String> {
    let planned = il2_assay::plans::parse("s.toml".as_ref(), text, Library::builtin());
    let (study, plans) = planned.map_err(|error| error.to_string())?;
    let result = plans[0].1.run(&study, &|_| {});
    assert_eq!(result.failed, 0, "{:?}", result.sentences);
    assert!(result.checks.iter().all(|check| check.holds), "the balance of a ligand");
    Ok(result.tables.into_iter().map(|table| (table.name.clone(), table)).collect())
}

fn run(assay: &str, rest: &str, kinds: &str) -> HashMap<String, Table> {
    parsed(&study(assay, rest, kinds)).unwrap()
}

fn near(found: f64, wanted: f64, part: f64) {
    assert!((found / wanted - 1.0).abs() < part, "{found}, not {wanted}");
}

fn source(cell: &str, cells: &str, rate: &str) -> String {
    format!(
        "[assay.a.kinds.source]\ncell = \"{cell}\"\ncells = \"{cells} cells\"\n\
         secretion = {{ ligand = \"il2\", rate = \"{rate} /cell/s\" }}\n"
    )
}

/// A cell that secretes ten molecules per second has 26.4 pM at its surface, and 13.2, 6.6, 2.6 and
/// 1.3 pM at 10, 20, 50 and 100 um from it.
#[test]
fn a_cell_alone_meets_what_a_sphere_has_at_its_surface_and_a_neighbour_what_diffuses_there() {
    let empty = "volume = \"1 L\"\ntimes = [\"1 h\"]\ndiffusion = {}\n";
    for (distance, pm) in [(10.0, 13.2), (20.0, 6.6), (50.0, 2.6), (100.0, 1.3)] {
        let sink = format!(
            "[assay.a.kinds.watcher]\ncell = \"bare\"\ncells = \"1 cells\"\n\
             beside = {{ kind = \"source\", distance = \"{distance} um\" }}\n"
        );
        // The loss in the medium is so small that it does not limit the reach of the cell.
        let lost = "loss = { il2 = \"1e-9 /h\" }";
        let all = run(empty, lost, &(source("bare", "1", "10") + &sink));
        let met = |row: usize| all["a"].number(row, "il2_at_surface_pm");
        near(met(0), 10.0 / (4.0 * PI * D * RADIUS) * PM, 1e-3);
        near(met(0), 26.4, 0.01);
        near(met(1), 10.0 / (4.0 * PI * D * distance) * PM, 1e-3);
        near(met(1), pm, 0.02);
    }
}

/// A cell with receptors that secretes into an empty medium takes up the fraction k / (k + 4 π D ρ)
/// itself.
#[test]
fn an_isolated_cell_takes_the_part_of_its_ligand_that_diffusion_leaves_it() {
    for (cell, receptors) in [("one", 1e3), ("ten", 1e4)] {
        let assay = "volume = \"1 L\"\ntimes = [\"1 h\"]\ndiffusion = {}\n";
        let all = run(assay, "", &source(cell, "1", "0.001"));
        let shares = &all["a_shares"];
        let part = shares.number(0, "taken_pm") / shares.number(0, "made_pm");
        let k = PER_RECEPTOR * receptors;
        near(part, k / (k + 4.0 * PI * D * RADIUS), 0.01);
        // Without diffusion, it takes up almost none of its ligand.
        let mixed = run("volume = \"1 L\"\ntimes = [\"1 h\"]\n", "", &source(cell, "1", "0.001"));
        let shares = &mixed["a_shares"];
        assert!(shares.number(0, "taken_pm") < 1e-6 * shares.number(0, "made_pm"));
    }
}

/// Reach of a niche among cells with 1,000, 3,500 and 10,000 receptors: 41.0, 23.9 and 16.8 um with
/// one cell per cube of 20 um, and 116, 67.6 and 47.6 um with one per cube of 40 um.
#[test]
fn a_niche_reaches_as_far_as_cells_that_take_up_let_it() {
    for (volume, wanted) in [("8 nL", [41.0, 23.9, 16.8]), ("64 nL", [116.0, 67.6, 47.6])] {
        for (cell, um) in ["one", "three", "ten"].into_iter().zip(wanted) {
            let assay = format!(
                "volume = \"{volume}\"\ntimes = [\"0 h\"]\ndiffusion = {{}}\nmixture = {{ il2 = \"1 pM\" }}\n"
            );
            let kinds = format!("[assay.a.kinds.{cell}]\ncells = \"1000 cells\"\n");
            let all = run(&assay, "", &kinds);
            near(all["a_medium"].number(0, "reach_um"), um, 0.01);
            // A cell that takes up ligand is exposed to less of it than there is between cells.
            let receptors = HashMap::from([("one", 1e3), ("three", 3.5e3), ("ten", 1e4)])[cell];
            let less = 1.0 + PER_RECEPTOR * receptors / (4.0 * PI * D * RADIUS);
            near(all["a"].number(0, "il2_at_surface_pm"), 1.0 / less, 0.001);
        }
    }
}

/// All behaviours of cells in a culture, with and without neighbours.
fn busy(treg: &str) -> String {
    format!(
        "[assay.a.kinds.effector]\ncell = \"cd4\"\ncells = \"20000 cells\"\nantigen = {{ level = 1 }}\n\
         secretion = {{ ligand = \"il2\", rate = \"5 /cell/s\" }}\n\
         up_regulation = {{ il2r_alpha = {{ by_antigen = \"3\", by_signal = \"20\", half_at = \"60 /cell\" }} }}\n\
         [assay.a.kinds.treg]\ncells = \"20000 cells\"\n{treg}\n\
         [assay.a.kinds.third]\ncell = \"cd4\"\ncells = \"5000 cells\"\nbehaviour = \"cd4-activated\"\n\
         antigen = {{ level = 0.3 }}\nrepresentatives = 3\n"
    )
}

/// With diffusion a billion times as fast, cells are exposed to the concentration of the medium,
/// and the well is well mixed.
#[test]
fn fast_diffusion_is_the_mixed_medium() {
    let assay = "volume = \"0.2 mL\"\ntimes = [\"6 h\", \"48 h\"]\n";
    let fast = "diffusion = { coefficient = \"1e10 um^2/s\" }";
    let slow = "diffusion = {}";
    let beside = "beside = { kind = \"effector\", distance = \"10 um\" }";
    let mixed = run(assay, "", &busy(""));
    let fast = run(assay, fast, &busy(beside));
    let slow = run(assay, slow, &busy(beside));
    let columns = ["pstat5_per_cell", "il2r_alpha_surface_total_per_cell", "cells"];
    let differ = |other: &HashMap<String, Table>| {
        let rows = (0..6).flat_map(|row| columns.map(|column| (row, column)));
        let of = |(row, column): (usize, &str)| {
            (other["a"].number(row, column) / mixed["a"].number(row, column) - 1.0).abs()
        };
        rows.map(of).fold(0.0, f64::max)
    };
    assert!(differ(&fast) < 1e-7, "{}", differ(&fast));
    // Diffusion at its usual rate does have an effect here.
    assert!(differ(&slow) > 0.05, "{}", differ(&slow));
    for row in 0..2 {
        near(slow["a_medium"].number(row, "found_over_all"), 1.0, 1e-8);
    }
}

/// A Treg takes the signal of a cell at its side, but not that of one 100 um away: each pair alone
/// in a large medium.
#[test]
fn a_treg_takes_what_its_neighbour_secretes_and_little_of_a_cell_far_away() {
    let assay =
        "volume = \"1 mL\"\ntimes = [\"24 h\"]\ndiffusion = {}\nloss = { il2 = \"0.1 /h\" }\n";
    let cd4 = |rest: &str| {
        "[assay.a.kinds.source]\ncell = \"cd4\"\ncells = \"10 cells\"\n\
         secretion = { ligand = \"il2\", rate = \"0.5 /cell/s\" }\n"
            .to_string()
            + rest
    };
    let beside = |distance: &str| {
        format!(
            "[assay.a.kinds.treg]\ncells = \"10 cells\"\n\
             beside = {{ kind = \"source\", distance = \"{distance} um\" }}\n"
        )
    };
    let signal = |kinds: &str| {
        let all = run(assay, "", kinds);
        [0, 1].map(|row| all["a"].number(row, "pstat5_per_cell"))
    };
    let alone = signal(&cd4(""))[0];
    let [[by, treg_by], [far, treg_far]] = ["10", "100"].map(|um| signal(&cd4(&beside(um))));
    assert!(by < alone && treg_by > 2.0 * treg_far, "{by} {alone}; Treg {treg_by} {treg_far}");
    assert!((far / alone - 1.0).abs() < 0.02, "{far} {alone}");
    assert!(alone - by > 3.0 * (alone - far), "{alone} {by} {far}");
}

#[test]
fn what_cannot_be_beside_each_other_is_refused_with_a_remedy() {
    let assay = "volume = \"1 mL\"\ntimes = [\"1 h\"]\n";
    let treg = |beside: &str, rest: &str| {
        source("bare", "9", "1")
            + &format!("[assay.a.kinds.treg]\ncells = \"9 cells\"\nbeside = {beside}\n{rest}\n")
    };
    let good = "{ kind = \"source\", distance = \"10 um\" }";
    assert!(parsed(&study(assay, "diffusion = {}", &treg(good, ""))).is_ok());
    for (diffusion, kinds, wanted) in [
        ("", treg(good, ""), "treg.beside: requires diffusion of ligands; add diffusion = {}"),
        (
            "diffusion = { coefficient = \"0 um^2/s\" }",
            treg(good, ""),
            "diffusion.coefficient: is zero; give a number above zero",
        ),
        ("diffusion = { cell_radius = \"5 pM\" }", treg(good, ""), "is a concentration"),
        (
            "diffusion = {}",
            treg("{ kind = \"source\", distance = \"9 um\" }", ""),
            "cells with a radius of 5 um are at least 10 um apart",
        ),
        (
            "diffusion = {}",
            treg("{ kind = \"surce\", distance = \"10 um\" }", ""),
            "did you mean source?",
        ),
        (
            "diffusion = {}",
            treg("{ kind = \"treg\", distance = \"10 um\" }", ""),
            "is the same kind of cell",
        ),
        (
            "diffusion = {}",
            treg(good, "").replace("\"9 cells\"\nbeside", "\"8 cells\"\nbeside"),
            "set equal numbers",
        ),
        ("diffusion = {}", treg(good, "death = { rate = \"1 /d\" }"), "treg divide or die"),
        (
            "diffusion = {}",
            treg(good, "cell = \"cd4\"\nrepresentatives = 3"),
            "leave representatives of treg out",
        ),
        (
            "diffusion = {}",
            treg(
                good,
                "[assay.a.kinds.other]\ncell = \"cd4\"\ncells = \"9 cells\"\nbeside = { kind = \"source\", distance = \"20 um\" }",
            ),
            "a cell can have only one neighbour",
        ),
        (
            "diffusion = {}\nmap = { kind = \"treg\", doses = [\"1 pM\"], cells = [\"9 cells\"] }",
            treg(good, ""),
            "the map varies the number of treg",
        ),
    ] {
        let found = parsed(&study(assay, diffusion, &kinds)).map(|_| ()).unwrap_err();
        assert!(found.contains(wanted), "{diffusion}; {kinds}:\n{found}\nwanted: {wanted}");
    }
}

/// Cells that spare the ligand use none, and so a niche has no limit.
#[test]
fn a_ligand_that_nobody_uses_reaches_everywhere() {
    let assay = "volume = \"0.2 mL\"\ntimes = [\"0 h\", \"24 h\"]\ndiffusion = {}\n\
                 mixture = { il2 = \"10 pM\" }\n";
    let kinds =
        "[assay.a.kinds.treg]\ncell = \"treg\"\ncells = \"1e5 cells\"\nspares_ligand = true\n";
    let tables = run(assay, "", kinds);
    let medium = &tables["a_medium"];
    assert!(medium.rows() >= 2);
    for row in 0..medium.rows() {
        near(medium.number(row, "free_pm"), 10.0, 1e-9);
    }
}
