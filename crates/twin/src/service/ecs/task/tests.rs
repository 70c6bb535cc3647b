use crate::{
    World,
    service::ecs::service::fixture::{
        create, definition, done, instance, pass, refused, tasks, world,
    },
};
use serde_json::{Value, json};

fn ready() -> World {
    let mut world = world();
    definition(&mut world, 1, json!({}));
    instance(&mut world, "aaa", "us-east-1a");
    world
}

fn run(world: &mut World, change: Value) -> Value {
    let mut members = json!({"taskDefinition": "web", "launchType": "EC2"});
    for (name, value) in change.as_object().unwrap() {
        members[name.as_str()] = value.clone();
    }
    done(world, "RunTask", members)
}

fn describe(world: &mut World, task: &Value) -> Value {
    let members = json!({"tasks": [task], "include": ["TAGS"]});
    done(world, "DescribeTasks", members)["tasks"][0].clone()
}

#[test]
fn a_task_goes_from_pending_to_running_to_stopped_and_is_forgotten() {
    let mut world = ready();
    let tags = json!([{"key": "a", "value": "b"}]);
    let change = json!({"tags": tags, "propagateTags": "TASK_DEFINITION", "startedBy": "me"});
    let task = run(&mut world, change)["tasks"][0].clone();
    let arn = task["taskArn"].clone();
    assert_eq!(task["lastStatus"], "PENDING");
    pass(&mut world, 6);
    let shown = describe(&mut world, &arn);
    assert_eq!(shown["lastStatus"], "RUNNING");
    assert_eq!(shown["group"], "family:web");
    assert_eq!(
        (&shown["cpu"], &shown["memory"]),
        (&json!("256"), &json!("512"))
    );
    assert_eq!(
        shown["tags"],
        json!([{"key": "a", "value": "b"}, {"key": "from", "value": "definition"}])
    );
    assert_eq!(
        shown["containers"][0]["runtimeId"].as_str().unwrap().len(),
        64
    );
    let listed = done(&mut world, "ListTasks", json!({"startedBy": "me"}));
    assert_eq!(listed["taskArns"], json!([arn]));
    let stopped = done(
        &mut world,
        "StopTask",
        json!({"task": arn, "reason": "enough"}),
    );
    assert_eq!(stopped["task"]["desiredStatus"], "STOPPED");
    pass(&mut world, 3);
    let shown = describe(&mut world, &arn);
    assert_eq!(shown["lastStatus"], "STOPPED");
    assert_eq!(
        (&shown["stopCode"], &shown["stoppedReason"]),
        (&json!("UserInitiated"), &json!("enough"))
    );
    assert_eq!(shown["containers"][0]["exitCode"], 0);
    pass(&mut world, 3600);
    let answer = done(&mut world, "DescribeTasks", json!({"tasks": [arn]}));
    assert_eq!(answer["failures"][0]["reason"], "MISSING");
}

#[test]
fn a_process_that_ends_ends_its_task() {
    let mut world = ready();
    definition(
        &mut world,
        2,
        json!({"command": ["sh", "-c", "sleep 20; exit 4"]}),
    );
    let arn = run(&mut world, json!({}))["tasks"][0]["taskArn"].clone();
    pass(&mut world, 20);
    assert_eq!(describe(&mut world, &arn)["lastStatus"], "RUNNING");
    pass(&mut world, 8);
    let shown = describe(&mut world, &arn);
    assert_eq!(shown["stopCode"], "EssentialContainerExited");
    assert_eq!(shown["containers"][0]["exitCode"], 4);
    assert_eq!(shown["lastStatus"], "STOPPED");
}

#[test]
fn a_process_that_does_not_heed_is_killed() {
    let mut world = ready();
    definition(
        &mut world,
        2,
        json!({"command": ["sleep", "3600"], "stopTimeout": 10}),
    );
    let arn = run(&mut world, json!({}))["tasks"][0]["taskArn"].clone();
    pass(&mut world, 10);
    done(&mut world, "StopTask", json!({"task": arn}));
    pass(&mut world, 5);
    assert_eq!(describe(&mut world, &arn)["lastStatus"], "STOPPING");
    pass(&mut world, 6);
    assert_eq!(describe(&mut world, &arn)["containers"][0]["exitCode"], 137);
}

#[test]
fn a_command_can_be_overridden() {
    let mut world = ready();
    let overrides = json!({"containerOverrides": [{"name": "web", "command": ["false"]}]});
    let arn = run(&mut world, json!({"overrides": overrides}))["tasks"][0]["taskArn"].clone();
    pass(&mut world, 10);
    assert_eq!(describe(&mut world, &arn)["containers"][0]["exitCode"], 1);
    let members = json!({
        "taskDefinition": "web", "launchType": "EC2",
        "overrides": {"containerOverrides": [{"name": "db"}]},
    });
    assert_eq!(
        refused(&mut world, "RunTask", members).0,
        "InvalidParameterException"
    );
}

#[test]
fn tasks_without_room_are_failures() {
    let mut world = ready();
    let answer = run(&mut world, json!({"count": 5}));
    assert_eq!(answer["tasks"].as_array().unwrap().len(), 3);
    assert_eq!(answer["failures"][0]["reason"], "RESOURCE:MEMORY");
    world.ecs.instances.clear();
    let members = json!({"taskDefinition": "web", "launchType": "EC2"});
    assert_eq!(
        refused(&mut world, "RunTask", members),
        (
            "InvalidParameterException".into(),
            "No Container Instances were found in your cluster.".into()
        )
    );
}

