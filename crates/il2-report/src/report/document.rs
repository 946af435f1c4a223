//! A page of HTML: head, links to the sections, sections, foot. The markup is also well-formed XML,
//! and the page loads nothing.

use maud::{Markup, PreEscaped, html};

const STYLE: &str = include_str!("style.css");

/// Elements without an end tag: XML requires the slash, HTML allows it.
const HEAD: &str = "<meta charset=\"utf-8\"/>\
                    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>";

/// A section: its id, title and content.
pub type Section<'a> = (&'a str, &'a str, Markup);

/// The page.
pub fn document(title: &str, head: &Markup, sections: &[Section], foot: &str) -> String {
    let page = html! {
        (PreEscaped("<!DOCTYPE html>\n"))
        html lang="en" xmlns="http://www.w3.org/1999/xhtml" {
            head {
                (PreEscaped(HEAD))
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    (head)
                    nav {
                        @for (id, title, _) in sections {
                            a href=(format!("#{id}")) { (title) } " "
                        }
                    }
                }
                main {
                    @for (id, title, content) in sections {
                        section id=(id) { h2 { (title) } (content) }
                    }
                }
                footer { p { (foot) } }
            }
        }
    };
    // XML forbids these characters in any form, and HTML does not need them.
    let allowed = |c: &char| {
        matches!(c, '\n' | '\t' | '\r') || !(c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'))
    };
    let mut text: String = page.into_string().chars().filter(allowed).collect();
    text.push('\n');
    text
}
