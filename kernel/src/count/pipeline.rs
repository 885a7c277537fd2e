//! Jobs that one thread makes, every thread does, and the first takes the results of, in order.
//!
//! The calling thread is one of them: it makes jobs ahead, takes the results that are next, and does a
//! job itself when there is neither to do. So what only it may do (Python's objects, a file that is
//! read) goes on while the others count, and a run on one thread is the same code without the others.
//! Memory is bounded by the jobs in flight, a few for each thread.
//!
//! A thread is started when a job is made while another one still waits: what is a single job never
//! starts one. A lock is taken twice for a job, of which each takes a tenth of a millisecond or more.
//!
//! Threads are not kept between calls: those would have to be made again after a fork.

use crate::count::parallel::threads;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How often a run asks whether to go on.
const TICK: Duration = Duration::from_millis(50);
/// Jobs that wait for each thread, so that none idles while the calling thread does one.
const AHEAD: usize = 2;
/// Jobs for each thread whose results may wait for that of an earlier job.
const IN_FLIGHT: usize = 8;

/// What the calling thread does, besides jobs.
pub trait Caller<J, R> {
    type Error;

    /// Makes the next job; None if there are no more.
    fn next(&mut self) -> Result<Option<J>, Self::Error>;

    /// Takes the result of a job, in the order in which the jobs were made.
    fn take(&mut self, result: R) -> Result<(), Self::Error>;

    /// Whether to go on; called now and then, and not while a job is done.
    fn keep_going(&mut self) -> Result<(), Self::Error>;

    /// Runs what needs nothing of the caller: a job, or waiting for one.
    fn aside(&mut self, work: &mut (dyn FnMut() + Send)) {
        work();
    }
}

/// Does all jobs of a caller on up to this many threads, itself included.
///
/// `worker` makes what does one job after another on one thread; it may end early when told to stop,
/// since nobody then takes its result.
pub fn run<J, R, W, C>(
    threads: impl FnOnce() -> usize,
    caller: &mut C,
    worker: impl Fn() -> W + Sync,
) -> Result<(), C::Error>
where
    J: Send,
    R: Send,
    W: FnMut(J, &AtomicBool) -> R + Send,
    C: Caller<J, R>,
{
    let Some(first) = caller.next()? else {
        return Ok(());
    };
    let shared = Shared::default();
    let Some(second) = caller.next()? else {
        let (mut first, mut result) = (Some(first), None);
        caller.aside(&mut || result = first.take().map(|job| worker()(job, &shared.stop)));
        return result.map_or(Ok(()), |result| caller.take(result));
    };
    let threads = threads();
    shared.push(first);
    thread::scope(|scope| {
        let _close = Close(&shared);
        let start = || {
            let (shared, worker) = (&shared, &worker);
            let work = move || {
                let _close = CloseOnPanic(shared);
                let mut work = worker();
                while let Some((number, job)) = shared.wait_for_job() {
                    let result = work(job, &shared.stop);
                    shared.put(number, result);
                }
            };
            // The system may have no more threads: then those do that there are.
            thread::Builder::new().spawn_scoped(scope, work).is_ok()
        };
        let mut may_start = threads.saturating_sub(1);
        let mut make = |job| {
            if shared.push(job) && may_start > 0 {
                may_start = if start() { may_start - 1 } else { 0 };
            }
        };
        make(second);
        let (mut work, mut has_more, mut asked) = (None, true, Instant::now());
        // Until all is done, or a thread panicked, which the end of the scope passes on.
        while !shared.stop.load(Ordering::Relaxed) {
            while let Some(result) = shared.next_result() {
                caller.take(result)?;
            }
            let (waiting, in_flight) = shared.load();
            if has_more && waiting < AHEAD * (threads - 1).max(1) && in_flight < IN_FLIGHT * threads
            {
                match caller.next()? {
                    Some(job) => make(job),
                    None => has_more = false,
                }
            } else if let Some((number, job)) = shared.pop() {
                let work = work.get_or_insert_with(&worker);
                let mut job = Some(job);
                caller.aside(&mut || {
                    if let Some(job) = job.take() {
                        shared.put(number, work(job, &shared.stop));
                    }
                });
            } else if in_flight == 0 {
                break;
            } else {
                caller.aside(&mut || shared.wait_for_result());
            }
            if asked.elapsed() >= TICK {
                caller.keep_going()?;
                asked = Instant::now();
            }
        }
        Ok(())
    })
}

