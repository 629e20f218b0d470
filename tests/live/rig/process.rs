//! Child processes that cannot outlive the test.
//!
//! Three nets, each for what the one before cannot catch: [`Process`] ends its child when dropped, [`end_all`] ends
//! whatever is left before the test binary exits, and the kernel kills every child when the test binary itself is
//! killed (`PR_SET_PDEATHSIG`). That signal is sent when the *thread* that forked ends, not the process, and a trial's
//! thread ends long before its broker should: so every child is forked by one thread that lives as long as the process.

use std::collections::BTreeSet;
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus};
use std::sync::{LazyLock, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use super::wait::wait_until;

/// A signal a test sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// SIGINT: Ctrl-C.
    Interrupt,
    /// SIGTERM: please stop.
    Terminate,
    /// SIGKILL: a crash.
    Kill,
    /// SIGSTOP: frozen, its connections stay open.
    Stop,
    /// SIGCONT: thawed.
    Continue,
}

/// How a process ended, and what it had used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exit {
    /// Its exit code or the signal that ended it.
    pub(crate) status: ExitStatus,
    /// User plus system time.
    pub(crate) cpu: Duration,
}

/// A running child, ended when dropped.
#[derive(Debug)]
pub(crate) struct Process {
    what: String,
    pid: u32,
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
    exit: Option<Exit>,
}

impl Process {
    /// Starts `command`; `what` names it in messages.
    pub(crate) fn spawn(what: &str, command: Command) -> Result<Self> {
        let mut child = fork(command).with_context(|| format!("start {what}"))?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        Ok(Self { what: what.to_owned(), pid: child.id(), stdout, stderr, exit: None })
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// Its standard output and error, where the command piped them. Given once.
    pub(crate) fn take_output(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (self.stdout.take(), self.stderr.take())
    }

    /// How it ended, if it has.
    pub(crate) fn try_exit(&mut self) -> Result<Option<Exit>> {
        if self.exit.is_none() {
            self.exit = reap(self.pid).with_context(|| format!("wait for {}", self.what))?;
        }
        Ok(self.exit)
    }

    /// Sends `signal`, unless it has ended.
    pub(crate) fn signal(&mut self, signal: Signal) -> Result<()> {
        if self.try_exit()?.is_some() {
            bail!("send {signal:?} to {}: it has ended", self.what);
        }
        send(self.pid, signal).with_context(|| format!("send {signal:?} to {}", self.what))
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self, deadline: Duration) -> Result<Exit> {
        let what = format!("end of {}", self.what);
        wait_until(&what, deadline, || self.try_exit())
    }

    /// Asks it to stop, insists after `patience`.
    pub(crate) fn stop(&mut self, patience: Duration) -> Result<Exit> {
        if self.try_exit()?.is_none() {
            self.signal(Signal::Terminate)?;
        }
        if let Ok(exit) = self.wait(patience) {
            return Ok(exit);
        }
        self.kill()
    }

    /// Kills it and waits for the kernel to agree.
    pub(crate) fn kill(&mut self) -> Result<Exit> {
        if self.try_exit()?.is_none() {
            self.signal(Signal::Kill)?;
        }
        self.wait(Duration::from_secs(10))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Nothing useful to do with an error here: the kernel's net is still below.
        let _ = self.kill();
    }
}

/// Kills every child still running. For the last moment of the test binary: statics are never dropped.
pub(crate) fn end_all() {
    let pids: Vec<u32> = LIVE.lock().map(|live| live.iter().copied().collect()).unwrap_or_default();
    for pid in pids {
        let _ = send(pid, Signal::Kill);
    }
}

/// Hands `command` to the forking thread and waits for its child.
fn fork(command: Command) -> io::Result<Child> {
    let (reply, answer) = mpsc::channel();
    let forker = FORKER.lock().map_err(|_| io::Error::other("the forking thread is poisoned"))?.clone();
    forker.send((command, reply)).map_err(|_| io::Error::other("the forking thread has ended"))?;
    answer.recv().map_err(|_| io::Error::other("the forking thread has ended"))?
}

/// Forks `command` so that the child dies with this process.
fn fork_here(mut command: Command) -> io::Result<Child> {
    let parent = std::process::id();
    #[expect(unsafe_code, reason = "prctl in the child; only async-signal-safe calls between fork and exec")]
    // SAFETY: prctl and getppid are async-signal-safe, and nothing is allocated unless the child is about to fail.
    unsafe {
        command.pre_exec(move || {
            if libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) != 0 {
                return Err(io::Error::last_os_error());
            }
            // The parent may have died between fork and prctl: no signal would ever come.
            if libc::getppid().cast_unsigned() != parent {
                return Err(io::Error::from(io::ErrorKind::BrokenPipe));
            }
            Ok(())
        });
    }
    let child = command.spawn()?;
    if let Ok(mut live) = LIVE.lock() {
        live.insert(child.id());
    }
    Ok(child)
}

/// Sends `signal` to `pid`, a child of ours that has not been reaped.
fn send(pid: u32, signal: Signal) -> io::Result<()> {
    let number = match signal {
        Signal::Interrupt => libc::SIGINT,
        Signal::Terminate => libc::SIGTERM,
        Signal::Kill => libc::SIGKILL,
        Signal::Stop => libc::SIGSTOP,
        Signal::Continue => libc::SIGCONT,
    };
    #[expect(unsafe_code, reason = "kill is not in the standard library")]
    // SAFETY: takes two integers and touches no memory of ours.
    let result = unsafe { libc::kill(pid.cast_signed(), number) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Collects a child that has ended, with the CPU time it used.
fn reap(pid: u32) -> io::Result<Option<Exit>> {
    let mut status = 0;
    #[expect(unsafe_code, reason = "wait4 is the only wait that tells the CPU time of one child")]
    // SAFETY: a zeroed rusage is a valid one, and both pointers outlive the call.
    let (result, usage) = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        (libc::wait4(pid.cast_signed(), &raw mut status, libc::WNOHANG, &raw mut usage), usage)
    };
    match result {
        0 => Ok(None),
        -1 => Err(io::Error::last_os_error()),
        _ => {
            if let Ok(mut live) = LIVE.lock() {
                live.remove(&pid);
            }
            let cpu = duration(usage.ru_utime) + duration(usage.ru_stime);
            Ok(Some(Exit { status: ExitStatus::from_raw(status), cpu }))
        }
    }
}

fn duration(time: libc::timeval) -> Duration {
    let micros = time.tv_sec.saturating_mul(1_000_000).saturating_add(time.tv_usec);
    Duration::from_micros(micros.unsigned_abs())
}

/// The children not yet reaped. Only their ids are ever signalled, never a name.
static LIVE: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

type Order = (Command, mpsc::Sender<io::Result<Child>>);

/// The one thread that forks.
static FORKER: LazyLock<Mutex<mpsc::Sender<Order>>> = LazyLock::new(|| {
    let (sender, orders) = mpsc::channel::<Order>();
    thread::spawn(move || {
        for (command, reply) in orders {
            let _ = reply.send(fork_here(command));
        }
    });
    Mutex::new(sender)
});
