//! A count that the autoscaler owns, written as if it were the stack's.

use crate::system::{System, number};
use serde_json::json;
use setpoint_spec::{Code, Problem};

pub(super) fn check(system: &System<'_>, code: Code, problems: &mut Vec<Problem>) {
    for run in system.runs() {
        let Some(scaling) = run.scaling else {
            continue;
        };
        let path = run.service.at(["desiredCount".into()]);
        let Some(count) = number(&run.service.value["desiredCount"]) else {
            continue;
        };
        let (least, most) = run.tasks();
        if (least..=most).contains(&count) || least > most {
            continue;
        }
        let span = system.span(&path);
        let message = format!(
            "{} is to begin with {count} tasks, and its scaling keeps it from {least} to {most}",
            run.service.name
        );
        let nearest = count.clamp(least, most);
        let edit = system.source.replace(&path, &json!(nearest));
        let problem = Problem::error(code, span, message)
            .why("the autoscaler moves the count at once, and the first deployment with it")
            .also(system.span(&scaling.path), "the scaling");
        problems.push(match edit {
            Some(edit) => problem.fix(format!("begin with {nearest}"), vec![edit]),
            None => problem,
        });
    }
}
