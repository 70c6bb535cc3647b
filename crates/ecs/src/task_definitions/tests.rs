use super::TaskDefinitions;
use crate::{
    ServiceReader,
    fixtures::{index, names, ours, tags},
};
use serde_json::{Value, json};
use setpoint_aws::testkit::{Answer, Call, Wire};
use setpoint_core::{Adapter, ErrorKind, Freshness, Name, Observed, Owner};
use setpoint_spec::kind::TaskDefinition;
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex},
};

fn arn(number: usize) -> String {
    format!("arn:aws:ecs:us-east-1:1:task-definition/web:{number}")
}

/// A revision with an image of its own, and with all that AWS adds.
fn revision(number: usize, image: &str) -> Value {
    json!({
        "taskDefinitionArn": arn(number), "family": "web", "revision": number, "status": "ACTIVE",
        "registeredAt": 1.5, "registeredBy": "someone", "requiresAttributes": [{"name": "x"}],
        "compatibilities": ["EC2"], "volumes": [], "placementConstraints": [],
        "newMemberOfNextYear": true,
        "containerDefinitions": [{
            "name": "web", "image": image, "cpu": 0, "memory": 512, "essential": true,
            "environment": [], "mountPoints": [], "volumesFrom": [], "portMappings": [],
        }],
    })
}

fn desired(image: &str) -> TaskDefinition {
    let document = json!({
        "family": "web",
        "containerDefinitions": [{"name": "web", "image": image, "memory": 512}],
    });
    TaskDefinition::observed(document, tags(&[("team", "sale")]))
}

/// ECS with one family `web`, and a service `web` that runs one of its revisions.
#[derive(Clone)]
struct Ecs(Arc<Mutex<State>>);

struct State {
    /// Revision 1, 2 and so on: its image, and its tags.
    revisions: Vec<(String, Value)>,
    runs: Option<usize>,
    indexed: Vec<usize>,
    loses: Option<&'static str>,
}

impl Ecs {
    fn new(images: &[&str], runs: Option<usize>) -> Ecs {
        let revisions = images.iter().map(|it| ((*it).to_owned(), ours())).collect();
        let indexed = Vec::new();
        Ecs(Arc::new(Mutex::new(State {
            revisions,
            runs,
            indexed,
            loses: None,
        })))
    }

    fn wire(&self) -> Wire {
        let state = self.0.clone();
        Wire::new(move |call| state.lock().unwrap().answer(call))
    }
}

impl State {
    fn answer(&mut self, call: &Call) -> Answer {
        let body = call.json();
        let answer = match call.action.as_str() {
            "GetResources" => {
                let arns: Vec<String> = self.indexed.iter().map(|it| arn(*it)).collect();
                return index(&arns.iter().map(String::as_str).collect::<Vec<_>>());
            }
            "DescribeServices" => {
                let service = |it: usize| {
                    json!({"serviceName": "web", "serviceArn": "arn:service", "status": "ACTIVE",
                           "taskDefinition": arn(it)})
                };
                let services: Vec<Value> = self.runs.map(service).into_iter().collect();
                json!({"services": services, "failures": []})
            }
            "DescribeTaskDefinition" => {
                let which = body["taskDefinition"].as_str().unwrap();
                let number = match which.rsplit_once(':') {
                    Some((_, number)) => number.parse().unwrap(),
                    None => self.revisions.len(),
                };
                let Some((image, tags)) =
                    number.checked_sub(1).and_then(|it| self.revisions.get(it))
                else {
                    let text = "Unable to describe task definition.";
                    return Answer::json_error("ClientException", text);
                };
                json!({"taskDefinition": revision(number, image), "tags": tags})
            }
            "RegisterTaskDefinition" => {
                let image = body["containerDefinitions"][0]["image"]
                    .as_str()
                    .unwrap()
                    .to_owned();
                self.revisions.push((image.clone(), body["tags"].clone()));
                let number = self.revisions.len();
                json!({"taskDefinition": revision(number, &image), "tags": body["tags"]})
            }
            "ListTaskDefinitions" => {
                let mut arns: Vec<String> = (1..=self.revisions.len()).map(arn).collect();
                arns.push("arn:aws:ecs:us-east-1:1:task-definition/web-2:9".into());
                json!({"taskDefinitionArns": arns})
            }
            _ => json!({}),
        };
        match self.loses.take_if(|it| *it == call.action) {
            Some(_) => Answer::Lost,
            None => Answer::ok(answer.to_string()),
        }
    }
}

