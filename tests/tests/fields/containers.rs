//! Task definitions, each with the service that runs it and follows to the next revision.

use crate::row::{Behind, row, tags};
use crate::table::Table;
use serde_json::{Value, json};
use setpoint_tests::Boto;

/// The revision that the service runs.
fn running(boto: &Boto, name: &str) -> Value {
    let services = json!({"cluster": "shop", "services": [name]});
    let services = boto.expect("ecs", "describe_services", services);
    let arn = &services["services"][0]["taskDefinition"];
    let named = json!({"taskDefinition": arn, "include": ["TAGS"]});
    boto.expect("ecs", "describe_task_definition", named)
}

fn task_definition(boto: &Boto, name: &str) -> Value {
    let mut answer = running(boto, name);
    let mut shown = answer["taskDefinition"].take();
    let members = shown.as_object_mut().expect("it is there");
    for of_one_revision in ["taskDefinitionArn", "revision", "registeredAt"] {
        members.remove(of_one_revision);
    }
    shown["tags"] = tags(&answer["tags"]);
    shown
}

/// Another client registers a revision that differs in one member, and lets the service run it.
fn revision(change: impl Fn(&mut Value) + 'static) -> Behind {
    Box::new(move |boto, name| {
        let mut answer = running(boto, name);
        let mut document = answer["taskDefinition"].take();
        let members = document.as_object_mut().expect("it is there");
        for shown_only in [
            "taskDefinitionArn",
            "revision",
            "status",
            "compatibilities",
            "requiresAttributes",
            "registeredAt",
            "registeredBy",
        ] {
            members.remove(shown_only);
        }
        document["tags"] = answer["tags"].take();
        change(&mut document);
        let registered = boto.expect("ecs", "register_task_definition", document);
        let arn = &registered["taskDefinition"]["taskDefinitionArn"];
        let update = json!({"cluster": "shop", "service": name, "taskDefinition": arn});
        boto.expect("ecs", "update_service", update);
    })
}

fn with(member: &'static str, value: Value) -> Behind {
    revision(move |it| it[member] = value.clone())
}

fn container(member: &'static str, value: Value) -> Behind {
    revision(move |it| it["containerDefinitions"][0][member] = value.clone())
}

const DOCUMENT: &str = "  NAME:
    networkMode: bridge
    requiresCompatibilities: [EC2]
    cpu: 256
    memory: 512
    executionRoleArn: execution
    taskRoleArn: task
    volumes: [{ name: data, host: { sourcePath: /data } }]
    containerDefinitions:
      - name: web
        image: nginx:1.29
        cpu: 128
        memory: 256
        memoryReservation: 128
        essential: true
        command: [serve, --quiet]
        entryPoint: [/bin/sh]
        workingDirectory: /srv
        user: nobody
        stopTimeout: 30
        readonlyRootFilesystem: false
        environment: [{ name: COLOR, value: blue }]
        secrets: [{ name: TOKEN, valueFrom: /shop/token }]
        portMappings: [{ containerPort: 80, hostPort: 0 }]
        mountPoints: [{ sourceVolume: data, containerPath: /srv/data }]
        ulimits: [{ name: nofile, softLimit: 1024, hardLimit: 4096 }]
        dockerLabels: { team: shop }
        healthCheck: { command: [CMD, check], interval: 30, retries: 2 }
        linuxParameters: { initProcessEnabled: false }
        logConfiguration:
          logDriver: awslogs
          options: { awslogs-group: /shop, awslogs-region: us-east-1, mode: blocking }
    tags: { color: blue }
";

#[test]
fn each_field_of_a_task_definition_is_planned_applied_and_held() {
    Table {
        kind: "taskDefinition",
        shared: &[
            ("clusters", "  shop: {}\n"),
            ("logGroups", "  /shop: {}\n"),
            (
                "roles",
                "  execution: { trustedBy: [ecs-tasks.amazonaws.com] }
  task: { trustedBy: [ecs-tasks.amazonaws.com] }
",
            ),
        ],
        each: &[
            ("taskDefinitions", DOCUMENT),
            (
                "services",
                "  NAME: { cluster: shop, taskDefinition: NAME, launchType: EC2, desiredCount: 1 }\n",
            ),
        ],
        follower: Some(("service", "taskDefinition")),
        show: task_definition,
        rows: rows(),
    }
    .check();
}

