//! Threads that read the files of one batch after another, and do something with their texts.
//!
//! The caller adds batches and takes their outcomes in the same order, so that it can do its own
//! part, which is a good third of the work, while others are read. Each thread takes the next
//! file of the oldest batch that has one. What waits is what the caller has added.
//!
//! Started for each batch anew, as `count/parallel.rs` does for one call, the threads would have
//! nothing to do while the caller works.

use crate::count::counter::Counter;
use crate::count::tokenizer::Tokenizer;
use crate::files::content::{Content, Contents};
use crate::files::head::Plain;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How often the caller asks whether to go on while it waits, or reads itself.
const TICK: Duration = Duration::from_millis(50);

/// What is done with the text of a file.
pub trait Work: Send + Sync + 'static {
    type Result: Send + Sync;

    /// What comes of a text; None if it is left to the caller.
    fn result(&self, text: &str) -> Option<Self::Result>;
}

/// It is counted: its size in bytes, and its tokens for each tokenizer.
pub struct Counting<T>(pub Vec<T>);

impl<T: AsRef<Tokenizer> + Send + Sync + 'static> Work for Counting<T> {
    type Result = (usize, Box<[usize]>);

    fn result(&self, text: &str) -> Option<Self::Result> {
        let count = |each: &T| Counter::new(each.as_ref()).count(text).ok();
        let counts: Option<_> = self.0.iter().map(count).collect();
        Some((text.len(), counts?))
    }
}

/// It is kept until the caller has it, as far as that is within a number of bytes.
pub struct Keeping {
    capacity: usize,
    held: Arc<AtomicUsize>,
}

impl Keeping {
    pub fn new(capacity: usize) -> Self {
        let held = Arc::default();
        Keeping { capacity, held }
    }
}

impl Work for Keeping {
    type Result = Kept;

    fn result(&self, text: &str) -> Option<Self::Result> {
        let before = self.held.fetch_add(text.len(), Ordering::Relaxed);
        if before.saturating_add(text.len()) > self.capacity {
            self.held.fetch_sub(text.len(), Ordering::Relaxed);
            return None;
        }
        Some(Kept {
            text: text.into(),
            held: Arc::clone(&self.held),
        })
    }
}

/// A text that is kept.
pub struct Kept {
    pub text: Box<str>,
    held: Arc<AtomicUsize>,
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.held.fetch_sub(self.text.len(), Ordering::Relaxed);
    }
}

/// What became of a file.
pub enum Outcome<R> {
    /// It is text, and that came of it.
    Text(R),
    /// It is not plainly text, and starts with these bytes.
    Head(Box<[u8]>),
    /// Nothing is known of it.
    Unknown,
}

/// Which files are read.
pub struct Selection {
    pub plain: Plain,
    /// Files of this size, in bytes, are left to the caller.
    pub limit: usize,
}

struct Batch<R> {
    paths: Vec<PathBuf>,
    /// The number of the next file, and of files that are not done.
    next: AtomicUsize,
    remaining: AtomicUsize,
    outcomes: Box<[OnceLock<Outcome<R>>]>,
}

impl<R> Batch<R> {
    fn new(paths: Vec<PathBuf>) -> Self {
        Batch {
            next: AtomicUsize::new(0),
            remaining: AtomicUsize::new(paths.len()),
            outcomes: paths.iter().map(|_| OnceLock::new()).collect(),
            paths,
        }
    }

    fn is_done(&self) -> bool {
        self.remaining.load(Ordering::Acquire) == 0
    }
}

struct Shared<W: Work> {
    work: W,
    selection: Selection,
    /// Batches that may have a file that nobody has taken yet.
    waiting: Mutex<VecDeque<Arc<Batch<W::Result>>>>,
    added: Condvar,
    done: Condvar,
    stop: AtomicBool,
}

impl<W: Work> Shared<W> {
    /// Reads the next file of a batch; false if there is none that nobody has taken.
    fn read_next(&self, batch: &Batch<W::Result>, contents: &mut Contents) -> bool {
        let number = batch.next.fetch_add(1, Ordering::Relaxed);
        let (Some(path), Some(outcome)) = (batch.paths.get(number), batch.outcomes.get(number))
        else {
            return false;
        };
        outcome.get_or_init(|| self.outcome(path, contents));
        if batch.remaining.fetch_sub(1, Ordering::AcqRel) == 1 {
            // Under the lock, or it would be missed by one that is about to wait.
            let _waiting = lock(&self.waiting);
            self.done.notify_all();
        }
        true
    }

