//! A pattern that a whole name must match, as Java's `matches()` has it. For topics and for the names of their configs:
//! both are made of a-z A-Z 0-9 . _ - only.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::excerpt::{escaped, excerpt};

/// A compiled pattern. Two with the same text are equal.
#[derive(Clone, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct NamePattern {
    text: String,
    engine: Engine,
}

/// Which engine runs a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternDialect {
    /// Syntax whose matching time grows with the length of the name and nothing else.
    Linear,
    /// Syntax only Java's kind of engine has (look-around, possessive or atomic groups, backreferences): it may try
    /// many ways, up to a limit.
    Backtracking,
}

/// A pattern that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Nothing at all.
    #[error("pattern is empty, and no name is")]
    Empty,
    /// More text than any sane pattern.
    #[error("pattern of {size_bytes} bytes is larger than the {PATTERN_BYTES_MAX} allowed; split it into several")]
    TooLong {
        /// Its length.
        size_bytes: usize,
    },
    /// Nothing can have such a name.
    #[error("pattern `{pattern}` holds `{}`, which no name can hold: they are made of a-z A-Z 0-9 . _ -", character.escape_debug())]
    NotAscii {
        /// The pattern, or its beginning.
        pattern: String,
        /// Its first foreign character.
        character: char,
    },
    /// Small to write, huge to run, such as `(a{1000}){1000}`.
    #[error("pattern `{pattern}` needs too much memory to run; use smaller repetitions")]
    TooCostly {
        /// The pattern, or its beginning.
        pattern: String,
    },
    /// Not a regular expression.
    #[error("pattern `{pattern}` is not a regular expression: {problem}{hint}")]
    Syntax {
        /// The pattern, or its beginning.
        pattern: String,
        /// What the engine says.
        problem: String,
        /// What to write instead, where we know; starts with its own punctuation.
        hint: String,
    },
}

/// The engine gave up on a name: its number of steps is limited.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("pattern `{pattern}` takes more than {BACKTRACK_STEPS_MAX} steps to decide about `{name}`")]
pub struct UndecidedError {
    /// The pattern.
    pub pattern: String,
    /// The name it was asked about.
    pub name: String,
}

#[derive(Clone)]
enum Engine {
    Linear(regex::bytes::Regex),
    Backtracking(Box<fancy_regex::Regex>),
}

impl NamePattern {
    /// Compiles `text`.
    pub fn new(text: &str) -> Result<Self, PatternError> {
        if text.is_empty() {
            return Err(PatternError::Empty);
        }
        if text.len() > PATTERN_BYTES_MAX {
            return Err(PatternError::TooLong { size_bytes: text.len() });
        }
        if let Some(character) = text.chars().find(|c| !c.is_ascii()) {
            return Err(PatternError::NotAscii { pattern: excerpt(text), character });
        }
        let engine = if has_possessive(text) { backtracking(text)? } else { linear(text)? };
        Ok(Self { text: text.to_owned(), engine })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Which engine it needed.
    pub fn dialect(&self) -> PatternDialect {
        match self.engine {
            Engine::Linear(_) => PatternDialect::Linear,
            Engine::Backtracking(_) => PatternDialect::Backtracking,
        }
    }

    /// Whether the whole of `name` matches.
    pub fn is_match(&self, name: &str) -> Result<bool, UndecidedError> {
        match &self.engine {
            Engine::Linear(regex) => Ok(regex.is_match(name.as_bytes())),
            Engine::Backtracking(regex) => regex.is_match(name).map_err(|_| self.undecided(name)),
        }
    }

    /// What each group matched, group 0 being the whole name; `None` where `name` does not match.
    pub(super) fn groups(&self, name: &str) -> Result<Option<Vec<Option<String>>>, UndecidedError> {
        match &self.engine {
            Engine::Linear(regex) => Ok(regex.captures(name.as_bytes()).map(|captures| {
                let text = |m: regex::bytes::Match<'_>| String::from_utf8_lossy(m.as_bytes()).into_owned();
                captures.iter().map(|group| group.map(text)).collect()
            })),
            Engine::Backtracking(regex) => {
                let captures = regex.captures(name).map_err(|_| self.undecided(name))?;
                Ok(captures.map(|captures| captures.iter().map(|g| g.map(|m| m.as_str().to_owned())).collect()))
            }
        }
    }

    /// The groups' names, in order; group 0 and unnamed ones have none.
    pub(super) fn group_names(&self) -> Vec<Option<String>> {
        match &self.engine {
            Engine::Linear(regex) => regex.capture_names().map(|name| name.map(str::to_owned)).collect(),
            Engine::Backtracking(regex) => regex.capture_names().map(|name| name.map(str::to_owned)).collect(),
        }
    }

    /// The one name this pattern spells out letter by letter, if it does: no metacharacter but the dot, plain or
    /// escaped. (`mm2-configs.eu.internal` also matches other names, yet nobody writes it for those.)
    pub fn literal(&self) -> Option<String> {
        let mut name = String::with_capacity(self.text.len());
        let mut chars = self.text.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => match chars.next() {
                    Some(escaped @ ('.' | '-' | '_')) => name.push(escaped),
                    _ => return None,
                },
                'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '_' | '-' => name.push(c),
                _ => return None,
            }
        }
        Some(name)
    }

    fn undecided(&self, name: &str) -> UndecidedError {
        UndecidedError { pattern: excerpt(&self.text), name: name.to_owned() }
    }
}