/// Calls `take` with what each job comes to, in order; all threads do them, if there are several.
///
/// `worker` makes what does one job after another on one thread.
pub fn each<J, R, W>(
    jobs: impl Iterator<Item = J>,
    worker: impl Fn() -> W + Sync,
    take: impl FnMut(R),
) where
    J: Send,
    R: Send,
    W: FnMut(J) -> R + Send,
{
    let worker = || {
        let mut work = worker();
        move |job, _: &AtomicBool| work(job)
    };
    match run(|| threads(0), &mut Each { jobs, take }, worker) {
        Ok(()) => {}
    }
}

struct Each<I, T> {
    jobs: I,
    take: T,
}

impl<J, R, I: Iterator<Item = J>, T: FnMut(R)> Caller<J, R> for Each<I, T> {
    type Error = Infallible;

    fn next(&mut self) -> Result<Option<J>, Infallible> {
        Ok(self.jobs.next())
    }

    fn take(&mut self, result: R) -> Result<(), Infallible> {
        (self.take)(result);
        Ok(())
    }

    fn keep_going(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

/// What the threads share.
struct Shared<J, R> {
    state: Mutex<State<J, R>>,
    has_job: Condvar,
    has_result: Condvar,
    stop: AtomicBool,
}

struct State<J, R> {
    /// Jobs that nobody does yet, and their numbers.
    waiting: VecDeque<(usize, J)>,
    /// The results that were not taken yet, the first that of job number `taken`.
    results: VecDeque<Option<R>>,
    taken: usize,
    /// The threads that wait for a job.
    idle: usize,
    is_caller_waiting: bool,
    is_closed: bool,
}

impl<J, R> Default for Shared<J, R> {
    fn default() -> Self {
        Shared {
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                results: VecDeque::new(),
                taken: 0,
                idle: 0,
                is_caller_waiting: false,
                is_closed: false,
            }),
            has_job: Condvar::new(),
            has_result: Condvar::new(),
            stop: AtomicBool::new(false),
        }
    }
}

impl<J, R> Shared<J, R> {
    /// The state, also after a panic on another thread, which ends the run.
    fn lock(&self) -> MutexGuard<'_, State<J, R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a job; whether others wait for a thread too.
    fn push(&self, job: J) -> bool {
        let mut state = self.lock();
        let number = state.taken + state.results.len();
        state.results.push_back(None);
        state.waiting.push_back((number, job));
        if state.idle > 0 {
            self.has_job.notify_one();
        }
        state.waiting.len() > state.idle + 1
    }

    fn pop(&self) -> Option<(usize, J)> {
        self.lock().waiting.pop_front()
    }

    /// The next job, once there is one; None if there will be no more.
    fn wait_for_job(&self) -> Option<(usize, J)> {
        let mut state = self.lock();
        loop {
            if state.is_closed {
                return None;
            }
            if let Some(job) = state.waiting.pop_front() {
                return Some(job);
            }
            state.idle += 1;
            state = self
                .has_job
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }

    fn put(&self, number: usize, result: R) {
        let mut state = self.lock();
        let at = number - state.taken;
        if let Some(slot) = state.results.get_mut(at) {
            *slot = Some(result);
        }
        if at == 0 && state.is_caller_waiting {
            self.has_result.notify_one();
        }
    }

    /// The result that is next, if it is there.
    fn next_result(&self) -> Option<R> {
        let mut state = self.lock();
        let result = state.results.front_mut()?.take()?;
        state.results.pop_front();
        state.taken += 1;
        Some(result)
    }

    /// Returns when the next result is there, or after a while.
    fn wait_for_result(&self) {
        let mut state = self.lock();
        let is_missing = matches!(state.results.front(), Some(None));
        if is_missing && !state.is_closed {
            state.is_caller_waiting = true;
            let waited = self.has_result.wait_timeout(state, TICK);
            let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
            state.is_caller_waiting = false;
        }
    }

    /// The number of jobs that nobody does yet, and of those whose results were not taken.
    fn load(&self) -> (usize, usize) {
        let state = self.lock();
        (state.waiting.len(), state.results.len())
    }

    fn close(&self) {
        self.stop.store(true, Ordering::Relaxed);
        let mut state = self.lock();
        state.is_closed = true;
        state.waiting.clear();
        self.has_job.notify_all();
        self.has_result.notify_all();
    }
}

/// Ends the other threads when the calling one is done, or fails.
struct Close<'a, J, R>(&'a Shared<J, R>);

impl<J, R> Drop for Close<'_, J, R> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Ends all threads when one panics: its result would never come.
struct CloseOnPanic<'a, J, R>(&'a Shared<J, R>);

impl<J, R> Drop for CloseOnPanic<'_, J, R> {
    fn drop(&mut self) {
        if thread::panicking() {
            let mut state = self.0.lock();
            state.results.clear();
            drop(state);
            self.0.close();
        }
    }
}
