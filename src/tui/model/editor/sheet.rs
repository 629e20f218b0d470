//! A flow's draft on the desk: what is typed, where the cursor is, what can be undone, what it comes to.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::field::{Field, fields};
use crate::config::{FlowDraft, FlowSetting, RenameDraft, RenameRuleDraft};
use crate::model::FlowName;
use crate::preview::{Check, DraftChange, FlowPreview, RuleList, Severity};
use crate::tui::model::Density;
use crate::tui::model::input_line::InputLine;
use crate::tui::services::FlowEvaluation;

/// A draft that is edited. It stays when the tab is left.
#[derive(Clone, Debug)]
pub(in crate::tui) struct Sheet {
    /// The flow it changes; `None` for a new one.
    pub(in crate::tui) before: Option<FlowName>,
    /// As it was opened or saved last.
    pub(in crate::tui) opened: FlowDraft,
    /// As it is typed.
    pub(in crate::tui) draft: FlowDraft,
    /// The field keys go to.
    pub(in crate::tui) field: Field,
    /// The line that is typed into the field.
    pub(in crate::tui) line: Option<InputLine>,
    /// The draft before that line was begun.
    untyped: FlowDraft,
    undo: Vec<(FlowDraft, Field)>,
    redo: Vec<(FlowDraft, Field)>,
    /// The last preview that could be made.
    pub(in crate::tui) preview: Option<Arc<FlowPreview>>,
    /// The draft it was made from.
    pub(in crate::tui) judged: FlowDraft,
    /// Whether rules have become unusable since.
    pub(in crate::tui) is_stale: bool,
    pub(in crate::tui) checks: Vec<Check>,
    /// The exclude rules of `[defaults]`, in force while the draft has no such list of its own.
    pub(in crate::tui) inherited: Vec<String>,
    /// What each setting comes to.
    pub(in crate::tui) in_force: BTreeMap<FlowSetting, String>,
    /// What the last evaluation took.
    pub(in crate::tui) took: Option<Duration>,
}

/// Steps that can be taken back.
const UNDO_MAX: usize = 200;

impl Sheet {
    /// For a flow as it is, or for one there is not yet.
    pub(in crate::tui) fn new(before: Option<FlowName>, draft: FlowDraft) -> Self {
        let field = if before.is_some() { Field::Include(0) } else { Field::Name };
        Self {
            before,
            opened: draft.clone(),
            untyped: draft.clone(),
            judged: draft.clone(),
            draft,
            field,
            line: None,
            undo: Vec::new(),
            redo: Vec::new(),
            preview: None,
            is_stale: false,
            checks: Vec::new(),
            inherited: Vec::new(),
            in_force: BTreeMap::new(),
            took: None,
        }
    }

    /// The flow's name: of one that is there the one it has, for that is never changed here.
    pub(in crate::tui) fn name(&self) -> FlowName {
        self.before.clone().unwrap_or_else(|| FlowName::from(self.draft.name.trim()))
    }

    /// Whether something would be lost without saving.
    pub(in crate::tui) fn is_changed(&self) -> bool {
        self.before.is_none() || self.draft != self.opened
    }

    /// How many steps lie between what was opened and what is there.
    pub(in crate::tui) fn n_changes(&self) -> usize {
        if self.draft == self.opened { 0 } else { self.undo.len().max(1) }
    }

    /// How many findings there are of a severity.
    pub(in crate::tui) fn n_checks(&self, severity: Severity) -> usize {
        self.checks.iter().filter(|check| check.severity == severity).count()
    }

    /// The worst finding about a field.
    pub(in crate::tui) fn check_of(&self, field: Field) -> Option<&Check> {
        let is_here = |check: &&Check| Field::of(&check.place) == Some(field);
        self.checks.iter().rev().filter(is_here).max_by_key(|check| check.severity)
    }

