//! A registry of images that is not ours: Debian's `docker-registry`, with logins.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::parts;

/// A registry on a loopback port that takes the user `AWS` with one password, and keeps what is
/// pushed for as long as this is there.
#[derive(Debug)]
pub struct Registry {
    address: SocketAddr,
    password: String,
    authority: Option<PathBuf>,
    folder: TempDir,
    process: Child,
}

impl Registry {
    /// Starts one without TLS.
    pub fn start(password: &str) -> Registry {
        Registry::serve(password, false)
    }

    /// Starts one that speaks TLS, with a certificate by an authority of its own.
    pub fn with_tls(password: &str) -> Registry {
        Registry::serve(password, true)
    }

    fn serve(password: &str, has_tls: bool) -> Registry {
        parts::ensure();
        let folder = tempfile::tempdir().expect("a temporary directory");
        let file = |name: &str| folder.path().join(name);
        fs::write(file("htpasswd"), format!("AWS:{}\n", hashed(password)))
            .expect("a temporary directory can be written to");
        let authority = has_tls.then(|| certificate(folder.path()));
        let configuration = serde_json::json!({
            "version": "0.1",
            // A line says at which port it is.
            "log": { "level": "info" },
            "storage": {
                "filesystem": { "rootdirectory": file("storage") },
                "maintenance": { "uploadpurging": { "enabled": false } },
            },
            "http": {
                "addr": "127.0.0.1:0",
                "tls": match has_tls {
                    true => serde_json::json!({
                        "certificate": file("server.pem"),
                        "key": file("server.key"),
                    }),
                    false => serde_json::json!({}),
                },
            },
            "auth": { "htpasswd": { "realm": "images", "path": file("htpasswd") } },
        });
        // YAML is a superset of JSON.
        fs::write(file("config.yml"), configuration.to_string())
            .expect("a temporary directory can be written to");
        let log = File::create(file("log")).expect("a temporary directory can be written to");
        let mut process = Command::new("docker-registry")
            .arg("serve")
            .arg(file("config.yml"))
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(Stdio::piped())
            .spawn()
            .expect("docker-registry is installed");
        let said = process.stderr.take().expect("standard error is piped");
        let mut lines = BufReader::new(said).lines().map_while(Result::ok);
        let address = lines.by_ref().find_map(|line| {
            let (_, rest) = line.split_once("listening on ")?;
            rest.split(['"', ',']).next()?.trim().parse().ok()
        });
        let address = address.expect("docker-registry says where it listens");
        // What it says later is read as well, since it would wait for that.
        std::thread::spawn(move || lines.for_each(drop));
        Registry {
            address,
            password: password.to_owned(),
            authority,
            folder,
            process,
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What `--registry` takes.
    pub fn url(&self) -> String {
        match self.authority {
            Some(_) => format!("https://localhost:{}", self.address.port()),
            None => format!("http://{}", self.address),
        }
    }

    /// The password of the user `AWS`.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// The certificate of the authority by which its own is, if it speaks TLS.
    pub fn authority(&self) -> Option<&Path> {
        self.authority.as_deref()
    }

    /// The manifest that it has under `web:v1` or `web@sha256:…`, byte for byte, and its digest, as
    /// skopeo reads them; none if there is none.
    pub fn manifest(&self, image: &str) -> Option<(Value, String)> {
        let output = self.skopeo("inspect", &["--raw", &self.reference(image)]);
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(said.contains("unknown"), "{said}");
            return None;
        }
        let file = self.folder.path().join("manifest");
        fs::write(&file, &output.stdout).expect("a temporary directory can be written to");
        let file = file.to_str().expect("temporary directories are UTF-8");
        let digest = parts::run("skopeo", &["manifest-digest", file]).stdout;
        let digest = String::from_utf8(digest).expect("a digest is a text");
        let manifest = serde_json::from_slice(&output.stdout).expect("a manifest is JSON");
        Some((manifest, digest.trim().to_owned()))
    }

    /// The tags of a repository, in their order.
    #[track_caller]
    pub fn tags(&self, repository: &str) -> Vec<String> {
        let name = format!("docker://{}/{repository}", self.host());
        let output = self.skopeo("list-tags", &[&name]);
        let Ok(listed) = serde_json::from_slice::<Value>(&output.stdout) else {
            return Vec::new();
        };
        let tags = listed["Tags"].as_array().into_iter().flatten();
        let mut tags: Vec<String> = tags.filter_map(Value::as_str).map(str::to_owned).collect();
        tags.sort();
        tags
    }

    /// Takes an image out, as an OCI image layout.
    #[track_caller]
    pub fn take(&self, image: &str, to: &Path) {
        let to = format!("oci:{}:taken", to.display());
        let output = self.skopeo("copy", &["--all", &self.reference(image), &to]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
    }

    /// Puts an OCI image layout in under a name.
    #[track_caller]
    pub fn put(&self, layout: &Path, image: &str) {
        let from = format!("oci:{}", layout.display());
        let output = self.skopeo("copy", &["--all", &from, &self.reference(image)]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
    }

    /// Loses all that was pushed to a repository.
    pub fn forget(&self, repository: &str) {
        let kept = "storage/docker/registry/v2/repositories";
        let kept = self.folder.path().join(kept).join(repository);
        fs::remove_dir_all(kept).expect("something was pushed");
    }

    fn host(&self) -> String {
        let url = self.url();
        url.split_once("://").expect("it has a scheme").1.to_owned()
    }

    fn reference(&self, image: &str) -> String {
        format!("docker://{}/{image}", self.host())
    }

    fn skopeo(&self, verb: &str, arguments: &[&str]) -> std::process::Output {
        let side = match verb {
            "copy" if arguments.last().is_some_and(|it| it.starts_with("oci:")) => "src-",
            "copy" => "dest-",
            _ => "",
        };
        Command::new("skopeo")
            // No policy of the machine's decides what is taken.
            .arg("--insecure-policy")
            .arg(verb)
            .arg(format!("--{side}creds=AWS:{}", self.password))
            .arg(format!("--{side}tls-verify=false"))
            .args(arguments)
            .output()
            .expect("skopeo is installed")
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // Both fail where it has ended already, which is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What `htpasswd -B` writes for a password: libcrypt's bcrypt, by way of perl.
fn hashed(password: &str) -> String {
    const COST_AND_SALT: &str = "$2b$05$abcdefghijklmnopqrstuu";
    let arguments = [
        "-e",
        "print crypt($ARGV[0], $ARGV[1])",
        password,
        COST_AND_SALT,
    ];
    let hash = String::from_utf8(parts::run("perl", &arguments).stdout);
    let hash = hash.expect("a hash is a text");
    assert!(hash.starts_with("$2b$"), "this libcrypt knows no bcrypt");
    hash
}

/// Makes an authority and a certificate for `localhost` in a folder, and returns the authority's.
fn certificate(folder: &Path) -> PathBuf {
    let file = |name: &str| folder.join(name).display().to_string();
    let (authority, authority_key) = (file("authority.pem"), file("authority.key"));
    let (key, request, server) = (file("server.key"), file("server.csr"), file("server.pem"));
    let new = ["req", "-newkey", "rsa:2048", "-noenc"];
    let of = |rest: &[&str]| -> Vec<String> {
        new.iter().chain(rest).map(|it| (*it).to_owned()).collect()
    };
    let run = |arguments: &[String]| {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        parts::run("openssl", &arguments)
    };
    run(&of(&[
        "-x509",
        "-days",
        "2",
        "-subj",
        "/CN=Authority of a test",
        "-keyout",
        &authority_key,
        "-out",
        &authority,
    ]));
    run(&of(&[
        "-subj",
        "/CN=localhost",
        "-keyout",
        &key,
        "-out",
        &request,
    ]));
    let extensions = file("extensions");
    fs::write(
        &extensions,
        "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n",
    )
    .expect("a temporary directory can be written to");
    parts::run(
        "openssl",
        &[
            "x509",
            "-req",
            "-days",
            "2",
            "-in",
            &request,
            "-CA",
            &authority,
            "-CAkey",
            &authority_key,
            "-CAcreateserial",
            "-extfile",
            &extensions,
            "-out",
            &server,
        ],
    );
    authority.into()
}
