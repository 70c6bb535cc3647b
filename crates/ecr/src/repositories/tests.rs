use super::*;
use serde_json::{Value, json};
use setpoint_aws::{
    MARK,
    testkit::{Answer, Call, Wire},
};
use setpoint_core::Owner;

const ARN: &str = "arn:aws:ecr:us-east-1:1:repository/shop/web";
const URI: &str = "1.dkr.ecr.us-east-1.amazonaws.com/shop/web";
const POLICY: &str = r#"{ "rules": [
    {"rulePriority": 2, "selection": {"tagStatus": "any"}, "action": {"type": "expire"}},
    {"rulePriority": 1, "selection": {"tagStatus": "untagged"}, "action": {"type": "expire"}}
] }"#;

/// An account with one repository, `shop/web`.
fn answer(call: &Call) -> Answer {
    let body = call.json();
    let other = |it: &Value| !it.is_null() && it != "shop/web" && it != ARN;
    if [
        &body["repositoryNames"][0],
        &body["repositoryName"],
        &body["resourceArn"],
    ]
    .into_iter()
    .any(other)
    {
        return Answer::json_error("RepositoryNotFoundException", "no such repository");
    }
    Answer::ok(match call.action.as_str() {
        "GetCallerIdentity" => "<GetCallerIdentityResponse><GetCallerIdentityResult>\
            <Arn>arn:aws:iam::1:user/a</Arn><Account>1</Account>\
            </GetCallerIdentityResult></GetCallerIdentityResponse>"
            .into(),
        "GetResources" => json!({"ResourceTagMappingList": [
            {"ResourceARN": ARN, "Tags": [{"Key": MARK, "Value": "shop"}]},
        ]})
        .to_string(),
        "ListTagsForResource" => json!({"tags": [
            {"Key": MARK, "Value": "shop"},
            {"Key": "team", "Value": "shop"},
            {"Key": "aws:cloudformation:stack-id", "Value": "x"},
        ]})
        .to_string(),
        "GetLifecyclePolicy" => json!({"lifecyclePolicyText": POLICY}).to_string(),
        "DescribeRepositories" => json!({"repositories": [shown()]}).to_string(),
        "CreateRepository" => json!({"repository": shown()}).to_string(),
        _ => "{}".into(),
    })
}

fn shown() -> Value {
    json!({
        "repositoryName": "shop/web", "repositoryArn": ARN, "repositoryUri": URI,
        "registryId": "1", "createdAt": 1, "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
        "imageTagMutabilityExclusionFilters": [
            {"filterType": "WILDCARD", "filter": "latest"},
            {"filterType": "WILDCARD", "filter": "dev-*"},
        ],
        "imageScanningConfiguration": {"scanOnPush": true},
        "encryptionConfiguration": {"encryptionType": "AES256"},
    })
}

fn names(names: &[&str]) -> BTreeSet<Name> {
    names.iter().map(|it| Name::from(*it)).collect()
}

/// The same, as a stack asks for it.
fn asked() -> Repository {
    Repository {
        image_tag_mutability: TagMutability::Immutable,
        mutability_exclusions: ["dev-*", "latest"].map(String::from).into(),
        scan_on_push: true,
        encryption: Some(Encryption {
            encryption_type: "AES256".into(),
            kms_key: None,
        }),
        lifecycle_policy: Some(json!({"rules": [
            {"action": {"type": "expire"}, "rulePriority": 1, "selection": {"tagStatus": "untagged"}},
            {"action": {"type": "expire"}, "rulePriority": 2, "selection": {"tagStatus": "any"}},
        ]})),
        tags: Tags::from([("team".into(), "shop".into())]),
    }
}

fn bodies(wire: &Wire) -> Vec<(String, Value)> {
    let calls = wire.take().into_iter();
    let calls = calls.filter(|it| it.action != "GetCallerIdentity");
    calls.map(|it| (it.action.clone(), it.json())).collect()
}

#[tokio::test]
async fn a_repository_is_seen_as_it_would_be_asked_for() {
    let wire = Wire::new(answer);
    let repositories = Repositories::new(&wire.aws(), false);
    let asked_for = names(&["shop/web", "shop/none"]);
    let shown = repositories.observe(&asked_for, Freshness::Direct).await;
    let shown = shown.unwrap();
    assert_eq!(shown.len(), 1);
    let observed = &shown[&"shop/web".into()];
    assert_eq!(observed.resource, asked());
    assert_eq!(observed.handle.as_str(), URI);
    assert_eq!((&observed.owner, observed.indexed), (&Owner::Ours, false));
}

#[tokio::test]
async fn many_repositories_are_picked_from_all_pages_and_their_tags_from_the_index() {
    let wire = Wire::new(|call| match call.action.as_str() {
        "DescribeRepositories" if call.json()["nextToken"].is_null() => {
            Answer::ok(json!({"repositories": [], "nextToken": "more"}).to_string())
        }
        _ => answer(call),
    });
    let repositories = Repositories::new(&wire.aws(), false);
    assert_eq!(repositories.list().await.unwrap(), names(&["shop/web"]));
    let asked_for = names(&["shop/web", "a", "b", "c"]);
    let shown = repositories.observe(&asked_for, Freshness::Indexed).await;
    let shown = shown.unwrap();
    assert_eq!(shown.len(), 1);
    assert!(shown[&"shop/web".into()].indexed);
    let calls = bodies(&wire);
    let of = |action: &str| calls.iter().filter(|it| it.0 == action).count();
    assert_eq!(
        (of("DescribeRepositories"), of("GetLifecyclePolicy")),
        (2, 4)
    );
    assert_eq!((of("GetResources"), of("ListTagsForResource")), (1, 0));
}

