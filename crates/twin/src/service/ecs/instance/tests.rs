use super::ContainerInstance;
use crate::{
    Time, World,
    service::ecs::tests::{ok, refused, world},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A cluster `web` with two instances, in two zones.
fn with_two() -> World {
    let mut world = world();
    ok(&mut world, "CreateCluster", json!({ "clusterName": "web" }));
    for (id, zone, kind) in [
        ("0a", "us-east-1a", "t2.small"),
        ("0b", "us-east-1b", "m5.large"),
    ] {
        let attributes = [
            ("ecs.availability-zone", zone),
            ("ecs.instance-type", kind),
            ("ecs.capability.task-eni", ""),
        ];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let instance = ContainerInstance {
            arn: super::arn(&world, "web", id),
            cluster: "web".into(),
            ec2: format!("i-{id}"),
            status: "ACTIVE".into(),
            connected: true,
            provider: Some("web".into()),
            cpu: 1024,
            memory: 1939,
            attributes: BTreeMap::from(attributes),
            tags: BTreeMap::new(),
            registered_at: Time(1_795_737_000_000),
        };
        world.ecs.instances.insert(instance.arn.clone(), instance);
    }
    world
}

fn ids(answer: &Value) -> Vec<&str> {
    let arns = answer["containerInstanceArns"].as_array().unwrap().iter();
    arns.map(|it| it.as_str().unwrap().rsplit('/').next().unwrap())
        .collect()
}

#[test]
fn an_instance_shows_what_it_offers_and_what_is_reserved() {
    let mut world = with_two();
    let asked = json!({
        "cluster": "web",
        "containerInstances": ["0a", "no"],
        "include": ["CONTAINER_INSTANCE_HEALTH"],
    });
    let shown = ok(&mut world, "DescribeContainerInstances", asked);
    let first = &shown["containerInstances"][0];
    assert_eq!(first["ec2InstanceId"], "i-0a");
    assert_eq!(first["capacityProviderName"], "web");
    assert_eq!(first["agentConnected"], true);
    assert_eq!(first["registeredAt"], 1_795_737_000);
    assert_eq!(first["healthStatus"]["overallStatus"], "OK");
    assert_eq!(
        first["attributes"][1],
        json!({ "name": "ecs.capability.task-eni" })
    );
    let resources = &first["registeredResources"];
    assert_eq!(resources[0]["integerValue"], 1024);
    assert_eq!(resources[1]["integerValue"], 1939);
    let ports = json!(["22", "2375", "2376", "51678", "51679", "51680"]);
    assert_eq!(resources[2]["stringSetValue"], ports);
    assert_eq!(first["remainingResources"], *resources);
    assert_eq!(shown["failures"][0]["reason"], "MISSING");
    let elsewhere = json!({ "cluster": "no", "containerInstances": ["0a"] });
    let (code, _) = refused(&mut world, "DescribeContainerInstances", elsewhere);
    assert_eq!(code, "ClusterNotFoundException");
}

#[test]
fn instances_are_chosen_by_status_and_by_what_they_are() {
    let mut world = with_two();
    let drain = json!({ "cluster": "web", "containerInstances": ["0b"], "status": "DRAINING" });
    let drained = ok(&mut world, "UpdateContainerInstancesState", drain);
    assert_eq!(drained["containerInstances"][0]["status"], "DRAINING");
    let all = ok(
        &mut world,
        "ListContainerInstances",
        json!({ "cluster": "web" }),
    );
    assert_eq!(ids(&all), ["0a", "0b"]);
    let asked = json!({ "cluster": "web", "status": "DRAINING" });
    assert_eq!(
        ids(&ok(&mut world, "ListContainerInstances", asked)),
        ["0b"]
    );
    for (filter, expected) in [
        ("attribute:ecs.availability-zone == us-east-1a", vec!["0a"]),
        ("attribute:ecs.availability-zone != us-east-1a", vec!["0b"]),
        ("attribute:ecs.instance-type =~ t2.*", vec!["0a"]),
        (
            "attribute:ecs.instance-type in [m5.large, m5.xlarge]",
            vec!["0b"],
        ),
        ("attribute:stack exists", vec![]),
        ("attribute:stack !exists", vec!["0a", "0b"]),
        (
            "not (ec2InstanceId == i-0a or ec2InstanceId == \"i-0b\")",
            vec![],
        ),
        (
            "agentConnected==true and runningTasksCount<1",
            vec!["0a", "0b"],
        ),
    ] {
        let asked = json!({ "cluster": "web", "filter": filter });
        let found = ok(&mut world, "ListContainerInstances", asked);
        assert_eq!(ids(&found), expected, "{filter}");
    }
    for filter in ["", "attribute:a ==", "size == 3", "(agentConnected == true"] {
        let asked = json!({ "cluster": "web", "filter": filter });
        let (code, _) = refused(&mut world, "ListContainerInstances", asked);
        assert_eq!(code, "InvalidParameterException", "{filter}");
    }
    let asked = json!({ "cluster": "web", "containerInstances": ["0a"], "status": "REGISTERING" });
    let (code, _) = refused(&mut world, "UpdateContainerInstancesState", asked);
    assert_eq!(code, "InvalidParameterException");
}

#[test]
fn an_instance_that_leaves_is_shown_for_a_while_and_counts_no_more() {
    let mut world = with_two();
    let asked = json!({ "cluster": "web", "containerInstance": "0a" });
    let left = ok(&mut world, "DeregisterContainerInstance", asked.clone());
    assert_eq!(left["containerInstance"]["status"], "INACTIVE");
    let listed = ok(
        &mut world,
        "ListContainerInstances",
        json!({ "cluster": "web" }),
    );
    assert_eq!(ids(&listed), ["0b"]);
    let (code, _) = refused(&mut world, "DeregisterContainerInstance", asked);
    assert_eq!(code, "InvalidParameterException");
    let described = json!({ "cluster": "web", "containerInstances": ["0a"] });
    let shown = ok(&mut world, "DescribeContainerInstances", described.clone());
    assert_eq!(shown["containerInstances"][0]["agentConnected"], false);
    crate::service::ecs::tests::pass(&mut world, 3600);
    let shown = ok(&mut world, "DescribeContainerInstances", described);
    assert_eq!(shown["failures"][0]["reason"], "MISSING");
}

#[test]
fn attributes_of_its_own_can_be_put_and_deleted_and_the_agents_cannot() {
    let mut world = with_two();
    let own = json!([{
        "name": "stack",
        "value": "prod",
        "targetType": "container-instance",
        "targetId": "0a",
    }]);
    let asked = json!({ "cluster": "web", "attributes": own });
    ok(&mut world, "PutAttributes", asked.clone());
    let list = json!({
        "cluster": "web",
        "targetType": "container-instance",
        "attributeName": "stack",
    });
    let listed = ok(&mut world, "ListAttributes", list.clone());
    assert_eq!(listed["attributes"][0]["value"], "prod");
    ok(&mut world, "DeleteAttributes", asked);
    let listed = ok(&mut world, "ListAttributes", list);
    assert_eq!(listed["attributes"], json!([]));
    let mut agents = own.clone();
    agents[0]["name"] = json!("ecs.instance-type");
    let asked = json!({ "cluster": "web", "attributes": agents });
    let (code, _) = refused(&mut world, "DeleteAttributes", asked);
    assert_eq!(code, "InvalidParameterException");
    let mut missing = own;
    missing[0]["targetId"] = json!("no");
    let asked = json!({ "cluster": "web", "attributes": missing });
    let (code, _) = refused(&mut world, "PutAttributes", asked);
    assert_eq!(code, "TargetNotFoundException");
}

#[test]
fn the_agent_reads_its_cluster_from_user_data() {
    use super::agent::{cluster, reserved_memory};
    assert_eq!(
        cluster("#!/bin/bash\necho ECS_CLUSTER=web >> /etc/ecs/ecs.config;"),
        "web"
    );
    assert_eq!(
        cluster("echo \"ECS_CLUSTER=web-2\" >> /etc/ecs/ecs.config"),
        "web-2"
    );
    assert_eq!(cluster("cat <<EOF\nECS_CLUSTER='a_b'\nEOF"), "a_b");
    assert_eq!(cluster("#!/bin/bash\n# echo ECS_CLUSTER=web"), "default");
    assert_eq!(cluster("MY_ECS_CLUSTER=web"), "default");
    assert_eq!(cluster(""), "default");
    assert_eq!(reserved_memory("echo ECS_RESERVED_MEMORY=256 >> f"), 256);
}

#[test]
fn an_instance_that_stops_stays_without_an_agent_until_it_starts_again() {
    let mut world = with_two();
    let mut task = crate::service::ecs::task::Task {
        arn: "t".into(),
        cluster: "web".into(),
        ..Default::default()
    };
    task.instance = Some(super::arn(&world, "web", "0a"));
    task.status = "RUNNING".into();
    world.ecs.tasks.insert("t".into(), task);
    crate::service::ecs::instance_stopped(&mut world, "i-0a");
    let asked = json!({ "cluster": "web", "containerInstances": ["0a"] });
    let shown = ok(&mut world, "DescribeContainerInstances", asked);
    let shown = &shown["containerInstances"][0];
    assert_eq!(shown["status"], "ACTIVE");
    assert_eq!(shown["agentConnected"], false);
    assert_eq!(world.ecs.tasks["t"].status, "STOPPED");
}
