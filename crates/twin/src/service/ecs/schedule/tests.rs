use crate::{
    World,
    service::ecs::{
        service::fixture::{create, definition, done, events, instance, pass, shown, tasks, world},
        task,
    },
};
use serde_json::{Value, json};

fn ready(instances: &[(&str, &str)]) -> World {
    let mut world = world();
    definition(&mut world, 1, json!({}));
    for (id, zone) in instances {
        instance(&mut world, id, zone);
    }
    world
}

fn zones(world: &mut World) -> Vec<String> {
    let tasks = tasks(world, "RUNNING");
    let mut zones: Vec<String> = tasks
        .iter()
        .map(|it| it["availabilityZone"].as_str().unwrap().to_owned())
        .collect();
    zones.sort();
    zones
}

#[test]
fn tasks_are_spread_over_zones_and_have_ports_of_their_own() {
    let mut world = ready(&[
        ("aaa", "us-east-1a"),
        ("bbb", "us-east-1a"),
        ("ccc", "us-east-1b"),
    ]);
    create(&mut world, json!({"desiredCount": 4}));
    pass(&mut world, 20);
    assert_eq!(
        zones(&mut world),
        ["us-east-1a", "us-east-1a", "us-east-1b", "us-east-1b"]
    );
    for task in tasks(&mut world, "RUNNING") {
        let binding = &task["containers"][0]["networkBindings"][0];
        let port = binding["hostPort"].as_u64().unwrap();
        assert!((32768..=60999).contains(&port));
        assert_eq!(binding["containerPort"], 80);
    }
}

#[test]
fn without_instances_a_launch_type_service_complains() {
    let mut world = ready(&[]);
    create(&mut world, json!({}));
    pass(&mut world, 60);
    assert_eq!(
        events(&mut world),
        [
            "(service web) was unable to place a task because no container instance met all of its \
          requirements. Reason: No Container Instances were found in your cluster. For more \
          information, see the Troubleshooting section of the Amazon ECS Developer Guide."
        ]
    );
    assert_eq!(tasks(&mut world, "RUNNING").len(), 0);
    instance(&mut world, "aaa", "us-east-1a");
    pass(&mut world, 60);
    assert_eq!(shown(&mut world)["runningCount"], 2);
}

#[test]
fn the_closest_instance_is_named_with_what_it_lacks() {
    let mut world = ready(&[("aaa", "us-east-1a")]);
    create(&mut world, json!({"desiredCount": 4}));
    pass(&mut world, 20);
    let says = events(&mut world).iter().any(|it| {
        it.contains(
            "The closest matching (container-instance aaa) has insufficient memory available.",
        )
    });
    assert!(says);
    assert_eq!(shown(&mut world)["runningCount"], 3);
}

#[test]
fn tasks_of_a_provider_with_managed_scaling_wait() {
    let mut world = ready(&[("aaa", "us-east-1a")]);
    let strategy = json!([{"capacityProvider": "capacity", "weight": 1}]);
    let change = json!({
        "launchType": null, "capacityProviderStrategy": strategy, "desiredCount": 5,
    });
    create(&mut world, change);
    pass(&mut world, 20);
    assert_eq!(
        task::waiting(&world, "shop", "capacity"),
        [(256, 512), (256, 512)]
    );
    let service = shown(&mut world);
    assert_eq!(
        (&service["runningCount"], &service["pendingCount"]),
        (&json!(3), &json!(2))
    );
    let waiting = tasks(&mut world, "RUNNING");
    let waiting: Vec<&Value> = waiting
        .iter()
        .filter(|it| it["lastStatus"] == "PROVISIONING")
        .collect();
    assert_eq!(waiting[0]["capacityProviderName"], "capacity");
    instance(&mut world, "bbb", "us-east-1a");
    pass(&mut world, 20);
    assert_eq!(shown(&mut world)["runningCount"], 5);
    assert_eq!(task::waiting(&world, "shop", "capacity"), []);
}

