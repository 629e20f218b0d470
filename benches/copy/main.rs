//! How fast kmirror copies, beside what bounds it and what it replaces.
//!
//! ```text
//! cargo bench --bench copy                                 500,000 x 1 kB and 1,500,000 x 100 B, under 5 minutes
//! cargo bench --bench copy -- --reference                  2,000,000 x 1 kB and 6,000,000 x 100 B
//! cargo bench --bench copy -- --records 1000000 --size 300 --runs 5 --only bare,kmirror
//! cargo bench --bench copy -- --in-flight 16MiB,32MiB,128MiB
//! cargo bench --bench copy -- --records 100000 --runs 1 --only bare,kmirror --under "valgrind --tool=callgrind"
//! ```
//!
//! # What is measured
//! A source broker 3.9.2 and a target broker 4.3.0 run as JVMs on this machine (512 MB of heap, Kafka's own JVM flags).
//! The data is written once per record size: lz4 batches of about 120 kB, round robin over the partitions, values of
//! letters that lz4 cannot shrink, no keys, no headers. Each contender copies all of it, in a process of its own, to a
//! topic of its own that exists already; contenders take turns, so that a slow minute of the machine hits all of them.
//!
//! * `bare` is this program's own loop over librdkafka ([`bare`]), with kmirror's client configuration and in-flight
//!   budget, and nothing else: no group, no watermark, no metrics, no progress.
//! * `kmirror` is `kmirror run --until-caught-up`, with its defaults except for the in-flight bytes.
//! * `mm2` is MirrorMaker 2 4.3.0 tuned: 2 tasks, batches of 256 KB, linger 20 ms, lz4. It reads uncommitted, as by
//!   default.
//! * `mm1` is MirrorMaker 1 3.9.2 tuned: 2 streams, the same batches. Not by default: `--only bare,kmirror,mm2,mm1`.
//!
//! The figures:
//!
//! * **MB/s**: bytes of values (10^6) by the time from the start of the process until the target has all records.
//! * **MB/s per core**: the same by the CPU seconds of the contender's process alone, from its start to its end;
//!   brokers do not count. `copying` leaves out what came before the first record was seen on the target: starting a
//!   JVM, joining a group. Its clock ticks at 10 ms, and the target is looked at every 25 ms: of use for runs of some
//!   seconds.
//! * **peak RSS**: the kernel's own high-water mark (VmHWM).
//! * **first record**: from the start of the process until the target has one.
//!
//! A run counts only if the target then has exactly as many records as the source, and for kmirror if a partition of
//! it, another one in each run, is equal byte by byte. One run of `bare` before all others warms up the brokers and
//! does not count. Shown are medians with their range; every run is in `target/bench/copy.json` too.
//!
//! The ratios are between medians of MB/s per core, which the brokers beside the contender on the same cores distort
//! least. No figure makes the bench fail: on a shared machine it says more about the neighbours.

#[allow(unused_imports, reason = "the rig offers more than a bench needs")]
#[path = "../../tests/live/rig/mod.rs"]
mod rig;

mod bare;
mod contender;
mod data;
mod measure;
mod options;
mod report;

use std::env;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Parser as _;

use contender::Contender;
use data::Data;
use measure::{Bench, Run};
use options::Options;
use report::{Figures, Report};
use rig::broker::Broker;
use rig::java::JvmSize;
use rig::version::{V3_9, V4_3};
use rig::{jars, process, temp};

#[expect(clippy::print_stderr, reason = "what a bench has to say about a failure")]
fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().collect();
    if arguments.get(1).map(String::as_str) == Some(bare::ARGUMENT) {
        return bare::main(&arguments[2..]);
    }
    // Without it this is `cargo test --all-targets`.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    let options = Options::parse();
    temp::sweep();
    let result = run(&options);
    process::end_all();
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether every run counted.
fn run(options: &Options) -> Result<bool> {
    if let Some(reason) = jars::missing_tools() {
        anyhow::bail!("bench: {reason}");
    }
    let bench = Bench {
        source: Broker::start_sized(&V3_9, BROKER, BROKER_PROPERTIES).context("start the source")?,
        target: Broker::start_sized(&V4_3, BROKER, BROKER_PROPERTIES).context("start the target")?,
        partitions: options.partitions,
        under: options.under.clone(),
    };
    let mut report = Report::new(options);
    let mut is_complete = true;
    for (index, shape) in options.shapes().into_iter().enumerate() {
        let data = Data::write(&bench.source, &format!("bench-{index}"), options.partitions, shape)?;
        report.note(&format!("{data}, written in {:.1} s", data.write_time.as_secs_f64()));
        if !options.no_warm_up && options.under.is_none() {
            let warm_up = bench.run(Contender::Bare { in_flight: options.in_flight[0] }, &data, 0);
            warm_up.context("warm up with the bare loop")?;
        }
        let contenders = options.contenders();
        let mut runs: Vec<Vec<Run>> = vec![Vec::new(); contenders.len()];
        for number in 1..=options.runs {
            for (contender, runs) in contenders.iter().zip(&mut runs) {
                match bench.run(*contender, &data, number) {
                    Ok(run) => {
                        report.note(&format!("  {contender} #{number}: {}", run.line(&data)));
                        runs.push(run);
                    }
                    Err(error) => {
                        is_complete = false;
                        report.note(&format!("  {contender} #{number}: FAILED, does not count: {error:#}"));
                    }
                }
            }
        }
        let figures = contenders.iter().zip(&runs).filter_map(|(contender, runs)| Figures::of(contender, &data, runs));
        report.add(&data, figures.collect());
        bench.source.client().delete_topic(&data.topic)?;
    }
    report.finish()?;
    bench.source.kill()?;
    bench.target.kill()?;
    Ok(is_complete)
}

const BROKER: JvmSize = JvmSize::Full { heap_mb: 512 };
/// Nothing that runs by the clock of the tests: fewer checks beside the copying, indexes of the usual size.
const BROKER_PROPERTIES: &[(&str, &str)] =
    &[("log.retention.check.interval.ms", "300000"), ("log.index.size.max.bytes", "10485760")];
