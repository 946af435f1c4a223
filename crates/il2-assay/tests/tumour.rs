//! Lesions against closed forms: growth, extinction of a clone, regrowth, and effector cells at
//! steady state.

use il2::tumour::course::{Given, Model, Scans};
use il2::tumour::disease::{Entry, Partner};
use il2::tumour::host::{Host, Variability};
use il2::tumour::response::Criteria;
use il2_engine::ensemble::Ensemble;
use il2_engine::{Dimension, Tolerance, Trajectory};
use il2_study::Library;

const DAY: f64 = 1440.0;

/// Melanoma with some numbers changed, in base units.
fn melanoma(set: &[(&str, f64)]) -> Entry {
    let mut entry = Library::builtin().tumours.diseases["melanoma"].clone();
    for (name, value) in set {
        entry.parameters.get_mut(*name).unwrap_or_else(|| panic!("{name}")).value = *value;
    }
    entry
}

fn scans(until: f64) -> Scans {
    let criteria = Criteria::of(&Library::builtin().tumours.criteria["recist"]).unwrap();
    let planned = (1..).map(|k| 56.0 * DAY * f64::from(k)).take_while(|t| *t < until).collect();
    Scans { planned, window: 0.0, criteria }
}

/// A host with these cells, who does not die, whose clones do not become extinct, and whose
/// effector cells have no effect.
fn host(cells: [f64; 2], growth: f64) -> Host {
    let entry = melanoma(&[("lesions", 1.0)]);
    let mut host = Variability::of(&entry).unwrap().host(1, 0);
    host.growth = growth;
    host.effectors = 1e-6;
    host.death_at_hazard = f64::MAX;
    host.scan_shift = 0.0;
    host.lesions[0].cells = cells;
    host.lesions[0].luck = [0.0, 0.0];
    host
}

fn run(entry: &Entry, host: &Host, partners: &[Partner], until: f64) -> (Model, Trajectory) {
    let model = Model::new(None, entry).unwrap();
    model.network.check().unwrap();
    let given = Given { drug: None, partners, beyond_progression: true };
    let planned = model.plan(host, &given, &scans(until), until);
    let tolerance = Tolerance { relative: 1e-9, absolute: 1e-9, ..Tolerance::default() };
    let found =
        Ensemble::new(&model.program, tolerance).run_all(&[planned.lane]).remove(0).unwrap();
    (model, found)
}

fn near(found: f64, wanted: f64, relative: f64) {
    assert!((found / wanted - 1.0).abs() < relative, "{found} instead of {wanted}");
}

#[test]
fn every_network_of_a_tumour_balances_its_units() {
    for entry in Library::builtin().tumours.diseases.values() {
        Model::new(None, entry).unwrap().network.check().unwrap();
    }
}

#[test]
fn a_tumour_without_effectors_grows_exponentially_and_its_resistant_clone_more_slowly() {
    let entry = melanoma(&[("lesions", 1.0), ("largest", 1e30), ("kill_rate", 0.0)]);
    let (rate, days) = (0.012 / DAY, 200.0);
    let (model, found) = run(&entry, &host([1e9, 1e6], rate), &[], days * DAY);
    let state = found.states.last().unwrap();
    let slower = entry.plain("resistant_growth").unwrap();
    let clones = model.lesions.lesions[0].clones;
    near(state[clones[0].cells.0], 1e9 * (0.012 * days).exp(), 1e-6);
    near(state[clones[1].cells.0], 1e6 * (0.012 * slower * days).exp(), 1e-6);
}

/// Kendall 1948: a clone from one cell with birth rate b and death rate d is extinct by time t with
/// probability (d e - d) / (b e - d), e = exp((b - d) t).
fn kendall(b: f64, d: f64, t: f64, cells: f64) -> f64 {
    let e = ((b - d) * t).exp();
    ((d * e - d) / (b * e - d)).powf(cells)
}

