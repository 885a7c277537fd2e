//! Tokens of an HTML document: tags and comments, as the HTML standard finds them
//! (https://html.spec.whatwg.org/#tokenization). What lies between two tokens is text.

use super::elements::{Element, is};
use memchr::{memchr, memchr2, memmem};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    Start,
    /// A start tag that ends with `/>`, which in XHTML closes any element.
    Empty,
    End,
    /// Whatever else stands between `<` and `>`.
    Comment,
}

/// A tag or comment; offsets in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    pub kind: TokenKind,
    pub element: Element,
    /// Whether a start tag has an attribute of this name.
    pub has_role: bool,
    pub start: u32,
    pub end: u32,
}

/// Classes of bytes in a tag.
mod class {
    pub const SPACE: u8 = 1;
    pub const SLASH: u8 = 2;
    pub const GREATER: u8 = 4;
    pub const EQUALS: u8 = 8;
}

const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    classes[b' ' as usize] = class::SPACE;
    classes[b'\t' as usize] = class::SPACE;
    classes[b'\n' as usize] = class::SPACE;
    classes[0x0c] = class::SPACE;
    classes[b'\r' as usize] = class::SPACE;
    classes[b'/' as usize] = class::SLASH;
    classes[b'>' as usize] = class::GREATER;
    classes[b'=' as usize] = class::EQUALS;
    classes
};
/// What ends the name of a tag.
const AFTER_TAG_NAME: u8 = class::SPACE | class::SLASH | class::GREATER;

/// Whether a byte is white space of HTML.
#[inline]
pub fn is_space(byte: u8) -> bool {
    CLASSES[usize::from(byte)] == class::SPACE
}

/// Whether a byte ends the name of a tag.
pub fn ends_name(byte: u8) -> bool {
    CLASSES[usize::from(byte)] & AFTER_TAG_NAME != 0
}

/// Whether a text has nothing but white space of HTML.
#[inline]
pub fn is_blank(text: &[u8]) -> bool {
    text.iter().all(|&byte| is_space(byte))
}

/// The first position from `at` on whose byte has one of some classes; the end if none has.
#[inline]
fn find(text: &[u8], mut at: usize, classes: u8) -> usize {
    while let Some(&byte) = text.get(at)
        && CLASSES[usize::from(byte)] & classes == 0
    {
        at += 1;
    }
    at
}

#[inline]
fn skip_space(text: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = text.get(at)
        && is_space(byte)
    {
        at += 1;
    }
    at
}

/// The tokens from `start` on of a text, which ends where they should.
pub fn tokens(text: &[u8], start: usize) -> Vec<Token> {
    let mut found = Vec::with_capacity((text.len() - start) / 32);
    let mut at = start;
    while let Some(i) = memchr(b'<', &text[at..]) {
        let first = at + i;
        at = first + 1;
        let is_end = text.get(at) == Some(&b'/');
        let name = at + usize::from(is_end);
        if text.get(name).is_some_and(u8::is_ascii_alphabetic) {
            let Some(tag) = Tag::at(text, name) else {
                break; // no tag without an end
            };
            at = tag.end;
            let kind = match (is_end, text[at - 2]) {
                (true, _) => TokenKind::End,
                (_, b'/') => TokenKind::Empty,
                _ => TokenKind::Start,
            };
            let element = Element::named(&text[name..tag.name_end]);
            found.push(Token {
                kind,
                element,
                has_role: tag.has_role,
                start: first as u32,
                end: at as u32,
            });
            if kind == TokenKind::Start && element.is(is::RAW) {
                at = raw_end(text, &text[name..tag.name_end], element, at);
            }
        } else if let Some(end) = comment_end(text, at) {
            at = end;
            found.push(Token {
                kind: TokenKind::Comment,
                element: Element::Other,
                has_role: false,
                start: first as u32,
                end: at as u32,
            });
        }
    }
    found
}