impl From<NamePattern> for String {
    fn from(pattern: NamePattern) -> Self {
        pattern.text
    }
}

impl TryFrom<String> for NamePattern {
    type Error = PatternError;

    fn try_from(text: String) -> Result<Self, PatternError> {
        Self::new(&text)
    }
}

impl PartialEq for NamePattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for NamePattern {}

impl fmt::Debug for NamePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NamePattern({:?})", self.text)
    }
}

impl fmt::Display for NamePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

fn linear(text: &str) -> Result<Engine, PatternError> {
    let alone = if needs_check_alone(text) { linear_regex(text).map(drop) } else { Ok(()) };
    match alone.and_then(|()| linear_regex(&anchored(text))) {
        Ok(regex) => Ok(Engine::Linear(regex)),
        Err(regex::Error::CompiledTooBig(_)) => Err(PatternError::TooCostly { pattern: excerpt(text) }),
        Err(error) => backtracking(text).map_err(|_| syntax(text, &error.to_string())),
    }
}

fn linear_regex(text: &str) -> Result<regex::bytes::Regex, regex::Error> {
    regex::bytes::RegexBuilder::new(text)
        // As in Java, `\w` and `(?i)` mean ASCII; and `\w{249}` stays small.
        .unicode(false)
        .size_limit(COMPILED_BYTES_MAX)
        .dfa_size_limit(COMPILED_BYTES_MAX)
        .nest_limit(NEST_LEVELS_MAX)
        .build()
}

fn backtracking(text: &str) -> Result<Engine, PatternError> {
    let alone = if needs_check_alone(text) { backtracking_regex(text).map(drop) } else { Ok(()) };
    match alone.and_then(|()| backtracking_regex(&anchored(text))) {
        Ok(regex) => Ok(Engine::Backtracking(Box::new(regex))),
        Err(error) => Err(syntax(text, &error.to_string())),
    }
}

fn backtracking_regex(text: &str) -> Result<fancy_regex::Regex, fancy_regex::Error> {
    fancy_regex::RegexBuilder::new(text)
        .backtrack_limit(BACKTRACK_STEPS_MAX)
        .delegate_size_limit(COMPILED_BYTES_MAX)
        .delegate_dfa_size_limit(COMPILED_BYTES_MAX)
        .build()
}

/// `a)|(b` is broken, though it would balance inside the anchoring group. Compiling is the costly part of reading a
/// configuration, so not twice for nothing.
fn needs_check_alone(text: &str) -> bool {
    text.contains(')')
}

/// The group keeps `a|b` together.
fn anchored(text: &str) -> String {
    format!(r"\A(?:{text})\z")
}

/// The engines draw carets under the pattern over several lines; the last line says what is wrong.
fn syntax(text: &str, message: &str) -> PatternError {
    let last = message.lines().last().unwrap_or(message);
    let problem = last.trim().trim_start_matches("error: ").to_owned();
    let hint = match text {
        _ if text.starts_with('*') => format!(" (for any name write `.*`: here `.{}`)", excerpt(text)),
        _ if text.contains(r"\Q") => r" (`\Q...\E` is not supported: escape each character)".to_owned(),
        _ => String::new(),
    };
    PatternError::Syntax { pattern: excerpt(text), problem: escaped(&problem), hint }
}

/// `a*+`, `a++`, `a?+`, `a{2}+`: to Java these never give back what they took; the linear engine would read them as
/// a repetition repeated, which matches more.
fn has_possessive(text: &str) -> bool {
    let mut is_class = false;
    let mut is_after_quantifier = false;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if is_after_quantifier && c == '+' && !is_class {
            return true;
        }
        is_after_quantifier = !is_class && matches!(c, '*' | '+' | '?' | '}');
        match c {
            '\\' => {
                chars.next();
            }
            '[' => is_class = true,
            ']' => is_class = false,
            _ => {}
        }
    }
    false
}

