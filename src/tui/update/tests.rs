//! What keys do: from a console and keys to what it knows and wants done.

use super::*;
use crate::engine::{Command, FlowState, LaneState, Scope};
use crate::report::{Access, fixture as mirror};
use crate::tui::fixture::{draw, empty, model, press, show, text};
use crate::tui::keymap::Action;
use crate::tui::message::Measures;
use crate::tui::model::navigation::Opened;
use crate::tui::model::overlay::Overlay;

/// The fixture with one flow in another state.
fn with_state(state: FlowState) -> Model {
    let mut model = model();
    let mut snapshot = mirror::snapshot();
    mirror::flow_mut(&mut snapshot, 0).state = state;
    show(&mut model, snapshot);
    model.flows.list.select(1, &["audit".into(), "eu-to-us".into()]);
    model
}

fn toasts(model: &Model) -> Vec<&str> {
    model.toasts.iter().map(|toast| toast.text.as_str()).collect()
}

fn scope() -> Scope {
    Scope::flow("eu-to-us".into())
}

#[test]
fn keys_move_between_tabs_and_back() {
    let mut model = model();
    for (keys, tab) in [
        ("2", Tab::Topics),
        ("6", Tab::Logs),
        ("[", Tab::Topics),
        ("[", Tab::Flows),
        ("]", Tab::Topics),
        ("esc", Tab::Flows),
        ("esc", Tab::Flows),
    ] {
        press(&mut model, keys);
        assert_eq!(model.navigation.tab(), tab, "{keys}");
    }
}

#[test]
fn the_cursor_moves_and_opens() {
    let mut model = model();
    assert_eq!(model.flows.list.selected.as_deref(), Some("audit"));
    press(&mut model, "j");
    assert_eq!(model.flows.list.selected.as_deref(), Some("eu-to-us"));
    press(&mut model, "g g");
    assert_eq!(model.flows.list.cursor, 0);
    press(&mut model, "G enter");
    assert_eq!(
        (model.navigation.tab(), model.live.flow.as_ref().map(|flow| flow.as_str())),
        (Tab::Live, Some("eu-to-us"))
    );
}

#[test]
fn a_chord_that_is_broken_off_does_not_swallow_the_key() {
    let mut model = model();
    press(&mut model, "g j");
    assert_eq!(model.flows.list.cursor, 1);
    assert_eq!(model.chord, []);
}

#[test]
fn a_filter_shows_what_fits_and_escape_takes_it_back() {
    let mut model = model();
    press(&mut model, "/ a u d");
    assert_eq!(*model.page().rows(&model), ["audit"]);
    press(&mut model, "enter");
    assert!(!model.flows.list.is_typing_filter);
    press(&mut model, "/ (");
    assert_eq!(model.flows.list.filter_error.as_deref(), Some("unclosed group"));
    assert_eq!(*model.page().rows(&model), ["audit"], "the last filter that could be read stays");
    press(&mut model, "enter esc");
    assert_eq!(model.page().rows(&model).len(), 2);
    assert_eq!(model.navigation.tab(), Tab::Flows);
}

#[test]
fn lists_are_sorted_by_column() {
    let mut model = model();
    press(&mut model, "s");
    assert_eq!(*model.page().rows(&model), ["eu-to-us", "audit"], "by state: the worst first");
    press(&mut model, "s s s v");
    assert_eq!(*model.page().rows(&model), ["eu-to-us", "audit"], "by lag, the greatest first");
    press(&mut model, "v");
    assert_eq!(*model.page().rows(&model), ["audit", "eu-to-us"]);
}

#[test]
fn only_problems_are_shown_on_demand() {
    let mut model = model();
    let mut snapshot = mirror::caught_up();
    snapshot.flows.push(mirror::snapshot().flows.remove(1));
    show(&mut model, snapshot);
    press(&mut model, "!");
    assert_eq!(*model.page().rows(&model), ["audit"]);
    press(&mut model, "! g g n");
    assert_eq!(model.flows.list.selected.as_deref(), Some("audit"));
}

#[test]
fn what_changes_production_is_asked_and_must_be_typed() {
    let mut model = with_state(FlowState::Running);
    assert_eq!(press(&mut model, "S"), []);
    assert_eq!(press(&mut model, "y"), [], "a letter is text here");
    assert_eq!(press(&mut model, "enter"), []);
    assert_eq!(toasts(&model), ["type eu-to-us to do it, or esc to leave it"]);
    press(&mut model, "^u e u - t o - u s");
    let effects = press(&mut model, "enter");
    let expected = Command::Stop { flow: "eu-to-us".into(), drain_timeout: flows::DRAIN_TIMEOUT };
    assert_eq!(effects, [Effect::Send(expected)]);
    assert!(model.overlays.is_empty());
}

