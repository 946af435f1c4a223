//! Random changes of studies and tables: values, keys, types, sizes, lines and letters.

use std::path::Path;

/// A study and the tables beside it.
#[derive(Clone)]
pub struct Files {
    pub study: String,
    pub tables: Vec<(String, String)>,
}

impl Files {
    pub fn write(&self, folder: &Path) {
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join("study.toml"), &self.study).unwrap();
        for (name, text) in &self.tables {
            std::fs::write(folder.join(name), text).unwrap();
        }
    }
}

/// A random number generator that gives the same numbers for the same seed (SplitMix64).
pub struct Source(pub u64);

impl Source {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    fn one<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

/// Few points, patients and draws: the test is about the kind of request, not its size.
pub fn small(study: &str) -> String {
    let limits = [
        ("points", 6),
        ("patients", 3),
        ("draws", 50),
        ("warmup", 50),
        ("starts", 1),
        ("chains", 0),
        ("candidates", 40),
        ("designs", 3),
        ("simulations", 20),
        // A trial of few patients has few of whom samples can be drawn.
        ("retrospective", 4),
        ("responders", 2),
        ("prospective", 4),
    ];
    let mut lines = vec![];
    for line in study.lines() {
        let mut line = line.to_string();
        for (key, most) in limits {
            if key == "draws" && line.contains("intervals") {
                line = with_number(&line, key, 10);
            } else {
                line = with_number(&line, key, most);
            }
        }
        lines.push(line);
    }
    lines.join("\n").replace("kind = \"fit\"", "kind = \"fit\"\nprofiles = false") + "\n"
}

/// A line with its number after `key = ` reduced to `most` at most.
fn with_number(line: &str, key: &str, most: u64) -> String {
    let Some(at) = line.find(&format!("{key} = ")) else { return line.to_string() };
    let begin = at + key.len() + 3;
    let digits = line[begin..].chars().take_while(char::is_ascii_digit).count();
    match line[begin..begin + digits].parse::<u64>() {
        Ok(n) if n > most => format!("{}{most}{}", &line[..begin], &line[begin + digits..]),
        _ => line.to_string(),
    }
}

/// Numbers and words that have caused errors before.
const NUMBERS: [&str; 26] = [
    "0",
    "1",
    "-1",
    "2",
    "3",
    "-0.0",
    "1e308",
    "1e-308",
    "5e-324",
    "-1e308",
    "nan",
    "inf",
    "-inf",
    "1e400",
    "0.5",
    "100000",
    "100001",
    "4294967295",
    "4294967296",
    "-9223372036854775808",
    "1000000",
    "1e-30",
    "1e15",
    "0.999999999",
    "20001",
    "1e-3",
];
const UNITS: [&str; 22] = [
    "pM", "nM", "M", "min", "h", "d", "/cell", "/min", "IU", "MIU", "MIU/m2", "IU/kg", "mg",
    "pmol", "L", "mL", "/mL", "kDa", "%", "", "parsec", "L/h",
];
const WORDS: [&str; 18] = [
    "",
    " ",
    "none",
    "../x",
    "a.b",
    "il2",
    "treg",
    "ünïcödé",
    "\\u0000",
    "\\u001b[31m",
    "status",
    "model",
    "gamma-chain",
    "polyvalent",
    "fallon2000",
    "hold",
    "patient",
    "time_min",
];
const TYPES: [&str; 12] = [
    "[]",
    "{}",
    "true",
    "false",
    "1",
    "-1",
    "1.5",
    "\"x\"",
    "[[]]",
    "[1, 2]",
    "{ from = \"1 pM\" }",
    "1979-05-27",
];

/// Changes a study or one of its tables; `other` is another study, from which lines may be
/// inserted.
pub fn change(files: &mut Files, other: &Files, source: &mut Source) {
    let named: Vec<usize> =
        (0..files.tables.len()).filter(|&i| files.study.contains(&files.tables[i].0)).collect();
    if !named.is_empty() && source.below(2) == 0 {
        let table = &mut files.tables[named[source.below(named.len())]].1;
        *table = changed_table(table, source);
        return;
    }
    let study = &files.study;
    files.study = match source.below(12) {
        0..=3 => with_value(study, source),
        4 => with_points(study, source),
        5 => with_list(study, source),
        6 => with_type(study, source),
        7 => with_line(study, &other.study, source),
        8 => with_part(study, &other.study, source),
        9 => with_name(study, source),
        10 => with_letter(study, source),
        _ => with_key(study, source),
    };
}

/// Start and end of each quoted text, excluding the quotes.
fn quoted(text: &str) -> Vec<(usize, usize)> {
    let mut found = vec![];
    let mut begin = None;
    for (at, letter) in text.char_indices() {
        match (letter, begin) {
            ('"', None) => begin = Some(at + 1),
            ('"', Some(from)) => {
                found.push((from, at));
                begin = None;
            }
            ('\n', _) => begin = None,
            _ => {}
        }
    }
    found
}

fn replaced(text: &str, (from, to): (usize, usize), by: &str) -> String {
    format!("{}{by}{}", &text[..from], &text[to..])
}

/// Replaces a quantity or a name by another.
fn with_value(text: &str, source: &mut Source) -> String {
    let all = quoted(text);
    if all.is_empty() {
        return text.to_string();
    }
    let place = all[source.below(all.len())];
    let old = &text[place.0..place.1];
    let (number, unit) = old.split_once(' ').unwrap_or((old, ""));
    let by = match source.below(9) {
        // The same quantity with another magnitude.
        6..=8 => format!("{number}{} {unit}", source.below(10)),
        0 => source.one(&WORDS).to_string(),
        1 => format!("{} {}", source.one(&NUMBERS), source.one(&UNITS)),
        2 => format!("{} {unit}", source.one(&NUMBERS)),
        3 => format!("{number}e{} {unit}", source.below(40) as i32 - 20),
        4 => {
            let other = all[source.below(all.len())];
            text[other.0..other.1].to_string()
        }
        _ => "x".repeat(source.below(300)),
    };
    replaced(text, place, &by)
}

/// Start and end of each number after ` = `.
fn bare_numbers(text: &str) -> Vec<(usize, usize)> {
    let number = |(at, mark): (usize, &str)| {
        let begin = at + mark.len();
        let part = |c: &char| c.is_ascii_digit() || "+-.e".contains(*c);
        let length: usize = text[begin..].chars().take_while(part).map(char::len_utf8).sum();
        (length > 0).then_some((begin, begin + length))
    };
    text.match_indices(" = ").filter_map(number).collect()
}

fn with_points(text: &str, source: &mut Source) -> String {
    let all = bare_numbers(text);
    match all.get(source.below(all.len())) {
        Some(place) => replaced(text, *place, source.one(&NUMBERS)),
        None => text.to_string(),
    }
}

/// Empties, cuts, doubles or reverses a list.
fn with_list(text: &str, source: &mut Source) -> String {
    let list = |(at, _): (usize, &str)| {
        let end = at + text[at..].find(']')?;
        Some((at + 3, end + 1))
    };
    let all: Vec<(usize, usize)> = text.match_indices("= [").filter_map(list).collect();
    let Some(&(from, to)) = all.get(source.below(all.len())) else { return text.to_string() };
    let mut items: Vec<&str> = text[from..to - 1].split(", ").collect();
    match source.below(5) {
        0 => items.clear(),
        1 => items.truncate(1),
        2 => items.push(items[0]),
        3 => items.reverse(),
        _ => items = items.repeat(1 + source.below(3)),
    }
    replaced(text, (from, to), &format!("{}]", items.join(", ")))
}

fn with_type(text: &str, source: &mut Source) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_string).collect();
    let valued: Vec<usize> = (0..lines.len()).filter(|&i| lines[i].contains(" = ")).collect();
    if let Some(&place) = valued.get(source.below(valued.len())) {
        let key = lines[place].split(" = ").next().unwrap_or("").to_string();
        lines[place] = format!("{key} = {}", source.one(&TYPES));
    }
    lines.join("\n") + "\n"
}