#[test]
fn the_same_token_runs_the_same_tasks_once() {
    let mut world = ready();
    let one = run(&mut world, json!({"clientToken": "t"}));
    let two = run(&mut world, json!({"clientToken": "t"}));
    assert_eq!(one["tasks"][0]["taskArn"], two["tasks"][0]["taskArn"]);
    let members = json!({
        "taskDefinition": "web", "launchType": "EC2", "clientToken": "t", "count": 2,
    });
    assert_eq!(
        refused(&mut world, "RunTask", members).0,
        "ConflictException"
    );
}

#[test]
fn a_task_is_started_where_it_is_told() {
    let mut world = ready();
    instance(&mut world, "bbb", "us-east-1b");
    let members = json!({"taskDefinition": "web:1", "containerInstances": ["bbb", "zzz"]});
    let answer = done(&mut world, "StartTask", members);
    assert_eq!(answer["tasks"][0]["availabilityZone"], "us-east-1b");
    assert_eq!(answer["failures"][0]["reason"], "MISSING");
}

#[test]
fn a_protected_task_survives_scaling_in() {
    let mut world = ready();
    create(&mut world, json!({}));
    pass(&mut world, 60);
    let arns: Vec<Value> = tasks(&mut world, "RUNNING")
        .iter()
        .map(|it| it["taskArn"].clone())
        .collect();
    let members = json!({"tasks": arns, "protectionEnabled": true, "expiresInMinutes": 5});
    let answer = done(&mut world, "UpdateTaskProtection", members);
    assert_eq!(answer["protectedTasks"][0]["protectionEnabled"], true);
    done(
        &mut world,
        "UpdateService",
        json!({"service": "web", "desiredCount": 0}),
    );
    pass(&mut world, 60);
    assert_eq!(tasks(&mut world, "RUNNING").len(), 2);
    pass(&mut world, 300);
    assert_eq!(tasks(&mut world, "RUNNING").len(), 0);
}

#[test]
fn protection_is_read_of_a_hundred_tasks_at_once_and_changed_of_ten() {
    let mut world = ready();
    let many = |count: usize| json!({"tasks": vec!["0"; count], "protectionEnabled": true});
    let read = done(&mut world, "GetTaskProtection", many(100));
    assert_eq!(read["failures"][99]["reason"], "MISSING");
    for (action, most) in [("GetTaskProtection", 100), ("UpdateTaskProtection", 10)] {
        let (_, message) = refused(&mut world, action, many(most + 1));
        assert_eq!(message, format!("tasks cannot be longer than {most}."));
    }
}

#[test]
fn a_stopped_task_of_a_service_is_replaced() {
    let mut world = ready();
    create(
        &mut world,
        json!({"propagateTags": "SERVICE", "tags": [{"key": "k", "value": "v"}]}),
    );
    pass(&mut world, 60);
    let before = tasks(&mut world, "RUNNING");
    done(
        &mut world,
        "StopTask",
        json!({"task": before[0]["taskArn"]}),
    );
    pass(&mut world, 20);
    let after = tasks(&mut world, "RUNNING");
    assert_eq!(after.len(), 2);
    assert_eq!(
        describe(&mut world, &after[0]["taskArn"])["tags"],
        json!([{"key": "k", "value": "v"}])
    );
    let failed =
        &super::super::service::fixture::shown(&mut world)["deployments"][0]["failedTasks"];
    assert_eq!(failed, 0);
}

#[test]
fn without_its_log_group_a_task_does_not_start() {
    let mut world = ready();
    let log = json!({"logDriver": "awslogs", "options": {
        "awslogs-group": "/shop/web", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "ecs",
    }});
    definition(&mut world, 2, json!({"logConfiguration": log}));
    create(
        &mut world,
        json!({"taskDefinition": "web:2", "desiredCount": 1}),
    );
    pass(&mut world, 80);
    let stopped = tasks(&mut world, "STOPPED");
    assert_eq!(stopped.len(), 3);
    assert_eq!(stopped[0]["stopCode"], "TaskFailedToStart");
    assert_eq!(stopped[0]["stoppedReason"], "Task failed to start");
    assert_eq!(
        stopped[0]["containers"][0]["reason"],
        "CannotStartContainerError: Error response from daemon: failed to initialize logging \
         driver: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified \
         log group does not exist."
    );
    let last = super::super::service::fixture::events(&mut world)
        .pop()
        .unwrap();
    assert!(
        last.contains("is unable to consistently start tasks successfully."),
        "{last}"
    );
}

#[test]
fn a_log_group_is_made_where_the_definition_says_so() {
    let mut world = ready();
    let log = json!({"logDriver": "awslogs", "options": {
        "awslogs-group": "/shop/web", "awslogs-create-group": "true",
        "awslogs-stream-prefix": "ecs",
    }});
    definition(&mut world, 2, json!({"logConfiguration": log}));
    let arn = run(&mut world, json!({}))["tasks"][0]["taskArn"].clone();
    pass(&mut world, 10);
    assert_eq!(describe(&mut world, &arn)["lastStatus"], "RUNNING");
    assert!(crate::service::logs::group_exists(&world, "/shop/web"));
}
