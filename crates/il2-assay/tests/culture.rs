//! Kinds of cells in one medium; exceeds 400 lines because all tests build their wells with the
//! same helpers. Properties that must hold for any numbers are tested: the balance of every ligand,
//! the well of a single kind, and closed forms.

use il2::culture::kinds::behaviour::{
    Antigen, Behaviour, Death, Division, HalfAt, Secretion, Suppression, SuppressiveCytokine,
    UpRegulation, Window,
};
use il2::culture::kinds::{Culture, CultureRan, CultureWell, Kind, PreparedCulture};
use il2::culture::{Exchange, MediumChange, Setup, Well};
use il2::quantity::MOLECULES_PER_PMOL;
use il2::receptor::Medium;
use il2_engine::Tolerance;
use il2_study::Library;

const TIGHT: Tolerance = Tolerance { relative: 1e-11, absolute: 1e-12, most_steps: 400_000 };

/// A setup of the library, with STAT5 downstream of the receptor.
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
    Kind {
        name: name.into(),
        setup: setup.clone(),
        spread: vec![],
        cell_density,
        behaviour: Behaviour::default(),
    }
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

/// Largest difference between readouts of a culture and those of another simulation with other
/// names.
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

/// All behaviours of cells at once.
fn busy() -> Behaviour {
    let half_at = HalfAt { signal: 60.0, steepness: 2.0 };
    let cytokine = Some(SuppressiveCytokine { half_at: 2e9, half_life: 300.0 });
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
        }),
        death: Some(Death { rate: 4e-4, protecting_signal: Some(40.0) }),
        spares_ligand: false,
        suppression: Some(Suppression { by: vec!["treg".into()], contact: 0.5, cytokine }),
    }
}

