//! Jobs about clusters, against a mock one.

use std::fs;

use tokio::sync::mpsc::UnboundedReceiver;

use super::*;
use crate::demo::DemoClusters;
use crate::run::console::Stage;
use crate::run::console::services::opened::{Opened, open};
use crate::tui::{Job, Services};

/// Services over a file with a cluster nobody answers for.
fn services(file: &Path, is_read_only: bool) -> (ConsoleServices, UnboundedReceiver<News>) {
    fs::write(file, "[clusters.gone]\nbootstrap_servers = \"127.0.0.1:1\"\n").expect("written");
    let config = Config::load(file).expect("valid");
    let stage = Stage { config, file: Some(file.to_owned()), options: String::new(), demo: None };
    let Opened { services, told, .. } = open(&stage, is_read_only);
    (services, told)
}

fn draft(address: &str) -> ClusterDraft {
    ClusterDraft { name: "demo".into(), bootstrap_servers: address.to_owned(), ..ClusterDraft::default() }
}

fn steps(told: &mut UnboundedReceiver<News>) -> Vec<(ReachStep, ReachResult)> {
    let mut steps = Vec::new();
    while let Ok(news) = told.try_recv() {
        if let News::Reached { step, result, .. } = news {
            steps.push((step, result));
        }
    }
    steps
}

#[test]
fn a_cluster_is_tested_as_typed_then_saved_and_known_at_once() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("kmirror.toml");
    let (services, mut told) = services(&file, false);
    let mock = DemoClusters::start().expect("mock clusters");
    let draft = draft(mock.source_address());
    let test = Job::TestCluster { cluster: "demo".into(), draft: Some(draft.clone()) };
    assert_eq!(services.run(&test, &|| true), Ok(JobResult::Tested));
    let found = steps(&mut told);
    assert_eq!(found.len(), ReachStep::ALL.len());
    assert!(found.iter().all(|(_, result)| !matches!(result, ReachResult::Failed { .. })), "{found:?}");
    assert!(services.run(&Job::ListTopics { cluster: "demo".into() }, &|| true).is_err(), "not known yet");
    let saved = services.run(&Job::SaveCluster { draft, is_new: true }, &|| true).expect("answered");
    assert!(matches!(saved, JobResult::Saved(Saved::Done { .. })), "{saved:?}");
    let Ok(News::Inventory(inventory)) = told.try_recv() else { panic!("the console was not told") };
    assert_eq!(inventory.clusters.len(), 2);
    assert!(services.run(&Job::ListTopics { cluster: "demo".into() }, &|| true).is_ok());
    let look = services.run(&Job::LookAtCluster { cluster: "demo".into() }, &|| true).expect("answered");
    assert!(matches!(look, JobResult::Looked(Ok(look)) if look.brokers.len() == 3));
}

#[test]
fn one_that_does_not_answer_is_an_answer_and_its_test_names_the_step() {
    let folder = tempfile::tempdir().expect("folder");
    let (services, mut told) = services(&folder.path().join("kmirror.toml"), false);
    let test = Job::TestCluster { cluster: "gone".into(), draft: None };
    assert_eq!(services.run(&test, &|| true), Ok(JobResult::Tested));
    let found = steps(&mut told);
    assert!(matches!(found[1], (ReachStep::Connect, ReachResult::Failed { .. })), "{found:?}");
    let wrong = Job::TestCluster { cluster: "demo".into(), draft: Some(draft("nowhere")) };
    assert_eq!(services.run(&wrong, &|| true), Ok(JobResult::Tested));
    let found = steps(&mut told);
    assert!(matches!(&found[0].1, ReachResult::Failed { cause, .. } if cause.contains("bootstrap_servers")));
}

#[test]
fn a_console_that_may_only_look_saves_nothing() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("kmirror.toml");
    let (services, _told) = services(&file, true);
    let before = fs::read_to_string(&file).expect("readable");
    let error = services.run(&Job::SaveCluster { draft: draft("a:9092"), is_new: true }, &|| true);
    assert!(error.expect_err("refused").message.contains("--read-only"));
    assert_eq!(fs::read_to_string(&file).expect("readable"), before);
}

#[test]
fn only_a_configuration_can_be_opened() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("kmirror.toml");
    let (services, _told) = services(&file, false);
    assert_eq!(services.run(&Job::CheckFile { path: file }, &|| true), Ok(JobResult::FileChecked));
    let missing = Job::CheckFile { path: folder.path().join("none.toml") };
    assert!(services.run(&missing, &|| true).is_err());
}
