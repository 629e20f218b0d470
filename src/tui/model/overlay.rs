//! What is open on top of a page.

use super::export::{Export, ExportField};
use super::input_line::InputLine;
use super::live::unblock::Unblock;
use super::offsets::SavedChoice;
use crate::engine::Command;
use crate::model::{ClusterName, FlowName, PatternProposal, TopicName};
use crate::tui::equivalent::Equivalent;
use crate::tui::keymap::{Action, Context, Danger};
use crate::tui::services::Job;
use crate::tui::theme::ThemeName;

/// Something on top of a page that keys go to.
#[derive(Clone, Debug)]
pub(in crate::tui) enum Overlay {
    /// All keys.
    Help(Help),
    /// Commands by name.
    Palette(Palette),
    /// A question.
    Confirm(Box<Confirm>),
    /// A configuration file is named.
    OpenFile(Box<OpenFile>),
    /// The demo's troubles.
    Troubles,
    /// What is wrong.
    Cards(Cards),
    /// A text that is too long for a line.
    Reading(Box<Reading>),
    /// Themes to choose from.
    Themes(Themes),
    /// What runs in the background; the number of the task the cursor is on.
    Tasks(usize),
    /// What can be done about something blocked.
    Unblock(Box<Unblock>),
    /// The configuration is taken elsewhere.
    Export(Box<Export>),
    /// Commands that do the same in a shell.
    Shell(Box<Shell>),
    /// Files of saved positions.
    SavedOffsets(Box<SavedChoice>),
    /// A flow is chosen for marked topics.
    AddToFlow(Box<AddToFlow>),
}

/// The help, which can be searched by typing.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct Help {
    pub(in crate::tui) line: InputLine,
    pub(in crate::tui) top: usize,
    /// Where it was opened, which decides what "this page" is.
    pub(in crate::tui) contexts: Vec<Context>,
}

/// The palette.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct Palette {
    pub(in crate::tui) line: InputLine,
    pub(in crate::tui) cursor: usize,
    /// Where it was opened, which decides what can be run.
    pub(in crate::tui) contexts: Vec<Context>,
    /// Which of the former commands is in the line, counted from the latest.
    pub(in crate::tui) recalled: Option<usize>,
}

/// A question before something is done.
#[derive(Clone, Debug)]
pub(in crate::tui) struct Confirm {
    /// "Stop flow orders?"
    pub(in crate::tui) question: String,
    /// What will happen, line by line.
    pub(in crate::tui) lines: Vec<String>,
    pub(in crate::tui) danger: Danger,
    /// Whether a cluster concerned is production.
    pub(in crate::tui) is_prod: bool,
    /// What must be typed, when the danger wants it.
    pub(in crate::tui) name: String,
    pub(in crate::tui) typed: InputLine,
    /// The command that does the same in a shell.
    pub(in crate::tui) equivalent: Option<String>,
    /// What is done at Yes.
    pub(in crate::tui) then: Deed,
}

/// What is done when a question is answered with yes.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::tui) enum Deed {
    /// Orders to the engine.
    Send(Vec<Command>),
    /// A job is done.
    Run(Job),
    /// The flow that is drafted is thrown away.
    Discard,
    /// The console ends.
    End,
}

/// The file that is to be opened.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct OpenFile {
    pub(in crate::tui) line: InputLine,
    /// Why it cannot be.
    pub(in crate::tui) error: Option<String>,
}

/// The error cards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tui) struct Cards {
    /// Which problem is shown.
    pub(in crate::tui) cursor: usize,
    /// The first line of its card that is.
    pub(in crate::tui) top: usize,
}

/// A text that is read as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tui) struct Reading {
    pub(in crate::tui) title: String,
    /// Wrapped where they are drawn.
    pub(in crate::tui) paragraphs: Vec<String>,
    /// What is copied.
    pub(in crate::tui) copy: String,
    /// The first line shown.
    pub(in crate::tui) top: usize,
}

/// Topics that were marked, the flow they are for, and the rules that bring them into it.
#[derive(Clone, Debug)]
pub(in crate::tui) struct AddToFlow {
    pub(in crate::tui) cluster: ClusterName,
    pub(in crate::tui) marked: Vec<TopicName>,
    /// The flows that read the cluster.
    pub(in crate::tui) flows: Vec<FlowName>,
    /// The rules, once they are found, or why they are not.
    pub(in crate::tui) offer: Option<Result<Offer, String>>,
    /// Whether the topics are to be listed, not matched.
    pub(in crate::tui) is_literal: bool,
    /// Which flow is chosen; 0 is a new one.
    pub(in crate::tui) cursor: usize,
}

/// Rules for marked topics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tui) struct Offer {
    pub(in crate::tui) proposal: PatternProposal,
    /// How many topics the patterns match,
    pub(in crate::tui) matched: usize,
    /// of how many.
    pub(in crate::tui) all: usize,
}

/// Commands that do in a shell what a page is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tui) struct Shell {
    pub(in crate::tui) commands: Vec<Equivalent>,
    pub(in crate::tui) cursor: usize,
}

/// The theme picker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tui) struct Themes {
    pub(in crate::tui) cursor: usize,
    /// What to go back to.
    pub(in crate::tui) before: ThemeName,
}

impl Overlay {
    /// Where keys go while it is open.
    pub(in crate::tui) fn context(&self) -> Context {
        match self {
            Self::Help(_) => Context::Help,
            Self::Palette(_) => Context::Palette,
            Self::Confirm(confirm) if confirm.danger == Danger::Typed => Context::ConfirmTyped,
            Self::Confirm(_) => Context::Confirm,
            Self::OpenFile(_) => Context::OpenFile,
            Self::Troubles => Context::Troubles,
            Self::Cards(_) => Context::Cards,
            Self::Reading(_) => Context::Reading,
            Self::Themes(_) => Context::Themes,
            Self::Tasks(_) => Context::Tasks,
            Self::Unblock(unblock) if unblock.line.is_some() => Context::UnblockPosition,
            Self::Unblock(_) => Context::Unblock,
            Self::Export(export) if export.field == ExportField::File => Context::ExportFile,
            Self::Export(_) => Context::Export,
            Self::Shell(_) => Context::Shell,
            Self::SavedOffsets(_) => Context::SavedOffsets,
            Self::AddToFlow(_) => Context::AddToFlow,
        }
    }
}

/// An entry of the palette that fits what is typed: an action, or what one can be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tui) struct PaletteEntry {
    pub(in crate::tui) action: Action,
    /// What stands in the line when it is completed.
    pub(in crate::tui) text: String,
    /// What is shown of it: its name, with the name of what it can be given.
    pub(in crate::tui) name: String,
    pub(in crate::tui) label: String,
    pub(in crate::tui) keys: String,
    /// What it is given, where that is chosen.
    pub(in crate::tui) word: Option<String>,
}
