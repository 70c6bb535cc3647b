//! Images as resources of a stack: there under the tag of their content, or to be built and pushed.

use crate::{
    Program, Registry, Shelf, Workshop,
    content::{LABEL, digest},
    layout::MANIFEST,
    shelf::{failed, refused},
    workshop::repository_of,
};
use serde_json::json;
use setpoint_aws::Aws;
use setpoint_core::{
    Adapter, ErrorKind, Freshness, Handle, Link, Name, Observed, Owner, Resource, Result,
};
use setpoint_ecr::Held;
use setpoint_spec::kind::Image;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
};

/// How an image comes to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// It is built: by this program, or by the first that works.
    Program(Option<Program>),
    /// An empty index bears its tags: on an account that only stands for one, where nothing that
    /// runs is looked into.
    StandIn,
}

/// What is told while an image is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A line that the builder said.
    Line(String),
    /// Bytes pushed, of how many.
    Pushed(u64, u64),
}

/// Hears what is told of an image.
pub type Tell = Arc<dyn Fn(&str, Said) + Send + Sync>;

/// Builds images and pushes them. None is ever deleted: they go with their repository, or by its
/// lifecycle policy.
pub struct Images {
    aws: Aws,
    shelf: Shelf,
    registry: Registry,
    asked: BTreeMap<String, Image>,
    /// None where images are only stood in for.
    workshop: Option<Workshop>,
    tell: Tell,
}

impl Images {
    /// The images of a stack whose contexts are relative to the folder `base`.
    pub fn new(
        aws: &Aws,
        registry: Registry,
        asked: BTreeMap<String, Image>,
        base: PathBuf,
        maker: Maker,
        tell: Tell,
    ) -> Images {
        let workshop = match maker {
            Maker::Program(program) => Some(Workshop::new(base, program, tell.clone())),
            Maker::StandIn => None,
        };
        Images {
            aws: aws.clone(),
            shelf: Shelf::new(aws, registry.clone()),
            registry,
            asked,
            workshop,
            tell,
        }
    }

    /// The URI of a repository, as ECR has it.
    async fn uri(&self, repository: &str, held: &Held) -> Result<String> {
        let region = self.aws.region();
        let account = match &held.registry {
            Some(account) => account.clone(),
            None => self.aws.identity().await?.account.clone(),
        };
        let domain = domain(region);
        Ok(format!("{account}.dkr.ecr.{region}.{domain}/{repository}"))
    }

    /// Those of one repository.
    async fn of_repository(
        &self,
        repository: &str,
        images: &[(&Name, &Image)],
    ) -> Result<Vec<(Name, Observed<Image>)>> {
        let mut references: BTreeSet<String> = BTreeSet::new();
        for (_, image) in images {
            references.extend(image.tags.iter().cloned().chain([image.content_tag()]));
        }
        let held = self.shelf.held(repository, &references).await?;
        let held = held.unwrap_or_default();
        let mut observed = Vec::new();
        for (name, image) in images {
            let found = held.get(&image.content_tag());
            let Some(found) = found.filter(|it| self.is_made(it, image)) else {
                continue;
            };
            let uri = self.uri(repository, found).await?;
            let means_it =
                |tag: &&String| held.get(*tag).is_some_and(|it| it.digest == found.digest);
            let resource = Image {
                repository: Link::is(&*uri),
                tags: image.tags.iter().filter(means_it).cloned().collect(),
                ..(*image).clone()
            };
            let handle = format!("{uri}@{}", found.digest);
            observed.push((
                (*name).clone(),
                Observed::new(resource, handle, Owner::Ours),
            ));
        }
        Ok(observed)
    }

    /// Whether what bears an image's tag is that image. An account that takes images for pushed
    /// shows one under every tag, and not one that stands for this.
    fn is_made(&self, held: &Held, image: &Image) -> bool {
        let manifest = held.manifest.as_deref().unwrap_or_default();
        self.workshop.is_some() || manifest.contains(&image.content)
    }

    /// Builds an image, unless that was done, and pushes it under its tags. Returns its digest.
    async fn make(&self, name: &str, image: &Image) -> Result<String> {
        if let Some(workshop) = &self.workshop {
            let built = workshop.build(name, image).await;
            built.map_err(|err| refused("build", err))?;
        }
        self.push(name, image).await
    }

    /// Pushes an image that was built under its tags, without building it. Returns its digest.
    pub async fn push(&self, name: &str, image: &Image) -> Result<String> {
        let repository = repository_of(image);
        let tags = tags(image);
        let Some(workshop) = &self.workshop else {
            return self.stand_in(&repository, image, &tags).await;
        };
        let taken = workshop.take(name, image).await;
        let (built, _folder) = taken.map_err(|err| refused("push", err))?;
        let tell = |sent, total| (self.tell)(name, Said::Pushed(sent, total));
        let pushed = self.registry.push(&repository, &built, &tags, &tell);
        pushed.await.map_err(|err| failed("push", err))
    }

