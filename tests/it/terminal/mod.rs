//! The real binary in a terminal: keys in, a screen out.

mod link;
mod picture;

use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{LocalModes, tcgetattr};

pub(crate) use self::link::Link;
use crate::support::{TestDir, wait_or_tell, wait_until};

/// A program in a terminal of its own. It is ended with the value.
pub(crate) struct Terminal {
    master: Option<Box<dyn MasterPty + Send>>,
    keys: Option<Box<dyn Write + Send>>,
    child: Box<dyn Child + Send + Sync>,
    shown: Arc<Mutex<Shown>>,
    home: TestDir,
    /// When it was started.
    since: Instant,
}

/// What the terminal got.
pub(crate) struct Shown {
    parser: vt100::Parser,
    /// Every byte.
    pub(crate) bytes: Vec<u8>,
    /// When the last came.
    last: Instant,
    /// Whether nobody reads any more.
    is_gone: bool,
    /// Whether nothing more will come.
    is_over: bool,
}

/// How long anything may take: brokers start inside, on machines that do other things.
const PATIENCE: Duration = Duration::from_secs(30);

/// How a terminal is set up.
pub(crate) struct Setup<'a> {
    pub(crate) program: &'a str,
    pub(crate) arguments: &'a [&'a str],
    /// Columns and rows.
    pub(crate) size: (u16, u16),
    pub(crate) variables: &'a [(&'a str, &'a str)],
    /// Files below the home folder.
    pub(crate) files: &'a [(&'a str, &'a str)],
    /// What is between the program and who looks at it; nothing when absent.
    pub(crate) link: Option<Link>,
}

impl Default for Setup<'_> {
    fn default() -> Self {
        let program = env!("CARGO_BIN_EXE_kmirror");
        Self { program, arguments: &[], size: (120, 36), variables: &[], files: &[], link: None }
    }
}

impl Terminal {
    /// Starts kmirror with these arguments, on 120 columns and 36 rows.
    pub(crate) fn kmirror(arguments: &[&str]) -> Self {
        Self::start(&Setup { arguments, ..Setup::default() })
    }

    pub(crate) fn start(setup: &Setup<'_>) -> Self {
        let home = TestDir::new();
        for (name, text) in setup.files {
            home.write(name, text);
        }
        let (cols, rows) = setup.size;
        let size = PtySize { rows, cols, ..PtySize::default() };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        let mut command = CommandBuilder::new(setup.program);
        command.args(setup.arguments);
        command.env_clear();
        command.cwd(home.path());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", home.path());
        for (variable, folder) in [("XDG_CONFIG_HOME", "config"), ("XDG_STATE_HOME", "state")] {
            command.env(variable, home.path().join(folder));
        }
        let usual = [("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LANG", "C.UTF-8")];
        for (variable, value) in usual.iter().chain(setup.variables) {
            command.env(variable, value);
        }
        let child = pair.slave.spawn_command(command).expect("started");
        drop(pair.slave);
        let parser = vt100::Parser::new(cells(rows), cells(cols), 0);
        let shown = Shown { parser, bytes: Vec::new(), last: Instant::now(), is_gone: false, is_over: false };
        let shown = Arc::new(Mutex::new(shown));
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let mut keys = pair.master.take_writer().expect("a writer");
        if let Some(link) = setup.link {
            (reader, keys) = (link.reader(reader), link.writer(keys));
        }
        let into = Arc::clone(&shown);
        thread::spawn(move || {
            read(reader, &into);
            into.lock().expect("nobody panics with it").is_over = true;
        });
        Self { master: Some(pair.master), keys: Some(keys), child, shown, home, since: Instant::now() }
    }

    /// The folder it takes for its home.
    pub(crate) fn home(&self) -> &TestDir {
        &self.home
    }