fn adapter(wire: &Wire, cache: Option<PathBuf>) -> TaskDefinitions {
    let aws = wire.aws();
    let clusters = BTreeMap::from([("web".into(), "sale".into())]);
    let running = BTreeMap::from([("web".into(), names(&["web"]))]);
    TaskDefinitions::new(&aws, ServiceReader::new(&aws, clusters), running, cache)
}

async fn look(adapter: &TaskDefinitions, freshness: Freshness) -> Option<Observed<TaskDefinition>> {
    let mut observed = adapter.observe(&names(&["web"]), freshness).await.unwrap();
    observed.remove(&Name::from("web"))
}

#[tokio::test]
async fn a_family_is_the_revision_that_its_service_runs() {
    let wire = Ecs::new(&["web:1", "web:2"], Some(1)).wire();
    let observed = look(&adapter(&wire, None), Freshness::Indexed)
        .await
        .unwrap();
    assert_eq!(observed.handle.as_str(), arn(1));
    assert_eq!(
        (observed.resource, observed.owner),
        (desired("web:1"), Owner::Ours)
    );
    assert_eq!(
        wire.take_actions(),
        ["DescribeServices", "DescribeTaskDefinition"]
    );

    let wire = Ecs::new(&["web:1", "web:2"], None).wire();
    let observed = look(&adapter(&wire, None), Freshness::Indexed)
        .await
        .unwrap();
    assert_eq!(observed.handle.as_str(), arn(2));
    assert!(
        look(
            &adapter(&Ecs::new(&[], None).wire(), None),
            Freshness::Direct
        )
        .await
        .is_none()
    );
}

