//! Rights that are missing are named by `check` before anything is copied, with the command that grants them.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::pair::{Pair, SOON, json_lines, tail};
use crate::rig::broker::Broker;
use crate::rig::cluster::{shared, unique};
use crate::rig::corpus::Bulk;
use crate::rig::kmirror::Finished;
use crate::rig::properties::MIRROR_USER;
use crate::rig::scenario::Scenario;
use crate::rig::version::{V0_9, V1_0, V2_4, V3_9, V4_3, Version};
use crate::rig::wait::wait_until;
use crate::rig::wire::{Operation, Resource};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::live("rights/each_that_is_missing_is_named/3.9.2_to_4.3.0", || each(&V3_9, &V4_3)),
    Scenario::live("rights/each_that_is_missing_is_named/4.3.0_to_3.9.2", || each(&V4_3, &V3_9)),
    Scenario::live("rights/each_that_is_missing_is_named/2.4.1_to_2.4.1", || each(&V2_4, &V2_4)),
    Scenario::live("rights/without_guards_none_is_missing", unguarded),
];

/// Is mirrored from and to; is to be created; is to be grown.
const THERE: &str = "r-there";
const NEW: &str = "r-new";
const GROWN: &str = "r-grown";

/// One right: on the source or on the target, to do what with what.
type Right<'a> = (bool, Operation, Resource<'a>);

/// What the mirror needs, each right by itself: none of them implies another here.
fn needed<'a>(group: &'a str, target: &Version) -> Vec<Right<'a>> {
    let (source, on_target) = (true, false);
    let mut rights = vec![(source, Operation::Read, Resource::Group(group))];
    for topic in [THERE, NEW, GROWN] {
        rights.push((source, Operation::Read, Resource::Topic(topic)));
        rights.push((source, Operation::DescribeConfigs, Resource::Topic(topic)));
        rights.push((on_target, Operation::Write, Resource::Topic(topic)));
    }
    rights.push((on_target, Operation::DescribeConfigs, Resource::Topic(THERE)));
    rights.push((on_target, Operation::DescribeConfigs, Resource::Topic(GROWN)));
    rights.push((on_target, Operation::Create, Resource::Topic(NEW)));
    rights.push((on_target, Operation::Alter, Resource::Topic(GROWN)));
    if is_old(target) {
        rights.push((on_target, Operation::IdempotentWrite, Resource::Cluster));
    }
    rights
}

/// Whether brokers ask for a right on the cluster, too, when something is written.
fn is_old(target: &Version) -> bool {
    target.name.starts_with("2.")
}

/// Takes each right away alone: `check` names it, the command it prints grants it, and then all is well.
fn each(source: &'static Version, target: &'static Version) -> Result<String> {
    let (source, target) = (Broker::start_guarded(source, &[])?, Broker::start_guarded(target, &[])?);
    for (topic, partitions) in [(THERE, 2), (NEW, 2), (GROWN, 1)] {
        source.create_topic(topic, partitions, &[])?;
    }
    Bulk::new(100, 100).write(&source, GROWN)?;
    target.create_topic(THERE, 2, &[])?;
    let pair = Pair::guarded(&source, &target, "r-.*", "")?;
    let trial = Trial { pair: &pair };
    let all = needed(&pair.group, target.version());
    trial.grant_all(&all)?;
    trial.of_no_group(&pair.group)?;
    mirror_the_grown(&pair)?;
    if is_old(target.version()) {
        let unsure = trial.wait_for("a doubt about the cluster", |found| found.len() == 1)?;
        ensure!(!unsure[0].is_blocking && unsure[0].command.contains("Describe --cluster"), "{unsure:?}");
        target.client().grant(MIRROR_USER.0, Operation::Describe, Resource::Cluster)?;
    }
    trial.wait_for("no right to be missing", |found| found.is_empty())?;
    for right in &all {
        trial.without(right, &all)?;
    }
    Ok(format!("{} rights", all.len()))
}

/// Copies the topic that is to be grown, and lets it grow at the source: only what was mirrored before is grown.
fn mirror_the_grown(pair: &Pair<'_>) -> Result<()> {
    pair.reconfigure(GROWN, "")?;
    let (user, _) = MIRROR_USER;
    let client = pair.target.client();
    client.grant(user, Operation::Create, Resource::Topic(GROWN))?;
    pair.catch_up()?;
    client.revoke(user, Resource::Topic(GROWN))?;
    let kept = needed(&pair.group, pair.target.version());
    let kept: Vec<Right<'_>> = kept.into_iter().filter(|right| !right.0 && right.2 == Resource::Topic(GROWN)).collect();
    Trial { pair }.grant_all(&kept)?;
    pair.source.add_partitions(GROWN, 2)?;
    pair.reconfigure("r-.*", "")
}

struct Trial<'a> {
    pair: &'a Pair<'a>,
}

