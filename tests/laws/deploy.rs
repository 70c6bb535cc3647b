//! How deployments end: what is told, with which evidence, and how soon.

use crate::bench::{self, Bench, Ended, habits, shown};
use serde_json::{Value, json};
use setpoint_core::{Address, Report};
use setpoint_twin::{Caller, Input, Time, World, service};
use std::time::Duration;

/// How soon after its evidence a deployment that cannot succeed is given up.
const SOON: Duration = Duration::from_secs(30);

fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} is not in\n{text}");
    text.replace(from, to)
}

const BREAKER: &str = "    deploymentConfiguration:\n      deploymentCircuitBreaker: { enable: true, \
                       rollback: true }\n";

/// The flash sale without its circuit breaker: it is for the program to notice and to give up.
fn flash_sale() -> String {
    replaced(&bench::flash_sale(), BREAKER, "")
}

/// The flash sale with something more in its container.
fn with_container(more: &str) -> String {
    let line = "        memory: 512\n";
    replaced(&flash_sale(), line, &format!("{line}        {more}\n"))
}

/// The same with a circuit breaker that rolls back.
fn with_breaker(text: &str) -> String {
    let line = "    desiredCount: 1\n";
    replaced(text, line, &format!("{line}{BREAKER}"))
}

fn does(world: &mut World, service: &str, action: &str, members: Value) -> Value {
    let input = Input {
        service: service.into(),
        action: action.into(),
        caller: Caller::default(),
        members: members.as_object().cloned().unwrap_or_default(),
    };
    service::run(world, &input).unwrap_or_else(|err| panic!("{action}: {err}"))
}

/// What the report says of the service, in one line.
#[track_caller]
fn told(report: &Report) -> String {
    let service = |it: &&Address| it.to_string() == "service.flash-sale-service";
    let failed = report.failed.keys().find(service);
    let failed = failed.unwrap_or_else(|| panic!("the service did not fail: {report:#?}"));
    let text = report.failed[failed].to_string();
    assert!(!text.contains('\n'), "{text}");
    text
}

/// Deploys what cannot succeed: it is told with these words, soon after the evidence.
async fn cannot_succeed(
    bench: &Bench,
    text: &str,
    words: &[&str],
    evidence: impl FnOnce(&World) -> Time,
) {
    let report = bench.apply(text).await.report();
    let text = told(&report);
    for word in words {
        assert!(text.contains(word), "{word} is not told in: {text}");
    }
    let evidence = bench.twin.look(evidence);
    let took = bench.twin.now().since(evidence);
    assert!(took <= SOON, "it took {took:?} after the evidence: {text}");
}

/// When the task of that number, counted from 1, stopped by itself, of the newest definition.
fn stopped(number: usize) -> impl FnOnce(&World) -> Time {
    move |world| {
        let service = world.ecs.services.values().next().expect("there is one");
        let newest = &service.task_definition;
        let mut stops: Vec<Time> = world
            .ecs
            .tasks
            .values()
            .filter(|it| it.task_definition == *newest)
            .filter_map(|it| it.stopped_at)
            .collect();
        stops.sort();
        stops
            .get(number - 1)
            .copied()
            .unwrap_or_else(|| panic!("only {} tasks stopped: {:#?}", stops.len(), service.events))
    }
}

/// When the service said that for the so many-th time.
fn said(number: usize, words: &'static str) -> impl FnOnce(&World) -> Time {
    move |world| {
        let service = world.ecs.services.values().next().expect("there is one");
        let saying = service
            .events
            .iter()
            .filter(|(_, _, it)| it.contains(words));
        let mut times: Vec<Time> = saying.map(|(at, _, _)| *at).collect();
        times.sort();
        *times
            .get(number - 1)
            .unwrap_or_else(|| panic!("{:#?}", service.events))
    }
}

async fn applied() -> Bench {
    let bench = Bench::new(11, habits());
    bench.apply(&flash_sale()).await.succeeds();
    bench
}

