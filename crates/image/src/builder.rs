//! Building with what the user has: docker, podman or buildah.

use crate::{
    content::LABEL,
    context::{Context, ContextError},
    layout::{Built, LayoutError},
};
use futures::future::try_join;
use setpoint_spec::kind::Recipe;
use std::{
    collections::VecDeque,
    fmt, io,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::Command,
};

/// How many of the last lines of a build that failed are repeated.
const REPEATED: usize = 15;

/// A program that builds images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// Docker, with BuildKit where its `buildx` is installed.
    Docker,
    /// Podman.
    Podman,
    /// Buildah.
    Buildah,
}

/// A program that is there and works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Builder {
    program: Program,
    has_buildkit: bool,
}

/// Why an image was not built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// There is nothing to build with.
    #[error(
        "there is nothing here to build with: docker, podman or buildah would do; name one with \
         --builder or SETPOINT_BUILDER{}", told(.0)
    )]
    NoBuilder(Vec<String>),
    /// The builder that was named is not there, or does not work.
    #[error("{program} cannot build here: {why}")]
    Unusable {
        /// Which.
        program: Program,
        /// What it says.
        why: String,
    },
    /// The context cannot be read.
    #[error("{0}")]
    Context(#[from] ContextError),
    /// The files were changed between planning and building.
    #[error("its files changed since the plan was made; plan again")]
    Changed,
    /// The builder cannot be run.
    #[error("{program}: {why}")]
    Run {
        /// Which.
        program: Program,
        /// What the system says.
        why: io::Error,
    },
    /// The builder failed.
    #[error("{program} {step} ended with {status}; its last lines:\n{}", indented(.last))]
    Failed {
        /// Which.
        program: Program,
        /// What it was to do.
        step: String,
        /// How it ended.
        status: ExitStatus,
        /// What it said last.
        last: Vec<String>,
    },
    /// It is to be pushed, and has not been built.
    #[error("{0} has not been built from the files as they are now")]
    NotBuilt(String),
    /// What was built cannot be read.
    #[error("{0}")]
    Layout(#[from] LayoutError),
    /// There is no room for a copy, or no right to make one.
    #[error("a folder to build in: {0}")]
    Folder(io::Error),
}

fn told(tried: &[String]) -> String {
    match tried.is_empty() {
        true => String::new(),
        false => format!(" ({})", tried.join("; ")),
    }
}

fn indented(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|it| format!("    {it}")).collect();
    lines.join("\n")
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Program {
    /// All, in the order in which they are looked for.
    pub const ALL: [Program; 3] = [Program::Docker, Program::Podman, Program::Buildah];

    /// The name of its executable.
    pub fn name(self) -> &'static str {
        match self {
            Program::Docker => "docker",
            Program::Podman => "podman",
            Program::Buildah => "buildah",
        }
    }

    /// Whether it is there and works: a docker without its daemon is not.
    async fn builder(self) -> Result<Builder, String> {
        let version: &[&str] = match self {
            Program::Docker => &["version", "--format", "{{.Server.Version}}"],
            _ => &["--version"],
        };
        let output = answer(self, version).await?;
        if !output.status.success() {
            let why = String::from_utf8_lossy(&output.stderr);
            return Err(why
                .lines()
                .next()
                .unwrap_or("it does not answer")
                .to_owned());
        }
        let has_buildkit = self == Program::Docker
            && matches!(answer(self, &["buildx", "version"]).await, Ok(it) if it.status.success());
        Ok(Builder {
            program: self,
            has_buildkit,
        })
    }
}

async fn answer(program: Program, arguments: &[&str]) -> Result<std::process::Output, String> {
    let mut command = Command::new(program.name());
    command
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command.output().await.map_err(|err| match err.kind() {
        io::ErrorKind::NotFound => "it is not installed".into(),
        _ => err.to_string(),
    })
}

impl Builder {
    /// The program that was named, or else the first that works.
    pub async fn find(named: Option<Program>) -> Result<Builder, BuildError> {
        if let Some(program) = named {
            let found = program.builder().await;
            return found.map_err(|why| BuildError::Unusable { program, why });
        }
        let mut tried = Vec::new();
        for program in Program::ALL {
            match program.builder().await {
                Ok(builder) => return Ok(builder),
                Err(why) => tried.push(format!("{program}: {why}")),
            }
        }
        Err(BuildError::NoBuilder(tried))
    }

    /// Which program it is.
    pub fn program(&self) -> Program {
        self.program
    }

    /// Builds an image into the program's own store under a name such as `localhost/web:1`, telling
    /// `tell` of each line that the program says. What is built is a copy of the context that is
    /// known to be of this `content`.
    pub async fn build(
        &self,
        name: &str,
        recipe: &Recipe,
        context: &Context,
        content: &str,
        tell: &(dyn Fn(&str) + Send + Sync),
    ) -> Result<(), BuildError> {
        let work = folder()?;
        let copy = work.path().join("context");
        context.copy_to(&copy)?;
        let dockerfile = work.path().join("Dockerfile");
        std::fs::copy(&context.dockerfile, &dockerfile).map_err(BuildError::Folder)?;
        // What is to be left out has been; the builder is not to read the rules in its own way.
        let no_rules = work.path().join("Dockerfile.dockerignore");
        std::fs::write(no_rules, "").map_err(BuildError::Folder)?;
        let copied = Context {
            folder: copy.clone(),
            entries: context.entries.clone(),
            dockerfile: dockerfile.clone(),
        };
        if crate::content::content(recipe, &copied)? != content {
            return Err(BuildError::Changed);
        }
        let arguments = self.arguments(name, recipe, content, &copy, &dockerfile);
        self.run("build", &arguments, tell).await
    }

