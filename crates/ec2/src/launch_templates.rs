//! The adapter for launch templates.

use crate::{VALUES, filter, tags, template_data};
use aws_sdk_ec2::{
    Client,
    types::{LaunchTemplate as Template, LaunchTemplateVersion as Version, ResourceType},
};
use futures::{future::try_join_all, lock::Mutex, try_join};
use setpoint_aws::{Aws, MARK, found};
use setpoint_core::{Adapter, Freshness, Handle, Name, Observed, Owner, Resource, Result};
use setpoint_spec::kind::{LaunchTemplate, Tags};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Reads and writes launch templates.
///
/// A template is shown by its latest version, which is the one that a handle names. Its default
/// version stays the first: what setpoint makes names the version it uses.
#[derive(Debug)]
pub struct LaunchTemplates {
    aws: Aws,
    ec2: Client,
    names: BTreeSet<Name>,
    /// The latest versions of the stack's templates, read once.
    latest: Mutex<Option<Arc<BTreeMap<Name, Version>>>>,
}

impl LaunchTemplates {
    /// An adapter for the templates that the stack calls `names`, and for what else is ours.
    pub fn new(aws: &Aws, names: BTreeSet<Name>) -> Self {
        LaunchTemplates {
            aws: aws.clone(),
            ec2: Client::new(aws.config()),
            names,
            latest: Mutex::default(),
        }
    }

    /// The latest versions of the stack's templates, read by whoever asks first.
    async fn known(&self) -> Result<Arc<BTreeMap<Name, Version>>> {
        let mut latest = self.latest.lock().await;
        if let Some(latest) = &*latest {
            return Ok(latest.clone());
        }
        let versions = self.versions(&self.names).await?;
        Ok(latest.insert(Arc::new(versions)).clone())
    }

    async fn versions(&self, names: &BTreeSet<Name>) -> Result<BTreeMap<Name, Version>> {
        let versions = try_join_all(names.iter().map(|it| self.latest(it))).await?;
        let versions = versions.into_iter().flatten();
        Ok(versions.map(|(name, it)| (name.clone(), it)).collect())
    }

    /// The tags that the index knows of a template.
    async fn indexed(&self, version: &Version) -> Result<Option<Tags>> {
        let (index, identity) = try_join!(self.aws.index(), self.aws.identity())?;
        let arn = format!(
            "arn:{}:ec2:{}:{}:launch-template/{}",
            identity.partition(),
            self.aws.region(),
            identity.account,
            version.launch_template_id().unwrap_or_default()
        );
        Ok(index.tags(&arn).cloned())
    }

    /// The templates called `names`, with their tags from the index as far as it knows them.
    async fn shown_by_index(
        &self,
        names: &BTreeSet<Name>,
    ) -> Result<BTreeMap<Name, Observed<LaunchTemplate>>> {
        let rest = names.difference(&self.names).cloned().collect();
        let (known, rest) = try_join!(self.known(), self.versions(&rest))?;
        let mut shown = BTreeMap::new();
        let mut strange = BTreeMap::new();
        for (name, version) in known.iter().chain(&rest) {
            if !names.contains(name) {
                continue;
            }
            match self.indexed(version).await? {
                Some(tags) => {
                    let observed = self.observed(version.clone(), tags);
                    let indexed = true;
                    shown.insert(
                        name.clone(),
                        Observed {
                            indexed,
                            ..observed
                        },
                    );
                }
                None => {
                    strange.insert(name.clone(), version.clone());
                }
            }
        }
        // What was made a moment ago is not in the index yet.
        shown.extend(self.with_own_tags(strange).await?);
        Ok(shown)
    }

    async fn with_own_tags(
        &self,
        versions: BTreeMap<Name, Version>,
    ) -> Result<BTreeMap<Name, Observed<LaunchTemplate>>> {
        let names = versions.keys().cloned().collect();
        let templates = self.named(&names).await?;
        Ok(self.joined(versions, &templates))
    }

