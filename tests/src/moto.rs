//! moto's server: its virtual environment, made when missing, and its process.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use crate::process::{python_directory, target_directory};

/// The address of this process's server, started at the first call.
///
/// The server exits when its standard input closes, which the end of this
/// process does, however it comes about.
pub fn address() -> SocketAddr {
    static SERVER: OnceLock<(SocketAddr, Child)> = OnceLock::new();
    SERVER.get_or_init(start).0
}

fn start() -> (SocketAddr, Child) {
    let mut server = Command::new(python())
        .arg(python_directory().join("server.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the virtual environment's python starts");
    let output = server.stdout.take().expect("standard output is piped");
    let mut line = String::new();
    BufReader::new(output)
        .read_line(&mut line)
        .expect("the server's output is text");
    let address = line
        .trim()
        .strip_prefix("listening ")
        .and_then(|address| address.parse().ok())
        .unwrap_or_else(|| panic!("moto did not start; it said {line:?}"));
    (address, server)
}

/// The python of a virtual environment that fits `requirements.txt`.
///
/// Makes the environment where it is missing or out of date. Test processes that
/// start together wait for the one that makes it.
pub fn python() -> PathBuf {
    let environment = target_directory().join("moto-venv");
    let python = environment.join("bin/python");
    let requirements = python_directory().join("requirements.txt");
    let wanted = fs::read(&requirements).expect("requirements.txt is in the repository");
    let stamp = environment.join("requirements.txt");

    let lock = File::create(target_directory().join("moto-venv.lock"))
        .expect("the target directory can be written to");
    lock.lock()
        .expect("the file system of the target directory knows locks");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) && python.exists() {
        return python;
    }
    make(&environment, &python, &requirements);
    fs::write(&stamp, wanted).expect("the virtual environment can be written to");
    python
}

fn make(environment: &Path, python: &Path, requirements: &Path) {
    run(
        Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(environment),
        "install python3 with its venv module (Debian: python3 and python3-venv)",
    );
    run(
        Command::new(python)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .arg("--requirement")
            .arg(requirements),
        "pip needs a package index: the network, or PIP_INDEX_URL or PIP_FIND_LINKS",
    );
}

fn run(command: &mut Command, hint: &str) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("cannot run {command:?}: {error}\n\n{hint}"));
    assert!(
        output.status.success(),
        "{command:?} failed: {}{}\n\n{hint}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
}
