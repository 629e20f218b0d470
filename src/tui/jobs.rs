//! Jobs on worker threads: of those with one key one runs, and the latest that came meanwhile runs next.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::spawn_blocking;

use super::services::{Job, JobAnswer, JobKey, Services};

/// A job that has ended, with what came of it.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::tui) struct JobDone {
    /// The job.
    pub(in crate::tui) job: Job,
    /// What came of it.
    pub(in crate::tui) answer: JobAnswer,
}

/// Runs jobs. What is never more than one per key needs no queue.
pub(super) struct Jobs {
    services: Arc<dyn Services>,
    slots: HashMap<JobKey, Slot>,
    ended: UnboundedSender<JobDone>,
    /// Jobs that have ended; to be handed to [`settle`](Self::settle).
    pub(super) news: UnboundedReceiver<JobDone>,
}

/// What goes on for one key.
struct Slot {
    is_wanted: Arc<AtomicBool>,
    next: Option<Job>,
}

impl Jobs {
    pub(super) fn new(services: Arc<dyn Services>) -> Self {
        let (ended, news) = unbounded_channel();
        Self { services, slots: HashMap::new(), ended, news }
    }

    /// Starts a job, or lets it wait for the one of its key that runs, which is told to hurry.
    pub(super) fn start(&mut self, job: Job) {
        match self.slots.get_mut(&job.key()) {
            Some(slot) => {
                slot.is_wanted.store(false, Ordering::Relaxed);
                slot.next = Some(job);
            }
            None => {
                let is_wanted = self.spawn(job.clone());
                self.slots.insert(job.key(), Slot { is_wanted, next: None });
            }
        }
    }

    /// Nobody wants the answer of this key any more.
    pub(super) fn cancel(&mut self, key: &JobKey) {
        if let Some(slot) = self.slots.get_mut(key) {
            slot.is_wanted.store(false, Ordering::Relaxed);
            slot.next = None;
        }
    }

    /// Takes note that a job has ended, and starts the one that waited for it. `None` when its answer is out of date.
    pub(super) fn settle(&mut self, done: JobDone) -> Option<JobDone> {
        let key = done.job.key();
        let slot = self.slots.remove(&key)?;
        let is_wanted = slot.is_wanted.load(Ordering::Relaxed);
        if let Some(next) = slot.next {
            self.start(next);
        }
        is_wanted.then_some(done)
    }

    fn spawn(&self, job: Job) -> Arc<AtomicBool> {
        let is_wanted = Arc::new(AtomicBool::new(true));
        let (services, ended, wanted) = (self.services.clone(), self.ended.clone(), is_wanted.clone());
        spawn_blocking(move || {
            let answer = services.run(&job, &|| wanted.load(Ordering::Relaxed));
            // With the console gone there is nobody to tell.
            let _ = ended.send(JobDone { job, answer });
        });
        is_wanted
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;
    use crate::engine::Command;
    use crate::tui::services::JobError;

    /// Does a job when it is let, and tells which were begun.
    struct Slow {
        begun: Mutex<Sender<Job>>,
        let_go: Mutex<Receiver<()>>,
    }

    impl Services for Slow {
        fn send(&self, _: Command) {}
        fn run(&self, job: &Job, is_wanted: &dyn Fn() -> bool) -> JobAnswer {
            self.begun.lock().expect("lock").send(job.clone()).expect("a test that listens");
            self.let_go.lock().expect("lock").recv().expect("a test that lets go");
            Err(JobError { message: format!("wanted: {}", is_wanted()), next: None })
        }
    }

    fn job(cluster: &str) -> Job {
        Job::ListTopics { cluster: cluster.into() }
    }

    fn slow() -> (Jobs, Receiver<Job>, Sender<()>) {
        let (begun, begun_jobs) = channel();
        let (go, let_go) = channel();
        (Jobs::new(Arc::new(Slow { begun: Mutex::new(begun), let_go: Mutex::new(let_go) })), begun_jobs, go)
    }

    #[tokio::test]
    async fn of_jobs_with_one_key_the_latest_counts() {
        let (mut jobs, begun, go) = slow();
        for _ in 0..5 {
            jobs.start(job("a"));
        }
        go.send(()).expect("let go");
        let first = jobs.news.recv().await.expect("ended");
        assert_eq!(first.answer.clone().expect_err("as it says").message, "wanted: false");
        assert_eq!(jobs.settle(first), None, "a newer one was asked for");
        go.send(()).expect("let go");
        let second = jobs.news.recv().await.expect("ended");
        assert_eq!(second.answer.clone().expect_err("as it says").message, "wanted: true");
        assert!(jobs.settle(second).is_some());
        assert_eq!(begun.try_iter().count(), 2, "what came between is never begun");
        assert!(jobs.slots.is_empty());
    }

    #[tokio::test]
    async fn other_keys_do_not_wait_and_what_was_given_up_is_not_told() {
        let (mut jobs, begun, go) = slow();
        jobs.start(job("a"));
        jobs.start(job("b"));
        jobs.cancel(&job("a").key());
        go.send(()).and_then(|()| go.send(())).expect("let go");
        let mut told = Vec::new();
        for _ in 0..2 {
            let done = jobs.news.recv().await.expect("ended");
            told.extend(jobs.settle(done).map(|done| done.job));
        }
        assert_eq!(told, [job("b")]);
        assert_eq!(begun.try_iter().count(), 2);
    }
}
