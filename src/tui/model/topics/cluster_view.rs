//! What is known of a cluster's topics: listed, measured again and again, and how that went.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::model::TopicName;
use crate::tui::message::Now;
use crate::tui::model::history::Ring;
use crate::tui::services::{
    ClusterTopics, JobError, ListedTopic, RecordSample, TopicLogs, TopicSettings, TopicsSettings,
};

/// What a rate is the mean of, at most.
const RATE_WINDOW: Duration = Duration::from_secs(60);
/// What was not measured for longer is a gap.
const GAP: Duration = Duration::from_secs(150);
/// Fifteen minutes of rates.
const TREND: (i64, usize) = (5_000, 180);

/// What is known of a cluster's topics.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct ClusterView {
    /// By name.
    pub(in crate::tui) entries: Vec<TopicEntry>,
    /// When they were listed, ms since 1970; `None` before they were.
    pub(in crate::tui) listed_ms: Option<i64>,
    /// When that was tried last (uptime).
    pub(in crate::tui) tried: Option<Duration>,
    /// Why it failed the last time.
    pub(in crate::tui) error: Option<JobError>,
    /// Why the logs could not be measured the last time.
    pub(in crate::tui) logs_error: Option<JobError>,
    /// Changes with everything that rows depend on.
    pub(in crate::tui) version: u64,
}

/// What is known of a topic.
#[derive(Clone, Debug)]
pub(in crate::tui) struct TopicEntry {
    pub(in crate::tui) listed: ListedTopic,
    /// Start and end of its partitions' logs, as far as they are known.
    pub(in crate::tui) logs: Vec<Option<(i64, i64)>>,
    /// When they were asked for last (uptime).
    pub(in crate::tui) measured: Option<Duration>,
    /// Its settings, or why they are not known.
    pub(in crate::tui) settings: Option<Result<TopicSettings, String>>,
    /// When they were asked for last (uptime).
    pub(in crate::tui) settings_read: Option<Duration>,
    /// How large its records are.
    pub(in crate::tui) sample: Option<RecordSample>,
    /// When that was looked at last (uptime).
    pub(in crate::tui) sampled: Option<Duration>,
    /// How its rate went, records per second.
    pub(in crate::tui) trend: Option<Ring>,
    /// Sums of the ends over the last minute.
    ends: VecDeque<(Now, i64)>,
}

impl ClusterView {
    /// The topic of this name.
    pub(in crate::tui) fn entry(&self, topic: &TopicName) -> Option<&TopicEntry> {
        let place = self.entries.binary_search_by(|entry| entry.listed.name.cmp(topic)).ok()?;
        self.entries.get(place)
    }

    /// The same, to be changed.
    pub(in crate::tui) fn entry_mut(&mut self, topic: &TopicName) -> Option<&mut TopicEntry> {
        let place = self.entries.binary_search_by(|entry| entry.listed.name.cmp(topic)).ok()?;
        self.entries.get_mut(place)
    }

    /// All partitions there are.
    pub(in crate::tui) fn partitions(&self) -> u64 {
        self.entries.iter().map(|entry| u64::try_from(entry.listed.partitions).unwrap_or(0)).sum()
    }

    /// The cluster has told which topics there are, or has not.
    pub(in crate::tui) fn listed(&mut self, answer: Result<ClusterTopics, JobError>, now: Now) {
        self.tried = Some(now.uptime);
        self.version += 1;
        match answer {
            Ok(found) => {
                let old = std::mem::take(&mut self.entries).into_iter();
                let mut old: BTreeMap<TopicName, TopicEntry> =
                    old.map(|entry| (entry.listed.name.clone(), entry)).collect();
                let entry = |listed: ListedTopic| match old.remove(&listed.name) {
                    Some(entry) => entry.listed_again(listed),
                    None => TopicEntry::new(listed),
                };
                self.entries = found.topics.into_iter().map(entry).collect();
                self.entries.sort_by(|a, b| a.listed.name.cmp(&b.listed.name));
                (self.listed_ms, self.error) = (Some(now.wall_ms), None);
            }
            Err(error) => self.error = Some(error),
        }
    }

    /// The logs of some topics were asked for.
    pub(in crate::tui) fn measured(
        &mut self,
        asked: &[(TopicName, i32)],
        answer: Result<TopicLogs, JobError>,
        now: Now,
    ) {
        self.version += 1;
        let mut logs = match answer {
            Ok(logs) => {
                self.logs_error = None;
                logs
            }
            Err(error) => {
                self.logs_error = Some(error);
                TopicLogs::new()
            }
        };
        for (topic, _) in asked {
            if let Some(entry) = self.entry_mut(topic) {
                entry.measure(logs.remove(topic).unwrap_or_default(), now);
            }
        }
    }

