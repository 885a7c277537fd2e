//! Much text, many threads: large texts in pieces, many texts, files.
//!
//! Whatever is split is split where [`is_safe_split`] allows it, and the pieces' counts are added up, so the
//! answer does not depend on the number of threads.

use crate::count::tokenizer::{Counter, SplitError, Tokenizer};
use crate::split::safe_split::{is_safe_split, last_safe_split};
use std::fs::File;
use std::io::{self, Read};
use std::num::NonZero;
use std::ops::Range;
use std::path::Path;
use std::str;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

/// The size of the pieces of large texts and files, in bytes.
pub const PIECE: usize = 1 << 20;
/// A byte order mark, which at the start of a file is no part of its text.
const MARK: &[u8] = "\u{feff}".as_bytes();
/// Files above this size are read by all threads together.
const SHARED: u64 = 4 << 20;
/// So many bytes are counted before anyone would want to interrupt it.
const SOON: usize = 64 << 20;
/// How often a run asks whether it is to go on.
const TICK: Duration = Duration::from_millis(50);

/// Why something was not counted.
#[derive(Debug)]
pub enum Error {
    /// A file could not be read.
    Io(io::Error),
    /// The bytes from this place on are not UTF-8.
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

/// Whether to go on, asked now and then on the thread that called.
pub type KeepGoing<'a> = &'a mut dyn FnMut() -> bool;

/// Runs `work` on some threads until it returns on each, and tells it when to stop early.
fn on_threads(
    threads: usize,
    keep_going: KeepGoing<'_>,
    work: impl Fn(&AtomicBool) + Sync,
) -> Result<(), Error> {
    let stop = AtomicBool::new(false);
    let (alive, ended) = mpsc::channel::<()>();
    thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            let (alive, stop, work) = (alive.clone(), &stop, &work);
            scope.spawn(move || {
                let _alive = alive;
                work(stop);
            });
        }
        drop(alive);
        while ended.recv_timeout(TICK) == Err(mpsc::RecvTimeoutError::Timeout) {
            if !keep_going() {
                stop.store(true, Ordering::Relaxed);
            }
        }
    });
    if stop.into_inner() {
        Err(Error::Interrupted)
    } else {
        Ok(())
    }
}

/// The number of tokens of each text.
pub fn count_texts(
    tokenizer: &Tokenizer,
    texts: &[&str],
    threads: usize,
    keep_going: KeepGoing<'_>,
) -> Result<Vec<usize>, Error> {
    let size: usize = texts.iter().map(|text| text.len()).sum();
    let jobs = if threads <= 1 && size <= SOON {
        Vec::new()
    } else {
        jobs(tokenizer, texts)
    };
    if jobs.len() <= 1 {
        let mut counter = Counter::new(tokenizer);
        let mut counts = Vec::with_capacity(texts.len());
        counter.count_each(texts.iter().copied(), |count| counts.push(count))?;
        return Ok(counts);
    }
    let next = AtomicUsize::new(0);
    let totals: Vec<AtomicUsize> = texts.iter().map(|_| AtomicUsize::new(0)).collect();
    let failed = Mutex::new(None);
    on_threads(threads.min(jobs.len()), keep_going, |stop| {
        let mut counter = Counter::new(tokenizer);
        while !stop.load(Ordering::Relaxed) {
            let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) else {
                break;
            };
            let parts = job.iter().map(|(text, part)| &texts[*text][part.clone()]);
            let mut numbers = job.iter().map(|&(text, _)| text);
            let counted = counter.count_each(parts, |count| {
                if let Some(total) = numbers.next().map(|number| &totals[number]) {
                    total.fetch_add(count, Ordering::Relaxed);
                }
            });
            if let Err(error) = counted {
                return *lock(&failed) = Some(error);
            }
        }
    })?;
    match lock(&failed).take() {
        Some(error) => Err(error.into()),
        None => Ok(totals.into_iter().map(AtomicUsize::into_inner).collect()),
    }
}

/// Parts of texts, by number and range, in groups of about [`PIECE`] bytes.
fn jobs(tokenizer: &Tokenizer, texts: &[&str]) -> Vec<Vec<(usize, Range<usize>)>> {
    let (mut jobs, mut job, mut size) = (Vec::new(), Vec::new(), 0);
    for (number, text) in texts.iter().enumerate() {
        for part in parts(tokenizer, text) {
            size += part.len() + 64;
            job.push((number, part));
            if size >= PIECE {
                jobs.push(std::mem::take(&mut job));
                size = 0;
            }
        }
    }
    if !job.is_empty() {
        jobs.push(job);
    }
    jobs
}

/// A text in parts of about [`PIECE`] bytes that may be counted apart.
fn parts(tokenizer: &Tokenizer, text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let (mut parts, mut start) = (Vec::new(), 0);
    while tokenizer.pattern().is_some() && bytes.len() - start > 2 * PIECE {
        let goal = start + PIECE;
        let at = last_safe_split(&bytes[..=goal], start)
            .or_else(|| (goal..bytes.len()).find(|&at| is_safe_split(bytes, at)));
        let Some(at) = at else { break };
        parts.push(start..at);
        start = at;
    }
    parts.push(start..text.len());
    parts
}

