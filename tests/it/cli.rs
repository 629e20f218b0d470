//! The real binary: exit codes, what stands on stderr, and what the look at clusters prints.

use std::time::{Duration, Instant};

use assert_cmd::assert::Assert;

use crate::support::{MockKafka, TestCommand, TestRecord};

/// Runs in a home without anything, beside a `kmirror.toml`.
fn run(config: &str, arguments: &[&str]) -> Assert {
    let mut command = TestCommand::new(arguments);
    command.home().write("kmirror.toml", config);
    command.run()
}

fn stdout(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).expect("UTF-8")
}

fn stderr(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).expect("UTF-8")
}

/// A flow `orders` between two clusters.
fn config(source: &str, target: &str, flow: &str) -> String {
    format!(
        "[clusters.dc-a]\nbootstrap_servers = \"{source}\"\n\n[clusters.dc-b]\nbootstrap_servers = \"{target}\"\n\n\
         [flows.orders]\nsource = \"dc-a\"\ntarget = \"dc-b\"\n{flow}\n"
    )
}

fn unused(flow: &str) -> String {
    config("127.0.0.1:1", "127.0.0.1:2", flow)
}

#[test]
fn wrong_arguments_and_configurations_are_refused_with_what_to_do() {
    let orders = unused("include = [\"orders\"]");
    let cases: [(&str, &[&str], &str); 7] = [
        (
            &orders,
            &["check", "-c", "kmirror.toml", "--flow", "order"],
            "error: failed to find flow `order`: the configuration has orders; did you mean `orders`?\n",
        ),
        (
            &orders,
            &["topics", "-c", "kmirror.toml", "dc-c"],
            "error: failed to find cluster `dc-c`: the configuration has dc-a, dc-b; did you mean `dc-a`?\n",
        ),
        (&unused("includ = [\"orders\"]"), &["check", "-c", "kmirror.toml"], ""),
        (&unused("include = [\"orders(\"]"), &["lag", "-c", "kmirror.toml"], ""),
        (
            &orders,
            &["run", "-c", "kmirror.toml", "--resume-at", "carts:x=earliest"],
            "error: failed to decide about `carts/x`: no such flow is run\n",
        ),
        ("", &["check", "-c", "kmirror.toml"], ""),
        (&orders.replace("\"dc-b\"", "\"dc-a\""), &["check", "-c", "kmirror.toml"], ""),
    ];
    for (config, arguments, expected) in cases {
        let assert = run(config, arguments).code(2);
        assert_eq!(stderr(&assert), expected, "{arguments:?}");
        assert_eq!(stdout(&assert), "");
    }
}

#[test]
fn a_record_is_left_out_only_with_yes() {
    let assert = run("", &["run", "-c", "kmirror.toml", "--skip-record", "orders:orders:0@5"]).code(2);
    assert!(stderr(&assert).starts_with("error: the following required arguments were not provided:\n  --yes\n"));
}

#[test]
fn without_a_configuration_the_places_are_named() {
    let mut command = TestCommand::new(&["check"]);
    let home = command.home().path().display().to_string();
    let text = stderr(&command.run().code(2)).replace(&home, "HOME");
    insta::assert_snapshot!(text, @"");
}

#[test]
fn what_kmirror_tells_about_itself() {
    let template = stdout(&run("", &["config", "template"]).success());
    assert!(template.contains("[flows.orders]"));
    let paths = stdout(&run("", &["paths", "-c", "kmirror.toml"]).success());
    assert!(paths.contains("kmirror.toml  (used)"), "{paths}");
    for (shell, word) in [("bash", "_kmirror()"), ("zsh", "#compdef kmirror"), ("fish", "complete -c kmirror")] {
        let script = stdout(&run("", &["completions", shell]).success());
        assert!(script.contains(word) && script.contains("until-caught-up"), "{shell}");
    }
}

#[test]
fn the_manual_has_every_command() {
    let page = stdout(&run("", &["man"]).success());
    for word in ["run", "check", "topics", "lag", "config template", "paths", "demo", "completions", "man"] {
        assert!(page.contains(&format!(".SS \"kmirror {word}\"")), "{word}");
    }
    assert_eq!(page.matches("\n.TH ").count() + usize::from(page.starts_with(".TH ")), 1);
    assert!(page.contains(".SH EXAMPLES") && page.contains("EXIT STATUS"), "{page}");
}

#[test]
fn the_help_of_run_teaches() {
    let mut command = TestCommand::new(&["run", "--help"]);
    let text = stdout(&command.run().success());
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    insta::assert_snapshot!(text, @"");
}

