//! The adapter for launch templates.

use crate::{VALUES, filter, tags, template_data};
use aws_sdk_ec2::{
    Client,
    types::{LaunchTemplate as Template, LaunchTemplateVersion as Version, ResourceType},
};
use futures::{future::try_join_all, lock::Mutex, try_join};
use setpoint_aws::{Aws, MARK, found};
use setpoint_core::{Adapter, Freshness, Handle, Name, Observed, Resource, Result};
use setpoint_spec::kind::LaunchTemplate;
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
    /// The templates with the stack's mark, as the last listing read them.
    owned: Mutex<Option<Arc<Vec<Template>>>>,
}

impl LaunchTemplates {
    /// An adapter that has read nothing yet.
    pub fn new(aws: &Aws) -> Self {
        LaunchTemplates {
            aws: aws.clone(),
            ec2: Client::new(aws.config()),
            owned: Mutex::default(),
        }
    }

    /// The templates with the stack's mark, read anew.
    async fn read_owned(
        &self,
        owned: &mut Option<Arc<Vec<Template>>>,
    ) -> Result<Arc<Vec<Template>>> {
        let tag = format!("tag:{MARK}");
        let templates = self.read(&tag, vec![self.aws.stack().to_owned()]).await?;
        Ok(owned.insert(Arc::new(templates)).clone())
    }

    /// The same, as a listing that is under way or done has read them.
    async fn owned(&self) -> Result<Arc<Vec<Template>>> {
        let mut owned = self.owned.lock().await;
        match &*owned {
            Some(owned) => Ok(owned.clone()),
            None => self.read_owned(&mut owned).await,
        }
    }

    async fn named(&self, names: &BTreeSet<Name>) -> Result<Arc<Vec<Template>>> {
        // Asked for by a filter, one that is absent is no error for the others.
        let names = names.iter().map(|it| it.0.clone()).collect();
        self.read("launch-template-name", names).await.map(Arc::new)
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

    fn observed(&self, version: Version, template: &Template) -> Observed<LaunchTemplate> {
        let data = version.launch_template_data.unwrap_or_else(no_data);
        let (tags, owner) = self.aws.tags_of(tags::read(template.tags()));
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
        let owned = self.read_owned(&mut *self.owned.lock().await).await?;
        Ok(owned
            .iter()
            .filter_map(Template::launch_template_name)
            .map(Name::from)
            .collect())
    }

    async fn observe(
        &self,
        names: &BTreeSet<Name>,
        freshness: Freshness,
    ) -> Result<BTreeMap<Name, Observed<LaunchTemplate>>> {
        let versions = try_join_all(names.iter().map(|it| self.latest(it)));
        let templates = async {
            match freshness {
                Freshness::Indexed => self.owned().await,
                Freshness::Direct => self.named(names).await,
            }
        };
        let (versions, templates) = try_join!(versions, templates)?;
        let versions: BTreeMap<&Name, Version> = versions.into_iter().flatten().collect();
        let mut templates: BTreeMap<Name, Template> = by_name(&templates).collect();
        let others = versions.keys().filter(|it| !templates.contains_key(*it));
        let others: BTreeSet<Name> = others.map(|it| (*it).clone()).collect();
        if !others.is_empty() {
            templates.extend(by_name(&self.named(&others).await?));
        }
        let shown = versions.into_iter().filter_map(|(name, version)| {
            let template = templates.get(name)?;
            Some((name.clone(), self.observed(version, template)))
        });
        Ok(shown.collect())
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

fn by_name(templates: &[Template]) -> impl Iterator<Item = (Name, Template)> {
    let name = |it: &Template| Name::from(it.launch_template_name().unwrap_or_default());
    templates.iter().map(move |it| (name(it), it.clone()))
}

#[cfg(test)]
mod tests;
