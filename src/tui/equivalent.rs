//! The command that does in a shell what the console shows or does: "equivalent: kmirror run --flow orders".

use super::model::Model;
use super::model::navigation::Tab;
use super::update::cluster_at_hand;
use crate::model::FlowName;
use crate::report::{Access, ShellCommand};

/// A command, and what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tui) struct Equivalent {
    pub(in crate::tui) effect: String,
    pub(in crate::tui) command: String,
}

/// A command with the options this console was opened with; `None` where a shell cannot do it.
pub(in crate::tui) fn equivalent(model: &Model, command: &ShellCommand) -> Option<String> {
    command.written(&model.inventory.access, &model.inventory.options)
}

/// A command that was made with this console's options already, where there is a way from a shell to its clusters.
pub(in crate::tui) fn in_a_shell(model: &Model, command: String) -> Option<String> {
    (model.inventory.access != Access::Inside && !command.is_empty()).then_some(command)
}

/// What shows or does in a shell what the page is about.
pub(in crate::tui) fn of_page(model: &Model) -> Vec<Equivalent> {
    let written = |(effect, command): (String, ShellCommand)| {
        equivalent(model, &command).map(|command| Equivalent { effect, command })
    };
    commands(model).into_iter().filter_map(written).collect()
}

fn commands(model: &Model) -> Vec<(String, ShellCommand)> {
    match model.navigation.tab() {
        Tab::Topics => {
            let cluster = model.topics.cluster.clone().into_iter();
            let list = |cluster| ShellCommand::Topics { cluster, has_internal: model.topics.is_internal_shown };
            cluster.map(|cluster| (format!("list the topics of {cluster}"), list(cluster))).collect()
        }
        Tab::Clusters => {
            let cluster = cluster_at_hand(model).into_iter();
            let list = |cluster| ShellCommand::Topics { cluster, has_internal: false };
            cluster.map(|entry| (format!("list the topics of {}", entry.name), list(entry.name.clone()))).collect()
        }
        Tab::Logs => all_flows(model),
        Tab::Flows => {
            let mut commands = of_flow(model);
            commands.extend(all_flows(model));
            commands
        }
        Tab::Editor | Tab::Offsets | Tab::Live => of_flow(model),
    }
}

/// About the flow at hand, where the configuration has it: one that is drafted is not known to a shell.
fn of_flow(model: &Model) -> Vec<(String, ShellCommand)> {
    let Some(name) = model.flow_at_hand().map(|flow| flow.flow.clone()) else { return Vec::new() };
    if !model.inventory.flows.iter().any(|(known, ..)| *known == name) {
        return Vec::new();
    }
    let flow = || Some::<FlowName>(name.clone());
    vec![
        (format!("mirror {name} without a screen"), ShellCommand::Run(flow())),
        (format!("say what {name} would do, topic by topic"), ShellCommand::Check(flow())),
        (format!("show how far behind {name} is"), ShellCommand::Lag(flow())),
        (format!("show where {name} stands in every partition"), ShellCommand::OffsetsShow(name.clone())),
        (format!("write {name} for another place"), ShellCommand::Export { flow: flow(), more: String::new() }),
    ]
}

fn all_flows(model: &Model) -> Vec<(String, ShellCommand)> {
    if model.inventory.flows.is_empty() {
        return Vec::new();
    }
    vec![
        ("mirror all flows without a screen".to_owned(), ShellCommand::Run(None)),
        ("say what all flows would do".to_owned(), ShellCommand::Check(None)),
        ("show how far behind all flows are".to_owned(), ShellCommand::Lag(None)),
    ]
}