    /// What a field comes to: as typed, or by default.
    pub(in crate::tui) fn in_force(&self, field: Field) -> &str {
        let by_default = || match field {
            Field::Setting(setting) => self.in_force.get(&setting).map(String::as_str),
            _ => None,
        };
        field.value(&self.draft).or_else(by_default).unwrap_or_default()
    }

    /// Takes in what an evaluation of just this draft has come to.
    pub(in crate::tui) fn evaluated(&mut self, evaluation: FlowEvaluation) {
        let FlowEvaluation { preview, checks, in_force, took, .. } = evaluation;
        self.is_stale = preview.is_none();
        if let Some(preview) = preview {
            if self.draft.exclude.is_none() {
                self.inherited = preview.exclude.iter().map(|rule| rule.pattern.clone()).collect();
            }
            self.preview = Some(preview);
            self.judged = self.draft.clone();
        }
        if !in_force.is_empty() {
            self.in_force = in_force;
        }
        self.checks = checks;
        self.took = Some(took);
    }

    /// To the next field or the one before, round the ends.
    pub(in crate::tui) fn step(&mut self, is_forward: bool, density: Density) {
        let fields = fields(&self.draft, density);
        let here = fields.iter().position(|field| *field == self.field).unwrap_or(0);
        let next = if is_forward { here + 1 } else { here + fields.len() - 1 };
        self.field = fields[next % fields.len()];
    }

    /// Puts the cursor on a field that is there.
    pub(in crate::tui) fn settle(&mut self) {
        let fields = fields(&self.draft, Density::Wide);
        if !fields.contains(&self.field) {
            self.field = match self.field {
                Field::Include(_) => Field::Include(self.draft.include.len()),
                Field::Exclude(_) => Field::Exclude(self.draft.exclude.as_ref().map_or(0, Vec::len)),
                Field::Pattern(_) | Field::Replacement(_) => {
                    fields.iter().copied().rfind(|field| matches!(field, Field::Pattern(_))).unwrap_or(Field::Rename)
                }
                _ => Field::Rename,
            };
        }
    }

    /// Begins to type into the field.
    pub(in crate::tui) fn begin(&mut self) {
        self.untyped = self.draft.clone();
        if let (Field::Exclude(_), None) = (self.field, &self.draft.exclude) {
            self.own_exclude();
            self.field = Field::Exclude(self.inherited.len());
        }
        self.line = Some(InputLine::new(self.field.value(&self.draft).unwrap_or_default()));
    }

    /// What is typed has changed.
    pub(in crate::tui) fn typed(&mut self) {
        if let Some(line) = &self.line {
            self.field.set(&mut self.draft, line.text());
        }
    }

    /// Ends typing, and keeps what was typed. A rule without a text is none.
    pub(in crate::tui) fn accept(&mut self) {
        if self.line.take().is_none() {
            return;
        }
        let text = self.field.value(&self.draft).unwrap_or_default().trim().to_owned();
        match self.field.rule() {
            Some(_) if text.is_empty() && !matches!(self.field, Field::Replacement(_)) => self.remove_rule(),
            Some(_) => self.field.set(&mut self.draft, &text),
            None if self.field.value(&self.draft).is_some() => self.field.set(&mut self.draft, &text),
            None => {}
        }
        self.disown_exclude();
        if self.draft != self.untyped {
            let before = (self.untyped.clone(), self.field);
            self.remember(before);
        }
        self.settle();
    }

    /// Ends typing, and takes back what was typed.
    pub(in crate::tui) fn cancel(&mut self) {
        if self.line.take().is_some() {
            self.draft = self.untyped.clone();
            self.settle();
        }
    }

    /// Changes the draft in one step that can be taken back.
    pub(in crate::tui) fn change(&mut self, change: impl FnOnce(&mut FlowDraft)) {
        self.accept();
        let before = (self.draft.clone(), self.field);
        change(&mut self.draft);
        if self.draft != before.0 {
            self.remember(before);
        }
        self.settle();
    }

