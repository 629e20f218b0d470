//! A setting that may stand in a flow, in `[defaults]` or nowhere.

use super::document::{Entry, Section};
use super::error::{ConfigProblem, Findings};

/// Tables of the same kind, the first of which has the say.
pub(super) struct Layers<'a>(pub(super) Vec<Section<'a>>);

impl<'a> Layers<'a> {
    pub(super) fn get(&self, key: &str) -> Option<Entry<'a>> {
        self.0.iter().find_map(|section| section.get(key))
    }

    /// The tables named `key` in these.
    pub(super) fn nested(&self, key: &str, known: &[&str], findings: &mut Findings) -> Self {
        let mut sections = Vec::new();
        for entry in self.0.iter().filter_map(|section| section.get(key)) {
            if let Some(section) = findings.keep(entry.section().map_err(|problem| explain_topics(&entry, problem))) {
                section.refuse_unknown(known, &[], findings);
                sections.push(section);
            }
        }
        Self(sections)
    }

    /// The value of `key` as `read` understands it, or its default.
    pub(super) fn read<T>(
        &self,
        key: &str,
        default: T,
        findings: &mut Findings,
        read: impl FnOnce(&Entry<'a>) -> Result<T, ConfigProblem>,
    ) -> T {
        match self.get(key) {
            Some(entry) => findings.keep(read(&entry)).unwrap_or(default),
            None => default,
        }
    }
}

/// MirrorMaker 2 lists the topics to mirror under this name.
fn explain_topics(entry: &Entry<'_>, mut problem: ConfigProblem) -> ConfigProblem {
    if entry.key == "topics" {
        problem.message = "is the table of options for creating topics; the topics to mirror are `include`".to_owned();
    }
    problem
}
