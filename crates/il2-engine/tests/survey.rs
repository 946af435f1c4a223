//! Changes between outputs are seen, and a lane that is abandoned keeps its results so far.

mod problems;

use il2_engine::lane::Extreme;
use il2_engine::{
    Backend, Change, Ensemble, Event, Expression, Lane, LaneFailure, Network, Program, SpeciesId,
    Survey, Tolerance, Trajectory,
};
use problems::{PLAIN, lane, rate};
use proptest::prelude::*;
use std::sync::Arc;

const RELATIVE: f64 = 1e-7;
/// Peaks and areas are read from the dense output, whose error is several times that of a step; a
/// factor of ten leaves room for the accumulated errors of many steps.
const ALLOWED: f64 = 10.0 * RELATIVE;

/// Programs that follow the surveyed laws for all lanes at once give the same bits as one that does
/// not follow them.
fn run(n: &Network, lane: &Lane) -> Trajectory {
    let laws: Vec<_> = lane.surveys.iter().map(|survey| survey.of.clone()).collect();
    let tolerance = Tolerance { relative: RELATIVE, absolute: 1e-12, ..Tolerance::default() };
    let run = |program: Program| {
        Ensemble::new(&program, tolerance).run_all(std::slice::from_ref(lane)).remove(0).unwrap()
    };
    let found = run(Program::new(n, Backend::Fastest));
    for backend in [Backend::Fastest, Backend::Avx2, Backend::Interpreter] {
        assert_eq!(found, run(Program::following(n, &laws, backend)), "{backend:?}");
    }
    found
}

fn survey(of: impl Into<Expression>, from: f64, to: f64) -> Survey {
    Survey { of: Arc::new(of.into()), from, to, area: true }
}

fn close(found: f64, wanted: f64) -> bool {
    (found - wanted).abs() <= ALLOWED * wanted.abs() + 1e-9
}

/// A depot that is absorbed into plasma at rate `absorb`, and plasma that is cleared at rate
/// `clear`; plasma can be infused.
fn drug(absorb: f64, clear: f64) -> (Network, SpeciesId, SpeciesId) {
    let mut n = Network::default();
    let [depot, plasma] = ["depot", "plasma"].map(|name| n.add_species(name, PLAIN));
    let [absorb, clear] = [("absorb", absorb), ("clear", clear)].map(|(k, v)| rate(&mut n, k, v));
    let infusion = rate(&mut n, "infusion", 0.0);
    n.add_law("infuse", &[], &[plasma], infusion);
    n.add_reaction("absorb", &[depot], &[plasma], absorb);
    n.add_reaction("clear", &[plasma], &[], clear);
    (n, depot, plasma)
}

#[test]
fn a_peak_between_outputs_is_as_high_and_as_early_as_in_closed_form() {
    for (ka, ke) in [(1.0, 0.1), (0.3, 0.31), (50.0, 0.02)] {
        let (n, depot, plasma) = drug(ka, ke);
        let mut l = lane(&n, &[400.0]);
        l.initial[depot.0] = 100.0;
        l.surveys = vec![survey(plasma, 0.0, 400.0)];
        let found = run(&n, &l).surveyed[0];
        let peak = (ka / ke).ln() / (ka - ke);
        let level = |t: f64| 100.0 * ka / (ka - ke) * ((-ke * t).exp() - (-ka * t).exp());
        assert!(close(found.highest.value, level(peak)), "{ka} {ke}: {found:?} {}", level(peak));
        // The error of the time of a peak is of the order of the square root of the error of its
        // height.
        assert!((found.highest.time / peak - 1.0).abs() < 2e-3, "{ka} {ke}: {found:?} {peak}");
        assert_eq!((found.lowest.time, found.lowest.value), (0.0, 0.0));
        let gone = |k: f64| (1.0 - (-k * 400.0_f64).exp()) / k;
        let area = 100.0 * ka / (ka - ke) * (gone(ke) - gone(ka));
        assert!(close(found.area, area), "{ka} {ke}: {found:?} {area}");
    }
}