#[test]
fn a_static_port_is_taken_once_on_an_instance() {
    let mut world = ready(&[("aaa", "us-east-1a")]);
    definition(
        &mut world,
        2,
        json!({"portMappings": [{"containerPort": 80, "hostPort": 80}]}),
    );
    create(&mut world, json!({"taskDefinition": "web:2"}));
    pass(&mut world, 20);
    assert_eq!(shown(&mut world)["runningCount"], 1);
    let says = events(&mut world)
        .iter()
        .any(|it| it.contains("is already using a port required by your task"));
    assert!(says);
}

#[test]
fn constraints_choose_the_instances() {
    let mut world = ready(&[("aaa", "us-east-1a"), ("bbb", "us-east-1b")]);
    let constraints = json!([
        {"type": "memberOf", "expression": "attribute:ecs.availability-zone in [us-east-1b, us-east-1c]"},
    ]);
    create(
        &mut world,
        json!({
            "placementConstraints": constraints, "availabilityZoneRebalancing": "DISABLED",
        }),
    );
    pass(&mut world, 20);
    assert_eq!(zones(&mut world), ["us-east-1b", "us-east-1b"]);
}

#[test]
fn a_distinct_instance_is_each_task_of_its_own() {
    let mut world = ready(&[("aaa", "us-east-1a"), ("bbb", "us-east-1a")]);
    let constraints = json!([{"type": "distinctInstance"}]);
    create(
        &mut world,
        json!({"placementConstraints": constraints, "desiredCount": 3}),
    );
    pass(&mut world, 20);
    assert_eq!(shown(&mut world)["runningCount"], 2);
}

#[test]
fn binpack_fills_one_instance_first() {
    let mut world = ready(&[("aaa", "us-east-1a"), ("bbb", "us-east-1b")]);
    let strategy = json!([{"type": "binpack", "field": "memory"}]);
    let service = create(
        &mut world,
        json!({"placementStrategy": strategy, "desiredCount": 3}),
    );
    assert_eq!(service["placementStrategy"][0]["field"], "MEMORY");
    pass(&mut world, 20);
    let zones = zones(&mut world);
    assert_eq!(zones[0], zones[2]);
}

#[test]
fn tasks_on_a_draining_instance_are_replaced() {
    let mut world = ready(&[("aaa", "us-east-1a"), ("bbb", "us-east-1b")]);
    create(&mut world, json!({}));
    pass(&mut world, 60);
    let arn = world.ecs.instances.keys().next().unwrap().clone();
    world.ecs.instances.get_mut(&arn).unwrap().status = "DRAINING".into();
    super::look_at_all(&mut world, "shop");
    pass(&mut world, 60);
    assert_eq!(zones(&mut world), ["us-east-1b", "us-east-1b"]);
    assert_eq!(tasks(&mut world, "STOPPED").len(), 1);
}

#[test]
fn tasks_on_a_lost_instance_end_and_are_replaced() {
    let mut world = ready(&[("aaa", "us-east-1a"), ("bbb", "us-east-1b")]);
    create(&mut world, json!({}));
    pass(&mut world, 60);
    let arn = world.ecs.instances.keys().next().unwrap().clone();
    world.ecs.instances.remove(&arn);
    super::look_at_all(&mut world, "shop");
    pass(&mut world, 2);
    let stopped = tasks(&mut world, "STOPPED");
    assert_eq!(
        stopped[0]["stoppedReason"],
        "Host EC2 (instance i-aaa) terminated."
    );
    pass(&mut world, 20);
    assert_eq!(shown(&mut world)["runningCount"], 2);
}

