//! What is needed of the fast tests: the terminal, and an engine that takes orders.

#[path = "../it/support/dir.rs"]
mod dir;
#[path = "../it/support/engine.rs"]
mod engine;
#[path = "../it/support/wait.rs"]
mod wait;

pub(crate) use dir::TestDir;
pub(crate) use engine::start_engine;
pub(crate) use wait::{wait_or_tell, wait_until};
