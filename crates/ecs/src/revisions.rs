//! Revisions of task definitions: reading, registering, and putting out of use.

use crate::{
    cache::Cache,
    raw::{Exchange, text},
    tags,
};
use aws_sdk_ecs::{
    Client,
    types::{TaskDefinitionField, TaskDefinitionStatus},
};
use futures::future::{join_all, try_join_all};
use serde_json::{Value, json};
use setpoint_aws::{Aws, MARK, Retagging, found};
use setpoint_core::{Name, Observed, Owner, Result};
use setpoint_spec::{
    document::{DocumentKind, normalise},
    kind::{Tags, TaskDefinition},
};
use std::path::PathBuf;

/// The tag that names the stack of a revision which a newer one has superseded.
///
/// It is the stack's still, and runs as long as a service says so; but it no longer bears the mark,
/// so that the index holds one revision of each family and not all that ever were.
const SUPERSEDED: &str = "setpoint:superseded";

/// How many revisions one call may delete.
const BATCH: usize = 10;

/// One revision.
#[derive(Debug)]
pub(crate) struct Revision {
    pub(crate) arn: String,
    /// The member of `DescribeTaskDefinition`'s answer, whole.
    document: Value,
    /// All its tags.
    tags: Tags,
    /// Whether the tags are an index's.
    indexed: bool,
}

impl Revision {
    pub(crate) fn is_active(&self) -> bool {
        text(&self.document, "status") == "ACTIVE"
    }

    /// Whether it bears the mark of what a newer one has taken the place of.
    pub(crate) fn is_superseded(&self, aws: &Aws) -> bool {
        self.tags
            .get(SUPERSEDED)
            .is_some_and(|it| it == aws.stack())
    }

    pub(crate) fn observed(self, aws: &Aws) -> Observed<TaskDefinition> {
        let superseded = self.is_superseded(aws);
        let (tags, owner) = aws.tags_of(self.tags);
        let owner = match owner {
            Owner::Nobody if superseded => Owner::Ours,
            owner => owner,
        };
        let document = normalise(DocumentKind::TaskDefinition, self.document);
        let resource = TaskDefinition::observed(document, tags);
        Observed {
            indexed: self.indexed,
            ..Observed::new(resource, self.arn, owner)
        }
    }
}

/// The family and the number in a revision's ARN.
pub(crate) fn family_and_number(arn: &str) -> Option<(&str, u64)> {
    let (family, number) = arn.rsplit('/').next()?.rsplit_once(':')?;
    Some((family, number.parse().ok()?))
}

/// What can be done with revisions.
#[derive(Debug)]
pub(crate) struct Revisions {
    aws: Aws,
    client: Client,
    cache: Cache,
}

impl Revisions {
    pub(crate) fn new(aws: &Aws, cache: Option<PathBuf>) -> Revisions {
        Revisions {
            aws: aws.clone(),
            client: Client::new(aws.config()),
            cache: Cache::new(cache),
        }
    }

    /// A revision that was read before, with the tags of the index; nothing if either is missing.
    pub(crate) async fn kept(&self, arn: &str) -> Result<Option<Revision>> {
        let Some(document) = self.cache.get(arn) else {
            return Ok(None);
        };
        let tags = self.aws.index().await?.tags(arn).cloned();
        let arn = arn.to_owned();
        Ok(tags.map(|tags| Revision {
            arn,
            document,
            tags,
            indexed: true,
        }))
    }

    /// The newest active revision of a family.
    pub(crate) async fn latest(&self, family: &Name) -> Result<Option<Revision>> {
        Ok(self
            .describe(family.as_str())
            .await?
            .filter(Revision::is_active))
    }

    /// A revision by its ARN, or the newest active one by its family.
    pub(crate) async fn describe(&self, which: &str) -> Result<Option<Revision>> {
        let exchange = Exchange::listening();
        let described = self
            .aws
            .call("ecs:DescribeTaskDefinition", || {
                let call = self
                    .client
                    .describe_task_definition()
                    .task_definition(which);
                exchange
                    .over(call.include(TaskDefinitionField::Tags).customize())
                    .send()
            })
            .await;
        Ok(found(described)?.map(|_| self.heard(&exchange)))
    }

    /// Registers a revision, marked as ours.
    pub(crate) async fn register(&self, name: &Name, desired: &TaskDefinition) -> Result<Revision> {
        let mut body = desired.request();
        body["family"] = json!(name);
        body["tags"] = tags::write_document(&self.aws.marked(&desired.tags));
        let exchange = Exchange::sending(&body);
        self.aws
            .call("ecs:RegisterTaskDefinition", || {
                let call = self.client.register_task_definition().family(name.as_str());
                exchange.over(call.customize()).send()
            })
            .await?;
        Ok(self.heard(&exchange))
    }

