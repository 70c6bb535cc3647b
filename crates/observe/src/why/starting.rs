//! Tasks that do not get as far as running.

use super::{Case, Cause};
use crate::{
    picture::Task,
    words::{last, short},
};

pub(super) fn find(case: &mut Case<'_>) {
    role(case);
    for task in case.failed() {
        if case.is_wrong() {
            return;
        }
        for (container, reason) in reasons(task) {
            told(case, task, &container, &reason);
        }
    }
}

fn role(case: &mut Case<'_>) {
    let Some(event) = case.complaint("unable to assume the role") else {
        return;
    };
    let role = event.message.split('\'').nth(1).unwrap_or_default();
    let (name, role) = (case.name(), last(role));
    case.wrong(
        Cause::RoleNotAssumable,
        format!("ECS cannot assume the role {role} for the tasks of {name}"),
        vec![format!(
            "{}: failed to launch a task: unable to assume the role {role}: it does not exist, or \
             does not trust ecs-tasks.amazonaws.com",
            event.created_at.clock()
        )],
        vec![format!(
            "roles:\n  {role}:\n    trustedBy: [ecs-tasks.amazonaws.com]"
        )],
    );
}

/// Why a task did not start, by container; the task's own reason is under no name.
fn reasons(task: &Task) -> Vec<(String, String)> {
    let containers = task.containers.iter();
    let own = containers.filter_map(|it| Some((it.name.clone(), it.reason.clone()?)));
    let whole = task.stopped_reason.clone().map(|it| (String::new(), it));
    own.chain(whole).collect()
}

fn told(case: &mut Case<'_>, task: &Task, container: &str, reason: &str) {
    let name = case.name();
    let when = task.stopped_at.or(task.created_at).unwrap_or_default();
    let evidence = vec![format!(
        "{} task {} {}: {reason}",
        when.clock(),
        short(task.id()),
        container
    )];
    let own = task.containers.iter().find(|it| it.name == container);
    let image = own.and_then(|it| it.image.clone()).unwrap_or_default();
    let role = case.definition()["executionRoleArn"].as_str();
    let role = role.map_or("the instance's role", last).to_owned();
    let denied = reason.contains("AccessDenied")
        || reason.contains("not authorized")
        || reason.contains("403 Forbidden");
    if reason.contains("CannotPull") {
        match () {
            () if reason.contains("matching platform") => platform(case, &image, evidence),
            () if denied => case.wrong(
                Cause::ImageDenied,
                format!("{role} may not pull the image of {container}"),
                evidence,
                vec![format!(
                    "roles:\n  {role}:\n    managedPolicies: [AmazonECSTaskExecutionRolePolicy]"
                )],
            ),
            () => case.wrong(
                Cause::ImageMissing,
                format!("the image of {container} is not there: {}", last(&image)),
                evidence,
                vec![
                    format!("push {image}, or name a tag that is there:"),
                    format!(
                        "aws ecr describe-images --repository-name {} --query \
                         'imageDetails[].imageTags'",
                        repository(&image)
                    ),
                ],
            ),
        }
    } else if reason.contains("failed to create Cloudwatch log") {
        let group = log_group(case, container);
        match denied {
            true => case.wrong(
                Cause::LogDenied,
                format!("{role} may not write the log of {container}"),
                evidence,
                vec![format!(
                    "roles:\n  {role}:\n    managedPolicies: [AmazonECSTaskExecutionRolePolicy]"
                )],
            ),
            false => case.wrong(
                Cause::LogGroupMissing,
                format!("the log group {group} of {container} does not exist"),
                evidence,
                vec![format!("logGroups:\n  {group}: {{ retentionInDays: 14 }}")],
            ),
        }
    } else if reason.contains("Fetching secret data") || reason.contains("unable to pull secrets") {
        let remedy = match denied {
            true => {
                format!("let {role} read it: ssm:GetParameters or secretsmanager:GetSecretValue")
            }
            false => "make it: aws ssm put-parameter --type SecureString --name NAME --value VALUE"
                .into(),
        };
        case.wrong(
            Cause::SecretUnreadable,
            format!("a secret of {name} cannot be read"),
            evidence,
            vec![remedy],
        );
    }
}

/// What is said of an image that is for other processors.
pub(super) fn platform(case: &mut Case<'_>, image: &str, evidence: Vec<String>) {
    case.wrong(
        Cause::ImagePlatform,
        format!("{} is for other processors than the instances", last(image)),
        evidence,
        vec![
            "images:\n  NAME: { platform: linux/amd64 }   # or linux/arm64, as the instances"
                .into(),
        ],
    );
}

fn repository(image: &str) -> &str {
    let path = image.split_once('/').map_or(image, |it| it.1);
    path.split(['@', ':']).next().unwrap_or_default()
}

fn log_group(case: &Case<'_>, container: &str) -> String {
    let mut containers = case.containers().iter();
    let own = containers.find(|it| it["name"] == container);
    let group = own.and_then(|it| it["logConfiguration"]["options"]["awslogs-group"].as_str());
    group.unwrap_or_default().to_owned()
}
