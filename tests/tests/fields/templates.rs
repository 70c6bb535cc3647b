//! Launch templates, whose content is a new version each time, which their group then takes.

use crate::row::{Behind, call, row, tags};
use crate::table::Table;
use serde_json::{Value, json};
use setpoint_tests::Boto;

fn launch_template(boto: &Boto, name: &str) -> Value {
    let latest = json!({"LaunchTemplateName": name, "Versions": ["$Latest"]});
    let mut latest = boto.expect("ec2", "describe_launch_template_versions", latest);
    let mut shown = latest["LaunchTemplateVersions"][0]["LaunchTemplateData"].take();
    let named = json!({"LaunchTemplateNames": [name]});
    let templates = boto.expect("ec2", "describe_launch_templates", named);
    shown["tags"] = tags(&templates["LaunchTemplates"][0]["Tags"]);
    shown
}

/// Another version, which differs from the latest in what is given.
fn version(data: Value) -> Behind {
    call(
        "ec2",
        "create_launch_template_version",
        json!({"LaunchTemplateName": "NAME", "SourceVersion": "$Latest", "LaunchTemplateData": data}),
    )
}

/// `#!/bin/bash` and what joins another cluster.
const ELSEWHERE: &str =
    "IyEvYmluL2Jhc2gKZWNobyBFQ1NfQ0xVU1RFUj1lbHNld2hlcmUgPj4gL2V0Yy9lY3MvZWNzLmNvbmZpZwo=";

