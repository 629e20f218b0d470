//! What keys do to positions.

use crate::config::ClusterEnv;
use crate::engine::{Event, EventKind, FlowState, MovedPosition};
use crate::model::{GroupMember, SetPosition, TopicPartition};
use crate::report::fixture as mirror;
use crate::tui::effect::Effect;
use crate::tui::fixture::offsets::{TOPIC, opened};
use crate::tui::fixture::topics::Answers;
use crate::tui::fixture::{model, press, show};
use crate::tui::jobs::JobDone;
use crate::tui::message::Message;
use crate::tui::model::Model;
use crate::tui::model::navigation::Tab;
use crate::tui::model::offsets::EditScope;
use crate::tui::model::overlay::Overlay;
use crate::tui::services::{Job, JobError, JobResult, OffsetsJob};
use crate::tui::update::update;

/// What is staged: partition, as typed, the offset that is.
fn staged(model: &Model) -> Vec<(i32, String, Option<i64>)> {
    let desk = model.offsets.desk().expect("a flow");
    let offset = |partition: &TopicPartition| desk.row(partition)?.position();
    let edits = desk.draft.edits().iter();
    edits.map(|(partition, edit)| (partition.partition, edit.at.to_string(), offset(partition))).collect()
}

fn last_toast(model: &Model) -> &str {
    model.toasts.iter().last().map_or("", |toast| toast.text.as_str())
}

/// Stages the start of the log, and opens the review of that.
fn review(model: &mut Model, answers: &mut Answers) {
    answers.press(model, "e");
    answers.press(model, "^s");
}

fn jobs(effects: &[Effect]) -> Vec<&OffsetsJob> {
    let job = |effect| match effect {
        &Effect::Run(Job::Offsets { ref job, .. }) => Some(job),
        _ => None,
    };
    effects.iter().filter_map(job).collect()
}

fn event(model: &mut Model, kind: EventKind) {
    update(model, Message::Event(Event { at_ms: mirror::AT_MS, flow: "eu-to-us".into(), kind }));
}

/// The flow is in this state.
fn in_state(model: &mut Model, state: FlowState) {
    let mut snapshot = mirror::snapshot();
    mirror::flow_mut(&mut snapshot, 0).state = state;
    show(model, snapshot);
}

#[test]
fn keys_stage_a_row_or_all_that_are_marked() {
    let (mut model, mut answers) = opened();
    answers.press(&mut model, "e");
    assert_eq!(staged(&model), [(0, "earliest".into(), Some(41_200_000))]);
    answers.press(&mut model, "l");
    assert_eq!(staged(&model), [(0, "latest".into(), Some(43_571_220))]);
    answers.press(&mut model, "j space space n 1 0 k enter");
    let last = |partition, offset| (partition, "last 10000".to_owned(), Some(offset));
    assert_eq!(staged(&model), [(0, "latest".into(), Some(43_571_220)), last(1, 43_562_197), last(2, 43_563_174)]);
    answers.press(&mut model, "c");
    assert_eq!(staged(&model).len(), 1, "back to the checkpoint: no edit");
    answers.press(&mut model, "u u");
    assert_eq!(staged(&model), [(0, "latest".into(), Some(43_571_220))]);
    answers.press(&mut model, "U R");
    assert_eq!(staged(&model), []);
    answers.press(&mut model, "u");
    assert_eq!(staged(&model).len(), 3, "to take all back is a step, too");
}

#[test]
fn every_key_begins_what_it_asks_for() {
    for (keys, at) in [
        ("d 2 h enter", "-2h"),
        ("= 4 3 , 0 0 0 , 0 0 0 enter", "43000000"),
        ("enter g r o u p : m m enter", "group:mm"),
        ("enter - 5 0 0 enter", "-500"),
        ("t enter", "2026-01-01T02:03:00Z"),
    ] {
        let (mut model, mut answers) = opened();
        if at.starts_with("2026") {
            model.offsets.desk_mut().expect("a flow").times.clear();
            model.now.wall_ms = 1_767_232_984_000;
        }
        answers.press(&mut model, keys);
        assert_eq!(staged(&model).first().map(|(_, at, _)| at.as_str()), Some(at), "{keys}: {}", last_toast(&model));
        assert!(staged(&model)[0].2.is_some(), "{keys} is looked up");
    }
}

