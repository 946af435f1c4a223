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
        let first = head.split_inclusive(". ").next().unwrap_or_default();
        let reason = first.contains("exceeds 400 lines because");
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

/// Arrows that the order of the crates would allow and ARCHITECTURE.md does not draw: output knows no
/// statistics, models know no output, wells and patients know nothing of each other, and SBML is the
/// matter of the assay and the program alone.
const NOT_DRAWN: [(&str, &[&str]); 9] = [
    ("il2-output", &["il2-inference"]),
    ("il2-sbml", &["il2-inference", "il2-output"]),
    ("il2", &["il2-output", "il2-sbml"]),
    ("il2-study", &["il2-output", "il2-sbml"]),
    ("il2-answer", &["il2-sbml"]),
    ("il2-wells", &["il2-sbml"]),
    ("il2-clinic", &["il2-sbml", "il2-wells"]),
    ("il2-report", &["il2-sbml"]),
    ("il2-cli", &["il2-wells"]),
];

#[test]
fn every_crate_depends_only_on_what_is_drawn() {
    for (place, name) in CRATES.iter().enumerate() {
        let manifest =
            std::fs::read_to_string(root().join(format!("crates/{name}/Cargo.toml"))).unwrap();
        let names = manifest.lines().filter_map(|line| line.split(['.', ' ', '=']).next());
        for used in names.filter(|n| n.starts_with("il2")) {
            assert!(CRATES[..place].contains(&used), "{name} depends on {used}, which is above it");
            let not_drawn = NOT_DRAWN.iter().any(|(of, all)| of == name && all.contains(&used));
            assert!(!not_drawn, "{name} depends on {used}");
        }
    }
}

/// The file of a type calls none of its methods that another file of the crate adds to it: imports
/// do not show such a circle.
#[test]
fn no_type_calls_methods_that_a_file_above_adds() {
    let (mut added, mut circles) = (0, vec![]);
    for name in CRATES {
        let mut files = vec![];
        rust_files(&root().join("crates").join(name).join("src"), &mut files);
        let texts: Vec<(PathBuf, String)> = files
            .into_iter()
            .filter(|path| !path.to_string_lossy().contains("test"))
            .map(|path| (path.clone(), std::fs::read_to_string(path).unwrap()))
            .collect();
        let owner = |of: &str| {
            let is = |line: &str| {
                let line = line.trim_start_matches("pub ").trim_start_matches("pub(super) ");
                let line = line.trim_start_matches("pub(crate) ");
                let rest = line.strip_prefix("struct ").or(line.strip_prefix("enum "));
                rest.and_then(|r| r.split(|c: char| !c.is_alphanumeric()).next()) == Some(of)
            };
            let own: Vec<&(PathBuf, String)> =
                texts.iter().filter(|(_, text)| text.lines().any(is)).collect();
            // A name that several files define cannot be followed by its name alone.
            if own.len() == 1 { Some(own[0]) } else { None }
        };
        for (path, text) in &texts {
            let mut of: Option<&str> = None;
            for line in text.lines() {
                if let Some(rest) = line.strip_prefix("impl").filter(|_| !line.contains(" for ")) {
                    let rest = match rest.starts_with('<') {
                        true => rest.split_once("> ").map_or("", |(_, rest)| rest),
                        false => rest.trim_start(),
                    };
                    of = rest.split(|c: char| !c.is_alphanumeric()).next();
                } else if line == "}" {
                    of = None;
                }
                let declared = line.strip_prefix("    ").and_then(|l| {
                    let l = l.trim_start_matches("pub ").trim_start_matches("pub(super) ");
                    l.trim_start_matches("pub(crate) ").strip_prefix("fn ")
                });
                let (Some(of), Some(declared)) = (of, declared) else { continue };
                let Some((home, other)) = owner(of).filter(|(home, _)| home != path) else {
                    continue;
                };
                let method = declared.split(|c: char| !(c.is_alphanumeric() || c == '_')).next();
                let method = method.unwrap_or_default();
                added += 1;
                // A method of the same name elsewhere, or of the standard library, may be meant.
                let own = ["find", "parse"].contains(&method)
                    || texts.iter().any(|(place, text)| {
                        place != path && text.contains(&format!("fn {method}("))
                    });
                let called = other.contains(&format!(".{method}("));
                if called && !own {
                    circles.push(format!("{home:?} calls {of}::{method} of {path:?}"));
                }
            }
        }
    }
    assert!(added > 100, "{added} methods in other files than their type");
    assert!(circles.is_empty(), "{}", circles.join("\n"));
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
fn models_and_numerics_read_no_files_of_studies() {
    for name in ["il2-engine", "il2-sbml", "il2"] {
        let manifest =
            std::fs::read_to_string(root().join(format!("crates/{name}/Cargo.toml"))).unwrap();
        assert!(
            !manifest.lines().any(|l| l.starts_with("toml") || l.starts_with("serde")),
            "{name}"
        );
    }
}
