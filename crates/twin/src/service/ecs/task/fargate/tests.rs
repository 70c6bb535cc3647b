use crate::{
    Input, Refusal, World,
    service::{
        self,
        ecs::service::fixture::{call, create, done, events, pass, refused, shown, tasks, world},
    },
    work,
};
use serde_json::{Value, json};

fn call_ec2(world: &mut World, action: &str, members: Value) -> Result<Value, Refusal> {
    let input = Input {
        service: "ec2".into(),
        action: action.into(),
        members: members.as_object().cloned().unwrap_or_default(),
        ..Input::default()
    };
    service::run(world, &input)
}

fn of_ec2(world: &mut World, action: &str, members: Value) -> Value {
    call_ec2(world, action, members).unwrap_or_else(|err| panic!("{action}: {err}"))
}

fn refused_by_ec2(world: &mut World, action: &str, members: Value) -> String {
    let refusal = call_ec2(world, action, members);
    refusal.expect_err("it is refused").code
}

/// A cluster without instances, and a definition that Fargate takes.
fn ready() -> (World, Value) {
    let mut world = world();
    let definition = json!({
        "family": "web", "networkMode": "awsvpc", "cpu": "512", "memory": "1024",
        "requiresCompatibilities": ["FARGATE"],
        "containerDefinitions": [{
            "name": "web", "image": "nginx:1", "portMappings": [{"containerPort": 8080}],
        }],
    });
    done(&mut world, "RegisterTaskDefinition", definition);
    let subnets = of_ec2(&mut world, "DescribeSubnets", json!({}));
    let subnet = subnets["Subnets"][0]["SubnetId"].clone();
    (world, subnet)
}

fn network(subnet: &Value, public: &str) -> Value {
    json!({"awsvpcConfiguration": {"subnets": [subnet], "assignPublicIp": public}})
}

fn on_fargate(subnet: &Value) -> Value {
    json!({
        "taskDefinition": "web", "launchType": "FARGATE",
        "networkConfiguration": network(subnet, "ENABLED"),
    })
}

fn describe(world: &mut World, task: &Value) -> Value {
    done(world, "DescribeTasks", json!({"tasks": [task]}))["tasks"][0].clone()
}

#[test]
fn a_task_has_an_interface_of_its_own_and_no_instance() {
    let (mut world, subnet) = ready();
    let made = done(&mut world, "RunTask", on_fargate(&subnet));
    assert_eq!(made["failures"], json!([]));
    let arn = made["tasks"][0]["taskArn"].clone();
    assert_eq!(made["tasks"][0]["lastStatus"], "PROVISIONING");
    pass(&mut world, 20);
    let task = describe(&mut world, &arn);
    assert_eq!(task["lastStatus"], "RUNNING");
    assert_eq!(task["launchType"], "FARGATE");
    assert_eq!(task["platformVersion"], "1.4.0");
    assert_eq!(task["platformFamily"], "Linux");
    assert_eq!(task["ephemeralStorage"], json!({"sizeInGiB": 20}));
    assert!(task.get("containerInstanceArn").is_none());
    assert!(task["availabilityZone"].is_string());

    let details = task["attachments"][0]["details"].as_array().unwrap();
    let id = details.iter().find(|it| it["name"] == "networkInterfaceId");
    let ask = json!({"NetworkInterfaceIds": [id.unwrap()["value"]]});
    let found = of_ec2(&mut world, "DescribeNetworkInterfaces", ask);
    let interface = &found["NetworkInterfaces"][0];
    assert_eq!(interface["SubnetId"], subnet);
    assert!(interface["Association"]["PublicIp"].is_string());
    // None was named, so it is in the VPC's default one.
    assert_eq!(interface["Groups"][0]["GroupName"], "default");

    done(&mut world, "StopTask", json!({"task": arn}));
    pass(&mut world, 40);
    assert_eq!(describe(&mut world, &arn)["lastStatus"], "STOPPED");
    let ask = json!({"NetworkInterfaceIds": [id.unwrap()["value"]]});
    let gone = refused_by_ec2(&mut world, "DescribeNetworkInterfaces", ask);
    assert_eq!(gone, "InvalidNetworkInterfaceID.NotFound");
}

#[test]
fn what_a_tasks_interface_uses_stays_until_the_task_has_stopped() {
    let (mut world, subnet) = ready();
    let group = json!({"GroupName": "front", "Description": "HTTP"});
    let group = of_ec2(&mut world, "CreateSecurityGroup", group)["GroupId"].clone();
    let mut ask = on_fargate(&subnet);
    ask["networkConfiguration"]["awsvpcConfiguration"]["securityGroups"] = json!([group]);
    let made = done(&mut world, "RunTask", ask);
    pass(&mut world, 20);
    let delete = json!({"GroupId": group});
    let code = refused_by_ec2(&mut world, "DeleteSecurityGroup", delete.clone());
    assert_eq!(code, "DependencyViolation");
    let code = refused_by_ec2(&mut world, "DeleteSubnet", json!({"SubnetId": subnet}));
    assert_eq!(code, "DependencyViolation");
    let task = &made["tasks"][0]["taskArn"];
    done(&mut world, "StopTask", json!({"task": task}));
    pass(&mut world, 40);
    of_ec2(&mut world, "DeleteSecurityGroup", delete);
    of_ec2(&mut world, "DeleteSubnet", json!({"SubnetId": subnet}));
}

#[test]
fn a_private_task_has_no_public_address() {
    let (mut world, subnet) = ready();
    let mut ask = on_fargate(&subnet);
    ask["networkConfiguration"] = network(&subnet, "DISABLED");
    done(&mut world, "RunTask", ask);
    pass(&mut world, 20);
    let found = of_ec2(&mut world, "DescribeNetworkInterfaces", json!({}));
    let all = found["NetworkInterfaces"].as_array().unwrap();
    assert_eq!(all.len(), 1);
    assert!(all[0].get("Association").is_none());
}

