//! Keys of the records: which are read, how they are shown, and what is taken out.

use crate::model::{BrowseFrom, BrowseRequest, BrowsedBytes, BrowsedPage, BrowsedRecord, ClusterName};
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::model::Model;
use crate::tui::model::input_line::InputLine;
use crate::tui::model::listing::Listing;
use crate::tui::model::navigation::Opened;
use crate::tui::model::toast::ToastTone;
use crate::tui::model::topics::records::{RecordsView, place, record_key};
use crate::tui::services::{Job, JobAnswer, JobResult, TopicJob};
use crate::tui::widget::payload::{Format, as_text};

use super::{Shown, movement, run, shown, toast};

pub(super) use crate::tui::model::topics::records::RecordsOf;

/// Records of a page of one partition.
const RECORDS_MAX: usize = 200;
/// Of all partitions. As many are read of each of them, up to 64 KiB of every key and value: memory is what limits it.
const RECORDS_OF_ALL_MAX: usize = 60;

/// The records that are shown, with their keys, in their order.
pub(in crate::tui) fn rows(model: &Model) -> Vec<(String, &BrowsedRecord)> {
    let records = &model.topics.records;
    let list = &records.list;
    let mut fits = list.filter.matcher();
    let text =
        |bytes: &Option<BrowsedBytes>| bytes.as_ref().map(|bytes| as_text(bytes, Format::Text)).unwrap_or_default();
    let mut is_wanted = |record: &&BrowsedRecord| {
        list.filter.is_all() || fits(&format!("{} {}", text(&record.key), text(&record.value)))
    };
    let mut rows: Vec<&BrowsedRecord> = records.records().iter().filter(|record| is_wanted(record)).collect();
    match list.sort.column {
        1 => rows.sort_by_key(|record| (record.partition, record.offset)),
        2 => rows.sort_by_key(|record| size_bytes(record)),
        _ => {}
    }
    if list.sort.is_descending {
        rows.reverse();
    }
    rows.into_iter().map(|record| (record_key(record), record)).collect()
}

/// Key and value of a record.
pub(in crate::tui) fn size_bytes(record: &BrowsedRecord) -> usize {
    [&record.key, &record.value].into_iter().flatten().map(|bytes| bytes.size_bytes).sum()
}

pub(super) fn listing(model: &Model, row: Option<&str>) -> Listing {
    let heads = &["partition", "offset", "timestamp_ms", "key", "value", "size_bytes"];
    let format = model.topics.records.format;
    let text = |bytes: &Option<BrowsedBytes>| bytes.as_ref().map(|bytes| as_text(bytes, format));
    let wanted = rows(model).into_iter().filter(|(key, _)| row.is_none_or(|row| row == key));
    let cells = |(_, record): (String, &BrowsedRecord)| {
        vec![
            record.partition.into(),
            record.offset.into(),
            record.timestamp_ms.into(),
            text(&record.key).into(),
            text(&record.value).into(),
            size_bytes(record).into(),
        ]
    };
    Listing { heads, rows: wanted.map(cells).collect() }
}

/// Why an action cannot be done now.
pub(super) fn enabled(model: &Model, action: Action) -> Result<(), String> {
    let record = model.topics.records.selected();
    match action {
        Action::Open | Action::Copy | Action::CopyRecord if record.is_none() => Err("there is no record here".into()),
        Action::WriteValue => bytes_to_write(record, false).map(drop),
        Action::WriteKey => bytes_to_write(record, true).map(drop),
        _ => Ok(()),
    }
}

fn bytes_to_write(record: Option<&BrowsedRecord>, is_key: bool) -> Result<&BrowsedBytes, String> {
    let record = record.ok_or("there is no record here")?;
    let (bytes, what) = if is_key { (&record.key, "key") } else { (&record.value, "value") };
    bytes.as_ref().ok_or_else(|| format!("its {what} is null: there is nothing to write"))
}

/// Looks at other records.
pub(super) fn begin(model: &mut Model, of: RecordsOf) {
    let format = model.topics.records.format;
    model.topics.records = RecordsView { of: Some(of), format, ..RecordsView::default() };
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    if matches!(shown(model), Shown::Record) {
        return on_record(model, action);
    }
    match action {
        Action::Newest => browse_from(model, BrowseFrom::Newest, "newest".into()),
        Action::Oldest => browse_from(model, BrowseFrom::Oldest, "oldest".into()),
        Action::Onward => turn(model, true),
        Action::Before => turn(model, false),
        Action::OnePartition => one_partition(model),
        Action::Open => open(model),
        Action::GoTo => {
            model.topics.records.prompt = Some(InputLine::default());
            Vec::new()
        }
        Action::Cancel => {
            (model.topics.records.prompt, model.topics.records.prompt_error) = (None, None);
            Vec::new()
        }
        Action::Accept => go_to(model),
        _ => on_record(model, action),
    }
}

