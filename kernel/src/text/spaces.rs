//! White space, as Python's `str.isspace` has it.

/// Whether a character is white space: to Python the four separators of ASCII are, too.
#[inline]
pub fn is_space(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\x1c'..='\x1f')
}

/// Whether a text has nothing but white space.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(is_space)
}

/// A text without the white space at its end.
pub fn trim_end(text: &str) -> &str {
    text.trim_end_matches(is_space)
}
