//! What `kmirror offsets` prints: where a flow stands, and what setting positions would mean.

use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;

use super::event_text::counted;
use super::json::write_line;
use super::line::{Line, Tone};
use super::table::{Align, Table};
use super::{Format, Page, number};
use crate::model::{
    FlowName, FlowOffsets, GroupName, MoveEffect, PartitionOffsets, ProgressAuthor, StartPosition, TopicName,
};

/// Where a flow stands in one partition.
#[derive(Serialize)]
struct PartitionRow<'a> {
    flow: &'a FlowName,
    topic: &'a TopicName,
    partition: i32,
    low: Option<i64>,
    high: Option<i64>,
    progress: Option<i64>,
    author: Option<ProgressAuthor>,
    start: Option<&'a StartPosition>,
    position: Option<i64>,
    to_copy_records: Option<u64>,
    lost_records: u64,
    fault: Option<&'a str>,
}

/// Who is in a flow's group.
#[derive(Serialize)]
struct GroupRow<'a> {
    flow: &'a FlowName,
    group: &'a GroupName,
    members: Vec<MemberRow<'a>>,
    fault: Option<&'a str>,
}

#[derive(Serialize)]
struct MemberRow<'a> {
    name: &'a str,
    is_of_flow: bool,
}

/// Prints where a flow stands: a table and who is in its group, or one JSON object per partition and a last one for the
/// group.
///
/// # Errors
/// When `out` does not take it.
pub fn write_offsets(out: &mut dyn Write, offsets: &FlowOffsets, page: Page) -> io::Result<()> {
    match page.format {
        Format::Json => {
            offsets.partitions.iter().try_for_each(|listed| write_line(out, &partition_row(offsets, listed)))?;
            write_line(out, &group_row(offsets))?;
        }
        Format::Text => {
            page.write(out, offsets_table(offsets).lines(page.width))?;
            page.write(out, [totals(offsets), group_line(offsets)])?;
        }
    }
    out.flush()
}

fn partition_row<'a>(offsets: &'a FlowOffsets, listed: &'a PartitionOffsets) -> PartitionRow<'a> {
    let position = listed.position();
    PartitionRow {
        flow: &offsets.flow,
        topic: &listed.partition.topic,
        partition: listed.partition.partition,
        low: listed.low,
        high: listed.high,
        progress: listed.progress.map(|progress| progress.offset),
        author: listed.progress.map(|progress| progress.author),
        start: listed.start.as_ref().map(|start| &start.at),
        position,
        to_copy_records: position.and_then(|at| listed.effect_of(at)).map(|effect| effect.to_copy),
        lost_records: listed.lost_records(),
        fault: listed.fault.as_deref(),
    }
}

fn group_row(offsets: &FlowOffsets) -> GroupRow<'_> {
    let members = offsets.members.iter();
    GroupRow {
        flow: &offsets.flow,
        group: &offsets.group,
        members: members.map(|member| MemberRow { name: &member.name, is_of_flow: member.is_of_flow }).collect(),
        fault: offsets.members_fault.as_deref(),
    }
}

fn offsets_table(offsets: &FlowOffsets) -> Table {
    let mut table = Table::new(&[
        ("TOPIC", Align::Left),
        ("PARTITION", Align::Right),
        ("LOW", Align::Right),
        ("HIGH", Align::Right),
        ("POSITION", Align::Right),
        ("TO COPY", Align::Right),
        ("", Align::Left),
    ]);
    for listed in &offsets.partitions {
        let row = partition_row(offsets, listed);
        let offset = |offset: Option<i64>| number::known(offset, |offset| offset.to_string());
        table.row(vec![
            row.topic.to_string(),
            row.partition.to_string(),
            offset(row.low),
            offset(row.high),
            offset(row.position),
            number::known(row.to_copy_records, number::exact),
            remark(listed),
        ]);
    }
    table
}

/// What is to be said of a partition.
fn remark(listed: &PartitionOffsets) -> String {
    if let Some(fault) = &listed.fault {
        return fault.clone();
    }
    let lost = listed.lost_records();
    if lost > 0 {
        return format!("{} records are gone (retention)", number::exact(lost));
    }
    let author = listed.progress.map(|progress| progress.author);
    match (author, &listed.start) {
        (Some(ProgressAuthor::Hand), _) => "set by another tool".into(),
        (Some(ProgressAuthor::OtherFlow), _) => "set by another flow".into(),
        (None, Some(start)) => format!("no progress yet, begins at {}", start.at),
        (Some(ProgressAuthor::Flow) | None, _) => String::new(),
    }
}

