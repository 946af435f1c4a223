//! The folder that shards share: what it contains, what is rejected, and how the results of a shard
//! are added.

use super::manifest::{Part, Run, ShardFile, ShardManifest};
use super::results::{Kept, Results};
use crate::folder::{FolderError, Lock, MANIFEST, beside, remove, sync};
use il2_engine::words::shown;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The study with everything that it reads.
const STUDY: &str = "study.json";
/// The results of a shard.
const RESULTS: &str = "results.bin";
/// The beginning of the name of every shard's folder.
const BEGINS: &str = "shard-";

/// A folder that the shards of a run share.
#[derive(Debug)]
pub struct Shared {
    /// Path as the user wrote it.
    folder: PathBuf,
    run: Run,
    /// Every shard that is present, by shard and round.
    parts: BTreeMap<Part, ShardManifest>,
}

/// A shard that is being computed.
#[derive(Debug)]
pub struct ShardInProgress {
    at: PathBuf,
    to: PathBuf,
    run: Run,
    part: Part,
    /// Number of results that a killed run left.
    pub left: u64,
    /// Results of the shard.
    pub kept: Arc<Kept>,
    _lock: Lock,
}

impl Shared {
    /// Path of the study in a folder.
    pub fn study(folder: &Path) -> PathBuf {
        folder.join(STUDY)
    }

    /// Whether results cannot be written to `out`, because it is the folder of the shards, or is one
    /// of its shards or in it: they would replace what the shard computed.
    pub fn holds(folder: &Path, out: &Path) -> bool {
        // A folder that does not exist yet is known by those that contain it.
        let whole = |path: &Path| {
            let known = path.ancestors().find_map(|a| Some((a.canonicalize().ok()?, a)))?;
            Some(known.0.join(path.strip_prefix(known.1).ok()?))
        };
        let (Some(folder), Some(out)) = (whole(folder), whole(out)) else { return false };
        let Ok(within) = out.strip_prefix(&folder) else { return false };
        let first = within.components().next().map(|c| c.as_os_str().to_string_lossy());
        first.is_none_or(|name| name.starts_with(BEGINS))
    }