#[test]
fn what_can_be_taken_back_is_asked_on_production_only() {
    let mut model = with_state(FlowState::Running);
    assert_eq!(press(&mut model, "p"), []);
    assert_eq!(press(&mut model, "enter"), [], "enter means no");
    assert_eq!(press(&mut model, "p y"), [Effect::Send(Command::Pause { scope: scope() })]);
    model.inventory.clusters.iter_mut().for_each(|cluster| cluster.env = crate::config::ClusterEnv::Dev);
    assert_eq!(press(&mut model, "p"), [Effect::Send(Command::Pause { scope: scope() })]);
    assert_eq!(press(&mut model, "S n"), []);
    assert!(matches!(press(&mut model, "S y").as_slice(), [Effect::Send(Command::Stop { .. })]));
}

#[test]
fn starting_is_resuming_where_the_flow_runs() {
    for (state, expected) in [
        (FlowState::Stopped, Command::Start { flow: "eu-to-us".into() }),
        (FlowState::Paused, Command::Resume { scope: scope() }),
    ] {
        let mut model = with_state(state);
        assert_eq!(press(&mut model, "r y"), [Effect::Send(expected)]);
    }
}

#[test]
fn what_cannot_be_done_is_told_with_the_reason() {
    let mut healthy = model();
    show(&mut healthy, mirror::caught_up());
    let mut without_flows = model();
    show(&mut without_flows, Snapshot::default());
    let mut paused = with_state(FlowState::Paused);
    let mut snapshot = Snapshot::clone(&paused.snapshot);
    mirror::flow_mut(&mut snapshot, 0).topics[0].lanes[0].state = LaneState::Paused;
    show(&mut paused, snapshot);
    for (mut model, keys, reason) in [
        (healthy, "r", "eu-to-us runs already"),
        (with_state(FlowState::Stopped), "p", "eu-to-us does not run: r starts it"),
        (with_state(FlowState::Stopped), "S", "eu-to-us does not run: r starts it"),
        (paused, "p", "eu-to-us is paused already: r lets it go on"),
        (with_state(FlowState::Draining), "r", "eu-to-us is stopping: wait until it has stopped"),
        (without_flows, "S", "there is no flow here"),
    ] {
        assert_eq!(press(&mut model, keys), []);
        assert_eq!(toasts(&model), [reason]);
        assert!(model.overlays.is_empty());
    }
}

#[test]
fn a_console_that_may_only_look_changes_nothing() {
    let mut model = with_state(FlowState::Running);
    model.is_read_only = true;
    for keys in ["p", "S", "r"] {
        assert_eq!(press(&mut model, keys), [], "{keys}");
        assert!(model.overlays.is_empty(), "{keys}");
    }
    assert_eq!(toasts(&model), ["this console may only look: it was started with --read-only"]);
}

#[test]
fn leaving_asks_while_something_runs() {
    let mut running = model();
    assert_eq!(press(&mut running, "q"), []);
    assert_eq!(press(&mut running, "n"), []);
    assert_eq!(press(&mut running, "q y"), [Effect::End]);
    let mut running = model();
    assert_eq!(press(&mut running, "^c ^c"), [Effect::End], "twice means it");
    assert_eq!(press(&mut empty(), "q"), [Effect::End]);
    assert_eq!(update(&mut model(), Message::EndRequested), [Effect::End]);
}

#[test]
fn the_palette_runs_actions_by_name() {
    let mut model = with_state(FlowState::Stopped);
    assert_eq!(press(&mut model, ": s t a r t enter y"), [Effect::Send(Command::Start { flow: "eu-to-us".into() })]);
    press(&mut model, ": t o p i c s enter");
    assert_eq!(model.navigation.tab(), Tab::Topics);
    press(&mut model, ": x x x x enter");
    assert!(model.overlays.is_empty());
    press(&mut model, ": esc");
    assert!(model.overlays.is_empty());
}

fn palette(model: &Model) -> &crate::tui::model::overlay::Palette {
    let Some(Overlay::Palette(palette)) = model.overlays.last() else { panic!("no palette") };
    palette
}

