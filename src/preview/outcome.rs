//! What a draft would do: every topic with its verdict, its target and the plan for it, and the sums over them.

use super::check::{Check, RuleRef, Severity};
use super::fix::Fix;
use crate::model::{SelectionVerdict, TopicName};

/// What came of evaluating a draft.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlowPreview {
    /// Every topic of the source, by name.
    pub topics: Vec<PreviewedTopic>,
    /// What each include rule matches, in order.
    pub include: Vec<RuleCount>,
    /// What each exclude rule takes away of what is included, in order.
    pub exclude: Vec<RuleCount>,
    /// What each rename rule names, in order.
    pub rename: Vec<RuleCount>,
    /// Topics that are not included, and nearly are.
    pub near_misses: Vec<NearMiss>,
    /// The sums.
    pub totals: PreviewTotals,
    /// What is different from the flow in force; `None` when there is none.
    pub difference: Option<Difference>,
    /// What the checks have found, the worst first.
    pub checks: Vec<Check>,
}

impl FlowPreview {
    /// How many findings there are of a severity.
    pub fn n_checks(&self, severity: Severity) -> usize {
        self.checks.iter().filter(|check| check.severity == severity).count()
    }

    /// One topic.
    pub fn topic(&self, name: &TopicName) -> Option<&PreviewedTopic> {
        let index = self.topics.binary_search_by(|topic| topic.source.cmp(name)).ok()?;
        self.topics.get(index)
    }
}

/// What a draft does with one topic of the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviewedTopic {
    /// The topic.
    pub source: TopicName,
    /// What the selection says, and by which rule.
    pub verdict: SelectionVerdict,
    /// What it is called on the target, or why it cannot be renamed; of included topics only.
    pub target: Option<Result<TopicName, String>>,
    /// The rename rule that named it.
    pub rename_rule: Option<usize>,
    /// What is to be done at the target; of included topics only.
    pub plan: Option<TargetPlan>,
    /// What is different from the flow in force.
    pub change: TopicChange,
    /// Its partitions.
    pub partitions: i32,
    /// Records in it, at most; `None` where that is not known.
    pub records_max: Option<u64>,
    /// What is written to it.
    pub records_per_second: Option<u64>,
}

/// What is different about a topic from the flow in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TopicChange {
    /// Nothing, or there is none in force.
    None,
    /// It would be mirrored, and is not.
    New,
    /// It would not be mirrored any more.
    Removed,
    /// It would be called something else than now.
    Renamed {
        /// What it is called now.
        from: TopicName,
    },
}

/// What is to be done at the target for a topic. Of several, the gravest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetPlan {
    /// The target could not be asked.
    Unknown,
    /// The topic is to be created.
    Create {
        /// With so many partitions.
        partitions: i32,
        /// Keeping the last record of each key.
        is_compacted: bool,
    },
    /// It is there, and fits.
    Fits {
        /// Its partitions.
        partitions: i32,
    },
    /// It is there with more partitions than the source: keys go where they are on the source, the others stay empty.
    MorePartitions {
        /// The source's.
        source: i32,
        /// The target's.
        target: i32,
    },
    /// It is there with fewer partitions.
    FewerPartitions {
        /// The source's.
        source: i32,
        /// The target's.
        target: i32,
        /// Whether those that lack are added.
        is_grown: bool,
    },
    /// It is there with another `cleanup.policy`.
    CleanupPolicy {
        /// The source's.
        source: String,
        /// The target's.
        target: String,
    },
    /// It is there and takes smaller records only.
    MessageSize {
        /// What the source takes, in bytes.
        source: u64,
        /// What the target takes, in bytes.
        target: u64,
    },
    /// It is missing, and must not be created.
    Missing,
    /// Its name is one that no topic can have; why, is in `target`.
    Invalid,
    /// Records would go round.
    Loop,
    /// Another topic of the source would be written to it as well.
    Collision {
        /// The other topic.
        with: TopicName,
    },
}

/// What a rule does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleCount {
    /// Its pattern. An exclude list that the draft leaves out is that of `[defaults]`.
    pub pattern: String,
    /// Topics it matches; of an exclude rule, included ones.
    pub topics: usize,
    /// Of these, the ones no earlier rule of its list matches.
    pub first: usize,
    /// What is written to the topics it matches, as far as it is known.
    pub records_per_second: Option<u64>,
}

/// A topic that is not included, and nearly is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearMiss {
    /// The topic.
    pub topic: TopicName,
    /// The rule that nearly matches.
    pub rule: RuleRef,
    /// What kind of miss it is.
    pub kind: NearMissKind,
    /// Why it is missed, in words.
    pub why: String,
    /// What would include it.
    pub fix: Fix,
    /// What is written to it.
    pub records_per_second: Option<u64>,
}

/// How a rule nearly matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NearMissKind {
    /// But for upper and lower case.
    Case,
    /// But for one character that is of another class.
    Class,
    /// A part of the name.
    Unanchored,
}

/// The sums over what would be mirrored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PreviewTotals {
    /// Topics mirrored.
    pub mirrored: usize,
    /// Topics included and excluded again.
    pub excluded: usize,
    /// Topics that are included, and internal.
    pub internal: usize,
    /// Topics no rule includes.
    pub not_matched: usize,
    /// Partitions mirrored.
    pub partitions: u64,
    /// Mirrored topics whose logs are known.
    pub measured: usize,
    /// Records in those, at most.
    pub records_max: u64,
    /// Bytes in those, about; `None` when no record's size is known.
    pub bytes: Option<u64>,
    /// What is written to them each second; `None` when no rate is known.
    pub records_per_second: Option<u64>,
    /// The same in bytes.
    pub bytes_per_second: Option<u64>,
    /// The flow's cap, and how long the first copy takes under it.
    pub copy: CopyTime,
}

/// How long the first copy takes: what there is, divided by what the cap leaves beside what comes in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CopyTime {
    /// The flow has no cap, or too little is known.
    #[default]
    Unknown,
    /// So long.
    Seconds(u64),
    /// More comes in than the cap allows.
    Never,
}

/// What is different from the flow in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Topics that would be mirrored, and are not.
    pub added: usize,
    /// Topics that would not be mirrored any more.
    pub removed: usize,
    /// Topics that would be called something else.
    pub renamed: usize,
    /// Keys whose value is another one, such as `limits.bytes_per_second`.
    pub settings: Vec<String>,
}

impl Difference {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.added + self.removed + self.renamed == 0 && self.settings.is_empty()
    }
}
