use crate::{
    Time, World,
    service::ecs::{
        instance::ContainerInstance,
        tests::{call, ok, pass, refused, world},
    },
};
use serde_json::json;
use std::collections::BTreeMap;

fn instance(world: &World, cluster: &str) -> ContainerInstance {
    ContainerInstance {
        arn: world.arn("ecs", &format!("container-instance/{cluster}/0a")),
        cluster: cluster.into(),
        ec2: "i-0a".into(),
        status: "ACTIVE".into(),
        connected: true,
        provider: None,
        cpu: 1024,
        memory: 1939,
        attributes: BTreeMap::new(),
        tags: BTreeMap::new(),
        registered_at: Time(0),
    }
}

#[test]
fn a_new_cluster_has_what_nobody_said() {
    let mut world = world();
    let made = ok(&mut world, "CreateCluster", json!({ "clusterName": "web" }));
    let arn = "arn:aws:ecs:us-east-1:123456789012:cluster/web";
    assert_eq!(
        made["cluster"],
        json!({
            "clusterArn": arn,
            "clusterName": "web",
            "status": "ACTIVE",
            "registeredContainerInstancesCount": 0,
            "runningTasksCount": 0,
            "pendingTasksCount": 0,
            "activeServicesCount": 0,
            "statistics": [],
            "tags": [],
            "settings": [{ "name": "containerInsights", "value": "disabled" }],
            "capacityProviders": [],
            "defaultCapacityProviderStrategy": [],
        })
    );
    ok(&mut world, "CreateCluster", json!({}));
    let listed = ok(&mut world, "ListClusters", json!({}));
    let default = "arn:aws:ecs:us-east-1:123456789012:cluster/default";
    assert_eq!(listed["clusterArns"], json!([default, arn]));
}

#[test]
fn a_cluster_that_is_there_is_answered_as_it_is() {
    let mut world = world();
    let tags = json!([{ "key": "a", "value": "1" }]);
    ok(
        &mut world,
        "CreateCluster",
        json!({ "clusterName": "web", "tags": tags }),
    );
    let other = json!({
        "clusterName": "web",
        "tags": [{ "key": "b", "value": "2" }],
        "settings": [{ "name": "containerInsights", "value": "enabled" }],
    });
    let again = ok(&mut world, "CreateCluster", other);
    assert_eq!(again["cluster"]["tags"], tags);
    assert_eq!(again["cluster"]["settings"][0]["value"], "disabled");
}

#[test]
fn clusters_show_what_is_asked_for_and_missing_ones_are_failures() {
    let mut world = world();
    let tags = json!([{ "key": "a", "value": "1" }]);
    ok(
        &mut world,
        "CreateCluster",
        json!({ "clusterName": "web", "tags": tags }),
    );
    let asked = json!({ "clusters": ["web", "no"] });
    let shown = ok(&mut world, "DescribeClusters", asked);
    assert_eq!(shown["clusters"][0]["tags"], json!([]));
    assert_eq!(shown["clusters"][0]["settings"], json!([]));
    assert_eq!(
        shown["failures"],
        json!([{
            "arn": "arn:aws:ecs:us-east-1:123456789012:cluster/no",
            "reason": "MISSING",
        }])
    );
    let asked = json!({
        "clusters": ["arn:aws:ecs:us-east-1:123456789012:cluster/web"],
        "include": ["TAGS", "SETTINGS", "STATISTICS"],
    });
    let shown = ok(&mut world, "DescribeClusters", asked);
    assert_eq!(shown["clusters"][0]["tags"], tags);
    assert_eq!(shown["clusters"][0]["settings"][0]["value"], "disabled");
    assert_eq!(
        shown["clusters"][0]["statistics"][0],
        json!({ "name": "runningEC2TasksCount", "value": "0" })
    );
}

