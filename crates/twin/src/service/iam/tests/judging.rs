use super::*;

/// Why a session of a role with one statement may not do something; empty if it may.
fn verdict(statement: Value, grant: Grant) -> String {
    let mut world = world();
    let caller = session(&mut world, "web", None);
    put_inline(&mut world, "web", statement);
    verdict_of(&world, &caller, "ecs:CreateService", grant)
}

fn verdict_of(world: &World, caller: &Caller, action: &str, grant: Grant) -> String {
    match permitted(world, caller, action, &[grant]) {
        Ok(()) => String::new(),
        Err(denial) => denial.refusal("ecs", caller).message,
    }
}

fn allow(action: &str, resource: &str) -> Value {
    json!({ "Effect": "Allow", "Action": action, "Resource": resource })
}

const SERVICE: &str = "arn:aws:ecs:us-east-1:123456789012:service/shop/web";

#[test]
fn the_administrator_may_do_everything() {
    let world = world();
    let (caller, secret) = crate::service::sts::caller(&world, "").expect("a caller");
    assert_eq!(secret, "secret");
    assert_eq!(permitted(&world, &caller, "ecs:DeleteCluster", &[]), Ok(()));
}

#[test]
fn without_a_policy_nothing_is_allowed_and_aws_says_so() {
    let mut world = world();
    let caller = session(&mut world, "web", None);
    let words = verdict_of(&world, &caller, "ecs:CreateService", Grant::on(SERVICE));
    assert_eq!(
        words,
        format!(
            "User: arn:aws:sts::123456789012:assumed-role/web/test is not authorized to perform: \
             ecs:CreateService on resource: {SERVICE} because no identity-based policy allows \
             the ecs:CreateService action"
        )
    );
}

#[test]
fn actions_and_resources_match_by_wildcards() {
    let may = |action: &str, resource: &str| {
        verdict(allow(action, resource), Grant::on(SERVICE)).is_empty()
    };
    assert!(may("ecs:*", "*"));
    assert!(may("ECS:create*", "arn:aws:ecs:*:*:service/shop/*"));
    assert!(may("ecs:CreateServic?", SERVICE));
    assert!(may("*", "arn:aws:ecs"));
    assert!(!may("ecs:Describe*", "*"));
    assert!(!may("ecs:CreateService", "arn:aws:ecs:*:*:service/other/*"));
    let all_but = json!({ "Effect": "Allow", "NotAction": "iam:*", "Resource": "*" });
    assert!(verdict(all_but, Grant::on(SERVICE)).is_empty());
    let others = json!({ "Effect": "Allow", "Action": "*", "NotResource": SERVICE });
    assert!(!verdict(others, Grant::on(SERVICE)).is_empty());
}

#[test]
fn a_denial_outweighs_every_allowance() {
    let deny = json!({ "Effect": "Deny", "Action": "ecs:Create*", "Resource": "*" });
    let words = verdict(json!([allow("*", "*"), deny]), Grant::on(SERVICE));
    assert!(words.ends_with("with an explicit deny in an identity-based policy"));
}

#[test]
fn conditions_compare_what_the_grant_says() {
    let grant = || Grant::on(SERVICE).with("aws:RequestTag/team", "Shop");
    let may = |condition: Value| {
        let mut statement = allow("*", "*");
        statement["Condition"] = condition;
        verdict(statement, grant()).is_empty()
    };
    assert!(may(
        json!({ "StringEquals": { "aws:requesttag/team": ["web", "Shop"] } })
    ));
    assert!(!may(
        json!({ "StringEquals": { "aws:RequestTag/team": "shop" } })
    ));
    assert!(may(
        json!({ "StringEqualsIgnoreCase": { "aws:RequestTag/team": "shop" } })
    ));
    assert!(may(
        json!({ "StringLike": { "aws:RequestTag/team": "Sh*" } })
    ));
    assert!(!may(
        json!({ "StringNotEquals": { "aws:RequestTag/team": ["web", "Shop"] } })
    ));
    assert!(may(
        json!({ "StringNotEquals": { "aws:RequestTag/cost": "1" } })
    ));
    assert!(!may(
        json!({ "StringEquals": { "aws:RequestTag/cost": "1" } })
    ));
    assert!(may(
        json!({ "StringEqualsIfExists": { "aws:RequestTag/cost": "1" } })
    ));
    assert!(may(json!({ "Null": { "aws:RequestTag/cost": true } })));
    assert!(!may(json!({ "Null": { "aws:RequestTag/team": "true" } })));
    assert!(may(
        json!({ "ForAllValues:StringEquals": { "aws:TagKeys": ["team", "cost"] } })
    ));
    assert!(!may(
        json!({ "ForAllValues:StringEquals": { "aws:TagKeys": "cost" } })
    ));
    assert!(may(
        json!({ "ForAnyValue:StringEquals": { "aws:TagKeys": ["team"] } })
    ));
    assert!(!may(
        json!({ "ForAnyValue:StringEquals": { "aws:Other": ["team"] } })
    ));
    assert!(may(
        json!({ "StringEquals": { "aws:RequestedRegion": "us-east-1" } })
    ));
    assert!(may(
        json!({ "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/w?b" } })
    ));
    assert!(may(
        json!({ "DateGreaterThan": { "aws:CurrentTime": "2026-01-01T00:00:00Z" } })
    ));
    assert!(!may(
        json!({ "DateLessThan": { "aws:CurrentTime": "2026-01-01T00:00:00Z" } })
    ));
    assert!(may(
        json!({ "NumericGreaterThan": { "aws:EpochTime": "1000" } })
    ));
    assert!(may(json!({ "Bool": { "aws:SecureTransport": "true" } })));
    assert!(may(
        json!({ "IpAddress": { "aws:SourceIp": ["10.0.0.0/8", "127.0.0.0/8"] } })
    ));
    assert!(!may(
        json!({ "NotIpAddress": { "aws:SourceIp": "127.0.0.1/32" } })
    ));
}

