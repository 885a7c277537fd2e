//! A compiled table of replacements, as SentencePiece models have it: strings -> their normal forms.
//!
//! It is a length, a double array (a trie over bytes, of 32-bit units, by the design of Darts) and the
//! normal forms, each with a zero byte after it. A unit has the byte that led to it, whether a value
//! follows, and the offset of its children, each of which is at that offset XOR its byte.
//!
//! The two libraries apply it in different ways. SentencePiece replaces the longest key at each
//! position. `tokenizers` goes by grapheme clusters: one of up to five bytes becomes the normal form
//! of the *shortest* key that it starts with, all of it; else each of its characters is replaced alone.

use crate::text::graphemes::is_plain;
use crate::text::normal::sentencepiece::MARK;
use std::collections::HashSet;
use unicode_segmentation::UnicodeSegmentation;

/// The longest cluster, in bytes, that `tokenizers` looks up as a whole.
const MAX_CLUSTER: usize = 5;
/// A key has at most this many prefixes that are keys, for SentencePiece.
const MAX_KEYS: usize = 32;
/// The longest key that `Charsmap::each_key` follows, in bytes; the double array of a damaged file
/// may lead in circles.
const MAX_KEY: usize = 64;
/// As many keys as it follows: ten times those of the largest public table.
const MAX_VISITED: usize = 1 << 20;

/// How many bytes a byte may become: 11 in the public tables. The kernel has no process of its own, as
/// the libraries have, whose memory a file may use up.
const MAX_GROWTH: usize = 1 << 6;

/// The bit of a unit after which a value follows.
const HAS_VALUE: u32 = 1 << 8;

pub struct Charsmap {
    units: Vec<u32>,
    normal: Box<[u8]>,
    keys: Keys,
}

/// What [`local`](crate::text::normal::local) has to know of the keys.
#[derive(Default)]
struct Keys {
    /// Those that start with a space, or a mark of one, and whose normal form does not.
    lose_spaces: bool,
    /// How many bytes a byte of one becomes, at most.
    growth: u32,
    /// Characters in keys that are not their first.
    joined: HashSet<char>,
    /// Characters that end a key of several whose normal form is empty, or ends with white space or a
    /// mark.
    end_in_space: HashSet<char>,
}

impl Keys {
    fn add(&mut self, key: &str, normal: &str) {
        let is_space = |c: char| c == ' ' || c == MARK;
        self.lose_spaces |= key.starts_with(is_space) && !normal.starts_with(is_space);
        let growth = normal.len().div_ceil(key.len());
        self.growth = self.growth.max(u32::try_from(growth).unwrap_or(u32::MAX));
        self.joined.extend(key.chars().skip(1));
        let is_end = |c: char| c != MARK && !c.is_whitespace();
        if !normal.ends_with(is_end) {
            self.end_in_space.extend(key.chars().next_back());
        }
    }
}

impl Charsmap {
    /// None if it is not one, or one of the two libraries may fail with it.
    pub fn new(table: &[u8]) -> Option<Self> {
        let (size, rest) = table.split_first_chunk::<4>()?;
        let size = u32::from_le_bytes(*size) as usize;
        if size == 0 || !size.is_multiple_of(4) || size >= rest.len() {
            return None;
        }
        let (units, normal) = rest.split_at(size);
        let units = units.as_chunks::<4>().0.iter().copied();
        std::str::from_utf8(normal).ok()?;
        let mut charsmap = Charsmap {
            units: units.map(u32::from_le_bytes).collect(),
            normal: normal.into(),
            keys: Keys::default(),
        };
        let mut keys = Keys::default();
        charsmap.each_key(|key, normal| keys.add(key, normal))?;
        charsmap.keys = keys;
        (charsmap.growth() <= MAX_GROWTH).then_some(charsmap)
    }

    /// The unit after a byte, and the offset of its children.
    #[inline(always)]
    fn step(&self, children: usize, byte: u8) -> Option<(u32, usize)> {
        let at = children ^ usize::from(byte);
        let unit = *self.units.get(at)?;
        (unit & 0x8000_00ff == u32::from(byte)).then(|| (unit, at ^ offset(unit)))
    }

    fn root(&self) -> usize {
        self.units.first().map_or(0, |&unit| offset(unit))
    }

    /// The normal form that a unit with a value stands for.
    fn normal(&self, unit: u32, children: usize) -> Option<&str> {
        if unit & HAS_VALUE == 0 {
            return None;
        }
        let start = (self.units.get(children)? & 0x7fff_ffff) as usize;
        let rest = self.normal.get(start..)?;
        let end = rest.iter().position(|&byte| byte == 0);
        std::str::from_utf8(&rest[..end.unwrap_or(rest.len())]).ok()
    }

    /// The normal form of the shortest key that the text starts with.
    fn shortest(&self, text: &str) -> Option<&str> {
        let mut children = self.root();
        for &byte in text.as_bytes() {
            if byte == 0 {
                break;
            }
            let (unit, next) = self.step(children, byte)?;
            if let Some(normal) = self.normal(unit, next) {
                return Some(normal);
            }
            children = next;
        }
        None
    }

