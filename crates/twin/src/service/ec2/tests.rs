//! Networks, tags and what there is from the beginning; and how tests call EC2.

use crate::{Answer, Habits, Input, Time, World, service};
use serde_json::{Value, json};

/// A world a second after the tutorial's sale began.
pub(super) fn world() -> World {
    let now = Time(1_795_737_600_000);
    World::new("us-east-1", 7, now, Habits::default())
}

/// What an action answers.
pub(super) fn run(world: &mut World, action: &str, members: Value) -> Answer {
    let input = Input {
        service: "ec2".to_owned(),
        action: action.to_owned(),
        members: members.as_object().cloned().unwrap_or_default(),
        ..Input::default()
    };
    service::run(world, &input)
}

/// The answer of an action that succeeds.
pub(super) fn ok(world: &mut World, action: &str, members: Value) -> Value {
    run(world, action, members).unwrap_or_else(|it| panic!("{action}: {it}"))
}

/// The code of an action that is refused.
pub(super) fn refused(world: &mut World, action: &str, members: Value) -> String {
    match run(world, action, members) {
        Ok(answer) => panic!("{action}: {answer}"),
        Err(refusal) => refusal.code,
    }
}

/// The texts of a member in a list.
pub(super) fn texts<'a>(list: &'a Value, member: &str) -> Vec<&'a str> {
    let list = list.as_array().into_iter().flatten();
    list.filter_map(|it| it[member].as_str()).collect()
}

/// Members that filter by one name.
pub(super) fn by(name: &str, values: &[&str]) -> Value {
    json!({ "Filters": [{ "Name": name, "Values": values }] })
}

#[test]
fn an_account_begins_with_a_default_vpc_that_has_a_subnet_in_each_zone() {
    let mut world = world();
    let vpcs = ok(&mut world, "DescribeVpcs", by("is-default", &["true"]));
    let vpc = vpcs["Vpcs"][0]["VpcId"].as_str().unwrap().to_owned();
    assert_eq!(vpcs["Vpcs"][0]["CidrBlock"], "172.31.0.0/16");
    let subnets = ok(&mut world, "DescribeSubnets", by("vpc-id", &[&vpc]));
    let mut zones = texts(&subnets["Subnets"], "AvailabilityZone");
    zones.sort_unstable();
    assert_eq!(zones.len(), 6);
    assert_eq!((zones[0], zones[5]), ("us-east-1a", "us-east-1f"));
    for it in subnets["Subnets"].as_array().unwrap() {
        assert_eq!(it["AvailableIpAddressCount"], 4091);
        assert_eq!(it["MapPublicIpOnLaunch"], true);
        assert_eq!(it["DefaultForAz"], true);
    }
    let tables = ok(
        &mut world,
        "DescribeRouteTables",
        by("association.main", &["true"]),
    );
    let routes = &tables["RouteTables"][0]["Routes"];
    let to = texts(routes, "DestinationCidrBlock");
    assert_eq!(to, ["172.31.0.0/16", "0.0.0.0/0"]);
    assert_eq!(routes[1]["State"], "active");
}

#[test]
fn a_region_elsewhere_has_three_zones() {
    let mut world = World::new("eu-west-1", 1, Time(0), Habits::default());
    let zones = ok(&mut world, "DescribeAvailabilityZones", json!({}));
    let ids = texts(&zones["AvailabilityZones"], "ZoneId");
    assert_eq!(ids, ["euw1-az1", "euw1-az2", "euw1-az3"]);
}

#[test]
fn an_unknown_filter_is_refused_by_its_name() {
    let refusal = run(&mut world(), "DescribeSubnets", by("colour", &["red"])).unwrap_err();
    assert_eq!(refusal.code, "InvalidParameterValue");
    assert_eq!(refusal.message, "The filter 'colour' is invalid");
}

#[test]
fn subnets_stay_inside_their_vpc_and_beside_each_other() {
    let mut world = world();
    let vpc = ok(
        &mut world,
        "CreateVpc",
        json!({ "CidrBlock": "10.1.2.3/16" }),
    );
    assert_eq!(vpc["Vpc"]["CidrBlock"], "10.1.0.0/16");
    let vpc = vpc["Vpc"]["VpcId"].as_str().unwrap();
    let subnet = |cidr: &str| json!({ "VpcId": vpc, "CidrBlock": cidr });
    let made = ok(&mut world, "CreateSubnet", subnet("10.1.0.0/24"));
    assert_eq!(made["Subnet"]["AvailableIpAddressCount"], 251);
    assert_eq!(made["Subnet"]["MapPublicIpOnLaunch"], false);
    let code = refused(&mut world, "CreateSubnet", subnet("10.1.0.128/25"));
    assert_eq!(code, "InvalidSubnet.Conflict");
    let code = refused(&mut world, "CreateSubnet", subnet("10.2.0.0/24"));
    assert_eq!(code, "InvalidSubnet.Range");
    let delete = json!({ "VpcId": vpc });
    let code = refused(&mut world, "DeleteVpc", delete.clone());
    assert_eq!(code, "DependencyViolation");
    let id = &made["Subnet"]["SubnetId"];
    ok(&mut world, "DeleteSubnet", json!({ "SubnetId": id }));
    ok(&mut world, "DeleteVpc", delete);
    let gone = json!({ "VpcIds": [vpc] });
    assert_eq!(
        refused(&mut world, "DescribeVpcs", gone),
        "InvalidVpcID.NotFound"
    );
}

