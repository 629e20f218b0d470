//! Pieces of made-up records.

use jiff::Timestamp;

/// A number that looks random and is not (splitmix64).
pub(super) fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// One of a few words.
pub(super) fn pick<'a>(words: &[&'a str], dice: u64) -> &'a str {
    let index = dice % words.len().max(1) as u64;
    usize::try_from(index).ok().and_then(|index| words.get(index)).copied().unwrap_or_default()
}

/// `sensor-07`.
pub(super) fn digits(prefix: &str, number: u64) -> String {
    format!("{prefix}{number:02}")
}

/// `2026-11-22T23:14:05.123Z`.
pub(super) fn json_time(at_ms: i64) -> String {
    Timestamp::from_millisecond(at_ms).map_or_else(|_| at_ms.to_string(), |time| time.to_string())
}
