use super::*;
use setpoint_aws::{
    MARK,
    testkit::{Answer, Call, Wire},
};
use setpoint_core::Owner;
use setpoint_spec::{kind::Tags, policy::PolicyDocument};

const ARN: &str = "arn:aws:iam::1:role/setpoint/shop/web";
const EXECUTION: &str = "AmazonECSTaskExecutionRolePolicy";
const EXECUTION_ARN: &str = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";
const OWN: &str = "arn:aws:iam::1:policy/own";

/// An account with one role, `web`.
fn answer(call: &Call) -> Answer {
    if !["", "web"].contains(&&*call.field("RoleName")) {
        return Answer::xml_error(404, "NoSuchEntity", "The role with name x cannot be found.");
    }
    let result = match call.action.as_str() {
        "GetRole" | "CreateRole" => role_xml(true),
        "ListAttachedRolePolicies" => format!(
            "<IsTruncated>false</IsTruncated><AttachedPolicies>
            <member><PolicyName>a</PolicyName><PolicyArn>{EXECUTION_ARN}</PolicyArn></member>
            <member><PolicyName>own</PolicyName><PolicyArn>{OWN}</PolicyArn></member>
            </AttachedPolicies>"
        ),
        "ListRolePolicies" => "<IsTruncated>false</IsTruncated>
            <PolicyNames><member>read</member></PolicyNames>"
            .into(),
        "GetRolePolicy" => format!(
            "<RoleName>web</RoleName><PolicyName>read</PolicyName>
            <PolicyDocument>{}</PolicyDocument>",
            encoded(&read())
        ),
        _ => String::new(),
    };
    ok(call, &result)
}

fn ok(call: &Call, result: &str) -> Answer {
    let action = &call.action;
    Answer::ok(format!(
        "<{action}Response><{action}Result>{result}</{action}Result></{action}Response>"
    ))
}

fn role_xml(marked: bool) -> String {
    let mark = match marked {
        true => format!("<member><Key>{MARK}</Key><Value>shop</Value></member>"),
        false => String::new(),
    };
    format!(
        "<Role><Path>/setpoint/shop/</Path><RoleName>web</RoleName><RoleId>A</RoleId>
        <Arn>{ARN}</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>
        <AssumeRolePolicyDocument>{}</AssumeRolePolicyDocument>
        <MaxSessionDuration>3600</MaxSessionDuration><RoleLastUsed/>
        <Tags>{mark}<member><Key>team</Key><Value>shop</Value></member></Tags></Role>",
        encoded(&PolicyDocument::trusting(["ecs-tasks.amazonaws.com"]))
    )
}

fn encoded(document: &PolicyDocument) -> String {
    document.text().replace('"', "%22").replace('{', "%7B")
}

fn read() -> PolicyDocument {
    PolicyDocument::read(
        r#"{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}"#,
    )
}

/// The same, as a stack asks for it.
fn asked() -> Role {
    Role {
        path: Some("/setpoint/shop/".into()),
        description: String::new(),
        max_session_duration: 3600,
        trust: PolicyDocument::trusting(["ecs-tasks.amazonaws.com"]),
        managed_policies: [EXECUTION, OWN].map(String::from).into(),
        inline_policies: [("read".to_owned(), read())].into(),
        permissions_boundary: None,
        tags: Tags::from([("team".into(), "shop".into())]),
    }
}

fn roles(wire: &Wire) -> Roles {
    Roles::new(&wire.aws(), BTreeSet::new())
}

fn names(names: &[&str]) -> BTreeSet<Name> {
    names.iter().map(|it| Name::from(*it)).collect()
}

/// Each call with what tells it from others of its action.
fn calls(wire: &Wire) -> Vec<String> {
    let shown = |it: Call| {
        let fields = ["PolicyArn", "PolicyName", "PathPrefix", "TagKeys.member.1"];
        let field = fields
            .into_iter()
            .map(|name| it.field(name))
            .find(|it| !it.is_empty());
        format!("{} {}", it.action, field.unwrap_or_default())
            .trim()
            .to_owned()
    };
    wire.take().into_iter().map(shown).collect()
}

