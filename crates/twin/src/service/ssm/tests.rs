//! Public parameters.

use crate::{Answer, Habits, Input, Time, World, service};
use serde_json::{Value, json};

const PATH: &str = "/aws/service/ecs/optimized-ami/amazon-linux-2023";

fn run(action: &str, members: Value) -> Answer {
    let mut world = World::new("us-east-1", 1, Time(0), Habits::default());
    let input = Input {
        service: "ssm".to_owned(),
        action: action.to_owned(),
        members: members.as_object().cloned().unwrap_or_default(),
        ..Input::default()
    };
    service::run(&mut world, &input)
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
