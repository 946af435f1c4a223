//! A run in shards: each shard computes its part of the results, and the merge runs the study with
//! all these results available.

use crate::program::PROGRAM;
use crate::results::refused;
use il2_answer::answer::AssayResult;
use il2_assay::kinds::Plan;
use il2_assay::plans;
use il2_engine::shard::{Key, Ran, Shard, Store};
use il2_engine::words::reason;
use il2_output::shards::{Kept, Part, Results, Shared};
use il2_study::error::StudyError;
use il2_study::hash::sha256;
use il2_study::study::{Request, Study};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Largest number of shards of a run.
pub const MOST: u32 = 100_000;

/// The assays of a study by name.
pub type Plans = [(String, Plan)];

/// The state of a shard after a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Number of results that the shard has computed, now or before.
    pub results: u64,
    /// Number of these results left by an interrupted run.
    pub left: u64,
    /// Number of rounds completed now; 0 if the shard was already complete or has to wait.
    pub made: u32,
    /// Shards that the next round needs; empty if no round follows.
    pub waits_for: Vec<u32>,
}

/// Callback for progress: the name of the assay, then either its number of simulations at the
/// beginning or the number done since.
pub type Told<'a> = &'a (dyn Fn(&str, Option<usize>, usize) + Sync);

/// Runs shard `index` (from 1) of `count` into a folder, for all rounds whose input from other
/// shards is available.
///
/// # Errors
/// If no part of the study can be run in shards, or the folder contains files of another run.
pub fn run(
    study: &Study,
    plans: &Plans,
    folder: &Path,
    (index, count): (u32, u32),
    told: Told,
) -> Result<Shown, StudyError> {
    let sha256 = put(study, plans, folder)?;
    let (mut made, mut left) = (0, 0);
    loop {
        let shared = Shared::open(folder, (PROGRAM, &sha256), Some(count)).map_err(refused)?;
        let shown = |waits_for| Shown { results: shared.count_of(index), left, made, waits_for };
        let Some(round) = shared.next(index) else { return Ok(shown(vec![])) };
        let behind = shared.behind(round - 1);
        if !behind.is_empty() {
            return Ok(shown(behind));
        }
        let part = Part { shard: index, round };
        let mut before = shared.results(Some(round)).map_err(refused)?;
        let making = shared.make(part, &mut before).map_err(refused)?;
        left += making.left;
        let store =
            Arc::new(Both { before, kept: Some(making.kept.clone()), computed: AtomicU64::new(0) });
        let mut unsettled = vec![];
        let parted = plans.iter().filter(|(_, plan)| plan.in_one_piece().is_none());
        for (name, plan) in parted.filter(|(name, _)| shared.does(part, name)) {
            told(name, Some(plan.lanes()), 0);
            let shard = Shard::new((index - 1, count), name, store.clone());
            let ran = shard.run(|| drop(plan.answer(study, &|done| told(name, None, done))));
            unsettled.extend(matches!(ran, Ran::Unsettled).then(|| name.clone()));
        }
        making.finish(unsettled).map_err(refused)?;
        made += 1;
    }
}

/// The work of a study that shards can share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begun {
    /// Number of simulations that shards compute.
    pub simulations: usize,
    /// The total number of shards according to the shards that already exist; 0 if there are none.
    pub count: u32,
}

/// Writes a study into the folder that its shards will share. This step is optional, but tells the
/// caller how many shards are worthwhile.
///
/// # Errors
/// As for [`run`].
pub fn begin(study: &Study, plans: &Plans, folder: &Path) -> Result<Begun, StudyError> {
    let sha256 = put(study, plans, folder)?;
    let shared = Shared::open(folder, (PROGRAM, &sha256), None).map_err(refused)?;
    let parted = plans.iter().filter(|(_, plan)| plan.in_one_piece().is_none());
    let simulations = parted.map(|(_, plan)| plan.lanes()).sum();
    Ok(Begun { simulations, count: shared.count() })
}

/// Writes a study into a folder and returns the SHA-256 of its text.
fn put(study: &Study, plans: &Plans, folder: &Path) -> Result<String, StudyError> {
    in_parts(study, plans)?;
    let text = Request::of(study)?.to_json() + "\n";
    Shared::put_study(folder, &text).map_err(refused)?;
    Ok(sha256(text.as_bytes()))
}

