//! Waiting until AWS is done with what it accepted, and what can come of it.

use crate::toys::*;
use setpoint_core::{ChangeError, Desired, Limits, Owner, Stop, testkit::Operation};
use std::time::Duration;
use tokio::time::Instant;

fn one() -> Desired {
    Desired::default().and("a", part(&[]))
}

#[tokio::test(start_paused = true)]
async fn what_settles_is_waited_for_and_told_once() {
    let world = world_with(|parts| parts.settling_for(5));
    let told = world.go(&one()).await;
    assert_eq!(
        told.events,
        [
            "part.a starts to create",
            "part.a waits for AWS to finish",
            "part.a is done",
        ]
    );
    assert_eq!(world.account.count(Operation::Observe), 1 + 6);
}

#[tokio::test(start_paused = true)]
async fn what_aws_gives_up_on_fails_with_its_reason() {
    let world = world();
    world.services.doom("web", "no capacity");
    let told = world.go(&web("web:1", 1)).await;
    assert_eq!(told.troubles(), ["failed service.web: no capacity"]);
    assert_eq!(told.done(), ["role.exec", "task-definition.web"]);
}

#[tokio::test(start_paused = true)]
async fn what_aws_gave_up_on_before_fails_every_run_until_it_is_mended() {
    let world = world();
    let stack = web("web:1", 1);
    world.services.doom("web", "no capacity");
    world.go(&stack).await;
    for _ in 0..2 {
        world.account.clear();
        let told = world.go(&stack).await;
        assert_eq!(told.troubles(), ["failed service.web: no capacity"]);
        assert_eq!(world.account.effects(), [""; 0]);
    }
    world.services.redeem();
    world.is_at(&stack).await;
}

#[tokio::test(start_paused = true)]
async fn patience_runs_out() {
    let mut world = world_with(|parts| parts.settling_for(u32::MAX));
    world.limits.patience = minutes(3);
    let stack = one().and("b", part(&["a"]));
    let begun = Instant::now();
    let told = world.go(&stack).await;
    let failed = "not done after 3m: AWS to finish";
    assert_eq!(
        told.troubles(),
        [
            format!("failed part.a: {failed}"),
            format!("failed part.b: {failed}")
        ]
    );
    assert!(begun.elapsed() < minutes(4));
}

