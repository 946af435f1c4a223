//! Results in a file: a line that says so, then each with its key and length. They stand in the order in which
//! they were worked out; where each is found is read from the file once, when its checksum is.

use crate::folder::hex;
use il2_engine::shard::Key;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Mutex;

/// First line of a file of results; the number is that of the format.
const FIRST: &[u8] = b"il2 results 1\n";
/// Bytes before a result: its key and its length.
const HEAD: usize = size_of::<Key>() + size_of::<u64>();

/// Results as they are worked out, on any thread.
#[derive(Debug)]
pub struct Kept(Mutex<Writing>);

#[derive(Debug)]
struct Writing {
    file: BufWriter<File>,
    hash: Sha256,
    bytes: u64,
    /// Those that are there: one that is asked for twice is kept once.
    keys: HashSet<Key>,
    /// The first error: what cannot be kept is noticed at the end.
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
    /// A new file.
    pub fn create(path: &Path) -> io::Result<Self> {
        let mut writing = Writing {
            file: BufWriter::new(File::create_new(path)?),
            hash: Sha256::new(),
            bytes: 0,
            keys: HashSet::new(),
            failed: None,
        };
        writing.write(FIRST)?;
        Ok(Self(Mutex::new(writing)))
    }

    /// Adds a result.
    pub fn add(&self, key: Key, result: &[u8]) {
        let mut writing = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if writing.failed.is_some() || !writing.keys.insert(key) {
            return;
        }
        let length = (result.len() as u64).to_le_bytes();
        let head = [key.to_le_bytes().as_slice(), &length].concat();
        writing.failed = writing.write(&head).and_then(|()| writing.write(result)).err();
    }

    /// Ends the file: how many results it has, its bytes and their SHA-256.
    pub fn finish(&self) -> io::Result<(u64, u64, String)> {
        let mut writing = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        writing.failed.take().map_or(Ok(()), Err)?;
        writing.file.flush()?;
        // Some file systems cannot sync, but the bytes are written.
        let _ = writing.file.get_ref().sync_all();
        Ok((writing.keys.len() as u64, writing.bytes, hex(writing.hash.clone())))
    }
}

/// Where a result stands.
#[derive(Clone, Copy, Debug)]
struct Place {
    key: Key,
    begin: u64,
    /// At most 4 GiB; what a lane gives is far less.
    length: u32,
    file: u32,
}

/// Results in files, found by their keys. Memory: 32 bytes a result.
#[derive(Debug, Default)]
pub struct Results {
    files: Vec<Mutex<File>>,
    places: Vec<Place>,
}

impl Results {
    /// Adds a file and gives its bytes and their SHA-256.
    pub fn open(&mut self, path: &Path) -> io::Result<(u64, String)> {
        let mut from =
            Counted { file: BufReader::new(File::open(path)?), hash: Sha256::new(), bytes: 0 };
        let file = self.files.len() as u32;
        let mut first = vec![0; FIRST.len()];
        // What is damaged has another checksum; here it only must not be read beyond its end.
        if from.fill(&mut first)? && first == FIRST {
            let mut head = [0; HEAD];
            let mut skipped = vec![];
            while from.fill(&mut head)? {
                let (key, length) = head.split_at(size_of::<Key>());
                let length = u64::from_le_bytes(length.try_into().expect("eight bytes"));
                let begin = from.bytes;
                let Ok(short) = u32::try_from(length) else { break };
                if !from.skip(length, &mut skipped)? {
                    break;
                }
                let key = Key::from_le_bytes(key.try_into().expect("sixteen bytes"));
                self.places.push(Place { key, begin, length: short, file });
            }
        }
        io::copy(&mut from, &mut io::sink())?;
        self.files.push(Mutex::new(from.file.into_inner()));
        Ok((from.bytes, hex(from.hash)))
    }

    /// To be called once all files are added.
    pub fn sort(&mut self) {
        self.places.sort_unstable_by_key(|place| place.key);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The result of a key; none where there is none, or where its file can no longer be read.
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
    /// Fills all of `to`; whether there was so much.
    fn fill(&mut self, to: &mut [u8]) -> io::Result<bool> {
        match self.read_exact(to) {
            Ok(()) => Ok(true),
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
            Err(e) => Err(e),
        }
    }

    /// Skips bytes; whether there were so many.
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

    #[test]
    fn results_are_found_by_their_keys_and_a_cut_file_has_another_checksum() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results");
        let kept = Kept::create(&path).unwrap();
        let result = |key: Key| vec![key as u8; (key * 1000) as usize];
        for key in [3, 1, 200, 1, 0] {
            kept.add(key, &result(key));
        }
        let (count, bytes, sha256) = kept.finish().unwrap();
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
}