    /// Registers a revision, and lets the first stand if others have just registered the same.
    ///
    /// AWS gives every registration a number of its own, so that two runs at once would leave two
    /// revisions alike. `known` is the newest number of which this run knew.
    pub(crate) async fn register_once(
        &self,
        name: &Name,
        desired: &TaskDefinition,
        known: u64,
    ) -> Result<String> {
        let ours = self.register(name, desired).await?.arn;
        let Some((prefix, mut number)) = ours
            .rsplit_once(':')
            .and_then(|(prefix, number)| Some((prefix, number.parse::<u64>().ok()?)))
        else {
            return Ok(ours);
        };
        let mut first = ours.clone();
        while number > known + 1 {
            number -= 1;
            let arn = format!("{prefix}:{number}");
            let alike = self.describe(&arn).await?.filter(Revision::is_active);
            let alike = alike.map(|it| it.observed(&self.aws)).is_some_and(|it| {
                it.owner == Owner::Ours && it.resource.document == desired.document
            });
            if !alike {
                break;
            }
            first = arn;
        }
        if first != ours {
            self.deregister(&ours).await?;
        }
        Ok(first)
    }

    async fn deregister(&self, arn: &str) -> Result<()> {
        self.aws
            .call("ecs:DeregisterTaskDefinition", || {
                self.client
                    .deregister_task_definition()
                    .task_definition(arn)
                    .send()
            })
            .await?;
        Ok(())
    }

    fn heard(&self, exchange: &Exchange) -> Revision {
        let mut answer = exchange.answer();
        let tags = tags::read_document(&answer);
        let document = answer["taskDefinition"].take();
        self.cache.put(&document);
        let arn = text(&document, "taskDefinitionArn").to_owned();
        Revision {
            arn,
            document,
            tags,
            indexed: false,
        }
    }

    /// Brings the tags of a revision to those desired, and marks it as the stack's current one.
    pub(crate) async fn retag(
        &self,
        revision: &Observed<TaskDefinition>,
        desired: &TaskDefinition,
    ) -> Result<()> {
        let shown = &revision.resource.tags;
        let change = self.aws.retagging(&desired.tags, shown, &revision.owner);
        tags::change(&self.aws, &self.client, revision.handle.as_str(), &change).await
    }

    /// Makes a revision the stack's current one again.
    pub(crate) async fn mark(&self, arn: &str) {
        self.exchange_mark(arn, MARK, SUPERSEDED).await;
    }

    /// Takes the mark from revisions that a newer one supersedes.
    pub(crate) async fn supersede(&self, arns: impl IntoIterator<Item = &str>) {
        join_all(
            arns.into_iter()
                .map(|it| self.exchange_mark(it, SUPERSEDED, MARK)),
        )
        .await;
    }

    /// A revision with the wrong one of the two tags is the stack's all the same.
    async fn exchange_mark(&self, arn: &str, set: &str, remove: &str) {
        let change = Retagging {
            set: Tags::from([(set.to_owned(), self.aws.stack().to_owned())]),
            remove: vec![remove.to_owned()],
        };
        if let Err(err) = tags::change(&self.aws, &self.client, arn, &change).await {
            tracing::debug!(%err, arn, "the mark was not exchanged");
        }
    }

    /// Puts every active revision of a family out of use, and deletes it.
    ///
    /// The revision that stands for the family goes last: a deletion that is cut short is found
    /// again by it.
    pub(crate) async fn delete(&self, family: &Name, stands: &str) -> Result<()> {
        let arns = self.active(family).await?;
        let (last, first): (Vec<_>, Vec<_>) = arns.iter().partition(|it| *it == stands);
        for arns in [first, last] {
            try_join_all(arns.into_iter().map(|it| self.deregister(it))).await?;
        }
        let batches = arns.chunks(BATCH).map(|batch| async move {
            let deleted = self.aws.call("ecs:DeleteTaskDefinitions", || {
                let arns = Some(batch.to_vec());
                self.client
                    .delete_task_definitions()
                    .set_task_definitions(arns)
                    .send()
            });
            // What is deregistered is out of use. That it vanishes as well is tidiness.
            if let Err(err) = deleted.await {
                tracing::debug!(%err, %family, "revisions were not deleted");
            }
        });
        join_all(batches).await;
        Ok(())
    }

    async fn active(&self, family: &Name) -> Result<Vec<String>> {
        let mut arns = Vec::new();
        let mut token = None;
        loop {
            let page = self
                .aws
                .call("ecs:ListTaskDefinitions", || {
                    self.client
                        .list_task_definitions()
                        .family_prefix(family.as_str())
                        .status(TaskDefinitionStatus::Active)
                        .set_next_token(token.clone())
                        .send()
                })
                .await?;
            arns.extend(page.task_definition_arns.unwrap_or_default());
            token = page.next_token.filter(|it| !it.is_empty());
            if token.is_none() {
                break;
            }
        }
        // By AWS's word the prefix is the whole name; by other servers' it is a prefix.
        arns.retain(|it| family_and_number(it).is_some_and(|it| it.0 == family.as_str()));
        Ok(arns)
    }
}
