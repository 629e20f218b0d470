//! Flows that are edited: what they would do, and the change itself.

mod effects;
mod facts;
mod rights;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use super::ConsoleServices;
use crate::config::{FlowConfig, FlowDraft, FlowSetting};
use crate::engine::Command;
use crate::model::{FlowName, TopicName, propose_patterns};
use crate::preview::{Company, FlowFacts, FlowPreview, evaluate};
use crate::run::console::configuration::{Changed, fields};
use crate::tui::{FieldProblem, FlowAnswer, FlowEvaluation, FlowJob, FlowReview, FlowSaved, JobError, News, Services};

pub(in crate::run::console) use facts::FactsCache;

/// Topics that are asked for at a time: some requests, and a part of a second.
const UNMEASURED_MAX: usize = 100;

impl ConsoleServices {
    /// Answers a question about flows, or makes a change to one.
    pub(super) fn flow(&self, job: &FlowJob, is_wanted: &dyn Fn() -> bool) -> Result<FlowAnswer, JobError> {
        match job {
            FlowJob::Read { flow } => self.configuration.flow_draft(flow).map(FlowAnswer::Draft),
            FlowJob::Facts { source, target } => self.facts_of(source, target).map(FlowAnswer::Facts),
            FlowJob::Measure { source, target, topics, group } => {
                self.measure_topics(source, target, topics, group, is_wanted).map(FlowAnswer::Facts)
            }
            FlowJob::Evaluate { draft, before, facts } => {
                self.evaluate(draft, before.as_ref(), facts).map(FlowAnswer::Evaluated)
            }
            FlowJob::Review { draft, before } => self.review(draft, before.as_ref()).map(FlowAnswer::Review),
            FlowJob::Save { draft, before, may_restart } => {
                self.save_flow(draft, before.as_ref(), *may_restart).map(FlowAnswer::Saved)
            }
            FlowJob::Delete { flow } => self.delete_flow(flow).map(FlowAnswer::Saved),
            FlowJob::Propose { marked, all } => Ok(FlowAnswer::Proposed(propose_patterns(marked, all))),
        }
    }

    fn evaluate(
        &self,
        draft: &FlowDraft,
        before: Option<&FlowName>,
        facts: &FlowFacts,
    ) -> Result<FlowEvaluation, JobError> {
        let started = Instant::now();
        let flows = self.configuration.flows();
        let checked = self.configuration.checked(draft, before)?;
        let (config, problems) = match &checked {
            Ok(config) => (Some(config), [].as_slice()),
            Err(problems) => (None, problems.as_slice()),
        };
        let in_force = before.and_then(|before| flows.get_key_value(before));
        let evaluation = evaluate(draft, Company { in_force, config, problems }, facts);
        let in_force = config.map_or_else(|| self.settings_alone(draft), settings_of);
        Ok(FlowEvaluation {
            unmeasured: evaluation.preview.as_ref().map(unmeasured).unwrap_or_default(),
            preview: evaluation.preview.map(Arc::new),
            checks: evaluation.checks,
            in_force,
            took: started.elapsed(),
        })
    }

    /// What the settings come to while names and rules cannot be used, as in a flow that has only begun.
    fn settings_alone(&self, draft: &FlowDraft) -> BTreeMap<FlowSetting, String> {
        let plain = FlowDraft {
            name: "kmirror-draft".into(),
            include: vec!["x".into()],
            exclude: None,
            rename: None,
            start_overrides: Vec::new(),
            ..draft.clone()
        };
        let checked = self.configuration.checked(&plain, None).ok().and_then(Result::ok);
        let mut settings = checked.as_ref().map(settings_of).unwrap_or_default();
        if draft.setting(FlowSetting::Group).is_none() {
            settings.insert(FlowSetting::Group, draft.group());
        }
        settings
    }

