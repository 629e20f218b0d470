//! What keys do on the dashboard.

use std::sync::Arc;

use crate::engine::{BlockedReason, Command, FlowState, LaneState, Scope, TopicState};
use crate::model::{FlowName, StartPosition};
use crate::report::fixture as mirror;
use crate::tui::effect::Effect;
use crate::tui::fixture::{model, press, show};
use crate::tui::jobs::JobDone;
use crate::tui::message::Message;
use crate::tui::model::Model;
use crate::tui::model::live::{ChartKind, ChartWindow};
use crate::tui::model::navigation::Tab;
use crate::tui::model::overlay::{Confirm, Overlay};
use crate::tui::services::{Job, JobError, JobResult, Leaders};
use crate::tui::update::update;

/// The dashboard of `eu-to-us`, whose clusters nobody minds.
fn live() -> Model {
    let mut model = model();
    model.inventory.clusters.iter_mut().for_each(|cluster| cluster.env = crate::config::ClusterEnv::Dev);
    press(&mut model, "G enter");
    assert_eq!(model.navigation.tab(), Tab::Live);
    model
}

/// The same with the flow changed.
fn live_with(change: impl FnOnce(&mut crate::engine::FlowSnapshot)) -> Model {
    let mut model = live();
    let mut snapshot = mirror::snapshot();
    change(mirror::flow_mut(&mut snapshot, 0));
    show(&mut model, snapshot);
    model
}

fn scope(topic: Option<&str>, partition: Option<i32>) -> Scope {
    Scope { flow: "eu-to-us".into(), topic: topic.map(Into::into), partition }
}

fn sent(command: Command) -> Vec<Effect> {
    vec![Effect::Send(command)]
}

fn toast(model: &Model) -> &str {
    model.toasts.iter().last().map_or("", |toast| toast.text.as_str())
}

