use super::Services;
use crate::{
    ServiceReader,
    fixtures::{index, names, ours, tags},
};
use serde_json::{Value, json};
use setpoint_aws::testkit::{Answer, Call, Wire};
use setpoint_core::{Adapter, ErrorKind, Freshness, Name, Observed, Status};
use setpoint_spec::kind::{Autoscaled, Service};
use std::collections::BTreeMap;

const REVISION: &str = "arn:aws:ecs:us-east-1:1:task-definition/web:1";

/// A service with all that AWS adds.
fn shown(name: &str) -> Value {
    json!({
        "serviceName": name, "serviceArn": format!("arn:aws:ecs:us-east-1:1:service/sale/{name}"),
        "clusterArn": "arn:aws:ecs:us-east-1:1:cluster/sale", "status": "ACTIVE",
        "desiredCount": 2, "runningCount": 2, "pendingCount": 0, "taskDefinition": REVISION,
        "capacityProviderStrategy": [{"capacityProvider": "instances", "weight": 1, "base": 0}],
        "deploymentConfiguration": {"maximumPercent": 200, "minimumHealthyPercent": 100,
            "strategy": "ROLLING", "bakeTimeInMinutes": 0,
            "deploymentCircuitBreaker": {"enable": false, "rollback": false}},
        "schedulingStrategy": "REPLICA", "deploymentController": {"type": "ECS"},
        "availabilityZoneRebalancing": "ENABLED", "enableECSManagedTags": false,
        "propagateTags": "NONE", "roleArn": "arn:role", "createdBy": "someone", "events": [],
        "placementStrategy": [], "loadBalancers": [], "networkConfiguration": {},
        "deployments": [{"id": "ecs-svc/1", "status": "PRIMARY", "rolloutState": "COMPLETED"}],
        "currentServiceRevisions": [{"arn": "arn:revision/1"}],
        "tags": ours(),
    })
}

fn document() -> Value {
    json!({
        "serviceName": "web", "cluster": "sale", "taskDefinition": REVISION,
        "capacityProviderStrategy": [{"capacityProvider": "instances", "weight": 1}],
    })
}

fn desired(change: Value) -> Service {
    let mut document = document();
    document
        .as_object_mut()
        .unwrap()
        .extend(change.as_object().unwrap().clone());
    let mut service = Service::observed(document, tags(&[("team", "sale")]));
    service.autoscaled = Autoscaled(true);
    service
}

/// Answers with what the services are; a service named `gone` is missing.
fn wire(mut answer: impl FnMut(&Call) -> Option<Answer> + Send + 'static) -> Wire {
    Wire::new(move |call| {
        if let Some(answer) = answer(call) {
            return answer;
        }
        let body = call.json();
        let asked = body["services"].as_array().cloned().unwrap_or_default();
        let there = asked
            .iter()
            .filter_map(Value::as_str)
            .filter(|it| *it != "gone");
        match call.action.as_str() {
            "GetResources" => index(&["arn:aws:ecs:us-east-1:1:service/sale/web"]),
            "DescribeServices" => {
                let services: Value = there.map(shown).collect();
                let missing = json!([{"arn": "gone", "reason": "MISSING"}]);
                Answer::ok(json!({"services": services, "failures": missing}).to_string())
            }
            _ => Answer::ok("{}"),
        }
    })
}

fn adapter(wire: &Wire, clusters: &[(&str, &str)]) -> Services {
    let aws = wire.aws();
    let place = |(service, cluster): &(&str, &str)| (Name::from(*service), Name::from(*cluster));
    let clusters: BTreeMap<Name, Name> = clusters.iter().map(place).collect();
    Services::new(
        &aws,
        ServiceReader::new(&aws, clusters),
        names(&["measured"]),
    )
}

async fn look(adapter: &Services) -> Observed<Service> {
    let web = Name::from("web");
    let observed = adapter.observe(&names(&["web"]), Freshness::Direct).await;
    observed.unwrap().remove(&web).unwrap()
}

