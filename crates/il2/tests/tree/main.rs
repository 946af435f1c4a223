//! Tests of the source tree: modules are in order, and folders are as described in ARCHITECTURE.md.

mod circles;
mod imports;
mod tokens;

use std::path::{Path, PathBuf};

/// The crates, in the order of ARCHITECTURE.md, in which no crate depends on a later one.
const CRATES: [&str; 12] = [
    "il2-engine",
    "il2-inference",
    "il2-output",
    "il2-sbml",
    "il2",
    "il2-study",
    "il2-answer",
    "il2-wells",
    "il2-clinic",
    "il2-assay",
    "il2-report",
    "il2-cli",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All modules, in the order in which they should appear.
const STORY: [&str; 11] = [
    "quantity",
    "parameter",
    "ligand",
    "receptor",
    "cell",
    "culture",
    "tissue",
    "treatment",
    "patient",
    "tumour",
    "trial",
];

fn modules() -> Vec<String> {
    let text = std::fs::read_to_string(root().join("crates/il2/src/lib.rs")).unwrap();
    let module = |line: &str| line.strip_prefix("pub mod ")?.strip_suffix(';').map(str::to_string);
    text.lines().filter_map(module).collect()
}

/// All Rust files of a folder and of its folders.
fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn a_file_of_more_than_400_lines_of_code_says_why() {
    let mut files = vec![];
    rust_files(&root().join("crates"), &mut files);
    assert!(files.len() > 500);
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let is_code = |line: &&str| !line.trim().is_empty() && !line.trim().starts_with("//");
        let lines = text.lines().filter(is_code).count();
        let head: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("//!")).collect();
        let head = head.join("");
        let reason = head.contains("exceeds 400 lines because");
        assert!(lines <= 400 || reason, "{}: {lines} lines of code", path.display());
    }
}

#[test]
fn modules_stand_in_story_order() {
    let found = modules();
    let places: Vec<usize> = found
        .iter()
        .map(|m| {
            STORY.iter().position(|s| s == m).unwrap_or_else(|| panic!("{m} is not in the story"))
        })
        .collect();
    assert!(found.len() >= 6 && places.is_sorted(), "{found:?}");
}

#[test]
fn no_module_uses_one_below_it() {
    let modules = modules();
    let place = |file: &str| {
        let inside = file.strip_prefix("il2/src/").expect("of this crate");
        let module = inside.split('/').next().expect("a name").trim_end_matches(".rs");
        // The root of the crate defines the order and has no position in it.
        modules.iter().position(|m| m == module)
    };
    let uses = imports::uses(&circles::files(&["il2"]), true);
    assert!(uses.len() >= 30, "{} files", uses.len());
    for (file, used) in &uses {
        for other in used {
            if let (Some(here), Some(there)) = (place(file), place(other)) {
                assert!(there <= here, "{file} uses {other}, which stands below it in the story");
            }
        }
    }
}

#[test]
fn every_folder_that_the_architecture_names_is_there() {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let named: Vec<&str> =
        text.split('`').skip(1).step_by(2).filter(|s| s.ends_with('/')).collect();
    assert!(named.len() >= 8, "{named:?}");
    for folder in named {
        assert!(root().join(folder).is_dir(), "ARCHITECTURE.md names {folder}, which is not there");
    }
}

#[test]
fn no_crate_holds_three_tenths_of_the_lines() {
    let lines = |name: &str| {
        circles::files(&[name]).iter().map(|(_, text)| text.lines().count()).sum::<usize>()
    };
    let of: Vec<usize> = CRATES.iter().map(|name| lines(name)).collect();
    let all: usize = of.iter().sum();
    assert!(all >= 50_000, "{of:?}");
    for (name, lines) in CRATES.iter().zip(&of) {
        assert!(lines * 10 < all * 3, "{name} holds {lines} of {all} lines: it wants to be parted");
    }
}

#[test]
fn no_crate_points_up() {
    // The dependences drawn in ARCHITECTURE.md.
    for (place, name) in CRATES.iter().enumerate() {
        let manifest =
            std::fs::read_to_string(root().join(format!("crates/{name}/Cargo.toml"))).unwrap();
        for above in &CRATES[place + 1..] {
            let depends = manifest.lines().any(|l| {
                l.starts_with(&format!("{above}.")) || l.starts_with(&format!("{above} ="))
            });
            assert!(!depends, "{name} depends on {above}");
        }
    }
}

/// Methods of `f64` whose last bits depend on the C library or the compiler; `il2_engine::math` has
/// all of them with the same bits on every machine.
#[test]
fn exponentials_logarithms_and_powers_are_our_own() {
    let methods = [
        "exp", "exp2", "exp_m1", "ln", "ln_1p", "log", "log2", "log10", "powf", "powi", "cbrt",
        "hypot", "sin", "cos", "tan", "sin_cos", "asin", "acos", "atan", "atan2", "sinh", "cosh",
        "tanh", "asinh", "acosh", "atanh",
    ];
    let mut seen = 0;
    let mut folders: Vec<PathBuf> =
        CRATES.map(|c| root().join("crates").join(c).join("src")).into();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs") {
                seen += 1;
                let text = std::fs::read_to_string(&path).unwrap();
                let product = text.split("#[cfg(test)]").next().unwrap();
                for method in methods {
                    for called in [format!(".{method}("), format!("f64::{method}")] {
                        let found = product.match_indices(&called).find(|(at, _)| {
                            !product[at + called.len()..]
                                .starts_with(|c: char| c.is_alphanumeric() || c == '_')
                                || called.ends_with('(')
                        });
                        assert!(
                            found.is_none(),
                            "{}: {called}; use il2_engine::math",
                            path.display()
                        );
                    }
                }
            }
        }
    }
    assert!(seen > 100, "{seen} files");
}

#[test]
fn only_the_study_crate_knows_toml() {
    for name in ["il2-engine", "il2"] {
        let manifest =
            std::fs::read_to_string(root().join(format!("crates/{name}/Cargo.toml"))).unwrap();
        assert!(
            !manifest.lines().any(|l| l.starts_with("toml") || l.starts_with("serde")),
            "{name}"
        );
    }
}
