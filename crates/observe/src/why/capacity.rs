//! Why there is no other instance.

use super::{Case, Cause};
use crate::picture::{CapacityProvider, Group, Instance};
use std::time::Duration;

/// How long an instance may take until it has joined its cluster.
const BOOT: Duration = Duration::from_secs(300);

/// Finds why no instance comes for tasks that wait, for which there is evidence already. Answers
/// whether it is known.
pub(super) fn find(case: &mut Case<'_>, evidence: &[String]) -> bool {
    let picture = case.picture;
    let names = picture.providers_of(case.service);
    let provider = picture
        .capacity_providers
        .iter()
        .find(|it| names.contains(&it.name.as_str()));
    let group = match provider {
        Some(it) => picture
            .groups
            .iter()
            .find(|group| it.group() == Some(&group.name)),
        None => picture.groups.first(),
    };
    let Some(group) = group else {
        return unseen(case, evidence);
    };
    launching(case, group, evidence)
        || joining(case, group, evidence)
        || provider.is_none() && unseen(case, evidence)
        || !is_growing(case, group) && at_max(case, group, evidence)
        || provider.is_some_and(|it| managed(case, it, group, evidence))
}

/// Whether instances of the group are on their way into the cluster.
fn is_growing(case: &Case<'_>, group: &Group) -> bool {
    group.desired_capacity > group.instances.len() as i64 || !strangers(case, group).is_empty()
}

fn with(evidence: &[String], more: impl IntoIterator<Item = String>) -> Vec<String> {
    more.into_iter().chain(evidence.iter().cloned()).collect()
}

fn launching(case: &mut Case<'_>, group: &Group, evidence: &[String]) -> bool {
    let picture = case.picture;
    let missing = group.desired_capacity > group.instances.len() as i64;
    if missing && group.suspended.iter().any(|it| it == "Launch") {
        case.wrong(
            Cause::LaunchSuspended,
            format!(
                "the group {} may not launch instances: Launch is suspended",
                group.name
            ),
            with(
                evidence,
                [format!(
                    "it is to have {} instances and has {}",
                    group.desired_capacity,
                    group.instances.len()
                )],
            ),
            vec![format!(
                "aws autoscaling resume-processes --auto-scaling-group-name {} \
                 --scaling-processes Launch",
                group.name
            )],
        );
        return true;
    }
    let activities = picture.group_activities.iter();
    let newest = activities
        .filter(|it| it.group == group.name)
        .find(|it| it.description.starts_with("Launching"));
    match newest.filter(|it| it.status == "Failed" && missing) {
        None => false,
        Some(failed) => {
            let why = failed.status_message.clone().unwrap_or_default();
            case.wrong(
                Cause::LaunchFailing,
                format!("the group {} cannot launch instances", group.name),
                with(evidence, [format!("{}: {why}", failed.started_at.clock())]),
                vec![
                    "mend the launch template as AWS says, and setpoint apply; the group tries \
                      again by itself"
                        .into(),
                ],
            );
            true
        }
    }
}

/// Instances of the group that run for long and are no container instances.
fn joining(case: &mut Case<'_>, group: &Group, evidence: &[String]) -> bool {
    let strangers = strangers(case, group);
    let now = case.picture.at;
    let late = |it: &&&Instance| it.launched_at.is_some_and(|at| now.since(at) > BOOT);
    let Some(instance) = strangers.iter().find(late) else {
        return false;
    };
    let cluster = case.service.subject().cluster;
    case.wrong(
        Cause::NotJoined,
        format!(
            "the instance {} runs and has not joined the cluster {cluster}",
            instance.id
        ),
        with(
            evidence,
            [format!(
                "it runs since {}, and its agent has not registered with {cluster}",
                instance.launched_at.unwrap_or_default().clock()
            )],
        ),
        vec![format!(
            "launchTemplates:\n  NAME: {{ cluster: {cluster}, imageId: \
             ecs-optimized:amazon-linux-2023, instanceProfile: … }}\n\
             and replace the instance; its user data may name another cluster, its role lack \
             AmazonEC2ContainerServiceforEC2Role, or its subnet have no way to ECS"
        )],
    );
    true
}

