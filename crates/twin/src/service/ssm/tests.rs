//! Parameters: those of AWS, and the account's own.

use crate::{Answer, Habits, Input, Time, World, service};
use serde_json::{Value, json};

const PATH: &str = "/aws/service/ecs/optimized-ami/amazon-linux-2023";

fn run(action: &str, members: Value) -> Answer {
    run_in(&mut world(), action, members)
}

fn world() -> World {
    World::new("us-east-1", 1, Time(0), Habits::default())
}

fn run_in(world: &mut World, action: &str, members: Value) -> Answer {
    let input = Input {
        service: "ssm".to_owned(),
        action: action.to_owned(),
        members: members.as_object().cloned().unwrap_or_default(),
        ..Input::default()
    };
    service::run(world, &input)
}

fn value(name: &str) -> String {
    let answer = run("GetParameter", json!({ "Name": name })).unwrap();
    answer["Parameter"]["Value"].as_str().unwrap().to_owned()
}

#[test]
fn an_image_is_named_alone_and_inside_a_document() {
    let document: Value = serde_json::from_str(&value(&format!("{PATH}/recommended"))).unwrap();
    let image = value(&format!("{PATH}/recommended/image_id"));
    assert_eq!(document["image_id"], *image);
    assert_eq!(document["os"], "Amazon Linux 2023");
    assert_eq!(document["schema_version"], 1);
    assert!(image.starts_with("ami-0") && image.len() == 21, "{image}");
    assert_ne!(value(&format!("{PATH}/arm64/recommended/image_id")), image);
    let plain = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";
    assert!(value(plain).starts_with("ami-0"));
}

#[test]
fn a_parameter_shows_where_it_is_from() {
    let name = format!("{PATH}/recommended/image_id");
    let answer = run("GetParameter", json!({ "Name": name })).unwrap();
    let parameter = &answer["Parameter"];
    assert_eq!(
        parameter["ARN"],
        format!("arn:aws:ssm:us-east-1::parameter{name}")
    );
    assert_eq!(parameter["DataType"], "aws:ec2:image");
    assert_eq!(parameter["Type"], "String");
}

#[test]
fn what_is_not_there_is_an_error_alone_and_a_list_among_others() {
    let none = format!("{PATH}/none");
    let refusal = run("GetParameter", json!({ "Name": none })).unwrap_err();
    assert_eq!(refusal.code, "ParameterNotFound");
    let names = json!({ "Names": [none, format!("{PATH}/recommended/os")] });
    let answer = run("GetParameters", names).unwrap();
    assert_eq!(answer["InvalidParameters"], json!([none]));
    assert_eq!(answer["Parameters"][0]["Value"], "Amazon Linux 2023");
    let many: Vec<String> = (0..11).map(|it| it.to_string()).collect();
    let refusal = run("GetParameters", json!({ "Names": many })).unwrap_err();
    assert_eq!(refusal.code, "ValidationException");
}

#[test]
fn a_path_lists_what_is_right_below_it_or_all() {
    let below = run("GetParametersByPath", json!({ "Path": PATH })).unwrap();
    let below = below["Parameters"].as_array().unwrap();
    assert_eq!(below.len(), 1);
    assert_eq!(below[0]["Name"], format!("{PATH}/recommended"));
    let all = json!({ "Path": PATH, "Recursive": true });
    let all = run("GetParametersByPath", all).unwrap();
    assert_eq!(all["Parameters"].as_array().unwrap().len(), 10);
    assert!(all["NextToken"].is_string());
}

