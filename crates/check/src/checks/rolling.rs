//! Rolling deployments that may neither stop an old task nor start a new one.

use crate::system::{Run, System, number};
use serde_json::json;
use setpoint_spec::{Code, Problem};

pub(super) fn check(system: &System<'_>, code: Code, problems: &mut Vec<Problem>) {
    for run in system.runs() {
        let controller = &run.service.value["deploymentController"]["type"];
        if !controller.is_null() && controller != "ECS" {
            continue;
        }
        let rebalances = run.service.value["availabilityZoneRebalancing"] == "ENABLED";
        let (least, most) = percents(&run);
        if rebalances && most <= 100 {
            let message = format!("{} rebalances zones and may never run a task more", run.service.name);
            let why = "ECS refuses the two together: to move a task, it starts the new one first";
            problems.push(problem(system, code, &run, message, why));
        } else if let Some(tasks) = stuck(&run, least, most) {
            let message = format!(
                "a deployment of {tasks} tasks of {} must keep {} running and may run {}: it never \
                 moves",
                run.service.name,
                (tasks * least).div_ceil(100),
                tasks * most / 100
            );
            let why = "ECS rounds the least up and the most down; the deployment waits for ever, and \
                       says that it was \"unable to stop or start tasks\"";
            problems.push(problem(system, code, &run, message, why));
        }
    }
}

/// `minimumHealthyPercent` and `maximumPercent`.
fn percents(run: &Run<'_>) -> (u64, u64) {
    let configuration = &run.service.value["deploymentConfiguration"];
    let of = |member: &str, or| number(&configuration[member]).unwrap_or(or);
    (of("minimumHealthyPercent", 100), of("maximumPercent", 200))
}

/// The least number of tasks of which none may be stopped and none started.
fn stuck(run: &Run<'_>, least: u64, most: u64) -> Option<u64> {
    let (from, to) = run.tasks();
    // Rounding matters less the more there are.
    let mut counts = from.max(1)..=to.min(from.saturating_add(100));
    counts.find(|tasks| {
        let keeps = tasks.saturating_mul(least).div_ceil(100);
        let runs = tasks.saturating_mul(most) / 100;
        keeps >= *tasks && runs <= *tasks
    })
}

fn problem(system: &System<'_>, code: Code, run: &Run<'_>, message: String, why: &str) -> Problem {
    let path = run.service.at(["deploymentConfiguration".into(), "maximumPercent".into()]);
    let span = match system.source.at(&path) {
        Some(_) => system.span(&path),
        None => system.source.span_of_key(&run.service.path),
    };
    let problem = Problem::error(code, span, message).why(why);
    match system.source.put(&path, &json!(200)) {
        Some(edit) => problem.fix("allow twice as many tasks meanwhile", vec![edit]),
        None => problem.hint("maximumPercent: 200"),
    }
}