/// Treg beside effector cells that secrete, divide and die.
fn three() -> Culture {
    let ligands = ["il2", "il15"];
    let of = |cell| setup("gamma-chain", &ligands, cell);
    let mut effector = kind("effector", &of("cd4_effector"), 8e8);
    effector.behaviour = busy();
    let kinds = vec![kind("treg", &of("treg"), 2e8), effector, kind("nk", &of("nk"), 5e7)];
    Culture { kinds, lost: vec![("il2".into(), 2e-5)], ..Culture::default() }
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
    // At the default tolerance as well, because the sum does not depend on the tolerance.
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
        // A balance would also close if nothing moved.
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
        let culture = Culture {
            kinds: vec![kind("treg", &setup, density)],
            lost: vec![],
            ..Culture::default()
        };
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

/// At trace doses, a cell binds with free chains only, so that the ligand falls in closed form
/// while nothing leaves the cell: here no bond breaks, and nothing is recycled.
#[test]
fn a_trace_of_ligand_falls_by_the_chains_that_bind_it() {
    let mut setup = setup("gamma-chain", &["il2"], "treg");
    let never = ["il2.affinity.il2r_alpha", "il2.affinity.il2r_beta"];
    // Binding is so tight that nothing dissociates within the hour.
    setup.model.overrides = never.map(|name| (name.to_string(), "1e-9 pM".to_string())).to_vec();
    let density = 1e9;
    let culture =
        Culture { kinds: vec![kind("treg", &setup, density)], lost: vec![], ..Culture::default() };
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
    let none =
        Culture { kinds: vec![kind("treg", &treg, 0.0)], lost: vec![], ..Culture::default() };
    assert_eq!(
        message(none),
        "the culture has no cells; give at least one kind a cell density above 0"
    );
    let mut secretes = kind("treg", &treg, 1e9);
    secretes.behaviour.secretion = vec![Secretion {
        ligand: "il2".into(),
        rate: 1.0,
        window: Window::default(),
        by_antigen: true,
        inhibiting_signal: None,
    }];
    let secretes = Culture { kinds: vec![secretes], lost: vec![], ..Culture::default() };
    let wanted = "cells treg: secretion driven by antigen requires antigen, but these cells encounter \
                  none; give them antigen";
    assert_eq!(message(secretes), wanted);
}

/// CD4 cells that encounter antigen, together with Treg, with the behaviours of the library.
fn beside_treg(level: f64, treg: f64) -> Culture {
    let library = &Library::builtin().behaviours;
    let of = |name: &str, level: Option<f64>| {
        let mut numbers = library[name].numbers.clone();
        if let Some(level) = level {
            let plain = il2_engine::Dimension::DIMENSIONLESS;
            let number = il2::parameter::Parameter::from_study(level, plain, "");
            numbers.insert("antigen.level".into(), number);
        }
        let secretes = library[name].secretes.as_deref().map(|l| (l, library[name].by_antigen));
        Behaviour::of(&numbers, name, secretes).unwrap()
    };
    let mut kinds = vec![
        kind("effector", &setup("gamma-chain", &["il2"], "cd4_effector"), 1e9),
        kind("treg", &setup("gamma-chain", &["il2"], "treg"), treg),
    ];
    kinds[0].behaviour = of("cd4-activated", Some(level));
    kinds[1].behaviour = of("treg-resting", None);
    Culture { kinds, lost: vec![], ..Culture::default() }
}

/// The mean of a readout over three days.
fn mean(culture: &Culture, name: &str) -> f64 {
    let culture = culture.prepare().unwrap();
    let hours: Vec<f64> = (0..=72).map(f64::from).collect();
    let ran = culture.run_all(&[well(&[], &hours)], Tolerance::default()).remove(0);
    assert_eq!(ran.failure, None);
    let place = culture.readout(name).unwrap();
    ran.rows.iter().map(|row| row[place]).sum::<f64>() / ran.rows.len() as f64
}

/// Feinerman et al. 2010: Treg suppress survival signals of weakly activated effector cells, but
/// not those of strongly activated ones.
#[test]
fn treg_take_the_signal_of_weakly_activated_cells_and_not_of_strongly_activated_ones() {
    let signal = |level, treg| mean(&beside_treg(level, treg), "effector.pstat5");
    let left = |level| signal(level, 1e9) / signal(level, 0.0);
    let (weak, strong) = (left(0.003), left(0.3));
    assert!(weak < 0.5, "{weak} of the signal under weak activation");
    assert!(strong > 0.8 && strong < 1.01, "{strong} of the signal under strong activation");
}

#[test]
fn treg_that_spare_ligand_change_nothing_for_others() {
    let mut sparing = beside_treg(0.003, 1e9);
    sparing.kinds[1].behaviour.spares_ligand = true;
    let [with, without] = [sparing.clone(), beside_treg(0.003, 0.0)].map(|culture| {
        let culture = culture.prepare().unwrap();
        let ran = run(&culture, &well(&[], &[24.0, 72.0]));
        let place = culture.readout("effector.pstat5").unwrap();
        (ran.rows.iter().map(|row| row[place]).collect::<Vec<f64>>(), ran.balances)
    });
    for (x, y) in with.0.iter().zip(&without.0) {
        assert!((x / y - 1.0).abs() < 1e-7, "{x} {y}");
    }
    // They still respond to the ligand, but none of it is counted as taken up by them.
    assert!(mean(&sparing, "treg.pstat5") > 10.0);
    let last = &with.1[1][0];
    assert!((last.found() / last.all() - 1.0).abs() < 1e-8 && last.kinds[1].taken() == 0.0);
}

#[test]
fn contact_with_as_many_suppressors_divides_secretion() {
    let made = |contact: f64| {
        let mut culture = beside_treg(0.1, 1e9);
        for kind in &mut culture.kinds {
            (kind.behaviour.division, kind.behaviour.death) = (None, None);
        }
        let by = Suppression { by: vec!["treg".into()], contact, cytokine: None };
        culture.kinds[0].behaviour.suppression = Some(by);
        run(&culture.prepare().unwrap(), &well(&[], &[24.0])).balances[0][0].kinds[0].made
    };
    assert!((made(0.0) / made(2.0) - 3.0).abs() < 1e-9, "{} {}", made(0.0), made(2.0));
}

/// The suppressive cytokine accumulates as S / half_at (1 - exp(-k t)), so that the amount secreted
/// by time T is q (k T + ln(1 + a - a exp(-k T))) / (k (1 + a)), with a = S / half_at; a change of
/// medium resets the accumulation.
#[test]
fn a_cytokine_gathers_suppresses_secretion_and_leaves_with_the_medium() {
    let (half_life, half_at) = (300.0, 4e8);
    let mut culture = beside_treg(0.1, 1e9);
    for kind in &mut culture.kinds {
        (kind.behaviour.division, kind.behaviour.death) = (None, None);
    }
    let cytokine = Some(SuppressiveCytokine { half_at, half_life });
    let by = Suppression { by: vec!["treg".into()], contact: 0.0, cytokine };
    let free = culture.clone();
    culture.kinds[0].behaviour.suppression = Some(by);
    let made = |culture: &Culture, wash: Option<f64>| {
        let mut well = well(&[], &[24.0]);
        well.well.wash = wash;
        run(&culture.prepare().unwrap(), &well).balances[0][0].kinds[0].made
    };
    let (k, a) = (std::f64::consts::LN_2 / half_life, 1e9 / half_at);
    let part = |end: f64| (k * end + (1.0 + a - a * (-k * end).exp()).ln()) / (k * (1.0 + a));
    let whole = 24.0 * 60.0;
    let rate = made(&free, None) / whole;
    let kept = made(&culture, None) / rate;
    assert!((kept / part(whole) - 1.0).abs() < 1e-8, "{kept} {}", part(whole));
    let washed = made(&culture, Some(600.0)) / rate;
    let wanted = part(600.0) + part(whole - 600.0);
    assert!((washed / wanted - 1.0).abs() < 1e-8, "{washed} {wanted}");
}

/// A study of one culture with these lines added below its first kind.
fn study(kind: &str, rest: &str) -> String {
    format!(
        "version = 1\nquestion = \"?\"\n[ligands.il2]\nfrom = \"il2\"\n[cells.treg]\nfrom = \"treg\"\n\
         [cells.cd4]\nfrom = \"cd4_effector\"\n[assay.a]\nkind = \"culture\"\nvolume = \"0.2 mL\"\n\
         times = [\"1 h\", \"24 h\"]\n{rest}\n[assay.a.kinds.treg]\n{kind}\n"
    )
}

#[test]
fn a_culture_that_cannot_be_planned_says_where_and_what_to_do() {
    let message = |kind: &str, rest: &str| {
        let text = study(kind, rest);
        let error = il2_assay::plans::parse("s.toml".as_ref(), &text, Library::builtin());
        error.map(|_| ()).unwrap_err().to_string()
    };
    let given = "mixture = { il2 = \"10 pM\" }";
    let cells = "cells = \"20000 cells\"";
    for (kind, rest, wanted) in [
        (
            cells,
            "",
            "the well has no ligand; give a mixture, add a ligand to the medium, or let cells secrete one",
        ),
        ("cells = \"20000\"", given, "has no unit"),
        (
            "cells = \"0 cells\"",
            given,
            "the culture has no cells; give at least one kind a cell density above 0",
        ),
        ("cells = \"9 cells\"\nbehaviour = \"treg-restin\"", given, "did you mean treg-resting?"),
        (
            "cells = \"9 cells\"\nbehaviour = \"cd4-activated\"",
            given,
            "add antigen = { level = 1 }",
        ),
        (
            "cells = \"9 cells\"\ndivision = { rate = \"1 /d\" }",
            given,
            "assay.a.kinds.treg.division.half_at",
        ),
        (
            "cells = \"9 cells\"\nup_regulation.il2r_alfa = { by_antigen = 2 }",
            given,
            "did you mean il2r_alpha?",
        ),
        ("cells = \"9 cells\"\ncell = \"tregs\"", given, "did you mean treg?"),
        (
            "cells = \"9 cells\"\nantigen = { level = 0.3 }",
            given,
            "assay.a.kinds.treg.antigen: has no effect",
        ),
        (
            cells,
            "mixture = { il2 = \"10 pM\" }\nloss = { il15 = \"1 /h\" }",
            "unknown ligand \"il15\"",
        ),
        (
            cells,
            "mixture = { il2 = \"10 pM\" }\nmodel = \"fallon2000\"",
            "use gamma-chain or polyvalent",
        ),
        (
            "cells = \"9 cells\"\nsuppressed_by = { kinds = [\"nk\"], contact = \"1\" }",
            given,
            "unknown kind \"nk\"",
        ),
        (
            "cells = \"9 cells\"\nsuppressed_by = { kinds = [\"other\"] }\n[assay.a.kinds.other]\n\
             cell = \"cd4\"\ncells = \"9 cells\"",
            given,
            "needs a mechanism; add contact",
        ),
        (
            cells,
            "mixture = { il2 = \"10 pM\" }\nmap = { kind = \"nk\", doses = [\"1 pM\"], cells = [\"9 cells\"] }",
            "unknown kind \"nk\"",
        ),
    ] {
        let found = message(kind, rest);
        assert!(found.contains(wanted), "{kind}; {rest}:\n{found}\nwanted: {wanted}");
    }
}

#[test]
fn an_answer_says_who_took_the_ligand_and_the_balance_is_a_check_of_the_run() {
    let text = study("cells = \"200000 cells\"", "mixture = { il2 = \"10 pM\" }");
    let (study, plans) =
        il2_assay::plans::parse("s.toml".as_ref(), &text, Library::builtin()).unwrap();
    let result = plans[0].1.run(&study, &|_| {});
    assert_eq!(result.failed, 0);
    assert!(result.sentences[0].contains("(all by treg)"), "{:?}", result.sentences);
    assert!(result.checks.iter().all(|check| check.holds) && result.checks.len() == 1);
    let names: Vec<&str> = result.tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(names, ["a", "a_medium", "a_shares", "a_ec50"]);
    let (tables, figures) = plans[0].1.names();
    assert_eq!(names, tables);
    assert_eq!(figures, ["a", "a_ligand"]);
}

/// If the ligand has other sources, the share of the cells that secrete it is not autocrine.
#[test]
fn a_share_is_autocrine_only_if_these_cells_secreted_all_of_the_ligand() {
    let sentence = |mixture: &str, rate: &str| {
        let kind = format!("cells = \"9000000 cells\"\nsecretion = {{ rate = \"{rate}\" }}");
        let text = study(&kind, mixture);
        let (study, plans) =
            il2_assay::plans::parse("s.toml".as_ref(), &text, Library::builtin()).unwrap();
        plans[0].1.run(&study, &|_| {})
    };
    let given = "mixture = { il2 = \"100 pM\" }";
    let said = |mixture: &str, rate: &str| sentence(mixture, rate).sentences[0].clone();
    assert!(said("", "1 /cell/s").contains("(autocrine share)"));
    let both = said(given, "1 /cell/s");
    assert!(!both.contains("of the uptake (autocrine share)"), "{both}");
    let own =
        "of its own molecules that cells took up, 100 % to treg itself (autocrine share) went";
    assert!(both.contains("accounts for") && both.contains(own), "{both}");
    // Cells whose secretion is zero, as in a knock-out, hide neither half-times nor anything else.
    let none = sentence(given, "0 /cell/s");
    assert!(none.sentences[0].contains("half of the dose had left"), "{:?}", none.sentences);
    assert!(none.warnings.is_empty(), "{:?}", none.warnings);
}

/// Daily additions: the time below an EC50 counts, not only the last crossing.
#[test]
fn a_fed_well_says_how_long_the_medium_was_below_an_ec50() {
    let feeding = "mixture = { il2 = \"100 pM\" }\n[[assay.a.medium]]\nat = \"8 h\"\n\
                   every = \"8 h\"\nuntil = \"16 h\"\nadd = { il2 = \"100 pM\" }\n";
    let text = study("cells = \"5000000 cells\"", feeding);
    let (study, plans) =
        il2_assay::plans::parse("s.toml".as_ref(), &text, Library::builtin()).unwrap();
    let said = plans[0].1.run(&study, &|_| {}).sentences[0].clone();
    assert!(said.contains("was below the EC50 at 1 h of resting treg"), "{said}");
    assert!(said.contains(" of the time (first after "), "{said}");
}

/// The EC50 of cells that use up their medium increases with their number; for few cells it equals
/// the EC50 in a constant medium.
#[test]
fn a_map_reads_the_ec50_of_a_medium_that_cells_use_up() {
    let map = "[assay.a.map]\nkind = \"treg\"\ncells = [\"1 cells\", \"10000000 cells\"]\n\
               doses = { from = \"0.1 pM\", to = \"10 nM\", points = 21 }";
    let text =
        study("cells = \"200000 cells\"", "mixture = { il2 = \"10 pM\" }\nec50_time = \"24 h\"")
            + map;
    let (study, plans) =
        il2_assay::plans::parse("s.toml".as_ref(), &text, Library::builtin()).unwrap();
    let result = plans[0].1.run(&study, &|_| {});
    let table = |name: &str| result.tables.iter().find(|table| table.name == name).unwrap();
    let column = |name: &str, of: &str| -> Vec<f64> {
        (0..table(name).rows()).map(|row| table(name).number(row, of)).collect()
    };
    let (free, used) = (column("a_ec50", "ec50_pm")[0], column("a_map_ec50", "ec50_pm"));
    assert!((used[0] / free - 1.0).abs() < 0.05, "{used:?} {free}");
    assert!(used[1] > 3.0 * used[0], "{used:?}");
    assert!(
        result.sentences.iter().any(|s| s.contains("EC50s of il2 at 24 h")),
        "{:?}",
        result.sentences
    );
}

/// A map over the cells of all kinds keeps their ratio: with the number of cells of the well
/// itself, it is that well.
#[test]
fn a_map_of_all_kinds_keeps_their_ratio() {
    let rest = "mixture = { il2 = \"10 pM\" }\n[assay.a.map]\nkind = \"all\"\n\
                cells = [\"3000 cells\", \"300000 cells\"]\ndoses = [\"10 pM\"]\n\
                [assay.a.kinds.cd4]\ncells = \"200000 cells\"";
    let text = study("cells = \"100000 cells\"", rest);
    let (study, plans) =
        il2_assay::plans::parse("s.toml".as_ref(), &text, Library::builtin()).unwrap();
    let result = plans[0].1.run(&study, &|_| {});
    let table = |name: &str| result.tables.iter().find(|table| table.name == name).unwrap();
    let (map, shares) = (table("a_map"), table("a_shares"));
    assert_eq!(map.rows(), 4);
    for row in 2..4 {
        let kind = map.text(row, "kind");
        let own =
            |r: &usize| shares.text(*r, "kind") == kind && shares.number(*r, "time_min") > 100.0;
        let own = (0..shares.rows()).find(own).unwrap();
        let (a, b) = (map.number(row, "part_of_taken"), shares.number(own, "part_of_taken"));
        assert!((a / b - 1.0).abs() < 1e-6, "{kind}: {a} {b}");
        let wanted = if kind == "treg" { 1000.0 } else { 2000.0 };
        let few = (0..2).find(|r| map.text(*r, "kind") == kind).unwrap();
        assert!((map.number(few, "cells_of_kind") / wanted - 1.0).abs() < 1e-9);
    }
}

/// A fit reads the kinds of a culture as the culture assay does, including the effect of a fitted
/// number.
#[test]
fn wells_of_a_culture_can_be_fitted() {
    let folder = tempfile::tempdir().unwrap();
    let wells = "ligand,cell,dose,time,value,sd\nil2,treg,10,24,1,1\nil2,effector,10,24,1,1\n";
    std::fs::write(folder.path().join("wells.csv"), wells).unwrap();
    let of = |readout: &str, unit: &str| {
        format!(
            "[assay.fit.measured.{readout}]\ntable = \"wells.csv\"\nof = \"wells\"\nculture = \"well\"\n\
             readout = \"{readout}\"\nerror = \"absolute\"\n\
             units = {{ dose = \"pM\", time = \"h\", value = \"{unit}\" }}\n"
        )
    };
    let text = |rate: &str| {
        format!(
            "version = 1\nquestion = \"?\"\n[ligands.il2]\nfrom = \"il2\"\n[cells.treg]\nfrom = \"treg\"\n\
             [cells.cd4]\nfrom = \"cd4_effector\"\n[assay.well]\nkind = \"culture\"\nvolume = \"0.2 mL\"\n\
             mixture = {{ il2 = \"10 pM\" }}\ntimes = [\"24 h\"]\n\
             medium = [{{ at = \"12 h\", replace = {{ il2 = \"50 pM\" }} }}]\n\
             [assay.well.kinds.treg]\ncells = \"200000 cells\"\nbehaviour = \"treg-resting\"\n\
             division = {{ rate = \"{rate}\", from = \"6 h\" }}\n\
             [assay.well.kinds.effector]\ncell = \"cd4\"\ncells = \"100000 cells\"\n\
             behaviour = \"cd4-activated\"\nantigen = {{ level = 0.1 }}\n\
             [assay.fit]\nkind = \"fit\"\n[assay.fit.parameters]\n\
             rate = {{ prior = [\"0.35 /d\", \"1.4 /d\"], sets = [\"treg.division.rate\"] }}\n{}{}",
            of("cells", "/L"),
            of("pstat5", "/cell")
        )
    };
    let parsed = |text: &str| {
        il2_assay::plans::parse(&folder.path().join("s.toml"), text, Library::builtin())
    };
    let error = parsed(&text("1 /d").replace("culture = \"well\"", "culture = \"wel\""));
    let error = error.map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("did you mean well?"), "{error}");
    let in_part = text("1 /d").replace("\"50 pM\" } }", "\"50 pM\" }, fraction = 0.5 }");
    let error = parsed(&in_part).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("replaces only part of its medium"), "{error}");
    let (_, plans) = parsed(&text("1 /d")).unwrap();
    let il2_assay::Plan::Fit(fit) = &plans[1].1 else { panic!("a fit") };
    for z in [0.0, 1.0] {
        let rate = fit.posterior.unknowns[0].value(z);
        let found = fit.posterior.expected(&[z]).unwrap();
        let (study, plans) = parsed(&text(&format!("{rate} /min"))).unwrap();
        let table = plans[0].1.run(&study, &|_| {}).tables.remove(0);
        let cells = [0, 1].map(|row| table.number(row, "cells") / 2e-4);
        let signal = [0, 1].map(|row| table.number(row, "pstat5_per_cell"));
        for (found, wanted) in found.iter().zip(cells.into_iter().chain(signal)) {
            assert!((found.mean / wanted - 1.0).abs() < 1e-4, "{} {wanted}", found.mean);
        }
    }
}

