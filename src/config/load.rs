//! From a file, a text or a pair of addresses to a checked configuration.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::model::{ClusterName, FlowName, RenamePolicy, StartPosition, escaped, excerpt};

use super::cluster::{ClusterConfig, cluster};
use super::document::{Entry, Lines, Section, parse};
use super::error::{ConfigError, ConfigProblem, ConfigWarning, Findings};
use super::flow::{FlowConfig, GROUP_PREFIX};
use super::flow_reader::{check_defaults, flow};
use super::keymap::keymap;
use super::neighbours::{introduce, is_one_cluster};
use super::secret::Place;

/// A checked configuration: nothing in it can be wrong that can be known without asking a cluster.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Every cluster of the file, used or not.
    pub clusters: BTreeMap<ClusterName, ClusterConfig>,
    /// Every flow of the file.
    pub flows: BTreeMap<FlowName, FlowConfig>,
    /// Other keys for the console's actions, as written.
    pub keymap: BTreeMap<String, Vec<String>>,
    /// What works and is doubtful, by line.
    pub warnings: Vec<ConfigWarning>,
}

/// What `kmirror run` is told instead of a file.
#[derive(Clone, Debug, Default)]
pub struct Endpoints {
    /// The source's addresses, separated by commas.
    pub source: String,
    /// The target's addresses, separated by commas.
    pub target: String,
    /// Patterns of the topics to mirror.
    pub include: Vec<String>,
    /// Patterns of the topics to leave out.
    pub exclude: Vec<String>,
    /// Where to begin; the default of a file if `None`.
    pub start: Option<StartPosition>,
    /// What to put in front of the topics' names, separator included.
    pub rename_prefix: Option<String>,
    /// The flow's name; [`ADHOC`] if `None`.
    pub name: Option<String>,
}

/// The name of a flow that was given none.
pub const ADHOC: &str = "adhoc";

impl Config {
    /// Reads and checks a file.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let origin = path.display().to_string();
        let bytes = read_file(path).map_err(|problem| ConfigError::whole(&origin, problem))?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
            ConfigError::whole(&origin, format!("line {line} holds bytes that are not UTF-8 text"))
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        parse_in(&text, &origin, folder)
    }

    /// Checks a text; `origin` names it in messages. Relative paths in it are taken from the current folder.
    pub fn parse(text: &str, origin: &str) -> Result<Self, ConfigError> {
        parse_in(text, origin, Path::new(""))
    }

    /// As a file in `folder` would be read that is to be used elsewhere: the secrets it refers to are not looked up.
    pub fn parse_elsewhere(text: &str, origin: &str, folder: &Path) -> Result<Self, ConfigError> {
        parse_at(text, origin, Place { folder, are_secrets_read: false })
    }

    /// One flow between two clusters named `source` and `target`, everything else at its default.
    ///
    /// Progress is kept in the group `kmirror.NAME`, or without a name in one that belongs to the target: a second
    /// run to another target must not resume where the first one stood.
    pub fn from_endpoints(endpoints: &Endpoints) -> Result<Self, ConfigError> {
        let text = endpoints_text(endpoints);
        Self::parse(&text, "of the command line")
            .map_err(|error| ConfigError { problems: error.problems.into_iter().map(name_argument).collect(), ..error })
    }
}

/// As a file would have it: one way to check everything.
fn endpoints_text(endpoints: &Endpoints) -> String {
    let name = endpoints.name.as_deref().unwrap_or(ADHOC);
    let mut flow = toml::Table::new();
    flow.insert("source".into(), "source".into());
    flow.insert("target".into(), "target".into());
    flow.insert("include".into(), endpoints.include.clone().into());
    flow.insert("exclude".into(), endpoints.exclude.clone().into());
    if let Some(start) = &endpoints.start {
        flow.insert("start".into(), start.to_string().into());
    }
    if let Some(prefix) = &endpoints.rename_prefix {
        let rename = [("prefix", prefix.as_str()), ("separator", "")];
        let rename: toml::Table = rename.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        flow.insert("rename".into(), rename.into());
    }
    if endpoints.name.is_none() {
        let target: String =
            endpoints.target.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
        let target: String = target.chars().take(ADHOC_TARGET_CHARS_MAX).collect();
        flow.insert("group".into(), format!("{GROUP_PREFIX}{ADHOC}.{target}").into());
    }
    let cluster = |servers: &str| toml::Table::from_iter([("bootstrap_servers".to_owned(), servers.into())]);
    let clusters = [("source", cluster(&endpoints.source)), ("target", cluster(&endpoints.target))];
    let mut file = toml::Table::new();
    file.insert(
        "clusters".into(),
        toml::Table::from_iter(clusters.map(|(key, value)| (key.to_owned(), value.into()))).into(),
    );
    file.insert("flows".into(), toml::Table::from_iter([(name.to_owned(), flow.into())]).into());
    file.to_string()
}

