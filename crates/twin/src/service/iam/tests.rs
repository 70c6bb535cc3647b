use super::*;
use crate::{Habits, Time};
use serde_json::{Value, json};
use std::time::Duration;

mod documents;
mod judging;
mod policies;
mod profiles;
mod roles;
mod simulating;

fn world() -> World {
    World::new("us-east-1", 1, Time(1_795_737_600_000), Habits::default())
}

fn input(action: &str, members: Value) -> Input {
    let service = match action {
        "AssumeRole" => "sts",
        _ => "iam",
    };
    let (caller, _) = crate::service::sts::caller(&world(), "").expect("the administrator");
    Input {
        service: service.into(),
        action: action.into(),
        caller,
        members: members.as_object().cloned().expect("an object"),
    }
}

fn call(world: &mut World, action: &str, members: Value) -> Value {
    match crate::service::run(world, &input(action, members)) {
        Ok(answer) => answer,
        Err(refusal) => panic!("{action}: {refusal}"),
    }
}

fn refused(world: &mut World, action: &str, members: Value) -> String {
    match crate::service::run(world, &input(action, members)) {
        Ok(answer) => panic!("{action}: {answer}"),
        Err(refusal) => refusal.to_string(),
    }
}

fn trusting(principal: Value) -> String {
    let statement = json!({
        "Effect": "Allow",
        "Principal": principal,
        "Action": "sts:AssumeRole",
    });
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

/// A role that tasks may assume.
fn role(world: &mut World, name: &str) -> String {
    let trust = trusting(json!({ "Service": "ecs-tasks.amazonaws.com" }));
    let role = json!({ "RoleName": name, "AssumeRolePolicyDocument": trust });
    let made = call(world, "CreateRole", role);
    text(&made["Role"]["Arn"]).to_owned()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// A document of one statement.
fn policy(statement: Value) -> String {
    json!({ "Version": "2012-10-17", "Statement": statement }).to_string()
}

fn put_inline(world: &mut World, role: &str, statement: Value) {
    let members = json!({
        "RoleName": role,
        "PolicyName": "own",
        "PolicyDocument": policy(statement),
    });
    call(world, "PutRolePolicy", members);
}

/// A session of the administrator in a role that trusts the account.
fn session(world: &mut World, role: &str, policy: Option<Value>) -> Caller {
    if role::by_name(world, role).is_none() {
        let trust = trusting(json!({ "AWS": "arn:aws:iam::123456789012:root" }));
        let made = json!({ "RoleName": role, "AssumeRolePolicyDocument": trust });
        call(world, "CreateRole", made);
        world.advance(world.now + Duration::from_secs(10));
    }
    let mut members = json!({
        "RoleArn": format!("arn:aws:iam::123456789012:role/{role}"),
        "RoleSessionName": "test",
    });
    if let Some(policy) = policy {
        members["Policy"] = policy.to_string().into();
    }
    let answer = call(world, "AssumeRole", members);
    let key = text(&answer["Credentials"]["AccessKeyId"]);
    crate::service::sts::caller(world, key)
        .expect("a session")
        .0
}