#[tokio::test]
async fn a_repository_new_to_the_index_is_not_taken_for_a_strangers() {
    let wire = Wire::new(|call| match call.action.as_str() {
        "GetResources" => Answer::ok("{}"),
        _ => answer(call),
    });
    let repositories = Repositories::new(&wire.aws(), false);
    let shown = repositories
        .observe(&names(&["shop/web"]), Freshness::Indexed)
        .await;
    let observed = &shown.unwrap()[&"shop/web".into()];
    assert_eq!((&observed.owner, observed.indexed), (&Owner::Ours, false));
}

#[tokio::test]
async fn creating_marks_with_the_same_call_and_then_sets_the_lifecycle() {
    let wire = Wire::new(answer);
    let repositories = Repositories::new(&wire.aws(), false);
    let name = "shop/web".into();
    let handle = repositories.create(&name, &asked()).await.unwrap();
    assert_eq!(handle.as_str(), URI);
    let calls = bodies(&wire);
    let expected = json!({
        "repositoryName": "shop/web",
        "tags": [{"Key": MARK, "Value": "shop"}, {"Key": "team", "Value": "shop"}],
        "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
        "imageTagMutabilityExclusionFilters": [
            {"filterType": "WILDCARD", "filter": "dev-*"},
            {"filterType": "WILDCARD", "filter": "latest"},
        ],
        "imageScanningConfiguration": {"scanOnPush": true},
        "encryptionConfiguration": {"encryptionType": "AES256"},
    });
    assert_eq!(calls[0], ("CreateRepository".into(), expected));
    assert_eq!(calls[1].0, "PutLifecyclePolicy");
    assert_eq!(calls.len(), 2);
}

#[tokio::test]
async fn an_update_writes_only_what_differs() {
    let wire = Wire::new(answer);
    let repositories = Repositories::new(&wire.aws(), false);
    let name = "shop/web".into();
    let observed = Observed::new(asked(), URI, Owner::Ours);
    let handle = repositories.update(&name, &asked(), &observed).await;
    assert_eq!(handle.unwrap().as_str(), URI);
    assert!(wire.take().is_empty());

    let desired = Repository {
        mutability_exclusions: BTreeSet::new(),
        encryption: None,
        lifecycle_policy: None,
        tags: Tags::from([("team".into(), "ops".into())]),
        ..asked()
    };
    let observed = Observed::new(asked(), URI, Owner::Nobody);
    repositories
        .update(&name, &desired, &observed)
        .await
        .unwrap();
    let tags = json!([{"Key": MARK, "Value": "shop"}, {"Key": "team", "Value": "ops"}]);
    let expected = [
        (
            "PutImageTagMutability",
            json!({"repositoryName": "shop/web", "imageTagMutability": "IMMUTABLE"}),
        ),
        (
            "DeleteLifecyclePolicy",
            json!({"repositoryName": "shop/web"}),
        ),
        ("TagResource", json!({"resourceArn": ARN, "tags": tags})),
    ];
    assert_eq!(
        bodies(&wire),
        expected.map(|(action, body)| (action.into(), body))
    );
}

#[tokio::test]
async fn a_repository_with_images_is_deleted_only_when_told_to() {
    let script = |call: &Call| match call.json()["force"] == true {
        true => answer(call),
        false => Answer::json_error("RepositoryNotEmptyException", "it holds images"),
    };
    let observed = Observed::new(asked(), URI, Owner::Ours);
    let name = "shop/web".into();
    let kept = Repositories::new(&Wire::new(script).aws(), false);
    let err = kept.delete(&name, &observed).await.unwrap_err();
    assert_eq!(err.kind, ErrorKind::Refused);
    assert!(err.source.to_string().contains("--empty-repositories"));
    let emptied = Repositories::new(&Wire::new(script).aws(), true);
    emptied.delete(&name, &observed).await.unwrap();
    let gone = "shop/none".into();
    Repositories::new(&Wire::new(answer).aws(), false)
        .delete(&gone, &observed)
        .await
        .unwrap();
}

#[tokio::test]
async fn archived_images_and_those_on_later_pages_count() {
    let wire = Wire::new(|call| match call.action.as_str() {
        "DescribeImages" if call.json()["repositoryName"] == "empty" => Answer::ok("{}"),
        "DescribeImages" if call.json()["nextToken"].is_null() => {
            Answer::ok(json!({"imageDetails": [], "nextToken": "more"}).to_string())
        }
        "DescribeImages" => Answer::ok(json!({"imageDetails": [{"registryId": "1"}]}).to_string()),
        _ => answer(call),
    });
    let repositories = Repositories::new(&wire.aws(), false);
    let found = repositories.non_empty(&names(&["shop/web", "empty"])).await;
    assert_eq!(found.unwrap(), names(&["shop/web"]));
    let filter = json!({"imageStatus": "ANY"});
    assert!(wire.take().iter().all(|it| it.json()["filter"] == filter));
}
