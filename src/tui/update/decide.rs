//! Decisions about what is blocked: the same ways on wherever they are offered, each asked for as loud as it must be.

use crate::engine::{BlockedReason, Choice, Command, Scope};
use crate::model::{FlowName, StartPosition};
use crate::tui::effect::Effect;
use crate::tui::keymap::{Action, Danger};
use crate::tui::model::Model;
use crate::tui::model::decision::{Decide, Decision, DecisionWay};
use crate::tui::model::input_line::InputLine;
use crate::tui::model::overlay::{Deed, Overlay};
use crate::tui::model::toast::ToastTone;

use super::{confirm, toast};

/// The ways on for what is blocked at `scope`, the safest first.
pub(in crate::tui) fn decisions(scope: &Scope, why: &BlockedReason) -> Vec<Decision> {
    why.choices().iter().flat_map(|choice| of_choice(*choice, scope, why)).collect()
}

/// Lets what is held try again where it stands. Nothing is given up.
pub(in crate::tui) fn retry(scope: &Scope) -> Decision {
    Decision {
        label: "try again".into(),
        consequence: "It reads again from where it stands; nothing is given up.".into(),
        danger: Danger::Reversible,
        way: DecisionWay::Send(Command::Resume { scope: scope.clone() }),
    }
}

/// Starts a flow that was refused, or has stopped.
pub(in crate::tui) fn start(flow: &FlowName) -> Decision {
    Decision {
        label: format!("start flow {flow}"),
        consequence: "It looks at both clusters again, and begins if nothing speaks against it.".into(),
        danger: Danger::Reversible,
        way: DecisionWay::Send(Command::Start { flow: flow.clone() }),
    }
}

/// Offers the ways on in a dialog.
pub(in crate::tui) fn open(model: &mut Model, scope: Scope, why: &BlockedReason) {
    let decisions = decisions(&scope, why);
    let decide = Decide { scope, why: why.to_string(), decisions, cursor: 0, position: None, error: None };
    model.overlays.push(Overlay::Decide(Box::new(decide)));
}

/// Asks before a decision is carried out, as loud as it must be; then carries it out.
pub(in crate::tui) fn ask(model: &mut Model, flow: &FlowName, decision: Decision) -> Vec<Effect> {
    let DecisionWay::Send(command) = decision.way else { return Vec::new() };
    let Some(env) = model.snapshot.flow(flow).map(|flow| model.flow_env(flow)) else {
        toast(model, ToastTone::Warn, format!("{flow} is gone"));
        return Vec::new();
    };
    let mut initial = decision.label.chars();
    let label: String = initial.next().into_iter().flat_map(char::to_uppercase).chain(initial).collect();
    let question = confirm::Question {
        question: format!("{label}?"),
        lines: vec![decision.consequence],
        name: flow.to_string(),
        danger: decision.danger,
        env,
        then: Deed::Send(vec![command]),
    };
    confirm::ask(model, question)
}

/// A key in the dialog.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Overlay::Decide(decide)) = model.overlays.last_mut() else { return Vec::new() };
    let last = decide.decisions.len().saturating_sub(1);
    match action {
        Action::Down => decide.cursor = (decide.cursor + 1).min(last),
        Action::Up => decide.cursor = decide.cursor.saturating_sub(1),
        Action::Accept => return accept(model),
        _ if decide.position.is_some() => (decide.position, decide.error) = (None, None),
        _ => drop(model.overlays.pop()),
    }
    Vec::new()
}

fn accept(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Decide(decide)) = model.overlays.last_mut() else { return Vec::new() };
    let Some(decision) = decide.decisions.get(decide.cursor).cloned() else { return Vec::new() };
    let flow = decide.flow().clone();
    let decision = match (&decision.way, &decide.position) {
        (DecisionWay::Send(_), _) => decision,
        (DecisionWay::TypePosition, None) => {
            decide.position = Some(InputLine::default());
            return Vec::new();
        }
        (DecisionWay::TypePosition, Some(typed)) => match typed.text().trim().parse::<StartPosition>() {
            Ok(at) => resume_at(&decide.scope, at, "Go on at the position that was typed."),
            Err(error) => {
                decide.error = Some(error.to_string());
                return Vec::new();
            }
        },
    };
    model.overlays.pop();
    ask(model, &flow, decision)
}

fn of_choice(choice: Choice, scope: &Scope, why: &BlockedReason) -> Vec<Decision> {
    match (choice, why) {
        (Choice::Retry, _) => vec![retry(scope)],
        (Choice::ResumeAt, _) => positions(scope, why),
        (
            Choice::SkipRecord,
            BlockedReason::RecordTooLarge { offset, .. }
            | BlockedReason::RecordRefused { offset, .. }
            | BlockedReason::Rejected { offset, .. },
        ) => vec![skip(scope, *offset)],
        (Choice::Adopt, BlockedReason::WrittenByOtherFlow { by, .. }) => vec![Decision {
            label: format!("go on where group {} has stopped", by.group),
            consequence: format!(
                "Every partition that waits for this goes on where that flow has stopped. Refused while it runs; group {} \
                 is left as it is.",
                by.group
            ),
            danger: Danger::Asked,
            way: DecisionWay::Send(Command::Adopt { flow: scope.flow.clone(), from: by.group.to_string() }),
        }],
        (Choice::SkipRecord | Choice::Adopt, _) => Vec::new(),
    }
}