#[tokio::test]
async fn services_are_read_ten_at_a_time_in_each_cluster_and_without_aws_s_additions() {
    let wire = wire(|_| None);
    let many: Vec<String> = (0..11).map(|it| format!("web-{it}")).collect();
    let mut places: Vec<(&str, &str)> = many.iter().map(|it| (it.as_str(), "sale")).collect();
    places.extend([("web", "sale"), ("other", "shop"), ("gone", "shop")]);
    let asked: Vec<&str> = places.iter().map(|it| it.0).collect();
    let adapter = adapter(&wire, &places);
    let observed = adapter
        .observe(&names(&asked), Freshness::Indexed)
        .await
        .unwrap();
    let mut actions = wire.take_actions();
    actions.sort();
    assert_eq!(
        actions,
        [
            "DescribeServices",
            "DescribeServices",
            "DescribeServices",
            "GetResources"
        ]
    );
    assert_eq!(observed.len(), 13);
    let web = &observed[&Name::from("web")];
    assert_eq!(web.handle.as_str(), "service/sale/web");
    assert_eq!((web.running, &web.status), (2, &Status::Ready));
    let mut wanted = desired(json!({}));
    setpoint_core::Resource::inherit(&mut wanted, &web.resource);
    assert_eq!(web.resource, wanted);
}

#[tokio::test]
async fn a_service_of_ours_is_found_in_the_cluster_where_the_index_knows_it() {
    let wire = wire(|call| {
        let there = call.json()["cluster"] == "sale";
        let missing = call.action == "DescribeServices" && !there;
        missing.then(|| Answer::json_error("ClusterNotFoundException", "Cluster not found."))
    });
    let adapter = adapter(&wire, &[("web", "new")]);
    let observed = adapter
        .observe(&names(&["web"]), Freshness::Indexed)
        .await
        .unwrap();
    assert_eq!(
        observed[&Name::from("web")].handle.as_str(),
        "service/sale/web"
    );
    assert_eq!(look(&adapter).await.handle.as_str(), "service/sale/web");
}

#[tokio::test]
async fn what_only_a_revision_shows_is_read_where_the_spec_speaks_of_it() {
    let wire = wire(|call| {
        (call.action == "DescribeServiceRevisions").then(|| {
            let revision = json!({
                "serviceArn": "arn:aws:ecs:us-east-1:1:service/sale/measured",
                "monitoring": {"metricConfigurations": [
                    {"metricNames": ["CPUUtilization"], "resolutionSeconds": 20}]},
            });
            Answer::ok(json!({"serviceRevisions": [revision]}).to_string())
        })
    });
    let adapter = adapter(&wire, &[("measured", "sale"), ("web", "sale")]);
    let asked = names(&["measured", "web"]);
    let observed = adapter.observe(&asked, Freshness::Direct).await.unwrap();
    let has = |name: &str| !observed[&Name::from(name)].resource.request()["monitoring"].is_null();
    assert_eq!((has("measured"), has("web")), (true, false));
    let calls = wire.take();
    assert_eq!(calls.len(), 2);
    assert_eq!(
        calls[1].json(),
        json!({"serviceRevisionArns": ["arn:revision/1"]})
    );
}

#[tokio::test]
async fn an_update_sends_what_differs_and_leaves_the_count_to_the_autoscaler() {
    let wire = wire(|_| None);
    let adapter = adapter(&wire, &[("web", "sale")]);
    let observed = look(&adapter).await;
    wire.take();
    let web = Name::from("web");
    let sent = async |change: Value| {
        adapter
            .update(&web, &desired(change), &observed)
            .await
            .unwrap();
        wire.take()
            .into_iter()
            .map(|it| it.json())
            .collect::<Vec<Value>>()
    };
    assert!(sent(json!({"desiredCount": 7})).await.is_empty());
    assert_eq!(
        sent(json!({"desiredCount": 7, "taskDefinition": "arn:2", "enableExecuteCommand": true}))
            .await,
        [
            json!({"cluster": "sale", "service": "web", "taskDefinition": "arn:2",
                "enableExecuteCommand": true})
        ]
    );
    let spot = json!([{"capacityProvider": "spot", "weight": 1}]);
    let sent = sent(json!({"capacityProviderStrategy": spot})).await;
    assert_eq!(sent[0]["forceNewDeployment"], true);
    assert_eq!(
        sent[0]["capacityProviderStrategy"][0]["capacityProvider"],
        "spot"
    );
}

