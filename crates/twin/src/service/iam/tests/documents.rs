use super::*;

fn answer_to(document: &str) -> String {
    match check::policy(document) {
        Ok(()) => String::new(),
        Err(refusal) => refusal.message,
    }
}

#[test]
fn what_is_no_policy_is_refused() {
    let statement = |statement: Value| answer_to(&policy(statement));
    let allow = |action: &str, resource: &str| {
        statement(json!({ "Effect": "Allow", "Action": action, "Resource": resource }))
    };
    assert_eq!(allow("s3:GetObject", "arn:aws:s3:::bucket/*"), "");
    assert_eq!(answer_to("{"), "Syntax errors in policy.");
    assert_eq!(answer_to("{}"), "Syntax errors in policy.");
    assert_eq!(statement(json!([])), "Syntax errors in policy.");
    assert_eq!(
        statement(json!({ "Effect": "allow", "Action": "*", "Resource": "*" })),
        "Syntax errors in policy."
    );
    assert_eq!(
        statement(json!({ "Effect": "Allow", "Resource": "*" })),
        "Policy statement must contain actions."
    );
    assert_eq!(
        statement(json!({ "Effect": "Allow", "Action": "*" })),
        "Policy statement must contain resources."
    );
    assert!(allow("GetObject", "*").starts_with("Actions/Conditions must be prefaced"));
    assert_eq!(
        allow("s3:*", "bucket"),
        "Resource bucket must be in ARN format or \"*\"."
    );
    assert_eq!(
        answer_to(&trusting(json!("*"))),
        "Policy document should not specify a principal."
    );
}

#[test]
fn what_is_no_trust_policy_is_refused() {
    let mut world = world();
    let mut answer_to = |document: String| {
        let role = json!({ "RoleName": "web", "AssumeRolePolicyDocument": document });
        refused(&mut world, "CreateRole", role)
    };
    let words = "MalformedPolicyDocument: ";
    assert_eq!(
        answer_to("no json".into()),
        format!("{words}This policy contains invalid Json")
    );
    assert_eq!(
        answer_to("{}".into()),
        format!("{words}Missing required field Statement")
    );
    let nobody = json!({ "Effect": "Allow", "Action": "sts:AssumeRole" });
    assert_eq!(
        answer_to(policy(nobody)),
        format!("{words}Missing required field Principal")
    );
    assert_eq!(
        answer_to(trusting(json!({ "Service": "ecs-tasks" }))),
        format!("{words}Invalid principal in policy: \"SERVICE\":\"ecs-tasks\"")
    );
    let resource = json!({
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": "*",
        "Resource": "*",
    });
    assert_eq!(
        answer_to(policy(resource)),
        format!("{words}Has prohibited field Resource")
    );
    let other = json!({ "Effect": "Allow", "Action": "s3:*", "Principal": "*" });
    assert!(answer_to(policy(other)).ends_with("may only specify STS AssumeRole actions."));
    let long = "x".repeat(2100);
    let long = format!("{{\"Id\":\"{long}\",{}", &trusting(json!("*"))[1..]);
    assert_eq!(
        answer_to(long),
        "LimitExceeded: Cannot exceed quota for ACLSizePerRole: 2048"
    );
}

#[test]
fn inline_policies_are_at_most_10240_characters_together() {
    let mut world = world();
    role(&mut world, "web");
    let long = |letter: &str| {
        let resource = format!("arn:aws:s3:::{}", letter.repeat(5200));
        policy(json!({ "Effect": "Allow", "Action": "s3:*", "Resource": resource }))
    };
    let put = |name: &str, document: String| json!({ "RoleName": "web", "PolicyName": name, "PolicyDocument": document });
    call(&mut world, "PutRolePolicy", put("one", long("a")));
    call(&mut world, "PutRolePolicy", put("one", long("b")));
    assert_eq!(
        refused(&mut world, "PutRolePolicy", put("two", long("c"))),
        "LimitExceeded: Maximum policy size of 10240 bytes exceeded for role web"
    );
}

#[test]
fn an_inline_policy_reads_as_it_was_written_and_encoded() {
    let mut world = world();
    role(&mut world, "web");
    let document = "{\n \"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Allow\", \
                    \"Action\": \"s3:*\", \"Resource\": \"*\"}}";
    let put = json!({ "RoleName": "web", "PolicyName": "own", "PolicyDocument": document });
    call(&mut world, "PutRolePolicy", put);
    let got = json!({ "RoleName": "web", "PolicyName": "own" });
    let got = call(&mut world, "GetRolePolicy", got);
    let encoded = text(&got["PolicyDocument"]);
    assert!(encoded.starts_with("%7B%0A%20%22Version%22%3A%20%222012-10-17%22%2C"));
    let missing = json!({ "RoleName": "web", "PolicyName": "other" });
    assert_eq!(
        refused(&mut world, "GetRolePolicy", missing),
        "NoSuchEntity: The role policy with name other cannot be found."
    );
}

#[test]
fn moments_read_in_every_form_that_policies_use() {
    let sale = Some(Time(1_795_737_600_000));
    assert_eq!(moment::read("2026-11-27T00:00:00Z"), sale);
    assert_eq!(moment::read("2026-11-27"), sale);
    assert_eq!(moment::read("2026-11-27T01:00:00+01:00"), sale);
    assert_eq!(moment::read("1795737600"), sale);
    assert_eq!(
        moment::read("2026-11-27T00:00:00.250Z"),
        Some(Time(1_795_737_600_250))
    );
    assert_eq!(moment::read("soon"), None);
}
