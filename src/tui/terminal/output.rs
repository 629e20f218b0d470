//! Bytes to the terminal, by a thread of their own: a terminal that does not take them (stopped with ^S, a slow line)
//! holds nobody else up.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

use super::TerminalError;

/// Takes one piece at a time.
pub(in crate::tui) struct Output {
    pieces: SyncSender<Vec<u8>>,
    written: UnboundedReceiver<io::Result<Duration>>,
    is_busy: bool,
}

impl Output {
    /// An output to this process's stdout.
    ///
    /// # Errors
    /// When the file or the thread cannot be had.
    pub(in crate::tui) fn start() -> Result<Self, TerminalError> {
        let stdout = io::stdout().as_fd().try_clone_to_owned().map_err(TerminalError::of("use the terminal"))?;
        Self::onto(File::from(stdout))
    }

    /// An output to anything.
    fn onto(mut writer: impl Write + Send + 'static) -> Result<Self, TerminalError> {
        let (pieces, queue) = sync_channel::<Vec<u8>>(1);
        let (done, written) = unbounded_channel();
        let write = move || {
            for piece in queue {
                let started = Instant::now();
                let result = writer.write_all(&piece).and_then(|()| writer.flush()).map(|()| started.elapsed());
                if done.send(result).is_err() {
                    return;
                }
            }
        };
        let thread = thread::Builder::new().name("kmirror-screen".into()).spawn(write);
        thread.map_err(TerminalError::of("start a thread for the screen"))?;
        Ok(Self { pieces, written, is_busy: false })
    }

    /// Whether the last piece is still on its way.
    pub(in crate::tui) fn is_busy(&self) -> bool {
        self.is_busy
    }

    /// Sends a piece. Only when the one before has been written.
    pub(in crate::tui) fn send(&mut self, piece: Vec<u8>) {
        debug_assert!(!self.is_busy, "one piece at a time");
        self.is_busy = self.pieces.try_send(piece).is_ok();
    }

    /// Waits until the piece on its way is written, and tells how long that took. Safe to cancel; never ends when
    /// nothing is on its way.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(in crate::tui) async fn written(&mut self) -> io::Result<Duration> {
        if !self.is_busy {
            std::future::pending::<()>().await;
        }
        let result = self.written.recv().await;
        self.is_busy = false;
        result.unwrap_or_else(|| Err(io::ErrorKind::BrokenPipe.into()))
    }

    /// Sends a last piece, and waits a little until it is written.
    pub(in crate::tui) async fn finish(&mut self, piece: &[u8]) {
        if self.is_busy && timeout(FINISH_MAX, self.written()).await.is_err() {
            return;
        }
        self.send(piece.to_vec());
        let _ = timeout(FINISH_MAX, self.written()).await;
    }
}

/// How long a terminal that takes nothing is waited for.
const FINISH_MAX: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Terminal(Arc<Mutex<Vec<Vec<u8>>>>);

    impl Write for Terminal {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("lock").push(bytes.to_vec());
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn each_piece_is_one_write() {
        let terminal = Terminal::default();
        let mut output = Output::onto(terminal.clone()).expect("started");
        output.send(vec![b'x'; 20_000]);
        assert!(output.is_busy());
        output.written().await.expect("written");
        assert!(!output.is_busy());
        output.finish(b"end").await;
        let sizes: Vec<usize> = terminal.0.lock().expect("lock").iter().map(Vec::len).collect();
        assert_eq!(sizes, [20_000, 3]);
    }

    #[tokio::test]
    async fn a_terminal_that_is_gone_is_an_error() {
        struct Gone;
        impl Write for Gone {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::Error::other("gone"))
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut output = Output::onto(Gone).expect("started");
        output.send(vec![1]);
        assert_eq!(output.written().await.expect_err("gone").to_string(), "gone");
    }
}