/// What can be done with a record, in the list or opened.
fn on_record(model: &mut Model, action: Action) -> Vec<Effect> {
    let records = &mut model.topics.records;
    if let Some(movement) = movement(action) {
        records.scroll.go(movement);
        return Vec::new();
    }
    match action {
        Action::Format => (records.format, records.scroll.top) = (records.format.next(), 0),
        Action::Onward => neighbour(model, true),
        Action::Before => neighbour(model, false),
        Action::Copy => return copy_value(model),
        Action::CopyRecord => return copy_record(model),
        Action::WriteValue => return write(model, false),
        Action::WriteKey => return write(model, true),
        _ => {}
    }
    Vec::new()
}

fn open(model: &mut Model) -> Vec<Effect> {
    if let Some(record) = model.topics.records.selected() {
        let opened = Opened::Record(record.partition, record.offset);
        model.topics.records.scroll.top = 0;
        model.navigation.open(opened);
    }
    Vec::new()
}

/// Opens the record beside the one that is opened.
fn neighbour(model: &mut Model, is_forward: bool) {
    let keys: Vec<String> = rows(model).into_iter().map(|(key, _)| key).collect();
    let list = &mut model.topics.records.list;
    let row = if is_forward { list.cursor + 1 } else { list.cursor.wrapping_sub(1) };
    if row >= keys.len() {
        let end = if is_forward { "last" } else { "first" };
        return toast(model, ToastTone::Info, format!("this is the {end} record of the page"));
    }
    list.select(row, &keys);
    model.navigation.close();
    open(model);
}

fn copy_value(model: &Model) -> Vec<Effect> {
    let records = &model.topics.records;
    let value = records.selected().and_then(|record| record.value.as_ref());
    vec![Effect::Copy(value.map(|value| as_text(value, records.format)).unwrap_or_default())]
}

fn copy_record(model: &Model) -> Vec<Effect> {
    let records = &model.topics.records;
    let (Some(record), Some(of)) = (records.selected(), &records.of) else { return Vec::new() };
    let text = |bytes: &Option<BrowsedBytes>| match bytes {
        Some(bytes) => as_text(bytes, records.format),
        None => "null".to_owned(),
    };
    let mut lines = vec![format!("topic {}", of.topic), format!("partition {}", record.partition)];
    lines.push(format!("offset {}", record.offset));
    lines.extend(record.timestamp_ms.map(|ms| format!("timestamp_ms {ms}")));
    for (name, value) in &record.headers {
        lines.push(format!("header {} {}", String::from_utf8_lossy(name), text(value)));
    }
    lines.push(format!("key {}", text(&record.key)));
    lines.push(format!("value {}", text(&record.value)));
    vec![Effect::Copy(lines.join("\n"))]
}

/// The bytes as they lie in the log. Of what is longer than the console keeps, the beginning, and that is said.
fn write(model: &mut Model, is_key: bool) -> Vec<Effect> {
    let records = &model.topics.records;
    let (Some(record), Some(of)) = (records.selected(), &records.of) else { return Vec::new() };
    let Ok(bytes) = bytes_to_write(Some(record), is_key) else { return Vec::new() };
    let what = if is_key { "key" } else { "value" };
    // Of what a topic's name may have, only this goes into a file's name.
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let topic: String = of.topic.as_str().chars().map(|c| if is_plain(c) { c } else { '_' }).take(100).collect();
    let name = format!("{topic}-{}-{}.{what}", record.partition, record.offset);
    let (shown, all, content) = (bytes.shown.len(), bytes.size_bytes, bytes.shown.clone());
    if shown < all {
        toast(
            model,
            ToastTone::Warn,
            format!("only the first {shown} of {all} bytes are written: more is not kept here"),
        );
    }
    vec![Effect::WriteBytes { name, bytes: content }]
}

/// Only the partition of the record at hand, or all again.
fn one_partition(model: &mut Model) -> Vec<Effect> {
    let records = &model.topics.records;
    let Some(of) = records.of.clone() else { return Vec::new() };
    let (partition, from, place) = match (of.partition, records.selected()) {
        (Some(_), _) => (None, BrowseFrom::Newest, "newest".to_owned()),
        (None, Some(record)) => {
            (Some(record.partition), BrowseFrom::Offset(record.offset), format!("from offset {}", record.offset))
        }
        (None, None) => return Vec::new(),
    };
    let is_record_page = matches!(model.navigation.opened(), Some(Opened::Records(..)));
    if is_record_page {
        model.navigation.close();
    }
    model.navigation.open(Opened::Records(of.topic.clone(), partition));
    begin(model, RecordsOf { partition, ..of });
    browse_from(model, from, place)
}

