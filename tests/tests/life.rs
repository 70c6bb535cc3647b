//! The life of a stack: planned, applied, held, changed, destroyed. What is there is read by boto3.

use serde_json::{Value, json};
use setpoint_tests::world::tag;
use setpoint_tests::{Scenario, Stack};

/// What the flash-sale stack makes, beside the one instance of its group.
const THINGS: [&str; 15] = [
    "autoScalingGroup flash-sale-instances",
    "capacityProvider flash-sale-capacity",
    "cluster flash-sale-cluster",
    "instanceProfile ecsInstanceRole",
    "launchTemplate flash-sale-instances",
    "logGroup /ecs/flash-sale-webapp",
    "policy cpu-target-tracking",
    "repository flash-sale-webapp",
    "revision flash-sale-task:1",
    "role ecsInstanceRole",
    "role ecsTaskExecutionRole",
    "securityGroup flash-sale-instances",
    "service flash-sale-service",
    "target service/flash-sale-cluster/flash-sale-service",
    "instance",
];

/// The names of everything; that of an instance is AWS's to choose.
fn things(scenario: &Scenario) -> Vec<String> {
    let world = scenario.world();
    let known = |it: &str| {
        it.strip_prefix("instance i-")
            .map_or(it, |_| "instance")
            .to_owned()
    };
    world.names().into_iter().map(known).collect()
}

