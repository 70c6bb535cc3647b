//! Launch templates.

use super::super::tests::{by, ok, refused, run, texts, world};
use crate::{Input, World, service};
use serde_json::{Value, json};

fn data() -> Value {
    json!({ "ImageId": "ami-0123456789abcdef0", "InstanceType": "t3.small", "UserData": "aGVsbG8=" })
}

fn make(world: &mut World, name: &str) -> String {
    let members = json!({ "LaunchTemplateName": name, "LaunchTemplateData": data() });
    let made = ok(world, "CreateLaunchTemplate", members);
    made["LaunchTemplate"]["LaunchTemplateId"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn versions(world: &mut World, asked: Value) -> Vec<(i64, Value)> {
    let members = json!({ "LaunchTemplateName": "web", "Versions": asked });
    let found = ok(world, "DescribeLaunchTemplateVersions", members);
    let found = found["LaunchTemplateVersions"].as_array().unwrap().iter();
    found
        .map(|it| {
            (
                it["VersionNumber"].as_i64().unwrap(),
                it["LaunchTemplateData"].clone(),
            )
        })
        .collect()
}

#[test]
fn a_version_inherits_from_its_source_and_only_from_it() {
    let mut world = world();
    let id = make(&mut world, "web");
    let publish = |source: Value| {
        let mut members = json!({
            "LaunchTemplateId": id,
            "LaunchTemplateData": { "InstanceType": "t3.large" },
        });
        if !source.is_null() {
            members["SourceVersion"] = source;
        }
        members
    };
    ok(
        &mut world,
        "CreateLaunchTemplateVersion",
        publish("1".into()),
    );
    ok(
        &mut world,
        "CreateLaunchTemplateVersion",
        publish(Value::Null),
    );
    let mut merged = data();
    merged["InstanceType"] = "t3.large".into();
    let shown = versions(&mut world, json!(["2", "$Latest"]));
    assert_eq!(shown[1], (2, merged));
    assert_eq!(shown[0], (3, json!({ "InstanceType": "t3.large" })));
    let code = refused(
        &mut world,
        "CreateLaunchTemplateVersion",
        publish("9".into()),
    );
    assert_eq!(code, "InvalidLaunchTemplateId.VersionNotFound");
}

#[test]
fn the_default_stays_the_first_until_it_is_moved() {
    let mut world = world();
    let id = make(&mut world, "web");
    let both = json!(["$Latest", "$Default"]);
    assert_eq!(versions(&mut world, both.clone()).len(), 1);
    let version = json!({ "LaunchTemplateId": id, "LaunchTemplateData": { "ImageId": "ami-2" } });
    ok(&mut world, "CreateLaunchTemplateVersion", version);
    let numbers: Vec<i64> = versions(&mut world, both)
        .into_iter()
        .map(|it| it.0)
        .collect();
    assert_eq!(numbers, [2, 1]);
    let modify = json!({ "LaunchTemplateId": id, "DefaultVersion": "2" });
    let shown = ok(&mut world, "ModifyLaunchTemplate", modify);
    assert_eq!(shown["LaunchTemplate"]["DefaultVersionNumber"], 2);
    let delete = json!({ "LaunchTemplateId": id, "Versions": ["1", "2", "7"] });
    let answer = ok(&mut world, "DeleteLaunchTemplateVersions", delete);
    let deleted = &answer["SuccessfullyDeletedLaunchTemplateVersions"];
    assert_eq!(deleted[0]["VersionNumber"], 1);
    let kept = &answer["UnsuccessfullyDeletedLaunchTemplateVersions"];
    assert_eq!(kept[0]["ResponseError"]["Code"], "unexpectedError");
    assert_eq!(
        kept[1]["ResponseError"]["Code"],
        "launchTemplateVersionDoesNotExist"
    );
}

#[test]
fn a_number_is_never_given_out_again() {
    let mut world = world();
    let id = make(&mut world, "web");
    let version = json!({ "LaunchTemplateId": id, "LaunchTemplateData": { "ImageId": "ami-2" } });
    ok(&mut world, "CreateLaunchTemplateVersion", version.clone());
    let delete = json!({ "LaunchTemplateId": id, "Versions": ["2"] });
    ok(&mut world, "DeleteLaunchTemplateVersions", delete);
    let shown = ok(
        &mut world,
        "DescribeLaunchTemplates",
        json!({ "LaunchTemplateIds": [id] }),
    );
    assert_eq!(shown["LaunchTemplates"][0]["LatestVersionNumber"], 1);
    let made = ok(&mut world, "CreateLaunchTemplateVersion", version);
    assert_eq!(made["LaunchTemplateVersion"]["VersionNumber"], 3);
}

#[test]
fn what_is_not_there_has_aws_own_codes() {
    let mut world = world();
    make(&mut world, "web");
    let name = json!({ "LaunchTemplateName": "none" });
    let id = json!({ "LaunchTemplateId": format!("lt-{}", "0".repeat(17)) });
    for action in ["DescribeLaunchTemplateVersions", "DeleteLaunchTemplate"] {
        let code = refused(&mut world, action, name.clone());
        assert_eq!(code, "InvalidLaunchTemplateName.NotFoundException");
        let code = refused(&mut world, action, id.clone());
        assert_eq!(code, "InvalidLaunchTemplateId.NotFound");
    }
    let names = json!({ "LaunchTemplateNames": ["none"] });
    let code = refused(&mut world, "DescribeLaunchTemplates", names);
    assert_eq!(code, "InvalidLaunchTemplateName.NotFoundException");
    let filtered = by("launch-template-name", &["none"]);
    let none = ok(&mut world, "DescribeLaunchTemplates", filtered);
    assert_eq!(none["LaunchTemplates"], json!([]));
    let again = json!({ "LaunchTemplateName": "web", "LaunchTemplateData": data() });
    let code = refused(&mut world, "CreateLaunchTemplate", again);
    assert_eq!(code, "InvalidLaunchTemplateName.AlreadyExistsException");
    let version = json!({ "LaunchTemplateName": "web", "Versions": ["4"] });
    let code = refused(&mut world, "DescribeLaunchTemplateVersions", version);
    assert_eq!(code, "InvalidLaunchTemplateId.VersionNotFound");
}

#[test]
fn a_client_token_makes_one_template_and_one_version() {
    let mut world = world();
    let create = json!({
        "LaunchTemplateName": "web", "LaunchTemplateData": data(), "ClientToken": "t",
    });
    let first = ok(&mut world, "CreateLaunchTemplate", create.clone());
    assert_eq!(
        ok(&mut world, "CreateLaunchTemplate", create.clone()),
        first
    );
    let mut other = create;
    other["LaunchTemplateName"] = "other".into();
    let code = refused(&mut world, "CreateLaunchTemplate", other);
    assert_eq!(code, "IdempotentParameterMismatch");
    let version = json!({
        "LaunchTemplateName": "web", "LaunchTemplateData": data(), "ClientToken": "t",
    });
    for _ in 0..2 {
        let made = ok(&mut world, "CreateLaunchTemplateVersion", version.clone());
        assert_eq!(made["LaunchTemplateVersion"]["VersionNumber"], 2);
    }
}

#[test]
fn an_alias_is_shown_unless_it_is_to_be_resolved() {
    let mut world = world();
    let parameter = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id";
    let alias = format!("resolve:ssm:{parameter}");
    let members = json!({
        "LaunchTemplateName": "web",
        "LaunchTemplateData": { "ImageId": alias, "MetadataOptions": { "HttpTokens": "required" } },
    });
    ok(&mut world, "CreateLaunchTemplate", members);
    let shown = &versions(&mut world, json!(["$Latest"]))[0].1;
    assert_eq!(shown["ImageId"], *alias);
    assert_eq!(
        shown["MetadataOptions"],
        json!({ "HttpTokens": "required", "State": "pending" })
    );
    let resolve = json!({ "LaunchTemplateName": "web", "ResolveAlias": true });
    let shown = ok(&mut world, "DescribeLaunchTemplateVersions", resolve);
    let image = &shown["LaunchTemplateVersions"][0]["LaunchTemplateData"]["ImageId"];
    let parameter = service::ssm::parameter(&world, parameter);
    assert_eq!(image.as_str(), parameter.as_deref());
}

#[test]
fn names_user_data_and_tags_are_checked() {
    let mut world = world();
    let create =
        |name: &str, data: Value| json!({ "LaunchTemplateName": name, "LaunchTemplateData": data });
    let long = "x".repeat(129);
    for name in ["ab", "a b c", &long] {
        let code = refused(&mut world, "CreateLaunchTemplate", create(name, data()));
        assert_eq!(code, "InvalidLaunchTemplateName.MalformedException");
    }
    let code = refused(
        &mut world,
        "CreateLaunchTemplate",
        create("web", json!({ "UserData": "%" })),
    );
    assert_eq!(code, "InvalidUserData.Malformed");
    let big = "A".repeat(21_856);
    let big = run(
        &mut world,
        "CreateLaunchTemplate",
        create("web", json!({ "UserData": big })),
    );
    assert_eq!(
        big.unwrap_err().message,
        "User data is limited to 16384 bytes"
    );
    let mut wrong = create("web", data());
    wrong["TagSpecifications"] = json!([{ "ResourceType": "instance", "Tags": [] }]);
    let code = refused(&mut world, "CreateLaunchTemplate", wrong);
    assert_eq!(code, "InvalidParameterValue");
    let long = "x".repeat(128);
    ok(&mut world, "CreateLaunchTemplate", create(&long, data()));
}

#[test]
fn templates_come_two_hundred_to_a_page_and_by_their_tags() {
    let mut world = world();
    for number in 0..201 {
        make(&mut world, &format!("web{number}"));
    }
    let page = ok(&mut world, "DescribeLaunchTemplates", json!({}));
    assert_eq!(page["LaunchTemplates"].as_array().unwrap().len(), 200);
    let next = json!({ "NextToken": page["NextToken"] });
    let rest = ok(&mut world, "DescribeLaunchTemplates", next);
    let id = texts(&rest["LaunchTemplates"], "LaunchTemplateId")[0].to_owned();
    let tag = json!({ "Resources": [id], "Tags": [{ "Key": "a", "Value": "b" }] });
    ok(&mut world, "CreateTags", tag);
    let found = ok(&mut world, "DescribeLaunchTemplates", by("tag:a", &["b"]));
    assert_eq!(texts(&found["LaunchTemplates"], "LaunchTemplateId"), [&id]);
}

#[test]
fn tagging_at_creation_must_be_allowed_apart() {
    let world = world();
    let members = json!({
        "LaunchTemplateName": "web",
        "LaunchTemplateData": data(),
        "TagSpecifications": [{
            "ResourceType": "launch-template",
            "Tags": [{ "Key": "team", "Value": "web" }],
        }],
    });
    let input = Input {
        service: "ec2".to_owned(),
        action: "CreateLaunchTemplate".to_owned(),
        members: members.as_object().cloned().unwrap_or_default(),
        ..Input::default()
    };
    let action = service::action("ec2", "CreateLaunchTemplate").unwrap();
    let grants = (action.needs)(&world, &input);
    let arn = "arn:aws:ec2:us-east-1:123456789012:launch-template/*";
    assert_eq!(
        (grants[0].resource.as_str(), grants[0].action.as_str()),
        (arn, "")
    );
    assert_eq!(grants[0].context["aws:RequestTag/team"], ["web"]);
    assert_eq!(
        (grants[1].resource.as_str(), grants[1].action.as_str()),
        (arn, "ec2:CreateTags")
    );
    assert_eq!(
        grants[1].context["ec2:CreateAction"],
        ["CreateLaunchTemplate"]
    );
}
