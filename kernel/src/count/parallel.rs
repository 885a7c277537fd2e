//! Files on several threads, by a [`pipeline`].
//!
//! The counts of a file's pieces are added up, so that no answer depends on the number of threads.

use crate::bpe::table::OutOfMemory;
use crate::count::byte_level::SplitError;
use crate::count::counter::Counter;
use crate::count::pieces::{Piece, PieceReader};
use crate::count::pipeline::{self, Caller};
use crate::count::tokenizer::Tokenizer;
use crate::text::arrow;
use std::fs::File;
use std::io::{self, Read};
use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// Files above this size, in bytes, are read in pieces that all threads count.
const SHARED: u64 = 4 << 20;
/// Files of about this many bytes are one job, or this many files.
const JOB: u64 = 1 << 18;
const MAX_FILES: usize = 64;

#[derive(Debug)]
pub enum Error {
    /// A file could not be read.
    Io(io::Error),
    /// The bytes from this offset on are not UTF-8.
    Utf8(usize),
    Arrow(arrow::Error),
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

impl From<arrow::Error> for Error {
    fn from(error: arrow::Error) -> Self {
        Error::Arrow(error)
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

fn go_on(keep_going: KeepGoing<'_>) -> Result<(), Error> {
    if keep_going() {
        Ok(())
    } else {
        Err(Error::Interrupted)
    }
}

/// The number of tokens of each file, or why there is none; of text in UTF-8.
///
/// A file is read piece by piece; the pieces of a large one are counted by all threads.
pub fn count_files<P: AsRef<Path> + Sync>(
    tokenizer: &Tokenizer,
    paths: &[P],
    threads: usize,
    keep_going: KeepGoing<'_>,
) -> Result<Vec<Result<usize, Error>>, Error> {
    let mut files = Files {
        paths,
        next: 0,
        may_share: threads != 1,
        large: Vec::new(),
        results: paths.iter().map(|_| Err(Error::Interrupted)).collect(),
        keep_going,
    };
    let count = || {
        let mut counter = Counter::new(tokenizer);
        move |numbers: Vec<usize>, stop: &AtomicBool| {
            let count = |number: usize| {
                let count = |file| count_pieces(&mut counter, file, stop);
                let counted = File::open(&paths[number])
                    .map_err(Error::Io)
                    .and_then(count);
                (number, counted)
            };
            numbers.into_iter().map(count).collect()
        }
    };
    pipeline::run(|| self::threads(threads), &mut files, count)?;
    let Files {
        large,
        mut results,
        keep_going,
        ..
    } = files;
    for number in large {
        results[number] = match File::open(&paths[number]) {
            Err(error) => Err(Error::Io(error)),
            Ok(file) => match count_shared(tokenizer, file, threads, keep_going) {
                Err(Error::Interrupted) => return Err(Error::Interrupted),
                counted => counted,
            },
        };
    }
    Ok(results)
}

/// Has small files counted, some at a time.
struct Files<'a, P> {
    paths: &'a [P],
    next: usize,
    /// Whether several threads may count one file.
    may_share: bool,
    /// The numbers of files that are counted so.
    large: Vec<usize>,
    results: Vec<Result<usize, Error>>,
    keep_going: KeepGoing<'a>,
}

impl<P: AsRef<Path>> Caller<Vec<usize>, Vec<(usize, Result<usize, Error>)>> for Files<'_, P> {
    type Error = Error;

    fn next(&mut self) -> Result<Option<Vec<usize>>, Error> {
        let (mut job, mut job_size) = (Vec::new(), 0);
        while job_size < JOB && job.len() < MAX_FILES {
            let Some(path) = self.paths.get(self.next) else {
                break;
            };
            let size = path.as_ref().metadata().map_or(0, |data| data.len());
            if self.may_share && size > SHARED {
                self.large.push(self.next);
            } else {
                job.push(self.next);
                job_size += size;
            }
            self.next += 1;
        }
        Ok((!job.is_empty()).then_some(job))
    }

    fn take(&mut self, counted: Vec<(usize, Result<usize, Error>)>) -> Result<(), Error> {
        for (number, count) in counted {
            self.results[number] = count;
        }
        Ok(())
    }

    fn keep_going(&mut self) -> Result<(), Error> {
        go_on(self.keep_going)
    }
}

/// Counts a file on one thread, piece by piece, or until told to stop.
fn count_pieces(counter: &mut Counter<'_>, file: File, stop: &AtomicBool) -> Result<usize, Error> {
    let mut pieces = PieceReader::new(file, counter.tokenizer());
    let (mut total, mut spare) = (0, Vec::new());
    while let Some(piece) = pieces.next(std::mem::take(&mut spare))? {
        if stop.load(Ordering::Relaxed) {
            return Err(Error::Interrupted);
        }
        total += counter.count_piece(piece.text()?, piece.is_first)?;
        spare = piece.bytes;
    }
    Ok(total)
}

/// Counts a file on all threads.
fn count_shared(
    tokenizer: &Tokenizer,
    file: File,
    threads: usize,
    keep_going: KeepGoing<'_>,
) -> Result<usize, Error> {
    let mut caller = Pieces {
        reader: PieceReader::new(file, tokenizer),
        spare: Vec::new(),
        total: 0,
        keep_going,
    };
    let count = || {
        let mut counter = Counter::new(tokenizer);
        move |piece: Piece, _: &AtomicBool| {
            let text = piece.text();
            let counted = text.and_then(|text| Ok(counter.count_piece(text, piece.is_first)?));
            (counted, piece.bytes)
        }
    };
    pipeline::run(|| self::threads(threads), &mut caller, count)?;
    Ok(caller.total)
}

/// Has the pieces of a file counted, which it reads.
struct Pieces<'a, R> {
    reader: PieceReader<'a, R>,
    /// Memory of pieces that were counted.
    spare: Vec<Vec<u8>>,
    total: usize,
    keep_going: KeepGoing<'a>,
}

impl<R: Read> Caller<Piece, (Result<usize, Error>, Vec<u8>)> for Pieces<'_, R> {
    type Error = Error;

    fn next(&mut self) -> Result<Option<Piece>, Error> {
        Ok(self.reader.next(self.spare.pop().unwrap_or_default())?)
    }

    fn take(&mut self, (counted, piece): (Result<usize, Error>, Vec<u8>)) -> Result<(), Error> {
        self.spare.push(piece);
        self.total += counted?;
        Ok(())
    }

    fn keep_going(&mut self) -> Result<(), Error> {
        go_on(self.keep_going)
    }
}
