//! The laws of plan and apply, held against an AWS in memory.

mod cut;
mod faults;
mod looks;
mod order;
mod owner;
mod sensitive;
mod settle;
mod stacks;
mod stale;
mod stop;
mod toys;
mod undo;

use proptest::prelude::*;
use stacks::{cases, stack};
use toys::*;

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn any_stack_converges_from_any_other(stacks in prop::collection::vec(stack(), 1..4)) {
        run(async {
            let world = world();
            for stack in &stacks {
                world.reach(stack).await;
            }
        });
    }

    #[test]
    fn so_it_does_where_aws_is_slow_and_reads_lag(
        stacks in prop::collection::vec(stack(), 1..4),
        settling in 0u32..4,
        leaving in 0u32..4,
        lag in 0u32..4,
    ) {
        run(async {
            let world = world_with(|parts| {
                parts.settling_for(settling).leaving_for(leaving).lagging_for(lag)
            });
            for stack in &stacks {
                world.reach(stack).await;
            }
        });
    }

    #[test]
    fn an_index_that_lags_hinders_nothing(stacks in prop::collection::vec(stack(), 1..4)) {
        run(async {
            let world = world_with(|parts| parts.with_index());
            for stack in &stacks {
                world.reach(stack).await;
                world.parts.reindex();
            }
        });
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_image_flows_from_the_task_definition_to_the_service() {
    let world = world();
    world.reach(&web("web:1", 2)).await;
    let next = web("web:2", 2);
    let plan = world.plan(&next).await;
    assert_eq!(
        shown(&plan),
        [
            r#"update task-definition.web, image "web:1" "web:2""#,
            r#"update service.web, task_definition "aws:task-definition:web:1" "(task-definition.web)""#,
        ]
    );
    assert_eq!(plan.changes[1].effect.as_deref(), Some("rolls 2 tasks"));
    world.account.clear();
    world.apply(plan).await;
    assert_eq!(
        world.account.effects(),
        ["update task-definition.web", "update service.web"]
    );
    world.is_at(&next).await;
}

#[tokio::test(start_paused = true)]
async fn a_version_that_keeps_its_handle_leaves_its_users_alone() {
    let world = world();
    world.reach(&web("web:1", 2)).await;
    let mut labelled = task_definition("exec", "web:1");
    labelled.label = "blue".into();
    let next = web("web:1", 2).and("web", labelled);
    assert_eq!(
        world.show(&next).await,
        [r#"update task-definition.web, label "" "blue""#]
    );
    world.reach(&next).await;
}