#[test]
fn a_task_that_is_stopped_before_it_has_an_interface_never_starts() {
    let (mut world, subnet) = ready();
    let made = done(&mut world, "RunTask", on_fargate(&subnet));
    let arn = made["tasks"][0]["taskArn"].clone();
    done(&mut world, "StopTask", json!({"task": arn}));
    let task = describe(&mut world, &arn);
    assert_eq!(task["lastStatus"], "STOPPED");
    assert!(task.get("startedAt").is_none());
}

#[test]
fn a_capacity_provider_of_fargate_runs_tasks_there() {
    let (mut world, subnet) = ready();
    let providers = json!({
        "capacityProviders": ["FARGATE"],
        "defaultCapacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1}],
    });
    done(&mut world, "PutClusterCapacityProviders", providers);
    let mut ask = on_fargate(&subnet);
    ask.as_object_mut().unwrap().remove("launchType");
    let made = done(&mut world, "RunTask", ask);
    pass(&mut world, 20);
    let task = describe(&mut world, &made["tasks"][0]["taskArn"]);
    assert_eq!(task["lastStatus"], "RUNNING");
    assert_eq!(task["launchType"], "FARGATE");
    assert_eq!(task["capacityProviderName"], "FARGATE");
}

#[test]
fn what_fargate_does_not_do_is_refused() {
    let (mut world, subnet) = ready();
    let mut refuse = |member: &str, value: Value| {
        let mut ask = on_fargate(&subnet);
        ask[member] = value;
        let count = world.ecs.tasks.len();
        let (code, words) = refused(&mut world, "RunTask", ask);
        assert_eq!(world.ecs.tasks.len(), count);
        format!("{code}: {words}")
    };
    let spread = json!([{"type": "random"}]);
    assert_eq!(
        refuse("placementStrategy", spread),
        "InvalidParameterException: Placement strategies are not supported with FARGATE launch type."
    );
    let distinct = json!([{"type": "distinctInstance"}]);
    assert_eq!(
        refuse("placementConstraints", distinct),
        "InvalidParameterException: Placement constraints are not supported with FARGATE launch \
         type."
    );
    assert!(refuse("platformVersion", json!("9.9.9")).starts_with("PlatformUnknownException"));
    assert_eq!(
        refuse("networkConfiguration", json!({})),
        "InvalidParameterException: Network Configuration must be provided when networkMode \
         'awsvpc' is specified."
    );
    assert!(refuse("launchType", json!("EXTERNAL")).starts_with("UnsupportedFeatureException"));
    // On EC2, a task's own interface never has a public address.
    assert_eq!(
        refuse("launchType", json!("EC2")),
        "InvalidParameterException: Assign public IP is not supported for this launch type."
    );

    let bridge = json!({
        "family": "old", "containerDefinitions": [{"name": "a", "image": "b", "memory": 64}],
    });
    done(&mut world, "RegisterTaskDefinition", bridge);
    let ask = json!({"taskDefinition": "old", "launchType": "FARGATE"});
    let (_, words) = refused(&mut world, "RunTask", ask);
    assert_eq!(
        words,
        "Task definition does not support launch_type FARGATE."
    );
    let ask = json!({"taskDefinition": "old", "launchType": "EC2", "platformVersion": "LATEST"});
    let (_, words) = refused(&mut world, "RunTask", ask);
    assert_eq!(
        words,
        "The platform version must be null when specifying an EC2 launch type."
    );
}

fn service(subnet: &Value) -> Value {
    json!({"launchType": "FARGATE", "networkConfiguration": network(subnet, "ENABLED")})
}

#[test]
fn a_service_keeps_its_tasks_and_replaces_them() {
    let (mut world, subnet) = ready();
    let made = create(&mut world, service(&subnet));
    assert_eq!(made["launchType"], "FARGATE");
    assert_eq!(made["platformVersion"], "LATEST");
    pass(&mut world, 120);
    assert_eq!(shown(&mut world)["runningCount"], 2);
    let told = events(&mut world);
    assert!(
        told.iter()
            .any(|it| it.contains("has reached a steady state")),
        "{told:#?}"
    );
    let before = tasks(&mut world, "RUNNING");
    done(
        &mut world,
        "StopTask",
        json!({"task": before[0]["taskArn"]}),
    );
    pass(&mut world, 120);
    assert_eq!(tasks(&mut world, "RUNNING").len(), 2);
    let update = json!({"service": "web", "desiredCount": 1});
    done(&mut world, "UpdateService", update);
    pass(&mut world, 120);
    assert_eq!(shown(&mut world)["runningCount"], 1);

    let daemon =
        json!({"serviceName": "all", "schedulingStrategy": "DAEMON", "desiredCount": null});
    let mut ask = service(&subnet);
    for (member, value) in daemon.as_object().unwrap() {
        ask[member.as_str()] = value.clone();
    }
    ask["taskDefinition"] = json!("web");
    ask.as_object_mut().unwrap().remove("desiredCount");
    let refusal = call(&mut world, "CreateService", ask).expect_err("there are no instances");
    assert!(
        refusal
            .message
            .starts_with("The daemon scheduling strategy is not supported")
    );
}

#[test]
fn a_task_has_all_of_what_it_asked_for_and_no_more() {
    let (mut world, subnet) = ready();
    create(&mut world, service(&subnet));
    pass(&mut world, 120);
    let arns: Vec<String> = world.ecs.tasks.keys().cloned().collect();
    // Half a vCPU each, however many there are.
    for arn in &arns {
        assert_eq!(work::speed(&world, arn), 512.0);
    }
}
