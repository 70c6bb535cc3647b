use super::*;
use serde_json::{Value, json};
use setpoint_aws::{
    MARK,
    testkit::{Answer, Call, Wire},
};
use setpoint_core::Owner;

const ARN: &str = "arn:aws:logs:us-east-1:1:log-group:/ecs/web";

/// An account with one group, `/ecs/web`, and beside it one with a longer name.
fn answer(call: &Call) -> Answer {
    Answer::ok(match call.action.as_str() {
        "GetCallerIdentity" => "<GetCallerIdentityResponse><GetCallerIdentityResult>\
            <Arn>arn:aws:iam::1:user/a</Arn><Account>1</Account>\
            </GetCallerIdentityResult></GetCallerIdentityResponse>"
            .into(),
        "GetResources" => json!({"ResourceTagMappingList": [
            {"ResourceARN": ARN, "Tags": [{"Key": MARK, "Value": "shop"}]},
        ]})
        .to_string(),
        "ListTagsForResource" if call.json()["resourceArn"] != ARN => {
            return Answer::json_error("ResourceNotFoundException", "no such group");
        }
        "ListTagsForResource" => {
            json!({"tags": {MARK: "shop", "team": "shop", "aws:cloudformation:stack-id": "x"}})
                .to_string()
        }
        "DescribeLogGroups" => json!({"logGroups": [
            {
                "logGroupName": "/ecs/web", "arn": format!("{ARN}:*"), "logGroupArn": ARN,
                "creationTime": 1, "retentionInDays": 7, "storedBytes": 5, "metricFilterCount": 0,
                "logGroupClass": "STANDARD", "deletionProtectionEnabled": false,
            },
            {"logGroupName": "/ecs/web-2", "arn": format!("{ARN}-2:*")},
        ]})
        .to_string(),
        _ => "{}".into(),
    })
}

fn names(names: &[&str]) -> BTreeSet<Name> {
    names.iter().map(|it| Name::from(*it)).collect()
}

fn week() -> LogGroup {
    LogGroup {
        retention_in_days: Some(7),
        retention_imposed: false,
        log_group_class: Some("STANDARD".into()),
        kms_key_id: None,
        tags: Tags::from([("team".into(), "shop".into())]),
    }
}

fn bodies(wire: &Wire) -> Vec<(String, Value)> {
    let calls = wire.take().into_iter();
    let calls = calls.filter(|it| it.action != "GetCallerIdentity");
    calls.map(|it| (it.action.clone(), it.json())).collect()
}

#[tokio::test]
async fn a_group_is_seen_as_it_would_be_asked_for() {
    let wire = Wire::new(answer);
    let groups = LogGroups::new(&wire.aws());
    let asked = names(&["/ecs/web", "/ecs/none"]);
    let shown = groups.observe(&asked, Freshness::Direct).await.unwrap();
    assert_eq!(shown.len(), 1);
    let observed = &shown[&"/ecs/web".into()];
    assert_eq!(observed.resource, week());
    assert_eq!(observed.handle.as_str(), "/ecs/web");
    assert_eq!((&observed.owner, observed.indexed), (&Owner::Ours, false));
    let calls = bodies(&wire);
    let described = json!({"logGroupIdentifiers": ["/ecs/none", "/ecs/web"]});
    assert!(calls.contains(&("DescribeLogGroups".into(), described)));
    assert_eq!(calls.len(), 3);
}

#[tokio::test]
async fn the_index_saves_the_reading_of_tags_it_knows() {
    let wire = Wire::new(answer);
    let groups = LogGroups::new(&wire.aws());
    assert_eq!(groups.list().await.unwrap(), names(&["/ecs/web"]));
    let asked = names(&["/ecs/web"]);
    let shown = groups.observe(&asked, Freshness::Indexed).await.unwrap();
    let observed = &shown[&"/ecs/web".into()];
    assert_eq!((&observed.owner, observed.indexed), (&Owner::Ours, true));
    assert!(!wire.take_actions().contains(&"ListTagsForResource".into()));
    // A group that the index does not know is not taken for a stranger's.
    let unknown = Wire::new(|call| match call.action.as_str() {
        "GetResources" => Answer::ok("{}"),
        _ => answer(call),
    });
    let groups = LogGroups::new(&unknown.aws());
    let shown = groups.observe(&asked, Freshness::Indexed).await.unwrap();
    let observed = &shown[&"/ecs/web".into()];
    assert_eq!((&observed.owner, observed.indexed), (&Owner::Ours, false));
}

