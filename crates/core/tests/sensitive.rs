//! What must not be shown.

use crate::toys::*;
use setpoint_core::{Desired, testkit::Account};

const HUSH: &str = "hush";

fn stack(secret: &str) -> Desired {
    let secret = Secret {
        value: format!("{HUSH}-{secret}"),
    };
    Desired::default().and(
        "exec",
        Role {
            secret: Some(secret),
            ..role("ecs")
        },
    )
}

#[tokio::test(start_paused = true)]
async fn what_is_sensitive_is_hidden_and_still_shown_as_changed() {
    let world = world();
    let create = world.plan(&stack("1")).await;
    let after = create.changes[0].after().unwrap().to_string();
    assert!(
        !after.contains(HUSH) && after.contains("(sensitive)"),
        "{after}"
    );
    world.apply(create).await;
    let update = world.plan(&stack("2")).await;
    assert_eq!(
        shown(&update),
        [r#"update role.exec, secret.value "(sensitive), before" "(sensitive), after""#]
    );
    let added = world
        .plan(&Desired::default().and("exec", role("ecs")))
        .await;
    assert_eq!(
        shown(&added),
        [r#"update role.exec, secret "(sensitive)" -"#]
    );
    let delete = world.plan(&Desired::default()).await;
    let before = delete.changes[0].before().unwrap().to_string();
    assert!(!before.contains(HUSH), "{before}");
}

#[test]
fn what_is_sensitive_is_hidden_when_a_program_prints_it_for_itself() {
    let printed = format!("{:?}", stack("1"));
    assert!(
        !printed.contains(HUSH) && printed.contains("role.exec"),
        "{printed}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_sensitive_is_hidden_when_aws_does_not_keep_it() {
    let account = Account::default();
    let roles = account.of::<Role>().with_habit(|it| {
        if let Some(secret) = &mut it.secret {
            secret.value += "!";
        }
    });
    let world = World::new(roles, account.of(), account.of(), account);
    let told = world.go(&stack("1")).await;
    let printed = format!("{:?} {:?} {:?}", told.report, told.troubles(), told.events);
    assert!(
        !printed.contains(HUSH) && printed.contains("secret.value"),
        "{printed}"
    );
}
