//! No files depend on one another in a circle, in any crate.

use super::imports::{circles, described, uses};
use super::{CRATES, root};

/// Every file of these crates, as path and text.
pub fn files(crates: &[&str]) -> Vec<(String, String)> {
    let top = root().join("crates");
    let mut folders: Vec<_> = crates.iter().map(|name| top.join(name).join("src")).collect();
    let mut files = vec![];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path.strip_prefix(&top).unwrap().to_str().unwrap().replace('\\', "/");
                files.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn no_files_use_one_another_in_a_circle() {
    let files = files(&CRATES);
    assert!(files.len() > 80, "{} files", files.len());
    let uses = uses(&files, false);
    // The test must not pass because the search finds nothing.
    assert!(uses["il2/src/culture/run.rs"].contains("il2-engine/src/ensemble/mod.rs"), "{uses:?}");
    let all: Vec<String> = circles(&uses).iter().map(|c| described(&uses, c)).collect();
    assert!(all.is_empty(), "{}", all.join("\n"));
}

fn tree(files: &[(&str, &str)]) -> Vec<(String, String)> {
    files.iter().map(|(file, text)| (file.to_string(), text.to_string())).collect()
}

#[test]
fn a_circle_is_found_through_other_names_and_what_a_module_hands_on() {
    let files = tree(&[
        ("a-house/src/lib.rs", "pub mod cellar; mod roof; pub use roof::beam::Beam as Timber;"),
        ("a-house/src/cellar.rs", "use crate::{Timber}; use std::{fmt, io::{self, Read}};"),
        ("a-house/src/roof/mod.rs", "pub mod beam; mod tile;"),
        (
            "a-house/src/roof/beam.rs",
            "fn f<'a>(c: &'a char) -> bool { *c == '\'' && super::tile::laid() }",
        ),
        (
            "a-house/src/roof/tile.rs",
            "use super::super::cellar as below; pub fn laid() -> bool { below::dry::<Vec<u8>>() }",
        ),
        ("garden/src/main.rs", "use a_house::Timber; mod pond; fn main() { pond::dig(); }"),
        ("garden/src/pond.rs", "pub fn dig() {}"),
    ]);
    let uses = uses(&files, false);
    assert!(uses["garden/src/main.rs"].contains("a-house/src/roof/beam.rs"));
    let found: Vec<String> = circles(&uses).iter().map(|c| described(&uses, c)).collect();
    assert_eq!(
        found,
        [concat!(
            "3 files use one another in a circle:\n",
            "  a-house/src/cellar.rs uses a-house/src/roof/beam.rs\n",
            "  a-house/src/roof/beam.rs uses a-house/src/roof/tile.rs\n",
            "  a-house/src/roof/tile.rs uses a-house/src/cellar.rs\n",
        )]
    );
}

#[test]
fn a_parent_and_its_child_are_two_files() {
    let child = "use super::*; fn f(t: Tile) {}";
    let files = tree(&[
        ("a/src/lib.rs", "mod roof;"),
        ("a/src/roof.rs", "mod beam; pub struct Tile; fn f() { beam::f() }"),
        ("a/src/roof/beam.rs", child),
    ]);
    assert_eq!(circles(&uses(&files, false)).len(), 1);
}

#[test]
fn comments_texts_tests_and_declarations_make_no_circle() {
    let files = tree(&[
        (
            "a/src/lib.rs",
            "mod roof; mod cellar; #[cfg(test)] mod tests; mod inner { pub struct Own; }",
        ),
        (
            "a/src/roof.rs",
            "//! [`crate::cellar::Wine`]
            /* crate::cellar /* nested */ crate::cellar::dry() */
            const SAID: [&str; 2] = [\"use crate::cellar;\", r#\"crate::cellar::\"dry\"()\"#];
            pub struct Beam;
            impl Beam { pub fn cellar() {} }
            #[cfg(test)]
            use crate::cellar::{Wine, dry};
            #[cfg(test)]
            mod tests { use crate::cellar::dry; fn f() { dry([0; 3]); } }
            pub(crate) fn own(x: crate::inner::Own) -> &'static str { Beam::cellar(); SAID[0] }",
        ),
        ("a/src/cellar.rs", "use crate::roof::Beam; pub struct Wine; fn f() { Beam::cellar(); }"),
        ("a/src/tests.rs", "use crate::roof::Beam;"),
    ]);
    let seen = uses(&files, false);
    assert_eq!(circles(&seen), [], "{seen:?}");
    assert_eq!(seen["a/src/cellar.rs"].len(), 1);
    assert!(seen["a/src/roof.rs"].contains("a/src/lib.rs"), "what stands in an inner module of it");
    assert!(seen["a/src/tests.rs"].is_empty());
    // Test code is included if requested.
    assert_eq!(circles(&uses(&files, true)).len(), 1);
}
