//! What the service itself says.

use super::{Case, Cause};
use crate::words::last;

pub(super) fn find(case: &mut Case<'_>) {
    let (name, service) = (case.name(), case.service);
    if service.status == "DRAINING" {
        case.wrong(
            Cause::ServiceDraining,
            format!("{name} is being deleted"),
            vec![format!(
                "its status is DRAINING, with {} tasks running",
                service.running_count
            )],
            vec!["setpoint apply   # makes it anew once it is gone".into()],
        );
        return;
    }
    if service.desired_count == 0 && service.scheduling_strategy != "DAEMON" {
        let target = case.picture.target_of(service);
        let bounds = target.map(|it| {
            format!(
                "scaling keeps it between {} and {} tasks",
                it.min_capacity, it.max_capacity
            )
        });
        let remedy = match target {
            Some(it) if it.max_capacity == 0 => format!("scaling:\n  {name}: {{ maxCapacity: 1 }}"),
            Some(it) if it.min_capacity == 0 => format!("scaling:\n  {name}: {{ minCapacity: 1 }}"),
            _ => format!("services:\n  {name}: {{ desiredCount: 1 }}"),
        };
        let mut evidence = vec!["its desired count is 0".to_owned()];
        evidence.extend(bounds);
        case.wrong(
            Cause::DesiredZero,
            format!("{name} is to have no tasks"),
            evidence,
            vec![remedy],
        );
    }
    let definition = case.definition();
    if definition["status"] == "INACTIVE" {
        case.wrong(
            Cause::DefinitionInactive,
            format!("the task definition of {name} is deregistered"),
            vec![format!(
                "{} is INACTIVE: running tasks stay, and no new deployment can use it",
                last(&service.task_definition)
            )],
            vec!["setpoint apply   # registers a new revision".into()],
        );
    }
}
