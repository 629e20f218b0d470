//! What is wrong or doubtful about a draft: each check finds its one thing.

mod effect;
mod flow;
mod name;
mod pattern;
mod rights;
mod target;
#[cfg(test)]
mod tests;

use super::check::{Check, CheckId, Severity};
use super::evaluate::Evaluated;
use crate::model::TopicName;

/// How many topics a finding names.
const TOPICS_NAMED_MAX: usize = 5;

/// All findings, in no particular order.
pub(super) fn all(evaluated: &Evaluated<'_>) -> Vec<Check> {
    let mut checks = pattern::patterns(evaluated);
    checks.extend(effect::effects(evaluated));
    checks.extend(name::names(evaluated));
    checks.extend(target::targets(evaluated));
    checks.extend(flow::flow(evaluated));
    checks
}

impl Check {
    /// The finding concerns these topics.
    fn about<'a>(mut self, topics: impl IntoIterator<Item = &'a TopicName>) -> Self {
        for topic in topics {
            self.n_topics += 1;
            if self.topics.len() < TOPICS_NAMED_MAX {
                self.topics.push(topic.clone());
            }
        }
        self
    }
}

/// A finding for as many topics as there are, and none for none.
fn some(id: CheckId, severity: Severity, topics: &[&TopicName], text: impl FnOnce(&str) -> String) -> Option<Check> {
    let first = topics.first()?;
    let named = match topics.len() {
        1 => format!("`{first}`"),
        n => format!("{n} topics (`{first}` ...)"),
    };
    Some(Check::new(id, severity, text(&named)).about(topics.iter().copied()))
}

fn plural(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}
