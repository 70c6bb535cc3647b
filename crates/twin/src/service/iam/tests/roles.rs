use super::*;

#[test]
fn a_role_reads_as_it_was_made() {
    let mut world = world();
    let trust = trusting(json!({ "Service": "ec2.amazonaws.com" }));
    let made = call(
        &mut world,
        "CreateRole",
        json!({
            "RoleName": "Web",
            "Path": "/setpoint/shop/",
            "AssumeRolePolicyDocument": trust,
            "Tags": [{ "Key": "team", "Value": "shop" }],
        }),
    );
    let arn = "arn:aws:iam::123456789012:role/setpoint/shop/Web";
    assert_eq!(made["Role"]["Arn"], arn);
    let got = &call(&mut world, "GetRole", json!({ "RoleName": "Web" }))["Role"];
    assert!(text(&got["RoleId"]).starts_with("AROA"));
    assert_eq!(got["MaxSessionDuration"], 3600);
    assert_eq!(got["Tags"], json!([{ "Key": "team", "Value": "shop" }]));
    assert_eq!(got["RoleLastUsed"], json!({}));
    let document = text(&got["AssumeRolePolicyDocument"]);
    assert!(document.starts_with("%7B%22Statement%22%3A%5B"));
    // A list shows less.
    let listed = call(
        &mut world,
        "ListRoles",
        json!({ "PathPrefix": "/setpoint/" }),
    );
    assert_eq!(listed["Roles"][0]["Arn"], arn);
    assert!(listed["Roles"][0].get("Tags").is_none());
    assert_eq!(listed["IsTruncated"], false);
    let none = call(&mut world, "ListRoles", json!({ "PathPrefix": "/other/" }));
    assert_eq!(none["Roles"], json!([]));
}

#[test]
fn names_that_differ_only_in_case_are_the_same_name() {
    let mut world = world();
    role(&mut world, "Web");
    let again = json!({
        "RoleName": "web",
        "AssumeRolePolicyDocument": trusting(json!({ "Service": "ec2.amazonaws.com" })),
    });
    assert_eq!(
        refused(&mut world, "CreateRole", again),
        "EntityAlreadyExists: Role with name web already exists."
    );
}

#[test]
fn a_role_is_deleted_only_when_nothing_is_on_it() {
    let mut world = world();
    role(&mut world, "web");
    let named = json!({ "RoleName": "web" });
    let policy = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";
    let attachment = json!({ "RoleName": "web", "PolicyArn": policy });
    call(&mut world, "AttachRolePolicy", attachment.clone());
    put_inline(
        &mut world,
        "web",
        json!({ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }),
    );
    let profile = json!({ "InstanceProfileName": "web" });
    let both = json!({ "InstanceProfileName": "web", "RoleName": "web" });
    call(&mut world, "CreateInstanceProfile", profile);
    call(&mut world, "AddRoleToInstanceProfile", both.clone());
    let in_profile = "DeleteConflict: Cannot delete entity, must remove roles from instance \
                      profile first.";
    assert_eq!(refused(&mut world, "DeleteRole", named.clone()), in_profile);
    call(&mut world, "RemoveRoleFromInstanceProfile", both);
    assert_eq!(
        refused(&mut world, "DeleteRole", named.clone()),
        "DeleteConflict: Cannot delete entity, must detach all policies first."
    );
    call(&mut world, "DetachRolePolicy", attachment);
    assert_eq!(
        refused(&mut world, "DeleteRole", named.clone()),
        "DeleteConflict: Cannot delete entity, must delete policies first."
    );
    let own = json!({ "RoleName": "web", "PolicyName": "own" });
    call(&mut world, "DeleteRolePolicy", own);
    call(&mut world, "DeleteRole", named.clone());
    assert_eq!(
        refused(&mut world, "GetRole", named),
        "NoSuchEntity: The role with name web cannot be found."
    );
}

#[test]
fn lists_go_on_where_they_stopped() {
    let mut world = world();
    for number in 0..5 {
        role(&mut world, &format!("role-{number}"));
    }
    let mut names = Vec::new();
    let mut marker = None;
    loop {
        let mut asked = json!({ "MaxItems": 2 });
        if let Some(marker) = &marker {
            asked["Marker"] = Value::clone(marker);
        }
        let page = call(&mut world, "ListRoles", asked);
        for role in page["Roles"].as_array().expect("roles") {
            names.push(text(&role["RoleName"]).to_owned());
        }
        marker = page.get("Marker").cloned();
        assert_eq!(page["IsTruncated"], marker.is_some());
        if marker.is_none() {
            break;
        }
    }
    assert_eq!(names, ["role-0", "role-1", "role-2", "role-3", "role-4"]);
    assert_eq!(
        refused(&mut world, "ListRoles", json!({ "Marker": "elsewhere" })),
        "ValidationError: Invalid Marker."
    );
}

