//! What keeps a service from being as it should be, made on the twin and named right.

use crate::sale::{Sale, minutes};
use serde_json::{Value, json};
use setpoint_observe::{
    Ask, Observer, last_lines,
    why::{Clues, Finding, PARTS, WINDOW, absent, lines, why},
};
use std::time::Duration;

const BREAKER: &str = "    deploymentConfiguration:\n      deploymentCircuitBreaker: { enable: true, \
                       rollback: true }\n";

/// The flash sale with parts of its text replaced, and without its circuit breaker: failing tasks go
/// on failing.
fn text(replaced: &[(&str, &str)]) -> String {
    let mut text = Sale::text();
    for (from, to) in [(BREAKER, "")].iter().chain(replaced) {
        assert!(text.contains(from), "{from} is not in\n{text}");
        text = text.replacen(from, to, 1);
    }
    text
}

/// The flash sale with something more in its container.
fn container(more: &str) -> String {
    let line = "        memory: 512\n";
    text(&[(line, &format!("{line}        {more}\n"))])
}

async fn findings(sale: &Sale) -> Vec<Finding> {
    let mut ask = Ask::new([Sale::service()], PARTS);
    ask.window = WINDOW;
    let picture = Observer::new(&sale.aws).look(&ask).await;
    let picture = picture.expect("the twin answers");
    assert_eq!(picture.not_shown, [], "everything is shown");
    let Some(service) = picture.services.first() else {
        return absent(&picture);
    };
    let clues = Clues {
        last_lines: last_lines(&sale.aws, &picture, service).await,
        ..Clues::default()
    };
    why(&picture, service, &clues)
}

/// The first thing that is wrong is this, and its text says these words.
#[track_caller]
fn is_told(found: &[Finding], cause: &str, words: &[&str]) {
    let text: Vec<String> = lines("flash-sale-service", found)
        .iter()
        .map(ToString::to_string)
        .collect();
    let text = text.join("\n");
    println!("{text}\n");
    let first = found.iter().find(|it| it.wrong);
    let first = first.unwrap_or_else(|| panic!("nothing is wrong, and not {cause}:\n{text}"));
    assert_eq!(first.cause.name(), cause, "{text}");
    assert!(
        !first.evidence.is_empty() && !first.remedy.is_empty(),
        "{text}"
    );
    for it in words {
        assert!(text.contains(it), "no {it:?} in\n{text}");
    }
}

/// Nothing is wrong, and among the reasons why nothing moves is this.
#[track_caller]
fn is_noted(found: &[Finding], cause: &str) {
    let names: Vec<&str> = found.iter().map(|it| it.cause.name()).collect();
    assert!(found.iter().all(|it| !it.wrong), "{found:#?}");
    assert!(names.contains(&cause), "{names:?}");
}

const SERVICE: [(&str, &str); 2] = [
    ("cluster", "flash-sale-cluster"),
    ("service", "flash-sale-service"),
];

/// Members that name the service, and more.
fn of_service(more: Value) -> Value {
    let mut members = more;
    for (name, value) in SERVICE {
        members[name] = json!(value);
    }
    members
}

/// Members that name the scalable target, and more.
fn of_target(more: Value) -> Value {
    let mut members = more;
    members["ServiceNamespace"] = json!("ecs");
    members["ResourceId"] = json!("service/flash-sale-cluster/flash-sale-service");
    members["ScalableDimension"] = json!("ecs:service:DesiredCount");
    members
}

fn alarms(sale: &Sale) -> Value {
    let shown = sale.does("monitoring", "DescribeAlarms", json!({}));
    let alarms = shown["MetricAlarms"].as_array().into_iter().flatten();
    let of_service = alarms.filter(|it| {
        let name = it["AlarmName"].as_str().unwrap_or_default();
        name.starts_with("TargetTracking-service/")
    });
    of_service.map(|it| it["AlarmName"].clone()).collect()
}

fn instances(sale: &Sale) -> Vec<Value> {
    let shown = sale.does("ec2", "DescribeInstances", json!({}));
    let all = shown["Reservations"].as_array().into_iter().flatten();
    let all = all.flat_map(|it| it["Instances"].as_array().into_iter().flatten());
    all.map(|it| it["InstanceId"].clone()).collect()
}

#[tokio::test(start_paused = true)]
async fn nothing_is_wrong_with_a_service_that_is_as_it_should_be() {
    let sale = Sale::begun().await;
    minutes(20).await;
    let found = findings(&sale).await;
    is_noted(&found, "at-min");
    let text = lines("flash-sale-service", &found);
    assert_eq!(
        text[0].to_string(),
        "nothing is wrong with flash-sale-service"
    );
}

