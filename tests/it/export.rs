//! `kmirror export`, as a shell has it.

use assert_cmd::assert::Assert;

use crate::support::TestCommand;

const FILE: &str = r#"# Ours.
[clusters.dc-a]
bootstrap_servers = "127.0.0.1:1"
[clusters.dc-b]
bootstrap_servers = "127.0.0.1:2" # the new one
[clusters.dc-b.properties]
"security.protocol" = "SASL_SSL"
"sasl.mechanism" = "PLAIN"
"sasl.username" = "u"
"sasl.password" = "hunter2"
[flows.orders]
source = "dc-a"
target = "dc-b"
include = ["orders"]
[flows.back]
source = "dc-b"
target = "dc-a"
include = ["other"]
"#;

/// Runs beside the file, and another one where `--diff` looks.
fn run(arguments: &[&str], present: &str) -> (Assert, String) {
    let mut command = TestCommand::new(arguments);
    command.home().write("kmirror.toml", FILE);
    let present = command.home().write("out.toml", present);
    let assert = command.run();
    let after = std::fs::read_to_string(present).expect("still there");
    (assert, after)
}

fn texts(assert: &Assert) -> (String, String) {
    let output = assert.get_output();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_flow_is_printed_without_its_secrets_and_what_it_needs_is_told() {
    let (assert, _) = run(&["export", "-c", "kmirror.toml", "--flow", "orders"], "");
    let (stdout, stderr) = texts(&assert.success());
    assert!(stdout.contains("\"sasl.password\" = \"env:DC_B_SASL_PASSWORD\""), "{stdout}");
    assert!(stdout.contains("# the new one") && !stdout.contains("flows.back"), "{stdout}");
    assert!(!format!("{stdout}{stderr}").contains("hunter2"), "{stdout}{stderr}");
    assert_eq!(stderr, "warning: set the environment variable DC_B_SASL_PASSWORD where it is to run\n");
}

#[test]
fn a_file_is_written_whole_and_the_former_one_is_kept() {
    let (assert, after) = run(&["export", "-c", "kmirror.toml", "-o", "out.toml"], "# before\n");
    let (stdout, _) = texts(&assert.success());
    assert_eq!(stdout, "written: out.toml\ncheck:   kmirror check -c out.toml\nrun:     kmirror run -c out.toml\n");
    assert_eq!(after, FILE.replace("hunter2", "env:DC_B_SASL_PASSWORD"));
}

#[test]
fn a_difference_is_shown_and_nothing_written() {
    let same = FILE.replace("hunter2", "env:DC_B_SASL_PASSWORD");
    let arguments = ["export", "-c", "kmirror.toml", "-o", "out.toml", "--diff"];
    let (assert, _) = run(&arguments, &same);
    assert_eq!(texts(&assert.success()).0, "");
    let (assert, after) = run(&arguments, FILE);
    let (stdout, stderr) = texts(&assert.code(3));
    assert!(stdout.contains("+\"sasl.password\" = \"env:DC_B_SASL_PASSWORD\""), "{stdout}");
    assert!(!format!("{stdout}{stderr}").contains("hunter2"), "{stdout}{stderr}");
    assert_eq!(after, FILE);
}

#[test]
fn units_and_manifests_run_the_same_flow_without_its_secrets() {
    let (assert, _) = run(&["export", "-c", "kmirror.toml", "--flow", "orders", "--as", "systemd"], "");
    let (unit, _) = texts(&assert.success());
    let start = "ExecStart=/usr/local/bin/kmirror run -c /etc/kmirror/kmirror.toml --flow=orders";
    assert!(unit.contains(start) && unit.contains("TimeoutStopSec=60"), "{unit}");
    let (assert, _) = run(&["export", "-c", "kmirror.toml", "--as", "kubernetes", "--image", "ours:1"], "");
    let (manifests, _) = texts(&assert.success());
    for part in
        ["kind: ConfigMap", "kind: Deployment", "ours:1", "DC_B_SASL_PASSWORD", "terminationGracePeriodSeconds: 60"]
    {
        assert!(manifests.contains(part), "{part}: {manifests}");
    }
    assert!(!format!("{unit}{manifests}").contains("hunter2"));
}

#[test]
fn a_flow_that_is_not_there_is_named() {
    let (assert, _) = run(&["export", "-c", "kmirror.toml", "--flow", "ordres"], "");
    let (_, stderr) = texts(&assert.code(2));
    assert_eq!(stderr, "error: failed to find flow `ordres` (there is `back`, `orders`)\n");
}