    /// The longest key that the text starts with: its length and normal form.
    #[inline]
    pub(super) fn longest(&self, text: &str) -> Option<(usize, &str)> {
        let (mut children, mut found, mut keys) = (self.root(), None, 0);
        for (i, &byte) in text.as_bytes().iter().enumerate() {
            let Some((unit, next)) = self.step(children, byte) else {
                break;
            };
            if let Some(normal) = self.normal(unit, next)
                && keys < MAX_KEYS
            {
                found = Some((i + 1, normal));
                keys += 1;
            }
            children = next;
        }
        found
    }

    /// The normal form of a character alone; itself, if there is none.
    pub(super) fn of_char<'a>(&'a self, c: char, buffer: &'a mut [u8; 4]) -> &'a str {
        let text = &*c.encode_utf8(buffer);
        self.shortest(text).unwrap_or(text)
    }

    /// Applies it as `tokenizers` does.
    pub(super) fn apply_to_clusters(&self, text: &str, out: &mut String) {
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            // A plain character before another is a cluster of its own: most text has no others.
            let second = rest[first.len_utf8()..].chars().next();
            let is_alone = is_plain(first.into())
                && second.is_none_or(|c| is_plain(c.into()))
                && !(first == '\r' && second == Some('\n'));
            let cluster = if is_alone {
                &rest[..first.len_utf8()]
            } else {
                rest.graphemes(true).next().unwrap_or(rest)
            };
            rest = &rest[cluster.len()..];
            if cluster.len() <= MAX_CLUSTER
                && let Some(normal) = self.shortest(cluster)
            {
                out.push_str(normal);
                continue;
            }
            let mut buffer = [0; 4];
            for c in cluster.chars() {
                out.push_str(self.of_char(c, &mut buffer));
            }
        }
    }

    /// How many bytes a byte of a text becomes, at most.
    pub(super) fn growth(&self) -> usize {
        self.keys.growth.max(1) as usize
    }

    /// Whether what starts with a space, or a mark of one, still does so in its normal form.
    pub(super) fn keeps_spaces(&self) -> bool {
        !self.keys.lose_spaces
    }

    /// Whether a key has this character after another.
    pub(super) fn joins(&self, c: char) -> bool {
        self.keys.joined.contains(&c)
    }

    /// Whether a key that ends with this character has a normal form without an end that is no space.
    pub(super) fn ends_in_space(&self, c: char) -> bool {
        self.keys.end_in_space.contains(&c)
    }

    /// Calls `visit` with each key and its normal form; None if a key is too long or not text, or there
    /// are too many, as in a damaged table.
    fn each_key(&self, mut visit: impl FnMut(&str, &str)) -> Option<()> {
        let bytes = Children::of(&self.units);
        let (mut visited, mut key) = (0, Vec::with_capacity(MAX_KEY));
        // What is to be visited: of the children at an offset, those by these bytes.
        let mut path = vec![(self.root(), bytes.at(self.root()))];
        while let Some((offset, rest)) = path.last_mut() {
            let Some((&byte, after)) = rest.split_first() else {
                path.pop();
                key.pop();
                continue;
            };
            *rest = after;
            let (unit, offset) = self.step(*offset, byte)?;
            key.push(byte);
            visited += 1;
            if key.len() > MAX_KEY || visited > MAX_VISITED {
                return None;
            }
            if unit & HAS_VALUE != 0 {
                let normal = self.normal(unit, offset)?;
                visit(std::str::from_utf8(&key).ok()?, normal);
            }
            path.push((offset, bytes.at(offset)));
        }
        Some(())
    }
}

/// By which bytes there are children at each offset, sorted by counting.
struct Children {
    bytes: Vec<u8>,
    /// Where in `bytes` those of an offset start, and where the last ones end.
    starts: Vec<u32>,
}

impl Children {
    fn of(units: &[u32]) -> Self {
        let child = |(at, &unit): (usize, &u32)| {
            let byte = unit as u8;
            (unit >> 31 == 0 && byte != 0).then_some((at ^ usize::from(byte), byte))
        };
        let children = units.iter().enumerate().filter_map(child);
        let mut starts = vec![0; (units.len() | 0xff) + 2];
        children
            .clone()
            .for_each(|(offset, _)| starts[offset + 1] += 1);
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut bytes = vec![0; starts.last().map_or(0, |&end| end as usize)];
        let mut next = starts.clone();
        for (offset, byte) in children {
            bytes[next[offset] as usize] = byte;
            next[offset] += 1;
        }
        Children { bytes, starts }
    }

    fn at(&self, offset: usize) -> &[u8] {
        match self.starts.get(offset..) {
            Some(&[start, end, ..]) => &self.bytes[start as usize..end as usize],
            _ => &[],
        }
    }
}

/// How far a unit's children are from it.
#[inline(always)]
fn offset(unit: u32) -> usize {
    ((unit >> 10) << ((unit & 1 << 9) >> 6)) as usize
}
