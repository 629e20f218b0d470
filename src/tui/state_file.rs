//! What is the same when the console is opened again: tab, theme, each list's order and filter.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::model::Model;
use super::model::input_line::InputLine;
use super::model::list::{ListState, Sort};
use super::model::navigation::Tab;
use super::page::page_of;
use crate::config::write_private;

/// The file's name, in the state folder.
const FILE: &str = "console.json";
/// A hundred times what there is to remember.
const BYTES_MAX: u64 = 1 << 20;

/// What is remembered. What a newer or older kmirror wrote besides is left aside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Remembered {
    /// The title of the tab.
    tab: String,
    /// The theme that was chosen.
    pub(super) theme: Option<String>,
    /// Whether times were shown in UTC.
    is_utc: bool,
    /// What was run from the palette, the oldest first.
    commands: Vec<String>,
    /// By the tab's title.
    pages: BTreeMap<String, RememberedPage>,
}

/// What is remembered of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct RememberedPage {
    sort_column: usize,
    is_descending: bool,
    filter: String,
    is_problems_only: bool,
    /// What only the page itself understands.
    other: BTreeMap<String, String>,
}

impl Remembered {
    /// Reads what was remembered; nothing when there is none, or it cannot be read.
    pub(super) fn load(folder: &Path) -> Option<Self> {
        let path = folder.join(FILE);
        if fs::metadata(&path).ok()?.len() > BYTES_MAX {
            return None;
        }
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }

    /// Writes it. A state that cannot be kept is no reason to complain.
    pub(super) fn save(&self, folder: &Path) {
        let Ok(text) = serde_json::to_string_pretty(self) else { return };
        if let Err(error) = write_private(folder, FILE, &text) {
            tracing::debug!("what the console looked like is not remembered: {error}");
        }
    }

    /// What there is to remember; the theme only if it was chosen.
    pub(super) fn of(model: &Model) -> Self {
        let page = |tab: &Tab| {
            let page = page_of(*tab);
            let mut remembered = page.first_list(model).map(of_list).unwrap_or_default();
            remembered.other = page.remember(model);
            (tab.title().to_owned(), remembered)
        };
        Self {
            tab: model.navigation.tab().title().to_owned(),
            theme: model.chosen_theme.clone(),
            is_utc: model.is_utc,
            commands: model.commands.clone(),
            pages: Tab::ALL.iter().map(page).collect(),
        }
    }

    /// Makes the console as it was.
    pub(super) fn recall(&self, model: &mut Model) {
        model.is_utc = self.is_utc;
        model.chosen_theme.clone_from(&self.theme);
        model.commands.clone_from(&self.commands);
        for tab in Tab::ALL {
            let Some(remembered) = self.pages.get(tab.title()) else { continue };
            let page = page_of(tab);
            let sorts = page.sorts();
            if let Some(list) = page.list_mut(model) {
                recall_list(list, remembered, sorts);
            }
            page.recall(model, &remembered.other);
        }
        if let Some(tab) = Tab::ALL.iter().find(|tab| tab.title() == self.tab) {
            model.navigation.begin(*tab);
        }
    }
}

fn of_list(list: &ListState) -> RememberedPage {
    RememberedPage {
        sort_column: list.sort.column,
        is_descending: list.sort.is_descending,
        filter: list.filter_line.text().to_owned(),
        is_problems_only: list.is_problems_only,
        other: BTreeMap::new(),
    }
}

fn recall_list(list: &mut ListState, remembered: &RememberedPage, sorts: usize) {
    if remembered.sort_column < sorts {
        list.sort = Sort { column: remembered.sort_column, is_descending: remembered.is_descending };
    }
    list.filter_line = InputLine::new(&remembered.filter);
    list.apply_filter();
    list.is_problems_only = remembered.is_problems_only;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture;

    #[test]
    fn the_console_opens_as_it_was_left() {
        let folder = tempfile::tempdir().expect("folder");
        let mut model = fixture::model();
        fixture::press(&mut model, "s s v / a u d enter ! z 6");
        let left = Remembered::of(&model);
        left.save(folder.path());
        let mut again = fixture::model();
        Remembered::load(folder.path()).expect("saved").recall(&mut again);
        assert_eq!(Remembered::of(&again), left);
        assert_eq!(again.navigation.tab(), Tab::Logs);
        assert_eq!(again.flows.list.sort, Sort { column: 2, is_descending: true });
        assert_eq!(again.flows.list.filter_line.text(), "aud");
    }

    #[test]
    fn what_cannot_be_read_is_left_aside() {
        let folder = tempfile::tempdir().expect("folder");
        assert_eq!(Remembered::load(folder.path()), None);
        fs::write(folder.path().join(FILE), "{\"tab\": 3}").expect("write");
        assert_eq!(Remembered::load(folder.path()), None);
        fs::write(folder.path().join(FILE), "{\"tab\": \"Moon\", \"pages\": {\"Flows\": {\"sort_column\": 99}}}")
            .expect("write");
        let mut model = fixture::model();
        Remembered::load(folder.path()).expect("readable").recall(&mut model);
        assert_eq!((model.navigation.tab(), model.flows.list.sort), (Tab::Flows, Sort::default()));
    }
}