#[tokio::test]
async fn tags_alone_have_calls_of_their_own() {
    let wire = wire(|_| None);
    let adapter = adapter(&wire, &[("web", "sale")]);
    let observed = look(&adapter).await;
    wire.take();
    let other = Service {
        tags: tags(&[("new", "1")]),
        ..desired(json!({}))
    };
    adapter
        .update(&"web".into(), &other, &observed)
        .await
        .unwrap();
    let calls = wire.take();
    let arn = "arn:aws:ecs:us-east-1:1:service/sale/web";
    let tag = json!({"resourceArn": arn, "tags": [{"key": "new", "value": "1"}]});
    assert_eq!(calls[0].json(), tag);
    assert_eq!(
        calls[1].json(),
        json!({"resourceArn": arn, "tagKeys": ["team"]})
    );
    assert_eq!(calls.len(), 2);
}

#[tokio::test]
async fn what_cannot_be_taken_back_is_refused_by_name() {
    let wire = wire(|call| {
        (call.action == "DescribeServices").then(|| {
            let mut service = shown("web");
            service["networkConfiguration"] =
                json!({"awsvpcConfiguration": {"subnets": ["subnet-1"]}});
            Answer::ok(json!({"services": [service]}).to_string())
        })
    });
    let adapter = adapter(&wire, &[("web", "sale")]);
    let observed = look(&adapter).await;
    wire.take();
    let err = adapter
        .update(&"web".into(), &desired(json!({})), &observed)
        .await
        .unwrap_err();
    assert_eq!(err.kind, ErrorKind::Refused);
    assert!(
        err.source.to_string().contains("networkConfiguration"),
        "{}",
        err.source
    );
    assert!(wire.take().is_empty());
}

/// A service whose newest deployment is 2, made by the create or the update before.
fn rolling(state: &str, failed: u64) -> Value {
    let mut service = shown("web");
    service["events"] =
        json!([{"createdAt": 21.0, "message": "(service web) was unable to place a task."}]);
    service["deployments"] = json!([{
        "id": "ecs-svc/2", "status": "PRIMARY", "createdAt": 20.0, "rolloutState": state,
        "rolloutStateReason": "tasks failed to start.", "failedTasks": failed,
        "desiredCount": 3, "runningCount": 1,
    }]);
    service
}

fn creating(state: &'static str, failed: u64, loses: bool) -> Wire {
    wire(move |call| match call.action.as_str() {
        "CreateService" if loses => Some(Answer::Lost),
        "CreateService" => Some(Answer::ok(
            json!({"service": rolling("IN_PROGRESS", 0)}).to_string(),
        )),
        "DescribeServices" => Some(Answer::ok(
            json!({"services": [rolling(state, failed)]}).to_string(),
        )),
        "ListTasks" if call.json()["startedBy"] == "ecs-svc/2" => {
            Some(Answer::ok(json!({"taskArns": ["arn:task"]}).to_string()))
        }
        "DescribeTasks" => {
            let task = json!({"stoppedReason": "Task failed to start",
                              "containers": [{"name": "web", "reason": "no such log group"}]});
            Some(Answer::ok(json!({"tasks": [task]}).to_string()))
        }
        _ => None,
    })
}

