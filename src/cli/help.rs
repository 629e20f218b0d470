//! What `--help` teaches.

use crate::report::ExitCode;

/// `help`, and behind it what the command's exit codes mean.
pub(super) fn with_exit_codes(help: &str, codes: &[ExitCode]) -> String {
    let line = |code: &ExitCode| format!("\n  {:<4} {}", *code as u8, code.meaning());
    format!("{help}\n\nExit codes:{}", codes.iter().map(line).collect::<String>())
}

/// The exit codes of commands that look and change nothing.
pub(super) const LOOKING: &[ExitCode] = &[ExitCode::Done, ExitCode::Failed, ExitCode::Usage, ExitCode::Unreachable];
/// Those of commands that change something at once.
pub(super) const CHANGING: &[ExitCode] = LOOKING;
/// Those of `check`, which tells beforehand what a run would meet.
pub(super) const CHECKING: &[ExitCode] =
    &[ExitCode::Done, ExitCode::Failed, ExitCode::Usage, ExitCode::Unfinished, ExitCode::Unreachable];

pub(super) const ABOUT: &str = "Mirrors Kafka topics between clusters, and says what it does";

pub(super) const LONG_ABOUT: &str = "\
Mirrors Kafka topics between clusters: byte for byte, partition by partition, resuming where it stopped.

Reads and writes any broker from 0.9 to 4.x. Nothing is skipped silently: what cannot be copied exactly \
blocks its partition, with the reason and the choices, while the others go on.";

pub(super) const AFTER_HELP: &str = "\
Examples:
  kmirror
        open the console: watch, start and stop flows, browse topics
  kmirror --source a:9092 --target b:9092 --read-only
        look at two clusters, without any file and without changing anything
  kmirror demo
        watch it work, without any cluster
  kmirror config template > kmirror.toml
        write a configuration to start from
  kmirror check -c kmirror.toml
        see what it would do, and what would stop it
  kmirror run -c kmirror.toml
        do it, until Ctrl-C
  kmirror run --source a:9092 --target b:9092 --include 'orders-.*'
        the same without a file
  kmirror lag -c kmirror.toml
        how far behind it is
  kmirror offsets set -c kmirror.toml orders 'eu.orders:3=-2h'
        let a partition begin two hours ago";

pub(super) const RUN_HELP: &str = "\
Runs until SIGINT (Ctrl-C) or SIGTERM, then delivers and commits what is on its way. A second signal ends at once; \
nothing is lost by it, but what was on its way is copied again at the next start.

Examples:
  kmirror run -c kmirror.toml
        every flow of the file
  kmirror run -c kmirror.toml --flow orders --flow carts \\
          --metrics 127.0.0.1:9400
        two of them, with metrics for Prometheus
  kmirror run --source a:9092 --target b:9092 --include '.*' \\
          --exclude '.*-tmp' --until-caught-up
        move everything but some, then end
  kmirror run --source a:9092 --target b:9092 --include orders \\
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
        leave out one record that the target refuses";

pub(super) const CHECK_HELP: &str = "\
Connects to the clusters and reads; creates, writes and commits nothing.

Examples:
  kmirror check
        the configuration that `kmirror paths` says is used
  kmirror check -c kmirror.toml
        every flow: each topic with the reason why it is mirrored or not
  kmirror check -c kmirror.toml --flow orders
        one flow
  kmirror check -c kmirror.toml --format json | jq 'select(.problem)'
        only what would go wrong
  kmirror check --format json | jq -r 'select(.verdict == \"mirrored\") | .topic'
        what would be mirrored

The exit code is 3 when something would be blocked. If several are true: 2 before 4 before 1 before 3.";

pub(super) const TOPICS_HELP: &str = "\
Lists topics with partitions, replicas, retention and clean-up, and what the flows that read the cluster do with each.

Examples:
  kmirror topics dc-a
        the topics of the cluster that the configuration calls dc-a
  kmirror topics -c kmirror.toml dc-a --internal
        internal ones too, such as __consumer_offsets
  kmirror topics dc-b --format json | jq -r .topic
        only their names
  kmirror topics dc-a --format json | jq 'select(.cleanup_policy == \"compact\")'
        only those that compact";

pub(super) const LAG_HELP: &str = "\
Compares each flow's committed progress with the end of its source topics, partition by partition; no flow needs to run. \
A running flow commits every few seconds, so it is ahead of what is shown here.

Examples:
  kmirror lag
        every flow of the configuration that `kmirror paths` says is used
  kmirror lag -c kmirror.toml --flow orders
        one flow
  kmirror lag --format json | jq 'select(.lag_records > 1000)'
        only what is far behind
  watch -n 10 kmirror lag
        again and again";

pub(super) const OFFSETS_HELP: &str = "\
A flow keeps its progress in a consumer group on its source: the next offset to copy of each partition. Kafka's own \
tools see the same positions.

