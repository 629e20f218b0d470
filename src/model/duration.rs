//! Lengths of time as people write them: `500ms`, `30s`, `1h30m`.

use std::fmt;

/// Reads a length of time; whole numbers with the units d, h, m, s and ms, the largest first.
pub fn parse_duration_ms(text: &str) -> Result<i64, ParseDurationError> {
    let mut ms_total: i64 = 0;
    let mut rest = text;
    let mut units_left: &[(&str, i64)] = &UNITS;
    while !rest.is_empty() || text.is_empty() {
        let number_end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        if number_end == 0 {
            return Err(ParseDurationError::NoNumber);
        }
        // Digits only, so a failure means too many of them.
        let count: i64 = rest[..number_end].parse().map_err(|_| ParseDurationError::TooLong)?;
        rest = &rest[number_end..];
        let unit_end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (unit, after) = rest.split_at(unit_end);
        rest = after;
        if unit.is_empty() {
            return Err(ParseDurationError::NoUnit);
        }
        let Some(index) = units_left.iter().position(|(name, _)| *name == unit) else {
            let is_known = UNITS.iter().any(|(name, _)| *name == unit);
            return Err(if is_known { ParseDurationError::OutOfOrder } else { ParseDurationError::UnknownUnit });
        };
        let ms = count.checked_mul(units_left[index].1).ok_or(ParseDurationError::TooLong)?;
        ms_total = ms_total.checked_add(ms).ok_or(ParseDurationError::TooLong)?;
        units_left = &units_left[index + 1..];
    }
    Ok(ms_total)
}

/// Why a text is no length of time. Reads as a fragment after the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseDurationError {
    /// A unit, a sign or nothing stands where a number belongs.
    NoNumber,
    /// A bare number.
    NoUnit,
    /// Not one of ours.
    UnknownUnit,
    /// `30m1h` or `1h1h`, which are slips of the hand.
    OutOfOrder,
    /// More than 292 million years.
    TooLong,
}

impl ParseDurationError {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoNumber => "has no number where one belongs",
            Self::NoUnit => "has no unit",
            Self::UnknownUnit => "has an unknown unit",
            Self::OutOfOrder => "has its units out of order (largest first, each once)",
            Self::TooLong => "is too long",
        }
    }
}

impl fmt::Display for ParseDurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::error::Error for ParseDurationError {}

/// Milliseconds, shown as [`parse_duration_ms`] reads them. Not for negative ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DurationMs(pub i64);

impl fmt::Display for DurationMs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        for (unit, unit_ms) in UNITS {
            if rest >= unit_ms {
                write!(f, "{}{unit}", rest / unit_ms)?;
                rest %= unit_ms;
            }
        }
        if self.0 == 0 { f.write_str("0s") } else { Ok(()) }
    }
}

/// Largest first, with their length in milliseconds.
const UNITS: [(&str, i64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read() {
        let lengths = [
            ("0s", Ok(0)),
            ("500ms", Ok(500)),
            ("90m", Ok(5_400_000)),
            ("1h30m", Ok(5_400_000)),
            ("1d2h3m4s5ms", Ok(93_784_005)),
            ("", Err(ParseDurationError::NoNumber)),
            ("h", Err(ParseDurationError::NoNumber)),
            ("-1s", Err(ParseDurationError::NoNumber)),
            ("5", Err(ParseDurationError::NoUnit)),
            ("1h5", Err(ParseDurationError::NoUnit)),
            ("5 s", Err(ParseDurationError::UnknownUnit)),
            ("1.5s", Err(ParseDurationError::UnknownUnit)),
            ("1e3ms", Err(ParseDurationError::UnknownUnit)),
            ("1h1h", Err(ParseDurationError::OutOfOrder)),
            ("30m1h", Err(ParseDurationError::OutOfOrder)),
            ("9999999999999d", Err(ParseDurationError::TooLong)),
            ("99999999999999999999s", Err(ParseDurationError::TooLong)),
        ];
        for (text, length) in lengths {
            assert_eq!(parse_duration_ms(text), length, "{text}");
        }
    }

    #[test]
    fn what_is_shown_is_what_is_read() {
        for ms in [0, 1, 999, 1_000, 5_400_000, 93_784_005, i64::MAX] {
            assert_eq!(parse_duration_ms(&DurationMs(ms).to_string()), Ok(ms));
        }
    }
}
