//! The log: one line per event, whatever the event says, into a file that rolls over daily.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use thiserror::Error;
use tracing::{Event, Level, Subscriber};
use tracing_appender::non_blocking::{ErrorCounter, NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::filter::{EnvFilter, ParseError};
use tracing_subscriber::fmt::format::{self, FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::{FmtContext, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{Layer, Registry};

use super::escape_untrusted;
use super::recent::RecentLines;

/// A week of logs is kept.
const FILES_MAX: usize = 7;

/// Lines waiting for the disk. At some 200 bytes each it is 2 MB; more are dropped and counted.
const LINES_MAX: usize = 10_000;

/// What is logged unless a filter says otherwise. librdkafka's own lines come under its name.
const DEFAULT_DIRECTIVES: &str = "warn,kmirror=info,librdkafka=info";

/// How the log is to be kept.
#[derive(Clone, Debug, Default)]
pub struct LogOptions {
    /// Where the files go: `DIRECTORY/kmirror.DATE.log`. None are written when absent.
    pub directory: Option<PathBuf>,
    /// A level (`debug`) for kmirror itself, or directives as of `tracing` (`kmirror::engine=trace,librdkafka=debug`),
    /// which are added to the default ones.
    pub filter: Option<String>,
    /// Whether lines go to stderr too. Not together with a status line that updates in place.
    pub to_stderr: bool,
}

/// Keeps the log going; what is still waiting is written when it is dropped.
#[derive(Debug)]
#[must_use]
pub struct LogGuard {
    /// What could not be set up. The mirror runs without it.
    pub warning: Option<LogWarning>,
    /// Lines that were lost since the start.
    pub dropped: DroppedLines,
    /// The latest lines, whatever becomes of the file.
    pub recent: RecentLines,
    _worker: Option<WorkerGuard>,
}

/// The log file cannot be written; everything else goes on.
#[derive(Debug, Error)]
#[error("no log file is written: cannot open one in {}: {detail}", escape_untrusted(&directory.to_string_lossy()))]
pub struct LogWarning {
    directory: PathBuf,
    detail: String,
}

/// The filter is not one.
#[derive(Debug, Error)]
#[error(
    "invalid log level `{}`: use error, warn, info, debug or trace, or directives such as \
         `kmirror=debug,librdkafka=info` ({detail})",
    escape_untrusted(filter)
)]
pub struct LogFilterError {
    filter: String,
    detail: String,
}

/// How many log lines were lost, because the disk was too slow or refused them. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct DroppedLines {
    queue: Option<ErrorCounter>,
    refused: Arc<AtomicU64>,
}

impl DroppedLines {
    /// All lines lost so far.
    pub fn total(&self) -> u64 {
        let overflowed = self.queue.as_ref().map_or(0, ErrorCounter::dropped_lines);
        overflowed as u64 + self.refused.load(Ordering::Relaxed)
    }
}

/// Starts the log for the whole process. Later calls in the same process change nothing.
///
/// # Errors
/// When the filter cannot be read. A file that cannot be written is no error, but [`LogGuard::warning`].
pub fn start_logging(options: &LogOptions) -> Result<LogGuard, LogFilterError> {
    let (subscriber, guard) = build(options, io::stderr)?;
    let _already_started: Result<(), TryInitError> = subscriber.try_init();
    Ok(guard)
}

/// The subscriber for `options`, with `stderr` in the place of the process's own.
fn build<W>(options: &LogOptions, stderr: W) -> Result<(impl Subscriber + Send + Sync, LogGuard), LogFilterError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = parse_filter(options.filter.as_deref())?;
    let mut guard =
        LogGuard { warning: None, dropped: DroppedLines::default(), recent: RecentLines::default(), _worker: None };
    let mut layers: Vec<Box<dyn Layer<Registry> + Send + Sync>> = vec![Box::new(guard.recent.clone())];
    if let Some(directory) = &options.directory {
        match open(directory) {
            Ok(file) => {
                let (queue, worker) = start_writing(file, &mut guard.dropped);
                guard._worker = Some(worker);
                layers.push(Box::new(line_layer(queue)));
            }
            Err(detail) => guard.warning = Some(LogWarning { directory: directory.clone(), detail }),
        }
    }
    if options.to_stderr {
        layers.push(Box::new(line_layer(stderr)));
    }
    Ok((tracing_subscriber::registry().with(layers).with(filter), guard))
}