/// A spread of zero has no effect; a positive spread keeps the balance and shifts the mean.
#[test]
fn a_population_stands_for_its_cells() {
    let spread = |sd: f64| {
        let mut culture = three();
        let cell = culture.kinds[0].setup.cell.as_mut().unwrap();
        let plain = il2_engine::Dimension::DIMENSIONLESS;
        let number = il2::parameter::Parameter::from_study(sd, plain, "");
        cell.spread.insert("il2r_alpha".into(), number);
        culture.kinds[0].spread = il2::culture::single_cells::representatives(cell, 4);
        culture.prepare().unwrap()
    };
    let (one, none, some) = (three().prepare().unwrap(), spread(0.0), spread(1.0));
    let [a, b, c] = [&one, &none, &some].map(|culture| run(culture, &fed()));
    for name in ["treg.", "effector.", "nk.", "il2_"] {
        let most = differ((&one, &a, name), (&none, &b, name));
        assert!(most < 1e-8, "{name} {most}");
    }
    assert!(differ((&one, &a, "treg."), (&some, &c, "treg.")) > 0.01);
    for (ligand, balance) in c.balances[6].iter().enumerate() {
        assert!((balance.found() / balance.all() - 1.0).abs() < 1e-8, "{ligand} {balance:?}");
    }
}

