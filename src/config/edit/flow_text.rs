//! How a flow stands in the file: read from it, written into it, renamed and taken out.

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value, value};

use super::flow::{FlowDraft, RenameDraft, RenameRuleDraft, StartOverrideDraft};
use super::list::set_list;
use super::setting::FlowSetting;
use super::{EditError, form, parsed, plain_text, set_text, set_value};
use crate::model::FlowName;

/// A flow as a file has it.
pub(super) fn read(flow: &Item, name: &FlowName) -> FlowDraft {
    let text = |key: &str| flow.get(key).map(plain_text).unwrap_or_default();
    let nested = |key: &str| key.split('.').try_fold(flow, |item, part| item.get(part));
    let settings = FlowSetting::ALL.into_iter().filter_map(|setting| {
        let item = nested(setting.key())?;
        Some((setting, plain_text(item)))
    });
    FlowDraft {
        name: name.to_string(),
        source: text("source"),
        target: text("target"),
        include: flow.get("include").map(texts).unwrap_or_default(),
        exclude: flow.get("exclude").map(texts),
        rename: flow.get("rename").map(rename_draft),
        start_overrides: overrides(flow.get("start_overrides")),
        configs_exclude: nested("topics.configs_exclude").map(texts),
        settings: settings.collect(),
    }
}

fn texts(item: &Item) -> Vec<String> {
    let list = item.as_array().into_iter().flatten();
    list.map(|value| plain_text(&Item::Value(value.clone()))).collect()
}

fn rename_draft(item: &Item) -> RenameDraft {
    let Some(table) = item.as_table_like() else {
        return match tables(item) {
            rules if rules.is_empty() => RenameDraft::Identity,
            rules => RenameDraft::Rules(rules.into_iter().map(rename_rule).collect()),
        };
    };
    let text = |key: &str| table.get(key).map(plain_text);
    match text("prefix") {
        Some(prefix) => RenameDraft::Prefix { prefix, separator: text("separator") },
        None => RenameDraft::Rules(vec![rename_rule(table)]),
    }
}

fn rename_rule(table: &dyn TableLike) -> RenameRuleDraft {
    let text = |key: &str| table.get(key).map(plain_text).unwrap_or_default();
    RenameRuleDraft { pattern: text("pattern"), replacement: text("replacement") }
}

fn overrides(item: Option<&Item>) -> Vec<StartOverrideDraft> {
    let entry = |table: &dyn TableLike| StartOverrideDraft {
        topic: table.get("topic").map(plain_text).unwrap_or_default(),
        partition: table.get("partition").and_then(Item::as_integer).and_then(|number| i32::try_from(number).ok()),
        start: table.get("start").map(plain_text).unwrap_or_default(),
    };
    item.map(tables).unwrap_or_default().into_iter().map(entry).collect()
}

/// The tables of a list, whether it is written as one or as `[[tables]]`.
fn tables(item: &Item) -> Vec<&dyn TableLike> {
    match item {
        Item::ArrayOfTables(tables) => tables.iter().map(|table| table as &dyn TableLike).collect(),
        Item::Value(Value::Array(list)) => {
            list.iter().filter_map(Value::as_inline_table).map(|table| table as &dyn TableLike).collect()
        }
        _ => Vec::new(),
    }
}

/// `text` with a flow in it.
pub(super) fn write(draft: &FlowDraft, text: &str) -> Result<String, EditError> {
    let mut document = parsed(text)?;
    let name = FlowName::from(draft.name.as_str());
    let flows = flows(&mut document)?;
    if flows.get(&draft.name).is_none() {
        flows.insert(&draft.name, Item::Table(Table::new()));
    }
    let item = flows.get_mut(&draft.name);
    let item = item.ok_or_else(|| form(format!("`flows.{name}` is not a table")))?;
    let before = read(item, &name);
    let flow = item.as_table_like_mut().ok_or_else(|| form(format!("`flows.{name}` is not a table")))?;
    for (key, wanted) in [("source", &draft.source), ("target", &draft.target)] {
        set_text(flow, key, Some(wanted));
    }
    if flow.get("include").is_none() || before.include != draft.include {
        set_list(flow, "include", Some(values(&draft.include)));
    }
    if before.exclude != draft.exclude {
        set_list(flow, "exclude", draft.exclude.as_deref().map(values));
    }
    if before.rename != draft.rename {
        write_rename(flow, draft.rename.as_ref());
    }
    for setting in FlowSetting::ALL {
        if before.setting(setting) != draft.setting(setting) {
            let wanted = draft.setting(setting).map(|typed| setting.toml(typed));
            within(flow, setting.key(), &name, |table, key| set_value(table, key, wanted))?;
        }
    }
    if before.configs_exclude != draft.configs_exclude {
        let wanted = draft.configs_exclude.as_deref().map(values);
        within(flow, "topics.configs_exclude", &name, |table, key| set_list(table, key, wanted))?;
    }
    if before.start_overrides != draft.start_overrides {
        write_overrides(flow, &draft.start_overrides);
    }
    Ok(document.to_string())
}

fn flows(document: &mut DocumentMut) -> Result<&mut dyn TableLike, EditError> {
    let flows = document.entry("flows").or_insert_with(|| {
        let mut flows = Table::new();
        flows.set_implicit(true);
        Item::Table(flows)
    });
    flows.as_table_like_mut().ok_or_else(|| form("`flows` is not a table"))
}

fn values(texts: &[String]) -> Vec<Value> {
    texts.iter().map(Value::from).collect()
}