fn skip(scope: &Scope, offset: i64) -> Decision {
    Decision {
        label: format!("leave the record at offset {offset} out"),
        consequence: format!("The record at offset {offset} will be missing on the target. This cannot be undone."),
        danger: Danger::Asked,
        way: DecisionWay::Send(Command::SkipRecord { scope: scope.clone(), offset }),
    }
}

/// The positions that make sense, and any other.
fn positions(scope: &Scope, why: &BlockedReason) -> Vec<Decision> {
    let at = |at: StartPosition, consequence: &str| resume_at(scope, at, consequence);
    let same = |position: i64| {
        at(StartPosition::Offset(position), "It goes on at the same offset; what is there already stays.")
    };
    let all = "It copies all that the source still holds; what is on the target already is written twice.";
    let new = "It copies only what comes from now on; what came before and was not copied is left out.";
    let mut ways = match why {
        BlockedReason::RetentionOvertook { lost_from, lost_to } => vec![at(
            StartPosition::Earliest,
            &format!("It goes on with the oldest record there is. Offsets {lost_from} to {lost_to} are lost already."),
        )],
        BlockedReason::TopicRecreated { .. } => vec![
            at(StartPosition::Earliest, "It copies the new topic from its beginning, behind the old one's records."),
            at(StartPosition::Latest, new),
        ],
        BlockedReason::TargetTopicRecreated { position, .. } => vec![at(StartPosition::Earliest, all), same(*position)],
        BlockedReason::LogTruncated { position, .. } => vec![same(*position), at(StartPosition::Earliest, all)],
        BlockedReason::OffsetOutOfRange { high, .. } => {
            vec![at(StartPosition::Earliest, all), at(StartPosition::Offset(*high), new)]
        }
        BlockedReason::CorruptBatch { .. } => Vec::new(),
        _ => vec![at(StartPosition::Earliest, all), at(StartPosition::Latest, new)],
    };
    ways.push(Decision {
        label: "go on at another position…".into(),
        consequence: String::new(),
        danger: Danger::Asked,
        way: DecisionWay::TypePosition,
    });
    ways
}

fn resume_at(scope: &Scope, at: StartPosition, consequence: &str) -> Decision {
    let label = match &at {
        StartPosition::Earliest => "go on with the oldest record there is".to_owned(),
        StartPosition::Latest => "go on with what is new from now on".to_owned(),
        StartPosition::Offset(offset) => format!("go on at offset {offset}"),
        other => format!("go on at {other}"),
    };
    let way = DecisionWay::Send(Command::ResumeAt { scope: scope.clone(), at });
    Decision { label, consequence: consequence.to_owned(), danger: Danger::Asked, way }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture as mirror;
    use crate::tui::fixture::{model, press};

    fn scope() -> Scope {
        Scope { flow: "eu-to-us".into(), topic: Some("orders".into()), partition: Some(1) }
    }

    #[test]
    fn every_reason_has_a_way_on() {
        for why in mirror::blocked_reasons() {
            let ways = decisions(&scope(), &why);
            assert!(!ways.is_empty(), "{why}");
            for way in ways {
                let is_retry = matches!(way.way, DecisionWay::Send(Command::Resume { .. }));
                assert_eq!(way.danger == Danger::Reversible, is_retry, "{why}: {}", way.label);
            }
        }
    }

    #[test]
    fn a_decision_is_chosen_and_asked_for() {
        let mut model = model();
        open(&mut model, scope(), &mirror::too_large());
        // Production: the flow's name must be typed.
        assert_eq!(press(&mut model, "j enter"), []);
        assert!(matches!(model.overlays.last(), Some(Overlay::Confirm(_))));
        let effects = press(&mut model, "e u - t o - u s enter");
        assert_eq!(effects, [Effect::Send(Command::SkipRecord { scope: scope(), offset: 4711 })]);
        assert!(model.overlays.is_empty());
    }

    #[test]
    fn a_position_is_typed_in_the_grammar_of_starts() {
        let mut model = model();
        model.inventory.clusters.iter_mut().for_each(|cluster| cluster.env = crate::config::ClusterEnv::Dev);
        open(&mut model, scope(), &BlockedReason::ProgressMissing { target_end: 900 });
        press(&mut model, "j j enter x y enter");
        let error = match model.overlays.last() {
            Some(Overlay::Decide(decide)) => decide.error.clone().unwrap_or_default(),
            other => panic!("{other:?}"),
        };
        assert!(error.contains("`xy`"), "{error}");
        press(&mut model, "^u 4 7 1 1 enter");
        let expected = Command::ResumeAt { scope: scope(), at: StartPosition::Offset(4711) };
        assert_eq!(press(&mut model, "y"), [Effect::Send(expected)]);
    }

    #[test]
    fn escape_leaves_the_line_then_the_dialog() {
        let mut model = model();
        open(&mut model, scope(), &BlockedReason::ProgressMissing { target_end: 900 });
        press(&mut model, "j j enter esc");
        assert!(matches!(model.overlays.last(), Some(Overlay::Decide(decide)) if decide.position.is_none()));
        press(&mut model, "esc");
        assert!(model.overlays.is_empty());
    }
}