fn go_to(model: &mut Model) -> Vec<Effect> {
    let records = &mut model.topics.records;
    let Some(text) = records.prompt.as_ref().map(|line| line.text().trim().to_owned()) else { return Vec::new() };
    match place(&text, model.now.wall_ms) {
        Ok(from) => {
            (records.prompt, records.prompt_error) = (None, None);
            let words = match &from {
                BrowseFrom::Offset(offset) => format!("from offset {offset}"),
                BrowseFrom::Time(_) => format!("from {text}"),
                _ => text,
            };
            browse_from(model, from, words)
        }
        Err(error) => {
            records.prompt_error = Some(error);
            Vec::new()
        }
    }
}

/// The page after or before the one that is shown.
fn turn(model: &mut Model, is_forward: bool) -> Vec<Effect> {
    let Some(Ok(page)) = &model.topics.records.page else { return Vec::new() };
    let edge = |(partition, (from, to)): (&i32, &(i64, i64))| (*partition, if is_forward { *to } else { *from });
    let edges = page.ranges.iter().map(edge).collect();
    let (from, place) = if is_forward {
        (BrowseFrom::Onward(edges), "onward".to_owned())
    } else {
        (BrowseFrom::Before(edges), "before".to_owned())
    };
    browse_from(model, from, place)
}

/// Reads the same records again; those at the ends may have become others.
pub(super) fn again(model: &mut Model) -> Vec<Effect> {
    let records = &model.topics.records;
    let (from, place) = match (&records.page, records.place.as_str()) {
        (Some(Ok(page)), place) if !matches!(place, "newest" | "oldest") => {
            let begins = page.ranges.iter().map(|(partition, (from, _))| (*partition, *from)).collect();
            (BrowseFrom::Onward(begins), place.to_owned())
        }
        (_, "oldest") => (BrowseFrom::Oldest, "oldest".to_owned()),
        _ => (BrowseFrom::Newest, "newest".to_owned()),
    };
    browse_from(model, from, place)
}

pub(super) fn browse_from(model: &mut Model, from: BrowseFrom, place: String) -> Vec<Effect> {
    let Some(of) = model.topics.records.of.clone() else { return Vec::new() };
    model.topics.records.asked = Some(place);
    let records_max = if of.partition.is_some() { RECORDS_MAX } else { RECORDS_OF_ALL_MAX };
    let request = BrowseRequest { topic: of.topic, partition: of.partition, from, records_max };
    vec![run(model, Job::Topic { cluster: of.cluster, job: TopicJob::Browse(request) })]
}

/// The answer to [`TopicJob::Browse`].
pub(super) fn read(model: &mut Model, cluster: &ClusterName, request: &BrowseRequest, answer: JobAnswer) {
    let records = &mut model.topics.records;
    let is_this =
        |of: &RecordsOf| of.cluster == *cluster && of.topic == request.topic && of.partition == request.partition;
    if !records.of.as_ref().is_some_and(is_this) {
        return;
    }
    let asked = records.asked.take().unwrap_or_default();
    let page = match answer {
        Ok(JobResult::Records(page)) => page,
        Ok(_) => return,
        // What was read before stays; the failure is told beside it.
        Err(_) if matches!(records.page, Some(Ok(_))) => return,
        Err(error) => {
            records.page = Some(Err(error));
            return;
        }
    };
    let is_turned = matches!(request.from, BrowseFrom::Onward(_) | BrowseFrom::Before(_));
    if is_turned && page.records.is_empty() && !page.is_cut_short {
        let end = if asked == "before" { "older" } else { "newer" };
        return toast(model, ToastTone::Info, format!("there are no {end} records"));
    }
    show(model, page, asked);
}

fn show(model: &mut Model, page: BrowsedPage, place: String) {
    let is_newest_first = matches!(place.as_str(), "newest" | "before");
    let records = &mut model.topics.records;
    (records.page, records.place, records.scroll.top) = (Some(Ok(page)), place, 0);
    let keys: Vec<String> = rows(model).into_iter().map(|(key, _)| key).collect();
    // The newest stand at the end.
    let row = if is_newest_first { keys.len().saturating_sub(1) } else { 0 };
    model.topics.records.list.select(row, &keys);
}