/// Molecules that two kinds secrete, and those that were given, are followed as if they were three
/// ligands with the same constants and separate names, which compete for the same receptors.
#[test]
fn followed_molecules_behave_like_ligands_with_names_of_their_own() {
    let library = Library::builtin();
    let named = |label: &str| {
        let mut ligand = library.ligand("il2").unwrap().clone();
        ligand.label = label.into();
        ligand
    };
    let of = |ligands: &[&str], secretes: [&str; 2]| {
        let with = |cell| {
            let mut setup = setup("gamma-chain", &["il2"], cell);
            setup.ligands = ligands.iter().map(|l| named(l)).collect();
            setup
        };
        let mut kinds = vec![
            kind("cd4", &with("cd4_effector"), 1e9),
            kind("cd8", &with("cd8"), 1e9),
            kind("treg", &with("treg"), 5e8),
        ];
        let windows = [Window { from: 0.0, to: 900.0 }, Window { from: 1200.0, to: f64::INFINITY }];
        for (i, (ligand, window)) in secretes.iter().zip(windows).enumerate() {
            kinds[i].behaviour.secretion = vec![Secretion {
                ligand: ligand.to_string(),
                rate: 100.0,
                window,
                by_antigen: false,
                inhibiting_signal: None,
            }];
        }
        kinds[0].behaviour.death = Some(Death { rate: 4e-4, protecting_signal: Some(40.0) });
        let lost = ligands.iter().map(|l| (l.to_string(), 2e-5)).collect();
        Culture { kinds, lost, sources: ligands.len() == 1, ..Culture::default() }
    };
    let run_with = |culture: &Culture, given: &str| {
        let mut well = well(&[(given, 20.0)], &[12.0, 30.0, 60.0]);
        let half = Exchange::Replace(0.5);
        let contents = vec![(given.to_string(), 30.0)];
        well.well.changes = vec![MediumChange { at: 2000.0, kind: half, contents, ramp: None }];
        let prepared = culture.prepare().unwrap();
        let ran = run(&prepared, &well);
        (prepared, ran)
    };
    let (one, followed) = run_with(&of(&["il2"], ["il2"; 2]), "il2");
    let (three, separate) = run_with(&of(&["a", "b", "given"], ["a", "b"]), "given");
    for (time, balances) in separate.balances.iter().enumerate() {
        for (i, tagged) in one.tagged.iter().enumerate() {
            let label = if one.kinds[tagged.source].name == "cd4" { "a" } else { "b" };
            let ligand = three.ligands.iter().position(|l| l.label == label).unwrap();
            for (kind, found) in followed.by_source[time][i].iter().enumerate() {
                let wanted = balances[ligand].kinds[kind].taken();
                assert!((found - wanted).abs() < 1e-6 * (1.0 + wanted), "{label} {found} {wanted}");
            }
        }
    }
    let last = followed.by_source[2].iter().flatten().copied().fold(f64::INFINITY, f64::min);
    assert!(last > 0.1, "{:?}", followed.by_source);
    // Following changes nothing for others.
    let plain = Culture { sources: false, ..of(&["il2"], ["il2"; 2]) };
    let (_, plain) = run_with(&plain, "il2");
    for (a, b) in plain.balances.iter().zip(&followed.balances) {
        assert!((a[0].medium / b[0].medium - 1.0).abs() < 1e-7);
    }
}

