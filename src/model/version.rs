//! Versions of Kafka, as they are told and as they can be told apart.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A version of Kafka's brokers, with as many numbers as somebody wrote: "0.9.0.1", "3.9".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct KafkaVersion(Vec<u16>);

impl KafkaVersion {
    /// Whether brokers of this version do not tell it: those before 0.10.
    pub fn is_untold(&self) -> bool {
        self.is_before(&[0, 10])
    }

    /// Whether it lies before `limit`. Numbers that were left out count as the lowest: 0.10 lies before 0.10.1.
    pub fn is_before(&self, limit: &[u16]) -> bool {
        self.0.as_slice() < limit
    }

    /// Compares as many numbers as both have: 3.9 is no other version than 3.9.2.
    fn compare_known(&self, other: &Self) -> Ordering {
        let n_known = self.0.len().min(other.0.len());
        self.0[..n_known].cmp(&other.0[..n_known])
    }
}

impl From<&[u16]> for KafkaVersion {
    fn from(numbers: &[u16]) -> Self {
        Self(numbers.to_vec())
    }
}

impl From<KafkaVersion> for String {
    fn from(version: KafkaVersion) -> Self {
        version.to_string()
    }
}

impl TryFrom<String> for KafkaVersion {
    type Error = ParseVersionError;

    fn try_from(text: String) -> Result<Self, ParseVersionError> {
        text.parse()
    }
}

impl fmt::Display for KafkaVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.0.iter().map(u16::to_string).collect();
        f.pad(&numbers.join("."))
    }
}

/// Not a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected two to four numbers with dots between")]
pub struct ParseVersionError;

impl FromStr for KafkaVersion {
    type Err = ParseVersionError;

    fn from_str(text: &str) -> Result<Self, ParseVersionError> {
        let numbers: Result<Vec<u16>, _> = text.split('.').map(str::parse).collect();
        match numbers {
            Ok(numbers) if (2..=4).contains(&numbers.len()) => Ok(Self(numbers)),
            _ => Err(ParseVersionError),
        }
    }
}

/// Versions that cannot be told apart from outside. Reads and displays as "2.4 to 2.6", "3.9" or "4.x".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct VersionRange {
    lowest: KafkaVersion,
    /// `None`: and all that come later.
    highest: Option<KafkaVersion>,
}

impl VersionRange {
    /// From `lowest` to `highest`, both included.
    pub fn new(lowest: &[u16], highest: &[u16]) -> Self {
        Self { lowest: lowest.into(), highest: Some(highest.into()) }
    }

    /// From the first of that number on, without an end.
    pub fn since(major: u16) -> Self {
        Self { lowest: KafkaVersion(vec![major, 0]), highest: None }
    }

    /// The lowest version it may be: what can be relied on.
    pub fn lowest(&self) -> &KafkaVersion {
        &self.lowest
    }

    /// Whether these brokers do not tell their version.
    pub fn is_untold(&self) -> bool {
        self.lowest.is_untold()
    }

    /// Whether `version` may be meant.
    pub fn contains(&self, version: &KafkaVersion) -> bool {
        let is_below = |highest| version.compare_known(highest).is_le();
        version.compare_known(&self.lowest).is_ge() && self.highest.as_ref().is_none_or(is_below)
    }
}

impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.highest {
            Some(highest) if *highest == self.lowest => write!(f, "{highest}"),
            Some(highest) => write!(f, "{} to {highest}", self.lowest),
            None => write!(f, "{}.x", self.lowest.0.first().copied().unwrap_or(0)),
        }
    }
}

impl From<VersionRange> for String {
    fn from(range: VersionRange) -> Self {
        range.to_string()
    }
}

impl TryFrom<String> for VersionRange {
    type Error = ParseVersionError;

    fn try_from(text: String) -> Result<Self, ParseVersionError> {
        if let Some(major) = text.strip_suffix(".x") {
            return major.parse().map(Self::since).map_err(|_| ParseVersionError);
        }
        let (lowest, highest) = text.split_once(" to ").unwrap_or((&text, &text));
        Ok(Self { lowest: lowest.parse()?, highest: Some(highest.parse()?) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> KafkaVersion {
        text.parse().expect("a version")
    }

    #[test]
    fn versions_compare_by_their_numbers() {
        for (text, limit, before) in [
            ("0.9.0.1", &[0, 10][..], true),
            ("0.10.0.0", &[0, 10], false),
            ("4.1", &[0, 10], false),
            ("0.10.0.1", &[0, 10, 1], true),
            ("0.10.1", &[0, 10, 1], false),
            ("2.10", &[2, 9], false),
        ] {
            assert_eq!(version(text).is_before(limit), before, "{text}");
        }
        for text in ["", "4", "new", "1.x", "1..2", "1.2.3.4.5", "-1.2", "1.99999"] {
            assert_eq!(text.parse::<KafkaVersion>(), Err(ParseVersionError), "{text}");
        }
    }

    #[test]
    fn a_range_holds_what_could_be_meant() {
        let middle = VersionRange::new(&[2, 4], &[2, 6]);
        for (text, inside) in
            [("2.4", true), ("2.4.1", true), ("2.6.3", true), ("2.3.1", false), ("2.7.0", false), ("3.9", false)]
        {
            assert_eq!(middle.contains(&version(text)), inside, "{text}");
        }
        let early = VersionRange::new(&[0, 10, 1], &[0, 10, 2]);
        assert!(early.contains(&version("0.10")) && !early.contains(&version("0.10.0.1")));
        let new = VersionRange::since(4);
        assert!(new.contains(&version("4.3.0")) && new.contains(&version("5.0")) && !new.contains(&version("3.9.2")));
        for (range, text) in [(middle, "2.4 to 2.6"), (early, "0.10.1 to 0.10.2"), (new, "4.x")] {
            assert_eq!(range.to_string(), text);
            assert_eq!(VersionRange::try_from(text.to_owned()), Ok(range));
        }
        assert_eq!(VersionRange::new(&[3, 9], &[3, 9]).to_string(), "3.9");
    }
}
