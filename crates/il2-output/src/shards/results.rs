//! Results in a file: a first line that identifies the format, then each result with its key, its
//! length and a checksum of everything before the checksum. Results are in the order in which they
//! were computed; their positions are read from the file once, together with the checksums. Each
//! result is written as soon as it is known. What a killed run left is valid up to the last correct
//! checksum, and the next run appends its results there.

use crate::folder::{hex, point};
use il2_engine::shard::Key;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Mutex;

/// First line of a file of results, with the version of the format.
const FIRST: &[u8] = b"il2 results 2\n";
/// Number of bytes before a result: its key and its length.
const HEAD: usize = size_of::<Key>() + size_of::<u64>();

/// The first bytes of the SHA-256 of all bytes so far, written after each result.
type Check = [u8; 8];

fn check(so_far: &Sha256) -> Check {
    let hash = so_far.clone().finalize();
    std::array::from_fn(|i| hash[i])
}

/// Results that are being computed, on any thread.
#[derive(Debug)]
pub struct Kept(Mutex<Writing>);

#[derive(Debug)]
struct Writing {
    file: File,
    hash: Sha256,
    bytes: u64,
    /// Keys that are present: a result that is requested twice is stored once.
    keys: HashSet<Key>,
    /// The first error; a failure to store results is reported at the end.
    failed: Option<io::Error>,
}

impl Writing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(())
    }
}

impl Kept {
    /// A new file, or one that a killed run left, whose results are added to those of `before`.
    pub fn open(path: &Path, before: &mut Results) -> io::Result<Self> {
        let mut file = File::options().create(true).truncate(false).write(true).open(path)?;
        let there = before.places.len();
        let (bytes, hash) = before.scan(path)?.good;
        file.set_len(bytes)?;
        file.seek(SeekFrom::Start(bytes))?;
        let keys = before.places[there..].iter().map(|place| place.key).collect();
        let mut writing = Writing { file, hash, bytes, keys, failed: None };
        if bytes == 0 {
            writing.write(FIRST)?;
        }
        Ok(Self(Mutex::new(writing)))
    }

    /// Adds a result.
    pub fn add(&self, key: Key, result: &[u8]) {
        let mut writing = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if writing.failed.is_some() || !writing.keys.insert(key) {
            return;
        }
        let length = (result.len() as u64).to_le_bytes();
        let mut all = [key.to_le_bytes().as_slice(), &length, result].concat();
        let check = check(&writing.hash.clone().chain_update(&all));
        all.extend(check);
        writing.failed = writing.write(&all).err();
        point();
    }

    /// Ends the file; returns the number of its results, its number of bytes and their SHA-256.
    pub fn finish(&self) -> io::Result<(u64, u64, String)> {
        let mut writing = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        writing.failed.take().map_or(Ok(()), Err)?;
        // Some file systems cannot sync, although the bytes are written.
        let _ = writing.file.sync_all();
        Ok((writing.keys.len() as u64, writing.bytes, hex(writing.hash.clone())))
    }
}

/// Position of a result in its file.
#[derive(Clone, Copy, Debug)]
struct Place {
    key: Key,
    begin: u64,
    /// At most 4 GiB; the answer of a lane is far smaller.
    length: u32,
    file: u32,
}

/// Results in files, found by key. Each result takes 32 bytes of memory.
#[derive(Debug, Default)]
pub struct Results {
    files: Vec<Mutex<File>>,
    places: Vec<Place>,
}

impl Results {
    /// Adds a file; returns its number of bytes and their SHA-256.
    pub fn open(&mut self, path: &Path) -> io::Result<(u64, String)> {
        let Scanned { mut rest, .. } = self.scan(path)?;
        io::copy(&mut rest, &mut io::sink())?;
        Ok((rest.bytes, hex(rest.hash)))
    }

    /// Adds the results of a file up to the first one that is cut off or damaged.
    fn scan(&mut self, path: &Path) -> io::Result<Scanned> {
        let opened = File::open(path)?;
        let file = self.files.len() as u32;
        self.files.push(Mutex::new(opened.try_clone()?));
        let mut rest = Counted { file: BufReader::new(opened), hash: Sha256::new(), bytes: 0 };
        let mut good = (0, Sha256::new());
        let mut first = vec![0; FIRST.len()];
        if !rest.fill(&mut first)? || first != FIRST {
            return Ok(Scanned { rest, good });
        }
        let (mut head, mut found, mut skipped) = ([0; HEAD], Check::default(), vec![]);
        loop {
            good = (rest.bytes, rest.hash.clone());
            if !rest.fill(&mut head)? {
                break;
            }
            let (key, length) = head.split_at(size_of::<Key>());
            let length = u64::from_le_bytes(length.try_into().expect("eight bytes"));
            let begin = rest.bytes;
            let Ok(short) = u32::try_from(length) else { break };
            if !rest.skip(length, &mut skipped)? {
                break;
            }
            let wanted = check(&rest.hash);
            if !rest.fill(&mut found)? || found != wanted {
                break;
            }
            let key = Key::from_le_bytes(key.try_into().expect("sixteen bytes"));
            self.places.push(Place { key, begin, length: short, file });
        }
        Ok(Scanned { rest, good })
    }

