//! Notices that the terminal is gone. Reading from one that is gone ends at once, again and again: without this, input
//! would spin.

use std::os::fd::AsFd;
use std::thread;

use rustix::event::{PollFd, PollFlags, poll};
use tokio::sync::oneshot;

/// Waits for the end of the terminal on a thread of its own. Never comes when there is nothing to wait for.
pub(in crate::tui) fn watch_hangup() -> oneshot::Receiver<()> {
    let (gone, notice) = oneshot::channel();
    let Ok(terminal) = std::io::stdout().as_fd().try_clone_to_owned() else { return notice };
    let watch = move || {
        loop {
            // Without a wish, only its end is told.
            let mut fds = [PollFd::new(&terminal, PollFlags::empty())];
            match poll(&mut fds, None) {
                Err(rustix::io::Errno::INTR) => {}
                Ok(_) if fds[0].revents().is_empty() => {}
                _ => break,
            }
        }
        let _ = gone.send(());
    };
    // Without the thread the end is noticed by the next write.
    let _ = thread::Builder::new().name("kmirror-hangup".into()).spawn(watch);
    notice
}
