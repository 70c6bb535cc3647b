//! Load balancers, and what is behind them.

use crate::{
    Answer, Habits, Input, Refusal, Time, World,
    service::{
        self,
        ecs::{
            instance::ContainerInstance,
            task::{HostPort, Task},
        },
    },
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};

fn world() -> World {
    let now = Time(1_795_737_600_000);
    World::new("us-east-1", 7, now, Habits::default())
}

fn call(world: &mut World, service: &str, action: &str, members: Value) -> Answer {
    let input = Input {
        service: service.to_owned(),
        action: action.to_owned(),
        members: members.as_object().cloned().unwrap_or_default(),
        ..Input::default()
    };
    service::run(world, &input)
}

fn ok(world: &mut World, action: &str, members: Value) -> Value {
    let answer = call(world, "elasticloadbalancing", action, members);
    answer.unwrap_or_else(|it| panic!("{action}: {it}"))
}

fn refused(world: &mut World, action: &str, members: Value) -> Refusal {
    match call(world, "elasticloadbalancing", action, members) {
        Ok(answer) => panic!("{action}: {answer}"),
        Err(refusal) => refusal,
    }
}

fn pass(world: &mut World, seconds: u64) {
    let to = world.now + Duration::from_secs(seconds);
    world.advance(to);
}

/// The default VPC, and a subnet in each of two zones.
fn network(world: &mut World) -> (String, Vec<String>) {
    let found = call(world, "ec2", "DescribeSubnets", json!({})).unwrap();
    let zone = |name: &str| {
        let mut subnets = found["Subnets"].as_array().unwrap().iter();
        let subnet = subnets.find(|it| it["AvailabilityZone"] == name).unwrap();
        subnet["SubnetId"].as_str().unwrap().to_owned()
    };
    let vpc = found["Subnets"][0]["VpcId"].as_str().unwrap().to_owned();
    (vpc, vec![zone("us-east-1a"), zone("us-east-1b")])
}

fn balancer(world: &mut World) -> String {
    let (_, subnets) = network(world);
    let members = json!({ "Name": "front", "Subnets": subnets });
    let made = ok(world, "CreateLoadBalancer", members);
    let arn = made["LoadBalancers"][0]["LoadBalancerArn"].as_str();
    arn.unwrap().to_owned()
}

fn target_group(world: &mut World) -> String {
    let (vpc, _) = network(world);
    let members = json!({ "Name": "web", "Protocol": "HTTP", "Port": 80, "VpcId": vpc });
    let made = ok(world, "CreateTargetGroup", members);
    let arn = made["TargetGroups"][0]["TargetGroupArn"].as_str();
    arn.unwrap().to_owned()
}

fn listener(world: &mut World, balancer: &str, group: &str, port: u16) -> Answer {
    let members = json!({
        "LoadBalancerArn": balancer, "Protocol": "HTTP", "Port": port,
        "DefaultActions": [{ "Type": "forward", "TargetGroupArn": group }],
    });
    call(world, "elasticloadbalancing", "CreateListener", members)
}

#[test]
fn a_load_balancer_is_provisioned_and_then_active() {
    let mut world = world();
    let arn = balancer(&mut world);
    let prefix = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/front/";
    assert!(arn.starts_with(prefix), "{arn}");
    let asked = json!({ "Names": ["front"] });
    let shown = ok(&mut world, "DescribeLoadBalancers", asked.clone());
    let shown = &shown["LoadBalancers"][0];
    assert_eq!(shown["State"]["Code"], "provisioning");
    assert_eq!(shown["Scheme"], "internet-facing");
    assert_eq!(shown["AvailabilityZones"].as_array().unwrap().len(), 2);
    assert_eq!(shown["SecurityGroups"].as_array().unwrap().len(), 1);
    pass(&mut world, 120);
    let shown = ok(&mut world, "DescribeLoadBalancers", asked);
    assert_eq!(shown["LoadBalancers"][0]["State"]["Code"], "active");
    assert_eq!(balancer(&mut world), arn);
}

#[test]
fn a_load_balancer_needs_two_zones_and_a_name_of_its_own() {
    let mut world = world();
    balancer(&mut world);
    let (_, subnets) = network(&mut world);
    let one = json!({ "Name": "other", "Subnets": subnets[..1] });
    let refusal = refused(&mut world, "CreateLoadBalancer", one);
    assert_eq!(refusal.code, "ValidationError");
    let other = json!({ "Name": "front", "Subnets": subnets, "Scheme": "internal" });
    let refusal = refused(&mut world, "CreateLoadBalancer", other);
    assert_eq!(refusal.code, "DuplicateLoadBalancerName");
    let asked = json!({ "Names": ["none"] });
    let refusal = refused(&mut world, "DescribeLoadBalancers", asked);
    assert_eq!(refusal.code, "LoadBalancerNotFound");
    assert_eq!(refusal.message, "Load balancers '[none]' not found");
}

