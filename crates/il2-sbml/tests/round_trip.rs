//! A network that is written and read back gives the same course, here and in another program.

use il2_engine::{
    Backend, Change, Dimension, Ensemble, Event, Expression, Lane, Network, Program, Tolerance,
};
use il2_sbml::{About, Run};

/// Uptake from a medium by growing cells, with every kind of scale, law and change.
fn network() -> Network {
    let mut n = Network::default();
    let plain = Dimension::DIMENSIONLESS;
    let ligand = n.add_species("ligand medium", Dimension::CONCENTRATION);
    let [receptor, complex] =
        ["receptor", "complex.surface"].map(|s| n.add_species(s, Dimension::PER_CELL));
    let cells = n.add_species("cells", Dimension::CELL_DENSITY);
    let reservoir = n.add_species("reservoir", plain);
    let numbers = [(ligand, 100.0), (receptor, 1500.0), (cells, 2e8), (reservoir, 2.0)];
    numbers.iter().for_each(|(s, value)| n.species[s.0].initial = Expression::Number(*value));
    let mole = n.add_parameter("molecules per pmol", plain, 6.02e11);
    n.species[ligand.0].scale = Expression::from(cells) / mole.into();
    n.species[reservoir.0].scale = Expression::Number(0.0);
    let half = n.add_parameter("half", plain, 0.5);
    n.species[cells.0].scale = half.into();
    let on = n.add_parameter("on", Dimension::RATE / Dimension::CONCENTRATION, 1.2e-3);
    let off =
        n.add_derived("off", Dimension::RATE, Expression::from(on) * Expression::Number(11.1));
    n.add_reaction("bind", &[ligand, receptor], &[complex], on);
    n.add_reaction("part", &[complex], &[ligand, receptor], off);
    let hill = Expression::Power(Box::new(complex.into()), Box::new(Expression::Number(1.5)));
    let grows = Expression::Number(1e6) * hill.clone() / (Expression::Number(1e3) + hill);
    n.add_law("grow", &[reservoir], &[cells], grows);
    let wave = Expression::Exponential(Box::new(Expression::Number(-0.01) * Expression::Time));
    n.add_law("synthesis", &[], &[receptor], Expression::Number(2.0) * wave);
    let most = Expression::Maximum(Box::new(receptor.into()), Box::new(complex.into()));
    n.add_observable("largest", Dimension::PER_CELL, most);
    n
}

const TIMES: [f64; 4] = [0.0, 50.0, 200.0, 600.0];

fn events() -> Vec<Event> {
    let n = network();
    let [ligand, receptor] = ["ligand medium", "receptor"].map(|s| n.species_named(s).unwrap());
    vec![
        Event::new(30.0, Change::Add(ligand, 50.0)),
        Event::new(60.0, Change::Multiply(receptor, 0.5)),
        Event::new(60.0, Change::Set(ligand, 80.0)),
        Event::new(
            100.0,
            Change::Infuse {
                parameter: n.parameter_named("on").unwrap(),
                rate: 1e-3,
                duration: 40.0,
            },
        ),
    ]
}

fn tight() -> Tolerance {
    Tolerance { relative: 1e-12, absolute: 1e-12, ..Tolerance::default() }
}

/// Values of all species computed by the engine itself.
fn by_engine() -> Vec<Vec<f64>> {
    let n = network();
    let program = Program::new(&n, Backend::Fastest);
    let parameters = n.parameter_values(&[]);
    let lane = Lane {
        initial: n.initial_state(&parameters),
        parameters,
        events: events(),
        times: TIMES.to_vec(),
        ..Lane::default()
    };
    Ensemble::new(&program, tight()).run_all(&[lane]).remove(0).unwrap().states
}

fn written() -> String {
    let n = network();
    let parameters = n.parameter_values(&[]);
    let about = About {
        name: "uptake & more".into(),
        notes: vec!["A test <only>.".into()],
        sources: vec!["https://identifiers.org/doi/10.1021/bp000115y".into()],
        parameters: vec![("on".into(), "assumed".into(), vec![])],
    };
    il2_sbml::write(&n, &parameters, &n.initial_state(&parameters), &events(), &about).unwrap()
}

#[test]
fn a_written_network_reads_back_to_the_same_course() {
    let text = written();
    let model = il2_sbml::read(&text).unwrap();
    let network = il2_sbml::network(&model).unwrap();
    let run = Run { times: TIMES.to_vec(), tolerance: tight(), ..Run::default() };
    let found = il2_sbml::simulate(&model, &network, &run).unwrap();
    let ids = ["ligand_medium", "receptor", "complex_surface", "cells", "reservoir"];
    for (k, state) in by_engine().iter().enumerate() {
        for (id, wanted) in ids.iter().zip(state) {
            let value = found.of(id).unwrap()[k];
            assert!(
                (value - wanted).abs() <= 1e-9 * (1.0 + wanted.abs()),
                "{id}: {value} {wanted}"
            );
        }
        let largest = found.of("largest").unwrap()[k];
        assert!((largest - state[1].max(state[2])).abs() <= 1e-9 * largest.abs(), "{largest}");
    }
    for part in
        ["bqmodel:isDescribedBy", "10.1021/bp000115y", "unit_1_per_pM_per_min", "&lt;only&gt;"]
    {
        assert!(text.contains(part), "{part}");
    }
}

#[test]
fn another_program_gives_the_same_course() {
    let folder = std::env::temp_dir().join(format!("il2-sbml-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("written.xml");
    std::fs::write(&file, written()).unwrap();
    let script = "import sys\ntry:\n    import roadrunner\nexcept ImportError:\n    sys.exit(77)\n\
        r = roadrunner.RoadRunner(sys.argv[1])\n\
        r.integrator.relative_tolerance = 1e-10\nr.integrator.absolute_tolerance = 1e-12\n\
        r.timeCourseSelections = ['time', 'ligand_medium', 'receptor', 'complex_surface', 'cells']\n\
        for row in r.simulate(times=[0, 50, 200, 600]): print(*(repr(float(v)) for v in row))\n";
    let output = std::process::Command::new("python3").arg("-c").arg(script).arg(&file).output();
    std::fs::remove_dir_all(&folder).unwrap();
    let Ok(output) = output else { return println!("skipped: there is no python3") };
    if output.status.code() == Some(77) {
        return println!("skipped: libroadrunner is not installed");
    }
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let rows: Vec<Vec<f64>> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| line.split(' ').map(|v| v.parse().unwrap()).collect())
        .collect();
    assert_eq!(rows.len(), TIMES.len());
    for (row, state) in rows.iter().zip(by_engine()) {
        for (value, wanted) in row[1..].iter().zip(state) {
            assert!((value - wanted).abs() <= 1e-6 * (1.0 + wanted.abs()), "{row:?}: {wanted}");
        }
    }
    println!("compared with libroadrunner");
}
