//! Managed scaling, with instances that boot and tasks that wait.

use super::{done, managed, provider, put, with_group};
use crate::{
    World,
    service::{
        autoscaling, ec2,
        ecs::tests::{ok, pass, refused},
    },
};
use serde_json::{Value, json};

/// An account whose cluster has a managed provider, and a definition that takes half an instance.
fn ready(most: i64, more: Value) -> World {
    let mut world = with_group(most);
    let mut asked = managed();
    for (member, value) in more.as_object().expect("an object") {
        asked[member] = value.clone();
    }
    if asked["managedTerminationProtection"] == "ENABLED" {
        let protect = json!({
            "AutoScalingGroupName": "web",
            "NewInstancesProtectedFromScaleIn": true,
        });
        done(&mut world, "autoscaling", "UpdateAutoScalingGroup", protect);
    }
    provider(&mut world, asked);
    ok(&mut world, "PutClusterCapacityProviders", put(true));
    pass(&mut world, 10);
    let task = json!({
        "family": "web",
        "containerDefinitions": [{
            "name": "web",
            "image": "nginx:1.27",
            "cpu": 512,
            "memory": 512,
        }],
    });
    ok(&mut world, "RegisterTaskDefinition", task);
    world
}

fn serve(world: &mut World, count: i64) {
    let asked = json!({
        "cluster": "web",
        "serviceName": "web",
        "taskDefinition": "web",
        "desiredCount": count,
    });
    ok(world, "CreateService", asked);
}

fn count(world: &mut World, count: i64) {
    let asked = json!({ "cluster": "web", "service": "web", "desiredCount": count });
    ok(world, "UpdateService", asked);
}

fn desired(world: &World) -> i64 {
    autoscaling::group(world, "web").expect("a group").desired
}

fn cluster(world: &mut World) -> Value {
    let shown = ok(world, "DescribeClusters", json!({ "clusters": ["web"] }));
    shown["clusters"][0].clone()
}

#[test]
fn tasks_that_wait_get_instances_and_run_there() {
    let mut world = ready(5, json!({}));
    serve(&mut world, 2);
    pass(&mut world, 61);
    // A group without instances gets two at first, whatever is needed.
    assert_eq!(desired(&world), 2);
    pass(&mut world, 180);
    let shown = cluster(&mut world);
    assert_eq!(shown["registeredContainerInstancesCount"], 2);
    assert_eq!(shown["runningTasksCount"], 2);
    assert_eq!(shown["pendingTasksCount"], 0);
    let listed = ok(
        &mut world,
        "ListContainerInstances",
        json!({ "cluster": "web" }),
    );
    let asked = json!({
        "cluster": "web",
        "containerInstances": listed["containerInstanceArns"],
    });
    let instances = ok(&mut world, "DescribeContainerInstances", asked);
    let instances = instances["containerInstances"].as_array().unwrap();
    assert!(
        instances
            .iter()
            .all(|it| it["capacityProviderName"] == "web")
    );
    let free = instances
        .iter()
        .map(|it| it["remainingResources"][0]["integerValue"].as_i64());
    assert_eq!(free.flatten().sum::<i64>(), 1024);
    assert_eq!(instances[0]["registeredResources"][1]["integerValue"], 1939);
    // Each instance holds two.
    count(&mut world, 6);
    pass(&mut world, 360);
    assert_eq!(desired(&world), 3);
    pass(&mut world, 180);
    assert_eq!(cluster(&mut world)["runningTasksCount"], 6);
}

#[test]
fn the_group_is_never_larger_than_it_may_be() {
    let mut world = ready(1, json!({}));
    serve(&mut world, 4);
    pass(&mut world, 900);
    assert_eq!(desired(&world), 1);
    let shown = cluster(&mut world);
    assert_eq!(shown["runningTasksCount"], 2);
    assert_eq!(shown["pendingTasksCount"], 2);
}

#[test]
fn instances_without_tasks_go_one_by_one_after_a_quarter_of_an_hour() {
    let mut world = ready(5, json!({ "managedTerminationProtection": "ENABLED" }));
    serve(&mut world, 4);
    pass(&mut world, 600);
    assert_eq!(desired(&world), 2);
    let group = autoscaling::group(&world, "web").unwrap();
    assert!(group.members.values().all(|it| it.protected));
    count(&mut world, 0);
    pass(&mut world, 800);
    assert_eq!(desired(&world), 2);
    pass(&mut world, 300);
    let shown = cluster(&mut world);
    assert_eq!(desired(&world), 0);
    assert_eq!(shown["registeredContainerInstancesCount"], 0);
    assert_eq!(shown["runningTasksCount"], 0);
    pass(&mut world, 120);
    assert!(
        autoscaling::group(&world, "web")
            .unwrap()
            .members
            .is_empty()
    );
}