#[test]
fn a_stretch_begins_and_ends_inside_steps() {
    let (n, _, plasma) = drug(1.0, 0.1);
    let mut l = lane(&n, &[100.0]);
    l.initial[plasma.0] = 50.0;
    let square = Expression::from(plasma) * plasma.into();
    l.surveys =
        vec![survey(plasma, 3.7, 21.3), survey(square, 3.7, 21.3), survey(plasma, 8.0, 8.0)];
    let found = run(&n, &l).surveyed;
    let at = |t: f64| 50.0 * (-0.1 * t).exp();
    assert!(
        close(found[0].highest.value, at(3.7)) && close(found[0].lowest.value, at(21.3)),
        "{found:?}"
    );
    assert_eq!((found[0].highest.time, found[0].lowest.time), (3.7, 21.3));
    assert!(close(found[0].area, (at(3.7) - at(21.3)) / 0.1), "{found:?}");
    let wanted = (at(3.7).powi(2) - at(21.3).powi(2)) / 0.2;
    assert!(close(found[1].area, wanted), "{found:?} {wanted}");
    assert!(close(found[2].highest.value, at(8.0)) && found[2].area == 0.0, "{found:?}");
}

#[test]
fn both_sides_of_an_event_count_but_at_the_end_of_a_stretch() {
    let (n, _, plasma) = drug(1.0, 0.1);
    let mut l = lane(&n, &[50.0]);
    l.initial[plasma.0] = 8.0;
    l.events = [10.0, 20.0].map(|t| Event::new(t, Change::Set(plasma, 5.0))).to_vec();
    l.surveys =
        vec![survey(plasma, 0.0, 20.0), survey(plasma, 10.0, 20.0), survey(plasma, 20.0, 50.0)];
    let found = run(&n, &l).surveyed;
    let before = [8.0 * (-1.0_f64).exp(), 5.0 * (-1.0_f64).exp()];
    assert_eq!((found[0].highest.time, found[0].highest.value), (0.0, 8.0));
    assert!(close(found[0].lowest.value, before[1]) && found[0].lowest.time == 20.0, "{found:?}");
    assert_eq!(found[1].highest, Extreme { time: 10.0, value: 5.0, after: true });
    assert_eq!(found[2].highest, Extreme { time: 20.0, value: 5.0, after: true });
    assert!(close(found[2].lowest.value, 5.0 * (-3.0_f64).exp()), "{found:?}");
}

