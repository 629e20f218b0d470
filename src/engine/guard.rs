//! Who may change the mirror: asked by the dispatcher before every command that does.

use super::command::Command;

/// Admits commands or refuses them, and keeps account of both.
pub trait Guard: Send + Sync {
    /// Whether a command that changes the mirror may be carried out.
    ///
    /// # Errors
    /// With the reason why not, which the user gets to see.
    fn admit(&self, command: &Command) -> Result<(), String>;
}

/// Admits everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct AdmitAll;

impl Guard for AdmitAll {
    fn admit(&self, _command: &Command) -> Result<(), String> {
        Ok(())
    }
}