    /// Whether the program's own store holds an image under this name that was built from this
    /// content.
    pub async fn holds(&self, name: &str, content: &str) -> Result<bool, BuildError> {
        let of_label = |labels: &str| format!("{{{{index {labels} \"{LABEL}\"}}}}");
        let arguments = match self.program {
            Program::Docker => vec!["image", "inspect", "--format"],
            Program::Podman => vec!["image", "inspect", "--format"],
            Program::Buildah => vec!["inspect", "--type", "image", "--format"],
        };
        let format = match self.program {
            Program::Docker => of_label(".Config.Labels"),
            Program::Podman => of_label(".Labels"),
            Program::Buildah => of_label(".OCIv1.Config.Labels"),
        };
        let arguments: Vec<&str> = arguments.into_iter().chain([&*format, name]).collect();
        let output = answer(self.program, &arguments).await;
        let output = output.map_err(|why| BuildError::Unusable {
            program: self.program,
            why,
        })?;
        // What is not there is a failure to inspect it.
        let said = String::from_utf8_lossy(&output.stdout);
        Ok(output.status.success() && said.trim() == content)
    }

    fn arguments(
        &self,
        name: &str,
        recipe: &Recipe,
        content: &str,
        copy: &Path,
        dockerfile: &Path,
    ) -> Vec<String> {
        let mut arguments: Vec<String> = vec!["build".into()];
        let mut option = |name: &str, value: String| {
            arguments.push(name.into());
            arguments.push(value);
        };
        option("--platform", recipe.platform.clone());
        option("--file", dockerfile.display().to_string());
        option("--tag", name.to_owned());
        option("--label", format!("{LABEL}={content}"));
        for (name, value) in &recipe.args {
            option("--build-arg", format!("{name}={value}"));
        }
        if let Some(target) = &recipe.target {
            option("--target", target.clone());
        }
        match self.program {
            Program::Docker if self.has_buildkit => {
                option("--progress", "plain".into());
                // An image alone, and no index of it and of how it came to be.
                arguments.push("--provenance=false".into());
                arguments.push("--sbom=false".into());
            }
            Program::Docker => {}
            Program::Podman | Program::Buildah => {
                option("--format", "oci".into());
                option(
                    "--ignorefile",
                    format!("{}.dockerignore", dockerfile.display()),
                );
            }
        }
        arguments.push(copy.display().to_string());
        arguments
    }

    /// Takes what was built out of the program's own store. It is kept as long as the folder that
    /// is returned.
    pub async fn take(
        &self,
        name: &str,
        tell: &(dyn Fn(&str) + Send + Sync),
    ) -> Result<(Built, TempDir), BuildError> {
        let work = folder()?;
        let to = work.path().join("image");
        if self.program != Program::Docker {
            let to_layout = format!("oci:{}:built", to.display());
            let arguments = ["push".into(), "--quiet".into(), name.to_owned(), to_layout];
            self.run("push", &arguments, tell).await?;
            return Ok((Built::layout(&to)?, work));
        }
        let archive = work.path().join("image.tar");
        let arguments = ["save", "--output", &archive.display().to_string(), name];
        let arguments = arguments.map(String::from);
        self.run("save", &arguments, tell).await?;
        let unpacked = unpack(archive, to.clone());
        unpacked.await.map_err(BuildError::Folder)?;
        Ok((Built::saved(&to)?, work))
    }

    async fn run(
        &self,
        step: &str,
        arguments: &[String],
        tell: &(dyn Fn(&str) + Send + Sync),
    ) -> Result<(), BuildError> {
        let program = self.program;
        let mut command = Command::new(program.name());
        if program == Program::Docker {
            command.env("DOCKER_BUILDKIT", if self.has_buildkit { "1" } else { "0" });
        }
        let child = command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let cannot = |why| BuildError::Run { program, why };
        let mut child = child.map_err(cannot)?;
        let last = std::sync::Mutex::new(VecDeque::new());
        let hear = |line: &str| {
            tell(line);
            if let Ok(mut last) = last.lock() {
                last.push_back(line.to_owned());
                if last.len() > REPEATED {
                    last.pop_front();
                }
            }
        };
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let heard = try_join(lines(stdout, &hear), lines(stderr, &hear));
        heard.await.map_err(cannot)?;
        let status = child.wait().await.map_err(cannot)?;
        match status.success() {
            true => Ok(()),
            false => Err(BuildError::Failed {
                program,
                step: step.to_owned(),
                status,
                last: last.into_inner().unwrap_or_default().into(),
            }),
        }
    }
}

/// A folder for a while.
fn folder() -> Result<TempDir, BuildError> {
    let made = tempfile::Builder::new().prefix("setpoint-").tempdir();
    made.map_err(BuildError::Folder)
}

async fn lines<R: AsyncRead + Unpin>(
    from: Option<R>,
    hear: &(dyn Fn(&str) + Sync),
) -> io::Result<()> {
    let Some(from) = from else {
        return Ok(());
    };
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line).await? > 0 {
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end();
        if !text.is_empty() {
            hear(text);
        }
        line.clear();
    }
    Ok(())
}

async fn unpack(archive: PathBuf, to: PathBuf) -> io::Result<()> {
    let unpacked = tokio::task::spawn_blocking(move || {
        tar::Archive::new(std::fs::File::open(archive)?).unpack(to)
    });
    unpacked.await.map_err(io::Error::other)?
}