    /// The settings of some topics were asked for.
    pub(in crate::tui) fn settings_read(
        &mut self,
        asked: &[TopicName],
        answer: Result<TopicsSettings, JobError>,
        now: Now,
    ) {
        self.version += 1;
        let failed = answer.as_ref().err().map(|error| error.message.clone());
        let mut found = answer.unwrap_or_default();
        for topic in asked {
            if let Some(entry) = self.entry_mut(topic) {
                entry.settings_read = Some(now.uptime);
                entry.settings = found.remove(topic).or_else(|| failed.clone().map(Err));
            }
        }
    }
}

impl TopicEntry {
    fn new(listed: ListedTopic) -> Self {
        Self {
            listed,
            logs: Vec::new(),
            measured: None,
            settings: None,
            settings_read: None,
            sample: None,
            sampled: None,
            trend: None,
            ends: VecDeque::new(),
        }
    }

    /// With more partitions than before all is measured anew.
    fn listed_again(mut self, listed: ListedTopic) -> Self {
        if self.listed.partitions != listed.partitions {
            self.measured = None;
            self.ends.clear();
        }
        Self { listed, ..self }
    }

    fn measure(&mut self, logs: Vec<Option<(i64, i64)>>, now: Now) {
        self.measured = Some(now.uptime);
        self.logs = logs;
        let is_complete = !self.logs.is_empty() && self.logs.iter().all(Option::is_some);
        let end: i64 = self.logs.iter().flatten().map(|(_, high)| high).sum();
        let last = self.ends.back().copied();
        let is_gap = last.is_some_and(|(at, before)| now.uptime.saturating_sub(at.uptime) > GAP || end < before);
        if !is_complete || is_gap {
            self.ends.clear();
        }
        if !is_complete {
            return;
        }
        if let Some((at, before)) = last.filter(|_| !is_gap) {
            let seconds = now.uptime.saturating_sub(at.uptime).as_secs_f64();
            if seconds <= 0.0 {
                return;
            }
            let rate = ((end - before) as f64 / seconds) as f32;
            let trend = self.trend.get_or_insert_with(|| Ring::new(TREND));
            // The rate is that of all the time since the last look.
            let (mut at_ms, step_ms) = (at.wall_ms + TREND.0, TREND.0);
            while at_ms < now.wall_ms {
                trend.push(at_ms, rate);
                at_ms += step_ms;
            }
            trend.push(now.wall_ms, rate);
        }
        self.ends.push_back((now, end));
        let old = |(at, _): &(Now, i64)| now.uptime.saturating_sub(at.uptime) > RATE_WINDOW;
        while self.ends.len() > 2 && self.ends.front().is_some_and(old) {
            self.ends.pop_front();
        }
    }

    /// Offsets between the starts and the ends of its logs; `None` while one of them is not known.
    pub(in crate::tui) fn records(&self) -> Option<u64> {
        if self.logs.is_empty() {
            return None;
        }
        let length = |bounds: &Option<(i64, i64)>| bounds.map(|(low, high)| u64::try_from(high - low).unwrap_or(0));
        self.logs.iter().map(length).sum()
    }

    /// Whether there may be fewer records than offsets: in a compacted log, and where transactions end.
    pub(in crate::tui) fn is_upper_bound(&self) -> bool {
        let has_holes = self.sample.is_some_and(|sample| sample.offsets > sample.records);
        has_holes || !matches!(&self.settings, Some(Ok(settings)) if !settings.is_compacted())
    }

    /// Records per second, and over how many seconds.
    pub(in crate::tui) fn rate(&self) -> Option<(f64, u64)> {
        let ((first_at, first), (last_at, last)) = (self.ends.front()?, self.ends.back()?);
        let elapsed = last_at.uptime.saturating_sub(first_at.uptime);
        (!elapsed.is_zero()).then(|| ((last - first) as f64 / elapsed.as_secs_f64(), elapsed.as_secs()))
    }

    /// Bytes of a record, as far as the ones looked at tell.
    pub(in crate::tui) fn record_bytes(&self) -> Option<f64> {
        let sample = self.sample.filter(|sample| sample.records > 0)?;
        Some(sample.size_bytes as f64 / sample.records as f64)
    }

    /// Whether replicas are missing.
    pub(in crate::tui) fn is_under_replicated(&self) -> bool {
        self.listed.in_sync_replicas_min < self.listed.replication_factor
    }

