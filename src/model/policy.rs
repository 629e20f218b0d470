//! What a source topic is called on the target.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::excerpt::excerpt;
use super::{NamePattern, PatternError, TopicName, UndecidedError};

/// How a flow names its target topics.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RenamePolicy {
    /// As on the source.
    Identity,
    /// With something in front, as MirrorMaker 2 does by default.
    Prefix {
        /// Usually the source cluster's alias.
        prefix: String,
        /// What stands between it and the name, usually a dot.
        separator: String,
    },
    /// Names are replaced by the first rule whose pattern matches them; names no rule matches stay as they are.
    Rules(Vec<RenameRule>),
}

/// One rule of a rename policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "WrittenRule", try_from = "WrittenRule")]
pub struct RenameRule {
    /// What the whole source name must match.
    pub pattern: NamePattern,
    /// The target name.
    pub replacement: Replacement,
}

/// A rule as text.
#[derive(Serialize, Deserialize)]
struct WrittenRule {
    pattern: String,
    replacement: String,
}

impl From<RenameRule> for WrittenRule {
    fn from(rule: RenameRule) -> Self {
        Self { pattern: rule.pattern.into(), replacement: rule.replacement.text }
    }
}

impl TryFrom<WrittenRule> for RenameRule {
    type Error = PolicyError;

    fn try_from(written: WrittenRule) -> Result<Self, PolicyError> {
        Self::new(&written.pattern, &written.replacement)
    }
}

/// A rename policy that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// That would be the identity.
    #[error("prefix is empty; for unchanged names use \"identity\"")]
    EmptyPrefix,
    /// No topic could be named so.
    #[error("{part} `{value}` holds `{}`, which no topic name can hold: they are made of a-z A-Z 0-9 . _ -", character.escape_debug())]
    IllegalCharacter {
        /// The prefix, the separator or the replacement.
        part: &'static str,
        /// What was written.
        value: String,
        /// Its first illegal character.
        character: char,
    },
    /// A list without a rule, or with more than any sane one.
    #[error("{n_rules} rename rules; write 1 to {RENAME_RULES_MAX}, or \"identity\" for unchanged names")]
    RuleCount {
        /// How many there are.
        n_rules: usize,
    },
    /// Not a pattern.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// The replacement refers to what the pattern has not.
    #[error("replacement `{replacement}` refers to `{reference}`, but pattern `{pattern}` has {groups}")]
    UnknownGroup {
        /// The replacement.
        replacement: String,
        /// What it refers to.
        reference: String,
        /// The pattern.
        pattern: String,
        /// The groups it has.
        groups: String,
    },
    /// A `$` that starts no reference.
    #[error("replacement `{replacement}` has a `$` that is neither `$1` nor `${{name}}`")]
    StrayDollar {
        /// The replacement.
        replacement: String,
    },
}

/// A topic that cannot be given its name on the target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenameError {
    /// Kafka would refuse the name.
    #[error("rename topic `{source_topic}`: its target name `{target}` {problem}")]
    Illegal {
        /// The source topic.
        source_topic: TopicName,
        /// What it would be called.
        target: String,
        /// Why Kafka refuses that.
        problem: IllegalTopicName,
    },
    /// The pattern gave up.
    #[error("rename topic: {0}")]
    Undecided(#[from] UndecidedError),
}

/// Why no topic can have a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IllegalTopicName {
    /// Nothing at all.
    #[error("is empty")]
    Empty,
    /// `.` or `..`, which would be folders.
    #[error("is `.` or `..`")]
    Dots,
    /// Over the limit.
    #[error("has {length} characters, and Kafka allows {TOPIC_NAME_LENGTH_MAX}")]
    TooLong {
        /// Its length.
        length: usize,
    },
    /// Not of the alphabet.
    #[error("holds `{}`, and Kafka allows a-z A-Z 0-9 . _ -", character.escape_debug())]
    Character {
        /// The first that is not.
        character: char,
    },
}

