//! The ids of texts.
//!
//! In reading order: [`encode`] finds those of a batch of pretokens, by looking up [`units`] in a
//! [`memo`](crate::count::memo); [`encoder`] encodes one text after another, and many texts become
//! [`lists`]. [`decode`] is the way back.

pub mod decode;
pub(crate) mod encode;
pub mod encoder;
pub(crate) mod lists;
pub(crate) mod units;
