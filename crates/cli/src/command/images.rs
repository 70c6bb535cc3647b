use super::Ended;
use crate::{
    arguments::Common,
    connection::Connection,
    failure::Failure,
    reading::{Use, read_stack},
    render,
};
use futures::try_join;
use serde::Serialize;
use setpoint_core::AdapterError;
use setpoint_ecs::{InUse, User};
use setpoint_image::{Shelf, repository_of};
use std::collections::{BTreeMap, BTreeSet};

/// An image of the stack, as its repository holds it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Listed {
    /// Its name in the stack.
    pub(crate) name: String,
    /// The repository's name.
    pub(crate) repository: String,
    /// What it would be built from now.
    pub(crate) content: String,
    /// The digest under which that was pushed. None if it was not.
    pub(crate) digest: Option<String>,
    /// The tags that the repository has for it.
    pub(crate) tags: Vec<String>,
    /// Bytes, as the repository stores them.
    pub(crate) size: Option<u64>,
    /// When it was pushed, in seconds since 1970.
    pub(crate) pushed_at: Option<f64>,
    /// The services with a task that runs it.
    pub(crate) services: BTreeSet<String>,
}

/// Lists the images that the stack builds, and where they are.
pub(crate) async fn images(common: &Common, json: bool) -> Ended {
    let read = read_stack(common, Use::Make)?;
    let stack = &read.stack;
    let connection = Connection::open(common, stack).await?;
    connection.caller(common, stack).await?;
    let services = stack.clusters_of_services();
    let running = async {
        match stack.images().is_empty() {
            true => Ok(Vec::new()),
            false => setpoint_ecs::running(&connection.aws, &services).await,
        }
    };
    let (running, mut listed) =
        try_join!(running, listed(common, &connection, stack)).map_err(Failure::Call)?;
    for image in &mut listed {
        image.services = services_of(image, &running);
    }
    match json {
        true => render::images_as_json(&listed)?,
        false => render::images(&listed)?,
    }
    Ok(0)
}

async fn listed(
    common: &Common,
    connection: &Connection,
    stack: &setpoint_spec::Stack,
) -> Result<Vec<Listed>, AdapterError> {
    let shelf = Shelf::new(&connection.aws, connection.registry(common));
    let ecr = setpoint_ecr::Images::new(&connection.aws);
    let mut wanted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for image in stack.images().values() {
        let of = wanted.entry(repository_of(image)).or_default();
        of.insert(image.content_tag());
    }
    let each = wanted.iter().map(async |(repository, tags)| {
        // What only ECR lists another registry does not.
        let stored = async {
            match common.registry {
                Some(_) => Ok(None),
                None => ecr.stored(repository).await,
            }
        };
        let (held, stored) = try_join!(shelf.held(repository, tags), stored)?;
        Ok::<_, AdapterError>((repository.clone(), (held, stored)))
    });
    let found: BTreeMap<_, _> = futures::future::try_join_all(each)
        .await?
        .into_iter()
        .collect();
    let of = |(name, image): (&String, &setpoint_spec::kind::Image)| {
        let repository = repository_of(image);
        let (held, stored) = &found[&repository];
        let held = held.as_ref().and_then(|it| it.get(&image.content_tag()));
        let digest = held.map(|it| it.digest.clone());
        let stored = stored.iter().flatten();
        let stored = stored
            .into_iter()
            .find(|it| Some(&it.digest) == digest.as_ref());
        Listed {
            name: name.clone(),
            repository,
            content: image.content.clone(),
            tags: stored.map(|it| it.tags.clone()).unwrap_or_default(),
            size: stored
                .and_then(|it| it.size)
                .or_else(|| held.and_then(|it| it.size())),
            pushed_at: stored.map(|it| it.pushed_at),
            digest,
            services: BTreeSet::new(),
        }
    };
    Ok(stack.images().iter().map(of).collect())
}

/// The services that run what was pushed, or another image of the same repository with its digest.
fn services_of(image: &Listed, running: &[InUse]) -> BTreeSet<String> {
    let Some(digest) = &image.digest else {
        return BTreeSet::new();
    };
    let runs = running.iter().filter(|it| {
        it.image.ends_with(&format!("@{digest}")) || it.digest.as_ref() == Some(digest)
    });
    let services = runs.filter_map(|it| match &it.by {
        User::Service(service) => Some(service.clone()),
        User::Revision(_) => None,
    });
    services.collect()
}
