//! A plan that was carried out and is taken back: everything is as it was, or it is said beforehand what
//! could not be.

use crate::{
    stacks::{cases, stack},
    toys::*,
};
use proptest::prelude::*;
use setpoint_core::{Action, Address};

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn what_is_taken_back_is_as_it_was(first in stack(), second in stack()) {
        run(async {
            let world = world();
            world.reach(&first).await;
            let plan = world.plan(&second).await;
            let deleted = plan.changes.iter().filter(|it| it.action == Action::Delete);
            let deleted: Vec<Address> = deleted.map(|it| it.address.clone()).collect();
            match second.clone().before(&plan) {
                Err(lost) => assert_eq!(lost, deleted),
                Ok(before) => {
                    assert!(deleted.is_empty());
                    world.reach(&second).await;
                    world.reach(&before).await;
                    // Nothing more and nothing less is there, too.
                    world.is_at(&first).await;
                }
            }
        });
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_runs_what_it_ran_before() {
    let world = world();
    let (first, second) = (web("web:1", 2), web("web:2", 3));
    world.reach(&first).await;
    let plan = world.plan(&second).await;
    let before = second.clone().before(&plan).expect("nothing is deleted");
    world.reach(&second).await;
    assert_eq!(
        world.show(&before).await,
        [
            r#"update task-definition.web, image "web:2" "web:1""#,
            r#"update service.web, count 3 2, task_definition "aws:task-definition:web:2" "(task-definition.web)""#,
        ]
    );
    world.reach(&before).await;
    world.is_at(&first).await;
}
