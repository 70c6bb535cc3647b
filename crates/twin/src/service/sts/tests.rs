use super::*;
use crate::{Habits, Time};
use serde_json::Value;
use std::time::Duration;

const ROLE: &str = "arn:aws:iam::123456789012:role/deploy";

fn world() -> World {
    World::new("us-east-1", 1, Time(1_795_737_600_000), Habits::default())
}

fn run(world: &mut World, key: &str, action: &str, members: Value) -> Answer {
    let (caller, _) = caller(world, key).expect("a caller");
    let service = match action {
        "CreateRole" | "DeleteRole" | "PutRolePolicy" => "iam",
        _ => "sts",
    };
    let input = Input {
        service: service.into(),
        action: action.into(),
        caller,
        members: members.as_object().cloned().expect("an object"),
    };
    crate::service::run(world, &input)
}

fn create(world: &mut World, name: &str, statement: Value) {
    let trust = json!({ "Version": "2012-10-17", "Statement": statement });
    let role = json!({ "RoleName": name, "AssumeRolePolicyDocument": trust.to_string() });
    run(world, "", "CreateRole", role).expect("a role");
    world.advance(world.now + Duration::from_secs(10));
}

fn trusting(principal: Value) -> Value {
    json!({ "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" })
}

fn assume(world: &mut World, key: &str, more: Value) -> Answer {
    let mut members = json!({ "RoleArn": ROLE, "RoleSessionName": "ci" });
    for (name, value) in more.as_object().into_iter().flatten() {
        members[name] = value.clone();
    }
    run(world, key, "AssumeRole", members)
}

fn key(answer: &Value) -> String {
    let key = answer["Credentials"]["AccessKeyId"].as_str();
    key.expect("an access key").to_owned()
}

#[test]
fn a_session_calls_as_its_role_until_it_is_over() {
    let mut world = world();
    create(
        &mut world,
        "deploy",
        trusting(json!({ "AWS": "arn:aws:iam::123456789012:root" })),
    );
    let answer = assume(&mut world, "", json!({ "DurationSeconds": 900 })).expect("a session");
    let key = key(&answer);
    assert!(key.starts_with("ASIA") && key.len() == 20);
    let identity = run(&mut world, &key, "GetCallerIdentity", json!({})).expect("an identity");
    assert_eq!(
        identity["Arn"],
        "arn:aws:sts::123456789012:assumed-role/deploy/ci"
    );
    assert_eq!(
        identity["UserId"],
        answer["AssumedRoleUser"]["AssumedRoleId"]
    );
    let (_, secret) = caller(&world, &key).expect("a session");
    assert_eq!(answer["Credentials"]["SecretAccessKey"], secret.as_str());
    assert_eq!(
        answer["Credentials"]["SessionToken"].as_str(),
        token(&world, &key)
    );
    world.advance(world.now + Duration::from_secs(900));
    assert_eq!(caller(&world, &key), None);
    assert!(is_over(&world, &key));
}

#[test]
fn any_other_key_is_the_administrators() {
    let mut world = world();
    let identity = run(&mut world, "AKIATEST", "GetCallerIdentity", json!({}));
    assert_eq!(
        identity.expect("an identity")["Arn"],
        "arn:aws:iam::123456789012:user/admin"
    );
    assert_eq!(
        caller(&world, "AKIATEST").map(|it| it.1).as_deref(),
        Some("secret")
    );
}

#[test]
fn a_role_is_assumed_only_by_whom_it_trusts() {
    let mut world = world();
    let denied = "AccessDenied: User: arn:aws:iam::123456789012:user/admin is not authorized to \
                  perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/deploy";
    let refused = assume(&mut world, "", json!({})).expect_err("no such role");
    assert_eq!(refused.to_string(), denied);
    create(
        &mut world,
        "deploy",
        trusting(json!({ "Service": "ec2.amazonaws.com" })),
    );
    let refused = assume(&mut world, "", json!({})).expect_err("another's role");
    assert_eq!(refused.to_string(), denied);
    assert_eq!(refused.status, Some(403));
}

#[test]
fn conditions_of_a_trust_policy_count() {
    let mut world = world();
    let mut statement = trusting(json!({ "AWS": "123456789012" }));
    statement["Condition"] = json!({ "StringEquals": { "sts:ExternalId": "shop" } });
    create(&mut world, "deploy", statement);
    assert!(assume(&mut world, "", json!({})).is_err());
    assert!(assume(&mut world, "", json!({ "ExternalId": "shop" })).is_ok());
}

#[test]
fn a_session_that_assumes_a_role_is_judged_by_both_sides() {
    let mut world = world();
    world.habits.enforce_policies = true;
    create(
        &mut world,
        "ci",
        trusting(json!({ "AWS": "arn:aws:iam::123456789012:root" })),
    );
    let first = json!({ "RoleArn": "arn:aws:iam::123456789012:role/ci", "RoleSessionName": "ci" });
    let first = run(&mut world, "", "AssumeRole", first).expect("a session");
    let key = key(&first);
    create(
        &mut world,
        "deploy",
        trusting(json!({ "AWS": "arn:aws:iam::123456789012:root" })),
    );
    let refused = assume(&mut world, &key, json!({})).expect_err("no policy of its own");
    assert!(
        refused
            .message
            .contains("because no identity-based policy allows")
    );
    let allow = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": ROLE,
    }});
    let policy = json!({
        "RoleName": "ci",
        "PolicyName": "own",
        "PolicyDocument": allow.to_string(),
    });
    run(&mut world, "", "PutRolePolicy", policy).expect("a policy");
    assert!(assume(&mut world, &key, json!({})).is_ok());
    // A session of a session lasts an hour at most.
    let long = assume(&mut world, &key, json!({ "DurationSeconds": 7200 }));
    assert!(
        long.expect_err("too long")
            .message
            .contains("role chaining")
    );
    // A role that is named itself needs no policy.
    let deleted = run(
        &mut world,
        "",
        "DeleteRole",
        json!({ "RoleName": "deploy" }),
    );
    deleted.expect("it is gone");
    let named = trusting(json!({ "AWS": "arn:aws:iam::123456789012:role/ci" }));
    create(&mut world, "deploy", named);
    assert!(assume(&mut world, &key, json!({})).is_ok());
}

#[test]
fn a_session_is_no_longer_than_its_role_lets_it_be() {
    let mut world = world();
    create(&mut world, "deploy", trusting(json!("*")));
    let long = assume(&mut world, "", json!({ "DurationSeconds": 3601 }));
    assert_eq!(
        long.expect_err("too long").to_string(),
        "ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for \
         this role."
    );
}

#[test]
fn a_token_stands_for_the_same_user() {
    let mut world = world();
    let answer = run(&mut world, "", "GetSessionToken", json!({})).expect("a token");
    let key = key(&answer);
    let (who, _) = caller(&world, &key).expect("a caller");
    assert_eq!(who.arn, "arn:aws:iam::123456789012:user/admin");
    let again = run(&mut world, &key, "GetSessionToken", json!({}));
    assert_eq!(again.expect_err("no chaining").code, "AccessDenied");
    let asked = Input {
        service: "iam".into(),
        action: "ListRoles".into(),
        caller: who,
        ..Input::default()
    };
    let judged = crate::service::iam::judge(&world, &asked, &[]);
    assert_eq!(
        judged.expect_err("no second factor").code,
        "InvalidClientTokenId"
    );
}
