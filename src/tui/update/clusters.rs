//! The clusters: asked who they are, tested step by step, added and edited.

pub(in crate::tui) mod form;
#[cfg(test)]
mod tests;

use crate::model::ClusterName;
use crate::tui::effect::Effect;
use crate::tui::jobs::JobDone;
use crate::tui::keymap::{Action, Binding, Context};
use crate::tui::model::Model;
use crate::tui::model::clusters::{ClusterTest, Reach};
use crate::tui::model::input_line::InputLine;
use crate::tui::model::list::{ListState, RowKeys};
use crate::tui::model::listing::Listing;
use crate::tui::page::Page;
use crate::tui::services::{ClusterEntry, Job, JobResult, News};

use super::{first_run, run, settle};

pub(super) use form::add;
pub(in crate::tui) use form::test_name;

/// The page.
pub(in crate::tui) struct Clusters;

impl Page for Clusters {
    fn contexts(&self, model: &Model) -> Vec<Context> {
        match &model.clusters.form {
            Some(form) if form.field().is_choice() => vec![Context::ClusterChoice, Context::ClusterForm],
            Some(_) => vec![Context::ClusterForm],
            None if first_run::is_first_run(model) => vec![Context::FirstRun],
            None => vec![Context::Clusters],
        }
    }

    fn list<'a>(&self, model: &'a Model) -> Option<&'a ListState> {
        (!first_run::is_first_run(model)).then_some(&model.clusters.list)
    }

    fn first_list<'a>(&self, model: &'a Model) -> Option<&'a ListState> {
        Some(&model.clusters.list)
    }

    fn list_mut<'a>(&self, model: &'a mut Model) -> Option<&'a mut ListState> {
        (!first_run::is_first_run(model)).then_some(&mut model.clusters.list)
    }

    fn rows(&self, model: &Model) -> RowKeys {
        rows(model).into_iter().map(|entry| entry.name.to_string()).collect()
    }

    fn has_problem(&self, model: &Model, row: &str) -> bool {
        has_problem(model, &row.into())
    }

    /// Name, environment, reach.
    fn sorts(&self) -> usize {
        3
    }

    fn listing(&self, model: &Model, row: Option<&str>) -> Listing {
        let heads = &["cluster", "env", "bootstrap_servers", "security", "version", "brokers", "reachable"];
        let wanted = rows(model).into_iter().filter(|entry| row.is_none_or(|row| entry.name.as_str() == row));
        let cells = |entry: &ClusterEntry| {
            let look = model.clusters.looks.get(&entry.name).and_then(|(_, look)| look.as_ref().ok());
            let reachable = match model.clusters.reach(&entry.name).0 {
                Reach::Unknown => None,
                Reach::Failed => Some(false),
                Reach::Doubtful | Reach::Passed => Some(true),
            };
            vec![
                entry.name.as_str().into(),
                entry.env.to_string().into(),
                entry.bootstrap_servers.as_str().into(),
                entry.security.as_str().into(),
                look.and_then(|look| look.version.clone()).into(),
                look.map(|look| look.brokers.len()).into(),
                reachable.into(),
            ]
        };
        Listing { heads, rows: wanted.map(cells).collect() }
    }

    fn line_mut<'a>(&self, model: &'a mut Model) -> Option<&'a mut InputLine> {
        model.clusters.form.as_mut()?.line_mut()
    }

    fn line_changed(&self, model: &mut Model) -> Vec<Effect> {
        if let Some(form) = &mut model.clusters.form {
            form.settle();
        }
        Vec::new()
    }

    fn enabled(&self, model: &Model, binding: &Binding) -> Result<(), String> {
        let has_cluster = at_hand(model).is_some();
        match (binding.context, binding.action) {
            (Context::Clusters, Action::Test | Action::EditCluster | Action::Copy) if !has_cluster => {
                Err("there is no cluster here: a adds one".into())
            }
            (Context::List, Action::Mark | Action::MarkAll) => Err("clusters are not marked".into()),
            (Context::Clusters | Context::FirstRun, Action::AddCluster) if model.inventory.saves_to.is_none() => {
                Err(no_place(model))
            }
            (Context::Clusters, Action::EditCluster) if model.inventory.saves_to.is_none() => Err(no_place(model)),
            _ => Ok(()),
        }
    }

    fn act(&self, model: &mut Model, binding: &'static Binding) -> Vec<Effect> {
        if model.clusters.form.is_some() {
            return form::act(model, binding.action);
        }
        if binding.context == Context::FirstRun {
            return first_run::act(model, binding.action);
        }
        let Some(cluster) = at_hand(model).map(|entry| entry.name.clone()) else {
            if binding.action == Action::AddCluster {
                form::add(model);
            }
            return Vec::new();
        };
        match binding.action {
            Action::AddCluster => form::add(model),
            Action::EditCluster => return vec![run(model, Job::ReadCluster { cluster })],
            Action::Test | Action::Open => return test(model, &cluster),
            Action::Copy => {
                let address = at_hand(model).map(|entry| entry.bootstrap_servers.clone());
                return address.map(Effect::Copy).into_iter().collect();
            }
            _ => {}
        }
        Vec::new()
    }

    fn entered(&self, model: &mut Model) -> Vec<Effect> {
        let is_unknown = |entry: &&ClusterEntry| !model.clusters.looks.contains_key(&entry.name);
        let unknown: Vec<ClusterName> =
            model.inventory.clusters.iter().filter(is_unknown).map(|entry| entry.name.clone()).collect();
        look_at(model, unknown)
    }

    fn refresh(&self, model: &mut Model) -> Option<Vec<Effect>> {
        let all = model.inventory.clusters.iter().map(|entry| entry.name.clone()).collect();
        Some(look_at(model, all))
    }

    fn answered(&self, model: &mut Model, done: &JobDone) -> Vec<Effect> {
        match (&done.job, &done.answer) {
            (Job::LookAtCluster { cluster }, Ok(JobResult::Looked(look))) => {
                model.clusters.looks.insert(cluster.clone(), (model.now.wall_ms, look.clone()));
            }
            (Job::TestCluster { cluster, draft }, _) => {
                if let Some(test) = model.clusters.tests.get_mut(cluster) {
                    test.is_running = false;
                }
                // What it is was asked on the way; now it is told.
                if draft.is_none() {
                    return look_at(model, vec![cluster.clone()]);
                }
            }
            (Job::ReadCluster { .. }, Ok(JobResult::Draft(draft))) => form::edit(model, draft.clone()),
            (Job::SaveCluster { draft, .. }, Ok(JobResult::Saved(saved))) => return form::saved(model, draft, saved),
            _ => {}
        }
        Vec::new()
    }

    fn step_back(&self, model: &mut Model) -> bool {
        model.clusters.form.take().is_some()
    }
}

