//! A folder of a test's own.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// Gone with its contents when dropped.
pub(crate) struct TestDir(TempDir);

impl TestDir {
    pub(crate) fn new() -> Self {
        Self(TempDir::with_prefix("kmirror-it-").expect("a temporary folder can be made"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file, with the folders above it.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("it is below the folder")).expect("folders can be made");
        fs::write(&path, text).expect("a file can be written");
        path
    }

    /// The text of the first file of a folder whose name begins so; empty when there is none.
    pub(crate) fn read_first(&self, folder: &str, beginning: &str) -> String {
        let files = fs::read_dir(self.path().join(folder)).into_iter().flatten().flatten();
        let mut files = files.filter(|file| file.file_name().to_string_lossy().starts_with(beginning));
        files.next().and_then(|file| fs::read_to_string(file.path()).ok()).unwrap_or_default()
    }

    /// What kmirror has logged.
    pub(crate) fn logs(&self) -> String {
        self.read_first("state/kmirror", "kmirror.2")
    }
}

#[test]
fn what_is_written_is_there_until_the_folder_goes() {
    let dir = TestDir::new();
    let path = dir.write("a/b.toml", "x");
    assert_eq!(fs::read_to_string(&path).expect("it is there"), "x");
    drop(dir);
    assert!(!path.exists());
}
