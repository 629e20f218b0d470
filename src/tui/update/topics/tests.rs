//! What the topics' keys do, and what is asked of a cluster when.

use std::time::Duration;

use crate::model::{BrowseFrom, BrowseRequest, BrowsedPage, TopicName};
use crate::tui::effect::Effect;
use crate::tui::fixture::topics::{listed, open};
use crate::tui::fixture::{draw, empty, model, press, text};
use crate::tui::jobs::JobDone;
use crate::tui::message::{Message, Now};
use crate::tui::model::Model;
use crate::tui::model::navigation::Opened;
use crate::tui::services::{ClusterTopics, Job, JobError, JobResult, TopicJob};
use crate::tui::update::update;

fn jobs(effects: &[Effect]) -> Vec<&TopicJob> {
    let job = |effect: &'_ Effect| matches!(effect, Effect::Run(Job::Topic { .. }));
    let jobs = effects.iter().filter(|effect| job(effect));
    jobs.filter_map(|effect| if let Effect::Run(Job::Topic { job, .. }) = effect { Some(job) } else { None }).collect()
}

fn measured(effects: &[Effect]) -> Vec<&str> {
    let topics = jobs(effects).into_iter().find_map(|job| match job {
        TopicJob::Measure { topics, .. } => Some(topics),
        _ => None,
    });
    topics.map(|topics| topics.iter().map(|(topic, _)| topic.as_str()).collect()).unwrap_or_default()
}

fn browsed(effects: &[Effect]) -> Option<&BrowseRequest> {
    jobs(effects).into_iter().find_map(|job| match job {
        TopicJob::Browse(request) => Some(request),
        _ => None,
    })
}

fn rows(model: &Model) -> Vec<String> {
    model.page().rows(model).to_vec()
}

fn done(model: &mut Model, job: Job, result: JobResult) -> Vec<Effect> {
    update(model, Message::JobDone(JobDone { job, answer: Ok(result) }))
}

fn tick(model: &mut Model, seconds: u64) -> Vec<Effect> {
    let uptime = model.now.uptime + Duration::from_secs(seconds);
    update(model, Message::Clock(Now { uptime, ..model.now }));
    update(model, Message::Tick)
}

/// A console that shows so many topics of 20 partitions, none of them measured.
fn large(count: usize) -> (Model, Vec<Effect>) {
    let mut model = model();
    press(&mut model, "2");
    draw(&mut model, (120, 36));
    let topics = (0..count).map(|number| listed(&format!("topic-{number:05}"), 20)).collect();
    let job = Job::ListTopics { cluster: "eu".into() };
    let effects = done(&mut model, job, JobResult::Topics(ClusterTopics { topics }));
    (model, effects)
}

#[test]
fn the_first_flows_source_is_shown_and_another_cluster_by_a_key() {
    let mut model = model();
    open(&mut model);
    assert_eq!(model.topics.cluster.as_ref().map(|cluster| cluster.as_str()), Some("eu"));
    let effects = press(&mut model, "c");
    assert_eq!(effects, [Effect::Run(Job::ListTopics { cluster: "us".into() })]);
    assert_eq!(rows(&model), Vec::<String>::new(), "nothing is known of it yet");
    press(&mut model, "C");
    assert!(rows(&model).len() > 3, "what was known is shown at once");
    assert_eq!(press(&mut empty(), "2"), []);
}

#[test]
fn internal_topics_are_shown_on_demand() {
    let mut model = model();
    open(&mut model);
    assert!(!rows(&model).contains(&"__consumer_offsets".to_owned()));
    press(&mut model, "i");
    assert_eq!(rows(&model)[0], "__consumer_offsets");
}

#[test]
fn topics_are_filtered_sorted_and_looked_through_for_problems() {
    let mut model = model();
    open(&mut model);
    press(&mut model, "/ o r d enter");
    assert_eq!(rows(&model), ["orders", "orders-changelog", "orders-dlq"]);
    press(&mut model, "esc s v");
    assert_eq!(rows(&model)[0], "payments", "most partitions first");
    press(&mut model, "!");
    assert_eq!(rows(&model), ["payments", "orders-changelog", "audit"]);
    press(&mut model, "! s s v");
    assert_eq!(rows(&model)[0], "audit", "what is not known comes first");
}

#[test]
fn what_is_seen_is_asked_again_while_it_is_shown() {
    let mut model = model();
    let mut answers = open(&mut model);
    assert_eq!(measured(&tick(&mut model, 1)), Vec::<&str>::new());
    let effects = tick(&mut model, 5);
    assert_eq!(measured(&effects).len(), 6, "of the topic that cannot be described nothing is asked");
    assert_eq!(measured(&tick(&mut model, 5)), Vec::<&str>::new(), "not while it is asked already");
    answers.settle(&mut model, effects);
    press(&mut model, "1");
    assert_eq!(tick(&mut model, 60), []);
    press(&mut model, "2");
    model.tasks.clear();
    model.frozen_since_ms = Some(model.now.wall_ms);
    assert_eq!(tick(&mut model, 60), [], "what is frozen asks for nothing");
    model.frozen_since_ms = None;
    assert!(!tick(&mut model, 1).is_empty());
}

