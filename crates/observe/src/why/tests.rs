//! Pictures in AWS's own shapes, and what is found in them.

use super::{Cause, Clues, Finding, lines, why};
use crate::{
    Moment, Picture,
    picture::{
        Alarm, CapacityProvider, Cluster, ContainerInstance, Group, GroupActivity, GroupInstance,
        Instance, Policy, Rule, SecurityGroup, Target,
    },
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const NOW: i64 = 1_795_741_200_000;
const ARN: &str = "arn:aws:ecs:us-east-1:123456789012";

fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("it is AWS's shape")
}

fn ago(seconds: i64) -> f64 {
    (NOW / 1000 - seconds) as f64
}

/// A service with one task that runs on one instance with a public address.
fn healthy() -> Picture {
    let definition = format!("{ARN}:task-definition/web:1");
    let host = format!("{ARN}:container-instance/shop/0123456789abcdef");
    let target: Target = read(json!({
        "ResourceId": "service/shop/web", "MinCapacity": 1, "MaxCapacity": 3,
    }));
    let policy: Policy = read(json!({
        "PolicyName": "cpu", "ResourceId": "service/shop/web",
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 50.0,
            "PredefinedMetricSpecification": {
                "PredefinedMetricType": "ECSServiceAverageCPUUtilization"}},
        "Alarms": [{"AlarmName": "TargetTracking-AlarmHigh-1"},
            {"AlarmName": "TargetTracking-AlarmLow-1"}],
    }));
    let alarm = |name: &str| Alarm {
        name: name.to_owned(),
        state: "OK".into(),
        changed_at: Some(Moment(NOW - 1_800_000)),
        actions_enabled: true,
        ..Alarm::default()
    };
    Picture {
        at: Moment(NOW),
        services: vec![read(json!({
            "serviceName": "web", "clusterArn": format!("{ARN}:cluster/shop"), "status": "ACTIVE",
            "desiredCount": 1, "runningCount": 1, "taskDefinition": definition,
            "capacityProviderStrategy": [{"capacityProvider": "spare", "weight": 1}],
            "deployments": [{"id": "ecs-svc/1", "status": "PRIMARY", "desiredCount": 1,
                "runningCount": 1, "rolloutState": "COMPLETED", "taskDefinition": definition}],
            "events": [{"createdAt": ago(600), "message": "(service web) has reached a steady state."}],
        }))],
        definitions: BTreeMap::from([(
            definition.clone(),
            json!({
                "status": "ACTIVE", "memory": "512", "networkMode": "bridge",
                "executionRoleArn": "arn:aws:iam::123456789012:role/exec",
                "containerDefinitions": [{"name": "app", "cpu": 256,
                    "portMappings": [{"containerPort": 80, "hostPort": 0}],
                    "logConfiguration": {"logDriver": "awslogs",
                        "options": {"awslogs-group": "/ecs/web"}}}],
            }),
        )]),
        tasks: vec![read(json!({
            "taskArn": format!("{ARN}:task/shop/aaaaaaaaaaaaaaaa"), "group": "service:web",
            "clusterArn": format!("{ARN}:cluster/shop"), "lastStatus": "RUNNING",
            "desiredStatus": "RUNNING", "containerInstanceArn": host, "createdAt": ago(900),
            "containers": [{"name": "app", "networkBindings": [
                {"containerPort": 80, "hostPort": 32768, "protocol": "tcp"}]}],
        }))],
        container_instances: vec![container_instance(&host, 768, 1400)],
        instances: vec![Instance {
            id: "i-1".into(),
            instance_type: "t2.small".into(),
            state: "running".into(),
            public_ip: Some("198.51.100.7".into()),
            security_groups: vec!["sg-1".into()],
            launched_at: Some(Moment(NOW - 3_000_000)),
            ..Instance::default()
        }],
        clusters: vec![Cluster {
            cluster_arn: format!("{ARN}:cluster/shop"),
            capacity_providers: vec!["spare".into()],
            ..Cluster::default()
        }],
        capacity_providers: vec![provider("ENABLED")],
        groups: vec![group(1, 3)],
        targets: vec![target],
        policies: vec![policy],
        alarms: vec![
            alarm("TargetTracking-AlarmHigh-1"),
            alarm("TargetTracking-AlarmLow-1"),
        ],
        security_groups: vec![SecurityGroup {
            id: "sg-1".into(),
            name: "open".into(),
            ingress: vec![Rule {
                protocol: "tcp".into(),
                from: Some(32768),
                to: Some(60999),
                ..Rule::default()
            }],
        }],
        ..Picture::default()
    }
}

