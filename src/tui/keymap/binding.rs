//! A row of the table.

use super::action::Action;

/// Which keys do what, where.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::tui) struct Binding {
    /// The keys, each a way of its own; a chord has blanks between its keys.
    pub(in crate::tui) keys: &'static [&'static str],
    /// What it does.
    pub(in crate::tui) action: Action,
    /// Where it applies.
    pub(in crate::tui) context: Context,
    /// A word or two for the footer.
    pub(in crate::tui) hint: &'static str,
    /// The whole sentence, for help and palette.
    pub(in crate::tui) label: &'static str,
    /// Under which heading help shows it.
    pub(in crate::tui) group: Group,
    /// How much it can do.
    pub(in crate::tui) danger: Danger,
    /// Whether the footer shows it while there is room, the lowest first; 0 never.
    pub(in crate::tui) rank: u8,
}

impl Binding {
    /// A row of the page's own keys that changes nothing.
    pub(in crate::tui) const fn new(
        context: Context,
        keys: &'static [&'static str],
        action: Action,
        rank: u8,
        hint: &'static str,
        label: &'static str,
    ) -> Self {
        Self { keys, action, context, hint, label, group: Group::Page, danger: Danger::None, rank }
    }

    /// The same row under another heading of the help.
    pub(in crate::tui) const fn under(self, group: Group) -> Self {
        Self { group, ..self }
    }

    /// The same row for what changes the mirror.
    pub(in crate::tui) const fn at_risk(self, danger: Danger) -> Self {
        Self { danger, ..self }
    }
}

/// Where a binding applies. At any moment some apply, the innermost first; the first that knows the key decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::tui) enum Context {
    /// On every page, but not while a line is typed or a dialog is open.
    Everywhere,
    /// Always, whatever is open.
    Always,
    /// On pages with a list.
    List,
    /// The flows.
    Flows,
    /// The topics of a cluster.
    Topics,
    /// A topic that is opened.
    Topic,
    /// All there is to know about a topic.
    Facts,
    /// The records of a topic.
    Records,
    /// A record that is opened.
    Record,
    /// A text that may be longer than the screen.
    Scroll,
    /// While a place among records is typed.
    RecordsPrompt,
    /// A flow that is edited.
    Editor,
    /// While a field of it is typed.
    EditorField,
    /// What becomes of every topic by its rules.
    EditorPreview,
    /// What was found about it.
    EditorChecks,
    /// What saving it changes.
    EditorReview,
    /// A flow is chosen for marked topics.
    AddToFlow,
    /// Where a flow's partitions start, as it is edited.
    Offsets,
    /// The flows whose positions can be edited.
    OffsetsFlows,
    /// While a position is typed.
    OffsetsCell,
    /// What is about to be set.
    OffsetsReview,
    /// Files of saved positions are listed.
    SavedOffsets,
    /// One flow as it runs.
    Live,
    /// What happened.
    Logs,
    /// The clusters.
    Clusters,
    /// The form of a cluster.
    ClusterForm,
    /// The same, where one of a few words is chosen.
    ClusterChoice,
    /// Nothing is configured yet.
    FirstRun,
    /// A configuration file is named.
    OpenFile,
    /// In the demo, on every page.
    Demo,
    /// The demo's troubles are listed.
    Troubles,
    /// While a filter is typed.
    FilterLine,
    /// The palette is open.
    Palette,
    /// The help is open.
    Help,
    /// A question is asked.
    Confirm,
    /// A question is asked that wants a name typed.
    ConfirmTyped,
    /// Problems are shown.
    Cards,
    /// A text is read as a whole.
    Reading,
    /// The theme picker is open.
    Themes,
    /// The tasks drawer is open.
    Tasks,
    /// The configuration is exported.
    Export,
    /// The same, while the file is named.
    ExportFile,
    /// Commands for a shell are listed.
    Shell,
    /// What can be done about something blocked is shown.
    Unblock,
    /// The position to go on at is typed.
    UnblockPosition,
}

/// Headings of the help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::tui) enum Group {
    /// This page.
    Page,
    /// Moving about.
    Move,
    /// Lists.
    List,
    /// Everything else.
    General,
}

/// How much an action can do, and so how it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::tui) enum Danger {
    /// Nothing is changed.
    None,
    /// The mirror is changed, and can be changed back: done at once.
    Reversible,
    /// Asked for, with the answer No at hand.
    Asked,
    /// Asked for; the name must be typed.
    Typed,
}

impl Danger {
    /// Whether it changes the mirror: not possible in a console that may only look.
    pub(in crate::tui) fn is_mutating(self) -> bool {
        self != Self::None
    }

    /// One level up, where production is concerned.
    pub(in crate::tui) fn raised(self) -> Self {
        match self {
            Self::None => Self::None,
            Self::Reversible => Self::Asked,
            Self::Asked | Self::Typed => Self::Typed,
        }
    }
}

impl Context {
    /// Whether keys that mean nothing are text.
    pub(in crate::tui) fn is_text(self) -> bool {
        matches!(
            self,
            Self::FilterLine
                | Self::RecordsPrompt
                | Self::Palette
                | Self::ConfirmTyped
                | Self::Help
                | Self::UnblockPosition
                | Self::ClusterForm
                | Self::ClusterChoice
                | Self::OpenFile
                | Self::ExportFile
                | Self::OffsetsCell
                | Self::EditorField
        )
    }
}

impl Group {
    /// Its heading.
    pub(in crate::tui) fn title(self) -> &'static str {
        match self {
            Self::Page => "This page",
            Self::Move => "Moving",
            Self::List => "Lists",
            Self::General => "General",
        }
    }
}
