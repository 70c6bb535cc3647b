//! A registry, by the protocol that every registry speaks (OCI distribution specification).

mod answer;

use crate::layout::{Blob, Built, MANIFEST};
use answer::{Meaning, meaning};
use futures::{StreamExt, TryStreamExt, stream};
use oci_client::{
    Client, Reference, RegistryOperation,
    client::{ClientConfig, ClientProtocol},
    errors::OciDistributionError as Error,
    secrets::RegistryAuth,
};
use setpoint_aws::Aws;
use setpoint_core::AdapterError;
use setpoint_ecr::{Held, Login};
use std::{
    collections::{BTreeMap, BTreeSet},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::Mutex;
use tokio_util::io::ReaderStream;

/// How many parts of an image are pushed at once.
const AT_ONCE: usize = 4;

/// How often something is tried that the connection or the registry's state may have spoiled.
const TRIES: u32 = 8;

/// What an image may be, as the registry is asked for it.
const ACCEPTED: [&str; 4] = [
    MANIFEST,
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
];

/// A registry that one logs in to with what ECR hands out. Clones share one login.
#[derive(Clone)]
pub struct Registry {
    aws: Aws,
    /// Where it is, if not where ECR says.
    endpoint: Option<String>,
    session: Arc<Mutex<Option<Arc<Session>>>>,
}

/// A login that is in force.
struct Session {
    client: Client,
    host: String,
    auth: RegistryAuth,
    /// For what the registry was asked how to log in; once for each, so that what fails is tried
    /// again by itself.
    logged_in: Mutex<BTreeSet<(String, bool)>>,
}

/// What a registry would not do, in a sentence.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// There is no login to be had.
    #[error("logging in to the registry: {}", chain(.0))]
    Login(#[source] AdapterError),
    /// It is not an address at which a registry may be.
    #[error("`{0}` is no registry: https://<host>, or http:// on this machine")]
    Address(String),
    /// There is no such repository.
    #[error("the registry {host} has no repository `{repository}`")]
    NoRepository {
        /// Where.
        host: String,
        /// Which.
        repository: String,
    },
    /// The tag is taken, and may not be moved.
    #[error("the tag is immutable and means another image already: {0}")]
    Immutable(String),
    /// It is not allowed.
    #[error("the registry {host} denies it{}", because(.why))]
    Denied {
        /// Where.
        host: String,
        /// What it says.
        why: String,
    },
    /// The registry has no room for it.
    #[error("the registry {host} has no space left{}", because(.why))]
    NoSpace {
        /// Where.
        host: String,
        /// What it says.
        why: String,
    },
    /// The registry says it holds something else than was pushed.
    #[error(
        "the registry holds another image than was pushed under `{reference}`: it says {said}, and \
         {pushed} was pushed"
    )]
    Lies {
        /// The tag.
        reference: String,
        /// What it says it holds.
        said: String,
        /// What was pushed.
        pushed: String,
    },
    /// The registry sends something else than it says it sends.
    #[error(
        "the registry {host} sends bytes whose digest is {actual}, and says that it is {expected}"
    )]
    Forged {
        /// Where.
        host: String,
        /// The digest that was asked for, or that it names.
        expected: String,
        /// The digest of what it sends.
        actual: String,
    },
    /// A part of the image changed on this machine, or cannot be read.
    #[error("a part of the image cannot be read: {0}")]
    Part(std::io::Error),
    /// The connection, or the registry, failed again and again.
    #[error("the registry {host} could not be spoken to, {TRIES} times over: {why}")]
    Unreachable {
        /// Where.
        host: String,
        /// What happened the last time.
        why: String,
    },
    /// Anything else that it said.
    #[error("the registry {host} refuses: {why}")]
    Refused {
        /// Where.
        host: String,
        /// What it says.
        why: String,
    },
}

fn because(why: &str) -> String {
    match why.is_empty() {
        true => String::new(),
        false => format!(": {why}"),
    }
}

