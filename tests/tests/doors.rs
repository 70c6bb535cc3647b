//! What a sandbox refuses at the door when it is told to look: signatures, and policies.

use serde_json::{Value, json};
use setpoint_tests::{Boto, Sandbox};

/// A harmless call of each service, and what a session that may do nothing else needs for it.
fn reads() -> [(&'static str, &'static str, Value, &'static str); 12] {
    [
        (
            "application-autoscaling",
            "describe_scalable_targets",
            json!({"ServiceNamespace": "ecs"}),
            "application-autoscaling:DescribeScalableTargets",
        ),
        (
            "autoscaling",
            "describe_auto_scaling_groups",
            json!({}),
            "autoscaling:DescribeAutoScalingGroups",
        ),
        (
            "cloudwatch",
            "describe_alarms",
            json!({}),
            "cloudwatch:DescribeAlarms",
        ),
        ("ec2", "describe_vpcs", json!({}), "ec2:DescribeVpcs"),
        (
            "ecr",
            "describe_repositories",
            json!({}),
            "ecr:DescribeRepositories",
        ),
        ("ecs", "list_clusters", json!({}), "ecs:ListClusters"),
        (
            "elbv2",
            "describe_load_balancers",
            json!({}),
            "elasticloadbalancing:DescribeLoadBalancers",
        ),
        ("iam", "list_roles", json!({}), "iam:ListRoles"),
        (
            "logs",
            "describe_log_groups",
            json!({}),
            "logs:DescribeLogGroups",
        ),
        (
            "resourcegroupstaggingapi",
            "get_resources",
            json!({}),
            "tag:GetResources",
        ),
        (
            "ssm",
            "describe_parameters",
            json!({}),
            "ssm:DescribeParameters",
        ),
        (
            "sts",
            "assume_role",
            json!({"RoleArn": "arn:aws:iam::123456789012:role/none", "RoleSessionName": "test"}),
            "sts:AssumeRole",
        ),
    ]
}

#[track_caller]
fn refused(boto: &Boto, service: &str, method: &str, members: Value) -> (String, u16) {
    match boto.call(service, method, members) {
        Ok(answer) => panic!("{service} {method}: {answer}"),
        Err(error) => (error.code, error.status),
    }
}

#[test]
fn a_wrong_secret_is_refused_in_each_services_own_shape_and_the_right_one_passes() {
    let sandbox = Sandbox::start(&["--check-signatures"]);
    let wrong = sandbox.boto().with_key("administrator", "guess");
    for (service, method, members, _) in reads() {
        let expected = match service {
            "ec2" => ("AuthFailure".to_owned(), 401),
            "autoscaling" | "elbv2" | "iam" | "sts" => ("SignatureDoesNotMatch".to_owned(), 403),
            _ => ("InvalidSignatureException".to_owned(), 400),
        };
        let found = refused(&wrong, service, method, members.clone());
        assert_eq!(found, expected, "{service}");
        if service != "sts" {
            sandbox.boto().expect(service, method, members);
        }
    }
}

#[test]
fn without_the_wish_no_signature_is_looked_at() {
    let sandbox = Sandbox::start(&[]);
    let wrong = sandbox.boto().with_key("administrator", "guess");
    let listed = wrong.expect("ecs", "list_clusters", json!({}));
    assert_eq!(listed["clusterArns"], json!([]));
}

/// Makes a role that the account trusts, with a policy in it, and assumes it.
fn with_policy(administrator: &Boto, name: &str, statements: Value) -> Boto {
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": { "AWS": "arn:aws:iam::123456789012:root" },
    }]});
    let role = json!({ "RoleName": name, "AssumeRolePolicyDocument": trust.to_string() });
    let role = administrator.expect("iam", "create_role", role);
    let policy = json!({ "Version": "2012-10-17", "Statement": statements });
    let put =
        json!({ "RoleName": name, "PolicyName": "may", "PolicyDocument": policy.to_string() });
    administrator.expect("iam", "put_role_policy", put);
    administrator.assuming(role["Role"]["Arn"].as_str().expect("a role has an ARN"))
}

#[test]
fn what_no_policy_allows_is_denied_in_each_services_own_shape_and_the_rest_is_done() {
    let sandbox = Sandbox::start(&["--enforce-policies", "--check-signatures"]);
    let administrator = sandbox.boto();
    let nothing = json!([{ "Effect": "Allow", "Action": "ecs:DescribeServices", "Resource": "*" }]);
    let nothing = with_policy(&administrator, "nothing", nothing);
    let actions: Vec<&str> = reads().iter().map(|it| it.3).collect();
    let all = json!([{ "Effect": "Allow", "Action": actions, "Resource": "*" }]);
    let all = with_policy(&administrator, "reader", all);
    for (service, method, members, _) in reads() {
        let expected = match service {
            "ec2" => ("UnauthorizedOperation".to_owned(), 403),
            "autoscaling" | "cloudwatch" | "elbv2" | "iam" | "sts" => {
                ("AccessDenied".to_owned(), 403)
            }
            _ => ("AccessDeniedException".to_owned(), 400),
        };
        let found = refused(&nothing, service, method, members.clone());
        assert_eq!(found, expected, "{service}");
        if service != "sts" {
            all.expect(service, method, members);
        }
    }
}

#[test]
fn a_narrow_policy_allows_what_it_names_and_nothing_beside_it() {
    let sandbox = Sandbox::start(&["--enforce-policies"]);
    let administrator = sandbox.boto();
    let arn = "arn:aws:ecr:us-east-1:123456789012:repository/mine";
    let narrow = json!([
        { "Effect": "Allow", "Action": "ecr:*", "Resource": arn },
        { "Effect": "Deny", "Action": "ecr:DeleteRepository", "Resource": "*" },
    ]);
    let narrow = with_policy(&administrator, "narrow", narrow);
    let named = |name: &str| json!({ "repositoryName": name });
    let made = narrow.expect("ecr", "create_repository", named("mine"));
    assert_eq!(made["repository"]["repositoryArn"], arn);
    let denied = narrow.call("ecr", "create_repository", named("other"));
    let denied = denied.expect_err("another repository is not named");
    assert_eq!(denied.code, "AccessDeniedException");
    let words = "User: arn:aws:sts::123456789012:assumed-role/narrow/test is not authorized to \
                 perform: ecr:CreateRepository on resource: \
                 arn:aws:ecr:us-east-1:123456789012:repository/other because no identity-based \
                 policy allows the ecr:CreateRepository action";
    assert_eq!(denied.message, words);
    let denied = narrow.call("ecr", "delete_repository", named("mine"));
    let denied = denied.expect_err("deletion is denied");
    let end = "with an explicit deny in an identity-based policy";
    assert!(denied.message.ends_with(end), "{denied}");
    // Nothing came of what was denied.
    let listed = administrator.expect("ecr", "describe_repositories", json!({}));
    assert_eq!(listed["repositories"].as_array().map(Vec::len), Some(1));
    assert_eq!(listed["repositories"][0]["repositoryArn"], arn);
}
