//! What a check finds in a draft: what it is about, how bad it is, and what can be done about it.

use std::fmt;
use std::ops::Range;

use super::fix::Fix;
use crate::model::TopicName;

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Which check found it.
    pub id: CheckId,
    /// How bad it is.
    pub severity: Severity,
    /// What is the matter, in a sentence without its full stop.
    pub text: String,
    /// What of the draft it is about.
    pub place: CheckPlace,
    /// Which bytes of the rule, where that is known.
    pub span: Option<Range<usize>>,
    /// The topics concerned, the first few of them.
    pub topics: Vec<TopicName>,
    /// How many topics are concerned.
    pub n_topics: usize,
    /// What a key can do about it.
    pub fix: Option<Fix>,
}

/// How bad a finding is. The worst is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Likely not meant, or not wise.
    Warning,
    /// Cannot be applied.
    Error,
}

/// What of a draft a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CheckPlace {
    /// A rule.
    Rule(RuleRef),
    /// A key below `[flows.NAME]`, such as `limits.bytes_per_second`.
    Field(String),
    /// A source topic.
    Topic(TopicName),
    /// The flow as a whole.
    Flow,
}

/// A rule of a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleRef {
    /// Its list.
    pub list: RuleList,
    /// Where in the list, from 0.
    pub index: usize,
}

/// A list of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleList {
    /// What may be mirrored.
    Include,
    /// What must not.
    Exclude,
    /// What it is called on the target.
    Rename,
}

impl fmt::Display for RuleList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Include => "include",
            Self::Exclude => "exclude",
            Self::Rename => "rename",
        })
    }
}

impl fmt::Display for RuleRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} #{}", self.list, self.index + 1)
    }
}

macro_rules! check_ids {
    ($($(#[$doc:meta])* $id:ident = $name:literal,)*) => {
        /// Which check found something.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum CheckId {
            $($(#[$doc])* $id,)*
        }

        impl CheckId {
            /// All there are.
            pub const ALL: &'static [Self] = &[$(Self::$id,)*];

            /// Its name.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$id => $name,)*
                }
            }
        }
    };
}

check_ids! {
    /// A rule is no regular expression.
    InvalidPattern = "invalid-pattern",
    /// A rename rule's replacement cannot be used.
    InvalidReplacement = "invalid-replacement",
    /// A value is wrong.
    InvalidValue = "invalid-value",
    /// No include rule.
    NothingIncluded = "nothing-included",
    /// A rule without a text.
    EmptyPattern = "empty-pattern",
    /// `.*` or `.+`.
    EveryName = "every-name",
    /// `a|`, which also matches nothing at all.
    EmptyBranch = "empty-branch",
    /// `orders.v1`, which also matches `ordersXv1`.
    PlainDot = "plain-dot",
    /// The rule would match more if it were a search.
    Unanchored = "unanchored",
    /// The rule matches topics of Kafka or a tool, which are never mirrored so.
    InternalTopics = "internal-topics",
    /// The rule matches topics of a tool that Kafka does not know as internal, such as `_schemas`.
    ToolTopics = "tool-topics",
    /// Syntax of Java's that costs time and may give up.
    JavaSyntax = "java-syntax",
    /// A comma, a blank, a glob: written for another tool.
    OtherTool = "other-tool",
    /// The rule matches nothing.
    MatchesNothing = "matches-nothing",
    /// An exclude rule that excludes nothing of what is included.
    ExcludesNothing = "excludes-nothing",
    /// Everything the rule matches, an earlier one matches.
    Shadowed = "shadowed",
    /// A pattern gave up on a name.
    Undecided = "undecided",
    /// Two source topics would be one target topic.
    Collision = "collision",
    /// Another flow writes the same target topic.
    SharedTarget = "shared-target",
    /// A target name that no topic can have.
    InvalidName = "invalid-name",
    /// Two target names that differ in `.` and `_` only: one metric.
    MetricClash = "metric-clash",
    /// Records would go round.
    Loop = "loop",
    /// The include rules match the flow's own target names.
    OwnTargets = "own-targets",
    /// The target's topics could not be listed.
    UnknownTarget = "unknown-target",
    /// The target topic has fewer partitions.
    FewerPartitions = "fewer-partitions",
    /// The target topic has more partitions.
    MorePartitions = "more-partitions",
    /// The target topic has another `cleanup.policy`.
    CleanupPolicy = "cleanup-policy",
    /// The target topic takes smaller records only.
    MessageSize = "message-size",
    /// The target topic is missing and must not be created.
    MissingTarget = "missing-target",
    /// The rule also matches topics that do not exist yet.
    OpenEnded = "open-ended",
    /// A right is missing.
    MissingRight = "missing-right",
    /// More is written than the flow may copy.
    OverCap = "over-cap",
    /// The flow's group is another one after the change.
    GroupChanges = "group-changes",
    /// The change needs the flow to be started again.
    NeedsRestart = "needs-restart",
}

impl fmt::Display for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