/// The number of tokens of each file, or why there is none; of text in UTF-8.
///
/// A file is read piece by piece, and a large one by all threads, one piece each.
pub fn count_files<P: AsRef<Path> + Sync>(
    tokenizer: &Tokenizer,
    paths: &[P],
    threads: usize,
    keep_going: KeepGoing<'_>,
) -> Result<Vec<Result<usize, Error>>, Error> {
    let size = |path: &P| path.as_ref().metadata().map_or(0, |data| data.len());
    let (large, small): (Vec<usize>, Vec<usize>) =
        (0..paths.len()).partition(|&number| threads > 1 && size(&paths[number]) > SHARED);
    let results: Vec<_> = paths
        .iter()
        .map(|_| Mutex::new(Err(Error::Interrupted)))
        .collect();
    let next = AtomicUsize::new(0);
    if !small.is_empty() {
        on_threads(threads.min(small.len()), keep_going, |stop| {
            let mut counter = Counter::new(tokenizer);
            while let Some(&number) = small.get(next.fetch_add(1, Ordering::Relaxed)) {
                let result = File::open(&paths[number])
                    .map_err(Error::Io)
                    .and_then(|file| {
                        let pieces = Mutex::new(Pieces::new(file, tokenizer));
                        count_pieces(&mut counter, &pieces, stop)
                    });
                *lock(&results[number]) = result;
            }
        })?;
    }
    for number in large {
        let result = match File::open(&paths[number]) {
            Err(error) => Err(Error::Io(error)),
            Ok(file) => count_shared(tokenizer, file, threads, keep_going)?,
        };
        *lock(&results[number]) = result;
    }
    let unlock = |result: Mutex<_>| result.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(results.into_iter().map(unlock).collect())
}

/// Counts a file on all threads; the outer error is an interruption.
fn count_shared(
    tokenizer: &Tokenizer,
    file: File,
    threads: usize,
    keep_going: KeepGoing<'_>,
) -> Result<Result<usize, Error>, Error> {
    let (pieces, total) = (
        Mutex::new(Pieces::new(file, tokenizer)),
        AtomicUsize::new(0),
    );
    let failed = Mutex::new(None);
    on_threads(threads, keep_going, |stop| {
        match count_pieces(&mut Counter::new(tokenizer), &pieces, stop) {
            Ok(count) => _ = total.fetch_add(count, Ordering::Relaxed),
            Err(error) => {
                // The fault that is met first in the file, whichever thread met it first.
                lock(&pieces).exhausted = true;
                let mut failed = lock(&failed);
                match (&*failed, &error) {
                    (Some(Error::Utf8(known)), Error::Utf8(new)) if known <= new => {}
                    _ => *failed = Some(error),
                }
            }
        }
    })?;
    Ok(match lock(&failed).take() {
        Some(error) => Err(error),
        None => Ok(total.into_inner()),
    })
}

/// Counts pieces until there are no more, or until it is to stop.
fn count_pieces<R: Read>(
    counter: &mut Counter<'_>,
    pieces: &Mutex<Pieces<R>>,
    stop: &AtomicBool,
) -> Result<usize, Error> {
    let (mut total, mut piece) = (0, Vec::new());
    while !stop.load(Ordering::Relaxed) {
        let Some(offset) = lock(pieces).next(&mut piece)? else {
            return Ok(total);
        };
        total += counter.count(utf8(&piece, offset)?)?;
    }
    Err(Error::Interrupted)
}

/// The text that bytes are, which are at this offset of a whole.
pub fn utf8(bytes: &[u8], offset: usize) -> Result<&str, Error> {
    str::from_utf8(bytes).map_err(|error| Error::Utf8(offset + error.valid_up_to()))
}

/// What can be read, in pieces that may be counted apart.
pub struct Pieces<R> {
    reader: R,
    /// What was read but is not in a piece yet.
    rest: Vec<u8>,
    offset: usize,
    may_cut: bool,
    exhausted: bool,
}

impl<R: Read> Pieces<R> {
    /// The pieces of what a reader reads.
    pub fn new(reader: R, tokenizer: &Tokenizer) -> Self {
        let may_cut = tokenizer.pattern().is_some();
        Pieces {
            reader,
            rest: Vec::new(),
            offset: 0,
            may_cut,
            exhausted: false,
        }
    }

    /// Puts the next piece into the buffer, and returns where it is in the whole; None at the end.
    ///
    /// A piece has about [`PIECE`] bytes, more only where the text has no place to cut it.
    fn next(&mut self, piece: &mut Vec<u8>) -> io::Result<Option<usize>> {
        piece.clear();
        piece.append(&mut self.rest);
        let mut searched = 0;
        while !self.exhausted {
            let goal = (PIECE + 1).max(2 * piece.len());
            let wanted = goal - piece.len();
            let read = self
                .reader
                .by_ref()
                .take(wanted as u64)
                .read_to_end(piece)?;
            self.exhausted = read < wanted;
            if self.exhausted || !self.may_cut {
                continue;
            }
            if let Some(at) = last_safe_split(piece, searched) {
                self.rest.extend_from_slice(&piece[at..]);
                piece.truncate(at);
                break;
            }
            searched = piece.len() - 1;
        }
        let mut offset = self.offset;
        self.offset += piece.len();
        if offset == 0 && piece.starts_with(MARK) {
            piece.drain(..MARK.len());
            offset = MARK.len();
        }
        Ok((!piece.is_empty()).then_some(offset))
    }
}

/// A lock that a panic on another thread does not spoil: what is inside is only added to.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