#[tokio::test]
async fn a_role_is_seen_as_it_would_be_asked_for() {
    let wire = Wire::new(answer);
    let shown = roles(&wire)
        .observe(&names(&["web", "none"]), Freshness::Direct)
        .await
        .unwrap();
    assert_eq!(shown.len(), 1);
    let observed = &shown[&"web".into()];
    assert_eq!(observed.resource, asked());
    assert_eq!(
        (observed.handle.as_str(), &observed.owner),
        (ARN, &Owner::Ours)
    );
    // Three for each name, and one for the inline policy.
    assert_eq!(wire.take().len(), 7);
}

#[tokio::test]
async fn a_role_is_ours_by_its_path_and_elsewhere_by_its_mark() {
    let listed = "<IsTruncated>false</IsTruncated><Roles>
        <member><RoleName>web</RoleName><Path>PATH</Path></member>
        <member><RoleName>below</RoleName><Path>PATHmore/</Path></member>
        </Roles>";
    for (on_own_path, marked, expected) in [
        (true, false, names(&["web"])),
        (false, true, names(&["web"])),
        (false, false, names(&[])),
    ] {
        let wire = Wire::new(move |call| match call.action.as_str() {
            "ListRoles" if (call.field("PathPrefix") == "/setpoint/shop/") == on_own_path => {
                ok(call, &listed.replace("PATH", &call.field("PathPrefix")))
            }
            "ListRoles" => ok(call, "<IsTruncated>false</IsTruncated>"),
            _ => {
                let elsewhere = role_xml(marked).replace("/setpoint/shop/<", "/team/<");
                ok(call, &elsewhere)
            }
        });
        let roles = Roles::new(&wire.aws(), ["/team/".to_owned()].into());
        assert_eq!(roles.list().await.unwrap(), expected);
    }
}

#[tokio::test]
async fn creating_marks_with_the_same_call_and_then_attaches() {
    let wire = Wire::new(answer);
    let desired = Role {
        path: None,
        ..asked()
    };
    let handle = roles(&wire).create(&"web".into(), &desired).await.unwrap();
    assert_eq!(handle.as_str(), ARN);
    let made = wire.take();
    assert_eq!(made[0].action, "CreateRole");
    assert_eq!(made[0].field("Path"), "/setpoint/shop/");
    assert_eq!(made[0].field("Tags.member.1.Key"), MARK);
    assert_eq!(made[0].field("Tags.member.1.Value"), "shop");
    assert_eq!(
        made[0].field("AssumeRolePolicyDocument"),
        asked().trust.text()
    );
    assert!(!made[0].body.contains("Description"));
    let mut attached: Vec<String> = made.iter().map(|it| it.field("PolicyArn")).collect();
    attached.retain(|it| !it.is_empty());
    assert_eq!(attached, [EXECUTION_ARN, OWN]);
    assert_eq!(made[3].action, "PutRolePolicy");
    assert_eq!(made[3].field("PolicyDocument"), read().text());
}

#[tokio::test]
async fn a_managed_policy_new_to_the_table_is_found_in_its_folder() {
    let policy = "arn:aws:iam::aws:policy/job-function/Newest";
    let wire = Wire::new(move |call| match call.field("PolicyArn") {
        it if it == policy => ok(call, ""),
        it => {
            let text = format!("Policy {it} does not exist or is not attachable.");
            Answer::xml_error(404, "NoSuchEntity", &text)
        }
    });
    let name: Name = "web".into();
    roles(&wire).attach(&name, "Newest", ARN).await.unwrap();
    assert_eq!(wire.take().last().unwrap().field("PolicyArn"), policy);
    // One that is nowhere will not appear by trying again.
    let err = roles(&wire)
        .attach(&name, "Nowhere", ARN)
        .await
        .unwrap_err();
    assert_eq!(err.kind, ErrorKind::Refused);
    assert!(
        err.source
            .to_string()
            .contains("aws:policy/Nowhere does not exist")
    );
    // A role that IAM does not show yet is no reason to search.
    wire.take();
    let wire = Wire::new(answer);
    let err = roles(&wire)
        .attach(&"none".into(), "Nowhere", ARN)
        .await
        .unwrap_err();
    assert_eq!((err.kind, wire.take().len()), (ErrorKind::Absent, 1));
}

