//! Positions in a file: written before any are set, so that they can be brought back.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::config::{ConfigPaths, write_private};
use crate::model::{ClusterName, FlowName, FlowOffsets, GroupName, SavedOffsets, SetPosition, TopicName};

/// The ending of such files.
const ENDING: &str = ".offsets.toml";

/// The file as it is written: short enough to be read, and edited, by people.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    flow: FlowName,
    group: GroupName,
    source: ClusterName,
    saved_at: Timestamp,
    /// By topic and partition: the next offset to copy.
    #[serde(default)]
    positions: BTreeMap<TopicName, BTreeMap<String, i64>>,
}

/// Writes the progress in `offsets` to `path`, or to a new file in the state folder.
///
/// # Errors
/// In words that read well after "failed to".
pub(in crate::run) fn save(
    offsets: &FlowOffsets,
    source: &ClusterName,
    path: Option<&Path>,
    now: Timestamp,
) -> Result<PathBuf, String> {
    let text = text_of(offsets, source, now)?;
    let (folder, name) = match path {
        Some(path) => split(path)?,
        None => {
            let folder = exports().ok_or("save positions: there is no state folder, so name a file")?;
            let name = free_name(&folder, &offsets.flow, now);
            (folder, name)
        }
    };
    write_private(&folder, &name, text)
        .map_err(|error| format!("save positions to `{}`: {error}", folder.join(&name).display()))
}

/// Reads such a file.
///
/// # Errors
/// In words that read well after "failed to".
pub(in crate::run) fn read_saved(path: &Path) -> Result<SavedOffsets, String> {
    let operation = format!("read positions from `{}`", path.display());
    let text = fs::read_to_string(path).map_err(|error| format!("{operation}: {error}"))?;
    parse(&text).map_err(|problem| format!("{operation}: {problem}"))
}

/// The newest file of a flow in the state folder.
pub(in crate::run) fn newest_saved(flow: &FlowName) -> Option<PathBuf> {
    newest_in(&exports()?, flow)
}

/// The folder for what is written out.
fn exports() -> Option<PathBuf> {
    ConfigPaths::find(None).state_dir.map(|folder| folder.join("exports"))
}

fn newest_in(folder: &Path, flow: &FlowName) -> Option<PathBuf> {
    files_in(folder, flow).into_iter().next().map(|(path, _)| path)
}

/// All files of a flow in the state folder, the newest first.
pub(in crate::run) fn all_saved(flow: &FlowName) -> Vec<(PathBuf, SavedOffsets)> {
    exports().map(|folder| files_in(&folder, flow)).unwrap_or_default()
}

fn files_in(folder: &Path, flow: &FlowName) -> Vec<(PathBuf, SavedOffsets)> {
    let files = fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let of_flow = files.filter(|path| path.to_string_lossy().ends_with(ENDING)).filter_map(|path| {
        let saved = read_saved(&path).ok().filter(|saved| saved.flow == *flow)?;
        Some((path, saved))
    });
    let mut files: Vec<(PathBuf, SavedOffsets)> = of_flow.collect();
    files.sort_by(|(path, saved), (other_path, other)| (other.saved_at, other_path).cmp(&(saved.saved_at, path)));
    files
}

fn split(path: &Path) -> Result<(PathBuf, String), String> {
    let name = path.file_name().ok_or_else(|| format!("save positions: `{}` is no file", path.display()))?;
    // Of a bare name an empty one, which means this folder.
    let folder = path.parent().unwrap_or(Path::new(""));
    Ok((folder.to_owned(), name.to_string_lossy().into_owned()))
}

/// A name that is not taken: what was saved first in a minute is what is wanted back.
fn free_name(folder: &Path, flow: &FlowName, now: Timestamp) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    let flow: String = flow.as_str().chars().map(|letter| if is_plain(letter) { letter } else { '_' }).collect();
    let begin = format!("{flow}.{}", now.strftime("%Y-%m-%dT%H-%MZ"));
    let names = (1_u32..).map(|n| if n == 1 { format!("{begin}{ENDING}") } else { format!("{begin}.{n}{ENDING}") });
    names.into_iter().find(|name| !folder.join(name).exists()).unwrap_or(begin)
}

fn text_of(offsets: &FlowOffsets, source: &ClusterName, now: Timestamp) -> Result<String, String> {
    let mut positions: BTreeMap<TopicName, BTreeMap<String, i64>> = BTreeMap::new();
    for listed in &offsets.partitions {
        if let Some(progress) = listed.progress {
            let of_topic = positions.entry(listed.partition.topic.clone()).or_default();
            of_topic.insert(listed.partition.partition.to_string(), progress.offset);
        }
    }
    let document = Document {
        flow: offsets.flow.clone(),
        group: offsets.group.clone(),
        source: source.clone(),
        saved_at: now,
        positions,
    };
    let mut text = String::from("# The next offset to copy of each partition, by topic. Bring them back with\n");
    let _ = writeln!(text, "# kmirror offsets restore -c FILE {} THIS_FILE", offsets.flow);
    text += &toml::to_string(&document).map_err(|error| format!("write positions as TOML: {error}"))?;
    Ok(text)
}