/// Says the argument's name where the file would have a key and a line.
fn name_argument(problem: ConfigProblem) -> ConfigProblem {
    const ARGUMENTS: [(&str, &str); 6] = [
        ("clusters.source", "--source"),
        ("clusters.target", "--target"),
        (".include", "--include"),
        (".exclude", "--exclude"),
        (".rename", "--rename-prefix"),
        (".group", "--target"),
    ];
    let argument = ARGUMENTS.iter().find(|(part, _)| problem.key.contains(part));
    let key = argument.map_or("--name", |(_, argument)| argument).to_owned();
    ConfigProblem { line: None, key, message: problem.message }
}

fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    // Not blocking: opening a pipe would wait for its writer.
    let file = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path);
    let file = file.map_err(|error| format!("open it: {error}"))?;
    let metadata = file.metadata().map_err(|error| format!("open it: {error}"))?;
    if !metadata.is_file() {
        return Err("it is not a regular file".to_owned());
    }
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|error| format!("read it: {error}"))?;
    Ok(bytes)
}

pub(super) fn parse_in(text: &str, origin: &str, folder: &Path) -> Result<Config, ConfigError> {
    parse_at(text, origin, Place { folder, are_secrets_read: true })
}

fn parse_at(text: &str, origin: &str, place: Place<'_>) -> Result<Config, ConfigError> {
    // Windows editors put a mark there that is no part of the text.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.len() as u64 > FILE_BYTES_MAX {
        return Err(ConfigError::whole(origin, format!("it is larger than {FILE_BYTES_MAX} bytes")));
    }
    if text.trim().is_empty() {
        return Err(ConfigError::whole(origin, "it is empty; `kmirror config template` prints one to start from"));
    }
    let lines = Lines::of(text);
    let table = parse(text, &lines).map_err(|problems| ConfigError { origin: origin.to_owned(), problems })?;
    let mut findings = Findings::default();
    let root = Section::root(&table, &lines);
    let (clusters, flows) = read_root(&root, place, &mut findings);
    let keymap = keymap(&root, &mut findings);
    findings.sort();
    if findings.problems.is_empty() {
        Ok(Config { clusters, flows, keymap, warnings: findings.warnings })
    } else {
        Err(ConfigError { origin: origin.to_owned(), problems: findings.problems })
    }
}

pub(super) const ROOT_KEYS: &[&str] = &["clusters", "flows", "defaults", "keymap"];

type Clusters = BTreeMap<ClusterName, ClusterConfig>;
type Flows = BTreeMap<FlowName, FlowConfig>;

fn read_root(root: &Section<'_>, place: Place<'_>, findings: &mut Findings) -> (Clusters, Flows) {
    root.refuse_unknown(ROOT_KEYS, &[], findings);
    let mut clusters = Clusters::new();
    let cluster_sections = named_sections(root, "clusters", findings);
    for (name, section) in &cluster_sections {
        if let Some(cluster) = cluster(section, place, findings) {
            clusters.insert((*name).into(), cluster);
        }
    }
    if root.get("clusters").is_none() {
        let message = "is missing; a file names its clusters as [clusters.NAME]".to_owned();
        findings.problems.push(ConfigProblem { line: None, key: "clusters".to_owned(), message });
    }
    let defaults = root.get("defaults").and_then(|entry| findings.keep(entry.section()));
    if let Some(defaults) = &defaults {
        check_defaults(defaults, findings);
    }
    let cluster_names: Vec<&str> = cluster_sections.iter().map(|(name, _)| *name).collect();
    let mut flows = Flows::new();
    for (name, section) in named_sections(root, "flows", findings) {
        let name = FlowName::from(name);
        if let Some(flow) = flow(&name, &section, defaults.as_ref(), &cluster_names, findings) {
            check_flow(&name, &flow, &section, &clusters, &flows, findings);
            flows.insert(name, flow);
        }
    }
    introduce(&clusters, &mut flows);
    if root.get("flows").is_none() {
        let message = "is missing, so nothing is mirrored; a file names its flows as [flows.NAME]".to_owned();
        findings.warnings.push(ConfigWarning { line: None, key: "flows".to_owned(), message });
    }
    (clusters, flows)
}