#[test]
fn settings_and_configuration_are_replaced() {
    let mut world = world();
    ok(&mut world, "CreateCluster", json!({ "clusterName": "web" }));
    let enhanced = json!([{ "name": "containerInsights", "value": "enhanced" }]);
    let asked = json!({ "cluster": "web", "settings": enhanced });
    let changed = ok(&mut world, "UpdateClusterSettings", asked);
    assert_eq!(changed["cluster"]["settings"], enhanced);
    let asked = json!({
        "cluster": "web",
        "configuration": { "executeCommandConfiguration": {} },
        "serviceConnectDefaults": { "namespace": "internal" },
    });
    let changed = ok(&mut world, "UpdateCluster", asked);
    let configuration = &changed["cluster"]["configuration"]["executeCommandConfiguration"];
    assert_eq!(configuration["logging"], "DEFAULT");
    let namespace = changed["cluster"]["serviceConnectDefaults"]["namespace"].as_str();
    assert!(namespace.unwrap().contains(":namespace/ns-"));
    assert_eq!(changed["cluster"]["settings"], enhanced);
    let asked = json!({
        "cluster": "web",
        "settings": [{ "name": "containerInsights", "value": "much" }],
    });
    let (code, _) = refused(&mut world, "UpdateClusterSettings", asked);
    assert_eq!(code, "InvalidParameterException");
}

#[test]
fn a_cluster_with_instances_is_kept_and_an_empty_one_becomes_inactive_and_is_revived() {
    let mut world = world();
    let web = json!({ "cluster": "web" });
    let missing = (
        "ClusterNotFoundException".into(),
        "Cluster not found.".into(),
    );
    assert_eq!(refused(&mut world, "DeleteCluster", web.clone()), missing);
    ok(&mut world, "CreateCluster", json!({ "clusterName": "web" }));
    let instance = instance(&world, "web");
    world
        .ecs
        .instances
        .insert(instance.arn.clone(), instance.clone());
    let (code, words) = refused(&mut world, "DeleteCluster", web.clone());
    assert_eq!(code, "ClusterContainsContainerInstancesException");
    assert!(words.contains("Container Instances are active"), "{words}");
    world.ecs.instances.remove(&instance.arn);
    let deleted = ok(&mut world, "DeleteCluster", web.clone());
    assert_eq!(deleted["cluster"]["status"], "INACTIVE");
    let shown = ok(
        &mut world,
        "DescribeClusters",
        json!({ "clusters": ["web"] }),
    );
    assert_eq!(shown["clusters"][0]["status"], "INACTIVE");
    assert_eq!(
        ok(&mut world, "ListClusters", json!({}))["clusterArns"],
        json!([])
    );
    assert_eq!(
        refused(&mut world, "DeleteCluster", web).0,
        "ClusterNotFoundException"
    );
    let again = ok(&mut world, "CreateCluster", json!({ "clusterName": "web" }));
    assert_eq!(again["cluster"]["status"], "ACTIVE");
}

#[test]
fn providers_of_fargate_are_attached_after_a_while() {
    let mut world = world();
    let asked = json!({
        "clusterName": "web",
        "capacityProviders": ["FARGATE"],
        "defaultCapacityProviderStrategy": [{ "capacityProvider": "FARGATE", "weight": 1 }],
    });
    let made = ok(&mut world, "CreateCluster", asked);
    assert_eq!(made["cluster"]["status"], "ACTIVE");
    assert_eq!(made["cluster"]["attachmentsStatus"], "UPDATE_IN_PROGRESS");
    let strategy = json!([{ "capacityProvider": "FARGATE", "weight": 1, "base": 0 }]);
    assert_eq!(made["cluster"]["defaultCapacityProviderStrategy"], strategy);
    let web = json!({ "cluster": "web" });
    assert_eq!(
        refused(&mut world, "DeleteCluster", web.clone()).0,
        "UpdateInProgressException"
    );
    pass(&mut world, 10);
    let asked = json!({ "clusters": ["web"], "include": ["ATTACHMENTS"] });
    let shown = ok(&mut world, "DescribeClusters", asked);
    assert_eq!(shown["clusters"][0]["attachmentsStatus"], "UPDATE_COMPLETE");
    let none = json!({
        "cluster": "web",
        "capacityProviders": [],
        "defaultCapacityProviderStrategy": [],
    });
    ok(&mut world, "PutClusterCapacityProviders", none.clone());
    let (code, words) = refused(&mut world, "PutClusterCapacityProviders", none);
    assert_eq!(code, "UpdateInProgressException");
    assert!(words.starts_with("The specified cluster is in a busy state."));
    pass(&mut world, 10);
    ok(&mut world, "DeleteCluster", web);
}

