//! `kmirror offsets` on mock brokers: looks, saves, sets, brings back, and asks before it does.

use assert_cmd::assert::Assert;

use crate::support::{MockKafka, TestCommand, TestRecord};
use crate::terminal::{Setup, Terminal};

/// Two mocks with ten records in each of two partitions, and the configuration of a flow between them.
struct Mocks {
    source: MockKafka,
    target: MockKafka,
}

impl Mocks {
    fn start() -> Self {
        let source = MockKafka::start(1, &[("orders", 2)]);
        let records: Vec<TestRecord> = (0..10).map(|n| TestRecord::text(&format!("{n}"))).collect();
        for partition in 0..2 {
            source.write("orders", partition, &records);
        }
        Self { source, target: MockKafka::start(1, &[("orders", 2)]) }
    }

    fn config(&self, env: &str) -> String {
        let cluster = |name: &str, mock: &MockKafka, more: &str| {
            format!("[clusters.{name}]\nbootstrap_servers = \"{}\"\n{more}", mock.address())
        };
        format!(
            "{}{}[flows.f]\nsource = \"a\"\ntarget = \"b\"\ninclude = [\"orders\"]\n",
            cluster("a", &self.source, env),
            cluster("b", &self.target, "")
        )
    }

    fn command(&self, arguments: &[&str]) -> TestCommand {
        let command = TestCommand::new(&[&["offsets"], arguments].concat());
        command.home().write("kmirror.toml", &self.config(""));
        command
    }

    fn run(&self, arguments: &[&str]) -> Assert {
        self.command(arguments).run()
    }
}

fn stdout(assert: &Assert) -> String {
    String::from_utf8_lossy(&assert.get_output().stdout).into_owned()
}

fn stderr(assert: &Assert) -> String {
    String::from_utf8_lossy(&assert.get_output().stderr).into_owned()
}

const FILE: [&str; 3] = ["-c", "kmirror.toml", "f"];

#[test]
fn what_is_set_is_shown_and_can_be_brought_back() {
    let mocks = Mocks::start();
    let shown = stdout(&mocks.run(&[&["show"], &FILE[..]].concat()).code(0));
    assert!(shown.contains("no progress yet, begins at earliest") && shown.contains("20 records to copy"), "{shown}");

    let set = mocks.run(&[&["set"], &FILE[..], &["orders:1=4", "--yes"]].concat()).code(0);
    assert!(stdout(&set).contains("set 1 position: orders/1 to 4"), "{}", stdout(&set));
    let mut save = mocks.command(&[&["save"], &FILE[..], &["-o", "before.toml"]].concat());
    assert_eq!(stdout(&save.run().code(0)), "before.toml\n");
    let saved = std::fs::read_to_string(save.home().path().join("before.toml")).expect("saved");
    assert!(saved.contains("0 = 0\n1 = 4\n"), "{saved}");

    let set = mocks.run(&[&["set"], &FILE[..], &["*=latest", "--yes"]].concat()).code(0);
    let text = stdout(&set);
    assert!(text.contains("16 records that were never copied are left out"), "{text}");
    assert!(text.contains("kmirror offsets restore -c kmirror.toml f "), "{text}");

    let mut restore = mocks.command(&[&["restore"], &FILE[..], &["before.toml", "--yes"]].concat());
    restore.home().write("before.toml", &saved);
    let text = stdout(&restore.run().code(0));
    assert!(text.contains("orders/0 from 10 to 0, orders/1 from 10 to 4"), "{text}");
    let shown = stdout(&mocks.run(&[&["show"], &FILE[..], &["--format", "json"]].concat()).code(0));
    assert!(shown.contains("\"progress\":4,\"author\":\"flow\""), "{shown}");
}

#[test]
fn what_cannot_be_set_says_why_and_changes_nothing() {
    let mocks = Mocks::start();
    let refused = |arguments: &[&str], why: &str| {
        let text = stderr(&mocks.run(&[&["set"], &FILE[..], arguments].concat()).code(2));
        assert!(text.contains(why), "{arguments:?}: {text}");
    };
    refused(&["orders:0=11", "--yes"], "orders/0: offset 11 is beyond the end of the log, which is 10");
    refused(&["orders:0=+1", "--yes"], "it is relative to the progress, and there is none");
    refused(&["carts=0", "--yes"], "flow `f` mirrors no `carts`");
    refused(&["orders:0=5"], "nobody can be asked here; add --yes");
    refused(&["orders:0"], "has no `=`");
    let unknown = mocks.run(&["show", "-c", "kmirror.toml", "g"]).code(2);
    assert!(stderr(&unknown).contains("find flow `g`"), "{}", stderr(&unknown));
    let nothing = mocks.run(&[&["set"], &FILE[..], &["orders=checkpoint", "--yes"]].concat()).code(0);
    assert!(stdout(&nothing).contains("nothing to set"));
    let mut restore = mocks.command(&[&["restore"], &FILE[..], &["x.toml", "--yes"]].concat());
    let other = "flow = \"g\"\ngroup = \"kmirror.g\"\nsource = \"a\"\nsaved_at = \"2026-06-24T14:02:31Z\"\n";
    restore.home().write("x.toml", other);
    assert!(stderr(&restore.run().code(2)).contains("`x.toml` is of flow `g`, not of `f`"));
    let shown = stdout(&mocks.run(&[&["show"], &FILE[..]].concat()).code(0));
    assert!(shown.contains("no progress yet"), "{shown}");
}

#[test]
fn production_wants_the_name_of_the_flow_typed() {
    let mocks = Mocks::start();
    for (env, wrong, right) in [("env = \"prod\"\n", "yes\r", "f\r"), ("", "no\r", "yes\r")] {
        let config = mocks.config(env);
        let files = [("config/kmirror/kmirror.toml", config.as_str())];
        let ask = |answer: &str, told: &str, code: u32| {
            let arguments = ["offsets", "set", "f", "orders:0=5"];
            let mut terminal = Terminal::start(&Setup { arguments: &arguments, files: &files, ..Setup::default() });
            terminal.wait_for(&["LEFT OUT", if env.is_empty() { "Type yes:" } else { "type `f`" }]);
            terminal.press(answer);
            terminal.wait_for(&[told]);
            assert_eq!(terminal.wait_for_end(), code, "{}", terminal.screen());
        };
        ask(wrong, "not confirmed", 1);
        ask(right, "set 1 position: orders/0", 0);
    }
}
