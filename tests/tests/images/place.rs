//! A shop whose page is built, pushed and run: its stack, its AWS and its registry.

use serde_json::{Value, json};
use setpoint_tests::{Boto, Front, Outcome, Sandbox, Setpoint, Stack, parts};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// The page of the flash sale, served by a static busybox, since no base image can be pulled here.
pub(crate) const DOCKERFILE: &str = "FROM scratch\n\
    COPY busybox /busybox\n\
    COPY index.html /www/index.html\n\
    CMD [\"/busybox\", \"httpd\", \"-f\", \"-p\", \"80\", \"-h\", \"/www\"]\n";

/// A repository, an image that is built, and the task definition that runs it.
pub(crate) const STACK: &str = "name: shop
region: us-east-1
repositories:
  web: {}
images:
  page:
    repository: web
    context: page
taskDefinitions:
  web:
    networkMode: bridge
    requiresCompatibilities: [EC2]
    containerDefinitions:
      - name: web
        image: { build: page }
        memory: 64
";

/// The stack in a folder with its context, an empty account, and a registry behind a front.
pub(crate) struct Place {
    pub(crate) sandbox: Sandbox,
    pub(crate) front: Front,
    pub(crate) setpoint: Setpoint,
}

impl Place {
    /// All of it, with buildah as the builder.
    pub(crate) fn new() -> Place {
        let front = Front::start();
        let sandbox = Sandbox::start(&[]);
        let setpoint = with_buildah(sandbox.place()).environment("SETPOINT_REGISTRY", &front.url());
        write_context(&setpoint);
        setpoint.write("stack.yaml", STACK);
        Place {
            sandbox,
            front,
            setpoint,
        }
    }

    pub(crate) fn boto(&self) -> Boto {
        self.sandbox.boto()
    }

    /// Another stack from now on.
    pub(crate) fn stack(&self, stack: &Stack) {
        self.setpoint.write("stack.yaml", &stack.to_string());
    }

    pub(crate) fn apply(&self) -> Outcome {
        self.setpoint.run(&["apply", "--yes"])
    }

    pub(crate) fn plan(&self) -> Outcome {
        self.setpoint.run(&["plan", "--detailed-exitcode"])
    }

    /// Plans again and finds nothing.
    #[track_caller]
    pub(crate) fn is_done(&self) {
        self.plan().exits(0);
    }

    /// A file of the context.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.setpoint.directory().join("page").join(name)
    }

    /// How often something was built so far.
    pub(crate) fn builds(&self) -> usize {
        builds(&self.setpoint)
    }

    /// The image that the newest revision runs; none if there is no revision.
    pub(crate) fn runs(&self) -> Option<String> {
        let asked = json!({ "taskDefinition": "web" });
        let shown = self.boto().call("ecs", "describe_task_definition", asked);
        let shown = shown.ok()?;
        let image = &shown["taskDefinition"]["containerDefinitions"][0]["image"];
        image.as_str().map(str::to_owned)
    }

    /// The digest that the newest revision runs.
    #[track_caller]
    pub(crate) fn digest(&self) -> String {
        let runs = self.runs().expect("there is a revision");
        let (_, digest) = runs.split_once('@').expect("it is pinned");
        digest.to_owned()
    }

    /// The tag by which the registry knows what the image was built from.
    #[track_caller]
    pub(crate) fn content_tag(&self) -> String {
        let tags = self.front.behind().tags("web");
        let tag = tags.into_iter().find(|it| it.len() > 32);
        tag.expect("an image says what it was built from")
    }

    /// The revision runs what skopeo finds under the tag.
    #[track_caller]
    pub(crate) fn runs_what_is_tagged(&self, tag: &str) {
        let found = self.front.behind().manifest(&format!("web:{tag}"));
        assert_eq!(found.expect("it was pushed").1, self.digest());
    }
}

