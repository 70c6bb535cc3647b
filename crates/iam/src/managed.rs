//! AWS managed policies, which a role names without the folder that they are kept in.

/// Those in folders, as `folder/name`. One that is not here is first looked for outside of any.
const IN_FOLDERS: &str = include_str!("managed.txt");

/// Where else a policy may be that is newer than the table.
const FOLDERS: [&str; 4] = ["", "service-role/", "job-function/", "aws-service-role/"];

/// A policy as a role names it: an AWS managed one by its name, any other by its ARN.
pub(crate) fn named(arn: &str) -> String {
    let mut parts = arn.splitn(6, ':').skip(4);
    let name = match (parts.next(), parts.next()) {
        (Some("aws"), Some(resource)) => resource.strip_prefix("policy/").and_then(|path| {
            let mut bare = FOLDERS.iter().filter_map(|it| path.strip_prefix(it));
            bare.find(|it| !it.contains('/'))
        }),
        _ => None,
    };
    name.unwrap_or(arn).to_owned()
}

/// The ARNs that a policy named so may have, the likeliest first.
pub(crate) fn arns(policy: &str, partition: &str) -> Vec<String> {
    if policy.starts_with("arn:") {
        return vec![policy.to_owned()];
    }
    let known = IN_FOLDERS
        .lines()
        .filter_map(|it| it.strip_suffix(policy))
        .find(|it| FOLDERS.contains(it));
    let folder = known.unwrap_or_default();
    let others = FOLDERS.iter().filter(|it| **it != folder);
    std::iter::once(&folder)
        .chain(others)
        .map(|it| format!("arn:{partition}:iam::aws:policy/{it}{policy}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_managed_policy_is_named_alike_from_both_sides() {
        for (name, path) in [
            ("AmazonECS_FullAccess", "AmazonECS_FullAccess"),
            (
                "AmazonECSTaskExecutionRolePolicy",
                "service-role/AmazonECSTaskExecutionRolePolicy",
            ),
            ("ViewOnlyAccess", "job-function/ViewOnlyAccess"),
        ] {
            let arn = format!("arn:aws-cn:iam::aws:policy/{path}");
            assert_eq!(named(&arn), name);
            assert_eq!(arns(name, "aws-cn")[0], arn);
            assert_eq!(arns(name, "aws-cn").len(), FOLDERS.len());
        }
        let own = "arn:aws:iam::123456789012:policy/service-role/own";
        assert_eq!(named(own), own);
        assert_eq!(arns(own, "aws"), [own]);
        let elsewhere = "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy";
        assert_eq!(named(elsewhere), elsewhere);
    }
}
