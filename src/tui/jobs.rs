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