/// Changes `topics.create` in the table `topics`, which is made when there is something to put in, and goes when the
/// last of it is gone.
fn within(
    flow: &mut dyn TableLike,
    key: &str,
    name: &FlowName,
    change: impl FnOnce(&mut dyn TableLike, &str),
) -> Result<(), EditError> {
    let Some((parent, key)) = key.split_once('.') else {
        change(flow, key);
        return Ok(());
    };
    if flow.get(parent).is_none() {
        flow.insert(parent, Item::Table(Table::new()));
    }
    let table = flow.get_mut(parent).and_then(Item::as_table_like_mut);
    let table = table.ok_or_else(|| form(format!("`flows.{name}.{parent}` is not a table")))?;
    change(table, key);
    if table.is_empty() {
        flow.remove(parent);
    }
    Ok(())
}

fn write_rename(flow: &mut dyn TableLike, wanted: Option<&RenameDraft>) {
    let rule = |rule: &RenameRuleDraft| {
        inline([("pattern", Value::from(&rule.pattern)), ("replacement", Value::from(&rule.replacement))])
    };
    let wanted = wanted.map(|wanted| match wanted {
        RenameDraft::Identity => Value::from("identity"),
        RenameDraft::Prefix { prefix, separator } => {
            let separator = separator.as_ref().map(|separator| ("separator", Value::from(separator)));
            inline(std::iter::once(("prefix", Value::from(prefix))).chain(separator)).into()
        }
        RenameDraft::Rules(rules) => match rules.as_slice() {
            [only] => rule(only).into(),
            rules => Array::from_iter(rules.iter().map(rule)).into(),
        },
    });
    // Written as a list before, it is changed rule by rule.
    match (flow.get("rename"), wanted) {
        (Some(Item::Value(Value::Array(_))), Some(Value::Array(rules))) => {
            set_list(flow, "rename", Some(rules.into_iter().collect()));
        }
        (_, wanted) => set_value(flow, "rename", wanted),
    }
}

fn inline<'a>(entries: impl IntoIterator<Item = (&'a str, Value)>) -> InlineTable {
    entries.into_iter().collect()
}

/// Entries that stay keep what is written about them.
fn write_overrides(flow: &mut dyn TableLike, wanted: &[StartOverrideDraft]) {
    let entries = |entry: &StartOverrideDraft| {
        let partition = entry.partition.map(|partition| ("partition", Value::from(i64::from(partition))));
        let topic = std::iter::once(("topic", Value::from(&entry.topic)));
        topic.chain(partition).chain([("start", Value::from(&entry.start))]).collect::<Vec<_>>()
    };
    if wanted.is_empty() {
        flow.remove("start_overrides");
        return;
    }
    if let Some(Item::Value(Value::Array(_))) = flow.get("start_overrides") {
        let values = wanted.iter().map(|entry| inline(entries(entry)).into()).collect();
        set_list(flow, "start_overrides", Some(values));
        return;
    }
    let before = overrides(flow.get("start_overrides"));
    let mut present: Vec<Option<Table>> = match flow.get("start_overrides") {
        Some(Item::ArrayOfTables(tables)) => tables.iter().cloned().map(Some).collect(),
        _ => Vec::new(),
    };
    let mut tables = ArrayOfTables::new();
    for entry in wanted {
        let kept = before.iter().position(|known| known == entry);
        let kept = kept.and_then(|index| present.get_mut(index)).and_then(Option::take);
        tables.push(kept.unwrap_or_else(|| {
            let items = entries(entry).into_iter().map(|(key, entry)| (key, value(entry)));
            Table::from_iter(items)
        }));
    }
    flow.insert("start_overrides", Item::ArrayOfTables(tables));
}

/// `text` with a flow under another name, where it was.
pub(super) fn rename(text: &str, before: &FlowName, name: &str) -> Result<String, EditError> {
    let mut document = parsed(text)?;
    let flows = flows(&mut document)?;
    if flows.get(name).is_some() {
        return Err(form(format!("there is a flow `{name}` already")));
    }
    // In the order of the file all the same: tables know their place.
    if let Some(flow) = flows.remove(before.as_str()) {
        flows.insert(name, flow);
    }
    Ok(document.to_string())
}

/// `text` without a flow. What stands above it and is set off by a blank line is about more than the flow, and stays.
pub(super) fn remove(text: &str, name: &FlowName) -> Result<String, EditError> {
    let mut document = parsed(text)?;
    let flows = flows(&mut document)?;
    let heading = flows.get(name.as_str()).and_then(Item::as_table).map(heading).unwrap_or_default();
    let place = flows.get(name.as_str()).and_then(Item::as_table).and_then(Table::position);
    flows.remove(name.as_str());
    if !heading.trim().is_empty() {
        let next = flows.iter().filter_map(|(key, item)| Some((key, item.as_table()?.position()?)));
        let next = next.filter(|(_, position)| Some(*position) > place).min_by_key(|(_, position)| *position);
        let next = next.map(|(key, _)| key.to_owned());
        match next.and_then(|key| flows.get_mut(&key)).and_then(Item::as_table_mut) {
            Some(next) => {
                let own = prefix(next);
                next.decor_mut().set_prefix(format!("{heading}{}", own.trim_start_matches('\n')));
            }
            None => {
                let trailing = document.trailing().as_str().unwrap_or_default().to_owned();
                document.set_trailing(format!("{heading}{trailing}"));
            }
        }
    }
    Ok(document.to_string())
}

fn prefix(table: &Table) -> String {
    table.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default().to_owned()
}

/// What stands above a table and is about more than the table.
fn heading(table: &Table) -> String {
    let prefix = prefix(table);
    prefix.rfind("\n\n").map(|end| prefix[..end + 2].to_owned()).unwrap_or_default()
}