Examples:
  kmirror offsets show orders
        where flow orders stands
  kmirror offsets set orders 'eu.orders:3=earliest'
        one partition begins anew
  kmirror offsets save orders -o before.toml
        keep the positions
  kmirror offsets restore orders before.toml
        bring them back";

pub(super) const OFFSETS_SHOW_HELP: &str = "\
No flow needs to run. For a partition without progress it shows where the flow would begin.

Examples:
  kmirror offsets show orders
        by the configuration that `kmirror paths` says is used
  kmirror offsets show -c kmirror.toml orders
        by this one
  kmirror offsets show orders --format json | jq 'select(.lost_records > 0)'
        only what retention has overtaken
  kmirror offsets show orders --format json | jq 'select(.author == \"hand\")'
        only what another tool has set";

pub(super) const OFFSETS_SET_HELP: &str = "\
Shows what would change, what would be copied again and what would be left out, saves the positions there are to a \
file, and asks. The flow must be stopped: a group in use is refused, with who is in it (a flow that runs is set in the \
console). Positions outside of the log are refused, and then none is set.

POSITION is `earliest`, `latest`, an offset, a time, a duration ago, `last N`, `group:NAME`, `checkpoint` (as it is), or \
`+N` and `-N` from there. In a group without any progress all other partitions are begun as the flow's first start \
would.

Examples:
  kmirror offsets set orders 'eu.orders=-2h'
        all partitions of a topic: what is not older than two hours
  kmirror offsets set orders 'eu.orders:0=last 10k' 'eu.orders:1=2026-06-24T12:00Z'
        two partitions
  kmirror offsets set orders '*=latest' 'eu.orders:3=-500'
        all at their ends, but one 500 records before where it is
  kmirror offsets set orders '*=group:mirrormaker' --dry-run
        what it would mean to go on where another group stands
  kmirror offsets set orders 'eu.orders:3=43550104' --yes
        without asking, for scripts";

pub(super) const OFFSETS_SAVE_HELP: &str = "\
Examples:
  kmirror offsets save orders
        to a new file in the state folder, whose name is printed
  kmirror offsets save -c kmirror.toml orders -o before.toml
        to this one";

pub(super) const OFFSETS_RESTORE_HELP: &str = "\
As `kmirror offsets set`, with the positions of the file.

Examples:
  kmirror offsets restore orders before.toml
        asks before it sets them
  kmirror offsets restore orders before.toml --dry-run
        what would change
  kmirror offsets restore -c kmirror.toml orders before.toml --yes
        without asking, for scripts";

/// Those of `export`: a file that differs from what would be written is not finished.
pub(super) const EXPORTING: &[ExitCode] = CHECKING;

pub(super) const EXPORT_HELP: &str = "\
Comments and order stay as they are. Secrets are never written out: what stands in the file itself becomes a \
reference, and what has to be set is told. The result is read back before it is written.

Examples:
  kmirror export --flow orders -o orders.toml
        one flow with its clusters, for a host of its own
  kmirror export -c kmirror.toml -o /etc/kmirror/kmirror.toml --diff
        what would change there
  kmirror export --as systemd -o kmirror.service
        a hardened unit that runs /etc/kmirror/kmirror.toml
  kmirror export --flow orders --as kubernetes > orders.yaml
        a Deployment and its configuration
  kmirror export --flow orders --with-progress
        with where every partition stands now";

pub(super) const TEMPLATE_HELP: &str = "\
Examples:
  kmirror config template > kmirror.toml
        in this folder
  kmirror config template | sudo tee /etc/kmirror/kmirror.toml
        for the whole machine
  kmirror config template | grep -v '^#'
        only what has no default
  kmirror config template | less
        just to read";

pub(super) const PATHS_HELP: &str = "\
Examples:
  kmirror paths
        the places in the order they are tried, and which is used
  KMIRROR_CONFIG=/srv/kmirror.toml kmirror paths
        the same, with the variable set
  kmirror paths --format json | jq -r .state_dir
        where logs go";

pub(super) const DEMO_HELP: &str = "\
The addresses of both clusters are printed, so that any Kafka client can look inside. Nothing is left behind.

Examples:
  kmirror demo
        in the console; without a terminal in lines, until Ctrl-C
  kmirror demo --duration 20s
        for twenty seconds
  kmirror demo --duration 5s --format json
        as a program would see it";

pub(super) const COMPLETIONS_HELP: &str = "\
Examples:
  kmirror completions bash > ~/.local/share/bash-completion/completions/kmirror
  kmirror completions zsh > ~/.zfunc/_kmirror
  kmirror completions fish > ~/.config/fish/completions/kmirror.fish";

pub(super) const MAN_HELP: &str = "\
Examples:
  kmirror man | man -l -
        read it
  kmirror man > /usr/local/share/man/man1/kmirror.1
        install it";
