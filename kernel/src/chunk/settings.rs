//! How documents are cut.

/// How documents are cut; the same for all of them.
pub struct Settings {
    /// The limits of chunks, the largest first.
    pub sizes: Vec<i64>,
    pub overlap: i64,
    pub min_size: i64,
    pub penalties: Vec<f64>,
    pub below_min: f64,
    pub evenness: f64,
    pub smallness: f64,
    pub per_span: f64,
    pub target: f64,
    /// What a cut inside an atomic block costs beside what that would cost as a chunk.
    pub atomic: f64,
    /// What it costs between what belongs together.
    pub glued: f64,
    /// What it costs before what closes a block.
    pub closing: f64,
    pub greedy: bool,
    /// Whether chunks start with the titles that they lack.
    pub has_headers: bool,
    /// Whether no overlap reaches into another section or function.
    pub within_sections: bool,
}

impl Settings {
    /// What a cut inside an atomic block costs that would leave a share of a chunk empty.
    pub fn inside(&self, rest: f64) -> f64 {
        let missing = 1.0 - (1.0 - rest) / self.target;
        let evenness = match missing < 0.0 {
            true => self.evenness / 2.0,
            false => self.evenness,
        };
        let square = rest * rest;
        let fourth = square * square;
        let eighth = fourth * fourth;
        let alone =
            self.per_span + evenness * (missing * missing) + self.smallness * (eighth * eighth);
        self.atomic + alone
    }
}
