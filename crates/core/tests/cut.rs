//! A run that is killed: the next one finishes its work, and makes nothing twice.

use crate::{
    stacks::{cases, stack},
    toys::*,
};
use proptest::{prelude::*, sample::Index};
use setpoint_core::{
    Desired,
    testkit::{At, Fault},
};

/// Applies until the account is killed, if it ever is. Whether it was.
async fn is_cut_off(world: &World, desired: &Desired) -> bool {
    let plan = world.plan(desired).await;
    tokio::select! {
        biased;
        () = world.account.killed() => {
            world.account.revive();
            true
        }
        _ = world.apply(plan) => false,
    }
}

fn stacks() -> [Desired; 3] {
    let first = web("web:1", 2).and("a", part(&["b"])).and("b", part(&[]));
    let mut published = part(&["c"]);
    published.version = 2;
    let second = web("web:2", 3)
        .and("a", part(&["b"]))
        .and("b", published)
        .and("c", part(&[]));
    [first, second, Desired::default().and("c", part(&[]))]
}

async fn is_finished_wherever(fault: Fault) {
    let calm = calm_world();
    for stack in &stacks() {
        calm.reach(stack).await;
    }
    let calm_effects = sorted(calm.account.effects());
    let mut cuts = 0;
    for write in 0..100 {
        let world = calm_world();
        world.account.fault(At::Write(write), fault);
        let mut cut = false;
        for stack in &stacks() {
            cut |= is_cut_off(&world, stack).await;
            world.reach(stack).await;
        }
        assert_eq!(world.all(), calm.all(), "at {write}");
        assert_eq!(sorted(world.account.effects()), calm_effects, "at {write}");
        match cut {
            true => cuts += 1,
            false => break,
        }
    }
    assert_eq!(cuts, calm_effects.len());
}

fn calm_world() -> World {
    world_with(|parts| parts.settling_for(1).leaving_for(1))
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

#[tokio::test(start_paused = true)]
async fn a_run_cut_off_before_any_write_is_finished_by_the_next() {
    is_finished_wherever(Fault::KilledBefore).await;
}

#[tokio::test(start_paused = true)]
async fn a_run_cut_off_after_any_write_is_finished_by_the_next_and_nothing_is_doubled() {
    is_finished_wherever(Fault::KilledAfter).await;
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn a_run_cut_off_anywhere_leaves_a_start_for_any_stack(
        before in stack(),
        half in stack(),
        after in stack(),
        write in any::<Index>(),
        leaving in 0u32..3,
    ) {
        run(async {
            let world = world_with(|parts| parts.settling_for(1).leaving_for(leaving));
            world.reach(&before).await;
            world.account.clear();
            world.account.fault(At::Write(write.index(8)), Fault::KilledAfter);
            is_cut_off(&world, &half).await;
            world.account.clear();
            world.reach(&after).await;
        });
    }
}