fn totals(offsets: &FlowOffsets) -> Line {
    let rows = offsets.partitions.iter().map(|listed| partition_row(offsets, listed));
    let to_copy: u64 = rows.filter_map(|row| row.to_copy_records).sum();
    let partitions = counted(offsets.partitions.len(), "partition");
    Line::plain(format!("{}: {} records to copy in {partitions}", offsets.flow, number::exact(to_copy)))
}

fn group_line(offsets: &FlowOffsets) -> Line {
    let group = &offsets.group;
    if let Some(fault) = &offsets.members_fault {
        return Line::plain(format!("group {group}: who is in it is not known ({fault})"));
    }
    let names: Vec<String> = offsets
        .members
        .iter()
        .map(|member| if member.is_of_flow { member.name.clone() } else { format!("{} (foreign)", member.name) })
        .collect();
    let line = Line::plain(format!("group {group}: "));
    match names.is_empty() {
        true => line.with(Tone::Plain, "nobody is in it"),
        false if offsets.foreign_members().next().is_some() => line.with(Tone::Warning, names.join(", ")),
        false => line.with(Tone::Plain, names.join(", ")),
    }
}

/// One position that is to be set, or cannot be.
#[derive(Clone, Debug, Serialize)]
pub struct ReviewRow {
    /// The flow.
    pub flow: FlowName,
    /// The source topic.
    pub topic: TopicName,
    /// Its partition.
    pub partition: i32,
    /// What was asked for.
    pub at: String,
    /// The progress now.
    pub before: Option<i64>,
    /// The position to be set.
    pub after: Option<i64>,
    /// Timestamp of the first record at or behind it, ms since 1970.
    pub record_ms: Option<i64>,
    /// What that means.
    #[serde(flatten)]
    pub effect: MoveEffect,
    /// What should be said about it.
    pub remark: Option<String>,
    /// Why it cannot be set.
    pub refused: Option<String>,
}

/// Prints what is to be set: a table with its totals, or one JSON object per partition.
///
/// # Errors
/// When `out` does not take it.
pub fn write_review(out: &mut dyn Write, rows: &[ReviewRow], page: Page) -> io::Result<()> {
    match page.format {
        Format::Json => rows.iter().try_for_each(|row| write_line(out, row))?,
        Format::Text => {
            page.write(out, review_table(rows).lines(page.width))?;
            page.write(out, review_totals(rows))?;
        }
    }
    out.flush()
}

fn review_table(rows: &[ReviewRow]) -> Table {
    let mut table = Table::new(&[
        ("TOPIC", Align::Left),
        ("PARTITION", Align::Right),
        ("AT", Align::Left),
        ("BEFORE", Align::Right),
        ("AFTER", Align::Right),
        ("RECORD TIME", Align::Left),
        ("TO COPY", Align::Right),
        ("AGAIN", Align::Right),
        ("LEFT OUT", Align::Right),
    ]);
    for row in rows {
        let offset = |offset: Option<i64>| number::known(offset, |offset| offset.to_string());
        let records = |n: u64| if row.refused.is_some() { String::new() } else { number::exact(n) };
        table.row(vec![
            row.topic.to_string(),
            row.partition.to_string(),
            row.at.clone(),
            offset(row.before),
            offset(row.after),
            row.record_ms.and_then(|ms| Timestamp::from_millisecond(ms).ok()).map(time).unwrap_or_default(),
            records(row.effect.to_copy),
            records(row.effect.again),
            records(row.effect.left_out),
        ]);
    }
    table
}

fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

