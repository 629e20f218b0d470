//! Cards: what they find, what they say, what their keys lead to.

use super::*;
use crate::config::ClusterEnv;
use crate::engine::{Command, Event, EventKind, FlowState, LaneState, Scope, WaitingReason};
use crate::model::TopicPartition;
use crate::report::fixture as mirror;
use crate::tui::fixture::{empty, model, press, show};
use crate::tui::message::Message;
use crate::tui::update::update;

/// A console over clusters nobody minds.
fn harmless() -> Model {
    let mut model = model();
    model.inventory.clusters.iter_mut().for_each(|cluster| cluster.env = ClusterEnv::Dev);
    model
}

fn field(card: &Card, name: &str) -> String {
    let found = card.fields.iter().find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("no {name} in {card:?}")).1.clone()
}

fn shown(model: &Model) -> Card {
    card(model, &at_hand(model).expect("a card is shown"))
}

#[test]
fn what_needs_somebody_comes_first() {
    let titles: Vec<String> = problems(&model()).iter().map(|problem| card(&model(), problem).title).collect();
    assert_eq!(titles, ["payments", "orders/1", "audit"]);
}

#[test]
fn a_card_says_what_where_since_and_what_is_lost() {
    let mut model = model();
    let blocked =
        |why| EventKind::LaneState { partition: TopicPartition::new("orders", 1), state: LaneState::Blocked { why } };
    let copying = EventKind::LaneState { partition: TopicPartition::new("orders", 1), state: LaneState::Copying };
    let kinds = [blocked(mirror::too_large()), copying, blocked(mirror::too_large()), blocked(mirror::too_large())];
    for (n, kind) in (1..).zip(kinds) {
        let event = Event { at_ms: mirror::AT_MS - 100_000 + n * 10_000, flow: "eu-to-us".into(), kind };
        update(&mut model, Message::Event(event));
    }
    press(&mut model, "E n n");
    let card = shown(&model);
    assert_eq!(card.title, "orders/1");
    assert_eq!(field(&card, "code"), "RECORD_TOO_LARGE   stays until you decide");
    assert_eq!(field(&card, "where"), "target us us-1:9092,us-2:9092   topic eu.orders partition 1   flow eu-to-us");
    assert_eq!(field(&card, "since"), "05:04:57 (1m 10s ago), 2 times since the console was opened");
    assert_eq!(
        field(&card, "meanwhile"),
        "1 other partition goes on; nothing is lost: this one resumes at offset 4,711"
    );
    let commands: Vec<String> = card.fixes.iter().filter_map(|fix| fix.command.clone()).collect();
    assert_eq!(commands.len(), 2);
    assert!(commands[0].contains("--bootstrap-server us-1:9092,us-2:9092"), "{commands:?}");
    assert!(commands[1].starts_with("kmirror run -c kmirror.toml --skip-record"), "{commands:?}");
}

#[test]
fn what_was_lost_is_told_exactly() {
    let mut model = model();
    let mut snapshot = mirror::snapshot();
    let why = crate::engine::BlockedReason::RetentionOvertook { lost_from: 1_000, lost_to: 2_500 };
    mirror::flow_mut(&mut snapshot, 0).topics[0].lanes[1] = mirror::lane(1, LaneState::Blocked { why });
    show(&mut model, snapshot);
    press(&mut model, "E n n");
    let meanwhile = field(&shown(&model), "meanwhile");
    assert_eq!(
        meanwhile,
        "1 other partition goes on; lost on the source: offsets 1,000 to 2,499 (1,500 records at most)"
    );
}

#[test]
fn every_reason_has_a_whole_card() {
    for why in mirror::blocked_reasons() {
        let mut model = model();
        let mut snapshot = mirror::snapshot();
        mirror::flow_mut(&mut snapshot, 0).topics[0].lanes[1] = mirror::lane(1, LaneState::Blocked { why });
        show(&mut model, snapshot);
        let problem = problems(&model).swap_remove(1);
        let card = card(&model, &problem);
        assert!(card.fields.iter().all(|(_, value)| !value.is_empty()), "{card:?}");
        assert!(!card.fixes.is_empty() && card.needs_somebody, "{card:?}");
    }
    for why in mirror::waiting_reasons() {
        let mut model = model();
        let mut snapshot = mirror::snapshot();
        mirror::flow_mut(&mut snapshot, 1).state = FlowState::Waiting { why: why.clone() };
        let lanes = &mut mirror::flow_mut(&mut snapshot, 0).topics[0].lanes;
        *lanes = (0..20).map(|n| mirror::lane(n, LaneState::Waiting { why: why.clone() })).collect();
        show(&mut model, snapshot);
        let found = problems(&model);
        assert_eq!(found.len(), 3, "20 partitions that wait for one thing share a card: {found:?}");
        for problem in &found[1..] {
            let card = card(&model, problem);
            assert!(card.fields.iter().all(|(_, value)| !value.is_empty()) && !card.fixes.is_empty(), "{card:?}");
        }
    }
}