#[track_caller]
fn holds_exactly(scenario: &Scenario, expected: &[&str]) {
    let mut expected: Vec<&str> = expected.to_vec();
    expected.sort_unstable();
    let mut found = things(scenario);
    found.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn a_plan_of_what_is_not_there_creates_everything_and_writes_nothing() {
    let scenario = Scenario::of(&Stack::flash_sale());
    let before = scenario.world();
    let shown = scenario.run(&["plan", "--detailed-exitcode"]).exits(2);
    assert!(
        shown.stdout.contains("Plan: 15 to create."),
        "{}",
        shown.stdout
    );
    let plan = scenario.run(&["plan", "--json"]).exits(0).json();
    assert_eq!(plan["version"], 1);
    assert_eq!(plan["stack"], "flash-sale");
    assert_eq!(plan["account"], scenario.proxy.account());
    assert_eq!(
        plan["summary"],
        json!({"create": 15, "update": 0, "adopt": 0, "delete": 0})
    );
    assert_eq!(plan["changes"].as_array().map(Vec::len), Some(15));
    scenario.run(&["plan"]).exits(0);
    assert_eq!(scenario.writes(), [""; 0]);
    assert_eq!(scenario.world(), before);
}

#[test]
fn the_flash_sale_is_made_as_written_holds_changes_and_goes() {
    let scenario = Scenario::of(&Stack::flash_sale());
    scenario.apply();
    holds_exactly(&scenario, &THINGS);
    identities_are_as_written(&scenario);
    capacity_is_as_written(&scenario);
    containers_are_as_written(&scenario);
    scenario.holds();

    let changed = Stack::flash_sale()
        .replacing(
            "        cpu: 256\n        memory: 512\n",
            "        cpu: 256\n        memory: 512\n        environment: [{ name: SALE, value: summer }]\n",
        )
        .replacing("maxCapacity: 3", "maxCapacity: 5");
    let before = scenario.world();
    scenario.says(&changed);
    let shown = scenario
        .run(&["plan", "--detailed-exitcode"])
        .exits(2)
        .stdout;
    assert!(shown.contains("maxCapacity: 3 → 5"), "{shown}");
    assert!(shown.contains("SALE"), "{shown}");
    assert!(
        !shown.contains("awslogs"),
        "only what changed is shown:\n{shown}"
    );
    scenario.apply();
    let after = scenario.world();
    assert_eq!(
        after.difference(&before),
        [
            "revision flash-sale-task:1",
            "revision flash-sale-task:2",
            "service flash-sale-service",
            "target service/flash-sale-cluster/flash-sale-service",
        ]
    );
    let container = &after.get("revision flash-sale-task:2")["containerDefinitions"][0];
    assert_eq!(
        container["environment"],
        json!([{"name": "SALE", "value": "summer"}])
    );
    let service = after.get("service flash-sale-service");
    assert!(
        service["taskDefinition"]
            .as_str()
            .is_some_and(|it| it.ends_with("flash-sale-task:2"))
    );
    let target = after.get("target service/flash-sale-cluster/flash-sale-service");
    assert_eq!(
        (&target["MinCapacity"], &target["MaxCapacity"]),
        (&json!(1), &json!(5))
    );
    scenario.holds();

    let shown = scenario.destroy().stdout;
    assert!(shown.contains("Plan: 14 to delete."), "{shown}");
    holds_exactly(&scenario, &[]);
    scenario.run(&["destroy", "--yes"]).exits(0);
    assert_eq!(
        scenario.writes(),
        [""; 0],
        "destroying nothing writes nothing"
    );
    scenario.run(&["plan", "--detailed-exitcode"]).exits(2);
}

fn identities_are_as_written(scenario: &Scenario) {
    let world = scenario.world();
    for (role, service, policies) in [
        (
            "role ecsInstanceRole",
            "ec2.amazonaws.com",
            [
                "service-role/AmazonEC2ContainerServiceforEC2Role",
                "AmazonEC2ContainerRegistryPowerUser",
            ],
        ),
        (
            "role ecsTaskExecutionRole",
            "ecs-tasks.amazonaws.com",
            [
                "service-role/AmazonECSTaskExecutionRolePolicy",
                "AmazonEC2ContainerRegistryReadOnly",
            ],
        ),
    ] {
        let shown = world.get(role);
        assert_eq!(shown["Path"], "/setpoint/flash-sale/");
        let statement = &shown["AssumeRolePolicyDocument"]["Statement"][0];
        assert_eq!(statement["Principal"]["Service"], json!([service]));
        assert_eq!(statement["Action"], json!(["sts:AssumeRole"]));
        let mut attached: Vec<&str> = shown["attached"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|it| {
                it["PolicyArn"]
                    .as_str()?
                    .strip_prefix("arn:aws:iam::aws:policy/")
            })
            .collect();
        attached.sort_unstable();
        let mut policies = policies;
        policies.sort_unstable();
        assert_eq!(attached, policies, "{role}");
        assert_eq!(tag(shown, "project").as_deref(), Some("flash-sale"));
        assert_eq!(tag(shown, "setpoint:stack").as_deref(), Some("flash-sale"));
    }
    let profile = world.get("instanceProfile ecsInstanceRole");
    assert_eq!(profile["Roles"][0]["RoleName"], "ecsInstanceRole");
}

fn capacity_is_as_written(scenario: &Scenario) {
    let world = scenario.world();
    let group = world.get("securityGroup flash-sale-instances");
    let mut open: Vec<(&Value, &Value, &Value)> = Vec::new();
    for it in group["IpPermissions"].as_array().into_iter().flatten() {
        assert_eq!(it["IpProtocol"], "tcp");
        open.push((&it["FromPort"], &it["ToPort"], &it["IpRanges"][0]["CidrIp"]));
    }
    open.sort_by_key(|it| it.0.as_i64());
    let anywhere = json!("0.0.0.0/0");
    assert_eq!(
        open,
        [
            (&json!(80), &json!(80), &anywhere),
            (&json!(32768), &json!(60999), &anywhere)
        ]
    );

    let template = world.get("launchTemplate flash-sale-instances");
    assert_eq!(template["versions"].as_array().map(Vec::len), Some(1));
    let data = &template["versions"][0]["LaunchTemplateData"];
    let parameter = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id";
    assert_eq!(data["ImageId"], format!("resolve:ssm:{parameter}"));
    assert_eq!(data["InstanceType"], "t2.small");
    assert_eq!(data.get("KeyName"), None);
    assert_eq!(data["MetadataOptions"]["HttpTokens"], "required");
    assert_eq!(data["BlockDeviceMappings"][0]["Ebs"]["VolumeSize"], 30);
    assert_eq!(
        data["NetworkInterfaces"][0]["AssociatePublicIpAddress"],
        true
    );
    assert_eq!(data["NetworkInterfaces"][0]["Groups"][0], group["GroupId"]);
    let profile = &world.get("instanceProfile ecsInstanceRole")["Arn"];
    assert_eq!(&data["IamInstanceProfile"]["Arn"], profile);
    // "#!/bin/bash\necho ECS_CLUSTER=flash-sale-cluster >> /etc/ecs/ecs.config\n"
    let joins = "IyEvYmluL2Jhc2gKZWNobyBFQ1NfQ0xVU1RFUj1mbGFzaC1zYWxlLWNsdXN0ZXIgPj4gL2V0Yy9lY3MvZWNzLmNvbmZpZwo=";
    assert_eq!(data["UserData"], joins);

    let group = world.get("autoScalingGroup flash-sale-instances");
    assert_eq!(
        (&group["MinSize"], &group["MaxSize"]),
        (&json!(1), &json!(3))
    );
    let subnets = scenario.boto().expect("ec2", "describe_subnets", json!({}));
    let mut defaults: Vec<&str> = subnets["Subnets"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|it| it["DefaultForAz"] == true)
        .filter_map(|it| it["SubnetId"].as_str())
        .collect();
    defaults.sort_unstable();
    let zones = group["VPCZoneIdentifier"].as_str().unwrap_or_default();
    let mut zones: Vec<&str> = zones.split(',').collect();
    zones.sort_unstable();
    assert_eq!(zones, defaults);

    let provider = &world.get("capacityProvider flash-sale-capacity")["autoScalingGroupProvider"];
    // AWS takes the group's name or its ARN, and shows the ARN; moto shows what it was given.
    let of = provider["autoScalingGroupArn"].as_str().unwrap_or_default();
    assert!(of.ends_with("flash-sale-instances"), "{of}");
    assert_eq!(provider["managedScaling"]["status"], "ENABLED");
    let cluster = world.get("cluster flash-sale-cluster");
    assert_eq!(cluster["capacityProviders"], json!(["flash-sale-capacity"]));
    let strategy = &cluster["defaultCapacityProviderStrategy"][0];
    assert_eq!(strategy["capacityProvider"], "flash-sale-capacity");
}

fn containers_are_as_written(scenario: &Scenario) {
    let world = scenario.world();
    let revision = world.get("revision flash-sale-task:1");
    assert_eq!(revision["networkMode"], "bridge");
    assert_eq!(revision["requiresCompatibilities"], json!(["EC2"]));
    assert_eq!(
        (&revision["cpu"], &revision["memory"]),
        (&Value::Null, &json!("512"))
    );
    assert_eq!(
        revision["executionRoleArn"],
        world.get("role ecsTaskExecutionRole")["Arn"]
    );
    let container = &revision["containerDefinitions"][0];
    let repository = world.get("repository flash-sale-webapp");
    let uri = repository["repositoryUri"].as_str().unwrap_or_default();
    assert_eq!(container["name"], "web-container");
    let image = container["image"].as_str().unwrap_or_default();
    let digest = image.strip_prefix(&format!("{uri}@sha256:"));
    assert!(digest.is_some_and(|it| it.len() == 64), "{image}");
    assert_eq!(
        (&container["cpu"], &container["memory"]),
        (&json!(256), &json!(512))
    );
    let port = &container["portMappings"][0];
    assert_eq!(
        (&port["containerPort"], &port["hostPort"]),
        (&json!(80), &json!(0))
    );
    assert_eq!(
        container["logConfiguration"],
        json!({
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": "/ecs/flash-sale-webapp",
                "awslogs-region": "us-east-1",
                "awslogs-stream-prefix": "ecs",
            },
        })
    );
    assert_eq!(repository["imageScanningConfiguration"]["scanOnPush"], true);
    assert!(
        repository["lifecyclePolicy"]
            .as_str()
            .is_some_and(|it| it.contains("untagged"))
    );
    assert_eq!(
        world.get("logGroup /ecs/flash-sale-webapp")["retentionInDays"],
        14
    );

    let service = world.get("service flash-sale-service");
    assert_eq!(service["taskDefinition"], revision["taskDefinitionArn"]);
    assert_eq!(service["desiredCount"], 1);
    assert_eq!(
        service["clusterArn"],
        world.get("cluster flash-sale-cluster")["clusterArn"]
    );
    let strategy = &service["capacityProviderStrategy"][0];
    assert_eq!(strategy["capacityProvider"], "flash-sale-capacity");

    let policy = world.get("policy cpu-target-tracking");
    assert_eq!(policy["PolicyType"], "TargetTrackingScaling");
    let tracking = &policy["TargetTrackingScalingPolicyConfiguration"];
    assert_eq!(tracking["TargetValue"], 50.0);
    let metric = &tracking["PredefinedMetricSpecification"]["PredefinedMetricType"];
    assert_eq!(metric, "ECSServiceAverageCPUUtilization");
    assert_eq!(
        (&tracking["ScaleOutCooldown"], &tracking["ScaleInCooldown"]),
        (&json!(60), &json!(300))
    );
}

