//! Documents to chunks.
//!
//! In reading order: [`blocks`], those of a document, as its parser finds them ([`markdown`], [`html`],
//! [`json`]); [`structure`] and [`headers`], what is asked about them; [`rules`], what they say about
//! cuts; [`cutting`], where a text is cut by such rules; [`window`], the loop over a document.

mod block_walk;
pub mod blocks;
pub mod cutting;
pub mod headers;
pub mod html;
pub mod ids;
pub mod json;
pub mod markdown;
pub mod rules;
pub mod settings;
pub mod structure;
pub mod texts;
pub mod titles;
pub mod window;
