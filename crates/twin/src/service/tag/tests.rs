use crate::{Answer, Habits, Input, Refusal, Time, World, service};
use serde_json::{Value, json};
use std::time::Duration;

const NOW: Time = Time(1_795_737_600_000);
const REPOSITORY: &str = "arn:aws:ecr:us-east-1:123456789012:repository/web";
const GROUP: &str = "arn:aws:logs:us-east-1:123456789012:log-group:/ecs/web";

fn call_of(world: &mut World, service: &str, action: &str, members: Value) -> Answer {
    let input = Input {
        service: service.into(),
        action: action.into(),
        members: members.as_object().cloned().expect("an object"),
        ..Input::default()
    };
    service::run(world, &input)
}

fn ok(world: &mut World, action: &str, members: Value) -> Value {
    call_of(world, "tagging", action, members).expect(action)
}

fn refused(world: &mut World, action: &str, members: Value) -> Refusal {
    call_of(world, "tagging", action, members).expect_err(action)
}

/// A world in which a repository and a log group bear `stack`.
fn world() -> World {
    let mut world = World::new("us-east-1", 1, NOW, Habits::default());
    make_repository(&mut world);
    let tags = json!({ "stack": "shop", "env": "test" });
    let group = json!({ "logGroupName": "/ecs/web", "tags": tags });
    call_of(&mut world, "logs", "CreateLogGroup", group).expect("a group");
    world
}

fn make_repository(world: &mut World) {
    let tags = json!([{ "Key": "stack", "Value": "shop" }]);
    let repository = json!({ "repositoryName": "web", "tags": tags });
    call_of(world, "ecr", "CreateRepository", repository).expect("a repository");
}

fn found(world: &mut World, members: Value) -> Vec<String> {
    let answer = ok(world, "GetResources", members);
    let list = answer["ResourceTagMappingList"].as_array().expect("a list");
    let arns = list.iter().filter_map(|it| it["ResourceARN"].as_str());
    arns.map(str::to_owned).collect()
}

#[test]
fn resources_are_found_by_tags() {
    let mut world = world();
    assert_eq!(found(&mut world, json!({})), [REPOSITORY, GROUP]);
    let mut by = |filters: Value| found(&mut world, json!({ "TagFilters": filters }));
    assert_eq!(by(json!([{ "Key": "stack" }])).len(), 2);
    assert_eq!(
        by(json!([{ "Key": "stack", "Values": ["x", "shop"] }])).len(),
        2
    );
    assert_eq!(
        by(json!([{ "Key": "stack" }, { "Key": "env", "Values": ["test"] }])),
        [GROUP]
    );
    assert_eq!(
        by(json!([{ "Key": "stack", "Values": ["x"] }])),
        Vec::<String>::new()
    );
    let answer = ok(
        &mut world,
        "GetResources",
        json!({ "ResourceTypeFilters": ["ecr"] }),
    );
    let expected = json!({
        "PaginationToken": "",
        "ResourceTagMappingList": [{
            "ResourceARN": REPOSITORY,
            "Tags": [{ "Key": "stack", "Value": "shop" }],
        }],
    });
    assert_eq!(answer, expected);
}

#[test]
fn resources_are_found_by_type_and_by_arn() {
    let mut world = world();
    let mut by = |types: Value| found(&mut world, json!({ "ResourceTypeFilters": types }));
    assert_eq!(by(json!(["logs:log-group", "ecs:service"])), [GROUP]);
    assert_eq!(by(json!(["ecr:repository", "logs"])).len(), 2);
    assert_eq!(by(json!(["ecr:image"])), Vec::<String>::new());
    let named = json!({ "ResourceARNList": [GROUP, "arn:aws:ecs:us-east-1:1:cluster/none"] });
    assert_eq!(found(&mut world, named), [GROUP]);
}

#[test]
fn what_does_not_go_together_is_refused() {
    let mut world = world();
    for members in [
        json!({ "ResourceARNList": [GROUP], "TagFilters": [{ "Key": "stack" }] }),
        json!({ "ResourceARNList": [GROUP], "ResourceTypeFilters": ["ecr"] }),
        json!({ "ResourceARNList": [GROUP], "ResourcesPerPage": 10 }),
        json!({ "ResourceARNList": ["web"] }),
        json!({ "ResourcesPerPage": 101 }),
        json!({ "TagsPerPage": 99 }),
        json!({ "TagFilters": [{ "Values": ["x"] }] }),
        json!({ "ResourceTypeFilters": ["ecs:service:x"] }),
        json!({ "PaginationToken": "x" }),
        json!({ "ExcludeCompliantResources": true }),
    ] {
        let refusal = refused(&mut world, "GetResources", members.clone());
        assert_eq!(refusal.code, "InvalidParameterException", "{members}");
    }
}

