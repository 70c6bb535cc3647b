//! What clusters have, and what they leave on groups.

use super::{described, done, managed, provider, put, with_group};
use crate::{
    World,
    service::{
        ecs::tests::{ok, pass, refused},
        run,
    },
};
use serde_json::{Value, json};

fn policies(world: &mut World) -> Value {
    let asked = json!({ "AutoScalingGroupName": "web" });
    done(world, "autoscaling", "DescribePolicies", asked)["ScalingPolicies"].clone()
}

fn hooks(world: &mut World) -> Value {
    let asked = json!({ "AutoScalingGroupName": "web" });
    done(world, "autoscaling", "DescribeLifecycleHooks", asked)["LifecycleHooks"].clone()
}

fn alarms(world: &mut World) -> Vec<Value> {
    let alarms = done(world, "monitoring", "DescribeAlarms", json!({}));
    alarms["MetricAlarms"]
        .as_array()
        .cloned()
        .unwrap_or_default()
}

#[test]
fn a_cluster_lets_its_provider_keep_a_policy_and_a_hook_on_the_group() {
    let mut world = with_group(3);
    provider(&mut world, managed());
    let answer = ok(&mut world, "PutClusterCapacityProviders", put(true));
    let cluster = &answer["cluster"];
    assert_eq!(cluster["attachmentsStatus"], "UPDATE_IN_PROGRESS");
    assert_eq!(cluster["capacityProviders"], json!(["web"]));
    assert_eq!(cluster["attachments"][0]["type"], "as_policy");
    assert_eq!(cluster["attachments"][0]["status"], "PRECREATED");
    assert_eq!(hooks(&mut world), json!([]));
    pass(&mut world, 10);
    let asked = json!({ "clusters": ["web"], "include": ["ATTACHMENTS"] });
    let shown = ok(&mut world, "DescribeClusters", asked);
    let cluster = &shown["clusters"][0];
    assert_eq!(cluster["attachmentsStatus"], "UPDATE_COMPLETE");
    let policy = &cluster["attachments"][0]["details"][1]["value"];
    assert!(
        policy
            .as_str()
            .unwrap()
            .starts_with("ECSManagedAutoScalingPolicy-")
    );
    let policies = policies(&mut world);
    assert_eq!(policies[0]["PolicyName"], *policy);
    assert_eq!(
        policies[0]["TargetTrackingConfiguration"]["TargetValue"],
        100.0
    );
    assert_eq!(policies[0]["Alarms"].as_array().unwrap().len(), 2);
    let hooks = hooks(&mut world);
    assert_eq!(
        hooks[0]["LifecycleHookName"],
        "ecs-managed-draining-termination-hook"
    );
    assert_eq!(hooks[0]["HeartbeatTimeout"], 3600);
    let alarms = alarms(&mut world);
    assert_eq!(alarms.len(), 2);
    assert_eq!(alarms[0]["MetricName"], "CapacityProviderReservation");
}

#[test]
fn what_is_taken_off_the_cluster_leaves_nothing_behind() {
    let mut world = with_group(3);
    provider(&mut world, managed());
    ok(&mut world, "PutClusterCapacityProviders", put(true));
    pass(&mut world, 10);
    let asked = json!({ "capacityProvider": "web" });
    let failed = ok(&mut world, "DeleteCapacityProvider", asked.clone());
    assert_eq!(failed["capacityProvider"]["updateStatus"], "DELETE_FAILED");
    let reason = &failed["capacityProvider"]["updateStatusReason"];
    assert!(
        reason
            .as_str()
            .unwrap()
            .contains("associated with cluster: web")
    );
    ok(&mut world, "PutClusterCapacityProviders", put(false));
    pass(&mut world, 10);
    assert_eq!(policies(&mut world), json!([]));
    assert_eq!(hooks(&mut world), json!([]));
    assert_eq!(alarms(&mut world), [] as [Value; 0]);
    ok(&mut world, "DeleteCapacityProvider", asked);
    pass(&mut world, 10);
    assert_eq!(described(&mut world)["status"], "INACTIVE");
}

