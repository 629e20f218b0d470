//! Files for the user's eyes only.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Writes `content` to `FOLDER/NAME`, for the user's eyes only, at once or not at all.
///
/// # Errors
/// When it cannot be written.
pub fn write_private(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let path = folder.join(name);
    let draft = folder.join(format!(".{name}.{}", std::process::id()));
    let _ = fs::remove_file(&draft);
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let written = file.write_all(content.as_ref()).and_then(|()| fs::rename(&draft, &path));
    if written.is_err() {
        let _ = fs::remove_file(&draft);
    }
    written.map(|()| path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn files_are_private_and_whole() {
        let folder = tempfile::tempdir().expect("folder");
        let inside = folder.path().join("new");
        write_private(&inside, "clip.txt", "one").expect("written");
        let path = write_private(&inside, "clip.txt", "two").expect("written again");
        assert_eq!(fs::read_to_string(&path).expect("read"), "two");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&inside).expect("read").count(), 1);
    }
}
