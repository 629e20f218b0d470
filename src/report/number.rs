//! Numbers as people read them. At most five characters before the unit, so that columns keep their width.

use humansize::{BINARY, FormatSizeOptions};

/// What is shown for a number nobody knows.
pub const UNKNOWN: &str = "–";

/// `999`, `1.2k`, `48.2M`, `123M`.
pub fn count(n: u64) -> String {
    scaled(n as f64, |n| format!("{n:.0}"))
}

/// `4.1M`, or `≥4.1M` where more is there that nobody can see now.
pub fn at_least(n: Option<u64>, is_whole: bool) -> String {
    let sign = if is_whole { "" } else { "≥" };
    known(n, |n| format!("{sign}{}", count(n)))
}

/// `1 topic`, `1,412 topics`.
pub fn counted(n: usize, noun: &str) -> String {
    format!("{} {noun}{}", exact(n as u64), if n == 1 { "" } else { "s" })
}

/// `41,200,000`: every digit.
pub fn exact(n: impl TryInto<i128>) -> String {
    // Every number of 64 bits is one of 128.
    let n = n.try_into().unwrap_or(i128::MAX);
    let digits = n.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3 + 1);
    if n < 0 {
        text.push('-');
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `0/s`, `0.4/s`, `48.2k/s`.
pub fn records_rate(per_second: f64) -> String {
    if !per_second.is_finite() || per_second < 0.0 {
        return UNKNOWN.into();
    }
    let small = |n: f64| if n > 0.0 && n < 9.95 { format!("{n:.1}") } else { format!("{n:.0}") };
    format!("{}/s", scaled(per_second, small))
}

/// `0 B`, `1.5 KiB`, `46.1 MiB`.
pub fn bytes(n: u64) -> String {
    let decimals = if has_three_digits(n as f64) { 0 } else { 1 };
    humansize::format_size(n, options(decimals))
}

/// `46.1 MiB/s`.
pub fn bytes_rate(per_second: f64) -> String {
    if !per_second.is_finite() || per_second < 0.0 {
        return UNKNOWN.into();
    }
    // Saturates, which is what is wanted.
    format!("{}/s", bytes(per_second.round() as u64))
}

/// `45s`, `3m 20s`, `5h 10m`, `12d 3h`: the two largest units.
pub fn duration(seconds: u64) -> String {
    let (large, small) = split(seconds);
    match small {
        Some(small) => format!("{large} {small}"),
        None => large,
    }
}

/// `410 ms`, `3.9 s`, and from a minute on as [`duration_short`].
pub fn delay(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..9_950 => format!("{:.1} s", ms as f64 / 1_000.0),
        9_950..60_000 => format!("{:.0} s", ms as f64 / 1_000.0),
        _ => duration_short(ms / 1_000),
    }
}

/// `45s`, `3m`, `5h`, `12d`: the largest unit, cut off.
pub fn duration_short(seconds: u64) -> String {
    split(seconds).0
}

/// `0 %`, `42.5 %`, `100 %`. Never `100 %` before it is all, nor `0 %` after it is something.
pub fn percentage(part: u64, whole: u64) -> String {
    if whole == 0 {
        return UNKNOWN.into();
    }
    if part >= whole || part == 0 {
        return format!("{} %", if part == 0 { 0 } else { 100 });
    }
    let percent = (part as f64 / whole as f64 * 100.0).clamp(0.1, 99.9);
    format!("{percent:.1} %")
}

/// `text` of a known number, [`UNKNOWN`] otherwise.
pub fn known<T>(number: Option<T>, text: impl FnOnce(T) -> String) -> String {
    number.map_or_else(|| UNKNOWN.into(), text)
}

/// `n` with a decimal prefix; below 1000 as `small` says.
fn scaled(n: f64, small: impl FnOnce(f64) -> String) -> String {
    const PREFIXES: [&str; 6] = ["k", "M", "G", "T", "P", "E"];
    if n < 999.5 {
        return small(n);
    }
    let mut value = n / 1000.0;
    let mut prefix = 0;
    // 999.5k is shown as 1.0M, as it would round to 1000k.
    while value >= 999.5 && prefix + 1 < PREFIXES.len() {
        value /= 1000.0;
        prefix += 1;
    }
    let decimals = if value < 99.95 { 1 } else { 0 };
    format!("{value:.decimals$}{}", PREFIXES[prefix])
}

/// Whether a size has at least three digits before the point in the unit it is shown in.
fn has_three_digits(mut n: f64) -> bool {
    while n >= 1024.0 {
        n /= 1024.0;
    }
    n >= 99.95
}