#[test]
fn turning_draining_and_scaling_off_takes_them_off_the_group() {
    let mut world = with_group(3);
    provider(&mut world, managed());
    ok(&mut world, "PutClusterCapacityProviders", put(true));
    pass(&mut world, 10);
    let off = json!({
        "name": "web",
        "autoScalingGroupProvider": {
            "managedScaling": { "status": "DISABLED" },
            "managedDraining": "DISABLED",
        },
    });
    ok(&mut world, "UpdateCapacityProvider", off);
    pass(&mut world, 10);
    assert_eq!(policies(&mut world), json!([]));
    assert_eq!(hooks(&mut world), json!([]));
    assert_eq!(described(&mut world)["updateStatus"], "UPDATE_COMPLETE");
}

#[test]
fn a_cluster_takes_only_providers_that_are_there_and_strategies_of_one_kind() {
    let mut world = with_group(3);
    provider(&mut world, managed());
    let why = |world: &mut World, providers: Value, strategy: Value| {
        let asked = json!({
            "cluster": "web",
            "capacityProviders": providers,
            "defaultCapacityProviderStrategy": strategy,
        });
        let (code, words) = refused(world, "PutClusterCapacityProviders", asked);
        assert_eq!(code, "InvalidParameterException", "{words}");
        words
    };
    assert!(why(&mut world, json!(["no"]), json!([])).contains("'no' was not found"));
    let web = json!({ "capacityProvider": "web", "base": 1 });
    assert!(why(&mut world, json!([]), json!([web])).contains("not associated"));
    let fargate = json!({ "capacityProvider": "FARGATE", "base": 1 });
    let both = json!(["web", "FARGATE"]);
    assert!(why(&mut world, both, json!([web, fargate])).contains("a mix of"));
    let spot = json!({ "capacityProvider": "FARGATE_SPOT", "base": 1 });
    let both = json!(["FARGATE", "FARGATE_SPOT"]);
    assert!(why(&mut world, both, json!([fargate, spot])).contains("more than one"));
    ok(&mut world, "PutClusterCapacityProviders", put(true));
    ok(
        &mut world,
        "CreateCluster",
        json!({ "clusterName": "other" }),
    );
    let mut other = put(true);
    other["cluster"] = json!("other");
    let (_, words) = refused(&mut world, "PutClusterCapacityProviders", other);
    assert!(words.contains("another cluster"), "{words}");
}

#[test]
fn a_cluster_made_with_a_provider_is_provisioned_and_deprovisioned() {
    let mut world = with_group(3);
    provider(&mut world, managed());
    let mut asked = put(true);
    asked["clusterName"] = json!("new");
    let made = ok(&mut world, "CreateCluster", asked);
    assert_eq!(made["cluster"]["status"], "PROVISIONING");
    let mut none = put(false);
    none["cluster"] = json!("new");
    let (code, words) = refused(&mut world, "PutClusterCapacityProviders", none);
    assert_eq!(
        (code.as_str(), words.as_str()),
        ("ClientException", "Cluster was not ACTIVE")
    );
    pass(&mut world, 10);
    let status = |world: &mut World| {
        let shown = ok(world, "DescribeClusters", json!({ "clusters": ["new"] }));
        shown["clusters"][0]["status"].clone()
    };
    assert_eq!(status(&mut world), "ACTIVE");
    ok(&mut world, "DeleteCluster", json!({ "cluster": "new" }));
    assert_eq!(status(&mut world), "DEPROVISIONING");
    pass(&mut world, 10);
    assert_eq!(status(&mut world), "INACTIVE");
    assert_eq!(policies(&mut world), json!([]));
}

#[test]
fn a_provider_whose_group_is_gone_cannot_be_attached() {
    let mut world = with_group(3);
    provider(&mut world, managed());
    ok(&mut world, "PutClusterCapacityProviders", put(true));
    let delete = json!({ "AutoScalingGroupName": "web", "ForceDelete": true });
    done(&mut world, "autoscaling", "DeleteAutoScalingGroup", delete);
    pass(&mut world, 10);
    let asked = json!({ "clusters": ["web"], "include": ["ATTACHMENTS"] });
    let shown = ok(&mut world, "DescribeClusters", asked);
    assert_eq!(shown["clusters"][0]["attachmentsStatus"], "UPDATE_FAILED");
    ok(&mut world, "PutClusterCapacityProviders", put(false));
    pass(&mut world, 10);
    let shown = described(&mut world);
    assert_eq!(shown["status"], "ACTIVE");
    let unknown = crate::Input::default();
    assert!(run(&mut world, &unknown).is_err());
}