#[test]
fn clusters_that_do_not_answer_are_told_of_in_time() {
    let dead = unused("include = [\"orders\"]");
    let began = Instant::now();
    let assert = run(&dead, &["check", "-c", "kmirror.toml"]).code(4);
    assert!(began.elapsed() < Duration::from_secs(25), "{:?}", began.elapsed());
    let text = stdout(&assert).replace("\n    ", " ");
    for address in ["127.0.0.1:1", "127.0.0.1:2"] {
        assert!(text.contains(&format!("Connect to ipv4#{address} failed: Connection refused")), "{text}");
    }
    assert!(text.contains("is the address right, the broker up, and the way open"), "{text}");
    assert!(text.ends_with("1 flow checked: a cluster could not be reached\n"), "{text}");
}

#[test]
fn lists_of_a_cluster_that_does_not_answer_fail_in_time() {
    let dead = unused("include = [\"orders\"]");
    for arguments in [&["topics", "-c", "kmirror.toml", "dc-a"][..], &["lag", "-c", "kmirror.toml"]] {
        let began = Instant::now();
        let text = stderr(&run(&dead, arguments).code(4));
        assert!(began.elapsed() < Duration::from_secs(25), "{:?}", began.elapsed());
        assert!(
            text.starts_with("error: failed to ask cluster `dc-a` (127.0.0.1:1): cannot list the topics: "),
            "{text}"
        );
        assert!(text.contains("Connection refused; is the address right"), "{text}");
    }
}

/// Two mock clusters: there is no administration on them, so target topics have to exist.
fn mocks() -> (MockKafka, MockKafka) {
    let source = MockKafka::start(1, &[("orders", 2), ("orders-dlq", 1), ("carts", 1), ("missing", 1)]);
    let target = MockKafka::start(1, &[("orders", 2)]);
    let records: Vec<TestRecord> = (0..5).map(|n| TestRecord::text(&format!("order {n}"))).collect();
    source.write("orders", 1, &records);
    (source, target)
}

#[test]
fn check_tells_what_would_happen_to_every_topic() {
    let (source, target) = mocks();
    let text =
        config(source.address(), target.address(), "include = [\"orders.*\", \"missing\"]\nexclude = [\".*-dlq\"]");
    let assert = run(&text, &["check", "-c", "kmirror.toml"]).code(3);
    let mut shown = stdout(&assert);
    for (address, name) in [(source.address(), "SOURCE"), (target.address(), "TARGET")] {
        shown = shown.replace(address, name);
    }
    let shown: Vec<&str> = shown.lines().filter(|line| !line.contains("mockCluster")).collect();
    insta::assert_snapshot!(shown.join("\n"), @"");
    let lines = stdout(&run(&text, &["check", "-c", "kmirror.toml", "--format", "json"]).code(3));
    let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines[0]["type"], "flow");
    let verdicts: Vec<(&str, &str)> =
        lines[1..].iter().filter_map(|line| Some((line["topic"].as_str()?, line["verdict"].as_str()?))).collect();
    assert_eq!(
        verdicts,
        [("carts", "not_mirrored"), ("missing", "blocked"), ("orders", "mirrored"), ("orders-dlq", "not_mirrored")]
    );
    assert_eq!(lines[3]["records"], 5);
}

#[test]
fn check_of_a_flow_that_would_run_is_a_success_and_a_collision_is_none() {
    let (source, target) = mocks();
    let addresses = (source.address(), target.address());
    let clean = config(addresses.0, addresses.1, "include = [\"orders\"]");
    assert!(stdout(&run(&clean, &["check", "-c", "kmirror.toml"]).success()).contains("1 flow checked: ready to run"));
    let rename = "include = [\"orders.*\"]\nrename = { pattern = \"orders.*\", replacement = \"orders\" }";
    let twisted = config(addresses.0, addresses.1, rename);
    let text = stdout(&run(&twisted, &["check", "-c", "kmirror.toml"]).code(2));
    let expected =
        "\n  conflict: source topics `orders` and `orders-dlq` would both be written to\n    target topic `orders`\n";
    assert!(text.contains(expected), "{text}");
}

#[test]
fn topics_and_lag_are_listed() {
    let (source, target) = mocks();
    let text = config(source.address(), target.address(), "include = [\"orders.*\"]\nexclude = [\".*-dlq\"]");
    insta::assert_snapshot!(stdout(&run(&text, &["topics", "-c", "kmirror.toml", "dc-a"]).success()), @"");
    insta::assert_snapshot!(stdout(&run(&text, &["lag", "-c", "kmirror.toml"]).success()), @"");
    let lines = stdout(&run(&text, &["lag", "-c", "kmirror.toml", "--format", "json"]).success());
    assert_eq!(lines.lines().count(), 2);
    assert!(lines.contains(r#""partition":1,"committed":null,"high_watermark":5,"lag_records":null"#), "{lines}");
}
