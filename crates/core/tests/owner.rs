//! Whose things are: what is ours, what may be taken over, and what is only used.

use crate::toys::*;
use setpoint_core::{Address, Desired, Owner, Resource};

fn foreign() -> World {
    let world = world();
    world.roles.put("exec", role("ec2"), Owner::Nobody);
    world
}

#[tokio::test(start_paused = true)]
async fn what_is_not_ours_is_shown_as_an_adoption_and_never_written_without_the_word() {
    let world = foreign();
    let plan = world.plan(&web("web:1", 1)).await;
    assert_eq!(
        shown(&plan),
        [
            r#"adopt role.exec, trusts ["ec2"] ["ecs"]"#,
            "create task-definition.web",
            "create service.web",
        ]
    );
    assert_eq!(plan.changes[0].owner, Some(Owner::Nobody));
    assert!(!plan.changes[0].granted);
    let told = world.apply(plan).await;
    assert_eq!(
        told.troubles(),
        [
            "failed role.exec: it exists and is not this stack's: take it over with --adopt, or \
             name it under `existing:`",
            "skipped service.web: task-definition.web",
            "skipped task-definition.web: role.exec",
        ]
    );
    assert_eq!(world.account.writes(), [""; 0]);
    assert_eq!(world.roles.get("exec"), Some(role("ec2")));
}

#[tokio::test(start_paused = true)]
async fn what_no_listing_knows_yet_is_found_where_it_is_suspected() {
    let world = world_with(|parts| parts.with_index());
    let stack = Desired::default().and("a", part(&[]));
    assert!(world.go(&stack).await.report.is_success());
    world.parts.put("b", part(&[]), Owner::Nobody);
    let mut nothing = Desired::default();
    assert!(world.plan(&nothing).await.is_empty());
    nothing.suspect(Address::new(Part::KIND, "a"));
    nothing.suspect(Address::new(Part::KIND, "b"));
    nothing.suspect(Address::new(Part::KIND, "c"));
    let plan = world.plan(&nothing).await;
    assert_eq!(shown(&plan), ["delete part.a"]);
    assert!(world.apply(plan).await.report.is_success());
    assert!(world.parts.get("a").is_none() && world.parts.get("b").is_some());
}

#[tokio::test(start_paused = true)]
async fn with_the_word_it_is_taken_over_and_then_ours() {
    let world = foreign();
    let mut stack = web("web:1", 1);
    stack.adopt(Address::new(Role::KIND, "exec"));
    world.reach(&stack).await;
    assert_eq!(world.roles.get("exec"), Some(role("ecs")));
    world.is_at(&web("web:1", 1)).await;
    world.reach(&Desired::default()).await;
    assert!(world.all().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_as_asked_and_not_ours_is_marked_as_ours_once_there_is_the_word() {
    let world = world();
    world
        .roles
        .put("exec", role("ecs"), Owner::Stack("other".into()));
    let mut stack = Desired::default().and("exec", role("ecs"));
    assert!(!world.go(&stack).await.report.is_success());
    stack.adopt(Address::new(Role::KIND, "exec"));
    assert_eq!(world.show(&stack).await, ["adopt role.exec"]);
    world.reach(&stack).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_not_ours_and_not_asked_for_is_left_alone() {
    let world = foreign();
    world
        .roles
        .put("theirs", role("x"), Owner::Stack("other".into()));
    world.is_at(&Desired::default()).await;
    assert_eq!(world.all().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_exists_is_linked_to_and_never_written() {
    let world = foreign();
    let mut stack = Desired::default()
        .and("web", task_definition("exec", "web:1"))
        .and("web", service("web", 1));
    stack.use_existing(Role::KIND, "exec");
    world.reach(&stack).await;
    let links_to = world.task_definitions.get("web").map(|it| it.role);
    assert_eq!(links_to.unwrap().handle(), Some("aws:role:exec:1"));
    let gone = {
        let mut gone = Desired::default();
        gone.use_existing(Role::KIND, "exec");
        gone
    };
    world.reach(&gone).await;
    let writes = world.account.writes();
    assert!(!writes.iter().any(|it| it.contains("role")), "{writes:?}");
    assert_eq!(world.all().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_ours_and_said_to_exist_is_kept_as_it_is() {
    let world = world();
    world.reach(&web("web:1", 1)).await;
    let mut stack = Desired::default();
    stack.use_existing(Role::KIND, "exec");
    world.reach(&stack).await;
    assert_eq!(world.roles.get("exec"), Some(role("ecs")));
}

#[tokio::test(start_paused = true)]
async fn what_is_said_to_exist_and_does_not_is_an_error() {
    let mut stack = Desired::default().and("web", task_definition("exec", "web:1"));
    stack.use_existing(Role::KIND, "exec");
    assert_eq!(
        world().try_plan(&stack).await.err().as_deref(),
        Some("role.exec is said to exist, and AWS shows no such thing")
    );
}