#[test]
fn a_role_is_assumable_when_it_has_propagated_and_trusts_the_service() {
    let mut world = world();
    let arn = role(&mut world, "web");
    assert!(!assumable(&world, &arn, "ecs-tasks.amazonaws.com"));
    world.advance(world.now + world.habits.iam_propagation);
    assert!(assumable(&world, &arn, "ecs-tasks.amazonaws.com"));
    assert!(!assumable(&world, &arn, "ecs.amazonaws.com"));
    let condition = json!({
        "StringEquals": { "aws:SourceAccount": "123456789012" },
        "ArnLike": { "aws:SourceArn": "arn:aws:ecs:us-east-1:123456789012:*" },
    });
    let mut trust: Value =
        serde_json::from_str(&trusting(json!({ "Service": "ecs-tasks.amazonaws.com" })))
            .expect("JSON");
    trust["Statement"][0]["Condition"] = condition;
    let update = |trust: &Value| json!({ "RoleName": "web", "PolicyDocument": trust.to_string() });
    call(&mut world, "UpdateAssumeRolePolicy", update(&trust));
    assert!(assumable(&world, &arn, "ecs-tasks.amazonaws.com"));
    trust["Statement"][0]["Condition"]["StringEquals"]["aws:SourceAccount"] = "999999999999".into();
    call(&mut world, "UpdateAssumeRolePolicy", update(&trust));
    assert!(!assumable(&world, &arn, "ecs-tasks.amazonaws.com"));
}

#[test]
fn a_principal_that_is_gone_reads_as_its_unique_id() {
    let mut world = world();
    let deployer = role(&mut world, "deployer");
    let id = role::by_name(&world, "deployer").map(|it| it.id.clone());
    let trust = trusting(json!({ "AWS": deployer }));
    let made = json!({ "RoleName": "web", "AssumeRolePolicyDocument": trust });
    assert_eq!(
        refused(&mut world, "CreateRole", made.clone()),
        format!("MalformedPolicyDocument: Invalid principal in policy: \"AWS\":\"{deployer}\"")
    );
    world.advance(world.now + world.habits.iam_propagation);
    call(&mut world, "CreateRole", made);
    call(&mut world, "DeleteRole", json!({ "RoleName": "deployer" }));
    let got = call(&mut world, "GetRole", json!({ "RoleName": "web" }));
    let document = text(&got["Role"]["AssumeRolePolicyDocument"]);
    assert!(document.contains(&id.expect("an id")));
    assert!(!document.contains("deployer"));
}

#[test]
fn tag_keys_of_iam_are_the_same_in_any_case() {
    let mut world = world();
    role(&mut world, "web");
    let tag = |key: &str| json!({ "RoleName": "web", "Tags": [{ "Key": key, "Value": key }] });
    call(&mut world, "TagRole", tag("team"));
    call(&mut world, "TagRole", tag("Team"));
    let tags = call(&mut world, "ListRoleTags", json!({ "RoleName": "web" }));
    assert_eq!(tags["Tags"], json!([{ "Key": "Team", "Value": "Team" }]));
    let untag = json!({ "RoleName": "web", "TagKeys": ["TEAM"] });
    call(&mut world, "UntagRole", untag);
    let tags = call(&mut world, "ListRoleTags", json!({ "RoleName": "web" }));
    assert_eq!(tags["Tags"], json!([]));
}

#[test]
fn a_service_linked_role_belongs_to_its_service() {
    let mut world = world();
    let arn = service_linked_role(&mut world, "ecs.amazonaws.com");
    assert_eq!(
        arn,
        "arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
    );
    assert_eq!(service_linked_role(&mut world, "ecs.amazonaws.com"), arn);
    let taken = "InvalidInput: Service role name AWSServiceRoleForECS has been taken in this \
                 account, please try a different suffix.";
    let again = json!({ "AWSServiceName": "ecs.amazonaws.com" });
    assert_eq!(refused(&mut world, "CreateServiceLinkedRole", again), taken);
    let named = json!({ "RoleName": "AWSServiceRoleForECS" });
    assert!(
        refused(&mut world, "DeleteRole", named.clone()).starts_with("UnmodifiableEntity: Cannot")
    );
    let attached = call(&mut world, "ListAttachedRolePolicies", named.clone());
    assert_eq!(
        attached["AttachedPolicies"][0]["PolicyArn"],
        "arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy"
    );
    assert!(role_allows(&world, &arn, "ec2:DescribeInstances", "*"));
    let task = call(&mut world, "DeleteServiceLinkedRole", named.clone());
    let status = call(&mut world, "GetServiceLinkedRoleDeletionStatus", task);
    assert_eq!(status["Status"], "SUCCEEDED");
    assert!(refused(&mut world, "GetRole", named).starts_with("NoSuchEntity"));
}
