use super::*;
use setpoint_aws::{
    MARK,
    testkit::{Answer, Call, Wire},
};

const ARN: &str = "arn:aws:iam::1:instance-profile/setpoint/shop/web";
const ROLE: &str = "arn:aws:iam::1:role/setpoint/shop/instance";

/// An account with one instance profile, `web`.
fn answer(call: &Call) -> Answer {
    let action = &call.action;
    let profile = format!(
        "<Path>/setpoint/shop/</Path><InstanceProfileName>web</InstanceProfileName>
        <InstanceProfileId>A</InstanceProfileId><Arn>{ARN}</Arn>
        <CreateDate>2026-01-01T00:00:00Z</CreateDate>
        <Roles><member><RoleName>instance</RoleName><Path>/setpoint/shop/</Path>
        <Arn>{ROLE}</Arn></member></Roles>
        <Tags><member><Key>{MARK}</Key><Value>shop</Value></member></Tags>"
    );
    let result = match action.as_str() {
        "ListInstanceProfiles" => format!(
            "<IsTruncated>false</IsTruncated>
            <InstanceProfiles><member>{profile}</member></InstanceProfiles>"
        ),
        _ if call.field("InstanceProfileName") != "web" => {
            return Answer::xml_error(404, "NoSuchEntity", "no such instance profile");
        }
        "GetInstanceProfile" | "CreateInstanceProfile" => {
            format!("<InstanceProfile>{profile}</InstanceProfile>")
        }
        _ => String::new(),
    };
    Answer::ok(format!(
        "<{action}Response><{action}Result>{result}</{action}Result></{action}Response>"
    ))
}

fn profiles(wire: &Wire) -> InstanceProfiles {
    InstanceProfiles::new(&wire.aws(), BTreeSet::new())
}

fn asked() -> InstanceProfile {
    InstanceProfile {
        path: Some("/setpoint/shop/".into()),
        role: Some(Link::is(ROLE)),
        tags: Tags::new(),
    }
}

fn calls(wire: &Wire) -> Vec<String> {
    let calls = wire.take().into_iter();
    let shown = calls.map(|it| format!("{} {}", it.action, it.field("RoleName")));
    shown.map(|it| it.trim().to_owned()).collect()
}

#[tokio::test]
async fn a_profile_is_listed_by_its_path_and_seen_as_it_would_be_asked_for() {
    let wire = Wire::new(answer);
    let profiles = profiles(&wire);
    assert_eq!(profiles.list().await.unwrap(), ["web".into()].into());
    let names = ["web".into(), "none".into()].into();
    let shown = profiles.observe(&names, Freshness::Direct).await.unwrap();
    assert_eq!(shown.len(), 1);
    let observed = &shown[&"web".into()];
    assert_eq!(observed.resource, asked());
    assert_eq!(
        (observed.handle.as_str(), &observed.owner),
        (ARN, &Owner::Ours)
    );
}

#[tokio::test]
async fn creating_marks_with_the_same_call_and_then_adds_the_role() {
    let wire = Wire::new(answer);
    let handle = profiles(&wire)
        .create(&"web".into(), &asked())
        .await
        .unwrap();
    assert_eq!(handle.as_str(), ARN);
    let made = wire.take();
    assert_eq!(made[0].action, "CreateInstanceProfile");
    assert_eq!(made[0].field("Path"), "/setpoint/shop/");
    assert_eq!(made[0].field("Tags.member.1.Key"), MARK);
    assert_eq!(made[1].action, "AddRoleToInstanceProfile");
    assert_eq!(made[1].field("RoleName"), "instance");
    assert_eq!(made.len(), 2);
}

#[tokio::test]
async fn an_update_writes_only_what_differs() {
    let wire = Wire::new(answer);
    let name = "web".into();
    let observed = Observed::new(asked(), ARN, Owner::Ours);
    profiles(&wire)
        .update(&name, &asked(), &observed)
        .await
        .unwrap();
    assert!(wire.take().is_empty());
    let desired = InstanceProfile {
        role: Some(Link::is("arn:aws:iam::1:role/other")),
        ..asked()
    };
    profiles(&wire)
        .update(&name, &desired, &observed)
        .await
        .unwrap();
    let expected = [
        "RemoveRoleFromInstanceProfile instance",
        "AddRoleToInstanceProfile other",
    ];
    assert_eq!(calls(&wire), expected);
}

#[tokio::test]
async fn a_role_in_the_place_of_the_new_one_is_a_reason_to_look_again() {
    let wire = Wire::new(|call| match call.action.as_str() {
        "AddRoleToInstanceProfile" => {
            Answer::xml_error(409, "LimitExceeded", "Cannot exceed quota: 1")
        }
        _ => answer(call),
    });
    let empty = InstanceProfile {
        role: None,
        ..asked()
    };
    let observed = Observed::new(empty, ARN, Owner::Ours);
    let err = profiles(&wire)
        .update(&"web".into(), &asked(), &observed)
        .await;
    assert_eq!(err.unwrap_err().kind, ErrorKind::Unsure);
}

#[tokio::test]
async fn a_deletion_takes_the_role_out_first_and_may_be_repeated() {
    let wire = Wire::new(answer);
    let observed = Observed::new(asked(), ARN, Owner::Ours);
    profiles(&wire)
        .delete(&"web".into(), &observed)
        .await
        .unwrap();
    let expected = [
        "RemoveRoleFromInstanceProfile instance",
        "DeleteInstanceProfile",
    ];
    assert_eq!(calls(&wire), expected);
    profiles(&wire)
        .delete(&"none".into(), &observed)
        .await
        .unwrap();
}
