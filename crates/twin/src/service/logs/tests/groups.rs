use super::*;
use crate::service::logs::{group_exists, tagged};

#[test]
fn a_group_is_shown_with_both_arns() {
    let mut world = with(&["/ecs/app"]);
    let shown = ok(&mut world, "DescribeLogGroups", json!({}));
    let arn = "arn:aws:logs:us-east-1:123456789012:log-group:/ecs/app";
    let expected = json!({
        "logGroupName": "/ecs/app",
        "creationTime": NOW.0,
        "metricFilterCount": 0,
        "arn": format!("{arn}:*"),
        "storedBytes": 0,
        "logGroupClass": "STANDARD",
        "logGroupArn": arn,
        "deletionProtectionEnabled": false,
    });
    assert_eq!(shown, json!({ "logGroups": [expected] }));
    assert!(group_exists(&world, "/ecs/app") && !group_exists(&world, "/ecs/ap"));
}

#[test]
fn a_name_is_taken_once_and_has_a_form() {
    let mut world = with(&["/ecs/app"]);
    let refusal = refused(
        &mut world,
        "CreateLogGroup",
        json!({ "logGroupName": "/ecs/app" }),
    );
    assert_eq!(refusal.code, "ResourceAlreadyExistsException");
    assert_eq!(refusal.message, "The specified log group already exists");
    for name in ["aws/x", "a b", "a:b", &"a".repeat(513)] {
        let refusal = refused(
            &mut world,
            "CreateLogGroup",
            json!({ "logGroupName": name }),
        );
        assert_eq!(refusal.code, "InvalidParameterException", "{name}");
    }
    ok(
        &mut world,
        "CreateLogGroup",
        json!({ "logGroupName": "/aws/ecs#1" }),
    );
}

#[test]
fn groups_are_found_by_prefix_part_and_name() {
    let mut world = with(&["/ecs/app-2", "/ecs/app", "other/ecs"]);
    let mut found = |members: Value| {
        let answer = ok(&mut world, "DescribeLogGroups", members);
        let names: Vec<String> = names(&answer).into_iter().map(str::to_owned).collect();
        names
    };
    assert_eq!(
        found(json!({ "logGroupNamePrefix": "/ecs/app" })),
        ["/ecs/app", "/ecs/app-2"]
    );
    assert_eq!(found(json!({ "logGroupNamePattern": "ecs" })).len(), 3);
    let named = json!({ "logGroupIdentifiers": ["other/ecs", "missing"] });
    assert_eq!(found(named), ["other/ecs"]);
    let part = json!({ "logGroupNamePattern": "app-" });
    let answer = ok(&mut world, "DescribeLogGroups", part);
    let only = json!({
        "logGroupName": "/ecs/app-2",
        "creationTime": NOW.0,
        "arn": "arn:aws:logs:us-east-1:123456789012:log-group:/ecs/app-2:*",
    });
    assert_eq!(answer["logGroups"], json!([only]));
    let both = json!({ "logGroupNamePrefix": "a", "logGroupNamePattern": "b" });
    let refusal = refused(&mut world, "DescribeLogGroups", both);
    assert_eq!(refusal.code, "InvalidParameterException");
}

#[test]
fn groups_are_paged_by_fifty() {
    let all: Vec<String> = (0..51).map(|it| format!("g{it:02}")).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let mut world = with(&all);
    let first = ok(&mut world, "DescribeLogGroups", json!({}));
    assert_eq!(names(&first).len(), 50);
    let next = json!({ "nextToken": first["nextToken"] });
    let second = ok(&mut world, "DescribeLogGroups", next);
    assert_eq!(names(&second), ["g50"]);
    let refusal = refused(&mut world, "DescribeLogGroups", json!({ "nextToken": "x" }));
    assert_eq!(refusal.message, "The specified nextToken is invalid.");
}

#[test]
fn retention_is_one_of_the_days_that_aws_has() {
    let mut world = with(&["g"]);
    let put = |days: i64| json!({ "logGroupName": "g", "retentionInDays": days });
    ok(&mut world, "PutRetentionPolicy", put(14));
    let shown = ok(&mut world, "DescribeLogGroups", json!({}));
    assert_eq!(shown["logGroups"][0]["retentionInDays"], 14);
    let refusal = refused(&mut world, "PutRetentionPolicy", put(15));
    assert_eq!(refusal.code, "InvalidParameterException");
    ok(
        &mut world,
        "DeleteRetentionPolicy",
        json!({ "logGroupName": "g" }),
    );
    let shown = ok(&mut world, "DescribeLogGroups", json!({}));
    assert_eq!(shown["logGroups"][0].get("retentionInDays"), None);
    let missing = json!({ "logGroupName": "x", "retentionInDays": 14 });
    let refusal = refused(&mut world, "PutRetentionPolicy", missing);
    assert_eq!(refusal.code, "ResourceNotFoundException");
    assert_eq!(refusal.message, "The specified log group does not exist.");
}

