//! Where to cut a text into chunks.

pub mod cut_points;
pub mod markdown;
pub mod optimal_cuts;