#[test]
fn retry_and_decide_lead_to_the_engine() {
    let mut model = harmless();
    let scope = Scope { flow: "eu-to-us".into(), topic: Some("orders".into()), partition: Some(1) };
    let retried = press(&mut model, "E n n r");
    assert_eq!(retried, [Effect::Send(Command::Resume { scope: scope.clone() })]);
    press(&mut model, "u j enter");
    assert_eq!(press(&mut model, "4 7 1 1 enter"), [Effect::Send(Command::SkipRecord { scope, offset: 4711 })]);
    assert!(matches!(model.overlays.as_slice(), [Overlay::Cards(_)]), "back at the card");
    press(&mut model, "n r");
    let told: Vec<&str> = model.toasts.iter().map(|toast| toast.text.as_str()).collect();
    assert!(told.iter().any(|text| text.contains("nothing to be tried again")), "{told:?}");
}

#[test]
fn a_refused_flow_is_started_again() {
    let mut model = harmless();
    let mut snapshot = mirror::snapshot();
    mirror::flow_mut(&mut snapshot, 0).state = FlowState::Refused { why: "it would feed itself".into() };
    show(&mut model, snapshot);
    let effects = press(&mut model, "E n r");
    let sent = match effects.as_slice() {
        [] => press(&mut model, "y"),
        _ => effects,
    };
    assert_eq!(sent, [Effect::Send(Command::Start { flow: "eu-to-us".into() })]);
}

#[test]
fn the_card_of_the_flow_at_hand_comes_up_and_the_others_follow() {
    let mut model = model();
    // The cursor is on `audit`, whose problem is the last.
    press(&mut model, "E");
    assert_eq!(shown(&model).title, "audit");
    press(&mut model, "n");
    assert_eq!(shown(&model).title, "payments");
    press(&mut model, "enter");
    assert_eq!((model.navigation.tab(), model.overlays.len()), (Tab::Live, 0));
}

#[test]
fn recent_faults_are_counted_and_old_ones_forgotten() {
    let mut model = model();
    show(&mut model, mirror::caught_up());
    let fault = crate::engine::Fault::new(
        crate::engine::FaultKind::Other,
        crate::engine::Side::Target,
        "write to `eu.orders`",
        "odd",
    );
    for at_ms in [mirror::AT_MS - 3_600_000, mirror::AT_MS - 20_000, mirror::AT_MS - 5_000] {
        let kind = EventKind::Trouble { fault: fault.clone() };
        update(&mut model, Message::Event(Event { at_ms, flow: "eu-to-us".into(), kind }));
    }
    press(&mut model, "E");
    let card = shown(&model);
    assert_eq!(field(&card, "what"), "failed to write to `eu.orders` on the target");
    assert_eq!(field(&card, "since"), "05:05:47, 2 times, last 5s ago");
    assert!(!card.needs_somebody);
}

#[test]
fn where_nothing_is_wrong_there_is_no_card() {
    let mut model = empty();
    press(&mut model, "E");
    assert!(model.overlays.is_empty());
    // And one that goes away while it is looked at does no harm.
    let mut gone = harmless();
    press(&mut gone, "E n n");
    show(&mut gone, mirror::caught_up());
    assert_eq!(press(&mut gone, "r u t y j pgdn n N enter"), []);
}

#[test]
fn what_to_type_is_copied() {
    let mut model = model();
    let effects = press(&mut model, "E n n y");
    let [Effect::Copy(text)] = effects.as_slice() else { panic!("{effects:?}") };
    assert!(text.lines().all(|line| line.starts_with("kafka-") || line.starts_with("kmirror ")), "{text}");
    assert_eq!(waiting(&model), 1);
}

fn waiting(model: &Model) -> usize {
    let is_waiting =
        |problem: &Problem| matches!(problem, Problem::Waiting { why: WaitingReason::BrokerUnreachable { .. }, .. });
    problems(model).iter().filter(|problem| is_waiting(problem)).count()
}
