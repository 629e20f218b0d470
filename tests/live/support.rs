//! What the terminal needs of the fast tests.

#[path = "../it/support/dir.rs"]
mod dir;
#[path = "../it/support/wait.rs"]
mod wait;

pub(crate) use dir::TestDir;
pub(crate) use wait::{wait_or_tell, wait_until};
