//! The blocks of source code: functions, classes and statements, by tree-sitter grammars.
//!
//! - [`parse`]: the syntax tree, by a parser that is stopped where a text takes out of proportion.
//! - [`roles`]: what a node is, by the number of its kind; Python has the tables.
//! - [`lines`]: where lines start and end.
//! - [`signatures`]: what a node defines, and its title.
//! - [`siblings`]: which consecutive nodes make a block together.
//! - [`walker`]: from the tree to the blocks.
//!
//! Grammars are shared libraries of others, which the caller has loaded. A parser may take memory
//! that is quadratic in the text at once, and ends the process where there is none: the caller is a
//! child process with a limit (`ctxtools/chunking/formats/code`).

mod lines;
mod parse;
mod roles;
mod siblings;
mod signatures;
mod walker;

use crate::text::unicode::is_lead;
pub use roles::Words;
use std::thread;
use tree_sitter::{Language, Tree};

/// Blocks in post-order: each comes after those inside it. Offsets are in characters.
#[derive(Default)]
pub struct Blocks {
    pub starts: Vec<u32>,
    pub ends: Vec<u32>,
    /// As in `ctxtools._core.roles.KINDS`.
    pub kinds: Vec<u32>,
    pub strengths: Vec<u32>,
    /// How many children each has.
    pub children: Vec<u32>,
    /// A line for each.
    pub titles: String,
}

#[derive(Debug, PartialEq)]
pub enum Error {
    /// More than 4 GiB.
    TooLong,
    /// The grammar is not for this version of the parser.
    Grammar,
    /// The parser was stopped.
    TooManySteps,
    TooLongTime,
    /// The parser gave no tree.
    Parser,
}

/// The blocks of source code.
///
/// `roles` has for each kind of node the sum of its roles, and blocks nested in `depth` others or
/// more are left out.
pub fn blocks(
    language: &Language,
    data: &[u8],
    roles: &[u32],
    words: &Words,
    depth: usize,
) -> Result<Blocks, Error> {
    if u32::try_from(data.len()).is_err() {
        return Err(Error::TooLong);
    }
    let tree = parse::syntax_tree(language, data)?;
    let mut blocks = walker::Walker::new(language, data, roles, words, depth).walk(&tree);
    drop_aside(tree, data.len());
    if !data.is_ascii() {
        let before = characters_before(data);
        for offset in blocks.starts.iter_mut().chain(&mut blocks.ends) {
            *offset = character(data, &before, *offset as usize);
        }
    }
    Ok(blocks)
}

/// The tree of a text of this many bytes takes longer to free than to start a thread that does.
const LARGE: usize = 1 << 16;

/// Frees a tree: that of a large text takes a fifth of the time of the parser, for which the caller
/// does not wait.
fn drop_aside(tree: Tree, bytes: usize) {
    if bytes >= LARGE {
        // Where no thread can be started, the tree is freed here.
        let _thread = thread::Builder::new().spawn(move || drop(tree));
    }
}

/// Bytes of a block, before each of which the number of characters is kept.
const BLOCK: usize = 128;

fn characters_before(data: &[u8]) -> Vec<u32> {
    let sum = |sum: &mut u32, block: &[u8]| {
        let before = *sum;
        *sum += leads(block);
        Some(before)
    };
    let mut before: Vec<u32> = data.chunks(BLOCK).scan(0, sum).collect();
    before.push(leads(data));
    before
}

/// The character offset of a byte offset. Unlike of a `CharMap`, the text may have surrogates.
fn character(data: &[u8], before: &[u32], byte: usize) -> u32 {
    let block = byte / BLOCK;
    before[block] + leads(&data[block * BLOCK..byte])
}

fn leads(data: &[u8]) -> u32 {
    data.iter().filter(|&&byte| is_lead(byte)).count() as u32
}
