//! Patterns for topics that were picked by hand.

/// Patterns that match exactly the topics that are meant, among all there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PatternProposal {
    /// The shortest safe patterns.
    pub patterns: Vec<String>,
    /// The topics themselves, escaped: nothing else will ever match.
    pub literals: Vec<String>,
}
