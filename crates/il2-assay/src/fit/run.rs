//! Runs a fit: searches from many starts, then profiles and chains from the best result.

use crate::fit::outcome::{HALF_CHI2_95, Outcome};
use crate::fit::plan::Plan;
use faer::{Mat, Side};
use il2_engine::shard;
use il2_inference::draws::normal;
use il2_inference::no_answer::NoAnswer;
use il2_inference::posterior::Posterior;
use il2_inference::sample::{self, ChainDraws};
use il2_inference::search::{Optimum, climb, profile};
use il2_output::folder::Pieces;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use std::cell::Cell;

/// Largest number of draws for predictions, spread evenly over the chains.
const MOST_PREDICTED: usize = 400;
/// Largest number of predicted values kept at once: with very many rows, fewer draws are used.
const MOST_KEPT: usize = 5_000_000;

/// Progress of a fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// A part begins, and the previous one is done; contains the word for its steps and their
    /// number. Parts are counted separately, because searches take much longer than draws.
    Begins(&'static str, usize),
    /// This many more steps are done.
    Done(usize),
}

/// Runs a fit; `progress` is called from any thread.
pub fn outcome(
    plan: &Plan,
    kept: &Pieces,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Outcome, NoAnswer> {
    il2_inference::matrices::on_one_thread();
    let posterior = &plan.posterior;
    let piece = |kind: &str, index: usize| format!("{} {kind} {index}", plan.name);
    let search = |i: usize| {
        let found = kept.piece(&piece("start", i), || climb(posterior, &plan.start(i), None));
        progress(Progress::Done(1));
        found
    };
    progress(Progress::Begins("search", plan.starts));
    let places = |count: usize| (0..count).collect::<Vec<usize>>();
    let starts: Vec<Optimum> = whole(plan.threads.map(&places(plan.starts), |i| search(*i)));
    // Of several equal optima, the first is taken, so that the result does not depend on which
    // thread was faster.
    let higher = |a: &usize, b: &usize| {
        starts[*a].log_density.total_cmp(&starts[*b].log_density).then(b.cmp(a))
    };
    let best = (0..starts.len()).max_by(higher).expect("one start at least");
    if starts[best].log_density == f64::NEG_INFINITY {
        return Err(NoAnswer::NoStart);
    }
    let at = &starts[best].at;
    let follow = |k: usize| {
        let found =
            kept.piece(&piece("profile", k), || profile(posterior, at, k, HALF_CHI2_95 + 0.5));
        progress(Progress::Done(1));
        found
    };
    if plan.followed() > 0 {
        progress(Progress::Begins("profile", plan.followed()));
    }
    let profiles = plan.threads.map(&places(plan.followed()), |k| follow(*k));
    let sample = |c: usize| {
        // A chain that was stored, or that ends early, also counts as done.
        let left = Cell::new(plan.asked.all());
        let drawn = || {
            left.set(left.get() - 1);
            progress(Progress::Done(1));
        };
        let make = || sample::chain(posterior, at, c, &plan.asked, &drawn);
        let found = kept.piece(&piece("chain", c), make);
        progress(Progress::Done(left.get()));
        found
    };
    if plan.chains > 0 {
        progress(Progress::Begins("draw", plan.chains * plan.asked.all()));
    }
    let chains = plan.threads.map(&places(plan.chains), |c| sample(*c));
    shard::asked();
    let (profiles, chains): (_, Vec<ChainDraws>) = (whole(profiles), whole(chains));
    let (expected, directions, predicted) = shard::aside(|| {
        let expected = posterior.expected(at)?;
        Ok::<_, NoAnswer>((expected, directions(posterior, at)?, predicted(plan, &chains)))
    })?;
    Ok(Outcome { starts, best, expected, profiles, chains, predicted, directions })
}

/// All pieces of one kind, which later pieces require.
fn whole<T>(pieces: Vec<Option<T>>) -> Vec<T> {
    shard::settled();
    pieces.into_iter().map(|piece| piece.expect("all are known")).collect()
}

/// Predicted measurement of each row for each draw, including scatter.
fn predicted(plan: &Plan, chains: &[ChainDraws]) -> Vec<Vec<f64>> {
    let all: Vec<&Vec<f64>> = chains.iter().flat_map(|c| &c.draws).collect();
    let most = MOST_PREDICTED.min(MOST_KEPT / plan.posterior.observed.len());
    let every = all.len().div_ceil(most).max(1);
    let chosen: Vec<(usize, &Vec<f64>)> = all.into_iter().step_by(every).enumerate().collect();
    let of = |(index, z): &(usize, &Vec<f64>)| -> Vec<f64> {
        let Ok(expected) = plan.posterior.expected(z) else { return vec![] };
        let mut rng = ChaCha8Rng::seed_from_u64(plan.asked.seed ^ 0x7072_6564);
        rng.set_stream(*index as u64);
        let rows = plan.posterior.observed.iter().zip(&expected);
        rows.map(|(o, e)| o.at(e, normal(&mut rng))).collect()
    };
    let mut draws: Vec<Vec<f64>> = plan.threads.map(&chosen, of);
    draws.retain(|draw| !draw.is_empty());
    let rows = plan.posterior.observed.len();
    (0..rows).map(|row| draws.iter().map(|draw| draw[row]).collect()).collect()
}

/// Information of the measurements relative to that of the priors, for combinations of the model's
/// numbers from best to worst determined: eigenvalues of the Fisher information in units of the
/// priors, with factors, backgrounds and scatter free. Above 1, the measurements outweigh the
/// priors.
fn directions(posterior: &Posterior, at: &[f64]) -> Result<Vec<f64>, NoAnswer> {
    let information = posterior.evaluate(at)?.information;
    let (n, all) = (posterior.numbers, posterior.unknowns.len());
    let own = information.submatrix(0, 0, n, n);
    let rest = all - n;
    let cross = information.submatrix(0, n, n, rest);
    let reduced = if rest == 0 {
        own.to_owned()
    } else {
        let others = Mat::from_fn(rest, rest, |i, j| {
            information[(n + i, n + j)] + f64::from(u8::from(i == j))
        });
        let others = others.llt(Side::Lower).map_err(|_| NoAnswer::Singular)?;
        let solved = faer::linalg::solvers::Solve::solve(&others, cross.transpose().to_owned());
        own.to_owned() - cross * solved
    };
    let values = reduced.self_adjoint_eigenvalues(Side::Lower);
    let mut values: Vec<f64> = values.map_err(|_| NoAnswer::Singular)?;
    values.sort_by(|a, b| b.total_cmp(a));
    Ok(values)
}