/// With a division rate that does not depend on the signal, crowded cells follow the logistic
/// curve.
#[test]
fn cells_of_a_crowded_culture_follow_the_logistic_curve() {
    let rate = 1.0 / 1440.0;
    let half_at = HalfAt { signal: 1e-9, steepness: 1.0 };
    let mut one = kind("treg", &setup("gamma-chain", &["il2"], "treg"), 1e9);
    one.behaviour.division = Some(Division { rate, half_at, window: Window::default() });
    let mut other = kind("cd8", &setup("gamma-chain", &["il2"], "cd8"), 5e8);
    other.behaviour.division = one.behaviour.division;
    let most = 5e9;
    let culture = Culture { kinds: vec![one, other], carries: Some(most), ..Culture::default() };
    let culture = culture.prepare().unwrap();
    let ran = run(&culture, &well(&[("il2", 1e6)], &[24.0, 96.0, 480.0]));
    let place = |name: &str| culture.readout(name).unwrap();
    let (a, b) = (place("treg.cells"), place("cd8.cells"));
    for (row, days) in ran.rows.iter().zip([1.0_f64, 4.0, 20.0]) {
        let wanted = most / (1.0 + (most / 1.5e9 - 1.0) * (-days).exp());
        let found = row[a] + row[b];
        assert!((found / wanted - 1.0).abs() < 1e-5, "{found} {wanted}");
        assert!((row[a] / row[b] - 2.0).abs() < 1e-5);
    }
}