#[tokio::test]
async fn a_revision_in_the_cache_and_in_the_index_costs_no_call() {
    let folder = std::env::temp_dir().join(format!("setpoint-revisions-{}", std::process::id()));
    let ecs = Ecs::new(&["web:1"], Some(1));
    let wire = ecs.wire();
    look(&adapter(&wire, Some(folder.clone())), Freshness::Indexed)
        .await
        .unwrap();
    wire.take();

    ecs.0.lock().unwrap().indexed = vec![1];
    let observed = look(&adapter(&wire, Some(folder.clone())), Freshness::Indexed)
        .await
        .unwrap();
    assert_eq!(wire.take_actions(), ["DescribeServices", "GetResources"]);
    assert_eq!(
        (observed.resource, observed.indexed),
        (desired("web:1"), true)
    );

    ecs.0.lock().unwrap().indexed.clear();
    let observed = look(&adapter(&wire, Some(folder.clone())), Freshness::Indexed)
        .await
        .unwrap();
    assert!(!observed.indexed);
    assert!(
        wire.take_actions()
            .contains(&"DescribeTaskDefinition".to_owned())
    );
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_new_revision_stands_for_its_family_before_the_service_runs_it() {
    let ecs = Ecs::new(&["web:1"], Some(1));
    let wire = ecs.wire();
    let adapter = adapter(&wire, None);
    let before = look(&adapter, Freshness::Indexed).await.unwrap();
    wire.take();
    let web = Name::from("web");
    let handle = adapter
        .update(&web, &desired("web:2"), &before)
        .await
        .unwrap();
    assert_eq!(handle.as_str(), arn(2));
    let calls = wire.take();
    let actions: Vec<&str> = calls.iter().map(|it| it.action.as_str()).collect();
    assert_eq!(
        actions,
        [
            "DescribeTaskDefinition",
            "RegisterTaskDefinition",
            "TagResource",
            "UntagResource"
        ]
    );
    assert_eq!(
        calls[1].json(),
        json!({"family": "web", "tags": ours(),
               "containerDefinitions": [{"name": "web", "image": "web:2", "memory": 512}]})
    );
    assert_eq!(
        calls[2].json(),
        json!({"resourceArn": arn(1), "tags": [{"key": "setpoint:superseded", "value": "shop"}]})
    );
    assert_eq!(
        calls[3].json(),
        json!({"resourceArn": arn(1), "tagKeys": ["setpoint:stack"]})
    );
    let after = look(&adapter, Freshness::Direct).await.unwrap();
    assert_eq!(
        (after.handle.as_str(), after.resource),
        (&*arn(2), desired("web:2"))
    );
    // The service was rolled back: the next plan starts from what it runs.
    let next = look(&adapter, Freshness::Indexed).await.unwrap();
    assert_eq!(next.handle.as_str(), arn(1));
}

#[tokio::test]
async fn a_superseded_revision_that_runs_is_still_the_stack_s() {
    let ecs = Ecs::new(&["web:1", "web:2"], Some(1));
    ecs.0.lock().unwrap().revisions[0].1 = json!([{"key": "setpoint:superseded", "value": "shop"}]);
    let observed = look(&adapter(&ecs.wire(), None), Freshness::Indexed)
        .await
        .unwrap();
    assert_eq!(observed.owner, Owner::Ours);
    assert!(observed.resource.tags.is_empty());
}

#[tokio::test]
async fn a_registration_whose_answer_was_lost_is_not_made_twice() {
    let ecs = Ecs::new(&["web:1"], Some(1));
    let wire = ecs.wire();
    let adapter = adapter(&wire, None);
    let web = Name::from("web");
    let before = look(&adapter, Freshness::Indexed).await.unwrap();
    ecs.0.lock().unwrap().loses = Some("RegisterTaskDefinition");
    let err = adapter
        .update(&web, &desired("web:2"), &before)
        .await
        .unwrap_err();
    assert_eq!(err.kind, ErrorKind::Unsure);
    let again = look(&adapter, Freshness::Direct).await.unwrap();
    let handle = adapter
        .update(&web, &desired("web:2"), &again)
        .await
        .unwrap();
    assert_eq!(handle.as_str(), arn(2));
    assert_eq!(ecs.0.lock().unwrap().revisions.len(), 2);
}

#[tokio::test]
async fn tags_alone_make_no_revision() {
    let ecs = Ecs::new(&["web:1"], Some(1));
    let wire = ecs.wire();
    let adapter = adapter(&wire, None);
    let before = look(&adapter, Freshness::Indexed).await.unwrap();
    wire.take();
    let other = TaskDefinition {
        tags: tags(&[]),
        ..desired("web:1")
    };
    let handle = adapter
        .update(&Name::from("web"), &other, &before)
        .await
        .unwrap();
    assert_eq!(handle, before.handle);
    assert_eq!(wire.take_actions(), ["UntagResource"]);
}

#[tokio::test]
async fn a_deletion_puts_every_revision_of_the_family_out_of_use_and_no_other() {
    let wire = Ecs::new(&["web:1", "web:2"], None).wire();
    let adapter = adapter(&wire, None);
    let before = look(&adapter, Freshness::Indexed).await.unwrap();
    wire.take();
    adapter.delete(&Name::from("web"), &before).await.unwrap();
    let calls = wire.take();
    let sent: Vec<(String, Value)> = calls
        .into_iter()
        .map(|it| (it.action.clone(), it.json()))
        .collect();
    assert_eq!(
        sent,
        [
            (
                "ListTaskDefinitions".into(),
                json!({"familyPrefix": "web", "status": "ACTIVE"})
            ),
            (
                "DeregisterTaskDefinition".into(),
                json!({"taskDefinition": arn(1)})
            ),
            (
                "DeregisterTaskDefinition".into(),
                json!({"taskDefinition": arn(2)})
            ),
            (
                "DeleteTaskDefinitions".into(),
                json!({"taskDefinitions": [arn(1), arn(2)]})
            ),
        ]
    );
}

#[tokio::test]
async fn an_unmarked_revision_is_the_stacks_where_the_family_is_and_what_ran_before_runs_again() {
    let ecs = Ecs::new(&["web:1", "web:2"], Some(2));
    ecs.0.lock().unwrap().revisions[1].1 = json!([]);
    let stranger = ecs.wire();
    let seen = look(&adapter(&stranger, None), Freshness::Indexed).await;
    assert_eq!(seen.unwrap().owner, Owner::Nobody);

    ecs.0.lock().unwrap().indexed = vec![1];
    let wire = ecs.wire();
    let adapter = adapter(&wire, None);
    let before = look(&adapter, Freshness::Indexed).await.unwrap();
    assert_eq!(before.owner, Owner::Ours);
    assert_eq!(before.handle.as_str(), arn(2));
    wire.take();
    let handle = adapter
        .update(&Name::from("web"), &desired("web:1"), &before)
        .await
        .unwrap();
    assert_eq!(handle.as_str(), arn(1));
    let reads_alone = |it: &String| it.starts_with("Describe");
    assert!(wire.take_actions().iter().all(reads_alone));
}
