//! What is in an account, as AWS's own reads show it, without what differs from one account to the
//! next: identifiers, moments, and what AWS says on its way.

use serde_json::{Map, Value, json};
use setpoint_twin::{Caller, Input, World, service};

/// Reads that show everything, with the name that stands for each, the member that lists it, and
/// the members of its items that name what further reads ask for.
const READS: [(&str, &str, &str); 13] = [
    ("ecr", "DescribeRepositories", "repositories"),
    ("iam", "ListRoles", "Roles"),
    ("iam", "ListInstanceProfiles", "InstanceProfiles"),
    ("logs", "DescribeLogGroups", "logGroups"),
    ("ec2", "DescribeSecurityGroups", "SecurityGroups"),
    ("ec2", "DescribeLaunchTemplates", "LaunchTemplates"),
    (
        "autoscaling",
        "DescribeAutoScalingGroups",
        "AutoScalingGroups",
    ),
    ("ecs", "DescribeCapacityProviders", "capacityProviders"),
    (
        "application-autoscaling",
        "DescribeScalableTargets",
        "ScalableTargets",
    ),
    (
        "application-autoscaling",
        "DescribeScalingPolicies",
        "ScalingPolicies",
    ),
    (
        "application-autoscaling",
        "DescribeScheduledActions",
        "ScheduledActions",
    ),
    ("monitoring", "DescribeAlarms", "MetricAlarms"),
    ("tagging", "GetResources", "ResourceTagMappingList"),
];

/// One line for each thing that is there.
pub(crate) fn inventory(world: &World) -> String {
    let mut world = world.clone();
    let mut lines = Vec::new();
    for (service, action, list) in READS {
        let asked = match service {
            "application-autoscaling" => json!({"ServiceNamespace": "ecs"}),
            _ => json!({}),
        };
        for item in read(&mut world, service, action, asked, list) {
            if !is_on_its_way_out(&item) && !is_aws_s(&item) && !is_an_instance(&item) {
                lines.push(line(action, &item));
            }
        }
    }
    for role in read(&mut world, "iam", "ListRoles", json!({}), "Roles") {
        if is_aws_s(&role) {
            continue;
        }
        for (action, list) in [
            ("ListAttachedRolePolicies", "AttachedPolicies"),
            ("ListRolePolicies", "PolicyNames"),
            ("ListRoleTags", "Tags"),
        ] {
            let asked = json!({"RoleName": role["RoleName"]});
            for item in read(&mut world, "iam", action, asked, list) {
                lines.push(line(&format!("{action} of {}", role["RoleName"]), &item));
            }
        }
    }
    for template in read(
        &mut world,
        "ec2",
        "DescribeLaunchTemplates",
        json!({}),
        "LaunchTemplates",
    ) {
        let asked = json!({
            "LaunchTemplateId": template["LaunchTemplateId"], "Versions": ["$Latest"],
        });
        let versions = read(
            &mut world,
            "ec2",
            "DescribeLaunchTemplateVersions",
            asked,
            "LaunchTemplateVersions",
        );
        lines.extend(versions.iter().map(|it| line("the newest version", it)));
    }
    for cluster in texts(&mut world, "ListClusters", json!({}), "clusterArns") {
        let asked = json!({"clusters": [cluster], "include": ["TAGS", "SETTINGS"]});
        let found = read(&mut world, "ecs", "DescribeClusters", asked, "clusters");
        lines.extend(found.iter().map(|it| line("cluster", it)));
        let services = texts(
            &mut world,
            "ListServices",
            json!({"cluster": cluster, "maxResults": 100}),
            "serviceArns",
        );
        for service in services {
            let asked = json!({"cluster": cluster, "services": [service], "include": ["TAGS"]});
            let found = read(&mut world, "ecs", "DescribeServices", asked, "services");
            lines.extend(found.iter().map(|it| line("service", it)));
        }
    }
    for revision in texts(
        &mut world,
        "ListTaskDefinitions",
        json!({}),
        "taskDefinitionArns",
    ) {
        let asked = json!({"taskDefinition": revision});
        let input = input("ecs", "DescribeTaskDefinition", asked);
        let shown = service::run(&mut world, &input).expect("it is listed");
        lines.push(line("task definition", &shown["taskDefinition"]));
    }
    lines.sort();
    lines.join("\n")
}

/// Asserts that two inventories are the same, and shows where they are not.
#[track_caller]
pub(crate) fn is_same(found: &str, expected: &str, about: &str) {
    let only = |one: &str, other: &str, mark: &str| {
        let others: Vec<&str> = other.lines().collect();
        let lines = one.lines().filter(|it| !others.contains(it));
        lines.map(|it| format!("{mark} {it}\n")).collect::<String>()
    };
    assert!(
        found == expected,
        "{about}:\n{}{}",
        only(expected, found, "-"),
        only(found, expected, "+"),
    );
}

