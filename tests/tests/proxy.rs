//! The proxy proves itself, with boto3 as the client and moto behind it.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use setpoint_tests::{Boto, Fault, Matching, Proxy, Quotas};

fn create_cluster(boto: &Boto, name: &str) -> Result<Value, setpoint_tests::BotoError> {
    boto.call("ecs", "create_cluster", json!({"clusterName": name}))
}

fn clusters(boto: &Boto) -> Vec<Value> {
    let answer = boto.expect("ecs", "list_clusters", json!({}));
    answer["clusterArns"].as_array().unwrap().clone()
}

#[test]
fn each_proxy_has_an_account_of_its_own() {
    let (one, other) = (Proxy::start(), Proxy::start());
    create_cluster(&one.before(), "web").unwrap();
    assert_eq!(clusters(&one.behind()).len(), 1);
    assert_eq!(clusters(&other.before()).len(), 0);
    let identity = other
        .before()
        .expect("sts", "get_caller_identity", json!({}));
    assert_eq!(identity["Account"], other.account());
}

#[test]
fn calls_are_recorded_with_what_they_are() {
    let proxy = Proxy::start();
    let boto = proxy.before();
    create_cluster(&boto, "web").unwrap();
    boto.expect("iam", "list_roles", json!({}));
    boto.call("iam", "get_role", json!({"RoleName": "none"}))
        .unwrap_err();
    boto.expect("ec2", "describe_vpcs", json!({}));
    let calls = proxy.recording().calls();
    let told: Vec<_> = calls
        .iter()
        .map(|call| {
            (
                call.service.as_str(),
                call.action.as_str(),
                call.status,
                call.mutating,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("ecs", "CreateCluster", Some(200), true),
            ("iam", "ListRoles", Some(200), false),
            ("iam", "GetRole", Some(404), false),
            ("ec2", "DescribeVpcs", Some(200), false),
        ],
    );
    assert_eq!(calls[0].json(), json!({"clusterName": "web"}));
    assert_eq!(proxy.recording().mutating().len(), 1);
    assert_eq!(
        proxy.recording().rounds(),
        4,
        "{}",
        proxy.recording().critical_path()
    );
    proxy.recording().reset();
    assert_eq!(proxy.recording().calls().len(), 0);
}

#[test]
fn calls_at_once_are_one_round_whatever_their_number() {
    // Longer than boto3 needs to begin eight calls on a busy machine.
    const LATENCY: Duration = Duration::from_secs(2);
    let proxy = Proxy::start();
    clusters(&proxy.before());
    proxy.recording().reset();
    proxy.set_latency(LATENCY);
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| clusters(&proxy.before()));
        }
    });
    assert!(started.elapsed() >= LATENCY);
    assert_eq!(proxy.recording().count("ListClusters"), 8);
    assert_eq!(
        proxy.recording().rounds(),
        1,
        "{}",
        proxy.recording().critical_path()
    );
    clusters(&proxy.before());
    assert_eq!(proxy.recording().rounds(), 2);
}

#[test]
fn a_connection_serves_many_calls() {
    let proxy = Proxy::start();
    for _ in 0..3 {
        clusters(&proxy.before());
    }
    let calls = proxy.recording().calls();
    assert!(
        calls
            .iter()
            .all(|call| call.connection == calls[0].connection)
    );
}

#[test]
fn a_call_dropped_after_its_effect_had_its_effect_and_one_dropped_before_had_none() {
    let proxy = Proxy::start();
    proxy.inject(Matching::action("CreateCluster").nth(1), Fault::DropAfter);
    proxy.inject(Matching::action("CreateCluster").nth(2), Fault::DropBefore);
    assert_eq!(
        create_cluster(&proxy.before(), "after").unwrap_err().status,
        0
    );
    assert_eq!(
        create_cluster(&proxy.before(), "before")
            .unwrap_err()
            .status,
        0
    );
    assert_eq!(clusters(&proxy.behind()).len(), 1);
    let statuses: Vec<_> = proxy
        .recording()
        .calls()
        .iter()
        .map(|call| call.status)
        .collect();
    assert_eq!(statuses, [None, None]);
    create_cluster(&proxy.before(), "before").unwrap();
    assert_eq!(clusters(&proxy.behind()).len(), 2);
}

#[test]
fn refusals_speak_the_protocol_of_the_service() {
    let proxy = Proxy::start();
    proxy.inject(Matching::any(), Fault::AccessDenied);
    let code = |service: &str, method: &str| {
        let error = proxy.before().call(service, method, json!({})).unwrap_err();
        (error.code, error.status)
    };
    let expected = |code: &str, status| (code.to_owned(), status);
    assert_eq!(
        code("ecs", "list_clusters"),
        expected("AccessDeniedException", 400)
    );
    assert_eq!(code("iam", "list_roles"), expected("AccessDenied", 403));
    assert_eq!(
        code("ec2", "describe_vpcs"),
        expected("UnauthorizedOperation", 403)
    );
    assert_eq!(code("cloudwatch", "describe_alarms").1, 400);

    proxy.calm();
    proxy.inject(Matching::service("ecs"), Fault::InternalError);
    proxy.inject(Matching::any(), Fault::Throttle);
    assert_eq!(
        code("ecs", "list_clusters"),
        expected("ServerException", 500)
    );
    assert_eq!(code("iam", "list_roles"), expected("Throttling", 400));
    assert_eq!(
        code("ec2", "describe_vpcs"),
        expected("RequestLimitExceeded", 503)
    );
}

#[test]
fn quotas_admit_the_burst_and_count_the_rest() {
    let proxy = Proxy::start();
    // At this speed no token is added while the test runs.
    proxy.set_quotas(Some(Quotas::at_speed(1e-9)));
    let outcomes: Vec<_> = (0..25)
        .map(|number| create_cluster(&proxy.before(), &format!("c{number}")))
        .collect();
    assert!(outcomes[..20].iter().all(Result::is_ok));
    let errors = outcomes[20..]
        .iter()
        .map(|outcome| outcome.as_ref().unwrap_err());
    assert!(
        errors
            .into_iter()
            .all(|error| error.code == "ThrottlingException")
    );
    assert_eq!(proxy.recording().throttled(), 5);
    assert_eq!(clusters(&proxy.behind()).len(), 20);
    proxy.set_quotas(None);
    create_cluster(&proxy.before(), "c20").unwrap();
}

#[test]
fn a_hook_changes_the_world_before_the_call_arrives() {
    let proxy = Proxy::start();
    let behind = proxy.behind();
    let seen = Arc::new(Mutex::new(0));
    proxy.hook(Matching::action("ListClusters").nth(2), {
        let seen = Arc::clone(&seen);
        move || {
            create_cluster(&behind, "intruder").unwrap();
            *seen.lock().unwrap() += 1;
        }
    });
    let counts: Vec<_> = (0..3).map(|_| clusters(&proxy.before()).len()).collect();
    assert_eq!(counts, [0, 1, 1]);
    assert_eq!(*seen.lock().unwrap(), 1);
}
