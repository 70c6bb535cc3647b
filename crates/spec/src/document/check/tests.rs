//! A document in, its problems out.

use serde_json::{Value, json};

use super::super::{DocumentKind, check};

fn task_definition(members: Value) -> Value {
    let mut document = json!({
        "family": "web",
        "containerDefinitions": [{"name": "web", "image": "nginx", "memory": 128}],
    });
    merge(&mut document, members);
    document
}

fn service(members: Value) -> Value {
    let mut document = json!({"serviceName": "web", "taskDefinition": "web"});
    merge(&mut document, members);
    document
}

fn merge(document: &mut Value, members: Value) {
    if let (Value::Object(document), Value::Object(members)) = (document, members) {
        document.extend(members);
    }
}

#[track_caller]
fn expect(kind: DocumentKind, document: Value, problems: &[&str]) {
    let found: Vec<String> = check(kind, &document)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(found, problems);
}

#[track_caller]
fn of_task_definition(members: Value, problems: &[&str]) {
    expect(
        DocumentKind::TaskDefinition,
        task_definition(members),
        problems,
    );
}

#[track_caller]
fn of_container(members: Value, problems: &[&str]) {
    let mut document = task_definition(json!({}));
    merge(&mut document["containerDefinitions"][0], members);
    expect(DocumentKind::TaskDefinition, document, problems);
}

#[track_caller]
fn of_service(members: Value, problems: &[&str]) {
    expect(DocumentKind::Service, service(members), problems);
}

#[test]
fn an_unknown_member_is_refused_with_the_nearest_known_name() {
    of_container(
        json!({"portMapings": []}),
        &[
            "containerDefinitions[0].portMapings: there is no such member; did you mean `portMappings`?",
        ],
    );
    of_container(
        json!({"env": []}),
        &["containerDefinitions[0].env: there is no such member; did you mean `environment`?"],
    );
    of_task_definition(
        json!({"network_mode": "bridge"}),
        &["network_mode: there is no such member; did you mean `networkMode`?"],
    );
    of_service(
        json!({"replicas": 3}),
        &["replicas: there is no such member"],
    );
}

#[test]
fn what_aws_writes_itself_is_refused_as_such() {
    of_task_definition(
        json!({"revision": 3}),
        &["revision: AWS writes this member itself; leave it out"],
    );
    of_service(
        json!({"runningCount": 3}),
        &["runningCount: AWS writes this member itself; leave it out"],
    );
}

#[test]
fn a_value_that_is_not_one_of_the_known_ones_is_refused() {
    of_container(
        json!({"portMappings": [{"containerPort": 80, "protocol": "TCP"}]}),
        &["containerDefinitions[0].portMappings[0].protocol: \
           `TCP` is not one of tcp, udp; did you mean `tcp`?"],
    );
    of_service(
        json!({"launchType": "ec2"}),
        &[
            "launchType: `ec2` is not one of EC2, FARGATE, EXTERNAL, MANAGED_INSTANCES; \
           did you mean `EC2`?",
        ],
    );
}

#[test]
fn a_value_of_the_wrong_type_is_refused() {
    of_container(
        json!({"command": "sleep 5", "essential": "yes", "memory": "lots", "image": true}),
        &[
            "containerDefinitions[0].command: the text \"sleep 5\" stands where a list belongs",
            "containerDefinitions[0].essential: the text \"yes\" stands where true or false belongs",
            "containerDefinitions[0].image: `true` stands where a text belongs",
            "containerDefinitions[0].memory: the text \"lots\" stands where a whole number belongs",
        ],
    );
    of_task_definition(
        json!({"runtimePlatform": "linux", "volumes": {"name": "data"}}),
        &[
            "runtimePlatform: the text \"linux\" stands where an object belongs",
            "volumes: an object stands where a list belongs",
        ],
    );
    expect(
        DocumentKind::Service,
        json!(["web"]),
        &["a list stands where an object belongs"],
    );
}

#[test]
fn what_is_out_of_range_or_too_long_is_refused() {
    of_container(
        json!({
            "portMappings": [{"containerPort": 70000}],
            "healthCheck": {"command": ["CMD", "true"], "interval": 4},
            "memory": 2,
        }),
        &[
            "containerDefinitions[0].healthCheck.interval: 4 is out of range; it takes 5 to 300",
            "containerDefinitions[0].memory: 2 is out of range; it takes 6 or more",
            "containerDefinitions[0].portMappings[0].containerPort: \
             70000 is out of range; it takes 0 to 65535",
        ],
    );
    of_service(
        json!({
            "capacityProviderStrategy": [{"capacityProvider": "spot", "weight": 1001}],
            "tags": [{"key": "k".repeat(129), "value": ""}],
        }),
        &[
            "capacityProviderStrategy[0].weight: 1001 is out of range; it takes 0 to 1000",
            "tags[0].key: 129 characters are out of range; it takes 1 to 128",
        ],
    );
    of_task_definition(
        json!({"family": "flash sale", "cpu": "1.5 cores", "memory": "512 MB"}),
        &[
            "cpu: `1.5 cores` is no size; write it like `256` units or `0.25 vCPU`",
            "family: `flash sale` is not a name of 1 to 255 letters, digits, `-` and `_`",
            "memory: `512 MB` is no size; write it like `512` MiB or `0.5 GB`",
        ],
    );
    of_task_definition(
        json!({"cpu": 64}),
        &["cpu: 64 is out of range; it takes 128 to 196608"],
    );
}

#[test]
fn what_is_missing_is_refused_where_it_is_missing() {
    expect(
        DocumentKind::TaskDefinition,
        json!({"containerDefinitions": [{"name": "web"}, {"image": "nginx", "name": null}]}),
        &[
            "containerDefinitions[0]: `image` is missing",
            "containerDefinitions[1]: `name` is missing",
            "`family` is missing",
        ],
    );
    of_service(
        json!({"networkConfiguration": {"awsvpcConfiguration": {}}}),
        &["networkConfiguration.awsvpcConfiguration: `subnets` is missing"],
    );
}

#[test]
fn two_of_one_name_are_refused() {
    of_task_definition(
        json!({"containerDefinitions": [
            {"name": "web", "image": "nginx", "environment": [
                {"name": "A", "value": "1"}, {"name": "A", "value": "2"},
            ]},
            {"name": "web", "image": "nginx"},
        ]}),
        &[
            "containerDefinitions[0].environment[1].name: `A` is here twice",
            "containerDefinitions[1].name: `web` is here twice",
        ],
    );
}

#[test]
fn what_yaml_reads_otherwise_is_taken_unless_it_has_lost_something() {
    of_container(
        json!({
            "environment": [
                {"name": "DEBUG", "value": true},
                {"name": "PORT", "value": 8080},
                {"name": "EMPTY", "value": ""},
            ],
            "memory": "128",
            "portMappings": [{"containerPort": "80"}],
            "logConfiguration": {"logDriver": "json-file", "options": {"max-file": 3, "compress": true}},
            "entryPoint": null,
        }),
        &[],
    );
    of_task_definition(json!({"cpu": 256, "memory": "1gb", "pidMode": ""}), &[]);
    of_container(
        json!({"environment": [{"name": "VERSION", "value": 1.1}]}),
        &["containerDefinitions[0].environment[0].value: \
           this is read as the number 1.1; write a text in quotes"],
    );
}
