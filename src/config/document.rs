//! A configuration as written: TOML in which every key and value knows its line and its full name.
//!
//! Read by hand rather than through serde: so all problems come out at once, each with its line, and none of them
//! can quote a line that holds a password.

use toml::de::{DeTable, DeValue};

use crate::model::excerpt;

use super::error::{ConfigProblem, Findings};
use super::suggest::{did_you_mean, listed};

/// Where the lines of a text begin.
pub(super) struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(index, _)| index + 1)).collect();
        Self { starts }
    }

    /// The line of a byte, from 1.
    fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }
}

/// Reads TOML. On failure every syntax error, without the text around it.
pub(super) fn parse<'a>(text: &'a str, lines: &Lines) -> Result<DeTable<'a>, Vec<ConfigProblem>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Ok(table.into_inner());
    }
    let problem = |error: &toml::de::Error| ConfigProblem {
        line: error.span().map(|span| lines.line(span.start)),
        key: String::new(),
        message: format!("not valid TOML: {}", error.message()),
    };
    let mut problems: Vec<_> = errors.iter().take(SYNTAX_ERRORS_MAX).map(problem).collect();
    problems.sort();
    problems.dedup();
    Err(problems)
}

/// A table.
#[derive(Clone)]
pub(super) struct Section<'a> {
    /// Its full name; empty for the file itself.
    pub(super) path: String,
    line: Option<usize>,
    table: &'a DeTable<'a>,
    lines: &'a Lines,
}

impl<'a> Section<'a> {
    pub(super) fn root(table: &'a DeTable<'a>, lines: &'a Lines) -> Self {
        Self { path: String::new(), line: None, table, lines }
    }

    /// The value of `key`.
    pub(super) fn get(&self, key: &str) -> Option<Entry<'a>> {
        self.entries().find(|entry| entry.key == key)
    }

    /// The value of `key`, or that it is missing.
    pub(super) fn require(&self, key: &str, example: &str) -> Result<Entry<'a>, ConfigProblem> {
        let missing = || self.problem_at(key, format!("is missing; write, for example, {example}"));
        self.get(key).ok_or_else(missing)
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = Entry<'a>> + use<'a> {
        let (path, lines) = (self.path.clone(), self.lines);
        self.table.iter().map(move |(key, value)| Entry {
            path: joined(&path, key.get_ref()),
            key: key.get_ref(),
            line: lines.line(key.span().start),
            value: value.get_ref(),
            lines,
        })
    }

    /// Notes every key that is not in `known`. `hints` are words of other tools, with what to write here.
    pub(super) fn refuse_unknown(&self, known: &[&str], hints: &[(&str, &str)], findings: &mut Findings) {
        for entry in self.entries().filter(|entry| !known.contains(&entry.key)).take(UNKNOWN_KEYS_MAX) {
            let hint = hints.iter().find(|(word, _)| *word == entry.key);
            let advice = match hint {
                Some((_, advice)) => format!("; {advice}"),
                None => did_you_mean(entry.key, known.iter().copied()),
            };
            let allowed = listed(known.iter().copied());
            findings.problems.push(entry.problem(format!("unknown key{advice} (known here: {allowed})")));
        }
    }

    /// A problem with this table as a whole.
    pub(super) fn problem(&self, message: impl Into<String>) -> ConfigProblem {
        ConfigProblem { line: self.line, key: self.path.clone(), message: message.into() }
    }

    /// A problem with a key that this table does not have.
    fn problem_at(&self, key: &str, message: String) -> ConfigProblem {
        ConfigProblem { line: self.line, key: joined(&self.path, key), message }
    }
}

/// A key with its value.
#[derive(Clone)]
pub(super) struct Entry<'a> {
    /// Its full name.
    pub(super) path: String,
    /// Its last part.
    pub(super) key: &'a str,
    line: usize,
    value: &'a DeValue<'a>,
    lines: &'a Lines,
}

impl<'a> Entry<'a> {
    pub(super) fn problem(&self, message: impl Into<String>) -> ConfigProblem {
        ConfigProblem { line: Some(self.line), key: self.path.clone(), message: message.into() }
    }

    /// The value is of the wrong kind. Not to be used where it may be secret.
    pub(super) fn mismatch(&self, expected: &str) -> ConfigProblem {
        self.problem(format!("expected {expected}, found {}", self.shown()))
    }

