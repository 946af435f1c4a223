//! Sizes of trials drawn from simulated patients.

use super::{Even, near};
use crate::survival::follow_up::FollowUp;
use crate::survival::power::LogRankDesign;
use crate::survival::sample_size::{Found, Needed, Patient, Pool, Wanted, sample_size};
use il2_engine::math;
use il2_engine::threads::Threads;

const WANTED: Wanted =
    Wanted { power: 0.8, alpha: 0.05, block: [1, 1], range: (5, 1000), resamples: 2000, seed: 1 };

/// A patient who enters at the start, with an event at `time` if that is before the end.
fn patient(time: f64, end: f64) -> Patient {
    let event = time <= end;
    let to = FollowUp { time: time.min(end), event };
    Patient { entry: 0.0, to, counted: event.then_some(time), stratum: 0 }
}

/// Arms of evenly spaced quantiles of exponential times, so that the pool adds no chance of its own.
fn even_pool(count: usize, hazards: [f64; 2], end: f64) -> Pool {
    let arm = |hazard: f64| {
        let at = |k: usize| -math::ln(1.0 - (k as f64 + 0.5) / count as f64) / hazard;
        (0..count).map(|k| patient(at(k), end)).collect()
    };
    Pool { arms: hazards.map(arm), cut_off: None }
}

