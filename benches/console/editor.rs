//! A flow that is edited: ten rules, one of which grows letter by letter, over as many topics as there are.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kmirror::config::{FlowDraft, RenameDraft};
use kmirror::preview::{Company, FlowFacts, LogFact, TopicFact, TopicTable, evaluate};

pub(crate) struct Editor {
    facts: FlowFacts,
    draft: FlowDraft,
    letters: std::iter::Cycle<std::str::Chars<'static>>,
}

const LETTERS: &str = r"team-1\.orders\.v[0-9]+";

impl Editor {
    pub(crate) fn new(n_topics: usize) -> Self {
        let table = |prefix: &str, step: usize| {
            let names = (0..n_topics).step_by(step);
            let topics = names.map(|n| topic(format!("{prefix}team-{}.orders.v{n}", n % 50)));
            Arc::new(TopicTable::new(topics.collect()))
        };
        let rules = |count: usize, rule: &dyn Fn(usize) -> String| (0..count).map(rule).collect::<Vec<_>>();
        let draft = FlowDraft {
            name: "f".into(),
            source: "a".into(),
            target: "b".into(),
            include: rules(7, &|n| format!(r"team-{n}[0-9]?\..*")),
            exclude: Some(rules(3, &|n| format!(r".*\.v[0-9]*{n}0"))),
            rename: Some(RenameDraft::Prefix { prefix: "a".into(), separator: None }),
            ..FlowDraft::default()
        };
        let facts = FlowFacts {
            source: table("", 1),
            target: Ok(table("a.", 2)),
            is_same_cluster: false,
            denied: Arc::default(),
        };
        Self { facts, draft, letters: LETTERS.chars().cycle() }
    }

    /// What a keystroke costs the worker. Half of the texts on the way are no pattern, and cost next to nothing.
    pub(crate) fn type_a_letter(&mut self) -> Duration {
        loop {
            let rule = &mut self.draft.include[0];
            if rule.len() >= LETTERS.len() {
                rule.clear();
            }
            rule.extend(self.letters.next());
            let started = Instant::now();
            let evaluation = evaluate(&self.draft, Company::default(), &self.facts);
            if evaluation.preview.is_some() {
                return started.elapsed();
            }
        }
    }
}

fn topic(name: String) -> TopicFact {
    let log = LogFact { records_max: 1_000_000, record_bytes: Some(300), records_per_second: Some(10) };
    TopicFact { name: name.into(), partitions: 20, replication_factor: 3, settings: None, log: Some(log), fault: None }
}
