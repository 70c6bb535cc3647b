//! The twin's memory between runs: one file, written whole or not at all.

use crate::World;
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// A folder that holds one world, and is held by one process.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    /// Held for as long as this is.
    _lock: File,
}

/// Why a store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has it.
    #[error("another setpoint has the sandbox in {}", .0.display())]
    Taken(PathBuf),
    /// What is in it is not a world of this version.
    #[error("{} is not a sandbox that this version knows: {why}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The file system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

/// What the file holds. The version is raised whenever a world of before cannot be read any more.
#[derive(Serialize, Deserialize)]
struct Kept<W> {
    version: u32,
    world: W,
}

const VERSION: u32 = 1;

impl Store {
    /// Takes hold of the store in a folder, which is made if need be.
    pub fn open(folder: &Path) -> Result<Store, StoreError> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| StoreError::Io { path, source }
        };
        fs::create_dir_all(folder).map_err(at(folder))?;
        // What is in here is nobody's source.
        let ignore = folder.join(".gitignore");
        if !ignore.exists() {
            fs::write(&ignore, "*\n").map_err(at(&ignore))?;
        }
        let path = folder.join("sandbox.lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(at(&path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Store {
                folder: folder.to_owned(),
                _lock: lock,
            }),
            Err(fs::TryLockError::WouldBlock) => Err(StoreError::Taken(folder.to_owned())),
            Err(fs::TryLockError::Error(source)) => Err(StoreError::Io { path, source }),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.join("sandbox.json")
    }

    /// The world that was kept, if there is one.
    pub fn load(&self) -> Result<Option<World>, StoreError> {
        let path = self.path();
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(StoreError::Io { path, source }),
        };
        let unreadable = |why: String| StoreError::Unreadable {
            path: self.path(),
            why,
        };
        let kept: Kept<serde_json::Value> =
            serde_json::from_slice(&text).map_err(|err| unreadable(err.to_string()))?;
        if kept.version != VERSION {
            let why = format!("it is of version {}, not {VERSION}", kept.version);
            return Err(unreadable(why));
        }
        let world = serde_json::from_value(kept.world);
        world.map(Some).map_err(|err| unreadable(err.to_string()))
    }

    /// Keeps a world: a reader finds this one or the one before, never half of it.
    pub fn save(&self, world: &World) -> Result<(), StoreError> {
        let (path, beside) = (self.path(), self.folder.join("sandbox.json.new"));
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| StoreError::Io { path, source }
        };
        let kept = Kept {
            version: VERSION,
            world,
        };
        let text = serde_json::to_vec(&kept).map_err(|err| StoreError::Unreadable {
            path: path.clone(),
            why: err.to_string(),
        })?;
        let mut file = File::create(&beside).map_err(at(&beside))?;
        file.write_all(&text).map_err(at(&beside))?;
        file.sync_data().map_err(at(&beside))?;
        fs::rename(&beside, &path).map_err(at(&path))
    }

    /// Forgets the world.
    pub fn forget(&self) -> Result<bool, StoreError> {
        let path = self.path();
        match fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(source) => Err(StoreError::Io { path, source }),
        }
    }
}
