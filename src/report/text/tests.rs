//! The report as it arrives in a file and on a terminal.

use indicatif::TermLike;

use super::*;
use crate::engine::{EventKind, LaneState};
use crate::model::TopicPartition;
use crate::report::fixture::{self, Paper};

/// A terminal that writes down what is drawn: `^` for a line up, `#` for a line cleared.
#[derive(Debug)]
struct Terminal(Paper, u16);

impl TermLike for Terminal {
    fn width(&self) -> u16 {
        self.1
    }
    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.write_str(&"^".repeat(n))
    }
    fn move_cursor_down(&self, _: usize) -> io::Result<()> {
        Ok(())
    }
    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        Ok(())
    }
    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        Ok(())
    }
    fn write_line(&self, line: &str) -> io::Result<()> {
        self.write_str(line)?;
        self.write_str("\n")
    }
    fn write_str(&self, text: &str) -> io::Result<()> {
        self.0.clone().write_all(text.as_bytes())
    }
    fn clear_line(&self) -> io::Result<()> {
        self.write_str("#")
    }
    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}

fn options() -> TextOptions {
    let addresses = Addresses { source: "eu:9092".into(), target: "us:9092".into() };
    TextOptions {
        colour: Colour::Never,
        time_zone: TimeZone::UTC,
        addresses: [("eu-to-us".into(), addresses)].into(),
        options: "-c kmirror.toml".into(),
    }
}

fn blocked() -> Event {
    let state = LaneState::Blocked { why: fixture::too_large() };
    let kind = EventKind::LaneState { partition: TopicPartition::new("orders", 1), state };
    Event { at_ms: fixture::AT_MS + 500, flow: "eu-to-us".into(), kind }
}

#[test]
fn plain_lines_come_at_once_then_every_ten_seconds_and_on_a_change() {
    let paper = Paper::default();
    let mut report = TextReport::plain(Box::new(paper.clone()), options());
    let mut snapshot = fixture::caught_up();
    let mut lines_at = |after_ms: i64, state: FlowState| {
        snapshot.at_ms = fixture::AT_MS + after_ms;
        fixture::flow_mut(&mut snapshot, 0).state = state;
        report.tick(&snapshot).expect("told");
        paper.take().lines().count()
    };
    assert_eq!(lines_at(0, FlowState::Starting), 1);
    assert_eq!(lines_at(1_000, FlowState::Starting), 0);
    assert_eq!(lines_at(2_000, FlowState::Running), 1);
    assert_eq!(lines_at(11_999, FlowState::Running), 0);
    assert_eq!(lines_at(12_000, FlowState::Running), 1);
    assert_eq!(lines_at(13_000, FlowState::CaughtUp), 1);
}

#[test]
fn a_run_in_plain_lines() {
    let paper = Paper::default();
    let mut report = TextReport::plain(Box::new(paper.clone()), options());
    report.tick(&fixture::snapshot()).expect("told");
    report.event(&blocked()).expect("told");
    let mut last = fixture::caught_up();
    last.at_ms += 25_600;
    report.finish(&last).expect("told");
    insta::assert_snapshot!(paper.take(), @r#"
    2026-03-04T05:06:07+00:00 eu-to-us  running    48.2k/s  46.1 MiB/s  lag 1.2M 3m    ETA 5m   2 blocked
    2026-03-04T05:06:07+00:00 audit     waiting    lag 900  target broker unreachable: connection refused
    2026-03-04T05:06:07+00:00 eu-to-us: orders/1 is blocked: record at offset 4711 is too large for the target: 2000000 bytes uncompressed, max.message.bytes is 1048588
      nothing after this record is written until it is; goes on by itself when the limit is raised
      raise the target topic's limit:
        kafka-configs.sh --bootstrap-server us:9092 --alter --entity-type topics --entity-name eu.orders --add-config max.message.bytes=2000000
      leave the record out:
        kmirror run -c kmirror.toml --skip-record eu-to-us:orders:1@4711 --yes
    eu-to-us: caught up
      1,234,567 records, 1.2 GiB in 25s: 48.2k/s, 48.4 MiB/s
      1 record left out at an operator's word
      2 records altered: timestamp 0 written as 1
      went back 3 times; records may be there twice
    "#);
}

#[test]
fn a_terminal_keeps_the_status_lines_below_the_events() {
    let paper = Paper::default();
    let target = ProgressDrawTarget::term_like(Box::new(Terminal(paper.clone(), 80)));
    let mut report = TextReport::on_terminal(target, options());
    report.tick(&fixture::snapshot()).expect("told");
    paper.take();
    report.event(&blocked()).expect("told");
    let drawn = paper.take();
    let event = drawn.find("05:06:07 eu-to-us: orders/1 is blocked").unwrap_or_else(|| panic!("{drawn}"));
    let status = drawn.rfind("audit     waiting").unwrap_or_else(|| panic!("{drawn}"));
    assert!(event < status, "{drawn}");
    report.finish(&fixture::caught_up()).expect("told");
    let drawn = paper.take();
    assert!(drawn.contains("eu-to-us: caught up") && drawn.trim_end().ends_with("twice"), "{drawn}");
}

#[test]
fn a_narrow_terminal_cuts_the_status_line() {
    let paper = Paper::default();
    let target = ProgressDrawTarget::term_like(Box::new(Terminal(paper.clone(), 40)));
    let mut report = TextReport::on_terminal(target, options());
    report.tick(&fixture::snapshot()).expect("told");
    // indicatif fills every line to the terminal's edge and leaves it to wrap there.
    let drawn: Vec<char> = paper.take().replace(['^', '#', '\r'], "").chars().collect();
    let lines: Vec<String> = drawn[drawn.len() - 80..].chunks(40).map(String::from_iter).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    eu-to-us  running    48.2k/s  46.1 MiB/s
    audit     waiting    lag 900  target bro
    "#);
}

#[test]
fn a_closed_pipe_is_an_error_not_a_panic() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut report = TextReport::plain(Box::new(Closed), options());
    let err = report.tick(&fixture::snapshot()).expect_err("closed");
    assert_eq!(err.kind(), io::ErrorKind::BrokenPipe);
}