#[test]
fn surveys_change_no_bit_of_the_outputs() {
    let n = problems::oregonator();
    let times: Vec<f64> = (1..=30).map(|k| f64::from(k) * 11.0).collect();
    let plain = lane(&n, &times);
    let all = (0..n.species.len()).map(|s| survey(SpeciesId(s), 5.0, 300.0));
    let surveyed = Lane { surveys: all.collect(), ..plain.clone() };
    let (plain, surveyed) = (run(&n, &plain), run(&n, &surveyed));
    assert_eq!((plain.states, plain.steps), (surveyed.states.clone(), surveyed.steps));
    for (s, found) in surveyed.surveyed.iter().enumerate() {
        let inside = surveyed.states[..27].iter().map(|x| x[s]);
        let (low, high) = inside.fold((f64::MAX, f64::MIN), |(a, b), x| (a.min(x), b.max(x)));
        assert!(
            found.lowest.value <= low && found.highest.value >= high,
            "{s}: {found:?} {low} {high}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    /// Bolus doses and infusions at random times, read on a random grid: highest value, lowest
    /// value and area follow from the doses alone.
    #[test]
    fn extremes_and_areas_do_not_depend_on_the_output_grid(
        doses in prop::collection::vec((0.0..90.0_f64, 0.1..50.0_f64, 0.0..15.0_f64), 1..6),
        grid in prop::collection::vec(0.0..100.0_f64, 0..60),
        clear in 0.02..2.0_f64,
    ) {
        let (n, _, plasma) = drug(1.0, clear);
        let mut doses = doses;
        doses.sort_by(|a, b| a.0.total_cmp(&b.0));
        let infusion = n.parameter_named("infusion").unwrap();
        let event = |&(time, amount, duration): &(f64, f64, f64)| {
            let rate = amount / duration;
            Event::new(time, match duration < 1.0 {
                true => Change::Add(plasma, amount),
                false => Change::Infuse { parameter: infusion, rate, duration },
            })
        };
        let mut times = grid;
        times.push(100.0);
        times.sort_by(f64::total_cmp);
        let mut l = lane(&n, &times);
        l.events = doses.iter().map(event).collect();
        l.surveys = vec![survey(plasma, 0.0, 100.0), survey(plasma, doses[0].0 + 0.5, 97.0)];
        let found = run(&n, &l).surveyed;
        // The level just after a time, by superposition.
        let level = |t: f64| -> f64 {
            doses.iter().filter(|d| d.0 <= t).map(|&(start, amount, duration)| {
                let since = t - start;
                if duration < 1.0 { return amount * (-clear * since).exp(); }
                let end = (-clear * (since - duration).max(0.0)).exp();
                let filled = 1.0 - (-clear * since.min(duration)).exp();
                amount / duration / clear * filled * end
            }).sum()
        };
        // The level has turning points only at the starts and ends of doses; just before a start is
        // the value before the dose.
        let turns = doses.iter().flat_map(|d| [d.0, d.0 * (1.0 - 1e-12), d.0 + d.2]);
        let seen = |from: f64, to: f64| {
            let inside = turns.clone().filter(move |t| (from..to).contains(t));
            inside.chain([from, to]).map(level).fold((f64::MAX, f64::MIN), |(a, b), x| (a.min(x), b.max(x)))
        };
        let (_, high) = seen(0.0, 100.0);
        prop_assert!(close(found[0].highest.value, high), "{:?} {high}", found[0]);
        let (low, high) = seen(doses[0].0 + 0.5, 97.0);
        prop_assert!(close(found[1].highest.value, high), "{:?} {high}", found[1]);
        prop_assert!(close(found[1].lowest.value, low), "{:?} {low}", found[1]);
        // The amount given has been cleared or is still present: clear * area = given - held.
        let given: f64 = doses.iter().map(|&(start, amount, duration)| {
            if duration < 1.0 { amount } else { amount * ((100.0 - start) / duration).min(1.0) }
        }).sum();
        prop_assert!(close(found[0].area, (given - level(100.0)) / clear), "{:?}", found[0]);
    }
}

/// Many doses take many steps, but none of the intervals between them takes too many.
#[test]
fn the_step_limit_counts_between_events_and_outputs() {
    let (n, _, plasma) = drug(1.0, 0.1);
    let program = Program::new(&n, Backend::Fastest);
    let few = Tolerance { most_steps: 100, ..Tolerance::default() };
    let of =
        |lane: &Lane| Ensemble::new(&program, few).run_all(std::slice::from_ref(lane)).remove(0);
    let mut dosed = lane(&n, &[2000.0]);
    dosed.events = (0..2000).map(|k| Event::new(f64::from(k), Change::Add(plasma, 1.0))).collect();
    let found = of(&dosed).unwrap();
    assert!(found.steps > 2000, "{}", found.steps);
    let wanted = (-0.1_f64).exp() / (1.0 - (-0.1_f64).exp());
    assert!((found.states[0][plasma.0] / wanted - 1.0).abs() < 1e-5, "{:?}", found.states);
    let read = lane(&n, &(0..5000).map(f64::from).collect::<Vec<_>>());
    assert_eq!(of(&read).unwrap().states.len(), 5000);
}

#[test]
fn a_lane_that_is_given_up_keeps_what_it_had_found() {
    let n = problems::oregonator();
    let program = Program::new(&n, Backend::Fastest);
    let few = Tolerance { most_steps: 40, relative: 1e-6, absolute: 1e-9 };
    // At rest until the next wave, which takes more steps than allowed.
    let mut l = lane(&n, &[1.0, 2.0, 3.0, 300.0, 301.0]);
    l.surveys = vec![survey(SpeciesId(0), 0.0, 301.0)];
    let stopped = Ensemble::new(&program, few).run_all(&[l]).remove(0).unwrap_err();
    let LaneFailure::TooManySteps { time, steps } = stopped.why.clone() else {
        panic!("{stopped}");
    };
    assert!(steps == 40 && time > 3.0 && time < 300.0, "{stopped}");
    assert_eq!(stopped.found.states.len(), 3);
    assert!(stopped.found.surveyed[0].highest.value > 0.0);
}
