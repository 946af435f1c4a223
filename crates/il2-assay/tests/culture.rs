//! Kinds of cells in one medium, against what must hold whatever the numbers: the balance of every ligand, the
//! well of one kind, closed forms.

use il2::culture::kinds::behaviour::{
    Antigen, Behaviour, Death, Division, HalfAt, Secretion, UpRegulation, Window,
};
use il2::culture::kinds::{Culture, CultureRan, CultureWell, Kind, PreparedCulture};
use il2::culture::{Exchange, MediumChange, Setup, Well};
use il2::quantity::MOLECULES_PER_PMOL;
use il2::receptor::Medium;
use il2_engine::Tolerance;
use il2_study::Library;

const TIGHT: Tolerance = Tolerance { relative: 1e-11, absolute: 1e-12, most_steps: 400_000 };

/// A setup of the library, with STAT5 behind the receptor.
fn setup(model: &str, ligands: &[&str], cell: &str) -> Setup {
    let library = Library::builtin();
    let mut model = library.models[model].model.clone();
    if model.name.starts_with("gamma-chain") {
        model.stat5 = Some(library.stat5["stat5"].stat5.clone());
    }
    let ligands = ligands.iter().map(|l| library.ligand(l).unwrap().clone()).collect();
    Setup { model, ligands, cell: Some(library.cells[cell].clone()), medium: Medium::Constant }
}

fn kind(name: &str, setup: &Setup, cell_density: f64) -> Kind {
    Kind { name: name.into(), setup: setup.clone(), cell_density, behaviour: Behaviour::default() }
}

fn well(doses: &[(&str, f64)], hours: &[f64]) -> CultureWell {
    let doses = doses.iter().map(|(l, d)| (l.to_string(), *d)).collect();
    let times = hours.iter().map(|h| 60.0 * h).collect();
    CultureWell { well: Well { doses, times, ..Well::default() }, ..CultureWell::default() }
}

fn run(culture: &PreparedCulture, well: &CultureWell) -> CultureRan {
    let ran = culture.run_all(std::slice::from_ref(well), TIGHT).remove(0);
    assert_eq!(ran.failure, None);
    ran
}

/// Readouts of a culture against those of others, which are theirs under other names.
fn differ(
    a: (&PreparedCulture, &CultureRan, &str),
    b: (&PreparedCulture, &CultureRan, &str),
) -> f64 {
    let mut most = 0.0_f64;
    for (i, (name, _)) in a.0.readouts.iter().enumerate() {
        let Some(own) = name.strip_prefix(a.2) else { continue };
        if name.ends_with("_of_all") {
            continue;
        }
        let j = b.0.readout(&format!("{}{own}", b.2)).unwrap_or_else(|| panic!("{own}"));
        for (x, y) in a.1.rows.iter().zip(&b.1.rows) {
            most = most.max((x[i] - y[j]).abs() / (x[i].abs().max(y[j].abs()) + 1e-9));
        }
    }
    most
}

/// Everything that cells may do, at once.
fn busy() -> Behaviour {
    let half_at = HalfAt { signal: 60.0, steepness: 2.0 };
    Behaviour {
        antigen: Some(Antigen { level: 0.6, window: Window { from: 300.0, to: 2400.0 } }),
        secretion: vec![Secretion {
            ligand: "il2".into(),
            rate: 90.0,
            window: Window { from: 0.0, to: 2000.0 },
            by_antigen: true,
            inhibiting_signal: Some(200.0),
        }],
        up_regulation: vec![UpRegulation {
            chain: "il2r_alpha".into(),
            by_signal: Some((8.0, half_at)),
            by_antigen: Some(3.0),
        }],
        division: Some(Division {
            rate: 1e-3,
            half_at,
            window: Window { from: 600.0, to: f64::INFINITY },
            by_antigen: false,
        }),
        death: Some(Death { rate: 4e-4, protecting_signal: Some(40.0) }),
    }
}

/// Treg beside effector cells that secrete, divide and die.
fn three() -> Culture {
    let ligands = ["il2", "il15"];
    let of = |cell| setup("gamma-chain", &ligands, cell);
    let mut effector = kind("effector", &of("cd4_effector"), 8e8);
    effector.behaviour = busy();
    let kinds = vec![kind("treg", &of("treg"), 2e8), effector, kind("nk", &of("nk"), 5e7)];
    Culture { kinds, lost: vec![("il2".into(), 2e-5)] }
}