fn strangers<'a>(case: &Case<'a>, group: &Group) -> Vec<&'a Instance> {
    let picture = case.picture;
    let joined = |id: &str| {
        picture
            .container_instances
            .iter()
            .any(|it| it.ec2_instance_id == id)
    };
    let own = group.instances.iter().filter(|it| !joined(&it.id));
    own.filter_map(|it| picture.instance(&it.id))
        .filter(|it| ["pending", "running"].contains(&it.state.as_str()))
        .collect()
}

/// A task of launch type EC2 that finds no room is refused at once and waits nowhere, so that
/// managed scaling cannot count it.
fn unseen(case: &mut Case<'_>, evidence: &[String]) -> bool {
    let picture = case.picture;
    let cluster = picture
        .clusters
        .iter()
        .find(|it| it.cluster_arn == case.service.cluster_arn);
    let providers = cluster.map_or(&[][..], |it| &it.capacity_providers);
    let Some(provider) = providers.first() else {
        return false;
    };
    if case.service.launch_type.as_deref() != Some("EC2") || evidence.is_empty() {
        return false;
    }
    let name = case.name();
    case.wrong(
        Cause::LaunchTypeUnseen,
        format!("managed scaling does not see that {name} needs an instance"),
        with(
            evidence,
            [format!(
                "{name} has the launch type EC2; {provider} adds instances only for tasks that it \
             places itself"
            )],
        ),
        vec![format!(
            "services:\n  {name}:\n    launchType: null\n    capacityProviderStrategy:\n      - {{ \
             capacityProvider: {provider}, weight: 1 }}"
        )],
    );
    true
}

fn at_max(case: &mut Case<'_>, group: &Group, evidence: &[String]) -> bool {
    if group.desired_capacity < group.max_size {
        return false;
    }
    let coming = strangers(case, group);
    if !coming.is_empty() {
        return false;
    }
    let name = case.name();
    case.wrong(
        Cause::GroupAtMax,
        format!(
            "the group {} has all the instances it may, and none has room for {name}",
            group.name
        ),
        with(
            evidence,
            [format!(
                "{} has {} instances, and its maxSize is {}",
                group.name, group.desired_capacity, group.max_size
            )],
        ),
        vec![format!(
            "autoScalingGroups:\n  {}: {{ maxSize: {} }}",
            group.name,
            group.max_size + 1
        )],
    );
    true
}

fn managed(
    case: &mut Case<'_>,
    provider: &CapacityProvider,
    group: &Group,
    evidence: &[String],
) -> bool {
    let settings = provider.auto_scaling_group_provider.as_ref();
    let status = settings.map_or("", |it| it.managed_scaling.status.as_str());
    let coming = strangers(case, group);
    if status != "ENABLED" && coming.is_empty() {
        case.wrong(
            Cause::ManagedScalingDisabled,
            format!(
                "nothing adds instances: managed scaling of {} is off",
                provider.name
            ),
            with(
                evidence,
                [format!(
                    "{} has {} of at most {} instances",
                    group.name, group.desired_capacity, group.max_size
                )],
            ),
            vec![format!(
                "capacityProviders:\n  {}: {{ managedScaling: {{ status: ENABLED }} }}",
                provider.name
            )],
        );
        return true;
    }
    let which: Vec<&str> = coming.iter().map(|it| it.id.as_str()).collect();
    let state = match which.is_empty() {
        true => format!(
            "{} is to have {} instances",
            group.name, group.desired_capacity
        ),
        false => format!("{} started and will join within minutes", which.join(", ")),
    };
    case.wrong(
        Cause::CapacityWarmingUp,
        format!(
            "{} makes room for {}: instances are on their way",
            provider.name,
            case.name()
        ),
        with(evidence, [state]),
        vec!["wait: setpoint events --follow".into()],
    );
    true
}
