//! What a service manager must know to run an exported configuration.

use std::path::{Path, PathBuf};

use crate::model::FlowName;

/// An exported configuration, and what it is to run with.
#[derive(Clone, Copy, Debug)]
pub struct Deployment<'a> {
    /// The text of the configuration.
    pub text: &'a str,
    /// Where it will be on the host; in a container it has a place of its own.
    pub file: &'a Path,
    /// The flows to run; empty for all of the configuration.
    pub flows: &'a [FlowName],
    /// Environment variables it refers to.
    pub variables: &'a [String],
    /// Files it refers to, relative ones from its folder.
    pub files: &'a [PathBuf],
    /// How long a stop may take, in seconds: what is in flight is delivered, then the clients are closed.
    pub stop_seconds: u64,
    /// Exit codes that another start does not mend.
    pub final_codes: &'a [u8],
}

/// Where `kmirror` is found.
pub(super) const PROGRAM: &str = "/usr/local/bin/kmirror";
/// Where it serves `/metrics` and `/healthz`.
pub(super) const METRICS_PORT: u16 = 9400;
/// What goes on top of the longest stop before a service manager kills.
const MARGIN_SECONDS: u64 = 10;

impl Deployment<'_> {
    /// A name for the service that host names, units and Kubernetes accept: `kmirror-orders`.
    pub(super) fn name(&self) -> String {
        let [flow] = self.flows else { return "kmirror".to_owned() };
        let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        // Kubernetes takes 63 characters, and derived names are longer.
        let flow: String = flow.as_str().chars().map(plain).take(40).collect();
        match flow.trim_matches('-') {
            "" => "kmirror".to_owned(),
            flow => format!("kmirror-{flow}"),
        }
    }

    /// For people: "flow orders", "flows a, b", "all flows".
    pub(super) fn what(&self) -> String {
        match self.flows {
            [] => "all flows".to_owned(),
            [flow] => format!("flow {flow}"),
            flows => format!("flows {}", flows.iter().map(FlowName::as_str).collect::<Vec<_>>().join(", ")),
        }
    }

    /// When a service manager may kill what does not end.
    pub(super) fn kill_seconds(&self) -> u64 {
        self.stop_seconds + MARGIN_SECONDS
    }

    /// The arguments of `kmirror`, with its configuration at `file` and its metrics at `address`.
    pub(super) fn arguments(&self, file: &str, address: &str) -> Vec<String> {
        let mut arguments: Vec<String> = ["run", "-c", file].map(str::to_owned).into();
        arguments.extend(self.flows.iter().map(|flow| format!("--flow={flow}")));
        arguments.extend(["--metrics".to_owned(), format!("{address}:{METRICS_PORT}")]);
        arguments
    }
}
