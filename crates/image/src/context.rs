//! What a build is made from: a folder without what its `.dockerignore` leaves out.

use crate::ignore::{Ignore, IgnoreError};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// The files of a folder that a build sees, in the order of their paths.
#[derive(Debug)]
pub struct Context {
    /// The folder.
    pub folder: PathBuf,
    /// What is in it. Sockets, pipes and devices are left out.
    pub entries: Vec<Entry>,
    /// The Dockerfile, wherever it is.
    pub dockerfile: PathBuf,
}

/// One thing in a context.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its path from the folder.
    pub path: PathBuf,
    /// What it is.
    pub kind: EntryKind,
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A folder.
    Folder,
    /// A file, and whether its owner may run it.
    File {
        /// Whether its owner may run it.
        is_executable: bool,
    },
    /// A link, and where it leads.
    Link(PathBuf),
}

/// Why a context cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ContextError {
    /// The folder is not there, or is no folder.
    #[error("there is no folder {}", .0.display())]
    NoFolder(PathBuf),
    /// The Dockerfile is not there.
    #[error("there is no Dockerfile {}", .0.display())]
    NoDockerfile(PathBuf),
    /// A rule of the `.dockerignore` cannot be read.
    #[error("{}: {why}", .file.display())]
    Ignore {
        /// The file.
        file: PathBuf,
        /// Which line.
        why: IgnoreError,
    },
    /// Something in it cannot be read.
    #[error("{}: {why}", .path.display())]
    Unreadable {
        /// What.
        path: PathBuf,
        /// What the system says.
        why: io::Error,
    },
}

impl Context {
    /// Lists a folder. The rules are those of `<dockerfile>.dockerignore`, or else of the folder's
    /// `.dockerignore`, or else there are none.
    pub fn read(folder: &Path, dockerfile: &str) -> Result<Context, ContextError> {
        if !folder.is_dir() {
            return Err(ContextError::NoFolder(folder.to_owned()));
        }
        let dockerfile = folder.join(dockerfile);
        if !dockerfile.is_file() {
            return Err(ContextError::NoDockerfile(dockerfile));
        }
        let ignore = rules(folder, &dockerfile)?;
        let mut context = Context {
            folder: folder.to_owned(),
            entries: Vec::new(),
            dockerfile,
        };
        context.gather(Path::new(""), &ignore)?;
        context.entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(context)
    }

    fn gather(&mut self, within: &Path, ignore: &Ignore) -> Result<(), ContextError> {
        let folder = self.folder.join(within);
        for entry in fs::read_dir(&folder).map_err(unreadable(&folder))? {
            let entry = entry.map_err(unreadable(&folder))?;
            let path = within.join(entry.file_name());
            let file_type = entry.file_type().map_err(unreadable(&entry.path()))?;
            let is_out = ignore.leaves_out(&path.to_string_lossy());
            if file_type.is_dir() && (!is_out || ignore.takes_back()) {
                self.gather(&path, ignore)?;
            }
            if is_out {
                continue;
            }
            let kind = if file_type.is_dir() {
                EntryKind::Folder
            } else if file_type.is_symlink() {
                let leads = fs::read_link(entry.path()).map_err(unreadable(&entry.path()))?;
                EntryKind::Link(leads)
            } else if file_type.is_file() {
                let metadata = entry.metadata().map_err(unreadable(&entry.path()))?;
                EntryKind::File {
                    is_executable: is_executable(&metadata),
                }
            } else {
                continue;
            };
            self.entries.push(Entry { path, kind });
        }
        Ok(())
    }

    /// Copies what the build sees into a new folder, with its permissions.
    pub fn copy_to(&self, folder: &Path) -> Result<(), ContextError> {
        fs::create_dir_all(folder).map_err(unreadable(folder))?;
        for entry in &self.entries {
            let (from, to) = (self.folder.join(&entry.path), folder.join(&entry.path));
            if let Some(parent) = to.parent() {
                fs::create_dir_all(parent).map_err(unreadable(&from))?;
            }
            let copied = match &entry.kind {
                EntryKind::Folder => fs::create_dir_all(&to),
                EntryKind::File { .. } => copy(&from, &to),
                EntryKind::Link(leads) => link(leads, &to),
            };
            copied.map_err(unreadable(&from))?;
        }
        Ok(())
    }
}

pub(crate) fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> ContextError {
    let path = path.to_owned();
    |why| ContextError::Unreadable { path, why }
}

/// Copies a file with its permissions and its time, which builders keep and servers show.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::copy(from, to)?;
    let time = fs::metadata(from)?.modified()?;
    // What may not be written to may not be opened for it either, and a time is no reason to fail.
    match File::options().write(true).open(to) {
        Ok(file) => file.set_modified(time),
        Err(_) => Ok(()),
    }
}

fn rules(folder: &Path, dockerfile: &Path) -> Result<Ignore, ContextError> {
    let mut own = dockerfile.as_os_str().to_owned();
    own.push(".dockerignore");
    for file in [PathBuf::from(own), folder.join(".dockerignore")] {
        // A pipe would be waited for, for ever.
        if fs::metadata(&file).is_ok_and(|it| !it.is_file()) {
            let why = io::Error::new(io::ErrorKind::InvalidInput, "it is no file");
            return Err(ContextError::Unreadable { path: file, why });
        }
        match fs::read(&file) {
            Ok(text) => {
                let text = String::from_utf8_lossy(&text);
                return Ignore::read(&text).map_err(|why| ContextError::Ignore { file, why });
            }
            Err(err) if err.kind() == io::ErrorKind::NotFound => {}
            Err(why) => return Err(ContextError::Unreadable { path: file, why }),
        }
    }
    Ok(Ignore::default())
}

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o100 != 0
}

#[cfg(unix)]
fn link(leads: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(leads, at)
}