#[tokio::test]
async fn an_update_writes_only_what_differs() {
    let wire = Wire::new(answer);
    let name = "web".into();
    let observed = Observed::new(asked(), ARN, Owner::Ours);
    let same = Role {
        path: None,
        ..asked()
    };
    roles(&wire).update(&name, &same, &observed).await.unwrap();
    assert!(wire.take().is_empty());

    let desired = Role {
        description: "serves".into(),
        trust: PolicyDocument::trusting(["ec2.amazonaws.com"]),
        managed_policies: [OWN, "ReadOnlyAccess"].map(String::from).into(),
        inline_policies: [("write".to_owned(), read())].into(),
        permissions_boundary: Some(OWN.into()),
        tags: Tags::new(),
        ..asked()
    };
    let observed = Observed::new(asked(), ARN, Owner::Nobody);
    roles(&wire)
        .update(&name, &desired, &observed)
        .await
        .unwrap();
    let expected = [
        "UpdateAssumeRolePolicy",
        "UpdateRole",
        "PutRolePermissionsBoundary",
        "AttachRolePolicy arn:aws:iam::aws:policy/ReadOnlyAccess",
        &format!("DetachRolePolicy {EXECUTION_ARN}"),
        "PutRolePolicy write",
        "DeleteRolePolicy read",
        "TagRole",
        "UntagRole team",
    ];
    assert_eq!(calls(&wire), expected);
}

#[tokio::test]
async fn a_full_role_lets_go_of_the_old_before_it_takes_the_new() {
    let wire = Wire::new(answer);
    let policies = |first: usize| (first..first + 10).map(|it| format!("P{it}")).collect();
    let full = Role {
        managed_policies: policies(0),
        ..asked()
    };
    let desired = Role {
        managed_policies: policies(1),
        ..asked()
    };
    let observed = Observed::new(full, ARN, Owner::Ours);
    roles(&wire)
        .update(&"web".into(), &desired, &observed)
        .await
        .unwrap();
    assert_eq!(
        wire.take_actions(),
        ["DetachRolePolicy", "AttachRolePolicy"]
    );
}

#[tokio::test]
async fn a_deletion_takes_everything_off_first_and_may_be_repeated() {
    let observed = Observed::new(asked(), ARN, Owner::Ours);
    let wire = Wire::new(answer);
    roles(&wire).delete(&"web".into(), &observed).await.unwrap();
    let expected = [
        "ListInstanceProfilesForRole",
        &format!("DetachRolePolicy {EXECUTION_ARN}"),
        &format!("DetachRolePolicy {OWN}"),
        "DeleteRolePolicy read",
        "DeleteRole",
    ];
    assert_eq!(calls(&wire), expected);
    roles(&wire)
        .delete(&"none".into(), &observed)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_role_that_a_strangers_profile_holds_is_not_stripped() {
    let wire = Wire::new(|call| {
        ok(
            call,
            "<IsTruncated>false</IsTruncated><InstanceProfiles><member>
            <InstanceProfileName>theirs</InstanceProfileName></member></InstanceProfiles>",
        )
    });
    let observed = Observed::new(asked(), ARN, Owner::Ours);
    let err = roles(&wire)
        .delete(&"web".into(), &observed)
        .await
        .unwrap_err();
    let waits_for = "the instance profile theirs to let go of it".to_owned();
    assert_eq!(err.kind, ErrorKind::NotYet(waits_for));
    assert_eq!(wire.take_actions(), ["ListInstanceProfilesForRole"]);
}
