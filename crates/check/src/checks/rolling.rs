//! Rolling deployments that may neither stop an old task nor start a new one.

use super::arithmetic::has_static_port;
use crate::system::{Run, System, number};
use serde_json::json;
use setpoint_spec::{Code, Problem};

pub(super) fn check(system: &System<'_>, code: Code, problems: &mut Vec<Problem>) {
    for run in system.runs().filter(|it| it.is_rolling()) {
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
        } else if let Some(tasks) = crowded(&run, least) {
            problems.push(without_port(system, code, &run, tasks, least));
        }
    }
}

/// `minimumHealthyPercent` and `maximumPercent`.
fn percents(run: &Run<'_, '_>) -> (u64, u64) {
    let configuration = &run.service.value["deploymentConfiguration"];
    let of = |member: &str, or| number(&configuration[member]).unwrap_or(or);
    (of("minimumHealthyPercent", 100), of("maximumPercent", 200))
}

/// The least number of tasks of which none may be stopped and none started.
fn stuck(run: &Run<'_, '_>, least: u64, most: u64) -> Option<u64> {
    let (from, to) = run.tasks();
    // Rounding matters less the more there are.
    let mut counts = from.max(1)..=to.min(from.saturating_add(100));
    counts.find(|tasks| {
        let keeps = tasks.saturating_mul(least).div_ceil(100);
        let runs = tasks.saturating_mul(most) / 100;
        keeps >= *tasks && runs <= *tasks
    })
}

/// How many tasks there are when each instance has one, and its port is taken; nothing if that
/// cannot come about, or one of them may be stopped first.
fn crowded(run: &Run<'_, '_>, least: u64) -> Option<u64> {
    let definition = run.definition.filter(|it| has_static_port(it) && run.is_on_ec2())?;
    let instances = run.most_instances().filter(|it| *it > 0)?;
    let (from, to) = run.tasks();
    let keeps = instances.saturating_mul(least).div_ceil(100);
    let can_be = (from.max(1)..=to).contains(&instances) && !definition.host_ports().is_empty();
    (can_be && keeps >= instances).then_some(instances)
}

fn without_port(
    system: &System<'_>,
    code: Code,
    run: &Run<'_, '_>,
    tasks: u64,
    least: u64,
) -> Problem {
    let ports = run.definition.map(|it| it.host_ports()).unwrap_or_default();
    let port = ports.iter().find(|it| **it > 0).copied().unwrap_or_default();
    let message = format!(
        "{tasks} tasks of {} have port {port} of all {tasks} instances, and a deployment must keep \
         {least} % of them running: there is no port for a new one",
        run.service.name
    );
    let home = ["deploymentConfiguration".into(), "minimumHealthyPercent".into()];
    let path = run.service.at(home);
    let span = match system.source.at(&path) {
        Some(_) => system.span(&path),
        None => system.source.span_of_key(&run.service.path),
    };
    let problem = Problem::error(code, span, message)
        .why("the deployment waits for ever, and says that it was unable to place a task")
        .hint("or give the container host port 0, and reach the tasks through a load balancer");
    let lower = 100 * (tasks - 1) / tasks;
    let mut problem = problem;
    if let [fleet] = run.fleets {
        let size = fleet.group.at(["maxSize".into()]);
        if let Some(edit) = system.source.replace(&size, &json!(tasks + 1)) {
            problem = problem.fix("allow one instance more", vec![edit]);
        }
    }
    match system.source.put(&path, &json!(lower)) {
        Some(edit) => problem.fix("let a deployment stop a task first", vec![edit]),
        None => problem,
    }
}

fn problem(system: &System<'_>, code: Code, run: &Run<'_, '_>, message: String, why: &str) -> Problem {
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
