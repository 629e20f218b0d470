//! A console over something else: this process becomes another one. Nothing of the first is left to be in the way of
//! the second, and the shell sees one program.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::cli::{GlobalArgs, LookArgs};
use crate::run::error::RunError;
use crate::tui::Reopen;

/// Becomes the other console. Comes back only when that was not possible.
pub(super) fn exec(reopen: &Reopen, look: &LookArgs, global: &GlobalArgs) -> RunError {
    let arguments = arguments(reopen, look, global);
    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(error) => return RunError::failed(format!("find the program itself: {error}")),
    };
    let error = Command::new(program).args(&arguments).exec();
    let typed: Vec<_> = arguments.iter().map(|argument| argument.to_string_lossy()).collect();
    RunError::failed(format!("open another console: {error}; type: kmirror {}", typed.join(" ")))
}

/// What would be typed to get there.
fn arguments(reopen: &Reopen, look: &LookArgs, global: &GlobalArgs) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = match reopen {
        Reopen::Demo => vec!["demo".into()],
        Reopen::File(path) => vec!["--config".into(), path.into()],
    };
    let switches = [(look.read_only, "--read-only"), (look.ascii, "--ascii"), (global.no_color, "--no-color")];
    arguments.extend(switches.iter().filter(|(is_set, _)| *is_set).map(|(_, switch)| OsString::from(switch)));
    if let Some(theme) = &look.theme {
        arguments.extend(["--theme".into(), theme.into()]);
    }
    arguments.extend(["--log-level".into(), OsString::from(&global.log_level)]);
    if let Some(folder) = &global.log_dir {
        arguments.extend(["--log-dir".into(), folder.into()]);
    }
    arguments
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    #[test]
    fn the_other_console_looks_like_this_one() {
        let look = LookArgs { read_only: true, theme: Some("nord".into()), ascii: true };
        let global = GlobalArgs { log_level: "debug".into(), log_dir: Some("/tmp/logs".into()), no_color: true };
        let parse = |reopen: &Reopen| {
            let program = std::iter::once(OsString::from("kmirror"));
            Cli::try_parse_from(program.chain(arguments(reopen, &look, &global))).expect("arguments that can be typed")
        };
        let file = parse(&Reopen::File("/etc/k.toml".into()));
        assert_eq!(file.console.config.as_deref(), Some(std::path::Path::new("/etc/k.toml")));
        assert!(file.console.look.read_only && file.console.look.ascii && file.global.no_color);
        let demo = parse(&Reopen::Demo);
        let Some(Command::Demo(demo)) = demo.command else { panic!("{demo:?}") };
        assert_eq!((demo.look.theme.as_deref(), demo.look.read_only), (Some("nord"), true));
    }
}
