//! What `kmirror lag` prints.

use std::io::{self, Write};

use serde::Serialize;

use super::event_text::counted;
use super::json::write_line;
use super::line::Line;
use super::number;
use super::table::{Align, Table};
use super::{Format, Page};
use crate::model::{FlowName, TopicName};

/// How far one partition of a flow is copied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LagRow {
    /// The flow.
    pub flow: FlowName,
    /// The source topic.
    pub topic: TopicName,
    /// The partition.
    pub partition: i32,
    /// The position its group has; `None` without progress.
    pub committed: Option<i64>,
    /// End of the source's log.
    pub high_watermark: Option<i64>,
    /// Records between the two.
    pub lag_records: Option<u64>,
    /// The instance that mirrors it, as the group tells.
    pub owner: Option<String>,
}

/// Prints the lag of each partition and, as text, of each flow, or one JSON object per partition and line.
///
/// # Errors
/// When `out` does not take it.
pub fn write_lag(out: &mut dyn Write, rows: &[LagRow], page: Page) -> io::Result<()> {
    match page.format {
        Format::Json => rows.iter().try_for_each(|row| write_line(out, row))?,
        Format::Text => {
            page.write(out, table(rows).lines(page.width))?;
            page.write(out, totals(rows))?;
        }
    }
    out.flush()
}

fn table(rows: &[LagRow]) -> Table {
    let mut columns = vec![
        ("FLOW", Align::Left),
        ("TOPIC", Align::Left),
        ("PARTITION", Align::Right),
        ("COMMITTED", Align::Right),
        ("END", Align::Right),
        ("LAG", Align::Right),
    ];
    // A column of dashes tells nothing.
    let has_owners = rows.iter().any(|row| row.owner.is_some());
    columns.extend(has_owners.then_some(("OWNER", Align::Left)));
    let mut table = Table::new(&columns);
    for row in rows {
        let mut cells = vec![
            row.flow.to_string(),
            row.topic.to_string(),
            row.partition.to_string(),
            number::known(row.committed, |offset| offset.to_string()),
            number::known(row.high_watermark, |offset| offset.to_string()),
            number::known(row.lag_records, |lag| lag.to_string()),
        ];
        cells.extend(has_owners.then(|| row.owner.clone().unwrap_or_else(|| number::UNKNOWN.into())));
        table.row(cells);
    }
    table
}

/// A line per flow, in the order of their first rows.
fn totals(rows: &[LagRow]) -> Vec<Line> {
    let mut flows: Vec<&FlowName> = Vec::new();
    for row in rows {
        if !flows.contains(&&row.flow) {
            flows.push(&row.flow);
        }
    }
    let mut lines = Vec::new();
    for flow in flows {
        let of_flow = || rows.iter().filter(|row| row.flow == *flow);
        let lag_records: u64 = of_flow().filter_map(|row| row.lag_records).sum();
        let unknown = of_flow().filter(|row| row.lag_records.is_none()).count();
        let partitions = counted(of_flow().count(), "partition");
        let text = match unknown {
            0 => format!("{} behind in {partitions}", counted(lag_records, "record")),
            n if n == of_flow().count() => format!("no progress yet in {partitions}"),
            n => format!("{} behind in {partitions}, {n} of them without progress", counted(lag_records, "record")),
        };
        lines.push(Line::plain(format!("{flow}: {text}")));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::line::Colour;

    fn text(format: Format, width: Option<usize>) -> String {
        let row = |flow: &str, partition, committed: Option<i64>, owner: Option<&str>| LagRow {
            flow: flow.into(),
            topic: "orders".into(),
            partition,
            committed,
            high_watermark: Some(1_000_000),
            lag_records: committed.map(|committed| (1_000_000 - committed) as u64),
            owner: owner.map(str::to_owned),
        };
        let rows = [
            row("eu-to-us", 0, Some(999_000), Some("kmirror-host-a-1234")),
            row("eu-to-us", 1, None, None),
            row("audit", 0, Some(1_000_000), Some("evil\u{1b}[2J")),
        ];
        let mut out = Vec::new();
        write_lag(&mut out, &rows, Page { format, width, colour: Colour::Never }).expect("written");
        String::from_utf8(out).expect("utf-8")
    }

    #[test]
    fn lag_is_listed_and_summed_up() {
        insta::assert_snapshot!(text(Format::Text, Some(80)), @r#"
        FLOW      TOPIC   PARTITION  COMMITTED      END   LAG  OWNER
        eu-to-us  orders          0     999000  1000000  1000  kmirror-host-a-1234
        eu-to-us  orders          1          –  1000000     –  –
        audit     orders          0    1000000  1000000     0  evil\x1b[2J
        eu-to-us: 1000 records behind in 2 partitions, 1 of them without progress
        audit: 0 records behind in 1 partition
        "#);
        insta::assert_snapshot!(text(Format::Json, None), @r#"
        {"flow":"eu-to-us","topic":"orders","partition":0,"committed":999000,"high_watermark":1000000,"lag_records":1000,"owner":"kmirror-host-a-1234"}
        {"flow":"eu-to-us","topic":"orders","partition":1,"committed":null,"high_watermark":1000000,"lag_records":null,"owner":null}
        {"flow":"audit","topic":"orders","partition":0,"committed":1000000,"high_watermark":1000000,"lag_records":0,"owner":"evil\u001b[2J"}
        "#);
    }
}
