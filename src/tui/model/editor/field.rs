//! The fields of a flow's draft: their order, their names, what is in them and how they are changed.

use crate::config::{FlowDraft, FlowSetting, RenameDraft, RenameRuleDraft, SettingKind};
use crate::preview::{CheckPlace, RuleList, RuleRef};
use crate::tui::model::Density;

/// A field. A rule's number one behind the last is the empty line a new one is typed into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) enum Field {
    Name,
    Source,
    Target,
    Include(usize),
    Exclude(usize),
    /// How target names are made.
    Rename,
    Prefix,
    Separator,
    /// What a rename rule matches.
    Pattern(usize),
    /// What it makes of it.
    Replacement(usize),
    Setting(FlowSetting),
}

/// Fields that belong together; one of them is seen at a time where there is no room for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::tui) enum Part {
    Rules,
    Names,
    Options,
}

impl Part {
    pub(in crate::tui) const ALL: [Self; 3] = [Self::Rules, Self::Names, Self::Options];

    pub(in crate::tui) fn title(self) -> &'static str {
        match self {
            Self::Rules => "Rules",
            Self::Names => "Names",
            Self::Options => "Options",
        }
    }
}

/// The ways to name target topics, as they are chosen.
pub(in crate::tui) const RENAME_WORDS: [&str; 3] = ["as on the source", "prefix", "rules"];

/// The fields of a draft, in the order they are walked through: as one column, or part by part.
pub(in crate::tui) fn fields(draft: &FlowDraft, density: Density) -> Vec<Field> {
    let names = [Field::Name, Field::Source, Field::Target];
    let rules = (0..=draft.include.len()).map(Field::Include);
    let rules = rules.chain((0..=draft.exclude.as_deref().unwrap_or_default().len()).map(Field::Exclude));
    let rename = rename_fields(draft.rename.as_ref());
    let options = FlowSetting::ALL.map(Field::Setting);
    match density {
        Density::Wide => names.into_iter().chain(rules).chain(rename).chain(options).collect(),
        Density::Normal | Density::Tiny => rules.chain(names).chain(rename).chain(options).collect(),
    }
}

fn rename_fields(rename: Option<&RenameDraft>) -> Vec<Field> {
    let mut fields = vec![Field::Rename];
    match rename {
        Some(RenameDraft::Prefix { .. }) => fields.extend([Field::Prefix, Field::Separator]),
        Some(RenameDraft::Rules(rules)) => {
            fields.extend((0..rules.len()).flat_map(|rule| [Field::Pattern(rule), Field::Replacement(rule)]));
            fields.push(Field::Pattern(rules.len()));
        }
        Some(RenameDraft::Identity) | None => {}
    }
    fields
}

impl Field {
    /// The part it belongs to.
    pub(in crate::tui) fn part(self) -> Part {
        match self {
            Self::Include(_) | Self::Exclude(_) => Part::Rules,
            Self::Setting(_) => Part::Options,
            Self::Name
            | Self::Source
            | Self::Target
            | Self::Rename
            | Self::Prefix
            | Self::Separator
            | Self::Pattern(_)
            | Self::Replacement(_) => Part::Names,
        }
    }