#[test]
fn growth_without_limit_is_named_and_a_limit_without_growth_refused() {
    let warnings = |kind: &str, rest: &str| {
        let text = study(kind, &format!("mixture = {{ il2 = \"100 nM\" }}\n{rest}"))
            .replace("\"24 h\"]", "\"6 d\"]");
        let (study, plans) = il2_assay::plans::parse("s.toml".as_ref(), &text, Library::builtin())
            .map_err(|error| vec![error.to_string()])?;
        Ok::<Vec<String>, Vec<String>>(plans[0].1.run(&study, &|_| {}).warnings)
    };
    let grows = "cells = \"200000 cells\"\ndivision = { rate = \"1 /d\", half_at = \"1 /cell\" }";
    let crowded =
        |said: &Vec<String>| said.iter().any(|w| w.starts_with("Cells grow without limit"));
    assert!(crowded(&warnings(grows, "").unwrap()));
    assert!(!crowded(&warnings(grows, "carrying_density = \"5e6 /mL\"").unwrap()));
    // Cells that do not grow may be dense.
    assert!(!crowded(&warnings("cells = \"4000000 cells\"", "").unwrap()));
    let refused = warnings("cells = \"9 cells\"", "carrying_density = \"5e6 /mL\"").unwrap_err();
    assert!(refused[0].contains("no kind of cells divides"), "{refused:?}");
}

