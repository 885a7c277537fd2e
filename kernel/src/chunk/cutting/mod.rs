//! Where to cut a text into chunks.
//!
//! In reading order: [`cut_costs`], what a cut costs; [`cut_point`] and [`cut_points`], where the text
//! may be cut; `between_tokens`, the same where there is no boundary; [`optimal_cuts`] and
//! [`greedy_cuts`], the choice among these; [`overlap`], where each chunk starts; [`cut`], the whole pass.

mod between_tokens;
pub mod cut;
pub mod cut_costs;
pub mod cut_point;
pub mod cut_points;
pub mod greedy_cuts;
mod long_pretoken;
pub mod optimal_cuts;
pub mod overlap;