    /// Whether somebody should look.
    pub(in crate::tui) fn has_problem(&self) -> bool {
        self.listed.fault.is_some() || self.listed.leaderless > 0 || self.is_under_replicated()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture::topics::{listed, settings};

    fn at(seconds: u64) -> Now {
        Now { wall_ms: 1_000_000 + i64::try_from(seconds).unwrap_or(0) * 1_000, uptime: Duration::from_secs(seconds) }
    }

    fn view() -> ClusterView {
        let mut view = ClusterView::default();
        view.listed(Ok(ClusterTopics { topics: vec![listed("orders", 2)] }), at(0));
        view
    }

    fn measure(view: &mut ClusterView, logs: Vec<Option<(i64, i64)>>, seconds: u64) {
        let logs = [("orders".into(), logs)].into();
        view.measured(&[("orders".into(), 2)], Ok(logs), at(seconds));
    }

    #[test]
    fn records_and_rates_come_from_the_ends() {
        let mut view = view();
        assert_eq!((view.entries[0].records(), view.entries[0].rate()), (None, None));
        measure(&mut view, vec![Some((10, 100)), Some((0, 50))], 10);
        assert_eq!((view.entries[0].records(), view.entries[0].rate()), (Some(140), None));
        measure(&mut view, vec![Some((20, 200)), Some((0, 50))], 15);
        assert_eq!((view.entries[0].records(), view.entries[0].rate()), (Some(230), Some((20.0, 5))));
        measure(&mut view, vec![Some((20, 200)), Some((0, 50))], 20);
        assert_eq!(view.entries[0].rate(), Some((10.0, 10)));
        let trend = view.entries[0].trend.as_ref().map(|trend| trend.columns(at(20).wall_ms, 15_000, 3));
        assert!(matches!(trend.as_deref(), Some([gap, 20.0, 0.0]) if gap.is_nan()), "{trend:?}");
    }

    #[test]
    fn what_is_not_known_is_not_zero() {
        let mut view = view();
        measure(&mut view, vec![Some((0, 100)), Some((0, 100))], 5);
        measure(&mut view, vec![Some((0, 100)), None], 10);
        assert_eq!((view.entries[0].records(), view.entries[0].rate()), (None, None));
        let error = JobError { message: "ask cluster `eu`: refused".into(), next: None };
        view.measured(&[("orders".into(), 2)], Err(error), at(15));
        assert_eq!(view.entries[0].records(), None);
        assert_eq!(view.entries[0].measured, Some(Duration::from_secs(15)));
    }

    #[test]
    fn a_topic_made_anew_and_a_long_gap_have_no_rate() {
        for (end, seconds) in [(50, 10), (900, 500)] {
            let mut view = view();
            measure(&mut view, vec![Some((0, 100)), Some((0, 0))], 5);
            measure(&mut view, vec![Some((0, end)), Some((0, 0))], seconds);
            assert_eq!(view.entries[0].rate(), None);
        }
    }

    #[test]
    fn only_a_log_known_to_keep_all_has_as_many_records_as_offsets() {
        let mut view = view();
        assert!(view.entries[0].is_upper_bound());
        for (policy, expected) in [("delete", false), ("compact", true), ("compact,delete", true)] {
            let settings = [("orders".into(), Ok(settings(policy)))].into();
            view.settings_read(&["orders".into()], Ok(settings), at(1));
            assert_eq!(view.entries[0].is_upper_bound(), expected, "{policy}");
        }
        let settings = [("orders".into(), Ok(settings("delete")))].into();
        view.settings_read(&["orders".into()], Ok(settings), at(1));
        view.entries[0].sample = Some(RecordSample { records: 50, size_bytes: 500, offsets: 100 });
        assert!(view.entries[0].is_upper_bound(), "holes were seen");
    }

    #[test]
    fn a_list_that_comes_again_keeps_what_was_measured() {
        let mut view = view();
        measure(&mut view, vec![Some((0, 100)), Some((0, 0))], 5);
        view.listed(Ok(ClusterTopics { topics: vec![listed("orders", 2), listed("a", 1)] }), at(9));
        assert_eq!(view.entry(&"orders".into()).and_then(TopicEntry::records), Some(100));
        view.listed(Err(JobError { message: "ask".into(), next: None }), at(20));
        assert_eq!((view.entries.len(), view.error.is_some()), (2, true));
        view.listed(Ok(ClusterTopics { topics: vec![listed("orders", 3)] }), at(30));
        assert_eq!((view.entries.len(), view.entries[0].measured, view.error.is_some()), (1, None, false));
    }
}