#[test]
fn tags_are_put_found_and_taken_away_for_every_kind_of_resource() {
    let mut world = world();
    let subnets = ok(&mut world, "DescribeSubnets", json!({}));
    let id = subnets["Subnets"][0]["SubnetId"]
        .as_str()
        .unwrap()
        .to_owned();
    let tags = json!([{ "Key": "team", "Value": "web" }, { "Key": "old", "Value": "" }]);
    ok(
        &mut world,
        "CreateTags",
        json!({ "Resources": [id], "Tags": tags }),
    );
    for filter in [by("tag:team", &["w*"]), by("tag-key", &["team"])] {
        let found = ok(&mut world, "DescribeSubnets", filter);
        assert_eq!(texts(&found["Subnets"], "SubnetId"), [&id]);
    }
    let shown = ok(&mut world, "DescribeTags", by("resource-type", &["subnet"]));
    assert_eq!(texts(&shown["Tags"], "Key"), ["old", "team"]);
    assert_eq!(shown["Tags"][0]["ResourceId"], *id);
    let arn = format!("arn:aws:ec2:us-east-1:123456789012:subnet/{id}");
    assert_eq!(super::tagged(&world)[0].0, arn);
    let keyed = json!([{ "Key": "team", "Value": "other" }, { "Key": "old" }]);
    ok(
        &mut world,
        "DeleteTags",
        json!({ "Resources": [id], "Tags": keyed }),
    );
    let shown = ok(&mut world, "DescribeTags", json!({}));
    assert_eq!(texts(&shown["Tags"], "Key"), ["team"]);
}

#[test]
fn reserved_tags_and_absent_resources_are_refused() {
    let mut world = world();
    let vpc = super::vpc::default(&world).unwrap().to_owned();
    let tag =
        |id: &str, key: &str| json!({ "Resources": [id], "Tags": [{ "Key": key, "Value": "" }] });
    let code = refused(&mut world, "CreateTags", tag(&vpc, "aws:x"));
    assert_eq!(code, "InvalidParameterValue");
    let code = refused(&mut world, "CreateTags", tag("sg-00000000000000000", "a"));
    assert_eq!(code, "InvalidGroup.NotFound");
    let many: Vec<Value> = (0..51)
        .map(|it| json!({ "Key": it.to_string(), "Value": "" }))
        .collect();
    let many = json!({ "Resources": [vpc], "Tags": many });
    assert_eq!(refused(&mut world, "CreateTags", many), "TagLimitExceeded");
}

#[test]
fn pages_follow_each_other() {
    let mut world = world();
    let first = ok(&mut world, "DescribeSubnets", json!({ "MaxResults": 5 }));
    assert_eq!(first["Subnets"].as_array().unwrap().len(), 5);
    let next = json!({ "MaxResults": 5, "NextToken": first["NextToken"] });
    let second = ok(&mut world, "DescribeSubnets", next);
    assert_eq!(second["Subnets"].as_array().unwrap().len(), 1);
    assert!(second.get("NextToken").is_none());
    let code = refused(&mut world, "DescribeSubnets", json!({ "NextToken": "x" }));
    assert_eq!(code, "InvalidNextToken");
}

#[test]
fn a_key_pair_has_its_name_alone() {
    let mut world = world();
    let name = json!({ "KeyName": "me" });
    let made = ok(&mut world, "CreateKeyPair", name.clone());
    assert!(
        made["KeyMaterial"]
            .as_str()
            .unwrap()
            .starts_with("-----BEGIN")
    );
    let code = refused(&mut world, "CreateKeyPair", name.clone());
    assert_eq!(code, "InvalidKeyPair.Duplicate");
    ok(&mut world, "DeleteKeyPair", name.clone());
    ok(&mut world, "DeleteKeyPair", name);
    let names = json!({ "KeyNames": ["me"] });
    let code = refused(&mut world, "DescribeKeyPairs", names);
    assert_eq!(code, "InvalidKeyPair.NotFound");
}

#[test]
fn the_optimised_images_are_found_by_their_names() {
    let mut world = world();
    let filters = json!({
        "Owners": ["amazon"],
        "Filters": [
            { "Name": "name", "Values": ["al2023-ami-ecs-hvm-*"] },
            { "Name": "architecture", "Values": ["arm64"] },
        ],
    });
    let found = ok(&mut world, "DescribeImages", filters);
    assert_eq!(found["Images"].as_array().unwrap().len(), 1);
    let ebs = &found["Images"][0]["BlockDeviceMappings"][0]["Ebs"];
    assert_eq!(
        (&ebs["VolumeSize"], &ebs["VolumeType"]),
        (&30.into(), &"gp3".into())
    );
    let code = refused(
        &mut world,
        "DescribeImages",
        json!({ "ImageIds": ["ami-1"] }),
    );
    assert_eq!(code, "InvalidAMIID.Malformed");
}

#[test]
fn a_t2_small_is_what_it_is() {
    let kind = super::instance_type("t2.small").unwrap();
    assert_eq!((kind.vcpus, kind.memory, kind.interfaces), (1, 2048, 3));
    let burst = kind.burst.unwrap();
    assert_eq!((burst.credits_per_hour, burst.launch_credits), (12.0, 30.0));
    assert_eq!((burst.most_credits, burst.unlimited), (288.0, false));
    assert!(
        super::instance_type("t3.large")
            .unwrap()
            .burst
            .unwrap()
            .unlimited
    );
    let mut world = world();
    let types = json!({ "InstanceTypes": ["m7g.large"] });
    let shown = ok(&mut world, "DescribeInstanceTypes", types);
    assert_eq!(shown["InstanceTypes"][0]["MemoryInfo"]["SizeInMiB"], 8192);
    let code = refused(
        &mut world,
        "DescribeInstanceTypes",
        json!({ "InstanceTypes": ["t9.x"] }),
    );
    assert_eq!(code, "InvalidInstanceType");
}