#[tokio::test(start_paused = true)]
async fn an_image_that_is_missing() {
    let sale = Sale::of(&text(&[])).await;
    sale.says(&text(&[("tag: v1", "tag: missing")])).await;
    minutes(3).await;
    is_told(
        &findings(&sale).await,
        "image-missing",
        &["flash-sale-webapp:missing"],
    );
    sale.says(&text(&[])).await;
    minutes(20).await;
    is_noted(&findings(&sale).await, "at-min");
}

#[tokio::test(start_paused = true)]
async fn a_log_group_that_is_missing() {
    let sale = Sale::of(&text(&[])).await;
    let group = json!({ "logGroupName": "/ecs/flash-sale-webapp" });
    sale.does("logs", "DeleteLogGroup", group.clone());
    let force = of_service(json!({ "forceNewDeployment": true }));
    sale.does("ecs", "UpdateService", force);
    minutes(3).await;
    is_told(
        &findings(&sale).await,
        "log-group-missing",
        &["/ecs/flash-sale-webapp"],
    );
    sale.says(&text(&[])).await;
    minutes(30).await;
    is_noted(&findings(&sale).await, "at-min");
}

#[tokio::test(start_paused = true)]
async fn a_role_that_cannot_be_assumed() {
    let sale = Sale::of(&text(&[])).await;
    let trusts = ("[ecs-tasks.amazonaws.com]", "[ecs.amazonaws.com]");
    sale.says(&text(&[trusts, ("tag: v1", "tag: next")])).await;
    minutes(5).await;
    is_told(
        &findings(&sale).await,
        "role-not-assumable",
        &["ecsTaskExecutionRole"],
    );
}

#[tokio::test(start_paused = true)]
async fn a_crash_loop_with_its_exit_code_and_its_last_words() {
    let sale = Sale::of(&text(&[])).await;
    let command = "command: [sh, -c, \"echo no such database; sleep 2; exit 3\"]";
    sale.says(&container(command)).await;
    minutes(5).await;
    is_told(
        &findings(&sale).await,
        "crash-loop",
        &["exit code 3", "no such database"],
    );
}

#[tokio::test(start_paused = true)]
async fn a_health_check_that_fails() {
    let sale = Sale::of(&text(&[])).await;
    let check =
        "healthCheck: { command: [CMD-SHELL, exit 1], interval: 5, timeout: 2, retries: 2 }";
    sale.says(&container(check)).await;
    minutes(5).await;
    is_told(
        &findings(&sale).await,
        "container-unhealthy",
        &["web-container"],
    );
}