/// Removes, doubles or moves a line, or inserts one from another study.
fn with_line(text: &str, other: &str, source: &mut Source) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let others: Vec<&str> = other.lines().filter(|l| l.contains(" = ")).collect();
    let place = source.below(lines.len());
    match source.below(4) {
        0 if !lines.is_empty() => drop(lines.remove(place)),
        1 if !lines.is_empty() => lines.insert(place, lines[place]),
        2 if !lines.is_empty() => {
            let line = lines.remove(place);
            lines.insert(source.below(lines.len() + 1), line);
        }
        _ if !others.is_empty() => lines.insert(place, others[source.below(others.len())]),
        _ => {}
    }
    lines.join("\n") + "\n"
}

/// Appends a part of another study.
fn with_part(text: &str, other: &str, source: &mut Source) -> String {
    let parts: Vec<usize> = other.match_indices("\n[").map(|(at, _)| at).collect();
    let Some(&from) = parts.get(source.below(parts.len())) else { return text.to_string() };
    let to = parts.iter().copied().find(|&at| at > from).unwrap_or(other.len());
    format!("{text}{}\n", &other[from..to])
}

/// Renames a part, everywhere or in one place.
fn with_name(text: &str, source: &mut Source) -> String {
    let name = |(at, _): (usize, &str)| {
        let (_, name) = text[at + 2..].split_once(']')?.0.split_once('.')?;
        Some(name.to_string()).filter(|name| !name.is_empty())
    };
    let all: Vec<String> = text.match_indices("\n[").filter_map(name).collect();
    let Some(name) = all.get(source.below(all.len())) else { return text.to_string() };
    let by = source.one(&[
        "time",
        "dose_pm",
        "status",
        "il2",
        "a",
        "A",
        "x-1",
        "\"\"",
        "\"a b\"",
        "\"../a\"",
        "ec50",
        "signalling",
        "il2r_alpha",
        "ligand",
        "medium",
        "CON",
        "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrs",
    ]);
    match source.below(2) {
        0 => text.replace(name.as_str(), by),
        _ => text.replacen(name.as_str(), by, 1),
    }
}