    /// Its name on the screen; empty for rules, which have numbers.
    pub(in crate::tui) fn label(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Source => "source",
            Self::Target => "target",
            Self::Include(_) | Self::Exclude(_) | Self::Pattern(_) | Self::Replacement(_) => "",
            Self::Rename => "rename",
            Self::Prefix => "prefix",
            Self::Separator => "separator",
            Self::Setting(setting) => setting_label(setting),
        }
    }

    /// The rule it is of.
    pub(in crate::tui) fn rule(self) -> Option<RuleRef> {
        let (list, index) = match self {
            Self::Include(index) => (RuleList::Include, index),
            Self::Exclude(index) => (RuleList::Exclude, index),
            Self::Pattern(index) | Self::Replacement(index) => (RuleList::Rename, index),
            Self::Name
            | Self::Source
            | Self::Target
            | Self::Rename
            | Self::Prefix
            | Self::Separator
            | Self::Setting(_) => return None,
        };
        Some(RuleRef { list, index })
    }

    /// The field a finding is about.
    pub(in crate::tui) fn of(place: &CheckPlace) -> Option<Self> {
        Some(match place {
            CheckPlace::Rule(RuleRef { list: RuleList::Include, index }) => Self::Include(*index),
            CheckPlace::Rule(RuleRef { list: RuleList::Exclude, index }) => Self::Exclude(*index),
            CheckPlace::Rule(RuleRef { list: RuleList::Rename, index }) => Self::Pattern(*index),
            CheckPlace::Field(key) => match key.as_str() {
                "name" => Self::Name,
                "source" => Self::Source,
                "target" => Self::Target,
                "include" => Self::Include(0),
                "exclude" => Self::Exclude(0),
                "rename.separator" => Self::Separator,
                key if key.starts_with("rename") => Self::Rename,
                key => Self::Setting(FlowSetting::ALL.into_iter().find(|setting| setting.key() == key)?),
            },
            CheckPlace::Topic(_) | CheckPlace::Flow => return None,
        })
    }

    /// What is typed there; `None` where it is left to the defaults.
    pub(in crate::tui) fn value(self, draft: &FlowDraft) -> Option<&str> {
        let rules = || match &draft.rename {
            Some(RenameDraft::Rules(rules)) => rules.as_slice(),
            _ => &[],
        };
        match self {
            Self::Name => Some(&draft.name),
            Self::Source => Some(&draft.source),
            Self::Target => Some(&draft.target),
            Self::Include(index) => draft.include.get(index).map(String::as_str),
            Self::Exclude(index) => draft.exclude.as_ref()?.get(index).map(String::as_str),
            Self::Rename => Some(RENAME_WORDS[rename_word(draft.rename.as_ref())]),
            Self::Prefix => match &draft.rename {
                Some(RenameDraft::Prefix { prefix, .. }) => Some(prefix),
                _ => None,
            },
            Self::Separator => match &draft.rename {
                Some(RenameDraft::Prefix { separator, .. }) => separator.as_deref(),
                _ => None,
            },
            Self::Pattern(index) => rules().get(index).map(|rule| rule.pattern.as_str()),
            Self::Replacement(index) => rules().get(index).map(|rule| rule.replacement.as_str()),
            Self::Setting(setting) => draft.setting(setting),
        }
    }

    /// Types text there. A rule that is not there yet is made.
    pub(in crate::tui) fn set(self, draft: &mut FlowDraft, text: &str) {
        let text = text.to_owned();
        match self {
            Self::Name => draft.name = text,
            Self::Source => draft.source = text,
            Self::Target => draft.target = text,
            Self::Include(index) => put(&mut draft.include, index, text),
            Self::Exclude(index) => put(draft.exclude.get_or_insert_default(), index, text),
            Self::Rename => {}
            Self::Prefix => {
                if let Some(RenameDraft::Prefix { prefix, .. }) = &mut draft.rename {
                    *prefix = text;
                }
            }
            Self::Separator => {
                if let Some(RenameDraft::Prefix { separator, .. }) = &mut draft.rename {
                    *separator = Some(text);
                }
            }
            Self::Pattern(index) => {
                if let Some(rule) = rename_rule(draft, index) {
                    rule.pattern = text;
                }
            }
            Self::Replacement(index) => {
                if let Some(rule) = rename_rule(draft, index) {
                    rule.replacement = text;
                }
            }
            Self::Setting(setting) => draft.set(setting, Some(text).filter(|text| !text.trim().is_empty())),
        }
    }

    /// An example of what may be typed there.
    pub(in crate::tui) fn hint(self) -> &'static str {
        match self {
            Self::Name => "a short name, such as orders",
            Self::Source | Self::Target => "space chooses a cluster",
            Self::Include(_) => "a rule: orders.* or a topic's name",
            Self::Exclude(_) => "a rule: .*-dlq",
            Self::Rename => "",
            Self::Prefix => "such as dc-a",
            Self::Separator => ".",
            Self::Pattern(_) => "a pattern of names: (.*)-v1",
            Self::Replacement(_) => "a name: new.$1",
            Self::Setting(setting) => match setting.kind() {
                SettingKind::Text(example) => example,
                SettingKind::Number => "a number",
                SettingKind::NumberOrText if setting == FlowSetting::RecordsPerSecond => "a number, or unlimited",
                SettingKind::NumberOrText => "such as 20MB",
                SettingKind::Switch | SettingKind::Word(_) => "",
            },
        }
    }

    /// The words it is chosen from; `None` where it is typed. Clusters are chosen too, from those there are.
    pub(in crate::tui) fn words(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Rename => Some(&RENAME_WORDS),
            Self::Setting(setting) => match setting.kind() {
                SettingKind::Switch => Some(&["true", "false"]),
                SettingKind::Word(words) => Some(words),
                SettingKind::Text(_) | SettingKind::Number | SettingKind::NumberOrText => None,
            },
            _ => None,
        }
    }

    /// Whether one of a few words is chosen there.
    pub(in crate::tui) fn is_choice(self) -> bool {
        matches!(self, Self::Source | Self::Target) || self.words().is_some()
    }
}

