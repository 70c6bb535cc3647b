//! The binary, run the way a user runs it.

use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::process::profile_directory;
use crate::proxy::Proxy;

/// A place to run the binary from: an empty home, an empty working directory, and
/// an environment with nothing in it but an endpoint and credentials.
#[derive(Debug)]
pub struct Setpoint {
    home: TempDir,
    directory: TempDir,
    environment: Vec<(String, String)>,
    timeout: Duration,
}

impl Setpoint {
    /// A place whose AWS is the proxy's.
    pub fn against(proxy: &Proxy) -> Setpoint {
        Setpoint::at(&proxy.url())
    }

    /// A place whose AWS is at `endpoint`.
    pub fn at(endpoint: &str) -> Setpoint {
        let home = tempfile::tempdir().expect("a temporary directory");
        let cache = home.path().join("cache").display().to_string();
        let variables = [
            ("HOME", home.path().display().to_string()),
            ("XDG_CACHE_HOME", cache),
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("AWS_ENDPOINT_URL", endpoint.to_owned()),
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE".to_owned()),
            (
                "AWS_SECRET_ACCESS_KEY",
                "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
            ),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            // Where nothing that runs is looked into, nothing is built either.
            ("SETPOINT_BUILDER", "stand-in".to_owned()),
        ];
        Setpoint {
            home,
            directory: tempfile::tempdir().expect("a temporary directory"),
            environment: variables
                .map(|(name, value)| (name.to_owned(), value))
                .into(),
            timeout: Duration::from_secs(120),
        }
    }

    /// Adds an environment variable.
    pub fn environment(mut self, name: &str, value: &str) -> Setpoint {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Takes an environment variable away.
    pub fn without(mut self, name: &str) -> Setpoint {
        self.environment.retain(|it| it.0 != name);
        self
    }

    /// Changes how long a run may take before it is killed: two minutes unless said otherwise.
    pub fn timeout(mut self, timeout: Duration) -> Setpoint {
        self.timeout = timeout;
        self
    }

    /// The working directory.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The home directory.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Writes a file in the working directory; with a stack that builds the flash sale's page, also
    /// what it is built from.
    pub fn write(&self, name: &str, text: &str) {
        const PAGE: &str = "examples/flash-sale";
        if text.contains(&format!("context: {PAGE}\n")) {
            let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(PAGE);
            for file in ["Dockerfile", "index.html"] {
                let text = std::fs::read_to_string(from.join(file)).expect("the page is shipped");
                self.write(&format!("{PAGE}/{file}"), &text);
            }
        }
        let path = self.directory().join(name);
        std::fs::create_dir_all(path.parent().expect("a file lies in a directory"))
            .and_then(|()| std::fs::write(path, text))
            .expect("the working directory can be written to");
    }

    /// Runs the binary to its end.
    pub fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Outcome {
        self.start(arguments).wait()
    }

    /// Starts the binary, for a test that acts while it runs.
    pub fn start<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Running {
        self.start_program(binary(), arguments)
    }

    /// Starts another program in the binary's place and with its surroundings.
    pub fn start_program<S: AsRef<OsStr>>(
        &self,
        program: impl AsRef<Path>,
        arguments: &[S],
    ) -> Running {
        let program = program.as_ref();
        let mut child = Command::new(program)
            .args(arguments)
            .current_dir(self.directory())
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| {
                panic!(
                    "cannot run {}: {error}\n\nbuild it first (cargo build), or name it in SETPOINT_BIN",
                    program.display()
                )
            });
        Running {
            stdout: Said::by(child.stdout.take()),
            stderr: Said::by(child.stderr.take()),
            child: Reaped(child),
            started: Instant::now(),
            timeout: self.timeout,
        }
    }
}

/// The binary under test: `SETPOINT_BIN`, or the one of this build.
pub fn binary() -> PathBuf {
    match std::env::var_os("SETPOINT_BIN") {
        Some(path) => path.into(),
        None => profile_directory().join("setpoint"),
    }
}

