//! What it means to go on at another position: what is given up, and what is copied twice.

use crate::engine::{BlockedReason, FlowSnapshot, LaneSnapshot, LaneState, Scope};
use crate::model::StartPosition;
use crate::report::number;

/// The consequence for the lanes of `scopes`, in sentences.
pub(in crate::tui) fn consequence(flow: &FlowSnapshot, scopes: &[Scope], at: &StartPosition) -> Vec<String> {
    let is_meant = |topic: &crate::model::TopicName, lane: &LaneSnapshot| {
        scopes.iter().any(|scope| scope.covers(topic, lane.partition))
    };
    let lanes: Vec<&LaneSnapshot> =
        flow.topics.iter().flat_map(|topic| topic.lanes.iter().filter(|lane| is_meant(&topic.source, lane))).collect();
    if lanes.is_empty() {
        return vec!["Its partitions begin there as soon as the target topic can be written.".into()];
    }
    let (mut given_up, mut again, mut unknown) = (0, 0, 0_usize);
    for lane in &lanes {
        match (position(lane), target(lane, at)) {
            (Some(from), Some(to)) => {
                given_up += u64::try_from(to - from).unwrap_or(0);
                again += u64::try_from(from - to).unwrap_or(0);
            }
            _ => unknown += 1,
        }
    }
    let mut lines = Vec::new();
    if let ([lane], Some(to)) = (lanes.as_slice(), target(lanes[0], at))
        && position(lane) != Some(to)
    {
        let before = position(lane).map_or_else(|| "no position that is known".into(), |from| from.to_string());
        lines.push(format!("From {before} to offset {to}."));
    }
    if given_up > 0 {
        let lost = if given_up == 1 { "record" } else { "records" };
        lines.push(format!("Given up: up to {} {lost} that were never copied.", number::count(given_up)));
    }
    if again > 0 {
        let twice = if again == 1 { "record" } else { "records" };
        lines.push(format!("Copied again: up to {} {twice}, which the target then has twice.", number::count(again)));
    }
    if unknown > 0 {
        let of = if lanes.len() == 1 { String::new() } else { format!(" (of {unknown} partitions)") };
        lines.push(format!(
            "What lies before it and was not copied{of} is given up; what lies behind it and was copied is there twice."
        ));
    }
    if lines.is_empty() {
        lines.push("Nothing is given up, and nothing is copied again.".into());
    }
    lines
}

/// Up to where the lane has copied, where that means something in the log there is now.
fn position(lane: &LaneSnapshot) -> Option<i64> {
    let LaneState::Blocked { why } = &lane.state else { return Some(lane.position) };
    match why {
        BlockedReason::ProgressMissing { .. }
        | BlockedReason::TopicRecreated { .. }
        | BlockedReason::TargetTopicRecreated { .. }
        | BlockedReason::WrittenByOtherFlow { .. } => None,
        _ => Some(lane.position),
    }
}

/// The offset a position is, where that is known without asking the source.
fn target(lane: &LaneSnapshot, at: &StartPosition) -> Option<i64> {
    let (start, end) = (lane.log_start, lane.high_watermark);
    match at {
        StartPosition::Offset(offset) => Some(*offset),
        StartPosition::Earliest => start,
        StartPosition::Latest => end,
        StartPosition::Last(count) => {
            Some(end?.saturating_sub(i64::try_from(*count).unwrap_or(i64::MAX)).max(start.unwrap_or(0)))
        }
        StartPosition::Timestamp { .. } | StartPosition::Ago { .. } | StartPosition::Group(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture as mirror;

    fn told(at: &str, partition: Option<i32>, change: impl FnOnce(&mut FlowSnapshot)) -> String {
        let mut flow = mirror::running();
        change(&mut flow);
        let scope = Scope { flow: flow.flow.clone(), topic: Some("orders".into()), partition };
        consequence(&flow, &[scope], &at.parse().expect("position")).join(" ")
    }

    #[test]
    fn what_is_given_up_and_what_is_copied_twice_is_told() {
        assert_eq!(
            told("4800", Some(1), |_| ()),
            "From 4711 to offset 4800. Given up: up to 89 records that were never copied."
        );
        assert_eq!(
            told("earliest", Some(1), |_| ()),
            "From 4711 to offset 100. Copied again: up to 4.6k records, which the target then has twice."
        );
        assert_eq!(told("latest", None, |_| ()), "Given up: up to 2.6k records that were never copied.");
        assert_eq!(told("4711", Some(1), |_| ()), "Nothing is given up, and nothing is copied again.");
        assert_eq!(
            told("last 10", Some(1), |_| ()),
            "From 4711 to offset 5990. Given up: up to 1.3k records that were never copied."
        );
    }

    #[test]
    fn what_nobody_knows_is_not_counted() {
        let unknown = "What lies before it and was not copied is given up; what lies behind it and was copied is there \
                       twice.";
        assert_eq!(told("-2h", Some(1), |_| ()), unknown);
        let lost = |flow: &mut FlowSnapshot| {
            let why = BlockedReason::ProgressMissing { target_end: 900 };
            flow.topics[0].lanes[1].state = LaneState::Blocked { why };
        };
        assert_eq!(told("100", Some(1), lost), format!("From no position that is known to offset 100. {unknown}"));
        assert!(told("100", Some(1), |flow| flow.topics[0].lanes.clear()).starts_with("Its partitions begin there"));
    }
}