impl RenamePolicy {
    /// Names with `prefix` and `separator` in front.
    pub fn prefix(prefix: &str, separator: &str) -> Result<Self, PolicyError> {
        if prefix.is_empty() {
            return Err(PolicyError::EmptyPrefix);
        }
        for (part, value) in [("prefix", prefix), ("separator", separator)] {
            check_characters(part, value)?;
        }
        Ok(Self::Prefix { prefix: prefix.to_owned(), separator: separator.to_owned() })
    }

    /// Names that match `pattern` replaced by `replacement`, which may refer to the pattern's groups as `$1` and
    /// `${name}`.
    pub fn pattern(pattern: &str, replacement: &str) -> Result<Self, PolicyError> {
        Ok(Self::Rules(vec![RenameRule::new(pattern, replacement)?]))
    }

    /// Several rules, the first that matches has the say.
    pub fn rules(rules: Vec<RenameRule>) -> Result<Self, PolicyError> {
        match rules.len() {
            1..=RENAME_RULES_MAX => Ok(Self::Rules(rules)),
            n_rules => Err(PolicyError::RuleCount { n_rules }),
        }
    }

    /// The rule that names `source`, by its index: the first that matches.
    pub fn rule_of(&self, source: &TopicName) -> Option<usize> {
        let Self::Rules(rules) = self else { return None };
        // One that gives up has the say, too: its error does.
        rules.iter().position(|rule| rule.pattern.is_match(source.as_str()) != Ok(false))
    }

    /// What `source` is called on the target.
    pub fn target_topic(&self, source: &TopicName) -> Result<TopicName, RenameError> {
        let target = match self {
            Self::Identity => return Ok(source.clone()),
            Self::Prefix { prefix, separator } => format!("{prefix}{separator}{source}"),
            Self::Rules(rules) => match renamed(rules, source)? {
                Some(target) => target,
                None => return Ok(source.clone()),
            },
        };
        match legal_topic_name(&target) {
            Ok(()) => Ok(target.into()),
            Err(problem) => Err(RenameError::Illegal { source_topic: source.clone(), target, problem }),
        }
    }
}

impl fmt::Display for RenamePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identity => f.write_str("identity"),
            Self::Prefix { prefix, separator } => write!(f, "prefix `{prefix}{separator}`"),
            Self::Rules(rules) => {
                let separator = |index| if index == 0 { "" } else { ", else " };
                rules.iter().enumerate().try_for_each(|(index, RenameRule { pattern, replacement })| {
                    write!(f, "{}`{pattern}` -> `{replacement}`", separator(index))
                })
            }
        }
    }
}

impl RenameRule {
    /// Names that match `pattern` become `replacement`, which may refer to the pattern's groups.
    pub fn new(pattern: &str, replacement: &str) -> Result<Self, PolicyError> {
        let pattern = NamePattern::new(pattern)?;
        let replacement = Replacement::new(replacement, &pattern)?;
        Ok(Self { pattern, replacement })
    }
}

/// What the first rule that matches makes of a name.
fn renamed(rules: &[RenameRule], source: &TopicName) -> Result<Option<String>, UndecidedError> {
    for rule in rules {
        if let Some(groups) = rule.pattern.groups(source.as_str())? {
            return Ok(Some(rule.replacement.fill(&groups)));
        }
    }
    Ok(None)
}

/// Whether Kafka allows a topic of this name.
pub fn legal_topic_name(name: &str) -> Result<(), IllegalTopicName> {
    if name.is_empty() {
        return Err(IllegalTopicName::Empty);
    }
    if name == "." || name == ".." {
        return Err(IllegalTopicName::Dots);
    }
    if let Some(character) = illegal_character(name) {
        return Err(IllegalTopicName::Character { character });
    }
    match name.len() {
        length if length > TOPIC_NAME_LENGTH_MAX => Err(IllegalTopicName::TooLong { length }),
        _ => Ok(()),
    }
}

fn illegal_character(text: &str) -> Option<char> {
    text.chars().find(|c| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '_' | '-'))
}

