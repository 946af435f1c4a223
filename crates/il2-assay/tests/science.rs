//! Laws that hold for any numbers; exceeds 400 lines because the same helpers test every model
//! against the same few laws: detailed balance, conservation and limiting cases.

use il2::culture::uncertainty::drawn;
use il2::culture::{Prepared, Setup, Well};
use il2::parameter::{How, Parameter};
use il2::receptor::bonds::{INDEPENDENT, ON_MEMBRANE};
use il2::receptor::equilibrium::{Problem, solve};
use il2::receptor::gamma_chain::{FusionScaling, Options, model as gamma_chain};
use il2::receptor::polyvalent::{self, PAIR, Site};
use il2::receptor::trafficking::{solution_rate, surface_rate};
use il2::receptor::{ChainSupply, Medium, ReceptorModel};
use il2_assay::plans;
use il2_engine::reference::{simulate, steady::steady_state, system::System};
use il2_engine::{Dimension, Lane, Tolerance};
use il2_study::{Library, Study};
use proptest::prelude::*;
use std::path::Path;

const TIGHT: Tolerance = Tolerance { relative: 1e-9, absolute: 1e-12, most_steps: 200_000 };

fn supply(cell: &str) -> Vec<(String, ChainSupply)> {
    Library::builtin().cells[cell].chains().unwrap()
}

fn ligand(id: &str) -> il2::ligand::Ligand {
    Library::builtin().ligand(id).unwrap_or_else(|| panic!("{id}")).clone()
}

fn chain_model(ligands: &[&str], cell: &str, medium: Medium) -> ReceptorModel {
    let parameters = &Library::builtin().models["gamma-chain"].model.parameters;
    let ligands: Vec<_> = ligands.iter().map(|l| ligand(l)).collect();
    let options = Options { scaling: FusionScaling::Bond, set: &[] };
    gamma_chain(parameters, "test", &ligands, &supply(cell), medium, options).unwrap()
}

fn polyvalent_model(id: &str, valency: u32, cell: &str, medium: Medium) -> ReceptorModel {
    let parameters = &Library::builtin().models["polyvalent"].model.parameters;
    let mut ligand = ligand(id);
    ligand.valency = valency;
    polyvalent::model(parameters, "test", &[ligand], &supply(cell), medium).unwrap()
}

const DEPLETED: Medium = Medium::Depleted { cell_density: 1e9 };

/// A study given as a string, prepared for one ligand on one cell.
fn prepared(
    model: &str,
    ligand_id: &str,
    cell: Option<&str>,
    medium: Medium,
    set: &[(&str, &str)],
) -> Prepared {
    let library = Library::builtin();
    let mut model = library.models[model].model.clone();
    model.overrides = set.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
    let cell = cell.map(|c| library.cells[c].clone());
    Setup { model, ligands: vec![ligand(ligand_id)], cell, medium }.prepare().unwrap()
}

fn run(
    p: &Prepared,
    ligand: &str,
    dose: f64,
    times: &[f64],
    tolerance: Tolerance,
) -> Vec<Vec<f64>> {
    let doses = vec![(ligand.to_string(), dose)];
    p.run(&Well { doses, times: times.to_vec(), ..Well::default() }, tolerance).unwrap()
}

