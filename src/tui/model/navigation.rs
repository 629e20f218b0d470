//! Where the user is: tabs, the stack of pages in each, and the way back.

use crate::model::{FlowName, TopicName};

/// A tab. Its number is its place here, from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::tui) enum Tab {
    #[default]
    Flows,
    Topics,
    Editor,
    Offsets,
    Live,
    Logs,
    Clusters,
}

impl Tab {
    pub(in crate::tui) const ALL: [Self; 7] =
        [Self::Flows, Self::Topics, Self::Editor, Self::Offsets, Self::Live, Self::Logs, Self::Clusters];

    pub(in crate::tui) const fn title(self) -> &'static str {
        match self {
            Self::Flows => "Flows",
            Self::Topics => "Topics",
            Self::Editor => "Editor",
            Self::Offsets => "Offsets",
            Self::Live => "Live",
            Self::Logs => "Logs",
            Self::Clusters => "Clusters",
        }
    }
}

/// What is opened in a tab, on top of its first page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tui) enum Opened {
    /// A topic of the cluster the tab shows, or of the flow.
    Topic(TopicName),
    /// The records of a topic of that cluster, of one partition or all.
    Records(TopicName, Option<i32>),
    /// One of those records: partition and offset.
    Record(i32, i64),
    /// The partitions of a flow's topic.
    Partitions(FlowName, TopicName),
    /// What becomes of every topic by the rules that are edited.
    Preview,
    /// What was found about them.
    Checks,
    /// What saving them changes.
    Review,
}

/// A tab and what is opened in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Place {
    tab: Tab,
    stack: Vec<Opened>,
}

/// Where the user is, was, and can go again.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct Navigation {
    here: Place,
    stacks: [Vec<Opened>; Tab::ALL.len()],
    before: Vec<Place>,
    after: Vec<Place>,
}

/// Ways back that are remembered.
const HISTORY_MAX: usize = 100;

impl Navigation {
    pub(in crate::tui) fn tab(&self) -> Tab {
        self.here.tab
    }

    /// The page on top of the tab's first one.
    pub(in crate::tui) fn opened(&self) -> Option<&Opened> {
        self.here.stack.last()
    }

    /// All pages on top of the tab's first one, for the breadcrumbs.
    pub(in crate::tui) fn stack(&self) -> &[Opened] {
        &self.here.stack
    }

    /// To a tab, as it was left. To the same tab: to its first page.
    pub(in crate::tui) fn go(&mut self, tab: Tab) {
        let stack = if tab == self.here.tab { Vec::new() } else { self.stacks[tab as usize].clone() };
        self.leave_to(Place { tab, stack });
    }

    /// Is at a tab from the beginning, with no way back.
    pub(in crate::tui) fn begin(&mut self, tab: Tab) {
        self.here.tab = tab;
    }

    /// Opens a page on top.
    pub(in crate::tui) fn open(&mut self, page: Opened) {
        let mut place = self.here.clone();
        place.stack.push(page);
        self.leave_to(place);
    }

    /// Closes the page on top; whether there was one.
    pub(in crate::tui) fn close(&mut self) -> bool {
        let mut place = self.here.clone();
        if place.stack.pop().is_none() {
            return false;
        }
        self.leave_to(place);
        true
    }

    /// To where the user was before; whether that is somewhere.
    pub(in crate::tui) fn back(&mut self) -> bool {
        let Some(place) = self.before.pop() else { return false };
        let here = self.arrive(place);
        self.after.push(here);
        true
    }

    /// And forward again.
    pub(in crate::tui) fn forward(&mut self) -> bool {
        let Some(place) = self.after.pop() else { return false };
        let here = self.arrive(place);
        self.before.push(here);
        true
    }

    fn leave_to(&mut self, place: Place) {
        if place == self.here {
            return;
        }
        let here = self.arrive(place);
        self.before.push(here);
        self.after.clear();
        if self.before.len() > HISTORY_MAX {
            self.before.remove(0);
        }
    }

    /// Goes there, and tells where it was.
    fn arrive(&mut self, place: Place) -> Place {
        self.stacks[place.tab as usize].clone_from(&place.stack);
        std::mem::replace(&mut self.here, place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tab_keeps_its_pages() {
        let mut at = Navigation::default();
        at.go(Tab::Topics);
        at.open(Opened::Topic("orders".into()));
        at.go(Tab::Logs);
        at.go(Tab::Topics);
        assert_eq!(at.opened(), Some(&Opened::Topic("orders".into())));
        at.go(Tab::Topics);
        assert_eq!(at.opened(), None, "the number of the tab again leads to its first page");
    }

    #[test]
    fn the_way_back_is_remembered() {
        let mut at = Navigation::default();
        at.go(Tab::Topics);
        at.open(Opened::Topic("orders".into()));
        at.go(Tab::Logs);
        assert!(at.back() && at.opened().is_some() && at.tab() == Tab::Topics);
        assert!(at.back() && at.opened().is_none());
        assert!(at.forward() && at.opened().is_some());
        at.go(Tab::Live);
        assert!(!at.forward(), "who goes elsewhere has no way forward");
        assert!(at.back() && at.back() && at.back() && !at.back());
        assert_eq!(at.tab(), Tab::Flows);
    }

    #[test]
    fn closing_stops_at_the_first_page() {
        let mut at = Navigation::default();
        at.open(Opened::Topic("orders".into()));
        assert!(at.close() && !at.close());
    }
}
