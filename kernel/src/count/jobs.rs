//! What a thread counts or encodes at a time: consecutive texts, or pieces of a large one.
//!
//! A job has the texts as they were given. Whether bytes are UTF-8 is checked, and code points are
//! converted, by the thread that does the job.

use crate::bpe::table::try_vec;
use crate::count::counter::Counter;
use crate::count::counts::spans;
use crate::count::ids::encoder::Encoder;
use crate::count::ids::lists::{Lists, Shape};
use crate::count::parallel::{Error, threads};
use crate::count::pieces::{PIECE, piece_end};
use crate::count::tokenizer::Tokenizer;
use crate::text::arrow;
use crate::text::code_points::push_utf8;
use std::ops::Range;
use std::str;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The bytes of the smallest job: what takes several times as long as to start a thread.
const SMALLEST: usize = 1 << 16;
/// A job is at most this fraction of all before it, for each thread: they then end at almost the same
/// time, and a large batch has few jobs.
const FRACTION: usize = 32;
/// The bytes of the smallest piece of a text that is encoded or counted in pieces.
const SMALLEST_PIECE: usize = 4 * SMALLEST;
/// The longest text that is in code points; a longer one would be a large one.
pub const MAX_CODE_POINTS: usize = SMALLEST_PIECE;
/// What a text takes besides its bytes, as a number of bytes that are counted meanwhile.
const PER_TEXT: usize = 64;

/// A text, as it was given.
pub enum Text<'a> {
    Utf8(&'a str),
    /// A span of a text that nobody else owns.
    Shared(Arc<String>, Range<usize>),
    /// The text of the row of this number, which may not be UTF-8.
    Bytes(usize, &'a [u8]),
    /// The next code points of the job, this many, at most [`MAX_CODE_POINTS`].
    CodePoints(usize),
    Null,
}

impl Text<'_> {
    /// Its bytes; of code points about as many.
    fn len(&self) -> usize {
        match self {
            Text::Utf8(text) => text.len(),
            Text::Shared(_, span) => span.len(),
            Text::Bytes(_, bytes) => bytes.len(),
            Text::CodePoints(length) => 2 * length,
            Text::Null => 0,
        }
    }
}

#[derive(Default)]
pub struct Job<'a> {
    texts: Vec<Text<'a>>,
    code_points: Vec<u32>,
    /// Of which text these are all or some.
    extent: Extent,
    /// Whether it is a piece of a text that starts before it.
    continues: bool,
}

/// Whether a job has whole texts, or a piece of one.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum Extent {
    #[default]
    Texts,
    Piece,
    LastPiece,
}

/// Makes jobs of texts that come one after another.
pub struct Jobs<'t, 'a> {
    tokenizer: &'t Tokenizer,
    /// The number of threads that was asked for, and what that means once it is needed.
    asked: usize,
    threads: Option<usize>,
    /// The bytes of all jobs so far, about.
    size: usize,
    /// A large text, or what is left of it.
    large: Option<Text<'a>>,
    /// Whether pieces of it are in jobs.
    is_open: bool,
}

impl<'t, 'a> Jobs<'t, 'a> {
    /// For this many threads; 0 is one for each processor.
    pub fn new(tokenizer: &'t Tokenizer, threads: usize) -> Self {
        Jobs {
            tokenizer,
            asked: threads,
            threads: None,
            size: 0,
            large: None,
            is_open: false,
        }
    }

    /// The next job, of the texts that `next` returns until there are no more. Those of code points
    /// it puts into the vector.
    pub fn next<E: From<Error>>(
        &mut self,
        mut next: impl FnMut(&mut Vec<u32>) -> Result<Option<Text<'a>>, E>,
    ) -> Result<Option<Job<'a>>, E> {
        if let Some(text) = self.large.take() {
            return Ok(Some(self.piece(text)?));
        }
        let (mut job, mut size, goal) = (Job::default(), 0, self.goal());
        while size < goal {
            let Some(text) = next(&mut job.code_points)? else {
                break;
            };
            if text.len() > 2 * SMALLEST_PIECE {
                // In jobs of its own.
                if job.texts.is_empty() {
                    return Ok(Some(self.piece(text)?));
                }
                self.large = Some(text);
                break;
            }
            size += text.len() + PER_TEXT;
            job.texts.push(text);
        }
        self.size += size;
        Ok((!job.texts.is_empty()).then_some(job))
    }

    /// The bytes of all texts so far, about.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The bytes that a job should have.
    fn goal(&mut self) -> usize {
        if self.size / FRACTION <= SMALLEST {
            return SMALLEST;
        }
        let asked = self.asked;
        let threads = *self.threads.get_or_insert_with(|| threads(asked));
        (self.size / FRACTION / threads).clamp(SMALLEST, PIECE)
    }

    /// The next piece of a large text, the rest of which is kept.
    fn piece(&mut self, text: Text<'a>) -> Result<Job<'a>, Error> {
        let size = self.goal().max(SMALLEST_PIECE);
        let text = match text {
            Text::Bytes(row, bytes) => Text::Utf8(row_utf8(row, bytes)?),
            other => other,
        };
        let (piece, rest) = match text {
            Text::Utf8(text) => {
                let (piece, rest) = text.split_at(piece_end(self.tokenizer, text, size));
                (Text::Utf8(piece), Text::Utf8(rest))
            }
            Text::Shared(text, span) => {
                let end = span.start + piece_end(self.tokenizer, &text[span.clone()], size);
                let piece = Text::Shared(Arc::clone(&text), span.start..end);
                (piece, Text::Shared(text, end..span.end))
            }
            other => (other, Text::Null),
        };
        self.size += piece.len();
        self.large = (rest.len() > 0).then_some(rest);
        let continues = std::mem::replace(&mut self.is_open, self.large.is_some());
        Ok(Job {
            continues,
            texts: vec![piece],
            code_points: Vec::new(),
            extent: match self.large {
                Some(_) => Extent::Piece,
                None => Extent::LastPiece,
            },
        })
    }
}

