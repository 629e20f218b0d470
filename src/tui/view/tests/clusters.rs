//! The clusters, their form, the first run and the demo as they are drawn.

use insta::assert_snapshot;

use super::snap;
use crate::model::{ReachResult, ReachStep};
use crate::tui::fixture::{SIZES, draw, empty, model, press, text};
use crate::tui::jobs::JobDone;
use crate::tui::message::Message;
use crate::tui::model::Model;
use crate::tui::services::{ClusterLook, Disturbance, FieldProblem, Job, JobResult, News, Saved};
use crate::tui::update::update;

fn done(model: &mut Model, job: Job, result: JobResult) {
    update(model, Message::JobDone(JobDone { job, answer: Ok(result) }));
}

fn reached(model: &mut Model, cluster: &str, step: ReachStep, result: ReachResult) {
    update(model, Message::News(News::Reached { cluster: cluster.into(), step, result }));
}

/// One cluster that was looked at, one that does not answer.
fn clusters() -> Model {
    let mut model = model();
    press(&mut model, "7");
    let finding = "cluster `eu` is configured as version 2.0, but its brokers are 2.4 to 2.6, which is what counts";
    let look = ClusterLook {
        version: Some("2.4 to 2.6".into()),
        finding: Some(finding.into()),
        brokers: vec![(1, "eu-1:9092".into()), (2, "eu-2:9092".into())],
        cluster_id: Some("Zm9vYmFy".into()),
    };
    done(&mut model, Job::LookAtCluster { cluster: "eu".into() }, JobResult::Looked(Ok(look)));
    let refused = "ask cluster `us`: connection refused".to_owned();
    done(&mut model, Job::LookAtCluster { cluster: "us".into() }, JobResult::Looked(Err(refused)));
    model
}

#[test]
fn list_and_test() {
    let mut model = clusters();
    press(&mut model, "t");
    reached(&mut model, "eu", ReachStep::Lookup, ReachResult::Passed("2 of 2 names".into()));
    let fix = "is the broker running?".to_owned();
    let doubt = ReachResult::Doubtful { cause: "eu-2:9092: connection refused".into(), fix };
    reached(&mut model, "eu", ReachStep::Connect, doubt);
    snap("clusters", &mut model);
    press(&mut model, "j");
    assert_snapshot!("clusters_failed", text(&draw(&mut model, SIZES[1])));
}

#[test]
fn form() {
    let mut model = clusters();
    press(&mut model, "a");
    update(&mut model, Message::Paste("dc-c".into()));
    press(&mut model, "tab tab tab tab space space tab tab");
    let problem = |key: &str, message: &str| FieldProblem { key: key.into(), message: message.into() };
    let draft = model.clusters.form.as_ref().map(|form| form.draft()).unwrap_or_default();
    let wrong = vec![
        problem("bootstrap_servers", "is missing; write, for example, bootstrap_servers = \"kafka-1:9092\""),
        problem("", "flows.orders: line 7: source `dc-x` is no cluster"),
    ];
    done(&mut model, Job::SaveCluster { draft, is_new: true }, JobResult::Saved(Saved::Refused(wrong)));
    snap("cluster_form", &mut model);
    press(&mut model, "^t esc");
    assert_snapshot!("cluster_form_test", text(&draw(&mut model, SIZES[0])));
}

#[test]
fn first_run() {
    let mut model = empty();
    model.inventory.saves_to = Some("/root/.config/kmirror/kmirror.toml".into());
    snap("first_run", &mut model);
    press(&mut model, "o");
    assert_snapshot!("first_run_file", text(&draw(&mut model, SIZES[1])));
}

#[test]
fn trouble_in_the_demo_is_seen_in_the_header() {
    let mut model = model();
    model.inventory.is_demo = true;
    model.disturbance = Disturbance { source_broker_is_down: true, target_is_slow: true, ..Disturbance::default() };
    press(&mut model, "X");
    assert_snapshot!("demo", text(&draw(&mut model, SIZES[1])));
}

/// What clusters say, as an attacker would have it.
pub(super) fn hostile(model: &mut Model, attack: &'static str) {
    let look = ClusterLook {
        version: Some(attack.into()),
        finding: Some(attack.into()),
        brokers: vec![(1, attack.into())],
        cluster_id: Some(attack.into()),
    };
    done(model, Job::LookAtCluster { cluster: "eu".into() }, JobResult::Looked(Ok(look)));
    let failed = ReachResult::Failed { cause: attack.into(), fix: attack.into() };
    reached(model, "eu", ReachStep::Connect, failed);
}
