//! The syntax tree of a text.

use super::Error;
use std::ops::ControlFlow;
use std::time::Duration;
use tree_sitter::{Language, ParseOptions, ParseState, Parser, Tree};

// A tree-sitter parser takes more than linear time and memory on some texts that are not code (12 kB
// of "->#" as Go: 13 s; 400 kB of "a<" as C++: 1 GB). It reports its progress every 100 steps: some
// 5 times for 1,000 bytes of code, and at most 25 times in 125 MB of it. Counted are steps rather
// than seconds, so that the same text has the same blocks on every machine. What a long comment
// saves is not for the code after it: the budget is never above the first number.
const REPORTS: f64 = 500.0;
const REPORTS_PER_BYTE: f64 = 0.04;
const SECONDS: f64 = 0.5; // 20 times what code needs, since steps differ
const SECONDS_PER_BYTE: f64 = 4e-6;

pub fn syntax_tree(language: &Language, data: &[u8]) -> Result<Tree, Error> {
    let mut parser = Parser::new();
    parser
        .set_language(language)
        .map_err(|_incompatible| Error::Grammar)?;
    let mut guard = Guard::new(data);
    let mut progress = |state: &ParseState| guard.look_at(state.current_byte_offset());
    let options = ParseOptions::new().progress_callback(&mut progress);
    let mut read = |offset: usize, _| data.get(offset..).unwrap_or(&[]);
    let tree = parser.parse_with_options(&mut read, None, Some(options));
    match (tree, guard.reason) {
        (_, Some(reason)) => Err(reason),
        (Some(tree), None) => Ok(tree),
        (None, None) => Err(Error::Parser),
    }
}

/// Stops the parser where a text takes out of proportion.
struct Guard {
    reason: Option<Error>,
    reports: f64,
    furthest: usize,
    end: usize,
    until: Duration,
}

impl Guard {
    fn new(data: &[u8]) -> Self {
        let seconds = SECONDS + SECONDS_PER_BYTE * data.len() as f64;
        Self {
            reason: None,
            reports: REPORTS,
            furthest: 0,
            end: data.trim_ascii_end().len().saturating_sub(1),
            until: thread_time() + Duration::from_secs_f64(seconds),
        }
    }

    /// What the parser asks every 100 steps, with the byte that it has come to.
    fn look_at(&mut self, offset: usize) -> ControlFlow<()> {
        if offset > self.furthest {
            let more = REPORTS_PER_BYTE * (offset - self.furthest) as f64;
            self.reports = REPORTS.min(self.reports + more);
            self.furthest = offset;
            if offset >= self.end {
                // Balancing the tree is next, and counted too.
                self.reports += REPORTS_PER_BYTE * offset as f64;
            }
        }
        self.reports -= 1.0;
        if self.reports < 0.0 {
            self.reason = Some(Error::TooManySteps);
        } else if thread_time() > self.until {
            self.reason = Some(Error::TooLongTime);
        }
        match self.reason {
            Some(_) => ControlFlow::Break(()),
            None => ControlFlow::Continue(()),
        }
    }
}

/// The CPU time of this thread.
#[cfg(unix)]
fn thread_time() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the clock is one that exists, and the pointer is to a value that may be written.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    Duration::new(
        time.tv_sec.try_into().unwrap_or(0),
        time.tv_nsec.try_into().unwrap_or(0),
    )
}

/// The time since this function was first called: nothing else is the same everywhere.
#[cfg(not(unix))]
fn thread_time() -> Duration {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed()
}
