//! Instances.

use super::super::tests::{by, ok, refused, texts, world};
use crate::{
    World,
    service::{
        ec2::{self, Launch},
        ssm,
        tags::Tags,
    },
};
use serde_json::{Value, json};
use std::time::Duration;

const PARAMETER: &str = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id";

fn image(world: &World) -> String {
    ssm::parameter(world, PARAMETER).unwrap()
}

fn launched(world: &mut World, mut members: Value) -> Value {
    members["ImageId"] = image(world).into();
    members["MinCount"] = 1.into();
    members["MaxCount"] = members.get("MaxCount").cloned().unwrap_or(1.into());
    if members.get("InstanceType").is_none() {
        members["InstanceType"] = "t2.small".into();
    }
    ok(world, "RunInstances", members)
}

fn shown(world: &mut World, id: &str) -> Value {
    let found = ok(world, "DescribeInstances", json!({ "InstanceIds": [id] }));
    found["Reservations"][0]["Instances"][0].clone()
}

fn id_of(reservation: &Value) -> String {
    let id = reservation["Instances"][0]["InstanceId"].as_str();
    id.unwrap().to_owned()
}

fn pass(world: &mut World, seconds: u64) {
    let to = world.now + Duration::from_secs(seconds);
    world.advance(to);
}

fn template(world: &mut World, more: Value) -> Value {
    let mut data = json!({
        "ImageId": format!("resolve:ssm:{PARAMETER}"),
        "InstanceType": "t3.small",
        "UserData": "aGVsbG8=",
        "TagSpecifications": [
            { "ResourceType": "instance", "Tags": [{ "Key": "a", "Value": "template" }] },
            { "ResourceType": "volume", "Tags": [{ "Key": "v", "Value": "volume" }] },
        ],
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        data[name] = value.clone();
    }
    let create = json!({ "LaunchTemplateName": "node", "LaunchTemplateData": data });
    let made = ok(world, "CreateLaunchTemplate", create);
    json!({
        "LaunchTemplateId": made["LaunchTemplate"]["LaunchTemplateId"],
        "Version": "$Latest",
    })
}

fn subnet(world: &mut World, zone: &str) -> String {
    let found = ok(world, "DescribeSubnets", by("availability-zone", &[zone]));
    texts(&found["Subnets"], "SubnetId")[0].to_owned()
}

#[test]
fn an_instance_boots_runs_and_goes_and_is_shown_for_an_hour_more() {
    let mut world = world();
    let made = launched(&mut world, json!({}));
    let id = id_of(&made);
    assert_eq!(
        made["Instances"][0]["State"],
        json!({ "Code": 0, "Name": "pending" })
    );
    pass(&mut world, 24);
    assert_eq!(ec2::instance(&world, &id).unwrap().state, "pending");
    pass(&mut world, 1);
    let running = shown(&mut world, &id);
    assert_eq!(running["State"]["Name"], "running");
    assert_eq!(running["PublicIpAddress"], "203.0.113.1");
    assert_eq!(
        running["PublicDnsName"],
        "ec2-203-0-113-1.compute-1.amazonaws.com"
    );
    let answer = ok(
        &mut world,
        "TerminateInstances",
        json!({ "InstanceIds": [id] }),
    );
    let change = &answer["TerminatingInstances"][0];
    assert_eq!(change["PreviousState"]["Name"], "running");
    assert_eq!(
        change["CurrentState"],
        json!({ "Code": 32, "Name": "shutting-down" })
    );
    pass(&mut world, 40);
    let gone = shown(&mut world, &id);
    assert_eq!(gone["State"]["Name"], "terminated");
    assert_eq!(gone["NetworkInterfaces"], json!([]));
    assert_eq!(gone.get("PrivateIpAddress"), None);
    let volumes = ok(&mut world, "DescribeVolumes", json!({}));
    assert_eq!(volumes["Volumes"], json!([]));
    pass(&mut world, 3600);
    let code = refused(
        &mut world,
        "DescribeInstances",
        json!({ "InstanceIds": [id] }),
    );
    assert_eq!(code, "InvalidInstanceID.NotFound");
}

#[test]
fn an_instance_takes_an_address_of_its_subnet_and_gives_it_back() {
    let mut world = world();
    let place = subnet(&mut world, "us-east-1c");
    let made = launched(&mut world, json!({ "SubnetId": place }));
    let free = |world: &mut World| {
        let found = ok(world, "DescribeSubnets", json!({ "SubnetIds": [place] }));
        found["Subnets"][0]["AvailableIpAddressCount"].as_i64()
    };
    assert_eq!(free(&mut world), Some(4090));
    let instance = &made["Instances"][0];
    assert_eq!(instance["Placement"]["AvailabilityZone"], "us-east-1c");
    let ip = instance["PrivateIpAddress"].as_str().unwrap();
    assert!(ip.starts_with("172.31."), "{ip}");
    let found = ok(
        &mut world,
        "DescribeNetworkInterfaces",
        by("attachment.instance-id", &[&id_of(&made)]),
    );
    assert_eq!(found["NetworkInterfaces"][0]["PrivateIpAddress"], ip);
    ok(
        &mut world,
        "TerminateInstances",
        json!({ "InstanceIds": [id_of(&made)] }),
    );
    pass(&mut world, 40);
    assert_eq!(free(&mut world), Some(4091));
}

#[test]
fn a_full_subnet_launches_nothing_more() {
    let mut world = world();
    let vpc = ok(
        &mut world,
        "CreateVpc",
        json!({ "CidrBlock": "10.0.0.0/16" }),
    );
    let small = json!({ "VpcId": vpc["Vpc"]["VpcId"], "CidrBlock": "10.0.0.0/28" });
    let small = ok(&mut world, "CreateSubnet", small);
    let place = &small["Subnet"]["SubnetId"];
    let made = launched(&mut world, json!({ "SubnetId": place, "MaxCount": 20 }));
    assert_eq!(made["Instances"].as_array().unwrap().len(), 11);
    assert!(made["Instances"][0].get("PublicIpAddress").is_none());
    let more = json!({
        "SubnetId": place, "ImageId": image(&world), "MinCount": 1, "MaxCount": 1,
    });
    let code = refused(&mut world, "RunInstances", more);
    assert_eq!(code, "InsufficientFreeAddressesInSubnet");
}

#[test]
fn a_group_launches_by_its_template() {
    let mut world = world();
    let template = template(&mut world, json!({}));
    assert_eq!(ec2::check_template(&world, &template), Ok(()));
    let place = subnet(&mut world, "us-east-1b");
    let tags = [("a", "group"), ("b", "group")];
    let launch = Launch {
        template: template.clone(),
        subnet: place.clone(),
        group: "nodes".to_owned(),
        tags: tags
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into(),
    };
    let id = ec2::launch(&mut world, &launch).unwrap();
    let instance = ec2::instance(&world, &id).unwrap();
    let template_id = template["LaunchTemplateId"].as_str().unwrap();
    let expected: Tags = [
        ("a", "group"),
        ("b", "group"),
        ("aws:autoscaling:groupName", "nodes"),
        ("aws:ec2launchtemplate:id", template_id),
        ("aws:ec2launchtemplate:version", "1"),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into();
    assert_eq!(instance.tags, expected);
    assert_eq!(instance.image, image(&world));
    assert_eq!(
        (instance.subnet.as_str(), instance.zone.as_str()),
        (&*place, "us-east-1b")
    );
    assert_eq!(instance.user_data, "hello");
    assert_eq!(instance.group.as_deref(), Some("nodes"));
    let volumes = ok(&mut world, "DescribeVolumes", by("tag:v", &["volume"]));
    assert_eq!(volumes["Volumes"][0]["Attachments"][0]["InstanceId"], *id);
    let found = ok(
        &mut world,
        "DescribeInstances",
        by("tag:aws:autoscaling:groupName", &["nodes"]),
    );
    assert_eq!(found["Reservations"].as_array().unwrap().len(), 1);
}

#[test]
fn a_template_says_whether_its_instances_have_public_addresses() {
    let mut world = world();
    let interface = json!([{ "DeviceIndex": 0, "AssociatePublicIpAddress": false }]);
    let template = template(&mut world, json!({ "NetworkInterfaces": interface }));
    let launch = Launch {
        template,
        subnet: subnet(&mut world, "us-east-1a"),
        group: "nodes".to_owned(),
        tags: Tags::new(),
    };
    let id = ec2::launch(&mut world, &launch).unwrap();
    assert_eq!(ec2::instance(&world, &id).unwrap().public_ip, None);
}

#[test]
fn a_template_that_holds_nothing_to_launch_is_told_in_aws_words() {
    let mut world = world();
    let check = |world: &mut World, data: Value| {
        let create = json!({ "LaunchTemplateName": "node", "LaunchTemplateData": data });
        ok(world, "CreateLaunchTemplate", create);
        let name = json!({ "LaunchTemplateName": "node" });
        let checked = ec2::check_template(world, &name);
        ok(world, "DeleteLaunchTemplate", name);
        checked.unwrap_err()
    };
    let image = image(&world);
    let said = check(&mut world, json!({ "InstanceType": "t3.small" }));
    assert_eq!(said, "The request must contain the parameter ImageId");
    let said = check(
        &mut world,
        json!({ "ImageId": image, "InstanceType": "t4g.small" }),
    );
    assert!(said.starts_with("The architecture 'arm64'"), "{said}");
    let group = "sg-0123456789abcdef0";
    let said = check(
        &mut world,
        json!({ "ImageId": image, "SecurityGroupIds": [group] }),
    );
    assert_eq!(
        said,
        "The security group 'sg-0123456789abcdef0' does not exist"
    );
    let said = check(&mut world, json!({ "ImageId": image, "KeyName": "me" }));
    assert_eq!(said, "The key pair 'me' does not exist");
    let gone = json!({ "LaunchTemplateName": "node" });
    let said = ec2::check_template(&world, &gone).unwrap_err();
    assert_eq!(
        said,
        "The specified launch template, with template name node, does not exist."
    );
}

#[test]
fn a_profile_that_ec2_does_not_know_yet_is_refused_in_the_words_that_clients_wait_for() {
    let mut world = world();
    let mut run = |profile: Value| {
        let members = json!({
            "ImageId": image(&world), "MinCount": 1, "MaxCount": 1, "IamInstanceProfile": profile,
        });
        super::super::tests::run(&mut world, "RunInstances", members)
            .unwrap_err()
            .message
    };
    assert_eq!(
        run(json!({ "Name": "node" })),
        "Value (node) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance \
         Profile name"
    );
    let arn = "arn:aws:iam::123456789012:instance-profile/node";
    assert_eq!(
        run(json!({ "Arn": arn })),
        format!(
            "Value ({arn}) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance \
             Profile ARN"
        )
    );
}

#[test]
fn a_template_shown_by_id_and_name_launches_where_loopback_addresses_are_wanted() {
    let mut world = world();
    world.habits.loopback = true;
    let mut template = template(&mut world, json!({}));
    template["LaunchTemplateName"] = "node".into();
    let launch = Launch {
        template,
        subnet: subnet(&mut world, "us-east-1a"),
        group: "nodes".to_owned(),
        tags: Tags::new(),
    };
    let id = ec2::launch(&mut world, &launch).unwrap();
    let public = ec2::instance(&world, &id).unwrap().public_ip.clone();
    assert_eq!(public.as_deref(), Some("127.77.0.1"));
}

#[test]
fn a_group_with_members_is_kept_until_they_are_terminated() {
    let mut world = world();
    let group = json!({ "GroupName": "web", "Description": "web" });
    let group = ok(&mut world, "CreateSecurityGroup", group)["GroupId"].clone();
    let made = launched(&mut world, json!({ "SecurityGroupIds": [group] }));
    let delete = json!({ "GroupId": group });
    ec2::terminate(&mut world, &id_of(&made));
    let code = refused(&mut world, "DeleteSecurityGroup", delete.clone());
    assert_eq!(code, "DependencyViolation");
    pass(&mut world, 40);
    ok(&mut world, "DeleteSecurityGroup", delete);
}

#[test]
fn a_client_token_launches_once() {
    let mut world = world();
    let first = launched(&mut world, json!({ "ClientToken": "t" }));
    let second = launched(&mut world, json!({ "ClientToken": "t" }));
    assert_eq!(id_of(&first), id_of(&second));
    let all = ok(&mut world, "DescribeInstances", json!({}));
    assert_eq!(all["Reservations"].as_array().unwrap().len(), 1);
}

#[test]
fn a_root_volume_is_never_smaller_than_its_image() {
    let mut world = world();
    let disk = |size: i64| json!([{ "DeviceName": "/dev/xvda", "Ebs": { "VolumeSize": size } }]);
    let small = json!({
        "ImageId": image(&world), "MinCount": 1, "MaxCount": 1, "BlockDeviceMappings": disk(8),
    });
    let code = refused(&mut world, "RunInstances", small);
    assert_eq!(code, "InvalidBlockDeviceMapping");
    launched(&mut world, json!({ "BlockDeviceMappings": disk(50) }));
    let volumes = ok(&mut world, "DescribeVolumes", json!({}));
    assert_eq!(volumes["Volumes"][0]["Size"], 50);
    assert_eq!(volumes["Volumes"][0]["Iops"], 3000);
}

#[test]
fn burstable_instances_begin_with_their_launch_credits() {
    let mut world = world();
    let standard = id_of(&launched(&mut world, json!({})));
    let unlimited = id_of(&launched(&mut world, json!({ "InstanceType": "t3.small" })));
    assert_eq!(ec2::instance(&world, &standard).unwrap().credits, 30.0);
    let ids = json!({ "InstanceIds": [standard, unlimited] });
    let shown = ok(&mut world, "DescribeInstanceCreditSpecifications", ids);
    let of = |id: &str| {
        let list = shown["InstanceCreditSpecifications"].as_array().unwrap();
        list.iter().find(|it| it["InstanceId"] == id).unwrap()["CpuCredits"].clone()
    };
    assert_eq!(
        (of(&standard), of(&unlimited)),
        ("standard".into(), "unlimited".into())
    );
}

#[test]
fn the_checks_of_an_instance_take_two_minutes() {
    let mut world = world();
    launched(&mut world, json!({}));
    let status = |world: &mut World| ok(world, "DescribeInstanceStatus", json!({}));
    assert_eq!(status(&mut world)["InstanceStatuses"], json!([]));
    pass(&mut world, 30);
    let early = status(&mut world);
    assert_eq!(
        early["InstanceStatuses"][0]["InstanceStatus"]["Status"],
        "initializing"
    );
    pass(&mut world, 120);
    let late = status(&mut world);
    assert_eq!(late["InstanceStatuses"][0]["SystemStatus"]["Status"], "ok");
}

#[test]
fn what_is_launched_for_a_group_must_be_allowed_to_its_maker() {
    let mut world = world();
    let template = template(&mut world, json!({}));
    let grants = ec2::launch_grants(&world, &template);
    let run: Vec<&str> = grants
        .iter()
        .filter(|it| it.action == "ec2:RunInstances")
        .map(|it| it.resource.as_str())
        .collect();
    let id = template["LaunchTemplateId"].as_str().unwrap();
    let arn = format!("arn:aws:ec2:us-east-1:123456789012:launch-template/{id}");
    assert!(run.contains(&&*arn), "{run:?}");
    assert!(run.contains(&&*format!("arn:aws:ec2:us-east-1::image/{}", image(&world))));
    let tagging = grants.iter().filter(|it| it.action == "ec2:CreateTags");
    assert_eq!(tagging.count(), 2);
    let reading = grants.iter().find(|it| it.action == "ssm:GetParameters");
    let arn = format!("arn:aws:ssm:us-east-1::parameter{PARAMETER}");
    assert_eq!(reading.unwrap().resource, arn);
}

#[test]
fn two_worlds_of_one_seed_launch_the_same() {
    let run = || {
        let mut world = world();
        let made = launched(&mut world, json!({}));
        pass(&mut world, 100);
        (made, serde_json::to_string(&world.ec2).unwrap())
    };
    assert_eq!(run(), run());
}