/// A topic name has at most 249 characters; forty of them spelled out fit.
const PATTERN_BYTES_MAX: usize = 10_000;
/// Enough for every pattern of [`PATTERN_BYTES_MAX`] without nested repetitions.
const COMPILED_BYTES_MAX: usize = 1 << 20;
/// Parsing recurses: deeper nesting is an attack or an accident.
const NEST_LEVELS_MAX: u32 = 50;
/// About a millisecond per name: 10,000 topics are judged in seconds even by a bad pattern.
const BACKTRACK_STEPS_MAX: usize = 100_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn is_match(pattern: &str, name: &str) -> bool {
        NamePattern::new(pattern).expect(pattern).is_match(name).expect(name)
    }

    #[test]
    fn the_whole_name_must_match() {
        assert!(is_match("orders", "orders"));
        assert!(!is_match("orders", "orders-dlq"));
        assert!(!is_match("orders", "my-orders"));
        assert!(is_match("a|b", "a") && is_match("a|b", "b"));
        assert!(!is_match("a|b", "ax") && !is_match("a|b", "xb"));
        assert!(!is_match("a$", "a\n"));
        assert!(is_match("(?i)ORDERS", "orders"));
        assert!(!is_match("ORDERS", "orders"));
        assert!(is_match("o{1,3}", "ooo"));
    }

    #[test]
    fn java_only_syntax_is_understood_and_marked() {
        let patterns = [
            (r"(?!test-).*", "orders", "test-a"),
            (r".*(?<!-dlq)", "orders", "orders-dlq"),
            (r"(a+)-\1", "aa-aa", "aa-a"),
            (r"(?>a+)b", "aab", "aa"),
            (r"[a-z]++\.v1", "orders.v1", "orders"),
        ];
        for (text, included, left_out) in patterns {
            let pattern = NamePattern::new(text).expect(text);
            assert_eq!(pattern.dialect(), PatternDialect::Backtracking, "{text}");
            assert_eq!(pattern.is_match(included), Ok(true), "{text}");
            assert_eq!(pattern.is_match(left_out), Ok(false), "{text}");
        }
        assert_eq!(NamePattern::new("[+*]+").expect("valid").dialect(), PatternDialect::Linear);
    }

    #[test]
    fn a_possessive_gives_nothing_back() {
        assert!(!is_match(".*+x", "aax"));
        assert!(is_match(".*x", "aax"));
    }

    #[test]
    fn giving_up_is_an_error_and_not_a_no() {
        let pattern = NamePattern::new(r"((a*)*)*\1b(?!x)").expect("valid");
        let name = "a".repeat(200);
        assert!(pattern.is_match(&name).is_err());
    }

    #[test]
    fn a_wrong_pattern_says_why() {
        let wrong = [
            ("", "pattern is empty, and no name is"),
            (
                "*",
                "pattern `*` is not a regular expression: repetition operator missing expression (for any name write `.*`: here `.*`)",
            ),
            ("a(", "pattern `a(` is not a regular expression: unclosed group"),
            ("a)|(b", "pattern `a)|(b` is not a regular expression: unopened group"),
            ("[a", "pattern `[a` is not a regular expression: unclosed character class"),
            (
                "caf\u{e9}",
                "pattern `caf\u{e9}` holds `\u{e9}`, which no name can hold: they are made of a-z A-Z 0-9 . _ -",
            ),
            (
                "((a{100}){100}){100}",
                "pattern `((a{100}){100}){100}` needs too much memory to run; use smaller repetitions",
            ),
        ];
        for (text, message) in wrong {
            assert_eq!(NamePattern::new(text).expect_err(text).to_string(), message);
        }
        let long = NamePattern::new(&"a".repeat(10_001)).expect_err("too long").to_string();
        assert_eq!(long, "pattern of 10001 bytes is larger than the 10000 allowed; split it into several");
        let deep = format!("{}a{}", "(".repeat(4_000), ")".repeat(4_000));
        assert!(NamePattern::new(&deep).is_err());
    }

    #[test]
    fn a_literal_is_recognized() {
        let literal = |text: &str| NamePattern::new(text).expect(text).literal();
        assert_eq!(literal("__consumer_offsets").as_deref(), Some("__consumer_offsets"));
        assert_eq!(literal(r"mm2-configs\.eu.internal").as_deref(), Some("mm2-configs.eu.internal"));
        assert_eq!(literal("__.*"), None);
        assert_eq!(literal(r"a\d"), None);
    }
}
