//! While autoscalers move counts and groups, nothing of ours moves them back.

use crate::{
    bench::{Bench, flash_sale, habits, shown},
    chance::Chance,
};
use serde_json::Value;
use setpoint_twin::{
    Heard, Twin,
    service::{autoscaling, ecs},
};
use std::time::Duration;

/// Moves the service's count and the group's size to and fro, at random moments.
async fn others(twin: Twin, seed: u64) {
    let mut chance = Chance::new(seed);
    loop {
        let pause = Duration::from_millis(50 + chance.below(20_000));
        tokio::time::sleep(pause).await;
        let (count, size) = (1 + chance.below(3) as i64, 1 + chance.below(3) as i64);
        let which = chance.below(2);
        twin.change(|world| match which {
            0 => {
                ecs::set_desired(world, "flash-sale-cluster", "flash-sale-service", count);
            }
            _ => {
                autoscaling::set_desired(world, "flash-sale-instances", size, "another's policy");
            }
        });
    }
}

/// What each write of ours says about counts and sizes that others own.
fn moves_a_count(heard: &Heard) -> bool {
    let says = |member: &str| !matches!(heard.members.get(member), None | Some(Value::Null));
    match heard.action.as_str() {
        "UpdateService" => says("desiredCount"),
        "UpdateAutoScalingGroup" => says("DesiredCapacity"),
        "SetDesiredCapacity" | "TerminateInstanceInAutoScalingGroup" | "StopTask" => true,
        _ => false,
    }
}

#[tokio::test(start_paused = true)]
async fn while_autoscalers_move_counts_no_write_of_ours_does_and_no_plan_shows_it() {
    let versions = [
        flash_sale(),
        flash_sale().replace("memory: 512", "memory: 500"),
        flash_sale().replace("retentionInDays: 14", "retentionInDays: 30"),
        flash_sale().replace("target: 50", "target: 65"),
        flash_sale().replace("scanOnPush: true", "scanOnPush: false"),
    ];
    for seed in 0..12 {
        let bench = Bench::new(seed, habits());
        bench.apply(&versions[0]).await.succeeds();
        bench.twin.forget();
        let mut lowered = bench.twin.watch_counts();
        let moving = tokio::spawn(others(bench.twin.clone(), seed));
        let mut chance = Chance::new(!seed);
        for _ in 0..4 {
            let text = chance.one(&versions);
            bench.apply(text).await.succeeds();
            let plan = bench.plan(text).await.expect("there is a plan");
            assert!(plan.is_empty(), "seed {seed}: {}", shown(&plan));
        }
        moving.abort();
        let ours = bench.twin.heard();
        let moves: Vec<&Heard> = ours.iter().filter(|it| moves_a_count(it)).collect();
        assert!(moves.is_empty(), "seed {seed}: {moves:#?}");
        assert_eq!(lowered.taken(), Vec::<String>::new(), "seed {seed}");
        assert!(
            ours.iter().any(|it| !it.reads()),
            "seed {seed} wrote nothing"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_minimum_that_a_scheduled_action_has_raised_stays_raised() {
    let text = flash_sale().replace(
        "    maxCapacity: 3\n",
        "    maxCapacity: 3\n    scheduledActions:\n      sale: { schedule: \
         \"at(2026-11-27T01:00:00)\", minCapacity: 3, maxCapacity: 3 }\n",
    );
    let bench = Bench::new(3, habits());
    bench.apply(&text).await.succeeds();
    tokio::time::sleep(Duration::from_secs(3600)).await;
    let bounds = |bench: &Bench| {
        bench.twin.look(|world| {
            setpoint_twin::service::scaling::bounds(
                world,
                "flash-sale-cluster",
                "flash-sale-service",
            )
        })
    };
    assert_eq!(bounds(&bench), Some((3, 3)));
    let another = text.replace("target: 50", "target: 60");
    bench.apply(&another).await.succeeds();
    assert_eq!(bounds(&bench), Some((3, 3)));
    bench.is_applied(&another).await;
}
