//! The files below a folder, in the order of their names.
//!
//! A folder is listed at once and its entries are taken in order, so that the same tree gives the
//! same list and what is held is bounded by the folders that are open. Symbolic links are not
//! followed.
//!
//! What takes more than a name and a kind to decide on is handed to the caller instead of being
//! entered: a folder that cannot be listed, is empty (perhaps a submodule) or has ignore files or
//! a repository of its own; and whatever is neither a file nor a folder. What git ignores is known
//! to it as a set of paths; it knows no patterns.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::{self, FileType};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::vec;

/// What a folder has: a name, and its kind.
type Named = (Vec<u8>, FileType);

/// Something that was found.
#[derive(Debug, PartialEq, Eq)]
pub enum Entry {
    File(PathBuf),
    /// A folder that was not entered.
    Folder(PathBuf),
    /// Neither a file nor a folder, or it is not known what.
    Other(PathBuf),
}

/// Which names and paths are left out.
pub struct Rules {
    /// Whether names that start with a dot are entered and listed.
    pub hidden: bool,
    pub ignore: Ignore,
}

/// What is left out besides hidden names.
pub enum Ignore {
    Nothing,
    /// What the ignore files of a folder say: such a folder is handed to the caller.
    Patterns,
    /// What git ignores, as paths from this offset on.
    Git {
        start: usize,
        paths: HashSet<Vec<u8>>,
    },
}

impl Ignore {
    /// Whether a folder with an entry of this name has rules of its own.
    fn has_rules(&self, name: &[u8]) -> bool {
        match self {
            Ignore::Nothing => false,
            Ignore::Patterns => matches!(name, b".git" | b".gitignore" | b".ignore"),
            Ignore::Git { .. } => matches!(name, b".git" | b".ignore"),
        }
    }

    fn ignores(&self, path: &[u8]) -> bool {
        match self {
            Ignore::Git { start, paths } => paths.contains(path.get(*start..).unwrap_or_default()),
            _ => false,
        }
    }
}

/// How many files and folders were left out so far, by reason.
#[derive(Clone, Copy, Default)]
pub struct LeftOut {
    pub hidden: usize,
    pub ignored: usize,
}

pub struct Walk {
    rules: Rules,
    pub left_out: LeftOut,
    /// The folders that are open: the path with a slash at its end, and what remains of them.
    open: Vec<(Vec<u8>, vec::IntoIter<Named>)>,
    root: Option<Vec<u8>>,
}

impl Walk {
    /// Walks a folder whose own rules the caller knows.
    ///
    /// `prefix` is its path with a slash at the end, or nothing for the current folder.
    pub fn new(prefix: OsString, rules: Rules) -> Self {
        Walk {
            rules,
            left_out: LeftOut::default(),
            open: Vec::new(),
            root: Some(prefix.into_vec()),
        }
    }

    /// The entries of a folder by name, and whether it has rules of its own.
    fn list(&self, prefix: &[u8]) -> io::Result<(Vec<Named>, bool)> {
        let path = if prefix.is_empty() { b"." } else { prefix };
        let (mut entries, mut has_rules) = (Vec::new(), false);
        for entry in fs::read_dir(std::ffi::OsStr::from_bytes(path))? {
            let entry = entry?;
            let name = entry.file_name().into_vec();
            has_rules |= name[0] == b'.' && self.rules.ignore.has_rules(&name);
            entries.push((name, entry.file_type()?));
        }
        entries.sort_unstable_by(|(a, _), (b, _)| compare(a, b));
        Ok((entries, has_rules))
    }

    /// Enters a folder if that takes no more than listing it.
    fn enter(&mut self, prefix: Vec<u8>) -> Result<(), Vec<u8>> {
        match self.list(&prefix) {
            Ok((entries, false)) if !entries.is_empty() => {
                self.open.push((prefix, entries.into_iter()));
                Ok(())
            }
            _ => Err(prefix),
        }
    }
}

impl Iterator for Walk {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        if let Some(root) = self.root.take() {
            match self.list(&root) {
                Ok((entries, _)) => self.open.push((root, entries.into_iter())),
                Err(_) => return Some(Entry::Folder(path_of(root))),
            }
        }
        while let Some((prefix, entries)) = self.open.last_mut() {
            let Some((name, kind)) = entries.next() else {
                self.open.pop();
                continue;
            };
            if name == b".git" {
                continue;
            }
            let is_dotted = name[0] == b'.';
            if is_dotted && !self.rules.hidden {
                self.left_out.hidden += 1;
                continue;
            }
            let path = [prefix, &*name].concat();
            if self.rules.ignore.ignores(&path) {
                self.left_out.ignored += 1;
                continue;
            }
            if kind.is_dir() {
                // A dotted one may be temporary, which the caller knows.
                if is_dotted {
                    return Some(Entry::Folder(path_of(path)));
                }
                match self.enter([&*path, b"/"].concat()) {
                    Ok(()) => continue,
                    Err(_) => return Some(Entry::Folder(path_of(path))),
                }
            }
            return Some(if kind.is_file() && !is_dotted {
                Entry::File(path_of(path))
            } else {
                Entry::Other(path_of(path))
            });
        }
        None
    }
}

fn path_of(bytes: Vec<u8>) -> PathBuf {
    OsString::from_vec(bytes).into()
}

/// The order of two names in Python, where a byte that is not UTF-8 is a surrogate.
fn compare(a: &[u8], b: &[u8]) -> Ordering {
    match (str::from_utf8(a), str::from_utf8(b)) {
        // That of the bytes is that of the characters.
        (Ok(_), Ok(_)) => a.cmp(b),
        _ => characters(a).cmp(characters(b)),
    }
}

