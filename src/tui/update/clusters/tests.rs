//! The keys of the clusters, their form, the first run and the demo.

use super::*;
use crate::config::ClusterDraft;
use crate::model::{ReachResult, ReachStep};
use crate::tui::effect::Reopen;
use crate::tui::fixture::{empty, inventory, model, press};
use crate::tui::jobs::JobDone;
use crate::tui::message::Message;
use crate::tui::model::clusters::form::Field;
use crate::tui::model::navigation::Tab;
use crate::tui::services::{ClusterLook, Disturbance, FieldProblem, JobError, JobKey, Saved};
use crate::tui::update::update;

fn done(model: &mut Model, job: Job, result: JobResult) -> Vec<Effect> {
    update(model, Message::JobDone(JobDone { job, answer: Ok(result) }))
}

fn job(effects: &[Effect]) -> Job {
    match effects {
        [Effect::Run(job)] => job.clone(),
        other => panic!("{other:?}"),
    }
}

fn paste(model: &mut Model, text: &str) {
    update(model, Message::Paste(text.into()));
}

#[test]
fn clusters_are_asked_once_and_what_they_say_is_shown() {
    let mut model = model();
    let effects = press(&mut model, "7");
    let asked: Vec<JobKey> = effects
        .iter()
        .map(|effect| match effect {
            Effect::Run(job) => job.key(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(asked, [JobKey::Cluster("eu".into()), JobKey::Cluster("us".into())]);
    let look =
        ClusterLook { version: Some("3.9".into()), brokers: vec![(1, "a:9092".into())], ..ClusterLook::default() };
    done(&mut model, Job::LookAtCluster { cluster: "eu".into() }, JobResult::Looked(Ok(look)));
    done(&mut model, Job::LookAtCluster { cluster: "us".into() }, JobResult::Looked(Err("refused".into())));
    assert_eq!(press(&mut model, "1 7"), [], "they are not asked again");
    assert_eq!(model.clusters.reach(&"eu".into()).0, Reach::Passed);
    press(&mut model, "!");
    assert_eq!(*model.page().rows(&model), ["us"], "only what has a problem");
}

#[test]
fn a_console_that_opens_on_the_clusters_asks_them() {
    let mut model = model();
    model.navigation.go(Tab::Clusters);
    let asked = update(&mut model, Message::Opened);
    let asks = |name: &str| asked.contains(&Effect::Run(Job::LookAtCluster { cluster: name.into() }));
    assert!(asks("eu") && asks("us"), "{asked:?}");
}

#[test]
fn a_test_shows_its_steps_as_they_come() {
    let mut model = model();
    press(&mut model, "7");
    let job = job(&press(&mut model, "t"));
    assert_eq!(job, Job::TestCluster { cluster: "eu".into(), draft: None });
    let tell = |model: &mut Model, step, result| {
        update(model, Message::News(News::Reached { cluster: "eu".into(), step, result }));
    };
    tell(&mut model, ReachStep::Lookup, ReachResult::Passed("1 of 1 names".into()));
    let test = &model.clusters.tests[&ClusterName::from("eu")];
    assert!(test.is_running && test.steps.len() == 1 && test.reach() == Reach::Unknown);
    let failed = ReachResult::Failed { cause: "refused".into(), fix: "start it".into() };
    tell(&mut model, ReachStep::Connect, failed);
    let again = done(&mut model, job, JobResult::Tested);
    assert_eq!(again, [Effect::Run(Job::LookAtCluster { cluster: "eu".into() })]);
    assert_eq!(model.clusters.tests[&ClusterName::from("eu")].reach(), Reach::Failed);
}

#[test]
fn a_cluster_is_typed_tested_and_saved() {
    let mut model = model();
    press(&mut model, "7 a");
    paste(&mut model, "dc-c");
    press(&mut model, "tab");
    paste(&mut model, "c-1:9092");
    press(&mut model, "tab space tab tab space");
    let draft = model.clusters.form.as_ref().expect("the form").draft();
    assert_eq!((draft.name.as_str(), draft.bootstrap_servers.as_str()), ("dc-c", "c-1:9092"));
    assert_eq!(draft.env, Some(crate::config::ClusterEnv::Staging));
    assert_eq!(draft.properties, [("security.protocol".to_owned(), "SSL".to_owned())]);
    let tested = job(&press(&mut model, "^t"));
    assert_eq!(tested, Job::TestCluster { cluster: "dc-c".into(), draft: Some(draft.clone()) });
    let save = job(&press(&mut model, "^s"));
    assert_eq!(save, Job::SaveCluster { draft: draft.clone(), is_new: true });
    let problem = FieldProblem { key: "bootstrap_servers".into(), message: "is no address".into() };
    done(&mut model, save.clone(), JobResult::Saved(Saved::Refused(vec![problem])));
    assert_eq!(model.clusters.form.as_ref().map(|form| form.field()), Some(Field::Servers), "at the field");
    let mut known = inventory();
    known.clusters.push(ClusterEntry { name: "dc-c".into(), ..known.clusters[0].clone() });
    update(&mut model, Message::News(News::Inventory(known)));
    done(&mut model, save, JobResult::Saved(Saved::Done { path: "/etc/k.toml".into(), doubts: Vec::new() }));
    assert!(model.clusters.form.is_none());
    assert_eq!(model.clusters.list.selected.as_deref(), Some("dc-c"));
}

#[test]
fn letters_are_text_in_the_form_and_leaving_asks_once() {
    let mut model = model();
    press(&mut model, "7 a q 1 ? t");
    assert_eq!(model.clusters.form.as_ref().map(|form| form.value(Field::Name)), Some("q1?t"));
    press(&mut model, "esc");
    assert!(model.clusters.form.as_ref().is_some_and(|form| form.is_leaving));
    press(&mut model, "x esc esc");
    assert!(model.clusters.form.is_none());
    press(&mut model, "a esc");
    assert!(model.clusters.form.is_none(), "nothing was typed, nothing is asked");
}

#[test]
fn editing_begins_with_what_is_written() {
    let mut model = model();
    let read = job(&press(&mut model, "7 e").split_off(2));
    let draft = ClusterDraft { name: "eu".into(), bootstrap_servers: "eu-1:9092".into(), ..ClusterDraft::default() };
    done(&mut model, read, JobResult::Draft(draft.clone()));
    press(&mut model, "x tab");
    paste(&mut model, ",eu-2:9092");
    let expected = ClusterDraft { bootstrap_servers: "eu-1:9092,eu-2:9092".into(), ..draft };
    let save = job(&press(&mut model, "^s"));
    assert_eq!(save, Job::SaveCluster { draft: expected, is_new: false }, "the name stays, whatever is typed");
}

#[test]
fn a_console_that_may_only_look_edits_nothing() {
    let mut model = model();
    model.is_read_only = true;
    press(&mut model, "7");
    assert_eq!(press(&mut model, "a e"), []);
    assert!(model.clusters.form.is_none());
    assert!(model.toasts.iter().any(|toast| toast.text.contains("--read-only")));
}

#[test]
fn the_first_run_has_three_ways_on() {
    let mut model = empty();
    model.inventory.saves_to = Some("/root/.config/kmirror/kmirror.toml".into());
    assert_eq!(press(&mut model, "d"), [Effect::Reopen(Reopen::Demo)]);
    press(&mut model, "o");
    paste(&mut model, "/etc/k.toml");
    let check = job(&press(&mut model, "enter"));
    let error = JobError { message: "use configuration /etc/k.toml: no such file".into(), next: None };
    update(&mut model, Message::JobDone(JobDone { job: check.clone(), answer: Err(error) }));
    assert_eq!(model.overlays.len(), 1, "the error is shown where the path was typed");
    let opened = done(&mut model, check, JobResult::FileChecked);
    assert_eq!(opened, [Effect::Reopen(Reopen::File("/etc/k.toml".into()))]);
    press(&mut model, "esc c");
    assert!(model.clusters.form.is_some() && model.navigation.tab() == Tab::Clusters);
}

#[test]
fn trouble_is_made_in_the_demo_only() {
    let mut model = model();
    assert_eq!(press(&mut model, "X s"), []);
    assert!(model.overlays.is_empty());
    model.inventory.is_demo = true;
    let wanted = Disturbance { source_broker_is_down: true, ..Disturbance::default() };
    let disturb = job(&press(&mut model, "X s"));
    assert_eq!(disturb, Job::Disturb { disturbance: wanted });
    assert_eq!(press(&mut model, "t"), [], "one after the other");
    done(&mut model, disturb, JobResult::Disturbed);
    assert_eq!(model.disturbance, wanted);
    let both = job(&press(&mut model, "k"));
    let slow = Disturbance { target_is_slow: true, ..wanted };
    assert_eq!(both, Job::Disturb { disturbance: slow });
    done(&mut model, both, JobResult::Disturbed);
    let normal = job(&press(&mut model, "esc : b a c k - t o enter"));
    assert_eq!(normal, Job::Disturb { disturbance: Disturbance::default() }, "by name, too");
}