#[test]
fn a_clone_dies_out_as_often_as_a_birth_and_death_process() {
    // Cells killed by a chemotherapy of constant effect: birth g + d0, death d0 + c.
    let entry = melanoma(&[("lesions", 1.0), ("largest", 1e30), ("kill_rate", 0.0)]);
    let (g, d0) = (0.012, entry.number("basal_death", Dimension::RATE).unwrap() * DAY);
    for (cells, kill, days) in [(1e4, 0.3, 33.0), (1e4, 0.3, 40.0), (1e6, 0.5, 29.0)] {
        let half_life = 1e9 * DAY;
        let every = 1e4 * DAY;
        let partner = Partner::Chemotherapy { kill: kill / DAY, half_life, every, doses: 1 };
        let (model, found) = run(&entry, &host([cells, 0.0], g / DAY), &[partner], days * DAY);
        let state = found.states.last().unwrap();
        let clone = model.lesions.lesions[0].clones[0];
        let extinct = (-1.0 / state[clone.q.0]).exp();
        let exact = kendall(g + d0, d0 + kill, days, cells);
        assert!((0.02..0.98).contains(&exact), "{exact} tells nothing");
        assert!((extinct - exact).abs() < 2e-3, "{extinct} instead of {exact}");
        // The mean over surviving clones is the mean of all clones divided by the probability of
        // survival.
        let mean = cells * ((g - kill) * days).exp() / (1.0 - exact);
        near(clone.alive(state), mean, 0.02);
    }
}

/// Of a clone with a mean of few cells, the number at the start has a Poisson distribution: it is
/// absent with the probability exp(-N0), and extinct by t with exp(-N0 (1 - p)), where p is Kendall's
/// probability for one cell.
#[test]
fn a_clone_of_few_cells_may_be_absent_and_dies_out_as_kendall_says() {
    let entry = melanoma(&[("lesions", 1.0), ("largest", 1e30), ("kill_rate", 0.0)]);
    let (g, d0) = (0.012, entry.number("basal_death", Dimension::RATE).unwrap() * DAY);
    for (cells, kill, days) in [(0.2, 0.05, 20.0), (1.0, 0.0, 60.0), (5.0, 0.05, 40.0)] {
        let (half_life, every) = (1e9 * DAY, 1e4 * DAY);
        let partner = Partner::Chemotherapy { kill: kill / DAY, half_life, every, doses: 1 };
        let (model, found) = run(&entry, &host([cells, 0.0], g / DAY), &[partner], days * DAY);
        let clone = model.lesions.lesions[0].clones[0];
        let start =
            model.network.initial_state(&model.network.parameter_values(&[(clone.start, cells)]));
        near((-1.0 / start[clone.q.0]).exp(), (-cells).exp(), 1e-12);
        // Present clones have one cell or more.
        near(clone.alive(&start), cells / (1.0 - (-cells).exp()), 1e-12);
        let state = found.states.last().unwrap();
        let exact = (-cells * (1.0 - kendall(g + d0, d0 + kill, days, 1.0))).exp();
        near((-1.0 / state[clone.q.0]).exp(), exact, 1e-5);
        near(clone.alive(state), cells * ((g - kill) * days).exp() / (1.0 - exact), 1e-5);
    }
}

#[test]
fn a_clone_whose_luck_runs_out_is_gone_and_the_others_grow_again() {
    let entry = melanoma(&[("lesions", 1.0), ("largest", 1e30), ("kill_rate", 0.0)]);
    let kill = Partner::Chemotherapy {
        kill: 0.5 / DAY,
        half_life: 30.0 * DAY,
        every: 1e4 * DAY,
        doses: 1,
    };
    let of = |luck: f64| {
        let mut host = host([1e6, 0.0], 0.05 / DAY);
        host.lesions[0].luck = [luck, 1.0];
        let (model, found) = run(&entry, &host, std::slice::from_ref(&kill), 400.0 * DAY);
        (
            found.states.last().unwrap()[model.lesions.lesions[0].clones[0].cells.0],
            found.crossings.len(),
        )
    };
    assert_eq!(of(1e5), (0.0, 1));
    // It was never there.
    assert_eq!(of(1e7), (0.0, 0));
    let (grown, died) = of(1e-30);
    assert!(grown > 0.0 && died == 0);
}

#[test]
fn effectors_of_an_untreated_patient_stand_still_at_the_start() {
    let entry = melanoma(&[("lesions", 1.0), ("kill_rate", 0.0)]);
    let mut host = host([1e11, 0.0], 0.0);
    host.effectors = 1e7;
    let (model, found) = run(&entry, &host, &[], 100.0 * DAY);
    near(found.states.last().unwrap()[model.lesions.effectors.0], 1e7, 1e-6);
}
