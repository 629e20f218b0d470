//! The lag of every partition of the topic at hand, a cell each, and the worst by name.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::engine::{LaneSnapshot, TopicSnapshot};
use crate::report::number;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::update::live;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::widget::sparkline::sparkline;

/// Lines it takes.
pub(super) const ROWS: u16 = 2;

pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let Some(topic) = live::topic_at_hand(model) else { return };
    let theme = &model.theme;
    let dim = theme.style(Role::Dim);
    let worst = worst(topic);
    let columns = usize::from(area.width).saturating_sub(2);
    let (cells, per_cell) = cells(topic, columns);
    let meaning = match per_cell {
        1 => "a cell is a partition".to_owned(),
        n => format!("a cell is {n} partitions"),
    };
    let mut pen = Pen::new(buffer, line(area, 0), model.symbols);
    pen.skip(1).write(topic.source.as_str(), theme.style(Role::Accent)).skip(2);
    pen.write(&format!("lag per partition, {meaning}"), dim).skip(2);
    if let Some((partition, lag)) = worst {
        pen.write(&format!("worst P{partition} {}", number::count(lag)), theme.style(Role::Warn));
        let leader = leader(model, topic, partition);
        pen.write(&leader.map(|leader| format!(" leader {leader}")).unwrap_or_default(), dim);
    }
    let strip = sparkline(&cells, model.symbols);
    Pen::new(buffer, line(area, 1), model.symbols).skip(1).write(&strip, theme.style(Role::Chart3));
}

/// The partition that is furthest behind.
fn worst(topic: &TopicSnapshot) -> Option<(i32, u64)> {
    let lags = topic.lanes.iter().filter_map(|lane| Some((lane.partition, lane.lag_records?)));
    lags.filter(|(_, lag)| *lag > 0).max_by_key(|(partition, lag)| (*lag, -partition))
}

/// The lags by partition, the greatest of several where there are more than columns; a gap where this instance has no
/// lane. Tells how many partitions share a cell.
fn cells(topic: &TopicSnapshot, columns: usize) -> (Vec<f32>, usize) {
    let partitions = usize::try_from(topic.partitions).unwrap_or(0);
    let per_cell = partitions.div_ceil(columns.max(1)).max(1);
    let mut cells = vec![f32::NAN; partitions.div_ceil(per_cell)];
    let place = |lane: &LaneSnapshot| usize::try_from(lane.partition).ok().map(|partition| partition / per_cell);
    for lane in &topic.lanes {
        if let (Some(cell), Some(lag)) = (place(lane).and_then(|place| cells.get_mut(place)), lane.lag_records) {
            *cell = cell.max(lag as f32);
        }
    }
    (cells, per_cell)
}

/// Its leader on the source, where that was asked for.
fn leader(model: &Model, topic: &TopicSnapshot, partition: i32) -> Option<i32> {
    let found = model.live.leaders.as_ref()?;
    let is_same = found.topic == topic.source && Some(&found.flow) == model.live.flow.as_ref();
    let leaders = found.found.source.as_ref().ok().filter(|_| is_same)?;
    *leaders.get(&partition)?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::LaneState;
    use crate::report::fixture as mirror;

    #[test]
    fn partitions_share_cells_where_there_are_too_many() {
        let mut topic = mirror::running().topics.remove(0);
        topic.partitions = 5;
        topic.lanes = [(0, 10), (1, 90), (4, 50)]
            .into_iter()
            .map(|(partition, lag)| {
                let mut lane = mirror::lane(partition, LaneState::Copying);
                lane.lag_records = Some(lag);
                lane
            })
            .collect();
        let shown = |columns| {
            let (cells, per_cell) = cells(&topic, columns);
            (format!("{cells:?}"), per_cell)
        };
        assert_eq!(shown(80), ("[10.0, 90.0, NaN, NaN, 50.0]".into(), 1));
        assert_eq!(shown(3), ("[90.0, NaN, 50.0]".into(), 2));
        assert_eq!(shown(0).1, 5);
        assert_eq!(worst(&topic), Some((1, 90)));
    }
}
