//! The home page: every flow on a line, and below it what there is to know about the one at hand.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::engine::{FlowSnapshot, FlowState, LaneState};
use crate::report::number;
use crate::tui::model::list::ListState;
use crate::tui::model::{Density, Model};
use crate::tui::theme::Role;
use crate::tui::update::{flow_rows, is_first_run};
use crate::tui::widget::fields::draw_fields;
use crate::tui::widget::list_line::draw_list_line;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::widget::sparkline::sparkline;
use crate::tui::widget::table::{Cell, Column, ColumnWidth, Table};
use crate::tui::widget::text::wrap;
use crate::tui::words::flow_state_word;

use super::state::flow_state_look;

/// Columns of the spark.
const SPARK: u16 = 15;
/// What the spark covers: five minutes.
const SPARK_MS: i64 = 300_000;
/// What the trends cover.
const TREND_MS: i64 = 900_000;
/// Problems of one kind that are told.
const PROBLEMS_MAX: usize = 8;

const COLUMNS: &[Column] = &[
    Column { title: "STATE", width: ColumnWidth::Fixed(11), is_right: false, leaves: 0, sort: Some(1) },
    Column { title: "FLOW", width: ColumnWidth::Fill(12), is_right: false, leaves: 0, sort: Some(0) },
    Column { title: "SOURCE", width: ColumnWidth::Fill(12), is_right: false, leaves: 4, sort: None },
    Column { title: "TARGET", width: ColumnWidth::Fill(12), is_right: false, leaves: 3, sort: None },
    Column { title: "TOPICS", width: ColumnWidth::Fixed(7), is_right: true, leaves: 5, sort: Some(2) },
    Column { title: "OUT/s", width: ColumnWidth::Fixed(6), is_right: true, leaves: 1, sort: Some(3) },
    Column { title: "LAG", width: ColumnWidth::Fixed(6), is_right: true, leaves: 0, sort: Some(4) },
    Column { title: "ETA", width: ColumnWidth::Fixed(6), is_right: true, leaves: 2, sort: Some(5) },
    Column { title: "OUT 5m", width: ColumnWidth::Fixed(SPARK), is_right: false, leaves: 6, sort: None },
];

const TOPIC_COLUMNS: &[Column] = &[
    Column { title: "TOPIC", width: ColumnWidth::Fill(12), is_right: false, leaves: 0, sort: None },
    Column { title: "P", width: ColumnWidth::Fixed(4), is_right: true, leaves: 2, sort: None },
    Column { title: "OUT/s", width: ColumnWidth::Fixed(6), is_right: true, leaves: 0, sort: None },
    Column { title: "LAG", width: ColumnWidth::Fixed(6), is_right: true, leaves: 0, sort: None },
    Column { title: "LAG 5m", width: ColumnWidth::Fixed(SPARK), is_right: false, leaves: 1, sort: None },
];

pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    if model.snapshot.flows.is_empty() {
        return nothing(model, area, buffer);
    }
    let rows = flow_rows(model);
    let (list_area, detail_area) = split(model, area, rows.len());
    let total = model.snapshot.flows.len();
    let foot = format!("{}/{total}", rows.len());
    let title_right = totals(model);
    let title = if model.density() == Density::Wide { "Flows" } else { "" };
    let panel = Panel { title, title_right: &title_right, foot: &foot, has_focus: true };
    let inside = panel.draw_fitting(model, list_area, buffer);
    let inside = draw_list_line(model, &model.flows.list, COLUMNS, (rows.len(), total), inside, buffer);
    let keys: Vec<String> = rows.iter().map(|flow| flow.flow.to_string()).collect();
    let table = Table { columns: COLUMNS, list: &model.flows.list, keys: &keys };
    table.draw(model, inside, buffer, |row| cells(model, rows[row]));
    if let Some(flow) = model.flow_at_hand().filter(|_| detail_area.height > 0) {
        detail(model, flow, detail_area, buffer);
    }
}