/// Sets every complex by one path of bonds from random free chains and ligand; then every
/// reversible step of every cycle must be at equilibrium, on the surface and in the endosome.
fn assert_detailed_balance(model: &ReceptorModel, free: &[f64]) {
    let n = &model.network;
    let p = n.parameter_values(&[]);
    let mut state = vec![f64::NAN; n.species.len()];
    for (i, s) in n.species.iter().enumerate() {
        let component = n.reactions.iter().all(|r| {
            !r.name.contains("_bound_by_") && !r.name.contains("_joined_by_")
                || r.products.iter().all(|(id, _)| id.0 != i)
        });
        if component || s.name.ends_with("_degraded") {
            state[i] = free[i % free.len()];
        }
    }
    let pairs: Vec<_> = n
        .reactions
        .iter()
        .filter(|r| r.name.contains("_bound_by_") || r.name.contains("_joined_by_"))
        .map(|on| {
            let off =
                on.name.replace("_bound_by_", "_left_by_").replace("_joined_by_", "_left_by_");
            let same = |r: &&il2_engine::network::Reaction| {
                r.name == off && r.reactants == on.products && r.products == on.reactants
            };
            (on, n.reactions.iter().find(same).unwrap_or_else(|| panic!("{off}")))
        })
        .collect();
    assert!(pairs.len() >= 4);
    let mut checked = 0;
    for _ in 0..pairs.len() {
        for (on, off) in &pairs {
            let forward = n.law(on).value(&state, &p, 0.0);
            let formed = on.products[0].0.0;
            if forward.is_nan() {
                continue;
            }
            if state[formed].is_nan() {
                state[formed] = 1.0;
                state[formed] = forward / n.law(off).value(&state, &p, 0.0);
            }
        }
    }
    for (on, off) in &pairs {
        let (forward, backward) =
            (n.law(on).value(&state, &p, 0.0), n.law(off).value(&state, &p, 0.0));
        assert!((forward / backward - 1.0).abs() < 1e-12, "{}: {forward} {backward}", on.name);
        checked += 1;
    }
    assert_eq!(checked, pairs.len());
}