/// The end of a tag or comment that starts at an offset; None if nothing does, or does not end
/// before the text does.
pub fn markup_end(text: &[u8], start: usize) -> Option<usize> {
    let at = start + 1;
    let name = at + usize::from(text.get(at) == Some(&b'/'));
    if text.get(name).is_some_and(u8::is_ascii_alphabetic) {
        return Tag::at(text, name).map(|tag| tag.end);
    }
    comment_end(text, at).filter(|&end| text[end - 1] == b'>')
}

/// The name of a tag that starts at an offset, as it is written.
pub fn name(text: &[u8], start: usize) -> &[u8] {
    let first = start + 1 + usize::from(text.get(start + 1) == Some(&b'/'));
    &text[first..find(text, first, AFTER_TAG_NAME)]
}

struct Tag {
    name_end: usize,
    end: usize,
    has_role: bool,
}

impl Tag {
    /// The tag whose name starts at an offset.
    #[inline]
    fn at(text: &[u8], name: usize) -> Option<Self> {
        let name_end = find(text, name + 1, AFTER_TAG_NAME);
        let (mut at, mut has_role) = (name_end, false);
        loop {
            let &byte = text.get(at)?;
            match CLASSES[usize::from(byte)] {
                class::GREATER => {
                    return Some(Tag {
                        name_end,
                        end: at + 1,
                        has_role,
                    });
                }
                class::SPACE | class::SLASH => at += 1,
                _ => {
                    let attribute = Attribute::at(text, at);
                    has_role |= attribute.name.eq_ignore_ascii_case(b"role");
                    at = attribute.end;
                }
            }
        }
    }
}

/// An attribute, as it is written.
pub struct Attribute<'a> {
    pub name: &'a [u8],
    pub value: &'a [u8],
    end: usize,
}

impl<'a> Attribute<'a> {
    /// The attribute whose name starts at an offset.
    #[inline]
    fn at(text: &'a [u8], start: usize) -> Self {
        let name_end = find(text, start + 1, AFTER_TAG_NAME | class::EQUALS);
        let without_value = Attribute {
            name: &text[start..name_end],
            value: b"",
            end: name_end,
        };
        let at = skip_space(text, name_end);
        if text.get(at) != Some(&b'=') {
            return without_value;
        }
        let first = skip_space(text, at + 1);
        match text.get(first) {
            Some(&quote @ (b'"' | b'\'')) => match memchr(quote, &text[first + 1..]) {
                Some(length) => Attribute {
                    value: &text[first + 1..first + 1 + length],
                    end: first + length + 2,
                    ..without_value
                },
                None => without_value,
            },
            _ => {
                let end = find(text, first, class::SPACE | class::GREATER);
                Attribute {
                    value: &text[first..end],
                    end,
                    ..without_value
                }
            }
        }
    }
}

/// The attributes of a start tag, of which several may have the same name: the first counts.
pub fn attributes(tag: &[u8]) -> impl Iterator<Item = Attribute<'_>> {
    let mut at = find(tag, 1, AFTER_TAG_NAME);
    std::iter::from_fn(move || {
        while CLASSES[usize::from(*tag.get(at)?)] & AFTER_TAG_NAME != 0 {
            at += 1;
        }
        let attribute = Attribute::at(tag, at);
        at = attribute.end;
        Some(attribute)
    })
}

/// The value of an attribute, as it is written; None if a tag has none of that name, in lower case.
pub fn attribute<'a>(tag: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let name = name.as_bytes();
    let mut all = attributes(tag);
    all.find(|attribute| attribute.name.eq_ignore_ascii_case(name))
        .map(|attribute| attribute.value)
}

/// The end of what is no tag after a `<`, before `at`: a comment, CDATA, a declaration or a bogus
/// comment. One without an end extends to the end of the text.
fn comment_end(text: &[u8], at: usize) -> Option<usize> {
    let rest = &text[at..];
    if !matches!(rest.first(), Some(b'!' | b'?' | b'/')) {
        return None;
    }
    let length = if rest.starts_with(b"!--") {
        match &rest[3..] {
            [b'>', ..] => Some(4),
            [b'-', b'>', ..] => Some(5),
            inside => dashes_end(inside).map(|end| end + 3),
        }
    } else if rest.starts_with(b"![CDATA[") {
        memmem::find(&rest[8..], b"]]>").map(|i| i + 11)
    } else {
        memchr(b'>', &rest[1..]).map(|i| i + 2)
    };
    Some(length.map_or(text.len(), |length| at + length))
}