#[test]
fn a_daemon_runs_once_on_each_instance() {
    let mut world = ready(&[("aaa", "us-east-1a"), ("bbb", "us-east-1b")]);
    definition(&mut world, 2, json!({}));
    let service = create(
        &mut world,
        json!({"schedulingStrategy": "DAEMON", "desiredCount": null}),
    );
    assert_eq!(service["availabilityZoneRebalancing"], "DISABLED");
    assert_eq!(service["deploymentConfiguration"]["maximumPercent"], 100);
    pass(&mut world, 60);
    let service = shown(&mut world);
    assert_eq!(
        (&service["runningCount"], &service["desiredCount"]),
        (&json!(2), &json!(2))
    );
    instance(&mut world, "ccc", "us-east-1c");
    pass(&mut world, 130);
    assert_eq!(shown(&mut world)["runningCount"], 3);
    done(
        &mut world,
        "UpdateService",
        json!({"service": "web", "taskDefinition": "web:2"}),
    );
    pass(&mut world, 90);
    let service = shown(&mut world);
    assert_eq!(service["deployments"][0]["runningCount"], 3);
    assert_eq!(service["deployments"][0]["rolloutState"], "COMPLETED");
}

#[test]
fn tasks_that_fail_their_health_checks_are_replaced_and_counted() {
    let mut world = ready(&[("aaa", "us-east-1a")]);
    let check = json!({"command": ["CMD-SHELL", "exit 1"], "interval": 5, "retries": 2});
    definition(&mut world, 2, json!({"healthCheck": check}));
    create(
        &mut world,
        json!({
            "taskDefinition": "web:2", "desiredCount": 1,
            "deploymentConfiguration": {
                "deploymentCircuitBreaker": {"enable": true, "rollback": true},
            },
        }),
    );
    pass(&mut world, 120);
    let stopped = tasks(&mut world, "STOPPED");
    assert!(stopped.len() >= 3);
    assert_eq!(
        stopped[0]["stoppedReason"],
        "Task failed container health checks"
    );
    assert_eq!(stopped[0]["containers"][0]["healthStatus"], "UNHEALTHY");
    assert_eq!(
        shown(&mut world)["deployments"][0]["rolloutState"],
        "FAILED"
    );
}

#[test]
fn a_deployment_without_room_for_a_task_more_says_so() {
    let mut world = ready(&[("aaa", "us-east-1a")]);
    definition(&mut world, 2, json!({}));
    create(
        &mut world,
        json!({
            "desiredCount": 1,
            "deploymentConfiguration": {"maximumPercent": 150, "minimumHealthyPercent": 100},
        }),
    );
    pass(&mut world, 60);
    done(
        &mut world,
        "UpdateService",
        json!({"service": "web", "taskDefinition": "web:2"}),
    );
    pass(&mut world, 30);
    let last = events(&mut world).pop().unwrap();
    assert!(
        last.contains("because of the service deployment configuration"),
        "{last}"
    );
}

#[test]
fn a_settled_world_is_quiet() {
    let mut world = ready(&[]);
    create(&mut world, json!({"desiredCount": 0}));
    pass(&mut world, 10);
    let next = world.agenda.next().unwrap();
    assert!(next.since(world.now).as_secs() > 6 * 3600 - 20);
}

#[test]
fn expressions_are_read_and_judged() {
    let mut world = ready(&[]);
    let arn = instance(&mut world, "aaa", "us-east-1a");
    let check = |text: &str, expected: bool| {
        let instance = &world.ecs.instances[&arn];
        assert_eq!(
            super::expression::holds(&world, instance, text),
            expected,
            "{text}"
        );
    };
    check("attribute:ecs.instance-type == t2.small", true);
    check("attribute:ecs.instance-type =~ t2.*", true);
    check("attribute:ecs.instance-type =~ m5.*", false);
    check("attribute:ecs.availability-zone!=us-east-1a", false);
    check(
        "not(attribute:ecs.instance-type == t3.small) and agentConnected==true",
        true,
    );
    check("exists(attribute:gpu) or runningTasksCount > 1", false);
    check("ec2InstanceId in ['i-aaa','i-bbb']", true);
    check("attribute:ecs.availability-zone not_in [us-east-1b]", true);
}