    fn joined(
        &self,
        versions: BTreeMap<Name, Version>,
        templates: &[Template],
    ) -> BTreeMap<Name, Observed<LaunchTemplate>> {
        let templates: BTreeMap<Name, &Template> = by_name(templates).collect();
        let shown = versions.into_iter().filter_map(|(name, version)| {
            let tags = tags::read(templates.get(&name)?.tags()).collect();
            Some((name, self.observed(version, tags)))
        });
        shown.collect()
    }

    async fn named(&self, names: &BTreeSet<Name>) -> Result<Vec<Template>> {
        // Asked for by a filter, one that is absent is no error for the others.
        let names = names.iter().map(|it| it.0.clone()).collect();
        self.read("launch-template-name", names).await
    }

    /// The templates whose attribute is one of the values. They show tags, and no data.
    async fn read(&self, attribute: &str, values: Vec<String>) -> Result<Vec<Template>> {
        let batches = values
            .chunks(VALUES)
            .map(|batch| self.pages(attribute, batch));
        Ok(try_join_all(batches).await?.concat())
    }

    async fn pages(&self, attribute: &str, values: &[String]) -> Result<Vec<Template>> {
        let filter = filter(attribute, values.to_vec());
        let request = self
            .ec2
            .describe_launch_templates()
            .filters(filter)
            .max_results(200);
        let mut found = Vec::new();
        let mut token = None;
        loop {
            let send = || request.clone().set_next_token(token.clone()).send();
            let page = self.aws.call("ec2:DescribeLaunchTemplates", send).await?;
            found.extend(page.launch_templates.unwrap_or_default());
            token = page.next_token.filter(|it| !it.is_empty());
            if token.is_none() {
                return Ok(found);
            }
        }
    }

    /// The latest version, which shows data and no tags.
    async fn latest<'a>(&self, name: &'a Name) -> Result<Option<(&'a Name, Version)>> {
        let request = self.ec2.describe_launch_template_versions();
        let request = request
            .launch_template_name(name.as_str())
            .versions("$Latest");
        let send = || request.clone().send();
        let answer = found(
            self.aws
                .call("ec2:DescribeLaunchTemplateVersions", send)
                .await,
        )?;
        let versions = answer.and_then(|it| it.launch_template_versions);
        let latest = versions
            .into_iter()
            .flatten()
            .max_by_key(|it| it.version_number);
        Ok(latest.map(|it| (name, it)))
    }

    fn observed(&self, version: Version, tags: Tags) -> Observed<LaunchTemplate> {
        let data = version.launch_template_data.unwrap_or_else(no_data);
        let (tags, owner) = self.aws.tags_of(tags);
        let resource = LaunchTemplate {
            tags,
            ..template_data::read(&data, &self.aws)
        };
        let id = version.launch_template_id.unwrap_or_default();
        Observed::new(resource, handle(&id, version.version_number), owner)
    }

    /// Publishes a version, if one is needed, and answers with the handle of the latest.
    async fn publish(
        &self,
        id: &str,
        desired: &LaunchTemplate,
        observed: &Observed<LaunchTemplate>,
    ) -> Result<Handle<LaunchTemplate>> {
        if !desired.republishes(&observed.resource) {
            return Ok(observed.handle.clone());
        }
        // Made from nothing, not from an earlier version, so that it holds nothing unknown.
        let request = self
            .ec2
            .create_launch_template_version()
            .launch_template_id(id)
            .launch_template_data(template_data::written(desired, &self.aws));
        let send = || request.clone().send();
        let answer = self
            .aws
            .call("ec2:CreateLaunchTemplateVersion", send)
            .await?;
        let version = answer
            .launch_template_version
            .and_then(|it| it.version_number);
        Ok(Handle::new(handle(id, version)))
    }
}

fn no_data() -> aws_sdk_ec2::types::ResponseLaunchTemplateData {
    aws_sdk_ec2::types::ResponseLaunchTemplateData::builder().build()
}