/// Arms of random exponential times.
fn random_pool(seed: u64, count: usize, hazards: [f64; 2]) -> Pool {
    let mut even = Even(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
    let arm = |hazard: f64| (0..count).map(|_| patient(even.wait() / hazard, 1e9)).collect();
    Pool { arms: hazards.map(arm), cut_off: None }
}

fn found(pool: &Pool, wanted: &Wanted) -> Found {
    sample_size(pool, wanted, Threads::ONE).unwrap()
}

fn blocks(found: &Found) -> crate::bootstrap::Estimate {
    let Needed::Blocks(blocks) = found.needed else { panic!("{:?}", found.needed) };
    blocks
}

/// 247 events for a hazard ratio of 0.7 (Schoenfeld 1981, by hand in the tests of replicates). With
/// 2000 trials drawn, the standard error of the number is two per cent.
#[test]
fn two_exponential_arms_need_the_patients_of_schoenfeld() {
    let pool = even_pool(2000, [1.0, 0.7], f64::MAX);
    let all = found(&pool, &WANTED);
    near(all.hazard_ratio.unwrap().value, 0.7, 0.01);
    near(all.closed_form.unwrap(), 246.8 / 2.0, 0.03);
    let n = blocks(&all);
    assert!((2.0 * n.value / 246.8 - 1.0).abs() < 0.05, "{n:?}");
    assert!(2.0 * n.low < 246.8 && 246.8 < 2.0 * n.high, "{n:?}");
    // The closed form is a good description of the whole curve.
    let far = all.sizes.iter().map(|s| (s.power.value - s.closed_form).abs()).fold(0.0, f64::max);
    assert!(far < 0.05, "{far}");
}

/// Half of the patients of each arm have eight times the hazard of the others. Within strata the
/// hazard ratio is 0.7, for which Schoenfeld gives 247 events; without them it is nearer to 1, so
/// that more patients are needed.
#[test]
fn a_test_within_strata_needs_the_patients_of_schoenfeld() {
    let strata = [even_pool(1000, [1.0, 0.7], f64::MAX), even_pool(1000, [8.0, 5.6], f64::MAX)];
    let arm = |arm: usize, divided: bool| -> Vec<Patient> {
        let of = |(stratum, pool): (usize, &Pool)| -> Vec<Patient> {
            let stratum = if divided { stratum } else { 0 };
            pool.arms[arm].iter().map(|p| Patient { stratum, ..*p }).collect()
        };
        strata.iter().enumerate().flat_map(of).collect()
    };
    let pool = |divided: bool| Pool { arms: [arm(0, divided), arm(1, divided)], cut_off: None };
    let within = found(&pool(true), &WANTED);
    near(within.hazard_ratio.unwrap().value, 0.7, 0.01);
    let n = blocks(&within).value;
    assert!((2.0 * n / 246.8 - 1.0).abs() < 0.05, "{n}");
    let across = found(&pool(false), &WANTED);
    assert!(across.hazard_ratio.unwrap().value > 0.74);
    assert!(blocks(&across).value > 1.3 * n, "{n}");
}

/// Follow-up ends at one time unit: of the two arms 1 - exp(-1) = 0.632 and 1 - exp(-0.5) = 0.393
/// have the event. One patient of three is in the first arm. With so large an effect and unequal
/// arms, Schoenfeld's formula gives 73.5 events; that of Freedman (1982, Stat. Med. 1:121), which
/// uses the ratio of patients at risk, gives (1 + 2 x 0.5)^2 / (2 x 0.5^2) x 7.849 = 62.8.
#[test]
fn censored_patients_and_unequal_arms_need_the_patients_of_freedman() {
    let pool = even_pool(2000, [1.0, 0.5], 1.0);
    let all = found(&pool, &Wanted { block: [1, 2], range: (5, 300), ..WANTED });
    let each = 0.632 + 2.0 * 0.393;
    near(all.closed_form.unwrap(), 73.5 / each, 0.03);
    let n = blocks(&all);
    near(n.value, 62.8 / each, 0.06);
    assert!(n.low < 62.8 / each && 62.8 / each < n.high, "{n:?}");
    let at = all.sizes.iter().find(|size| size.blocks as f64 == n.value).unwrap();
    near(at.events, n.value * each, 0.02);
}

/// The effect begins after half of the control arm has had the event. The statistic of a trial is
/// normal with a mean that grows as the square root of its size, whatever the hazards.
#[test]
fn an_effect_that_begins_late_is_noticed_and_gets_its_number() {
    let late = |patient: &Patient| {
        let (time, begins) = (patient.to.time, std::f64::consts::LN_2);
        self::patient(begins.min(time) + (time - begins).max(0.0) / 0.4, f64::MAX)
    };
    let mut pool = even_pool(1000, [1.0, 1.0], f64::MAX);
    pool.arms[1] = pool.arms[1].iter().map(late).collect();
    let all = found(&pool, &WANTED);
    assert!(all.proportional.unwrap() < 1e-6, "{all:?}");
    let z = pool.statistic(1, Threads::ONE).value;
    near(blocks(&all).value, 1000.0 * (2.8016 / z) * (2.8016 / z), 0.06);
    let alike = found(&even_pool(1000, [1.0, 0.7], f64::MAX), &WANTED);
    assert!(alike.proportional.unwrap() > 0.05, "{alike:?}");
}

/// If a trial ends when half of its patients have had the event, half of them have it, whatever the
/// size.
#[test]
fn a_cut_off_gives_its_events_at_every_size() {
    let pool = Pool { cut_off: Some(0.5), ..even_pool(1000, [1.0, 0.6], f64::MAX) };
    let all = found(&pool, &WANTED);
    for size in &all.sizes {
        let events = size.blocks as f64;
        assert!((size.events - events).abs() <= 0.02 * events + 0.5, "{size:?}");
    }
    let design = LogRankDesign { hazard_ratio: 0.6, allocation: 0.5, alpha: 0.05 };
    let n = blocks(&all);
    let closed = design.events(0.8).unwrap();
    assert!((n.value / closed - 1.0).abs() < 0.08, "{n:?} {closed}");
}

/// Drawn trials use the same statistic as the test of whole samples.
#[test]
fn the_statistic_is_that_of_the_log_rank_test() {
    let pool = random_pool(3, 40, [1.0, 0.5]);
    let records: Vec<FollowUp> = pool.arms.iter().flatten().map(|p| p.to).collect();
    let groups: Vec<usize> = (0..80).map(|k| k / 40).collect();
    let test = crate::survival::log_rank::log_rank(
        &records,
        &groups,
        None,
        crate::survival::log_rank::Weight::default(),
    );
    let z = test.unwrap().z(1);
    near(pool.statistic(1, Threads::ONE).value, z, 1e-9);
}

#[test]
fn power_rises_with_the_number_of_patients() {
    let all = found(&random_pool(5, 600, [1.0, 0.7]), &Wanted { range: (5, 600), ..WANTED });
    // Trials of adjacent sizes share most patients, so that chance hardly reverses their order.
    assert!(all.sizes.windows(2).all(|w| w[0].blocks < w[1].blocks));
    assert!(all.sizes.windows(2).all(|w| w[0].power.value <= w[1].power.value + 0.01));
    assert!(
        all.sizes.iter().all(|s| s.power.low <= s.power.value && s.power.value <= s.power.high)
    );
}

/// Of a hundred pools, those whose arms are alike show a difference in about five.
#[test]
fn arms_that_are_alike_give_no_number() {
    let shows = |seed: &u64| {
        let wanted = Wanted { resamples: 100, range: (5, 200), ..WANTED };
        let all = found(&random_pool(*seed, 200, [1.0, 1.0]), &wanted);
        all.needed != Needed::NotShown
    };
    let count = (0..100).filter(shows).count();
    assert!(count <= 11, "{count}");
}

/// The interval from a pool of a thousand patients contains the number of Schoenfeld in about 95 of
/// a hundred pools.
#[test]
fn the_interval_contains_the_number_of_a_large_pool() {
    let contains = |seed: &u64| {
        let wanted = Wanted { resamples: 400, range: (5, 1000), ..WANTED };
        let all = found(&random_pool(*seed, 500, [1.0, 0.7]), &wanted);
        matches!(all.needed, Needed::Blocks(n) if 2.0 * n.low <= 246.8 && 246.8 <= 2.0 * n.high)
    };
    let count = (0..100).filter(contains).count();
    assert!((88..=100).contains(&count), "{count}");
}

#[test]
fn ends_of_the_range_are_told_apart() {
    let pool = even_pool(1000, [1.0, 0.7], f64::MAX);
    let of = |range| found(&pool, &Wanted { range, resamples: 200, ..WANTED }).needed;
    assert_eq!(of((5, 60)), Needed::MoreThanMost);
    assert_eq!(of((300, 900)), Needed::AtMostFewest);
}

#[test]
fn the_answer_does_not_depend_on_threads() {
    let pool = Pool { cut_off: Some(0.6), ..random_pool(9, 300, [1.0, 0.6]) };
    let wanted = Wanted { resamples: 300, range: (5, 300), ..WANTED };
    assert_eq!(found(&pool, &wanted), sample_size(&pool, &wanted, Threads::new(3)).unwrap());
}
