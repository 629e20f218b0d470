//! The configuration as a whole: the example file and every message.

use std::fmt::Write as _;
use std::time::Duration;

use crate::model::{Direction, RenamePolicy, StartPosition, TopicPartition};

use super::cluster::CLUSTER_KEYS;
use super::flow_reader::{FLOW_ONLY_KEYS, LIMITS_KEYS, OVERRIDE_KEYS, SHARED_KEYS, TOPICS_KEYS};
use super::load::ROOT_KEYS;
use super::topics_reader::RENAME_KEYS;
use super::*;

/// Only what has no default.
const MINIMAL: &str = r#"
[clusters.a]
bootstrap_servers = "a:9092"
[clusters.b]
bootstrap_servers = "b:9092"
[flows.f]
source = "a"
target = "b"
include = ["x"]
"#;

fn load(text: &str) -> Config {
    Config::parse(text, "test").unwrap_or_else(|error| panic!("{error}"))
}

/// The problems and warnings of a text, one per line.
fn findings(text: &str) -> String {
    match Config::parse(text, "test") {
        Ok(config) => config.warnings.iter().map(|warning| format!("warning: {warning}\n")).collect(),
        Err(error) => error.problems.iter().map(|problem| format!("{problem}\n")).collect(),
    }
}

/// The findings of the minimal configuration with `text` in its flow. The first line of `text` is line 10.
fn flow_findings(text: &str) -> String {
    findings(&format!("{MINIMAL}{text}"))
}

/// The findings of two clusters, the first with `text` as its properties, from line 4 on.
fn properties_findings(text: &str) -> String {
    findings(&format!("[clusters.a]\nbootstrap_servers = \"a:9092\"\n[clusters.a.properties]\n{text}\n[flows]"))
}

/// The example with its `# key = value` lines made real; with the examples of several blanks too, if asked for.
pub(super) fn uncommented(with_examples: bool) -> String {
    let is_setting = |line: &str| {
        let first = line.split(" = ").next().unwrap_or("");
        let is_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '"');
        (line.contains(" = ") && first.chars().all(is_key)) || line.starts_with("[")
    };
    let mut text = String::new();
    for line in TEMPLATE.lines() {
        let setting = line.strip_prefix("# ").map(|rest| if with_examples { rest.trim_start() } else { rest });
        match setting {
            Some(setting) if is_setting(setting) => writeln!(text, "{setting}").expect("a string takes it"),
            _ => writeln!(text, "{line}").expect("a string takes it"),
        }
    }
    text
}

#[test]
fn the_example_equals_the_defaults() {
    let written = r#"
        [clusters.dc-a]
        bootstrap_servers = "localhost:9092"
        [clusters.dc-b]
        bootstrap_servers = "localhost:9192"
        [flows.orders]
        source = "dc-a"
        target = "dc-b"
        include = ["orders", "orders-.*"]
    "#;
    let defaults = format!("{:#?}", load(written));
    assert_eq!(format!("{:#?}", load(TEMPLATE)), defaults);
    assert_eq!(format!("{:#?}", load(&uncommented(false))), defaults);
    assert_ne!(uncommented(false), TEMPLATE);
}

#[test]
fn the_examples_in_the_example_are_right() {
    let folder = tempfile::tempdir().expect("temp folder");
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "s").expect("write");
    let text = uncommented(true).replace("env:DC_A_PASSWORD", &format!("file:{}", secret.display()));
    // The default and an example of one key.
    let text = text.replacen("rename = \"identity\"", "", 1);
    let config = load(&text);
    let flow = &config.flows["orders"];
    assert_eq!(flow.session_timeout, Some(Duration::from_secs(45)));
    assert_eq!(flow.start_of(&TopicPartition::new("orders", 0)), &StartPosition::Latest);
    assert_eq!(flow.topics.replication_factor, -1);
    let renamed = ["orders-v1", "carts"].map(|topic| flow.rename.target_topic(&topic.into()).expect("legal"));
    assert_eq!(renamed, ["orders".into(), "eu.carts".into()]);
    assert_eq!(config.clusters["dc-a"].properties.plain("client.rack"), Some("rack-1"));
}

