//! Positions, times and partitions in a few characters.

use jiff::{Timestamp, ToSpan};

use crate::model::{EditPosition, StartPosition, TopicPartition};
use crate::report::number;
use crate::tui::model::Model;

/// A moment as short as it can be told: the time of today, the day and time of this year, or the day.
pub(super) fn moment(model: &Model, ms: i64) -> String {
    let zone = model.time_zone();
    let (Ok(time), Ok(now)) = (Timestamp::from_millisecond(ms), Timestamp::from_millisecond(model.now.wall_ms)) else {
        return model.symbols.unknown.to_owned();
    };
    let (time, now) = (time.to_zoned(zone.clone()), now.to_zoned(zone));
    let is_near =
        time.date() == now.date() || now.checked_sub(6.hours()).is_ok_and(|early| early < time && time <= now);
    let format = match () {
        () if is_near => "%H:%M:%S",
        () if time.year() == now.year() => "%d %b %H:%M",
        () => "%Y-%m-%d",
    };
    time.strftime(format).to_string()
}

/// A moment as it is typed, in the zone that is shown.
pub(super) fn exact_moment(model: &Model, ms: i64) -> String {
    let Ok(time) = Timestamp::from_millisecond(ms) else { return model.symbols.unknown.to_owned() };
    let zoned = time.to_zoned(model.time_zone());
    let zone = if zoned.offset().is_zero() { "Z" } else { "%:z" };
    zoned.strftime(&format!("%Y-%m-%dT%H:%M:%S{zone}")).to_string()
}

/// What was typed, as short as can be.
pub(super) fn position(model: &Model, at: &EditPosition) -> String {
    match at {
        EditPosition::At(StartPosition::Last(count)) => format!("last {}", rounded(*count)),
        EditPosition::At(StartPosition::Timestamp { ms }) => moment(model, *ms),
        EditPosition::At(StartPosition::Offset(offset)) => number::exact(*offset),
        EditPosition::Progress { by } if *by != 0 => {
            format!("{}{}", if *by > 0 { "+" } else { "" }, number::exact(*by))
        }
        at => at.to_string(),
    }
}

/// `10k`, `2M`, or every digit.
fn rounded(count: u64) -> String {
    match count {
        n if n >= 1_000_000 && n.is_multiple_of(1_000_000) => format!("{}M", n / 1_000_000),
        n if n >= 1_000 && n.is_multiple_of(1_000) => format!("{}k", n / 1_000),
        n => number::exact(n),
    }
}

/// `P3`, or `orders/3` where there are several topics.
pub(super) fn partition(partition: &TopicPartition, has_topics: bool) -> String {
    if has_topics { partition.to_string() } else { format!("P{}", partition.partition) }
}

/// `1 record`, `2,350,208 records`.
pub(super) fn records(count: u64) -> String {
    if count == 1 { "1 record".into() } else { format!("{} records", number::exact(count)) }
}