/// The images' folder and what is in it.
pub(crate) fn write_context(setpoint: &Setpoint) {
    let page = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../examples/flash-sale/index.html"
    );
    let page = fs::read_to_string(page).expect("the page is shipped");
    setpoint.write("page/index.html", &page);
    setpoint.write("page/Dockerfile", DOCKERFILE);
    let busybox = setpoint.directory().join("page/busybox");
    fs::copy(parts::busybox(), busybox).expect("the working directory can be written to");
}

/// A place where buildah builds, in a store of its own, and each of its builds is written down.
pub(crate) fn with_buildah(setpoint: Setpoint) -> Setpoint {
    parts::ensure();
    let home = setpoint.home().to_owned();
    let file = |name: &str| home.join(name).display().to_string();
    let write = |name: &str, text: String| {
        fs::write(home.join(name), text).expect("a home can be written to");
    };
    write(
        "storage.conf",
        format!(
            "[storage]\ndriver = \"vfs\"\ngraphroot = \"{}\"\nrunroot = \"{}\"\n",
            file("graph"),
            file("run")
        ),
    );
    let log = file("built");
    let buildah = format!("echo \"$1\" >> {log}\nexec /usr/bin/buildah \"$@\"\n");
    program(&setpoint, "buildah", &buildah);
    let path = std::env::var("PATH").unwrap_or_default();
    setpoint
        .without("PATH")
        .without("SETPOINT_BUILDER")
        .environment("PATH", &format!("{}:{path}", file("bin")))
        .environment("SETPOINT_BUILDER", "buildah")
        .environment("CONTAINERS_STORAGE_CONF", &file("storage.conf"))
        // As root, in whatever container the tests run in.
        .environment("BUILDAH_ISOLATION", "chroot")
        .environment("STORAGE_DRIVER", "vfs")
        .timeout(Duration::from_secs(60))
}

/// A program of a place, before those of the machine: a script.
pub(crate) fn program(setpoint: &Setpoint, name: &str, script: &str) {
    let programs = setpoint.home().join("bin");
    let file = programs.join(name);
    let mode = fs::Permissions::from_mode(0o755);
    fs::create_dir_all(programs)
        .and_then(|()| fs::write(&file, format!("#!/bin/sh\n{script}")))
        .and_then(|()| fs::set_permissions(file, mode))
        .expect("a home can be written to");
}

/// How often something was built in a place with buildah.
pub(crate) fn builds(setpoint: &Setpoint) -> usize {
    let built = fs::read_to_string(setpoint.home().join("built")).unwrap_or_default();
    built.lines().filter(|it| *it == "build").count()
}

/// Unpacks an OCI image layout of one image: its layers, one over the other.
#[track_caller]
pub(crate) fn unpack(layout: &Path, to: &Path) -> Value {
    let read = |path: PathBuf| -> Value {
        let text = fs::read_to_string(path).expect("a layout is whole");
        serde_json::from_str(&text).expect("a layout is JSON")
    };
    let blob = |it: &Value| {
        let digest = it["digest"].as_str().expect("a part has a digest");
        layout.join("blobs").join(digest.replace(':', "/"))
    };
    let index = read(layout.join("index.json"));
    let manifest = read(blob(&index["manifests"][0]));
    fs::create_dir_all(to).expect("a temporary directory can be written to");
    for layer in manifest["layers"].as_array().into_iter().flatten() {
        let status = Command::new("tar")
            .arg("--extract")
            .arg("--gzip")
            .arg("--file")
            .arg(blob(layer))
            .arg("--directory")
            .arg(to)
            .status();
        assert!(status.expect("there is a tar").success());
    }
    read(blob(&manifest["config"]))
}

/// Everything that a run said contains these words.
#[track_caller]
pub(crate) fn says(outcome: &Outcome, words: &[&str]) {
    let said = format!("{}{}", outcome.stdout, outcome.stderr);
    for it in words {
        assert!(said.contains(it), "no {it:?} in\n{said}");
    }
}