#[tokio::test(start_paused = true)]
async fn a_deployment_that_succeeds_is_done_when_its_tasks_are_healthy() {
    let bench = applied().await;
    let text = with_container("environment: [{ name: ROUND, value: \"2\" }]");
    bench.apply(&text).await.succeeds();
    bench.twin.look(|world| {
        let service = world.ecs.services.values().next().expect("there is one");
        assert_eq!(service.deployments[0].rollout, "COMPLETED");
        assert_eq!(service.deployments.len(), 1);
    });
    bench.is_applied(&text).await;
}

#[tokio::test(start_paused = true)]
async fn a_breaker_that_rolls_back_is_told_with_the_reason() {
    let bench = Bench::new(11, habits());
    bench.apply(&with_breaker(&flash_sale())).await.succeeds();
    let text = with_breaker(&with_container("command: [\"false\"]"));
    let report = bench.apply(&text).await.report();
    let told = told(&report);
    assert!(told.contains("exit code 1"), "{told}");
    assert!(
        told.contains("rolling back") || told.contains("rolled back"),
        "{told}"
    );
    // What runs is the revision of before, so there is still something to do.
    let plan = bench.plan(&text).await.expect("there is a plan");
    assert!(!plan.is_empty());
    bench.apply(&with_breaker(&flash_sale())).await.succeeds();
}