fn chain(err: &dyn std::error::Error) -> String {
    let mut text = err.to_string();
    let mut source = err.source();
    while let Some(err) = source {
        let said = err.to_string();
        if !text.contains(&said) {
            text += &format!(": {said}");
        }
        source = err.source();
    }
    text
}

impl Registry {
    /// The registry of the connection's account and region; or another, at `endpoint`.
    pub fn new(aws: &Aws, endpoint: Option<String>) -> Registry {
        // Where another was chosen already, that one serves.
        drop(rustls::crypto::ring::default_provider().install_default());
        Registry {
            aws: aws.clone(),
            endpoint,
            session: Arc::default(),
        }
    }

    /// Whether it is another than the account's own.
    pub fn is_another(&self) -> bool {
        self.endpoint.is_some()
    }

    async fn session(&self) -> Result<Arc<Session>, RegistryError> {
        let mut session = self.session.lock().await;
        if let Some(session) = &*session {
            return Ok(session.clone());
        }
        let login = Login::new(&self.aws).await.map_err(RegistryError::Login)?;
        let endpoint = self.endpoint.as_ref().unwrap_or(&login.endpoint);
        let (is_plain, host) = address(endpoint)?;
        let client = Client::new(ClientConfig {
            protocol: match is_plain {
                true => ClientProtocol::Http,
                false => ClientProtocol::Https,
            },
            // One request for each part, as ECR asks for chunks of 5 MiB at least otherwise.
            use_monolithic_push: true,
            connect_timeout: Some(Duration::from_secs(10)),
            read_timeout: Some(Duration::from_secs(60)),
            ..ClientConfig::default()
        });
        let fresh = Arc::new(Session {
            client,
            host,
            auth: RegistryAuth::Basic(login.user, login.password),
            logged_in: Mutex::default(),
        });
        *session = Some(fresh.clone());
        Ok(fresh)
    }

    /// Gives up a login, unless somebody has already.
    async fn renew(&self, failed: &Arc<Session>) {
        let mut session = self.session.lock().await;
        if session.as_ref().is_some_and(|it| Arc::ptr_eq(it, failed)) {
            *session = None;
        }
    }

