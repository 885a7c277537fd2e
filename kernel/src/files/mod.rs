//! Many files at once: what a count of a whole tree spends its time on.
//!
//! In reading order: `walk` finds the files below a folder; [`head`] says whether bytes are plainly text in UTF-8, by what a file starts
//! with; [`content`] opens and reads one file; [`pool`] has threads count the files of one batch
//! after another, in order.
//!
//! Nothing here decides what a file is that is not plainly text. Other charsets, binary formats,
//! notebooks, and whatever cannot be opened are handed back, to be read or refused by those that
//! know: `ctxtools/documents/`. So there is one home for these rules, and the tables that this
//! needs of them are arguments.

pub mod content;
pub mod head;
pub mod pool;
#[cfg(unix)]
pub mod walk;