fn container_instance(arn: &str, cpu: i64, memory: i64) -> ContainerInstance {
    let resources = |cpu: i64, memory: i64| {
        json!([{"name": "CPU", "integerValue": cpu}, {"name": "MEMORY", "integerValue": memory},
            {"name": "PORTS", "stringSetValue": ["22", "8080"]}])
    };
    read(json!({
        "containerInstanceArn": arn, "ec2InstanceId": "i-1", "capacityProviderName": "spare",
        "status": "ACTIVE", "agentConnected": true, "runningTasksCount": 1,
        "registeredResources": resources(1024, 1900), "remainingResources": resources(cpu, memory),
    }))
}

fn provider(managed: &str) -> CapacityProvider {
    read(
        json!({"name": "spare", "status": "ACTIVE", "autoScalingGroupProvider": {
        "autoScalingGroupArn": "arn:…:autoScalingGroup:1:autoScalingGroupName/hosts",
        "managedScaling": {"status": managed}}}),
    )
}

fn group(desired: i64, max: i64) -> Group {
    Group {
        name: "hosts".into(),
        min_size: 1,
        max_size: max,
        desired_capacity: desired,
        instances: vec![GroupInstance {
            id: "i-1".into(),
            lifecycle: "InService".into(),
            ..GroupInstance::default()
        }],
        ..Group::default()
    }
}

/// The same, with a second task that waits for an instance.
fn waiting() -> Picture {
    let mut picture = healthy();
    let service = &mut picture.services[0];
    service.desired_count = 2;
    service.deployments[0].desired_count = 2;
    service.events.clear();
    let mut task = picture.tasks[0].clone();
    task.task_arn = format!("{ARN}:task/shop/bbbbbbbbbbbbbbbb");
    task.last_status = "PROVISIONING".into();
    task.container_instance_arn = None;
    picture.tasks.push(task);
    picture
}

/// The same without a task that runs, and one that stopped so.
fn stopped(code: &str, reason: &str, container: Value) -> Picture {
    let mut picture = healthy();
    let service = &mut picture.services[0];
    service.running_count = 0;
    service.deployments[0].running_count = 0;
    service.events.clear();
    let task = &mut picture.tasks[0];
    task.last_status = "STOPPED".into();
    task.desired_status = "STOPPED".into();
    task.stop_code = Some(code.into());
    task.stopped_reason = Some(reason.into());
    task.stopped_at = Some(Moment(NOW - 60_000));
    task.containers = vec![read(container)];
    picture
}

fn found(picture: &Picture) -> Vec<Finding> {
    why(picture, &picture.services[0], &Clues::default())
}

#[track_caller]
fn first(picture: &Picture) -> Cause {
    let found = found(picture);
    assert!(found.first().is_some_and(|it| it.wrong), "{found:#?}");
    found[0].cause
}

#[test]
fn nothing_is_wrong_with_a_healthy_service() {
    let found = found(&healthy());
    assert!(!found.iter().any(|it| it.wrong), "{found:#?}");
    assert_eq!(found[0].cause, Cause::UnderTheLine);
    let text = lines("web", &found)[0].to_string();
    assert_eq!(text, "nothing is wrong with web");
}

