//! Stacks by chance: any valid one may follow any other.
//!
//! What AWS cannot change in place follows from a resource's name, so that no two stacks differ in
//! it: everything else is up to chance.

use crate::chance::Chance;
use std::fmt::Write;

/// A valid stack; the same for the same seed.
pub(crate) fn stack(seed: u64) -> String {
    let mut chance = Chance::new(seed);
    let mut text = String::from("name: any\nregion: us-east-1\n");
    let _ = writeln!(text, "tags: {{ round: \"{}\" }}", chance.below(3));
    let repositories = some(&mut chance, &["shop", "till"]);
    section(&mut text, "repositories", &repositories, |name| {
        repository(name, &mut chance)
    });
    let groups = some(&mut chance, &["/ecs/shop", "/ecs/till"]);
    section(&mut text, "logGroups", &groups, |_| {
        format!("{{ retentionInDays: {} }}", chance.one(&[1, 14, 30]))
    });
    let has_roles = chance.percent(60);
    let roles = if has_roles {
        vec!["tasks", "hosts"]
    } else {
        Vec::new()
    };
    section(&mut text, "roles", &roles, |name| role(name, &mut chance));
    let profiles = if has_roles { vec!["hosts"] } else { Vec::new() };
    section(&mut text, "instanceProfiles", &profiles, |_| {
        "{ role: hosts }".into()
    });
    let firewalls = some(&mut chance, &["front", "back"]);
    section(&mut text, "securityGroups", &firewalls, |name| {
        security_group(name, &firewalls, &mut chance)
    });
    let has_capacity = has_roles && chance.percent(50);
    let clusters = match has_capacity {
        true => vec!["blue"],
        false => some(&mut chance, &["blue"]),
    };
    section(&mut text, "clusters", &clusters, |_| match has_capacity {
        true => "{ capacityProviders: [blue-capacity] }".into(),
        false => "{}".into(),
    });
    if has_capacity {
        capacity(&mut text, &firewalls, &mut chance);
    }
    let families = some(&mut chance, &["shop", "till"]);
    section(&mut text, "taskDefinitions", &families, |name| {
        task_definition(name, &repositories, &groups, has_roles, &mut chance)
    });
    let services: Vec<&str> = match clusters.is_empty() {
        true => Vec::new(),
        false => families
            .iter()
            .copied()
            .filter(|_| chance.percent(70))
            .collect(),
    };
    section(&mut text, "services", &services, |name| {
        service(name, has_capacity, &mut chance)
    });
    let scaled: Vec<&str> = services
        .iter()
        .copied()
        .filter(|_| chance.percent(60))
        .collect();
    section(&mut text, "scaling", &scaled, |_| {
        scaling(has_capacity, &mut chance)
    });
    text
}

fn some<'a>(chance: &mut Chance, all: &[&'a str]) -> Vec<&'a str> {
    all.iter().copied().filter(|_| chance.percent(60)).collect()
}

fn section(text: &mut String, title: &str, names: &[&str], mut item: impl FnMut(&str) -> String) {
    if names.is_empty() {
        return;
    }
    let _ = writeln!(text, "{title}:");
    for name in names {
        let _ = writeln!(text, "  {name}: {}", item(name));
    }
}

fn repository(_name: &str, chance: &mut Chance) -> String {
    let mutability = chance.one(&["MUTABLE", "IMMUTABLE"]);
    let scan = chance.percent(50);
    let lifecycle = match chance.below(3) {
        0 => String::new(),
        days => format!(
            ", lifecyclePolicy: {{ rules: [{{ rulePriority: 1, selection: {{ tagStatus: untagged, \
             countType: sinceImagePushed, countUnit: days, countNumber: {days} }}, action: {{ type: \
             expire }} }}] }}"
        ),
    };
    format!("{{ imageTagMutability: {mutability}, scanOnPush: {scan}{lifecycle} }}")
}

fn role(name: &str, chance: &mut Chance) -> String {
    let (service, needed) = match name {
        "tasks" => (
            "ecs-tasks.amazonaws.com",
            "AmazonECSTaskExecutionRolePolicy",
        ),
        _ => ("ec2.amazonaws.com", "AmazonEC2ContainerServiceforEC2Role"),
    };
    let mut policies = vec![needed];
    if chance.percent(40) {
        policies.push("CloudWatchLogsFullAccess");
    }
    let inline = match chance.below(3) {
        0 => String::new(),
        number => format!(
            ", inlinePolicies: {{ extra: {{ Version: \"2012-10-17\", Statement: [{{ Effect: Allow, \
             Action: [\"s3:GetObject\"], Resource: \"arn:aws:s3:::shop-{number}/*\" }}] }} }}"
        ),
    };
    let description = chance.one(&["one", "another"]);
    let hours = 3600 * (1 + chance.below(3));
    format!(
        "{{ trustedBy: [{service}], managedPolicies: [{}], description: {description}, \
         maxSessionDuration: {hours}{inline} }}",
        policies.join(", ")
    )
}