#[test]
fn a_protected_group_is_kept() {
    let mut world = with(&["g"]);
    let protect = |on: bool| {
        json!({
            "logGroupIdentifier": "arn:aws:logs:us-east-1:123456789012:log-group:g",
            "deletionProtectionEnabled": on,
        })
    };
    ok(&mut world, "PutLogGroupDeletionProtection", protect(true));
    let refusal = refused(&mut world, "DeleteLogGroup", json!({ "logGroupName": "g" }));
    assert_eq!(refusal.code, "ValidationException");
    ok(&mut world, "PutLogGroupDeletionProtection", protect(false));
    ok(&mut world, "DeleteLogGroup", json!({ "logGroupName": "g" }));
    let refusal = refused(&mut world, "DeleteLogGroup", json!({ "logGroupName": "g" }));
    assert_eq!(refusal.code, "ResourceNotFoundException");
}

#[test]
fn a_key_comes_and_goes() {
    let mut world = with(&["g"]);
    let arn = "arn:aws:kms:us-east-1:123456789012:key/1";
    let wrong = json!({ "logGroupName": "g", "kmsKeyId": "alias/x" });
    let refusal = refused(&mut world, "AssociateKmsKey", wrong);
    assert_eq!(refusal.code, "InvalidParameterException");
    ok(
        &mut world,
        "AssociateKmsKey",
        json!({ "logGroupName": "g", "kmsKeyId": arn }),
    );
    assert_eq!(world.logs.groups["g"].key.as_deref(), Some(arn));
    ok(
        &mut world,
        "DisassociateKmsKey",
        json!({ "logGroupName": "g" }),
    );
    assert_eq!(world.logs.groups["g"].key, None);
}

#[test]
fn tags_are_written_by_arn_without_the_star_and_by_name() {
    let mut world = with(&["g"]);
    let arn = "arn:aws:logs:us-east-1:123456789012:log-group:g";
    let tag = json!({ "resourceArn": arn, "tags": { "a": "1", "b": "2" } });
    ok(&mut world, "TagResource", tag);
    ok(
        &mut world,
        "TagLogGroup",
        json!({ "logGroupName": "g", "tags": { "c": "3" } }),
    );
    ok(
        &mut world,
        "UntagResource",
        json!({ "resourceArn": arn, "tagKeys": ["a"] }),
    );
    ok(
        &mut world,
        "UntagLogGroup",
        json!({ "logGroupName": "g", "tags": ["b"] }),
    );
    let expected = json!({ "tags": { "c": "3" } });
    let listed = ok(
        &mut world,
        "ListTagsForResource",
        json!({ "resourceArn": arn }),
    );
    assert_eq!(listed, expected);
    let listed = ok(
        &mut world,
        "ListTagsLogGroup",
        json!({ "logGroupName": "g" }),
    );
    assert_eq!(listed, expected);
    assert_eq!(tagged(&world)[0].0, arn);
    let star = json!({ "resourceArn": format!("{arn}:*") });
    let refusal = refused(&mut world, "ListTagsForResource", star);
    assert_eq!(refusal.code, "InvalidParameterException");
    let missing = json!({ "resourceArn": format!("{arn}2") });
    let refusal = refused(&mut world, "ListTagsForResource", missing);
    assert_eq!(refusal.code, "ResourceNotFoundException");
}

#[test]
fn iam_is_asked_for_a_group_as_for_its_streams() {
    let world = with(&[]);
    let grants = |action: &str, members: Value| {
        let action = service::action("logs", action).expect("an action");
        let input = Input {
            members: members.as_object().cloned().expect("an object"),
            ..Input::default()
        };
        (action.needs)(&world, &input)
    };
    let made = grants(
        "CreateLogGroup",
        json!({ "logGroupName": "g", "tags": { "a": "1" } }),
    );
    let arn = "arn:aws:logs:us-east-1:123456789012:log-group:g";
    assert_eq!(made[0].resource, format!("{arn}:log-stream:"));
    assert_eq!(
        (made[1].action.as_str(), made[1].resource.as_str()),
        ("logs:TagResource", arn)
    );
    let tagged = grants("TagResource", json!({ "resourceArn": arn, "tags": {} }));
    assert_eq!(tagged[0].resource, arn);
}
