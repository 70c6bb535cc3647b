//! The world moves between plan and apply: what moved is refused as stale, and the rest goes on.

use serde_json::json;
use setpoint_tests::{Matching, Scenario, Stack};

/// A stack that stands, and one that changes a log group, a repository and the scaling of it.
fn about_to_change() -> (Scenario, Stack) {
    let scenario = Scenario::of(&Stack::flash_sale());
    scenario.apply();
    let changed = Stack::flash_sale()
        .replacing("retentionInDays: 14", "retentionInDays: 30")
        .replacing("countNumber: 14", "countNumber: 7")
        .replacing("maxCapacity: 3", "maxCapacity: 5");
    scenario.says(&changed);
    (scenario, changed)
}

/// The look that an apply takes at what it is about to write: the first such call after those of
/// its plan, which are counted on a plan.
fn look_before_write(scenario: &Scenario, service: &str, action: &str) -> Matching {
    scenario.planned();
    let calls = scenario.proxy.recording().calls();
    let planned = calls
        .iter()
        .filter(|it| it.service == service && it.action == action);
    let next = planned.count() as u64 + 1;
    Matching::action(action).of(service).nth(next)
}

#[test]
fn a_field_that_moved_is_refused_and_the_rest_goes_on() {
    let (scenario, _) = about_to_change();
    let boto = scenario.boto();
    let look = look_before_write(&scenario, "logs", "DescribeLogGroups");
    scenario.proxy.hook(look, move || {
        let retention = json!({"logGroupName": "/ecs/flash-sale-webapp", "retentionInDays": 90});
        boto.expect("logs", "put_retention_policy", retention);
    });
    let outcome = scenario.run(&["apply", "--yes"]).exits(1);
    scenario.proxy.calm();
    let told = "logGroup./ecs/flash-sale-webapp: stale: retentionInDays changed; plan again";
    assert!(outcome.stderr.contains(told), "{}", outcome.stderr);
    let world = scenario.world();
    assert_eq!(
        world.get("logGroup /ecs/flash-sale-webapp")["retentionInDays"],
        90
    );
    let target = world.get("target service/flash-sale-cluster/flash-sale-service");
    assert_eq!(target["MaxCapacity"], 5);
    let repository = world.get("repository flash-sale-webapp");
    assert!(
        repository["lifecyclePolicy"]
            .as_str()
            .is_some_and(|it| it.contains(": 7") || it.contains(":7"))
    );

    assert_eq!(
        scenario.planned(),
        ["update logGroup./ecs/flash-sale-webapp"]
    );
    scenario.apply();
    assert_eq!(
        scenario.world().get("logGroup /ecs/flash-sale-webapp")["retentionInDays"],
        30
    );
    scenario.holds();
}

#[test]
fn a_service_that_somebody_rolled_meanwhile_is_not_rolled_again() {
    let (scenario, changed) = about_to_change();
    scenario.says(&changed.replacing(
        "        cpu: 256\n",
        "        cpu: 256\n        environment: [{ name: A, value: b }]\n",
    ));
    let boto = scenario.boto();
    scenario.proxy.hook(
        Matching::action("RegisterTaskDefinition").nth(1),
        move || {
            let container = json!({"name": "other", "image": "nginx", "memory": 64});
            let family = json!({"family": "other", "containerDefinitions": [container]});
            boto.expect("ecs", "register_task_definition", family);
            let service = json!({
                "cluster": "flash-sale-cluster",
                "service": "flash-sale-service",
                "taskDefinition": "other",
            });
            boto.expect("ecs", "update_service", service);
        },
    );
    let outcome = scenario.run(&["apply", "--yes"]).exits(1);
    scenario.proxy.calm();
    let told = "service.flash-sale-service: stale: taskDefinition changed";
    assert!(outcome.stderr.contains(told), "{}", outcome.stderr);
    let world = scenario.world();
    let runs = world.get("service flash-sale-service")["taskDefinition"].as_str();
    assert!(runs.is_some_and(|it| it.ends_with("/other:1")), "{runs:?}");
    assert_eq!(
        world.get("logGroup /ecs/flash-sale-webapp")["retentionInDays"],
        30
    );

    scenario.apply();
    let world = scenario.world();
    let runs = world.get("service flash-sale-service")["taskDefinition"].as_str();
    assert!(
        runs.is_some_and(|it| it.ends_with("/flash-sale-task:2")),
        "{runs:?}"
    );
    assert_eq!(
        world.of_kind("revision"),
        ["flash-sale-task:1", "flash-sale-task:2", "other:1"],
        "the revision of the first attempt is used by the second"
    );
    scenario.holds();
}

