//! Which Rust files use which others: `use` trees, paths in code, renamed imports and re-exports
//! are followed to the file in which an item is defined.
//!
//! A file uses another if a path leads into it. `mod x;` alone does not count as a use, nor does a
//! method call, since a method may be in another file than its type. Comments, string literals and,
//! unless requested, test code are left out.

use super::tokens::tokens;
use std::collections::{BTreeMap, BTreeSet};

/// A file, by its path from the folder of the crates: `il2/src/cell.rs`.
pub type File = String;

/// The files that each file uses.
pub type Uses = BTreeMap<File, BTreeSet<File>>;

/// A module: its crate as named in paths, then the modules down to it.
type Module = Vec<String>;

/// The content of a module.
#[derive(Default)]
struct Room {
    file: File,
    /// Items defined in it: functions, types, constants, modules.
    items: BTreeSet<String>,
    /// Names that are aliases of paths.
    names: BTreeMap<String, Vec<String>>,
    /// Paths that are imported with a glob.
    globs: Vec<Vec<String>>,
    /// Every path in its code.
    paths: Vec<Vec<String>>,
}

/// Finds the uses among files of several crates, given as path and text.
pub fn uses(files: &[(File, String)], with_tests: bool) -> Uses {
    let mut rooms: BTreeMap<Module, Room> = BTreeMap::new();
    let mut only_tests: Vec<Module> = vec![];
    for (file, text) in files {
        let module = module(file);
        let mut reader = Reader {
            tokens: tokens(text),
            file,
            with_tests,
            rooms: &mut rooms,
            only_tests: vec![],
        };
        reader.room(&module, 0);
        only_tests.append(&mut reader.only_tests);
    }
    rooms.retain(|module, _| !only_tests.iter().any(|tests| module.starts_with(tests)));
    let mut uses: Uses = files.iter().map(|(file, _)| (file.clone(), BTreeSet::new())).collect();
    for (module, room) in &rooms {
        for path in &room.paths {
            let found = resolve(&rooms, module, path, &mut vec![]);
            let target = found.and_then(|found| rooms.get(&found)).map(|room| &room.file);
            if let Some(target) = target.filter(|target| **target != room.file) {
                uses.get_mut(&room.file).expect("every file").insert(target.clone());
            }
        }
    }
    uses
}

/// The module that a file contains.
fn module(file: &str) -> Module {
    let (name, inside) = file.split_once("/src/").expect("CRATE/src/FILE");
    let mut module = vec![name.replace('-', "_")];
    module.extend(inside.trim_end_matches(".rs").split('/').map(str::to_string));
    if matches!(module.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        module.pop();
    }
    module
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Reads the tokens of one file into module contents.
struct Reader<'a> {
    tokens: Vec<String>,
    file: &'a str,
    with_tests: bool,
    rooms: &'a mut BTreeMap<Module, Room>,
    /// Modules in separate files that are declared only for tests.
    only_tests: Vec<Module>,
}

