//! Passwords and keys: kept from every print, read from where they are kept.

use std::fmt;
use std::fs::OpenOptions;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use crate::model::escaped;

/// Where a configuration is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    /// What its relative paths are taken from.
    pub(super) folder: &'a Path,
    /// Whether the secrets it refers to are looked up, so that a missing one is found now. They need not be here when
    /// it is to be used elsewhere.
    pub(super) are_secrets_read: bool,
}

/// A text that is never printed: shown as `<secret>`, not serializable, wiped from memory when dropped.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes the text over.
    pub fn new(text: String) -> Self {
        Self(text.into())
    }

    /// The text itself. For the call that needs it, not for keeping.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

/// Where a secret is kept. Written `env:NAME` or `file:PATH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// An environment variable.
    Env(String),
    /// The content of a file, without the line break at its end.
    File(PathBuf),
}

impl SecretSource {
    /// Recognizes a reference; a relative path is taken from `folder`, the configuration's.
    pub(super) fn parse(text: &str, folder: &Path) -> Option<Self> {
        match text.split_once(':') {
            Some(("env", name)) => Some(Self::Env(name.to_owned())),
            Some(("file", path)) => Some(Self::File(folder.join(path))),
            _ => None,
        }
    }

    /// Reads it now; the second part says what is unwise about where it is kept.
    pub fn read(&self) -> Result<(Secret, Option<String>), SecretError> {
        let failed = |problem: SecretProblem| SecretError { source: self.clone(), problem };
        match self {
            Self::Env(name) => read_variable(name).map(|secret| (secret, None)).map_err(failed),
            Self::File(path) => read_file(path).map_err(failed),
        }
    }
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{}", escaped(name)),
            Self::File(path) => write!(f, "file:{}", escaped(&path.to_string_lossy())),
        }
    }
}

/// A secret that cannot be had.
#[derive(Debug)]
pub struct SecretError {
    /// Where it should be.
    pub source: SecretSource,
    /// Why it is not.
    pub problem: SecretProblem,
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "read {}: {}", self.source, self.problem)
    }
}

// By hand: thiserror would take the field named `source` for the cause.
impl std::error::Error for SecretError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.problem)
    }
}

/// Why a secret cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretProblem {
    /// No name after `env:`.
    #[error("no variable is named")]
    NoName,
    /// No such variable.
    #[error("the variable is not set")]
    NotSet,
    /// Nothing in it.
    #[error("it is empty")]
    Empty,
    /// Bytes that are no text.
    #[error("it is not UTF-8 text")]
    NotText,
    /// A zero byte, at which librdkafka would end the text.
    #[error("it holds a NUL")]
    Nul,
    /// The system says no.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// A folder, a pipe or a device.
    #[error("it is not a regular file")]
    NotAFile,
    /// More than any key.
    #[error("it is larger than {SECRET_BYTES_MAX} bytes")]
    TooLarge,
    /// Anybody could have put it there.
    #[error("every user of this machine may write it; take that away: chmod o-w")]
    WorldWritable,
}

fn read_variable(name: &str) -> Result<Secret, SecretProblem> {
    // `std::env::var_os` panics or misleads on these in older libraries; no shell can set them anyway.
    if name.is_empty() || name.contains(['=', '\0']) {
        return Err(SecretProblem::NoName);
    }
    match std::env::var(name) {
        Ok(text) => checked(text),
        Err(std::env::VarError::NotPresent) => Err(SecretProblem::NotSet),
        Err(std::env::VarError::NotUnicode(_)) => Err(SecretProblem::NotText),
    }
}

fn read_file(path: &Path) -> Result<(Secret, Option<String>), SecretProblem> {
    // Not blocking: opening a pipe would wait for its writer. Links are followed, Kubernetes mounts secrets so.
    let file = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(SecretProblem::NotAFile);
    }
    let mode = metadata.mode();
    if mode & 0o002 != 0 {
        return Err(SecretProblem::WorldWritable);
    }
    let mut bytes = Vec::new();
    file.take(SECRET_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > SECRET_BYTES_MAX {
        return Err(SecretProblem::TooLarge);
    }
    let mut text = String::from_utf8(bytes).map_err(|_| SecretProblem::NotText)?;
    // Editors and `echo` put one line break there; a second one is part of the secret.
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    let is_open = mode & 0o044 != 0;
    let doubt =
        is_open.then(|| format!("{} can be read by other users; chmod 600 it", SecretSource::File(path.to_owned())));
    Ok((checked(text)?, doubt))
}

fn checked(text: String) -> Result<Secret, SecretProblem> {
    if text.is_empty() {
        Err(SecretProblem::Empty)
    } else if text.contains('\0') {
        Err(SecretProblem::Nul)
    } else {
        Ok(Secret::new(text))
    }
}

/// A chain of certificates fits.
const SECRET_BYTES_MAX: u64 = 64 * 1024;

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn read(path: &Path) -> Result<(String, Option<String>), String> {
        match SecretSource::File(path.to_owned()).read() {
            Ok((secret, doubt)) => Ok((secret.expose().to_owned(), doubt)),
            Err(error) => Err(error.problem.to_string()),
        }
    }

    #[test]
    fn one_line_break_is_stripped() {
        let folder = tempfile::tempdir().expect("temp folder");
        let path = folder.path().join("secret");
        let contents = [("s", "s"), ("s\n", "s"), ("s\r\n", "s"), ("s\n\n", "s\n"), (" s ", " s "), ("a\nb\n", "a\nb")];
        for (content, secret) in contents {
            fs::write(&path, content).expect("write");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("chmod");
            assert_eq!(read(&path), Ok((secret.to_owned(), None)), "{content:?}");
        }
    }

    #[test]
    fn files_that_cannot_be_used_say_why() {
        let folder = tempfile::tempdir().expect("temp folder");
        let path = folder.path().join("secret");
        assert_eq!(read(&path), Err("No such file or directory (os error 2)".into()));
        assert_eq!(read(folder.path()), Err("it is not a regular file".into()));
        let pipe = folder.path().join("pipe");
        let status = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
        assert!(status.success());
        assert_eq!(read(&pipe), Err("it is not a regular file".into()));
        let contents: [(&[u8], &str); 4] = [
            (b"", "it is empty"),
            (b"\n", "it is empty"),
            (b"\xff", "it is not UTF-8 text"),
            (b"a\0b", "it holds a NUL"),
        ];
        for (content, problem) in contents {
            fs::write(&path, content).expect("write");
            assert_eq!(read(&path), Err(problem.into()));
        }
        fs::write(&path, vec![b'x'; 65_537]).expect("write");
        assert_eq!(read(&path), Err("it is larger than 65536 bytes".into()));
        fs::write(&path, "s").expect("write");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o602)).expect("chmod");
        assert_eq!(read(&path), Err("every user of this machine may write it; take that away: chmod o-w".into()));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("chmod");
        let doubt = read(&path).expect("readable").1.expect("doubtful");
        assert!(doubt.ends_with("can be read by other users; chmod 600 it"), "{doubt}");
    }

    #[test]
    fn a_missing_variable_is_named() {
        let error = SecretSource::Env("KMIRROR_TEST_UNSET".into()).read().expect_err("not set");
        assert_eq!(error.to_string(), "read env:KMIRROR_TEST_UNSET: the variable is not set");
        let error = SecretSource::Env(String::new()).read().expect_err("no name");
        assert_eq!(error.to_string(), "read env:: no variable is named");
    }

    #[test]
    fn it_is_never_printed() {
        let secret = Secret::new("canary".into());
        assert_eq!(format!("{secret} {secret:?}"), "<secret> <secret>");
    }
}