    async fn stand_in(
        &self,
        repository: &str,
        image: &Image,
        tags: &BTreeSet<String>,
    ) -> Result<String> {
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": INDEX,
            "manifests": [],
            "annotations": { LABEL: image.content },
        });
        let manifest = manifest.to_string();
        let ecr = setpoint_ecr::Images::new(&self.aws);
        for tag in tags {
            ecr.put(repository, &manifest, INDEX, tag).await?;
        }
        Ok(digest(manifest.as_bytes()))
    }
}

const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// The domain of a region's partition (botocore's `partitions.json`, `dnsSuffix`).
fn domain(region: &str) -> &'static str {
    match region {
        it if it.starts_with("cn-") => "amazonaws.com.cn",
        it if it.starts_with("us-iso-") => "c2s.ic.gov",
        it if it.starts_with("us-isob-") => "sc2s.sgov.gov",
        it if it.starts_with("us-isof-") => "csp.hci.ic.gov",
        it if it.starts_with("eu-isoe-") => "cloud.adc-e.uk",
        it if it.starts_with("eusc-") => "amazonaws.eu",
        _ => "amazonaws.com",
    }
}

/// All the tags that an image is pushed under.
fn tags(image: &Image) -> BTreeSet<String> {
    let mut tags = image.tags.clone();
    tags.insert(image.content_tag());
    tags
}

impl Adapter for Images {
    type Resource = Image;

    async fn list(&self) -> Result<BTreeSet<Name>> {
        Ok(BTreeSet::new())
    }

    async fn observe(
        &self,
        names: &BTreeSet<Name>,
        _: Freshness,
    ) -> Result<BTreeMap<Name, Observed<Image>>> {
        let mut by_repository: BTreeMap<String, Vec<(&Name, &Image)>> = BTreeMap::new();
        for name in names {
            if let Some(image) = self.asked.get(name.as_str()) {
                let of = by_repository.entry(repository_of(image)).or_default();
                of.push((name, image));
            }
        }
        let each = by_repository
            .iter()
            .map(|(repository, images)| self.of_repository(repository, images));
        let observed = futures::future::try_join_all(each).await?;
        Ok(observed.into_iter().flatten().collect())
    }

    async fn create(&self, name: &Name, desired: &Image) -> Result<Handle<Image>> {
        let Link::Is(uri) = &desired.repository else {
            return Err(setpoint_core::AdapterError {
                operation: "push".into(),
                kind: ErrorKind::Refused,
                source: "its repository is not known".into(),
            });
        };
        let digest = self.make(name.as_str(), desired).await?;
        Ok(Handle::new(format!("{}@{digest}", uri.as_str())))
    }

    async fn update(
        &self,
        _: &Name,
        desired: &Image,
        observed: &Observed<Image>,
    ) -> Result<Handle<Image>> {
        let repository = repository_of(desired);
        let content_tag = desired.content_tag();
        let held = self
            .shelf
            .held(&repository, &BTreeSet::from([content_tag.clone()]))
            .await?;
        let found = held.and_then(|mut it| it.remove(&content_tag)?.manifest);
        let manifest = found.ok_or_else(|| setpoint_core::AdapterError {
            operation: "push".into(),
            kind: ErrorKind::Absent,
            source: format!("{repository} no longer shows the image of {content_tag}").into(),
        })?;
        let said: serde_json::Value = serde_json::from_str(&manifest).unwrap_or_default();
        let media_type = said["mediaType"].as_str().unwrap_or(MANIFEST);
        let missing: BTreeSet<String> = desired
            .tags
            .difference(&observed.resource.tags)
            .cloned()
            .collect();
        match &self.workshop {
            None => {
                let ecr = setpoint_ecr::Images::new(&self.aws);
                for tag in &missing {
                    ecr.put(&repository, &manifest, media_type, tag).await?;
                }
            }
            Some(_) => {
                let tagged =
                    self.registry
                        .tag(&repository, manifest.as_bytes(), media_type, &missing);
                tagged.await.map_err(|err| failed("push", err))?;
            }
        }
        Ok(observed.handle.clone())
    }

    /// Never planned: an image goes with its repository.
    async fn delete(&self, name: &Name, _: &Observed<Image>) -> Result<()> {
        Err(setpoint_core::AdapterError {
            operation: "ecr:BatchDeleteImage".into(),
            kind: ErrorKind::Refused,
            source: format!("{}.{name} goes with its repository", Image::KIND).into(),
        })
    }
}
