//! A live test with a name, and its turn into a trial.

use std::env;
use std::time::Instant;

use anyhow::Result;
use libtest_mimic::{Completion, Failed, Trial};

use super::jars;

/// One scenario. Its function gives the facts for the verdict line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scenario {
    /// `group/what_it_shows`.
    pub(crate) name: &'static str,
    /// Whether it starts brokers.
    pub(crate) needs: Needs,
    /// What it does.
    pub(crate) run: fn() -> Result<String>,
}

/// What a scenario cannot run without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Nothing.
    Nothing,
    /// java and mvn.
    Brokers,
}

impl Scenario {
    /// A scenario with real brokers.
    pub(crate) const fn live(name: &'static str, run: fn() -> Result<String>) -> Self {
        Self { name, needs: Needs::Brokers, run }
    }

    /// A scenario that needs nothing but the rig itself.
    pub(crate) const fn pure(name: &'static str, run: fn() -> Result<String>) -> Self {
        Self { name, needs: Needs::Nothing, run }
    }

    /// As libtest-mimic runs it: where the tools are missing it is ignored with the reason, or fails if
    /// `KMIRROR_LIVE=require`.
    pub(crate) fn into_trial(self) -> Trial {
        Trial::ignorable_test(self.name, move || {
            let missing = (self.needs == Needs::Brokers).then(jars::missing_tools).flatten();
            match missing {
                Some(reason) if is_required() => Err(Failed::from(format!("KMIRROR_LIVE=require, but {reason}"))),
                Some(reason) => Ok(Completion::ignored_with(reason)),
                None => self.execute(),
            }
        })
    }

    #[expect(clippy::print_stdout, reason = "the verdict line is what the rig is for")]
    fn execute(self) -> Result<Completion, Failed> {
        let began = Instant::now();
        match (self.run)() {
            Ok(facts) => {
                let facts = if facts.is_empty() { facts } else { format!(" {facts}") };
                println!("PASS {}{facts} seconds={:.1}", self.name, began.elapsed().as_secs_f64());
                Ok(Completion::Completed)
            }
            Err(error) => {
                println!("FAIL {} seconds={:.1}", self.name, began.elapsed().as_secs_f64());
                Err(Failed::from(format!("{error:#}")))
            }
        }
    }
}

fn is_required() -> bool {
    env::var("KMIRROR_LIVE").is_ok_and(|value| value == "require" || value == "full")
}