fn options(decimals: usize) -> FormatSizeOptions {
    FormatSizeOptions::from(BINARY).decimal_places(decimals).decimal_zeroes(0)
}

fn split(seconds: u64) -> (String, Option<String>) {
    let units = [(86_400, "d", 3600, "h"), (3600, "h", 60, "m"), (60, "m", 1, "s")];
    for (large, large_unit, small, small_unit) in units {
        if seconds >= large {
            let rest = seconds % large / small;
            let rest = (rest > 0).then(|| format!("{rest}{small_unit}"));
            return (format!("{}{large_unit}", seconds / large), rest);
        }
    }
    (format!("{seconds}s"), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_short() {
        let delays =
            [(0, "0 ms"), (999, "999 ms"), (3_900, "3.9 s"), (9_949, "9.9 s"), (9_950, "10 s"), (59_999, "60 s")];
        for (ms, text) in delays.into_iter().chain([(60_000, "1m"), (7_200_000, "2h")]) {
            assert_eq!(delay(ms), text, "{ms}");
        }
    }

    #[test]
    fn counts_are_short() {
        let counts = [
            (0, "0"),
            (999, "999"),
            (1_000, "1.0k"),
            (1_234, "1.2k"),
            (99_949, "99.9k"),
            (99_950, "100k"),
            (999_499, "999k"),
            (999_500, "1.0M"),
            (48_200_000, "48.2M"),
            (123_000_000, "123M"),
            (7_000_000_000, "7.0G"),
            (u64::MAX, "18.4E"),
        ];
        for (n, expected) in counts {
            assert_eq!(count(n), expected);
            assert!(count(n).len() <= 5);
        }
    }

    #[test]
    fn exact_numbers_have_groups_of_digits() {
        let numbers = [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (12_940, "12,940"),
            (1_234_567, "1,234,567"),
            (41_200_000, "41,200,000"),
            (-12_345, "-12,345"),
            (-3_101_220, "-3,101,220"),
        ];
        for (n, expected) in numbers {
            assert_eq!(exact(n), expected);
        }
        assert_eq!(exact(u64::MAX), "18,446,744,073,709,551,615");
    }

    #[test]
    fn rates_are_short() {
        let rates = [(0.0, "0/s"), (0.04, "0.0/s"), (0.4, "0.4/s"), (12.4, "12/s"), (48_210.0, "48.2k/s")];
        for (n, expected) in rates {
            assert_eq!(records_rate(n), expected);
        }
        for n in [f64::NAN, f64::INFINITY, -1.0] {
            assert_eq!((records_rate(n), bytes_rate(n)), (UNKNOWN.to_owned(), UNKNOWN.to_owned()));
        }
        assert_eq!(bytes_rate(48_300_000.0), "46.1 MiB/s");
    }

    #[test]
    fn sizes_are_binary() {
        let sizes = [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1 KiB"),
            (1536, "1.5 KiB"),
            (1_048_588, "1.0 MiB"),
            (48_300_000, "46.1 MiB"),
            (500 << 20, "500 MiB"),
            (1_300_000_000, "1.2 GiB"),
        ];
        for (n, expected) in sizes {
            assert_eq!(bytes(n), expected);
        }
    }

    #[test]
    fn durations_have_two_units() {
        let durations = [
            (0, "0s", "0s"),
            (59, "59s", "59s"),
            (60, "1m", "1m"),
            (200, "3m 20s", "3m"),
            (3600, "1h", "1h"),
            (18_600, "5h 10m", "5h"),
            (90_061, "1d 1h", "1d"),
            (86_400 * 12, "12d", "12d"),
        ];
        for (seconds, long, short) in durations {
            assert_eq!(duration(seconds), long);
            assert_eq!(duration_short(seconds), short);
        }
    }

    #[test]
    fn percentages_do_not_round_to_the_ends() {
        let parts = [
            (0, 0, UNKNOWN),
            (0, 10, "0 %"),
            (425, 1000, "42.5 %"),
            (1, 1_000_000, "0.1 %"),
            (999_999, 1_000_000, "99.9 %"),
            (10, 10, "100 %"),
        ];
        for (part, whole, expected) in parts {
            assert_eq!(percentage(part, whole), expected);
        }
    }

    #[test]
    fn the_unknown_is_a_dash() {
        assert_eq!(known(None, count), "–");
        assert_eq!(known(Some(1), count), "1");
    }
}
