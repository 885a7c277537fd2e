//! Where to cut a text into chunks.
//!
//! In reading order: [`cut_points`], where it may be cut; [`optimal_cuts`] and [`greedy_cuts`], the
//! choice among them; [`cut`], the whole pass; [`markdown`], the blocks of a document.

pub mod cut;
pub mod cut_points;
pub mod greedy_cuts;
pub mod markdown;
pub mod optimal_cuts;
