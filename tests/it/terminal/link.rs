//! A slow line between a program and its terminal, as over a bad connection: what is sent comes late, and only so much
//! of it at a time. Who sends more has to wait.

use std::io::{self, Read, Write};
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// How slow a line is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    /// How late everything comes, in both directions.
    pub(crate) delay: Duration,
    /// How much of what the program sends gets through.
    pub(crate) bytes_per_second: u32,
    /// How fast keys get through. One that is held repeats thirty times a second and more, and a line that was stuck
    /// lets many through at once.
    pub(crate) keys_per_second: u32,
}

/// What is on its way, and when it arrives.
type Packet = (Instant, Vec<u8>);

/// Pieces in which what the program sends is taken.
const PACKET_BYTES: usize = 256;
/// Pieces that are under way at once.
const PACKETS: usize = 1_024;

impl Link {
    /// What comes from `reader`, over the line.
    pub(super) fn reader(self, mut reader: Box<dyn Read + Send>) -> Box<dyn Read + Send> {
        let (sender, packets) = sync_channel(PACKETS);
        thread::spawn(move || {
            let mut buffer = [0; PACKET_BYTES];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                let sent = sender.send((Instant::now() + self.delay, buffer[..count].to_vec()));
                if sent.is_err() {
                    return;
                }
                let bytes = u32::try_from(count).unwrap_or(u32::MAX);
                wait_until(Instant::now() + Duration::from_secs(1) * bytes / self.bytes_per_second);
            }
        });
        Box::new(Arriving(packets))
    }

    /// What is written is given to `writer` at the line's other end, key by key and every key byte by byte.
    pub(super) fn writer(self, mut writer: Box<dyn Write + Send>) -> Box<dyn Write + Send> {
        let (sender, packets) = channel::<Packet>();
        thread::spawn(move || {
            for (due, bytes) in packets {
                wait_until(due);
                for byte in bytes {
                    if writer.write_all(&[byte]).and_then(|()| writer.flush()).is_err() {
                        return;
                    }
                }
            }
        });
        Box::new(Leaving { link: self, packets: sender, last: Instant::now() })
    }
}

/// The near end of what comes.
struct Arriving(Receiver<Packet>);

impl Read for Arriving {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Ok((due, bytes)) = self.0.recv() else { return Ok(0) };
        wait_until(due);
        buffer[..bytes.len()].copy_from_slice(&bytes);
        Ok(bytes.len())
    }
}

/// The near end of what is typed.
struct Leaving {
    link: Link,
    packets: Sender<Packet>,
    /// When the last key arrives.
    last: Instant,
}

impl Write for Leaving {
    /// One key.
    fn write(&mut self, key: &[u8]) -> io::Result<usize> {
        let after_last = self.last + Duration::from_secs(1) / self.link.keys_per_second;
        self.last = after_last.max(Instant::now() + self.link.delay);
        self.packets.send((self.last, key.to_vec())).map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(key.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn wait_until(due: Instant) {
    // It may come back early.
    while let Some(left) = due.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
        thread::park_timeout(left);
    }
}