#[test]
fn an_instance_that_leaves_the_group_is_drained_first() {
    let mut world = ready(5, json!({}));
    serve(&mut world, 2);
    pass(&mut world, 300);
    let group = autoscaling::group(&world, "web").unwrap();
    let first = group.members.keys().next().unwrap().clone();
    let asked = json!({ "InstanceId": first, "ShouldDecrementDesiredCapacity": true });
    done(
        &mut world,
        "autoscaling",
        "TerminateInstanceInAutoScalingGroup",
        asked,
    );
    pass(&mut world, 1);
    let draining = json!({ "cluster": "web", "status": "DRAINING" });
    let listed = ok(&mut world, "ListContainerInstances", draining);
    assert_eq!(listed["containerInstanceArns"].as_array().unwrap().len(), 1);
    pass(&mut world, 300);
    assert_eq!(cluster(&mut world)["runningTasksCount"], 2);
    let gone = ec2::instance(&world, &first);
    assert!(gone.is_none_or(|it| it.state == "terminated"));
}

#[test]
fn an_agent_waits_for_its_cluster() {
    let mut world = ready(5, json!({}));
    let user_data =
        "IyEvYmluL2Jhc2gKZWNobyBFQ1NfQ0xVU1RFUj1sYXRlciA+PiAvZXRjL2Vjcy9lY3MuY29uZmlnCg==";
    let version = json!({
        "LaunchTemplateName": "web",
        "SourceVersion": "$Latest",
        // echo ECS_CLUSTER=later >> /etc/ecs/ecs.config
        "LaunchTemplateData": { "UserData": user_data },
    });
    done(&mut world, "ec2", "CreateLaunchTemplateVersion", version);
    let one = json!({ "AutoScalingGroupName": "web", "DesiredCapacity": 1 });
    done(&mut world, "autoscaling", "SetDesiredCapacity", one);
    pass(&mut world, 300);
    ok(
        &mut world,
        "CreateCluster",
        json!({ "clusterName": "later" }),
    );
    pass(&mut world, 30);
    let shown = ok(
        &mut world,
        "DescribeClusters",
        json!({ "clusters": ["later"] }),
    );
    assert_eq!(shown["clusters"][0]["registeredContainerInstancesCount"], 1);
}

#[test]
fn what_a_service_uses_stays_with_the_cluster() {
    let mut world = ready(5, json!({}));
    serve(&mut world, 1);
    let (code, words) = refused(&mut world, "PutClusterCapacityProviders", put(false));
    assert_eq!(code, "ResourceInUseException");
    assert_eq!(
        words,
        "The specified capacity provider is in use and cannot be removed."
    );
    let (code, _) = refused(&mut world, "DeleteCluster", json!({ "cluster": "web" }));
    assert_eq!(code, "ClusterContainsServicesException");
    let gone = json!({ "cluster": "web", "service": "web", "force": true });
    ok(&mut world, "DeleteService", gone);
    pass(&mut world, 300);
    ok(&mut world, "PutClusterCapacityProviders", put(false));
}

#[test]
fn a_host_port_that_a_task_names_is_reserved() {
    let mut world = ready(5, json!({}));
    let task = json!({
        "family": "web",
        "containerDefinitions": [{
            "name": "web",
            "image": "nginx:1.27",
            "memory": 512,
            "portMappings": [
                { "containerPort": 80, "hostPort": 8080 },
                { "containerPort": 81 },
            ],
        }],
    });
    ok(&mut world, "RegisterTaskDefinition", task);
    serve(&mut world, 1);
    pass(&mut world, 300);
    let instances: Vec<String> = world.ecs.instances.keys().cloned().collect();
    let asked = json!({ "cluster": "web", "containerInstances": instances });
    let shown = ok(&mut world, "DescribeContainerInstances", asked);
    let instances = shown["containerInstances"].as_array().unwrap();
    let busy = instances.iter().find(|it| it["runningTasksCount"] == 1);
    let busy = busy.expect("an instance with the task");
    let ports = busy["remainingResources"][2]["stringSetValue"].as_array();
    assert_eq!(ports.unwrap().last().unwrap(), "8080");
    assert_eq!(ports.unwrap().len(), 7);
    assert_eq!(busy["remainingResources"][1]["integerValue"], 1939 - 512);
}

#[test]
fn instances_that_are_terminated_take_their_tasks_with_them() {
    let mut world = ready(5, json!({}));
    serve(&mut world, 2);
    pass(&mut world, 300);
    let ids: Vec<String> = world
        .ecs
        .instances
        .values()
        .map(|it| it.ec2.clone())
        .collect();
    assert_eq!(ids.len(), 2);
    done(
        &mut world,
        "ec2",
        "TerminateInstances",
        json!({ "InstanceIds": ids }),
    );
    pass(&mut world, 5);
    let shown = cluster(&mut world);
    assert_eq!(shown["registeredContainerInstancesCount"], 0);
    assert_eq!(shown["runningTasksCount"], 0);
    pass(&mut world, 600);
    assert_eq!(cluster(&mut world)["runningTasksCount"], 2);
}