/// The tables in a table, by name.
fn named_sections<'a>(root: &Section<'a>, key: &str, findings: &mut Findings) -> Vec<(&'a str, Section<'a>)> {
    let Some(table) = root.get(key).and_then(|entry| findings.keep(entry.section())) else { return Vec::new() };
    let mut sections = Vec::new();
    for entry in table.entries() {
        let section = check_name(&entry).and_then(|()| entry.section()).and_then(refuse_dotted);
        if let Some(section) = findings.keep(section) {
            sections.push((entry.key, section));
        }
    }
    sections
}

/// `[flows.a.b]` is a table `b` in the flow `a`, and nobody means that.
fn refuse_dotted(section: Section<'_>) -> Result<Section<'_>, ConfigProblem> {
    const TABLES: [&str; 4] = ["properties", "topics", "limits", "rename"];
    let mut entries = section.entries();
    if let (Some(only), None) = (entries.next(), entries.next())
        && !TABLES.contains(&only.key)
        && let Ok(nested) = only.section()
    {
        let (parent, name) = section.path.split_once('.').unwrap_or(("", &section.path));
        let message = format!("a name with a dot stands in quotes: [{parent}.\"{name}.{}\"]", escaped(only.key));
        return Err(nested.problem(message));
    }
    Ok(section)
}

/// Names appear in arguments, group names and metrics.
fn check_name(entry: &Entry<'_>) -> Result<(), ConfigProblem> {
    let is_legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let name = entry.key;
    if !name.is_empty() && name.len() <= NAME_LENGTH_MAX && name.chars().all(is_legal) {
        return Ok(());
    }
    let shown = excerpt(name);
    Err(entry.problem(format!("`{shown}` is not a usable name; names are 1 to {NAME_LENGTH_MAX} of a-z A-Z 0-9 . _ -")))
}

/// What is wrong only in company.
fn check_flow(
    name: &FlowName,
    flow: &FlowConfig,
    section: &Section<'_>,
    clusters: &Clusters,
    others: &Flows,
    findings: &mut Findings,
) {
    if flow.rename == RenamePolicy::Identity && is_one_cluster(&flow.source, &flow.target, clusters) {
        let message = "source and target are the same cluster and topics keep their names: every topic would be \
                       copied into itself, for ever; give `rename` a prefix, or another target";
        findings.problems.push(section.problem(message));
    }
    let is_same_group = |other: &FlowConfig| other.group == flow.group && other.source == flow.source;
    if let Some((other, _)) = others.iter().find(|(_, other)| is_same_group(other)) {
        let message = format!(
            "flows `{name}` and `{other}` read `{}` in the same group `{}`: each would take the other's progress for \
             its own and leave records out; give one of them another `group`",
            flow.source, flow.group
        );
        findings.problems.push(section.problem(message));
    }
    let session_timeout_ms = flow.session_timeout.map_or(0, |timeout| timeout.as_millis());
    let is_old = clusters.get(&flow.source).is_some_and(|cluster| cluster.version.is_some());
    if is_old && session_timeout_ms > OLD_SESSION_TIMEOUT_MS_MAX {
        let message = "`session_timeout` is longer than the 30s that brokers before 0.10.1 allow";
        findings.problems.push(section.problem(message));
    }
}

/// Thousands of flows fit.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// `kmirror.NAME` stays a group name that other tools can show.
const NAME_LENGTH_MAX: usize = 100;
/// Leaves room for `kmirror.adhoc.` within what a group's name may be.
const ADHOC_TARGET_CHARS_MAX: usize = 200;
/// Their `group.max.session.timeout.ms`.
const OLD_SESSION_TIMEOUT_MS_MAX: u128 = 30_000;