#[test]
fn of_a_large_cluster_only_what_is_seen_is_asked() {
    let (mut model, effects) = large(10_000);
    let asked = measured(&effects);
    assert!(asked.len() < 60 && asked.contains(&"topic-00000"), "{}", asked.len());
    press(&mut model, "s s s");
    model.tasks.clear();
    let effects = tick(&mut model, 1);
    let asked = measured(&effects);
    assert_eq!(asked.len(), 100, "sorted by it, all are needed: 2,000 partitions at a time");
    let words = jobs(&effects).first().map(|job| job.describe(&"eu".into())).unwrap_or_default();
    assert_eq!(words, "ask the ends of 100 topics of eu (0 of 10000 known)");
}

#[test]
fn a_question_that_fails_is_not_asked_at_once_again() {
    let (mut model, effects) = large(3);
    let error = JobError { message: "ask cluster `eu`: timed out".into(), next: None };
    for effect in effects {
        let Effect::Run(job) = effect else { continue };
        let again = update(&mut model, Message::JobDone(JobDone { job, answer: Err(error.clone()) }));
        let is_same = |job: &&TopicJob| matches!(job, TopicJob::Measure { .. } | TopicJob::Settings { .. });
        assert_eq!(jobs(&again).iter().filter(|job| is_same(job)).count(), 0);
    }
    assert_eq!(model.toasts.iter().count(), 0);
    assert!(text(&draw(&mut model, (80, 24))).contains("timed out"));
    assert_eq!(measured(&tick(&mut model, 5)).len(), 3);
}

#[test]
fn a_topic_opens_then_a_partition_then_a_record_and_escape_leads_back() {
    let mut model = model();
    let mut answers = open(&mut model);
    answers.press(&mut model, "j enter");
    assert_eq!(model.navigation.opened(), Some(&Opened::Topic("orders".into())));
    assert_eq!(rows(&model), ["0", "1"]);
    let effects = press(&mut model, "j enter");
    let request = browsed(&effects).expect("records are read");
    assert_eq!((request.partition, &request.from), (Some(1), &BrowseFrom::Newest));
    answers.settle(&mut model, effects);
    assert_eq!(model.topics.records.selected().map(|record| record.offset), Some(9), "the newest stand at the end");
    press(&mut model, "enter");
    assert_eq!(model.navigation.opened(), Some(&Opened::Record(1, 9)));
    press(&mut model, "<");
    assert_eq!(model.navigation.opened(), Some(&Opened::Record(1, 8)));
    for expected in [3, 2, 1, 0] {
        assert_eq!(model.navigation.stack().len(), expected);
        press(&mut model, "esc");
    }
}

#[test]
fn all_facts_have_the_page_on_demand() {
    let mut model = model();
    let mut answers = open(&mut model);
    answers.press(&mut model, "j enter tab");
    let screen = text(&draw(&mut model, (80, 10)));
    assert!(screen.contains("min.isr") && !screen.contains("cleanup.policy ="), "{screen}");
    press(&mut model, "G");
    let screen = text(&draw(&mut model, (80, 10)));
    assert!(!screen.contains("min.isr") && screen.contains("cleanup.policy = delete"), "{screen}");
    press(&mut model, "esc");
    assert!(text(&draw(&mut model, (80, 24))).contains("LEADER"));
}

#[test]
fn records_are_read_page_by_page() {
    let mut model = model();
    let mut answers = open(&mut model);
    answers.press(&mut model, "j r");
    for (key, from) in [
        ("<", BrowseFrom::Before([(0, 7), (1, 8)].into())),
        (">", BrowseFrom::Onward([(0, 9), (1, 10)].into())),
        ("t", BrowseFrom::Newest),
        ("o", BrowseFrom::Oldest),
        ("^r", BrowseFrom::Oldest),
        ("a 1 2 enter", BrowseFrom::Offset(12)),
        ("a - 1 h enter", BrowseFrom::Time(model.now.wall_ms - 3_600_000)),
        ("^r", BrowseFrom::Onward([(0, 7), (1, 8)].into())),
    ] {
        let effects = press(&mut model, key);
        assert_eq!(browsed(&effects).map(|request| &request.from), Some(&from), "{key}");
        answers.settle(&mut model, effects);
    }
    answers.page = BrowsedPage::default();
    answers.press(&mut model, "<");
    assert_eq!(model.topics.records.records().len(), 4, "where nothing is, the page stays");
    assert_eq!(model.toasts.iter().last().map(|toast| toast.text.as_str()), Some("there are no older records"));
    assert_eq!(press(&mut model, "a x enter"), []);
    assert!(model.topics.records.prompt_error.is_some());
    press(&mut model, "esc");
    assert!(model.topics.records.prompt.is_none());
    press(&mut model, "esc esc");
    assert_eq!(model.navigation.stack(), [], "first the message, then the page");
}