impl Trial<'_> {
    fn grant_all(&self, rights: &[Right<'_>]) -> Result<()> {
        let (user, _) = MIRROR_USER;
        rights.iter().try_for_each(|(is_source, operation, resource)| {
            self.broker(*is_source).client().grant(user, *operation, *resource)
        })
    }

    fn broker(&self, is_source: bool) -> &Broker {
        if is_source { self.pair.source } else { self.pair.target }
    }

    fn without(&self, (is_source, operation, resource): &Right<'_>, all: &[Right<'_>]) -> Result<()> {
        let (user, _) = MIRROR_USER;
        let what = format!("{operation:?} on {resource:?} of the {}", if *is_source { "source" } else { "target" });
        let others: Vec<Right<'_>> = all
            .iter()
            .filter(|(side, other, on)| side == is_source && on == resource && other != operation)
            .copied()
            .collect();
        let client = self.broker(*is_source).client();
        client.revoke(user, *resource)?;
        // The rights to read and write imply the one to see, which stays. Of a topic that does not exist yet it is all
        // that brokers tell by: who may see it and not write it finds out when it is there. Nor do they tell of the
        // cluster to those who may not see it.
        if *is_source || *resource != Resource::Topic(NEW) {
            client.grant(user, Operation::Describe, *resource)?;
        }
        self.grant_all(&others)?;
        let found = self.wait_for(&format!("{what} to be missing"), |found| found.len() == 1)?;
        let missing = &found[0];
        ensure!(missing.operation == format!("{operation:?}"), "{what}: {missing:?}");
        let is_blocking = !matches!(operation, Operation::DescribeConfigs);
        ensure!(missing.is_blocking == is_blocking, "{what}: {missing:?}");
        let address = self.broker(*is_source).guarded_address()?;
        ensure!(missing.command.contains(&address), "{what}: {missing:?}");
        client.grant(user, *operation, missing.resource()?)?;
        self.wait_for(&format!("{what} to be enough"), |found| found.is_empty()).map(drop)
    }

    /// A group that nobody has used yet is answered for, too.
    fn of_no_group(&self, group: &str) -> Result<()> {
        let ((user, _), client) = (MIRROR_USER, self.pair.source.client());
        client.revoke(user, Resource::Group(group))?;
        let is_named = |found: &[Missing]| {
            found.iter().any(|right| right.is_blocking && right.resource().ok() == Some(Resource::Group(group)))
        };
        self.wait_for("the group to be hidden", is_named)?;
        client.grant(user, Operation::Describe, Resource::Group(group))?;
        self.wait_for("the group to be readable only", is_named)?;
        client.grant(user, Operation::Read, Resource::Group(group))?;
        self.wait_for("the group to be granted", |found| !is_named(found)).map(drop)
    }

    /// Checks until `is_wanted` holds for the missing rights: a broker hears of a change a moment later.
    fn wait_for(&self, what: &str, is_wanted: impl Fn(&[Missing]) -> bool) -> Result<Vec<Missing>> {
        let mut last = None;
        let found = wait_until(what, SOON, || {
            let done = self.pair.check()?;
            let found = missing(&done)?;
            let expected = if found.iter().any(|right| right.is_blocking) { 3 } else { 0 };
            let is_right = is_wanted(&found) && done.code == Some(expected);
            last = Some((done, found.clone()));
            Ok(is_right.then_some(found))
        });
        found.with_context(|| last.map_or_else(String::new, |(done, found)| format!("{found:?}\n{}", tail(&done))))
    }
}

/// A right that `check` calls missing.
#[derive(Clone, Debug)]
struct Missing {
    operation: String,
    is_blocking: bool,
    command: String,
}

impl Missing {
    fn resource(&self) -> Result<Resource<'_>> {
        let name = |option: &str| {
            let (_, rest) = self.command.split_once(&format!("--{option} "))?;
            rest.split(' ').next()
        };
        match (name("topic"), name("group")) {
            (Some(topic), _) => Ok(Resource::Topic(topic)),
            (_, Some(group)) => Ok(Resource::Group(group)),
            _ => self.command.contains("--cluster").then_some(Resource::Cluster).context("a command for no resource"),
        }
    }
}

/// All commands that grant something, of what blocks and of what is only warned about.
fn missing(done: &Finished) -> Result<Vec<Missing>> {
    let mut found = Vec::new();
    for line in json_lines(&done.stdout)? {
        let list = |key: &str| line[key].as_array().cloned().unwrap_or_default();
        let blocking = list("remedies").into_iter().chain(list("problems")).map(|entry| (entry, true));
        for (entry, is_blocking) in blocking.chain(list("warnings").into_iter().map(|entry| (entry, false))) {
            found.extend(granting(&entry["remedy"]).map(|(operation, command)| Missing {
                operation,
                is_blocking,
                command,
            }));
        }
    }
    Ok(found)
}

/// The commands of a remedy that grant, with the operation.
fn granting(remedy: &Value) -> impl Iterator<Item = (String, String)> {
    let ways = remedy["ways"].as_array().cloned().unwrap_or_default();
    ways.into_iter().filter_map(|way| {
        let command = way["command"].as_str()?.to_owned();
        let (_, rest) = command.split_once("--operation ")?;
        Some((rest.split(' ').next()?.to_owned(), command))
    })
}

/// Where nobody guards a cluster everything is allowed; where brokers cannot tell, nothing is said.
fn unguarded() -> Result<String> {
    let topic = unique("open");
    let pairs = [(&V3_9, &V4_3, &[][..]), (&V1_0, &V3_9, &["source"][..]), (&V0_9, &V2_4, &["source"][..])];
    for (source, target, untold) in pairs {
        let (source, target) = (shared(source)?, shared(target)?);
        source.create_topic(&topic, 2, &[])?;
        let pair = Pair::new(source, target, &topic, "")?;
        let done = pair.check()?;
        ensure!(done.code == Some(0), "{}", tail(&done));
        ensure!(missing(&done)?.is_empty(), "{}", tail(&done));
        let lines = json_lines(&done.stdout)?;
        ensure!(lines[0]["rights_untold"] == serde_json::json!(untold), "{}", lines[0]);
    }
    Ok(String::new())
}