#[test]
fn the_example_has_every_key() {
    let keys =
        [ROOT_KEYS, CLUSTER_KEYS, FLOW_ONLY_KEYS, SHARED_KEYS, TOPICS_KEYS, LIMITS_KEYS, OVERRIDE_KEYS, RENAME_KEYS];
    for key in keys.concat() {
        let is_there = [format!("{key} = "), format!(".{key}]"), format!("[{key}"), format!(".{key}]]")];
        assert!(is_there.iter().any(|form| TEMPLATE.contains(form)), "{key}");
    }
}

#[test]
fn a_flow_beats_the_defaults_and_both_the_built_in() {
    let config = load(
        r#"
        [clusters.a]
        bootstrap_servers = "a:1"
        [clusters.b]
        bootstrap_servers = "b:1"
        [defaults]
        commit_interval = "1s"
        shards = 4
        start = 5
        [defaults.limits]
        in_flight_bytes = "2MiB"
        records_per_second = 10
        [flows.f]
        source = "a"
        target = "b"
        include = ["x"]
        shards = 2
        start = 2024-05-01T12:00:00Z
        limits = { records_per_second = "unlimited" }
        [flows.g]
        source = "a"
        target = "b"
        include = ["y"]
        "#,
    );
    let (f, g) = (&config.flows["f"], &config.flows["g"]);
    assert_eq!((f.shards, g.shards), (2, 4));
    assert_eq!((f.limits.in_flight_bytes, f.limits.records_per_second), (2 << 20, None));
    assert_eq!(g.limits.records_per_second, Some(10));
    assert_eq!((f.commit_interval, f.refresh_interval), (Duration::from_secs(1), Duration::from_secs(30)));
    assert_eq!(f.start, StartPosition::Timestamp { ms: 1_714_564_800_000 });
    assert_eq!(g.start, StartPosition::Offset(5));
    assert_eq!((f.group.as_str(), g.group.as_str()), ("kmirror.f", "kmirror.g"));
}

#[test]
fn the_most_specific_start_override_wins() {
    let text = r#"
        [[flows.f.start_overrides]]
        topic = "x"
        start = "latest"
        [[flows.f.start_overrides]]
        topic = "x"
        partition = 3
        start = "last 5"
    "#;
    let flow = &load(&format!("{MINIMAL}{text}")).flows["f"];
    assert_eq!(flow.start_of(&TopicPartition::new("x", 3)), &StartPosition::Last(5));
    assert_eq!(flow.start_of(&TopicPartition::new("x", 4)), &StartPosition::Latest);
    assert_eq!(flow.start_of(&TopicPartition::new("y", 3)), &StartPosition::Earliest);
}

#[test]
fn files_that_are_none_say_so() {
    let folder = tempfile::tempdir().expect("temp folder");
    let path = folder.path().join("kmirror.toml");
    let message = || {
        let error = Config::load(&path).expect_err("no configuration").to_string();
        error.replace(&path.display().to_string(), "FILE")
    };
    assert_eq!(message(), "configuration FILE: open it: No such file or directory (os error 2)");
    std::fs::write(&path, "").expect("write");
    assert_eq!(message(), "configuration FILE: it is empty; `kmirror config template` prints one to start from");
    std::fs::write(&path, b"[clusters]\n\n#\xff").expect("write");
    assert_eq!(message(), "configuration FILE: line 3 holds bytes that are not UTF-8 text");
    std::fs::write(&path, "#".repeat(1 << 20) + "#").expect("write");
    assert_eq!(message(), "configuration FILE: it is larger than 1048576 bytes");
    std::fs::remove_file(&path).expect("remove");
    std::fs::create_dir(&path).expect("create folder");
    assert_eq!(message(), "configuration FILE: it is not a regular file");
}

#[test]
fn windows_editors_are_forgiven() {
    let text = format!("\u{feff}{}", MINIMAL.replace('\n', "\r\n"));
    assert_eq!(load(&text).flows.len(), 1);
    assert_eq!(
        findings(&format!("{text}shards = 0\r\n")),
        "line 10: flows.f.shards: `0` is not in the range 1 to 64\n"
    );
}