    /// The same with a change that a finding offers.
    pub(in crate::tui) fn fix(&mut self, change: &DraftChange) {
        self.change(|draft| change.apply(draft));
    }

    fn remember(&mut self, before: (FlowDraft, Field)) {
        self.undo.push(before);
        self.redo.clear();
        if self.undo.len() > UNDO_MAX {
            self.undo.remove(0);
        }
    }

    /// Takes the last step back; whether there was one.
    pub(in crate::tui) fn undo(&mut self) -> bool {
        let Some((draft, field)) = self.undo.pop() else { return false };
        self.redo.push((std::mem::replace(&mut self.draft, draft), self.field));
        self.field = field;
        self.settle();
        true
    }

    /// And takes it again.
    pub(in crate::tui) fn redo(&mut self) -> bool {
        let Some((draft, field)) = self.redo.pop() else { return false };
        self.undo.push((std::mem::replace(&mut self.draft, draft), self.field));
        self.field = field;
        self.settle();
        true
    }

    /// As it was opened; that can be undone, too.
    pub(in crate::tui) fn reset(&mut self) {
        let opened = self.opened.clone();
        self.change(|draft| *draft = opened);
    }

    /// It is saved as it is.
    pub(in crate::tui) fn saved(&mut self) {
        self.before = Some(FlowName::from(self.draft.name.trim()));
        self.opened = self.draft.clone();
        (self.undo, self.redo) = (Vec::new(), Vec::new());
    }

    /// Begins a new rule: behind the one the cursor is on, or where the list ends.
    pub(in crate::tui) fn add_rule(&mut self) {
        self.accept();
        let before = self.draft.clone();
        let behind = |index: usize, count: usize| (index + 1).min(count);
        self.field = match self.field {
            Field::Exclude(index) => {
                let is_own = self.draft.exclude.is_some();
                let rules = self.own_exclude();
                let place = if is_own { behind(index, rules.len()) } else { rules.len() };
                rules.insert(place, String::new());
                Field::Exclude(place)
            }
            Field::Rename | Field::Prefix | Field::Separator | Field::Pattern(_) | Field::Replacement(_) => {
                self.add_rename_rule()
            }
            Field::Include(index) => {
                let place = behind(index, self.draft.include.len());
                self.draft.include.insert(place, String::new());
                Field::Include(place)
            }
            Field::Name | Field::Source | Field::Target | Field::Setting(_) => {
                self.draft.include.push(String::new());
                Field::Include(self.draft.include.len() - 1)
            }
        };
        self.begin();
        self.untyped = before;
    }

    /// The draft's own list, which begins with what was in force without it.
    fn own_exclude(&mut self) -> &mut Vec<String> {
        let inherited = &self.inherited;
        self.draft.exclude.get_or_insert_with(|| inherited.clone())
    }

    fn add_rename_rule(&mut self) -> Field {
        let index = match self.field {
            Field::Pattern(index) | Field::Replacement(index) => index + 1,
            _ => usize::MAX,
        };
        if !matches!(self.draft.rename, Some(RenameDraft::Rules(_))) {
            self.draft.rename = Some(RenameDraft::Rules(Vec::new()));
        }
        let Some(RenameDraft::Rules(rules)) = &mut self.draft.rename else { return Field::Rename };
        let place = index.min(rules.len());
        rules.insert(place, RenameRuleDraft::default());
        Field::Pattern(place)
    }

    /// Takes the rule of the cursor away, or leaves the setting to the defaults; whether there was one.
    pub(in crate::tui) fn delete(&mut self) -> bool {
        let before = self.draft.clone();
        let field = self.field;
        match field {
            Field::Setting(setting) => self.change(|draft| draft.set(setting, None)),
            Field::Separator => self.change(|draft| {
                if let Some(RenameDraft::Prefix { separator, .. }) = &mut draft.rename {
                    *separator = None;
                }
            }),
            Field::Rename => self.change(|draft| draft.rename = None),
            _ if field.rule().is_some() => {
                self.accept();
                let step = (self.draft.clone(), field);
                self.remove_rule();
                self.disown_exclude();
                if self.draft != step.0 {
                    self.remember(step);
                }
                self.settle();
            }
            _ => {}
        }
        self.draft != before
    }

