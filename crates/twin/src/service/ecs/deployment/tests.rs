use crate::{
    World,
    service::ecs::service::fixture::{
        create, definition, done, events, instance, pass, refused, shown, tasks, world,
    },
};
use serde_json::{Value, json};

fn ready(breaker: Value) -> World {
    let mut world = world();
    definition(&mut world, 1, json!({}));
    definition(&mut world, 2, json!({"command": ["false"]}));
    definition(&mut world, 3, json!({}));
    for id in ["aaa", "bbb", "ccc"] {
        instance(&mut world, id, "us-east-1a");
    }
    let configuration = json!({"deploymentCircuitBreaker": breaker});
    create(
        &mut world,
        json!({"deploymentConfiguration": configuration}),
    );
    pass(&mut world, 60);
    world
}

fn update(world: &mut World, definition: &str) {
    let members = json!({"service": "web", "taskDefinition": definition});
    done(world, "UpdateService", members);
}

fn record(world: &mut World) -> Value {
    let arn = shown(world)["currentServiceDeployment"].clone();
    let members = json!({"serviceDeploymentArns": [arn]});
    done(world, "DescribeServiceDeployments", members)["serviceDeployments"][0].clone()
}

#[test]
fn a_rolling_deployment_replaces_the_tasks() {
    let mut world = ready(json!({"enable": false, "rollback": false}));
    update(&mut world, "web:3");
    pass(&mut world, 10);
    let service = shown(&mut world);
    assert_eq!(service["runningCount"], 4);
    assert_eq!(service["deployments"][0]["status"], "PRIMARY");
    assert_eq!(service["deployments"][1]["status"], "ACTIVE");
    assert_eq!(record(&mut world)["status"], "IN_PROGRESS");
    pass(&mut world, 50);
    let service = shown(&mut world);
    assert_eq!(service["deployments"].as_array().unwrap().len(), 1);
    assert_eq!(service["runningCount"], 2);
    let record = record(&mut world);
    assert_eq!(record["status"], "SUCCESSFUL");
    assert_eq!(record["targetServiceRevision"]["runningTaskCount"], 2);
    let stopped = tasks(&mut world, "STOPPED");
    assert_eq!(stopped.len(), 2);
    assert_eq!(stopped[0]["stopCode"], "ServiceSchedulerInitiated");
    let reason = stopped[0]["stoppedReason"].as_str().unwrap();
    assert!(reason.starts_with("Scaling activity initiated by (deployment ecs-svc/"));
}

#[test]
fn the_breaker_trips_and_rolls_back_to_what_completed() {
    let mut world = ready(json!({"enable": true, "rollback": true}));
    let before = shown(&mut world)["deployments"][0]["id"].clone();
    update(&mut world, "web:2");
    pass(&mut world, 120);
    let service = shown(&mut world);
    assert_eq!(service["deployments"].as_array().unwrap().len(), 1);
    assert_eq!(service["deployments"][0]["id"], before);
    assert_eq!(service["deployments"][0]["rolloutState"], "COMPLETED");
    assert!(
        service["taskDefinition"]
            .as_str()
            .unwrap()
            .ends_with("web:1")
    );
    let record = record(&mut world);
    assert_eq!(record["status"], "ROLLBACK_SUCCESSFUL");
    assert_eq!(record["deploymentCircuitBreaker"]["status"], "TRIGGERED");
    assert_eq!(record["deploymentCircuitBreaker"]["threshold"], 3);
    let events = events(&mut world);
    let says = |text: &str| events.iter().any(|it| it.contains(text));
    assert!(
        says("deployment failed: tasks failed to start."),
        "{events:#?}"
    );
    assert!(says("(service web) rolling back to deployment ecs-svc/"));
}

#[test]
fn without_rollback_a_failed_deployment_is_stuck() {
    let mut world = ready(json!({"enable": true, "rollback": false}));
    update(&mut world, "web:2");
    pass(&mut world, 120);
    let service = shown(&mut world);
    let primary = &service["deployments"][0];
    assert_eq!(primary["rolloutState"], "FAILED");
    assert_eq!(
        primary["rolloutStateReason"],
        "ECS deployment circuit breaker: tasks failed to start."
    );
    assert_eq!(service["deployments"][1]["runningCount"], 2);
    let before = tasks(&mut world, "STOPPED").len();
    pass(&mut world, 600);
    assert_eq!(tasks(&mut world, "STOPPED").len(), before);
    update(&mut world, "web:3");
    pass(&mut world, 90);
    assert_eq!(
        shown(&mut world)["deployments"][0]["rolloutState"],
        "COMPLETED"
    );
}