#[tokio::test(start_paused = true)]
async fn patience_runs_out_with_a_name_that_is_never_free() {
    let mut world = world_with(|parts| parts.leaving_for(u32::MAX));
    world.limits.patience = minutes(3);
    world.reach(&one()).await;
    let told = world.go(&Desired::default()).await;
    assert_eq!(
        told.troubles(),
        ["failed part.a: not done after 3m: what runs on it to stop"]
    );
    let told = world.go(&one()).await;
    assert!(matches!(
        told.report.failed.values().next(),
        Some(ChangeError::TimedOut { after, .. }) if *after == minutes(3)
    ));
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_aws_gives_up_on_fails_with_its_reason() {
    let world = world_with(|parts| parts.leaving_for(u32::MAX));
    world.reach(&one()).await;
    world.parts.doom("a", "a provider still holds it");
    let begun = Instant::now();
    let told = world.go(&Desired::default()).await;
    assert_eq!(
        told.troubles(),
        ["failed part.a: a provider still holds it"]
    );
    assert!(begun.elapsed() < world.limits.lag * 2);
}

/// Applies a plan that deletes, and leaves as soon as it waits for that.
async fn begin_to_delete(world: &World, desired: &Desired) {
    let plan = world.plan(desired).await;
    let (stop, stopped) = Stop::new();
    let hear = |event: &str| {
        if event.contains("waits") {
            stop.send_replace(true);
        }
    };
    let told = world.apply_until(plan, stopped, hear).await;
    assert_eq!(
        told.troubles(),
        ["unsettled part.a: what runs on it to stop"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_leaving_is_waited_for_and_then_made_anew() {
    // A creation that comes at once does not look first, and one that comes late does.
    for seconds in [0, 6] {
        let world = world_with(|parts| parts.leaving_for(4));
        let stack = |note| Desired::default().and("z", Part { note, ..part(&[]) });
        world.reach(&stack(0).and("a", part(&["z"]))).await;
        begin_to_delete(&world, &stack(0)).await;
        let stack = stack(1).and("a", part(&["z"]));
        assert_eq!(
            world.show(&stack).await,
            ["update part.z, note 0 1", "create part.a"]
        );
        let write = Duration::from_secs(seconds);
        world.account.set_latency(Duration::ZERO, write);
        world.account.clear();
        world.reach(&stack).await;
        let effects = world.account.effects();
        assert_eq!(effects, ["update part.z", "create part.a"]);
        let writes = world.account.writes();
        assert!(!writes.contains(&"update part.a".into()), "{writes:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_begins_to_leave_after_the_plan_is_stale() {
    let world = world_with(|parts| parts.leaving_for(9));
    world.reach(&one()).await;
    let noted = Part {
        note: 1,
        ..part(&[])
    };
    let update = world.plan(&Desired::default().and("a", noted)).await;
    begin_to_delete(&world, &Desired::default()).await;
    assert_eq!(
        world.apply(update).await.troubles(),
        ["failed part.a: stale: it is being deleted; plan again"]
    );
}

#[tokio::test(start_paused = true)]
async fn without_waiting_what_settles_is_reported_and_keeps_what_it_may_still_use() {
    let mut world = world();
    let stack = |task_definition: &str| {
        Desired::default()
            .and("exec", role("ecs"))
            .and(
                task_definition,
                super::toys::task_definition("exec", "web:1"),
            )
            .and("web", service(task_definition, 2))
    };
    world.reach(&stack("blue")).await;
    world.limits.wait = false;
    let told = world.go(&stack("green")).await;
    assert!(told.report.is_success());
    assert_eq!(
        told.troubles(),
        [
            "unsettled service.web: AWS to finish",
            "unsettled task-definition.blue: kept until service.web has settled; run again then",
        ]
    );
    assert_eq!(
        world.show(&stack("green")).await,
        ["delete task-definition.blue"]
    );
    world.reach(&stack("green")).await;
}

#[tokio::test(start_paused = true)]
async fn without_waiting_what_was_written_is_still_looked_for_until_it_shows() {
    let mut world = world_with(|parts| parts.settling_for(30).lagging_for(3));
    world.limits.wait = false;
    for note in 0..3 {
        let stack = Desired::default().and("a", Part { note, ..part(&[]) });
        let told = world.go(&stack).await;
        assert_eq!(told.troubles(), ["unsettled part.a: AWS to finish"]);
        assert_eq!(world.show(&stack).await, [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn reads_may_lag_behind_a_write_that_took_long() {
    let world = world_with(|parts| parts.lagging_for(3));
    world.reach(&one()).await;
    world.account.set_latency(Duration::ZERO, minutes(5));
    let noted = Part {
        note: 1,
        ..part(&[])
    };
    world.reach(&Desired::default().and("a", noted)).await;
}

#[tokio::test(start_paused = true)]
async fn a_value_that_aws_does_not_keep_is_an_error_that_names_its_field() {
    let world = world_with(|parts| parts.with_habit(|it| it.note = 3));
    let begun = Instant::now();
    let told = world.go(&one()).await;
    assert_eq!(
        told.troubles(),
        ["failed part.a: AWS kept another value than the one written, in note"]
    );
    let Limits { lag, poll, .. } = world.limits;
    assert!(begun.elapsed() >= lag && begun.elapsed() <= lag + poll);
}

#[tokio::test(start_paused = true)]
async fn an_order_that_aws_does_not_keep_is_an_error_that_names_its_field() {
    let account = setpoint_core::testkit::Account::default();
    let services = account.of::<Service>().with_habit(|it| it.ports.reverse());
    let world = World::new(account.of(), services, account.of(), account);
    let mut ordered = service("web", 1);
    ordered.ports = ["http", "admin"].map(port).into();
    let stack = Desired::default()
        .and("exec", role("ecs"))
        .and("web", task_definition("exec", "web:1"))
        .and("web", ordered);
    assert_eq!(
        world.go(&stack).await.troubles(),
        ["failed service.web: AWS kept another value than the one written, in ports"]
    );
    let plan = world.plan(&stack).await;
    assert_eq!(plan.changes[0].fields.len(), 1);
}

fn port(name: &str) -> Port {
    Port {
        name: name.into(),
        number: 80,
    }
}

#[tokio::test(start_paused = true)]
async fn an_owner_that_aws_does_not_keep_is_named_too() {
    let world = world_with(|parts| parts.settling_for(3));
    let plan = world.plan(&one()).await;
    let parts = world.parts.clone();
    let told = world
        .apply_until(plan, Stop::never(), |event| {
            if event.contains("waits for AWS to finish") {
                parts.give("a", Owner::Nobody);
            }
        })
        .await;
    assert_eq!(
        told.troubles(),
        ["failed part.a: AWS kept another value than the one written, in owner"]
    );
}
