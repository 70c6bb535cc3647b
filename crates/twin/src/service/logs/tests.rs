mod events;
mod groups;
mod patterns;

use crate::{Answer, Habits, Input, Refusal, Time, World, service};
use serde_json::{Value, json};

const NOW: Time = Time(1_795_737_600_000);
const DAY: u64 = 24 * 3600 * 1000;

fn call(world: &mut World, action: &str, members: Value) -> Answer {
    let input = Input {
        service: "logs".into(),
        action: action.into(),
        members: members.as_object().cloned().expect("an object"),
        ..Input::default()
    };
    service::run(world, &input)
}

fn ok(world: &mut World, action: &str, members: Value) -> Value {
    call(world, action, members).expect(action)
}

fn refused(world: &mut World, action: &str, members: Value) -> Refusal {
    call(world, action, members).expect_err(action)
}

/// A world with these groups.
fn with(groups: &[&str]) -> World {
    let mut world = World::new("us-east-1", 1, NOW, Habits::default());
    for name in groups {
        ok(
            &mut world,
            "CreateLogGroup",
            json!({ "logGroupName": name }),
        );
    }
    world
}

fn names(answer: &Value) -> Vec<&str> {
    let groups = answer["logGroups"].as_array().expect("a list");
    groups
        .iter()
        .filter_map(|it| it["logGroupName"].as_str())
        .collect()
}

fn messages(answer: &Value) -> Vec<&str> {
    let events = answer["events"].as_array().expect("a list");
    events
        .iter()
        .filter_map(|it| it["message"].as_str())
        .collect()
}