fn review_totals(rows: &[ReviewRow]) -> Vec<Line> {
    let mut total = MoveEffect::default();
    let refused = rows.iter().filter(|row| row.refused.is_some()).count();
    rows.iter().filter(|row| row.refused.is_none()).for_each(|row| total += row.effect);
    let set = counted(rows.len() - refused, "position");
    let MoveEffect { to_copy, again, left_out } = total;
    let mut lines = remarks(rows, |row| row.remark.as_ref(), Tone::Plain);
    lines.push(Line::plain(format!("{set} to set, {} records to copy from there", number::exact(to_copy))));
    if again > 0 {
        let text = format!("{} of them were copied before: the target gets them twice", number::exact(again));
        lines.push(Line::default().with(Tone::Warning, text));
    }
    if left_out > 0 {
        let text = format!("{} records that were never copied are left out", number::exact(left_out));
        lines.push(Line::default().with(Tone::Warning, text));
    }
    if refused > 0 {
        lines.extend(remarks(rows, |row| row.refused.as_ref(), Tone::Bad));
        lines.push(Line::default().with(Tone::Bad, format!("{} cannot be set", counted(refused, "position"))));
    }
    lines
}

/// What is to be said, each once, with the partitions it is said of: a column would be too narrow for it.
fn remarks(rows: &[ReviewRow], of: impl Fn(&ReviewRow) -> Option<&String>, tone: Tone) -> Vec<Line> {
    let mut said: Vec<(&String, &ReviewRow, usize)> = Vec::new();
    for row in rows {
        let Some(text) = of(row) else { continue };
        match said.iter_mut().find(|(known, ..)| *known == text) {
            Some((_, _, count)) => *count += 1,
            None => said.push((text, row, 0)),
        }
    }
    let place = |row: &ReviewRow, more: usize| match more {
        0 => format!("{}/{}", row.topic, row.partition),
        more => format!("{}/{} and {more} more", row.topic, row.partition),
    };
    let mut lines: Vec<Line> = said
        .iter()
        .take(REMARKS_MAX)
        .map(|(text, row, more)| Line::default().with(tone, format!("{}: {text}", place(row, *more))))
        .collect();
    if said.len() > REMARKS_MAX {
        lines.push(Line::default().with(tone, format!("... and {} more like these", said.len() - REMARKS_MAX)));
    }
    lines
}