/// Additions, a wash, half of the medium changed, and two changes at one time.
fn fed() -> CultureWell {
    let at = |hours: f64, kind, il2: f64| MediumChange {
        at: 60.0 * hours,
        kind,
        contents: vec![("il2".to_string(), il2)],
        ramp: None,
    };
    let mut fed = well(&[("il2", 20.0), ("il15", 5.0)], &[0.0, 1.0, 5.0, 24.0, 30.0, 48.0, 72.0]);
    fed.well.changes = vec![
        at(5.0, Exchange::Add, 30.0),
        at(20.0, Exchange::Replace(0.5), 40.0),
        at(20.0, Exchange::Add, 7.0),
        at(36.0, Exchange::Replace(1.0), 3.0),
    ];
    fed
}

#[test]
fn every_ligand_is_found_again_whatever_cells_do() {
    let culture = three().prepare().unwrap();
    // As a user runs it, not tighter: the sum does not depend on the tolerance.
    for tolerance in [Tolerance::default(), TIGHT] {
        let ran = culture.run_all(&[fed()], tolerance).remove(0);
        assert_eq!(ran.failure, None);
        assert_eq!(ran.balances.len(), 7);
        for (row, at) in ran.balances.iter().zip(fed().well.times) {
            for (ligand, balance) in culture.ligands.iter().zip(row) {
                let (all, found) = (balance.all(), balance.found());
                assert!(
                    all > 0.0 && (found / all - 1.0).abs() < 1e-8,
                    "{} {at}: {balance:?}",
                    ligand.label
                );
            }
        }
        let il2 = culture.ligands.iter().position(|l| l.label == "il2").unwrap();
        let last = &ran.balances[6][il2];
        let effector = culture.kinds.iter().position(|k| k.name == "effector").unwrap();
        // A balance in which nothing moves would close, too.
        assert_eq!(last.given, 20.0 + 30.0 + 20.0 + 7.0 + 3.0);
        assert!(last.removed > 10.0 && last.lost > 0.01, "{last:?}");
        assert!(
            last.kinds[effector].made > 10.0 && last.kinds.iter().all(|k| k.taken() > 0.1),
            "{last:?}"
        );
    }
}

#[test]
fn cells_divide_die_and_make_more_cd25() {
    let culture = three().prepare().unwrap();
    let ran = run(&culture, &fed());
    let of = |name: &str| {
        let place = culture.readout(name).unwrap();
        ran.rows.iter().map(|row| row[place]).collect::<Vec<f64>>()
    };
    let (cells, divisions) = (of("effector.cells"), of("effector.divisions"));
    assert!(divisions[6] > 0.1 && cells[6] != cells[0], "{cells:?} {divisions:?}");
    assert_eq!(divisions[..3], [0.0; 3], "they begin to divide after 10 h");
    let alpha = of("effector.il2r_alpha_surface_total");
    assert!(alpha[4] > 2.0 * alpha[0], "{alpha:?}");
    assert_eq!(of("treg.cells"), vec![2e8; 7]);
}

#[test]
fn one_kind_is_the_well_of_a_time_course() {
    for (model, ligand) in [("gamma-chain", "il2"), ("polyvalent", "wt-c-fc")] {
        let setup = setup(model, &[ligand], "treg");
        let density = 1e9;
        let culture = Culture { kinds: vec![kind("treg", &setup, density)], lost: vec![] };
        let culture = culture.prepare().unwrap();
        let well = well(&[(ligand, 100.0)], &[0.0, 0.1, 1.0, 4.0, 24.0]);
        let ran = run(&culture, &well);
        let alone = Setup { medium: Medium::Depleted { cell_density: density }, ..setup };
        let alone = alone.prepare().unwrap();
        let rows = alone.run(&well.well, TIGHT).unwrap();
        let mut compared = 0;
        for (i, (name, _)) in alone.readouts.iter().enumerate() {
            let own = culture.readout(&format!("treg.{name}")).or(culture.readout(name));
            let j = own.unwrap_or_else(|| panic!("{name}"));
            for (x, y) in rows.iter().zip(&ran.rows) {
                assert!(
                    (x[i] - y[j]).abs() <= 1e-9 * (1.0 + x[i].abs()),
                    "{name}: {} {}",
                    x[i],
                    y[j]
                );
            }
            compared += 1;
        }
        assert!(compared > 20, "{compared} readouts of {model}");
    }
}