/// Refuses a study of which no part can be run in shards.
fn in_parts(study: &Study, plans: &Plans) -> Result<(), StudyError> {
    let why = |(name, plan): &(String, Plan)| Some(format!("{name}: {}", plan.in_one_piece()?));
    let whole: Vec<String> = plans.iter().filter_map(why).collect();
    if whole.len() < plans.len() {
        return Ok(());
    }
    let message = format!(
        "has no assay that can be run in shards ({}); run it in one piece, without --shard",
        whole.join("; ")
    );
    Err(StudyError::of_file(&study.path, message))
}

/// All results of a study that was run in shards.
pub struct Merged {
    /// Results by name of the assay.
    pub results: Vec<(String, AssayResult)>,
    /// Number of results that no shard had, and that were computed during the merge.
    pub computed: u64,
    /// Number of shards.
    pub shards: u32,
}

/// A folder with all its shards and the study.
pub struct Whole {
    /// The study.
    pub study: Study,
    /// Its assays.
    pub plans: Vec<(String, Plan)>,
    shards: u32,
    store: Arc<Both>,
}

/// Opens a folder of shards.
///
/// # Errors
/// If shards are missing, truncated, damaged or of another run; the error names them.
pub fn open(folder: &Path) -> Result<Whole, StudyError> {
    let path = Shared::study(folder);
    let text = std::fs::read_to_string(&path).map_err(|e| {
        let message = format!(
            "cannot be read ({}); give the folder that `il2 run STUDY --shard 1/7 --out FOLDER` \
             wrote",
            reason(&e)
        );
        StudyError::io(&path, message)
    })?;
    let study = Study::read(&path)?;
    let plans = plans(&study)?;
    let shared =
        Shared::open(folder, (PROGRAM, &sha256(text.as_bytes())), None).map_err(refused)?;
    let refuse = |message: String| Err(StudyError::of_file(folder, message));
    let shards = shared.count();
    let missing = shared.behind(1);
    if shards == 0 {
        return refuse(
            "has no shards; run them, for example with il2 run STUDY --shard 1/7 --out FOLDER"
                .into(),
        );
    }
    if !missing.is_empty() {
        let (first, all) = (missing[0], listed(&missing));
        return refuse(match missing.len() {
            1 => format!(
                "shard {first} of {shards} is missing; run it with --shard {first}/{shards}"
            ),
            _ => format!(
                "shards {all} of {shards} are missing; run each of them, for example with \
                 --shard {first}/{shards}"
            ),
        });
    }
    let unsettled = shared.unsettled();
    if let Some(first) = unsettled.first() {
        return refuse(match unsettled.len() {
            1 => format!(
                "shard {first} of {shards} needs another round; run it again with --shard \
                 {first}/{shards}"
            ),
            _ => format!(
                "shards {} of {shards} need another round; run each of them again, for example with \
                 --shard {first}/{shards}",
                listed(&unsettled)
            ),
        });
    }
    let before = shared.results(None).map_err(refused)?;
    let store = Arc::new(Both { before, kept: None, computed: AtomicU64::new(0) });
    Ok(Whole { study, plans, shards, store })
}

impl Whole {
    /// Runs the study with the results of the shards.
    pub fn merge(&self, told: Told) -> Merged {
        let of = |(name, plan): &(String, Plan)| {
            told(name, Some(plan.lanes()), 0);
            let progress = |done| told(name, None, done);
            let answer = || plan.answer(&self.study, &progress);
            let answer = match plan.in_one_piece() {
                Some(_) => answer(),
                // Shard 1 of 1: no other shard has results.
                None => match Shard::new((0, 1), name, self.store.clone()).run(answer) {
                    Ran::Through(answer) => answer,
                    Ran::ShardDone | Ran::Unsettled => unreachable!("no result is elsewhere"),
                },
            };
            (name.clone(), plan.shown(&self.study, answer))
        };
        let results = self.plans.iter().map(of).collect();
        let computed = self.store.computed.load(Ordering::Relaxed);
        Merged { results, computed, shards: self.shards }
    }
}

/// Shards in a sentence; if there are many, only the first.
pub fn listed(shards: &[u32]) -> String {
    const MOST: usize = 12;
    let first: Vec<String> = shards.iter().take(MOST).map(u32::to_string).collect();
    match shards.len().saturating_sub(MOST) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

/// Results of the shards, and results that are added.
struct Both {
    before: Results,
    /// None if no results were stored.
    kept: Option<Arc<Kept>>,
    computed: AtomicU64,
}

impl Store for Both {
    fn find(&self, key: Key) -> Option<Vec<u8>> {
        self.before.find(key)
    }

    fn keep(&self, key: Key, result: &[u8]) {
        self.computed.fetch_add(1, Ordering::Relaxed);
        if let Some(kept) = &self.kept {
            kept.add(key, result);
        }
    }
}