/// The end of the first `-->` or `--!>`.
fn dashes_end(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(i) = memchr(b'-', &text[at..]) {
        at += i + 1;
        match text[at..] {
            [b'-', b'>', ..] => return Some(at + 2),
            [b'-', b'!', b'>', ..] => return Some(at + 3),
            _ => {}
        }
    }
    None
}

/// Where the end tag of an element with raw text starts.
fn raw_end(text: &[u8], name: &[u8], element: Element, mut at: usize) -> usize {
    match element {
        Element::Plaintext => return text.len(),
        Element::Script => return script_end(text, at),
        _ => {}
    }
    while let Some(i) = memchr(b'<', &text[at..]) {
        at += i + 1;
        if text.get(at) == Some(&b'/') && is_tag(&text[at + 1..], name) {
            return at - 1;
        }
    }
    text.len()
}

/// Whether a tag has a name.
fn is_tag(text: &[u8], name: &[u8]) -> bool {
    text.get(..name.len())
        .is_some_and(|found| found.eq_ignore_ascii_case(name))
        && text.get(name.len()).is_some_and(|&byte| ends_name(byte))
}

/// The same for a script, in whose comments a `<script>` has an end tag of its own.
fn script_end(text: &[u8], mut at: usize) -> usize {
    let (mut in_comment, mut in_inner) = (false, false);
    loop {
        let found = if in_comment {
            memchr2(b'<', b'-', &text[at..])
        } else {
            memchr(b'<', &text[at..])
        };
        let Some(i) = found else {
            return text.len();
        };
        let first = at + i;
        let rest = &text[first..];
        at = first + 1;
        if rest.starts_with(b"<!--") {
            at = first + 4;
            // `<!-->` is a comment and its end.
            in_comment = !matches!(text[at..], [b'>', ..] | [b'-', b'>', ..]);
        } else if rest.starts_with(b"-->") {
            at = first + 3;
            (in_comment, in_inner) = (false, false);
        } else if rest[0] == b'<' && is_tag(&rest[1..], b"script") {
            in_inner = in_comment;
        } else if rest.starts_with(b"</") && is_tag(&rest[2..], b"script") {
            if !in_inner {
                return first;
            }
            in_inner = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let tokens = tokens(text.as_bytes(), 0).into_iter();
        let spans = tokens.map(|token| token.start as usize..token.end as usize);
        spans.map(|span| &text[span]).collect()
    }

    #[test]
    fn tags_and_comments_are_found() {
        for (text, expected) in [
            ("<p>a</p>", &["<p>", "</p>"][..]),
            (
                "1 < 2 <3 <a title='>' b=\">\"c>",
                &["<a title='>' b=\">\"c>"],
            ),
            (
                "<!--><b><!-- - -- > --!>",
                &["<!-->", "<b>", "<!-- - -- > --!>"],
            ),
            (
                "<![CDATA[ <p> ]]><?x ?></ >",
                &["<![CDATA[ <p> ]]>", "<?x ?>", "</ >"],
            ),
            ("<title><p></TITLE ><p", &["<title>", "</TITLE >"]),
            ("<a b='c><d>", &["<a b='c>", "<d>"]),
            ("<!-- <p>", &["<!-- <p>"]),
            (
                "<script><!-- <script> </script> <p> --></script>",
                &["<script>", "</script>"],
            ),
        ] {
            assert_eq!(found(text), expected);
        }
    }

    #[test]
    fn attributes_are_found() {
        let tag = b"<a href=/x/ Title = 'a \" b' c d=\"\" title=e>";
        let all = attributes(tag).map(|a| {
            let string = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            (string(a.name), string(a.value))
        });
        let expected = [
            ("href", "/x/"),
            ("Title", "a \" b"),
            ("c", ""),
            ("d", ""),
            ("title", "e"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(all.collect::<Vec<_>>(), expected);
        assert_eq!(attribute(tag, "title"), Some(&b"a \" b"[..]));
    }
}
