//! Pulling images as docker does for the ECS agent.

use super::digest;
use crate::{World, habits::ACCOUNT, service::iam};
use serde_json::{Value, json};

/// Pulls an image as an instance does: its digest, or the reason as ECS shows it, which begins with
/// `CannotPullContainerError: ` or `CannotPullECRContainerError: `.
/// `role_arn` is whose permissions are used (the execution role, or else the instance's).
pub fn pull(world: &World, image: &str, role_arn: Option<&str>) -> Result<String, String> {
    let Some(reference) = Reference::read(image) else {
        return Err(format!(
            "CannotPullContainerError: invalid reference format: {image}"
        ));
    };
    match reference.ecr() {
        None => reference.assumed(),
        Some((ACCOUNT, region)) if region == world.region => {
            let role = role_arn.map_or(Ok(()), |role| allowed(world, &reference, role));
            role.and_then(|()| from_ecr(world, &reference))
        }
        Some(_) => Err(reference.unresolved(&format!(
            "unexpected status from HEAD request to https://{}/v2/{}/manifests/{}: 403 Forbidden",
            reference.host,
            reference.path,
            reference.version()
        ))),
    }
}

fn from_ecr(world: &World, reference: &Reference) -> Result<String, String> {
    let Some(repository) = world.ecr.repositories.get(&reference.path) else {
        return Err(reference.not_found());
    };
    let image = match &reference.digest {
        Some(digest) => repository.images.get(digest),
        None => repository.tagged(&reference.tag),
    };
    match image {
        Some(image) if image.archived_at.is_none() => Ok(image.digest.clone()),
        None if !world.habits.images_must_exist => reference.assumed(),
        _ => Err(reference.not_found()),
    }
}

/// An image that is taken for pushed, as `ecr:BatchGetImage` shows it: the digest that a pull would
/// find, and an index that holds it for either architecture.
pub(super) fn assumed(world: &World, repository: &str, id: &Value) -> Option<(String, String)> {
    if world.habits.images_must_exist {
        return None;
    }
    let text = |member: &str| id.get(member).and_then(Value::as_str).map(str::to_owned);
    let reference = Reference {
        host: format!("{ACCOUNT}.dkr.ecr.{}.amazonaws.com", world.region),
        path: repository.to_owned(),
        digest: text("imageDigest"),
        tag: text("imageTag").unwrap_or_else(|| "latest".into()),
    };
    let digest = reference.assumed().ok()?;
    let of = |architecture: &str| {
        json!({
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": super::digest(format!("{digest} {architecture}").as_bytes()),
            "size": 0,
            "platform": { "architecture": architecture, "os": "linux" },
        })
    };
    let index = json!({
        "schemaVersion": 2,
        "mediaType": INDEX,
        "manifests": [of("amd64"), of("arm64")],
    });
    Some((digest, index.to_string()))
}

/// The media type of an index: manifests of one image for several platforms.
pub(super) const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// Repository policies are not asked: within an account the role's own policies are enough.
fn allowed(world: &World, reference: &Reference, role: &str) -> Result<(), String> {
    let denied = |action: &str, resource: &str| {
        let name = role.rsplit('/').next().unwrap_or(role);
        format!(
            "User: arn:aws:sts::{ACCOUNT}:assumed-role/{name}/ecs is not authorized to perform: \
             {action} on resource: {resource} because no identity-based policy allows the {action} \
             action"
        )
    };
    const TOKEN: &str = "ecr:GetAuthorizationToken";
    if !iam::role_allows(world, role, TOKEN, "*") {
        let why = denied(TOKEN, "*");
        return Err(format!(
            "CannotPullECRContainerError: AccessDeniedException: {why}"
        ));
    }
    let arn = world.arn("ecr", &format!("repository/{}", reference.path));
    let needed = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
    match needed
        .iter()
        .find(|it| !iam::role_allows(world, role, it, &arn))
    {
        None => Ok(()),
        Some(action) => Err(format!(
            "CannotPullECRContainerError: AccessDeniedException: {}",
            denied(action, &arn)
        )),
    }
}

/// An image reference as docker reads it.
#[derive(Debug, PartialEq)]
struct Reference {
    host: String,
    path: String,
    tag: String,
    digest: Option<String>,
}

impl Reference {
    fn read(text: &str) -> Option<Reference> {
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (text, None),
        };
        let last = name.rfind('/').map_or(0, |it| it + 1);
        let (name, tag) = match name[last..].find(':') {
            Some(at) => (&name[..last + at], &name[last + at + 1..]),
            None => (name, "latest"),
        };
        let is_host = |it: &str| it.contains(['.', ':']) || it == "localhost";
        let (host, path) = match name.split_once('/') {
            Some((host, path)) if is_host(host) => (host, path.to_owned()),
            Some(_) => ("docker.io", name.to_owned()),
            None => ("docker.io", format!("library/{name}")),
        };
        let is_lower = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit();
        let is_path = path.split('/').all(|part| {
            part.starts_with(is_lower) && part.chars().all(|it| is_lower(it) || "._-".contains(it))
        });
        let is_tag = !tag.is_empty()
            && tag.len() <= 128
            && tag
                .chars()
                .all(|it| it.is_ascii_alphanumeric() || "._-".contains(it));
        let is_digest = digest.is_none_or(|it| {
            let hex = it.strip_prefix("sha256:").unwrap_or_default();
            hex.len() == 64 && hex.chars().all(|it| it.is_ascii_hexdigit())
        });
        (is_path && is_tag && is_digest).then(|| Reference {
            host: host.to_owned(),
            path,
            tag: tag.to_owned(),
            digest: digest.map(str::to_owned),
        })
    }

    /// The account and region whose ECR registry the host is.
    fn ecr(&self) -> Option<(&str, &str)> {
        let (account, rest) = self.host.split_once('.')?;
        let rest = ["dkr.ecr.", "dkr.ecr-fips.", "dkr-ecr.", "dkr-ecr-fips."]
            .iter()
            .find_map(|it| rest.strip_prefix(it))?;
        let region = [".amazonaws.com", ".amazonaws.com.cn", ".on.aws"]
            .iter()
            .find_map(|it| rest.strip_suffix(it))?;
        Some((account, region))
    }

    /// The digest, or else the tag.
    fn version(&self) -> &str {
        self.digest.as_deref().unwrap_or(&self.tag)
    }

    /// The digest of an image that is taken for pushed, unless its tag is `missing`.
    fn assumed(&self) -> Result<String, String> {
        match &self.digest {
            Some(digest) => Ok(digest.clone()),
            None if self.tag == "missing" => Err(self.not_found()),
            None => Ok(digest(self.full().as_bytes())),
        }
    }

    fn full(&self) -> String {
        let separator = if self.digest.is_some() { '@' } else { ':' };
        format!("{}/{}{separator}{}", self.host, self.path, self.version())
    }

    fn not_found(&self) -> String {
        self.unresolved(&format!("{}: not found", self.full()))
    }

    fn unresolved(&self, why: &str) -> String {
        format!(
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to \
             resolve ref {}: {why}",
            self.full()
        )
    }
}
