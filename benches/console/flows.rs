//! A flow that is edited over that mirror: drafts are judged as the console has it done, on this thread.

use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use kmirror::config::{FlowDraft, FlowSetting};
use kmirror::preview::{Company, FlowFacts, LogFact, SettingFact, TopicFact, TopicTable, evaluate};
use kmirror::tui::{FlowAnswer, FlowEvaluation, FlowJob, JobAnswer, JobError, JobResult};

use crate::mirror::{PARTITIONS, TOPICS, name};

const CONFIG: &str = "[clusters.source]\nbootstrap_servers = \"s:9092\"\n[clusters.target]\nbootstrap_servers = \
                      \"t:9092\"\n[flows.all]\nsource = \"source\"\ntarget = \"target\"\ninclude = [\".*\"]\nrename = { \
                      prefix = \"copy\" }\n";

/// What both clusters hold; half of the targets are there already.
static FACTS: LazyLock<Arc<FlowFacts>> = LazyLock::new(|| {
    let topic = |name: String| TopicFact {
        name: name.into(),
        partitions: PARTITIONS,
        replication_factor: 3,
        settings: Some(SettingFact::default()),
        log: Some(LogFact { records_max: 1_000_000, record_bytes: Some(300), records_per_second: Some(10) }),
        fault: None,
    };
    let source = (0..TOPICS).map(|number| topic(name(number))).collect();
    let target = (0..TOPICS).step_by(2).map(|number| topic(format!("copy.{}", name(number)))).collect();
    Arc::new(FlowFacts {
        source: Arc::new(TopicTable::new(source)),
        target: Ok(Arc::new(TopicTable::new(target))),
        is_same_cluster: false,
        denied: Arc::default(),
    })
});

pub(crate) fn answer(job: &FlowJob) -> JobAnswer {
    let failed = |message: String| JobError { message, next: None };
    let answer = match job {
        FlowJob::Read { flow } => {
            let draft = FlowDraft::of(CONFIG, flow).map_err(|error| failed(error.to_string()))?;
            FlowAnswer::Draft(draft.ok_or_else(|| failed(job.describe()))?)
        }
        FlowJob::Facts { .. } | FlowJob::Measure { .. } => FlowAnswer::Facts(Arc::clone(&FACTS)),
        FlowJob::Evaluate { draft, facts, .. } => FlowAnswer::Evaluated(judge(draft, facts)),
        _ => return Err(failed(job.describe())),
    };
    Ok(JobResult::Flow(Box::new(answer)))
}

fn judge(draft: &FlowDraft, facts: &FlowFacts) -> FlowEvaluation {
    let started = Instant::now();
    let config = draft.check(CONFIG, Some(&draft.name.as_str().into()), Path::new("")).ok();
    let company = Company { config: config.as_ref(), ..Company::default() };
    let evaluation = evaluate(draft, company, facts);
    let value =
        |config| FlowSetting::ALL.into_iter().filter_map(move |setting| Some((setting, setting.value_of(config)?)));
    FlowEvaluation {
        preview: evaluation.preview.map(Arc::new),
        checks: evaluation.checks,
        in_force: config.iter().flat_map(value).collect(),
        unmeasured: Vec::new(),
        took: started.elapsed(),
    }
}