/// What one of the outputs has said so far, read as it comes.
#[derive(Debug)]
struct Said {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
}

impl Said {
    fn by(output: Option<impl Read + Send + 'static>) -> Said {
        let mut output = output.expect("both outputs are piped");
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let reader = std::thread::spawn({
            let bytes = Arc::clone(&bytes);
            move || {
                let mut piece = [0; 4096];
                while let Ok(length @ 1..) = output.read(&mut piece) {
                    let mut bytes = bytes.lock().expect("no reader panics");
                    bytes.extend_from_slice(&piece[..length]);
                }
            }
        });
        Said { bytes, reader }
    }

    fn so_far(&self) -> String {
        let bytes = self.bytes.lock().expect("no reader panics");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn in_all(self) -> String {
        let Said { bytes, reader } = self;
        reader.join().expect("a reader does not panic");
        let bytes = bytes.lock().expect("no reader panics");
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// A run that has not ended.
#[derive(Debug)]
pub struct Running {
    child: Reaped,
    stdout: Said,
    stderr: Said,
    started: Instant,
    timeout: Duration,
}

impl Running {
    /// Presses Ctrl-C.
    pub fn interrupt(&self) {
        let sent = Command::new("kill")
            .args(["-INT", &self.child.0.id().to_string()])
            .status();
        assert!(
            sent.is_ok_and(|status| status.success()),
            "the run had ended already"
        );
    }

    /// Waits until it has said something on standard error, and panics if it ends without.
    #[track_caller]
    pub fn until_says(&mut self, text: &str) {
        loop {
            let ended = self.ended() || self.started.elapsed() > self.timeout;
            let said = self.stderr.so_far();
            if said.contains(text) {
                return;
            }
            assert!(!ended, "it did not say {text:?}, but\n{said}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until it has printed a whole line with this in it on standard output, and panics if
    /// it ends without.
    #[track_caller]
    pub fn until_prints(&mut self, text: &str) -> String {
        loop {
            let ended = self.ended() || self.started.elapsed() > self.timeout;
            let printed = self.stdout.so_far();
            let whole = printed
                .split_inclusive('\n')
                .filter(|it| it.ends_with('\n'));
            if let Some(line) = whole.into_iter().find(|it| it.contains(text)) {
                return line.to_owned();
            }
            let said = self.stderr.so_far();
            assert!(!ended, "it did not print {text:?}, but\n{printed}{said}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Whether it has ended.
    pub fn ended(&mut self) -> bool {
        self.child
            .0
            .try_wait()
            .expect("a child can be waited for")
            .is_some()
    }

    /// Waits for its end, and kills it at the timeout.
    pub fn wait(mut self) -> Outcome {
        let mut timed_out = false;
        while !self.ended() {
            if self.started.elapsed() > self.timeout {
                timed_out = true;
                let _ = self.child.0.kill();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let elapsed = self.started.elapsed();
        let status = self.child.0.wait().expect("a child can be waited for");
        Outcome {
            code: status.code(),
            stdout: self.stdout.in_all(),
            stderr: self.stderr.in_all(),
            elapsed,
            timed_out,
        }
    }
}

/// A child that does not outlive its owner, not even in a test that fails.
#[derive(Debug)]
struct Reaped(Child);

impl Drop for Reaped {
    fn drop(&mut self) {
        // Both fail where it has ended already, which is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The exit code; none if a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// How long it took.
    pub elapsed: Duration,
    /// Whether it was killed for taking too long.
    pub timed_out: bool,
}

impl Outcome {
    /// Checks the exit code, and shows everything if it is another.
    #[track_caller]
    pub fn exits(self, code: i32) -> Outcome {
        assert_eq!(
            self.code,
            Some(code),
            "timed out: {}\n--- stdout\n{}\n--- stderr\n{}",
            self.timed_out,
            self.stdout,
            self.stderr,
        );
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("stdout is not JSON: {error}\n{}", self.stdout))
    }
}