#[test]
fn a_thing_that_appears_under_a_name_to_be_made_is_left_alone() {
    let scenario = Scenario::of(&Stack::flash_sale());
    let boto = scenario.boto();
    let name = json!({"logGroupName": "/ecs/flash-sale-webapp"});
    scenario
        .proxy
        .hook(Matching::action("CreateLogGroup").nth(1), move || {
            boto.expect("logs", "create_log_group", name.clone());
        });
    let outcome = scenario.run(&["apply", "--yes"]).exits(1);
    scenario.proxy.calm();
    let told = "logGroup./ecs/flash-sale-webapp: stale: it appeared, and is not this stack's";
    assert!(outcome.stderr.contains(told), "{}", outcome.stderr);
    let world = scenario.world();
    assert_eq!(world.mark("logGroup /ecs/flash-sale-webapp"), None);
    assert!(
        world.has("autoScalingGroup flash-sale-instances"),
        "the rest goes on"
    );
    assert!(
        !world.has("service flash-sale-service"),
        "what needs it does not"
    );

    let adopting = [
        "apply",
        "--yes",
        "--adopt",
        "logGroup./ecs/flash-sale-webapp",
    ];
    scenario.run(&adopting).exits(0);
    scenario.holds();
}

#[test]
fn a_thing_that_changed_hands_or_was_made_anew_is_not_deleted() {
    let stack = Stack::flash_sale()
        .with("repositories", "spare: {}")
        .with("securityGroups", "spare: { description: spare }")
        .with("logGroups", "/spare: {}");
    let scenario = Scenario::of(&stack);
    scenario.apply();
    scenario.says(&Stack::flash_sale());
    let world = scenario.world();
    let (boto, group) = (scenario.boto(), world.get("securityGroup spare").clone());
    // The hooks count calls from when they are set.
    let group_look = look_before_write(&scenario, "ec2", "DescribeSecurityGroups");
    let repository_look = look_before_write(&scenario, "ecr", "ListTagsForResource");
    scenario.proxy.hook(group_look, move || {
        let id = json!({"GroupId": group["GroupId"]});
        boto.expect("ec2", "delete_security_group", id);
        let anew = json!({
            "GroupName": "spare",
            "Description": "somebody else's",
            "VpcId": group["VpcId"],
        });
        boto.expect("ec2", "create_security_group", anew);
    });
    let (boto, arn) = (
        scenario.boto(),
        world.get("repository spare")["repositoryArn"].clone(),
    );
    scenario.proxy.hook(repository_look, move || {
        let untag = json!({"resourceArn": arn, "tagKeys": ["setpoint:stack"]});
        boto.expect("ecr", "untag_resource", untag);
    });
    let outcome = scenario.run(&["apply", "--yes"]).exits(1);
    scenario.proxy.calm();
    for told in [
        "repository.spare: stale: it is no longer this stack's; plan again",
        "securityGroup.spare: stale: ",
    ] {
        assert!(outcome.stderr.contains(told), "{}", outcome.stderr);
    }
    let after = scenario.world();
    assert!(!after.has("logGroup /spare"), "the rest goes on");
    assert_eq!(after.mark("repository spare"), None);
    assert_eq!(
        after.get("securityGroup spare")["Description"],
        "somebody else's"
    );
    scenario.holds();
}