#[test]
fn what_the_service_itself_says_is_found() {
    let mut picture = healthy();
    picture.services[0].status = "DRAINING".into();
    assert_eq!(first(&picture), Cause::ServiceDraining);
    let mut picture = healthy();
    picture.services[0].desired_count = 0;
    assert_eq!(first(&picture), Cause::DesiredZero);
    let mut picture = healthy();
    let definition = picture.definitions.values_mut().next();
    definition.expect("it has one")["status"] = json!("INACTIVE");
    assert_eq!(first(&picture), Cause::DefinitionInactive);
}

#[test]
fn why_a_task_does_not_start_is_found_in_the_words_of_the_agent() {
    let check = |reason: &str, cause: Cause| {
        let container = json!({"name": "app", "reason": reason, "image": "registry/web:1"});
        let picture = stopped("TaskFailedToStart", "Task failed to start", container);
        let found = found(&picture);
        let wrong: Vec<Cause> = found
            .iter()
            .filter(|it| it.wrong)
            .map(|it| it.cause)
            .collect();
        assert_eq!(wrong, [cause], "{reason}");
    };
    check(
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to \
         resolve ref registry/web:1: registry/web:1: not found",
        Cause::ImageMissing,
    );
    check(
        "CannotPullECRContainerError: AccessDeniedException: User: x is not authorized to perform: \
         ecr:GetAuthorizationToken",
        Cause::ImageDenied,
    );
    check(
        "CannotPullContainerError: image Manifest does not contain descriptor matching platform \
         'linux/amd64'",
        Cause::ImagePlatform,
    );
    let log = "CannotStartContainerError: Error response from daemon: failed to initialize logging \
               driver: failed to create Cloudwatch log stream: ";
    let missing = "ResourceNotFoundException: The specified log group does not exist.";
    check(&format!("{log}{missing}"), Cause::LogGroupMissing);
    check(&format!("{log}AccessDeniedException: no"), Cause::LogDenied);
    check(
        "Fetching secret data from SSM Parameter Store in us-east-1: invalid parameters: /key",
        Cause::SecretUnreadable,
    );
}

#[test]
fn why_a_task_ends_is_found() {
    let exited = |container: Value| {
        let reason = "Essential container in task exited";
        first(&stopped("EssentialContainerExited", reason, container))
    };
    assert_eq!(
        exited(json!({"name": "app", "exitCode": 1})),
        Cause::CrashLoop
    );
    let reason = "OutOfMemoryError: Container killed due to memory usage";
    let killed = json!({"name": "app", "exitCode": 137, "reason": reason});
    assert_eq!(exited(killed), Cause::OutOfMemory);
    let scheduler = "ServiceSchedulerInitiated";
    let unhealthy = json!({"name": "app", "healthStatus": "UNHEALTHY"});
    let picture = stopped(scheduler, "Task failed container health checks", unhealthy);
    assert_eq!(first(&picture), Cause::ContainerUnhealthy);
    let reason = "Task failed ELB health checks in (target-group x)";
    let picture = stopped(scheduler, reason, json!({"name": "app"}));
    assert_eq!(first(&picture), Cause::TargetUnhealthy);
}

#[test]
fn the_last_lines_of_what_ended_are_shown_and_tell_a_wrong_processor() {
    let reason = "Essential container in task exited";
    let container = json!({"name": "app", "exitCode": 1, "image": "registry/web:1"});
    let picture = stopped("EssentialContainerExited", reason, container);
    let with = |line: &str| {
        let key = "aaaaaaaaaaaaaaaa/app".to_owned();
        let clues = Clues {
            last_lines: BTreeMap::from([(key, vec![line.to_owned()])]),
            ..Clues::default()
        };
        why(&picture, &picture.services[0], &clues).remove(0)
    };
    let crash = with("no database");
    assert_eq!(
        crash.evidence.last().map(String::as_str),
        Some("| no database")
    );
    let wrong = with("exec /app: exec format error");
    assert_eq!(wrong.cause, Cause::ImagePlatform);
}

