//! From a text to a checked configuration, in three layers: as typed (`cli.rs`), as written (`document.rs`) and as
//! used. Only the last leaves this module.
//!
//! Nothing here knows of the engine, of rdkafka or of a terminal. No message, warning or `Debug` output of this module
//! holds a secret.

mod address;
mod cluster;
mod document;
mod edit;
mod error;
mod flow;
mod flow_reader;
#[cfg(test)]
mod fuzz;
mod keymap;
mod layers;
mod librdkafka;
mod load;
mod neighbours;
mod paths;
mod private_file;
mod properties;
mod quantity;
mod secret;
mod suggest;
#[cfg(test)]
mod tests;
mod topics_reader;

pub use address::{BrokerAddress, ParseAddressError};
pub use cluster::{ClusterConfig, ClusterEnv};
pub use edit::{
    ClusterDraft, EditError, FlowDraft, FlowSetting, RenameDraft, RenameRuleDraft, SECRET_KEPT, SettingKind,
    StartOverrideDraft, replace, save,
};
pub use error::{ConfigError, ConfigProblem, ConfigWarning};
pub use flow::{
    ConfigsExclude, FlowConfig, GROUP_PREFIX, GroupProtocol, Limits, NewTopics, StartOverride, TargetNotEmpty,
    TopicOptions,
};
pub use librdkafka::ClientRole;
pub use load::{ADHOC, Config, Endpoints};
pub use paths::{CONFIG_VARIABLE, ConfigCandidate, ConfigPaths, ConfigPlace};
pub use private_file::write_private;
pub use properties::{Properties, PropertyText};
pub use secret::{Secret, SecretError, SecretProblem, SecretSource};
pub use suggest::nearest;

/// A configuration to start from: every key with its default and what it is for.
pub const TEMPLATE: &str = include_str!("../../config/kmirror.example.toml");