/// What dead cells have degraded is not counted for the live ones, and a kind that died out is
/// named.
#[test]
fn a_kind_that_dies_out_keeps_numbers_of_a_cell_and_is_named() {
    let text = study(
        "cells = \"200000 cells\"\ndeath = { rate = \"20 /d\" }",
        "mixture = { il2 = \"100 pM\" }",
    );
    let (study, plans) =
        il2_assay::plans::parse("s.toml".as_ref(), &text, Library::builtin()).unwrap();
    let result = plans[0].1.run(&study, &|_| {});
    // ln 200000 / 20 days.
    let said = "treg less than one cell (from 14.7 h on)";
    assert!(result.sentences.iter().any(|s| s.contains(said)), "{:?}", result.sentences);
    assert!(result.checks.iter().all(|check| check.holds), "{:?}", result.checks);
    // The same cell that does not die, in a medium that a single cell does not deplete.
    let alone = text.replace("death = { rate = \"20 /d\" }", "").replace("200000 cells", "1 cells");
    let (study, plans) =
        il2_assay::plans::parse("s.toml".as_ref(), &alone, Library::builtin()).unwrap();
    let alone = plans[0].1.run(&study, &|_| {});
    let degraded = |all: &[il2_output::table::Table]| all[0].number(1, "il2_degraded_per_cell");
    let (found, wanted) = (degraded(&result.tables), degraded(&alone.tables));
    assert!((found / wanted - 1.0).abs() < 0.05, "{found} {wanted}");
}