/// The list has what its rows need, the detail of a flow the rest; on small screens there is the list only.
fn split(model: &Model, area: Rect, rows: usize) -> (Rect, Rect) {
    let frame = if model.density() == Density::Wide { 2 } else { 0 };
    let needed = u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(2 + frame);
    let room = match model.density() {
        Density::Tiny => 0,
        Density::Normal => 8,
        Density::Wide => 12,
    };
    let list = needed.clamp(area.height.min(4), area.height.saturating_sub(room));
    let list = if room == 0 { area.height } else { list };
    (Rect { height: list, ..area }, Rect { y: area.y + list, height: area.height - list, ..area })
}

/// What all flows do together.
fn totals(model: &Model) -> String {
    let flows = &model.snapshot.flows;
    let records: f64 = flows.iter().map(|flow| flow.records_per_second).sum();
    let bytes: f64 = flows.iter().map(|flow| flow.bytes_per_second).sum();
    let is_whole =
        flows.iter().all(|flow| flow.unseen_lanes == 0 && (flow.lag_records.is_some() || !flow.state.is_up()));
    let lag = flows.iter().filter_map(|flow| flow.lag_records).reduce(|sum, lag| sum + lag);
    format!("{}  {}  lag {}", number::records_rate(records), number::bytes_rate(bytes), number::at_least(lag, is_whole))
}

fn cells<'a>(model: &'a Model, flow: &'a FlowSnapshot) -> Vec<Cell<'a>> {
    let theme = &model.theme;
    let text = theme.style(Role::Text);
    let dim = theme.style(Role::Dim);
    let (symbol, role) = flow_state_look(&flow.state, model.symbols);
    let known =
        |value: String| if flow.state.is_up() { Cell::new(value, text) } else { Cell::new(model.symbols.unknown, dim) };
    let spark = model.histories.flow(&flow.flow).map(|history| {
        let values = history.records_per_second.columns(model.now.wall_ms, SPARK_MS, usize::from(SPARK));
        sparkline(&values, model.symbols)
    });
    vec![
        Cell::new(format!("{symbol} {}", flow_state_word(&flow.state)), theme.style(role)),
        Cell::new(flow.flow.as_str(), theme.style(Role::Accent)),
        Cell::new(flow.source.as_str(), text),
        Cell::new(flow.target.as_str(), text),
        known(flow.topics.len().to_string()),
        known(number::records_rate(flow.records_per_second).replace("/s", "")),
        known(number::at_least(flow.lag_records, flow.unseen_lanes == 0)),
        known(eta(model, flow)),
        Cell::new(spark.unwrap_or_default(), theme.style(Role::Chart1)),
    ]
}

/// Until when the lag is gone, in a word.
fn eta(model: &Model, flow: &FlowSnapshot) -> String {
    match flow.eta_seconds {
        _ if flow.unseen_lanes > 0 || flow.lag_records.is_none() => model.symbols.unknown.into(),
        _ if flow.lag_records == Some(0) || flow.state == FlowState::CaughtUp => "live".into(),
        Some(seconds) => number::duration_short(seconds),
        None if flow.state == FlowState::Running => "never".into(),
        None => model.symbols.unknown.into(),
    }
}

/// What there is to know about a flow, and beside or below it what is wrong with it.
fn detail(model: &Model, flow: &FlowSnapshot, area: Rect, buffer: &mut Buffer) {
    let is_wide = model.density() == Density::Wide;
    let (left, right) = if is_wide {
        let width = area.width * 2 / 5;
        (Rect { width, ..area }, Rect { x: area.x + width, width: area.width - width, ..area })
    } else {
        let height = area.height.min(5);
        (Rect { height, ..area }, Rect { y: area.y + height, height: area.height - height, ..area })
    };
    let fields = fields(model, flow, is_wide);
    let inside = Panel { title: flow.flow.as_str(), ..Panel::default() }.draw_fitting(model, left, buffer);
    draw_fields(model, &fields, inside, buffer);
    let below = u16::try_from(fields.len() + 1).unwrap_or(u16::MAX);
    if is_wide && inside.height > below + 5 {
        trends(model, flow, Rect { y: inside.y + below, height: inside.height - below, ..inside }, buffer);
    }
    let below = problems_panel(model, flow, right, buffer);
    if is_wide && below.height > 3 {
        topics_panel(model, flow, below, buffer);
    }
}

