//! The real binary, cut off from the home folder and the environment of who runs the tests.

use std::time::Duration;

use assert_cmd::Command;
use assert_cmd::assert::Assert;

use super::dir::TestDir;

/// A run of `kmirror` with folders of its own, ended after a minute.
pub(crate) struct TestCommand {
    command: Command,
    home: TestDir,
}

impl TestCommand {
    pub(crate) fn new(arguments: &[&str]) -> Self {
        let home = TestDir::new();
        let mut command = Command::new(env!("CARGO_BIN_EXE_kmirror"));
        command.env_clear().args(arguments).current_dir(home.path()).timeout(RUN_MAX);
        command.env("HOME", home.path());
        for (variable, folder) in [("XDG_CONFIG_HOME", "config"), ("XDG_STATE_HOME", "state")] {
            command.env(variable, home.path().join(folder));
        }
        Self { command, home }
    }

    /// Where it runs; its home, too.
    pub(crate) fn home(&self) -> &TestDir {
        &self.home
    }

    /// With a variable of the environment.
    pub(crate) fn env(mut self, variable: &str, value: &str) -> Self {
        self.command.env(variable, value);
        self
    }

    /// Runs it to its end.
    pub(crate) fn run(&mut self) -> Assert {
        self.command.assert()
    }
}

#[test]
fn the_binary_runs() {
    let mut command = TestCommand::new(&["--version"]);
    command.home().write("config/kmirror/kmirror.toml", "");
    command.run().success();
}

const RUN_MAX: Duration = Duration::from_secs(60);
