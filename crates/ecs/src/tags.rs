//! Tags in ECS's own form.

use crate::raw::{list, text};
use aws_sdk_ecs::{Client, types::Tag};
use serde_json::{Value, json};
use setpoint_aws::{Aws, Retagging};
use setpoint_core::Result;
use setpoint_spec::kind::Tags;

/// The tags of an answer.
pub(crate) fn read(tags: Option<Vec<Tag>>) -> Tags {
    let tags = tags.unwrap_or_default().into_iter();
    tags.map(|it| (it.key.unwrap_or_default(), it.value.unwrap_or_default()))
        .collect()
}

/// The tags of an answer's document.
pub(crate) fn read_document(document: &Value) -> Tags {
    let tags = list(document, "tags").iter();
    tags.map(|it| (text(it, "key").into(), text(it, "value").into()))
        .collect()
}

/// The tags of a request.
pub(crate) fn write(tags: &Tags) -> Vec<Tag> {
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    tags.iter().map(tag).collect()
}

/// The tags of a request's document.
pub(crate) fn write_document(tags: &Tags) -> Value {
    tags.iter()
        .map(|(key, value)| json!({"key": key, "value": value}))
        .collect()
}

/// Sets and removes the tags of what has this ARN, at once.
pub(crate) async fn change(
    aws: &Aws,
    client: &Client,
    arn: &str,
    retagging: &Retagging,
) -> Result<()> {
    let set = async {
        if retagging.set.is_empty() {
            return Ok(());
        }
        let tags = write(&retagging.set);
        aws.call("ecs:TagResource", || {
            client
                .tag_resource()
                .resource_arn(arn)
                .set_tags(Some(tags.clone()))
                .send()
        })
        .await
        .map(drop)
    };
    let remove = async {
        if retagging.remove.is_empty() {
            return Ok(());
        }
        aws.call("ecs:UntagResource", || {
            let keys = Some(retagging.remove.clone());
            client
                .untag_resource()
                .resource_arn(arn)
                .set_tag_keys(keys)
                .send()
        })
        .await
        .map(drop)
    };
    // Both are heard out: a write that is dropped on its way may have had its effect.
    let (set, remove) = futures::join!(set, remove);
    set.and(remove)
}