#[test]
fn a_service_on_a_launch_type_lives_as_well() {
    let strategy = "    capacityProviderStrategy:\n      - { capacityProvider: flash-sale-capacity, weight: 1 }\n    #";
    let stack = Stack::flash_sale().replacing(
        strategy,
        "    launchType: EC2 # setpoint: allow SP109 it is what this is about\n    #",
    );
    let scenario = Scenario::of(&stack);
    scenario.apply();
    let world = scenario.world();
    let service = world.get("service flash-sale-service");
    assert_eq!(service["launchType"], "EC2");
    assert!(
        service
            .get("capacityProviderStrategy")
            .is_none_or(|it| *it == json!([]))
    );
    scenario.holds();
    scenario.destroy();
    holds_exactly(&scenario, &[]);
}

#[test]
fn a_policy_may_follow_the_metric_of_twenty_seconds() {
    let stack = Stack::flash_sale().replacing(
        "ECSServiceAverageCPUUtilization",
        "ECSServiceAverageCPUUtilizationHighResolution",
    );
    // AWS takes such a policy only for a service whose `monitoring` publishes the metric; moto takes
    // it anyway, and lacks DescribeServiceRevisions, in which alone a service's `monitoring` shows.
    let scenario = Scenario::of(&stack);
    scenario.apply();
    let policy = scenario.world();
    let tracking =
        &policy.get("policy cpu-target-tracking")["TargetTrackingScalingPolicyConfiguration"];
    assert_eq!(
        tracking["PredefinedMetricSpecification"]["PredefinedMetricType"],
        "ECSServiceAverageCPUUtilizationHighResolution"
    );
    scenario.holds();
    scenario.destroy();
    holds_exactly(&scenario, &[]);
}
