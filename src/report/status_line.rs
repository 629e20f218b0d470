//! A flow on one line of at most 80 columns:
//!
//! ```text
//! eu-to-us      running    48.2k/s  46.1 MiB/s  lag 1.2M 3m    ETA 5m  2 blocked
//! audit         waiting    lag 900  target broker unreachable: connection refused
//! ```

use super::line::{Line, Tone, fit, width_of};
use super::number;
use crate::engine::{FlowSnapshot, FlowState, Snapshot};

/// Room for a flow's name. The other columns, at their widest, leave just so much of 80.
const NAME_WIDTH_MAX: usize = 12;

/// Columns of the longest word for a state.
const STATE_WIDTH: usize = 9;

/// Room for the names of all flows, so that the lines stand in columns.
pub(super) fn name_width(snapshot: &Snapshot) -> usize {
    let widths = snapshot.flows.iter().map(|flow| width_of(flow.flow.as_str()));
    widths.max().unwrap_or(0).min(NAME_WIDTH_MAX)
}

/// The line for `flow`.
pub(super) fn status_line(flow: &FlowSnapshot, name_width: usize) -> Line {
    let (word, tone) = state_word(&flow.state);
    let mut line = Line::plain(format!("{}  ", fit(flow.flow.as_str(), name_width)))
        .with(tone, fit(word, STATE_WIDTH))
        .with(Tone::Plain, "  ");
    let lag = lag_text(flow);
    if let Some(why) = state_reason(&flow.state) {
        line = line.with(Tone::Plain, format!("{lag}  {why}"));
    } else {
        let rates = format!(
            "{:>7}  {:>10}",
            number::records_rate(flow.records_per_second),
            number::bytes_rate(flow.bytes_per_second)
        );
        let eta = number::known(flow.eta_seconds, number::duration_short);
        line = line.with(Tone::Plain, format!("{rates}  {}  {}", fit(&lag, 13), fit(&format!("ETA {eta}"), 7)));
    }
    match n_blocked(flow) {
        0 => line,
        n => line.with(Tone::Bad, format!("  {n} blocked")),
    }
}

/// Blocked lanes, and topics that are blocked as a whole.
pub(super) fn n_blocked(flow: &FlowSnapshot) -> usize {
    flow.blocked_lanes().count() + flow.blocked_topics().count()
}

/// `lag 1.2M 3m`.
fn lag_text(flow: &FlowSnapshot) -> String {
    let records = number::at_least(flow.lag_records, flow.unseen_lanes == 0);
    match flow.lag_ms {
        Some(lag_ms) if flow.lag_records > Some(0) => {
            format!("lag {records} {}", number::duration_short(lag_ms / 1000))
        }
        _ => format!("lag {records}"),
    }
}

/// The word for a state, at most nine columns.
pub fn state_word(state: &FlowState) -> (&'static str, Tone) {
    match state {
        FlowState::Starting => ("starting", Tone::Plain),
        FlowState::Joining => ("joining", Tone::Plain),
        FlowState::Running => ("running", Tone::Good),
        FlowState::CaughtUp => ("caught up", Tone::Good),
        FlowState::Waiting { .. } => ("waiting", Tone::Warning),
        FlowState::Blocked { .. } => ("blocked", Tone::Bad),
        FlowState::Paused => ("paused", Tone::Warning),
        FlowState::Draining => ("draining", Tone::Plain),
        FlowState::Stopped => ("stopped", Tone::Plain),
        FlowState::Refused { .. } => ("refused", Tone::Bad),
    }
}

/// Why a flow is in its state, where there is a reason.
pub(super) fn state_reason(state: &FlowState) -> Option<String> {
    match state {
        FlowState::Waiting { why } => Some(why.to_string()),
        FlowState::Blocked { why } => Some(why.to_string()),
        FlowState::Refused { why } => Some(why.clone()),
        FlowState::Starting
        | FlowState::Joining
        | FlowState::Running
        | FlowState::CaughtUp
        | FlowState::Paused
        | FlowState::Draining
        | FlowState::Stopped => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;
    use crate::report::line::Colour;

    fn rendered(snapshot: &Snapshot) -> String {
        let width = name_width(snapshot);
        let lines = snapshot.flows.iter().map(|flow| status_line(flow, width).cut(80).render(Colour::Never));
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn flows_stand_in_columns() {
        insta::assert_snapshot!(rendered(&fixture::snapshot()), @r#"
        eu-to-us  running    48.2k/s  46.1 MiB/s  lag 1.2M 3m    ETA 5m   2 blocked
        audit     waiting    lag 900  target broker unreachable: connection refused
        "#);
        insta::assert_snapshot!(rendered(&fixture::caught_up()), @"eu-to-us  caught up      0/s       0 B/s  lag 0          ETA 0s");
    }

    #[test]
    fn eighty_columns_are_enough_at_the_widest() {
        let mut flow = fixture::running();
        flow.flow = "a-flow-with-a-long-name".into();
        flow.state = FlowState::CaughtUp;
        (flow.records_per_second, flow.bytes_per_second) = (99_940.0, 1_073_000_000.0);
        (flow.lag_records, flow.lag_ms, flow.eta_seconds) = (Some(99_900_000), Some(59 * 60_000), Some(59 * 60));
        let line = status_line(&flow, NAME_WIDTH_MAX).render(Colour::Never);
        assert_eq!(line, "a-flow-with…  caught up  99.9k/s  1023 MiB/s  lag 99.9M 59m  ETA 59m  2 blocked");
        assert!(line.chars().count() <= 80);
    }

    #[test]
    fn colour_says_nothing_the_words_do_not() {
        let line = status_line(&fixture::running(), 8);
        let coloured = line.render(Colour::Always);
        assert!(coloured.contains("\x1b[32mrunning  \x1b[0m") && coloured.contains("\x1b[31m  2 blocked\x1b[0m"));
        assert_eq!(
            coloured.replace("\x1b[32m", "").replace("\x1b[31m", "").replace("\x1b[0m", ""),
            line.render(Colour::Never)
        );
    }
}