    /// Where no list was written, none is to be that says the same.
    fn disown_exclude(&mut self) {
        if self.opened.exclude.is_none() && self.draft.exclude.as_ref() == Some(&self.inherited) {
            self.draft.exclude = None;
        }
    }

    fn remove_rule(&mut self) {
        let Some(rule) = self.field.rule() else { return };
        match (rule.list, &mut self.draft.rename) {
            (RuleList::Rename, Some(RenameDraft::Rules(rules))) if rule.index < rules.len() => {
                rules.remove(rule.index);
                self.field = Field::Pattern(rule.index);
            }
            (RuleList::Include, _) if rule.index < self.draft.include.len() => {
                self.draft.include.remove(rule.index);
            }
            (RuleList::Exclude, _) => {
                if let Some(rules) = &mut self.draft.exclude
                    && rule.index < rules.len()
                {
                    rules.remove(rule.index);
                }
            }
            _ => {}
        }
    }

    /// Moves the rule of the cursor one place; whether it could be.
    pub(in crate::tui) fn move_rule(&mut self, is_down: bool) -> bool {
        self.accept();
        let Some(rule) = self.field.rule() else { return false };
        let count = match rule.list {
            RuleList::Include => self.draft.include.len(),
            RuleList::Exclude => self.draft.exclude.as_ref().map_or(0, Vec::len),
            RuleList::Rename => match &self.draft.rename {
                Some(RenameDraft::Rules(rules)) => rules.len(),
                _ => 0,
            },
        };
        let other = if is_down { rule.index.checked_add(1) } else { rule.index.checked_sub(1) };
        let Some(other) = other.filter(|other| *other < count && rule.index < count) else { return false };
        self.change(|draft| match (rule.list, &mut draft.rename) {
            (RuleList::Include, _) => draft.include.swap(rule.index, other),
            (RuleList::Exclude, _) => draft.exclude.get_or_insert_default().swap(rule.index, other),
            (RuleList::Rename, Some(RenameDraft::Rules(rules))) => rules.swap(rule.index, other),
            (RuleList::Rename, _) => {}
        });
        self.field = match self.field {
            Field::Include(_) => Field::Include(other),
            Field::Exclude(_) => Field::Exclude(other),
            Field::Replacement(_) => Field::Replacement(other),
            _ => Field::Pattern(other),
        };
        true
    }

    /// Chooses the next of these words in the field, or the one before.
    pub(in crate::tui) fn choose(&mut self, words: &[String], is_forward: bool) {
        let field = self.field;
        let current = self.in_force(field).to_owned();
        let here = words.iter().position(|word| *word == current);
        let count = words.len().max(1);
        let next = match (here, is_forward) {
            (Some(here), true) => (here + 1) % count,
            (Some(here), false) => (here + count - 1) % count,
            (None, _) => 0,
        };
        let Some(word) = words.get(next) else { return };
        self.change(|draft| match field {
            Field::Rename => draft.rename = rename_of(next, draft),
            _ => field.set(draft, word),
        });
    }
}

/// A policy to begin with.
fn rename_of(word: usize, draft: &FlowDraft) -> Option<RenameDraft> {
    match word {
        0 => None,
        1 => Some(RenameDraft::Prefix { prefix: draft.source.clone(), separator: None }),
        _ => Some(RenameDraft::Rules(vec![RenameRuleDraft {
            pattern: "(.*)".into(),
            replacement: format!("{}.$1", draft.source),
        }])),
    }
}
