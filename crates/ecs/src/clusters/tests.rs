use crate::{
    ClusterCapacityProviders, ClusterReader, Clusters,
    fixtures::{index, names, ours, tags},
};
use serde_json::{Value, json};
use setpoint_aws::testkit::{Answer, Wire};
use setpoint_core::{Adapter, Freshness, Link, Name, Owner, Status};
use setpoint_spec::kind::{Cluster, ClusterCapacityProviders as Providers, StrategyItem};

const ARN: &str = "arn:aws:ecs:us-east-1:1:cluster/sale";

fn shown() -> Value {
    json!({
        "clusterName": "sale", "clusterArn": ARN, "status": "ACTIVE",
        "runningTasksCount": 3, "statistics": [], "attachmentsStatus": "UPDATE_COMPLETE",
        "settings": [{"name": "containerInsights", "value": "enabled"}],
        "capacityProviders": ["instances"],
        "defaultCapacityProviderStrategy": [{"capacityProvider": "instances", "weight": 1}],
        "tags": ours(),
    })
}

fn wire(cluster: Value) -> Wire {
    Wire::new(move |call| match call.action.as_str() {
        "GetResources" => index(&[ARN]),
        "DescribeClusters" => Answer::ok(
            json!({"clusters": [cluster], "failures": [{"arn": "x", "reason": "MISSING"}]})
                .to_string(),
        ),
        _ => Answer::ok("{}"),
    })
}

fn adapters(wire: &Wire) -> (Clusters, ClusterCapacityProviders) {
    let aws = wire.aws();
    let reader = ClusterReader::new(&aws);
    (
        Clusters::new(&aws, reader.clone()),
        ClusterCapacityProviders::new(&aws, reader),
    )
}

fn providers(names: &[&str]) -> Providers {
    Providers {
        cluster: Link::is("sale"),
        capacity_providers: names.iter().map(|it| Link::is(*it)).collect(),
        default_strategy: names
            .iter()
            .map(|it| StrategyItem {
                capacity_provider: Link::is(*it),
                weight: 1,
                base: 0,
            })
            .collect(),
    }
}

#[tokio::test]
async fn both_kinds_read_a_cluster_in_one_call() {
    let wire = wire(shown());
    let (clusters, attached) = adapters(&wire);
    let asked = names(&["sale", "gone"]);
    let (one, other, listed) = futures::join!(
        clusters.observe(&asked, Freshness::Indexed),
        attached.observe(&asked, Freshness::Indexed),
        attached.list(),
    );
    assert_eq!(wire.take_actions(), ["DescribeClusters", "GetResources"]);
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(one.len(), 1);
    let cluster = &one[&Name::from("sale")];
    let expected = Cluster {
        container_insights: Some("enabled".into()),
        tags: tags(&[("team", "sale")]),
    };
    assert_eq!(cluster.resource, expected);
    assert_eq!(
        (&cluster.owner, &cluster.status),
        (&Owner::Ours, &Status::Ready)
    );
    assert_eq!(
        other[&Name::from("sale")].resource,
        providers(&["instances"])
    );
    assert_eq!(listed.unwrap(), names(&["sale"]));
}

