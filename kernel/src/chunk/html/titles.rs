//! The text of a heading as a reader sees it; `ctxtools/chunking/formats/titles.py` has the same.

use crate::text::spaces::is_space;

/// The longest title, in characters: every block and chunk inside a block repeats its title.
pub const MAX_TITLE: usize = 200;

/// A title from the text of its heading: without what has no width, icons, its identifier, the sign that a
/// link left and marks of struck text, and truncated if it is too long.
pub fn clean_title(text: &str) -> String {
    if text.is_ascii() && !text.bytes().any(|byte| matches!(byte, b'~' | b'{')) {
        return short_title(one_line(text).trim_end_matches(' '));
    }
    let title = without_struck(&visible(text));
    let title = trim_signs(&title);
    let title = match title.rfind('{') {
        Some(start) if start > 0 && is_identifier(&title[start..]) => trim_signs(&title[..start]),
        _ => title,
    };
    short_title(title)
}

/// A title, truncated if it is too long.
pub fn short_title(title: &str) -> String {
    if title.len() > MAX_TITLE
        && let Some((cut, _)) = title.char_indices().nth(MAX_TITLE - 1)
        && title[cut..].chars().nth(1).is_some()
    {
        return format!("{}…", &title[..cut]);
    }
    title.to_owned()
}

fn trim_signs(title: &str) -> &str {
    title.trim_end_matches(['¶', ' '])
}

/// A text without what has no width and without icons; any white space is one space.
pub fn visible(text: &str) -> String {
    let seen: String = text.chars().filter(|&c| !is_unseen(c)).collect();
    one_line(&seen)
        .trim_matches(['\u{200c}', '\u{200d}'])
        .to_owned()
}

/// A text with one space for any white space, and none at its ends.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split(is_space).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// Whether a character has no width, or is of private use: the icon of a font.
fn is_unseen(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}' | '\u{feff}'
            | '\u{e000}'..='\u{f8ff}'
            | '\u{f0000}'..
    )
}

/// A text without the marks of what is struck in it.
fn without_struck(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("~~") {
        let after = &rest[at + 2..];
        let struck = &after[..after.find('~').unwrap_or(after.len())];
        let is_struck = after[struck.len()..].starts_with("~~")
            && struck.starts_with(|c| !is_space(c))
            && struck.ends_with(|c| !is_space(c));
        if is_struck {
            kept.push_str(&rest[..at]);
            kept.push_str(struck);
            rest = &after[struck.len() + 2..];
        } else {
            kept.push_str(&rest[..=at]);
            rest = &rest[at + 1..];
        }
    }
    kept.push_str(rest);
    kept
}

/// Whether a text is the identifier of a heading in Pandoc, kramdown or Docusaurus: `{#name}`.
fn is_identifier(text: &str) -> bool {
    let Some(inside) = text.strip_prefix('{').and_then(|t| t.strip_suffix('}')) else {
        return false;
    };
    let inside = inside.strip_prefix(':').unwrap_or(inside);
    let inside = inside.strip_prefix(is_space).unwrap_or(inside);
    inside.strip_prefix('#').is_some_and(|name| {
        name.starts_with(|c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || "_.:-".contains(c))
            && !name.contains(['{', '}'])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_what_a_reader_sees() {
        for (text, title) in [
            ("Plain", "Plain"),
            ("a \u{200b} b\u{ad}c ¶", "a bc"),
            ("Options\u{f0c1}", "Options"),
            ("\u{f02d} Book \u{f0219}", "Book"),
            ("Name {#id}", "Name"),
            ("Name {: #id .c}", "Name"),
            ("Name {a}", "Name {a}"),
            ("{#id}", "{#id}"),
            ("~~old~~ new ~~ x ~~", "old new ~~ x ~~"),
            ("~~~a~~", "~a"),
        ] {
            assert_eq!(clean_title(text), title);
        }
        assert_eq!(clean_title(&"é".repeat(200)), "é".repeat(200));
        assert_eq!(clean_title(&"é".repeat(201)), "é".repeat(199) + "…");
        assert_eq!(clean_title(&"e".repeat(201)), "e".repeat(199) + "…");
    }
}