#[test]
fn a_protected_load_balancer_is_kept_and_others_go_with_their_listeners() {
    let mut world = world();
    let (arn, group) = (balancer(&mut world), target_group(&mut world));
    listener(&mut world, &arn, &group, 80).unwrap();
    let mut protect = |value: &str| {
        let attributes = json!([{ "Key": "deletion_protection.enabled", "Value": value }]);
        let members = json!({ "LoadBalancerArn": arn, "Attributes": attributes });
        ok(&mut world, "ModifyLoadBalancerAttributes", members);
        let members = json!({ "LoadBalancerArn": arn });
        call(
            &mut world,
            "elasticloadbalancing",
            "DeleteLoadBalancer",
            members,
        )
    };
    assert_eq!(protect("true").unwrap_err().code, "OperationNotPermitted");
    assert_eq!(protect("false"), Ok(json!({})));
    assert!(world.elb.listeners.is_empty());
    assert_eq!(super::is_attached(&world, &group), Some(false));
    ok(
        &mut world,
        "DeleteTargetGroup",
        json!({ "TargetGroupArn": group }),
    );
    assert_eq!(super::is_attached(&world, &group), None);
}

#[test]
fn a_target_group_shows_its_defaults_and_is_kept_while_it_is_used() {
    let mut world = world();
    let (arn, group) = (balancer(&mut world), target_group(&mut world));
    let asked = json!({ "TargetGroupArns": [group] });
    let shown = ok(&mut world, "DescribeTargetGroups", asked.clone());
    let shown = &shown["TargetGroups"][0];
    assert_eq!(shown["TargetType"], "instance");
    assert_eq!(shown["HealthCheckPort"], "traffic-port");
    assert_eq!(shown["HealthCheckPath"], "/");
    assert_eq!(shown["HealthCheckTimeoutSeconds"], 5);
    assert_eq!(shown["Matcher"], json!({ "HttpCode": "200" }));
    assert_eq!(shown["LoadBalancerArns"], json!([]));
    listener(&mut world, &arn, &group, 80).unwrap();
    let again = listener(&mut world, &arn, &group, 80).unwrap_err();
    assert_eq!(again.code, "DuplicateListener");
    let shown = ok(&mut world, "DescribeTargetGroups", asked);
    assert_eq!(shown["TargetGroups"][0]["LoadBalancerArns"], json!([arn]));
    let delete = json!({ "TargetGroupArn": group });
    let refusal = refused(&mut world, "DeleteTargetGroup", delete);
    assert_eq!(refusal.code, "ResourceInUse");
    assert!(
        refusal
            .message
            .ends_with("is currently in use by a listener or a rule")
    );
    let (vpc, _) = network(&mut world);
    let other = json!({ "Name": "web", "Protocol": "HTTP", "Port": 81, "VpcId": vpc });
    let refusal = refused(&mut world, "CreateTargetGroup", other);
    assert_eq!(refusal.code, "DuplicateTargetGroupName");
    let long = json!({ "Name": "w".repeat(33), "Protocol": "HTTP", "Port": 80, "VpcId": vpc });
    let refusal = refused(&mut world, "CreateTargetGroup", long);
    assert_eq!(refusal.code, "ValidationError");
}

#[test]
fn rules_go_by_their_priority_before_the_default_one() {
    let mut world = world();
    let (arn, group) = (balancer(&mut world), target_group(&mut world));
    let made = listener(&mut world, &arn, &group, 80).unwrap();
    let listener = made["Listeners"][0]["ListenerArn"].clone();
    let rule = |path: &str, priority: i64| {
        json!({
            "ListenerArn": listener, "Priority": priority,
            "Conditions": [{ "Field": "path-pattern", "Values": [path] }],
            "Actions": [{ "Type": "forward", "TargetGroupArn": group }],
        })
    };
    ok(&mut world, "CreateRule", rule("/b/*", 20));
    ok(&mut world, "CreateRule", rule("/a/*", 10));
    let refusal = refused(&mut world, "CreateRule", rule("/c/*", 10));
    assert_eq!(refusal.code, "PriorityInUse");
    let asked = json!({ "ListenerArn": listener });
    let shown = ok(&mut world, "DescribeRules", asked);
    let rules = shown["Rules"].as_array().unwrap();
    let priorities: Vec<&str> = rules
        .iter()
        .filter_map(|it| it["Priority"].as_str())
        .collect();
    assert_eq!(priorities, ["10", "20", "default"]);
    let config = &rules[0]["Conditions"][0]["PathPatternConfig"];
    assert_eq!(*config, json!({ "Values": ["/a/*"] }));
    let default = json!({ "RuleArn": rules[2]["RuleArn"] });
    let refusal = refused(&mut world, "DeleteRule", default);
    assert_eq!(refusal.code, "OperationNotPermitted");
}

