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
    let cases: [(&str, &[&str], &str); 9] = [
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
        (
            &unused("include = [\"orders\"]\nrenam = \"identity\""),
            &["check", "-c", "kmirror.toml"],
            "error: failed to use configuration kmirror.toml: line 11: flows.orders.renam: unknown key; did you mean `rename`? \
             (known here: `source`, `target`, `include`, `group`, `start_overrides`, `exclude`, `rename`, `start`, `new_topics`, \
             `topics`, `refresh_interval`, `commit_interval`, `limits`, `group_protocol`, `session_timeout`, `shards`, \
             `target_not_empty`, `autostart`)\n",
        ),
        (
            &unused("include = [\"orders(\"]"),
            &["lag", "-c", "kmirror.toml"],
            "error: failed to use configuration kmirror.toml: line 10: flows.orders.include[0]: pattern `orders(` is not a \
             regular expression: unclosed group\n",
        ),
        (
            &orders,
            &["run", "-c", "kmirror.toml", "--resume-at", "carts:x=earliest"],
            "error: failed to decide about `carts:x`: no such flow is run\n",
        ),
        (
            &orders,
            &["run", "-c", "kmirror.toml", "--mirror-new", "orders:x"],
            "error: failed to mirror the new topic `x`: the rules of `orders` do not include it\n",
        ),
        (
            &format!("{orders}autostart = false\n"),
            &["run", "-c", "kmirror.toml"],
            "error: failed to run: no flow starts by itself (`autostart = false`); name those that are to run, such as \
             `--flow orders`\n",
        ),
        (
            "",
            &["check", "-c", "kmirror.toml"],
            "error: failed to use configuration kmirror.toml: it is empty; `kmirror config template` prints one to start from\n",
        ),
        (
            &orders.replace("\"dc-b\"", "\"dc-a\""),
            &["check", "-c", "kmirror.toml"],
            "error: failed to use configuration kmirror.toml: line 7: flows.orders: source and target are the same cluster and \
             topics keep their names: every topic would be copied into itself, for ever; give `rename` a prefix, or another \
             target\n",
        ),
    ];
    for (config, arguments, expected) in cases {
        let assert = run(config, arguments).code(2);
        assert_eq!(stdout(&assert), "");
        assert_eq!(stderr(&assert), expected, "{arguments:?}");
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
    insta::assert_snapshot!(text, @r#"
    error: failed to find a configuration: none of these files exists
      HOME/config/kmirror/kmirror.toml
      /etc/kmirror/kmirror.toml
    write one with `kmirror config template > kmirror.toml`, or name two clusters: `kmirror run --source HOST:PORT --target HOST:PORT --include REGEX`
    "#);
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
    let mut command = TestCommand::new(&["run", "--help"]).env("COLUMNS", "80");
    let text = stdout(&command.run().success());
    insta::assert_snapshot!(text, @r#"
    Mirror: run the flows of a configuration, or one between two given clusters

    Usage: kmirror run [OPTIONS]

    Options:
      -c, --config <FILE>
              The configuration file; without it KMIRROR_CONFIG, then the places
              `kmirror paths` lists

          --flow <NAME>
              Only this flow; can be repeated

          --format <FORMAT>
              For people, or one JSON object per line for programs

              Possible values:
              - text: For people
              - json: One JSON object per line
              
              [default: text]

          --until-caught-up
              End as soon as every flow has copied all there is

          --metrics <ADDRESS>
              Serve Prometheus metrics at this address, such as 127.0.0.1:9400

          --drain-timeout <DURATION>
              How long the end may take: what is on its way is delivered and
              committed
              
              [default: 30s]

      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Without a configuration file:
          --source <SERVERS>
              The cluster to read, host:port[,host:port...]

          --target <SERVERS>
              The cluster to write

          --include <REGEX>
              Topics to mirror, a regular expression for the whole name; can be
              repeated

          --exclude <REGEX>
              Topics to leave out, after all; can be repeated

          --start <POSITION>
              Where to begin: earliest, latest, an offset, a time, `-2h`, `last
              1000` or group:NAME

          --rename-prefix <PREFIX>
              Put this in front of the topics' names on the target, such as `dc-a.`

          --name <NAME>
              Name the flow; its progress is kept in the group kmirror.NAME

    Decisions about what is blocked:
          --resume-at <WHERE=POSITION>
              Resume a blocked topic or partition there:
              FLOW:TOPIC[:PARTITION]=POSITION; can be repeated

          --adopt <FLOW=OTHER>
              Take over the progress of another flow for all partitions that have
              none: FLOW=GROUP, or FLOW=NAME of the other flow, which must have been
              stopped

          --mirror-new <FLOW:TOPIC>
              Mirror a topic from its beginning although it is new since the flow
              began, and `new_topics` keeps it from that: FLOW:TOPIC; can be
              repeated

          --skip-record <RECORD>
              Leave out one record that the target refuses:
              FLOW:TOPIC:PARTITION@OFFSET; needs --yes; can be repeated

          --yes
              Yes, these records shall be missing on the target

    Options of every command:
          --log-level <LEVEL>
              What to log: error, warn, info, debug or trace, or a filter such as
              `info,kmirror::engine=debug`
              
              [env: KMIRROR_LOG=]
              [default: info]

          --log-dir <FOLDER>
              Keep the log files in this folder instead of the state folder (see
              `kmirror paths`)
              
              [env: KMIRROR_LOG_DIR=]

          --no-color
              Print no colors; setting NO_COLOR does the same

    Runs until SIGINT (Ctrl-C) or SIGTERM, then delivers and commits what is on its
    way. A second signal ends at once; nothing is lost by it, but what was on its
    way is copied again at the next start.

    Examples:
      kmirror run -c kmirror.toml
            every flow of the file
      kmirror run -c kmirror.toml --flow orders --flow carts \
              --metrics 127.0.0.1:9400
            two of them, with metrics for Prometheus
      kmirror run --source a:9092 --target b:9092 --include '.*' \
              --exclude '.*-tmp' --until-caught-up
            move everything but some, then end
      kmirror run --source a:9092 --target b:9092 --include orders \
              --start=-2h --rename-prefix dc-a.
            the last two hours of one topic, as dc-a.orders
      kmirror run -c kmirror.toml --format json | jq -r 'select(.lag_records > 0)'
            one JSON object per line, for programs
      kmirror run -c kmirror.toml --resume-at orders:eu.orders:3=earliest
            go on with a partition that retention had overtaken
      kmirror run -c kmirror.toml --adopt orders=kmirror.carts
            go on where flow `carts` has stopped, which is now called orders
      kmirror run -c kmirror.toml --mirror-new orders:eu.returns
            mirror a topic that is held back because it is new (new_topics = ask)
      kmirror run -c kmirror.toml --skip-record orders:eu.orders:3@12345 --yes
            leave out one record that the target refuses

    Exit codes:
      0    done, or stopped in order with nothing in flight
      1    failed; the message tells why
      2    wrong command line or configuration, or a flow that would do harm
      3    ended in order, but something is blocked, not finished or still in flight
      4    a cluster could not be reached or rejected the credentials
      130  ended at once by a second signal
    "#);
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
            text.starts_with("error: failed to ask cluster `dc-a` (127.0.0.1:1): 127.0.0.1:1/bootstrap: "),
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
    let shown = stdout(&assert).replace(target.address(), "TARGET");
    // Above is who the clusters are: ids and ports that change.
    let (_, shown) = shown.split_once("\n\n").expect("a blank line");
    insta::assert_snapshot!(shown, @r#"
      1 topic would be mirrored: 2 partitions, 5 records to copy
        exists on the target; begins at earliest
          orders  2 partitions, 5 records

      1 topic would be blocked: nothing is written there until it is solved
        missing
          target topic `missing` does not exist: the target's version cannot create
            topics over the protocol
          goes on by itself as soon as the topic exists
            create the target topic:
              kafka-topics.sh --bootstrap-server TARGET --create --topic missing --partitions 1
            have it made anew if it was deleted, and copy all again:
              kmirror run -c kmirror.toml --resume-at orders:missing=earliest

      2 topics are not mirrored
        excluded by `.*-dlq`
          orders-dlq
        no include pattern matches
          carts

      4 warnings
        the settings of 2 topics on the source cannot be read (right or version is
          missing), so they are neither copied nor compared
        the settings of 1 topic on the target cannot be read (right or version is
          missing), so they are neither copied nor compared
        the target's version cannot be told to create topics (0.10.1 is the first):
          create them with its own tools
        the target's version cannot be told to add partitions (1.0 is the first): a
          topic that grows on the source will be blocked

      about the patterns
        include `orders.*`: matches `orders` itself too, and names that go on
          without a dot; for at least one more character write `orders.+`, for names
          under `orders.` write `orders\..+`

    Nothing was created, written or committed. So it is not known whether kmirror
      may read the source's records, commit to its group, and write, create and
      alter on the target: brokers tell from 2.3 on.
    1 flow checked: something would be blocked, with 4 warnings
    "#);
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

/// One flow more, from and to these clusters of the file.
fn second_flow(source: &str, target: &str, include: &str) -> String {
    format!("[flows.more]\nsource = \"{source}\"\ntarget = \"{target}\"\ninclude = [\"{include}\"]\n")
}

#[test]
fn flows_that_write_one_target_topic_or_feed_each_other_are_refused() {
    let (source, target) = mocks();
    let one = config(source.address(), target.address(), "include = [\"orders\"]");
    let twice = format!("{one}{}", second_flow("dc-a", "dc-b", "orders.*"));
    let text = stdout(&run(&twice, &["check", "-c", "kmirror.toml"]).code(2)).replace("\n    ", " ");
    for (flow, other) in [("orders", "more"), ("more", "orders")] {
        let expected = format!(
            "source topic `orders` would be written to target topic `orders`, and flow `{other}` writes topic `orders` of the \
             same source there"
        );
        let of_flow = text.split(&format!("{flow}: dc-a")).nth(1).unwrap_or_default();
        assert!(of_flow.contains(&expected), "{flow}\n{text}");
    }
    // It is the company that is wrong: each of them alone may run.
    let alone = run(&twice, &["check", "-c", "kmirror.toml", "--flow", "orders"]).success();
    assert!(stdout(&alone).contains("ready to run"));
    let refused = stdout(&run(&twice, &["run", "-c", "kmirror.toml", "--until-caught-up"]).code(2));
    assert!(refused.contains("flow `orders` writes topic `orders` of the same source there"), "{refused}");
    let copied = target.records("orders").into_values().flatten().count();
    assert_eq!(copied, 0, "nothing was copied");

    let back = format!("{one}{}", second_flow("dc-b", "dc-a", "orders"));
    let text = stdout(&run(&back, &["check", "-c", "kmirror.toml"]).code(2)).replace("\n    ", " ");
    assert!(text.contains("flow `more` mirrors that back to `orders`, and this flow mirrors `orders`"), "{text}");
    assert!(text.contains("flow `orders` mirrors that back to `orders`"), "{text}");
}

#[test]
fn one_target_topic_of_two_sources_is_a_warning() {
    let (source, target) = mocks();
    let other = MockKafka::start(1, &[("orders", 2)]);
    let one = config(source.address(), target.address(), "include = [\"orders\"]");
    let third = format!("[clusters.dc-c]\nbootstrap_servers = \"{}\"\n", other.address());
    let both = format!("{one}{third}{}", second_flow("dc-c", "dc-b", "orders"));
    let text = stdout(&run(&both, &["check", "-c", "kmirror.toml"]).success()).replace("\n      ", " ");
    assert!(text.contains("1 topic of the target would be written by flow `more` too, from another source"), "{text}");
    assert!(text.contains("would be written by flow `orders` too"), "{text}");
}

#[test]
fn topics_and_lag_are_listed() {
    let (source, target) = mocks();
    let text = config(source.address(), target.address(), "include = [\"orders.*\"]\nexclude = [\".*-dlq\"]");
    insta::assert_snapshot!(stdout(&run(&text, &["topics", "-c", "kmirror.toml", "dc-a"]).success()), @r#"
    TOPIC       PARTITIONS  REPLICAS  RETENTION  CLEANUP  FLOWS
    carts                1         1          –  –        no include pattern matches
    missing              1         1          –  –        no include pattern matches
    orders               2         1          –  –        orders: mirrored
    orders-dlq           1         1          –  –        excluded by `.*-dlq`
    "#);
    insta::assert_snapshot!(stdout(&run(&text, &["lag", "-c", "kmirror.toml"]).success()), @r#"
    FLOW    TOPIC   PARTITION  COMMITTED  END  LAG
    orders  orders          0          –    0    –
    orders  orders          1          –    5    –
    orders: no progress yet in 2 partitions
    "#);
    let lines = stdout(&run(&text, &["lag", "-c", "kmirror.toml", "--format", "json"]).success());
    assert_eq!(lines.lines().count(), 2);
    assert!(lines.contains(r#""partition":1,"committed":null,"high_watermark":5,"lag_records":null"#), "{lines}");
}