fn parse_filter(filter: Option<&str>) -> Result<EnvFilter, LogFilterError> {
    let directives = match filter.map(str::trim) {
        None | Some("") => DEFAULT_DIRECTIVES.to_owned(),
        Some(word) if word.parse::<Level>().is_ok() || word == "off" => format!("{DEFAULT_DIRECTIVES},kmirror={word}"),
        Some(directives) => format!("{DEFAULT_DIRECTIVES},{directives}"),
    };
    EnvFilter::builder().parse(directives).map_err(|err: ParseError| LogFilterError {
        filter: filter.unwrap_or_default().to_owned(),
        detail: err.to_string(),
    })
}

fn open(directory: &Path) -> Result<RollingFileAppender, String> {
    // The appender would print to stderr that it finds no old files in a folder it has yet to make.
    std::fs::create_dir_all(directory).map_err(|err| err.to_string())?;
    RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("kmirror")
        .filename_suffix("log")
        .max_log_files(FILES_MAX)
        .build(directory)
        .map_err(|err| {
            let cause = std::error::Error::source(&err).map(ToString::to_string);
            cause.unwrap_or_else(|| err.to_string())
        })
}

/// A thread that writes to `file`, with a bounded queue before it: whoever logs never waits for a disk.
fn start_writing(file: impl Write + Send + 'static, dropped: &mut DroppedLines) -> (NonBlocking, WorkerGuard) {
    let file = CountingFile { file, refused: Arc::clone(&dropped.refused), is_torn: false };
    let (queue, worker) = NonBlockingBuilder::default()
        .lossy(true)
        .buffered_lines_limit(LINES_MAX)
        .thread_name("kmirror-log")
        .finish(file);
    dropped.queue = Some(queue.error_counter());
    (queue, worker)
}

fn line_layer<S, W>(writer: W) -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .event_format(OneLine(format::Format::default().with_ansi(false)))
        .with_writer(writer)
}

/// A file that may refuse lines (disk full, quota, gone) without anybody failing: lost lines are counted.
struct CountingFile<F> {
    file: F,
    refused: Arc<AtomicU64>,
    /// Whether the last line may have been written in part, so that the next one needs a new line first.
    is_torn: bool,
}