#[test]
fn names_limits_and_tokens_are_checked() {
    let mut world = world();
    for name in ["", "a b", "a/b", &"a".repeat(256)] {
        let (code, _) = refused(&mut world, "CreateCluster", json!({ "clusterName": name }));
        assert_eq!(code, "InvalidParameterException", "{name}");
    }
    let many: Vec<String> = (0..101).map(|it| it.to_string()).collect();
    assert!(call(&mut world, "DescribeClusters", json!({ "clusters": many })).is_err());
    for name in ["a", "b", "c"] {
        ok(&mut world, "CreateCluster", json!({ "clusterName": name }));
    }
    let first = ok(&mut world, "ListClusters", json!({ "maxResults": 2 }));
    assert_eq!(first["clusterArns"].as_array().unwrap().len(), 2);
    let rest = json!({ "maxResults": 2, "nextToken": first["nextToken"] });
    let second = ok(&mut world, "ListClusters", rest);
    assert_eq!(second["clusterArns"].as_array().unwrap().len(), 1);
    assert!(second.get("nextToken").is_none());
    assert!(call(&mut world, "ListClusters", json!({ "nextToken": "x" })).is_err());
    assert!(call(&mut world, "ListClusters", json!({ "maxResults": 101 })).is_err());
}

#[test]
fn tags_are_added_and_taken_away_and_account_settings_are_defaults() {
    let mut world = world();
    let put = json!({ "name": "containerInsights", "value": "enabled" });
    ok(&mut world, "PutAccountSettingDefault", put);
    let made = ok(&mut world, "CreateCluster", json!({ "clusterName": "web" }));
    assert_eq!(made["cluster"]["settings"][0]["value"], "enabled");
    let arn = made["cluster"]["clusterArn"].clone();
    let tags = json!([{ "key": "a", "value": "1" }, { "key": "b", "value": "2" }]);
    ok(
        &mut world,
        "TagResource",
        json!({ "resourceArn": arn, "tags": tags }),
    );
    ok(
        &mut world,
        "UntagResource",
        json!({ "resourceArn": arn, "tagKeys": ["a"] }),
    );
    let listed = ok(
        &mut world,
        "ListTagsForResource",
        json!({ "resourceArn": arn }),
    );
    assert_eq!(listed["tags"], json!([{ "key": "b", "value": "2" }]));
    let aws = json!([{ "key": "aws:x", "value": "" }]);
    let (code, _) = refused(
        &mut world,
        "TagResource",
        json!({ "resourceArn": arn, "tags": aws }),
    );
    assert_eq!(code, "InvalidParameterException");
    let no = "arn:aws:ecs:us-east-1:123456789012:cluster/no";
    let (code, _) = refused(
        &mut world,
        "ListTagsForResource",
        json!({ "resourceArn": no }),
    );
    assert_eq!(code, "ClusterNotFoundException");
    let no = "arn:aws:ecs:us-east-1:123456789012:service/web/no";
    let (code, _) = refused(
        &mut world,
        "TagResource",
        json!({ "resourceArn": no, "tags": [] }),
    );
    assert_eq!(code, "ResourceNotFoundException");
    let effective = json!({ "name": "containerInsights", "effectiveSettings": true });
    let listed = ok(&mut world, "ListAccountSettings", effective);
    assert_eq!(listed["settings"][0]["value"], "enabled");
    let own = ok(&mut world, "ListAccountSettings", json!({}));
    assert_eq!(own["settings"], json!([]));
}