fn check_characters(part: &'static str, value: &str) -> Result<(), PolicyError> {
    match illegal_character(value) {
        Some(character) => Err(PolicyError::IllegalCharacter { part, value: excerpt(value), character }),
        None => Ok(()),
    }
}

/// A target name with holes for the pattern's groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    /// A group of the pattern, by number.
    Group(usize),
}

impl Replacement {
    /// `$1_x` is group 1 and `_x`, as in Java; regex crates' own expansion would look for a group named `1_x` and
    /// silently put nothing.
    fn new(text: &str, pattern: &NamePattern) -> Result<Self, PolicyError> {
        let names = pattern.group_names();
        let stray = || PolicyError::StrayDollar { replacement: excerpt(text) };
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(dollar) = rest.find('$') {
            parts.push(Part::Text(rest[..dollar].to_owned()));
            rest = &rest[dollar + 1..];
            let reference = if let Some(braced) = rest.strip_prefix('{') {
                let end = braced.find('}').ok_or_else(stray)?;
                rest = &braced[end + 1..];
                &braced[..end]
            } else {
                let end = number_end(rest, names.len()).ok_or_else(stray)?;
                let reference = &rest[..end];
                rest = &rest[end..];
                reference
            };
            let group = group_number(reference, &names).ok_or_else(|| PolicyError::UnknownGroup {
                replacement: excerpt(text),
                reference: format!("${}", excerpt(reference)),
                pattern: excerpt(pattern.as_str()),
                groups: describe_groups(&names),
            })?;
            parts.push(Part::Group(group));
        }
        parts.push(Part::Text(rest.to_owned()));
        for part in &parts {
            if let Part::Text(piece) = part
                && let Some(character) = illegal_character(piece)
            {
                return Err(PolicyError::IllegalCharacter { part: "replacement", value: excerpt(text), character });
            }
        }
        Ok(Self { text: text.to_owned(), parts })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn fill(&self, groups: &[Option<String>]) -> String {
        let mut name = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => name.push_str(text),
                Part::Group(group) => name.push_str(groups.get(*group).and_then(Option::as_deref).unwrap_or("")),
            }
        }
        name
    }
}

impl fmt::Display for Replacement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

/// How many of the leading digits are the group's number: as many as still name a group, as in Java, so that `$10`
/// is group 1 and a zero where there is no group 10. At least one.
fn number_end(text: &str, n_groups: usize) -> Option<usize> {
    let n_digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let names_a_group = |end: &usize| text[..*end].parse::<usize>().is_ok_and(|number| number < n_groups);
    (n_digits > 0).then(|| (1..=n_digits).rev().find(names_a_group).unwrap_or(n_digits))
}

fn group_number(reference: &str, names: &[Option<String>]) -> Option<usize> {
    match reference.parse::<usize>() {
        Ok(number) => (number < names.len()).then_some(number),
        Err(_) => names.iter().position(|name| name.as_deref() == Some(reference)),
    }
}

fn describe_groups(names: &[Option<String>]) -> String {
    match names.len() {
        0 | 1 => "no group".to_owned(),
        2 => "1 group".to_owned(),
        n => format!("{} groups", n - 1),
    }
}

/// Every name is matched against all of them in turn.
const RENAME_RULES_MAX: usize = 100;
/// Kafka's limit: a folder's name of 255 less the partition's number.
const TOPIC_NAME_LENGTH_MAX: usize = 249;

#[cfg(test)]
mod tests {
    use super::*;