#[test]
fn a_role_that_cannot_be_assumed_is_the_cause_and_not_the_missing_tasks() {
    let mut picture = waiting();
    picture.tasks.pop();
    picture.services[0].events = vec![read(json!({"createdAt": ago(60), "message":
        "(service web) failed to launch a task with (error ECS was unable to assume the role \
         'arn:aws:iam::123456789012:role/exec' that was provided for this task."}))];
    assert_eq!(first(&picture), Cause::RoleNotAssumable);
}

#[test]
fn why_a_task_finds_no_instance_is_found() {
    let host = |change: &dyn Fn(&mut ContainerInstance)| {
        let mut picture = waiting();
        picture.groups = Vec::new();
        change(&mut picture.container_instances[0]);
        first(&picture)
    };
    let arn = format!("{ARN}:container-instance/shop/0123456789abcdef");
    assert_eq!(
        host(&|it| *it = container_instance(&arn, 768, 100)),
        Cause::NotEnoughMemory
    );
    assert_eq!(
        host(&|it| *it = container_instance(&arn, 100, 1400)),
        Cause::NotEnoughCpu
    );
    assert_eq!(
        host(&|it| it.agent_connected = false),
        Cause::AgentDisconnected
    );
    assert_eq!(
        host(&|it| it.status = "DRAINING".into()),
        Cause::InstancesDraining
    );
    assert_eq!(
        host(&|it| it.registered_resources = it.registered_resources[..1].to_vec()),
        Cause::TaskTooLarge
    );
    let mut picture = waiting();
    picture.groups = Vec::new();
    picture.container_instances = Vec::new();
    assert_eq!(first(&picture), Cause::NoInstances);
    let mut picture = waiting();
    picture.groups = Vec::new();
    let definition = picture.definitions.values_mut().next().expect("it has one");
    definition["containerDefinitions"][0]["portMappings"][0]["hostPort"] = json!(8080);
    assert_eq!(first(&picture), Cause::PortTaken);
    let mut picture = waiting();
    picture.services[0].events = vec![read(json!({"createdAt": ago(60), "message":
        "(service web) was unable to place a task because no container instance met all of its \
         requirements. The closest matching (container-instance 0) encountered error \"MemberOf \
         placement constraint unsatisfied.\"."}))];
    assert_eq!(first(&picture), Cause::ConstraintUnmet);
}

#[test]
fn why_no_other_instance_comes_is_found() {
    let full = || {
        let mut picture = waiting();
        let arn = picture.container_instances[0]
            .container_instance_arn
            .clone();
        picture.container_instances[0] = container_instance(&arn, 100, 1400);
        picture
    };
    assert_eq!(first(&full()), Cause::CapacityWarmingUp);
    let mut picture = full();
    picture.groups = vec![group(1, 1)];
    assert_eq!(first(&picture), Cause::GroupAtMax);
    let mut picture = full();
    picture.capacity_providers = vec![provider("DISABLED")];
    assert_eq!(first(&picture), Cause::ManagedScalingDisabled);
    let mut picture = full();
    picture.groups = vec![group(2, 3)];
    picture.groups[0].suspended = vec!["Launch".into()];
    assert_eq!(first(&picture), Cause::LaunchSuspended);
    let mut picture = full();
    picture.groups = vec![group(2, 3)];
    picture.group_activities = vec![GroupActivity {
        group: "hosts".into(),
        description: "Launching a new EC2 instance.  Status Reason: no".into(),
        status: "Failed".into(),
        ..GroupActivity::default()
    }];
    assert_eq!(first(&picture), Cause::LaunchFailing);
    let mut picture = full();
    picture.container_instances = Vec::new();
    assert_eq!(first(&picture), Cause::NotJoined);
    let mut picture = full();
    picture.services[0].capacity_provider_strategy = Vec::new();
    picture.services[0].launch_type = Some("EC2".into());
    picture.services[0].events = vec![read(json!({"createdAt": ago(60), "message":
        "(service web) was unable to place a task because no container instance met all of its \
         requirements. The closest matching (container-instance 0) has insufficient CPU units \
         available."}))];
    assert_eq!(first(&picture), Cause::LaunchTypeUnseen);
}