/// The time derivative of every conserved total is negligible relative to the fluxes that
/// contribute to it.
fn assert_conserved(model: &ReceptorModel, state: &[f64]) {
    let n = &model.network;
    let totals = model.check().unwrap();
    assert!(!totals.is_empty());
    let p = n.parameter_values(&[]);
    let mut slope = vec![0.0; state.len()];
    System::new(n).derivative(state, &p, 0.0, &mut slope);
    for total in &totals {
        let parts: Vec<f64> = total
            .terms
            .iter()
            .map(|(s, w)| *w as f64 * slope[s.0] / n.species[s.0].scale.value(state, &p, 0.0))
            .collect();
        let (sum, size): (f64, f64) = (parts.iter().sum(), parts.iter().map(|v| v.abs()).sum());
        assert!(size > 0.0 && sum.abs() < 1e-11 * size, "{}: {sum} of {size}", total.describe(n));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn gamma_chain_is_in_detailed_balance_and_conserves_at_random_positive_states(
        free in prop::collection::vec(0.01..1e4f64, 11),
        state in prop::collection::vec(0.01..1e4f64, 64),
    ) {
        for ligands in [&["il2"][..], &["il2", "il15"], &["v91k-c-fc"], &["h9"], &["il2-cd25-blind"],
            &["il2", "il7", "il4"], &["il21", "il9"], &["il2", "basiliximab"], &["il2-dead", "il15"],
        ] {
            let model = chain_model(ligands, "yt1", DEPLETED);
            assert_detailed_balance(&model, &free);
            assert_conserved(&model, &state[..model.network.species.len()]);
            prop_assert_eq!(model.check().unwrap().len(), ligands.len());
        }
    }

    #[test]
    fn bonds_with_rates_of_their_own_are_in_detailed_balance(
        free in prop::collection::vec(0.01..1e4f64, 11),
        factors in prop::collection::vec(0.01..100.0f64, 16),
    ) {
        let mut il2 = ligand("il2");
        let mut all = factors.iter();
        for (table, names, unit, dimension) in [
            ("k_on", &["il2r_alpha", "il2r_beta"][..], 1e-4, solution_rate()),
            ("k_forward", &ON_MEMBRANE[..7], 1e-3, surface_rate()),
            ("endosomal_off_ratio", &INDEPENDENT[..], 1.0, Dimension::DIMENSIONLESS),
        ] {
            for (name, factor) in names.iter().zip(&mut all) {
                let number = Parameter::from_study(factor * unit, dimension, "");
                il2.parameters.insert(format!("{table}.{name}"), number);
            }
        }
        let model = &Library::builtin().models["gamma-chain"].model.parameters;
        let options = Options { scaling: FusionScaling::Bond, set: &[] };
        let model = gamma_chain(model, "test", &[il2], &supply("yt1"), DEPLETED, options).unwrap();
        assert_detailed_balance(&model, &free);
    }

    /// Fusions lose more of their association with beta than with alpha.
    #[test]
    fn two_copies_of_a_fusion_are_in_detailed_balance(
        free in prop::collection::vec(0.01..1e4f64, 11),
    ) {
        let mut twice = ligand("v91k-c-fc");
        twice.valency = 2;
        let model = &Library::builtin().models["gamma-chain"].model.parameters;
        let options = Options { scaling: FusionScaling::Bond, set: &[] };
        let model = gamma_chain(model, "test", &[twice], &supply("yt1"), DEPLETED, options);
        assert_detailed_balance(&model.unwrap(), &free);
    }

    #[test]
    fn polyvalent_is_in_detailed_balance_and_conserves_at_random_positive_states(
        free in prop::collection::vec(0.01..1e4f64, 7),
        state in prop::collection::vec(0.01..1e4f64, 64),
        valency in 1..4u32,
    ) {
        let model = polyvalent_model("r38q-n-fc", valency, "treg", DEPLETED);
        assert_detailed_balance(&model, &free);
        assert_conserved(&model, &state[..model.network.species.len()]);
    }

    #[test]
    fn bound_and_free_chains_add_up_at_equilibrium(
        totals in prop::collection::vec(0.0..1e6f64, 2),
        kds in prop::collection::vec(1.0..1e8f64, 2),
        copies in prop::collection::vec(1..5u32, 2),
        dose in 1e-3..1e8f64,
        cross in 0.01..100.0f64,
        depletes in any::<bool>(),
    ) {
        let site = |i: usize, chain| Site {
            chain,
            number: String::new(),
            copies: copies[i],
            dissociation_constant: kds[i], wrong: None,
        };
        let problem = Problem {
            sites: vec![site(0, "il2r_alpha"), site(1, PAIR)],
            totals: vec![("il2r_alpha", totals[0]), (PAIR, totals[1])],
            dose,
            cell_density: depletes.then_some(1e9),
            cross_linking_constant: cross,
        };
        let e = solve(&problem).unwrap();
        for (i, total) in totals.iter().enumerate() {
            let sum = e.free[i] + e.bound[i];
            prop_assert!((sum - total).abs() <= 1e-12 * total.max(1e-300), "{sum} {total} {e:?}");
            prop_assert!(e.free[i] >= 0.0 && e.bound[i] >= 0.0);
        }
        if depletes {
            let per_cell = il2::quantity::MOLECULES_PER_PMOL / 1e9;
            let sum = per_cell * e.free_ligand + e.molecules;
            prop_assert!((sum / (per_cell * dose) - 1.0).abs() < 1e-12);
        }
        prop_assert!(e.fully_bound <= e.molecules * (1.0 + 1e-12));
        prop_assert!(e.signalling <= e.molecules * (1.0 + 1e-12));
    }
}

#[test]
fn one_bond_does_not_depend_on_the_cross_linking_constant() {
    // A single site has nothing to cross-link; and if receptors are so few that second bonds are
    // rare, several sites bind as L0 * sum of copies * R / K_D for any K*.
    let bound = |cross: f64, sites: Vec<Site>, total: f64| {
        let totals = vec![("il2r_alpha", total), (PAIR, total)];
        let p = Problem {
            sites,
            totals,
            dose: 50.0,
            cell_density: None,
            cross_linking_constant: cross,
        };
        solve(&p).unwrap().molecules
    };
    let one = |chain| {
        vec![Site {
            chain,
            number: String::new(),
            copies: 1,
            dissociation_constant: 300.0,
            wrong: None,
        }]
    };
    let (a, b) = (bound(1e-3, one(PAIR), 5e4), bound(1e3, one(PAIR), 5e4));
    assert!((a / b - 1.0).abs() < 1e-12, "{a} {b}");
    assert!((a / (5e4 * 50.0 / 350.0) - 1.0).abs() < 1e-12, "the binding isotherm: {a}");
    let many = || {
        vec![
            Site {
                chain: "il2r_alpha",
                number: String::new(),
                copies: 2,
                dissociation_constant: 300.0,
                wrong: None,
            },
            Site {
                chain: PAIR,
                number: String::new(),
                copies: 3,
                dissociation_constant: 7000.0,
                wrong: None,
            },
        ]
    };
    let (a, b) = (bound(1e-3, many(), 1e-3), bound(1.0, many(), 1e-3));
    assert!((a / b - 1.0).abs() < 1e-5, "{a} {b}");
}

#[test]
fn without_uptake_the_polyvalent_network_rests_at_the_exact_equilibrium() {
    for (valency, dose) in [(1, 30.0), (2, 30.0), (2, 3000.0), (3, 100.0)] {
        let model = polyvalent_model("wt-n-fc", valency, "treg", DEPLETED);
        let n = &model.network;
        let still = ["k_internalise", "k_internalise_signalling"];
        let given: Vec<_> =
            still.iter().map(|name| (n.parameter_named(name).unwrap(), 0.0)).collect();
        let values = n.parameter_values(&given);
        let mut start = n.initial_state(&values);
        start[model.medium[0].1.0] = dose;
        let lane = Lane {
            parameters: values.clone(),
            initial: start,
            times: vec![1e6],
            ..Lane::default()
        };
        let rest = &simulate(&System::new(n), &lane, TIGHT).unwrap().states[0];
        let sites = polyvalent::sites(&{
            let mut l = ligand("wt-n-fc");
            l.valency = valency;
            l
        });
        let count = |chain: &str| match supply("treg").iter().find(|(c, _)| c == chain).unwrap().1 {
            ChainSupply::Surface(n) => n,
            ChainSupply::Synthesis(_) => unreachable!(),
        };
        let exact = solve(&Problem {
            sites: sites.unwrap(),
            totals: vec![("il2r_alpha", count("il2r_alpha")), (PAIR, count("il2r_beta"))],
            dose,
            cell_density: Some(1e9),
            cross_linking_constant: values[n.parameter_named("cross_linking_constant").unwrap().0],
        })
        .unwrap();
        let at = |name: &str| rest[n.species_named(name).unwrap().0];
        for (found, exact) in [
            (at("il2r_alpha_surface"), exact.free[0]),
            (at("il2r_beta_gamma_surface"), exact.free[1]),
            (at("wt-n-fc_medium"), exact.free_ligand),
        ] {
            assert!((found / exact - 1.0).abs() < 1e-6, "valency {valency}: {found} {exact}");
        }
    }
}

#[test]
fn a_cell_without_ligand_stays_as_it_is() {
    for (name, model) in [
        ("gamma-chain", chain_model(&["il2", "il15"], "treg", DEPLETED)),
        ("by synthesis", chain_model(&["il2"], "yt1", DEPLETED)),
        ("polyvalent", polyvalent_model("v91k-c-fc", 2, "nk", DEPLETED)),
    ] {
        let n = &model.network;
        let p = n.parameter_values(&[]);
        let start = n.initial_state(&p);
        let mut slope = vec![0.0; start.len()];
        System::new(n).derivative(&start, &p, 0.0, &mut slope);
        let largest = slope.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
        assert!(start.iter().sum::<f64>() > 100.0 && largest < 1e-9, "{name}: {largest}");
    }
}

/// Without ligand, the surface number of a cell is the count itself, which is log-normally
/// distributed between cells.
#[test]
fn single_cells_of_a_log_normal_count_are_positive_as_its_distribution_says() {
    let text = |spread: &str, gate: &str| {
        format!(
            "version = 1\nquestion = \"Who is positive?\"\n[ligands.native]\nfrom = \"il2\"\n\
             [cells.treg]\nfrom = \"treg\"\nreceptors = {{ il2r_alpha = \"3000 /cell\" }}\n{spread}\n\
             [assay.a]\nkind = \"dose-response\"\ndoses = [\"0.1 pM\", \"0.2 pM\", \"0.3 pM\"]\n\
             times = [\"1 min\"]\nreadout = \"il2r_alpha_surface_total\"\n\
             single_cells = {{ cells = 500, positive_above = \"{gate}\" }}\n"
        )
    };
    // A standard deviation of 0.5 of the logarithm corresponds to a coefficient of variation of
    // 53.3 %.
    let several = "spread = { il2r_alpha = \"0.5\", il2r_beta = \"0.4\" }\n\
                   correlation = { il2r_alpha_with_il2r_beta = \"0.7\" }";
    let gates = [("3000 /cell", 0.0), ("4946 /cell", 1.0), ("1820 /cell", -1.0)];
    // With one chain, each cell represents 0.2 % of the population; with several, the points of the
    // sequence are spread less evenly.
    for (spread, within, gates) in [
        ("spread = { il2r_alpha = \"0.5\" }", 2e-3, &gates[..]),
        ("spread = { il2r_alpha = \"53.294 %\" }", 2e-3, &gates[1..2]),
        (several, 1e-2, &gates[1..2]),
    ] {
        for &(gate, deviations) in gates {
            let study = Study::parse(Path::new("s.toml"), &text(spread, gate), Library::builtin());
            let study = study.unwrap();
            let (_, plan) = plans(&study).unwrap().remove(0);
            let shown = plan.run(&study, &|_| {});
            let table = shown.tables.iter().find(|t| t.name == "a_cells").unwrap();
            let of = |name: &str| table.number(0, name);
            let above = 0.5 * erfc(deviations / 2_f64.sqrt());
            assert!((of("fraction_positive") - above).abs() < within, "{spread} {gate}");
            let count =
                |part: &str| of(&format!("il2r_alpha_surface_total_{part}_per_cell")) / 3000.0;
            assert!((count("mean") / 0.125_f64.exp() - 1.0).abs() < 4.0 * within, "{spread}");
            for (part, z) in [("p10", -1.28155), ("median", 0.0), ("p90", 1.28155)] {
                assert!(
                    (count(part) / (0.5_f64 * z).exp() - 1.0).abs() < 4.0 * within,
                    "{spread} {part}"
                );
            }
        }
    }
}

/// Twice the upper tail of the standard normal distribution beyond `x` times the square root of 2:
/// Abramowitz & Stegun 7.1.26, to 1.5e-7.
fn erfc(x: f64) -> f64 {
    if x < 0.0 {
        return 2.0 - erfc(-x);
    }
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let all = [0.254_829_592, -0.284_496_736, 1.421_413_741, -1.453_152_027, 1.061_405_429];
    let sum = all.into_iter().rev().fold(0.0, |sum, c| (sum + c) * t);
    sum * (-x * x).exp()
}

#[test]
fn the_numbers_of_draws_are_those_of_networks_of_their_own() {
    let library = Library::builtin();
    let posterior = &library.posteriors[library.models["gamma-chain"].posterior.as_ref().unwrap()];
    for (model, id, cell) in [
        ("gamma-chain", "il2", "treg"),
        ("gamma-chain", "v91k-c-fc", "nk"),
        ("gamma-chain", "il15", "yt1"),
        ("gamma-chain-farhat2021", "h9", "cd8"),
        ("polyvalent", "v91k-c-fc", "treg"),
        ("polyvalent-equilibrium", "v91k-c-fc", "treg"),
    ] {
        let p = prepared(model, id, Some(cell), Medium::Constant, &[]);
        let draw = |index| drawn(&p.setup, posterior, 3, index);
        let all = p.numbers_of((1..5).map(draw)).unwrap();
        for (index, numbers) in (1..5).zip(&all) {
            let own = draw(index).prepare().unwrap().numbers();
            assert_eq!(format!("{numbers:?}"), format!("{own:?}"), "{model} {id} {cell}");
        }
        assert_ne!(format!("{:?}", all[1]), format!("{:?}", all[2]));
    }
}

#[test]
fn yt1_receptors_follow_from_synthesis_by_steady_state() {
    // Published model: 4618, 538, 1601 per cell (0.5 %). Computed from an empty cell, rather than
    // with the formula for the initial state of a simulation.
    let published = &Library::builtin().models["gamma-chain-farhat2021"].model.parameters;
    let options = Options { scaling: FusionScaling::Bond, set: &[] };
    let model =
        gamma_chain(published, "test", &[ligand("il2")], &supply("yt1"), Medium::Constant, options)
            .unwrap();
    let n = &model.network;
    let p = n.parameter_values(&[]);
    let start = vec![0.0; n.species.len()];
    let rest = steady_state(n, &System::new(n), &p, &start, &model.check().unwrap()).unwrap();
    for (name, published) in [("il2r_alpha", 4618.0), ("il2r_beta", 538.0), ("gamma_c", 1601.0)] {
        let found = rest[n.species_named(&format!("{name}_surface")).unwrap().0];
        assert!((found / published - 1.0).abs() < 0.005, "{name}: {found}");
    }
}

#[test]
fn fallon_balances_its_ligand_and_the_biomodels_encoding_does_not() {
    let loss = |model: &str| {
        let p = prepared(model, "il2", None, Medium::Constant, &[("growth_scale", "0")]);
        let rows = run(&p, "il2", 100.0, &[0.0, 1440.0, 7200.0], Tolerance::default());
        let total = |r: &Vec<f64>| {
            let at = |name: &str| r[p.readout(name).unwrap()];
            let avogadro = 6.022e11;
            at("ligand_medium") * avogadro / at("cell_density")
                + at("ligand_endosome") * avogadro * 1e-14
                + at("complex_surface")
                + at("complex_endosome")
                + at("ligand_degraded")
        };
        (1.0 - total(&rows[2]) / total(&rows[0])).abs()
    };
    for sound in ["fallon2000", "fallon2000-cellml"] {
        assert!(loss(sound) < 1e-10, "{sound}: {}", loss(sound));
    }
    assert!((loss("fallon2000-biomodels") - 0.23).abs() < 0.01, "{}", loss("fallon2000-biomodels"));
}

#[test]
fn a_medium_shared_by_ever_fewer_cells_is_a_medium_that_never_runs_out() {
    let at = |medium| {
        let p = prepared("gamma-chain", "il2", Some("treg"), medium, &[]);
        run(&p, "il2", 20.0, &[240.0], TIGHT)[0][p.readout("signalling_complexes").unwrap()]
    };
    let constant = at(Medium::Constant);
    let errors: Vec<f64> = [1e7, 1e6, 1e5]
        .map(|cell_density| (at(Medium::Depleted { cell_density }) / constant - 1.0).abs())
        .to_vec();
    assert!(
        errors[0] > 5.0 * errors[1] && errors[1] > 5.0 * errors[2] && errors[2] < 1e-4,
        "{errors:?}"
    );
}

#[test]
fn ligands_compete_for_the_shared_chains() {
    let parameters = Library::builtin().models["gamma-chain"].model.clone();
    let cell = Library::builtin().cells["cd8"].clone();
    let signal = |doses: &[(&str, f64)]| {
        let ligands = doses.iter().map(|(l, _)| ligand(l)).collect();
        let setup = Setup {
            model: parameters.clone(),
            ligands,
            cell: Some(cell.clone()),
            medium: Medium::Constant,
        };
        let p = setup.prepare().unwrap();
        let doses = doses.iter().map(|(l, d)| (l.to_string(), *d)).collect();
        let rows = p.run(&Well { doses, times: vec![30.0], ..Well::default() }, TIGHT).unwrap();
        rows[0][p.readout("il2_signalling_complexes").unwrap()]
    };
    let alone = signal(&[("il2", 500.0)]);
    let beside_nothing = signal(&[("il2", 500.0), ("il15", 0.0)]);
    let beside_much = signal(&[("il2", 500.0), ("il15", 1e5)]);
    assert!((alone / beside_nothing - 1.0).abs() < 1e-6, "{alone} {beside_nothing}");
    assert!(beside_much < 0.2 * alone, "{beside_much} {alone}");
}

#[test]
fn what_the_fit_held_fixed_is_as_published() {
    let library = Library::builtin();
    let (ours, theirs) =
        (&library.models["gamma-chain"], &library.models["gamma-chain-farhat2021"]);
    for (name, p) in &ours.model.parameters {
        let other = &theirs.model.parameters[name];
        assert_eq!(p.dimension, other.dimension, "{name}");
        // Fitted in this project, or a convention of the published software.
        let own = p.how == How::Fitted;
        assert_eq!(p.value == other.value, !own, "{name}");
    }
    assert_eq!(ours.model.parameters.len(), theirs.model.parameters.len());
}

#[test]
fn a_draw_moves_what_it_should_and_keeps_what_the_study_set() {
    let library = Library::builtin();
    let setup = Setup {
        model: library.models["gamma-chain"].model.clone(),
        ligands: vec![ligand("v91k-c-fc")],
        cell: Some(library.cells["treg"].clone()),
        medium: Medium::Constant,
    };
    let posterior = &library.posteriors["farhat2021"];
    let value = |s: &Setup, name: &str| {
        let p = s.clone().prepare().unwrap();
        p.parameters.iter().find(|p| p.name == name).unwrap().value
    };
    let moved = drawn(&setup, posterior, 1, 3);
    for name in ["k_forward", "il2r_beta_number", "v91k-c-fc.k_off_gamma_from_beta_gamma"] {
        assert_ne!(value(&setup, name), value(&moved, name), "{name}");
    }
    assert_eq!(value(&setup, "v91k-c-fc.k_off_alpha"), value(&moved, "v91k-c-fc.k_off_alpha"));
    let again = drawn(&setup, posterior, 1, 3);
    assert_eq!(value(&again, "k_forward").to_bits(), value(&moved, "k_forward").to_bits());
}

#[test]
fn an_experiment_factor_of_two_is_twice_the_dose() {
    // Every ligand reaches its cell only through the medium, so a ligand whose doses count double
    // acts like a double dose.
    for id in ["aldesleukin", "v91k-c-fc", "il15"] {
        let at = |factor: &str, dose: f64| {
            let set = [("experiment_factor", factor)];
            let p = prepared("gamma-chain", id, Some("treg"), Medium::Constant, &set);
            let signal = p.readout("signalling_complexes").unwrap();
            run(&p, id, dose, &[60.0], TIGHT)[0][signal]
        };
        for dose in [3.0, 300.0, 30_000.0] {
            let (twice, doubled) = (at("1", 2.0 * dose), at("2", dose));
            assert!((doubled / twice - 1.0).abs() < 1e-8, "{id} at {dose} pM: {doubled} {twice}");
        }
    }
}

#[test]
fn the_posterior_summary_agrees_with_the_intervals_beside_the_values() {
    let library = Library::builtin();
    for (model, posterior) in
        [("gamma-chain-farhat2021", "farhat2021"), ("gamma-chain", "receptor")]
    {
        let model = &library.models[model].model;
        let posterior = &library.posteriors[posterior];
        for (name, spread) in posterior.names.iter().zip(&posterior.spreads) {
            let (owner, rest) = name.split_once('.').unwrap();
            let parameter = match owner {
                "gamma-chain" => &model.parameters[rest],
                "stat5" => &library.stat5[owner].stat5.parameters[rest],
                _ if model.fitted_with.contains_key(name) => &model.fitted_with[name],
                "yt1" => &library.cells[owner].synthesis[rest.trim_start_matches("synthesis.")],
                _ => &library.ligands[owner].parameters[rest],
            };
            let from_interval = il2::culture::uncertainty::log_spread(parameter);
            assert!((from_interval / spread - 1.0).abs() < 0.1, "{name}: {from_interval} {spread}");
        }
    }
}

#[test]
fn every_number_of_the_library_has_a_source_that_is_there() {
    let library = Library::builtin();
    let mut count = 0;
    let mut check = |place: &str, parameters: &il2::parameter::Parameters| {
        for (name, p) in parameters {
            count += 1;
            if let Some(key) = &p.source {
                assert!(library.references.contains_key(key), "{place}.{name}: {key}");
            }
            assert!(p.absent || p.value.is_finite(), "{place}.{name}");
        }
    };
    library.ligands.iter().for_each(|(id, l)| check(id, &l.parameters));
    library.models.iter().for_each(|(id, m)| check(id, &m.model.parameters));
    let patient = &library.physiology;
    patient.groups.iter().for_each(|(id, numbers)| check(id, numbers));
    patient.populations.iter().for_each(|(id, p)| check(id, &p.parameters));
    patient.pharmacokinetics.iter().for_each(|(id, set)| check(id, &set.parameters));
    library.stat5.iter().for_each(|(id, entry)| check(id, &entry.stat5.parameters));
    for (id, c) in &library.cells {
        c.receptors.values().for_each(|r| check(id, r));
        check(id, &c.synthesis);
        check(id, &c.parameters);
        if let Some(e) = &c.effect {
            check(id, &e.parameters);
        }
    }
    assert!(count > 150, "{count}");
    assert!(
        library
            .models
            .values()
            .all(|m| library.references.contains_key(&m.source) || m.source.is_empty())
    );
}

#[test]
fn the_embedded_library_is_the_folder() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../library");
    let mut found: Vec<String> = vec![];
    // Only the draws of a calibration are built into the program; its study and table are read by
    // `il2 fit`.
    for folder in ["", "models", "posteriors", "calibration/immune"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let toml = path.extension().is_some_and(|e| e == "toml");
            if toml && !path.ends_with("study.toml") || path.ends_with("draws.csv") {
                found.push(path.strip_prefix(&root).unwrap().to_string_lossy().into_owned());
            }
        }
    }
    let mut embedded: Vec<String> =
        il2_study::library::FILES.iter().map(|(f, _)| f.to_string()).collect();
    found.sort();
    embedded.sort();
    assert_eq!(found, embedded);
}

