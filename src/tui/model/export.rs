//! The export dialog: what is to be exported, how, and what that would be.

use std::path::PathBuf;

use super::input_line::InputLine;
use crate::export::SecretForm;
use crate::model::FlowName;
use crate::report::{ShellCommand, option};
use crate::tui::services::{ExportFound, ExportWish};

/// The dialog.
#[derive(Clone, Debug)]
pub(in crate::tui) struct Export {
    /// The file, as typed.
    pub(in crate::tui) line: InputLine,
    /// The flow it was opened for, if any.
    pub(in crate::tui) flow: Option<FlowName>,
    pub(in crate::tui) is_whole: bool,
    pub(in crate::tui) secrets: SecretForm,
    pub(in crate::tui) has_progress: bool,
    pub(in crate::tui) field: ExportField,
    /// What was asked for last, and what came of it.
    pub(in crate::tui) found: Option<(ExportWish, Result<ExportFound, String>)>,
    /// Whether the difference to the file is shown, not the text.
    pub(in crate::tui) is_diff: bool,
    /// The first line shown.
    pub(in crate::tui) top: usize,
}

/// A line of the dialog that keys go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) enum ExportField {
    File,
    Scope,
    Secrets,
    Offsets,
}

impl ExportField {
    pub(in crate::tui) const ALL: [Self; 4] = [Self::File, Self::Scope, Self::Secrets, Self::Offsets];

    /// The next one, or the one before, round the end.
    pub(in crate::tui) fn step(self, is_forward: bool) -> Self {
        let at = Self::ALL.iter().position(|field| *field == self).unwrap_or(0);
        let count = Self::ALL.len();
        Self::ALL[(at + if is_forward { 1 } else { count - 1 }) % count]
    }
}

impl Export {
    /// What is asked for, as the dialog stands.
    pub(in crate::tui) fn wish(&self) -> ExportWish {
        ExportWish {
            flow: self.flow.clone().filter(|_| !self.is_whole),
            secrets: self.secrets,
            has_progress: self.has_progress,
            path: PathBuf::from(self.line.text().trim()),
        }
    }

    /// What does the same in a shell.
    pub(in crate::tui) fn command(&self) -> ShellCommand {
        let secrets = match self.secrets {
            SecretForm::Env => "",
            SecretForm::File => "--secrets file ",
            SecretForm::Omit => "--secrets omit ",
        };
        let progress = if self.has_progress { "--with-progress " } else { "" };
        let output = option("-o", self.line.text().trim());
        ShellCommand::Export { flow: self.wish().flow, more: format!("{secrets}{progress}{output}") }
    }

    /// What it would be, if that is known already.
    pub(in crate::tui) fn ready(&self) -> Option<&ExportFound> {
        let (wish, found) = self.found.as_ref()?;
        found.as_ref().ok().filter(|_| *wish == self.wish())
    }

    /// Chooses the next of what the field offers.
    pub(in crate::tui) fn choose(&mut self) {
        match self.field {
            ExportField::File => {}
            ExportField::Scope => self.is_whole = self.flow.is_none() || !self.is_whole,
            ExportField::Secrets => {
                self.secrets = match self.secrets {
                    SecretForm::Env => SecretForm::File,
                    SecretForm::File => SecretForm::Omit,
                    SecretForm::Omit => SecretForm::Env,
                };
            }
            ExportField::Offsets => self.has_progress = !self.has_progress,
        }
    }
}
