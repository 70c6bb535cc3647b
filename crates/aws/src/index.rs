//! Everything that bears the stack's mark, from the one API that knows tags across services.

use crate::{Aws, MARK};
use aws_sdk_resourcegroupstagging::types::TagFilter;
use setpoint_core::Result;
use setpoint_spec::kind::Tags;
use std::collections::BTreeMap;

/// All tags of a resource, as the index shows them.
pub type IndexedTags = Tags;

/// The resources in the region that bear the stack's mark, by ARN.
///
/// AWS brings it up to date within moments, not at once: what it shows may be gone, and what is new
/// may be missing.
#[derive(Clone, Debug, Default)]
pub struct Index(BTreeMap<String, IndexedTags>);

/// The types that are asked for. IAM roles and Auto Scaling groups are not in the index.
const TYPES: [&str; 9] = [
    "application-autoscaling:scalable-target",
    "ec2:launch-template",
    "ec2:security-group",
    "ecr:repository",
    "ecs:capacity-provider",
    "ecs:cluster",
    "ecs:service",
    "ecs:task-definition",
    "logs:log-group",
];

impl Index {
    /// All tags of the resource, if the index knows it.
    pub fn tags(&self, arn: &str) -> Option<&IndexedTags> {
        self.0.get(arn)
    }

    /// What follows the type in the ARN of each resource of a service and type.
    ///
    /// For `ecs` and `service` that is `flash-sale-cluster/flash-sale-service`, for `logs` and
    /// `log-group` the group's name.
    pub fn names(&self, service: &str, kind: &str) -> Vec<&str> {
        let name = |arn: &'_ str| -> Option<usize> {
            let mut parts = arn.splitn(6, ':');
            let of_service = parts.nth(2)? == service;
            let resource = parts.nth(2)?;
            let rest = resource.strip_prefix(kind)?;
            let rest = rest.strip_prefix(['/', ':'])?;
            of_service.then(|| arn.len() - rest.len())
        };
        self.0
            .keys()
            .filter_map(|arn| name(arn).map(|at| &arn[at..]))
            .collect()
    }
}

impl Aws {
    /// Reads the index, once.
    pub async fn index(&self) -> Result<&Index> {
        self.shared
            .index
            .get_or_try_init(|| self.read_index())
            .await
    }

    async fn read_index(&self) -> Result<Index> {
        let client = aws_sdk_resourcegroupstagging::Client::new(self.config());
        let filter = TagFilter::builder().key(MARK).values(self.stack()).build();
        let mut found = BTreeMap::new();
        let mut token = None;
        loop {
            let page = self
                .call("tag:GetResources", || {
                    client
                        .get_resources()
                        .tag_filters(filter.clone())
                        .set_resource_type_filters(Some(TYPES.map(String::from).into()))
                        .resources_per_page(100)
                        .set_pagination_token(token.clone())
                        .send()
                })
                .await?;
            for it in page.resource_tag_mapping_list.unwrap_or_default() {
                let tags = it.tags.unwrap_or_default();
                let tags = tags.into_iter().map(|it| (it.key, it.value)).collect();
                found.insert(it.resource_arn.unwrap_or_default(), tags);
            }
            token = page.pagination_token.filter(|it| !it.is_empty());
            if token.is_none() {
                return Ok(Index(found));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_follows_the_type() {
        let arns = [
            "arn:aws:ecs:us-east-1:1:service/shop/web",
            "arn:aws:ecs:us-east-1:1:service-deployment/shop/web/1",
            "arn:aws:logs:us-east-1:1:log-group:/ecs/web",
        ];
        let index = Index(arns.map(|it| (it.into(), Tags::new())).into());
        assert_eq!(index.names("ecs", "service"), ["shop/web"]);
        assert_eq!(index.names("logs", "log-group"), ["/ecs/web"]);
    }
}