/// The clusters that are shown, in their order.
pub(in crate::tui) fn rows(model: &Model) -> Vec<&ClusterEntry> {
    let list = &model.clusters.list;
    let mut fits = list.filter.matcher();
    let is_wanted = |entry: &&ClusterEntry| {
        (!list.is_problems_only || has_problem(model, &entry.name))
            && fits(&format!("{} {} {}", entry.name, entry.env, entry.bootstrap_servers))
    };
    let mut rows: Vec<&ClusterEntry> = model.inventory.clusters.iter().filter(is_wanted).collect();
    rows.sort_by(|a, b| {
        let order = match list.sort.column {
            1 => (a.env as u8).cmp(&(b.env as u8)),
            2 => model.clusters.reach(&a.name).0.cmp(&model.clusters.reach(&b.name).0),
            _ => a.name.cmp(&b.name),
        };
        if list.sort.is_descending { order.reverse() } else { order }
    });
    rows
}

/// Starts the test of a cluster that is configured.
pub(super) fn test(model: &mut Model, cluster: &ClusterName) -> Vec<Effect> {
    let keys: Vec<String> = rows(model).into_iter().map(|entry| entry.name.to_string()).collect();
    if let Some(row) = keys.iter().position(|key| key == cluster.as_str()) {
        model.clusters.list.select(row, &keys);
    }
    begin_test(model, cluster);
    vec![run(model, Job::TestCluster { cluster: cluster.clone(), draft: None })]
}

/// Takes news of the services in.
pub(super) fn take_news(model: &mut Model, news: News) -> Vec<Effect> {
    match news {
        News::Inventory(inventory) => {
            model.inventory = inventory;
            settle(model);
            // Whoever is new or was changed is somebody else now.
            return Clusters.entered(model);
        }
        News::Reached { cluster, step, result } => {
            if let Some(test) = model.clusters.tests.get_mut(&cluster) {
                test.steps.retain(|(known, _)| *known != step);
                test.steps.push((step, result));
            }
        }
    }
    Vec::new()
}

fn begin_test(model: &mut Model, cluster: &ClusterName) {
    let test = ClusterTest { at_ms: model.now.wall_ms, steps: Vec::new(), is_running: true };
    model.clusters.tests.insert(cluster.clone(), test);
}

fn look_at(model: &mut Model, clusters: Vec<ClusterName>) -> Vec<Effect> {
    clusters.into_iter().map(|cluster| run(model, Job::LookAtCluster { cluster })).collect()
}

/// The cluster the cursor is on.
pub(in crate::tui) fn at_hand(model: &Model) -> Option<&ClusterEntry> {
    let name = model.clusters.list.selected.as_deref()?;
    model.inventory.clusters.iter().find(|entry| entry.name.as_str() == name)
}

fn has_problem(model: &Model, cluster: &ClusterName) -> bool {
    let has_finding = || {
        let look = model.clusters.looks.get(cluster).and_then(|(_, look)| look.as_ref().ok());
        look.is_some_and(|look| look.finding.is_some())
    };
    model.clusters.reach(cluster).0 <= Reach::Doubtful || has_finding()
}

fn no_place(model: &Model) -> String {
    if model.inventory.is_demo {
        "the demo's clusters live in this process: there is nothing to be saved".into()
    } else {
        "there is no place for a configuration: HOME is not set; name a file with --config".into()
    }
}