#[tokio::test]
async fn a_service_is_made_with_its_mark_and_awaited_by_its_deployment() {
    let wire = creating("IN_PROGRESS", 0, false);
    let adapter = adapter(&wire, &[("web", "sale")]);
    let handle = adapter
        .create(&"web".into(), &desired(json!({})))
        .await
        .unwrap();
    assert_eq!(handle.as_str(), "service/sale/web");
    assert_eq!(
        wire.take()[0].json(),
        json!({
            "serviceName": "web", "cluster": "sale", "taskDefinition": REVISION,
            "desiredCount": 1, "tags": ours(),
            "capacityProviderStrategy": [{"capacityProvider": "instances", "weight": 1}],
        })
    );
    let text = "deployment 2: 1 of 3 tasks running; was unable to place a task.";
    assert_eq!(look(&adapter).await.status, Status::Settling(text.into()));
    assert_eq!(wire.take_actions(), ["DescribeServices"]);
}

#[tokio::test]
async fn a_failed_deployment_says_why_its_tasks_stopped() {
    let wire = creating("FAILED", 3, false);
    let adapter = adapter(&wire, &[("web", "sale")]);
    adapter
        .create(&"web".into(), &desired(json!({})))
        .await
        .unwrap();
    let text = "tasks failed to start.; was unable to place a task.; Task failed to start; \
                web: no such log group";
    assert_eq!(look(&adapter).await.status, Status::Failed(text.into()));
}

#[tokio::test]
async fn stopped_tasks_are_asked_for_once_for_each_number_of_failures() {
    let wire = creating("IN_PROGRESS", 2, false);
    let adapter = adapter(&wire, &[("web", "sale")]);
    adapter
        .create(&"web".into(), &desired(json!({})))
        .await
        .unwrap();
    wire.take();
    let Status::Settling(text) = look(&adapter).await.status else {
        panic!("it is not done")
    };
    assert!(
        text.ends_with("Task failed to start; web: no such log group"),
        "{text}"
    );
    assert_eq!(
        wire.take_actions(),
        ["DescribeServices", "ListTasks", "DescribeTasks"]
    );
    look(&adapter).await;
    assert_eq!(wire.take_actions(), ["DescribeServices"]);
}

#[tokio::test]
async fn a_creation_whose_answer_was_lost_is_awaited_all_the_same() {
    let wire = creating("IN_PROGRESS", 0, true);
    let adapter = adapter(&wire, &[("web", "sale")]);
    let err = adapter
        .create(&"web".into(), &desired(json!({})))
        .await
        .unwrap_err();
    assert_eq!(err.kind, ErrorKind::Unsure);
    assert!(matches!(look(&adapter).await.status, Status::Settling(_)));
}

#[tokio::test]
async fn what_others_roll_is_not_waited_for() {
    let wire = creating("IN_PROGRESS", 0, false);
    let adapter = adapter(&wire, &[("web", "sale")]);
    assert_eq!(look(&adapter).await.status, Status::Ready);
}

#[tokio::test]
async fn a_draining_service_is_leaving_and_an_inactive_one_is_gone() {
    for (status, expected) in [
        (
            "DRAINING",
            Some(Status::Leaving("its tasks to stop: 2 left".into())),
        ),
        ("INACTIVE", None),
    ] {
        let wire = wire(move |call| {
            (call.action == "DescribeServices").then(|| {
                let mut service = shown("web");
                service["status"] = json!(status);
                Answer::ok(json!({"services": [service]}).to_string())
            })
        });
        let adapter = adapter(&wire, &[("web", "sale")]);
        let mut observed = adapter
            .observe(&names(&["web"]), Freshness::Direct)
            .await
            .unwrap();
        assert_eq!(observed.pop_first().map(|it| it.1.status), expected);
    }
}

#[tokio::test]
async fn a_deletion_is_one_call() {
    let wire = wire(|_| None);
    let adapter = adapter(&wire, &[("web", "sale")]);
    let observed = look(&adapter).await;
    wire.take();
    adapter.delete(&"web".into(), &observed).await.unwrap();
    let sent = json!({"cluster": "sale", "service": "web", "force": true});
    assert_eq!(wire.take().remove(0).json(), sent);
}
