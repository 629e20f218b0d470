//! The thread that writes into the source's topics.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rdkafka::error::KafkaError;
use rdkafka::message::OwnedHeaders;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, ThreadedProducer};
use rdkafka::types::RDKafkaErrorCode;

use super::error::DemoError;
use super::mock::Mock;
use super::sample::Sample;
use super::topic::{BACKLOG, DemoTopic, TOPICS};
use crate::engine::Side;

/// The running thread. Dropping it stops it.
pub(super) struct Traffic {
    /// Dropped to say that it is over.
    running: Option<Sender<()>>,
    /// Told when the thread is done: joining has no time limit.
    done: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl Traffic {
    pub(super) fn start(source: Arc<Mock>) -> Result<Self, DemoError> {
        let (running, stop) = channel();
        let (finished, done) = channel();
        let thread = thread::Builder::new()
            .name("demo-traffic".to_owned())
            .spawn(move || {
                let _finished: Sender<()> = finished;
                Writer { producer: source.producer(), stop: &stop }.run();
            })
            .map_err(|error| DemoError::new("start producers", Side::Source, error))?;
        Ok(Self { running: Some(running), done, thread: Some(thread) })
    }

    /// Ends the thread. Should it hang, it is left behind after [`STOP_MAX`].
    pub(super) fn stop(&mut self) {
        drop(self.running.take());
        let Some(thread) = self.thread.take() else { return };
        if self.done.recv_timeout(STOP_MAX) != Err(RecvTimeoutError::Timeout) {
            let _ = thread.join();
        }
    }
}

impl Drop for Traffic {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The traffic is over. Carried up with `?` from wherever it is noticed.
struct Stopped;

struct Writer<'a> {
    producer: &'a ThreadedProducer<DefaultProducerContext>,
    stop: &'a Receiver<()>,
}

/// Where a topic stands.
struct Course {
    topic: &'static DemoTopic,
    /// Number of its next record.
    number: u64,
    /// When it is written to again.
    next: Instant,
}

impl Writer<'_> {
    fn run(&self) {
        // The only way out, and nobody needs to know.
        let Err(Stopped) = self.write_for_ever();
    }

    fn write_for_ever(&self) -> Result<std::convert::Infallible, Stopped> {
        let start = Instant::now();
        let mut courses: Vec<Course> =
            TOPICS.iter().map(|topic| Course { topic, number: 0, next: start + topic.every }).collect();
        for course in &mut courses {
            self.write_backlog(course)?;
        }
        loop {
            let next = courses.iter().map(|course| course.next).min().unwrap_or(start);
            self.wait(next.saturating_duration_since(Instant::now()))?;
            for course in &mut courses {
                self.write_due(course)?;
            }
        }
    }

    /// What was written before anybody looked: the mirror has something to catch up with.
    fn write_backlog(&self, course: &mut Course) -> Result<(), Stopped> {
        let every_ms = millis(course.topic.every);
        let rounds = millis(BACKLOG) / every_ms;
        let now_ms = Timestamp::now().as_millisecond();
        (0..rounds).try_for_each(|round| self.write_round(course, now_ms - (rounds - round) * every_ms))
    }

    fn write_due(&self, course: &mut Course) -> Result<(), Stopped> {
        let now = Instant::now();
        if course.next > now {
            return Ok(());
        }
        // What was missed while a broker was down stays missed: a shop without a database takes no orders.
        course.next = (course.next + course.topic.every).max(now);
        self.write_round(course, Timestamp::now().as_millisecond())
    }

    fn write_round(&self, course: &mut Course, now_ms: i64) -> Result<(), Stopped> {
        for _ in 0..course.topic.records {
            let sample = (course.topic.sample)(course.number, course.topic.partitions, now_ms);
            course.number += 1;
            self.send(course.topic.name, &sample)?;
        }
        Ok(())
    }

    /// Sends, and waits while the client holds as much as it may. A record it refuses for another reason is given up.
    fn send(&self, topic: &str, sample: &Sample) -> Result<(), Stopped> {
        let mut record = record(topic, sample);
        loop {
            match self.producer.send(record) {
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), refused)) => record = refused,
                Ok(()) | Err(_) => return Ok(()),
            }
            self.wait(QUEUE_POLL)?;
        }
    }

    fn wait(&self, duration: Duration) -> Result<(), Stopped> {
        match self.stop.recv_timeout(duration) {
            Err(RecvTimeoutError::Timeout) => Ok(()),
            Ok(()) | Err(RecvTimeoutError::Disconnected) => Err(Stopped),
        }
    }
}

fn record<'a>(topic: &'a str, sample: &'a Sample) -> BaseRecord<'a, [u8], [u8]> {
    let mut record = BaseRecord::to(topic).partition(sample.partition).timestamp(sample.timestamp_ms);
    record.key = sample.key.as_deref();
    record.payload = sample.value.as_deref();
    if !sample.headers.is_empty() {
        let empty = OwnedHeaders::new_with_capacity(sample.headers.len());
        let headers = sample.headers.iter().map(|(key, value)| rdkafka::message::Header { key, value: value.as_ref() });
        record.headers = Some(headers.fold(empty, OwnedHeaders::insert));
    }
    record
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Nothing in the thread waits longer than for the next round's stop signal, so this is ample.
const STOP_MAX: Duration = Duration::from_secs(2);
/// How soon to look again whether the client takes more records.
const QUEUE_POLL: Duration = Duration::from_millis(10);