impl<F: Write> Write for CountingFile<F> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mended = if self.is_torn { self.file.write_all(b"\n") } else { Ok(()) };
        let written = mended.and_then(|()| self.file.write_all(line));
        self.is_torn = written.is_err();
        if written.is_err() {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Another format's line, with everything escaped that could end it or act on a terminal.
struct OneLine<F>(F);

impl<S, N, F> FormatEvent<S, N> for OneLine<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> std::fmt::Result {
        let mut line = String::with_capacity(256);
        self.0.format_event(context, Writer::new(&mut line), event)?;
        writeln!(writer, "{}", escape_untrusted(line.trim_end_matches(['\n', '\r'])))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn options(directory: &Path) -> LogOptions {
        LogOptions { directory: Some(directory.to_owned()), ..LogOptions::default() }
    }

    /// What `log` writes into the file of a log with these options.
    fn logged(filter: Option<&str>, log: impl FnOnce()) -> String {
        let directory = tempfile::tempdir().expect("temp dir");
        let options = LogOptions { filter: filter.map(str::to_owned), ..options(directory.path()) };
        let (subscriber, guard) = build(&options, io::sink).expect("valid filter");
        assert!(guard.warning.is_none());
        tracing::subscriber::with_default(subscriber, log);
        assert_eq!(guard.dropped.total(), 0);
        drop(guard);
        let files: Vec<PathBuf> =
            fs::read_dir(directory.path()).expect("read dir").map(|entry| entry.expect("entry").path()).collect();
        assert_eq!(files.len(), 1);
        let name = files[0].file_name().expect("name").to_string_lossy().into_owned();
        assert!(name.starts_with("kmirror.2") && name.ends_with(".log"), "{name}");
        fs::read_to_string(&files[0]).expect("read log")
    }

    #[test]
    fn one_event_is_one_line_whatever_it_says() {
        let attack = "evil\n2026-01-01T00:00:00Z ERROR fake\r\u{1b}[2J\u{202e}";
        let text = logged(None, || {
            let span = tracing::info_span!(target: "kmirror", "lane", topic = attack);
            let _entered = span.enter();
            tracing::info!(target: "kmirror", topic = attack, other = ?attack, "told {attack}");
            tracing::error!(target: "kmirror", "second");
        });
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.ends_with("second\n"));
        assert!(!text.replace('\n', "").contains(super::super::is_hidden), "{text:?}");
        assert!(text.contains("told evil\\n2026-01-01T00:00:00Z ERROR fake\\r\\x1b[2J\\u{202e}"), "{text}");
    }

    #[test]
    fn a_level_is_for_kmirror_and_directives_are_for_anyone() {
        let log = || {
            tracing::debug!(target: "kmirror::engine", "ours");
            tracing::info!(target: "librdkafka", "theirs");
            tracing::debug!(target: "librdkafka", "theirs in detail");
            tracing::info!(target: "hyper", "foreign");
        };
        let lines = |filter| logged(filter, log).lines().count();
        assert_eq!(lines(None), 1);
        assert_eq!(lines(Some("debug")), 2);
        assert_eq!(lines(Some("off")), 1);
        assert_eq!(lines(Some("librdkafka=debug")), 2);
        assert_eq!(lines(Some("librdkafka=off")), 0);
        assert_eq!(lines(Some("kmirror=debug,librdkafka=debug,hyper=info")), 4);
    }

    #[test]
    fn a_filter_that_is_none_is_said_so() {
        let err = build(&LogOptions { filter: Some("kmirror=loud".into()), ..LogOptions::default() }, io::sink)
            .map(|_| ())
            .expect_err("no such level");
        assert!(err.to_string().starts_with("invalid log level `kmirror=loud`: use error, warn,"), "{err}");
    }

    #[test]
    fn a_directory_that_cannot_be_is_a_warning() {
        let (subscriber, guard) = build(&options(Path::new("/dev/full")), io::sink).expect("no error");
        tracing::subscriber::with_default(subscriber, || tracing::info!(target: "kmirror", "into the void"));
        let warning = guard.warning.as_ref().expect("a warning").to_string();
        assert!(warning.starts_with("no log file is written: cannot open one in /dev/full: "), "{warning}");
    }

    #[test]
    fn a_full_disk_costs_lines_and_nothing_else() {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("open /dev/full");
        let mut dropped = DroppedLines::default();
        let (mut queue, worker) = start_writing(full, &mut dropped);
        for _ in 0..3 {
            queue.write_all(b"line\n").expect("accepted");
        }
        drop(worker);
        assert_eq!(dropped.total(), 3);
    }

    #[test]
    fn a_torn_line_does_not_spoil_the_next() {
        /// Takes three bytes of the first line, then fails once.
        struct Hiccup(Vec<u8>, usize);
        impl Write for Hiccup {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.1 += 1;
                match self.1 {
                    1 => self.0.write(&bytes[..3]),
                    2 => Err(io::Error::other("full")),
                    _ => self.0.write(bytes),
                }
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut file = CountingFile { file: Hiccup(Vec::new(), 0), refused: Arc::default(), is_torn: false };
        file.write_all(b"first\n").expect("swallowed");
        file.write_all(b"second\n").expect("written");
        assert_eq!(file.file.0, b"fir\nsecond\n");
        assert_eq!(file.refused.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn stderr_has_the_same_lines() {
        let options = LogOptions { to_stderr: true, ..LogOptions::default() };
        let lines = Arc::new(std::sync::Mutex::new(Vec::new()));
        struct Shared(Arc<std::sync::Mutex<Vec<u8>>>);
        impl Write for Shared {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.lock().expect("lock").write(bytes)
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let writer = Arc::clone(&lines);
        let (subscriber, _guard) = build(&options, move || Shared(Arc::clone(&writer))).expect("valid");
        tracing::subscriber::with_default(subscriber, || tracing::warn!(target: "kmirror", "a\nb"));
        let text = String::from_utf8(lines.lock().expect("lock").clone()).expect("utf-8");
        assert!(text.ends_with("WARN kmirror: a\\nb\n"), "{text}");
    }
}