    /// Does something until it is done, refused, or has failed too often. Nothing if the registry
    /// says that it is not there.
    async fn tried<T, F>(
        &self,
        repository: &str,
        act: impl Fn(Arc<Session>) -> F,
    ) -> Result<Option<T>, RegistryError>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let mut delay = Duration::from_millis(100);
        let mut failures = 0;
        loop {
            let session = self.session().await?;
            let (renew, why) = match act(session.clone()).await {
                Ok(it) => return Ok(Some(it)),
                Err(err) => match meaning(err, &session.host, repository) {
                    Meaning::Absent => return Ok(None),
                    Meaning::Final(err) => return Err(err),
                    Meaning::Again { renew, why } => (renew, why),
                },
            };
            failures += 1;
            let host = session.host.clone();
            if renew {
                self.renew(&session).await;
                if failures > 2 {
                    return Err(RegistryError::Denied { host, why });
                }
            }
            if failures >= TRIES {
                return Err(RegistryError::Unreachable { host, why });
            }
            tracing::debug!(why, "the registry is asked again");
            tokio::time::sleep(delay).await;
            delay = (delay * 2).min(Duration::from_secs(5));
        }
    }

    /// Those of `references`, tags or digests, that a repository holds. A registry that makes
    /// repositories as they are pushed to holds nothing in one that is not there.
    pub async fn held(
        &self,
        repository: &str,
        references: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, Held>, RegistryError> {
        let each = references.iter().cloned().map(|reference| async move {
            let found = self.manifest(repository, &reference).await?;
            Ok::<_, RegistryError>(found.map(|(manifest, digest)| {
                let held = Held {
                    digest,
                    registry: None,
                    manifest: Some(String::from_utf8_lossy(&manifest).into_owned()),
                };
                (reference, held)
            }))
        });
        let found: Vec<_> = stream::iter(each)
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// A manifest byte for byte, and its digest as it is and not as the registry says.
    async fn manifest(
        &self,
        repository: &str,
        reference: &str,
    ) -> Result<Option<(Vec<u8>, String)>, RegistryError> {
        let pulled = self.tried(repository, |session| async move {
            let image = session.reference(repository, reference);
            session.login(&image, RegistryOperation::Pull).await?;
            let pull = session
                .client
                .pull_manifest_raw(&image, &session.auth, &ACCEPTED);
            pull.await
        });
        Ok(pulled.await?.map(|(manifest, _)| {
            let digest = crate::content::digest(&manifest);
            (manifest.to_vec(), digest)
        }))
    }

    /// A small part of an image, such as its configuration. Nothing if it is not there.
    pub async fn part(
        &self,
        repository: &str,
        digest: &str,
    ) -> Result<Option<Vec<u8>>, RegistryError> {
        let pulled = self.tried(repository, |session| async move {
            let image = session.reference(repository, "latest");
            session.login(&image, RegistryOperation::Pull).await?;
            let mut bytes = Vec::new();
            session.client.pull_blob(&image, digest, &mut bytes).await?;
            Ok(bytes)
        });
        pulled.await
    }

    /// Pushes an image under some tags, what the registry has already left out, and checks that it
    /// holds what was pushed. `tell` hears, once a second at least, how many bytes are there, of how
    /// many.
    pub async fn push(
        &self,
        repository: &str,
        image: &Built,
        tags: &BTreeSet<String>,
        tell: &(dyn Fn(u64, u64) + Send + Sync),
    ) -> Result<String, RegistryError> {
        let total = image.size();
        let sent = Arc::new(AtomicU64::new(0));
        let parts = image.blobs.iter().cloned().map(|blob| {
            let sent = sent.clone();
            async move { self.push_blob(repository, &blob, &sent).await }
        });
        let mut parts = pin!(stream::iter(parts).buffer_unordered(AT_ONCE));
        let mut tick = tokio::time::interval(Duration::from_secs(1));
        let mut told = 0;
        loop {
            let is_done = tokio::select! {
                part = parts.next() => match part {
                    Some(part) => part.map(|()| false)?,
                    None => true,
                },
                _ = tick.tick() => false,
            };
            let now = sent.load(Ordering::Relaxed).min(total);
            if now != told {
                tell(now, total);
                told = now;
            }
            if is_done {
                break;
            }
        }
        self.tag(repository, &image.manifest, &image.media_type, tags)
            .await
    }

    async fn push_blob(
        &self,
        repository: &str,
        blob: &Blob,
        sent: &Arc<AtomicU64>,
    ) -> Result<(), RegistryError> {
        let is_there = self.tried(repository, |session| async move {
            let image = session.reference(repository, "latest");
            session.login(&image, RegistryOperation::Pull).await?;
            session.client.blob_exists(&image, &blob.digest).await
        });
        if is_there.await? == Some(true) {
            sent.fetch_add(blob.size, Ordering::Relaxed);
            return Ok(());
        }
        let pushed = self.tried(repository, |session| async move {
            let image = session.reference(repository, "latest");
            session.login(&image, RegistryOperation::Push).await?;
            let file = tokio::fs::File::open(&blob.path).await?;
            let counted = Arc::new(AtomicU64::new(0));
            let (count, all) = (counted.clone(), sent.clone());
            let stream = ReaderStream::with_capacity(file, 256 * 1024).map(move |chunk| {
                let chunk = chunk.map_err(Error::IoError)?;
                count.fetch_add(chunk.len() as u64, Ordering::Relaxed);
                all.fetch_add(chunk.len() as u64, Ordering::Relaxed);
                Ok(chunk)
            });
            let push =
                session
                    .client
                    .push_blob_stream(&image, stream, &blob.digest, Some(blob.size));
            push.await.map(drop).inspect_err(|_| {
                // What did not arrive is sent again.
                sent.fetch_sub(counted.load(Ordering::Relaxed), Ordering::Relaxed);
            })
        });
        match pushed.await? {
            Some(()) => Ok(()),
            None => Err(self.no_repository(repository).await),
        }
    }

    /// Puts an image that the registry has every part of under some tags, and checks that each
    /// means it then. Returns its digest.
    pub async fn tag(
        &self,
        repository: &str,
        manifest: &[u8],
        media_type: &str,
        tags: &BTreeSet<String>,
    ) -> Result<String, RegistryError> {
        let digest = crate::content::digest(manifest);
        for tag in tags {
            let is_there = self.manifest(repository, tag).await?;
            if is_there.is_some_and(|(_, it)| it == digest) {
                continue;
            }
            let put = self.tried(repository, |session| async move {
                let image = session.reference(repository, tag);
                session.login(&image, RegistryOperation::Push).await?;
                let media_type = media_type.parse();
                let media_type =
                    media_type.map_err(|_| Error::UnsupportedMediaTypeError("".into()))?;
                let put = session
                    .client
                    .push_manifest_raw(&image, manifest.to_vec(), media_type);
                put.await.map(drop)
            });
            // It may be this image that an immutable tag means: its answer was lost.
            let refused = match put.await {
                Ok(Some(())) => None,
                Ok(None) => return Err(self.no_repository(repository).await),
                Err(err @ RegistryError::Immutable(_)) => Some(err),
                Err(err) => return Err(err),
            };
            let said = self.manifest(repository, tag).await?.map(|it| it.1);
            if said.as_ref() != Some(&digest) {
                if let Some(err) = refused {
                    return Err(err);
                }
                return Err(RegistryError::Lies {
                    reference: format!("{repository}:{tag}"),
                    said: said.unwrap_or_else(|| "nothing is there".into()),
                    pushed: digest,
                });
            }
        }
        Ok(digest)
    }

    async fn no_repository(&self, repository: &str) -> RegistryError {
        let host = match self.session().await {
            Ok(session) => session.host.clone(),
            Err(err) => return err,
        };
        RegistryError::NoRepository {
            host,
            repository: repository.to_owned(),
        }
    }
}

impl Session {
    fn reference(&self, repository: &str, reference: &str) -> Reference {
        let (host, repository) = (self.host.clone(), repository.to_owned());
        match reference.starts_with("sha256:") {
            true => Reference::with_digest(host, repository, reference.to_owned()),
            false => Reference::with_tag(host, repository, reference.to_owned()),
        }
    }

    async fn login(&self, image: &Reference, operation: RegistryOperation) -> Result<(), Error> {
        let pushes = matches!(operation, RegistryOperation::Push);
        let what = (image.repository().to_owned(), pushes);
        let mut logged_in = self.logged_in.lock().await;
        if !logged_in.contains(&what) {
            self.client.auth(image, &self.auth, operation).await?;
            logged_in.insert(what);
        }
        Ok(())
    }
}

/// Whether an address is one without TLS, which only this machine may have, and its host.
fn address(endpoint: &str) -> Result<(bool, String), RegistryError> {
    let wrong = || RegistryError::Address(endpoint.to_owned());
    let (scheme, host) = endpoint
        .trim_end_matches('/')
        .split_once("://")
        .ok_or_else(wrong)?;
    let name = host.rsplit_once(':').map_or(host, |it| it.0);
    let is_here = ["localhost", "127.0.0.1", "[::1]"].contains(&name);
    match scheme {
        _ if host.is_empty() || host.contains(['/', '@']) => Err(wrong()),
        "https" => Ok((false, host.to_owned())),
        "http" if is_here => Ok((true, host.to_owned())),
        _ => Err(wrong()),
    }
}