fn security_group(name: &str, firewalls: &[&str], chance: &mut Chance) -> String {
    let mut rules = Vec::new();
    for port in [80, 443, 8080] {
        if chance.percent(50) {
            let from = chance.one(&["anywhere", "10.0.0.0/8", "192.168.7.0/24"]);
            let about = chance.one(&["", ", description: web", ", description: shop"]);
            rules.push(format!("{{ ports: {port}, from: {from}{about} }}"));
        }
    }
    if name == "back" && firewalls.contains(&"front") && chance.percent(50) {
        rules.push("{ ports: 5432, from: front }".into());
    }
    format!(
        "{{ description: about {name}, ingress: [{}] }}",
        rules.join(", ")
    )
}

fn capacity(text: &mut String, firewalls: &[&str], chance: &mut Chance) {
    let kind = chance.one(&["t2.small", "t3.small", "t2.medium"]);
    let size = chance.one(&[30, 40]);
    section(text, "launchTemplates", &["blue-hosts"], |_| {
        format!(
            "{{ imageId: ecs-optimized:amazon-linux-2023, instanceType: {kind}, instanceProfile: \
             hosts, cluster: blue, securityGroups: [{}], rootVolume: {{ size: {size} }} }}",
            firewalls.join(", ")
        )
    });
    let least = chance.below(2);
    let most = 2 + chance.below(3);
    section(text, "autoScalingGroups", &["blue-hosts"], |_| {
        format!("{{ launchTemplate: blue-hosts, minSize: {least}, maxSize: {most} }}")
    });
    let target = chance.one(&[100, 80]);
    section(text, "capacityProviders", &["blue-capacity"], |_| {
        format!(
            "{{ autoScalingGroup: blue-hosts, managedScaling: {{ targetCapacity: {target} }} }}"
        )
    });
}

fn task_definition(
    name: &str,
    repositories: &[&str],
    groups: &[&str],
    has_roles: bool,
    chance: &mut Chance,
) -> String {
    let image = match repositories.contains(&name) {
        true => format!("{{ repository: {name}, tag: v{} }}", chance.below(2)),
        false => "public.ecr.aws/docker/library/httpd:2.4".into(),
    };
    let cpu = chance.one(&[128, 192]);
    let group = format!("/ecs/{name}");
    let log = match groups.contains(&group.as_str()) && has_roles {
        true => format!(
            ", logConfiguration: {{ logDriver: awslogs, options: {{ awslogs-group: {group}, \
             awslogs-region: us-east-1, awslogs-stream-prefix: ecs }} }}"
        ),
        false => String::new(),
    };
    let role = match has_roles {
        true => ", executionRoleArn: tasks",
        false => "",
    };
    format!(
        "{{ networkMode: bridge, requiresCompatibilities: [EC2], cpu: {cpu}, memory: 256{role}, \
         containerDefinitions: [{{ name: web, image: {image}, memory: 128, environment: [{{ name: \
         ROUND, value: \"{}\" }}], portMappings: [{{ containerPort: 80, hostPort: 0 }}]{log} }}] }}",
        chance.below(3)
    )
}

/// Without capacity nothing is asked to run.
fn service(name: &str, has_capacity: bool, chance: &mut Chance) -> String {
    let count = if has_capacity { 1 + chance.below(2) } else { 0 };
    let percent = chance.one(&[200, 250]);
    let launch = match has_capacity {
        true => ", capacityProviderStrategy: [{ capacityProvider: blue-capacity, weight: 1 }]",
        false => ", launchType: EC2",
    };
    format!(
        "{{ cluster: blue, taskDefinition: {name}, desiredCount: {count}, \
         deploymentConfiguration: {{ maximumPercent: {percent}, minimumHealthyPercent: 50 }}{launch} }}"
    )
}

fn scaling(has_capacity: bool, chance: &mut Chance) -> String {
    let (least, most) = match has_capacity {
        true => (1, 2 + chance.below(2)),
        false => (0, 0),
    };
    let target = chance.one(&[40, 50, 60]);
    let policies = match chance.below(3) {
        0 => "{}".into(),
        1 => format!(
            "{{ cpu: {{ targetTracking: {{ metric: ECSServiceAverageCPUUtilization, target: {target} \
             }} }} }}"
        ),
        _ => format!(
            "{{ memory: {{ targetTracking: {{ metric: ECSServiceAverageMemoryUtilization, target: \
             {target}, scaleInCooldown: 60 }} }} }}"
        ),
    };
    format!("{{ minCapacity: {least}, maxCapacity: {most}, policies: {policies} }}")
}

#[cfg(test)]
mod tests {
    use setpoint_spec::Stack;

    #[test]
    fn every_generated_stack_is_valid() {
        for seed in 0..2000 {
            let text = super::stack(seed);
            if let Err(problems) = Stack::read(&text) {
                panic!("seed {seed}: {problems:#?}\n{text}");
            }
        }
    }
}