    fn review(&self, draft: &FlowDraft, before: Option<&FlowName>) -> Result<FlowReview, JobError> {
        let change = match self.configuration.change_to(draft, before)? {
            Ok(change) => change,
            Err(problems) => return Ok(FlowReview { problems, ..FlowReview::default() }),
        };
        let mut review = FlowReview { diff: change.diff()?, path: change.path.clone(), ..FlowReview::default() };
        match self.configuration.checked(draft, before)? {
            Ok(config) => {
                let flows = self.configuration.flows();
                let before = before.and_then(|before| flows.get_key_value(before));
                let snapshot = self.snapshots.borrow().clone();
                effects::tell(&mut review, draft, &config, before, &snapshot);
            }
            Err(problems) => review.problems = fields(problems),
        }
        review.problems.extend(before.and_then(|before| self.running_name(draft, before)));
        Ok(review)
    }

    fn save_flow(
        &self,
        draft: &FlowDraft,
        before: Option<&FlowName>,
        may_restart: bool,
    ) -> Result<FlowSaved, JobError> {
        self.refuse_looking(|| format!("save flow {}", draft.name))?;
        if let Some(problem) = before.and_then(|before| self.running_name(draft, before)) {
            return Ok(FlowSaved::Refused(vec![problem]));
        }
        match self.configuration.save_flow(draft, before)? {
            Ok(changed) => Ok(self.spread(changed, may_restart)),
            Err(problems) => Ok(FlowSaved::Refused(problems)),
        }
    }

    fn delete_flow(&self, flow: &FlowName) -> Result<FlowSaved, JobError> {
        self.refuse_looking(|| format!("remove flow {flow}"))?;
        match self.running(flow) {
            Some(problem) => Ok(FlowSaved::Refused(vec![problem])),
            None => Ok(self.spread(self.configuration.remove_flow(flow)?, false)),
        }
    }

    fn refuse_looking(&self, what: impl Fn() -> String) -> Result<(), JobError> {
        if !self.is_read_only {
            return Ok(());
        }
        let message = format!("{}: this console may only look: it was started with --read-only", what());
        Err(JobError { message, next: None })
    }

    /// Lets everybody know: the clients, the engine, the console.
    fn spread(&self, changed: Changed, may_restart: bool) -> FlowSaved {
        let Changed { path, doubts, saved, beside, removed, learnt } = changed;
        learnt.into_iter().for_each(|settings| self.kafka.learn(settings));
        if let Some(flow) = removed {
            self.send(Command::Remove { flow });
        }
        // What waits in one of these for its next start goes on waiting.
        let beside = beside.into_iter().map(|flow| (flow, false));
        for ((flow, config), may_restart) in beside.chain(saved.map(|flow| (flow, may_restart))) {
            self.send(Command::Configure { flow, config: Box::new(config), may_restart });
        }
        self.tell(News::Inventory(self.configuration.inventory()));
        FlowSaved::Done { path, doubts }
    }

    /// A flow that runs keeps its name: its clients and its group carry it.
    fn running_name(&self, draft: &FlowDraft, before: &FlowName) -> Option<FieldProblem> {
        self.running(before).filter(|_| draft.name != before.as_str())
    }

    fn running(&self, flow: &FlowName) -> Option<FieldProblem> {
        let snapshot = self.snapshots.borrow();
        let state = &snapshot.flow(flow)?.state;
        let message = format!("flow `{flow}` is running: stop it first");
        state.is_up().then(|| FieldProblem { key: "name".to_owned(), message })
    }
}

/// What each setting comes to, defaults included.
fn settings_of(config: &FlowConfig) -> BTreeMap<FlowSetting, String> {
    FlowSetting::ALL.into_iter().filter_map(|setting| Some((setting, setting.value_of(config)?))).collect()
}

fn unmeasured(preview: &FlowPreview) -> Vec<(TopicName, Option<TopicName>)> {
    let topics = preview.topics.iter().filter(|topic| topic.verdict.is_included() && topic.records_max.is_none());
    let topics = topics.map(|topic| (topic.source.clone(), topic.target.clone().and_then(Result::ok)));
    topics.take(UNMEASURED_MAX).collect()
}
