//! Writing the configuration file: all or nothing.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::EditError;
use crate::config::load::{Config, parse_in};

/// Writes `text` at `path`, all or nothing. What was there is kept beside it as `FILE.bak`.
///
/// # Errors
/// When it cannot be written: the file is as it was then.
pub fn replace(path: &Path, text: &str) -> Result<(), EditError> {
    // A link stays a link: what it leads to is written.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    write_whole(&path, folder_of(&path), text).map_err(|source| EditError::Write { path, source })
}

/// Checks `text` as the configuration at `path` and writes it there, all or nothing. What was there is kept beside it
/// as `FILE.bak`.
///
/// # Errors
/// When it would not be a valid configuration, or cannot be written: the file is as it was then.
pub fn save(path: &Path, text: &str) -> Result<Config, EditError> {
    // Relative paths are taken from where the file really is.
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let config = parse_in(text, &real.display().to_string(), folder_of(&real))?;
    replace(&real, text)?;
    Ok(config)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn write_whole(path: &Path, folder: &Path, text: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let permissions = fs::metadata(path).map(|metadata| metadata.permissions());
    if permissions.is_ok() {
        fs::copy(path, beside(path, ".bak"))?;
    }
    let draft = beside(path, &format!(".{}.new", std::process::id()));
    let written = write_draft(&draft, text, permissions.unwrap_or_else(|_| Permissions::from_mode(0o600)));
    let moved = written.and_then(|()| fs::rename(&draft, path));
    if moved.is_err() {
        drop(fs::remove_file(&draft));
    }
    moved
}

fn write_draft(draft: &Path, text: &str, permissions: Permissions) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(draft)?;
    file.write_all(text.as_bytes())?;
    file.set_permissions(permissions)?;
    file.sync_all()
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ClusterEnv;
    use crate::model::ClusterName;

    #[test]
    fn a_file_is_replaced_as_a_whole_and_kept_beside() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("deep/kmirror.toml");
        let first = "[clusters.a]\nbootstrap_servers = \"a:1\"\n";
        save(&path, first).expect("saved");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        let second = format!("{first}env = \"prod\"\n");
        fs::set_permissions(&path, Permissions::from_mode(0o640)).expect("ours");
        let config = save(&path, &second).expect("saved");
        assert_eq!(config.clusters[&ClusterName::from("a")].env, ClusterEnv::Prod);
        assert_eq!(fs::read_to_string(beside(&path, ".bak")).expect("kept"), first);
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o640);
        let wrong = save(&path, "[clusters.a]\n").expect_err("no addresses");
        assert!(wrong.to_string().contains("bootstrap_servers"), "{wrong}");
        assert_eq!(fs::read_to_string(&path).expect("there"), second, "as it was");
        assert_eq!(fs::read_dir(path.parent().expect("a folder")).expect("ours").count(), 2, "no drafts are left");
    }
}
