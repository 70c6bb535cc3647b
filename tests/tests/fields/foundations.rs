//! Repositories and log groups.

use crate::row::{account, call, row, tags};
use crate::table::Table;
use serde_json::{Value, json};
use setpoint_tests::Boto;

fn repository(boto: &Boto, name: &str) -> Value {
    let named = json!({"repositoryNames": [name]});
    let mut shown = boto.expect("ecr", "describe_repositories", named)["repositories"][0].take();
    let arguments = json!({"resourceArn": shown["repositoryArn"]});
    shown["tags"] = tags(&boto.expect("ecr", "list_tags_for_resource", arguments)["tags"]);
    let policy = boto.call(
        "ecr",
        "get_lifecycle_policy",
        json!({"repositoryName": name}),
    );
    if let Ok(policy) = policy {
        let text = policy["lifecyclePolicyText"]
            .as_str()
            .expect("a policy is text");
        shown["policy"] = serde_json::from_str(text).expect("a policy is JSON");
    }
    shown
}

#[test]
fn each_field_of_a_repository_is_planned_applied_and_held() {
    let arn = "arn:aws:ecr:us-east-1:ACCOUNT:repository/NAME";
    let policy = json!({"rules": [{
        "rulePriority": 1,
        "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 3},
        "action": {"type": "expire"},
    }]});
    Table {
        kind: "repository",
        shared: &[],
        each: &[(
            "repositories",
            "  NAME:
    imageTagMutability: MUTABLE
    scanOnPush: true
    lifecyclePolicy:
      rules:
        - rulePriority: 1
          selection: { tagStatus: any, countType: imageCountMoreThan, countNumber: 14 }
          action: { type: expire }
    tags: { color: blue }
",
        )],
        follower: None,
        show: repository,
        rows: vec![
            row(
                "imageTagMutability",
                (
                    "imageTagMutability: MUTABLE",
                    "imageTagMutability: IMMUTABLE",
                ),
                ("/imageTagMutability", json!("IMMUTABLE")),
                call(
                    "ecr",
                    "put_image_tag_mutability",
                    json!({"repositoryName": "NAME", "imageTagMutability": "MUTABLE"}),
                ),
            ),
            row(
                "scanOnPush",
                ("scanOnPush: true", "scanOnPush: false"),
                ("/imageScanningConfiguration/scanOnPush", json!(false)),
                call(
                    "ecr",
                    "put_image_scanning_configuration",
                    json!({"repositoryName": "NAME",
                           "imageScanningConfiguration": {"scanOnPush": true}}),
                ),
            ),
            row(
                "lifecyclePolicy.rules",
                ("countNumber: 14", "countNumber: 20"),
                ("/policy/rules/0/selection/countNumber", json!(20)),
                call(
                    "ecr",
                    "put_lifecycle_policy",
                    json!({"repositoryName": "NAME", "lifecyclePolicyText": policy.to_string()}),
                ),
            ),
            row(
                "lifecyclePolicy.rules",
                ("countNumber: 14", "countNumber: 21"),
                ("/policy/rules/0/selection/countNumber", json!(21)),
                call(
                    "ecr",
                    "delete_lifecycle_policy",
                    json!({"repositoryName": "NAME"}),
                ),
            )
            .drifting(&["lifecyclePolicy"]),
            row(
                "tags.color",
                ("color: blue", "color: green"),
                ("/tags/color", json!("green")),
                call(
                    "ecr",
                    "tag_resource",
                    json!({"resourceArn": arn, "tags": [{"Key": "color", "Value": "red"}]}),
                ),
            ),
            row(
                "tags.size",
                ("color: blue", "color: blue, size: large"),
                ("/tags/size", json!("large")),
                call(
                    "ecr",
                    "untag_resource",
                    json!({"resourceArn": arn, "tagKeys": ["size"]}),
                ),
            ),
        ],
    }
    .check();
}

fn log_group(boto: &Boto, name: &str) -> Value {
    let named = json!({"logGroupNamePrefix": name});
    let mut shown = boto.expect("logs", "describe_log_groups", named)["logGroups"][0].take();
    let arn = format!("arn:aws:logs:us-east-1:{}:log-group:{name}", account(boto));
    let arguments = json!({"resourceArn": arn});
    let mut tags = boto.expect("logs", "list_tags_for_resource", arguments)["tags"].take();
    tags.as_object_mut()
        .expect("a map")
        .remove("setpoint:stack");
    shown["tags"] = tags;
    shown
}

#[test]
fn each_field_of_a_log_group_is_planned_applied_and_held() {
    let arn = "arn:aws:logs:us-east-1:ACCOUNT:log-group:NAME";
    Table {
        kind: "logGroup",
        shared: &[],
        each: &[(
            "logGroups",
            "  NAME:
    retentionInDays: 14
    kmsKeyId: arn:aws:kms:us-east-1:123456789012:key/first
    tags: { color: blue }
",
        )],
        follower: None,
        show: log_group,
        rows: vec![
            row(
                "retentionInDays",
                ("retentionInDays: 14", "retentionInDays: 30"),
                ("/retentionInDays", json!(30)),
                call(
                    "logs",
                    "put_retention_policy",
                    json!({"logGroupName": "NAME", "retentionInDays": 1}),
                ),
            ),
            row(
                "retentionInDays",
                ("    retentionInDays: 14\n", ""),
                ("/retentionInDays", Value::Null),
                call(
                    "logs",
                    "put_retention_policy",
                    json!({"logGroupName": "NAME", "retentionInDays": 1}),
                ),
            ),
            row(
                "kmsKeyId",
                ("key/first", "key/second"),
                (
                    "/kmsKeyId",
                    json!("arn:aws:kms:us-east-1:123456789012:key/second"),
                ),
                call(
                    "logs",
                    "disassociate_kms_key",
                    json!({"logGroupName": "NAME"}),
                ),
            ),
            row(
                "kmsKeyId",
                (
                    "    kmsKeyId: arn:aws:kms:us-east-1:123456789012:key/first\n",
                    "",
                ),
                ("/kmsKeyId", Value::Null),
                call(
                    "logs",
                    "associate_kms_key",
                    json!({"logGroupName": "NAME",
                           "kmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/third"}),
                ),
            ),
            row(
                "tags.color",
                ("color: blue", "color: green"),
                ("/tags/color", json!("green")),
                call(
                    "logs",
                    "tag_resource",
                    json!({"resourceArn": arn, "tags": {"color": "red"}}),
                ),
            ),
        ],
    }
    .check();
}
