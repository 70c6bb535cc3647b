//! Roles and instance profiles.

use crate::row::{call, row, tags};
use crate::table::Table;
use serde_json::{Value, json};
use setpoint_tests::Boto;

fn role(boto: &Boto, name: &str) -> Value {
    let named = json!({"RoleName": name});
    let mut shown = boto.expect("iam", "get_role", named.clone())["Role"].take();
    shown["Tags"] = tags(&shown["Tags"]);
    let attached = boto.expect("iam", "list_attached_role_policies", named.clone());
    let attached = attached["AttachedPolicies"].as_array().expect("a list");
    let mut attached: Vec<Value> = attached.iter().map(|it| it["PolicyName"].clone()).collect();
    attached.sort_by_key(Value::to_string);
    shown["attached"] = attached.into();
    let inline = boto.expect("iam", "list_role_policies", named);
    for policy in inline["PolicyNames"].as_array().expect("a list") {
        let arguments = json!({"RoleName": name, "PolicyName": policy});
        let mut answer = boto.expect("iam", "get_role_policy", arguments);
        let policy = policy.as_str().expect("a name");
        shown["inline"][policy] = answer["PolicyDocument"].take();
    }
    shown
}

fn statement(action: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": action, "Resource": "*"},
    ]})
    .to_string()
}

#[test]
fn each_field_of_a_role_is_planned_applied_and_held() {
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole",
    }]});
    Table {
        kind: "role",
        shared: &[],
        each: &[(
            "roles",
            "  NAME:
    description: What it may do.
    maxSessionDuration: 3600
    trustedBy: [ec2.amazonaws.com]
    managedPolicies: [AmazonEC2ContainerRegistryReadOnly, AmazonECSTaskExecutionRolePolicy]
    inlinePolicies:
      read: { Statement: [{ Effect: Allow, Action: 's3:GetObject', Resource: '*' }] }
    permissionsBoundary: arn:aws:iam::aws:policy/PowerUserAccess
    tags: { color: blue }
",
        )],
        follower: None,
        show: role,
        rows: vec![
            row(
                "description",
                ("What it may do.", "What it may do now."),
                ("/Description", json!("What it may do now.")),
                // moto resets the member that is left out; AWS's documents do not say, so both are sent.
                call(
                    "iam",
                    "update_role",
                    json!({"RoleName": "NAME", "Description": "Mine.", "MaxSessionDuration": 3600}),
                ),
            ),
            row(
                "maxSessionDuration",
                ("maxSessionDuration: 3600", "maxSessionDuration: 7200"),
                ("/MaxSessionDuration", json!(7200)),
                call(
                    "iam",
                    "update_role",
                    json!({"RoleName": "NAME", "Description": "What it may do.",
                           "MaxSessionDuration": 4000}),
                ),
            ),
            row(
                "trust.Statement",
                ("[ec2.amazonaws.com]", "[ecs-tasks.amazonaws.com]"),
                (
                    "/AssumeRolePolicyDocument/Statement/0/Principal/Service/0",
                    json!("ecs-tasks.amazonaws.com"),
                ),
                call(
                    "iam",
                    "update_assume_role_policy",
                    json!({"RoleName": "NAME", "PolicyDocument": trust.to_string()}),
                ),
            ),
            row(
                "managedPolicies",
                ("[AmazonEC2ContainerRegistryReadOnly,", "[AmazonEC2ContainerRegistryPowerUser,"),
                (
                    "/attached",
                    json!(["AmazonEC2ContainerRegistryPowerUser", "AmazonECSTaskExecutionRolePolicy"]),
                ),
                call(
                    "iam",
                    "attach_role_policy",
                    json!({"RoleName": "NAME", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
                ),
            ),
            row(
                "inlinePolicies.read.Statement",
                ("s3:GetObject", "s3:GetBucketLocation"),
                ("/inline/read/Statement/0/Action/0", json!("s3:GetBucketLocation")),
                call(
                    "iam",
                    "put_role_policy",
                    json!({"RoleName": "NAME", "PolicyName": "read",
                           "PolicyDocument": statement("s3:*")}),
                ),
            ),
            row(
                "inlinePolicies.write",
                (
                    "inlinePolicies:",
                    "inlinePolicies:\n      write: { Statement: [{ Effect: Allow, Action: 's3:PutObject', \
                     Resource: '*' }] }",
                ),
                ("/inline/write/Statement/0/Action/0", json!("s3:PutObject")),
                call(
                    "iam",
                    "put_role_policy",
                    json!({"RoleName": "NAME", "PolicyName": "stray",
                           "PolicyDocument": statement("s3:*")}),
                ),
            )
            .drifting(&["inlinePolicies.stray"]),
            row(
                "permissionsBoundary",
                ("policy/PowerUserAccess", "policy/ReadOnlyAccess"),
                (
                    "/PermissionsBoundary/PermissionsBoundaryArn",
                    json!("arn:aws:iam::aws:policy/ReadOnlyAccess"),
                ),
                call("iam", "delete_role_permissions_boundary", json!({"RoleName": "NAME"})),
            ),
            row(
                "tags.color",
                ("color: blue", "color: green"),
                ("/Tags/color", json!("green")),
                call(
                    "iam",
                    "tag_role",
                    json!({"RoleName": "NAME", "Tags": [{"Key": "size", "Value": "large"}]}),
                ),
            )
            .drifting(&["tags.size"]),
        ],
    }
    .check();
}

fn instance_profile(boto: &Boto, name: &str) -> Value {
    let named = json!({"InstanceProfileName": name});
    let mut shown = boto.expect("iam", "get_instance_profile", named)["InstanceProfile"].take();
    shown["Tags"] = tags(&shown["Tags"]);
    shown
}

#[test]
fn each_field_of_an_instance_profile_is_planned_applied_and_held() {
    Table {
        kind: "instanceProfile",
        shared: &[(
            "roles",
            "  first: { trustedBy: [ec2.amazonaws.com] }
  second: { trustedBy: [ec2.amazonaws.com] }
",
        )],
        each: &[(
            "instanceProfiles",
            "  NAME: { role: first, tags: { color: blue } }\n",
        )],
        follower: None,
        show: instance_profile,
        rows: vec![
            row(
                "role",
                ("role: first", "role: second"),
                ("/Roles/0/RoleName", json!("second")),
                call(
                    "iam",
                    "remove_role_from_instance_profile",
                    json!({"InstanceProfileName": "NAME", "RoleName": "second"}),
                ),
            ),
            row(
                "tags.color",
                ("color: blue", "color: green"),
                ("/Tags/color", json!("green")),
                call(
                    "iam",
                    "untag_instance_profile",
                    json!({"InstanceProfileName": "NAME", "TagKeys": ["color"]}),
                ),
            ),
        ],
    }
    .check();
}
