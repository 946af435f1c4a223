//! Limiting cases of lanes: a solution that blows up beside others that do not, values just below
//! zero, and changes without duration.

mod problems;

use il2_engine::dependence::Dependence;
use il2_engine::{
    Backend, Change, Ensemble, Event, Expression, Lane, LaneFailure, Network, ParameterId, Program,
    Tolerance, Trajectory,
};
use problems::{PLAIN, lane, rate};

fn run(n: &Network, lane: &Lane) -> Result<Trajectory, LaneFailure> {
    let program = Program::new(n, Backend::Fastest);
    let tolerance = Tolerance { relative: 1e-6, absolute: 1e-9, ..Tolerance::default() };
    Ensemble::new(&program, tolerance)
        .run_all(std::slice::from_ref(lane))
        .remove(0)
        .map_err(LaneFailure::from)
}

#[test]
fn a_blow_up_is_seen_wherever_its_species_stands() {
    for blows_up_first in [true, false] {
        let mut n = Network::default();
        let [first, second] = ["first", "second"].map(|s| n.add_species(s, PLAIN));
        let (x, y) = if blows_up_first { (first, second) } else { (second, first) };
        n.species.iter_mut().for_each(|s| s.initial = Expression::Number(1.0));
        n.add_law("grow", &[], &[x], Expression::from(x) * Expression::from(x));
        let k = rate(&mut n, "k", 1.0);
        n.add_reaction("decay", &[y], &[], k);
        // x = 1 / (1 - t).
        let found = run(&n, &lane(&n, &[0.5, 2.0]));
        assert!(found.is_err(), "{blows_up_first}: {:?}", found.map(|t| t.states));
    }
}

#[test]
fn a_power_of_what_lies_a_hair_below_zero_is_nothing() {
    let mut n = Network::default();
    let [a, b, c] = ["a", "b", "c"].map(|s| n.add_species(s, PLAIN));
    n.species[a.0].initial = Expression::Number(10.0);
    let [first, second, away] =
        [("first", 1.0), ("second", 1.0), ("away", 0.1)].map(|(name, k)| rate(&mut n, name, k));
    n.add_reaction("first", &[a], &[b], first);
    n.add_reaction("second", &[b], &[], second);
    let power = Expression::Power(Box::new(b.into()), Box::new(Expression::Number(1.5)));
    let hill =
        Expression::Quotient(Box::new(power.clone()), Box::new(Expression::Number(1.0) + power));
    n.add_law("hill", &[], &[c], hill);
    n.add_reaction("away", &[c], &[], away);
    for k in 0..100 {
        let mut l = lane(&n, &[60.0, 1440.0]);
        l.parameters[0] = 0.2 + 0.05 * f64::from(k);
        l.parameters[1] = 0.3 + 0.11 * f64::from(k % 17);
        run(&n, &l).unwrap_or_else(|e| panic!("{k}: {e}"));
    }
}

#[test]
fn what_is_set_to_nothing_is_nothing() {
    for k in 0..100 {
        let mut n = Network::default();
        let [a, b] = ["a", "b"].map(|s| n.add_species(s, PLAIN));
        n.species[a.0].initial = Expression::Number(8.0);
        let fast = rate(&mut n, "fast", 1.0 + 0.37 * f64::from(k));
        let grow = rate(&mut n, "grow", 9.0);
        n.add_reaction("turn", &[a], &[b], fast.clone());
        n.add_reaction("back", &[b], &[a], fast);
        n.add_reaction("grow", &[b], &[b, b], grow);
        let mut l = lane(&n, &[4.0]);
        l.events = vec![Event::new(1.0, Change::Set(a, 0.0)), Event::new(1.0, Change::Set(b, 0.0))];
        assert_eq!(run(&n, &l).unwrap().states[0], vec![0.0, 0.0], "{k}");
    }
}

#[test]
fn an_infusion_too_short_for_time_to_tell_is_none() {
    let mut n = Network::default();
    let a = n.add_species("a", PLAIN);
    let input = rate(&mut n, "input", 0.0);
    n.add_law("input", &[], &[a], input);
    let mut l = lane(&n, &[2000.0]);
    let infuse = Change::Infuse { parameter: ParameterId(0), rate: 1.0, duration: 1e-14 };
    l.events = vec![Event::new(1000.0, infuse)];
    assert_eq!(run(&n, &l).unwrap().states[0], vec![0.0]);
}

#[test]
fn a_set_at_the_start_forgets_where_the_start_came_from() {
    let mut n = Network::default();
    let a = n.add_species("a", PLAIN);
    let k = rate(&mut n, "k", 0.5);
    let start = rate(&mut n, "start", 3.0);
    n.species[a.0].initial = start;
    n.add_reaction("decay", &[a], &[], k);
    let by = [ParameterId(1)];
    let program = Program::with_sensitivities(&n, &by, Backend::Fastest);
    let mut l = lane(&n, &[1.0]);
    l.initial_sensitivities = Dependence::new(&n, &by).of_start(&l.parameters);
    let with = |l: &Lane| {
        Ensemble::new(&program, Tolerance::default()).run_all(std::slice::from_ref(l)).remove(0)
    };
    let free = with(&l).unwrap().sensitivities[0][0][0];
    assert!((free - (-0.5_f64).exp()).abs() < 1e-6, "{free}");
    l.events = vec![Event::new(0.0, Change::Set(a, 5.0))];
    assert_eq!(with(&l).unwrap().sensitivities[0][0][0], 0.0);
}

#[test]
fn what_outgrows_numbers_by_events_is_a_failed_lane() {
    let mut n = Network::default();
    let a = n.add_species("a", PLAIN);
    rate(&mut n, "k", 0.0);
    let mut l = lane(&n, &[10.0]);
    l.events = vec![Event::new(1.0, Change::Add(a, 1e308)), Event::new(2.0, Change::Add(a, 1e308))];
    assert!(matches!(run(&n, &l), Err(LaneFailure::NotFinite(_, f64::INFINITY))));
}

#[test]
fn every_output_has_its_sensitivities_wherever_a_step_ends() {
    let mut n = Network::default();
    let a = n.add_species("a", PLAIN);
    n.species[a.0].initial = Expression::Number(1.0);
    let k = rate(&mut n, "k", 1e-9);
    n.add_reaction("decay", &[a], &[], k);
    let program = Program::with_sensitivities(&n, &[ParameterId(0)], Backend::Fastest);
    // A lane that hardly changes grows its steps eightfold; output times are at the ends of these
    // steps, or one floating-point number earlier.
    for trial in 1..400 {
        let end = 0.37 * f64::from(trial);
        let (mut times, mut time, mut step) = (vec![end], 0.0, 1e-6 * end);
        while time < end {
            time += step;
            step *= 8.0;
            let hair = f64::from_bits(time.to_bits() - 1);
            times.extend([time, hair].iter().filter(|&&t| t < end));
        }
        times.sort_by(f64::total_cmp);
        let one = lane(&n, &times);
        let found = Ensemble::new(&program, Tolerance::default()).run_all(&[one]).remove(0);
        let found = found.unwrap();
        assert_eq!(found.states.len(), times.len());
        assert_eq!(found.sensitivities.len(), times.len(), "{trial}");
    }
}
