//! Where mirroring begins in a partition that has no progress yet: one grammar for the file, the arguments and the
//! screen.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::GroupName;
use super::duration::{DurationMs, ParseDurationError, parse_duration_ms};
use super::excerpt::excerpt;

/// The first record to mirror of a partition without progress. Written as [`GRAMMAR`] says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum StartPosition {
    /// The oldest record the source still holds.
    Earliest,
    /// The next record to be written; nothing that exists already.
    Latest,
    /// This offset.
    Offset(i64),
    /// The first record with a timestamp at or after this moment.
    Timestamp {
        /// Milliseconds since 1970, as in the record.
        ms: i64,
    },
    /// As [`StartPosition::Timestamp`], counted back from the moment the flow starts.
    Ago {
        /// Milliseconds before now.
        ms: i64,
    },
    /// This many offsets before the end of the partition. In a compacted or transactional topic these hold fewer
    /// records.
    Last(u64),
    /// Where this consumer group stands on the source, such as the one a MirrorMaker 1 used.
    Group(GroupName),
}

impl StartPosition {
    /// Whether it is a moment.
    pub fn is_by_time(&self) -> bool {
        matches!(self, Self::Timestamp { .. } | Self::Ago { .. })
    }
}

/// The grammar, in the words of an error message.
pub const GRAMMAR: &str = "`earliest`, `latest`, an offset (`12345`), an RFC 3339 time (`2024-05-01T12:00:00Z`), \
                           a duration ago (`-2h`, `-1h30m`, `-7d`; units d, h, m, s, ms), `last 10000` (or `10k`, `2M`), \
                           or `group:NAME`";

/// A start position that is none. Says what is wrong, and the whole grammar.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("start position `{value}` {problem}; expected {GRAMMAR}")]
pub struct ParseStartError {
    /// What was written, or its beginning.
    pub value: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl FromStr for StartPosition {
    type Err = ParseStartError;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        parse(value).map_err(|problem| ParseStartError { value: excerpt(value), problem })
    }
}

impl fmt::Display for StartPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Earliest => f.write_str("earliest"),
            Self::Latest => f.write_str("latest"),
            Self::Offset(offset) => write!(f, "{offset}"),
            Self::Timestamp { ms } => match Timestamp::from_millisecond(*ms) {
                Ok(time) => write!(f, "{time}"),
                // Past the year 9999: no calendar spells it, and the parser never makes it.
                Err(_) => write!(f, "{ms} ms since 1970"),
            },
            Self::Ago { ms } => write!(f, "-{}", DurationMs(*ms)),
            Self::Last(count) => write!(f, "last {count}"),
            Self::Group(group) => write!(f, "group:{group}"),
        }
    }
}

impl From<StartPosition> for String {
    fn from(position: StartPosition) -> Self {
        position.to_string()
    }
}

impl TryFrom<String> for StartPosition {
    type Error = ParseStartError;

    fn try_from(value: String) -> Result<Self, Self::Error> {
        value.parse()
    }
}

fn parse(text: &str) -> Result<StartPosition, &'static str> {
    match text {
        "" => return Err("is empty"),
        "earliest" => return Ok(StartPosition::Earliest),
        "latest" => return Ok(StartPosition::Latest),
        _ => {}
    }
    if let Some(group) = text.strip_prefix("group:") {
        return if group.is_empty() { Err("names no group") } else { Ok(StartPosition::Group(group.into())) };
    }
    if let Some(count) = text.strip_prefix("last ") {
        return match count_of(count.trim_start()) {
            Some(Ok(0)) => Err("asks for no record (that is `latest`)"),
            Some(Ok(count)) => Ok(StartPosition::Last(count)),
            Some(Err(TooLarge)) => Err("is too large a number"),
            None => Err("has no whole number after `last`"),
        };
    }
    if parse_relative(text).is_some() {
        return Err("is relative to the progress, and a start is for partitions that have none");
    }
    if let Some(ago) = text.strip_prefix('-') {
        return match parse_duration_ms(ago) {
            Ok(ms) => Ok(StartPosition::Ago { ms }),
            Err(ParseDurationError::TooLong) => Err("is too long ago"),
            Err(error) => Err(error.as_str()),
        };
    }
    if let Some(offset) = digits(text) {
        let offset = offset.ok().and_then(|offset| i64::try_from(offset).ok());
        return offset.map(StartPosition::Offset).ok_or("is larger than any offset");
    }
    parse_time(text)
}

