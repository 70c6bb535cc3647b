//! The user's word to start nothing more.

use crate::toys::*;
use setpoint_core::{
    Desired, Stop,
    testkit::{At, Fault},
};
use std::time::Duration;

/// Applies `desired`, gives the word as soon as an event reads `word`, and lists the troubles.
async fn stopped_at(world: &World, desired: &Desired, word: &str) -> Vec<String> {
    let plan = world.plan(desired).await;
    world.account.clear();
    let (stop, stopped) = Stop::new();
    let hear = |event: &str| {
        if event == word {
            stop.send_replace(true);
        }
    };
    world.apply_until(plan, stopped, hear).await.troubles()
}

fn world_at_work() -> World {
    let world = world();
    let second = Duration::from_secs(1);
    world.account.set_latency(second / 10, second);
    world
}

#[tokio::test(start_paused = true)]
async fn running_writes_are_heard_out_and_what_is_left_is_reported() {
    let world = world_at_work();
    let plan = world.plan(&web("web:1", 1)).await;
    let (stop, stopped) = Stop::new();
    let (told, ()) = futures::join!(world.apply_until(plan, stopped, |_| ()), async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        stop.send_replace(true);
    });
    assert_eq!(
        told.troubles(),
        [
            "unsettled role.exec: written, and not looked at again",
            "left service.web",
            "left task-definition.web",
        ]
    );
    assert!(!told.report.is_success());
    assert_eq!(world.account.effects(), ["create role.exec"]);
    world.reach(&web("web:1", 1)).await;
}

#[tokio::test(start_paused = true)]
async fn what_settles_is_not_waited_for_any_longer() {
    let world = world_at_work();
    let stack = web("web:1", 1);
    assert_eq!(
        stopped_at(&world, &stack, "service.web waits for AWS to finish").await,
        ["unsettled service.web: AWS to finish"]
    );
    // The next run waits for it to the end.
    let plan = world.plan(&stack).await;
    assert!(plan.is_empty() && !plan.is_settled());
    let told = world.apply(plan).await;
    assert_eq!(told.done(), ["service.web"]);
    world.is_at(&stack).await;
}

#[tokio::test(start_paused = true)]
async fn a_word_given_before_the_start_starts_nothing() {
    let world = world();
    let plan = world.plan(&web("web:1", 1)).await;
    let (stop, stopped) = Stop::new();
    stop.send_replace(true);
    let told = world.apply_until(plan, stopped, |_| ()).await;
    assert_eq!(told.events, [""; 0]);
    assert_eq!(world.account.writes(), [""; 0]);
    assert_eq!(told.report.left.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_fails_after_the_word_is_not_tried_again() {
    let world = world_at_work();
    let desired = Desired::default().and("a", part(&[])).and("b", part(&[]));
    let plan = world.plan(&desired).await;
    world.account.clear();
    let line = |it: &str| At::Line(format!("create part.{it}"));
    world.account.fault(line("a"), Fault::Unsure);
    world.account.fault(line("b"), Fault::Refused);
    let (stop, stopped) = Stop::new();
    let (told, ()) = futures::join!(world.apply_until(plan, stopped, |_| ()), async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        stop.send_replace(true);
    });
    assert_eq!(
        told.troubles(),
        ["failed part.b: create part.b failed", "left part.a"]
    );
    assert_eq!(world.account.writes().len(), 2);
}
