//! What a node of a syntax tree is; `ctxtools/_core/roles.py` has the same numbers.

pub const FUNCTION: u32 = 1;
pub const CLASS: u32 = 1 << 1;
pub const TITLED: u32 = 1 << 2;
pub const IMPORT: u32 = 1 << 3;
pub const BODY: u32 = 1 << 4;
pub const LEADING: u32 = 1 << 5;
pub const WRAPPER: u32 = 1 << 6;
pub const QUIET_WRAPPER: u32 = 1 << 7;
pub const GROUP: u32 = 1 << 8;
pub const VALUE: u32 = 1 << 9;
pub const ASSIGNMENT: u32 = 1 << 10;
pub const LITERAL: u32 = 1 << 11;
pub const CONTINUATION: u32 = 1 << 12;
pub const OPENING: u32 = 1 << 13;
pub const EQUATION: u32 = 1 << 14;
pub const CALL: u32 = 1 << 15;
pub const ELEMENT: u32 = 1 << 16;
pub const COMMENT: u32 = 1 << 17;
pub const OPEN_BRACKET: u32 = 1 << 18;
pub const CLOSE_BRACKET: u32 = 1 << 19;
pub const CLASS_VALUE: u32 = 1 << 20;
pub const NAME: u32 = 1 << 21;
pub const MODIFIERS: u32 = 1 << 22;

/// The kind of a block; a file is the parent of the outermost ones.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum Kind {
    Statement,
    Imports,
    Function,
    Class,
    Comment,
    File,
}

/// Words with which a call is a function, a class or an import, as `def` in Elixir.
#[derive(Default)]
pub struct Words {
    pub functions: Vec<String>,
    pub classes: Vec<String>,
    pub imports: Vec<String>,
}

impl Words {
    pub fn kind(&self, word: &[u8]) -> Option<Kind> {
        let has = |words: &[String]| words.iter().any(|each| each.as_bytes() == word);
        // As in Python, where the last of equal keys counts.
        if has(&self.imports) {
            Some(Kind::Imports)
        } else if has(&self.classes) {
            Some(Kind::Class)
        } else if has(&self.functions) {
            Some(Kind::Function)
        } else {
            None
        }
    }
}