#[test]
fn what_became_of_a_deployment_is_found() {
    let event = |message: &str| read(json!({"createdAt": ago(60), "message": message}));
    let failed = "(service web) (deployment ecs-svc/2) deployment failed: tasks failed to start.";
    let mut picture = healthy();
    picture.services[0].events = vec![event(failed)];
    assert_eq!(first(&picture), Cause::BreakerTripped);
    let back = "(service web) rolling back to deployment ecs-svc/1.";
    let completed = "(service web) (deployment ecs-svc/1) deployment completed.";
    picture.services[0].events = vec![event(completed), event(back), event(failed)];
    assert_eq!(first(&picture), Cause::BreakerRolledBack);
    let newer = "(service web) (deployment ecs-svc/3) deployment completed.";
    picture.services[0].events.insert(0, event(newer));
    assert!(!found(&picture).iter().any(|it| it.wrong));
    let mut picture = healthy();
    let service = &mut picture.services[0];
    let mut older = service.deployments[0].clone();
    older.status = "ACTIVE".into();
    service.deployments.push(older);
    service.deployment_configuration.minimum_healthy_percent = Some(100);
    service.deployment_configuration.maximum_percent = Some(100);
    assert_eq!(first(&picture), Cause::DeploymentStuck);
}

#[test]
fn why_scaling_does_nothing_is_found() {
    let mut picture = healthy();
    picture.alarms.pop();
    assert_eq!(first(&picture), Cause::AlarmDeleted);
    let mut picture = healthy();
    picture.alarms[0].actions_enabled = false;
    assert_eq!(first(&picture), Cause::AlarmActionsDisabled);
    let mut picture = healthy();
    picture.alarms[0].state = "INSUFFICIENT_DATA".into();
    assert_eq!(first(&picture), Cause::AlarmWithoutData);
    let mut picture = healthy();
    picture.policies = Vec::new();
    assert_eq!(first(&picture), Cause::NoPolicy);
    picture.targets = Vec::new();
    assert_eq!(found(&picture)[0].cause, Cause::NoTarget);
    let mut picture = healthy();
    picture.targets[0]
        .suspended_state
        .dynamic_scaling_out_suspended = true;
    assert_eq!(first(&picture), Cause::ScaleOutSuspended);
    let mut picture = healthy();
    picture.targets[0]
        .suspended_state
        .dynamic_scaling_in_suspended = true;
    assert_eq!(first(&picture), Cause::ScaleInSuspended);
    let mut picture = healthy();
    picture.alarms[0].state = "ALARM".into();
    picture.targets[0].max_capacity = 1;
    assert_eq!(first(&picture), Cause::AtMax);
    let mut picture = healthy();
    picture.alarms[1].state = "ALARM".into();
    assert_eq!(found(&picture)[0].cause, Cause::AtMin);
}

#[test]
fn why_a_task_cannot_be_reached_is_found() {
    let mut picture = healthy();
    picture.security_groups[0].ingress = Vec::new();
    assert_eq!(first(&picture), Cause::PortClosed);
    let mut picture = healthy();
    picture.instances[0].public_ip = None;
    assert!(
        found(&picture)
            .iter()
            .any(|it| it.cause == Cause::NoPublicAddress)
    );
    let picture = healthy();
    let clues = Clues {
        silent: ["198.51.100.7:32768".to_owned()].into(),
        ..Clues::default()
    };
    let found = why(&picture, &picture.services[0], &clues);
    assert_eq!(found[0].cause, Cause::NotAnswering);
}
