//! What every page of a tab can do, so that keys mean the same everywhere. A page says what is its own; everything else
//! is done once, in `update/act.rs`.

use std::collections::BTreeMap;

use super::effect::Effect;
use super::jobs::JobDone;
use super::keymap::{Binding, Context};
use super::model::Model;
use super::model::input_line::InputLine;
use super::model::list::{ListState, RowKeys};
use super::model::listing::Listing;
use super::model::navigation::Tab;
use super::update;

/// A tab's page. Everything a page does not have stays as it is here.
pub(super) trait Page {
    /// Where its keys are found, the innermost first. What is opened in the tab may have keys of its own.
    fn contexts(&self, model: &Model) -> Vec<Context>;

    /// The list the keys go to.
    fn list<'a>(&self, _model: &'a Model) -> Option<&'a ListState> {
        None
    }

    /// The same, to be changed.
    fn list_mut<'a>(&self, _model: &'a mut Model) -> Option<&'a mut ListState> {
        None
    }

    /// The list of its first page, whatever is opened on top: its order and filter are remembered.
    fn first_list<'a>(&self, model: &'a Model) -> Option<&'a ListState> {
        self.list(model)
    }

    /// The keys of the rows that list shows, in their order.
    fn rows(&self, _model: &Model) -> RowKeys {
        RowKeys::default()
    }

    /// Whether somebody should look at a row.
    fn has_problem(&self, _model: &Model, _row: &str) -> bool {
        false
    }

    /// How many columns the kept list can be sorted by; their numbers are those of [`Sort`](super::model::list::Sort).
    fn sorts(&self) -> usize {
        1
    }

    /// The same for the list that is shown, where a page has several.
    fn sorts_shown(&self, _model: &Model) -> usize {
        self.sorts()
    }

    /// The list as it is written to a file or copied: all rows shown, or the one of this key.
    fn listing(&self, _model: &Model, _row: Option<&str>) -> Listing {
        Listing::default()
    }

    /// A line that is being typed on the page, beside the list's filter.
    fn line_mut<'a>(&self, _model: &'a mut Model) -> Option<&'a mut InputLine> {
        None
    }

    /// What was typed into [`line_mut`](Self::line_mut) has changed.
    fn line_changed(&self, _model: &mut Model) -> Vec<Effect> {
        Vec::new()
    }

    /// Why one of its actions cannot be done now.
    ///
    /// # Errors
    /// With the reason, for the user.
    fn enabled(&self, _model: &Model, _binding: &Binding) -> Result<(), String> {
        Ok(())
    }

    /// Does one of its actions.
    fn act(&self, _model: &mut Model, _binding: &'static Binding) -> Vec<Effect> {
        Vec::new()
    }

    /// It is shown, after another was.
    fn entered(&self, _model: &mut Model) -> Vec<Effect> {
        Vec::new()
    }

    /// Asks again for what it shows; `None` when that is always up to date.
    fn refresh(&self, _model: &mut Model) -> Option<Vec<Effect>> {
        None
    }

    /// Some time has passed, half a second or more, and it is shown: a chance to ask for what has become old.
    fn tick(&self, _model: &mut Model) -> Vec<Effect> {
        Vec::new()
    }

    /// A job has ended. All pages hear of it, shown or not.
    fn answered(&self, _model: &mut Model, _done: &JobDone) -> Vec<Effect> {
        Vec::new()
    }

    /// What is to be the same when the console is opened again, beside its list's order and filter.
    fn remember(&self, _model: &Model) -> BTreeMap<String, String> {
        BTreeMap::new()
    }

    /// What was remembered. Of another version perhaps: what makes no sense is left aside.
    fn recall(&self, _model: &mut Model, _remembered: &BTreeMap<String, String>) {}

    /// Closes what is open within the page; whether something was.
    fn step_back(&self, _model: &mut Model) -> bool {
        false
    }
}

/// The page of a tab.
pub(super) fn page_of(tab: Tab) -> &'static dyn Page {
    match tab {
        Tab::Flows => &update::flows::Flows,
        Tab::Topics => &update::topics::Topics,
        Tab::Editor => &update::editor::Editor,
        Tab::Offsets => &update::offsets::Offsets,
        Tab::Live => &update::live::Live,
        Tab::Logs => &update::logs::Logs,
        Tab::Clusters => &update::clusters::Clusters,
    }
}
