//! Tags as EC2 takes and shows them.

use aws_sdk_ec2::{
    Client,
    types::{ResourceType, Tag, TagSpecification},
};
use setpoint_aws::{Aws, Retagging};
use setpoint_core::Result;
use setpoint_spec::kind::Tags;

/// The tags that a creation gives what it creates.
pub(crate) fn on_create(kind: ResourceType, tags: &Tags) -> TagSpecification {
    TagSpecification::builder()
        .resource_type(kind)
        .set_tags(Some(written(tags)))
        .build()
}

pub(crate) fn written(tags: &Tags) -> Vec<Tag> {
    let tag = |(key, value)| Tag::builder().key(key).value(value).build();
    tags.iter().map(tag).collect()
}

pub(crate) fn read(tags: &[Tag]) -> impl Iterator<Item = (String, String)> {
    let tag = |it: &Tag| {
        (
            it.key.clone().unwrap_or_default(),
            it.value.clone().unwrap_or_default(),
        )
    };
    tags.iter().map(tag)
}

/// Sets and removes tags, both at once.
pub(crate) async fn retag(aws: &Aws, ec2: &Client, id: &str, change: &Retagging) -> Result<()> {
    let set = async {
        if !change.set.is_empty() {
            let tags = Some(written(&change.set));
            let request = ec2.create_tags().resources(id).set_tags(tags);
            aws.call("ec2:CreateTags", || request.clone().send())
                .await?;
        }
        Ok(())
    };
    let remove = async {
        // Without any tag named, EC2 would remove all of them.
        if !change.remove.is_empty() {
            let keys = change
                .remove
                .iter()
                .map(|it| Tag::builder().key(it).build());
            let request = ec2
                .delete_tags()
                .resources(id)
                .set_tags(Some(keys.collect()));
            aws.call("ec2:DeleteTags", || request.clone().send())
                .await?;
        }
        Ok(())
    };
    futures::try_join!(set, remove).map(|_| ())
}
