//! A function of each of many texts, on several threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Items that a thread takes at once.
const JOB: usize = 16;

/// What a function returns for each item, in the order of the items.
pub fn map<T: Sync, R: Send>(
    items: &[T],
    threads: usize,
    function: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut found = Vec::new();
        loop {
            let start = next.fetch_add(JOB, Ordering::Relaxed);
            if start >= items.len() {
                return found;
            }
            let end = (start + JOB).min(items.len());
            let of_job: Vec<R> = items[start..end].iter().map(&function).collect();
            found.push((start, of_job));
        }
    };
    let threads = threads.min(items.len().div_ceil(JOB)).max(1);
    let mut jobs = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut jobs = work();
        for other in others {
            match other.join() {
                Ok(found) => jobs.extend(found),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        jobs
    });
    jobs.sort_unstable_by_key(|(start, _)| *start);
    jobs.into_iter().flat_map(|(_, found)| found).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_items() {
        for number in [0, 1, JOB, 3 * JOB + 1] {
            let items: Vec<usize> = (0..number).collect();
            for threads in 1..5 {
                assert_eq!(map(&items, threads, |&item| item), items);
            }
        }
    }
}