impl Job<'_> {
    /// The texts, None for a null; those of code points are converted into `utf8`.
    fn texts<'b>(&'b self, utf8: &'b mut String) -> Result<Vec<Option<&'b str>>, Error> {
        utf8.clear();
        let (mut rest, mut ends) = (&self.code_points[..], Vec::new());
        for text in &self.texts {
            if let Text::CodePoints(length) = text {
                let (code_points, after) = rest.split_at(*length);
                push_utf8(code_points, utf8);
                ends.push(utf8.len());
                rest = after;
            }
        }
        let mut converted = spans(0, &ends).map(|(start, end)| &utf8[start..end]);
        let text = |text: &'b Text<'_>| {
            Ok(match text {
                Text::Utf8(text) => Some(*text),
                Text::Shared(text, span) => Some(&text[span.clone()]),
                Text::Bytes(row, bytes) => Some(row_utf8(*row, bytes)?),
                Text::CodePoints(_) => converted.next(),
                Text::Null => None,
            })
        };
        self.texts.iter().map(text).collect()
    }
}

fn row_utf8(row: usize, bytes: &[u8]) -> Result<&str, Error> {
    str::from_utf8(bytes).map_err(|_| arrow::Error::Utf8(row).into())
}

/// The number of tokens of each text of a job.
pub struct Counted {
    pub counts: Vec<usize>,
    pub extent: Extent,
}

/// What counts one job after another.
pub fn counting<'a>(
    tokenizer: &Tokenizer,
) -> impl FnMut(Job<'a>, &AtomicBool) -> Result<Counted, Error> {
    let (mut counter, mut utf8) = (Counter::new(tokenizer), String::new());
    move |job, _| {
        let mut counts = try_vec(job.texts.len())?;
        let texts = job.texts(&mut utf8)?;
        let mut texts = texts.into_iter().map(Option::unwrap_or_default);
        match job.extent {
            Extent::Texts => counter.count_each(texts, |count| counts.push(count))?,
            _ => texts.try_for_each(|piece| {
                counts.push(counter.count_piece(piece, !job.continues)?);
                Ok::<_, Error>(())
            })?,
        }
        Ok(Counted {
            counts,
            extent: job.extent,
        })
    }
}

/// Adds up the counts of the pieces of large texts.
#[derive(Default)]
pub struct Counts {
    open: usize,
}

impl Counts {
    /// The numbers of tokens of the texts that a job has the ends of.
    pub fn of(&mut self, counted: Counted) -> Vec<usize> {
        let Counted { mut counts, extent } = counted;
        if extent != Extent::Texts {
            self.open += counts.iter().sum::<usize>();
            counts.clear();
            if extent == Extent::LastPiece {
                counts.push(std::mem::take(&mut self.open));
            }
        }
        counts
    }
}

/// What encodes one job after another: texts into lists, a piece of one into a list of its ids.
pub fn encoding<'a>(
    tokenizer: &Tokenizer,
    shape: &Shape,
) -> impl FnMut(Job<'a>, &AtomicBool) -> Result<(Lists, Extent), Error> {
    let (mut encoder, mut utf8) = (Encoder::new(tokenizer), String::new());
    let plain = Shape::default();
    move |job, _| {
        let shape = if job.extent == Extent::Texts {
            shape
        } else {
            &plain
        };
        let texts = job.texts(&mut utf8)?;
        let bytes: usize = texts.iter().flatten().map(|text| text.len()).sum();
        let mut lists = Lists::new(texts.len(), bytes)?;
        for text in texts {
            match text {
                Some(text) => {
                    let start = lists.begin(shape)?;
                    encoder.encode_piece(text, !job.continues, &mut lists.ids)?;
                    lists.finish(shape, start)?;
                }
                None => lists.push_null()?,
            }
        }
        lists.ids.shrink_to_fit();
        Ok((lists, job.extent))
    }
}