    fn target(policy: &RenamePolicy, source: &str) -> String {
        match policy.target_topic(&source.into()) {
            Ok(topic) => topic.to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn names_follow_the_policy() {
        assert_eq!(target(&RenamePolicy::Identity, "orders"), "orders");
        let prefix = RenamePolicy::prefix("dc-a", ".").expect("valid");
        assert_eq!(target(&prefix, "orders"), "dc-a.orders");
        let pattern = RenamePolicy::pattern(r"(.+)\.v(?<version>\d)", "v${version}.$1_x").expect("valid");
        assert_eq!(target(&pattern, "orders.v2"), "v2.orders_x");
        assert_eq!(target(&pattern, "carts"), "carts");
        let ten = RenamePolicy::pattern("(.)(.*)", "$10").expect("valid");
        assert_eq!(target(&ten, "abc"), "a0");
        let java = RenamePolicy::pattern("(?!test-)(.*)", "eu.$1").expect("valid");
        assert_eq!(target(&java, "orders"), "eu.orders");
        assert_eq!(target(&java, "test-orders"), "test-orders");
    }

    #[test]
    fn the_first_rule_that_matches_names_the_topic() {
        let rule = |pattern: &str, replacement: &str| RenameRule::new(pattern, replacement).expect("valid");
        let rules = RenamePolicy::rules(vec![rule("a", "one"), rule("a|b", "two"), rule("(c)", "$1$1")]).expect("some");
        let named = [("a", "one", Some(0)), ("b", "two", Some(1)), ("c", "cc", Some(2)), ("d", "d", None)];
        for (source, expected, index) in named {
            assert_eq!(target(&rules, source), expected);
            assert_eq!(rules.rule_of(&source.into()), index, "{source}");
        }
        assert_eq!(rules.to_string(), "`a` -> `one`, else `a|b` -> `two`, else `(c)` -> `$1$1`");
        let error = RenamePolicy::rules(Vec::new()).expect_err("none").to_string();
        assert_eq!(error, "0 rename rules; write 1 to 100, or \"identity\" for unchanged names");
        // A rule that gives up is no reason to ask the next one.
        let rules = RenamePolicy::rules(vec![rule(r"((a*)*)*\1b(?!x)", "x"), rule(".*", "y")]).expect("some");
        let name = "a".repeat(200);
        assert!(rules.target_topic(&name.as_str().into()).is_err());
        assert_eq!(rules.rule_of(&name.as_str().into()), Some(0));
    }

    #[test]
    fn an_illegal_target_name_is_refused() {
        let prefix = RenamePolicy::prefix("dc-a", ".").expect("valid");
        let long = "x".repeat(245);
        assert_eq!(
            target(&prefix, &long),
            format!("rename topic `{long}`: its target name `dc-a.{long}` has 250 characters, and Kafka allows 249")
        );
        let cut = RenamePolicy::pattern("x(.*)", "$1").expect("valid");
        assert_eq!(target(&cut, "x"), "rename topic `x`: its target name `` is empty");
        assert_eq!(target(&cut, "x.."), "rename topic `x..`: its target name `..` is `.` or `..`");
    }

    #[test]
    fn a_wrong_policy_says_why() {
        let wrong = [
            (RenamePolicy::prefix("", "."), "prefix is empty; for unchanged names use \"identity\""),
            (
                RenamePolicy::prefix("dc a", "."),
                "prefix `dc a` holds ` `, which no topic name can hold: they are made of a-z A-Z 0-9 . _ -",
            ),
            (
                RenamePolicy::prefix("a", "/"),
                "separator `/` holds `/`, which no topic name can hold: they are made of a-z A-Z 0-9 . _ -",
            ),
            (RenamePolicy::pattern("(a)", "$2"), "replacement `$2` refers to `$2`, but pattern `(a)` has 1 group"),
            (
                RenamePolicy::pattern("a", "${name}"),
                "replacement `${name}` refers to `$name`, but pattern `a` has no group",
            ),
            (RenamePolicy::pattern("a", "b$"), "replacement `b$` has a `$` that is neither `$1` nor `${name}`"),
            (
                RenamePolicy::pattern("a", "b/c"),
                "replacement `b/c` holds `/`, which no topic name can hold: they are made of a-z A-Z 0-9 . _ -",
            ),
            (RenamePolicy::pattern("(", "b"), "pattern `(` is not a regular expression: unclosed group"),
        ];
        for (policy, message) in wrong {
            assert_eq!(policy.expect_err(message).to_string(), message);
        }
    }
}
