//! In which order things happen, and what stands in the way of any.

use crate::toys::*;
use setpoint_core::{Desired, Snapshot, plan, testkit::Operation};

fn refusal(desired: &Desired) -> String {
    match plan(desired, &Snapshot::default()) {
        Ok(plan) => panic!("there is a plan: {:?}", shown(&plan)),
        Err(err) => err.to_string(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_rename_creates_moves_and_then_deletes() {
    let world = world();
    world.reach(&web("web:1", 2)).await;
    world.account.clear();
    let renamed = Desired::default()
        .and("execution", role("ecs"))
        .and("web", task_definition("execution", "web:1"))
        .and("web", service("web", 2));
    world.reach(&renamed).await;
    assert_eq!(
        world.account.effects(),
        [
            "create role.execution",
            "update task-definition.web",
            "update service.web",
            "delete role.exec",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_whole_stack_is_deleted_from_its_users_down() {
    let world = world();
    world.reach(&web("web:1", 2)).await;
    world.account.clear();
    world.reach(&Desired::default()).await;
    assert_eq!(
        world.account.effects(),
        [
            "delete service.web",
            "delete task-definition.web",
            "delete role.exec",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_deletion_comes_after_what_held_its_handle_has_settled() {
    let world = world();
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
    world.account.clear();
    let told = world.go(&stack("green")).await;
    assert_eq!(
        told.events,
        [
            "task-definition.green starts to create",
            "service.web starts to update",
            "task-definition.green is done",
            "service.web waits for AWS to finish",
            "service.web is done",
            "task-definition.blue starts to delete",
            "task-definition.blue is done",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_deletion_comes_after_what_held_its_handle_is_gone() {
    let world = world_with(|parts| parts.leaving_for(3));
    let both = Desired::default()
        .and("a", part(&[]))
        .and("b", part(&["a"]));
    world.reach(&both).await;
    world.account.clear();
    world.reach(&Desired::default()).await;
    assert_eq!(world.account.effects(), ["delete part.b", "delete part.a"]);
    let log = world.account.log();
    let at = |line: &str| log.iter().position(|it| it == line).unwrap();
    let between = &log[at("delete part.b")..at("delete part.a")];
    let looks = between.iter().filter(|it| *it == "observe part.b");
    assert_eq!(looks.count(), 4, "{log:#?}");
}

#[tokio::test(start_paused = true)]
async fn what_nothing_links_goes_side_by_side() {
    let world = world();
    let five = |second| std::time::Duration::from_secs(second);
    world.account.set_latency(five(0), five(5));
    let many = ["a", "b", "c", "d", "e"]
        .into_iter()
        .fold(Desired::default(), |stack, name| stack.and(name, part(&[])));
    let begun = tokio::time::Instant::now();
    world.reach(&many).await;
    assert_eq!(begun.elapsed(), five(5));
    assert_eq!(world.account.count(Operation::Create), 5);
}

#[tokio::test(start_paused = true)]
async fn a_fixed_field_is_refused_and_the_way_out_is_named() {
    let world = world();
    world.reach(&web("web:1", 1)).await;
    let mut moved = role("ecs");
    moved.path = "/team/".into();
    assert_eq!(
        world
            .try_plan(&web("web:1", 1).and("exec", moved))
            .await
            .err()
            .as_deref(),
        Some(
            "AWS cannot change path of role.exec in place: give it another name, and setpoint \
             creates that, moves what uses it, and then deletes this one"
        )
    );
}

#[test]
fn every_unknown_link_is_named() {
    let stack = Desired::default()
        .and("web", task_definition("exec", "web:1"))
        .and("web", service("wob", 1));
    assert_eq!(
        refusal(&stack),
        "service.web links to task-definition.wob, which the stack does not declare\n\
         task-definition.web links to role.exec, which the stack does not declare"
    );
}

#[test]
fn a_circle_is_named_in_its_order() {
    let stack = Desired::default()
        .and("a", part(&["d"]))
        .and("b", part(&["d"]))
        .and("c", part(&["b"]))
        .and("d", part(&["c"]))
        .and("e", part(&[]));
    assert_eq!(
        refusal(&stack),
        "these link to one another in a circle: part.d → part.c → part.b → part.d"
    );
}