#[test]
fn pages_follow_each_other_for_a_quarter_of_an_hour() {
    let mut world = world();
    let first = ok(&mut world, "GetResources", json!({ "ResourcesPerPage": 1 }));
    assert_eq!(
        first["ResourceTagMappingList"][0]["ResourceARN"],
        REPOSITORY
    );
    let next = json!({ "ResourcesPerPage": 1, "PaginationToken": first["PaginationToken"] });
    let second = ok(&mut world, "GetResources", next.clone());
    assert_eq!(second["ResourceTagMappingList"][0]["ResourceARN"], GROUP);
    assert_eq!(second["PaginationToken"], "");
    world.advance(Time(NOW.0 + 15 * 60_000 + 1));
    let refusal = refused(&mut world, "GetResources", next);
    assert_eq!(refusal.code, "PaginationTokenExpiredException");
}

#[test]
fn tags_per_page_does_not_split_a_resource() {
    let mut world = world();
    for number in 0..3 {
        let tags: serde_json::Map<String, Value> =
            (0..50).map(|it| (format!("k{it}"), json!(""))).collect();
        let group = json!({ "logGroupName": format!("g{number}"), "tags": tags });
        call_of(&mut world, "logs", "CreateLogGroup", group).expect("a group");
    }
    let asked = json!({ "TagsPerPage": 100, "ResourceTypeFilters": ["logs"] });
    // Two of the group that was there before, and one of fifty.
    assert_eq!(found(&mut world, asked).len(), 2);
}

#[test]
fn keys_and_values_are_those_in_use() {
    let mut world = world();
    let keys = ok(&mut world, "GetTagKeys", json!({}));
    assert_eq!(
        keys,
        json!({ "PaginationToken": "", "TagKeys": ["env", "stack"] })
    );
    let values = ok(&mut world, "GetTagValues", json!({ "Key": "stack" }));
    assert_eq!(
        values,
        json!({ "PaginationToken": "", "TagValues": ["shop"] })
    );
}

#[test]
fn tags_are_written_to_the_services() {
    let mut world = world();
    let missing = "arn:aws:ecr:us-east-1:123456789012:repository/none";
    let elsewhere = "arn:aws:ecr:eu-west-1:123456789012:repository/web";
    let tag = json!({
        "ResourceARNList": [REPOSITORY, GROUP, missing, elsewhere],
        "Tags": { "owner": "me" },
    });
    let answer = ok(&mut world, "TagResources", tag);
    let failed = answer["FailedResourcesMap"].as_object().expect("a map");
    assert_eq!(failed.len(), 2);
    assert_eq!(failed[missing]["ErrorCode"], "RepositoryNotFoundException");
    assert_eq!(failed[missing]["StatusCode"], 400);
    assert_eq!(failed[elsewhere]["ErrorCode"], "InvalidParameterException");
    assert_eq!(world.ecr.repositories["web"].tags["owner"], "me");
    assert_eq!(world.logs.groups["/ecs/web"].tags["owner"], "me");
    let untag = json!({ "ResourceARNList": [GROUP], "TagKeys": ["owner", "env"] });
    let answer = ok(&mut world, "UntagResources", untag);
    assert_eq!(answer, json!({ "FailedResourcesMap": {} }));
    assert_eq!(world.logs.groups["/ecs/web"].tags.len(), 1);
}

#[test]
fn tagging_needs_what_the_services_need() {
    let world = world();
    let tag = json!({ "ResourceARNList": [REPOSITORY], "Tags": { "owner": "me" } });
    let input = Input {
        members: tag.as_object().cloned().expect("an object"),
        ..Input::default()
    };
    let action = service::action("tagging", "TagResources").expect("an action");
    let grants = (action.needs)(&world, &input);
    assert_eq!(grants[0].resource, "*");
    assert_eq!(grants[1].action, "ecr:TagResource");
    assert_eq!(grants[1].resource, REPOSITORY);
    assert_eq!(grants[1].context["aws:RequestTag/owner"], ["me"]);
}

#[test]
fn a_lagging_index_shows_each_change_after_a_while() {
    let habits = Habits {
        index_lag: Duration::from_secs(5),
        ..Habits::default()
    };
    let mut world = World::new("us-east-1", 1, Time(NOW.0 - 1), habits);
    world.advance(NOW);
    make_repository(&mut world);
    world.advance(Time(NOW.0 + 4999));
    assert_eq!(found(&mut world, json!({})), Vec::<String>::new());
    world.advance(Time(NOW.0 + 5000));
    assert_eq!(found(&mut world, json!({})), [REPOSITORY]);
    let gone = json!({ "repositoryName": "web" });
    call_of(&mut world, "ecr", "DeleteRepository", gone).expect("a deletion");
    assert_eq!(found(&mut world, json!({})), [REPOSITORY]);
    world.advance(Time(NOW.0 + 60_000));
    assert_eq!(found(&mut world, json!({})), Vec::<String>::new());
}
