//! What the tests of ECS share.

use crate::{Answer, Caller, Habits, Input, Time, World, service::run};
use serde_json::Value;
use std::time::Duration;

/// An account in which nothing is made yet.
pub(super) fn world() -> World {
    World::new("us-east-1", 1, Time(1_795_737_600_000), Habits::default())
}

/// Calls an action of a service.
pub(super) fn call_of(world: &mut World, service: &str, action: &str, members: Value) -> Answer {
    let Value::Object(members) = members else {
        panic!("members are an object");
    };
    let caller = Caller {
        arn: "arn:aws:iam::123456789012:user/alice".into(),
        ..Caller::default()
    };
    let input = Input {
        service: service.into(),
        action: action.into(),
        caller,
        members,
    };
    run(world, &input)
}

/// Calls an action of ECS.
pub(super) fn call(world: &mut World, action: &str, members: Value) -> Answer {
    call_of(world, "ecs", action, members)
}

/// Calls an action of ECS that is to be done.
pub(super) fn ok(world: &mut World, action: &str, members: Value) -> Value {
    call(world, action, members).unwrap_or_else(|err| panic!("{action}: {err}"))
}

/// Calls an action of ECS that is to be refused: the code, and the words.
pub(super) fn refused(world: &mut World, action: &str, members: Value) -> (String, String) {
    match call(world, action, members) {
        Ok(answer) => panic!("{action} answered {answer}"),
        Err(err) => (err.code, err.message),
    }
}

/// Lets time pass.
pub(super) fn pass(world: &mut World, seconds: u64) {
    let to = world.now + Duration::from_secs(seconds);
    world.advance(to);
}