#[test]
fn any_ligand_on_any_cell_in_any_model_prepares_or_says_why_not() {
    let library = Library::builtin();
    let (mut prepared, mut refused) = (0, 0);
    for entry in library.models.values() {
        for ligand in library.ligands.values() {
            for cell in library.cells.values() {
                let setup = Setup {
                    model: entry.model.clone(),
                    ligands: vec![ligand.clone()],
                    cell: Some(cell.clone()),
                    medium: DEPLETED,
                };
                match setup.prepare() {
                    Ok(_) => prepared += 1,
                    Err(il2::receptor::ModelError::Network(bug)) => panic!("{bug}"),
                    Err(reason) => {
                        assert!(reason.to_string().len() > 20, "{reason}");
                        refused += 1;
                    }
                }
            }
        }
    }
    assert!(prepared > 500 && refused > 100, "{prepared} {refused}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_is_a_study_or_an_error(text in "\\PC{0,200}") {
        let _ = il2_assay::parse(Path::new("any.toml"), &text, Library::builtin()).map(|(study, _)| study);
    }

    /// A valid study with one line replaced by noise gives an error or a study, never a panic.
    #[test]
    fn a_study_with_a_spoiled_line_is_a_study_or_an_error(line in 0..40_usize, noise in "[a-z_.= \\[\\]\"{}0-9/-]{0,40}") {
        let good = include_str!("../../../studies/01-dose-response.toml");
        let mut lines: Vec<&str> = good.lines().collect();
        let line = line % lines.len();
        lines[line] = &noise;
        if let Err(error) = il2_assay::parse(Path::new("spoiled.toml"), &lines.join("\n"), Library::builtin()).map(|(study, _)| study) {
            prop_assert!(error.to_string().starts_with("spoiled.toml"), "{error}");
        }
    }
}
