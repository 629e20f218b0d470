//! Live tests: real Kafka brokers as JVM processes on this machine, the real binary between them.
//!
//! ```text
//! cargo test --test live                    everything
//! cargo test --test live -- rig/            what a name contains
//! KMIRROR_LIVE=require cargo test ...       missing java or mvn is a failure, not "ignored"
//! KMIRROR_LIVE=full cargo test --release ...   and the scenarios that take minutes
//! KMIRROR_JARS=DIR                          where Kafka's jars are kept
//! ```

mod rig;
mod scenarios;
#[expect(dead_code, reason = "the fast tests use more of it")]
mod support;
#[expect(dead_code, reason = "the console's own tests use more of it")]
#[path = "../it/terminal/mod.rs"]
mod terminal;

use std::process::ExitCode;

use libtest_mimic::Arguments;

use rig::{cluster, process, temp};

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // More would be no faster: every trial keeps two brokers and a mirror busy.
    arguments.test_threads.get_or_insert(2);
    temp::sweep();
    let conclusion = libtest_mimic::run(&arguments, scenarios::trials());
    cluster::stop_all();
    process::end_all();
    conclusion.exit_code()
}