#[test]
fn two_halves_of_a_kind_are_the_kind() {
    let whole = three();
    let mut split = three();
    let effector = split.kinds.remove(1);
    for name in ["effector-1", "effector-2"] {
        let cell_density = 0.5 * effector.cell_density;
        split.kinds.push(Kind { name: name.into(), cell_density, ..effector.clone() });
    }
    let (whole, split) = (whole.prepare().unwrap(), split.prepare().unwrap());
    let (a, b) = (run(&whole, &fed()), run(&split, &fed()));
    for (of, to) in [("treg.", "treg."), ("nk.", "nk."), ("il2_", "il2_")] {
        let most = differ((&whole, &a, of), (&split, &b, to));
        assert!(most < 1e-8, "{of} {most}");
    }
    let cells = split.readout("effector-1.cells").unwrap();
    let all = whole.readout("effector.cells").unwrap();
    assert!((2.0 * b.rows[6][cells] / a.rows[6][all] - 1.0).abs() < 1e-8);
}

#[test]
fn the_order_of_kinds_changes_no_byte_and_a_kind_without_cells_nothing() {
    let (first, mut other) = (three(), three());
    other.kinds.rotate_left(1);
    let none = kind("b-none", &setup("gamma-chain", &["il2", "il15"], "cd8"), 0.0);
    other.kinds.insert(1, none);
    let all = [first, other].map(|culture| {
        let ran = run(&culture.prepare().unwrap(), &fed());
        (ran.rows.concat().into_iter().map(f64::to_bits).collect::<Vec<_>>(), ran.balances)
    });
    assert_eq!(all[0], all[1]);
}

#[test]
fn cells_of_a_well_take_the_place_of_those_of_the_culture() {
    let mut more = three();
    more.kinds[0].cell_density = 4e8;
    let at_start = run(&more.prepare().unwrap(), &fed());
    let in_well = CultureWell { cell_density: vec![("treg".into(), 4e8)], ..fed() };
    let in_well = run(&three().prepare().unwrap(), &in_well);
    for (x, y) in at_start.rows.concat().iter().zip(in_well.rows.concat()) {
        assert!((x - y).abs() <= 1e-8 * (1e-3 + x.abs()), "{x} {y}");
    }
}

/// At trace doses a cell binds by its free chains alone, so that ligand falls in closed form as long as nothing
/// leaves the cell: here no bond breaks, and nothing comes back.
#[test]
fn a_trace_of_ligand_falls_by_the_chains_that_bind_it() {
    let mut setup = setup("gamma-chain", &["il2"], "treg");
    let never = ["il2.affinity.il2r_alpha", "il2.affinity.il2r_beta"];
    // So tight that nothing leaves within the hour.
    setup.model.overrides = never.map(|name| (name.to_string(), "1e-9 pM".to_string())).to_vec();
    let density = 1e9;
    let culture = Culture { kinds: vec![kind("treg", &setup, density)], lost: vec![] };
    let culture = culture.prepare().unwrap();
    let cell = setup.cell.as_ref().unwrap();
    let chain = |name: &str| cell.numbers().unwrap()[name].value;
    let on = setup.model.parameters["k_on_ligand"].value;
    let rate = on * density / MOLECULES_PER_PMOL * (chain("il2r_alpha") + chain("il2r_beta"));
    let half = std::f64::consts::LN_2 / rate;
    let ran = run(&culture, &well(&[("il2", 1e-6)], &[half / 60.0]));
    let left = ran.balances[0][0].medium / 1e-6;
    assert!((left - 0.5).abs() < 0.005, "{left} after {half} min");
}

#[test]
fn what_cannot_be_is_refused_with_a_remedy() {
    let message = |culture: Culture| culture.prepare().unwrap_err().to_string();
    let treg = setup("gamma-chain", &["il2"], "treg");
    let none = Culture { kinds: vec![kind("treg", &treg, 0.0)], lost: vec![] };
    assert_eq!(message(none), "the culture has no cells; give at least one kind some");
    let mut secretes = kind("treg", &treg, 1e9);
    secretes.behaviour.secretion = vec![Secretion {
        ligand: "il2".into(),
        rate: 1.0,
        window: Window::default(),
        by_antigen: true,
        inhibiting_signal: None,
    }];
    let secretes = Culture { kinds: vec![secretes], lost: vec![] };
    let wanted =
        "cells treg: secretion by antigen needs antigen, and they meet none; give them antigen";
    assert_eq!(message(secretes), wanted);
}
