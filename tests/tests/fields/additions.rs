//! What AWS and its autoscalers add by themselves, which is never a difference.

use serde_json::{Value, json};
use setpoint_tests::{Boto, Proxy, Setpoint};

const FLASH_SALE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../stack.yaml");
const GROUP: &str = "flash-sale-instances";

/// What ECS does to a group once a provider with managed scaling and protection stands before it.
fn manage(boto: &Boto) {
    let autoscaling =
        |method: &str, arguments: Value| boto.expect("autoscaling", method, arguments);
    // moto adds neither the tag nor the policy nor the hook by itself; AWS does.
    let tag = |key: &str| {
        json!({"ResourceId": GROUP, "ResourceType": "auto-scaling-group", "Key": key,
               "Value": "", "PropagateAtLaunch": true})
    };
    autoscaling(
        "create_or_update_tags",
        json!({"Tags": [tag("AmazonECSManaged")]}),
    );
    autoscaling(
        "put_scaling_policy",
        json!({"AutoScalingGroupName": GROUP, "PolicyType": "TargetTrackingScaling",
            "PolicyName": "ECSManagedAutoScalingPolicy-0a1b2c3d",
            "TargetTrackingConfiguration": {"TargetValue": 100.0,
                "CustomizedMetricSpecification": {"MetricName": "CapacityProviderReservation",
                    "Namespace": "AWS/ECS/ManagedScaling", "Statistic": "Average"}}}),
    );
    autoscaling(
        "put_lifecycle_hook",
        json!({"AutoScalingGroupName": GROUP, "LifecycleHookName": "ecs-managed-draining-termination-hook",
            "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING", "HeartbeatTimeout": 3600}),
    );
    autoscaling(
        "set_desired_capacity",
        json!({"AutoScalingGroupName": GROUP, "DesiredCapacity": 3}),
    );
    let instances: Vec<Value> = instances(boto)
        .into_iter()
        .map(|it| it["InstanceId"].clone())
        .collect();
    assert_eq!(instances.len(), 3);
    autoscaling(
        "set_instance_protection",
        json!({"AutoScalingGroupName": GROUP, "InstanceIds": instances, "ProtectedFromScaleIn": true}),
    );
}

fn instances(boto: &Boto) -> Vec<Value> {
    let named = json!({"AutoScalingGroupNames": [GROUP]});
    let groups = boto.expect("autoscaling", "describe_auto_scaling_groups", named);
    let instances = groups["AutoScalingGroups"][0]["Instances"].as_array();
    instances.expect("a group has a list of instances").clone()
}

fn service(boto: &Boto) -> Value {
    let named = json!({"cluster": "flash-sale-cluster", "services": ["flash-sale-service"]});
    boto.expect("ecs", "describe_services", named)["services"][0].take()
}

/// Tags of AWS's own, as CloudFormation or the service catalogue put them on what they touch.
///
/// moto takes them from anyone; AWS refuses `aws:` to all but itself.
fn tag_as_aws(boto: &Boto) {
    let tags = json!([{"Key": "aws:servicecatalog:applicationName", "Value": "sale"}]);
    let account = boto.expect("sts", "get_caller_identity", json!({}))["Account"].take();
    let account = account.as_str().expect("a number");
    let repository = format!("arn:aws:ecr:us-east-1:{account}:repository/flash-sale-webapp");
    boto.expect(
        "ecr",
        "tag_resource",
        json!({"resourceArn": repository, "tags": tags}),
    );
    let group = format!("arn:aws:logs:us-east-1:{account}:log-group:/ecs/flash-sale-webapp");
    let map = json!({"aws:servicecatalog:applicationName": "sale"});
    boto.expect(
        "logs",
        "tag_resource",
        json!({"resourceArn": group, "tags": map}),
    );
    let cluster = format!("arn:aws:ecs:us-east-1:{account}:cluster/flash-sale-cluster");
    let lower = json!([{"key": "aws:servicecatalog:applicationName", "value": "sale"}]);
    boto.expect(
        "ecs",
        "tag_resource",
        json!({"resourceArn": cluster, "tags": lower}),
    );
    boto.expect(
        "autoscaling",
        "create_or_update_tags",
        json!({"Tags": [{"ResourceId": GROUP, "ResourceType": "auto-scaling-group",
            "Key": "aws:servicecatalog:applicationName", "Value": "sale", "PropagateAtLaunch": true}]}),
    );
}

#[test]
fn what_aws_adds_by_itself_is_no_difference() {
    let proxy = Proxy::start();
    let setpoint = Setpoint::against(&proxy);
    let boto = proxy.behind();
    setpoint.run(&["apply", "--yes", "-f", FLASH_SALE]).exits(0);
    let alarms = boto.expect("cloudwatch", "describe_alarms", json!({}));
    let alarms = alarms["MetricAlarms"].as_array().expect("a list").len();
    assert_eq!(alarms, 2, "target tracking has a high and a low alarm");

    manage(&boto);
    tag_as_aws(&boto);
    // The autoscaler of the service follows its load.
    boto.expect(
        "ecs",
        "update_service",
        json!({"cluster": "flash-sale-cluster", "service": "flash-sale-service", "desiredCount": 3}),
    );
    let plan = ["plan", "--detailed-exitcode", "-f", FLASH_SALE];
    setpoint.run(&plan).exits(0);
    proxy.recording().reset();
    setpoint.run(&["apply", "--yes", "-f", FLASH_SALE]).exits(0);
    assert_eq!(proxy.recording().mutating().len(), 0);

    // A change of something else leaves them as they are, too.
    let yaml = std::fs::read_to_string(FLASH_SALE).expect("the repository ships a stack");
    let yaml = yaml
        .replace("project: flash-sale", "project: flash-sale\n  owner: shop")
        .replace(
            "desiredCount: 1",
            "desiredCount: 1\n    enableExecuteCommand: true",
        )
        .replace("maxSize: 3", "maxSize: 4");
    setpoint.write("stack.yaml", &yaml);
    setpoint.run(&["apply", "--yes"]).exits(0);
    assert_eq!(service(&boto)["desiredCount"], 3);
    let instances = instances(&boto);
    assert_eq!(instances.len(), 3);
    assert!(
        instances
            .iter()
            .all(|it| it["ProtectedFromScaleIn"] == true)
    );
    let named = json!({"AutoScalingGroupName": GROUP});
    let hooks = boto.expect("autoscaling", "describe_lifecycle_hooks", named.clone());
    assert_eq!(hooks["LifecycleHooks"].as_array().map(Vec::len), Some(1));
    let policies = boto.expect("autoscaling", "describe_policies", named.clone());
    assert_eq!(
        policies["ScalingPolicies"].as_array().map(Vec::len),
        Some(1)
    );
    let groups = boto.expect(
        "autoscaling",
        "describe_auto_scaling_groups",
        json!({"AutoScalingGroupNames": [GROUP]}),
    );
    let tags = groups["AutoScalingGroups"][0]["Tags"]
        .as_array()
        .expect("a list");
    let keys: Vec<&str> = tags.iter().filter_map(|it| it["Key"].as_str()).collect();
    for key in [
        "AmazonECSManaged",
        "aws:servicecatalog:applicationName",
        "owner",
        "project",
    ] {
        assert!(keys.contains(&key), "{key} is not among {keys:?}");
    }
    setpoint.run(&["plan", "--detailed-exitcode"]).exits(0);
}