#[test]
fn broken_toml_says_where() {
    insta::assert_snapshot!(findings("[clusters.a]\nbootstrap_servers = \"a:9092\nenv = 5\n"), @r#"line 2: not valid TOML: invalid basic string, expected `"`"#);
    insta::assert_snapshot!(findings("[clusters.a]\n[clusters.a]\n"), @"line 2: not valid TOML: duplicate key");
    insta::assert_snapshot!(findings(&format!("x = {}", "[".repeat(1_000))), @r#"
    line 1: not valid TOML: cannot recurse further; max recursion depth met
    line 1: not valid TOML: unclosed array, expected `]`
    "#);
}

#[test]
fn wrong_clusters_say_what_would_be_right() {
    insta::assert_snapshot!(findings("flows = {}"), @"clusters: is missing; a file names its clusters as [clusters.NAME]");
    insta::assert_snapshot!(findings("[cluster.a]\nbootstrap_servers = \"a:9092\""), @r#"
    clusters: is missing; a file names its clusters as [clusters.NAME]
    line 1: cluster: unknown key; did you mean `clusters`? (known here: `clusters`, `flows`, `defaults`, `keymap`)
    "#);
    insta::assert_snapshot!(findings("clusters = 5\nflows = []"), @r#"
    line 1: clusters: expected a table, found a number
    line 2: flows: expected a table, found a list
    "#);
    insta::assert_snapshot!(findings(r#"
        [flows]
        [clusters.a]
        bootstrap.servers = "a:9092"
        password = "canary"
        [clusters."b c"]
        bootstrap_servers = []
        [clusters.c]
        bootstrap_servers = "a:9092,"
        env = "production"
        version = "0.8.2"
        [clusters.d]
        bootstrap_servers = ["a:9092", "a"]
        version = "latest"
        propertys = {}
        [clusters.e]
        bootstrap_servers = 9092
        env = 5
        version = 2.8
        properties = "acks=all"
    "#), @r#"
    line 3: clusters.a.bootstrap_servers: is missing; write, for example, bootstrap_servers = "kafka-1:9092"
    line 4: clusters.a.bootstrap: unknown key; the addresses are `bootstrap_servers` (known here: `bootstrap_servers`, `env`, `version`, `properties`)
    line 5: clusters.a.password: unknown key; write it as `sasl.password` into `properties` (known here: `bootstrap_servers`, `env`, `version`, `properties`)
    line 6: clusters."b c": `b c` is not a usable name; names are 1 to 100 of a-z A-Z 0-9 . _ -
    line 9: clusters.c.bootstrap_servers: `` is empty; expected host:port, such as `kafka-1.example.com:9092` or `[::1]:9092`
    line 10: clusters.c.env: `production` is not one of `prod`, `staging`, `dev`; did you mean `prod`?
    line 11: clusters.c.version: `0.8.2` is too old: 0.9 was the first with consumer groups
    line 13: clusters.d.bootstrap_servers[1]: `a` has no port; expected host:port, such as `kafka-1.example.com:9092` or `[::1]:9092`
    line 14: clusters.d.version: `latest` is not a version; expected "auto", or the version of the brokers, such as "0.9.0.1"
    line 15: clusters.d.propertys: unknown key; did you mean `properties`? (known here: `bootstrap_servers`, `env`, `version`, `properties`)
    line 17: clusters.e.bootstrap_servers: expected text such as "kafka-1:9092,kafka-2:9092", or a list of such texts, found `9092`
    line 18: clusters.e.env: expected text in quotes, found `5`
    line 19: clusters.e.version: expected "auto", or the version of the brokers, such as "0.9.0.1", found `2.8`
    line 20: clusters.e.properties: expected a table, found text
    "#);
    for version in ["0.9.0.1", "2.8.1"] {
        let config = load(&format!("[clusters.a]\nbootstrap_servers = 'a:1'\nversion = '{version}'"));
        assert_eq!(config.clusters["a"].version.as_ref().map(ToString::to_string).as_deref(), Some(version));
    }
    assert_eq!(load("[clusters.a]\nbootstrap_servers = 'a:1'\nversion = 'auto'").clusters["a"].version, None);
}

#[test]
fn wrong_flows_say_what_would_be_right() {
    insta::assert_snapshot!(findings(&format!("{MINIMAL}[flows.g]\nsorce = 'a'\ntarget = 'bb'")), @r#"
    line 10: flows.g.include: is missing; write, for example, include = ["orders-.*"]
    line 10: flows.g.source: is missing; write, for example, source = "a"
    line 11: flows.g.sorce: unknown key; did you mean `source`? (known here: `source`, `target`, `include`, `group`, `start_overrides`, `exclude`, `rename`, `start`, `new_topics`, `topics`, `refresh_interval`, `commit_interval`, `limits`, `group_protocol`, `session_timeout`, `shards`, `target_not_empty`, `autostart`)
    line 12: flows.g.target: `bb` is not a cluster of this file; did you mean `b`? (known: `a`, `b`)
    "#);
    insta::assert_snapshot!(flow_findings(r#"whitelist = "x"
        exclude = ".*"
        rename = "prefix"
        start = "yesterday"
        new_topics = "miror"
        refresh_interval = 30
        commit_interval = "5x"
        group = ""
        group_protocol = "new"
        session_timeout = "1ms"
        shards = 1000
        target_not_empty = true
        autostart = "yes"
        topics = "x"
        limits = { in_flight_bytes = "1kB", records_per_second = 0, bytes_per_second = "fast", other = 1 }
    "#), @r#"
    line 10: flows.f.whitelist: unknown key; the topics to mirror are `include` (known here: `source`, `target`, `include`, `group`, `start_overrides`, `exclude`, `rename`, `start`, `new_topics`, `topics`, `refresh_interval`, `commit_interval`, `limits`, `group_protocol`, `session_timeout`, `shards`, `target_not_empty`, `autostart`)
    line 11: flows.f.exclude: expected a list of texts such as ["a", "b"], found `.*`
    line 12: flows.f.rename: expected "identity", { prefix = "dc-a", separator = "." }, { pattern = "(.*)-v1", replacement = "$1" } or a list of such patterns, found `prefix`
    line 13: flows.f.start: start position `yesterday` is not understood; expected `earliest`, `latest`, an offset (`12345`), an RFC 3339 time (`2024-05-01T12:00:00Z`), a duration ago (`-2h`, `-1h30m`, `-7d`; units d, h, m, s, ms), `last 10000` (or `10k`, `2M`), or `group:NAME`
    line 14: flows.f.new_topics: `miror` is not one of `mirror`, `ask`, `ignore`; did you mean `mirror`?
    line 15: flows.f.refresh_interval: `30` has no unit; expected a duration from 1s to 1h with its unit (d, h, m, s, ms), such as "30s"
    line 16: flows.f.commit_interval: `5x` has an unknown unit; expected a duration from 100ms to 10m with its unit (d, h, m, s, ms), such as "30s"
    line 17: flows.f.group: is empty: without a group there is no progress to resume from
    line 18: flows.f.group_protocol: `new` is not one of `auto`, `classic`, `consumer`
    line 19: flows.f.session_timeout: `1ms` is too short; expected a duration from 1s to 30m with its unit (d, h, m, s, ms), such as "30s"
    line 20: flows.f.shards: `1000` is not in the range 1 to 64
    line 21: flows.f.target_not_empty: expected text in quotes, found `true`
    line 22: flows.f.autostart: expected `true` or `false`, found `yes`
    line 23: flows.f.topics: is the table of options for creating topics; the topics to mirror are `include`
    line 24: flows.f.limits.bytes_per_second: `fast` does not begin with a whole number; expected a size from 1kB to 1TiB, such as "32MiB", "500kB" or a number of bytes, or "unlimited"
    line 24: flows.f.limits.in_flight_bytes: `1kB` is too small; expected a size from 1MiB to 16GiB, such as "32MiB", "500kB" or a number of bytes
    line 24: flows.f.limits.other: unknown key (known here: `in_flight_bytes`, `records_per_second`, `bytes_per_second`)
    line 24: flows.f.limits.records_per_second: `0` is not in the range 1 to 1000000000, or "unlimited"
    "#);
    insta::assert_snapshot!(flow_findings(r#"
        exclude = ["a(", "ok", 5, ""]
        rename = { prefix = "a/b" }
        [flows.f.topics]
        replication_factor = 0
        copy_configs = 1
        configs_exclude = ["(?!x).*"]
        [[flows.f.start_overrides]]
        topic = "x y"
        partition = -1
        [[flows.f.start_overrides]]
        topic = "x"
        start = "latest"
        [[flows.f.start_overrides]]
        topic = "x"
        start = "earliest"
    "#), @r#"
    line 11: flows.f.exclude[0]: pattern `a(` is not a regular expression: unclosed group
    line 11: flows.f.exclude[2]: expected text in quotes, found `5`
    line 11: flows.f.exclude[3]: pattern is empty, and no name is
    line 12: flows.f.rename: prefix `a/b` holds `/`, which no topic name can hold: they are made of a-z A-Z 0-9 . _ -
    line 14: flows.f.topics.replication_factor: `0` would keep no record; write -1 for the target's default, or 1 and more
    line 15: flows.f.topics.copy_configs: expected `true` or `false`, found `1`
    line 16: flows.f.topics.configs_exclude[0]: pattern `(?!x).*` uses look-around or the like, not supported here
    line 17: flows.f.start_overrides[0].start: is missing; write, for example, start = "latest"
    line 18: flows.f.start_overrides[0].topic: `x y` is not the name of a topic: it holds ` `, and Kafka allows a-z A-Z 0-9 . _ -
    line 19: flows.f.start_overrides[0].partition: `-1` is not in the range 0 to 2147483647
    line 23: flows.f.start_overrides[2]: topic `x` has two start overrides; keep one
    "#);
    insta::assert_snapshot!(flow_findings("rename = { prefix = 'a', pattern = 'b' }"), @r#"line 10: flows.f.rename: expected "identity", { prefix = "dc-a", separator = "." }, { pattern = "(.*)-v1", replacement = "$1" } or a list of such patterns"#);
    insta::assert_snapshot!(flow_findings("rename = { pattern = '(a', replacement = 'b' }"), @"line 10: flows.f.rename: pattern `(a` is not a regular expression: unclosed group");
    insta::assert_snapshot!(flow_findings("rename = []"), @r#"line 10: flows.f.rename: 0 rename rules; write 1 to 100, or "identity" for unchanged names"#);
    insta::assert_snapshot!(flow_findings("rename = [{ pattern = 'a' }, { prefix = 'x' }, 'c']"), @r#"
    line 10: flows.f.rename[0].replacement: is missing; write, for example, replacement = "..."
    line 10: flows.f.rename[1].pattern: is missing; write, for example, pattern = "..."
    line 10: flows.f.rename[1].prefix: belongs to a single rename, not into a list of patterns
    line 10: flows.f.rename[1].replacement: is missing; write, for example, replacement = "..."
    line 10: flows.f.rename[2]: expected a table, found text
    "#);
    insta::assert_snapshot!(flow_findings("commit_interval = '9999999999999999h'"), @r#"line 10: flows.f.commit_interval: `9999999999999999h` is too long; expected a duration from 100ms to 10m with its unit (d, h, m, s, ms), such as "30s""#);
    insta::assert_snapshot!(flow_findings("limits.in_flight_bytes = 99999999999999999999"), @"line 10: flows.f.limits.in_flight_bytes: `99999999999999999999` is too large a number");
    insta::assert_snapshot!(flow_findings("limits.in_flight_bytes = -1"), @r#"line 10: flows.f.limits.in_flight_bytes: `-1` is negative; expected a size from 1MiB to 16GiB, such as "32MiB", "500kB" or a number of bytes"#);
    insta::assert_snapshot!(flow_findings("[flows.a.b]\nsource = 'a'"), @r#"line 10: flows.a.b: a name with a dot stands in quotes: [flows."a.b"]"#);
    insta::assert_snapshot!(flow_findings("start_overrides = 1"), @"line 10: flows.f.start_overrides: expected tables such as [[flows.NAME.start_overrides]], found `1`");
}

#[test]
fn wrong_defaults_are_told_once() {
    let two = format!(
        "{MINIMAL}[flows.g]\nsource='a'\ntarget='b'\ninclude=['y']\n[defaults]\nshards = 0\nexclude = ['(']\ngroup = 'g'\nshard = 1"
    );
    insta::assert_snapshot!(findings(&two), @r#"
    line 15: defaults.shards: `0` is not in the range 1 to 64
    line 16: defaults.exclude[0]: pattern `(` is not a regular expression: unclosed group
    line 17: defaults.group: belongs to each flow on its own, not into `defaults`
    line 18: defaults.shard: unknown key; did you mean `shards`? (known here: `exclude`, `rename`, `start`, `new_topics`, `topics`, `refresh_interval`, `commit_interval`, `limits`, `group_protocol`, `session_timeout`, `shards`, `target_not_empty`, `autostart`, `source`, `target`, `include`, `group`, `start_overrides`)
    "#);
}

#[test]
fn dangerous_flows_are_refused() {
    insta::assert_snapshot!(findings(&MINIMAL.replace("target = \"b\"", "target = \"a\"")), @"line 6: flows.f: source and target are the same cluster and topics keep their names: every topic would be copied into itself, for ever; give `rename` a prefix, or another target");
    insta::assert_snapshot!(findings(&MINIMAL.replace("b:9092", "c:1,A:9092")), @"line 6: flows.f: source and target are the same cluster and topics keep their names: every topic would be copied into itself, for ever; give `rename` a prefix, or another target");
    insta::assert_snapshot!(findings(&MINIMAL.replace("[\"x\"]", "[]")), @r#"line 9: flows.f.include: include is empty: no topic would be mirrored (for all topics write ".*")"#);
    insta::assert_snapshot!(flow_findings("[flows.g]\nsource = 'a'\ntarget = 'b'\ninclude = ['y']\ngroup = 'kmirror.f'"), @"line 10: flows.g: flows `g` and `f` read `a` in the same group `kmirror.f`: each would take the other's progress for its own and leave records out; give one of them another `group`");
    let old = MINIMAL.replace("\"a:9092\"", "\"a:9092\"\nversion = '0.9.0.1'");
    insta::assert_snapshot!(findings(&format!("{old}session_timeout = '31s'")), @"line 7: flows.f: `session_timeout` is longer than the 30s that brokers before 0.10.1 allow");
    let renamed = MINIMAL.replace("target = \"b\"", "target = \"a\"\nrename = { prefix = \"copy\" }");
    let prefix = RenamePolicy::prefix("copy", ".").expect("valid");
    assert_eq!(load(&renamed).flows["f"].rename, prefix);
}

#[test]
fn doubtful_flows_are_warned_about() {
    insta::assert_snapshot!(findings(&MINIMAL.replace("[\"x\"]", "[\"a,b\", \"__*\", \"orders.*\"]")), @r#"
    warning: line 9: flows.f.include[0]: `a,b`: a comma is part of the name here, and no topic name holds one: this matches nothing; write separate entries: "a", "b"
    warning: line 9: flows.f.include[1]: `__*`: `_*` is any number of underscores and nothing else; for every name that starts so write `__.*`
    "#);
    insta::assert_snapshot!(flow_findings("[[flows.f.start_overrides]]\ntopic = 'y'\nstart = 'latest'"), @"warning: line 10: flows.f.start_overrides[0]: topic `y` is not mirrored by this flow");
    insta::assert_snapshot!(findings("[clusters.a]\nbootstrap_servers = 'a:1'"), @"warning: flows: is missing, so nothing is mirrored; a file names its flows as [flows.NAME]");
}

#[test]
fn properties_are_allowed_reserved_refused_or_unknown() {
    insta::assert_snapshot!(properties_findings(r#"
        "group.id" = "g"
        "acks" = 1
        "ssl.engine.location" = "/evil.so"
        "enable.ssl.certificate.verification" = false
        "rebalance_cb" = "x"
        "test.mock.num.brokers" = 3
        "feth.max.bytes" = 5
        "ssl.truststore.location" = "/t.jks"
        "fetch.max.bytes" = "many"
        "queued.min.messages" = 0
        "compression.type" = "zstandard"
        "socket.keepalive.enable" = "yes"
        "client.rack" = ["r"]
        linger.ms = 5
        "queue.buffering.max.ms" = 5
    "#), @r#"
    line 3: clusters.a.properties: `linger.ms` and `queue.buffering.max.ms` mean the same; keep one
    line 5: clusters.a.properties."group.id": is set by kmirror: the flow's group carries its progress; use `group`, `group_protocol` and `session_timeout` of the flow
    line 6: clusters.a.properties.acks: is set by kmirror: records are never lost or reordered: acks=all, idempotent, retried for ever
    line 7: clusters.a.properties."ssl.engine.location": is refused: it would load and run code from a file
    line 8: clusters.a.properties."enable.ssl.certificate.verification": is refused: it would let anybody pose as the broker
    line 9: clusters.a.properties.rebalance_cb: is refused: it is for programs, not for files
    line 10: clusters.a.properties."test.mock.num.brokers": is refused: it is for programs, not for files
    line 11: clusters.a.properties."feth.max.bytes": is not a known librdkafka property; did you mean `fetch.max.bytes`?
    line 12: clusters.a.properties."ssl.truststore.location": is a property of the Java client; write `ssl.ca.location`, the certificates in PEM format
    line 13: clusters.a.properties."fetch.max.bytes": `many` is not a whole number in the range 0 to 2147483135
    line 14: clusters.a.properties."queued.min.messages": `0` is not in the range 1 to 10000000
    line 15: clusters.a.properties."compression.type": `zstandard` is not one of `none`, `gzip`, `snappy`, `lz4`, `zstd`
    line 16: clusters.a.properties."socket.keepalive.enable": `yes` is neither `true` nor `false`
    line 17: clusters.a.properties."client.rack": expected text, a whole number, or true or false, found a list
    "#);
    let config = load(
        r#"
        [clusters.a]
        bootstrap_servers = "a:1"
        [clusters.a.properties]
        security.protocol = "SSL"
        "fetch.max.bytes" = 5000
        linger.ms = 7
    "#,
    );
    let properties = &config.clusters["a"].properties;
    let resolved = |role| {
        let pairs = properties.resolve(role).expect("nothing to look up");
        pairs.iter().map(|(key, value)| format!("{key}={}", value.expose())).collect::<Vec<_>>()
    };
    let consumer = ["fetch.max.bytes=5000", "security.protocol=SSL", "ssl.ca.location=probe"];
    assert_eq!(resolved(ClientRole::Consumer), consumer);
    assert_eq!(resolved(ClientRole::Producer), ["linger.ms=7", "security.protocol=SSL", "ssl.ca.location=probe"]);
}

#[test]
fn security_is_checked_before_the_first_connection() {
    insta::assert_snapshot!(properties_findings("security.protocol = 'SASL_SSL'"), @"line 3: clusters.a.properties: `sasl.mechanism` is missing; write, for example, `SCRAM-SHA-512`");
    insta::assert_snapshot!(properties_findings("sasl.username = 'u'"), @"line 3: clusters.a.properties: `sasl.username` has no effect while `security.protocol` is `plaintext`; write `SASL_SSL`");
    insta::assert_snapshot!(properties_findings("security.protocol = 'sasl_plaintext'\nsasl.mechanism = 'PLAIN'\nsasl.username = 'u'"), @"line 3: clusters.a.properties: `sasl.password` is missing, which PLAIN needs");
    insta::assert_snapshot!(properties_findings("security.protocol = 'sasl_plaintext'\nsasl.mechanism = 'PLAIN'\nsasl.username = 'u'\nsasl.password = 'canary'"), @r#"
    warning: line 3: clusters.a.properties: credentials travel unencrypted with `sasl_plaintext`; write `SASL_SSL`
    warning: line 7: clusters.a.properties.sasl.password: a secret stands in the file; write env:NAME or file:PATH instead
    "#);
    insta::assert_snapshot!(properties_findings("sasl.password = 'env:KMIRROR_TEST_UNSET'"), @"line 4: clusters.a.properties.sasl.password: read env:KMIRROR_TEST_UNSET: the variable is not set");
    insta::assert_snapshot!(properties_findings("ssl.key.password = 'file:/nonexistent'"), @"line 4: clusters.a.properties.ssl.key.password: read file:/nonexistent: No such file or directory (os error 2)");
}

/// In every slot that may hold one, right and wrong, no message and no debug print shows it.
#[test]
fn secrets_are_never_shown() {
    const CANARY: &str = "k4n4ry";
    let sasl = "security.protocol = 'SASL_SSL'\nsasl.mechanism = 'PLAIN'\n";
    let texts = [
        format!("{sasl}sasl.username = '{CANARY}'\nsasl.password = '{CANARY}'"),
        format!("sasl.password = {CANARY}"),
        format!("sasl.password = '{CANARY}"),
        format!("sasl.password = \"{CANARY}\\q\""),
        format!("sasl.password = ['{CANARY}']"),
        format!("sasl.pasword = '{CANARY}'"),
        format!("password = '{CANARY}'"),
        format!("sasl.password = '{CANARY}' '{CANARY}'"),
        format!("sasl.password = '{CANARY}'\nsasl.password = '{CANARY}'"),
        format!("sasl.jaas.config = 'password={CANARY};'"),
        format!("ssl.key.pem = '''{CANARY}'''\nssl.key.password = '{CANARY}'\nssl.keystore.password = '{CANARY}'"),
        format!("sasl.oauthbearer.client.secret = '{CANARY}'\nsasl.oauthbearer.config = '{CANARY}'"),
    ];
    for text in texts {
        let file = format!("[clusters.a]\nbootstrap_servers = 'a:1'\n[clusters.a.properties]\n{text}\n");
        let printed = match Config::parse(&file, "test") {
            Ok(config) => format!("{config:?} {config:#?} {}", findings(&file)),
            Err(error) => format!("{error} {error:?}"),
        };
        assert!(!printed.contains(CANARY), "{printed}");
    }
}

#[test]
fn two_addresses_make_a_configuration() {
    let endpoints = Endpoints {
        source: "a:9092,a2:9092".into(),
        target: "b:9092".into(),
        include: vec!["orders-.*".into()],
        start: Some(StartPosition::Last(5)),
        rename_prefix: Some("dc-a.".into()),
        ..Endpoints::default()
    };
    let config = Config::from_endpoints(&endpoints).expect("valid");
    let flow = &config.flows[ADHOC];
    assert_eq!(config.clusters["source"].bootstrap(), "a:9092,a2:9092");
    assert_eq!(flow.group.as_str(), "kmirror.adhoc.b-9092");
    assert_eq!(flow.start, StartPosition::Last(5));
    assert_eq!(flow.rename.target_topic(&"orders-eu".into()).expect("legal").as_str(), "dc-a.orders-eu");
    let named = Config::from_endpoints(&Endpoints { name: Some("move".into()), ..endpoints.clone() }).expect("valid");
    assert_eq!(named.flows["move"].group.as_str(), "kmirror.move");
    let wrong = Endpoints { source: "a".into(), include: vec!["(".into()], name: Some("a b".into()), ..endpoints };
    insta::assert_snapshot!(Config::from_endpoints(&wrong).expect_err("wrong"), @r#"
    configuration of the command line: 2 problems
      --source: `a` has no port; expected host:port, such as `kafka-1.example.com:9092` or `[::1]:9092`
      --name: `a b` is not a usable name; names are 1 to 100 of a-z A-Z 0-9 . _ -
    "#);
    insta::assert_snapshot!(Config::from_endpoints(&Endpoints::default()).expect_err("empty"), @r#"
    configuration of the command line: 3 problems
      --source: `` is empty; expected host:port, such as `kafka-1.example.com:9092` or `[::1]:9092`
      --target: `` is empty; expected host:port, such as `kafka-1.example.com:9092` or `[::1]:9092`
      --include: include is empty: no topic would be mirrored (for all topics write ".*")
    "#);
}

#[test]
fn flows_between_the_same_clusters_are_neighbours() {
    let text = r#"
        [clusters.a-again]
        bootstrap_servers = "c:9092,a:9092"
        [flows.same]
        source = "a-again"
        target = "b"
        include = ["y"]
        [flows.back]
        source = "b"
        target = "a"
        include = ["y"]
        [flows.idle]
        source = "a"
        target = "b"
        include = ["y"]
        autostart = false
    "#;
    let config = load(&format!("{MINIMAL}{text}"));
    let of = |name: &str| {
        let neighbours = config.flows[name].neighbours.iter();
        neighbours.map(|other| (other.name.to_string(), other.direction)).collect::<Vec<_>>()
    };
    let (same, reverse) = (Direction::Same, Direction::Reverse);
    assert_eq!(of("f"), [("back".into(), reverse), ("same".into(), same)]);
    assert_eq!(of("back"), [("f".into(), reverse), ("same".into(), reverse)]);
    assert_eq!(config.flows["f"].idle_neighbours.iter().map(|other| other.name.as_str()).collect::<Vec<_>>(), ["idle"]);
    assert_eq!(of("idle"), [("back".into(), reverse), ("f".into(), same), ("same".into(), same)]);
}

#[test]
fn many_problems_are_cut() {
    let flows: String = (0..50).map(|n| format!("[flows.f{n}]\nx = 1\n")).collect();
    let message = Config::parse(&flows, "test").expect_err("wrong").to_string();
    assert_eq!(message.lines().count(), 22);
    assert!(message.ends_with("more"), "{message}");
}