#[test]
fn the_palette_completes_names_and_what_they_are_given() {
    let mut model = model();
    press(&mut model, ": t h e");
    assert_eq!(palette_ghost(&model, palette(&model)).as_deref(), Some("mes"));
    press(&mut model, "tab");
    assert_eq!(palette(&model).line.text(), "themes ");
    let words = |model: &Model| -> Vec<String> {
        palette_entries(model, palette(model)).into_iter().filter_map(|(_, entry)| entry.word).collect()
    };
    assert_eq!(words(&model), model.theme_names);
    press(&mut model, "n o");
    assert_eq!(palette_ghost(&model, palette(&model)).as_deref(), Some("rd"));
    assert_eq!(press(&mut model, "enter"), [Effect::UseTheme("nord".into())]);
    assert_eq!(model.chosen_theme.as_deref(), Some("nord"));
    // Part of the name is enough, and a word that fits nothing does nothing.
    press(&mut model, ": t h space q q q enter");
    assert_eq!(words(&model), [""; 0]);
    press(&mut model, "esc : l i v e space a u d enter");
    assert_eq!(model.live.flow, Some("audit".into()));
    // A topic may be one that is not known here.
    press(&mut model, ": t o p i c space n e w enter");
    assert_eq!(model.navigation.opened(), Some(&Opened::Topic("new".into())));
}

#[test]
fn what_was_run_from_the_palette_comes_back() {
    let mut model = model();
    press(&mut model, ": l o g s enter : t h e m e s space n o r d enter :");
    let first: Vec<_> = palette_entries(&model, palette(&model)).into_iter().take(2).map(|(_, it)| it.action).collect();
    assert_eq!(first, [Action::Themes, Action::GoLogs], "the latest first");
    press(&mut model, "^p");
    assert_eq!(palette(&model).line.text(), "themes nord");
    press(&mut model, "^p ^p");
    assert_eq!(palette(&model).line.text(), "logs");
    press(&mut model, "^n ^n");
    assert_eq!(palette(&model).line.text(), "");
    press(&mut model, "^p enter");
    assert_eq!(model.commands, ["logs", "themes nord"], "each once");
}

#[test]
fn an_action_that_lacks_something_asks_for_it() {
    let mut model = model();
    press(&mut model, ": w r i t e enter");
    assert_eq!(palette(&model).line.text(), "write ");
    assert!(
        matches!(press(&mut model, "down enter").as_slice(), [Effect::WriteFile { name, .. }] if name == "flows.json")
    );
}

#[test]
fn every_action_of_the_palette_is_one_that_could_be_pressed() {
    let mut model = model();
    press(&mut model, ":");
    let Some(Overlay::Palette(palette)) = model.overlays.last() else { panic!("no palette") };
    let offered: Vec<Action> = palette_entries(&model, palette).iter().map(|(_, entry)| entry.action).collect();
    assert!(offered.contains(&Action::Stop) && offered.contains(&Action::Themes) && offered.contains(&Action::GoLogs));
    assert!(!offered.contains(&Action::Yes));
}

#[test]
fn themes_are_shown_as_the_cursor_moves() {
    let mut model = model();
    assert_eq!(press(&mut model, "T j"), [Effect::UseTheme("mono".into())]);
    assert_eq!(press(&mut model, "esc"), [Effect::UseTheme("default-dark".into())]);
    press(&mut model, "T j j enter");
    assert_eq!(model.chosen_theme.as_deref(), Some("nord"));
}

