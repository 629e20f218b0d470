//! What things mean, so that a theme can say how they look.

use ratatui::style::Modifier;

use Role::*;

/// A meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::tui) enum Role {
    /// The screen.
    Background,
    /// Text without a special meaning.
    Text,
    /// Explanations, units, what is not in force.
    Dim,
    /// Names of panels.
    Title,
    /// What one looks for: the flow's name, the active tab.
    Accent,
    /// Keys in hints.
    Key,
    /// As it should be.
    Ok,
    /// Passes by itself, or worth a look.
    Warn,
    /// Needs somebody.
    Err,
    /// News.
    Info,
    /// The row the cursor is on.
    SelectedText,
    /// The same, behind the text.
    SelectedBackground,
    /// Marked rows.
    Mark,
    /// What a filter matched.
    Match,
    /// Behind the name of a cluster that others depend on.
    BadgeProd,
    /// Behind one that looks like it.
    BadgeStaging,
    /// Behind one that nobody minds.
    BadgeDev,
    /// Text on badges.
    BadgeText,
    /// The first curve.
    Chart1,
    /// The second.
    Chart2,
    /// The third.
    Chart3,
    /// The fourth.
    Chart4,
    /// What comes.
    Add,
    /// What goes.
    Del,
    /// What is different.
    Change,
    /// Lines around panels.
    Border,
    /// Lines around the panel the keys go to.
    BorderFocus,
    /// Behind header and footer.
    BarBackground,
    /// Behind dialogs.
    PopupBackground,
    /// Heads of columns.
    Head,
    /// What cannot be used now.
    Disabled,
    /// Text that is being typed.
    Input,
}

impl Role {
    /// Every role, in the order of its number.
    pub(in crate::tui) const ALL: &[Self] = &[
        Background,
        Text,
        Dim,
        Title,
        Accent,
        Key,
        Ok,
        Warn,
        Err,
        Info,
        SelectedText,
        SelectedBackground,
        Mark,
        Match,
        BadgeProd,
        BadgeStaging,
        BadgeDev,
        BadgeText,
        Chart1,
        Chart2,
        Chart3,
        Chart4,
        Add,
        Del,
        Change,
        Border,
        BorderFocus,
        BarBackground,
        PopupBackground,
        Head,
        Disabled,
        Input,
    ];

    /// How many there are.
    pub(in crate::tui) const COUNT: usize = Self::ALL.len();

    /// Its name in theme files.
    pub(in crate::tui) const fn name(self) -> &'static str {
        match self {
            Background => "bg",
            Text => "text",
            Dim => "dim",
            Title => "title",
            Accent => "accent",
            Key => "key",
            Ok => "ok",
            Warn => "warn",
            Err => "err",
            Info => "info",
            SelectedText => "sel.fg",
            SelectedBackground => "sel.bg",
            Mark => "mark",
            Match => "match",
            BadgeProd => "badge.prod",
            BadgeStaging => "badge.staging",
            BadgeDev => "badge.dev",
            BadgeText => "badge.fg",
            Chart1 => "chart.1",
            Chart2 => "chart.2",
            Chart3 => "chart.3",
            Chart4 => "chart.4",
            Add => "add",
            Del => "del",
            Change => "change",
            Border => "border",
            BorderFocus => "border.focus",
            BarBackground => "bar.bg",
            PopupBackground => "popup.bg",
            Head => "head",
            Disabled => "disabled",
            Input => "input",
        }
    }

    /// The role whose look it has where a theme says nothing of it.
    pub(in crate::tui) const fn fallback(self) -> Option<Self> {
        Some(match self {
            Background | Text => return None,
            Dim | Title | Ok | Warn | SelectedText | Input => Text,
            Accent => Title,
            Key | Info | Mark | Match | Chart1 | BorderFocus => Accent,
            Err => Warn,
            SelectedBackground | BarBackground | PopupBackground | BadgeText => Background,
            BadgeProd | Del => Err,
            BadgeStaging | Chart3 | Change => Warn,
            BadgeDev | Chart2 | Add => Ok,
            Chart4 => Info,
            Border | Head | Disabled => Dim,
        })
    }

    /// Whether its colour lies behind text.
    pub(in crate::tui) const fn is_background(self) -> bool {
        matches!(
            self,
            Background | SelectedBackground | BarBackground | PopupBackground | BadgeProd | BadgeStaging | BadgeDev
        )
    }

    /// How it is told from others without any colour, where a theme's `[mono]` says nothing of it.
    pub(in crate::tui) const fn mono(self) -> Modifier {
        match self {
            Title | Accent | Key | Warn | Err | Mark => Modifier::BOLD,
            Dim | Disabled | Border => Modifier::DIM,
            SelectedBackground | BadgeProd | BadgeStaging => Modifier::REVERSED,
            Match | Head => Modifier::UNDERLINED,
            _ => Modifier::empty(),
        }
    }
}