    fn outcome(&self, path: &Path, contents: &mut Contents) -> Outcome<W::Result> {
        let Selection { plain, limit } = &self.selection;
        match contents.read(path, plain, *limit) {
            Content::Text(text) => match self.work.result(text) {
                Some(result) => Outcome::Text(result),
                None => Outcome::Unknown,
            },
            Content::Head(head) => Outcome::Head(head.into()),
            Content::Unknown => Outcome::Unknown,
        }
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn run(&self) {
        let _stop = StopIfPanicking(&self.stop);
        let mut contents = Contents::default();
        while let Some(batch) = self.next_batch() {
            while !self.is_stopped() && self.read_next(&batch, &mut contents) {}
        }
    }

    /// The oldest batch with files to read, once there is one; None if it is time to end.
    fn next_batch(&self) -> Option<Arc<Batch<W::Result>>> {
        let mut waiting = lock(&self.waiting);
        while !self.is_stopped() {
            match waiting.front() {
                Some(batch) if batch.next.load(Ordering::Relaxed) < batch.paths.len() => {
                    return Some(Arc::clone(batch));
                }
                Some(_) => _ = waiting.pop_front(),
                None => {
                    waiting = self
                        .added
                        .wait(waiting)
                        .unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
        None
    }
}

/// Ends the run rather than leaving a file that nobody finishes.
struct StopIfPanicking<'s>(&'s AtomicBool);

impl Drop for StopIfPanicking<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

/// Reads batches of files, on some threads and in order.
pub struct FilePool<W: Work> {
    shared: Arc<Shared<W>>,
    batches: VecDeque<Arc<Batch<W::Result>>>,
    threads: usize,
    /// Files that were added.
    files: usize,
    running: Vec<JoinHandle<()>>,
    /// For the calling thread, if there is no other.
    contents: Contents,
}

impl<W: Work> FilePool<W> {
    /// A pool that starts up to so many threads, one for each file at most; none if one is enough.
    pub fn new(work: W, selection: Selection, threads: usize) -> Self {
        FilePool {
            shared: Arc::new(Shared {
                work,
                selection,
                waiting: Mutex::default(),
                added: Condvar::new(),
                done: Condvar::new(),
                stop: AtomicBool::new(false),
            }),
            batches: VecDeque::new(),
            threads,
            files: 0,
            running: Vec::new(),
            contents: Contents::default(),
        }
    }

    /// Has a batch of files read, after those that were added before.
    pub fn add(&mut self, paths: Vec<PathBuf>) {
        self.files += paths.len();
        let batch = Arc::new(Batch::new(paths));
        self.batches.push_back(Arc::clone(&batch));
        if self.threads > 1 {
            lock(&self.shared.waiting).push_back(batch);
            self.start();
            self.shared.added.notify_all();
        }
    }

    fn start(&mut self) {
        let wanted = if self.files > 1 {
            self.threads.min(self.files)
        } else {
            0
        };
        while self.running.len() < wanted {
            let shared = Arc::clone(&self.shared);
            match thread::Builder::new().spawn(move || shared.run()) {
                Ok(thread) => self.running.push(thread),
                // The system may have no more threads: then those do that there are.
                Err(_) => return self.threads = self.running.len().max(1),
            }
        }
    }

    /// The oldest batch, once all of its files are done; None if there is none, or it was not worth
    /// waiting for.
    pub fn next(&mut self, mut keep_going: impl FnMut() -> bool) -> Option<Done<W::Result>> {
        let batch = self.batches.pop_front()?;
        if self.running.is_empty() {
            self.read_here(&batch, &mut keep_going);
        }
        let mut waiting = lock(&self.shared.waiting);
        while !batch.is_done() {
            if self.shared.is_stopped() {
                return None;
            }
            let waited = self.shared.done.wait_timeout(waiting, TICK);
            let (again, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            waiting = again;
            if timeout.timed_out() {
                drop(waiting);
                if !keep_going() {
                    self.shared.stop.store(true, Ordering::Relaxed);
                }
                waiting = lock(&self.shared.waiting);
            }
        }
        drop(waiting);
        Some(Done(batch))
    }

    /// Reads the files of a batch on the calling thread.
    fn read_here(&mut self, batch: &Batch<W::Result>, keep_going: &mut impl FnMut() -> bool) {
        let mut asked = Instant::now();
        while self.shared.read_next(batch, &mut self.contents) {
            if asked.elapsed() < TICK {
                continue;
            }
            if !keep_going() {
                return self.shared.stop.store(true, Ordering::Relaxed);
            }
            asked = Instant::now();
        }
    }
}

/// A batch of which every file is done.
pub struct Done<R>(Arc<Batch<R>>);

impl<R> Done<R> {
    /// What became of each file.
    pub fn outcomes(&self) -> impl Iterator<Item = &Outcome<R>> {
        self.0.outcomes.iter().filter_map(OnceLock::get)
    }
}

impl<W: Work> Drop for FilePool<W> {
    /// Waits for the files that are being read, of which there is one on each thread.
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        drop(lock(&self.shared.waiting).drain(..));
        self.shared.added.notify_all();
        for thread in self.running.drain(..) {
            _ = thread.join();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::files::tests::Folder;
    use std::fs;

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let folder = Folder::new();
        let paths: Vec<_> = (0..9).map(|n| folder.path(&n.to_string())).collect();
        for path in &paths {
            fs::write(path, "ten bytes.").unwrap();
        }
        let plain = Plain::new([], b"\0", 8192);
        let selection = Selection { plain, limit: 100 };
        let mut pool = FilePool::new(Keeping::new(35), selection, 1);
        for _ in 0..2 {
            pool.add(paths.clone());
            let done = pool.next(|| true).unwrap();
            let kept = done.outcomes().filter(|each| match each {
                Outcome::Text(kept) => &*kept.text == "ten bytes.",
                _ => false,
            });
            assert_eq!(kept.count(), 3);
        }
    }
}