/// What is wrong with a flow, if something is; tells what is left below.
fn problems_panel(model: &Model, flow: &FlowSnapshot, area: Rect, buffer: &mut Buffer) -> Rect {
    let lines = problems(model, flow, usize::from(area.width).saturating_sub(5));
    if lines.is_empty() {
        return area;
    }
    let needed = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let top = Rect { height: needed.min(area.height), ..area };
    let panel = Panel { title: "Problems", foot: "E: what to do about them", ..Panel::default() };
    let inside = panel.draw_fitting(model, top, buffer);
    for (row, (text, style)) in (0..).zip(&lines) {
        Pen::new(buffer, line(inside, row), model.symbols).skip(1).write(text, *style);
    }
    Rect { y: top.bottom(), height: area.height - top.height, ..area }
}

/// The topics of a flow that are furthest behind.
fn topics_panel(model: &Model, flow: &FlowSnapshot, area: Rect, buffer: &mut Buffer) {
    let summary = model.summaries.get(flow);
    let topics = summary.furthest_behind(flow, usize::from(area.height).saturating_sub(3));
    let foot = format!("{} of {}, enter: all", topics.len(), flow.topics.len());
    let inside = Panel { title: "Topics furthest behind", foot: &foot, ..Panel::default() }.draw(model, area, buffer);
    let keys: Vec<String> = topics.iter().map(|place| flow.topics[*place].source.to_string()).collect();
    // A list nothing is selected in.
    let list = ListState { cursor: usize::MAX, ..ListState::default() };
    let history = model.histories.flow(&flow.flow);
    let (text, dim) = (model.theme.style(Role::Text), model.theme.style(Role::Dim));
    Table { columns: TOPIC_COLUMNS, list: &list, keys: &keys }.draw_rows(model, inside, buffer, |row| {
        let topic = &flow.topics[topics[row]];
        let sums = summary.topics[topics[row]];
        let past = history.and_then(|history| history.topics.get(&topic.source));
        let rate = past.map_or(f32::NAN, |past| past.records_per_second.last());
        let trend = past.map(|past| past.lag_records.columns(model.now.wall_ms, SPARK_MS, usize::from(SPARK)));
        vec![
            Cell::new(topic.source.as_str(), if topic.lanes.is_empty() { dim } else { text }),
            Cell::new(topic.partitions.to_string(), dim),
            Cell::new(number::records_rate(f64::from(rate)).replace("/s", ""), text),
            Cell::new(number::at_least(sums.known_lag, sums.unseen_lanes == 0), text),
            Cell::new(sparkline(&trend.unwrap_or_default(), model.symbols), model.theme.style(Role::Chart3)),
        ]
    });
}

/// How rate and lag went, as wide as there is room.
fn trends(model: &Model, flow: &FlowSnapshot, area: Rect, buffer: &mut Buffer) {
    let Some(history) = model.histories.flow(&flow.flow) else { return };
    let (dim, columns) = (model.theme.style(Role::Dim), usize::from(area.width).saturating_sub(2));
    let series = [("out/s", &history.records_per_second, Role::Chart1), ("lag", &history.lag_records, Role::Chart3)];
    for (row, (name, series, role)) in (0..).step_by(3).zip(series) {
        let values = series.columns(model.now.wall_ms, TREND_MS, columns);
        // Not negative, and whole records are enough.
        let range = series.range().map(|(low, high)| {
            let known = |value: f32| number::known((!value.is_nan()).then_some(value as u64), number::count);
            let [now, low, high] = [series.last(), low, high].map(known);
            format!("now {now}  low {low}  high {high}")
        });
        let title = format!("{name} 15m");
        Pen::new(buffer, line(area, row), model.symbols)
            .skip(1)
            .write(&title, dim)
            .skip(2)
            .write(&range.unwrap_or_default(), dim);
        let spark = sparkline(&values, model.symbols);
        Pen::new(buffer, line(area, row + 1), model.symbols).skip(1).write(&spark, model.theme.style(role));
    }
}