fn handle(id: &str, version: Option<i64>) -> String {
    format!("{id}:{}", version.unwrap_or(1))
}

fn id_of(observed: &Observed<LaunchTemplate>) -> &str {
    let handle = observed.handle.as_str();
    handle.split_once(':').map_or(handle, |it| it.0)
}

impl Adapter for LaunchTemplates {
    type Resource = LaunchTemplate;

    async fn list(&self) -> Result<BTreeSet<Name>> {
        let (known, index) = try_join!(self.known(), self.aws.index())?;
        let ours = self.shown_by_index(&self.names).await?;
        let ours = ours.into_iter().filter(|(_, it)| it.owner == Owner::Ours);
        let is_known = |id: &str| {
            let mut versions = known.values();
            versions.any(|it| it.launch_template_id() == Some(id))
        };
        let mut ids = index.names("ec2", "launch-template").into_iter();
        // EC2 has no filter for ids, and asked for them directly refuses all if one is gone.
        let others = match ids.any(|it| !is_known(it)) {
            true => {
                let mark = format!("tag:{MARK}");
                self.read(&mark, vec![self.aws.stack().to_owned()]).await?
            }
            false => Vec::new(),
        };
        let others = by_name(&others).filter(|(_, it)| {
            let (_, owner) = self.aws.tags_of(tags::read(it.tags()));
            owner == Owner::Ours
        });
        let ours = ours.map(|(name, _)| name);
        Ok(ours.chain(others.map(|(name, _)| name)).collect())
    }

    async fn observe(
        &self,
        names: &BTreeSet<Name>,
        freshness: Freshness,
    ) -> Result<BTreeMap<Name, Observed<LaunchTemplate>>> {
        match freshness {
            Freshness::Indexed => self.shown_by_index(names).await,
            Freshness::Direct => {
                let (versions, templates) = try_join!(self.versions(names), self.named(names))?;
                Ok(self.joined(versions, &templates))
            }
        }
    }

    async fn create(
        &self,
        name: &Name,
        desired: &LaunchTemplate,
    ) -> Result<Handle<LaunchTemplate>> {
        let marked = self.aws.marked(&desired.tags);
        let request = self
            .ec2
            .create_launch_template()
            .launch_template_name(name.as_str())
            .launch_template_data(template_data::written(desired, &self.aws))
            .tag_specifications(tags::on_create(ResourceType::LaunchTemplate, &marked));
        let send = || request.clone().send();
        let answer = self.aws.call("ec2:CreateLaunchTemplate", send).await?;
        let template = answer.launch_template;
        let version = template.as_ref().and_then(|it| it.latest_version_number);
        let id = template.and_then(|it| it.launch_template_id);
        Ok(Handle::new(handle(&id.unwrap_or_default(), version)))
    }

    async fn update(
        &self,
        _: &Name,
        desired: &LaunchTemplate,
        observed: &Observed<LaunchTemplate>,
    ) -> Result<Handle<LaunchTemplate>> {
        let id = id_of(observed);
        let before = &observed.resource.tags;
        let retagging = self.aws.retagging(&desired.tags, before, &observed.owner);
        let retag = tags::retag(&self.aws, &self.ec2, id, &retagging);
        let (handle, ()) = try_join!(self.publish(id, desired, observed), retag)?;
        Ok(handle)
    }

    async fn delete(&self, _: &Name, observed: &Observed<LaunchTemplate>) -> Result<()> {
        let id = id_of(observed);
        let send = || {
            self.ec2
                .delete_launch_template()
                .launch_template_id(id)
                .send()
        };
        found(self.aws.call("ec2:DeleteLaunchTemplate", send).await)?;
        Ok(())
    }
}

fn by_name(templates: &[Template]) -> impl Iterator<Item = (Name, &Template)> {
    let name = |it: &Template| Name::from(it.launch_template_name().unwrap_or_default());
    templates.iter().map(move |it| (name(it), it))
}

#[cfg(test)]
mod tests;