/// Offsets to go on from the progress.
pub(super) struct Relative(pub(super) i64);

/// Reads what is relative to the progress: `checkpoint`, or a signed number without a unit. `None` where `text` is
/// another form; `-2h` is a time.
pub(super) fn parse_relative(text: &str) -> Option<Result<Relative, &'static str>> {
    if text == "checkpoint" {
        return Some(Ok(Relative(0)));
    }
    let (sign, number) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(number), _) => (1, number),
        (None, Some(number)) => (-1, number),
        (None, None) => return None,
    };
    match digits(number) {
        Some(Ok(number)) => {
            let by = i64::try_from(number).map(|number| Relative(sign * number));
            Some(by.map_err(|_| "is too large a number"))
        }
        Some(Err(TooLarge)) => Some(Err("is too large a number")),
        None if sign > 0 => Some(Err("has no whole number after `+`")),
        None => None,
    }
}

/// Sub-millisecond digits are cut off: earlier is safe, later would miss a record.
fn parse_time(text: &str) -> Result<StartPosition, &'static str> {
    // Taken for UTC or for local time, half of the users would be hours off without a word.
    let has_no_zone = || text.contains(':') && text.parse::<jiff::civil::DateTime>().is_ok();
    let problem = |_| if has_no_zone() { NO_ZONE } else { "is not understood" };
    let time: Timestamp = text.parse().map_err(problem)?;
    match time.as_millisecond() {
        // -1 and -2 mean latest and earliest to a broker.
        ms if ms < 0 => Err("is before 1970"),
        ms => Ok(StartPosition::Timestamp { ms }),
    }
}

const NO_ZONE: &str = "has no zone: end it with `Z` for UTC, or with an offset such as `+02:00`";

/// A number that `u64` cannot hold.
struct TooLarge;

/// `None` where `text` is not digits only; `str::parse` would also take a plus sign.
fn digits(text: &str) -> Option<Result<u64, TooLarge>> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().map_err(|_| TooLarge))
}

