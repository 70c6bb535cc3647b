//! Killed anywhere, one further run finishes the work.

use crate::{
    bench::{Bench, Ended, flash_sale, habits},
    inventory::is_same,
};
use setpoint_twin::World;

/// What a run is to do.
#[derive(Clone, Copy)]
enum Job {
    Apply,
    Update,
    Destroy,
}

impl Job {
    /// The account before it.
    async fn before(self) -> World {
        let bench = Bench::new(7, habits());
        if let Job::Update | Job::Destroy = self {
            bench.apply(&flash_sale()).await.succeeds();
        }
        bench.world()
    }

    async fn run(self, bench: &Bench) -> Ended {
        match self {
            Job::Apply => bench.apply(&flash_sale()).await,
            Job::Update => bench.apply(&another_flash_sale()).await,
            Job::Destroy => bench.destroy(&flash_sale()).await,
        }
    }

    async fn is_done(self, bench: &Bench) {
        match self {
            Job::Apply => bench.is_applied(&flash_sale()).await,
            Job::Update => bench.is_applied(&another_flash_sale()).await,
            Job::Destroy => {}
        }
    }
}

/// The stack with a change in every kind of resource.
fn another_flash_sale() -> String {
    let mut text = flash_sale();
    for (from, to) in [
        ("scanOnPush: true", "scanOnPush: false"),
        ("retentionInDays: 14", "retentionInDays: 30"),
        (
            "description: What instances of the cluster may do.",
            "description: What instances do.",
        ),
        ("ports: 80, from: anywhere", "ports: 8080, from: anywhere"),
        ("instanceType: t2.small", "instanceType: t2.medium"),
        ("maxSize: 3", "maxSize: 4"),
        (
            "    memory: 512\n    execution",
            "    memory: 768\n    execution",
        ),
        ("maxCapacity: 3", "maxCapacity: 4"),
        ("target: 50", "target: 60"),
        ("project: flash-sale", "project: black-friday"),
    ] {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    text
}

/// Kills the job at each of its calls in turn, and lets one further run finish it.
async fn killed_at_every_call(job: Job, with_effect: bool) {
    let before = job.before().await;
    let whole = Bench::of(before.clone());
    job.run(&whole).await.succeeds();
    let calls = whole.twin.heard().len();
    let expected = whole.inventory();
    assert!(calls > 40, "only {calls} calls");
    for number in 0..calls {
        let bench = Bench::of(before.clone());
        let ended = bench.killed_at(number, with_effect, job.run(&bench)).await;
        assert!(matches!(ended, Ended::Killed), "call {number} was not made");
        job.run(&bench).await.succeeds();
        job.is_done(&bench).await;
        let found = bench.inventory();
        is_same(&found, &expected, &format!("after call {number}"));
    }
    println!("{calls} calls");
}

#[tokio::test(start_paused = true)]
async fn an_apply_killed_before_any_call_is_finished_by_the_next() {
    killed_at_every_call(Job::Apply, false).await;
}

#[tokio::test(start_paused = true)]
async fn an_apply_killed_after_any_call_is_finished_by_the_next() {
    killed_at_every_call(Job::Apply, true).await;
}

#[tokio::test(start_paused = true)]
async fn an_update_killed_before_any_call_is_finished_by_the_next() {
    killed_at_every_call(Job::Update, false).await;
}

#[tokio::test(start_paused = true)]
async fn an_update_killed_after_any_call_is_finished_by_the_next() {
    killed_at_every_call(Job::Update, true).await;
}

#[tokio::test(start_paused = true)]
async fn a_destroy_killed_before_any_call_is_finished_by_the_next() {
    killed_at_every_call(Job::Destroy, false).await;
}

#[tokio::test(start_paused = true)]
async fn a_destroy_killed_after_any_call_is_finished_by_the_next() {
    killed_at_every_call(Job::Destroy, true).await;
}
