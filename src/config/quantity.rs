//! Lengths of time, sizes and rates, with their limits.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::model::{DurationMs, excerpt, parse_duration_ms};

use super::document::Entry;
use super::error::ConfigProblem;

/// A length of time such as `"30s"`, within `range_ms`.
pub(super) fn duration(entry: &Entry<'_>, range_ms: RangeInclusive<i64>) -> Result<Duration, ConfigProblem> {
    let (min, max) = (DurationMs(*range_ms.start()), DurationMs(*range_ms.end()));
    let expected = format!("expected a duration from {min} to {max} with its unit (d, h, m, s, ms), such as \"30s\"");
    if let Some(number) = entry.as_integer() {
        return Err(entry.problem(format!("`{}` has no unit; {expected}", number?)));
    }
    let text = entry.as_text().ok_or_else(|| entry.mismatch(&expected["expected ".len()..]))?;
    let wrong = |problem: &str| entry.problem(format!("`{}` {problem}; {expected}", excerpt(text)));
    let ms = parse_duration_ms(text).map_err(|error| wrong(error.as_str()))?;
    match u64::try_from(ms) {
        Ok(ms_positive) if range_ms.contains(&ms) => Ok(Duration::from_millis(ms_positive)),
        _ => Err(wrong(if ms < *range_ms.start() { "is too short" } else { "is too long" })),
    }
}

/// A number of bytes such as `"32MiB"` or `33554432`, within `range_bytes`.
pub(super) fn size_bytes(entry: &Entry<'_>, range_bytes: RangeInclusive<u64>) -> Result<u64, ConfigProblem> {
    let (min, max) = (shown_size(*range_bytes.start()), shown_size(*range_bytes.end()));
    let expected = format!("expected a size from {min} to {max}, such as \"32MiB\", \"500kB\" or a number of bytes");
    let (shown, size) = match (entry.as_integer(), entry.as_text()) {
        (Some(number), _) => {
            let number = number?;
            (number.to_string(), u64::try_from(number).map_err(|_| "is negative"))
        }
        (None, Some(text)) => (excerpt(text), parse_size_bytes(text)),
        (None, None) => return Err(entry.mismatch(&expected["expected ".len()..])),
    };
    let problem = match size {
        Ok(bytes) if range_bytes.contains(&bytes) => return Ok(bytes),
        Ok(bytes) if bytes < *range_bytes.start() => "is too small",
        Ok(_) => "is too large",
        Err(problem) => problem,
    };
    Err(entry.problem(format!("`{shown}` {problem}; {expected}")))
}

/// `"unlimited"`, or what `limited` reads.
pub(super) fn limit<T>(
    entry: &Entry<'_>,
    limited: impl FnOnce(&Entry<'_>) -> Result<T, ConfigProblem>,
) -> Result<Option<T>, ConfigProblem> {
    match entry.as_text() {
        Some("unlimited") => Ok(None),
        _ => limited(entry).map(Some).map_err(|mut problem| {
            problem.message.push_str(", or \"unlimited\"");
            problem
        }),
    }
}

fn parse_size_bytes(text: &str) -> Result<u64, &'static str> {
    let number_end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(number_end);
    if number.is_empty() {
        return Err("does not begin with a whole number");
    }
    let number: u64 = number.parse().map_err(|_| "is too large")?;
    match UNITS.iter().find(|(name, _)| *name == unit) {
        Some((_, unit_bytes)) => number.checked_mul(*unit_bytes).ok_or("is too large"),
        None => Err("has an unknown unit (known: B, kB, MB, GB, TB of 1000, KiB, MiB, GiB, TiB of 1024)"),
    }
}

/// In the largest unit that spells it without a fraction.
pub(super) fn shown_size(bytes: u64) -> String {
    let fits = |(_, unit_bytes): &&(&str, u64)| bytes >= *unit_bytes && bytes.is_multiple_of(*unit_bytes);
    match UNITS.iter().filter(fits).max_by_key(|(_, unit_bytes)| *unit_bytes) {
        Some((unit, unit_bytes)) => format!("{}{unit}", bytes / unit_bytes),
        None => format!("{bytes}B"),
    }
}

const UNITS: [(&str, u64); 10] = [
    ("", 1),
    ("B", 1),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TB", 1_000_000_000_000),
    ("TiB", 1 << 40),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read() {
        let sizes = [
            ("0", Ok(0)),
            ("5B", Ok(5)),
            ("1kB", Ok(1_000)),
            ("1KiB", Ok(1_024)),
            ("32MiB", Ok(33_554_432)),
            ("16GiB", Ok(17_179_869_184)),
            ("", Err("does not begin with a whole number")),
            ("-1", Err("does not begin with a whole number")),
            ("MiB", Err("does not begin with a whole number")),
            ("99999999999999999999", Err("is too large")),
            ("99999999999GiB", Err("is too large")),
            ("1.5GiB", Err("has an unknown unit (known: B, kB, MB, GB, TB of 1000, KiB, MiB, GiB, TiB of 1024)")),
            ("1 MiB", Err("has an unknown unit (known: B, kB, MB, GB, TB of 1000, KiB, MiB, GiB, TiB of 1024)")),
            ("1mb", Err("has an unknown unit (known: B, kB, MB, GB, TB of 1000, KiB, MiB, GiB, TiB of 1024)")),
        ];
        for (text, size) in sizes {
            assert_eq!(parse_size_bytes(text), size, "{text}");
        }
    }

    #[test]
    fn sizes_are_shown_in_whole_units() {
        assert_eq!(shown_size(1 << 20), "1MiB");
        assert_eq!(shown_size(16 << 30), "16GiB");
        assert_eq!(shown_size(1_000), "1kB");
        assert_eq!(shown_size(1), "1B");
    }
}