/// A number of records: `10000`, `10k`, `2M`.
fn count_of(text: &str) -> Option<Result<u64, TooLarge>> {
    let (number, unit) = match text.strip_suffix(['k', 'M']) {
        Some(number) if text.ends_with('k') => (number, 1_000),
        Some(number) => (number, 1_000_000),
        None => (text, 1),
    };
    digits(number).map(|count| count?.checked_mul(unit).ok_or(TooLarge))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_position() -> impl Strategy<Value = StartPosition> {
        // The last millisecond of the year 9999 that jiff spells in UTC.
        const MS_MAX: i64 = 253_402_207_200_000;
        prop_oneof![
            Just(StartPosition::Earliest),
            Just(StartPosition::Latest),
            (0..=i64::MAX).prop_map(StartPosition::Offset),
            (0..=MS_MAX).prop_map(|ms| StartPosition::Timestamp { ms }),
            (0..=i64::MAX).prop_map(|ms| StartPosition::Ago { ms }),
            (1..=u64::MAX).prop_map(StartPosition::Last),
            "\\PC{1,40}".prop_map(|name| StartPosition::Group(name.into())),
        ]
    }

    proptest! {
        #[test]
        fn what_is_shown_can_be_typed(position in any_position()) {
            prop_assert_eq!(position.to_string().parse::<StartPosition>(), Ok(position));
        }

        #[test]
        fn no_text_panics(text in "\\PC*|-[0-9dhms]{0,30}|last [0-9]{0,30}") {
            let _ = text.parse::<StartPosition>();
        }
    }

    #[test]
    fn every_form_is_understood() {
        let forms = [
            ("earliest", StartPosition::Earliest),
            ("latest", StartPosition::Latest),
            ("0", StartPosition::Offset(0)),
            ("9223372036854775807", StartPosition::Offset(i64::MAX)),
            ("1970-01-01T00:00:01.5Z", StartPosition::Timestamp { ms: 1500 }),
            ("2024-05-01T14:00:00+02:00", StartPosition::Timestamp { ms: 1_714_564_800_000 }),
            ("-2h", StartPosition::Ago { ms: 7_200_000 }),
            ("-90m", StartPosition::Ago { ms: 5_400_000 }),
            ("-7d", StartPosition::Ago { ms: 604_800_000 }),
            ("-1h30m", StartPosition::Ago { ms: 5_400_000 }),
            ("-1s500ms", StartPosition::Ago { ms: 1500 }),
            ("last 10000", StartPosition::Last(10_000)),
            ("last 10k", StartPosition::Last(10_000)),
            ("last 2M", StartPosition::Last(2_000_000)),
            ("2024-05-01T12:00Z", StartPosition::Timestamp { ms: 1_714_564_800_000 }),
            ("group:mirror maker", StartPosition::Group("mirror maker".into())),
        ];
        for (text, position) in forms {
            assert_eq!(text.parse(), Ok(position), "{text}");
        }
    }

    #[test]
    fn a_wrong_form_says_why() {
        const NO_PROGRESS: &str = "is relative to the progress, and a start is for partitions that have none";
        let forms = [
            ("", "is empty"),
            ("Earliest", "is not understood"),
            ("checkpoint", NO_PROGRESS),
            ("+5", NO_PROGRESS),
            ("+5h", NO_PROGRESS),
            ("2024-05-01", "is not understood"),
            ("2024-05-01T12:00:00", NO_ZONE),
            ("2024-05-01 12:00", NO_ZONE),
            ("1969-12-31T23:59:59.999Z", "is before 1970"),
            ("9223372036854775808", "is larger than any offset"),
            ("99999999999999999999999", "is larger than any offset"),
            ("-", "has no number where one belongs"),
            ("-5", NO_PROGRESS),
            ("-h", "has no number where one belongs"),
            ("-5y", "has an unknown unit"),
            ("-1h1h", "has its units out of order (largest first, each once)"),
            ("-30m1h", "has its units out of order (largest first, each once)"),
            ("-9999999999999d", "is too long ago"),
            ("last", "is not understood"),
            ("last x", "has no whole number after `last`"),
            ("last -1", "has no whole number after `last`"),
            ("last 0", "asks for no record (that is `latest`)"),
            ("last 99999999999999999999", "is too large a number"),
            ("last 99999999999999999M", "is too large a number"),
            ("last 10m", "has no whole number after `last`"),
            ("last k", "has no whole number after `last`"),
            ("group:", "names no group"),
        ];
        for (text, problem) in forms {
            let error = text.parse::<StartPosition>().expect_err(text);
            assert_eq!((error.value.as_str(), error.problem), (text, problem));
        }
    }

    #[test]
    fn the_error_shows_the_whole_grammar() {
        let error = "yesterday".parse::<StartPosition>().expect_err("no form");
        let message = error.to_string();
        assert!(message.starts_with("start position `yesterday` is not understood; expected `earliest`"));
        for form in ["`latest`", "`12345`", "RFC 3339", "`-2h`", "`last 10000`", "`group:NAME`"] {
            assert!(message.contains(form), "{form}");
        }
    }

    #[test]
    fn it_travels_as_text() {
        let json = serde_json::to_string(&StartPosition::Last(5)).expect("serializes");
        assert_eq!(json, "\"last 5\"");
        assert_eq!(serde_json::from_str::<StartPosition>(&json).expect("parses"), StartPosition::Last(5));
    }
}
