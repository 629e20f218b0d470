//! A flow of the configuration file, to be edited.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use super::flow_text::{read, rename, write};
use super::setting::FlowSetting;
use super::{EditError, form, parsed};
use crate::config::flow::{FlowConfig, GROUP_PREFIX};
use crate::config::load::parse_in;
use crate::model::{FlowName, NamePattern, RenamePolicy};

/// A flow as typed, before it is checked. What it does not have is left to `[defaults]`, and then to kmirror.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlowDraft {
    /// Its name.
    pub name: String,
    /// The cluster to read.
    pub source: String,
    /// The cluster to write.
    pub target: String,
    /// Patterns of the topics to mirror.
    pub include: Vec<String>,
    /// Patterns of those not to mirror after all.
    pub exclude: Option<Vec<String>>,
    /// What topics are called on the target.
    pub rename: Option<RenameDraft>,
    /// Where to begin in a topic or a partition, where that is not `start`.
    pub start_overrides: Vec<StartOverrideDraft>,
    /// Patterns of the topic settings that are not copied.
    pub configs_exclude: Option<Vec<String>>,
    /// Everything that is one value, as typed.
    pub settings: BTreeMap<FlowSetting, String>,
}

/// What topics are called on the target, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RenameDraft {
    /// As on the source.
    Identity,
    /// With something in front.
    Prefix {
        /// What.
        prefix: String,
        /// And between it and the name; a dot if `None`.
        separator: Option<String>,
    },
    /// By the first rule that matches.
    Rules(Vec<RenameRuleDraft>),
}

/// One rule of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RenameRuleDraft {
    /// What the whole source name must match.
    pub pattern: String,
    /// The target name; `$1` is the pattern's first group.
    pub replacement: String,
}

/// Another beginning for a topic or a partition, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StartOverrideDraft {
    /// The source topic.
    pub topic: String,
    /// Its partition; all without an override of their own if `None`.
    pub partition: Option<i32>,
    /// Where to begin.
    pub start: String,
}

impl FlowDraft {
    /// The flow as the file has it, or `None` when it does not.
    ///
    /// # Errors
    /// When the text is not TOML.
    pub fn of(text: &str, name: &FlowName) -> Result<Option<Self>, EditError> {
        let document = parsed(text)?;
        let flow = document.get("flows").and_then(|flows| flows.get(name.as_str()));
        Ok(flow.map(|flow| read(flow, name)))
    }

    /// A flow in force as it would be written: with what is not at its default.
    pub fn of_config(name: &FlowName, config: &FlowConfig) -> Self {
        let patterns =
            |patterns: &[NamePattern]| patterns.iter().map(|pattern| pattern.as_str().to_owned()).collect::<Vec<_>>();
        let exclude = patterns(config.selection.exclude());
        let configs_exclude = &config.topics.configs_exclude;
        let defaults = DEFAULTS.as_ref();
        let own_group = format!("{GROUP_PREFIX}{name}");
        let settings = FlowSetting::ALL.into_iter().filter_map(|setting| {
            let default = match setting {
                FlowSetting::Group => Some(own_group.clone()),
                _ => defaults.and_then(|defaults| setting.value_of(defaults)),
            };
            let value = setting.value_of(config)?;
            (Some(&value) != default.as_ref()).then_some((setting, value))
        });
        Self {
            name: name.to_string(),
            source: config.source.to_string(),
            target: config.target.to_string(),
            include: patterns(config.selection.include()),
            exclude: (!exclude.is_empty()).then_some(exclude),
            rename: RenameDraft::of(&config.rename),
            start_overrides: config
                .start_overrides
                .iter()
                .map(|entry| StartOverrideDraft {
                    topic: entry.topic.to_string(),
                    partition: entry.partition,
                    start: entry.start.to_string(),
                })
                .collect(),
            configs_exclude: (defaults.map(|defaults| &defaults.topics.configs_exclude) != Some(configs_exclude))
                .then(|| patterns(configs_exclude.patterns())),
            settings: settings.collect(),
        }
    }

    /// A setting as typed; `None` where it is left out.
    pub fn setting(&self, setting: FlowSetting) -> Option<&str> {
        self.settings.get(&setting).map(String::as_str)
    }

    /// Sets a setting, or leaves it to `[defaults]`.
    pub fn set(&mut self, setting: FlowSetting, value: Option<String>) {
        match value {
            Some(value) => self.settings.insert(setting, value),
            None => self.settings.remove(&setting),
        };
    }

    /// The group that carries the flow's progress.
    pub fn group(&self) -> String {
        self.setting(FlowSetting::Group).map_or_else(|| format!("{GROUP_PREFIX}{}", self.name), str::to_owned)
    }

    /// `text` with this flow in it: added at the end of the flows, or changed where it is. What is not changed stays
    /// as it is written, comments included.
    ///
    /// # Errors
    /// When the text is not TOML, or has `flows` in a form that cannot be added to.
    pub fn write_to(&self, text: &str) -> Result<String, EditError> {
        write(self, text)
    }

    /// [`write_to`](Self::write_to) in place of the flow `before`, which may have another name.
    ///
    /// # Errors
    /// As there, and when there is another flow of the new name.
    pub fn write_over(&self, before: &FlowName, text: &str) -> Result<String, EditError> {
        if before.as_str() == self.name {
            self.write_to(text)
        } else {
            self.write_to(&rename(text, before, &self.name)?)
        }
    }

    /// `text` without a flow.
    ///
    /// # Errors
    /// When the text is not TOML.
    pub fn remove_from(name: &FlowName, text: &str) -> Result<String, EditError> {
        super::flow_text::remove(text, name)
    }

    /// The flow as used, in the company of what `text` has: its clusters, defaults and other flows. `before` is the
    /// flow it takes the place of. Relative paths are taken from `folder`.
    ///
    /// # Errors
    /// With everything that is wrong, this flow's as keys below `flows.NAME`.
    pub fn check(&self, text: &str, before: Option<&FlowName>, folder: &Path) -> Result<FlowConfig, EditError> {
        let text = match before {
            Some(before) => self.write_over(before, text)?,
            None => self.write_to(text)?,
        };
        let mut config = parse_in(&text, "as typed", folder)?;
        let flow = config.flows.remove(&FlowName::from(self.name.as_str()));
        flow.ok_or_else(|| form(format!("flow `{}` is not one", self.name)))
    }
}

impl RenameDraft {
    /// A policy as it would be written; `None` for the identity, which needs no words.
    pub fn of(policy: &RenamePolicy) -> Option<Self> {
        match policy {
            RenamePolicy::Identity => None,
            RenamePolicy::Prefix { prefix, separator } => {
                Some(Self::Prefix { prefix: prefix.clone(), separator: Some(separator.clone()) })
            }
            RenamePolicy::Rules(rules) => Some(Self::Rules(
                rules
                    .iter()
                    .map(|rule| RenameRuleDraft {
                        pattern: rule.pattern.as_str().to_owned(),
                        replacement: rule.replacement.as_str().to_owned(),
                    })
                    .collect(),
            )),
        }
    }
}

/// A flow at its defaults.
static DEFAULTS: LazyLock<Option<FlowConfig>> = LazyLock::new(|| {
    let text = "[clusters.a]\nbootstrap_servers = \"a:1\"\n[clusters.b]\nbootstrap_servers = \"b:1\"\n\
                [flows.f]\nsource = \"a\"\ntarget = \"b\"\ninclude = [\"x\"]\n";
    parse_in(text, "of the defaults", Path::new("")).ok()?.flows.into_values().next()
});