#[tokio::test(start_paused = true)]
async fn a_container_that_takes_more_memory_than_it_may() {
    let sale = Sale::of(&text(&[])).await;
    sale.says(&container("command: [tail, /dev/zero]")).await;
    minutes(5).await;
    is_told(&findings(&sale).await, "out-of-memory", &["137"]);
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_cannot_be_read() {
    let sale = Sale::of(&text(&[])).await;
    let secret = "secrets: [{ name: KEY, valueFrom: \
                  \"arn:aws:ssm:us-east-1:123456789012:parameter/none\" }]";
    sale.says(&container(secret)).await;
    minutes(5).await;
    is_told(
        &findings(&sale).await,
        "secret-unreadable",
        &["parameter/none"],
    );
}

#[tokio::test(start_paused = true)]
async fn a_task_larger_than_every_instance() {
    let sale = Sale::of(&text(&[])).await;
    sale.says(&text(&[
        ("memory: 512", "memory: 4000"),
        ("memory: 512", "memory: 4000"),
    ]))
    .await;
    minutes(5).await;
    is_told(&findings(&sale).await, "task-too-large", &["4000"]);
}

#[tokio::test(start_paused = true)]
async fn a_fixed_port_that_is_taken() {
    let fixed = text(&[
        ("hostPort: 0", "hostPort: 80"),
        ("maxSize: 3", "maxSize: 1"),
    ]);
    let sale = Sale::of(&fixed).await;
    let more = of_target(json!({ "MinCapacity": 2, "MaxCapacity": 3 }));
    sale.does("application-autoscaling", "RegisterScalableTarget", more);
    minutes(5).await;
    let found = findings(&sale).await;
    // One instance is all that the group may have, and its port is what the second task lacks.
    is_told(&found, "group-at-max", &["uses the ports", "80"]);
}

#[tokio::test(start_paused = true)]
async fn a_placement_constraint_that_no_instance_meets() {
    let sale = Sale::of(&text(&[])).await;
    let constraint = json!([{ "type": "memberOf",
        "expression": "attribute:ecs.instance-type == m5.large" }]);
    let update =
        of_service(json!({ "placementConstraints": constraint, "forceNewDeployment": true }));
    sale.does("ecs", "UpdateService", update);
    minutes(5).await;
    is_told(&findings(&sale).await, "constraint-unmet", &["m5.large"]);
}

#[tokio::test(start_paused = true)]
async fn a_group_that_may_have_no_more_instances() {
    let sale = Sale::of(&text(&[])).await;
    let more = of_target(json!({ "MinCapacity": 20, "MaxCapacity": 20 }));
    sale.does("application-autoscaling", "RegisterScalableTarget", more);
    minutes(30).await;
    is_told(
        &findings(&sale).await,
        "group-at-max",
        &["flash-sale-instances", "3"],
    );
}

#[tokio::test(start_paused = true)]
async fn launches_that_are_suspended() {
    let sale = Sale::of(&text(&[])).await;
    let suspended = json!({ "AutoScalingGroupName": "flash-sale-instances",
        "ScalingProcesses": ["Launch"] });
    sale.does("autoscaling", "SuspendProcesses", suspended);
    sale.does(
        "ec2",
        "TerminateInstances",
        json!({ "InstanceIds": instances(&sale) }),
    );
    minutes(10).await;
    is_told(
        &findings(&sale).await,
        "launch-suspended",
        &["flash-sale-instances"],
    );
}

#[tokio::test(start_paused = true)]
async fn launches_that_fail() {
    let sale = Sale::of(&text(&[])).await;
    let template = json!({ "LaunchTemplateName": "flash-sale-instances" });
    sale.does("ec2", "DeleteLaunchTemplate", template);
    sale.does(
        "ec2",
        "TerminateInstances",
        json!({ "InstanceIds": instances(&sale) }),
    );
    minutes(10).await;
    is_told(
        &findings(&sale).await,
        "launch-failing",
        &["flash-sale-instances"],
    );
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_to_have_no_tasks() {
    let sale = Sale::of(&text(&[])).await;
    sale.does(
        "application-autoscaling",
        "DeregisterScalableTarget",
        of_target(json!({})),
    );
    sale.does(
        "ecs",
        "UpdateService",
        of_service(json!({ "desiredCount": 0 })),
    );
    minutes(5).await;
    is_told(&findings(&sale).await, "desired-zero", &[]);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_drains_and_is_gone() {
    let sale = Sale::of(&text(&[])).await;
    sale.does("ecs", "DeleteService", of_service(json!({ "force": true })));
    is_told(&findings(&sale).await, "service-draining", &[]);
    minutes(30).await;
    is_told(
        &findings(&sale).await,
        "service-inactive",
        &["setpoint apply"],
    );
}

#[tokio::test(start_paused = true)]
async fn a_task_definition_that_is_deregistered() {
    let sale = Sale::of(&text(&[])).await;
    let revision = json!({ "taskDefinition": "flash-sale-task:1" });
    sale.does("ecs", "DeregisterTaskDefinition", revision);
    minutes(1).await;
    is_told(
        &findings(&sale).await,
        "definition-inactive",
        &["flash-sale-task:1"],
    );
}

#[tokio::test(start_paused = true)]
async fn a_breaker_that_went_back() {
    let sale = Sale::begun().await;
    let broken = Sale::text().replacen(
        "        memory: 512\n",
        "        memory: 512\n        command: [\"false\"]\n",
        1,
    );
    sale.says(&broken).await;
    minutes(20).await;
    is_told(
        &findings(&sale).await,
        "crash-loop",
        &["[breaker-rolled-back]"],
    );
}

#[tokio::test(start_paused = true)]
async fn alarms_that_are_gone_or_do_nothing() {
    let sale = Sale::of(&text(&[])).await;
    minutes(20).await;
    let names = json!({ "AlarmNames": alarms(&sale) });
    sale.does("monitoring", "DisableAlarmActions", names.clone());
    is_told(
        &findings(&sale).await,
        "alarm-actions-disabled",
        &["TargetTracking-service/"],
    );
    sale.does("monitoring", "EnableAlarmActions", names.clone());
    is_noted(&findings(&sale).await, "at-min");
    sale.does("monitoring", "DeleteAlarms", names);
    is_told(
        &findings(&sale).await,
        "alarm-deleted",
        &["cpu-target-tracking"],
    );
}

#[tokio::test(start_paused = true)]
async fn a_target_without_a_policy_or_no_target_at_all() {
    let sale = Sale::of(&text(&[])).await;
    minutes(10).await;
    let policy = of_target(json!({ "PolicyName": "cpu-target-tracking" }));
    sale.does("application-autoscaling", "DeleteScalingPolicy", policy);
    is_told(&findings(&sale).await, "no-policy", &[]);
    sale.does(
        "application-autoscaling",
        "DeregisterScalableTarget",
        of_target(json!({})),
    );
    is_noted(&findings(&sale).await, "no-target");
}

#[tokio::test(start_paused = true)]
async fn scaling_out_that_is_suspended_under_load() {
    let sale = Sale::of(&text(&[])).await;
    let out = of_target(json!({ "SuspendedState": { "DynamicScalingOutSuspended": true } }));
    sale.does("application-autoscaling", "RegisterScalableTarget", out);
    sale.offer(2000.0);
    minutes(15).await;
    is_told(&findings(&sale).await, "scale-out-suspended", &[]);
}

#[tokio::test(start_paused = true)]
async fn a_service_at_its_maximum_under_load() {
    let sale = Sale::of(&text(&[])).await;
    sale.offer(20_000.0);
    minutes(30).await;
    is_told(&findings(&sale).await, "at-max", &["3"]);
}

#[tokio::test(start_paused = true)]
async fn a_port_that_no_security_group_opens() {
    let sale = Sale::of(&text(&[])).await;
    minutes(10).await;
    let shown = sale.does(
        "ec2",
        "DescribeSecurityGroups",
        json!({ "GroupNames": ["flash-sale-instances"] }),
    );
    let group = &shown["SecurityGroups"][0];
    let revoke = json!({ "GroupId": group["GroupId"], "IpPermissions": group["IpPermissions"] });
    sale.does("ec2", "RevokeSecurityGroupIngress", revoke);
    is_told(&findings(&sale).await, "port-closed", &[]);
}

#[tokio::test(start_paused = true)]
async fn tasks_without_a_public_address() {
    let sale = Sale::of(&text(&[("publicIp: true", "publicIp: false")])).await;
    minutes(10).await;
    let found = findings(&sale).await;
    let names: Vec<&str> = found.iter().map(|it| it.cause.name()).collect();
    assert!(names.contains(&"no-public-address"), "{names:?}");
}

#[tokio::test(start_paused = true)]
async fn a_launch_type_that_managed_scaling_does_not_see() {
    let sale = Sale::of(&text(&[])).await;
    sale.does(
        "application-autoscaling",
        "DeregisterScalableTarget",
        of_target(json!({})),
    );
    let shown = sale.does(
        "ecs",
        "DescribeServices",
        json!({ "cluster": "flash-sale-cluster",
        "services": ["flash-sale-service"] }),
    );
    let definition = shown["services"][0]["taskDefinition"].clone();
    sale.does("ecs", "DeleteService", of_service(json!({ "force": true })));
    minutes(30).await;
    let make = json!({ "cluster": "flash-sale-cluster", "serviceName": "flash-sale-service",
        "taskDefinition": definition, "desiredCount": 8, "launchType": "EC2" });
    sale.does("ecs", "CreateService", make);
    minutes(10).await;
    is_told(&findings(&sale).await, "launch-type-unseen", &[]);
}

#[tokio::test(start_paused = true)]
async fn managed_scaling_that_is_disabled() {
    let sale = Sale::of(&text(&[])).await;
    let update = json!({ "name": "flash-sale-capacity",
        "autoScalingGroupProvider": { "managedScaling": { "status": "DISABLED" } } });
    sale.does("ecs", "UpdateCapacityProvider", update);
    let more = of_target(json!({ "MinCapacity": 8, "MaxCapacity": 8 }));
    sale.does("application-autoscaling", "RegisterScalableTarget", more);
    minutes(10).await;
    is_told(
        &findings(&sale).await,
        "managed-scaling-disabled",
        &["flash-sale-capacity"],
    );
}

#[tokio::test(start_paused = true)]
async fn instances_that_are_on_their_way() {
    let sale = Sale::of(&text(&[])).await;
    let more = of_target(json!({ "MinCapacity": 8, "MaxCapacity": 8 }));
    sale.does("application-autoscaling", "RegisterScalableTarget", more);
    let mut found = Vec::new();
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_secs(15)).await;
        found = findings(&sale).await;
        if found.iter().any(|it| it.wrong) {
            break;
        }
    }
    is_told(&found, "capacity-warming-up", &[]);
}