    pub(crate) fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().expect("a reader that lives")
    }

    /// The characters on the screen.
    pub(crate) fn screen(&self) -> String {
        self.shown().parser.screen().contents()
    }

    /// Waits until it has been there for so long.
    #[track_caller]
    pub(crate) fn wait_for_age(&self, age: Duration) {
        wait_until("its age", age + PATIENCE, || (self.since.elapsed() > age).then_some(()));
    }

    /// A picture of the screen, as SVG.
    pub(crate) fn picture(&self) -> String {
        picture::svg(self.shown().parser.screen())
    }

    /// Whether it is on the other screen, where programs draw.
    pub(crate) fn is_on_other_screen(&self) -> bool {
        self.shown().parser.screen().alternate_screen()
    }

    pub(crate) fn is_cursor_hidden(&self) -> bool {
        self.shown().parser.screen().hide_cursor()
    }

    /// Types, as bytes.
    pub(crate) fn press(&mut self, keys: &str) {
        let writer = self.keys.as_mut().expect("a terminal");
        writer.write_all(keys.as_bytes()).and_then(|()| writer.flush()).expect("typed");
    }

    /// Waits until the screen has all these texts.
    #[track_caller]
    pub(crate) fn wait_for(&self, texts: &[&str]) {
        let has_all = || texts.iter().all(|text| self.screen().contains(text)).then_some(());
        wait_or_tell(PATIENCE, has_all, || format!("{texts:?} on\n{}", self.screen()));
    }

    /// Waits until nothing has been written for so long.
    #[track_caller]
    pub(crate) fn wait_for_silence(&self, quiet: Duration) {
        wait_until("silence", PATIENCE, || (self.shown().last.elapsed() > quiet).then_some(()));
    }

    /// Waits until the program has given the screen back to the shell it was started from.
    #[track_caller]
    pub(crate) fn wait_for_shell(&self) {
        wait_until("the shell", PATIENCE, || (!self.is_on_other_screen()).then_some(()));
    }

    pub(crate) fn resize(&self, (cols, rows): (u16, u16)) {
        let size = PtySize { rows, cols, ..PtySize::default() };
        self.shown().parser.screen_mut().set_size(cells(rows), cells(cols));
        self.master.as_ref().expect("a terminal").resize(size).expect("resized");
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = self.child.process_id().and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?)).expect("a process");
        kill_process(pid, signal).expect("sent");
    }

    /// Takes the terminal away, as a connection that breaks does: with the next thing that is written, for until then
    /// its reader holds it.
    pub(crate) fn hang_up(&mut self) {
        self.shown().is_gone = true;
        self.keys = None;
        self.master = None;
    }

    /// Whether lines are read as shells want it: echoed, and whole.
    pub(crate) fn is_cooked(&self) -> bool {
        let name = self.master.as_ref().and_then(|master| master.tty_name()).expect("a terminal");
        // Not to become this process's own terminal.
        let other_end = File::options().read(true).custom_flags(libc::O_NOCTTY).open(name).expect("its other end");
        let modes = tcgetattr(&other_end).expect("a terminal").local_modes;
        modes.contains(LocalModes::ECHO | LocalModes::ICANON)
    }

    /// Waits until it has ended; its exit code.
    #[track_caller]
    pub(crate) fn wait_for_end(&mut self) -> u32 {
        let child = &mut self.child;
        let status = wait_until("the end", PATIENCE, || child.try_wait().expect("a child"));
        wait_until("what it wrote last", PATIENCE, || self.shown().is_over.then_some(()));
        status.exit_code()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A terminal has at least one cell.
fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).unwrap_or(NonZeroU16::MIN)
}

fn read(mut reader: Box<dyn Read + Send>, shown: &Mutex<Shown>) {
    let mut buffer = [0; 16_384];
    // A terminal without anybody at its other end is an error, and the end.
    while let Ok(count @ 1..) = reader.read(&mut buffer) {
        let mut shown = shown.lock().expect("nobody panics with it");
        shown.parser.process(&buffer[..count]);
        shown.bytes.extend_from_slice(&buffer[..count]);
        shown.last = Instant::now();
        if shown.is_gone {
            return;
        }
    }
}