#[test]
fn marks_copies_and_files() {
    let mut model = model();
    press(&mut model, "space");
    assert_eq!(model.flows.list.marks.len(), 1);
    assert_eq!(press(&mut model, "y"), [Effect::Copy("eu-to-us".into())]);
    let row = "eu-to-us\teu\tus\trunning\t2\t48210.0\t1240000\t310";
    assert_eq!(press(&mut model, "Y"), [Effect::Copy(row.into())]);
    let effects = press(&mut model, "w enter");
    let [Effect::WriteFile { name, text }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(name, "flows.csv");
    assert!(text.starts_with("flow,source,target,state,") && text.lines().count() == 3, "{text}");
    let effects = press(&mut model, "w j s enter");
    let [Effect::WriteFile { name, text }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(name, "flows.json");
    assert!(text.contains(r#""flow":"eu-to-us""#) && text.contains(r#""lag_records":1240000"#), "{text}");
    press(&mut model, "esc");
    assert!(model.flows.list.marks.is_empty());
}

#[test]
fn a_job_that_fails_says_so_and_is_no_task_any_more() {
    let mut model = model();
    let effects = press(&mut model, "2");
    let [Effect::Run(routine)] = effects.as_slice() else { panic!("{effects:?}") };
    let request = crate::model::BrowseRequest {
        topic: "orders".into(),
        partition: None,
        from: crate::model::BrowseFrom::Newest,
        records_max: 1,
    };
    let wish = Job::Topic { cluster: "eu".into(), job: crate::tui::TopicJob::Browse(request) };
    let _ = run(&mut model, wish.clone());
    assert_eq!(model.tasks.len(), 2);
    let error = crate::tui::JobError { message: "ask cluster `eu`: refused".into(), next: None };
    update(&mut model, Message::JobDone(JobDone { job: routine.clone(), answer: Err(error.clone()) }));
    assert_eq!(toasts(&model), Vec::<&str>::new(), "the page tells what it asks for again and again");
    update(&mut model, Message::JobDone(JobDone { job: wish, answer: Err(error) }));
    assert!(model.tasks.is_empty());
    assert_eq!(toasts(&model), ["failed to ask cluster `eu`: refused"]);
}

#[test]
fn a_task_can_be_given_up() {
    let mut model = model();
    let effects = press(&mut model, "2 ^t");
    let [Effect::Run(job)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(press(&mut model, "j x"), [Effect::Cancel(job.key())]);
    assert!(model.tasks.is_empty());
    assert_eq!(press(&mut model, "x esc"), []);
    assert!(model.overlays.is_empty());
}

#[test]
fn messages_go_by_themselves_unless_they_are_errors() {
    let mut model = model();
    update(&mut model, Message::Told(Told::Good("copied".into())));
    update(&mut model, Message::Told(Told::Bad("failed to copy".into())));
    let later = Now { wall_ms: model.now.wall_ms + 60_000, ..model.now };
    update(&mut model, Message::Clock(later));
    assert_eq!(toasts(&model), ["failed to copy"]);
    press(&mut model, "esc");
    assert_eq!(toasts(&model), Vec::<&str>::new());
}

#[test]
fn events_are_remembered_up_to_a_number() {
    let mut model = model();
    for n in 0..EVENTS_MAX + 10 {
        let kind = crate::engine::EventKind::Notice { text: n.to_string() };
        update(&mut model, Message::Event(crate::engine::Event { at_ms: 0, flow: "f".into(), kind }));
    }
    assert_eq!(model.events.len(), EVENTS_MAX);
}

#[test]
fn what_drawing_costs_is_shown_on_demand() {
    let mut model = model();
    update(&mut model, Message::Measured(Measures { frames: 4711, ..Measures::default() }));
    press(&mut model, "f12");
    assert!(text(&draw(&mut model, (120, 36))).contains("frames 4711"));
}

#[test]
fn the_help_is_searched_by_typing() {
    let mut model = model();
    press(&mut model, "? t h e m e");
    let screen = text(&draw(&mut model, (120, 36)));
    assert!(screen.contains("choose a theme") && !screen.contains("start the flow"), "{screen}");
    press(&mut model, "esc");
    assert!(model.overlays.is_empty());
}

#[test]
fn a_question_tells_the_command_that_does_the_same_and_copies_it() {
    let mut model = with_state(FlowState::Stopped);
    // The flow reads production: starting it is asked for.
    assert_eq!(press(&mut model, "r"), []);
    assert_eq!(press(&mut model, "$"), [Effect::Copy("kmirror run -c kmirror.toml --flow eu-to-us".into())]);
    assert!(matches!(model.overlays.last(), Some(Overlay::Confirm(_))), "it is still asked");
    press(&mut model, "esc");
    model.inventory.access = Access::Inside;
    press(&mut model, "r");
    assert_eq!(press(&mut model, "$"), [], "no shell can");
}

#[test]
fn every_page_lists_what_does_the_same_in_a_shell() {
    let mut model = model();
    press(&mut model, "$");
    assert_eq!(press(&mut model, "j j y"), [Effect::Copy("kmirror lag -c kmirror.toml --flow audit".into())]);
    press(&mut model, "esc 7 $");
    assert_eq!(press(&mut model, "enter"), [Effect::Copy("kmirror topics -c kmirror.toml eu".into())]);
    press(&mut model, "esc");
    model.inventory.access = Access::Inside;
    press(&mut model, "$");
    assert!(model.overlays.is_empty(), "there is nothing to list");
}
