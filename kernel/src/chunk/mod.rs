//! Where to cut a text into chunks.
//!
//! In reading order: [`cut_costs`], what a cut costs; [`cut_point`] and [`cut_points`], where the text
//! may be cut; [`between_tokens`], the same where there is no boundary; [`optimal_cuts`] and
//! [`greedy_cuts`], the choice among these; [`overlap`], where each chunk starts; [`cut`], the whole pass;
//! [`blocks`], those of a document, as its parser finds them.

mod between_tokens;
pub mod blocks;
pub mod cut;
pub mod cut_costs;
pub mod cut_point;
pub mod cut_points;
pub mod greedy_cuts;
pub mod headers;
pub mod html;
pub mod ids;
pub mod json;
mod long_pretoken;
pub mod markdown;
pub mod optimal_cuts;
pub mod overlap;
pub mod rules;
pub mod structure;
pub mod texts;
pub mod titles;
pub mod window;
