//! Much text, many threads: large texts in pieces, many texts, files.
//!
//! Whatever is split is split where [`crate::pretokenize::is_cut`] allows it, and the pieces' counts
//! are added up, so the answer does not depend on the number of threads.

use crate::pretokenize::{is_cut, last_cut};
use crate::tokenizer::{SplitError, Tokenizer};
use std::fs::File;
use std::io::{self, Read};
use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

/// The size of the pieces of large texts and files, in bytes.
const PIECE: usize = 1 << 20;
/// How often a run that can be interrupted asks whether it is.
const TICK: Duration = Duration::from_millis(50);

/// Why something was not counted.
#[derive(Debug)]
pub enum Error {
    /// A file could not be read.
    Io(io::Error),
    /// The bytes from this offset on are not UTF-8.
    Utf8(usize),
    /// The split pattern gave up.
    Split(SplitError),
    /// The caller asked to stop.
    Interrupted,
}

impl From<SplitError> for Error {
    fn from(error: SplitError) -> Self {
        Error::Split(error)
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Error::Io(error)
    }
}

/// The number of threads that is meant: 0 is one for each processor.
pub fn threads(asked: usize) -> usize {
    match asked {
        0 => thread::available_parallelism().map_or(1, NonZero::get),
        asked => asked,
    }
}

/// Does each job on one of some threads, and returns the results in order.
///
/// `keep_going` is asked now and then, on the calling thread; when it says no, jobs that were not
/// started are left, and the result is [`Error::Interrupted`].
fn run<T: Send>(
    jobs: usize,
    threads: usize,
    keep_going: &mut dyn FnMut() -> bool,
    job: impl Fn(usize) -> T + Sync,
) -> Result<Vec<T>, Error> {
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (sender, receiver) = mpsc::channel();
    let mut results: Vec<Option<T>> = (0..jobs).map(|_| None).collect();
    thread::scope(|scope| {
        for _ in 0..threads.min(jobs) {
            let (sender, next, stop, job) = (sender.clone(), &next, &stop, &job);
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= jobs || sender.send((number, job(number))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        loop {
            match receiver.recv_timeout(TICK) {
                Ok((number, result)) => results[number] = Some(result),
                Err(mpsc::RecvTimeoutError::Timeout) if !keep_going() => {
                    stop.store(true, Ordering::Relaxed);
                }
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
            }
        }
    });
    results.into_iter().collect::<Option<_>>().ok_or(Error::Interrupted)
}


/// The places at which to cut a text into pieces of about `size` bytes.
pub fn cuts(text: &[u8], size: usize) -> Vec<usize> {
    let (mut cuts, mut start) = (Vec::new(), 0);
    while text.len() - start > size {
        let goal = start + size;
        let found = last_cut(&text[..goal + 1], start)
            .or_else(|| (goal + 1..text.len()).find(|&at| is_cut(text, at)));
        let Some(at) = found else { break };
        cuts.push(at);
        start = at;
    }
    cuts
}