#[test]
fn one_partition_and_all_again() {
    let mut model = model();
    let mut answers = open(&mut model);
    answers.press(&mut model, "j r");
    press(&mut model, "k");
    let effects = press(&mut model, "p");
    let request = browsed(&effects).expect("read");
    assert_eq!((request.partition, &request.from), (Some(1), &BrowseFrom::Offset(8)));
    answers.settle(&mut model, effects);
    assert_eq!(browsed(&press(&mut model, "p")).expect("read").partition, None);
}

#[test]
fn an_answer_about_other_records_is_left_aside() {
    let mut model = model();
    let mut answers = open(&mut model);
    answers.press(&mut model, "j r");
    let before = model.topics.records.records().len();
    let topic: TopicName = "payments".into();
    let request = BrowseRequest { topic, partition: None, from: BrowseFrom::Newest, records_max: 1 };
    let job = Job::Topic { cluster: "eu".into(), job: TopicJob::Browse(request) };
    done(&mut model, job, JobResult::Records(BrowsedPage::default()));
    assert_eq!(model.topics.records.records().len(), before);
}

#[test]
fn a_record_is_copied_and_written_byte_by_byte() {
    let mut model = model();
    let mut answers = open(&mut model);
    answers.press(&mut model, "j r");
    press(&mut model, "g g j");
    let value = b"\x00\x00\x00\x00\x2a\x02\xff\x1b[2J".to_vec();
    let written = [Effect::WriteBytes { name: "orders-0-8.value".into(), bytes: value }];
    assert_eq!(press(&mut model, "W"), written);
    press(&mut model, "enter");
    assert_eq!(press(&mut model, "w"), written);
    assert_eq!(press(&mut model, "W"), [Effect::WriteBytes { name: "orders-0-8.key".into(), bytes: Vec::new() }]);
    assert_eq!(press(&mut model, "y"), [Effect::Copy("000000002a02ff1b5b324a".into())]);
    press(&mut model, ">");
    assert_eq!(press(&mut model, "w"), [], "a tombstone has no value");
    press(&mut model, ">");
    assert!(matches!(press(&mut model, "w").as_slice(), [Effect::WriteBytes { .. }]));
    let told = model.toasts.iter().last().map(|toast| toast.text.as_str());
    assert_eq!(told, Some("only the first 300 of 1048576 bytes are written: more is not kept here"));
    press(&mut model, "< < <");
    let effects = press(&mut model, "Y");
    let [Effect::Copy(text)] = effects.as_slice() else { panic!("{effects:?}") };
    assert!(
        text.contains("offset 7\n") && text.contains("header none null") && text.contains("  \"id\": 17,"),
        "{text}"
    );
}

#[test]
fn a_page_of_records_is_a_table() {
    let mut model = model();
    let mut answers = open(&mut model);
    answers.press(&mut model, "j r");
    let effects = press(&mut model, "w enter");
    let [Effect::WriteFile { text, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert!(text.starts_with("partition,offset,timestamp_ms,key,value,size_bytes\n"), "{text}");
    press(&mut model, "/ a n n a enter");
    assert_eq!(rows(&model), ["0@7"]);
    let effects = press(&mut model, "esc esc w enter");
    let [Effect::WriteFile { text, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert!(text.contains("\npayments,12,3,") && text.contains("1 partition has no leader"), "{text}");
}

#[test]
fn ten_thousand_topics_are_sorted_once_not_for_every_frame() {
    let (mut model, _) = large(10_000);
    let shown = super::rows(&model);
    draw(&mut model, (120, 36));
    assert!(std::sync::Arc::ptr_eq(&shown, &super::rows(&model)));
    press(&mut model, "v");
    assert!(!std::sync::Arc::ptr_eq(&shown, &super::rows(&model)));
    assert_eq!(rows(&model)[0], "topic-09999");
}

#[test]
fn cluster_and_internal_topics_are_the_same_the_next_time() {
    let mut left = model();
    open(&mut left);
    press(&mut left, "i c");
    let mut again = model();
    let remembered = left.page().remember(&left);
    left.page().recall(&mut again, &remembered);
    assert_eq!(again.topics.cluster.as_ref().map(|cluster| cluster.as_str()), Some("us"));
    assert!(again.topics.is_internal_shown);
    let mut elsewhere = empty();
    left.page().recall(&mut elsewhere, &remembered);
    assert_eq!(elsewhere.topics.cluster, None, "a cluster that is not there any more");
}
