//! A systemd unit that runs an exported configuration, with as few rights as it can do with.

use std::fmt::Write as _;

use super::deployment::{Deployment, PROGRAM};

/// What keeps the service from everything it does not need. `systemd-analyze security` rates it.
const HARDENING: &str = "\
DynamicUser=yes
StateDirectory=kmirror
UMask=0077
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
PrivateDevices=yes
PrivateTmp=yes
PrivateUsers=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProtectSystem=strict
LockPersonality=yes
MemoryDenyWriteExecute=yes
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallErrorNumber=EPERM
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
";

/// The text of the unit. Secrets come from a file beside it, which only root can read.
pub fn systemd_unit(deployment: &Deployment<'_>) -> String {
    let name = deployment.name();
    let file = deployment.file.to_string_lossy();
    let mut arguments = vec![PROGRAM.to_owned()];
    arguments.extend(deployment.arguments(&file, "127.0.0.1").iter().map(|word| unit_word(word)));
    let codes: Vec<String> = deployment.final_codes.iter().map(u8::to_string).collect();
    let what = line(&deployment.what());
    let mut unit = String::new();
    // Writing to a string does not fail.
    let _ = write!(
        unit,
        "# {name}.service, written by `kmirror export --as systemd`. To install it:\n\
         #   install -m 0644 {name}.service /etc/systemd/system/\n\
         {}#   systemctl daemon-reload && systemctl enable --now {name}\n\
         # The configuration {} must be readable by everybody; no secret is in it.\n\n\
         [Unit]\nDescription=kmirror: {}\nWants=network-online.target\nAfter=network-online.target\n\n\
         [Service]\nType=exec\nExecStart={}\n\
         # The log files go to /var/lib/kmirror, what is printed to the journal.\nEnvironment=XDG_STATE_HOME=%S\n{}\
         # Another start mends an unreachable cluster, but not a configuration that is refused.\n\
         Restart=on-failure\nRestartSec=10\nRestartPreventExitStatus={}\n\
         # A stop delivers and commits what is on its way, {} s at most.\n\
         KillSignal=SIGTERM\nKillMode=mixed\nTimeoutStopSec={}\n\n{HARDENING}\n\
         [Install]\nWantedBy=multi-user.target\n",
        install_secrets(deployment, &name),
        line(&file),
        specifier(&what),
        arguments.join(" "),
        secrets(deployment, &name),
        codes.join(" "),
        deployment.stop_seconds,
        deployment.kill_seconds(),
    );
    unit
}

fn install_secrets(deployment: &Deployment<'_>, name: &str) -> String {
    let mut text = String::new();
    if !deployment.variables.is_empty() {
        let _ = writeln!(text, "#   install -m 0600 {name}.env /etc/kmirror/    with a line NAME=VALUE for each of");
        for variable in deployment.variables {
            let _ = writeln!(text, "#     {}", line(variable));
        }
    }
    if !deployment.files.is_empty() {
        let _ = writeln!(text, "#   groupadd --system {name}, and for each of these files: chgrp {name}, chmod 0640");
        for file in deployment.files {
            let _ = writeln!(text, "#     {}", line(&file.to_string_lossy()));
        }
    }
    text
}

fn secrets(deployment: &Deployment<'_>, name: &str) -> String {
    let mut text = String::new();
    if !deployment.variables.is_empty() {
        let _ = writeln!(text, "EnvironmentFile=/etc/kmirror/{name}.env");
    }
    if !deployment.files.is_empty() {
        let _ = writeln!(text, "SupplementaryGroups={name}");
    }
    text
}

/// A word of a command line as systemd reads it.
fn unit_word(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "._-:,/@=+".contains(c);
    if word.chars().all(is_plain) {
        return word.to_owned();
    }
    let mut quoted = String::from("\"");
    for c in word.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '%' | '$' => quoted.extend([c, c]),
            '\n' => quoted.push_str("\\n"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

fn specifier(text: &str) -> String {
    text.replace('%', "%%")
}

/// On one line, whatever a path or a name holds.
fn line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}
