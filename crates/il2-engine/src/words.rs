//! Words from files and users in messages: made visible, shortened, and compared with known words.

use std::borrow::Cow;

/// Number of names from a list that an error message shows; more names would push the advice off
/// the screen.
const MOST_NAMES: usize = 8;
/// Number of letters of a word that are compared, since the time grows with the product of both
/// lengths; a longer name is not a typing error.
const MOST_COMPARED: usize = 100;

/// Whether a character controls a terminal instead of appearing on it: control characters, and
/// those that change the direction of writing.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Text that is safe for a terminal: line ends are kept, a tab becomes a space, and any character
/// that would move the cursor, colour or reverse the text is escaped as `\u{1b}`.
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

/// Text on one line, cut to a length that fits an error message, without hidden characters.
pub fn shown(text: &str) -> String {
    cut(&visible(text).replace('\n', " "), 60)
}

/// Text whose middle is left out if it is longer than `most` characters.
pub fn cut(text: &str, most: usize) -> String {
    let length = text.chars().count();
    if length <= most {
        return text.to_string();
    }
    // Most of the beginning is kept, and some of the end, which may contain advice or the name of a
    // file.
    let tail = most / 3;
    let head: String = text.chars().take(most - tail - 3).collect();
    head + "..." + &text.chars().skip(length - tail).collect::<String>()
}

/// Why a file cannot be read or written, without the error number of the operating system.
pub fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file or folder".to_string(),
        std::io::ErrorKind::PermissionDenied => "permission is denied".to_string(),
        _ => {
            let said = error.to_string();
            said.split(" (os error").next().unwrap_or_default().to_string()
        }
    }
}

/// Whether text is a calendar date: `2024-03-01`, `1/3/2024`, `1.3.2024 08:00`.
pub fn is_date(text: &str) -> bool {
    let day = text.trim().split([' ', 'T']).next().unwrap_or_default();
    ['-', '/', '.'].into_iter().any(|mark| {
        let parts: Vec<&str> = day.split(mark).collect();
        let number =
            |part: &&str| (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        parts.len() == 3 && parts.iter().all(number)
    })
}

/// A count with its noun: `1 cell`, `2 cells`.
pub fn counted(n: usize, one: &str) -> String {
    let ending = if one.ends_with("ch") { "es" } else { "s" };
    format!("{n} {one}{}", if n == 1 { "" } else { ending })
}

/// The closest of the allowed words, if it is close enough to be the intended one.
pub fn closest<'a>(word: &str, allowed: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    allowed
        .into_iter()
        .filter(|a| is_slip(word, a))
        .map(|a| (likeness(word, a), a))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, a)| a)
}

