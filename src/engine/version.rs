//! What a look at a cluster's version brings to light.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::{ClusterName, KafkaVersion, VersionRange};

/// Something about a cluster's version that an operator should know. Displays as what to tell them, with the line to
/// write.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct VersionFinding {
    /// The cluster's name in the configuration.
    pub cluster: ClusterName,
    /// What its configuration says; `None` when it is to be found out.
    pub told: Option<KafkaVersion>,
    /// What its brokers are.
    pub found: VersionRange,
}

impl VersionFinding {
    /// What there is to say about brokers that are `found`, where `told` is configured. Nothing when they agree, or
    /// when they told it themselves and nobody said otherwise.
    pub fn of(cluster: &ClusterName, told: Option<&KafkaVersion>, found: &VersionRange) -> Option<Self> {
        let is_known = match told {
            Some(told) => found.contains(told),
            None => !found.is_untold(),
        };
        (!is_known).then(|| Self { cluster: cluster.clone(), told: told.cloned(), found: found.clone() })
    }

    /// Whether a flow must not begin before it is clear which is right: to speak as one side of the contradiction says
    /// to brokers that are what the other says would lose what their records hold, or get no answer.
    pub fn is_contradiction(&self) -> bool {
        self.told.as_ref().is_some_and(|told| told.is_untold() != self.found.is_untold())
    }

    /// The line for the configuration that would be right.
    pub fn line(&self) -> String {
        // The last of its kind, and the one everybody has.
        let version = if self.found.is_untold() { "0.9.0.1".to_owned() } else { self.found.lowest().to_string() };
        format!("[clusters.{}] version = \"{version}\"", self.cluster)
    }
}

impl fmt::Display for VersionFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cluster, found, .. } = self;
        let line = self.line();
        let Some(told) = &self.told else {
            return write!(
                f,
                "the brokers of cluster `{cluster}` do not tell their version, as those before 0.10: they are spoken to as \
                 {found}; say so to save them the question, which can stall their other clients: {line}"
            );
        };
        match (self.is_contradiction(), found.is_untold()) {
            (false, _) => write!(
                f,
                "cluster `{cluster}` is configured as version {told}, but its brokers are {found}, which is what counts; right \
                 would be: {line}"
            ),
            (true, true) => write!(
                f,
                "cluster `{cluster}` is configured as version {told}, but its brokers do not tell their version, as those \
                 before 0.10; if that is what they are, write: {line} (in the middle of a rolling upgrade there are both \
                 kinds: finish it first)"
            ),
            (true, false) => write!(
                f,
                "cluster `{cluster}` is configured as version {told}, but its brokers are {found}: spoken to as {told} they \
                 would leave out headers and timestamps, or hang up; write: {line} or version = \"auto\" (in the middle of a \
                 rolling upgrade there are both kinds: finish it first)"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(told: Option<&str>, found: &VersionRange) -> Option<VersionFinding> {
        let told = told.map(|told| told.parse().expect("a version"));
        VersionFinding::of(&"old".into(), told.as_ref(), found)
    }

    #[test]
    fn what_is_as_it_was_told_is_not_worth_a_word() {
        let (old, new) = (VersionRange::new(&[0, 9], &[0, 9]), VersionRange::since(4));
        assert_eq!(finding(Some("0.9.0.1"), &old), None);
        assert_eq!(finding(Some("4.3.0"), &new), None);
        assert_eq!(finding(None, &new), None);
    }

    #[test]
    fn every_finding_names_the_line_to_write() {
        let (old, middle) = (VersionRange::new(&[0, 9], &[0, 9]), VersionRange::new(&[2, 4], &[2, 6]));
        for (told, found, contradicts, line) in [
            (None, &old, false, "[clusters.old] version = \"0.9.0.1\""),
            (Some("1.0.0"), &old, true, "[clusters.old] version = \"0.9.0.1\""),
            (Some("0.9.0.1"), &middle, true, "[clusters.old] version = \"2.4\""),
            (Some("3.9"), &middle, false, "[clusters.old] version = \"2.4\""),
            (Some("0.11"), &middle, false, "[clusters.old] version = \"2.4\""),
        ] {
            let finding = finding(told, found).expect("worth a word");
            assert_eq!(finding.is_contradiction(), contradicts, "{told:?} {found}");
            let text = finding.to_string();
            assert!(text.contains(line) && text.contains("cluster `old`"), "{text}");
            assert!(told.is_none_or(|told| text.contains(told)), "{text}");
        }
    }
}