    /// To be called after all files have been added.
    pub fn sort(&mut self) {
        self.places.sort_unstable_by_key(|place| place.key);
    }

    /// The number of results.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are no results.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The result for a key; none if there is none, or if its file can no longer be read.
    pub fn find(&self, key: Key) -> Option<Vec<u8>> {
        let place = self.places.binary_search_by_key(&key, |place| place.key).ok()?;
        let place = self.places[place];
        let mut result = vec![0; place.length as usize];
        let file = &self.files[place.file as usize];
        let mut file = file.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        file.seek(SeekFrom::Start(place.begin)).ok()?;
        file.read_exact(&mut result).ok()?;
        Some(result)
    }
}

/// A file whose results have been read.
struct Scanned {
    /// The part of the file after the valid results.
    rest: Counted,
    /// Number of bytes in the valid part, and their hash.
    good: (u64, Sha256),
}

/// A file that is hashed while it is read.
struct Counted {
    file: BufReader<File>,
    hash: Sha256,
    bytes: u64,
}

impl Read for Counted {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(to)?;
        self.hash.update(&to[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}

impl Counted {
    /// Fills all of `to`; returns whether there were enough bytes.
    fn fill(&mut self, to: &mut [u8]) -> io::Result<bool> {
        match self.read_exact(to) {
            Ok(()) => Ok(true),
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
            Err(e) => Err(e),
        }
    }

    /// Skips bytes; returns whether there were enough.
    fn skip(&mut self, count: u64, buffer: &mut Vec<u8>) -> io::Result<bool> {
        let mut left = count;
        while left > 0 {
            buffer.resize(left.min(1 << 16) as usize, 0);
            if !self.fill(buffer)? {
                return Ok(false);
            }
            left -= buffer.len() as u64;
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes results 3, 1, 200 and 0 to a file in a folder; returns the result of ending the file.
    fn kept(path: &Path, before: &mut Results) -> (u64, u64, String) {
        let kept = Kept::open(path, before).unwrap();
        for key in [3, 1, 200, 1, 0] {
            kept.add(key, &result(key));
        }
        kept.finish().unwrap()
    }

    fn result(key: Key) -> Vec<u8> {
        vec![key as u8; (key * 1000) as usize]
    }

    #[test]
    fn results_are_found_by_their_keys_and_a_cut_file_has_another_checksum() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results");
        let (count, bytes, sha256) = kept(&path, &mut Results::default());
        assert_eq!((count, bytes), (4, std::fs::metadata(&path).unwrap().len()));
        let mut results = Results::default();
        assert_eq!(results.open(&path).unwrap(), (bytes, sha256.clone()));
        results.sort();
        assert_eq!(results.len(), 4);
        for key in [0, 1, 3, 200] {
            assert_eq!(results.find(key), Some(result(key)));
        }
        assert_eq!(results.find(2), None);
        let whole = std::fs::read(&path).unwrap();
        for end in [0, 5, FIRST.len(), FIRST.len() + 20, whole.len() - 1] {
            let cut = folder.path().join(format!("cut-{end}"));
            std::fs::write(&cut, &whole[..end]).unwrap();
            let mut results = Results::default();
            let found = results.open(&cut).unwrap();
            assert_eq!(found.0, end as u64);
            assert!(found.1 != sha256 && results.len() < 4);
        }
    }

    #[test]
    fn what_a_killed_run_left_is_gone_on_with_behind_the_last_result_that_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results");
        let ended = kept(&path, &mut Results::default());
        let whole = std::fs::read(&path).unwrap();
        // Ends of results 3, 1 and 200, each with key, length and checksum.
        let ends = [3032, 4064, 204_096].map(|end| FIRST.len() + end);
        let zeros = |end: usize| [&whole[..end], &[0; 100]].concat();
        let mut flipped = whole.clone();
        flipped[ends[0] + 500] ^= 1;
        for (left, good) in [
            (vec![], 0),
            (whole[..5].to_vec(), 0),
            (whole[..FIRST.len()].to_vec(), 0),
            (whole[..ends[0] - 1].to_vec(), 0),
            (whole[..ends[0]].to_vec(), 1),
            (zeros(ends[0]), 1),
            (flipped, 1),
            (whole[..ends[2] - 1].to_vec(), 2),
            (zeros(ends[2]), 3),
            (whole.clone(), 4),
        ] {
            std::fs::write(&path, &left).unwrap();
            let mut before = Results::default();
            assert_eq!(kept(&path, &mut before), ended);
            assert_eq!(std::fs::read(&path).unwrap(), whole);
            before.sort();
            assert_eq!(before.len(), good);
            for key in [3, 1, 200, 0].into_iter().take(good) {
                assert_eq!(before.find(key), Some(result(key)));
            }
        }
    }
}
