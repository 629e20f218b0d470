//! One manual page for all commands. What there is to say comes from clap and from the table of exit codes.

use std::io::{self, Write};

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use crate::cli::Cli;
use crate::report::ExitCode;

pub(super) fn render(out: &mut dyn Write) -> io::Result<()> {
    let command = Cli::command();
    let man = Man::new(command.clone());
    man.render_title(out)?;
    man.render_name_section(out)?;
    man.render_synopsis_section(out)?;
    man.render_description_section(out)?;
    man.render_options_section(out)?;
    writeln!(out, ".SH COMMANDS")?;
    for subcommand in command.get_subcommands() {
        render_command(out, "kmirror", subcommand)?;
    }
    let help = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    // The exit codes have a section of their own.
    let examples = help.split("\n\n").find_map(|part| part.strip_prefix("Examples:\n")).unwrap_or_default();
    writeln!(out, ".SH EXAMPLES\n.nf\n{}\n.fi", verbatim(examples))?;
    writeln!(out, ".SH \"EXIT STATUS\"")?;
    for code in ExitCode::ALL {
        writeln!(out, ".TP\n\\fB{}\\fR\n{}", code as u8, verbatim(code.meaning()))?;
    }
    writeln!(out, ".SH FILES\n{}", verbatim(FILES))?;
    writeln!(out, ".SH ENVIRONMENT")?;
    for (name, meaning) in ENVIRONMENT {
        writeln!(out, ".TP\n\\fB{name}\\fR\n{}", verbatim(meaning))?;
    }
    Ok(())
}

/// One command, or those below it.
fn render_command(out: &mut dyn Write, parent: &str, command: &Command) -> io::Result<()> {
    let name = format!("{parent} {}", command.get_name());
    if command.has_subcommands() {
        return command.get_subcommands().try_for_each(|below| render_command(out, &name, below));
    }
    writeln!(out, ".SS \"{name}\"")?;
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    writeln!(out, "{}.", verbatim(&about))?;
    let man = Man::new(command.clone().name(name).disable_help_flag(true));
    let mut sections = Vec::new();
    man.render_synopsis_section(&mut sections)?;
    if command.get_arguments().next().is_some() {
        man.render_options_section(&mut sections)?;
    }
    // What is a section on a page of its own is a paragraph here.
    for line in String::from_utf8_lossy(&sections).lines() {
        match line.strip_prefix(".SH ") {
            Some("SYNOPSIS" | "OPTIONS") => writeln!(out, ".PP")?,
            Some(heading) => writeln!(out, ".PP\n\\fI{}\\fR", heading.trim_matches('"').to_lowercase())?,
            None if line.starts_with(".ie") || line.starts_with(".el") => {}
            None => writeln!(out, "{line}")?,
        }
    }
    let help = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    for part in help.split("\n\n") {
        match part.split_once(":\n") {
            // Their lines are not to be filled.
            Some((heading @ ("Examples" | "Exit codes"), lines)) => {
                writeln!(out, ".PP\n{heading}:\n.nf\n{}\n.fi", verbatim(lines))?;
            }
            _ => writeln!(out, ".PP\n{}", verbatim(part))?,
        }
    }
    Ok(())
}

/// Text that roff shall print as it is: no escapes, no requests at the beginning of a line.
fn verbatim(text: &str) -> String {
    let escaped = text.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq");
    let lines: Vec<String> = escaped
        .lines()
        .map(|line| if line.starts_with('.') { format!("\\&{line}") } else { line.to_owned() })
        .collect();
    lines.join("\n")
}

const FILES: &str = "`kmirror paths` prints where the configuration is looked for and where logs are kept. `kmirror config \
                     template` prints a configuration that documents every key.";

const ENVIRONMENT: [(&str, &str); 4] = [
    ("KMIRROR_CONFIG", "the configuration file, where --config does not name one"),
    ("KMIRROR_LOG", "what to log, as for --log-level"),
    ("KMIRROR_LOG_DIR", "the folder for logs, as for --log-dir"),
    ("NO_COLOR", "if set, nothing is coloured"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_taken_for_a_request() {
        assert_eq!(verbatim(".TH x\n a-b 'c' \\n"), "\\&.TH x\n a\\-b \\(aqc\\(aq \\en");
    }

    #[test]
    fn every_line_is_a_request_or_text() {
        let mut page = Vec::new();
        render(&mut page).expect("rendered");
        let page = String::from_utf8(page).expect("UTF-8");
        let known = [".TH", ".SH", ".SS", ".TP", ".PP", ".nf", ".fi", ".br", ".ie", ".el", ".RS", ".RE", ".IP"];
        let odd = page.lines().filter(|line| line.starts_with('.') && !known.contains(&&line[..3.min(line.len())]));
        assert_eq!(odd.collect::<Vec<_>>(), Vec::<&str>::new());
    }
}
