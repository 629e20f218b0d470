//! What `kmirror topics` prints.

use std::io::{self, Write};

use serde::Serialize;

use super::json::write_line;
use super::number;
use super::table::{Align, Table};
use super::{Format, Page};
use crate::model::TopicName;

/// One topic of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TopicRow {
    /// Its name.
    pub topic: TopicName,
    /// Its partitions.
    pub partitions: i32,
    /// Its replicas.
    pub replication_factor: i32,
    /// `retention.ms`, -1 for ever; `None` where it could not be read.
    pub retention_ms: Option<i64>,
    /// `cleanup.policy`; `None` where it could not be read.
    pub cleanup_policy: Option<String>,
    /// What the flows do with it, and why.
    pub verdict: String,
}

/// Prints the topics, as a table or as one JSON object per line.
///
/// # Errors
/// When `out` does not take it.
pub fn write_topics(out: &mut dyn Write, rows: &[TopicRow], page: Page) -> io::Result<()> {
    match page.format {
        Format::Json => rows.iter().try_for_each(|row| write_line(out, row))?,
        Format::Text => {
            let mut table = Table::new(&[
                ("TOPIC", Align::Left),
                ("PARTITIONS", Align::Right),
                ("REPLICAS", Align::Right),
                ("RETENTION", Align::Right),
                ("CLEANUP", Align::Left),
                ("FLOWS", Align::Left),
            ]);
            for row in rows {
                table.row(vec![
                    row.topic.to_string(),
                    row.partitions.to_string(),
                    row.replication_factor.to_string(),
                    number::known(row.retention_ms, retention),
                    row.cleanup_policy.clone().unwrap_or_else(|| number::UNKNOWN.into()),
                    row.verdict.clone(),
                ]);
            }
            page.write(out, table.lines(page.width))?;
        }
    }
    out.flush()
}

fn retention(ms: i64) -> String {
    u64::try_from(ms).map_or_else(|_| "for ever".into(), |ms| number::duration(ms / 1000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::line::Colour;

    fn text(format: Format, width: Option<usize>) -> String {
        let row = |topic: &str, retention_ms, verdict: &str| TopicRow {
            topic: topic.into(),
            partitions: 12,
            replication_factor: 3,
            retention_ms,
            cleanup_policy: retention_ms.map(|_| "delete".into()),
            verdict: verdict.into(),
        };
        let rows = [
            row("orders", Some(604_800_000), "eu-to-us: mirrored to eu.orders"),
            row("audit", Some(-1), "excluded by `audit.*`"),
            row("secret\u{1b}", None, "not authorized to describe"),
        ];
        let mut out = Vec::new();
        write_topics(&mut out, &rows, Page { format, width, colour: Colour::Never }).expect("written");
        String::from_utf8(out).expect("utf-8")
    }

    #[test]
    fn topics_are_listed() {
        insta::assert_snapshot!(text(Format::Text, Some(80)), @r#"
        TOPIC       PARTITIONS  REPLICAS  RETENTION  CLEANUP  FLOWS
        orders              12         3         7d  delete   eu-to-us: mirrored to eu.…
        audit               12         3   for ever  delete   excluded by `audit.*`
        secret\x1b          12         3          –  –        not authorized to describe
        "#);
        insta::assert_snapshot!(text(Format::Json, None), @r#"
        {"topic":"orders","partitions":12,"replication_factor":3,"retention_ms":604800000,"cleanup_policy":"delete","verdict":"eu-to-us: mirrored to eu.orders"}
        {"topic":"audit","partitions":12,"replication_factor":3,"retention_ms":-1,"cleanup_policy":"delete","verdict":"excluded by `audit.*`"}
        {"topic":"secret\u001b","partitions":12,"replication_factor":3,"retention_ms":null,"cleanup_policy":null,"verdict":"not authorized to describe"}
        "#);
    }
}
