//! What a flow's draft would do, told while it is typed: which topics, under which names, with what trouble.
//!
//! Pure functions of the draft and of what both clusters have told. Nothing here asks a cluster, knows the engine or a
//! terminal.

mod check;
mod checks;
mod evaluate;
mod facts;
mod fix;
mod java;
mod matching;
mod near;
mod outcome;
mod rules;
mod syntax;
mod target;
#[cfg(test)]
mod tests;
mod totals;

pub use check::{Check, CheckId, CheckPlace, RuleList, RuleRef, Severity};
pub use evaluate::{Company, Evaluation, evaluate};
pub use facts::{DeniedRights, FlowFacts, LogFact, SettingFact, TopicFact, TopicTable};
pub use fix::{DraftChange, Fix};
pub use outcome::{
    CopyTime, Difference, FlowPreview, NearMiss, NearMissKind, PreviewTotals, PreviewedTopic, RuleCount, TargetPlan,
    TopicChange,
};