#[test]
fn without_a_breaker_tasks_fail_for_ever() {
    let mut world = ready(json!({"enable": false, "rollback": false}));
    update(&mut world, "web:2");
    pass(&mut world, 120);
    let service = shown(&mut world);
    assert_eq!(service["deployments"][0]["rolloutState"], "IN_PROGRESS");
    assert!(service["deployments"][0]["failedTasks"].as_i64().unwrap() > 5);
    let task = &tasks(&mut world, "STOPPED")[0];
    assert_eq!(task["stopCode"], "EssentialContainerExited");
    assert_eq!(task["stoppedReason"], "Essential container in task exited");
    assert_eq!(task["containers"][0]["exitCode"], 1);
}

#[test]
fn a_newer_deployment_takes_the_place_of_one_in_progress() {
    let mut world = ready(json!({"enable": true, "rollback": true}));
    update(&mut world, "web:2");
    let first = shown(&mut world)["currentServiceDeployment"].clone();
    update(&mut world, "web:3");
    pass(&mut world, 90);
    assert_eq!(record(&mut world)["status"], "SUCCESSFUL");
    let members = json!({"service": "web", "status": ["STOPPED"]});
    let listed = done(&mut world, "ListServiceDeployments", members);
    assert_eq!(
        listed["serviceDeployments"][0]["serviceDeploymentArn"],
        first
    );
    assert_eq!(listed["serviceDeployments"].as_array().unwrap().len(), 1);
}

#[test]
fn a_deployment_can_be_stopped_by_rolling_back() {
    let mut world = ready(json!({"enable": false, "rollback": false}));
    update(&mut world, "web:3");
    pass(&mut world, 5);
    let arn = shown(&mut world)["currentServiceDeployment"].clone();
    let members = json!({"serviceDeploymentArn": arn, "stopType": "ROLLBACK"});
    done(&mut world, "StopServiceDeployment", members.clone());
    assert_eq!(record(&mut world)["status"], "ROLLBACK_IN_PROGRESS");
    pass(&mut world, 90);
    assert_eq!(record(&mut world)["status"], "ROLLBACK_SUCCESSFUL");
    assert!(
        shown(&mut world)["taskDefinition"]
            .as_str()
            .unwrap()
            .ends_with("web:1")
    );
    let (code, _) = refused(&mut world, "StopServiceDeployment", members);
    assert_eq!(code, "ConflictException");
}

#[test]
fn monitoring_is_shown_by_the_revision_only() {
    let mut world = ready(json!({"enable": false, "rollback": false}));
    let fast = json!({"metricConfigurations": [
        {"metricNames": ["CPUUtilization"], "resolutionSeconds": 20},
    ]});
    let members = json!({"service": "web", "monitoring": fast});
    done(&mut world, "UpdateService", members);
    let service = shown(&mut world);
    assert_eq!(service.get("monitoring"), None);
    let arns = json!([service["currentServiceRevisions"][0]["arn"], "arn:none"]);
    let members = json!({"serviceRevisionArns": arns});
    let answer = done(&mut world, "DescribeServiceRevisions", members);
    assert_eq!(answer["serviceRevisions"][0]["monitoring"], fast);
    assert_eq!(
        answer["failures"],
        json!([{"arn": "arn:none", "reason": "MISSING"}])
    );
}

#[test]
fn a_paused_deployment_goes_on_when_it_is_told() {
    let mut world = ready(json!({"enable": false, "rollback": false}));
    let hooks = json!([{"targetType": "PAUSE", "lifecycleStages": ["PRE_SCALE_UP"]}]);
    let members = json!({
        "service": "web", "taskDefinition": "web:3",
        "deploymentConfiguration": {"lifecycleHooks": hooks},
    });
    done(&mut world, "UpdateService", members);
    pass(&mut world, 120);
    let held = record(&mut world);
    assert_eq!(held["lifecycleStage"], "PRE_SCALE_UP");
    assert_eq!(held["targetServiceRevision"]["runningTaskCount"], 0);
    let members = json!({
        "serviceDeploymentArn": held["serviceDeploymentArn"],
        "hookId": held["lifecycleHookDetails"][0]["hookId"],
    });
    done(&mut world, "ContinueServiceDeployment", members);
    pass(&mut world, 90);
    assert_eq!(record(&mut world)["status"], "SUCCESSFUL");
}