impl Reader<'_> {
    fn token(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", String::as_str)
    }

    fn own(&mut self, module: &Module) -> &mut Room {
        self.rooms.get_mut(module).expect("made when its reading began")
    }

    /// Reads a module from a position to its closing brace; returns the position after the brace.
    fn room(&mut self, module: &Module, mut at: usize) -> usize {
        let file = self.file.to_string();
        self.rooms.entry(module.clone()).or_default().file = file;
        let mut depth = 0;
        while at < self.tokens.len() {
            let token = self.tokens[at].clone();
            let next = self.token(at + 1).to_string();
            match token.as_str() {
                "{" => depth += 1,
                "}" if depth == 0 => return at + 1,
                "}" => depth -= 1,
                "#" if self.is_for_tests(at) && !self.with_tests => {
                    at = self.behind_item(module, at);
                    continue;
                }
                "pub" if next == "(" && self.is_visibility(at + 2) => {
                    at = self.behind(at + 1, "(", ")");
                    continue;
                }
                "use" => {
                    at = self.tree(module, at + 1, &[]);
                    continue;
                }
                "mod" if is_word(&next) && self.token(at + 2) == "{" => {
                    self.own(module).items.insert(next.clone());
                    let inner = [module.as_slice(), &[next]].concat();
                    at = self.room(&inner, at + 3);
                    continue;
                }
                "fn" | "struct" | "enum" | "type" | "const" | "static" | "trait" | "union"
                | "mod"
                    if depth == 0 && is_word(&next) =>
                {
                    self.own(module).items.insert(next);
                }
                word if is_word(word) && next == "::" && self.begins_path(at) => {
                    let mut path = vec![token];
                    while self.token(at + 1) == "::" && is_word(self.token(at + 2)) {
                        at += 2;
                        path.push(self.tokens[at].clone());
                    }
                    self.own(module).paths.push(path);
                }
                _ => {}
            }
            at += 1;
        }
        at
    }

    /// In `<T as Trait>::Name` and `Vec::<T>::new` no path begins after the bracket.
    fn begins_path(&self, at: usize) -> bool {
        at == 0 || self.tokens[at - 1] != "::"
    }

    /// `pub(crate)` and `pub(in path)`, but not a field whose type is a tuple.
    fn is_visibility(&self, at: usize) -> bool {
        self.token(at) == "in" || self.token(at + 1) == ")"
    }

    /// Whether an attribute begins here that restricts the next item to tests.
    fn is_for_tests(&self, at: usize) -> bool {
        let end = self.behind(at + 1, "[", "]");
        let inside = &self.tokens[at..end];
        inside.get(2).is_some_and(|t| t == "cfg")
            && inside.iter().any(|t| t == "test")
            && !inside.iter().any(|t| t == "not")
    }

    /// The position after the bracket that closes the one at a position.
    fn behind(&self, mut at: usize, open: &str, close: &str) -> usize {
        let mut depth = 0;
        while at < self.tokens.len() {
            match self.token(at) {
                token if token == open => depth += 1,
                token if token == close => depth -= 1,
                _ => {}
            }
            at += 1;
            if depth == 0 {
                break;
            }
        }
        at
    }

    /// The position after an item and its attributes.
    fn behind_item(&mut self, module: &Module, mut at: usize) -> usize {
        while self.token(at) == "#" {
            at = self.behind(at + 1, "[", "]");
        }
        while at < self.tokens.len() {
            match self.token(at) {
                "mod" if self.token(at + 2) == ";" => {
                    let own = self.tokens[at + 1].clone();
                    self.only_tests.push([module.as_slice(), &[own]].concat());
                }
                "use" => {
                    // The braces of a `use` tree do not end the item.
                    while at < self.tokens.len() && self.token(at) != ";" {
                        at += 1;
                    }
                }
                "(" => at = self.behind(at, "(", ")") - 1,
                "[" => at = self.behind(at, "[", "]") - 1,
                "{" => return self.behind(at, "{", "}"),
                _ => {}
            }
            if self.token(at) == ";" {
                return at + 1;
            }
            at += 1;
        }
        at
    }

    /// Reads a `use` tree with the path before it; returns the position after the tree.
    fn tree(&mut self, module: &Module, mut at: usize, before: &[String]) -> usize {
        let mut path = before.to_vec();
        loop {
            match self.token(at) {
                "{" => {
                    at += 1;
                    while self.token(at) != "}" {
                        at = self.tree(module, at, &path);
                        if self.token(at) == "," {
                            at += 1;
                        }
                    }
                    return at + 1;
                }
                "::" => at += 1,
                "*" => {
                    let room = self.own(module);
                    room.paths.push(path.clone());
                    room.globs.push(path);
                    at += 1;
                    break;
                }
                word if is_word(word) => {
                    // `a::{self}` means `a`.
                    if word != "self" || path.is_empty() {
                        path.push(word.to_string());
                    }
                    at += 1;
                    if self.token(at) == "::" {
                        continue;
                    }
                    let mut name = path.last().cloned().unwrap_or_default();
                    if self.token(at) == "as" {
                        name = self.token(at + 1).to_string();
                        at += 2;
                    }
                    let room = self.own(module);
                    room.paths.push(path.clone());
                    room.names.insert(name, path);
                    break;
                }
                _ => break,
            }
        }
        at
    }
}

