//! Splits Rust code into words and signs.

/// Words, `::`, and every other sign on its own; comments, string literals, characters and
/// lifetimes are left out.
pub fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = vec![];
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let word = |from: &str| {
            from.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(from.len())
        };
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            comment(rest)
        } else if let Some(length) = raw_text(rest) {
            length
        } else if c == '"' || rest.starts_with("b\"") || rest.starts_with("c\"") {
            quoted(rest, '"')
        } else if rest.starts_with("b'") || c == '\'' && is_character(rest) {
            quoted(rest, '\'')
        } else if c == '\'' {
            1 + word(&rest[1..])
        } else if c.is_alphanumeric() || c == '_' {
            let length = word(rest);
            tokens.push(rest[..length].to_string());
            length
        } else if rest.starts_with("::") {
            tokens.push("::".to_string());
            2
        } else {
            if !c.is_whitespace() {
                tokens.push(c.to_string());
            }
            c.len_utf8()
        };
        rest = &rest[length..];
    }
    tokens
}

/// Length of a comment, including nested comments.
fn comment(text: &str) -> usize {
    let (mut at, mut depth) = (0, 0);
    while at < text.len() {
        if text[at..].starts_with("/*") {
            (at, depth) = (at + 2, depth + 1);
        } else if text[at..].starts_with("*/") {
            (at, depth) = (at + 2, depth - 1);
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// Length of a raw string, `r#"..."#`, if one begins here.
fn raw_text(text: &str) -> Option<usize> {
    let inner = text.strip_prefix(['b', 'c']).unwrap_or(text).strip_prefix('r')?;
    let hashes = inner.len() - inner.trim_start_matches('#').len();
    let body = inner[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = body.find(&end).map_or(body.len(), |at| at + end.len());
    Some(text.len() - body.len() + length)
}

/// Whether a quote begins a character rather than the name of a lifetime.
fn is_character(text: &str) -> bool {
    let mut inside = text[1..].chars();
    inside.next() == Some('\\') || inside.next() == Some('\'')
}

/// Length of a string or character up to its closing quote.
fn quoted(text: &str, quote: char) -> usize {
    let start = text.find(quote).expect("a quote") + 1;
    let mut escaped = false;
    for (at, c) in text[start..].char_indices() {
        if c == quote && !escaped {
            return start + at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    text.len()
}