fn rows() -> Vec<crate::row::Row> {
    let environment = |value: &str| json!([{"name": "COLOR", "value": value}]);
    vec![
        row(
            "cpu",
            ("    cpu: 256\n", "    cpu: 1 vCPU\n"),
            ("/cpu", json!("1024")),
            with("cpu", json!("512")),
        ),
        row(
            "memory",
            ("memory: 512\n", "memory: 1 GB\n"),
            ("/memory", json!("1024")),
            with("memory", json!("2048")),
        ),
        row(
            "taskRoleArn",
            ("taskRoleArn: task", "taskRoleArn: execution"),
            (
                "/taskRoleArn",
                json!("arn:aws:iam::ACCOUNT:role/setpoint/shop/execution"),
            ),
            with("taskRoleArn", json!("arn:aws:iam::123456789012:role/stray")),
        ),
        row(
            "executionRoleArn",
            ("executionRoleArn: execution", "executionRoleArn: task"),
            (
                "/executionRoleArn",
                json!("arn:aws:iam::ACCOUNT:role/setpoint/shop/task"),
            ),
            with(
                "executionRoleArn",
                json!("arn:aws:iam::123456789012:role/stray"),
            ),
        ),
        row(
            "volumes[data].host.sourcePath",
            ("sourcePath: /data", "sourcePath: /more"),
            ("/volumes/0/host/sourcePath", json!("/more")),
            with(
                "volumes",
                json!([{"name": "data", "host": {"sourcePath": "/stray"}}]),
            ),
        ),
        row(
            "containerDefinitions[web].image",
            ("nginx:1.29", "nginx:1.30"),
            ("/containerDefinitions/0/image", json!("nginx:1.30")),
            container("image", json!("httpd:2.4")),
        ),
        row(
            "containerDefinitions[web].cpu",
            ("cpu: 128", "cpu: 64"),
            ("/containerDefinitions/0/cpu", json!(64)),
            container("cpu", json!(32)),
        ),
        row(
            "containerDefinitions[web].memory",
            ("        memory: 256", "        memory: 300"),
            ("/containerDefinitions/0/memory", json!(300)),
            container("memory", json!(200)),
        ),
        row(
            "containerDefinitions[web].memoryReservation",
            ("        memoryReservation: 128\n", ""),
            ("/containerDefinitions/0/memoryReservation", Value::Null),
            container("memoryReservation", json!(64)),
        ),
        row(
            "containerDefinitions[web].command",
            ("[serve, --quiet]", "[serve]"),
            ("/containerDefinitions/0/command", json!(["serve"])),
            container("command", json!(["stray"])),
        ),
        row(
            "containerDefinitions[web].entryPoint",
            ("entryPoint: [/bin/sh]", "entryPoint: [/bin/bash]"),
            ("/containerDefinitions/0/entryPoint", json!(["/bin/bash"])),
            container("entryPoint", json!([])),
        ),
        row(
            "containerDefinitions[web].workingDirectory",
            ("workingDirectory: /srv", "workingDirectory: /var"),
            ("/containerDefinitions/0/workingDirectory", json!("/var")),
            container("workingDirectory", json!("/tmp")),
        ),
        row(
            "containerDefinitions[web].user",
            ("user: nobody", "user: web"),
            ("/containerDefinitions/0/user", json!("web")),
            container("user", json!("root")),
        ),
        row(
            "containerDefinitions[web].stopTimeout",
            ("stopTimeout: 30", "stopTimeout: 60"),
            ("/containerDefinitions/0/stopTimeout", json!(60)),
            container("stopTimeout", json!(90)),
        ),
        row(
            "containerDefinitions[web].readonlyRootFilesystem",
            (
                "readonlyRootFilesystem: false",
                "readonlyRootFilesystem: true",
            ),
            (
                "/containerDefinitions/0/readonlyRootFilesystem",
                json!(true),
            ),
            container("readonlyRootFilesystem", json!(false)),
        ),
        row(
            "containerDefinitions[web].environment[COLOR].value",
            ("value: blue", "value: green"),
            ("/containerDefinitions/0/environment", environment("green")),
            container("environment", environment("red")),
        ),
        row(
            "containerDefinitions[web].environment[SIZE]",
            (
                "value: blue }",
                "value: blue }, { name: SIZE, value: large }",
            ),
            ("/containerDefinitions/0/environment/1/name", json!("SIZE")),
            container("environment", environment("blue")),
        ),
        row(
            "containerDefinitions[web].secrets[TOKEN].valueFrom",
            ("/shop/token", "/shop/new-token"),
            (
                "/containerDefinitions/0/secrets/0/valueFrom",
                json!("/shop/new-token"),
            ),
            container("secrets", json!([{"name": "TOKEN", "valueFrom": "/stray"}])),
        ),
        row(
            "containerDefinitions[web].portMappings[80].hostPort",
            ("hostPort: 0", "hostPort: 8080"),
            (
                "/containerDefinitions/0/portMappings/0/hostPort",
                json!(8080),
            ),
            container(
                "portMappings",
                json!([{"containerPort": 80, "hostPort": 9090}]),
            ),
        ),
        row(
            "containerDefinitions[web].mountPoints",
            ("containerPath: /srv/data", "containerPath: /srv/more"),
            (
                "/containerDefinitions/0/mountPoints/0/containerPath",
                json!("/srv/more"),
            ),
            container("mountPoints", json!([])),
        ),
        row(
            "containerDefinitions[web].ulimits[nofile].hardLimit",
            ("hardLimit: 4096", "hardLimit: 8192"),
            ("/containerDefinitions/0/ulimits/0/hardLimit", json!(8192)),
            container(
                "ulimits",
                json!([{"name": "nofile", "softLimit": 1024, "hardLimit": 2048}]),
            ),
        ),
        row(
            "containerDefinitions[web].dockerLabels.team",
            ("team: shop", "team: sale"),
            ("/containerDefinitions/0/dockerLabels/team", json!("sale")),
            container("dockerLabels", json!({"team": "stray"})),
        ),
        row(
            "containerDefinitions[web].healthCheck.retries",
            ("retries: 2", "retries: 4"),
            ("/containerDefinitions/0/healthCheck/retries", json!(4)),
            container(
                "healthCheck",
                json!({"command": ["CMD", "check"], "retries": 5}),
            ),
        ),
        row(
            "containerDefinitions[web].healthCheck.command",
            ("[CMD, check]", "[CMD, check, --all]"),
            (
                "/containerDefinitions/0/healthCheck/command/2",
                json!("--all"),
            ),
            container(
                "healthCheck",
                json!({"command": ["CMD", "stray"], "retries": 2}),
            ),
        ),
        row(
            "containerDefinitions[web].linuxParameters",
            ("initProcessEnabled: false", "initProcessEnabled: true"),
            (
                "/containerDefinitions/0/linuxParameters/initProcessEnabled",
                json!(true),
            ),
            container("linuxParameters", json!({})),
        ),
        row(
            "containerDefinitions[web].logConfiguration.options.mode",
            ("mode: blocking", "mode: non-blocking"),
            (
                "/containerDefinitions/0/logConfiguration/options/mode",
                json!("non-blocking"),
            ),
            container(
                "logConfiguration",
                json!({"logDriver": "awslogs", "options": {"awslogs-group": "/shop",
                       "awslogs-region": "us-east-1", "mode": "stray"}}),
            ),
        ),
        // Tags are the revision's own, and are changed on it: nothing new is registered.
        row(
            "tags.color",
            ("color: blue", "color: green"),
            ("/tags/color", json!("green")),
            Box::new(|boto, name| {
                let running = running(boto, name);
                let arn = &running["taskDefinition"]["taskDefinitionArn"];
                let red = json!({"resourceArn": arn, "tags": [{"key": "color", "value": "red"}]});
                boto.expect("ecs", "tag_resource", red);
            }),
        )
        .in_place(),
    ]
}
