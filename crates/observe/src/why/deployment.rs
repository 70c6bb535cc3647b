//! Deployments that fail, are stuck, or are on their way.

use super::{Case, Cause};
use crate::words::{last, short};

pub(super) fn find(case: &mut Case<'_>) {
    breaker(case);
    if case.is_wrong() {
        return;
    }
    stuck(case);
    let Some(primary) = case.service.primary() else {
        return;
    };
    if primary.rollout_state.as_deref() == Some("IN_PROGRESS") && !case.is_wrong() {
        case.note(
            Cause::DeploymentRunning,
            format!("a deployment of {} is on its way", case.name()),
            vec![format!(
                "{}: {} of {} tasks run since {}; target tracking does not scale in meanwhile",
                last(&primary.task_definition),
                primary.running_count,
                primary.desired_count,
                primary.created_at.unwrap_or_default().clock()
            )],
            vec!["setpoint events --follow".into()],
        );
    }
}

fn breaker(case: &mut Case<'_>) {
    let Some(event) = case.deployment_failed() else {
        return;
    };
    let name = case.name();
    let said = format!("{}: {}", event.created_at.clock(), event.message);
    match case.rolled_back_to() {
        Some(id) => case.wrong(
            Cause::BreakerRolledBack,
            format!("the newest deployment of {name} failed, and the one before runs again"),
            vec![
                said,
                format!(
                    "{} is what runs now, by deployment {}",
                    last(&case.service.task_definition),
                    short(last(id))
                ),
            ],
            vec!["mend the task definition, and setpoint apply".into()],
        ),
        None => case.wrong(
            Cause::BreakerTripped,
            format!("the circuit breaker gave the deployment of {name} up"),
            vec![said],
            vec!["mend the task definition, and setpoint apply".into()],
        ),
    }
}

fn stuck(case: &mut Case<'_>) {
    let service = case.service;
    let settings = &service.deployment_configuration;
    let is_daemon = service.scheduling_strategy == "DAEMON";
    let least = settings
        .minimum_healthy_percent
        .unwrap_or(if is_daemon { 0 } else { 100 });
    let most = settings
        .maximum_percent
        .unwrap_or(if is_daemon { 100 } else { 200 });
    let desired = service.desired_count;
    let (kept, allowed) = ((desired * least + 99) / 100, desired * most / 100);
    let going = service.deployments.len() > 1;
    let said = case.complaint("because of the service deployment configuration");
    if !going || kept < allowed || desired == 0 {
        return;
    }
    let mut evidence = vec![format!(
        "of {desired} tasks, {kept} are kept ({least} %, rounded up) and {allowed} allowed \
         ({most} %, rounded down): none can stop before one starts, nor the other way round"
    )];
    evidence.extend(said.map(|it| format!("{}: {}", it.created_at.clock(), it.message)));
    let name = case.name();
    case.wrong(
        Cause::DeploymentStuck,
        format!("the deployment of {name} cannot move"),
        evidence,
        vec![format!(
            "services:\n  {name}:\n    deploymentConfiguration: {{ minimumHealthyPercent: {least}, \
             maximumPercent: 200 }}"
        )],
    );
}