    /// Writes the text of a study into a folder, or checks that it is already there.
    pub fn put_study(folder: &Path, text: &str) -> Result<(), FolderError> {
        let refused = |e| FolderError::cannot_write(folder, e);
        fs::create_dir_all(folder).map_err(refused)?;
        if folder.join(MANIFEST).exists() {
            let message = "contains the results of a run; choose another folder for the shards \
                           (--out)";
            return Err(FolderError::taken(folder, message));
        }
        let path = Self::study(folder);
        match fs::read(&path) {
            Ok(found) if found == text.as_bytes() => Ok(()),
            Ok(_) => Err(FolderError::taken(
                folder,
                "contains shards of another study, or of an earlier version of this study, its \
                 tables or il2; use another folder (--out), or remove this folder",
            )),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                // Shards that start at the same time write the same bytes.
                let partial = folder.join(format!(".{STUDY}.{}", std::process::id()));
                let put = fs::write(&partial, text).and_then(|()| fs::rename(&partial, &path));
                let there = || fs::read(&path).is_ok_and(|found| found == text.as_bytes());
                put.or_else(|e| if there() { Ok(()) } else { Err(refused(e)) })
            }
            Err(e) => Err(refused(e)),
        }
    }

    /// What a folder contains of a run; if `count`, the number of shards, is not given, it is taken
    /// from those in the folder.
    ///
    /// # Errors
    /// If something in the folder is not a part of this run; the message names it.
    pub fn open(
        folder: &Path,
        (program, study_sha256): (&str, &str),
        count: Option<u32>,
    ) -> Result<Self, FolderError> {
        let unreadable = |e: io::Error| {
            let message = format!("cannot be read ({e}); give the folder of the shards");
            FolderError::new(folder, message)
        };
        let entries = fs::read_dir(folder).map_err(unreadable)?;
        let mut names: Vec<String> = vec![];
        for entry in entries {
            let name = entry.map_err(unreadable)?.file_name().to_string_lossy().into_owned();
            names.extend(Some(name).filter(|name| name.starts_with(BEGINS)));
        }
        names.sort();
        let mut parts = BTreeMap::new();
        let mut run = Run {
            program: program.into(),
            study_sha256: study_sha256.into(),
            of: count.unwrap_or(0),
        };
        for name in &names {
            let refuse = |message: String| Err(FolderError::taken(&folder.join(name), message));
            let Some(manifest) = manifest(&folder.join(name)) else {
                return refuse(
                    "has no valid manifest.json of a shard; remove this folder, and run the shard \
                     again"
                        .into(),
                );
            };
            let part = manifest.part;
            let (shard, of) = (part.shard, manifest.run.of);
            if manifest.run.study_sha256 != run.study_sha256 {
                return refuse(format!(
                    "is a shard of another study, or of an earlier version of this study or its \
                     tables; remove it, and run shard {shard} of this study"
                ));
            }
            if manifest.run.program != run.program {
                return refuse(format!(
                    "was made by {}, and this is {}; remove it, and run all shards with the same \
                     version",
                    shown(&manifest.run.program),
                    run.program
                ));
            }
            if run.of == 0 {
                run.of = of;
            }
            if of != run.of {
                return refuse(format!(
                    "belongs to a set of {of} shards, but the other shards belong to a set of {}; \
                     use one number of shards per folder, and remove the shards of the other set",
                    run.of
                ));
            }
            if part.folder(of) != *name || shard == 0 || shard > of || part.round == 0 {
                return refuse(format!(
                    "contains the results that belong in {}: it is a copy under another name; \
                     remove it{}",
                    part.folder(of),
                    match names.contains(&part.folder(of)) {
                        true => String::new(),
                        false => " or give it that name".into(),
                    }
                ));
            }
            parts.insert(part, manifest);
        }
        Ok(Self { folder: folder.to_path_buf(), run, parts })
    }

    /// The number of shards of the run; not known if the folder has none.
    pub fn count(&self) -> u32 {
        self.run.of
    }

    /// The number of rounds of a shard that are present without a gap, and whether they include the
    /// last of all.
    fn rounds(&self, shard: u32) -> (u32, bool) {
        let there = (1..).map_while(|round| self.parts.get(&Part { shard, round }));
        there.fold((0, false), |(_, last), part| {
            (part.part.round, last || part.unsettled.is_empty())
        })
    }

    /// Shards that have not completed a round.
    pub fn behind(&self, round: u32) -> Vec<u32> {
        let behind = |shard: &u32| {
            let (rounds, last) = self.rounds(*shard);
            rounds < round && !last
        };
        (1..=self.run.of).filter(behind).collect()
    }

    /// Shards that have begun, but for which another round follows.
    pub fn unsettled(&self) -> Vec<u32> {
        let more = |shard: &u32| {
            let (rounds, last) = self.rounds(*shard);
            rounds > 0 && !last
        };
        (1..=self.run.of).filter(more).collect()
    }

    /// The first round of a shard that is missing or incomplete; none if nothing is missing.
    pub fn next(&self, shard: u32) -> Option<u32> {
        let whole = |round: u32| {
            let part = Part { shard, round };
            self.parts.contains_key(&part) && self.add(&mut Results::default(), part).is_ok()
        };
        let (rounds, last) = self.rounds(shard);
        let next = (1..=rounds).find(|round| !whole(*round));
        next.or((!last).then_some(rounds + 1))
    }

    /// Whether a shard computes something in a round: everything in the first, in later rounds
    /// whatever the round before left unsettled.
    pub fn does(&self, part: Part, name: &str) -> bool {
        let before = part.round.checked_sub(1).map(|round| Part { round, ..part });
        let before = before.and_then(|before| self.parts.get(&before));
        before.is_none_or(|before| before.unsettled.iter().any(|own| own == name))
    }

    /// Number of results of a shard in all of its rounds.
    pub fn count_of(&self, shard: u32) -> u64 {
        let own = self.parts.values().filter(|manifest| manifest.part.shard == shard);
        own.map(|manifest| manifest.results).sum()
    }

    /// The results of all rounds before a given one, or of all rounds.
    ///
    /// # Errors
    /// If the files of a shard are not those that its manifest lists; the message names the shard.
    pub fn results(&self, before: Option<u32>) -> Result<Results, FolderError> {
        let mut results = Results::default();
        let wanted = |part: &&Part| before.is_none_or(|round| part.round < round);
        for part in self.parts.keys().filter(wanted) {
            self.add(&mut results, *part)?;
        }
        results.sort();
        Ok(results)
    }

    fn add(&self, results: &mut Results, part: Part) -> Result<(), FolderError> {
        let path = self.folder.join(part.folder(self.run.of));
        let manifest = &self.parts[&part];
        let listed = manifest.files.iter().find(|file| file.file == RESULTS);
        let before = results.len() as u64;
        let found = results.open(&path.join(RESULTS));
        let same = |(bytes, sha256): &(u64, String)| {
            listed.is_some_and(|file| (file.bytes, &file.sha256) == (*bytes, sha256))
        };
        let counted = results.len() as u64 - before == manifest.results;
        match found {
            Ok(found) if same(&found) && counted => Ok(()),
            Ok((bytes, _)) => {
                let what = match listed.map(|file| file.bytes) {
                    Some(wanted) if bytes < wanted => "is cut short",
                    _ => "is damaged",
                };
                let shard = part.shard;
                Err(FolderError::taken(
                    &path,
                    format!(
                        "{what}: {RESULTS} does not match its manifest; run shard {shard} again"
                    ),
                ))
            }
            Err(e) => Err(FolderError::new(
                &path,
                format!("has no readable {RESULTS} ({e}); run shard {} again", part.shard),
            )),
        }
    }

    /// Begins a part of this run, replacing one of the same name, or continues with what a killed
    /// run left of it, whose results are added to those of `before`.
    pub fn make(&self, part: Part, before: &mut Results) -> Result<ShardInProgress, FolderError> {
        let to = self.folder.join(part.folder(self.run.of));
        let refused = |e| FolderError::cannot_write(&to, e);
        let lock = Lock::take(&to)?;
        let ours = |left: ShardManifest| left.run == self.run && left.part == part;
        let (at, begun) = match lock.held() {
            // The lock shows that the run that left something here has ended.
            true => {
                let at = beside(&to, "new");
                let begun = manifest(&at).is_some_and(ours);
                if !begun {
                    remove(&at).map_err(refused)?;
                }
                (at, begun)
            }
            // Without locks, two runs of one shard do not disturb each other, and the results of
            // the second are discarded.
            false => (beside(&to, &format!("new-{}", std::process::id())), false),
        };
        if !begun {
            let (unsettled, files) = (vec![], vec![]);
            let begins =
                ShardManifest { run: self.run.clone(), part, unsettled, results: 0, files };
            let make = || {
                fs::create_dir(&at)?;
                fs::write(at.join(MANIFEST), begins.text())
            };
            make().map_err(refused)?;
        }
        let there = before.len();
        let kept = Kept::open(&at.join(RESULTS), before).map_err(refused)?;
        let left = (before.len() - there) as u64;
        before.sort();
        Ok(ShardInProgress {
            at,
            to,
            run: self.run.clone(),
            part,
            left,
            kept: Arc::new(kept),
            _lock: lock,
        })
    }
}

impl ShardInProgress {
    /// Moves the shard into the folder, with the names of everything that needs another round.
    pub fn finish(self, unsettled: Vec<String>) -> Result<ShardManifest, FolderError> {
        let ShardInProgress { at, to, run, part, left: _, kept, _lock } = self;
        let refused = |e| FolderError::cannot_write(&to, e);
        let (results, bytes, sha256) = kept.finish().map_err(refused)?;
        let files = vec![ShardFile { file: RESULTS.into(), bytes, sha256 }];
        let manifest = ShardManifest { run, part, unsettled, results, files };
        let put = || {
            fs::write(at.join(MANIFEST), manifest.text())?;
            sync(&at);
            // A damaged shard that this one replaces, or one that another run completed in the
            // meantime.
            remove(&to)?;
            fs::rename(&at, &to)?;
            sync(to.parent().unwrap_or(Path::new(".")));
            Ok(())
        };
        put().map_err(refused)?;
        Ok(manifest)
    }
}

/// The manifest of a shard.
fn manifest(folder: &Path) -> Option<ShardManifest> {
    serde_json::from_slice(&fs::read(folder.join(MANIFEST)).ok()?).ok()
}
