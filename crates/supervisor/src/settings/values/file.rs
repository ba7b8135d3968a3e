use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{Form, Given, Value, Wrong};

/// The path of a file that existed and could be read when the settings were.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ReadableFile(PathBuf);

impl ReadableFile {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Value for ReadableFile {
    const FORM: Form = Form::Text {
        noun: "the path of a file",
        example: "/etc/consign/x",
    };

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        open(given.text)?;
        Ok(Self(PathBuf::from(given.text)))
    }
}

/// The path of a file of credentials that others could not read, and nobody but its owner write,
/// when the settings were read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PrivateFile {
    path: PathBuf,
    privacy: Privacy,
}

impl PrivateFile {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Value for PrivateFile {
    const FORM: Form = Form::Text {
        noun: "the path of a file that others cannot read",
        example: "/run/secrets/x",
    };

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        let (_, metadata) = open(given.text)?;
        let privacy = Privacy::of(&metadata);
        privacy.accept(given.text)?;
        Ok(Self {
            path: PathBuf::from(given.text),
            privacy,
        })
    }

    fn remark(&self) -> Option<String> {
        self.privacy.remark(&self.path)
    }
}

/// Who besides its owner can reach a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Privacy {
    Private,
    /// Its group can read it, as files that Kubernetes mounts are.
    GroupReads,
    /// Others can reach it, or its group can write it.
    Exposed,
}

impl Privacy {
    fn of(metadata: &Metadata) -> Self {
        match metadata.permissions().mode() {
            mode if mode & 0o027 != 0 => Self::Exposed,
            mode if mode & 0o040 != 0 => Self::GroupReads,
            _ => Self::Private,
        }
    }

    pub(super) fn accept(self, path: &str) -> Result<(), Wrong> {
        if self == Self::Exposed {
            let path = said(path);
            return Err(Wrong::because(format!(
                "{path}: others can read it or its group can write it; try chmod 600"
            )));
        }
        Ok(())
    }

    pub(crate) fn remark(self, path: &Path) -> Option<String> {
        (self == Self::GroupReads)
            .then(|| format!("{}: its group can read it; 0600 is safer", path.display()))
    }
}

/// Reads a secret from a file and strips one line break from its end.
///
/// # Errors
/// The file cannot be read, is too large, is empty, is not UTF-8 or is not private.
pub(crate) fn read_private(path: &str) -> Result<(Zeroizing<String>, Privacy), Wrong> {
    let (text, privacy) = read_text(path)?;
    privacy.accept(path)?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() {
        return Err(Wrong::because(format!("{}: the file is empty", said(path))));
    }
    Ok((Zeroizing::new(line.to_owned()), privacy))
}

/// Reads a whole file of text.
///
/// # Errors
/// The file cannot be read, is too large or is not UTF-8.
pub(crate) fn read_text(path: &str) -> Result<(Zeroizing<String>, Privacy), Wrong> {
    let (file, metadata) = open(path)?;
    let mut text = Zeroizing::new(String::new());
    file.take(LARGEST + 1)
        .read_to_string(&mut text)
        .map_err(|error| unreadable(path, &error))?;
    if u64::try_from(text.len()).is_ok_and(|length| length > LARGEST) {
        return Err(Wrong::because(format!(
            "{}: the file is larger than 1MiB",
            said(path)
        )));
    }
    Ok((text, Privacy::of(&metadata)))
}

fn open(path: &str) -> Result<(File, Metadata), Wrong> {
    // A named pipe would keep `open` waiting for its writer.
    let nonblock = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(nonblock)
        .open(path);
    let file = opened.map_err(|error| unreadable(path, &error))?;
    let metadata = file.metadata().map_err(|error| unreadable(path, &error))?;
    if !metadata.is_file() {
        return Err(Wrong::because(format!(
            "{}: not a regular file",
            said(path)
        )));
    }
    Ok((file, metadata))
}

fn unreadable(path: &str, error: &io::Error) -> Wrong {
    let path = said(path);
    Wrong::because(match error.kind() {
        io::ErrorKind::NotFound => format!("{path}: no such file"),
        io::ErrorKind::PermissionDenied => format!("{path}: permission denied"),
        io::ErrorKind::InvalidData => format!("{path}: the file is not UTF-8"),
        kind => format!("{path}: {kind}"),
    })
}

/// A path as it may be printed. What does not look like one may be the secret itself, put into
/// the wrong variable.
pub(super) fn said(path: &str) -> String {
    let is_path = ["/", "./", "../"]
        .into_iter()
        .any(|start| path.starts_with(start));
    if is_path && !path.chars().any(char::is_control) {
        path.to_owned()
    } else {
        format!("a relative path of {} characters", path.chars().count())
    }
}

const LARGEST: u64 = 1024 * 1024;