#[test]
fn a_parameter_keeps_its_versions_and_its_type() {
    let mut world = world();
    let put = |value: &str, more: Value| {
        let mut members = json!({ "Name": "/shop/key", "Value": value });
        let more = more.as_object().cloned().unwrap_or_default();
        members.as_object_mut().unwrap().extend(more);
        members
    };
    let refusal = run_in(&mut world, "PutParameter", put("a", json!({}))).unwrap_err();
    assert_eq!(refusal.code, "ValidationException");
    let first = put("a", json!({ "Type": "SecureString" }));
    run_in(&mut world, "PutParameter", first.clone()).unwrap();
    let refusal = run_in(&mut world, "PutParameter", first).unwrap_err();
    assert_eq!(refusal.code, "ParameterAlreadyExists");
    let other = put("b", json!({ "Type": "String", "Overwrite": true }));
    let refusal = run_in(&mut world, "PutParameter", other).unwrap_err();
    assert_eq!(refusal.code, "HierarchyTypeMismatchException");
    let next = put("b", json!({ "Overwrite": true }));
    assert_eq!(
        run_in(&mut world, "PutParameter", next).unwrap()["Version"],
        2
    );
    let read = |world: &mut World, name: &str, clear: bool| {
        let members = json!({ "Name": name, "WithDecryption": clear });
        run_in(world, "GetParameter", members).map(|it| it["Parameter"]["Value"].clone())
    };
    assert_eq!(read(&mut world, "/shop/key", true), Ok("b".into()));
    assert_eq!(read(&mut world, "/shop/key:1", true), Ok("a".into()));
    assert_ne!(read(&mut world, "/shop/key", false), Ok("b".into()));
    let arn = super::arn(&world, "/shop/key");
    assert_eq!(read(&mut world, &arn, true), Ok("b".into()));
    let refusal = read(&mut world, "/shop/key:3", true).unwrap_err();
    assert_eq!(refusal.code, "ParameterVersionNotFound");
    assert_eq!(super::parameter(&world, "/shop/key"), Some("b".to_owned()));
}

#[test]
fn only_the_last_hundred_versions_are_kept() {
    let mut world = world();
    for _ in 0..102 {
        let members = json!({ "Name": "n", "Value": "v", "Type": "String", "Overwrite": true });
        run_in(&mut world, "PutParameter", members).unwrap();
    }
    let versions = &world.ssm.parameters["n"].versions;
    let numbers: Vec<i64> = versions.iter().map(|it| it.number).collect();
    assert_eq!(numbers, (3..=102).collect::<Vec<_>>());
}

#[test]
fn names_that_aws_keeps_or_that_are_none_are_refused() {
    let deep = "/a".repeat(16);
    for (name, code) in [
        ("/aws/x", "AccessDeniedException"),
        ("ssm-x", "ValidationException"),
        ("a/b", "ValidationException"),
        ("a b", "ValidationException"),
        (&deep, "HierarchyLevelLimitExceededException"),
    ] {
        let members = json!({ "Name": name, "Value": "v", "Type": "String" });
        assert_eq!(
            run("PutParameter", members).unwrap_err().code,
            code,
            "{name}"
        );
    }
}

#[test]
fn own_parameters_are_tagged_by_name_and_by_arn() {
    let mut world = world();
    let put = json!({
        "Name": "plain", "Value": "v", "Type": "String", "Tags": [{ "Key": "a", "Value": "1" }],
    });
    run_in(&mut world, "PutParameter", put).unwrap();
    let arn = super::arn(&world, "plain");
    let input = Input {
        service: "tagging".to_owned(),
        action: "TagResources".to_owned(),
        members: json!({ "ResourceARNList": [arn], "Tags": { "b": "2" } })
            .as_object()
            .cloned()
            .unwrap(),
        ..Input::default()
    };
    let answer = service::run(&mut world, &input).unwrap();
    assert_eq!(answer["FailedResourcesMap"], json!({}));
    let listed = json!({ "ResourceType": "Parameter", "ResourceId": "plain" });
    let listed = run_in(&mut world, "ListTagsForResource", listed).unwrap();
    let tags = json!([{ "Key": "a", "Value": "1" }, { "Key": "b", "Value": "2" }]);
    assert_eq!(listed["TagList"], tags);
}
