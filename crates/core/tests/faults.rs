//! Calls that fail: what heals by itself, what a second run mends, and what fails with what.

use crate::{
    stacks::{cases, stack},
    toys::*,
};
use proptest::{prelude::*, sample::Index};
use setpoint_core::{
    Desired, Kind,
    testkit::{At, Fault, Operation},
};

/// The stacks between which calls fail: the step creates, publishes, moves and deletes.
fn before_and_after() -> (Desired, Desired) {
    let before = web("web:1", 2)
        .and("a", part(&["c"]))
        .and("b", part(&[]))
        .and("c", part(&["b"]));
    let mut moved = part(&["d"]);
    moved.note = 1;
    let mut published = part(&[]);
    published.version = 2;
    let after = web("web:2", 2)
        .and("a", moved)
        .and("b", published)
        .and("d", part(&["b"]));
    (before, after)
}

/// How many calls it takes to apply the step.
async fn calls() -> usize {
    let (world, plan) = stepping().await;
    assert_eq!(world.apply(plan).await.troubles(), [""; 0]);
    world.account.calls().len()
}

async fn stepping() -> (World, setpoint_core::Plan) {
    let world = world_with(|parts| parts.settling_for(1).leaving_for(1));
    let (before, after) = before_and_after();
    world.reach(&before).await;
    let plan = world.plan(&after).await;
    world.account.clear();
    (world, plan)
}

async fn survives_everywhere(fault: Fault) {
    let (_, after) = before_and_after();
    let (calm, plan) = stepping().await;
    calm.apply(plan).await;
    for position in 0..calls().await {
        let (world, plan) = stepping().await;
        world.account.fault(At::Call(position), fault);
        let told = world.apply(plan).await;
        assert_eq!(told.troubles(), [""; 0], "at {position}");
        assert_eq!(world.all(), calm.all(), "at {position}");
        world.is_at(&after).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_fails_for_a_while_is_survived_wherever_it_is() {
    survives_everywhere(Fault::Unsure).await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_lost_is_survived_wherever_it_is_and_nothing_is_doubled() {
    survives_everywhere(Fault::LostAnswer).await;
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_mended_by_the_next_run_wherever_it_is() {
    let (_, after) = before_and_after();
    for position in 0..calls().await {
        let (world, plan) = stepping().await;
        world.account.fault(At::Call(position), Fault::Refused);
        let told = world.apply(plan).await;
        assert!(!told.report.is_success(), "at {position}");
        world.reach(&after).await;
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn any_few_faults_in_any_stack_are_survived(
        before in stack(),
        after in stack(),
        faults in prop::collection::vec((any::<Index>(), any::<bool>()), 1..4),
        lag in 0u32..3,
    ) {
        run(async {
            let world = world_with(|parts| parts.settling_for(1).leaving_for(1).lagging_for(lag));
            world.reach(&before).await;
            let plan = world.plan(&after).await;
            world.account.clear();
            for (at, lost) in faults {
                let fault = if lost { Fault::LostAnswer } else { Fault::Unsure };
                world.account.fault(At::Call(at.index(20)), fault);
            }
            assert_eq!(world.apply(plan).await.troubles(), [""; 0], "{:#?}", world.account.log());
            world.account.clear();
            world.is_at(&after).await;
        });
    }

    #[test]
    fn any_refusal_in_any_stack_is_mended_by_the_next_run(
        before in stack(),
        after in stack(),
        at in any::<Index>(),
    ) {
        run(async {
            let world = world_with(|parts| parts.leaving_for(1));
            world.reach(&before).await;
            let plan = world.plan(&after).await;
            world.account.clear();
            world.account.fault(At::Call(at.index(20)), Fault::Refused);
            world.apply(plan).await;
            world.account.clear();
            world.reach(&after).await;
        });
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_skips_only_what_needs_it_and_all_is_told_in_order() {
    let world = world();
    let stack = web("web:1", 2).and("other", role("ec2"));
    world
        .account
        .fault(At::Line("create role.exec".into()), Fault::Refused);
    let told = world.go(&stack).await;
    assert_eq!(
        told.events,
        [
            "role.exec starts to create",
            "role.other starts to create",
            "role.exec failed: create role.exec failed: injected",
            "task-definition.web is skipped because of role.exec",
            "service.web is skipped because of task-definition.web",
            "role.other is done",
        ]
    );
    assert_eq!(told.done(), ["role.other"]);
    assert!(!told.report.is_success());
    world.reach(&stack).await;
}

#[tokio::test(start_paused = true)]
async fn a_failure_keeps_what_still_holds_a_handle_from_losing_it() {
    let world = world();
    let before = Desired::default()
        .and("old", part(&[]))
        .and("user", part(&["old"]));
    let after = Desired::default()
        .and("new", part(&[]))
        .and("user", part(&["new"]));
    world.reach(&before).await;
    let create = At::Line("create part.new".into());
    world.account.fault(create, Fault::Refused);
    assert_eq!(
        world.go(&after).await.troubles(),
        [
            "failed part.new: create part.new failed",
            "skipped part.old: part.user",
            "skipped part.user: part.new",
        ]
    );
    world.reach(&after).await;
}

#[tokio::test(start_paused = true)]
async fn a_call_that_never_heals_fails_in_the_end() {
    let world = world();
    let stack = Desired::default().and("a", part(&[]));
    for _ in 0..100 {
        let create = At::Line("create part.a".into());
        world.account.fault(create, Fault::Unsure);
    }
    assert_eq!(
        world.go(&stack).await.troubles(),
        ["failed part.a: create part.a failed"]
    );
    world.account.clear();
    world.reach(&stack).await;
}

#[tokio::test(start_paused = true)]
async fn looks_that_fail_now_and_then_do_not_add_up() {
    let world = world_with(|parts| parts.settling_for(60));
    let plan = world.plan(&Desired::default().and("a", part(&[]))).await;
    world.account.clear();
    for call in 1..30 {
        world.account.fault(At::Call(call * 2), Fault::Unsure);
    }
    assert_eq!(world.apply(plan).await.troubles(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_look_that_is_refused_fails_all_that_it_was_for_at_once() {
    let world = world();
    let before = Desired::default().and("a", part(&[])).and("b", part(&[]));
    world.reach(&before).await;
    let plan = world.plan(&Desired::default()).await;
    world.account.clear();
    world.account.fault(At::Call(0), Fault::Refused);
    let told = world.apply(plan).await;
    assert_eq!(
        told.events[2..],
        [
            "part.a failed: observe part.a part.b failed: injected",
            "part.b failed: observe part.a part.b failed: injected",
        ]
    );
    assert_eq!(world.account.writes(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_is_told_by_kind_and_there_is_no_plan() {
    let world = world();
    for line in ["list role", "list service"] {
        let list = At::Line(line.into());
        world.account.fault(list, Fault::Refused);
    }
    assert_eq!(
        world.try_plan(&web("web:1", 1)).await.err().as_deref(),
        Some("could not read role\ncould not read service")
    );
    assert_eq!(world.account.count(Operation::Create), 0);
    assert_eq!(world.account.calls()[0].kind, Kind("part"));
}
