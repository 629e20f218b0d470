//! What is typed after `/` over lines of a log: `level>=warn flow=orders from=librdkafka ~text /regex/ !~not`.
//! All words must fit; `!` before one turns it around; a word without a sign is looked for in the text.

use regex::Regex;

use super::filter::regex;
use crate::telemetry::LogLevel;

/// A line, as far as a filter looks at it.
#[derive(Clone, Copy, Debug)]
pub(in crate::tui) struct LineView<'a> {
    pub(in crate::tui) level: LogLevel,
    pub(in crate::tui) from: &'a str,
    pub(in crate::tui) flow: Option<&'a str>,
    pub(in crate::tui) text: &'a str,
}

/// The words that were typed.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct LineFilter(Vec<Word>);

#[derive(Clone, Debug)]
struct Word {
    is_wanted: bool,
    test: Test,
}

#[derive(Clone, Debug)]
enum Test {
    Level(Comparison, LogLevel),
    Flow(String),
    From(String),
    /// In lower case, unless upper case was typed.
    Text(String),
    Pattern(Regex),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    AtLeast,
    AtMost,
    Equal,
}

const LEVELS: [(&str, LogLevel); 5] = [
    ("trace", LogLevel::Trace),
    ("debug", LogLevel::Debug),
    ("info", LogLevel::Info),
    ("warn", LogLevel::Warn),
    ("error", LogLevel::Error),
];

impl LineFilter {
    /// Reads what was typed.
    ///
    /// # Errors
    /// With what cannot be read, and how it is written.
    pub(in crate::tui) fn parse(text: &str) -> Result<Self, String> {
        let mut words = Vec::new();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let (is_wanted, body) = match rest.strip_prefix('!') {
                Some(body) => (false, body),
                None => (true, rest),
            };
            let (test, end) = test(body)?;
            words.extend(test.map(|test| Word { is_wanted, test }));
            rest = body[end..].trim_start();
        }
        Ok(Self(words))
    }

    /// Whether it lets all lines through.
    pub(in crate::tui) fn is_all(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a line fits every word.
    pub(in crate::tui) fn fits(&self, line: &LineView<'_>) -> bool {
        self.0.iter().all(|word| word.test.fits(line) == word.is_wanted)
    }
}

/// The word at the beginning of `text`, and where it ends. None while there is only its sign.
fn test(text: &str) -> Result<(Option<Test>, usize), String> {
    if let Some(pattern) = text.strip_prefix('/') {
        // While it is typed there is no second slash yet; a blank belongs to the pattern.
        let end = pattern.find("/ ").or_else(|| pattern.strip_suffix('/').map(str::len));
        let length = end.unwrap_or(pattern.len());
        let body = &pattern[..length];
        let test = if body.is_empty() { None } else { Some(Test::Pattern(regex(body)?)) };
        return Ok((test, 1 + length + usize::from(end.is_some())));
    }
    let end = text.find(' ').unwrap_or(text.len());
    let word = &text[..end];
    Ok((test_of_word(word)?, end))
}

fn test_of_word(word: &str) -> Result<Option<Test>, String> {
    let level = word.strip_prefix("level").filter(|rest| rest.starts_with(['>', '<', '=']));
    if let Some(rest) = level {
        return level_test(rest).map(Some);
    }
    let named = |name: &str| word.strip_prefix(name).filter(|value| !value.is_empty()).map(str::to_owned);
    if let Some(flow) = named("flow=") {
        return Ok(Some(Test::Flow(flow)));
    }
    if let Some(from) = named("from=") {
        return Ok(Some(Test::From(from)));
    }
    let text = word.strip_prefix('~').unwrap_or(word);
    let is_unfinished = text.is_empty() || word == "flow=" || word == "from=";
    Ok((!is_unfinished).then(|| Test::Text(text.to_owned())))
}

fn level_test(rest: &str) -> Result<Test, String> {
    let signs = [(">=", Comparison::AtLeast), ("<=", Comparison::AtMost), ("=", Comparison::Equal)];
    let found = signs.iter().find_map(|(sign, comparison)| Some((*comparison, rest.strip_prefix(sign)?)));
    let wanted = "write level>=warn; the levels are trace, debug, info, warn and error";
    let (comparison, name) = found.ok_or(wanted)?;
    let level = LEVELS.iter().find(|(known, _)| !name.is_empty() && known.starts_with(&name.to_lowercase()));
    level.map(|(_, level)| Test::Level(comparison, *level)).ok_or_else(|| wanted.to_owned())
}

impl Test {
    fn fits(&self, line: &LineView<'_>) -> bool {
        match self {
            Self::Level(Comparison::AtLeast, level) => line.level >= *level,
            Self::Level(Comparison::AtMost, level) => line.level <= *level,
            Self::Level(Comparison::Equal, level) => line.level == *level,
            Self::Flow(flow) => line.flow == Some(flow),
            Self::From(from) => line.from.contains(from.as_str()),
            Self::Text(text) if text.chars().any(char::is_uppercase) => line.text.contains(text.as_str()),
            Self::Text(text) => line.text.to_lowercase().contains(text.as_str()),
            Self::Pattern(pattern) => pattern.is_match(line.text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(filter: &str) -> bool {
        let text = "orders/7 retry 3 of 10: REQUEST_TIMED_OUT";
        let line = LineView { level: LogLevel::Warn, from: "kmirror::engine::flow", flow: Some("orders"), text };
        LineFilter::parse(filter).unwrap_or_else(|error| panic!("{filter}: {error}")).fits(&line)
    }

    #[test]
    fn every_word_must_fit() {
        let fitting = [
            "",
            "level>=warn",
            "level<=warn",
            "level=w",
            "flow=orders",
            "from=engine",
            "~timed",
            "TIMED",
            "retry",
            "/retry [0-9]+ of/",
            "/retry \\d of 10",
            "!~refused",
            "!level=error",
            "!",
            "flow=",
            "~",
            "/",
            "level>=info flow=orders ~timed !/x{3}/",
        ];
        for filter in fitting {
            assert!(fits(filter), "{filter}");
        }
        let others = ["level>=error", "flow=order", "from=librdkafka", "~Timed", "/retry$/", "!flow=orders", "retry x"];
        for filter in others {
            assert!(!fits(filter), "{filter}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let error = |text: &str| LineFilter::parse(text).map(|_| ()).expect_err(text);
        assert!(error("level>warn").contains("level>=warn"));
        assert!(error("level=loud").contains("error"));
        assert_eq!(error("/(/"), "unclosed group");
    }
}