/// Which of [`RENAME_WORDS`] a policy is.
pub(in crate::tui) fn rename_word(rename: Option<&RenameDraft>) -> usize {
    match rename {
        Some(RenameDraft::Identity) | None => 0,
        Some(RenameDraft::Prefix { .. }) => 1,
        Some(RenameDraft::Rules(_)) => 2,
    }
}

fn put(rules: &mut Vec<String>, index: usize, text: String) {
    match rules.get_mut(index) {
        Some(rule) => *rule = text,
        None => rules.push(text),
    }
}

fn rename_rule(draft: &mut FlowDraft, index: usize) -> Option<&mut RenameRuleDraft> {
    let Some(RenameDraft::Rules(rules)) = &mut draft.rename else { return None };
    if index >= rules.len() {
        rules.push(RenameRuleDraft::default());
    }
    rules.get_mut(index)
}

fn setting_label(setting: FlowSetting) -> &'static str {
    match setting {
        FlowSetting::Start => "start",
        FlowSetting::NewTopics => "new topics",
        FlowSetting::Create => "create topics",
        FlowSetting::ReplicationFactor => "replicas",
        FlowSetting::CopyConfigs => "copy settings",
        FlowSetting::GrowPartitions => "add partitions",
        FlowSetting::TargetNotEmpty => "used targets",
        FlowSetting::RecordsPerSecond => "records/s",
        FlowSetting::BytesPerSecond => "bytes/s",
        FlowSetting::InFlightBytes => "in flight",
        FlowSetting::Shards => "shards",
        FlowSetting::RefreshInterval => "look every",
        FlowSetting::CommitInterval => "commit every",
        FlowSetting::Autostart => "autostart",
        FlowSetting::Group => "group",
        FlowSetting::GroupProtocol => "group protocol",
        FlowSetting::SessionTimeout => "session timeout",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> FlowDraft {
        let rule = RenameRuleDraft { pattern: "a".into(), replacement: "b".into() };
        FlowDraft {
            name: "orders".into(),
            include: vec!["x".into(), "y".into()],
            rename: Some(RenameDraft::Rules(vec![rule])),
            ..FlowDraft::default()
        }
    }

    #[test]
    fn every_list_ends_with_a_line_for_a_new_rule() {
        let fields = fields(&draft(), Density::Wide);
        assert_eq!(
            fields[..7],
            [
                Field::Name,
                Field::Source,
                Field::Target,
                Field::Include(0),
                Field::Include(1),
                Field::Include(2),
                Field::Exclude(0),
            ]
        );
        let rename = [Field::Rename, Field::Pattern(0), Field::Replacement(0), Field::Pattern(1)];
        assert_eq!(fields[7..11], rename);
        assert_eq!(fields.len(), 11 + FlowSetting::ALL.len());
    }

    #[test]
    fn in_parts_the_rules_come_first_and_no_part_is_visited_twice() {
        let fields = fields(&draft(), Density::Normal);
        assert_eq!(fields[0], Field::Include(0));
        assert!(fields.is_sorted_by_key(|field| field.part()));
    }

    #[test]
    fn what_is_typed_is_there_afterwards() {
        let mut draft = draft();
        for field in fields(&draft.clone(), Density::Wide) {
            if field != Field::Rename {
                field.set(&mut draft, "typed");
                assert_eq!(field.value(&draft), Some("typed"), "{field:?}");
            }
        }
        draft.rename = Some(RenameDraft::Prefix { prefix: String::new(), separator: None });
        for field in [Field::Prefix, Field::Separator] {
            field.set(&mut draft, "typed");
            assert_eq!(field.value(&draft), Some("typed"), "{field:?}");
        }
        Field::Setting(FlowSetting::Start).set(&mut draft, " ");
        assert_eq!(draft.setting(FlowSetting::Start), None, "nothing is left to the defaults");
    }

    #[test]
    fn a_finding_leads_to_its_field() {
        let rule = |list, index| CheckPlace::Rule(RuleRef { list, index });
        let key = |key: &str| CheckPlace::Field(key.into());
        for (place, field) in [
            (rule(RuleList::Exclude, 1), Some(Field::Exclude(1))),
            (rule(RuleList::Rename, 0), Some(Field::Pattern(0))),
            (key("limits.bytes_per_second"), Some(Field::Setting(FlowSetting::BytesPerSecond))),
            (key("rename.prefix"), Some(Field::Rename)),
            (key("nonsense"), None),
            (CheckPlace::Flow, None),
        ] {
            assert_eq!(Field::of(&place), field, "{place:?}");
        }
    }
}