#[tokio::test(start_paused = true)]
async fn a_rollback_that_fails_too_is_told() {
    let bench = Bench::new(11, habits());
    bench.apply(&with_breaker(&flash_sale())).await.succeeds();
    // Neither the new image nor the one of before can be pulled any more.
    bench
        .twin
        .change(|world| world.habits.images_must_exist = true);
    let text = with_breaker(&replaced(&flash_sale(), "tag: v1", "tag: next"));
    let report = bench.apply(&text).await.report();
    let told = told(&report);
    assert!(told.contains("CannotPull"), "{told}");
    assert!(told.contains("next"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_task_larger_than_every_instance_is_given_up() {
    let bench = applied().await;
    let text = replaced(&flash_sale(), "memory: 512", "memory: 4000");
    let words = ["4000 MiB", "no instance of the cluster has that much"];
    let start = bench.twin.now();
    cannot_succeed(&bench, &text, &words, |_| start).await;
}

#[tokio::test(start_paused = true)]
async fn an_image_that_is_missing_is_given_up() {
    let bench = applied().await;
    let text = replaced(&flash_sale(), "tag: v1", "tag: missing");
    let words = ["CannotPull", "flash-sale-webapp:missing", "not found"];
    cannot_succeed(&bench, &text, &words, stopped(1)).await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_loop_is_given_up_after_three_crashes() {
    let bench = applied().await;
    let text = with_container("command: [sh, -c, \"sleep 5; exit 3\"]");
    cannot_succeed(
        &bench,
        &text,
        &["exit code 3", "3 tasks failed"],
        stopped(3),
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_health_check_that_fails_is_given_up_after_three_tasks() {
    let bench = applied().await;
    let check =
        "healthCheck: { command: [CMD-SHELL, exit 1], interval: 5, timeout: 2, retries: 2 }";
    let text = with_container(check);
    let words = ["failed container health checks", "3 tasks failed"];
    cannot_succeed(&bench, &text, &words, stopped(3)).await;
}

#[tokio::test(start_paused = true)]
async fn a_log_group_that_is_missing_is_given_up() {
    let bench = applied().await;
    let text = with_container("environment: [{ name: ROUND, value: \"2\" }]");
    let twin = bench.twin.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let group = json!({"logGroupName": "/ecs/flash-sale-webapp"});
        twin.change(|world| does(world, "logs", "DeleteLogGroup", group));
    });
    let words = ["The specified log group does not exist"];
    cannot_succeed(&bench, &text, &words, stopped(1)).await;
}

#[tokio::test(start_paused = true)]
async fn an_execution_role_that_cannot_be_assumed_is_given_up() {
    let bench = applied().await;
    let text = replaced(
        &flash_sale(),
        "[ecs-tasks.amazonaws.com]",
        "[ecs.amazonaws.com]",
    );
    let text = replaced(&text, "tag: v1", "tag: next");
    let words = ["unable to assume the role", "ecsTaskExecutionRole"];
    cannot_succeed(&bench, &text, &words, said(3, "unable to assume the role")).await;
}

#[tokio::test(start_paused = true)]
async fn a_deployment_that_another_replaces_is_told_by_both_names() {
    let bench = applied().await;
    let text = with_container("environment: [{ name: ROUND, value: \"2\" }]");
    let twin = bench.twin.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(20)).await;
        let force = json!({
            "cluster": "flash-sale-cluster", "service": "flash-sale-service",
            "forceNewDeployment": true,
        });
        twin.change(|world| does(world, "ecs", "UpdateService", force));
    });
    let report = bench.apply(&text).await.report();
    let told = told(&report);
    assert!(told.contains("was replaced by"), "{told}");
    bench.apply(&text).await.succeeds();
}

#[tokio::test(start_paused = true)]
async fn a_failure_of_before_is_not_this_deployment_s() {
    let bench = applied().await;
    let broken = with_container("command: [\"false\"]");
    let report = bench.apply(&broken).await.report();
    assert!(told(&report).contains("exit code 1"));
    let text = with_container("environment: [{ name: ROUND, value: \"3\" }]");
    bench.apply(&text).await.succeeds();
    bench.is_applied(&text).await;
}

#[tokio::test(start_paused = true)]
async fn what_may_yet_succeed_is_waited_for_until_the_timeout() {
    let bench = Bench::new(11, habits());
    let text = replaced(&flash_sale(), "desiredCount: 1", "desiredCount: 12");
    let text = text
        .split("\nscaling:")
        .next()
        .expect("there is a first part")
        .to_owned();
    let start = bench.twin.now();
    let report = bench.apply(&text).await.report();
    let told = told(&report);
    assert!(told.contains("not done after 20m"), "{told}");
    assert!(told.contains("of 12 tasks running"), "{told}");
    assert!(bench.twin.now().since(start) < Duration::from_secs(23 * 60));
}

#[tokio::test(start_paused = true)]
async fn an_interrupted_apply_says_what_it_left() {
    let bench = Bench::new(11, habits());
    let ended = bench
        .interrupted_after(Duration::from_secs(30), &flash_sale())
        .await;
    let Ended::Reported(report) = ended else {
        panic!("there is a report");
    };
    assert!(report.failed.is_empty(), "{report:#?}");
    assert!(report.stopped && !report.is_success(), "{report:#?}");
    assert!(
        !report.left.is_empty() || !report.unsettled.is_empty(),
        "{report:#?}"
    );
    bench.apply(&flash_sale()).await.succeeds();
    bench.is_applied(&flash_sale()).await;
}

#[tokio::test(start_paused = true)]
async fn what_was_given_up_is_told_by_every_run_until_it_is_mended_and_then_waited_for() {
    let bench = applied().await;
    let exists = |exists: bool| {
        let must = !exists;
        bench
            .twin
            .change(|world| world.habits.images_must_exist = must);
    };
    exists(false);
    let text = replaced(&flash_sale(), "tag: v1", "tag: next");
    for _ in 0..3 {
        let report = bench.apply(&text).await.report();
        assert!(told(&report).contains("CannotPull"), "{report:#?}");
        let plan = bench.plan(&text).await.expect("there is a plan");
        assert!(plan.is_empty() && !plan.is_settled(), "{}", shown(&plan));
    }
    exists(true);
    bench.apply(&text).await.succeeds();
    bench.is_applied(&text).await;
}