#[test]
fn variables_stand_for_what_the_context_says() {
    let by_tag = "arn:aws:ecs:*:*:service/${aws:RequestTag/team}/*";
    let shop = Grant::on(SERVICE).with("aws:RequestTag/team", "shop");
    let wild = Grant::on(SERVICE).with("aws:RequestTag/team", "*");
    assert!(verdict(allow("*", by_tag), shop).is_empty());
    assert!(!verdict(allow("*", by_tag), wild).is_empty());
    assert!(!verdict(allow("*", by_tag), Grant::on(SERVICE)).is_empty());
    let default = "arn:aws:ecs:*:*:service/${aws:RequestTag/team, 'shop'}/*";
    assert!(verdict(allow("*", default), Grant::on(SERVICE)).is_empty());
}

#[test]
fn a_boundary_and_a_session_policy_take_away() {
    let mut world = world();
    let named = json!({ "RoleName": "web", "PolicyName": "own" });
    let caller = session(&mut world, "web", None);
    put_inline(&mut world, "web", allow("*", "*"));
    let boundary = json!({
        "RoleName": "web",
        "PermissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess",
    });
    call(&mut world, "PutRolePermissionsBoundary", boundary);
    let words = verdict_of(&world, &caller, "ecs:CreateService", Grant::on(SERVICE));
    assert!(words.ends_with("because no permissions boundary allows the ecs:CreateService action"));
    let describe = "ecs:DescribeServices";
    assert_eq!(
        verdict_of(&world, &caller, describe, Grant::on(SERVICE)),
        ""
    );
    let own: Value = serde_json::from_str(&policy(allow("iam:*", "*"))).expect("JSON");
    let narrow = session(&mut world, "web", Some(own));
    let words = verdict_of(&world, &narrow, describe, Grant::on(SERVICE));
    assert!(words.ends_with("because no session policy allows the ecs:DescribeServices action"));
    call(&mut world, "DeleteRolePolicy", named);
    let words = verdict_of(&world, &caller, describe, Grant::on(SERVICE));
    assert!(words.contains("no identity-based policy"));
}

#[test]
fn each_service_denies_in_its_own_code_and_words() {
    let mut world = world();
    let caller = session(&mut world, "web", None);
    let code = |service: &str, action: &str, resource: &str| {
        let refusal = denial(service, &caller, action, resource);
        (refusal.code.clone(), refusal.status, refusal.message)
    };
    let (name, status, words) = code("iam", "iam:GetRole", "arn:aws:iam::123456789012:role/a/b");
    assert_eq!((name.as_str(), status), ("AccessDenied", Some(403)));
    assert!(words.contains("on resource: role b because"));
    let (name, status, words) = code("ec2", "ec2:DescribeVpcs", "*");
    assert_eq!(
        (name.as_str(), status),
        ("UnauthorizedOperation", Some(403))
    );
    assert!(words.starts_with("You are not authorized to perform this operation. User: "));
    assert!(!words.contains("Encoded"));
    let (.., words) = code("ec2", "ec2:RunInstances", "arn:aws:ec2:::instance/*");
    let encoded = words.split("message: ").nth(1).expect("an encoded message");
    assert!(denial::decoded(encoded).is_some_and(|it| it.contains("ec2:RunInstances")));
    let (name, status, _) = code("ecs", "ecs:ListClusters", "*");
    assert_eq!(
        (name.as_str(), status),
        ("AccessDeniedException", Some(400))
    );
}

#[test]
fn passing_a_role_needs_more_than_the_call() {
    let mut world = world();
    let caller = session(&mut world, "web", None);
    put_inline(
        &mut world,
        "web",
        allow("iam:AddRoleToInstanceProfile", "*"),
    );
    let members = json!({ "InstanceProfileName": "web", "RoleName": "web" });
    let mut asked = input("AddRoleToInstanceProfile", members);
    asked.caller = caller;
    let action = crate::service::action("iam", "AddRoleToInstanceProfile").expect("an action");
    let judged = |world: &World| judge(world, &asked, &(action.needs)(world, &asked));
    let refusal = judged(&world).expect_err("PassRole is missing");
    assert!(
        refusal
            .message
            .contains("perform: iam:PassRole on resource: arn:aws:iam::")
    );
    let pass = json!([allow("iam:AddRoleToInstanceProfile", "*"), {
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": "arn:aws:iam::*:role/web",
        "Condition": { "StringEquals": { "iam:PassedToService": "ec2.amazonaws.com" } },
    }]);
    put_inline(&mut world, "web", pass);
    assert_eq!(judged(&world), Ok(()));
}
