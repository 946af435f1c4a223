//! Words of files and users inside messages: nothing hidden in them, none too long, the nearest of those
//! that are known.

use std::borrow::Cow;

/// Names of a list that an error shows; more of them push its remedy off the screen.
const MOST_NAMES: usize = 8;
/// Letters of a word that are compared with others, which takes the product of both lengths: a longer name
/// is no slip of the pen.
const MOST_COMPARED: usize = 100;

/// Whether a character does something to a terminal instead of standing in it: control characters, and
/// those that turn the direction in which the others are read.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Text as a terminal may have it: line ends stay, a tab becomes a space, and what would move the
/// cursor, colour or turn the text stands as `\u{1b}`.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(|c| is_hidden(c) && c != '\n') {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => clean.push(' '),
            c if is_hidden(c) && c != '\n' => clean.extend(c.escape_unicode()),
            c => clean.push(c),
        }
    }
    Cow::Owned(clean)
}

/// Text on one line, cut to a length that fits an error, with nothing hidden in it.
pub fn shown(text: &str) -> String {
    cut(&visible(text).replace('\n', " "), 60)
}

/// Text with its middle left out where it is longer than `most` characters.
pub fn cut(text: &str, most: usize) -> String {
    let length = text.chars().count();
    if length <= most {
        return text.to_string();
    }
    // Most of what is kept stands in front; a remedy or the name of a file stands at the end.
    let tail = most / 3;
    let head: String = text.chars().take(most - tail - 3).collect();
    head + "..." + &text.chars().skip(length - tail).collect::<String>()
}

/// A number of things by the word for one of them.
pub fn counted(n: usize, one: &str) -> String {
    let ending = if one.ends_with("ch") { "es" } else { "s" };
    format!("{n} {one}{}", if n == 1 { "" } else { ending })
}

/// The nearest of the allowed words, if it is near enough to be what was meant.
pub fn closest<'a>(word: &str, allowed: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    allowed
        .into_iter()
        .filter(|a| is_slip(word, a))
        .map(|a| (likeness(word, a), a))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, a)| a)
}

/// Whether a word is another with a slip of the pen: one letter in three at most, or the beginning of it.
/// Of three letters none stands for another, for such words are too near each other (LDV and MDV, lot and
/// low): one may be missing, doubled or swapped.
fn is_slip(word: &str, known: &str) -> bool {
    let letters = |text: &str| -> Vec<char> {
        text.chars().take(MOST_COMPARED).flat_map(char::to_lowercase).collect()
    };
    let (a, b) = (letters(word), letters(known));
    if a == b {
        return true;
    }
    let text = |letters: &[char]| letters.iter().collect::<String>();
    let slips = |a: &[char], b: &[char]| strsim::osa_distance(&text(a), &text(b));
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    if short.len() <= 3 {
        let same = |mut a: Vec<char>, mut b: Vec<char>| {
            a.sort_unstable();
            b.sort_unstable();
            a == b
        };
        let other = short.len() == long.len() && !same(a.clone(), b.clone());
        return b.len() >= 3 && !other && slips(&a, &b) <= 1;
    }
    let begins = |size: usize| slips(short, &long[..size.min(long.len())]) <= short.len() / 4;
    slips(&a, &b) <= long.len() / 3 || begins(short.len()) || begins(short.len() + 1)
}

/// How alike two words are, from 0 to 1, whatever their case.
pub(super) fn likeness(a: &str, b: &str) -> f64 {
    let lower = |text: &str| text.chars().take(MOST_COMPARED).collect::<String>().to_lowercase();
    strsim::jaro_winkler(&lower(a), &lower(b))
}

/// Names joined by commas; of a long list those nearest to what was written, and how many more there
/// are.
pub fn some_of<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let all: Vec<&str> = names.into_iter().collect();
    if all.len() <= MOST_NAMES {
        return all.join(", ");
    }
    let mut nearest: Vec<usize> = (0..all.len()).collect();
    nearest.sort_by(|&a, &b| likeness(written, all[b]).total_cmp(&likeness(written, all[a])));
    nearest.truncate(MOST_NAMES);
    nearest.sort_unstable();
    let kept: Vec<&str> = nearest.into_iter().map(|i| all[i]).collect();
    format!("{} and {} more", kept.join(", "), all.len() - kept.len())
}