    /// The value of a wrong kind whose content must not be shown.
    pub(super) fn mismatch_hidden(&self, expected: &str) -> ConfigProblem {
        self.problem(format!("expected {expected}, found {}", self.kind()))
    }

    pub(super) fn value(&self) -> &'a DeValue<'a> {
        self.value
    }

    pub(super) fn as_text(&self) -> Option<&'a str> {
        self.value.as_str()
    }

    pub(super) fn text(&self) -> Result<&'a str, ConfigProblem> {
        self.as_text().ok_or_else(|| self.mismatch("text in quotes"))
    }

    pub(super) fn boolean(&self) -> Result<bool, ConfigProblem> {
        self.value.as_bool().ok_or_else(|| self.mismatch("`true` or `false`"))
    }

    /// `None` where it is no integer.
    pub(super) fn as_integer(&self) -> Option<Result<i64, ConfigProblem>> {
        let number = self.value.as_integer()?;
        let too_large = |_| self.problem(format!("`{}` is too large a number", excerpt(&number.to_string())));
        Some(i64::from_str_radix(number.as_str(), number.radix()).map_err(too_large))
    }

    /// An integer from `min` to `max`.
    pub(super) fn integer(&self, min: i64, max: i64) -> Result<i64, ConfigProblem> {
        let number = self.as_integer().unwrap_or_else(|| Err(self.mismatch("a whole number")))?;
        if (min..=max).contains(&number) {
            Ok(number)
        } else {
            Err(self.problem(format!("`{number}` is not in the range {min} to {max}")))
        }
    }

    /// The meaning of one of a few words.
    pub(super) fn one_of<T: Copy>(&self, words: &[(&str, T)]) -> Result<T, ConfigProblem> {
        let text = self.text()?;
        if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == text) {
            return Ok(*meaning);
        }
        let names = || words.iter().map(|(word, _)| *word);
        let nearest = did_you_mean(text, names());
        Err(self.problem(format!("`{}` is not one of {}{nearest}", excerpt(text), listed(names()))))
    }

    /// The elements of a list of texts, each to be read as one.
    pub(super) fn texts(&self) -> Result<Vec<Entry<'a>>, ConfigProblem> {
        self.elements("a list of texts such as [\"a\", \"b\"]")
    }

    pub(super) fn is_list(&self) -> bool {
        self.value.is_array()
    }

    /// The elements of a list.
    pub(super) fn elements(&self, expected: &str) -> Result<Vec<Entry<'a>>, ConfigProblem> {
        let array = self.value.as_array().ok_or_else(|| self.mismatch(expected))?;
        let element = |(index, value): (usize, &'a toml::Spanned<DeValue<'a>>)| Entry {
            path: format!("{}[{index}]", self.path),
            key: self.key,
            line: self.lines.line(value.span().start),
            value: value.get_ref(),
            lines: self.lines,
        };
        Ok(array.iter().enumerate().map(element).collect())
    }

    pub(super) fn section(&self) -> Result<Section<'a>, ConfigProblem> {
        match self.value {
            DeValue::Table(table) => {
                Ok(Section { path: self.path.clone(), line: Some(self.line), table, lines: self.lines })
            }
            _ => Err(self.mismatch_hidden("a table")),
        }
    }

    /// The value in backticks, short enough for a message; what is not a single value by its kind.
    fn shown(&self) -> String {
        match self.value {
            DeValue::String(text) => format!("`{}`", excerpt(text)),
            DeValue::Integer(number) => format!("`{}`", excerpt(&number.to_string())),
            DeValue::Float(number) => format!("`{}`", excerpt(number.as_str())),
            DeValue::Boolean(value) => format!("`{value}`"),
            DeValue::Datetime(time) => format!("`{time}`"),
            DeValue::Array(_) | DeValue::Table(_) => self.kind().to_owned(),
        }
    }

    fn kind(&self) -> &'static str {
        match self.value {
            DeValue::String(_) => "text",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        }
    }
}

/// As TOML would have it: `clusters.a.properties."sasl.mechanism"`.
fn joined(path: &str, key: &str) -> String {
    let is_bare = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    let key = if is_bare { key.to_owned() } else { format!("\"{}\"", excerpt(key)) };
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

/// A table with more of them is another kind of table, and finding each one's nearest takes time.
const UNKNOWN_KEYS_MAX: usize = 30;
/// One broken quote makes errors to the end of the file; the first few are enough.
const SYNTAX_ERRORS_MAX: usize = 10;
