//! Where the build puts things, seen from a running test.

use std::path::PathBuf;

/// The profile's directory, such as `target/debug`.
///
/// A test executable lies in `deps` below it, whatever the target directory is
/// called (an example in `examples`), so the way up from there is safer than a guess from the manifest.
pub fn profile_directory() -> PathBuf {
    let executable = std::env::current_exe().expect("a test knows its own executable");
    let mut directory = executable
        .parent()
        .expect("an executable lies in a directory");
    if directory.ends_with("deps") || directory.ends_with("examples") {
        directory = directory
            .parent()
            .expect("deps lies in the profile's directory");
    }
    directory.to_owned()
}

/// The target directory.
pub fn target_directory() -> PathBuf {
    let profile = profile_directory();
    profile.parent().map_or(profile.clone(), PathBuf::from)
}

/// This crate's directory of Python: the server, its corrections, the client.
pub fn python_directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("moto")
}