/// An instance with a task that has port 32768, running for a while.
fn serving(world: &mut World) -> String {
    let image = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id";
    let members = json!({
        "ImageId": image, "InstanceType": "t3.small", "MinCount": 1, "MaxCount": 1,
    });
    let made = call(world, "ec2", "RunInstances", members).unwrap();
    let id = made["Instances"][0]["InstanceId"].as_str().unwrap();
    pass(world, 60);
    let instance = ContainerInstance {
        arn: "arn:instance".into(),
        cluster: "web".into(),
        ec2: id.to_owned(),
        status: "ACTIVE".into(),
        connected: true,
        provider: None,
        cpu: 2048,
        memory: 1900,
        attributes: BTreeMap::new(),
        tags: BTreeMap::new(),
        registered_at: world.now,
    };
    let task = Task {
        arn: "arn:task".into(),
        cluster: "web".into(),
        service: None,
        deployment: None,
        task_definition: "arn:definition".into(),
        instance: Some("arn:instance".into()),
        status: "RUNNING".into(),
        desired_status: "RUNNING".into(),
        containers: Vec::new(),
        ports: vec![HostPort {
            container: "web".into(),
            container_port: 80,
            host_port: 32768,
            protocol: "tcp".into(),
        }],
        health: "UNKNOWN".into(),
        created_at: world.now,
        started_at: Some(world.now),
        stopped_at: None,
        stopped: None,
        more: json!({}),
        tags: BTreeMap::new(),
        ..Task::default()
    };
    world.ecs.instances.insert("arn:instance".into(), instance);
    world.ecs.tasks.insert("arn:task".into(), task);
    id.to_owned()
}

#[test]
fn a_target_is_healthy_after_a_check_and_drains_when_it_goes() {
    let mut world = world();
    let (arn, group) = (balancer(&mut world), target_group(&mut world));
    let id = serving(&mut world);
    super::register(&mut world, &group, &id, 32768);
    let health = |world: &World| super::health(world, &group, &id, 32768);
    assert_eq!(health(&world).as_deref(), Some("unused"));
    listener(&mut world, &arn, &group, 80).unwrap();
    assert_eq!(health(&world).as_deref(), Some("initial"));
    pass(&mut world, 30);
    assert_eq!(health(&world).as_deref(), Some("healthy"));
    let targets = json!([{ "Id": id, "Port": 32768 }]);
    let members = json!({ "TargetGroupArn": group, "Targets": targets });
    ok(&mut world, "DeregisterTargets", members.clone());
    assert_eq!(health(&world).as_deref(), Some("draining"));
    pass(&mut world, 300);
    assert_eq!(health(&world), None);
    let shown = ok(&mut world, "DescribeTargetHealth", members);
    let shown = &shown["TargetHealthDescriptions"][0]["TargetHealth"];
    assert_eq!(shown["Reason"], "Target.NotRegistered");
}

#[test]
fn a_target_that_nothing_serves_is_unhealthy() {
    let mut world = world();
    let (arn, group) = (balancer(&mut world), target_group(&mut world));
    listener(&mut world, &arn, &group, 80).unwrap();
    let id = serving(&mut world);
    let targets = json!([{ "Id": id }]);
    let members = json!({ "TargetGroupArn": group, "Targets": targets });
    ok(&mut world, "RegisterTargets", members.clone());
    pass(&mut world, 30);
    let shown = ok(&mut world, "DescribeTargetHealth", members.clone());
    let shown = &shown["TargetHealthDescriptions"][0];
    assert_eq!(shown["Target"]["Port"], 80);
    assert_eq!(shown["TargetHealth"]["State"], "initial");
    pass(&mut world, 30);
    let shown = ok(&mut world, "DescribeTargetHealth", members);
    let shown = &shown["TargetHealthDescriptions"][0];
    assert_eq!(shown["TargetHealth"]["State"], "unhealthy");
}

#[test]
fn tags_are_those_of_up_to_twenty_resources() {
    let mut world = world();
    let group = target_group(&mut world);
    let tags = json!([{ "Key": "stack", "Value": "shop" }]);
    let members = json!({ "ResourceArns": [group], "Tags": tags });
    ok(&mut world, "AddTags", members);
    let asked = json!({ "ResourceArns": [group] });
    let shown = ok(&mut world, "DescribeTags", asked);
    assert_eq!(shown["TagDescriptions"][0]["Tags"], tags);
    assert_eq!(super::tagged(&world).len(), 1);
    let many: Vec<&String> = std::iter::repeat_n(&group, 21).collect();
    let refusal = refused(&mut world, "DescribeTags", json!({ "ResourceArns": many }));
    assert_eq!(refusal.code, "ValidationError");
    let none = json!({ "ResourceArns": [format!("{group}0")] });
    let refusal = refused(&mut world, "DescribeTags", none);
    assert_eq!(refusal.code, "TargetGroupNotFound");
}