fn question(model: &Model) -> &Confirm {
    match model.overlays.last() {
        Some(Overlay::Confirm(confirm)) => confirm,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_flow_opens_with_who_is_furthest_behind_first() {
    let mut model = live();
    assert_eq!(*model.page().rows(&model), ["orders", "payments"]);
    assert_eq!(model.live.topics.selected.as_deref(), Some("orders"));
    press(&mut model, "v");
    assert_eq!(*model.page().rows(&model), ["payments", "orders"]);
    press(&mut model, "/ p a y enter");
    assert_eq!(*model.page().rows(&model), ["payments"]);
    press(&mut model, "esc !");
    assert_eq!(model.page().rows(&model).len(), 2, "both have a problem");
    assert_eq!(model.page().listing(&model, None).rows.len(), 2);
}

#[test]
fn the_tab_shows_a_flow_even_if_none_was_chosen() {
    let mut model = model();
    press(&mut model, "5");
    assert_eq!(model.live.flow, Some(FlowName::from("eu-to-us")));
    press(&mut model, "f");
    assert_eq!(model.live.flow, Some(FlowName::from("audit")));
    press(&mut model, "F F");
    assert_eq!(model.live.flow, Some(FlowName::from("audit")));
    show(&mut model, mirror::caught_up());
    press(&mut model, "1 5");
    assert_eq!(model.live.flow, Some(FlowName::from("eu-to-us")), "audit is gone");
    press(&mut model, "f");
    assert_eq!(toast(&model), "there is no other flow");
}

#[test]
fn windows_and_charts_are_switched_and_remembered() {
    let mut model = live();
    model.size = (80, 24);
    press(&mut model, "+ = + m");
    assert_eq!((model.live.window, model.live.chart), (ChartWindow::SixHours, ChartKind::Throughput));
    let kept = model.page().remember(&model);
    press(&mut model, "0 - - - m");
    assert_eq!((model.live.window, model.live.chart), (ChartWindow::Minute, ChartKind::Lag));
    model.page().recall(&mut model, &kept);
    assert_eq!((model.live.window, model.live.chart), (ChartWindow::SixHours, ChartKind::Throughput));
    model.size = (120, 36);
    press(&mut model, "m");
    assert_eq!(toast(&model), "both charts are shown");
    press(&mut model, "enter -");
    assert_eq!(model.live.window, ChartWindow::SixHours);
}

#[test]
fn topics_are_paused_and_resumed() {
    let mut model = live_with(|flow| flow.topics[0].lanes[1].state = LaneState::Paused);
    assert_eq!(
        press(&mut model, "p"),
        sent(Command::Pause { scope: scope(Some("orders"), None) }),
        "a lane of it reads"
    );
    assert_eq!(press(&mut model, "r"), sent(Command::Resume { scope: scope(Some("orders"), None) }));
    press(&mut model, "j");
    assert_eq!(press(&mut model, "p"), []);
    assert_eq!(toast(&model), "topic payments: nothing of it is being read");
    press(&mut model, "A");
    let paused = press(&mut model, "p");
    assert_eq!(paused.len(), 2, "{paused:?}");
}

#[test]
fn partitions_are_paused_and_resumed() {
    let mut model = live();
    let asked = press(&mut model, "enter");
    assert!(matches!(asked.as_slice(), [Effect::Run(Job::FindLeaders { .. })]), "{asked:?}");
    assert_eq!(*model.page().rows(&model), ["0", "1"]);
    assert_eq!(press(&mut model, "p"), sent(Command::Pause { scope: scope(Some("orders"), Some(0)) }));
    assert_eq!(press(&mut model, "r"), []);
    assert_eq!(toast(&model), "orders/0: nothing of it is paused or blocked");
    assert_eq!(press(&mut model, "y"), [Effect::Copy("orders/0".into())]);
    assert_eq!(press(&mut model, "j r"), sent(Command::Resume { scope: scope(Some("orders"), Some(1)) }));
    assert_eq!(model.page().listing(&model, Some("1")).rows.len(), 1);
    // The first clears the messages.
    press(&mut model, "esc esc");
    assert_eq!(*model.page().rows(&model), ["orders", "payments"]);
}

#[test]
fn a_flow_that_does_not_run_is_started_and_one_that_is_paused_resumed() {
    let mut model = live_with(|flow| flow.state = FlowState::Stopped);
    assert_eq!(press(&mut model, "r"), sent(Command::Start { flow: "eu-to-us".into() }));
    assert_eq!(press(&mut model, "p"), []);
    assert_eq!(toast(&model), "eu-to-us does not run: r starts it");
    let mut model = live_with(|flow| {
        flow.state = FlowState::Paused;
        flow.topics[0].lanes[0].state = LaneState::Paused;
    });
    assert_eq!(press(&mut model, "P"), []);
    assert_eq!(toast(&model), "eu-to-us is paused already: r lets it go on");
    assert_eq!(press(&mut model, "r"), sent(Command::Resume { scope: scope(None, None) }));
    // One that is only called paused, for a partition of it is and the others have nothing to do.
    let mut model = live_with(|flow| {
        flow.state = FlowState::Paused;
        flow.topics[0].lanes[0].state = LaneState::CaughtUp;
        flow.topics[0].lanes[1].state = LaneState::Paused;
    });
    assert_eq!(press(&mut model, "r"), sent(Command::Resume { scope: scope(Some("orders"), None) }));
    assert_eq!(press(&mut model, "P"), sent(Command::Pause { scope: scope(None, None) }));
    let mut model = live();
    assert_eq!(press(&mut model, "P"), sent(Command::Pause { scope: scope(None, None) }));
    press(&mut model, "S");
    assert!(matches!(press(&mut model, "y").as_slice(), [Effect::Send(Command::Stop { .. })]));
}

#[test]
fn production_is_asked_about_and_starting_tells_its_command() {
    let mut model = model();
    press(&mut model, "G enter p");
    assert_eq!(question(&model).question, "Pause topic orders?");
    let mut snapshot = mirror::snapshot();
    mirror::flow_mut(&mut snapshot, 0).state = FlowState::Stopped;
    show(&mut model, snapshot);
    press(&mut model, "n r");
    let command = question(&model).equivalent.as_deref();
    assert_eq!(command, Some("kmirror run -c kmirror.toml --flow eu-to-us"));
}

#[test]
fn a_record_is_left_out_only_by_typing_its_offset() {
    let mut model = live();
    press(&mut model, "u j enter");
    let asked = question(&model);
    assert_eq!((asked.question.as_str(), asked.name.as_str()), ("Leave out the record at 4711?", "4711"));
    let command = "kmirror run -c kmirror.toml --skip-record eu-to-us:orders:1@4711 --yes";
    assert_eq!(asked.equivalent.as_deref(), Some(command));
    assert_eq!(press(&mut model, "4 7 1 enter"), []);
    let skip = Command::SkipRecord { scope: scope(Some("orders"), Some(1)), offset: 4711 };
    assert_eq!(press(&mut model, "1 enter"), sent(skip));
}

#[test]
fn what_is_blocked_is_tried_again() {
    let mut model = live();
    assert_eq!(press(&mut model, "u enter"), sent(Command::Resume { scope: scope(Some("orders"), Some(1)) }));
    assert_eq!(press(&mut model, "j u enter"), sent(Command::Resume { scope: scope(Some("payments"), None) }));
    // The cursor goes on to the commands, which are copied.
    let copied = press(&mut model, "u j enter");
    assert!(matches!(copied.as_slice(), [Effect::Copy(command)] if command.contains("--partitions 12")), "{copied:?}");
    press(&mut model, "esc");
    assert!(model.overlays.is_empty());
}

/// Both lanes of `orders` are blocked for the same reason.
fn overtaken() -> Model {
    live_with(|flow| {
        for lane in &mut flow.topics[0].lanes {
            lane.state =
                LaneState::Blocked { why: BlockedReason::RetentionOvertook { lost_from: 4711, lost_to: 4800 } };
        }
    })
}

#[test]
fn lanes_go_on_at_a_typed_position() {
    let mut model = overtaken();
    press(&mut model, "u enter x enter");
    assert!(toast(&model).contains("`x` is not understood"), "{}", toast(&model));
    press(&mut model, "backspace e a r l i e s t enter");
    let asked = question(&model);
    assert_eq!(asked.question, "Go on with 2 partitions of orders at earliest?");
    let both = "--resume-at eu-to-us:orders:0=earliest --resume-at eu-to-us:orders:1=earliest";
    assert_eq!(asked.equivalent.clone(), Some(format!("kmirror run -c kmirror.toml {both}")));
    let resume = |partition| {
        Effect::Send(Command::ResumeAt { scope: scope(Some("orders"), Some(partition)), at: StartPosition::Earliest })
    };
    assert_eq!(press(&mut model, "y"), [resume(0), resume(1)]);
    // One step back leads from the line to the choices, the next out of them.
    press(&mut model, "u enter 5 esc");
    assert!(matches!(model.overlays.last(), Some(Overlay::Unblock(unblock)) if unblock.line.is_none()));
    press(&mut model, "esc");
    assert!(model.overlays.is_empty());
}

#[test]
fn another_flows_progress_is_adopted() {
    let why = BlockedReason::WrittenByOtherFlow { target_end: 900, by: mirror::other_flow() };
    let mut model = live_with(|flow| flow.topics[0].lanes[1].state = LaneState::Blocked { why });
    press(&mut model, "u enter");
    let command = question(&model).equivalent.as_deref();
    assert_eq!(command, Some("kmirror run -c kmirror.toml --adopt eu-to-us=kmirror.old"));
    let adopt = Command::Adopt { flow: "eu-to-us".into(), from: "kmirror.old".into() };
    assert_eq!(press(&mut model, "y"), sent(adopt));
}

#[test]
fn a_new_topic_is_mirrored_or_left_alone() {
    let held_back = || live_with(|flow| flow.topics[1].state = TopicState::Blocked { why: BlockedReason::NewTopic });
    let (flow, topic) = (FlowName::from("eu-to-us"), crate::model::TopicName::from("payments"));
    let mut model = held_back();
    press(&mut model, "j u enter");
    let asked = question(&model);
    assert_eq!((asked.question.as_str(), asked.equivalent.as_deref()), ("Leave payments alone?", None));
    let ignore = Command::IgnoreTopic { flow: flow.clone(), topic: topic.clone() };
    assert_eq!(press(&mut model, "y"), sent(ignore));
    let mut model = held_back();
    press(&mut model, "j u j enter");
    let asked = question(&model);
    let command = "kmirror run -c kmirror.toml --mirror-new eu-to-us:payments";
    assert_eq!((asked.question.as_str(), asked.equivalent.as_deref()), ("Mirror payments?", Some(command)));
    assert_eq!(press(&mut model, "y"), sent(Command::MirrorTopic { flow, topic }));
}

#[test]
fn a_topic_that_was_left_alone_can_be_mirrored_after_all() {
    let mut model = live_with(|flow| flow.topics[1].state = TopicState::Ignored);
    press(&mut model, "j u");
    assert_eq!(question(&model).question, "Mirror payments?");
    let mirror = Command::MirrorTopic { flow: "eu-to-us".into(), topic: "payments".into() };
    assert_eq!(press(&mut model, "y"), sent(mirror));
    model.is_read_only = true;
    press(&mut model, "u");
    assert!(toast(&model).contains("--read-only") && model.overlays.is_empty(), "{}", toast(&model));
}

#[test]
fn who_may_only_look_sees_the_choices_and_cannot_take_them() {
    let mut model = live();
    model.is_read_only = true;
    assert_eq!(press(&mut model, "p"), []);
    assert_eq!(press(&mut model, "u enter"), []);
    assert!(toast(&model).contains("--read-only"), "{}", toast(&model));
    assert!(matches!(press(&mut model, "j j enter").as_slice(), [Effect::Copy(_)]), "copying changes nothing");
}

#[test]
fn there_is_nothing_to_decide_about_what_runs() {
    let mut model = live_with(|flow| flow.topics[0].lanes[1].state = LaneState::Copying);
    press(&mut model, "u");
    assert_eq!(toast(&model), "orders is not blocked: there is nothing to decide");
    press(&mut model, "enter enter");
    assert_eq!(toast(&model), "orders/0 is not blocked: there is nothing to decide");
    assert!(model.overlays.is_empty());
}

#[test]
fn a_flow_that_is_blocked_as_a_whole_is_decided_about_as_a_whole() {
    let mut model = live_with(|flow| {
        flow.topics.clear();
        flow.state = FlowState::Blocked { why: BlockedReason::GroupAuthorization { group: "kmirror.eu-to-us".into() } };
    });
    assert_eq!(press(&mut model, "u enter"), sent(Command::Resume { scope: scope(None, None) }));
}

#[test]
fn leaders_are_those_of_the_topic_that_is_open() {
    let mut model = live();
    let Some(Effect::Run(job)) = press(&mut model, "enter").pop() else { panic!("nothing was asked") };
    let found = Leaders { source: Ok([(0, Some(101)), (1, None)].into()), target: Err("no broker answers".into()) };
    let answer = Ok(JobResult::Leaders(found.clone()));
    update(&mut model, Message::JobDone(JobDone { job: job.clone(), answer: answer.clone() }));
    assert_eq!(model.live.leaders.as_ref().map(|known| &known.found), Some(&found));
    // What was asked about another topic is not taken for this one's.
    press(&mut model, "esc j enter");
    assert_eq!(model.live.leaders.as_ref().map(|known| known.topic.as_str()), Some("orders"));
    update(&mut model, Message::JobDone(JobDone { job: job.clone(), answer }));
    assert_eq!(model.live.leaders.as_ref().map(|known| known.topic.as_str()), Some("orders"));
    let failed = Err(JobError { message: "ask".into(), next: None });
    update(&mut model, Message::JobDone(JobDone { job, answer: failed }));
    assert!(model.tasks.is_empty());
}

#[test]
fn a_frozen_screen_stays_and_data_goes_on_being_collected() {
    let mut model = live();
    press(&mut model, "space");
    let before = Arc::clone(&model.snapshot);
    show(&mut model, mirror::caught_up());
    assert!(Arc::ptr_eq(&before, &model.snapshot));
    press(&mut model, "space");
    show(&mut model, mirror::caught_up());
    assert_eq!(model.snapshot.flows.len(), 1);
}

#[test]
fn a_topic_that_goes_while_it_is_open_does_no_harm() {
    let mut model = live();
    press(&mut model, "enter j");
    show(&mut model, mirror::caught_up());
    let mut snapshot = mirror::snapshot();
    mirror::flow_mut(&mut snapshot, 0).topics.remove(0);
    show(&mut model, snapshot);
    assert_eq!(press(&mut model, "p u r enter y w"), []);
    let mut snapshot = mirror::snapshot();
    mirror::flow_mut(&mut snapshot, 0).topics[0].state = TopicState::Ignored;
    mirror::flow_mut(&mut snapshot, 0).topics[0].lanes.clear();
    show(&mut model, snapshot);
    assert_eq!(press(&mut model, "p r"), []);
    assert_eq!(press(&mut model, "y"), [Effect::Copy("orders".into())]);
}
