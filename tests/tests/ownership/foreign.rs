//! Things that were there before the stack, made by boto3.

use serde_json::{Value, json};
use setpoint_tests::Boto;

/// One thing of each kind that may be there before: its address, and what it is in the account.
pub(crate) const FOREIGN: [(&str, &str); 12] = [
    (
        "repository.flash-sale-webapp",
        "repository flash-sale-webapp",
    ),
    ("role.ecsInstanceRole", "role ecsInstanceRole"),
    (
        "instanceProfile.ecsInstanceRole",
        "instanceProfile ecsInstanceRole",
    ),
    (
        "logGroup./ecs/flash-sale-webapp",
        "logGroup /ecs/flash-sale-webapp",
    ),
    (
        "securityGroup.flash-sale-instances",
        "securityGroup flash-sale-instances",
    ),
    (
        "launchTemplate.flash-sale-instances",
        "launchTemplate flash-sale-instances",
    ),
    (
        "autoScalingGroup.flash-sale-instances",
        "autoScalingGroup flash-sale-instances",
    ),
    (
        "capacityProvider.flash-sale-capacity",
        "capacityProvider flash-sale-capacity",
    ),
    ("cluster.flash-sale-cluster", "cluster flash-sale-cluster"),
    (
        "taskDefinition.flash-sale-task",
        "revision flash-sale-task:1",
    ),
    ("service.flash-sale-service", "service flash-sale-service"),
    (
        "scaling.flash-sale-service",
        "target service/flash-sale-cluster/flash-sale-service",
    ),
];

/// Makes all of them, marked as another stack's if there is an owner.
pub(crate) fn make(boto: &Boto, owner: &str) {
    repository(boto, owner);
    role(boto, owner);
    profile(boto, owner);
    log_group(boto, owner);
    group(boto, owner);
    template(boto, owner);
    auto_scaling_group(boto, owner);
    provider(boto, owner);
    cluster(boto, owner);
    task_definition(boto, owner);
    service(boto, owner);
}

fn ecs_tags(owner: &str) -> Value {
    let tags = [("setpoint:stack", owner), ("theirs", "yes")];
    let shown = tags.iter().filter(|it| !it.1.is_empty());
    shown
        .map(|(key, value)| json!({"key": key, "value": value}))
        .collect()
}

fn tags(owner: &str) -> Value {
    let tags = [("setpoint:stack", owner), ("theirs", "yes")];
    let shown = tags.iter().filter(|it| !it.1.is_empty());
    shown
        .map(|(key, value)| json!({"Key": key, "Value": value}))
        .collect()
}

fn repository(boto: &Boto, owner: &str) {
    let it = json!({"repositoryName": "flash-sale-webapp", "tags": tags(owner)});
    boto.expect("ecr", "create_repository", it);
}

fn role(boto: &Boto, owner: &str) {
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Service": "ec2.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }]});
    let it = json!({
        "RoleName": "ecsInstanceRole",
        "Path": "/ours/",
        "AssumeRolePolicyDocument": trust.to_string(),
        "Tags": tags(owner),
    });
    boto.expect("iam", "create_role", it);
}

fn profile(boto: &Boto, owner: &str) {
    let it = json!({
        "InstanceProfileName": "ecsInstanceRole",
        "Path": "/ours/",
        "Tags": tags(owner),
    });
    boto.expect("iam", "create_instance_profile", it);
}

fn log_group(boto: &Boto, owner: &str) {
    let mut tags = json!({"theirs": "yes"});
    if !owner.is_empty() {
        tags["setpoint:stack"] = json!(owner);
    }
    let it = json!({"logGroupName": "/ecs/flash-sale-webapp", "tags": tags});
    boto.expect("logs", "create_log_group", it);
}

fn default_vpc(boto: &Boto) -> Value {
    let vpcs = boto.expect("ec2", "describe_vpcs", json!({}));
    let vpcs = vpcs["Vpcs"].as_array().cloned().unwrap_or_default();
    let default = vpcs.into_iter().find(|it| it["IsDefault"] == true);
    default.expect("an account has a default VPC")["VpcId"].clone()
}

fn group(boto: &Boto, owner: &str) {
    let it = json!({
        "GroupName": "flash-sale-instances",
        "Description": "HTTP to the tasks of the flash sale.",
        "VpcId": default_vpc(boto),
        "TagSpecifications": [{"ResourceType": "security-group", "Tags": tags(owner)}],
    });
    boto.expect("ec2", "create_security_group", it);
}

fn template(boto: &Boto, owner: &str) {
    let it = json!({
        "LaunchTemplateName": "flash-sale-instances",
        "LaunchTemplateData": {"ImageId": "ami-12c6146b", "InstanceType": "t3.nano"},
        "TagSpecifications": [{"ResourceType": "launch-template", "Tags": tags(owner)}],
    });
    boto.expect("ec2", "create_launch_template", it);
}

fn auto_scaling_group(boto: &Boto, owner: &str) {
    let data = json!({"ImageId": "ami-12c6146b", "InstanceType": "t3.nano"});
    let template = json!({"LaunchTemplateName": "theirs", "LaunchTemplateData": data});
    boto.expect("ec2", "create_launch_template", template);
    let tags = tags(owner)
        .as_array()
        .cloned()
        .unwrap_or_default()
        .into_iter()
        .map(|mut it| {
            it["PropagateAtLaunch"] = json!(false);
            it
        });
    let it = json!({
        "AutoScalingGroupName": "flash-sale-instances",
        "LaunchTemplate": {"LaunchTemplateName": "theirs"},
        "MinSize": 0,
        "MaxSize": 0,
        "AvailabilityZones": ["us-east-1a"],
        "Tags": tags.collect::<Vec<Value>>(),
    });
    boto.expect("autoscaling", "create_auto_scaling_group", it);
}

fn provider(boto: &Boto, owner: &str) {
    let it = json!({
        "name": "flash-sale-capacity",
        "autoScalingGroupProvider": {"autoScalingGroupArn": "flash-sale-instances"},
        "tags": ecs_tags(owner),
    });
    boto.expect("ecs", "create_capacity_provider", it);
}

fn cluster(boto: &Boto, owner: &str) {
    let it = json!({"clusterName": "flash-sale-cluster", "tags": ecs_tags(owner)});
    boto.expect("ecs", "create_cluster", it);
}

fn task_definition(boto: &Boto, owner: &str) {
    let it = json!({
        "family": "flash-sale-task",
        "containerDefinitions": [{"name": "web", "image": "nginx", "memory": 64}],
        "tags": ecs_tags(owner),
    });
    boto.expect("ecs", "register_task_definition", it);
}

fn service(boto: &Boto, owner: &str) {
    let theirs = json!({
        "family": "theirs",
        "containerDefinitions": [{"name": "web", "image": "nginx", "memory": 64}],
    });
    boto.expect("ecs", "register_task_definition", theirs);
    let it = json!({
        "cluster": "flash-sale-cluster",
        "serviceName": "flash-sale-service",
        "taskDefinition": "theirs",
        "desiredCount": 1,
        "tags": ecs_tags(owner),
    });
    boto.expect("ecs", "create_service", it);
    let target = json!({
        "ServiceNamespace": "ecs",
        "ResourceId": "service/flash-sale-cluster/flash-sale-service",
        "ScalableDimension": "ecs:service:DesiredCount",
        "MinCapacity": 2,
        "MaxCapacity": 2,
        "Tags": if owner.is_empty() { json!({}) } else { json!({"setpoint:stack": owner}) },
    });
    boto.expect(
        "application-autoscaling",
        "register_scalable_target",
        target,
    );
}
