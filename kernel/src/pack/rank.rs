//! How much each file is used: PageRank over weighted uses. The fallback is
//! `ctxtools/_core/fallback/rank.py`.

/// The share of each file in the attention of a reader who starts at any, and follows uses.
///
/// All sums go from the first to the last, so that the fallback gives the same bits.
///
/// `uses`: of each file the files that it uses, each less than the number of files, and weights.
pub fn rank(uses: &[Vec<(usize, f64)>], starts: &[f64], steps: usize, damping: f64) -> Vec<f64> {
    let total = sum(starts.iter().copied());
    let start: Vec<f64> = starts.iter().map(|each| each / total).collect();
    let edges: Vec<(usize, f64)> = uses
        .iter()
        .flat_map(|used| {
            let whole = sum(used.iter().map(|&(_, weight)| weight));
            used.iter()
                .map(move |&(each, weight)| (each, weight / whole))
        })
        .collect();
    let mut shares = start.clone();
    for _ in 0..steps {
        let ends = uses.iter().zip(&shares).filter(|(used, _)| used.is_empty());
        let lost = sum(ends.map(|(_, &share)| share));
        let anew = 1.0 - damping + damping * lost;
        let mut following: Vec<f64> = start.iter().map(|each| anew * each).collect();
        let mut remaining = &edges[..];
        for (used, share) in uses.iter().zip(&shares) {
            let passed = damping * share;
            let (own, others) = remaining.split_at(used.len());
            for &(each, weight) in own {
                following[each] += passed * weight;
            }
            remaining = others;
        }
        shares = following;
    }
    shares
}

fn sum(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, |sum, value| sum + value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_has_more() {
        let shares = rank(
            &[vec![(1, 2.0)], vec![], vec![(1, 1.0)]],
            &[1.0; 3],
            12,
            0.7,
        );
        assert!((sum(shares.iter().copied()) - 1.0).abs() < 1e-12);
        assert!(shares[1] > shares[0] && shares[0] == shares[2]);
        assert_eq!(rank(&[], &[], 3, 0.7), Vec::<f64>::new());
    }
}
