//! How often AWS is looked at, and what a look that lags is believed.

use crate::toys::*;
use setpoint_core::{
    Desired, Link, Owner,
    testkit::{At, Fault, Operation},
};
use std::time::Duration;
use tokio::time::Instant;

fn many(number: usize) -> Desired {
    (0..number).fold(Desired::default(), |stack, it| {
        stack.and(&format!("p{it}"), part(&[]))
    })
}

/// Each links to the one before it.
fn chain(length: usize) -> Desired {
    (0..length).fold(Desired::default(), |stack, it| {
        let before = it.checked_sub(1).map(|it| format!("p{it}"));
        let uses: Vec<&str> = before.as_deref().into_iter().collect();
        stack.and(&format!("p{it}"), part(&uses))
    })
}

#[tokio::test(start_paused = true)]
async fn two_hundred_that_settle_together_are_looked_at_together() {
    let world = world_with(|parts| parts.settling_for(10));
    let plan = world.plan(&many(200)).await;
    world.account.clear();
    world.apply(plan).await;
    let looks = world.account.count(Operation::Observe);
    assert!(looks <= 12, "{looks} looks");
}

#[tokio::test(start_paused = true)]
async fn so_they_are_when_a_rate_limit_spreads_their_writes() {
    let world = world_with(|parts| parts.settling_for(40));
    let millis = Duration::from_millis;
    world.account.set_latency(millis(100), millis(100));
    world.account.set_pace(millis(50));
    let plan = world.plan(&many(200)).await;
    world.account.clear();
    let begun = Instant::now();
    world.apply(plan).await;
    let looks = world.account.count(Operation::Observe);
    let seconds = begun.elapsed().as_secs() as usize;
    assert!(looks <= 2 * seconds, "{looks} looks in {seconds} s");
}

#[tokio::test(start_paused = true)]
async fn a_chain_of_creations_needs_no_look_between_them() {
    let world = world_with(|parts| parts.settling_for(3));
    let plan = world.plan(&chain(8)).await;
    let millis = Duration::from_millis;
    world.account.set_latency(millis(60_000), millis(100));
    world.account.clear();
    world.apply(plan).await;
    let log = world.account.log();
    let looked = log.iter().position(|it| it.starts_with("observe"));
    let created = log.iter().rposition(|it| it.starts_with("create"));
    assert_eq!((created, looked), (Some(7), Some(8)), "{log:#?}");
}

#[tokio::test(start_paused = true)]
async fn what_needs_a_creation_whose_answer_was_lost_begins_once_that_is_seen() {
    let world = world_with(|parts| parts.settling_for(3));
    let create = At::Line("create part.p0".into());
    world.account.fault(create, Fault::LostAnswer);
    let told = world.go(&chain(2)).await;
    let at = |event: &str| told.events.iter().position(|it| it == event);
    assert!(at("part.p1 starts to create") < at("part.p0 is done"));
    assert_eq!(world.account.count(Operation::Create), 2);
}

#[tokio::test(start_paused = true)]
async fn a_creation_that_comes_late_looks_first() {
    let world = world();
    let seconds = Duration::from_secs;
    let plan = world.plan(&chain(3)).await;
    world.account.set_latency(seconds(0), seconds(3));
    world.account.clear();
    let late = |event: &str| {
        if event == "part.p2 starts to create" {
            world.parts.put("p2", part(&[]), Owner::Nobody);
        }
    };
    let told = world
        .apply_until(plan, setpoint_core::Stop::never(), late)
        .await;
    assert_eq!(
        told.troubles(),
        ["failed part.p2: stale: it appeared, and is not this stack's; plan again"]
    );
    assert_eq!(world.account.writes(), ["create part.p0", "create part.p1"]);
}

#[tokio::test(start_paused = true)]
async fn an_update_looks_once_before_it_writes_and_once_after() {
    let world = world();
    world.reach(&web("web:1", 1)).await;
    let plan = world.plan(&web("web:1", 2)).await;
    world.account.clear();
    world.apply(plan).await;
    assert_eq!(
        world.account.log(),
        [
            "observe service.web",
            "update service.web",
            "observe service.web",
            "observe service.web",
            "observe service.web",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_plan_reads_each_kind_once() {
    let world = world();
    world.reach(&many(50)).await;
    world.account.clear();
    world.plan(&many(50)).await;
    assert_eq!(world.account.count(Operation::List), 4);
    assert_eq!(world.account.count(Operation::Observe), 1);
}

#[tokio::test(start_paused = true)]
async fn an_index_that_lags_shows_no_change_that_the_resource_does_not_need() {
    let world = world_with(|parts| parts.with_index());
    world.reach(&many(3)).await;
    world.parts.reindex();
    let mut noted = part(&[]);
    noted.note = 1;
    let stack = many(3).and("p1", noted);
    world.reach(&stack).await;
    world.account.clear();
    assert_eq!(world.show(&stack).await, [""; 0]);
    let looks = world.account.log();
    let looks = looks.iter().filter(|it| it.starts_with("observe"));
    assert!(looks.eq(["observe part.p0 part.p1 part.p2", "observe part.p1"]));
}

#[tokio::test(start_paused = true)]
async fn what_an_index_shows_and_is_gone_is_not_deleted_again() {
    let world = world_with(|parts| parts.with_index());
    world.reach(&many(2)).await;
    world.parts.reindex();
    let mut gone = Desired::default();
    gone.use_existing(setpoint_core::Kind("part"), "p0");
    world.reach(&gone).await;
    assert_eq!(world.show(&gone).await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn what_the_index_says_of_a_user_is_confirmed_once_what_it_uses_is() {
    let world = world_with(|parts| parts.with_index());
    let both = Desired::default()
        .and("a", part(&[]))
        .and("b", part(&["a"]));
    world.reach(&both).await;
    world.parts.reindex();
    for (name, uses) in [("a", vec![]), ("b", vec![Link::is("aws:part:a:2")])] {
        let shade = Some(7);
        let anew = Part {
            uses,
            shade,
            ..part(&[])
        };
        world.parts.remove(name);
        world.parts.put(name, anew, Owner::Ours);
    }
    // The index still has `b` linking to the `a` that was.
    let noted = Part {
        note: 1,
        ..part(&[])
    };
    let stack = both.and("a", noted);
    assert_eq!(world.show(&stack).await, ["update part.a, note 0 1"]);
    world.reach(&stack).await;
}

#[tokio::test(start_paused = true)]
async fn an_index_that_lags_does_not_refuse_what_the_resource_allows() {
    let account = setpoint_core::testkit::Account::default();
    let roles = account.of::<Role>().with_index();
    let world = World::new(roles, account.of(), account.of(), account);
    world
        .reach(&Desired::default().and("exec", role("ecs")))
        .await;
    world.roles.reindex();
    world.roles.meddle("exec", |it| it.path = "/team/".into());
    let mut moved = role("ecs");
    moved.path = "/team/".into();
    let stack = Desired::default().and("exec", moved);
    assert_eq!(world.show(&stack).await, [""; 0]);
}