fn parse(text: &str) -> Result<SavedOffsets, String> {
    let document: Document = toml::from_str(text).map_err(|error| error.message().to_owned())?;
    let mut positions = Vec::new();
    for (topic, partitions) in document.positions {
        for (partition, offset) in partitions {
            let partition = partition.parse().ok().filter(|number: &i32| *number >= 0);
            let Some(partition) = partition else { return Err(format!("`{topic}` has a partition that is no number")) };
            positions.push(SetPosition { topic: topic.clone(), partition, offset });
        }
    }
    positions.sort();
    let Document { flow, group, source, saved_at, .. } = document;
    Ok(SavedOffsets { flow, group, source, saved_at, positions })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PartitionOffsets, Progress, ProgressAuthor, TopicPartition};

    fn offsets() -> FlowOffsets {
        let listed = |partition, progress: Option<i64>| PartitionOffsets {
            partition: TopicPartition::new("orders.v2", partition),
            low: Some(0),
            high: Some(20),
            progress: progress.map(|offset| Progress { offset, author: ProgressAuthor::Flow }),
            start: None,
            fault: None,
        };
        FlowOffsets {
            flow: "orders".into(),
            group: "kmirror.orders".into(),
            asked_at_ms: 0,
            has_progress: true,
            members: Vec::new(),
            members_fault: None,
            partitions: vec![listed(0, Some(7)), listed(1, None), listed(10, Some(9))],
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn what_is_saved_reads_back() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("mine.toml");
        let now = at("2026-06-24T14:02:31.5Z");
        assert_eq!(save(&offsets(), &"dc-a".into(), Some(&path), now), Ok(path.clone()));
        let saved = read_saved(&path).expect("reads back");
        let position = |partition, offset| SetPosition { topic: "orders.v2".into(), partition, offset };
        assert_eq!(saved.positions, [position(0, 7), position(10, 9)]);
        assert_eq!((saved.flow.as_str(), saved.source.as_str()), ("orders", "dc-a"));
        insta::assert_snapshot!(fs::read_to_string(&path).expect("text"), @r#"
        # The next offset to copy of each partition, by topic. Bring them back with
        # kmirror offsets restore -c FILE orders THIS_FILE
        flow = "orders"
        group = "kmirror.orders"
        source = "dc-a"
        saved_at = "2026-06-24T14:02:31.5Z"

        [positions."orders.v2"]
        0 = 7
        10 = 9
        "#);
    }

    #[test]
    fn no_file_is_written_over_and_the_newest_is_found() {
        let folder = tempfile::tempdir().expect("folder");
        let name = |now| free_name(folder.path(), &"a/b".into(), at(now));
        assert_eq!(name("2026-06-24T14:02:31Z"), "a_b.2026-06-24T14-02Z.offsets.toml");
        let save = |name: &str, now| save(&offsets(), &"a".into(), Some(&folder.path().join(name)), at(now));
        save("a_b.2026-06-24T14-02Z.offsets.toml", "2026-06-24T14:02:31Z").expect("saved");
        assert_eq!(name("2026-06-24T14:02:50Z"), "a_b.2026-06-24T14-02Z.2.offsets.toml");
        let newer = save("x.offsets.toml", "2026-06-24T14:02:50Z").expect("saved");
        fs::write(folder.path().join("z.offsets.toml"), "flow = 1").expect("another file");
        assert_eq!(newest_in(folder.path(), &"orders".into()), Some(newer));
        assert_eq!(newest_in(folder.path(), &"other".into()), None);
        assert_eq!(files_in(folder.path(), &"orders".into()).len(), 2);
    }

    #[test]
    fn a_file_that_is_none_says_why() {
        let problem = |text: &str| parse(text).expect_err(text);
        let head = "flow = \"f\"\ngroup = \"g\"\nsource = \"a\"\nsaved_at = \"2026-06-24T14:02:31Z\"\n";
        assert_eq!(parse(head).map(|saved| saved.positions), Ok(Vec::new()));
        assert!(problem("").contains("missing field `flow`"));
        assert!(problem(&format!("{head}[positions.x]\nfirst = 1")).contains("`x` has a partition that is no number"));
        assert!(problem(&format!("{head}[positions.x]\n0 = \"1\"")).contains("invalid type"));
    }
}