fn with_letter(text: &str, source: &mut Source) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..=source.below(4) {
        let place = source.below(letters.len());
        match source.below(3) {
            0 if !letters.is_empty() => drop(letters.remove(place)),
            1 if !letters.is_empty() => letters[place] = char::from(32 + source.below(95) as u8),
            _ => letters.insert(place, ['\u{0}', 'é', '"', '[', '\u{202e}', '='][source.below(6)]),
        }
    }
    letters.into_iter().collect()
}

/// Inserts after a line a key that is allowed elsewhere.
fn with_key(text: &str, source: &mut Source) -> String {
    let key = source.one(&[
        "then = \"low_dose\"",
        "like = \"il2\"",
        "show = []",
        "seed = 18446744073709551615",
        "valency = 6",
        "rules = \"hold\"",
        "population = { method = \"walk\", targets = [] }",
        "uncertain = true",
        "draws = \"sobol\"",
        "individuals = 0",
        "individuals = 4294967295",
        "level = 0.0",
        "level = 1.0",
        "stat5 = true",
        "background = { il2 = \"1 pM\" }",
        "mixture = { il2 = \"0 pM\" }",
        "intervals = { draws = 10 }",
        "cell_density = \"1e30 /mL\"",
        "relative_tolerance = 1e-13",
        "relative_tolerance = 1e-2",
        "absolute_tolerance = 1.0",
        "absolute_tolerance = 1e-30",
        "model = \"polyvalent-equilibrium\"",
        "model = \"effect\"",
        "times = [\"0 h\"]",
        "pulse = \"0 h\"",
        "start = \"1e300 d\"",
        "cycles = 100",
        "cycle = \"1e300 d\"",
        "doses = 10000",
        "pharmacokinetics = \"masked\"",
        "reference_cell = \"nk\"",
        "quantitation = \"study\"",
    ]);
    let mut lines: Vec<&str> = text.lines().collect();
    let place = source.below(lines.len() + 1);
    lines.insert(place, key);
    lines.join("\n") + "\n"
}

/// Replaces, removes or doubles a field, a line or a column of a table.
fn changed_table(text: &str, source: &mut Source) -> String {
    let mut rows: Vec<Vec<String>> =
        text.lines().map(|line| line.split(',').map(str::to_string).collect()).collect();
    let (row, columns) = (source.below(rows.len()), rows.first().map_or(0, Vec::len));
    let column = source.below(columns);
    const HEADINGS: [&str; 24] = [
        "ID", "TIME", "AMT", "EVID", "CMT", "RATE", "SS", "II", "ADDL", "MDV", "DV", "ALAG1", "F1",
        "D1", "R1", "CL", "V1", "WT", "value", "sd", "low", "dose", "reduce", "",
    ];
    match source.below(10) {
        0..=3 => {
            if let Some(field) = rows.get_mut(row).and_then(|r| r.get_mut(column)) {
                *field = match source.below(4) {
                    0 => source.one(&WORDS).to_string(),
                    1 => format!("{field}e{}", source.below(60) as i32 - 30),
                    _ => source.one(&NUMBERS).to_string(),
                };
            }
        }
        4 if rows.len() > 1 => drop(rows.remove(row)),
        5 if !rows.is_empty() => rows.insert(row, rows[row].clone()),
        6 => rows.iter_mut().filter(|r| column < r.len()).for_each(|r| drop(r.remove(column))),
        7 => {
            if let Some(heading) = rows.first_mut().and_then(|r| r.get_mut(column)) {
                *heading = source.one(&HEADINGS).to_string();
            }
        }
        8 => {
            // A new column with the same value in every row.
            let (heading, value) = (source.one(&HEADINGS), source.one(&NUMBERS));
            for (i, row) in rows.iter_mut().enumerate() {
                row.push(if i == 0 { heading } else { value }.to_string());
            }
        }
        _ => {
            let lines: Vec<String> = rows.iter().map(|r| r.join(",")).collect();
            return with_letter(&(lines.join("\n") + "\n"), source);
        }
    }
    let lines: Vec<String> = rows.iter().map(|r| r.join(",")).collect();
    lines.join("\n") + "\n"
}
