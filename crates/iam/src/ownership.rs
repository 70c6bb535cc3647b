//! Whose a role or an instance profile is. IAM has no search by tag, so the path says it, too.

use aws_sdk_iam::types;
use setpoint_aws::Aws;
use setpoint_core::Owner;
use setpoint_spec::kind::Tags;
use std::collections::BTreeSet;

/// The path of all that a stack makes, unless it is told another.
pub(crate) fn own_path(aws: &Aws) -> String {
    format!("/setpoint/{}/", aws.stack())
}

/// The paths given, with the stack's own.
pub(crate) fn with_own(aws: &Aws, mut paths: BTreeSet<String>) -> BTreeSet<String> {
    paths.insert(own_path(aws));
    paths
}

/// The tags that are the owner's, and the owner: by the mark, and without one by the path.
pub(crate) fn tags_of(aws: &Aws, tags: Option<Vec<types::Tag>>, path: &str) -> (Tags, Owner) {
    let all = tags.unwrap_or_default().into_iter();
    match aws.tags_of(all.map(|it| (it.key, it.value))) {
        (tags, Owner::Nobody) if path == own_path(aws) => (tags, Owner::Ours),
        known => known,
    }
}

/// Tags as the SDK takes them.
pub(crate) fn sdk_tags(tags: &Tags) -> Vec<types::Tag> {
    let tag = |(key, value)| {
        let tag = types::Tag::builder().key(key).value(value).build();
        tag.expect("both members are given")
    };
    tags.iter().map(tag).collect()
}

/// The name at the end of an ARN.
pub(crate) fn name_in(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
