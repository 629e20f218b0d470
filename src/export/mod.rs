//! A configuration taken elsewhere: what a console holds, as a file that `kmirror run` goes on with.
//!
//! Pure functions of the configuration. Nothing here reads or writes a file, asks a cluster or looks up a secret, and
//! no secret is in what comes out.

mod configuration;
mod round_trip;
mod secrets;
#[cfg(test)]
mod tests;

pub use configuration::{ExportError, ExportRequest, ExportSource, Exported, Progress, export};
pub use secrets::SecretForm;