/// More are no longer read.
const REMARKS_MAX: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{GroupMember, Progress, StartRule, TopicPartition};
    use crate::report::line::Colour;

    fn page(format: Format) -> Page {
        Page { format, width: Some(120), colour: Colour::Never }
    }

    fn offsets() -> FlowOffsets {
        let listed = |partition, progress: Option<(i64, ProgressAuthor)>| PartitionOffsets {
            partition: TopicPartition::new("orders", partition),
            low: Some(1_000),
            high: Some(50_000),
            progress: progress.map(|(offset, author)| Progress { offset, author }),
            start: progress.is_none().then_some(StartRule { at: StartPosition::Latest, offset: Some(50_000) }),
            fault: None,
        };
        let dark = PartitionOffsets {
            low: None,
            high: None,
            fault: Some("no leader".into()),
            ..listed(4, Some((7, ProgressAuthor::Flow)))
        };
        let member = |name: &str, is_of_flow| GroupMember { name: name.into(), is_of_flow };
        FlowOffsets {
            flow: "eu".into(),
            group: "kmirror.eu".into(),
            asked_at_ms: 0,
            has_progress: true,
            members: vec![member("kmirror-eu-0 on 10.0.0.7", true), member("evil\u{1b}[2J on 10.0.0.8", false)],
            members_fault: None,
            partitions: vec![
                listed(0, Some((49_000, ProgressAuthor::Flow))),
                listed(1, Some((900, ProgressAuthor::Flow))),
                listed(2, Some((2_000, ProgressAuthor::Hand))),
                listed(3, None),
                dark,
            ],
        }
    }

    #[test]
    fn a_flow_is_shown_partition_by_partition() {
        let text = |format| {
            let mut out = Vec::new();
            write_offsets(&mut out, &offsets(), page(format)).expect("written");
            String::from_utf8(out).expect("utf-8")
        };
        insta::assert_snapshot!(text(Format::Text), @r#"
        TOPIC   PARTITION   LOW   HIGH  POSITION  TO COPY
        orders          0  1000  50000     49000    1,000
        orders          1  1000  50000       900   49,000  100 records are gone (retention)
        orders          2  1000  50000      2000   48,000  set by another tool
        orders          3  1000  50000     50000        0  no progress yet, begins at latest
        orders          4     –      –         7        –  no leader
        eu: 98,000 records to copy in 5 partitions
        group kmirror.eu: kmirror-eu-0 on 10.0.0.7, evil\x1b[2J on 10.0.0.8 (foreign)
        "#);
        insta::assert_snapshot!(text(Format::Json), @r#"
        {"flow":"eu","topic":"orders","partition":0,"low":1000,"high":50000,"progress":49000,"author":"flow","start":null,"position":49000,"to_copy_records":1000,"lost_records":0,"fault":null}
        {"flow":"eu","topic":"orders","partition":1,"low":1000,"high":50000,"progress":900,"author":"flow","start":null,"position":900,"to_copy_records":49000,"lost_records":100,"fault":null}
        {"flow":"eu","topic":"orders","partition":2,"low":1000,"high":50000,"progress":2000,"author":"hand","start":null,"position":2000,"to_copy_records":48000,"lost_records":0,"fault":null}
        {"flow":"eu","topic":"orders","partition":3,"low":1000,"high":50000,"progress":null,"author":null,"start":"latest","position":50000,"to_copy_records":0,"lost_records":0,"fault":null}
        {"flow":"eu","topic":"orders","partition":4,"low":null,"high":null,"progress":7,"author":"flow","start":null,"position":7,"to_copy_records":null,"lost_records":0,"fault":"no leader"}
        {"flow":"eu","group":"kmirror.eu","members":[{"name":"kmirror-eu-0 on 10.0.0.7","is_of_flow":true},{"name":"evil\u001b[2J on 10.0.0.8","is_of_flow":false}],"fault":null}
        "#);
    }

    #[test]
    fn a_review_tells_what_is_copied_again_and_what_is_left_out() {
        let row = |partition, at: &str, after, effect, refused: Option<&str>| ReviewRow {
            flow: "eu".into(),
            topic: "orders".into(),
            partition,
            at: at.into(),
            before: Some(40_000),
            after,
            record_ms: Some(1_782_302_400_000),
            effect,
            remark: refused.is_none().then(|| "no record is so young".into()),
            refused: refused.map(Into::into),
        };
        let rows = [
            row(0, "earliest", Some(1_000), MoveEffect { to_copy: 49_000, again: 39_000, left_out: 0 }, None),
            row(1, "+500", Some(40_500), MoveEffect { to_copy: 9_500, again: 0, left_out: 500 }, None),
            row(2, "99999", None, MoveEffect::default(), Some("offset 99999 is beyond the end of the log")),
        ];
        let text = |format| {
            let mut out = Vec::new();
            write_review(&mut out, &rows, Page { width: None, ..page(format) }).expect("written");
            String::from_utf8(out).expect("utf-8")
        };
        insta::assert_snapshot!(text(Format::Text), @r#"
        TOPIC   PARTITION  AT        BEFORE  AFTER  RECORD TIME           TO COPY   AGAIN  LEFT OUT
        orders          0  earliest   40000   1000  2026-06-24 12:00:00Z   49,000  39,000         0
        orders          1  +500       40000  40500  2026-06-24 12:00:00Z    9,500       0       500
        orders          2  99999      40000      –  2026-06-24 12:00:00Z
        orders/0 and 1 more: no record is so young
        2 positions to set, 58,500 records to copy from there
        39,000 of them were copied before: the target gets them twice
        500 records that were never copied are left out
        orders/2: offset 99999 is beyond the end of the log
        1 position cannot be set
        "#);
        insta::assert_snapshot!(text(Format::Json), @r#"
        {"flow":"eu","topic":"orders","partition":0,"at":"earliest","before":40000,"after":1000,"record_ms":1782302400000,"to_copy_records":49000,"again_records":39000,"left_out_records":0,"remark":"no record is so young","refused":null}
        {"flow":"eu","topic":"orders","partition":1,"at":"+500","before":40000,"after":40500,"record_ms":1782302400000,"to_copy_records":9500,"again_records":0,"left_out_records":500,"remark":"no record is so young","refused":null}
        {"flow":"eu","topic":"orders","partition":2,"at":"99999","before":40000,"after":null,"record_ms":1782302400000,"to_copy_records":0,"again_records":0,"left_out_records":0,"remark":null,"refused":"offset 99999 is beyond the end of the log"}
        "#);
    }
}
