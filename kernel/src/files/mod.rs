//! Many files at once: what a count of a whole tree, or reading it, spends its time on.
//!
//! In reading order: `walk` finds the files below a folder; [`head`] says whether bytes are plainly
//! text in UTF-8, by what a file starts with; [`content`] opens and reads one file; [`pool`] has
//! threads read the files of one batch after another, in order, and count or keep their texts.
//!
//! Nothing here decides what a file is that is not plainly text. Other charsets, binary formats,
//! notebooks, and whatever cannot be opened are handed back, to be read or refused by those that
//! know: `ctxtools/documents/`. So there is one home for these rules, and the tables that this
//! needs of them are arguments.
//!
//! The walks of ripgrep's `ignore` crate were considered, and are no dependency. Its parallel walk
//! has no order, so that all paths of a tree would be held and sorted before the first file could be
//! counted, where here what is held is bounded by the folders that are open. Its sequential walk has
//! an order, but then is on one thread as this one is, and listing is a small part of the work: what
//! takes threads is reading and counting, which the pool does meanwhile. Its rules are ripgrep's
//! reading of `.gitignore` patterns, while git itself is asked here where there is a repository: of
//! tracked files, of nested repositories and submodules, of `core.excludesFile`. And a walk of its
//! has no point at which a folder is handed to a caller that knows more.

pub mod content;
pub mod head;
pub mod pool;
#[cfg(unix)]
pub mod walk;

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::{env, fs, process};

    /// A folder for one test, which is removed after it.
    pub struct Folder(PathBuf);

    impl Folder {
        pub fn new() -> Self {
            static NUMBER: AtomicUsize = AtomicUsize::new(0);
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let name = format!("ctxtools-files-{}-{number}", process::id());
            let path = env::temp_dir().join(name);
            fs::create_dir(&path).unwrap();
            Folder(path)
        }

        pub fn path(&self, name: &str) -> PathBuf {
            self.0.join(name)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            _ = fs::remove_dir_all(&self.0);
        }
    }
}