fn characters(name: &[u8]) -> impl Iterator<Item = u32> {
    name.utf8_chunks().flat_map(|chunk| {
        let valid = chunk.valid().chars().map(u32::from);
        valid.chain(chunk.invalid().iter().map(|&byte| 0xdc00 + u32::from(byte)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::Folder;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::path::Path;

    #[derive(Clone, Debug)]
    enum Node {
        File,
        Folder(BTreeMap<Vec<u8>, Node>),
    }

    fn names() -> impl Strategy<Value = Vec<u8>> {
        let names: [&[u8]; 13] = [
            b"a",
            b"b",
            b"a.txt",
            b"a-",
            b"ab",
            b"A",
            b".a",
            b".git",
            b"\xff",
            b"a\xff",
            b"\xc3",
            "é".as_bytes(),
            "\u{1f600}".as_bytes(),
        ];
        proptest::sample::select(names.map(<[u8]>::to_vec).to_vec())
    }

    fn trees() -> impl Strategy<Value = Node> {
        Just(Node::File).prop_recursive(4, 24, 5, |below| {
            proptest::collection::btree_map(names(), below, 0..5).prop_map(Node::Folder)
        })
    }

    fn make(path: &Path, node: &Node) {
        match node {
            Node::File => fs::write(path, "").unwrap(),
            Node::Folder(nodes) => {
                fs::create_dir(path).unwrap();
                for (name, node) in nodes {
                    make(&path.join(std::ffi::OsStr::from_bytes(name)), node);
                }
            }
        }
    }

    /// A name as Python has it: bytes that are not UTF-8 are surrogates.
    fn in_python(name: &[u8]) -> Vec<u32> {
        let mut remaining = name;
        let mut found = Vec::new();
        while !remaining.is_empty() {
            let whole = (1..=remaining.len().min(4))
                .find_map(|n| Some((n, str::from_utf8(&remaining[..n]).ok()?.chars().next()?)));
            let (n, character) = match whole {
                Some((n, character)) => (n, u32::from(character)),
                None => (1, 0xdc00 + u32::from(remaining[0])),
            };
            found.push(character);
            remaining = &remaining[n..];
        }
        found
    }

    /// What a walk lists, by recursion.
    fn list(
        prefix: &Path,
        nodes: &BTreeMap<Vec<u8>, Node>,
        hidden: bool,
        left: &mut LeftOut,
        found: &mut Vec<Entry>,
    ) {
        let mut sorted: Vec<_> = nodes.iter().filter(|(name, _)| *name != b".git").collect();
        sorted.sort_by_key(|(name, _)| in_python(name));
        for (name, node) in sorted {
            let (path, is_dotted) = (
                prefix.join(std::ffi::OsStr::from_bytes(name)),
                name[0] == b'.',
            );
            match node {
                _ if is_dotted && !hidden => left.hidden += 1,
                Node::File => found.push(if is_dotted {
                    Entry::Other(path)
                } else {
                    Entry::File(path)
                }),
                Node::Folder(below) if is_dotted || below.is_empty() => {
                    found.push(Entry::Folder(path))
                }
                Node::Folder(below) => list(&path, below, hidden, left, found),
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_walk_is_a_recursion_over_sorted_names(
            nodes in proptest::collection::btree_map(names(), trees(), 0..6),
            hidden in any::<bool>(),
        ) {
            let folder = Folder::new();
            let root = folder.path("root");
            make(&root, &Node::Folder(nodes.clone()));
            let (mut left_out, mut expected) = (LeftOut::default(), Vec::new());
            list(&root, &nodes, hidden, &mut left_out, &mut expected);
            let rules = Rules { hidden, ignore: Ignore::Nothing };
            let mut walk = Walk::new(root.join("").into_os_string(), rules);
            let found: Vec<Entry> = walk.by_ref().collect();
            prop_assert_eq!(found, expected);
            prop_assert_eq!(walk.left_out.hidden, left_out.hidden);
        }
    }

    #[test]
    fn what_git_ignores_is_left_out_and_a_folder_with_rules_is_not_entered() {
        let folder = Folder::new();
        for name in ["a", "b", "c", "d"] {
            fs::create_dir(folder.path(name)).unwrap();
            fs::write(folder.path(name).join("x"), "").unwrap();
        }
        fs::write(folder.path("c").join(".ignore"), "").unwrap();
        fs::create_dir(folder.path("d").join(".git")).unwrap();
        let prefix = folder.path("");
        let ignore = Ignore::Git {
            start: prefix.as_os_str().len(),
            paths: [&b"a"[..], b"b/y"].map(<[u8]>::to_vec).into(),
        };
        let mut walk = Walk::new(
            prefix.into(),
            Rules {
                hidden: false,
                ignore,
            },
        );
        let found: Vec<Entry> = walk.by_ref().collect();
        let expected = [
            Entry::File(folder.path("b").join("x")),
            Entry::Folder(folder.path("c")),
            Entry::Folder(folder.path("d")),
        ];
        assert_eq!(found, expected);
        assert_eq!(walk.left_out.ignored, 1);
    }

    #[test]
    fn a_folder_that_is_gone_is_handed_back() {
        let folder = Folder::new();
        let rules = Rules {
            hidden: true,
            ignore: Ignore::Nothing,
        };
        let gone = folder.path("gone/");
        let found: Vec<Entry> = Walk::new(gone.clone().into(), rules).collect();
        assert_eq!(found, [Entry::Folder(gone)]);
    }
}
