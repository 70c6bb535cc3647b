//! Where images are looked for: ECR's own API, or another registry that stands for it.

use crate::{Registry, RegistryError};
use setpoint_aws::Aws;
use setpoint_core::{Adapter, AdapterError, ErrorKind, Freshness, Handle, Name, Observed, Result};
use setpoint_ecr::Held;
use setpoint_spec::{Target, kind::TaskDefinition};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};

/// Finds images by their tags and digests. Clones share what they hold.
#[derive(Clone)]
pub struct Shelf {
    ecr: setpoint_ecr::Images,
    registry: Registry,
}

impl Shelf {
    /// What the account's registry holds, or the one that stands for it.
    pub fn new(aws: &Aws, registry: Registry) -> Shelf {
        Shelf {
            ecr: setpoint_ecr::Images::new(aws),
            registry,
        }
    }

    /// Those of `references`, tags or digests, that a repository holds. Nothing if there is no such
    /// repository. One call for each repository on ECR.
    pub async fn held(
        &self,
        repository: &str,
        references: &BTreeSet<String>,
    ) -> Result<Option<BTreeMap<String, Held>>> {
        match self.registry.is_another() {
            false => self.ecr.held(repository, references).await,
            true => {
                let held = self.registry.held(repository, references).await;
                held.map(Some)
                    .map_err(|err| failed("registry:GetManifest", err))
            }
        }
    }

    /// The architectures that an image is built for, as images name them. None if it cannot be
    /// said.
    pub async fn architectures(&self, repository: &str, held: &Held) -> Result<Vec<String>> {
        let listed = held.architectures();
        let Some(configuration) = held.configuration().filter(|_| listed.is_empty()) else {
            return Ok(listed);
        };
        let part = self.registry.part(repository, &configuration).await;
        let part = part.map_err(|err| failed("registry:GetBlob", err))?;
        let configuration: serde_json::Value =
            serde_json::from_slice(&part.unwrap_or_default()).unwrap_or_default();
        let named = configuration["architecture"].as_str();
        Ok(named.into_iter().map(str::to_owned).collect())
    }
}

/// What a registry would not do, as a change's failure. It has been tried often enough.
pub(crate) fn failed(operation: &str, err: RegistryError) -> AdapterError {
    match err {
        RegistryError::Login(err) => err,
        err => refused(operation, err),
    }
}

pub(crate) fn refused(
    operation: &str,
    err: impl std::error::Error + Send + Sync + 'static,
) -> AdapterError {
    AdapterError {
        operation: operation.to_owned(),
        kind: ErrorKind::Refused,
        source: Box::new(err),
    }
}

/// Task definitions, where tags that could not be resolved when the plan was made give way to
/// digests as each is registered. To the run that asked for the tag they are shown with it.
pub struct Pinned<A> {
    inner: A,
    shelf: Shelf,
    /// The tags that were resolved here, by a repository's URI and the digest.
    resolved: Mutex<BTreeMap<(String, String), String>>,
}

impl<A: Adapter<Resource = TaskDefinition>> Pinned<A> {
    /// The adapter, with a way to find images.
    pub fn new(inner: A, shelf: Shelf) -> Self {
        Pinned {
            inner,
            shelf,
            resolved: Mutex::default(),
        }
    }

    async fn pinned(&self, desired: &TaskDefinition) -> Result<TaskDefinition> {
        let mut wanted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut pinned = desired.clone();
        pinned.pin(|target, tag| {
            if let Target::Is(uri) = target {
                wanted
                    .entry(uri.clone())
                    .or_default()
                    .insert(tag.to_owned());
            }
            None
        });
        for (uri, tags) in wanted {
            let repository = uri.split_once('/').map_or(uri.as_str(), |it| it.1);
            // The run knows that the repository is there; a read may lag behind.
            let held = self.shelf.held(repository, &tags).await?;
            let held = held.ok_or_else(|| not_shown(repository))?;
            pinned.pin(|target, tag| match target {
                Target::Is(it) if *it == uri => {
                    let digest = digest_of(&held, tag)?;
                    let mut resolved = self.resolved.lock().ok()?;
                    resolved.insert((uri.clone(), digest.clone()), tag.to_owned());
                    Some(digest)
                }
                _ => None,
            });
        }
        Ok(pinned)
    }
}

fn not_shown(repository: &str) -> AdapterError {
    AdapterError {
        operation: "ecr:BatchGetImage".into(),
        kind: ErrorKind::NotYet(format!("the repository {repository} to be shown")),
        source: format!("AWS does not show the repository {repository} yet").into(),
    }
}

/// The digest that a tag stands for, if that is known.
fn digest_of(held: &BTreeMap<String, Held>, tag: &str) -> Option<String> {
    let digest = &held.get(tag)?.digest;
    (!digest.is_empty()).then(|| digest.clone())
}

impl<A: Adapter<Resource = TaskDefinition>> Adapter for Pinned<A> {
    type Resource = TaskDefinition;

    async fn list(&self) -> Result<BTreeSet<Name>> {
        self.inner.list().await
    }

    async fn observe(
        &self,
        names: &BTreeSet<Name>,
        freshness: Freshness,
    ) -> Result<BTreeMap<Name, Observed<TaskDefinition>>> {
        let mut observed = self.inner.observe(names, freshness).await?;
        let resolved = self.resolved.lock().map(|it| it.clone());
        let resolved = resolved.unwrap_or_default();
        for it in observed.values_mut().filter(|_| !resolved.is_empty()) {
            it.resource.unpin(|uri, digest| {
                let key = (uri.to_owned(), digest.to_owned());
                resolved.get(&key).cloned()
            });
        }
        Ok(observed)
    }

    async fn create(
        &self,
        name: &Name,
        desired: &TaskDefinition,
    ) -> Result<Handle<TaskDefinition>> {
        let pinned = self.pinned(desired).await?;
        self.inner.create(name, &pinned).await
    }

    async fn update(
        &self,
        name: &Name,
        desired: &TaskDefinition,
        observed: &Observed<TaskDefinition>,
    ) -> Result<Handle<TaskDefinition>> {
        let pinned = self.pinned(desired).await?;
        self.inner.update(name, &pinned, observed).await
    }

    async fn delete(&self, name: &Name, observed: &Observed<TaskDefinition>) -> Result<()> {
        self.inner.delete(name, observed).await
    }
}