fn fields(model: &Model, flow: &FlowSnapshot, is_wide: bool) -> Vec<(&'static str, String, Style)> {
    let text = model.theme.style(Role::Text);
    let (symbol, role) = flow_state_look(&flow.state, model.symbols);
    let path = format!("{} {} {}", flow.source, model.symbols.arrow, flow.target);
    let copied = format!("{} records  {}", number::count(flow.totals.records), number::bytes(flow.totals.bytes));
    let behind = number::known(flow.lag_records, |records| {
        format!(
            "{} records  {}  {}",
            number::at_least(Some(records), flow.unseen_lanes == 0),
            number::known(flow.lag_bytes, |bytes| format!("~{}", number::bytes(bytes))),
            number::known(flow.lag_ms, |ms| number::duration(ms / 1_000)),
        )
    });
    let failed = match flow.commit_failures {
        0 => String::new(),
        n => format!(", {n} failed"),
    };
    let state = format!("{symbol} {}", flow_state_word(&flow.state));
    let mut fields = vec![
        ("state", state, model.theme.style(role)),
        ("copied", copied, text),
        ("behind", behind, text),
        ("commits", format!("{}{failed}  in group {}", flow.commits, flow.group), text),
    ];
    if is_wide {
        fields.insert(1, ("path", path, text));
        let rate =
            format!("{}  {}", number::records_rate(flow.records_per_second), number::bytes_rate(flow.bytes_per_second));
        fields.insert(2, ("rate", rate, text));
        fields.push(("in flight", number::bytes(flow.in_flight_bytes), text));
        let totals = &flow.totals;
        let exceptions =
            [(totals.skipped, "left out"), (totals.altered.total(), "altered"), (totals.rewinds, "rewinds")];
        let told: Vec<String> = exceptions
            .iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, what)| format!("{} {what}", number::count(*n)))
            .collect();
        if !told.is_empty() {
            fields.push(("besides", told.join(", "), model.theme.style(Role::Warn)));
        }
    }
    fields
}

/// What is wrong with a flow, line by line.
fn problems(model: &Model, flow: &FlowSnapshot, columns: usize) -> Vec<(String, Style)> {
    let mut lines = Vec::new();
    let mut push = |text: String, role: Role| {
        let wrapped = wrap(&text, columns.saturating_sub(2)).into_iter().enumerate();
        let indented = wrapped.map(|(number, line)| if number == 0 { line } else { format!("  {line}") });
        lines.extend(indented.map(|line| (line, model.theme.style(role))));
    };
    match &flow.state {
        FlowState::Waiting { why } => push(format!("{} {why}", model.symbols.waiting), Role::Warn),
        FlowState::Refused { why } => push(format!("{} {why}", model.symbols.blocked), Role::Err),
        _ => {}
    }
    let blocked = model.symbols.blocked;
    for (topic, why) in flow.blocked_topics().take(PROBLEMS_MAX) {
        push(format!("{blocked} {}: {why}", topic.source), Role::Err);
    }
    let summary = model.summaries.get(flow);
    for (topic, lane) in summary.blocked_lanes(flow).take(PROBLEMS_MAX) {
        if let LaneState::Blocked { why } = &lane.state {
            push(format!("{blocked} {}/{}: {why}", topic.source, lane.partition), Role::Err);
        }
    }
    let hidden = flow.blocked_topics().count().saturating_sub(PROBLEMS_MAX)
        + summary.blocked_lanes.len().saturating_sub(PROBLEMS_MAX);
    if hidden > 0 {
        push(format!("and {hidden} more"), Role::Err);
    }
    lines
}

fn nothing(model: &Model, area: Rect, buffer: &mut Buffer) {
    if is_first_run(model) {
        return super::first_run::draw(model, area, buffer);
    }
    let lines = if model.inventory.flows.is_empty() {
        ["No flow is configured: nothing is mirrored. a makes one.", "2 shows the topics of the clusters."]
    } else {
        ["The flows are being looked at.", ""]
    };
    for (row, text) in (1..).zip(lines) {
        Pen::new(buffer, line(area, row), model.symbols).skip(2).write(text, model.theme.style(Role::Text));
    }
}