#[tokio::test]
async fn fifty_names_make_one_call_and_a_refused_batch_is_asked_one_by_one() {
    let wire = Wire::new(answer);
    let groups = LogGroups::new(&wire.aws());
    let many: BTreeSet<Name> = (0..51).map(|it| Name(format!("group-{it}"))).collect();
    groups.describe(&many).await.unwrap();
    assert_eq!(wire.take_actions().len(), 2);

    let wire = Wire::new(|call| match call.json()["logGroupIdentifiers"].is_array() {
        true => Answer::json_error("ResourceNotFoundException", "one is not there"),
        false => answer(call),
    });
    let groups = LogGroups::new(&wire.aws());
    let described = groups.describe(&names(&["/ecs/none", "/ecs/web"])).await;
    let described = described.unwrap();
    assert_eq!(described.keys().collect::<Vec<_>>(), [&"/ecs/web".into()]);
    let prefix = json!({"logGroupNamePrefix": "/ecs/web", "limit": 1});
    assert_eq!(bodies(&wire).last().unwrap().1, prefix);
}

#[tokio::test]
async fn creating_marks_with_the_same_call_and_then_sets_the_retention() {
    let wire = Wire::new(answer);
    let groups = LogGroups::new(&wire.aws());
    let handle = groups.create(&"/ecs/web".into(), &week()).await.unwrap();
    assert_eq!(handle.as_str(), "/ecs/web");
    let expected = [
        (
            "CreateLogGroup",
            json!({
                "logGroupName": "/ecs/web", "logGroupClass": "STANDARD",
                "tags": {MARK: "shop", "team": "shop"},
            }),
        ),
        (
            "PutRetentionPolicy",
            json!({"logGroupName": "/ecs/web", "retentionInDays": 7}),
        ),
    ];
    assert_eq!(
        bodies(&wire),
        expected.map(|(action, body)| (action.into(), body))
    );
}

#[tokio::test]
async fn an_update_writes_only_what_differs() {
    let wire = Wire::new(answer);
    let groups = LogGroups::new(&wire.aws());
    let observed = Observed::new(week(), "/ecs/web", Owner::Nobody);
    let desired = LogGroup {
        log_group_class: None,
        kms_key_id: Some("arn:aws:kms:us-east-1:1:key/k".into()),
        tags: Tags::new(),
        ..week()
    };
    let name = "/ecs/web".into();
    groups.update(&name, &desired, &observed).await.unwrap();
    let expected = [
        (
            "AssociateKmsKey",
            json!({"logGroupName": "/ecs/web", "kmsKeyId": "arn:aws:kms:us-east-1:1:key/k"}),
        ),
        (
            "TagResource",
            json!({"resourceArn": ARN, "tags": {MARK: "shop"}}),
        ),
        (
            "UntagResource",
            json!({"resourceArn": ARN, "tagKeys": ["team"]}),
        ),
    ];
    assert_eq!(
        bodies(&wire),
        expected.map(|(action, body)| (action.into(), body))
    );

    let observed = Observed::new(week(), "/ecs/web", Owner::Ours);
    let forever = LogGroup {
        retention_in_days: None,
        ..week()
    };
    groups.update(&name, &forever, &observed).await.unwrap();
    assert_eq!(wire.take_actions(), ["DeleteRetentionPolicy"]);
}

#[tokio::test]
async fn a_retention_that_the_account_imposes_is_not_fought() {
    let wire = Wire::new(|call| {
        let Answer::Body(_, body) = answer(call) else {
            unreachable!("everything is answered");
        };
        Answer::ok(body.replace(
            "\"retentionInDays\":7",
            "\"retentionInDays\":30,\"retentionPolicyName\":\"all\"",
        ))
    });
    let groups = LogGroups::new(&wire.aws());
    let name: Name = "/ecs/web".into();
    let asked = names(&["/ecs/web"]);
    let shown = groups.observe(&asked, Freshness::Direct).await.unwrap();
    let observed = &shown[&name];
    assert_eq!(observed.resource.retention_in_days, Some(30));
    let mut resolved = week();
    resolved.inherit(&observed.resource);
    assert_eq!(resolved, observed.resource);
    wire.take();
    groups.update(&name, &week(), observed).await.unwrap();
    assert!(wire.take().is_empty());
}

#[tokio::test]
async fn a_group_that_is_gone_is_deleted() {
    let wire = Wire::new(|_| Answer::json_error("ResourceNotFoundException", "it is gone"));
    let groups = LogGroups::new(&wire.aws());
    let observed = Observed::new(week(), "/ecs/web", Owner::Ours);
    groups.delete(&"/ecs/web".into(), &observed).await.unwrap();
    assert_eq!(wire.take_actions(), ["DeleteLogGroup"]);
}
