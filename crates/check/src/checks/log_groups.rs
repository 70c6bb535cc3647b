//! Containers that write to a log group that nobody makes.

use crate::{near::near, system::System};
use serde_json::json;
use setpoint_spec::{Code, Problem};

pub(super) fn check(system: &System<'_>, code: Code, problems: &mut Vec<Problem>) {
    let made = system.items("logGroups");
    for definition in system.items("taskDefinitions") {
        for container in definition.containers() {
            let logs = &container.value["logConfiguration"];
            let options = &logs["options"];
            let Some(group) = options["awslogs-group"].as_str() else {
                continue;
            };
            let makes_it = options["awslogs-create-group"] == "true"
                || options["awslogs-create-group"] == true;
            let is_there = made.iter().any(|it| it.name == group)
                || system.exists("logGroups", group);
            if logs["logDriver"] != "awslogs" || makes_it || is_there {
                continue;
            }
            let steps = ["logConfiguration".into(), "options".into(), "awslogs-group".into()];
            let path = container.at(steps);
            let message = format!(
                "{} writes to the log group `{group}`, and nothing makes it",
                container.name()
            );
            let mut problem = Problem::error(code, system.span(&path), message).why(
                "the container cannot start: \"The specified log group does not exist\" is in its \
                 reason, and the service only says that it cannot start tasks",
            );
            let write = |it: Option<_>| it.into_iter().collect::<Vec<_>>();
            if let Some(near) = near(group, made.iter().map(|it| it.name)) {
                let edits = write(system.source.replace(&path, &json!(near)));
                problem = problem
                    .hint(format!("did you mean `{near}`?"))
                    .fix(format!("write `{near}`"), edits);
            }
            let home = ["logGroups".into(), group.into()];
            let edits = write(system.source.put(&home, &json!({"retentionInDays": 14})));
            problems.push(problem.fix(format!("make `{group}`"), edits));
        }
    }
}