/// The module to which a path leads from a module; none if it leaves the known crates.
fn resolve(
    rooms: &BTreeMap<Module, Room>,
    from: &Module,
    path: &[String],
    visited: &mut Vec<(Module, String)>,
) -> Option<Module> {
    let (first, mut rest) = path.split_first()?;
    let mut at = from.clone();
    match first.as_str() {
        "crate" => at.truncate(1),
        "self" => {}
        "super" => {
            at.pop();
            while let [next, behind @ ..] = rest
                && next == "super"
            {
                at.pop();
                rest = behind;
            }
        }
        _ => match enter(rooms, &at, first, visited) {
            Some(inside) => at = inside,
            None if rooms.contains_key(&vec![first.clone()]) => at = vec![first.clone()],
            None => return None,
        },
    }
    for segment in rest {
        match enter(rooms, &at, segment, visited) {
            // The item is defined in this module: a type, and everything that belongs to it.
            Some(inside) if inside == at => return Some(at),
            Some(inside) => at = inside,
            None => return Some(at),
        }
    }
    Some(at)
}

/// Where a name leads from inside a module: into a submodule, along an alias, or nowhere.
fn enter(
    rooms: &BTreeMap<Module, Room>,
    module: &Module,
    name: &String,
    visited: &mut Vec<(Module, String)>,
) -> Option<Module> {
    let below = [module.as_slice(), std::slice::from_ref(name)].concat();
    if rooms.contains_key(&below) {
        return Some(below);
    }
    let room = rooms.get(module)?;
    if room.items.contains(name) {
        return Some(module.clone());
    }
    let step = (module.clone(), name.clone());
    if visited.contains(&step) {
        return None;
    }
    visited.push(step);
    if let Some(path) = room.names.get(name) {
        return resolve(rooms, module, path, visited);
    }
    room.globs.iter().find_map(|glob| {
        let target = resolve(rooms, module, glob, visited)?;
        (target != *module).then(|| enter(rooms, &target, name, visited))?
    })
}

/// Groups of files that depend on one another in a circle, each group once.
pub fn circles(uses: &Uses) -> Vec<BTreeSet<File>> {
    let reach: BTreeMap<&File, BTreeSet<&File>> =
        uses.keys().map(|f| (f, reach(uses, f))).collect();
    let mut circles: Vec<BTreeSet<File>> = vec![];
    for file in uses.keys() {
        let circle: BTreeSet<File> = reach[file]
            .iter()
            .filter(|other| reach[**other].contains(file))
            .map(|other| (*other).clone())
            .collect();
        if !circle.is_empty() && !circles.contains(&circle) {
            circles.push(circle);
        }
    }
    circles
}

/// Every file that a file uses, directly or indirectly.
fn reach<'a>(uses: &'a Uses, from: &File) -> BTreeSet<&'a File> {
    let mut found: BTreeSet<&File> = BTreeSet::new();
    let mut open: Vec<&File> = uses[from].iter().collect();
    while let Some(file) = open.pop() {
        if found.insert(file) {
            open.extend(&uses[file]);
        }
    }
    found
}

/// A circle with its dependences, one file per line.
pub fn described(uses: &Uses, circle: &BTreeSet<File>) -> String {
    let mut text = format!("{} files use one another in a circle:\n", circle.len());
    for file in circle {
        let inside: Vec<&str> = uses[file].intersection(circle).map(String::as_str).collect();
        text += &format!("  {file} uses {}\n", inside.join(", "));
    }
    text
}