#[tokio::test]
async fn an_update_writes_what_differs() {
    let wire = wire(shown());
    let (clusters, attached) = adapters(&wire);
    let sale = Name::from("sale");
    let asked = names(&["sale"]);
    let observed = clusters
        .observe(&asked, Freshness::Direct)
        .await
        .unwrap()
        .remove(&sale)
        .unwrap();
    wire.take();

    let same = Cluster {
        container_insights: None,
        ..observed.resource.clone()
    };
    clusters.update(&sale, &same, &observed).await.unwrap();
    assert!(wire.take().is_empty());

    let other = Cluster {
        container_insights: Some("disabled".into()),
        tags: tags(&[("team", "shop"), ("new", "1")]),
    };
    clusters.update(&sale, &other, &observed).await.unwrap();
    let calls = wire.take();
    assert_eq!(calls[0].action, "UpdateClusterSettings");
    assert_eq!(
        calls[0].json(),
        json!({"cluster": "sale",
               "settings": [{"name": "containerInsights", "value": "disabled"}]})
    );
    assert_eq!(calls[1].action, "TagResource");
    assert_eq!(
        calls[1].json(),
        json!({"resourceArn": ARN,
               "tags": [{"key": "new", "value": "1"}, {"key": "team", "value": "shop"}]})
    );
    assert_eq!(calls.len(), 2);

    let observed = attached
        .observe(&asked, Freshness::Direct)
        .await
        .unwrap()
        .remove(&sale)
        .unwrap();
    wire.take();
    attached
        .update(&sale, &providers(&["instances"]), &observed)
        .await
        .unwrap();
    assert!(wire.take().is_empty());
    attached
        .update(&sale, &providers(&["FARGATE"]), &observed)
        .await
        .unwrap();
    let calls = wire.take();
    assert_eq!(
        calls[0].json(),
        json!({"cluster": "sale", "capacityProviders": ["FARGATE"],
               "defaultCapacityProviderStrategy":
                   [{"capacityProvider": "FARGATE", "weight": 1, "base": 0}]})
    );
}

#[tokio::test]
async fn a_cluster_is_made_with_its_mark_and_its_providers_are_detached_before_it_goes() {
    let wire = wire(shown());
    let (clusters, attached) = adapters(&wire);
    let sale = Name::from("sale");
    let desired = Cluster {
        container_insights: None,
        tags: tags(&[("team", "sale")]),
    };
    let handle = clusters.create(&sale, &desired).await.unwrap();
    assert_eq!(handle.as_str(), "sale");
    assert_eq!(
        wire.take()[0].json(),
        json!({"clusterName": "sale", "tags": ours()})
    );

    let observed = attached
        .observe(&names(&["sale"]), Freshness::Direct)
        .await
        .unwrap();
    wire.take();
    attached.delete(&sale, &observed[&sale]).await.unwrap();
    let call = wire.take().remove(0);
    assert_eq!(call.action, "PutClusterCapacityProviders");
    let nothing = json!({"cluster": "sale", "capacityProviders": [],
                         "defaultCapacityProviderStrategy": []});
    assert_eq!(call.json(), nothing);
}

#[tokio::test]
async fn what_is_on_its_way_is_neither_there_nor_gone() {
    let check = |mut cluster: Value, change: Value| async move {
        let change = change.as_object().unwrap().clone();
        cluster.as_object_mut().unwrap().extend(change);
        let wire = wire(cluster);
        let (clusters, attached) = adapters(&wire);
        let asked = names(&["sale"]);
        let one = clusters.observe(&asked, Freshness::Direct).await.unwrap();
        let other = attached.observe(&asked, Freshness::Direct).await.unwrap();
        let said = |it: Option<Status>| match it {
            None => "absent",
            Some(Status::Ready) => "ready",
            Some(Status::Settling(_)) => "settling",
            Some(Status::Failed(_)) => "failed",
            Some(Status::Leaving(_)) => "leaving",
        };
        let sale = Name::from("sale");
        let one = said(one.get(&sale).map(|it| it.status.clone()));
        format!(
            "{one}, {}",
            said(other.get(&sale).map(|it| it.status.clone()))
        )
    };
    let detached = json!({"capacityProviders": [], "defaultCapacityProviderStrategy": []});
    let mut detaching = detached.clone();
    detaching["attachmentsStatus"] = json!("UPDATE_IN_PROGRESS");
    for (change, expected) in [
        (json!({"status": "INACTIVE"}), "absent, absent"),
        (json!({"status": "DEPROVISIONING"}), "leaving, absent"),
        (
            json!({"attachmentsStatus": "UPDATE_IN_PROGRESS"}),
            "ready, settling",
        ),
        (
            json!({"attachmentsStatus": "UPDATE_FAILED"}),
            "ready, failed",
        ),
        (detached, "ready, absent"),
        (detaching, "ready, leaving"),
    ] {
        assert_eq!(check(shown(), change.clone()).await, expected, "{change}");
    }
}
