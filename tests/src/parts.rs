//! Other people's programs that build, keep and read images, as Debian packages them.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::process::target_directory;

/// Installs what is missing, where that can be done, and panics with a sentence that names it where
/// it cannot. Test processes that start together wait for the one that installs.
pub fn ensure() {
    let lock = File::create(target_directory().join("parts.lock"))
        .expect("the target directory can be written to");
    lock.lock()
        .expect("the file system of the target directory knows locks");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/parts");
    let output = Command::new("sh")
        .arg(script)
        .output()
        .expect("there is a shell");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}", said.trim());
}

/// A web server in one file that needs no other.
pub fn busybox() -> PathBuf {
    let found = ["/bin/busybox", "/usr/bin/busybox"].map(PathBuf::from);
    let found = found.into_iter().find(|it| it.exists());
    found.expect("busybox-static is installed")
}

/// Runs one of the programs to its end, and shows what it said if that is not a success.
#[track_caller]
pub fn run(program: impl AsRef<Path>, arguments: &[&str]) -> Output {
    let program = program.as_ref();
    let output = Command::new(program)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("cannot run {}: {error}", program.display()));
    assert!(
        output.status.success(),
        "{} {arguments:?}: {}{}",
        program.display(),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    output
}
