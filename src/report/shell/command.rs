//! What the console shows or does, as a command line that does the same.

use super::quote;
use crate::model::{ClusterName, FlowName};

/// How a shell comes to the clusters and flows a console was opened over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// By a configuration file, named by the console's options or found without.
    #[default]
    File,
    /// By two addresses. Only `kmirror run` takes them, and makes this one flow of them.
    Addresses {
        /// The flow, if there is one.
        flow: FlowName,
    },
    /// Not at all: the clusters end with the console.
    Inside,
}

/// Something a shell can do as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShellCommand {
    /// Mirror: one flow, or all.
    Run(Option<FlowName>),
    /// Say what a flow would do, or all of them.
    Check(Option<FlowName>),
    /// Show how far behind a flow is, or all of them.
    Lag(Option<FlowName>),
    /// List a cluster's topics.
    Topics {
        /// Which cluster.
        cluster: ClusterName,
        /// Those of Kafka and of tools too.
        has_internal: bool,
    },
    /// Show where a flow stands.
    OffsetsShow(FlowName),
    /// Set where partitions of a flow go on.
    OffsetsSet {
        /// Which flow.
        flow: FlowName,
        /// `TOPIC[:PARTITION]=POSITION` each.
        positions: Vec<String>,
    },
    /// Write a flow, or all of the configuration, for another place.
    Export {
        /// Which flow.
        flow: Option<FlowName>,
        /// Everything else, ready for the shell: `--secrets file -o orders.toml`.
        more: String,
    },
}

impl ShellCommand {
    /// To be pasted, with the options a console was opened with; `None` where a shell cannot do it.
    pub fn written(&self, access: &Access, options: &str) -> Option<String> {
        match access {
            Access::File => {}
            Access::Addresses { flow } if self.is_run_of(flow) => return Some(join(&["kmirror run", options])),
            Access::Addresses { .. } | Access::Inside => return None,
        }
        let of_flow = |command: &str, flow: &Option<FlowName>| {
            let flow = flow.as_ref().map(|flow| option("--flow", flow.as_str())).unwrap_or_default();
            join(&["kmirror", command, options, &flow])
        };
        Some(match self {
            Self::Run(flow) => of_flow("run", flow),
            Self::Check(flow) => of_flow("check", flow),
            Self::Lag(flow) => of_flow("lag", flow),
            Self::Topics { cluster, has_internal } => {
                let internal = if *has_internal { "--internal" } else { "" };
                join(&["kmirror topics", options, internal, &words(&[cluster.as_str()])])
            }
            Self::OffsetsShow(flow) => join(&["kmirror offsets show", options, &words(&[flow.as_str()])]),
            Self::OffsetsSet { flow, positions } => {
                let mut all = vec![flow.as_str()];
                all.extend(positions.iter().map(String::as_str));
                join(&["kmirror offsets set", options, &words(&all)])
            }
            Self::Export { flow, more } => join(&[&of_flow("export", flow), more]),
        })
    }

    fn is_run_of(&self, flow: &FlowName) -> bool {
        match self {
            Self::Run(wanted) => wanted.as_ref().is_none_or(|wanted| wanted == flow),
            _ => false,
        }
    }
}

/// An option with its value, quoted. One that begins like an option is tied to it.
pub fn option(name: &str, value: &str) -> String {
    let between = if value.starts_with('-') { '=' } else { ' ' };
    format!("{name}{between}{}", quote(value))
}

/// Arguments, quoted; none of them is taken for an option.
fn words(words: &[&str]) -> String {
    let guard = words.iter().any(|word| word.starts_with('-')).then_some("--".into());
    guard.into_iter().chain(words.iter().map(|word| quote(word))).collect::<Vec<_>>().join(" ")
}

fn join(parts: &[&str]) -> String {
    parts.iter().copied().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_file(command: &ShellCommand) -> String {
        command.written(&Access::File, "-c kmirror.toml").expect("there is one")
    }

    #[test]
    fn what_is_done_here_is_written_as_a_command() {
        let flow = || Some(FlowName::from("orders"));
        let set = ShellCommand::OffsetsSet { flow: "orders".into(), positions: vec!["eu.x:0=last 10k".into()] };
        let cases = [
            (ShellCommand::Run(flow()), "kmirror run -c kmirror.toml --flow orders"),
            (ShellCommand::Check(None), "kmirror check -c kmirror.toml"),
            (ShellCommand::Lag(flow()), "kmirror lag -c kmirror.toml --flow orders"),
            (
                ShellCommand::Topics { cluster: "eu".into(), has_internal: true },
                "kmirror topics -c kmirror.toml --internal eu",
            ),
            (ShellCommand::OffsetsShow("orders".into()), "kmirror offsets show -c kmirror.toml orders"),
            (set, "kmirror offsets set -c kmirror.toml orders 'eu.x:0=last 10k'"),
            (
                ShellCommand::Export { flow: flow(), more: "--as systemd".into() },
                "kmirror export -c kmirror.toml --flow orders --as systemd",
            ),
        ];
        for (command, expected) in cases {
            assert_eq!(by_file(&command), expected);
        }
        assert_eq!(ShellCommand::Lag(None).written(&Access::File, "").as_deref(), Some("kmirror lag"));
    }

    #[test]
    fn names_are_words_to_the_shell_and_no_options_to_kmirror() {
        assert_eq!(by_file(&ShellCommand::Run(Some("-x".into()))), "kmirror run -c kmirror.toml --flow=-x");
        let set = ShellCommand::OffsetsSet { flow: "f".into(), positions: vec!["-t:0=5".into(), "$(x):1=6".into()] };
        assert_eq!(by_file(&set), "kmirror offsets set -c kmirror.toml -- f -t:0=5 '$(x):1=6'");
    }

    #[test]
    fn only_what_a_shell_can_do_is_written() {
        let access = Access::Addresses { flow: "adhoc".into() };
        let options = "--source a:1 --target b:1 --include x";
        let run = |flow: &str| ShellCommand::Run(Some(flow.into())).written(&access, options);
        let whole = "kmirror run --source a:1 --target b:1 --include x";
        assert_eq!(run("adhoc").as_deref(), Some(whole));
        assert_eq!(run("drafted"), None, "it is in no file");
        assert_eq!(ShellCommand::Lag(None).written(&access, options), None, "lag takes no addresses");
        assert_eq!(ShellCommand::Run(None).written(&Access::Inside, ""), None);
    }
}