/// Fits of kinds that several cells represent, and of a steepness that is 1 in the study.
#[test]
fn a_fit_sets_all_cells_of_a_kind_and_any_steepness() {
    let folder = tempfile::tempdir().unwrap();
    let wells = "ligand,cell,dose,time,value,sd\nil2,treg,10,24,1,1\n";
    std::fs::write(folder.path().join("wells.csv"), wells).unwrap();
    let text = |alpha: &str, steepness: &str, sets: &str, prior: &str| {
        format!(
            "version = 1\nquestion = \"?\"\n[ligands.il2]\nfrom = \"il2\"\n[cells.treg]\nfrom = \"treg\"\n\
             spread = {{ il2r_alpha = \"0.6\" }}\nreceptors = {{ il2r_alpha = \"{alpha} /cell\" }}\n\
             [assay.well]\nkind = \"culture\"\nvolume = \"0.2 mL\"\n\
             mixture = {{ il2 = \"10 pM\" }}\ntimes = [\"24 h\"]\n\
             [assay.well.kinds.treg]\ncells = \"200000 cells\"\nrepresentatives = 3\n\
             division = {{ rate = \"1 /d\", half_at = \"30 /cell\", steepness = \"{steepness}\" }}\n\
             [assay.fit]\nkind = \"fit\"\n[assay.fit.parameters]\n\
             number = {{ prior = [{prior}], sets = [\"{sets}\"] }}\n\
             [assay.fit.measured.signal]\ntable = \"wells.csv\"\nof = \"wells\"\nculture = \"well\"\n\
             readout = \"cells\"\nerror = \"absolute\"\n\
             units = {{ dose = \"pM\", time = \"h\", value = \"/L\" }}\n"
        )
    };
    let parsed = |text: &str| {
        il2_assay::plans::parse(&folder.path().join("s.toml"), text, Library::builtin())
    };
    for (sets, prior) in [
        ("treg.receptors.il2r_alpha", "\"1000 /cell\", \"20000 /cell\""),
        ("treg.division.steepness", "\"1\", \"4\""),
    ] {
        let (_, plans) = parsed(&text("3000", "1", sets, prior)).unwrap();
        let il2_assay::Plan::Fit(fit) = &plans[1].1 else { panic!("a fit") };
        for z in [-1.0, 1.0] {
            let value = fit.posterior.unknowns[0].value(z).to_string();
            let found = fit.posterior.expected(&[z]).unwrap()[0].mean;
            let (alpha, steepness) = match sets.ends_with("alpha") {
                true => (value.as_str(), "1"),
                false => ("3000", value.as_str()),
            };
            let (study, plans) = parsed(&text(alpha, steepness, sets, prior)).unwrap();
            let table = plans[0].1.run(&study, &|_| {}).tables.remove(0);
            let wanted = table.number(0, "cells") / 2e-4;
            assert!((found / wanted - 1.0).abs() < 1e-4, "{sets} {found} {wanted}");
        }
    }
    let error = parsed(&text("3000", "1", "treg.division.from", "\"1 h\", \"4 h\""));
    let error = error.map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("a time at which something is switched"), "{error}");
}
