//! What is wrong or doubtful in a configuration.

use std::fmt;

/// Everything that is wrong with one configuration. Shown as one line per problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The file, or whatever else it came from.
    pub origin: String,
    /// In the order of their lines; never empty.
    pub problems: Vec<ConfigProblem>,
}

/// One thing that is wrong. Never holds the value of a property that may be secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConfigProblem {
    /// The line, from 1, where one is known.
    pub line: Option<usize>,
    /// The key with the tables it is in, such as `flows.orders.include`; empty for the file as a whole.
    pub key: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// One thing that works but is likely not meant, or not wise.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConfigWarning {
    /// The line, from 1, where one is known.
    pub line: Option<usize>,
    /// The key with the tables it is in.
    pub key: String,
    /// What to think about.
    pub message: String,
}

impl ConfigError {
    /// One problem with the whole of `origin`.
    pub(super) fn whole(origin: &str, message: impl Into<String>) -> Self {
        let problem = ConfigProblem { line: None, key: String::new(), message: message.into() };
        Self { origin: origin.to_owned(), problems: vec![problem] }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "configuration {}:", self.origin)?;
        if let [problem] = self.problems.as_slice() {
            return write!(f, " {problem}");
        }
        write!(f, " {} problems", self.problems.len())?;
        for problem in self.problems.iter().take(SHOWN_MAX) {
            write!(f, "\n  {problem}")?;
        }
        match self.problems.len().saturating_sub(SHOWN_MAX) {
            0 => Ok(()),
            n_more => write!(f, "\n  and {n_more} more"),
        }
    }
}

impl std::error::Error for ConfigError {}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_located(f, self.line, &self.key, &self.message)
    }
}

impl fmt::Display for ConfigWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_located(f, self.line, &self.key, &self.message)
    }
}

fn write_located(f: &mut fmt::Formatter<'_>, line: Option<usize>, key: &str, message: &str) -> fmt::Result {
    if let Some(line) = line {
        write!(f, "line {line}: ")?;
    }
    if !key.is_empty() {
        write!(f, "{key}: ")?;
    }
    f.write_str(message)
}

/// Collects what is wrong instead of stopping at the first.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) problems: Vec<ConfigProblem>,
    pub(super) warnings: Vec<ConfigWarning>,
}

impl Findings {
    /// The value, if there is one; else its problem is noted.
    pub(super) fn keep<T>(&mut self, result: Result<T, ConfigProblem>) -> Option<T> {
        result.map_err(|problem| self.problems.push(problem)).ok()
    }

    pub(super) fn warn(&mut self, doubt: ConfigProblem) {
        let ConfigProblem { line, key, message } = doubt;
        self.warnings.push(ConfigWarning { line, key, message });
    }

    /// By line, each once: what stands in `[defaults]` is read again for every flow.
    pub(super) fn sort(&mut self) {
        self.problems.sort();
        self.problems.dedup();
        self.warnings.sort();
        self.warnings.dedup();
    }
}

/// A screenful. A file that is wrong all over is another kind of file.
const SHOWN_MAX: usize = 20;