#[test]
fn what_cannot_be_is_refused_while_it_is_typed() {
    let (mut model, mut answers) = opened();
    for (keys, reason) in [
        ("= 9 9 9 9 9 9 9 9 enter", "offset 99999999 is beyond the end of the log, which is 43571220"),
        ("^u 5 enter", "offset 5 is older than the log, which holds 41200000 to 43571220"),
        ("^u s o o n enter", "position `soon` is not understood"),
        ("^u 2 0 2 6 - 0 6 - 2 4 T 1 2 : 0 0 : 0 0 enter", "has no zone: end it with `Z` for UTC"),
    ] {
        answers.press(&mut model, keys);
        assert!(last_toast(&model).contains(reason), "{keys}: {}", last_toast(&model));
        assert!(model.offsets.line.is_some(), "it can be mended");
        assert_eq!(staged(&model), []);
    }
    // Nobody has answered yet: by what is known.
    press(&mut model, "^u 9 9 9 9 9 9 9 9 enter");
    assert_eq!(staged(&model), []);
    answers.press(&mut model, "esc");
    assert!(model.offsets.line.is_none());
}

#[test]
fn what_is_typed_is_looked_up_and_the_latest_counts() {
    let (mut model, mut answers) = opened();
    assert_eq!(press(&mut model, "d"), [], "nothing is typed yet");
    answers.press(&mut model, "2");
    let effects = press(&mut model, "h");
    let [OffsetsJob::Resolve { edits }] = jobs(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!(edits.len(), 1);
    let old = effects;
    let newer = press(&mut model, "backspace m");
    assert_eq!(jobs(&newer).len(), 1, "`-2` is known already");
    for effect in old {
        let Effect::Run(job) = effect else { continue };
        let answer = answers.answer(&job);
        update(&mut model, Message::JobDone(JobDone { job, answer }));
    }
    assert!(model.offsets.line.as_ref().is_some_and(|cell| cell.found().is_none()), "an answer to something else");
    answers.settle(&mut model, newer);
    assert!(model.offsets.line.as_ref().is_some_and(|cell| cell.found().is_some()));
}

#[test]
fn tab_goes_on_to_the_next_row() {
    let (mut model, mut answers) = opened();
    answers.press(&mut model, "n 5 tab 7 enter");
    let staged: Vec<(i32, String)> = staged(&model).into_iter().map(|(n, at, _)| (n, at)).collect();
    assert_eq!(staged, [(0, "last 5".to_owned()), (1, "last 7".to_owned())]);
}

/// Reviews what is staged and says yes.
fn apply(model: &mut Model, answers: &mut Answers) -> Vec<SetPosition> {
    answers.press(model, "^s");
    assert_eq!(press(model, "enter"), [], "{}", last_toast(model));
    let effects = press(model, "e u - t o - u s enter");
    let [OffsetsJob::Set { positions }] = jobs(&effects)[..] else { panic!("{effects:?}") };
    let positions = positions.clone();
    answers.settle(model, effects);
    positions
}

#[test]
fn what_was_reviewed_is_set_after_the_name_was_typed() {
    let (mut model, mut answers) = opened();
    answers.press(&mut model, "e");
    let positions = apply(&mut model, &mut answers);
    assert_eq!(positions, [SetPosition { topic: TOPIC.into(), partition: 0, offset: 41_200_000 }]);
    assert_eq!(staged(&model).len(), 1, "until the engine has done it");
    press(&mut model, "esc");
    assert!(model.offsets.desk().is_some_and(|desk| desk.setting.is_some()), "esc has closed the review only");
    press(&mut model, "l");
    assert_eq!(last_toast(&model), "positions are being set");
    let moved = MovedPosition { partition: TopicPartition::new(TOPIC, 0), from: Some(1), to: 41_200_000 };
    event(&mut model, EventKind::PositionsSet { positions: vec![moved] });
    assert_eq!(staged(&model), []);
    let text = last_toast(&model);
    assert!(text.starts_with("1 position of eu-to-us set; the old ones are in /root/"), "{text}");
    assert!(model.offsets.review.is_none());
}

#[test]
fn what_the_engine_refuses_stays_staged() {
    let (mut model, mut answers) = opened();
    answers.press(&mut model, "e");
    apply(&mut model, &mut answers);
    event(&mut model, EventKind::Refused { command: "set positions".into(), reason: "the flow is starting".into() });
    assert_eq!(last_toast(&model), "failed to set positions of eu-to-us: the flow is starting");
    assert_eq!(staged(&model).len(), 1);
    assert!(model.offsets.desk().is_some_and(|desk| desk.setting.is_none()));
}

#[test]
fn an_answer_of_the_engine_may_come_before_that_of_the_job() {
    let (mut model, mut answers) = opened();
    review(&mut model, &mut answers);
    let effects = press(&mut model, "enter e u - t o - u s enter");
    let moved = MovedPosition { partition: TopicPartition::new(TOPIC, 0), from: Some(1), to: 41_200_000 };
    event(&mut model, EventKind::PositionsSet { positions: vec![moved] });
    assert_eq!(staged(&model).len(), 1, "the file is not known yet");
    answers.settle(&mut model, effects);
    assert_eq!(staged(&model), []);
}

#[test]
fn without_the_old_positions_saved_nothing_is_set() {
    let (mut model, mut answers) = opened();
    review(&mut model, &mut answers);
    let effects = press(&mut model, "enter e u - t o - u s enter");
    for effect in effects {
        let Effect::Run(job) = effect else { continue };
        let answer = Err(JobError { message: "save positions: no space left".into(), next: None });
        update(&mut model, Message::JobDone(JobDone { job, answer }));
    }
    assert_eq!(last_toast(&model), "failed to save positions: no space left");
    assert!(!super::is_setting(&model));
    assert_eq!(staged(&model).len(), 1);
}

#[test]
fn nothing_half_known_is_set() {
    let (mut model, _) = opened();
    press(&mut model, "e ^s enter");
    assert_eq!(last_toast(&model), "1 position is still being looked up");
    // Marked rows that cannot be so are seen in the review, and keep all others from being set.
    let (mut model, mut answers) = opened();
    answers.press(&mut model, "j j space space n ^u + 5 0 0 enter");
    assert_eq!(staged(&model).len(), 2);
    answers.press(&mut model, "^s");
    press(&mut model, "enter");
    assert!(last_toast(&model).contains("/3 cannot be set: it is relative to the progress"), "{}", last_toast(&model));
    assert!(model.overlays.is_empty());
    answers.press(&mut model, "esc u");
    assert_eq!(press(&mut model, "^s"), []);
    assert_eq!(last_toast(&model), "nothing is edited: there is nothing to set");
}

#[test]
fn everything_is_looked_up_again_for_the_review() {
    let (mut model, mut answers) = opened();
    answers.press(&mut model, "l");
    for listed in &mut answers.offsets.partitions {
        listed.high = listed.high.map(|high| high + 1_000);
    }
    assert_eq!(staged(&model)[0].2, Some(43_571_220));
    let effects = press(&mut model, "^s");
    assert_eq!(staged(&model)[0].2, None);
    answers.settle(&mut model, effects);
    assert_eq!(staged(&model)[0].2, Some(43_572_220));
}

#[test]
fn a_group_that_is_in_use_is_not_changed_while_the_flow_does_not_run() {
    let (mut model, mut answers) = opened();
    answers.offsets.members =
        vec![GroupMember { name: "kafka-console-consumer on 10.0.0.9".into(), is_of_flow: false }];
    in_state(&mut model, FlowState::Stopped);
    answers.wait(&mut model, 10);
    review(&mut model, &mut answers);
    press(&mut model, "enter");
    assert!(last_toast(&model).contains("in use by kafka-console-consumer on 10.0.0.9"), "{}", last_toast(&model));
    in_state(&mut model, FlowState::Running);
    answers.press(&mut model, "enter");
    assert!(matches!(model.overlays.last(), Some(Overlay::Confirm(_))), "the engine moves its own lanes");
}

#[test]
fn a_console_that_may_only_look_reviews_and_sets_nothing() {
    let (mut model, mut answers) = opened();
    model.is_read_only = true;
    review(&mut model, &mut answers);
    press(&mut model, "enter");
    assert!(last_toast(&model).contains("may only look"), "{}", last_toast(&model));
    assert!(model.overlays.is_empty());
    answers.press(&mut model, "y");
    assert!(model.offsets.review.is_some());
}

#[test]
fn a_question_is_enough_where_nobody_minds() {
    let (mut model, mut answers) = opened();
    model.inventory.clusters.iter_mut().for_each(|cluster| cluster.env = ClusterEnv::Dev);
    review(&mut model, &mut answers);
    let effects = press(&mut model, "enter y");
    assert!(matches!(jobs(&effects)[..], [OffsetsJob::Set { .. }]), "{effects:?}");
}

#[test]
fn saved_positions_are_staged_to_be_reviewed() {
    let (mut model, mut answers) = opened();
    answers.press(&mut model, "b");
    let Some(Overlay::SavedOffsets(choice)) = model.overlays.last() else { panic!("no choice") };
    assert_eq!(choice.files.as_ref().and_then(|files| files.as_ref().ok()).map(Vec::len), Some(2));
    answers.press(&mut model, "j enter");
    assert_eq!(staged(&model), [(1, "43500000".into(), Some(43_500_000))]);
    let text = last_toast(&model);
    assert!(
        text.contains("1 position of eu-to-us.1.offsets.toml staged; 1 are the same now, 1 are not mirrored"),
        "{text}"
    );
    // The palette knows it by name.
    answers.press(&mut model, "R : r e s t o r e enter");
    assert!(matches!(model.overlays.last(), Some(Overlay::SavedOffsets(_))));
}

#[test]
fn the_page_opens_for_what_is_at_hand() {
    let scope = |model: &Model| model.offsets.desk().map(|desk| desk.scope.clone());
    let mut model = model();
    press(&mut model, "j o");
    assert_eq!((model.navigation.tab(), scope(&model)), (Tab::Offsets, Some(EditScope::Flow)));
    assert_eq!(model.offsets.flow.as_ref().map(|flow| flow.as_str()), Some("eu-to-us"));
    press(&mut model, "1 G enter o");
    assert_eq!(model.navigation.tab(), Tab::Offsets);
    assert!(matches!(scope(&model), Some(EditScope::Topic(_))), "{:?}", scope(&model));
    press(&mut model, "5 x o");
    let Some(EditScope::Marked(marked)) = scope(&model) else { panic!("{:?}", scope(&model)) };
    assert_eq!(marked.topics.len(), 1);
    press(&mut model, "5 esc k enter x o");
    let Some(EditScope::Marked(marked)) = scope(&model) else { panic!("{:?}", scope(&model)) };
    assert_eq!(marked.partitions.len(), 1);
    press(&mut model, "4");
    assert_eq!(model.offsets.flow.as_ref().map(|flow| flow.as_str()), Some("eu-to-us"), "the last flow");
}

#[test]
fn a_topic_leads_to_a_flow_that_mirrors_it() {
    let mut model = model();
    let mut answers = crate::tui::fixture::topics::open(&mut model);
    answers.press(&mut model, "/ ^ o r d e r s $ enter o");
    assert_eq!(model.navigation.tab(), Tab::Offsets);
    assert_eq!(model.offsets.desk().map(|desk| desk.scope.clone()), Some(EditScope::Topic("orders".into())));
    answers.press(&mut model, "2 esc / s e n s o r s enter o");
    assert_eq!(last_toast(&model), "no flow mirrors sensors");
}

#[test]
fn scopes_go_round_and_what_is_marked_is_one() {
    let (mut model, mut answers) = opened();
    let scope = |model: &Model| model.offsets.desk().expect("a flow").scope.clone();
    assert_eq!(scope(&model), EditScope::Topic(TOPIC.into()));
    assert_eq!(model.page().rows(&model).len(), 12);
    answers.press(&mut model, "f");
    assert_eq!((scope(&model), model.page().rows(&model).len()), (EditScope::Flow, 14));
    answers.press(&mut model, "space space f");
    assert_eq!(model.page().rows(&model).len(), 2);
    answers.press(&mut model, "f f f");
    assert_eq!(model.page().rows(&model).len(), 2, "what was marked is not forgotten");
    answers.press(&mut model, "f e m");
    assert_eq!(model.page().rows(&model).len(), 1, "only what is edited");
    answers.press(&mut model, "m !");
    assert_eq!(*model.page().rows(&model), [format!("{TOPIC}/5")]);
}

#[test]
fn a_flow_is_chosen_where_there_are_several() {
    let mut model = model();
    press(&mut model, "4");
    assert_eq!(*model.page().rows(&model), ["audit", "eu-to-us"]);
    let effects = press(&mut model, "j enter");
    assert_eq!(jobs(&effects), [&OffsetsJob::Read]);
    press(&mut model, "F");
    assert_eq!(model.offsets.flows.selected.as_deref(), Some("eu-to-us"));
}

#[test]
fn positions_are_read_again_and_what_failed_is_told() {
    let (mut model, mut answers) = opened();
    let version = model.offsets.desk().map(|desk| desk.version);
    answers.wait(&mut model, 5);
    assert_ne!(model.offsets.desk().map(|desk| desk.version), version, "read again after five seconds");
    for effect in press(&mut model, "^r") {
        let Effect::Run(job) = effect else { continue };
        let answer = Err(JobError { message: "ask cluster `eu`: timed out".into(), next: None });
        update(&mut model, Message::JobDone(JobDone { job, answer }));
    }
    let desk = model.offsets.desk().expect("a flow");
    assert!(desk.error.is_some() && desk.offsets.is_some(), "what was known stays");
    answers.wait(&mut model, 10);
    assert!(model.offsets.desk().is_some_and(|desk| desk.error.is_none()));
}

#[test]
fn a_lookup_that_fails_keeps_the_edit_and_is_tried_again() {
    let (mut model, mut answers) = opened();
    for effect in press(&mut model, "e") {
        let Effect::Run(job) = effect else { continue };
        let answer = Err(JobError { message: "ask cluster `eu`: timed out".into(), next: None });
        assert!(update(&mut model, Message::JobDone(JobDone { job, answer })).is_empty(), "not at once");
    }
    assert_eq!(staged(&model), [(0, "earliest".into(), None)]);
    answers.wait(&mut model, 10);
    assert_eq!(staged(&model), [(0, "earliest".into(), Some(41_200_000))]);
}

#[test]
fn a_row_is_copied_as_the_command_line_takes_it() {
    let (mut model, mut answers) = opened();
    assert_eq!(press(&mut model, "y"), [Effect::Copy(format!("{TOPIC}:0=43551220"))]);
    review(&mut model, &mut answers);
    let command = format!("kmirror offsets set -c kmirror.toml eu-to-us {TOPIC}:0=41200000");
    assert_eq!(press(&mut model, "y"), [Effect::Copy(command)]);
}

#[test]
fn many_partitions_are_looked_up_in_parts() {
    let (mut model, _) = opened();
    let mut offsets = crate::tui::fixture::offsets::offsets();
    let first = offsets.partitions[0].clone();
    offsets.partitions = (0..45_000)
        .map(|number| {
            let mut listed = first.clone();
            listed.partition.partition = number;
            listed
        })
        .collect();
    let done = |job, result| Message::JobDone(JobDone { job, answer: Ok(result) });
    let read = Job::Offsets { flow: "eu-to-us".into(), job: OffsetsJob::Read };
    update(&mut model, done(read, JobResult::FlowOffsets(offsets)));
    let effects = press(&mut model, "A e");
    let [OffsetsJob::Resolve { edits }] = jobs(&effects)[..] else { panic!("one lookup") };
    assert_eq!(edits.len(), 20_000);
    assert_eq!(staged(&model).len(), 45_000);
}

#[test]
fn a_command_that_is_too_long_for_a_question_is_on_the_page_only() {
    let (mut model, mut answers) = opened();
    let equivalent = |model: &Model| match model.overlays.last() {
        Some(Overlay::Confirm(confirm)) => confirm.equivalent.clone(),
        other => panic!("no question: {other:?}"),
    };
    review(&mut model, &mut answers);
    press(&mut model, "enter");
    assert_eq!(equivalent(&model), super::equivalent(&model));
    answers.press(&mut model, "esc esc A e");
    answers.press(&mut model, "^s");
    press(&mut model, "enter");
    assert_eq!(equivalent(&model), None);
    assert!(super::equivalent(&model).is_some_and(|command| command.len() > 300));
}

#[test]
fn edits_are_not_lost_without_a_word() {
    let (mut model, mut answers) = opened();
    show(&mut model, crate::engine::Snapshot::default());
    answers.press(&mut model, "e q");
    let Some(Overlay::Confirm(confirm)) = model.overlays.last() else { panic!("it ends") };
    assert_eq!(confirm.lines, ["Positions that are edited and not set would be lost: 1 of eu-to-us."]);
}
