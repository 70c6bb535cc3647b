use super::*;

fn own(world: &mut World, name: &str) -> String {
    let document = policy(json!({ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }));
    let made = json!({ "PolicyName": name, "PolicyDocument": document });
    let made = call(world, "CreatePolicy", made);
    text(&made["Policy"]["Arn"]).to_owned()
}

#[test]
fn a_policy_has_at_most_five_versions() {
    let mut world = world();
    let arn = own(&mut world, "logs");
    let document = policy(json!([{ "Effect": "Deny", "Action": "*", "Resource": "*" }]));
    let version = json!({ "PolicyArn": arn, "PolicyDocument": document, "SetAsDefault": true });
    for number in 2..=5 {
        let made = call(&mut world, "CreatePolicyVersion", version.clone());
        let id = format!("v{number}");
        assert_eq!(made["PolicyVersion"]["VersionId"], id.as_str());
    }
    assert!(refused(&mut world, "CreatePolicyVersion", version).starts_with("LimitExceeded: A"));
    let named = json!({ "PolicyArn": arn });
    let got = call(&mut world, "GetPolicy", named.clone());
    assert_eq!(got["Policy"]["DefaultVersionId"], "v5");
    let of = |id: &str| json!({ "PolicyArn": arn, "VersionId": id });
    let got = call(&mut world, "GetPolicyVersion", of("v5"));
    assert!(text(&got["PolicyVersion"]["Document"]).contains("Deny"));
    assert_eq!(
        refused(&mut world, "DeletePolicyVersion", of("v5")),
        "DeleteConflict: Cannot delete the default version of a policy."
    );
    assert!(refused(&mut world, "DeletePolicy", named.clone()).contains("more than one version"));
    call(&mut world, "SetDefaultPolicyVersion", of("v1"));
    for id in ["v2", "v3", "v4", "v5"] {
        call(&mut world, "DeletePolicyVersion", of(id));
    }
    call(&mut world, "DeletePolicy", named.clone());
    assert_eq!(
        refused(&mut world, "GetPolicy", named),
        format!("NoSuchEntity: Policy {arn} was not found.")
    );
}

#[test]
fn a_role_takes_ten_managed_policies_and_no_unknown_one() {
    let mut world = world();
    role(&mut world, "web");
    let attach = |arn: &str| json!({ "RoleName": "web", "PolicyArn": arn });
    for number in 0..10 {
        let arn = own(&mut world, &format!("own-{number}"));
        call(&mut world, "AttachRolePolicy", attach(&arn));
        call(&mut world, "AttachRolePolicy", attach(&arn));
    }
    let one_more = "arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy";
    assert_eq!(
        refused(&mut world, "AttachRolePolicy", attach(one_more)),
        "LimitExceeded: Cannot exceed quota for PoliciesPerRole: 10"
    );
    let missing = "arn:aws:iam::aws:policy/AmazonECSTaskExecutionRolePolicy";
    assert_eq!(
        refused(&mut world, "AttachRolePolicy", attach(missing)),
        format!("NoSuchEntity: Policy {missing} does not exist or is not attachable.")
    );
    assert_eq!(
        refused(&mut world, "DetachRolePolicy", attach(one_more)),
        format!("NoSuchEntity: Policy {one_more} was not found.")
    );
}

#[test]
fn lists_tell_the_accounts_policies_from_those_of_aws() {
    let mut world = world();
    role(&mut world, "web");
    let arn = own(&mut world, "own");
    let aws = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role";
    call(
        &mut world,
        "AttachRolePolicy",
        json!({ "RoleName": "web", "PolicyArn": aws }),
    );
    let mut listed = |asked: Value| -> Vec<String> {
        let page = call(&mut world, "ListPolicies", asked);
        let policies = page["Policies"].as_array().expect("policies");
        policies
            .iter()
            .map(|it| text(&it["Arn"]).to_owned())
            .collect()
    };
    assert_eq!(listed(json!({ "Scope": "Local" })), [arn.as_str()]);
    assert_eq!(listed(json!({ "OnlyAttached": true })), [aws]);
    let service = json!({ "Scope": "AWS", "PathPrefix": "/service-role/" });
    assert!(listed(service).contains(&aws.to_owned()));
    let entities = json!({ "PolicyArn": aws });
    let entities = call(&mut world, "ListEntitiesForPolicy", entities);
    assert_eq!(entities["PolicyRoles"][0]["RoleName"], "web");
}

#[test]
fn every_policy_of_aws_is_one_that_iam_would_take() {
    for policy in managed::all().values() {
        check::policy(policy.document()).unwrap_or_else(|it| panic!("{}: {it}", policy.arn));
        assert!(policy.created_at <= policy.updated_at, "{}", policy.arn);
        assert!(policy.created_at > Time(0), "{}", policy.arn);
    }
    assert!(managed::all().len() > 30);
}