/// Whether a word is another word with a typing error: at most one wrong letter in three, or only
/// the beginning of the word; a longer word must begin with all of the known one. In words of three letters no letter may be replaced, since such words
/// are too similar (LDV and MDV, lot and low); one letter may be missing, doubled or swapped.
fn is_slip(word: &str, known: &str) -> bool {
    let letters = |text: &str| -> Vec<char> {
        // Parts of names are joined in several ways: il-2 and il2, cd4-effector and cd4_effector.
        let joined = |c: &char| !['-', '_', ' '].contains(c);
        text.chars().take(MOST_COMPARED).filter(joined).flat_map(char::to_lowercase).collect()
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
    let begins = match a.len() <= b.len() {
        true => begins(short.len()) || begins(short.len() + 1),
        false => long.starts_with(short),
    };
    slips(&a, &b) <= long.len() / 3 || begins
}

/// Similarity of two words, from 0 to 1, ignoring case.
pub fn likeness(a: &str, b: &str) -> f64 {
    let lower = |text: &str| text.chars().take(MOST_COMPARED).collect::<String>().to_lowercase();
    strsim::jaro_winkler(&lower(a), &lower(b))
}

/// Names joined by commas; from a long list, those closest to the written word, and the number of
/// the others. If only one would be left out, it is named, since its name is no longer than the
/// number.
pub fn some_of<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let all: Vec<&str> = names.into_iter().collect();
    if all.len() <= MOST_NAMES + 1 {
        return all.join(", ");
    }
    let mut nearest: Vec<usize> = (0..all.len()).collect();
    nearest.sort_by(|&a, &b| likeness(written, all[b]).total_cmp(&likeness(written, all[a])));
    nearest.truncate(MOST_NAMES);
    nearest.sort_unstable();
    let kept: Vec<&str> = nearest.into_iter().map(|i| all[i]).collect();
    format!("{} and {} more", kept.join(", "), all.len() - kept.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown_and_not_sent() {
        assert_eq!(visible("a\u{1b}[31mb\tc\nd"), "a\\u{1b}[31mb c\nd");
        assert_eq!(visible("\u{9b}2J\u{202e}x"), "\\u{9b}2J\\u{202e}x");
        assert!(matches!(visible("β–γc (pM)"), std::borrow::Cow::Borrowed(_)));
        assert_eq!(shown("a\nb"), "a b");
        let long = shown(&"x".repeat(5000));
        assert!(long.len() <= 60 && long.contains("..."), "{long}");
    }

    #[test]
    fn a_reason_holds_no_number_of_the_system() {
        let gone = std::fs::File::open("no/such/file").unwrap_err();
        assert_eq!(reason(&gone), "there is no such file or folder");
        let full = std::io::Error::from_raw_os_error(28);
        assert!(!reason(&full).contains("os error"), "{}", reason(&full));
    }

    #[test]
    fn dates_are_told_from_numbers_and_names() {
        for date in ["2024-03-01", "1/3/2024", "01.03.24", "2024-03-01T08:00:00", "1/3/24 8:00"] {
            assert!(is_date(date), "{date}");
        }
        for other in ["-1", "1.5", "1e-3", "10-20", "2024", "a-b-c", "1-2-", "5 mg/m2", ""] {
            assert!(!is_date(other), "{other}");
        }
    }

    #[test]
    fn of_many_names_the_nearest_are_shown() {
        let names: Vec<String> = (0..500).map(|i| format!("name_{i}")).collect();
        let text = some_of("name_77", names.iter().map(String::as_str));
        assert!(text.contains("name_77") && text.ends_with("and 492 more"), "{text}");
        assert_eq!(some_of("x", ["a", "b"]), "a, b");
        let nine = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
        assert_eq!(some_of("x", nine), "a, b, c, d, e, f, g, h, i");
        assert!(some_of("x", nine.into_iter().chain(["j"])).ends_with("and 2 more"));
    }

    #[test]
    fn a_word_is_another_with_a_slip_of_the_pen_only() {
        for (word, known, near) in [
            ("natve", "native", true),
            ("ADL", "ADDL", true),
            ("il22", "il2", true),
            ("trge", "treg", true),
            ("signaling", "signalling_complexes", true),
            ("konrad", "konrad1990", true),
            ("TIME", "time", true),
            ("il-2x", "il2", true),
            ("IL-15", "il15", true),
            ("IL-7", "il2", false),
            ("il2-mutein", "il21", false),
            ("il15-superagonist", "il15", true),
            ("replicate", "reduce", false),
            ("COL0", "CL", false),
            ("LDV", "MDV", false),
            ("lot", "low", false),
            ("se", "sd", false),
            ("sem", "sd", false),
            ("il2r_gamma", "il2r_alpha", false),
            ("", "CL", false),
        ] {
            assert_eq!(closest(word, [known]).is_some(), near, "{word} {known}");
        }
        assert_eq!(closest("treg.grwth", ["cd8.growth", "treg.growth"]), Some("treg.growth"));
        assert_eq!(
            [0, 1, 2].map(|n| counted(n, "search")),
            ["0 searches", "1 search", "2 searches"]
        );
    }
}