fn input(service: &str, action: &str, members: Value) -> Input {
    Input {
        service: service.to_owned(),
        action: action.to_owned(),
        caller: Caller::default(),
        members: members.as_object().cloned().unwrap_or_default(),
    }
}

fn read(world: &mut World, service: &str, action: &str, asked: Value, list: &str) -> Vec<Value> {
    let answer = service::run(world, &input(service, action, asked));
    let answer = answer.unwrap_or_else(|err| panic!("{action}: {err}"));
    answer[list].as_array().cloned().unwrap_or_default()
}

fn texts(world: &mut World, action: &str, asked: Value, list: &str) -> Vec<String> {
    let items = read(world, "ecs", action, asked, list);
    let texts = items.iter().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

/// What AWS still shows for a while of what was deleted.
fn is_on_its_way_out(item: &Value) -> bool {
    let status = item["status"].as_str();
    matches!(status, Some("INACTIVE" | "DEPROVISIONING"))
}

/// Groups make instances and end them; how many there are depends on the moment.
fn is_an_instance(item: &Value) -> bool {
    let arn = item["ResourceARN"].as_str();
    arn.is_some_and(|it| it.contains(":instance/"))
}

/// Roles that AWS makes for itself, once for all.
fn is_aws_s(item: &Value) -> bool {
    let path = item["Path"].as_str();
    path.is_some_and(|it| it.starts_with("/aws-service-role/"))
}

fn line(what: &str, item: &Value) -> String {
    format!("{what}: {}", plain(item))
}

/// Members that tell when, or by which identifier, or how AWS is getting on with it.
const LEFT_OUT: [&str; 32] = [
    "AlarmConfigurationUpdatedTimestamp",
    "CreateDate",
    "CreateTime",
    "CreatedTime",
    "CreationTime",
    "DefaultVersionNumber",
    "DesiredCapacity",
    "Instances",
    "LatestVersionNumber",
    "RoleLastUsed",
    "StateReason",
    "StateReasonData",
    "StateTransitionedTimestamp",
    "StateUpdatedTimestamp",
    "StateValue",
    "VersionNumber",
    "attachmentsStatus",
    "attachments",
    "createdAt",
    "creationTime",
    "currentServiceDeployment",
    "currentServiceRevisions",
    "deployments",
    "events",
    "pendingCount",
    "pendingTasksCount",
    "registeredAt",
    "registeredContainerInstancesCount",
    "runningCount",
    "runningTasksCount",
    "storedBytes",
    "updateStatus",
];

fn plain(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter(|(name, _)| {
                !LEFT_OUT.contains(&name.as_str()) && !name.ends_with("Id") && !name.ends_with("At")
            });
            let plain: Map<String, Value> = kept
                .map(|(name, value)| (name.clone(), plain(value)))
                .collect();
            Value::Object(plain)
        }
        Value::Array(items) => {
            let mut plain: Vec<Value> = items.iter().map(plain).collect();
            plain.sort_by_key(Value::to_string);
            Value::Array(plain)
        }
        Value::String(text) => Value::String(without_identifiers(text)),
        other => other.clone(),
    }
}

/// Replaces what is in the form of an identifier (hexadecimal digits, eight or more, and the groups
/// of four that follow in a UUID), and the revision of a task definition.
fn without_identifiers(text: &str) -> String {
    let mut plain = String::new();
    let mut in_uuid = false;
    for part in text.split_inclusive(|it: char| !it.is_ascii_alphanumeric()) {
        let word = part.trim_end_matches(|it: char| !it.is_ascii_alphanumeric());
        let is_hex = word
            .chars()
            .all(|it| it.is_ascii_hexdigit() && !it.is_ascii_uppercase());
        let has_digit = word.chars().any(|it| it.is_ascii_digit());
        let is_account = word == "123456789012";
        let is_identifier = is_hex && has_digit && word.len() >= 8 && !is_account;
        match is_identifier || in_uuid && is_hex && word.len() == 4 {
            true => plain.push('#'),
            false => plain.push_str(word),
        }
        in_uuid = (is_identifier && word.len() == 8) || in_uuid && word.len() == 4;
        plain.push_str(&part[word.len()..]);
    }
    match plain.split_once("task-definition/") {
        Some((head, tail)) => {
            let family = tail.split(':').next().unwrap_or_default();
            format!("{head}task-definition/{family}")
        }
        None => plain,
    }
}