#[test]
fn each_field_of_a_launch_template_is_planned_applied_and_held() {
    let volume =
        |ebs: Value| json!({"BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": ebs}]});
    Table {
        kind: "launchTemplate",
        shared: &[
            ("roles", "  node: { trustedBy: [ec2.amazonaws.com] }\n"),
            ("instanceProfiles", "  first: { role: node }\n  second: { role: node }\n"),
            ("securityGroups", "  first: {}\n  second: {}\n"),
            ("clusters", "  first: {}\n  second: {}\n"),
        ],
        each: &[
            (
                "launchTemplates",
                "  NAME:
    imageId: ecs-optimized:amazon-linux-2023
    instanceType: t2.small
    instanceProfile: first
    cluster: first
    securityGroups: [first]
    publicIp: true
    keyName: office
    rootVolume: { size: 30, volumeType: gp3, encrypted: false, deviceName: /dev/xvda }
    imdsv2Required: true
    metadataHopLimit: 2
    detailedMonitoring: false
    userData: 'echo hello'
    tags: { color: blue }
",
            ),
            (
                "autoScalingGroups",
                "  NAME: { launchTemplate: NAME, minSize: 0, maxSize: 1 }\n",
            ),
        ],
        follower: Some(("autoScalingGroup", "launchTemplate")),
        show: launch_template,
        rows: vec![
            row(
                "imageId",
                ("ecs-optimized:amazon-linux-2023", "ami-0123456789abcdef0"),
                ("/ImageId", json!("ami-0123456789abcdef0")),
                version(json!({"ImageId": "ami-0fedcba9876543210"})),
            ),
            row(
                "instanceType",
                ("t2.small", "t3.small"),
                ("/InstanceType", json!("t3.small")),
                version(json!({"InstanceType": "t3.large"})),
            ),
            row(
                "instanceProfile",
                ("instanceProfile: first", "instanceProfile: second"),
                ("/IamInstanceProfile/Arn", json!("arn:aws:iam::ACCOUNT:instance-profile/setpoint/shop/second")),
                version(json!({"IamInstanceProfile": {"Name": "stray"}})),
            ),
            row(
                "cluster",
                ("cluster: first", "cluster: second"),
                ("/UserData", json!("IyEvYmluL2Jhc2gKZWNobyBFQ1NfQ0xVU1RFUj1zZWNvbmQgPj4gL2V0Yy9lY3MvZWNzLmNvbmZpZwplY2hvIGhlbGxv")),
                version(json!({"UserData": ELSEWHERE})),
            )
            .with(&["userData"]),
            row(
                "userData",
                ("echo hello", "echo bye"),
                ("/UserData", json!("IyEvYmluL2Jhc2gKZWNobyBFQ1NfQ0xVU1RFUj1maXJzdCA+PiAvZXRjL2Vjcy9lY3MuY29uZmlnCmVjaG8gYnll")),
                version(json!({"UserData":
                    "IyEvYmluL2Jhc2gKZWNobyBFQ1NfQ0xVU1RFUj1maXJzdCA+PiAvZXRjL2Vjcy9lY3MuY29uZmlnCg=="})),
            ),
            row(
                "securityGroups",
                ("securityGroups: [first]", "securityGroups: []"),
                ("/NetworkInterfaces/0/Groups", Value::Null),
                version(json!({"NetworkInterfaces": [{"DeviceIndex": 0,
                    "AssociatePublicIpAddress": true, "Groups": ["sg-0123456789abcdef0"]}]})),
            ),
            row(
                "publicIp",
                ("publicIp: true", "publicIp: false"),
                ("/NetworkInterfaces/0/AssociatePublicIpAddress", json!(false)),
                version(json!({"NetworkInterfaces": [{"DeviceIndex": 0,
                    "AssociatePublicIpAddress": true}]})),
            )
            .drifting(&["publicIp", "securityGroups"]),
            row(
                "keyName",
                ("keyName: office", "keyName: home"),
                ("/KeyName", json!("home")),
                version(json!({"KeyName": "stray"})),
            ),
            row(
                "rootVolume.size",
                ("size: 30", "size: 40"),
                ("/BlockDeviceMappings/0/Ebs/VolumeSize", json!(40)),
                version(volume(json!({"VolumeSize": 50, "VolumeType": "gp3"}))),
            ),
            row(
                "rootVolume.volumeType",
                ("volumeType: gp3", "volumeType: gp2"),
                ("/BlockDeviceMappings/0/Ebs/VolumeType", json!("gp2")),
                version(volume(json!({"VolumeSize": 30, "VolumeType": "io1"}))),
            ),
            row(
                "rootVolume.encrypted",
                ("encrypted: false", "encrypted: true"),
                ("/BlockDeviceMappings/0/Ebs/Encrypted", json!(true)),
                version(volume(json!({"VolumeSize": 30, "VolumeType": "gp3"}))),
            ),
            row(
                "rootVolume.deviceName",
                ("/dev/xvda", "/dev/sda1"),
                ("/BlockDeviceMappings/0/DeviceName", json!("/dev/sda1")),
                version(volume(json!({"VolumeSize": 30, "VolumeType": "gp3"}))),
            ),
            row(
                "imdsv2Required",
                ("imdsv2Required: true", "imdsv2Required: false"),
                ("/MetadataOptions/HttpTokens", json!("optional")),
                version(json!({"MetadataOptions":
                    {"HttpTokens": "required", "HttpPutResponseHopLimit": 2}})),
            ),
            row(
                "metadataHopLimit",
                ("metadataHopLimit: 2", "metadataHopLimit: 3"),
                ("/MetadataOptions/HttpPutResponseHopLimit", json!(3)),
                version(json!({"MetadataOptions":
                    {"HttpTokens": "required", "HttpPutResponseHopLimit": 4}})),
            ),
            row(
                "detailedMonitoring",
                ("detailedMonitoring: false", "detailedMonitoring: true"),
                ("/Monitoring/Enabled", json!(true)),
                version(json!({"Monitoring": {"Enabled": false}})),
            ),
            // What the YAML has no word for, another client can add; it goes with the next version.
            row(
                "instanceType",
                ("t2.small", "t3.medium"),
                ("/InstanceType", json!("t3.medium")),
                version(json!({"EbsOptimized": true})),
            )
            .drifting(&["unmanaged"]),
            // The YAML's tags are the template's own and those of what it launches.
            row(
                "tags.color",
                ("color: blue", "color: green"),
                ("/tags/color", json!("green")),
                Box::new(|boto, name| {
                    let named = json!({"LaunchTemplateNames": [name]});
                    let shown = boto.expect("ec2", "describe_launch_templates", named);
                    let id = &shown["LaunchTemplates"][0]["LaunchTemplateId"];
                    let red = json!({"Resources": [id], "Tags": [{"Key": "color", "Value": "red"}]});
                    boto.expect("ec2", "create_tags", red);
                }),
            )
            .with(&["instanceTags.color"])
            .drifting(&["tags.color"])
            .drift_in_place(),
        ],
    }
    .check();
}
