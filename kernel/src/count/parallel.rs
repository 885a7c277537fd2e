//! Many texts, large texts and files on several threads.
//!
//! Each thread takes the next of a list of jobs, and the counts of a text's pieces are added up, so
//! that the answer does not depend on the number of threads.

use crate::bpe::table::OutOfMemory;
use crate::count::counter::Counter;
use crate::count::pieces::{PIECE, PieceReader, pieces, utf8};
use crate::count::tokenizer::{SplitError, Tokenizer};
use std::fs::File;
use std::io::{self, Read};
use std::num::NonZero;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

/// Files above this size, in bytes, are read by all threads together.
const SHARED: u64 = 4 << 20;
/// This many bytes are counted before anyone would want to interrupt it.
const UNINTERRUPTED: usize = 64 << 20;
/// What a text takes besides its bytes, as a number of bytes that are counted meanwhile.
const PER_TEXT: usize = 64;
/// How often a run asks whether to go on.
const TICK: Duration = Duration::from_millis(50);

#[derive(Debug)]
pub enum Error {
    /// A file could not be read.
    Io(io::Error),
    /// The bytes from this offset on are not UTF-8.
    Utf8(usize),
    Split(SplitError),
    Memory,
    Interrupted,
}

impl From<OutOfMemory> for Error {
    fn from(_: OutOfMemory) -> Self {
        Error::Memory
    }
}

impl From<SplitError> for Error {
    fn from(error: SplitError) -> Self {
        Error::Split(error)
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::OutOfMemory => Error::Memory,
            _ => Error::Io(error),
        }
    }
}

/// The number of threads that is asked for: 0 is one for each processor.
pub fn threads(asked: usize) -> usize {
    if asked == 0 {
        thread::available_parallelism().map_or(1, NonZero::get)
    } else {
        asked
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
        let mut started = 0;
        while started < threads.max(1) {
            let (alive, stop, work) = (alive.clone(), &stop, &work);
            let run = move || {
                let _alive = alive;
                work(stop);
            };
            // The system may have no more threads: then those do that there are.
            if thread::Builder::new().spawn_scoped(scope, run).is_err() {
                break;
            }
            started += 1;
        }
        drop(alive);
        if started == 0 {
            work(&stop);
        }
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

pub fn count_texts(
    tokenizer: &Tokenizer,
    texts: &[&str],
    threads: usize,
    keep_going: KeepGoing<'_>,
) -> Result<Vec<usize>, Error> {
    let size: usize = texts.iter().map(|text| text.len()).sum();
    let jobs = if threads <= 1 && size <= UNINTERRUPTED {
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
            let pieces = job.iter().map(|(text, span)| &texts[*text][span.clone()]);
            let mut numbers = job.iter().map(|&(text, _)| text);
            let counted = counter.count_each(pieces, |count| {
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

/// Pieces of texts, by number and span, in groups of about [`PIECE`] bytes.
fn jobs(tokenizer: &Tokenizer, texts: &[&str]) -> Vec<Vec<(usize, Range<usize>)>> {
    let (mut jobs, mut job, mut size) = (Vec::new(), Vec::new(), 0);
    for (number, text) in texts.iter().enumerate() {
        for piece in pieces(tokenizer, text) {
            size += piece.len() + PER_TEXT;
            job.push((number, piece));
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
                let count = |file| {
                    let pieces = Mutex::new(PieceReader::new(file, tokenizer));
                    count_pieces(&mut counter, &pieces, stop)
                };
                *lock(&results[number]) = File::open(&paths[number])
                    .map_err(Error::Io)
                    .and_then(count);
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
        Mutex::new(PieceReader::new(file, tokenizer)),
        AtomicUsize::new(0),
    );
    let failed = Mutex::new(None);
    on_threads(threads, keep_going, |stop| {
        match count_pieces(&mut Counter::new(tokenizer), &pieces, stop) {
            Ok(count) => _ = total.fetch_add(count, Ordering::Relaxed),
            Err(error) => {
                // The error that is first in the file, whichever thread met it first.
                lock(&pieces).stop();
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

/// Counts pieces until there are no more, or until told to stop.
fn count_pieces<R: Read>(
    counter: &mut Counter<'_>,
    pieces: &Mutex<PieceReader<R>>,
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

/// A lock that outlives a panic on another thread: what is inside is only added to.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
